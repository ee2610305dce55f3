//! Slices and strings in an arena.

use super::super::raw::MOST_BYTES;
use super::super::{HeapError, Result};
use super::Arena;
use super::drops::{Drops, Many};
use super::values::out_of_memory;
use crate::alloc::AllocError;
use core::alloc::Layout;
use core::fmt::{self, Write};
use core::mem::needs_drop;
use core::ptr::{self, NonNull};
use core::{slice, str};

/// Values that are being made, one after the other: those that are there are dropped when making the next panics.
struct Growing<T> {
    values: *mut T,
    len: usize,
}

impl<T> Drop for Growing<T> {
    fn drop(&mut self) {
        // SAFETY: so many values were written, and nobody else has them.
        unsafe { ptr::drop_in_place(ptr::slice_from_raw_parts_mut(self.values, self.len)) };
    }
}

fn too_many<T>(len: usize) -> HeapError {
    let size = (len as u64).saturating_mul(size_of::<T>() as u64);
    AllocError::TooLarge { size, capacity: MOST_BYTES as u64 }.into()
}

#[inline(always)]
fn or_end<T>(result: Result<T>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => out_of_memory(error),
    }
}

#[expect(clippy::mut_from_ref, reason = "every call hands out bytes that nobody else has")]
impl<'a> Arena<'a> {
    /// Stores a copy of a slice. O(n).
    ///
    /// # Panics
    /// As [`alloc`](Self::alloc).
    #[inline]
    pub fn alloc_slice_copy<T: Copy>(&self, values: &[T]) -> &mut [T] {
        or_end(self.try_alloc_slice_copy(values))
    }

    /// The same with an error when there is no memory. O(n).
    ///
    /// # Errors
    /// As [`alloc_layout`](Self::alloc_layout).
    #[inline]
    pub fn try_alloc_slice_copy<T: Copy>(&self, values: &[T]) -> Result<&mut [T]> {
        let block = self.alloc_layout(Layout::for_value(values))?.cast::<T>();
        // SAFETY: the block is new, and as long as the slice.
        unsafe {
            ptr::copy_nonoverlapping(values.as_ptr(), block.as_ptr(), values.len());
            Ok(slice::from_raw_parts_mut(block.as_ptr(), values.len()))
        }
    }

