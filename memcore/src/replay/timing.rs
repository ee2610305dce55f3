//! The passes with a clock: the time of a whole replay, and of each operation.
//!
//! ```text
//! timing    |-- 1024 operations --|  report  |-- 1024 operations --|  report  ...     the clock stands still in
//!           ^ start               ^ stop                                              the reports
//!           less the same loop over a target that does nothing
//!
//! latency   |-op-| |-op-| |-op-|     a reading between any two; its own cost, measured first, is subtracted
//! ```
//!
//! Of three timing passes the fastest counts: whatever else runs on the machine only ever adds. An operation is a
//! call of the program: a moving realloc is one operation with three calls of the allocator. Copying bytes is no
//! part of it.

use std::hint::black_box;

use super::clock::Clock;
use super::driver::{Driver, Observer};
use super::error::ReplayError;
use super::fragmentation::Gaps;
use super::histogram::Histogram;
use super::meter::{CHUNK, Meter};
use super::options::ReplayOptions;
use super::result::Latency;
use super::target::{Placed, Refusal, Target};
use crate::alloc::Request;
use crate::trace::AllocTrace;

/// Passes, of which the fastest counts.
pub(super) const PASSES: u64 = 3;

/// Nanoseconds of one pass over the trace.
pub(super) fn whole<T: Target>(
    trace: &AllocTrace,
    target: &mut T,
    options: &ReplayOptions,
    meter: &mut Meter,
) -> Result<u64, ReplayError> {
    let mut driver = Driver::new(target, trace, options)?;
    let mut spent = 0;
    for chunk in trace.events().chunks(CHUNK) {
        let start = options.clock.now();
        driver.run_chunk(chunk, &mut ())?;
        spent += options.clock.now().saturating_sub(start);
        meter.advance(chunk.len() as u64)?;
    }
    Ok(spent)
}

/// Nanoseconds of the loop itself: a pass with a target that does nothing, the fastest of several.
pub(super) fn empty(
    trace: &AllocTrace,
    options: &ReplayOptions,
    meter: &mut Meter,
) -> Result<u64, ReplayError> {
    let mut fastest = u64::MAX;
    for _ in 0..PASSES {
        fastest = fastest.min(whole(trace, &mut Hollow, options, meter)?);
    }
    Ok(fastest)
}

/// How long each operation takes; skipped ones do not count.
pub(super) fn latency<T: Target>(
    trace: &AllocTrace,
    target: &mut T,
    options: &ReplayOptions,
    meter: &mut Meter,
) -> Result<Option<Latency>, ReplayError> {
    let clock = options.clock;
    let own = cost_of_reading(clock);
    let mut driver = Driver::new(target, trace, options)?;
    let mut histogram = Histogram::new();
    for chunk in trace.events().chunks(CHUNK) {
        let mut before = clock.now();
        for event in chunk.chunks(1) {
            let mut skips = Skips(false);
            driver.run_chunk(event, &mut skips)?;
            let after = clock.now();
            if !skips.0 {
                histogram.add(after.saturating_sub(before).saturating_sub(own));
            }
            before = after;
        }
        meter.advance(chunk.len() as u64)?;
    }
    Ok(histogram.latency())
}

/// The least time between two readings.
fn cost_of_reading(clock: Clock) -> u64 {
    let mut before = clock.now();
    let mut least = u64::MAX;
    for _ in 0..1000 {
        let after = clock.now();
        least = least.min(after.saturating_sub(before));
        before = after;
    }
    least
}

struct Skips(bool);

impl Observer for Skips {
    #[inline]
    fn skipped(&mut self) {
        self.0 = true;
    }
}

/// Does nothing, in a way that the compiler cannot see through.
struct Hollow;

impl Target for Hollow {
    type Handle = std::num::NonZeroU64;

    fn name(&self) -> String {
        "hollow".to_owned()
    }

    fn capacity(&self) -> u64 {
        u64::MAX
    }

    fn granularity(&self) -> u64 {
        1
    }

    #[inline]
    fn place(&mut self, request: Request) -> Result<Placed<Self::Handle>, Refusal> {
        let Request { size, .. } = black_box(request);
        Ok(Placed { handle: Self::Handle::MIN, start: 0, size })
    }

    #[inline]
    fn resize_in_place(&mut self, handle: Self::Handle, size: u64) -> Result<Placed<Self::Handle>, Refusal> {
        Ok(Placed { handle: black_box(handle), start: 0, size })
    }

    #[inline]
    fn release(&mut self, handle: Self::Handle) -> Result<(), Refusal> {
        black_box(handle);
        Ok(())
    }

    fn gaps(&self) -> Gaps {
        Gaps::default()
    }
}
