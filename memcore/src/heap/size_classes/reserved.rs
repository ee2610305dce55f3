//! Memory and tables from the operating system at once: the form in which the heap is fastest.
//!
//! ```text
//! space    [ usable | reserved .......................... ]    limit
//! tables   [ spans .... | strategy .... | pages ........ ]    as many as the limit can need; touched as they are used
//! ```
//!
//! Tables that lie in one piece are found by an addition, and a reservation costs addresses alone. Nothing is taken from
//! another allocator, so that this heap can be the only one of a program.

use super::super::{Mapping, MappingOptions, Memory, Result};
use super::SizeClassHeap;
use crate::alloc::SizeClassParameters;
use crate::alloc::size_classes::span_words;
use crate::alloc::storage::Fixed;
use core::ops::Range;
use core::ptr::NonNull;

/// A [`Mapping`] and the tables of the heap in it.
#[derive(Debug)]
pub struct MappingWithTables {
    space: Mapping,
    /// Only held: the heap's tables lie in it.
    _tables: Mapping,
}

// SAFETY: it is the space's.
unsafe impl Memory for MappingWithTables {
    fn start(&self) -> NonNull<u8> {
        self.space.start()
    }

    fn len(&self) -> usize {
        self.space.len()
    }

    fn limit(&self) -> usize {
        self.space.limit()
    }

    fn grow(&mut self, len: usize) -> Result<()> {
        self.space.grow(len)
    }

    fn give_back(&mut self, range: Range<usize>) -> usize {
        self.space.give_back(range)
    }

    fn starts_zeroed(&self) -> bool {
        true
    }
}

/// A heap whose memory and tables are the operating system's.
pub type MappedHeap = SizeClassHeap<MappingWithTables, Fixed<'static>>;

impl MappedHeap {
    /// A heap that grows up to the limit of the options. O(1): nothing is touched yet.
    ///
    /// ```
    /// use memcore::heap::{MappedHeap, MappingOptions, RawHeap};
    /// let mut heap = MappedHeap::reserve(MappingOptions::new(1 << 36))?;
    /// let block = heap.allocate(3 << 20, 4096)?;
    /// heap.free(block.as_ptr())?;
    /// # Ok::<(), memcore::heap::HeapError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Mapping::reserve`].
    pub fn reserve(options: MappingOptions) -> Result<Self> {
        Self::reserve_with(options, &Self::default_parameters())
    }

    /// The same with parameters of the caller's choice.
    ///
    /// # Errors
    /// Those of [`reserve`](Self::reserve) and [`SizeClassHeap::with_parameters`].
    pub fn reserve_with(options: MappingOptions, parameters: &SizeClassParameters) -> Result<Self> {
        let space = Mapping::reserve(options)?;
        let page = usize::try_from(parameters.page).unwrap_or(usize::MAX).max(super::GRANULARITY);
        let pages = space.limit() / page + 1;
        let most = u32::try_from(pages).unwrap_or(u32::MAX);
        let words = span_words(space.limit() as u64, parameters, most)? + pages.div_ceil(2) + 1;
        let bytes = words.saturating_mul(size_of::<u64>());
        let tables = Mapping::reserve(MappingOptions::new(bytes).initial(bytes))?;
        // SAFETY: the words lie in the mapping, which is page-aligned and zeroed, and is given to the heap below
        // together with them: it is dropped after the tables, and nobody else has its address.
        let words = unsafe { core::slice::from_raw_parts_mut(tables.start().as_ptr().cast::<u64>(), words) };
        let mut storage = Fixed::zeroed(words, most);
        SizeClassHeap::with_parameters(MappingWithTables { space, _tables: tables }, parameters, &mut storage)
    }
}
