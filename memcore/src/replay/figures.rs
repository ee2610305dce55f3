//! The exact pass: every figure that needs no clock.
//!
//! The sums are kept here, from the starts and sizes that the target gives, and not taken from its statistics:
//! so they mean the same for an engine's allocator and for a user's object.

use super::driver::{Driver, Observer, table};
use super::error::ReplayError;
use super::fragmentation::Spread;
use super::meter::Meter;
use super::options::ReplayOptions;
use super::result::{ReplayPoint, ReplayResult};
use super::target::Target;
use crate::alloc::one_minus;
use crate::trace::AllocTrace;

#[derive(Clone, Copy, Default)]
struct Sizes {
    asked: u64,
    taken: u64,
}

/// Adds up what happens. Sums wrap rather than panic should a target give live blocks that overlap.
pub(super) struct Figures {
    blocks: Vec<Sizes>,
    live: u64,
    used: u64,
    pub peak_live: u64,
    pub peak_used: u64,
    pub footprint: u64,
    pub failures: u64,
    pub skipped: u64,
    pub refused_frees: u64,
}

impl Figures {
    pub fn new(ids: u32) -> Result<Self, ReplayError> {
        Ok(Figures {
            blocks: table(ids, Sizes::default())?,
            live: 0,
            used: 0,
            peak_live: 0,
            peak_used: 0,
            footprint: 0,
            failures: 0,
            skipped: 0,
            refused_frees: 0,
        })
    }

    #[inline]
    fn taken(&mut self, start: u64, size: u64) {
        self.used = self.used.wrapping_add(size);
        self.peak_used = self.peak_used.max(self.used);
        self.footprint = self.footprint.max(start.saturating_add(size));
    }

    #[inline]
    fn given_back(&mut self, size: u64) {
        self.used = self.used.wrapping_sub(size);
    }

    /// The block now is of these sizes, which `used` knows already.
    #[inline]
    fn asked(&mut self, id: u32, asked: u64, taken: u64) {
        let old = self.blocks[id as usize].asked;
        self.live = self.live.wrapping_sub(old).wrapping_add(asked);
        self.peak_live = self.peak_live.max(self.live);
        self.blocks[id as usize] = Sizes { asked, taken };
    }

    /// The block is gone for the program; gives what it took.
    #[inline]
    fn forget(&mut self, id: u32) -> u64 {
        let Sizes { asked, taken } = core::mem::take(&mut self.blocks[id as usize]);
        self.live = self.live.wrapping_sub(asked);
        taken
    }

    fn point<T: Target>(&self, operations: u64, target: &T) -> ReplayPoint {
        ReplayPoint {
            operations,
            live: self.live,
            used: self.used,
            footprint: self.footprint,
            external_fragmentation: target.gaps().external_fragmentation(),
            internal_fragmentation: one_minus(self.live, self.used),
            failures: self.failures,
        }
    }
}

impl Observer for Figures {
    #[inline]
    fn allocated(&mut self, id: u32, asked: u64, start: u64, size: u64) {
        self.taken(start, size);
        self.asked(id, asked, size);
    }

    #[inline]
    fn resized(&mut self, id: u32, asked: u64, start: u64, size: u64) {
        self.given_back(self.blocks[id as usize].taken);
        self.taken(start, size);
        self.asked(id, asked, size);
    }

    #[inline]
    fn moved(&mut self, id: u32, asked: u64, start: u64, size: u64, old_released: bool) {
        self.taken(start, size); // while the old one still is
        if old_released {
            self.given_back(self.blocks[id as usize].taken);
        } else {
            self.refused_frees += 1;
        }
        self.asked(id, asked, size);
    }

    #[inline]
    fn freed(&mut self, id: u32) {
        let taken = self.forget(id);
        self.given_back(taken);
    }

    #[inline]
    fn kept(&mut self, id: u32) {
        self.forget(id);
        self.refused_frees += 1;
    }

    #[inline]
    fn failed(&mut self) {
        self.failures += 1;
    }

    #[inline]
    fn skipped(&mut self) {
        self.skipped += 1;
    }
}

/// Replays the whole trace and gives every figure that needs no clock.
pub(super) fn exact<T: Target>(
    trace: &AllocTrace,
    target: &mut T,
    options: &ReplayOptions,
    meter: &mut Meter,
) -> Result<ReplayResult, ReplayError> {
    let events = trace.events();
    let stride = events.len().div_ceil(options.series_points as usize).max(1);
    let mut driver = Driver::new(target, trace, options)?;
    let mut figures = Figures::new(trace.ids())?;
    let mut series = Vec::with_capacity(events.len().div_ceil(stride));
    let (mut done, mut metadata_bytes) = (0, driver.target.metadata_bytes());
    for part in events.chunks(stride) {
        driver.run(part, &mut figures, meter)?;
        done += part.len() as u64;
        series.push(figures.point(done, driver.target));
        metadata_bytes = metadata_bytes.max(driver.target.metadata_bytes());
    }
    let Figures { peak_live, peak_used, footprint, failures, skipped, refused_frees, .. } = figures;
    Ok(ReplayResult {
        strategy: target.name(),
        capacity: target.capacity(),
        align: options.align,
        granularity: target.granularity(),
        header: options.header,
        operations: events.len() as u64,
        failures,
        skipped,
        refused_frees,
        peak_live,
        peak_used,
        footprint,
        utilisation: if footprint == 0 { 1.0 } else { peak_live as f64 / footprint as f64 },
        external_fragmentation: Spread::over(series.iter().map(|point| point.external_fragmentation)),
        internal_fragmentation: Spread::over(series.iter().map(|point| point.internal_fragmentation)),
        metadata_bytes,
        nanoseconds_per_operation: None,
        latency: None,
        sufficient_capacity: None,
        series,
    })
}
