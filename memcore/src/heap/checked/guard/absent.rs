//! No pages of their own where there is no system to ask for them: [`Checks`](super::super::Checks) that want them are
//! refused, so that no value of this type ever is.

use super::super::super::{HeapError, Result};
use super::super::record::Record;
use super::Guarded;
use core::convert::Infallible;
use core::ptr::NonNull;

#[derive(Debug)]
pub(in super::super) struct Guard(Infallible);

impl Guard {
    pub fn new(_redzone: usize) -> Result<Guard> {
        let rule = "must be 0 where there are no pages of the system's";
        Err(HeapError::BadParameter { name: "guard_every", value: 1, rule })
    }

    pub fn capacity(&self) -> usize {
        match self.0 {}
    }

    pub fn used(&self) -> usize {
        match self.0 {}
    }

    pub fn metadata_bytes(&self) -> usize {
        match self.0 {}
    }

    pub fn contains(&self, _address: usize) -> bool {
        match self.0 {}
    }

    pub fn allocate(&mut self, _alignment: usize, _record: Record) -> Option<NonNull<u8>> {
        match self.0 {}
    }

    pub fn check(&self, _slot: usize) -> Result<()> {
        match self.0 {}
    }

    pub fn find(&self, _address: usize) -> Result<Guarded> {
        match self.0 {}
    }

    pub fn free(&mut self, _slot: usize) -> Result<()> {
        match self.0 {}
    }

    pub fn set_record(&mut self, _slot: usize, _record: Record) {
        match self.0 {}
    }

    pub fn blocks(&self) -> impl Iterator<Item = Guarded> + '_ {
        core::iter::empty()
    }
}
