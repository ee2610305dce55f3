//! The binary formats of accesses, from bytes written by hand.

use memcore::trace::{
    AccessKind, AccessTrace, Format, LostKind, NoteKind, PageOptions, PageTrace, Reason, SpaceEvent,
    TraceError, Unit,
};

use super::{access_failure, accesses, crc32, run};
use AccessKind::{Execute, Read, Write};

/// A file of PGTR, as its documentation draws it.
pub fn pgtr(shift: u32, flags: u32, counts: [u64; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = b"PGTR\x01\0\0\0".to_vec();
    bytes.extend(shift.to_le_bytes());
    bytes.extend(flags.to_le_bytes());
    counts.iter().chain(&[0, 0]).for_each(|count| bytes.extend(count.to_le_bytes()));
    bytes.extend(body);
    bytes
}

/// An execution of page 5, twice; page 3 written; brk at 300; page 1 read 130 times; page 6 executed.
const PGTR_BODY: [u8; 9] = [10 << 3 | 4 | 2, 0, 6 << 3 | 1, 3 << 3 | 3, 0xac, 2, 3 << 3 | 4, 0x80, 1];

#[test]
fn pgtr_reads_and_writes_as_drawn() {
    let body = [&PGTR_BODY[..], &[2 << 3 | 2]].concat();
    let file = pgtr(14, 2, [134, 4, 4, 1], &body);
    let trace = accesses(&file);
    assert_eq!((trace.format(), trace.unit()), (Format::Pgtr, Unit::Pages { shift: 14 }));
    assert_eq!(
        trace.accesses(),
        [
            run(5 << 14, 1, 2, Execute),
            run(3 << 14, 1, 1, Write),
            run(1 << 14, 1, 130, Read),
            run(6 << 14, 1, 1, Execute)
        ]
    );
    assert_eq!(trace.events(), [(2, SpaceEvent::Break { page: 300 })]);
    let mut written = Vec::new();
    assert!(trace.convert(Format::Pgtr, &mut written).unwrap().is_empty());
    assert_eq!(written, file);
}

#[test]
fn oracle_general_has_objects() {
    let mut bytes = Vec::new();
    for (time, object, size, next) in
        [(5u32, 1u64 << 60, 100u32, 2i64), (5, 7, 0, -1), (9, 1 << 60, 100, i64::MAX)]
    {
        bytes.extend(time.to_le_bytes());
        bytes.extend(object.to_le_bytes());
        bytes.extend(size.to_le_bytes());
        bytes.extend(next.to_le_bytes());
    }
    let trace = accesses(&bytes);
    assert_eq!((trace.format(), trace.unit()), (Format::OracleGeneral, Unit::Numbers));
    assert_eq!(
        trace.accesses(),
        [run(1 << 60, 100, 1, Read), run(7, 0, 1, Read), run(1 << 60, 100, 1, Read)]
    );
    let pages = PageTrace::read_bytes(&bytes).unwrap();
    assert_eq!((pages.references(), pages.page_size()), (&[0, 1, 0][..], 1));
    // Time that runs back, or a next request that is past, is another format or none.
    let mut back = bytes.clone();
    back[24] = 4;
    assert!(matches!(access_failure(&back), TraceError::UnknownFormat { .. }));
    let mut past = bytes.clone();
    past[64..72].copy_from_slice(&1u64.to_le_bytes());
    assert!(matches!(access_failure(&past), TraceError::UnknownFormat { .. }));
    let cut = access_failure(&bytes[..50]);
    assert!(matches!(cut, TraceError::Byte { offset: 48, reason: Reason::Truncated { .. }, .. }), "{cut}");
}

/// A file of lcs with two requests.
fn lcs(version: u64) -> Vec<u8> {
    let mark = 0x1234_5678_9abc_def0_u64.to_le_bytes();
    let mut bytes = [&mark[..], &version.to_le_bytes(), &vec![0; 8000 + 21 * 8], &mark].concat();
    assert_eq!(bytes.len(), 8192);
    for (object, size, operation) in [(77u64, 10u32, 1u8), (78, 20, 13)] {
        bytes.extend(9u32.to_le_bytes());
        bytes.extend(object.to_le_bytes());
        bytes.extend(size.to_le_bytes());
        if version >= 3 {
            bytes.extend([0; 4]);
        }
        if version >= 2 {
            bytes.extend([operation, 1, 2, 3]);
        }
        if version >= 3 {
            bytes.extend([0; 4]);
        }
        bytes.extend((-1i64).to_le_bytes());
        let features = [0, 0, 0, 0, 1, 2, 4, 8, 16][version as usize];
        bytes.extend(vec![0xff; 4 * features]);
    }
    bytes
}

#[test]
fn lcs_has_eight_versions() {
    for version in 1..=8 {
        let trace = accesses(lcs(version));
        assert_eq!((trace.format(), trace.unit()), (Format::Lcs, Unit::Numbers));
        let second = if version == 1 { Read } else { Write };
        assert_eq!(trace.accesses(), [run(77, 10, 1, Read), run(78, 20, 1, second)], "version {version}");
    }
    let mut newer = lcs(8);
    newer[8] = 9;
    let error = access_failure(&newer);
    let reason = Reason::UnsupportedVersion { version: 9, newest: 8 };
    assert!(
        matches!(&error, TraceError::Byte { offset: 8, reason: found, .. } if *found == reason),
        "{error}"
    );
    let mut unended = lcs(1);
    unended[8191] = 0;
    assert!(matches!(access_failure(&unended), TraceError::Byte { offset: 8184, .. }));
}

#[test]
fn vscsi_has_two_versions() {
    let mut first = Vec::new();
    let mut second = Vec::new();
    for (command, block, length) in [(0x28u16, 8u64, 4096u32), (0x2a, 7, 1024), (0x35, 100, 0)] {
        for (version, bytes) in [(1u16, &mut first), (2, &mut second)] {
            if version == 2 {
                bytes.extend(command.to_le_bytes());
                bytes.extend((version << 8 | 5).to_le_bytes());
            }
            [1, length, 1].iter().for_each(|word: &u32| bytes.extend(word.to_le_bytes()));
            if version == 1 {
                bytes.extend(command.to_le_bytes());
                bytes.extend((version << 8 | 5).to_le_bytes());
            }
            bytes.extend(block.to_le_bytes());
            bytes.extend(1_000_000u64.to_le_bytes());
            if version == 2 {
                bytes.extend(0u64.to_le_bytes());
            }
        }
    }
    for (bytes, length) in [(first, 96), (second, 120)] {
        assert_eq!(bytes.len(), length);
        let trace = accesses(&bytes);
        assert_eq!((trace.format(), trace.unit()), (Format::Vscsi, Unit::Pages { shift: 9 }));
        let expected = [run(8 << 9, 4096, 1, Read), run(7 << 9, 1024, 1, Write), run(100 << 9, 0, 1, Read)];
        assert_eq!(trace.accesses(), expected);
        // At the recorded size a request is a reference; at another it touches all of its length.
        assert_eq!(PageTrace::read_bytes(&bytes).unwrap().keys(), [8, 7, 100]);
        let options = PageOptions { page_size: Some(1024), ..Default::default() };
        let pages = PageTrace::read(&bytes[..], "t", &options, &mut ()).unwrap();
        assert_eq!(pages.keys(), [4, 5, 6, 7, 3, 50]);
        assert_eq!(pages.references(), [0, 1, 2, 3, 4, 0, 5]);
    }
}

#[test]
fn champsim_has_fetches_loads_and_stores() {
    let mut bytes = Vec::new();
    for (address, branch, memory) in [
        (0x40_1000u64, [0u8, 0u8], [0x10u64, 0x18, 0x20, 0x30, 0, 0x40]),
        (0xffff_ffff_8000_0000, [1, 1], [0; 6]),
    ] {
        bytes.extend(address.to_le_bytes());
        bytes.extend(branch);
        bytes.extend([0; 6]);
        memory.iter().for_each(|address| bytes.extend(address.to_le_bytes()));
    }
    assert_eq!(bytes.len(), 128);
    let trace = accesses(&bytes);
    assert_eq!((trace.format(), trace.unit()), (Format::Champsim, Unit::Bytes));
    assert_eq!(
        trace.accesses(),
        [
            run(0x40_1000, 1, 1, Execute),
            run(0x20, 1, 1, Read),
            run(0x30, 1, 1, Read),
            run(0x40, 1, 1, Read),
            run(0x10, 1, 1, Write),
            run(0x18, 1, 1, Write),
            run(0xffff_ffff_8000_0000, 1, 1, Execute),
        ]
    );
}

/// A record of drmemtrace.
fn record(kind: u16, size: u16, address: u64) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &size.to_le_bytes(), &address.to_le_bytes()].concat()
}

