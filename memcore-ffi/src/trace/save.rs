//! Traces written, and what a format could not hold of them.

use std::{
    ffi::{c_char, c_void},
    io::{self, Write},
};

use memcore::trace::{Format, Loss, LostKind, convert, save};

use super::memcore_trace;
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, optional_out},
    status::memcore_status,
    text::{path, text},
};

/// What a conversion lost, counted. All 0: nothing.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_loss {
    /// callocs that were written as malloc.
    pub callocs: u64,
    /// Operations that were written without their thread.
    pub threads: u64,
    /// Operations on unknown blocks that were left out.
    pub orphans: u64,
    /// Accesses that were written as references to their pages, without the place inside and the size.
    pub places: u64,
    /// Address-space events that were left out.
    pub space_events: u64,
    /// Accesses that were written as pages of another size than they were recorded in, or as numbers.
    pub units: u64,
    /// Bytes of the comment that were left out.
    pub comment_bytes: u64,
}

impl From<Loss> for memcore_loss {
    fn from(loss: Loss) -> Self {
        memcore_loss {
            callocs: loss.count(LostKind::Calloc),
            threads: loss.count(LostKind::Thread),
            orphans: loss.count(LostKind::Orphan),
            places: loss.count(LostKind::Place),
            space_events: loss.count(LostKind::SpaceEvent),
            units: loss.count(LostKind::Unit),
            comment_bytes: loss.count(LostKind::Comment),
        }
    }
}

pub(super) fn format(name: &str) -> Result<Format, Failure> {
    name.parse::<Format>().map_err(|error| Failure::Told(memcore_status::UnknownName, 0, error.to_string()))
}

/// Writes a trace to a file, compressed as the name's ending says (.gz, .xz, .zst). A file of that name is
/// replaced.
///
/// \param trace the trace.
/// \param path the file's name, as for `memcore_trace_open`.
/// \param format "memcore", "matr" or "rep"; null: as the name's ending says (.matr, .rep, otherwise "memcore").
/// \param loss where is written what the format cannot hold; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_IO` iff the system failed, and then the file may be
/// incomplete; `MEMCORE_STATUS_TRACE_NOT_WRITABLE` iff the format is read only; `MEMCORE_STATUS_UNKNOWN_NAME` iff
/// there is no such format; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(operations).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_save(
    trace: *const memcore_trace,
    path: *const c_char,
    format: *const c_char,
    loss: *mut memcore_loss,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, path, loss) = unsafe { (object(trace)?, self::path(path)?, optional_out(loss)) };
        let format = match format.is_null() {
            true => Format::for_output(path),
            // SAFETY: as the header asks.
            false => self::format(unsafe { text(format) }?)?,
        };
        let lost = save(&trace.trace, path, format)?;
        if let Some(loss) = loss {
            loss.write(lost.into());
        }
        Ok::<_, Failure>(())
    })
}

/// Is called with bytes to be written; returns 0 when it took them all, or anything else to fail. It must not throw
/// and not jump out.
pub type memcore_writer =
    Option<unsafe extern "C" fn(bytes: *const c_void, length: usize, user: *mut c_void) -> i32>;

pub(super) struct Writer {
    pub callback: unsafe extern "C" fn(bytes: *const c_void, length: usize, user: *mut c_void) -> i32,
    pub user: *mut c_void,
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // SAFETY: a function of the caller's, called as its type says.
        match unsafe { (self.callback)(bytes.as_ptr().cast(), bytes.len(), self.user) } {
            0 => Ok(bytes.len()),
            status => Err(io::Error::other(format!("the writer returned {status}"))),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes a trace through a callback, uncompressed.
///
/// \param trace the trace.
/// \param format "memcore", "matr" or "rep".
/// \param writer called with the bytes, in order.
/// \param user passed to the writer.
/// \param loss where is written what the format cannot hold; may be null.
/// \return as `memcore_trace_save`; `MEMCORE_STATUS_TRACE_IO` iff the writer failed.
///
/// O(operations).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_write(
    trace: *const memcore_trace,
    format: *const c_char,
    writer: memcore_writer,
    user: *mut c_void,
    loss: *mut memcore_loss,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, format, loss) = unsafe { (object(trace)?, text(format)?, optional_out(loss)) };
        let callback = writer.ok_or(memcore_status::NullArgument)?;
        let lost = convert(&trace.trace, self::format(format)?, &mut Writer { callback, user })?;
        if let Some(loss) = loss {
            loss.write(lost.into());
        }
        Ok::<_, Failure>(())
    })
}
