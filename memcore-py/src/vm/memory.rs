//! The class `memcore.SegmentMemory`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use memcore::{
    alloc::{Allocator, Budget, Strategy},
    vm::{
        Access,
        segment::{SegmentMemory, memory::SegmentRow},
    },
};
use pyo3::{
    prelude::*,
    sync::MutexExt,
    types::{PyBytes, PyDict, PyList},
};

use super::{
    errors::{broken, memory_error},
    words::{access_of, narrow, protection_of, spec_of},
};
use crate::{alloc::stats::PyStats, figures::Figures, number::Number};

/// A memory divided into segments, each in one piece, with real bytes.
///
/// A segment is known by its number: it can grow, shrink, be swapped out and come back, and all can be moved together,
/// and no program notices. Calls from several threads are safe and take turns.
///
/// Parameters
/// ----------
/// capacity:
///     Bytes.
/// strategy:
///     How the memory is divided; `strategies` lists the names.
///
/// Raises `UnknownNameError` or `BadSpecError` for the strategy, `BadParameterError` for the capacity.
///
/// >>> import memcore
/// >>> memory = memcore.SegmentMemory(1000)
/// >>> code, data = memory.create(400, "r-x"), memory.create(300)
/// >>> memory.write(data, 100, b"hello")
/// >>> memory.destroy(code)
/// >>> memory.compact()
/// {'moved': 1, 'bytes': 300}
/// >>> memory.read(data, 100, 5), memory.rows()[0]["base"]
/// (b'hello', 0)
#[pyclass(frozen, name = "SegmentMemory", module = "memcore", weakref)]
pub struct PySegmentMemory {
    strategy: Strategy,
    memory: Mutex<SegmentMemory>,
}

impl PySegmentMemory {
    fn lock(&self, py: Python<'_>) -> MutexGuard<'_, SegmentMemory> {
        self.memory.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }
}

fn told<'py>(py: Python<'py>, row: SegmentRow) -> PyResult<Bound<'py, PyDict>> {
    let SegmentRow { segment, base, length, protection } = row;
    let told = PyDict::new(py);
    told.set_item("segment", segment)?;
    told.set_item("base", base)?;
    told.set_item("length", length)?;
    told.set_item("protection", protection.to_string())?;
    Ok(told)
}

#[pymethods]
impl PySegmentMemory {
    #[new]
    #[pyo3(signature = (capacity, strategy = "first-fit"))]
    fn new(py: Python<'_>, capacity: Number, strategy: &str) -> PyResult<Self> {
        let strategy: Strategy = spec_of(py, strategy)?;
        let memory = SegmentMemory::new(&strategy, capacity.0).map_err(|error| memory_error(py, error))?;
        Ok(PySegmentMemory { strategy, memory: Mutex::new(memory) })
    }

    /// Make a segment, all zero; its number. That of the segment that was destroyed last is used first. O(length) and
    /// an allocation.
    ///
    /// Raises `OutOfSpaceError`, which `compact` may cure, and whatever else the strategy refuses with.
    #[pyo3(signature = (length, protection = "rw-"))]
    fn create(&self, py: Python<'_>, length: Number, protection: &str) -> PyResult<u32> {
        let protection = protection_of(py, protection)?;
        self.lock(py).create(length.0, protection).map_err(|error| memory_error(py, error))
    }

    /// End a segment, in memory or swapped out.
    ///
    /// Raises `UnknownNumberError`.
    fn destroy(&self, py: Python<'_>, segment: Number) -> PyResult<()> {
        let segment = narrow(py, "segment", segment)?;
        self.lock(py).destroy(segment).map_err(|error| memory_error(py, error))
    }

    /// Change the length of a segment, where it is or by moving it; True iff it moved. New bytes are zero. O(length).
    ///
    /// Raises `UnknownNumberError`, `SegmentSwappedError`, `OutOfSpaceError`.
    fn resize(&self, py: Python<'_>, segment: Number, length: Number) -> PyResult<bool> {
        let segment = narrow(py, "segment", segment)?;
        self.lock(py).resize(segment, length.0).map_err(|error| memory_error(py, error))
    }

    /// Change what may be done to a segment. O(1).
    ///
    /// Raises `UnknownNumberError`, `UnknownNameError`.
    fn protect(&self, py: Python<'_>, segment: Number, protection: &str) -> PyResult<()> {
        let (segment, protection) = (narrow(py, "segment", segment)?, protection_of(py, protection)?);
        self.lock(py).protect(segment, protection).map_err(|error| memory_error(py, error))
    }

    /// The address of the first byte of an access. O(1).
    ///
    /// Raises `UnknownNumberError`, `SegmentLimitError`, `SegmentProtectionError`, `SegmentSwappedError`, in this order.
    #[pyo3(signature = (segment, offset, size = Number(1), access = "read"))]
    fn translate(
        &self,
        py: Python<'_>,
        segment: Number,
        offset: Number,
        size: Number,
        access: &str,
    ) -> PyResult<u64> {
        let (segment, access) = (narrow(py, "segment", segment)?, access_of(py, access)?);
        self.lock(py).translate(segment, offset.0, size.0, access).map_err(|error| memory_error(py, error))
    }

