//! One policy over one trace.

use super::error::PagingError;
use super::result::{PagingOptions, PagingResult, ResidentSet};
use crate::progress::Progress;
use crate::replacement::{
    Kernel, NextUses, Page, Pager, Policy, PolicyError, PolicySpec, Visitor, count_opt_misses,
};
use crate::trace::{AccessKind, PageTrace};

/// How many references are run between two looks whether to go on.
pub(super) const STRIDE: usize = 1 << 15;

/// Told how many references are done; whether to go on.
pub(super) type GoOn<'a> = &'a mut dyn FnMut(u64) -> bool;

/// Runs a trace through a policy of this library with so many frames (which a policy that chooses its own
/// number does not use). O(references) of the policy.
///
/// ```
/// use memcore::replay::paging::{PagingOptions, simulate};
/// use memcore::trace::PageTrace;
///
/// let trace = PageTrace::from_keys(&[1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5], None)?;
/// let result = simulate(&trace, &"fifo".parse()?, 3, &PagingOptions::default(), &mut ())?;
/// assert_eq!((result.misses, result.evictions), (9, 6));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`PagingError::Policy`], [`PagingError::Cancelled`].
pub fn simulate(
    trace: &PageTrace,
    spec: &PolicySpec,
    frames: u32,
    options: &PagingOptions,
    progress: &mut dyn Progress,
) -> Result<PagingResult, PagingError> {
    let total = trace.references().len() as u64;
    let mut go_on = |done| progress.report(done, Some(total)).is_continue();
    run_one(trace, spec, frames, options, None, &mut go_on)
}

/// Runs a trace through a policy of one's own, which should be empty.
///
/// # Errors
/// [`PagingError::Policy`] when the policy has no room for the pages; [`PagingError::Cancelled`].
pub fn simulate_policy<P: Policy>(
    trace: &PageTrace,
    policy: &mut P,
    name: &str,
    options: &PagingOptions,
    progress: &mut dyn Progress,
) -> Result<PagingResult, PagingError> {
    let total = trace.references().len() as u64;
    let mut go_on = |done| progress.report(done, Some(total)).is_continue();
    let mut result = run_online(trace, policy, options, &mut go_on)?;
    result.policy = name.to_owned();
    Ok(result)
}

/// As [`simulate`]; `next`, where it is given, are the trace's next uses.
pub(super) fn run_one(
    trace: &PageTrace,
    spec: &PolicySpec,
    frames: u32,
    options: &PagingOptions,
    next: Option<&NextUses>,
    go_on: GoOn<'_>,
) -> Result<PagingResult, PagingError> {
    let counts_only = !options.writebacks || trace.kinds().is_none();
    let mut result = match spec {
        PolicySpec::Opt(()) if counts_only => run_opt(trace, frames, next, options, go_on)?,
        _ => match spec.kernel(frames)? {
            Some(kernel) if counts_only => run_kernel(trace, kernel, frames, options, go_on)?,
            _ => spec.visit(frames, Online { trace, options, go_on })??,
        },
    };
    result.policy = spec.to_string();
    Ok(result)
}

fn run_kernel(
    trace: &PageTrace,
    mut kernel: Box<dyn Kernel>,
    frames: u32,
    options: &PagingOptions,
    go_on: GoOn<'_>,
) -> Result<PagingResult, PagingError> {
    kernel.reserve(trace.pages())?;
    let (mut misses, mut done) = (0, 0);
    for chunk in trace.references().chunks(STRIDE) {
        misses += kernel.run(chunk);
        done += chunk.len() as u64;
        if !go_on(done) {
            return Err(PagingError::Cancelled);
        }
    }
    Ok(counted(trace, frames, misses, kernel.metadata_bytes() as u64, options))
}

fn run_opt(
    trace: &PageTrace,
    frames: u32,
    next: Option<&NextUses>,
    options: &PagingOptions,
    go_on: GoOn<'_>,
) -> Result<PagingResult, PagingError> {
    let own;
    let next = match next {
        Some(next) => next,
        None => {
            own = NextUses::of(trace.references(), trace.pages())?;
            &own
        }
    };
    let mut stopped = false;
    let mut watch = |done| {
        stopped = !go_on(done);
        !stopped
    };
    let misses = count_opt_misses(next, frames, &mut watch)?;
    if stopped {
        return Err(PagingError::Cancelled);
    }
    let bytes = size_of_val(next.as_slice()) + next.as_slice().len() / 8;
    Ok(counted(trace, frames, misses, bytes as u64, options))
}

