//! The dense buddy core: page frames in blocks of 2^order, without ids and without a table of blocks.
//!
//! ```text
//! order 2   [       0       |       4       ]     a bit per free block of each order, in trees of words:
//! order 1   [   0   |   2   |   4   |   6   ]        summary   . . 1 .
//! order 0   [ 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 ]        words     0 0 b 0    the lowest is two steps away
//! ```
//!
//! Where the space is a row of frames and all of them are managed, an allocation needs no record: a byte per frame
//! says what block begins there, and two bits per frame which blocks are free. That is 1.3 bytes a frame, against 32
//! for a [buddy allocator](super::Buddy) with ids, and it is how operating systems hand out physical memory.
//!
//! An allocation takes the lowest block of the smallest order that has one, and splits it down; a freed block joins
//! its buddy as long as that is free. O(orders), each step O(log64 frames).

mod saved;

use super::storage::{Column, Growable, Storage};
use super::{AllocError, Corruption, Result};
use core::fmt;

/// The largest order: blocks of 2^62 frames are more than any space has.
pub const MOST_ORDER: u32 = 62;

/// Free blocks of one order: a set of numbers that knows its least.
///
/// Level 0 has a bit per number; each level above has a bit per word below that is not 0.
struct LeastSet<S: Storage> {
    words: S::Column<u64>,
    /// Where each level begins in the words; the last is the end.
    levels: [usize; 12],
    depth: usize,
    count: u64,
}

impl<S: Storage> LeastSet<S> {
    fn new(storage: &mut S, numbers: u64) -> Result<Self> {
        let (mut levels, mut depth, mut total) = ([0; 12], 0, 0);
        let mut bits = numbers.max(1);
        loop {
            let words =
                usize::try_from(bits.div_ceil(64)).map_err(|_| AllocError::OutOfMetadata { blocks: 0 })?;
            total += words;
            depth += 1;
            levels[depth] = total;
            if words == 1 {
                break;
            }
            bits = words as u64;
        }
        Ok(LeastSet { words: storage.column(total)?, levels, depth, count: 0 })
    }

    fn contains(&self, number: u64) -> bool {
        self.words[(number / 64) as usize] >> (number % 64) & 1 == 1
    }

    fn insert(&mut self, mut number: u64) {
        self.count += 1;
        for level in 0..self.depth {
            let word = &mut self.words[self.levels[level] + (number / 64) as usize];
            let was_empty = *word == 0;
            *word |= 1 << (number % 64);
            if !was_empty {
                return;
            }
            number /= 64;
        }
    }

    /// Enters all numbers from `from` to `end`, none of which is there and of which there are some. O(end - from) / 64.
    fn insert_range(&mut self, mut from: u64, mut end: u64) {
        self.count += end - from;
        for level in 0..self.depth {
            let words = &mut self.words[self.levels[level]..];
            let (first, last) = ((from / 64) as usize, ((end - 1) / 64) as usize);
            words[first..=last].iter_mut().enumerate().for_each(|(index, word)| {
                let low = if index == 0 { from % 64 } else { 0 };
                let high = if first + index == last { (end - 1) % 64 } else { 63 };
                *word |= u64::MAX << low & u64::MAX >> (63 - high);
            });
            (from, end) = (first as u64, last as u64 + 1);
        }
    }

    fn remove(&mut self, mut number: u64) {
        self.count -= 1;
        for level in 0..self.depth {
            let word = &mut self.words[self.levels[level] + (number / 64) as usize];
            *word &= !(1 << (number % 64));
            if *word != 0 {
                return;
            }
            number /= 64;
        }
    }

    fn least(&self) -> Option<u64> {
        if self.count == 0 {
            return None;
        }
        let mut number = 0;
        for level in (0..self.depth).rev() {
            let word = self.words[self.levels[level] + number as usize];
            number = number * 64 + u64::from(word.trailing_zeros());
        }
        Some(number)
    }
}

