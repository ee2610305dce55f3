//! The page table of one address space, whatever the hardware.
//!
//! A tree of tables is what x86-64 and RISC-V have; each of its tables takes a frame. The other two kinds are part
//! of the machine that they translate for and take no frames: the one table with an entry a page, and the inverted
//! table. Both keep their entries in a hidden tree, so that what is not used takes no memory of the host, and all
//! kinds do ranges in the same way.
//!
//! | kind | a walk reads | where the entries are, for a cache that watches |
//! |---|---|---|
//! | tree | an entry a level | frame of the table x page size + index x 8 |
//! | one-level | one entry | index x 8 |
//! | inverted | an anchor, then a link after the other | bucket x 8; behind the anchors, link x 32 |

use super::super::types::Frame;
use super::config::{INDEX_BITS, PagingConfig};
use super::entry::Entry;
use super::frames::{NoFrame, TableFrames};
use super::inverted::{ANCHOR_BYTES, Buckets, LINK_BYTES};
use super::radix::Radix;
use serde::{Deserialize, Serialize};

/// Bytes of an entry, as the hardware reads it.
const ENTRY_BYTES: u64 = 8;
/// Buckets of an inverted table of which nobody said how many.
const DEFAULT_BUCKETS: u64 = 1024;

/// An entry that a walk reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::vm) struct Step {
    /// The level of the table; 0 is that of single pages. The anchor of a bucket is at level 1.
    pub level: u32,
    /// The frame that the table is in.
    pub table: Frame,
    /// The index in the table; the bucket of an anchor, the number of a link.
    pub index: u64,
    /// The physical address of what is read.
    pub entry_address: u64,
    /// What is read, unless it points to a table, an anchor, or a link of another page: then it is empty.
    pub entry: Entry,
    /// Whether the walk goes on from here.
    pub is_table: bool,
    /// The table that the entry points to, if it does.
    pub next: Option<Frame>,
}

/// A page table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::vm) struct PageTable {
    config: PagingConfig,
    tree: Radix,
    /// Those of an inverted table.
    buckets: Option<Buckets>,
}

/// Frames for tables of a tree; none for hidden trees, which take no memory of the machine.
struct Source<'a, F> {
    frames: Option<&'a mut F>,
}

impl<F: TableFrames> TableFrames for Source<'_, F> {
    fn take(&mut self) -> Option<Frame> {
        match &mut self.frames {
            Some(frames) => frames.take(),
            None => Some(0),
        }
    }

    fn give(&mut self, frame: Frame) {
        if let Some(frames) = &mut self.frames {
            frames.give(frame);
        }
    }
}

fn source<'a, F>(config: &PagingConfig, frames: &'a mut F) -> Source<'a, F> {
    Source { frames: has_tables(config).then_some(frames) }
}

/// Whether the hardware has tables in frames.
fn has_tables(config: &PagingConfig) -> bool {
    !matches!(config, PagingConfig::Inverted { .. } | PagingConfig::OneLevel { .. })
}

impl PageTable {
    /// An empty table. O(1); of an inverted one O(buckets).
    ///
    /// # Errors
    /// [`NoFrame`].
    pub fn new(config: &PagingConfig, frames: &mut impl TableFrames) -> Result<PageTable, NoFrame> {
        let buckets = match config {
            PagingConfig::Inverted { buckets: 0, .. } => Some(Buckets::new(DEFAULT_BUCKETS)?),
            PagingConfig::Inverted { buckets, .. } => Some(Buckets::new(*buckets)?),
            _ => None,
        };
        let levels = tree_levels(config);
        let frames = &mut source(config, frames);
        let tree = Radix::new(config.page_bits(), levels, config.address_limit(), frames)?;
        Ok(PageTable { config: *config, tree, buckets })
    }

    /// Its hardware.
    pub fn config(&self) -> &PagingConfig {
        &self.config
    }

    /// The entry that an address is translated by, and its level. Where nothing is mapped, the level is that where
    /// the walk ends. O(levels).
    #[inline]
    pub fn get(&self, address: u64) -> (Entry, u32) {
        let (entry, level) = self.tree.get(address);
        // The levels of a hidden tree are nobody's business.
        (entry, if self.config.levels() == 1 { 0 } else { level })
    }

    /// Replaces the entry of an address at a level, and whatever is under it. An empty entry makes no tables. A
    /// larger page around the address must be split first. O(levels).
    ///
    /// # Errors
    /// [`NoFrame`]; nothing has changed then.
    pub fn set(
        &mut self,
        address: u64,
        level: u32,
        entry: Entry,
        frames: &mut impl TableFrames,
    ) -> Result<(), NoFrame> {
        debug_assert!(self.config.can_map_at(level) || entry.is_empty());
        let frames = &mut source(&self.config, frames);
        let Some(buckets) = &mut self.buckets else { return self.tree.set(address, level, entry, frames) };
        buckets.reserve(1)?;
        let was_empty = self.tree.get(address).0.is_empty();
        self.tree.set(address, level, entry, frames)?;
        let page = address >> self.config.page_bits();
        match (was_empty, entry.is_empty()) {
            (true, false) => buckets.link(page),
            (false, true) => buckets.unlink(page),
            _ => {}
        }
        Ok(())
    }