#[test]
fn drmemtrace_has_fetches_bundles_and_other_records() {
    let records = [
        record(25, 0, 4),
        record(22, 4, 1234),
        record(28, 2, 77),
        record(47, 3, 0x0102),
        record(10, 3, 0x1000),
        record(17, 2, 0x0504),
        record(0, 8, 0x7000),
        record(4, 1, 0x8000),
        record(48, 2, 0x2000),
        record(1, 4, 0x7008),
        record(29, 2, 0x2000),
        record(26, 0, 0),
    ];
    let trace = accesses(records.concat());
    assert_eq!((trace.format(), trace.unit()), (Format::Drmemtrace, Unit::Bytes));
    assert_eq!(
        trace.accesses(),
        [
            run(0x1000, 3, 1, Execute),
            run(0x1003, 4, 1, Execute),
            run(0x1007, 5, 1, Execute),
            run(0x7000, 8, 1, Read),
            run(0x2000, 2, 1, Execute),
            run(0x7008, 4, 1, Write),
        ]
    );
    assert_eq!(trace.notes().count(NoteKind::OtherRecord), 2);
    let reason = |more: Vec<u8>| match access_failure([record(25, 0, 4), more].concat()) {
        TraceError::Byte { offset, reason, .. } => (offset, reason),
        other => panic!("{other}"),
    };
    assert_eq!(reason(record(50, 0, 0)), (12, Reason::Undefined { what: "record type", number: 50 }));
    let bundle = Reason::Undefined { what: "bundle of this many instructions:", number: 9 };
    assert_eq!(reason(record(17, 9, 0)), (12, bundle));
    assert_eq!(reason(vec![0; 5]), (12, Reason::Truncated { what: "record" }));
}

