//! The checked mode: a heap that finds mistakes in how its blocks are used, around any heap, chosen at run time.
//!
//! ```text
//! block of the heap inside                                      its usable end
//! |                                                                     |
//! [ mark . . . | record | redzone | bytes asked for | redzone | rest ...]
//!   only when    16, or   0xFD..    0xA5.. when       0xFD..
//!   aligned      48 when            allocated,
//!   above 16     tracked            0xDD.. when freed
//! ```
//!
//! The techniques are those of debugging allocators since Electric Fence (B. Perens, 1987) and Purify (R. Hastings and B.
//! Joyce, "Purify: fast detection of memory leaks and access errors", USENIX Winter 1992): redzones, poison, a quarantine, guard
//! pages. The record is in front of the redzone, in the cache line that a redzone's check reads anyway.
//!
//! # What is found, and what it costs
//!
//! Bytes are per live block, on top of the heap inside; times per allocation and free together, R and P being the bytes of a
//! redzone and of poison.
//!
//! | check | finds | bytes | time |
//! |---|---|---|---|
//! | any | exact addresses, double frees | 16 | O(1), about a dozen instructions |
//! | `redzone` | writes beside a block, with the first bad byte, when it is freed or resized or by [`check`](Checked::check) | 2 R | O(R), by words of 16 bytes |
//! | `poison` | reads of what was never written or is freed (they show 0xA5 or 0xDD) | none | O(P), by words of 16 bytes |
//! | `quarantine` | second frees for sure, and writes after a free into the first P bytes of a block and its redzones | what it holds, and 32 a block in it | O(P + R) when a block leaves |
//! | `track` | who allocated what is left | 32 | O(1) |
//! | `limit` | runaway use | none | one comparison |
//! | `guard_every` | reads and writes behind a block and after its free, at the instruction | none; 8.5 MiB of addresses, pages of live blocks | 4 system calls for one allocation of so many, else a countdown |
//! | `tools` | what memcheck and AddressSanitizer find | none | a branch each, when neither is there |
//!
//! A block that is aligned to more than 16 needs up to its alignment more, and an entry in a table by address.
//! A byte that is overwritten with the value that it should have is not found. The tools want a quarantine: what has left it
//! belongs to the heap inside, which may write its own notes there, so it is open again.
//!
//! # Whose error it is
//!
//! A call answers for its own block: `free` of a block with a smashed redzone is
//! [`RedzoneSmashed`](HeapError::RedzoneSmashed), and the block stays live as it is, for a debugger to look at;
//! [`release_smashed`](Checked::release_smashed) takes it back all the same. What turns up in *another* block, when it
//! leaves the quarantine because this call needed the place, does not make this call fail. It goes to the
//! [callback](Checked::on_failure) and is [counted](Checked::found).
//!
//! When the heap inside has no room, the quarantine is emptied and it is asked again: the checked mode keeps what a program
//! gave back only as long as nobody else needs it.
//!
//! # Never undefined behaviour
//!
//! No byte in front of an address is believed, or even read, before the heap inside has said that a block of its own begins
//! just there; only then is the record read, which must fit its address and its block. Blocks that are aligned above 16
//! are found through a table by address, those with guard pages by their slot.

mod bytes;
mod checks;
mod core_calls;
mod guard;
mod leaks;
mod quarantine;
mod raw_heap;
mod record;
mod report;
mod tools;

pub use checks::Checks;
pub use leaks::{CallSite, Leak, LeakGroup};

use super::{HeapError, RawHeap, Result};
use core::fmt;
use core::mem::ManuallyDrop;
use core::ptr::{self, NonNull};
use foldhash::fast::FixedState;
use guard::{Guard, Guarded};
use hashbrown::HashMap;
use quarantine::Quarantine;
use record::{Record, Shape};
use std_alloc::boxed::Box;
use tools::Tools;

/// What a redzone is filled with.
pub const REDZONE_BYTE: u8 = 0xFD;

/// What a block is filled with when it is allocated: bytes that nobody has written yet.
pub const ALLOCATED_BYTE: u8 = 0xA5;

/// What a block is filled with when it is freed.
pub const FREED_BYTE: u8 = 0xDD;

/// What is called at every error.
type Callback = Box<dyn FnMut(&HeapError) + Send>;

/// A heap that finds mistakes in how its blocks are used; see the [module](self) for what, and what it costs.
///
/// ```
/// use memcore::heap::{Borrowed, Checked, Checks, HeapError, RawHeap, SizeClassHeap};
/// let mut bytes = vec![0u8; 1 << 20];
/// let mut heap = Checked::new(SizeClassHeap::new(Borrowed::new(&mut bytes))?, Checks::LIGHT)?;
/// let block = heap.allocate(10, 1)?.as_ptr();
/// // SAFETY: not at all: the block has 10 bytes. The redzone makes the harm small.
/// unsafe { block.add(10).write(0) };
/// let overrun = HeapError::RedzoneSmashed { address: block.addr(), offset: 10, found: 0 };
/// assert_eq!(heap.free(block), Err(overrun));
/// heap.release_smashed(block)?;
/// assert_eq!(heap.live(), 0);
/// # Ok::<(), HeapError>(())
/// ```
pub struct Checked<H: RawHeap> {
    inner: H,
    state: State,
}