/// Frames in blocks of powers of two; see the [module](self).
///
/// ```
/// use memcore::alloc::DenseBuddy;
/// let mut frames = DenseBuddy::new(1024, 10)?;
/// assert_eq!(frames.allocate(0)?, 0);
/// assert_eq!(frames.allocate(3)?, 8); // frames 1 to 7 are too few or too crooked
/// assert_eq!(frames.allocate(1)?, 2);
/// assert_eq!(frames.free(8)?, 3);
/// # Ok::<(), memcore::alloc::AllocError>(())
/// ```
///
/// With growable tables it can be cloned, and saved: the blocks in use say all, since what lies between them is free
/// and joined as far as it goes. Reading it back checks every block.
pub struct DenseBuddy<S: Storage = Growable> {
    frames: u64,
    free_frames: u64,
    max_order: u32,
    /// Free blocks of each order; block b of order k begins at frame b << k.
    free: [Option<LeastSet<S>>; MOST_ORDER as usize + 1],
    /// For the first frame of each block that is in use: its order plus 1.
    used: S::Column<u8>,
}

impl DenseBuddy {
    /// `frames` frames in blocks of up to 2^`max_order`, with tables from the global allocator. O(frames / 64) at most,
    /// and what the allocator takes to give zeros.
    ///
    /// # Errors
    /// [`BadParameter`](AllocError::BadParameter) for no frames or an order above [`MOST_ORDER`];
    /// [`OutOfMetadata`](AllocError::OutOfMetadata).
    pub fn new(frames: u64, max_order: u32) -> Result<Self> {
        Self::in_storage(frames, max_order, &mut Growable::default())
    }
}

impl<S: Storage> DenseBuddy<S> {
    /// The same in a storage of the caller's choice.
    ///
    /// # Errors
    /// As [`new`](DenseBuddy::new).
    pub fn in_storage(frames: u64, max_order: u32, storage: &mut S) -> Result<Self> {
        let bad = |name, value, rule| Err(AllocError::BadParameter { name, value, rule });
        if frames == 0 {
            return bad("frames", frames, "must be at least 1");
        }
        if max_order > MOST_ORDER {
            return bad("max_order", max_order.into(), "must be at most 62");
        }
        let bytes = usize::try_from(frames).map_err(|_| AllocError::OutOfMetadata { blocks: 0 })?;
        let used = storage.column(bytes)?;
        let mut buddy = Self::all_used(frames, max_order, used, storage)?;
        buddy.fill(0, frames);
        Ok(buddy)
    }

    /// The tables around `used`, with no block free.
    fn all_used(frames: u64, max_order: u32, used: S::Column<u8>, storage: &mut S) -> Result<Self> {
        let max_order = max_order.min(frames.ilog2());
        let mut free = [const { None }; MOST_ORDER as usize + 1];
        for order in 0..=max_order {
            free[order as usize] = Some(LeastSet::new(storage, frames >> order)?);
        }
        Ok(DenseBuddy { frames, free_frames: 0, max_order, free, used })
    }

    /// Enters the frames from `from` to `end`, none of them free and none of their neighbours, as free blocks: the
    /// largest that its place and the end allow each time, so that no two of them are buddies.
    fn fill(&mut self, mut from: u64, end: u64) {
        self.free_frames += end - from;
        while from < end {
            let aligned = if from == 0 { u64::MAX } else { 1 << from.trailing_zeros() };
            let order = aligned.min(end - from).ilog2().min(self.max_order);
            // Those of the largest order, usually nearly all, go in at once.
            let count = if order == self.max_order { (end - from) >> order } else { 1 };
            if let Some(set) = &mut self.free[order as usize] {
                set.insert_range(from >> order, (from >> order) + count);
            }
            from += count << order;
        }
    }

    /// Frames that are managed.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// The order of the largest blocks that the space can have: what was asked for, or what its size allows. O(1).
    pub fn max_order(&self) -> u32 {
        self.max_order
    }

    /// Frames in free blocks. O(1).
    pub fn free_frames(&self) -> u64 {
        self.free_frames
    }

    /// How many free blocks of an order there are. O(1).
    pub fn free_blocks(&self, order: u32) -> u64 {
        self.set(order).map_or(0, |set| set.count)
    }

    /// The highest order that has a free block. O(orders).
    pub fn largest_order(&self) -> Option<u32> {
        (0..=self.max_order).rev().find(|&order| self.free_blocks(order) > 0)
    }

