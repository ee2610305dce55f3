//! Heaps over real bytes, driven with contents that are checked.

#[path = "heap/handle.rs"]
mod handle;
#[path = "heap/image.rs"]
mod image;
#[cfg(unix)]
#[path = "heap/kill.rs"]
mod kill;
#[path = "heap/persistent.rs"]
mod persistent;
