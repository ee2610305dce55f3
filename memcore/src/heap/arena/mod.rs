//! An arena for values of any types that go together: allocation is an addition, and all of it goes at once.
//!
//! ```text
//! newest chunk   [ header | a | b | mark | c | d |      free      ]      alloc: top += size
//!                                        ^       ^top          ^end      rewind(mark): d and c are dropped
//!       |
//! older chunk    [ header | ............................. | unused]      each twice as long as the one before
//!
//! destructors    d -> c -> a         newest first; b's type has none, and pays nothing
//! ```
//!
//! References from an arena live as long as it is borrowed. To take memory back, `&mut` is needed
//! ([`rewind`](Arena::rewind), [`reset`](Arena::reset), [`scope`](Arena::scope)), so that no reference is left then.
//!
//! # Destructors
//!
//! What needs to be dropped is dropped, newest first. Its record of 16 bytes lies in front of it. Because an arena
//! drops its values when it goes itself, they must outlive it: that is what the bound `T: 'a` of
//! [`alloc`](Arena::alloc) says. Values that refer to others in the same arena cannot meet it; for them there is
//! [`alloc_undropped`](Arena::alloc_undropped), which takes any type and never drops it, and there are strings and
//! slices of `Copy` types, which need no drop.
//!
//! # Running out
//!
//! Every call has a form `try_...` that answers with an error. The plain forms are for programs that do not go on
//! without memory: they call [`handle_alloc_error`](std_alloc::alloc::handle_alloc_error) as `Box::new` does.
//!
//! # Cost
//!
//! An allocation is O(1), and once per doubling a call of the global allocator. Beside the blocks an arena has 64
//! bytes a chunk, 16 a value with a destructor, and 32 a checkpoint.
//!
//! Regions go back to Ross, "The AED free storage package", Communications of the ACM 10(8), 1967; that they can
//! beat general allocators is measured in Berger, Zorn and McKinley, "Reconsidering Custom Memory Allocation",
//! OOPSLA 2002.

mod allocator;
mod chunk;
mod drops;
mod marks;
pub mod raw;
mod slices;
mod values;

pub use marks::Checkpoint;
pub use raw::RawArena;

use super::raw::MOST_BYTES;
use super::{HeapError, Result};
use crate::alloc::AllocError;
use chunk::{CHUNK_ALIGNMENT, Chunk, OVERHEAD};
use core::alloc::Layout;
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};
use drops::Drops;
use marks::{Mark, State};

/// Bytes of the first chunk, where nothing larger is asked for.
const FIRST_CHUNK: usize = 1024;

/// An arena; see the [module](self). `'a` is what everything in it outlives.
///
/// ```
/// use memcore::heap::Arena;
/// let mut arena = Arena::new();
/// let kept: &mut u64 = arena.alloc(7);
/// *kept += 1;
/// let checkpoint = arena.checkpoint();
/// let name = arena.alloc_fmt(format_args!("node {}", 12));
/// assert_eq!(name, "node 12");
/// arena.alloc(vec![1, 2, 3]); // dropped by the rewind
/// arena.rewind(checkpoint)?;
/// arena.scope(|arena| assert_eq!(arena.alloc_slice_copy(&[1, 2, 3]).len(), 3));
/// assert_eq!(arena.used(), 40); // 8 of the number, 32 of the checkpoint
/// # Ok::<(), memcore::heap::HeapError>(())
/// ```
///
/// It stays on its thread, because what it drops may have to.
pub struct Arena<'a> {
    top: Cell<NonNull<u8>>,
    end: Cell<NonNull<u8>>,
    chunk: Cell<Option<NonNull<Chunk>>>,
    drops: Cell<Option<NonNull<Drops>>>,
    marks: Cell<Option<NonNull<Mark>>>,
    /// A chunk that a rewind emptied, kept for the next growth.
    spare: Cell<Option<NonNull<Chunk>>>,
    /// The number of the last mark.
    number: Cell<u64>,
    /// The memory is the caller's, and does not grow.
    fixed: bool,
    /// Neither longer nor shorter will do: values that outlive 'a alone are dropped by this arena.
    outlived: PhantomData<fn(&'a ()) -> &'a ()>,
}

