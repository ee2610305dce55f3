//! An ordered set of records in a B+ tree whose nodes are plain data.
//!
//! ```text
//!                 inner   [ first key, second | child ] x 6..16
//!                         /            |            \
//!      leaf  [ weight | record ] x 6..16   leaf [ ... ]   leaf [ ... ]
//!                        |
//!                        v
//!             start, size, ... in the table of holes or blocks
//! ```
//!
//! One tree serves every order of this room: holes by address (first and next fit), holes by size (best and worst
//! fit, buddy, TLSF with lowest ties), blocks by address. An [`Order`] says what the key is and which number of a
//! record, its *weight*, stands in the leaf, so that most comparisons need not touch the record.
//!
//! Where the order is *augmented*, an inner entry holds the largest weight below it in place of the key's second
//! half. "The first record from here on that weighs at least w" then costs O(log n): whole subtrees are passed by.
//! With holes by address and their sizes as weights this is first fit, exactly.
//!
//! Searching is cheap, since the upper levels stay in the cache; it is updates of cold nodes that cost. So a change
//! climbs only as far as it changes something, and a hole that is split or merged keeps its place in its leaf.
//! Keys of inner entries are exact at all times. (Lazily stale ones look harmless but misplace records once blocks
//! merge downwards past them.)
//!
//! A node that falls below six entries takes from its neighbour or joins it, so n records need at most n/6 + 1
//! leaves; six and not eight, so that a node on the boundary does not split and join in turn.

mod backward;
mod balance;
mod node;

use super::storage::{NIL, Slab, Storage, StorageFull};
use node::{FANOUT, Inner, LEAST, Leaf, Node, count_while, first_at_least, greatest};

/// Inner levels: 6^12 is over 2^31.
const MOST_LEVELS: usize = 12;
const CHUNK: usize = 16;

/// Where a record stands in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub major: u64,
    pub minor: u64,
}

/// What a tree is ordered by, over records of type `R`.
pub(crate) trait Order<R> {
    /// Inner entries hold the largest weight, and keys differ in their major half.
    const AUGMENTED: bool;

    /// The record's place. No two records of a tree share one.
    fn key(&self, records: &R, record: u32) -> Key;

    /// What the leaf keeps of the record.
    fn weight(&self, records: &R, record: u32) -> u64;

    /// The weight is the major half of the key, so that most comparisons need no record.
    const WEIGHT_IS_MAJOR: bool;
}

/// The way from the root to an entry of a leaf.
#[derive(Clone, Copy)]
pub struct Cursor {
    /// Inner nodes from the root down, and the entry taken in each.
    way: [(u32, u32); MOST_LEVELS],
    leaf: u32,
    at: usize,
}

/// Records in the order `O`; see the [module](self).
pub(crate) struct Tree<O, S: Storage> {
    order: O,
    leaves: S::Slab<Leaf, CHUNK>,
    inners: S::Slab<Inner, CHUNK>,
    /// A leaf when `levels` is 0, or nothing.
    root: u32,
    levels: usize,
    last_leaf: u32,
}

impl<O: Clone, S: Storage> Clone for Tree<O, S>
where
    S::Slab<Leaf, CHUNK>: Clone,
    S::Slab<Inner, CHUNK>: Clone,
{
    fn clone(&self) -> Self {
        Tree {
            order: self.order.clone(),
            leaves: self.leaves.clone(),
            inners: self.inners.clone(),
            root: self.root,
            levels: self.levels,
            last_leaf: self.last_leaf,
        }
    }
}

/// The nodes that `records` records can need at most, one split in hand included: leaves and inner nodes.
pub(crate) fn most_nodes(records: u64) -> (u64, u64) {
    let leaves = records / LEAST as u64 + 2;
    // Each level has a sixth of the one below, and a level in hand.
    (leaves, leaves / (LEAST as u64 - 1) + MOST_LEVELS as u64 + 2)
}

impl<O, S: Storage> Tree<O, S> {
    /// An empty tree for at most `records` records.
    pub fn new(order: O, storage: &mut S, records: u32) -> Result<Self, StorageFull> {
        let (leaves, inners) = most_nodes(u64::from(records));
        let narrow = |count: u64| u32::try_from(count).map_err(|_| StorageFull);
        Ok(Tree {
            order,
            leaves: storage.slab(narrow(leaves)?)?,
            inners: storage.slab(narrow(inners)?)?,
            root: NIL,
            levels: 0,
            last_leaf: NIL,
        })
    }

