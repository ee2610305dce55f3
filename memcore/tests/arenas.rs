//! Pools, arenas, the double stack and the ring, driven with contents that are checked.

#[path = "arenas/checkpoints.rs"]
mod checkpoints;
#[path = "arenas/collections.rs"]
mod collections;
#[path = "arenas/double_stack.rs"]
mod double_stack;
#[path = "arenas/drops.rs"]
mod drops;
#[path = "arenas/fill.rs"]
mod fill;
#[path = "arenas/limits.rs"]
mod limits;
#[path = "arenas/pool.rs"]
mod pool;
#[path = "arenas/raw_arena.rs"]
mod raw_arena;
#[path = "arenas/raw_pool.rs"]
mod raw_pool;
#[path = "arenas/ring.rs"]
mod ring;
