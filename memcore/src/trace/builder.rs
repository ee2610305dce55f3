//! Builds a trace one operation at a time: by generators, by binary readers, by programs.
//!
//! The builder numbers blocks. An allocation gets the next id; a realloc or free names an id given before.
//! What it keeps is what an [`AllocTrace`] promises: ids appear for the first time in the order 0, 1, 2, ...
//! An id that first appears in a realloc or free is an *orphan*: no allocation ever has it, and a replay
//! skips and counts its operations. (A text trace may contain such; see [`AllocTraceBuilder::orphan_free`].)

use super::alloc_trace::AllocTrace;
use super::error::Reason;
use super::event::{Event, EventKind, MAX_THREAD};
use super::format::Format;
use super::notes::{NoteKind, Notes};

/// The most operations that are reserved on the word of a header alone; beyond, the vector grows as they
/// come.
const TRUSTED_COUNT: u64 = 1 << 16;

/// Collects operations into an [`AllocTrace`]. Every call is amortised O(1) and changes nothing when it
/// fails.
///
/// ```
/// use memcore::trace::AllocTraceBuilder;
///
/// let mut builder = AllocTraceBuilder::new();
/// let first = builder.malloc(100)?;
/// builder.set_thread(1)?;
/// let second = builder.aligned(4096, 64)?;
/// builder.realloc(first, 200)?;
/// builder.free(second)?;
/// let trace = builder.finish();
/// assert_eq!((trace.events().len(), trace.ids()), (4, 2));
/// # Ok::<(), memcore::trace::Reason>(())
/// ```
#[derive(Clone, Debug)]
pub struct AllocTraceBuilder {
    events: Vec<Event>,
    next_id: u32,
    orphans: u32,
    thread: u32,
    max_events: u64,
    pub(super) notes: Notes,
    comment: Option<String>,
}

impl Default for AllocTraceBuilder {
    fn default() -> Self {
        AllocTraceBuilder::new()
    }
}

impl AllocTraceBuilder {
    /// An empty trace on thread 0, with no limit but memory and ids.
    pub fn new() -> AllocTraceBuilder {
        AllocTraceBuilder::with_limit(u64::MAX)
    }

    /// As [`new`](Self::new), refusing more than `max_events` operations.
    pub fn with_limit(max_events: u64) -> AllocTraceBuilder {
        AllocTraceBuilder {
            events: Vec::new(),
            next_id: 0,
            orphans: 0,
            thread: 0,
            max_events,
            notes: Notes::default(),
            comment: None,
        }
    }

    /// The id that the next allocation gets, which is the number of ids so far.
    pub fn next_id(&self) -> u32 {
        self.next_id
    }

    /// The operations so far.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The operations that follow are called by `thread`.
    ///
    /// # Errors
    /// [`Reason::ThreadOutOfRange`] above [`MAX_THREAD`].
    pub fn set_thread(&mut self, thread: u64) -> Result<(), Reason> {
        match u32::try_from(thread) {
            Ok(number) if number <= MAX_THREAD => self.thread = number,
            _ => return Err(Reason::ThreadOutOfRange { thread }),
        }
        Ok(())
    }

    /// Text that goes with the trace into memcore's own format: where it comes from, how it was made.
    pub fn set_comment(&mut self, comment: impl Into<String>) {
        self.comment = Some(comment.into());
    }

    /// `malloc(size)`; gives the block's id.
    ///
    /// # Errors
    /// [`Reason::TooManyEvents`], [`Reason::TooManyIds`] or [`Reason::OutOfMemory`]; so for every operation.
    pub fn malloc(&mut self, size: u64) -> Result<u32, Reason> {
        self.allocate(EventKind::Malloc, size, 0)
    }

    /// `calloc` of `size` bytes in all; gives the block's id.
    ///
    /// # Errors
    /// As [`malloc`](Self::malloc).
    pub fn calloc(&mut self, size: u64) -> Result<u32, Reason> {
        self.allocate(EventKind::Calloc, size, 0)
    }

