//! Sequences of calls drawn at random, on few pages, so that the calls meet.

use crate::world::*;
use proptest::prelude::*;

/// One call by one of the living: `who` is taken modulo their number.
#[derive(Clone, Debug)]
pub struct Step {
    pub who: usize,
    pub call: Call,
}

/// What may be drawn.
#[derive(Clone, Copy)]
pub struct Draw {
    /// Pages on which all happens.
    pub pages: u64,
    /// Fetches (on Linux whatever lies there would be run), and the heap.
    pub simulated: bool,
    /// The most calls.
    pub longest: usize,
    /// The page of the arena where they begin.
    pub first: u64,
    /// Locks, and memory that may be lost.
    pub locks: bool,
    /// There are huge pages.
    pub huge: bool,
    /// Shared anonymous memory.
    pub shared: bool,
}

/// Moves a call to another place of the arena, and takes away what shall not be drawn.
fn adapt(call: Call, draw: Draw) -> Call {
    let by = draw.first * PAGE;
    match call {
        Call::Execute { at } if !draw.simulated => Call::Read { at: at + by, length: 1 },
        Call::Break { .. } if !draw.simulated => Call::Incore { at: BASE + by, length: PAGE },
        Call::Lock { at, length } | Call::LockOnFault { at, length } if !draw.locks => {
            Call::Advise { at: at + by, length, advice: DONTNEED }
        }
        Call::Advise { at, length, advice: FREE } if !draw.locks => {
            Call::Advise { at: at + by, length, advice: PAGEOUT }
        }
        Call::Map { at, length, protection, flags, file, offset } => {
            let flags = if draw.locks { flags } else { flags & !LOCKED };
            let private = flags & SHARED != 0 && file.is_none() && !draw.shared;
            let flags = if private { flags ^ SHARED | PRIVATE } else { flags };
            Call::Map { at: at + by, length, protection, flags, file, offset }
        }
        Call::Unmap { at, length } => Call::Unmap { at: at + by, length },
        Call::Protect { at, length, protection } => Call::Protect { at: at + by, length, protection },
        // Without swap, what is shared may or may not leave.
        Call::Advise { at, length, advice: PAGEOUT } if !draw.simulated => {
            Call::Advise { at: at + by, length, advice: COLD }
        }
        // Of a huge page all is written where one byte is. That decides which areas merge when they move, and so
        // which ranges can be resized.
        Call::Remap { at, old, way, .. } if draw.huge && old > 0 => {
            let way = if let Way::To(to) = way { Way::To(to + by) } else { way };
            Call::Remap { at: at + by, old, new: old, way }
        }
        Call::Remap { at, old, new, way } => {
            let way = if let Way::To(to) = way { Way::To(to + by) } else { way };
            Call::Remap { at: at + by, old, new, way }
        }
        Call::Advise { at, length, advice } => Call::Advise { at: at + by, length, advice },
        Call::Lock { at, length } => Call::Lock { at: at + by, length },
        Call::LockOnFault { at, length } => Call::LockOnFault { at: at + by, length },
        Call::Unlock { at, length } => Call::Unlock { at: at + by, length },
        Call::Sync { at, length } => Call::Sync { at: at + by, length },
        Call::Incore { at, length } => Call::Incore { at: at + by, length },
        Call::Read { at, length } => Call::Read { at: at + by, length },
        Call::Write { at, bytes } => Call::Write { at: at + by, bytes },
        Call::Execute { at } => Call::Execute { at: at + by },
        Call::CompareExchange { at, expected, new } => Call::CompareExchange { at: at + by, expected, new },
        Call::Break { .. } | Call::Fork | Call::Exit | Call::Truncate { .. } => call,
    }
}

fn length() -> impl Strategy<Value = u64> {
    prop_oneof![
        20 => (1u64..=6).prop_map(|pages| pages * PAGE),
        2 => 1u64..=3 * PAGE,
        1 => Just(0),
    ]
}

/// An address at a page, seldom one within.
fn address(pages: u64) -> impl Strategy<Value = u64> {
    prop_oneof![30 => (0..pages).prop_map(at), 1 => (0..pages * PAGE).prop_map(|byte| BASE + byte)]
}

fn protection() -> impl Strategy<Value = u32> {
    prop_oneof![8 => Just(RW), 3 => Just(READ), 1 => Just(0), 1 => Just(WRITE), 1 => Just(READ | EXEC), 1 => Just(RW | EXEC)]
}

