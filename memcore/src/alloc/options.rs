//! What every strategy has in common when it is made.

use super::{AllocError, Result};

/// The space, and what is kept about its blocks.
///
/// ```
/// use memcore::alloc::{Allocator, FirstFit, Options};
/// let space = FirstFit::new(Options::new(1000).granularity(16).tags(true))?;
/// assert_eq!(space.capacity(), 992); // rounded down to the granularity
/// # Ok::<(), memcore::alloc::AllocError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bytes of the space, up to 2^64 - 1.
    pub capacity: u64,
    /// Starts and sizes are multiples of it; a power of two, 1 unless set.
    pub granularity: u64,
    /// Keep blocks findable by address, for `free_at`, `block_at`, `containing` and `allocate_at`: 14 to 45 bytes
    /// a block, as full as the nodes of its tree are, and O(log blocks) more for each allocation and free. A pool
    /// finds a block by arithmetic and answers without it.
    pub address_index: bool,
    /// Keep a tag for each block: 4 bytes a block.
    pub tags: bool,
}

impl Options {
    /// A space of `capacity` bytes of granularity 1, without address index and tags.
    pub fn new(capacity: u64) -> Self {
        Options { capacity, granularity: 1, address_index: false, tags: false }
    }

    /// Sets the granularity, a power of two.
    pub fn granularity(self, granularity: u64) -> Self {
        Options { granularity, ..self }
    }

    /// Keeps the address index or not.
    pub fn address_index(self, address_index: bool) -> Self {
        Options { address_index, ..self }
    }

    /// Keeps tags or not.
    pub fn tags(self, tags: bool) -> Self {
        Options { tags, ..self }
    }

    /// Checks the granularity and rounds the capacity down to it.
    pub(crate) fn checked(self) -> Result<Self> {
        let Options { capacity, granularity, .. } = self;
        if !granularity.is_power_of_two() {
            let rule = "must be a power of two";
            return Err(AllocError::BadParameter { name: "granularity", value: granularity, rule });
        }
        if capacity < granularity {
            let rule = "must be at least the granularity (or the slot of a pool)";
            return Err(AllocError::BadParameter { name: "capacity", value: capacity, rule });
        }
        Ok(Options { capacity: capacity & !(granularity - 1), ..self })
    }
}

impl From<u64> for Options {
    fn from(capacity: u64) -> Self {
        Options::new(capacity)
    }
}
