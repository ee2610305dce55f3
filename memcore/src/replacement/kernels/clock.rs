//! CLOCK with one byte a page and a ring of page numbers.
//!
//! ```text
//!   ring    [ a | d | b | c ]       state   a 1, b 2, c 2, d 1, e 0
//!             hand ^                0 not resident, 1 resident, 2 resident and referenced
//! ```

use super::Kernel;
use crate::replacement::error::PolicyError;
use crate::replacement::policy::{Page, check_frames};
use crate::replacement::tables;
use std_alloc::vec::Vec;

const GONE: u8 = 0;
const RESIDENT: u8 = 1;
const REFERENCED: u8 = 2;

/// Counts CLOCK's misses. O(1) a reference, amortised; 1 byte a page and 4 a frame in use.
pub(crate) struct ClockKernel {
    frames: usize,
    on_load: u8,
    state: Vec<u8>,
    ring: Vec<Page>,
    hand: usize,
}

impl ClockKernel {
    pub(crate) fn new(frames: u32, set_on_load: bool) -> Result<Self, PolicyError> {
        let frames = check_frames(frames)? as usize;
        let on_load = if set_on_load { REFERENCED } else { RESIDENT };
        Ok(ClockKernel { frames, on_load, state: Vec::new(), ring: Vec::new(), hand: 0 })
    }

    #[inline]
    fn load(&mut self, page: Page) {
        if self.ring.len() < self.frames {
            self.ring.push(page);
        } else {
            loop {
                let state = &mut self.state[self.ring[self.hand] as usize];
                if *state == RESIDENT {
                    break;
                }
                *state = RESIDENT;
                self.hand = if self.hand + 1 == self.frames { 0 } else { self.hand + 1 };
            }
            let victim = core::mem::replace(&mut self.ring[self.hand], page);
            self.state[victim as usize] = GONE;
            self.hand = if self.hand + 1 == self.frames { 0 } else { self.hand + 1 };
        }
        self.state[page as usize] = self.on_load;
    }
}

impl Kernel for ClockKernel {
    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        tables::make_room(&mut self.ring, self.frames.min(pages as usize))?;
        tables::extend(&mut self.state, pages, GONE)
    }

    fn run(&mut self, references: &[Page]) -> u64 {
        let mut misses = 0;
        for &page in references {
            let state = &mut self.state[page as usize];
            if *state == GONE {
                misses += 1;
                self.load(page);
            } else {
                *state = REFERENCED;
            }
        }
        misses
    }

    fn metadata_bytes(&self) -> usize {
        tables::bytes_of(&self.state) + tables::bytes_of(&self.ring)
    }
}
