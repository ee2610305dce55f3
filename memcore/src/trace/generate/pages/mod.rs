//! References to pages from a seed: the patterns on which replacement policies differ.
//!
//! ```text
//!   zipf            page k with weight 1 / k^exponent               independent; what caches see
//!   uniform         every page alike                                 no policy beats another
//!   sequential      0 0 0 1 1 1 2 2 2 ...                            each page once, in runs
//!   loop            0 1 2 ... n-1 0 1 2 ... n-1 ...                  LRU's worst, MRU's best
//!   scan            a zipf, interrupted by runs of `length` pages    what LRU cannot keep out
//!   stack-distance  the page at a drawn depth of the LRU stack       temporal locality as one wishes
//!   phases          working sets that replace each other             locality that changes (Denning)
//! ```
//!
//! A workload has a text form, which is also how the command line and the other doors name it:
//!
//! ```
//! use memcore::trace::generate::PageWorkload;
//!
//! let workload: PageWorkload = "zipf:pages=1000,references=50000,exponent=0.9,writes=30,seed=7".parse()?;
//! let trace = workload.generate(&mut ())?;
//! assert_eq!(trace.references().len(), 50_000);
//! assert!(trace.pages() <= 1000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The same workload gives the same trace on every machine and in every later version: the generator is
//! xoshiro256++, and all arithmetic is in integers, logarithms and powers included. References and kinds come
//! from two streams of random numbers, so that a share of writes changes no reference.

mod alias;
mod patterns;
mod preset;
mod stack;

use super::random::Random;
use crate::progress::Progress;
use crate::replacement::MAX_PAGES;
use crate::spec::SpecError;
use crate::trace::access::AccessKind;
use crate::trace::error::{Reason, TraceError};
use crate::trace::format::Format;
use crate::trace::notes::Notes;
use crate::trace::page_trace::PageTrace;

/// An exponent of a Zipf distribution, in thousandths: 0 (uniform) to 10.
///
/// ```
/// use memcore::trace::generate::Exponent;
///
/// let exponent: Exponent = "0.85".parse().unwrap();
/// assert_eq!(exponent.thousandths(), 850);
/// assert_eq!(exponent.to_string(), "0.85");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exponent(u32);

impl Exponent {
    /// 1: Zipf's own.
    pub const ONE: Exponent = Exponent(1000);
    /// 0: every page alike.
    pub const ZERO: Exponent = Exponent(0);

    /// The exponent of so many thousandths, at most 10,000. O(1).
    pub const fn from_thousandths(thousandths: u32) -> Option<Exponent> {
        if thousandths <= 10_000 { Some(Exponent(thousandths)) } else { None }
    }

    /// The exponent in thousandths. O(1).
    pub const fn thousandths(self) -> u32 {
        self.0
    }
}

/// How depths of the LRU stack are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Depths {
    /// Geometric: each depth less likely than the one above it by the same factor, with this mean (before
    /// the distribution is cut off at the number of pages).
    Geometric {
        /// The mean depth below the top.
        mean: u64,
    },
    /// Depth k with weight 1 / k^exponent.
    Zipf {
        /// The exponent.
        exponent: Exponent,
    },
}

/// Which page comes next. Pages are 0 to n - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PagePattern {
    /// Page k - 1 with weight 1 / k^exponent, independent of what came before.
    Zipf {
        /// The exponent.
        exponent: Exponent,
    },
    /// Every page alike.
    Uniform,
    /// Each page in order, the references spread evenly over them.
    Sequential,
    /// Round and round, one reference a page.
    Loop,
    /// A Zipf; `share` references in a hundred belong to scans over `length` pages in order, from a page
    /// drawn uniformly, past the last page to the first.
    Scan {
        /// The exponent of the Zipf.
        exponent: Exponent,
        /// Per cent of the references, on average.
        share: u8,
        /// Pages of a scan.
        length: u64,
    },
    /// The page at a depth drawn from a distribution, of the LRU stack (in the beginning 0 on top, then 1,
    /// ...): the distribution is that of the trace's stack distances.
    StackDistance {
        /// The distribution.
        depths: Depths,
    },
    /// `phases` of equal length, each with a working set of `set` pages in a row drawn with weights 1 /
    /// k^exponent; `overlap` in a hundred of them stay for the next phase.
    Phases {
        /// How many.
        phases: u64,
        /// Pages of a working set.
        set: u64,
        /// Per cent.
        overlap: u8,
        /// The exponent within a working set; 0: uniform.
        exponent: Exponent,
    },
}

/// What to generate. All fields are free to set; [`generate`](Self::generate) checks them.
///
/// ```
/// use memcore::trace::generate::{PagePattern, PageWorkload};
///
/// let workload = PageWorkload { pages: 3, references: 7, ..PageWorkload::new(PagePattern::Loop) };
/// assert_eq!(workload.generate(&mut ())?.references(), [0, 1, 2, 0, 1, 2, 0]);
/// # Ok::<(), memcore::trace::TraceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageWorkload {
    /// Which page comes next.
    pub pattern: PagePattern,
    /// Pages there are: 1 to [`MAX_PAGES`].
    pub pages: u64,
    /// References in all: 1 to 2^32.
    pub references: u64,
    /// How many references in a hundred are writes.
    pub writes: u8,
    /// Another seed is another trace of the same kind.
    pub seed: u64,
}

