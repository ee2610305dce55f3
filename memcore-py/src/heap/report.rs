//! What a heap tells: leaks, compactions, recoveries.

use memcore::heap::{Compaction, PersistentBlock, Recovery};
use pyo3::prelude::*;

/// A block that lives when the leak report is made.
#[pyclass(frozen, eq, get_all, name = "Leak", module = "memcore")]
#[derive(PartialEq)]
pub struct PyLeak {
    /// Its first byte.
    pub address: usize,
    /// Bytes asked for.
    pub size: usize,
    /// The tag that it was allocated with.
    pub tag: u32,
    /// The how-manieth allocation it was, from 1 on; 0 where the heap does not track.
    pub number: u64,
}

#[pymethods]
impl PyLeak {
    fn __repr__(&self) -> String {
        let PyLeak { address, size, tag, number } = self;
        format!("Leak(address={address:#x}, size={size}, tag={tag}, number={number})")
    }
}

/// What a compaction did.
#[pyclass(frozen, eq, get_all, name = "Compaction", module = "memcore")]
#[derive(PartialEq)]
pub struct PyCompaction {
    /// Blocks moved.
    moves: u64,
    /// Bytes moved.
    bytes: u64,
    /// The largest hole beforehand.
    largest_hole_before: u64,
    /// The largest hole afterwards.
    largest_hole_after: u64,
    /// External fragmentation beforehand.
    fragmentation_before: f64,
    /// External fragmentation afterwards.
    fragmentation_after: f64,
    /// Nothing is left that could move, but for blocks larger than the whole budget.
    done: bool,
}

impl From<Compaction> for PyCompaction {
    fn from(compaction: Compaction) -> Self {
        PyCompaction {
            moves: compaction.moves,
            bytes: compaction.bytes,
            largest_hole_before: compaction.largest_hole_before,
            largest_hole_after: compaction.largest_hole_after,
            fragmentation_before: compaction.fragmentation_before,
            fragmentation_after: compaction.fragmentation_after,
            done: compaction.done,
        }
    }
}

#[pymethods]
impl PyCompaction {
    fn __repr__(&self) -> String {
        let PyCompaction { moves, bytes, fragmentation_before, fragmentation_after, .. } = self;
        let done = if self.done { "True" } else { "False" };
        format!(
            "Compaction(moves={moves}, bytes={bytes}, fragmentation_before={fragmentation_before:.3}, \
             fragmentation_after={fragmentation_after:.3}, done={done})"
        )
    }
}

/// What was found when a persistent heap was opened.
#[pyclass(frozen, eq, get_all, name = "Recovery", module = "memcore")]
#[derive(PartialEq)]
pub struct PyRecovery {
    /// The last writer closed the image.
    clean: bool,
    /// A call that a crash had cut was completed.
    completed: bool,
    /// Live blocks.
    blocks: u64,
    /// Bytes that they were asked for with.
    bytes: u64,
}

impl From<Recovery> for PyRecovery {
    fn from(Recovery { clean, completed, blocks, bytes }: Recovery) -> Self {
        PyRecovery { clean, completed, blocks, bytes }
    }
}

#[pymethods]
impl PyRecovery {
    fn __repr__(&self) -> String {
        let shown = |fact: bool| if fact { "True" } else { "False" };
        let (clean, completed) = (shown(self.clean), shown(self.completed));
        format!(
            "Recovery(clean={clean}, completed={completed}, blocks={}, bytes={})",
            self.blocks, self.bytes
        )
    }
}

/// A block of an image that is only read.
#[pyclass(frozen, eq, get_all, name = "PersistentBlock", module = "memcore")]
#[derive(PartialEq)]
pub struct PyPersistentBlock {
    /// Where it begins, counted from the first byte of the image.
    pub offset: u64,
    /// Bytes that it was asked for with.
    pub size: usize,
    /// What its offset is a multiple of.
    pub alignment: u64,
}

impl From<PersistentBlock> for PyPersistentBlock {
    fn from(PersistentBlock { offset, size, alignment }: PersistentBlock) -> Self {
        PyPersistentBlock { offset: offset.to_bits(), size, alignment }
    }
}

#[pymethods]
impl PyPersistentBlock {
    fn __repr__(&self) -> String {
        let PyPersistentBlock { offset, size, alignment } = self;
        format!("PersistentBlock(offset={offset}, size={size}, alignment={alignment})")
    }
}
