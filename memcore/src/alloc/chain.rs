//! Blocks and holes in address order, each linked to its neighbours.
//!
//! ```text
//! first -> [ block A ] <-> [ hole 0 ] <-> [ block B ] <-> [ block C ] <-> [ hole 1 ] <- last
//! ```
//!
//! The chain covers the space without gap or overlap. Neighbours are found without a search, which is what makes
//! merging O(1); a link says by itself whether it leads to a block or to a hole.

use super::block_table::{BlockTable, Link, Record};
use super::holes::Holes;
use super::storage::{NIL, Storage};
use super::{Block, Corruption, Options, Region, RegionCursor, RegionKind, Result};

pub(crate) struct Chain<S: Storage> {
    pub blocks: BlockTable<S>,
    pub holes: Holes<S>,
    pub first: Link,
    pub last: Link,
}

/// What a walk over the chain adds up to.
#[derive(Default)]
pub(crate) struct Sums {
    pub used: u64,
    pub requested: u64,
}

impl<S: Storage> Chain<S> {
    /// An empty chain for at most `most_holes` holes.
    pub fn new(storage: &mut S, options: &Options, most_holes: u32) -> Result<Self> {
        Ok(Chain {
            blocks: BlockTable::new(storage, options)?,
            holes: Holes::new(storage, most_holes)?,
            first: Link::NONE,
            last: Link::NONE,
        })
    }

    /// Sets what a neighbour says lies after it.
    #[inline(always)]
    pub fn set_next(&mut self, of: Link, next: Link) {
        if let Some(hole) = of.as_hole() {
            self.holes.get_mut(hole).next = next;
        } else if let Some(slot) = of.as_block() {
            self.blocks.get_mut(slot).next = next;
        } else {
            self.first = next;
        }
    }

    /// Sets what a neighbour says lies before it.
    #[inline(always)]
    pub fn set_previous(&mut self, of: Link, previous: Link) {
        if let Some(hole) = of.as_hole() {
            self.holes.get_mut(hole).previous = previous;
        } else if let Some(slot) = of.as_block() {
            self.blocks.get_mut(slot).previous = previous;
        } else {
            self.last = previous;
        }
    }

    /// Puts a block between two neighbours.
    #[inline(always)]
    pub fn link_block(&mut self, slot: u32, previous: Link, next: Link) {
        self.set_next(previous, Link::block(slot));
        self.set_previous(next, Link::block(slot));
        let record = self.blocks.get_mut(slot);
        (record.previous, record.next) = (previous, next);
    }

    /// Enters a new hole between two neighbours; the caller has reserved.
    #[inline(always)]
    pub fn add_hole(&mut self, start: u64, size: u64, previous: Link, next: Link) -> Result<u32> {
        let hole = self.holes.add(start, size, previous, next)?;
        self.set_next(previous, Link::hole(hole));
        self.set_previous(next, Link::hole(hole));
        Ok(hole)
    }

    pub fn after(&self, link: Link) -> Link {
        match (link.as_hole(), link.as_block()) {
            (Some(hole), _) => self.holes.get(hole).next,
            (None, Some(slot)) => self.blocks.get(slot).next,
            (None, None) => Link::NONE,
        }
    }

    /// One step of a walk; `size_of` is the strategy's knowledge of a block's size.
    pub fn next_region(&self, cursor: &mut RegionCursor, size_of: impl Fn(&Record) -> u64) -> Option<Region> {
        let link = if cursor.started { Link::from_bits(cursor.link as u32) } else { self.first };
        let (region, next) = self.region_at(link, size_of)?;
        *cursor = RegionCursor { started: true, link: next.to_bits().into(), offset: region.end() };
        Some(region)
    }

    fn region_at(&self, link: Link, size_of: impl Fn(&Record) -> u64) -> Option<(Region, Link)> {
        if let Some(hole) = link.as_hole() {
            let hole = self.holes.try_get(hole)?;
            return Some((Region::hole(hole.start, hole.size), hole.next));
        }
        let slot = link.as_block()?;
        let record = self.blocks.try_get(slot).filter(|record| record.is_live())?;
        Some((Region::used(self.block_of(slot, size_of(record))), record.next))
    }

    #[inline(always)]
    pub fn block_of(&self, slot: u32, size: u64) -> Block {
        let record = self.blocks.get(slot);
        Block { id: self.blocks.id(slot), start: record.start, size, requested: record.requested }
    }

    /// The chain, in address order.
    pub fn links(&self) -> impl Iterator<Item = Link> + '_ {
        let some = |link: Link| Some(link).filter(|&link| link != Link::NONE);
        core::iter::successors(some(self.first), move |&link| some(self.after(link)))
    }

    /// Checks the links, that the regions cover the space, and the counts. `may_touch` says of two neighbouring
    /// holes whether they may be apart.
    pub fn check(
        &self,
        options: &Options,
        size_of: impl Fn(&Record) -> u64,
        may_touch: impl Fn(&Region, &Region) -> bool,
    ) -> core::result::Result<Sums, Corruption> {
        let (mut link, mut previous) = (self.first, Link::NONE);
        let (mut sums, mut before): (Sums, Option<Region>) = (Sums::default(), None);
        let (mut end, mut blocks, mut holes) = (0u64, 0u64, 0u64);
        while link != Link::NONE {
            let Some((region, next)) = self.region_at(link, &size_of) else {
                return Err(Corruption { what: "the chain leads to a slot that is not in use", at: end });
            };
            let back = match link.as_hole() {
                Some(hole) => self.holes.get(hole).previous,
                None => self.blocks.get(link.as_block().unwrap_or(NIL)).previous,
            };
            Corruption::unless(back == previous, "neighbours disagree on who comes before", region.start)?;
            Corruption::unless(region.start == end, "the regions leave a gap or overlap", region.start)?;
            let aligned = (region.start | region.size) & (options.granularity - 1) == 0;
            Corruption::unless(aligned && region.size > 0, "a region is off the granularity", region.start)?;
            Corruption::unless(
                region.size <= options.capacity - end,
                "a region passes the end",
                region.start,
            )?;
            match (region.kind, before) {
                (RegionKind::Used(block), _) => {
                    blocks += 1;
                    sums.used += block.size;
                    sums.requested += block.requested;
                    before = None;
                }
                (_, neighbour) => {
                    holes += 1;
                    let apart = neighbour.is_none_or(|neighbour| may_touch(&neighbour, &region));
                    Corruption::unless(apart, "two holes touch that should be one", region.start)?;
                    before = Some(region);
                }
            }
            end = region.end();
            (previous, link) = (link, next);
        }
        Corruption::unless(self.last == previous, "the chain ends elsewhere", end)?;
        Corruption::unless(end == options.capacity, "the regions do not cover the space", end)?;
        Corruption::unless(blocks == self.blocks.len(), "the count of blocks is wrong", self.blocks.len())?;
        Corruption::unless(holes == self.holes.count(), "the count of holes is wrong", self.holes.count())?;
        self.blocks.validate_addresses(self.links().filter_map(Link::as_block))?;
        Ok(sums)
    }
}

impl<S: Storage> Clone for Chain<S>
where
    BlockTable<S>: Clone,
    Holes<S>: Clone,
{
    fn clone(&self) -> Self {
        Chain { blocks: self.blocks.clone(), holes: self.holes.clone(), first: self.first, last: self.last }
    }
}
