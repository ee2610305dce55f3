//! What the definitions say, in the plainest way, and strings to say it of.

use proptest::prelude::*;

/// The three textbook strings of the documentation.
pub const TEXTBOOK: [&[u32]; 3] = [
    &[1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5],
    &[7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1],
    &[0, 1, 2, 0, 1, 3, 0, 3, 1, 2, 1],
];

/// The pages of the textbook strings are below this.
pub const PAGES: u32 = 8;

/// The LRU stack distance of each reference, 0 for a first one: a list of pages, most recent first.
pub fn stack_distances(references: &[u32]) -> Vec<u32> {
    let mut stack: Vec<u32> = Vec::new();
    let mut distances = Vec::new();
    for &page in references {
        match stack.iter().position(|&other| other == page) {
            Some(depth) => {
                stack.remove(depth);
                distances.push(depth as u32 + 1);
            }
            None => distances.push(0),
        }
        stack.insert(0, page);
    }
    distances
}

/// OPT's misses: of the resident pages the one whose next reference is farthest leaves.
pub fn opt_misses(references: &[u32], frames: usize) -> u64 {
    let mut resident: Vec<u32> = Vec::new();
    let mut misses = 0;
    for (now, &page) in references.iter().enumerate() {
        if resident.contains(&page) {
            continue;
        }
        misses += 1;
        if resident.len() == frames {
            let next = |page: u32| references[now..].iter().position(|&other| other == page);
            let victim = (0..frames).max_by_key(|&at| next(resident[at]).unwrap_or(usize::MAX)).unwrap();
            resident.remove(victim);
        }
        resident.push(page);
    }
    misses
}

/// The distinct pages among the last `tau` references up to `now`.
pub fn working_set(references: &[u32], now: usize, tau: usize) -> usize {
    let mut window = references[(now + 1).saturating_sub(tau)..=now].to_vec();
    window.sort_unstable();
    window.dedup();
    window.len()
}

/// A stream of SplitMix64.
pub fn random(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
}

/// Pages that are the more popular the lower their number, about as 1/rank.
pub fn skewed(seed: u64, length: usize, pages: u32) -> Vec<u32> {
    let mut next = random(seed);
    let scale = f64::from(pages).ln();
    (0..length).map(|_| ((next() as f64 / 2f64.powi(64) * scale).exp() as u32 - 1).min(pages - 1)).collect()
}

/// Strings with loops, scans and repeats, over few pages.
pub fn strings() -> impl Strategy<Value = Vec<u32>> {
    let piece = prop_oneof![
        (0u32..24).prop_map(|page| vec![page]),
        (0u32..20, 1u32..8, 1usize..4).prop_map(|(first, length, times)| {
            let once: Vec<u32> = (first..(first + length).min(24)).collect();
            once.repeat(times)
        }),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// More than the pages of [`strings`].
pub const MORE_PAGES: u32 = 24;
