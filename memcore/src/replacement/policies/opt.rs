//! OPT, Belady's MIN: the page whose next reference is farthest in the future leaves.
//!
//! ```text
//!   resident   a      b      c         next uses   a 12   b 90   c 31       a miss evicts b
//! ```
//!
//! No policy that brings a page in when it is referenced misses less (Belady, "A study of replacement
//! algorithms for a virtual-storage computer", IBM Systems Journal 5(2), 1966), so it is what the others are
//! measured against. It is a stack algorithm. It has to know the references to come: a whole trace is told by
//! [`foresee`](Policy::foresee), and then referenced in that order. Among pages never used again, the one
//! referenced longest ago leaves first; that choice changes no count.

use crate::replacement::error::PolicyError;
use crate::replacement::kernels::{NEVER, NextUses};
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::policy::{Facts, Named, Page, Pager, Policy, check_frames};
use crate::replacement::tables;
use crate::replacement::time_set::TimeSet;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// The page is not resident.
const GONE: u32 = u32::MAX;
/// It is resident and never used again.
const UNUSED: u32 = u32::MAX - 1;

/// Belady's MIN. O(log64 references) an access; 16 bytes a page, and 8.2 bytes a reference foreseen.
///
/// ```
/// use memcore::replacement::{Named, Opt, Policy};
/// let string = [0, 1, 2, 3, 0, 1, 4, 0, 1, 2, 3, 4];
/// let mut policy = Opt::new(&(), 3)?;
/// policy.reserve(5)?;
/// policy.foresee(&string)?;
/// let misses = string.iter().filter(|&&page| !policy.access(page, &mut ())).count();
/// assert_eq!(misses, 7);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Opt {
    frames: u32,
    resident: u32,
    /// By page the time of its next use, while it is resident.
    next_of: Vec<u32>,
    /// By time the page referenced.
    page_at: Vec<Page>,
    /// By time that of the next reference to the same page, or NEVER.
    next: Vec<u32>,
    uses: TimeSet,
    /// Resident pages that are never used again, in the order of their last use.
    never_again: Lists<1>,
    time: usize,
}

impl Opt {
    /// Files a resident page under its next use, seen from the reference that is now. A reference that is not
    /// the one foreseen counts as the page's last.
    #[inline]
    fn file(&mut self, page: Page) {
        let now = self.time.wrapping_sub(1);
        let next_use = match self.page_at.get(now) {
            Some(&foreseen) if foreseen == page => self.next[now],
            _ => NEVER,
        };
        if next_use == NEVER {
            self.next_of[page as usize] = UNUSED;
            self.never_again.push_newest(0, page);
        } else {
            self.next_of[page as usize] = next_use;
            self.uses.insert(next_use as usize);
        }
    }

    /// Takes a resident page out of where it is filed.
    #[inline]
    fn unfile(&mut self, page: Page) {
        match core::mem::replace(&mut self.next_of[page as usize], GONE) {
            UNUSED => self.never_again.remove(page),
            next_use => self.uses.remove(next_use as usize),
        }
    }

    fn choose(&self, pager: &impl Pager) -> Option<Page> {
        if let Some(page) = self.never_again.oldest_evictable(0, pager) {
            return Some(page);
        }
        let mut latest = self.uses.greatest();
        while let Some(time) = latest {
            let page = self.page_at[time];
            if pager.is_evictable(page) {
                return Some(page);
            }
            latest = self.uses.below(time);
        }
        None
    }
}

impl Named for Opt {
    const NAME: &'static str = "opt";
    const FACTS: Facts = Facts { needs_future: true, varies_allocation: false, is_stack: true };
    type Parameters = ();

    fn new(_parameters: &(), frames: u32) -> Result<Self, PolicyError> {
        Ok(Opt {
            frames: check_frames(frames)?,
            resident: 0,
            next_of: Vec::new(),
            page_at: Vec::new(),
            next: Vec::new(),
            uses: TimeSet::new(0)?,
            never_again: Lists::new(),
            time: 0,
        })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.next_of.len(), self.never_again.pages()])
    }
}

