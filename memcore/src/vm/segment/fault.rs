//! What the segment unit raises: a vector and an error code as the processor has them, and in words why.
//!
//! The processor tells a handler no more than vector and code; most violations share one. The reason is what a
//! student, or a debugger, wants to know beyond that.
//!
//! Source: Intel SDM, volume 3A, sections 6.13 and 6.15.

use super::selector::Selector;
use core::fmt;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The exception that is raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Vector {
    /// `#NP`, 11: the segment is not in memory.
    NotPresent,
    /// `#SS`, 12: the same of the stack segment, or a limit passed on the stack.
    StackFault,
    /// `#GP`, 13: everything else.
    GeneralProtection,
}

impl Vector {
    /// Its number in the interrupt table.
    pub fn number(self) -> u8 {
        match self {
            Vector::NotPresent => 11,
            Vector::StackFault => 12,
            Vector::GeneralProtection => 13,
        }
    }

    /// Its mnemonic: `NP`, `SS` or `GP`.
    pub fn name(self) -> &'static str {
        match self {
            Vector::NotPresent => "NP",
            Vector::StackFault => "SS",
            Vector::GeneralProtection => "GP",
        }
    }
}

/// Why a segment could not be loaded or an access not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FaultReason {
    /// A null selector where a segment is needed, or an access through a register that holds one.
    Null,
    /// The index is past the end of its table, or there is no local table.
    OutsideTable,
    /// Not a segment of the kind that the register takes.
    WrongKind,
    /// The privilege levels do not allow it.
    Privilege,
    /// The segment is not in memory.
    NotPresent,
    /// A byte is outside the limit.
    Limit,
    /// The segment is in use, but does not allow this kind of access.
    Access,
}

impl FaultReason {
    /// A short name.
    pub fn name(self) -> &'static str {
        match self {
            FaultReason::Null => "null-selector",
            FaultReason::OutsideTable => "outside-table",
            FaultReason::WrongKind => "wrong-kind",
            FaultReason::Privilege => "privilege",
            FaultReason::NotPresent => "not-present",
            FaultReason::Limit => "limit",
            FaultReason::Access => "access",
        }
    }
}

/// A fault of the segment unit; the unit is as it was before the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Error)]
pub struct SegmentFault {
    /// The exception.
    pub vector: Vector,
    /// The error code: index and table of the selector that is at fault, or 0 for an access.
    pub code: u16,
    /// Why.
    pub reason: FaultReason,
}

impl SegmentFault {
    /// `#GP(selector)`.
    pub(super) fn protection(selector: Selector, reason: FaultReason) -> SegmentFault {
        SegmentFault { vector: Vector::GeneralProtection, code: selector.error_code(), reason }
    }

    /// `#NP(selector)`, or `#SS(selector)` of a stack.
    pub(super) fn not_present(selector: Selector, vector: Vector) -> SegmentFault {
        SegmentFault { vector, code: selector.error_code(), reason: FaultReason::NotPresent }
    }
}

impl fmt::Display for SegmentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}({:#06x}): {}", self.vector.name(), self.code, self.reason.name())
    }
}
