//! How failures of the engine become exceptions.
//!
//! The exceptions are classes written in Python (`memcore/_errors.py`): there they inherit from built-in ones,
//! carry typed attributes, have docstrings and are read by type checkers. Rust imports them and calls them as
//! Python code would, with the message first and every attribute by its name.
//!
//! # To raise a failure of a room
//! Import its classes with `import_exception!`, as below; in the room's own file, `match` the engine's error and
//! call [`raise!`] with the error's text and its fields.

use memcore::spec::SpecError;
use pyo3::{
    PyTypeInfo, import_exception,
    prelude::*,
    types::{PyDict, PyTuple},
};

import_exception!(memcore._errors, MemcoreError);
import_exception!(memcore._errors, BadParameterError);
import_exception!(memcore._errors, BadSpecError);
import_exception!(memcore._errors, OutOfRangeError);
import_exception!(memcore._errors, UnknownNameError);

/// Makes the exception `$class(message, name = value, ...)`; the values are anything that Python can hold.
macro_rules! raise {
    ($py:expr, $class:ty, $message:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::errors::raised::<$class>($py, $message, |_attributes| {
            $(pyo3::types::PyDictMethods::set_item(_attributes, stringify!($name), $value)?;)*
            Ok(())
        })
    };
}
pub(crate) use raise;

/// Makes the exception `E(message, **attributes)`; `fill` names the attributes.
///
/// When that call itself fails, the exception it raised is returned: a mismatch between the two languages shows up
/// as the `TypeError` that it is.
#[cold]
pub fn raised<'py, E: PyTypeInfo>(
    py: Python<'py>,
    message: impl ToString,
    fill: impl FnOnce(&Bound<'py, PyDict>) -> PyResult<()>,
) -> PyErr {
    let attributes = PyDict::new(py);
    match fill(&attributes).and_then(|()| py.get_type::<E>().call((message.to_string(),), Some(&attributes)))
    {
        Ok(exception) => PyErr::from_value(exception),
        Err(failure) => failure,
    }
}

/// The exception for a parameter out of its range.
pub fn bad_parameter<'py>(
    py: Python<'py>,
    name: &str,
    value: impl IntoPyObject<'py> + ToString,
    rule: &str,
) -> PyErr {
    let message = format!("{name} = {}: {rule}", value.to_string());
    raise!(py, BadParameterError, message, name = name, value = value, rule = rule)
}

/// The exception for text that names no strategy, policy or workload, or not well.
#[cold]
pub fn spec_error(py: Python<'_>, error: SpecError) -> PyErr {
    match &error {
        SpecError::UnknownName { name, known, .. } => match PyTuple::new(py, known.0) {
            Ok(known) => raise!(py, UnknownNameError, &error, name = name, known = known),
            Err(failure) => failure,
        },
        SpecError::UnknownKey { key, known, .. } => match PyTuple::new(py, known.0) {
            Ok(known) => raise!(py, UnknownNameError, &error, name = key, known = known),
            Err(failure) => failure,
        },
        SpecError::BadValue { key, value, .. } => {
            raise!(py, BadSpecError, &error, text = format!("{key}={value}"))
        }
        SpecError::BadPart { part } => raise!(py, BadSpecError, &error, text = part),
        _ => raise!(py, BadSpecError, &error, text = ""),
    }
}