impl Policy for Opt {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        self.never_again.reserve(pages)?;
        tables::extend(&mut self.next_of, pages, GONE)
    }

    /// What was foreseen before is dropped; pages that are resident count as never used again until they are
    /// referenced.
    fn foresee(&mut self, references: &[Page]) -> Result<(), PolicyError> {
        let next = NextUses::of(references, self.next_of.len() as u32)?;
        let uses = TimeSet::new(references.len())?;
        let mut page_at = Vec::new();
        tables::make_room(&mut page_at, references.len())?;
        page_at.extend_from_slice(references);
        (self.next, self.uses, self.page_at, self.time) = (next.into_vec(), uses, page_at, 0);
        for page in 0..self.next_of.len() as Page {
            let key = &mut self.next_of[page as usize];
            if *key != GONE && *key != UNUSED {
                *key = UNUSED;
                self.never_again.push_newest(0, page);
            }
        }
        Ok(())
    }

    fn frames(&self) -> u32 {
        self.frames
    }

    fn resident(&self) -> u32 {
        self.resident
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.next_of.get(page as usize).is_some_and(|&key| key != GONE)
    }

    #[inline]
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        self.unfile(page);
        self.time += 1;
        self.file(page);
    }

    #[inline]
    fn miss(&mut self, _page: Page, _pager: &mut impl Pager) {
        self.time += 1;
    }

    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let victim = self.choose(pager)?;
        self.unfile(victim);
        self.resident -= 1;
        pager.evicted(victim);
        pager.forgotten(victim);
        Some(victim)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        self.resident += 1;
        self.file(page);
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let known = self.is_resident(page);
        if known {
            self.unfile(page);
            self.resident -= 1;
            pager.forgotten(page);
        }
        known
    }

    fn metadata_bytes(&self) -> usize {
        tables::bytes_of(&self.next_of)
            + tables::bytes_of(&self.page_at)
            + tables::bytes_of(&self.next)
            + self.uses.bytes()
            + self.never_again.metadata_bytes()
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, self.time as u64)?;
        self.never_again.validate(self.reserved())?;
        self.uses.validate(self.page_at.len())?;
        let known = |&page: &Page| page < self.reserved();
        if self.page_at.len() >= NEVER as usize || !self.page_at.iter().all(known) {
            return Err("more is foreseen than can be, or pages that are not reserved");
        }
        if self.next.len() != self.page_at.len() {
            return Err("a reference foreseen has no next use");
        }
        let same = |time: usize, next: u32| self.page_at.get(next as usize) == Some(&self.page_at[time]);
        let mut times = self.next.iter().enumerate();
        if times.any(|(time, &next)| next != NEVER && (next as usize <= time || !same(time, next))) {
            return Err("a next use is not one of the same page");
        }
        let filed = self.next_of.iter().filter(|&&key| key != GONE).count();
        if filed != self.resident as usize {
            return Err("the resident pages are miscounted");
        }
        let is_unused = |page: Page| self.next_of.get(page as usize) == Some(&UNUSED);
        if self.never_again.iter().any(|(page, list, _)| is_unused(page) != (list != NOWHERE)) {
            return Err("a page that is never used again is not listed so");
        }
        let unused = self.next_of.iter().filter(|&&key| key == UNUSED).count();
        if unused != self.never_again.length(0) as usize {
            return Err("the pages never used again are miscounted");
        }
        let mut times = 0;
        let mut latest = self.uses.greatest();
        while let Some(time) = latest {
            if self.next_of.get(self.page_at[time] as usize) != Some(&(time as u32)) {
                return Err("a next use is filed for a page that has another");
            }
            times += 1;
            latest = self.uses.below(time);
        }
        if times + unused != filed {
            return Err("a resident page is not filed under its next use");
        }
        Ok(())
    }
}
