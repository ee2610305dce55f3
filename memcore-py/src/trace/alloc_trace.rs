//! The class `memcore.Trace`.

use std::{path::PathBuf, sync::Arc};

use memcore::trace::{AllocTrace, Event, Format, TraceError, convert, generate::Workload, save};
use pyo3::{
    prelude::*,
    types::{PyBytes, PyDict, PyTuple},
};

use super::{
    errors::{trace_error, unknown_format, workload_error},
    loss::lost,
    options::{self, limits},
    summary::{PyNote, PySummary},
};
use crate::{
    column::{Numbers, numbers_of},
    errors::bad_parameter,
    long_call::{Watcher, long_call},
    number::Number,
};

/// The operations of one program run on its heap: mallocs, callocs, aligned allocations, reallocs, frees.
///
/// A trace is made by ``Trace.open``, ``from_bytes``, ``from_arrays`` or ``generate``, and never changes. It takes 16
/// bytes an operation. Equal traces have equal operations.
///
/// >>> import memcore
/// >>> trace = memcore.Trace.open("sqlite3_3000")
/// >>> len(trace), trace.format
/// (483790, 'matr')
/// >>> trace.summary().peak_live_bytes
/// 1775116
#[pyclass(frozen, name = "Trace", module = "memcore")]
pub struct PyTrace {
    pub(crate) trace: Arc<AllocTrace>,
    name: String,
}

impl PyTrace {
    fn new(trace: AllocTrace, name: impl Into<String>) -> Self {
        PyTrace { trace: Arc::new(trace), name: name.into() }
    }
}

/// A column whose numbers are narrower than 64 bits, or the first that is not.
fn narrowed<T: TryFrom<u64>>(py: Python<'_>, name: &str, numbers: Vec<u64>, rule: &str) -> PyResult<Vec<T>> {
    let narrow = |number| T::try_from(number).map_err(|_| bad_parameter(py, name, number, rule));
    numbers.into_iter().map(narrow).collect()
}

