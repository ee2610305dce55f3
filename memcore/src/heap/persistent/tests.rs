//! A writer that is killed at every single store of every call: the image is then as before the call or as after it.

use super::*;
use crate::heap::Borrowed;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use std_alloc::collections::BTreeMap;
use std_alloc::vec::Vec;

const WORDS: usize = 640;
type Words = Vec<u64>;

fn memory(words: &mut Words) -> Borrowed<'_> {
    Borrowed::new(bytemuck::cast_slice_mut(words))
}

/// What an image should hold: offset to contents; and the roots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    blocks: BTreeMap<u64, Vec<u8>>,
    roots: [Option<u64>; ROOTS],
}

fn state_of(heap: &PersistentHeap<Borrowed<'_>>) -> State {
    let mut state = State::default();
    for block in heap.blocks() {
        state.blocks.insert(block.offset.to_bits(), heap.bytes(block.offset).unwrap().to_vec());
    }
    for (number, root) in state.roots.iter_mut().enumerate() {
        *root = heap.root(number).unwrap().map(Offset::to_bits);
    }
    state
}

#[derive(Clone, Copy, Debug)]
enum Call {
    Allocate(usize, usize),
    Zeroed(usize, usize),
    Free(u64),
    Resize(u64, usize),
    Root(usize, Option<u64>),
}

fn random_call(random: &mut impl Rng, state: &State) -> Call {
    let below = |random: &mut dyn FnMut() -> u64, n: u64| random() % n;
    let mut next = || random.next_u64();
    let live: Vec<u64> = state.blocks.keys().copied().collect();
    let (kind, size) = (below(&mut next, 8), 1 + below(&mut next, 400) as usize);
    let alignment = 1 << below(&mut next, 9);
    if live.is_empty() || kind < 3 {
        return match kind {
            0 => Call::Zeroed(size, alignment),
            _ => Call::Allocate(size, alignment),
        };
    }
    let one = live[below(&mut next, live.len() as u64) as usize];
    match kind {
        3 | 4 => Call::Free(one),
        5 | 6 => Call::Resize(one, size),
        _ => Call::Root(below(&mut next, 3) as usize, Some(one).filter(|_| size % 4 != 0)),
    }
}

fn offset(bits: u64) -> Offset {
    Offset::from_bits(bits).unwrap()
}

/// Makes a call, and tells the block it was about afterwards.
fn run(heap: &mut PersistentHeap<Borrowed<'_>>, call: Call) -> Result<Option<u64>> {
    Ok(match call {
        Call::Allocate(size, alignment) => Some(heap.allocate(size, alignment)?.to_bits()),
        Call::Zeroed(size, alignment) => Some(heap.allocate_zeroed(size, alignment)?.to_bits()),
        Call::Free(one) => heap.free(offset(one)).map(|_| None)?,
        Call::Resize(one, size) => Some(heap.resize(offset(one), size)?.to_bits()),
        Call::Root(number, one) => heap.set_root(number, one.map(offset)).map(|()| None)?,
    })
}

/// What the state is after a call that succeeded. `contents` are those of a new block, of which a call promises
/// nothing.
fn expected(before: &State, call: Call, block: Option<u64>, contents: Option<&Vec<u8>>) -> State {
    let mut after = before.clone();
    let rename = |after: &mut State, from: u64, to: Option<u64>| {
        for root in after.roots.iter_mut().filter(|root| **root == Some(from)) {
            *root = to;
        }
    };
    match (call, block) {
        (Call::Allocate(size, _), Some(block)) => {
            let contents = contents.unwrap();
            assert_eq!(contents.len(), size);
            assert_eq!(after.blocks.insert(block, contents.clone()), None);
        }
        (Call::Zeroed(size, _), Some(block)) => {
            assert_eq!(after.blocks.insert(block, std_alloc::vec![0; size]), None);
        }
        (Call::Free(one), _) => {
            after.blocks.remove(&one);
            rename(&mut after, one, None);
        }
        (Call::Resize(one, size), Some(block)) => {
            let mut bytes = after.blocks.remove(&one).unwrap();
            bytes.truncate(size);
            bytes.extend_from_slice(&contents.unwrap()[bytes.len()..]);
            after.blocks.insert(block, bytes);
            rename(&mut after, one, Some(block));
        }
        (Call::Root(number, one), _) => after.roots[number] = one,
        (call, None) => panic!("{call:?} gave no block"),
    }
    after
}

/// Opens the image, and lets only so many stores of the call through.
fn cut(image: &Words, call: Call, stores: u64) -> (Words, Result<Option<u64>>, u64) {
    let mut words = image.clone();
    let (mut heap, _) = PersistentHeap::open(memory(&mut words)).unwrap();
    heap.image.stores_left = Some(stores);
    let result = run(&mut heap, call);
    let left = heap.image.stores_left.unwrap();
    // Whoever is killed does not close its image either.
    heap.image.stores_left = Some(0);
    drop(heap);
    (words, result, stores - left)
}

fn reopened(words: &mut Words) -> (State, Recovery) {
    let (heap, recovery) = PersistentHeap::open(memory(words)).unwrap();
    heap.validate().unwrap();
    (state_of(&heap), recovery)
}

