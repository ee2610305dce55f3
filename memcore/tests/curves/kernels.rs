//! The kernels count what their policies do.

use super::model::{MORE_PAGES, skewed, strings};
use memcore::replacement::{AnyPolicy, Policy, PolicySpec};
use proptest::prelude::*;

/// Every policy that has a kernel, in every variant of it.
const WITH_KERNEL: &[&str] = &["fifo", "lru", "clock:bit=set", "clock:bit=clear", "sieve"];

fn online(spec: &PolicySpec, frames: u32, references: &[u32], pages: u32) -> u64 {
    let mut policy = AnyPolicy::of(spec, frames).unwrap();
    policy.reserve(pages).unwrap();
    references.iter().filter(|&&page| !policy.access(page, &mut ())).count() as u64
}

/// By the kernel, in chunks, with pages reserved as they come.
fn counted(spec: &PolicySpec, frames: u32, references: &[u32], chunk: usize) -> u64 {
    let mut kernel = spec.kernel(frames).unwrap().expect("it has a kernel");
    let mut known = 0;
    let run = |chunk: &[u32]| {
        known = known.max(chunk.iter().max().unwrap() + 1);
        kernel.reserve(known).unwrap();
        kernel.run(chunk)
    };
    references.chunks(chunk).map(run).sum()
}

#[test]
fn all_that_have_a_kernel_are_tested() {
    for name in PolicySpec::names() {
        let has_kernel = name.parse::<PolicySpec>().unwrap().kernel(3).unwrap().is_some();
        let is_tested = WITH_KERNEL.iter().any(|tested| tested.split(':').next() == Some(name));
        assert_eq!(has_kernel, is_tested, "{name}");
    }
}

#[test]
fn kernels_agree_on_long_strings() {
    let references = skewed(4, 200_000, 5000);
    for name in WITH_KERNEL {
        let spec: PolicySpec = name.parse().unwrap();
        for frames in [1, 2, 31, 32, 33, 500, 2500, 4999, 5000, 6000, 1 << 31] {
            let expected = online(&spec, frames, &references, 5000);
            assert_eq!(counted(&spec, frames, &references, 7777), expected, "{name} at {frames}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn kernels_agree_with_their_policies(
        references in strings(),
        frames in 1u32..26,
        chunk in 1usize..50,
    ) {
        for name in WITH_KERNEL {
            let spec: PolicySpec = name.parse().unwrap();
            let expected = online(&spec, frames, &references, MORE_PAGES);
            prop_assert_eq!(counted(&spec, frames, &references, chunk), expected, "{} at {}", name, frames);
        }
    }
}
