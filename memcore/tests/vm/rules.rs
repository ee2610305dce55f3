//! The rules that Linux keeps to itself, where no system call shows them exactly: watermarks, merging, the choice of
//! who is killed, placement on nodes, limits of groups, huge pages, compression. Expected values are worked out by hand
//! from the rules of Documentation/mm and the sources named in each module.

use memcore::vm::*;

const PAGE: u64 = 4096;
const RW: Protection = Protection::WRITE;

fn machine(change: impl FnOnce(&mut MachineConfig)) -> Machine {
    let mut config = MachineConfig::preset("linux").unwrap();
    config.memory.nodes = vec![NodeConfig::new(4096)];
    config.memory.watermarks = WatermarkConfig::None;
    config.tables_take_frames = false;
    config.faults.swap_cluster = 1;
    change(&mut config);
    Machine::new(config).unwrap()
}

fn map(machine: &mut Machine, process: ProcessId, pages: u64) -> u64 {
    machine.mmap(process, &MapRequest::anonymous(pages * PAGE, RW)).unwrap()
}

fn fill(machine: &mut Machine, process: ProcessId, at: u64, pages: u64, byte: u8) {
    for page in 0..pages {
        machine.write(process, at + page * PAGE, &[byte]).unwrap();
    }
}

#[test]
fn reclaim_keeps_to_the_watermarks() {
    let mut machine = machine(|config| {
        config.memory.nodes = vec![NodeConfig::new(100)];
        config.memory.watermarks = WatermarkConfig::Frames { min: 5, low: 10, high: 20 };
        config.replacement.batch = 4;
    });
    let process = machine.spawn().unwrap();
    let at = map(&mut machine, process, 200);
    fill(&mut machine, process, at, 90, 1);
    // Ten are free: nobody was woken yet.
    assert_eq!((machine.free_frames(), machine.counters()[Count::BackgroundWakeups]), (10, 0));
    fill(&mut machine, process, at + 90 * PAGE, 2, 1);
    // The next frame left nine: woken, the reclaimer went on to twenty.
    assert_eq!(machine.counters()[Count::BackgroundWakeups], 1);
    assert_eq!(machine.counters()[Count::EvictedBackground], 11);
    assert_eq!((machine.free_frames(), machine.counters()[Count::DirectReclaim]), (19, 0));
}

#[test]
fn merging_takes_two_scans_and_keeps_to_its_limit() {
    let mut machine = machine(|config| config.merging.most_sharing = 3);
    let process = machine.spawn().unwrap();
    let at = map(&mut machine, process, 10);
    // Seven equal pages, and three that differ from all others.
    fill(&mut machine, process, at, 7, 1);
    for page in 7..10 {
        fill(&mut machine, process, at + page * PAGE, 1, page as u8);
    }
    machine.madvise(process, at, 10 * PAGE, Advice::Mergeable).unwrap();
    let first = machine.merge_scan(10);
    assert_eq!((first.scanned, first.merged, first.volatile), (10, 0, 10));
    let second = machine.merge_scan(10);
    // Pages of three entries each: 3 + 3, and the seventh waits for an equal.
    assert_eq!((second.shared, second.sharing, second.unshared), (2, 4, 4));
    assert_eq!(second.full_scans, 1);
    assert_eq!(machine.usage(process).unwrap().rss_anonymous, 10);
    machine.validate().unwrap();
    // A write takes one out again.
    let copies = machine.counters()[Count::Cow];
    machine.write(process, at, &[2]).unwrap();
    assert_eq!(machine.counters()[Count::Cow], copies + 1);
    let mut byte = [0];
    machine.read(process, at + PAGE, &mut byte).unwrap();
    assert_eq!(byte, [1]);
    machine.madvise(process, at, 10 * PAGE, Advice::Unmergeable).unwrap();
    assert_eq!((machine.merge_report().shared, machine.merge_report().sharing), (0, 0));
    machine.validate().unwrap();
}

#[test]
fn what_changes_between_scans_is_not_merged_and_zeros_can_be() {
    let mut machine = machine(|config| config.merging.use_zero_page = true);
    let process = machine.spawn().unwrap();
    let at = map(&mut machine, process, 4);
    fill(&mut machine, process, at, 2, 1);
    fill(&mut machine, process, at + 2 * PAGE, 2, 0);
    machine.madvise(process, at, 4 * PAGE, Advice::Mergeable).unwrap();
    for turn in 0..4 {
        fill(&mut machine, process, at, 2, 10 + turn);
        // Once the zeros are merged, two pages are a whole scan.
        machine.merge_scan(if turn == 0 { 4 } else { 2 });
    }
    let report = machine.merge_report();
    assert_eq!((report.shared, report.zero_pages), (0, 2));
    // Left alone, the others are the same at the next scan; and when nothing is left to look at, a scan ends.
    assert_eq!(machine.merge_scan(4).merged, 1);
    // The pages of zeros take no frame any more.
    assert_eq!(machine.usage(process).unwrap().rss_anonymous, 2);
    machine.validate().unwrap();
}

