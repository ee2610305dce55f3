//! The pool as a snapshot has it: its entries by age, and the bytes of the pages. The tables follow from them.

use super::entries::{Data, Entry};
use super::objects::Object;
use super::{CompressConfig, CompressStats, CompressedPool};
use crate::vm::physical::PageStore;
use serde::{Deserialize, Serialize, Serializer};
use std_alloc::vec::Vec;

#[derive(Serialize, Deserialize)]
pub(super) struct Saved<B = PageStore> {
    config: CompressConfig,
    page_size: u64,
    memory_bytes: u64,
    is_full: bool,
    /// Those with an object, the oldest first.
    entries: Vec<SavedEntry>,
    /// Key and word of the others.
    words: Vec<(u32, u64)>,
    bytes: B,
    stats: CompressStats,
}

#[derive(Serialize, Deserialize)]
struct SavedEntry {
    key: u32,
    referenced: bool,
    start: u64,
    length: u32,
}

impl Serialize for CompressedPool {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entry = |entry: &Entry| match entry.data {
            Data::Object(Object { start, length, .. }) => {
                Some(SavedEntry { key: entry.key, referenced: entry.referenced, start, length })
            }
            Data::Same(_) => None,
        };
        let CompressedPool { config, page_size, memory_bytes, is_full, stats, .. } = *self;
        let entries = self.entries.by_age().filter_map(entry).collect();
        let (words, bytes) = (self.entries.words(), &self.objects.bytes);
        let saved = Saved { config, page_size, memory_bytes, is_full, entries, words, bytes, stats };
        saved.serialize(serializer)
    }
}

impl TryFrom<Saved> for CompressedPool {
    type Error = &'static str;

    /// Checks that it is a pool that could have come about. O(entries log entries).
    fn try_from(saved: Saved) -> Result<Self, Self::Error> {
        let pool = CompressedPool::new(&saved.config, saved.page_size, saved.memory_bytes);
        let mut pool = pool.map_err(|_| "a compressed pool that cannot be made")?;
        let (pages, page_size) = (pool.objects.bytes.pages(), saved.page_size);
        if saved.bytes.pages() != pages || saved.bytes.page_size() != page_size {
            return Err("the bytes of the compressed pool are not of its size");
        }
        pool.objects.bytes = saved.bytes;
        let mut order: Vec<usize> = (0..saved.entries.len()).collect();
        order.sort_unstable_by_key(|&index| saved.entries[index].start);
        let places: Vec<(u64, u32)> =
            order.iter().map(|&index| (saved.entries[index].start, saved.entries[index].length)).collect();
        if places
            .iter()
            .any(|&(start, length)| length == 0 || u64::from(length) >= page_size || start >> 62 > 0)
        {
            return Err("an object of the compressed pool is as large as a page, or nothing");
        }
        let ids = pool.objects.restore(&places)?;
        let mut by_entry = Vec::from_iter(ids.iter().copied().zip(order));
        by_entry.sort_unstable_by_key(|&(_, index)| index);
        for (entry, (id, _)) in saved.entries.iter().zip(by_entry) {
            let object = Object { id, start: entry.start, length: entry.length };
            pool.restore(entry.key, Data::Object(object), entry.referenced)?;
        }
        for (key, word) in saved.words {
            pool.restore(key, Data::Same(word), true)?;
        }
        (pool.is_full, pool.stats) = (saved.is_full, saved.stats);
        Ok(pool)
    }
}

impl CompressedPool {
    fn restore(&mut self, key: u32, data: Data, referenced: bool) -> Result<(), &'static str> {
        if self.entries.contains(key) {
            return Err("the compressed pool has a key twice");
        }
        if !self.entries.reserve() {
            return Err("the host has no memory for the compressed pool");
        }
        self.entries.insert(key, data, referenced);
        Ok(())
    }
}
