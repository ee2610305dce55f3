//! The passes put together.

use super::error::ReplayError;
use super::figures::exact;
use super::fit::{self, Extent};
use super::meter::Meter;
use super::options::{ENDLESS, ReplayOptions};
use super::result::ReplayResult;
use super::target::Target;
use super::timing;
use crate::alloc::{
    AllocError, Allocator, BestFit, BestFitRecent, Buddy, Bump, FirstFit, NextFit, Options, Pool, Request,
    SizeClasses, Stack, Strategy, Tie, Tlsf, TlsfLowest, WorstFit, storage::Growable,
};
use crate::progress::Progress;
use crate::trace::AllocTrace;

/// Replays a trace through one target as it is: the exact pass, O(operations) of the target and O(live blocks) more
/// at each point of the series. Of `options` the capacity and the granularity are the target's business, and the
/// passes that need fresh targets (`fit`, `timing`, `latency`) do not run: see [`replay_fresh`].
///
/// The target should be empty; blocks that it has count in the gaps only.
///
/// ```
/// use memcore::alloc::BestFit;
/// use memcore::replay::{ReplayOptions, replay};
/// use memcore::trace::AllocTrace;
///
/// let trace = AllocTrace::read_bytes(b"3\n6\na 0 512\na 1 128\nf 0\na 2 500\nr 2 600\nf 1\n")?;
/// let mut space = BestFit::new(1 << 20)?;
/// let result = replay(&trace, &mut space, &ReplayOptions::default(), &mut ())?;
/// assert_eq!((result.peak_live, result.footprint), (728, 1240));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ReplayError::BadOption`], [`ReplayError::Impossible`], [`ReplayError::OutOfMemory`] before the first operation;
/// [`ReplayError::Target`] and [`ReplayError::Cancelled`] leave the target in the midst of the trace.
pub fn replay<T: Target>(
    trace: &AllocTrace,
    target: &mut T,
    options: &ReplayOptions,
    progress: &mut dyn Progress,
) -> Result<ReplayResult, ReplayError> {
    options.validate()?;
    check(target, options)?;
    let mut meter = Meter::new(progress);
    meter.expect(trace.events().len() as u64);
    let result = exact(trace, target, options, &mut meter)?;
    meter.report()?;
    Ok(result)
}

/// Replays a trace through a target that is made anew for each pass, and runs all the passes that `options` asks
/// for. `make` is given the capacity in bytes: that of `options`, and others for `fit`.
///
/// ```
/// use memcore::alloc::Tlsf;
/// use memcore::replay::{ReplayError, ReplayOptions, replay_fresh};
/// use memcore::trace::AllocTrace;
///
/// let trace = AllocTrace::read_bytes(b"2\n3\na 0 512\na 1 128\nf 0\n")?;
/// let options = ReplayOptions { fit: true, timing: true, ..ReplayOptions::default() };
/// let make = |capacity| {
///     Tlsf::new(options.allocator_options(capacity)).map_err(|error| ReplayError::Make(error.into()))
/// };
/// let result = replay_fresh(&trace, make, &options, &mut ())?;
/// assert_eq!(result.sufficient_capacity, Some(640));
/// assert!(result.nanoseconds_per_operation.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`replay`], and what `make` gives.
pub fn replay_fresh<T: Target>(
    trace: &AllocTrace,
    mut make: impl FnMut(u64) -> Result<T, ReplayError>,
    options: &ReplayOptions,
    progress: &mut dyn Progress,
) -> Result<ReplayResult, ReplayError> {
    options.validate()?;
    let mut study = Study::new(trace, options, progress, 1);
    let result = study.run(&mut make)?;
    study.meter.report()?;
    Ok(result)
}

/// Replays a trace through a strategy of this library, with all the passes that `options` asks for.
///
/// ```
/// use memcore::alloc::Strategy;
/// use memcore::replay::{ReplayOptions, replay_strategy};
/// use memcore::trace::generate::{Shape, Workload};
///
/// let trace = Workload::new(Shape::Steady).generate(&mut ())?;
/// let result = replay_strategy(&trace, &Strategy::FirstFit, &ReplayOptions::default(), &mut ())?;
/// assert_eq!(result.strategy, "first-fit");
/// assert_eq!(result.failures, 0);
/// assert!(result.footprint >= result.peak_used && result.peak_used >= result.peak_live);
/// assert_eq!(result.series.last().map(|point| point.operations), Some(result.operations));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`replay`]; [`ReplayError::Allocator`] when the strategy cannot be made with its parameters and `options`.
pub fn replay_strategy(
    trace: &AllocTrace,
    strategy: &Strategy,
    options: &ReplayOptions,
    progress: &mut dyn Progress,
) -> Result<ReplayResult, ReplayError> {
    options.validate()?;
    let mut study = Study::new(trace, options, progress, 1);
    let result = study.strategy(strategy)?;
    study.meter.report()?;
    Ok(result)
}

/// Replays a trace through each strategy in turn; the progress is one count over all.
///
/// # Errors
/// As [`replay_strategy`], at the first strategy that fails.
pub fn replay_all(
    trace: &AllocTrace,
    strategies: &[Strategy],
    options: &ReplayOptions,
    progress: &mut dyn Progress,
) -> Result<Vec<ReplayResult>, ReplayError> {
    options.validate()?;
    let mut study = Study::new(trace, options, progress, strategies.len() as u64);
    let results: Result<Vec<_>, _> = strategies.iter().map(|strategy| study.strategy(strategy)).collect();
    let results = results?;
    study.meter.report()?;
    Ok(results)
}

