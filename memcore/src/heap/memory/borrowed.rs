//! Memory that somebody gives for a while.

use super::super::{HeapError, Result};
use super::Memory;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

/// A range of bytes of the caller's: a slice, a static array, shared memory, a mapped file.
///
/// ```
/// use memcore::heap::{Borrowed, Memory};
/// let mut bytes = [0u8; 4096];
/// let memory = Borrowed::new(&mut bytes);
/// assert_eq!(memory.len(), 4096);
/// ```
#[derive(Debug)]
pub struct Borrowed<'a> {
    start: NonNull<u8>,
    len: usize,
    initialised: bool,
    owner: PhantomData<&'a mut [u8]>,
}

// SAFETY: it stands for a unique reference to bytes, which may go to another thread.
unsafe impl Send for Borrowed<'_> {}
// SAFETY: a shared reference to it tells addresses only.
unsafe impl Sync for Borrowed<'_> {}

impl<'a> Borrowed<'a> {
    /// The bytes of a slice. O(1).
    pub fn new(bytes: &'a mut [u8]) -> Self {
        let (len, start) = (bytes.len(), NonNull::from(bytes).cast());
        Borrowed { start, len, initialised: true, owner: PhantomData }
    }

    /// The bytes of a slice that nobody has written yet. O(1).
    pub fn uninit(bytes: &'a mut [MaybeUninit<u8>]) -> Self {
        let (len, start) = (bytes.len(), NonNull::from(bytes).cast());
        Borrowed { start, len, initialised: false, owner: PhantomData }
    }

    /// `len` bytes from `start` on. O(1).
    ///
    /// # Errors
    /// [`BadMemory`](HeapError::BadMemory) for null, or a range that passes the end of the address space.
    ///
    /// # Safety
    /// The bytes are valid for reads and writes for `'a`, have been written at least once, and nobody else touches
    /// them in that time, but through blocks that a heap in them hands out.
    pub unsafe fn from_raw(start: *mut u8, len: usize) -> Result<Self> {
        let bad = |rule| HeapError::BadMemory { address: start.addr(), bytes: len, rule };
        let pointer = NonNull::new(start).ok_or_else(|| bad("must not begin at null"))?;
        if len > isize::MAX as usize || start.addr().checked_add(len).is_none() {
            return Err(bad("must end within the address space"));
        }
        Ok(Borrowed { start: pointer, len, initialised: true, owner: PhantomData })
    }
}

// SAFETY: the bytes were promised for 'a, and the range never changes.
unsafe impl Memory for Borrowed<'_> {
    fn start(&self) -> NonNull<u8> {
        self.start
    }

    fn len(&self) -> usize {
        self.len
    }

    fn is_initialised(&self) -> bool {
        self.initialised
    }
}
