//! Size classes: a list of spans over the model of the fallback.
//!
//! A span knows who is in each of its slots. Of the spans of a class that have a free slot, the one that came to have
//! one last is used. The holes are the fallback's and the free slots; what is placed alone, for its size, its alignment
//! or for want of room for a span, is the fallback's too.

use super::fits::Fits;
use super::picks::{self, Pick};
use super::{Book, Capabilities, Entry, Failure, Label, Policy, Range, Request, failure, largest};
use memcore::alloc::{ClassTable, SizeClassParameters, Strategy};

#[derive(Clone)]
struct Span {
    start: u64,
    class: u64,
    slots: Vec<Option<Label>>,
    /// Bytes of the fallback's block.
    size: u64,
    /// When it last came to have a free slot.
    partial_since: u64,
}

impl Span {
    fn is_partial(&self) -> bool {
        self.slots.contains(&None)
    }

    fn is_empty(&self) -> bool {
        self.slots.iter().all(Option::is_none)
    }

    fn end_of_slots(&self) -> u64 {
        self.start + self.class * self.slots.len() as u64
    }

    fn contains(&self, start: u64) -> bool {
        (self.start..self.end_of_slots()).contains(&start)
    }
}

#[derive(Clone)]
pub struct SizeClasses {
    classes: Vec<u64>,
    most_span: u64,
    /// What the fallback deals in.
    page: u64,
    keep: bool,
    /// Kept spans are given back for room.
    gives_back: bool,
    /// Blocks that the fallback has by themselves.
    alone: u64,
    spans: Vec<Span>,
    behind: Box<dyn Behind>,
    clock: u64,
}

/// The model of the fallback, whichever fit it is.
trait Behind {
    fn copy(&self) -> Box<dyn Behind>;
    /// Size and alignment of the request only.
    fn place(&mut self, book: &Book, request: &Request) -> Option<Range>;
    fn release(&mut self, book: &Book, range: Range);
    fn resize(&mut self, book: &Book, start: u64, old: u64, new: u64) -> Result<(), u64>;
    fn grow(&mut self, book: &Book, capacity: u64);
    fn holes(&self) -> Vec<Range>;
    fn largest_sure(&self, book: &Book) -> u64;
}

impl<K: Pick + 'static> Behind for Fits<K> {
    fn copy(&self) -> Box<dyn Behind> {
        Box::new(self.clone())
    }
    fn place(&mut self, book: &Book, request: &Request) -> Option<Range> {
        let found = self.find(book, request).ok()?;
        Some(self.place_found(book, found))
    }
    fn release(&mut self, book: &Book, range: Range) {
        Fits::release(self, book, range);
    }
    fn resize(&mut self, book: &Book, start: u64, old: u64, new: u64) -> Result<(), u64> {
        self.resize_range(book, start, old, new)
    }
    fn grow(&mut self, book: &Book, capacity: u64) {
        self.grow_by(book, book.capacity, capacity);
    }
    fn holes(&self) -> Vec<Range> {
        self.ranges()
    }
    fn largest_sure(&self, book: &Book) -> u64 {
        self.pick.largest_sure(book, &self.holes)
    }
}

impl Clone for Box<dyn Behind> {
    fn clone(&self) -> Self {
        self.as_ref().copy()
    }
}

/// Boxes the model of the fallback.
struct BoxBehind;

impl picks::Use for BoxBehind {
    type Output = Box<dyn Behind>;
    fn with<K: Pick + 'static>(self, book: Book, pick: K) -> Self::Output {
        Box::new(Fits::new(&book, pick))
    }
}

