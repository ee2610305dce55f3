//! Frames for page tables, set aside before a table is changed.
//!
//! A table that needs a frame in the middle of a change cannot wait for reclaim, which itself changes tables. So the
//! frames that a change may need are laid ready first, and those left over go back.

use crate::vm::paging::TableFrames;
use crate::vm::types::Frame;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// Frames at hand for page tables.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::vm) struct TableStash {
    /// Frames of memory.
    pub ready: Vec<Frame>,
    /// Where tables take no frames of memory: the next number beyond it.
    pub beyond: Option<Frame>,
}

impl TableFrames for TableStash {
    fn take(&mut self) -> Option<Frame> {
        if let Some(beyond) = &mut self.beyond {
            // Numbers that came back are used again first.
            return Some(self.ready.pop().unwrap_or_else(|| {
                *beyond += 1;
                *beyond - 1
            }));
        }
        self.ready.pop()
    }

    fn give(&mut self, frame: Frame) {
        self.ready.push(frame);
    }
}
