//! Replay kernels: the faster forms of some policies that do nothing but count misses.
//!
//! A kernel sees the same dense page numbers as the policy and counts the same misses, victim for victim, but
//! it tells nobody of them, knows no pins, and forgets no page; so it can hold its queue as an append log, or
//! not at all. Each is tested equal to its policy's online form.

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
