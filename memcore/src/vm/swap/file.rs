//! A swap device in a file of the host: slot `s` is at `s * page size`.

use super::SwapError;
use crate::vm::VmError;
use crate::vm::physical::PageStore;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct SwapFile {
    file: File,
    path: PathBuf,
    page_size: u64,
    /// What a copy in memory begins as.
    empty: PageStore,
}

impl SwapFile {
    /// Makes the file, or empties it. It grows as slots are written.
    pub fn create(path: &Path, pages: u64, page_size: u64) -> Result<Self, VmError> {
        let empty = PageStore::new(pages, page_size)?;
        let failed = |error| VmError::Io { why: format!("{}: {error}", path.display()) };
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path);
        Ok(SwapFile { file: file.map_err(failed)?, path: path.to_path_buf(), page_size, empty })
    }

    pub fn page_size(&self) -> usize {
        self.page_size as usize
    }

    fn failed(&self, slot: u32) -> impl Fn(std::io::Error) -> SwapError + '_ {
        move |error| SwapError::io(slot, format_args!("{}: {error}", self.path.display()))
    }

    pub fn write(&self, slot: u32, bytes: &[u8]) -> Result<(), SwapError> {
        write_at(&self.file, u64::from(slot) * self.page_size, bytes).map_err(self.failed(slot))
    }

    /// Reads a slot; what the file does not have yet is zeros.
    pub fn read(&self, slot: u32, into: &mut [u8]) -> Result<(), SwapError> {
        let mut done = 0;
        while done < into.len() {
            let offset = u64::from(slot) * self.page_size + done as u64;
            match read_at(&self.file, offset, &mut into[done..]) {
                Ok(0) => break,
                Ok(count) => done += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(slot)(error)),
            }
        }
        into[done..].fill(0);
        Ok(())
    }

    /// All of it in memory; slots that cannot be read, or held, are zeros there. O(bytes of the file).
    pub fn in_memory(&self) -> PageStore {
        let mut store = self.empty.clone();
        let length = self.file.metadata().map_or(0, |data| data.len());
        let mut page = std_alloc::vec![0; self.page_size()];
        for slot in 0..length.div_ceil(self.page_size).min(store.pages()) {
            if self.read(slot as u32, &mut page).is_ok() && page.iter().any(|&byte| byte != 0) {
                if let Ok(place) = store.get_mut(slot) {
                    place.copy_from_slice(&page);
                }
            }
        }
        store
    }
}

#[cfg(unix)]
fn write_at(file: &File, offset: u64, bytes: &[u8]) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(unix)]
fn read_at(file: &File, offset: u64, into: &mut [u8]) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, offset)
}

#[cfg(not(unix))]
fn write_at(mut file: &File, offset: u64, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::{Seek, SeekFrom, Write};
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(bytes)
}

#[cfg(not(unix))]
fn read_at(mut file: &File, offset: u64, into: &mut [u8]) -> std::io::Result<usize> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(offset))?;
    file.read(into)
}
