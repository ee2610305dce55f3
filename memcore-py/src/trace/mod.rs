//! The engine's room `trace`: what programs did to their memory, recorded, read, generated, converted.

pub mod alloc_trace;
pub mod errors;
mod options;
pub mod page_trace;
pub mod summary;
