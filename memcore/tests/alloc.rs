//! The room `alloc`, held against naive reference models.
//!
//! ```text
//! a call  ->  engine (memcore::alloc)   ->  an outcome in words  \
//!         ->  model (this folder)       ->  an outcome in words  / equal, after every call
//! ```
//!
//! Every call and every outcome has a form in text, which `tests/vectors/README.md` describes. The [script] reads it,
//! [engine] and [model] answer it, and each test is a source of calls: the files of `tests/vectors`, random
//! sequences, or a scenario written out. The models are lists that are searched from end to end; they share no code
//! and no structure with the engine.

#[path = "alloc/compaction.rs"]
mod compaction;
#[path = "alloc/copies.rs"]
mod copies;
#[path = "alloc/engine.rs"]
mod engine;
#[path = "alloc/generations.rs"]
mod generations;
#[path = "alloc/large.rs"]
mod large;
#[path = "alloc/lockstep.rs"]
mod lockstep;
#[path = "alloc/model/mod.rs"]
mod model;
#[path = "alloc/parts.rs"]
mod parts;
#[path = "alloc/random.rs"]
mod random;
#[path = "alloc/script.rs"]
mod script;
#[path = "alloc/show.rs"]
mod show;
#[path = "alloc/vectors.rs"]
mod vectors;
