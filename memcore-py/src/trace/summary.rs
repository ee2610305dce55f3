//! What is in a trace, in numbers.

use memcore::trace::{Note, Summary};
use pyo3::{prelude::*, types::PyDict};

use crate::{column::Numbers, figures::Figures};

/// A trace in numbers.
///
/// *Live bytes* is the sum of the requested sizes of the live blocks; a moving realloc counts its new size only. A
/// *lifetime* is the number of operations from a block's allocation to its free. Operations on blocks that are not
/// live count in their kind and as absent, nowhere else.
///
/// >>> import memcore
/// >>> trace = memcore.Trace.from_arrays([0, 0, 4], [1, 2, 1], [100, 50, 0])
/// >>> summary = trace.summary()
/// >>> summary.peak_live_bytes, summary.end_live_bytes, summary.operations["free"]
/// (150, 50, 1)
/// >>> summary.sizes
/// [(32, 1), (64, 1)]
#[pyclass(frozen, name = "Summary", module = "memcore")]
pub struct PySummary(pub Summary);

/// Lists the plain figures once: a getter for each, and their place in a dictionary.
macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident: $type:ty),+ $(,)?) => {
        #[pymethods]
        impl PySummary {
            $($(#[$doc])* #[getter] fn $name(&self) -> $type { self.0.$name })+

            /// Operations by kind: malloc, calloc, aligned, realloc, free.
            #[getter]
            fn operations(&self) -> Figures<u64> {
                let counts = &self.0.operations;
                Figures(vec![
                    ("malloc", counts.malloc),
                    ("calloc", counts.calloc),
                    ("aligned", counts.aligned),
                    ("realloc", counts.realloc),
                    ("free", counts.free),
                ])
            }

            /// Sizes at allocation by power of two, as (lowest size, number); empty classes are left out.
            #[getter]
            fn sizes(&self) -> Vec<(u64, u64)> {
                self.0.sizes.buckets().collect()
            }

            /// Lifetimes of the blocks that were freed, in operations, by power of two, as ``sizes``.
            #[getter]
            fn lifetimes(&self) -> Vec<(u64, u64)> {
                self.0.lifetimes.buckets().collect()
            }

            /// Live bytes over time, as columns of equal length: ``operations`` done, ``live_bytes`` and
            /// ``live_blocks`` then, and ``highest_live_bytes`` since the point before. Arrays as `Trace.columns`.
            #[pyo3(signature = () -> "dict[str, typing.Any]")]
            fn series<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let points = &self.0.series;
                let column = |of: fn(&memcore::trace::SeriesPoint) -> u64| {
                    Numbers::U64(points.iter().map(of).collect()).into_array(py)
                };
                let series = PyDict::new(py);
                series.set_item("operations", column(|point| point.operations)?)?;
                series.set_item("live_bytes", column(|point| point.live_bytes)?)?;
                series.set_item("live_blocks", column(|point| point.live_blocks)?)?;
                series.set_item("highest_live_bytes", column(|point| point.highest_live_bytes)?)?;
                Ok(series)
            }

            /// Every figure by its name, except the series.
            #[pyo3(signature = () -> "dict[str, typing.Any]")]
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let figures = PyDict::new(py);
                figures.set_item("operations", self.operations())?;
                $(figures.set_item(stringify!($name), self.0.$name)?;)+
                figures.set_item("sizes", self.sizes())?;
                figures.set_item("lifetimes", self.lifetimes())?;
                Ok(figures)
            }

            fn __repr__(&self) -> String {
                let figures = [$(format!("{}={}", stringify!($name), self.0.$name)),+];
                format!("Summary({})", figures.join(", "))
            }
        }
    };
}

figures! {
    /// Blocks that were allocated.
    blocks: u32,
    /// The most requested bytes live at once.
    peak_live_bytes: u64,
    /// How many operations were done when the bytes were first at their peak.
    peak_at: u64,
    /// The most blocks live at once.
    peak_live_blocks: u64,
    /// Requested bytes live at the end.
    end_live_bytes: u64,
    /// Blocks live at the end.
    end_live_blocks: u64,
    /// The sum of all requested sizes: allocations, and reallocs by what they grow.
    requested_bytes: u64,
    /// The largest size asked for.
    largest_size: u64,
    /// The largest alignment asked for; 1 when none was.
    largest_alignment: u64,
    /// Threads that have an operation.
    threads: u32,
    /// Frees by another thread than the allocating one.
    cross_thread_frees: u64,
    /// Reallocs and frees of blocks that were not live.
    absent_operations: u64,
    /// Those of them on ids that no allocation has.
    orphan_operations: u64,
}

/// Something that a reader left out or noticed, with a reason, how often, and where first.
#[pyclass(frozen, eq, get_all, name = "Note", module = "memcore")]
#[derive(PartialEq)]
pub struct PyNote {
    /// A short name: ``"null-free"``, ``"unmatched-free"``, ...
    kind: &'static str,
    /// What happened and what was done about it.
    reason: &'static str,
    /// How often; for the two ``stated`` kinds, the number stated.
    count: u64,
    /// Where first: a line from 1 in a text format, an operation from 0 otherwise.
    first: u64,
}

impl From<&Note> for PyNote {
    fn from(note: &Note) -> Self {
        PyNote { kind: note.kind.name(), reason: note.kind.reason(), count: note.count, first: note.first }
    }
}

#[pymethods]
impl PyNote {
    fn __repr__(&self) -> String {
        format!("Note(kind='{}', count={}, first={})", self.kind, self.count, self.first)
    }
}
