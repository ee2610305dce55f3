//! The class `memcore.AccessTrace`.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use memcore::trace::{Access, AccessTrace, TraceError, Unit};
use pyo3::{
    prelude::*,
    types::{PyBytes, PyDict, PyTuple},
};

use super::{errors::trace_error, loss::lost, options, summary::PyNote};
use crate::{
    column::{Numbers, numbers_of},
    errors::bad_parameter,
    long_call::{Watcher, long_call},
    number::Number,
};

/// What a program did with its memory, address by address: loads, stores, instruction fetches.
///
/// A trace is made by ``AccessTrace.open``, ``from_bytes`` or ``from_arrays``, and never changes. It takes 24 bytes a
/// run of equal accesses. Caches want it as it is; for page replacement a `PageTrace` is read from the same files in
/// less memory.
///
/// >>> import memcore
/// >>> trace = memcore.AccessTrace.from_bytes(b"I  0401b770,3\n S 1fff000ffc,8\n")
/// >>> len(trace), trace.unit
/// (2, 'bytes')
/// >>> {name: column.tolist() for name, column in trace.columns().items()}
/// {'addresses': [67221360, 137422180348], 'sizes': [3, 8], 'kinds': [2, 1], 'counts': [1, 1]}
#[pyclass(frozen, name = "AccessTrace", module = "memcore", weakref)]
pub struct PyAccessTrace {
    pub(crate) trace: Arc<AccessTrace>,
    name: String,
}

impl PyAccessTrace {
    fn new(trace: AccessTrace, name: impl Into<String>) -> Self {
        PyAccessTrace { trace: Arc::new(trace), name: name.into() }
    }
}

