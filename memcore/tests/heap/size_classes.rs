//! `SizeClassHeap`: in memory that begins anywhere, in memory that grows and that does not, and as its replay says.

use super::addresses::Bytes;
use super::harness::{Expectations, drive, fill, first_difference, step, steps};
use super::traces::{replay, sample};
use memcore::alloc::storage::{Fixed, Growable};
use memcore::alloc::{
    AllocError, Allocator, AnyAllocator, BlockId, Options, Request, SizeClassParameters, Stats, Strategy,
};
use memcore::heap::{Borrowed, HeapError, Memory, RawHeap, Result, SizeClassHeap};
use memcore::replay::{ReplayOptions, replay_strategy};
use proptest::prelude::*;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

type Plain = SizeClassHeap<Borrowed<'static>>;

/// Pages from 64 bytes to 64 KiB, spans of one slot and of 64, every fallback, kept spans or none.
const PARAMETERS: [&str; 7] = [
    "size-classes:page=64,span=512,largest=256",
    "size-classes:page=64,span=4096,largest=512,keep=1,fallback=tlsf",
    "size-classes:page=4096,span=65536,steps=8,largest=4096,fallback=best-fit,keep=1",
    "size-classes:classes=48+80+1000+5000,span=300,page=256,fallback=worst-fit,keep=1",
    "size-classes:page=65536,span=1,steps=1,largest=1024,fallback=next-fit",
    "size-classes:page=1024,span=16384,steps=32,largest=6000,keep=1",
    "size-classes:page=128,span=65536,classes=16+100000,fallback=tlsf",
];

fn read(text: &str) -> SizeClassParameters {
    match text.parse() {
        Ok(Strategy::SizeClasses(parameters)) => parameters,
        other => panic!("{text}: {other:?}"),
    }
}

fn all_parameters() -> Vec<SizeClassParameters> {
    let mut all: Vec<_> = PARAMETERS.iter().map(|text| read(text)).collect();
    all.push(Plain::default_parameters());
    all
}

fn expectations() -> Expectations {
    // What was a slot may be a part of another span, or of none.
    Expectations { knows_double_frees: false, slots_count_as_freed: true, ..Expectations::default() }
}

fn make<M: Memory>(memory: M, parameters: &SizeClassParameters) -> Result<SizeClassHeap<M>> {
    SizeClassHeap::with_parameters(memory, parameters, &mut Growable::default())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_table_of_classes_keeps_its_word_wherever_the_memory_begins(
        log2 in 7u32..19,
        offset in 0usize..2000,
        less in 0usize..70,
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let len = (1usize << log2) - less;
        let bytes = Bytes::new(1 << log2);
        for parameters in all_parameters() {
            // There may be no room for one page.
            if make(bytes.part(offset, len), &parameters).is_err() {
                prop_assert!(len < 2 * parameters.page as usize);
                continue;
            }
            drive(|| make(bytes.part(offset, len), &parameters).unwrap(), expectations(), &steps);
        }
    }
}

#[test]
fn long_runs_in_a_megabyte() {
    let bytes = Bytes::new(1 << 20);
    for (seed, parameters) in all_parameters().iter().enumerate() {
        let expectations = Expectations { validate_every: 64, ..expectations() };
        let make = || make(bytes.part(16 * seed, 1 << 20), parameters).unwrap();
        drive(make, expectations, &steps(seed as u64, 2000));
    }
}

#[test]
fn memory_that_cannot_hold_a_page_and_parameters_out_of_range_are_refused() {
    let bytes = Bytes::new(1 << 16);
    let refused = |len, parameters: &str| make(bytes.part(8, len), &read(parameters)).err().unwrap();
    let small = refused(1000, "size-classes:page=1024");
    assert!(matches!(small, HeapError::BadMemory { bytes: 1000, .. }), "{small:?}");
    for (parameters, expected) in [
        ("size-classes", ("page", 16)),
        ("size-classes:page=32", ("page", 32)),
        ("size-classes:page=96", ("page", 96)),
        ("size-classes:page=131072", ("page", 131_072)),
        ("size-classes:page=64,span=65537", ("span", 65_537)),
    ] {
        let error = refused(1 << 16, parameters);
        let HeapError::BadParameter { name, value, .. } = error else { panic!("{parameters}: {error:?}") };
        assert_eq!((name, value), expected);
    }
}

