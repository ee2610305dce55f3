//! Views of the machine against what was done to it, by hand, and against the lines of Linux.

use memcore::vm::*;

const PAGE: u64 = 4096;

fn rw() -> Protection {
    Protection::READ | Protection::WRITE
}

/// A process with private memory (some of it shared with a child, some of it swapped), shared memory and a file.
fn populated() -> (Machine, ProcessId, u64) {
    let mut machine = Machine::new(MachineConfig::default()).unwrap();
    let process = machine.spawn().unwrap();
    let at = 0x10_0000_0000;
    machine.mmap(process, &MapRequest::anonymous(8 * PAGE, rw()).fixed(at)).unwrap();
    machine.write(process, at, &[1; 6 * PAGE as usize]).unwrap();
    machine.madvise(process, at + 4 * PAGE, 2 * PAGE, Advice::PageOut).unwrap();
    let mut byte = [0];
    machine.read(process, at + 7 * PAGE, &mut byte).unwrap();

    let shared = MapRequest::anonymous(4 * PAGE, rw()).shared().fixed(at + 16 * PAGE);
    machine.mmap(process, &shared).unwrap();
    machine.write(process, at + 16 * PAGE, &[2; 3 * PAGE as usize]).unwrap();

    let file = machine.open(Box::new(MemoryFile::new(vec![3; 5 * PAGE as usize]))).unwrap();
    let request = MapRequest::file(file, 5 * PAGE, rw()).fixed(at + 32 * PAGE);
    machine.mmap(process, &request).unwrap();
    machine.read(process, at + 32 * PAGE, &mut [0; 2 * PAGE as usize]).unwrap();
    machine.write(process, at + 32 * PAGE, b"x").unwrap();
    let locked = MapRequest::anonymous(2 * PAGE, rw()).fixed(at + 64 * PAGE);
    machine.mmap(process, &locked).unwrap();
    machine.mlock(process, at + 64 * PAGE, 2 * PAGE).unwrap();
    (machine, process, at)
}

fn area(machine: &Machine, process: ProcessId, start: u64) -> AreaMemory {
    machine.smaps(process).unwrap().into_iter().find(|found| found.area.start == start).unwrap()
}

#[test]
fn smaps_say_what_is_there() {
    let (mut machine, process, at) = populated();
    let private = area(&machine, process, at);
    // Six pages written, two of them swapped; the page of zeros is nobody's.
    assert_eq!(
        (private.rss, private.pss, private.swap, private.swap_pss),
        (4 * PAGE, 4 * PAGE, 2 * PAGE, 2 * PAGE)
    );
    assert_eq!((private.private_dirty, private.anonymous, private.locked), (4 * PAGE, 4 * PAGE, 0));
    let file = area(&machine, process, at + 32 * PAGE);
    // All five pages are mapped, by the read and around it; the first was copied at the write.
    assert_eq!(
        (file.rss, file.anonymous, file.private_clean, file.private_dirty),
        (5 * PAGE, PAGE, 4 * PAGE, PAGE)
    );
    assert_eq!(area(&machine, process, at + 64 * PAGE).locked, 2 * PAGE);

    let child = machine.fork(process).unwrap();
    let private = area(&machine, process, at);
    assert_eq!((private.rss, private.pss, private.shared_dirty), (4 * PAGE, 2 * PAGE, 4 * PAGE));
    assert_eq!((private.swap, private.swap_pss), (2 * PAGE, PAGE));
    machine.write(child, at, b"mine").unwrap();
    let of_child = area(&machine, child, at);
    assert_eq!((of_child.rss, of_child.pss), (4 * PAGE, PAGE + 3 * PAGE / 2));

    // The sums are those that the kernel keeps.
    for process in [process, child] {
        let usage = machine.usage(process).unwrap();
        let smaps = machine.smaps(process).unwrap();
        let sum = |part: fn(&AreaMemory) -> u64| smaps.iter().map(part).sum::<u64>() / PAGE;
        assert_eq!(sum(|area| area.rss), usage.rss());
        assert_eq!(sum(|area| area.anonymous), usage.rss_anonymous);
        assert_eq!(sum(|area| area.swap), usage.swapped);
        let status = machine.status(process).unwrap();
        assert_eq!((status.rss() / PAGE, status.swapped / PAGE), (usage.rss(), usage.swapped));
        assert_eq!(status.areas, smaps.len());
    }
}

