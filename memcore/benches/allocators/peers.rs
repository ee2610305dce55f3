//! The peers from crates.io. All but offset-allocator and range-alloc manage real memory, which they get as one
//! zeroed reservation that the system backs as it is touched.

use super::contender::{Contender, Entry, Handle, Run, bench};
use std::alloc::Layout;
use std::ptr::NonNull;

/// Memory for an allocator that writes into it; leaked on purpose, since some peers want it to live for ever.
fn arena(bytes: u64) -> (*mut u8, usize) {
    let layout = Layout::from_size_align(bytes as usize, 1 << 12).expect("a size that exists");
    // SAFETY: the layout's size is not 0.
    let start = unsafe { std::alloc::alloc_zeroed(layout) };
    assert!(!start.is_null(), "no memory for the peers' arena");
    (start, bytes as usize)
}

fn layout(size: u32) -> Layout {
    Layout::from_size_align(size as usize, 16).expect("16 is a power of two")
}

/// Keeps the highest end seen, for peers over real memory.
struct Extent {
    base: usize,
    highest: usize,
}

impl Extent {
    fn handle(&mut self, pointer: NonNull<u8>, size: u32) -> Handle {
        let start = pointer.as_ptr() as usize;
        self.highest = self.highest.max(start + size as usize);
        (start as u64, size.into())
    }

    fn footprint(&self) -> Option<u64> {
        Some((self.highest - self.base.min(self.highest)) as u64)
    }
}

fn pointer((start, _): Handle) -> NonNull<u8> {
    NonNull::new(start as *mut u8).expect("a pointer that this peer gave")
}

struct Offset {
    inner: offset_allocator::Allocator<u32>,
    footprint: u64,
}

impl Contender for Offset {
    #[inline]
    fn allocate(&mut self, size: u32) -> Option<Handle> {
        let allocation = self.inner.allocate(size)?;
        self.footprint = self.footprint.max(u64::from(allocation.offset) + u64::from(size));
        // An allocation is two words, of which one is private; it is kept whole.
        // SAFETY: both types are 8 bytes without padding, and any bits are a valid u64.
        Some((unsafe { std::mem::transmute::<offset_allocator::Allocation<u32>, u64>(allocation) }, 0))
    }

    #[inline]
    fn free(&mut self, (bits, _): Handle) {
        // SAFETY: these bits were such an allocation.
        self.inner.free(unsafe { std::mem::transmute::<u64, offset_allocator::Allocation<u32>>(bits) });
    }

    fn footprint(&self) -> Option<u64> {
        Some(self.footprint)
    }

    fn metadata(&self) -> Option<(usize, u64)> {
        None
    }
}

struct Ranges {
    inner: range_alloc::RangeAllocator<u64>,
    footprint: u64,
}

impl Contender for Ranges {
    fn allocate(&mut self, size: u32) -> Option<Handle> {
        let range = self.inner.allocate_range(size.into()).ok()?;
        self.footprint = self.footprint.max(range.end);
        Some((range.start, range.end))
    }

    fn free(&mut self, (start, end): Handle) {
        self.inner.free_range(start..end);
    }

    fn footprint(&self) -> Option<u64> {
        Some(self.footprint)
    }

    fn metadata(&self) -> Option<(usize, u64)> {
        None
    }
}

/// A peer over real memory: what it is, how it allocates and how it frees.
macro_rules! in_band {
    ($name:ident, $inner:ty, |$a:ident, $layout:ident| $allocate:expr, |$f:ident, $pointer:ident, $freed:ident| $free:expr) => {
        struct $name {
            inner: $inner,
            extent: Extent,
        }

        impl Contender for $name {
            #[inline]
            fn allocate(&mut self, size: u32) -> Option<Handle> {
                let ($a, $layout) = (&mut self.inner, layout(size));
                // SAFETY: the layout's size is not 0, and the arena is this allocator's alone.
                #[allow(unused_unsafe)]
                let block: Option<NonNull<u8>> = unsafe { $allocate };
                Some(self.extent.handle(block?, size))
            }

            #[inline]
            fn free(&mut self, handle: Handle) {
                let ($f, $pointer, $freed) = (&mut self.inner, pointer(handle), layout(handle.1 as u32));
                // SAFETY: the pointer came from this allocator with this layout and is freed once.
                unsafe { $free }
            }

            fn footprint(&self) -> Option<u64> {
                self.extent.footprint()
            }

            fn metadata(&self) -> Option<(usize, u64)> {
                None
            }
        }
    };
}

