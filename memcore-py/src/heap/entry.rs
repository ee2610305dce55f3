//! What is known of each live block outside the engine: whether somebody looks at its bytes.
//!
//! An entry is changed under the lock of its heap only; only the number of views falls without it, when a view is
//! released. So whoever holds the lock and sees no view, knows that none comes.

use std::{
    collections::BTreeMap,
    ops::RangeBounds,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
};

/// A block, shared by the table of its heap and everybody who holds the block.
#[derive(Debug)]
pub struct Entry {
    address: AtomicUsize,
    size: AtomicUsize,
    alignment: usize,
    pub tag: u32,
    views: AtomicUsize,
    live: AtomicBool,
}

impl Entry {
    pub fn address(&self) -> usize {
        self.address.load(Relaxed)
    }

    pub fn size(&self) -> usize {
        self.size.load(Relaxed)
    }

    pub fn alignment(&self) -> usize {
        self.alignment
    }

    pub fn views(&self) -> usize {
        self.views.load(Relaxed)
    }

    pub fn is_live(&self) -> bool {
        self.live.load(Relaxed)
    }

    pub fn view_added(&self) {
        self.views.fetch_add(1, Relaxed);
    }

    /// The bytes were read and written through the view before: `Release`, for whoever frees the block then.
    pub fn view_released(&self) {
        self.views.fetch_sub(1, std::sync::atomic::Ordering::Release);
    }
}

/// Why a block cannot be touched.
#[derive(Clone, Copy, Debug)]
pub enum Refusal {
    /// It was freed.
    Freed { address: usize },
    /// Somebody looks at it.
    Views { address: usize, views: usize },
    /// It is of another heap.
    Foreign { address: usize },
}

/// The live blocks of a heap by address.
#[derive(Debug, Default)]
pub struct Entries(BTreeMap<usize, Arc<Entry>>);

impl Entries {
    pub fn add(&mut self, address: usize, size: usize, alignment: usize, tag: u32) -> Arc<Entry> {
        let entry = Arc::new(Entry {
            address: address.into(),
            size: size.into(),
            alignment,
            tag,
            views: 0.into(),
            live: true.into(),
        });
        self.0.insert(address, Arc::clone(&entry));
        entry
    }

    pub fn at(&self, address: usize) -> Option<&Arc<Entry>> {
        self.0.get(&address)
    }

    /// Refuses a block that is not live here.
    pub fn check_live(&self, entry: &Arc<Entry>) -> Result<(), Refusal> {
        let address = entry.address();
        match self.0.get(&address) {
            Some(found) if Arc::ptr_eq(found, entry) => Ok(()),
            _ if entry.is_live() => Err(Refusal::Foreign { address }),
            _ => Err(Refusal::Freed { address }),
        }
    }

    /// Refuses a block that is not live here, or at which somebody looks.
    pub fn check_unviewed(&self, entry: &Arc<Entry>) -> Result<(), Refusal> {
        self.check_live(entry)?;
        unviewed(entry)
    }

    /// Refuses if somebody looks at a block that begins in a range. O(log n) and the blocks there.
    pub fn check_range(&self, range: impl RangeBounds<usize>) -> Result<(), Refusal> {
        self.0.range(range).try_for_each(|(_, entry)| unviewed(entry))
    }

    /// A block is gone.
    pub fn remove(&mut self, entry: &Entry) {
        entry.live.store(false, Relaxed);
        self.0.remove(&entry.address());
    }

    /// The blocks that begin from `from` on and before `to` are gone. O(log n) for each.
    pub fn remove_range(&mut self, from: usize, to: usize) {
        if from >= to {
            return;
        }
        while let Some(entry) = self.0.range(from..to).next().map(|(_, entry)| Arc::clone(entry)) {
            self.remove(&entry);
        }
    }

    /// True when an address lies in the middle of a block. O(log n).
    pub fn is_within(&self, address: usize) -> bool {
        let before = self.0.range(..address).next_back();
        before.is_some_and(|(start, entry)| address - start < entry.size())
    }

    /// All are gone.
    pub fn clear(&mut self) {
        self.0.values().for_each(|entry| entry.live.store(false, Relaxed));
        self.0.clear();
    }

    /// A block has another size, perhaps at another place.
    pub fn change(&mut self, entry: &Arc<Entry>, address: usize, size: usize) {
        if address != entry.address() {
            self.0.remove(&entry.address());
            entry.address.store(address, Relaxed);
            self.0.insert(address, Arc::clone(entry));
        }
        entry.size.store(size, Relaxed);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// In address order.
    pub fn all(&self) -> Vec<Arc<Entry>> {
        self.0.values().cloned().collect()
    }
}

fn unviewed(entry: &Entry) -> Result<(), Refusal> {
    // Pairs with the release of a view.
    match entry.views.load(std::sync::atomic::Ordering::Acquire) {
        0 => Ok(()),
        views => Err(Refusal::Views { address: entry.address(), views }),
    }
}
