//! Many operations in one call, at the engine's own pace.
//!
//! The loop runs without the interpreter's lock, with the allocator locked throughout. It stops at the first failure;
//! what was done before stays done and is told in the error.

use std::ops::ControlFlow;

use memcore::alloc::{AllocError, Allocator, AnyAllocator, BlockId, Request, Watched};
use memcore::progress::Progress;
use pyo3::{import_exception, prelude::*};

use super::{
    errors::{alloc_error, unknown_id},
    space::Space,
};
use crate::{
    column::Numbers,
    errors::{MemcoreError, raise},
    long_call::long_call,
};

import_exception!(memcore._errors, BatchError);

/// Operations between two reports: some tenths of a millisecond.
const STRIDE: usize = 4096;

/// Starts and ids of a batch's blocks.
pub type Columns<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

/// Why a batch ended early.
enum End {
    Refused(AllocError),
    /// An id of 0, which is none.
    NoId,
    /// The watcher or the listener has an exception to raise.
    Interrupted,
}

pub fn allocate_many<'py>(
    py: Python<'py>,
    space: &Space,
    sizes: &[u64],
    request: Request,
) -> PyResult<Columns<'py>> {
    let (mut starts, mut ids) = (Vec::with_capacity(sizes.len()), Vec::with_capacity(sizes.len()));
    let end = run(py, space, sizes, |allocator, size| {
        let block = allocator.allocate(Request { size, ..request }).map_err(End::Refused)?;
        starts.push(block.start);
        ids.push(block.id.to_bits());
        Ok(())
    })?;
    let index = ids.len();
    let columns = (Numbers::U64(starts).into_array(py)?, Numbers::U64(ids).into_array(py)?);
    match end {
        None => Ok(columns),
        Some(End::Refused(cause)) => {
            let cause = alloc_error(py, cause);
            let message = format!("allocation {index} of {} failed: {}", sizes.len(), cause.value(py));
            let error = raise!(py, BatchError, message, index = index, starts = columns.0, ids = columns.1);
            error.set_cause(py, Some(cause));
            Err(error)
        }
        Some(End::NoId | End::Interrupted) => space.check_listener().map(|()| columns),
    }
}

pub fn free_many(py: Python<'_>, space: &Space, ids: &[u64]) -> PyResult<()> {
    let mut index = 0;
    let end = run(py, space, ids, |allocator, id| {
        let id = BlockId::from_bits(id).ok_or(End::NoId)?;
        allocator.free(id).map_err(End::Refused)?;
        index += 1;
        Ok(())
    })?;
    let cause = match end {
        None => return Ok(()),
        Some(End::Interrupted) => return space.check_listener(),
        Some(End::Refused(cause)) => alloc_error(py, cause),
        Some(End::NoId) => unknown_id(py, 0),
    };
    let message = format!("free {index} of {} failed: {}", ids.len(), cause.value(py));
    let (starts, freed) = (no_numbers(py)?, no_numbers(py)?);
    let error = raise!(py, BatchError, message, index = index, starts = starts, ids = freed);
    error.set_cause(py, Some(cause));
    Err(error)
}

fn no_numbers(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    Numbers::U64(Vec::new()).into_array(py)
}

/// Calls `step` with each number until one fails. What the watcher raises is raised; other ends are returned.
fn run(
    py: Python<'_>,
    space: &Space,
    numbers: &[u64],
    mut step: impl FnMut(&mut Watched<AnyAllocator>, u64) -> Result<(), End> + Send,
) -> PyResult<Option<End>> {
    // Refuses a listener of this thread, and waits for other threads with the interpreter in mind.
    drop(space.lock(py)?);
    let outcome = long_call(
        py,
        None,
        |watcher| {
            let mut state = space.lock_detached();
            state.changes += 1;
            let total = numbers.len() as u64;
            let mut done = 0;
            for stride in numbers.chunks(STRIDE) {
                for &number in stride {
                    if let Err(end) = step(&mut state.allocator, number) {
                        return Ok(Some(end));
                    }
                    if space.listener_has_raised() {
                        return Ok(Some(End::Interrupted));
                    }
                }
                done += stride.len() as u64;
                if let ControlFlow::Break(()) = watcher.report(done, Some(total)) {
                    return Err(());
                }
            }
            Ok(None)
        },
        // Only the watcher ends it so, and its own exception is raised instead.
        |py, ()| raise!(py, MemcoreError, "cancelled"),
    )?;
    Ok(outcome)
}
