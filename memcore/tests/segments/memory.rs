//! Pure segmentation against vectors of bytes, over every strategy.

use memcore::alloc::{AllocError, Allocator, Budget, Regions};
use memcore::vm::segment::{SegmentMemory, SegmentMemoryError as Error};
use memcore::vm::{Access, Protection};
use proptest::prelude::*;

const CAPACITY: u64 = 1 << 10;
const STRATEGIES: [&str; 11] = [
    "first-fit",
    "next-fit",
    "best-fit",
    "best-fit:tie=recent",
    "worst-fit",
    "tlsf",
    "buddy",
    "size-classes",
    "pool:slot=128",
    "bump",
    "stack",
];

#[derive(Clone)]
struct Segment {
    bytes: Vec<u8>,
    protection: Protection,
    out: bool,
}

/// What is in each segment, by number; and the numbers to be used again, the next one last.
#[derive(Default)]
struct Model {
    segments: Vec<Option<Segment>>,
    free: Vec<usize>,
}

impl Model {
    fn get(&mut self, number: u32) -> Option<&mut Segment> {
        self.segments.get_mut(number as usize)?.as_mut()
    }

    /// What an access is refused with.
    fn check(&mut self, segment: u32, offset: u64, size: u64, access: Access) -> Result<(), Error> {
        let entry = self.get(segment).ok_or(Error::Unknown { segment })?;
        let length = entry.bytes.len() as u64;
        if offset > length || size > length - offset {
            return Err(Error::Limit { segment, offset, size, length });
        }
        let readable = entry.protection != Protection::NONE;
        let good =
            if access == Access::Read { readable } else { entry.protection.contains(Protection::WRITE) };
        if !good {
            return Err(Error::Protection { segment, access });
        }
        if entry.out { Err(Error::NotPresent { segment }) } else { Ok(()) }
    }
}

/// Whether a failure is the allocator's, which its own tests speak of.
fn of_alloc<T>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::Alloc(_)))
}

fn step(memory: &mut SegmentMemory, model: &mut Model, [what, a, b, c]: [u32; 4]) {
    let segment = a % 8;
    let protection = Protection::from_bits(c % 8).unwrap();
    match what % 10 {
        0 | 1 => {
            let length = b % 300;
            match memory.create(length.into(), protection) {
                Ok(number) => {
                    let fresh = Segment { bytes: vec![0; length as usize], protection, out: false };
                    match model.free.pop() {
                        Some(free) => {
                            assert_eq!(free, number as usize);
                            model.segments[free] = Some(fresh);
                        }
                        None => {
                            assert_eq!(model.segments.len(), number as usize);
                            model.segments.push(Some(fresh));
                        }
                    }
                }
                error => assert!(of_alloc(error)),
            }
        }
        2 => match memory.destroy(segment) {
            Ok(()) => {
                assert!(model.segments[segment as usize].take().is_some());
                model.free.push(segment as usize);
            }
            Err(Error::Unknown { .. }) => assert!(model.get(segment).is_none()),
            error => assert!(of_alloc(error)),
        },
        3 => match memory.resize(segment, (b % 300).into()) {
            Ok(_) => {
                let entry = model.get(segment).unwrap();
                assert!(!entry.out);
                entry.bytes.resize((b % 300) as usize, 0);
            }
            Err(Error::Unknown { .. }) => assert!(model.get(segment).is_none()),
            Err(Error::NotPresent { .. }) => assert!(model.get(segment).unwrap().out),
            error => assert!(of_alloc(error)),
        },
        4 => {
            let known = model.get(segment).map(|entry| entry.protection = protection);
            assert_eq!(memory.protect(segment, protection).ok(), known);
        }
        5 => match memory.swap_out(segment) {
            Ok(()) => assert!(!std::mem::replace(&mut model.get(segment).unwrap().out, true)),
            Err(Error::Unknown { .. }) => assert!(model.get(segment).is_none()),
            Err(Error::NotPresent { .. }) => assert!(model.get(segment).unwrap().out),
            error => assert!(of_alloc(error)),
        },
        6 => match memory.swap_in(segment) {
            Ok(base) => {
                assert!(std::mem::replace(&mut model.get(segment).unwrap().out, false));
                assert_eq!(memory.row(segment).unwrap().base, Some(base));
            }
            Err(Error::Unknown { .. }) => assert!(model.get(segment).is_none()),
            Err(Error::Present { .. }) => assert!(!model.get(segment).unwrap().out),
            error => assert!(of_alloc(error)),
        },
        7 => {
            let budget = if c % 2 == 0 { Budget::UNLIMITED } else { Budget { bytes: b.into(), moves: 2 } };
            let can = memory.space().capabilities().compaction;
            match memory.compact(budget) {
                Ok(report) => assert!(can && report.bytes <= budget.bytes && report.moved <= budget.moves),
                error => assert!(!can && of_alloc(error)),
            }
        }
        _ => {
            let (offset, size) = (u64::from(b % 320), (c % 40) as usize);
            let written: Vec<u8> = (0..size).map(|byte| (a as usize + byte) as u8).collect();
            let expected = model.check(segment, offset, size as u64, Access::Write);
            assert_eq!(memory.write(segment, offset, &written), expected);
            if expected.is_ok() {
                model.get(segment).unwrap().bytes[offset as usize..][..size].copy_from_slice(&written);
            }
        }
    }
    memory.validate().unwrap();
    check_contents(memory, model);
}

