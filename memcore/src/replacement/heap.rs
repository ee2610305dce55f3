//! A lazy heap of pages: who has the smallest key, where keys only grow while a page is in it.
//!
//! ```text
//!   entries (a 4-ary heap)     [ key as it was | page ]       a reference raises the key in the page's node alone;
//!   nodes (by page number)     [ key as it is | index ]       the entry learns of it when it comes to the top
//! ```
//!
//! An entry's key is never above its page's true key. So an entry at the top whose key is true is the smallest of all,
//! and one whose key is not is set right and sinks. Raising a key costs O(1) and touches one cache line; each raised
//! entry sinks at most once before an eviction, in O(log n). This is the lazy update of priority queues, which is fast
//! here because most pages are referenced many times before they come to the top.
//!
//! Keys are pairs, compared one after the other. 48 bytes a page.

use super::error::PolicyError;
use super::policy::{Page, Pager};
use super::tables;
use std_alloc::vec::Vec;

/// What pages are ordered by: the smallest leaves first.
pub(crate) type Key = (u64, u64);

const ABSENT: u32 = u32::MAX;
const CHILDREN: usize = 4;

#[derive(Clone, Copy, Debug)]
struct Entry {
    key: Key,
    page: Page,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    key: Key,
    /// Where the entry is.
    index: u32,
    count: u32,
}

/// What becomes of the page with the smallest key.
pub(crate) enum Look {
    Take,
    /// It stays; the next is looked at.
    Pass,
    /// It gets this key, which must be above its own.
    Raise(Key),
}

/// One heap. O(1) unless an operation says otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Heap {
    entries: Vec<Entry>,
    nodes: Vec<Node>,
}

impl Heap {
    pub(crate) fn new() -> Self {
        Heap { entries: Vec::new(), nodes: Vec::new() }
    }

