//! Configurations, from Python's forms.

use memcore::vm::MachineConfig;
use pyo3::{prelude::*, types::PyDict};

use super::call::unknown;

/// The configuration that the arguments of `Machine` mean.
pub fn of(
    py: Python<'_>,
    config: Option<&Bound<'_, PyAny>>,
    _overrides: Option<&Bound<'_, PyDict>>,
) -> PyResult<MachineConfig> {
    let name = match config {
        Some(config) => config.extract::<String>()?,
        None => "linux".to_owned(),
    };
    MachineConfig::preset(&name).ok_or_else(|| unknown(py, "preset", &name, MachineConfig::PRESETS))
}
