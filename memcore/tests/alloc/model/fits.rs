//! The fits over one space: a sorted list of holes, each with the moment from which it counts as old.
//!
//! Which hole a request gets is a [`Pick`]'s. What happens to the holes is the same for all:
//! - a block placed in a hole leaves a pad before it, a rest behind it, both or neither; the pad, or else the rest,
//!   *is* the old hole, and a rest behind a pad is a new one, younger than the pad;
//! - a freed block joins the hole before it, which takes the one behind it too; or the one behind; or is a new hole;
//! - a block that shrinks or grows moves the near end of the hole behind it, which may come or go;
//! - a block that slides down shortens the hole before it and lengthens the one behind it.
//!
//! The list is checked, at every look, against the gaps between the blocks.

use super::picks::Pick;
use super::{Book, Capabilities, Entry, Failure, Label, Policy, Range, Request, Step, failure, largest};
use memcore::alloc::Budget;

/// A hole, and how recently it became what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hole {
    pub start: u64,
    pub size: u64,
    pub stamp: u64,
}

impl Hole {
    pub fn range(&self) -> Range {
        (self.start, self.size)
    }

    fn end(&self) -> u64 {
        self.start + self.size
    }
}

#[derive(Clone)]
pub struct Fits<K> {
    pub pick: K,
    /// Ascending by start.
    pub holes: Vec<Hole>,
    clock: u64,
}

impl<K: Pick> Fits<K> {
    pub fn new(book: &Book, pick: K) -> Self {
        let mut fits = Fits { pick, holes: Vec::new(), clock: 0 };
        fits.change(book, None, (0, book.capacity));
        fits
    }

    /// The hole `old` (or a new one) becomes `range`, which may be empty.
    fn change(&mut self, book: &Book, old: Option<Hole>, range: Range) {
        self.clock += 1;
        self.holes.retain(|hole| Some(*hole) != old);
        if range.1 > 0 {
            let stays_old = old.is_some_and(|old| self.pick.keeps_age(book, old.size, range.1));
            let stamp = if stays_old { old.unwrap().stamp } else { self.clock };
            self.holes.push(Hole { start: range.0, size: range.1, stamp });
            self.holes.sort_by_key(|hole| hole.start);
        }
    }

    fn take(&mut self, book: &Book, hole: Hole, start: u64, size: u64) {
        let (pad, rest) = (start - hole.start, hole.end() - start - size);
        if pad > 0 {
            self.change(book, Some(hole), (hole.start, pad));
            self.change(book, None, (start + size, rest));
        } else {
            self.change(book, Some(hole), (start + size, rest));
        }
        self.pick.placed(start + size);
    }

    fn before(&self, start: u64) -> Option<Hole> {
        self.holes.iter().copied().find(|hole| hole.end() == start)
    }

    fn behind(&self, end: u64) -> Option<Hole> {
        self.holes.iter().copied().find(|hole| hole.start == end)
    }

    /// A range becomes free.
    pub fn release(&mut self, book: &Book, (start, size): Range) {
        match (self.before(start), self.behind(start + size)) {
            (Some(before), behind) => {
                if let Some(behind) = behind {
                    self.change(book, Some(behind), (0, 0));
                }
                let joined = before.size + size + behind.map_or(0, |behind| behind.size);
                self.change(book, Some(before), (before.start, joined));
            }
            (None, Some(behind)) => self.change(book, Some(behind), (start, size + behind.size)),
            (None, None) => self.change(book, None, (start, size)),
        }
    }

    /// Where an unplaced request would go: the hole, the start and the rounded size.
    pub fn find(&self, book: &Book, request: &Request) -> Result<(Hole, u64, u64), Failure> {
        let size = book.check(request)?;
        let Some(hole) = self.pick.choose(book, &self.holes, size, request) else {
            let free = self.holes.iter().map(|hole| hole.size).sum();
            return Err(book.out_of_space(request, free, largest(&self.ranges())));
        };
        Ok((hole, book.start_in(hole.range(), size, request).unwrap(), size))
    }

    /// Takes the place that [`find`](Self::find) found.
    pub fn place_found(&mut self, book: &Book, (hole, start, size): (Hole, u64, u64)) -> Range {
        self.take(book, hole, start, size);
        (start, size)
    }

    pub fn ranges(&self) -> Vec<Range> {
        self.holes.iter().map(Hole::range).collect()
    }