/// Every multiple of the granularity that the table's description names.
fn classes(book: &Book, table: &ClassTable) -> Result<Vec<u64>, Failure> {
    let granularity = book.granularity;
    let mut classes = Vec::new();
    match table {
        ClassTable::Listed(sizes) => {
            for &value in sizes {
                let name = "classes";
                let rounded = u128::from(value).div_ceil(granularity.into()) * u128::from(granularity);
                if rounded == 0 || rounded > u64::MAX.into() {
                    return Err(failure!(BadParameter, name, value));
                }
                classes.push(rounded as u64);
            }
        }
        &ClassTable::Geometric { steps, largest } => {
            if ![1, 2, 4, 8, 16, 32, 64].contains(&steps) {
                let (name, value) = ("steps", steps);
                return Err(failure!(BadParameter, name, value));
            }
            for size in (1..=largest / granularity).map(|granules| granules * granularity) {
                let power = (0..64).map(|k| 1u64 << k).rfind(|&power| power <= size).unwrap();
                if size % (power / u64::from(steps)).max(granularity) == 0 {
                    classes.push(size);
                }
                if classes.len() > 255 {
                    break;
                }
            }
        }
    }
    classes.sort();
    classes.dedup();
    if !(1..=255).contains(&classes.len()) {
        let (name, value) = ("classes", classes.len());
        return Err(failure!(BadParameter, name, value));
    }
    Ok(classes)
}

impl SizeClasses {
    /// The strategy, and the book with its capacity in whole pages.
    pub fn new(mut book: Book, parameters: &SizeClassParameters) -> Result<(Book, Self), Failure> {
        let (name, value) = ("page", parameters.page);
        if value.count_ones() != 1 {
            return Err(failure!(BadParameter, name, value));
        }
        let page = value.max(book.granularity);
        if book.capacity < page {
            let (name, value) = ("capacity", book.capacity);
            return Err(failure!(BadParameter, name, value));
        }
        book.unit = page;
        book.capacity -= book.capacity % page;
        let fallback = Strategy::from(parameters.fallback);
        let behind = Book { granularity: page, ..book.clone() };
        let policy = SizeClasses {
            classes: classes(&book, &parameters.classes)?,
            most_span: parameters.span,
            page,
            keep: parameters.keep,
            gives_back: true,
            alone: 0,
            spans: Vec::new(),
            behind: picks::with_pick(&fallback, behind, BoxBehind)?,
            clock: 0,
        };
        Ok((book, policy))
    }

    /// The book as the fallback has it.
    fn behind_book(&self, book: &Book) -> Book {
        Book { granularity: self.page, ..book.clone() }
    }

    /// The smallest class that holds the bytes and whose every slot is aligned as asked; slots begin at pages.
    fn class_for(&self, book: &Book, size: u64, request: &Request) -> Option<u64> {
        let mut fitting = self.classes.iter().copied().filter(|&class| class >= size);
        if request.alignment <= book.granularity {
            return fitting.next();
        }
        if request.alignment > self.page || request.bias != 0 {
            return None;
        }
        fitting.find(|class| class % request.alignment == 0)
    }

    /// Asks the fallback; where it has no room, once more without the spans that are kept.
    fn place_behind(&mut self, book: &Book, request: &Request) -> Result<Option<Range>, Failure> {
        let behind = self.behind_book(book);
        behind.check(request)?;
        let has_room = book.most.is_none_or(|most| self.spans.len() as u64 + self.alone < most);
        if has_room && let Some(range) = self.behind.place(&behind, request) {
            return Ok(Some(range));
        }
        if !self.gives_back || !self.spans.iter().any(Span::is_empty) {
            return Ok(None);
        }
        let (mut kept, rest): (Vec<_>, Vec<_>) = self.spans.drain(..).partition(Span::is_empty);
        self.spans = rest;
        kept.sort_by_key(|span| span.class);
        for span in kept {
            self.behind.release(&behind, (span.start, span.size));
        }
        Ok(self.behind.place(&behind, request))
    }

    /// A place in a span, a new one if need be; none where there is no room for one.
    fn place_small(&mut self, book: &Book, label: &Label, class: u64) -> Option<Range> {
        let partial = |span: &&Span| span.class == class && span.is_partial();
        if !self.spans.iter().any(|span| partial(&span)) {
            let least = u128::from(class) * u128::from((self.most_span / class).clamp(1, 64));
            let size = u64::try_from(least.div_ceil(self.page.into()) * u128::from(self.page)).ok()?;
            let (start, size) = self.place_behind(book, &Request::new(size)).ok()??;
            self.clock += 1;
            // What rounding up to pages adds may hold more slots.
            let slots = vec![None; (size / class).min(64) as usize];
            self.spans.push(Span { start, class, slots, size, partial_since: self.clock });
        }
        let recent =
            self.spans.iter_mut().filter(|span| partial(&&**span)).max_by_key(|span| span.partial_since);
        let span = recent.unwrap();
        let number = span.slots.iter().position(Option::is_none).unwrap();
        span.slots[number] = Some(label.clone());
        Some((span.start + number as u64 * class, class))
    }
}

