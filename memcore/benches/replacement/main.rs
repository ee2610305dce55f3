//! How fast policies, kernels, curves and keyed caches are as the pages grow from 10^3 to 10^6, and what they hold.
//!
//! References are Zipf-distributed (exponent 1) over so many pages, one in ten of which has a frame. Rounds are
//! interleaved, and what is shown is the median. The peers of the simulations are in bench/python/caches.py; here the
//! keyed caches meet theirs. Run all of it with `make bench`, one part with
//! `cargo bench --bench replacement -- policies|curves|caches`.

mod caches;
mod curves;
mod policies;
mod rounds;

use memcore::trace::PageTrace;
use memcore::trace::generate::PageWorkload;

/// Universes of pages; some of a million never occur in the references below.
const PAGES: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];
const REFERENCES: usize = 4_000_000;

/// The stream over so many pages.
fn zipf(pages: u32) -> PageTrace {
    let workload = format!("zipf:pages={pages},references={REFERENCES},seed=1");
    let workload: PageWorkload = workload.parse().expect("the workload is well-formed");
    workload.generate(&mut ()).expect("there is memory for the references")
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|word| word == part);
    let traces: Vec<PageTrace> = PAGES.iter().map(|&pages| zipf(pages)).collect();
    if is_wanted("policies") {
        policies::table(&traces);
    }
    if is_wanted("curves") {
        curves::table(&traces);
    }
    if is_wanted("caches") {
        caches::table(&traces);
    }
}
