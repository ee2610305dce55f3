//! A reference step by step, for teaching.

use super::access::Brackets;
use super::error::MulticsFault;
use crate::vm::{Access, Protection};
use core::fmt;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// One step of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SegmentedStep {
    /// The segment number is compared with the bound of the descriptor segment.
    Bound {
        /// The segment number.
        number: u32,
        /// The first number that is too large.
        bound: u32,
        /// Whether it is below.
        within: bool,
    },
    /// The word of the descriptor segment is read.
    Descriptor {
        /// The segment number.
        number: u32,
        /// The segment that is attached there.
        segment: Option<u32>,
    },
    /// The offset is compared with the length of the segment.
    Length {
        /// The offset.
        offset: u64,
        /// The length.
        length: u64,
        /// Whether it is below.
        within: bool,
    },
    /// Modes and rings are compared.
    Rights {
        /// The ring of the reference.
        ring: u8,
        /// Its kind.
        access: Access,
        /// The modes of the segment.
        modes: Protection,
        /// Its brackets.
        brackets: Brackets,
        /// Whether it is allowed.
        allowed: bool,
    },
    /// The word of the page table is read.
    PageTable {
        /// The segment.
        segment: u32,
        /// The page.
        page: u32,
        /// Its frame.
        frame: Option<u32>,
    },
    /// The address is put together.
    Memory {
        /// The frame.
        frame: u32,
        /// The offset in it.
        within: u64,
        /// The address.
        address: u64,
    },
}

impl fmt::Display for SegmentedStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = |good: bool| if good { "yes" } else { "no" };
        match *self {
            SegmentedStep::Bound { number, bound, within } => {
                write!(f, "segment number {number} < bound {bound}: {}", verdict(within))
            }
            SegmentedStep::Descriptor { number, segment: Some(segment) } => {
                write!(f, "descriptor word {number}: segment {segment}")
            }
            SegmentedStep::Descriptor { number, segment: None } => {
                write!(f, "descriptor word {number}: missing")
            }
            SegmentedStep::Length { offset, length, within } => {
                write!(f, "offset {offset} < length {length}: {}", verdict(within))
            }
            SegmentedStep::Rights { ring, access, modes, brackets, allowed } => {
                let (name, allowed) = (access.name(), verdict(allowed));
                write!(f, "{name} in ring {ring} of {modes} rings {brackets}: {allowed}")
            }
            SegmentedStep::PageTable { page, frame: Some(frame), .. } => {
                write!(f, "page {page}: frame {frame}")
            }
            SegmentedStep::PageTable { page, frame: None, .. } => write!(f, "page {page}: missing"),
            SegmentedStep::Memory { frame, within, address } => {
                write!(f, "frame {frame}, offset {within}: address {address}")
            }
        }
    }
}

/// The steps of a reference, and what came of it. Shown one step a line.
///
/// ```
/// use memcore::vm::{Access, Protection};
/// use memcore::vm::segment::multics::{SegmentAccess, SegmentedPaging};
/// let mut machine = SegmentedPaging::new(1024, 4)?;
/// let (process, segment) = (machine.add_process(8)?, machine.create_segment(2500)?);
/// machine.attach(process, 5, segment, SegmentAccess::new(Protection::READ))?;
/// machine.bring_in(segment, 2)?;
/// assert_eq!(machine.walk(process, 4, 5, 2060, Access::Read).to_string(), "\
/// segment number 5 < bound 8: yes
/// descriptor word 5: segment 0
/// offset 2060 < length 2500: yes
/// read in ring 4 of r-- rings 7,7,7: yes
/// page 2: frame 0
/// frame 0, offset 12: address 12
/// ");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentedWalk {
    /// The steps, in order; the last is the one that failed, if one did.
    pub steps: Vec<SegmentedStep>,
    /// The address, or the fault.
    pub outcome: Result<u64, MulticsFault>,
}

impl fmt::Display for SegmentedWalk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            writeln!(f, "{step}")?;
        }
        match &self.outcome {
            Ok(_) => Ok(()),
            Err(fault) => writeln!(f, "fault: {}", fault.kind.name()),
        }
    }
}
