//! What a manager is made with.

use crate::replacement::PolicySpec;

/// Sizes and policy of a manager.
///
/// ```
/// use memcore::vm::manager::{ManagerOptions, VirtualMemoryManager};
/// let options = ManagerOptions::new(4096, 8).frames(3).policy("lru".parse()?);
/// assert_eq!(VirtualMemoryManager::new(options)?.statistics().total_frames, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ManagerOptions {
    /// Bytes of a page: any number from 1 on, not only a power of two.
    pub page_size: u64,
    /// Virtual pages.
    pub pages: u32,
    /// Frames; `None`: as many as pages, so that no page ever loses its own.
    pub frames: Option<u32>,
    /// Who loses its frame.
    pub policy: PolicySpec,
}

impl ManagerOptions {
    /// So many pages of so many bytes, with a frame for each, replaced first in, first out.
    pub fn new(page_size: u64, pages: u32) -> ManagerOptions {
        let policy = PolicySpec::Fifo(());
        ManagerOptions { page_size, pages, frames: None, policy }
    }

    /// Sets the number of frames.
    pub fn frames(self, frames: u32) -> ManagerOptions {
        ManagerOptions { frames: Some(frames), ..self }
    }

    /// Sets the policy.
    pub fn policy(self, policy: PolicySpec) -> ManagerOptions {
        ManagerOptions { policy, ..self }
    }
}
