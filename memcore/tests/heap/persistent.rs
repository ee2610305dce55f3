//! PersistentHeap against a list of what each offset holds; its image, moved, reopened, damaged.

use crate::image;
use memcore::alloc::{AllocError, Strategy};
use memcore::heap::{Borrowed, HeapError, Memory, Offset, PersistentHeap, PersistentView, ROOTS};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;
use std::mem::MaybeUninit;

#[derive(Default)]
struct Model {
    blocks: BTreeMap<Offset, (usize, Vec<u8>)>,
    roots: [Option<Offset>; ROOTS],
}

fn below(random: &mut impl Rng, limit: u64) -> usize {
    (random.next_u64() % limit) as usize
}

fn words(length: usize) -> Vec<u64> {
    vec![0xaaaa_5555_aaaa_5555; length]
}

fn memory(words: &mut [u64]) -> Borrowed<'_> {
    Borrowed::new(bytemuck::cast_slice_mut(words))
}

fn drive<M: Memory>(
    heap: &mut PersistentHeap<M>,
    model: &mut Model,
    random: &mut impl Rng,
    calls: usize,
    largest: u64,
) {
    for _ in 0..calls {
        let size = 1 + below(random, largest);
        let one = model.blocks.keys().copied().nth(below(random, model.blocks.len().max(1) as u64));
        match (random.next_u64() % 10, one) {
            (0..4, _) | (_, None) => {
                let alignment = 1 << below(random, 8);
                let zeroed = random.next_u64() % 2 == 0;
                let made = match zeroed {
                    true => heap.allocate_zeroed(size, alignment),
                    false => heap.allocate(size, alignment),
                };
                let Ok(offset) = made else {
                    assert!(matches!(made, Err(HeapError::Alloc(AllocError::OutOfSpace { .. }))), "{made:?}");
                    continue;
                };
                assert_eq!(offset.to_bits() as usize % alignment, 0);
                let bytes = heap.bytes_mut(offset).unwrap();
                assert_eq!(bytes.len(), size);
                assert!(!zeroed || bytes.iter().all(|&byte| byte == 0));
                random.fill_bytes(bytes);
                assert!(model.blocks.insert(offset, (alignment, bytes.to_vec())).is_none());
            }
            (4..6, Some(offset)) => {
                let (_, contents) = model.blocks.remove(&offset).unwrap();
                assert_eq!(heap.free(offset), Ok(contents.len()));
                model.roots.iter_mut().filter(|root| **root == Some(offset)).for_each(|root| *root = None);
                let address = offset.to_bits() as usize;
                assert_eq!(heap.free(offset), Err(HeapError::NotABlock { address }));
            }
            (6..9, Some(offset)) => {
                let Ok(moved) = heap.resize(offset, size) else { continue };
                let (alignment, contents) = model.blocks.remove(&offset).unwrap();
                let kept = contents.len().min(size);
                let bytes = heap.bytes_mut(moved).unwrap();
                assert_eq!((bytes.len(), &bytes[..kept]), (size, &contents[..kept]));
                random.fill_bytes(bytes);
                model.blocks.insert(moved, (alignment, bytes.to_vec()));
                model
                    .roots
                    .iter_mut()
                    .filter(|root| **root == Some(offset))
                    .for_each(|root| *root = Some(moved));
            }
            (_, Some(offset)) => {
                let (number, root) = (below(random, ROOTS as u64), Some(offset).filter(|_| size % 3 > 0));
                heap.set_root(number, root).unwrap();
                model.roots[number] = root;
            }
        }
    }
    check(heap, model);
}

