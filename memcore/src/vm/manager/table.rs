//! The page table, and how it is printed.

use super::run::VirtualMemoryManager;
use crate::vm::{Frame, Protection};
use core::fmt;
use serde::{Deserialize, Serialize};

/// What the page table says of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageEntry {
    /// Whether the page is allocated.
    pub allocated: bool,
    /// Its frame; `None` when it is not present.
    pub frame: Option<Frame>,
    /// Whether it was written since it got its frame or was cleaned.
    pub modified: bool,
    /// Whether it was accessed since it got its frame, or since the bit was cleared; a new page counts as accessed.
    pub referenced: bool,
    /// What may be done to it.
    pub protection: Protection,
}

impl PageEntry {
    /// Whether it has a frame.
    pub fn is_present(&self) -> bool {
        self.frame.is_some()
    }
}

/// An allocated page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRow {
    /// The page.
    pub page: u32,
    /// What the table says of it.
    pub entry: PageEntry,
}

/// The page table of a manager, to be printed: the allocated pages, a line each. A page that has lost its frame has
/// the frame `-`.
///
/// ```
/// use memcore::vm::manager::{ManagerOptions, VirtualMemoryManager};
/// let mut manager = VirtualMemoryManager::new(ManagerOptions::new(4096, 8))?;
/// manager.allocate_page(3)?;
/// assert_eq!(manager.page_table().to_string(), "\
/// Page Table:
/// Virtual | Physical | Present | Modified | Referenced
/// --------|----------|---------|----------|-----------
///       3 |        0 |    true |    false |       true
/// ");
/// # Ok::<(), memcore::vm::manager::ManagerError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PageTable<'a> {
    pub(super) manager: &'a VirtualMemoryManager,
}

impl fmt::Display for PageTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Page Table:\n")?;
        f.write_str("Virtual | Physical | Present | Modified | Referenced\n")?;
        f.write_str("--------|----------|---------|----------|-----------\n")?;
        for PageRow { page, entry } in self.manager.rows() {
            write!(f, "{page:7} | ")?;
            match entry.frame {
                Some(frame) => write!(f, "{frame:8}")?,
                None => write!(f, "{:>8}", '-')?,
            }
            let PageEntry { modified, referenced, .. } = entry;
            writeln!(f, " | {:>7} | {modified:>8} | {referenced:>10}", entry.is_present())?;
        }
        Ok(())
    }
}
