//! The field's textbook strings and three generated ones, with misses that others have counted.
//!
//! The numbers are copied from tables, not computed here: those of the textbook strings are checked by hand, those of
//! the generators for FIFO, LRU, CLOCK and SIEVE by two independent implementations. LFU's, 2Q's, ARC's and S3-FIFO's are
//! libCacheSim 0.3.5's (LFU resets its counts and breaks ties by recency; 2Q has Kin 25 % and Kout 50 %; ARC's p is real;
//! S3-FIFO warms up main), which are met exactly.

use crate::model::random::split_mix_64;
use memcore::replacement::{AnyPolicy, Page, Policy, PolicySpec};

/// The misses of a policy over a string.
pub fn misses(spec: &PolicySpec, frames: u32, string: &[Page]) -> u64 {
    let mut policy = AnyPolicy::of(spec, frames).unwrap();
    policy.reserve(string.iter().max().map_or(0, |page| page + 1)).unwrap();
    if spec.facts().needs_future {
        policy.foresee(string).unwrap();
    }
    string.iter().map(|&page| u64::from(!policy.access(page, &mut ()))).sum()
}

/// Random numbers by SplitMix64, two skewed halves multiplied (`A`, and `B` with a scan mixed in), and a loop (`C`).
pub fn generator(name: &str) -> Vec<Page> {
    let mut state = if name == "A" { 1 } else { 2 };
    let mut product = || {
        let draw = split_mix_64(&mut state);
        (draw & 0xffff) * (draw >> 16 & 0xffff)
    };
    match name {
        "A" => (0..200_000).map(|_| (product() >> 20) as Page).collect(),
        "B" => {
            let mut scanned = 0;
            let mut page = |i| {
                // One draw for each reference, used or not.
                let skewed = (product() >> 22) as Page;
                if i % 4 != 3 {
                    return skewed;
                }
                scanned += 1;
                4096 + (scanned - 1) % 2000
            };
            (0..200_000).map(&mut page).collect()
        }
        "C" => (0..50_000).map(|i| i % 1000).collect(),
        other => panic!("no generator is called {other}"),
    }
}

/// Belady's string, that of Silberschatz, Galvin and Gagne, and a short one.
const TEXTBOOK: [&[Page]; 3] = [
    &[1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5],
    &[7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1],
    &[0, 1, 2, 0, 1, 3, 0, 3, 1, 2, 1],
];

/// Misses of each string in 3, 4 and 5 frames.
const TEXTBOOK_MISSES: &[(&str, [[u64; 3]; 3])] = &[
    ("fifo", [[9, 10, 5], [15, 10, 9], [7, 4, 4]]),
    ("lru", [[10, 8, 5], [12, 8, 7], [5, 4, 4]]),
    ("clock:bit=set", [[9, 10, 5], [14, 9, 9], [7, 4, 4]]),
    ("clock:bit=clear", [[10, 8, 5], [11, 8, 7], [5, 4, 4]]),
    ("mru", [[7, 6, 5], [16, 12, 9], [5, 4, 4]]),
    ("lfu:tie=lru", [[10, 8, 5], [11, 9, 7], [5, 4, 4]]),
    ("lfu:tie=fifo", [[10, 8, 5], [13, 9, 7], [5, 4, 4]]),
    ("sieve", [[10, 8, 5], [11, 8, 7], [5, 4, 4]]),
    ("arc", [[10, 7, 5], [13, 9, 7], [5, 4, 4]]),
    ("arc:p=integer", [[10, 7, 5], [13, 9, 7], [5, 4, 4]]),
    // As in most tables of LRU-2, with references forgotten when a page leaves. With the paper's history the second
    // string misses 13 times in 3 frames, since page 3 comes back as one with two references.
    ("lru-k:history=0", [[10, 8, 5], [14, 8, 7], [5, 4, 4]]),
];

