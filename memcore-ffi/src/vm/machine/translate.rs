//! What an address is translated to, and how the hardware finds that out.

use std::ffi::c_char;

use memcore::vm::{
    ProcessId, Translation,
    paging::{PageWalk, WalkOutcome, WalkStep, hardware::Word},
};

use super::handle::memcore_machine;
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{fill, optional_out, out, out_array},
    text::{Buffer, memcore_text},
};

/// What an address is translated to.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_translation {
    /// The physical address. For the shared page of zeros it lies beyond all memory.
    pub physical: u64,
    /// The frame.
    pub frame: u64,
    /// Bytes of the page.
    pub page_size: u64,
    /// What the entry allows at this moment: `MEMCORE_PROT_...`; less than the area where a write must copy first.
    pub protection: u32,
    /// The node of the frame.
    pub node: u32,
    /// The page was referenced.
    pub is_accessed: bool,
    /// The page was written.
    pub is_dirty: bool,
}

impl From<Translation> for memcore_translation {
    fn from(translation: Translation) -> Self {
        memcore_translation {
            physical: translation.physical,
            frame: translation.frame,
            page_size: translation.page_size,
            protection: translation.protection.bits(),
            node: translation.node,
            is_accessed: translation.is_accessed,
            is_dirty: translation.is_dirty,
        }
    }
}

/// Tells what an address is translated to now. No bit and no counter changes.
///
/// \param machine the handle.
/// \param process the process; for one that does not live nothing is mapped.
/// \param address any address.
/// \param is_mapped where is written whether the page is in memory.
/// \param translation where the translation is written, if there is one; may be null.
/// \return `MEMCORE_STATUS_OK`, mapped or not; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(levels).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_translate(
    machine: *mut memcore_machine,
    process: u32,
    address: u64,
    is_mapped: *mut bool,
    translation: *mut memcore_translation,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, is_mapped, translation) =
            unsafe { (memcore_machine::using(machine)?, out(is_mapped)?, optional_out(translation)) };
        let found = machine.translate(ProcessId(process), address);
        is_mapped.write(found.is_some());
        if let (Some(found), Some(translation)) = (found, translation) {
            translation.write(found.into());
        }
        Ok::<_, Failure>(())
    })
}

/// What a word of a page table is.
#[repr(i32)]
pub enum memcore_word_kind {
    /// Nothing.
    Empty = 0,
    /// A table is in `frame`.
    Table = 1,
    /// A page is in `frame`.
    Page = 2,
    /// A page on the swap device: `frame` says which page of it.
    Swapped = 3,
    /// A guard: an access is a fault.
    Guard = 4,
    /// In an inverted table, an anchor or the link of another page.
    Passed = 5,
    /// Absent, and of no kind that the machine writes.
    Unknown = 6,
}

/// One read of a page walk.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_walk_step {
    /// The level of the table; 0 is that of single pages.
    pub level: u32,
    /// A `memcore_word_kind`.
    pub kind: i32,
    /// The name of such a table: "PML4", "VPN[2]", "table", "anchor".
    pub name: memcore_text,
    /// The frame that the table is in.
    pub table: u64,
    /// The index in the table.
    pub index: u64,
    /// The physical address that is read.
    pub entry_address: u64,
    /// The word that is read, as the hardware has it.
    pub bits: u64,
    /// The frame or page that the word names; else 0.
    pub frame: u64,
}

impl From<&WalkStep> for memcore_walk_step {
    fn from(step: &WalkStep) -> Self {
        let (kind, frame) = match step.word {
            _ if step.is_passed => (memcore_word_kind::Passed, 0),
            Word::Empty => (memcore_word_kind::Empty, 0),
            Word::Table { frame } => (memcore_word_kind::Table, frame),
            Word::Leaf { entry } => (memcore_word_kind::Page, entry.frame()),
            Word::Swapped { page } => (memcore_word_kind::Swapped, page.into()),
            Word::Guard => (memcore_word_kind::Guard, 0),
            _ => (memcore_word_kind::Unknown, 0),
        };
        memcore_walk_step {
            level: step.level,
            kind: kind as i32,
            name: step.name.into(),
            table: step.table,
            index: step.index,
            entry_address: step.entry_address,
            bits: step.bits,
            frame,
        }
    }
}

