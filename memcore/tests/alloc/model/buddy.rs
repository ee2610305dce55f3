//! The buddy system as a picture of the dyadic tree: nothing is remembered but the blocks.
//!
//! Halve `[0, 2^64)` again and again. A part that lies inside the space and that no block touches is a hole; a part that
//! is a block is a block; any other is halved. Since buddies join whenever they can, this picture is the state.

use super::{Book, Capabilities, Entry, Failure, Label, Policy, Range, Request, failure, largest};

#[derive(Clone)]
pub struct Buddy;

impl Buddy {
    fn measure(&self, book: &Book, request: &Request) -> Result<u64, Failure> {
        let rounded = book.check(request)?;
        let (capacity, &Request { size, alignment, bias, .. }) = (book.capacity, request);
        if bias % alignment != 0 {
            let granularity = alignment; // what the bias would have to be a multiple of
            return Err(failure!(BadBias, bias, alignment, granularity));
        }
        let power =
            (0..=64).map(|k| 1u128 << k).find(|&power| power >= rounded.max(alignment).into()).unwrap();
        if power > capacity.into() { Err(failure!(TooLarge, size, capacity)) } else { Ok(power as u64) }
    }

    fn explore(&self, book: &Book, touching: &[&Entry], start: u128, size: u128, holes: &mut Vec<Range>) {
        let end = start + size;
        if start >= book.capacity.into() || touching.iter().any(|entry| u128::from(entry.size) == size) {
            return;
        }
        if touching.is_empty() && end <= book.capacity.into() {
            holes.push((start as u64, size as u64));
            return;
        }
        let half = size / 2;
        for start in [start, start + half] {
            let inside = |entry: &&&Entry| (start..start + half).contains(&entry.start.into());
            let touching: Vec<&Entry> = touching.iter().filter(inside).copied().collect();
            self.explore(book, &touching, start, half, holes);
        }
    }
}

impl Policy for Buddy {
    const NAME: &'static str = "buddy";

    fn capabilities(&self, book: &Book) -> Capabilities {
        Capabilities {
            free_in_any_order: true,
            reuses_freed: true,
            allocate_at: true,
            find_by_address: book.index,
            compaction: false,
            checkpoint: false,
            tags: book.tags,
        }
    }

    fn place(&mut self, book: &Book, _: &Label, request: &Request) -> Result<Range, Failure> {
        let size = self.measure(book, request)?;
        let holes = self.holes(book);
        let smallest = holes.iter().filter(|hole| hole.1 >= size).min_by_key(|hole| (hole.1, hole.0));
        let Some(&(start, _)) = smallest else {
            let free = holes.iter().map(|hole| hole.1).sum();
            return Err(book.out_of_space(request, free, largest(&holes)));
        };
        book.room_for_one_more()?;
        Ok((start, size))
    }

    fn place_at(&mut self, book: &Book, _: &Label, start: u64, request: &Request) -> Result<Range, Failure> {
        let size = self.measure(book, request)?;
        let (needs, multiple) = ("Start", size);
        if start % multiple != 0 {
            return Err(failure!(BadStart, start, needs, multiple));
        }
        let end = u128::from(start) + u128::from(size);
        let inside = |hole: &Range| hole.0 <= start && end <= u128::from(hole.0) + u128::from(hole.1);
        if !self.holes(book).iter().any(inside) {
            return Err(failure!(RangeTaken, start, size));
        }
        book.room_for_one_more()?;
        Ok((start, size))
    }

    fn free(&mut self, _: &Book, _: &Entry) -> Result<(), Failure> {
        Ok(())
    }

    /// A block may double as long as it is the lower buddy and the upper one is wholly free.
    fn resize(&mut self, book: &Book, entry: &Entry, size: u64) -> Result<u64, Failure> {
        let wanted = self.measure(book, &Request::new(size).align(entry.alignment))?;
        let mut reach = u128::from(entry.size);
        while reach < wanted.into() {
            let start = u128::from(entry.start);
            let upper = start + reach..start + 2 * reach;
            let is_lower = start % (2 * reach) == 0;
            let is_free = upper.end <= book.capacity.into()
                && !book.live.iter().any(|other| upper.contains(&other.start.into()));
            if !is_lower || !is_free {
                let (id, available) = (&entry.label, reach);
                return Err(failure!(NoRoomInPlace, id, size, available));
            }
            reach *= 2;
        }
        Ok(wanted)
    }

    /// Fixed tables have room for the orders of the first capacity.
    fn grow(&mut self, book: &Book, capacity: u64) -> Result<(), Failure> {
        let orders = |capacity: u64| (0..64).filter(|k| (capacity / book.granularity) >> k > 0).count();
        let blocks = book.live.len();
        if book.most.is_some() && orders(capacity) > orders(book.capacity) {
            return Err(failure!(OutOfMetadata, blocks));
        }
        Ok(())
    }

    fn holes(&self, book: &Book) -> Vec<Range> {
        let mut holes = Vec::new();
        self.explore(book, &book.live.iter().collect::<Vec<_>>(), 0, 1 << 64, &mut holes);
        holes
    }
}
