//! The four fits against a model that knows no tables: a list of live ranges, whose gaps are searched one by one.

use std::collections::BTreeMap;

use memcore::replay::{ReplayOptions, ReplayPoint, ReplayResult, replay_strategy};
use memcore::trace::generate::{Shape, Workload};
use memcore::trace::{AllocTrace, Event, EventKind};
use proptest::prelude::*;

use super::{strategy, trace};

#[derive(Clone, Copy)]
struct Live {
    start: u64,
    size: u64,
    asked: u64,
    alignment: u64,
}

struct Model<'a> {
    kind: &'a str,
    options: ReplayOptions,
    live: BTreeMap<u32, Live>,
    rover: u64,
    /// peak_live, peak_used, footprint, failures, skipped.
    figures: [u64; 5],
    points: Vec<ReplayPoint>,
}

impl Model<'_> {
    fn capacity(&self) -> u64 {
        let capacity = self.options.capacity.unwrap_or(1 << 48);
        capacity - capacity % self.options.granularity
    }

    fn ranges(&self, extra: Option<Live>) -> Vec<(u64, u64)> {
        let all = self.live.values().copied().chain(extra);
        let mut ranges: Vec<_> = all.map(|live| (live.start, live.size)).collect();
        ranges.sort();
        ranges
    }

    /// Holes as (start, end), in address order.
    fn holes(&self) -> Vec<(u64, u64)> {
        let (mut holes, mut end) = (Vec::new(), 0);
        for (start, size) in self.ranges(None) {
            if start > end {
                holes.push((end, start));
            }
            end = start + size;
        }
        if end < self.capacity() {
            holes.push((end, self.capacity()));
        }
        holes
    }

    fn size_of(&self, asked: u64) -> u64 {
        (asked.max(1) + self.options.header).next_multiple_of(self.options.granularity)
    }

    fn find(&self, size: u64, alignment: u64) -> Option<u64> {
        let header = self.options.header;
        let granularity = self.options.granularity;
        let start_in = |&(from, to): &(u64, u64)| {
            let mut start = from;
            while (start + header) % alignment != 0 {
                start += granularity;
            }
            (start + size <= to).then_some(start)
        };
        let holes = self.holes();
        let length = |hole: &&(u64, u64)| hole.1 - hole.0;
        match self.kind {
            "first-fit" => holes.iter().find_map(start_in),
            "next-fit" => {
                let (before, after): (Vec<_>, Vec<_>) = holes.iter().partition(|hole| hole.1 <= self.rover);
                after.into_iter().chain(before).find_map(start_in)
            }
            "best-fit" => {
                holes.iter().filter(|hole| start_in(hole).is_some()).min_by_key(length).and_then(start_in)
            }
            "worst-fit" => holes.iter().rev().max_by_key(length).and_then(start_in),
            other => panic!("no model of {other}"),
        }
    }

    fn place(&mut self, asked: u64, alignment: u64) -> Option<Live> {
        let size = self.size_of(asked);
        let start = self.find(size, alignment)?;
        self.rover = start + size;
        let placed = Live { start, size, asked, alignment };
        let used: u64 = self.ranges(Some(placed)).iter().map(|range| range.1).sum();
        self.figures[1] = self.figures[1].max(used);
        self.figures[2] = self.figures[2].max(start + size);
        Some(placed)
    }

    fn resize(&mut self, id: u32, asked: u64) {
        let old = self.live[&id];
        let size = self.size_of(asked);
        let limit = self.ranges(None).iter().map(|range| range.0).find(|&start| start > old.start);
        if old.start + size <= limit.unwrap_or(self.capacity()) {
            let resized = Live { size, asked, ..old };
            self.live.insert(id, resized);
            self.figures[1] = self.figures[1].max(self.ranges(None).iter().map(|range| range.1).sum());
            self.figures[2] = self.figures[2].max(old.start + size);
        } else if let Some(moved) = self.place(asked, old.alignment) {
            self.live.insert(id, moved);
        } else {
            self.figures[3] += 1;
        }
    }

    fn step(&mut self, event: &Event) {
        let id = event.id();
        match event.kind() {
            EventKind::Malloc | EventKind::Calloc | EventKind::Aligned => {
                let alignment = event.alignment().unwrap_or(1).max(self.options.align);
                match self.place(event.size(), alignment) {
                    Some(placed) => drop(self.live.insert(id, placed)),
                    None => self.figures[3] += 1,
                }
            }
            EventKind::Realloc if self.live.contains_key(&id) => self.resize(id, event.size()),
            EventKind::Realloc => self.figures[4] += 1,
            EventKind::Free => self.figures[4] += u64::from(self.live.remove(&id).is_none()),
        }
        self.mark();
    }

    fn mark(&mut self) {
        let live: u64 = self.live.values().map(|live| live.asked).sum();
        let used: u64 = self.live.values().map(|live| live.size).sum();
        self.figures[0] = self.figures[0].max(live);
        let top = self.live.values().map(|live| live.start + live.size).max().unwrap_or(0);
        let gaps: Vec<u64> =
            self.holes().iter().filter(|hole| hole.1 <= top).map(|hole| hole.1 - hole.0).collect();
        let (free, largest) = (gaps.iter().sum::<u64>(), gaps.iter().max().copied().unwrap_or(0));
        let lost = |part: u64, whole: u64| if whole == 0 { 0.0 } else { 1.0 - part as f64 / whole as f64 };
        self.points.push(ReplayPoint {
            operations: self.points.len() as u64 + 1,
            live,
            used,
            footprint: self.figures[2],
            external_fragmentation: lost(largest, free),
            internal_fragmentation: lost(live, used),
            failures: self.figures[3],
        });
    }
}

