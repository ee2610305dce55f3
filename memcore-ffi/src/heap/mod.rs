//! Heaps over real bytes: pointers, checks, arenas, pools, handles, images that survive their process.
//!
//! ```text
//!   memory.rs    where the bytes come from           handle.rs     the handles: which kind, who may use them when
//!   create.rs    how a heap comes and goes           arena.rs, pool.rs, stacks.rs, ring.rs
//!   calls.rs     its calls on blocks                 blocks.rs     blocks that move while their handles stay
//!   query.rs     its figures                         persistent.rs, image.rs, view.rs   offsets in place of pointers
//!   checks.rs    what is checked, and what is found  threads.rs    a heap for all threads
//!   leaks.rs     what is left                        malloc.rs     malloc and its kin, under a prefix
//! ```

mod arena;
mod blocks;
mod calls;
mod checks;
mod create;
mod handle;
mod image;
mod leaks;
#[cfg(unix)]
mod malloc;
mod memory;
mod persistent;
mod pool;
mod query;
mod ring;
mod stacks;
#[cfg(unix)]
mod threads;
mod view;

use memcore::heap::HeapError;

use crate::status::memcore_status;

impl From<HeapError> for memcore_status {
    fn from(error: HeapError) -> Self {
        match error {
            HeapError::Alloc(error) => error.into(),
            HeapError::NotInHeap { .. } => memcore_status::HeapNotInHeap,
            HeapError::NotABlock { .. } => memcore_status::HeapNotABlock,
            HeapError::DoubleFree { .. } => memcore_status::DoubleFree,
            HeapError::HeaderSmashed { .. } => memcore_status::HeapHeaderSmashed,
            HeapError::RedzoneSmashed { .. } => memcore_status::HeapRedzoneSmashed,
            HeapError::FreedWritten { .. } => memcore_status::HeapFreedWritten,
            HeapError::NoRoomInPlace { .. } => memcore_status::NoRoomInPlace,
            HeapError::MemoryLimit { .. } => memcore_status::HeapMemoryLimit,
            HeapError::System { .. } => memcore_status::HeapSystem,
            HeapError::BadMemory { .. } => memcore_status::HeapBadMemory,
            HeapError::BadParameter { .. } => memcore_status::BadParameter,
            HeapError::StaleHandle { .. } => memcore_status::HeapStaleHandle,
            HeapError::Held { .. } => memcore_status::HeapHeld,
            HeapError::NotHeld { .. } => memcore_status::HeapNotHeld,
            HeapError::BadImage { .. } => memcore_status::HeapBadImage,
            HeapError::NotOldest { .. } => memcore_status::HeapNotOldest,
            _ => memcore_status::Other,
        }
    }
}
