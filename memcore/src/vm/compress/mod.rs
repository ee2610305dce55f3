//! Compressed swap: pages that leave memory are kept in it, smaller, in front of the swap device.
//!
//! ```text
//!                 +-- one word again and again ------> the word, no memory
//! page --> full? -+-- compresses below a page -------> an object in the pool
//!           |     +-- does not ---> poor --+
//!           +----------------------------- +---------> rejected: to the device, and what the pool had is void
//!
//! pool   0 ............ 90 % of the maximum ....... maximum (20 % of memory)
//!        takes all      takes again, after full     full: limit hit, write the oldest back
//! ```
//!
//! Once full, the pool takes nothing until it has fallen to the threshold, so that it does not go back and forth at
//! its edge for each page. Who is written back is the oldest entry with a second chance: an entry that was used since
//! it was last looked at (a new one counts as used) goes to the end once.
//!
//! Compression costs the codec's own time, a comparison of the page with itself eight bytes on, and a place from the
//! [pool's allocator](objects).
//!
//! Source: Linux, `mm/zswap.c`, and Seth Jennings: The zswap compressed swap cache, LWN 2013.

mod coder;
mod config;
mod entries;
mod objects;
mod saved;
#[cfg(test)]
mod tests;

pub use config::{Codec, CompressConfig};

use super::VmError;
use super::physical::zeroed;
use coder::Coder;
use entries::{Data, Entries};
use objects::Objects;
use serde::{Deserialize, Serialize};
use std_alloc::boxed::Box;
use thiserror::Error;

/// What the pool did with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is one word.
    Same,
    /// It is an object.
    Compressed {
        /// Of so many bytes.
        bytes: u32,
    },
}

/// Why the pool did not take a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Rejected {
    /// It is full, or was and has not shrunk enough.
    #[error("the pool is full, or was and has not shrunk enough")]
    Full,
    /// The page does not become smaller.
    #[error("the page does not become smaller")]
    Poor,
    /// The pool is not to take pages.
    #[error("the pool is not to take pages")]
    Disabled,
    /// The host has no memory for it.
    #[error("the host has no memory for it")]
    Failed,
}

/// What the pool did since it was made, with the names of zswap where it has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompressStats {
    /// Pages that it took.
    pub stores: u64,
    /// Pages that were read back.
    pub loads: u64,
    /// Pages that went to the device instead.
    pub written_back: u64,
    /// A page came while the pool was at its maximum.
    pub limit_hit: u64,
    /// Pages refused because the pool is or was full.
    pub reject_full: u64,
    /// Pages refused because they do not become smaller.
    pub compress_poor: u64,
    /// Pages refused for want of memory of the host.
    pub reject_alloc_fail: u64,
    /// Bytes of the pages that were compressed.
    pub bytes_in: u64,
    /// Bytes that they became.
    pub bytes_out: u64,
}

/// A pool of compressed pages, by keys of the owner's choice.
///
/// A page that is one word takes no memory; one that does not become smaller is refused. At its maximum the pool
/// takes nothing until it has fallen to the threshold; who is written back to the device behind it is the oldest
/// page, with a second chance.
///
/// ```
/// use memcore::vm::{CompressConfig, CompressedPool, Stored};
/// let mut pool = CompressedPool::new(&CompressConfig::default(), 4096, 64 << 20)?;
/// assert_eq!(pool.store(7, &[0; 4096]), Ok(Stored::Same));
/// let text = b"as it is written, ".repeat(228);
/// let mut page = [0; 4096];
/// page[..4096].copy_from_slice(&text[..4096]);
/// assert!(matches!(pool.store(8, &page), Ok(Stored::Compressed { bytes: 1..100 })));
/// let mut back = [1; 4096];
/// assert!(pool.load(8, &mut back) && back == page);
/// assert_eq!(pool.pool_bytes(), 4096); // whole pages
/// assert_eq!(pool.writeback_candidate(), Some(8)); // to write the page of zeros back frees nothing
/// # Ok::<(), memcore::vm::VmError>(())
/// ```
///
/// Time: a page costs the codec, a comparison of the page with itself eight bytes on, and O(log holes) for its place.
/// Memory: 40 bytes an entry and what the tables of places take, beside the pool's pages; the host's memory for them
/// is kept when they are free again.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "saved::Saved")]
pub struct CompressedPool {
    config: CompressConfig,
    page_size: u64,
    memory_bytes: u64,
    /// The pool takes pages when it has fewer than so many.
    max_pages: u64,
    /// After being full, when it has at most so many.
    threshold: u64,
    /// Was full, and has not fallen to the threshold since.
    is_full: bool,
    entries: Entries,
    objects: Objects,
    coder: Coder,
    /// Where an object that crosses pages is put together.
    buffer: Box<[u8]>,
    stats: CompressStats,
}

