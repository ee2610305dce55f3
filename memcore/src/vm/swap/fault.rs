//! What goes wrong on a swap device, and how to make it.

use serde::{Deserialize, Serialize};
use std_alloc::collections::BTreeSet;
use std_alloc::string::{String, ToString};
use thiserror::Error;

/// Why a page could not be written to the swap device or read from it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SwapError {
    /// The device gave other bytes than were written.
    #[error("slot {slot} of the swap device does not hold what was written there")]
    Checksum {
        /// The slot.
        slot: u32,
    },
    /// The device failed.
    #[error("slot {slot} of the swap device: {why}")]
    Io {
        /// The slot.
        slot: u32,
        /// What failed.
        why: String,
    },
}

impl SwapError {
    pub(super) fn io(slot: u32, why: impl core::fmt::Display) -> Self {
        SwapError::Io { slot, why: why.to_string() }
    }
}

/// A fault to be injected into a swap device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SwapFault {
    /// Reads of this slot fail.
    Read {
        /// The slot.
        slot: u32,
    },
    /// Writes to this slot fail.
    Write {
        /// The slot.
        slot: u32,
    },
    /// All reads fail, or no longer all of them.
    AllReads(bool),
    /// All writes fail, or no longer all of them.
    AllWrites(bool),
    /// A bit of what is in this slot is the other way round, until the slot is written again. Where pages have no
    /// bytes, the slot reads as one whose checksum is wrong.
    Flip {
        /// The slot.
        slot: u32,
        /// The bit, counted through the page; past its end it begins again.
        bit: u64,
    },
    /// The device is well again; flipped bits stay as they are.
    Heal,
}

/// The faults of a device.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Faults {
    reads: BTreeSet<u32>,
    writes: BTreeSet<u32>,
    all_reads: bool,
    all_writes: bool,
    /// Slots that hold something wrong, where that cannot be seen.
    corrupt: BTreeSet<u32>,
}

impl Faults {
    pub fn inject(&mut self, fault: SwapFault) {
        match fault {
            SwapFault::Read { slot } => _ = self.reads.insert(slot),
            SwapFault::Write { slot } => _ = self.writes.insert(slot),
            SwapFault::AllReads(all) => self.all_reads = all,
            SwapFault::AllWrites(all) => self.all_writes = all,
            SwapFault::Flip { slot, .. } => self.corrupt(slot),
            SwapFault::Heal => {
                *self = Faults { corrupt: core::mem::take(&mut self.corrupt), ..Faults::default() }
            }
        }
    }

    pub fn corrupt(&mut self, slot: u32) {
        self.corrupt.insert(slot);
    }

    pub fn check_read(&self, slot: u32) -> Result<(), SwapError> {
        if self.all_reads || self.reads.contains(&slot) {
            return Err(SwapError::io(slot, "a read error was injected"));
        }
        if self.corrupt.contains(&slot) { Err(SwapError::Checksum { slot }) } else { Ok(()) }
    }

    pub fn check_write(&self, slot: u32) -> Result<(), SwapError> {
        if self.all_writes || self.writes.contains(&slot) {
            return Err(SwapError::io(slot, "a write error was injected"));
        }
        Ok(())
    }

    /// A slot holds a new page.
    pub fn written(&mut self, slot: u32) {
        self.corrupt.remove(&slot);
    }

    pub fn validate(&self, slots: u64) -> Result<(), &'static str> {
        let sets = [&self.reads, &self.writes, &self.corrupt];
        if sets.into_iter().filter_map(BTreeSet::last).any(|&slot| u64::from(slot) >= slots) {
            return Err("a slot that the swap device does not have is faulty");
        }
        Ok(())
    }
}
