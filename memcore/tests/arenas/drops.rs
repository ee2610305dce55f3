//! Destructors: each runs once, in order, also when one of them or a constructor panics.

use memcore::heap::{Arena, Pool};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Notes its number when it is dropped, and panics then if it is told to.
struct Noted<'n> {
    number: u32,
    notes: &'n RefCell<Vec<u32>>,
    panics: bool,
}

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.notes.borrow_mut().push(self.number);
        assert!(!self.panics, "as it was told");
    }
}

fn noted(notes: &RefCell<Vec<u32>>, number: u32) -> Noted<'_> {
    Noted { number, notes, panics: false }
}

fn panicking(notes: &RefCell<Vec<u32>>, number: u32) -> Noted<'_> {
    Noted { number, notes, panics: true }
}

fn panics(work: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(work)).is_err()
}

#[test]
fn an_arena_drops_its_values_newest_first() {
    let notes = RefCell::new(Vec::new());
    let mut arena = Arena::new();
    for number in 0..5 {
        arena.alloc(noted(&notes, number));
        arena.alloc(u64::from(number));
    }
    arena.reset();
    assert_eq!(notes.take(), [4, 3, 2, 1, 0]);
    arena.reset();
    assert_eq!(notes.take(), []);
    arena.alloc_slice_fill_with(3, |index| noted(&notes, 10 + index as u32));
    arena.alloc(noted(&notes, 20));
    drop(arena);
    // Within a slice the order is a slice's: from the first on.
    assert_eq!(notes.take(), [20, 10, 11, 12]);
}

#[test]
fn a_rewind_drops_what_came_after_over_many_chunks() {
    let notes = RefCell::new(Vec::new());
    let mut arena = Arena::new();
    (0..10).for_each(|number| _ = arena.alloc(noted(&notes, number)));
    let checkpoint = arena.checkpoint();
    for round in 0..3 {
        (10..1000).for_each(|number| _ = arena.alloc(noted(&notes, number)));
        assert!(arena.chunks() >= 2);
        arena.rewind(checkpoint).unwrap();
        assert!(notes.take().into_iter().eq((10..1000).rev()), "round {round}");
    }
    drop(arena);
    assert!(notes.take().into_iter().eq((0..10).rev()));
}

#[test]
fn a_scope_drops_at_its_end_and_on_a_panic() {
    let notes = RefCell::new(Vec::new());
    let mut arena = Arena::new();
    arena.alloc(noted(&notes, 0));
    let used = arena.used();
    let sum = arena.scope(|arena| {
        arena.alloc(noted(&notes, 1));
        *arena.alloc(40) + 2
    });
    assert_eq!((sum, notes.take(), arena.used()), (42, vec![1], used));
    let scope = || {
        arena.scope(|arena| {
            arena.alloc(noted(&notes, 2));
            assert_eq!(arena.alloc_slice_fill_with(1000, |index| index).len(), 0, "in the scope");
        });
    };
    assert!(panics(scope));
    assert_eq!((notes.take(), arena.used()), (vec![2], used));
}

#[test]
fn a_panic_in_a_destructor_leaves_no_value_undropped_and_drops_none_twice() {
    let notes = RefCell::new(Vec::new());
    let mut arena = Arena::new();
    arena.alloc(noted(&notes, 0));
    let checkpoint = arena.checkpoint();
    let used = arena.used();
    arena.alloc(noted(&notes, 1));
    arena.alloc(panicking(&notes, 2));
    arena.alloc(noted(&notes, 3));
    assert!(panics(|| arena.rewind(checkpoint).unwrap()));
    assert_eq!((notes.take(), arena.used()), (vec![3, 2, 1], used));
    arena.alloc(panicking(&notes, 4));
    assert!(panics(|| arena.reset()));
    assert_eq!((notes.take(), arena.used()), (vec![4, 0], 0));
    arena.alloc(noted(&notes, 5));
    arena.alloc(panicking(&notes, 6));
    assert!(panics(|| drop(arena)));
    assert_eq!(notes.take(), [6, 5]);
}

