//! Pools of values against a hash map.

use memcore::alloc::AllocError;
use memcore::heap::{FixedPool, Handle, HeapError, Pool};
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};
use std::mem::MaybeUninit;
use std::rc::Rc;

#[derive(Clone, Debug)]
enum Step {
    Insert(u64),
    Remove(usize),
    Change(usize, u64),
    Stale(usize),
    Retain(u64),
    Clear,
    Shrink,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => any::<u64>().prop_map(Step::Insert),
        8 => any::<usize>().prop_map(Step::Remove),
        4 => (any::<usize>(), any::<u64>()).prop_map(|(which, value)| Step::Change(which, value)),
        4 => any::<usize>().prop_map(Step::Stale),
        1 => (1..5u64).prop_map(Step::Retain),
        1 => Just(Step::Clear),
        1 => Just(Step::Shrink),
    ]
}

fn pick<T: Copy>(from: &[T], which: usize) -> Option<T> {
    if from.is_empty() { None } else { Some(from[which % from.len()]) }
}

/// A value with a destructor and an address that is noted: `Box` for the one, and the map for the other.
type Value = Box<u64>;

/// The calls that every pool has.
macro_rules! follow {
    ($pool:expr, $steps:expr, $shrink:expr) => {{
        let pool = &mut $pool;
        let mut model = HashMap::<Handle<Value>, u64>::new();
        let (mut live, mut dead) = (Vec::<Handle<Value>>::new(), Vec::<Handle<Value>>::new());
        let mut given = HashSet::new();
        for step in $steps {
            match step {
                Step::Insert(value) => match pool.insert(Box::new(value)) {
                    Ok(handle) => {
                        prop_assert!(given.insert(handle.to_bits()), "{handle:?} was given twice");
                        model.insert(handle, value);
                        live.push(handle);
                    }
                    Err(refused) => {
                        prop_assert_eq!(*refused.value, value);
                        prop_assert_eq!(model.len(), pool.capacity());
                    }
                },
                Step::Remove(which) => {
                    if let Some(handle) = pick(&live, which) {
                        prop_assert_eq!(pool.remove(handle).map(|value| *value), model.remove(&handle));
                        live.retain(|&other| other != handle);
                        dead.push(handle);
                    }
                }
                Step::Change(which, value) => {
                    if let Some(handle) = pick(&live, which) {
                        **pool.get_mut(handle).unwrap() = value;
                        model.insert(handle, value);
                    }
                }
                Step::Stale(which) => {
                    if let Some(handle) = pick(&dead, which) {
                        prop_assert_eq!(pool.get(handle), None);
                        prop_assert_eq!(pool.get_mut(handle), None);
                        prop_assert_eq!(pool.remove(handle), None);
                        prop_assert!(!pool.contains(handle));
                    }
                }
                Step::Retain(divisor) => {
                    pool.retain(|handle, value| {
                        assert_eq!(model.get(&handle), Some(&**value));
                        **value % divisor == 0
                    });
                    model.retain(|_, value| *value % divisor == 0);
                    dead.extend(live.iter().filter(|handle| !model.contains_key(handle)));
                    live.retain(|handle| model.contains_key(handle));
                }
                Step::Clear => {
                    pool.clear();
                    model.clear();
                    dead.append(&mut live);
                }
                Step::Shrink => $shrink(&mut *pool),
            }
            prop_assert_eq!(pool.validate(), Ok(()));
            prop_assert_eq!(pool.len(), model.len());
            let held: HashMap<_, _> = pool.iter().map(|(handle, value)| (handle, **value)).collect();
            prop_assert_eq!(&held, &model);
            prop_assert!(pool.iter().map(|(handle, _)| handle.index()).is_sorted());
        }
    }};
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pool_is_a_map_from_handles_never_given_before(steps in prop::collection::vec(step(), 0..400)) {
        follow!(Pool::new(), steps, |pool: &mut Pool<Value>| pool.shrink_to_fit());
    }

    #[test]
    fn a_fixed_pool_is_the_same_up_to_its_end(
        steps in prop::collection::vec(step(), 0..200),
        bytes in 32usize..600,
        skip in 0usize..16,
    ) {
        let mut memory = vec![MaybeUninit::uninit(); bytes + 16];
        let mut pool = FixedPool::over(&mut memory[skip..skip + bytes]).unwrap();
        follow!(pool, steps, |_: &mut FixedPool<'_, Value>| ());
    }
}

#[test]
fn references_stay_where_they_are_as_the_pool_grows() {
    let mut pool = Pool::new();
    let first = pool.insert([7u64; 4]).unwrap();
    let address = std::ptr::from_ref(pool.get(first).unwrap());
    for value in 0..10_000 {
        pool.insert([value; 4]).unwrap();
    }
    assert_eq!(std::ptr::from_ref(pool.get(first).unwrap()), address);
    assert_eq!(pool.get(first), Some(&[7; 4]));
}

#[test]
fn a_handle_stays_stale_over_many_generations() {
    let mut pool = Pool::new();
    let first = pool.insert(0u32).unwrap();
    let mut handle = first;
    for generation in 1..1u32 << 17 {
        assert_eq!(pool.remove(handle), Some(generation - 1));
        handle = pool.insert(generation).unwrap();
        assert_eq!((handle.index(), handle.generation()), (0, 2 * generation + 1));
        assert_eq!(pool.get(first), None);
    }
    assert_eq!(pool.len(), 1);
}

#[test]
fn handles_of_chunks_given_back_stay_stale() {
    let mut pool = Pool::new();
    let old: Vec<_> = (0..1000u64).map(|value| pool.insert(value).unwrap()).collect();
    let bytes = pool.metadata_bytes();
    pool.clear();
    pool.shrink_to_fit();
    assert_eq!(pool.capacity(), 0);
    assert!(pool.metadata_bytes() < bytes);
    let new: Vec<_> = (0..1000u64).map(|value| pool.insert(value).unwrap()).collect();
    assert!(old.iter().all(|&handle| !pool.contains(handle)));
    assert!(new.iter().zip(0..).all(|(&handle, value)| pool.get(handle) == Some(&value)));
    pool.validate().unwrap();
}

#[test]
fn chunks_in_use_stay_and_the_rest_goes() {
    let mut pool = Pool::with_capacity(5000).unwrap();
    let capacity = pool.capacity();
    assert!(capacity >= 5000);
    let kept: Vec<_> = (0..10u64).map(|value| pool.insert(value).unwrap()).collect();
    pool.shrink_to_fit();
    assert!(pool.capacity() <= 1024, "{} slots", pool.capacity());
    for value in 10..5000 {
        pool.insert(value).unwrap();
    }
    pool.validate().unwrap();
    assert!(kept.iter().zip(0..).all(|(&handle, value)| pool.get(handle) == Some(&value)));
}

#[test]
fn several_values_are_had_at_once_and_none_twice() {
    let mut pool = Pool::new();
    let [a, b, c] = [1, 2, 3].map(|value| pool.insert(value).unwrap());
    let [x, y, z] = pool.get_many_mut([c, a, b]).unwrap();
    assert_eq!((*x, *y, *z), (3, 1, 2));
    (*x, *y, *z) = (30, 10, 20);
    assert_eq!(pool.get_many_mut([a, b, a]), None);
    pool.remove(b);
    assert_eq!(pool.get_many_mut([a, b]), None);
    assert_eq!(pool.get_many_mut([]), Some([]));
    assert_eq!((pool.get(a), pool.get(b), pool.get(c)), (Some(&10), None, Some(&30)));
    pool.validate().unwrap();
}

#[test]
fn a_full_pool_gives_the_value_back() {
    let mut bytes = [MaybeUninit::uninit(); 64];
    let mut pool = FixedPool::over(&mut bytes).unwrap();
    let value = Rc::new(1);
    while pool.insert(Rc::clone(&value)).is_ok() {}
    let refused = pool.insert(Rc::new(2)).unwrap_err();
    assert_eq!(*refused.value, 2);
    let blocks = pool.len() as u64;
    assert_eq!(HeapError::from(refused), AllocError::OutOfMetadata { blocks }.into());
    assert_eq!(Rc::strong_count(&value), pool.len() + 1);
    drop(pool);
    assert_eq!(Rc::strong_count(&value), 1);
    assert!(matches!(FixedPool::<u64>::over(&mut bytes[..15]), Err(HeapError::BadMemory { bytes: 15, .. })));
}

#[test]
fn a_value_of_no_bytes_and_one_of_a_page_have_slots() {
    #[repr(align(4096))]
    struct Page(u8);
    let mut units = Pool::new();
    let handles: Vec<_> = (0..1000).map(|_| units.insert(()).unwrap()).collect();
    assert!(handles.iter().all(|&handle| units.contains(handle)));
    let mut pages = Pool::new();
    for number in 0..20 {
        let handle = pages.insert(Page(number)).unwrap();
        assert_eq!(std::ptr::from_ref(pages.get(handle).unwrap()).addr() % 4096, 0);
    }
    assert!(pages.iter().map(|(_, page)| page.0).eq(0..20));
}

#[test]
fn a_handle_of_another_pool_is_refused_or_names_a_value_of_this_one() {
    let (mut here, mut there) = (Pool::new(), Pool::new());
    here.insert(String::from("here")).unwrap();
    let far: Vec<_> = (0..10_000).map(|_| there.insert(String::from("there")).unwrap()).collect();
    for &handle in &far {
        assert!(here.get(handle).is_none_or(|value| value == "here"));
    }
    for bits in [1 << 32 | u64::from(u32::MAX), u64::MAX, 1 << 32 | 1 << 31] {
        assert_eq!(here.get(Handle::from_bits(bits).unwrap()), None);
    }
    for bits in [0, 5, 2 << 32, 2 << 32 | 1] {
        assert_eq!(Handle::<String>::from_bits(bits), None);
    }
}
