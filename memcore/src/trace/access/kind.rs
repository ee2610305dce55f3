//! What an access does.

/// What an access does. A modify (a load and a store in one instruction) is a write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum AccessKind {
    /// A load.
    #[default]
    Read = 0,
    /// A store.
    Write = 1,
    /// An instruction fetch.
    Execute = 2,
}

impl AccessKind {
    /// The kind with this number. O(1).
    pub const fn from_number(number: u8) -> Option<AccessKind> {
        match number {
            0 => Some(AccessKind::Read),
            1 => Some(AccessKind::Write),
            2 => Some(AccessKind::Execute),
            _ => None,
        }
    }
}
