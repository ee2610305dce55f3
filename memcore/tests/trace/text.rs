//! The text formats, line by line, as their writers write them.

use memcore::trace::{AllocTrace, Event, Format, NoteKind};

use super::{aligned, read};

fn rep(body: &str) -> AllocTrace {
    let lines = body.lines().count();
    read(format!("1\n9\n{lines}\n0\n{body}"))
}

#[test]
fn rep_headers_of_two_lines_and_of_four_old_and_new_are_the_same_trace() {
    let body = "a 0 512\na 1 128\nr 0 640\nf 1\n";
    let expected = [Event::malloc(0, 512), Event::malloc(1, 128), Event::realloc(0, 640), Event::free(1)];
    for header in ["2\n4\n", "20000\n2\n4\n1\n", "1\n2\n4\n768\n", "3\n2\n4\n99999999999999999\n"] {
        let trace = read(format!("{header}{body}"));
        assert_eq!(trace.events(), expected, "{header:?}");
        assert_eq!(trace.format(), Format::Rep);
        assert!(trace.notes().as_slice().is_empty(), "{header:?} {:?}", trace.notes());
    }
}

#[test]
fn rep_takes_crlf_blank_lines_a_missing_last_line_end_and_huge_sizes() {
    let trace = read("2\r\n3\r\na 0 100000000000000000\r\n\r\na 1 18446744073709551615\r\nf 0");
    let expected = [Event::malloc(0, 100_000_000_000_000_000), Event::malloc(1, u64::MAX), Event::free(0)];
    assert_eq!(trace.events(), expected);
    assert_eq!(trace.summary().peak_live_bytes, u64::MAX);
}

#[test]
fn rep_keeps_alignments_and_threads() {
    let trace = rep("3 a 0 100 64\n0 a 1 0\n3 f 1\nf 0\n");
    let on = |event: Event, thread| event.on_thread(thread).unwrap();
    let expected =
        [on(aligned(0, 100, 64), 3), Event::malloc(1, 0), on(Event::free(1), 3), on(Event::free(0), 3)];
    assert_eq!(trace.events(), expected);
}

#[test]
fn rep_ids_are_renumbered_and_each_allocation_gets_its_own() {
    let trace = rep("a 1000000000000 8\na 5 16\nf 1000000000000\na 1000000000000 24\nf 1000000000000\n");
    let expected =
        [Event::malloc(0, 8), Event::malloc(1, 16), Event::free(0), Event::malloc(2, 24), Event::free(2)];
    assert_eq!(trace.events(), expected);
    assert_eq!(trace.ids(), 3);
    assert_eq!(trace.notes().count(NoteKind::OverwrittenId), 0);
    assert_eq!(rep("a 0 1\na 0 2\n").notes().count(NoteKind::OverwrittenId), 1);
}

#[test]
fn rep_keeps_operations_on_ids_that_are_not_live() {
    let trace = rep("f 7\na 7 8\nf 7\nf 7\nr 9 100\nr 7 5\n");
    let expected = [
        Event::free(0),
        Event::malloc(1, 8),
        Event::free(1),
        Event::free(1),
        Event::realloc(2, 100),
        Event::realloc(1, 5),
    ];
    assert_eq!(trace.events(), expected);
    assert_eq!((trace.ids(), trace.orphans()), (3, 2));
    assert_eq!(trace.notes().count(NoteKind::AbsentId), 4);
    assert_eq!(trace.summary().absent_operations, 4);
    assert_eq!(trace.summary().orphan_operations, 2);
}

#[test]
fn rep_realloc_to_nothing_frees_and_wrong_counts_are_noted() {
    let trace = read("1\n5\n6\n0\na 0 8\nr 0 0\n");
    assert_eq!(trace.events(), [Event::malloc(0, 8), Event::free(0)]);
    assert_eq!(trace.notes().count(NoteKind::StatedIds), 5);
    assert_eq!(trace.notes().count(NoteKind::StatedOperations), 6);
    assert_eq!(rep("a 0 8\nr 0 0\nf 0\n").notes().count(NoteKind::AbsentId), 1);
}

#[test]
fn mtrace_reads_every_operation() {
    let trace = read(
        "= Start\n\
         @ ./a b [x] y:(f+0x1a)[0x9e9aa] + 0x1000 0x20\n\
         @ [0x7f00] + 0x2000 0\n\
         @ ./p:[0x1] < 0x1000\n\
         @ ./p:[0x1] > 0x3000 0x80\n\
         @ ./p:[0x1] ! 0x3000 0x1000000000000000\n\
         @ ./p:[0x1] + (nil) 0x1000000000000000\n\
         @ ./p:[0x1] - 0xdead0\n\
         + 0x1000 0x8\n\
         @ ./p:[0x1] < 0xbeef0\n\
         @ ./p:[0x1] > 0x4000 0x10\n\
         @ ./p:[0x1] - 0x3000\n\
         @ ./p:[0x1] + 0x2000 0x30\n\
         = End\n",
    );
    let expected = [
        Event::malloc(0, 32),
        Event::malloc(1, 0),
        Event::realloc(0, 128),
        Event::malloc(2, 8),
        Event::malloc(3, 16),
        Event::free(0),
        Event::free(1),
        Event::malloc(4, 48),
    ];
    assert_eq!(trace.format(), Format::Mtrace);
    assert_eq!(trace.events(), expected);
    let notes = trace.notes();
    assert_eq!(notes.count(NoteKind::FailedAllocation), 2);
    assert_eq!(notes.count(NoteKind::UnmatchedFree), 1);
    assert_eq!(notes.count(NoteKind::UnmatchedRealloc), 1);
    assert_eq!(notes.count(NoteKind::ImpliedFree), 1);
}