in_band!(
    Rlsf,
    rlsf::Tlsf<'static, u32, u32, 28, 32>,
    |inner, layout| inner.allocate(layout),
    |inner, pointer, layout| inner.deallocate(pointer, layout.align())
);
in_band!(
    Talc,
    talc::base::Talc<talc::source::Manual, talc::base::binning::DefaultBinning>,
    |inner, layout| inner.allocate(layout),
    |inner, pointer, layout| inner.deallocate(pointer.as_ptr(), layout)
);
in_band!(
    Dl,
    dlmalloc::Dlmalloc<OneArena>,
    |inner, layout| NonNull::new(inner.malloc(layout.size(), layout.align())),
    |inner, pointer, layout| inner.free(pointer.as_ptr(), layout.size(), layout.align())
);
in_band!(
    LinkedList,
    linked_list_allocator::Heap,
    |inner, layout| inner.allocate_first_fit(layout).ok(),
    |inner, pointer, layout| inner.deallocate(pointer, layout)
);
in_band!(
    BuddySystem,
    buddy_system_allocator::Heap<36>,
    |inner, layout| inner.alloc(layout).ok(),
    |inner, pointer, layout| inner.dealloc(pointer, layout)
);

/// Gives dlmalloc one arena, once.
struct OneArena {
    start: usize,
    bytes: usize,
    given: std::sync::atomic::AtomicBool,
}

// SAFETY: the arena is given out once and is as large as it says; nothing else is ever done with it.
unsafe impl dlmalloc::Allocator for OneArena {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        let first = !self.given.swap(true, std::sync::atomic::Ordering::Relaxed);
        if first && size <= self.bytes {
            (self.start as *mut u8, self.bytes, 1)
        } else {
            (std::ptr::null_mut(), 0, 0)
        }
    }
    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        std::ptr::null_mut()
    }
    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }
    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }
    fn can_release_part(&self, _: u32) -> bool {
        false
    }
    fn allocates_zeros(&self) -> bool {
        true
    }
    fn page_size(&self) -> usize {
        4096
    }
}

fn with_arena<T>(
    capacity: u64,
    make: impl FnOnce(*mut u8, usize) -> T,
    wrap: impl FnOnce(T, Extent) -> Box<dyn Run>,
) -> Box<dyn Run> {
    let (start, bytes) = arena(capacity);
    let inner = make(start, bytes);
    wrap(inner, Extent { base: start as usize, highest: start as usize })
}

/// offset-allocator, to which every other time is a ratio.
pub const REFERENCE: Entry = ("offset-allocator", |capacity, live| {
    let nodes = (live as u32 * 2).max(1 << 10);
    bench(Offset {
        inner: offset_allocator::Allocator::with_max_allocs(capacity.min(u32::MAX.into()) as u32, nodes),
        footprint: 0,
    })
});

/// Peers that stay fast at any number of live blocks.
pub const SCALABLE: &[Entry] = &[
    ("rlsf", |capacity, _| {
        with_arena(
            capacity,
            |start, bytes| {
                let mut inner = rlsf::Tlsf::new();
                // SAFETY: the memory is valid, unused and never freed.
                inner.insert_free_block(unsafe { std::slice::from_raw_parts_mut(start.cast(), bytes) });
                inner
            },
            |inner, extent| bench(Rlsf { inner, extent }),
        )
    }),
    ("talc", |capacity, _| {
        with_arena(
            capacity,
            |start, bytes| {
                let mut inner = talc::base::Talc::new(talc::source::Manual);
                // SAFETY: the memory is valid, unused and never freed.
                unsafe { inner.claim(start, bytes) }.expect("an arena large enough");
                inner
            },
            |inner, extent| bench(Talc { inner, extent }),
        )
    }),
    ("dlmalloc", |capacity, _| {
        with_arena(
            capacity,
            |start, bytes| {
                dlmalloc::Dlmalloc::new_with_allocator(OneArena {
                    start: start as usize,
                    bytes,
                    given: false.into(),
                })
            },
            |inner, extent| bench(Dl { inner, extent }),
        )
    }),
];

/// Peers that search lists: only for small numbers of live blocks.
pub const LISTS: &[Entry] = &[
    ("range-alloc", |capacity, _| {
        bench(Ranges { inner: range_alloc::RangeAllocator::new(0..capacity), footprint: 0 })
    }),
    ("linked_list_allocator", |capacity, _| {
        with_arena(
            capacity,
            // SAFETY: the memory is valid, unused and never freed.
            |start, bytes| unsafe { linked_list_allocator::Heap::new(start, bytes) },
            |inner, extent| bench(LinkedList { inner, extent }),
        )
    }),
    ("buddy_system_allocator", |capacity, _| {
        with_arena(
            capacity,
            |start, bytes| {
                let mut inner = buddy_system_allocator::Heap::new();
                // SAFETY: the memory is valid, unused and never freed.
                unsafe { inner.init(start as usize, bytes) };
                inner
            },
            |inner, extent| bench(BuddySystem { inner, extent }),
        )
    }),
];