/// A file of memcore's own form of accesses, as its documentation draws it.
fn own(flags: u16, records: u64, references: u64, body: &[u8]) -> Vec<u8> {
    let mut bytes = b"MEMCORE\0\x01\x02".to_vec();
    bytes.extend(flags.to_le_bytes());
    bytes.extend(4u32.to_le_bytes());
    bytes.extend(records.to_le_bytes());
    bytes.extend(references.to_le_bytes());
    bytes.extend(b"note");
    bytes.extend(crc32(&bytes).to_le_bytes());
    bytes.extend(body);
    bytes.extend(crc32(body).to_le_bytes());
    bytes
}

const OWN: &[u8] = &[
    0xfa, 0xf1, 0x3f, 3, // execute at 0x1000 (zigzag 8192 = 15 + 8177), size 3
    0x0a, 4, // execute behind it, size 4
    0x06, 8, // execute behind that, size 4, ten times
    0x43, 0xac, 2, 1, 5, 6,    // remap 300, 1, 5, 6
    0x11, // write at -1, size 1
    0x70, // read at -4
    0x28, 8, // read one further on, size 8
];

#[test]
fn own_form_reads_and_writes_as_drawn() {
    let file = own(0, 7, 15, OWN);
    let trace = accesses(&file);
    assert_eq!((trace.format(), trace.unit(), trace.comment()), (Format::Memcore, Unit::Bytes, Some("note")));
    assert_eq!(
        trace.accesses(),
        [
            run(0x1000, 3, 1, Execute),
            run(0x1003, 4, 1, Execute),
            run(0x1007, 4, 10, Execute),
            run(u64::MAX, 1, 1, Write),
            run(u64::MAX - 3, 1, 1, Read),
            run(u64::MAX - 2, 8, 1, Read),
        ]
    );
    assert_eq!(trace.events(), [(3, SpaceEvent::Remap { old: 300, old_pages: 1, new: 5, new_pages: 6 })]);
    let mut written = Vec::new();
    assert!(trace.convert(Format::Memcore, &mut written).unwrap().is_empty());
    assert_eq!(written, file);
}