impl CompressedPool {
    /// An empty pool for a machine of `memory_bytes` bytes. O(page size).
    ///
    /// # Errors
    /// [`VmError::Config`]; [`VmError::Invalid`] for a page of no bytes or of 4 GiB or more;
    /// [`VmError::NoMemory`] when the host is out of memory.
    pub fn new(config: &CompressConfig, page_size: u64, memory_bytes: u64) -> Result<Self, VmError> {
        config.check()?;
        if page_size == 0 || page_size > u32::MAX.into() {
            return Err(VmError::invalid(
                "page size",
                page_size,
                "must be 1 to 4,294,967,295 to be compressed",
            ));
        }
        let max_pages = percent(memory_bytes / page_size, config.max_pool_percent);
        Ok(CompressedPool {
            config: *config,
            page_size,
            memory_bytes,
            max_pages,
            threshold: percent(max_pages, config.accept_threshold_percent),
            is_full: false,
            entries: Entries::default(),
            objects: Objects::new(max_pages, page_size)?,
            coder: Coder::new(config.codec, page_size),
            buffer: zeroed(page_size)?,
            stats: CompressStats::default(),
        })
    }

    fn takes(&mut self) -> bool {
        if self.objects.pages() >= self.max_pages {
            self.stats.limit_hit += 1;
            self.is_full = true;
        } else if self.is_full && self.objects.pages() <= self.threshold {
            self.is_full = false;
        }
        !self.is_full
    }

    /// Takes a page, in place of what it had for the key. Without bytes, the page is taken to compress as
    /// configured. O(page size).
    ///
    /// # Errors
    /// [`Rejected`]. What the pool had for the key is gone all the same, since it is out of date.
    pub fn store(&mut self, key: u32, bytes: &[u8]) -> Result<Stored, Rejected> {
        let outcome = if !self.config.enabled {
            Err(Rejected::Disabled)
        } else if !self.takes() {
            Err(Rejected::Full)
        } else {
            Ok(())
        };
        self.invalidate(key);
        let outcome = outcome.and_then(|()| self.enter(key, bytes));
        match outcome {
            Ok(_) => self.stats.stores += 1,
            Err(Rejected::Full) => self.stats.reject_full += 1,
            Err(Rejected::Poor) => self.stats.compress_poor += 1,
            Err(Rejected::Failed) => self.stats.reject_alloc_fail += 1,
            Err(Rejected::Disabled) => {}
        }
        outcome
    }

    fn enter(&mut self, key: u32, bytes: &[u8]) -> Result<Stored, Rejected> {
        if !self.entries.reserve() {
            return Err(Rejected::Failed);
        }
        if self.config.same_filled {
            if let Some(word) = one_word(bytes) {
                self.entries.insert(key, Data::Same(word), true);
                return Ok(Stored::Same);
            }
        }
        let (length, compressed) = if bytes.is_empty() {
            (self.assumed(), None)
        } else {
            let compressed = self.coder.compress(bytes).map_err(|_| Rejected::Failed)?;
            (compressed.map(|bytes| bytes.len() as u32), compressed)
        };
        let length = length.ok_or(Rejected::Poor)?;
        let object = self.objects.allocate(length).map_err(|_| Rejected::Failed)?;
        if let Some(compressed) = compressed {
            if self.objects.write(object, compressed).is_err() {
                self.objects.free(object);
                return Err(Rejected::Failed);
            }
        }
        self.entries.insert(key, Data::Object(object), true);
        self.stats.bytes_in += self.page_size;
        self.stats.bytes_out += u64::from(length);
        Ok(Stored::Compressed { bytes: length })
    }

