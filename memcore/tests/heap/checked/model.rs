//! Random programs with mistakes in them, against a model that keeps every byte in a list.
//!
//! The model knows which bytes beside which blocks were written, and what is in the quarantine by the order of the frees; so it
//! foretells each answer, each report, and that there is none where no mistake was made. No block is too large for the
//! quarantine here.

use super::{Heap, bytes, heap};
use memcore::heap::{ALLOCATED_BYTE, Checks, FREED_BYTE, HeapError, REDZONE_BYTE, RawHeap};
use proptest::prelude::*;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

#[derive(Clone, Debug)]
enum Step {
    Allocate {
        size: usize,
        alignment: usize,
        zeroed: bool,
    },
    Free {
        index: usize,
    },
    Resize {
        index: usize,
        size: usize,
    },
    Reallocate {
        index: usize,
        size: usize,
        alignment: usize,
    },
    /// Writes beside a live block: a byte of one of its redzones.
    Overrun {
        index: usize,
        at: usize,
        value: u8,
    },
    /// Writes into a freed block, or a redzone of it.
    WriteFreed {
        index: usize,
        at: usize,
        value: u8,
    },
    Release {
        index: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let size = || prop_oneof![4 => 0usize..200, 1 => 0usize..9000];
    let alignment = || prop_oneof![3 => 0u32..5, 1 => 5u32..13].prop_map(|shift| 1usize << shift);
    let index = || 0usize..64;
    let step = prop_oneof![
        6 => (size(), alignment(), any::<bool>())
            .prop_map(|(size, alignment, zeroed)| Step::Allocate { size, alignment, zeroed }),
        4 => index().prop_map(|index| Step::Free { index }),
        2 => (index(), size()).prop_map(|(index, size)| Step::Resize { index, size }),
        2 => (index(), size(), alignment())
            .prop_map(|(index, size, alignment)| Step::Reallocate { index, size, alignment }),
        1 => (index(), any::<usize>(), any::<u8>())
            .prop_map(|(index, at, value)| Step::Overrun { index, at, value }),
        1 => (index(), any::<usize>(), any::<u8>())
            .prop_map(|(index, at, value)| Step::WriteFreed { index, at, value }),
        1 => index().prop_map(|index| Step::Release { index }),
    ];
    prop::collection::vec(step, 1..150)
}

struct Block {
    address: *mut u8,
    contents: Vec<u8>,
    /// Bytes beside it that are not as they were filled, by offset.
    smashed: BTreeMap<isize, u8>,
}

struct Freed {
    address: *mut u8,
    size: usize,
    written: BTreeMap<isize, u8>,
}

struct Model {
    checks: Checks,
    live: Vec<Block>,
    /// Oldest first.
    freed: VecDeque<Freed>,
    reports: Vec<HeapError>,
}

impl Block {
    fn error(&self) -> Option<HeapError> {
        let (&offset, &found) = self.smashed.iter().next()?;
        Some(HeapError::RedzoneSmashed { address: self.address.addr(), offset, found })
    }
}

impl Freed {
    /// What is found in it: its bytes are looked at first, then its redzones.
    fn error(&self) -> Option<HeapError> {
        let address = self.address.addr();
        let within = self.written.range(0..self.size as isize).next();
        let beside = self.written.iter().next();
        match (within, beside) {
            (Some((&offset, &found)), _) => {
                Some(HeapError::FreedWritten { address, offset: offset as usize, found })
            }
            (None, Some((&offset, &found))) => Some(HeapError::RedzoneSmashed { address, offset, found }),
            (None, None) => None,
        }
    }
}

impl Model {
    /// The offset of a byte of the redzones of a block, often the very next ones.
    fn beside(&self, size: usize, at: usize) -> isize {
        let redzone = self.checks.redzone;
        let at = match at % 4 {
            0 => redzone - 1,
            1 => redzone,
            _ => at / 4 % (2 * redzone),
        };
        if at < redzone { at as isize - redzone as isize } else { (size + at - redzone) as isize }
    }

    /// Blocks that left the quarantine during the last call are reported in their order.
    fn let_go(&mut self, heap: &Heap) {
        while self.freed.len() > heap.quarantined().0 {
            let gone = self.freed.pop_front().expect("not empty");
            self.reports.extend(gone.error());
        }
    }

    fn free(&mut self, index: usize, heap: &Heap) {
        let block = self.live.remove(index);
        let size = block.contents.len();
        self.freed.push_back(Freed { address: block.address, size, written: BTreeMap::new() });
        self.let_go(heap);
    }

