//! Where traces come from.

use std::ffi::{c_char, c_void};

use memcore::trace::{AllocTrace, ReadOptions, generate::Workload};

use super::{
    memcore_trace,
    progress::{Watcher, memcore_progress},
};
use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{array, drop_handle, into_handle, out},
    text::{path, text},
};

/// Limits on what reading a trace may cost. `memcore_read_options_default` fills it in.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_read_options {
    /// The most bytes that compressed content may expand to. Default: 16 GiB.
    pub max_expanded_bytes: u64,
    /// The most that compressed content may expand, as a factor of the bytes read, once it is beyond
    /// `expansion_allowance`. Default: 1100.
    pub max_expansion_ratio: u64,
    /// The bytes that any compressed content may expand to, whatever its ratio. Default: 64 MiB.
    pub expansion_allowance: u64,
    /// The most operations; each takes 16 bytes of memory. Default: 2^30.
    pub max_events: u64,
}

impl From<&memcore_read_options> for ReadOptions {
    fn from(options: &memcore_read_options) -> Self {
        ReadOptions {
            max_expanded_bytes: options.max_expanded_bytes,
            max_expansion_ratio: options.max_expansion_ratio,
            expansion_allowance: options.expansion_allowance,
            max_events: options.max_events,
        }
    }
}

/// The default limits.
///
/// \return the limits, to be changed as wanted.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_read_options_default() -> memcore_read_options {
    let none = memcore_read_options {
        max_expanded_bytes: 0,
        max_expansion_ratio: 0,
        expansion_allowance: 0,
        max_events: 0,
    };
    guarded(none, || {
        let default = ReadOptions::default();
        memcore_read_options {
            max_expanded_bytes: default.max_expanded_bytes,
            max_expansion_ratio: default.max_expansion_ratio,
            expansion_allowance: default.expansion_allowance,
            max_events: default.max_events,
        }
    })
}

/// # Safety
/// `options` is null or points to initialised options.
unsafe fn limits(options: *const memcore_read_options) -> ReadOptions {
    // SAFETY: the caller's promise.
    unsafe { options.as_ref() }.map_or_else(ReadOptions::default, ReadOptions::from)
}

/// Reads a trace from a file: malloclab `.rep`, glibc mtrace, heaptrack (raw and interpreted), valgrind
/// --trace-malloc, MATR or memcore's own, each plain or in gzip, xz or zstd. Format and compression are told by the
/// content.
///
/// \param path the file's name: on Unix any bytes, elsewhere UTF-8.
/// \param options limits; null: the default ones.
/// \param progress told the bytes read and the file's length about every 64 KiB of content; may be null.
/// \param user passed to `progress`.
/// \param trace where the handle is written; `memcore_trace_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_IO` iff the system or a decompressor failed;
/// `MEMCORE_STATUS_TRACE_UNKNOWN_FORMAT`; `MEMCORE_STATUS_TRACE_LINE` or `MEMCORE_STATUS_TRACE_BYTE` iff the content
/// is malformed, with the line or byte in the details' `value`; `MEMCORE_STATUS_TRACE_LIMIT` iff it goes beyond a
/// limit; `MEMCORE_STATUS_TRACE_NESTED_COMPRESSION`; `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop;
/// `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`. `memcore_last_error_message` names file, place
/// and reason.
///
/// O(bytes of the content). Allocates 16 bytes an operation, and for formats with addresses a table of the live
/// blocks while it reads.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_open(
    path: *const c_char,
    options: *const memcore_read_options,
    progress: memcore_progress,
    user: *mut c_void,
    trace: *mut *mut memcore_trace,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (path, options, trace) = unsafe { (self::path(path)?, limits(options), out(trace)?) };
        let mut watcher = Watcher { callback: progress, user };
        let read = AllocTrace::open(path, &options, &mut watcher)?;
        trace.write(into_handle(memcore_trace { trace: read })?);
        Ok::<_, Failure>(())
    })
}

/// What stands for bytes in messages.
///
/// # Safety
/// `name` is null, or as [`text`] asks.
pub(super) unsafe fn name<'a>(name: *const c_char) -> Result<&'a str, Failure> {
    match name.is_null() {
        true => Ok("<bytes>"),
        // SAFETY: the caller's promise.
        false => unsafe { text(name) },
    }
}

