//! Simulations and sweeps of traces.

use super::model::{random, skewed};
use memcore::progress::Progress;
use memcore::replacement::{PolicyError, PolicySpec};
use memcore::replay::paging::{
    CurveOptions, PagingError, PagingOptions, PagingResult, miss_ratio_curve, simulate, sweep, sweep_stream,
};
use memcore::trace::{AccessKind, PageOptions, PageReader, PageTrace};
use std::collections::HashSet;
use std::fmt::Write;
use std::ops::ControlFlow;

fn all_policies() -> Vec<PolicySpec> {
    PolicySpec::names().iter().map(|name| name.parse().unwrap()).collect()
}

fn trace(length: usize, pages: u32, with_writes: bool) -> PageTrace {
    let keys: Vec<u64> =
        skewed(11, length, pages).into_iter().map(|page| 1000 + 7 * u64::from(page)).collect();
    let mut next = random(2);
    let kind = |_| if next() % 3 == 0 { AccessKind::Write } else { AccessKind::Read };
    let kinds: Vec<AccessKind> = (0..length).map(kind).collect();
    PageTrace::from_keys(&keys, with_writes.then_some(&kinds)).unwrap()
}

fn without_bytes(row: &PagingResult) -> PagingResult {
    PagingResult { metadata_bytes: 0, ..row.clone() }
}

#[test]
fn a_sweep_is_its_simulations() {
    // As many as it takes for LRU to be had by its curve.
    let frames = [1, 2, 3, 5, 10, 20, 50, 100, 200, 400, 700, 1000];
    for with_writes in [false, true] {
        let trace = trace(20_000, 700, with_writes);
        let specs = all_policies();
        for threads in [1, 2, 5] {
            let options = PagingOptions { threads, ..PagingOptions::default() };
            let rows = sweep(&trace, &specs, &frames, &options, &mut ()).unwrap();
            let mut rows = rows.iter();
            for spec in &specs {
                let sizes = if spec.facts().varies_allocation { &frames[..1] } else { &frames[..] };
                for &frames in sizes {
                    let alone = simulate(&trace, spec, frames, &options, &mut ()).unwrap();
                    let swept = rows.next().unwrap();
                    assert_eq!(without_bytes(swept), without_bytes(&alone));
                    assert_eq!((swept.accesses, swept.hits + swept.misses), (20_000, 20_000));
                }
            }
            assert!(rows.next().is_none());
        }
    }
}

/// Whether write-backs are counted or not, the misses are the same: by the policy or by its kernel.
#[test]
fn counting_write_backs_changes_no_miss() {
    let trace = trace(30_000, 900, true);
    for spec in all_policies() {
        for frames in [1, 7, 90, 450] {
            let counting = PagingOptions::default();
            let not_counting = PagingOptions { writebacks: false, ..counting.clone() };
            let with = simulate(&trace, &spec, frames, &counting, &mut ()).unwrap();
            let without = simulate(&trace, &spec, frames, &not_counting, &mut ()).unwrap();
            assert_eq!(without.writebacks, None);
            // NRU and WSClock ask which pages are dirty, and so decide otherwise.
            if !["nru", "wsclock"].contains(&spec.name()) {
                assert_eq!((with.misses, with.evictions), (without.misses, without.evictions), "{spec}");
            }
        }
    }
}

#[test]
fn write_backs_of_fifo_are_those_of_the_definition() {
    let trace = trace(10_000, 300, true);
    let (mut queue, mut dirty) = (Vec::new(), HashSet::new());
    let mut writebacks = 0;
    for (&page, &kind) in trace.references().iter().zip(trace.kinds().unwrap()) {
        if !queue.contains(&page) {
            if queue.len() == 40 {
                let victim = queue.remove(0);
                writebacks += u64::from(dirty.remove(&victim));
            }
            queue.push(page);
        }
        if kind == AccessKind::Write {
            dirty.insert(page);
        }
    }
    let row = simulate(&trace, &"fifo".parse().unwrap(), 40, &PagingOptions::default(), &mut ()).unwrap();
    assert_eq!((row.writebacks, row.dirty_at_end), (Some(writebacks), Some(dirty.len() as u64)));
}

#[test]
fn curves_by_sweep_hold_the_simulated_misses() {
    let trace = trace(20_000, 700, false);
    let curve =
        miss_ratio_curve(&trace, &"fifo".parse().unwrap(), &CurveOptions::default(), &mut ()).unwrap();
    assert_eq!(curve.frames()[..8], [1, 2, 3, 4, 6, 8, 12, 16]);
    assert_eq!(curve.frames().last(), Some(&trace.pages()));
    for (&frames, &misses) in curve.frames().iter().zip(curve.misses()) {
        let row =
            simulate(&trace, &"fifo".parse().unwrap(), frames, &PagingOptions::default(), &mut ()).unwrap();
        assert_eq!(row.misses, misses, "{frames} frames");
    }
    let options = CurveOptions { frames: Some(vec![5, 10, 400]), ..CurveOptions::default() };
    for name in ["lru", "opt", "fifo"] {
        let curve = miss_ratio_curve(&trace, &name.parse().unwrap(), &options, &mut ()).unwrap();
        assert_eq!(curve.frames(), [5, 10, 400]);
        let row = simulate(&trace, &name.parse().unwrap(), 400, &PagingOptions::default(), &mut ()).unwrap();
        assert_eq!(curve.misses()[2], row.misses, "{name}");
    }
}

