//! Heaps over real bytes: the strategies of [`alloc`](crate::alloc) bound to memory, fast enough to ship.
//!
//! ```text
//!   GlobalAlloc, allocator_api2, malloc-like functions of C, buffers of Python
//!        |
//!   Checked<H>    redzones, poison, quarantine, tags, leaks            at run time, around any heap
//!        |
//!   RawHeap: allocate, zeroed, aligned, reallocate, free, usable size  every address is checked, in O(1)
//!        |
//!   +----+----------------+----------------------+--------------------+
//!   Heap<A, M>            SizeClassHeap<M>       HandleHeap<A, M>     PersistentHeap<M>
//!   any strategy,         no headers,            blocks move,         offsets, survives
//!   8-byte headers        the fastest            handles stay         its process
//!        |                     |                      |                    |
//!        +---------------------+----------------------+--------------------+
//!                              |
//!   Memory: Borrowed (slice, static array, shared memory, file), Mapping (reserved, grows in place)
//!
//!   for values of one type or one lifetime:  Pool<T>, Arena, DoubleStack, Ring
//! ```
//!
//! A strategy decides *where*; a heap keeps the bytes, and answers for addresses that come back from outside. Because
//! the strategy is the very one that [`replay`](../replay/index.html) measures, a replay with the heap's header and
//! granularity predicts the heap to the byte.
//!
//! # What is checked
//!
//! Any address may be given to `free`, `reallocate` and `usable_size`. The answer is exact and takes constant time:
//!
//! | address | error |
//! |---|---|
//! | null, or outside the heap's memory | [`NotInHeap`](HeapError::NotInHeap) |
//! | inside, but no block begins there | [`NotABlock`](HeapError::NotABlock) |
//! | a block that was freed, where the tables still know | [`DoubleFree`](HeapError::DoubleFree) |
//! | a block whose header was written over | [`HeaderSmashed`](HeapError::HeaderSmashed) |
//!
//! Use of an address after it was given out again cannot be seen by its number: a
//! checked heap's quarantine, or the ids of a [`HandleHeap`](crate::heap), find that.

mod any;
pub mod arena;
pub mod checked;
pub mod double_stack;
mod error;
#[cfg(all(feature = "std", unix))]
pub mod global;
pub mod handle;
mod layouts;
pub mod locked;
mod memory;
pub mod persistent;
pub mod pool;
mod raw;
pub mod region;
pub mod ring;
pub mod size_classes;
pub mod static_heap;
#[cfg(all(feature = "std", unix))]
pub mod threads;

pub use any::{AnyHeap, AnyMemory};
pub use arena::{Arena, Checkpoint, RawArena};
pub use checked::{ALLOCATED_BYTE, CallSite, Checked, Checks, FREED_BYTE, Leak, LeakGroup, REDZONE_BYTE};
pub use double_stack::DoubleStack;
pub use error::{HeapError, Result};
#[cfg(all(feature = "std", unix))]
pub use global::GlobalHeap;
pub use handle::{Compaction, HandleHeap};
pub use locked::{LocalHeap, Locked};
pub use memory::{Borrowed, Memory};
#[cfg(all(feature = "std", unix))]
pub use memory::{FileMemory, HugePages, Mapping, MappingOptions};
pub use persistent::{Offset, PersistentBlock, PersistentHeap, PersistentView, ROOTS, Recovery};
pub use pool::{FixedPool, Handle, Pool, RawPool, Refused};
pub use raw::{HeapBlock, MOST_BYTES, RawHeap};
pub use region::{HEADER, Heap, start_words};
pub use ring::Ring;
pub use size_classes::SizeClassHeap;
#[cfg(all(feature = "std", unix))]
pub use size_classes::{MappedHeap, MappingWithTables};
pub use static_heap::StaticHeap;
#[cfg(all(feature = "std", unix))]
pub use threads::ThreadedHeap;
