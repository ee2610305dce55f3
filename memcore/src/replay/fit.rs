//! How small may the space be? A search for a capacity that suffices.
//!
//! ```text
//!  0          peak_used                           footprint in the endless space
//!  |--- cannot ---|----?----?--|--?-|-?|#####################|########...
//!                                      ^ found: no operation fails here
//! ```
//!
//! Below peak_used no allocator can do it. At the footprint most can, but not all: a hole that was the endless rest
//! is a small hole now, and a strategy that goes by size may choose it earlier. Where the footprint does not suffice
//! it is doubled until it does. Between the two the search bisects in granules. Success is not monotone in capacity,
//! so that what is found is *a* capacity that suffices, never called the least; the steps are laid down here, so that
//! everyone finds the same one:
//!
//! 1. `low = peak_used`, `high = footprint`, both in granules, rounded up, from a replay in [`ENDLESS`] space.
//! 2. While `high` fails: `low = high + 1`, `high = 2 * high`, at most the endless space, which is known to suffice.
//! 3. While `low < high`: `middle = low + (high - low) / 2`; when it suffices `high = middle`, else
//!    `low = middle + 1`.
//! 4. The answer is `high`.

use super::driver::{Driver, Observer};
use super::error::ReplayError;
use super::figures::Figures;
use super::meter::Meter;
use super::options::{ENDLESS, ReplayOptions};
use super::target::Target;
use crate::trace::AllocTrace;

/// Probes that are expected until the interval is known.
pub(super) const EXPECTED_PROBES: u64 = 20;

/// What the search goes from: figures of a replay in the endless space.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub peak_used: u64,
    pub footprint: u64,
    pub failures: u64,
}

/// The extent of a replay in the endless space.
pub(super) fn extent<T: Target>(
    trace: &AllocTrace,
    target: &mut T,
    options: &ReplayOptions,
    meter: &mut Meter,
) -> Result<Extent, ReplayError> {
    let mut figures = Figures::new(trace.ids())?;
    Driver::new(target, trace, options)?.run(trace.events(), &mut figures, meter)?;
    let Figures { peak_used, footprint, failures, .. } = figures;
    Ok(Extent { peak_used, footprint, failures })
}

/// The search; `make` gives a fresh target for a capacity. `None` when operations fail in the endless space.
/// [`EXPECTED_PROBES`] passes are expected of the meter beforehand.
pub(super) fn sufficient_capacity<T: Target>(
    trace: &AllocTrace,
    extent: Extent,
    make: &mut impl FnMut(u64) -> Result<T, ReplayError>,
    options: &ReplayOptions,
    meter: &mut Meter,
) -> Result<Option<u64>, ReplayError> {
    let pass = trace.events().len() as u64;
    meter.spare(EXPECTED_PROBES * pass);
    if extent.failures > 0 {
        return Ok(None);
    }
    if extent.footprint == 0 {
        return Ok(Some(0));
    }
    let granule = options.granularity;
    let mut suffices = |granules: u64, meter: &mut Meter| -> Result<bool, ReplayError> {
        let mut target = make(granules * granule)?;
        let (mut probe, before) = (Probe(true), meter.done());
        Driver::new(&mut target, trace, options)?.run(trace.events(), &mut probe, meter)?;
        meter.spare(pass - (meter.done() - before));
        Ok(probe.0)
    };
    let endless = ENDLESS / granule;
    let mut high = extent.footprint.div_ceil(granule).min(endless);
    let mut low = extent.peak_used.div_ceil(granule).min(high);
    meter.expect(pass);
    while high < endless && !suffices(high, meter)? {
        low = high + 1;
        high = (2 * high).min(endless);
        meter.expect(pass);
    }
    // At most as many steps as the interval has binary digits.
    let mut steps = u64::from(u64::BITS - (high - low).leading_zeros());
    meter.expect(steps * pass);
    while low < high {
        let middle = low + (high - low) / 2;
        if suffices(middle, meter)? {
            high = middle;
        } else {
            low = middle + 1;
        }
        steps -= 1;
    }
    meter.spare(steps * pass);
    Ok(Some(high * granule))
}

/// True until something fails.
struct Probe(bool);

impl Observer for Probe {
    #[inline]
    fn failed(&mut self) {
        self.0 = false;
    }

    fn has_seen_enough(&self) -> bool {
        !self.0
    }
}
