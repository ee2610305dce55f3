//! Allocators against their peers, in one run: `cargo bench --bench allocators [-- pairs|traces] [LIVE...]`.
//!
//! Absolute times of a shared machine mean little, so everything is measured in turns: each round runs every
//! contender once, and what is reported beside the median time is the median of the ratios to offset-allocator
//! *within* a round. offset-allocator is the only peer that keeps its metadata outside the space, as memcore does;
//! the others write headers into real memory.
//!
//! - `pairs`: a steady state of free + allocate pairs at 10^3 to 10^6 live blocks, with the latency of single
//!   pairs, the footprint, and the metadata per block or hole.
//! - `traces`: the bundled recordings of real programs.

mod contender;
mod pairs;
mod peers;
mod random;
mod traces;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let wants = |part: &str| {
        !words.iter().any(|word| word == "pairs" || word == "traces") || words.iter().any(|word| word == part)
    };
    let live: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    if wants("pairs") {
        let live = if live.is_empty() { vec![1_000, 10_000, 100_000, 1_000_000] } else { live };
        pairs::run(&live);
    }
    if wants("traces") {
        traces::run();
    }
}