impl<'a> Arena<'a> {
    /// An empty arena, which takes no memory before the first block. O(1).
    pub const fn new() -> Self {
        Self::with_state(State::empty(), false)
    }

    /// An arena with room for `bytes` bytes in its first chunk. O(1).
    ///
    /// # Errors
    /// [`TooLarge`](AllocError::TooLarge), [`OutOfSpace`](AllocError::OutOfSpace).
    pub fn with_chunk(bytes: usize) -> Result<Self> {
        let arena = Self::new();
        let chunk = arena.take_chunk(bytes, 1)?;
        // SAFETY: the chunk was just made.
        arena.put(unsafe { State::of_chunk(chunk) });
        Ok(arena)
    }

    /// An arena in memory of the caller's, of which it uses 64 bytes itself. It never takes other memory: use the
    /// calls named `try_...`. O(1).
    ///
    /// ```
    /// # use memcore::heap::Arena;
    /// # use core::mem::MaybeUninit;
    /// let mut bytes = [MaybeUninit::uninit(); 256];
    /// let arena = Arena::over(&mut bytes);
    /// assert_eq!(arena.try_alloc(5).as_deref(), Ok(&5));
    /// assert!(arena.try_alloc([0u8; 256]).is_err());
    /// ```
    pub fn over(bytes: &'a mut [MaybeUninit<u8>]) -> Self {
        // SAFETY: the chunk was just made.
        let state = Chunk::over(bytes).map(|chunk| unsafe { State::of_chunk(chunk) });
        Self::with_state(state.unwrap_or(State::empty()), true)
    }

    const fn with_state(state: State, fixed: bool) -> Self {
        Arena {
            top: Cell::new(state.top),
            end: Cell::new(state.end),
            chunk: Cell::new(state.chunk),
            drops: Cell::new(state.drops),
            marks: Cell::new(state.marks),
            spare: Cell::new(None),
            number: Cell::new(0),
            fixed,
            outlived: PhantomData,
        }
    }

    /// Hands out bytes, which hold whatever was there. A layout of 0 bytes takes none. O(1).
    ///
    /// # Errors
    /// [`OutOfSpace`](AllocError::OutOfSpace); [`TooLarge`](AllocError::TooLarge) for what no chunk can hold.
    #[inline(always)]
    pub fn alloc_layout(&self, layout: Layout) -> Result<NonNull<u8>> {
        self.bump(layout.size(), layout.align())
    }

    #[inline(always)]
    fn bump(&self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        if size == 0 {
            // SAFETY: an alignment is never 0.
            return Ok(unsafe { NonNull::new_unchecked(ptr::without_provenance_mut(alignment)) });
        }
        match self.bump_in_chunk(size, alignment) {
            Some(block) => Ok(block),
            None => self.bump_in_new_chunk(size, alignment),
        }
    }

    /// The size is not 0 and at most `isize::MAX`; the alignment a power of two.
    #[inline(always)]
    fn bump_in_chunk(&self, size: usize, alignment: usize) -> Option<NonNull<u8>> {
        let top = self.top.get();
        let pad = top.addr().get().wrapping_neg() & (alignment - 1);
        // A pad is less than half the address space, a size too: their sum does not overflow.
        if pad + size > self.end.get().addr().get() - top.addr().get() {
            return None;
        }
        // SAFETY: pad and size together lead no further than the end of the chunk.
        unsafe {
            let block = top.add(pad);
            self.top.set(block.add(size));
            Some(block)
        }
    }

