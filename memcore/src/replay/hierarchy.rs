//! A trace of accesses through a memory hierarchy.
//!
//! ```text
//!   AccessReader --> batch of accesses --> Hierarchy --> counts by level, average access time
//!   AccessTrace ----------^
//! ```
//!
//! A run of equal accesses is that many accesses; an access that spans lines touches each; changes of the address
//! space are passed over, because caches know no mappings. Where a trace counts pages or plain numbers instead of
//! bytes, these are taken as addresses as they are, and a number has the size 1: a cache with lines of 1
//! then caches numbers.

use crate::cache::{CacheError, Hierarchy, Operation};
use crate::progress::Progress;
use crate::trace::{Access, AccessBatch, AccessKind, AccessReader, AccessTrace, TraceError, Unit};

/// Why a trace did not get through a hierarchy. What went before is counted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HierarchyReplayError {
    /// The trace could not be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The hierarchy ran out of memory.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The [`Progress`] asked to stop.
    #[error("cancelled")]
    Cancelled,
}

/// Accesses between two reports.
const REPORT: u64 = 1 << 16;

impl From<AccessKind> for Operation {
    fn from(kind: AccessKind) -> Operation {
        match kind {
            AccessKind::Read => Operation::Read,
            AccessKind::Write => Operation::Write,
            AccessKind::Execute => Operation::Fetch,
        }
    }
}

/// Drives a whole trace through a hierarchy, as it is (see [`Hierarchy::reset`]); gives the cycles that the
/// processor waits. O(accesses x levels x ways). `progress` is told the accesses done.
///
/// ```
/// use memcore::cache::Hierarchy;
/// use memcore::replay::replay_hierarchy;
/// use memcore::trace::AccessTrace;
///
/// let trace = AccessTrace::read_bytes(b" L 1000,8\n S 103c,8\nI  0040,4\n")?;
/// let mut memory = Hierarchy::new("l1d:sets=4,ways=2,latency=4 ram:latency=100".parse()?)?;
/// let cycles = replay_hierarchy(&trace, &mut memory, &mut ())?;
/// // The load misses; the store spans its line and the next; the fetch meets no cache.
/// assert_eq!(cycles, 100 + 4 + 100 + 100);
/// assert_eq!(memory.stats(0).demand().misses, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`HierarchyReplayError::Cache`], [`HierarchyReplayError::Cancelled`].
pub fn replay_hierarchy(
    trace: &AccessTrace,
    hierarchy: &mut Hierarchy,
    progress: &mut dyn Progress,
) -> Result<u64, HierarchyReplayError> {
    let total = trace.accesses().iter().map(|access| u64::from(access.count)).sum();
    let mut feed = Feed { hierarchy, progress, total: Some(total), done: 0, cycles: 0 };
    feed.accesses(trace.accesses(), trace.unit())?;
    Ok(feed.cycles)
}

/// As [`replay_hierarchy`], from a reader: memory does not grow with the trace.
///
/// # Errors
/// Every variant of [`HierarchyReplayError`].
pub fn replay_hierarchy_from(
    reader: &mut AccessReader<'_>,
    hierarchy: &mut Hierarchy,
    progress: &mut dyn Progress,
) -> Result<u64, HierarchyReplayError> {
    let mut feed = Feed { hierarchy, progress, total: None, done: 0, cycles: 0 };
    let mut batch = AccessBatch::default();
    while reader.next_batch(&mut batch)? {
        feed.accesses(&batch.accesses, reader.unit())?;
    }
    Ok(feed.cycles)
}

/// A replay under way.
struct Feed<'a> {
    hierarchy: &'a mut Hierarchy,
    progress: &'a mut dyn Progress,
    total: Option<u64>,
    done: u64,
    cycles: u64,
}

impl Feed<'_> {
    fn accesses(&mut self, accesses: &[Access], unit: Unit) -> Result<(), HierarchyReplayError> {
        for access in accesses {
            let size = if unit == Unit::Numbers { 1 } else { access.size.into() };
            let operation = access.kind.into();
            for _ in 0..access.count {
                let cycles = self.hierarchy.access(access.address, size, operation)?;
                self.cycles = self.cycles.saturating_add(cycles);
                self.done += 1;
                if self.done % REPORT == 0 && self.progress.report(self.done, self.total).is_break() {
                    return Err(HierarchyReplayError::Cancelled);
                }
            }
        }
        Ok(())
    }
}
