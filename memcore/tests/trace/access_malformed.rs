//! What cannot be read as accesses is an error that names the file, the place and the reason.

use memcore::trace::{AccessOptions, AccessTrace, Columns, Format, Reason, TraceError};

use super::access_binary::pgtr;
use super::access_failure;

fn line_error(text: &str) -> (u64, Reason) {
    match access_failure(text) {
        TraceError::Line { line, reason, .. } => (line, reason),
        other => panic!("{text:?} gave {other}"),
    }
}

/// The reason with which each line fails behind a good one.
fn behind(good: &str, cases: &[(&str, Reason)]) {
    for (line, reason) in cases {
        assert_eq!(line_error(&format!("{good}\n{line}\n")), (2, reason.clone()), "{line:?}");
    }
}

#[test]
fn page_text_lines() {
    let cases = [
        ("R", Reason::MissingField { field: "page" }),
        ("R 0x10", Reason::BadNumber { field: "page" }),
        ("W 10 x", Reason::BadNumber { field: "count" }),
        ("W 10 0", Reason::RunLength { count: 0 }),
        ("W 10 4294967296", Reason::RunLength { count: 4_294_967_296 }),
        ("W 10 1 1", Reason::ExtraField),
        ("X 10000000000000", Reason::PageTooLarge { page: 1 << 52, shift: 12 }),
        ("X 11111111111111111", Reason::NumberTooLarge { field: "page" }),
        ("q 1", Reason::UnknownOperation),
        ("RW 1", Reason::UnknownOperation),
        ("m 1 2 3", Reason::MissingField { field: "fourth number" }),
        ("v 1 2 zz 4", Reason::BadNumber { field: "third number" }),
        ("b 1 2", Reason::ExtraField),
    ];
    behind("R 1", &cases);
}

#[test]
fn lackey_and_dinero_lines() {
    let cases = [
        (" S 10", Reason::MissingField { field: "size" }),
        (" S 10,", Reason::BadNumber { field: "size" }),
        (" S 10,-1", Reason::BadNumber { field: "size" }),
        (" S 10,4294967296", Reason::SizeTooLarge { size: 4_294_967_296 }),
        (" L 1z,4", Reason::BadNumber { field: "address" }),
        ("I  11111111111111111,4", Reason::NumberTooLarge { field: "address" }),
        ("SYSCALL[1,1](9) sys_mmap ( 0x0, 1, 3, 34", Reason::Truncated { what: "arguments" }),
        (
            "SYSCALL[1,1](9) sys_mmap ( 0x0, 1 ) --> Success(0x1000)",
            Reason::MissingField { field: "protection" },
        ),
        ("SYSCALL[1,1](11) sys_munmap ( 0xzz, 1 ) --> Success(0x0)", Reason::BadNumber { field: "address" }),
    ];
    behind("I  0400,3", &cases);
    let cases = [
        ("2", Reason::MissingField { field: "address" }),
        ("5 10", Reason::UnknownOperation),
        ("1 xyz", Reason::BadNumber { field: "address" }),
        ("1 11111111111111111", Reason::NumberTooLarge { field: "address" }),
    ];
    behind("0 10", &cases);
}

#[test]
fn number_lines() {
    let cases = [
        ("-10", Reason::BadNumber { field: "number" }),
        ("1.5", Reason::BadNumber { field: "number" }),
        ("18446744073709551616", Reason::NumberTooLarge { field: "number" }),
        ("0x", Reason::BadNumber { field: "number" }),
        ("7 Q", Reason::UnknownAccessKind),
        ("7 R R", Reason::ExtraField),
        ("W", Reason::MissingField { field: "number" }),
        ("R 7 W", Reason::ExtraField),
    ];
    let options = AccessOptions { format: Some(Format::Numbers), ..Default::default() };
    for (line, reason) in cases {
        let text = format!("7\n{line}\n");
        match AccessTrace::read(text.as_bytes(), "list", &options, &mut ()) {
            Err(TraceError::Line { line: 2, reason: found, .. }) => assert_eq!(found, reason, "{line}"),
            other => panic!("{line:?} gave {other:?}"),
        }
    }
    // A hexadecimal digit beyond what is looked at comes too late.
    let late = format!("{}1f\n", "10\n".repeat(30_000));
    assert_eq!(line_error(&late), (30_001, Reason::BadNumber { field: "number" }));
}

