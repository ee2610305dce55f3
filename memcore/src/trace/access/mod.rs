//! Accesses: what programs did with their memory, address by address.

mod kind;

pub use kind::AccessKind;
