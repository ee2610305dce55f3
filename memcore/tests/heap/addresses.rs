//! Directed tests: each error at its address, smashed headers, ids, growth, trimming, zeroes.

use std::cell::UnsafeCell;
use std::ptr::NonNull;

use memcore::alloc::storage::{Growable, Storage};
use memcore::alloc::{AllocError, Allocator, Corruption, FirstFit, Options, Request, Tlsf};
use memcore::heap::{Borrowed, HEADER, Heap, HeapError, Memory, RawHeap};

/// [`Heap::with_parts`] with an allocator of the library's.
pub fn with_parts<A: Allocator, M: Memory, S: Storage>(
    memory: M,
    storage: &mut S,
    make: impl FnOnce(Options, &mut S) -> Result<A, AllocError>,
) -> memcore::heap::Result<Heap<A, M, S>> {
    // SAFETY: every allocator that these tests make is the library's, or keeps to it.
    unsafe { Heap::with_parts(memory, storage, make) }
}

/// So widely aligned are the bytes, so that every run of a test has the same offsets.
const ALIGNED: usize = 1 << 20;

/// Bytes on a boundary of 1 MiB, of which a heap gets any part.
pub struct Bytes {
    bytes: Vec<UnsafeCell<u8>>,
    skip: usize,
    len: usize,
}

impl Bytes {
    /// Room for parts of up to `len` bytes.
    pub fn new(len: usize) -> Self {
        let bytes: Vec<_> = (0..len + 4096 + ALIGNED).map(|_| UnsafeCell::new(0x5a)).collect();
        Bytes { skip: bytes.as_ptr().align_offset(ALIGNED), bytes, len }
    }

    /// `len` bytes that begin `offset` bytes behind a multiple of 1 MiB. The last part that was given must be gone.
    pub fn part(&self, offset: usize, len: usize) -> Borrowed<'static> {
        assert!(offset + len <= self.len + 4096);
        let start = UnsafeCell::raw_get(self.bytes[self.skip + offset..].as_ptr());
        // SAFETY: the tests have one heap at a time in them, and keep them until it is gone.
        unsafe {
            // Without the headers of the last one.
            start.write_bytes(0x5a, len);
            Borrowed::from_raw(start, len).unwrap()
        }
    }
}

fn first_fit<M: Memory>(memory: M) -> Heap<FirstFit, M> {
    with_parts(memory, &mut Growable::default(), |options, _| FirstFit::new(options)).unwrap()
}

fn tlsf<M: Memory>(memory: M) -> Heap<Tlsf, M> {
    with_parts(memory, &mut Growable::default(), |options, _| Tlsf::new(options)).unwrap()
}

/// The word in front of a block.
fn header(block: NonNull<u8>) -> *mut u64 {
    block.as_ptr().wrapping_sub(HEADER).cast()
}

#[test]
fn each_wrong_address_has_its_own_error() {
    let bytes = Bytes::new(4096);
    let mut heap = first_fit(bytes.part(0, 4096));
    let block = heap.allocate(100, 1).unwrap();
    let next = heap.allocate(100, 1).unwrap();
    let start = heap.memory().start().addr().get();
    let address = block.addr().get();
    // The first header lies at offset 8, so that the payload behind it begins at 16.
    assert_eq!((address, next.addr().get()), (start + 16, start + 16 + 112));
    let free = |heap: &mut Heap<_, _>, address| heap.free(std::ptr::without_provenance_mut(address));
    for outside in [0, 1, 8, start - 1, start - 16, start + 4096, usize::MAX, usize::MAX - 15] {
        assert_eq!(free(&mut heap, outside), Err(HeapError::NotInHeap { address: outside }));
    }
    for inside in
        [start, start + 8, address - 8, address + 1, address + 16, address + 99, start + 4095, start + 2048]
    {
        assert_eq!(free(&mut heap, inside), Err(HeapError::NotABlock { address: inside }));
    }
    assert_eq!(free(&mut heap, address), Ok(104));
    assert_eq!(free(&mut heap, address), Err(HeapError::DoubleFree { address }));
    assert_eq!(heap.id(block.as_ptr()), Err(HeapError::DoubleFree { address }));
    assert_eq!(heap.usable_size(block.as_ptr()), Err(HeapError::NotABlock { address }));
    assert_eq!(heap.resize_in_place(block.as_ptr(), 8), Err(HeapError::DoubleFree { address }));
    assert_eq!(heap.reallocate(block.as_ptr(), 8, 8), Err(HeapError::DoubleFree { address }));
    // The bytes are given out again, by a block that begins elsewhere and writes over the old header.
    let around = heap.allocate(56, 64).unwrap();
    assert!(around.addr().get() + 56 > address);
    heap.free(around.as_ptr()).unwrap();
    assert_eq!(free(&mut heap, next.addr().get()), Ok(104));
    let whole = heap.allocate(4000, 1).unwrap();
    // SAFETY: a live block of 4000 bytes.
    unsafe { whole.as_ptr().write_bytes(0xee, 4000) };
    let inside = next.addr().get();
    assert_eq!(free(&mut heap, inside), Err(HeapError::NotABlock { address: inside }));
    heap.validate().unwrap();
}

