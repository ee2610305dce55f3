//! Generated references: their shapes, their text form, and that they never change.

use memcore::spec::SpecError;
use memcore::trace::generate::{Depths, Exponent, PagePattern, PageWorkload};
use memcore::trace::{AccessKind, PageTrace, TraceError};

fn generate(text: &str) -> PageTrace {
    text.parse::<PageWorkload>().unwrap().generate(&mut ()).unwrap()
}

/// The page of each reference.
fn pages(text: &str) -> Vec<u64> {
    let trace = generate(text);
    trace.references().iter().map(|&reference| trace.keys()[reference as usize]).collect()
}

#[test]
fn walks_are_what_their_names_say() {
    assert_eq!(pages("loop:pages=3,references=8"), [0, 1, 2, 0, 1, 2, 0, 1]);
    assert_eq!(pages("sequential:pages=3,references=8"), [0, 0, 0, 1, 1, 1, 2, 2]);
    assert_eq!(pages("sequential:pages=9,references=3"), [0, 1, 2]);
    assert_eq!(pages("zipf:pages=1,references=3"), [0, 0, 0]);
    // All scan, of all pages: from a drawn page round to it.
    let scan = pages("scan:pages=5,references=10,share=100,length=5");
    assert!(scan[..5].windows(2).all(|pair| pair[1] == (pair[0] + 1) % 5), "{scan:?}");
    // One page deep, the top is taken again and again.
    assert_eq!(pages("stack-distance:pages=9,references=4,mean=0"), [0, 0, 0, 0]);
}

#[test]
fn shares_are_as_asked_for() {
    let trace = generate("zipf:pages=100,references=200000,exponent=1.0,writes=30");
    let writes = trace.kinds().unwrap().iter().filter(|&&kind| kind == AccessKind::Write).count();
    assert!((59_000..61_000).contains(&writes), "{writes}");
    let mut counts = [0u32; 100];
    pages("zipf:pages=100,references=200000,exponent=1.0")
        .iter()
        .for_each(|&page| counts[page as usize] += 1);
    // The sum of 1/k to 100 is 5.18738: 38,555 references to the first page, half of them to the second.
    assert!((37_900..39_200).contains(&counts[0]) && (18_800..19_800).contains(&counts[1]), "{counts:?}");
    assert!((280..490).contains(&counts[99]), "{counts:?}");

    let steps = pages("scan:pages=100000,references=300000,exponent=0.0,share=25,length=50");
    let in_order = steps.windows(2).filter(|pair| pair[1] == (pair[0] + 1) % 100_000).count();
    assert!((70_000..77_000).contains(&in_order), "{in_order}");

    let list = pages("stack-distance:pages=1000,references=20000,mean=10");
    let mut stack: Vec<u64> = (0..1000).collect();
    let mut sum = 0;
    for &page in &list {
        let depth = stack.iter().position(|&other| other == page).unwrap();
        stack.remove(depth);
        stack.insert(0, page);
        sum += depth;
    }
    // Rounding a depth down takes a half from the mean.
    assert!((9.2..9.8).contains(&(sum as f64 / 20_000.0)), "{}", sum as f64 / 20_000.0);
}

#[test]
fn phases_have_their_working_sets_and_overlaps() {
    let list = pages("phases:pages=100,references=4002,phases=4,set=20,overlap=25");
    let lengths = [1001, 1001, 1000, 1000];
    let mut begin = 0;
    for (phase, length) in lengths.into_iter().enumerate() {
        let start = 15 * phase as u64;
        let part = &list[begin..begin + length];
        assert!(part.iter().all(|page| (start..start + 20).contains(page)), "phase {phase}");
        assert!((start..start + 20).all(|page| part.contains(&page)), "phase {phase}");
        begin += length;
    }
}

#[test]
fn writes_change_no_reference_and_the_seed_all() {
    let text = "zipf:pages=1000,references=5000,exponent=0.8";
    assert_eq!(pages(text), pages(&format!("{text},writes=50")));
    assert_ne!(pages(text), pages(&format!("{text},seed=2")));
    assert_eq!(generate(text).kinds(), None);
    assert!(
        generate(&format!("{text},writes=100"))
            .kinds()
            .unwrap()
            .iter()
            .all(|&kind| kind == AccessKind::Write)
    );
}

