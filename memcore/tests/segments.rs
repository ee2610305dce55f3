//! Segmentation: by hand, against the manuals' rules spelled out, and against naive models.

#[path = "segments/descriptors.rs"]
mod descriptors;
#[path = "segments/memory.rs"]
mod memory;
#[path = "segments/multics.rs"]
mod multics;
#[path = "segments/registers.rs"]
mod registers;
#[path = "segments/vectors.rs"]
mod vectors;
