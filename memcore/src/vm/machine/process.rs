//! A process: an address space, what it has in memory, and what it may.

use crate::vm::calls::NumaPolicy;
use crate::vm::counters::{Counters, Cycles};
use crate::vm::paging::PageTable;
use crate::vm::space::{Areas, Layout};
use crate::vm::types::{Node, ProcessId};
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// What a process has of memory, in pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Private pages that it has in memory. The shared page of zeros does not count.
    pub rss_anonymous: u64,
    /// Pages of files.
    pub rss_file: u64,
    /// Pages of shared memory.
    pub rss_shared: u64,
    /// Private pages that it has in swap.
    pub swapped: u64,
}

impl Usage {
    /// All pages in memory.
    pub fn rss(&self) -> u64 {
        self.rss_anonymous + self.rss_file + self.rss_shared
    }
}

/// A process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::vm) struct Process {
    pub id: ProcessId,
    pub parent: ProcessId,
    pub areas: Areas,
    pub table: PageTable,
    pub layout: Layout,
    /// The end of the heap.
    pub brk: u64,
    pub usage: Usage,
    pub counters: Counters,
    pub time: Cycles,
    pub group: u32,
    /// The domain whose policy decides about its pages.
    pub domain: u32,
    pub oom_adjustment: i32,
    pub node: Node,
    pub numa: NumaPolicy,
    /// Policies of areas, by the number that the areas have.
    pub area_policies: Vec<NumaPolicy>,
}

impl Process {
    /// Pages of page tables.
    pub fn table_pages(&self, page_size: u64) -> u64 {
        self.table.table_bytes().div_ceil(page_size)
    }
}
