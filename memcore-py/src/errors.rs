//! How failures of the engine become exceptions.
//!
//! The exceptions are classes written in Python (`memcore/_errors.py`): there they inherit from built-in ones,
//! carry typed attributes, have docstrings and are read by type checkers. Rust imports them and calls them as
//! Python code would, with the message first and every attribute by its name.
//!
//! # To raise a failure of a room
//! Import its classes with `import_exception!`, below; in the room's own file, `match` the engine's error and call
//! [`raised`] with the error's text and a dictionary of its fields.

use pyo3::{PyTypeInfo, import_exception, prelude::*, types::PyDict};

import_exception!(memcore._errors, MemcoreError);
import_exception!(memcore._errors, BadParameterError);
import_exception!(memcore._errors, BadSpecError);
import_exception!(memcore._errors, OutOfRangeError);
import_exception!(memcore._errors, UnknownNameError);

/// Makes the exception `E(message, **attributes)`.
///
/// When that call itself fails, the exception it raised is returned: a mismatch between the two languages shows up
/// as the `TypeError` that it is.
pub fn raised<E: PyTypeInfo>(
    py: Python<'_>,
    message: impl ToString,
    attributes: &Bound<'_, PyDict>,
) -> PyErr {
    match py.get_type::<E>().call((message.to_string(),), Some(attributes)) {
        Ok(exception) => PyErr::from_value(exception),
        Err(failure) => failure,
    }
}
