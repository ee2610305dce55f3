//! The engine's room `cache`: sets and ways, TLBs, the memory hierarchy.

pub mod errors;
pub mod hierarchy;
pub mod tlb;
