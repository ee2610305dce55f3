//! The classes `memcore.VirtualMemoryManager` and `memcore.Translation`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use memcore::vm::manager::{
    ManagerOptions, ManagerStatistics, PageEntry, PageRow, Translation, VirtualMemoryManager,
};
use pyo3::{
    prelude::*,
    sync::MutexExt,
    types::{PyDict, PyList},
};

use super::{
    errors::{broken, manager_error},
    words::{access_of, narrow, protection_of, spec_of},
};
use crate::{
    figures::Figures,
    number::{Number, Signed},
    replacement::cache::frames_of,
};

/// The virtual memory manager of the textbooks: one page table, a list of free frames, a replacement policy.
///
/// A page is allocated and then has a frame. With fewer frames than pages, an allocated page may lose its frame to
/// another, and gets one back by a page fault at its next access. Calls from several threads are safe and take turns.
///
/// Parameters
/// ----------
/// page_size:
///     Bytes of a page: any number from 1 on, not only a power of two.
/// pages:
///     Virtual pages.
/// frames:
///     Frames; None for as many as pages, so that no page ever loses its own.
/// policy:
///     Who loses its frame; `policies` lists the names. Those that need the future or vary their allocation cannot serve.
///
/// Raises `BadParameterError`, `UnknownNameError`, `BadSpecError`, `NeedsFutureError`, `VariesAllocationError`.
///
/// >>> import memcore
/// >>> vmm = memcore.VirtualMemoryManager(4096, 8)
/// >>> vmm.allocate_page(0), vmm.allocate_page(1)
/// (0, 1)
/// >>> vmm.translate(4097).address
/// 4097
/// >>> print(vmm.page_table(), end="")
/// Page Table:
/// Virtual | Physical | Present | Modified | Referenced
/// --------|----------|---------|----------|-----------
///       0 |        0 |    true |    false |       true
///       1 |        1 |    true |    false |       true
#[pyclass(frozen, name = "VirtualMemoryManager", module = "memcore", weakref)]
pub struct PyVirtualMemoryManager {
    manager: Mutex<VirtualMemoryManager>,
}

/// Where an address leads.
#[pyclass(frozen, eq, get_all, name = "Translation", module = "memcore")]
#[derive(PartialEq)]
pub struct PyTranslation {
    /// The physical address: frame times page size plus offset.
    address: u64,
    /// The virtual page.
    page: u32,
    /// Its frame.
    frame: u64,
    /// Whether the page had its frame already; else it was a page fault.
    hit: bool,
    /// The page that lost its frame for it, or None.
    evicted: Option<u32>,
}

#[pymethods]
impl PyTranslation {
    fn __repr__(&self) -> String {
        let PyTranslation { address, page, frame, hit, evicted } = self;
        let hit = if *hit { "True" } else { "False" };
        let evicted = evicted.map_or("None".to_owned(), |page| page.to_string());
        format!("Translation(address={address}, page={page}, frame={frame}, hit={hit}, evicted={evicted})")
    }
}

impl PyVirtualMemoryManager {
    fn lock(&self, py: Python<'_>) -> MutexGuard<'_, VirtualMemoryManager> {
        self.manager.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }
}

fn told<'py>(py: Python<'py>, page: i64, entry: &PageEntry) -> PyResult<Bound<'py, PyDict>> {
    let row = PyDict::new(py);
    row.set_item("page", page)?;
    row.set_item("allocated", entry.allocated)?;
    row.set_item("frame", entry.frame)?;
    row.set_item("present", entry.is_present())?;
    row.set_item("modified", entry.modified)?;
    row.set_item("referenced", entry.referenced)?;
    row.set_item("protection", entry.protection.to_string())?;
    Ok(row)
}

#[pymethods]
impl PyVirtualMemoryManager {
    #[new]
    #[pyo3(signature = (page_size, pages, frames = None, policy = "fifo"))]
    fn new(
        py: Python<'_>,
        page_size: Number,
        pages: Number,
        frames: Option<Number>,
        policy: &str,
    ) -> PyResult<Self> {
        let mut options = ManagerOptions::new(page_size.0, narrow(py, "pages", pages)?);
        options.frames = frames.map(|frames| frames_of(py, frames)).transpose()?;
        options.policy = spec_of(py, policy)?;
        let manager = VirtualMemoryManager::new(options).map_err(|error| manager_error(py, error))?;
        Ok(PyVirtualMemoryManager { manager: Mutex::new(manager) })
    }

    /// Allocate a page, readable and writable, and return the frame that it gets: the first of the list of free ones,
    /// or that of the page which the policy makes leave. O(1) beside the policy's own cost.
    ///
    /// Raises `InvalidPageError`, `AlreadyAllocatedError`.
    fn allocate_page(&self, py: Python<'_>, page: Signed) -> PyResult<u64> {
        self.lock(py).allocate_page(page.0).map_err(|error| manager_error(py, error))
    }

    /// Deallocate a page; its frame, if it has one, goes to the end of the list of free ones. O(1) beside the policy's
    /// own cost.
    ///
    /// Raises `InvalidPageError`, `NotAllocatedError`.
    fn deallocate_page(&self, py: Python<'_>, page: Signed) -> PyResult<()> {
        self.lock(py).deallocate_page(page.0).map_err(|error| manager_error(py, error))
    }

    /// Change what may be done to a page: ``"rw-"``, ``"r-x"``. O(1).
    ///
    /// Raises `InvalidPageError`, `NotAllocatedError`, `UnknownNameError`.
    fn protect_page(&self, py: Python<'_>, page: Signed, protection: &str) -> PyResult<()> {
        let protection = protection_of(py, protection)?;
        self.lock(py).protect_page(page.0, protection).map_err(|error| manager_error(py, error))
    }

