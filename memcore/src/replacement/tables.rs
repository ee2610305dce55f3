//! Tables with an entry per page, whose growth may fail.

use super::error::PolicyError;
use super::policy::MAX_PAGES;
use std_alloc::vec::Vec;

/// Makes `table` at least `pages` long, filled up with `value`.
pub(crate) fn extend<T: Clone>(table: &mut Vec<T>, pages: u32, value: T) -> Result<(), PolicyError> {
    if pages > MAX_PAGES {
        return Err(PolicyError::Pages { pages: pages.into() });
    }
    let wanted = pages as usize;
    if wanted > table.len() {
        make_room(table, wanted)?;
        table.resize(wanted, value);
    }
    Ok(())
}

/// Makes room for `entries` in all, so that pushing up to that many cannot fail.
pub(crate) fn make_room<T>(table: &mut Vec<T>, entries: usize) -> Result<(), PolicyError> {
    let bytes = (entries as u64).saturating_mul(size_of::<T>() as u64);
    let more = entries.saturating_sub(table.len());
    table.try_reserve_exact(more).map_err(|_| PolicyError::OutOfMemory { bytes })
}

/// Bytes that a table holds.
pub(crate) fn bytes_of<T>(table: &Vec<T>) -> usize {
    table.capacity() * size_of::<T>()
}
