//! Which hole a request gets: each fit as the sentence that defines it, read over the whole list.

use super::fits::Hole;
use super::{Book, Failure, Request, failure, largest};
use memcore::alloc::{Strategy, Tie};
use std::cmp::Reverse;

pub trait Pick: Clone {
    const NAME: &'static str;

    /// One of the holes, which are in address order, or none.
    fn choose(&self, book: &Book, holes: &[Hole], size: u64, request: &Request) -> Option<Hole>;

    /// Whether a hole that changes from one size to another is as old as before.
    fn keeps_age(&self, _: &Book, _old: u64, _new: u64) -> bool {
        false
    }

    fn placed(&mut self, _end: u64) {}

    fn compacted(&mut self) {}

    fn largest_sure(&self, _: &Book, holes: &[Hole]) -> u64 {
        largest(&holes.iter().map(Hole::range).collect::<Vec<_>>())
    }
}

/// What is done with the pick of a strategy, whose type is only known here.
pub trait Use {
    type Output;
    fn with<K: Pick + 'static>(self, book: Book, pick: K) -> Self::Output;
}

/// Calls back with the pick that a strategy names.
pub fn with_pick<U: Use>(strategy: &Strategy, book: Book, then: U) -> Result<U::Output, Failure> {
    Ok(match strategy {
        Strategy::FirstFit => then.with(book, First),
        Strategy::NextFit => then.with(book, Next { rover: 0 }),
        Strategy::BestFit { tie: Tie::Lowest } => then.with(book, Best),
        Strategy::BestFit { tie: Tie::Recent } => then.with(book, BestRecent),
        Strategy::WorstFit => then.with(book, Worst),
        Strategy::Tlsf { parameters, tie } => {
            let (name, value) = ("subdivisions", parameters.subdivisions);
            if ![1, 2, 4, 8, 16, 32, 64].contains(&value) {
                return Err(failure!(BadParameter, name, value));
            }
            let (subdivisions, probe) = (value.into(), parameters.probe as usize);
            then.with(book, Tlsf { subdivisions, probe, recent: *tie == Tie::Recent })
        }
        other => panic!("{other} is not a fit"),
    })
}

fn fits(book: &Book, hole: &Hole, size: u64, request: &Request) -> bool {
    book.start_in(hole.range(), size, request).is_some()
}

/// The lowest hole that holds the request.
#[derive(Clone)]
struct First;

impl Pick for First {
    const NAME: &'static str = "first-fit";
    fn choose(&self, book: &Book, holes: &[Hole], size: u64, request: &Request) -> Option<Hole> {
        holes.iter().copied().find(|hole| fits(book, hole, size, request))
    }
}

/// The holes in address order from the one that contains or follows the rover, then those before it.
#[derive(Clone)]
struct Next {
    rover: u64,
}

impl Pick for Next {
    const NAME: &'static str = "next-fit";
    fn choose(&self, book: &Book, holes: &[Hole], size: u64, request: &Request) -> Option<Hole> {
        let (below, from): (Vec<_>, Vec<_>) =
            holes.iter().partition(|hole| hole.start + hole.size <= self.rover);
        from.into_iter().chain(below).find(|hole| fits(book, hole, size, request))
    }
    fn placed(&mut self, end: u64) {
        self.rover = end;
    }
    fn compacted(&mut self) {
        self.rover = 0;
    }
}

/// The smallest hole that holds the request, the lowest of equal ones.
#[derive(Clone)]
struct Best;

impl Pick for Best {
    const NAME: &'static str = "best-fit";
    fn choose(&self, book: &Book, holes: &[Hole], size: u64, request: &Request) -> Option<Hole> {
        let holding = holes.iter().copied().filter(|hole| fits(book, hole, size, request));
        holding.min_by_key(|hole| (hole.size, hole.start))
    }
}

/// The smallest hole that holds the request, the last changed of equal ones.
#[derive(Clone)]
struct BestRecent;

impl Pick for BestRecent {
    const NAME: &'static str = "best-fit";
    fn choose(&self, book: &Book, holes: &[Hole], size: u64, request: &Request) -> Option<Hole> {
        let holding = holes.iter().copied().filter(|hole| fits(book, hole, size, request));
        holding.min_by_key(|hole| (hole.size, Reverse(hole.stamp)))
    }
}

/// The largest hole, the lowest of equal ones, if it holds the request.
#[derive(Clone)]
struct Worst;

impl Pick for Worst {
    const NAME: &'static str = "worst-fit";
    fn choose(&self, book: &Book, holes: &[Hole], size: u64, request: &Request) -> Option<Hole> {
        let worst = holes.iter().copied().max_by_key(|hole| (hole.size, Reverse(hole.start)))?;
        Some(worst).filter(|hole| fits(book, hole, size, request))
    }
}

/// Two-level segregated fit. A bin is known by the smallest number of granules in it.
#[derive(Clone)]
struct Tlsf {
    subdivisions: u64,
    probe: usize,
    recent: bool,
}

impl Tlsf {
    fn bin(&self, book: &Book, size: u64) -> u64 {
        let granules = size / book.granularity;
        if granules < self.subdivisions {
            return granules;
        }
        let power = (0..64).map(|k| 1u64 << k).rfind(|&power| power <= granules).unwrap();
        let width = power / self.subdivisions;
        granules - granules % width
    }

    /// The order of the holes of a bin.
    fn rank(&self, hole: &Hole) -> (Reverse<u64>, u64) {
        if self.recent { (Reverse(hole.stamp), 0) } else { (Reverse(0), hole.start) }
    }
}

impl Pick for Tlsf {
    const NAME: &'static str = "tlsf";

    fn choose(&self, book: &Book, holes: &[Hole], size: u64, request: &Request) -> Option<Hole> {
        // With room for the worst pad, a hole holds the request wherever it begins.
        let slack = u128::from(request.alignment.max(book.granularity) - book.granularity);
        let granules = (u128::from(size) + slack) / u128::from(book.granularity);
        let sure = holes.iter().filter(|hole| u128::from(self.bin(book, hole.size)) >= granules);
        let found = sure.min_by_key(|hole| (self.bin(book, hole.size), self.rank(hole)));
        if let Some(hole) = found {
            return Some(*hole);
        }
        let floor = self.bin(book, size);
        let mut below: Vec<_> = holes.iter().filter(|hole| self.bin(book, hole.size) == floor).collect();
        below.sort_by_key(|hole| self.rank(hole));
        below.into_iter().take(self.probe).copied().find(|hole| fits(book, hole, size, request))
    }

    /// A hole keeps its place in the list of its bin as long as it stays in the bin.
    fn keeps_age(&self, book: &Book, old: u64, new: u64) -> bool {
        self.bin(book, old) == self.bin(book, new)
    }

    fn largest_sure(&self, book: &Book, holes: &[Hole]) -> u64 {
        holes.iter().map(|hole| self.bin(book, hole.size) * book.granularity).max().unwrap_or(0)
    }
}
