//! Allocators: who gets which range of an abstract space `[0, capacity)`.
//!
//! One opaque handle stands for an allocator of any strategy, in growable tables or in memory that the caller
//! gave. What C sees of it:
//!
//! ```text
//!   create.rs      how a handle comes and goes      types.rs     the plain structs, converted from the engine's
//!   operations.rs  what changes the space           handle.rs    the handle: who may use it when
//!   query.rs       what reads its blocks            token.rs     engine values inside plain structs
//!   figures.rs     what reads it as a whole        picture.rs   a space as text
//!   iterate.rs     regions by visitor and cursor    arena.rs     checkpoint and rewind
//!   compact.rs     plans, moves, commit             watch.rs     limit and listener
//!   worst.rs       the capacity that can never fail
//! ```

mod arena;
mod compact;
mod create;
mod figures;
mod handle;
mod iterate;
mod operations;
mod picture;
mod query;
mod token;
mod types;
mod watch;
mod worst;

pub(crate) use compact::memcore_budget;
pub(crate) use figures::memcore_corruption;
pub(crate) use types::memcore_stats;
pub(crate) use watch::MEMCORE_NO_LIMIT;

use memcore::alloc::AllocError;

use crate::status::memcore_status;

impl From<AllocError> for memcore_status {
    fn from(error: AllocError) -> Self {
        match error {
            AllocError::ZeroSize => memcore_status::ZeroSize,
            AllocError::TooLarge { .. } => memcore_status::TooLarge,
            AllocError::BadAlignment { .. } => memcore_status::BadAlignment,
            AllocError::BadBias { .. } => memcore_status::BadBias,
            AllocError::Overflow { .. } => memcore_status::Overflow,
            AllocError::OutOfSpace { .. } => memcore_status::OutOfSpace,
            AllocError::OutOfMetadata { .. } => memcore_status::OutOfMetadata,
            AllocError::LimitExceeded { .. } => memcore_status::LimitExceeded,
            AllocError::StaleId { .. } => memcore_status::StaleId,
            AllocError::DoubleFree { .. } => memcore_status::DoubleFree,
            AllocError::UnknownId { .. } => memcore_status::UnknownId,
            AllocError::UnknownStart { .. } => memcore_status::UnknownStart,
            AllocError::UnknownOffset { .. } => memcore_status::UnknownOffset,
            AllocError::NotTop { .. } => memcore_status::NotTop,
            AllocError::RangeTaken { .. } => memcore_status::RangeTaken,
            AllocError::BadStart { .. } => memcore_status::BadStart,
            AllocError::NoRoomInPlace { .. } => memcore_status::NoRoomInPlace,
            AllocError::CapacityShrink { .. } => memcore_status::CapacityShrink,
            AllocError::BadParameter { .. } => memcore_status::BadParameter,
            AllocError::Unsupported { .. } => memcore_status::Unsupported,
            AllocError::NoAddressIndex { .. } => memcore_status::NoAddressIndex,
            AllocError::NoTags => memcore_status::NoTags,
            AllocError::BadCheckpoint { .. } => memcore_status::BadCheckpoint,
            AllocError::OutdatedPlan { .. } => memcore_status::OutdatedPlan,
            AllocError::Reentered => memcore_status::Reentered,
            _ => memcore_status::Other,
        }
    }
}
