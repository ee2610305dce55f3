//! One count for a progress callback over several pieces of work, each of which counts for itself.

use std::ops::ControlFlow;

use memcore::progress::Progress;

use crate::long_call::Watcher;

/// What a progress callback sees as the end of the work.
const WHOLE: u64 = 1_000_000;

/// Each piece has its share of the whole: the first one as many parts as it is told, every later one a single part.
pub struct Share<'a> {
    watcher: &'a mut Watcher,
    parts: u64,
    before: u64,
    now: u64,
}

impl<'a> Share<'a> {
    /// `parts` in all, of which the first piece of work does `first`.
    pub fn new(watcher: &'a mut Watcher, parts: u64, first: u64) -> Self {
        Share { watcher, parts, before: 0, now: first }
    }

    /// A piece is done.
    pub fn finish(&mut self) {
        self.before += self.now;
        self.now = 1;
    }
}

impl Progress for Share<'_> {
    fn report(&mut self, done: u64, total: Option<u64>) -> ControlFlow<()> {
        let total = u128::from(total.unwrap_or(0).max(done).max(1));
        let part = u128::from(done) * u128::from(self.now) * u128::from(WHOLE) / total;
        let before = u128::from(self.before) * u128::from(WHOLE);
        let all = (before + part) / u128::from(self.parts.max(1));
        self.watcher.report(all as u64, Some(WHOLE))
    }
}
