//! How a trace of accesses shall be read.

use super::types::Unit;
use crate::trace::format::Format;
use crate::trace::options::ReadOptions;

/// Limits and choices for reading accesses.
///
/// ```
/// use memcore::trace::{AccessOptions, Format};
///
/// let options = AccessOptions { format: Some(Format::Numbers), ..Default::default() };
/// assert!(options.columns.address.is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessOptions {
    /// Limits. [`ReadOptions::max_events`] bounds the accesses and events that an
    /// [`AccessReader`](super::AccessReader) gives, and the references that a
    /// [`PageReader`](super::PageReader) gives (runs and spans expanded).
    pub read: ReadOptions,
    /// The format; absent: told by the content. Needed where a format has no mark of its own and the content
    /// could be another's.
    pub format: Option<Format>,
    /// The columns of CSV.
    pub columns: Columns,
}

/// Which columns of a CSV file mean what; what is absent is found by the names that
/// [`formats::csv`](super::formats::csv) lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// The column of addresses, pages or keys.
    pub address: Option<String>,
    /// The column of sizes in bytes.
    pub size: Option<String>,
    /// The column of kinds.
    pub kind: Option<String>,
    /// What the addresses count; absent: as the column's name says.
    pub unit: Option<Unit>,
}

/// How accesses become references to pages.
///
/// ```
/// let options = memcore::trace::PageOptions { page_size: Some(2 << 20), ..Default::default() };
/// assert_eq!(options.access.read.max_events, 1 << 30);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageOptions {
    /// Bytes of a page, a power of two; absent: [`Unit::default_page_size`].
    pub page_size: Option<u64>,
    /// How the accesses are read.
    pub access: AccessOptions,
}
