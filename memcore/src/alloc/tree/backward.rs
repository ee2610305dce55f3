//! Searching towards lower keys: the last record up to here that weighs at least w.
//!
//! Largest weights below an entry serve either direction, so "the highest hole that is large enough" needs no second
//! tree with its keys mirrored: only the walk is mirrored.

use super::super::storage::{Slab, Storage};
use super::node::Node;
use super::{Cursor, Tree};

impl<O, S: Storage> Tree<O, S> {
    /// In an augmented tree, the last record that weighs at least `weight`, at the cursor or before it.
    /// O(log n). False when there is none.
    pub fn seek_heavy_back(&self, cursor: &mut Cursor, weight: u64) -> bool {
        let leaf = self.leaves.get(cursor.leaf);
        if let Some(at) = (0..=cursor.at).rev().find(|&at| leaf.weights[at] >= weight) {
            cursor.at = at;
            return true;
        }
        for level in (0..self.levels).rev() {
            let (node, entry) = cursor.way[level];
            let inner = self.inners.get(node);
            let heavy = (0..entry as usize).rev().find(|&entry| inner.second[entry] >= weight);
            if let Some(entry) = heavy {
                cursor.way[level].1 = entry as u32;
                self.descend_heavy_back(cursor, level + 1, inner.children[entry], weight);
                return true;
            }
        }
        false
    }

    /// Moves the cursor to the record before. O(log n), mostly O(1). False at the beginning.
    pub fn retreat(&self, cursor: &mut Cursor) -> bool {
        if cursor.at > 0 {
            cursor.at -= 1;
            return true;
        }
        for level in (0..self.levels).rev() {
            let (node, entry) = cursor.way[level];
            if entry > 0 {
                cursor.way[level].1 = entry - 1;
                // Each record weighs at least nothing, so this is the last one below the entry.
                let child = self.inners.get(node).children[entry as usize - 1];
                self.descend_heavy_back(cursor, level + 1, child, 0);
                return true;
            }
        }
        false
    }

    /// Below `node` there is a record that weighs at least `weight`: stands on the last.
    fn descend_heavy_back(&self, cursor: &mut Cursor, level: usize, mut node: u32, weight: u64) {
        for way in &mut cursor.way[level..self.levels] {
            let inner = self.inners.get(node);
            let entry = last_at_least(&inner.second[..inner.len()], weight);
            *way = (node, entry as u32);
            node = inner.children[entry];
        }
        let leaf = self.leaves.get(node);
        cursor.leaf = node;
        cursor.at = last_at_least(&leaf.weights[..leaf.len()], weight);
    }
}

/// The last entry that is at least `weight`; the caller knows that there is one.
fn last_at_least(weights: &[u64], weight: u64) -> usize {
    weights.iter().rposition(|&other| other >= weight).unwrap_or(0)
}