#[test]
fn a_scan_ends_when_nothing_is_left() {
    let mut machine = machine(|config| config.merging.use_zero_page = true);
    let process = machine.spawn().unwrap();
    let at = map(&mut machine, process, 1);
    fill(&mut machine, process, at, 1, 0);
    machine.madvise(process, at, PAGE, Advice::Mergeable).unwrap();
    assert_eq!(machine.merge_scan(10).scanned, 1);
    assert_eq!(machine.merge_scan(10).scanned, 0);
}

#[test]
fn a_large_sparse_range_moves_in_little_memory() {
    let mut machine = machine(|config| {
        config.tables_take_frames = true;
        config.memory.nodes = vec![NodeConfig::new(64)];
        config.overcommit.mode = OvercommitMode::Always;
    });
    let process = machine.spawn().unwrap();
    let at = map(&mut machine, process, 1 << 28);
    machine.write(process, at + (1 << 39), &[7]).unwrap();
    let to = machine.layout(process).unwrap().low.next_multiple_of(1 << 30) + (1 << 43);
    machine.mremap(process, at, 1 << 40, 1 << 40, Remap::Fixed(to)).unwrap();
    let mut byte = [0];
    machine.read(process, to + (1 << 39), &mut byte).unwrap();
    assert_eq!((byte, machine.counters()[Count::Evicted]), ([7], 0));
    machine.validate().unwrap();
}

#[test]
fn pages_that_could_not_leave_are_tried_again_when_there_is_room() {
    let mut machine = machine(|config| {
        config.memory.nodes = vec![NodeConfig::new(16)];
        config.swap = SwapConfig::of_pages(4);
        config.replacement.batch = 1;
        config.overcommit.mode = OvercommitMode::Always;
    });
    let [first, second] = [0; 2].map(|_| machine.spawn().unwrap());
    machine.set_oom_adjustment(first, -1000).unwrap();
    let at = map(&mut machine, first, 12);
    fill(&mut machine, first, at, 12, 3);
    let other = map(&mut machine, second, 8);
    fill(&mut machine, second, other, 8, 4);
    // All is full: whoever asks for advice about what cannot leave is not held to it later.
    machine.madvise(first, at, 12 * PAGE, Advice::PageOut).unwrap();
    machine.munmap(second, other, 8 * PAGE).unwrap();
    let more = map(&mut machine, first, 8);
    fill(&mut machine, first, more, 8, 5);
    assert_eq!((machine.counters()[Count::OomKill], machine.is_alive(second)), (0, true));
    machine.validate().unwrap();
}

#[test]
fn a_process_that_fills_its_own_frames_ends_alone() {
    let mut machine = machine(|config| {
        config.replacement.scope = Scope::Process(4);
        config.swap = SwapConfig::of_pages(0);
    });
    let [large, small] = [0; 2].map(|_| machine.spawn().unwrap());
    let kept = map(&mut machine, large, 4);
    fill(&mut machine, large, kept, 4, 1);
    let at = map(&mut machine, small, 5);
    fill(&mut machine, small, at, 4, 2);
    assert_eq!(machine.write(small, at + 4 * PAGE, &[2]).unwrap_err().kind, FaultKind::OutOfMemory);
    assert!(machine.is_alive(large) && !machine.is_alive(small));
    machine.validate().unwrap();
}

#[test]
fn the_one_with_most_points_is_killed_and_of_equals_the_later() {
    let mut machine = machine(|config| config.swap = SwapConfig::of_pages(904));
    let [a, b, c] = [0; 3].map(|_| machine.spawn().unwrap());
    for (process, pages) in [(a, 30), (b, 50), (c, 50)] {
        let at = map(&mut machine, process, pages);
        fill(&mut machine, process, at, pages, 1);
    }
    let points = |machine: &Machine, process| machine.oom_points(process).unwrap();
    let tables = points(&machine, a).unwrap() - 30;
    assert_eq!(points(&machine, b), Some(50 + tables));
    // 4096 frames and 904 slots: an adjustment of 10 is worth 10 x 5 points.
    machine.set_oom_adjustment(a, 10).unwrap();
    assert_eq!(points(&machine, a), Some(80 + tables));
    machine.set_oom_adjustment(a, -1000).unwrap();
    assert_eq!(points(&machine, a), None);
    assert!(machine.set_oom_adjustment(a, 1001).is_err());
}

