//! Short strings worked through with pencil and paper, for the policies whose papers leave much to get wrong.

use crate::tables::{generator, misses};
use crate::world::World;
use memcore::replacement::{AnyPolicy, Page, Pager, Policy, PolicySpec};
use std::collections::BTreeSet;

/// Runs the string, `!` behind a page that is written; gives the hits, as many as the string has pages, and the victims.
fn run(spec: &str, frames: u32, string: &str) -> (String, Vec<Page>, World) {
    let mut policy = AnyPolicy::of(&spec.parse().unwrap(), frames).unwrap();
    policy.reserve(10).unwrap();
    let mut world = World::default();
    let mut hits = String::new();
    for word in string.split(' ') {
        let page = word.trim_end_matches('!').parse().unwrap();
        hits.push(if policy.access(page, &mut world) { 'h' } else { '.' });
        if word.ends_with('!') {
            world.dirty.insert(page);
        }
    }
    (hits, world.evicted.clone(), world)
}

fn check(spec: &str, frames: u32, string: &str, hits: &str, evicted: &[Page]) {
    let (counted, victims, _) = run(spec, frames, string);
    assert_eq!((&*counted, &*victims), (hits, evicted), "{spec}, {frames} frames, {string}");
}

/// T1 0 1 -> T2 0, B1 1 -> 1 found in B1 (p = 1) -> 2 found in B1 (p = 2), T2's hand clears 0's bit and takes 1 -> 1 found
/// in B2 (p = 1), the hand takes 0.
#[test]
fn car() {
    check("car", 2, "0 1 0 2 0 1 2 1", "..h.h...", &[1, 2, 1, 0]);
}

/// S 1 2, Q 3 -> 3 and 4 are ghosts in turn -> 3 returns and is LIR, 1 goes to Q -> 4 returns and is LIR, 2 goes to Q.
#[test]
fn lirs() {
    check("lirs", 3, "1 2 3 4 3 1 4 2 5", ".....h.h.", &[3, 4, 1, 2]);
}

/// In a loop over one page more than there are frames, all LIR pages stay, and two pages share the HIR frame.
#[test]
fn lirs_keeps_a_loop() {
    for frames in 2..=16 {
        let string: Vec<Page> = (0..=frames).cycle().take(10 * (frames as usize + 1)).collect();
        assert_eq!(misses(&"lirs".parse().unwrap(), frames, &string), u64::from(frames) + 1 + 9 * 2);
    }
}

/// 1 passes its test and is hot; 2 returns from its test and is hot, and the hot hand forgets 3, cools 1 and ends the test
/// of 4; 1 begins a new test, passes it, and the hot hand cools 2.
#[test]
fn clock_pro() {
    check("clock-pro", 3, "1 2 3 1 4 2 1 5 1 6", "...h..h.h.", &[2, 3, 4, 2]);
}

/// 1 moves to main with two hits; 2 and 3 return from the ghosts to main; main's hand passes 1 once and takes 2.
#[test]
fn s3_fifo() {
    check("s3-fifo", 3, "1 2 3 1 1 4 2 5 1 3 6", "...hh...h..", &[2, 3, 4, 5, 2]);
}

#[test]
fn s3_fifo_moves_at_its_threshold() {
    check("s3-fifo:threshold=1", 3, "1 1 2 3 4", ".h...", &[2]);
    check("s3-fifo:threshold=2", 3, "1 1 2 3 4", ".h...", &[1]);
    check("s3-fifo:threshold=3", 3, "1 1 1 2 3 4", ".hh...", &[1]);
}

/// Up to the first eviction small has 1, main 2 and 3: the victim is 1, not the purge of small's three.
#[test]
fn s3_fifo_warms_up_as_told() {
    check("s3-fifo:warm=small", 3, "1 2 3 4 5", ".....", &[1, 2]);
    check("s3-fifo:warm=main", 3, "1 2 3 4 5", ".....", &[1, 4]);
}

/// 3 loses against 2 on a tie and is remembered; with its second reference it wins; 2 in turn loses on a tie against 1.
#[test]
fn w_tinylfu() {
    check("w-tinylfu", 3, "1 2 3 1 4 3 5 3 2 6", "...h...h..", &[3, 4, 2, 5, 2]);
}

