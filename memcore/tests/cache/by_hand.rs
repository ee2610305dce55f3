//! Small hierarchies, worked out by hand.

use Operation::{Fetch, Read, Write};
use memcore::cache::{Hierarchy, LevelStats, MemoryStats, Operation};

fn hierarchy(text: &str) -> Hierarchy {
    Hierarchy::new(text.parse().unwrap()).unwrap()
}

/// Accesses to the first byte of each line of 64.
fn drive(memory: &mut Hierarchy, lines: &[(u64, Operation)]) -> Vec<u64> {
    lines.iter().map(|&(line, operation)| memory.access(line * 64, 1, operation).unwrap()).collect()
}

/// Accesses and misses of loads, stores, fetches, prefetches.
fn counts(stats: LevelStats) -> [(u64, u64); 4] {
    [stats.read, stats.write, stats.fetch, stats.prefetch].map(|counts| (counts.accesses, counts.misses))
}

#[test]
fn write_back_with_allocation() {
    let mut memory = hierarchy("l1:sets=1,ways=1,latency=1 ram:latency=10");
    assert_eq!(drive(&mut memory, &[(0, Write), (0, Write), (1, Read), (0, Read)]), [10, 1, 10, 10]);
    let stats = memory.stats(0);
    assert_eq!(counts(stats), [(2, 2), (2, 1), (0, 0), (0, 0)]);
    assert_eq!((stats.evictions, stats.write_backs, stats.writes_passed), (2, 1, 0));
    assert_eq!(
        memory.memory_stats(),
        MemoryStats { reads: 3, writes: 1, ram_cycles: 27, ..MemoryStats::default() }
    );
}

#[test]
fn write_through_without_allocation() {
    let mut memory = hierarchy("l1:sets=1,ways=1,write=through,latency=1 ram:latency=10");
    // The store that misses leaves nothing and is not waited for beyond the first level.
    assert_eq!(drive(&mut memory, &[(0, Write), (0, Read), (0, Write), (1, Read)]), [1, 10, 1, 10]);
    let stats = memory.stats(0);
    assert_eq!(counts(stats), [(2, 2), (2, 1), (0, 0), (0, 0)]);
    assert_eq!((stats.evictions, stats.write_backs, stats.writes_passed), (1, 0, 2));
    assert_eq!((memory.memory_stats().reads, memory.memory_stats().writes), (2, 2));
}

#[test]
fn an_inclusive_level_takes_its_lines_along() {
    // l2 has two sets of one way: lines 0 and 2 meet in it, though l1 has room for both.
    let mut memory = hierarchy("l1:sets=1,ways=4 l2:sets=2,ways=1,inclusion=inclusive");
    drive(&mut memory, &[(0, Write), (2, Read)]);
    assert!(!memory.contains(0, 0) && memory.contains(0, 128));
    assert_eq!(
        (memory.stats(0).invalidations, memory.stats(0).write_backs, memory.stats(0).evictions),
        (1, 1, 0)
    );
    assert_eq!(
        (memory.stats(1).evictions, memory.stats(1).write_backs, memory.memory_stats().writes),
        (1, 1, 1)
    );
    // Without inclusion l1 keeps it, and writes it past l2's line 2 when flushed.
    let mut free = hierarchy("l1:sets=1,ways=4 l2:sets=2,ways=1");
    drive(&mut free, &[(0, Write), (2, Read)]);
    assert!(free.contains(0, 0) && !free.contains(1, 0));
    assert_eq!((free.memory_stats().writes, free.flush(), free.memory_stats().writes), (0, Ok(1), 1));
}