/// The promise of every later version: these are the references. (Computed by another program, with weights
/// in decimal arithmetic of sixty places.)
#[test]
fn the_references_of_a_workload_never_change() {
    for (text, expected) in VECTORS {
        assert_eq!(pages(text), expected, "{text}");
    }
}

const VECTORS: [(&str, [u64; 12]); 5] = [
    ("zipf:pages=1000,references=12,exponent=1.0,seed=1", [16, 747, 100, 10, 184, 3, 83, 2, 97, 134, 38, 0]),
    ("uniform:pages=1000,references=12,seed=1", [811, 747, 100, 746, 184, 590, 986, 523, 96, 134, 920, 343]),
    (
        "scan:pages=1000,references=12,share=60,length=4,seed=1",
        [747, 746, 747, 748, 749, 590, 591, 592, 593, 2, 134, 135],
    ),
    (
        "stack-distance:pages=1000,references=12,distances=zipf,exponent=0.5,seed=1",
        [46, 747, 99, 745, 182, 588, 179, 520, 89, 128, 920, 338],
    ),
    (
        "phases:pages=1000,references=12,phases=3,set=9,exponent=0.7,seed=1",
        [7, 0, 0, 0, 10, 14, 10, 13, 18, 19, 26, 21],
    ),
];

#[test]
fn the_text_form_is_read_back() {
    for text in [
        "zipf:pages=10000,references=1000000,exponent=0.85,seed=1",
        "uniform:pages=1048576,references=5,writes=7,seed=3",
        "scan:pages=500,references=10,exponent=1.0,share=10,length=500,seed=1",
        "stack-distance:pages=10000,references=1000000,distances=zipf,exponent=1.25,seed=1",
        "phases:pages=10000,references=1000000,phases=8,set=1250,overlap=0,exponent=0.0,seed=1",
    ] {
        assert_eq!(text.parse::<PageWorkload>().unwrap().to_string(), text);
    }
    let workload: PageWorkload = " stack-distance : mean=1K , pages=1M ".parse().unwrap();
    assert_eq!(workload.pattern, PagePattern::StackDistance { depths: Depths::Geometric { mean: 1024 } });
    assert_eq!(generate("loop:references=5").comment(), Some("loop:pages=10000,references=5,seed=1"));
}

#[test]
fn what_makes_no_sense_is_an_error_that_says_so() {
    let error = |text: &str| text.parse::<PageWorkload>().unwrap_err();
    for (text, shown) in [
        ("zip", "unknown page workload \"zip\"; known: zipf, uniform,"),
        ("loop:exponent=1", "loop has no parameter \"exponent\"; known: pages, references, writes, seed"),
        ("zipf:exponent=-1", "exponent=-1: must be a decimal number from 0 to 10"),
        ("zipf:exponent=1.2345", "exponent=1.2345: must be"),
        ("zipf:exponent=10.001", "exponent=10.001: must be"),
        ("zipf:pages=0", "pages=0: must be from 1 to 2^32 - 17"),
        ("zipf:pages=4294967280", "pages=4294967280: must be"),
        ("zipf:references=5000000000", "references=5000000000: must be"),
        ("zipf:writes=101", "writes=101: must be from 0 to 100"),
        ("scan:length=20000", "length=20000: must be from 1 to the number of pages"),
        ("scan:share=x", "share=x: must be"),
        ("phases:phases=0", "phases=0: must be at least 1"),
        ("phases:set=0", "set=0: must be"),
        ("stack-distance:mean=4,distances=zipf", "mean=4: goes with distances=geometric only"),
        ("stack-distance:distances=flat", "distances=flat: must be geometric or zipf"),
        ("loop:pages", "\"pages\" is not a new key=value"),
    ] {
        let found = error(text).to_string();
        assert!(found.starts_with(shown), "{text:?} gave {found}");
    }
    let pattern = PagePattern::Zipf { exponent: Exponent::ONE };
    let workload = PageWorkload { writes: 101, ..PageWorkload::new(pattern) };
    let failure = workload.generate(&mut ()).unwrap_err();
    assert!(matches!(failure, TraceError::Spec(SpecError::BadValue { .. })), "{failure}");
    let mut stop = |_: u64, _: Option<u64>| core::ops::ControlFlow::Break(());
    assert!(matches!(PageWorkload::new(pattern).generate(&mut stop), Err(TraceError::Cancelled)));
}
