//! What a trace is on a machine: its accesses at the machine's addresses, and the areas that are there before it begins.
//!
//! ```text
//!   recorded   . [7f00 7f01] . . . . . [7fff] .        areas: two, or one where holes so large are joined
//!   packed     [0    1     2]                          one area
//! ```
//!
//! All hashing and searching is done here, once for each trace, so that the run has an array of addresses before it.

use super::error::MachineReplayError;
use super::options::{MachineReplayOptions, Placement};
use crate::trace::access::EVENT_PAGE_SHIFT;
use crate::trace::{Access, AccessTrace, SpaceEvent, Unit};
use foldhash::fast::FixedState;
use hashbrown::HashSet;
use std::borrow::Cow;
use std::ops::Range;

/// What a plan is made for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Space {
    pub page_bits: u32,
    /// Addresses are below.
    pub limit: u64,
    /// The most areas that the plan may begin with.
    pub areas: usize,
}

/// A trace made ready.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub accesses: Cow<'a, [Access]>,
    /// Sizes are bytes that are touched; else one byte is.
    pub has_sizes: bool,
    pub events: &'a [(usize, SpaceEvent)],
    /// Ranges of addresses to be mapped at the beginning, ascending.
    pub areas: Vec<Range<u64>>,
    /// Accesses, runs counted in full.
    pub total: u64,
}

impl<'a> Plan<'a> {
    /// O(accesses + pages log pages).
    pub(super) fn new(
        number: usize,
        trace: &'a AccessTrace,
        space: Space,
        options: &MachineReplayOptions,
    ) -> Result<Plan<'a>, MachineReplayError> {
        let mut pages =
            Pages::of(trace, space.page_bits).ok_or(MachineReplayError::OutOfMemory { trace: number })?;
        let has_sizes = trace.unit() == Unit::Bytes;
        let total = trace.accesses().iter().map(|access| u64::from(access.count)).sum();
        let limit = space.limit >> space.page_bits;
        let last = pages.sorted.last().copied().unwrap_or(0);
        let fits = pages.sorted.is_empty() || last < limit;
        if options.placement == Placement::Recorded && !fits {
            let bits = if trace.unit() == Unit::Numbers { 0 } else { space.page_bits };
            let address = last.saturating_mul(1 << bits);
            return Err(MachineReplayError::Address { trace: number, address, limit: space.limit });
        }
        let mut plan = Plan {
            accesses: Cow::Borrowed(trace.accesses()),
            has_sizes,
            events: &[],
            areas: Vec::new(),
            total,
        };
        if options.placement == Placement::Packed || !fits {
            let count = pages.sorted.len() as u64;
            if count > limit {
                return Err(MachineReplayError::Pages { trace: number, pages: count, limit });
            }
            plan.accesses = Cow::Owned(
                pages
                    .pack(trace, space.page_bits)
                    .ok_or(MachineReplayError::OutOfMemory { trace: number })?,
            );
            let whole = (count > 0).then_some(0..count << space.page_bits);
            plan.areas = whole.into_iter().collect();
            return Ok(plan);
        }
        if trace.unit() == Unit::Numbers {
            let shifted = |access: &Access| Access { address: access.address << space.page_bits, ..*access };
            plan.accesses = Cow::Owned(trace.accesses().iter().map(shifted).collect());
        }
        plan.events = trace.events();
        let spoken_of = spoken_of(trace.events());
        pages.sorted.retain(|&page| !lies_in(&spoken_of, page << space.page_bits));
        let join = if spoken_of.is_empty() { options.join_pages } else { 0 };
        plan.areas = areas(&pages.sorted, space, join, &spoken_of);
        Ok(plan)
    }
}

/// Pages remembered as met.
const LATELY: usize = 1 << 10;

/// The pages that a trace uses.
struct Pages {
    sorted: Vec<u64>,
}

impl Pages {
    /// `None` where the host has no memory.
    fn of(trace: &AccessTrace, page_bits: u32) -> Option<Pages> {
        let mut found: HashSet<u64, FixedState> = HashSet::with_hasher(FixedState::default());
        // Most accesses are to a page met lately: one look tells. Each place begins with a page of another place.
        let mut lately: [u64; LATELY] = core::array::from_fn(|place| place as u64 + 1);
        for access in trace.accesses() {
            for page in pages_of(access, trace.unit(), page_bits) {
                let met = &mut lately[page as usize % LATELY];
                if *met != page {
                    *met = page;
                    found.try_reserve(1).ok()?;
                    found.insert(page);
                }
            }
        }
        let mut sorted = Vec::new();
        sorted.try_reserve_exact(found.len()).ok()?;
        sorted.extend(found);
        sorted.sort_unstable();
        Some(Pages { sorted })
    }

