//! Why a trace could not be read, made or written, as exceptions.

use memcore::trace::{Format, TraceError, UnknownFormatName, generate::WorkloadError};
use pyo3::{exceptions::PyOSError, import_exception, prelude::*, types::PyTuple};

use crate::errors::{BadSpecError, MemcoreError, UnknownNameError, bad_parameter, raise, spec_error};

// A module of its own, as the engine has a type of this name too.
mod raised {
    pyo3::import_exception!(memcore._errors, TraceError);
}
import_exception!(memcore._errors, OtherKindError);
use raised::TraceError as PyTraceError;

/// The exception for a failure of the room.
#[cold]
pub fn trace_error(py: Python<'_>, error: TraceError) -> PyErr {
    use TraceError as E;
    let none = None::<u64>;
    match &error {
        // As open() raises it: FileNotFoundError, PermissionError, ... by the number.
        E::Io { name, error: system } if system.raw_os_error().is_some() => {
            let text = system.to_string();
            let text = text.split(" (os error").next().unwrap_or_default().to_owned();
            PyOSError::new_err((system.raw_os_error(), text, name.clone()))
        }
        E::Io { name, .. } | E::UnknownFormat { name, .. } | E::Limit { name, .. } => {
            raise!(py, PyTraceError, &error, source = name, line = none, offset = none, operation = none)
        }
        E::NestedCompression { name, .. } => {
            raise!(py, PyTraceError, &error, source = name, line = none, offset = none, operation = none)
        }
        E::Line { name, line, .. } => {
            raise!(py, PyTraceError, &error, source = name, line = line, offset = none, operation = none)
        }
        E::Byte { name, offset, .. } => {
            raise!(py, PyTraceError, &error, source = name, line = none, offset = offset, operation = none)
        }
        E::Event { index, .. } => {
            raise!(py, PyTraceError, &error, source = "", line = none, offset = none, operation = index)
        }
        E::OtherKind { name, format, kind } => {
            let (format, kind) = (format.name(), kind.name());
            raise!(py, OtherKindError, &error, source = name, format = format, kind = kind)
        }
        E::PageSize { page_size } => bad_parameter(py, "page_size", *page_size, "must be a power of two"),
        E::Spec(error) => spec_error(py, error.clone()),
        E::NotWritable { format } => {
            raise!(py, UnknownNameError, &error, name = format.name(), known = ("memcore", "matr", "rep"))
        }
        E::Workload(workload) => workload_error(py, workload),
        _ => raise!(py, MemcoreError, &error),
    }
}

#[cold]
pub fn workload_error(py: Python<'_>, error: &WorkloadError) -> PyErr {
    match error {
        WorkloadError::UnknownName { name } => {
            let known = memcore::trace::generate::Shape::ALL.map(|shape| shape.name());
            unknown_name(py, error, name, &known)
        }
        WorkloadError::UnknownKey { key: name, known, .. }
        | WorkloadError::UnknownChoice { value: name, known, .. } => {
            unknown_name(py, error, name, &known.split(", ").collect::<Vec<_>>())
        }
        WorkloadError::BadValue { text, .. } => raise!(py, BadSpecError, error, text = text),
        WorkloadError::Invalid { field, .. } => raise!(py, BadSpecError, error, text = field),
        _ => raise!(py, BadSpecError, error, text = ""),
    }
}

#[cold]
pub fn unknown_format(py: Python<'_>, error: &UnknownFormatName, known: &[Format]) -> PyErr {
    let known: Vec<&str> = known.iter().map(|format| format.name()).collect();
    unknown_name(py, error, &error.name, &known)
}

/// The exception for a format in which traces of accesses are not read, or not written.
#[cold]
pub fn no_format_of_accesses(py: Python<'_>, name: &str, known: &[Format]) -> PyErr {
    let known: Vec<&str> = known.iter().map(|format| format.name()).collect();
    let message = format!("{name:?} is no format for traces of accesses here; known: {}", known.join(", "));
    unknown_name(py, message, name, &known)
}

fn unknown_name(py: Python<'_>, error: impl ToString, name: &str, known: &[&str]) -> PyErr {
    match PyTuple::new(py, known) {
        Ok(known) => raise!(py, UnknownNameError, error, name = name, known = known),
        Err(failure) => failure,
    }
}
