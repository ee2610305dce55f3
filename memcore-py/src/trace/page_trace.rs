//! The class `memcore.PageTrace`.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use memcore::trace::{PageOptions, PageTrace, TraceError, generate::PageWorkload};
use pyo3::{
    prelude::*,
    types::{PyBytes, PyDict, PyTuple},
};

use super::{
    access_summary::PyAccessSummary, access_trace::PyAccessTrace, errors::trace_error, loss::lost, options,
    pickling, summary::PyNote,
};
use crate::{
    column::{Numbers, Slice, numbers_of},
    errors::spec_error,
    long_call::{Watcher, long_call, unwatched_call},
    number::Number,
};

/// Which page each reference of a program is to, numbered densely once for every simulation.
///
/// A trace is made by ``PageTrace.open``, ``from_bytes``, ``from_arrays``, ``from_accesses`` or ``generate``, and
/// never changes. It takes 4 bytes a reference, one more when not all are reads, and a table of the distinct pages. Equal traces have
/// equal references, keys, kinds and page sizes.
///
/// >>> import memcore
/// >>> trace = memcore.PageTrace.from_arrays([7, 0, 1, 2, 0])
/// >>> trace.references.tolist(), trace.keys.tolist()
/// ([0, 1, 2, 3, 1], [7, 0, 1, 2])
#[pyclass(frozen, name = "PageTrace", module = "memcore", weakref)]
pub struct PyPageTrace {
    pub(crate) trace: Arc<PageTrace>,
    name: String,
}

impl PyPageTrace {
    pub fn new(trace: PageTrace, name: impl Into<String>) -> Self {
        PyPageTrace { trace: Arc::new(trace), name: name.into() }
    }
}

fn page_options(
    py: Python<'_>,
    page_size: Option<Number>,
    format: Option<&str>,
    max_events: Option<Number>,
    max_expanded_bytes: Option<Number>,
) -> PyResult<PageOptions> {
    Ok(PageOptions {
        page_size: page_size.map(|Number(size)| size),
        access: options::accesses(py, format, max_events, max_expanded_bytes)?,
    })
}

