//! Areas in a snapshot: the list alone. The tree is built anew, so a snapshot cannot bring a broken one.

use super::areas::{NONE, Sums};
use super::{Area, Areas};
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// What a snapshot keeps of the areas of a process.
#[derive(Serialize, Deserialize)]
pub(super) struct Saved {
    low: u64,
    high: u64,
    page_size: u64,
    stack_guard: u64,
    areas: Vec<Area>,
}

impl From<Areas> for Saved {
    fn from(areas: Areas) -> Saved {
        let Areas { low, high, page_size, stack_guard, .. } = areas;
        Saved { low, high, page_size, stack_guard, areas: areas.iter().cloned().collect() }
    }
}

impl TryFrom<Saved> for Areas {
    type Error = &'static str;

    fn try_from(saved: Saved) -> Result<Areas, &'static str> {
        if saved.page_size == 0 || saved.low > saved.high {
            return Err("an address space has no pages");
        }
        let mut areas =
            Areas::new(saved.low, saved.high, saved.page_size).with_stack_guard(saved.stack_guard);
        areas
            .reserve_many(saved.areas.len() as u64)
            .map_err(|_| "the host's memory does not hold all areas")?;
        for area in saved.areas {
            area.validate(areas.low, areas.high, areas.page_size)?;
            if areas.last != NONE {
                in_order(areas.area(areas.last), &area)?;
            }
            areas.add_record(area, areas.last);
        }
        Ok(areas)
    }
}

/// Whether one area may follow another.
fn in_order(area: &Area, next: &Area) -> Result<(), &'static str> {
    if area.end > next.start {
        Err("areas overlap or are out of order")
    } else if area.merges_with(next) {
        Err("two neighbouring areas should be one")
    } else {
        Ok(())
    }
}

impl Areas {
    /// Checks everything that holds between calls: each area by itself, their order, that no two should be one, the
    /// sums, the links and the tree. O(n log n).
    ///
    /// # Errors
    /// What is wrong, first of all.
    pub fn validate(&self) -> Result<(), &'static str> {
        let (mut record, mut previous, mut count) = (self.first, NONE, 0);
        let mut sums = Sums::default();
        while let Some(held) = self.records.get(record as usize) {
            if held.previous != previous || count == self.count {
                return Err("the chain of areas is broken");
            }
            held.area.validate(self.low, self.high, self.page_size)?;
            if previous != NONE {
                in_order(self.area(previous), &held.area)?;
            }
            if held.gap != self.gap_before(record) {
                return Err("the hole before an area is out of date");
            }
            let one = self.sums_of(&held.area);
            sums.total += one.total;
            sums.accounted += one.accounted;
            sums.locked += one.locked;
            count += 1;
            (previous, record) = (record, held.next);
        }
        if record != NONE || count != self.count || previous != self.last {
            return Err("the chain of areas is broken");
        }
        if sums != self.sums {
            return Err("the sums of the pages of areas are wrong");
        }
        let chain = core::iter::successors(Some(self.first), |&record| Some(self.after(record)));
        self.tree.validate(&self.records, chain.take(count)).map_err(|broken| broken.what)
    }
}
