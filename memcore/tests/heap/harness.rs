//! A state machine for any heap: random calls, contents that are checked, and a shadow that is obviously right.
//!
//! The shadow knows for each live block its address, its bytes and the seed of the pattern in them. Every usable byte of a
//! block is filled; whatever is read back, moved or freed is compared first, and everything is at intervals. Hostile
//! addresses come in between: null, outside, inside of blocks, freed ones, misaligned ones.

use std::collections::BTreeMap;
use std::ptr::NonNull;

use memcore::alloc::{AllocError, Stats};
use memcore::heap::{HeapError, MOST_BYTES, RawHeap};
use proptest::prelude::*;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// What may be asked of a heap, and what it is expected to know.
#[derive(Clone, Copy, Debug)]
pub struct Expectations {
    /// `free` of a freed block is `DoubleFree` as long as none of its bytes, nor the eight in front, were given out again.
    /// (Else it may be `NotABlock`, too.)
    pub knows_double_frees: bool,
    /// The start of a slot that was never handed out may count as a freed block.
    pub slots_count_as_freed: bool,
    /// Only the block that was allocated last may be freed or change its size.
    pub last_in_first_out: bool,
    /// A block that is not the last may be refused another size, a smaller one too.
    pub resizes_last_only: bool,
    /// The widest alignment that is asked for.
    pub widest: usize,
    /// The largest size that is asked for, but for absurd ones.
    pub largest: usize,
    /// Steps between two validations, and ten times as many between two looks at every byte.
    pub validate_every: usize,
}

impl Default for Expectations {
    fn default() -> Self {
        Expectations {
            knows_double_frees: true,
            slots_count_as_freed: false,
            last_in_first_out: false,
            resizes_last_only: false,
            widest: 1 << 20,
            largest: 1 << 20,
            validate_every: 1,
        }
    }
}

/// A kind of call, and numbers to choose its arguments by.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    kind: u8,
    a: u64,
    b: u64,
}

/// A step of the bytes that a fuzzer gives.
impl From<[u8; 17]> for Step {
    fn from(bytes: [u8; 17]) -> Self {
        let word =
            |from: usize| (0..8).fold(0, |word, place| word | u64::from(bytes[from + place]) << (8 * place));
        Step { kind: bytes[0], a: word(1), b: word(9) }
    }
}

/// One step for property tests.
pub fn step() -> impl Strategy<Value = Step> {
    (any::<u8>(), any::<u64>(), any::<u64>()).prop_map(|(kind, a, b)| Step { kind, a, b })
}

/// Steps from a seed, for long runs.
pub fn steps(seed: u64, count: usize) -> Vec<Step> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut step =
        || Step { kind: (random.next_u64() >> 56) as u8, a: random.next_u64(), b: random.next_u64() };
    (0..count).map(|_| step()).collect()
}

/// Byte `index` of a block with this pattern.
pub fn pattern(seed: u64, index: usize) -> u8 {
    (seed as u8).wrapping_add((index as u8).wrapping_mul(167)) ^ (index >> 8) as u8 ^ 0xa5
}

/// Writes the pattern.
///
/// # Safety
/// The bytes are valid for writes.
pub unsafe fn fill(block: NonNull<u8>, bytes: usize, seed: u64) {
    // SAFETY: as promised.
    let bytes = unsafe { std::slice::from_raw_parts_mut(block.as_ptr(), bytes) };
    bytes.iter_mut().enumerate().for_each(|(index, byte)| *byte = pattern(seed, index));
}

/// The first byte that is not the pattern's.
///
/// # Safety
/// The bytes are valid for reads and were written.
pub unsafe fn first_difference(block: NonNull<u8>, bytes: usize, seed: u64) -> Option<usize> {
    // SAFETY: as promised.
    let bytes = unsafe { std::slice::from_raw_parts(block.as_ptr(), bytes) };
    bytes.iter().enumerate().position(|(index, &byte)| byte != pattern(seed, index))
}

/// The address that an error is about.
pub fn address_in(error: &HeapError) -> Option<usize> {
    match *error {
        HeapError::NotInHeap { address }
        | HeapError::NotABlock { address }
        | HeapError::DoubleFree { address }
        | HeapError::HeaderSmashed { address, .. }
        | HeapError::NoRoomInPlace { address, .. } => Some(address),
        _ => None,
    }
}

/// A live block, as the shadow knows it.
#[derive(Clone, Copy, Debug)]
struct Held {
    block: NonNull<u8>,
    asked: usize,
    usable: usize,
    seed: u64,
}

