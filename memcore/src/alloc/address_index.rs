//! Finding blocks by address: an optional column of the [table](super::table).
//!
//! Live blocks stand in a [tree](super::tree) by their start. The start itself is the weight in the leaf, so that a
//! look-up touches no record before the last step. One structure answers "which block starts here" and "which block
//! holds this offset"; a hash table would be faster for the first and could not do the second.

use super::Corruption;
use super::record::Record;
use super::storage::{Slab, Storage, StorageFull};
use super::table::CHUNK;
use super::tree::{Key, Order, Tree};

#[derive(Clone, Copy)]
pub(crate) struct ByStart;

impl<T: Slab<Record>> Order<T> for ByStart {
    const AUGMENTED: bool = false;
    const WEIGHT_IS_MAJOR: bool = true;

    fn key(&self, records: &T, record: u32) -> Key {
        Key { major: records.get(record).start, minor: 0 }
    }

    fn weight(&self, records: &T, record: u32) -> u64 {
        records.get(record).start
    }
}

/// Live blocks in address order.
pub(crate) struct AddressIndex<S: Storage> {
    tree: Tree<ByStart, S>,
}

impl<S: Storage> AddressIndex<S> {
    pub fn new(storage: &mut S) -> Result<Self, StorageFull> {
        let most = storage.max_blocks();
        Ok(AddressIndex { tree: Tree::new(ByStart, storage, most)? })
    }

    pub fn reserve(&mut self) -> Result<(), StorageFull> {
        self.tree.reserve(1)
    }

    pub fn insert(&mut self, records: &S::Slab<Record, CHUNK>, slot: u32) {
        self.tree.insert(records, slot);
    }

    pub fn remove(&mut self, records: &S::Slab<Record, CHUNK>, slot: u32) {
        self.tree.remove(records, slot, ByStart.key(records, slot));
    }

    /// A block was at `old` and has moved without passing another.
    pub fn moved(&mut self, records: &S::Slab<Record, CHUNK>, slot: u32, old: u64) {
        self.tree.changed(records, slot, Key { major: old, minor: 0 });
    }

    pub fn at_or_before(&self, records: &S::Slab<Record, CHUNK>, offset: u64) -> Option<u32> {
        self.tree.at_or_before(records, Key { major: offset, minor: 0 })
    }

    pub fn bytes(&self) -> usize {
        self.tree.bytes()
    }

    pub fn validate(
        &self,
        records: &S::Slab<Record, CHUNK>,
        in_order: impl Iterator<Item = u32>,
    ) -> Result<(), Corruption> {
        self.tree.validate(records, in_order)
    }
}

impl<S: Storage> Clone for AddressIndex<S>
where
    Tree<ByStart, S>: Clone,
{
    fn clone(&self) -> Self {
        AddressIndex { tree: self.tree.clone() }
    }
}