#[test]
fn an_exclusive_level_swaps_lines_with_the_one_in_front() {
    let mut memory =
        hierarchy("l1:sets=1,ways=1,latency=1 l2:sets=1,ways=2,inclusion=exclusive,latency=5 ram:latency=9");
    // 0 comes in dirty, moves to l2 for 1, comes back for 0 still dirty, and 1 takes its place.
    assert_eq!(drive(&mut memory, &[(0, Write), (1, Read), (0, Read)]), [9, 9, 5]);
    let holds = |memory: &Hierarchy, line: u64| [0, 1].map(|level| memory.contains(level, line * 64));
    assert_eq!((holds(&memory, 0), holds(&memory, 1)), ([true, false], [false, true]));
    assert_eq!(memory.cache(0).unwrap().state(0).map(|state| state.dirty), Some(true));
    // Three lines fit in all: nothing is read again.
    drive(&mut memory, &[(2, Read), (1, Read), (0, Read), (2, Read)]);
    assert_eq!((memory.memory_stats().reads, memory.memory_stats().writes), (3, 0));
    assert_eq!((memory.stats(1).evictions, memory.stats(0).write_backs), (0, 3), "0 left l1 three times");
}

#[test]
fn a_longer_line_is_one_fetch_for_its_parts() {
    let mut memory = hierarchy("l1:sets=4,ways=1 l2:sets=1,ways=1,line=256,inclusion=inclusive");
    drive(&mut memory, &[(0, Read), (1, Write), (3, Read)]);
    assert_eq!((memory.stats(1).demand().accesses, memory.memory_stats().reads), (3, 1));
    // Line 4 is of the next 256 bytes: the three parts leave l1, one write goes to memory.
    drive(&mut memory, &[(4, Read)]);
    assert_eq!((memory.stats(0).invalidations, memory.stats(0).write_backs), (3, 1));
    assert_eq!((memory.stats(1).write_backs, memory.memory_stats().writes), (1, 1));
}

#[test]
fn split_levels_share_the_unified_one() {
    let mut memory = hierarchy(
        "l1i:sets=1,ways=1,latency=1 l1d:sets=1,ways=1,latency=2 l2:sets=4,ways=2,latency=7 ram:latency=30",
    );
    assert_eq!(drive(&mut memory, &[(0, Fetch), (0, Read), (0, Fetch), (1, Write)]), [30, 7, 1, 30]);
    assert_eq!(counts(memory.stats(0)), [(0, 0), (0, 0), (2, 1), (0, 0)]);
    assert_eq!(counts(memory.stats(1)), [(1, 1), (1, 1), (0, 0), (0, 0)]);
    assert_eq!(counts(memory.stats(2)), [(1, 0), (1, 1), (1, 1), (0, 0)]);
    let cycles = [0, 1, 2].map(|level| memory.stats(level).cycles);
    assert_eq!((cycles, memory.memory_stats().ram_cycles), ([2, 4, 6 + 5 + 5], 23 + 23));
}

#[test]
fn an_access_that_spans_lines_touches_each() {
    let mut memory = hierarchy("l1:sets=4,ways=2,latency=1 ram:latency=10");
    assert_eq!(memory.access(60, 8, Read), Ok(20));
    assert_eq!(memory.access(63, 1, Read), Ok(1));
    assert_eq!(memory.access(0, 0, Read), Ok(1), "a size of 0 is one byte");
    assert_eq!(memory.access(u64::MAX - 1, 100, Write), Ok(10), "nothing lies beyond the last address");
    assert_eq!((memory.accesses(), memory.stats(0).read.accesses), (5, 4));
}

#[test]
fn next_line_prefetch_keeps_a_stream_going_when_tagged() {
    let read = |lines: std::ops::Range<u64>| lines.map(|line| (line, Read)).collect::<Vec<_>>();
    for (on, misses, prefetches, useful) in [("tagged", 1, 8, 7), ("miss", 4, 4, 4), ("always", 1, 8, 7)] {
        let mut memory = hierarchy(&format!("l1:sets=1,ways=16,prefetch=next-line:on={on}"));
        drive(&mut memory, &read(0..8));
        let stats = memory.stats(0);
        assert_eq!(
            (stats.read.misses, stats.prefetches, stats.prefetches_useful),
            (misses, prefetches, useful),
            "{on}"
        );
        assert_eq!((memory.memory_stats().reads, memory.memory_stats().prefetch_reads), (misses, prefetches));
    }
}

