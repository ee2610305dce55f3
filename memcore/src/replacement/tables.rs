//! Tables with an entry per page, whose growth may fail.
//!
//! Tables may also come from a file that nobody vouches for. Then nothing is taken for granted: whoever reads them
//! calls `validate` before anything else, and that looks at lengths before it follows a number into a table.

use super::error::PolicyError;
use super::policy::MAX_PAGES;
use std_alloc::vec::Vec;

/// No clock that counts references, and no count of them, ever gets here; so what is below may be added to.
pub(crate) const END_OF_TIME: u64 = 1 << 62;

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

/// The pages that all of these tables have room for.
pub(crate) fn common<const N: usize>(lengths: [usize; N]) -> u32 {
    lengths.into_iter().fold(MAX_PAGES, |least, length| least.min(length.try_into().unwrap_or(MAX_PAGES)))
}

/// What every policy checks of its frames and of a clock that it has.
pub(crate) fn check_frames_and_clock(frames: u32, clock: u64) -> Result<(), &'static str> {
    if !(1..=MAX_PAGES).contains(&frames) {
        return Err("there are no frames, or more than are numbered");
    }
    if clock >= END_OF_TIME {
        return Err("the clock is beyond the end of time");
    }
    Ok(())
}

/// Arrays of a length that is a parameter, in serde's terms; its derive knows lengths up to 32 only by number.
pub(crate) mod array {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std_alloc::vec::Vec;

    pub(crate) fn serialize<T: Serialize, S: Serializer, const N: usize>(
        array: &[T; N],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        array.as_slice().serialize(to)
    }

    pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>, const N: usize>(
        from: D,
    ) -> Result<[T; N], D::Error> {
        let read = Vec::<T>::deserialize(from)?;
        let length = read.len();
        read.try_into().map_err(|_| D::Error::invalid_length(length, &"as many lists as the policy has"))
    }
}

/// Bytes that a table holds.
pub(crate) fn bytes_of<T>(table: &Vec<T>) -> usize {
    table.capacity() * size_of::<T>()
}
