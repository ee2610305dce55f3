//! The engine's room `replacement`: who leaves when the space is full.

pub mod cache;
pub mod curve;
pub mod errors;
pub mod facts;