    /// An allocation at a multiple of `alignment`; gives the block's id.
    ///
    /// # Errors
    /// As [`malloc`](Self::malloc), and [`Reason::BadAlignment`] when `alignment` is no power of two.
    pub fn aligned(&mut self, size: u64, alignment: u64) -> Result<u32, Reason> {
        if !alignment.is_power_of_two() {
            return Err(Reason::BadAlignment { alignment });
        }
        self.allocate(EventKind::Aligned, size, alignment.trailing_zeros())
    }

    /// `realloc` of block `id` to `size` bytes; a size of 0 is a free.
    ///
    /// # Errors
    /// [`Reason::UnknownReference`] when no allocation gave `id`, and those of [`malloc`](Self::malloc).
    pub fn realloc(&mut self, id: u32, size: u64) -> Result<(), Reason> {
        self.known(id)?;
        self.push(resized(id, size))
    }

    /// `free` of block `id`, live or not (a replay skips the second free of a block and counts it).
    ///
    /// # Errors
    /// As [`realloc`](Self::realloc).
    pub fn free(&mut self, id: u32) -> Result<(), Reason> {
        self.known(id)?;
        self.push(Event::free(id))
    }

    /// `free` of a block that no allocation gave, under a new id; gives that id.
    ///
    /// # Errors
    /// As [`malloc`](Self::malloc).
    pub fn orphan_free(&mut self) -> Result<u32, Reason> {
        self.introduce(Event::free(self.next_id), true)
    }

    /// `realloc` of a block that no allocation gave, under a new id; gives that id.
    ///
    /// # Errors
    /// As [`malloc`](Self::malloc).
    pub fn orphan_realloc(&mut self, size: u64) -> Result<u32, Reason> {
        self.introduce(resized(self.next_id, size), true)
    }

    /// The finished trace, of format [`Format::Built`].
    pub fn finish(self) -> AllocTrace {
        self.finish_as(Format::Built)
    }

    pub(super) fn finish_as(self, format: Format) -> AllocTrace {
        AllocTrace::from_parts(self.events, self.next_id, self.orphans, format, self.notes, self.comment)
    }

    #[inline]
    pub(super) fn allocate(
        &mut self,
        kind: EventKind,
        size: u64,
        log2_alignment: u32,
    ) -> Result<u32, Reason> {
        self.introduce(Event::of(kind, self.next_id, size, log2_alignment), false)
    }

    /// Reserves room for a stated number of operations, as far as a statement is to be trusted.
    pub(super) fn expect(&mut self, stated: u64) -> Result<(), Reason> {
        let wanted = stated.min(TRUSTED_COUNT).min(self.max_events) as usize;
        self.events.try_reserve(wanted).map_err(|_| Reason::OutOfMemory { events: self.events.len() })
    }

    pub(super) fn note(&mut self, kind: NoteKind, at: u64) {
        self.notes.add(kind, at);
    }

    #[inline]
    fn known(&self, id: u32) -> Result<(), Reason> {
        if id >= self.next_id {
            return Err(Reason::UnknownReference {
                what: "block",
                number: u64::from(id),
                defined: u64::from(self.next_id),
            });
        }
        Ok(())
    }

    #[inline]
    fn introduce(&mut self, event: Event, orphan: bool) -> Result<u32, Reason> {
        let next = self.next_id.checked_add(1).ok_or(Reason::TooManyIds)?;
        self.push(event)?;
        let id = self.next_id;
        self.next_id = next;
        self.orphans += u32::from(orphan);
        Ok(id)
    }

    #[inline]
    fn push(&mut self, event: Event) -> Result<(), Reason> {
        if self.events.len() as u64 >= self.max_events {
            return Err(Reason::TooManyEvents { limit: self.max_events });
        }
        if self.events.len() == self.events.capacity() {
            self.events.try_reserve(1).map_err(|_| Reason::OutOfMemory { events: self.events.len() })?;
        }
        self.events.push(event.on_thread(self.thread)?);
        Ok(())
    }
}

/// `realloc(p, 0)` frees in every C library that these traces come from.
#[inline]
fn resized(id: u32, size: u64) -> Event {
    if size == 0 { Event::free(id) } else { Event::realloc(id, size) }
}
