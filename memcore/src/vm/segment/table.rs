//! A table of descriptors: the global one (GDT) or a local one (LDT).
//!
//! Entries are kept as the 8-byte words that they are in memory. Entry 0 of the global table is never used: a
//! selector to it is the null selector. The limit of a table is 8 times its entries minus 1.

use super::descriptor::{Descriptor, DescriptorError};
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// The most entries that a selector can tell apart.
pub const MOST_DESCRIPTORS: usize = 1 << 13;

/// A table of descriptors.
///
/// ```
/// use memcore::vm::segment::{Descriptor, DescriptorTable};
/// let table = DescriptorTable::from_words(&[0, 0x00CF_9A00_0000_FFFF, 0x00CF_9200_0000_FFFF])?;
/// assert_eq!(table.limit(), Some(23));
/// assert_eq!(table.descriptor(2), Some(Descriptor::decode(0x00CF_9200_0000_FFFF)));
/// # Ok::<(), memcore::vm::segment::DescriptorError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescriptorTable {
    words: Vec<u64>,
}

impl DescriptorTable {
    /// The table of these words. O(words).
    ///
    /// # Errors
    /// More than [`MOST_DESCRIPTORS`], or no memory for them.
    pub fn from_words(words: &[u64]) -> Result<DescriptorTable, DescriptorError> {
        let mut table = DescriptorTable::default();
        table.make_room(words.len())?;
        table.words.extend_from_slice(words);
        Ok(table)
    }

    /// Adds an entry at the end and tells its index. O(1), now and then O(entries).
    ///
    /// # Errors
    /// A descriptor that cannot be encoded; a full table; no memory.
    pub fn push(&mut self, descriptor: Descriptor) -> Result<u16, DescriptorError> {
        let word = descriptor.encode()?;
        self.make_room(1)?;
        self.words.push(word);
        Ok((self.words.len() - 1) as u16)
    }

    /// Replaces an entry. A register that was loaded from it keeps what it has. O(1).
    ///
    /// # Errors
    /// A descriptor that cannot be encoded; an index past the end.
    pub fn set(&mut self, index: u16, descriptor: Descriptor) -> Result<(), DescriptorError> {
        let word = descriptor.encode()?;
        let rule = "must be an entry of the table";
        let error = DescriptorError { field: "index", value: index.into(), rule };
        *self.words.get_mut(usize::from(index)).ok_or(error)? = word;
        Ok(())
    }

    /// An entry; `None` past the end. O(1).
    pub fn descriptor(&self, index: u16) -> Option<Descriptor> {
        self.words.get(usize::from(index)).copied().map(Descriptor::decode)
    }

    /// The entries, as words.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The last valid byte of the table, as the table registers hold it; `None` for a table without entries. O(1).
    pub fn limit(&self) -> Option<u16> {
        (8 * self.words.len()).checked_sub(1).map(|last| last as u16)
    }

    /// The processor notes that an entry was loaded.
    pub(super) fn mark_accessed(&mut self, index: u16) {
        if let Some(word) = self.words.get_mut(usize::from(index)) {
            *word |= 1 << 40;
        }
    }

    /// Checks that selectors reach every entry. O(1).
    ///
    /// # Errors
    /// The invariant that does not hold.
    pub fn validate(&self) -> Result<(), &'static str> {
        if self.words.len() > MOST_DESCRIPTORS {
            Err("a descriptor table has more than 8192 entries")
        } else {
            Ok(())
        }
    }

    fn make_room(&mut self, more: usize) -> Result<(), DescriptorError> {
        let entries = self.words.len().saturating_add(more);
        let error = |rule| DescriptorError { field: "entries", value: entries as u64, rule };
        if entries > MOST_DESCRIPTORS {
            return Err(error("must be at most 8192"));
        }
        self.words.try_reserve(more).map_err(|_| error("there is no memory for so many"))
    }
}
