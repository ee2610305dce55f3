//! What is in a page trace, in numbers.

use memcore::trace::{AccessSummary, WorkingSetPoint};
use pyo3::{prelude::*, types::PyDict};

use crate::column::Numbers;

/// A page trace in numbers.
///
/// >>> import memcore
/// >>> summary = memcore.PageTrace.from_bytes(b"X 401 3\nW 402\nR 401\n").summary()
/// >>> summary.references, summary.pages, summary.reads, summary.writes, summary.executes
/// (5, 2, 1, 1, 3)
/// >>> summary.footprint_bytes
/// 8192
#[pyclass(frozen, name = "AccessSummary", module = "memcore")]
pub struct PyAccessSummary(pub AccessSummary);

/// Lists the plain figures once: a getter for each, and their place in a dictionary.
macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident: $type:ty),+ $(,)?) => {
        #[pymethods]
        impl PyAccessSummary {
            $($(#[$doc])* #[getter] fn $name(&self) -> $type { self.0.$name })+

            /// The working set over time, window by window, as columns of equal length: ``references`` up to the
            /// window's end, distinct ``pages`` in it, and ``new_pages``, those of them that nothing before refers to.
            /// Arrays as `Trace.columns`.
            #[pyo3(signature = () -> "dict[str, typing.Any]")]
            fn working_set<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let points = &self.0.working_set;
                let column = |of: fn(&WorkingSetPoint) -> u32| {
                    Numbers::U32(points.iter().map(of).collect()).into_array(py)
                };
                let references = Numbers::U64(points.iter().map(|point| point.references).collect());
                let series = PyDict::new(py);
                series.set_item("references", references.into_array(py)?)?;
                series.set_item("pages", column(|point| point.pages)?)?;
                series.set_item("new_pages", column(|point| point.new_pages)?)?;
                Ok(series)
            }

            /// Every figure by its name, except the series.
            #[pyo3(signature = () -> "dict[str, typing.Any]")]
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let figures = PyDict::new(py);
                $(figures.set_item(stringify!($name), self.0.$name)?;)+
                Ok(figures)
            }

            fn __repr__(&self) -> String {
                let AccessSummary { references, pages, page_size, .. } = &self.0;
                format!("<AccessSummary: {references} references to {pages} pages of {page_size} bytes>")
            }
        }
    };
}

figures! {
    /// All references, runs expanded.
    references: u64,
    /// The loads among them.
    reads: u64,
    /// The stores and modifies.
    writes: u64,
    /// The instruction fetches.
    executes: u64,
    /// Distinct pages.
    pages: u32,
    /// Distinct pages that are read from.
    pages_read: u32,
    /// Distinct pages that are written to.
    pages_written: u32,
    /// Distinct pages that are executed from.
    pages_executed: u32,
    /// Bytes of a page.
    page_size: u64,
    /// The distinct pages times their size.
    footprint_bytes: u64,
    /// The lowest page, an address divided by the page size; None without references.
    first_page: Option<u64>,
    /// The highest page.
    last_page: Option<u64>,
    /// Address-space events: mmap, munmap, ...
    events: u64,
    /// References of a window of the series; the last one may be shorter.
    window: u64,
}
