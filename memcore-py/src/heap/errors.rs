//! Why a heap refuses a call, as exceptions.

use memcore::heap::HeapError;
use pyo3::{import_exception, prelude::*};

use crate::{
    alloc::errors::{NoRoomInPlaceError, UnsupportedError, alloc_error},
    errors::{BadParameterError, MemcoreError, raise},
};

import_exception!(memcore._errors, BadImageError);
import_exception!(memcore._errors, BadMemoryError);
import_exception!(memcore._errors, ClosedError);
import_exception!(memcore._errors, FileBusyError);
import_exception!(memcore._errors, FileForbiddenError);
import_exception!(memcore._errors, FileMissingError);
import_exception!(memcore._errors, ForeignHeapBlockError);
import_exception!(memcore._errors, FreedBlockError);
import_exception!(memcore._errors, FreedWrittenError);
import_exception!(memcore._errors, HasViewsError);
import_exception!(memcore._errors, HeaderSmashedError);
import_exception!(memcore._errors, HeldError);
import_exception!(memcore._errors, MemoryLimitError);
import_exception!(memcore._errors, NotABlockError);
import_exception!(memcore._errors, NotHeldError);
import_exception!(memcore._errors, NotInHeapError);
import_exception!(memcore._errors, NotOldestError);
import_exception!(memcore._errors, RedzoneSmashedError);
import_exception!(memcore._errors, StaleHandleError);
import_exception!(memcore._errors, SystemCallError);

/// The exception for a heap's refusal.
#[cold]
pub fn heap_error(py: Python<'_>, error: HeapError) -> PyErr {
    use HeapError as E;
    match error {
        E::Alloc(error) => alloc_error(py, error),
        E::NotInHeap { address } => raise!(py, NotInHeapError, error, address = address),
        E::NotABlock { address } => raise!(py, NotABlockError, error, address = address),
        E::DoubleFree { address } => raise!(py, FreedBlockError, error, address = address),
        E::HeaderSmashed { address, found } => {
            raise!(py, HeaderSmashedError, error, address = address, found = found)
        }
        E::RedzoneSmashed { address, offset, found } => {
            raise!(py, RedzoneSmashedError, error, address = address, offset = offset, found = found)
        }
        E::FreedWritten { address, offset, found } => {
            raise!(py, FreedWrittenError, error, address = address, offset = offset, found = found)
        }
        E::NoRoomInPlace { address, size, available } => {
            raise!(py, NoRoomInPlaceError, error, id = address, size = size, available = available)
        }
        E::MemoryLimit { limit, wanted } => {
            raise!(py, MemoryLimitError, error, limit = limit, wanted = wanted)
        }
        E::System { call, code, bytes } => system_error(py, error, call, code, bytes),
        E::BadMemory { address, bytes, rule } => {
            raise!(py, BadMemoryError, error, address = address, bytes = bytes, rule = rule)
        }
        E::BadParameter { name, value, rule } => {
            raise!(py, BadParameterError, error, name = name, value = value, rule = rule)
        }
        E::StaleHandle { handle } => raise!(py, StaleHandleError, error, handle = handle),
        E::Held { handle, holds } => raise!(py, HeldError, error, handle = handle, holds = holds),
        E::NotHeld { handle } => raise!(py, NotHeldError, error, handle = handle),
        E::BadImage { what, at, found } => {
            raise!(py, BadImageError, error, what = what, at = at, found = found)
        }
        E::NotOldest { address, oldest } => {
            raise!(py, NotOldestError, error, address = address, oldest = oldest)
        }
        // The engine may learn new reasons before this list does.
        _ => raise!(py, MemcoreError, error),
    }
}

/// The system's numbers are those of `OSError`, whose kinds Python tells apart.
fn system_error(py: Python<'_>, error: HeapError, call: &str, code: i32, bytes: usize) -> PyErr {
    let kind = std::io::Error::from_raw_os_error(code).kind();
    match kind {
        std::io::ErrorKind::NotFound => {
            raise!(py, FileMissingError, error, call = call, code = code, bytes = bytes)
        }
        std::io::ErrorKind::PermissionDenied => {
            raise!(py, FileForbiddenError, error, call = call, code = code, bytes = bytes)
        }
        std::io::ErrorKind::WouldBlock => {
            raise!(py, FileBusyError, error, call = call, code = code, bytes = bytes)
        }
        _ => raise!(py, SystemCallError, error, call = call, code = code, bytes = bytes),
    }
}

/// The exception for a call on a heap that was closed.
#[cold]
pub fn closed(py: Python<'_>) -> PyErr {
    raise!(py, ClosedError, "the heap is closed")
}

/// The exception for a block that was freed.
#[cold]
pub fn freed(py: Python<'_>, address: usize) -> PyErr {
    let message = format!("the block at {address:#x} was freed already");
    raise!(py, FreedBlockError, message, address = address)
}

/// The exception for what would take bytes away from under views.
#[cold]
pub fn has_views(py: Python<'_>, address: usize, views: usize) -> PyErr {
    let message = format!("the block at {address:#x} is in use by views ({views}): release them first");
    raise!(py, HasViewsError, message, address = address, views = views)
}

/// The exception for a block of another heap.
#[cold]
pub fn foreign(py: Python<'_>, address: usize) -> PyErr {
    let message = format!("the block at {address:#x} is of another heap");
    raise!(py, ForeignHeapBlockError, message, address = address)
}

/// The exception for a call that this kind of heap does not have.
#[cold]
pub fn unsupported(py: Python<'_>, operation: &str, strategy: &str) -> PyErr {
    let message = format!("{strategy} cannot {operation}");
    raise!(py, UnsupportedError, message, operation = operation, strategy = strategy)
}