fn check<M: Memory>(heap: &PersistentHeap<M>, model: &Model) {
    heap.validate().unwrap();
    let listed: Vec<_> =
        heap.blocks().map(|block| (block.offset, block.size, block.alignment as usize)).collect();
    let wanted = model.blocks.iter().map(|(&offset, (alignment, bytes))| (offset, bytes.len(), *alignment));
    assert_eq!(listed, wanted.collect::<Vec<_>>());
    for (&offset, (_, contents)) in &model.blocks {
        assert_eq!(heap.bytes(offset).unwrap(), contents);
        assert_eq!(heap.size_of(offset), Ok(contents.len()));
    }
    for (number, &root) in model.roots.iter().enumerate() {
        assert_eq!(heap.root(number), Ok(root));
    }
    let stats = heap.stats();
    assert_eq!(stats.used + stats.free, heap.capacity() - 1280);
    assert_eq!(stats.blocks, model.blocks.len() as u64);
}

/// The bytes alone say all that the model knows, to the library's reader and to one that was written from the
/// description.
fn check_bytes(bytes: &[u8], model: &Model) {
    let view = PersistentView::new(bytes).unwrap();
    let image = image::read(bytes, false);
    assert!(view.is_clean());
    let blocks = image.chunks.iter().filter_map(|chunk| Some((chunk.at + 32, chunk.block?)));
    let mut seen = 0;
    for ((at, (requested, alignment)), block) in blocks.zip(view.blocks()) {
        let (wanted_alignment, contents) = &model.blocks[&Offset::from_bits(at).unwrap()];
        assert_eq!((requested, 1 << alignment), (contents.len() as u64, *wanted_alignment));
        assert_eq!((block.offset.to_bits(), block.size), (at, contents.len()));
        assert_eq!(&bytes[at as usize..][..contents.len()], contents);
        assert_eq!(view.bytes(block.offset).unwrap(), contents);
        seen += 1;
    }
    assert_eq!((seen, view.blocks().count()), (model.blocks.len(), model.blocks.len()));
    for (number, &root) in model.roots.iter().enumerate() {
        assert_eq!(image.roots[number], root.map_or(0, Offset::to_bits));
        assert_eq!(view.root(number), Ok(root));
    }
}

#[test]
fn contents_survive_in_any_strategy_at_any_address() {
    let names = [
        "first-fit",
        "next-fit",
        "best-fit:tie=recent",
        "worst-fit",
        "tlsf",
        "tlsf:subdivisions=4,tie=lowest",
    ];
    for (seed, name) in (1..).zip(names) {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut model = Model::default();
        let mut words = words(4000);
        let strategy = name.parse().unwrap();
        let mut heap = PersistentHeap::create_with(memory(&mut words), &strategy).unwrap();
        drive(&mut heap, &mut model, &mut random, 200, 400);
        drop(heap);
        for round in 0..12 {
            // Elsewhere, the old place written over.
            let mut moved = words.clone();
            words.fill(!0);
            check_bytes(bytemuck::cast_slice(&moved), &model);
            let odd: Vec<u8> = [&[0][..], bytemuck::cast_slice(&moved)].concat();
            check_bytes(&odd[1..], &model);
            let (mut heap, recovery) = PersistentHeap::open(memory(&mut moved)).unwrap();
            let bytes = model.blocks.values().map(|(_, bytes)| bytes.len() as u64).sum::<u64>();
            assert_eq!((recovery.clean, recovery.completed), (true, false));
            assert_eq!((recovery.blocks, recovery.bytes), (model.blocks.len() as u64, bytes));
            check(&heap, &model);
            drive(&mut heap, &mut model, &mut random, 150, 400);
            if round % 2 == 0 {
                heap.close().unwrap();
            } else {
                drop(heap);
            }
            words = moved;
        }
        assert!(model.blocks.len() > 20);
    }
}

#[cfg(unix)]
#[test]
fn it_grows_with_its_memory() {
    use memcore::heap::{Mapping, MappingOptions};
    let memory = Mapping::reserve(MappingOptions::new(32 << 20)).unwrap();
    let mut heap = PersistentHeap::create(memory).unwrap();
    let (mut model, mut random) = (Model::default(), Xoshiro256PlusPlus::seed_from_u64(5));
    let first = heap.capacity();
    for _ in 0..10 {
        drive(&mut heap, &mut model, &mut random, 50, 100_000);
    }
    assert!(heap.capacity() > 2 * first);
    let error = heap.allocate(40 << 20, 1).unwrap_err();
    assert!(matches!(error, HeapError::Alloc(AllocError::TooLarge { .. })), "{error}");
    check(&heap, &model);
}

