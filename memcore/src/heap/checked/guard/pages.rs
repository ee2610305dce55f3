//! The slots, in memory of the operating system.

use super::super::super::memory::page_size;
use super::super::super::{HeapError, Mapping, MappingOptions, Memory, Result};
use super::super::record::Record;
use super::super::{REDZONE_BYTE, bytes};
use super::Guarded;
use crate::alloc::AllocError;
use core::ptr::NonNull;
use std_alloc::collections::VecDeque;
use std_alloc::vec::Vec;

/// Blocks that can have pages of their own at one time.
const SLOTS: usize = 128;

/// The largest of them, at least.
const BODY: usize = 64 << 10;

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// 0: never used.
    payload: usize,
    live: bool,
    record: Record,
}

/// The slots; see the [module](super).
#[derive(Debug)]
pub(in super::super) struct Guard {
    memory: Mapping,
    base: usize,
    page: usize,
    stride: usize,
    redzone: usize,
    slots: Vec<Slot>,
    /// Those without a live block, the one that was freed first in front.
    free: VecDeque<u32>,
    /// Bytes of pages of live blocks.
    used: usize,
}

impl Guard {
    /// Reserves the addresses. O(slots).
    pub fn new(redzone: usize) -> Result<Guard> {
        let page = page_size();
        let stride = page + BODY.next_multiple_of(page);
        let memory = Mapping::reserve(MappingOptions::new(SLOTS * stride + page))?;
        let no_room = |_| HeapError::Alloc(AllocError::OutOfMetadata { blocks: 0 });
        let mut slots = Vec::new();
        slots.try_reserve_exact(SLOTS).map_err(no_room)?;
        slots.resize(SLOTS, Slot::default());
        let mut free = VecDeque::new();
        free.try_reserve_exact(SLOTS).map_err(no_room)?;
        free.extend(0..SLOTS as u32);
        let base = memory.start().as_ptr().expose_provenance();
        Ok(Guard { memory, base, page, stride, redzone, slots, free, used: 0 })
    }

    /// Bytes of its addresses.
    pub fn capacity(&self) -> usize {
        self.slots.len() * self.stride + self.page
    }

    pub fn used(&self) -> usize {
        self.used
    }

    pub fn metadata_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>() + self.free.capacity() * size_of::<u32>()
    }

    pub fn contains(&self, address: usize) -> bool {
        address.wrapping_sub(self.base) < self.capacity()
    }

    /// Where the body of a slot ends.
    fn end(&self, slot: usize) -> usize {
        self.base + (slot + 1) * self.stride
    }

    /// The pointer to an address of the memory.
    fn at(&self, address: usize) -> *mut u8 {
        self.memory.start().as_ptr().wrapping_add(address - self.base)
    }

    /// The first page that the block of a slot has.
    fn first_page(&self, payload: usize) -> usize {
        payload & !(self.page - 1)
    }

    fn protect(&self, first: usize, len: usize, access: libc::c_int) -> bool {
        // SAFETY: whole pages of the mapping, which is this value's own; no live block is in them when they lose access.
        unsafe { libc::mprotect(self.at(first).cast(), len, access) == 0 }
    }

    /// Gives a block pages of its own, if it fits a slot and one is free. A few system calls.
    pub fn allocate(&mut self, alignment: usize, record: Record) -> Option<NonNull<u8>> {
        if record.size > self.stride - self.page || alignment > self.page {
            return None;
        }
        let slot = *self.free.front()? as usize;
        let end = self.end(slot);
        let payload = (end - record.size) & !(alignment - 1);
        let first = self.first_page(payload);
        if !self.protect(first, end - first, libc::PROT_READ | libc::PROT_WRITE) {
            return None;
        }
        self.free.pop_front();
        self.slots[slot] = Slot { payload, live: true, record };
        self.used += end - first;
        self.fill_redzones(slot);
        NonNull::new(self.at(payload))
    }

    /// The two ranges beside a block that are checked: offset from its first byte, and length.
    fn zones(&self, slot: usize) -> [(isize, usize); 2] {
        let Slot { payload, record, .. } = self.slots[slot];
        let front = self.redzone.min(payload - self.first_page(payload));
        [(-(front as isize), front), (record.size as isize, self.end(slot) - payload - record.size)]
    }

    fn fill_redzones(&mut self, slot: usize) {
        for (offset, len) in self.zones(slot) {
            // SAFETY: the zones lie within the pages of the block, which are writable while it lives.
            unsafe { self.at(self.slots[slot].payload).offset(offset).write_bytes(REDZONE_BYTE, len) };
        }
    }

    /// Looks at the bytes beside a block.
    pub fn check(&self, slot: usize) -> Result<()> {
        let payload = self.slots[slot].payload;
        for (offset, len) in self.zones(slot) {
            // SAFETY: as in `fill_redzones`, which has written them.
            let found = unsafe { bytes::first_other(self.at(payload).offset(offset), len, REDZONE_BYTE) };
            if let Some((index, found)) = found {
                let offset = offset + index as isize;
                return Err(HeapError::RedzoneSmashed { address: payload, offset, found });
            }
        }
        Ok(())
    }

    /// The live block at an address of the memory. O(1).
    pub fn find(&self, address: usize) -> Result<Guarded> {
        let index = address.wrapping_sub(self.base) / self.stride;
        match self.slots.get(index) {
            Some(slot) if slot.payload == address && slot.live => Ok(Guarded {
                slot: index,
                payload: address,
                record: slot.record,
                most: self.end(index) - address,
            }),
            Some(slot) if slot.payload == address => Err(HeapError::DoubleFree { address }),
            _ => Err(HeapError::NotABlock { address }),
        }
    }

    /// Takes the pages of a live block away. Two system calls.
    pub fn free(&mut self, slot: usize) -> Result<()> {
        let (payload, end) = (self.slots[slot].payload, self.end(slot));
        let first = self.first_page(payload);
        let len = end - first;
        if !self.protect(first, len, libc::PROT_NONE) {
            let code = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
            return Err(HeapError::System { call: "mprotect", code, bytes: len });
        }
        // SAFETY: whole pages of the mapping, whose contents nobody needs. Should it fail, they only stay in memory.
        unsafe { libc::madvise(self.at(first).cast(), len, libc::MADV_DONTNEED) };
        self.slots[slot].live = false;
        self.used -= len;
        self.free.push_back(slot as u32);
        Ok(())
    }

    /// Changes what is known of a live block, its size to at most what it can have.
    pub fn set_record(&mut self, slot: usize, record: Record) {
        self.slots[slot].record = record;
        self.fill_redzones(slot);
    }

    /// The live blocks in address order.
    pub fn blocks(&self) -> impl Iterator<Item = Guarded> + '_ {
        self.slots.iter().filter(|slot| slot.live).filter_map(|slot| self.find(slot.payload).ok())
    }
}