#[test]
fn valgrind_reads_every_form_of_call() {
    let trace = read(
        "==7== Memcheck, a memory error detector\n\
         --7-- malloc(72704) = 0x4D5C040\n\
         --7-- _Znwm(4) = 0x10\n\
         --7-- _ZdlPvm(0x10)\n\
         --7-- _ZnwmSt11align_val_t(size 64, al 128) = 0x80\n\
         --7-- _ZdlPvmSt11align_val_t(0x80)\n\
         --7-- memalign(al 24, size 5) = 0x20\n\
         --7-- malloc_usable_size(0x20) = 256\n\
         --7-- calloc(3,7) = 0x30\n\
         --7-- realloc(0x0,64)malloc(64) = 0x40\n\
         --7-- realloc(0x40,100) = 0x50\n\
         --7-- realloc(0x50,4000000000)Warning: set address range perms: large range\n\
         --7--  = 0x59C8B040\n\
         --7-- malloc(18446744073709551611)Argument 'size' of function malloc has a fishy value: -5\n\
         ==7==    at 0x48417B4: malloc (in /usr/libexec/valgrind/x.so)\n\
         ==7== \n\
         --7--  = 0x0\n\
         --7-- realloc(0x59C8B040,0)free(0x59C8B040)\n\
         --7--  = 0\n\
         hello--7-- malloc(900) = 0x60\n\
         a line of the program\n\
         --8-- malloc(1) = 0x70\n\
         --7-- free(0x0)\n\
         --00:00:00:01.234 7-- free(0x60)\n\
         --7-- malloc(11)",
    );
    let expected = [
        Event::malloc(0, 72_704),
        Event::malloc(1, 4),
        Event::free(1),
        aligned(2, 64, 128),
        Event::free(2),
        aligned(3, 5, 32),
        Event::calloc(4, 21),
        Event::malloc(5, 64),
        Event::realloc(5, 100),
        Event::realloc(5, 4_000_000_000),
        Event::free(5),
        Event::malloc(6, 900),
        Event::free(6),
    ];
    assert_eq!(trace.format(), Format::Valgrind);
    assert_eq!(trace.events(), expected);
    let notes = trace.notes();
    assert_eq!(notes.count(NoteKind::FailedAllocation), 1);
    assert_eq!(notes.count(NoteKind::NullFree), 1);
    assert_eq!(notes.count(NoteKind::OtherProcess), 1);
    assert_eq!(notes.count(NoteKind::UnknownResult), 1);
    assert_eq!(notes.count(NoteKind::OtherLine), 5);
}

#[test]
fn heaptrack_raw_of_every_version_reads_alike() {
    let body = "t 7f 0\n+ 11c00 4 ff0\n+ 18 8 100\n- 100\n+ 4 8 100\n+ 5 8 100\n- dead\nc 2\nR 3fc\n";
    let expected = [
        Event::malloc(0, 0x11c00),
        Event::malloc(1, 24),
        Event::free(1),
        Event::malloc(2, 4),
        Event::free(2),
        Event::malloc(3, 5),
    ];
    for header in [
        "v 10000 1\nx /a b\nX ./a\nI 1000 5e\nm 1 -\n",
        "v 10200 2\nx /a\nX ./a\nA\nm /lib 7f 0 1\n",
        "v 10400 3\nx 4 /a b\nX ./a\nm 1 x 55 0 908\n# remark\n#remark\n",
    ] {
        let trace = read(format!("{header}{body}"));
        assert_eq!(trace.format(), Format::HeaptrackRaw, "{header:?}");
        assert_eq!(trace.events(), expected, "{header:?}");
        assert_eq!(trace.notes().count(NoteKind::UnmatchedFree), 1);
        assert_eq!(trace.notes().count(NoteKind::ImpliedFree), 1);
    }
}

/// In the interpreted form a number is a class of blocks (one size, one call stack); `-` lets the youngest
/// go.
#[test]
fn heaptrack_interpreted_classes_are_no_blocks() {
    let trace = read(
        "v 10400 3\nX ./p\ns 4 main\ni 7f 1\nt 1 0\na 18 1\n+ 0\n+ 0\na 4 1\n+ 1\n- 0 1\n- 1\n- 0\n- 0\n",
    );
    let expected = [
        Event::malloc(0, 24),
        Event::malloc(1, 24),
        Event::malloc(2, 4),
        Event::free(1),
        Event::free(2),
        Event::free(0),
    ];
    assert_eq!(trace.format(), Format::HeaptrackInterpreted);
    assert_eq!(trace.events(), expected);
    assert_eq!(trace.notes().count(NoteKind::UnmatchedFree), 1);
}
