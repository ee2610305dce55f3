//! A whole program on `GlobalHeap`: the test harness, its threads and all that they allocate.
#![cfg(all(feature = "std", unix))]

use memcore::heap::{GlobalHeap, HeapError, RawHeap};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fmt::Write;
use std::sync::mpsc::channel;

#[global_allocator]
static HEAP: GlobalHeap = GlobalHeap::new();

fn sound() {
    assert_eq!(HEAP.refused(), 0);
    let heap = HEAP.heap().unwrap();
    RawHeap::validate(heap).unwrap();
    assert!(heap.stats().used > 0);
}

#[test]
fn collections_of_std_live_there() {
    let mut words = HashMap::new();
    let mut order = BTreeMap::new();
    for number in 0..20_000u64 {
        words.insert(number.to_string(), vec![number; (number % 17) as usize]);
        order.insert(number.wrapping_mul(0x9e37_79b9_7f4a_7c15), number);
        if number % 3 == 0 {
            words.remove(&(number / 2).to_string());
        }
    }
    for (word, numbers) in &words {
        let number: u64 = word.parse().unwrap();
        assert!(numbers.len() as u64 == number % 17 && numbers.iter().all(|&other| other == number));
    }
    assert_eq!(order.len(), 20_000);
    let sorted: HashSet<u64> = order.into_values().collect();
    assert!((0..20_000).all(|number| sorted.contains(&number)));
    let heap = HEAP.heap().unwrap();
    // Every one of them is the heap's.
    assert!(words.values().filter(|list| !list.is_empty()).all(|list| heap.contains(list.as_ptr().cast())));
    sound();
}

#[test]
fn strings_and_lists_grow_shrink_and_go() {
    let mut text = String::new();
    for number in 0..100_000 {
        write!(text, "{number} ").unwrap();
    }
    assert_eq!(text.split_whitespace().map(|word| word.parse::<u64>().unwrap()).sum::<u64>(), 4_999_950_000);
    text.truncate(1000);
    text.shrink_to_fit();
    assert!(text.starts_with("0 1 2 3 "));
    let mut lists: VecDeque<Vec<u8>> = VecDeque::new();
    for size in 0..3000usize {
        lists.push_back(vec![size as u8; size * 7 % 40_000]);
        if size % 3 == 2 {
            let list = lists.pop_front().unwrap();
            assert!(list.windows(2).all(|pair| pair[0] == pair[1]));
        }
    }
    // Zeroed blocks, small ones and large ones, over bytes that were used.
    for size in [10, 1000, 100_000, 10_000_000] {
        assert!(vec![0u8; size].iter().all(|&byte| byte == 0));
    }
    sound();
}

#[test]
fn wide_alignments_hold() {
    #[repr(align(4096))]
    struct Page([u8; 4096]);
    #[repr(align(128))]
    struct Lines([u8; 384]);
    let pages: Vec<Box<Page>> = (0..50).map(|byte| Box::new(Page([byte; 4096]))).collect();
    let lines: Vec<Box<Lines>> = (0..200).map(|byte| Box::new(Lines([byte; 384]))).collect();
    assert!(pages.iter().all(|page| (&raw const **page).addr() % 4096 == 0));
    assert!(lines.iter().all(|line| (&raw const **line).addr() % 128 == 0));
    assert!(pages.iter().zip(0..).all(|(page, byte)| page.0.iter().all(|&other| other == byte)));
    assert!(lines.iter().zip(0..).all(|(line, byte)| line.0.iter().all(|&other| other == byte)));
    sound();
}

#[test]
fn threads_send_boxes_to_each_other() {
    let (sender, receiver) = channel::<Vec<Box<u64>>>();
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let sender = sender.clone();
            scope.spawn(move || {
                for turn in 0..500 {
                    sender
                        .send((0..20).map(|number| Box::new(thread << 32 | turn << 8 | number)).collect())
                        .unwrap();
                }
            });
        }
        drop(sender);
        let sum = |boxes: &[Box<u64>]| boxes.iter().map(|number| **number & 0xff).sum::<u64>();
        assert_eq!(receiver.iter().map(|boxes| sum(&boxes)).sum::<u64>(), 4 * 500 * 190);
    });
    sound();
}

#[test]
fn what_is_no_block_is_told_without_a_fault() {
    let heap = HEAP.heap().unwrap();
    let boxed = Box::new([0u8; 100]);
    let inside = std::ptr::from_ref(&*boxed).cast::<u8>().wrapping_add(1).cast_mut();
    // SAFETY: no box begins there.
    assert_eq!(unsafe { heap.free(inside) }, Err(HeapError::NotABlock { address: inside.addr() }));
    let local = 0u8;
    let outside = (&raw const local).cast_mut();
    // SAFETY: as above.
    assert_eq!(unsafe { heap.free(outside) }, Err(HeapError::NotInHeap { address: outside.addr() }));
    sound();
}
