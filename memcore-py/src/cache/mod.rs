//! The engine's room `cache`: sets and ways, TLBs, the memory hierarchy.

mod errors;
pub mod hierarchy;
pub mod tlb;
