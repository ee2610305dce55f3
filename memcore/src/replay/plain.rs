//! Anything that can allocate and free, as a target of a replay.
//!
//! A student's allocator, an object of a scripting language, a binding to somebody's C code: it has
//! `allocate(size, alignment) -> start` and `free(start)`, and no more. The wrapper keeps the ranges it saw in an
//! ordered map, for what the wrapped thing cannot tell:
//!
//! ```text
//! live: start -> size     0 -> 64     128 -> 32     160 -> 96
//!                         [########]..[####][#########]
//!                                    ^ gaps: what lies between      ^ a start that overlaps, is misaligned or
//!                                                                     passes the end is found out at once
//! ```
//!
//! The map costs O(log live blocks) and some memory for each operation; the engine's own allocators need none of it.

use std::collections::BTreeMap;

use super::error::BadPlacement;
use super::fragmentation::{Gaps, GapsBelow};
use super::options::ReplayOptions;
use super::target::{Placed, Refusal, Target};
use crate::alloc::Request;

/// The least that an allocator can do.
///
/// ```
/// use memcore::replay::{PlainAllocator, PlainTarget, Refusal, ReplayOptions, replay};
/// use memcore::trace::AllocTrace;
///
/// /// Never gives a byte back.
/// struct Counter(u64);
///
/// impl PlainAllocator for Counter {
///     fn allocate(&mut self, size: u64, alignment: u64) -> Result<u64, Refusal> {
///         let start = self.0.next_multiple_of(alignment);
///         self.0 = start + size;
///         Ok(start)
///     }
///     fn free(&mut self, _start: u64) -> Result<(), Refusal> {
///         Ok(())
///     }
/// }
///
/// let trace = AllocTrace::read_bytes(b"2\n4\na 0 100\nf 0\na 1 20\nf 1\n")?;
/// let options = ReplayOptions::default();
/// let mut target = PlainTarget::new(Counter(0), "counter", &options);
/// let result = replay(&trace, &mut target, &options, &mut ())?;
/// assert_eq!(result.footprint, 112 + 32);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait PlainAllocator {
    /// Hands out `size` bytes, which are not 0 and a multiple of the replay's granularity, from a start that is a
    /// multiple of `alignment`.
    ///
    /// # Errors
    /// [`Refusal::Refused`] when there is no room; [`Refusal::Broken`] ends the replay.
    fn allocate(&mut self, size: u64, alignment: u64) -> Result<u64, Refusal>;

    /// Takes the block at `start` back.
    ///
    /// # Errors
    /// [`Refusal::Refused`] when it cannot, now or ever.
    fn free(&mut self, start: u64) -> Result<(), Refusal>;

    /// Makes the block at `start` `size` bytes large where it is. Unless it is written, every realloc moves.
    ///
    /// # Errors
    /// [`Refusal::Refused`] when it cannot; the block then is as it was.
    fn resize(&mut self, start: u64, size: u64) -> Result<(), Refusal> {
        let _ = (start, size);
        Err(Refusal::Refused)
    }

    /// Bytes of its tables now, if it knows.
    fn metadata_bytes(&self) -> Option<u64> {
        None
    }
}

/// A [`PlainAllocator`] as a [`Target`] whose every answer is checked; a table of live ranges costs O(log blocks) an event.
///
/// A block counts with the bytes that were asked for, rounded up to the granularity. A header adds to the size;
/// as the start is what is aligned, it must be a multiple of the alignment. A start that cannot be right is a
/// [`BadPlacement`], in [`ReplayError::Target`](super::ReplayError::Target).
#[derive(Clone, Debug)]
pub struct PlainTarget<T> {
    inner: T,
    name: String,
    capacity: u64,
    granularity: u64,
    live: BTreeMap<u64, u64>,
}

impl<T> PlainTarget<T> {
    /// Wraps `inner`, which has the space and granularity of `options`.
    pub fn new(inner: T, name: impl Into<String>, options: &ReplayOptions) -> Self {
        Self::with_capacity(inner, name, options, options.capacity())
    }

    /// Wraps `inner`, which has a space of `capacity` bytes: for a pass in another space than that of `options`.
    pub fn with_capacity(inner: T, name: impl Into<String>, options: &ReplayOptions, capacity: u64) -> Self {
        let (name, granularity) = (name.into(), options.granularity);
        PlainTarget { inner, name, capacity, granularity, live: BTreeMap::new() }
    }

    /// What is wrapped.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// Gives back what is wrapped.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// What a request takes, rounded up; `None` beyond 2^64 - 1.
    fn rounded(&self, size: u64) -> Option<u64> {
        let mask = self.granularity - 1;
        size.checked_add(mask).map(|size| size & !mask)
    }

    /// Enters a range among the live ones, if it can be right.
    fn enter(&mut self, start: u64, size: u64, alignment: u64) -> Result<(), BadPlacement> {
        if start & (alignment - 1) != 0 {
            return Err(BadPlacement::Misaligned { start, alignment });
        }
        let end = start.checked_add(size).filter(|&end| end <= self.capacity);
        let end = end.ok_or(BadPlacement::PastTheEnd { start, size, capacity: self.capacity })?;
        // Live ranges are apart, so the last that begins below the end is the only one to ask.
        if let Some((&other, &other_size)) = self.live.range(..end).next_back() {
            if other + other_size > start {
                return Err(BadPlacement::Overlap { start, size, other, other_size });
            }
        }
        self.live.insert(start, size);
        Ok(())
    }
}

impl<T: PlainAllocator> Target for PlainTarget<T> {
    type Handle = u64;

    fn name(&self) -> String {
        self.name.clone()
    }

    fn capacity(&self) -> u64 {
        self.capacity
    }

    fn granularity(&self) -> u64 {
        self.granularity
    }

    fn place(&mut self, request: Request) -> Result<Placed<u64>, Refusal> {
        let size = self.rounded(request.size).ok_or(Refusal::Refused)?;
        let start = self.inner.allocate(size, request.alignment)?;
        self.enter(start, size, request.alignment).map_err(Refusal::broken)?;
        Ok(Placed { handle: start, start, size })
    }

    fn resize_in_place(&mut self, start: u64, size: u64) -> Result<Placed<u64>, Refusal> {
        let size = self.rounded(size).ok_or(Refusal::Refused)?;
        self.inner.resize(start, size)?;
        self.live.remove(&start);
        self.enter(start, size, 1).map_err(Refusal::broken)?;
        Ok(Placed { handle: start, start, size })
    }

    fn release(&mut self, start: u64) -> Result<(), Refusal> {
        self.inner.free(start)?;
        self.live.remove(&start);
        Ok(())
    }

    fn gaps(&self) -> Gaps {
        let (mut gaps, mut end) = (GapsBelow::default(), 0);
        for (&start, &size) in &self.live {
            if start > end {
                gaps.hole(start - end);
            }
            gaps.block();
            end = start + size;
        }
        gaps.settled
    }

    fn metadata_bytes(&self) -> Option<u64> {
        self.inner.metadata_bytes()
    }

    fn accepts(&self, request: &Request) -> bool {
        request.bias & (request.alignment - 1) == 0
    }
}
