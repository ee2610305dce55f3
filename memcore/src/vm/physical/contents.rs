//! Bytes of pages, taken from the host only where something was written.
//!
//! ```text
//! pages    0 .. 511      512 .. 1023     1024 .. 1535        a chunk is 2 MiB, or one page where that is more
//! chunks   [ 2 MiB ]     [  none  ]      [ 2 MiB ]
//!                            |
//!                            +--> reads as the one page of zeros
//! ```
//!
//! A chunk comes zeroed from the host's allocator, which maps so large a piece lazily: a page in it that is never
//! touched takes no memory of the host either. Frames, the slots of a swap device in memory, and the pool of
//! compressed pages are such stores.

use crate::vm::{Shortage, VmError};
use core::fmt;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std_alloc::boxed::Box;
use std_alloc::vec::Vec;

/// Bytes of a chunk, where a page is not larger.
const CHUNK: u64 = 2 << 20;

/// The bytes of pages `0 .. pages`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Saved")]
pub(in crate::vm) struct PageStore {
    page_size: u64,
    pages: u64,
    chunks: Vec<Option<Chunk>>,
    #[serde(skip)]
    zero: Box<[u8]>,
    /// Binary logarithm of the pages in a chunk.
    #[serde(skip)]
    shift: u32,
}

/// A store as it is saved; what is missing follows from it.
#[derive(Deserialize)]
struct Saved {
    page_size: u64,
    pages: u64,
    chunks: Vec<Option<Chunk>>,
}

impl TryFrom<Saved> for PageStore {
    type Error = &'static str;

    fn try_from(saved: Saved) -> Result<Self, Self::Error> {
        let Saved { page_size, pages, chunks } = saved;
        let store = PageStore::new(pages, page_size).map_err(|_| "a store of pages that cannot be made")?;
        let store = PageStore { chunks, ..store };
        store.validate()?;
        Ok(store)
    }
}

impl PageStore {
    /// A store of `pages` pages of zeros. O(page size).
    ///
    /// # Errors
    /// [`VmError::Invalid`] for pages of no bytes or more bytes than are counted, and when the host is out of memory.
    pub fn new(pages: u64, page_size: u64) -> Result<Self, VmError> {
        if page_size == 0 || pages.checked_mul(page_size).is_none() {
            return Err(VmError::invalid("page size", page_size, "must be 1 or more, and below 2^64 in all"));
        }
        let shift = (CHUNK / page_size).max(1).ilog2();
        Ok(PageStore { page_size, pages, chunks: Vec::new(), zero: zeroed(page_size)?, shift })
    }

    /// Where a page lies: its chunk, and the bytes in it.
    fn place(&self, page: u64) -> (usize, core::ops::Range<usize>) {
        let from = (page & ((1 << self.shift) - 1)) * self.page_size;
        ((page >> self.shift) as usize, from as usize..(from + self.page_size) as usize)
    }

    fn chunk_length(&self, chunk: u64) -> u64 {
        (self.pages - (chunk << self.shift)).min(1 << self.shift) * self.page_size
    }

    /// The chunk that a byte is in, and the bytes from it on, `length` at most, that are in the chunk.
    fn span_place(&self, at: u64, length: usize) -> (u64, core::ops::Range<usize>) {
        let size = self.page_size << self.shift;
        let (chunk, from) = (at / size, at % size);
        (chunk, from as usize..(size - from).min(length as u64) as usize + from as usize)
    }

    /// Bytes from offset `at` of the whole store on: `length`, or those that lie together, or none where nothing was
    /// written. O(1).
    pub fn span(&self, at: u64, length: usize) -> &[u8] {
        let (chunk, range) = self.span_place(at, length);
        let chunk = self.chunks.get(chunk as usize).and_then(Option::as_ref);
        chunk.and_then(|chunk| chunk.0.get(range)).unwrap_or(&[])
    }

    /// The same to be changed, written or not. O(1); O(chunk) for the first bytes of a chunk.
    ///
    /// # Errors
    /// As [`get_mut`](Self::get_mut).
    pub fn span_mut(&mut self, at: u64, length: usize) -> Result<&mut [u8], VmError> {
        let (chunk, range) = self.span_place(at, length);
        let wrong = VmError::invalid("offset", at, "must be one of the store");
        self.chunk_mut(chunk)?.get_mut(range).ok_or(wrong)
    }

