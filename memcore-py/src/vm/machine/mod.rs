//! The machine of virtual memory, its processes, files and events.

pub mod area;
mod backing;
pub mod call;
pub mod config;
pub mod errors;
pub mod event;
pub mod file;
pub mod group;
pub mod listen;
#[allow(clippy::module_inception)] // the class of that name
pub mod machine;
pub mod memory;
pub mod process;
pub mod run;
mod snapshot;
mod state;
pub mod walk;
