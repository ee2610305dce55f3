//! `/proc/meminfo`, `/proc/vmstat`, `/proc/buddyinfo`, numastat: the machine as a whole.

use super::figures::{kilobytes, number};
use crate::cache::Hierarchy;
use crate::vm::counters::{Count, Counters};
use crate::vm::machine::Machine;
use crate::vm::machine::page::{NONE, PageFlags, PageId};
use crate::vm::paging::TlbLevelStats;
use crate::vm::physical::LARGEST_ORDER;
use crate::vm::{Node, ProcessId, VmError};
use core::fmt;
use std_alloc::string::String;
use std_alloc::vec::Vec;

/// `/proc/meminfo`, in bytes. What Linux keeps lists for (active, inactive) is the replacement policy's own here, and
/// is not told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemInfo {
    /// All frames.
    pub total: u64,
    /// Frames that nobody has.
    pub free: u64,
    /// What programs could still be given without swapping: free frames above the high watermarks, and pages of files but
    /// for half of them or as many as the low watermarks, whichever is less. Linux' estimate, without slabs.
    pub available: u64,
    /// Pages of files and shared memory.
    pub cached: u64,
    /// Private pages in memory that are also on the swap device.
    pub swap_cached: u64,
    /// Locked pages.
    pub locked: u64,
    /// Slots of the swap device.
    pub swap_total: u64,
    /// Of these, free ones.
    pub swap_free: u64,
    /// What the compressed pool takes.
    pub zswap: u64,
    /// What is in it, uncompressed.
    pub zswapped: u64,
    /// Pages of files with changes that the file has not.
    pub dirty: u64,
    /// Private pages that are mapped.
    pub anon_pages: u64,
    /// Pages of files and shared memory that are mapped.
    pub mapped: u64,
    /// Pages of shared memory.
    pub shmem: u64,
    /// Frames of page tables (or bytes of them, where tables take no frames).
    pub page_tables: u64,
    /// What may be promised; counts under [`OvercommitMode::Never`](crate::vm::OvercommitMode::Never) alone.
    pub commit_limit: u64,
    /// What is promised.
    pub committed: u64,
    /// Private huge pages.
    pub anon_huge_pages: u64,
    /// Merged pages, by the frames that they take.
    pub merged: u64,
    /// The pools of huge pages.
    pub pools: Vec<HugePool>,
}

/// One pool of huge pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HugePool {
    /// Bytes of a page.
    pub page_size: u64,
    /// Pages.
    pub total: u64,
    /// Pages that nobody has.
    pub free: u64,
    /// Of these, pages promised.
    pub reserved: u64,
}

/// As Linux prints it: the pool of the smallest huge pages is the one shown.
impl fmt::Display for MemInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, bytes) in [
            ("MemTotal", self.total),
            ("MemFree", self.free),
            ("MemAvailable", self.available),
            ("Cached", self.cached),
            ("SwapCached", self.swap_cached),
            ("Mlocked", self.locked),
            ("SwapTotal", self.swap_total),
            ("SwapFree", self.swap_free),
            ("Zswap", self.zswap),
            ("Zswapped", self.zswapped),
            ("Dirty", self.dirty),
            ("AnonPages", self.anon_pages),
            ("Mapped", self.mapped),
            ("Shmem", self.shmem),
            ("PageTables", self.page_tables),
            ("CommitLimit", self.commit_limit),
            ("Committed_AS", self.committed),
            ("AnonHugePages", self.anon_huge_pages),
        ] {
            kilobytes(f, name, bytes)?;
        }
        let pool = self.pools.first().copied().unwrap_or_default();
        number(f, "HugePages_Total", pool.total)?;
        number(f, "HugePages_Free", pool.free)?;
        number(f, "HugePages_Rsvd", pool.reserved)?;
        if pool.page_size > 0 {
            kilobytes(f, "Hugepagesize", pool.page_size)?;
        }
        let all = self.pools.iter().map(|pool| pool.total * pool.page_size).sum();
        kilobytes(f, "Hugetlb", all)
    }
}

/// The free blocks of a node, by order: `/proc/buddyinfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuddyInfo {
    /// The node.
    pub node: Node,
    /// How many free blocks of 2^order frames, from order 0 to 10.
    pub free: Vec<u64>,
}

/// The line of Linux. A node has one zone here, which is called Normal.
impl fmt::Display for BuddyInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node {}, zone {:>8} ", self.node, "Normal")?;
        self.free.iter().try_for_each(|blocks| write!(f, "{blocks:>6} "))
    }
}

