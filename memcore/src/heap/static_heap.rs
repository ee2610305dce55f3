//! A heap in a static array: the global allocator of a program that has nothing else, no system and no `std`.
//!
//! ```text
//! BYTES   [ tables of TLSF, for BLOCKS blocks | start bits | the space ...................... ]
//!           64 bytes a block, 8 KiB of bins     1/128        what is handed out, headers included
//! ```
//!
//! Everything lies in the array itself. The tables are laid out at the first call; nothing else is ever taken from
//! anywhere. TLSF answers in constant time, and the lock spins, so that it can be used where nothing may sleep.
//!
//! Tables of a fixed size know how many blocks there can be. The rule is one for each 192 bytes: the tables take a third
//! then, and both are used up together by blocks of 128 bytes, headers included. A program with smaller or larger blocks
//! says so in the second parameter.

use super::layouts::{Lend, collections_live_in, global_in};
use super::{Borrowed, Heap, HeapError, RawHeap, Result, start_words};
use crate::alloc::storage::Fixed;
use crate::alloc::{Options, Stats, Strategy, Tie, Tlsf, TlsfParameters};
use core::cell::UnsafeCell;
use core::fmt;

/// Bytes for which the rule has one block.
const BYTES_A_BLOCK: usize = 192;

type Inner = Heap<Tlsf<Fixed<'static>>, Borrowed<'static>, Fixed<'static>>;

/// Aligned for every record, and for cache lines.
#[repr(C, align(64))]
struct Bytes<const BYTES: usize>([u8; BYTES]);

/// A heap of `BYTES` bytes, tables included, for at most `BLOCKS` live blocks (0: one for each 192 bytes); see the
/// [module](self). It is meant for a `static`, where it takes no room in the program's file.
///
/// ```
/// use memcore::heap::StaticHeap;
///
/// #[global_allocator]
/// static HEAP: StaticHeap<{ 1 << 20 }> = StaticHeap::new();
///
/// let words: Vec<String> = "all of this lives there".split(' ').map(String::from).collect();
/// assert!(HEAP.stats().unwrap().blocks >= 1 + words.len() as u64);
/// ```
pub struct StaticHeap<const BYTES: usize, const BLOCKS: usize = 0> {
    bytes: UnsafeCell<Bytes<BYTES>>,
    /// The heap in the bytes, from the first call on, and their address then.
    heap: spin::Mutex<Option<(Inner, usize)>>,
}

// SAFETY: the bytes are reached through the heap alone, which the lock guards; blocks are their holders'.
unsafe impl<const BYTES: usize, const BLOCKS: usize> Sync for StaticHeap<BYTES, BLOCKS> {}

impl<const BYTES: usize, const BLOCKS: usize> StaticHeap<BYTES, BLOCKS> {
    /// An empty heap. O(1) for a `static`.
    pub const fn new() -> Self {
        StaticHeap { bytes: UnsafeCell::new(Bytes([0; BYTES])), heap: spin::Mutex::new(None) }
    }

    /// Calls `call` with the heap.
    ///
    /// # Errors
    /// Those of the first call: [`BadMemory`](HeapError::BadMemory) where there is no room for the tables.
    fn with<R>(&self, call: impl FnOnce(&mut Inner) -> R) -> Result<R> {
        let address = self.bytes.get().addr();
        let mut heap = self.heap.lock();
        if heap.is_none() {
            *heap = Some((self.lay_out()?, address));
        }
        match &mut *heap {
            Some((heap, home)) if *home == address => Ok(call(heap)),
            _ => {
                let rule = "must stay where it was at the first call";
                Err(HeapError::BadMemory { address, bytes: BYTES, rule })
            }
        }
    }

    #[cold]
    fn lay_out(&self) -> Result<Inner> {
        let start = self.bytes.get().cast::<u8>();
        let bad = |rule| HeapError::BadMemory { address: start.addr(), bytes: BYTES, rule };
        let blocks = if BLOCKS == 0 { (BYTES / BYTES_A_BLOCK).max(1) } else { BLOCKS };
        let blocks = u32::try_from(blocks).map_err(|_| bad("must be for fewer than 2^32 blocks"))?;
        let parameters = TlsfParameters::default();
        let strategy = Strategy::Tlsf { parameters, tie: Tie::Recent };
        let words = strategy.fixed_words(&Options::new(BYTES as u64).granularity(8), blocks)?;
        let words = words.saturating_add(start_words(BYTES));
        let Some(space) = words.checked_mul(size_of::<u64>()).and_then(|tables| BYTES.checked_sub(tables))
        else {
            return Err(bad("must have room for the tables of its blocks"));
        };
        // SAFETY: the words lie at the beginning of the bytes, which are zero, aligned for a u64 and nobody else's: this
        // is called once, and `with` sees to it that they are used at this place only.
        let tables = unsafe { core::slice::from_raw_parts_mut(start.cast::<u64>(), words) };
        // SAFETY: the rest of the bytes, likewise.
        let memory = unsafe { Borrowed::from_raw(start.add(BYTES - space), space)? };
        let mut storage = Fixed::new(tables, blocks);
        let make = |options, storage: &mut _| Tlsf::in_storage(options, parameters, storage);
        // SAFETY: the allocator is this library's.
        unsafe { Heap::with_parts(memory, &mut storage, make) }
    }

    /// The figures of the heap; see [`Stats`]. Time as TLSF's.
    ///
    /// # Errors
    /// [`BadMemory`](HeapError::BadMemory) where there is no room for the tables.
    pub fn stats(&self) -> Result<Stats> {
        self.with(|heap| heap.stats())
    }

    /// Bytes of the tables. O(1).
    ///
    /// # Errors
    /// As [`stats`](Self::stats).
    pub fn metadata_bytes(&self) -> Result<usize> {
        self.with(|heap| heap.metadata_bytes())
    }
}

impl<const BYTES: usize, const BLOCKS: usize> Default for StaticHeap<BYTES, BLOCKS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const BYTES: usize, const BLOCKS: usize> fmt::Debug for StaticHeap<BYTES, BLOCKS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticHeap").field("bytes", &BYTES).field("blocks", &BLOCKS).finish_non_exhaustive()
    }
}

impl<const BYTES: usize, const BLOCKS: usize> Lend for StaticHeap<BYTES, BLOCKS> {
    type Heap = Inner;

    fn lend<R>(&self, call: impl FnOnce(&mut Inner) -> R) -> Option<R> {
        self.with(call).ok()
    }
}

global_in!(for [const BYTES: usize, const BLOCKS: usize] StaticHeap<BYTES, BLOCKS>);
collections_live_in!(for [const BYTES: usize, const BLOCKS: usize] StaticHeap<BYTES, BLOCKS>);
