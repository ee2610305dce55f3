//! The two binary forms, from bytes written by hand, and what damage does to them.

use memcore::trace::{AllocTrace, Event, Format, Reason, TraceError, convert};

use super::{aligned, crc32, failure, open, read};

/// A file of memcore's own form, as its documentation draws it.
fn own(operations: u64, ids: u64, comment: &str, records: &[u8]) -> Vec<u8> {
    let mut bytes = b"MEMCORE\0\x01\x01\0\0".to_vec();
    bytes.extend((comment.len() as u32).to_le_bytes());
    bytes.extend(operations.to_le_bytes());
    bytes.extend(ids.to_le_bytes());
    bytes.extend(comment.as_bytes());
    bytes.extend(crc32(&bytes).to_le_bytes());
    bytes.extend(records);
    bytes.extend(crc32(records).to_le_bytes());
    bytes
}

/// The operations of `RECORDS`.
fn events() -> Vec<Event> {
    let on = |event: Event, thread| event.on_thread(thread).unwrap();
    vec![
        Event::malloc(0, 30),
        Event::malloc(1, 31),
        Event::calloc(2, 31 + 128),
        on(aligned(3, 300, 64), 2),
        on(Event::realloc(1, 5), 2),
        on(Event::free(3), 2),
        on(Event::free(4), 1000),
        on(Event::realloc(5, 200), 1000),
        on(Event::free(0), 0),
    ]
}

const RECORDS: &[u8] = &[
    30 << 3, // malloc 30
    0xf8,
    0, // malloc 31
    0xf9,
    0x80,
    1,          // calloc 31 + 128
    5 | 2 << 3, // thread 2
    2 | 6 << 3,
    0xac,
    2, // aligned 2^6, 300
    3 | 2 << 3,
    5, // realloc of the third newest, 5
    4, // free of the newest
    5 | 31 << 3,
    0xc9,
    7, // thread 31 + 969
    6, // free of a block unknown
    6 | 1 << 3,
    0xc8,
    1,          // realloc of a block unknown, 200
    5,          // thread 0
    4 | 5 << 3, // free of the sixth newest
];

#[test]
fn own_form_reads_and_writes_as_drawn() {
    let file = own(9, 6, "köln", RECORDS);
    let trace = read(&file);
    assert_eq!(trace.format(), Format::Memcore);
    assert_eq!(trace.events(), events());
    assert_eq!(trace.comment(), Some("köln"));
    assert_eq!(trace.orphans(), 2);
    let mut written = Vec::new();
    assert!(convert(&trace, Format::Memcore, &mut written).unwrap().is_empty());
    assert_eq!(written, file);
}

#[test]
fn own_form_of_nothing_is_40_bytes() {
    let empty = AllocTrace::builder().finish();
    let mut written = Vec::new();
    convert(&empty, Format::Memcore, &mut written).unwrap();
    assert_eq!(written, own(0, 0, "", &[]));
    assert_eq!(written.len(), 40);
    assert_eq!(read(&written).events(), []);
}

#[test]
fn own_form_detects_every_changed_byte_and_every_missing_one() {
    let file = own(9, 6, "a comment", RECORDS);
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut damaged = file.clone();
            damaged[at] ^= 1 << bit;
            assert!(AllocTrace::read_bytes(&damaged).is_err(), "byte {at} bit {bit}");
        }
        let error = failure(&file[..at]);
        let told = at < 8 || matches!(error, TraceError::Byte { reason: Reason::Truncated { .. }, .. });
        assert!(told, "{at} bytes: {error}");
    }
    let more = [&file[..], &[0]].concat();
    assert!(matches!(failure(more), TraceError::Byte { reason: Reason::TrailingBytes, .. }));
}

#[test]
fn own_form_names_what_is_wrong_and_where() {
    let reason = |file: Vec<u8>| match failure(file) {
        TraceError::Byte { offset, reason, .. } => (offset, reason),
        other => panic!("{other}"),
    };
    let mut newer = own(0, 0, "", &[]);
    newer[8] = 2;
    assert_eq!(reason(newer), (8, Reason::UnsupportedVersion { version: 2, newest: 1 }));
    let mut other = own(0, 0, "", &[]);
    other[9] = 3;
    assert_eq!(reason(other), (9, Reason::Undefined { what: "kind of trace", number: 3 }));
    let mut sum = own(1, 1, "", &[0]);
    sum[36] = 8;
    let (stated, computed) = (crc32(&[0]), crc32(&[8]));
    assert_eq!(reason(sum), (37, Reason::Checksum { part: "records", stated, computed }));
    assert_eq!(reason(own(1, 1, "", &[7])), (36, Reason::Undefined { what: "record tag", number: 7 }));
    assert_eq!(
        reason(own(2, 1, "", &[0, 4 | 1 << 3])),
        (37, Reason::UnknownReference { what: "a block this many allocations back:", number: 1, defined: 1 })
    );
    assert_eq!(reason(own(1, 2, "", &[0])), (24, Reason::CountMismatch { what: "ids", stated: 2, found: 1 }));
    let over = [&[0xf8u8][..], &[0xff; 9], &[1]].concat();
    assert_eq!(reason(own(1, 1, "", &over)), (36, Reason::NumberTooLarge { field: "record" }));
    assert_eq!(reason(own(1, 1, "", &[0xfa, 33, 0])), (36, Reason::AlignmentTooLarge { log2: 64 }));
    // A count that no file can bear out must not be believed.
    assert!(matches!(
        reason(own(1 << 60, 0, "", &[])).1,
        Reason::Truncated { .. } | Reason::Undefined { .. } | Reason::Checksum { .. }
    ));
}

