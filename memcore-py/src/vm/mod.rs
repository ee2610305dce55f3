//! The engine's room `vm`: the machine with its processes, the virtual memory manager of the textbooks, segmentation.

mod errors;
pub mod machine;
pub mod manager;
pub mod memory;
pub mod multics;
pub mod segments;
mod words;
