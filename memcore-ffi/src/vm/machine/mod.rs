//! The machine of virtual memory: processes, page tables, faults, swap, files, NUMA nodes.
//!
//! ```text
//!   handle.rs    the machine, and who may use it when        access.rs    reads, writes, fetches, and how they fault
//!   config.rs    made from a preset or TOML                  translate.rs translations and page walks
//!   process.rs   processes, groups, points                   files.rs     what can be mapped
//!   map.rs       mmap, munmap, mprotect, mremap, brk         backing.rs   objects that are the caller's functions
//!   advice.rs    madvise, locks, mincore, msync              event.rs     listeners
//!   numa.rs      nodes and policies                          counter.rs   what is counted, and where the time goes
//!   kernel.rs    reclaim, merging, huge pages, swap faults   look.rs      areas, usage, the state of the machine
//!   view.rs      as Linux' /proc shows it                    snapshot.rs  as bytes, and back
//!   replay.rs    traces through it
//! ```

mod access;
mod advice;
mod backing;
mod config;
mod counter;
mod event;
mod files;
mod handle;
mod kernel;
mod look;
mod map;
mod numa;
mod process;
mod replay;
mod snapshot;
mod translate;
mod view;

use memcore::vm::{BackingError, Shortage, VmError};

use crate::{error::Failure, status::memcore_status};

impl From<VmError> for Failure {
    fn from(error: VmError) -> Self {
        let (mut name, mut rule) = ("", "");
        let (status, value) = match &error {
            VmError::Invalid { what, value, rule: broken } => {
                (name, rule) = (what, broken);
                (memcore_status::VmInvalid, *value)
            }
            VmError::NoMemory { wanted, shortage } => {
                rule = shortage_name(*shortage);
                (memcore_status::VmNoMemory, *wanted)
            }
            VmError::Hole { address } => (memcore_status::VmHole, *address),
            VmError::BadAddress { address } => (memcore_status::VmBadAddress, *address),
            VmError::Exists { address } => (memcore_status::VmExists, *address),
            VmError::Denied { file } => (memcore_status::VmDenied, (*file).into()),
            VmError::BadFile { file } => (memcore_status::VmBadFile, (*file).into()),
            VmError::NoProcess { process } => (memcore_status::VmNoProcess, process.0.into()),
            VmError::Again { address } => (memcore_status::VmAgain, *address),
            VmError::Io { .. } => (memcore_status::VmIo, 0),
            VmError::Config { key, rule: broken, .. } => {
                (name, rule) = (key, broken);
                (memcore_status::VmConfig, 0)
            }
            VmError::Policy(error) => return error.clone().into(),
            VmError::Cache(error) => return error.clone().into(),
            VmError::Snapshot { .. } => (memcore_status::VmSnapshot, 0),
            _ => (memcore_status::Other, 0),
        };
        Failure::Ruled { status, value, name, rule, text: error.to_string() }
    }
}

/// What ran out, for the details' `rule`.
fn shortage_name(shortage: Shortage) -> &'static str {
    match shortage {
        Shortage::Addresses => "addresses",
        Shortage::AddressLimit => "address-limit",
        Shortage::Commit => "commit",
        Shortage::Areas => "areas",
        Shortage::Frames => "frames",
        Shortage::HugePages => "huge-pages",
        Shortage::Locked => "locked",
        Shortage::Host => "host",
        _ => "",
    }
}

impl From<BackingError> for Failure {
    fn from(error: BackingError) -> Self {
        let value = match &error {
            BackingError::PastEnd { offset, .. } | BackingError::Io { offset, .. } => *offset,
            _ => 0,
        };
        Failure::Told(memcore_status::VmIo, value, error.to_string())
    }
}

/// EINVAL, for an argument that the engine has no word for.
fn invalid(what: &'static str, value: u64, rule: &'static str) -> Failure {
    VmError::Invalid { what, value, rule }.into()
}

/// A list of the caller's, as the engine owns it.
fn owned<T>(list: impl ExactSizeIterator<Item = T>) -> Result<Vec<T>, Failure> {
    let mut owned = Vec::new();
    owned.try_reserve_exact(list.len()).map_err(|_| memcore_status::OutOfMemory)?;
    owned.extend(list);
    Ok(owned)
}