#[test]
fn pages_go_to_the_nodes_that_their_policy_names() {
    let mut machine = machine(|config| config.memory.nodes = vec![NodeConfig::new(1000); 3]);
    let process = machine.spawn().unwrap();
    machine.set_node(process, 1).unwrap();
    let mut nodes_of = |policy: NumaPolicy, pages: u64| -> Vec<u32> {
        let at = machine
            .mmap(process, &MapRequest::anonymous(pages * PAGE, RW).with(MapFlags::GROWSDOWN))
            .unwrap();
        machine.mbind(process, at, pages * PAGE, Some(policy)).unwrap();
        fill(&mut machine, process, at, pages, 1);
        (0..pages)
            .map(|page| machine.translate(process, at + page * PAGE).map_or(0, |found| found.node))
            .collect()
    };
    assert_eq!(nodes_of(NumaPolicy::Default, 2), [1, 1]);
    assert_eq!(nodes_of(NumaPolicy::Preferred(2), 2), [2, 2]);
    assert_eq!(nodes_of(NumaPolicy::Interleave(vec![0, 2]), 4), [0, 2, 0, 2]);
    // Two pages on node 0 for each one on node 1.
    assert_eq!(nodes_of(NumaPolicy::WeightedInterleave(vec![(0, 2), (1, 1)]), 6), [0, 0, 1, 0, 0, 1]);
    assert_eq!(nodes_of(NumaPolicy::Bind(vec![0]), 2), [0, 0]);
    // Full, node 0 gives its own pages away rather than another node's frames.
    let bound = nodes_of(NumaPolicy::Bind(vec![0]), 1100);
    assert!(bound[1000..].iter().all(|&node| node == 0));
    machine.validate().unwrap();
}

#[test]
fn a_page_moves_to_who_touches_it_next() {
    let mut machine = machine(|config| config.memory.nodes = vec![NodeConfig::new(1000); 2]);
    let process = machine.spawn().unwrap();
    let at = map(&mut machine, process, 3);
    fill(&mut machine, process, at, 3, 5);
    machine.set_node(process, 1).unwrap();
    assert_eq!(machine.mark_next_touch(process, at, 3 * PAGE).unwrap(), 3);
    let mut byte = [0];
    machine.read(process, at + PAGE, &mut byte).unwrap();
    let nodes = [0, 1, 2].map(|page| machine.translate(process, at + page * PAGE).map(|found| found.node));
    // Untouched ones still ask.
    assert_eq!((byte, nodes), ([5], [None, Some(1), None]));
    assert_eq!(machine.node_counters(1).unwrap()[Count::NumaMigrate], 1);
    machine.validate().unwrap();
}

#[test]
fn a_group_keeps_its_limit_with_its_own_pages() {
    let mut machine = machine(|_| ());
    let [inside, outside] = [0; 2].map(|_| machine.spawn().unwrap());
    let group = machine.create_group(Some(10)).unwrap();
    machine.join(inside, group).unwrap();
    let kept = map(&mut machine, outside, 50);
    fill(&mut machine, outside, kept, 50, 1);
    let at = map(&mut machine, inside, 30);
    fill(&mut machine, inside, at, 30, 2);
    assert_eq!(machine.group_usage(group).unwrap(), (10, Some(10)));
    assert_eq!(machine.usage(inside).unwrap().swapped, 20);
    assert_eq!(machine.usage(outside).unwrap().rss_anonymous, 50);
    machine.set_limit(group, Some(4)).unwrap();
    assert_eq!(machine.group_usage(group).unwrap(), (4, Some(4)));
    machine.validate().unwrap();
}

#[test]
fn huge_pages_are_taken_collapsed_and_split() {
    let huge = 512 * PAGE;
    let mut machine = machine(|config| config.huge.mode = HugeMode::Always);
    let process = machine.spawn().unwrap();
    let at = machine.mmap(process, &MapRequest::anonymous(huge, RW).fixed(64 * huge)).unwrap();
    machine.write(process, at + 5 * PAGE, &[5]).unwrap();
    assert_eq!(machine.counters()[Count::HugeFault], 1);
    assert_eq!(machine.translate(process, at).unwrap().page_size, huge);
    assert_eq!(machine.usage(process).unwrap().rss_anonymous, 512);
    // A part is unmapped: the rest stays, in small pages.
    machine.munmap(process, at, PAGE).unwrap();
    assert_eq!(machine.counters()[Count::HugeSplit], 1);
    assert_eq!(machine.translate(process, at + PAGE).unwrap().page_size, PAGE);
    assert_eq!(machine.usage(process).unwrap().rss_anonymous, 511);
    // Two small pages become a huge one: 510 were empty, and 511 may be.
    let other = machine.mmap(process, &MapRequest::anonymous(huge, RW).fixed(66 * huge)).unwrap();
    machine.madvise(process, other, huge, Advice::NoHugePage).unwrap();
    fill(&mut machine, process, other, 2, 7);
    machine.madvise(process, other, huge, Advice::HugePage).unwrap();
    assert_eq!(machine.collapse_scan(process).unwrap(), 1);
    let mut bytes = [0; 2];
    machine.read(process, other + PAGE, &mut bytes).unwrap();
    assert_eq!((bytes, machine.translate(process, other).unwrap().page_size), ([7, 0], huge));
    machine.validate().unwrap();
}