/// A heap and its shadow.
pub struct Driver<H> {
    pub heap: H,
    expectations: Expectations,
    live: BTreeMap<usize, Held>,
    /// Addresses of live blocks in the order in which they came.
    order: Vec<usize>,
    /// Addresses that were freed, and whether their bytes were left alone since.
    freed: BTreeMap<usize, bool>,
    taken: u64,
}

/// Makes a heap, takes the steps, frees everything, and gives the empty heap.
pub fn drive<H: RawHeap>(make: impl Fn() -> H, expectations: Expectations, steps: &[Step]) -> H {
    let mut driver = Driver::new(make(), expectations);
    for step in steps {
        driver.take(step);
    }
    driver.finish()
}

impl<H: RawHeap> Driver<H> {
    pub fn new(heap: H, expectations: Expectations) -> Self {
        let (live, order, freed) = (BTreeMap::new(), vec![], BTreeMap::new());
        Driver { heap, expectations, live, order, freed, taken: 0 }
    }

    /// Takes one step and looks at what it did.
    pub fn take(&mut self, step: &Step) {
        let &Step { kind, a, b } = step;
        match kind {
            0..=95 => self.allocate(self.size(a), self.alignment(b), kind % 4 == 0),
            96..=99 => self.absurd(a, b),
            100..=169 => self.free(a),
            170..=199 => self.reallocate(a, self.size(b), self.alignment(b.rotate_left(17))),
            200..=229 => self.resize(a, b),
            230..=252 => self.hostile(a, b),
            253..=255 => self.trim(),
        }
        self.taken += 1;
        if self.taken % self.expectations.validate_every as u64 == 0 {
            self.validate();
        }
        if self.taken % (10 * self.expectations.validate_every as u64) == 0 {
            self.look_at_everything();
        }
    }

    /// Frees everything, and gives the heap, which is empty then.
    pub fn finish(mut self) -> H {
        self.look_at_everything();
        while let Some(&address) = self.order.last() {
            self.free_at(address);
        }
        self.validate();
        let Stats { blocks, used, requested, .. } = self.heap.stats();
        assert_eq!((blocks, used, requested), (0, 0, 0));
        self.heap
    }

    /// From 0 to 64 KiB on a logarithmic scale, rarely up to the largest.
    fn size(&self, a: u64) -> usize {
        let bits = if a % 64 == 0 { 21 } else { (a >> 8) % 17 };
        ((a >> 16) as usize & ((1 << bits) - 1)).min(self.expectations.largest)
    }

    fn alignment(&self, b: u64) -> usize {
        let log2 = if b % 4 == 0 { (b >> 8) % 21 } else { (b >> 8) % 5 };
        (1 << log2).min(self.expectations.widest)
    }

    /// A live block that may be touched.
    fn choose(&self, a: u64) -> Option<usize> {
        let last = self.order.len().checked_sub(1)?;
        let place = if self.expectations.last_in_first_out { last } else { a as usize % self.order.len() };
        Some(self.order[place])
    }

    fn allocate(&mut self, size: usize, alignment: usize, zeroed: bool) {
        let before = self.heap.stats();
        let answer = match zeroed {
            true => self.heap.allocate_zeroed(size, alignment),
            false => self.heap.allocate(size, alignment),
        };
        match answer {
            Ok(block) => {
                if zeroed {
                    // SAFETY: the block has at least so many bytes, and they were set to zero.
                    let bytes = unsafe { std::slice::from_raw_parts(block.as_ptr(), size) };
                    assert_eq!(bytes.iter().position(|&byte| byte != 0), None, "not zero");
                }
                self.enter(block, size, alignment);
            }
            Err(error) => self.refused(&error, &before),
        }
    }

    /// A heap may be full, and is as it was then.
    fn refused(&self, error: &HeapError, before: &Stats) {
        let full = |error: &AllocError| {
            matches!(
                error,
                AllocError::OutOfSpace { .. }
                    | AllocError::TooLarge { .. }
                    | AllocError::OutOfMetadata { .. }
            )
        };
        assert!(matches!(error, HeapError::Alloc(error) if full(error)), "{error:?}");
        self.unchanged(before);
    }

    fn unchanged(&self, before: &Stats) {
        let now = self.heap.stats();
        let seen = |stats: &Stats| (stats.blocks, stats.used, stats.requested);
        assert_eq!(seen(&now), seen(before));
    }

