//! The clock of policies that look at referenced bits from time to time, counted in references.

use super::tables::END_OF_TIME;
use serde::{Deserialize, Serialize};

/// Says when so many references have gone by.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Ticker {
    /// 0 for never.
    every: u64,
    since: u64,
}

impl Ticker {
    pub(crate) fn new(every: u64) -> Self {
        Ticker { every, since: 0 }
    }

    /// Counts a reference. True iff a tick is due before it: since the last, `every` references have been.
    #[inline]
    pub(crate) fn is_due(&mut self) -> bool {
        let due = self.since == self.every && self.every != 0;
        self.since = if due { 1 } else { self.since + 1 };
        due
    }

    /// Checks that the next tick is to come.
    pub(crate) fn validate(&self) -> Result<(), &'static str> {
        if self.since > if self.every == 0 { END_OF_TIME } else { self.every } {
            return Err("a tick is overdue");
        }
        Ok(())
    }

    /// The clock has ticked from outside.
    pub(crate) fn restart(&mut self) {
        self.since = 0;
    }
}
