//! Physical memory against a vector of frames, one by one.

use super::*;
use std_alloc::vec;
use std_alloc::vec::Vec;

fn nodes(sizes: &[u64], watermarks: WatermarkConfig) -> MemoryConfig {
    let nodes = sizes.iter().map(|&frames| NodeConfig::new(frames)).collect();
    MemoryConfig { nodes, watermarks, ..MemoryConfig::default() }
}

fn memory(sizes: &[u64]) -> Memory {
    Memory::new(&nodes(sizes, WatermarkConfig::None), 4096).unwrap()
}

/// Frames in use, in a plain vector: what an allocation may and must give, and what is free.
#[test]
fn frames_are_handed_out_once_and_aligned() {
    let sizes = [700, 0, 1, 1500, 33];
    let marks = WatermarkConfig::Frames { min: 5, low: 10, high: 20 };
    let mut memory = Memory::new(&nodes(&sizes, marks), 64).unwrap();
    let starts = [0, 700, 700, 701, 2201, 2234];
    let mut used = vec![false; 2234];
    let (mut blocks, mut state) = (Vec::new(), 11u64);
    for step in 0..6000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let random = |shift: u32, below: u64| (state >> shift) % below;
        if random(60, 16) < 9 {
            let order = random(30, 60).min(random(20, 6)) as u32;
            let list = [random(10, 5) as Node, random(13, 5) as Node];
            let (floor, keep) = [(Floor::None, 0), (Floor::Min, 5), (Floor::Low, 10)][random(50, 3) as usize];
            // By the model: the first node that has an aligned free run and keeps its floor.
            let expected = list.into_iter().find(|&node| {
                let range = starts[node as usize]..starts[node as usize + 1];
                let free = range.clone().filter(|&frame| !used[frame]).count();
                let run = |start: &usize| start % (1 << order) == 0 && start + (1 << order) <= range.end;
                let is_free = |start: usize| !used[start..start + (1 << order)].contains(&true);
                free >= keep + (1 << order) && range.clone().filter(run).any(is_free)
            });
            let frame = memory.allocate(order, &list, floor);
            assert_eq!(frame.map(|frame| memory.node_of(frame)), expected, "step {step}");
            if let Some(frame) = frame {
                assert_eq!(frame % (1 << order), 0);
                assert_eq!(memory.allocated_order(frame), Some(order));
                for frame in frame..frame + (1 << order) {
                    assert!(!core::mem::replace(&mut used[frame as usize], true));
                    memory.set_owner(frame, 7);
                }
                if order > 0 && random(5, 3) == 0 {
                    memory.split(frame, order);
                    blocks.extend((frame..frame + (1 << order)).map(|frame| (frame, 0)));
                } else {
                    blocks.push((frame, order));
                }
            }
        } else if !blocks.is_empty() {
            let (frame, order) = blocks.swap_remove(random(33, blocks.len() as u64) as usize);
            memory.free(frame, order);
            used[frame as usize..][..1 << order].fill(false);
            assert_eq!(memory.owner(frame), 0);
        }
        for node in 0..5 {
            let range = starts[node]..starts[node + 1];
            let free = used[range].iter().filter(|&&used| !used).count() as u64;
            assert_eq!(memory.free_frames(node as Node), free);
            assert_eq!(memory.is_below(node as Node, Floor::High), free < 20);
        }
    }
    memory.validate().unwrap();
    let back: Memory = postcard::from_bytes(&postcard::to_allocvec(&memory).unwrap()).unwrap();
    back.validate().unwrap();
    for order in 0..=LARGEST_ORDER {
        let blocks = |memory: &Memory| (0..5).map(|node| memory.free_blocks(node, order)).sum::<u64>();
        assert_eq!(blocks(&back), blocks(&memory));
    }
}

#[test]
fn nodes_are_told_by_frame_and_ordered_by_distance() {
    let mut config = nodes(&[10, 20, 0, 5], WatermarkConfig::None);
    let memory = Memory::new(&config, 4096).unwrap();
    let expected = [(0, 0), (9, 0), (10, 1), (29, 1), (30, 3), (34, 3)];
    for (frame, node) in expected {
        assert_eq!(memory.node_of(frame), node);
        assert!(memory.range(node).contains(&frame));
    }
    assert_eq!((memory.frames(), memory.total_free(), memory.nodes()), (35, 35, 4));
    assert_eq!(memory.fallback(2), [2, 0, 1, 3]);
    assert_eq!((memory.distance(1, 1), memory.distance(1, 2)), (10, 20));
    config.distances =
        vec![vec![10, 40, 20, 20], vec![40, 10, 15, 30], vec![20, 15, 10, 11], vec![16, 30, 11, 10]];
    let memory = Memory::new(&config, 4096).unwrap();
    assert_eq!(memory.fallback(0), [0, 2, 3, 1]);
    assert_eq!(memory.fallback(3), [3, 2, 0, 1]);
    assert_eq!((memory.distance(3, 0), memory.distance(0, 3)), (16, 20));
}

#[test]
fn a_huge_page_is_aligned_in_the_whole_machine() {
    let mut memory = memory(&[700, 2000]);
    // Node 1 is 700 to 2699. Aligned blocks of 512 are at 2048, whose buddy is not all there, and at 1024 and 1536,
    // which are one block of 1024: the smallest order goes first.
    for frame in [2048, 1024, 1536] {
        assert_eq!(memory.allocate(9, &[1], Floor::None), Some(frame));
    }
    assert_eq!(memory.allocate(9, &[1], Floor::None), None);
    assert_eq!(memory.allocate(11, &[1], Floor::None), None);
    assert_eq!(memory.allocate(200, &[0, 1, 99], Floor::None), None);
}

