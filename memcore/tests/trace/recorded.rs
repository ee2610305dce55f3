//! Files that real tools wrote. Where several tools watched one program, they must agree; what one of them
//! says itself (DHAT's closing lines in the valgrind log: 5,268,247 bytes at the peak, 2,423 bytes in 10
//! blocks at the end) must come out.

use memcore::trace::{Format, NoteKind, Operations};

use super::open;

#[test]
fn four_tools_that_watched_one_program_agree() {
    for (file, format) in [
        ("small.rep", Format::Rep),
        ("small.mtrace.gz", Format::Mtrace),
        ("small.vgtrace.xz", Format::Valgrind),
    ] {
        let trace = open(file);
        let summary = trace.summary();
        assert_eq!(trace.format(), format, "{file}");
        assert_eq!(summary.peak_live_bytes, 5_268_247, "{file}");
        assert_eq!((summary.end_live_bytes, summary.end_live_blocks), (2_423, 10), "{file}");
        assert_eq!(summary.blocks, 1265, "{file}");
        assert_eq!((summary.operations.realloc, summary.operations.free), (12, 1255), "{file}");
        assert_eq!(summary.absent_operations, 0, "{file}");
    }
}

#[test]
fn valgrind_tells_calloc_and_alignment_and_notes_the_rest() {
    let trace = open("small.vgtrace.xz");
    let summary = trace.summary();
    let expected = Operations { malloc: 625, calloc: 620, aligned: 20, realloc: 12, free: 1255 };
    assert_eq!(summary.operations, expected);
    assert_eq!(summary.largest_alignment, 4096);
    assert_eq!(trace.notes().count(NoteKind::NullFree), 78);
    assert_eq!(trace.notes().count(NoteKind::FailedAllocation), 1);
    assert_eq!(trace.notes().count(NoteKind::OtherLine), 18);
    assert_eq!(trace.notes().as_slice().len(), 3);
}

#[test]
fn mtrace_notes_the_failed_malloc_at_its_line() {
    let trace = open("small.mtrace.gz");
    let [note] = trace.notes().as_slice() else { panic!("{:?}", trace.notes()) };
    assert_eq!((note.kind, note.count, note.first), (NoteKind::FailedAllocation, 1, 1303));
}

/// heaptrack's own statistics: 1272 allocations, 8 of them not freed. It adds a pool of 72,704 bytes, misses
/// the 20 aligned blocks (whose 10 frees then match nothing, or an address used again) and splits 12
/// reallocs.
#[test]
fn both_forms_of_heaptrack_agree() {
    let (raw, interpreted) = (open("small.heaptrack-raw.zst"), open("small.heaptrack-interpreted.zst"));
    assert_eq!(raw.format(), Format::HeaptrackRaw);
    assert_eq!(interpreted.format(), Format::HeaptrackInterpreted);
    for trace in [&raw, &interpreted] {
        let summary = trace.summary();
        assert_eq!((summary.operations.malloc, summary.operations.free), (1272, 1264));
        assert_eq!(summary.end_live_blocks, 8);
        assert_eq!(summary.peak_live_bytes, 5_268_247 + 72_704 - 63);
        assert_eq!(trace.events()[0].size(), 72_704);
    }
    assert_eq!(raw.notes().count(NoteKind::UnmatchedFree), 3);
    assert_eq!(raw.events(), interpreted.events());
}

/// The figures that the recorder printed.
#[test]
fn recorded_traces_give_the_recorders_figures() {
    let trace = open("numpy_sgd.matr.zst");
    let summary = trace.summary();
    assert_eq!((summary.operations.total(), summary.blocks), (37_565, 18_781));
    assert_eq!(summary.peak_live_bytes, 7_496_857);
    assert_eq!((summary.peak_live_blocks, summary.end_live_blocks), (6763, 1416));
    assert_eq!((summary.threads, summary.cross_thread_frees), (1, 0));
    assert_eq!(summary.operations.calloc, 258);

    let trace = open("zstd_T2.matr.zst");
    let summary = trace.summary();
    assert_eq!((summary.operations.total(), summary.blocks), (218, 111));
    assert_eq!(summary.peak_live_bytes, 154_492_006);
    assert_eq!((summary.peak_live_blocks, summary.end_live_blocks), (111, 4));
    assert_eq!((summary.threads, summary.cross_thread_frees), (3, 3));
    assert_eq!(summary.largest_size, 83_886_080);

    let text = open("zstd_T2.rep.zst");
    assert_eq!(text.summary().peak_live_bytes, 154_492_006);
    assert!(text.notes().as_slice().is_empty(), "{:?}", text.notes());
}
