//! The engine's room `trace`: what programs did to their memory, recorded, read, generated, converted.

pub mod access_summary;
pub mod access_trace;
pub mod alloc_trace;
pub mod errors;
pub mod kind;
mod loss;
pub mod options;
pub mod page_trace;
mod pickling;
pub mod summary;
