//! The policies, one file each: the idea, a picture, the paper it follows, what its parameters change.

mod aging;
mod clock;
mod fifo;
mod lfu;
mod lfuda;
mod lru;
mod lru_k;
mod mru;
mod nru;
mod opt;
mod random;
mod sieve;
mod slru;
mod two_q;

pub use aging::{Aging, AgingParameters};
pub use clock::{Clock, ClockParameters};
pub use fifo::Fifo;
pub use lfu::{Lfu, LfuParameters, Tie};
pub use lfuda::Lfuda;
pub use lru::Lru;
pub use lru_k::{LruK, LruKParameters};
pub use mru::Mru;
pub use nru::{Nru, NruParameters};
pub use opt::Opt;
pub use random::{Random, RandomParameters};
pub use sieve::Sieve;
pub use slru::{Slru, SlruParameters};
pub use two_q::{TwoQ, TwoQParameters};
