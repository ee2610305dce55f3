//! A program's allocator: a [`ThreadedHeap`] that makes itself at the first call.
//!
//! ```text
//! #[global_allocator] static HEAP: GlobalHeap = GlobalHeap::new();
//!   first allocation --> reserves addresses: 1 TiB, or the half of that, ... as much as the system gives
//!   address of no block in dealloc --> nothing is freed, and it is counted: see `refused`
//! ```

use super::{MappingOptions, Result, ThreadedHeap};
use core::alloc::{GlobalAlloc, Layout};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::OnceLock;

/// Addresses that are asked for first.
const MOST: usize = 1 << 40;
/// Below this it is given up.
const LEAST: usize = 1 << 24;

/// The allocator of a whole program, for all its threads.
///
/// ```
/// use memcore::heap::GlobalHeap;
///
/// #[global_allocator]
/// static HEAP: GlobalHeap = GlobalHeap::new();
///
/// let words: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
/// assert_eq!(words[999], "999");
/// assert!(HEAP.heap().unwrap().stats().used > 24_000);
/// assert_eq!(HEAP.refused(), 0);
/// ```
pub struct GlobalHeap {
    heap: OnceLock<Option<ThreadedHeap>>,
    limit: usize,
    refused: AtomicU64,
}

impl Default for GlobalHeap {
    fn default() -> Self {
        Self::new()
    }
}

impl GlobalHeap {
    /// A heap that takes as much as the system has.
    pub const fn new() -> Self {
        Self::with_limit(MOST)
    }

    /// A heap of at most `limit` bytes.
    pub const fn with_limit(limit: usize) -> Self {
        GlobalHeap { heap: OnceLock::new(), limit, refused: AtomicU64::new(0) }
    }

    /// The heap; none where the system gives no addresses.
    #[inline]
    pub fn heap(&self) -> Option<&ThreadedHeap> {
        self.heap.get_or_init(|| self.reserve()).as_ref()
    }

    /// How many addresses came back that no live block begins at: each is a fault of the program, and was left alone.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Systems limit a process' addresses in ways that only trying tells.
    #[cold]
    fn reserve(&self) -> Option<ThreadedHeap> {
        let halves = core::iter::successors(Some(self.limit), |&limit| Some(limit / 2));
        let enough = |&limit: &usize| limit > 0 && (limit == self.limit || limit >= LEAST);
        halves
            .take_while(enough)
            .take(usize::BITS as usize)
            .find_map(|limit| ThreadedHeap::reserve(MappingOptions::new(limit)).ok())
    }

    /// Counts a refusal of an address; want of room is none.
    pub(super) fn noted<T>(&self, result: Result<T>) -> Option<T> {
        use super::HeapError::{DoubleFree, NotABlock, NotInHeap};
        if matches!(result, Err(NotInHeap { .. } | NotABlock { .. } | DoubleFree { .. })) {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        result.ok()
    }
}

// SAFETY: the heap's blocks are valid for their sizes and alignments, disjoint, and stay until they are freed; where
// there is no heap, nothing is handed out. No call panics or unwinds.
unsafe impl GlobalAlloc for GlobalHeap {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let block = self.heap().and_then(|heap| heap.allocate(layout.size(), layout.align()).ok());
        block.map_or(null_mut(), |block| block.as_ptr())
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
        if let Some(heap) = self.heap() {
            // SAFETY: the caller's promise to every allocator.
            self.noted(unsafe { heap.free(block) });
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let block = self.heap().and_then(|heap| heap.allocate_zeroed(layout.size(), layout.align()).ok());
        block.map_or(null_mut(), |block| block.as_ptr())
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise to every allocator.
        let moved =
            self.heap().and_then(|heap| self.noted(unsafe { heap.reallocate(block, size, layout.align()) }));
        moved.map_or(null_mut(), |block| block.as_ptr())
    }
}