#[test]
fn own_form_detects_every_changed_byte_and_every_missing_one() {
    let file = own(0, 7, 15, OWN);
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut damaged = file.clone();
            damaged[at] ^= 1 << bit;
            assert!(AccessTrace::read_bytes(&damaged).is_err(), "byte {at} bit {bit}");
        }
        assert!(AccessTrace::read_bytes(&file[..at]).is_err(), "{at} bytes");
    }
    let reason = |file: Vec<u8>| match access_failure(file) {
        TraceError::Byte { offset, reason, .. } => (offset, reason),
        other => panic!("{other}"),
    };
    let stated = Reason::CountMismatch { what: "references", stated: 16, found: 15 };
    assert_eq!(reason(own(0, 7, 16, OWN)), (24, stated));
    assert_eq!(reason([file, vec![0]].concat()).1, Reason::TrailingBytes);
    for flags in [3, 0x0100, 0x4001, 0x0102] {
        let undefined = Reason::Undefined { what: "flag word", number: flags.into() };
        assert_eq!(reason(own(flags, 0, 0, &[])), (10, undefined));
    }
    // Page 2^52 of 4096 bytes has no address.
    let far = own(0x0c01, 1, 1, &[0xf0, 0xf1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    assert_eq!(reason(far), (40, Reason::PageTooLarge { page: 1 << 52, shift: 12 }));
}

#[test]
fn what_a_format_cannot_hold_is_said() {
    let trace = accesses("I  0401b770,1\n S 1fff000ffc,8\n");
    let mut text = Vec::new();
    let loss = trace.convert(Format::Numbers, &mut text).unwrap();
    assert_eq!(text, b"16411 X\n33550336 W\n33550337 W\n");
    assert_eq!((loss.count(LostKind::Place), loss.count(LostKind::Unit)), (2, 2));
    let pages = accesses("R 7\nb 9\nR 7 2\nW 7\n");
    let loss = pages.convert(Format::Numbers, &mut Vec::new()).unwrap();
    assert_eq!((loss.count(LostKind::SpaceEvent), loss.count(LostKind::Place)), (1, 0));
    // Runs part at events and join elsewhere.
    let mut text = Vec::new();
    assert!(pages.convert(Format::PageText, &mut text).unwrap().is_empty());
    assert_eq!(text, b"R 7\nb 9\nR 7 2\nW 7\n");
    let numbers = accesses("7\n7\n9 W\n");
    let mut text = Vec::new();
    assert_eq!(numbers.convert(Format::PageText, &mut text).unwrap().count(LostKind::Unit), 3);
    assert_eq!(text, b"R 7 2\nW 9\n");
    assert!(numbers.convert(Format::Numbers, &mut Vec::new()).unwrap().is_empty());
    assert!(numbers.convert(Format::Pgtr, &mut Vec::new()).unwrap().count(LostKind::Unit) > 0);
    assert!(matches!(
        numbers.convert(Format::Lackey, &mut Vec::new()),
        Err(TraceError::NotWritable { format: Format::Lackey })
    ));
    // Keys too far apart for PGTR's steps are an error, not another key.
    let far = accesses("0\n18446744073709551615\n9223372036854775807\n");
    assert!(far.convert(Format::Pgtr, &mut Vec::new()).is_err());
}
