//! One count of work over all passes, so that a progress bar runs from 0 to 100 once.

use super::error::ReplayError;
use crate::progress::Progress;

/// Operations between two reports: microseconds for the engine's own allocators, and still some milliseconds for
/// a target in an interpreted language.
pub(super) const CHUNK: usize = 1024;

/// Counts operations done, of all that the passes to come will need.
pub(super) struct Meter<'a> {
    progress: &'a mut dyn Progress,
    done: u64,
    total: u64,
    unreported: u64,
}

impl<'a> Meter<'a> {
    pub fn new(progress: &'a mut dyn Progress) -> Self {
        Meter { progress, done: 0, total: 0, unreported: 0 }
    }

    /// More work is known to come.
    pub fn expect(&mut self, operations: u64) {
        self.total = self.total.saturating_add(operations);
    }

    /// Work that was expected turns out not to be needed.
    pub fn spare(&mut self, operations: u64) {
        self.total = self.total.saturating_sub(operations).max(self.done);
    }

    /// Work is done; reports once a chunk.
    pub fn advance(&mut self, operations: u64) -> Result<(), ReplayError> {
        self.done += operations;
        self.unreported += operations;
        if self.unreported < CHUNK as u64 { Ok(()) } else { self.report() }
    }

    /// Operations done so far.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Tells how far the work is, and learns whether to go on.
    pub fn report(&mut self) -> Result<(), ReplayError> {
        self.unreported = 0;
        match self.progress.report(self.done, Some(self.total)) {
            core::ops::ControlFlow::Continue(()) => Ok(()),
            core::ops::ControlFlow::Break(()) => Err(ReplayError::Cancelled),
        }
    }
}