#[test]
fn stride_prefetch_is_sure_after_two_equal_distances() {
    let mut memory = hierarchy("l1:sets=1,ways=32,prefetch=stride:degree=2");
    drive(&mut memory, &[(0, Read), (3, Read), (6, Read)]);
    assert!([9, 12].iter().all(|line| memory.contains(0, line * 64)) && !memory.contains(0, 15 * 64));
    drive(&mut memory, &[(9, Read), (12, Read)]);
    let stats = memory.stats(0);
    assert_eq!((stats.read.misses, stats.prefetches, stats.prefetches_useful), (3, 4, 2));
    // Downwards, to the lowest line and not below; another region (lines 64 on) is another stream.
    let mut memory = hierarchy("l1:sets=1,ways=32,prefetch=stride:degree=4");
    drive(&mut memory, &[(6, Read), (70, Read), (4, Read), (90, Read), (2, Read)]);
    assert_eq!((memory.stats(0).prefetches, memory.contains(0, 0)), (1, true));
}

#[test]
fn a_finite_ram_takes_the_lines_of_its_pages_along() {
    let mut memory = hierarchy("l1:sets=1,ways=8,latency=1 ram:latency=10,size=8K disk:latency=100");
    let pages = [(0, Write), (64, Read), (0, Read), (128, Read), (0, Read), (64, Read)];
    // Page 1 leaves for page 2, although its line is still in l1; page 0, in use, stays until then.
    assert_eq!(drive(&mut memory, &pages), [100, 100, 1, 100, 100, 100]);
    let stats = memory.memory_stats();
    assert_eq!((stats.page_faults, stats.page_evictions, stats.page_writes), (5, 3, 1));
    assert_eq!((memory.stats(0).invalidations, memory.stats(0).write_backs, stats.writes), (3, 1, 0));
    assert_eq!(memory.validate(), Ok(()));
}

#[test]
fn a_prefetch_does_not_wake_the_disk() {
    let mut memory = hierarchy("l1:sets=1,ways=8,prefetch=next-line ram:size=8K,page=64 disk:latency=100");
    drive(&mut memory, &[(0, Read), (1, Read)]);
    assert_eq!((memory.stats(0).prefetches, memory.memory_stats().page_faults), (0, 2));
}

#[test]
fn what_is_invalidated_is_lost_and_what_is_flushed_is_not() {
    let mut memory = hierarchy("l1:sets=1,ways=4 l2:sets=1,ways=8");
    drive(&mut memory, &[(0, Write), (1, Write), (2, Read)]);
    assert_eq!(memory.invalidate(64, 65), 4, "lines 1 and 2, in both levels");
    assert_eq!((memory.find(0), memory.find(64), memory.memory_stats().writes), (Some(0), None, 0));
    assert_eq!(memory.invalidate(0, 0), 0);
    assert_eq!(memory.flush(), Ok(1));
    assert_eq!((memory.stats(0).write_backs, memory.stats(1).write_backs), (1, 1));
    assert_eq!(memory.find(0), None);
    assert_eq!(memory.invalidate(0, u64::MAX), 0);
    memory.reset_stats();
    assert_eq!((memory.stats(0), memory.accesses()), (LevelStats::default(), 0));
}

#[test]
fn without_caches_the_ram_answers() {
    let mut memory = hierarchy("ram:latency=7,size=4K,page=4K disk:latency=50");
    assert_eq!(memory.access(4000, 200, Read), Ok(100), "two pages");
    assert_eq!(memory.access(4096, 1, Write), Ok(7));
    assert_eq!(memory.access(0, 1, Fetch), Ok(50));
    assert_eq!(memory.memory_stats().page_writes, 1);
}
