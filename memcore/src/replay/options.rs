//! What space a trace is replayed in, and which questions are asked.

use super::clock::Clock;
use super::error::ReplayError;
use crate::alloc::Options;

/// The capacity when none is given: 2^48 bytes, more than any program has used, so that nothing fails for want of
/// space and the footprint is what counts.
pub const ENDLESS: u64 = 1 << 48;

/// The most points of a series.
pub const MAX_SERIES_POINTS: u32 = 1 << 16;

/// How to replay. The defaults are those of the command line.
///
/// ```
/// use memcore::replay::ReplayOptions;
///
/// let options = ReplayOptions { header: 8, granularity: 8, ..ReplayOptions::default() };
/// assert_eq!((options.align, options.series_points), (16, 512));
/// options.validate()?;
///
/// let odd = ReplayOptions { header: 8, ..ReplayOptions::default() };
/// assert_eq!(odd.validate().unwrap_err().to_string(),
///     "header = 8: must be a multiple of the smaller of align and granularity");
/// # Ok::<(), memcore::replay::ReplayError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ReplayOptions {
    /// Bytes of the space; `None` is [`ENDLESS`].
    pub capacity: Option<u64>,
    /// The alignment of each block, a power of two. An aligned allocation of the trace has its own where that is
    /// wider. Default: 16.
    pub align: u64,
    /// Starts and sizes are multiples of it; a power of two. Default: 16.
    pub granularity: u64,
    /// Bytes in front of each block, as a heap keeps them: they add to its size, and it is the byte behind them
    /// that is aligned. A multiple of the smaller of `align` and `granularity`. (An aligned allocation of the
    /// trace that can then never be met counts as a failure.) Default: 0.
    pub header: u64,
    /// The most points of the series, 1 to [`MAX_SERIES_POINTS`]. Fragmentation is measured at these points; each
    /// costs a walk over all live blocks. Default: 512.
    pub series_points: u32,
    /// Search for a [sufficient capacity](super::ReplayResult::sufficient_capacity): some 20 passes more.
    pub fit: bool,
    /// Measure the nanoseconds per operation: three passes more.
    pub timing: bool,
    /// Measure the latency of each operation: one pass more.
    pub latency: bool,
    /// What `timing` and `latency` measure with. Default: the system's monotonic clock.
    pub clock: Clock,
}

impl Default for ReplayOptions {
    fn default() -> Self {
        ReplayOptions {
            capacity: None,
            align: 16,
            granularity: 16,
            header: 0,
            series_points: 512,
            fit: false,
            timing: false,
            latency: false,
            clock: Clock::monotonic(),
        }
    }
}

impl ReplayOptions {
    /// Checks each field. Every replay begins with it. O(1).
    ///
    /// # Errors
    /// [`ReplayError::BadOption`] names the first that is out of its range.
    pub fn validate(&self) -> Result<(), ReplayError> {
        let power = "must be a power of two";
        let checks = [
            ("align", self.align, self.align.is_power_of_two(), power),
            ("granularity", self.granularity, self.granularity.is_power_of_two(), power),
            (
                "capacity",
                self.capacity(),
                self.capacity() >= self.granularity,
                "must be at least the granularity",
            ),
            (
                "series_points",
                self.series_points.into(),
                (1..=MAX_SERIES_POINTS).contains(&self.series_points),
                "must be from 1 to 65536",
            ),
        ];
        for (name, value, holds, rule) in checks {
            if !holds {
                return Err(ReplayError::BadOption { name, value, rule });
            }
        }
        // Starts are multiples of the granularity: otherwise no start has its aligned point in the right place.
        if self.header & (self.align.min(self.granularity) - 1) != 0 {
            let rule = "must be a multiple of the smaller of align and granularity";
            return Err(ReplayError::BadOption { name: "header", value: self.header, rule });
        }
        Ok(())
    }

    /// Bytes of the space, the endless one's when none were given.
    pub fn capacity(&self) -> u64 {
        self.capacity.unwrap_or(ENDLESS)
    }

    /// The options of an allocator for such a replay, in a space of `capacity` bytes.
    pub fn allocator_options(&self, capacity: u64) -> Options {
        Options::new(capacity).granularity(self.granularity)
    }
}