    /// Bytes of the tables: 1 a frame, and about 2 bits for the sets. O(orders).
    pub fn metadata_bytes(&self) -> usize {
        let sets: usize = self.free.iter().flatten().map(|set| set.words.bytes()).sum();
        size_of::<Self>() + self.used.bytes() + sets
    }

    fn set(&self, order: u32) -> Option<&LeastSet<S>> {
        self.free.get(order as usize)?.as_ref()
    }

    fn is_free(&self, frame: u64, order: u32) -> bool {
        let block = frame >> order;
        self.set(order).is_some_and(|set| block < self.frames >> order && set.contains(block))
    }

    fn take(&mut self, frame: u64, order: u32) {
        if let Some(set) = &mut self.free[order as usize] {
            set.remove(frame >> order);
        }
    }

    fn put(&mut self, frame: u64, order: u32) {
        if let Some(set) = &mut self.free[order as usize] {
            set.insert(frame >> order);
        }
    }

    /// Enters a free block, joined with its buddies.
    fn join(&mut self, mut frame: u64, mut order: u32) {
        while order < self.max_order && self.is_free(frame ^ 1 << order, order) {
            self.take(frame ^ 1 << order, order);
            frame &= !(1 << order);
            order += 1;
        }
        self.put(frame, order);
    }

    /// Cuts the block at `frame` out of the free block of order `from` around it.
    fn cut(&mut self, frame: u64, order: u32, from: u32) {
        let mut at = frame >> from << from;
        self.take(at, from);
        for half in (order..from).rev() {
            if frame < at + (1 << half) {
                self.put(at + (1 << half), half);
            } else {
                self.put(at, half);
                at += 1 << half;
            }
        }
        self.used[frame as usize] = order as u8 + 1;
        self.free_frames -= 1 << order;
    }

    fn check_order(&self, order: u32) -> Result<()> {
        if order > self.max_order {
            let rule = "must be at most the largest order of this space";
            return Err(AllocError::BadParameter { name: "order", value: order.into(), rule });
        }
        Ok(())
    }

    /// Hands out 2^`order` frames and tells the first: the lowest block of the smallest order that has one.
    /// O(orders).
    ///
    /// # Errors
    /// [`BadParameter`](AllocError::BadParameter) for an order above the largest;
    /// [`OutOfSpace`](AllocError::OutOfSpace), with sizes in frames.
    pub fn allocate(&mut self, order: u32) -> Result<u64> {
        self.check_order(order)?;
        let found = (order..=self.max_order).find_map(|from| Some((self.set(from)?.least()? << from, from)));
        let Some((frame, from)) = found else {
            return Err(AllocError::OutOfSpace {
                size: 1 << order,
                alignment: 1 << order,
                free: self.free_frames,
                largest_hole: self.largest_order().map_or(0, |order| 1 << order),
            });
        };
        self.cut(frame, order, from);
        Ok(frame)
    }

    /// Hands out the block of 2^`order` frames that begins at `frame`. O(orders).
    ///
    /// # Errors
    /// [`BadParameter`](AllocError::BadParameter); [`BadStart`](AllocError::BadStart) for a frame that is not a
    /// multiple of the block; [`RangeTaken`](AllocError::RangeTaken).
    pub fn allocate_at(&mut self, frame: u64, order: u32) -> Result<()> {
        self.check_order(order)?;
        if frame & ((1 << order) - 1) != 0 {
            let needs = super::StartRule::Start;
            return Err(AllocError::BadStart { start: frame, needs, multiple: 1 << order });
        }
        let taken = AllocError::RangeTaken { start: frame, size: 1 << order };
        let from = (order..=self.max_order).find(|&from| self.is_free(frame, from)).ok_or(taken)?;
        self.cut(frame, order, from);
        Ok(())
    }

    /// Takes the block that begins at `frame` back, and tells its order. O(orders).
    ///
    /// # Errors
    /// [`UnknownStart`](AllocError::UnknownStart) when no block in use begins there.
    pub fn free(&mut self, frame: u64) -> Result<u32> {
        let order = self.order_at(frame)?;
        self.used[frame as usize] = 0;
        self.free_frames += 1 << order;
        self.join(frame, order);
        Ok(order)
    }

