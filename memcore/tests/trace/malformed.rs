//! What cannot be read is an error that names the file, the place and the reason.

use memcore::trace::{AllocTrace, Event, Reason, TraceError};

use super::failure;

/// The line and the reason of the error that reading `text` gives.
fn line_error(text: &str) -> (u64, Reason) {
    match failure(text) {
        TraceError::Line { line, reason, .. } => (line, reason),
        other => panic!("{text:?} gave {other}"),
    }
}

#[test]
fn rep_lines() {
    let cases = [
        ("a 0\n", Reason::MissingField { field: "size" }),
        ("a\n", Reason::MissingField { field: "id" }),
        ("f\n", Reason::MissingField { field: "id" }),
        ("a 0 x\n", Reason::BadNumber { field: "size" }),
        ("a 0 -1\n", Reason::BadNumber { field: "size" }),
        ("a 0x1 1\n", Reason::BadNumber { field: "id" }),
        ("a 0 18446744073709551616\n", Reason::NumberTooLarge { field: "size" }),
        ("a 0 8 48\n", Reason::BadAlignment { alignment: 48 }),
        ("a 0 8 0\n", Reason::BadAlignment { alignment: 0 }),
        ("a 0 8 16 1\n", Reason::ExtraField),
        ("f 0 1\n", Reason::ExtraField),
        ("r 0 1 2\n", Reason::ExtraField),
        ("b 0 1\n", Reason::UnknownOperation),
        ("8388608 a 0 1\n", Reason::ThreadOutOfRange { thread: 8_388_608 }),
        ("1\n", Reason::MissingField { field: "operation" }),
    ];
    for (line, reason) in cases {
        assert_eq!(line_error(&format!("1\n2\n2\n8\na 7 1\n{line}")), (6, reason), "{line:?}");
    }
    assert_eq!(
        line_error("1\na 0 1\n").1,
        Reason::Undefined { what: "header with this many lines:", number: 1 }
    );
    assert_eq!(line_error("1\n2 3\na 0 1\n"), (2, Reason::ExtraField));
}

#[test]
fn mtrace_lines() {
    let cases = [
        ("@ p:[0x1] + 0x10\n", 2, Reason::MissingField { field: "size" }),
        ("@ p:[0x1] + 10 0x1\n", 2, Reason::BadNumber { field: "address" }),
        ("@ p:[0x1] + 0x10 16\n", 2, Reason::BadNumber { field: "size" }),
        ("@ p:[0x1] + 0x11111111111111111 0x1\n", 2, Reason::NumberTooLarge { field: "address" }),
        ("@ p:[0x1] - 0x10 0x1\n", 2, Reason::ExtraField),
        ("@ p:[0x1] > 0x10 0x1\n", 2, Reason::UnknownOperation),
        ("@ p:[0x1] * 0x10\n", 2, Reason::UnknownOperation),
        ("@ p:[0x1] < 0x10\n@ p:[0x1] - 0x10\n", 3, Reason::Unpaired { first: '<' }),
        ("@ p:[0x1] < 0x10\n- 0x20\n@ p:[0x1] > 0x10 0x1\n", 3, Reason::Unpaired { first: '<' }),
        ("@ p:[0x1] < 0x10\n", 2, Reason::Unpaired { first: '<' }),
    ];
    for (line, number, reason) in cases {
        assert_eq!(line_error(&format!("= Start\n{line}")), (number, reason), "{line:?}");
    }
}

#[test]
fn valgrind_lines() {
    let cases = [
        ("malloc(x) = 0x1", Reason::BadNumber { field: "size" }),
        ("malloc() = 0x1", Reason::BadNumber { field: "size" }),
        ("calloc(3) = 0x1", Reason::MissingField { field: "size" }),
        ("malloc(4) = 12", Reason::BadNumber { field: "result" }),
        ("malloc(4", Reason::Truncated { what: "arguments" }),
        ("free(12)", Reason::BadNumber { field: "address" }),
        ("realloc(0x10)", Reason::MissingField { field: "size" }),
        ("memalign(al 64) = 0x1", Reason::MissingField { field: "size" }),
        ("memalign(al 18446744073709551615, size 1) = 0x1", Reason::BadAlignment { alignment: u64::MAX }),
    ];
    for (call, reason) in cases {
        assert_eq!(line_error(&format!("==1== x\n--1-- {call}\n")), (2, reason), "{call:?}");
    }
}