    /// Changes the size of the block at `start` from `old` bytes; the error is the most it could have.
    pub fn resize_range(&mut self, book: &Book, start: u64, old: u64, new: u64) -> Result<(), u64> {
        let behind = self.behind(start + old);
        let room = old + behind.map_or(0, |hole| hole.size);
        if new > room {
            return Err(room);
        }
        if new != old {
            self.change(book, behind, (start + new, room - new));
        }
        Ok(())
    }

    pub fn grow_by(&mut self, book: &Book, from: u64, to: u64) {
        let last = self.before(from);
        let start = last.map_or(from, |hole| hole.start);
        self.change(book, last, (start, to - start));
    }
}

impl<K: Pick> Policy for Fits<K> {
    const NAME: &'static str = K::NAME;

    fn capabilities(&self, book: &Book) -> Capabilities {
        Capabilities {
            free_in_any_order: true,
            reuses_freed: true,
            allocate_at: book.index,
            find_by_address: book.index,
            compaction: true,
            checkpoint: false,
            tags: book.tags,
        }
    }

    fn place(&mut self, book: &Book, _: &Label, request: &Request) -> Result<Range, Failure> {
        let found = self.find(book, request)?;
        book.room_for_one_more()?;
        Ok(self.place_found(book, found))
    }

    fn place_at(&mut self, book: &Book, _: &Label, start: u64, request: &Request) -> Result<Range, Failure> {
        let size = book.check(request)?;
        let (needs, multiple) = ("Start", book.granularity);
        if start % multiple != 0 {
            return Err(failure!(BadStart, start, needs, multiple));
        }
        let biased = u128::from(start) + u128::from(request.bias);
        if biased % u128::from(request.alignment) != 0 {
            let (needs, multiple) = ("BiasedStart", request.alignment);
            return Err(failure!(BadStart, start, needs, multiple));
        }
        if !book.index {
            let operation = "AllocateAt";
            return Err(failure!(NoAddressIndex, operation));
        }
        let end = u128::from(start) + u128::from(size);
        let around = self.holes.iter().find(|hole| hole.start <= start && end <= hole.end().into());
        let hole = *around.ok_or(failure!(RangeTaken, start, size))?;
        book.room_for_one_more()?;
        self.take(book, hole, start, size);
        Ok((start, size))
    }

    fn free(&mut self, book: &Book, entry: &Entry) -> Result<(), Failure> {
        self.release(book, (entry.start, entry.size));
        Ok(())
    }

    fn resize(&mut self, book: &Book, entry: &Entry, size: u64) -> Result<u64, Failure> {
        let (id, new) = (&entry.label, book.round(size)?);
        match self.resize_range(book, entry.start, entry.size, new) {
            Ok(()) => Ok(new),
            Err(available) => Err(failure!(NoRoomInPlace, id, size, available)),
        }
    }

    fn holes(&self, book: &Book) -> Vec<Range> {
        let ranges = self.ranges();
        assert_eq!(ranges, book.gaps(book.capacity), "the model's holes are not the gaps between its blocks");
        ranges
    }

    fn largest_sure(&self, book: &Book) -> u64 {
        self.pick.largest_sure(book, &self.holes)
    }

    fn grow(&mut self, book: &Book, capacity: u64) -> Result<(), Failure> {
        self.grow_by(book, book.capacity, capacity);
        Ok(())
    }

    fn plan(&self, book: &Book, budget: &Budget, pinned: &[Label]) -> Result<Vec<Step>, Failure> {
        let mut left = *budget;
        let mut floor = 0;
        let mut plan = Vec::new();
        for entry in &book.live {
            // A move by whole alignments keeps whatever point of the block was aligned.
            let stride = entry.alignment.max(book.granularity);
            let to = entry.start - (entry.start - floor) / stride * stride;
            let stays = to == entry.start || pinned.contains(&entry.label);
            if stays || left.moves == 0 || left.bytes < entry.size {
                floor = entry.start + entry.size;
            } else {
                plan.push((entry.label.clone(), entry.start, to, entry.size));
                (left.moves, left.bytes) = (left.moves - 1, left.bytes - entry.size);
                floor = to + entry.size;
            }
        }
        Ok(plan)
    }

    fn moved(&mut self, book: &Book, &(_, from, to, size): &Step) {
        let (before, behind) = (self.before(from).unwrap(), self.behind(from + size));
        self.change(book, Some(before), (before.start, to - before.start));
        let end = behind.map_or(from + size, |hole| hole.end());
        self.change(book, behind, (to + size, end - to - size));
    }

    fn compacted(&mut self) {
        self.pick.compacted();
    }
}