#[test]
fn each_wrong_address_has_its_own_error() {
    let bytes = Bytes::new(1 << 16);
    let mut heap = make(bytes.part(0, 1 << 16), &read("size-classes:page=1024,largest=256")).unwrap();
    let base = heap.memory().start().addr().get();
    // The first span has 64 slots of 48 bytes: three pages.
    let block = heap.allocate(40, 16).unwrap().as_ptr();
    // Behind it, a block by itself of one page.
    let large = heap.allocate(900, 16).unwrap().as_ptr();
    assert_eq!((block.addr(), large.addr()), (base, base + 3072));
    let at = std::ptr::without_provenance_mut::<u8>;
    for outside in [0, 1, base - 1, base - 16, base + (1 << 16), usize::MAX] {
        assert_eq!(heap.free(at(outside)), Err(HeapError::NotInHeap { address: outside }));
    }
    // Inside of slots, of the large block, and where nothing has been.
    for inside in [base + 1, base + 16, base + 47, base + 3073, base + 3088, base + 4095, base + 5000] {
        assert_eq!(heap.free(at(inside)), Err(HeapError::NotABlock { address: inside }));
        assert_eq!(heap.usable_size(at(inside)), Err(HeapError::NotABlock { address: inside }));
    }
    let second = heap.allocate(48, 1).unwrap().as_ptr();
    assert_eq!((second.addr(), heap.free(block)), (base + 48, Ok(48)));
    let freed = HeapError::DoubleFree { address: base };
    assert_eq!(heap.free(block), Err(freed));
    assert_eq!(heap.resize_in_place(block, 8), Err(freed));
    assert_eq!(heap.reallocate(block, 100, 16), Err(freed));
    assert_eq!(heap.usable_size(block), Err(HeapError::NotABlock { address: base }));
    // Once the span has gone nobody knows any more.
    assert_eq!((heap.free(second), heap.free(large)), (Ok(48), Ok(1024)));
    for gone in [base, base + 48, base + 3072] {
        assert_eq!(heap.free(at(gone)), Err(HeapError::NotABlock { address: gone }));
    }
    heap.validate().unwrap();
}

/// What both tell of a space; a heap without headers does not keep what was asked for.
fn figures(stats: &Stats) -> [u64; 10] {
    let &Stats { capacity, used, free, dead, blocks, holes, .. } = stats;
    let &Stats { largest_hole, footprint, peak_used, allocations, .. } = stats;
    [capacity, used, free, dead, blocks, holes, largest_hole, footprint, peak_used, allocations]
}

/// The heap and its strategy take the same random steps.
fn agree<M: Memory, S: memcore::alloc::storage::Storage>(
    heap: &mut SizeClassHeap<M, S>,
    parameters: &SizeClassParameters,
    seed: u64,
) where
    SizeClassHeap<M, S>: RawHeap,
{
    let base = heap.memory().start().addr().get();
    assert_eq!(base % parameters.page as usize, 0);
    let capacity = heap.memory().limit() as u64;
    let options = Options::new(capacity).granularity(16);
    let mut strategy = AnyAllocator::new(&Plain::strategy(parameters), options).unwrap();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut live: Vec<(NonNull<u8>, BlockId)> = vec![];
    let same = |error: HeapError, other: AllocError| match (error, other) {
        (
            HeapError::Alloc(AllocError::OutOfSpace { free, largest_hole, .. }),
            AllocError::OutOfSpace { free: other_free, largest_hole: other_hole, .. },
        ) => (free, largest_hole) == (other_free, other_hole),
        (HeapError::Alloc(AllocError::TooLarge { .. }), AllocError::TooLarge { .. }) => true,
        (
            HeapError::NoRoomInPlace { available, .. },
            AllocError::NoRoomInPlace { available: other_available, .. },
        ) => available as u64 == other_available,
        _ => false,
    };
    for turn in 0..1500 {
        let (choice, a) = (random.next_u64(), random.next_u64());
        let size = 1 + (a >> 8) % (1 << (a % 15));
        let place = (a % live.len().max(1) as u64) as usize;
        match choice % 16 {
            // Some phases grow, some shrink, so that spans come and go.
            0..8 if turn / 100 % 3 < 2 || live.is_empty() => {
                // The space of a mapping begins at a page of the system's, no more.
                let alignment = if choice % 4 == 0 { 1 << ((choice >> 8) % 13) } else { 16 };
                let request = Request::new(size).align(alignment);
                match (heap.allocate(size as usize, alignment as usize), strategy.allocate(request)) {
                    (Ok(block), Ok(placed)) => {
                        assert_eq!((block.addr().get() - base) as u64, placed.start, "turn {turn}");
                        assert_eq!(heap.usable_size(block.as_ptr()), Ok(placed.size as usize));
                        live.push((block, placed.id));
                    }
                    (Err(error), Err(other)) => {
                        assert!(same(error, other), "turn {turn}: {error:?}, {other:?}")
                    }
                    (found, expected) => panic!("turn {turn}: {found:?}, {expected:?}"),
                }
            }
            0..13 if !live.is_empty() => {
                let (block, id) = live.swap_remove(place);
                let freed = strategy.free(id).unwrap();
                assert_eq!(heap.free(block.as_ptr()), Ok(freed.size as usize));
            }
            _ if !live.is_empty() => {
                let (block, id) = live[place];
                match (heap.resize_in_place(block.as_ptr(), size as usize), strategy.resize(id, size)) {
                    (Ok(usable), Ok(resized)) => assert_eq!(usable as u64, resized.size),
                    (Err(error), Err(other)) => {
                        assert!(same(error, other), "turn {turn}: {error:?}, {other:?}")
                    }
                    (found, expected) => panic!("turn {turn}: {found:?}, {expected:?}"),
                }
            }
            _ => {}
        }
        assert_eq!(figures(&heap.stats()), figures(&strategy.stats()), "turn {turn}");
    }
}

