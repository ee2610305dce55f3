//! Pools, arenas, the double stack and the ring, against lists of what they hold.

use super::harness::{fill, first_difference};
use super::{Input, bytes};
use memcore::heap::{
    Arena, Borrowed, DoubleStack, FixedPool, Handle, HeapError, Pool, RawArena, RawPool, Ring,
};
use std::alloc::Layout;
use std::collections::{BTreeMap, VecDeque};
use std::mem::MaybeUninit;
use std::ptr::NonNull;

/// A block with a pattern.
#[derive(Clone, Copy)]
struct Held {
    block: NonNull<u8>,
    size: usize,
    seed: u64,
}

impl Held {
    fn new(block: NonNull<u8>, size: usize, alignment: usize, seed: u64) -> Self {
        assert_eq!(block.addr().get() % alignment, 0);
        // SAFETY: a new block of so many bytes.
        unsafe { fill(block, size, seed) };
        Held { block, size, seed }
    }

    fn check(&self) {
        // SAFETY: a live block that was filled.
        assert_eq!(unsafe { first_difference(self.block, self.size, self.seed) }, None, "a byte has changed");
    }
}

fn size(a: u64) -> (usize, usize) {
    ((a >> 8) as usize % (1 << (a % 12)), 1 << (a >> 56 & 7))
}

/// `Arena`, `RawArena`, `DoubleStack` or `Ring`.
pub fn arenas(data: &[u8]) {
    let mut input = Input(data);
    let Some((kind, (mut bytes, offset))) = input.byte().zip(bytes(&mut input)) else { return };
    match kind % 5 {
        0 => arena(&mut Arena::new(), &mut input),
        1 => {
            let mut memory = vec![MaybeUninit::uninit(); bytes.len()];
            arena(&mut Arena::over(&mut memory[offset..]), &mut input);
        }
        2 => raw_arena(Borrowed::new(&mut bytes[offset..]), &mut input),
        3 => double_stack(Borrowed::new(&mut bytes[offset..]), &mut input),
        _ => ring(Borrowed::new(&mut bytes[offset..]), &mut input),
    }
}

fn arena(arena: &mut Arena<'_>, input: &mut Input) {
    let mut live: Vec<Held> = vec![];
    let mut marks = vec![];
    while let (Some(kind), Some(a)) = (input.byte(), input.number()) {
        match kind % 8 {
            0..5 => {
                let (size, alignment) = size(a);
                let layout = Layout::from_size_align(size, alignment).expect("a layout");
                if let Ok(block) = arena.alloc_layout(layout) {
                    live.push(Held::new(block, size, alignment, a));
                }
            }
            5 => marks.push((arena.checkpoint(), live.len())),
            6 if !marks.is_empty() => {
                let (mark, count) = marks[a as usize % marks.len()];
                if arena.rewind(mark).is_ok() {
                    live.truncate(count);
                    marks.retain(|(_, other)| *other <= count);
                }
            }
            7 if a % 16 == 0 => {
                arena.reset();
                (live, marks) = (vec![], vec![]);
            }
            _ => {
                arena.scope(|arena| {
                    if let Ok(text) = arena.try_alloc_fmt(format_args!("{a} {kind}")) {
                        assert_eq!(*text, *format!("{a} {kind}"));
                    }
                });
            }
        }
        live.iter().for_each(Held::check);
        // Checkpoints are used bytes, and may lie in the reserve of a chunk.
        assert!(arena.used() <= arena.capacity() + arena.metadata_bytes());
    }
}

fn raw_arena(memory: Borrowed<'_>, input: &mut Input) {
    let Ok(mut arena) = RawArena::new(memory) else { return };
    let mut live: Vec<Held> = vec![];
    let mut marks = vec![];
    while let (Some(kind), Some(a)) = (input.byte(), input.number()) {
        match kind % 8 {
            0..5 => {
                let (size, alignment) = size(a);
                if let Ok(block) = arena.allocate(size, alignment) {
                    live.push(Held::new(block, size, alignment, a));
                }
            }
            5 => marks.push((arena.checkpoint(), live.len())),
            6 if !marks.is_empty() => {
                let place = a as usize % marks.len();
                let (mark, count) = marks[place];
                arena.rewind(mark).expect("a mark of its own");
                live.truncate(count);
                marks.truncate(place + 1);
            }
            // Any number may come in.
            _ if a > arena.checkpoint() => assert!(arena.rewind(a).is_err()),
            _ => {}
        }
        live.iter().for_each(Held::check);
        assert!(arena.used() <= arena.capacity());
    }
}

