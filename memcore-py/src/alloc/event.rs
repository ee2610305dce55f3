//! What a listener hears.

use memcore::alloc::{Block, Event};
use pyo3::{IntoPyObjectExt, prelude::*};

use super::errors::alloc_error;

/// What an allocator tells its listener: something was done, or could not be done.
///
/// An event is a plain record; unlike a `Block` it does not know its allocator.
#[pyclass(frozen, get_all, name = "AllocEvent", module = "memcore")]
pub struct PyEvent {
    /// ``"allocated"``, ``"freed"``, ``"resized"``, ``"moved"`` or ``"failed"``.
    kind: &'static str,
    /// The block's id; None for a failure.
    id: Option<u64>,
    /// The block's first byte, after the event; None for a failure.
    start: Option<u64>,
    /// Bytes that the block takes, after the event; for a failure the bytes asked for.
    size: u64,
    /// Bytes that the block took before it was resized; None for other events.
    old_size: Option<u64>,
    /// Where the block was before it was moved; None for other events.
    old_start: Option<u64>,
    /// Why a request failed, an exception; None for other events.
    error: Option<Py<PyAny>>,
}

impl PyEvent {
    pub fn new(py: Python<'_>, event: &Event) -> PyResult<Self> {
        let about = |kind, block: &Block| PyEvent {
            kind,
            id: Some(block.id.to_bits()),
            start: Some(block.start),
            size: block.size,
            old_size: None,
            old_start: None,
            error: None,
        };
        Ok(match event {
            Event::Allocated(block) => about("allocated", block),
            Event::Freed(block) => about("freed", block),
            Event::Resized { old, new } => PyEvent { old_size: Some(old.size), ..about("resized", new) },
            Event::Moved(step) => PyEvent {
                kind: "moved",
                id: Some(step.id.to_bits()),
                start: Some(step.to),
                size: step.size,
                old_size: None,
                old_start: Some(step.from),
                error: None,
            },
            Event::Failed { size, error } => PyEvent {
                kind: "failed",
                id: None,
                start: None,
                size: *size,
                old_size: None,
                old_start: None,
                error: Some(alloc_error(py, *error).into_py_any(py)?),
            },
            _ => PyEvent {
                kind: "other",
                id: None,
                start: None,
                size: 0,
                old_size: None,
                old_start: None,
                error: None,
            },
        })
    }
}

#[pymethods]
impl PyEvent {
    fn __repr__(&self) -> String {
        let shown = |value: Option<u64>| value.map_or("None".to_owned(), |value| value.to_string());
        format!(
            "AllocEvent(kind='{}', id={}, start={}, size={})",
            self.kind,
            shown(self.id),
            shown(self.start),
            self.size
        )
    }
}
