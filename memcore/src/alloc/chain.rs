//! Blocks and holes in address order, each linked to its neighbours.
//!
//! ```text
//! first -> [ block A ] <-> [ hole 0 ] <-> [ block B ] <-> [ block C ] <-> [ hole 1 ] <- last
//! ```
//!
//! The chain covers the space without gap or overlap. Neighbours are found without a search, which is what makes
//! merging O(1); a link says by itself whether it leads to a block or to a hole.

use super::record::{Link, Record};
use super::storage::Storage;
use super::table::RegionTable;
use super::{Block, Corruption, Options, Region, RegionCursor, RegionKind, Result};

pub(crate) struct Chain<S: Storage> {
    pub table: RegionTable<S>,
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
            table: RegionTable::new(storage, options, most_holes)?,
            first: Link::NONE,
            last: Link::NONE,
        })
    }

    /// The record behind a link, unless it leads to nothing.
    #[inline(always)]
    fn slot(link: Link) -> Option<u32> {
        if link == Link::NONE { None } else { Some(link.slot()) }
    }

    /// Sets what a neighbour says lies after it.
    #[inline(always)]
    pub fn set_next(&mut self, of: Link, next: Link) {
        match Self::slot(of) {
            Some(slot) => self.table.get_mut(slot).next = next,
            None => self.first = next,
        }
    }

    /// Sets what a neighbour says lies before it.
    #[inline(always)]
    pub fn set_previous(&mut self, of: Link, previous: Link) {
        match Self::slot(of) {
            Some(slot) => self.table.get_mut(slot).previous = previous,
            None => self.last = previous,
        }
    }

    /// Tells both neighbours that this is what lies between them.
    #[inline(always)]
    pub fn join(&mut self, previous: Link, this: Link, next: Link) {
        self.set_next(previous, this);
        self.set_previous(next, this);
    }

    pub fn after(&self, link: Link) -> Link {
        Self::slot(link).map_or(Link::NONE, |slot| self.table.get(slot).next)
    }

    /// One step of a walk; `size_of` is the strategy's knowledge of a block's size.
    pub fn next_region(&self, cursor: &mut RegionCursor, size_of: impl Fn(&Record) -> u64) -> Option<Region> {
        let link = if cursor.started { Link::from_bits(cursor.link as u32) } else { self.first };
        let (region, next) = self.region_at(link, cursor.offset, size_of)?;
        *cursor = RegionCursor { started: true, link: next.to_bits().into(), offset: region.end(), inner: 0 };
        Some(region)
    }

    fn region_at(&self, link: Link, from: u64, size_of: impl Fn(&Record) -> u64) -> Option<(Region, Link)> {
        let record = self.table.try_get(Self::slot(link)?)?;
        let region = match link.as_block() {
            Some(slot) if record.is_live() => Region::used(self.block_of(slot, size_of(record))),
            // The walk knows where the hole begins; its record may not.
            None if record.is_hole() => Region::hole(from, record.requested),
            _ => return None,
        };
        Some((region, record.next))
    }

    #[inline(always)]
    pub fn block_of(&self, slot: u32, size: u64) -> Block {
        let record = self.table.get(slot);
        Block { id: self.table.id(slot), start: record.start, size, requested: record.requested }
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
            let Some((region, next)) = self.region_at(link, end, &size_of) else {
                return Err(Corruption { what: "the chain leads to a slot that is not in use", at: end });
            };
            let back = self.table.get(link.slot()).previous;
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
        Corruption::unless(blocks == self.table.len(), "the count of blocks is wrong", self.table.len())?;
        Corruption::unless(holes == self.table.holes(), "the count of holes is wrong", self.table.holes())?;
        self.table.validate_addresses(self.links().filter_map(Link::as_block))?;
        Ok(sums)
    }
}

impl<S: Storage> Clone for Chain<S>
where
    RegionTable<S>: Clone,
{
    fn clone(&self) -> Self {
        Chain { table: self.table.clone(), first: self.first, last: self.last }
    }
}
