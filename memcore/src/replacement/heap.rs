//! A lazy heap of pages: who has the smallest key, where keys only grow while a page is in it.
//!
//! ```text
//!   entries (a 4-ary heap)     [ key as it was | page ]       a reference raises the key in the page's node alone;
//!   nodes (by page number)     [ key as it is | inside? ]     the entry learns of it when it comes to the top
//! ```
//!
//! Each page inside has an entry whose key is not above its true key. So an entry at the top whose key is true is the
//! smallest of all, and one whose key is not is set right and sinks. Raising a key costs O(1) and touches one cache
//! line; each raised entry sinks at most once before an eviction, in O(log n). This is the lazy update of priority
//! queues, which is fast here because most pages are referenced many times before they come to the top.
//!
//! Nobody knows where a page's entry is, so that moving entries touches nothing but the heap. A page that is removed
//! leaves its entry behind, which is dropped at the top, or when such entries outnumber the pages: then the heap is made
//! anew.
//!
//! Keys are pairs, compared one after the other. 51 bytes a page.

use super::error::PolicyError;
use super::policy::{MAX_PAGES, Page, Pager};
use super::tables;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// What pages are ordered by: the smallest leaves first.
pub(crate) type Key = (u64, u64);

const CHILDREN: usize = 4;
/// Fewer entries are not worth making the heap anew.
const SLACK: usize = 64;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Entry {
    key: Key,
    page: Page,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Node {
    key: Key,
    count: u32,
    inside: bool,
    /// Met before, while the heap is made anew.
    met: bool,
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Heap {
    entries: Vec<Entry>,
    nodes: Vec<Node>,
    length: u32,
    /// The most entries.
    room: usize,
}

impl Heap {
    pub(crate) fn new() -> Self {
        Heap { entries: Vec::new(), nodes: Vec::new(), length: 0, room: 0 }
    }

    pub(crate) fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        tables::extend(&mut self.nodes, pages, Node { key: (0, 0), count: 0, inside: false, met: false })?;
        let room = Self::room_for(self.nodes.len());
        tables::make_room(&mut self.entries, room)?;
        self.room = room;
        Ok(())
    }

    /// So many entries for so many pages.
    fn room_for(pages: usize) -> usize {
        pages + pages / 8 + 1
    }

    #[inline]
    pub(crate) fn length(&self) -> u32 {
        self.length
    }

    /// Whether a page is in the heap. Also for pages that are not reserved.
    #[inline]
    pub(crate) fn contains(&self, page: Page) -> bool {
        self.nodes.get(page as usize).is_some_and(|node| node.inside)
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
        debug_assert!(!node.inside || key >= node.key);
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

    /// Puts in a page that is not. O(log n), on average over the removals.
    #[inline]
    pub(crate) fn insert(&mut self, page: Page, key: Key) {
        debug_assert!(!self.contains(page));
        if self.entries.len() >= self.room.min(2 * self.length as usize + SLACK) {
            self.rebuild();
        }
        let node = &mut self.nodes[page as usize];
        (node.key, node.inside) = (key, true);
        self.length += 1;
        self.entries.push(Entry { key, page });
        self.sift_up(self.entries.len() - 1);
    }

    /// Takes out a page that is in. Its key and its count stay to be read.
    pub(crate) fn remove(&mut self, page: Page) {
        debug_assert!(self.contains(page));
        self.nodes[page as usize].inside = false;
        self.length -= 1;
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
            if node.inside && key == node.key {
                match look(page, key) {
                    Look::Raise(key) => node.key = key,
                    Look::Pass => {
                        heap -= 1;
                        self.entries.swap(0, heap);
                        self.sift_down(0, heap);
                        continue;
                    }
                    Look::Take => {
                        node.inside = false;
                        self.length -= 1;
                        taken = Some(page);
                    }
                }
            }
            if self.nodes[page as usize].inside {
                self.entries[0].key = self.nodes[page as usize].key;
            } else {
                heap -= 1;
                self.entries.swap(0, heap);
                // The last of those set aside takes its place.
                self.entries.swap_remove(heap);
            }
            self.sift_down(0, heap);
        }
        for index in heap..self.entries.len() {
            self.sift_up(index);
        }
        taken
    }

    /// Gives every page in the heap another key, of any size. O(n), on average over the removals.
    pub(crate) fn rekey(&mut self, mut key: impl FnMut(Page, Key) -> Key) {
        if self.entries.len() != self.length as usize {
            self.rebuild();
        }
        for entry in &mut self.entries {
            let node = &mut self.nodes[entry.page as usize];
            node.key = key(entry.page, node.key);
            entry.key = node.key;
        }
        self.order();
    }

    /// Makes the heap anew, with one entry for each page. O(n), removed pages included.
    #[cold]
    fn rebuild(&mut self) {
        let nodes = &mut self.nodes;
        self.entries.retain_mut(|entry| {
            let node = &mut nodes[entry.page as usize];
            entry.key = node.key;
            node.inside && !core::mem::replace(&mut node.met, true)
        });
        for entry in &self.entries {
            nodes[entry.page as usize].met = false;
        }
        self.order();
    }

    fn order(&mut self) {
        for index in (0..self.entries.len().div_ceil(CHILDREN)).rev() {
            self.sift_down(index, self.entries.len());
        }
    }

    #[inline]
    fn sift_up(&mut self, mut index: usize) {
        let entry = self.entries[index];
        while index > 0 {
            let parent = self.entries[(index - 1) / CHILDREN];
            if rank(parent) <= rank(entry) {
                break;
            }
            self.entries[index] = parent;
            index = (index - 1) / CHILDREN;
        }
        self.entries[index] = entry;
    }

    /// Lets an entry sink in the heap of the first `heap` entries.
    #[inline]
    fn sift_down(&mut self, mut index: usize, heap: usize) {
        let entries = &mut self.entries[..heap];
        let Some(&entry) = entries.get(index) else { return };
        loop {
            let first = index * CHILDREN + 1;
            let children = first..heap.min(first + CHILDREN);
            let Some(least) = children.min_by_key(|&child| rank(entries[child])) else { break };
            if rank(entries[least]) >= rank(entry) {
                break;
            }
            entries[index] = entries[least];
            index = least;
        }
        entries[index] = entry;
    }

    pub(crate) fn metadata_bytes(&self) -> usize {
        tables::bytes_of(&self.entries) + tables::bytes_of(&self.nodes)
    }

    /// The pages reserved.
    pub(crate) fn pages(&self) -> usize {
        self.nodes.len()
    }

    /// Each page with whether it is inside, and its key and count.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Page, bool, Key, u32)> + '_ {
        (0..).zip(&self.nodes).map(|(page, node)| (page, node.inside, node.key, node.count))
    }

    /// Checks the order, that entries and nodes agree, and that no page from `pages` on is inside. O(pages).
    pub(crate) fn validate(&self, pages: u32) -> Result<(), &'static str> {
        if self.nodes.len() > MAX_PAGES as usize {
            return Err("a heap has more pages than are numbered");
        }
        if self.nodes.iter().skip(pages as usize).any(|node| node.inside) {
            return Err("a page is in a heap that other tables do not know");
        }
        if self.nodes.iter().any(|node| node.met) {
            return Err("a heap was left while it was made anew");
        }
        if self.nodes.iter().any(|node| node.key.0.max(node.key.1) >= tables::END_OF_TIME) {
            return Err("a key is beyond the end of time");
        }
        let mut found = Vec::new();
        tables::extend(&mut found, self.nodes.len() as u32, false).map_err(|_| "no memory for the check")?;
        for (index, &entry) in self.entries.iter().enumerate() {
            let node = self.nodes.get(entry.page as usize).ok_or("an entry's page is outside the table")?;
            found[entry.page as usize] |= entry.key <= node.key;
            if index > 0 && rank(self.entries[(index - 1) / CHILDREN]) > rank(entry) {
                return Err("a heap's entry is below its parent");
            }
        }
        if self.entries.len() > self.room || self.room > Self::room_for(self.nodes.len()) {
            return Err("a heap has more entries than room");
        }
        if self.nodes.iter().zip(found).any(|(node, found)| node.inside && !found) {
            return Err("a page in the heap has no entry with a key up to its own");
        }
        if self.nodes.iter().filter(|node| node.inside).count() != self.length as usize {
            return Err("the heap's pages are not as many as it counts");
        }
        Ok(())
    }
}

/// A key as one number, which compares without a branch.
#[inline]
fn rank(entry: Entry) -> u128 {
    u128::from(entry.key.0) << 64 | u128::from(entry.key.1)
}
