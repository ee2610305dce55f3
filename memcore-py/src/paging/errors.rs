//! Why a simulation gave no result, as exceptions.

use memcore::replay::paging::PagingError;
use pyo3::prelude::*;

use crate::{
    errors::{MemcoreError, raise},
    replacement::errors::policy_error,
    trace::errors::trace_error,
};

#[cold]
pub fn paging_error(py: Python<'_>, error: PagingError) -> PyErr {
    match error {
        PagingError::Policy(error) => policy_error(py, error),
        PagingError::Trace(error) => trace_error(py, error),
        PagingError::Thread(error) => error.into(),
        // What cancelled it is raised in its place; and the engine may learn new reasons before this list does.
        _ => raise!(py, MemcoreError, error),
    }
}
