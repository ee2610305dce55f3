//! Pointers from C, turned into what Rust may hold.
//!
//! Null is found out here and becomes a status. What cannot be found out (a pointer to freed memory, to too little
//! of it, or not aligned as its type) is the caller's promise, as everywhere in C.

use std::{
    alloc::{Layout, alloc},
    mem::MaybeUninit,
    slice,
};

use crate::{error::Failure, status::memcore_status};

/// A place for a result.
///
/// # Safety
/// `place` is null, or valid for writing one `T` during `'a`. It may be uninitialised.
#[inline]
pub(crate) unsafe fn out<'a, T>(place: *mut T) -> Result<&'a mut MaybeUninit<T>, Failure> {
    // SAFETY: the caller's promise; `MaybeUninit` asks for no more than room.
    unsafe { place.cast::<MaybeUninit<T>>().as_mut() }.ok_or(Failure::Plain(memcore_status::NullArgument))
}

/// A place for a result that the caller may not want.
///
/// # Safety
/// As [`out`].
#[inline]
pub(crate) unsafe fn optional_out<'a, T>(place: *mut T) -> Option<&'a mut MaybeUninit<T>> {
    // SAFETY: as in `out`.
    unsafe { place.cast::<MaybeUninit<T>>().as_mut() }
}

/// Something to be read.
///
/// # Safety
/// `object` is null, or points to an initialised `T` that nobody changes during `'a`.
#[inline]
pub(crate) unsafe fn object<'a, T>(object: *const T) -> Result<&'a T, Failure> {
    // SAFETY: the caller's promise.
    unsafe { object.as_ref() }.ok_or(Failure::Plain(memcore_status::NullArgument))
}

/// An array to be read. Null stands for an empty one.
///
/// # Safety
/// `first` is null, or points to `length` initialised values that nobody changes during `'a`.
pub(crate) unsafe fn array<'a, T>(first: *const T, length: usize) -> Result<&'a [T], Failure> {
    if length == 0 {
        return Ok(&[]);
    }
    if first.is_null() {
        return Err(memcore_status::NullArgument.into());
    }
    if length > isize::MAX as usize / size_of::<T>().max(1) {
        return Err(memcore_status::InvalidArgument.into());
    }
    // SAFETY: not null, not larger than memory; the rest is the caller's promise.
    Ok(unsafe { slice::from_raw_parts(first, length) })
}

/// An array to be written, entry by entry. Null stands for an empty one.
///
/// # Safety
/// `first` is null, or valid for writing `length` values during `'a`. They may be uninitialised.
pub(crate) unsafe fn out_array<'a, T>(
    first: *mut T,
    length: usize,
) -> Result<&'a mut [MaybeUninit<T>], Failure> {
    if length == 0 {
        return Ok(&mut []);
    }
    if first.is_null() {
        return Err(memcore_status::NullArgument.into());
    }
    if length > isize::MAX as usize / size_of::<T>().max(1) {
        return Err(memcore_status::InvalidArgument.into());
    }
    // SAFETY: not null, not larger than memory; the rest is the caller's promise, and `MaybeUninit` asks for no more
    // than room.
    Ok(unsafe { slice::from_raw_parts_mut(first.cast::<MaybeUninit<T>>(), length) })
}

/// Writes as many of the values as there is room for; tells how many that are.
pub(crate) fn fill<T>(room: &mut [MaybeUninit<T>], values: impl Iterator<Item = T>) -> usize {
    let mut written = 0;
    for (place, value) in room.iter_mut().zip(values) {
        place.write(value);
        written += 1;
    }
    written
}

/// Moves a value to the heap, for C to hold. `Box::from_raw` takes it back. No memory is an error, not an abort.
pub(crate) fn into_handle<T>(value: T) -> Result<*mut T, Failure> {
    const { assert!(size_of::<T>() > 0) };
    // SAFETY: the size is not 0.
    let memory = unsafe { alloc(Layout::new::<T>()) }.cast::<T>();
    if memory.is_null() {
        return Err(memcore_status::OutOfMemory.into());
    }
    // SAFETY: fresh memory with the layout of a `T`.
    unsafe { memory.write(value) };
    Ok(memory)
}

/// Drops what [`into_handle`] made. Null is nothing.
///
/// # Safety
/// `handle` is null or came from [`into_handle`], and nobody uses it afterwards.
pub(crate) unsafe fn drop_handle<T>(handle: *mut T) {
    if !handle.is_null() {
        // SAFETY: `into_handle` took the memory from the global allocator with the layout of a `T`.
        drop(unsafe { Box::from_raw(handle) });
    }
}
