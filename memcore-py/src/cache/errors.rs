//! Why a hierarchy or a TLB cannot be made or used, as exceptions.

use memcore::{cache::CacheError, replay::HierarchyReplayError};
use pyo3::{import_exception, prelude::*};

use crate::{
    errors::{BadParameterError, MemcoreError, raise, spec_error},
    replacement::errors::{OutOfTablesError, policy_error},
    trace::errors::trace_error,
};

import_exception!(memcore._errors, BadLevelError);

#[cold]
pub fn cache_error(py: Python<'_>, error: CacheError) -> PyErr {
    use CacheError as E;
    let text = error.to_string();
    let parameter = |name: &str, value: u64, rule: &str| {
        raise!(py, BadParameterError, &text, name = name, value = value, rule = rule)
    };
    let level = |level: &str| raise!(py, BadLevelError, &text, level = level);
    match &error {
        E::Sets { sets } => parameter("sets", *sets, "must be 1 or more"),
        E::Ways { ways } => parameter("ways", *ways, "must be from 1 to 2^31"),
        E::Line { line } => parameter("line", *line, "must be a power of two"),
        E::Size { size, .. } => parameter("size", *size, "must be a whole number of sets"),
        E::SizeDiffers { size, .. } => parameter("size", *size, "must be sets x ways x line"),
        E::PageSize { bytes } => parameter("pages", *bytes, "must be powers of two, 1 to 8, each once"),
        E::Levels { levels } => parameter("levels", *levels, "too many"),
        E::Prefetch { parameter: name, value, rule } => parameter(name, *value, rule),
        E::SrripBits { bits } => parameter("bits", *bits, "must be from 1 to 7"),
        E::Name { name } => level(name),
        E::SplitBehindUnified { level: name, .. }
        | E::LineShrinks { level: name, .. }
        | E::ExclusiveLine { level: name, .. }
        | E::NothingToExclude { level: name, .. }
        | E::LatencyFalls { level: name, .. } => level(name),
        E::OutOfMemory { bytes } => raise!(py, OutOfTablesError, &text, bytes = bytes),
        E::Policy(error) => policy_error(py, error.clone()),
        E::Spec(error) => spec_error(py, error.clone()),
        // The engine may learn new reasons before this list does.
        _ => raise!(py, MemcoreError, &text),
    }
}

#[cold]
pub fn replay_error(py: Python<'_>, error: HierarchyReplayError) -> PyErr {
    match error {
        HierarchyReplayError::Trace(error) => trace_error(py, error),
        HierarchyReplayError::Cache(error) => cache_error(py, error),
        // What cancelled it is raised in its place.
        _ => raise!(py, MemcoreError, error),
    }
}
