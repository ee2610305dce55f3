//! The clock of the timing passes, as a parameter.
//!
//! Nothing in a replay reads a clock that it was not given, and what the clock says never changes an exact
//! figure. Tests pass a clock that counts, and so know the nanoseconds beforehand.

use std::sync::OnceLock;
use std::time::Instant;

/// A monotonic clock: a function that gives nanoseconds since some fixed moment.
///
/// ```
/// use memcore::replay::Clock;
/// let clock = Clock::monotonic();
/// assert!(clock.now() <= clock.now());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Clock(fn() -> u64);

impl Clock {
    /// The operating system's monotonic clock.
    pub fn monotonic() -> Clock {
        Clock(|| {
            static START: OnceLock<Instant> = OnceLock::new();
            START.get_or_init(Instant::now).elapsed().as_nanos() as u64
        })
    }

    /// A clock of one's own; it must never run backwards.
    pub fn new(nanoseconds: fn() -> u64) -> Clock {
        Clock(nanoseconds)
    }

    /// Nanoseconds since the clock's fixed moment.
    #[inline]
    pub fn now(self) -> u64 {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Clock::monotonic()
    }
}
