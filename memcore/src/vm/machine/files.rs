//! Files: objects that processes map, opened with whatever reads and writes their bytes.

use super::Machine;
use super::object::{Object, Source};
use super::page::PageFlags;
use crate::vm::backing::Backing;
use crate::vm::error::{Shortage, VmError};
use crate::vm::space::AreaKind;
use crate::vm::types::ProcessId;
use std_alloc::boxed::Box;
use std_alloc::collections::BTreeMap;
use std_alloc::vec::Vec;

impl Machine {
    /// Opens a file, for reading and writing if its backing can be written; gives its number. O(1).
    ///
    /// ```
    /// use memcore::vm::{Machine, MachineConfig, MapRequest, MemoryFile, Protection};
    /// let mut machine = Machine::new(MachineConfig::default())?;
    /// let file = machine.open(Box::new(MemoryFile::new(*b"hello")))?;
    /// let process = machine.spawn()?;
    /// let at = machine.mmap(process, &MapRequest::file(file, 5, Protection::READ))?;
    /// let mut bytes = [0xff; 6];
    /// machine.read(process, at, &mut bytes).unwrap();
    /// assert_eq!(&bytes, b"hello\0"); // the rest of the last page is zeros
    /// # Ok::<(), memcore::vm::VmError>(())
    /// ```
    ///
    /// # Errors
    /// ENOMEM: the host's own memory.
    pub fn open(&mut self, backing: Box<dyn Backing>) -> Result<u32, VmError> {
        self.objects.try_reserve(1).map_err(|_| VmError::no_memory(0, Shortage::Host))?;
        let is_writable = backing.is_writable();
        let source = Source::File(backing);
        let pages = BTreeMap::new();
        self.objects.push(Some(Object { source, is_writable, is_open: true, mapped: 0, pages }));
        Ok(self.objects.len() as u32 - 1)
    }

    fn file(&mut self, file: u32) -> Result<&mut Object, VmError> {
        let object = self.objects.get_mut(file as usize).and_then(Option::as_mut);
        object.filter(|object| object.is_file() && object.is_open).ok_or(VmError::BadFile { file })
    }

    /// Closes a file. What is mapped of it stays; when nothing is, its dirty pages are written and its pages in
    /// memory are free. O(1), or O(pages in memory).
    ///
    /// # Errors
    /// EBADF.
    pub fn close(&mut self, file: u32) -> Result<(), VmError> {
        let object = self.file(file)?;
        object.is_open = false;
        if object.is_dead() {
            self.drop_object(file);
        }
        Ok(())
    }

    /// Makes a file shorter or longer. Pages past its end leave memory, private copies of them too, and accesses to
    /// them end in SIGBUS. O(processes + areas + pages past the end).
    ///
    /// # Errors
    /// EBADF; EACCES: a file that is open for reading; EIO.
    pub fn truncate(&mut self, file: u32, length: u64) -> Result<(), VmError> {
        let page_size = self.page_size;
        let object = self.file(file)?;
        if !object.is_writable {
            return Err(VmError::Denied { file });
        }
        let Source::File(backing) = &mut object.source else { return Err(VmError::BadFile { file }) };
        backing.truncate(length).map_err(|error| VmError::Io { why: std_alloc::format!("{error}") })?;
        let first = length.div_ceil(page_size);
        let last_bytes = (length % page_size) as usize;
        let gone: Vec<u32> = object.pages.range(first..).map(|(_, &id)| id).collect();
        let last = object.pages.get(&(length / page_size)).copied().filter(|_| last_bytes > 0);
        self.unmap_file_past(file, first);
        for id in gone {
            // The content is void: nothing is written.
            self.pages.get_mut(id).flags.remove(PageFlags::DIRTY);
            self.free_page(id);
        }
        if let Some(id) = last.filter(|&id| self.pages.get(id).is_resident()) {
            // What was behind the new end reads as zeros should the file grow again.
            if self.memory.has_contents() {
                let frame = self.pages.get(id).frame.into();
                self.memory.bytes_mut(frame)?[last_bytes..].fill(0);
            }
        }
        Ok(())
    }

    /// Takes the mappings of a file's pages from `first` on away, in all processes.
    fn unmap_file_past(&mut self, file: u32, first: u64) {
        let mut ranges = Vec::new();
        for process in self.processes.iter().flatten() {
            for area in process.areas.iter() {
                let is_it = matches!(area.kind, AreaKind::File { file: mapped, .. } if mapped == file);
                let pages = (area.offset / self.page_size)..((area.offset + area.length()) / self.page_size);
                if is_it && pages.end > first {
                    let skipped = first.saturating_sub(pages.start) * self.page_size;
                    ranges.push((process.id, area.start + skipped, area.end));
                }
            }
        }
        for (process, from, to) in ranges {
            self.release_range(process, from, to, |entry| !entry.is_guard());
        }
    }

    /// Writes all dirty pages of a file. O(pages in memory).
    ///
    /// # Errors
    /// EBADF; EIO: at least one page could not be written, and is dirty still.
    pub fn sync(&mut self, file: u32) -> Result<(), VmError> {
        let pages: Vec<u32> = self.file(file)?.pages.values().copied().collect();
        let mut failed = 0_u64;
        for id in pages {
            self.pages.get_mut(id).flags.remove(PageFlags::STUCK);
            failed += u64::from(!self.write_back(id));
        }
        if failed > 0 {
            return Err(VmError::Io {
                why: std_alloc::format!("{failed} pages of file {file} were not written"),
            });
        }
        Ok(())
    }

    /// The numbers of the files that are open.
    pub fn files(&self) -> impl Iterator<Item = u32> + '_ {
        let is_open = |object: &Option<Object>| {
            object.as_ref().is_some_and(|object| object.is_file() && object.is_open)
        };
        self.objects.iter().enumerate().filter(move |(_, object)| is_open(object)).map(|(at, _)| at as u32)
    }

    /// The length of an open file in bytes.
    ///
    /// # Errors
    /// EBADF.
    pub fn file_length(&self, file: u32) -> Result<u64, VmError> {
        let object = self.objects.get(file as usize).and_then(Option::as_ref);
        let object = object.filter(|object| object.is_file() && object.is_open);
        object.map(Object::len).ok_or(VmError::BadFile { file })
    }

    /// Whether a process is alive.
    pub fn is_alive(&self, process: ProcessId) -> bool {
        self.process(process).is_ok()
    }
}
