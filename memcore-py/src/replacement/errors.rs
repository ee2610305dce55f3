//! Why a policy cannot be made, fed or used, as exceptions.

use memcore::replacement::{MAX_PAGES, PolicyError};
use pyo3::{import_exception, prelude::*};

use crate::errors::{MemcoreError, bad_parameter, raise, spec_error};

import_exception!(memcore._errors, NeedsFutureError);
import_exception!(memcore._errors, NotSampledError);
import_exception!(memcore._errors, OutOfTablesError);
import_exception!(memcore._errors, TooManyPagesError);
import_exception!(memcore._errors, TooManyReferencesError);
import_exception!(memcore._errors, VariesAllocationError);

#[cold]
pub fn policy_error(py: Python<'_>, error: PolicyError) -> PyErr {
    use PolicyError as E;
    match error {
        E::Frames { frames } => {
            bad_parameter(py, "frames", frames, &format!("must be from 1 to {MAX_PAGES}"))
        }
        E::Pages { pages } => raise!(py, TooManyPagesError, error, pages = pages),
        E::References { references } => {
            raise!(py, TooManyReferencesError, error, references = references)
        }
        E::OutOfMemory { bytes } => raise!(py, OutOfTablesError, error, bytes = bytes),
        E::NeedsFuture { policy, wanted_by } => {
            raise!(py, NeedsFutureError, error, policy = policy, wanted_by = wanted_by)
        }
        E::VariesAllocation { policy, wanted_by } => {
            raise!(py, VariesAllocationError, error, policy = policy, wanted_by = wanted_by)
        }
        E::NotSampled { policy } => raise!(py, NotSampledError, error, policy = policy),
        E::Rate { rate } => {
            let rate = rate.parse::<f64>().unwrap_or(f64::NAN);
            bad_parameter(py, "sample", rate, "a rate must be above 0 and at most 1")
        }
        E::Spec(error) => spec_error(py, error),
        // The engine may learn new reasons before this list does.
        _ => raise!(py, MemcoreError, error),
    }
}
