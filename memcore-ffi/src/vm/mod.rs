//! Virtual memory: the machine, the manager of the textbooks, and segmentation.
//!
//! ```text
//!   manager.rs  pages, frames, replacement         descriptor.rs  segment descriptors of x86
//!   memory.rs   pure segmentation, with bytes      unit.rs        selectors, segment registers, faults
//!   multics.rs  segments that consist of pages     failure.rs     what each of them refuses
//!   machine/    processes, page tables, faults, swap, files, NUMA nodes
//! ```

mod descriptor;
mod failure;
mod machine;
mod manager;
mod memory;
mod multics;
mod unit;

use memcore::vm::{Access, Protection};

use crate::{error::Failure, status::memcore_status};

/// A handle that is to be changed.
///
/// # Safety
/// `handle` is null, or points to an initialised `T` that nobody else uses during `'a`.
unsafe fn changing<'a, T>(handle: *mut T) -> Result<&'a mut T, Failure> {
    // SAFETY: the caller's promise.
    unsafe { handle.as_mut() }.ok_or(Failure::Plain(memcore_status::NullArgument))
}

/// The kind of access that a number of `memcore_access_kind` means.
fn access_of(kind: i32) -> Result<Access, Failure> {
    match kind {
        0 => Ok(Access::Read),
        1 => Ok(Access::Write),
        2 => Ok(Access::Execute),
        _ => Err(memcore_status::InvalidArgument.into()),
    }
}

/// The protection of bits as `sys/mman.h` has them.
fn protection_of(bits: u32) -> Result<Protection, Failure> {
    Protection::from_bits(bits).ok_or(memcore_status::InvalidArgument.into())
}

/// What `validate` says, as a failure.
fn corrupt(what: &'static str) -> Failure {
    Failure::Told(memcore_status::Corrupt, 0, what.to_owned())
}
