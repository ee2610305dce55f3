//! The room `replacement`, held against naive reference models.
//!
//! ```text
//! a step  ->  policy (memcore::replacement)  with its world  \  equal, after every step: hits, victims in order,
//!         ->  model (this folder)            with its world  /  who is resident, which bits were read and cleaned
//! ```
//!
//! A [`world`] stands for whoever owns the pages: pins, dirty and referenced bits, and a log of what was told. The
//! models are lists that are searched from end to end, straight from the papers; they share no code and no structure
//! with the engine.

#[path = "replacement/agree.rs"]
mod agree;
#[path = "replacement/by_hand.rs"]
mod by_hand;
#[path = "cache/mod.rs"]
mod cache;
#[path = "replacement/contract.rs"]
mod contract;
#[path = "curves/mod.rs"]
mod curves;
#[path = "replacement/model/mod.rs"]
mod model;
#[path = "replacement/saved.rs"]
mod saved;
#[path = "replacement/specs.rs"]
mod specs;
#[path = "replacement/tables.rs"]
mod tables;
#[path = "replacement/vectors.rs"]
mod vectors;
#[path = "replacement/world.rs"]
mod world;