#[test]
fn a_header_that_was_written_over_is_found_whatever_it_says() {
    let bytes = Bytes::new(4096);
    let mut heap = tlsf(bytes.part(8, 4080));
    let stale = heap.allocate(40, 16).unwrap();
    let stale_id = heap.id(stale.as_ptr()).unwrap().to_bits();
    heap.free(stale.as_ptr()).unwrap();
    let block = heap.allocate(100, 16).unwrap();
    let other = heap.allocate(100, 16).unwrap();
    let (id, other_id) = (heap.id(block.as_ptr()).unwrap(), heap.id(other.as_ptr()).unwrap().to_bits());
    let before = heap.stats();
    for found in [0, 1, u64::MAX, stale_id, other_id, id.to_bits() ^ 1, id.to_bits() ^ 1 << 33] {
        // SAFETY: the header is a word of the heap's memory, and no other reference to it exists.
        unsafe { header(block).write(found) };
        let smashed = HeapError::HeaderSmashed { address: block.addr().get(), found };
        assert_eq!(heap.free(block.as_ptr()), Err(smashed));
        assert_eq!(heap.usable_size(block.as_ptr()), Err(smashed));
        assert_eq!(heap.resize_in_place(block.as_ptr(), 8), Err(smashed));
        assert_eq!(heap.reallocate(block.as_ptr(), 8, 8), Err(smashed));
        assert_eq!(heap.id(block.as_ptr()), Err(smashed));
        assert!(matches!(heap.validate(), Err(Corruption { what: "a header was written over", .. })));
        assert_eq!((heap.stats(), heap.usable_size(other.as_ptr())), (before, Ok(104)));
    }
    // The id still names it; so it can be given back, and the heap is sound again.
    assert_eq!(heap.address(id), Ok(block));
    assert_eq!(heap.free_id(id), Ok(104));
    heap.validate().unwrap();
    heap.free(other.as_ptr()).unwrap();
    assert_eq!(heap.stats().blocks, 0);
}

#[test]
fn an_id_tells_what_an_address_cannot() {
    let bytes = Bytes::new(4096);
    let mut heap = tlsf(bytes.part(0, 4096));
    let (old, address) = heap.allocate_block(Request::new(100)).unwrap();
    assert_eq!((heap.id(address.as_ptr()), heap.address(old)), (Ok(old), Ok(address)));
    assert_eq!(heap.free_id(old), Ok(104));
    let (new, again) = heap.allocate_block(Request::new(100)).unwrap();
    assert_eq!(again, address);
    assert_eq!(heap.free_id(old), Err(AllocError::DoubleFree { id: old }.into()));
    assert_eq!(heap.address(old), Err(AllocError::StaleId { id: old }.into()));
    assert_eq!(heap.free_id(new), Ok(104));
    heap.validate().unwrap();
}

#[test]
fn a_request_has_a_tag_but_no_bias_of_its_own() {
    let bytes = Bytes::new(4096);
    let make = |options: memcore::alloc::Options, _: &mut Growable| FirstFit::new(options.tags(true));
    let mut heap = with_parts(bytes.part(0, 4096), &mut Growable::default(), make).unwrap();
    let (id, block) = heap.allocate_block(Request::new(10).align(64).tag(7)).unwrap();
    assert_eq!((heap.allocator().tag(id), block.addr().get() % 64), (Ok(7), 0));
    // It goes with the block where that goes.
    let wall = heap.allocate(10, 1).unwrap();
    let moved = heap.reallocate(block.as_ptr(), 1000, 1).unwrap();
    assert!(moved > wall);
    assert_eq!(heap.allocator().tag(heap.id(moved.as_ptr()).unwrap()), Ok(7));
    let refused = heap.allocate_block(Request::new(10).align(8).bias(8));
    assert_eq!(refused.unwrap_err(), AllocError::BadBias { bias: 8, alignment: 8, granularity: 8 }.into());
}

