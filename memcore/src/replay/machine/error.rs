//! Why traces did not get through a machine. Signals and kills are no errors: they are counted.

use crate::vm::VmError;

/// Why a replay gave no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MachineReplayError {
    /// The machine could not be made, or a process not begun.
    #[error("{name}: {error}")]
    Machine {
        /// The configuration's name; empty where there is one only.
        name: String,
        /// Why.
        error: VmError,
    },
    /// No trace was given.
    #[error("there is no trace to run")]
    NoTraces,
    /// An option is out of its range.
    #[error("{name} = {value}: {rule}")]
    BadOption {
        /// The option.
        name: &'static str,
        /// What was given.
        value: u64,
        /// What it must be.
        rule: &'static str,
    },
    /// Recorded addresses were to be kept, and the machine's address space ends before one.
    #[error("trace {trace}: address {address:#x} is not below {limit:#x}, where the address space ends")]
    Address {
        /// The trace, from 0.
        trace: usize,
        /// The address.
        address: u64,
        /// The end of the space.
        limit: u64,
    },
    /// The pages of a trace are more than the machine's address space has.
    #[error("trace {trace}: {pages} pages, but the address space has {limit}")]
    Pages {
        /// The trace, from 0.
        trace: usize,
        /// Its pages.
        pages: u64,
        /// Those of the address space.
        limit: u64,
    },
    /// There is no memory for the tables of the replay.
    #[error("no memory for the pages of trace {trace}")]
    OutOfMemory {
        /// The trace, from 0.
        trace: usize,
    },
    /// The [`Progress`](crate::progress::Progress) asked to stop.
    #[error("cancelled")]
    Cancelled,
}