    /// Clear the referenced bit of a page. O(1).
    ///
    /// Raises `InvalidPageError`, `NotAllocatedError`.
    fn clear_referenced(&self, py: Python<'_>, page: Signed) -> PyResult<()> {
        self.lock(py).clear_referenced(page.0).map_err(|error| manager_error(py, error))
    }

    /// Access an address: where it leads. A page without a frame gets one. ``access`` is ``"read"``, ``"write"`` or
    /// ``"execute"``. O(1) beside the policy's own cost.
    ///
    /// Raises `InvalidAddressError` for a negative address or one past the last page, `PageFaultError`, which is
    /// counted, for a page that is not allocated, `PageProtectionError`.
    ///
    /// >>> import memcore
    /// >>> vmm = memcore.VirtualMemoryManager(100, 4, frames=2)
    /// >>> [vmm.allocate_page(page) for page in (0, 1, 2)]
    /// [0, 1, 0]
    /// >>> vmm.translate(42)
    /// Translation(address=142, page=0, frame=1, hit=False, evicted=1)
    #[pyo3(signature = (address, access = "read"))]
    fn translate(&self, py: Python<'_>, address: Signed, access: &str) -> PyResult<PyTranslation> {
        let access = access_of(py, access)?;
        let found = self.lock(py).translate(address.0, access).map_err(|error| manager_error(py, error))?;
        let Translation { address, page, frame, hit, evicted } = found;
        Ok(PyTranslation { address, page, frame, hit, evicted })
    }

    /// What the page table says of a page: a dictionary. O(1).
    ///
    /// Raises `InvalidPageError`.
    #[pyo3(signature = (page) -> "dict[str, typing.Any]")]
    fn entry<'py>(&self, py: Python<'py>, page: Signed) -> PyResult<Bound<'py, PyDict>> {
        let entry = self.lock(py).entry(page.0).map_err(|error| manager_error(py, error))?;
        told(py, page.0, &entry)
    }

    /// The allocated pages in order, a dictionary each. O(pages).
    #[pyo3(signature = () -> "list[dict[str, typing.Any]]")]
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let manager = self.lock(py);
        let rows = PyList::empty(py);
        for PageRow { page, entry } in manager.rows() {
            rows.append(told(py, page.into(), &entry)?)?;
        }
        Ok(rows)
    }

    /// The page table as text: a heading, and a line for each allocated page. O(pages).
    fn page_table(&self, py: Python<'_>) -> String {
        self.lock(py).page_table().to_string()
    }

    /// The figures about pages as text, a line each; that of replacements when there are fewer frames than pages.
    fn summary(&self, py: Python<'_>) -> String {
        self.lock(py).statistics().to_string()
    }

    /// The free frames, the next to be given first. O(free frames).
    #[getter]
    fn free_frames(&self, py: Python<'_>) -> Vec<u64> {
        self.lock(py).free_frames().collect()
    }

    /// Pages and frames, used and free, and the counts of faults, hits, replacements and write-backs.
    #[getter]
    fn statistics(&self, py: Python<'_>) -> Figures<u64> {
        let ManagerStatistics {
            total_pages,
            used_pages,
            free_pages,
            total_frames,
            used_frames,
            free_frames,
            page_faults,
            page_hits,
            page_replacements,
            write_backs,
        } = self.lock(py).statistics();
        Figures(vec![
            ("total_pages", total_pages),
            ("used_pages", used_pages),
            ("free_pages", free_pages),
            ("total_frames", total_frames),
            ("used_frames", used_frames),
            ("free_frames", free_frames),
            ("page_faults", page_faults),
            ("page_hits", page_hits),
            ("page_replacements", page_replacements),
            ("write_backs", write_backs),
        ])
    }

    /// Bytes of a page.
    #[getter]
    fn page_size(&self, py: Python<'_>) -> u64 {
        self.lock(py).page_size()
    }

    /// Virtual pages.
    #[getter]
    fn pages(&self, py: Python<'_>) -> u32 {
        self.lock(py).pages()
    }

    /// Frames.
    #[getter]
    fn frames(&self, py: Python<'_>) -> u32 {
        self.lock(py).frames()
    }

    /// The policy with its parameters.
    #[getter]
    fn policy(&self, py: Python<'_>) -> String {
        self.lock(py).policy().to_string()
    }

    /// Check every invariant. O(pages + frames).
    ///
    /// Raises `CorruptionError`.
    fn validate(&self, py: Python<'_>) -> PyResult<()> {
        self.lock(py).validate().map_err(|what| broken(py, what))
    }

    /// A copy in the same state.
    fn __copy__(&self, py: Python<'_>) -> Self {
        PyVirtualMemoryManager { manager: Mutex::new(self.lock(py).clone()) }
    }

    #[pyo3(signature = (memo: "dict[int, object]") -> "VirtualMemoryManager")]
    fn __deepcopy__(&self, py: Python<'_>, memo: &Bound<'_, PyAny>) -> Self {
        let _ = memo;
        self.__copy__(py)
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<String> {
        slf.py().import("memcore._segments")?.call_method1("page_table", (slf,))?.extract()
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let manager = self.lock(py);
        let (size, pages, frames) = (manager.page_size(), manager.pages(), manager.frames());
        format!("VirtualMemoryManager({size}, {pages}, {frames}, '{}')", manager.policy())
    }
}
