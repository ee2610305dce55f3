//! The clock of the models: references since the last tick.

pub struct Ticks {
    every: u64,
    since: u64,
}

impl Ticks {
    /// `None`: as many references as there are frames.
    pub fn new(every: Option<u64>, frames: usize) -> Self {
        Ticks { every: every.unwrap_or(frames as u64), since: 0 }
    }

    /// One more reference; true iff a tick comes before it.
    pub fn count(&mut self) -> bool {
        let tick = self.every > 0 && self.since == self.every;
        if tick {
            self.since = 0;
        }
        self.since += 1;
        tick
    }

    pub fn restart(&mut self) {
        self.since = 0;
    }
}
