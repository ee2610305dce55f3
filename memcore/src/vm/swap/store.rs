//! Where the bytes of a swap device are: nowhere, in memory, or in a file.

use super::{SwapConfig, SwapError};
use crate::vm::VmError;
use crate::vm::physical::PageStore;
#[cfg(feature = "std")]
use crate::vm::physical::zeroed;
use serde::de::Deserializer;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

#[cfg(feature = "std")]
use super::file::SwapFile;

#[derive(Debug)]
pub(super) enum Store {
    /// Pages have no bytes.
    Nowhere,
    Memory(PageStore),
    #[cfg(feature = "std")]
    File(SwapFile),
}

impl Store {
    pub fn new(config: &SwapConfig, page_size: u64, contents: bool) -> Result<Self, VmError> {
        if !contents {
            return Ok(Store::Nowhere);
        }
        #[cfg(feature = "std")]
        if let Some(path) = &config.file {
            return Ok(Store::File(SwapFile::create(path, config.pages, page_size)?));
        }
        Ok(Store::Memory(PageStore::new(config.pages, page_size)?))
    }

    pub fn has_contents(&self) -> bool {
        !matches!(self, Store::Nowhere)
    }

    pub fn write(&mut self, slot: u32, bytes: &[u8]) -> Result<(), SwapError> {
        match self {
            Store::Nowhere => Ok(()),
            Store::Memory(pages) => {
                let page = pages.get_mut(slot.into()).map_err(|error| SwapError::io(slot, error))?;
                check_length(slot, page.len(), bytes.len())?;
                page.copy_from_slice(bytes);
                Ok(())
            }
            #[cfg(feature = "std")]
            Store::File(file) => {
                check_length(slot, file.page_size(), bytes.len())?;
                file.write(slot, bytes)
            }
        }
    }

    pub fn read(&mut self, slot: u32, into: &mut [u8]) -> Result<(), SwapError> {
        match self {
            Store::Nowhere => Ok(()),
            Store::Memory(pages) => {
                let page = pages.get(slot.into());
                check_length(slot, page.len(), into.len())?;
                into.copy_from_slice(page);
                Ok(())
            }
            #[cfg(feature = "std")]
            Store::File(file) => {
                check_length(slot, file.page_size(), into.len())?;
                file.read(slot, into)
            }
        }
    }

    /// Turns a bit of a slot over.
    pub fn flip(&mut self, slot: u32, bit: u64) -> Result<(), SwapError> {
        match self {
            Store::Nowhere => Ok(()),
            Store::Memory(pages) => {
                flip(pages.get_mut(slot.into()).map_err(|error| SwapError::io(slot, error))?, bit);
                Ok(())
            }
            #[cfg(feature = "std")]
            Store::File(file) => {
                let mut page = zeroed(file.page_size() as u64).map_err(|error| SwapError::io(slot, error))?;
                file.read(slot, &mut page)?;
                flip(&mut page, bit);
                file.write(slot, &page)
            }
        }
    }

    pub fn bytes(&self) -> u64 {
        if let Store::Memory(pages) = self { pages.bytes() } else { 0 }
    }

    pub fn validate(&self, slots: u64, page_size: u64) -> Result<(), &'static str> {
        let Store::Memory(pages) = self else { return Ok(()) };
        if pages.pages() != slots || pages.page_size() != page_size {
            return Err("the contents of the swap device are not of its size");
        }
        pages.validate()
    }
}

fn flip(page: &mut [u8], bit: u64) {
    let bit = bit % (page.len() as u64 * 8);
    page[(bit / 8) as usize] ^= 1 << (bit % 8);
}

fn check_length(slot: u32, page: usize, given: usize) -> Result<(), SwapError> {
    if page == given { Ok(()) } else { Err(SwapError::io(slot, "not a page of bytes was given")) }
}

impl Clone for Store {
    /// In memory. What cannot be read from a file is zeros, whose checksum is wrong.
    fn clone(&self) -> Self {
        match self {
            Store::Nowhere => Store::Nowhere,
            Store::Memory(pages) => Store::Memory(pages.clone()),
            #[cfg(feature = "std")]
            Store::File(file) => Store::Memory(file.in_memory()),
        }
    }
}

impl Serialize for Store {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Store::Nowhere => None::<PageStore>.serialize(serializer),
            Store::Memory(pages) => Some(pages).serialize(serializer),
            #[cfg(feature = "std")]
            Store::File(file) => Some(file.in_memory()).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Store {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pages = Option::<PageStore>::deserialize(deserializer)?;
        Ok(pages.map_or(Store::Nowhere, Store::Memory))
    }
}