#[test]
fn bytes_follow_the_frames() {
    let mut memory = memory(&[600, 600]);
    assert!(memory.is_zero(3) && memory.contents_bytes() == 0);
    let page: Vec<u8> = (0..4096u32).map(|byte| byte as u8).collect();
    memory.bytes_mut(3).unwrap().copy_from_slice(&page);
    memory.copy(3, 1100).unwrap();
    assert!(memory.equal(3, 1100) && !memory.equal(3, 4));
    // Of 4096 bytes 0, 1, ..., 255, 0, ...: the function is the one of the crate, the bytes are ours.
    assert_eq!(memory.checksum(1100), xxhash_rust::xxh3::xxh3_64(&page));
    memory.zero(3);
    assert!(memory.is_zero(3) && !memory.is_zero(1100));
    assert!(memory.bytes_mut(1200).is_err());
}

#[test]
fn without_contents_there_are_no_bytes_and_nothing_fails() {
    let config = MemoryConfig { contents: false, ..nodes(&[100], WatermarkConfig::None) };
    let mut memory = Memory::new(&config, 4096).unwrap();
    assert!(!memory.has_contents() && memory.bytes(5).is_empty());
    assert!(memory.bytes_mut(5).unwrap().is_empty());
    memory.copy(5, 6).unwrap();
    memory.zero(6);
    assert!(memory.is_zero(6) && memory.equal(5, 6) && memory.checksum(5) == 0);
}

/// 64 GiB of frames of 4 KiB: what the tables take, by their own count.
#[test]
fn a_large_machine_takes_few_bytes_a_frame() {
    let config = MemoryConfig { contents: false, ..MemoryConfig::of_frames(1 << 24) };
    let memory = Memory::new(&config, 4096).unwrap();
    let bytes = memory.metadata_bytes();
    // 4 for the owner, 1 for the block in use, and 2 bits and a little for the free ones.
    assert!((5 << 24..11 << 23).contains(&bytes), "{bytes}");
}

#[test]
fn a_forged_memory_is_found_out() {
    let config = nodes(&[40, 24], WatermarkConfig::Frames { min: 1, low: 2, high: 3 });
    let good = Memory::new(&config, 64).unwrap();
    good.validate().unwrap();
    let forge = |change: &dyn Fn(&mut Memory)| {
        let mut memory = good.clone();
        change(&mut memory);
        // What cannot even be read is found out too.
        let bytes = postcard::to_allocvec(&memory).unwrap();
        postcard::from_bytes::<Memory>(&bytes).map_or(true, |memory| memory.validate().is_err())
    };
    assert!(!forge(&|_| ()));
    assert!(forge(&|memory| memory.frames = 63));
    assert!(forge(&|memory| memory.frames = u64::MAX));
    assert!(forge(&|memory| memory.page_size = 0));
    assert!(forge(&|memory| memory.page_size = 128));
    assert!(forge(&|memory| memory.nodes.clear()));
    assert!(forge(&|memory| memory.nodes[1].start = 39));
    assert!(forge(&|memory| memory.nodes[1].frames = u64::MAX));
    assert!(forge(&|memory| memory.nodes[1].base = 1024));
    assert!(forge(&|memory| memory.nodes[1].buddy = None));
    assert!(forge(&|memory| memory.nodes[1].buddy = memory.nodes[0].buddy.clone()));
    assert!(forge(&|memory| memory.nodes[0].buddy = DenseBuddy::new(40, 3).ok()));
    assert!(forge(&|memory| memory.nodes[1].buddy = DenseBuddy::new(64, 10).ok()));
    assert!(forge(&|memory| memory.nodes[0].marks.min = 9));
    assert!(forge(&|memory| memory.distances[0] = 11));
    assert!(forge(&|memory| memory.distances = zeroed(3).unwrap()));
    assert!(forge(&|memory| memory.fallbacks[1] = 7));
    assert!(forge(&|memory| memory.owners = Box::default()));
    assert!(forge(&|memory| memory.contents = PageStore::new(63, 64).ok()));
}

/// Any byte of a snapshot may be another: it is refused, found out, or a memory that works.
#[test]
fn a_damaged_snapshot_does_no_harm() {
    let mut good = Memory::new(&nodes(&[40, 24], WatermarkConfig::None), 16).unwrap();
    for _ in 0..20 {
        let frame = good.allocate(0, &[0], Floor::None).unwrap();
        good.bytes_mut(frame).unwrap().fill(frame as u8);
    }
    let saved = postcard::to_allocvec(&good).unwrap();
    let (mut state, mut whole) = (1u64, 0);
    for _ in 0..20_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut bytes = saved.clone();
        bytes[(state >> 40) as usize % saved.len()] = (state >> 20) as u8;
        let Ok(mut memory) = postcard::from_bytes::<Memory>(&bytes) else { continue };
        if memory.validate().is_err() {
            continue;
        }
        whole += 1;
        while let Some(frame) = memory.allocate(0, &[0, 1], Floor::None) {
            memory.bytes_mut(frame).unwrap().fill(1);
            memory.set_owner(frame, 1);
        }
        memory.validate().unwrap();
        for frame in 0..memory.frames() {
            if memory.allocated_order(frame) == Some(0) {
                memory.free(frame, 0);
            }
        }
        memory.validate().unwrap();
    }
    assert!(whole > 1000 && whole < 19_000, "{whole}");
}
