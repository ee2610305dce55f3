//! Single values in an arena.

use super::super::{HeapError, Result};
use super::Arena;
use super::drops::{Drops, One};
use crate::alloc::AllocError;
use core::alloc::Layout;
use core::mem::needs_drop;
use std_alloc::alloc::handle_alloc_error;

/// The end of a program that does not go on without memory.
#[cold]
#[inline(never)]
pub(super) fn out_of_memory(error: HeapError) -> ! {
    if let HeapError::Alloc(AllocError::OutOfSpace { size, alignment, .. }) = error {
        if let Ok(layout) = Layout::from_size_align(size as usize, alignment as usize) {
            handle_alloc_error(layout);
        }
    }
    panic!("{error}");
}

#[expect(clippy::mut_from_ref, reason = "every call hands out bytes that nobody else has")]
impl<'a> Arena<'a> {
    /// Stores a value, and drops it when the arena is rewound or goes. O(1).
    ///
    /// ```
    /// # use memcore::heap::Arena;
    /// let arena = Arena::new();
    /// let (a, b) = (arena.alloc(1), arena.alloc(String::from("b")));
    /// *a += b.len();
    /// assert_eq!(*a, 2);
    /// ```
    ///
    /// # Panics
    /// As `Box::new` when there is no memory: see [`handle_alloc_error`]. [`try_alloc`](Self::try_alloc) does not.
    #[inline(always)]
    pub fn alloc<T: 'a>(&self, value: T) -> &mut T {
        self.alloc_with(|| value)
    }

    /// The same with an error when there is no memory, which drops the value. O(1).
    ///
    /// # Errors
    /// As [`alloc_layout`](Self::alloc_layout).
    #[inline(always)]
    pub fn try_alloc<T: 'a>(&self, value: T) -> Result<&mut T> {
        self.try_alloc_with(|| value)
    }

    /// Stores what `make` returns, made in its place where the compiler can. When `make` panics nothing is stored.
    /// O(1).
    ///
    /// # Panics
    /// As [`alloc`](Self::alloc).
    #[inline(always)]
    pub fn alloc_with<T: 'a>(&self, make: impl FnOnce() -> T) -> &mut T {
        match self.try_alloc_with(make) {
            Ok(value) => value,
            Err(error) => out_of_memory(error),
        }
    }

    /// The same with an error when there is no memory; `make` is not called then. O(1).
    ///
    /// # Errors
    /// As [`alloc_layout`](Self::alloc_layout).
    #[inline(always)]
    pub fn try_alloc_with<T: 'a>(&self, make: impl FnOnce() -> T) -> Result<&mut T> {
        if !needs_drop::<T>() {
            return self.store(make);
        }
        let block = self.alloc_layout(Layout::new::<One<T>>())?.cast::<One<T>>();
        let value = make();
        // SAFETY: the block is new, and holds a record and a value.
        unsafe {
            let place = &raw mut (*block.as_ptr()).value;
            place.write(value);
            // `make` may have stored other values: they were there first, and are dropped after this one.
            let record = block.cast::<Drops>();
            record.write(Drops { previous: self.drops.get(), drop: One::<T>::drop });
            self.drops.set(Some(record));
            Ok(&mut *place)
        }
    }

    /// Stores a value whose destructor will never run: of any type, also one that refers to other values in this
    /// arena. O(1).
    ///
    /// ```
    /// # use memcore::heap::Arena;
    /// struct Node<'n> {
    ///     next: Option<&'n Node<'n>>,
    /// }
    /// let arena = Arena::new();
    /// let last = arena.alloc_undropped(Node { next: None });
    /// let first = arena.alloc_undropped(Node { next: Some(last) });
    /// assert!(first.next.is_some_and(|node| node.next.is_none()));
    /// ```
    ///
    /// # Panics
    /// As [`alloc`](Self::alloc).
    #[inline(always)]
    pub fn alloc_undropped<T>(&self, value: T) -> &mut T {
        match self.store(|| value) {
            Ok(value) => value,
            Err(error) => out_of_memory(error),
        }
    }

    /// The same with an error when there is no memory, which drops the value. O(1).
    ///
    /// # Errors
    /// As [`alloc_layout`](Self::alloc_layout).
    #[inline(always)]
    pub fn try_alloc_undropped<T>(&self, value: T) -> Result<&mut T> {
        self.store(|| value)
    }

    #[inline(always)]
    fn store<T>(&self, make: impl FnOnce() -> T) -> Result<&mut T> {
        let mut block = self.alloc_layout(Layout::new::<T>())?.cast::<T>();
        // SAFETY: the block is new, aligned and as large as the value.
        unsafe {
            block.write(make());
            Ok(block.as_mut())
        }
    }
}
