//! Policies of one's own that tell hits alone, and curves at sizes that make no sense.

use super::model::skewed;
use memcore::replacement::PolicyError;
use memcore::replay::paging::{
    CurveOptions, PagingError, PagingOptions, PlainPolicy, miss_ratio_curve, simulate, simulate_plain,
};
use memcore::trace::{AccessKind, PageTrace};
use std::ops::ControlFlow;

/// LRU from its definition: the page used last is the last one of the list.
struct Recency {
    pages: Vec<u64>,
    frames: usize,
    evictions: u64,
    kinds: Vec<AccessKind>,
    breaks_at: usize,
}

impl Recency {
    fn new(frames: usize) -> Recency {
        Recency { pages: Vec::new(), frames, evictions: 0, kinds: Vec::new(), breaks_at: usize::MAX }
    }
}

impl PlainPolicy for Recency {
    fn access(&mut self, page: u64, kind: AccessKind) -> Result<bool, String> {
        if self.kinds.len() == self.breaks_at {
            return Err("out of ideas".to_owned());
        }
        self.kinds.push(kind);
        let place = self.pages.iter().position(|&other| other == page);
        if let Some(place) = place {
            self.pages.remove(place);
        } else if self.pages.len() == self.frames {
            self.pages.remove(0);
            self.evictions += 1;
        }
        self.pages.push(page);
        Ok(place.is_some())
    }

    fn evictions(&self) -> u64 {
        self.evictions
    }
}

fn trace() -> PageTrace {
    let keys: Vec<u64> = skewed(5, 70_000, 300).into_iter().map(|page| u64::MAX - u64::from(page)).collect();
    let kinds: Vec<AccessKind> = keys
        .iter()
        .map(|key| match key % 3 {
            0 => AccessKind::Write,
            1 => AccessKind::Read,
            _ => AccessKind::Execute,
        })
        .collect();
    PageTrace::from_keys(&keys, Some(&kinds)).unwrap()
}

#[test]
fn a_plain_policy_counts_as_a_built_in_one() {
    let trace = trace();
    for frames in [1, 20, 250] {
        let mut own = Recency::new(frames as usize);
        let mut reports = Vec::new();
        let mut watch = |done: u64, total: Option<u64>| {
            reports.push((done, total));
            ControlFlow::Continue(())
        };
        let told = simulate_plain(&trace, &mut own, "recency", Some(frames), &mut watch).unwrap();
        let expected =
            simulate(&trace, &"lru".parse().unwrap(), frames, &PagingOptions::default(), &mut ()).unwrap();
        assert_eq!((told.policy.as_str(), told.frames), ("recency", Some(frames)));
        assert_eq!((told.accesses, told.hits, told.misses), (70_000, expected.hits, expected.misses));
        assert_eq!((told.evictions, told.writebacks), (expected.evictions, None));
        assert_eq!(own.kinds, trace.kinds().unwrap());
        assert_eq!(reports, [(32_768, Some(70_000)), (65_536, Some(70_000)), (70_000, Some(70_000))]);
    }
}

#[test]
fn a_plain_policy_that_breaks_ends_the_simulation() {
    let mut own = Recency { breaks_at: 40_000, ..Recency::new(3) };
    let told = simulate_plain(&trace(), &mut own, "recency", None, &mut ());
    assert_eq!(told.unwrap_err().to_string(), "reference 40000: out of ideas");
    let mut never = |_: u64, _: Option<u64>| ControlFlow::Break(());
    let mut own = Recency::new(3);
    let told = simulate_plain(&trace(), &mut own, "recency", None, &mut never);
    assert!(matches!(told, Err(PagingError::Cancelled)));
    assert_eq!(own.kinds.len(), 32_768);
}

#[test]
fn the_sizes_of_a_curve_ascend() {
    let trace = trace();
    for name in ["lru", "opt", "fifo"] {
        let curve = |frames: &[u32]| {
            let options = CurveOptions { frames: Some(frames.to_vec()), ..CurveOptions::default() };
            miss_ratio_curve(&trace, &name.parse().unwrap(), &options, &mut ())
        };
        for (frames, before) in [(4, 5), (5, 5)] {
            let refused = curve(&[1, before, frames]).unwrap_err();
            assert_eq!(refused.to_string(), format!("{frames} frames after {before}: must ascend"), "{name}");
        }
        let refused = curve(&[0, 1]).unwrap_err();
        assert!(matches!(refused, PagingError::Policy(PolicyError::Frames { frames: 0 })), "{name}");
        assert!(curve(&[]).unwrap().frames().is_empty(), "{name}");
    }
}