    pub fn order(&self) -> &O {
        &self.order
    }

    /// Makes sure that the next `insertions` insertions find the nodes they may need.
    #[inline]
    pub fn reserve(&mut self, insertions: u32) -> Result<(), StorageFull> {
        if S::FIXED {
            // There are nodes for as many records as the tree was made for, however they come to stand.
            return Ok(());
        }
        self.leaves.reserve(insertions)?;
        self.inners.reserve(insertions * (self.levels as u32 + 1))
    }

    /// Makes sure that the next `insertions` insertions find the nodes they may need, when there never are more than
    /// `most` records on the way.
    pub fn reserve_many(&mut self, insertions: u64, most: u64) -> Result<(), StorageFull> {
        if S::FIXED {
            return Ok(());
        }
        let (leaves, inners) = most_nodes(most);
        let narrow = |count: u64| u32::try_from(count).map_err(|_| StorageFull);
        self.leaves.reserve(narrow(leaves.min(insertions))?)?;
        self.inners.reserve(narrow(inners.min(insertions.saturating_mul(self.levels as u64 + 1)))?)
    }

    pub fn bytes(&self) -> usize {
        self.leaves.bytes() + self.inners.bytes()
    }

    /// The record that a cursor stands on.
    #[inline]
    pub fn record(&self, cursor: &Cursor) -> u32 {
        self.leaves.get(cursor.leaf).records[cursor.at]
    }

    /// The last record in the order. O(1).
    pub fn last_record(&self) -> Option<u32> {
        let leaf = self.leaves.try_get(self.last_leaf)?;
        Some(leaf.records[leaf.len() - 1])
    }

    /// The way to the last record in the order. O(log n).
    pub fn last(&self) -> Option<Cursor> {
        if self.root == NIL {
            return None;
        }
        let mut cursor = Cursor { way: [(NIL, 0); MOST_LEVELS], leaf: NIL, at: 0 };
        let mut node = self.root;
        for way in &mut cursor.way[..self.levels] {
            let inner = self.inners.get(node);
            let entry = inner.len() - 1;
            *way = (node, entry as u32);
            node = inner.children[entry];
        }
        cursor.leaf = node;
        cursor.at = self.leaves.get(node).len() - 1;
        Some(cursor)
    }

    /// The largest weight in an augmented tree. O(1).
    pub fn heaviest(&self) -> u64 {
        if self.root == NIL {
            0
        } else if self.levels == 0 {
            let leaf = self.leaves.get(self.root);
            greatest(&leaf.weights[..leaf.len()])
        } else {
            let inner = self.inners.get(self.root);
            greatest(&inner.second[..inner.len()])
        }
    }

    /// Moves the cursor to the next record. False at the end.
    pub fn advance(&self, cursor: &mut Cursor) -> bool {
        cursor.at += 1;
        if cursor.at < self.leaves.get(cursor.leaf).len() {
            return true;
        }
        for level in (0..self.levels).rev() {
            let (node, entry) = cursor.way[level];
            let inner = self.inners.get(node);
            if entry as usize + 1 < inner.len() {
                cursor.way[level].1 += 1;
                self.descend_first(cursor, level + 1, inner.children[entry as usize + 1]);
                return true;
            }
        }
        false
    }

    /// Stands on the first entry below `node`, which is at `level`.
    fn descend_first(&self, cursor: &mut Cursor, level: usize, mut node: u32) {
        for way in &mut cursor.way[level..self.levels] {
            *way = (node, 0);
            node = self.inners.get(node).children[0];
        }
        cursor.leaf = node;
        cursor.at = 0;
    }

    /// The first record in the order.
    pub fn first(&self) -> Option<Cursor> {
        if self.root == NIL {
            return None;
        }
        let mut cursor = Cursor { way: [(NIL, 0); MOST_LEVELS], leaf: NIL, at: 0 };
        self.descend_first(&mut cursor, 0, self.root);
        Some(cursor)
    }

    /// In an augmented tree, the first record that weighs at least `weight`, at the cursor or after it.
    /// O(log n). False when there is none.
    pub fn seek_heavy(&self, cursor: &mut Cursor, weight: u64) -> bool {
        let leaf = self.leaves.get(cursor.leaf);
        let length = leaf.len();
        if let Some(at) = (cursor.at..length).find(|&at| leaf.weights[at] >= weight) {
            cursor.at = at;
            return true;
        }
        for level in (0..self.levels).rev() {
            let (node, entry) = cursor.way[level];
            let inner = self.inners.get(node);
            let heavy = (entry as usize + 1..inner.len()).find(|&entry| inner.second[entry] >= weight);
            if let Some(entry) = heavy {
                cursor.way[level].1 = entry as u32;
                self.descend_heavy(cursor, level + 1, inner.children[entry], weight);
                return true;
            }
        }
        false
    }

