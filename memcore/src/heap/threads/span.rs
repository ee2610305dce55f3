//! What all threads may read of a span.
//!
//! ```text
//! [ start | free | remote | size | block | owner | neighbours | class, slots | 2^32 / size ]    one cache line
//!           ^      ^
//!           |      set by the threads that free what is another's; the owner takes them over
//!           the owner's alone: no atomic read-modify-write on the short way
//! ```

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

/// No span: their numbers begin at 1.
pub const NIL: u32 = 0;

/// The class of a block that has a span by itself.
pub const LARGE: u32 = 255;

/// A span, or nothing yet: zeros.
#[repr(C, align(64))]
pub struct SharedSpan {
    /// Offset of the first slot.
    pub start: AtomicU64,
    /// A bit per slot, set where it is free and the owner knows.
    pub free: AtomicU64,
    /// A bit per slot that another thread freed.
    pub remote: AtomicU64,
    /// Bytes of a slot.
    pub size: AtomicU64,
    /// The id of the block that the common part gave for the span.
    pub block: AtomicU64,
    /// The number of the shard whose it is.
    pub owner: AtomicU32,
    /// Neighbours in a list of the owner's.
    pub previous: AtomicU32,
    pub next: AtomicU32,
    /// The class in the lowest 8 bits, slots above.
    shape: AtomicU32,
    inverse: AtomicU32,
}

/// A slot that an address was found to begin.
#[derive(Clone, Copy)]
pub struct Slot {
    pub span: u32,
    pub bit: u64,
    pub size: u64,
}

/// Why an address begins no live block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dead {
    NotABlock,
    Freed,
}

impl SharedSpan {
    /// Makes it a span; nobody knows it yet.
    pub fn set_up(&self, start: u64, size: u64, class: u32, slots: u32, owner: u32) {
        self.start.store(start, Relaxed);
        self.size.store(size, Relaxed);
        self.remote.store(0, Relaxed);
        self.free.store(u64::MAX >> (64 - slots), Relaxed);
        self.owner.store(owner, Relaxed);
        let inverse = if class == LARGE { 0 } else { ((1u64 << 32) / size + 1) as u32 };
        self.inverse.store(inverse, Relaxed);
        self.shape.store(class | slots << 8, Relaxed);
    }

    /// Makes it nothing: no address begins a block of it.
    pub fn bury(&self) {
        self.shape.store(0, Relaxed);
        self.size.store(0, Relaxed);
    }

    #[inline(always)]
    pub fn class(&self) -> u32 {
        self.shape.load(Relaxed) & 0xff
    }

    #[inline(always)]
    pub fn slots(&self) -> u32 {
        self.shape.load(Relaxed) >> 8
    }

    #[inline(always)]
    pub fn all_free(&self) -> u64 {
        u64::MAX.checked_shr(64 - self.slots()).unwrap_or(0)
    }

    /// The slots that live: free neither to the owner nor to others.
    pub fn live(&self) -> u64 {
        self.all_free() & !(self.free.load(Relaxed) | self.remote.load(Relaxed))
    }

    /// The live slot that begins at an offset of the space.
    #[inline(always)]
    pub fn slot_at(&self, offset: u64) -> Result<u64, Dead> {
        let within = offset.wrapping_sub(self.start.load(Relaxed));
        // Offsets and sizes within a span are below 2^17, so that the product is exact for whole slots.
        let place = (within & u64::from(u32::MAX)).wrapping_mul(self.inverse.load(Relaxed).into()) >> 32;
        if place.wrapping_mul(self.size.load(Relaxed)) != within || place >= u64::from(self.slots()) {
            return Err(Dead::NotABlock);
        }
        let bit = 1 << place;
        let free = self.free.load(Relaxed) | self.remote.load(Relaxed);
        if free & bit != 0 { Err(Dead::Freed) } else { Ok(bit) }
    }

    /// A slot that was free was freed by another thread, too: two freed one block in the same instant. Its next life shall
    /// not end by that.
    #[cold]
    pub fn forget_remote(&self, bit: u64) {
        self.remote.fetch_and(!bit, Relaxed);
    }

    /// Takes over what other threads freed; true when that was something.
    #[inline]
    pub fn collect(&self) -> bool {
        if self.remote.load(Relaxed) == 0 {
            return false;
        }
        // What the other threads wrote into the blocks before they freed them comes before what the next owner writes.
        let freed = self.remote.swap(0, core::sync::atomic::Ordering::Acquire) & self.all_free();
        self.free.store(self.free.load(Relaxed) | freed, Relaxed);
        freed != 0
    }
}
