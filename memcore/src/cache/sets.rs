//! The table under caches and TLBs: sets of ways, each holding a tag and flags.
//!
//! ```text
//!   lanes of a set   [ mark flags | mark flags | mark flags | mark flags ] [ ... ]    16 bits a way
//!   tags of a set    [    tag     |    tag     |    tag     |    tag     | ... ]
//! ```
//!
//! A look-up compares 13 bits of a hash, the mark, with those of four ways at once, and then the tags whose marks
//! agree: nearly always one if the entry is there, and none if it is not. It reads little of what it passes by,
//! however large the tags are. L. Lamport, "Multiple byte processing with full-word instructions", Communications
//! of the ACM 18(8), 1975, is the source of comparing parts of a word all at once.
//!
//! An entry stays at its way from the time it comes in until it leaves; see [`Order`] for who leaves.

use super::error::CacheError;
use super::order::{Order, table};
use super::set_policy::SetPolicy;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// The entry holds something.
pub(super) const VALID: u8 = 1;
/// The flags that an entry has: three, the lowest of a lane.
const FLAGS: u64 = 7;
/// Ways in a word of lanes.
const LANES: usize = 4;
const LANE_BITS: usize = 16;
const LANE: u64 = 0xffff;
/// The lowest bit of each lane.
const ONES: u64 = 0x0001_0001_0001_0001;
/// All but the highest bit of each lane.
const LOWS: u64 = 0x7fff_7fff_7fff_7fff;
/// What a look-up compares: the marks, and whether the entries are valid.
const COMPARED: u64 = (LANE ^ FLAGS | VALID as u64) * ONES;

/// What is found by a number.
pub(super) trait Tag: Copy {
    /// The number, whose set it is in.
    fn number(&self) -> u64;
}

impl Tag for u64 {
    #[inline]
    fn number(&self) -> u64 {
        *self
    }
}

/// The lane of a valid entry with this number and no other flags. The multiplier is that of Fibonacci hashing.
#[inline]
fn mark(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 51 << 3 | u64::from(VALID)
}

/// Where an entry is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    set: usize,
    way: usize,
}

/// Sets of ways of tags `T`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sets<T> {
    sets: u64,
    /// Sets - 1 where they are a power of two; else not used.
    mask: Option<u64>,
    ways: usize,
    /// Words of lanes a set.
    words: usize,
    lanes: Vec<u64>,
    tags: Vec<T>,
    order: Order,
}

