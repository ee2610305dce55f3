//! A heap of the engine behind a lock, with its table of blocks and what keeps its memory.
//!
//! While the lock is held nothing of Python's is made or destroyed: that could run the collector, which releases views
//! and arrays, which wants the lock.

use std::{
    ptr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use memcore::alloc::{Corruption, Stats};
use memcore::heap::{HeapError, RawHeap};
use pyo3::{buffer::PyUntypedBuffer, prelude::*, sync::MutexExt};

use super::{
    entry::{Entries, Entry, Refusal},
    errors::{closed, foreign, freed, has_views, heap_error},
    memory::narrow,
};
use crate::alloc::errors::corruption;

/// Why a call failed.
pub enum Trouble {
    Engine(HeapError),
    Refused(Refusal),
    Closed,
}

impl From<HeapError> for Trouble {
    fn from(error: HeapError) -> Self {
        Trouble::Engine(error)
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Trouble::Refused(refusal)
    }
}

impl Trouble {
    #[cold]
    pub fn raised(self, py: Python<'_>) -> PyErr {
        match self {
            Trouble::Engine(error) => heap_error(py, error),
            Trouble::Refused(Refusal::Freed { address }) => freed(py, address),
            Trouble::Refused(Refusal::Foreign { address }) => foreign(py, address),
            Trouble::Refused(Refusal::Views { address, views }) => has_views(py, address, views),
            Trouble::Closed => closed(py),
        }
    }
}

/// What is locked. The fields are dropped in this order.
pub struct State<T> {
    pub core: T,
    pub entries: Entries,
    kept: Option<PyUntypedBuffer>,
}

/// See the [module](self).
pub struct Room<T> {
    state: Mutex<Option<State<T>>>,
    /// The first byte of the memory.
    pub base: usize,
}

impl<T: Send> Room<T> {
    pub fn new(core: T, base: usize, kept: Option<PyUntypedBuffer>) -> Self {
        let state = State { core, entries: Entries::default(), kept };
        Room { state: Mutex::new(Some(state)), base }
    }

    pub fn lock(&self, py: Python<'_>) -> MutexGuard<'_, Option<State<T>>> {
        self.state.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the heap, which must be open.
    pub fn with<R>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut State<T>) -> Result<R, Trouble>,
    ) -> PyResult<R> {
        let result = match self.lock(py).as_mut() {
            Some(state) => work(state),
            None => Err(Trouble::Closed),
        };
        result.map_err(|trouble| trouble.raised(py))
    }

    /// The same for work that takes long: other threads run meanwhile.
    pub fn with_detached<R: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut State<T>) -> Result<R, Trouble> + Send,
    ) -> PyResult<R> {
        let result = py.detach(|| match self.state.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(state) => work(state),
            None => Err(Trouble::Closed),
        });
        result.map_err(|trouble| trouble.raised(py))
    }

    /// Looks at the heap.
    pub fn seen<R>(&self, py: Python<'_>, look: impl FnOnce(&State<T>) -> R) -> PyResult<R> {
        self.with(py, |state| Ok(look(state)))
    }

    /// Where the bytes of a block are, for a view that is being made: it counts from now on.
    pub fn view(&self, py: Python<'_>, entry: &Arc<Entry>) -> PyResult<(usize, usize)> {
        self.with(py, |state| {
            state.entries.check_live(entry)?;
            entry.view_added();
            Ok((entry.address(), entry.size()))
        })
    }

    /// Gives the memory back, unless somebody looks at it: `finish` has the heap first. A second time it does nothing.
    pub fn close(&self, py: Python<'_>, finish: impl FnOnce(T) -> Result<(), HeapError>) -> PyResult<()> {
        let mut guard = self.lock(py);
        let Some(state) = guard.as_mut() else { return Ok(()) };
        if let Err(refusal) = state.entries.check_range(..) {
            drop(guard);
            return Err(Trouble::from(refusal).raised(py));
        }
        state.entries.clear();
        let state = guard.take();
        drop(guard);
        let Some(State { core, kept, .. }) = state else { return Ok(()) };
        let finished = finish(core);
        drop(kept);
        finished.map_err(|error| heap_error(py, error))
    }

    pub fn is_closed(&self, py: Python<'_>) -> bool {
        self.lock(py).is_none()
    }

    /// The live blocks in address order. O(n).
    pub fn all(&self, py: Python<'_>) -> PyResult<Vec<Arc<Entry>>> {
        self.seen(py, |state| state.entries.all())
    }
}

/// The pointer to an address in a heap's memory, whose pointers were exposed when blocks were handed out.
pub fn at(address: usize) -> *mut u8 {
    ptr::with_exposed_provenance_mut(address)
}

/// The calls that all heaps by address have.
impl<H: RawHeap + Send> Room<H> {
    pub fn allocate(
        &self,
        py: Python<'_>,
        size: u64,
        alignment: u64,
        zeroed: bool,
        tag: u32,
    ) -> PyResult<Arc<Entry>> {
        let (size, alignment) = (narrow(size), alignment_of(alignment));
        self.with(py, |State { core, entries, .. }| {
            let block = match zeroed {
                true => core.allocate_zeroed(size, alignment)?,
                false => core.allocate(size, alignment)?,
            };
            Ok(entries.add(block.as_ptr().expose_provenance(), size, alignment, tag))
        })
    }

    pub fn free(&self, py: Python<'_>, entry: &Arc<Entry>) -> PyResult<()> {
        self.with(py, |State { core, entries, .. }| {
            entries.check_unviewed(entry)?;
            core.free(at(entry.address()))?;
            entries.remove(entry);
            Ok(())
        })
    }

    pub fn free_address(&self, py: Python<'_>, address: usize) -> PyResult<usize> {
        self.with(py, |State { core, entries, .. }| {
            let entry = entries.at(address).cloned();
            if let Some(entry) = &entry {
                entries.check_unviewed(entry)?;
            }
            let usable = core.free(at(address))?;
            entry.iter().for_each(|entry| entries.remove(entry));
            Ok(usable)
        })
    }

    pub fn resize(&self, py: Python<'_>, entry: &Arc<Entry>, size: u64) -> PyResult<()> {
        let size = narrow(size);
        self.with(py, |State { core, entries, .. }| {
            entries.check_unviewed(entry)?;
            let block = core.reallocate(at(entry.address()), size, entry.alignment())?;
            entries.change(entry, block.as_ptr().expose_provenance(), size);
            Ok(())
        })
    }

    pub fn usable_size(&self, py: Python<'_>, address: usize) -> PyResult<usize> {
        self.with(py, |state| Ok(state.core.usable_size(at(address))?))
    }

    pub fn contains(&self, py: Python<'_>, address: usize) -> PyResult<bool> {
        self.seen(py, |state| state.core.contains(at(address)))
    }

    pub fn stats(&self, py: Python<'_>) -> PyResult<Stats> {
        self.seen(py, |state| state.core.stats())
    }

    pub fn metadata_bytes(&self, py: Python<'_>) -> PyResult<usize> {
        self.seen(py, |state| state.core.metadata_bytes())
    }

    pub fn trim(&self, py: Python<'_>) -> PyResult<usize> {
        self.with(py, |state| Ok(state.core.trim()))
    }

    pub fn validate(&self, py: Python<'_>) -> PyResult<()> {
        let found: Result<(), Corruption> = self.seen(py, |state| state.core.validate())?;
        found.map_err(|broken| corruption(py, broken))
    }
}

/// An alignment that no machine can address is none: it would lose its only bit.
pub fn alignment_of(alignment: u64) -> usize {
    usize::try_from(alignment).unwrap_or(0)
}
