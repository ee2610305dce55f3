//! The engine's room `replay`: what a recorded program would have cost with another allocator.

mod errors;
mod own;
pub mod row;
pub mod run;
pub mod table;
