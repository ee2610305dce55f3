//! One policy over one trace.

use super::error::PagingError;
use super::result::{PagingOptions, PagingResult, ResidentSet};
use crate::progress::Progress;
use crate::replacement::{
    Kernel, NextUses, Page, Pager, Policy, PolicyError, PolicySpec, Visitor, count_opt_misses,
};
use crate::trace::{AccessKind, PageTrace};
use core::borrow::BorrowMut;
use core::marker::PhantomData;

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
            Some(kernel) if counts_only => {
                feed_all(trace, &mut Counting::new(kernel, frames, options), options, go_on)?
            }
            _ => spec.visit(frames, Whole { trace, options, go_on })??,
        },
    };
    result.policy = spec.to_string();
    Ok(result)
}

/// A simulation that is fed a chunk at a time.
pub(super) trait Run {
    /// Makes room for the pages 0 to `pages` - 1.
    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError>;

    /// Runs these references; `kinds`, an entry for each, where write-backs are followed.
    fn feed(&mut self, references: &[Page], kinds: Option<&[AccessKind]>);

    /// The result so far, without the policy's name.
    fn result(&self) -> PagingResult;
}

/// Feeds a whole trace.
fn feed_all(
    trace: &PageTrace,
    run: &mut dyn Run,
    options: &PagingOptions,
    go_on: GoOn<'_>,
) -> Result<PagingResult, PagingError> {
    run.reserve(trace.pages())?;
    let kinds = trace.kinds().filter(|_| options.writebacks);
    for start in (0..trace.references().len()).step_by(STRIDE) {
        let end = trace.references().len().min(start + STRIDE);
        run.feed(&trace.references()[start..end], kinds.map(|kinds| &kinds[start..end]));
        if !go_on(end as u64) {
            return Err(PagingError::Cancelled);
        }
    }
    Ok(run.result())
}

/// A kernel at work. It is for references none of which writes, or where nobody asks.
pub(super) struct Counting {
    kernel: Box<dyn Kernel>,
    counts: Counts,
    writebacks: bool,
}

/// What a policy that takes a frame on each miss, and evicts only when all are taken, comes down to.
pub(super) struct Counts {
    pub frames: u32,
    pub pages: u32,
    pub accesses: u64,
    pub misses: u64,
}

impl Counting {
    pub(super) fn new(kernel: Box<dyn Kernel>, frames: u32, options: &PagingOptions) -> Counting {
        let counts = Counts { frames, pages: 0, accesses: 0, misses: 0 };
        Counting { kernel, counts, writebacks: options.writebacks }
    }
}

impl Run for Counting {
    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        self.kernel.reserve(pages)?;
        self.counts.pages = pages;
        Ok(())
    }

    fn feed(&mut self, references: &[Page], _kinds: Option<&[AccessKind]>) {
        self.counts.accesses += references.len() as u64;
        self.counts.misses += self.kernel.run(references);
    }

    fn result(&self) -> PagingResult {
        self.counts.result(self.kernel.metadata_bytes() as u64, self.writebacks)
    }
}

impl Counts {
    /// Without writes there is nothing to write back. Every page that is numbered has been referenced.
    pub(super) fn result(&self, metadata_bytes: u64, writebacks: bool) -> PagingResult {
        let nothing = writebacks.then_some(0);
        PagingResult {
            policy: String::new(),
            frames: Some(self.frames),
            accesses: self.accesses,
            hits: self.accesses - self.misses,
            misses: self.misses,
            evictions: self.misses - u64::from(self.frames.min(self.pages)),
            writebacks: nothing,
            dirty_at_end: nothing,
            resident_set: None,
            metadata_bytes,
        }
    }
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
    let accesses = trace.references().len() as u64;
    let counts = Counts { frames, pages: trace.pages(), accesses, misses };
    Ok(counts.result(bytes as u64, options.writebacks))
}

/// The online run of a whole trace, compiled for each policy.
struct Whole<'a> {
    trace: &'a PageTrace,
    options: &'a PagingOptions,
    go_on: GoOn<'a>,
}

impl Visitor for Whole<'_> {
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
    if policy.facts().needs_future {
        policy.foresee(trace.references())?;
    }
    feed_all(trace, &mut Online::<P, _>::new(policy, options), options, go_on)
}

/// An online run, of a policy of its own or of a borrowed one.
pub(super) struct Online<P, B> {
    policy: B,
    ledger: Ledger,
    accesses: u64,
    hits: u64,
    writebacks: bool,
    of: PhantomData<P>,
}

impl<P: Policy, B: BorrowMut<P>> Online<P, B> {
    pub(super) fn new(policy: B, options: &PagingOptions) -> Self {
        let writebacks = options.writebacks;
        Online { policy, ledger: Ledger::default(), accesses: 0, hits: 0, writebacks, of: PhantomData }
    }
}

impl<P: Policy, B: BorrowMut<P>> Run for Online<P, B> {
    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        self.policy.borrow_mut().reserve(pages)?;
        if self.writebacks { self.ledger.reserve(pages) } else { Ok(()) }
    }

    fn feed(&mut self, references: &[Page], kinds: Option<&[AccessKind]>) {
        let policy = self.policy.borrow_mut();
        self.accesses += references.len() as u64;
        if kinds.is_some() || policy.facts().varies_allocation {
            self.hits += run_watched(policy, references, kinds, &mut self.ledger);
        } else {
            for &page in references {
                self.hits += u64::from(policy.access(page, &mut self.ledger));
            }
        }
    }

    fn result(&self) -> PagingResult {
        let policy = self.policy.borrow();
        let varies = policy.facts().varies_allocation;
        PagingResult {
            policy: String::new(),
            frames: (!varies).then(|| policy.frames()),
            accesses: self.accesses,
            hits: self.hits,
            misses: self.accesses - self.hits,
            evictions: self.ledger.evictions,
            writebacks: self.writebacks.then_some(self.ledger.writebacks),
            dirty_at_end: self.writebacks.then(|| self.ledger.dirty_pages()),
            resident_set: varies.then(|| self.ledger.resident_set(self.accesses)),
            metadata_bytes: policy.metadata_bytes() as u64,
        }
    }
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
    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        let (wanted, held) = (pages as usize, self.dirty.len());
        let out_of_memory = PolicyError::OutOfMemory { bytes: pages.into() };
        self.dirty.try_reserve_exact(wanted.saturating_sub(held)).map_err(|_| out_of_memory)?;
        self.dirty.resize(wanted.max(held), false);
        Ok(())
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
