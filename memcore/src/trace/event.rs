//! One operation of an allocation trace, in 16 bytes.
//!
//! A trace of a real program has millions of operations, and a replay walks them once per strategy; the
//! walk should cost a fraction of the cheapest allocator. So an operation is two machine words, four to a
//! cache line, with nothing behind a pointer:
//!
//! ```text
//!  byte 0                8            12           16
//!       +----------------+------------+------------+
//!       | size      u64  | id    u32  | packed u32 |
//!       +----------------+------------+------------+
//!                          bits 0..3   kind
//!                          bits 3..9   log2 of the alignment (0 unless the kind is Aligned)
//!                          bits 9..32  thread
//! ```
//!
//! Twenty-three bits of thread number and six of alignment are more than any recorded program has used; a
//! reader that meets a larger thread number says so instead of wrapping it.

use core::fmt;

use super::error::Reason;

const KIND_BITS: u32 = 3;
const ALIGN_BITS: u32 = 6;
const THREAD_SHIFT: u32 = KIND_BITS + ALIGN_BITS;

/// The highest thread number that an [`Event`] holds: 2^23 - 1.
pub const MAX_THREAD: u32 = u32::MAX >> THREAD_SHIFT;

/// What an operation does. The numbers are those of the binary formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum EventKind {
    /// `malloc`, `operator new`: a block with the allocator's own alignment.
    Malloc = 0,
    /// `calloc`: as malloc, the bytes zero; the size is count times element size.
    Calloc = 1,
    /// `memalign`, `posix_memalign`, `aligned_alloc`, `valloc`: a block with a stated alignment.
    Aligned = 2,
    /// `realloc` of a block to another size, moved or not; the block keeps its id.
    Realloc = 3,
    /// `free`.
    Free = 4,
}

impl EventKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [EventKind; 5] =
        [EventKind::Malloc, EventKind::Calloc, EventKind::Aligned, EventKind::Realloc, EventKind::Free];

    /// The kind with this number, or `None` above 4.
    pub const fn from_number(number: u8) -> Option<EventKind> {
        match number {
            0 => Some(EventKind::Malloc),
            1 => Some(EventKind::Calloc),
            2 => Some(EventKind::Aligned),
            3 => Some(EventKind::Realloc),
            4 => Some(EventKind::Free),
            _ => None,
        }
    }

    /// Whether the operation brings a new block into being (malloc, calloc, aligned).
    pub const fn allocates(self) -> bool {
        matches!(self, EventKind::Malloc | EventKind::Calloc | EventKind::Aligned)
    }

    /// The name in lower case: `malloc`, `calloc`, `aligned`, `realloc`, `free`.
    pub const fn name(self) -> &'static str {
        match self {
            EventKind::Malloc => "malloc",
            EventKind::Calloc => "calloc",
            EventKind::Aligned => "aligned",
            EventKind::Realloc => "realloc",
            EventKind::Free => "free",
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One operation: a kind, the id of its block, a size in bytes, and, where they are known, an alignment and
/// a thread. All accessors are O(1) and never fail.
///
/// ```
/// use memcore::trace::{Event, EventKind};
///
/// let event = Event::aligned(7, 4096, 64)?.on_thread(3)?;
/// assert_eq!(event.kind(), EventKind::Aligned);
/// assert_eq!((event.id(), event.size(), event.thread()), (7, 4096, 3));
/// assert_eq!(event.alignment(), Some(64));
/// assert_eq!(size_of::<Event>(), 16);
/// # Ok::<(), memcore::trace::Reason>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Event {
    size: u64,
    id: u32,
    packed: u32,
}

impl Event {
    /// The operation on thread 0. `log2_alignment` must be below 64; it is kept for [`EventKind::Aligned`].
    pub(crate) const fn of(kind: EventKind, id: u32, size: u64, log2_alignment: u32) -> Event {
        Event { size, id, packed: kind as u32 | (log2_alignment << KIND_BITS) }
    }

    /// `malloc(size)` giving the block `id`.
    pub const fn malloc(id: u32, size: u64) -> Event {
        Event::of(EventKind::Malloc, id, size, 0)
    }

    /// `calloc` of `size` bytes in all, giving the block `id`.
    pub const fn calloc(id: u32, size: u64) -> Event {
        Event::of(EventKind::Calloc, id, size, 0)
    }

    /// An allocation of `size` bytes at a multiple of `alignment`, giving the block `id`.
    ///
    /// # Errors
    /// [`Reason::BadAlignment`] when `alignment` is not a power of two.
    pub const fn aligned(id: u32, size: u64, alignment: u64) -> Result<Event, Reason> {
        if !alignment.is_power_of_two() {
            return Err(Reason::BadAlignment { alignment });
        }
        Ok(Event::of(EventKind::Aligned, id, size, alignment.trailing_zeros()))
    }

    /// `realloc` of the block `id` to `size` bytes.
    pub const fn realloc(id: u32, size: u64) -> Event {
        Event::of(EventKind::Realloc, id, size, 0)
    }

    /// `free` of the block `id`.
    pub const fn free(id: u32) -> Event {
        Event::of(EventKind::Free, id, 0, 0)
    }

    /// The same operation, called by `thread`.
    ///
    /// # Errors
    /// [`Reason::ThreadOutOfRange`] above [`MAX_THREAD`].
    pub const fn on_thread(self, thread: u32) -> Result<Event, Reason> {
        if thread > MAX_THREAD {
            return Err(Reason::ThreadOutOfRange { thread: thread as u64 });
        }
        let low = self.packed & ((1 << THREAD_SHIFT) - 1);
        Ok(Event { packed: low | (thread << THREAD_SHIFT), ..self })
    }

    /// What the operation does.
    #[inline]
    pub const fn kind(&self) -> EventKind {
        match self.packed & 7 {
            0 => EventKind::Malloc,
            1 => EventKind::Calloc,
            2 => EventKind::Aligned,
            3 => EventKind::Realloc,
            _ => EventKind::Free,
        }
    }

    /// The block that the operation is about.
    #[inline]
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// The requested bytes; 0 for a free.
    #[inline]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The stated alignment in bytes, a power of two; `None` unless the kind is [`EventKind::Aligned`].
    #[inline]
    pub const fn alignment(&self) -> Option<u64> {
        match self.kind() {
            EventKind::Aligned => Some(1 << self.log2_alignment()),
            _ => None,
        }
    }

    /// The base-two logarithm of the stated alignment; 0 when none is stated.
    #[inline]
    pub const fn log2_alignment(&self) -> u32 {
        (self.packed >> KIND_BITS) & ((1 << ALIGN_BITS) - 1)
    }

    /// The number of the thread that called, as the recorder numbered it; 0 where threads are not recorded.
    #[inline]
    pub const fn thread(&self) -> u32 {
        self.packed >> THREAD_SHIFT
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} id {}", self.kind(), self.id)?;
        if self.kind() != EventKind::Free {
            write!(f, " size {}", self.size)?;
        }
        if let Some(alignment) = self.alignment() {
            write!(f, " alignment {alignment}")?;
        }
        write!(f, " thread {}", self.thread())
    }
}
