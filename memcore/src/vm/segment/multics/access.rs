//! Who may do what to a segment: modes and ring brackets.

use super::error::SegmentedPagingError;
use crate::vm::{Access, Protection};
use core::fmt;
use serde::{Deserialize, Serialize};

/// The outermost ring.
pub const MOST_RING: u8 = 7;

/// The ring brackets of a segment, r1 <= r2 <= r3.
///
/// ```
/// use memcore::vm::segment::multics::Brackets;
/// let brackets = Brackets::new(1, 3, 5)?;
/// assert_eq!(brackets.to_string(), "1,3,5");
/// assert!(Brackets::new(3, 1, 5).is_err());
/// # Ok::<(), memcore::vm::segment::SegmentedPagingError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Brackets {
    write: u8,
    read: u8,
    call: u8,
}

impl Brackets {
    /// Data that every ring may read and write.
    pub const DATA: Brackets = Brackets { write: MOST_RING, read: MOST_RING, call: MOST_RING };
    /// A procedure that every ring may execute in its own ring and read, and ring 0 alone may write: nobody executes
    /// what an outer ring could have written.
    pub const PROCEDURE: Brackets = Brackets { write: 0, read: MOST_RING, call: MOST_RING };

    /// The brackets r1, r2, r3.
    ///
    /// # Errors
    /// [`SegmentedPagingError::Invalid`] unless r1 <= r2 <= r3 <= 7.
    pub fn new(r1: u8, r2: u8, r3: u8) -> Result<Brackets, SegmentedPagingError> {
        let brackets = Brackets { write: r1, read: r2, call: r3 };
        match brackets.validate() {
            Ok(()) => Ok(brackets),
            Err(rule) => {
                let value = u64::from(r1) << 16 | u64::from(r2) << 8 | u64::from(r3);
                Err(SegmentedPagingError::Invalid { what: "brackets", value, rule })
            }
        }
    }

    /// r1, r2, r3.
    pub fn numbers(self) -> (u8, u8, u8) {
        (self.write, self.read, self.call)
    }

    pub(super) fn validate(self) -> Result<(), &'static str> {
        match self.write <= self.read && self.read <= self.call && self.call <= MOST_RING {
            true => Ok(()),
            false => Err("must be r1 <= r2 <= r3 <= 7"),
        }
    }
}

impl fmt::Display for Brackets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{}", self.write, self.read, self.call)
    }
}

/// The rights of one process to one segment.
///
/// ```
/// use memcore::vm::{Access, Protection};
/// use memcore::vm::segment::multics::{Brackets, SegmentAccess};
/// // A supervisor's procedure that rings 4 and 5 may call at its first 2 words.
/// let modes = Protection::READ | Protection::EXECUTE;
/// let access = SegmentAccess { modes, brackets: Brackets::new(0, 3, 5)?, gates: 2 };
/// assert!(access.allows(3, Access::Execute) && !access.allows(4, Access::Execute));
/// assert_eq!((access.call(4, 1), access.call(4, 2), access.call(6, 0)), (Some(3), None, None));
/// # Ok::<(), memcore::vm::segment::SegmentedPagingError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SegmentAccess {
    /// What may be done at all. Each mode counts alone: a segment may be executable and not readable.
    pub modes: Protection,
    /// In which rings.
    pub brackets: Brackets,
    /// How many of the first words may be called from the call bracket.
    pub gates: u64,
}

impl SegmentAccess {
    /// These modes alone, for who does not care for rings: with [`Brackets::PROCEDURE`] when they allow execution,
    /// else with [`Brackets::DATA`].
    pub fn new(modes: Protection) -> SegmentAccess {
        let executable = modes.contains(Protection::EXECUTE);
        let brackets = if executable { Brackets::PROCEDURE } else { Brackets::DATA };
        SegmentAccess { modes, brackets, gates: 0 }
    }

    /// Whether an access is allowed from a ring. O(1).
    pub fn allows(&self, ring: u8, access: Access) -> bool {
        let Brackets { write, read, .. } = self.brackets;
        let in_ring = match access {
            Access::Write => ring <= write,
            Access::Read => ring <= read,
            Access::Execute => write <= ring && ring <= read,
        };
        in_ring && self.modes.contains(access.needs())
    }

    /// The ring in which a procedure runs that is called from `ring` at `offset`; `None` when it may not be called.
    /// O(1).
    pub fn call(&self, ring: u8, offset: u64) -> Option<u8> {
        let Brackets { write, read, call } = self.brackets;
        if !self.modes.contains(Protection::EXECUTE) || ring < write || ring > call {
            return None;
        }
        match ring <= read {
            true => Some(ring),
            false => (offset < self.gates).then_some(read),
        }
    }
}
