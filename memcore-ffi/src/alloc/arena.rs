//! Checkpoint and rewind of a bump arena.

use std::mem::MaybeUninit;

use memcore::alloc::Checkpoint;

use super::{
    handle::memcore_allocator,
    token::{pack, unpack},
};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, out},
    status::memcore_status,
};

/// Marks a state of an arena to rewind to. Filled in by `memcore_allocator_checkpoint`; may be copied, but not
/// changed; needs no end.
#[repr(C)]
pub struct memcore_checkpoint {
    /// Where the next block would have begun.
    pub position: u64,
    seal: u64,
    opaque: [MaybeUninit<u64>; 6],
}

/// Tells a checkpoint from memory that was never filled in.
const SEAL: u64 = 0x6d65_6d63_6f72_6543;

/// Marks the state of an arena.
///
/// \param allocator the handle.
/// \param checkpoint where the mark is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNSUPPORTED` iff the strategy has no checkpoints;
/// `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_checkpoint(
    allocator: *const memcore_allocator,
    checkpoint: *mut memcore_checkpoint,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, checkpoint) = unsafe { (memcore_allocator::reading(allocator)?, out(checkpoint)?) };
        let mark = state.space.reading().checkpoint()?;
        let position = mark.position;
        checkpoint.write(memcore_checkpoint { position, seal: SEAL ^ position, opaque: pack(mark) });
        Ok::<_, Failure>(())
    })
}

/// Frees every block of an arena that was allocated after a checkpoint.
///
/// \param allocator the handle.
/// \param checkpoint what `memcore_allocator_checkpoint` wrote for this allocator.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_CHECKPOINT` iff the arena was rewound past it since, or it was
/// never filled in; `MEMCORE_STATUS_UNSUPPORTED` iff the strategy has no checkpoints; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(blocks freed).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_rewind(
    allocator: *mut memcore_allocator,
    checkpoint: *const memcore_checkpoint,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks. The opaque words of a checkpoint may be anything.
        let (state, checkpoint) = unsafe { (memcore_allocator::changing(allocator)?, object(checkpoint)?) };
        if checkpoint.seal != SEAL ^ checkpoint.position {
            return Err(memcore_status::BadCheckpoint.into());
        }
        // SAFETY: the seal says that `memcore_allocator_checkpoint` packed it, and the header forbids to change it.
        let mark: Checkpoint = unsafe { unpack(&checkpoint.opaque) };
        state.space.changing().rewind(mark)?;
        Ok::<_, Failure>(())
    })
}