/// A node's frames and where they came from: numastat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumaStat {
    /// The node.
    pub node: Node,
    /// Frames.
    pub frames: u64,
    /// Of these, free ones.
    pub free: u64,
    /// Frames taken here that were wanted here.
    pub hit: u64,
    /// Frames taken here that were wanted elsewhere.
    pub miss: u64,
    /// Frames taken here by interleaving.
    pub interleave_hit: u64,
    /// Pages that moved here.
    pub migrated: u64,
}

/// The name of a count in Linux' `/proc/vmstat`, where it has one of the same meaning.
pub fn vmstat_name(count: Count) -> Option<&'static str> {
    Some(match count {
        Count::Major => "pgmajfault",
        Count::SwapIn => "pswpin",
        Count::SwapOut => "pswpout",
        Count::ZswapIn => "zswpin",
        Count::ZswapOut => "zswpout",
        Count::ZswapWriteback => "zswpwb",
        Count::EvictedBackground => "pgsteal_kswapd",
        Count::BackgroundWakeups => "pageoutrun",
        Count::DirectReclaim => "allocstall",
        Count::Refault => "workingset_refault",
        Count::Unmerged => "cow_ksm",
        Count::HugeFault => "thp_fault_alloc",
        Count::HugeFallback => "thp_fault_fallback",
        Count::HugeCollapse => "thp_collapse_alloc",
        Count::HugeSplit => "thp_split_page",
        Count::NumaHit => "numa_hit",
        Count::NumaMiss => "numa_miss",
        Count::NumaInterleave => "numa_interleave",
        Count::NumaHint => "numa_hint_faults",
        Count::NumaMigrate => "numa_pages_migrated",
        Count::OomKill => "oom_kill",
        _ => return None,
    })
}

impl Machine {
    /// What memory is used for. O(pages + mappings).
    ///
    /// ```
    /// use memcore::vm::{Machine, MachineConfig, MapRequest, Protection};
    /// let mut machine = Machine::new(MachineConfig::default())?;
    /// let process = machine.spawn()?;
    /// let at = machine.mmap(process, &MapRequest::anonymous(1 << 20, Protection::READ | Protection::WRITE))?;
    /// machine.write(process, at, &[1; 100_000]).unwrap();
    /// let info = machine.meminfo();
    /// assert_eq!((info.total, info.anon_pages), (256 << 20, 25 * 4096));
    /// assert!(info.to_string().starts_with("MemTotal:         262144 kB\n"));
    /// # Ok::<(), memcore::vm::VmError>(())
    /// ```
    pub fn meminfo(&self) -> MemInfo {
        let page_size = self.page_size;
        let frames = self.memory.frames();
        let mut info = MemInfo {
            total: frames * page_size,
            free: self.memory.total_free() * page_size,
            swap_total: self.swapping.device.slots() * page_size,
            swap_free: self.swapping.device.free_slots() * page_size,
            committed: self.commit.committed() * page_size,
            ..MemInfo::default()
        };
        if let Some(pool) = &self.swapping.pool {
            info.zswap = pool.pool_bytes();
            info.zswapped = (pool.stored_pages() + pool.same_filled_pages()) * page_size;
        }
        for (id, page) in self.pages.iter().filter(|(_, page)| page.is_resident()) {
            let bytes = page.weight() * page_size;
            if page.flags.contains(PageFlags::POOLED) {
                continue;
            }
            info.locked += if page.pins > 0 { bytes } else { 0 };
            if page.is_private() {
                info.anon_pages += if page.mappings > 0 { bytes } else { 0 };
                info.swap_cached += if page.slot != NONE { bytes } else { 0 };
                info.anon_huge_pages += if page.order > 0 { bytes } else { 0 };
                info.merged += if page.flags.contains(PageFlags::MERGED) { bytes } else { 0 };
                continue;
            }
            info.cached += bytes;
            info.mapped += if page.mappings > 0 { bytes } else { 0 };
            if page.flags.contains(PageFlags::FILE) {
                info.dirty += if self.has_changes(id) { bytes } else { 0 };
            } else {
                info.shmem += bytes;
            }
        }
        info.page_tables = self.processes.iter().flatten().map(|process| process.table.table_bytes()).sum();
        let mut hugetlb_pages = 0;
        for pool in &self.huge_pool {
            let (total, free, reserved) =
                (pool.total, pool.free.len() as u64, self.pool_reserved(pool.level));
            let page_size = self.config.paging.leaf_size(pool.level);
            info.pools.push(HugePool { page_size, total, free, reserved });
            hugetlb_pages += pool.frames_total();
        }
        let swap_pages = self.swapping.device.slots();
        let limit = self.config.overcommit.limit(frames, hugetlb_pages, swap_pages, page_size);
        info.commit_limit = limit.saturating_mul(page_size);
        let marks = |node| self.memory.watermarks(node);
        let (mut low, mut high) = (0, 0);
        for node in 0..self.memory.nodes() {
            low += marks(node).low * page_size;
            high += marks(node).high * page_size;
        }
        let files = info.cached - info.shmem;
        info.available = info.free.saturating_sub(high) + files - (files / 2).min(low);
        info
    }

