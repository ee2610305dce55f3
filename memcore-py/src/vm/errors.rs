//! Why the manager and segmentation refuse a call or an access, as exceptions.

use memcore::vm::{
    manager::ManagerError,
    segment::{
        DescriptorError, SegmentFault, SegmentMemoryError, SegmentedPagingError, multics::MulticsFault,
    },
};
use pyo3::{import_exception, prelude::*};

use crate::{
    alloc::errors::alloc_error,
    errors::{BadParameterError, MemcoreError, bad_parameter, raise},
    replacement::errors::{OutOfTablesError, policy_error},
};

import_exception!(memcore._errors, AlreadyAllocatedError);
import_exception!(memcore._errors, AlreadyPresentError);
import_exception!(memcore._errors, CorruptionError);
import_exception!(memcore._errors, InvalidAddressError);
import_exception!(memcore._errors, InvalidPageError);
import_exception!(memcore._errors, MulticsFaultError);
import_exception!(memcore._errors, NotAllocatedError);
import_exception!(memcore._errors, OutOfFramesError);
import_exception!(memcore._errors, PageFaultError);
import_exception!(memcore._errors, PageProtectionError);
import_exception!(memcore._errors, SegmentAttachedError);
import_exception!(memcore._errors, SegmentFaultError);
import_exception!(memcore._errors, SegmentLimitError);
import_exception!(memcore._errors, SegmentProtectionError);
import_exception!(memcore._errors, SegmentSwappedError);
import_exception!(memcore._errors, TakenError);
import_exception!(memcore._errors, UnknownNumberError);

#[cold]
pub fn manager_error(py: Python<'_>, error: ManagerError) -> PyErr {
    use ManagerError as E;
    let text = error.to_string();
    match error {
        E::PageSize { page_size } => bad_parameter(py, "page_size", page_size, "must be at least 1"),
        E::Pages { pages } => bad_parameter(py, "pages", pages, "must be from 1 to 2**32 - 17"),
        E::TooLarge { count, .. } => {
            let rule = "pages and frames of this size must end before 2**63";
            raise!(py, BadParameterError, text, name = "pages", value = count, rule = rule)
        }
        E::InvalidPage { page, pages } => raise!(py, InvalidPageError, text, page = page, pages = pages),
        E::InvalidAddress { address, end } => {
            raise!(py, InvalidAddressError, text, address = address, end = end)
        }
        E::AlreadyAllocated { page } => raise!(py, AlreadyAllocatedError, text, page = page),
        E::NotAllocated { page } => raise!(py, NotAllocatedError, text, page = page),
        E::PageFault { page } => raise!(py, PageFaultError, text, page = page),
        E::Protection { page, access } => {
            raise!(py, PageProtectionError, text, page = page, access = access.name())
        }
        E::Policy(error) => policy_error(py, error),
        E::OutOfMemory { bytes } => raise!(py, OutOfTablesError, text, bytes = bytes),
        // The engine may learn new reasons before this list does.
        _ => raise!(py, MemcoreError, text),
    }
}

#[cold]
pub fn descriptor_error(py: Python<'_>, error: DescriptorError) -> PyErr {
    bad_parameter(py, error.field, error.value, error.rule)
}

#[cold]
pub fn segment_fault(py: Python<'_>, fault: SegmentFault) -> PyErr {
    let (vector, code, reason) = (fault.vector.name(), fault.code, fault.reason.name());
    raise!(py, SegmentFaultError, fault, vector = vector, code = code, reason = reason)
}

#[cold]
pub fn paging_error(py: Python<'_>, error: SegmentedPagingError) -> PyErr {
    use SegmentedPagingError as E;
    let text = error.to_string();
    match error {
        E::Invalid { what, value, rule } => bad_parameter(py, what, value, rule),
        E::Unknown { what, value } => raise!(py, UnknownNumberError, text, what = what, value = value),
        E::Taken { what, value } => raise!(py, TakenError, text, what = what, value = value),
        E::Attached { segment, times } => {
            raise!(py, SegmentAttachedError, text, segment = segment, times = times)
        }
        E::NoFrames { frames } => raise!(py, OutOfFramesError, text, frames = frames),
        E::OutOfMemory { entries } => raise!(py, OutOfTablesError, text, bytes = entries),
        _ => raise!(py, MemcoreError, text),
    }
}

#[cold]
pub fn multics_fault(py: Python<'_>, fault: MulticsFault) -> PyErr {
    raise!(
        py,
        MulticsFaultError,
        fault,
        kind = fault.kind.name(),
        process = fault.process,
        ring = fault.ring,
        segment = fault.segment,
        offset = fault.offset,
        access = fault.access.name(),
    )
}

#[cold]
pub fn memory_error(py: Python<'_>, error: SegmentMemoryError) -> PyErr {
    use SegmentMemoryError as E;
    match error {
        E::Unknown { segment } => {
            raise!(py, UnknownNumberError, error, what = "segment", value = segment)
        }
        E::NotPresent { segment } => raise!(py, SegmentSwappedError, error, segment = segment),
        E::Present { segment } => raise!(py, AlreadyPresentError, error, segment = segment),
        E::Limit { segment, offset, size, length } => raise!(
            py,
            SegmentLimitError,
            error,
            segment = segment,
            offset = offset,
            size = size,
            length = length,
        ),
        E::Protection { segment, access } => {
            raise!(py, SegmentProtectionError, error, segment = segment, access = access.name())
        }
        E::Alloc(error) => alloc_error(py, error),
        E::OutOfMemory { bytes } => raise!(py, OutOfTablesError, error, bytes = bytes),
        _ => raise!(py, MemcoreError, error),
    }
}

/// The exception for an invariant that does not hold.
#[cold]
pub fn broken(py: Python<'_>, what: &'static str) -> PyErr {
    raise!(py, CorruptionError, what, what = what, at = 0)
}
