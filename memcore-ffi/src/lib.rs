//! The C door: what `include/memcore.h` declares, and nothing that thinks.
//!
//! A function here converts its arguments, calls the engine, converts the answer. Whatever could be called logic
//! belongs into the engine, where all three doors find it.
//!
//! - One folder for each room of the engine, named as the room is, with a file for each part of it.
//! - Every `extern "C"` function passes through [`panic`], so that no unwinding reaches C.
//! - Every failure is a number listed in [`status`]; [`error`] keeps what is behind it.
//! - Pointers from C become references mostly in [`pointer`], [`text`] and `alloc/handle.rs`.
//! - Doc comments are the contract that C programmers read in the header: they say `\pre`, `\param` and
//!   `\return`, and they hold no Rust.

// Types bear the names that they have in the header.
#![allow(non_camel_case_types)]
// The header is where safety is documented: a heading "Safety" would be copied into it.
#![allow(clippy::missing_safety_doc)]

mod alloc;
mod cache;
mod error;
mod heap;
mod panic;
mod pointer;
mod replacement;
mod replay;
mod status;
mod text;
mod trace;
mod version;
mod vm;
