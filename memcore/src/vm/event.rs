//! What happens in the machine, one word for each: what a log, a plot and a test watch.
//!
//! A listener is told of an event after it happened. Which events it hears is a set, so that nobody pays for
//! what nobody hears: without a listener the common path tests one word.

use super::error::FaultKind;
use super::types::{Access, Frame, Node, ProcessId};
use serde::{Deserialize, Serialize};

/// How a fault was served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Served {
    /// The shared page of zeros was mapped.
    ZeroPage,
    /// A zeroed frame was taken.
    ZeroFill,
    /// A page of a file or of shared memory that was in memory.
    Cached,
    /// A page that had to be read from a file.
    FileRead,
    /// A swapped page that was still in memory.
    SwapCache,
    /// A page from the compressed pool.
    Decompressed,
    /// A page from the swap device.
    SwapRead,
    /// A page copied at a write.
    Copied,
    /// A page used on at a write, since it had one owner.
    Reused,
    /// A write to a shared page, from now on writable and dirty.
    MadeWritable,
    /// A huge page.
    Huge,
    /// A question where the page should be.
    Hint,
}

impl Served {
    /// A short name.
    pub fn name(self) -> &'static str {
        match self {
            Served::ZeroPage => "zero-page",
            Served::ZeroFill => "zero-fill",
            Served::Cached => "cached",
            Served::FileRead => "file-read",
            Served::SwapCache => "swap-cache",
            Served::Decompressed => "decompressed",
            Served::SwapRead => "swap-read",
            Served::Copied => "copied",
            Served::Reused => "reused",
            Served::MadeWritable => "made-writable",
            Served::Huge => "huge",
            Served::Hint => "hint",
        }
    }
}

/// Where an evicted page went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Destination {
    /// Nowhere: it can be read again from where it came, or nobody wants it.
    Dropped,
    /// Its file.
    File,
    /// The compressed pool.
    Compressed,
    /// The swap device.
    Swap,
}

impl Destination {
    /// A short name.
    pub fn name(self) -> &'static str {
        match self {
            Destination::Dropped => "dropped",
            Destination::File => "file",
            Destination::Compressed => "compressed",
            Destination::Swap => "swap",
        }
    }
}

/// Something that happened. Addresses are virtual, and those of a page are of its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[allow(missing_docs)] // the fields are the words of the room
pub enum Event {
    /// A page was accessed, and it went well.
    Access { process: ProcessId, address: u64, access: Access, frame: Frame },
    /// A TLB of this level (from 0) had the translation.
    TlbHit { process: ProcessId, address: u64, level: u32 },
    /// No TLB had the translation.
    TlbMiss { process: ProcessId, address: u64 },
    /// A walk read an entry.
    WalkStep { process: ProcessId, address: u64, level: u32, entry_address: u64 },
    /// A fault was served.
    Fault { process: ProcessId, address: u64, access: Access, served: Served, major: bool, frame: Frame },
    /// A fault ended in a signal.
    Signal { process: ProcessId, address: u64, access: Access, kind: FaultKind },
    /// A page lost its frame.
    Evict { frame: Frame, destination: Destination, background: bool },
    /// A dirty page was written to its file and stays.
    WriteBack { file: u32, offset: u64 },
    /// A page came from the swap device or the compressed pool.
    SwapIn { frame: Frame, slot: u32, compressed: bool },
    /// A page of the compressed pool moved on to the swap device.
    PoolWriteBack { slot: u32 },
    /// A page was merged into another.
    Merge { process: ProcessId, address: u64, frame: Frame },
    /// Pages became a huge one.
    Collapse { process: ProcessId, address: u64, frame: Frame },
    /// A huge page became pages.
    Split { frame: Frame },
    /// A page moved to another node.
    Migrate { process: ProcessId, address: u64, from: Node, to: Node },
    /// Entries left the TLBs.
    TlbFlush { process: ProcessId, from: u64, to: u64 },
    /// A process began, as a copy of `parent` unless that is 0.
    Spawn { process: ProcessId, parent: ProcessId },
    /// A process ended.
    Exit { process: ProcessId },
    /// A process was chosen to end for want of memory.
    Kill { process: ProcessId, points: i64 },
    /// A range was mapped.
    Map { process: ProcessId, from: u64, to: u64 },
    /// A range was unmapped.
    Unmap { process: ProcessId, from: u64, to: u64 },
    /// A range's protection changed.
    Protect { process: ProcessId, from: u64, to: u64 },
}

