//! memory management as a library.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc as std_alloc;

pub mod alloc;
pub mod cache;
pub mod heap;
pub mod progress;
pub mod replacement;
#[cfg(feature = "std")]
pub mod replay;
mod size;
pub mod spec;
#[cfg(feature = "std")]
pub mod trace;
pub mod vm;

/// The examples of README and guide, run as tests.
#[cfg(doctest)]
mod guides {
    #[doc = include_str!("../../README.md")]
    struct Readme;

    #[doc = include_str!("../../docs/rust.md")]
    struct Guide;
}
