//! The class `memcore.Checks`.

use memcore::heap::Checks;
use pyo3::prelude::*;

use super::memory::narrow;
use crate::{errors::spec_error, number::Number};

/// What a checked heap checks.
///
/// A heap takes it, or its text: ``"none"``, ``"light"``, ``"full"``, ``"light:quarantine=1M,track=yes"``.
///
/// Parameters
/// ----------
/// redzone:
///     Bytes kept on each side of a block and looked at, a multiple of 16.
/// poison:
///     So many bytes of a block are filled when it is allocated (0xA5) and when it is freed (0xDD); None for all.
/// quarantine:
///     Bytes of freed blocks that are kept from reuse, in which late writes are found; None for all.
/// track:
///     Keep number and size of each allocation for ``leaks``.
/// limit:
///     The most bytes in use; None for no limit.
/// guard_every:
///     One allocation of so many gets pages of its own: an overrun there ends the process. 0 for none.
/// guard_offset:
///     How many allocations pass before the first that gets such pages.
/// tools:
///     Tell valgrind and AddressSanitizer, where the process runs under one of them.
///
/// Raises `OutOfRangeError`; a heap raises `BadParameterError` for what it cannot check.
///
/// >>> import memcore
/// >>> memcore.Checks(redzone=32)
/// Checks('light:redzone=32,quarantine=1M,track=yes')
/// >>> memcore.Checks.parse("full").redzone
/// 64
#[pyclass(frozen, eq, name = "Checks", module = "memcore")]
#[derive(PartialEq, Clone)]
pub struct PyChecks(pub Checks);

/// `usize::MAX` stands for all.
fn all(number: usize) -> Option<usize> {
    (number != usize::MAX).then_some(number)
}

/// The argument `checks` of a heap.
#[derive(FromPyObject)]
pub enum ChecksArgument {
    #[pyo3(transparent, annotation = "Checks")]
    Value(Py<PyChecks>),
    #[pyo3(transparent, annotation = "str")]
    Text(String),
}

/// What it says; none for nothing.
pub fn checks_of(py: Python<'_>, checks: Option<ChecksArgument>) -> PyResult<Checks> {
    match checks {
        None => Ok(Checks::NONE),
        Some(ChecksArgument::Value(checks)) => Ok(checks.get().0),
        Some(ChecksArgument::Text(text)) => text.parse().map_err(|error| spec_error(py, error)),
    }
}

#[pymethods]
impl PyChecks {
    #[new]
    #[pyo3(signature = (
        *, redzone = Number(16), poison = Some(Number(128)), quarantine = Some(Number(1 << 20)), track = true,
        limit = None, guard_every = 0, guard_offset = 0, tools = false,
    ))]
    #[allow(clippy::too_many_arguments)] // They are keywords in Python.
    fn new(
        redzone: Number,
        poison: Option<Number>,
        quarantine: Option<Number>,
        track: bool,
        limit: Option<Number>,
        guard_every: u32,
        guard_offset: u32,
        tools: bool,
    ) -> Self {
        let bytes = |number: Option<Number>| number.map_or(usize::MAX, |Number(bytes)| narrow(bytes));
        let limit = limit.map_or(u64::MAX, |Number(limit)| limit);
        PyChecks(Checks {
            redzone: narrow(redzone.0),
            poison: bytes(poison),
            quarantine: bytes(quarantine),
            track,
            limit,
            guard_every,
            guard_offset,
            tools,
        })
    }

    /// The checks that a text names.
    ///
    /// Raises `UnknownNameError`, `BadSpecError`.
    #[staticmethod]
    #[pyo3(signature = (text, /))]
    fn parse(py: Python<'_>, text: &str) -> PyResult<Self> {
        text.parse().map(PyChecks).map_err(|error| spec_error(py, error))
    }

    /// Bytes kept on each side of a block.
    #[getter]
    fn redzone(&self) -> usize {
        self.0.redzone
    }

    /// Bytes of a block that are filled; None for all.
    #[getter]
    fn poison(&self) -> Option<usize> {
        all(self.0.poison)
    }

    /// Bytes kept from reuse; None for all.
    #[getter]
    fn quarantine(&self) -> Option<usize> {
        all(self.0.quarantine)
    }

    /// Whether allocations are numbered for the leak report.
    #[getter]
    fn track(&self) -> bool {
        self.0.track
    }

    /// The most bytes in use; None for no limit.
    #[getter]
    fn limit(&self) -> Option<u64> {
        (self.0.limit != u64::MAX).then_some(self.0.limit)
    }

    /// One allocation of so many gets pages of its own; 0 for none.
    #[getter]
    fn guard_every(&self) -> u32 {
        self.0.guard_every
    }

    /// Allocations before the first that gets pages of its own.
    #[getter]
    fn guard_offset(&self) -> u32 {
        self.0.guard_offset
    }

    /// Whether valgrind and AddressSanitizer are told.
    #[getter]
    fn tools(&self) -> bool {
        self.0.tools
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.0.to_string().hash(&mut hasher);
        hasher.finish()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("Checks('{}')", self.0)
    }

    #[pyo3(signature = () -> "tuple[object, ...]")]
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("parse")?, (slf.get().0.to_string(),)))
    }
}
