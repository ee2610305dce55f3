//! Replay kernels: the faster forms of some policies that do nothing but count misses.
//!
//! A kernel sees the same dense page numbers as the policy and counts the same misses, but it tells nobody of
//! its victims, knows no pins, and forgets no page; so it can hold its queue as an append log, or not at all.
//! Each is tested equal to its policy's online form.

mod clock;
mod fifo;
mod lru;
mod opt;
mod sieve;

pub(crate) use clock::ClockKernel;
pub(crate) use fifo::FifoKernel;
pub(crate) use lru::LruKernel;
pub(crate) use opt::NEVER;
pub use opt::{NextUses, count_opt_misses};
pub(crate) use sieve::SieveKernel;

use super::error::PolicyError;
use super::policy::Page;

/// A policy that counts.
pub trait Kernel: Send {
    /// Makes room for the pages 0 to `pages` - 1.
    ///
    /// # Errors
    /// [`PolicyError::OutOfMemory`], [`PolicyError::Pages`].
    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError>;

    /// Runs these references, of pages below what was reserved, after those before; gives their misses.
    fn run(&mut self, references: &[Page]) -> u64;

    /// Bytes of memory held.
    fn metadata_bytes(&self) -> usize;
}