    /// What a page without bytes is taken to become.
    fn assumed(&self) -> Option<u32> {
        let length = (self.page_size as f64 / self.config.assumed_ratio) as u64;
        (length < self.page_size).then_some(length.max(1) as u32)
    }

    /// Reads the page of a key, which stays; false when the pool does not have it, or has no bytes that were once
    /// compressed (which only a forged snapshot can bring about). O(page size).
    pub fn load(&mut self, key: u32, into: &mut [u8]) -> bool {
        let Some(entry) = self.entries.get_mut(key) else { return false };
        entry.referenced = true;
        let done = match entry.data {
            Data::Same(word) => {
                for part in into.chunks_mut(8) {
                    part.copy_from_slice(&word.to_ne_bytes()[..part.len()]);
                }
                true
            }
            Data::Object(_) if into.is_empty() => true,
            Data::Object(object) => {
                let bytes = self.objects.read(object, &mut self.buffer);
                self.coder.decompress(bytes, into)
            }
        };
        self.stats.loads += u64::from(done);
        done
    }

    /// Forgets the page of a key; false when the pool does not have it. O(log holes).
    pub fn invalidate(&mut self, key: u32) -> bool {
        match self.entries.remove(key) {
            Some(Data::Object(object)) => {
                self.objects.free(object);
                true
            }
            Some(Data::Same(_)) => true,
            None => false,
        }
    }

    /// Whether the pool has the page of a key. O(1).
    pub fn contains(&self, key: u32) -> bool {
        self.entries.contains(key)
    }

    /// The entry to be written to the device next, if there is one that takes memory. It stays until
    /// [`written_back`](Self::written_back). O(1) amortised: each entry that is passed over was used before.
    pub fn writeback_candidate(&mut self) -> Option<u32> {
        self.entries.second_chance()
    }

    /// Forgets a page that is on the device now. O(log holes).
    pub fn written_back(&mut self, key: u32) -> bool {
        let done = self.invalidate(key);
        self.stats.written_back += u64::from(done);
        done
    }

    /// Whether the pool was full and is above the threshold still. O(1).
    pub fn needs_shrink(&self) -> bool {
        self.is_full && self.objects.pages() > self.threshold
    }

    /// Bytes of the pages that the pool takes. O(1).
    pub fn pool_bytes(&self) -> u64 {
        self.objects.pages() * self.page_size
    }

    /// Pages that it has. O(1).
    pub fn stored_pages(&self) -> u64 {
        self.entries.len()
    }

    /// Those of them that are one word. O(1).
    pub fn same_filled_pages(&self) -> u64 {
        self.entries.same()
    }

    /// What it did. O(1).
    pub fn stats(&self) -> CompressStats {
        self.stats
    }

    /// Checks every table. O(entries).
    ///
    /// # Errors
    /// What is wrong.
    pub fn validate(&self) -> Result<(), &'static str> {
        if self.config.check().is_err() {
            return Err("the configuration of the compressed pool makes no sense");
        }
        if self.page_size == 0
            || self.page_size > u32::MAX.into()
            || self.buffer.len() as u64 != self.page_size
        {
            return Err("the compressed pool has a page size that makes no sense");
        }
        self.entries.validate()?;
        let object = |entry: &entries::Entry| match entry.data {
            Data::Object(object) => Some(object),
            Data::Same(_) => None,
        };
        self.objects.validate(self.entries.by_age().filter_map(object))
    }
}

/// So much of a number, rounded down.
fn percent(of: u64, percent: u32) -> u64 {
    (u128::from(of) * u128::from(percent) / 100) as u64
}

/// The word that a page is made of, if it is.
fn one_word(bytes: &[u8]) -> Option<u64> {
    let mut word = [0; 8];
    let head = bytes.len().min(8);
    // Each byte is that of eight before: then it is one word throughout.
    if bytes.is_empty() || bytes[head..] != bytes[..bytes.len() - head] {
        return None;
    }
    word[..head].copy_from_slice(&bytes[..head]);
    Some(u64::from_ne_bytes(word))
}
