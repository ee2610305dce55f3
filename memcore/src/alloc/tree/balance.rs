//! Splitting full nodes and joining sparse ones.
//!
//! ```text
//! split   parent [ .. a .. ]            parent [ .. a  b .. ]
//!                     |           =>                |  |
//!              [ 16 entries ]            [ 8 entries ][ 8 entries ]
//!
//! mend    parent [ .. a  b .. ]         parent [ .. a .. ]            or, where both together hold
//!                     |  |        =>                |                 more than one node can, half each
//!                [ 5 ][ 9 ]                      [ 14 ]
//! ```
//!
//! Splitting goes from the topmost full ancestor down, so that each parent has room when its child splits.
//! Mending goes from the leaf up, as far as nodes become sparse.

use super::super::Corruption;
use super::super::storage::{NIL, Slab, Storage};
use super::node::{FANOUT, Inner, LEAST, Leaf, Node, greatest};
use super::{Cursor, Key, MOST_LEVELS, Order, Tree};

const HALF: usize = FANOUT / 2;

impl<O, S: Storage> Tree<O, S> {
    /// What a parent says of a leaf: first key's major half, and heaviest weight or minor half.
    fn summary<R>(&self, records: &R, leaf: &Leaf) -> (u64, u64)
    where
        O: Order<R>,
    {
        let key = self.order.key(records, leaf.records[0]);
        (key.major, if O::AUGMENTED { greatest(&leaf.weights[..leaf.len()]) } else { key.minor })
    }

    fn inner_summary<R>(&self, inner: &Inner) -> (u64, u64)
    where
        O: Order<R>,
    {
        let second = if O::AUGMENTED { greatest(&inner.second[..inner.len()]) } else { inner.second[0] };
        (inner.first[0], second)
    }

    /// Splits the full leaf under the cursor, which afterwards stands where it stood among the records.
    pub(super) fn split_leaf<R>(&mut self, records: &R, cursor: &mut Cursor)
    where
        O: Order<R>,
    {
        let mut level = self.levels;
        while level > 0 && self.inners.get(cursor.way[level - 1].0).len() == FANOUT {
            level -= 1;
        }
        if level == 0 {
            self.add_root(records, cursor);
            level = 1;
        }
        for full in level..self.levels {
            self.split_inner(cursor, full);
        }
        let Ok((right, _)) = self.leaves.take() else { return };
        let (mut lower, mut upper) = (*self.leaves.get(cursor.leaf), Leaf::EMPTY);
        lower.give_tail(HALF, &mut upper);
        let (below, above) = (self.summary(records, &lower), self.summary(records, &upper));
        *self.leaves.get_mut(cursor.leaf) = lower;
        *self.leaves.get_mut(right) = upper;
        if self.last_leaf == cursor.leaf {
            self.last_leaf = right;
        }
        self.add_child::<R>(&mut cursor.way[self.levels - 1], below, right, above, cursor.at > HALF);
        if cursor.at > HALF {
            (cursor.leaf, cursor.at) = (right, cursor.at - HALF);
        }
    }

    /// Splits the full inner node at `level` of the way; its parent has room.
    fn split_inner<R>(&mut self, cursor: &mut Cursor, level: usize)
    where
        O: Order<R>,
    {
        let (node, entry) = cursor.way[level];
        let Ok((right, _)) = self.inners.take() else { return };
        let (mut lower, mut upper) = (*self.inners.get(node), Inner::EMPTY);
        lower.give_tail(HALF, &mut upper);
        let (below, above) = (self.inner_summary::<R>(&lower), self.inner_summary::<R>(&upper));
        *self.inners.get_mut(node) = lower;
        *self.inners.get_mut(right) = upper;
        let goes_right = entry as usize >= HALF;
        self.add_child::<R>(&mut cursor.way[level - 1], below, right, above, goes_right);
        if goes_right {
            cursor.way[level] = (right, entry - HALF as u32);
        }
    }

    /// Enters `right` behind the child that the way takes through `parent`.
    fn add_child<R>(
        &mut self,
        parent: &mut (u32, u32),
        below: (u64, u64),
        right: u32,
        above: (u64, u64),
        goes_right: bool,
    ) where
        O: Order<R>,
    {
        let inner = self.inners.get_mut(parent.0);
        let entry = parent.1 as usize;
        if O::AUGMENTED {
            inner.second[entry] = below.1;
        }
        inner.open(entry + 1);
        (inner.first[entry + 1], inner.second[entry + 1]) = above;
        inner.children[entry + 1] = right;
        parent.1 += u32::from(goes_right);
    }

    fn add_root<R>(&mut self, records: &R, cursor: &mut Cursor)
    where
        O: Order<R>,
    {
        let Ok((root, _)) = self.inners.take() else { return };
        let (first, second) = if self.levels == 0 {
            self.summary(records, self.leaves.get(self.root))
        } else {
            self.inner_summary::<R>(self.inners.get(self.root))
        };
        let mut inner = Inner::EMPTY;
        (inner.first[0], inner.second[0], inner.children[0], inner.length) = (first, second, self.root, 1);
        *self.inners.get_mut(root) = inner;
        cursor.way.copy_within(..MOST_LEVELS - 1, 1);
        cursor.way[0] = (root, 0);
        self.root = root;
        self.levels += 1;
    }