    pub(crate) fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        tables::extend(&mut self.nodes, pages, Node { key: (0, 0), index: ABSENT, count: 0 })?;
        tables::make_room(&mut self.entries, pages as usize)
    }

    #[inline]
    pub(crate) fn length(&self) -> u32 {
        self.entries.len() as u32
    }

    /// Whether a page is in the heap. Also for pages that are not reserved.
    #[inline]
    pub(crate) fn contains(&self, page: Page) -> bool {
        self.nodes.get(page as usize).is_some_and(|node| node.index != ABSENT)
    }

    /// The key that a page has or, if it is not in the heap, had last (at first, zeros).
    #[inline]
    pub(crate) fn key(&self, page: Page) -> Key {
        self.nodes.get(page as usize).map_or((0, 0), |node| node.key)
    }

    /// Gives a page another key: of any size if it is not in the heap, else not below its own.
    #[inline]
    pub(crate) fn set_key(&mut self, page: Page, key: Key) {
        let node = &mut self.nodes[page as usize];
        debug_assert!(node.index == ABSENT || key >= node.key);
        node.key = key;
    }

    /// A number beside the key, for the policy's own use.
    #[inline]
    pub(crate) fn count(&self, page: Page) -> u32 {
        self.nodes[page as usize].count
    }

    #[inline]
    pub(crate) fn set_count(&mut self, page: Page, count: u32) {
        self.nodes[page as usize].count = count;
    }

    /// Puts in a page that is not. O(log n).
    #[inline]
    pub(crate) fn insert(&mut self, page: Page, key: Key) {
        debug_assert!(!self.contains(page));
        self.nodes[page as usize].key = key;
        let index = self.entries.len();
        self.entries.push(Entry { key, page });
        self.sift_up(index);
    }

    /// Takes out a page that is in. Its key and its count stay to be read. O(log n).
    pub(crate) fn remove(&mut self, page: Page) {
        let index = self.nodes[page as usize].index as usize;
        self.take(index, self.entries.len());
        self.entries.pop();
    }

    /// Takes out the page with the smallest key among those that may leave. O(log n) for each entry set right, which
    /// is paid once for each raised key, and for each pinned page passed over.
    #[inline]
    pub(crate) fn pop_evictable(&mut self, pager: &impl Pager) -> Option<Page> {
        self.pop(|page, _| if pager.is_evictable(page) { Look::Take } else { Look::Pass })
    }

    /// Looks at the pages from the smallest key on, until one is taken out. The cost is as that of
    /// [`pop_evictable`](Self::pop_evictable).
    #[inline]
    pub(crate) fn pop(&mut self, mut look: impl FnMut(Page, Key) -> Look) -> Option<Page> {
        // Pages passed over are set aside behind the heap's end, and come back.
        let mut heap = self.entries.len();
        let mut taken = None;
        while heap > 0 && taken.is_none() {
            let Entry { key, page } = self.entries[0];
            let node = &mut self.nodes[page as usize];
            if key == node.key {
                match look(page, key) {
                    Look::Raise(key) => node.key = key,
                    Look::Pass => {
                        self.take(0, heap);
                        heap -= 1;
                        self.nodes[page as usize].index = heap as u32;
                        continue;
                    }
                    Look::Take => {
                        self.take(0, heap);
                        heap -= 1;
                        taken = Some(page);
                        continue;
                    }
                }
            }
            self.entries[0].key = self.nodes[page as usize].key;
            self.sift_down(0, heap);
        }
        if taken.is_some() {
            // It stands first behind the end; the last of those set aside takes its place.
            self.entries.swap_remove(heap);
        }
        for index in heap..self.entries.len() {
            self.sift_up(index);
        }
        taken
    }

    /// Gives every page in the heap another key, of any size. O(n).
    pub(crate) fn rekey(&mut self, mut key: impl FnMut(Page, Key) -> Key) {
        for entry in &mut self.entries {
            let node = &mut self.nodes[entry.page as usize];
            node.key = key(entry.page, node.key);
            entry.key = node.key;
        }
        for index in (0..self.entries.len()).rev() {
            self.sift_down(index, self.entries.len());
        }
    }

    /// Swaps an entry with the last of the heap's first `heap` ones and mends the rest; the page counts as absent.
    #[inline]
    fn take(&mut self, index: usize, heap: usize) {
        let last = heap - 1;
        self.entries.swap(index, last);
        self.nodes[self.entries[last].page as usize].index = ABSENT;
        if index < last {
            // It came from the bottom, but perhaps of another branch.
            let index = self.sift_up(index);
            self.sift_down(index, last);
        }
    }

    #[inline]
    fn place(&mut self, index: usize, entry: Entry) {
        self.entries[index] = entry;
        self.nodes[entry.page as usize].index = index as u32;
    }

    #[inline]
    fn sift_up(&mut self, mut index: usize) -> usize {
        let entry = self.entries[index];
        while index > 0 {
            let parent = self.entries[(index - 1) / CHILDREN];
            if parent.key <= entry.key {
                break;
            }
            self.place(index, parent);
            index = (index - 1) / CHILDREN;
        }
        self.place(index, entry);
        index
    }

    #[inline]
    fn sift_down(&mut self, mut index: usize, heap: usize) {
        let entry = self.entries[index];
        loop {
            let first = index * CHILDREN + 1;
            let children = first..heap.min(first + CHILDREN);
            let Some(least) = children.min_by_key(|&child| self.entries[child].key) else { break };
            if self.entries[least].key >= entry.key {
                break;
            }
            self.place(index, self.entries[least]);
            index = least;
        }
        self.place(index, entry);
    }

    pub(crate) fn metadata_bytes(&self) -> usize {
        tables::bytes_of(&self.entries) + tables::bytes_of(&self.nodes)
    }

    /// Checks the order, and that entries and nodes agree. O(pages).
    pub(crate) fn validate(&self) -> Result<(), &'static str> {
        for (index, entry) in self.entries.iter().enumerate() {
            let node = self.nodes.get(entry.page as usize).ok_or("an entry's page is outside the table")?;
            if node.index as usize != index {
                return Err("a page's index is not where its entry is");
            }
            if entry.key > node.key {
                return Err("an entry's key is above its page's");
            }
            if index > 0 && self.entries[(index - 1) / CHILDREN].key > entry.key {
                return Err("a heap's entry is below its parent");
            }
        }
        if self.nodes.iter().filter(|node| node.index != ABSENT).count() != self.entries.len() {
            return Err("a page says it is in the heap, which does not hold it");
        }
        Ok(())
    }
}
