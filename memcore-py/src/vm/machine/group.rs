//! The class `memcore.Group`.

use memcore::vm::GroupId;
use pyo3::prelude::*;

use super::{errors::vm_error, machine::PyMachine, process::PyProcess};
use crate::number::Number;

/// Processes that together may have so many pages in memory, made by `Machine.group`.
#[pyclass(frozen, name = "Group", module = "memcore")]
pub struct PyGroup {
    pub machine: Py<PyMachine>,
    pub number: GroupId,
}

#[pymethods]
impl PyGroup {
    /// Its number.
    #[getter]
    fn number(&self) -> GroupId {
        self.number
    }

    /// A process joins; what it has in memory already stays with the group it had.
    ///
    /// Raises `NoProcessError`, `InvalidArgumentError` for a process of another machine.
    #[pyo3(signature = (process, /))]
    fn add(&self, py: Python<'_>, process: &Bound<'_, PyProcess>) -> PyResult<()> {
        let process = process.get().of(py, &self.machine)?;
        self.machine.get().state.quick(py, |machine| machine.join(process, self.number), vm_error)
    }

    /// Pages of it in memory.
    #[getter]
    fn used(&self, py: Python<'_>) -> PyResult<u64> {
        let usage = |machine: &mut memcore::vm::Machine| machine.group_usage(self.number);
        Ok(self.machine.get().state.quick(py, usage, vm_error)?.0)
    }

    /// The most pages that it may have in memory; None for no limit. Setting it makes pages above it leave at once.
    #[getter]
    fn limit(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        let usage = |machine: &mut memcore::vm::Machine| machine.group_usage(self.number);
        Ok(self.machine.get().state.quick(py, usage, vm_error)?.1)
    }

    #[setter]
    fn set_limit(&self, py: Python<'_>, limit: Option<Number>) -> PyResult<()> {
        let limit = limit.map(|Number(limit)| limit);
        self.machine.get().state.long(py, |machine| machine.set_limit(self.number, limit), vm_error)
    }

    fn __repr__(&self) -> String {
        format!("<Group {}>", self.number)
    }
}