#[test]
fn memory_that_cannot_hold_a_heap_is_refused() {
    let bytes = Bytes::new(4096);
    let make = |options: memcore::alloc::Options, _: &mut Growable| FirstFit::new(options);
    let bad = |memory: Borrowed<'static>| with_parts(memory, &mut Growable::default(), make).unwrap_err();
    for len in [0, 1, 16, 31] {
        assert!(matches!(bad(bytes.part(0, len)), HeapError::BadMemory { bytes, .. } if bytes == len));
    }
    // 32 bytes on a multiple of 16 are enough for a block of one byte, and no more.
    let mut least = first_fit(bytes.part(0, 32));
    assert_eq!(least.allocate(1, 1).unwrap().addr().get() % 16, 0);
    assert!(least.allocate(1, 1).is_err());
    let fine = |options: memcore::alloc::Options, _: &mut Growable| FirstFit::new(options.granularity(4));
    let error = with_parts(bytes.part(0, 4096), &mut Growable::default(), fine).unwrap_err();
    assert!(matches!(error, HeapError::BadParameter { name: "granularity", value: 4, .. }));
    let wide = |_: memcore::alloc::Options, _: &mut Growable| {
        FirstFit::new(memcore::alloc::Options::new(1 << 20).granularity(8))
    };
    let error = with_parts(bytes.part(0, 4096), &mut Growable::default(), wide).unwrap_err();
    assert!(matches!(error, HeapError::BadParameter { name: "capacity", value: 0x10_0000, .. }));
    // Slots in which no payload is a multiple of 16.
    let error = Heap::new(&"pool:slot=24".parse().unwrap(), bytes.part(0, 4096)).unwrap_err();
    assert!(matches!(error, HeapError::Alloc(AllocError::BadParameter { name: "alignment", .. })));
}

