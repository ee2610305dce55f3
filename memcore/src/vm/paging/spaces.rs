//! Which address spaces the hardware can tell apart.
//!
//! With no tags, a switch to another address space drops whatever is not global (x86-64 without PCID: a write to
//! CR3). With n tags the last n address spaces keep what they have; a space that comes back finds it, and the one
//! that was away for the longest time loses its tag, and with it its entries, to the next new one.

use super::super::error::VmError;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// The widest tags of today: 16 bits on RISC-V; PCIDs have 12.
const MAX_TAGS: u32 = 1 << 16;

/// What a switch takes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drop {
    Nothing,
    NonGlobal,
    Space(u32),
}

/// The spaces that have tags.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Spaces {
    tags: u32,
    current: Option<u32>,
    /// The spaces with a tag, the one used longest ago first.
    recent: Vec<u32>,
}

impl Spaces {
    pub(super) fn new(tags: u32) -> Result<Spaces, VmError> {
        if tags > MAX_TAGS {
            return Err(VmError::invalid("address-space tags", tags.into(), "must be at most 65536"));
        }
        let mut recent = Vec::new();
        let no_memory = |_| VmError::no_memory(u64::from(tags) * 4, super::super::error::Shortage::Host);
        recent.try_reserve_exact(tags as usize).map_err(no_memory)?;
        Ok(Spaces { tags, current: None, recent })
    }

    /// Whether this is the space that runs.
    #[inline]
    pub(super) fn is_current(&self, space: u32) -> bool {
        self.current == Some(space)
    }

    /// This space runs from now on. O(tags).
    pub(super) fn switch(&mut self, space: u32) -> Drop {
        if self.current.replace(space) == Some(space) {
            return Drop::Nothing;
        }
        if self.tags == 0 {
            return Drop::NonGlobal;
        }
        let mut drop = Drop::Nothing;
        if let Some(at) = self.recent.iter().position(|known| *known == space) {
            self.recent.remove(at);
        } else if self.recent.len() == self.tags as usize {
            drop = Drop::Space(self.recent.remove(0));
        }
        self.recent.push(space);
        drop
    }

    /// A space has ended. O(tags).
    pub(super) fn forget(&mut self, space: u32) {
        self.recent.retain(|known| *known != space);
        if self.is_current(space) {
            self.current = None;
        }
    }

    pub(super) fn validate(&self) -> Result<(), &'static str> {
        let is_last = self.tags == 0 || self.current.is_none_or(|space| self.recent.last() == Some(&space));
        if self.tags > MAX_TAGS || self.recent.len() > self.tags as usize || !is_last {
            return Err("address spaces have more tags than there are");
        }
        Ok(())
    }
}
