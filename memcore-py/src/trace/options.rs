//! Arguments that the readers of traces have in common.

use std::path::{Path, PathBuf};

use memcore::trace::{AccessKind, AccessOptions, Format, ReadOptions};
use pyo3::prelude::*;

use super::errors::no_format_of_accesses;
use crate::{column::numbers_of, errors::bad_parameter, number::Number};

/// What a file may cost.
pub fn limits(max_events: Option<Number>, max_expanded_bytes: Option<Number>) -> ReadOptions {
    let mut options = ReadOptions::default();
    if let Some(Number(most)) = max_events {
        options.max_events = most;
    }
    if let Some(Number(most)) = max_expanded_bytes {
        options.max_expanded_bytes = most;
    }
    options
}

/// How a trace of accesses shall be read.
pub fn accesses(
    py: Python<'_>,
    format: Option<&str>,
    max_events: Option<Number>,
    max_expanded_bytes: Option<Number>,
) -> PyResult<AccessOptions> {
    let format = format.map(|name| known(py, name, &Format::ACCESS_FILES));
    Ok(AccessOptions {
        read: limits(max_events, max_expanded_bytes),
        format: format.transpose()?,
        ..AccessOptions::default()
    })
}

/// The format of this name, if it is one of these.
fn known(py: Python<'_>, name: &str, formats: &[Format]) -> PyResult<Format> {
    let found = formats.iter().find(|format| format.name() == name);
    found.copied().ok_or_else(|| no_format_of_accesses(py, name, formats))
}

/// The format in which accesses are written to a file: as named, or as the file's name tells.
pub fn access_output(py: Python<'_>, path: &Path, format: Option<&str>) -> PyResult<Format> {
    match format {
        Some(name) => known(py, name, &ACCESS_OUTPUTS),
        None => Ok(Format::for_access_output(path)),
    }
}

/// The formats in which accesses are written.
pub const ACCESS_OUTPUTS: [Format; 4] = [Format::Memcore, Format::Pgtr, Format::PageText, Format::Numbers];

/// The file that a path or the name of a bundled sample stands for.
pub fn sample(py: Python<'_>, path: &Path) -> PyResult<PathBuf> {
    py.import("memcore._samples")?.call_method1("find", (path,))?.extract()
}

/// The kinds of accesses from a column of them, or from a mask of those that write.
pub fn kinds(
    py: Python<'_>,
    accesses: usize,
    writes: Option<&Bound<'_, PyAny>>,
    kinds: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<Vec<AccessKind>>> {
    let (name, column) = match (writes, kinds) {
        (None, None) => return Ok(None),
        (Some(writes), None) => ("writes", numbers_of(writes)?),
        (None, Some(kinds)) => ("kinds", numbers_of(kinds)?),
        (Some(_), Some(kinds)) => {
            let rule = "give either the kinds or a mask of writes, not both";
            return Err(bad_parameter(py, "kinds", kinds.len()?, rule));
        }
    };
    if column.len() != accesses {
        let rule = format!("the column has so many entries, and {accesses} are wanted");
        return Err(bad_parameter(py, name, column.len(), &rule));
    }
    let kind = |number: u64| match name {
        "writes" => Ok(if number == 0 { AccessKind::Read } else { AccessKind::Write }),
        _ => u8::try_from(number)
            .ok()
            .and_then(AccessKind::from_number)
            .ok_or_else(|| bad_parameter(py, "kinds", number, "0 is read, 1 write, 2 execute")),
    };
    column.into_iter().map(kind).collect::<PyResult<Vec<_>>>().map(Some)
}