fn double_stack(memory: Borrowed<'_>, input: &mut Input) {
    let Ok(mut stack) = DoubleStack::new(memory) else { return };
    let (mut low, mut high) = (Vec::<Held>::new(), Vec::<Held>::new());
    let (mut low_marks, mut high_marks) = (vec![], vec![]);
    while let (Some(kind), Some(a)) = (input.byte(), input.number()) {
        let (size, alignment) = size(a);
        match kind % 8 {
            0 | 1 => {
                low.extend(stack.push_low(size, alignment).map(|block| Held::new(block, size, alignment, a)))
            }
            2 | 3 => high
                .extend(stack.push_high(size, alignment).map(|block| Held::new(block, size, alignment, a))),
            4 => low_marks.push((stack.mark_low(), low.len())),
            5 => high_marks.push((stack.mark_high(), high.len())),
            6 if !low_marks.is_empty() => {
                let place = a as usize % low_marks.len();
                stack.rewind_low(low_marks[place].0).expect("a mark of its own");
                low.truncate(low_marks[place].1);
                low_marks.truncate(place + 1);
            }
            7 if !high_marks.is_empty() => {
                let place = a as usize % high_marks.len();
                stack.rewind_high(high_marks[place].0).expect("a mark of its own");
                high.truncate(high_marks[place].1);
                high_marks.truncate(place + 1);
            }
            _ => {}
        }
        low.iter().chain(&high).for_each(Held::check);
        assert_eq!(stack.used_low() + stack.used_high() + stack.free(), stack.capacity());
    }
}

fn ring(memory: Borrowed<'_>, input: &mut Input) {
    let Ok(mut ring) = Ring::new(memory) else { return };
    let mut live: VecDeque<Held> = VecDeque::new();
    while let (Some(kind), Some(a)) = (input.byte(), input.number()) {
        let (size, alignment) = size(a);
        match kind % 8 {
            0..4 => {
                if let Ok(block) = ring.allocate(size, alignment) {
                    live.push_back(Held::new(block, size, alignment, a));
                }
            }
            4..6 => match live.pop_front() {
                Some(held) => {
                    held.check();
                    ring.release(held.block.as_ptr()).expect("the oldest");
                }
                None => assert!(ring.is_empty()),
            },
            6 => {
                let oldest = live.front().map(|held| held.block.addr().get());
                let stray = if live.is_empty() {
                    a as usize
                } else {
                    live[a as usize % live.len()].block.addr().get()
                };
                if Some(stray) != oldest {
                    let refused =
                        ring.release(std::ptr::without_provenance_mut(stray)).expect_err("not the oldest");
                    assert!(matches!(
                        refused,
                        HeapError::NotOldest { .. }
                            | HeapError::NotABlock { .. }
                            | HeapError::NotInHeap { .. }
                    ));
                }
            }
            _ => {}
        }
        ring.validate().expect("a sound ring");
        assert_eq!(ring.len(), live.len());
        live.iter().for_each(Held::check);
    }
}

/// `Pool`, `FixedPool` or `RawPool`.
pub fn pools(data: &[u8]) {
    let mut input = Input(data);
    let Some((kind, (mut bytes, offset))) = input.byte().zip(bytes(&mut input)) else { return };
    if kind % 3 == 2 {
        let (slot, alignment) = (1 + usize::from(kind) % 100, 1 << (kind >> 5));
        if let Ok(pool) = RawPool::new(Borrowed::new(&mut bytes[offset..]), slot, alignment) {
            super::drive(
                pool,
                super::Expectations { largest: slot, widest: alignment, caches: true, ..super::SLOTS },
                &input,
            );
        }
        return;
    }
    let mut memory = vec![MaybeUninit::uninit(); bytes.len()];
    let (mut pool, mut fixed) = (Pool::<String>::new(), FixedPool::<String>::over(&mut memory[offset..]));
    let mut live: BTreeMap<u64, (Handle<String>, Handle<String>)> = BTreeMap::new();
    let mut stale = vec![];
    while let (Some(step), Some(a)) = (input.byte(), input.number()) {
        let chosen = live.keys().copied().nth(a as usize % live.len().max(1));
        match (step % 4, chosen, &mut fixed) {
            (0 | 1, _, Ok(fixed)) if !live.contains_key(&a) => {
                let Ok(second) = fixed.insert(a.to_string()) else { continue };
                let first = pool.insert(a.to_string()).expect("memory");
                live.insert(a, (first, second));
            }
            (2, Some(key), Ok(fixed)) => {
                let (first, second) = live.remove(&key).expect("a live value");
                assert_eq!(
                    (pool.remove(first), fixed.remove(second)),
                    (Some(key.to_string()), Some(key.to_string()))
                );
                stale.push((first, second));
            }
            (3, _, Ok(fixed)) if a % 8 == 0 => {
                pool.retain(|_, text| text.len() % 2 == 0);
                fixed.retain(|_, text| text.len() % 2 == 0);
                live.retain(|key, _| key.to_string().len() % 2 == 0);
            }
            _ => pool.shrink_to_fit(),
        }
        let Ok(fixed) = &fixed else { return };
        for (key, &(first, second)) in &live {
            assert_eq!(
                (pool.get(first), fixed.get(second)),
                (Some(&key.to_string()), Some(&key.to_string()))
            );
        }
        assert!(stale.iter().all(|&(first, second)| !pool.contains(first) && !fixed.contains(second)));
        assert_eq!((pool.len(), fixed.len()), (live.len(), live.len()));
        pool.validate().expect("a sound pool");
        fixed.validate().expect("a sound pool");
    }
}
