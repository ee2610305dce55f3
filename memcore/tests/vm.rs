//! The room `vm`, held against a reference model and against Linux itself.
//!
//! ```text
//!                  /  Machine (memcore::vm)        what is tested
//!   a call   ->   |   Model   (vm/model)           the reference, page by page, on plain maps
//!                  \  Linux   (vm/linux)           the same call, made for real in a process of its own
//! ```
//!
//! All three stand behind one trait, [`world::World`]: the same calls in the same words, answers that can be compared
//! with `==`. So each sequence of calls, written by hand or drawn at random, runs wherever it makes sense: on Linux
//! to see that the model is right, on the machine to see that it does as the model does.

#[path = "vm/agree.rs"]
mod agree;
#[path = "vm/directed.rs"]
mod directed;
#[path = "vm/exercises.rs"]
mod exercises;
#[path = "vm/injected.rs"]
mod injected;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "vm/linux/mod.rs"]
mod linux;
#[path = "vm/machine.rs"]
mod machine;
#[path = "manager/mod.rs"]
mod manager;
#[path = "vm/model/mod.rs"]
mod model;
#[path = "vm/random.rs"]
mod random;
#[path = "vm/replay.rs"]
mod replay;
#[path = "vm/rules.rs"]
mod rules;
#[path = "segments/mod.rs"]
mod segments;
#[path = "vm/snapshot.rs"]
mod snapshot;
#[path = "vm/torture.rs"]
mod torture;
#[path = "vm/views.rs"]
mod views;
#[path = "vm/world.rs"]
mod world;