/// References between two words to the watcher.
const REPORT_EVERY: usize = 1 << 15;
/// What separates the stream of kinds from that of references: the fraction of the golden ratio.
const KINDS: u64 = 0x9e37_79b9_7f4a_7c15;

impl PageWorkload {
    /// The workload of this pattern with the defaults: 10,000 pages, 1,000,000 references, no writes, seed 1.
    pub fn new(pattern: PagePattern) -> PageWorkload {
        PageWorkload { pattern, pages: 10_000, references: 1_000_000, writes: 0, seed: 1 }
    }

    /// The trace. Its comment is the workload's text form; its page size is 1. O(references + pages), with a
    /// factor of log(pages) for stack distances; memory 4 bytes a reference (5 with writes), 4 to 16 a page.
    ///
    /// # Errors
    /// [`TraceError::Spec`] for a field that makes no sense, [`TraceError::Event`] with
    /// [`Reason::OutOfMemory`], [`TraceError::Cancelled`].
    pub fn generate(&self, progress: &mut dyn Progress) -> Result<PageTrace, TraceError> {
        self.check()?;
        let out_of_memory =
            |index| TraceError::Event { index, reason: Reason::OutOfMemory { events: index } };
        let count = usize::try_from(self.references).map_err(|_| out_of_memory(0))?;
        let mut source = patterns::Source::new(self).ok_or_else(|| out_of_memory(0))?;
        let mut numbers = Vec::new();
        let (mut references, mut keys) = (Vec::new(), Vec::new());
        let reserved = numbers.try_reserve_exact(self.pages as usize).is_ok()
            && references.try_reserve_exact(count).is_ok();
        if !reserved {
            return Err(out_of_memory(0));
        }
        numbers.resize(self.pages as usize, u32::MAX);
        while references.len() < count {
            if progress.report(references.len() as u64, Some(self.references)).is_break() {
                return Err(TraceError::Cancelled);
            }
            for _ in 0..REPORT_EVERY.min(count - references.len()) {
                let page = source.next();
                let number = &mut numbers[page as usize];
                if *number == u32::MAX {
                    if keys.try_reserve(1).is_err() {
                        return Err(out_of_memory(references.len()));
                    }
                    *number = keys.len() as u32;
                    keys.push(page);
                }
                references.push(*number);
            }
        }
        let kinds = self.kinds(count).ok_or_else(|| out_of_memory(count))?;
        let mut trace = PageTrace::from_parts(references, keys, kinds, 1, Format::Built, Notes::default());
        trace.set_comment(Some(self.to_string()));
        Ok(trace)
    }

    /// The kinds of so many references: absent when all are reads. `None` when memory runs out.
    fn kinds(&self, count: usize) -> Option<Option<Vec<AccessKind>>> {
        if self.writes == 0 {
            return Some(None);
        }
        let mut random = Random::new(self.seed ^ KINDS);
        let mut kinds = Vec::new();
        kinds.try_reserve_exact(count).ok()?;
        let kind = |write| if write { AccessKind::Write } else { AccessKind::Read };
        kinds.extend((0..count).map(|_| kind(random.chance(self.writes))));
        Some(Some(kinds))
    }

    fn check(&self) -> Result<(), SpecError> {
        let bad = |key: &str, value: u64, rule| {
            Err(SpecError::BadValue { key: key.to_owned(), value: value.to_string(), rule })
        };
        if self.pages == 0 || self.pages > u64::from(MAX_PAGES) {
            return bad("pages", self.pages, "must be from 1 to 2^32 - 17");
        }
        if self.references == 0 || self.references > 1 << 32 {
            return bad("references", self.references, "must be from 1 to 2^32");
        }
        if self.writes > 100 {
            return bad("writes", self.writes.into(), "must be at most 100");
        }
        let in_pages = |number| (1..=self.pages).contains(&number);
        match self.pattern {
            PagePattern::Scan { share, .. } if share > 100 => {
                bad("share", share.into(), "must be at most 100")
            }
            PagePattern::Scan { length, .. } if !in_pages(length) => {
                bad("length", length, "must be from 1 to the number of pages")
            }
            PagePattern::StackDistance { depths: Depths::Geometric { mean } } if mean > 1 << 31 => {
                bad("mean", mean, "must be at most 2^31")
            }
            PagePattern::Phases { phases: 0, .. } => bad("phases", 0, "must be at least 1"),
            PagePattern::Phases { set, .. } if !in_pages(set) => {
                bad("set", set, "must be from 1 to the number of pages")
            }
            PagePattern::Phases { overlap, .. } if overlap > 100 => {
                bad("overlap", overlap.into(), "must be at most 100")
            }
            _ => Ok(()),
        }
    }
}