/// The result of a policy that takes a frame on each miss and evicts only when all are taken. Without writes
/// there is nothing to write back.
pub(super) fn counted(
    trace: &PageTrace,
    frames: u32,
    misses: u64,
    metadata_bytes: u64,
    options: &PagingOptions,
) -> PagingResult {
    let accesses = trace.references().len() as u64;
    let nothing = options.writebacks.then_some(0);
    PagingResult {
        policy: String::new(),
        frames: Some(frames),
        accesses,
        hits: accesses - misses,
        misses,
        evictions: misses - u64::from(frames.min(trace.pages())),
        writebacks: nothing,
        dirty_at_end: nothing,
        resident_set: None,
        metadata_bytes,
    }
}

/// The online run, compiled for each policy.
struct Online<'a> {
    trace: &'a PageTrace,
    options: &'a PagingOptions,
    go_on: GoOn<'a>,
}

impl Visitor for Online<'_> {
    type Output = Result<PagingResult, PagingError>;

    fn visit<P: Policy + Send + 'static>(self, mut policy: P) -> Self::Output {
        run_online(self.trace, &mut policy, self.options, self.go_on)
    }
}

fn run_online<P: Policy>(
    trace: &PageTrace,
    policy: &mut P,
    options: &PagingOptions,
    go_on: GoOn<'_>,
) -> Result<PagingResult, PagingError> {
    policy.reserve(trace.pages())?;
    let facts = policy.facts();
    if facts.needs_future {
        policy.foresee(trace.references())?;
    }
    let kinds = trace.kinds().filter(|_| options.writebacks);
    let mut ledger = Ledger::new(kinds.map_or(0, |_| trace.pages()))?;
    let mut hits = 0;
    for start in (0..trace.references().len()).step_by(STRIDE) {
        let end = trace.references().len().min(start + STRIDE);
        let chunk = &trace.references()[start..end];
        if kinds.is_some() || facts.varies_allocation {
            let kinds = kinds.map(|kinds| &kinds[start..end]);
            hits += run_watched(policy, chunk, kinds, &mut ledger);
        } else {
            for &page in chunk {
                hits += u64::from(policy.access(page, &mut ledger));
            }
        }
        if !go_on(end as u64) {
            return Err(PagingError::Cancelled);
        }
    }
    let accesses = trace.references().len() as u64;
    let varies = facts.varies_allocation;
    Ok(PagingResult {
        policy: String::new(),
        frames: (!varies).then(|| policy.frames()),
        accesses,
        hits,
        misses: accesses - hits,
        evictions: ledger.evictions,
        writebacks: options.writebacks.then_some(ledger.writebacks),
        dirty_at_end: options.writebacks.then(|| ledger.dirty_pages()),
        resident_set: varies.then(|| ledger.resident_set(accesses)),
        metadata_bytes: policy.metadata_bytes() as u64,
    })
}

/// Runs a chunk with an eye on what is written and on how many pages are resident.
fn run_watched<P: Policy>(
    policy: &mut P,
    chunk: &[Page],
    kinds: Option<&[AccessKind]>,
    ledger: &mut Ledger,
) -> u64 {
    let mut hits = 0;
    for (index, &page) in chunk.iter().enumerate() {
        hits += u64::from(policy.access(page, ledger));
        if kinds.is_some_and(|kinds| kinds[index] == AccessKind::Write) {
            ledger.dirty[page as usize] = true;
        }
        ledger.resident_sum += u64::from(policy.resident());
        ledger.resident_peak = ledger.resident_peak.max(policy.resident());
    }
    hits
}

/// The pager of a replay: which pages are dirty, what leaves, how many are resident.
#[derive(Default)]
struct Ledger {
    /// Empty where no writes are followed.
    dirty: Vec<bool>,
    evictions: u64,
    writebacks: u64,
    resident_sum: u64,
    resident_peak: u32,
}

impl Ledger {
    fn new(pages: u32) -> Result<Ledger, PolicyError> {
        let mut dirty = Vec::new();
        let out_of_memory = PolicyError::OutOfMemory { bytes: pages.into() };
        dirty.try_reserve_exact(pages as usize).map_err(|_| out_of_memory)?;
        dirty.resize(pages as usize, false);
        Ok(Ledger { dirty, ..Ledger::default() })
    }

    fn resident_set(&self, accesses: u64) -> ResidentSet {
        ResidentSet { mean: self.resident_sum as f64 / accesses.max(1) as f64, peak: self.resident_peak }
    }

    fn dirty_pages(&self) -> u64 {
        self.dirty.iter().filter(|&&dirty| dirty).count() as u64
    }
}

impl Pager for Ledger {
    #[inline]
    fn is_dirty(&self, page: Page) -> bool {
        self.dirty.get(page as usize).is_some_and(|&dirty| dirty)
    }

    #[inline]
    fn clean(&mut self, page: Page) {
        if let Some(dirty) = self.dirty.get_mut(page as usize) {
            self.writebacks += u64::from(core::mem::take(dirty));
        }
    }

    #[inline]
    fn evicted(&mut self, page: Page) {
        self.evictions += 1;
        self.clean(page);
    }
}
