//! Whatever bytes come, a reader of accesses gives a trace or an error: no panic, no endless memory.

use memcore::trace::{AccessOptions, AccessTrace, Format, PageOptions, PageTrace, ReadOptions};
use proptest::prelude::*;

use super::data;

/// Small valid files of every format, as starting points.
fn seeds() -> Vec<Vec<u8>> {
    let trace = super::accesses("X 401 2\nm 4835 2 3 34\nW 1fff000\nb 4035\nR 402\nv 1 2 3 4\nR 402 77\n");
    let mut seeds: Vec<Vec<u8>> = [Format::Memcore, Format::Pgtr, Format::PageText, Format::Numbers]
        .into_iter()
        .map(|format| {
            let mut bytes = Vec::new();
            trace.convert(format, &mut bytes).unwrap();
            bytes
        })
        .collect();
    let log = std::fs::read_to_string(data("ls_head.lackey")).unwrap();
    seeds.push(log.lines().take(30).map(|line| format!("{line}\n")).collect::<String>().into_bytes());
    seeds.push(b"SYSCALL[1,1](9) sys_mmap ( 0x0, 8192, 3, 34, 0, 0 ) --> [pre-success] Success(0x4835000)\n L 10,4\n".to_vec());
    seeds.push(b"2 400 x\n0 7fff\n1 0x10\n4 0\n".to_vec());
    seeds.push(b"time,op,\"address\",size\n0,read,0x1000,8\n1,W,4096,16\n".to_vec());
    seeds.push(b"128166372003061629,usr,0,Read,7014609920,24576,41286\n".to_vec());
    let record = |parts: &[&[u8]]| parts.concat();
    seeds.push(record(&[
        &1u32.to_le_bytes(),
        &7u64.to_le_bytes(),
        &9u32.to_le_bytes(),
        &u64::MAX.to_le_bytes(),
    ]));
    let mark = 0x1234_5678_9abc_def0_u64.to_le_bytes();
    seeds.push(record(&[&mark, &3u64.to_le_bytes(), &[0; 8168], &mark, &[5; 72]]));
    seeds.push([[0u8; 14].to_vec(), vec![0, 1], [[3, 0, 0, 0, 0, 0, 0, 0]; 2].concat()].concat().repeat(3));
    seeds.push(record(&[&0x40_1000u64.to_le_bytes(), &[1, 1, 0, 0, 0, 0, 0, 0], &[0x11; 48]]));
    seeds.push(record(&[&[25, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0], &[10, 0, 3, 0, 0, 16, 0, 0, 0, 0, 0, 0]]));
    seeds
}

/// Reads, and when that succeeds, checks that the trace survives its own form and what its pages promise.
fn check(bytes: &[u8], page_size: Option<u64>, format: Option<Format>) -> Result<(), TestCaseError> {
    let read = ReadOptions { max_events: 50_000, max_expanded_bytes: 4 << 20, ..Default::default() };
    let access = AccessOptions { read, format, ..Default::default() };
    let whole = AccessTrace::read(bytes, "hostile", &access, &mut ());
    let pages =
        PageTrace::read(bytes, "hostile", &PageOptions { page_size, access: access.clone() }, &mut ());
    prop_assert!(whole.is_ok() || pages.is_err());
    if let Ok(pages) = pages {
        prop_assert!(pages.references().len() <= 50_000);
        let mut next = 0;
        for &reference in pages.references() {
            prop_assert!(reference <= next);
            next += u32::from(reference == next);
        }
        prop_assert_eq!(pages.pages(), next);
        prop_assert!(pages.kinds().is_none_or(|kinds| kinds.len() == pages.references().len()));
        let summary = pages.summary_with_points(3);
        prop_assert_eq!(summary.reads + summary.writes + summary.executes, summary.references);
    }
    let Ok(trace) = whole else { return Ok(()) };
    let mut own = Vec::new();
    trace.convert(Format::Memcore, &mut own).unwrap();
    let back = AccessTrace::read_bytes(&own).unwrap();
    prop_assert!(back.accesses() == trace.accesses() && back.events() == trace.events());
    prop_assert_eq!(back.unit(), trace.unit());
    Ok(())
}

fn format() -> impl Strategy<Value = Option<Format>> {
    let every = Format::ACCESS_FILES.into_iter().map(Some).chain([None]).collect::<Vec<_>>();
    prop::sample::select(every)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400), format in format()) {
        check(&bytes, None, format)?;
    }

    #[test]
    fn random_words(words in prop::collection::vec(prop::sample::select(vec![
        "R", "W", "X", "m", "u", "p", "b", "v", "0", "1", "2", "401", "0x10", "ffffffffffffffff", "4294967295",
        "18446744073709551615", "I ", " S", " L", "10,4", "0,4294967295", "Success(0x1)", "SYSCALL[1,1](9)",
        "sys_mmap", "sys_brk", "(", ")", ",", ";", "address", "size", "\"", "Read", "#", "\n", "\n", "\n", "\r\n",
    ]), 0..120), format in format(), glue in prop::sample::select(vec!["", " ", ","])) {
        check(words.join(glue).as_bytes(), Some(1), format)?;
    }

    #[test]
    fn mutations_of_valid_files(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..8),
        page_size in prop::sample::select(vec![None, Some(1), Some(1 << 20)]),
    ) {
        let seeds = seeds();
        let mut bytes = seeds[which.index(seeds.len())].clone();
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
        check(&bytes, page_size, None)?;
    }
}

/// Every prefix of every seed: nothing is read beyond the end. Each seed itself is read.
#[test]
fn every_prefix_of_small_files() {
    for seed in seeds() {
        for length in (0..seed.len().min(700)).chain(seed.len().saturating_sub(80)..seed.len()) {
            check(&seed[..length], None, None).unwrap();
        }
        AccessTrace::read_bytes(&seed).unwrap();
    }
}
