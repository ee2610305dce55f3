//! From accesses to pages, against the definition: each access touches each of its pages once, ascending.

use std::collections::HashMap;

use memcore::trace::{
    Access, AccessKind, AccessOptions, AccessTrace, Format, PageOptions, PageReader, PageTrace, ReadOptions,
    Reason, SpaceEvent, TraceError, TraceKind, Unit, kind_of,
};
use proptest::prelude::*;

use super::{accesses, data, run};
use AccessKind::{Execute, Read, Write};

/// The definition, slowly.
fn model(trace: &AccessTrace, page_size: u64) -> (Vec<u32>, Vec<u64>, Vec<AccessKind>) {
    let (mut numbers, mut keys) = (HashMap::new(), Vec::new());
    let (mut references, mut kinds) = (Vec::new(), Vec::new());
    let whole = match trace.unit() {
        Unit::Numbers => true,
        Unit::Pages { shift } => page_size == 1 << shift,
        Unit::Bytes => false,
    };
    for access in trace.accesses() {
        let last = u128::from(access.address) + u128::from(access.size.max(1)) - 1;
        let last = last.min(u64::MAX.into()) as u64;
        let first_page = access.address / page_size;
        let last_page = if whole { first_page } else { last / page_size };
        for _ in 0..access.count {
            for page in first_page..=last_page {
                let number = *numbers.entry(page).or_insert_with(|| {
                    keys.push(page);
                    keys.len() as u32 - 1
                });
                references.push(number);
                kinds.push(access.kind);
            }
        }
    }
    (references, keys, kinds)
}

fn kind() -> impl Strategy<Value = AccessKind> {
    prop::sample::select(vec![Read, Write, Execute])
}