#[pymethods]
impl PyAccessTrace {
    /// Read a trace of accesses or pages: a file, or the name of a bundled sample. As `PageTrace.open`, but every
    /// access is kept as it was; ``max_events`` bounds the accesses, a run of equal ones as it is long.
    ///
    /// Raises `TraceError` with the line or byte and the reason; `UnknownNameError` for the format; OSError as ``open``
    /// does.
    #[staticmethod]
    #[pyo3(signature = (
        path: "str | os.PathLike[str]", format = None, *, max_events = None, max_expanded_bytes = None,
        progress: "typing.Callable[[int, int | None], object] | None" = None,
    ))]
    fn open(
        py: Python<'_>,
        path: PathBuf,
        format: Option<&str>,
        max_events: Option<Number>,
        max_expanded_bytes: Option<Number>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let options = options::accesses(py, format, max_events, max_expanded_bytes)?;
        let file = options::sample(py, &path)?;
        let work = |watcher: &mut Watcher| AccessTrace::open(&file, &options, watcher);
        let trace = long_call(py, progress, work, trace_error)?;
        Ok(PyAccessTrace::new(trace, path.to_string_lossy()))
    }

    /// Read a trace from the content of a file; ``name`` stands for it in errors. Otherwise as ``open``.
    #[staticmethod]
    #[pyo3(signature = (
        content: "bytes", name = "<bytes>", format = None, *, max_events = None, max_expanded_bytes = None,
        progress: "typing.Callable[[int, int | None], object] | None" = None,
    ))]
    fn from_bytes(
        py: Python<'_>,
        content: &Bound<'_, PyBytes>,
        name: &str,
        format: Option<&str>,
        max_events: Option<Number>,
        max_expanded_bytes: Option<Number>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let options = options::accesses(py, format, max_events, max_expanded_bytes)?;
        let content = content.as_bytes();
        let work = |watcher: &mut Watcher| AccessTrace::read(content, name, &options, watcher);
        let trace = long_call(py, progress, work, trace_error)?;
        Ok(PyAccessTrace::new(trace, name))
    }

    /// The trace of accesses to these addresses, in bytes: arrays of integers of any type and layout, or iterables of
    /// ints.
    ///
    /// ``sizes`` in bytes, by default 1; ``writes`` is a mask of the accesses that write, or ``kinds`` tells all: 0
    /// read, 1 write, 2 execute. O(accesses).
    ///
    /// Raises `OutOfRangeError`, `BadParameterError`, `TraceError`.
    #[staticmethod]
    #[pyo3(signature = (
        addresses: "typing.Any", sizes: "typing.Any" = None, writes: "typing.Any" = None,
        kinds: "typing.Any" = None
    ))]
    fn from_arrays(
        py: Python<'_>,
        addresses: &Bound<'_, PyAny>,
        sizes: Option<&Bound<'_, PyAny>>,
        writes: Option<&Bound<'_, PyAny>>,
        kinds: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let addresses = numbers_of(addresses)?;
        let narrow = |size: u64| {
            u32::try_from(size).map_err(|_| bad_parameter(py, "sizes", size, "a size is below 2**32"))
        };
        let sizes = match sizes {
            Some(sizes) => Some(numbers_of(sizes)?.into_iter().map(narrow).collect::<PyResult<Vec<u32>>>()?),
            None => None,
        };
        let kinds = options::kinds(py, addresses.len(), writes, kinds)?;
        let trace = py.detach(|| AccessTrace::from_columns(&addresses, sizes.as_deref(), kinds.as_deref()));
        Ok(PyAccessTrace::new(trace.map_err(|error| trace_error(py, error))?, "<arrays>"))
    }

    /// The accesses as columns, an entry for each run of equal ones: ``addresses`` (unsigned 64 bits), ``sizes`` (32),
    /// ``kinds`` (8; 0 read, 1 write, 2 execute), ``counts`` (32). NumPy arrays where it is installed, memoryviews
    /// otherwise. O(accesses).
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        fn column<T: Send>(py: Python<'_>, trace: &AccessTrace, of: fn(&Access) -> T) -> Vec<T> {
            py.detach(|| trace.accesses().iter().map(of).collect())
        }
        let trace = &*self.trace;
        let columns = PyDict::new(py);
        let put = |name, numbers: Numbers| columns.set_item(name, numbers.into_array(py)?);
        put("addresses", Numbers::U64(column(py, trace, |access| access.address)))?;
        put("sizes", Numbers::U32(column(py, trace, |access| access.size)))?;
        put("kinds", Numbers::U8(column(py, trace, |access| access.kind as u8)))?;
        put("counts", Numbers::U32(column(py, trace, |access| access.count)))?;
        Ok(columns)
    }

    /// Write the trace to a file: as `PageTrace.save`. The page formats keep pages alone.
    #[pyo3(signature = (path: "str | os.PathLike[str]", format = None) -> "dict[str, int]")]
    fn save<'py>(
        &self,
        py: Python<'py>,
        path: PathBuf,
        format: Option<&str>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let format = options::access_output(py, &path, format)?;
        let saved = py.detach(|| self.trace.save(&path, format));
        lost(py, &saved.map_err(|error| trace_error(py, error))?)
    }

    /// The content of a file that ``save`` would write, uncompressed.
    #[pyo3(signature = (format = "memcore"))]
    fn to_bytes<'py>(&self, py: Python<'py>, format: &str) -> PyResult<Bound<'py, PyBytes>> {
        let format = options::access_output(py, Path::new(""), Some(format))?;
        let written = py.detach(|| -> Result<Vec<u8>, TraceError> {
            let mut content = Vec::new();
            self.trace.convert(format, &mut content)?;
            Ok(content)
        });
        Ok(PyBytes::new(py, &written.map_err(|error| trace_error(py, error))?))
    }

    /// What the addresses count: ``"bytes"``, ``"pages"`` (an address is that of the page's first byte) or
    /// ``"numbers"``.
    #[getter]
    fn unit(&self) -> &'static str {
        match self.trace.unit() {
            Unit::Bytes => "bytes",
            Unit::Pages { .. } => "pages",
            Unit::Numbers => "numbers",
        }
    }

    /// How many address-space events (mmap, munmap, ...) stand between the accesses.
    #[getter]
    fn events(&self) -> usize {
        self.trace.events().len()
    }

    /// Where it is from: the path or the sample's name.
    #[getter]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it was read from: as `PageTrace.format`.
    #[getter]
    fn format(&self) -> &'static str {
        self.trace.format().name()
    }

    /// What the reader left out or noticed.
    #[getter]
    fn notes(&self) -> Vec<PyNote> {
        self.trace.notes().as_slice().iter().map(PyNote::from).collect()
    }

    /// The number of accesses, a run as it is long.
    fn __len__(&self) -> usize {
        self.trace.accesses().iter().map(|access| access.count as usize).sum()
    }

    fn __eq__(&self, py: Python<'_>, other: &Self) -> bool {
        let (mine, others) = (&self.trace, &other.trace);
        py.detach(|| {
            mine.unit() == others.unit()
                && mine.accesses() == others.accesses()
                && mine.events() == others.events()
        })
    }

    fn __hash__(&self) -> u64 {
        (self.trace.accesses().len() as u64) ^ ((self.trace.events().len() as u64) << 32)
    }

    fn __repr__(&self) -> String {
        let (name, format) = (self.name.escape_debug(), self.format());
        format!("<AccessTrace '{name}': {} accesses, {format}>", self.__len__())
    }

    /// A trace never changes: its copy is itself.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (memo: "dict[int, object]") -> "AccessTrace")]
    fn __deepcopy__(slf: Py<Self>, memo: &Bound<'_, PyDict>) -> Py<Self> {
        let _ = memo;
        slf
    }

    #[pyo3(signature = () -> "tuple[object, ...]")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let make = py.get_type::<PyAccessTrace>().getattr("from_bytes")?;
        (make, (self.to_bytes(py, "memcore")?, &self.name)).into_pyobject(py)
    }
}