/// An image with blocks, holes and roots.
fn sample(seed: u64) -> (Vec<u64>, Model) {
    let mut words = words(1000);
    let mut model = Model::default();
    let mut heap = PersistentHeap::create(memory(&mut words)).unwrap();
    drive(&mut heap, &mut model, &mut Xoshiro256PlusPlus::seed_from_u64(seed), 100, 200);
    drop(heap);
    (words, model)
}

#[test]
fn damage_is_refused_or_harmless() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(9);
    let (words, model) = sample(2);
    let chunks = image::read(bytemuck::cast_slice(&words), false).chunks;
    let (mut refused, mut taken) = (0, 0);
    for round in 0..4000 {
        let mut damaged = words.clone();
        let bits = 1 + round % 3;
        let mut hit = Vec::new();
        for _ in 0..bits {
            let bit = below(&mut random, words.len() as u64 * 64);
            damaged[bit / 64] ^= 1 << (bit % 64);
            hit.push(bit as u64 / 8);
        }
        hit.sort_unstable();
        // Where each bit counts: the fixed words, the roots, and the headers of chunks.
        let fixed = |at: u64| at < 24 || (40..48).contains(&at) || (64..264).contains(&at);
        let in_header = |at: u64| chunks.iter().any(|chunk| (chunk.at..chunk.at + 32).contains(&at));
        let must_refuse = hit.iter().any(|&at| fixed(at) || in_header(at));
        let seen = PersistentView::new(bytemuck::cast_slice(&damaged)).map(|_| ());
        let before = damaged.clone();
        let verdict = PersistentHeap::open(memory(&mut damaged)).map(|(mut heap, _)| {
            assert!(!must_refuse && seen.is_ok(), "{hit:?}");
            heap.validate().unwrap();
            assert_eq!(heap.stats().blocks, model.blocks.len() as u64);
            heap.allocate(10, 1).unwrap();
            let live: Vec<Offset> = heap.blocks().map(|block| block.offset).collect();
            for offset in live {
                heap.free(offset).unwrap();
            }
            heap.validate().unwrap();
        });
        if let Err(error) = verdict {
            assert!(matches!(error, HeapError::BadImage { .. }), "{error}");
            assert_eq!(seen, Err(error));
            assert_eq!(damaged, before, "an image that is refused was written to");
            refused += 1;
        } else {
            taken += 1;
        }
    }
    assert!(refused > 500 && taken > 500, "{refused} refused, {taken} taken");
    for length in 0..words.len() {
        let mut short = words[..length].to_vec();
        assert!(PersistentView::new(bytemuck::cast_slice(&short)).is_err());
        assert!(PersistentHeap::open(memory(&mut short)).is_err(), "{length} words");
    }
}

#[test]
fn random_words_are_no_image() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let (words, _) = sample(3);
    for _ in 0..300 {
        // A sound superblock, and anything behind it.
        let mut noise = words.clone();
        noise[160..].iter_mut().for_each(|word| *word = random.next_u64() >> (random.next_u64() % 64));
        assert!(matches!(PersistentHeap::open(memory(&mut noise)), Err(HeapError::BadImage { .. })));
    }
}

