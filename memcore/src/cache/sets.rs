//! The table under caches and TLBs: sets of ways, each holding a tag and flags.
//!
//! All tags are in one array, the ways of a set side by side, so that a look-up reads one or two lines of the
//! machine that runs it.

use super::error::CacheError;
use super::order::{Order, table};
use super::set_policy::SetPolicy;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// The entry holds something.
pub(super) const VALID: u8 = 1;
/// Entries that are moved one by one rather than all at once.
const FEW: usize = 7;

/// Sets of ways of tags `T`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sets<T> {
    sets: u64,
    /// Sets - 1 where they are a power of two; else not used.
    mask: Option<u64>,
    ways: usize,
    tags: Vec<T>,
    flags: Vec<u8>,
    order: Order,
}

impl<T: Copy> Sets<T> {
    /// An empty table; `filler` is never seen. O(sets x ways).
    pub(super) fn new(sets: u64, ways: u32, policy: &SetPolicy, filler: T) -> Result<Self, CacheError> {
        let ways = ways as usize;
        let out_of_memory = CacheError::OutOfMemory { bytes: u64::MAX };
        let entries =
            usize::try_from(sets).ok().and_then(|sets| sets.checked_mul(ways)).ok_or(out_of_memory)?;
        Ok(Sets {
            sets,
            mask: sets.is_power_of_two().then(|| sets - 1),
            ways,
            tags: table(entries, filler)?,
            flags: table(entries, 0)?,
            order: Order::new(policy, sets as usize, ways)?,
        })
    }

    /// The set of a number.
    #[inline]
    pub(super) fn set_of(&self, number: u64) -> usize {
        match self.mask {
            Some(mask) => (number & mask) as usize,
            None => (number % self.sets) as usize,
        }
    }

    /// Where in the table the entry of this set is whose tag is `wanted`. O(ways).
    #[inline]
    pub(super) fn find(&self, set: usize, wanted: impl Fn(&T) -> bool) -> Option<usize> {
        let first = set * self.ways;
        let tags = &self.tags[first..][..self.ways];
        let flags = &self.flags[first..][..self.ways];
        for (way, tag) in tags.iter().enumerate() {
            if wanted(tag) && flags[way] & VALID != 0 {
                return Some(first + way);
            }
        }
        None
    }

    /// The entry at this place was used; gives its place from now on. O(ways).
    #[inline]
    pub(super) fn used(&mut self, set: usize, at: usize) -> usize {
        let first = set * self.ways;
        match &mut self.order {
            Order::Lru => {
                if at != first {
                    self.bring_to_front(first, at);
                }
                first
            }
            Order::Fifo => at,
            order => {
                order.used(set, self.ways, at - first, false);
                at
            }
        }
    }

    /// The entry at `at` becomes that of `first`. Hand over hand, both tables in one loop: for a few entries
    /// that is faster than calls that move memory.
    #[inline]
    fn bring_to_front(&mut self, first: usize, at: usize) {
        let (mut tag, mut flags) = (self.tags[at], self.flags[at]);
        if at - first > FEW {
            self.tags.copy_within(first..at, first + 1);
            self.flags.copy_within(first..at, first + 1);
            self.tags[first] = tag;
            self.flags[first] = flags;
            return;
        }
        for (tag_here, flags_here) in self.tags[first..=at].iter_mut().zip(&mut self.flags[first..=at]) {
            tag = core::mem::replace(tag_here, tag);
            flags = core::mem::replace(flags_here, flags);
        }
    }

    /// Puts an entry, which is not there, into a free way of the set or in place of a victim; gives its place,
    /// and the victim. O(ways).
    #[inline]
    pub(super) fn fill(&mut self, set: usize, tag: T, flags: u8) -> (usize, Option<(T, u8)>) {
        let first = set * self.ways;
        let is_by_position = self.order.is_by_position();
        let last = first + self.ways - 1;
        let at = if is_by_position {
            // The free ways are behind the others.
            last
        } else {
            match self.flags[first..=last].iter().position(|flags| flags & VALID == 0) {
                Some(way) => first + way,
                None => first + self.order.victim(set, self.ways),
            }
        };
        let victim = (self.flags[at] & VALID != 0).then(|| (self.tags[at], self.flags[at]));
        self.put(at, tag, flags);
        if is_by_position {
            self.bring_to_front(first, at);
            return (first, victim);
        }
        self.order.used(set, self.ways, at - first, true);
        (at, victim)
    }