/// How a page walk ends.
#[repr(i32)]
pub enum memcore_walk_outcome {
    /// At a page in memory.
    Mapped = 0,
    /// At a page that is on the swap device.
    Swapped = 1,
    /// At a guard.
    Guard = 2,
    /// Nowhere: nothing is mapped.
    Empty = 3,
    /// Before it began: the address is not canonical, or behind the end of the table.
    NotCanonical = 4,
    /// In a way that this version of the library has no number for.
    Other = 99,
}

/// A page walk. Members that its outcome does not speak of are 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_walk {
    /// The address to be translated.
    pub address: u64,
    /// A `memcore_walk_outcome`.
    pub outcome: i32,
    /// EMPTY: the level where it ended.
    pub level: u32,
    /// MAPPED: the physical address.
    pub physical: u64,
    /// MAPPED: bytes of the page.
    pub page_size: u64,
    /// SWAPPED: which page of the swap device.
    pub swapped: u32,
}

impl From<&PageWalk> for memcore_walk {
    fn from(walk: &PageWalk) -> Self {
        let (mut level, mut physical, mut page_size, mut swapped) = (0, 0, 0, 0);
        let outcome = match walk.outcome {
            WalkOutcome::Mapped { physical: at, page_size: bytes, .. } => {
                (physical, page_size) = (at, bytes);
                memcore_walk_outcome::Mapped
            }
            WalkOutcome::Swapped { page } => {
                swapped = page;
                memcore_walk_outcome::Swapped
            }
            WalkOutcome::Guard => memcore_walk_outcome::Guard,
            WalkOutcome::Empty { level: at } => {
                level = at;
                memcore_walk_outcome::Empty
            }
            WalkOutcome::NotCanonical => memcore_walk_outcome::NotCanonical,
            _ => memcore_walk_outcome::Other,
        };
        memcore_walk { address: walk.address, outcome: outcome as i32, level, physical, page_size, swapped }
    }
}

/// Walks the page table for an address, entry by entry, as the hardware sees them. No bit and no counter changes.
///
/// \param machine the handle.
/// \param process the process.
/// \param address any address.
/// \param walk where is written how it ends.
/// \param steps an array that the reads are written to, in order; may be null when `most` is 0.
/// \param most entries of the array.
/// \param count where the number of reads is written; the lesser of it and `most` were written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_NO_MEMORY`;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(reads).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_walk(
    machine: *mut memcore_machine,
    process: u32,
    address: u64,
    walk: *mut memcore_walk,
    steps: *mut memcore_walk_step,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, walk, steps, count) =
            unsafe { (memcore_machine::using(machine)?, out(walk)?, out_array(steps, most)?, out(count)?) };
        let found = machine.walk(ProcessId(process), address)?;
        walk.write((&found).into());
        count.write(found.steps.len());
        fill(steps, found.steps.iter().map(memcore_walk_step::from));
        Ok::<_, Failure>(())
    })
}

/// Writes a page walk as text: a line for each read, and one for the outcome.
///
/// \param machine the handle.
/// \param process the process.
/// \param address any address.
/// \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole text without the zero byte is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_NO_MEMORY`;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(reads).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_walk_text(
    machine: *mut memcore_machine,
    process: u32,
    address: u64,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, length, buffer) =
            unsafe { (memcore_machine::using(machine)?, out(length)?, Buffer::new(buffer, size)?) };
        length.write(buffer.print(&machine.walk(ProcessId(process), address)?));
        Ok::<_, Failure>(())
    })
}
