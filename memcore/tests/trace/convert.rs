//! Conversions: what arrives, and what is said to be lost.

use memcore::trace::{
    AllocTrace, Compression, Event, Format, LostKind, ReadOptions, TraceError, convert, save,
};

use super::{aligned, read};

/// Everything that some format cannot hold.
fn rich() -> AllocTrace {
    let on = |event: Event| event.on_thread(4).unwrap();
    let mut trace = AllocTrace::from_events(vec![
        Event::calloc(0, 10),
        Event::free(1),
        on(aligned(2, 100, 32)),
        on(Event::realloc(0, 20)),
        Event::realloc(3, 7),
        on(Event::free(2)),
    ])
    .unwrap();
    trace.set_comment(Some("by hand".to_owned()));
    trace
}

fn written(trace: &AllocTrace, format: Format) -> (Vec<u8>, Vec<(LostKind, u64)>) {
    let mut bytes = Vec::new();
    let loss = convert(trace, format, &mut bytes).unwrap();
    (bytes, loss.as_slice().to_vec())
}

#[test]
fn rep_loses_callocs_threads_and_comment() {
    let (bytes, lost) = written(&rich(), Format::Rep);
    let text = "1\n4\n6\n120\na 0 10\nf 1\na 2 100 32\nr 0 20\nr 3 7\nf 2\n";
    assert_eq!(String::from_utf8(bytes).unwrap(), text);
    assert_eq!(lost, [(LostKind::Calloc, 1), (LostKind::Thread, 3), (LostKind::Comment, 7)]);
}

#[test]
fn matr_loses_orphans_and_comment() {
    let (bytes, lost) = written(&rich(), Format::Matr);
    assert_eq!(lost, [(LostKind::Orphan, 2), (LostKind::Comment, 7)]);
    let header: Vec<u64> =
        bytes[8..64].chunks(8).map(|word| u64::from_le_bytes(word.try_into().unwrap())).collect();
    // Operations, ids, peak bytes, peak blocks, threads, blocks at the end, 0.
    assert_eq!(header, [4, 2, 120, 2, 5, 1, 0]);
    assert_eq!(bytes[64..], [1, 10, 8 | 2, 4, 5, 100, 3, 1, 20, 4, 0]);
    let on = |event: Event| event.on_thread(4).unwrap();
    let expected =
        [Event::calloc(0, 10), on(aligned(1, 100, 32)), on(Event::realloc(0, 20)), on(Event::free(1))];
    assert_eq!(read(bytes).events(), expected);
}

#[test]
fn own_form_loses_nothing_but_the_end_of_an_endless_comment() {
    let mut trace = rich();
    let (bytes, lost) = written(&trace, Format::Memcore);
    assert!(lost.is_empty());
    let back = read(bytes);
    assert_eq!((back.events(), back.comment()), (trace.events(), Some("by hand")));
    trace.set_comment(Some("x".repeat((1 << 20) - 1) + "äb"));
    let (bytes, lost) = written(&trace, Format::Memcore);
    assert_eq!(lost, [(LostKind::Comment, 3)]);
    assert_eq!(read(bytes).comment().map(str::len), Some((1 << 20) - 1));
}

#[test]
fn formats_that_are_only_read_are_refused() {
    for format in [Format::Mtrace, Format::HeaptrackRaw, Format::Valgrind, Format::Built] {
        let error = convert(&rich(), format, &mut Vec::new()).unwrap_err();
        assert!(matches!(error, TraceError::NotWritable { .. }), "{error}");
    }
}

#[test]
fn a_saved_file_is_compressed_as_its_name_says() {
    let folder = std::env::temp_dir().join(format!("memcore-trace-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, compression) in [
        ("t.mct", Compression::None),
        ("t.mct.gz", Compression::Gzip),
        ("t.matr.xz", Compression::Xz),
        ("t.rep.zst", Compression::Zstd),
    ] {
        let path = folder.join(name);
        let trace = AllocTrace::from_events(vec![Event::malloc(0, 5), Event::free(0)]).unwrap();
        assert!(save(&trace, &path, Format::for_output(&path)).unwrap().is_empty());
        assert_eq!(Compression::of_content(&std::fs::read(&path).unwrap()), compression, "{name}");
        let back = AllocTrace::open(&path, &ReadOptions::default(), &mut ()).unwrap();
        assert_eq!(back.events(), trace.events());
        assert_eq!(back.format(), Format::for_output(&path));
    }
    std::fs::remove_dir_all(&folder).unwrap();
    let error = save(&rich(), folder.join("gone/t.rep"), Format::Rep).unwrap_err();
    assert!(error.to_string().contains("gone"), "{error}");
}

#[test]
fn format_names_read_back() {
    for format in Format::FILES {
        assert_eq!(format.name().parse(), Ok(format));
    }
    let error = "built".parse::<Format>().unwrap_err().to_string();
    assert!(error.contains("built") && error.contains("heaptrack-raw"), "{error}");
}

/// The steps between these numbers are too far for PGTR, which only shows while it is written.
#[test]
fn a_failed_save_leaves_the_file_and_nothing_beside_it() {
    let trace = memcore::trace::AccessTrace::read_bytes(b"0\n18446744073709551615\n5\n9223372036854775808\n");
    let folder = std::env::temp_dir().join(format!("memcore-failed-save-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("kept.pgtr");
    std::fs::write(&file, "what was there").unwrap();
    assert!(trace.as_ref().unwrap().save(&file, Format::Pgtr).is_err());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "what was there");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    trace.unwrap().save(&file, Format::Memcore).unwrap();
    assert!(std::fs::read(&file).unwrap().starts_with(b"MEMCORE"));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    std::fs::remove_dir_all(&folder).unwrap();
}