    /// The first free place of a set. O(ways).
    pub(super) fn free_place(&self, set: usize) -> Option<usize> {
        let first = set * self.ways;
        self.flags[first..][..self.ways].iter().position(|flags| flags & VALID == 0).map(|way| first + way)
    }

    /// Puts an entry at a place.
    #[inline]
    pub(super) fn put(&mut self, at: usize, tag: T, flags: u8) {
        self.tags[at] = tag;
        self.flags[at] = flags | VALID;
    }

    /// Empties a place. O(ways).
    pub(super) fn remove(&mut self, at: usize) {
        if !self.order.is_by_position() {
            self.flags[at] = 0;
            return;
        }
        let last = at - at % self.ways + self.ways - 1;
        self.tags.copy_within(at + 1..=last, at);
        self.flags.copy_within(at + 1..=last, at);
        self.flags[last] = 0;
    }

    /// The tag at a place.
    #[inline]
    pub(super) fn tag(&self, at: usize) -> T {
        self.tags[at]
    }

    /// The tag at a place, to be changed.
    #[inline]
    pub(super) fn tag_mut(&mut self, at: usize) -> &mut T {
        &mut self.tags[at]
    }

    /// The flags at a place.
    #[inline]
    pub(super) fn flags(&self, at: usize) -> u8 {
        self.flags[at]
    }

    /// The flags at a place, to be changed.
    #[inline]
    pub(super) fn flags_mut(&mut self, at: usize) -> &mut u8 {
        &mut self.flags[at]
    }

    /// How many places there are.
    pub(super) fn places(&self) -> usize {
        self.flags.len()
    }

    /// Removes all entries of which `leaves` says so. O(sets x ways).
    pub(super) fn remove_if(&mut self, mut leaves: impl FnMut(&T, u8) -> bool) {
        let by_position = self.order.is_by_position();
        for at in (0..self.places()).rev() {
            if self.flags[at] & VALID != 0 && leaves(&self.tags[at], self.flags[at]) {
                if by_position { self.remove(at) } else { self.flags[at] = 0 }
            }
        }
    }

    /// The entries, set by set. O(sets x ways).
    pub(super) fn entries(&self) -> impl Iterator<Item = (T, u8)> + '_ {
        let all = self.tags.iter().copied().zip(self.flags.iter().copied());
        all.filter(|(_, flags)| flags & VALID != 0)
    }

    /// Whether it is a table of this shape, with each entry in the set of its number. O(sets x ways).
    pub(super) fn validate(
        &self,
        sets: u64,
        ways: u32,
        policy: &SetPolicy,
        mut number: impl FnMut(&T) -> u64,
    ) -> Result<(), &'static str> {
        let places = usize::try_from(sets).ok().and_then(|sets| sets.checked_mul(ways as usize));
        let has_shape = self.sets == sets
            && self.ways == ways as usize
            && places.is_some_and(|places| places != 0 && places == self.tags.len())
            && self.tags.len() == self.flags.len()
            && self.mask == sets.is_power_of_two().then(|| sets - 1);
        if !has_shape {
            return Err("a table of sets and ways has another shape than configured");
        }
        self.order.validate(policy, sets as usize, self.ways)?;
        let by_position = self.order.is_by_position();
        for (set, (tags, flags)) in
            self.tags.chunks_exact(self.ways).zip(self.flags.chunks_exact(self.ways)).enumerate()
        {
            let mut has_gap = false;
            for (tag, flags) in tags.iter().zip(flags) {
                let is_valid = flags & VALID != 0;
                if is_valid && self.set_of(number(tag)) != set {
                    return Err("an entry is in the wrong set");
                }
                if is_valid && has_gap && by_position {
                    return Err("an entry stands behind a free way");
                }
                has_gap |= !is_valid;
            }
        }
        Ok(())
    }

    /// As when it was made. O(sets x ways).
    pub(super) fn reset(&mut self) {
        self.flags.fill(0);
        self.order.reset();
    }

    /// Bytes of memory held. O(1).
    pub(super) fn metadata_bytes(&self) -> usize {
        self.tags.capacity() * size_of::<T>() + self.flags.capacity() + self.order.metadata_bytes()
    }
}
