//! What the [table](super::table) keeps of a block or a hole, and how neighbours name each other.

use super::BlockId;
use super::storage::{NIL, Slot};
use bytemuck::{Pod, Zeroable};

/// A neighbour in the space: a block, a hole (high bit), or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(transparent)]
pub(crate) struct Link(u32);

impl Link {
    /// The last number that is not a hole's: no slot has it.
    pub const NONE: Link = Link(NIL >> 1);
    const HOLE: u32 = 1 << 31;

    #[inline(always)]
    pub fn block(slot: u32) -> Self {
        Link(slot)
    }

    #[inline(always)]
    pub fn hole(slot: u32) -> Self {
        Link(slot | Self::HOLE)
    }

    #[inline(always)]
    pub fn as_hole(self) -> Option<u32> {
        if self.0 & Self::HOLE != 0 { Some(self.0 & !Self::HOLE) } else { None }
    }

    #[inline(always)]
    pub fn as_block(self) -> Option<u32> {
        if self.0 < Self::NONE.0 { Some(self.0) } else { None }
    }

    /// The slot that a link other than [`NONE`](Self::NONE) leads to.
    #[inline(always)]
    pub fn slot(self) -> u32 {
        self.0 & !Self::HOLE
    }

    pub fn to_bits(self) -> u32 {
        self.0
    }

    pub fn from_bits(bits: u32) -> Self {
        Link(bits)
    }
}

/// The detail of a hole.
pub(crate) const HOLE: u32 = u32::MAX;

/// What the table keeps of a block or a hole.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C, align(32))]
pub(crate) struct Record {
    /// A block's first byte; a hole's too, or the index's links.
    pub start: u64,
    /// Bytes that were asked for; of a hole, its bytes.
    pub requested: u64,
    pub previous: Link,
    pub next: Link,
    pub generation: u32,
    pub detail: u32,
}

impl Record {
    #[inline(always)]
    pub fn is_live(&self) -> bool {
        self.generation % 2 == 1
    }

    /// True for the id of this live block; a made-up id may have the even generation of a free slot.
    #[inline(always)]
    pub fn is_named_by(&self, id: BlockId) -> bool {
        self.generation == id.generation() && self.is_live()
    }

    pub fn is_hole(&self) -> bool {
        !self.is_live() && self.detail == HOLE
    }
}

impl Slot for Record {
    fn vacant(floor: u32) -> Self {
        Record { generation: floor, ..Record::zeroed() }
    }

    #[inline(always)]
    fn free_link(&self) -> u32 {
        self.next.to_bits()
    }

    #[inline(always)]
    fn set_free_link(&mut self, next: u32) {
        self.next = Link::from_bits(next);
    }

    fn generation(&self) -> u32 {
        self.generation
    }
}
