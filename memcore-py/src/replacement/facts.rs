//! The list of policies, and what kind of policy each is.

use memcore::replacement::PolicySpec;
use pyo3::{prelude::*, types::PyTuple};

use crate::errors::spec_error;

/// The policy of a text such as ``"lru-k:k=2"``.
pub fn policy_of(py: Python<'_>, text: &str) -> PyResult<PolicySpec> {
    text.parse().map_err(|error| spec_error(py, error))
}

/// The names of the replacement policies, as `Cache` and `pages` take them.
///
/// >>> import memcore
/// >>> {"fifo", "lru", "opt"} <= set(memcore.policies())
/// True
#[pyfunction]
pub fn policies() -> Vec<&'static str> {
    PolicySpec::names().to_vec()
}

/// What kind of policy ``policy`` is, with the names of its parameters.
///
/// Raises `UnknownNameError` or `BadSpecError` for the text.
///
/// >>> import memcore
/// >>> memcore.policy_facts("opt")
/// PolicyFacts(policy='opt', parameters=(), needs_future=True, varies_allocation=False, is_stack=True)
#[pyfunction]
pub fn policy_facts(py: Python<'_>, policy: &str) -> PyResult<PyPolicyFacts> {
    policy_of(py, policy).map(PyPolicyFacts)
}

/// What kind of policy one is: see `policy_facts`.
#[pyclass(frozen, eq, name = "PolicyFacts", module = "memcore")]
#[derive(PartialEq)]
pub struct PyPolicyFacts(PolicySpec);

#[pymethods]
impl PyPolicyFacts {
    /// Its name with those of its parameters that are not as by default: reading it back gives the same policy.
    #[getter]
    fn policy(&self) -> String {
        self.0.to_string()
    }

    /// The names of its parameters.
    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.keys())
    }

    /// It decides by references to come: a whole trace can serve it, a cache cannot.
    #[getter]
    fn needs_future(&self) -> bool {
        self.0.facts().needs_future
    }

    /// The number of resident pages is the policy's own choice; the frames given to it are not used.
    #[getter]
    fn varies_allocation(&self) -> bool {
        self.0.facts().varies_allocation
    }

    /// More frames never mean more misses: Belady's anomaly cannot occur.
    #[getter]
    fn is_stack(&self) -> bool {
        self.0.facts().is_stack
    }

    fn __repr__(&self) -> String {
        let truth = |yes| if yes { "True" } else { "False" };
        let names: Vec<String> = self.0.keys().iter().map(|key| format!("'{key}'")).collect();
        let comma = if names.len() == 1 { "," } else { "" };
        format!(
            "PolicyFacts(policy='{}', parameters=({}{comma}), needs_future={}, varies_allocation={}, is_stack={})",
            self.policy(),
            names.join(", "),
            truth(self.needs_future()),
            truth(self.varies_allocation()),
            truth(self.is_stack())
        )
    }
}