fn check_contents(memory: &SegmentMemory, model: &mut Model) {
    let mut used = 0;
    for segment in 0..model.segments.len() as u32 + 1 {
        let expected = model.check(segment, 0, 0, Access::Read);
        let Some(entry) = model.get(segment).cloned() else {
            assert_eq!(memory.row(segment), Err(Error::Unknown { segment }));
            continue;
        };
        let mut bytes = vec![0xEE; entry.bytes.len()];
        assert_eq!(memory.read(segment, 0, &mut bytes), expected);
        if expected.is_ok() {
            assert_eq!(bytes, entry.bytes, "segment {segment}");
        }
        let row = memory.row(segment).unwrap();
        assert_eq!((row.base.is_none(), row.length), (entry.out, entry.bytes.len() as u64));
        used += if entry.out { 0 } else { row.length };
    }
    assert_eq!(memory.stats().requested, used);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn it_agrees_with_vectors(steps in prop::collection::vec(prop::array::uniform4(any::<u32>()), 1..120)) {
        for strategy in STRATEGIES {
            let mut memory = SegmentMemory::new(&strategy.parse().unwrap(), CAPACITY).unwrap();
            let mut model = Model::default();
            for &numbers in &steps {
                step(&mut memory, &mut model, numbers);
            }
        }
    }
}

#[test]
fn compaction_rewrites_bases() {
    let all = Protection::READ | Protection::WRITE;
    let mut memory = SegmentMemory::new(&"first-fit".parse().unwrap(), 1000).unwrap();
    let segments: Vec<u32> = (0..5).map(|_| memory.create(200, all).unwrap()).collect();
    for &segment in &segments {
        memory.write(segment, 199, &[segment as u8 + 1]).unwrap();
    }
    memory.destroy(segments[0]).unwrap();
    memory.destroy(segments[2]).unwrap();
    // 400 bytes are free and no hole has more than 200.
    assert_eq!(memory.stats().external_fragmentation(), 0.5);
    let full = memory.create(400, all);
    assert_eq!(
        full,
        Err(Error::Alloc(AllocError::OutOfSpace { size: 400, alignment: 1, free: 400, largest_hole: 200 }))
    );
    // One move: segment 1 goes to 0.
    let report = memory.compact(Budget { bytes: u64::MAX, moves: 1 }).unwrap();
    assert_eq!((report.moved, report.bytes), (1, 200));
    let report = memory.compact(Budget::UNLIMITED).unwrap();
    assert_eq!((report.moved, report.bytes), (2, 400));
    let rows: Vec<_> = memory.rows().map(|row| (row.segment, row.base.unwrap())).collect();
    assert_eq!(rows, [(1, 0), (3, 200), (4, 400)]);
    for segment in [1, 3, 4] {
        let mut byte = [0];
        memory.read(segment, 199, &mut byte).unwrap();
        assert_eq!(byte, [segment as u8 + 1]);
    }
    // The number that was freed last is used first.
    assert_eq!(memory.create(400, all), Ok(2));
    assert_eq!(Regions::new(memory.space()).count(), 4);
}

#[test]
fn nobody_reads_what_another_left() {
    let all = Protection::READ | Protection::WRITE;
    let mut memory = SegmentMemory::new(&"first-fit".parse().unwrap(), 100).unwrap();
    let secret = memory.create(100, all).unwrap();
    memory.write(secret, 0, &[9; 100]).unwrap();
    // Shortened and lengthened again, it has lost what was there.
    memory.resize(secret, 10).unwrap();
    memory.resize(secret, 60).unwrap();
    let mut bytes = [1; 60];
    memory.read(secret, 0, &mut bytes).unwrap();
    assert_eq!((&bytes[..10], &bytes[10..]), (&[9; 10][..], &[0; 50][..]));
    memory.destroy(secret).unwrap();
    let other = memory.create(100, all).unwrap();
    let mut bytes = [1; 100];
    memory.read(other, 0, &mut bytes).unwrap();
    assert_eq!(bytes, [0; 100]);
}

#[test]
fn a_segment_moves_to_grow() {
    let all = Protection::READ | Protection::WRITE;
    let mut memory = SegmentMemory::new(&"first-fit".parse().unwrap(), 100).unwrap();
    let (first, second) = (memory.create(20, all).unwrap(), memory.create(20, all).unwrap());
    memory.write(first, 0, b"moved").unwrap();
    assert_eq!(memory.resize(first, 30), Ok(true));
    assert_eq!(memory.row(first).unwrap().base, Some(40));
    assert_eq!(memory.resize(second, 5), Ok(false));
    let mut bytes = [0; 5];
    memory.read(first, 0, &mut bytes).unwrap();
    assert_eq!(&bytes, b"moved");
    // Both places must fit: 30 bytes are free behind it, 35 before it.
    assert_eq!(memory.resize(first, 60), Ok(false));
    assert!(memory.resize(first, 61).is_err());
    assert_eq!(memory.row(first).unwrap().length, 60);
}

#[test]
fn offsets_near_the_end_of_numbers() {
    let mut memory = SegmentMemory::new(&"first-fit".parse().unwrap(), 100).unwrap();
    let segment = memory.create(100, Protection::READ).unwrap();
    for (offset, size) in [(u64::MAX, 1), (u64::MAX, u64::MAX), (1, u64::MAX), (100, 1)] {
        let limit = Error::Limit { segment, offset, size, length: 100 };
        assert_eq!(memory.translate(segment, offset, size, Access::Read), Err(limit));
    }
    assert_eq!(memory.translate(segment, 100, 0, Access::Read), Ok(100));
    assert!(SegmentMemory::new(&"first-fit".parse().unwrap(), u64::MAX).is_err());
}
