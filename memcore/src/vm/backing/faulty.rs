//! An object that fails where it is told to: what a disk with bad sectors does to a machine.

use super::{Backing, BackingError, SavedBacking};
use std_alloc::string::ToString;
use std_alloc::vec::Vec;

/// Another object, with errors in it.
///
/// A read or a write that touches a byte of a range that was declared bad fails with [`BackingError::Io`] at the
/// first such byte, and does nothing.
///
/// ```
/// use memcore::vm::{Backing, BackingError, FaultyFile, MemoryFile};
/// let mut file = FaultyFile::new(MemoryFile::new([7; 8192]));
/// file.fail_reads(4096..4608);
/// let mut page = [0; 4096];
/// file.read(0, &mut page)?;
/// assert!(matches!(file.read(4096, &mut page), Err(BackingError::Io { offset: 4096, .. })));
/// file.write(4096, &page)?;
/// # Ok::<(), BackingError>(())
/// ```
#[derive(Clone, Debug)]
pub struct FaultyFile<B> {
    file: B,
    bad_reads: Vec<core::ops::Range<u64>>,
    bad_writes: Vec<core::ops::Range<u64>>,
}

impl<B: Backing> FaultyFile<B> {
    /// The object as it is.
    pub fn new(file: B) -> Self {
        FaultyFile { file, bad_reads: Vec::new(), bad_writes: Vec::new() }
    }

    /// From now on, reads of these bytes fail.
    pub fn fail_reads(&mut self, offsets: core::ops::Range<u64>) {
        self.bad_reads.push(offsets);
    }

    /// From now on, writes of these bytes fail.
    pub fn fail_writes(&mut self, offsets: core::ops::Range<u64>) {
        self.bad_writes.push(offsets);
    }

    /// Heals all of it.
    pub fn heal(&mut self) {
        self.bad_reads.clear();
        self.bad_writes.clear();
    }

    /// The object itself.
    pub fn inner(&self) -> &B {
        &self.file
    }
}

/// Fails if one of the ranges meets the bytes. O(ranges).
fn check(bad: &[core::ops::Range<u64>], offset: u64, length: usize, what: &str) -> Result<(), BackingError> {
    let end = offset.saturating_add(length as u64);
    let first = |range: &core::ops::Range<u64>| {
        let from = range.start.max(offset);
        (from < range.end.min(end)).then_some(from)
    };
    match bad.iter().filter_map(first).min() {
        Some(offset) => Err(BackingError::Io { offset, why: what.to_string() }),
        None => Ok(()),
    }
}

impl<B: Backing> Backing for FaultyFile<B> {
    fn len(&self) -> u64 {
        self.file.len()
    }

    fn read(&mut self, offset: u64, into: &mut [u8]) -> Result<(), BackingError> {
        check(&self.bad_reads, offset, into.len(), "a read error was injected")?;
        self.file.read(offset, into)
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), BackingError> {
        check(&self.bad_writes, offset, bytes.len(), "a write error was injected")?;
        self.file.write(offset, bytes)
    }

    fn is_writable(&self) -> bool {
        self.file.is_writable()
    }

    fn truncate(&mut self, length: u64) -> Result<(), BackingError> {
        self.file.truncate(length)
    }

    /// The object, without its faults.
    fn save(&self) -> Option<SavedBacking> {
        self.file.save()
    }
}