#[test]
fn the_strategy_predicts_every_address() {
    let bytes = Bytes::new(1 << 18);
    for (seed, parameters) in all_parameters().iter().enumerate() {
        for len in [1 << 18, 1 << 16] {
            let mut heap = make(bytes.part(0, len), parameters).unwrap();
            agree(&mut heap, parameters, seed as u64);
            heap.validate().unwrap();
        }
    }
}

#[test]
fn tables_of_a_fixed_size_place_alike() {
    let bytes = Bytes::new(1 << 18);
    let parameters = Plain::default_parameters();
    let mut words = vec![0u64; 1 << 20];
    let mut storage = Fixed::new(&mut words, 1 << 12);
    let memory = bytes.part(0, 1 << 18);
    let mut heap = SizeClassHeap::with_parameters(memory, &parameters, &mut storage).unwrap();
    agree(&mut heap, &parameters, 9);
    heap.validate().unwrap();
}

#[test]
fn full_tables_are_an_error_that_changes_nothing() {
    let bytes = Bytes::new(1 << 18);
    let parameters = read("size-classes:page=1024,classes=1024,span=1024");
    let mut words = vec![0u64; 1 << 16];
    let mut storage = Fixed::new(&mut words, 10);
    let memory = bytes.part(0, 1 << 18);
    let mut heap = SizeClassHeap::with_parameters(memory, &parameters, &mut storage).unwrap();
    let mut blocks = vec![];
    let error = loop {
        let before = heap.stats();
        match heap.allocate(1000, 16) {
            Ok(block) => blocks.push(block),
            Err(error) => {
                assert_eq!(heap.stats(), before);
                break error;
            }
        }
    };
    assert!(matches!(error, HeapError::Alloc(AllocError::OutOfMetadata { .. })), "{error:?}");
    assert!((10..20).contains(&blocks.len()), "{}", blocks.len());
    heap.validate().unwrap();
    blocks.iter().for_each(|block| assert_eq!(heap.free(block.as_ptr()), Ok(1024)));
    heap.validate().unwrap();
}

#[test]
fn a_replay_predicts_recorded_programs() {
    let (room, tight) = (40 << 20, 6_600_000);
    let mut failures = 0;
    for (name, capacity, all) in
        [("numpy_sgd", tight, true), ("sqlite3_3000", 1_700_000, true), ("pyav_video", room, false)]
    {
        let trace = sample(name);
        let bytes = Bytes::new(capacity);
        let some = [Plain::default_parameters(), read(PARAMETERS[1]), read(PARAMETERS[2])];
        for parameters in &some[..if all { 3 } else { 1 }] {
            let mut heap = make(bytes.part(0, capacity), parameters).unwrap();
            let options = ReplayOptions {
                granularity: 16,
                capacity: Some(heap.stats().capacity),
                series_points: 1,
                ..Default::default()
            };
            let expected = replay_strategy(&trace, &Plain::strategy(parameters), &options, &mut ()).unwrap();
            let found = replay(&trace, &mut heap);
            assert_eq!(
                (found.failures, found.footprint, found.peak_used),
                (expected.failures, expected.footprint, expected.peak_used),
                "{name}: {parameters:?}"
            );
            failures += found.failures;
        }
    }
    assert!(failures > 0, "no space was tight");
}

/// Memory that could grow, if it were let.
struct Hindered {
    memory: Borrowed<'static>,
    len: usize,
    allowed: Arc<AtomicUsize>,
}