/// A sample of three references: before the fourth the count of 1 falls from 3 to 1, before the sixth to 0. So 3, once
/// referenced, wins against it, where it loses if nothing is forgotten.
#[test]
fn w_tinylfu_forgets() {
    check("w-tinylfu:sample=1", 3, "1 1 1 2 2 3 4", ".hh.h..", &[1]);
    check("w-tinylfu:sample=10", 3, "1 1 1 2 2 3 4", ".hh.h..", &[3]);
}

/// Two sweeps leave 2 and 3 old and 1 younger; 3 is referenced in time and moves up, so 1 goes before it.
#[test]
fn mglru() {
    check("mglru", 3, "1 2 3 1 4 3 5 1", "...h.h..", &[2, 1, 4]);
}

/// 0 leaves at the slow miss of 3, having gone unused since the miss of 2; 2, 3 and 4 leave at the slow miss of 6.
#[test]
fn page_fault_frequency() {
    check("pff:interval=3", 1, "0 1 2 2 1 3 4 5 1 1 1 6", "...hh...hhh.", &[0, 2, 3, 4]);
}

/// 1 is the only page unused for more than two references. Dirty, it is cleaned, and leaves after the round; where there
/// is a clean old page, that one leaves instead.
#[test]
fn wsclock() {
    check("wsclock:tau=2", 3, "0 1 2 0 2 3", "...hh.", &[1]);
    let (_, evicted, world) = run("wsclock:tau=2", 3, "0 1! 2 0 2 3");
    assert_eq!((evicted, world.cleaned), (vec![1], vec![1]));
    let (_, evicted, world) = run("wsclock:tau=2", 3, "0! 1 2 2 2 3");
    assert_eq!((evicted, world.cleaned), (vec![1], vec![0]));
    // Nothing is old: CLOCK.
    check("wsclock:tau=100", 3, "0 1 2 0 2 3 4", "...hh..", &[1, 0]);
}

/// The definition: a hit iff among the last tau references; resident are the distinct pages of the last tau.
#[test]
fn the_working_set_is_what_was_referenced_in_the_last_tau() {
    let string = &generator("B")[..20_000];
    for tau in [1, 2, 50, 700] {
        let spec: PolicySpec = format!("working-set:tau={tau}").parse().unwrap();
        let mut policy = AnyPolicy::of(&spec, 1).unwrap();
        policy.reserve(7000).unwrap();
        for (now, page) in string.iter().enumerate() {
            let hit = policy.access(*page, &mut ());
            assert_eq!(
                hit,
                string[now.saturating_sub(tau)..now].contains(page),
                "tau {tau}, reference {now}"
            );
            if now % 37 == 0 {
                let window: BTreeSet<Page> =
                    string[(now + 1).saturating_sub(tau)..=now].iter().copied().collect();
                assert_eq!(policy.resident() as usize, window.len(), "tau {tau}, reference {now}");
                assert!(window.iter().all(|&page| policy.is_resident(page)), "tau {tau}, reference {now}");
            }
        }
    }
}

/// How many pages the policy knows something of, by what it tells.
#[derive(Default)]
struct Known {
    pages: BTreeSet<Page>,
    most: usize,
}

impl Pager for Known {
    fn forgotten(&mut self, page: Page) {
        assert!(self.pages.remove(&page));
    }
}

#[test]
fn memory_of_what_left_is_bounded() {
    for (spec, frames, most) in [
        ("w-tinylfu", 5, 5 + 50),
        ("w-tinylfu:sample=2", 5, 5 + 10),
        ("lirs", 10, 10 + 10),
        ("lirs:ghosts=50", 10, 10 + 5),
        ("clock-pro", 10, 10 + 10),
        ("arc", 10, 20),
        ("car", 10, 20),
        ("s3-fifo", 10, 10 + 9),
    ] {
        let mut policy = AnyPolicy::of(&spec.parse().unwrap(), frames).unwrap();
        policy.reserve(3000).unwrap();
        let mut known = Known::default();
        for page in 0..3000u32 {
            // Each page comes back soon, and again after it may have been forgotten.
            for back in [0, 1, 13, 50] {
                let page = page.saturating_sub(back);
                policy.access(page, &mut known);
                known.pages.insert(page);
                known.most = known.most.max(known.pages.len());
            }
        }
        assert!(known.most <= most, "{spec}: {} are known", known.most);
    }
}
