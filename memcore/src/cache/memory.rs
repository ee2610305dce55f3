//! What is behind the last cache: the RAM, with a disk behind it if the RAM is finite.
//!
//! A finite RAM holds pages, and a policy of the replacement room says which of them leaves. It is inclusive
//! of all caches, as a real one is: the lines of a page that leaves are dropped from them, and what was dirty
//! leaves with the page. So a line is never written back to a page that is not there.

use super::config::HierarchyConfig;
use super::error::CacheError;
use super::stats::MemoryStats;
use crate::replacement::Cache;

#[derive(Clone, Debug)]
pub(super) struct Memory {
    pub latency: u64,
    pub disk: u64,
    pub page_bits: u32,
    pub stats: MemoryStats,
    pages: Option<Cache>,
}

/// What an access to a page did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Paged {
    /// It was on disk.
    pub fault: bool,
    /// The page that left for it was dirty by itself.
    pub wrote: bool,
}

impl Memory {
    pub(super) fn new(config: &HierarchyConfig) -> Result<Memory, CacheError> {
        let mut memory = Memory {
            latency: config.ram.latency,
            disk: config.disk,
            page_bits: config.ram.page.trailing_zeros(),
            stats: MemoryStats::default(),
            pages: None,
        };
        memory.empty(config)?;
        Ok(memory)
    }

    /// Empties it, counts included.
    pub(super) fn empty(&mut self, config: &HierarchyConfig) -> Result<(), CacheError> {
        if let Some(size) = config.ram.size {
            let frames = size >> self.page_bits;
            let too_many = crate::replacement::PolicyError::Frames { frames };
            let frames = u32::try_from(frames).map_err(|_| too_many)?;
            self.pages = Some(Cache::new(&config.ram.policy, frames)?);
        }
        self.stats = MemoryStats::default();
        Ok(())
    }

    /// Whether an access to this address would not go to disk.
    pub(super) fn holds(&self, address: u64) -> bool {
        self.pages.as_ref().is_none_or(|pages| pages.contains(address >> self.page_bits))
    }

    /// Uses the page of an address. [`evicted`](Self::evicted) tells which page left for it.
    pub(super) fn page(&mut self, address: u64, write: bool) -> Result<Paged, CacheError> {
        let Some(pages) = &mut self.pages else { return Ok(Paged::default()) };
        let before = pages.stats().writebacks;
        let outcome = pages.access(address >> self.page_bits, write)?;
        Ok(Paged { fault: !outcome.hit, wrote: pages.stats().writebacks != before })
    }

    /// The pages that left in the last call of [`page`](Self::page), by number.
    pub(super) fn evicted(&self, index: usize) -> Option<u64> {
        self.pages.as_ref()?.evicted().get(index).copied()
    }

    pub(super) fn metadata_bytes(&self) -> usize {
        self.pages.as_ref().map_or(0, Cache::metadata_bytes)
    }
}
