//! The room `cache`: against a naive model, by hand, and against cachegrind.

mod by_hand;
mod cachegrind;
mod configuration;
mod model;
mod policies;
mod random;
mod tlb;