#[test]
fn a_smashed_header_is_told_when_its_block_is_freed() {
    let mut words = words(500);
    let mut heap = PersistentHeap::create(memory(&mut words)).unwrap();
    let [first, second] = [64, 64].map(|size| heap.allocate(size, 8).unwrap());
    let third = heap.allocate(64, 8).unwrap();
    drop(heap);
    // The last word before the second block, while the heap is attached: through another pointer to the same memory.
    let mut bytes: Vec<u64> = words;
    let pointer = bytes.as_mut_ptr();
    // SAFETY: the vector outlives the heap, and is used through this pointer alone.
    let borrowed = unsafe { Borrowed::from_raw(pointer.cast(), bytes.len() * 8).unwrap() };
    let (mut heap, _) = PersistentHeap::open(borrowed).unwrap();
    let at = second.to_bits() as usize / 8 - 2;
    // SAFETY: the word is in the memory, and nobody holds a reference to it.
    let old = unsafe { pointer.add(at).read() };
    // SAFETY: as above.
    unsafe { pointer.add(at).write(0x4141) };
    let address = second.to_bits() as usize;
    assert_eq!(heap.free(second), Err(HeapError::HeaderSmashed { address, found: 0x4141 }));
    assert_eq!(heap.resize(second, 10), Err(HeapError::HeaderSmashed { address, found: 0x4141 }));
    assert!(heap.validate().is_err());
    // A neighbour's free does not cover it up.
    heap.free(first).unwrap();
    assert!(heap.validate().is_err());
    // SAFETY: as above.
    unsafe { pointer.add(at).write(old) };
    heap.validate().unwrap();
    heap.free(second).unwrap();
    heap.free(third).unwrap();
    assert_eq!(heap.stats().holes, 1);
}

#[test]
fn what_cannot_be_is_an_error() {
    let mut words = words(200);
    let mut bytes = vec![MaybeUninit::uninit(); 4096];
    let error = PersistentHeap::open(Borrowed::uninit(&mut bytes)).err().unwrap();
    assert!(matches!(error, HeapError::BadMemory { .. }), "{error}");
    assert!(matches!(PersistentHeap::create(memory(&mut words[..163])), Err(HeapError::BadMemory { .. })));
    let off = Borrowed::new(&mut bytemuck::cast_slice_mut(&mut words)[1..]);
    assert!(matches!(PersistentHeap::create(off), Err(HeapError::BadMemory { .. })));
    for strategy in ["buddy", "pool", "bump", "stack", "size-classes"] {
        let strategy: Strategy = strategy.parse().unwrap();
        let error = PersistentHeap::create_with(memory(&mut words), &strategy).err().unwrap();
        assert!(matches!(error, HeapError::Alloc(AllocError::Unsupported { .. })), "{error}");
    }
    // The smallest image: a block of no more than its header has no room for a byte.
    let mut heap = PersistentHeap::create(memory(&mut words[..164])).unwrap();
    assert!(heap.allocate(1, 1).is_err());
    drop(heap);
    let mut heap = PersistentHeap::create(memory(&mut words[..168])).unwrap();
    let block = heap.allocate(32, 1).unwrap();
    assert_eq!((block.to_bits(), heap.stats().free), (1312, 0));
    let other = |bits| Offset::from_bits(bits).unwrap();
    for (bits, error) in [
        (1, HeapError::NotABlock { address: 1 }),
        (1311, HeapError::NotABlock { address: 1311 }),
        (1313, HeapError::NotABlock { address: 1313 }),
        (1344, HeapError::NotInHeap { address: 1344 }),
        (u64::MAX, HeapError::NotInHeap { address: usize::MAX }),
    ] {
        assert_eq!(heap.free(other(bits)), Err(error));
        assert_eq!(heap.resize(other(bits), 1), Err(error));
        assert_eq!(heap.bytes(other(bits)), Err(error));
        assert_eq!(heap.set_root(0, Some(other(bits))), Err(error));
    }
    let error = HeapError::BadParameter { name: "root", value: 16, rule: "must be below 16" };
    assert_eq!(heap.set_root(16, Some(block)), Err(error));
    assert_eq!(heap.root(16), Err(error));
    assert!(heap.allocate(usize::MAX, 1).is_err() && heap.resize(block, usize::MAX).is_err());
    assert_eq!(heap.allocate(1, 0).unwrap_err(), AllocError::BadAlignment { alignment: 0 }.into());
    heap.validate().unwrap();
}