/// Memory that grows from nothing, and says that what is new is zero, which it is not: so a test sees what was left alone.
struct Zeroed(Borrowed<'static>, usize);

// SAFETY: as the memory within.
unsafe impl Memory for Zeroed {
    fn start(&self) -> NonNull<u8> {
        self.0.start()
    }
    fn len(&self) -> usize {
        self.1
    }
    fn limit(&self) -> usize {
        self.0.len()
    }
    fn grow(&mut self, len: usize) -> memcore::heap::Result<()> {
        assert!(len <= self.0.len());
        self.1 = self.1.max(len);
        Ok(())
    }
    fn starts_zeroed(&self) -> bool {
        true
    }
}

fn count(block: NonNull<u8>, bytes: usize, value: u8) -> usize {
    // SAFETY: a live block of so many bytes.
    let bytes = unsafe { std::slice::from_raw_parts(block.as_ptr(), bytes) };
    bytes.iter().filter(|&&byte| byte == value).count()
}

#[test]
fn zeroes_are_written_where_a_block_has_been_and_nowhere_else() {
    let bytes = Bytes::new(1 << 16);
    let mut heap = first_fit(Zeroed(bytes.part(0, 1 << 16), 0));
    let first = heap.allocate_zeroed(1000, 16).unwrap();
    assert_eq!(count(first, 1000, 0x5a), 1000, "fresh bytes need no zeroes");
    heap.free(first.as_ptr()).unwrap();
    // Its first 1000 bytes have been in a block, and eight more up to the granularity.
    let second = heap.allocate_zeroed(3000, 16).unwrap();
    assert_eq!((second, count(second, 1000, 0), count(second, 3000, 0x5a)), (first, 1000, 2000));
    // More than the memory has so far is no room in place, as any.
    let address = second.addr().get();
    let refused = heap.resize_in_place(second.as_ptr(), 1 << 15);
    assert!(
        matches!(refused, Err(HeapError::NoRoomInPlace { address: at, size: 0x8000, .. }) if at == address)
    );
    assert_eq!(heap.resize_in_place(second.as_ptr(), 3500), Ok(3504));
    heap.free(second.as_ptr()).unwrap();
    let third = heap.allocate_zeroed(6000, 16).unwrap();
    // 3500 bytes and a header are 3508, of which the granularity makes 3512.
    assert_eq!((third, count(third, 6000, 0), count(third, 6000, 0x5a)), (second, 3504, 2496));
    // What was there before the heap may have been written by somebody else.
    let mut heap = first_fit(Zeroed(bytes.part(0, 1 << 16), 1 << 15));
    let block = heap.allocate_zeroed(40_000, 16).unwrap();
    assert!((40_000 - (1 << 15)..8000).contains(&count(block, 40_000, 0x5a)));
    // Memory that promises nothing is written over always.
    let mut heap = first_fit(bytes.part(0, 1 << 16));
    let block = heap.allocate_zeroed(9000, 16).unwrap();
    assert_eq!(count(block, 9000, 0), 9000);
}

#[cfg(all(feature = "std", unix))]
mod of_the_system {
    use super::*;
    use memcore::heap::{Mapping, MappingOptions};

    fn mapping(limit: usize) -> Mapping {
        Mapping::reserve(MappingOptions::new(limit)).unwrap()
    }

    #[test]
    fn a_space_grows_by_what_is_needed_and_no_farther() {
        let mut heap = tlsf(mapping(64 << 20));
        let first = heap.memory().len();
        assert!(first <= 2 << 20);
        let block = heap.allocate(10 << 20, 1 << 20).unwrap();
        assert_eq!(block.addr().get() % (1 << 20), 0);
        assert!((10 << 20..16 << 20).contains(&heap.memory().len()));
        // Hopeless ones leave everything as it is, and tell what the space was when they were asked.
        let (len, stats) = (heap.memory().len(), heap.stats());
        let capacity = stats.capacity;
        let size = (64 << 20) + 1 + HEADER as u64;
        assert_eq!(heap.allocate((64 << 20) + 1, 1), Err(AllocError::TooLarge { size, capacity }.into()));
        assert!(heap.allocate(100, 1 << 40).is_err());
        assert_eq!((heap.memory().len(), heap.stats()), (len, stats));
        // The first error is told, although the space has grown for nothing meanwhile.
        let refused = heap.allocate(54 << 20, 1).unwrap_err();
        assert!(
            matches!(refused, HeapError::Alloc(AllocError::TooLarge { capacity: told, .. }) if told == capacity)
        );
        heap.validate().unwrap();
        heap.free(block.as_ptr()).unwrap();
        let whole = heap.allocate(60 << 20, 1).unwrap();
        heap.free(whole.as_ptr()).unwrap();
        heap.validate().unwrap();
    }

    #[test]
    fn a_space_that_rounds_grows_until_it_serves() {
        let mut heap = Heap::new(&"buddy".parse().unwrap(), mapping(1 << 30)).unwrap();
        heap.allocate(1, 1).unwrap();
        // The lowest block of 64 MiB in a space with others below it ends at 128 MiB; the space begins 4088 bytes in.
        let large = heap.allocate(40 << 20, 4096).unwrap();
        assert_eq!(large.addr().get() - heap.memory().start().addr().get(), (64 << 20) + 4096);
        assert!((128 << 20..300 << 20).contains(&heap.memory().len()));
        assert_eq!(heap.free(large.as_ptr()), Ok((64 << 20) - HEADER));
        heap.validate().unwrap();
    }

    #[test]
    fn a_pool_does_not_grow_for_what_no_slot_holds() {
        let mut heap = Heap::new(&"pool:slot=256".parse().unwrap(), mapping(64 << 20)).unwrap();
        let len = heap.memory().len();
        assert!(matches!(
            heap.allocate(249, 1),
            Err(HeapError::Alloc(AllocError::TooLarge { capacity: 256, .. }))
        ));
        assert_eq!(heap.memory().len(), len);
        let blocks: Vec<_> = (0..2 * len / 256).map(|_| heap.allocate(248, 16).unwrap()).collect();
        assert!(heap.memory().len() > len);
        blocks.iter().for_each(|block| assert_eq!(heap.free(block.as_ptr()), Ok(248)));
    }

    #[test]
    fn trimmed_pages_go_back_and_the_blocks_beside_them_stay() {
        let mut heap = first_fit(mapping(64 << 20));
        let (left, middle, right) =
            (heap.allocate(5000, 1), heap.allocate(3 << 20, 1), heap.allocate(5000, 1));
        let [left, middle, right] = [left, middle, right].map(Result::unwrap);
        for (block, size) in [(left, 5000), (middle, 3 << 20), (right, 5000)] {
            // SAFETY: a live block of so many bytes.
            unsafe { block.as_ptr().write_bytes(0x77, size) };
        }
        heap.free(middle.as_ptr()).unwrap();
        let given = heap.trim();
        assert!(given >= (3 << 20) - 8192, "{given}");
        assert_eq!((count(left, 5000, 0x77), count(right, 5000, 0x77)), (5000, 5000));
        heap.validate().unwrap();
        let again = heap.allocate_zeroed(3 << 20, 1).unwrap();
        assert_eq!((again, count(again, 3 << 20, 0)), (middle, 3 << 20));
        assert_eq!(first_fit(Bytes::new(4096).part(0, 4096)).trim(), 0);
    }
}
