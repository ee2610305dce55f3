//! The counters, and how they are printed.

use core::fmt;
use serde::{Deserialize, Serialize};

/// The state of a manager in figures; the [module](super) says what is counted.
///
/// Used and free pages add up to all pages, used and free frames to all frames. While there are as many frames as
/// pages, the frames' figures are the pages'.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagerStatistics {
    /// Virtual pages.
    pub total_pages: u64,
    /// Pages that are allocated, in a frame or not.
    pub used_pages: u64,
    /// Pages that are not allocated.
    pub free_pages: u64,
    /// Frames.
    pub total_frames: u64,
    /// Frames that hold a page.
    pub used_frames: u64,
    /// Frames that hold none.
    pub free_frames: u64,
    /// Translations of addresses in pages without a frame.
    pub page_faults: u64,
    /// Translations of addresses in pages with one.
    pub page_hits: u64,
    /// Pages that lost their frame to another.
    pub page_replacements: u64,
    /// Pages whose contents had to be written for that.
    pub write_backs: u64,
}

/// As the teaching programs print it: a line for each figure about pages. The line of replacements follows when there
/// are fewer frames than pages, so that they can occur.
impl fmt::Display for ManagerStatistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Total Pages: {}", self.total_pages)?;
        writeln!(f, "Used Pages: {}", self.used_pages)?;
        writeln!(f, "Free Pages: {}", self.free_pages)?;
        writeln!(f, "Page Faults: {}", self.page_faults)?;
        writeln!(f, "Page Hits: {}", self.page_hits)?;
        if self.total_frames < self.total_pages {
            writeln!(f, "Page Replacements: {}", self.page_replacements)?;
        }
        Ok(())
    }
}