    /// Stores a clone of each value, to be dropped with the arena. When a clone panics, those made are dropped. O(n).
    ///
    /// # Panics
    /// As [`alloc`](Self::alloc).
    #[inline]
    pub fn alloc_slice_clone<T: Clone + 'a>(&self, values: &[T]) -> &mut [T] {
        or_end(self.try_alloc_slice_clone(values))
    }

    /// The same with an error when there is no memory. O(n).
    ///
    /// # Errors
    /// As [`alloc_layout`](Self::alloc_layout).
    #[inline]
    pub fn try_alloc_slice_clone<T: Clone + 'a>(&self, values: &[T]) -> Result<&mut [T]> {
        self.try_alloc_slice_fill_with(values.len(), |index| values[index].clone())
    }

    /// Stores `make(0)`, `make(1)`, ... `make(len - 1)`, to be dropped with the arena. When `make` panics, those made
    /// are dropped. O(n).
    ///
    /// ```
    /// # use memcore::heap::Arena;
    /// let arena = Arena::new();
    /// assert_eq!(arena.alloc_slice_fill_with(4, |n| n * n), [0, 1, 4, 9]);
    /// ```
    ///
    /// # Panics
    /// As [`alloc`](Self::alloc).
    #[inline]
    pub fn alloc_slice_fill_with<T: 'a>(&self, len: usize, make: impl FnMut(usize) -> T) -> &mut [T] {
        or_end(self.try_alloc_slice_fill_with(len, make))
    }

    /// The same with an error when there is no memory; `make` is not called then. O(n).
    ///
    /// # Errors
    /// As [`alloc_layout`](Self::alloc_layout).
    #[inline]
    pub fn try_alloc_slice_fill_with<T: 'a>(
        &self,
        len: usize,
        mut make: impl FnMut(usize) -> T,
    ) -> Result<&mut [T]> {
        if len == 0 {
            return Ok(&mut []);
        }
        let dropped = needs_drop::<T>();
        let layout = if dropped { Many::<T>::layout(len) } else { Layout::array::<T>(len).ok() };
        let block = self.alloc_layout(layout.ok_or_else(|| too_many::<T>(len))?)?;
        let record = block.cast::<Drops>();
        // SAFETY: with destructors the block begins with a record.
        let values = if dropped { unsafe { Many::<T>::values(record) } } else { block.as_ptr().cast() };
        let mut growing = Growing { values, len: 0 };
        while growing.len < len {
            let value = make(growing.len);
            // SAFETY: the block has room for `len` values.
            unsafe { values.add(growing.len).write(value) };
            growing.len += 1;
        }
        core::mem::forget(growing);
        // SAFETY: all values are there, in a block that is new; a record fits in front of them.
        unsafe {
            if dropped {
                (&raw mut (*record.cast::<Many<T>>().as_ptr()).len).write(len);
                record.write(Drops { previous: self.drops.get(), drop: Many::<T>::drop });
                self.drops.set(Some(record));
            }
            Ok(slice::from_raw_parts_mut(values, len))
        }
    }

    /// Stores a copy of a string. O(n).
    ///
    /// # Panics
    /// As [`alloc`](Self::alloc).
    #[inline]
    pub fn alloc_str(&self, text: &str) -> &mut str {
        or_end(self.try_alloc_str(text))
    }

    /// The same with an error when there is no memory. O(n).
    ///
    /// # Errors
    /// As [`alloc_layout`](Self::alloc_layout).
    #[inline]
    pub fn try_alloc_str(&self, text: &str) -> Result<&mut str> {
        let bytes = self.try_alloc_slice_copy(text.as_bytes())?;
        // SAFETY: a copy of a string is one.
        Ok(unsafe { str::from_utf8_unchecked_mut(bytes) })
    }

    /// Stores formatted text: `arena.alloc_fmt(format_args!("{a}-{b}"))`. It grows where it is. O(n).
    ///
    /// # Panics
    /// As [`alloc`](Self::alloc); also when a value's formatting fails, as `format!` does.
    pub fn alloc_fmt(&self, text: fmt::Arguments<'_>) -> &mut str {
        or_end(self.try_alloc_fmt(text))
    }

    /// The same with an error when there is no memory. O(n).
    ///
    /// # Errors
    /// As [`alloc_layout`](Self::alloc_layout); [`BadParameter`](HeapError::BadParameter) when a value's formatting
    /// fails of itself, with the number of bytes that it got to.
    pub fn try_alloc_fmt(&self, text: fmt::Arguments<'_>) -> Result<&mut str> {
        if let Some(text) = text.as_str() {
            return self.try_alloc_str(text);
        }
        let mut writer = Text { arena: self, start: NonNull::dangling(), len: 0, room: 0, error: None };
        let result = writer.write_fmt(text);
        let Text { start, len, room, error, .. } = writer;
        if result.is_err() {
            self.give_back(start, room);
            let rule = "must be formatted without an error of its own";
            return Err(error.unwrap_or(HeapError::BadParameter { name: "text", value: len as u64, rule }));
        }
        self.shrink_block(start, room, len);
        // SAFETY: so many bytes were written, each a part of a string.
        Ok(unsafe { str::from_utf8_unchecked_mut(slice::from_raw_parts_mut(start.as_ptr(), len)) })
    }
}

/// Text that is being written, in the arena's last block if nobody takes another meanwhile.
struct Text<'r, 'a> {
    arena: &'r Arena<'a>,
    start: NonNull<u8>,
    len: usize,
    room: usize,
    error: Option<HeapError>,
}

impl Write for Text<'_, '_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let need = self.len.saturating_add(part.len());
        if need > self.room {
            // Twice as much each time, in case that it has to move.
            let room = need.max(self.room.saturating_mul(2));
            let grown = self.arena.grow_block(self.start, self.room, room, 1).map(|start| (start, room));
            let least = grown.or_else(|_| {
                self.arena.grow_block(self.start, self.room, need, 1).map(|start| (start, need))
            });
            match least {
                Ok((start, room)) => (self.start, self.room) = (start, room),
                Err(error) => {
                    self.error = Some(error);
                    return Err(fmt::Error);
                }
            }
        }
        // SAFETY: there is room behind what was written, in a block that is this text's alone.
        unsafe {
            let place = self.start.as_ptr().add(self.len);
            ptr::copy_nonoverlapping(part.as_ptr(), place, part.len());
        }
        self.len = need;
        Ok(())
    }
}
