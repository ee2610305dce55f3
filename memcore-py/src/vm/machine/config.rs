//! Configurations, from Python's forms.

use memcore::vm::{MachineConfig, MachineConfigError};
use pyo3::{
    prelude::*,
    types::{PyDict, PyString},
};

use super::{call::unknown, errors::BadConfigError};
use crate::{
    errors::{MemcoreError, raise},
    figures::Figures,
};

/// The configuration that an argument and what is laid over it mean. `memcore._machine` makes TOML of all forms.
pub fn of(
    py: Python<'_>,
    config: Option<&Bound<'_, PyAny>>,
    overrides: Option<&Bound<'_, PyDict>>,
) -> PyResult<MachineConfig> {
    let parts = py.import("memcore._machine")?.call_method1("configuration", (config, overrides))?;
    let (text, values): (String, Vec<(String, String)>) = parts.extract()?;
    let mut config = MachineConfig::from_toml(&text).map_err(|error| config_error(py, error, None))?;
    for (key, value) in values {
        config.set(&key, &value).map_err(|error| config_error(py, error, Some(&value)))?;
    }
    Ok(config)
}

/// The presets.
fn known() -> Vec<&'static str> {
    MachineConfig::PRESETS.iter().map(|(name, _)| *name).collect()
}

#[cold]
pub fn config_error(py: Python<'_>, error: MachineConfigError, value: Option<&str>) -> PyErr {
    let text = error.to_string();
    let line = |line: usize| (line > 0).then_some(line);
    match error {
        MachineConfigError::UnknownPreset { name } => unknown(py, "preset", &name, &known()),
        MachineConfigError::Key { key, line: at, .. } => {
            raise!(py, BadConfigError, text, key = key, value = value, line = line(at))
        }
        MachineConfigError::Syntax { line: at, .. } => {
            raise!(py, BadConfigError, text, key = "", value = value, line = line(at))
        }
        MachineConfigError::Unwritable { .. } => {
            raise!(py, BadConfigError, text, key = "", value = value, line = None::<usize>)
        }
        // The engine may learn new reasons before this list does.
        _ => raise!(py, MemcoreError, text),
    }
}

/// A configuration as nested dictionaries.
pub fn dictionary<'py>(py: Python<'py>, config: &MachineConfig) -> PyResult<Bound<'py, PyAny>> {
    let text = config.to_toml().map_err(|error| config_error(py, error, None))?;
    py.import("tomllib")?.call_method1("loads", (PyString::new(py, &text),))
}

/// The presets that `Machine` knows, and what each is.
///
/// >>> import memcore
/// >>> "textbook" in memcore.machines()
/// True
#[pyfunction]
pub fn machines() -> Figures<&'static str> {
    Figures(MachineConfig::PRESETS.to_vec())
}