impl Policy for SizeClasses {
    const NAME: &'static str = "size-classes";

    fn capabilities(&self, book: &Book) -> Capabilities {
        Capabilities {
            free_in_any_order: true,
            reuses_freed: true,
            allocate_at: false,
            find_by_address: book.index,
            compaction: false,
            checkpoint: false,
            tags: book.tags,
        }
    }

    /// Full tables are noticed before a full space here: a new span may already have been taken otherwise.
    fn place(&mut self, book: &Book, label: &Label, request: &Request) -> Result<Range, Failure> {
        let size = book.check(request)?;
        let class = self.class_for(book, size, request);
        if class.is_none() {
            self.behind_book(book).check(request)?;
        }
        book.room_for_one_more()?;
        if let Some(class) = class
            && let Some(place) = self.place_small(book, label, class)
        {
            return Ok(place);
        }
        let Some(place) = self.place_behind(book, request)? else {
            let holes = self.holes(book);
            return Err(book.out_of_space(request, holes.iter().map(|hole| hole.1).sum(), largest(&holes)));
        };
        self.alone += 1;
        Ok(place)
    }

    /// Without giving back what is kept.
    fn can_place(&mut self, book: &Book, label: &Label, request: &Request) -> bool {
        self.gives_back = false;
        self.place(book, label, request).is_ok()
    }

    fn free(&mut self, book: &Book, entry: &Entry) -> Result<(), Failure> {
        let Some(at) = self.spans.iter().position(|span| span.contains(entry.start)) else {
            self.behind.release(&self.behind_book(book), (entry.start, entry.size));
            self.alone -= 1;
            return Ok(());
        };
        let span = &mut self.spans[at];
        let was_full = !span.is_partial();
        span.slots[((entry.start - span.start) / span.class) as usize] = None;
        if was_full {
            self.clock += 1;
            span.partial_since = self.clock;
        }
        let (class, is_empty) = (span.class, span.is_empty());
        let others = self.spans.iter().filter(|span| span.class == class && span.is_partial()).count() - 1;
        if is_empty && (!self.keep || others > 0) {
            let span = self.spans.remove(at);
            self.behind.release(&self.behind_book(book), (span.start, span.size));
        }
        Ok(())
    }

    fn resize(&mut self, book: &Book, entry: &Entry, size: u64) -> Result<u64, Failure> {
        let id = &entry.label;
        if self.spans.iter().any(|span| span.contains(entry.start)) {
            let available = entry.size;
            return if size > available {
                Err(failure!(NoRoomInPlace, id, size, available))
            } else {
                Ok(available)
            };
        }
        let behind = self.behind_book(book);
        let new = behind.round(size)?;
        match self.behind.resize(&behind, entry.start, entry.size, new) {
            Ok(()) => Ok(new),
            Err(available) => Err(failure!(NoRoomInPlace, id, size, available)),
        }
    }

    fn holes(&self, _: &Book) -> Vec<Range> {
        let mut holes = self.behind.holes();
        for span in &self.spans {
            let free = (0..span.slots.len()).filter(|&number| span.slots[number].is_none());
            holes.extend(free.map(|number| (span.start + number as u64 * span.class, span.class)));
        }
        holes.sort();
        holes
    }

    fn dead(&self, _: &Book) -> Vec<Range> {
        let tail = |span: &Span| (span.end_of_slots(), span.start + span.size - span.end_of_slots());
        let mut dead: Vec<_> = self.spans.iter().map(tail).filter(|tail| tail.1 > 0).collect();
        dead.sort();
        dead
    }

    /// Either alone in the fallback, or in a slot that is free.
    fn largest_sure(&self, book: &Book) -> u64 {
        let partial = self.spans.iter().filter(|span| span.is_partial()).map(|span| span.class);
        self.behind.largest_sure(&self.behind_book(book)).max(partial.max().unwrap_or(0))
    }

    fn grow(&mut self, book: &Book, capacity: u64) -> Result<(), Failure> {
        self.behind.grow(&self.behind_book(book), capacity);
        Ok(())
    }
}
