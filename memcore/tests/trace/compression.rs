//! Compressed content, its limits, and watching.

use std::io::{Read, Write};
use std::ops::ControlFlow;

use memcore::trace::{AllocTrace, ReadOptions, TraceError};

use super::{data, failure, open, read};

const TEXT: &[u8] = b"1\n1\n2\n8\na 0 8\nf 0\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 6);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zst(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

type Compress = fn(&[u8]) -> Vec<u8>;
const ALL: [(&str, Compress); 3] = [("gzip", gzip), ("xz", xz), ("zstd", zst)];

#[test]
fn every_compression_reads_whole_and_in_parts() {
    for (name, compress) in ALL {
        assert_eq!(read(compress(TEXT)).events(), read(TEXT).events(), "{name}");
        let (head, tail) = TEXT.split_at(9);
        let parts = [compress(head), compress(tail)].concat();
        assert_eq!(read(parts).events(), read(TEXT).events(), "{name}");
    }
}

#[test]
fn damaged_compression_is_an_error() {
    for (name, compress) in ALL {
        let whole = compress(TEXT);
        for length in 8..whole.len() {
            assert!(AllocTrace::read_bytes(&whole[..length]).is_err(), "{name}: {length} bytes");
        }
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 0x55;
        assert!(AllocTrace::read_bytes(&damaged).is_err(), "{name}");
    }
}

#[test]
fn nested_compression_is_refused() {
    for (outer, compress) in ALL {
        for (inner, compress_inner) in ALL {
            match failure(compress(&compress_inner(TEXT))) {
                TraceError::NestedCompression { outer: o, inner: i, .. } => {
                    assert_eq!((o, i), (outer, inner))
                }
                other => panic!("{other}"),
            }
        }
    }
}

/// Endless zeros would be a line too long; endless short lines are what expands without end.
#[test]
fn bombs_are_stopped_by_the_limit_that_they_break() {
    let lines = [TEXT, &b"f 0\n".repeat(1 << 20)].concat();
    let bomb = zst(&lines);
    assert!(bomb.len() * 1000 < lines.len());
    let limit = |options: ReadOptions| match AllocTrace::read(&bomb[..], "bomb", &options, &mut ()) {
        Err(TraceError::Limit { name, limit, value }) => (name, limit, value),
        other => panic!("{other:?}"),
    };
    let small = ReadOptions { expansion_allowance: 1 << 20, ..Default::default() };
    assert_eq!(limit(small), ("bomb".to_owned(), "max_expansion_ratio", 1100));
    let absolute = ReadOptions { max_expanded_bytes: 1 << 20, ..Default::default() };
    assert_eq!(limit(absolute), ("bomb".to_owned(), "max_expanded_bytes", 1 << 20));
    let events = ReadOptions { max_events: 1000, ..Default::default() };
    assert_eq!(limit(events), ("bomb".to_owned(), "max_events", 1000));
    let trace = AllocTrace::read(&bomb[..], "bomb", &ReadOptions::default(), &mut ()).unwrap();
    assert_eq!(trace.events().len(), (1 << 20) + 2);
}

#[test]
fn the_watcher_hears_of_the_file_and_can_stop() {
    let path = data("numpy_sgd.matr.zst");
    let length = std::fs::metadata(&path).unwrap().len();
    let mut heard = Vec::new();
    let mut listen = |done: u64, total: Option<u64>| {
        heard.push((done, total));
        ControlFlow::Continue(())
    };
    AllocTrace::open(&path, &ReadOptions::default(), &mut listen).unwrap();
    assert!(heard.iter().all(|&(done, total)| done <= length && total == Some(length)), "{heard:?}");
    assert!(heard.is_sorted() && heard.last().unwrap().0 == length, "{heard:?}");

    let events = open("numpy_sgd.matr.zst").events().len() as u64;
    assert!(heard.len() as u64 > events / 65_536, "{} words for {events} events", heard.len());

    let mut stop = |_: u64, _: Option<u64>| ControlFlow::Break(());
    let error = AllocTrace::open(&path, &ReadOptions::default(), &mut stop).unwrap_err();
    assert!(matches!(error, TraceError::Cancelled), "{error}");
}

/// A stream may give a byte at a time, and an error in its middle.
#[test]
fn streams_that_trickle_or_fail() {
    struct Trickle<'a>(&'a [u8], bool);
    impl Read for Trickle<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            match self.0.split_first() {
                Some((&byte, rest)) if !into.is_empty() => {
                    (into[0], self.0) = (byte, rest);
                    Ok(1)
                }
                None if self.1 => Err(std::io::Error::other("the line went dead")),
                _ => Ok(0),
            }
        }
    }
    let options = ReadOptions::default();
    let bytes = gzip(TEXT);
    let trace = AllocTrace::read(Trickle(&bytes, false), "s", &options, &mut ()).unwrap();
    assert_eq!(trace.events(), read(TEXT).events());
    let error = AllocTrace::read(Trickle(TEXT, true), "s", &options, &mut ()).unwrap_err();
    assert_eq!(error.to_string(), "s: the line went dead");
}