    /// The block is new, or has another size: it must be a good one, and gets a pattern.
    fn enter(&mut self, block: NonNull<u8>, asked: usize, alignment: usize) {
        let address = block.addr().get();
        assert_eq!(address % alignment, 0, "{address:#x} is not aligned to {alignment}");
        let usable = self.heap.usable_size(block.as_ptr()).unwrap();
        assert!(usable >= asked.max(1), "{usable} usable bytes for {asked}");
        let end = address + usable;
        assert!(
            self.heap.contains(block.as_ptr()) && self.heap.contains(block.as_ptr().wrapping_add(usable - 1))
        );
        if let Some((below, held)) = self.live.range(..address).next_back() {
            assert!(below + held.usable <= address, "{address:#x} lies in {held:?}");
        }
        if let Some((above, held)) = self.live.range(address..).next() {
            assert!(*above >= end, "the block from {address:#x} to {end:#x} overlaps {held:?}");
        }
        let seed = self.taken;
        // SAFETY: the block is live and has so many usable bytes.
        unsafe { fill(block, usable, seed) };
        self.live.insert(address, Held { block, asked, usable, seed });
        self.order.push(address);
        self.freed.remove(&address);
        // Eight bytes in front of this one, and of those: headers.
        for (_, left_alone) in self.freed.range_mut(address - 7..end + 8) {
            *left_alone = false;
        }
    }

    fn check(&self, held: &Held, bytes: usize) {
        // SAFETY: the block is live, and was filled when it was entered.
        let difference = unsafe { first_difference(held.block, bytes, held.seed) };
        assert_eq!(difference, None, "a byte of {held:?} has changed");
    }

    /// Takes a block out of the shadow.
    fn strike(&mut self, address: usize) -> Held {
        self.order.retain(|&other| other != address);
        self.live.remove(&address).unwrap()
    }

    fn free(&mut self, a: u64) {
        if let Some(address) = self.choose(a) {
            self.free_at(address);
        }
    }

    fn free_at(&mut self, address: usize) {
        let held = self.strike(address);
        self.check(&held, held.usable);
        assert_eq!(self.heap.free(held.block.as_ptr()), Ok(held.usable));
        self.freed.insert(address, true);
    }

    fn reallocate(&mut self, a: u64, size: usize, alignment: usize) {
        let Some(address) = self.choose(a) else { return };
        let (held, before) = (self.live[&address], self.heap.stats());
        self.check(&held, held.usable);
        match self.heap.reallocate(held.block.as_ptr(), size, alignment) {
            Ok(block) => {
                self.strike(address);
                self.check(&Held { block, ..held }, held.usable.min(size));
                if block != held.block {
                    self.freed.insert(address, true);
                }
                self.enter(block, size, alignment);
            }
            Err(HeapError::Alloc(AllocError::NotTop { .. })) if self.expectations.last_in_first_out => {
                // The bytes were copied before the old block turned out not to be the last any more.
                self.freed.values_mut().for_each(|left_alone| *left_alone = false);
                self.unchanged(&before);
                self.check(&held, held.usable);
            }
            Err(error) => {
                self.refused(&error, &before);
                self.check(&held, held.usable);
            }
        }
    }

    fn resize(&mut self, a: u64, b: u64) {
        let Some(address) = self.choose(a) else { return };
        let (held, before) = (self.live[&address], self.heap.stats());
        // Near the size that it has, or any other.
        let size = if b % 3 == 0 {
            self.size(b / 3)
        } else {
            held.usable.saturating_sub(32) + (b >> 8) as usize % 64
        };
        match self.heap.resize_in_place(held.block.as_ptr(), size) {
            Ok(usable) => self.resized(address, size, usable),
            Err(HeapError::NoRoomInPlace { address: told, size: asked, available }) => {
                assert_eq!((told, asked), (address, size.max(1)));
                self.unchanged(&before);
                self.check(&held, held.usable);
                if self.expectations.resizes_last_only {
                    return;
                }
                assert!(held.usable <= available && available < size, "{available} for {size}");
                // What is said to be possible is.
                let usable = self.heap.resize_in_place(held.block.as_ptr(), available).unwrap();
                self.resized(address, available, usable);
            }
            Err(error) => self.refused(&error, &before),
        }
    }

