//! Where traces of accesses come from.

use std::ffi::{c_char, c_void};

use memcore::trace::AccessTrace;

use super::{
    kind::kinds,
    memcore_access_trace,
    options::{access_options, memcore_access_options},
};
use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{array, drop_handle, into_handle, object, out},
    text::path,
    trace::{
        open::name,
        pages::memcore_page_trace,
        progress::{Watcher, memcore_progress},
    },
};

/// Reads a trace of accesses from a file: page text, PGTR, valgrind lackey, dinero, plain numbers, CSV, MSR,
/// libCacheSim's oracleGeneral and lcs, vscsi, ChampSim, drmemtrace or memcore's own, each plain or in gzip, xz or
/// zstd. Format and compression are told by the content.
///
/// \param path the file's name: on Unix any bytes, elsewhere UTF-8.
/// \param options limits and choices; null: the default ones.
/// \param progress told the bytes read and the file's length about every 64 KiB of content; may be null.
/// \param user passed to `progress`.
/// \param trace where the handle is written; `memcore_access_trace_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_IO` iff the system or a decompressor failed;
/// `MEMCORE_STATUS_TRACE_UNKNOWN_FORMAT`; `MEMCORE_STATUS_TRACE_OTHER_KIND` for a trace of allocations;
/// `MEMCORE_STATUS_TRACE_LINE` or `MEMCORE_STATUS_TRACE_BYTE` iff the content is malformed, with the line or byte in
/// the details' `value`; `MEMCORE_STATUS_TRACE_LIMIT` iff it goes beyond a limit;
/// `MEMCORE_STATUS_TRACE_NESTED_COMPRESSION`; `MEMCORE_STATUS_UNKNOWN_NAME` iff there is no such format;
/// `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop; `MEMCORE_STATUS_OUT_OF_MEMORY`;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` or `MEMCORE_STATUS_TRACE_PAGE_SIZE` iff the unit in the options makes no sense;
/// `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`. `memcore_last_error_message` names file, place and
/// reason.
///
/// O(bytes of the content). Allocates 24 bytes an access.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_access_trace_open(
    path: *const c_char,
    options: *const memcore_access_options,
    progress: memcore_progress,
    user: *mut c_void,
    trace: *mut *mut memcore_access_trace,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (path, options, trace) = unsafe { (self::path(path)?, access_options(options)?, out(trace)?) };
        let mut watcher = Watcher { callback: progress, user };
        let read = AccessTrace::open(path, &options, &mut watcher)?;
        trace.write(into_handle(memcore_access_trace { trace: read })?);
        Ok::<_, Failure>(())
    })
}

/// Reads a trace of accesses from memory, as `memcore_access_trace_open` does from a file.
///
/// \param bytes the content; may be null when `length` is 0. It is not needed afterwards.
/// \param length bytes of the content.
/// \param name stands for it in messages; null: "<bytes>".
/// \param options limits and choices; null: the default ones.
/// \param progress told the bytes read, without a total; may be null.
/// \param user passed to `progress`.
/// \param trace where the handle is written; `memcore_access_trace_destroy` ends it.
/// \return as `memcore_access_trace_open`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds.
///
/// As `memcore_access_trace_open`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_access_trace_read(
    bytes: *const c_void,
    length: usize,
    name: *const c_char,
    options: *const memcore_access_options,
    progress: memcore_progress,
    user: *mut c_void,
    trace: *mut *mut memcore_access_trace,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (bytes, name, options, trace) = unsafe {
            let bytes = array(bytes.cast::<u8>(), length)?;
            (bytes, self::name(name)?, access_options(options)?, out(trace)?)
        };
        let mut watcher = Watcher { callback: progress, user };
        let read = AccessTrace::read(bytes, name, &options, &mut watcher)?;
        trace.write(into_handle(memcore_access_trace { trace: read })?);
        Ok::<_, Failure>(())
    })
}

/// Makes a trace of accesses to bytes from columns, one entry an access.
///
/// \param length entries of each column.
/// \param addresses the first byte of each; may be null when `length` is 0.
/// \param sizes bytes of each; null: 1.
/// \param kinds numbers of `memcore_access_kind`; null: all are reads.
/// \param trace where the handle is written; `memcore_access_trace_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_EVENT` iff a kind is none, with its index in the details'
/// `value`, or there is no memory; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is
/// more than memory holds; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length). Allocates 24 bytes an access.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_access_trace_from_columns(
    length: usize,
    addresses: *const u64,
    sizes: *const u32,
    kinds: *const u8,
    trace: *mut *mut memcore_access_trace,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (addresses, kinds, trace) =
            unsafe { (array(addresses, length)?, self::kinds(kinds, length)?, out(trace)?) };
        let sizes = match sizes.is_null() {
            true => None,
            // SAFETY: as the header asks.
            false => Some(unsafe { array(sizes, length) }?),
        };
        let made = AccessTrace::from_columns(addresses, sizes, kinds)?;
        trace.write(into_handle(memcore_access_trace { trace: made })?);
        Ok::<_, Failure>(())
    })
}

/// Makes a trace of accesses of a page trace: one to each page referred to, of the same kind, equal neighbours as one
/// run.
///
/// \param pages the page trace; not needed afterwards.
/// \param trace where the handle is written; `memcore_access_trace_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_EVENT` iff there is no memory; `MEMCORE_STATUS_OUT_OF_MEMORY`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(references). Allocates 24 bytes a run.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_access_trace_from_pages(
    pages: *const memcore_page_trace,
    trace: *mut *mut memcore_access_trace,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (pages, trace) = unsafe { (object(pages)?, out(trace)?) };
        let made = AccessTrace::from_pages(&pages.trace)?;
        trace.write(into_handle(memcore_access_trace { trace: made })?);
        Ok::<_, Failure>(())
    })
}

/// Ends a trace of accesses.
///
/// \param trace the trace; null does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_access_trace_destroy(trace: *mut memcore_access_trace) {
    // SAFETY: null or a trace of this library's that nobody uses any more.
    guarded((), || unsafe { drop_handle(trace) });
}
