//! Policy and model side by side, over random strings and over the strings that are hard: loops, scans, skew.
//!
//! Each policy takes part twice: with references, writes and removals alone (long strings), and with pins, referenced
//! bits set behind its back and ticks besides.

use crate::model::model;
use crate::world::World;
use memcore::replacement::{AnyPolicy, Page, Policy, PolicySpec};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// As many cases as `PROPTEST_CASES` says.
pub fn cases(otherwise: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    // A case that fails becomes a test with a name, not a file of seeds.
    ProptestConfig {
        cases: cases.unwrap_or(otherwise),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// What happens to both.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Access {
        page: Page,
        write: bool,
    },
    Remove(Page),
    /// Pins a resident page, or unpins a pinned one.
    Pin(Page),
    /// The hardware sets the referenced bit of a resident page.
    Reference(Page),
    Tick,
}

/// A number of frames, a number of pages, and a string of them: uniform, skewed, a loop, or these one after another.
fn string(longest: usize) -> impl Strategy<Value = (u32, u32, Vec<Page>)> {
    let sizes = prop_oneof![
        4 => (1u32..=16).prop_flat_map(|frames| (Just(frames), frames..=2 * frames + 2)),
        2 => (1u32..=16, 1u32..=48),
        1 => (17u32..=64).prop_flat_map(|frames| (Just(frames), frames..=4 * frames)),
    ];
    sizes.prop_flat_map(move |(frames, pages)| {
        let part = prop_oneof![
            3 => prop::collection::vec(0..pages, 1..longest),
            3 => prop::collection::vec((0..pages, 0..pages), 1..longest)
                .prop_map(move |pairs| pairs.iter().map(|(a, b)| a * b / pages).collect()),
            2 => (0..pages, 1..=pages, 1..longest).prop_map(move |(from, length, count)| {
                (0..count as u32).map(|i| (from + i % length) % pages).collect()
            }),
        ];
        let whole = prop::collection::vec(part, 1..4).prop_map(|parts: Vec<Vec<Page>>| parts.concat());
        (Just(frames), Just(pages), whole)
    })
}

/// The string as steps, with other steps strewn in: removals, and if so wished pins, referenced bits and ticks.
fn steps(owned: bool, longest: usize) -> impl Strategy<Value = (u32, u32, Vec<Step>)> {
    (string(longest), prop::collection::vec((any::<u16>(), any::<bool>()), 3 * longest)).prop_map(
        move |((frames, pages, string), dice)| {
            let mut steps = Vec::new();
            for (&page, &(die, write)) in string.iter().zip(dice.iter().cycle()) {
                let other = Page::from(die >> 8) % pages;
                match die % 64 {
                    0..2 => steps.push(Step::Remove(other)),
                    2..7 if owned => steps.push(Step::Pin(other)),
                    7..17 if owned => steps.push(Step::Reference(other)),
                    17..19 if owned => steps.push(Step::Tick),
                    _ => {}
                }
                steps.push(Step::Access { page, write });
            }
            (frames, pages, steps)
        },
    )
}

