//! Why a call failed. Every variant carries the offending value, and the allocator is as it was before the call.

use super::storage::StorageFull;
use super::{BlockId, Operation};
use thiserror::Error;

/// Why an allocator refused a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AllocError {
    /// A block of no bytes was asked for.
    #[error("a block of 0 bytes was asked for")]
    ZeroSize,
    /// The request is larger than the whole space, however empty it were.
    #[error("{size} bytes were asked for in a space of {capacity}")]
    TooLarge {
        /// Bytes asked for.
        size: u64,
        /// Bytes the space has (for a pool: bytes of one slot).
        capacity: u64,
    },
    /// The alignment is not a power of two.
    #[error("alignment {alignment} is not a power of two")]
    BadAlignment {
        /// What was given.
        alignment: u64,
    },
    /// No start can meet the alignment with this bias.
    #[error(
        "bias {bias} is not a multiple of the smaller of alignment {alignment} and granularity {granularity}"
    )]
    BadBias {
        /// Bytes before the aligned point.
        bias: u64,
        /// The alignment asked for.
        alignment: u64,
        /// The unit of the space.
        granularity: u64,
    },
    /// Rounding up passes 2^64 - 1.
    #[error("{size} bytes, rounded up to a multiple of {granularity}, pass 2^64 - 1")]
    Overflow {
        /// Bytes asked for.
        size: u64,
        /// What they are rounded to.
        granularity: u64,
    },
    /// No hole holds the request, although the space as a whole could.
    #[error(
        "no room for {size} bytes aligned to {alignment}: {free} bytes are free, the largest hole has {largest_hole}"
    )]
    OutOfSpace {
        /// Bytes asked for.
        size: u64,
        /// Alignment asked for.
        alignment: u64,
        /// Bytes in all holes together.
        free: u64,
        /// Bytes in the largest hole.
        largest_hole: u64,
    },
    /// The tables cannot hold another block or hole: the fixed buffer is full, or memory is.
    #[error("the tables hold {blocks} blocks and have no room for more")]
    OutOfMetadata {
        /// Live blocks.
        blocks: u64,
    },
    /// The limit that was set on this allocator would be passed.
    #[error("{size} more bytes would pass the limit of {limit}; {used} are in use")]
    LimitExceeded {
        /// Bytes asked for.
        size: u64,
        /// Bytes in use.
        used: u64,
        /// Most bytes in use allowed.
        limit: u64,
    },
    /// The id names a block that was freed.
    #[error("block {id} is stale: it was freed")]
    StaleId {
        /// What was given.
        id: BlockId,
    },
    /// `free` of a block that was freed already.
    #[error("block {id} was freed already")]
    DoubleFree {
        /// What was given.
        id: BlockId,
    },
    /// This allocator never gave out the id.
    #[error("id {id} was never given out")]
    UnknownId {
        /// What was given.
        id: BlockId,
    },
    /// No live block starts there.
    #[error("no block starts at {start}")]
    UnknownStart {
        /// What was given.
        start: u64,
    },
    /// No live block holds this offset.
    #[error("no block holds offset {offset}")]
    UnknownOffset {
        /// What was given.
        offset: u64,
    },
    /// A stack frees its top only; a stack or arena resizes its last block only.
    #[error("block {id} is not the last one, {top} is")]
    NotTop {
        /// What was given.
        id: BlockId,
        /// The top: in an arena, perhaps a block that was freed.
        top: BlockId,
    },
    /// A part of the wanted range is not free.
    #[error("the range of {size} bytes at {start} is not free")]
    RangeTaken {
        /// Where it was wanted.
        start: u64,
        /// Bytes wanted, rounded up.
        size: u64,
    },
    /// A wanted start that no block of this space can have.
    #[error("a block cannot start at {start}: {needs} must be a multiple of {multiple}")]
    BadStart {
        /// Where it was wanted.
        start: u64,
        /// The value that must divide evenly: the start, or the start plus the bias.
        needs: StartRule,
        /// What it must be a multiple of.
        multiple: u64,
    },
    /// The block cannot be resized where it is.
    #[error("block {id} cannot have {size} bytes in place: {available} is the most")]
    NoRoomInPlace {
        /// The block.
        id: BlockId,
        /// Bytes asked for.
        size: u64,
        /// The most it could have there.
        available: u64,
    },
    /// A space never shrinks.
    #[error("the capacity is {capacity} and cannot become {wanted}")]
    CapacityShrink {
        /// What it is.
        capacity: u64,
        /// What was asked for.
        wanted: u64,
    },
    /// The parameter of a space or strategy is out of its range.
    #[error("{name} = {value}: {rule}")]
    BadParameter {
        /// Its name.
        name: &'static str,
        /// What was given.
        value: u64,
        /// What it must be.
        rule: &'static str,
    },
    /// The strategy cannot do this; [`capabilities`](super::Allocator::capabilities) tells beforehand.
    #[error("{strategy} cannot {operation}")]
    Unsupported {
        /// What was asked.
        operation: Operation,
        /// Who was asked.
        strategy: &'static str,
    },
    /// A look-up by address on an allocator made without [`Options::address_index`](super::Options::address_index).
    #[error("{operation} needs the address index, which this allocator was made without")]
    NoAddressIndex {
        /// What was asked.
        operation: Operation,
    },
    /// A tag was asked of an allocator made without [`Options::tags`](super::Options::tags).
    #[error("this allocator was made without tags")]
    NoTags,
    /// The arena was rewound past this checkpoint, or it is of another arena.
    #[error("the checkpoint at {position} is not one of this arena any more")]
    BadCheckpoint {
        /// Where it was taken.
        position: u64,
    },
    /// The space has changed since the plan was made.
    #[error("the compaction plan is out of date: change {made}, now {now}")]
    OutdatedPlan {
        /// Number of changes when the plan was made.
        made: u64,
        /// Number of changes now.
        now: u64,
    },
    /// A listener called back into the allocator that it listens to.
    #[error("a listener may not call the allocator it listens to")]
    Reentered,
}

impl From<StorageFull> for AllocError {
    /// For tables that are being made: no block lives yet.
    fn from(StorageFull: StorageFull) -> Self {
        AllocError::OutOfMetadata { blocks: 0 }
    }
}

/// What a wanted start has to obey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartRule {
    /// The start itself.
    Start,
    /// The start plus the bias.
    BiasedStart,
}

impl core::fmt::Display for StartRule {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            StartRule::Start => "the start",
            StartRule::BiasedStart => "the start plus the bias",
        })
    }
}

/// The result of a call.
pub type Result<T> = core::result::Result<T, AllocError>;

/// An invariant that does not hold: what [`validate`](super::Allocator::validate) found.
///
/// Through the safe interface this cannot happen; it tells of a bug in this library, of memory that somebody
/// else wrote into, or of a fixed buffer that was changed behind the allocator's back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("broken invariant at {at}: {what}")]
pub struct Corruption {
    /// The invariant.
    pub what: &'static str,
    /// The offset, slot or count that breaks it.
    pub at: u64,
}

impl Corruption {
    pub(crate) fn unless(holds: bool, what: &'static str, at: u64) -> core::result::Result<(), Corruption> {
        if holds { Ok(()) } else { Err(Corruption { what, at }) }
    }
}
