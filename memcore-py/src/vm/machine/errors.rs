//! Why a call or an access failed, as exceptions.

use memcore::vm::{Fault, FaultKind, VmError};
use pyo3::{import_exception, prelude::*};

use crate::{
    cache::errors::cache_error,
    errors::{MemcoreError, raise},
    replacement::errors::policy_error,
};

import_exception!(memcore._errors, BadConfigError);
import_exception!(memcore._errors, BadSnapshotError);
import_exception!(memcore._errors, BusError);
import_exception!(memcore._errors, FileDeniedError);
import_exception!(memcore._errors, InvalidArgumentError);
import_exception!(memcore._errors, MachineIOError);
import_exception!(memcore._errors, NoFileError);
import_exception!(memcore._errors, NoMemoryError);
import_exception!(memcore._errors, NoProcessError);
import_exception!(memcore._errors, NotInOneAreaError);
import_exception!(memcore._errors, NotLockedError);
import_exception!(memcore._errors, OutOfMemoryKill);
import_exception!(memcore._errors, RangeMappedError);
import_exception!(memcore._errors, ReentrancyError);
import_exception!(memcore._errors, SegmentationFault);
import_exception!(memcore._errors, UnmappedError);

/// The exception for a call that was refused.
#[cold]
pub fn vm_error(py: Python<'_>, error: VmError) -> PyErr {
    use VmError as E;
    let text = error.to_string();
    match error {
        E::Invalid { what, value, rule } => {
            raise!(py, InvalidArgumentError, text, name = what, value = value, rule = rule)
        }
        E::NoMemory { wanted, shortage } => {
            raise!(py, NoMemoryError, text, wanted = wanted, shortage = shortage.to_string())
        }
        E::Hole { address } => raise!(py, UnmappedError, text, address = address),
        E::BadAddress { address } => raise!(py, NotInOneAreaError, text, address = address),
        E::Exists { address } => raise!(py, RangeMappedError, text, address = address),
        E::Denied { file } => raise!(py, FileDeniedError, text, file = file),
        E::BadFile { file } => raise!(py, NoFileError, text, file = file),
        E::NoProcess { process } => raise!(py, NoProcessError, text, process = process.0),
        E::Again { address } => raise!(py, NotLockedError, text, address = address),
        E::Io { why } => raise!(py, MachineIOError, text, why = why),
        E::Config { key, value, .. } => {
            raise!(py, BadConfigError, text, key = key, value = value, line = None::<u64>)
        }
        E::Policy(error) => policy_error(py, error),
        E::Cache(error) => cache_error(py, error),
        E::Snapshot { why } => raise!(py, BadSnapshotError, text, why = why),
        // The engine may learn new reasons before this list does.
        _ => raise!(py, MemcoreError, text),
    }
}

/// The exception for an access that ended in a signal; of several accesses, the one with this index.
#[cold]
pub fn fault_error(py: Python<'_>, fault: Fault, index: Option<u64>) -> PyErr {
    let (kind, address) = (fault.kind.name(), fault.address);
    let (access, process) = (fault.access.name(), fault.process.0);
    macro_rules! fault {
        ($class:ty) => {
            raise!(
                py,
                $class,
                fault,
                kind = kind,
                address = address,
                access = access,
                process = process,
                index = index
            )
        };
    }
    match fault.kind {
        FaultKind::GeneralProtection | FaultKind::MapErr | FaultKind::AccErr => fault!(SegmentationFault),
        FaultKind::AdrErr | FaultKind::Io => fault!(BusError),
        FaultKind::OutOfMemory => fault!(OutOfMemoryKill),
        FaultKind::NoProcess => {
            let message = format!("there is no process {process}");
            raise!(py, NoProcessError, message, process = process)
        }
        _ => raise!(py, MemcoreError, fault),
    }
}
