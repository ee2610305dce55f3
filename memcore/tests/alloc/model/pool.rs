//! A pool: free slots on a pile, the last freed on top, and slots that were never used above the rest.

use super::{Book, Capabilities, Entry, Failure, Label, Policy, Range, Request, Step, failure};
use memcore::alloc::Budget;

#[derive(Clone)]
pub struct Pool {
    slot: u64,
    /// Free slots that were used or skipped, by number; the last is taken first.
    pile: Vec<u64>,
    /// Slots from this number on were never used.
    untouched: u64,
}

/// How far beyond the slots touched a wanted one may be, at least.
const SKIP: u64 = 65536;

impl Pool {
    /// The pool, and the book with its capacity in whole slots.
    pub fn new(mut book: Book, slot: u64) -> Result<(Book, Self), Failure> {
        let rounded = u128::from(slot).div_ceil(book.granularity.into()) * u128::from(book.granularity);
        if rounded == 0 || rounded > book.capacity.into() {
            let (name, value) = ("slot", slot);
            return Err(failure!(BadParameter, name, value));
        }
        book.unit = rounded as u64;
        book.capacity -= book.capacity % book.unit;
        Ok((book.clone(), Pool { slot: book.unit, pile: Vec::new(), untouched: 0 }))
    }

    fn check(&self, book: &Book, request: &Request) -> Result<(), Failure> {
        let mut unlimited = book.clone();
        unlimited.capacity = u64::MAX;
        unlimited.check(request)?;
        let (granularity, capacity) = (book.granularity, self.slot);
        let &Request { size, alignment, bias, .. } = request;
        if size > capacity {
            return Err(failure!(TooLarge, size, capacity));
        }
        if self.slot % alignment != 0 {
            let (name, value) = ("alignment", alignment);
            return Err(failure!(BadParameter, name, value));
        }
        if bias % alignment != 0 {
            return Err(failure!(BadBias, bias, alignment, granularity));
        }
        Ok(())
    }

    /// Refuses `more` records beyond those of the slots touched.
    fn room_for(&self, book: &Book, more: u64) -> Result<(), Failure> {
        let blocks = book.live.len();
        if book.most.is_some_and(|most| self.untouched + more > most) {
            return Err(failure!(OutOfMetadata, blocks));
        }
        Ok(())
    }
}

impl Policy for Pool {
    const NAME: &'static str = "pool";

    fn capabilities(&self, book: &Book) -> Capabilities {
        Capabilities {
            free_in_any_order: true,
            reuses_freed: true,
            allocate_at: true,
            find_by_address: true,
            compaction: true,
            checkpoint: false,
            tags: book.tags,
        }
    }

    fn place(&mut self, book: &Book, _: &Label, request: &Request) -> Result<Range, Failure> {
        self.check(book, request)?;
        if let Some(number) = self.pile.pop() {
            return Ok((number * self.slot, self.slot));
        }
        if self.untouched == book.capacity / self.slot {
            return Err(book.out_of_space(request, 0, 0));
        }
        self.room_for(book, 1)?;
        self.untouched += 1;
        Ok(((self.untouched - 1) * self.slot, self.slot))
    }

    fn place_at(&mut self, book: &Book, _: &Label, start: u64, request: &Request) -> Result<Range, Failure> {
        self.check(book, request)?;
        let (needs, multiple, size) = ("Start", self.slot, self.slot);
        if start % multiple != 0 {
            return Err(failure!(BadStart, start, needs, multiple));
        }
        let number = start / self.slot;
        if start >= book.capacity || (number < self.untouched && !self.pile.contains(&number)) {
            return Err(failure!(RangeTaken, start, size));
        }
        if number >= self.untouched {
            if number - self.untouched > self.untouched + SKIP {
                let blocks = book.live.len();
                return Err(failure!(OutOfMetadata, blocks));
            }
            self.room_for(book, number - self.untouched + 1)?;
            self.pile.extend((self.untouched..number).rev());
            self.untouched = number + 1;
        }
        self.pile.retain(|&other| other != number);
        Ok((start, self.slot))
    }

    fn free(&mut self, _: &Book, entry: &Entry) -> Result<(), Failure> {
        self.pile.push(entry.start / self.slot);
        Ok(())
    }

    fn resize(&mut self, _: &Book, entry: &Entry, size: u64) -> Result<u64, Failure> {
        let (id, available) = (&entry.label, self.slot);
        if size > available { Err(failure!(NoRoomInPlace, id, size, available)) } else { Ok(available) }
    }

    fn holes(&self, book: &Book) -> Vec<Range> {
        let mut numbers = self.pile.clone();
        numbers.sort();
        let mut holes: Vec<Range> = numbers.iter().map(|number| (number * self.slot, self.slot)).collect();
        let rest = self.untouched * self.slot;
        if rest < book.capacity {
            holes.push((rest, book.capacity - rest));
        }
        holes
    }

    fn largest_sure(&self, book: &Book) -> u64 {
        if self.holes(book).is_empty() { 0 } else { self.slot }
    }

    /// From the top down, so that the lowest slot is taken first afterwards.
    fn reset_order(&self, book: &Book) -> Vec<Label> {
        book.live.iter().rev().map(|entry| entry.label.clone()).collect()
    }

    fn plan(&self, book: &Book, budget: &Budget, pinned: &[Label]) -> Result<Vec<Step>, Failure> {
        let mut left = *budget;
        let mut free: Vec<u64> = self.pile.iter().map(|number| number * self.slot).collect();
        free.sort_by(|a, b| b.cmp(a));
        let mut plan = Vec::new();
        for entry in book.live.iter().rev().filter(|entry| !pinned.contains(&entry.label)) {
            let affordable = left.moves > 0 && left.bytes >= self.slot;
            if let Some(&to) = free.last().filter(|to| **to < entry.start && affordable) {
                free.pop();
                plan.push((entry.label.clone(), entry.start, to, self.slot));
                (left.moves, left.bytes) = (left.moves - 1, left.bytes - self.slot);
            }
        }
        Ok(plan)
    }

    /// The free slot and the block change places; the pile keeps its order.
    fn moved(&mut self, _: &Book, &(_, from, to, _): &Step) {
        let free = self.pile.iter_mut().find(|number| **number == to / self.slot).unwrap();
        *free = from / self.slot;
    }
}
