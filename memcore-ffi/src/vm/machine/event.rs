//! Listeners: who hears what happens in a machine.

use std::ffi::c_void;

use memcore::vm::{Destination, Event, EventSet, Served};

use super::{
    access::{access_kind, fault_kind},
    handle::memcore_machine,
    invalid,
};
use crate::{error::Failure, panic::guarded_status, pointer::into_handle};

/// Each access to a page that went well.
pub const MEMCORE_EVENTS_ACCESS: u32 = 1;
/// What each TLB had and had not.
pub const MEMCORE_EVENTS_TLB: u32 = 2;
/// Each entry that walks read.
pub const MEMCORE_EVENTS_WALK: u32 = 4;
/// Faults and signals.
pub const MEMCORE_EVENTS_FAULT: u32 = 8;
/// Pages that lost their frame or were written back.
pub const MEMCORE_EVENTS_RECLAIM: u32 = 16;
/// Pages that came from swap, or moved on from the compressed pool.
pub const MEMCORE_EVENTS_SWAP: u32 = 32;
/// Pages merged.
pub const MEMCORE_EVENTS_MERGE: u32 = 64;
/// Huge pages made and split.
pub const MEMCORE_EVENTS_HUGE: u32 = 128;
/// Pages moved to another node.
pub const MEMCORE_EVENTS_MIGRATE: u32 = 256;
/// Entries that left the TLBs.
pub const MEMCORE_EVENTS_FLUSH: u32 = 512;
/// Processes that began, ended, were killed.
pub const MEMCORE_EVENTS_PROCESS: u32 = 1024;
/// Ranges mapped, unmapped, protected.
pub const MEMCORE_EVENTS_MAP: u32 = 2048;
/// All but those of every access: without ACCESS, TLB and WALK.
pub const MEMCORE_EVENTS_RARE: u32 = 4088;
/// All.
pub const MEMCORE_EVENTS_ALL: u32 = 4095;

const _: () = assert!(
    MEMCORE_EVENTS_ACCESS == EventSet::ACCESS.bits()
        && MEMCORE_EVENTS_TLB == EventSet::TLB.bits()
        && MEMCORE_EVENTS_WALK == EventSet::WALK.bits()
        && MEMCORE_EVENTS_FAULT == EventSet::FAULT.bits()
        && MEMCORE_EVENTS_RECLAIM == EventSet::RECLAIM.bits()
        && MEMCORE_EVENTS_SWAP == EventSet::SWAP.bits()
        && MEMCORE_EVENTS_MERGE == EventSet::MERGE.bits()
        && MEMCORE_EVENTS_HUGE == EventSet::HUGE.bits()
        && MEMCORE_EVENTS_MIGRATE == EventSet::MIGRATE.bits()
        && MEMCORE_EVENTS_FLUSH == EventSet::FLUSH.bits()
        && MEMCORE_EVENTS_PROCESS == EventSet::PROCESS.bits()
        && MEMCORE_EVENTS_MAP == EventSet::MAP.bits()
        && MEMCORE_EVENTS_RARE == EventSet::RARE.bits()
        && MEMCORE_EVENTS_ALL == EventSet::all().bits()
);

/// What happened in a machine.
#[repr(i32)]
pub enum memcore_machine_event_kind {
    /// A page was accessed: `process`, `address`, `access`, `frame`.
    Access = 0,
    /// A TLB had the translation: `process`, `address`, `level` from 0.
    TlbHit = 1,
    /// No TLB had it: `process`, `address`.
    TlbMiss = 2,
    /// A walk read an entry: `process`, `address`, `level`, `entry_address`.
    WalkStep = 3,
    /// A fault was served: `process`, `address`, `access`, `served`, `major`, `frame`.
    Fault = 4,
    /// A fault ended in a signal: `process`, `address`, `access`, `fault`.
    Signal = 5,
    /// A page lost its frame: `frame`, `destination`, `background`.
    Evict = 6,
    /// A dirty page was written to its file and stays: `file`, `offset`.
    WriteBack = 7,
    /// A page came from swap: `frame`, `slot`, `compressed`.
    SwapIn = 8,
    /// A page of the compressed pool moved on to the swap device: `slot`.
    PoolWriteBack = 9,
    /// A page was merged into another: `process`, `address`, `frame`.
    Merge = 10,
    /// Pages became a huge one: `process`, `address`, `frame`.
    Collapse = 11,
    /// A huge page became pages: `frame`.
    Split = 12,
    /// A page moved to another node: `process`, `address`, `from_node`, `to_node`.
    Migrate = 13,
    /// Entries left the TLBs: `process`, `address`, `end`.
    TlbFlush = 14,
    /// A process began: `process`, `parent`.
    Spawn = 15,
    /// A process ended: `process`.
    Exit = 16,
    /// A process was chosen to end for want of memory: `process`, `points`.
    Kill = 17,
    /// A range was mapped: `process`, `address`, `end`.
    Map = 18,
    /// A range was unmapped: `process`, `address`, `end`.
    Unmap = 19,
    /// A range's protection changed: `process`, `address`, `end`.
    Protect = 20,
}

