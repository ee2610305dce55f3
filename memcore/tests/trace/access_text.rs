//! The text formats of accesses, from lines written by hand.

use memcore::trace::{
    Access, AccessKind, AccessOptions, AccessTrace, Columns, Format, NoteKind, PageTrace, SpaceEvent, Unit,
};

use super::{accesses, run};
use AccessKind::{Execute, Read, Write};

#[test]
fn page_text_has_runs_and_events() {
    let text = "# comment\nX 401 2\nm 4835 2 3 34\n\nW 1fff000\r\nb 4035\nu 483c 9\np 4a14 4 1\nR 0 4294967295\nv a 1 b 2";
    let trace = accesses(text);
    assert_eq!((trace.format(), trace.unit()), (Format::PageText, Unit::Pages { shift: 12 }));
    assert_eq!(
        trace.accesses(),
        [run(0x401_000, 1, 2, Execute), run(0x1f_ff00_0000, 1, 1, Write), run(0, 1, u32::MAX, Read)]
    );
    assert_eq!(
        trace.events(),
        [
            (1, SpaceEvent::Map { page: 0x4835, pages: 2, protection: 3, flags: 34 }),
            (2, SpaceEvent::Break { page: 0x4035 }),
            (2, SpaceEvent::Unmap { page: 0x483c, pages: 9 }),
            (2, SpaceEvent::Protect { page: 0x4a14, pages: 4, protection: 1 }),
            (3, SpaceEvent::Remap { old: 10, old_pages: 1, new: 11, new_pages: 2 }),
        ]
    );
    // Text may begin with an event.
    assert_eq!(accesses("b 4035\nR 1\n").format(), Format::PageText);
}

#[test]
fn lackey_has_accesses_and_system_calls() {
    let text = "==9== Lackey, an example Valgrind tool\n\
        I  0401ab70,3\n S 1fff000668,8\n L 04222cac,4\n M 00000010,1\n\
        SYSCALL[9,1](12) sys_brk ( 0x4035001 ) --> [pre-success] Success(0x4035001) \n\
        SYSCALL[9,1](9) sys_mmap ( 0x0, 16400, 1, 2050, 3, 0 ) --> [pre-success] Success(0x4837000) \n\
        SYSCALL[9,1](9) sys_mmap ( 0x0, 16400, 1, 2050, 3, 0 ) --> [pre-success] Failure(0xc) \n\
        SYSCALL[9,1](11) sys_munmap ( 0x483c000, 34007 )[sync] --> Success(0x0) \n\
        SYSCALL[9,1](10) sys_mprotect ( 0x4a42000, 16384, 1 )[sync] --> Success(0x0) \n\
        SYSCALL[9,1](25) sys_mremap ( 0x4837000, 4096, 8193, 0x1, 0x0 ) --> [pre-success] Success(0x5000000) \n\
        SYSCALL[9,1](0) sys_read ( 3, 0x1ffeffed28, 832 ) --> [async] ... \n\
        SYSCALL[9,1](0) ... [async] --> Success(0x340) \n\
        hello\nI  like it not\n\nI  00400000,15\n";
    let trace = accesses(text);
    assert_eq!((trace.format(), trace.unit()), (Format::Lackey, Unit::Bytes));
    assert_eq!(
        trace.accesses(),
        [
            run(0x401_ab70, 3, 1, Execute),
            run(0x1f_ff00_0668, 8, 1, Write),
            run(0x422_2cac, 4, 1, Read),
            run(0x10, 1, 1, Write),
            run(0x40_0000, 15, 1, Execute),
        ]
    );
    assert_eq!(
        trace.events(),
        [
            (4, SpaceEvent::Break { page: 0x4036 }),
            (4, SpaceEvent::Map { page: 0x4837, pages: 5, protection: 1, flags: 2050 }),
            (4, SpaceEvent::Unmap { page: 0x483c, pages: 9 }),
            (4, SpaceEvent::Protect { page: 0x4a42, pages: 4, protection: 1 }),
            (4, SpaceEvent::Remap { old: 0x4837, old_pages: 1, new: 0x5000, new_pages: 3 }),
        ]
    );
    // The banner, the failed call, the two lines of a read, two lines of output.
    assert_eq!(trace.notes().count(NoteKind::OtherLine), 6);
}

