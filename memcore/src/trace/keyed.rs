//! From the names that files give to blocks (numbers of their own, addresses) to dense ids.
//!
//! Two things differ between a name and an id. A name is sparse, an id counts from 0; and a name is used
//! again after a free (always so with addresses), an id never. Which operations make sense on a name that is
//! not live depends on what the name is:
//!
//! * [`NumberedBuilder`]: the names are numbers that the trace's writer chose. An operation on a number that
//!   is not live is the writer's and is kept, for a replay to skip and count.
//! * [`AddressBuilder`]: the names are addresses in a recorded program. An operation on an address that is
//!   not live concerns a block that the recorder did not see, and is dropped and noted.

use std::collections::HashMap;

use super::builder::AllocTraceBuilder;
use super::error::Reason;
use super::event::EventKind;
use super::notes::NoteKind;

const NONE: u32 = u32::MAX;

/// A map from sparse numbers to ids: an array for the small ones, which nearly all are, a hash map for the
/// others. The array grows only in proportion to the numbers seen, so a hostile file gets no memory for free.
#[derive(Clone, Debug, Default)]
struct NumberMap {
    low: Vec<u32>,
    high: HashMap<u64, u32>,
    seen: usize,
}

impl NumberMap {
    #[inline]
    fn get(&self, number: u64) -> Option<u32> {
        if let Some(&id) = usize::try_from(number).ok().and_then(|index| self.low.get(index)) {
            if id != NONE {
                return Some(id);
            }
        }
        if self.high.is_empty() { None } else { self.high.get(&number).copied() }
    }

    #[inline]
    fn set(&mut self, number: u64, id: u32) -> Result<(), Reason> {
        self.seen += 1;
        let bound = 4096 + 4 * self.seen;
        match usize::try_from(number) {
            Ok(index) if index < bound => {
                if index >= self.low.len() {
                    let more = index + 1 - self.low.len();
                    self.low.try_reserve(more).map_err(|_| Reason::OutOfMemory { events: self.seen })?;
                    self.low.resize(index + 1, NONE);
                }
                self.low[index] = id;
            }
            _ => {
                self.high.try_reserve(1).map_err(|_| Reason::OutOfMemory { events: self.seen })?;
                self.high.insert(number, id);
            }
        }
        Ok(())
    }
}

/// Operations on blocks that the writer numbered, sparsely and with reuse.
#[derive(Debug)]
pub(super) struct NumberedBuilder {
    pub(super) trace: AllocTraceBuilder,
    ids: NumberMap,
    live: Vec<bool>,
}

impl NumberedBuilder {
    pub(super) fn new(max_events: u64) -> Self {
        NumberedBuilder {
            trace: AllocTraceBuilder::with_limit(max_events),
            ids: NumberMap::default(),
            live: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn allocate(
        &mut self,
        kind: EventKind,
        number: u64,
        size: u64,
        log2_alignment: u32,
        at: u64,
    ) -> Result<(), Reason> {
        if self.ids.get(number).is_some_and(|old| self.live[old as usize]) {
            self.trace.note(NoteKind::OverwrittenId, at);
        }
        let id = self.trace.allocate(kind, size, log2_alignment)?;
        self.introduced(number, id, true)
    }

    #[inline]
    pub(super) fn realloc(&mut self, number: u64, size: u64, at: u64) -> Result<(), Reason> {
        match self.ids.get(number) {
            Some(id) => {
                self.note_absent(id, at);
                self.live[id as usize] &= size != 0;
                self.trace.realloc(id, size)
            }
            None => {
                self.trace.note(NoteKind::AbsentId, at);
                let id = self.trace.orphan_realloc(size)?;
                self.introduced(number, id, false)
            }
        }
    }

    #[inline]
    pub(super) fn free(&mut self, number: u64, at: u64) -> Result<(), Reason> {
        match self.ids.get(number) {
            Some(id) => {
                self.note_absent(id, at);
                self.live[id as usize] = false;
                self.trace.free(id)
            }
            None => {
                self.trace.note(NoteKind::AbsentId, at);
                let id = self.trace.orphan_free()?;
                self.introduced(number, id, false)
            }
        }
    }

    #[inline]
    fn note_absent(&mut self, id: u32, at: u64) {
        if !self.live[id as usize] {
            self.trace.note(NoteKind::AbsentId, at);
        }
    }

    #[inline]
    fn introduced(&mut self, number: u64, id: u32, live: bool) -> Result<(), Reason> {
        self.live.push(live);
        self.ids.set(number, id)
    }
}

/// Operations on blocks known by their addresses.
///
/// The map is the standard one, whose hash is keyed at random: addresses come from a file, and a file must
/// not be able to make the map slow.
#[derive(Debug)]
pub(super) struct AddressBuilder {
    pub(super) trace: AllocTraceBuilder,
    live: HashMap<u64, u32>,
}

impl AddressBuilder {
    pub(super) fn new(max_events: u64) -> Self {
        AddressBuilder { trace: AllocTraceBuilder::with_limit(max_events), live: HashMap::new() }
    }

    /// An allocation gave `address` (0: it failed).
    pub(super) fn allocated(
        &mut self,
        kind: EventKind,
        address: u64,
        size: u64,
        log2_alignment: u32,
        at: u64,
    ) -> Result<(), Reason> {
        if address == 0 {
            self.trace.note(NoteKind::FailedAllocation, at);
            return Ok(());
        }
        self.vacate(address, at)?;
        let id = self.trace.allocate(kind, size, log2_alignment)?;
        self.settle(address, id)
    }

    /// `free(address)`.
    pub(super) fn freed(&mut self, address: u64, at: u64) -> Result<(), Reason> {
        if address == 0 {
            self.trace.note(NoteKind::NullFree, at);
            return Ok(());
        }
        match self.live.remove(&address) {
            Some(id) => self.trace.free(id),
            None => {
                self.trace.note(NoteKind::UnmatchedFree, at);
                Ok(())
            }
        }
    }

    /// `realloc(old, size)` gave `new` (0: it failed, or freed when `size` is 0).
    pub(super) fn reallocated(&mut self, old: u64, new: u64, size: u64, at: u64) -> Result<(), Reason> {
        if old == 0 {
            return self.allocated(EventKind::Malloc, new, size, 0, at);
        }
        if size == 0 && new == 0 {
            return self.freed(old, at);
        }
        if new == 0 {
            self.trace.note(NoteKind::FailedAllocation, at);
            return Ok(());
        }
        let Some(id) = self.live.remove(&old) else {
            self.trace.note(NoteKind::UnmatchedRealloc, at);
            return self.allocated(EventKind::Malloc, new, size, 0, at);
        };
        self.vacate(new, at)?;
        if size == 0 {
            // The library gave a fresh block of size 0 for the old one, so this is a free and a malloc.
            self.trace.free(id)?;
            return self.allocated(EventKind::Malloc, new, 0, 0, at);
        }
        self.trace.realloc(id, size)?;
        self.settle(new, id)
    }

    /// Whoever lives at `address` must have left without the recorder's seeing it.
    fn vacate(&mut self, address: u64, at: u64) -> Result<(), Reason> {
        if let Some(old) = self.live.remove(&address) {
            self.trace.note(NoteKind::ImpliedFree, at);
            self.trace.free(old)?;
        }
        Ok(())
    }

    fn settle(&mut self, address: u64, id: u32) -> Result<(), Reason> {
        let events = self.trace.events().len();
        self.live.try_reserve(1).map_err(|_| Reason::OutOfMemory { events })?;
        self.live.insert(address, id);
        Ok(())
    }
}
