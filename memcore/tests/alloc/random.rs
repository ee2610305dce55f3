//! Random spaces and random calls, from raw numbers that shrink well.
//!
//! A [`Step`] is a kind of call and some numbers; what they mean (which block, which address) is decided when the step is
//! taken, so that a sequence stays sensible whatever is left out of it. Sizes and addresses follow the space: most are
//! near its scale, some are at its ends, a few are absurd.

use crate::script::{Call, Label, Space, Subject};
use memcore::alloc::{Budget, Options, Request, Strategy as Fit};
use proptest::prelude::*;

/// Small spaces fill up and fragment at once; huge ones reach over 2^40 and up to 2^64 - 1.
pub fn space(strategy: &'static str, fixed: bool) -> impl Strategy<Value = Space> {
    let capacity = prop_oneof![
        1 => 1..16u64,
        4 => 16..4097u64,
        1 => (1u64 << 40)..(1 << 48),
        1 => (0..1u64 << 20).prop_map(|less| u64::MAX - less),
    ];
    let granularity =
        prop_oneof![4 => Just(1u64), 2 => Just(8), 2 => Just(16), 1 => Just(4096), 1 => Just(1 << 32)];
    let most = if fixed { (1..40u32).prop_map(Some).boxed() } else { Just(None).boxed() };
    (capacity, granularity, any::<(bool, bool)>(), most).prop_map(
        move |(capacity, granularity, (index, tags), fixed)| {
            let strategy: Fit = strategy.parse().unwrap();
            // A space below a page is an error, too.
            let least = if let Fit::SizeClasses(parameters) = &strategy { parameters.page } else { 1 };
            let capacity = capacity.max(least);
            // A granularity above the capacity or above every size class is an error, which the vectors have.
            let most = if matches!(strategy, Fit::SizeClasses(_)) { capacity.min(64) } else { capacity };
            let granularity = if granularity > most { 1 } else { granularity };
            let strategy = match strategy {
                // A slot that leaves room for at least a few of them.
                Fit::Pool { slot } => Fit::Pool { slot: slot.min(capacity / 4).max(granularity) },
                other => other,
            };
            let options = Options::new(capacity).granularity(granularity).address_index(index).tags(tags);
            Space { strategy, options, fixed }
        },
    )
}

/// A kind of call, and numbers to choose its arguments by.
#[derive(Clone, Copy)]
pub struct Step {
    kind: Kind,
    a: u64,
    b: u64,
    c: u64,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {} {} {}", self.kind, self.a, self.b, self.c)
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Allocate,
    AllocateAligned,
    AllocateAt,
    Free,
    FreeAny,
    FreeLast,
    FreeAt,
    Resize,
    ResizeLast,
    SetTag,
    Grow,
    Reset,
    Checkpoint,
    Rewind,
    Plan,
    Commit,
}

pub fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        30 => Just(Kind::Allocate),
        8 => Just(Kind::AllocateAligned),
        8 => Just(Kind::AllocateAt),
        22 => Just(Kind::Free),
        2 => Just(Kind::FreeAny),
        6 => Just(Kind::FreeLast),
        3 => Just(Kind::FreeAt),
        8 => Just(Kind::Resize),
        4 => Just(Kind::ResizeLast),
        1 => Just(Kind::SetTag),
        1 => Just(Kind::Grow),
        1 => Just(Kind::Reset),
        3 => Just(Kind::Checkpoint),
        2 => Just(Kind::Rewind),
        3 => Just(Kind::Plan),
        3 => Just(Kind::Commit),
    ];
    // Half of the numbers are small, so that choices repeat and ties are common.
    let number = || prop_oneof![0..8u64, any::<u64>()];
    (kind, number(), number(), number()).prop_map(|(kind, a, b, c)| Step { kind, a, b, c })
}

/// What has been named so far, from which a step chooses.
pub struct Names {
    space: Space,
    live: Vec<Label>,
    ever: Vec<Label>,
    checkpoints: Vec<Label>,
    plans: Vec<Label>,
    count: usize,
}

impl Names {
    pub fn new(space: &Space) -> Self {
        let space = space.clone();
        Names { space, live: vec![], ever: vec![], checkpoints: vec![], plans: vec![], count: 0 }
    }

    /// The call that a step means now, if it means any.
    pub fn call(&mut self, step: &Step) -> Option<Call> {
        let &Step { kind, a, b, c } = step;
        let last = self.live.last().cloned();
        Some(match kind {
            Kind::Allocate => Call::Allocate(self.fresh("b"), self.request(a, b, 0)),
            Kind::AllocateAligned => Call::Allocate(self.fresh("b"), self.request(a, b, c | 1)),
            Kind::AllocateAt => {
                let request = self.request(a, b, if b % 4 == 0 { b | 1 } else { 0 });
                Call::AllocateAt(self.fresh("b"), self.address(c), request)
            }
            Kind::Free => Call::Free(choose(&self.live, a)?),
            Kind::FreeAny => Call::Free(choose(&self.ever, a).unwrap_or("raw:4294969296".into())),
            Kind::FreeLast => Call::Free(last?),
            Kind::FreeAt => Call::FreeAt(self.address(a)),
            Kind::Resize => Call::Resize(choose(&self.ever, a)?, self.size(b, c)),
            Kind::ResizeLast => Call::Resize(last?, self.size(b, c)),
            Kind::SetTag => Call::SetTag(choose(&self.ever, a)?, b as u32),
            Kind::Grow => Call::Grow(match a % 3 {
                0 => b,
                _ => self.space.options.capacity.saturating_add(b % self.space.options.capacity),
            }),
            Kind::Reset => Call::Reset,
            Kind::Checkpoint => Call::Checkpoint(self.fresh("c")),
            Kind::Rewind => Call::Rewind(choose(&self.checkpoints, a)?),
            Kind::Plan => {
                let budget = Budget {
                    bytes: if a % 2 == 0 { u64::MAX } else { self.size(a, b) },
                    moves: if b % 2 == 0 { u64::MAX } else { b % 8 },
                };
                let pinned = (0..c % 3).filter_map(|pin| choose(&self.live, c / 3 + pin)).collect();
                Call::Plan(self.fresh("p"), budget, pinned)
            }
            Kind::Commit => Call::Commit(choose(&self.plans, u64::MAX - a)?),
        })
    }

