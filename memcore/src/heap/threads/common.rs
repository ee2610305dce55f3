//! What all threads share under one lock: who has which pages.
//!
//! Spans and large blocks come from TLSF over whole pages, in constant time; a thread comes here once for up to 64 small
//! blocks, and for each large one.

use super::super::{Mapping, Memory, Result};
use super::span::{LARGE, NIL, SharedSpan};
use crate::alloc::storage::Fixed;
use crate::alloc::{
    AllocError, Allocator, BlockId, Options, RegionCursor, RegionKind, Regions, Request, Stats, Tlsf,
};
use crate::alloc::{Corruption, Strategy, Tie, TlsfParameters};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Bytes of a page.
pub const PAGE: u64 = 1 << PAGE_SHIFT;
pub const PAGE_SHIFT: u32 = 10;

fn options(capacity: u64) -> Options {
    Options::new(capacity).granularity(PAGE).tags(true)
}

/// How many u64 words the strategy needs for so many spans.
pub fn words(capacity: u64, most: u32) -> Result<usize> {
    let strategy = Strategy::Tlsf { parameters: TlsfParameters::default(), tie: Tie::Recent };
    Ok(strategy.fixed_words(&options(capacity), most)?)
}

/// Pages, spans that are nobody's, and the memory.
pub struct Common {
    pages: Tlsf<Fixed<'static>>,
    memory: Mapping,
    /// The first span that was used and is not, and the first that never was.
    buried: u32,
    fresh: u32,
    /// The end of the highest pages that were ever used.
    highest: u64,
}

/// A span to be: its class (or [`LARGE`]), shape and owner.
pub struct Wanted {
    pub class: u32,
    pub size: u64,
    pub slots: u32,
    pub owner: u32,
}

impl Common {
    pub fn new(memory: Mapping, storage: &mut Fixed<'static>) -> Result<Self> {
        let capacity = memory.limit() as u64;
        let pages = Tlsf::in_storage(options(capacity), TlsfParameters::default(), storage)?;
        Ok(Common { pages, memory, buried: NIL, fresh: 1, highest: 0 })
    }

    pub fn memory(&self) -> &Mapping {
        &self.memory
    }

    /// Spans that there ever were.
    pub fn spans(&self) -> u32 {
        self.fresh
    }

    fn take_number(&mut self, spans: &[SharedSpan]) -> Result<u32> {
        let number = if self.buried == NIL { self.fresh } else { self.buried };
        let Some(span) = spans.get(number as usize) else {
            let blocks = self.pages.stats().blocks;
            return Err(AllocError::OutOfMetadata { blocks }.into());
        };
        if self.buried == NIL {
            self.fresh += 1;
        } else {
            self.buried = span.next.load(Relaxed);
        }
        Ok(number)
    }

    fn bury(&mut self, spans: &[SharedSpan], number: u32) {
        let span = &spans[number as usize];
        span.bury();
        span.next.store(self.buried, Relaxed);
        self.buried = number;
    }

    /// Memory under everything below `end`.
    fn back(&mut self, end: u64) -> Result<()> {
        if end as usize > self.memory.len() { self.memory.grow(end as usize) } else { Ok(()) }
    }

    /// A new span of `bytes` bytes at a multiple of `alignment`, entered for its pages.
    pub fn add(
        &mut self,
        spans: &[SharedSpan],
        map: &[AtomicU32],
        request: Request,
        wanted: Wanted,
    ) -> Result<u32> {
        let number = self.take_number(spans)?;
        let block = match self.pages.allocate(request) {
            Ok(block) => block,
            Err(error) => {
                self.bury(spans, number);
                return Err(error.into());
            }
        };
        if let Err(error) = self.back(block.end()) {
            self.pages.free(block.id)?;
            self.bury(spans, number);
            return Err(error);
        }
        self.highest = self.highest.max(block.end());
        self.pages.set_tag(block.id, number)?;
        let Wanted { class, size, slots, owner } = wanted;
        let size = if class == LARGE { block.size } else { size };
        let span = &spans[number as usize];
        span.set_up(block.start, size, class, slots, owner);
        span.block.store(block.id.to_bits(), Relaxed);
        let first = (block.start >> PAGE_SHIFT) as usize;
        // Of a large block, the first page alone: no block begins in the others.
        let count = if class == LARGE { 1 } else { (block.size >> PAGE_SHIFT) as usize };
        map[first..first + count].iter().for_each(|page| page.store(number, Relaxed));
        Ok(number)
    }

