//! Where blocks begin: one bit for each 16 bytes of the space.
//!
//! ```text
//! space   | header | payload ....      | header | payload |
//! bits       0   1   0   0   0   0   0   0   1   0   0
//! ```
//!
//! Every payload lies on a multiple of 16, so that one bit tells for each address whether a live block begins there. It
//! is asked before any header is believed: bytes in front of an address that nobody handed out may be anybody's.

use crate::alloc::storage::{Column, Storage, StorageFull};

/// Payloads are multiples of it: malloc's promise on the machines of today.
pub(super) const GRAIN: usize = 16;

/// Bytes of the space that one word of bits tells about.
const PER_WORD: usize = GRAIN * u64::BITS as usize;

/// How many u64 words the bits of a space of `bytes` bytes take: one bit for each 16 bytes. Whoever gives a
/// [`Heap`](super::Heap) a [`Fixed`](crate::alloc::storage::Fixed) storage adds them to what the strategy needs. O(1).
///
/// ```
/// assert_eq!(memcore::heap::start_words(1 << 20), 1024);
/// ```
pub const fn start_words(bytes: usize) -> usize {
    bytes.div_ceil(PER_WORD)
}

/// The bits.
pub(super) struct Starts<S: Storage> {
    words: S::Column<u64>,
}

impl<S: Storage> Starts<S> {
    /// No block begins anywhere in a space of `span` bytes.
    pub fn new(storage: &mut S, span: usize) -> Result<Self, StorageFull> {
        Ok(Starts { words: storage.column(start_words(span))? })
    }

    /// Makes room for a larger space.
    pub fn extend_to(&mut self, span: usize) -> Result<(), StorageFull> {
        self.words.extend_to(start_words(span))
    }

    /// True when a block begins in the grain around `offset`; false for offsets beyond the space.
    #[inline(always)]
    pub fn has(&self, offset: usize) -> bool {
        self.words.get(offset / PER_WORD).is_some_and(|word| word >> (offset / GRAIN % 64) & 1 == 1)
    }

    /// A block begins there from now on.
    #[inline(always)]
    pub fn insert(&mut self, offset: usize) {
        self.words[offset / PER_WORD] |= 1 << (offset / GRAIN % 64);
    }

    /// And now no more.
    #[inline(always)]
    pub fn remove(&mut self, offset: usize) {
        self.words[offset / PER_WORD] &= !(1 << (offset / GRAIN % 64));
    }

    /// No block begins anywhere.
    pub fn clear(&mut self) {
        self.words.fill(0);
    }

    /// How many blocks begin somewhere.
    pub fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Bytes that the bits hold.
    pub fn bytes(&self) -> usize {
        self.words.bytes()
    }
}
