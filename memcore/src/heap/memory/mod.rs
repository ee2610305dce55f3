//! The bytes that a heap hands out parts of: the caller's, or the system's.
//!
//! ```text
//! start                       len                        limit
//!   [ the heap's own ......... | reserved: addresses only ]
//!                               --> grow
//! ```
//!
//! A heap needs one range of addresses that never moves. [`Borrowed`] is a range that somebody gives: a slice, a static
//! array, shared memory, a mapped file. [`Mapping`] reserves addresses from the operating system, of which only those
//! count that were grown into and touched; so it grows in place, region by region, as far as was reserved.
//! [`FileMemory`] does the same over a file, whose bytes outlive the process.

mod borrowed;
#[cfg(all(feature = "std", unix))]
mod file;
#[cfg(all(feature = "std", unix))]
mod mapping;

pub use borrowed::Borrowed;
#[cfg(all(feature = "std", unix))]
pub use file::FileMemory;
#[cfg(all(feature = "std", unix))]
pub(crate) use mapping::page_size;
#[cfg(all(feature = "std", unix))]
pub use mapping::{HugePages, Mapping, MappingOptions};

use super::{HeapError, Result};
use core::ops::Range;
use core::ptr::NonNull;

/// A range of bytes that stays where it is.
///
/// # Safety
/// From `start()` on, `len()` bytes are valid for reads and writes and nobody else's as long as the value lives,
/// wherever the value is moved to. `start()` never changes, and `len()` only by `grow`, upwards.
pub unsafe trait Memory {
    /// The first byte.
    fn start(&self) -> NonNull<u8>;

    /// Bytes that can be used now.
    fn len(&self) -> usize;

    /// True when there is no byte.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most bytes that it can [grow](Self::grow) to.
    fn limit(&self) -> usize {
        self.len()
    }

    /// Makes at least `len` bytes usable. Those that are new are zero.
    ///
    /// # Errors
    /// [`MemoryLimit`](HeapError::MemoryLimit), [`System`](HeapError::System).
    fn grow(&mut self, len: usize) -> Result<()> {
        if len <= self.len() {
            return Ok(());
        }
        Err(HeapError::MemoryLimit { limit: self.limit(), wanted: len })
    }

    /// Tells that nobody needs the contents of these bytes any more, and answers how many bytes the system took back:
    /// whole pages, which stay usable and are zero when they are used next.
    fn give_back(&mut self, range: Range<usize>) -> usize {
        let _ = range;
        0
    }

    /// True when bytes that were never written are zero.
    fn starts_zeroed(&self) -> bool {
        false
    }

    /// True when every byte has some value: false for memory that nobody has written yet and that is not zero.
    fn is_initialised(&self) -> bool {
        true
    }

    /// Sees to it that what was written is kept should the power fail, where the memory is that of a file. Returns
    /// when it is.
    ///
    /// # Errors
    /// [`System`](HeapError::System).
    fn sync(&mut self) -> Result<()> {
        Ok(())
    }
}
