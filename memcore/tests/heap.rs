//! Heaps over real bytes, driven with contents that are checked.

#[path = "heap/addresses.rs"]
mod addresses;
#[path = "arenas/mod.rs"]
mod arenas;
#[path = "heap/checked/mod.rs"]
mod checked;
#[path = "heap/handle.rs"]
mod handle;
#[path = "heap/harness.rs"]
mod harness;
#[path = "heap/image.rs"]
mod image;
#[cfg(unix)]
#[path = "heap/kill.rs"]
mod kill;
#[path = "heap/locked.rs"]
mod locked;
#[path = "heap/persistent.rs"]
mod persistent;
#[path = "heap/region.rs"]
mod region;
#[path = "heap/size_classes.rs"]
mod size_classes;
#[cfg(unix)]
#[path = "heap/threads.rs"]
mod threads;
#[path = "heap/traces.rs"]
mod traces;
