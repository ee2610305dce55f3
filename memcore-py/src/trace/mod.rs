//! The engine's room `trace`: what programs did to their memory, recorded, read, generated, converted.

pub mod alloc_trace;
pub mod errors;
pub mod summary;