    fn written(&self, page: u64) -> Option<&[u8]> {
        let (chunk, range) = self.place(page);
        self.chunks.get(chunk)?.as_ref()?.0.get(range)
    }

    /// The bytes of a page; zeros if it was never written. O(1).
    pub fn get(&self, page: u64) -> &[u8] {
        self.written(page).unwrap_or(&self.zero)
    }

    /// The bytes of a page below `pages`, to be changed. O(1); O(chunk) for the first page of a chunk.
    ///
    /// # Errors
    /// The host is out of memory; or there is no such page.
    pub fn get_mut(&mut self, page: u64) -> Result<&mut [u8], VmError> {
        let (chunk, range) = self.place(page);
        let wrong = VmError::invalid("page", page, "must be one of the store");
        self.chunk_mut(chunk as u64)?.get_mut(range).ok_or(wrong)
    }

    /// The bytes of a chunk, which is taken from the host if it is not there.
    fn chunk_mut(&mut self, chunk: u64) -> Result<&mut [u8], VmError> {
        if chunk >= self.pages.div_ceil(1 << self.shift) {
            return Err(VmError::invalid("page", chunk << self.shift, "must be one of the store"));
        }
        let index = chunk as usize;
        if index >= self.chunks.len() {
            let more = index + 1 - self.chunks.len();
            self.chunks.try_reserve(more).map_err(|_| VmError::no_memory(more as u64, Shortage::Host))?;
            self.chunks.resize_with(index + 1, || None);
        }
        let length = self.chunk_length(chunk);
        let place = &mut self.chunks[index];
        if place.is_none() {
            *place = Some(Chunk(zeroed(length)?));
        }
        Ok(place.as_mut().map_or(&mut [], |chunk| &mut chunk.0))
    }

    /// Makes a page zeros. O(page size).
    pub fn zero(&mut self, page: u64) {
        let (chunk, range) = self.place(page);
        let chunk = self.chunks.get_mut(chunk).and_then(Option::as_mut);
        if let Some(bytes) = chunk.and_then(|chunk| chunk.0.get_mut(range)) {
            bytes.fill(0);
        }
    }

    /// Makes the bytes of `to` those of `from`. O(page size).
    ///
    /// # Errors
    /// As [`get_mut`](Self::get_mut); nothing has changed then.
    pub fn copy(&mut self, from: u64, to: u64) -> Result<(), VmError> {
        if self.written(from).is_none() {
            self.zero(to);
            return Ok(());
        }
        self.get_mut(to)?;
        let ((from_chunk, source), (to_chunk, target)) = (self.place(from), self.place(to));
        // The chunk that is written is held aside, so that the other can be read.
        let Some(mut chunk) = self.chunks[to_chunk].take() else { return Ok(()) };
        if from_chunk == to_chunk {
            chunk.0.copy_within(source, target.start);
        } else if let Some(other) = &self.chunks[from_chunk] {
            chunk.0[target].copy_from_slice(&other.0[source]);
        }
        self.chunks[to_chunk] = Some(chunk);
        Ok(())
    }

    /// Whether a page is all zeros. O(page size), O(1) for a page in no chunk.
    pub fn is_zero(&self, page: u64) -> bool {
        self.written(page).is_none_or(|bytes| bytes == &self.zero[..])
    }

    /// Bytes in chunks. O(chunks).
    pub fn bytes(&self) -> u64 {
        self.chunks.iter().flatten().map(|chunk| chunk.0.len() as u64).sum()
    }

    /// Bytes of a page.
    pub fn page_size(&self) -> u64 {
        self.page_size
    }

    /// Pages.
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// Checks the chunks. O(chunks).
    ///
    /// # Errors
    /// What is wrong.
    pub fn validate(&self) -> Result<(), &'static str> {
        if self.chunks.len() as u64 > self.pages.div_ceil(1 << self.shift) {
            return Err("a store of pages has chunks past its end");
        }
        let fits = |(index, chunk): (usize, &Option<Chunk>)| {
            chunk.as_ref().is_none_or(|chunk| chunk.0.len() as u64 == self.chunk_length(index as u64))
        };
        if self.chunks.iter().enumerate().all(fits) {
            return Ok(());
        }
        Err("a chunk of a store of pages has another length than its pages")
    }
}

