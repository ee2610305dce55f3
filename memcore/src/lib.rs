//! memory management as a library.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc as std_alloc;

pub mod alloc;
pub mod progress;
#[cfg(feature = "std")]
pub mod replay;
pub mod spec;
#[cfg(feature = "std")]
pub mod trace;
