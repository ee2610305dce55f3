//! The swap device: slots of a page each, in memory or in a file of the host.
//!
//! ```text
//! slots      0 1 2 3 4 5 6 7 ...        who is in use: a buddy core whose blocks are single slots
//! contents   [ 2 MiB ][   ][ 2 MiB ]    in memory, where something was written; or slot * page size in the file
//! checksums  [ u64 per slot         ]   in memory in any case (xxh3)
//! ```
//!
//! The lowest free slot is given out: pages that leave one after the other lie side by side on an unused device, and
//! what is in use stays at its beginning. (Linux fills clusters of 512 slots in order, one for each processor at a
//! time, and comes back to gaps when no cluster is empty.)
//!
//! What is read must be what was written last. With checksums a device that gives other bytes is found out; without
//! them the process gets those bytes, as it would.

mod fault;
#[cfg(feature = "std")]
mod file;
mod store;
#[cfg(test)]
mod tests;

pub use fault::{SwapError, SwapFault};

use super::physical::{bad, zeroed};
use super::{Shortage, VmError};
use crate::alloc::DenseBuddy;
use fault::Faults;
use serde::{Deserialize, Serialize};
use std_alloc::boxed::Box;
use std_alloc::string::ToString;
use store::Store;

/// As for frames, the last numbers are marks.
const MOST_SLOTS: u64 = u32::MAX as u64 - 16;

/// A swap device.
///
/// ```
/// use memcore::vm::SwapConfig;
/// let config = SwapConfig::of_pages(1024);
/// assert!(config.checksums && SwapConfig::default().pages == 0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SwapConfig {
    /// Slots, of a page each; 0: there is no swap.
    pub pages: u64,
    /// The file that holds the pages; it is made, or overwritten. `None`: memory.
    #[cfg(feature = "std")]
    pub file: Option<std::path::PathBuf>,
    /// A checksum of each page is kept, and checked when it is read.
    pub checksums: bool,
}

impl Default for SwapConfig {
    fn default() -> Self {
        SwapConfig::of_pages(0)
    }
}

impl SwapConfig {
    /// So many slots in memory, with checksums.
    pub fn of_pages(pages: u64) -> Self {
        SwapConfig {
            pages,
            #[cfg(feature = "std")]
            file: None,
            checksums: true,
        }
    }
}

/// A swap device at work; see the [module](self).
///
/// A clone is in memory, whatever the device is in; so is one that was saved and read back. A slot that could not be
/// read then is zeros in the clone, which its checksum finds out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::vm) struct SwapDevice {
    page_size: u64,
    /// `None`: no slots.
    slots: Option<DenseBuddy>,
    store: Store,
    /// Empty where none are kept.
    checksums: Box<[u64]>,
    faults: Faults,
}

impl SwapDevice {
    /// The device that a configuration describes; `contents`: whether pages have bytes. O(slots / 64), and the
    /// file is made, if there is one.
    ///
    /// # Errors
    /// [`VmError::Config`] for too many pages; [`VmError::NoMemory`]; [`VmError::Io`].
    pub fn new(config: &SwapConfig, page_size: u64, contents: bool) -> Result<Self, VmError> {
        let pages = config.pages;
        if pages > MOST_SLOTS {
            return Err(bad("swap.pages", pages.to_string(), "must be at most 4,294,967,279"));
        }
        let shortage = |_| VmError::no_memory(pages, Shortage::Host);
        let slots = if pages > 0 { Some(DenseBuddy::new(pages, 0).map_err(shortage)?) } else { None };
        let store = Store::new(config, page_size, contents)?;
        let checksums = zeroed(if contents && config.checksums { pages } else { 0 })?;
        Ok(SwapDevice { page_size, slots, store, checksums, faults: Faults::default() })
    }

    /// Takes a free slot; `None` when there is none. O(log64 slots).
    pub fn allocate(&mut self) -> Option<u32> {
        self.slots.as_mut()?.allocate(0).ok().map(|slot| slot as u32)
    }

