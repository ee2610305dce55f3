//! The loop that the binary readers share: records of bounded length, decoded from a sliding window.

use crate::trace::error::{Reason, TraceError};
use crate::trace::input::source::Source;

/// Calls `decode(window, at)` until it has said `true` (an operation was read) `count` times.
///
/// The window holds `longest` bytes after `at`, unless the content ends before: then `decode` finds the end
/// and gives [`Reason::Truncated`]. Errors carry the offset of the record in which they arose.
pub(crate) fn decode_records(
    source: &mut Source<'_>,
    count: u64,
    longest: usize,
    mut decode: impl FnMut(&[u8], &mut usize) -> Result<bool, Reason>,
) -> Result<(), TraceError> {
    let mut done = 0;
    while done < count {
        let offset = source.offset();
        let window = source.peek(longest)?;
        let last = window.len() < longest;
        let mut at = 0;
        let mut failure = None;
        while done < count && (last || window.len() - at >= longest) {
            let start = at;
            match decode(window, &mut at) {
                Ok(operation) => done += u64::from(operation),
                Err(reason) => {
                    failure = Some((start, reason));
                    break;
                }
            }
        }
        if let Some((start, reason)) = failure {
            return Err(source.byte_error(offset + start as u64, reason));
        }
        source.consume(at);
    }
    Ok(())
}

/// The little-endian number in the eight bytes at `at`; the caller has checked that they are there.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].iter().take(8).rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

/// The little-endian number in the four bytes at `at`.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].iter().take(4).rev().fold(0, |value, &byte| value << 8 | u32::from(byte))
}

/// The id that lies `distance` before the newest of `ids`.
#[inline]
pub(crate) fn id_at_distance(distance: u64, ids: u32) -> Result<u32, Reason> {
    if distance >= u64::from(ids) {
        return Err(Reason::UnknownReference {
            what: "a block this many allocations back:",
            number: distance,
            defined: u64::from(ids),
        });
    }
    Ok(ids - 1 - distance as u32)
}
