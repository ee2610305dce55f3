//! What a program puts into a segment register: an index into a table, and the privilege it asks with.
//!
//! ```text
//!   15                      3   2   1  0
//!  +-------------------------+----+------+
//!  |          index          | TI | RPL  |      TI: 0 the global table, 1 the local one
//!  +-------------------------+----+------+
//! ```
//!
//! Source: Intel SDM, volume 3A, section 3.4.2.

use core::fmt;
use serde::{Deserialize, Serialize};

/// A segment selector.
///
/// ```
/// use memcore::vm::segment::Selector;
/// let user_data = Selector(0x2B);
/// assert_eq!((user_data.index(), user_data.is_local(), user_data.privilege()), (5, false, 3));
/// assert_eq!(Selector::new(5, false, 3), Some(user_data));
/// assert!(Selector(3).is_null());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Selector(pub u16);

impl Selector {
    /// The selector that names nothing.
    pub const NULL: Selector = Selector(0);

    /// The selector of an entry of the local or the global table; `None` for an index above 8191 or a privilege
    /// above 3. O(1).
    pub fn new(index: u16, local: bool, privilege: u8) -> Option<Selector> {
        (index < 1 << 13 && privilege < 4)
            .then(|| Selector(index << 3 | u16::from(local) << 2 | u16::from(privilege)))
    }

    /// The entry of the table.
    pub fn index(self) -> u16 {
        self.0 >> 3
    }

    /// TI: whether the local table is meant.
    pub fn is_local(self) -> bool {
        self.0 & 4 != 0
    }

    /// RPL, the requested privilege level, 0 to 3.
    pub fn privilege(self) -> u8 {
        (self.0 & 3) as u8
    }

    /// Whether it names entry 0 of the global table, that is, nothing.
    pub fn is_null(self) -> bool {
        self.0 & !3 == 0
    }

    /// The same entry, asked for with another privilege; its lower 2 bits count.
    pub fn with_privilege(self, privilege: u8) -> Selector {
        Selector(self.0 & !3 | u16::from(privilege & 3))
    }

    /// What a fault pushes: index and table, the privilege bits being 0 (no external event, not the IDT).
    pub fn error_code(self) -> u16 {
        self.0 & !3
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#06x}", self.0)
    }
}
