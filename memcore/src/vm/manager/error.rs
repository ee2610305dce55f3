//! What the manager refuses.

use crate::replacement::PolicyError;
use crate::vm::Access;
use thiserror::Error;

/// Why a call was refused. Unless it says so, nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ManagerError {
    /// A page of no bytes.
    #[error("page size {page_size}: must be at least 1")]
    PageSize {
        /// What was given.
        page_size: u64,
    },
    /// No pages, or more than are numbered.
    #[error("{pages} pages: must be from 1 to 2^32 - 17")]
    Pages {
        /// What was given.
        pages: u64,
    },
    /// Addresses would not fit into 63 bits.
    #[error("{count} pages or frames of {page_size} bytes pass 2^63 - 1")]
    TooLarge {
        /// Pages, or frames if they are more.
        count: u64,
        /// Bytes of each.
        page_size: u64,
    },
    /// There is no such page.
    #[error("invalid virtual page: {page} (must be from 0 to {})", pages.wrapping_sub(1))]
    InvalidPage {
        /// What was given.
        page: i64,
        /// How many there are.
        pages: u32,
    },
    /// There is no such address.
    #[error("invalid virtual address: {address} (must be from 0 to {})", end.wrapping_sub(1))]
    InvalidAddress {
        /// What was given.
        address: i64,
        /// The first address that is too large.
        end: i64,
    },
    /// The page is allocated.
    #[error("page already allocated: {page}")]
    AlreadyAllocated {
        /// What was given.
        page: u32,
    },
    /// The page is not allocated.
    #[error("page not allocated: {page}")]
    NotAllocated {
        /// What was given.
        page: u32,
    },
    /// An access to a page that is not allocated. It is counted as a page fault.
    #[error("page fault: page {page} not present")]
    PageFault {
        /// The page.
        page: u32,
    },
    /// The page's protection does not allow the access.
    #[error("page {page} does not allow to {}", access.name())]
    Protection {
        /// The page.
        page: u32,
        /// What was tried.
        access: Access,
    },
    /// Number of frames, policy or its parameters make no sense.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The host has no memory for the tables.
    #[error("out of memory for {bytes} bytes")]
    OutOfMemory {
        /// What was asked for.
        bytes: u64,
    },
}
