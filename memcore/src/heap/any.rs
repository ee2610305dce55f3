//! Any heap over any memory, chosen at run time: what a door to another language holds.

use super::region::Heap;
use super::{Borrowed, HeapBlock, Memory, RawHeap, Result, SizeClassHeap};
#[cfg(all(feature = "std", unix))]
use super::{FileMemory, Mapping};
use crate::alloc::{AnyAllocator, Corruption, SizeClassParameters, Stats, Strategy};
use core::ops::Range;
use core::ptr::NonNull;

/// Sends each call to the memory, or the heap, that there is.
macro_rules! delegate {
    ($self:ident, $inner:ident, $call:expr, [$($(#[$attribute:meta])* $variant:path),+ $(,)?]) => {
        match $self { $($(#[$attribute])* $variant($inner) => $call,)+ }
    };
}

/// Memory of any kind.
#[derive(Debug)]
pub enum AnyMemory {
    /// The caller's, for as long as the heap lives.
    Borrowed(Borrowed<'static>),
    /// The operating system's.
    #[cfg(all(feature = "std", unix))]
    Mapping(Mapping),
    /// A file's.
    #[cfg(all(feature = "std", unix))]
    File(FileMemory),
}

macro_rules! memory {
    ($self:ident, $inner:ident => $call:expr) => {
        delegate!(
            $self,
            $inner,
            $call,
            [
                AnyMemory::Borrowed,
                #[cfg(all(feature = "std", unix))]
                AnyMemory::Mapping,
                #[cfg(all(feature = "std", unix))]
                AnyMemory::File,
            ]
        )
    };
}

// SAFETY: each call is one of the memory that there is, which keeps the promise.
unsafe impl Memory for AnyMemory {
    fn start(&self) -> NonNull<u8> {
        memory!(self, memory => memory.start())
    }
    fn len(&self) -> usize {
        memory!(self, memory => memory.len())
    }
    fn limit(&self) -> usize {
        memory!(self, memory => memory.limit())
    }
    fn grow(&mut self, len: usize) -> Result<()> {
        memory!(self, memory => memory.grow(len))
    }
    fn give_back(&mut self, range: Range<usize>) -> usize {
        memory!(self, memory => memory.give_back(range))
    }
    fn starts_zeroed(&self) -> bool {
        memory!(self, memory => memory.starts_zeroed())
    }
    fn is_initialised(&self) -> bool {
        memory!(self, memory => memory.is_initialised())
    }
    fn sync(&mut self) -> Result<()> {
        memory!(self, memory => memory.sync())
    }
}

macro_rules! heap {
    ($self:ident, $inner:ident => $call:expr) => {
        delegate!($self, $inner, $call, [AnyHeap::SizeClasses, AnyHeap::Region])
    };
}

/// A heap of any strategy over memory of any kind.
///
/// Size classes have a heap of their own, without headers; every other strategy is a [`Heap`].
///
/// ```
/// use memcore::heap::{AnyHeap, AnyMemory, Mapping, MappingOptions, RawHeap};
/// let memory = AnyMemory::Mapping(Mapping::reserve(MappingOptions::new(1 << 30))?);
/// let mut heap = AnyHeap::new(&"best-fit".parse()?, memory)?;
/// let block = heap.allocate(100, 16)?;
/// assert_eq!(heap.header(), 8);
/// heap.free(block.as_ptr())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[expect(clippy::large_enum_variant, reason = "there are few heaps, and each lives long")]
pub enum AnyHeap {
    /// Size classes, without headers.
    SizeClasses(SizeClassHeap<AnyMemory>),
    /// Any other strategy, with headers.
    Region(Heap<AnyAllocator, AnyMemory>),
}

impl AnyHeap {
    /// A heap of this strategy. Size classes without a `page` have the parameters that serve a heap best.
    ///
    /// # Errors
    /// Those of [`SizeClassHeap::with_parameters`] and [`Heap::new`].
    pub fn new(strategy: &Strategy, memory: AnyMemory) -> Result<Self> {
        let Strategy::SizeClasses(parameters) = strategy else {
            return Ok(AnyHeap::Region(Heap::new(strategy, memory)?));
        };
        let best = SizeClassHeap::<AnyMemory>::default_parameters();
        let parameters = match *parameters == SizeClassParameters::default() {
            true => best,
            false if parameters.page == 1 => SizeClassParameters { page: best.page, ..parameters.clone() },
            false => parameters.clone(),
        };
        let mut storage = crate::alloc::storage::Growable::default();
        Ok(AnyHeap::SizeClasses(SizeClassHeap::with_parameters(memory, &parameters, &mut storage)?))
    }

    /// Bytes in front of each block, as a replay has to be told. O(1).
    pub fn header(&self) -> usize {
        match self {
            AnyHeap::SizeClasses(_) => 0,
            AnyHeap::Region(_) => super::HEADER,
        }
    }

    /// The memory under the heap. O(1).
    pub fn memory(&self) -> &AnyMemory {
        heap!(self, heap => heap.memory())
    }
}

// SAFETY: each call is one of the heap that there is, which keeps the promise.
unsafe impl RawHeap for AnyHeap {
    fn allocate(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        heap!(self, heap => heap.allocate(size, alignment))
    }
    fn allocate_zeroed(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        heap!(self, heap => heap.allocate_zeroed(size, alignment))
    }
    fn free(&mut self, block: *mut u8) -> Result<usize> {
        heap!(self, heap => heap.free(block))
    }
    fn resize_in_place(&mut self, block: *mut u8, size: usize) -> Result<usize> {
        heap!(self, heap => heap.resize_in_place(block, size))
    }
    fn reallocate(&mut self, block: *mut u8, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        heap!(self, heap => heap.reallocate(block, size, alignment))
    }
    fn usable_size(&self, block: *const u8) -> Result<usize> {
        heap!(self, heap => heap.usable_size(block))
    }
    fn contains(&self, address: *const u8) -> bool {
        heap!(self, heap => heap.contains(address))
    }
    fn visit_blocks(&self, visit: &mut dyn FnMut(HeapBlock)) {
        heap!(self, heap => heap.visit_blocks(visit))
    }
    fn stats(&self) -> Stats {
        heap!(self, heap => heap.stats())
    }
    fn metadata_bytes(&self) -> usize {
        heap!(self, heap => heap.metadata_bytes())
    }
    fn trim(&mut self) -> usize {
        heap!(self, heap => heap.trim())
    }
    fn validate(&self) -> core::result::Result<(), Corruption> {
        heap!(self, heap => heap.validate())
    }
}
