//! The class `memcore.File`.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use memcore::vm::{Backing, BackingError, MemoryFile, RealFile, VmError, ZeroFile};
use pyo3::{
    exceptions::{PyIOError, PyTypeError},
    prelude::*,
    types::PyBytes,
};

use super::{
    backing::{PythonFile, SharedBytes},
    errors::vm_error,
    machine::PyMachine,
    memory::bytes_of,
    state::Troubles,
};
use crate::number::Number;

/// A file that processes of a machine can map, made by `Machine.open`.
///
/// As a context it is closed at the end of the ``with`` block.
#[pyclass(frozen, name = "File", module = "memcore")]
pub struct PyFile {
    pub machine: Py<PyMachine>,
    pub number: u32,
}

/// What stands behind the files of a machine, as far as Python knows it.
#[derive(Default)]
pub struct Sources {
    /// The bytes of those in memory.
    pub contents: HashMap<u32, SharedBytes>,
    /// The objects of those written in Python.
    pub objects: HashMap<u32, Py<PyAny>>,
}

/// What Python keeps of a file that is not only the engine's.
pub enum Kept {
    Nothing,
    Content(SharedBytes),
    Object(Py<PyAny>),
}

impl Sources {
    pub fn keep(&mut self, number: u32, kept: Kept) {
        match kept {
            Kept::Nothing => {}
            Kept::Content(content) => _ = self.contents.insert(number, content),
            Kept::Object(object) => _ = self.objects.insert(number, object),
        }
    }
}

/// What `Machine.open` answers.
pub fn open(
    machine: &Bound<'_, PyMachine>,
    source: &Bound<'_, PyAny>,
    writable: Option<bool>,
) -> PyResult<PyFile> {
    let py = machine.py();
    let this = machine.get();
    let (backing, kept) = backing(source, writable, &this.state.troubles)?;
    let number = this.state.quick(py, |machine| machine.open(backing), vm_error)?;
    this.sources().keep(number, kept);
    Ok(PyFile { machine: machine.clone().unbind(), number })
}

/// The backing of anything that can be opened, and what Python keeps of it.
pub fn backing(
    source: &Bound<'_, PyAny>,
    writable: Option<bool>,
    troubles: &Arc<Troubles>,
) -> PyResult<(Box<dyn Backing>, Kept)> {
    let py = source.py();
    let mut kept = Kept::Nothing;
    let backing: Box<dyn Backing> = if let Ok(Number(length)) = source.extract() {
        Box::new(ZeroFile::new(length))
    } else if let Some(file) = PythonFile::new(source, writable, troubles)? {
        kept = Kept::Object(source.clone().unbind());
        Box::new(file)
    } else if let Ok(bytes) = bytes_of(source) {
        let bytes = bytes.as_bytes();
        let file =
            if writable.unwrap_or(true) { MemoryFile::new(bytes) } else { MemoryFile::read_only(bytes) };
        let file = SharedBytes::new(file);
        kept = Kept::Content(file.clone());
        Box::new(file)
    } else if let Ok(path) = source.extract::<PathBuf>() {
        // The interpreter's own errors for what is not there or may not be opened.
        py.import("builtins")?
            .call_method1("open", (&path, if writable.unwrap_or(false) { "r+b" } else { "rb" }))?
            .call_method0("close")?;
        let opened = if writable.unwrap_or(false) { RealFile::open(path) } else { RealFile::read_only(path) };
        Box::new(opened.map_err(|error: BackingError| PyIOError::new_err(error.to_string()))?)
    } else {
        let message =
            "bytes, a path, a number of zeros, or an object with read, write and seek or len is wanted";
        return Err(PyTypeError::new_err(message));
    };
    Ok((backing, kept))
}

impl PyFile {
    pub fn new(machine: Py<PyMachine>, number: u32) -> Self {
        PyFile { machine, number }
    }

    fn call<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut memcore::vm::Machine) -> Result<T, VmError> + Send,
    ) -> PyResult<T> {
        self.machine.get().state.long(py, work, vm_error)
    }
}

#[pymethods]
impl PyFile {
    /// The number that areas and events call it by.
    #[getter]
    fn number(&self) -> u32 {
        self.number
    }

    /// Close it. What is mapped of it stays; when nothing is, its dirty pages are written.
    ///
    /// Raises `NoFileError` for a file that is closed, `MachineIOError`.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.call(py, |machine| machine.close(self.number))
    }

    /// Make it shorter or longer. Pages behind the end leave memory, private copies too, and accesses to them are a
    /// `BusError`.
    ///
    /// Raises `FileDeniedError`, `NoFileError`, `MachineIOError`.
    #[pyo3(signature = (length, /))]
    fn truncate(&self, py: Python<'_>, length: Number) -> PyResult<()> {
        self.call(py, |machine| machine.truncate(self.number, length.0))
    }

    /// Write its dirty pages. O(its pages in memory).
    ///
    /// Raises `NoFileError`, `MachineIOError`.
    fn sync(&self, py: Python<'_>) -> PyResult<()> {
        self.call(py, |machine| machine.sync(self.number))
    }

    /// Bytes in it.
    #[getter]
    fn length(&self, py: Python<'_>) -> PyResult<u64> {
        self.call(py, |machine| machine.file_length(self.number))
    }

    /// The bytes themselves, as they are behind the machine: what a process wrote is there after ``sync`` or a
    /// write-back. None for what the machine did not make from bytes.
    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        let content = self.machine.get().sources().contents.get(&self.number).cloned();
        content.map(|content| content.content(py))
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(usize::try_from(self.length(py)?)?)
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_why: "object") -> "None")]
    fn __exit__(&self, py: Python<'_>, _why: &Bound<'_, pyo3::types::PyTuple>) -> PyResult<()> {
        let is_open = self.machine.get().state.lock(py)?.files().any(|file| file == self.number);
        if is_open { self.close(py) } else { Ok(()) }
    }

    fn __repr__(&self) -> String {
        format!("<File {}>", self.number)
    }
}