fn access() -> impl Strategy<Value = Access> {
    let address = prop_oneof![0..20_000u64, any::<u64>(), Just(u64::MAX), Just(u64::MAX - 4000)];
    let count = prop_oneof![4 => Just(1u32), 1 => 1..4u32, 1 => Just(70_000)];
    let size = prop_oneof![Just(0u32), 1..16u32, Just(9000)];
    (address, size, count, kind()).prop_map(|(address, size, count, kind)| Access {
        address,
        size,
        count,
        kind,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn pages_are_the_models(
        list in prop::collection::vec(access(), 0..20),
        shift in prop::sample::select(vec![0u32, 9, 12, 13, 40, 63]),
        unit in prop::sample::select(vec![Unit::Bytes, Unit::Numbers, Unit::Pages { shift: 12 }]),
    ) {
        let mut list = list;
        for access in &mut list {
            if unit != Unit::Bytes {
                access.address &= !0xfff;
            }
            if shift < 9 {
                access.count = access.count.min(3);
            }
        }
        let trace = AccessTrace::from_accesses(list, Vec::new(), unit).unwrap();
        let pages = PageTrace::from_accesses(&trace, Some(1 << shift)).unwrap();
        let (references, keys, kinds) = model(&trace, 1 << shift);
        prop_assert!(pages.references() == references);
        prop_assert_eq!(pages.keys(), keys);
        let reads = kinds.iter().all(|&kind| kind == Read);
        prop_assert!(pages.kinds().map(<[_]>::to_vec) == (!reads).then_some(kinds));

        // The same from a file, whole and in chunks.
        let mut file = Vec::new();
        trace.convert(Format::Memcore, &mut file).unwrap();
        let options = PageOptions { page_size: Some(1 << shift), ..Default::default() };
        let read = PageTrace::read(&file[..], "t", &options, &mut ()).unwrap();
        prop_assert!(read.references() == pages.references() && read.kinds() == pages.kinds());
        let mut nobody = ();
        let mut reader = PageReader::from_read(&file[..], "t", &options, &mut nobody).unwrap();
        let (mut all, mut chunk, mut chunk_kinds) = (Vec::new(), vec![9], vec![Read]);
        while reader.next_chunk(&mut chunk, Some(&mut chunk_kinds)).unwrap() {
            prop_assert_eq!(chunk.len(), chunk_kinds.len());
            prop_assert!(chunk.len() <= 1 << 16);
            all.extend_from_slice(&chunk);
        }
        prop_assert!(chunk.is_empty() && all == pages.references());
        prop_assert_eq!(reader.keys(), pages.keys());
        prop_assert_eq!(reader.references(), pages.references().len() as u64);

        // And back as accesses: the same references again.
        let again = PageTrace::from_accesses(&AccessTrace::from_pages(&pages).unwrap(), None).unwrap();
        prop_assert!(again.references() == pages.references() && again.kinds() == pages.kinds());
        prop_assert_eq!(again.keys(), pages.keys());

        // The series counts distinct pages window by window.
        let summary = pages.summary_with_points(7);
        let window = summary.window as usize;
        let naive: Vec<u32> = pages.references().chunks(window).map(|part| {
            let mut part = part.to_vec();
            part.sort_unstable();
            part.dedup();
            part.len() as u32
        }).collect();
        prop_assert!(naive.len() <= 7);
        prop_assert_eq!(summary.working_set.iter().map(|point| point.pages).collect::<Vec<_>>(), naive);
        let new: u32 = summary.working_set.iter().map(|point| point.new_pages).sum();
        prop_assert_eq!(new, pages.pages());
    }
}

#[test]
fn pages_recorded_at_another_size_are_rescaled() {
    let page_size = |text: &[u8], page_size| {
        let options = PageOptions { page_size, ..Default::default() };
        let trace = PageTrace::read(text, "t", &options, &mut ()).unwrap();
        (trace.page_size(), trace.keys().to_vec(), trace.references().to_vec())
    };
    let text = b"R 10\nR 11\nR 1f\n";
    assert_eq!(page_size(text, None), (4096, vec![16, 17, 31], vec![0, 1, 2]));
    assert_eq!(page_size(text, Some(8192)), (8192, vec![8, 15], vec![0, 0, 1]));
    assert_eq!(page_size(text, Some(1024)), (1024, vec![64, 68, 124], vec![0, 1, 2]));
    assert_eq!(page_size(b"10\n11\n31\n", None), (1, vec![10, 11, 31], vec![0, 1, 2]));
    assert_eq!(page_size(b"10\n11\n31\n", Some(8)), (8, vec![1, 3], vec![0, 0, 1]));
    assert_eq!(page_size(b" L 1fff,2\n", None), (4096, vec![1, 2], vec![0, 1]));
    for bad in [0, 3, 4095, u64::MAX] {
        let options = PageOptions { page_size: Some(bad), ..Default::default() };
        let error = PageTrace::read(&text[..], "t", &options, &mut ()).unwrap_err();
        assert!(matches!(error, TraceError::PageSize { page_size } if page_size == bad), "{error}");
    }
}

#[test]
fn a_span_of_gigabytes_is_refused_before_it_is_written_out() {
    let options = PageOptions { page_size: Some(1), ..Default::default() };
    for text in [" L 0,4294967295\n", " L 0,8\n L ffffffff00000000,4294967295\n"] {
        let error = PageTrace::read(text.as_bytes(), "t", &options, &mut ()).unwrap_err();
        assert!(
            matches!(error, TraceError::Limit { limit: "max_events", value: 1_073_741_824, .. }),
            "{error}"
        );
    }
    let limited = |max_events| {
        let read = ReadOptions { max_events, ..Default::default() };
        let access = AccessOptions { read, ..Default::default() };
        let options = PageOptions { page_size: None, access };
        PageTrace::read(&b"R 1 100\nW 2\n"[..], "t", &options, &mut ()).map(|trace| trace.references().len())
    };
    assert_eq!(limited(101).unwrap(), 101);
    assert!(matches!(limited(100), Err(TraceError::Limit { value: 100, .. })));
    assert!(matches!(limited(99), Err(TraceError::Limit { value: 99, .. })));
}

#[test]
fn accesses_given_by_a_program_are_checked() {
    let reason = |accesses, events, unit| match AccessTrace::from_accesses(accesses, events, unit) {
        Err(TraceError::Event { index, reason }) => (index, reason),
        other => panic!("{other:?}"),
    };
    let one = run(4096, 1, 1, Read);
    let none = run(4096, 1, 0, Read);
    assert_eq!(reason(vec![one, none], vec![], Unit::Bytes), (1, Reason::RunLength { count: 0 }));
    let unit = Unit::Pages { shift: 13 };
    assert_eq!(reason(vec![one], vec![], unit), (0, Reason::NotAPage { address: 4096, shift: 13 }));
    let event = SpaceEvent::Break { page: 1 };
    assert_eq!(reason(vec![one], vec![(2, event)], Unit::Bytes), (2, Reason::EventOutOfOrder));
    let back = vec![(1, event), (0, event)];
    assert_eq!(reason(vec![one], back, Unit::Bytes), (0, Reason::EventOutOfOrder));
    let error = AccessTrace::from_columns(&[1, 2], Some(&[1]), None).unwrap_err();
    assert_eq!(error.to_string(), "operation 0: the column sizes has 1 entries instead of 2");
}

#[test]
fn each_kind_of_trace_says_so_when_asked_for_the_other() {
    let told = |text: &str| TraceKind::of_content(text.as_bytes());
    assert_eq!(told("1\n2\n3\n4\na 0 1\n"), Some((TraceKind::Allocations, Format::Rep)));
    assert_eq!(told("1\n2\n3\n4\n5\n"), Some((TraceKind::Accesses, Format::Numbers)));
    assert_eq!(told("==1== x\n--1-- malloc(1) = 0x10\n"), Some((TraceKind::Allocations, Format::Valgrind)));
    assert_eq!(told("==1== x\n L 10,1\n"), Some((TraceKind::Accesses, Format::Lackey)));
    assert_eq!(told("hello\n"), None);
    assert_eq!(kind_of(data("small.rep")).unwrap(), (TraceKind::Allocations, Format::Rep));
    assert_eq!(kind_of(data("listwalk.pgtr.zst")).unwrap(), (TraceKind::Accesses, Format::Pgtr));

    let error = PageTrace::open(data("small.rep"), &PageOptions::default(), &mut ()).unwrap_err().to_string();
    assert!(
        error.ends_with("small.rep: this is a trace of allocations (rep), not a trace of accesses"),
        "{error}"
    );
    let error = super::failure(b"7\n0\n1\n2\n0\n3\n").to_string();
    assert_eq!(error, "<bytes>: this is a trace of accesses (numbers), not a trace of allocations");
    let mut own = Vec::new();
    accesses("R 1\n").convert(Format::Memcore, &mut own).unwrap();
    assert_eq!(TraceKind::of_content(&own), Some((TraceKind::Accesses, Format::Memcore)));
    assert!(matches!(super::failure(&own), TraceError::OtherKind { kind: TraceKind::Accesses, .. }));
    let mut own = Vec::new();
    memcore::trace::convert(&super::open("small.rep"), Format::Memcore, &mut own).unwrap();
    assert!(matches!(
        super::access_failure(&own),
        TraceError::OtherKind { kind: TraceKind::Allocations, .. }
    ));
    // A header without operations is an allocation trace for whoever asks for one.
    assert_eq!(super::read(b"1\n0\n0\n0\n").events(), []);
}
