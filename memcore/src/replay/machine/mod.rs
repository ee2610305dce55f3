//! Traces of programs through the virtual memory machine: what their accesses would have cost with other pages,
//! TLBs, memory, swap.
//!
//! ```text
//!   trace 0 --+                                            counters, cycles by cause
//!   trace 1 --+-- schedule: turns of so many accesses --> Machine --> TLBs and caches by level
//!   trace 2 --+        |                                   faults, resident pages, kills
//!                      +-- map, unmap, protect, break, remap, as recorded
//! ```
//!
//! * [`replay_machine`] makes a machine, runs the traces and gives a [`MachineRun`]; [`replay_machine_on`] runs them on
//!   a machine of one's own, with its listener and whatever else is there.
//! * [`compare_machines`] does that for several configurations, side by side.
//! * [`MachineConfig::from_toml`](crate::vm::MachineConfig::from_toml), its presets and
//!   [`set`](crate::vm::MachineConfig::set) make the configurations.
//!
//! **What is mapped.** A trace says which pages a program used, and often what it asked the kernel for
//! ([`SpaceEvent`](crate::trace::SpaceEvent)); what exec and the loader mapped it does not say. So before the first access
//! the pages that the trace uses and no event of it maps are mapped, neighbours as one area: readable, writable,
//! executable, private, not charged. Events are obeyed as they come, in pages of 4096 bytes, as anonymous memory at the recorded
//! addresses (the files are not there). A page that is used before its event says so is mapped then; the count of
//! these is [`MachineRun::mapped_late`].
//!
//! Recorded programs find data in their pages; here all begin as zeros. So that a page which is only read takes a
//! frame as it did there, the shared page of zeros is left out, unless
//! [`MachineReplayOptions::zero_page`] asks for it.
//!
//! **Where.** Addresses are taken as recorded ([`Placement::Recorded`]). Where they do not fit into the
//! machine's address space, the pages are packed: numbered from 0 in the order of their addresses, with the holes
//! left out and the events too, for they speak of other addresses ([`Placement::Packed`]). Keys of a trace of numbers
//! are page numbers.
//!
//! **What ends.** A signal is counted and the program goes on with its next access; a program that is killed
//! is over, and what is left of its trace is counted as skipped. A program at the end of its trace exits, so that
//! its memory is there for the others; the last one stays, so that one can look at it.

mod compare;
mod error;
mod options;
mod plan;
mod result;
mod run;
mod space;

pub use compare::compare_machines;
pub use error::MachineReplayError;
pub use options::{MachineReplayOptions, Placement, Schedule};
pub use result::{CacheLevelRun, MachinePoint, MachineRun, ProcessRun, TlbLevelRun};
pub use run::{replay_machine, replay_machine_on};