    /// Changes the entry of an address, at whatever level it is, and gives what became of it; `None` where nothing
    /// is mapped. O(levels).
    #[inline]
    pub fn update(&mut self, address: u64, change: impl FnOnce(Entry) -> Entry) -> Option<Entry> {
        let entry = self.tree.update(address, change)?;
        if entry.is_empty() {
            if let Some(buckets) = &mut self.buckets {
                buckets.unlink(address >> self.config.page_bits());
            }
        }
        Some(entry)
    }

    /// Each entry that is not empty and intersects the range, in order: address, level, entry. O(tables + entries).
    pub fn for_each(&self, from: u64, to: u64, f: impl FnMut(u64, u32, Entry)) {
        self.tree.for_each(from, to, f);
    }

    /// The same; `f` may change the entries, and empty them. O(tables + entries).
    pub fn for_each_mut(&mut self, from: u64, to: u64, mut f: impl FnMut(u64, u32, &mut Entry)) {
        let Some(buckets) = &mut self.buckets else { return self.tree.for_each_mut(from, to, f) };
        let page_bits = self.config.page_bits();
        self.tree.for_each_mut(from, to, |address, level, entry| {
            f(address, level, entry);
            if entry.is_empty() {
                buckets.unlink(address >> page_bits);
            }
        });
    }

    /// Gives the child of a fork its entries: `f` gets each entry of this table, may change it, and says what the
    /// child's is. The child has nothing in the range. O(tables + entries).
    ///
    /// # Errors
    /// [`NoFrame`]; what was copied until then is in the child, and `f` was called for that alone.
    pub fn copy_range(
        &mut self,
        child: &mut PageTable,
        from: u64,
        to: u64,
        frames: &mut impl TableFrames,
        mut f: impl FnMut(u64, u32, &mut Entry) -> Entry,
    ) -> Result<(), NoFrame> {
        let frames = &mut source(&self.config, frames);
        let (Some(mine), Some(others)) = (&mut self.buckets, &mut child.buckets) else {
            return self.tree.copy_range(&mut child.tree, from, to, frames, f);
        };
        let mut pages = 0;
        self.tree.for_each(from, to, |_, _, _| pages += 1);
        others.reserve(pages)?;
        let page_bits = self.config.page_bits();
        self.tree.copy_range(&mut child.tree, from, to, frames, |address, level, entry| {
            let made = f(address, level, entry);
            let page = address >> page_bits;
            if entry.is_empty() {
                mine.unlink(page);
            }
            if !made.is_empty() && !others.contains(page) {
                others.link(page);
            }
            made
        })
    }

    /// Moves the entries of a range to one of the same length that has none and does not overlap. Large pages must
    /// come to stand on their own boundaries. O(tables + entries).
    ///
    /// # Errors
    /// [`NoFrame`]; nothing has moved then, but tables without entries may be left, which [`prune`](Self::prune)
    /// gives back.
    pub fn move_range(
        &mut self,
        from: u64,
        to: u64,
        length: u64,
        frames: &mut impl TableFrames,
    ) -> Result<(), NoFrame> {
        let frames = &mut source(&self.config, frames);
        self.tree.move_range(from, to, length, frames)?;
        if let Some(buckets) = &mut self.buckets {
            let page_bits = self.config.page_bits();
            self.tree.for_each(to, to.saturating_add(length), |address, _, _| {
                buckets.unlink(address.wrapping_sub(to).wrapping_add(from) >> page_bits);
                buckets.link(address >> page_bits);
            });
        }
        Ok(())
    }

    /// Makes a table of smaller pages out of the large page at an address: `f` gets the index of each and the large
    /// page's entry. Nothing where there is no large page. O(512).
    ///
    /// # Errors
    /// [`NoFrame`]; nothing has changed then.
    pub fn split(
        &mut self,
        address: u64,
        frames: &mut impl TableFrames,
        f: impl FnMut(u32, Entry) -> Entry,
    ) -> Result<(), NoFrame> {
        if !has_tables(&self.config) {
            return Ok(());
        }
        self.tree.split(address, frames, f)
    }

    /// Gives back the tables without entries that lie wholly in a range; never the root. O(tables in the range).
    pub fn prune(&mut self, from: u64, to: u64, frames: &mut impl TableFrames) {
        self.tree.prune(from, to, &mut source(&self.config, frames));
    }