/// Compares a replay with the model after each operation.
fn compare(trace: &AllocTrace, kind: &str, options: ReplayOptions) -> ReplayResult {
    let mut model =
        Model { kind, options, live: BTreeMap::new(), rover: 0, figures: [0; 5], points: Vec::new() };
    trace.events().iter().for_each(|event| model.step(event));
    let result = replay_strategy(trace, &strategy(kind), &options, &mut ()).unwrap();
    assert_eq!(result.series.len(), model.points.len());
    for (found, expected) in result.series.iter().zip(&model.points) {
        assert_eq!(found, expected, "{kind} {options:?}");
    }
    let ReplayResult { peak_live, peak_used, footprint, failures, skipped, .. } = result;
    assert_eq!([peak_live, peak_used, footprint, failures, skipped], model.figures, "{kind} {options:?}");
    let count = model.points.len() as f64;
    let external: Vec<f64> = model.points.iter().map(|point| point.external_fragmentation).collect();
    assert_eq!(result.external_fragmentation.mean, external.iter().sum::<f64>() / count);
    assert_eq!(result.external_fragmentation.max, external.iter().copied().fold(0.0, f64::max));
    let last = model.points.last().unwrap();
    assert_eq!(result.external_fragmentation.last, last.external_fragmentation);
    assert_eq!(result.internal_fragmentation.last, last.internal_fragmentation);
    assert_eq!(result.utilisation, if footprint == 0 { 1.0 } else { peak_live as f64 / footprint as f64 });
    result
}

const FITS: [&str; 4] = ["first-fit", "next-fit", "best-fit", "worst-fit"];

/// Operations with absent ids, sizes of 0, wide alignments; each (kind, which, size, log2 of the alignment).
fn build(steps: &[(u8, u16, u64, u32)]) -> AllocTrace {
    let (mut events, mut ids) = (Vec::new(), 0u32);
    for &(kind, which, size, log2) in steps {
        let old = if ids == 0 { 0 } else { u32::from(which) % ids };
        let event = match kind {
            0..=3 => Event::malloc(ids, size),
            4 => Event::calloc(ids, size),
            5 | 6 => Event::aligned(ids, size, 1 << log2).unwrap(),
            7 | 8 => Event::realloc(old, size.max(1)),
            _ => Event::free(old),
        };
        ids = ids.max(event.id() + 1);
        events.push(event);
    }
    trace(&events)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_fit_agrees_with_the_model_on_every_operation(
        steps in prop::collection::vec((0u8..14, any::<u16>(), 0u64..700, 0u32..9), 1..250),
        space in prop::option::of(16u64..6000),
        log2_granularity in 0u32..6,
        log2_align in 0u32..7,
        headers in 0u64..3,
    ) {
        let trace = build(&steps);
        let granularity = 1 << log2_granularity;
        let options = ReplayOptions {
            capacity: space.map(|space| space.max(granularity)),
            align: 1 << log2_align,
            granularity,
            header: headers * granularity,
            series_points: 1000,
            ..ReplayOptions::default()
        };
        for kind in FITS {
            compare(&trace, kind, options);
        }
    }
}

#[test]
fn long_workloads_agree_with_the_model() {
    for shape in Shape::ALL {
        let workload = Workload {
            live: 60,
            operations: 3_000,
            realloc_percent: 20,
            aligned_percent: 10,
            ..Workload::new(shape)
        };
        let trace = workload.generate(&mut ()).unwrap();
        let endless = ReplayOptions { series_points: 3_000, ..ReplayOptions::default() };
        for kind in FITS {
            let free = compare(&trace, kind, endless);
            assert_eq!(free.peak_live, trace.summary().peak_live_bytes);
            let tight = ReplayOptions { capacity: Some(free.peak_used + 100), ..endless };
            compare(&trace, kind, tight);
        }
    }
}
