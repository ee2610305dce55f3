//! Workloads of real crates in a program whose every allocation is `GlobalHeap`'s.

use memcore::heap::{GlobalHeap, RawHeap};
use memcore_programs::{documents, regexes, tables, threads};

#[global_allocator]
static HEAP: GlobalHeap = GlobalHeap::new();

/// No address was refused, and the heap is sound.
fn sound() {
    assert_eq!(HEAP.refused(), 0);
    let heap = HEAP.heap().unwrap();
    RawHeap::validate(heap).unwrap();
    assert!(heap.stats().allocations > 100);
}

#[test]
fn regex() {
    regexes(2000, 1);
    sound();
}

#[test]
fn hashbrown() {
    tables(200_000, 2);
    sound();
}

#[test]
fn serde_json() {
    documents(1500, 3);
    sound();
}

#[test]
fn all_at_once() {
    threads(10);
    sound();
}