fn kill_at_every_store(strategy: &str, seed: u64, calls: usize) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut words = std_alloc::vec![0; WORDS];
    drop(PersistentHeap::create_with(memory(&mut words), &strategy.parse().unwrap()).unwrap());
    let (mut before, _) = reopened(&mut words);
    let mut refused = 0;
    for _ in 0..calls {
        let call = random_call(&mut random, &before);
        let (mut whole, result, stores) = cut(&words, call, u64::MAX);
        let (mut after, recovery) = reopened(&mut whole);
        assert!(!recovery.clean);
        let Ok(block) = result else {
            assert_eq!((stores, &after), (0, &before), "{call:?}");
            refused += 1;
            continue;
        };
        let contents = block.and_then(|block| after.blocks.get(&block));
        assert_eq!(after, expected(&before, call, block, contents), "{call:?}");
        let mut completed = 0;
        for k in 0..stores {
            let (mut part, _, _) = cut(&words, call, k);
            let view = PersistentView::new(bytemuck::cast_slice(&part)).unwrap();
            let seen: Vec<_> = view.blocks().map(|block| block.offset.to_bits()).collect();
            let (state, recovery) = reopened(&mut part);
            assert_eq!(seen, state.blocks.keys().copied().collect::<Vec<_>>(), "{call:?} after {k} stores");
            completed += u64::from(recovery.completed);
            let wanted = if recovery.completed { &after } else { &before };
            assert_eq!(&state, wanted, "{call:?} after {k} of {stores} stores");
        }
        // Commit is one store, and the one that ends the step another.
        assert!(stores == 0 || completed > 1 && completed < stores, "{completed} of {stores}");
        // The program goes on, and fills the block that it got.
        let (mut heap, _) = PersistentHeap::open(memory(&mut whole)).unwrap();
        if let Some(block) = block {
            let bytes = heap.bytes_mut(offset(block)).unwrap();
            bytes.iter_mut().for_each(|byte| *byte = random.next_u64() as u8);
            after.blocks.insert(block, bytes.to_vec());
        }
        drop(heap);
        (words, before) = (whole, after);
    }
    assert!(refused < calls / 2, "{refused} calls had no room");
}

#[test]
fn a_writer_killed_at_any_store_leaves_the_state_before_or_after_its_call() {
    kill_at_every_store("first-fit", 1, 80);
    kill_at_every_store("tlsf", 2, 80);
}

#[test]
fn a_recovery_killed_at_any_store_is_completed_by_the_next() {
    let mut words = std_alloc::vec![0; WORDS];
    let mut heap = PersistentHeap::create(memory(&mut words)).unwrap();
    let first = heap.allocate(100, 8).unwrap();
    heap.allocate(100, 8).unwrap();
    heap.bytes_mut(first).unwrap().fill(7);
    heap.set_root(5, Some(first)).unwrap();
    drop(heap);
    let call = Call::Resize(first.to_bits(), 300);
    let (mut whole, result, stores) = cut(&words, call, u64::MAX);
    let moved = result.unwrap().unwrap();
    assert_ne!(moved, first.to_bits());
    let (after, _) = reopened(&mut whole);
    // Two stores an entry, one to commit, one an entry again, one to end: just committed, half applied, not ended.
    let committed = (stores - 2) / 3 * 2 + 1;
    for k in [committed, (committed + stores) / 2, stores - 1] {
        let (part, _, _) = cut(&words, call, k);
        for stores in 0.. {
            let mut again = part.clone();
            let mut image = Image::new(memory(&mut again));
            image.stores_left = Some(stores);
            let (mut heap, recovery) = PersistentHeap::take_up(image).unwrap();
            assert!(recovery.completed);
            let left = heap.image.stores_left.unwrap();
            heap.image.stores_left = Some(0);
            drop(heap);
            let (state, _) = reopened(&mut again);
            assert_eq!(state, after);
            assert_eq!(state.roots[5], Some(moved));
            if left > 0 {
                break;
            }
        }
    }
}

#[test]
fn an_image_that_is_half_made_is_none() {
    let strategy: Strategy = "best-fit".parse().unwrap();
    for stores in 0.. {
        let mut words = std_alloc::vec![0; WORDS];
        // An image was there before, in part of whose place the new one is made.
        drop(PersistentHeap::create(memory(&mut words)).unwrap());
        let mut image = Image::new(memory(&mut words));
        image.stores_left = Some(stores);
        let strategy_words = strategy_words(&strategy).unwrap();
        let mut heap = PersistentHeap::format(image, &strategy, strategy_words).unwrap();
        let left = heap.image.stores_left.unwrap();
        heap.image.stores_left = Some(0);
        drop(heap);
        let opened = PersistentHeap::open(memory(&mut words));
        if left > 0 {
            let (_, recovery) = opened.unwrap();
            assert_eq!((recovery.clean, recovery.blocks), (false, 0));
            break;
        }
        match (stores, opened) {
            // Nothing was stored yet; but the memory was cleared, which in the test is not a store.
            (0, Err(HeapError::BadImage { .. })) => {}
            (_, Err(HeapError::BadImage { at: AT_MAGIC, .. })) => {}
            (_, other) => assert!(other.is_ok() && left == 0, "after {stores} stores"),
        }
    }
}