/// Misses of `A` and `B` in 64, 256 and 1024 frames, and of `C` in 500, 900 and 999.
const GENERATED_MISSES: &[(&str, [[u64; 3]; 3])] = &[
    ("lru", [[193766, 175708, 112837], [186545, 151486, 78635], [50000; 3]]),
    ("fifo", [[193834, 176331, 118380], [186952, 155748, 97712], [50000; 3]]),
    ("clock:bit=clear", [[193709, 175162, 110057], [186091, 148569, 73043], [50000; 3]]),
    // In the loop no page is referenced twice before it leaves: FIFO again.
    ("clock:bit=set", [[193795, 176010, 115114], [186735, 153402, 84498], [50000; 3]]),
    ("sieve", [[189454, 162930, 91240], [172359, 119128, 53401], [50000; 3]]),
    ("lfu", [[190461, 167081, 97452], [173536, 123949, 53401], [50000; 3]]),
    ("arc", [[190381, 166862, 105336], [175290, 125350, 51997], [50000; 3]]),
    ("s3-fifo:warm=main", [[188740, 163812, 99294], [172001, 122589, 52059], [27950, 18046, 2684]]),
    ("2q", [[190622, 167490, 104904], [176392, 130592, 57647], [50000, 10562, 1943]]),
];

#[test]
fn the_generators_are_those_of_the_table() {
    let facts = |name| {
        let string = generator(name);
        (string[..4].to_vec(), string.iter().map(|&page| u64::from(page)).sum::<u64>())
    };
    assert_eq!(facts("A"), (vec![794, 1500, 1340, 2993], 204464783));
    assert_eq!(facts("B"), (vec![38, 5, 287, 4096], 293254959));
    assert_eq!(facts("C"), (vec![0, 1, 2, 3], 50 * 999 * 1000 / 2));
}

#[test]
fn the_textbook_strings_miss_as_they_should() {
    for (spec, table) in TEXTBOOK_MISSES {
        let spec: PolicySpec = spec.parse().unwrap();
        let counted = TEXTBOOK.map(|string| [3, 4, 5].map(|frames| misses(&spec, frames, string)));
        assert_eq!(&counted, table, "{spec}");
    }
}

#[test]
fn the_generated_strings_miss_as_they_should() {
    let strings = ["A", "B", "C"].map(generator);
    let sizes = [[64, 256, 1024], [64, 256, 1024], [500, 900, 999]];
    for (spec, table) in GENERATED_MISSES {
        let spec: PolicySpec = spec.parse().unwrap();
        for ((string, sizes), expected) in strings.iter().zip(sizes).zip(table) {
            assert_eq!(&sizes.map(|frames| misses(&spec, frames, string)), expected, "{spec}");
        }
    }
}

#[test]
fn belady_sees_his_anomaly() {
    let fifo = "fifo".parse().unwrap();
    assert!(misses(&fifo, 4, TEXTBOOK[0]) > misses(&fifo, 3, TEXTBOOK[0]));
}

/// In a loop the page just used is the one needed last: MRU misses as often as OPT, whose misses these are.
#[test]
fn mru_is_best_in_a_loop() {
    let mru = "mru".parse().unwrap();
    for (frames, expected) in [(500, 25500), (900, 5900), (999, 1049)] {
        assert_eq!(misses(&mru, frames, &generator("C")), expected);
    }
}

/// A tick at each reference makes aging LRU, none at all makes it FIFO; LRU-1 is LRU, and so is SLRU that protects
/// nobody.
#[test]
fn relatives_agree_where_they_are_the_same() {
    for string in [generator("A"), generator("B")] {
        let string = &string[..20_000];
        for (one, other) in [
            ("aging:tick=1,bits=1", "lru"),
            ("aging:tick=0", "fifo"),
            ("lru-k:k=1", "lru"),
            ("slru:protected=0", "lru"),
        ] {
            for frames in [1, 7, 300] {
                let misses = |spec: &str| misses(&spec.parse().unwrap(), frames, string);
                assert_eq!(misses(one), misses(other), "{one} and {other}, {frames} frames");
            }
        }
    }
}