    /// Makes a block in use that begins at `frame` into blocks of one frame each, all in use, and tells how many.
    /// Each is freed on its own then. O(2^order).
    ///
    /// ```
    /// use memcore::alloc::DenseBuddy;
    /// let mut frames = DenseBuddy::new(16, 4)?;
    /// let huge = frames.allocate(3)?;
    /// assert_eq!(frames.split(huge)?, 8);
    /// assert_eq!(frames.free(huge + 5)?, 0);
    /// assert_eq!(frames.free_frames(), 9);
    /// # Ok::<(), memcore::alloc::AllocError>(())
    /// ```
    ///
    /// # Errors
    /// [`UnknownStart`](AllocError::UnknownStart) when no block in use begins there.
    pub fn split(&mut self, frame: u64) -> Result<u64> {
        let count = 1 << self.order_at(frame)?;
        self.used[frame as usize..][..count as usize].fill(1);
        Ok(count)
    }

    /// The order of the block in use that begins at `frame`. O(1).
    ///
    /// # Errors
    /// [`UnknownStart`](AllocError::UnknownStart).
    pub fn order_at(&self, frame: u64) -> Result<u32> {
        let unknown = AllocError::UnknownStart { start: frame };
        let index = usize::try_from(frame).map_err(|_| unknown)?;
        let byte = self.used.get(index).copied().unwrap_or(0);
        u32::from(byte).checked_sub(1).ok_or(unknown)
    }

    /// Checks that the blocks cover the frames once, and that no two free buddies are apart. O(frames * orders).
    ///
    /// # Errors
    /// The first invariant that is broken.
    pub fn validate(&self) -> core::result::Result<(), Corruption> {
        let (mut frame, mut free) = (0, 0);
        while frame < self.frames {
            let free_order = (0..=self.max_order)
                .find(|&order| frame & ((1 << order) - 1) == 0 && self.is_free(frame, order));
            let order = match (self.order_at(frame), free_order) {
                (Ok(order), None) => order,
                (Err(_), Some(order)) => {
                    let apart = order == self.max_order || !self.is_free(frame ^ 1 << order, order);
                    Corruption::unless(apart, "two free buddies are not joined", frame)?;
                    free += 1 << order;
                    order
                }
                _ => return Err(Corruption { what: "a frame is in no block, or in two", at: frame }),
            };
            frame += 1 << order;
        }
        Corruption::unless(frame == self.frames, "a block passes the end", frame)?;
        Corruption::unless(free == self.free_frames, "the count of free frames is wrong", free)
    }
}

impl<S: Storage> Clone for DenseBuddy<S>
where
    S::Column<u64>: Clone,
    S::Column<u8>: Clone,
{
    fn clone(&self) -> Self {
        let clone = |set: &LeastSet<S>| LeastSet { words: set.words.clone(), ..*set };
        let free = core::array::from_fn(|order| self.free[order].as_ref().map(clone));
        DenseBuddy { free, used: self.used.clone(), ..*self }
    }
}