impl<T: Tag> Sets<T> {
    /// An empty table; `filler` is never seen. O(sets x ways).
    pub(super) fn new(sets: u64, ways: u32, policy: &SetPolicy, filler: T) -> Result<Self, CacheError> {
        let ways = ways as usize;
        let out_of_memory = CacheError::OutOfMemory { bytes: u64::MAX };
        let entries =
            usize::try_from(sets).ok().and_then(|sets| sets.checked_mul(ways)).ok_or(out_of_memory)?;
        let words = ways.div_ceil(LANES);
        Ok(Sets {
            sets,
            mask: sets.is_power_of_two().then(|| sets - 1),
            ways,
            words,
            // No more words than entries.
            lanes: table(sets as usize * words, 0)?,
            tags: table(entries, filler)?,
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

    /// Where in the table the entry with this number is whose tag is `wanted`. O(ways).
    #[inline]
    pub(super) fn find(&self, number: u64, wanted: impl Fn(&T) -> bool) -> Option<Place> {
        let set = self.set_of(number);
        let tags = &self.tags[set * self.ways..][..self.ways];
        let mark = mark(number) * ONES;
        for (index, word) in self.lanes[set * self.words..][..self.words].iter().enumerate() {
            let differs = word & COMPARED ^ mark;
            // The highest bit of each lane that is zero, and of no other.
            let mut equal = !(((differs & LOWS) + LOWS) | differs | LOWS);
            while equal != 0 {
                let way = index * LANES + equal.trailing_zeros() as usize / LANE_BITS;
                if wanted(&tags[way]) {
                    return Some(Place { set, way });
                }
                equal &= equal - 1;
            }
        }
        None
    }

    /// The newest entry of a set whose tag is `wanted`, by the order of [`entries`](Self::entries). O(ways).
    #[cold]
    pub(super) fn newest(&self, found: Place, wanted: impl Fn(&T) -> bool) -> Option<Place> {
        self.ranks(found.set).find(|place| self.flags(*place) & VALID != 0 && wanted(&self.tag(*place)))
    }

    /// The entry at this place was used. O(1) for LRU, else O(ways).
    #[inline]
    pub(super) fn used(&mut self, place: Place) {
        self.order.used(place.set, self.ways, place.way, false);
    }

    /// Puts an entry, which is not there, into a free way of the set or in place of a victim; gives the victim.
    /// O(1) for LRU and FIFO, else O(ways).
    #[inline]
    pub(super) fn fill(&mut self, tag: T, flags: u8) -> Option<(T, u8)> {
        let set = self.set_of(tag.number());
        let way = match self.order.last(set, self.ways) {
            // The free ways are behind the others.
            Some(way) => way,
            None => match self.free_place(set) {
                Some(place) => place.way,
                None => self.order.victim(set, self.ways),
            },
        };
        let place = Place { set, way };
        let old = self.flags(place);
        let victim = (old & VALID != 0).then(|| (self.tag(place), old));
        self.put(place, tag, flags);
        self.order.used(set, self.ways, way, true);
        victim
    }

    /// The first free place of a set. O(ways).
    pub(super) fn free_place(&self, set: usize) -> Option<Place> {
        let words = &self.lanes[set * self.words..][..self.words];
        let (index, free) = words.iter().map(|word| !word & ONES).enumerate().find(|(_, free)| *free != 0)?;
        let way = index * LANES + free.trailing_zeros() as usize / LANE_BITS;
        (way < self.ways).then_some(Place { set, way })
    }

    /// Puts an entry at a place of its set.
    #[inline]
    pub(super) fn put(&mut self, place: Place, tag: T, flags: u8) {
        self.tags[place.set * self.ways + place.way] = tag;
        self.put_lane(place, mark(tag.number()) | u64::from(flags));
    }

    /// Empties a place. O(1).
    pub(super) fn remove(&mut self, place: Place) {
        self.put_lane(place, 0);
        self.order.left(place.set, self.ways, place.way);
    }

    #[inline]
    fn lane(&self, place: Place) -> u64 {
        self.lanes[place.set * self.words + place.way / LANES] >> (place.way % LANES * LANE_BITS)
    }

    #[inline]
    fn put_lane(&mut self, place: Place, lane: u64) {
        let word = &mut self.lanes[place.set * self.words + place.way / LANES];
        let shift = place.way % LANES * LANE_BITS;
        *word = *word & !(LANE << shift) | lane << shift;
    }

    /// The tag at a place.
    #[inline]
    pub(super) fn tag(&self, place: Place) -> T {
        self.tags[place.set * self.ways + place.way]
    }

    /// The tag at a place, to be changed, but for its number.
    #[inline]
    pub(super) fn tag_mut(&mut self, place: Place) -> &mut T {
        &mut self.tags[place.set * self.ways + place.way]
    }

    /// The flags at a place.
    #[inline]
    pub(super) fn flags(&self, place: Place) -> u8 {
        (self.lane(place) & FLAGS) as u8
    }

    /// Changes the flags of the entry at a place.
    #[inline]
    pub(super) fn set_flags(&mut self, place: Place, flags: u8) {
        let word = &mut self.lanes[place.set * self.words + place.way / LANES];
        let shift = place.way % LANES * LANE_BITS;
        *word = *word & !(FLAGS << shift) | u64::from(flags) << shift;
    }

    /// Removes all entries of which `leaves`, told the set, says so. O(sets x ways).
    pub(super) fn remove_if(&mut self, mut leaves: impl FnMut(usize, &T, u8) -> bool) {
        for set in 0..self.sets as usize {
            for way in 0..self.ways {
                let place = Place { set, way };
                let flags = self.flags(place);
                if flags & VALID != 0 && leaves(set, &self.tag(place), flags) {
                    self.remove(place);
                }
            }
        }
    }

    /// The entries, set by set; in a set those of LRU and FIFO from the newest on, others by way. O(sets x ways).
    pub(super) fn entries(&self) -> impl Iterator<Item = (T, u8)> + '_ {
        (0..self.sets as usize)
            .flat_map(|set| self.ranks(set))
            .map(|place| (self.tag(place), self.flags(place)))
            .filter(|(_, flags)| flags & VALID != 0)
    }

    /// The places of a set, from the newest on.
    fn ranks(&self, set: usize) -> impl Iterator<Item = Place> + '_ {
        (0..self.ways).scan(0, move |way, rank| {
            *way = self.order.at(set, self.ways, rank, *way);
            Some(Place { set, way: *way })
        })
    }

    /// Whether it is a table of this shape, with each entry in the set of its number; `check` sees each. O(sets x
    /// ways).
    pub(super) fn validate(
        &self,
        sets: u64,
        ways: u32,
        policy: &SetPolicy,
        mut check: impl FnMut(&T),
    ) -> Result<(), &'static str> {
        let places = usize::try_from(sets).ok().and_then(|sets| sets.checked_mul(ways as usize));
        let has_shape = self.sets == sets
            && self.ways == ways as usize
            && places.is_some_and(|places| places != 0 && places == self.tags.len())
            && self.words == self.ways.div_ceil(LANES)
            && self.lanes.len() == sets as usize * self.words
            && self.mask == sets.is_power_of_two().then(|| sets - 1);
        if !has_shape {
            return Err("a table of sets and ways has another shape than configured");
        }
        self.order.validate(policy, sets as usize, self.ways)?;
        for set in 0..sets as usize {
            let (mut has_gap, mut valid) = (false, 0);
            for place in self.ranks(set) {
                if self.flags(place) & VALID == 0 {
                    has_gap = true;
                    continue;
                }
                if has_gap && self.order.is_queue() {
                    return Err("an entry stands behind a free way");
                }
                let tag = self.tag(place);
                if self.set_of(tag.number()) != set {
                    return Err("an entry is in the wrong set");
                }
                if self.lane(place) & LANE & COMPARED != mark(tag.number()) {
                    return Err("an entry has the mark of another");
                }
                valid += 1;
                check(&tag);
            }
            let words = &self.lanes[set * self.words..][..self.words];
            let lanes =
                words.iter().flat_map(|word| (0..LANES).map(move |lane| word >> (lane * LANE_BITS) & LANE));
            if lanes.filter(|lane| *lane != 0).count() != valid {
                return Err("a free way has a mark or flags");
            }
        }
        Ok(())
    }

    /// As when it was made. O(sets x ways).
    pub(super) fn reset(&mut self) {
        self.lanes.fill(0);
        self.order.reset(self.ways);
    }

    /// Bytes of memory held. O(1).
    pub(super) fn metadata_bytes(&self) -> usize {
        let lanes = self.lanes.capacity() * size_of::<u64>();
        lanes + self.tags.capacity() * size_of::<T>() + self.order.metadata_bytes()
    }
}
