//! Memory that is a file: what is written there is there again when the file is opened next.
//!
//! ```text
//! addresses  [ the file, shared and writable | reserved, no access ........ ]
//! file       [ bytes                         ]
//!                                             --> grow: the file, then its mapping, in place
//! ```
//!
//! A killed process loses nothing of what it wrote: the pages are the system's. Should the power fail, what was written
//! before the last [`sync`](Memory::sync) is there, and of what came later any pages or none.
//!
//! One process at a time: opening takes an advisory lock (`flock`), which the system lets go of when the process ends,
//! however it ends.

use super::super::{HeapError, Result};
use super::Memory;
use super::mapping::page_size;
use std::fs::{File, OpenOptions};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::ptr::{NonNull, null_mut};

/// The least that a file grows by.
const LEAST_STEP: usize = 1 << 16;

/// A file in memory. Dropping it unmaps the file and unlocks it.
///
/// ```
/// use memcore::heap::{FileMemory, PersistentHeap};
/// let path = std::env::temp_dir().join(format!("memcore-doc-file-{}", std::process::id()));
/// // SAFETY: nobody else knows the file.
/// let memory = unsafe { FileMemory::create(&path, 1 << 16, 1 << 20)? };
/// let mut heap = PersistentHeap::create(memory)?;
/// let block = heap.allocate(5, 1)?;
/// heap.bytes_mut(block)?.copy_from_slice(b"hello");
/// heap.set_root(0, Some(block))?;
/// heap.close()?;
/// // SAFETY: as above.
/// let (heap, recovery) = PersistentHeap::open(unsafe { FileMemory::open(&path, 1 << 20)? })?;
/// assert!(recovery.clean);
/// assert_eq!(heap.bytes(heap.root(0)?.unwrap())?, b"hello");
/// # drop(heap);
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), memcore::heap::HeapError>(())
/// ```
#[derive(Debug)]
pub struct FileMemory {
    file: File,
    start: NonNull<u8>,
    len: usize,
    limit: usize,
    page: usize,
    fresh: bool,
}

// SAFETY: the mapping is owned by the value alone.
unsafe impl Send for FileMemory {}
// SAFETY: a shared reference to it tells addresses only.
unsafe impl Sync for FileMemory {}

fn failed(call: &'static str, error: &std::io::Error, bytes: usize) -> HeapError {
    HeapError::System { call, code: error.raw_os_error().unwrap_or(0), bytes }
}

fn last_failed(call: &'static str, bytes: usize) -> HeapError {
    failed(call, &std::io::Error::last_os_error(), bytes)
}

