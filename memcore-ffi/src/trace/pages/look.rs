//! What is in a page trace, piece by piece.

use std::ffi::c_char;

use super::memcore_page_trace;
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, out},
    status::memcore_status,
    text::{Buffer, memcore_text},
    trace::look::memcore_note,
};

/// Tells the page of each reference, by its dense number.
///
/// \param trace the trace.
/// \param references where the array is written, valid until the trace is destroyed; not to be read when it is empty.
/// \param count where the number of references is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_page_trace_references(
    trace: *const memcore_page_trace,
    references: *mut *const u32,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, references, count) = unsafe { (object(trace)?, out(references)?, out(count)?) };
        references.write(trace.trace.references().as_ptr());
        count.write(trace.trace.references().len());
        Ok::<_, Failure>(())
    })
}

/// Tells for each dense number the page that it stands for: the address divided by the page size.
///
/// \param trace the trace.
/// \param keys where the array is written, valid until the trace is destroyed; not to be read when it is empty.
/// \param pages where the number of pages is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_page_trace_keys(
    trace: *const memcore_page_trace,
    keys: *mut *const u64,
    pages: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, keys, pages) = unsafe { (object(trace)?, out(keys)?, out(pages)?) };
        keys.write(trace.trace.keys().as_ptr());
        pages.write(trace.trace.pages());
        Ok::<_, Failure>(())
    })
}

/// Tells the kind of each reference.
///
/// \param trace the trace.
/// \param kinds where the array of numbers of `memcore_access_kind` is written, as long as there are references and
/// valid until the trace is destroyed; null when all are reads.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_page_trace_kinds(
    trace: *const memcore_page_trace,
    kinds: *mut *const u8,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, kinds) = unsafe { (object(trace)?, out(kinds)?) };
        // A kind is a byte by its representation.
        kinds.write(trace.trace.kinds().map_or(std::ptr::null(), |kinds| kinds.as_ptr().cast()));
        Ok::<_, Failure>(())
    })
}

/// Tells the bytes of a page; 1 where the trace has no addresses, only numbers of pages or blocks.
///
/// \param trace the trace.
/// \param bytes where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_page_trace_page_size(
    trace: *const memcore_page_trace,
    bytes: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, bytes) = unsafe { (object(trace)?, out(bytes)?) };
        bytes.write(trace.trace.page_size());
        Ok::<_, Failure>(())
    })
}

/// Tells how many address-space events (mmap and the like) stood between the references.
///
/// \param trace the trace.
/// \param events where the number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_page_trace_events(
    trace: *const memcore_page_trace,
    events: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, events) = unsafe { (object(trace)?, out(events)?) };
        events.write(trace.trace.events());
        Ok::<_, Failure>(())
    })
}

/// Tells what a page trace was read from: "lackey", "pgtr", "numbers", ..., or "built".
///
/// \param trace the trace.
/// \param format where the name is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_page_trace_format(
    trace: *const memcore_page_trace,
    format: *mut memcore_text,
) -> i32 {
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
pub unsafe extern "C" fn memcore_page_trace_comment(
    trace: *const memcore_page_trace,
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

/// Tells how many kinds of notes the reader of a page trace made.
///
/// \param trace the trace.
/// \param count where the number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_page_trace_note_count(
    trace: *const memcore_page_trace,
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
pub unsafe extern "C" fn memcore_page_trace_note(
    trace: *const memcore_page_trace,
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