    fn fill(block: &mut Block, from: usize, seed: usize) {
        for (index, byte) in block.contents.iter_mut().enumerate().skip(from) {
            *byte = (index * 7 + seed) as u8;
            // SAFETY: the block has as many bytes as its contents.
            unsafe { block.address.add(index).write(*byte) };
        }
    }

    fn verify(&self, heap: &Heap) -> Result<(), TestCaseError> {
        for block in &self.live {
            // SAFETY: as above.
            let contents = unsafe { std::slice::from_raw_parts(block.address, block.contents.len()) };
            prop_assert!(contents == block.contents);
            prop_assert_eq!(heap.usable_size(block.address), Ok(block.contents.len()));
            prop_assert_eq!(heap.check_block(block.address), block.error().map_or(Ok(()), Err));
        }
        let mut first = BTreeMap::new();
        first.extend(self.live.iter().map(|block| (block.address.addr(), block.error())));
        first.extend(self.freed.iter().map(|block| (block.address.addr(), block.error())));
        let expected = first.values().find_map(|error| *error).map_or(Ok(first.len()), Err);
        prop_assert_eq!(heap.check(), expected);
        if expected.is_ok() {
            prop_assert_eq!(heap.validate(), Ok(()));
        } else {
            prop_assert!(heap.validate().is_err());
        }
        let stats = heap.stats();
        prop_assert_eq!(stats.blocks, self.live.len() as u64);
        prop_assert_eq!(
            stats.requested,
            self.live.iter().map(|block| block.contents.len() as u64).sum::<u64>()
        );
        prop_assert_eq!(stats.used + stats.free + stats.dead, stats.capacity);
        let mut shown = Vec::new();
        heap.visit_blocks(&mut |block| shown.push((block.address.as_ptr().addr(), block.usable)));
        let mut expected: Vec<_> =
            self.live.iter().map(|block| (block.address.addr(), block.contents.len())).collect();
        expected.sort_unstable();
        prop_assert_eq!(shown, expected);
        Ok(())
    }
}

fn run(checks: Checks, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut memory = bytes();
    let mut heap = heap(&mut memory, checks);
    let told = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&told);
    heap.on_failure(move |error| list.lock().expect("no panic").push(*error));
    let mut model = Model { checks, live: Vec::new(), freed: VecDeque::new(), reports: Vec::new() };
    for (number, step) in steps.into_iter().enumerate() {
        let pick = |index: usize, of: usize| if of == 0 { None } else { Some(index % of) };
        match step {
            Step::Allocate { size, alignment, zeroed } => {
                let given = if zeroed {
                    heap.allocate_zeroed(size, alignment)
                } else {
                    heap.allocate(size, alignment)
                };
                let given = given.expect("there is room").as_ptr();
                prop_assert_eq!(given.addr() % alignment, 0);
                let size = size.max(1);
                // SAFETY: the block has so many bytes, and all of them were filled: poison is at least so long here.
                let filled = unsafe { std::slice::from_raw_parts(given, size.min(checks.poison)) };
                let byte = if zeroed { 0 } else { ALLOCATED_BYTE };
                prop_assert!(filled.iter().all(|&other| other == byte));
                let mut block = Block { address: given, contents: vec![0; size], smashed: BTreeMap::new() };
                Model::fill(&mut block, 0, number);
                model.live.push(block);
                model.let_go(&heap);
            }
            Step::Free { index } => {
                let Some(index) = pick(index, model.live.len()) else { continue };
                let (address, size) = (model.live[index].address, model.live[index].contents.len());
                let expected = model.live[index].error().map_or(Ok(size), Err);
                prop_assert_eq!(heap.free(address), expected);
                if expected.is_ok() {
                    let held = heap.quarantined().0;
                    model.free(index, &heap);
                    if held > 0 {
                        prop_assert_eq!(
                            heap.free(address),
                            Err(HeapError::DoubleFree { address: address.addr() })
                        );
                        // SAFETY: the block is in the quarantine, so that its bytes are the heap's.
                        let first = unsafe { address.read() };
                        prop_assert_eq!(first, FREED_BYTE);
                    }
                }
            }
            Step::Release { index } => {
                let Some(index) = pick(index, model.live.len()) else { continue };
                let (address, size) = (model.live[index].address, model.live[index].contents.len());
                prop_assert_eq!(heap.release_smashed(address), Ok(size));
                model.free(index, &heap);
            }
            Step::Resize { index, size } => {
                let Some(index) = pick(index, model.live.len()) else { continue };
                let block = &mut model.live[index];
                let result = heap.resize_in_place(block.address, size);
                let size = size.max(1);
                match (block.error(), result) {
                    (Some(expected), result) => prop_assert_eq!(result, Err(expected)),
                    (None, Ok(usable)) => {
                        prop_assert_eq!(usable, size);
                        let old = block.contents.len();
                        block.contents.resize(size, 0);
                        Model::fill(block, old, number);
                    }
                    (None, Err(HeapError::NoRoomInPlace { available, .. })) => {
                        prop_assert!(size > available, "{} bytes within {}", size, available);
                        let same = heap.resize_in_place(block.address, available);
                        prop_assert_eq!(same, Ok(available), "the most that it could have");
                        let old = block.contents.len();
                        block.contents.resize(available, 0);
                        Model::fill(block, old, number);
                    }
                    (None, Err(other)) => prop_assert!(false, "{other}"),
                }
                model.let_go(&heap);
            }
            Step::Reallocate { index, size, alignment } => {
                let Some(index) = pick(index, model.live.len()) else { continue };
                let expected = model.live[index].error();
                let result = heap.reallocate(model.live[index].address, size, alignment);
                if let Some(expected) = expected {
                    prop_assert_eq!(result, Err(expected));
                    continue;
                }
                let given = result.expect("there is room").as_ptr();
                prop_assert_eq!(given.addr() % alignment, 0);
                let mut contents = model.live[index].contents.clone();
                contents.resize(size.max(1), 0);
                let kept = contents.len().min(model.live[index].contents.len());
                if given == model.live[index].address {
                    model.live[index].contents = contents;
                } else {
                    model.free(index, &heap);
                    model.live.push(Block { address: given, contents, smashed: BTreeMap::new() });
                }
                let block = model.live.iter_mut().find(|block| block.address == given).expect("it lives");
                // SAFETY: at least so many bytes were kept.
                let moved = unsafe { std::slice::from_raw_parts(given, kept) };
                prop_assert_eq!(moved, &block.contents[..kept]);
                Model::fill(block, kept, number);
            }
            Step::Overrun { index, at, value } => {
                let Some(index) = pick(index, model.live.len()) else { continue };
                let offset = model.beside(model.live[index].contents.len(), at);
                let block = &mut model.live[index];
                // SAFETY: the byte lies in a redzone, which nobody reads but the heap.
                unsafe { block.address.offset(offset).write(value) };
                block.smashed.insert(offset, value);
                block.smashed.retain(|_, value| *value != REDZONE_BYTE);
                if let Some(expected) = block.error() {
                    prop_assert_eq!(heap.free(block.address), Err(expected));
                }
            }
            Step::WriteFreed { index, at, value } => {
                let Some(index) = pick(index, model.freed.len()) else { continue };
                let size = model.freed[index].size;
                let offset = if at & 1 == 0 { (at / 2 % size) as isize } else { model.beside(size, at / 2) };
                let block = &mut model.freed[index];
                // SAFETY: the byte lies in a block in the quarantine.
                unsafe { block.address.offset(offset).write(value) };
                block.written.insert(offset, value);
                let within = |offset: isize| (0..size as isize).contains(&offset);
                block.written.retain(|&offset, value| match within(offset) {
                    true => *value != FREED_BYTE && (offset as usize) < checks.poison,
                    false => *value != REDZONE_BYTE,
                });
            }
        }
        model.verify(&heap)?;
        let told = told.lock().expect("no panic");
        prop_assert!(model.reports.iter().all(|report| told.contains(report)), "reports reach the callback");
        prop_assert_eq!(heap.found() as usize, model.reports.len());
        prop_assert_eq!(heap.last_found(), model.reports.last().copied());
    }
    for block in std::mem::take(&mut model.live) {
        prop_assert_eq!(heap.release_smashed(block.address), Ok(block.contents.len()));
    }
    prop_assert_eq!(heap.live(), 0);
    let inner = heap.into_inner().expect("the heap inside is whole");
    prop_assert_eq!(inner.stats().blocks, 0);
    prop_assert_eq!(inner.validate(), Ok(()));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn mistakes_are_found_and_nothing_else(steps in steps()) {
        run(Checks::LIGHT, steps)?;
    }

    #[test]
    fn mistakes_are_found_in_the_quarantine(steps in steps()) {
        run(Checks::LIGHT.quarantine(16 << 10), steps)?;
    }

    #[test]
    fn mistakes_are_found_with_everything(steps in steps()) {
        run(Checks::FULL.quarantine(64 << 10), steps)?;
    }
}