    /// The accesses, with each page at its rank among all. Pages next to each other stay so, and an access that
    /// spans them does.
    fn pack(&self, trace: &AccessTrace, page_bits: u32) -> Option<Vec<Access>> {
        let mut packed = Vec::new();
        packed.try_reserve_exact(trace.accesses().len()).ok()?;
        let mut latest = (u64::MAX, 0);
        for access in trace.accesses() {
            let (page, within) = match trace.unit() {
                Unit::Numbers => (access.address, 0),
                _ => (access.address >> page_bits, access.address & ((1 << page_bits) - 1)),
            };
            if latest.0 != page || packed.is_empty() {
                let rank = self.sorted.partition_point(|&other| other < page) as u64;
                latest = (page, rank);
            }
            // What is cut off at the end of all addresses must not reach into a page of the packed ones.
            let size = (access.last() - access.address).min(u32::MAX.into()) as u32;
            let size = access.size.min(size.saturating_add(1));
            packed.push(Access { address: latest.1 << page_bits | within, size, ..*access });
        }
        Some(packed)
    }
}

/// The pages that an access touches.
fn pages_of(access: &Access, unit: Unit, page_bits: u32) -> std::ops::RangeInclusive<u64> {
    match unit {
        Unit::Numbers => access.address..=access.address,
        Unit::Pages { .. } => access.address >> page_bits..=access.address >> page_bits,
        Unit::Bytes => access.address >> page_bits..=access.last() >> page_bits,
    }
}

/// Ranges of pages as areas. A hole of up to `join` pages does not part them; where there would be too many
/// areas, larger holes do not either (but no area grows over what an event speaks of).
fn areas(pages: &[u64], space: Space, mut join: u64, spoken_of: &[Range<u64>]) -> Vec<Range<u64>> {
    loop {
        let mut areas: Vec<Range<u64>> = Vec::new();
        for &page in pages {
            let start = page << space.page_bits;
            // At the very end of all addresses the last page has no end that is a number.
            let end = start.saturating_add(1 << space.page_bits);
            match areas.last_mut() {
                Some(area)
                    if page - (area.end >> space.page_bits) <= join && !meets(spoken_of, area.end..start) =>
                {
                    area.end = end;
                }
                _ => areas.push(start..end),
            }
        }
        if areas.len() <= space.areas.max(1) || join >= 1 << 62 {
            return areas;
        }
        join = (2 * join).max(1);
    }
}

/// The addresses that events speak of, as ranges in order that do not touch.
pub(super) fn spoken_of(events: &[(usize, SpaceEvent)]) -> Vec<Range<u64>> {
    let bytes = |page: u64, pages: u64| {
        let start = page.saturating_mul(1 << EVENT_PAGE_SHIFT);
        start..start.saturating_add(pages.saturating_mul(1 << EVENT_PAGE_SHIFT))
    };
    let mut ranges = Vec::new();
    let mut heap: Option<Range<u64>> = None;
    for &(_, event) in events {
        match event {
            SpaceEvent::Map { page, pages, .. } => ranges.push(bytes(page, pages)),
            SpaceEvent::Remap { new, new_pages, .. } => ranges.push(bytes(new, new_pages)),
            SpaceEvent::Break { page } => {
                let end = bytes(page, 0).start;
                let so_far = heap.unwrap_or(end..end);
                heap = Some(so_far.start.min(end)..so_far.end.max(end));
            }
            SpaceEvent::Unmap { .. } | SpaceEvent::Protect { .. } => {}
        }
    }
    ranges.extend(heap);
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, range| {
        let touches = next.start <= range.end;
        if touches {
            range.end = range.end.max(next.end);
        }
        touches
    });
    ranges
}

fn lies_in(ranges: &[Range<u64>], address: u64) -> bool {
    let next = ranges.partition_point(|range| range.end <= address);
    ranges.get(next).is_some_and(|range| range.start <= address)
}

fn meets(ranges: &[Range<u64>], other: Range<u64>) -> bool {
    let next = ranges.partition_point(|range| range.end <= other.start);
    !other.is_empty() && ranges.get(next).is_some_and(|range| range.start < other.end)
}