    /// The first record that weighs at least `weight`. O(log n).
    #[inline]
    pub fn first_heavy(&self, weight: u64) -> Option<Cursor> {
        if self.root == NIL || self.heaviest() < weight {
            return None;
        }
        let mut cursor = Cursor { way: [(NIL, 0); MOST_LEVELS], leaf: NIL, at: 0 };
        self.descend_heavy(&mut cursor, 0, self.root, weight);
        Some(cursor)
    }

    /// Below `node` there is a record that weighs at least `weight`: stands on the first.
    fn descend_heavy(&self, cursor: &mut Cursor, level: usize, mut node: u32, weight: u64) {
        for way in &mut cursor.way[level..self.levels] {
            let inner = self.inners.get(node);
            let entry = first_at_least(&inner.second, weight);
            *way = (node, entry as u32);
            node = inner.children[entry];
        }
        cursor.leaf = node;
        cursor.at = first_at_least(&self.leaves.get(node).weights, weight);
    }
}

impl<O, S: Storage> Tree<O, S> {
    /// The way to the last leaf whose first key is not above `key`; the cursor stands on its first entry.
    #[inline]
    fn locate<R>(&self, key: Key) -> Cursor
    where
        O: Order<R>,
    {
        let mut cursor = Cursor { way: [(NIL, 0); MOST_LEVELS], leaf: NIL, at: 0 };
        let mut node = self.root;
        for way in &mut cursor.way[..self.levels] {
            let inner = self.inners.get(node);
            let not_above = |entry: usize| {
                let (first, second) = (inner.first[entry], inner.second[entry]);
                first < key.major || (first == key.major && (O::AUGMENTED || second <= key.minor))
            };
            let entry = count_while(not_above).saturating_sub(1);
            *way = (node, entry as u32);
            node = inner.children[entry];
        }
        cursor.leaf = node;
        cursor
    }

    /// As [`locate`](Self::locate), for a record that was entered with this key; the cursor stands on it.
    #[inline]
    fn locate_record<R>(&self, record: u32, key: Key) -> Cursor
    where
        O: Order<R>,
    {
        let mut cursor = self.locate(key);
        let records = &self.leaves.get(cursor.leaf).records;
        cursor.at = records.iter().position(|&other| other == record).unwrap_or(0);
        debug_assert_eq!(records[cursor.at], record, "the tree does not hold this record where it should");
        cursor
    }

    /// As [`locate`](Self::locate); the cursor stands on the first entry whose key is not below this one, or behind
    /// the last entry of the leaf.
    #[inline]
    fn locate_place<R>(&self, records: &R, key: Key) -> Cursor
    where
        O: Order<R>,
    {
        let mut cursor = self.locate(key);
        let leaf = self.leaves.get(cursor.leaf);
        let (mut at, length) = (0, leaf.len());
        if O::WEIGHT_IS_MAJOR {
            at = count_while(|entry| leaf.weights[entry] < key.major);
        }
        while at < length
            && (!O::WEIGHT_IS_MAJOR || leaf.weights[at] == key.major)
            && self.order.key(records, leaf.records[at]) < key
        {
            at += 1;
        }
        cursor.at = at;
        cursor
    }

    /// The first record whose key is not below `key`. O(log n).
    pub fn seek<R>(&self, records: &R, key: Key) -> Option<Cursor>
    where
        O: Order<R>,
    {
        if self.root == NIL {
            return None;
        }
        let mut cursor = self.locate_place(records, key);
        if cursor.at < self.leaves.get(cursor.leaf).len() {
            return Some(cursor);
        }
        cursor.at -= 1;
        self.advance(&mut cursor).then_some(cursor)
    }

    /// The last record whose key is not above `key`. O(log n).
    pub fn at_or_before<R>(&self, records: &R, key: Key) -> Option<u32>
    where
        O: Order<R>,
    {
        if self.root == NIL {
            return None;
        }
        let cursor = self.locate_place(records, key);
        let leaf = self.leaves.get(cursor.leaf);
        // Inner keys are exact, so a predecessor is in this leaf, save before the very first record.
        let here = cursor.at < leaf.len() && self.order.key(records, leaf.records[cursor.at]) == key;
        let at = if here { cursor.at } else { cursor.at.checked_sub(1)? };
        Some(leaf.records[at])
    }