    #[cold]
    #[inline(never)]
    fn bump_in_new_chunk(&self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        let full = self.full(size, alignment);
        if self.fixed {
            return Err(full);
        }
        let chunk = self.take_chunk(size, alignment)?;
        let mut chunk_after = chunk;
        // SAFETY: the new chunk is ours; the one before is alive as long as the arena has it.
        let state = unsafe {
            chunk_after.as_mut().previous = self.chunk.get();
            if let Some(mut before) = self.chunk.get() {
                before.as_mut().left_at = self.top.get();
            }
            State { drops: self.drops.get(), marks: self.marks.get(), ..State::of_chunk(chunk) }
        };
        self.put(state);
        self.bump_in_chunk(size, alignment).ok_or(full)
    }

    fn full(&self, size: usize, alignment: usize) -> HeapError {
        let room = self.room() as u64;
        let (size, alignment) = (size as u64, alignment as u64);
        AllocError::OutOfSpace { size, alignment, free: room, largest_hole: room }.into()
    }

    fn room(&self) -> usize {
        self.end.get().addr().get() - self.top.get().addr().get()
    }

    /// A chunk that has room for a block: the spare one, or one twice as long as the newest, or if there is none,
    /// one that just has the room.
    fn take_chunk(&self, size: usize, alignment: usize) -> Result<NonNull<Chunk>> {
        let pad = alignment.saturating_sub(CHUNK_ALIGNMENT);
        let need = size.checked_add(pad).and_then(|need| need.checked_add(OVERHEAD + CHUNK_ALIGNMENT - 1));
        let need = need.filter(|&need| need <= MOST_BYTES).map(|need| need & !(CHUNK_ALIGNMENT - 1));
        let Some(need) = need else {
            let capacity = (MOST_BYTES - OVERHEAD) as u64;
            return Err(AllocError::TooLarge { size: size as u64, capacity }.into());
        };
        // SAFETY: the spare chunk and the newest are alive.
        let (spare, newest) = unsafe {
            let spare = self.spare.get().filter(|spare| spare.as_ref().bytes >= need);
            (spare, self.chunk.get().map_or(FIRST_CHUNK / 2, |chunk| chunk.as_ref().bytes))
        };
        if let Some(spare) = spare {
            self.spare.set(None);
            return Ok(spare);
        }
        let wanted = newest.saturating_mul(2).clamp(need, MOST_BYTES & !(CHUNK_ALIGNMENT - 1));
        Chunk::take(wanted).or_else(|| Chunk::take(need)).ok_or_else(|| self.full(size, alignment))
    }

    #[inline]
    fn put(&self, state: State) {
        self.top.set(state.top);
        self.end.set(state.end);
        self.chunk.set(state.chunk);
        self.drops.set(state.drops);
        self.marks.set(state.marks);
    }

    fn state(&self) -> State {
        State {
            top: self.top.get(),
            end: self.end.get(),
            chunk: self.chunk.get(),
            drops: self.drops.get(),
            marks: self.marks.get(),
        }
    }

    /// Marks this state, to [rewind](Self::rewind) to. It takes 32 bytes, unless the state is marked already: so a
    /// loop of checkpoint and rewind takes them once. O(1).
    pub fn checkpoint(&self) -> Checkpoint {
        let Some(chunk) = self.chunk.get().filter(|_| self.used() > 0) else {
            return Checkpoint { number: 0, address: 0, position: 0 };
        };
        // SAFETY: the newest mark is alive, and one past it is in its chunk.
        let here = self.marks.get().filter(|mark| unsafe { mark.add(1).cast::<u8>() } == self.top.get());
        let mark = here.unwrap_or_else(|| self.write_mark(chunk));
        // SAFETY: the mark is alive.
        let number = unsafe { mark.as_ref().number };
        Checkpoint { number, address: mark.addr().get(), position: self.used() as u64 }
    }

