//! Memory of the operating system: addresses reserved at once, pages taken as the heap grows.
//!
//! ```text
//! reserved   [ readable and writable | no access ................................ ]
//!              ^ touched pages only     grow moves this border, in steps that double
//!              take memory
//! ```
//!
//! A reservation costs no memory, so a heap can have a limit of a terabyte, and one range of addresses is all it ever
//! deals with. The part beyond the border has no access, which systems that count strictly do not count.

use super::super::{HeapError, Result};
use super::Memory;
use core::ops::Range;
use core::ptr::{NonNull, null_mut};

/// Large pages under a [`Mapping`]: fewer entries of the TLB for the same bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HugePages {
    /// As the system does by itself.
    #[default]
    System,
    /// Ask for them where they fit (`MADV_HUGEPAGE` of Linux). A hint: no error where there is none.
    Wanted,
    /// Ask for none.
    Never,
}

/// How memory is reserved.
///
/// ```
/// use memcore::heap::{Mapping, MappingOptions, Memory};
/// let mut memory = Mapping::reserve(MappingOptions::new(1 << 40).initial(1 << 20))?;
/// memory.grow(3 << 20)?;
/// assert!(memory.len() >= 3 << 20);
/// # Ok::<(), memcore::heap::HeapError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MappingOptions {
    /// Bytes of addresses, rounded up to pages.
    pub limit: usize,
    /// Bytes that are usable from the beginning.
    pub initial: usize,
    /// Large pages.
    pub huge: HugePages,
}

impl MappingOptions {
    /// Addresses for `limit` bytes, of which none is usable yet.
    pub fn new(limit: usize) -> Self {
        MappingOptions { limit, initial: 0, huge: HugePages::System }
    }

    /// Sets what is usable from the beginning.
    pub fn initial(self, initial: usize) -> Self {
        MappingOptions { initial, ..self }
    }

    /// Sets the wish for large pages.
    pub fn huge(self, huge: HugePages) -> Self {
        MappingOptions { huge, ..self }
    }
}

/// The least that the border moves: system calls are dear, and untouched pages are not.
const LEAST_STEP: usize = 1 << 20;

/// Private memory of the operating system: addresses reserved at once, pages taken as it grows. Dropping it gives everything back.
#[derive(Debug)]
pub struct Mapping {
    start: NonNull<u8>,
    len: usize,
    limit: usize,
    page: usize,
}

// SAFETY: the mapping is owned by the value alone.
unsafe impl Send for Mapping {}
// SAFETY: a shared reference to it tells addresses only.
unsafe impl Sync for Mapping {}

/// The size of the system's pages. O(1).
pub(crate) fn page_size() -> usize {
    // SAFETY: sysconf takes any name.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).ok().filter(|size| size.is_power_of_two()).unwrap_or(4096)
}

fn failed(call: &'static str, bytes: usize) -> HeapError {
    let code = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    HeapError::System { call, code, bytes }
}

impl Mapping {
    /// Reserves addresses. O(1).
    ///
    /// # Errors
    /// [`BadParameter`](HeapError::BadParameter) for a limit of 0 or over the address space, or below `initial`;
    /// [`System`](HeapError::System).
    pub fn reserve(options: MappingOptions) -> Result<Self> {
        let page = page_size();
        let bad = |rule| HeapError::BadParameter { name: "limit", value: options.limit as u64, rule };
        let limit =
            options.limit.checked_next_multiple_of(page).filter(|&limit| limit <= isize::MAX as usize);
        let limit = limit.ok_or_else(|| bad("must be within the address space"))?;
        if limit == 0 || limit < options.initial {
            return Err(bad("must be at least 1 and what is usable at first"));
        }
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping at an address of the system's choice touches nothing that exists.
        let start = unsafe { libc::mmap(null_mut(), limit, libc::PROT_NONE, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(failed("mmap", limit));
        }
        let start = NonNull::new(start.cast()).ok_or_else(|| bad("must not be at null"))?;
        let mut mapping = Mapping { start, len: 0, limit, page };
        mapping.advise_huge(options.huge);
        mapping.grow(options.initial)?;
        Ok(mapping)
    }

    #[cfg(target_os = "linux")]
    fn advise_huge(&mut self, huge: HugePages) {
        let advice = match huge {
            HugePages::System => return,
            HugePages::Wanted => libc::MADV_HUGEPAGE,
            HugePages::Never => libc::MADV_NOHUGEPAGE,
        };
        // SAFETY: advice about the mapping's own pages, which leaves their contents alone. A kernel without large
        // pages refuses it, and nothing is lost.
        unsafe { libc::madvise(self.start.as_ptr().cast(), self.limit, advice) };
    }

    #[cfg(not(target_os = "linux"))]
    fn advise_huge(&mut self, _huge: HugePages) {}
}

// SAFETY: the mapping is the value's own until it is dropped; pages below `len` are readable and writable.
unsafe impl Memory for Mapping {
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
            return Err(HeapError::MemoryLimit { limit: self.limit, wanted: len });
        }
        // An eighth more each time, so that growth costs O(log) calls.
        let least = len.next_multiple_of(self.page).min(self.limit);
        let step = (len - self.len).max(self.len / 8).max(LEAST_STEP).next_multiple_of(self.page);
        let ample = self.len.saturating_add(step).min(self.limit);
        // Near a limit of the system's there may be room for what is needed, and no more.
        self.open_up_to(ample)
            .or_else(|error| if least < ample { self.open_up_to(least) } else { Err(error) })
    }

    fn give_back(&mut self, range: Range<usize>) -> usize {
        let start = range.start.next_multiple_of(self.page);
        let end = range.end.min(self.len) / self.page * self.page;
        if start >= end {
            return 0;
        }
        // SAFETY: whole pages of the mapping whose contents nobody needs. They read as zero afterwards.
        let done = unsafe {
            let first = self.start.as_ptr().add(start);
            libc::madvise(first.cast(), end - start, libc::MADV_DONTNEED)
        };
        if done == 0 { end - start } else { 0 }
    }

    fn starts_zeroed(&self) -> bool {
        true
    }
}

impl Mapping {
    /// Moves the border to `len`.
    fn open_up_to(&mut self, len: usize) -> Result<()> {
        // SAFETY: the range lies within the mapping, which is the value's own.
        let border = unsafe { self.start.as_ptr().add(self.len) };
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: as above; nobody uses pages beyond the border yet.
        if unsafe { libc::mprotect(border.cast(), len - self.len, access) } != 0 {
            return Err(failed("mprotect", len - self.len));
        }
        self.len = len;
        Ok(())
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping is the value's own, and whoever held blocks in it held the value.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.limit) };
    }
}