impl FileMemory {
    /// Makes a file of `len` zero bytes, and room to [grow](Memory::grow) to `limit`. What a file of this name held is
    /// gone, unless it is locked. The disk space is taken at once, so that a write cannot fail later for want of it.
    ///
    /// # Errors
    /// [`System`](HeapError::System) for what the system refuses, a lock of another process (`flock`) too;
    /// [`BadParameter`](HeapError::BadParameter) for a limit of 0 or beyond the address space.
    ///
    /// # Safety
    /// As long as the value lives nobody changes or truncates the file but through it.
    pub unsafe fn create(path: impl AsRef<Path>, len: usize, limit: usize) -> Result<Self> {
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).clone();
        let file = Self::lock(&options, path.as_ref(), len)?;
        // What the file held goes when nothing else can be refused but disk space.
        let mut memory = Self::map(file, 0, 0, limit.max(len), true)?;
        memory.file.set_len(0).map_err(|error| failed("ftruncate", &error, len))?;
        memory.grow(len)?;
        Ok(memory)
    }

    /// Opens a file as it is, with room to grow to `limit` (at least what it has).
    ///
    /// # Errors
    /// As [`create`](Self::create).
    ///
    /// # Safety
    /// As for [`create`](Self::create).
    pub unsafe fn open(path: impl AsRef<Path>, limit: usize) -> Result<Self> {
        let file = Self::lock(OpenOptions::new().read(true).write(true), path.as_ref(), 0)?;
        let len = file.metadata().map_err(|error| failed("fstat", &error, 0))?.len();
        let len = usize::try_from(len).map_err(|_| HeapError::MemoryLimit { limit, wanted: usize::MAX })?;
        Self::map(file, len, len, limit.max(len), false)
    }

    fn lock(options: &OpenOptions, path: &Path, len: usize) -> Result<File> {
        let file = options.open(path).map_err(|error| failed("open", &error, len))?;
        // SAFETY: flock takes any descriptor; this one is open.
        if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } != 0 {
            return Err(last_failed("flock", len));
        }
        Ok(file)
    }

    /// Reserves addresses, and maps the `present` bytes that the file has; then makes them `len`.
    fn map(file: File, present: usize, len: usize, limit: usize, fresh: bool) -> Result<Self> {
        let page = page_size();
        let rule = "must be at least 1, and within the address space";
        let bad = HeapError::BadParameter { name: "limit", value: limit as u64, rule };
        let limit = limit.max(len).checked_next_multiple_of(page).ok_or(bad)?;
        if limit == 0 || limit > isize::MAX as usize {
            return Err(bad);
        }
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping at an address of the system's choice touches nothing that exists.
        let start = unsafe { libc::mmap(null_mut(), limit, libc::PROT_NONE, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(last_failed("mmap", limit));
        }
        let start = NonNull::new(start.cast()).ok_or(bad)?;
        let mut memory = FileMemory { file, start, len: 0, limit, page, fresh };
        memory.map_up_to(present)?;
        memory.grow(len)?;
        Ok(memory)
    }

    /// The file has `len` bytes: maps those that are not mapped yet.
    fn map_up_to(&mut self, len: usize) -> Result<()> {
        let from = self.len / self.page * self.page;
        if len > from {
            let flags = libc::MAP_SHARED | libc::MAP_FIXED;
            let access = libc::PROT_READ | libc::PROT_WRITE;
            let offset = libc::off_t::try_from(from).map_err(|_| self.too_long(len))?;
            // SAFETY: the range lies within the reservation, which is the value's own; where a last page was mapped
            // already, the same page of the same file takes its place.
            let mapped = unsafe {
                let at = self.start.as_ptr().add(from);
                libc::mmap(at.cast(), len - from, access, flags, self.file.as_raw_fd(), offset)
            };
            if mapped == libc::MAP_FAILED {
                return Err(last_failed("mmap", len - from));
            }
        }
        self.len = len;
        Ok(())
    }

    fn too_long(&self, wanted: usize) -> HeapError {
        HeapError::MemoryLimit { limit: self.limit, wanted }
    }

    /// Makes the file longer, its new bytes zero and on the disk.
    #[cfg(target_os = "linux")]
    fn lengthen(&mut self, len: usize) -> Result<()> {
        let (from, more) = (libc::off_t::try_from(self.len), libc::off_t::try_from(len - self.len));
        let (Ok(from), Ok(more)) = (from, more) else { return Err(self.too_long(len)) };
        // SAFETY: the descriptor is open.
        match unsafe { libc::posix_fallocate(self.file.as_raw_fd(), from, more) } {
            0 => Ok(()),
            code => Err(HeapError::System { call: "posix_fallocate", code, bytes: len }),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn lengthen(&mut self, len: usize) -> Result<()> {
        self.file.set_len(len as u64).map_err(|error| failed("ftruncate", &error, len))
    }
}

// SAFETY: the mapping is the value's own until it is dropped; the file has `len` bytes, which the caller of
// `create` or `open` promised nobody takes away.
unsafe impl Memory for FileMemory {
    fn start(&self) -> NonNull<u8> {
        self.start
    }

    fn len(&self) -> usize {
        self.len
    }

    fn limit(&self) -> usize {
        self.limit
    }

    fn grow(&mut self, len: usize) -> Result<()> {
        if len <= self.len {
            return Ok(());
        }
        if len > self.limit {
            return Err(self.too_long(len));
        }
        // An eighth more each time, so that growth costs O(log) calls; the first time what was asked for.
        let step = if self.len == 0 { len } else { (len - self.len).max(self.len / 8).max(LEAST_STEP) };
        let len = (self.len + step).next_multiple_of(self.page).min(self.limit);
        self.lengthen(len)?;
        self.map_up_to(len)
    }

    fn starts_zeroed(&self) -> bool {
        self.fresh
    }

    fn sync(&mut self) -> Result<()> {
        if self.len == 0 {
            return Ok(());
        }
        // SAFETY: the range is mapped.
        if unsafe { libc::msync(self.start.as_ptr().cast(), self.len, libc::MS_SYNC) } != 0 {
            return Err(last_failed("msync", self.len));
        }
        self.file.sync_all().map_err(|error| failed("fsync", &error, self.len))
    }
}

impl Drop for FileMemory {
    fn drop(&mut self) {
        // SAFETY: the mapping is the value's own, and whoever held blocks in it held the value.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.limit) };
    }
}
