//! What every model knows: the live blocks by address, who is dead, and what was counted on the way.

use super::{Failure, Range, Step, failure};
use crate::script::{Label, Space};
use crate::show;
use memcore::alloc::Request;
use std::collections::HashSet;

/// A live block.
#[derive(Clone, Debug)]
pub struct Entry {
    pub label: Label,
    pub start: u64,
    pub size: u64,
    pub requested: u64,
    pub alignment: u64,
    pub tag: u32,
}

impl Entry {
    pub fn shown(&self) -> String {
        show::block(&self.label, self.start, self.size, self.requested)
    }

    pub fn contains(&self, offset: u64) -> bool {
        offset >= self.start && offset - self.start < self.size
    }
}

#[derive(Clone, Debug)]
pub struct Book {
    pub capacity: u64,
    pub granularity: u64,
    /// What the capacity is a multiple of: the granularity, or the slot of a pool.
    pub unit: u64,
    pub index: bool,
    pub tags: bool,
    /// The most blocks that the tables hold.
    pub most: Option<u64>,
    /// Ascending by start.
    pub live: Vec<Entry>,
    pub freed: HashSet<Label>,
    pub footprint: u64,
    pub peak_used: u64,
    pub peak_requested: u64,
    pub allocations: u64,
    pub frees: u64,
    pub changes: u64,
}

impl Book {
    pub fn new(space: &Space) -> Result<Self, Failure> {
        let (capacity, granularity) = (space.options.capacity, space.options.granularity);
        if !powers_of_two().any(|power| power == granularity.into()) {
            let (name, value) = ("granularity", granularity);
            return Err(failure!(BadParameter, name, value));
        }
        if capacity < granularity {
            let (name, value) = ("capacity", capacity);
            return Err(failure!(BadParameter, name, value));
        }
        Ok(Book {
            capacity: capacity - capacity % granularity,
            granularity,
            unit: granularity,
            index: space.options.address_index,
            tags: space.options.tags,
            most: space.fixed.map(u64::from),
            live: Vec::new(),
            freed: HashSet::new(),
            footprint: 0,
            peak_used: 0,
            peak_requested: 0,
            allocations: 0,
            frees: 0,
            changes: 0,
        })
    }

    /// Checks a size and rounds it up to the granularity.
    pub fn round(&self, size: u64) -> Result<u64, Failure> {
        let (capacity, granularity) = (self.capacity, self.granularity);
        if size == 0 {
            return Err(failure!(ZeroSize));
        }
        let rounded = u128::from(size).div_ceil(granularity.into()) * u128::from(granularity);
        if rounded > u64::MAX.into() {
            return Err(failure!(Overflow, size, granularity));
        }
        if rounded > capacity.into() {
            return Err(failure!(TooLarge, size, capacity));
        }
        Ok(rounded as u64)
    }

    /// Checks a request in the order of the errors, and rounds its size up.
    pub fn check(&self, request: &Request) -> Result<u64, Failure> {
        let &Request { size, alignment, bias, .. } = request;
        let granularity = self.granularity;
        if size == 0 {
            return Err(failure!(ZeroSize));
        }
        if !powers_of_two().any(|power| power == alignment.into()) {
            return Err(failure!(BadAlignment, alignment));
        }
        if bias % alignment.min(granularity) != 0 {
            return Err(failure!(BadBias, bias, alignment, granularity));
        }
        self.round(size)
    }

    /// The lowest start in a range at which `size` bytes fit and `start + bias` is aligned.
    pub fn start_in(&self, range: Range, size: u64, request: &Request) -> Option<u64> {
        let (alignment, bias) = (u128::from(request.alignment), u128::from(request.bias));
        let (from, end) = (u128::from(range.0), u128::from(range.0) + u128::from(range.1));
        // Every start of a hole is a multiple of the granularity, so a smaller alignment is met already.
        let start = if alignment <= self.granularity.into() {
            from
        } else {
            (from + bias).div_ceil(alignment) * alignment - bias
        };
        if start + u128::from(size) <= end { Some(start as u64) } else { None }
    }

    pub fn enter(&mut self, label: &Label, request: &Request, place: Range) -> String {
        let (start, size) = place;
        let &Request { size: requested, alignment, tag, .. } = request;
        let entry = Entry { label: label.clone(), start, size, requested, alignment, tag };
        let shown = entry.shown();
        self.live.push(entry);
        self.live.sort_by_key(|entry| entry.start);
        self.allocations += 1;
        self.changed(start + size);
        shown
    }

    fn changed(&mut self, end: u64) {
        self.changes += 1;
        self.footprint = self.footprint.max(end);
        self.peak_used = self.peak_used.max(self.used());
        self.peak_requested = self.peak_requested.max(self.requested());
    }

    pub fn resized(&mut self, label: &Label, requested: u64, size: u64) {
        let entry = self.find_mut(label);
        (entry.requested, entry.size) = (requested, size);
        let end = entry.start + size;
        self.changed(end);
    }

    pub fn relocate(&mut self, step: &Step) {
        self.find_mut(&step.0).start = step.2;
        self.live.sort_by_key(|entry| entry.start);
        self.changes += 1;
    }

    pub fn strike(&mut self, label: &Label) {
        self.live.retain(|entry| entry.label != *label);
        self.freed.insert(label.clone());
        self.frees += 1;
        self.changes += 1;
    }

    pub fn find(&self, label: &Label) -> Result<&Entry, Failure> {
        let id = label;
        let found = self.live.iter().find(|entry| entry.label == *label);
        found.ok_or_else(|| {
            if self.freed.contains(id) { failure!(StaleId, id) } else { failure!(UnknownId, id) }
        })
    }

    pub fn find_to_free(&self, label: &Label) -> Result<&Entry, Failure> {
        let id = label;
        self.find(label)
            .map_err(|error| if self.freed.contains(id) { failure!(DoubleFree, id) } else { error })
    }

    pub fn find_mut(&mut self, label: &Label) -> &mut Entry {
        self.live.iter_mut().find(|entry| entry.label == *label).unwrap()
    }

    pub fn used(&self) -> u64 {
        self.live.iter().map(|entry| entry.size).sum()
    }

    pub fn requested(&self) -> u64 {
        self.live.iter().map(|entry| entry.requested).sum()
    }

    /// Refuses another block where the tables are full.
    pub fn room_for_one_more(&self) -> Result<(), Failure> {
        let blocks = self.live.len() as u64;
        if self.most.is_some_and(|most| blocks >= most) {
            Err(failure!(OutOfMetadata, blocks))
        } else {
            Ok(())
        }
    }

    pub fn out_of_space(&self, request: &Request, free: u64, largest_hole: u64) -> Failure {
        let &Request { size, alignment, .. } = request;
        failure!(OutOfSpace, size, alignment, free, largest_hole)
    }

    /// The parts of `[0, up_to)` that no live block has.
    pub fn gaps(&self, up_to: u64) -> Vec<Range> {
        let mut gaps = Vec::new();
        let mut end = 0;
        for (start, size) in self.live.iter().map(|entry| (entry.start, entry.size)).chain([(up_to, 0)]) {
            if start > end {
                gaps.push((end, start - end));
            }
            end = start + size;
        }
        gaps
    }
}

fn powers_of_two() -> impl Iterator<Item = u128> {
    (0..64).map(|k| 1 << k)
}
