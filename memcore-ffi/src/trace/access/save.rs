//! Traces of accesses written, and what a format could not hold of them.

use std::ffi::{c_char, c_void};

use memcore::trace::Format;

use super::memcore_access_trace;
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, optional_out},
    status::memcore_status,
    text::{path, text},
    trace::save::{Writer, format, memcore_loss, memcore_writer},
};

/// Writes a trace of accesses to a file, compressed as the name's ending says (.gz, .xz, .zst). A file of that name is
/// replaced.
///
/// \param trace the trace; `memcore_access_trace_from_pages` makes one of a page trace.
/// \param path the file's name, as for `memcore_access_trace_open`.
/// \param format "memcore", which holds everything; "pgtr", "page-text" or "numbers", which hold pages; null:
/// "memcore".
/// \param loss where is written what the format cannot hold; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_IO` iff the system failed, and then the file may be
/// incomplete; `MEMCORE_STATUS_TRACE_NOT_WRITABLE` iff accesses are not written in the format;
/// `MEMCORE_STATUS_UNKNOWN_NAME` iff there is no such format; `MEMCORE_STATUS_NOT_UTF8`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(accesses + pages that they span); O(references) for "numbers".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_access_trace_save(
    trace: *const memcore_access_trace,
    path: *const c_char,
    format: *const c_char,
    loss: *mut memcore_loss,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, path, loss) = unsafe { (object(trace)?, self::path(path)?, optional_out(loss)) };
        let format = match format.is_null() {
            true => Format::Memcore,
            // SAFETY: as the header asks.
            false => self::format(unsafe { text(format) }?)?,
        };
        let lost = trace.trace.save(path, format)?;
        if let Some(loss) = loss {
            loss.write(lost.into());
        }
        Ok::<_, Failure>(())
    })
}

/// Writes a trace of accesses through a callback, uncompressed.
///
/// \param trace the trace.
/// \param format as for `memcore_access_trace_save`, not null.
/// \param writer called with the bytes, in order.
/// \param user passed to the writer.
/// \param loss where is written what the format cannot hold; may be null.
/// \return as `memcore_access_trace_save`; `MEMCORE_STATUS_TRACE_IO` iff the writer failed.
///
/// As `memcore_access_trace_save`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_access_trace_write(
    trace: *const memcore_access_trace,
    format: *const c_char,
    writer: memcore_writer,
    user: *mut c_void,
    loss: *mut memcore_loss,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, format, loss) = unsafe { (object(trace)?, text(format)?, optional_out(loss)) };
        let callback = writer.ok_or(memcore_status::NullArgument)?;
        let lost = trace.trace.convert(self::format(format)?, &mut Writer { callback, user })?;
        if let Some(loss) = loss {
            loss.write(lost.into());
        }
        Ok::<_, Failure>(())
    })
}
