//! Status codes: how a C caller learns what went wrong.
//!
//! Functions return `int32_t`, not the enum: a C enum holds whatever number somebody writes into it, and a number
//! outside the list would be undefined behaviour in Rust.
//!
//! # To add a code
//! 1. Add a variant to [`memcore_status`], in the hundred of its room, with the next free number. A number once
//!    released keeps its meaning for ever: one that is no longer returned stays in the list and says so.
//! 2. Add its line to `STATUSES`; a test finds it when it is forgotten.
//! 3. In the room's own file write `impl From<TheEngine'sError> for memcore_status`, a `match` that names every
//!    variant it knows.
//! 4. Run `make header`.

use std::ffi::{CStr, c_char};

use crate::panic::guarded;

/// What a function of this library returns: 0 for success, otherwise the reason why it failed.
///
/// Numbers are never reused. A later version of the library may return numbers that this list lacks, so a
/// `switch` over them needs a `default`.
///
/// Hundreds belong together: 0 to 99 are general.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum memcore_status {
    /// The call succeeded.
    Ok = 0,
    /// A defect inside the library stopped the call. Handles that it was changing may only be destroyed.
    Panic = 1,
    /// A pointer that must not be null was null.
    NullArgument = 2,
    /// The library that was loaded does not serve programs compiled for that version.
    IncompatibleVersion = 3,
}

/// Every status with its message, in the order of the numbers.
const STATUSES: &[(memcore_status, &CStr)] = &[
    (memcore_status::Ok, c"success"),
    (memcore_status::Panic, c"a defect inside the library stopped the call"),
    (memcore_status::NullArgument, c"a pointer that must not be null was null"),
    (memcore_status::IncompatibleVersion, c"the loaded library does not serve programs of that version"),
];

fn message(status: i32) -> &'static CStr {
    STATUSES
        .iter()
        .find(|(listed, _)| *listed as i32 == status)
        .map_or(c"a status that this version of the library does not know", |(_, message)| message)
}

/// Puts a status into words.
///
/// \param status any number; one that this version does not know has a message that says so.
/// \return a message in English, without a full stop or a line end. Never null, valid for as long as the library
/// is loaded, not to be freed.
///
/// Takes time proportional to the number of statuses, allocates nothing, and may be called by any thread.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_status_message(status: i32) -> *const c_char {
    guarded(c"".as_ptr(), || message(status).as_ptr())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_listed_once_in_order() {
        assert!(STATUSES.windows(2).all(|pair| (pair[0].0 as i32) < pair[1].0 as i32));
    }

    #[test]
    fn messages_differ_and_are_never_empty() {
        let mut messages: Vec<_> = STATUSES.iter().map(|(_, message)| message).collect();
        messages.sort();
        messages.dedup();
        assert_eq!(messages.len(), STATUSES.len());
        assert!(messages.iter().all(|message| !message.is_empty()));
    }

    /// The header is written from the enum, so it shows a variant that the list lacks.
    #[test]
    fn every_status_of_the_header_is_listed() {
        let header = include_str!("../../include/memcore.h");
        let numbers: Vec<i32> = header
            .lines()
            .filter_map(|line| line.trim().strip_prefix("MEMCORE_STATUS_")?.split_once(" = "))
            .map(|(_, number)| number.trim_end_matches(',').parse().expect("cbindgen writes a number"))
            .collect();
        let listed: Vec<i32> = STATUSES.iter().map(|(status, _)| *status as i32).collect();
        assert_eq!(numbers, listed);
    }

    #[test]
    fn unknown_numbers_have_a_message() {
        for status in [-1, i32::MIN, i32::MAX] {
            assert!(message(status).to_str().unwrap().contains("does not know"));
        }
    }
}