    fn write_mark(&self, chunk: NonNull<Chunk>) -> NonNull<Mark> {
        let number = self.number.get() + 1;
        let (previous, drops) = (self.marks.get(), self.drops.get());
        let top = self.top.get();
        let pad = top.addr().get().wrapping_neg() & (align_of::<Mark>() - 1);
        // SAFETY: the end is a multiple of a mark's alignment and has room for a mark behind it, the reserve, unless
        // a mark lies there already. Then nothing was allocated since, and that mark is this state's.
        unsafe {
            let mark = top.add(pad).cast::<Mark>();
            mark.write(Mark { previous, number, chunk, drops });
            self.number.set(number);
            self.put(State::at(mark));
            mark
        }
    }

    /// Takes back everything that was allocated after the checkpoint, and drops it, newest first. Chunks that become
    /// empty are given back, all but the largest. O(values with destructors, chunks and checkpoints rewound).
    ///
    /// When a destructor panics, the others run all the same and the arena is rewound before the panic goes on; a
    /// second panic on the way aborts, as in a `Vec`.
    ///
    /// # Errors
    /// [`BadCheckpoint`](AllocError::BadCheckpoint) for a checkpoint past which the arena was rewound, or which is
    /// another living arena's. That of an empty arena is every arena's.
    pub fn rewind(&mut self, checkpoint: Checkpoint) -> Result<()> {
        if checkpoint.number == 0 {
            self.reset();
            return Ok(());
        }
        let mut mark = self.marks.get();
        while let Some(found) = mark {
            // SAFETY: the marks in the list are alive.
            let Mark { number, previous, .. } = unsafe { found.read() };
            if number == checkpoint.number && found.addr().get() == checkpoint.address {
                // SAFETY: as above.
                self.return_to(unsafe { State::at(found) });
                return Ok(());
            }
            mark = previous.filter(|_| number > checkpoint.number);
        }
        Err(AllocError::BadCheckpoint { position: checkpoint.position }.into())
    }

    /// Takes back everything, and drops it. The largest chunk is kept. O(values with destructors and chunks).
    /// Destructors that panic: as [`rewind`](Self::rewind).
    pub fn reset(&mut self) {
        self.return_to(State::empty());
    }

