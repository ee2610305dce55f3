//! A page walk, and what an address is translated to.

use memcore::vm::{PageWalk, Translation};
use pyo3::prelude::*;

/// What an address is translated to at this moment.
#[pyclass(frozen, get_all, eq, name = "PageTranslation", module = "memcore")]
#[derive(PartialEq)]
pub struct PyPageTranslation {
    /// The physical address; for the shared page of zeros it lies behind all memory.
    physical: u64,
    /// The frame.
    frame: u64,
    /// Bytes of the page.
    page_size: u64,
    /// What the entry allows now, ``"r--"``: less than the area where a write must copy first.
    protection: String,
    /// The page was referenced.
    is_accessed: bool,
    /// The page was written.
    is_dirty: bool,
    /// The node of the frame.
    node: u32,
}

impl From<Translation> for PyPageTranslation {
    fn from(found: Translation) -> Self {
        let Translation { physical, frame, page_size, is_accessed, is_dirty, node, .. } = found;
        let protection = found.protection.to_string();
        PyPageTranslation { physical, frame, page_size, protection, is_accessed, is_dirty, node }
    }
}

#[pymethods]
impl PyPageTranslation {
    fn __repr__(&self) -> String {
        let PyPageTranslation { physical, frame, page_size, protection, .. } = self;
        format!("<PageTranslation to {physical:#x}: frame {frame}, page of {page_size} bytes, {protection}>")
    }
}

/// One read of a page walk.
#[pyclass(frozen, get_all, name = "WalkStep", module = "memcore")]
#[derive(Clone)]
pub struct PyWalkStep {
    /// The level of the table; 0 is that of single pages.
    level: u32,
    /// The name of such a table: ``"PML4"``, ``"VPN[2]"``.
    name: &'static str,
    /// The frame that the table is in.
    table: u64,
    /// The index in the table.
    index: u64,
    /// The physical address that is read.
    entry_address: u64,
    /// The word that is read.
    bits: u64,
}

#[pymethods]
impl PyWalkStep {
    fn __repr__(&self) -> String {
        let PyWalkStep { name, index, entry_address, bits, .. } = self;
        format!("<WalkStep {name}[{index}] at {entry_address:#x}: {bits:#018x}>")
    }
}

/// A page walk: each word that the hardware reads for an address, and how it ends. ``print(walk)`` shows it.
///
/// >>> import memcore
/// >>> process = memcore.Machine("linux").spawn()
/// >>> address = process.mmap(4096)
/// >>> process.write(address, b"x")
/// >>> [step.name for step in process.walk(address).steps]
/// ['PML4', 'PDPT', 'PD', 'PT']
#[pyclass(frozen, name = "Walk", module = "memcore")]
pub struct PyWalk(pub PageWalk);

#[pymethods]
impl PyWalk {
    /// The address.
    #[getter]
    fn address(&self) -> u64 {
        self.0.address
    }

    /// The hardware that does it, as text.
    #[getter]
    fn hardware(&self) -> String {
        self.0.hardware.to_string()
    }

    /// What it reads, in order.
    #[getter]
    fn steps(&self) -> Vec<PyWalkStep> {
        let step = |step: &memcore::vm::paging::WalkStep| PyWalkStep {
            level: step.level,
            name: step.name,
            table: step.table,
            index: step.index,
            entry_address: step.entry_address,
            bits: step.bits,
        };
        self.0.steps.iter().map(step).collect()
    }

    /// How it ends, as the last line of the text says.
    #[getter]
    fn outcome(&self) -> String {
        let text = self.0.to_string();
        text.lines().last().unwrap_or("").trim_start_matches([' ', '=']).to_owned()
    }

    /// The physical address; None where the walk ends in a fault.
    #[getter]
    fn physical(&self) -> Option<u64> {
        match self.0.outcome {
            memcore::vm::paging::WalkOutcome::Mapped { physical, .. } => Some(physical),
            _ => None,
        }
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self, py: Python<'_>) -> PyResult<String> {
        py.import("memcore._machine")?.call_method1("text_html", (self.0.to_string(),))?.extract()
    }

    fn __repr__(&self) -> String {
        format!("<Walk of {:#x}: {} steps>", self.0.address, self.0.steps.len())
    }
}