impl<S: Storage> fmt::Debug for DenseBuddy<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DenseBuddy { frames, free_frames, max_order, .. } = self;
        write!(f, "DenseBuddy({free_frames} of {frames} frames free, orders 0 to {max_order})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alloc::{Allocator, Buddy, Request, storage::Fixed};
    use std_alloc::{vec, vec::Vec};

    /// The two buddies of this room are written independently: driven together, they place every block alike.
    #[test]
    fn the_dense_core_places_blocks_where_the_buddy_allocator_does() {
        for frames in [1u64, 2, 3, 64, 100, 1000, 4096] {
            let mut dense = DenseBuddy::new(frames, MOST_ORDER).unwrap();
            let mut sparse = Buddy::new(frames).unwrap();
            let (mut live, mut state) = (Vec::new(), frames);
            for _ in 0..3000 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let (choice, order) = (state >> 60, (state >> 40) as u32 % 6);
                if choice < 9 {
                    let wanted = sparse.allocate(Request::new(1 << order)).ok();
                    assert_eq!(dense.allocate(order).ok(), wanted.map(|block| block.start));
                    live.extend(wanted);
                } else if !live.is_empty() {
                    let block = live.swap_remove((state >> 33) as usize % live.len());
                    sparse.free(block.id).unwrap();
                    assert_eq!(1 << dense.free(block.start).unwrap(), block.size);
                }
                assert_eq!(dense.free_frames(), sparse.stats().free);
            }
            dense.validate().unwrap();
        }
    }

    #[test]
    fn bad_calls_are_errors_and_change_nothing() {
        let mut frames = DenseBuddy::new(10, 3).unwrap();
        assert_eq!(frames.free_blocks(3), 1);
        assert_eq!(frames.free_blocks(1), 1); // frames 8 and 9
        assert!(matches!(frames.allocate(4), Err(AllocError::BadParameter { name: "order", .. })));
        frames.allocate_at(4, 2).unwrap();
        assert_eq!(frames.allocate_at(4, 1), Err(AllocError::RangeTaken { start: 4, size: 2 }));
        assert!(matches!(frames.allocate_at(5, 1), Err(AllocError::BadStart { .. })));
        assert_eq!(frames.allocate_at(1 << 63, 0), Err(AllocError::RangeTaken { start: 1 << 63, size: 1 }));
        let full = AllocError::OutOfSpace { size: 8, alignment: 8, free: 6, largest_hole: 4 };
        assert_eq!(frames.allocate(3), Err(full));
        assert_eq!(frames.free(5), Err(AllocError::UnknownStart { start: 5 }));
        assert_eq!(frames.free(u64::MAX), Err(AllocError::UnknownStart { start: u64::MAX }));
        assert_eq!(frames.free(4), Ok(2));
        assert_eq!(frames.free(4), Err(AllocError::UnknownStart { start: 4 }));
        frames.validate().unwrap();
    }

    /// A model of bytes: the number of the block that each frame is in, 0 for a free one.
    #[test]
    fn a_split_block_is_freed_frame_by_frame() {
        let mut frames = DenseBuddy::new(700, 10).unwrap();
        let (mut model, mut state, mut number) = (vec![0u32; 700], 3u64, 0);
        for _ in 0..4000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (at, order) = ((state >> 33) as usize % 700, (state >> 50) as u32 % 6);
            match state >> 61 {
                0..=3 => {
                    if let Ok(start) = frames.allocate(order) {
                        number += 1;
                        let block = &mut model[start as usize..][..1 << order];
                        assert!(block.iter().all(|&owner| owner == 0));
                        block.fill(number);
                    }
                }
                4 => {
                    let starts = model[at] != 0 && (at == 0 || model[at - 1] != model[at]);
                    let count = model.iter().filter(|&&owner| owner == model[at]).count() as u64;
                    assert_eq!(frames.split(at as u64).ok(), starts.then_some(count));
                    for frame in &mut model[at..][..if starts { count as usize } else { 0 }] {
                        number += 1;
                        *frame = number;
                    }
                }
                _ => {
                    let (owner, starts) = (model[at], at == 0 || model[at - 1] != model[at]);
                    let freed = frames.free(at as u64);
                    assert_eq!(freed.is_ok(), owner != 0 && starts);
                    if let Ok(order) = freed {
                        let block = &mut model[at..][..1 << order];
                        assert!(block.iter().all(|&other| other == owner));
                        block.fill(0);
                        assert!(!model.contains(&owner));
                    }
                }
            }
            assert_eq!(frames.free_frames(), model.iter().filter(|&&owner| owner == 0).count() as u64);
        }
        frames.validate().unwrap();
    }

    #[test]
    fn a_buffer_of_the_caller_holds_it_and_a_small_one_is_an_error() {
        let mut buffer = vec![0u64; 64];
        let mut frames = DenseBuddy::in_storage(128, 7, &mut Fixed::new(&mut buffer, 0)).unwrap();
        assert_eq!(frames.allocate(7), Ok(0));
        let mut small = vec![0u64; 8];
        assert!(DenseBuddy::in_storage(128, 7, &mut Fixed::new(&mut small, 0)).is_err());
    }
}