#[test]
fn bad_numbers_of_frames_are_named() {
    let trace = trace(100, 10, false);
    for frames in [0, u32::MAX] {
        let refused = simulate(&trace, &"lru".parse().unwrap(), frames, &PagingOptions::default(), &mut ());
        let expected = PolicyError::Frames { frames: frames.into() };
        assert!(matches!(refused, Err(PagingError::Policy(error)) if error == expected));
        let refused =
            sweep(&trace, &["lru".parse().unwrap()], &[3, frames], &PagingOptions::default(), &mut ());
        assert!(matches!(refused, Err(PagingError::Policy(error)) if error == expected));
    }
}

#[test]
fn nothing_to_run_gives_nothing() {
    let empty = PageTrace::from_keys(&[], None).unwrap();
    for spec in all_policies() {
        let row = simulate(&empty, &spec, 4, &PagingOptions::default(), &mut ()).unwrap();
        assert_eq!((row.accesses, row.misses, row.evictions, row.miss_ratio()), (0, 0, 0, 0.0), "{spec}");
    }
    let options = PagingOptions::default();
    assert!(sweep(&empty, &[], &[1, 2], &options, &mut ()).unwrap().is_empty());
    assert!(sweep(&empty, &all_policies()[..1], &[], &options, &mut ()).unwrap().is_empty());
}

#[test]
fn whoever_asks_to_stop_is_heard() {
    let trace = trace(400_000, 50_000, false);
    let mut stop_late = |done: u64, _: Option<u64>| {
        if done > 100_000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    for name in ["lru", "opt", "fifo"] {
        let spec: PolicySpec = name.parse().unwrap();
        let alone = simulate(&trace, &spec, 900, &PagingOptions::default(), &mut stop_late);
        assert!(matches!(alone, Err(PagingError::Cancelled)), "{name}");
        let curve = miss_ratio_curve(&trace, &spec, &CurveOptions::default(), &mut stop_late);
        assert!(matches!(curve, Err(PagingError::Cancelled)), "{name}");
    }
    struct Never;
    impl Progress for Never {
        fn report(&mut self, _: u64, _: Option<u64>) -> ControlFlow<()> {
            ControlFlow::Break(())
        }
    }
    let swept = sweep(&trace, &all_policies(), &[100, 1000, 10_000], &PagingOptions::default(), &mut Never);
    assert!(matches!(swept, Err(PagingError::Cancelled)));
}

#[test]
fn progress_reaches_its_total() {
    let trace = trace(200_000, 1000, false);
    let mut last = (0, None);
    let mut watch = |done: u64, total: Option<u64>| {
        assert!(done >= last.0);
        last = (done, total);
        ControlFlow::Continue(())
    };
    simulate(&trace, &"lru".parse().unwrap(), 10, &PagingOptions::default(), &mut watch).unwrap();
    assert_eq!(last, (200_000, Some(200_000)));
}

/// In several blocks, pages numbered as they come, on one thread and more.
#[test]
fn a_stream_gives_what_the_whole_trace_gives() {
    let trace = trace(2_300_000, 3000, true);
    let mut text = String::new();
    for (&page, &kind) in trace.references().iter().zip(trace.kinds().unwrap()) {
        let letter = if kind == AccessKind::Write { 'W' } else { 'R' };
        writeln!(text, "{letter} {:x}", trace.keys()[page as usize]).unwrap();
    }
    let names = ["fifo", "lru", "clock", "arc", "working-set:tau=500"];
    let specs: Vec<PolicySpec> = names.iter().map(|name| name.parse().unwrap()).collect();
    for (threads, writebacks) in [(1, true), (3, true), (2, false)] {
        let options = PagingOptions { threads, writebacks };
        let page_options = PageOptions::default();
        let mut nobody = ();
        let mut reader = PageReader::from_read(text.as_bytes(), "text", &page_options, &mut nobody).unwrap();
        let streamed = sweep_stream(&mut reader, &specs, &[10, 300], &options).unwrap();
        let whole = sweep(&trace, &specs, &[10, 300], &options, &mut ()).unwrap();
        let plain = |rows: &[PagingResult]| rows.iter().map(without_bytes).collect::<Vec<_>>();
        assert_eq!(plain(&streamed), plain(&whole));
    }
    let page_options = PageOptions::default();
    let mut nobody = ();
    let mut reader = PageReader::from_read(text.as_bytes(), "text", &page_options, &mut nobody).unwrap();
    let refused = sweep_stream(&mut reader, &["opt".parse().unwrap()], &[10], &PagingOptions::default());
    assert!(matches!(refused, Err(PagingError::Policy(PolicyError::NeedsFuture { policy: "opt", .. }))));
}