    /// Read bytes of a segment. O(size). Raises as `translate`.
    fn read<'py>(
        &self,
        py: Python<'py>,
        segment: Number,
        offset: Number,
        size: Number,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let segment = narrow(py, "segment", segment)?;
        let memory = self.lock(py);
        // What is read lies in the memory, so that its size fits.
        let found = memory.translate(segment, offset.0, size.0, Access::Read);
        found.map_err(|error| memory_error(py, error))?;
        PyBytes::new_with(py, size.0 as usize, |bytes| {
            memory.read(segment, offset.0, bytes).map_err(|error| memory_error(py, error))
        })
    }

    /// Write bytes of a segment. O(bytes). Raises as `translate`.
    fn write(&self, py: Python<'_>, segment: Number, offset: Number, data: &[u8]) -> PyResult<()> {
        let segment = narrow(py, "segment", segment)?;
        self.lock(py).write(segment, offset.0, data).map_err(|error| memory_error(py, error))
    }

    /// Take a segment out of the memory; its bytes are kept. O(length).
    ///
    /// Raises `UnknownNumberError`, `SegmentSwappedError`.
    fn swap_out(&self, py: Python<'_>, segment: Number) -> PyResult<()> {
        let segment = narrow(py, "segment", segment)?;
        self.lock(py).swap_out(segment).map_err(|error| memory_error(py, error))
    }

    /// Bring a segment back, to wherever there is room; its new base. O(length).
    ///
    /// Raises `UnknownNumberError`, `AlreadyPresentError`, `OutOfSpaceError`.
    fn swap_in(&self, py: Python<'_>, segment: Number) -> PyResult<u64> {
        let segment = narrow(py, "segment", segment)?;
        self.lock(py).swap_in(segment).map_err(|error| memory_error(py, error))
    }

    /// Move the segments together, towards address 0, in their order, within a budget of bytes and moves; what was done.
    /// O(segments log segments + bytes copied).
    ///
    /// Raises `UnsupportedError` for strategies that cannot.
    #[pyo3(signature = (max_bytes = None, max_moves = None))]
    fn compact(
        &self,
        py: Python<'_>,
        max_bytes: Option<Number>,
        max_moves: Option<Number>,
    ) -> PyResult<Figures<u64>> {
        let most = |number: Option<Number>| number.map_or(u64::MAX, |number| number.0);
        let budget = Budget { bytes: most(max_bytes), moves: most(max_moves) };
        let report = self.lock(py).compact(budget).map_err(|error| memory_error(py, error))?;
        Ok(Figures(vec![("moved", report.moved), ("bytes", report.bytes)]))
    }

    /// The segments by number, a dictionary each: its base is None while it is swapped out. O(segments).
    #[pyo3(signature = () -> "list[dict[str, typing.Any]]")]
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let memory = self.lock(py);
        let rows = PyList::empty(py);
        for row in memory.rows() {
            rows.append(told(py, row)?)?;
        }
        Ok(rows)
    }

    /// The figures of the memory, fragmentation among them. O(1).
    #[getter]
    fn stats(&self, py: Python<'_>) -> PyStats {
        PyStats(self.lock(py).stats())
    }

    /// Bytes of the memory.
    #[getter]
    fn capacity(&self, py: Python<'_>) -> u64 {
        self.lock(py).capacity()
    }

    /// How the memory is divided.
    #[getter]
    fn strategy(&self) -> String {
        self.strategy.to_string()
    }

    /// Whether the strategy can be compacted.
    #[getter]
    fn can_compact(&self, py: Python<'_>) -> bool {
        self.lock(py).space().capabilities().compaction
    }

    /// Check every invariant. O(segments log segments).
    ///
    /// Raises `CorruptionError`.
    fn validate(&self, py: Python<'_>) -> PyResult<()> {
        self.lock(py).validate().map_err(|what| broken(py, what))
    }

    /// A copy with the same contents.
    fn __copy__(&self, py: Python<'_>) -> Self {
        PySegmentMemory { strategy: self.strategy.clone(), memory: Mutex::new(self.lock(py).clone()) }
    }

    #[pyo3(signature = (memo: "dict[int, object]") -> "SegmentMemory")]
    fn __deepcopy__(&self, py: Python<'_>, memo: &Bound<'_, PyAny>) -> Self {
        let _ = memo;
        self.__copy__(py)
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<String> {
        slf.py().import("memcore._segments")?.call_method1("segments", (slf,))?.extract()
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        format!("SegmentMemory({}, '{}')", self.lock(py).capacity(), self.strategy)
    }
}
