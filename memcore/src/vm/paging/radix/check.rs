//! What must hold of a tree, however it came here.

use super::{ENTRIES, FREE, NONE, Node, ROOT, Radix};
use std_alloc::vec::Vec;

impl Radix {
    /// Checks all that must hold, for a tree of this shape (page bits, levels, limit) with leaves at the levels
    /// that `can_map` allows. O(entries).
    pub(in super::super) fn validate(
        &self,
        shape: (u32, u32, u64),
        can_map: impl Fn(u32) -> bool,
    ) -> Result<(), &'static str> {
        if (self.page_bits, self.levels, self.limit) != shape {
            return Err("a page table has another shape than its hardware");
        }
        if self.nodes.len().checked_mul(ENTRIES) != Some(self.entries.len()) {
            return Err("a page table has entries without a table");
        }
        let used = self.nodes.iter().filter(|node| node.level != FREE).count() as u64;
        if used != self.live || (!self.nodes.is_empty() && used == 0) {
            return Err("the count of page tables is wrong");
        }
        if let Some(root) = self.nodes.first() {
            if u32::from(root.level) != self.levels - 1 {
                return Err("the root of a page table has another level");
            }
        }
        self.validate_free()?;
        let mut pointed: Vec<bool> = Vec::new();
        pointed.try_reserve_exact(self.nodes.len()).map_err(|_| "no memory to check a page table")?;
        pointed.resize(self.nodes.len(), false);
        for (node, table) in self.nodes.iter().zip(self.entries.chunks_exact(ENTRIES)) {
            let count = table.iter().filter(|entry| !entry.is_empty()).count();
            if count != usize::from(node.used) || (node.level == FREE && count != 0) {
                return Err("the count of a page table's entries is wrong");
            }
            for entry in table {
                entry.validate()?;
                let level = node.level;
                match entry.table_number() {
                    None if entry.is_empty() || can_map(level.into()) => {}
                    None => return Err("a page is larger than this hardware has"),
                    Some(next) => {
                        let below = self
                            .nodes
                            .get(next as usize)
                            .filter(|below| level > 0 && level != FREE && below.level == level - 1);
                        if below.is_none() || core::mem::replace(&mut pointed[next as usize], true) {
                            return Err("an entry points to no table of the level below, or to a shared one");
                        }
                    }
                }
            }
        }
        // As levels fall along each pointer and each table has one pointer to it, the tables form a tree.
        let is_tree = |(number, node): (usize, &Node)| pointed[number] == (number != 0 && node.level != FREE);
        if !self.nodes.iter().enumerate().all(is_tree) {
            return Err("a page table is not reached from the root");
        }
        if self.nodes.is_empty() || self.is_inside(ROOT, self.levels - 1, 0) {
            Ok(())
        } else {
            Err("a page table has entries above the end of its addresses")
        }
    }

    /// Whether no entry of a table begins at the limit or above it. Recurses as deep as there are levels.
    fn is_inside(&self, node: u32, level: u32, base: u128) -> bool {
        let table = &self.entries[node as usize * ENTRIES..][..ENTRIES];
        table.iter().enumerate().filter(|(_, entry)| !entry.is_empty()).all(|(index, entry)| {
            let start = base + ((index as u128) << self.shift(level));
            start < self.limit.into()
                && entry.table_number().is_none_or(|next| self.is_inside(next, level - 1, start))
        })
    }

    /// Whether the list of free tables holds each of them once.
    fn validate_free(&self) -> Result<(), &'static str> {
        let (mut at, mut free) = (self.free, 0);
        while at != NONE {
            let node = self.nodes.get(at as usize).filter(|node| node.level == FREE);
            let next = node.and_then(|node| u32::try_from(node.frame).ok());
            at = next.ok_or("the list of free page tables is broken")?;
            free += 1;
            if free > self.nodes.len() {
                return Err("the list of free page tables is a circle");
            }
        }
        if free as u64 + self.live == self.nodes.len() as u64 {
            Ok(())
        } else {
            Err("a free page table is not in the list")
        }
    }
}
