//! The room `heap`: blocks of real bytes, lent through the buffer protocol.
//!
//! ```text
//! NumPy, memoryview --> export --> HeapBlock --> Heap, Pool, Arena, ... --> Room --> engine --> memory
//!                         |                                                  |
//!                         +---- Entry: live? address, size, views ----------+        a table by address
//! ```
//!
//! A view keeps its block alive, the block its heap, the heap its memory. Nothing with views is freed, moved or taken
//! back: such a call raises `HasViewsError`, which is a `BufferError`.

pub mod arena;
pub mod block;
pub mod buffer;
pub mod checks;
pub mod double_stack;
pub mod entry;
pub mod errors;
pub mod handle;
pub mod handle_heap;
#[allow(clippy::module_inception)] // the class of that name
pub mod heap;
pub mod image_view;
pub mod memory;
pub mod persistent;
pub mod pool;
pub mod report;
pub mod ring;
pub mod room;