    /// Gives back all tables, the root too, whatever entries they have. Afterwards nothing is mapped and nothing
    /// can be. O(tables).
    pub fn free(&mut self, frames: &mut impl TableFrames) {
        self.tree.free(&mut source(&self.config, frames));
        if let Some(buckets) = &mut self.buckets {
            buckets.clear();
        }
    }

    /// Tables in use: frames of a tree; else 1.
    pub fn tables(&self) -> u64 {
        if has_tables(&self.config) { self.tree.tables() } else { 1 }
    }

    /// Bytes of the tables in use, as the hardware has them.
    pub fn table_bytes(&self) -> u64 {
        match (&self.buckets, self.config) {
            (Some(buckets), _) => buckets.buckets() * ANCHOR_BYTES + buckets.pages() * LINK_BYTES,
            (None, PagingConfig::OneLevel { pages, .. }) => pages.saturating_mul(ENTRY_BYTES),
            _ => self.tree.tables() * self.config.page_size(),
        }
    }

    /// What the hardware does to translate an address: `step` sees each entry that it reads. Nothing changes. The
    /// entry and its level, as [`get`](Self::get). O(levels); of an inverted table O(length of the chain).
    #[inline]
    pub fn walk(&self, address: u64, mut step: impl FnMut(Step)) -> (Entry, u32) {
        if let Some(buckets) = &self.buckets {
            return (self.walk_chain(buckets, address, step), 0);
        }
        if !has_tables(&self.config) {
            let entry = self.tree.get(address).0;
            let index = address >> self.config.page_bits();
            let entry_address = index.wrapping_mul(ENTRY_BYTES);
            step(Step { level: 0, table: 0, index, entry_address, entry, is_table: false, next: None });
            return (entry, 0);
        }
        let page_bits = self.config.page_bits();
        self.tree.walk(address, |level, table, index, entry| {
            let entry_address = (table << page_bits) + index * ENTRY_BYTES;
            let next = entry.table_number().map(|number| self.tree.frame_of(number));
            let is_table = next.is_some();
            let entry = if is_table { Entry::EMPTY } else { entry };
            step(Step { level, table, index, entry_address, entry, is_table, next });
        })
    }

    fn walk_chain(&self, buckets: &Buckets, address: u64, mut step: impl FnMut(Step)) -> Entry {
        let page = address >> self.config.page_bits();
        let bucket = buckets.bucket(page) as u64;
        let mut see = |level, index, entry_address, entry, is_table| {
            step(Step { level, table: 0, index, entry_address, entry, is_table, next: None });
        };
        see(1, bucket, bucket * ANCHOR_BYTES, Entry::EMPTY, true);
        let links = buckets.buckets() * ANCHOR_BYTES;
        for (number, found) in buckets.chain(page) {
            let at = links + u64::from(number) * LINK_BYTES;
            if found == page {
                let entry = self.tree.get(address).0;
                see(0, number.into(), at, entry, false);
                return entry;
            }
            see(0, number.into(), at, Entry::EMPTY, true);
        }
        Entry::EMPTY
    }

    /// Bytes of the host's memory. O(1).
    pub fn metadata_bytes(&self) -> usize {
        self.tree.metadata_bytes() + self.buckets.as_ref().map_or(0, Buckets::metadata_bytes)
    }

    /// Checks all that must hold. O(tables + entries).
    pub fn validate(&self) -> Result<(), &'static str> {
        let config = &self.config;
        config.check().map_err(|_| "a page table of hardware that there cannot be")?;
        let shape = (config.page_bits(), tree_levels(config), config.address_limit());
        self.tree.validate(shape, |level| level == 0 || (has_tables(config) && config.can_map_at(level)))?;
        let Some(buckets) = &self.buckets else {
            let is_inverted = matches!(config, PagingConfig::Inverted { .. });
            return if is_inverted { Err("an inverted page table has no buckets") } else { Ok(()) };
        };
        let PagingConfig::Inverted { buckets: wanted, .. } = *config else {
            return Err("a page table that is not inverted has buckets");
        };
        if buckets.buckets() != if wanted == 0 { DEFAULT_BUCKETS } else { wanted } {
            return Err("an inverted page table has another number of buckets than configured");
        }
        buckets.validate()?;
        let (mut pages, mut all) = (0, true);
        self.tree.for_each(0, u64::MAX, |address, _, _| {
            pages += 1;
            all &= buckets.contains(address >> config.page_bits());
        });
        if all && pages == buckets.pages() {
            Ok(())
        } else {
            Err("the buckets hold other pages than the table")
        }
    }
}

/// Levels of the tree that holds the entries.
fn tree_levels(config: &PagingConfig) -> u32 {
    if has_tables(config) {
        config.levels()
    } else {
        (config.address_bits() - config.page_bits()).div_ceil(INDEX_BITS).max(1)
    }
}
