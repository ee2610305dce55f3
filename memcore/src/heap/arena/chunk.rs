//! The chunks of an arena: where its bytes come from.
//!
//! ```text
//! chunk   [ header | block | block | pad | block | free ......... | reserve ]
//!                                                top              end
//! ```
//!
//! The reserve has room for one mark, so that a checkpoint can always be taken.

use super::marks::MARK;
use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use std_alloc::alloc::{alloc, dealloc};

/// Bytes of a chunk's header.
pub(super) const HEADER: usize = size_of::<Chunk>();
/// What a chunk has beside its blocks.
pub(super) const OVERHEAD: usize = HEADER + MARK;
/// What every chunk begins at a multiple of, and is a multiple of in length.
pub(super) const CHUNK_ALIGNMENT: usize = 16;

/// The header of a chunk, at its beginning.
pub(super) struct Chunk {
    /// The chunk that was filled before.
    pub previous: Option<NonNull<Chunk>>,
    /// Bytes, header and reserve included.
    pub bytes: usize,
    /// Where the blocks end, for a chunk that is not the newest.
    pub left_at: NonNull<u8>,
    /// It is the global allocator's.
    owned: bool,
}

impl Chunk {
    fn layout(bytes: usize) -> Option<Layout> {
        Layout::from_size_align(bytes, CHUNK_ALIGNMENT).ok()
    }

    /// A chunk of the global allocator: `None` when it has no such memory. `bytes` is a multiple of the alignment,
    /// and at least `OVERHEAD`.
    pub fn take(bytes: usize) -> Option<NonNull<Chunk>> {
        // SAFETY: the layout is not of 0 bytes, for a header is in it.
        let start = NonNull::new(unsafe { alloc(Self::layout(bytes)?) })?;
        Some(Self::write(start, bytes, true))
    }

    /// A chunk in bytes of the caller's; `None` when they are too few.
    pub fn over(bytes: &mut [MaybeUninit<u8>]) -> Option<NonNull<Chunk>> {
        let (start, len) = (NonNull::from(&mut *bytes).cast::<u8>(), bytes.len());
        let pad = start.addr().get().wrapping_neg() & (CHUNK_ALIGNMENT - 1);
        let len = len.checked_sub(pad)? / CHUNK_ALIGNMENT * CHUNK_ALIGNMENT;
        // SAFETY: the pad is at most the length of the slice.
        (len > OVERHEAD).then(|| Self::write(unsafe { start.add(pad) }, len, false))
    }

    fn write(start: NonNull<u8>, bytes: usize, owned: bool) -> NonNull<Chunk> {
        let chunk = start.cast::<Chunk>();
        // SAFETY: `bytes` bytes from an aligned start on are ours, and a header fits in them.
        unsafe {
            let left_at = start.add(HEADER);
            chunk.write(Chunk { previous: None, bytes, left_at, owned });
        }
        chunk
    }

    /// The first byte for blocks.
    ///
    /// # Safety
    /// The chunk is alive.
    pub unsafe fn first(chunk: NonNull<Chunk>) -> NonNull<u8> {
        // SAFETY: the header lies at the chunk's beginning.
        unsafe { chunk.cast::<u8>().add(HEADER) }
    }

    /// One past the last byte for blocks.
    ///
    /// # Safety
    /// The chunk is alive.
    pub unsafe fn end(chunk: NonNull<Chunk>) -> NonNull<u8> {
        // SAFETY: a chunk has at least a header and a reserve.
        unsafe { chunk.cast::<u8>().add(chunk.as_ref().bytes - MARK) }
    }

    /// Gives a chunk back to the global allocator, if it is from there.
    ///
    /// # Safety
    /// The chunk is alive, and nobody uses it any more.
    pub unsafe fn give(chunk: NonNull<Chunk>) {
        // SAFETY: the header lies there, and the chunk was taken with this layout when it is owned.
        unsafe {
            let (bytes, owned) = (chunk.as_ref().bytes, chunk.as_ref().owned);
            if let (true, Some(layout)) = (owned, Self::layout(bytes)) {
                dealloc(chunk.as_ptr().cast(), layout);
            }
        }
    }
}
