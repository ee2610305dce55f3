//! Compaction: moving blocks together so that small holes become one large one.
//!
//! ```text
//! before  [A][ hole ][B][ hole ][C pinned][ hole ][D]
//! plan    B down to A's end; C stays; D down to C's end
//! after   [A][B][    hole      ][C pinned][D][ hole ]
//! ```
//!
//! The allocator knows ranges, not bytes, so it takes two calls. [`plan_compaction`] lists the moves that a budget
//! allows; the caller copies the bytes **in the order of the list** (each with a copy that allows overlap, such as
//! `memmove`: a block may slide onto its own old place, but never onto a block that is still to be moved) and
//! updates whatever points to them; [`commit`] then makes the new places true. A plan that is dropped costs
//! nothing, and one that is out of date is refused. Ids survive.
//!
//! Free-list spaces slide blocks down without changing their order (the "LISP 2" order); a pool moves its highest
//! blocks into its lowest free slots. A block that a pin or the budget keeps stays, and the next ones close up to it.
//!
//! [`plan_compaction`]: super::Allocator::plan_compaction
//! [`commit`]: super::Allocator::commit

use super::{AllocError, Allocator, Block, BlockId, Result};
use std_alloc::vec::Vec;

/// How much a plan may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of the blocks moved, together.
    pub bytes: u64,
    /// Blocks moved.
    pub moves: u64,
}

impl Budget {
    /// As much as is useful.
    pub const UNLIMITED: Budget = Budget { bytes: u64::MAX, moves: u64::MAX };
}

/// One block to be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// The block.
    pub id: BlockId,
    /// Where it is.
    pub from: u64,
    /// Where it goes.
    pub to: u64,
    /// Its size.
    pub size: u64,
}

/// Moves to be carried out in order; see the [module](self).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompactionPlan {
    moves: Vec<Move>,
    made: u64,
}

impl CompactionPlan {
    /// The moves, in the order in which their bytes have to be copied.
    pub fn moves(&self) -> &[Move] {
        &self.moves
    }

    /// Bytes to be copied.
    pub fn bytes(&self) -> u64 {
        self.moves.iter().map(|step| step.size).sum()
    }

    pub(crate) fn check_current(&self, now: u64) -> Result<()> {
        if self.made == now { Ok(()) } else { Err(AllocError::OutdatedPlan { made: self.made, now }) }
    }
}

/// A part of a compaction: see [`Allocator::plan_compaction_part`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompactionPart {
    /// Its moves.
    pub plan: CompactionPlan,
    /// The last block that was looked at, to go on behind it.
    pub reached: Option<BlockId>,
    /// Why it ends there.
    pub end: PartEnd,
}

/// Why a [part](CompactionPart) of a compaction ends where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartEnd {
    /// There is no block behind it.
    End,
    /// It looked at as many blocks as it may.
    Looked,
    /// The next block could move, and the budget does not reach.
    Budget(Block),
}

/// Collects the moves that budget and pins allow.
pub(crate) struct Planner {
    plan: CompactionPlan,
    left: Budget,
    pinned: Vec<BlockId>,
    blocks: u64,
}

impl Planner {
    pub fn new(allocator: &impl Allocator, made: u64, left: Budget, pinned: &[BlockId]) -> Result<Self> {
        let mut sorted = Vec::new();
        let blocks = allocator.stats().blocks;
        let full = |_| AllocError::OutOfMetadata { blocks };
        sorted.try_reserve_exact(pinned.len()).map_err(full)?;
        for &id in pinned {
            sorted.push(allocator.block(id)?.id);
        }
        sorted.sort_unstable();
        Ok(Planner { plan: CompactionPlan { moves: Vec::new(), made }, left, pinned: sorted, blocks })
    }

    /// For a caller who asks by himself whether a block is pinned.
    pub fn unpinned(blocks: u64, made: u64, left: Budget) -> Self {
        Planner { plan: CompactionPlan { moves: Vec::new(), made }, left, pinned: Vec::new(), blocks }
    }

    pub fn affords(&self, block: &Block) -> bool {
        block.size <= self.left.bytes && self.left.moves > 0
    }

    pub fn is_pinned(&self, id: BlockId) -> bool {
        self.pinned.binary_search(&id).is_ok()
    }

    /// Notes that `block` goes `to`, unless it is there already, pinned, or over the budget.
    pub fn try_move(&mut self, block: &Block, to: u64) -> Result<bool> {
        if to == block.start || !self.affords(block) || self.is_pinned(block.id) {
            return Ok(false);
        }
        let blocks = self.blocks;
        self.plan.moves.try_reserve(1).map_err(|_| AllocError::OutOfMetadata { blocks })?;
        self.plan.moves.push(Move { id: block.id, from: block.start, to, size: block.size });
        self.left.bytes -= block.size;
        self.left.moves -= 1;
        Ok(true)
    }

    pub fn finish(self) -> CompactionPlan {
        self.plan
    }
}