    /// Adds a record. The caller has [reserved](Self::reserve). O(log n).
    pub fn insert<R>(&mut self, records: &R, record: u32)
    where
        O: Order<R>,
    {
        let key = self.order.key(records, record);
        let weight = self.order.weight(records, record);
        if self.root == NIL {
            let Ok((leaf, node)) = self.leaves.take() else { return };
            *node = Leaf::EMPTY;
            (self.root, self.last_leaf) = (leaf, leaf);
        }
        let mut cursor = self.locate_place(records, key);
        if self.leaves.get(cursor.leaf).len() == FANOUT {
            self.split_leaf(records, &mut cursor);
        }
        let leaf = self.leaves.get_mut(cursor.leaf);
        leaf.open(cursor.at);
        leaf.weights[cursor.at] = weight;
        leaf.records[cursor.at] = record;
        self.climb(&cursor, (cursor.at == 0).then_some(key));
    }

    /// Removes a record that was entered with this key. O(log n).
    pub fn remove<R>(&mut self, records: &R, record: u32, key: Key)
    where
        O: Order<R>,
    {
        let cursor = self.locate_record(record, key);
        self.remove_at(records, &cursor);
    }

    /// Removes the record that the cursor stands on. O(log n), mostly O(1).
    pub fn remove_at<R>(&mut self, records: &R, cursor: &Cursor)
    where
        O: Order<R>,
    {
        let leaf = self.leaves.get_mut(cursor.leaf);
        leaf.close(cursor.at);
        let length = leaf.len();
        if length < LEAST && self.levels > 0 {
            self.climb_from(records, cursor);
            self.mend_leaf(records, cursor);
        } else if length == 0 {
            self.leaves.give(cursor.leaf);
            (self.root, self.last_leaf) = (NIL, NIL);
        } else {
            self.climb_from(records, cursor);
        }
    }

    /// A record has changed its weight, and perhaps its key, without changing its place in the order. `old` is the
    /// key it had. O(log n).
    pub fn changed<R>(&mut self, records: &R, record: u32, old: Key)
    where
        O: Order<R>,
    {
        let cursor = self.locate_record(record, old);
        self.changed_at(records, &cursor);
    }

    /// As [`changed`](Self::changed), for the record that the cursor stands on. O(log n), mostly O(1).
    pub fn changed_at<R>(&mut self, records: &R, cursor: &Cursor)
    where
        O: Order<R>,
    {
        let record = self.record(cursor);
        let weight = self.order.weight(records, record);
        self.leaves.get_mut(cursor.leaf).weights[cursor.at] = weight;
        let first = (cursor.at == 0).then(|| self.order.key(records, record));
        self.climb(cursor, first);
    }

    /// As [`climb`](Self::climb) after a removal: whatever is first now gives the key.
    fn climb_from<R>(&mut self, records: &R, cursor: &Cursor)
    where
        O: Order<R>,
    {
        let first = (cursor.at == 0 && self.levels > 0)
            .then(|| self.order.key(records, self.leaves.get(cursor.leaf).records[0]));
        self.climb(cursor, first);
    }

    /// Brings the entries above a changed leaf up to date, as far as anything changes. `first` is the leaf's new
    /// first key, if that changed.
    #[inline]
    fn climb<R>(&mut self, cursor: &Cursor, mut first: Option<Key>)
    where
        O: Order<R>,
    {
        if self.levels == 0 {
            return;
        }
        let mut heaviest = 0;
        if O::AUGMENTED {
            let leaf = self.leaves.get(cursor.leaf);
            heaviest = greatest(&leaf.weights[..leaf.len()]);
        }
        for &(node, entry) in cursor.way[..self.levels].iter().rev() {
            let inner = self.inners.get_mut(node);
            let entry = entry as usize;
            let mut same = true;
            if let Some(key) = first {
                same = inner.first[entry] == key.major && (O::AUGMENTED || inner.second[entry] == key.minor);
                inner.first[entry] = key.major;
                if !O::AUGMENTED {
                    inner.second[entry] = key.minor;
                }
            }
            if O::AUGMENTED {
                same &= inner.second[entry] == heaviest;
                inner.second[entry] = heaviest;
                heaviest = greatest(&inner.second[..inner.len()]);
            }
            if same {
                return;
            }
            if entry != 0 {
                first = None;
                if !O::AUGMENTED {
                    return;
                }
            }
        }
    }
}
