//! The same workloads in a program whose every allocation lies in one static array, behind one lock.

use memcore::heap::StaticHeap;
use memcore_programs::{documents, regexes, tables, threads};

#[global_allocator]
static HEAP: StaticHeap<{ 256 << 20 }> = StaticHeap::new();

/// The heap is the one that serves, and its figures balance.
fn sound() {
    let stats = HEAP.stats().unwrap();
    assert!(stats.allocations > 100);
    assert_eq!(stats.allocations - stats.frees, stats.blocks);
    assert_eq!(stats.used + stats.free + stats.dead, stats.capacity);
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
