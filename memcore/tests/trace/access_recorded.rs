//! Traces that real tools recorded: the figures that the recorder printed must come out.

use memcore::trace::{AccessKind, AccessOptions, AccessTrace, Format, NoteKind, PageOptions, PageTrace};

use super::data;

#[test]
fn a_recorded_pgtr_gives_the_recorders_figures() {
    let path = data("listwalk.pgtr.zst");
    let trace = PageTrace::open(&path, &PageOptions::default(), &mut ()).unwrap();
    let summary = trace.summary();
    assert_eq!((summary.references, summary.pages, summary.events), (2_010_603, 540, 21));
    assert_eq!((summary.pages_read, summary.pages_written, summary.pages_executed), (457, 406, 80));
    assert_eq!((trace.format(), trace.page_size()), (Format::Pgtr, 4096));
    assert_eq!(summary.footprint_bytes, 540 * 4096);
    assert_eq!(summary.working_set.last().unwrap().references, 2_010_603);

    let accesses = AccessTrace::open(&path, &AccessOptions::default(), &mut ()).unwrap();
    assert_eq!(accesses.accesses().len(), 890_628);
    assert_eq!(accesses.accesses()[0].kind, AccessKind::Execute);
    // Every form that keeps pages keeps these; PGTR comes out byte for byte.
    for format in [Format::Memcore, Format::Pgtr, Format::PageText] {
        let mut bytes = Vec::new();
        assert!(accesses.convert(format, &mut bytes).unwrap().is_empty());
        let back = AccessTrace::read_bytes(&bytes).unwrap();
        assert!(back.accesses() == accesses.accesses() && back.events() == accesses.events(), "{format}");
        if format == Format::Pgtr {
            assert_eq!(bytes, zstd::decode_all(std::fs::File::open(&path).unwrap()).unwrap());
        }
    }
}

/// The first 200 lines of a log: five of valgrind's own, then 195 accesses, counted by their first letters.
#[test]
fn the_head_of_a_lackey_log() {
    let trace = AccessTrace::open(data("ls_head.lackey"), &AccessOptions::default(), &mut ()).unwrap();
    assert_eq!((trace.format(), trace.accesses().len()), (Format::Lackey, 195));
    assert_eq!(trace.notes().count(NoteKind::OtherLine), 5);
    assert_eq!((trace.accesses()[0].address, trace.accesses()[0].size), (0x401_ab70, 3));
    let summary = PageTrace::from_accesses(&trace, None).unwrap().summary();
    let text = std::fs::read_to_string(data("ls_head.lackey")).unwrap();
    let count =
        |start: &[&str]| text.lines().filter(|line| start.iter().any(|s| line.starts_with(s))).count();
    assert_eq!(summary.reads, count(&[" L"]) as u64);
    assert_eq!(summary.writes, count(&[" S", " M"]) as u64);
    assert_eq!(summary.executes, count(&["I "]) as u64);
}

#[test]
fn a_trace_is_saved_in_the_form_and_the_compression_of_its_name() {
    let trace = AccessTrace::open(data("ls_head.lackey"), &AccessOptions::default(), &mut ()).unwrap();
    let folder = std::env::temp_dir().join(format!("memcore-access-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, format) in [
        ("a.mct.zst", Format::Memcore),
        ("a.pgtr.gz", Format::Pgtr),
        ("a.txt", Format::PageText),
        ("a.numbers.xz", Format::Numbers),
    ] {
        assert_eq!(Format::for_access_output(name), format);
        let path = folder.join(name);
        trace.save(&path, format).unwrap();
        let page_size = if format == Format::Numbers { None } else { Some(4096) };
        let options = PageOptions { page_size, ..Default::default() };
        let back = PageTrace::open(&path, &options, &mut ()).unwrap();
        assert_eq!(back.format(), format);
        assert_eq!(back.keys(), PageTrace::from_accesses(&trace, None).unwrap().keys(), "{name}");
    }
    assert!(trace.save(folder.join("a.rep"), Format::Rep).is_err());
    assert!(!folder.join("a.rep").exists());
    std::fs::remove_dir_all(&folder).unwrap();
}
