//! Walks over a space in address order.

use std::sync::{Mutex, PoisonError};

use memcore::alloc::{Allocator, Region, RegionCursor, RegionKind};
use pyo3::{PyTraverseError, PyVisit, exceptions::PyRuntimeError, prelude::*};

use super::{allocator::PyAllocator, block::PyBlock};

/// A part of the space: a block, a hole, or dead bytes.
#[pyclass(frozen, get_all, name = "Region", module = "memcore")]
pub struct PyRegion {
    /// Offset of the first byte.
    start: u64,
    /// Length in bytes, never 0.
    size: u64,
    /// One past the last byte.
    end: u64,
    /// ``"block"``, ``"hole"`` (can be allocated) or ``"dead"`` (neither yet, in a bump arena or a stack).
    kind: &'static str,
    /// The block, if it is one.
    block: Option<Py<PyBlock>>,
}

#[pymethods]
impl PyRegion {
    fn __repr__(&self) -> String {
        format!("Region(kind='{}', start={}, size={})", self.kind, self.start, self.size)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.block)
    }
}

/// Where a walk is. It ends with a RuntimeError when the space changes meanwhile, as a walk over a dict does.
struct Walk {
    owner: Py<PyAllocator>,
    begun_at: u64,
    cursor: Mutex<RegionCursor>,
}

impl Walk {
    fn new(py: Python<'_>, owner: Py<PyAllocator>) -> PyResult<Self> {
        let begun_at = owner.get().space.lock(py)?.changes;
        Ok(Walk { owner, begun_at, cursor: Mutex::new(RegionCursor::default()) })
    }

    /// The next region that `wanted` takes, and the tag of its block.
    fn next(&self, py: Python<'_>, wanted: impl Fn(&Region) -> bool) -> PyResult<Option<(Region, u32)>> {
        let mut cursor = self.cursor.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.owner.get().space.lock(py)?;
        if state.changes != self.begun_at {
            return Err(PyRuntimeError::new_err("the allocator changed during a walk over it"));
        }
        loop {
            let Some(region) = state.allocator.next_region(&mut cursor) else { return Ok(None) };
            if wanted(&region) {
                let tag = region.block().and_then(|block| state.allocator.tag(block.id).ok());
                return Ok(Some((region, tag.unwrap_or(0))));
            }
        }
    }
}

/// The live blocks in address order: what ``iter(allocator)`` gives. O(1) amortised for each.
#[pyclass(frozen, name = "BlockIterator", module = "memcore")]
pub struct PyBlockIterator(Walk);

impl PyBlockIterator {
    pub fn new(py: Python<'_>, owner: Py<PyAllocator>) -> PyResult<Self> {
        Walk::new(py, owner).map(PyBlockIterator)
    }
}

#[pymethods]
impl PyBlockIterator {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<PyBlock>> {
        let next = self.0.next(py, |region| region.block().is_some())?;
        Ok(next.and_then(|(region, tag)| {
            region.block().map(|block| PyBlock::new(block, tag, self.0.owner.clone_ref(py)))
        }))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.0.owner)
    }
}

/// The regions in address order, without gap or overlap: what ``allocator.regions()`` gives. O(1) for each.
#[pyclass(frozen, name = "RegionIterator", module = "memcore")]
pub struct PyRegionIterator(Walk);

impl PyRegionIterator {
    pub fn new(py: Python<'_>, owner: Py<PyAllocator>) -> PyResult<Self> {
        Walk::new(py, owner).map(PyRegionIterator)
    }
}

#[pymethods]
impl PyRegionIterator {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<PyRegion>> {
        let Some((region, tag)) = self.0.next(py, |_| true)? else { return Ok(None) };
        let block = match region.block() {
            Some(block) => Some(Py::new(py, PyBlock::new(block, tag, self.0.owner.clone_ref(py)))?),
            None => None,
        };
        let kind = match region.kind {
            RegionKind::Used(_) => "block",
            RegionKind::Hole => "hole",
            RegionKind::Dead => "dead",
        };
        Ok(Some(PyRegion { start: region.start, size: region.size, end: region.end(), kind, block }))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.0.owner)
    }
}
