//! Whatever bytes come, a reader gives a trace that keeps its promises or an error: no panic, no endless
//! memory.

use memcore::trace::{AllocTrace, EventKind, Format, ReadOptions, convert};
use proptest::prelude::*;

use super::data;

/// Small valid files of every format, as starting points.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = vec![
        b"20000\n3\n6\n1\na 0 512\n1 a 1 128 64\nr 0 640\n0 a 2 128\nf 1\nf 0\n".to_vec(),
        b"= Start\n@ ./p:(f+1a)[0x12] + 0x1000 0x20\n@ ./p:[0x1] < 0x1000\n@ ./p:[0x1] > 0x3000 0x80\n- 0x3000\n"
            .to_vec(),
        b"v 10400 3\nx 2 /a\nX a\nt 7f 0\n+ 18 8 100\n- 100\n+ 4 8 100\nc 2\n".to_vec(),
        b"v 10400 3\nX a\ns 1 a\na 18 1\n+ 0\n+ 0\n- 0\n- 0\nc 2\n".to_vec(),
        b"==7== x\n--7-- realloc(0x0,64)malloc(64) = 0x40\n--7-- memalign(al 64, size 3) = 0x80\n--7-- calloc(1,2)\n--7--  = 0x90\nx--7-- free(0x40)\n"
            .to_vec(),
        std::fs::read(data("zstd_T2.matr.zst")).unwrap(),
        std::fs::read(data("small.vgtrace.xz")).unwrap(),
        std::fs::read(data("small.mtrace.gz")).unwrap(),
    ];
    let trace = AllocTrace::open(data("zstd_T2.matr.zst"), &ReadOptions::default(), &mut ()).unwrap();
    for format in [Format::Memcore, Format::Matr] {
        let mut bytes = Vec::new();
        convert(&trace, format, &mut bytes).unwrap();
        seeds.push(bytes);
    }
    seeds
}

/// Reads, and when that succeeds, checks what every trace promises and that it survives its own form.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let options = ReadOptions { max_events: 100_000, max_expanded_bytes: 4 << 20, ..Default::default() };
    let Ok(trace) = AllocTrace::read(bytes, "hostile", &options, &mut ()) else { return Ok(()) };
    let (mut next, mut orphans) = (0, 0);
    for event in trace.events() {
        prop_assert!(event.id() <= next);
        prop_assert!(event.id() == next || !event.kind().allocates());
        orphans += u32::from(event.id() == next && !event.kind().allocates());
        next += u32::from(event.id() == next);
        prop_assert!(event.kind() != EventKind::Realloc || event.size() > 0);
        prop_assert!(event.kind() != EventKind::Free || event.size() == 0);
    }
    prop_assert_eq!((trace.ids(), trace.orphans()), (next, orphans));
    let summary = trace.summary();
    prop_assert_eq!(summary.operations.total(), trace.events().len() as u64);
    let mut own = Vec::new();
    convert(&trace, Format::Memcore, &mut own).unwrap();
    let back = AllocTrace::read_bytes(&own).unwrap();
    prop_assert_eq!(back.events(), trace.events());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&bytes)?;
    }

    /// A true beginning, so that each reader is reached, and then anything.
    #[test]
    fn random_bytes_after_each_beginning(
        which in 0..8usize,
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let beginnings: [&[u8]; 8] = [
            b"MATR\x01\0\0\0", b"MEMCORE\0\x01\x01\0\0\0\0\0\0", b"1\n2\n", b"v 1 3\nx a\n", b"v 1 3\na 1 1\n",
            b"= Start\n", b"--1-- malloc(", b"\x28\xb5\x2f\xfd",
        ];
        check(&[beginnings[which], &bytes[..]].concat())?;
    }

    #[test]
    fn random_words_of_the_formats(words in prop::collection::vec(prop::sample::select(vec![
        "a", "r", "f", "0", "1", "2", "64", "18446744073709551615", "+", "-", "<", ">", "!", "@ p:[0x1]", "(nil)",
        "0x10", "0x0", "--1--", "==1==", "malloc(8)", "= 0x10", "free(0x10)", "realloc(0x10,0)", "calloc(9,9)",
        "realloc(0x0,1)", "memalign(al 3, size 9)", "--2--", "]", "t", "i", "\n", "\n", "\n", "\r\n", "", " ",
    ]), 0..120), which in 0..5usize) {
        let beginning = ["1\n2\n", "v 1 3\nx a\n", "v 1 3\na 1 1\n", "= Start\n", "==1== x\n"][which];
        let glue = if which == 4 { "" } else { " " };
        check(format!("{beginning}{}", words.join(glue)).as_bytes())?;
        check(format!("{beginning}{}", words.join(" ").replace(" \n ", "\n")).as_bytes())?;
    }

    #[test]
    fn mutations_of_valid_files(
        which in 0..10usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..8),
    ) {
        let mut bytes = seeds()[which].clone();
        for (place, byte, how) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.truncate(at),
                2 => bytes.insert(at, byte),
                _ => {
                    let piece = bytes[at..bytes.len().min(at + usize::from(byte))].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
        }
        check(&bytes)?;
    }
}

/// Every prefix of every seed: nothing is read beyond the end.
#[test]
fn every_prefix_of_small_files() {
    for seed in seeds() {
        for length in 0..seed.len().min(700) {
            check(&seed[..length]).unwrap();
        }
    }
}
