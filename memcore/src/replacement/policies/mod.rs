//! The policies, one file each: the idea, a picture, the paper it follows, what its parameters change.

mod fifo;
mod lru;
mod opt;

pub use fifo::Fifo;
pub use lru::Lru;
pub use opt::Opt;