#[pymethods]
impl PyTrace {
    /// Read a trace: a file, or the name of a bundled sample (`samples` lists them).
    ///
    /// The format is told by the content: memcore's own, MATR, malloclab's ``.rep``, glibc's ``mtrace``, heaptrack
    /// (raw and interpreted), ``valgrind --trace-malloc=yes``; compressed by gzip, xz or zstd, or not. A file goes
    /// before a sample of the same name. ``max_events`` (default 2**30) and ``max_expanded_bytes`` (default 16 GiB)
    /// bound what a file may cost. ``progress`` is called as ``progress(bytes_done, bytes_total)``. Other threads run
    /// meanwhile, and Ctrl-C is answered.
    ///
    /// Raises `TraceError` with the line or byte and the reason; OSError as ``open`` does.
    #[staticmethod]
    #[pyo3(signature = (
        path: "str | os.PathLike[str]", *, max_events = None, max_expanded_bytes = None,
        progress: "typing.Callable[[int, int | None], object] | None" = None,
    ))]
    fn open(
        py: Python<'_>,
        path: PathBuf,
        max_events: Option<Number>,
        max_expanded_bytes: Option<Number>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let options = limits(max_events, max_expanded_bytes);
        let file = options::sample(py, &path)?;
        let work = |watcher: &mut Watcher| AllocTrace::open(&file, &options, watcher);
        let trace = long_call(py, progress, work, trace_error)?;
        Ok(PyTrace::new(trace, path.to_string_lossy()))
    }

    /// Read a trace from the content of a file; ``name`` stands for it in errors. Otherwise as ``open``.
    #[staticmethod]
    #[pyo3(signature = (
        content: "bytes", name = "<bytes>", *, max_events = None, max_expanded_bytes = None,
        progress: "typing.Callable[[int, int | None], object] | None" = None,
    ))]
    fn from_bytes(
        py: Python<'_>,
        content: &Bound<'_, PyBytes>,
        name: &str,
        max_events: Option<Number>,
        max_expanded_bytes: Option<Number>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let options = limits(max_events, max_expanded_bytes);
        let content = content.as_bytes();
        let work = |watcher: &mut Watcher| AllocTrace::read(content, name, &options, watcher);
        let trace = long_call(py, progress, work, trace_error)?;
        Ok(PyTrace::new(trace, name))
    }

    /// The trace of the operations in these columns, one entry an operation: arrays of integers or iterables of ints.
    ///
    /// ``kinds``: 0 malloc, 1 calloc, 2 aligned, 3 realloc, 4 free. ``ids`` may be sparse and used again after a free,
    /// and are renumbered. ``sizes`` in bytes (ignored for a free). ``alignments``: powers of two, for aligned
    /// allocations. ``threads``: below 2**23. O(operations).
    ///
    /// Raises `TraceError` with the ``operation`` that cannot be taken.
    ///
    /// >>> import memcore
    /// >>> trace = memcore.Trace.from_arrays([0, 0, 4], [700, 7, 700], [64, 32, 0])
    /// >>> len(trace), trace.ids
    /// (3, 2)
    #[staticmethod]
    #[pyo3(signature = (
        kinds: "typing.Any", ids: "typing.Any", sizes: "typing.Any", alignments: "typing.Any" = None,
        threads: "typing.Any" = None, *, comment = None
    ))]
    fn from_arrays(
        py: Python<'_>,
        kinds: &Bound<'_, PyAny>,
        ids: &Bound<'_, PyAny>,
        sizes: &Bound<'_, PyAny>,
        alignments: Option<&Bound<'_, PyAny>>,
        threads: Option<&Bound<'_, PyAny>>,
        comment: Option<String>,
    ) -> PyResult<Self> {
        let kinds: Vec<u8> = narrowed(py, "kinds", numbers_of(kinds)?, "a kind is from 0 to 4")?;
        let (ids, sizes) = (numbers_of(ids)?, numbers_of(sizes)?);
        let alignments = alignments.map(numbers_of).transpose()?;
        let threads = threads.map(numbers_of).transpose()?;
        let threads: Option<Vec<u32>> = threads
            .map(|threads| narrowed(py, "threads", threads, "a thread number is below 2**23"))
            .transpose()?;
        let columns =
            || AllocTrace::from_columns(&kinds, &ids, &sizes, alignments.as_deref(), threads.as_deref());
        let mut trace = py.detach(columns).map_err(|error| trace_error(py, error))?;
        trace.set_comment(comment);
        Ok(PyTrace::new(trace, "<arrays>"))
    }

    /// A trace from a seed: ``"steady:live=1000,operations=100000,sizes=log-uniform,min=16,max=4096,seed=1"``.
    ///
    /// The shapes are steady, ramp, phases, fragmenter and growth; every key has a default. The same text gives the
    /// same trace everywhere. ``progress`` as for ``open``.
    ///
    /// Raises `UnknownNameError` and `BadSpecError` for the text.
    ///
    /// >>> import memcore
    /// >>> len(memcore.Trace.generate("ramp:live=100,operations=5000,seed=7"))
    /// 5000
    #[staticmethod]
    #[pyo3(signature = (
        workload, *, progress: "typing.Callable[[int, int | None], object] | None" = None
    ))]
    fn generate(py: Python<'_>, workload: &str, progress: Option<Py<PyAny>>) -> PyResult<Self> {
        let parsed: Workload = workload.parse().map_err(|error| workload_error(py, &error))?;
        let trace = long_call(py, progress, |watcher| parsed.generate(watcher), trace_error)?;
        Ok(PyTrace::new(trace, workload))
    }

    /// Write the trace to a file, and return what its format could not hold: ``{"callocs written as malloc": 3}``,
    /// empty when nothing was lost.
    ///
    /// ``format`` is memcore, matr or rep; by default the file's name tells (``.rep``, ``.matr``, anything else
    /// memcore). An ending ``.gz``, ``.xz`` or ``.zst`` compresses. A file of that name is replaced.
    ///
    /// Raises `UnknownNameError` for a format that is unknown or only read, OSError.
    #[pyo3(signature = (path: "str | os.PathLike[str]", format = None) -> "dict[str, int]")]
    fn save<'py>(
        &self,
        py: Python<'py>,
        path: PathBuf,
        format: Option<&str>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let format = match format {
            Some(name) => name.parse().map_err(|error| unknown_format(py, &error, &Format::FILES))?,
            None => Format::for_output(&path),
        };
        let saved = py.detach(|| save(&self.trace, &path, format));
        lost(py, &saved.map_err(|error| trace_error(py, error))?)
    }

    /// The content of a file that ``save`` would write, uncompressed.
    #[pyo3(signature = (format = "memcore"))]
    fn to_bytes<'py>(&self, py: Python<'py>, format: &str) -> PyResult<Bound<'py, PyBytes>> {
        let format: Format = format.parse().map_err(|error| unknown_format(py, &error, &Format::FILES))?;
        let written = py.detach(|| -> Result<Vec<u8>, TraceError> {
            let mut content = Vec::new();
            convert(&self.trace, format, &mut content)?;
            Ok(content)
        });
        Ok(PyBytes::new(py, &written.map_err(|error| trace_error(py, error))?))
    }

    /// What is in it, in numbers, with a series of at most ``points`` points. O(operations).
    #[pyo3(signature = (points = 512))]
    fn summary(&self, py: Python<'_>, points: usize) -> PySummary {
        PySummary(py.detach(|| self.trace.summary_with_points(points)))
    }

    /// The operations as columns, by the names that ``from_arrays`` takes: ``kinds`` (unsigned 8 bits), ``ids`` (32),
    /// ``sizes`` (64), ``alignments`` (64; 1 where none is stated), ``threads`` (32). NumPy arrays where it is
    /// installed, memoryviews otherwise. O(operations).
    ///
    /// >>> import memcore
    /// >>> trace = memcore.Trace.generate("steady:operations=1000")
    /// >>> trace == memcore.Trace.from_arrays(**trace.columns())
    /// True
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        fn column<T: Send>(py: Python<'_>, trace: &AllocTrace, of: fn(&Event) -> T) -> Vec<T> {
            py.detach(|| trace.events().iter().map(of).collect())
        }
        let trace = &*self.trace;
        let columns = PyDict::new(py);
        let put = |name, numbers: Numbers| columns.set_item(name, numbers.into_array(py)?);
        put("kinds", Numbers::U8(column(py, trace, |event| event.kind() as u8)))?;
        put("ids", Numbers::U32(column(py, trace, Event::id)))?;
        put("sizes", Numbers::U64(column(py, trace, Event::size)))?;
        put("alignments", Numbers::U64(column(py, trace, |event| event.alignment().unwrap_or(1))))?;
        put("threads", Numbers::U32(column(py, trace, Event::thread)))?;
        Ok(columns)
    }

    /// The operations as one NumPy array with the fields ``kind``, ``id``, ``size``, ``alignment``, ``thread``.
    ///
    /// Raises ImportError without NumPy.
    #[pyo3(signature = () -> "typing.Any")]
    fn to_numpy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("memcore._records")?.call_method1("operations", (self.columns(py)?,))
    }

    /// Where it is from: the path, the sample's name, the workload's text.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// What it was read from: memcore, matr, rep, mtrace, heaptrack-raw, heaptrack-interpreted, valgrind; or built.
    #[getter]
    fn format(&self) -> &'static str {
        self.trace.format().name()
    }

    /// The number of ids; every operation's id is below it.
    #[getter]
    fn ids(&self) -> u32 {
        self.trace.ids()
    }

    /// The number of ids that no allocation has.
    #[getter]
    fn orphans(&self) -> u32 {
        self.trace.orphans()
    }

    /// The comment that memcore's own format carries.
    #[getter]
    fn comment(&self) -> Option<&str> {
        self.trace.comment()
    }

    /// What the reader left out or noticed.
    #[getter]
    fn notes(&self) -> Vec<PyNote> {
        self.trace.notes().as_slice().iter().map(PyNote::from).collect()
    }

    /// The number of operations.
    fn __len__(&self) -> usize {
        self.trace.events().len()
    }

    fn __eq__(&self, py: Python<'_>, other: &Self) -> bool {
        py.detach(|| self.trace.events() == other.trace.events())
    }

    fn __hash__(&self) -> u64 {
        let events = self.trace.events();
        (events.len() as u64) ^ (u64::from(self.trace.ids()) << 32)
    }

    fn __repr__(&self) -> String {
        format!(
            "<Trace '{}': {} operations, {}>",
            self.name.escape_debug(),
            self.trace.events().len(),
            self.format()
        )
    }

    /// A trace never changes: its copy is itself.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (memo: "dict[int, object]") -> "Trace")]
    fn __deepcopy__(slf: Py<Self>, memo: &Bound<'_, PyDict>) -> Py<Self> {
        let _ = memo;
        slf
    }

    #[pyo3(signature = () -> "tuple[object, ...]")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let make = py.get_type::<PyTrace>().getattr("from_bytes")?;
        (make, (self.to_bytes(py, Format::Memcore.name())?, &self.name)).into_pyobject(py)
    }
}