    /// Takes back a span that has no live slot.
    pub fn remove(&mut self, spans: &[SharedSpan], number: u32) -> Result<()> {
        if let Some(block) = BlockId::from_bits(spans[number as usize].block.load(Relaxed)) {
            self.pages.free(block)?;
        }
        self.bury(spans, number);
        Ok(())
    }

    /// Changes the size of a large block in place.
    pub fn resize(&mut self, span: &SharedSpan, size: u64) -> Result<u64> {
        let Some(block) = BlockId::from_bits(span.block.load(Relaxed)) else {
            return Ok(span.size.load(Relaxed));
        };
        let old = span.size.load(Relaxed);
        let resized = self.pages.resize(block, size)?;
        if let Err(error) = self.back(resized.end()) {
            self.pages.resize(block, old)?;
            return Err(error);
        }
        self.highest = self.highest.max(resized.end());
        span.size.store(resized.size, Relaxed);
        Ok(resized.size)
    }

    pub fn highest(&self) -> u64 {
        self.highest
    }

    /// One step of a walk over the spans that are somebody's, in address order.
    pub fn next_span(&self, cursor: &mut RegionCursor) -> Option<u32> {
        while let Some(region) = self.pages.next_region(cursor) {
            if let Some(number) = region.block().and_then(|block| self.pages.tag(block.id).ok()) {
                return Some(number);
            }
        }
        None
    }

    /// Every span that is somebody's, in address order.
    pub fn visit_spans(&self, mut visit: impl FnMut(u32)) {
        for block in Regions::new(&self.pages).filter_map(|region| region.block()) {
            if let Ok(number) = self.pages.tag(block.id) {
                visit(number);
            }
        }
    }

    /// The figures of the pages.
    pub fn stats(&self) -> Stats {
        self.pages.stats()
    }

    pub fn metadata_bytes(&self) -> usize {
        self.pages.metadata_bytes()
    }

    pub fn trim(&mut self) -> usize {
        let holes = Regions::new(&self.pages).filter(|region| region.kind == RegionKind::Hole);
        holes.map(|hole| self.memory.give_back(hole.start as usize..hole.end() as usize)).sum()
    }

    /// Checks pages and spans against each other.
    pub fn validate(&self, spans: &[SharedSpan], map: &[AtomicU32]) -> core::result::Result<(), Corruption> {
        self.pages.validate()?;
        for block in Regions::new(&self.pages).filter_map(|region| region.block()) {
            let number = self.pages.tag(block.id).unwrap_or(NIL);
            let Some(span) = spans[..self.fresh as usize].get(number as usize) else {
                return Err(Corruption { what: "a run of pages names no span", at: block.start });
            };
            let same =
                span.start.load(Relaxed) == block.start && span.block.load(Relaxed) == block.id.to_bits();
            Corruption::unless(same, "a span is not where its pages are", block.start)?;
            let fits = span.size.load(Relaxed) * u64::from(span.slots()) <= block.size;
            Corruption::unless(fits, "a span is larger than its pages", block.start)?;
            let first = (block.start >> PAGE_SHIFT) as usize;
            let mapped = map.get(first).is_some_and(|page| page.load(Relaxed) == number);
            Corruption::unless(mapped, "a page does not name its span", block.start)?;
        }
        Ok(())
    }
}