/// MATR as FORMATS.md of the recorder describes it.
fn matr(operations: u64, ids: u64, body: &[u8]) -> Vec<u8> {
    let mut bytes = b"MATR\x01\0\0\0".to_vec();
    for number in [operations, ids, 0, 0, 0, 0, 0] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(body);
    bytes
}

#[test]
fn matr_reads_every_record() {
    let body = [
        &[0, 0xac, 2][..], // malloc 300
        &[8 | 1, 3, 8],    // on thread 3: calloc 8
        &[2, 12, 10],      // aligned 4096, 10
        &[3, 2, 40],       // realloc of the third newest
        &[8 | 4, 0, 0],    // on thread 0: free of the newest
        &[3, 1, 0],        // realloc to 0 of the second newest
    ]
    .concat();
    let on = |event: Event| event.on_thread(3).unwrap();
    let expected = [
        Event::malloc(0, 300),
        on(Event::calloc(1, 8)),
        on(aligned(2, 10, 4096)),
        on(Event::realloc(0, 40)),
        Event::free(2),
        Event::free(1),
    ];
    let trace = read(matr(6, 3, &body));
    assert_eq!(trace.format(), Format::Matr);
    assert_eq!(trace.events(), expected);
}

#[test]
fn matr_names_what_is_wrong_and_where() {
    let reason = |file: Vec<u8>| match failure(file) {
        TraceError::Byte { offset, reason, .. } => (offset, reason),
        other => panic!("{other}"),
    };
    let mut newer = matr(0, 0, &[]);
    newer[4] = 2;
    assert_eq!(reason(newer), (4, Reason::UnsupportedVersion { version: 2, newest: 1 }));
    assert_eq!(reason(b"MATR\x01\0\0\0".to_vec()), (0, Reason::Truncated { what: "header" }));
    assert_eq!(reason(matr(2, 1, &[0, 1])), (66, Reason::Truncated { what: "operation" }));
    assert_eq!(reason(matr(1, 1, &[0, 0x80])), (64, Reason::Truncated { what: "operation" }));
    assert_eq!(reason(matr(1, 1, &[0, 1, 0])), (66, Reason::TrailingBytes));
    assert_eq!(reason(matr(1, 2, &[0, 1])), (16, Reason::CountMismatch { what: "ids", stated: 2, found: 1 }));
    assert_eq!(reason(matr(1, 1, &[5, 1])), (64, Reason::Undefined { what: "operation byte", number: 5 }));
    assert_eq!(reason(matr(1, 1, &[16, 1])), (64, Reason::Undefined { what: "operation byte", number: 16 }));
    for end in [&[2][..], &[0x80, 0]] {
        let too_large = [&[0][..], &[0xff; 9], end].concat();
        let expected = (64, Reason::NumberTooLarge { field: "operation" });
        assert_eq!(reason(matr(1, 1, &too_large)), expected, "{end:?}");
    }
    let largest = [&[0][..], &[0xff; 9], &[1]].concat();
    assert_eq!(read(matr(1, 1, &largest)).events(), [Event::malloc(0, u64::MAX)]);
    assert_eq!(reason(matr(1, 1, &[2, 64, 1])), (64, Reason::AlignmentTooLarge { log2: 64 }));
    assert_eq!(
        reason(matr(1, 1, &[8, 0x80, 0x80, 0x80, 4, 1])),
        (64, Reason::ThreadOutOfRange { thread: 1 << 23 })
    );
    assert_eq!(
        reason(matr(1, 0, &[4, 0])),
        (64, Reason::UnknownReference { what: "a block this many allocations back:", number: 0, defined: 0 })
    );
}

#[test]
fn own_form_is_smaller_than_matr_and_matr_comes_back_as_recorded() {
    let trace = open("numpy_sgd.matr.zst");
    let recorded = zstd::decode_all(std::fs::File::open(super::data("numpy_sgd.matr.zst")).unwrap()).unwrap();
    let (mut matr, mut own) = (Vec::new(), Vec::new());
    assert!(convert(&trace, Format::Matr, &mut matr).unwrap().is_empty());
    assert!(convert(&trace, Format::Memcore, &mut own).unwrap().is_empty());
    assert_eq!(matr, recorded);
    assert!(own.len() < matr.len(), "{} {}", own.len(), matr.len());
    assert_eq!(read(own).events(), trace.events());
}
