//! The engine's room `vm`: the virtual memory manager of the textbooks, and segmentation.

mod errors;
pub mod manager;
pub mod memory;
pub mod multics;
pub mod segments;
mod words;