/// Zeros, or the error that the host has no memory for them.
pub(in crate::vm) fn zeroed<T: bytemuck::Zeroable>(length: u64) -> Result<Box<[T]>, VmError> {
    let shortage = || VmError::no_memory(length.saturating_mul(size_of::<T>() as u64), Shortage::Host);
    let length = usize::try_from(length).map_err(|_| shortage())?;
    bytemuck::try_zeroed_slice_box(length).map_err(|()| shortage())
}

/// The bytes of some pages, saved as bytes and not number by number.
#[derive(Clone)]
struct Chunk(Box<[u8]>);

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for Chunk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Chunk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Chunk;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Chunk, E> {
                let mut chunk = zeroed(bytes.len() as u64).map_err(E::custom)?;
                chunk.copy_from_slice(bytes);
                Ok(Chunk(chunk))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std_alloc::vec;

    /// Against a vector of vectors, with pages that are no powers of two, and pages above a chunk.
    #[test]
    fn pages_are_what_was_written() {
        for (pages, page_size) in [(5, 1), (40, 100), (1300, 4096), (3, 3 << 20), (700, 5000)] {
            let mut store = PageStore::new(pages, page_size).unwrap();
            let mut model = vec![vec![0u8; page_size as usize]; pages as usize];
            let mut state = page_size;
            for _ in 0..300 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let (a, b) = ((state >> 40) % pages, (state >> 20) % pages);
                let (ai, bi) = (a as usize, b as usize);
                match state >> 61 {
                    0..=2 => {
                        store.get_mut(a).unwrap().fill(state as u8);
                        model[ai].fill(state as u8);
                    }
                    3..=5 => {
                        store.copy(a, b).unwrap();
                        model[bi] = model[ai].clone();
                    }
                    _ => {
                        store.zero(a);
                        model[ai].fill(0);
                    }
                }
                assert_eq!(store.get(a), &model[ai][..]);
                assert_eq!(store.get(b), &model[bi][..]);
                assert_eq!(store.is_zero(b), model[bi].iter().all(|&byte| byte == 0));
            }
            let saved = postcard::to_allocvec(&store).unwrap();
            let back: PageStore = postcard::from_bytes(&saved).unwrap();
            for (page, bytes) in model.iter().enumerate() {
                assert_eq!(back.get(page as u64), &bytes[..]);
            }
            assert_eq!(back.bytes(), store.bytes());
        }
    }

    #[test]
    fn memory_is_taken_where_something_was_written() {
        let mut store = PageStore::new(1 << 40, 4096).unwrap();
        assert_eq!(store.bytes(), 0);
        assert!(store.is_zero((1 << 40) - 1));
        store.zero(77);
        store.copy(5, 6).unwrap();
        assert_eq!(store.bytes(), 0);
        store.get_mut(600).unwrap()[0] = 1;
        assert_eq!(store.bytes(), 2 << 20);
        assert!(store.get_mut(1 << 40).is_err());
        let mut last = PageStore::new(513, 4096).unwrap();
        last.get_mut(512).unwrap()[4095] = 1;
        assert_eq!(last.bytes(), 4096); // the last chunk ends with the store
        assert!(PageStore::new(1, 0).is_err());
        assert!(PageStore::new(1 << 60, 4096).is_err());
    }

    #[test]
    fn forged_stores_are_refused() {
        let refused = |pages: u64, chunks: &[Option<&[u8]>]| {
            // The form of the store, in plain parts: a slice is saved as bytes are.
            let bytes = postcard::to_allocvec(&(16u64, pages, chunks)).unwrap();
            postcard::from_bytes::<PageStore>(&bytes).is_err()
        };
        assert!(!refused(2, &[Some(&[7; 32])]));
        assert!(refused(2, &[Some(&[7; 31])]));
        assert!(refused(2, &[Some(&[7; 33])]));
        assert!(refused(2, &[None, None]));
        assert!(refused(1 << 60, &[]));
    }
}