/// Takes the steps with both, and compares after each.
fn compare(spec: &PolicySpec, frames: u32, pages: u32, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut policy = AnyPolicy::of(spec, frames).unwrap();
    policy.reserve(pages).unwrap();
    let mut model = model(spec, frames as usize);
    if spec.facts().needs_future {
        let future: Vec<Page> = steps
            .iter()
            .filter_map(|step| if let Step::Access { page, .. } = step { Some(*page) } else { None })
            .collect();
        policy.foresee(&future).unwrap();
        model.foresee(&future);
    }
    let (mut ours, mut theirs) = (World::default(), World::default());
    for (index, &step) in steps.iter().enumerate() {
        let so_far = || format!("{spec}, {frames} frames, in the last of {:?}", &steps[..=index]);
        let equal = match step {
            Step::Access { page, write } => {
                let hits = (policy.access(page, &mut ours), model.access(page, &mut theirs));
                if write && model.is_resident(page) {
                    ours.dirty.insert(page);
                    theirs.dirty.insert(page);
                }
                hits.0 == hits.1
            }
            Step::Remove(page) => {
                ours.drop_bits(page);
                theirs.drop_bits(page);
                policy.remove(page, &mut ours) == model.remove(page)
            }
            Step::Pin(page) => {
                for world in [&mut ours, &mut theirs] {
                    if !world.pinned.remove(&page) && model.is_resident(page) {
                        world.pinned.insert(page);
                    }
                }
                true
            }
            Step::Reference(page) => {
                if model.is_resident(page) {
                    ours.referenced.insert(page);
                    theirs.referenced.insert(page);
                }
                true
            }
            Step::Tick => {
                policy.tick(&mut ours);
                model.tick(&mut theirs);
                true
            }
        };
        prop_assert!(equal, "hit or known differs: {}", so_far());
        prop_assert_eq!(&ours, &theirs, "the worlds differ (left: policy): {}", so_far());
        for page in 0..pages {
            let (ours, theirs) = (policy.is_resident(page), model.is_resident(page));
            prop_assert_eq!(ours, theirs, "page {} resident? {}", page, so_far());
        }
        let resident = (0..pages).filter(|&page| policy.is_resident(page)).count();
        prop_assert_eq!(policy.resident() as usize, resident, "{}", so_far());
        prop_assert_eq!(policy.validate(), Ok(()), "{}", so_far());
    }
    Ok(())
}

fn run(spec: &str) {
    let spec: PolicySpec = spec.parse().unwrap();
    for (owned, longest, count) in [(false, 120, 120), (true, 60, 120)] {
        let compare = |(frames, pages, steps): (u32, u32, Vec<Step>)| compare(&spec, frames, pages, &steps);
        let done = TestRunner::new(cases(count)).run(&steps(owned, longest), compare);
        done.unwrap_or_else(|failure| panic!("{spec}: {failure}"));
    }
}

macro_rules! agree {
    ($($test:ident: $($spec:literal),+;)+) => {
        $(#[test]
        fn $test() {
            for spec in [$($spec),+] {
                run(spec);
            }
        })+
    };
}

agree! {
    fifo: "fifo";
    lru: "lru";
    mru: "mru";
    random: "random", "random:seed=18446744073709551615";
    clock: "clock", "clock:bit=clear";
    nru: "nru", "nru:tick=1", "nru:tick=7", "nru:tick=0";
    aging: "aging", "aging:tick=1", "aging:bits=1,tick=3", "aging:bits=32,tick=2", "aging:tick=0";
    lfu: "lfu", "lfu:tie=fifo", "lfu:history=kept", "lfu:tie=fifo,history=kept";
    lfuda: "lfuda";
    lru_k: "lru-k", "lru-k:k=1", "lru-k:k=3,history=2", "lru-k:history=0", "lru-k:correlated=3", "lru-k:k=4,correlated=9,history=30";
    slru: "slru", "slru:protected=0", "slru:protected=34", "slru:protected=100";
    two_q: "2q", "2q:in=0,out=0", "2q:in=60,out=100";
    sieve: "sieve";
    arc: "arc", "arc:p=integer";
    car: "car", "car:p=integer";
    lirs: "lirs", "lirs:hir=34", "lirs:ghosts=0", "lirs:hir=20,ghosts=50", "lirs:ghosts=1000", "lirs:hir=100";
    clock_pro: "clock-pro", "clock-pro:cold=50", "clock-pro:cold=100";
    s3_fifo: "s3-fifo", "s3-fifo:threshold=1", "s3-fifo:small=40", "s3-fifo:warm=main", "s3-fifo:small=100,threshold=3";
    w_tinylfu: "w-tinylfu", "w-tinylfu:window=30", "w-tinylfu:sample=1", "w-tinylfu:protected=0,window=50", "w-tinylfu:window=100";
    mglru: "mglru", "mglru:generations=3", "mglru:generations=8";
    working_set: "working-set", "working-set:tau=1", "working-set:tau=7", "working-set:tau=40";
    wsclock: "wsclock", "wsclock:tau=1", "wsclock:tau=7", "wsclock:tau=40";
    pff: "pff", "pff:interval=1", "pff:interval=3", "pff:interval=10";
}
