//! Heaps over real bytes, driven with contents that are checked.

#[path = "heap/checked/mod.rs"]
mod checked;
