//! A file of the host.

use super::{Backing, BackingError, SavedBacking, inside};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::string::ToString;

/// A file of the host that is mapped.
///
/// Its length is asked for at each read and write, since others may cut the file meanwhile: then it ends where it
/// ends now. A snapshot keeps its path alone.
///
/// ```no_run
/// use memcore::vm::{Backing, RealFile};
/// let mut file = RealFile::read_only("/etc/hostname")?;
/// let mut page = [0; 4096];
/// file.read(0, &mut page)?;
/// # Ok::<(), memcore::vm::BackingError>(())
/// ```
#[derive(Debug)]
pub struct RealFile {
    file: File,
    path: PathBuf,
    writable: bool,
}

fn failed(offset: u64, path: &Path) -> impl Fn(std::io::Error) -> BackingError + '_ {
    move |error| BackingError::Io { offset, why: format!("{}: {error}", path.display()) }
}

impl RealFile {
    /// Opens a file that is there, to be read and written.
    ///
    /// # Errors
    /// [`Io`](BackingError::Io).
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, BackingError> {
        Self::with(path.into(), true)
    }

    /// Opens a file to be read only.
    ///
    /// # Errors
    /// [`Io`](BackingError::Io).
    pub fn read_only(path: impl Into<PathBuf>) -> Result<Self, BackingError> {
        Self::with(path.into(), false)
    }

    fn with(path: PathBuf, writable: bool) -> Result<Self, BackingError> {
        let opened = OpenOptions::new().read(true).write(writable).open(&path);
        let file = opened.map_err(failed(0, &path))?;
        Ok(RealFile { file, path, writable })
    }

    /// How much of the file is there, the file set to the offset.
    fn seek(&mut self, offset: u64, length: usize) -> Result<usize, BackingError> {
        let end = self.file.metadata().map_err(failed(offset, &self.path))?.len();
        let count = inside(end, offset, length)?;
        self.file.seek(SeekFrom::Start(offset)).map_err(failed(offset, &self.path))?;
        Ok(count)
    }
}

impl Backing for RealFile {
    fn len(&self) -> u64 {
        self.file.metadata().map_or(0, |data| data.len())
    }

    fn read(&mut self, offset: u64, into: &mut [u8]) -> Result<(), BackingError> {
        let count = self.seek(offset, into.len())?;
        let (first, rest) = into.split_at_mut(count);
        self.file.read_exact(first).map_err(failed(offset, &self.path))?;
        rest.fill(0);
        Ok(())
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), BackingError> {
        if !self.writable {
            return Err(BackingError::ReadOnly);
        }
        let count = self.seek(offset, bytes.len())?;
        self.file.write_all(&bytes[..count]).map_err(failed(offset, &self.path))
    }

    fn is_writable(&self) -> bool {
        self.writable
    }

    fn truncate(&mut self, length: u64) -> Result<(), BackingError> {
        if !self.writable {
            return Err(BackingError::ReadOnly);
        }
        self.file.set_len(length).map_err(failed(length, &self.path))
    }

    fn save(&self) -> Option<SavedBacking> {
        let path = self.path.to_str()?.to_string();
        Some(SavedBacking::File { path, writable: self.writable })
    }
}
