//! Stack distances, curves, kernels and sweeps, against naive models and against each other.

mod exact;
mod kernels;
mod model;
mod paging;
mod plain;
mod sampled;
mod working_sets;
