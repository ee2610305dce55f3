//! Thousands of blocks and holes, so that every index has several levels and its nodes split, join and share at all of
//! them.
//!
//! A node of an index has from 6 to 16 entries, so that 3000 holes make at least three levels. The order of frees is
//! what shapes the nodes: from below, from above, every other one, at random.

use crate::engine::Engine;
use crate::model::model;
use crate::script::{Call, Label, Space, Subject};
use memcore::alloc::{Allocator, AnyAllocator, Options, Request};

/// SplitMix64: any spread of bits will do here, as long as it is the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % limit
    }
}

const BLOCKS: u64 = 6000;

/// Engine and model over the same calls; most outcomes are compared, the whole state now and then.
struct Pair {
    engine: Engine<memcore::alloc::storage::Growable>,
    model: Box<dyn Subject>,
    live: Vec<Label>,
    count: usize,
}

impl Pair {
    fn new(strategy: &str) -> Self {
        let strategy = strategy.parse().unwrap();
        // Blocks of 1 to 60 units of 8 bytes: equal holes are common. A third more room than they need.
        let options = Options::new(BLOCKS * 30 * 8 / 3 * 4).granularity(8).address_index(true);
        let engine = Engine::new(AnyAllocator::new(&strategy, options).unwrap());
        let model = model(&Space { strategy, options, fixed: None }).unwrap();
        Pair { engine, model, live: Vec::new(), count: 0 }
    }

    fn call(&mut self, call: &Call) -> bool {
        let outcome = self.engine.call(call);
        assert_eq!(outcome, self.model.call(call), "{call:?}");
        self.count += 1;
        if self.count % 1000 == 0 {
            self.compare();
        }
        !outcome.starts_with("error")
    }

    fn compare(&mut self) {
        for question in [Call::Validate, Call::Stats, Call::Regions, Call::LargestSure, Call::HoleHistogram] {
            assert_eq!(self.engine.call(&question), self.model.call(&question));
        }
    }

    fn allocate(&mut self, request: Request) {
        let label: Label = format!("b{}", self.count).into();
        if self.call(&Call::Allocate(label.clone(), request)) {
            self.live.push(label);
        }
    }

    fn free(&mut self, at: usize) {
        let label = self.live.remove(at);
        assert!(self.call(&Call::Free(label)));
    }
}

fn thousands(strategy: &str) {
    let mut random = Random(7);
    let mut pair = Pair::new(strategy);
    for _ in 0..BLOCKS {
        pair.allocate(Request::new(8 * (1 + random.below(60))));
    }
    // Every other block, from the bottom up: thousands of holes, entered in ascending order.
    let mut at = 0;
    while at < pair.live.len() {
        pair.free(at);
        at += 1;
    }
    pair.compare();
    // A mix that keeps their number: allocations as large as holes are, and frees anywhere.
    for round in 0..2500 {
        let align = if round % 10 == 0 { 64 } else { 1 };
        pair.allocate(Request::new(8 * (1 + random.below(60))).align(align));
        let at = random.below(pair.live.len() as u64) as usize;
        if round % 5 == 0 {
            let label = pair.live[at].clone();
            pair.call(&Call::Resize(label, 8 * (1 + random.below(60))));
        } else {
            pair.free(at);
        }
    }
    // All of them: a quarter from the top, a quarter from the bottom, the rest at random.
    let quarter = pair.live.len() / 4;
    for _ in 0..quarter {
        pair.free(pair.live.len() - 1);
        pair.free(0);
    }
    while !pair.live.is_empty() {
        let at = random.below(pair.live.len() as u64) as usize;
        pair.free(at);
    }
    pair.compare();
    assert_eq!(pair.engine.space.stats().holes, 1);
}

macro_rules! thousands {
    ($($test:ident: $strategy:literal,)+) => {
        $(#[test]
        fn $test() {
            thousands($strategy);
        })+
    };
}

thousands! {
    first_fit: "first-fit",
    next_fit: "next-fit",
    best_fit_lowest: "best-fit",
    best_fit_recent: "best-fit:tie=recent",
    worst_fit: "worst-fit",
    tlsf: "tlsf:subdivisions=4",
    tlsf_lowest: "tlsf:subdivisions=4,tie=lowest",
}

/// A hundred thousand blocks, where no model can follow: every invariant that `validate` knows, at each turn.
#[test]
fn a_hundred_thousand_blocks_keep_every_invariant() {
    for strategy in
        ["first-fit", "best-fit", "best-fit:tie=recent", "tlsf:tie=lowest", "buddy", "size-classes"]
    {
        let options = Options::new(1 << 50).granularity(16).address_index(true).tags(true);
        let mut space = AnyAllocator::new(&strategy.parse().unwrap(), options).unwrap();
        let mut random = Random(11);
        // Above 4096 granules, best fit with recent ties keeps its holes in a tree as well.
        let mut size = || 1 + random.below(200_000);
        let blocks: Vec<_> = (0..100_000).map(|_| space.allocate(Request::new(size())).unwrap()).collect();
        space.validate().unwrap();
        for part in [0, 2, 1] {
            for block in blocks.iter().skip(part).step_by(3) {
                assert_eq!(space.free(block.id), Ok(*block));
            }
            space.validate().unwrap();
            assert_eq!(space.stats().used + space.stats().free, space.capacity(), "{strategy}");
        }
        assert_eq!((space.stats().holes, space.stats().largest_hole), (1, 1 << 50), "{strategy}");
    }
}
