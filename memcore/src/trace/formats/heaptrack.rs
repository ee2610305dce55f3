//! What heaptrack's two forms share: one record a line, a letter and hexadecimal numbers without `0x`.
//!
//! ```text
//!   v VERSION [FILE-VERSION]     the first line; file versions 1, 2 and 3 differ in lines skipped here
//!   x [LENGTH] EXECUTABLE        raw          s LENGTH STRING         interpreted
//!   X COMMAND LINE                            i IP MODULE [FRAMES]    interpreted
//!   m [LENGTH] MODULE ...        raw          t IP PARENT             a node of the tree of call stacks
//!   I PAGE-SIZE PAGES            c MILLISECONDS           R RESIDENT-PAGES
//!   A                            attached at run time     S SUPPRESSION     # remark
//! ```
//!
//! None of these is an operation. Lines of any other letter are errors: a newer heaptrack that records more
//! should not be read as if it recorded less.

use crate::trace::error::Reason;
use crate::trace::input::fields::Fields;

const NEWEST_FILE_VERSION: u64 = 3;

/// Passes over a line that is no operation.
pub(super) fn skip(letter: u8, fields: &mut Fields<'_>, more: &[u8]) -> Result<(), Reason> {
    match letter {
        b'v' => {
            fields.hex("version")?;
            match fields.next() {
                None => Ok(()),
                Some(text) => {
                    let version = crate::trace::input::fields::hex(text, "file version")?;
                    if version > NEWEST_FILE_VERSION {
                        return Err(Reason::UnsupportedVersion { version, newest: NEWEST_FILE_VERSION });
                    }
                    fields.end()
                }
            }
        }
        b'X' | b'I' | b't' | b'c' | b'R' | b'A' | b'S' | b'#' => Ok(()),
        letter if more.contains(&letter) => Ok(()),
        _ => Err(Reason::UnknownOperation),
    }
}

/// The letter of a line and its fields, or `None` for a blank line.
pub(super) fn record(line: &[u8]) -> Result<Option<(u8, Fields<'_>)>, Reason> {
    let mut fields = Fields::new(line);
    match fields.next() {
        None => Ok(None),
        Some([letter]) => Ok(Some((*letter, fields))),
        Some([b'#', ..]) => Ok(Some((b'#', fields))),
        Some(_) => Err(Reason::UnknownOperation),
    }
}
