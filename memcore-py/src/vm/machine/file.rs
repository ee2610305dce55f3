//! The class `memcore.File`.

use std::path::PathBuf;

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
};
use crate::number::Number;

/// A file that processes of a machine can map, made by `Machine.open`.
///
/// As a context it is closed at the end of the ``with`` block.
#[pyclass(frozen, name = "File", module = "memcore")]
pub struct PyFile {
    pub machine: Py<PyMachine>,
    pub number: u32,
    content: Option<SharedBytes>,
}

/// What `Machine.open` answers.
pub fn open(machine: &Bound<'_, PyMachine>, source: &Bound<'_, PyAny>, writable: Option<bool>) -> PyResult<PyFile> {
    let py = machine.py();
    let this = machine.get();
    let mut content = None;
    let backing: Box<dyn Backing> = if let Ok(Number(length)) = source.extract() {
        Box::new(ZeroFile::new(length))
    } else if let Some(file) = PythonFile::new(source, writable, &this.state.troubles)? {
        Box::new(file)
    } else if let Ok(bytes) = bytes_of(source) {
        let bytes = bytes.as_bytes();
        let file = if writable.unwrap_or(true) { MemoryFile::new(bytes) } else { MemoryFile::read_only(bytes) };
        let file = SharedBytes::new(file);
        content = Some(file.clone());
        Box::new(file)
    } else if let Ok(path) = source.extract::<PathBuf>() {
        // The interpreter's own errors for what is not there or may not be opened.
        py.import("builtins")?
            .call_method1("open", (&path, if writable.unwrap_or(false) { "r+b" } else { "rb" }))?
            .call_method0("close")?;
        let opened =
            if writable.unwrap_or(false) { RealFile::open(path) } else { RealFile::read_only(path) };
        Box::new(opened.map_err(|error: BackingError| PyIOError::new_err(error.to_string()))?)
    } else {
        let message = "bytes, a path, a number of zeros, or an object with read, write and seek or len is wanted";
        return Err(PyTypeError::new_err(message));
    };
    let number = this.state.quick(py, |machine| machine.open(backing), vm_error)?;
    Ok(PyFile { machine: machine.clone().unbind(), number, content })
}

impl PyFile {
    pub fn new(machine: Py<PyMachine>, number: u32, content: Option<SharedBytes>) -> Self {
        PyFile { machine, number, content }
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
        self.content.as_ref().map(|content| content.content(py))
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