#[test]
fn csv_and_msr_lines() {
    let cases = [
        ("x,8", Reason::BadNumber { field: "address" }),
        (",8", Reason::BadNumber { field: "address" }),
        ("1.0,8", Reason::BadNumber { field: "address" }),
        ("1,4294967296", Reason::SizeTooLarge { size: 4_294_967_296 }),
        ("1,8,jump", Reason::UnknownAccessKind),
        ("\"1,8,r", Reason::OpenQuotation),
        ("0x11111111111111111,8", Reason::NumberTooLarge { field: "address" }),
    ];
    behind("address,size,op", &cases);
    assert_eq!(line_error("op,address\nr\n"), (2, Reason::MissingField { field: "address" }));
    let twice = Reason::Column { name: "address".into(), found: 2 };
    assert_eq!(line_error("address,size,Address\n1,2,3\n"), (1, twice));
    let columns = Columns { address: Some("frame".into()), ..Default::default() };
    let options = AccessOptions { columns, ..Default::default() };
    let error = AccessTrace::read(&b"address,size\n"[..], "t", &options, &mut ()).unwrap_err();
    assert!(error.to_string().starts_with("t:1: the header line has 0 columns named \"frame\""), "{error}");
    let cases = [
        ("1,usr,0,Trim,0,1,1", Reason::UnknownAccessKind),
        ("1,usr,0,Read,x,1,1", Reason::BadNumber { field: "offset" }),
        ("1,usr,0,Read,1", Reason::MissingField { field: "size" }),
        ("x", Reason::BadNumber { field: "timestamp" }),
    ];
    behind("1,usr,0,Read,0,1,1", &cases);
}

#[test]
fn pgtr_bytes() {
    let reason = |file: Vec<u8>| match access_failure(file) {
        TraceError::Byte { offset, reason, .. } => (offset, reason),
        other => panic!("{other}"),
    };
    let header = Reason::Truncated { what: "header" };
    assert_eq!(reason(pgtr(12, 0, [0; 4], &[])[..63].to_vec()), (0, header));
    let mut newer = pgtr(12, 0, [0; 4], &[]);
    newer[4] = 2;
    assert_eq!(reason(newer), (4, Reason::UnsupportedVersion { version: 2, newest: 1 }));
    assert_eq!(reason(pgtr(64, 0, [0; 4], &[])), (8, Reason::Undefined { what: "page shift", number: 64 }));
    assert_eq!(reason(pgtr(12, 4, [0; 4], &[])), (12, Reason::Undefined { what: "flag word", number: 4 }));
    assert_eq!(reason(pgtr(12, 0, [0; 4], &[0])), (64, Reason::TrailingBytes));
    assert_eq!(reason(pgtr(12, 0, [1, 1, 1, 0], &[])), (64, Reason::Truncated { what: "item" }));
    assert_eq!(reason(pgtr(12, 0, [2, 2, 1, 0], &[0, 0x84])), (65, Reason::Truncated { what: "item" }));
    let count = Reason::CountMismatch { what: "references", stated: 3, found: 2 };
    assert_eq!(reason(pgtr(12, 0, [3, 2, 1, 0], &[0, 0])), (16, count));
    assert_eq!(
        reason(pgtr(12, 2, [0, 0, 0, 1], &[5 << 3 | 3])),
        (64, Reason::Undefined { what: "item", number: 43 })
    );
    // A step back from page 0.
    let below = Reason::PageTooLarge { page: u64::MAX, shift: 12 };
    assert_eq!(reason(pgtr(12, 0, [1, 1, 1, 0], &[1 << 3])), (64, below));
    let long = [4, 0xff, 0xff, 0xff, 0xff, 0x0f];
    assert_eq!(reason(pgtr(12, 0, [1, 1, 1, 0], &long)), (64, Reason::RunLength { count: (1 << 32) + 1 }));
    // Counts that no file can bear out are not believed.
    assert!(matches!(reason(pgtr(12, 0, [1, u64::MAX, 1, u64::MAX], &[])).1, Reason::Truncated { .. }));
}

/// More numbers than any header of a list of allocations has: a list of pages, with one bad line.
#[test]
fn a_bad_line_among_numbers_is_the_one_that_is_told() {
    let good = "1\n2\n3\n4\n5\n";
    assert_eq!(line_error(&format!("{good}x\n7\n")).0, 6);
    assert_eq!(line_error(&format!("{good}-4\n7\n")).0, 6);
}
