//! What lies behind a file mapping: an object that is read and written by offset.
//!
//! | object | its bytes |
//! |---|---|
//! | [`MemoryFile`] | in a vector |
//! | [`ZeroFile`] | none: it has a length, reads as zeros and forgets what is written; for machines without contents |
//! | [`RealFile`] | in a file of the host |
//! | [`FaultyFile`] | those of another object, with errors where one wants them |
//!
//! and whatever else implements [`Backing`]. As a mapping sees a file, its end lies anywhere in the last page: what
//! follows there reads as zeros, and what is written there is lost; a page that begins at the end or past it is none
//! of the file's, and an access to it a bus error.

mod faulty;
#[cfg(feature = "std")]
mod real;
#[cfg(test)]
mod tests;

pub use faulty::FaultyFile;
#[cfg(feature = "std")]
pub use real::RealFile;

use super::{Shortage, VmError};
use serde::{Deserialize, Serialize};
use std_alloc::boxed::Box;
use std_alloc::string::{String, ToString};
use std_alloc::vec::Vec;
use thiserror::Error;

/// Why an object could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BackingError {
    /// The object ends before: a bus error for whoever accesses the page.
    #[error("offset {offset} is not below the length {length}")]
    PastEnd {
        /// Where it was to be read or written.
        offset: u64,
        /// Bytes of the object.
        length: u64,
    },
    /// It is not to be written.
    #[error("it is read-only")]
    ReadOnly,
    /// Reading or writing failed.
    #[error("offset {offset}: {why}")]
    Io {
        /// Where.
        offset: u64,
        /// What failed.
        why: String,
    },
}

impl From<BackingError> for VmError {
    fn from(error: BackingError) -> Self {
        VmError::Io { why: error.to_string() }
    }
}

/// An object that can be mapped.
#[allow(clippy::len_without_is_empty)] // nobody asks that of an object that can be mapped
pub trait Backing: Send {
    /// Bytes of the object, now. O(1).
    fn len(&self) -> u64;

    /// Reads the bytes at `offset`; those past the end are zeros.
    ///
    /// # Errors
    /// [`PastEnd`](BackingError::PastEnd) when none of them is in the object (and some were asked for);
    /// [`Io`](BackingError::Io).
    fn read(&mut self, offset: u64, into: &mut [u8]) -> Result<(), BackingError>;

    /// Writes bytes at `offset`. The object does not grow by it: bytes past the end are lost.
    ///
    /// # Errors
    /// [`PastEnd`](BackingError::PastEnd) when none of them is in the object (and some were given);
    /// [`ReadOnly`](BackingError::ReadOnly); [`Io`](BackingError::Io).
    fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), BackingError>;

    /// Whether it may be written.
    fn is_writable(&self) -> bool {
        true
    }

    /// Makes the object `length` bytes long: cut, or with zeros at the end.
    ///
    /// # Errors
    /// [`ReadOnly`](BackingError::ReadOnly); [`Io`](BackingError::Io), with the length as the offset.
    fn truncate(&mut self, length: u64) -> Result<(), BackingError>;

    /// What brings the object back from a snapshot; `None` for one that a snapshot cannot hold.
    fn save(&self) -> Option<SavedBacking> {
        None
    }
}

/// How many of `length` bytes at `offset` are in an object of `end` bytes.
fn inside(end: u64, offset: u64, length: usize) -> Result<usize, BackingError> {
    if length > 0 && offset >= end {
        return Err(BackingError::PastEnd { offset, length: end });
    }
    Ok(usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX).min(length))
}

/// An object as a snapshot holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SavedBacking {
    /// A [`MemoryFile`].
    Memory {
        /// Its bytes.
        bytes: Vec<u8>,
        /// It may be written.
        writable: bool,
    },
    /// A [`ZeroFile`].
    Zero {
        /// Its bytes.
        length: u64,
    },
    /// A file of the host: its name, not what is in it.
    File {
        /// Its path.
        path: String,
        /// It may be written.
        writable: bool,
    },
}

