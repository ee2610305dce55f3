//! What a reader left out, and what it noticed: counted, with a reason, never silent.
//!
//! Real traces are full of things that are no operation (`free(NULL)`), that failed (`malloc` giving null),
//! or that the recorder did not see the other half of (a free of a block from before the recording). A trace
//! with such things is no broken trace, so they are no errors; but a footprint computed from a file that lost
//! a tenth of its frees is worth little, so the reader says how many and where the first was.

use core::fmt;

/// A thing left out or noticed while reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoteKind {
    /// `free(NULL)`: does nothing, dropped.
    NullFree,
    /// An allocation or realloc that failed in the recorded program: dropped, the old block stays.
    FailedAllocation,
    /// A free of an address that no allocation gave: dropped.
    UnmatchedFree,
    /// A realloc of an address that no allocation gave: read as an allocation of the new size.
    UnmatchedRealloc,
    /// An address given out again while live, so its free was not recorded: a free is put before it.
    ImpliedFree,
    /// An id allocated again while live: the old block stays live for ever under an id of its own.
    OverwrittenId,
    /// A free or realloc of an id that is not live: kept as an operation, for a replay to skip and count.
    AbsentId,
    /// A line of another kind among the operations (messages of the tool, output of the program).
    OtherLine,
    /// A record that stands for no access (prefetches, flushes).
    OtherRecord,
    /// An operation of another process in the same log: dropped.
    OtherProcess,
    /// A call whose result the log does not show: dropped.
    UnknownResult,
    /// The header states another number of ids than the trace has; the count is the stated one.
    StatedIds,
    /// The header states another number of operations than the trace has; the count is the stated one.
    StatedOperations,
}

impl NoteKind {
    /// A short name for tables: `null-free`, `unmatched-free`, ...
    pub const fn name(self) -> &'static str {
        match self {
            NoteKind::NullFree => "null-free",
            NoteKind::FailedAllocation => "failed-allocation",
            NoteKind::UnmatchedFree => "unmatched-free",
            NoteKind::UnmatchedRealloc => "unmatched-realloc",
            NoteKind::ImpliedFree => "implied-free",
            NoteKind::OverwrittenId => "overwritten-id",
            NoteKind::AbsentId => "absent-id",
            NoteKind::OtherLine => "other-line",
            NoteKind::OtherRecord => "other-record",
            NoteKind::OtherProcess => "other-process",
            NoteKind::UnknownResult => "unknown-result",
            NoteKind::StatedIds => "stated-ids",
            NoteKind::StatedOperations => "stated-operations",
        }
    }

    /// One sentence that says what happened and what was done about it.
    pub const fn reason(self) -> &'static str {
        match self {
            NoteKind::NullFree => "free of a null pointer does nothing: dropped",
            NoteKind::FailedAllocation => "an allocation that failed in the recorded program: dropped",
            NoteKind::UnmatchedFree => "a free of an address that no recorded allocation gave: dropped",
            NoteKind::UnmatchedRealloc => {
                "a realloc of an address that no recorded allocation gave: read as an allocation"
            }
            NoteKind::ImpliedFree => "an address given out again while live: a free was put before it",
            NoteKind::OverwrittenId => "an id allocated again while live: the old block stays live",
            NoteKind::AbsentId => "a free or realloc of an id that is not live: kept, a replay skips it",
            NoteKind::OtherLine => "a line that is no operation: skipped",
            NoteKind::OtherRecord => "a record that stands for no access: skipped",
            NoteKind::OtherProcess => "an operation of another process in the same log: dropped",
            NoteKind::UnknownResult => "a call whose result the log does not show: dropped",
            NoteKind::StatedIds => "the header states another number of ids (the count is the stated number)",
            NoteKind::StatedOperations => {
                "the header states another number of operations (the count is the stated number)"
            }
        }
    }
}

impl fmt::Display for NoteKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One kind of note, with how often it occurred and where first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// What was noticed.
    pub kind: NoteKind,
    /// How often (or, for the two `Stated` kinds, the number stated).
    pub count: u64,
    /// Where first: a line from 1 in a text format, the index of an operation from 0 otherwise.
    pub first: u64,
}

/// The notes of one reading, in the order of their first occurrence. At most one per kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes(Vec<Note>);

impl Notes {
    /// The notes. O(1).
    pub fn as_slice(&self) -> &[Note] {
        &self.0
    }

    /// How often a kind occurred; 0 when it did not. O(kinds).
    pub fn count(&self, kind: NoteKind) -> u64 {
        self.0.iter().find(|note| note.kind == kind).map_or(0, |note| note.count)
    }

    pub(crate) fn add(&mut self, kind: NoteKind, at: u64) {
        match self.0.iter_mut().find(|note| note.kind == kind) {
            Some(note) => note.count += 1,
            None => self.0.push(Note { kind, count: 1, first: at }),
        }
    }

    pub(crate) fn state(&mut self, kind: NoteKind, stated: u64, at: u64) {
        self.0.push(Note { kind, count: stated, first: at });
    }
}
