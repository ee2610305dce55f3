//! The class `memcore.SegmentedPaging`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use memcore::vm::segment::{
    SegmentedPaging,
    multics::{Brackets, PageWord, SegmentAccess},
};
use pyo3::{prelude::*, sync::MutexExt, types::PyDict};

use super::{
    errors::{broken, multics_fault, paging_error},
    words::{access_of, byte, narrow, protection_of},
};
use crate::number::Number;

/// Segmented paging as in Multics: a process names segments, a segment consists of pages, a page lies in a frame.
///
/// The page table belongs to the segment and the rights to the process, so that a segment is shared as a whole. Calls
/// from several threads are safe and take turns.
///
/// Parameters
/// ----------
/// page_size:
///     Words of a page, any number from 1 on.
/// frames:
///     Frames.
///
/// Raises `BadParameterError`.
///
/// >>> import memcore
/// >>> machine = memcore.SegmentedPaging(1024, frames=4)
/// >>> process, file = machine.add_process(bound=8), machine.create_segment(2500)
/// >>> machine.attach(process, 5, file, "r--")
/// >>> machine.bring_in(file, 2)
/// 0
/// >>> machine.translate(process, 5, 2060)
/// 12
/// >>> print(machine.walk(process, 5, 100), end="")
/// segment number 5 < bound 8: yes
/// descriptor word 5: segment 0
/// offset 100 < length 2500: yes
/// read in ring 4 of r-- rings 7,7,7: yes
/// page 0: missing
/// fault: missing-page
#[pyclass(frozen, name = "SegmentedPaging", module = "memcore", weakref)]
pub struct PySegmentedPaging {
    machine: Mutex<SegmentedPaging>,
}

impl PySegmentedPaging {
    fn lock(&self, py: Python<'_>) -> MutexGuard<'_, SegmentedPaging> {
        self.machine.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }
}

fn told<'py>(py: Python<'py>, word: PageWord) -> PyResult<Bound<'py, PyDict>> {
    let row = PyDict::new(py);
    row.set_item("frame", word.frame)?;
    row.set_item("used", word.used)?;
    row.set_item("modified", word.modified)?;
    Ok(row)
}

#[pymethods]
impl PySegmentedPaging {
    #[new]
    fn new(py: Python<'_>, page_size: Number, frames: Number) -> PyResult<Self> {
        let machine = SegmentedPaging::new(page_size.0, narrow(py, "frames", frames)?);
        Ok(PySegmentedPaging { machine: Mutex::new(machine.map_err(|error| paging_error(py, error))?) })
    }

    /// Add a process whose segment numbers are those below ``bound``; its number, from 0 on. O(bound).
    fn add_process(&self, py: Python<'_>, bound: Number) -> PyResult<u32> {
        let bound = narrow(py, "bound", bound)?;
        self.lock(py).add_process(bound).map_err(|error| paging_error(py, error))
    }

    /// Make a segment of so many words, all of whose pages are missing; its number, never given twice. O(pages).
    ///
    /// Raises `BadParameterError`.
    fn create_segment(&self, py: Python<'_>, length: Number) -> PyResult<u32> {
        self.lock(py).create_segment(length.0).map_err(|error| paging_error(py, error))
    }

    /// Delete a segment that no process has attached. O(pages).
    ///
    /// Raises `UnknownNumberError`, `SegmentAttachedError`.
    fn delete_segment(&self, py: Python<'_>, segment: Number) -> PyResult<()> {
        let segment = narrow(py, "segment", segment)?;
        self.lock(py).delete_segment(segment).map_err(|error| paging_error(py, error))
    }

    /// Lengthen or shorten a segment; pages past its new end lose their frames. O(pages added or taken).
    ///
    /// Raises `UnknownNumberError`, `BadParameterError`.
    fn set_length(&self, py: Python<'_>, segment: Number, length: Number) -> PyResult<()> {
        let segment = narrow(py, "segment", segment)?;
        self.lock(py).set_length(segment, length.0).map_err(|error| paging_error(py, error))
    }

    /// The length of a segment in words.
    ///
    /// Raises `UnknownNumberError`.
    fn length(&self, py: Python<'_>, segment: Number) -> PyResult<u64> {
        let segment = narrow(py, "segment", segment)?;
        self.lock(py).length(segment).map_err(|error| paging_error(py, error))
    }

    /// Attach a segment to a process at a segment number. O(1).
    ///
    /// ``modes`` are like ``"rw-"``. ``rings`` are (r1, r2, r3): written in the rings 0 to r1, read in 0 to r2,
    /// executed in r1 to r2, called at the first ``gates`` words from r2 + 1 to r3. None: every ring, but what may be
    /// executed is written in ring 0 alone.
    ///
    /// Raises `UnknownNumberError`, `BadParameterError`, `TakenError`, `UnknownNameError`.
    #[pyo3(signature = (process, number, segment, modes = "r--", rings = None, gates = Number(0)))]
    #[allow(clippy::too_many_arguments)] // named ones, in Python
    fn attach(
        &self,
        py: Python<'_>,
        process: Number,
        number: Number,
        segment: Number,
        modes: &str,
        rings: Option<(Number, Number, Number)>,
        gates: Number,
    ) -> PyResult<()> {
        let mut access = SegmentAccess::new(protection_of(py, modes)?);
        access.gates = gates.0;
        if let Some((r1, r2, r3)) = rings {
            let ring = |value| byte(py, "rings", value);
            let brackets = Brackets::new(ring(r1)?, ring(r2)?, ring(r3)?);
            access.brackets = brackets.map_err(|error| paging_error(py, error))?;
        }
        let (process, number) = (narrow(py, "process", process)?, narrow(py, "number", number)?);
        let segment = narrow(py, "segment", segment)?;
        self.lock(py).attach(process, number, segment, access).map_err(|error| paging_error(py, error))
    }

