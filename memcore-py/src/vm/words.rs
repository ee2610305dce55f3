//! The small words of the room as text: kinds of access, protections; and numbers that are narrower than 64 bits.

use std::str::FromStr;

use memcore::vm::{Access, Protection};
use pyo3::prelude::*;

use crate::{
    errors::{UnknownNameError, bad_parameter, raise},
    number::Number,
};

/// What ``"read"``, ``"write"`` and ``"execute"`` mean.
pub fn access_of(py: Python<'_>, kind: &str) -> PyResult<Access> {
    let known = [Access::Read, Access::Write, Access::Execute];
    known.into_iter().find(|access| access.name() == kind).ok_or_else(|| {
        let message = format!("unknown kind of access {kind:?}; known: read, write, execute");
        raise!(py, UnknownNameError, message, name = kind, known = known.map(Access::name))
    })
}

/// What ``"rw-"`` means: three letters, each in its place or a dash.
pub fn protection_of(py: Python<'_>, text: &str) -> PyResult<Protection> {
    let mut known = (0..8).filter_map(Protection::from_bits);
    known.find(|protection| protection.to_string() == text).ok_or_else(|| {
        let message = format!("unknown protection {text:?}: must be r or -, w or -, x or -");
        let known = ["---", "r--", "rw-", "r-x", "rwx", "-w-", "--x", "-wx"];
        raise!(py, UnknownNameError, message, name = text, known = known)
    })
}

/// A number of 32 bits.
pub fn narrow(py: Python<'_>, name: &str, Number(value): Number) -> PyResult<u32> {
    u32::try_from(value).map_err(|_| bad_parameter(py, name, value, "must be below 2**32"))
}

/// A number of 16 bits.
pub fn short(py: Python<'_>, name: &str, Number(value): Number) -> PyResult<u16> {
    u16::try_from(value).map_err(|_| bad_parameter(py, name, value, "must be below 2**16"))
}

/// A number of 8 bits.
pub fn byte(py: Python<'_>, name: &str, Number(value): Number) -> PyResult<u8> {
    u8::try_from(value).map_err(|_| bad_parameter(py, name, value, "must be below 2**8"))
}

/// A strategy or policy by its text.
pub fn spec_of<T: FromStr<Err = memcore::spec::SpecError>>(py: Python<'_>, text: &str) -> PyResult<T> {
    text.parse().map_err(|error| crate::errors::spec_error(py, error))
}
