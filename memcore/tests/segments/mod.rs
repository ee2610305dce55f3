//! Segmentation: by hand, against the manuals' rules spelled out, and against naive models.

mod descriptors;
mod memory;
mod multics;
mod registers;
mod vectors;
