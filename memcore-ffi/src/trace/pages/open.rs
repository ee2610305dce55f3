//! Where page traces come from.

use std::ffi::{c_char, c_void};

use memcore::trace::{PageOptions, PageTrace, generate::PageWorkload};

use super::memcore_page_trace;
use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{array, drop_handle, into_handle, object, out},
    text::{path, text},
    trace::{
        access::{access_options, kinds, memcore_access_options, memcore_access_trace},
        open::name,
        progress::{Watcher, memcore_progress},
    },
};

/// A page size, of which 0 stands for none given.
pub(crate) fn wanted(page_size: u64) -> Option<u64> {
    (page_size != 0).then_some(page_size)
}

/// Reads the references to pages from a file, in any format that `memcore_access_trace_open` reads. A run is as many
/// references as it counts, and an access that spans pages is one to each, in ascending order.
///
/// \param path the file's name: on Unix any bytes, elsewhere UTF-8.
/// \param page_size bytes of a page, a power of two; 0: 4096 for addresses, the recorded size for pages, 1 for numbers
/// that are pages already. Pages recorded at another size are rescaled.
/// \param options limits and choices; null: the default ones.
/// \param progress told the bytes read and the file's length about every 64 KiB of content; may be null.
/// \param user passed to `progress`.
/// \param trace where the handle is written; `memcore_page_trace_destroy` ends it.
/// \return as `memcore_access_trace_open`; `MEMCORE_STATUS_TRACE_PAGE_SIZE` iff the page size is no power of two.
///
/// Expected O(bytes of the content + references). Allocates 4 bytes a reference, 1 more when not all are reads, and a
/// table of the pages.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_page_trace_open(
    path: *const c_char,
    page_size: u64,
    options: *const memcore_access_options,
    progress: memcore_progress,
    user: *mut c_void,
    trace: *mut *mut memcore_page_trace,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (path, access, trace) = unsafe { (self::path(path)?, access_options(options)?, out(trace)?) };
        let options = PageOptions { page_size: wanted(page_size), access };
        let mut watcher = Watcher { callback: progress, user };
        let read = PageTrace::open(path, &options, &mut watcher)?;
        trace.write(into_handle(memcore_page_trace { trace: read })?);
        Ok::<_, Failure>(())
    })
}

/// Reads the references to pages from memory, as `memcore_page_trace_open` does from a file.
///
/// \param bytes the content; may be null when `length` is 0. It is not needed afterwards.
/// \param length bytes of the content.
/// \param name stands for it in messages; null: "<bytes>".
/// \param page_size as for `memcore_page_trace_open`.
/// \param options limits and choices; null: the default ones.
/// \param progress told the bytes read, without a total; may be null.
/// \param user passed to `progress`.
/// \param trace where the handle is written; `memcore_page_trace_destroy` ends it.
/// \return as `memcore_page_trace_open`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds.
///
/// As `memcore_page_trace_open`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_page_trace_read(
    bytes: *const c_void,
    length: usize,
    name: *const c_char,
    page_size: u64,
    options: *const memcore_access_options,
    progress: memcore_progress,
    user: *mut c_void,
    trace: *mut *mut memcore_page_trace,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (bytes, name, access, trace) = unsafe {
            let bytes = array(bytes.cast::<u8>(), length)?;
            (bytes, self::name(name)?, access_options(options)?, out(trace)?)
        };
        let options = PageOptions { page_size: wanted(page_size), access };
        let mut watcher = Watcher { callback: progress, user };
        let read = PageTrace::read(bytes, name, &options, &mut watcher)?;
        trace.write(into_handle(memcore_page_trace { trace: read })?);
        Ok::<_, Failure>(())
    })
}

/// Makes a page trace of references to pages, which any numbers name.
///
/// \param length how many references.
/// \param keys the page of each; may be null when `length` is 0. Not needed afterwards.
/// \param kinds numbers of `memcore_access_kind`; null: all are reads.
/// \param trace where the handle is written; `memcore_page_trace_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_EVENT` iff a kind is none, with its index in the details'
/// `value`, or there are more pages than are numbered or no memory; `MEMCORE_STATUS_OUT_OF_MEMORY`;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// Expected O(length). Allocates 4 bytes a reference, 1 more when not all are reads, and a table of the pages.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_page_trace_from_keys(
    length: usize,
    keys: *const u64,
    kinds: *const u8,
    trace: *mut *mut memcore_page_trace,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (keys, kinds, trace) =
            unsafe { (array(keys, length)?, self::kinds(kinds, length)?, out(trace)?) };
        let made = PageTrace::from_keys(keys, kinds)?;
        trace.write(into_handle(memcore_page_trace { trace: made })?);
        Ok::<_, Failure>(())
    })
}

/// Makes a page trace of a trace of accesses.
///
/// \param accesses the accesses; not needed afterwards.
/// \param page_size as for `memcore_page_trace_open`.
/// \param trace where the handle is written; `memcore_page_trace_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_PAGE_SIZE` iff the page size is no power of two;
/// `MEMCORE_STATUS_TRACE_EVENT` iff there are more pages than are numbered, more than 2^30 references or no memory;
/// `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// Expected O(references). Allocates as `memcore_page_trace_from_keys`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_page_trace_from_accesses(
    accesses: *const memcore_access_trace,
    page_size: u64,
    trace: *mut *mut memcore_page_trace,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (accesses, trace) = unsafe { (object(accesses)?, out(trace)?) };
        let made = PageTrace::from_accesses(&accesses.trace, wanted(page_size))?;
        trace.write(into_handle(memcore_page_trace { trace: made })?);
        Ok::<_, Failure>(())
    })
}

/// Generates a page trace from a workload: "zipf:pages=10000,references=1000000,exponent=0.8,writes=10,seed=1". The
/// same text gives the same trace on every machine.
///
/// \param workload a pattern (zipf, uniform, sequential, loop, scan, stack-distance, phases), with parameters where
/// wanted.
/// \param progress told the references made; may be null.
/// \param user passed to `progress`.
/// \param trace where the handle is written; `memcore_page_trace_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
/// `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the text cannot be read or asks for what cannot be
/// generated; `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop; `MEMCORE_STATUS_TRACE_EVENT` or
/// `MEMCORE_STATUS_OUT_OF_MEMORY` iff there is no memory; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(references + pages), with a factor of log(pages) for stack distances. Allocates 4 bytes a reference (5 with
/// writes), 4 to 16 a page.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_page_trace_generate(
    workload: *const c_char,
    progress: memcore_progress,
    user: *mut c_void,
    trace: *mut *mut memcore_page_trace,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (workload, trace) = unsafe { (text(workload)?, out(trace)?) };
        let workload: PageWorkload = workload.parse()?;
        let mut watcher = Watcher { callback: progress, user };
        let made = workload.generate(&mut watcher)?;
        trace.write(into_handle(memcore_page_trace { trace: made })?);
        Ok::<_, Failure>(())
    })
}

/// Ends a page trace.
///
/// \param trace the trace; null does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_page_trace_destroy(trace: *mut memcore_page_trace) {
    // SAFETY: null or a trace of this library's that nobody uses any more.
    guarded((), || unsafe { drop_handle(trace) });
}