    /// Gives a slot back. O(log64 slots).
    pub fn free(&mut self, slot: u32) {
        let freed = self.slots.as_mut().map(|slots| slots.free(slot.into()));
        debug_assert_eq!(freed, Some(Ok(0)), "slot {slot} was free already");
    }

    /// Slots. O(1).
    pub fn slots(&self) -> u64 {
        self.slots.as_ref().map_or(0, DenseBuddy::frames)
    }

    /// Free slots. O(1).
    pub fn free_slots(&self) -> u64 {
        self.slots.as_ref().map_or(0, DenseBuddy::free_frames)
    }

    /// Slots in use. O(1).
    pub fn used(&self) -> u64 {
        self.slots() - self.free_slots()
    }

    /// Whether a slot is in use. O(1).
    pub fn is_used(&self, slot: u32) -> bool {
        self.slots.as_ref().is_some_and(|slots| slots.order_at(slot.into()).is_ok())
    }

    /// Bytes of the slots in use. O(1).
    pub fn bytes(&self) -> u64 {
        self.used() * self.page_size
    }

    /// Writes a page to a slot; nothing, where pages have no bytes. O(page size).
    ///
    /// # Errors
    /// [`SwapError::Io`]; what the slot holds then is unknown, and its checksum tells.
    pub fn write(&mut self, slot: u32, bytes: &[u8]) -> Result<(), SwapError> {
        self.faults.check_write(slot)?;
        if let Some(sum) = self.checksums.get_mut(slot as usize) {
            *sum = xxhash_rust::xxh3::xxh3_64(bytes);
        }
        self.store.write(slot, bytes)?;
        self.faults.written(slot);
        Ok(())
    }

    /// Reads the page in a slot; nothing, where pages have no bytes. O(page size).
    ///
    /// # Errors
    /// [`SwapError::Io`]; [`SwapError::Checksum`] when it is not the page that was written. `into` may hold
    /// anything then.
    pub fn read(&mut self, slot: u32, into: &mut [u8]) -> Result<(), SwapError> {
        self.faults.check_read(slot)?;
        self.store.read(slot, into)?;
        match self.checksums.get(slot as usize) {
            Some(&sum) if sum != xxhash_rust::xxh3::xxh3_64(into) => Err(SwapError::Checksum { slot }),
            _ => Ok(()),
        }
    }

    /// Injects a fault. O(log faults); O(page size) to flip a bit.
    ///
    /// # Errors
    /// [`SwapError::Io`]: a slot that does not exist, a bit of one that holds nothing, or one that cannot be flipped.
    pub fn inject(&mut self, fault: SwapFault) -> Result<(), SwapError> {
        if let SwapFault::Read { slot } | SwapFault::Write { slot } | SwapFault::Flip { slot, .. } = fault {
            if u64::from(slot) >= self.slots() {
                return Err(SwapError::io(slot, "the device has no such slot"));
            }
        }
        let SwapFault::Flip { slot, bit } = fault else {
            self.faults.inject(fault);
            return Ok(());
        };
        if !self.is_used(slot) {
            return Err(SwapError::io(slot, "it holds nothing"));
        }
        if !self.store.has_contents() {
            self.faults.corrupt(slot);
            return Ok(());
        }
        self.store.flip(slot, bit)
    }

    /// Bytes that the host holds in memory for the pages. O(chunks).
    pub fn contents_bytes(&self) -> u64 {
        self.store.bytes()
    }

    /// Checks every table. O(slots).
    ///
    /// # Errors
    /// What is wrong.
    pub fn validate(&self) -> Result<(), &'static str> {
        let slots = self.slots();
        if slots > MOST_SLOTS {
            return Err("the swap device has more slots than are numbered");
        }
        if let Some(buddy) = &self.slots {
            if buddy.max_order() > 0 || buddy.validate().is_err() {
                return Err("the slots of the swap device are broken");
            }
        }
        let wanted = if self.store.has_contents() { slots } else { 0 };
        if !self.checksums.is_empty() && self.checksums.len() as u64 != wanted {
            return Err("the swap device has not a checksum for each slot");
        }
        self.faults.validate(slots)?;
        self.store.validate(slots, self.page_size)
    }
}
