//! LRU with the references themselves as its queue.
//!
//! ```text
//!   log    ... | a | c | a | b | c | <- each reference is appended      last[a] = 2, last[b] = 3, last[c] = 4
//!                ^ tail: skipped while a later entry names the page (last[a] is not 0), else the victim
//! ```
//!
//! A hit writes one entry and one word, and moves no links. Entries that a later one names again are swept out
//! when the log is full.

use super::Kernel;
use crate::replacement::error::PolicyError;
use crate::replacement::policy::{Page, check_frames};
use crate::replacement::tables;
use std_alloc::vec::Vec;

const NEVER: u32 = u32::MAX;
/// A log of so many entries for each page that can be resident is swept once in as many references, less one
/// share: at 4 a sweep looks at 4 entries for 3 references.
const LOG_PER_PAGE: usize = 4;
const SHORTEST_LOG: usize = 1 << 12;

/// Counts LRU's misses. O(1) a reference, amortised; 4 bytes a page and 16 a frame in use.
pub(crate) struct LruKernel {
    frames: usize,
    /// For each page the place in the log of its last reference, if it is resident.
    last: Vec<u32>,
    log: Vec<Page>,
    longest: usize,
    resident: usize,
    tail: usize,
}

impl LruKernel {
    pub(crate) fn new(frames: u32) -> Result<Self, PolicyError> {
        let frames = check_frames(frames)? as usize;
        Ok(LruKernel { frames, last: Vec::new(), log: Vec::new(), longest: 0, resident: 0, tail: 0 })
    }

    #[inline]
    fn evict(&mut self) {
        loop {
            let page = self.log[self.tail] as usize;
            let place = self.tail as u32;
            self.tail += 1;
            if self.last[page] == place {
                self.last[page] = NEVER;
                break;
            }
        }
    }

    /// Keeps each resident page's last entry alone.
    #[cold]
    fn sweep(&mut self) {
        let mut kept = 0;
        for at in self.tail..self.log.len() {
            let page = self.log[at];
            let last = &mut self.last[page as usize];
            if *last == at as u32 {
                *last = kept as u32;
                self.log[kept] = page;
                kept += 1;
            }
        }
        self.log.truncate(kept);
        self.tail = 0;
    }
}

impl Kernel for LruKernel {
    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        let most = self.frames.min(pages as usize);
        let longest = (LOG_PER_PAGE * most).clamp(SHORTEST_LOG, NEVER as usize - 1);
        tables::make_room(&mut self.log, longest)?;
        tables::extend(&mut self.last, pages, NEVER)?;
        self.longest = self.longest.max(longest);
        Ok(())
    }

    fn run(&mut self, references: &[Page]) -> u64 {
        let mut misses = 0;
        for &page in references {
            if self.log.len() == self.longest {
                self.sweep();
            }
            let place = self.log.len() as u32;
            self.log.push(page);
            let last = core::mem::replace(&mut self.last[page as usize], place);
            if last == NEVER {
                misses += 1;
                if self.resident < self.frames {
                    self.resident += 1;
                } else {
                    self.evict();
                }
            }
        }
        misses
    }

    fn metadata_bytes(&self) -> usize {
        tables::bytes_of(&self.last) + tables::bytes_of(&self.log)
    }
}
