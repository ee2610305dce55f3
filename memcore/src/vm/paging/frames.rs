//! Where page tables live: in frames, which somebody hands out.

use super::super::types::Frame;

/// There is no frame for a table (or the host has no memory for its picture).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::vm) struct NoFrame;

/// Whoever hands out the frames that tables live in.
pub(in crate::vm) trait TableFrames {
    /// A frame for a table, if there is one.
    fn take(&mut self) -> Option<Frame>;
    /// Takes back a frame.
    fn give(&mut self, frame: Frame);
}

/// Numbers from a counter instead of frames, for tests.
#[cfg(test)]
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::vm) struct NoFrames {
    next: Frame,
}

#[cfg(test)]
impl TableFrames for NoFrames {
    fn take(&mut self) -> Option<Frame> {
        let frame = self.next;
        self.next += 1;
        Some(frame)
    }

    fn give(&mut self, _: Frame) {}
}
