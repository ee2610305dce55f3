//! HandleHeap against a list of what each handle holds, with its contents looked at all the time.

use memcore::alloc::{AllocError, Allocator, AnyAllocator, BlockId, Budget, FirstFit, Operation, Strategy};
use memcore::heap::{Borrowed, HandleHeap, HeapError, Memory};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use std::collections::{BTreeMap, HashMap};
use std::mem::MaybeUninit;

struct Held {
    contents: Vec<u8>,
    alignment: usize,
    pins: Vec<usize>,
    locks: u32,
}

/// Memory that begins where it should not, for alignments' sake.
fn odd(bytes: &mut [u8]) -> Borrowed<'_> {
    let odd = (bytes.as_ptr().addr() ^ 1) & 1;
    Borrowed::new(&mut bytes[odd..])
}

fn drive<M: Memory>(heap: &mut HandleHeap<AnyAllocator, M>, seed: u64, calls: usize, largest: u64) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut model: BTreeMap<BlockId, Held> = BTreeMap::new();
    let mut stale: Vec<BlockId> = Vec::new();
    let compacts = heap.allocator().capabilities().compaction;
    let reuses = heap.allocator().capabilities().reuses_freed;
    let any_order = heap.allocator().capabilities().free_in_any_order;
    for call in 0..calls {
        let size = 1 + (random.next_u64() % largest) as usize;
        let one = model.keys().copied().nth(random.next_u64() as usize % model.len().max(1));
        match (random.next_u64() % 16, one) {
            (0..5, _) | (_, None) => {
                let alignment = 1 << (random.next_u64() % 8);
                let zeroed = random.next_u64() % 2 == 0;
                let made = match zeroed {
                    true => heap.allocate_zeroed(size, alignment),
                    false => heap.allocate(size, alignment),
                };
                let Ok(id) = made else {
                    assert!(matches!(made, Err(HeapError::Alloc(_))), "{made:?}");
                    continue;
                };
                let bytes = heap.bytes_mut(id).unwrap();
                assert_eq!(bytes.len(), size);
                assert!(!zeroed || bytes.iter().all(|&byte| byte == 0));
                random.fill_bytes(bytes);
                let contents = bytes.to_vec();
                let held = Held { contents, alignment, pins: Vec::new(), locks: 0 };
                assert!(model.insert(id, held).is_none(), "a handle was given out twice");
            }
            (5..8, Some(id)) => match heap.free(id) {
                Ok(freed) => {
                    let held = model.remove(&id).unwrap();
                    assert_eq!((freed, held.pins.len(), held.locks), (held.contents.len(), 0, 0));
                    stale.push(id);
                }
                Err(HeapError::Held { handle, holds }) => {
                    let held = &model[&id];
                    assert_eq!((handle, holds), (id.to_bits(), held.pins.len() as u32 + held.locks));
                    assert!(holds > 0);
                }
                Err(error) => assert!(!any_order, "{error}"),
            },
            (8..11, Some(id)) => {
                let held = model.get_mut(&id).unwrap();
                match heap.resize(id, size) {
                    Ok(()) => {
                        assert!(held.pins.is_empty() && held.locks == 0);
                        let bytes = heap.bytes_mut(id).unwrap();
                        let kept = held.contents.len().min(size);
                        assert_eq!((bytes.len(), &bytes[..kept]), (size, &held.contents[..kept]));
                        random.fill_bytes(bytes);
                        held.contents = bytes.to_vec();
                    }
                    Err(HeapError::Held { .. }) => assert!(!held.pins.is_empty() || held.locks > 0),
                    Err(HeapError::Alloc(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            (11, Some(id)) => {
                let held = model.get_mut(&id).unwrap();
                if random.next_u64() % 2 == 0 {
                    held.pins.push(heap.pin(id).unwrap().addr().get());
                } else {
                    heap.lock(id).unwrap();
                    held.locks += 1;
                }
            }
            (12 | 13, Some(id)) => {
                let held = model.get_mut(&id).unwrap();
                let not_held = Err(HeapError::NotHeld { handle: id.to_bits() });
                assert_eq!(heap.unpin(id), held.pins.pop().map_or(not_held, |_| Ok(())));
                let unlocked = held.locks.checked_sub(1);
                assert_eq!(heap.unlock(id), unlocked.map_or(not_held, |_| Ok(())));
                held.locks = unlocked.unwrap_or(0);
            }
            _ => {
                let budget = Budget { bytes: random.next_u64() % 2000, moves: random.next_u64() % 8 };
                match heap.compact(budget) {
                    Ok(done) => {
                        assert!(compacts && done.moves <= budget.moves && done.bytes <= budget.bytes);
                    }
                    Err(error) => {
                        let (operation, strategy) = (Operation::Compact, heap.allocator().name());
                        assert_eq!(error, AllocError::Unsupported { operation, strategy }.into());
                        assert!(!compacts);
                    }
                }
            }
        }
        if call % 16 == 0 {
            check(heap, &model, &stale);
        }
    }
    check(heap, &model, &stale);
    let made = heap.stats().allocations;
    assert!(!any_order || !reuses || made > calls as u64 / 8, "{made} blocks of {calls} calls");
}

/// Everything the model knows, and nothing else; addresses by way of the bytes.
fn check<M: Memory>(heap: &HandleHeap<AnyAllocator, M>, model: &BTreeMap<BlockId, Held>, stale: &[BlockId]) {
    heap.validate().unwrap();
    for (&id, held) in model {
        let bytes = heap.bytes(id).unwrap();
        assert_eq!(bytes, held.contents);
        let address = bytes.as_ptr().addr();
        assert_eq!(address % held.alignment, 0);
        assert!(held.pins.iter().all(|&pinned| pinned == address), "a pinned block has moved");
        assert_eq!(heap.size(id).unwrap(), bytes.len());
        assert_eq!(heap.holds(id).unwrap(), (held.pins.len() as u32, held.locks));
    }
    let mut listed: Vec<_> = heap.blocks().map(|block| (block.id, block.requested)).collect();
    listed.sort_unstable();
    assert!(listed.iter().copied().eq(model.iter().map(|(&id, held)| (id, held.contents.len() as u64))));
    for &id in stale.iter().rev().take(20) {
        assert_eq!(heap.bytes(id).unwrap_err(), HeapError::StaleHandle { handle: id.to_bits() });
    }
}

#[test]
fn every_strategy_keeps_contents_alignment_pins_and_locks() {
    for (seed, name) in (1..).zip(Strategy::names()) {
        let strategy: Strategy = match *name {
            "pool" => "pool:slot=128".parse().unwrap(),
            name => name.parse().unwrap(),
        };
        let largest = if *name == "pool" { 128 } else { 300 };
        let mut bytes = vec![0xaa; 20_000];
        let mut heap = HandleHeap::new(&strategy, odd(&mut bytes)).unwrap();
        drive(&mut heap, seed, 6000, largest);
    }
}

#[cfg(unix)]
#[test]
fn it_grows_with_its_memory() {
    use memcore::heap::{Mapping, MappingOptions};
    for strategy in ["first-fit", "tlsf", "buddy", "size-classes"] {
        let memory = Mapping::reserve(MappingOptions::new(16 << 20)).unwrap();
        let mut heap = HandleHeap::new(&strategy.parse().unwrap(), memory).unwrap();
        drive(&mut heap, 7, 1000, 100_000);
        assert!(heap.memory().len() > 1 << 20, "{strategy}");
    }
    let memory = Mapping::reserve(MappingOptions::new(8 << 20)).unwrap();
    let mut heap = HandleHeap::new(&Strategy::FirstFit, memory).unwrap();
    // An alignment of 1 MiB holds wherever the block moves.
    let [low, high] = [1, 2].map(|_| heap.allocate(100_000, 1 << 20).unwrap());
    heap.bytes_mut(high).unwrap().fill(9);
    heap.free(low).unwrap();
    assert_eq!(heap.compact(Budget::UNLIMITED).unwrap().moves, 1);
    let bytes = heap.bytes(high).unwrap();
    assert!(bytes.as_ptr().addr() % (1 << 20) == 0 && bytes.iter().all(|&byte| byte == 9));
    // More than the limit is an error, and nothing has changed.
    let error = heap.allocate(9 << 20, 1).unwrap_err();
    assert!(matches!(error, HeapError::Alloc(AllocError::TooLarge { .. })), "{error}");
    heap.validate().unwrap();
}

/// What sliding everything down gives, worked out on a list: (handle, start).
fn slid(
    heap: &HandleHeap<FirstFit>,
    pinned: BlockId,
    alignments: &HashMap<BlockId, u64>,
    base: u64,
) -> Vec<u64> {
    let mut floor = 0;
    let mut starts = Vec::new();
    for block in heap.blocks() {
        let mut to = floor;
        while (base + to) % alignments[&block.id] != 0 {
            to += 1;
        }
        if block.id == pinned {
            to = block.start;
        }
        starts.push(to);
        floor = (to + block.requested).next_multiple_of(8);
    }
    starts
}

#[test]
fn steps_of_any_size_come_to_what_one_compaction_comes_to() {
    for budget in [Budget::UNLIMITED, Budget { bytes: 400, moves: 3 }, Budget { bytes: u64::MAX, moves: 1 }] {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(11);
        let bytes: &'static mut [u8] = vec![0; 40_000].leak();
        let mut heap = HandleHeap::with_allocator(Borrowed::new(bytes), FirstFit::new).unwrap();
        let (mut live, mut alignments) = (Vec::new(), HashMap::new());
        for _ in 0..200 {
            let (size, alignment) = (1 + random.next_u64() % 200, 8 << (random.next_u64() % 4));
            let id = heap.allocate(size as usize, alignment).unwrap();
            alignments.insert(id, alignment as u64);
            live.push(id);
        }
        for _ in 0..120 {
            heap.free(live.swap_remove(random.next_u64() as usize % live.len())).unwrap();
        }
        let pinned = live[13];
        heap.pin(pinned).unwrap();
        let first = heap.blocks().next().unwrap();
        let base = heap.bytes(first.id).unwrap().as_ptr().addr() as u64 - first.start;
        let wanted = slid(&heap, pinned, &alignments, base);
        let before = heap.stats();
        let mut steps = 0;
        loop {
            let done = heap.compact(budget).unwrap();
            heap.validate().unwrap();
            steps += 1;
            if done.done {
                break;
            }
            assert!(steps < 1000, "it does not come to an end");
        }
        assert!(budget == Budget::UNLIMITED || steps > 20);
        assert_eq!(heap.blocks().map(|block| block.start).collect::<Vec<_>>(), wanted);
        let after = heap.stats();
        assert!(after.largest_hole > before.largest_hole && after.used == before.used);
        // Nothing is left to do, until something changes.
        let again = heap.compact(budget).unwrap();
        assert!(again.done && again.moves == 0 && again.fragmentation_before == again.fragmentation_after);
        heap.unpin(pinned).unwrap();
        assert!(heap.compact(Budget::UNLIMITED).unwrap().done);
        let wanted = slid(&heap, live[0], &alignments, base);
        assert_eq!(heap.blocks().map(|block| block.start).collect::<Vec<_>>(), wanted);
    }
}

#[test]
fn a_block_above_the_budget_stays_until_the_budget_is_larger() {
    let mut bytes = [0; 8192];
    let mut heap =
        HandleHeap::new(&Strategy::BestFit { tie: Default::default() }, Borrowed::new(&mut bytes)).unwrap();
    let first = heap.allocate(64, 8).unwrap();
    let large = heap.allocate(1000, 8).unwrap();
    let hole = heap.allocate(64, 8).unwrap();
    let small = heap.allocate(64, 8).unwrap();
    heap.free(first).unwrap();
    heap.free(hole).unwrap();
    let starts =
        |heap: &HandleHeap<_, _>| heap.blocks().map(|block| (block.id, block.start)).collect::<Vec<_>>();
    let budget = Budget { bytes: 100, moves: 10 };
    let done = heap.compact(budget).unwrap();
    assert_eq!((done.moves, done.bytes, done.done), (1, 64, true));
    assert_eq!(starts(&heap), [(large, 64), (small, 1064)]);
    assert!(heap.compact(budget).unwrap().done);
    let mut asked = 0;
    let done = heap.compact_while(|| {
        asked += 1;
        true
    });
    let done = done.unwrap();
    assert_eq!((done.moves, done.bytes, done.done), (2, 1064, true));
    assert!(asked >= 1);
    assert_eq!(starts(&heap), [(large, 0), (small, 1000)]);
    assert_eq!((done.fragmentation_after, done.largest_hole_after), (0.0, heap.stats().free));
    assert!(heap.compact_for(std::time::Duration::from_secs(60)).unwrap().done);
    assert_eq!(heap.compact_while(|| false).unwrap().moves, 0);
}

/// A program that allocates and frees at random, with a small step of compaction now and then, or without.
fn mean_fragmentation(step: Option<Budget>) -> f64 {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
    let mut bytes = vec![0; 1 << 18];
    let mut heap = HandleHeap::new(&"tlsf".parse().unwrap(), Borrowed::new(&mut bytes)).unwrap();
    let (mut live, mut sum, mut samples) = (Vec::new(), 0.0, 0.0);
    for call in 0..40_000 {
        live.extend(heap.allocate(16 + (random.next_u64() % 1500) as usize, 8));
        while heap.stats().used > 230_000 {
            heap.free(live.swap_remove(random.next_u64() as usize % live.len())).unwrap();
        }
        if let Some(budget) = step.filter(|_| call % 8 == 0) {
            heap.compact(budget).unwrap();
        }
        if call > 10_000 {
            sum += heap.stats().external_fragmentation();
            samples += 1.0;
        }
    }
    sum / samples
}

#[test]
fn fragmentation_falls_while_the_program_runs() {
    let without = mean_fragmentation(None);
    let with = mean_fragmentation(Some(Budget { bytes: 32 << 10, moves: 64 }));
    assert!(without > 0.8 && with < 0.4, "{without} without, {with} with");
}

#[test]
fn memory_that_nobody_wrote_is_never_shown() {
    let mut bytes = vec![MaybeUninit::uninit(); 4096];
    let mut heap = HandleHeap::new(&Strategy::WorstFit, Borrowed::uninit(&mut bytes)).unwrap();
    let [first, second] = [100, 1000].map(|size| heap.allocate(size, 64).unwrap());
    assert!(heap.bytes(first).unwrap().iter().chain(heap.bytes(second).unwrap()).all(|&byte| byte == 0));
    heap.bytes_mut(second).unwrap().fill(1);
    heap.free(first).unwrap();
    heap.resize(second, 3000).unwrap();
    heap.compact(Budget::UNLIMITED).unwrap();
    let bytes = heap.bytes(second).unwrap();
    assert!(bytes[..1000].iter().all(|&byte| byte == 1) && bytes[1000..].iter().all(|&byte| byte < 2));
}

#[test]
fn what_cannot_be_is_an_error() {
    let mut bytes = [0u64; 8];
    let bytes = bytemuck::cast_slice_mut(&mut bytes);
    let error = HandleHeap::new(&Strategy::FirstFit, Borrowed::new(&mut bytes[1..8])).err().unwrap();
    assert!(matches!(error, HeapError::BadMemory { bytes: 7, .. }), "{error}");
    // The smallest heap there is.
    let mut heap = HandleHeap::new(&Strategy::FirstFit, Borrowed::new(&mut bytes[..8])).unwrap();
    let error = heap.allocate(1, 3).unwrap_err();
    assert_eq!(error, AllocError::BadAlignment { alignment: 3 }.into());
    assert!(matches!(heap.allocate(9, 1), Err(HeapError::Alloc(AllocError::TooLarge { size: 9, .. }))));
    let id = heap.allocate(0, 1).unwrap();
    assert_eq!((heap.size(id), heap.stats().free), (Ok(1), 0));
    assert!(heap.allocate(usize::MAX, 1).is_err() && heap.resize(id, usize::MAX).is_err());
    assert_eq!(heap.free(id), Ok(1));
    assert_eq!(heap.free(id), Err(HeapError::StaleHandle { handle: id.to_bits() }));
    // A strategy that covers more than there is.
    let error = HandleHeap::with_allocator(Borrowed::new(bytes), |_| FirstFit::new(1 << 20)).err().unwrap();
    assert!(matches!(error, HeapError::BadParameter { name: "capacity", value: 0x10_0000, .. }), "{error}");
}
