//! A page walk to be looked at: each word that the hardware reads, and what it means.

use super::super::error::{Shortage, VmError};
use super::super::types::Frame;
use super::config::PagingConfig;
use super::entry::Entry;
use super::hardware::{Word, decode, encode, encode_table, level_name, permission_names};
use super::table::PageTable;
use core::fmt;
use std_alloc::vec::Vec;

/// One read of a walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalkStep {
    /// The level of the table; 0 is that of single pages.
    pub level: u32,
    /// The name of such a table: `PML4`, `VPN[2]`, `table`, `anchor`.
    pub name: &'static str,
    /// The frame that the table is in.
    pub table: Frame,
    /// The index in the table.
    pub index: u64,
    /// The physical address that is read.
    pub entry_address: u64,
    /// The word that is read. Anchors and links of other pages are not shown: 0.
    pub bits: u64,
    /// What it means.
    pub word: Word,
    /// In an inverted table, whether this was an anchor or the link of another page.
    pub is_passed: bool,
}

/// How a walk ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WalkOutcome {
    /// At a page in memory.
    Mapped {
        /// The physical address.
        physical: u64,
        /// Bytes in the page.
        page_size: u64,
        /// The entry, with what the kernel knows besides.
        entry: Entry,
    },
    /// At a page that is on the swap device.
    Swapped {
        /// Which page of it.
        page: u32,
    },
    /// At a guard.
    Guard,
    /// Nowhere: nothing is mapped.
    Empty {
        /// The level where it ended.
        level: u32,
    },
    /// Before it began: the address is not canonical, or behind the end of the table.
    NotCanonical,
}

/// A page walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageWalk {
    /// The address to be translated.
    pub address: u64,
    /// The hardware that does it.
    pub hardware: PagingConfig,
    /// What it reads, in order.
    pub steps: Vec<WalkStep>,
    /// How it ends.
    pub outcome: WalkOutcome,
}

impl PageTable {
    /// The walk for an address, step by step. O(steps).
    ///
    /// # Errors
    /// [`VmError::NoMemory`] where the host has no memory for it.
    pub fn page_walk(&self, address: u64) -> Result<PageWalk, VmError> {
        let config = self.config();
        let mut walk =
            PageWalk { address, hardware: *config, steps: Vec::new(), outcome: WalkOutcome::NotCanonical };
        if !config.is_canonical(address) {
            return Ok(walk);
        }
        let (steps, mut count) = (&mut walk.steps, 0);
        self.walk(address, |_| count += 1);
        let bytes = count * size_of::<WalkStep>();
        steps.try_reserve(count).map_err(|_| VmError::no_memory(bytes as u64, Shortage::Host))?;
        let (entry, level) = self.walk(address, |step| {
            let bits = match step.next {
                Some(table) => encode_table(config, table),
                None => encode(config, step.entry, step.level),
            };
            steps.push(WalkStep {
                level: step.level,
                name: level_name(config, step.level),
                table: step.table,
                index: step.index,
                entry_address: step.entry_address,
                bits,
                word: decode(config, bits, step.level),
                is_passed: step.is_table && step.next.is_none(),
            });
        });
        walk.outcome = match entry.swapped_page() {
            Some(page) => WalkOutcome::Swapped { page },
            None if entry.is_guard() => WalkOutcome::Guard,
            None if entry.is_empty() => WalkOutcome::Empty { level },
            None => {
                let page_size = config.leaf_size(level);
                let offset = address & (page_size - 1);
                let physical = (entry.frame() << config.page_bits()) + offset;
                WalkOutcome::Mapped { physical, page_size, entry }
            }
        };
        Ok(walk)
    }
}

impl fmt::Display for PageWalk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:#x} through {}", self.address, self.hardware)?;
        for step in &self.steps {
            write!(f, "  {:>6} [{:>3}] at {:#012x}", step.name, step.index, step.entry_address)?;
            if step.is_passed {
                writeln!(
                    f,
                    "  {}",
                    if step.level == 0 { "another page" } else { "the chain of the bucket" }
                )?;
                continue;
            }
            write!(f, "  {:016x}", step.bits)?;
            match step.word {
                Word::Empty => write!(f, "  empty")?,
                Word::Table { frame } => write!(f, "  table in frame {frame}")?,
                Word::Leaf { entry } => write!(f, "  page in frame {}", entry.frame())?,
                Word::Swapped { page } => write!(f, "  on swap, page {page}")?,
                Word::Guard => write!(f, "  guard")?,
                Word::Unknown => write!(f, "  unknown")?,
            }
            if step.bits & 1 != 0 {
                f.write_str(" ")?;
                permission_names(&self.hardware, step.bits).try_for_each(|name| write!(f, " {name}"))?;
            }
            writeln!(f)?;
        }
        match self.outcome {
            WalkOutcome::Mapped { physical, page_size, .. } => {
                write!(f, "  = {physical:#x} in a page of {page_size} bytes")
            }
            WalkOutcome::Swapped { page } => write!(f, "  = a fault: the page is on swap, page {page}"),
            WalkOutcome::Guard => write!(f, "  = a fault: a guard"),
            WalkOutcome::Empty { level } => {
                write!(f, "  = a fault: nothing in {}", level_name(&self.hardware, level))
            }
            WalkOutcome::NotCanonical => write!(f, "  = a fault: the address is not canonical"),
        }
    }
}
