//! The summary against a model that keeps everything in maps and recounts after each operation.

use std::collections::{BTreeMap, BTreeSet};

use memcore::trace::{AllocTrace, AllocTraceBuilder, Event, EventKind, Log2Histogram, SeriesPoint};
use proptest::prelude::*;

/// Any operations: which, on how old a block, what size, which thread.
fn operations() -> impl Strategy<Value = Vec<(u8, u32, u64, u64)>> {
    prop::collection::vec((0..7u8, 0..20u32, 0..5000u64, 0..4u64), 0..300)
}

fn build(operations: &[(u8, u32, u64, u64)]) -> AllocTrace {
    let mut builder = AllocTraceBuilder::new();
    for &(which, back, size, thread) in operations {
        builder.set_thread(thread).unwrap();
        let old = builder.next_id().checked_sub(1 + back);
        match (which, old) {
            (0, _) => drop(builder.malloc(size).unwrap()),
            (1, _) => drop(builder.calloc(size).unwrap()),
            (2, _) => drop(builder.aligned(size, 1 << (back % 64)).unwrap()),
            (3, Some(id)) => builder.realloc(id, size).unwrap(),
            (4 | 5, Some(id)) => builder.free(id).unwrap(),
            (3, None) => drop(builder.orphan_realloc(size).unwrap()),
            _ => drop(builder.orphan_free().unwrap()),
        }
    }
    builder.finish()
}

proptest! {
    #[test]
    fn every_figure_is_the_models(operations in operations(), points in 0..40usize) {
        let trace = build(&operations);
        let summary = trace.summary_with_points(points);
        let mut live: BTreeMap<u32, (u64, usize, u32)> = BTreeMap::new();
        let mut allocated = BTreeSet::new();
        let mut threads = BTreeSet::new();
        let (mut peak, mut peak_blocks, mut cross, mut absent, mut orphan) = (0, 0, 0, 0, 0);
        let mut over_time = vec![];
        let (mut sizes, mut lifetimes) = (vec![], vec![]);
        for (index, event) in trace.events().iter().enumerate() {
            threads.insert(event.thread());
            match event.kind() {
                EventKind::Realloc | EventKind::Free if !live.contains_key(&event.id()) => {
                    absent += 1;
                    orphan += u64::from(!allocated.contains(&event.id()));
                }
                EventKind::Realloc => live.get_mut(&event.id()).unwrap().0 = event.size(),
                EventKind::Free => {
                    let (_, born, thread) = live.remove(&event.id()).unwrap();
                    cross += u64::from(thread != event.thread());
                    lifetimes.push((index - born) as u64);
                }
                _ => {
                    prop_assert!(allocated.insert(event.id()), "an id is allocated once");
                    live.insert(event.id(), (event.size(), index, event.thread()));
                    sizes.push(event.size());
                }
            }
            let bytes = live.values().map(|block| block.0).sum::<u64>();
            peak = peak.max(bytes);
            peak_blocks = peak_blocks.max(live.len() as u64);
            over_time.push((bytes, live.len() as u64));
        }
        prop_assert_eq!(summary.operations.total(), trace.events().len() as u64);
        prop_assert_eq!(summary.blocks as usize, allocated.len());
        prop_assert_eq!((summary.peak_live_bytes, summary.peak_live_blocks), (peak, peak_blocks));
        let end = over_time.last().copied().unwrap_or((0, 0));
        prop_assert_eq!((summary.end_live_bytes, summary.end_live_blocks), end);
        prop_assert_eq!(summary.threads as usize, threads.len());
        prop_assert_eq!(summary.cross_thread_frees, cross);
        prop_assert_eq!((summary.absent_operations, summary.orphan_operations), (absent, orphan));
        if peak > 0 {
            prop_assert_eq!(over_time[summary.peak_at as usize - 1].0, peak);
        }
        for (histogram, values) in [(&summary.sizes, &sizes), (&summary.lifetimes, &lifetimes)] {
            for (bucket, &count) in histogram.counts().iter().enumerate() {
                let low = Log2Histogram::lower_bound(bucket).unwrap();
                let high = Log2Histogram::lower_bound(bucket + 1).unwrap_or(u64::MAX);
                let expected = values.iter().filter(|&&value| low <= value && value < high).count() as u64;
                prop_assert_eq!(count, expected);
            }
        }
        prop_assert!(summary.series.len() <= points);
        let mut from = 0;
        for point in &summary.series {
            let at = point.operations as usize;
            let now = (point.live_bytes, point.live_blocks);
            prop_assert_eq!(now, over_time[at - 1]);
            let highest = over_time[from..at].iter().map(|moment| moment.0).max().unwrap();
            prop_assert_eq!(point.highest_live_bytes, highest);
            from = at;
        }
        if points > 0 {
            prop_assert_eq!(from, over_time.len(), "the series ends with the last operation");
            let highest = summary.series.iter().map(|point| point.highest_live_bytes).max().unwrap_or(0);
            prop_assert_eq!(highest, peak, "no peak falls between two points");
        }
    }
}

#[test]
fn a_trace_by_hand() {
    let on = |event: Event| event.on_thread(2).unwrap();
    let trace = AllocTrace::from_events(vec![
        Event::malloc(0, 100),
        Event::malloc(1, 50),
        Event::realloc(0, 30),
        on(Event::free(1)),
        Event::free(0),
        Event::free(0),
    ])
    .unwrap();
    let summary = trace.summary_with_points(2);
    assert_eq!((summary.peak_live_bytes, summary.peak_at, summary.peak_live_blocks), (150, 2, 2));
    assert_eq!((summary.end_live_bytes, summary.end_live_blocks), (0, 0));
    assert_eq!((summary.threads, summary.cross_thread_frees), (2, 1));
    assert_eq!((summary.absent_operations, summary.orphan_operations), (1, 0));
    assert_eq!(summary.requested_bytes, 150);
    assert_eq!(summary.sizes.buckets().collect::<Vec<_>>(), [(32, 1), (64, 1)]);
    // Block 1 lived 2 operations, block 0 lived 4.
    assert_eq!(summary.lifetimes.buckets().collect::<Vec<_>>(), [(2, 1), (4, 1)]);
    let point = |operations, live_bytes, live_blocks, highest_live_bytes| SeriesPoint {
        operations,
        live_bytes,
        live_blocks,
        highest_live_bytes,
    };
    assert_eq!(summary.series, [point(3, 80, 2, 150), point(6, 0, 0, 30)]);
}

#[test]
fn sums_beyond_64_bits_stay_at_the_top() {
    let trace =
        AllocTrace::from_events(vec![Event::malloc(0, u64::MAX), Event::malloc(1, u64::MAX), Event::free(0)])
            .unwrap();
    let summary = trace.summary();
    assert_eq!((summary.peak_live_bytes, summary.end_live_bytes), (u64::MAX, u64::MAX));
    assert_eq!(summary.sizes.counts()[64], 2);
}
