//! Tests of what no user of the crate can reach.

mod config;
mod hardware;
mod model;
mod table;
mod tlbs;
mod vectors;
mod walk_cache;