    /// Calls `work` with this arena, and then takes back and drops whatever it allocated, also when it panics.
    /// Time as [`rewind`](Self::rewind); no byte remains.
    pub fn scope<R>(&mut self, work: impl FnOnce(&Arena<'a>) -> R) -> R {
        let scope = Return { to: self.state(), arena: self };
        work(scope.arena)
    }

    /// Drops and takes back what was allocated since the arena was in this state.
    fn return_to(&mut self, state: State) {
        let _whatever_panics = Return { to: state, arena: self };
    }

    /// Drops what came after `last`.
    fn drop_down_to(&self, last: Option<NonNull<Drops>>) {
        while let Some(record) = self.drops.get().filter(|_| self.drops.get() != last) {
            // SAFETY: records in the list are alive, and each is taken off before its value is dropped, once.
            unsafe {
                let Drops { previous, drop } = record.read();
                self.drops.set(previous);
                drop(record);
            }
        }
    }

    /// Makes the arena what it was, with nothing to be dropped any more.
    fn cut_to(&self, state: State) {
        while let Some(chunk) = self.chunk.get().filter(|_| self.chunk.get() != state.chunk) {
            if self.fixed {
                break;
            }
            // SAFETY: the chunk is alive, and what lay in it is gone.
            unsafe {
                self.chunk.set(chunk.as_ref().previous);
                self.keep_or_give(chunk);
            }
        }
        if state.chunk.is_some() {
            self.put(state);
            return;
        }
        // Empty: the only chunk of a fixed arena stays, and so does the largest of another.
        let only = self.chunk.get().or(self.spare.take());
        self.put(match only {
            // SAFETY: the chunk is alive; whatever came before it is gone.
            Some(mut chunk) => unsafe {
                chunk.as_mut().previous = None;
                State::of_chunk(chunk)
            },
            None => State::empty(),
        });
    }

    /// Keeps the larger of this chunk and the spare one.
    ///
    /// # Safety
    /// The chunk is alive, and neither used nor in the list.
    unsafe fn keep_or_give(&self, chunk: NonNull<Chunk>) {
        // SAFETY: both are alive, and nobody uses the one that goes.
        unsafe {
            match self.spare.get() {
                Some(spare) if spare.as_ref().bytes >= chunk.as_ref().bytes => Chunk::give(chunk),
                smaller => {
                    self.spare.set(Some(chunk));
                    if let Some(smaller) = smaller {
                        Chunk::give(smaller);
                    }
                }
            }
        }
    }

    /// Bytes handed out, with what alignment, records and checkpoints take. O(chunks).
    pub fn used(&self) -> usize {
        let (mut used, mut left_at, mut next) = (0, self.top.get(), self.chunk.get());
        while let Some(chunk) = next {
            // SAFETY: chunks in the list are alive; the one before knows where it was left.
            unsafe {
                used += left_at.addr().get() - Chunk::first(chunk).addr().get();
                next = chunk.as_ref().previous;
                left_at = next.map_or(left_at, |before| before.as_ref().left_at);
            }
        }
        used
    }

    /// Bytes that blocks can have in the chunks there are. O(chunks).
    pub fn capacity(&self) -> usize {
        self.each_chunk().map(|bytes| bytes - OVERHEAD).sum()
    }

    /// Chunks, the one kept for later included. O(chunks).
    pub fn chunks(&self) -> usize {
        self.each_chunk().count()
    }

    /// Bytes of the arena itself and of its chunks' headers and reserves. Records of destructors and checkpoints
    /// count as [used](Self::used). O(chunks).
    pub fn metadata_bytes(&self) -> usize {
        size_of::<Self>() + self.chunks() * OVERHEAD
    }

    /// The bytes of each chunk.
    fn each_chunk(&self) -> impl Iterator<Item = usize> {
        let mut next = self.chunk.get();
        let in_use = core::iter::from_fn(move || {
            let chunk = next?;
            // SAFETY: chunks in the list are alive.
            let (bytes, previous) = unsafe { (chunk.as_ref().bytes, chunk.as_ref().previous) };
            next = previous;
            Some(bytes)
        });
        // SAFETY: the spare chunk is alive.
        in_use.chain(self.spare.get().map(|spare| unsafe { spare.as_ref().bytes }))
    }
}

/// Returns an arena to a state when it goes itself, so that a panic on the way does not hinder it.
struct Return<'r, 'a> {
    to: State,
    arena: &'r Arena<'a>,
}

impl Drop for Return<'_, '_> {
    fn drop(&mut self) {
        /// The second half, which has to happen whether the first one panics or not.
        struct Cut<'r, 'a>(State, &'r Arena<'a>);
        impl Drop for Cut<'_, '_> {
            fn drop(&mut self) {
                self.1.drop_down_to(self.0.drops);
                self.1.cut_to(self.0);
            }
        }
        let cut = Cut(self.to, self.arena);
        cut.1.drop_down_to(cut.0.drops);
    }
}

impl Drop for Arena<'_> {
    fn drop(&mut self) {
        /// The chunks, which go whatever a destructor does.
        struct Chunks<'r, 'a>(&'r Arena<'a>);
        impl Drop for Chunks<'_, '_> {
            fn drop(&mut self) {
                self.0.cut_to(State::empty());
                for chunk in [self.0.chunk.take(), self.0.spare.take()].into_iter().flatten() {
                    // SAFETY: nothing is left in the chunk.
                    unsafe { Chunk::give(chunk) };
                }
            }
        }
        let chunks = Chunks(self);
        drop(Return { to: State::empty(), arena: chunks.0 });
    }
}

impl Default for Arena<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Arena<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (used, capacity, chunks) = (self.used(), self.capacity(), self.chunks());
        f.debug_struct("Arena")
            .field("used", &used)
            .field("capacity", &capacity)
            .field("chunks", &chunks)
            .finish()
    }
}
