//! One heap for many threads, one heap for many collections: a lock, or for one thread a check.
//!
//! ```text
//! Locked<H>      thread ->[ lock ]-> H     any thread; also the global allocator of a program
//! LocalHeap<H>   call   ->[ flag ]-> H     one thread; no lock
//! ```
//!
//! A reference to either is an allocator of `allocator_api2`, so that its collections and those of `hashbrown` live in any
//! heap of this library.

use super::RawHeap;
use super::layouts::{Lend, collections_live_in, global_in};
use core::cell::RefCell;
use core::ops::DerefMut;

/// A heap behind one lock, for any number of threads.
///
/// With `std` the lock is the system's ([`std::sync::Mutex`], whose poison is ignored: a heap is as it was before a call
/// that did not return); else it spins. It can be the global allocator of a program: an error is null then, and a
/// `dealloc` of an address that is none of the heap's blocks does nothing.
///
/// ```
/// use memcore::heap::{Borrowed, Heap, Locked, RawHeap};
/// let mut bytes = [0u8; 1 << 16];
/// let heap = Locked::new(Heap::new(&"tlsf".parse()?, Borrowed::new(&mut bytes))?);
/// std::thread::scope(|scope| {
///     for thread in 0..4u8 {
///         let heap = &heap;
///         scope.spawn(move || {
///             let mut numbers = allocator_api2::vec::Vec::new_in(heap);
///             numbers.extend([thread; 100]);
///         });
///     }
/// });
/// assert_eq!(heap.look(|heap| heap.stats().blocks), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Locked<H> {
    #[cfg(feature = "std")]
    heap: std::sync::Mutex<H>,
    #[cfg(not(feature = "std"))]
    heap: spin::Mutex<H>,
}

#[cfg(feature = "std")]
impl<H> Locked<H> {
    /// A lock around a heap. O(1).
    pub const fn new(heap: H) -> Self {
        Locked { heap: std::sync::Mutex::new(heap) }
    }

    /// Waits until no other thread has the heap, and has it until what is returned goes.
    ///
    /// # Safety
    /// A block that a value of safe code lives in, a box or a collection that has this heap as its allocator, is not
    /// freed, moved or resized, and the heap stays the same one.
    pub unsafe fn lock(&self) -> impl DerefMut<Target = H> + '_ {
        self.heap.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The heap itself. O(1).
    pub fn into_inner(self) -> H {
        self.heap.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(not(feature = "std"))]
impl<H> Locked<H> {
    /// A lock around a heap. O(1).
    pub const fn new(heap: H) -> Self {
        Locked { heap: spin::Mutex::new(heap) }
    }

    /// Waits until no other thread has the heap, and has it until what is returned goes.
    ///
    /// # Safety
    /// A block that a value of safe code lives in, a box or a collection that has this heap as its allocator, is not
    /// freed, moved or resized, and the heap stays the same one.
    pub unsafe fn lock(&self) -> impl DerefMut<Target = H> + '_ {
        self.heap.lock()
    }

    /// The heap itself. O(1).
    pub fn into_inner(self) -> H {
        self.heap.into_inner()
    }
}

impl<H> Locked<H> {
    /// Shows the heap, for its figures and blocks, while it is locked.
    pub fn look<R>(&self, call: impl FnOnce(&H) -> R) -> R {
        // SAFETY: a shared reference to a heap changes nothing.
        let heap = unsafe { self.lock() };
        call(&heap)
    }
}

impl<H: RawHeap + Send> Lend for Locked<H> {
    type Heap = H;

    #[inline]
    fn lend<R>(&self, call: impl FnOnce(&mut H) -> R) -> Option<R> {
        // SAFETY: the collections' own calls, each about its own blocks.
        let mut heap = unsafe { self.lock() };
        Some(call(&mut heap))
    }
}

collections_live_in!(for [H: RawHeap + Send] Locked<H>);
global_in!(for [H: RawHeap + Send] Locked<H>);

/// A heap that the collections of one thread share, without a lock.
///
/// A call from within a call (by a heap that is told of its own work, say) is refused with an error.
///
/// ```
/// use memcore::heap::{Borrowed, Heap, LocalHeap, RawHeap};
/// let mut bytes = [0u8; 1 << 16];
/// let heap = LocalHeap::new(Heap::new(&"best-fit".parse()?, Borrowed::new(&mut bytes))?);
/// let mut squares = hashbrown::HashMap::with_hasher_in(foldhash::fast::FixedState::default(), &heap);
/// squares.extend((0..100u64).map(|number| (number, number * number)));
/// assert_eq!(squares[&7], 49);
/// drop(squares);
/// assert_eq!(heap.into_inner().stats().blocks, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LocalHeap<H> {
    heap: RefCell<H>,
}

impl<H> LocalHeap<H> {
    /// A heap to be shared. O(1).
    pub const fn new(heap: H) -> Self {
        LocalHeap { heap: RefCell::new(heap) }
    }

    /// Calls `call` with the heap, and gives what it gives; `None` from within such a call.
    ///
    /// # Safety
    /// A block that a value of safe code lives in, a box or a collection that has this heap as its allocator, is not
    /// freed, moved or resized, and the heap stays the same one.
    pub unsafe fn with<R>(&self, call: impl FnOnce(&mut H) -> R) -> Option<R> {
        self.heap.try_borrow_mut().ok().map(|mut heap| call(&mut heap))
    }

    /// The heap itself. O(1).
    pub fn into_inner(self) -> H {
        self.heap.into_inner()
    }
}

impl<H: RawHeap> Lend for LocalHeap<H> {
    type Heap = H;

    #[inline]
    fn lend<R>(&self, call: impl FnOnce(&mut H) -> R) -> Option<R> {
        // SAFETY: the collections' own calls, each about its own blocks.
        unsafe { self.with(call) }
    }
}

collections_live_in!(for [H: RawHeap] LocalHeap<H>);
