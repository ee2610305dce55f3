//! The double stack against two lists of blocks, contents checked.

use crate::arenas::fill::{check, fill};
use memcore::alloc::AllocError;
use memcore::heap::{Borrowed, DoubleStack};
use proptest::prelude::*;
use std::ptr::NonNull;

#[derive(Clone, Debug)]
enum Step {
    Push { high: bool, size: usize, log_alignment: u32 },
    Mark { high: bool },
    Rewind { high: bool, which: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<bool>(), 0..200usize, 0..8u32)
            .prop_map(|(high, size, log_alignment)| Step::Push { high, size, log_alignment }),
        2 => any::<bool>().prop_map(|high| Step::Mark { high }),
        2 => (any::<bool>(), any::<usize>()).prop_map(|(high, which)| Step::Rewind { high, which }),
    ]
}

/// One end: its blocks as first and one past the last address, and its marks with how many blocks there were.
#[derive(Default)]
struct End {
    blocks: Vec<(usize, usize, u64)>,
    marks: Vec<(u64, usize)>,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_ends_are_stacks(steps in prop::collection::vec(step(), 0..120), bytes in 1usize..3000) {
        let mut memory = vec![0u8; bytes];
        let start = memory.as_ptr().addr();
        let mut stack = DoubleStack::new(Borrowed::new(&mut memory)).unwrap();
        let base = stack.memory();
        let base = memcore::heap::Memory::start(base);
        let mut ends = [End::default(), End::default()];
        for (number, step) in (0u64..).zip(steps) {
            // Where each end is: behind its last block.
            let low = ends[0].blocks.last().map_or(start, |block| block.1);
            let high = ends[1].blocks.last().map_or(start + bytes, |block| block.0);
            match step {
                Step::Push { high: false, size, log_alignment } => {
                    let alignment = 1 << log_alignment;
                    let at = low.next_multiple_of(alignment);
                    let fits = at + size.max(1) <= high;
                    let block = stack.push_low(size, alignment);
                    prop_assert_eq!(block.ok().map(|block| block.addr().get()), fits.then_some(at));
                    if fits {
                        ends[0].blocks.push((at, at + size.max(1), number));
                    }
                }
                Step::Push { high: true, size, log_alignment } => {
                    let alignment = 1 << log_alignment;
                    let at = (high - size.max(1)) / alignment * alignment;
                    let fits = at >= low;
                    let block = stack.push_high(size, alignment);
                    prop_assert_eq!(block.ok().map(|block| block.addr().get()), fits.then_some(at));
                    if fits {
                        ends[1].blocks.push((at, at + size.max(1), number));
                    }
                }
                Step::Mark { high } => {
                    let mark = if high { stack.mark_high() } else { stack.mark_low() };
                    let end = &mut ends[usize::from(high)];
                    end.marks.push((mark, end.blocks.len()));
                }
                Step::Rewind { high, which } => {
                    let end = &mut ends[usize::from(high)];
                    // Marks nest: those taken later go with the blocks.
                    if !end.marks.is_empty() {
                        let which = which % end.marks.len();
                        let (mark, blocks) = end.marks[which];
                        let done = if high { stack.rewind_high(mark) } else { stack.rewind_low(mark) };
                        prop_assert_eq!(done, Ok(()));
                        end.marks.truncate(which + 1);
                        end.blocks.truncate(blocks);
                    }
                }
            }
            for &(from, to, filled) in ends.iter().flat_map(|end| &end.blocks) {
                let block = NonNull::new(base.as_ptr().wrapping_add(from - start)).unwrap();
                if filled == number {
                    fill(block, to - from, filled);
                }
                check(block, to - from, filled);
            }
            prop_assert_eq!(stack.used_low() + stack.free() + stack.used_high(), bytes);
        }
    }
}

#[test]
fn marks_past_an_end_and_of_the_other_end_are_refused() {
    let mut memory = [0u8; 100];
    let mut stack = DoubleStack::new(Borrowed::new(&mut memory)).unwrap();
    stack.push_low(10, 1).unwrap();
    stack.push_high(20, 1).unwrap();
    let bad = |position| Err(AllocError::BadCheckpoint { position }.into());
    assert_eq!(stack.rewind_low(stack.mark_high()), bad(80));
    assert_eq!(stack.rewind_high(stack.mark_low()), bad(10));
    assert_eq!(stack.rewind_low(11), bad(11));
    assert_eq!(stack.rewind_high(79), bad(79));
    assert_eq!(stack.rewind_high(101), bad(101));
    assert_eq!((stack.used_low(), stack.free(), stack.used_high()), (10, 70, 20));
    let full = AllocError::OutOfSpace { size: 71, alignment: 1, free: 70, largest_hole: 70 };
    assert_eq!(stack.push_low(71, 1), Err(full.into()));
    assert_eq!(stack.push_high(71, 1), Err(full.into()));
    assert!(stack.push_high(70, 1).is_ok());
    stack.reset();
    assert_eq!(stack.free(), 100);
}
