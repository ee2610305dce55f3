//! The small words of the room: processes, nodes, frames, protections, kinds of access.

use core::fmt;
use serde::{Deserialize, Serialize};

/// A process, by its number. Numbers are given in order from 1 and never twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProcessId(pub u32);

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A page frame, by its number.
pub type Frame = u64;

/// A NUMA node, by its number.
pub type Node = u32;

/// How memory is accessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Access {
    /// Bytes are read.
    Read,
    /// Bytes are written.
    Write,
    /// An instruction is fetched.
    Execute,
}

impl Access {
    /// `read`, `write` or `execute`.
    pub fn name(self) -> &'static str {
        match self {
            Access::Read => "read",
            Access::Write => "write",
            Access::Execute => "execute",
        }
    }

    /// The protection that it needs.
    pub fn needs(self) -> Protection {
        match self {
            Access::Read => Protection::READ,
            Access::Write => Protection::WRITE,
            Access::Execute => Protection::EXECUTE,
        }
    }
}

/// What may be done to the pages of an area.
///
/// ```
/// use memcore::vm::{Access, Protection};
/// let protection = Protection::READ | Protection::WRITE;
/// assert!(protection.allows(Access::Write) && !protection.allows(Access::Execute));
/// // As on x86: what may be written or executed may be read.
/// assert!(Protection::WRITE.allows(Access::Read));
/// assert_eq!(protection.to_string(), "rw-");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Protection(u8);

impl Protection {
    /// Nothing.
    pub const NONE: Protection = Protection(0);
    /// Reading.
    pub const READ: Protection = Protection(1);
    /// Writing; on the hardware here that implies reading.
    pub const WRITE: Protection = Protection(2);
    /// Executing; on the hardware here that implies reading.
    pub const EXECUTE: Protection = Protection(4);

    /// The protection of these bits: 1 read, 2 write, 4 execute, as `PROT_*` in `sys/mman.h`. `None` for others.
    pub fn from_bits(bits: u32) -> Option<Protection> {
        (bits < 8).then_some(Protection(bits as u8))
    }

    /// The bits, as [`from_bits`](Self::from_bits) reads them.
    pub fn bits(self) -> u32 {
        self.0.into()
    }

    /// Whether all of `other` is in it.
    pub fn contains(self, other: Protection) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether an access is allowed.
    pub fn allows(self, access: Access) -> bool {
        match access {
            Access::Read => self != Protection::NONE,
            other => self.contains(other.needs()),
        }
    }
}

impl core::ops::BitOr for Protection {
    type Output = Protection;

    fn bitor(self, other: Protection) -> Protection {
        Protection(self.0 | other.0)
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (bit, letter) in [(Protection::READ, 'r'), (Protection::WRITE, 'w'), (Protection::EXECUTE, 'x')] {
            fmt::Write::write_char(f, if self.contains(bit) { letter } else { '-' })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
