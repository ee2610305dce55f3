//! Objects behind shared pages: files, and anonymous memory that processes share.
//!
//! An object's pages in memory (or in swap, for shared memory, or still remembered by a policy) are found by their
//! number in the object: the page cache. It lives as long as a file is open or anything of it is mapped.

use super::page::PageId;
use crate::vm::backing::Backing;
use core::fmt;
use std_alloc::boxed::Box;
use std_alloc::collections::BTreeMap;

/// What an object is.
pub(in crate::vm) enum Source {
    /// A file, with what reads and writes it.
    File(Box<dyn Backing>),
    /// Memory that begins as zeros, and this many bytes.
    Shared(u64),
}

/// A file or shared memory.
pub(in crate::vm) struct Object {
    pub source: Source,
    /// Files may be open for reading alone.
    pub is_writable: bool,
    pub is_open: bool,
    /// Pages of address spaces that map it.
    pub mapped: u64,
    /// Its pages, by their number in it.
    pub pages: BTreeMap<u64, PageId>,
    /// Of pages that left and have no record any more: how many pages had left when they did.
    pub left: BTreeMap<u64, u64>,
}

impl Object {
    /// Its length in bytes.
    pub fn len(&self) -> u64 {
        match &self.source {
            Source::File(backing) => backing.len(),
            Source::Shared(length) => *length,
        }
    }

    pub fn is_file(&self) -> bool {
        matches!(self.source, Source::File(_))
    }

    /// Nobody can reach it any more.
    pub fn is_dead(&self) -> bool {
        !self.is_open && self.mapped == 0
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("is_file", &self.is_file())
            .field("len", &self.len())
            .field("mapped", &self.mapped)
            .field("pages", &self.pages.len())
            .finish_non_exhaustive()
    }
}