#[test]
fn dinero_has_labels_and_comments() {
    let trace = accesses("2 0 main\n0 1fc0 a comment\n1 0x1FC4\n4 0\n3 ff\n\n2 4\n");
    assert_eq!((trace.format(), trace.unit()), (Format::Dinero, Unit::Bytes));
    assert_eq!(
        trace.accesses(),
        [run(0, 1, 1, Execute), run(0x1fc0, 1, 1, Read), run(0x1fc4, 1, 1, Write), run(4, 1, 1, Execute)]
    );
    assert_eq!(trace.notes().count(NoteKind::OtherLine), 2);
}

#[test]
fn numbers_are_decimal_or_hexadecimal_with_a_kind_or_none() {
    let numbers = |text: &str| {
        let trace = accesses(text);
        assert_eq!((trace.format(), trace.unit()), (Format::Numbers, Unit::Numbers), "{text:?}");
        trace.accesses().iter().map(|access| (access.address, access.kind)).collect::<Vec<_>>()
    };
    assert_eq!(numbers("7\n0\n1\n"), [(7, Read), (0, Read), (1, Read)]);
    assert_eq!(numbers("# a list\n\n  18446744073709551615  \n"), [(u64::MAX, Read)]);
    assert_eq!(numbers("0x1f\n10\n0Xff W\nx 3\n"), [(31, Read), (10, Read), (255, Write), (3, Execute)]);
    assert_eq!(numbers("7 r\n8 Store\n9 fetch\n"), [(7, Read), (8, Write), (9, Execute)]);
    // One of them has a digit above 9, so all without 0x are hexadecimal.
    assert_eq!(numbers("10\n1f\n0x10\nW 20\n"), [(16, Read), (31, Read), (16, Read), (32, Write)]);
    assert_eq!(numbers("f\na\n"), [(15, Read), (10, Read)]);
}

#[test]
fn csv_is_read_by_the_names_of_its_columns() {
    let trace = accesses("time,Op,Address,size\n0,read,0x1000,8\n1,W,4096,16\n2,0,7,1\n3,1,8,1,more\n");
    assert_eq!((trace.format(), trace.unit()), (Format::Csv, Unit::Bytes));
    let expected = [run(4096, 8, 1, Read), run(4096, 16, 1, Write), run(7, 1, 1, Read), run(8, 1, 1, Write)];
    assert_eq!(trace.accesses(), expected);

    let trace = accesses("# made by hand\n\"obj_id\" ; \"other\"\n\"17\" ; \"x\"\n 18;\n");
    assert_eq!((trace.format(), trace.unit()), (Format::Csv, Unit::Numbers));
    assert_eq!(trace.accesses(), [run(17, 1, 1, Read), run(18, 1, 1, Read)]);

    // Names of one's own, of a column that no list of names has, in a unit of one's own.
    let columns = Columns {
        address: Some("frame".into()),
        size: Some("n".into()),
        kind: Some("what".into()),
        unit: Some(Unit::Pages { shift: 13 }),
    };
    let options = AccessOptions { format: Some(Format::Csv), columns, ..Default::default() };
    let text = b"frame\tn\twhat\taddress\n3\t5\tset\t9\n";
    let trace = AccessTrace::read(&text[..], "t", &options, &mut ()).unwrap();
    assert_eq!(trace.accesses(), [run(3 << 13, 5, 1, Write)]);
}

#[test]
fn msr_is_csv_without_names() {
    let text =
        "128166372003061629,usr,0,Read,7014609920,24576,41286\n128166372016382155,usr,0,write,10,0,1963\n";
    for text in
        [text.to_owned(), format!("Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime\n{text}")]
    {
        let trace = accesses(&text);
        assert_eq!((trace.format(), trace.unit()), (Format::Msr, Unit::Bytes));
        assert_eq!(trace.accesses(), [run(7_014_609_920, 24_576, 1, Read), run(10, 0, 1, Write)]);
        let pages = PageTrace::from_accesses(&trace, None).unwrap();
        assert_eq!(
            pages.keys(),
            [1_712_551, 1_712_552, 1_712_553, 1_712_554, 1_712_555, 1_712_556, 1_712_557, 0]
        );
    }
}

#[test]
fn a_stated_format_is_believed() {
    let options = AccessOptions { format: Some(Format::Numbers), ..Default::default() };
    let trace = AccessTrace::read(&b"R 401\nW 402\n"[..], "t", &options, &mut ()).unwrap();
    assert_eq!(trace.accesses(), [Access::new(401, 1, Read), Access::new(402, 1, Write)]);
}
