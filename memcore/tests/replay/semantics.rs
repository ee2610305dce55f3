//! The rules of a replay, one by one, with figures that can be checked by hand.

use memcore::replay::{ReplayOptions, Spread};
use memcore::trace::Event;

use super::{STRATEGIES, run, trace, within};

const M: fn(u32, u64) -> Event = Event::malloc;
const R: fn(u32, u64) -> Event = Event::realloc;
const F: fn(u32) -> Event = Event::free;

#[test]
fn an_empty_trace_has_empty_figures() {
    for name in STRATEGIES {
        let result = run(&trace(&[]), name, &ReplayOptions::default());
        assert_eq!((result.operations, result.footprint, result.utilisation), (0, 0, 1.0));
        assert_eq!(result.external_fragmentation, Spread::default());
        assert!(result.series.is_empty());
        assert!(result.metadata_bytes.is_some());
    }
}

#[test]
fn a_block_of_nothing_takes_a_granule_and_counts_nothing() {
    let result = run(&trace(&[M(0, 0), M(1, 0)]), "first-fit", &ReplayOptions::default());
    assert_eq!((result.peak_live, result.peak_used, result.footprint), (0, 32, 32));
    assert_eq!(result.internal_fragmentation.last, 1.0);
    let options = ReplayOptions { header: 8, granularity: 8, align: 8, ..ReplayOptions::default() };
    assert_eq!(run(&trace(&[M(0, 0)]), "first-fit", &options).footprint, 16);
}

#[test]
fn a_header_comes_before_the_aligned_point() {
    let options = ReplayOptions { header: 8, granularity: 8, ..ReplayOptions::default() };
    // Starts 8, 40: the bytes behind the headers begin at 16 and 48.
    let result = run(&trace(&[M(0, 16), M(1, 16)]), "first-fit", &options);
    assert_eq!((result.peak_live, result.peak_used, result.footprint), (32, 48, 64));
}

#[test]
fn a_wide_alignment_is_kept_when_the_block_moves() {
    let aligned = Event::aligned(1, 16, 256).unwrap();
    // At 0, 256, 16 (up to 256), 272: the aligned block cannot grow, and 512 is the next place for it.
    let events = [M(0, 16), aligned, M(2, 240), M(3, 16), R(1, 300)];
    let result = run(&trace(&events), "first-fit", &ReplayOptions::default());
    assert_eq!((result.failures, result.footprint), (0, 512 + 304));
    let narrow = Event::aligned(0, 16, 4).unwrap();
    assert_eq!(run(&trace(&[narrow, M(1, 1)]), "first-fit", &ReplayOptions::default()).footprint, 32);
}

#[test]
fn a_moving_realloc_holds_both_blocks_for_a_moment() {
    let result = run(&trace(&[M(0, 64), M(1, 16), R(0, 128)]), "first-fit", &ReplayOptions::default());
    assert_eq!((result.peak_live, result.peak_used, result.footprint), (144, 64 + 16 + 128, 208));
    let last = result.series.last().unwrap();
    assert_eq!((last.live, last.used), (144, 144));
}

#[test]
fn a_realloc_stays_in_place_where_it_can() {
    let grown = run(&trace(&[M(0, 64), R(0, 128)]), "first-fit", &ReplayOptions::default());
    assert_eq!((grown.peak_used, grown.footprint), (128, 128));
    let events = [M(0, 64), M(1, 16), R(0, 16), M(2, 48)];
    let shrunk = run(&trace(&events), "first-fit", &ReplayOptions::default());
    assert_eq!((shrunk.peak_used, shrunk.footprint), (80, 80));
}

#[test]
fn a_failed_realloc_keeps_the_block() {
    let result = run(&trace(&[M(0, 64), M(1, 16), R(0, 128), F(0)]), "first-fit", &within(160));
    assert_eq!((result.failures, result.skipped), (1, 0));
    assert_eq!((result.peak_live, result.peak_used), (80, 80));
    assert_eq!(result.series.last().unwrap().live, 16);
}

#[test]
fn operations_on_absent_blocks_are_skipped_and_counted() {
    // 0 fails; its realloc and free, an orphan's free and a double free are skipped.
    let events = [M(0, 1000), R(0, 8), F(0), F(1), M(2, 16), F(2), F(2), R(2, 16)];
    let result = run(&trace(&events), "first-fit", &within(64));
    assert_eq!((result.operations, result.failures, result.skipped), (8, 1, 5));
    assert_eq!(result.footprint, 16);
}

