//! The class `memcore.Tlb`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use memcore::cache::{Tlb, TlbConfig, TlbEntry, TlbStats};
use pyo3::{prelude::*, sync::MutexExt};

use super::errors::cache_error;
use crate::{errors::bad_parameter, figures::Figures, number::Number};

/// A translation look-aside buffer: sets x ways over page numbers, with a number of the caller's for each page.
///
/// ``config`` is ``"dtlb:entries=64,ways=4,pages=4K;2M,policy=lru"``; without ``ways``, or with ``ways=full``, it is
/// one set. An entry stands for a page of one of these sizes, of one address space or of all (a global page). Calls
/// from several threads are safe and take turns.
///
/// Raises `BadSpecError`, `BadParameterError`, `UnknownNameError`.
///
/// >>> import memcore
/// >>> tlb = memcore.Tlb("dtlb:entries=4,ways=2,pages=4K;2M")
/// >>> tlb.insert(0x1000, 77, space=1)
/// >>> tlb.lookup(0x1fff, space=1), tlb.lookup(0x1fff, space=2)
/// (77, None)
/// >>> tlb.stats
/// {'hits': 1, 'misses': 1, 'evictions': 0, 'invalidations': 0}
#[pyclass(frozen, name = "Tlb", module = "memcore", weakref)]
pub struct PyTlb {
    config: TlbConfig,
    tlb: Mutex<Tlb<u64>>,
}

/// What a TLB holds about one page.
#[pyclass(frozen, eq, get_all, name = "TlbEntry", module = "memcore")]
#[derive(PartialEq)]
pub struct PyTlbEntry {
    /// Address / page size.
    page: u64,
    /// Bytes in the page.
    page_size: u64,
    /// The address space; of a global page, the one in which it was put in.
    space: u32,
    /// The page is in all address spaces.
    is_global: bool,
    /// The caller's number.
    value: u64,
}

impl From<TlbEntry<u64>> for PyTlbEntry {
    fn from(entry: TlbEntry<u64>) -> Self {
        let TlbEntry { page, page_bits, space, is_global, value } = entry;
        PyTlbEntry { page, page_size: 1 << page_bits, space, is_global, value }
    }
}

#[pymethods]
impl PyTlbEntry {
    fn __repr__(&self) -> String {
        let PyTlbEntry { page, page_size, space, value, .. } = self;
        let is_global = if self.is_global { "True" } else { "False" };
        format!(
            "TlbEntry(page={page:#x}, page_size={page_size}, space={space}, is_global={is_global}, value={value})"
        )
    }
}

impl PyTlb {
    fn lock(&self, py: Python<'_>) -> MutexGuard<'_, Tlb<u64>> {
        self.tlb.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }
}

fn space_of(py: Python<'_>, Number(space): Number) -> PyResult<u32> {
    u32::try_from(space).map_err(|_| bad_parameter(py, "space", space, "must be below 2**32"))
}

#[pymethods]
impl PyTlb {
    #[new]
    fn new(py: Python<'_>, config: &str) -> PyResult<Self> {
        let config: TlbConfig = config.parse().map_err(|error| cache_error(py, error))?;
        let tlb = Tlb::new(&config).map_err(|error| cache_error(py, error))?;
        Ok(PyTlb { config, tlb: Mutex::new(tlb) })
    }

    /// The number of the page that an address is in, as an address space sees it, or None; a hit is a use.
    /// O(page sizes x ways).
    #[pyo3(signature = (address, space = Number(0)))]
    fn lookup(&self, py: Python<'_>, address: Number, space: Number) -> PyResult<Option<u64>> {
        let space = space_of(py, space)?;
        Ok(self.lock(py).lookup(address.0, space).copied())
    }

    /// The entry that ``lookup`` would find, or None; no use, not counted.
    #[pyo3(signature = (address, space = Number(0)))]
    fn probe(&self, py: Python<'_>, address: Number, space: Number) -> PyResult<Option<PyTlbEntry>> {
        let space = space_of(py, space)?;
        Ok(self.lock(py).probe(address.0, space).map(PyTlbEntry::from))
    }

    /// Put in the page that an address is in, of ``page_size`` bytes (by default the first size of the TLB); the entry
    /// that left for it, or None.
    ///
    /// Raises `BadParameterError` for a size that the TLB does not hold.
    #[pyo3(signature = (address, value, *, page_size = None, space = Number(0), is_global = false))]
    fn insert(
        &self,
        py: Python<'_>,
        address: Number,
        value: Number,
        page_size: Option<Number>,
        space: Number,
        is_global: bool,
    ) -> PyResult<Option<PyTlbEntry>> {
        let space = space_of(py, space)?;
        let first = self.config.page_sizes.first().copied().unwrap_or(0);
        let page_size = page_size.map_or(first, |Number(size)| size);
        let evicted = self.lock(py).insert(address.0, page_size, space, is_global, value.0);
        Ok(evicted.map_err(|error| cache_error(py, error))?.map(PyTlbEntry::from))
    }

    /// Remove what an address space sees of the page of an address, in all sizes, global entries included; how many.
    #[pyo3(signature = (address, space = Number(0)))]
    fn invalidate_page(&self, py: Python<'_>, address: Number, space: Number) -> PyResult<u64> {
        let space = space_of(py, space)?;
        Ok(self.lock(py).invalidate_page(address.0, space))
    }

    /// Remove the entries of an address space, but for global ones; how many. O(entries).
    fn invalidate_space(&self, py: Python<'_>, space: Number) -> PyResult<u64> {
        let space = space_of(py, space)?;
        Ok(self.lock(py).invalidate_space(space))
    }

    /// Remove all entries but for global ones; how many. O(entries).
    fn invalidate_non_global(&self, py: Python<'_>) -> u64 {
        self.lock(py).invalidate_non_global()
    }

    /// Remove all entries; how many. O(entries).
    fn invalidate_all(&self, py: Python<'_>) -> u64 {
        self.lock(py).invalidate_all()
    }

    /// The entries, set by set. O(entries).
    fn entries(&self, py: Python<'_>) -> Vec<PyTlbEntry> {
        self.lock(py).entries().map(PyTlbEntry::from).collect()
    }

    /// As when it was made, counts included. O(entries).
    fn reset(&self, py: Python<'_>) {
        self.lock(py).reset();
    }

    /// Counts since the TLB was made: hits, misses, evictions, invalidations.
    #[getter]
    fn stats(&self, py: Python<'_>) -> Figures<u64> {
        let TlbStats { hits, misses, evictions, invalidations } = self.lock(py).stats();
        Figures(vec![
            ("hits", hits),
            ("misses", misses),
            ("evictions", evictions),
            ("invalidations", invalidations),
        ])
    }

    /// The whole as text.
    #[getter]
    fn config(&self) -> String {
        self.config.to_string()
    }

    /// Bytes of memory held.
    #[getter]
    fn metadata_bytes(&self, py: Python<'_>) -> usize {
        self.lock(py).metadata_bytes()
    }

    fn __repr__(&self) -> String {
        format!("Tlb('{}')", self.config)
    }
}
