//! What is counted, and what it costs: one list of names for machines, processes, views and doors.

use core::ops::{Index, IndexMut};
use serde::{Deserialize, Serialize};

/// Declares an enum of names and an array of numbers indexed by it.
macro_rules! named_numbers {
    (
        $(#[$about_name:meta])* $name:ident, $(#[$about_table:meta])* $table:ident:
        $($(#[$meaning:meta])* $variant:ident = $text:literal,)+
    ) => {
        $(#[$about_name])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$meaning])* $variant,)+
        }

        impl $name {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The name, as in tables and in other languages.
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }
        }

        $(#[$about_table])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[allow(non_snake_case)] // a number for each name, by the name itself
        pub struct $table {
            $($variant: u64,)+
        }

        impl $table {
            /// Each name with its number.
            pub fn iter(&self) -> impl Iterator<Item = ($name, u64)> + '_ {
                $name::ALL.iter().map(|&name| (name, self[name]))
            }

            /// Adds what came to `now` since it was `then`.
            pub(in crate::vm) fn add_difference(&mut self, now: &$table, then: &$table) {
                $(self.$variant += now.$variant - then.$variant;)+
            }

            /// Sum of all numbers.
            pub fn total(&self) -> u64 {
                self.iter().map(|(_, number)| number).sum()
            }
        }

        impl Index<$name> for $table {
            type Output = u64;

            #[inline]
            fn index(&self, name: $name) -> &u64 {
                match name { $($name::$variant => &self.$variant,)+ }
            }
        }

        impl IndexMut<$name> for $table {
            #[inline]
            fn index_mut(&mut self, name: $name) -> &mut u64 {
                match name { $($name::$variant => &mut self.$variant,)+ }
            }
        }
    };
}

named_numbers! {
    /// Something that is counted.
    Count,
    /// How often each thing happened: `counters[Count::Minor]`.
    ///
    /// ```
    /// use memcore::vm::{Count, Counters};
    /// let mut counters = Counters::default();
    /// counters[Count::Cow] += 1;
    /// assert_eq!(counters[Count::Cow], 1);
    /// assert_eq!(counters.iter().filter(|&(_, number)| number > 0).count(), 1);
    /// ```
    Counters:
    /// Pages read by the program (an access that spans two pages counts twice).
    Reads = "reads",
    /// Pages written by the program.
    Writes = "writes",
    /// Pages that instructions were fetched from.
    Executes = "executes",
    /// Translations that a TLB of the first level had.
    TlbHit1 = "tlb_hit_l1",
    /// Translations that a TLB of a further level had.
    TlbHit2 = "tlb_hit_l2",
    /// Translations that no TLB had.
    TlbMiss = "tlb_miss",
    /// Entries dropped from TLBs because a page table changed.
    TlbFlush = "tlb_flush",
    /// Page walks.
    Walks = "walks",
    /// Page-table entries that walks read.
    WalkReferences = "walk_references",
    /// Upper entries that walks found in the page-walk cache.
    WalkCacheHits = "walk_cache_hits",
    /// Faults served without input from a device.
    Minor = "minor",
    /// Faults that waited for a device or for decompression.
    Major = "major",
    /// Pages copied at a write.
    Cow = "cow",
    /// Writes to a write-protected page of one owner: it is used on.
    Reuse = "reuse",
    /// Reads that mapped the shared page of zeros.
    ZeroMap = "zero_map",
    /// Frames zeroed for a first write.
    ZeroFill = "zero_fill",
    /// Faults whose protection forbade the access.
    Protection = "protection",
    /// SIGSEGV, all kinds.
    Segv = "segv",
    /// SIGBUS, all kinds.
    Bus = "bus",
    /// Processes killed for want of memory.
    OomKill = "oom_kill",
    /// Faults that mapped a file's page.
    FileMap = "file_map",
    /// Pages mapped beside the faulting one.
    FaultAround = "fault_around",
    /// Pages read from files.
    FileRead = "file_read",
    /// Dirty pages written to files.
    FileWrite = "file_write",
    /// Pages read ahead, from files and the swap device.
    ReadAhead = "read_ahead",
    /// Faults on swapped pages that were still in memory.
    SwapCacheHit = "swap_cache_hit",
    /// Pages read from the swap device.
    SwapIn = "swap_in",
    /// Pages written to the swap device.
    SwapOut = "swap_out",
    /// Pages taken from the compressed pool.
    ZswapIn = "zswap_in",
    /// Pages put into the compressed pool.
    ZswapOut = "zswap_out",
    /// Pages moved on from the compressed pool to the swap device.
    ZswapWriteback = "zswap_writeback",
    /// Pages that the compressed pool refused.
    ZswapReject = "zswap_reject",
    /// Pages that lost their frame.
    Evicted = "evicted",
    /// Of these, by the background reclaimer.
    EvictedBackground = "evicted_background",
    /// Wake-ups of the background reclaimer.
    BackgroundWakeups = "background_wakeups",
    /// Allocations that had to reclaim by themselves.
    DirectReclaim = "direct_reclaim",
    /// Pages brought back soon after they were evicted.
    Refault = "refault",
    /// Pages merged into another of equal content.
    Merged = "merged",
    /// Merged pages that were written and copied apart again.
    Unmerged = "unmerged",
    /// Huge pages taken at a fault.
    HugeFault = "huge_fault",
    /// Huge pages that could not be had at a fault.
    HugeFallback = "huge_fallback",
    /// Ranges collapsed into a huge page.
    HugeCollapse = "huge_collapse",
    /// Huge pages split.
    HugeSplit = "huge_split",
    /// Frames from the node that was wanted.
    NumaHit = "numa_hit",
    /// Frames from another node than was wanted.
    NumaMiss = "numa_miss",
    /// Pages placed by interleaving.
    NumaInterleave = "numa_interleave",
    /// Faults that asked where a page should be (next-touch).
    NumaHint = "numa_hint",
    /// Pages moved to another node.
    NumaMigrate = "numa_migrate",
}

named_numbers! {
    /// What time is spent on.
    Cause,
    /// Cycles by cause: `time[Cause::Walk]`.
    Cycles:
    /// Looking up further levels of TLBs.
    Tlb = "tlb",
    /// Reading page-table entries.
    Walk = "walk",
    /// The data itself: caches and memory, distance included.
    Data = "data",
    /// Entering and leaving the kernel at faults.
    Trap = "trap",
    /// Zeroing frames.
    Zero = "zero",
    /// Copying pages.
    Copy = "copy",
    /// Reading the swap device.
    SwapRead = "swap_read",
    /// Writing the swap device, while somebody waits.
    SwapWrite = "swap_write",
    /// Reading files.
    FileRead = "file_read",
    /// Writing files, while somebody waits.
    FileWrite = "file_write",
    /// Compressing pages.
    Compress = "compress",
    /// Decompressing pages.
    Decompress = "decompress",
    /// Comparing and hashing pages to merge them.
    Merge = "merge",
    /// Moving pages between nodes.
    Migrate = "migrate",
    /// Telling TLBs of changes.
    Shootdown = "shootdown",
    /// Work in the background, for which nobody waits.
    Background = "background",
}