    /// Detach what is attached at a segment number, and return which segment it was. O(1).
    ///
    /// Raises `UnknownNumberError`, `BadParameterError`.
    fn detach(&self, py: Python<'_>, process: Number, number: Number) -> PyResult<u32> {
        let (process, number) = (narrow(py, "process", process)?, narrow(py, "number", number)?);
        self.lock(py).detach(process, number).map_err(|error| paging_error(py, error))
    }

    /// Put a page into a free frame, which is returned: the one that was freed last, and before any was freed in
    /// ascending order. O(1).
    ///
    /// Raises `UnknownNumberError`, `TakenError`, `OutOfFramesError`.
    fn bring_in(&self, py: Python<'_>, segment: Number, page: Number) -> PyResult<u32> {
        let (segment, page) = (narrow(py, "segment", segment)?, narrow(py, "page", page)?);
        self.lock(py).bring_in(segment, page).map_err(|error| paging_error(py, error))
    }

    /// Take a page out of its frame, and return its word as it was. O(1).
    ///
    /// Raises `UnknownNumberError`.
    #[pyo3(signature = (segment, page) -> "dict[str, typing.Any]")]
    fn put_out<'py>(&self, py: Python<'py>, segment: Number, page: Number) -> PyResult<Bound<'py, PyDict>> {
        let (segment, page) = (narrow(py, "segment", segment)?, narrow(py, "page", page)?);
        let word = self.lock(py).put_out(segment, page).map_err(|error| paging_error(py, error))?;
        told(py, word)
    }

    /// The page table's word of a page: frame, used, modified. O(1).
    ///
    /// Raises `UnknownNumberError`.
    #[pyo3(signature = (segment, page) -> "dict[str, typing.Any]")]
    fn page<'py>(&self, py: Python<'py>, segment: Number, page: Number) -> PyResult<Bound<'py, PyDict>> {
        let (segment, page) = (narrow(py, "segment", segment)?, narrow(py, "page", page)?);
        let word = self.lock(py).page(segment, page).map_err(|error| paging_error(py, error))?;
        told(py, word)
    }

    /// Refer to an offset of a segment: the address in memory. O(1).
    ///
    /// Raises `MulticsFaultError`, `UnknownNameError`.
    #[pyo3(signature = (process, number, offset, access = "read", ring = Number(4)))]
    fn translate(
        &self,
        py: Python<'_>,
        process: Number,
        number: Number,
        offset: Number,
        access: &str,
        ring: Number,
    ) -> PyResult<u64> {
        let (process, number) = (narrow(py, "process", process)?, narrow(py, "number", number)?);
        let (ring, access) = (byte(py, "ring", ring)?, access_of(py, access)?);
        let found = self.lock(py).translate(process, ring, number, offset.0, access);
        found.map_err(|fault| multics_fault(py, fault))
    }

    /// The same step by step, a line each, and without setting anything. O(1).
    ///
    /// Raises `UnknownNameError`.
    #[pyo3(signature = (process, number, offset, access = "read", ring = Number(4)))]
    fn walk(
        &self,
        py: Python<'_>,
        process: Number,
        number: Number,
        offset: Number,
        access: &str,
        ring: Number,
    ) -> PyResult<String> {
        let (process, number) = (narrow(py, "process", process)?, narrow(py, "number", number)?);
        let (ring, access) = (byte(py, "ring", ring)?, access_of(py, access)?);
        Ok(self.lock(py).walk(process, ring, number, offset.0, access).to_string())
    }

    /// Call a procedure: the ring in which it runs. Its page need not be in memory yet. O(1).
    ///
    /// Raises `MulticsFaultError`.
    #[pyo3(signature = (process, number, offset, ring = Number(4)))]
    fn call(
        &self,
        py: Python<'_>,
        process: Number,
        number: Number,
        offset: Number,
        ring: Number,
    ) -> PyResult<u8> {
        let (process, number) = (narrow(py, "process", process)?, narrow(py, "number", number)?);
        let ring = byte(py, "ring", ring)?;
        self.lock(py).call(process, ring, number, offset.0).map_err(|fault| multics_fault(py, fault))
    }

    /// Words of a page.
    #[getter]
    fn page_size(&self, py: Python<'_>) -> u64 {
        self.lock(py).page_size()
    }

    /// How many frames there are.
    #[getter]
    fn frames(&self, py: Python<'_>) -> u32 {
        self.lock(py).frames().0
    }

    /// How many of them are free.
    #[getter]
    fn free_frames(&self, py: Python<'_>) -> u32 {
        self.lock(py).frames().1
    }

    /// Check every invariant. O(frames + pages + segment numbers).
    ///
    /// Raises `CorruptionError`.
    fn validate(&self, py: Python<'_>) -> PyResult<()> {
        self.lock(py).validate().map_err(|what| broken(py, what))
    }

    /// A copy in the same state.
    fn __copy__(&self, py: Python<'_>) -> Self {
        PySegmentedPaging { machine: Mutex::new(self.lock(py).clone()) }
    }

    #[pyo3(signature = (memo: "dict[int, object]") -> "SegmentedPaging")]
    fn __deepcopy__(&self, py: Python<'_>, memo: &Bound<'_, PyAny>) -> Self {
        let _ = memo;
        self.__copy__(py)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let machine = self.lock(py);
        let (frames, free) = machine.frames();
        format!(
            "<SegmentedPaging in pages of {}: {} of {frames} frames taken>",
            machine.page_size(),
            frames - free
        )
    }
}
