//! The memory of the pool: objects of any size below a page, packed side by side into pages.
//!
//! ```text
//! space   [ object | object |   hole   | object ][ object | hole ........ ][ hole ............... ]
//! pages     0                                      1                         2
//! in use    5                                      2                         0: not the pool's
//! ```
//!
//! Places come from the room of allocators: two-level segregated fit, the lowest hole of a bin, in steps of 16 bytes
//! (the width of the size classes of Linux' zsmalloc). A page is the pool's as long as a byte of an object is in it,
//! so the pool's size has its fragmentation in it. No request is as large as a page, so no page is begun while there
//! is an empty one below: the space is never longer than the pool was at its largest.

use crate::alloc::{
    Allocator, AnyAllocator, BlockId, Options, Request, Strategy, TlsfParameters, strategy::Tie,
};
use crate::vm::physical::{PageStore, zeroed};
use crate::vm::{Shortage, VmError};
use core::fmt;
use std_alloc::boxed::Box;
use std_alloc::vec::Vec;

const GRANULARITY: u64 = 16;

/// A place in the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub id: BlockId,
    pub start: u64,
    pub length: u32,
}

/// Objects in pages; see the [module](self).
#[derive(Clone)]
pub(super) struct Objects {
    places: AnyAllocator,
    /// Objects with bytes in each page.
    in_page: Box<[u32]>,
    /// Pages that hold some.
    pages: u64,
    pub bytes: PageStore,
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Objects in {} pages", self.pages)
    }
}

fn shortage<E>(bytes: u64) -> impl Fn(E) -> VmError {
    move |_| VmError::no_memory(bytes, Shortage::Host)
}

impl Objects {
    /// Room for objects in `pages` pages.
    pub fn new(pages: u64, page_size: u64) -> Result<Self, VmError> {
        // Twice as much: TLSF passes over a hole that is too tight.
        let capacity = pages.saturating_add(2).saturating_mul(page_size).saturating_mul(2).max(GRANULARITY);
        let pages = capacity.div_ceil(page_size);
        let options = Options::new(capacity).granularity(GRANULARITY);
        let strategy = Strategy::Tlsf { parameters: TlsfParameters::default(), tie: Tie::Lowest };
        Ok(Objects {
            places: AnyAllocator::new(&strategy, options).map_err(shortage(0))?,
            in_page: zeroed(pages)?,
            pages: 0,
            bytes: PageStore::new(pages, page_size)?,
        })
    }

    /// Pages that are the pool's. O(1).
    pub fn pages(&self) -> u64 {
        self.pages
    }

    fn pages_of(&self, start: u64, length: u32) -> core::ops::RangeInclusive<u64> {
        let size = self.bytes.page_size();
        start / size..=(start + u64::from(length.max(1)) - 1) / size
    }

    /// Finds a place. O(log holes).
    ///
    /// # Errors
    /// There is none, or the host is out of memory; nothing has changed then.
    pub fn allocate(&mut self, length: u32) -> Result<Object, VmError> {
        let wanted = u64::from(length.max(1));
        let block = self.places.allocate(Request::new(wanted)).map_err(shortage(wanted))?;
        for page in self.pages_of(block.start, length) {
            let count = &mut self.in_page[page as usize];
            self.pages += u64::from(*count == 0);
            *count += 1;
        }
        Ok(Object { id: block.id, start: block.start, length })
    }

    /// Gives a place back. O(log holes).
    pub fn free(&mut self, object: Object) {
        let freed = self.places.free(object.id);
        debug_assert!(freed.is_ok(), "an object of the pool was lost");
        for page in self.pages_of(object.start, object.length) {
            let count = &mut self.in_page[page as usize];
            *count -= 1;
            self.pages -= u64::from(*count == 0);
        }
    }

    /// Writes the bytes of an object.
    ///
    /// # Errors
    /// The host is out of memory.
    pub fn write(&mut self, object: Object, mut bytes: &[u8]) -> Result<(), VmError> {
        let mut at = object.start;
        while !bytes.is_empty() {
            let place = self.bytes.span_mut(at, bytes.len())?;
            let (part, rest) = bytes.split_at(place.len());
            place.copy_from_slice(part);
            at += part.len() as u64;
            bytes = rest;
        }
        Ok(())
    }

    /// The bytes of an object: where they are, or gathered in `buffer`, which is large enough. None, if they were
    /// never written.
    pub fn read<'a>(&'a self, object: Object, buffer: &'a mut [u8]) -> &'a [u8] {
        let length = object.length as usize;
        let first = self.bytes.span(object.start, length);
        if first.len() == length {
            return first;
        }
        let mut done = 0;
        while done < length {
            let part = self.bytes.span(object.start + done as u64, length - done);
            if part.is_empty() {
                break;
            }
            buffer[done..][..part.len()].copy_from_slice(part);
            done += part.len();
        }
        &buffer[..done]
    }

    /// Takes the places that objects had, in the order of their starts, and tells their new ids. O(objects).
    ///
    /// # Errors
    /// They overlap, or could never have been given out.
    pub fn restore(&mut self, places: &[(u64, u32)]) -> Result<Vec<BlockId>, &'static str> {
        const WRONG: &str = "the objects of the compressed pool overlap, or lie outside of it";
        let (mut ids, mut gaps, mut end) = (Vec::new(), Vec::new(), 0);
        for &(start, length) in places {
            let gap = start.checked_sub(end).ok_or(WRONG)?;
            if gap > 0 {
                // From the one hole at the end of the space, blocks are given out one after the other.
                let block = self.places.allocate(Request::new(gap)).map_err(|_| WRONG)?;
                gaps.push(block.id);
            }
            let object = self.allocate(length).map_err(|_| WRONG)?;
            if object.start != start {
                return Err(WRONG);
            }
            ids.push(object.id);
            end = start + u64::from(length.max(1)).next_multiple_of(GRANULARITY);
        }
        for gap in gaps {
            self.places.free(gap).map_err(|_| WRONG)?;
        }
        Ok(ids)
    }

    /// Checks that these are all the objects there are, and the tables.
    ///
    /// # Errors
    /// What is wrong.
    pub fn validate(&self, objects: impl Iterator<Item = Object>) -> Result<(), &'static str> {
        let mut in_page =
            zeroed::<u32>(self.in_page.len() as u64).map_err(|_| "the host has no memory for a check")?;
        let mut used = 0;
        for object in objects {
            let block =
                self.places.block(object.id).map_err(|_| "an entry of the compressed pool has no object")?;
            if block.start != object.start || block.requested != u64::from(object.length.max(1)) {
                return Err("an object of the compressed pool is elsewhere than its entry says");
            }
            used += block.size;
            for page in self.pages_of(object.start, object.length) {
                in_page[page as usize] += 1;
            }
        }
        let pages = in_page.iter().filter(|&&count| count > 0).count() as u64;
        if used != self.places.used() || in_page != self.in_page || pages != self.pages {
            return Err("the compressed pool holds objects of no entry, or counts its pages wrongly");
        }
        if self.places.validate().is_err() {
            return Err("the allocator of the compressed pool is broken");
        }
        self.bytes.validate()
    }
}