/// What is kept besides the heap inside.
struct State {
    checks: Checks,
    /// True for [`Checks::NONE`]: every call goes to the heap inside.
    nothing: bool,
    /// True when no allocation needs more than a record, redzones and poison; and the same of frees.
    allocates_directly: bool,
    frees_directly: bool,
    shape: Shape,
    counts: Counts,
    /// Where the block of the heap inside begins, for blocks whose front is not the usual one.
    aligned: HashMap<usize, usize, FixedState>,
    quarantine: Quarantine,
    guard: Option<Guard>,
    /// Allocations until the next guarded one.
    until_guard: u32,
    tools: Tools,
    found: u64,
    last_found: Option<HeapError>,
    /// Behind a lock because calls that only look may fail, too. It is never waited for.
    callback: spin::Mutex<Option<Callback>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    live: u64,
    in_use: u64,
    peak: u64,
    allocations: u64,
    /// Bytes of the heap inside under blocks that are freed here and not there.
    kept: u64,
}

impl Counts {
    #[inline(always)]
    fn allocated(&mut self, size: usize) {
        self.allocations += 1;
        self.live += 1;
        self.in_use += size as u64;
        self.peak = self.peak.max(self.in_use);
    }

    #[inline(always)]
    fn freed(&mut self, size: usize) {
        self.live -= 1;
        self.in_use -= size as u64;
    }
}

/// A live block in the heap inside.
#[derive(Clone, Copy, Debug)]
struct Block {
    payload: usize,
    start: usize,
    held: usize,
    record: Record,
}

/// A live block.
#[derive(Clone, Copy, Debug)]
enum Place {
    Inside(Block),
    Guarded(Guarded),
}

impl Place {
    fn record(&self) -> Record {
        match self {
            Place::Inside(block) => block.record,
            Place::Guarded(block) => block.record,
        }
    }
}

/// The pointer to an address in a block of the heap inside: each was exposed when the block was handed out, so that a
/// number is enough to come back to it, whatever pointer the caller made of it.
#[inline(always)]
fn at(address: usize) -> *mut u8 {
    ptr::with_exposed_provenance_mut(address)
}

impl<H: RawHeap> Checked<H> {
    /// Checks the blocks of a heap that has none yet. O(1), and as [`RawHeap::stats`] of the heap inside.
    ///
    /// # Errors
    /// [`BadParameter`](HeapError::BadParameter) for a redzone above 1 MiB, for guard pages where the system has none, and
    /// for a heap with live blocks, unless the checks are [`Checks::NONE`]; [`System`](HeapError::System) when there
    /// are no addresses for guard pages.
    pub fn new(inner: H, checks: Checks) -> Result<Self> {
        let checks = checks.rounded()?;
        let nothing = checks.is_nothing();
        if !nothing {
            let blocks = inner.stats().blocks;
            if blocks != 0 {
                let rule = "must be 0: blocks from before cannot be checked";
                return Err(HeapError::BadParameter { name: "blocks", value: blocks, rule });
            }
        }
        let guard = if checks.guard_every == 0 { None } else { Some(Guard::new(checks.redzone)?) };
        let tools = Tools::find(checks.tools, checks.redzone);
        let state = State {
            checks,
            nothing,
            allocates_directly: !tools.is_on() && checks.guard_every == 0,
            frees_directly: !tools.is_on() && checks.quarantine == 0,
            shape: Shape::new(checks.redzone, checks.track),
            counts: Counts::default(),
            aligned: HashMap::with_hasher(FixedState::default()),
            quarantine: Quarantine::new(checks.quarantine),
            guard,
            until_guard: if checks.guard_every == 0 { 0 } else { checks.guard_offset % checks.guard_every },
            tools,
            found: 0,
            last_found: None,
            callback: spin::Mutex::new(None),
        };
        Ok(Checked { inner, state })
    }

    /// What is checked, redzones rounded up. O(1).
    pub fn checks(&self) -> &Checks {
        &self.state.checks
    }

    /// The heap inside. O(1).
    pub fn inner(&self) -> &H {
        &self.inner
    }

