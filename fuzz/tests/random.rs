//! The targets with random bytes instead of a fuzzer's: `cargo test`, for FUZZ_SECONDS (1) each.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use std::time::{Duration, Instant};

fn run(target: fn(&[u8])) {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(1);
    let start = Instant::now();
    for seed in 0.. {
        if start.elapsed() > Duration::from_secs(seconds) {
            break;
        }
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut data = vec![0u8; (random.next_u64() % 1500) as usize];
        random.fill_bytes(&mut data);
        if std::panic::catch_unwind(|| target(&data)).is_err() {
            panic!("seed {seed}");
        }
    }
}

macro_rules! targets {
    ($($name:ident,)+) => {
        $(#[test]
        fn $name() {
            run(memcore_fuzz::$name);
        })+
    };
}

targets! { region, size_classes, threads, checked, handles, image, arenas, pools, }
