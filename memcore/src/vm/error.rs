//! Why a call failed, and why an access did: two vocabularies, as in an operating system.
//!
//! A *call* (mmap, mprotect, fork) answers with an error number, here [`VmError`] with the offending value in it.
//! An *access* (read, write, execute) does not answer: the processor traps, and the kernel sends a signal. Here
//! that is a [`Fault`] which the caller gets as a value: SIGSEGV with MAPERR or ACCERR, SIGBUS, a general
//! protection, a kill for want of memory. The names are those of POSIX and Linux, so that what one reads in a
//! manual can be looked up here.

use super::types::{Access, ProcessId};
use crate::cache::CacheError;
use crate::replacement::PolicyError;
use core::fmt;
use serde::{Deserialize, Serialize};
use std_alloc::string::String;
use thiserror::Error;

/// An error number of POSIX.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Errno {
    /// No such process.
    ESRCH,
    /// Bad file descriptor.
    EBADF,
    /// Try again.
    EAGAIN,
    /// Cannot allocate memory.
    ENOMEM,
    /// Permission denied.
    EACCES,
    /// Bad address.
    EFAULT,
    /// File exists.
    EEXIST,
    /// Invalid argument.
    EINVAL,
    /// Input or output error.
    EIO,
}

impl Errno {
    /// The name, as in `errno.h`.
    pub fn name(self) -> &'static str {
        match self {
            Errno::ESRCH => "ESRCH",
            Errno::EBADF => "EBADF",
            Errno::EAGAIN => "EAGAIN",
            Errno::ENOMEM => "ENOMEM",
            Errno::EACCES => "EACCES",
            Errno::EFAULT => "EFAULT",
            Errno::EEXIST => "EEXIST",
            Errno::EINVAL => "EINVAL",
            Errno::EIO => "EIO",
        }
    }

    /// The number on Linux.
    pub fn number(self) -> i32 {
        match self {
            Errno::ESRCH => 3,
            Errno::EIO => 5,
            Errno::EBADF => 9,
            Errno::EAGAIN => 11,
            Errno::ENOMEM => 12,
            Errno::EACCES => 13,
            Errno::EFAULT => 14,
            Errno::EEXIST => 17,
            Errno::EINVAL => 22,
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What memory there was none of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shortage {
    /// No hole of the address space is large enough.
    Addresses,
    /// The process may not have so many bytes of addresses.
    AddressLimit,
    /// The commit limit, or what overcommitment refuses.
    Commit,
    /// The process has as many areas as it may have.
    Areas,
    /// No frame, after all that reclaim could do.
    Frames,
    /// The pool of huge pages of this size.
    HugePages,
    /// More than may be locked.
    Locked,
    /// The memory that this program itself runs in.
    Host,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Shortage::Addresses => "no hole of the address space is large enough",
            Shortage::AddressLimit => "the limit of the address space",
            Shortage::Commit => "the commit limit",
            Shortage::Areas => "the limit of mapped areas",
            Shortage::Frames => "no frame is free and none can be reclaimed",
            Shortage::HugePages => "the pool of huge pages is empty",
            Shortage::Locked => "the limit of locked memory",
            Shortage::Host => "the host's own memory is exhausted",
        })
    }
}

/// Why the machine refused a call. Unless a call says otherwise, the machine is as it was before it.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum VmError {
    /// An argument that makes no sense: EINVAL.
    #[error("{what} {value:#x}: {rule}")]
    Invalid {
        /// Which argument.
        what: &'static str,
        /// Its value.
        value: u64,
        /// What it should be.
        rule: &'static str,
    },
    /// There is not enough of something: ENOMEM.
    #[error("{wanted} bytes are too many: {shortage}")]
    NoMemory {
        /// Bytes that were asked for.
        wanted: u64,
        /// What ran out.
        shortage: Shortage,
    },
    /// Part of a range is not mapped, where the call needs all of it: ENOMEM. What the call did to the mapped
    /// parts stays done, as the call says.
    #[error("address {address:#x} is not mapped")]
    Hole {
        /// The first address that is not mapped.
        address: u64,
    },
    /// Nothing is mapped where a mapping must be, or several areas are where one must be: EFAULT.
    #[error("address {address:#x} does not lie in the one area that the call needs")]
    BadAddress {
        /// The address.
        address: u64,
    },
    /// A mapping that must not be replaced is in the way: EEXIST.
    #[error("address {address:#x} is mapped already")]
    Exists {
        /// The first address of the overlap.
        address: u64,
    },
    /// The file does not allow it: EACCES.
    #[error("file {file} is not open for writing")]
    Denied {
        /// The file.
        file: u32,
    },
    /// No such file: EBADF.
    #[error("there is no file {file}")]
    BadFile {
        /// What was given.
        file: u32,
    },
    /// No such process: ESRCH.
    #[error("there is no process {process}")]
    NoProcess {
        /// What was given.
        process: ProcessId,
    },
    /// Some pages could not be locked: EAGAIN.
    #[error("the page at {address:#x} cannot be locked")]
    Again {
        /// The first such page.
        address: u64,
    },
    /// Reading or writing a file or the swap device failed: EIO.
    #[error("input or output failed: {why}")]
    Io {
        /// What failed.
        why: String,
    },
    /// A part of the configuration makes no sense.
    #[error("{key} = {value}: {rule}")]
    Config {
        /// Which one.
        key: &'static str,
        /// Its value.
        value: String,
        /// What it should be.
        rule: &'static str,
    },
    /// The replacement policy cannot be made so.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The caches or TLBs cannot be made so.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// A snapshot that cannot be read.
    #[error("not a snapshot that can be read: {why}")]
    Snapshot {
        /// What is wrong with it.
        why: String,
    },
}

