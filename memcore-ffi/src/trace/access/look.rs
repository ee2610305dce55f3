//! What is in a trace of accesses, piece by piece.

use std::ffi::c_char;

use memcore::trace::{Access, SpaceEvent};

use super::{
    kind::{memcore_access_kind, unit},
    memcore_access_trace,
};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{fill, object, optional_out, out, out_array},
    status::memcore_status,
    text::{Buffer, memcore_text},
    trace::look::memcore_note,
};

/// One access, or a run of equal ones.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_access {
    /// The first byte, or the number of a page or object: what it counts is the trace's unit.
    pub address: u64,
    /// Bytes.
    pub size: u32,
    /// How many equal accesses follow each other; at least 1.
    pub count: u32,
    /// A `memcore_access_kind`.
    pub kind: i32,
}

impl From<&Access> for memcore_access {
    fn from(access: &Access) -> Self {
        memcore_access {
            address: access.address,
            size: access.size,
            count: access.count,
            kind: memcore_access_kind::from(access.kind) as i32,
        }
    }
}

/// What a program did to its address space.
#[repr(i32)]
pub enum memcore_space_event_kind {
    /// mmap: `page`, `pages`, `protection`, `flags`.
    Map = 0,
    /// munmap: `page`, `pages`.
    Unmap = 1,
    /// mprotect: `page`, `pages`, `protection`.
    Protect = 2,
    /// brk: `page` is the first above the heap's new end.
    Break = 3,
    /// mremap: `page`, `pages` before, `new_page`, `new_pages` after.
    Remap = 4,
}

/// What a program did to its address space, successfully. Pages are of 4096 bytes. What the kind does not speak
/// of is 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_space_event {
    /// The index of the access that it stands before; the number of accesses for one at the end.
    pub before: usize,
    /// A `memcore_space_event_kind`.
    pub kind: i32,
    /// The first page.
    pub page: u64,
    /// How many.
    pub pages: u64,
    /// 1 read, 2 write, 4 execute, added.
    pub protection: u64,
    /// As passed on Linux: 2 private, 16 fixed, 32 anonymous, ...
    pub flags: u64,
    /// The first page afterwards.
    pub new_page: u64,
    /// How many afterwards.
    pub new_pages: u64,
}

impl From<&(usize, SpaceEvent)> for memcore_space_event {
    fn from(&(before, event): &(usize, SpaceEvent)) -> Self {
        let mut told = memcore_space_event {
            before,
            kind: 0,
            page: 0,
            pages: 0,
            protection: 0,
            flags: 0,
            new_page: 0,
            new_pages: 0,
        };
        let kind = match event {
            SpaceEvent::Map { page, pages, protection, flags } => {
                (told.page, told.pages) = (page, pages);
                (told.protection, told.flags) = (protection, flags);
                memcore_space_event_kind::Map
            }
            SpaceEvent::Unmap { page, pages } => {
                (told.page, told.pages) = (page, pages);
                memcore_space_event_kind::Unmap
            }
            SpaceEvent::Protect { page, pages, protection } => {
                (told.page, told.pages, told.protection) = (page, pages, protection);
                memcore_space_event_kind::Protect
            }
            SpaceEvent::Break { page } => {
                told.page = page;
                memcore_space_event_kind::Break
            }
            SpaceEvent::Remap { old, old_pages, new, new_pages } => {
                (told.page, told.pages) = (old, old_pages);
                (told.new_page, told.new_pages) = (new, new_pages);
                memcore_space_event_kind::Remap
            }
        };
        told.kind = kind as i32;
        told
    }
}

/// Tells the number of accesses of a trace, runs counted once, and of events.
///
/// \param trace the trace.
/// \param accesses where the number of accesses is written; may be null.
/// \param events where the number of events is written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_access_trace_length(
    trace: *const memcore_access_trace,
    accesses: *mut usize,
    events: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, accesses, events) =
            unsafe { (object(trace)?, optional_out(accesses), optional_out(events)) };
        if let Some(accesses) = accesses {
            accesses.write(trace.trace.accesses().len());
        }
        if let Some(events) = events {
            events.write(trace.trace.events().len());
        }
        Ok::<_, Failure>(())
    })
}