#[test]
fn a_pool_of_huge_pages_is_set_aside_and_gives_out_what_it_promised() {
    let huge = 512 * PAGE;
    let mut machine = machine(|config| config.huge.pool = vec![(1, 2)]);
    assert_eq!(machine.free_frames(), 4096 - 1024);
    let process = machine.spawn().unwrap();
    let request = MapRequest::anonymous(2 * huge, RW).with(MapFlags::HUGETLB);
    let at = machine.mmap(process, &request).unwrap();
    let refused = machine.mmap(process, &request).unwrap_err();
    assert!(matches!(refused, VmError::NoMemory { shortage: Shortage::HugePages, .. }));
    machine.write(process, at + huge - 1, &[1, 2]).unwrap();
    assert_eq!(machine.translate(process, at).unwrap().page_size, huge);
    assert_eq!(machine.munmap(process, at, PAGE).unwrap_err().errno(), Some(Errno::EINVAL));
    machine.munmap(process, at, 2 * huge).unwrap();
    machine.mmap(process, &request).unwrap();
    machine.validate().unwrap();
}

#[test]
fn the_pool_takes_pages_before_the_device() {
    let mut machine = machine(|config| {
        config.memory.nodes = vec![NodeConfig::new(100)];
        config.compression = Some(CompressConfig::default());
        config.replacement.batch = 1;
    });
    let process = machine.spawn().unwrap();
    let at = map(&mut machine, process, 150);
    for page in 0..150_u64 {
        // Half of them all of one byte, half of a pattern that shrinks well.
        let bytes: Vec<u8> = match page % 2 {
            0 => vec![page as u8; PAGE as usize],
            _ => (0..PAGE).map(|byte| (byte / 64 + page) as u8).collect(),
        };
        machine.write(process, at + page * PAGE, &bytes).unwrap();
    }
    let stats = machine.compression().unwrap();
    assert_eq!(machine.counters()[Count::ZswapOut], 50);
    assert_eq!((machine.counters()[Count::SwapOut], stats.stores), (0, 50));
    for page in 0..150_u64 {
        let mut bytes = [0; 2];
        machine.read(process, at + page * PAGE + 640, &mut bytes).unwrap();
        let expected = if page % 2 == 0 { page as u8 } else { (10 + page) as u8 };
        assert_eq!(bytes, [expected; 2]);
    }
    machine.validate().unwrap();
}

#[test]
fn dirty_pages_of_files_are_written_back_in_the_background() {
    let mut machine = machine(|config| config.replacement.writeback_interval = 10);
    let file = machine.open(Box::new(MemoryFile::new(vec![0; 8 * PAGE as usize]))).unwrap();
    let process = machine.spawn().unwrap();
    let at = machine.mmap(process, &MapRequest::file(file, 8 * PAGE, RW).shared()).unwrap();
    fill(&mut machine, process, at, 8, 1);
    assert_eq!(machine.counters()[Count::FileWrite], 0);
    // Three more accesses; the eleventh in all is a fault, and finds the interval over.
    for _ in 0..2 {
        machine.write(process, at, &[2]).unwrap();
    }
    let other = map(&mut machine, process, 1);
    machine.write(process, other, &[1]).unwrap();
    assert_eq!(machine.counters()[Count::FileWrite], 8);
    assert_eq!(machine.time()[Cause::FileWrite], 0);
    machine.validate().unwrap();
}

#[test]
fn a_loop_that_does_not_fit_thrashes_and_one_that_does_not() {
    for (pages, expected) in [(40, true), (20, false)] {
        let mut machine = machine(|config| {
            config.memory.nodes = vec![NodeConfig::new(32)];
            config.replacement.batch = 1;
        });
        let process = machine.spawn().unwrap();
        let at = map(&mut machine, process, pages);
        for _ in 0..20 {
            fill(&mut machine, process, at, pages, 1);
        }
        assert_eq!(machine.thrashing(), expected);
    }
}
