//! Where the bytes of a heap come from: the caller, the system, a file.

use std::{
    ffi::{c_char, c_void},
    mem::MaybeUninit,
    ptr, slice,
};

use memcore::heap::{AnyMemory, Borrowed, HeapError};
#[cfg(unix)]
use memcore::heap::{FileMemory, HugePages, Mapping, MappingOptions};

use crate::{error::Failure, panic::guarded, status::memcore_status};

/// Large pages under memory of the system's.
#[repr(i32)]
pub enum memcore_huge_pages {
    /// As the system does by itself.
    System = 0,
    /// Ask for them where they fit; no error where there is none.
    Wanted = 1,
    /// Ask for none.
    Never = 2,
}

/// Where the bytes of a heap come from. `memcore_memory_of`, `memcore_memory_own` or `memcore_memory_file` fills it in.
/// A text in it is read by the call that it is given to, and not kept.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_memory {
    /// Memory of the caller's, which belongs to the heap until that is destroyed; null: the system's.
    pub start: *mut c_void,
    /// Bytes of it.
    pub bytes: usize,
    /// The name of a file whose bytes are the memory; null: none. One process at a time has a file: it is locked.
    pub file: *const c_char,
    /// The most bytes of memory of the system's or of a file. Addresses are reserved for them, and memory is taken as
    /// the heap grows.
    pub limit: usize,
    /// Bytes usable from the beginning; those of a file that is made.
    pub initial: usize,
    /// A `memcore_huge_pages`, for memory of the system's.
    pub huge_pages: i32,
}

const NO_MEMORY: memcore_memory = memcore_memory {
    start: ptr::null_mut(),
    bytes: 0,
    file: ptr::null(),
    limit: 0,
    initial: 0,
    huge_pages: 0,
};

/// Memory of the caller's: an array, what `malloc` gave, shared memory, a mapped file. It does not grow.
///
/// \param start its first byte. What it holds does not matter, save for images that are opened.
/// \param bytes how many there are.
/// \return the memory, for a function that makes a heap.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_memory_of(start: *mut c_void, bytes: usize) -> memcore_memory {
    let memory = memcore_memory { start, bytes, ..NO_MEMORY };
    guarded(memory, || memory)
}

/// Memory of the system's, which grows in place.
///
/// \param limit the most bytes: addresses are reserved for them, which costs nothing.
/// \return the memory, to be changed as wanted.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_memory_own(limit: usize) -> memcore_memory {
    let memory = memcore_memory { limit, ..NO_MEMORY };
    guarded(memory, || memory)
}

/// A file's bytes, shared with the file, which grows.
///
/// \param file its name. As long as the heap lives nobody else may change or truncate the file.
/// \param limit the most bytes: addresses are reserved for them.
/// \return the memory, to be changed as wanted.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_memory_file(file: *const c_char, limit: usize) -> memcore_memory {
    let memory = memcore_memory { file, limit, ..NO_MEMORY };
    guarded(memory, || memory)
}

impl memcore_memory {
    /// The memory, for a heap that is made.
    ///
    /// # Safety
    /// The fields are as the header asks: `start` is null or the first of `bytes` bytes that are the heap's as long as
    /// the answer lives; `file` is null or a text, of a file that nobody else changes in that time.
    pub unsafe fn take(&self) -> Result<AnyMemory, Failure> {
        // SAFETY: the caller's promise.
        unsafe { self.take_from(self.initial) }
    }

    /// The same, for kinds that use the memory as it is and do not grow: all of it from the beginning.
    ///
    /// # Safety
    /// As for [`take`](Self::take).
    pub unsafe fn take_whole(&self) -> Result<AnyMemory, Failure> {
        // SAFETY: the caller's promise.
        unsafe { self.take_from(self.limit) }
    }

    /// # Safety
    /// As for [`take`](Self::take).
    unsafe fn take_from(&self, initial: usize) -> Result<AnyMemory, Failure> {
        if self.start.is_null() && self.bytes == 0 {
            // SAFETY: the caller's promise.
            return unsafe { self.of_the_system(initial, false) };
        }
        // SAFETY: `MaybeUninit` asks for no more than room, which the caller gives.
        let bytes =
            unsafe { slice::from_raw_parts_mut(self.checked()?.cast::<MaybeUninit<u8>>(), self.bytes) };
        Ok(AnyMemory::Borrowed(Borrowed::uninit(bytes)))
    }

    /// The memory, for an image that is opened.
    ///
    /// # Safety
    /// As for [`take`](Self::take); the bytes at `start` have been written.
    pub unsafe fn open(&self) -> Result<AnyMemory, Failure> {
        if self.start.is_null() && self.bytes == 0 {
            // SAFETY: the caller's promise.
            return unsafe { self.of_the_system(0, true) };
        }
        // SAFETY: the caller's promise.
        Ok(AnyMemory::Borrowed(unsafe { Borrowed::from_raw(self.checked()?, self.bytes) }?))
    }

    /// Where the caller's memory begins, if it can be memory at all.
    fn checked(&self) -> Result<*mut u8, Failure> {
        let bad = |rule| HeapError::BadMemory { address: self.start.addr(), bytes: self.bytes, rule };
        if self.start.is_null() || !self.file.is_null() {
            return Err(bad("must not begin at null, nor be a file too").into());
        }
        if isize::try_from(self.bytes).is_err() || self.start.addr().checked_add(self.bytes).is_none() {
            return Err(bad("must end within the address space").into());
        }
        Ok(self.start.cast())
    }

    /// # Safety
    /// `file` is null or a text, of a file that nobody else changes as long as the answer lives.
    #[cfg(unix)]
    unsafe fn of_the_system(&self, initial: usize, open: bool) -> Result<AnyMemory, Failure> {
        if self.file.is_null() {
            if open {
                return Err(memcore_status::NullArgument.into());
            }
            let huge = huge_pages(self.huge_pages)?;
            let options = MappingOptions { limit: self.limit, initial, huge };
            return Ok(AnyMemory::Mapping(Mapping::reserve(options)?));
        }
        // SAFETY: the caller's promise.
        let path = unsafe { crate::text::path(self.file) }?;
        // SAFETY: the caller's promise: nobody else changes the file.
        let file = unsafe {
            if open {
                FileMemory::open(path, self.limit)
            } else {
                FileMemory::create(path, initial, self.limit)
            }
        };
        Ok(AnyMemory::File(file?))
    }

    /// # Safety
    /// None: there is nothing here that the system could give.
    #[cfg(not(unix))]
    unsafe fn of_the_system(&self, _initial: usize, _open: bool) -> Result<AnyMemory, Failure> {
        let text = "there is no memory of the system's here: give some of your own".to_owned();
        Err(Failure::Told(memcore_status::Unsupported, 0, text))
    }
}

/// What a number of `memcore_huge_pages` stands for.
#[cfg(unix)]
pub(super) fn huge_pages(number: i32) -> Result<HugePages, Failure> {
    const SYSTEM: i32 = memcore_huge_pages::System as i32;
    const WANTED: i32 = memcore_huge_pages::Wanted as i32;
    const NEVER: i32 = memcore_huge_pages::Never as i32;
    match number {
        SYSTEM => Ok(HugePages::System),
        WANTED => Ok(HugePages::Wanted),
        NEVER => Ok(HugePages::Never),
        _ => Err(memcore_status::InvalidArgument.into()),
    }
}