fn map(pages: u64) -> impl Strategy<Value = Call> {
    let kind = prop_oneof![12 => Just(PRIVATE), 6 => Just(SHARED), 1 => Just(0)];
    let place = prop_oneof![16 => Just(FIXED), 3 => Just(NOREPLACE), 3 => Just(0)];
    let more = prop_oneof![16 => Just(0), 1 => Just(NORESERVE), 2 => Just(POPULATE), 1 => Just(LOCKED)];
    let file =
        prop_oneof![16 => Just(None), 5 => Just(Some(0)), 3 => Just(Some(1)), 1 => Just(Some(NO_FILE))];
    let offset = prop_oneof![16 => (0u64..4).prop_map(|page| page * PAGE), 1 => 0..PAGE];
    ((address(pages), length(), protection()), (kind, place, more), (file, offset)).prop_map(
        |((at, length, protection), (kind, place, more), (file, offset))| {
            let offset = if file.is_some() { offset } else { 0 };
            Call::Map { at, length, protection, flags: kind | place | more, file, offset }
        },
    )
}

fn advice() -> impl Strategy<Value = i32> {
    prop_oneof![
        6 => Just(DONTNEED),
        2 => Just(FREE),
        2 => prop_oneof![Just(DONTFORK), Just(DOFORK), Just(WIPEONFORK), Just(KEEPONFORK)],
        3 => Just(GUARD_INSTALL),
        2 => Just(GUARD_REMOVE),
        3 => prop_oneof![Just(POPULATE_READ), Just(POPULATE_WRITE)],
        1 => prop_oneof![Just(COLD), Just(PAGEOUT), Just(WILLNEED), Just(0), Just(1), Just(2)],
        1 => prop_oneof![Just(MERGEABLE), Just(UNMERGEABLE), Just(HUGEPAGE), Just(NOHUGEPAGE)],
        1 => Just(77),
    ]
}

fn access(draw: Draw) -> impl Strategy<Value = Call> {
    let from = move || prop_oneof![4 => (0..draw.pages).prop_map(at), 2 => (0..draw.pages * PAGE).prop_map(|b| BASE + b)];
    let size = || prop_oneof![6 => 1u64..=16, 1 => 1..=3 * PAGE];
    let write = (from(), size(), any::<u8>())
        .prop_map(|(at, length, byte)| Call::Write { at, bytes: vec![byte % 8; length as usize] });
    let read = (from(), size()).prop_map(|(at, length)| Call::Read { at, length });
    let exchange =
        (from(), 0u8..3, 0u8..3).prop_map(|(at, expected, new)| Call::CompareExchange { at, expected, new });
    let fetch = from().prop_map(|at| Call::Execute { at });
    prop_oneof![12 => write, 12 => read, 2 => exchange, 2 => fetch]
}

fn remap(pages: u64) -> impl Strategy<Value = Call> {
    let way = prop_oneof![
        3 => Just(Way::InPlace),
        2 => Just(Way::MayMove),
        5 => address(pages).prop_map(Way::To),
    ];
    let equal = (length(), length(), any::<bool>())
        .prop_map(|(old, new, equal)| (old, if equal { old } else { new }));
    (address(pages), equal, way).prop_map(|(at, (old, new), way)| Call::Remap { at, old, new, way })
}

fn call(draw: Draw) -> impl Strategy<Value = Call> {
    let pages = draw.pages;
    let range = move || (address(pages), length());
    let protect = (range(), prop_oneof![30 => protection(), 1 => Just(0x40)])
        .prop_map(|((at, length), protection)| Call::Protect { at, length, protection });
    let advise = (range(), advice()).prop_map(|((at, length), advice)| Call::Advise { at, length, advice });
    let truncate = (0u32..2, 0..=7 * PAGE, any::<bool>()).prop_map(|(file, length, whole)| Call::Truncate {
        file,
        length: if whole { length / PAGE * PAGE } else { length },
    });
    let brk = (-(3 * PAGE as i64)..=4 * PAGE as i64).prop_map(|by| Call::Break { by });
    prop_oneof![
        14 => map(pages),
        6 => range().prop_map(|(at, length)| Call::Unmap { at, length }),
        8 => protect,
        7 => remap(pages),
        10 => advise,
        2 => range().prop_map(|(at, length)| Call::Lock { at, length }),
        1 => range().prop_map(|(at, length)| Call::LockOnFault { at, length }),
        2 => range().prop_map(|(at, length)| Call::Unlock { at, length }),
        1 => range().prop_map(|(at, length)| Call::Sync { at, length }),
        3 => range().prop_map(|(at, length)| Call::Incore { at, length }),
        30 => access(draw),
        3 => Just(Call::Fork),
        1 => Just(Call::Exit),
        2 => truncate,
        2 => brk,
    ]
}

/// A sequence of steps.
pub fn steps(draw: Draw) -> impl Strategy<Value = Vec<Step>> {
    let step = (any::<u8>(), call(draw))
        .prop_map(move |(who, call)| Step { who: who.into(), call: adapt(call, draw) });
    prop::collection::vec(step, draw.longest / 2..=draw.longest)
}