/// Copies accesses out of a trace.
///
/// \param trace the trace.
/// \param first the index of the first access wanted, at most the number of accesses.
/// \param accesses an array that they are written to; may be null when `most` is 0.
/// \param most entries of the array.
/// \param count where the number of accesses written is written: fewer than `most` at the end.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff `first` is above the number of accesses;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(most).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_access_trace_accesses(
    trace: *const memcore_access_trace,
    first: usize,
    accesses: *mut memcore_access,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, accesses, count) = unsafe { (object(trace)?, out_array(accesses, most)?, out(count)?) };
        let wanted = trace.trace.accesses().get(first..).ok_or(memcore_status::OutOfRange)?;
        count.write(fill(accesses, wanted.iter().map(memcore_access::from)));
        Ok::<_, Failure>(())
    })
}

/// Tells one of the events of a trace.
///
/// \param trace the trace.
/// \param index from 0 to the number of events - 1.
/// \param event where the event is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such event;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_access_trace_event(
    trace: *const memcore_access_trace,
    index: usize,
    event: *mut memcore_space_event,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, event) = unsafe { (object(trace)?, out(event)?) };
        event.write(trace.trace.events().get(index).ok_or(memcore_status::OutOfRange)?.into());
        Ok::<_, Failure>(())
    })
}

/// Tells what the addresses of a trace count.
///
/// \param trace the trace.
/// \param unit where a `memcore_unit` is written.
/// \param page_size where the bytes of a recorded page are written, 1 for other units; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_access_trace_unit(
    trace: *const memcore_access_trace,
    unit: *mut i32,
    page_size: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, unit, page_size) = unsafe { (object(trace)?, out(unit)?, optional_out(page_size)) };
        let (told, bytes) = self::unit(trace.trace.unit());
        unit.write(told as i32);
        if let Some(page_size) = page_size {
            page_size.write(bytes);
        }
        Ok::<_, Failure>(())
    })
}

/// Tells what a trace was read from: "lackey", "pgtr", "numbers", ..., or "built".
///
/// \param trace the trace.
/// \param format where the name is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_access_trace_format(
    trace: *const memcore_access_trace,
    format: *mut memcore_text,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, format) = unsafe { (object(trace)?, out(format)?) };
        format.write(trace.trace.format().name().into());
        Ok::<_, Failure>(())
    })
}

/// Tells the comment of a trace of accesses.
///
/// \param trace the trace.
/// \param buffer where the comment is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole comment without the zero byte is written; 0 when there is none.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length). Allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_access_trace_comment(
    trace: *const memcore_access_trace,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, length, buffer) = unsafe { (object(trace)?, out(length)?, Buffer::new(buffer, size)?) };
        length.write(buffer.print(&trace.trace.comment().unwrap_or_default()));
        Ok::<_, Failure>(())
    })
}

/// Tells how many kinds of notes the reader of a trace made.
///
/// \param trace the trace.
/// \param count where the number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_access_trace_note_count(
    trace: *const memcore_access_trace,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, count) = unsafe { (object(trace)?, out(count)?) };
        count.write(trace.trace.notes().as_slice().len());
        Ok::<_, Failure>(())
    })
}

/// Tells one of the notes, in the order of their first occurrence.
///
/// \param trace the trace.
/// \param index from 0 to the number of notes - 1.
/// \param note where the note is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such note;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_access_trace_note(
    trace: *const memcore_access_trace,
    index: usize,
    note: *mut memcore_note,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, note) = unsafe { (object(trace)?, out(note)?) };
        note.write(trace.trace.notes().as_slice().get(index).ok_or(memcore_status::OutOfRange)?.into());
        Ok::<_, Failure>(())
    })
}
