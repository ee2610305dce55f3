//! A user's own allocator, written in Python, as a target of a replay.
//!
//! It has `allocate(size, alignment)` and `free(start)`, and where it wants `resize(start, size)` and
//! `metadata_bytes`. Each call takes the interpreter's lock, which is what such an allocator costs.

use memcore::replay::{PlainAllocator, Refusal};
use pyo3::{
    exceptions::{PyMemoryError, PyTypeError},
    intern,
    prelude::*,
};

use crate::{
    alloc::{
        allocator::PyAllocator,
        errors::{NotTopError, UnsupportedError},
    },
    number::Number,
};

/// What was given in place of a strategy's name.
pub enum Own {
    /// An allocator as it is, for the exact pass.
    Object(Py<PyAny>),
    /// Called with a capacity, it makes one for each pass.
    Factory(Py<PyAny>),
}

impl Own {
    pub fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let refused = |why: &str| Err(PyTypeError::new_err(format!("{object:?} {why}")));
        if object.is_instance_of::<PyAllocator>() {
            return refused("is one of memcore's own: give the name of its strategy");
        }
        let is_class = object.is_instance_of::<pyo3::types::PyType>();
        if !is_class && object.hasattr("allocate")? && object.hasattr("free")? {
            return Ok(Own::Object(object.clone().unbind()));
        }
        if object.is_callable() {
            return Ok(Own::Factory(object.clone().unbind()));
        }
        refused(
            "is no strategy: give a name, an object with allocate(size, alignment) and free(start), or what makes one from a capacity",
        )
    }

    /// What results call it.
    pub fn name(&self, py: Python<'_>) -> PyResult<String> {
        let (Own::Object(own) | Own::Factory(own)) = self;
        let own = own.bind(py);
        if let Ok(name) = own.getattr("name").and_then(|name| name.extract()) {
            return Ok(name);
        }
        own.getattr("__name__").or_else(|_| own.get_type().getattr("__name__"))?.extract()
    }
}

/// The object, in the engine's terms.
pub struct OwnAllocator {
    object: Py<PyAny>,
    resizes: bool,
}

impl OwnAllocator {
    pub fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(OwnAllocator { resizes: object.hasattr("resize")?, object: object.clone().unbind() })
    }
}

impl PlainAllocator for OwnAllocator {
    /// None and a MemoryError say that there is no room.
    fn allocate(&mut self, size: u64, alignment: u64) -> Result<u64, Refusal> {
        Python::attach(|py| {
            let answer = match self.object.call_method1(py, intern!(py, "allocate"), (size, alignment)) {
                Ok(answer) => answer,
                Err(error) if error.is_instance_of::<PyMemoryError>(py) => return Err(Refusal::Refused),
                Err(error) => return Err(Refusal::broken(error)),
            };
            if answer.is_none(py) {
                return Err(Refusal::Refused);
            }
            let Number(start) = answer.extract(py).map_err(|error: PyErr| Refusal::broken(error))?;
            Ok(start)
        })
    }

    fn free(&mut self, start: u64) -> Result<(), Refusal> {
        Python::attach(|py| match self.object.call_method1(py, intern!(py, "free"), (start,)) {
            Ok(_) => Ok(()),
            Err(error)
                if error.is_instance_of::<UnsupportedError>(py)
                    || error.is_instance_of::<NotTopError>(py) =>
            {
                Err(Refusal::Refused)
            }
            Err(error) => Err(Refusal::broken(error)),
        })
    }

    /// A true answer says that it was done.
    fn resize(&mut self, start: u64, size: u64) -> Result<(), Refusal> {
        if !self.resizes {
            return Err(Refusal::Refused);
        }
        Python::attach(|py| {
            let answer = self.object.call_method1(py, intern!(py, "resize"), (start, size));
            match answer.and_then(|answer| answer.is_truthy(py)) {
                Ok(true) => Ok(()),
                Ok(false) => Err(Refusal::Refused),
                Err(error) => Err(Refusal::broken(error)),
            }
        })
    }

    fn metadata_bytes(&self) -> Option<u64> {
        Python::attach(|py| self.object.getattr(py, intern!(py, "metadata_bytes")).ok()?.extract(py).ok())
    }
}