#[pymethods]
impl PyPageTrace {
    /// Read a trace of accesses or pages: a file, or the name of a bundled sample (`samples` lists them).
    ///
    /// The format is told by the content, compressed by gzip, xz or zstd or not; ``format`` names it where the content
    /// could be another's. Addresses become pages of ``page_size`` bytes, a power of two: by default 4096 for traces
    /// of addresses, the recorded size for traces of pages, 1 for plain numbers, which are pages already. An access
    /// that spans pages touches each once, in ascending order. ``max_events`` (default 2**30) bounds the references,
    /// ``max_expanded_bytes`` (default 16 GiB) what a compressed file may become. ``progress`` is called as
    /// ``progress(bytes_done, bytes_total)``. Other threads run meanwhile, and Ctrl-C is answered.
    ///
    /// Raises `TraceError` with the line or byte and the reason; `BadParameterError` for the page size,
    /// `UnknownNameError` for the format; OSError as ``open`` does.
    #[staticmethod]
    #[pyo3(signature = (
        path: "str | os.PathLike[str]", page_size = None, format = None, *, max_events = None,
        max_expanded_bytes = None, progress: "typing.Callable[[int, int | None], object] | None" = None,
    ))]
    fn open(
        py: Python<'_>,
        path: PathBuf,
        page_size: Option<Number>,
        format: Option<&str>,
        max_events: Option<Number>,
        max_expanded_bytes: Option<Number>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let options = page_options(py, page_size, format, max_events, max_expanded_bytes)?;
        let file = options::sample(py, &path)?;
        let work = |watcher: &mut Watcher| PageTrace::open(&file, &options, watcher);
        let trace = long_call(py, progress, work, trace_error)?;
        Ok(PyPageTrace::new(trace, path.to_string_lossy()))
    }

    /// Read a trace from the content of a file; ``name`` stands for it in errors. Otherwise as ``open``.
    ///
    /// >>> import memcore
    /// >>> memcore.PageTrace.from_bytes(b" S 1ffc,8\n L 2000,4\n").keys.tolist()
    /// [1, 2]
    #[staticmethod]
    #[pyo3(signature = (
        content: "bytes", name = "<bytes>", page_size = None, format = None, *, max_events = None,
        max_expanded_bytes = None, progress: "typing.Callable[[int, int | None], object] | None" = None,
    ))]
    #[allow(clippy::too_many_arguments)] // They are keywords in Python.
    fn from_bytes(
        py: Python<'_>,
        content: &Bound<'_, PyBytes>,
        name: &str,
        page_size: Option<Number>,
        format: Option<&str>,
        max_events: Option<Number>,
        max_expanded_bytes: Option<Number>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let options = page_options(py, page_size, format, max_events, max_expanded_bytes)?;
        let content = content.as_bytes();
        let work = |watcher: &mut Watcher| PageTrace::read(content, name, &options, watcher);
        let trace = long_call(py, progress, work, trace_error)?;
        Ok(PyPageTrace::new(trace, name))
    }

    /// The trace of references to these pages, named by any numbers from 0 to ``2**64 - 1``: an array of integers of
    /// any type and layout, or an iterable of ints.
    ///
    /// ``writes`` is a mask of the references that write; or ``kinds`` tells all: 0 read, 1 write, 2 execute. The
    /// pages are copied once. Expected O(references).
    ///
    /// Raises `TraceError` with the ``operation`` that cannot be taken, `OutOfRangeError` for a negative number,
    /// `BadParameterError` for a kind, for a column of another length, and for both columns at once.
    ///
    /// >>> import memcore
    /// >>> trace = memcore.PageTrace.from_arrays([5, 6, 5], writes=[False, True, False])
    /// >>> trace.kinds.tolist()
    /// [0, 1, 0]
    #[staticmethod]
    #[pyo3(signature = (pages: "typing.Any", writes: "typing.Any" = None, kinds: "typing.Any" = None))]
    fn from_arrays(
        py: Python<'_>,
        pages: &Bound<'_, PyAny>,
        writes: Option<&Bound<'_, PyAny>>,
        kinds: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let pages = numbers_of(pages)?;
        let kinds = options::kinds(py, pages.len(), writes, kinds)?;
        let trace = unwatched_call(py, move || PageTrace::from_keys(&pages, kinds.as_deref()))?;
        Ok(PyPageTrace::new(trace.map_err(|error| trace_error(py, error))?, "<arrays>"))
    }

    /// The trace of the pages that accesses touch, of ``page_size`` bytes each; by default as for ``open``. Expected
    /// O(references).
    ///
    /// >>> import memcore
    /// >>> accesses = memcore.AccessTrace.from_arrays([0x1ffc, 0x2000], sizes=[8, 8])
    /// >>> memcore.PageTrace.from_accesses(accesses).references.tolist()
    /// [0, 1, 1]
    #[staticmethod]
    #[pyo3(signature = (trace, page_size = None))]
    fn from_accesses(
        py: Python<'_>,
        trace: &Bound<'_, PyAccessTrace>,
        page_size: Option<Number>,
    ) -> PyResult<Self> {
        let opened = trace.get();
        let page_size = page_size.map(|Number(size)| size);
        let accesses = Arc::clone(&opened.trace);
        let pages = unwatched_call(py, move || PageTrace::from_accesses(&accesses, page_size))?;
        Ok(PyPageTrace::new(pages.map_err(|error| trace_error(py, error))?, opened.name()))
    }

    /// A trace from a seed: ``"zipf:pages=10000,references=1000000,seed=1"``.
    ///
    /// The patterns are zipf, uniform, sequential, loop, scan, stack-distance and phases; every key has a default. The
    /// same text gives the same trace everywhere. ``progress`` as for ``open``.
    ///
    /// Raises `UnknownNameError` and `BadSpecError` for the text.
    ///
    /// >>> import memcore
    /// >>> len(memcore.PageTrace.generate("loop:pages=100,references=5000"))
    /// 5000
    #[staticmethod]
    #[pyo3(signature = (
        workload, *, progress: "typing.Callable[[int, int | None], object] | None" = None
    ))]
    fn generate(py: Python<'_>, workload: &str, progress: Option<Py<PyAny>>) -> PyResult<Self> {
        let parsed: PageWorkload = workload.parse().map_err(|error| spec_error(py, error))?;
        let trace = long_call(py, progress, |watcher| parsed.generate(watcher), trace_error)?;
        Ok(PyPageTrace::new(trace, workload))
    }

    /// Write the trace to a file, and return what its format could not hold: empty when nothing was lost.
    ///
    /// ``format`` is memcore, pgtr, page-text or numbers; by default the file's name tells (``.pgtr``, ``.txt`` for
    /// page-text, ``.numbers``, anything else memcore). An ending ``.gz``, ``.xz`` or ``.zst`` compresses. A file of
    /// that name is replaced. Memory 24 bytes a run of equal references.
    ///
    /// Raises `UnknownNameError` for a format that is unknown or only read, OSError.
    #[pyo3(signature = (path: "str | os.PathLike[str]", format = None) -> "dict[str, int]")]
    fn save<'py>(
        &self,
        py: Python<'py>,
        path: PathBuf,
        format: Option<&str>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let format = options::access_output(py, &path, format)?;
        let saved = py.detach(|| self.trace.to_accesses()?.save(&path, format));
        lost(py, &saved.map_err(|error| trace_error(py, error))?)
    }

    /// The content of a file that ``save`` would write, uncompressed.
    #[pyo3(signature = (format = "memcore"))]
    fn to_bytes<'py>(&self, py: Python<'py>, format: &str) -> PyResult<Bound<'py, PyBytes>> {
        let format = options::access_output(py, Path::new(""), Some(format))?;
        let written = py.detach(|| -> Result<Vec<u8>, TraceError> {
            let mut content = Vec::new();
            self.trace.to_accesses()?.convert(format, &mut content)?;
            Ok(content)
        });
        Ok(PyBytes::new(py, &written.map_err(|error| trace_error(py, error))?))
    }

    /// What is in it, in numbers, with the working-set size over time in at most ``points`` points. O(references).
    #[pyo3(signature = (points = 512))]
    fn summary(&self, py: Python<'_>, points: usize) -> PyResult<PyAccessSummary> {
        let trace = Arc::clone(&self.trace);
        unwatched_call(py, move || trace.summary_with_points(points)).map(PyAccessSummary)
    }

    /// The page of each reference, by its number: an array (unsigned 32 bits) over the trace's own memory, read-only.
    #[getter]
    fn references<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Numbers::part(&self.trace, |trace| Slice::U32(trace.references())).into_array(py)
    }

    /// For each number the page that it stands for, the address divided by the page size: an array (unsigned 64 bits)
    /// over the trace's own memory, read-only.
    #[getter]
    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Numbers::part(&self.trace, |trace| Slice::U64(trace.keys())).into_array(py)
    }

    /// The kind of each reference, 0 read, 1 write, 2 execute: an array (unsigned 8 bits) over the trace's own memory,
    /// read-only. None when all are reads.
    #[getter]
    fn kinds<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self.trace.kinds().is_none() {
            return Ok(py.None().into_bound(py));
        }
        fn kinds(trace: &PageTrace) -> Slice<'_> {
            Slice::Kinds(trace.kinds().unwrap_or(&[]))
        }
        Numbers::part(&self.trace, kinds).into_array(py)
    }

    /// How many distinct pages there are.
    #[getter]
    fn pages(&self) -> u32 {
        self.trace.pages()
    }

    /// Bytes of a page; 1 where the trace has no addresses, only numbers of pages or blocks.
    #[getter]
    fn page_size(&self) -> u64 {
        self.trace.page_size()
    }

    /// How many address-space events (mmap, munmap, ...) stood between the references.
    #[getter]
    fn events(&self) -> u64 {
        self.trace.events()
    }

    /// Where it is from: the path, the sample's name, the workload's text.
    #[getter]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it was read from: memcore, pgtr, page-text, lackey, dinero, numbers, csv, msr, oracle-general, lcs, vscsi,
    /// champsim, drmemtrace; or built.
    #[getter]
    fn format(&self) -> &'static str {
        self.trace.format().name()
    }

    /// The comment that memcore's own format carries; of a generated trace, the workload with all its keys.
    #[getter]
    fn comment(&self) -> Option<&str> {
        self.trace.comment()
    }

    /// What the reader left out or noticed.
    #[getter]
    fn notes(&self) -> Vec<PyNote> {
        self.trace.notes().as_slice().iter().map(PyNote::from).collect()
    }

    /// Draw time against pages with matplotlib, and return the axes: see `plot.page_map`.
    #[pyo3(signature = (ax: "typing.Any" = None) -> "typing.Any")]
    fn plot<'py>(slf: Bound<'py, Self>, ax: Option<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("memcore.plot")?.call_method1("page_map", (&slf, ax))
    }

    /// The number of references.
    fn __len__(&self) -> usize {
        self.trace.references().len()
    }

    fn __eq__(&self, py: Python<'_>, other: &Self) -> bool {
        let (mine, others) = (&self.trace, &other.trace);
        py.detach(|| {
            mine.page_size() == others.page_size()
                && mine.keys() == others.keys()
                && mine.references() == others.references()
                && mine.kinds() == others.kinds()
        })
    }

    fn __hash__(&self) -> u64 {
        (self.trace.references().len() as u64) ^ (u64::from(self.trace.pages()) << 32)
    }

    /// The trace of what ``__reduce_ex__`` took apart.
    #[staticmethod]
    #[pyo3(name = "_restore", signature = (
        name, order, page_size, references: "typing.Any", keys: "typing.Any", kinds: "typing.Any"
    ))]
    fn restore(
        py: Python<'_>,
        name: &str,
        order: &str,
        page_size: u64,
        references: &Bound<'_, PyAny>,
        keys: &Bound<'_, PyAny>,
        kinds: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let trace = pickling::page_trace(py, order, page_size, references, keys, kinds)?;
        Ok(PyPageTrace::new(trace, name))
    }

    /// Taken apart into its columns, which protocol 5 can send out of band, without a copy. The format and the notes
    /// stay behind.
    #[pyo3(signature = (protocol) -> "tuple[object, ...]")]
    fn __reduce_ex__<'py>(&self, py: Python<'py>, protocol: u8) -> PyResult<Bound<'py, PyTuple>> {
        let make = py.get_type::<PyPageTrace>().getattr("_restore")?;
        let kinds = match self.trace.kinds() {
            Some(_) => Some(pickling::column(py, self.kinds(py)?, protocol)?),
            None => None,
        };
        let columns = (
            pickling::column(py, self.references(py)?, protocol)?,
            pickling::column(py, self.keys(py)?, protocol)?,
            kinds,
        );
        let order = pickling::byte_order();
        let arguments = (&self.name, order, self.trace.page_size(), columns.0, columns.1, columns.2);
        (make, arguments).into_pyobject(py)
    }

    fn __repr__(&self) -> String {
        format!(
            "<PageTrace '{}': {} references to {} pages, {}>",
            self.name.escape_debug(),
            self.trace.references().len(),
            self.trace.pages(),
            self.format()
        )
    }

    /// A trace never changes: its copy is itself.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (memo: "dict[int, object]") -> "PageTrace")]
    fn __deepcopy__(slf: Py<Self>, memo: &Bound<'_, PyDict>) -> Py<Self> {
        let _ = memo;
        slf
    }
}
