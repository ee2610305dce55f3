//! Failures of the room, with the one number that each is about.

use memcore::vm::{
    manager::ManagerError,
    segment::{
        DescriptorError, SegmentFault, SegmentMemoryError, SegmentedPagingError, Vector,
        multics::{MulticsFault, MulticsFaultKind},
    },
};

use crate::{error::Failure, status::memcore_status};

impl From<ManagerError> for Failure {
    fn from(error: ManagerError) -> Self {
        let (status, value) = match &error {
            ManagerError::PageSize { page_size } => (memcore_status::VmmPageSize, *page_size),
            ManagerError::Pages { pages } => (memcore_status::VmmPages, *pages),
            ManagerError::TooLarge { count, .. } => (memcore_status::VmmTooLarge, *count),
            ManagerError::InvalidPage { page, .. } => (memcore_status::VmmInvalidPage, *page as u64),
            ManagerError::InvalidAddress { address, .. } => {
                (memcore_status::VmmInvalidAddress, *address as u64)
            }
            ManagerError::AlreadyAllocated { page } => {
                (memcore_status::VmmAlreadyAllocated, u64::from(*page))
            }
            ManagerError::NotAllocated { page } => (memcore_status::VmmNotAllocated, u64::from(*page)),
            ManagerError::PageFault { page } => (memcore_status::VmmPageFault, u64::from(*page)),
            ManagerError::Protection { page, .. } => (memcore_status::VmmProtection, u64::from(*page)),
            ManagerError::OutOfMemory { bytes } => (memcore_status::OutOfMemory, *bytes),
            ManagerError::Policy(error) => return error.clone().into(),
            _ => (memcore_status::Other, 0),
        };
        Failure::Told(status, value, error.to_string())
    }
}

impl From<DescriptorError> for Failure {
    fn from(error: DescriptorError) -> Self {
        Failure::Told(memcore_status::SegmentDescriptor, error.value, error.to_string())
    }
}

impl From<SegmentFault> for Failure {
    fn from(fault: SegmentFault) -> Self {
        let status = match fault.vector {
            Vector::NotPresent => memcore_status::SegmentNotPresentFault,
            Vector::StackFault => memcore_status::SegmentStackFault,
            Vector::GeneralProtection => memcore_status::SegmentGeneralProtection,
            _ => memcore_status::Other,
        };
        Failure::Told(status, fault.code.into(), fault.to_string())
    }
}

impl From<SegmentedPagingError> for Failure {
    fn from(error: SegmentedPagingError) -> Self {
        use SegmentedPagingError as E;
        let (status, value) = match &error {
            E::Invalid { value, .. } => (memcore_status::MulticsInvalid, *value),
            E::Unknown { value, .. } => (memcore_status::MulticsUnknown, *value),
            E::Taken { value, .. } => (memcore_status::MulticsTaken, *value),
            E::Attached { segment, .. } => (memcore_status::MulticsAttached, u64::from(*segment)),
            E::NoFrames { frames } => (memcore_status::MulticsNoFrames, u64::from(*frames)),
            E::OutOfMemory { entries } => (memcore_status::OutOfMemory, *entries),
            _ => (memcore_status::Other, 0),
        };
        Failure::Told(status, value, error.to_string())
    }
}

impl From<MulticsFault> for Failure {
    fn from(fault: MulticsFault) -> Self {
        let status = match fault.kind {
            MulticsFaultKind::OutOfBounds => memcore_status::MulticsOutOfBounds,
            MulticsFaultKind::MissingSegment => memcore_status::MulticsMissingSegment,
            MulticsFaultKind::AccessViolation => memcore_status::MulticsAccessViolation,
            MulticsFaultKind::MissingPage => memcore_status::MulticsMissingPage,
            MulticsFaultKind::NoProcess => memcore_status::MulticsNoProcess,
            _ => memcore_status::Other,
        };
        Failure::Told(status, fault.offset, fault.to_string())
    }
}

impl From<SegmentMemoryError> for Failure {
    fn from(error: SegmentMemoryError) -> Self {
        use SegmentMemoryError as E;
        let (status, value) = match error {
            E::Unknown { segment } => (memcore_status::SegmentUnknown, segment.into()),
            E::NotPresent { segment } => (memcore_status::SegmentNotPresent, segment.into()),
            E::Present { segment } => (memcore_status::SegmentPresent, segment.into()),
            E::Limit { segment, .. } => (memcore_status::SegmentLimit, segment.into()),
            E::Protection { segment, .. } => (memcore_status::SegmentProtection, segment.into()),
            E::Alloc(error) => return error.into(),
            E::OutOfMemory { bytes } => (memcore_status::OutOfMemory, bytes),
            _ => (memcore_status::Other, 0),
        };
        Failure::Told(status, value, error.to_string())
    }
}