#[test]
fn sizes_beyond_all_measure_fail_and_harm_nothing() {
    let header = ReplayOptions { header: 16, capacity: Some(u64::MAX), ..ReplayOptions::default() };
    for options in [header, ReplayOptions::default()] {
        for name in STRATEGIES {
            let events = [M(0, u64::MAX), M(1, 16), R(1, u64::MAX), M(2, u64::MAX - 16), F(1)];
            let result = run(&trace(&events), name, &options);
            assert_eq!((result.failures, result.skipped, result.peak_live), (3, 0, 16), "{name}");
        }
    }
}

#[test]
fn the_last_byte_of_the_largest_space_can_be_used() {
    let options = ReplayOptions { granularity: 1, align: 1, ..within(u64::MAX) };
    let result = run(&trace(&[M(0, u64::MAX - 1), M(1, 1), M(2, 1)]), "first-fit", &options);
    assert_eq!((result.footprint, result.peak_live, result.failures), (u64::MAX, u64::MAX, 1));
}

#[test]
fn external_fragmentation_ignores_the_rest_of_the_space() {
    // Holes of 32 and 96 below the last block, then the endless rest.
    let events = [M(0, 32), M(1, 16), M(2, 96), M(3, 16), F(0), F(2)];
    let result = run(&trace(&events), "first-fit", &ReplayOptions::default());
    assert_eq!(result.external_fragmentation.last, 0.25);
    let all = run(&trace(&[events.as_slice(), &[F(1), F(3)]].concat()), "first-fit", &Default::default());
    assert_eq!(all.external_fragmentation, Spread { mean: 0.25 / 8.0, max: 0.25, last: 0.0 });
}

#[test]
fn a_stack_counts_the_frees_that_it_refuses() {
    // 0 is not on top: it stays used, though the program is done with it. Freeing 1 works.
    let result = run(&trace(&[M(0, 64), M(1, 16), F(0), F(1), M(2, 32)]), "stack", &ReplayOptions::default());
    assert_eq!((result.refused_frees, result.failures, result.skipped), (1, 0, 0));
    let last = result.series.last().unwrap();
    assert_eq!((last.live, last.used, last.footprint), (32, 64 + 32, 96));
    // A realloc below the top moves, and leaves the old block behind.
    let moved = run(&trace(&[M(0, 64), M(1, 16), R(0, 32)]), "stack", &ReplayOptions::default());
    assert_eq!((moved.refused_frees, moved.failures), (1, 0));
    let last = moved.series.last().unwrap();
    assert_eq!((last.live, last.used, moved.footprint), (48, 64 + 16 + 32, 112));
}

#[test]
fn a_bump_arena_gets_nothing_back() {
    let result = run(&trace(&[M(0, 64), F(0), M(1, 64), F(1)]), "bump", &ReplayOptions::default());
    assert_eq!((result.peak_used, result.footprint, result.refused_frees), (64, 128, 0));
    assert_eq!(result.external_fragmentation.max, 0.0);
}

#[test]
fn a_pool_fails_beyond_its_slot() {
    let events = [M(0, 64), M(1, 65), R(0, 65), R(0, 1), F(1)];
    let result = run(&trace(&events), "pool:slot=64", &ReplayOptions::default());
    assert_eq!((result.failures, result.skipped, result.footprint), (2, 1, 64));
    assert_eq!(result.internal_fragmentation.last, 1.0 - 1.0 / 64.0);
}

#[test]
fn a_buddy_system_rounds_up_to_powers_of_two() {
    let result = run(&trace(&[M(0, 100), M(1, 100)]), "buddy", &ReplayOptions::default());
    assert_eq!((result.peak_used, result.footprint), (256, 256));
}

#[test]
fn the_series_is_even_and_ends_with_the_end() {
    let events: Vec<Event> = (0..1000).map(|id| M(id, 16)).collect();
    let trace = trace(&events);
    for (wanted, points) in [(1, 1), (2, 2), (3, 3), (999, 500), (1000, 1000), (65536, 1000)] {
        let result = run(&trace, "tlsf", &ReplayOptions { series_points: wanted, ..Default::default() });
        assert_eq!(result.series.len(), points);
        let last = result.series.last().unwrap();
        assert_eq!((last.operations, last.live), (1000, 16000));
        assert!(result.series.windows(2).all(|pair| pair[0].operations < pair[1].operations));
        assert_eq!(result.peak_live, 16000);
    }
}

#[test]
fn metadata_is_that_of_the_fullest_moment() {
    let few: Vec<Event> = (0..100).map(|id| M(id, 16)).collect();
    let many = (0..20_000).map(|id| M(id, 16)).chain((0..20_000).map(F)).collect::<Vec<_>>();
    for name in STRATEGIES {
        let [few, many] = [&few, &many].map(|events| run(&trace(events), name, &ReplayOptions::default()));
        let grown = many.metadata_bytes.unwrap() - few.metadata_bytes.unwrap();
        assert!(grown > 19_000 * 8, "{name}: {grown} for 20000 blocks");
    }
}
