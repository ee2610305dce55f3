//! A program whose only allocator is a static array: the test runner itself, its threads, and what they do.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt::Write;
use std::sync::{Arc, Mutex, mpsc};

use memcore::heap::StaticHeap;

const BYTES: usize = 64 << 20;

#[global_allocator]
static HEAP: StaticHeap<BYTES> = StaticHeap::new();

#[test]
fn collections_and_strings_live_there() {
    let before = HEAP.stats().unwrap();
    let words: Vec<String> = (0..20_000u64).map(|number| format!("{:x}", number * number)).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut tree: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, word) in words.iter().enumerate() {
        *counts.entry(&word[..1]).or_default() += 1;
        tree.entry(word[word.len() / 2..].to_owned()).or_default().push(place);
    }
    assert_eq!(counts.values().sum::<usize>(), 20_000);
    assert!(tree.values().flatten().all(|&place| tree.contains_key(&words[place][words[place].len() / 2..])));
    let mut text = String::new();
    for word in words.iter().rev() {
        write!(text, "{word} ").unwrap();
    }
    assert!(text.split_whitespace().eq(words.iter().rev().map(String::as_str)));
    let within = text.as_ptr().addr().wrapping_sub((&raw const HEAP).addr());
    assert!(within < size_of_val(&HEAP), "the text lies elsewhere");
    assert!(HEAP.stats().unwrap().blocks >= before.blocks + 20_000);
}

#[test]
fn threads_take_and_give_there() {
    let shared = Arc::new(Mutex::new(VecDeque::new()));
    let (sender, receiver) = mpsc::channel::<Box<[u64]>>();
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let (shared, sender) = (Arc::clone(&shared), sender.clone());
            scope.spawn(move || {
                for round in 0..500 {
                    let block: Box<[u64]> = (0..round % 97 + 1).map(|index| index ^ thread).collect();
                    if round % 3 == 0 {
                        shared.lock().unwrap().push_back((thread, block));
                    } else {
                        sender.send(block).unwrap();
                    }
                    // One thread's block is another's to free.
                    let other = if round % 2 == 0 { shared.lock().unwrap().pop_front() } else { None };
                    if let Some((owner, block)) = other {
                        assert!(block.iter().enumerate().all(|(index, &word)| word == index as u64 ^ owner));
                    }
                }
            });
        }
        drop(sender);
        assert_eq!(receiver.into_iter().count(), 4 * 333);
    });
}

#[test]
fn what_does_not_fit_is_an_error_and_zeroes_are_zero() {
    let mut large: Vec<u8> = Vec::new();
    assert!(large.try_reserve_exact(BYTES).is_err());
    large.try_reserve_exact(1 << 20).unwrap();
    large.resize(1 << 20, 0xff);
    drop(large);
    for size in [1usize, 1000, 1 << 20] {
        assert!(vec![0u8; size].iter().all(|&byte| byte == 0));
    }
}
