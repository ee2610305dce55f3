//! What is in a trace, piece by piece.

use std::ffi::c_char;

use memcore::trace::{Event, EventKind, Note};

use super::memcore_trace;
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, out},
    status::memcore_status,
    text::{Buffer, memcore_text},
};

/// What an operation of a trace does. The numbers are those of the binary formats.
#[repr(i32)]
pub enum memcore_event_type {
    /// A block with the allocator's own alignment.
    Malloc = 0,
    /// As malloc, the bytes zero.
    Calloc = 1,
    /// A block with a stated alignment.
    Aligned = 2,
    /// A block to another size, moved or not; it keeps its id.
    Realloc = 3,
    /// The end of a block.
    Free = 4,
}

/// One operation of a trace.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_trace_event {
    /// A `memcore_event_type`.
    pub kind: i32,
    /// The block that it is about, below the number of ids.
    pub id: u32,
    /// The requested bytes; 0 for a free.
    pub size: u64,
    /// The stated alignment; 1 unless the kind is `MEMCORE_EVENT_TYPE_ALIGNED`.
    pub alignment: u64,
    /// The thread that called; 0 where threads are not recorded.
    pub thread: u32,
}

impl From<&Event> for memcore_trace_event {
    fn from(event: &Event) -> Self {
        let kind = match event.kind() {
            EventKind::Malloc => memcore_event_type::Malloc,
            EventKind::Calloc => memcore_event_type::Calloc,
            EventKind::Aligned => memcore_event_type::Aligned,
            EventKind::Realloc => memcore_event_type::Realloc,
            EventKind::Free => memcore_event_type::Free,
        };
        memcore_trace_event {
            kind: kind as i32,
            id: event.id(),
            size: event.size(),
            alignment: event.alignment().unwrap_or(1),
            thread: event.thread(),
        }
    }
}

/// Something that the reader of a trace left out or noticed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_note {
    /// A short name: "null-free".
    pub name: memcore_text,
    /// What happened, and what was done about it.
    pub reason: memcore_text,
    /// How often.
    pub count: u64,
    /// Where first: a line from 1 in a text format, otherwise an operation from 0.
    pub first: u64,
}

impl From<&Note> for memcore_note {
    fn from(note: &Note) -> Self {
        memcore_note {
            name: note.kind.name().into(),
            reason: note.kind.reason().into(),
            count: note.count,
            first: note.first,
        }
    }
}

/// Tells the number of operations of a trace.
///
/// \param trace the trace.
/// \param length where the number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_length(trace: *const memcore_trace, length: *mut usize) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, length) = unsafe { (object(trace)?, out(length)?) };
        length.write(trace.trace.events().len());
        Ok::<_, Failure>(())
    })
}

/// Tells the number of ids of a trace; every operation's id is below it.
///
/// \param trace the trace.
/// \param ids where the number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_ids(trace: *const memcore_trace, ids: *mut u32) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, ids) = unsafe { (object(trace)?, out(ids)?) };
        ids.write(trace.trace.ids());
        Ok::<_, Failure>(())
    })
}

/// Tells one operation of a trace.
///
/// \param trace the trace.
/// \param index from 0 to the length - 1.
/// \param event where the operation is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such operation;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_event_at(
    trace: *const memcore_trace,
    index: usize,
    event: *mut memcore_trace_event,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, event) = unsafe { (object(trace)?, out(event)?) };
        event.write(trace.trace.events().get(index).ok_or(memcore_status::OutOfRange)?.into());
        Ok::<_, Failure>(())
    })
}

/// Tells what a trace was read from: "rep", "mtrace", "heaptrack-raw", ..., or "built".
///
/// \param trace the trace.
/// \param format where the name is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_format(trace: *const memcore_trace, format: *mut memcore_text) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, format) = unsafe { (object(trace)?, out(format)?) };
        format.write(trace.trace.format().name().into());
        Ok::<_, Failure>(())
    })
}

/// Tells the comment of a trace: of a generated one, its workload as text.
///
/// \param trace the trace.
/// \param buffer where the comment is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole comment without the zero byte is written; 0 when there is none.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length). Allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_comment(
    trace: *const memcore_trace,
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

/// Tells how many kinds of notes the reader of a trace made. Frees without an allocation, failed calls and the like
/// are no errors, but whoever trusts a figure should know of them.
///
/// \param trace the trace.
/// \param count where the number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_note_count(trace: *const memcore_trace, count: *mut usize) -> i32 {
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
pub unsafe extern "C" fn memcore_trace_note(
    trace: *const memcore_trace,
    index: usize,
    note: *mut memcore_note,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, note) = unsafe { (object(trace)?, out(note)?) };
        let found = trace.trace.notes().as_slice().get(index).ok_or(memcore_status::OutOfRange)?;
        note.write(found.into());
        Ok::<_, Failure>(())
    })
}