    /// Notes what a call has named or ended, with `subject` to ask who still lives.
    pub fn note(&mut self, call: &Call, outcome: &str, subject: &mut dyn Subject) {
        if outcome.starts_with("error") {
            return;
        }
        match call {
            Call::Allocate(label, _) | Call::AllocateAt(label, ..) => {
                self.live.push(label.clone());
                self.ever.push(label.clone());
            }
            Call::Checkpoint(label) => self.checkpoints.push(label.clone()),
            Call::Plan(label, ..) => self.plans.push(label.clone()),
            Call::Free(_) | Call::FreeAt(_) | Call::Reset | Call::Rewind(_) => {
                self.live.retain(|label| !subject.call(&Call::Block(label.clone())).starts_with("error"));
            }
            _ => {}
        }
    }

    /// Questions that change nothing, about a place and a size that the step chooses.
    pub fn questions(&self, step: &Step) -> Vec<Call> {
        let address = self.address(step.a);
        let mut questions = vec![
            Call::Validate,
            Call::Capacity,
            Call::Stats,
            Call::Fragmentation,
            Call::Regions,
            Call::LargestHole,
            Call::LargestSure,
            Call::Tags,
            Call::HoleHistogram,
            Call::BlockHistogram,
            Call::Capabilities,
            Call::BlockAt(address),
            Call::Containing(address.saturating_add(step.b % 16)),
            Call::CanAllocate(self.request(step.a, step.c, 0)),
            Call::CanAllocate(self.request(step.b, step.a, step.c | 1)),
        ];
        for label in [choose(&self.ever, step.a), choose(&self.live, step.b)].into_iter().flatten() {
            let each: [fn(Label) -> Call; 3] = [Call::Block, Call::Alignment, Call::Tag];
            questions.extend(each.map(|ask| ask(label.clone())));
        }
        questions
    }

    fn fresh(&mut self, kind: &str) -> Label {
        self.count += 1;
        format!("{kind}{}", self.count).into()
    }

    /// The size that is usual in this space: some 10 to 40 of them fill it.
    fn scale(&self) -> u64 {
        let Options { capacity, granularity, .. } = self.space.options;
        match self.space.strategy {
            Fit::Pool { slot } => slot,
            _ => (capacity / 20).max(granularity).max(2),
        }
    }

    fn size(&self, choice: u64, number: u64) -> u64 {
        let (scale, capacity) = (self.scale(), self.space.options.capacity);
        match choice % 16 {
            0..8 => 1 + number % scale,
            8..11 => scale / 4 + number % 4,
            11..13 => 1 + number % scale.saturating_mul(4),
            13 => 1 + number % capacity,
            14 => capacity.saturating_sub(number % 3),
            // 0 and what lies near 2^64.
            _ => 0u64.wrapping_sub(number % 20),
        }
    }

    fn request(&self, a: u64, b: u64, aligned: u64) -> Request {
        let request = Request::new(self.size(a, b)).tag(a as u32 % 3);
        if aligned == 0 {
            return request;
        }
        let granularity = self.space.options.granularity;
        let reach = self.scale().ilog2().max(1);
        let alignment = match aligned % 32 {
            31 => aligned,
            29 => 1 << 63,
            27 => 1 << (aligned / 32 % 64),
            _ => 1u64 << (u64::from(granularity.ilog2()) + aligned / 32 % u64::from(reach)).min(63),
        };
        let bias = match b % 8 {
            0 => granularity,
            1 => b / 8 % 64 * granularity.min(1 << 32),
            2 => b,
            _ => 0,
        };
        request.align(alignment).bias(bias)
    }

    /// Multiples of something that starts are often multiples of, and others.
    fn address(&self, number: u64) -> u64 {
        let Options { capacity, granularity, .. } = self.space.options;
        let unit = match number % 8 {
            0..3 => granularity,
            3 | 4 => self.scale().next_power_of_two(),
            5 | 6 => self.scale().next_multiple_of(granularity),
            _ => 1,
        };
        let most = if number % 64 == 9 { u64::MAX } else { capacity };
        let number = number / 8;
        // Small numbers count units, large ones are reduced to the space.
        if number < 64 { number.saturating_mul(unit) } else { number % most / unit * unit }
    }
}

fn choose(labels: &[Label], number: u64) -> Option<Label> {
    let count = labels.len() as u64;
    // From the end, so that small numbers mean recent ones.
    if count == 0 { None } else { Some(labels[(count - 1 - number % count) as usize].clone()) }
}
