//! FIFO without a queue: a page is resident iff fewer than C misses came after its own.
//!
//! ```text
//!   misses so far   1  2  3  4  5  6        C = 3: pages that came in with miss 4, 5, 6 are resident
//!   came in         a  b  c  a  d  e        came_in[b] = 2: 6 - 2 >= 3, gone
//! ```
//!
//! One array of 32 bits a page, one look for each reference, no eviction to do.

use super::Kernel;
use crate::replacement::error::PolicyError;
use crate::replacement::policy::{Page, check_frames};
use crate::replacement::tables;
use std_alloc::vec::Vec;

/// Counts FIFO's misses. O(1) a reference; 4 bytes a page.
pub(crate) struct FifoKernel {
    frames: u32,
    came_in: Vec<u32>,
    /// Misses so far and `frames`, so that a 0 in `came_in` is a page that is not resident.
    clock: u32,
}

impl FifoKernel {
    pub(crate) fn new(frames: u32) -> Result<Self, PolicyError> {
        Ok(FifoKernel { frames: check_frames(frames)?, came_in: Vec::new(), clock: frames })
    }

    /// Sets the clock back, before it would wrap round; ages stay as they are.
    #[cold]
    fn rewind(&mut self) {
        for came_in in &mut self.came_in {
            let age = self.clock - *came_in;
            *came_in = self.frames.saturating_sub(age);
        }
        self.clock = self.frames;
    }
}

impl Kernel for FifoKernel {
    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        tables::extend(&mut self.came_in, pages, 0)
    }

    fn run(&mut self, references: &[Page]) -> u64 {
        let mut misses = 0;
        let mut rest = references;
        while !rest.is_empty() {
            if self.clock == u32::MAX {
                self.rewind();
            }
            let chunk = rest.len().min((u32::MAX - self.clock) as usize);
            let (now, later) = rest.split_at(chunk);
            let (frames, mut clock) = (self.frames, self.clock);
            for &page in now {
                let came_in = &mut self.came_in[page as usize];
                let miss = clock - *came_in >= frames;
                clock += u32::from(miss);
                *came_in = if miss { clock } else { *came_in };
            }
            misses += u64::from(clock - self.clock);
            self.clock = clock;
            rest = later;
        }
        misses
    }

    fn metadata_bytes(&self) -> usize {
        tables::bytes_of(&self.came_in)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_the_clock_back_changes_no_miss() {
        let references: Vec<Page> = (0..5000u32).map(|i| i.wrapping_mul(i) / 7 % 61).collect();
        let run = |clock| {
            let mut kernel = FifoKernel::new(20).unwrap();
            kernel.clock = clock;
            kernel.reserve(61).unwrap();
            kernel.run(&references)
        };
        let expected = run(20);
        assert!(expected > 100, "the clock passes its end: {expected} misses");
        for before_the_end in [0, 1, 5, 50] {
            assert_eq!(run(u32::MAX - before_the_end), expected);
        }
    }
}