// SAFETY: a part of the memory within, which only grows.
unsafe impl Memory for Hindered {
    fn start(&self) -> NonNull<u8> {
        self.memory.start()
    }
    fn len(&self) -> usize {
        self.len
    }
    fn limit(&self) -> usize {
        self.memory.len()
    }
    fn grow(&mut self, len: usize) -> Result<()> {
        if len > self.allowed.load(Ordering::Relaxed) {
            return Err(HeapError::System { call: "grow", code: 12, bytes: len });
        }
        self.len = self.len.max(len);
        Ok(())
    }
}

#[test]
fn memory_that_fails_to_grow_leaves_the_heap_as_it_was() {
    let bytes = Bytes::new(1 << 20);
    let no =
        |answer: Result<_>| assert!(matches!(answer, Err(HeapError::System { code: 12, .. })), "{answer:?}");
    for parameters in all_parameters() {
        let allowed = Arc::new(AtomicUsize::new(128 << 10));
        let memory = Hindered { memory: bytes.part(0, 1 << 20), len: 0, allowed: Arc::clone(&allowed) };
        let mut heap = make(memory, &parameters).unwrap();
        let large = heap.allocate(30_000, 16).unwrap();
        // SAFETY: a live block of so many bytes.
        unsafe { fill(large, 30_000, 1) };
        let before = heap.stats();
        // A block by itself, one that grows in place, one that has to move.
        no(heap.allocate(200 << 10, 16));
        no(heap.reallocate(large.as_ptr(), 200 << 10, 16));
        assert_eq!(heap.stats(), before);
        // A span: it is the first page beyond what there is that has none.
        let mut small = vec![];
        let refused = loop {
            let before = heap.stats();
            match heap.allocate(16, 16) {
                Ok(block) => small.push(block),
                Err(error) => {
                    assert_eq!(heap.stats(), before);
                    break error;
                }
            }
        };
        no(Err::<NonNull<u8>, _>(refused));
        heap.validate().unwrap();
        // SAFETY: a live block of so many bytes.
        assert_eq!(unsafe { first_difference(large, 30_000, 1) }, None);
        allowed.store(1 << 20, Ordering::Relaxed);
        let grown = heap.reallocate(large.as_ptr(), 200 << 10, 16).unwrap();
        small.push(heap.allocate(16, 16).unwrap());
        // SAFETY: a live block of more bytes, of which the first were kept.
        assert_eq!(unsafe { first_difference(grown, 30_000, 1) }, None);
        heap.free(grown.as_ptr()).unwrap();
        small.iter().for_each(|block| assert_eq!(heap.free(block.as_ptr()), Ok(heap_slot(&parameters))));
        heap.validate().unwrap();
        assert_eq!(heap.stats().blocks, 0);
    }
}

/// The slot of the smallest class.
fn heap_slot(parameters: &SizeClassParameters) -> usize {
    if parameters.classes.to_string().starts_with("48+") { 48 } else { 16 }
}

#[test]
fn an_emptied_span_stays_until_the_room_is_needed() {
    let bytes = Bytes::new(8192);
    let mut heap = make(bytes.part(0, 8192), &read("size-classes:page=1024,largest=256,keep=1")).unwrap();
    let block = heap.allocate(16, 16).unwrap();
    heap.free(block.as_ptr()).unwrap();
    // The span of 64 slots is still there, as holes of 16 bytes each.
    assert_eq!((heap.stats().holes, heap.stats().largest_hole), (65, 7168));
    assert_eq!(heap.free(block.as_ptr()), Err(HeapError::DoubleFree { address: block.addr().get() }));
    let whole = heap.allocate(8192, 16).unwrap();
    assert_eq!((whole, heap.stats().free), (block, 0));
    heap.free(whole.as_ptr()).unwrap();
    // A refusal gives it back for nothing, and changes no block.
    let block = heap.allocate(16, 16).unwrap();
    let wall = heap.allocate(7168, 16).unwrap();
    heap.free(block.as_ptr()).unwrap();
    let full = AllocError::OutOfSpace { size: 2000, alignment: 16, free: 1024, largest_hole: 1024 };
    assert_eq!(heap.allocate(2000, 16), Err(full.into()));
    assert_eq!((heap.stats().blocks, heap.stats().used), (1, 7168));
    heap.free(wall.as_ptr()).unwrap();
    heap.validate().unwrap();
}

#[cfg(all(feature = "std", unix))]
mod of_the_system {
    use super::*;
    use memcore::heap::{MappedHeap, Mapping, MappingOptions};

