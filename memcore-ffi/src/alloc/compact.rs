//! Compaction: a plan is made, the caller copies the bytes, the plan is committed.

use memcore::alloc::{Budget, CompactionPlan, Move};

use super::{handle::memcore_allocator, types::id};
use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{array, drop_handle, into_handle, object, out},
    status::memcore_status,
};

/// How much a plan may move.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_budget {
    /// Bytes of the blocks moved, together; `UINT64_MAX`: as many as is useful.
    pub bytes: u64,
    /// Blocks moved; `UINT64_MAX`: as many as is useful.
    pub moves: u64,
}

/// One block to be copied.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_move {
    /// The block's id, which stays.
    pub id: u64,
    /// Offset where it is.
    pub from: u64,
    /// Offset where it goes.
    pub to: u64,
    /// Bytes to be copied.
    pub size: u64,
}

impl From<Move> for memcore_move {
    fn from(step: Move) -> Self {
        memcore_move { id: step.id.to_bits(), from: step.from, to: step.to, size: step.size }
    }
}

/// Moves that make one large hole of small ones. Opaque.
pub struct memcore_plan {
    plan: CompactionPlan,
    moves: Vec<memcore_move>,
}

/// Plans how to move blocks together. The space does not change.
///
/// \param allocator the handle.
/// \param budget how much may be moved; null: as much as is useful.
/// \param pinned ids of blocks that must stay where they are; may be null when `pinned_count` is 0.
/// \param pinned_count their number.
/// \param plan where the handle of the plan is written; `memcore_plan_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNSUPPORTED` iff the strategy cannot be compacted;
/// `MEMCORE_STATUS_STALE_ID` or `MEMCORE_STATUS_UNKNOWN_ID` iff a pinned id names no live block;
/// `MEMCORE_STATUS_OUT_OF_METADATA` or `MEMCORE_STATUS_OUT_OF_MEMORY` iff there is no memory for the plan;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `pinned_count` ids are more than memory holds;
/// `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(blocks + pinned log pinned). Allocates the plan.
///
/// \code
/// memcore_plan *plan;
/// if (memcore_allocator_plan_compaction(allocator, NULL, NULL, 0, &plan) == MEMCORE_STATUS_OK) {
///     const memcore_move *moves;
///     size_t count;
///     memcore_plan_moves(plan, &moves, &count);
///     for (size_t i = 0; i < count; i += 1) {
///         memmove(bytes + moves[i].to, bytes + moves[i].from, moves[i].size);
///     }
///     memcore_allocator_commit(allocator, plan);
///     memcore_plan_destroy(plan);
/// }
/// \endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_plan_compaction(
    allocator: *const memcore_allocator,
    budget: *const memcore_budget,
    pinned: *const u64,
    pinned_count: usize,
    plan: *mut *mut memcore_plan,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, budget, pinned, result) = unsafe {
            (
                memcore_allocator::reading(allocator)?,
                budget.as_ref(),
                array(pinned, pinned_count)?,
                out(plan)?,
            )
        };
        let budget =
            budget.map_or(Budget::UNLIMITED, |budget| Budget { bytes: budget.bytes, moves: budget.moves });
        let mut ids = reserved(pinned.len())?;
        for &bits in pinned {
            ids.push(id(bits)?);
        }
        let plan = state.space.reading().plan_compaction(budget, &ids)?;
        let mut moves = reserved(plan.moves().len())?;
        moves.extend(plan.moves().iter().map(|&step| memcore_move::from(step)));
        result.write(into_handle(memcore_plan { plan, moves })?);
        Ok::<_, Failure>(())
    })
}

fn reserved<T>(length: usize) -> Result<Vec<T>, Failure> {
    let mut vector = Vec::new();
    vector.try_reserve_exact(length).map_err(|_| memcore_status::OutOfMemory)?;
    Ok(vector)
}

/// Tells the moves of a plan. The bytes have to be copied in this order, each with a copy that allows overlap
/// (`memmove`): a block may slide onto its own old place, but never onto a block that is still to be moved.
///
/// \param plan the plan.
/// \param moves where the array is written, valid until the plan is destroyed; not to be read when there are none.
/// \param count where the number of moves is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_plan_moves(
    plan: *const memcore_plan,
    moves: *mut *const memcore_move,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (plan, moves, count) = unsafe { (object(plan)?, out(moves)?, out(count)?) };
        moves.write(plan.moves.as_ptr());
        count.write(plan.moves.len());
        Ok::<_, Failure>(())
    })
}

/// Tells how many bytes a plan copies.
///
/// \param plan the plan.
/// \param bytes where the number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(moves).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_plan_bytes(plan: *const memcore_plan, bytes: *mut u64) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (plan, bytes) = unsafe { (object(plan)?, out(bytes)?) };
        bytes.write(plan.plan.bytes());
        Ok::<_, Failure>(())
    })
}

/// Makes the new places of a plan true, after the bytes were copied. Ids stay as they are. The plan remains to be
/// destroyed.
///
/// \param allocator the handle that the plan was made for.
/// \param plan the plan.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUTDATED_PLAN` iff the space has changed since the plan was made;
/// `MEMCORE_STATUS_UNSUPPORTED`; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(moves) times a free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_commit(
    allocator: *mut memcore_allocator,
    plan: *const memcore_plan,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, plan) = unsafe { (memcore_allocator::changing(allocator)?, object(plan)?) };
        state.space.changing().commit(&plan.plan)?;
        Ok::<_, Failure>(())
    })
}

/// Ends a plan, committed or not. One that was not costs nothing else.
///
/// \param plan the plan; null does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_plan_destroy(plan: *mut memcore_plan) {
    // SAFETY: null or a plan of this library's that nobody uses any more.
    guarded((), || unsafe { drop_handle(plan) });
}
