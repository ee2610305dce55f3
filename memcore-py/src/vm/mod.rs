//! The engine's room `vm`: the machine with its processes.

pub mod machine;
