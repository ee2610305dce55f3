//! The room `cache`: against a naive model, by hand, and against cachegrind.

#[path = "cache/by_hand.rs"]
mod by_hand;
#[path = "cache/cachegrind.rs"]
mod cachegrind;
#[path = "cache/configuration.rs"]
mod configuration;
#[path = "cache/model.rs"]
mod model;
#[path = "cache/policies.rs"]
mod policies;
#[path = "cache/random.rs"]
mod random;
#[path = "cache/tlb.rs"]
mod tlb;