    fn resized(&mut self, address: usize, size: usize, usable: usize) {
        let place = self.order.iter().position(|&other| other == address).unwrap();
        let held = self.strike(address);
        assert!(usable >= size.max(1));
        self.check(&held, held.usable.min(usable));
        self.enter(held.block, size, 1);
        assert_eq!(self.live[&address].usable, usable);
        // It keeps its turn.
        self.order.pop();
        self.order.insert(place, address);
    }

    /// Requests that no heap can serve.
    fn absurd(&mut self, a: u64, b: u64) {
        let before = self.heap.stats();
        let alignment = [0, 3, 24, usize::MAX][a as usize % 4];
        let bad = HeapError::Alloc(AllocError::BadAlignment { alignment: alignment as u64 });
        assert_eq!(self.heap.allocate(100, alignment), Err(bad));
        let size = [usize::MAX, MOST_BYTES + 1, MOST_BYTES, usize::MAX - 7][b as usize % 4];
        let too_large = self.heap.allocate(size, 16);
        assert!(matches!(too_large, Err(HeapError::Alloc(AllocError::TooLarge { .. }))), "{too_large:?}");
        if let Some(address) = self.choose(a) {
            let held = self.live[&address];
            let block = held.block.as_ptr();
            assert_eq!(self.heap.reallocate(block, 100, alignment), Err(bad));
            assert!(self.heap.reallocate(block, size, 16).is_err());
            assert!(self.heap.resize_in_place(block, size).is_err());
            self.check(&held, held.usable);
        }
        self.unchanged(&before);
    }

    /// Addresses that are no block's.
    fn hostile(&mut self, a: u64, b: u64) {
        let near = self.choose(a);
        let freed = || {
            let count = self.freed.len().max(1);
            self.freed.keys().nth(b as usize % count).copied()
        };
        let local = 0u8;
        let address = match a % 8 {
            0 => 0,
            1 => usize::MAX - (b % 32) as usize,
            2 => (&raw const local).addr(),
            3 => near.map_or(1, |address| address + 1 + b as usize % self.live[&address].usable),
            4 => near.map_or(16, |address| address + 16 * (1 + b as usize % 8)),
            5 => near.map_or(8, |address| address - 8),
            _ => freed().unwrap_or(b as usize),
        };
        if !self.live.contains_key(&address) {
            self.refuses(address);
        }
    }

    /// The heap tells what the address is, in each call, and is as it was.
    pub fn refuses(&mut self, address: usize) {
        let before = self.heap.stats();
        let stray = std::ptr::without_provenance_mut::<u8>(address);
        let once = self.freed.get(&address).copied();
        let known = once == Some(true) && self.expectations.knows_double_frees;
        let size = self.heap.usable_size(stray).unwrap_err();
        let free = self.heap.free(stray).unwrap_err();
        let is_in = self.heap.contains(stray);
        // A move on a stack is undone where the old block is not the last: its new place was a block, too.
        let was_a_block = once.is_some()
            || self.expectations.last_in_first_out
            || (self.expectations.slots_count_as_freed && address % 16 == 0);
        for (error, may_be_double) in [(size, false), (free, true)] {
            let fits = match error {
                HeapError::NotInHeap { .. } => !is_in,
                HeapError::NotABlock { .. } => is_in && !(known && may_be_double),
                HeapError::DoubleFree { .. } => was_a_block && may_be_double,
                _ => false,
            };
            assert!(fits && address_in(&error) == Some(address), "{address:#x}: {error:?}, {once:?}");
        }
        assert_eq!(self.heap.resize_in_place(stray, 8), Err(free));
        assert_eq!(self.heap.reallocate(stray, 8, 8), Err(free));
        self.unchanged(&before);
    }

    fn trim(&mut self) {
        let before = self.heap.stats();
        if self.heap.trim() > 0 {
            self.freed.values_mut().for_each(|left_alone| *left_alone = false);
        }
        self.unchanged(&before);
    }

    pub fn validate(&self) {
        self.heap.validate().unwrap();
        assert_eq!(self.heap.stats().blocks, self.live.len() as u64);
    }

    pub fn look_at_everything(&self) {
        self.live.values().for_each(|held| self.check(held, held.usable));
        let mut shown = vec![];
        self.heap.visit_blocks(&mut |block| shown.push(block));
        let addresses = shown.iter().map(|block| block.address.addr().get());
        assert!(addresses.eq(self.live.keys().copied()), "the walk shows other blocks");
        for (block, held) in shown.iter().zip(self.live.values()) {
            assert_eq!(block.usable, held.usable);
            assert!((held.asked.max(1)..=block.usable).contains(&block.requested));
        }
    }
}
