//! Fragmentation in a replay: what counts as free, and how a figure over time becomes three numbers.
//!
//! ```text
//! [ block | hole 40 | block | hole 60 | block |      hole: all the rest of the space     ]
//! 0         counts            counts          ^ end of the highest live block: ignored above
//!
//! external = 1 - largest / free = 1 - 60 / 100 = 0.4
//! ```
//!
//! In an endless space the hole above everything is as good as all there is, and an allocator's own statistics
//! would call every layout unfragmented. A replay therefore counts holes below the end of the highest live block
//! only: the space that the program has conquered and does not use. Dead bytes (of a bump arena) are no holes.
//!
//! No strategy keeps the second largest hole at hand, so that this is a walk over the regions, O(live blocks); and
//! so it is done at the points of the series, not after each operation.

use crate::alloc::{Allocator, RegionKind, Regions, one_minus};

/// Free bytes below the end of the highest live block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// In all holes together.
    pub free: u64,
    /// In the largest hole.
    pub largest: u64,
}

impl Gaps {
    /// The gaps of an allocator's space. O(live blocks + holes).
    ///
    /// ```
    /// use memcore::alloc::{Allocator, FirstFit, Request};
    /// use memcore::replay::Gaps;
    /// let mut space = FirstFit::new(1 << 20)?;
    /// let first = space.allocate(Request::new(100))?;
    /// space.allocate(Request::new(50))?;
    /// space.free(first.id)?;
    /// assert_eq!(Gaps::of(&space), Gaps { free: 100, largest: 100 });
    /// # Ok::<(), memcore::alloc::AllocError>(())
    /// ```
    pub fn of<A: Allocator + ?Sized>(allocator: &A) -> Gaps {
        let mut gaps = GapsBelow::default();
        for region in Regions::new(allocator) {
            match region.kind {
                RegionKind::Used(_) => gaps.block(),
                RegionKind::Hole => gaps.hole(region.size),
                RegionKind::Dead => {}
            }
        }
        gaps.settled
    }

    /// 1 - largest / free; 0 when nothing is free.
    pub fn external_fragmentation(&self) -> f64 {
        one_minus(self.largest, self.free)
    }
}

/// Adds up holes in address order, and counts them when a block is found above.
#[derive(Default)]
pub(super) struct GapsBelow {
    pub settled: Gaps,
    seen: Gaps,
}

impl GapsBelow {
    #[inline]
    pub fn hole(&mut self, size: u64) {
        self.seen.free += size;
        self.seen.largest = self.seen.largest.max(size);
    }

    #[inline]
    pub fn block(&mut self) {
        self.settled = self.seen;
    }
}

/// A figure over the points of a series.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// The mean over the points; 0 when there is none.
    pub mean: f64,
    /// The highest.
    pub max: f64,
    /// The last.
    pub last: f64,
}

impl Spread {
    /// The spread of these values. O(values).
    ///
    /// ```
    /// use memcore::replay::Spread;
    /// assert_eq!(Spread::over([0.25, 0.75, 0.5]), Spread { mean: 0.5, max: 0.75, last: 0.5 });
    /// ```
    pub fn over(values: impl IntoIterator<Item = f64>) -> Spread {
        let (mut spread, mut sum, mut count) = (Spread::default(), 0.0, 0u64);
        for value in values {
            sum += value;
            count += 1;
            spread.max = spread.max.max(value);
            spread.last = value;
        }
        spread.mean = if count == 0 { 0.0 } else { sum / count as f64 };
        spread
    }
}