impl SavedBacking {
    /// The object again.
    ///
    /// # Errors
    /// [`Io`](BackingError::Io) for a file that cannot be opened, and for any where there are no files.
    pub fn open(self) -> Result<Box<dyn Backing>, BackingError> {
        match self {
            SavedBacking::Memory { bytes, writable } => Ok(Box::new(MemoryFile { bytes, writable })),
            SavedBacking::Zero { length } => Ok(Box::new(ZeroFile::new(length))),
            #[cfg(feature = "std")]
            SavedBacking::File { path, writable: true } => Ok(Box::new(RealFile::open(path)?)),
            #[cfg(feature = "std")]
            SavedBacking::File { path, writable: false } => Ok(Box::new(RealFile::read_only(path)?)),
            #[cfg(not(feature = "std"))]
            SavedBacking::File { path, .. } => Err(BackingError::Io { offset: 0, why: path }),
        }
    }
}

/// A file in memory.
///
/// ```
/// use memcore::vm::{Backing, BackingError, MemoryFile};
/// let mut file = MemoryFile::new(*b"hello");
/// let mut page = [9; 8];
/// file.read(0, &mut page)?;
/// assert_eq!(&page, b"hello\0\0\0");
/// let past = BackingError::PastEnd { offset: 8, length: 5 };
/// assert_eq!(file.read(8, &mut page), Err(past));
/// # Ok::<(), BackingError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryFile {
    bytes: Vec<u8>,
    writable: bool,
}

impl MemoryFile {
    /// A file of these bytes, which may be written.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        MemoryFile { bytes: bytes.into(), writable: true }
    }

    /// A file of these bytes, to be read only.
    pub fn read_only(bytes: impl Into<Vec<u8>>) -> Self {
        MemoryFile { bytes: bytes.into(), writable: false }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Default for MemoryFile {
    /// An empty file, which may be written.
    fn default() -> Self {
        MemoryFile::new([])
    }
}

impl Backing for MemoryFile {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read(&mut self, offset: u64, into: &mut [u8]) -> Result<(), BackingError> {
        let count = inside(self.len(), offset, into.len())?;
        let (first, rest) = into.split_at_mut(count);
        if count > 0 {
            first.copy_from_slice(&self.bytes[offset as usize..][..count]);
        }
        rest.fill(0);
        Ok(())
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), BackingError> {
        if !self.writable {
            return Err(BackingError::ReadOnly);
        }
        let count = inside(self.len(), offset, bytes.len())?;
        if count > 0 {
            self.bytes[offset as usize..][..count].copy_from_slice(&bytes[..count]);
        }
        Ok(())
    }

    fn is_writable(&self) -> bool {
        self.writable
    }

    fn truncate(&mut self, length: u64) -> Result<(), BackingError> {
        if !self.writable {
            return Err(BackingError::ReadOnly);
        }
        let shortage = || BackingError::Io { offset: length, why: Shortage::Host.to_string() };
        let length = usize::try_from(length).map_err(|_| shortage())?;
        let more = length.saturating_sub(self.bytes.len());
        self.bytes.try_reserve(more).map_err(|_| shortage())?;
        self.bytes.resize(length, 0);
        Ok(())
    }

    fn save(&self) -> Option<SavedBacking> {
        Some(SavedBacking::Memory { bytes: self.bytes.clone(), writable: self.writable })
    }
}

/// A file that has a length and nothing else: zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ZeroFile {
    length: u64,
}

impl ZeroFile {
    /// A file of so many bytes.
    pub fn new(length: u64) -> Self {
        ZeroFile { length }
    }
}

impl Backing for ZeroFile {
    fn len(&self) -> u64 {
        self.length
    }

    fn read(&mut self, offset: u64, into: &mut [u8]) -> Result<(), BackingError> {
        inside(self.length, offset, into.len())?;
        into.fill(0);
        Ok(())
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), BackingError> {
        inside(self.length, offset, bytes.len()).map(|_| ())
    }

    fn truncate(&mut self, length: u64) -> Result<(), BackingError> {
        self.length = length;
        Ok(())
    }

    fn save(&self) -> Option<SavedBacking> {
        Some(SavedBacking::Zero { length: self.length })
    }
}
