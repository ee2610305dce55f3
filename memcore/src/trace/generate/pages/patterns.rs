//! The patterns one reference at a time.

use super::super::random::Random;
use super::alias::Zipf;
use super::stack::Stack;
use super::{Depths, PagePattern, PageWorkload};

/// Gives the pages of a workload without end; the workload is a checked one.
pub(super) struct Source {
    pages: u64,
    random: Random,
    state: State,
}

enum State {
    Zipf(Zipf),
    Uniform,
    Sequential { done: u64, references: u64 },
    Loop { next: u64 },
    Scan { zipf: Zipf, share: u64, length: u64, next: u64, left: u64 },
    Depths { stack: Stack, depths: DepthSource },
    Phases { zipf: Zipf, start: u64, shift: u64, left: u64, each: u64, longer: u64 },
}

enum DepthSource {
    Geometric { mean: u64 },
    Zipf(Zipf),
}

impl Source {
    /// `None` when memory runs out. O(pages).
    pub(super) fn new(workload: &PageWorkload) -> Option<Source> {
        let pages = workload.pages;
        let state = match workload.pattern {
            PagePattern::Zipf { exponent } => State::Zipf(Zipf::new(pages, exponent)?),
            PagePattern::Uniform => State::Uniform,
            PagePattern::Sequential => State::Sequential { done: 0, references: workload.references },
            PagePattern::Loop => State::Loop { next: 0 },
            PagePattern::Scan { exponent, share, length } => State::Scan {
                zipf: Zipf::new(pages, exponent)?,
                share: share.into(),
                length,
                next: 0,
                left: 0,
            },
            PagePattern::StackDistance { depths } => State::Depths {
                stack: Stack::new(pages as usize)?,
                depths: match depths {
                    Depths::Geometric { mean } => DepthSource::Geometric { mean },
                    Depths::Zipf { exponent } => DepthSource::Zipf(Zipf::new(pages, exponent)?),
                },
            },
            PagePattern::Phases { phases, set, overlap, exponent } => {
                // The first phases take one reference more each where the division leaves a rest.
                let (each, longer) = (workload.references / phases, workload.references % phases);
                let shift = set - set * u64::from(overlap) / 100;
                let zipf = Zipf::new(set, exponent)?;
                let left = each + u64::from(longer > 0);
                State::Phases { zipf, start: 0, shift, left, each, longer: longer.saturating_sub(1) }
            }
        };
        Some(Source { pages, random: Random::new(workload.seed), state })
    }

    #[inline]
    pub(super) fn next(&mut self) -> u64 {
        let (pages, random) = (self.pages, &mut self.random);
        match &mut self.state {
            State::Zipf(zipf) => zipf.draw(random),
            State::Uniform => random.below(pages),
            State::Sequential { done, references } => {
                // Fewer references than pages touch the first pages only.
                let page = if *references <= pages { *done } else { *done * pages / *references };
                *done += 1;
                page
            }
            State::Loop { next } => {
                let page = *next;
                *next = if page + 1 == pages { 0 } else { page + 1 };
                page
            }
            State::Scan { zipf, share, length, next, left } => {
                // A scan begins so often that scans take their share of the references.
                if *left == 0 && random.below(*share + (100 - *share) * *length) < *share {
                    (*next, *left) = (random.below(pages), *length);
                }
                if *left == 0 {
                    return zipf.draw(random);
                }
                let page = *next;
                *left -= 1;
                *next = if page + 1 == pages { 0 } else { page + 1 };
                page
            }
            State::Depths { stack, depths } => {
                let depth = match depths {
                    // What is left of a geometric number after a division is one cut off there.
                    DepthSource::Geometric { mean } => random.exponential(*mean) % pages,
                    DepthSource::Zipf(zipf) => zipf.draw(random),
                };
                stack.take(depth as usize).into()
            }
            State::Phases { zipf, start, shift, left, each, longer } => {
                if *left == 0 {
                    *start = (*start + *shift) % pages;
                    *left = *each + u64::from(*longer > 0);
                    *longer = longer.saturating_sub(1);
                }
                *left = left.saturating_sub(1);
                let page = *start + zipf.draw(random);
                if page >= pages { page - pages } else { page }
            }
        }
    }
}