/// How a fault was served.
#[repr(i32)]
pub enum memcore_served {
    /// The shared page of zeros was mapped.
    ZeroPage = 0,
    /// A zeroed frame was taken.
    ZeroFill = 1,
    /// A page of a file or of shared memory that was in memory.
    Cached = 2,
    /// A page that had to be read from a file.
    FileRead = 3,
    /// A swapped page that was still in memory.
    SwapCache = 4,
    /// A page from the compressed pool.
    Decompressed = 5,
    /// A page from the swap device.
    SwapRead = 6,
    /// A page copied at a write.
    Copied = 7,
    /// A page used on at a write, since it had one owner.
    Reused = 8,
    /// A write to a shared page, from now on writable and dirty.
    MadeWritable = 9,
    /// A huge page.
    Huge = 10,
    /// A question where the page should be.
    Hint = 11,
    /// In a way that this version of the library has no number for.
    Other = 99,
}

/// Where an evicted page went.
#[repr(i32)]
pub enum memcore_destination {
    /// Nowhere: it can be read again from where it came, or nobody wants it.
    Dropped = 0,
    /// Its file.
    File = 1,
    /// The compressed pool.
    Compressed = 2,
    /// The swap device.
    Swap = 3,
    /// A place that this version of the library has no number for.
    Other = 99,
}

/// One event. Members that its kind does not speak of are 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_machine_event {
    /// A `memcore_machine_event_kind`. Later versions may have more.
    pub kind: i32,
    /// Whose memory it is, or which process.
    pub process: u32,
    /// The virtual address; of a range or page the first.
    pub address: u64,
    /// The address after a range.
    pub end: u64,
    /// The frame.
    pub frame: u64,
    /// A `memcore_access_kind`.
    pub access: i32,
    /// A `memcore_served`.
    pub served: i32,
    /// A `memcore_fault_kind`.
    pub fault: i32,
    /// A `memcore_destination`.
    pub destination: i32,
    /// The level of the TLB from 0, or of the page table, where 0 is that of single pages.
    pub level: u32,
    /// The slot of the swap device.
    pub slot: u32,
    /// The physical address of an entry of a page table.
    pub entry_address: u64,
    /// The offset in the file, in bytes.
    pub offset: u64,
    /// The file.
    pub file: u32,
    /// The process that was copied; 0: none was.
    pub parent: u32,
    /// The node that a page left.
    pub from_node: u32,
    /// The node that it moved to.
    pub to_node: u32,
    /// The points of a process that is killed.
    pub points: i64,
    /// Somebody waited for a device or for decompression.
    pub major: bool,
    /// It was done by the background reclaimer.
    pub background: bool,
    /// The page came from the compressed pool.
    pub compressed: bool,
}

const NOTHING: memcore_machine_event = memcore_machine_event {
    kind: 0,
    process: 0,
    address: 0,
    end: 0,
    frame: 0,
    access: 0,
    served: 0,
    fault: 0,
    destination: 0,
    level: 0,
    slot: 0,
    entry_address: 0,
    offset: 0,
    file: 0,
    parent: 0,
    from_node: 0,
    to_node: 0,
    points: 0,
    major: false,
    background: false,
    compressed: false,
};

/// Is called with each event, after it happened. It must not throw, not jump out and not call the machine: that gives
/// `MEMCORE_STATUS_REENTERED`.
pub type memcore_machine_listener =
    Option<unsafe extern "C" fn(event: *const memcore_machine_event, user: *mut c_void)>;

/// Replaces the listener of a machine.
///
/// \param machine the handle.
/// \param events which events it hears: `MEMCORE_EVENTS_...`, joined by `|`. What nobody hears costs nothing.
/// \param listener called by whichever thread calls the machine; null: nobody.
/// \param user passed to the listener; must stay usable for as long as the listener is set.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_INVALID` iff `events` has unknown bits;
/// `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1). Allocates a few words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_listen(
    machine: *mut memcore_machine,
    events: u32,
    listener: memcore_machine_listener,
    user: *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let mut machine = unsafe { memcore_machine::using(machine) }?;
        let events = EventSet::from_bits(events)
            .ok_or_else(|| invalid("events", events.into(), "have bits that stand for nothing"))?;
        let boxed = match listener {
            None => None,
            Some(function) => {
                let listener = Listener { function, user };
                let closure = into_handle(move |event: &Event| listener.hear(event))?;
                // SAFETY: `into_handle` took the memory from the global allocator with the closure's layout.
                Some(unsafe { Box::from_raw(closure) } as memcore::vm::Listener)
            }
        };
        machine.listen(events, boxed);
        Ok::<_, Failure>(())
    })
}

/// A listener of C's.
struct Listener {
    function: unsafe extern "C" fn(event: *const memcore_machine_event, user: *mut c_void),
    user: *mut c_void,
}

