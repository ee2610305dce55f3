//! One level at work, and what is asked of it.

use super::hierarchy::Operation;
use super::level::{Inclusion, Serves};
use super::prefetch::Prefetcher;
use super::set_associative::SetAssociative;
use super::stats::{Counts, LevelStats};

/// For whom a line is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    Read,
    Write,
    Fetch,
    Prefetch,
    /// The rest of a longer line, of which a write-back brings a part.
    Rest,
}

impl Request {
    /// Whether the program asked for it, however far away.
    pub(super) fn is_demand(self) -> bool {
        matches!(self, Request::Read | Request::Write | Request::Fetch)
    }
}

/// A level at work.
#[derive(Clone, Debug)]
pub(super) struct Level {
    pub cache: SetAssociative,
    pub stats: LevelStats,
    pub serves: Serves,
    pub inclusion: Inclusion,
    pub line_bits: u32,
    pub next: Option<usize>,
    pub through: bool,
    pub allocate: bool,
    pub latency: u64,
    pub prefetcher: Prefetcher,
}

impl Level {
    #[inline]
    pub(super) fn line(&self, address: u64) -> u64 {
        address >> self.line_bits
    }

    #[inline]
    pub(super) fn counts(&mut self, request: Request) -> &mut Counts {
        match request {
            Request::Read => &mut self.stats.read,
            Request::Write | Request::Rest => &mut self.stats.write,
            Request::Fetch => &mut self.stats.fetch,
            Request::Prefetch => &mut self.stats.prefetch,
        }
    }

    /// A look-up that the processor waits for; `spent` are the cycles until now.
    #[inline]
    pub(super) fn wait(&mut self, spent: &mut Wait) {
        if spent.waits {
            let more = self.latency.saturating_sub(spent.cycles);
            self.stats.cycles = self.stats.cycles.saturating_add(more);
            spent.cycles += more;
        }
    }

    /// The commonest case by itself: the first level has the line and nobody else needs to know. Gives the cycles
    /// waited for; `None`, with nothing done, where that is not so.
    #[inline]
    pub(super) fn hit(&mut self, address: u64, operation: Operation) -> Option<u64> {
        if !matches!(self.prefetcher, Prefetcher::None) {
            return None;
        }
        let line = self.line(address);
        let counts = match operation {
            Operation::Write if self.through => return None,
            Operation::Write => {
                self.cache.write(line)?;
                &mut self.stats.write
            }
            Operation::Read => {
                self.cache.lookup(line)?;
                &mut self.stats.read
            }
            Operation::Fetch => {
                self.cache.lookup(line)?;
                &mut self.stats.fetch
            }
        };
        counts.accesses += 1;
        self.stats.cycles = self.stats.cycles.saturating_add(self.latency);
        Some(self.latency)
    }

    pub(super) fn forget_streams(&mut self) {
        self.prefetcher.reset();
    }

    pub(super) fn metadata_bytes(&self) -> usize {
        self.cache.metadata_bytes() + self.prefetcher.metadata_bytes()
    }

    pub(super) fn is_exclusive(&self) -> bool {
        self.inclusion == Inclusion::Exclusive
    }
}

/// Whether the processor waits, and how long it has waited.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    pub waits: bool,
    pub cycles: u64,
}

pub(super) const NO_WAIT: Wait = Wait { waits: false, cycles: 0 };
