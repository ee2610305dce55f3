//! Heaps over real bytes, driven with contents that are checked.

#[path = "heap/addresses.rs"]
mod addresses;
#[path = "heap/harness.rs"]
mod harness;
#[path = "heap/locked.rs"]
mod locked;
#[path = "heap/region.rs"]
mod region;
#[path = "heap/traces.rs"]
mod traces;
#[path = "heap/checked/mod.rs"]
mod checked;
