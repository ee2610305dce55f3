//! A recorded program as a list of operations on numbered blocks.

use super::contender::{Block, Contender};
use memcore::trace::{AllocTrace, EventKind, ReadOptions};
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Allocate,
    Reallocate,
    Free,
}

#[derive(Clone, Copy)]
pub struct Operation {
    pub kind: Kind,
    pub log2_alignment: u8,
    pub slot: u32,
    pub size: u32,
}

pub struct Trace {
    pub name: String,
    pub path: PathBuf,
    pub operations: Vec<Operation>,
    /// How many numbers there are.
    pub slots: usize,
    /// The most bytes that lived at once.
    pub peak: u64,
}

const SAMPLES: [&str; 4] = ["cc1_tlsf_O2", "numpy_sgd", "pyav_video", "sqlite3_3000"];

/// These files, or the recordings of the Python package.
pub fn load(files: Vec<PathBuf>) -> Vec<Trace> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/memcore/samples");
    let samples = SAMPLES.iter().map(|name| folder.join(format!("{name}.matr.zst"))).collect();
    let files: Vec<PathBuf> = if files.is_empty() { samples } else { files };
    files.into_iter().map(read).collect()
}

pub fn read(path: PathBuf) -> Trace {
    let trace = match AllocTrace::open(&path, &ReadOptions::default(), &mut ()) {
        Ok(trace) => trace,
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            std::process::exit(2)
        }
    };
    let mut live = vec![false; trace.ids() as usize];
    let mut operations = Vec::with_capacity(trace.events().len());
    for event in trace.events() {
        let lives = &mut live[event.id() as usize];
        let kind = match (event.kind(), *lives) {
            (EventKind::Free, false) => continue,
            (EventKind::Free, true) => Kind::Free,
            (_, true) => Kind::Reallocate,
            (_, false) => Kind::Allocate,
        };
        *lives = kind != Kind::Free;
        let size = u32::try_from(event.size().max(1)).unwrap_or(u32::MAX);
        let log2_alignment =
            if event.kind() == EventKind::Aligned { event.log2_alignment().max(4) as u8 } else { 4 };
        operations.push(Operation { kind, log2_alignment, slot: event.id(), size });
    }
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let name = name.split('.').next().unwrap_or_default().to_string();
    let (slots, peak) = (trace.ids() as usize, trace.summary().peak_live_bytes);
    Trace { name, path, operations, slots, peak }
}

/// Bytes of a cache line.
const LINE: usize = 64;

/// Writes a byte into each cache line from `from` on.
#[inline(always)]
pub fn touch(block: Block, from: usize) {
    let mut at = from.next_multiple_of(LINE);
    // SAFETY: a live block of so many bytes.
    unsafe {
        block.start.write(1);
        while at < block.size {
            block.start.add(at).write_volatile(1);
            at += LINE;
        }
    }
}

/// The program's calls, one after the other. What it left is freed by [`clear`].
#[inline(never)]
pub fn run<C: Contender>(trace: &Trace, contender: &mut C, live: &mut Vec<Option<Block>>) {
    live.resize(trace.slots, None);
    for operation in &trace.operations {
        step(operation, contender, live);
    }
}

#[inline(always)]
pub fn step<C: Contender>(operation: &Operation, contender: &mut C, live: &mut [Option<Block>]) {
    let size = operation.size as usize;
    let Some(entry) = live.get_mut(operation.slot as usize) else { return };
    match (operation.kind, entry.take()) {
        (Kind::Free, Some(old)) => contender.free(old),
        (Kind::Free, None) => {}
        (_, None) => {
            let new = contender.allocate(size, 1 << operation.log2_alignment);
            touch(new, 0);
            *entry = Some(new);
        }
        (_, Some(old)) => {
            let new = contender.reallocate(old, size);
            touch(new, old.size);
            *entry = Some(new);
        }
    }
}

/// Frees what the program left.
pub fn clear<C: Contender>(contender: &mut C, live: &mut Vec<Option<Block>>) {
    live.drain(..).flatten().for_each(|block| contender.free(block));
}
