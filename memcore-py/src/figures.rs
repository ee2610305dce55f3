//! Named figures, as a dictionary in the order in which they are listed.

use pyo3::{prelude::*, types::PyDict};

/// Names and figures, each of one type.
pub struct Figures<T>(pub Vec<(&'static str, T)>);

impl<'py, T: IntoPyObject<'py>> IntoPyObject<'py> for Figures<T> {
    type Target = PyDict;
    type Output = Bound<'py, PyDict>;
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const OUTPUT_TYPE: pyo3::inspect::PyStaticExpr =
        <std::collections::BTreeMap<String, T> as IntoPyObject<'py>>::OUTPUT_TYPE;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        let dictionary = PyDict::new(py);
        for (name, figure) in self.0 {
            dictionary.set_item(name, figure)?;
        }
        Ok(dictionary)
    }
}