impl VmError {
    /// The error number that Linux gives; `None` for what no system call answers.
    pub fn errno(&self) -> Option<Errno> {
        Some(match self {
            VmError::Invalid { .. } => Errno::EINVAL,
            VmError::NoMemory { .. } | VmError::Hole { .. } => Errno::ENOMEM,
            VmError::BadAddress { .. } => Errno::EFAULT,
            VmError::Exists { .. } => Errno::EEXIST,
            VmError::Denied { .. } => Errno::EACCES,
            VmError::BadFile { .. } => Errno::EBADF,
            VmError::NoProcess { .. } => Errno::ESRCH,
            VmError::Again { .. } => Errno::EAGAIN,
            VmError::Io { .. } => Errno::EIO,
            VmError::Config { .. } | VmError::Policy(_) | VmError::Cache(_) | VmError::Snapshot { .. } => {
                return None;
            }
        })
    }

    /// EINVAL.
    pub(super) fn invalid(what: &'static str, value: u64, rule: &'static str) -> VmError {
        VmError::Invalid { what, value, rule }
    }

    /// ENOMEM.
    pub(super) fn no_memory(wanted: u64, shortage: Shortage) -> VmError {
        VmError::NoMemory { wanted, shortage }
    }
}

/// What kind of fault an access ended in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FaultKind {
    /// The address is not canonical: a general protection.
    GeneralProtection,
    /// Nothing is mapped there, or a guard is: SIGSEGV, MAPERR.
    MapErr,
    /// The protection forbids it: SIGSEGV, ACCERR.
    AccErr,
    /// Past the end of the file: SIGBUS, ADRERR.
    AdrErr,
    /// The file or the swap device could not be read, or gave other bytes than were written: SIGBUS.
    Io,
    /// No frame was to be had, and this process was chosen to end: SIGKILL. It has ended.
    OutOfMemory,
    /// There is no such process (any more).
    NoProcess,
}

impl FaultKind {
    /// The signal, as POSIX names it; `None` where no process is left to get one.
    pub fn signal(self) -> Option<&'static str> {
        match self {
            FaultKind::GeneralProtection | FaultKind::MapErr | FaultKind::AccErr => Some("SIGSEGV"),
            FaultKind::AdrErr | FaultKind::Io => Some("SIGBUS"),
            FaultKind::OutOfMemory => Some("SIGKILL"),
            FaultKind::NoProcess => None,
        }
    }

    /// A short name.
    pub fn name(self) -> &'static str {
        match self {
            FaultKind::GeneralProtection => "general-protection",
            FaultKind::MapErr => "maperr",
            FaultKind::AccErr => "accerr",
            FaultKind::AdrErr => "adrerr",
            FaultKind::Io => "io",
            FaultKind::OutOfMemory => "out-of-memory",
            FaultKind::NoProcess => "no-process",
        }
    }
}

/// An access that ended in a signal. Bytes before the page of `address` have been read or written; the process
/// lives on, unless it was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{} of {address:#x} by process {process}: {}", access.name(), kind.name())]
pub struct Fault {
    /// What happened.
    pub kind: FaultKind,
    /// The first address of the access that could not be served.
    pub address: u64,
    /// Who accessed.
    pub process: ProcessId,
    /// How.
    pub access: Access,
}
