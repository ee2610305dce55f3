//! SIEVE with its queue as an append log.
//!
//! ```text
//!   log, oldest first   [ a | . | c | d | . | f | g ]  <- new pages       . a page that left (a tombstone)
//!                             hand ^                                      state as in CLOCK
//! ```
//!
//! A page never moves, so the queue is written once and read by the hand; tombstones are swept out when the
//! log holds twice as many entries as there are frames. Where the newest page is the one that leaves, the hand
//! goes to the oldest at once: if it stayed at the end, the next page appended would be under it, which in the
//! linked form it is not.

use super::Kernel;
use crate::replacement::error::PolicyError;
use crate::replacement::policy::{Page, check_frames};
use crate::replacement::tables;
use std_alloc::vec::Vec;

const GONE: u8 = 0;
const RESIDENT: u8 = 1;
const VISITED: u8 = 2;
const TOMBSTONE: Page = Page::MAX;
/// Below this many entries sweeping would cost more than it saves.
const SHORTEST_LOG: usize = 64;

/// Counts SIEVE's misses. O(1) a reference, amortised; 1 byte a page and 8 a frame in use.
pub(crate) struct SieveKernel {
    frames: usize,
    state: Vec<u8>,
    log: Vec<Page>,
    longest: usize,
    resident: usize,
    hand: usize,
}

impl SieveKernel {
    pub(crate) fn new(frames: u32) -> Result<Self, PolicyError> {
        let frames = check_frames(frames)? as usize;
        Ok(SieveKernel { frames, state: Vec::new(), log: Vec::new(), longest: 0, resident: 0, hand: 0 })
    }

    #[inline]
    fn load(&mut self, page: Page) {
        if self.resident < self.frames {
            self.resident += 1;
        } else {
            self.evict();
        }
        if self.log.len() == self.longest {
            self.sweep();
        }
        self.log.push(page);
        self.state[page as usize] = RESIDENT;
    }

    #[inline]
    fn evict(&mut self) {
        let mut hand = self.hand;
        loop {
            if hand == self.log.len() {
                hand = 0;
            }
            let page = self.log[hand];
            if page != TOMBSTONE {
                let state = &mut self.state[page as usize];
                if *state == RESIDENT {
                    *state = GONE;
                    break;
                }
                *state = RESIDENT;
            }
            hand += 1;
        }
        self.log[hand] = TOMBSTONE;
        hand += 1;
        self.hand = if hand == self.log.len() { 0 } else { hand };
    }

    /// Takes the tombstones out. The hand stays before the page that it was before.
    #[cold]
    fn sweep(&mut self) {
        let mut kept = 0;
        let hand = self.hand;
        for at in 0..self.log.len() {
            if at == hand {
                self.hand = kept;
            }
            let page = self.log[at];
            if page != TOMBSTONE {
                self.log[kept] = page;
                kept += 1;
            }
        }
        self.log.truncate(kept);
        if self.hand == kept {
            self.hand = 0;
        }
    }
}

impl Kernel for SieveKernel {
    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        let longest = (2 * self.frames.min(pages as usize)).max(SHORTEST_LOG);
        tables::make_room(&mut self.log, longest)?;
        tables::extend(&mut self.state, pages, GONE)?;
        self.longest = self.longest.max(longest);
        Ok(())
    }

    fn run(&mut self, references: &[Page]) -> u64 {
        let mut misses = 0;
        for &page in references {
            let state = &mut self.state[page as usize];
            if *state == GONE {
                misses += 1;
                self.load(page);
            } else {
                *state = VISITED;
            }
        }
        misses
    }

    fn metadata_bytes(&self) -> usize {
        tables::bytes_of(&self.state) + tables::bytes_of(&self.log)
    }
}
