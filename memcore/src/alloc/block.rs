//! Blocks and their ids; what a space looks like in address order.

use core::fmt;
use core::num::NonZeroU64;

/// Names one block for as long as it lives, and nothing afterwards.
///
/// ```text
///  63                    32 31                     0
/// [ generation, always odd | index into the table   ]     never 0
/// ```
///
/// The generation of a table slot rises by one when a block takes it and by one when the block is freed, so that
/// it is odd exactly while the block lives. A slot whose generation would wrap is never used again. An id that
/// was copied and kept is therefore *always* found out once its block is gone, in release builds too.
/// Ids of another allocator are outside the contract: they may name a block of this one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockId(NonZeroU64);

impl BlockId {
    pub(crate) fn new(index: u32, generation: u32) -> Self {
        debug_assert!(generation % 2 == 1);
        let bits = (u64::from(generation) << 32) | u64::from(index);
        // An odd generation makes the upper half non-zero.
        BlockId(NonZeroU64::new(bits).unwrap_or(NonZeroU64::MIN))
    }

    /// The id as a number that is never 0, for a foreign interface.
    pub fn to_bits(self) -> u64 {
        self.0.get()
    }

    /// The id that [`to_bits`](Self::to_bits) gave; `None` for 0. Any other number is safe to try: an allocator
    /// tells an id that it never gave out apart.
    pub fn from_bits(bits: u64) -> Option<Self> {
        NonZeroU64::new(bits).map(BlockId)
    }

    pub(crate) fn index(self) -> u32 {
        self.0.get() as u32
    }

    pub(crate) fn generation(self) -> u32 {
        (self.0.get() >> 32) as u32
    }
}

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}v{}", self.index(), self.generation())
    }
}

impl fmt::Debug for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockId({self})")
    }
}

/// A range of the space that somebody owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    /// The block's name.
    pub id: BlockId,
    /// Offset of its first byte.
    pub start: u64,
    /// Bytes it takes from the space: `requested`, rounded up as the strategy does.
    pub size: u64,
    /// Bytes that were asked for.
    pub requested: u64,
}

impl Block {
    /// One past its last byte.
    pub fn end(&self) -> u64 {
        self.start + self.size
    }
}

/// What a part of the space is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RegionKind {
    /// A live block.
    Used(Block),
    /// Can be allocated.
    Hole,
    /// Neither used nor allocatable yet: bytes that a bump arena or a stack gets back later.
    Dead,
}

/// A part of the space. The regions of a space, in address order, cover it without gap or overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    /// Offset of its first byte.
    pub start: u64,
    /// Length in bytes, never 0.
    pub size: u64,
    /// Who has it.
    pub kind: RegionKind,
}

impl Region {
    pub(crate) fn used(block: Block) -> Self {
        Region { start: block.start, size: block.size, kind: RegionKind::Used(block) }
    }

    pub(crate) fn hole(start: u64, size: u64) -> Self {
        Region { start, size, kind: RegionKind::Hole }
    }

    pub(crate) fn dead(start: u64, size: u64) -> Self {
        Region { start, size, kind: RegionKind::Dead }
    }

    /// One past its last byte.
    pub fn end(&self) -> u64 {
        self.start + self.size
    }

    /// The block, if it is one.
    pub fn block(&self) -> Option<Block> {
        match self.kind {
            RegionKind::Used(block) => Some(block),
            RegionKind::Hole | RegionKind::Dead => None,
        }
    }
}
