//! The two kinds of trace, told apart before one is read.

use std::ffi::c_char;

use memcore::trace::{TraceKind, kind_of};

use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{optional_out, out},
    text::{memcore_text, path},
};

/// What a trace is made of.
#[repr(i32)]
pub enum memcore_trace_kind {
    /// malloc, realloc, free: read by `memcore_trace_open`.
    Allocations = 0,
    /// Accesses to addresses or pages: read by `memcore_page_trace_open` and `memcore_access_trace_open`.
    Accesses = 1,
}

/// Tells by its content what a file is.
///
/// \param path the file's name, as for `memcore_trace_open`.
/// \param kind where a `memcore_trace_kind` is written.
/// \param format where the name of the format is written: "rep", "lackey", ...; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_IO`; `MEMCORE_STATUS_TRACE_UNKNOWN_FORMAT`;
/// `MEMCORE_STATUS_TRACE_NESTED_COMPRESSION`; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// Reads the first 64 KiB of the content.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_kind_of(
    path: *const c_char,
    kind: *mut i32,
    format: *mut memcore_text,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (path, kind, format) = unsafe { (self::path(path)?, out(kind)?, optional_out(format)) };
        let (told, told_format) = kind_of(path)?;
        kind.write(match told {
            TraceKind::Allocations => memcore_trace_kind::Allocations,
            TraceKind::Accesses => memcore_trace_kind::Accesses,
        } as i32);
        if let Some(format) = format {
            format.write(told_format.name().into());
        }
        Ok::<_, Failure>(())
    })
}