    /// The leaf under the cursor is sparse: joins it with a neighbour or takes from it.
    pub(super) fn mend_leaf<R>(&mut self, records: &R, cursor: &Cursor)
    where
        O: Order<R>,
    {
        let (parent, entry) = cursor.way[self.levels - 1];
        let left_entry = (entry as usize).saturating_sub(1);
        let children = &self.inners.get(parent).children;
        let (left, right) = (children[left_entry], children[left_entry + 1]);
        let (mut lower, mut upper) = (*self.leaves.get(left), *self.leaves.get(right));
        share(&mut lower, &mut upper);
        let below = self.summary(records, &lower);
        let above = if upper.len() > 0 { Some(self.summary(records, &upper)) } else { None };
        *self.leaves.get_mut(left) = lower;
        *self.leaves.get_mut(right) = upper;
        if above.is_none() {
            self.leaves.give(right);
            if self.last_leaf == right {
                self.last_leaf = left;
            }
        }
        self.mended::<R>(parent, left_entry, below, above);
        self.mend_inner::<R>(cursor);
    }

    /// Joins sparse inner nodes along the way, from the bottom up.
    fn mend_inner<R>(&mut self, cursor: &Cursor)
    where
        O: Order<R>,
    {
        for level in (1..self.levels).rev() {
            if self.inners.get(cursor.way[level].0).len() >= LEAST {
                return;
            }
            let (parent, entry) = cursor.way[level - 1];
            let left_entry = (entry as usize).saturating_sub(1);
            let children = &self.inners.get(parent).children;
            let (left, right) = (children[left_entry], children[left_entry + 1]);
            let (mut lower, mut upper) = (*self.inners.get(left), *self.inners.get(right));
            share(&mut lower, &mut upper);
            let below = self.inner_summary::<R>(&lower);
            let above = if upper.len() > 0 { Some(self.inner_summary::<R>(&upper)) } else { None };
            *self.inners.get_mut(left) = lower;
            *self.inners.get_mut(right) = upper;
            if above.is_none() {
                self.inners.give(right);
            }
            self.mended::<R>(parent, left_entry, below, above);
        }
        let root = *self.inners.get(self.root);
        if root.len() == 1 {
            self.inners.give(self.root);
            self.root = root.children[0];
            self.levels -= 1;
        }
    }

    /// Two neighbouring children have shared their entries anew, or (`above` is none) the right one is gone.
    fn mended<R>(&mut self, parent: u32, left_entry: usize, below: (u64, u64), above: Option<(u64, u64)>)
    where
        O: Order<R>,
    {
        let inner = self.inners.get_mut(parent);
        if O::AUGMENTED {
            inner.second[left_entry] = below.1;
        }
        match above {
            Some(above) => (inner.first[left_entry + 1], inner.second[left_entry + 1]) = above,
            None => inner.close(left_entry + 1),
        }
    }

    /// Checks the tree against `in_order`, the records that it should hold, in order. O(n).
    pub fn validate<R>(&self, records: &R, in_order: impl Iterator<Item = u32>) -> Result<(), Corruption>
    where
        O: Order<R>,
    {
        let mut cursor = self.first();
        let mut previous: Option<Key> = None;
        for record in in_order {
            let Some(at) = &mut cursor else {
                return Err(Corruption { what: "a record is missing in its index", at: u64::from(record) });
            };
            let held = self.record(at);
            let key = self.order.key(records, held);
            Corruption::unless(held == record, "the index holds another record", u64::from(held))?;
            Corruption::unless(previous < Some(key), "the index is out of order", key.major)?;
            let leaf = self.leaves.get(at.leaf);
            let weight = self.order.weight(records, held);
            Corruption::unless(leaf.weights[at.at] == weight, "the index holds an old weight", key.major)?;
            let sparse = self.levels > 0 && leaf.len() < LEAST;
            Corruption::unless(!sparse, "a leaf of the index is too sparse", key.major)?;
            if at.at == 0 {
                self.validate_way(records, at)?;
            }
            previous = Some(key);
            if !self.advance(at) {
                Corruption::unless(
                    at.leaf == self.last_leaf,
                    "the index names another last leaf",
                    key.major,
                )?;
                cursor = None;
            }
        }
        let left_over = cursor.map(|at| self.record(&at));
        Corruption::unless(
            left_over.is_none(),
            "the index holds a record too many",
            left_over.unwrap_or(NIL).into(),
        )
    }

    /// Checks what the inner nodes above a leaf say of it.
    fn validate_way<R>(&self, records: &R, cursor: &Cursor) -> Result<(), Corruption>
    where
        O: Order<R>,
    {
        let mut summary = self.summary(records, self.leaves.get(cursor.leaf));
        for &(node, entry) in cursor.way[..self.levels].iter().rev() {
            let inner = self.inners.get(node);
            let said = (inner.first[entry as usize], inner.second[entry as usize]);
            Corruption::unless(said == summary, "an inner node of the index is out of date", summary.0)?;
            if entry != 0 {
                break;
            }
            summary = self.inner_summary::<R>(inner);
        }
        Ok(())
    }
}

/// Joins both nodes in the lower one if they fit, else leaves each about half.
fn share<N: Node>(lower: &mut N, upper: &mut N) {
    let total = lower.len() + upper.len();
    if total <= FANOUT {
        lower.take_head(upper, upper.len());
    } else if lower.len() < total / 2 {
        lower.take_head(upper, total / 2 - lower.len());
    } else {
        lower.give_tail(total / 2, upper);
    }
}
