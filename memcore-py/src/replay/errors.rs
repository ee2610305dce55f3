//! Why a replay gave no result, as exceptions.

use memcore::replay::{BadPlacement, ReplayError};
use pyo3::{import_exception, prelude::*};

use crate::{
    alloc::errors::{OutOfMetadataError, alloc_error},
    errors::{MemcoreError, bad_parameter, raise},
};

import_exception!(memcore._errors, BadPlacementError);
import_exception!(memcore._errors, ImpossibleReplayError);

#[cold]
pub fn replay_error(py: Python<'_>, error: ReplayError) -> PyErr {
    let text = error.to_string();
    match error {
        ReplayError::BadOption { name, value, rule } => bad_parameter(py, name, value, rule),
        ReplayError::Allocator { error, .. } => alloc_error(py, error),
        ReplayError::Impossible { strategy, align, header } => {
            raise!(py, ImpossibleReplayError, text, strategy = strategy, align = align, header = header)
        }
        ReplayError::Target { operation, error } => match error.downcast::<PyErr>() {
            Ok(own) => noted(py, *own, format!("at operation {operation} of the trace")),
            Err(error) => match error.downcast_ref::<BadPlacement>() {
                Some(_) => raise!(py, BadPlacementError, text, operation = operation),
                None => raise!(py, MemcoreError, text),
            },
        },
        ReplayError::Make(error) => match error.downcast::<PyErr>() {
            Ok(own) => *own,
            Err(_) => raise!(py, MemcoreError, text),
        },
        ReplayError::OutOfMemory { .. } => raise!(py, OutOfMetadataError, text, blocks = 0),
        _ => raise!(py, MemcoreError, text),
    }
}

/// The user's own exception, with a line that says where it came from.
fn noted(py: Python<'_>, own: PyErr, note: String) -> PyErr {
    match own.value(py).call_method1("add_note", (note,)) {
        Ok(_) => own,
        Err(failure) => failure,
    }
}