bitflags::bitflags! {
    /// A set of kinds of events.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct EventSet: u32 {
        /// [`Event::Access`].
        const ACCESS = 1;
        /// [`Event::TlbHit`] and [`Event::TlbMiss`].
        const TLB = 2;
        /// [`Event::WalkStep`].
        const WALK = 4;
        /// [`Event::Fault`] and [`Event::Signal`].
        const FAULT = 8;
        /// [`Event::Evict`] and [`Event::WriteBack`].
        const RECLAIM = 16;
        /// [`Event::SwapIn`] and [`Event::PoolWriteBack`].
        const SWAP = 32;
        /// [`Event::Merge`].
        const MERGE = 64;
        /// [`Event::Collapse`] and [`Event::Split`].
        const HUGE = 128;
        /// [`Event::Migrate`].
        const MIGRATE = 256;
        /// [`Event::TlbFlush`].
        const FLUSH = 512;
        /// [`Event::Spawn`], [`Event::Exit`] and [`Event::Kill`].
        const PROCESS = 1024;
        /// [`Event::Map`], [`Event::Unmap`] and [`Event::Protect`].
        const MAP = 2048;
    }
}

impl EventSet {
    /// All but those of every access: TLBs, walks, accesses.
    pub const RARE: EventSet =
        EventSet::all().difference(EventSet::ACCESS).difference(EventSet::TLB).difference(EventSet::WALK);
}

impl Event {
    /// The kind, as a set of one.
    pub fn kind(&self) -> EventSet {
        match self {
            Event::Access { .. } => EventSet::ACCESS,
            Event::TlbHit { .. } | Event::TlbMiss { .. } => EventSet::TLB,
            Event::WalkStep { .. } => EventSet::WALK,
            Event::Fault { .. } | Event::Signal { .. } => EventSet::FAULT,
            Event::Evict { .. } | Event::WriteBack { .. } => EventSet::RECLAIM,
            Event::SwapIn { .. } | Event::PoolWriteBack { .. } => EventSet::SWAP,
            Event::Merge { .. } => EventSet::MERGE,
            Event::Collapse { .. } | Event::Split { .. } => EventSet::HUGE,
            Event::Migrate { .. } => EventSet::MIGRATE,
            Event::TlbFlush { .. } => EventSet::FLUSH,
            Event::Spawn { .. } | Event::Exit { .. } | Event::Kill { .. } => EventSet::PROCESS,
            Event::Map { .. } | Event::Unmap { .. } | Event::Protect { .. } => EventSet::MAP,
        }
    }

    /// The name of the event, as in tables and in other languages.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Access { .. } => "access",
            Event::TlbHit { .. } => "tlb-hit",
            Event::TlbMiss { .. } => "tlb-miss",
            Event::WalkStep { .. } => "walk-step",
            Event::Fault { .. } => "fault",
            Event::Signal { .. } => "signal",
            Event::Evict { .. } => "evict",
            Event::WriteBack { .. } => "write-back",
            Event::SwapIn { .. } => "swap-in",
            Event::PoolWriteBack { .. } => "pool-write-back",
            Event::Merge { .. } => "merge",
            Event::Collapse { .. } => "collapse",
            Event::Split { .. } => "split",
            Event::Migrate { .. } => "migrate",
            Event::TlbFlush { .. } => "tlb-flush",
            Event::Spawn { .. } => "spawn",
            Event::Exit { .. } => "exit",
            Event::Kill { .. } => "kill",
            Event::Map { .. } => "map",
            Event::Unmap { .. } => "unmap",
            Event::Protect { .. } => "protect",
        }
    }
}

/// Hears events.
pub type Listener = std_alloc::boxed::Box<dyn FnMut(&Event) + Send>;
