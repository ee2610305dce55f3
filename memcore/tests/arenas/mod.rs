//! Pools, arenas, the double stack and the ring, driven with contents that are checked.

mod checkpoints;
mod collections;
mod double_stack;
mod drops;
mod fill;
mod limits;
mod pool;
mod raw_arena;
mod raw_pool;
mod ring;