#[test]
fn a_panic_in_a_slice_s_destructor_leaves_no_value_undropped() {
    let notes = RefCell::new(Vec::new());
    let arena = Arena::new();
    arena.alloc(noted(&notes, 9));
    arena.alloc_slice_fill_with(3, |index| Noted { number: index as u32, notes: &notes, panics: index == 1 });
    assert!(panics(|| drop(arena)));
    assert_eq!(notes.take(), [0, 1, 2, 9]);
}

#[test]
fn a_panic_in_a_constructor_drops_what_was_made() {
    let notes = RefCell::new(Vec::new());
    let arena = Arena::new();
    arena.alloc(noted(&notes, 9));
    assert!(panics(|| _ = arena.alloc_with(|| -> Noted<'_> { panic!("in the constructor") })));
    let slice = || {
        arena.alloc_slice_fill_with(5, |index| {
            assert!(index < 3, "in the constructor");
            noted(&notes, index as u32)
        });
    };
    assert!(panics(slice));
    assert_eq!(notes.take(), [0, 1, 2]);
    drop(arena);
    assert_eq!(notes.take(), [9]);
}

#[test]
fn a_constructor_may_use_the_arena_itself() {
    let notes = RefCell::new(Vec::new());
    let mut arena = Arena::new();
    arena.alloc_with(|| {
        arena.alloc(noted(&notes, 1));
        arena.alloc_slice_fill_with(200, |index| {
            arena.alloc(index);
            index
        });
        noted(&notes, 2)
    });
    arena.reset();
    assert_eq!(notes.take(), [2, 1]);
}

#[test]
fn values_of_no_bytes_are_dropped_too() {
    thread_local! {
        static DROPS: RefCell<u32> = const { RefCell::new(0) };
    }
    struct Empty;
    impl Drop for Empty {
        fn drop(&mut self) {
            DROPS.with_borrow_mut(|drops| *drops += 1);
        }
    }
    let arena = Arena::new();
    arena.alloc(Empty);
    arena.alloc_slice_fill_with(10, |_| Empty);
    arena.alloc_undropped(Empty);
    drop(arena);
    assert_eq!(DROPS.take(), 11);
    let mut pool = Pool::new();
    (0..7).for_each(|_| _ = pool.insert(Empty).unwrap());
    drop(pool);
    assert_eq!(DROPS.take(), 7);
}

#[test]
fn a_pool_drops_each_value_once_though_destructors_panic() {
    let notes = RefCell::new(Vec::new());
    let mut pool = Pool::new();
    let handles: Vec<_> = (0..200)
        .map(|number| Noted { number, notes: &notes, panics: number == 100 })
        .map(|value| pool.insert(value).unwrap())
        .collect();
    drop(pool.remove(handles[7]));
    assert_eq!(notes.take(), [7]);
    assert!(panics(|| pool.clear()));
    assert!(notes.take().into_iter().eq((0..200).filter(|&number| number != 7)));
    assert!(pool.is_empty());
    pool.validate().unwrap();
    pool.insert(panicking(&notes, 1)).unwrap();
    pool.insert(noted(&notes, 2)).unwrap();
    let mut both = notes.take();
    assert!(panics(|| drop(pool)));
    both.extend(notes.take());
    both.sort_unstable();
    assert_eq!(both, [1, 2]);
}

#[test]
fn a_panic_of_the_caller_s_ends_a_walk_with_the_pool_whole() {
    let notes = RefCell::new(Vec::new());
    let mut pool = Pool::new();
    (0..100).for_each(|number| _ = pool.insert(noted(&notes, number)).unwrap());
    let walk = |_, value: &mut Noted<'_>| {
        assert!(value.number < 50, "in the walk");
        value.number % 2 == 0
    };
    assert!(panics(|| pool.retain(walk)));
    assert_eq!((notes.take().len(), pool.len()), (25, 75));
    pool.validate().unwrap();
    drop(pool);
    assert_eq!(notes.take().len(), 75);
}
