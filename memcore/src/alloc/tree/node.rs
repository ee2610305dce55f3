//! The nodes of the [tree](super): plain columns, and how entries move within and between them.

use super::super::storage::Slot;
use bytemuck::{Pod, Zeroable};

/// Entries of a node: one cache line of child indices, two of weights.
pub(super) const FANOUT: usize = 16;
/// A node that is not the root has at least this many.
pub(super) const LEAST: usize = 6;

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Leaf {
    pub(super) weights: [u64; FANOUT],
    pub(super) records: [u32; FANOUT],
    pub(super) length: u64,
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Inner {
    /// Major half of the first key below.
    pub(super) first: [u64; FANOUT],
    /// Largest weight below (augmented), or the minor half of the first key.
    pub(super) second: [u64; FANOUT],
    pub(super) children: [u32; FANOUT],
    pub(super) length: u64,
}

impl Slot for Leaf {
    fn vacant(_floor: u32) -> Self {
        Leaf::zeroed()
    }
    fn free_link(&self) -> u32 {
        self.records[0]
    }
    fn set_free_link(&mut self, next: u32) {
        self.records[0] = next;
    }
}

impl Slot for Inner {
    fn vacant(_floor: u32) -> Self {
        Inner::zeroed()
    }
    fn free_link(&self) -> u32 {
        self.children[0]
    }
    fn set_free_link(&mut self, next: u32) {
        self.children[0] = next;
    }
}

/// What splitting and joining ask of either kind of node.
pub(super) trait Node: Slot {
    fn len(&self) -> usize;
    /// Makes room for an entry at `at`.
    fn open(&mut self, at: usize);
    /// Removes the entry at `at`.
    fn close(&mut self, at: usize);
    /// Moves entries `from..` of `self` to the front of `other`.
    fn give_tail(&mut self, from: usize, other: &mut Self);
    /// Moves the first `count` entries of `other` to the end of `self`.
    fn take_head(&mut self, other: &mut Self, count: usize);
}

macro_rules! node {
    ($node:ident: $($column:ident),+) => {
        impl $node {
            /// A node without entries. What is not in use is as large as can be, so that counting the entries below
            /// a key need not look at the length.
            pub(super) const EMPTY: $node = $node { length: 0, $($column: [!0; FANOUT],)+ };
        }

        impl Node for $node {
            #[inline]
            fn len(&self) -> usize {
                (self.length as usize).min(FANOUT)
            }
            #[inline]
            fn open(&mut self, at: usize) {
                let length = self.len();
                $(self.$column.copy_within(at..length.min(FANOUT - 1), at + 1);)+
                self.length += 1;
            }
            #[inline]
            fn close(&mut self, at: usize) {
                let length = self.len();
                $(self.$column.copy_within(at + 1..length, at);)+
                $(self.$column[length - 1] = !0;)+
                self.length -= 1;
            }
            fn give_tail(&mut self, from: usize, other: &mut Self) {
                let (length, kept) = (self.len(), other.len());
                let moved = length - from;
                $(other.$column.copy_within(..kept, moved);)+
                $(other.$column[..moved].copy_from_slice(&self.$column[from..length]);)+
                $(self.$column[from..].fill(!0);)+
                self.length = from as u64;
                other.length = (kept + moved) as u64;
            }
            fn take_head(&mut self, other: &mut Self, count: usize) {
                let (length, rest) = (self.len(), other.len());
                $(self.$column[length..length + count].copy_from_slice(&other.$column[..count]);)+
                $(other.$column.copy_within(count..rest, 0);)+
                $(other.$column[rest - count..].fill(!0);)+
                self.length = (length + count) as u64;
                other.length = (rest - count) as u64;
            }
        }
    };
}
node!(Leaf: weights, records);
node!(Inner: first, second, children);

/// The first entry that is at least `weight`; the caller knows that there is one.
#[inline]
pub(super) fn first_at_least(weights: &[u64; FANOUT], weight: u64) -> usize {
    weights.iter().position(|&other| other >= weight).unwrap_or(FANOUT - 1)
}

/// For how many of a node's entries, which are ascending, `holds` is true. What is not in use is as large as can be.
///
/// A walk that ends early mispredicts one branch; a binary search mispredicts two, or without branches waits for
/// each load in turn, and both took longer in measurements.
#[inline(always)]
pub(super) fn count_while(holds: impl Fn(usize) -> bool) -> usize {
    (0..FANOUT).find(|&entry| !holds(entry)).unwrap_or(FANOUT)
}

#[inline]
pub(super) fn greatest(weights: &[u64]) -> u64 {
    weights.iter().copied().fold(0, u64::max)
}
