//! Checkpoints of an arena against a list of blocks, contents checked.

use crate::arenas::fill::{check, fill};
use memcore::alloc::AllocError;
use memcore::heap::{Arena, Checkpoint, HeapError};
use proptest::prelude::*;
use std::alloc::Layout;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

#[derive(Clone, Debug)]
enum Step {
    Alloc { size: usize, log_alignment: u32 },
    Checkpoint,
    Rewind(usize),
    Reset,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..300usize, 0..8u32).prop_map(|(size, log_alignment)| Step::Alloc { size, log_alignment }),
        1 => (1000..5000usize, 0..13u32).prop_map(|(size, log_alignment)| Step::Alloc { size, log_alignment }),
        4 => Just(Step::Checkpoint),
        4 => any::<usize>().prop_map(Step::Rewind),
        1 => Just(Step::Reset),
    ]
}

/// Blocks in the order of their making, and for each checkpoint how many there were; a checkpoint dies when the list
/// is cut below the state that it stands for.
#[derive(Default)]
struct Model {
    blocks: Vec<(NonNull<u8>, usize, u64)>,
    made: u64,
    /// Checkpoint, number of blocks, alive.
    checkpoints: Vec<(Checkpoint, usize, bool)>,
}

impl Model {
    fn cut(&mut self, which: Option<usize>) {
        let length = which.map_or(0, |which| self.checkpoints[which].1);
        self.blocks.truncate(length);
        // Later checkpoints of a longer list are gone. One of as long a list is the same state.
        for (_, blocks, alive) in &mut self.checkpoints {
            *alive &= *blocks <= length;
        }
    }

    fn check(&self) {
        let mut ranges: Vec<_> = self.blocks.iter().map(|&(at, size, _)| (at.addr().get(), size)).collect();
        ranges.retain(|&(_, size)| size > 0);
        ranges.sort_unstable();
        assert!(ranges.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0), "blocks overlap");
        self.blocks.iter().for_each(|&(block, size, number)| check(block, size, number));
    }
}

fn follow(arena: &mut Arena<'_>, steps: Vec<Step>) {
    let mut model = Model::default();
    for step in steps {
        match step {
            Step::Alloc { size, log_alignment } => {
                let layout = Layout::from_size_align(size, 1 << log_alignment).unwrap();
                if let Ok(block) = arena.alloc_layout(layout) {
                    assert_eq!(block.addr().get() % layout.align(), 0);
                    fill(block, size, model.made);
                    // A block of no bytes is not in the arena, so it makes no new state.
                    if size > 0 {
                        model.blocks.push((block, size, model.made));
                    }
                    model.made += 1;
                }
            }
            Step::Checkpoint => {
                let checkpoint = arena.checkpoint();
                assert_eq!(checkpoint.position() == 0, model.blocks.is_empty());
                model.checkpoints.push((checkpoint, model.blocks.len(), true));
            }
            Step::Rewind(which) => {
                if model.checkpoints.is_empty() {
                    continue;
                }
                let which = which % model.checkpoints.len();
                let (checkpoint, _, alive) = model.checkpoints[which];
                let position = checkpoint.position();
                match arena.rewind(checkpoint) {
                    Ok(()) => {
                        assert!(alive, "a stale checkpoint was taken: {checkpoint:?}");
                        model.cut(Some(which));
                    }
                    Err(error) => {
                        assert_eq!(error, AllocError::BadCheckpoint { position }.into());
                        assert!(!alive, "a good checkpoint was refused: {checkpoint:?}");
                    }
                }
            }
            Step::Reset => {
                arena.reset();
                assert_eq!(arena.used(), 0);
                model.cut(None);
            }
        }
        model.check();
        assert!(arena.used() <= arena.capacity() + arena.chunks() * 32);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_arena_returns_to_the_states_that_it_went_through_and_to_no_others(
        steps in prop::collection::vec(step(), 0..120),
    ) {
        follow(&mut Arena::new(), steps);
    }

    #[test]
    fn an_arena_in_the_caller_s_memory_does_too(
        steps in prop::collection::vec(step(), 0..120),
        bytes in 0usize..3000,
        skip in 0usize..16,
    ) {
        let mut memory = vec![MaybeUninit::uninit(); bytes + 16];
        follow(&mut Arena::over(&mut memory[skip..skip + bytes]), steps);
    }
}

#[test]
fn a_full_arena_still_takes_checkpoints() {
    let mut memory = [MaybeUninit::uninit(); 200];
    let mut arena = Arena::over(&mut memory);
    let byte = Layout::new::<u8>();
    for _ in 0..20 {
        arena.alloc_layout(byte).unwrap();
    }
    while arena.alloc_layout(byte).is_ok() {}
    let checkpoint = arena.checkpoint();
    assert_eq!(arena.checkpoint(), checkpoint);
    let used = arena.used();
    assert!(arena.alloc_layout(byte).is_err());
    arena.rewind(checkpoint).unwrap();
    assert_eq!(arena.used(), used);
    arena.reset();
    assert!(arena.alloc_layout(byte).is_ok());
    assert!(arena.rewind(checkpoint).is_err());
}

#[test]
fn a_loop_of_checkpoint_and_rewind_takes_32_bytes_once() {
    let mut arena = Arena::new();
    arena.alloc(1u64);
    for round in 0..100 {
        let checkpoint = arena.checkpoint();
        assert_eq!(arena.used(), 40, "round {round}");
        arena.alloc_slice_fill_with(1000, |index| index);
        arena.rewind(checkpoint).unwrap();
    }
    assert!(arena.chunks() <= 2);
}

#[test]
fn a_checkpoint_of_another_arena_is_refused() {
    let (mut here, there) = (Arena::new(), Arena::new());
    here.alloc(1);
    there.alloc(1);
    let (mine, other) = (here.checkpoint(), there.checkpoint());
    let position = other.position();
    assert_eq!(here.rewind(other), Err(HeapError::Alloc(AllocError::BadCheckpoint { position })));
    assert_eq!(here.rewind(mine), Ok(()));
}

#[test]
fn memory_goes_back_and_the_largest_chunk_stays() {
    let mut arena = Arena::new();
    arena.alloc_slice_fill_with(100_000, |index| index);
    arena.alloc_slice_fill_with(10, |index| index);
    let capacity = arena.capacity();
    arena.reset();
    assert_eq!(arena.chunks(), 1);
    assert!(arena.capacity() >= 800_000 && arena.capacity() <= capacity);
    arena.alloc_slice_fill_with(100_000, |index| index);
    assert_eq!(arena.chunks(), 1);
}
