//! The areas of a process.

use memcore::vm::{Area, AreaKind};
use pyo3::{
    exceptions::PyIndexError,
    prelude::*,
    types::{PyIterator, PyList, PySlice},
};

/// A range of pages of a process with one set of properties.
#[pyclass(frozen, eq, name = "Area", module = "memcore")]
#[derive(Clone, PartialEq)]
pub struct PyArea(pub Area);

#[pymethods]
impl PyArea {
    /// The first address.
    #[getter]
    fn start(&self) -> u64 {
        self.0.start
    }

    /// The address behind the last.
    #[getter]
    fn end(&self) -> u64 {
        self.0.end
    }

    /// Bytes in it.
    #[getter]
    fn length(&self) -> u64 {
        self.0.length()
    }

    /// What may be done to its pages: ``"rw-"``.
    #[getter]
    fn protection(&self) -> String {
        self.0.protection.to_string()
    }

    /// ``"anonymous"``, ``"file"`` or ``"shared-anonymous"``.
    #[getter]
    fn kind(&self) -> &'static str {
        match self.0.kind {
            AreaKind::AnonymousPrivate => "anonymous",
            AreaKind::File { .. } => "file",
            AreaKind::SharedAnonymous { .. } => "shared-anonymous",
        }
    }

    /// Writes are seen by all who map the same.
    #[getter]
    fn is_shared(&self) -> bool {
        self.0.is_shared()
    }

    /// The number of its file; None for anonymous memory.
    #[getter]
    fn file(&self) -> Option<u32> {
        match self.0.kind {
            AreaKind::File { file, .. } => Some(file),
            _ => None,
        }
    }

    /// Where in the file it begins, in bytes.
    #[getter]
    fn offset(&self) -> u64 {
        self.0.offset
    }

    /// What it is for: ``"[heap]"``, ``"[stack]"``, ``"[text]"``, ``"[data]"``, ``"[bss]"``; empty for what mmap made.
    #[getter]
    fn name(&self) -> &'static str {
        self.0.name.label()
    }

    /// What else is said of it: ``"locked"``, ``"hugepage"``, ``"mergeable"`` and so on.
    #[getter]
    fn flags(&self) -> Vec<&'static str> {
        self.0.flags.names().collect()
    }

    /// The level of its huge pages, for those of the pool; 0 otherwise.
    #[getter]
    fn huge_level(&self) -> u8 {
        self.0.huge_level
    }

    fn __contains__(&self, address: u64) -> bool {
        self.0.contains(address)
    }

    fn __repr__(&self) -> String {
        let Area { start, end, protection, .. } = &self.0;
        format!("<Area {start:#x}-{end:#x} {protection} {}{}>", self.kind(), self.0.name.label())
    }
}

/// The areas of a process, in the order of their addresses: a sequence that shows itself as a table.
#[pyclass(frozen, sequence, name = "Areas", module = "memcore")]
pub struct PyAreas(pub Vec<Area>);

impl PyAreas {
    fn list<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let mut items = Vec::with_capacity(self.0.len());
        for area in &self.0 {
            items.push(Bound::new(py, PyArea(area.clone()))?);
        }
        PyList::new(py, items)
    }
}

#[pymethods]
impl PyAreas {
    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.list(py)?.try_iter()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if key.is_instance_of::<PySlice>() {
            return self.list(py)?.into_any().get_item(key);
        }
        let index: isize = key.extract()?;
        let length = self.0.len() as isize;
        let place = if index < 0 { index + length } else { index };
        match usize::try_from(place).ok().and_then(|place| self.0.get(place)) {
            Some(area) => Ok(Bound::new(py, PyArea(area.clone()))?.into_any()),
            None => Err(PyIndexError::new_err(format!("there are {length} areas"))),
        }
    }

    /// The area that an address lies in, or None. O(log areas).
    #[pyo3(signature = (address, /))]
    fn find(&self, address: crate::number::Number) -> Option<PyArea> {
        let next = self.0.partition_point(|area| area.end <= address.0);
        self.0.get(next).filter(|area| area.contains(address.0)).cloned().map(PyArea)
    }

    fn __str__(slf: &Bound<'_, Self>) -> PyResult<String> {
        slf.py().import("memcore._machine")?.call_method1("areas_text", (slf,))?.extract()
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<String> {
        slf.py().import("memcore._machine")?.call_method1("areas_html", (slf,))?.extract()
    }

    fn __repr__(&self) -> String {
        format!("<Areas: {}>", self.0.len())
    }
}
