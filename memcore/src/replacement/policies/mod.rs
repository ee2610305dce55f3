//! The policies, one file each: the idea, a picture, the paper it follows, what its parameters change.

mod arc;
mod car;
mod clock_pro;
mod fifo;
mod lirs;
mod lru;
mod mglru;
mod pff;
mod s3_fifo;
mod w_tinylfu;
mod working_set;
mod wsclock;

pub use arc::{Arc, ArcParameters, Target};
pub use car::Car;
pub use clock_pro::{ClockPro, ClockProParameters};
pub use fifo::Fifo;
pub use lirs::{Lirs, LirsParameters};
pub use lru::Lru;
pub use mglru::{MgLru, MgLruParameters};
pub use pff::{Pff, PffParameters};
pub use s3_fifo::{S3Fifo, S3FifoParameters, Warm};
pub use w_tinylfu::{WTinyLfu, WTinyLfuParameters};
pub use working_set::{WorkingSet, WorkingSetParameters};
pub use wsclock::{WsClock, WsClockParameters};