    /// [`allocate`](RawHeap::allocate), and keeps a tag and a call site with the block: any numbers that the caller can
    /// read again, for instance a return address, a line, a hash, or [`CallSite::number`]. Without
    /// [`track`](Checks::track) they are forgotten. Time as `allocate`.
    ///
    /// ```
    /// use memcore::heap::{Borrowed, CallSite, Checked, Checks, HeapError, SizeClassHeap};
    /// let mut bytes = vec![0u8; 1 << 20];
    /// let inner = SizeClassHeap::new(Borrowed::new(&mut bytes))?;
    /// let mut heap = Checked::new(inner, Checks::LIGHT.track(true))?;
    /// heap.allocate_tagged(100, 8, 7, CallSite::here().number())?;
    /// let leaks = heap.leaks()?;
    /// assert_eq!((leaks[0].size, leaks[0].tag, leaks[0].number), (100, 7, 1));
    /// # Ok::<(), HeapError>(())
    /// ```
    ///
    /// # Errors
    /// As [`allocate`](RawHeap::allocate).
    pub fn allocate_tagged(
        &mut self,
        size: usize,
        alignment: usize,
        tag: u32,
        site: u64,
    ) -> Result<NonNull<u8>> {
        let result = self.allocate_with(size, alignment, tag, site, false);
        self.tell(result)
    }

    /// Calls `callback` with every error that a call returns, before it returns, and with everything that is found in
    /// other blocks. It replaces the one before. It cannot call the heap, which is borrowed by the call that failed.
    ///
    /// A lock keeps the callback, and nobody waits for it: of two errors that calls which only look (`usable_size`, `check`)
    /// meet at the same time in two threads, one may not be told.
    pub fn on_failure(&mut self, callback: impl FnMut(&HeapError) + Send + 'static) {
        *self.state.callback.get_mut() = Some(Box::new(callback));
    }

    /// How many mistakes were found in blocks other than the one that a call was about, and told to the callback. O(1).
    pub fn found(&self) -> u64 {
        self.state.found
    }

    /// The last of those that [`found`](Self::found) counts. O(1).
    pub fn last_found(&self) -> Option<HeapError> {
        self.state.last_found
    }

    /// Takes back every block in the quarantine, and tells how many bytes the heap inside has back. O(blocks in it) frees.
    ///
    /// # Errors
    /// The first mistake that was found in those blocks, if any; the quarantine is empty all the same.
    pub fn empty_quarantine(&mut self) -> Result<usize> {
        let mut bytes = 0;
        let mut first = None;
        while let Some(waiting) = self.state.quarantine.pop() {
            match self.let_go(waiting) {
                Ok(()) => bytes += waiting.held,
                Err(error) => {
                    first.get_or_insert(error);
                }
            }
        }
        first.map_or(Ok(bytes), Err)
    }

    /// The heap inside, after the blocks in the quarantine went back to it. Live blocks stay live there, at the
    /// addresses that it knows, except those with guard pages, which end. O(blocks in the quarantine) frees, and with a tool
    /// O(blocks).
    ///
    /// # Errors
    /// The first error with which the heap inside refuses to take back a block. Writes after a free are told to the
    /// callback alone, as they are when a block leaves the quarantine otherwise.
    pub fn into_inner(mut self) -> Result<H> {
        while let Some(waiting) = self.state.quarantine.pop() {
            match self.let_go(waiting) {
                Ok(()) | Err(HeapError::FreedWritten { .. } | HeapError::RedzoneSmashed { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        self.end_tools();
        let this = ManuallyDrop::new(self);
        // SAFETY: each of the two fields is read once, and the value they are read from is never used or dropped again.
        let (inner, state) = unsafe { (ptr::read(&this.inner), ptr::read(&this.state)) };
        drop(state);
        Ok(inner)
    }

    /// The memory goes back to its owner, whose it is to touch: the tools are told.
    fn end_tools(&self) {
        if self.state.tools.is_on() {
            self.state.tools.end();
            self.inner.visit_blocks(&mut |block| self.state.tools.open(block.address.as_ptr(), block.usable));
        }
    }

    /// Passes a result on, and tells the callback of an error first.
    #[inline(always)]
    fn tell<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result {
            self.state.call_back(error);
        }
        result
    }
}

impl State {
    #[cold]
    fn call_back(&self, error: &HeapError) {
        if let Some(mut callback) = self.callback.try_lock() {
            if let Some(callback) = callback.as_mut() {
                callback(error);
            }
        }
    }

    /// A mistake in a block that the present call is not about.
    #[cold]
    fn found(&mut self, error: HeapError) {
        self.found += 1;
        self.last_found = Some(error);
        self.call_back(&error);
    }
}

impl<H: RawHeap> Drop for Checked<H> {
    fn drop(&mut self) {
        self.end_tools();
    }
}

impl<H: RawHeap> fmt::Debug for Checked<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checked")
            .field("checks", &self.state.checks)
            .field("live", &self.state.counts.live)
            .field("in_use", &self.state.counts.in_use)
            .field("quarantined", &self.state.quarantine.len())
            .field("found", &self.state.found)
            .finish_non_exhaustive()
    }
}