#[test]
fn heaptrack_lines() {
    let raw = "v 10400 3\nx 2 /a\n";
    for (line, reason) in [
        ("+ 10 1\n", Reason::MissingField { field: "address" }),
        ("+ 10 1 zz\n", Reason::BadNumber { field: "address" }),
        ("- 10 1\n", Reason::ExtraField),
        ("a 10 1\n", Reason::UnknownOperation),
        ("++ 1\n", Reason::UnknownOperation),
        ("Z\n", Reason::UnknownOperation),
    ] {
        assert_eq!(line_error(&format!("{raw}{line}")), (3, reason), "{line:?}");
    }
    let interpreted = "v 10400 3\na 10 1\n";
    let reason = Reason::UnknownReference { what: "class", number: 1, defined: 1 };
    assert_eq!(line_error(&format!("{interpreted}+ 1\n")), (3, reason));
    assert_eq!(line_error("v 10900 4\nx 2 /a\n"), (1, Reason::UnsupportedVersion { version: 4, newest: 3 }));
}

#[test]
fn errors_quote_a_bounded_part_of_the_line_without_control_characters() {
    let long = format!("1\n1\na 0 \u{1b}[31m\"{}\n", "9".repeat(500));
    let text = failure(&long).to_string();
    assert!(text.starts_with("<bytes>:3: the size is not a number: \"a 0 \\x1b[31m\\\"999"), "{text}");
    assert!(text.ends_with("\"...") && text.len() < 200, "{text}");
}

#[test]
fn content_of_no_format_names_the_formats() {
    for content in ["", "\n\n", "hello\n", "{\"a\": 1}"] {
        let error = failure(content);
        assert!(matches!(error, TraceError::UnknownFormat { .. }), "{content:?} gave {error}");
        let text = error.to_string();
        for name in ["memcore", "matr", "rep", "mtrace", "heaptrack-raw", "heaptrack-interpreted", "valgrind"]
        {
            assert!(text.contains(name), "{text}");
        }
    }
}

#[test]
fn a_line_without_end_is_an_error_before_it_fills_memory() {
    let endless = [b"1\n1\n".to_vec(), vec![b'a'; 3 << 20]].concat();
    match failure(endless) {
        TraceError::Line { line: 3, reason: Reason::LineTooLong { limit }, .. } => assert_eq!(limit, 1 << 20),
        other => panic!("{other}"),
    }
}

#[test]
fn a_missing_file_is_an_error_with_its_name() {
    let error = AllocTrace::open("no/such/file", &Default::default(), &mut ()).unwrap_err();
    assert!(error.to_string().starts_with("no/such/file: "), "{error}");
}

#[test]
fn operations_given_by_a_program_are_checked() {
    let reason = |events: Vec<Event>| match AllocTrace::from_events(events) {
        Err(TraceError::Event { index, reason }) => (index, reason),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        reason(vec![Event::malloc(0, 1), Event::malloc(0, 1)]),
        (1, Reason::IdOutOfOrder { id: 0, next: 1 })
    );
    assert_eq!(reason(vec![Event::free(2)]), (0, Reason::IdOutOfOrder { id: 2, next: 0 }));
    let trace =
        AllocTrace::from_events(vec![Event::free(0), Event::malloc(1, 9), Event::realloc(1, 0)]).unwrap();
    assert_eq!((trace.ids(), trace.orphans()), (2, 1));
    assert_eq!(trace.events()[2], Event::free(1));

    let columns = |kinds: &[u8], ids: &[u64], alignments: Option<&[u64]>, threads: Option<&[u32]>| {
        match AllocTrace::from_columns(kinds, ids, &vec![8; kinds.len()], alignments, threads) {
            Err(TraceError::Event { index, reason }) => Err((index, reason)),
            other => Ok(other.unwrap()),
        }
    };
    assert_eq!(columns(&[0, 9], &[1, 2], None, None), Err((1, Reason::UnknownKind { number: 9 })));
    assert_eq!(
        columns(&[0, 2], &[1, 2], Some(&[0, 24]), None),
        Err((1, Reason::BadAlignment { alignment: 24 }))
    );
    assert_eq!(
        columns(&[0], &[1], None, Some(&[1 << 23])),
        Err((0, Reason::ThreadOutOfRange { thread: 1 << 23 }))
    );
    assert_eq!(
        columns(&[0, 0], &[1], None, None),
        Err((0, Reason::ColumnLength { column: "ids", found: 1, expected: 2 }))
    );
    let trace = columns(&[2, 1, 4], &[70, 3, 70], Some(&[64, 0, 0]), Some(&[0, 0, 5])).unwrap();
    assert_eq!(
        trace.events(),
        [super::aligned(0, 8, 64), Event::calloc(1, 8), Event::free(0).on_thread(5).unwrap()]
    );
}
