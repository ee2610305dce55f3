//! A real writer, killed for real: a child process works in a mapped file until it gets a SIGKILL; the parent opens the
//! file and finds every block that the child had published, whole.
//!
//! ```text
//! root 0 -> table [ offset | offset | 0 | ... ]      a slot is filled after its block is, and emptied before
//!                      |
//!                      v
//!                   [ seed | bytes that follow from the seed ]
//! ```

use memcore::heap::{FileMemory, HeapError, Offset, PersistentHeap};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use std::env;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const SLOTS: usize = 64;
const LIMIT: usize = 8 << 20;

struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        File(env::temp_dir().join(format!("memcore-{name}-{}", std::process::id())))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn open(path: &Path) -> (PersistentHeap<FileMemory>, memcore::heap::Recovery) {
    // SAFETY: only this test uses the file, through the lock.
    PersistentHeap::open(unsafe { FileMemory::open(path, LIMIT) }.unwrap()).unwrap()
}

fn slot(heap: &PersistentHeap<FileMemory>, table: Offset, number: usize) -> Option<Offset> {
    let bytes = &heap.bytes(table).unwrap()[8 * number..][..8];
    Offset::from_bits(u64::from_le_bytes(bytes.try_into().unwrap()))
}

fn set_slot(heap: &mut PersistentHeap<FileMemory>, table: Offset, number: usize, offset: Option<Offset>) {
    let words: &mut [u64] = bytemuck::cast_slice_mut(heap.bytes_mut(table).unwrap());
    let place: *mut u64 = &mut words[number];
    // Neither earlier writes after it nor later ones before it: the file is what somebody else will see.
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
    // SAFETY: the word was borrowed just above.
    unsafe { place.write_volatile(offset.map_or(0, Offset::to_bits).to_le()) };
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

fn fill(bytes: &mut [u8], seed: u64) {
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    Xoshiro256PlusPlus::seed_from_u64(seed).fill_bytes(&mut bytes[8..]);
}

fn is_whole(bytes: &[u8]) -> bool {
    let mut wanted = vec![0; bytes.len()];
    fill(&mut wanted, u64::from_le_bytes(bytes[..8].try_into().unwrap()));
    wanted == bytes
}

/// Not a test: the child's side of the one below.
#[test]
#[ignore = "the writer that the other test kills"]
fn writer() {
    let Ok(path) = env::var("MEMCORE_TEST_FILE") else { return };
    let (mut heap, _) = open(Path::new(&path));
    let table = heap.root(0).unwrap().unwrap();
    let mut random =
        Xoshiro256PlusPlus::seed_from_u64(env::var("MEMCORE_TEST_SEED").unwrap().parse().unwrap());
    println!("begun");
    loop {
        let number = random.next_u64() as usize % SLOTS;
        let size = 8 + random.next_u64() as usize % 3000;
        let new = match (slot(&heap, table, number), random.next_u64() % 2) {
            (None, _) => heap.allocate(size, 1 << (random.next_u64() % 7)).unwrap(),
            (Some(offset), way) => {
                set_slot(&mut heap, table, number, None);
                if way == 0 {
                    heap.free(offset).unwrap();
                    continue;
                }
                heap.resize(offset, size).unwrap()
            }
        };
        fill(heap.bytes_mut(new).unwrap(), random.next_u64());
        set_slot(&mut heap, table, number, Some(new));
    }
}

#[test]
fn a_killed_process_loses_no_block_that_it_had_published() {
    let file = File::new("kill");
    // SAFETY: nobody else knows the file.
    let memory = unsafe { FileMemory::create(&file.0, 8192, LIMIT) }.unwrap();
    let mut heap = PersistentHeap::create(memory).unwrap();
    let table = heap.allocate_zeroed(8 * SLOTS, 8).unwrap();
    heap.set_root(0, Some(table)).unwrap();
    heap.close().unwrap();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut steps = 0;
    for seed in 0..12 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["kill::writer", "--exact", "--ignored", "--nocapture"])
            .env("MEMCORE_TEST_FILE", &file.0)
            .env("MEMCORE_TEST_SEED", seed.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = Vec::new();
        let output = child.stdout.as_mut().unwrap();
        while !said.ends_with(b"begun\n") {
            let mut byte = [0];
            assert_eq!(output.read(&mut byte).unwrap(), 1, "the writer did not begin");
            said.push(byte[0]);
        }
        // SAFETY: nobody changes the file but through its lock, which the child has.
        let locked = unsafe { FileMemory::open(&file.0, LIMIT) };
        assert!(matches!(locked, Err(HeapError::System { call: "flock", .. })), "{locked:?}");
        std::thread::sleep(Duration::from_micros(random.next_u64() % 20_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let (heap, recovery) = open(&file.0);
        assert!(!recovery.clean);
        heap.validate().unwrap();
        let published: Vec<Offset> = (0..SLOTS).filter_map(|number| slot(&heap, table, number)).collect();
        for &offset in &published {
            assert!(is_whole(heap.bytes(offset).unwrap()), "the block at {offset}");
        }
        // The table, and one block for each kill that came between a call and its slot.
        let others = recovery.blocks - 1 - published.len() as u64;
        assert!(others <= seed + 1, "{others} blocks that nobody published");
        assert!(heap.generation() >= steps, "steps were lost");
        steps = heap.generation();
        heap.close().unwrap();
    }
    assert!(steps > 100, "the writers made {steps} steps only");
}

#[test]
fn a_file_grows_and_is_there_again() {
    let file = File::new("file");
    // SAFETY: nobody else knows the file.
    let memory = unsafe { FileMemory::create(&file.0, 5000, 1 << 20) }.unwrap();
    let mut heap = PersistentHeap::create(memory).unwrap();
    let blocks: Vec<Offset> = (0..200)
        .map(|seed| {
            let offset = heap.allocate(1000, 8).unwrap();
            fill(heap.bytes_mut(offset).unwrap(), seed);
            offset
        })
        .collect();
    heap.set_root(1, blocks.last().copied()).unwrap();
    assert!(heap.capacity() > 200_000);
    heap.sync().unwrap();
    let error = heap.allocate(1 << 20, 1).unwrap_err();
    assert!(matches!(error, HeapError::Alloc(_)), "{error}");
    heap.validate().unwrap();
    drop(heap);
    let (heap, recovery) = open(&file.0);
    assert!(recovery.clean && recovery.blocks == 200);
    assert!(blocks.iter().all(|&offset| is_whole(heap.bytes(offset).unwrap())));
    assert_eq!(heap.root(1).unwrap(), blocks.last().copied());
    // SAFETY: as above.
    let missing = unsafe { FileMemory::open(file.0.join("nowhere"), 1) };
    assert!(matches!(missing, Err(HeapError::System { call: "open", .. })), "{missing:?}");
}
