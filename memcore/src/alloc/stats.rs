//! Statistics, and what each of them means. A figure in a table, a plot, the C struct and the Python object is one
//! of these.
//!
//! | figure | definition |
//! |---|---|
//! | `capacity` | bytes of the space, after rounding down to the granularity |
//! | `used` | bytes of live blocks, rounding included |
//! | `free` | bytes of all holes |
//! | `dead` | bytes that a bump arena or a stack cannot reuse yet |
//! | `requested` | bytes that were asked for in the live blocks |
//! | `footprint` | the highest end of a block ever |
//! | external fragmentation | 1 - `largest_hole` / `free`; 0 when nothing is free |
//! | internal fragmentation | 1 - `requested` / `used`; 0 when nothing is used |
//! | utilisation | `peak_requested` / `footprint`; 1 when the footprint is 0 |
//!
//! `used + free + dead = capacity` after every call. (The programs that this project grew from lose that: they add
//! the rest of a split hole to the free total although it was never taken out.)

use std_alloc::vec::Vec;

/// The state of a space in figures; see the [module](self) for their definitions. All sizes in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Size of the space.
    pub capacity: u64,
    /// In live blocks.
    pub used: u64,
    /// In holes.
    pub free: u64,
    /// In neither: not reusable yet.
    pub dead: u64,
    /// Asked for, in live blocks.
    pub requested: u64,
    /// Live blocks.
    pub blocks: u64,
    /// Holes.
    pub holes: u64,
    /// The largest hole.
    pub largest_hole: u64,
    /// The highest end of a block ever.
    pub footprint: u64,
    /// The most that `used` ever was.
    pub peak_used: u64,
    /// The most that `requested` ever was.
    pub peak_requested: u64,
    /// Blocks ever allocated.
    pub allocations: u64,
    /// Blocks ever freed.
    pub frees: u64,
}

impl Stats {
    /// 1 - largest hole / free; 0 when nothing is free.
    ///
    /// ```
    /// # use memcore::alloc::Stats;
    /// let stats = Stats { free: 400, largest_hole: 300, ..Stats::default() };
    /// assert_eq!(stats.external_fragmentation(), 0.25);
    /// ```
    pub fn external_fragmentation(&self) -> f64 {
        one_minus(self.largest_hole, self.free)
    }

    /// 1 - requested / used; 0 when nothing is used.
    pub fn internal_fragmentation(&self) -> f64 {
        one_minus(self.requested, self.used)
    }

    /// Peak of the requested bytes / footprint; 1 when nothing was ever allocated.
    pub fn utilisation(&self) -> f64 {
        if self.footprint == 0 { 1.0 } else { self.peak_requested as f64 / self.footprint as f64 }
    }
}

/// 1 - part / whole; 0 for an empty whole. The one formula behind every fragmentation figure.
pub fn one_minus(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { 1.0 - part as f64 / whole as f64 }
}

/// What a strategy keeps count of, in one place so that the counters always balance.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counters {
    pub used: u64,
    pub requested: u64,
    pub footprint: u64,
    pub peak_used: u64,
    pub peak_requested: u64,
    pub allocations: u64,
    pub frees: u64,
    /// Changes of the space other than allocations and frees.
    pub other_changes: u64,
}

impl Counters {
    /// Every change of the space counts, so that a plan can tell that it is out of date.
    pub fn changes(&self) -> u64 {
        self.allocations + self.frees + self.other_changes
    }

    #[inline(always)]
    pub fn allocated(&mut self, requested: u64, size: u64, end: u64) {
        self.allocations += 1;
        self.grown(requested, size, end);
    }

    /// A live block takes `size` and `requested` bytes more, and reaches to `end`.
    #[inline(always)]
    pub fn grown(&mut self, requested: u64, size: u64, end: u64) {
        self.used += size;
        self.requested += requested;
        self.peak_used = self.peak_used.max(self.used);
        self.peak_requested = self.peak_requested.max(self.requested);
        self.footprint = self.footprint.max(end);
    }

    /// `more` bytes that a block was rounded up by count as requested, where nobody keeps what was.
    #[inline(always)]
    pub fn requested_all(&mut self, more: u64) {
        self.requested += more;
        self.peak_requested = self.peak_requested.max(self.requested);
    }

    /// A live block gives `size` and `requested` bytes back.
    #[inline(always)]
    pub fn shrunk(&mut self, requested: u64, size: u64) {
        self.used -= size;
        self.requested -= requested;
    }

    /// A live block now holds `new` = (requested, size) bytes instead of `old`, and reaches to `end`.
    #[inline(always)]
    pub fn resized(&mut self, old: (u64, u64), new: (u64, u64), end: u64) {
        self.other_changes += 1;
        self.shrunk(old.0, old.1);
        self.grown(new.0, new.1, end);
    }

    #[inline(always)]
    pub fn freed(&mut self, requested: u64, size: u64) {
        self.frees += 1;
        self.shrunk(requested, size);
    }

    pub fn stats(&self, capacity: u64, dead: u64, blocks: u64, holes: u64, largest_hole: u64) -> Stats {
        Stats {
            capacity,
            used: self.used,
            free: capacity - self.used - dead,
            dead,
            requested: self.requested,
            blocks,
            holes,
            largest_hole,
            footprint: self.footprint,
            peak_used: self.peak_used,
            peak_requested: self.peak_requested,
            allocations: self.allocations,
            frees: self.frees,
        }
    }
}

/// How many blocks or holes there are of each size, by powers of two.
///
/// Entry `k` counts sizes from 2^k to 2^(k+1) - 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Number of regions per class; trailing empty classes are left out.
    pub counts: Vec<u64>,
    /// Bytes per class.
    pub bytes: Vec<u64>,
}

impl Histogram {
    /// Counts one region of `size` bytes, which is not 0. O(1).
    pub fn add(&mut self, size: u64) {
        let class = size.max(1).ilog2() as usize;
        if self.counts.len() <= class {
            self.counts.resize(class + 1, 0);
            self.bytes.resize(class + 1, 0);
        }
        self.counts[class] += 1;
        self.bytes[class] += size;
    }
}
