//! The room `replay`: against a naive model, against recorded figures, and against targets that misbehave.

#[path = "replay/clocks.rs"]
mod clocks;
#[path = "replay/fit.rs"]
mod fit;
#[path = "replay/model.rs"]
mod model;
#[path = "replay/options.rs"]
mod options;
#[path = "replay/progress.rs"]
mod progress;
#[path = "replay/recorded.rs"]
mod recorded;
#[path = "replay/semantics.rs"]
mod semantics;
#[path = "replay/targets.rs"]
mod targets;

use memcore::alloc::Strategy;
use memcore::replay::{ReplayOptions, ReplayResult, replay_strategy};
use memcore::trace::{AllocTrace, Event};

/// Every strategy, some with parameters.
const STRATEGIES: [&str; 13] = [
    "first-fit",
    "next-fit",
    "best-fit",
    "best-fit:tie=recent",
    "worst-fit",
    "tlsf",
    "tlsf:probe=4,tie=lowest",
    "buddy",
    "size-classes",
    "size-classes:fallback=best-fit",
    "pool:slot=8192",
    "bump",
    "stack",
];

fn strategy(text: &str) -> Strategy {
    text.parse().unwrap()
}

fn trace(events: &[Event]) -> AllocTrace {
    AllocTrace::from_events(events.to_vec()).unwrap()
}

fn run(trace: &AllocTrace, name: &str, options: &ReplayOptions) -> ReplayResult {
    replay_strategy(trace, &strategy(name), options, &mut ()).unwrap()
}

fn within(capacity: u64) -> ReplayOptions {
    ReplayOptions { capacity: Some(capacity), ..ReplayOptions::default() }
}
