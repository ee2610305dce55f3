//! What an access does, and what its address counts.

use std::slice;

use memcore::trace::{AccessKind, Reason, TraceError, Unit};

use crate::{error::Failure, pointer::array};

/// What an access does. A modify (a load and a store in one instruction) is a write.
#[repr(i32)]
pub enum memcore_access_kind {
    /// A load.
    Read = 0,
    /// A store.
    Write = 1,
    /// An instruction fetch.
    Execute = 2,
}

impl From<AccessKind> for memcore_access_kind {
    fn from(kind: AccessKind) -> Self {
        match kind {
            AccessKind::Read => memcore_access_kind::Read,
            AccessKind::Write => memcore_access_kind::Write,
            AccessKind::Execute => memcore_access_kind::Execute,
        }
    }
}

/// What the addresses of a trace count.
#[repr(i32)]
pub enum memcore_unit {
    /// What the file says; in options only.
    AsRecorded = 0,
    /// Bytes of an address space.
    Bytes = 1,
    /// Recorded numbers of pages, whose size is told beside.
    Pages = 2,
    /// Keys, blocks, objects: the numbers are pages already.
    Numbers = 3,
}

pub(super) fn unit(unit: Unit) -> (memcore_unit, u64) {
    match unit {
        Unit::Bytes => (memcore_unit::Bytes, 1),
        Unit::Pages { .. } => (memcore_unit::Pages, unit.default_page_size()),
        Unit::Numbers => (memcore_unit::Numbers, 1),
    }
}

/// A column of kinds; `None` for null: all are reads.
///
/// # Safety
/// As [`array`].
pub(in crate::trace) unsafe fn kinds<'a>(
    kinds: *const u8,
    count: usize,
) -> Result<Option<&'a [AccessKind]>, Failure> {
    if kinds.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    let numbers = unsafe { array(kinds, count) }?;
    if let Some(index) = numbers.iter().position(|&number| AccessKind::from_number(number).is_none()) {
        return Err(TraceError::Event { index, reason: Reason::UnknownAccessKind }.into());
    }
    // SAFETY: the kind is a `u8` by its representation, and each number names one of its variants.
    Ok(Some(unsafe { slice::from_raw_parts(numbers.as_ptr().cast(), numbers.len()) }))
}