    /// Whether a page has what its file has not.
    fn has_changes(&self, id: PageId) -> bool {
        self.pages.get(id).flags.contains(PageFlags::DIRTY)
            || self.pages.mappings(id).any(|mapping| {
                let process = self.processes.get(mapping.space as usize).and_then(Option::as_ref);
                process.is_some_and(|process| process.table.get(mapping.address).0.is_dirty())
            })
    }

    /// What is there and what happened, by Linux' names of `/proc/vmstat` where it has a name for it, else by
    /// [`Count::name`]; numbers of pages first. O(pages + mappings).
    ///
    /// ```
    /// use memcore::vm::{Machine, MachineConfig};
    /// let machine = Machine::new(MachineConfig::default())?;
    /// let vmstat = machine.vmstat();
    /// assert_eq!(vmstat[0], ("nr_free_pages", 65_536));
    /// assert!(vmstat.contains(&("pgfault", 0)) && vmstat.contains(&("zero_fill", 0)));
    /// # Ok::<(), memcore::vm::VmError>(())
    /// ```
    pub fn vmstat(&self) -> Vec<(&'static str, u64)> {
        let (info, page_size) = (self.meminfo(), self.page_size);
        let huge = self.config.paging.leaf_size(1).max(page_size);
        let mut rows = Vec::new();
        for (name, bytes) in [
            ("nr_free_pages", info.free),
            ("nr_anon_pages", info.anon_pages),
            ("nr_mapped", info.mapped),
            ("nr_file_pages", info.cached + info.swap_cached),
            ("nr_shmem", info.shmem),
            ("nr_dirty", info.dirty),
            ("nr_mlock", info.locked),
            ("nr_page_table_pages", info.page_tables),
            ("nr_swapcached", info.swap_cached),
        ] {
            rows.push((name, bytes.div_ceil(page_size)));
        }
        rows.push(("nr_anon_transparent_hugepages", info.anon_huge_pages / huge));
        let counters: &Counters = &self.counters;
        rows.push(("pgfault", counters[Count::Minor] + counters[Count::Major]));
        rows.push((
            "pgsteal_direct",
            counters[Count::Evicted].saturating_sub(counters[Count::EvictedBackground]),
        ));
        rows.extend(
            counters.iter().map(|(count, number)| (vmstat_name(count).unwrap_or(count.name()), number)),
        );
        rows
    }

    /// The free blocks of each node. O(nodes).
    pub fn buddyinfo(&self) -> Vec<BuddyInfo> {
        let of_node = |node| {
            let free = (0..=LARGEST_ORDER).map(|order| self.memory.free_blocks(node, order)).collect();
            BuddyInfo { node, free }
        };
        (0..self.memory.nodes()).map(of_node).collect()
    }

    /// The frames of each node, and how they were taken. O(nodes).
    pub fn numastat(&self) -> Vec<NumaStat> {
        let of_node = |(node, counters): (Node, &Counters)| NumaStat {
            node,
            frames: self.memory.range(node).count() as u64,
            free: self.memory.free_frames(node),
            hit: counters[Count::NumaHit],
            miss: counters[Count::NumaMiss],
            interleave_hit: counters[Count::NumaInterleave],
            migrated: counters[Count::NumaMigrate],
        };
        (0..).zip(&self.node_counters).map(of_node).collect()
    }

    /// The TLBs, the first level first: their names with blanks between, and counts. O(TLBs).
    pub fn tlb_levels(&self) -> Vec<(String, TlbLevelStats)> {
        let of_level = |level| {
            let names: Vec<&str> = self.tlbs.names(level).collect();
            (names.join(" "), self.tlbs.stats(level))
        };
        (0..self.tlbs.levels()).map(of_level).collect()
    }

    /// The caches, if there are any, with their counts.
    pub fn caches(&self) -> Option<&Hierarchy> {
        self.caches.as_ref()
    }

    /// Bytes of the page tables of a process. O(1).
    ///
    /// # Errors
    /// ESRCH.
    pub fn table_bytes(&self, process: ProcessId) -> Result<u64, VmError> {
        Ok(self.process(process)?.table.table_bytes())
    }
}