/// An error when every operation would fail, whatever the capacity.
fn check<T: Target>(target: &T, options: &ReplayOptions) -> Result<(), ReplayError> {
    let &ReplayOptions { align, header, .. } = options;
    let accepted = match header.checked_add(1) {
        Some(size) => target.accepts(&Request::new(size).align(align).bias(header)),
        None => true,
    };
    if accepted { Ok(()) } else { Err(ReplayError::Impossible { strategy: target.name(), align, header }) }
}

/// One trace, one set of options, any number of targets.
struct Study<'a> {
    trace: &'a AllocTrace,
    options: &'a ReplayOptions,
    meter: Meter<'a>,
    /// Nanoseconds of an empty pass, measured once.
    empty: Option<u64>,
}

impl<'a> Study<'a> {
    fn new(
        trace: &'a AllocTrace,
        options: &'a ReplayOptions,
        progress: &'a mut dyn Progress,
        targets: u64,
    ) -> Self {
        let mut study = Study { trace, options, meter: Meter::new(progress), empty: None };
        let fit = if options.fit { fit::EXPECTED_PROBES + study.endless_passes() } else { 0 };
        let timing = if options.timing { timing::PASSES } else { 0 };
        let each = 1 + fit + timing + u64::from(options.latency);
        let empty = if targets == 0 { 0 } else { timing };
        study.meter.expect((each * targets + empty) * trace.events().len() as u64);
        study
    }

    /// Passes in the endless space for `fit`, when the exact pass is in another.
    fn endless_passes(&self) -> u64 {
        self.options.capacity.is_some_and(|capacity| capacity != ENDLESS).into()
    }

    /// Each strategy as its own type, so that the event loop is compiled for it and its time is that of a program
    /// that uses the type; the choice at run time would cost a tenth more.
    fn strategy(&mut self, strategy: &Strategy) -> Result<ReplayResult, ReplayError> {
        match strategy {
            Strategy::FirstFit => self.named(strategy, FirstFit::new),
            Strategy::NextFit => self.named(strategy, NextFit::new),
            Strategy::BestFit { tie: Tie::Lowest } => self.named(strategy, BestFit::new),
            Strategy::BestFit { tie: Tie::Recent } => self.named(strategy, BestFitRecent::new),
            Strategy::WorstFit => self.named(strategy, WorstFit::new),
            &Strategy::Tlsf { parameters, tie: Tie::Recent } => self
                .named(strategy, |options| Tlsf::in_storage(options, parameters, &mut Growable::default())),
            &Strategy::Tlsf { parameters, tie: Tie::Lowest } => self.named(strategy, |options| {
                TlsfLowest::in_storage(options, parameters, &mut Growable::default())
            }),
            Strategy::Buddy => self.named(strategy, Buddy::new),
            Strategy::SizeClasses(classes) => {
                self.named(strategy, |options| SizeClasses::new(options, classes))
            }
            &Strategy::Pool { slot } => self.named(strategy, |options| Pool::new(options, slot)),
            Strategy::Bump => self.named(strategy, Bump::new),
            Strategy::Stack => self.named(strategy, Stack::new),
        }
    }

    /// Runs with allocators of one type; the result carries the strategy's text.
    fn named<A: Allocator>(
        &mut self,
        strategy: &Strategy,
        new: impl Fn(Options) -> Result<A, AllocError>,
    ) -> Result<ReplayResult, ReplayError> {
        let options = self.options;
        let mut result = self.run(&mut |capacity| {
            new(options.allocator_options(capacity))
                .map_err(|error| ReplayError::Allocator { strategy: strategy.to_string(), error })
        })?;
        result.strategy = strategy.to_string();
        Ok(result)
    }

    fn run<T: Target>(
        &mut self,
        make: &mut impl FnMut(u64) -> Result<T, ReplayError>,
    ) -> Result<ReplayResult, ReplayError> {
        let Study { trace, options, .. } = *self;
        let capacity = options.capacity();
        let mut target = make(capacity)?;
        check(&target, options)?;
        let mut result = exact(trace, &mut target, options, &mut self.meter)?;
        drop(target);
        if options.timing {
            result.nanoseconds_per_operation = self.time(make, result.operations - result.skipped)?;
        }
        if options.latency {
            result.latency = timing::latency(trace, &mut make(capacity)?, options, &mut self.meter)?;
        }
        if options.fit {
            let extent = if self.endless_passes() == 0 {
                let ReplayResult { peak_used, footprint, failures, .. } = result;
                Extent { peak_used, footprint, failures }
            } else {
                fit::extent(trace, &mut make(ENDLESS)?, options, &mut self.meter)?
            };
            result.sufficient_capacity =
                fit::sufficient_capacity(trace, extent, make, options, &mut self.meter)?;
        }
        Ok(result)
    }

    /// `None` when there is nothing to divide by.
    fn time<T: Target>(
        &mut self,
        make: &mut impl FnMut(u64) -> Result<T, ReplayError>,
        operations: u64,
    ) -> Result<Option<f64>, ReplayError> {
        let Study { trace, options, .. } = *self;
        let empty = match self.empty {
            Some(empty) => empty,
            None => *self.empty.insert(timing::empty(trace, options, &mut self.meter)?),
        };
        let mut fastest = u64::MAX;
        for _ in 0..timing::PASSES {
            let mut target = make(options.capacity())?;
            fastest = fastest.min(timing::whole(trace, &mut target, options, &mut self.meter)?);
        }
        Ok((operations > 0).then(|| fastest.saturating_sub(empty) as f64 / operations as f64))
    }
}
