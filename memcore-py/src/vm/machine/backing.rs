//! What is mapped: bytes in memory that Python sees too, and objects written in Python.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use memcore::vm::{Backing, BackingError, MemoryFile, SavedBacking};
use pyo3::{buffer::PyBuffer, intern, prelude::*, types::PyBytes};

use super::state::Troubles;

/// A file in memory that is looked at from outside, too.
#[derive(Clone)]
pub struct SharedBytes(Arc<Mutex<MemoryFile>>);

impl SharedBytes {
    pub fn new(file: MemoryFile) -> Self {
        SharedBytes(Arc::new(Mutex::new(file)))
    }

    fn file(&self) -> MutexGuard<'_, MemoryFile> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn content<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.file().bytes())
    }
}

impl Backing for SharedBytes {
    fn len(&self) -> u64 {
        self.file().len()
    }

    fn read(&mut self, offset: u64, into: &mut [u8]) -> Result<(), BackingError> {
        self.file().read(offset, into)
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), BackingError> {
        self.file().write(offset, bytes)
    }

    fn is_writable(&self) -> bool {
        self.file().is_writable()
    }

    fn truncate(&mut self, length: u64) -> Result<(), BackingError> {
        self.file().truncate(length)
    }

    fn save(&self) -> Option<SavedBacking> {
        self.file().save()
    }
}

/// An object in Python: a file with `seek`, or one with `read(offset, length)`, `write(offset, data)`, `__len__`.
pub struct PythonFile {
    object: Py<PyAny>,
    has_seek: bool,
    writable: bool,
    troubles: Arc<Troubles>,
}

impl PythonFile {
    /// `None` for what is no file.
    pub fn new(
        object: &Bound<'_, PyAny>,
        writable: Option<bool>,
        troubles: &Arc<Troubles>,
    ) -> PyResult<Option<Self>> {
        let py = object.py();
        let has = |name: &str| object.hasattr(name);
        let has_seek = has("seek")?;
        if !has("read")? || !(has_seek || has("__len__")?) {
            return Ok(None);
        }
        let may = if has_seek && has("writable")? {
            object.call_method0(intern!(py, "writable"))?.is_truthy()?
        } else {
            has("write")?
        };
        Ok(Some(PythonFile {
            object: object.clone().unbind(),
            has_seek,
            writable: may && writable.unwrap_or(true),
            troubles: Arc::clone(troubles),
        }))
    }

    /// Keeps what Python raised, and tells the engine that it failed.
    fn attempt<T>(
        &self,
        offset: u64,
        work: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>,
    ) -> Result<T, BackingError> {
        Python::attach(|py| work(self.object.bind(py))).map_err(|error| {
            let why = error.to_string();
            self.troubles.of_file(error);
            BackingError::Io { offset, why }
        })
    }

    fn length(&self, object: &Bound<'_, PyAny>) -> PyResult<u64> {
        let py = object.py();
        if self.has_seek {
            object.call_method1(intern!(py, "seek"), (0, 2))?.extract()
        } else {
            Ok(object.len()? as u64)
        }
    }

    /// How many of the bytes at an offset are in the file.
    fn inside(&self, offset: u64, length: usize) -> Result<usize, BackingError> {
        let end = self.attempt(offset, |object| self.length(object))?;
        if length > 0 && offset >= end {
            return Err(BackingError::PastEnd { offset, length: end });
        }
        Ok(usize::try_from(end - offset.min(end)).unwrap_or(usize::MAX).min(length))
    }
}

impl Backing for PythonFile {
    fn len(&self) -> u64 {
        self.attempt(0, |object| self.length(object)).unwrap_or(0)
    }

    fn read(&mut self, offset: u64, into: &mut [u8]) -> Result<(), BackingError> {
        let count = self.inside(offset, into.len())?;
        into[count..].fill(0);
        let into = &mut into[..count];
        self.attempt(offset, |object| {
            let py = object.py();
            let name = intern!(py, "read");
            let mut done = 0;
            if self.has_seek {
                object.call_method1(intern!(py, "seek"), (offset,))?;
            }
            while done < count {
                let answer = if self.has_seek {
                    object.call_method1(name, (count - done,))?
                } else {
                    object.call_method1(name, (offset + done as u64, count - done))?
                };
                let bytes = PyBuffer::<u8>::get(&answer)?.to_vec(py)?;
                // The file may have become shorter meanwhile: the rest is zeros. More than was asked for is not wanted.
                let taken = bytes.len().min(count - done);
                into[done..done + taken].copy_from_slice(&bytes[..taken]);
                done += taken;
                if taken == 0 {
                    into[done..].fill(0);
                    break;
                }
            }
            Ok(())
        })
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), BackingError> {
        if !self.writable {
            return Err(BackingError::ReadOnly);
        }
        let count = self.inside(offset, bytes.len())?;
        self.attempt(offset, |object| {
            let py = object.py();
            let data = PyBytes::new(py, &bytes[..count]);
            if self.has_seek {
                object.call_method1(intern!(py, "seek"), (offset,))?;
                object.call_method1(intern!(py, "write"), (data,))?;
            } else {
                object.call_method1(intern!(py, "write"), (offset, data))?;
            }
            Ok(())
        })
    }

    fn is_writable(&self) -> bool {
        self.writable
    }

    fn truncate(&mut self, length: u64) -> Result<(), BackingError> {
        if !self.writable {
            return Err(BackingError::ReadOnly);
        }
        self.attempt(length, |object| {
            let py = object.py();
            let before = self.length(object)?;
            object.call_method1(intern!(py, "truncate"), (length,))?;
            if self.has_seek && before < length && self.length(object)? < length {
                // Some files do not grow by truncate.
                object.call_method1(intern!(py, "seek"), (length - 1,))?;
                object.call_method1(intern!(py, "write"), (PyBytes::new(py, &[0]),))?;
            }
            Ok(())
        })
    }
}
