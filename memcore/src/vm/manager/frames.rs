//! The list of free frames: taken from the front, given back to the end.
//!
//! ```text
//!   first = 3                      last = 1
//!   [3] -> [4] -> [5] -> [0] -> [1]          next[3] = 4, ..., next[0] = 1
//! ```
//!
//! Links in a table with an entry per frame, so that nothing is allocated after the beginning.

use super::error::ManagerError;
use crate::vm::Frame;
use std_alloc::vec::Vec;

/// The end of the list.
const NONE: u32 = u32::MAX;
/// A frame that is in use.
const USED: u32 = u32::MAX - 1;

#[derive(Clone, Debug)]
pub(super) struct FreeFrames {
    next: Vec<u32>,
    first: u32,
    last: u32,
    free: u32,
}

impl FreeFrames {
    /// All of so many frames, at least 1, are free, in ascending order.
    pub(super) fn new(frames: u32) -> Result<FreeFrames, ManagerError> {
        let mut next = Vec::new();
        let error = ManagerError::OutOfMemory { bytes: 4 * u64::from(frames) };
        next.try_reserve_exact(frames as usize).map_err(|_| error)?;
        next.extend(1..frames);
        next.push(NONE);
        Ok(FreeFrames { next, first: 0, last: frames - 1, free: frames })
    }

    pub(super) fn frames(&self) -> u32 {
        self.next.len() as u32
    }

    pub(super) fn free(&self) -> u32 {
        self.free
    }

    pub(super) fn take(&mut self) -> Option<Frame> {
        if self.first == NONE {
            return None;
        }
        let frame = self.first;
        self.first = core::mem::replace(&mut self.next[frame as usize], USED);
        if self.first == NONE {
            self.last = NONE;
        }
        self.free -= 1;
        Some(frame.into())
    }

    pub(super) fn give(&mut self, frame: Frame) {
        let frame = frame as u32;
        match self.last {
            NONE => self.first = frame,
            last => self.next[last as usize] = frame,
        }
        self.next[frame as usize] = NONE;
        self.last = frame;
        self.free += 1;
    }

    /// The free frames, the next to be given first.
    pub(super) fn iter(&self) -> impl Iterator<Item = Frame> + '_ {
        let some = |frame: u32| (frame < USED).then_some(frame);
        let step = move |&frame: &u32| some(self.next[frame as usize]);
        core::iter::successors(some(self.first), step).map(Frame::from)
    }

    /// Checks the list; O(frames).
    pub(super) fn validate(&self) -> Result<(), &'static str> {
        let used = self.next.iter().filter(|&&next| next == USED).count();
        let listed = self.iter().take(self.next.len() + 1).count();
        if listed != self.free as usize || listed + used != self.next.len() {
            return Err("free and used frames do not add up");
        }
        let last = self.iter().last().map_or(NONE, |frame| frame as u32);
        if last == self.last { Ok(()) } else { Err("the list of free frames does not end at its last") }
    }
}