    fn reserve(limit: usize) -> MappedHeap {
        MappedHeap::reserve(MappingOptions::new(limit)).unwrap()
    }

    #[test]
    fn long_runs_in_memory_that_grows() {
        let expectations = Expectations { validate_every: 64, ..expectations() };
        for (seed, parameters) in all_parameters().iter().enumerate() {
            let options = MappingOptions::new(6 << 20);
            let steps = steps(50 + seed as u64, 1000);
            drive(|| MappedHeap::reserve_with(options, parameters).unwrap(), expectations, &steps);
            drive(|| make(Mapping::reserve(options).unwrap(), parameters).unwrap(), expectations, &steps);
        }
    }

    #[test]
    fn a_reservation_places_as_if_all_of_it_were_there() {
        for (seed, parameters) in all_parameters().iter().enumerate() {
            // The system's pages are narrower than these.
            if parameters.page > 4096 {
                continue;
            }
            let mut heap = MappedHeap::reserve_with(MappingOptions::new(1 << 20), parameters).unwrap();
            agree(&mut heap, parameters, 30 + seed as u64);
            heap.validate().unwrap();
        }
    }

    #[test]
    fn the_limit_is_an_error_and_what_was_there_stays() {
        let mut heap = reserve(1 << 20);
        let mut blocks = vec![];
        while let Ok(block) = heap.allocate(3000, 16) {
            // SAFETY: a live block of so many bytes.
            unsafe { fill(block, 3000, blocks.len() as u64) };
            blocks.push(block);
        }
        assert!(blocks.len() * 3072 > 900_000, "{}", blocks.len());
        let before = heap.stats();
        assert!(matches!(heap.allocate(100_000, 16), Err(HeapError::Alloc(AllocError::OutOfSpace { .. }))));
        assert!(matches!(heap.allocate(2 << 20, 16), Err(HeapError::Alloc(AllocError::TooLarge { .. }))));
        assert_eq!(heap.stats(), before);
        for (seed, block) in blocks.iter().enumerate() {
            // SAFETY: as above.
            assert_eq!(unsafe { first_difference(*block, 3000, seed as u64) }, None);
            heap.free(block.as_ptr()).unwrap();
        }
        heap.validate().unwrap();
        let most = heap.allocate((1 << 20) - 8192, 16).unwrap();
        heap.free(most.as_ptr()).unwrap();
    }

    #[test]
    fn trimmed_pages_go_back_are_zero_and_the_blocks_beside_them_stay() {
        let mut heap = reserve(64 << 20);
        let blocks: Vec<_> = (0..4000).map(|_| heap.allocate(1000, 16).unwrap()).collect();
        for (seed, block) in blocks.iter().enumerate() {
            // SAFETY: a live block of so many bytes.
            unsafe { fill(*block, 1000, seed as u64) };
        }
        let stays = |place: usize| place < 100 || place % 1000 == 0;
        for (place, block) in blocks.iter().enumerate() {
            if !stays(place) {
                heap.free(block.as_ptr()).unwrap();
            }
        }
        let given = heap.trim();
        assert!(given > 3_700_000, "{given}");
        heap.validate().unwrap();
        for (place, block) in blocks.iter().enumerate().filter(|(place, _)| stays(*place)) {
            // SAFETY: as above.
            assert_eq!(unsafe { first_difference(*block, 1000, place as u64) }, None);
        }
        let footprint = heap.stats().footprint;
        for size in [1000, 100_000, 900_000] {
            let zeroed = heap.allocate_zeroed(size, 16).unwrap();
            // SAFETY: a live block of so many bytes.
            let bytes = unsafe { std::slice::from_raw_parts(zeroed.as_ptr(), size) };
            assert!(bytes.iter().all(|&byte| byte == 0));
        }
        assert_eq!(heap.stats().footprint, footprint);
        heap.validate().unwrap();
    }

    #[test]
    fn zeroes_cover_what_blocks_have_been_written() {
        let mut heap = reserve(64 << 20);
        let block = heap.allocate(1 << 20, 16).unwrap();
        // SAFETY: a live block of so many bytes.
        unsafe { block.as_ptr().write_bytes(0xff, 1 << 20) };
        heap.free(block.as_ptr()).unwrap();
        // It begins in what was written and ends beyond.
        let zeroed = heap.allocate_zeroed(3 << 20, 16).unwrap();
        // SAFETY: as above.
        let bytes = unsafe { std::slice::from_raw_parts(zeroed.as_ptr(), 3 << 20) };
        assert!(zeroed == block && bytes.iter().all(|&byte| byte == 0));
    }
}