// SAFETY: the header says that the listener is called by whichever thread calls the machine, so function and `user`
// are fit for that.
unsafe impl Send for Listener {}

impl Listener {
    fn hear(&self, event: &Event) {
        if let Some(told) = flat(event) {
            // SAFETY: a function of the caller's, called as its type says.
            unsafe { (self.function)(&told, self.user) };
        }
    }
}

/// An event as C sees it; `None` for one of a later engine that this interface has no kind for.
fn flat(event: &Event) -> Option<memcore_machine_event> {
    use memcore_machine_event_kind as kind;
    let of = |kind: memcore_machine_event_kind| memcore_machine_event { kind: kind as i32, ..NOTHING };
    Some(match *event {
        Event::Access { process, address, access, frame } => {
            let access = access_kind(access);
            memcore_machine_event { process: process.0, address, access, frame, ..of(kind::Access) }
        }
        Event::TlbHit { process, address, level } => {
            memcore_machine_event { process: process.0, address, level, ..of(kind::TlbHit) }
        }
        Event::TlbMiss { process, address } => {
            memcore_machine_event { process: process.0, address, ..of(kind::TlbMiss) }
        }
        Event::WalkStep { process, address, level, entry_address } => {
            memcore_machine_event { process: process.0, address, level, entry_address, ..of(kind::WalkStep) }
        }
        Event::Fault { process, address, access, served, major, frame } => memcore_machine_event {
            process: process.0,
            address,
            access: access_kind(access),
            served: number_served(served),
            major,
            frame,
            ..of(kind::Fault)
        },
        Event::Signal { process, address, access, kind: fault } => memcore_machine_event {
            process: process.0,
            address,
            access: access_kind(access),
            fault: fault_kind(fault),
            ..of(kind::Signal)
        },
        Event::Evict { frame, destination, background } => {
            let destination = number_destination(destination);
            memcore_machine_event { frame, destination, background, ..of(kind::Evict) }
        }
        Event::WriteBack { file, offset } => memcore_machine_event { file, offset, ..of(kind::WriteBack) },
        Event::SwapIn { frame, slot, compressed } => {
            memcore_machine_event { frame, slot, compressed, ..of(kind::SwapIn) }
        }
        Event::PoolWriteBack { slot } => memcore_machine_event { slot, ..of(kind::PoolWriteBack) },
        Event::Merge { process, address, frame } => {
            memcore_machine_event { process: process.0, address, frame, ..of(kind::Merge) }
        }
        Event::Collapse { process, address, frame } => {
            memcore_machine_event { process: process.0, address, frame, ..of(kind::Collapse) }
        }
        Event::Split { frame } => memcore_machine_event { frame, ..of(kind::Split) },
        Event::Migrate { process, address, from, to } => memcore_machine_event {
            process: process.0,
            address,
            from_node: from,
            to_node: to,
            ..of(kind::Migrate)
        },
        Event::TlbFlush { process, from, to } => {
            memcore_machine_event { process: process.0, address: from, end: to, ..of(kind::TlbFlush) }
        }
        Event::Spawn { process, parent } => {
            memcore_machine_event { process: process.0, parent: parent.0, ..of(kind::Spawn) }
        }
        Event::Exit { process } => memcore_machine_event { process: process.0, ..of(kind::Exit) },
        Event::Kill { process, points } => {
            memcore_machine_event { process: process.0, points, ..of(kind::Kill) }
        }
        Event::Map { process, from, to } => {
            memcore_machine_event { process: process.0, address: from, end: to, ..of(kind::Map) }
        }
        Event::Unmap { process, from, to } => {
            memcore_machine_event { process: process.0, address: from, end: to, ..of(kind::Unmap) }
        }
        Event::Protect { process, from, to } => {
            memcore_machine_event { process: process.0, address: from, end: to, ..of(kind::Protect) }
        }
        _ => return None,
    })
}

fn number_served(served: Served) -> i32 {
    (match served {
        Served::ZeroPage => memcore_served::ZeroPage,
        Served::ZeroFill => memcore_served::ZeroFill,
        Served::Cached => memcore_served::Cached,
        Served::FileRead => memcore_served::FileRead,
        Served::SwapCache => memcore_served::SwapCache,
        Served::Decompressed => memcore_served::Decompressed,
        Served::SwapRead => memcore_served::SwapRead,
        Served::Copied => memcore_served::Copied,
        Served::Reused => memcore_served::Reused,
        Served::MadeWritable => memcore_served::MadeWritable,
        Served::Huge => memcore_served::Huge,
        Served::Hint => memcore_served::Hint,
        _ => memcore_served::Other,
    }) as i32
}

fn number_destination(destination: Destination) -> i32 {
    (match destination {
        Destination::Dropped => memcore_destination::Dropped,
        Destination::File => memcore_destination::File,
        Destination::Compressed => memcore_destination::Compressed,
        Destination::Swap => memcore_destination::Swap,
        _ => memcore_destination::Other,
    }) as i32
}
