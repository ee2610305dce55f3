//! What the checked mode costs: `cargo bench --bench checked [-- SAMPLE...]`.
//!
//! The bundled recordings of real programs run over a heap as it is and within [`Checked`], and so does a steady state of
//! 1000 blocks: once without touching the blocks, so that what is measured is the heap alone, and once as a program would,
//! which writes each block once. The contenders take turns, round by round, and the best round of each counts, so that other programs on
//! the machine disturb little.

use memcore::alloc::storage::Growable;
use memcore::alloc::{Options, Tlsf};
use memcore::heap::{Checked, Checks, Heap, Mapping, MappingOptions, RawHeap, SizeClassHeap};
use memcore::trace::{AllocTrace, EventKind, ReadOptions};
use std::hint::black_box;
use std::path::Path;
use std::ptr::null_mut;
use std::time::Instant;

const ROUNDS: usize = 30;
const SAMPLES: [&str; 5] = ["steady", "cc1_tlsf_O2", "sqlite3_3000", "numpy_sgd", "pyav_video"];

/// A slot and a size: 0 frees the block in the slot.
type Operations = Vec<(u32, u32)>;

fn checks() -> Vec<(&'static str, Checks)> {
    let poison = Checks::NONE.poison(128);
    let redzone = Checks::NONE.redzone(16);
    vec![
        ("none", Checks::NONE),
        ("poison 128", poison),
        ("redzone 16", redzone),
        ("light: both", Checks::LIGHT),
        ("light, track", Checks::LIGHT.track(true)),
        ("light, quarantine 64K", Checks::LIGHT.quarantine(64 << 10)),
        ("light, guard 1 of 1000", Checks::LIGHT.guard_every(1000)),
        ("light, poison all", Checks::LIGHT.poison(usize::MAX)),
        ("full", Checks::FULL),
    ]
}

fn steady() -> (Operations, usize) {
    let mut seed = 1u64;
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut live = vec![false; 1000];
    let mut operations = Operations::new();
    for _ in 0..200_000 {
        let slot = random(1000);
        if live[slot as usize] {
            operations.push((slot as u32, 0));
        }
        live[slot as usize] = true;
        let size = (16 << random(6)) + random(16);
        operations.push((slot as u32, size as u32));
    }
    (operations, 1000)
}

fn recorded(name: &str) -> (Operations, usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python/memcore/samples");
    let path = folder.join(format!("{name}.matr.zst"));
    let trace = AllocTrace::open(&path, &ReadOptions::default(), &mut ()).expect("a bundled sample");
    let mut live = vec![false; trace.ids() as usize];
    let mut operations = Operations::new();
    for event in trace.events() {
        let slot = event.id() as usize;
        if std::mem::replace(&mut live[slot], event.kind() != EventKind::Free) {
            operations.push((event.id(), 0));
        }
        if event.kind() != EventKind::Free {
            operations.push((event.id(), u32::try_from(event.size().max(1)).expect("blocks below 4 GiB")));
        }
    }
    (operations, live.len())
}

/// Runs every operation, and frees what is left: seconds of the operations.
fn run<H: RawHeap>(heap: &mut H, operations: &[(u32, u32)], blocks: &mut [*mut u8], write: bool) -> f64 {
    let before = Instant::now();
    for &(slot, size) in operations {
        let block = &mut blocks[slot as usize];
        if size == 0 {
            heap.free(*block).expect("a live block");
            *block = null_mut();
        } else {
            *block = black_box(heap.allocate(size as usize, 16).expect("room").as_ptr());
            if write {
                // SAFETY: the block has so many bytes.
                unsafe { block.write_bytes(1, size as usize) };
            }
        }
    }
    let elapsed = before.elapsed().as_secs_f64();
    for block in blocks.iter_mut().filter(|block| !block.is_null()) {
        heap.free(*block).expect("a live block");
        *block = null_mut();
    }
    elapsed
}

fn memory() -> Mapping {
    Mapping::reserve(MappingOptions::new(1 << 33)).expect("addresses")
}

fn table<H: RawHeap>(kind: &str, sample: &str, make: impl Fn() -> H) {
    let (operations, slots) = if sample == "steady" { steady() } else { recorded(sample) };
    let mut blocks = vec![null_mut(); slots];
    let mut plain = make();
    let mut checked: Vec<_> = checks()
        .into_iter()
        .map(|(name, checks)| {
            (name, Checked::new(make(), checks).expect("an empty heap"), [f64::INFINITY; 2])
        })
        .collect();
    let mut unchecked = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        for (index, write) in [false, true].into_iter().enumerate() {
            unchecked[index] = unchecked[index].min(run(&mut plain, &operations, &mut blocks, write));
            for (_, heap, best) in &mut checked {
                best[index] = best[index].min(run(heap, &operations, &mut blocks, write));
            }
        }
    }
    let each = 1e9 / operations.len() as f64;
    println!(
        "\n{kind}, {sample}: {} operations; ns each alone, and with every block written",
        operations.len()
    );
    println!("{:<24} {:>7.1} {:>14.1}", "unchecked", unchecked[0] * each, unchecked[1] * each);
    for (name, _, best) in checked {
        let [alone, written] = best;
        let ratios = (alone / unchecked[0], written / unchecked[1]);
        println!(
            "{name:<24} {:>7.1} {:>5.2}x {:>7.1} {:>5.2}x",
            alone * each,
            ratios.0,
            written * each,
            ratios.1
        );
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    for sample in SAMPLES {
        if words.is_empty() || words.iter().any(|word| word == sample) {
            let make = |options: Options, _: &mut _| Tlsf::new(options);
            // SAFETY: the allocator is the library's.
            let tlsf = || unsafe { Heap::with_parts(memory(), &mut Growable::default(), make) };
            table("Heap<Tlsf>", sample, || tlsf().expect("a heap"));
            table("SizeClassHeap", sample, || SizeClassHeap::new(memory()).expect("a heap"));
        }
    }
}