/// Reads a trace from memory, as `memcore_trace_open` does from a file.
///
/// \param bytes the content; may be null when `length` is 0. It is not needed afterwards.
/// \param length bytes of the content.
/// \param name stands for it in messages; null: "<bytes>".
/// \param options limits; null: the default ones.
/// \param progress told the bytes read, without a total; may be null.
/// \param user passed to `progress`.
/// \param trace where the handle is written; `memcore_trace_destroy` ends it.
/// \return as `memcore_trace_open`; `MEMCORE_STATUS_NOT_UTF8` iff the name is not UTF-8;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds.
///
/// As `memcore_trace_open`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_read(
    bytes: *const c_void,
    length: usize,
    name: *const c_char,
    options: *const memcore_read_options,
    progress: memcore_progress,
    user: *mut c_void,
    trace: *mut *mut memcore_trace,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (bytes, name, options, trace) = unsafe {
            let bytes = array(bytes.cast::<u8>(), length)?;
            (bytes, self::name(name)?, limits(options), out(trace)?)
        };
        let mut watcher = Watcher { callback: progress, user };
        let read = AllocTrace::read(bytes, name, &options, &mut watcher)?;
        trace.write(into_handle(memcore_trace { trace: read })?);
        Ok::<_, Failure>(())
    })
}

/// Makes a trace of operations in columns, one entry an operation.
///
/// \param length entries of each column.
/// \param kinds numbers of `memcore_event_type`.
/// \param ids the block of each operation; may be sparse and used again after a free, and are renumbered.
/// \param sizes requested bytes; ignored for a free.
/// \param alignments powers of two for the aligned allocations, ignored for others; null: every one is 1.
/// \param threads at most 2^23 - 1; null: every one is 0.
/// \param trace where the handle is written; `memcore_trace_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_EVENT` iff an operation cannot be taken, with its index in
/// the details' `value`; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than
/// memory holds; `MEMCORE_STATUS_NULL_ARGUMENT` iff `trace` is null, or `length` is not 0 and a needed column is.
///
/// O(length). Allocates 16 bytes an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_from_columns(
    length: usize,
    kinds: *const u8,
    ids: *const u64,
    sizes: *const u64,
    alignments: *const u64,
    threads: *const u32,
    trace: *mut *mut memcore_trace,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (kinds, ids, sizes, trace) =
            unsafe { (array(kinds, length)?, array(ids, length)?, array(sizes, length)?, out(trace)?) };
        let alignments = match alignments.is_null() {
            true => None,
            // SAFETY: as the header asks.
            false => Some(unsafe { array(alignments, length) }?),
        };
        let threads = match threads.is_null() {
            true => None,
            // SAFETY: as the header asks.
            false => Some(unsafe { array(threads, length) }?),
        };
        let made = AllocTrace::from_columns(kinds, ids, sizes, alignments, threads)?;
        trace.write(into_handle(memcore_trace { trace: made })?);
        Ok::<_, Failure>(())
    })
}

/// Generates a trace from a workload: "steady:live=1000,operations=100000,seed=1". The same text gives the same
/// trace on every machine.
///
/// \param workload a shape (steady, ramp, phases, fragmenter, growth), with parameters where wanted.
/// \param progress told the operations made; may be null.
/// \param user passed to `progress`.
/// \param trace where the handle is written; `memcore_trace_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_WORKLOAD` iff the text cannot be read or asks for what cannot
/// be generated; `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop; `MEMCORE_STATUS_TRACE_EVENT` or
/// `MEMCORE_STATUS_OUT_OF_MEMORY` iff there is no memory; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(operations log live). Allocates 16 bytes an operation, and a table of the live blocks while it works.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_generate(
    workload: *const c_char,
    progress: memcore_progress,
    user: *mut c_void,
    trace: *mut *mut memcore_trace,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (workload, trace) = unsafe { (text(workload)?, out(trace)?) };
        let workload: Workload = workload.parse().map_err(memcore::trace::TraceError::from)?;
        let mut watcher = Watcher { callback: progress, user };
        let made = workload.generate(&mut watcher)?;
        trace.write(into_handle(memcore_trace { trace: made })?);
        Ok::<_, Failure>(())
    })
}

/// Ends a trace.
///
/// \param trace the trace; null does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_destroy(trace: *mut memcore_trace) {
    // SAFETY: null or a trace of this library's that nobody uses any more.
    guarded((), || unsafe { drop_handle(trace) });
}
