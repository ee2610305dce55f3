//! What the fuzz targets do with the bytes they are given; `cargo +nightly fuzz run region`, and so on.
//!
//! ```text
//! bytes   [ which heap, how large, where it begins | 17 bytes a step: kind of call, two numbers | ... ]
//! ```
//!
//! The heaps with the interface of all heaps run the state machine of the engine's tests: each block is filled with a
//! pattern that is looked at again, and addresses that are no block's come in between. The bodies are functions, so
//! that the stable compiler can call them with random bytes, too: `cargo test` in this folder.

mod arenas;
mod handles;
#[path = "../../memcore/tests/heap/harness.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod harness;
mod image;

pub use arenas::{arenas, pools};
pub use handles::handles;
pub use image::image;

use harness::{Driver, Expectations, Step};
use memcore::alloc::{Strategy, storage::Growable};
use memcore::heap::{
    Borrowed, Checked, Checks, Heap, MappedHeap, MappingOptions, RawHeap, SizeClassHeap, ThreadedHeap,
};

/// Takes numbers from the front of the bytes.
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    pub fn number(&mut self) -> Option<u64> {
        let (first, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*first))
    }

    fn steps(&self) -> impl Iterator<Item = Step> + 'a {
        self.0.chunks_exact(17).filter_map(|chunk| Some(Step::from(<[u8; 17]>::try_from(chunk).ok()?)))
    }
}

fn drive(heap: impl RawHeap, expectations: Expectations, input: &Input) {
    let mut driver = Driver::new(heap, expectations);
    input.steps().for_each(|step| driver.take(&step));
    driver.finish();
}

/// Bytes in which a heap begins somewhere.
fn bytes(input: &mut Input) -> Option<(Vec<u8>, usize)> {
    let (log2, offset, less) = (6 + input.byte()? % 13, input.byte()?, input.byte()?);
    let len = (1usize << log2) - usize::from(less % 48);
    Some((vec![0x5a; len + usize::from(offset)], offset.into()))
}

const STRATEGIES: [&str; 14] = [
    "first-fit",
    "next-fit",
    "best-fit",
    "best-fit:tie=recent",
    "worst-fit",
    "tlsf",
    "tlsf:probe=4,tie=lowest",
    "size-classes",
    "size-classes:fallback=best-fit,keep=1",
    "size-classes:page=8,largest=4096,fallback=tlsf",
    "buddy",
    "pool:slot=2048",
    "bump",
    "stack",
];

fn read(text: &str) -> Strategy {
    text.parse().expect("a strategy that exists")
}

fn expectations(strategy: &Strategy) -> Expectations {
    let default = Expectations::default();
    match strategy {
        Strategy::Buddy | Strategy::Pool { .. } => Expectations { widest: 16, ..default },
        Strategy::Stack => Expectations { last_in_first_out: true, resizes_last_only: true, ..default },
        Strategy::Bump => Expectations { resizes_last_only: true, ..default },
        _ => default,
    }
}

/// `Heap` over every strategy.
pub fn region(data: &[u8]) {
    let mut input = Input(data);
    let Some((strategy, (mut bytes, offset))) = input.byte().zip(bytes(&mut input)) else { return };
    let strategy = read(STRATEGIES[strategy as usize % STRATEGIES.len()]);
    let Ok(heap) = Heap::new(&strategy, Borrowed::new(&mut bytes[offset..])) else { return };
    drive(heap, expectations(&strategy), &input);
}

const CLASSES: [&str; 6] = [
    "size-classes:page=64,span=512,largest=256",
    "size-classes:page=64,span=4096,largest=512,keep=1,fallback=tlsf",
    "size-classes:page=4096,span=65536,steps=8,largest=4096,fallback=best-fit,keep=1",
    "size-classes:classes=48+80+1000+5000,span=300,page=256,fallback=worst-fit,keep=1",
    "size-classes:page=1024,span=1,steps=1,largest=1024,fallback=next-fit",
    "size-classes:page=1024,span=16384,steps=32,largest=6000,keep=1",
];

const SLOTS: Expectations = Expectations {
    knows_double_frees: false,
    slots_count_as_freed: true,
    caches: false,
    last_in_first_out: false,
    resizes_last_only: false,
    widest: 1 << 20,
    largest: 1 << 20,
    validate_every: 1,
};

/// `SizeClassHeap` with several tables, in memory of the caller's and in memory that grows.
pub fn size_classes(data: &[u8]) {
    let mut input = Input(data);
    let Some((choice, (mut bytes, offset))) = input.byte().zip(bytes(&mut input)) else { return };
    let Strategy::SizeClasses(parameters) = read(CLASSES[choice as usize % CLASSES.len()]) else { return };
    if choice >= 128 {
        let options = MappingOptions::new(1 << 20);
        let Ok(heap) = MappedHeap::reserve_with(options, &parameters) else { return };
        return drive(heap, SLOTS, &input);
    }
    let memory = Borrowed::new(&mut bytes[offset..]);
    let heap = SizeClassHeap::with_parameters(memory, &parameters, &mut Growable::default());
    let Ok(heap) = heap else { return };
    drive(heap, SLOTS, &input);
}

/// `ThreadedHeap`, one thread.
pub fn threads(data: &[u8]) {
    let mut input = Input(data);
    let Some(limit) = input.byte() else { return };
    let Ok(heap) = ThreadedHeap::reserve(MappingOptions::new((usize::from(limit % 64) + 1) << 16)) else {
        return;
    };
    drive(heap, Expectations { caches: true, ..SLOTS }, &input);
}

/// `Checked` over two heaps.
pub fn checked(data: &[u8]) {
    let mut input = Input(data);
    let Some((choice, (mut bytes, offset))) = input.byte().zip(bytes(&mut input)) else { return };
    let memory = Borrowed::new(&mut bytes[offset..]);
    let checks = match choice % 4 {
        0 => Checks::NONE,
        1 => Checks::LIGHT,
        2 => Checks::FULL,
        _ => Checks::NONE.redzone(64).poison(usize::MAX).quarantine(2000),
    };
    // Of a large redzone there may be one for each byte asked for.
    let expectations = Expectations { widest: 4096, caches: true, ..SLOTS };
    if choice & 4 == 0 {
        let Ok(heap) = Heap::new(&read("tlsf"), memory) else { return };
        let Ok(heap) = Checked::new(heap, checks) else { return };
        drive(heap, expectations, &input);
    } else {
        let Ok(heap) = SizeClassHeap::new(memory) else { return };
        let Ok(heap) = Checked::new(heap, checks) else { return };
        drive(heap, expectations, &input);
    }
}