#[test]
fn meminfo_and_vmstat_add_up() {
    let (mut machine, process, _) = populated();
    let info = machine.meminfo();
    let usage = machine.usage(process).unwrap();
    assert_eq!(info.anon_pages, usage.rss_anonymous * PAGE);
    assert_eq!((info.shmem, info.locked), (3 * PAGE, 2 * PAGE));
    // The file's five pages are cached, the one that was copied too; four of them are mapped, and three shared.
    assert_eq!((info.cached, info.mapped), (8 * PAGE, 7 * PAGE));
    assert_eq!(info.swap_total - info.swap_free, 2 * PAGE);
    assert_eq!(info.committed, machine.committed() * PAGE);
    // What is not free is in one of these.
    assert_eq!(info.total - info.free, info.anon_pages + info.cached + info.page_tables);
    let value = |machine: &Machine, name: &str| {
        let rows = machine.vmstat();
        assert_eq!(rows.iter().filter(|(other, _)| *other == name).count(), 1, "{name}");
        rows.into_iter().find(|(other, _)| *other == name).unwrap().1
    };
    assert_eq!(value(&machine, "nr_free_pages") * PAGE, info.free);
    assert_eq!(value(&machine, "pswpout"), 2);
    let faults = machine.counters()[Count::Minor] + machine.counters()[Count::Major];
    assert_eq!(value(&machine, "pgfault"), faults);
    let buddy = machine.buddyinfo();
    let free: u64 = buddy
        .iter()
        .flat_map(|node| node.free.iter().enumerate())
        .map(|(order, blocks)| blocks << order)
        .sum();
    assert_eq!(free * PAGE, info.free);
    assert_eq!(machine.numastat().iter().map(|node| node.free).sum::<u64>(), free);
    machine.exit(process).unwrap();
    assert_eq!(machine.meminfo().anon_pages, 0);
}

#[test]
fn page_tables_and_pictures() {
    let (machine, process, at) = populated();
    let rows = machine.page_table(process).unwrap();
    assert!(rows.windows(2).all(|pair| pair[0].end <= pair[1].start));
    let here: Vec<&TableRow> =
        rows.iter().filter(|row| row.start >= at && row.end <= at + 8 * PAGE).collect();
    let swapped: u64 = here.iter().filter(|row| row.state == RowState::Swapped).map(|row| row.entries).sum();
    let zero: u64 = here.iter().filter(|row| row.state == RowState::Zero).map(|row| row.entries).sum();
    let present: u64 = here.iter().filter(|row| row.state == RowState::Present).map(|row| row.entries).sum();
    assert_eq!((present, swapped, zero), (4, 2, 1));
    for row in here.iter().filter(|row| row.state == RowState::Present) {
        let first = machine.translate(process, row.start).unwrap();
        assert_eq!((first.frame, first.protection), (row.number, row.protection));
        let last = machine.translate(process, row.end - 1).unwrap();
        assert_eq!(last.frame, row.number + row.entries - 1);
    }
    // Eight pages in sixteen places: two each.
    let picture = machine.picture(process).unwrap();
    assert!(picture.contains("001000000000 |########ssss....| rw- 32K, 16K in memory"), "{picture}");
}

/// The names that Linux prints for an area, as a kernel of version 6 does; this program's own are read where there
/// is such a kernel.
#[test]
fn lines_are_those_of_linux() {
    let (machine, process, at) = populated();
    let text = machine.smaps_text(process).unwrap();
    assert_eq!(
        text.lines().filter(|line| line.starts_with("Rss:")).count(),
        machine.areas(process).unwrap().count()
    );
    let of_area = area(&machine, process, at).to_string();
    let names: Vec<&str> = of_area.lines().map(|line| line.split(':').next().unwrap()).collect();
    let Ok(own) = std::fs::read_to_string("/proc/self/smaps") else { return };
    let block: Vec<&str> = own.lines().skip(1).take_while(|line| !line.starts_with("VmFlags")).collect();
    let theirs: Vec<&str> = block.iter().map(|line| line.split(':').next().unwrap()).collect();
    // In their order, whatever else a kernel prints; and in the same columns.
    let both: Vec<&str> = theirs.iter().copied().filter(|name| names.contains(name)).collect();
    assert_eq!(both, names.iter().copied().filter(|name| both.contains(name)).collect::<Vec<_>>());
    assert!(both.len() > 12, "{both:?}");
    for line in block {
        let name = line.split(':').next().unwrap();
        if let Some(ours) = of_area.lines().find(|ours| ours.split(':').next() == Some(name)) {
            assert_eq!(ours.len(), line.len(), "{ours:?} and {line:?}");
        }
    }
    assert!(of_area.contains("VmFlags: rd wr mr mw me ac \n"), "{of_area}");
    let Ok(own) = std::fs::read_to_string("/proc/meminfo") else { return };
    let first = machine.meminfo().to_string();
    let (ours, theirs) = (first.lines().next().unwrap(), own.lines().next().unwrap());
    assert_eq!((ours.len(), &ours[..9]), (theirs.len(), &theirs[..9]));
}
