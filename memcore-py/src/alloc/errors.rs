//! The engine's reasons to refuse a call, as exceptions.

use memcore::alloc::{AllocError, Corruption};
use pyo3::{import_exception, prelude::*};

use crate::errors::{BadParameterError, MemcoreError, raise};

import_exception!(memcore._errors, BadAlignmentError);
import_exception!(memcore._errors, BadBiasError);
import_exception!(memcore._errors, BadCheckpointError);
import_exception!(memcore._errors, BadStartError);
import_exception!(memcore._errors, CapacityShrinkError);
import_exception!(memcore._errors, CorruptionError);
import_exception!(memcore._errors, DoubleFreeError);
import_exception!(memcore._errors, ForeignBlockError);
import_exception!(memcore._errors, ForeignPlanError);
import_exception!(memcore._errors, LimitExceededError);
import_exception!(memcore._errors, MissingOptionError);
import_exception!(memcore._errors, NoRoomInPlaceError);
import_exception!(memcore._errors, NotTopError);
import_exception!(memcore._errors, OutOfMetadataError);
import_exception!(memcore._errors, OutOfSpaceError);
import_exception!(memcore._errors, OutdatedPlanError);
import_exception!(memcore._errors, RangeTakenError);
import_exception!(memcore._errors, ReentrancyError);
import_exception!(memcore._errors, SizeOverflowError);
import_exception!(memcore._errors, StaleIdError);
import_exception!(memcore._errors, TooLargeError);
import_exception!(memcore._errors, UnknownIdError);
import_exception!(memcore._errors, UnknownOffsetError);
import_exception!(memcore._errors, UnknownStartError);
import_exception!(memcore._errors, UnsupportedError);
import_exception!(memcore._errors, ZeroSizeError);

/// The exception for an engine's refusal.
#[cold]
pub fn alloc_error(py: Python<'_>, error: AllocError) -> PyErr {
    use AllocError as E;
    match error {
        E::ZeroSize => raise!(py, ZeroSizeError, error),
        E::TooLarge { size, capacity } => raise!(py, TooLargeError, error, size = size, capacity = capacity),
        E::BadAlignment { alignment } => raise!(py, BadAlignmentError, error, alignment = alignment),
        E::BadBias { bias, alignment, granularity } => {
            raise!(py, BadBiasError, error, bias = bias, alignment = alignment, granularity = granularity)
        }
        E::Overflow { size, granularity } => {
            raise!(py, SizeOverflowError, error, size = size, granularity = granularity)
        }
        E::OutOfSpace { size, alignment, free, largest_hole } => raise!(
            py,
            OutOfSpaceError,
            error,
            size = size,
            alignment = alignment,
            free = free,
            largest_hole = largest_hole,
        ),
        E::OutOfMetadata { blocks } => raise!(py, OutOfMetadataError, error, blocks = blocks),
        E::LimitExceeded { size, used, limit } => {
            raise!(py, LimitExceededError, error, size = size, used = used, limit = limit)
        }
        E::StaleId { id } => raise!(py, StaleIdError, error, id = id.to_bits()),
        E::DoubleFree { id } => raise!(py, DoubleFreeError, error, id = id.to_bits()),
        E::UnknownId { id } => raise!(py, UnknownIdError, error, id = id.to_bits()),
        E::UnknownStart { start } => raise!(py, UnknownStartError, error, start = start),
        E::UnknownOffset { offset } => raise!(py, UnknownOffsetError, error, offset = offset),
        E::NotTop { id, top } => raise!(py, NotTopError, error, id = id.to_bits(), top = top.to_bits()),
        E::RangeTaken { start, size } => raise!(py, RangeTakenError, error, start = start, size = size),
        E::BadStart { start, needs, multiple } => {
            raise!(py, BadStartError, error, start = start, needs = needs.to_string(), multiple = multiple)
        }
        E::NoRoomInPlace { id, size, available } => {
            raise!(py, NoRoomInPlaceError, error, id = id.to_bits(), size = size, available = available)
        }
        E::CapacityShrink { capacity, wanted } => {
            raise!(py, CapacityShrinkError, error, capacity = capacity, wanted = wanted)
        }
        E::BadParameter { name, value, rule } => {
            raise!(py, BadParameterError, error, name = name, value = value, rule = rule)
        }
        E::Unsupported { operation, strategy } => {
            raise!(py, UnsupportedError, error, operation = operation.to_string(), strategy = strategy)
        }
        E::NoAddressIndex { operation } => {
            let operation = operation.to_string();
            raise!(py, MissingOptionError, error, option = "address_index", operation = operation)
        }
        E::NoTags => {
            raise!(py, MissingOptionError, error, option = "tags", operation = "tell tags apart")
        }
        E::BadCheckpoint { position } => raise!(py, BadCheckpointError, error, position = position),
        E::OutdatedPlan { made, now } => raise!(py, OutdatedPlanError, error, made = made, now = now),
        E::Reentered => raise!(py, ReentrancyError, error),
        // The engine may learn new reasons before this list does.
        _ => raise!(py, MemcoreError, error),
    }
}

/// The exception for an id of 0, which no allocator ever gave out.
#[cold]
pub fn unknown_id(py: Python<'_>, id: u64) -> PyErr {
    raise!(py, UnknownIdError, format!("id {id} was never given out"), id = id)
}

/// The exception for a block of another allocator.
#[cold]
pub fn foreign_block(py: Python<'_>, id: u64, shown: impl std::fmt::Display) -> PyErr {
    raise!(py, ForeignBlockError, format!("block {shown} is of another allocator"), id = id)
}

/// The exception for a plan of another allocator.
#[cold]
pub fn foreign_plan(py: Python<'_>) -> PyErr {
    raise!(py, ForeignPlanError, "the compaction plan is of another allocator")
}

/// The exception for an invariant that does not hold.
#[cold]
pub fn corruption(py: Python<'_>, broken: Corruption) -> PyErr {
    raise!(py, CorruptionError, broken, what = broken.what, at = broken.at)
}
