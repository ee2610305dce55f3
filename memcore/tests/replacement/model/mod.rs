//! Naive reference models: a list of pages, searched from end to end, and the rule of the paper in so many words.
//!
//! A model asks its [`World`] what a policy asks its pager, in the same order (reading a referenced bit clears it), and
//! tells it of each eviction.
//!
//! A new model is one small file and one line in the list below.

mod aging;
mod arc;
mod car;
mod clock;
mod clock_pro;
mod fifo;
mod lfu;
mod lfuda;
mod lirs;
mod lru;
mod lru_k;
mod mglru;
mod mru;
mod nru;
mod pff;
pub mod random;
mod s3_fifo;
mod sieve;
mod slru;
mod ticks;
mod two_q;
mod w_tinylfu;
mod working_set;
mod wsclock;

use crate::world::World;
use memcore::replacement::*;

/// A policy, as its paper says it.
pub trait Model {
    /// One reference: true iff the page was resident. Whom it evicts, the world is told (`world.evicted`). The page is
    /// resident afterwards, unless every frame holds a pinned page.
    fn access(&mut self, page: Page, world: &mut World) -> bool;

    /// Forgets a page, resident or ghost: true iff anything was known of it.
    fn remove(&mut self, page: Page) -> bool;

    /// Whether the page has a frame.
    fn is_resident(&self, page: Page) -> bool;

    /// A tick of the clock, for policies that look at referenced bits from time to time.
    fn tick(&mut self, _world: &mut World) {}

    /// All references to come, for policies that need the future.
    fn foresee(&mut self, _references: &[Page]) {}
}

macro_rules! models {
    ($($policy:ident: $model:expr,)+) => {
        /// The model of a policy, empty.
        pub fn model(spec: &PolicySpec, frames: usize) -> Box<dyn Model> {
            match spec {
                $(PolicySpec::$policy(parameters) => {
                    let made = $model;
                    Box::new(made(parameters, frames))
                })+
                other => panic!("{other} has no model"),
            }
        }
    };
}

models! {
    Fifo: |_: &(), frames| fifo::Fifo::new(frames),
    Lru: |_: &(), frames| lru::Lru::new(frames),
    Mru: |_: &(), frames| mru::Mru::new(frames),
    Random: |given: &RandomParameters, frames| random::Random::new(frames, given.seed),
    Clock: |given: &ClockParameters, frames| clock::Clock::new(frames, given.set_on_load),
    Nru: |given: &NruParameters, frames| nru::Nru::new(frames, given.tick),
    Aging: |given: &AgingParameters, frames| aging::Aging::new(frames, given.bits, given.tick),
    Lfu: |given: &LfuParameters, frames| lfu::Lfu::new(frames, *given),
    Lfuda: |_: &(), frames| lfuda::Lfuda::new(frames),
    LruK: |given: &LruKParameters, frames| lru_k::LruK::new(frames, *given),
    Slru: |given: &SlruParameters, frames| slru::Slru::new(frames, given.protected),
    TwoQ: |given: &TwoQParameters, frames| two_q::TwoQ::new(frames, given),
    Sieve: |_: &(), frames| sieve::Sieve::new(frames),
    Arc: |given: &ArcParameters, frames| arc::Arc::new(given, frames),
    Car: |given: &ArcParameters, frames| car::Car::new(given, frames),
    Lirs: |given: &LirsParameters, frames| lirs::Lirs::new(given, frames),
    ClockPro: |given: &ClockProParameters, frames| clock_pro::ClockPro::new(given, frames),
    S3Fifo: |given: &S3FifoParameters, frames| s3_fifo::S3Fifo::new(given, frames),
    WTinyLfu: |given: &WTinyLfuParameters, frames| w_tinylfu::WTinyLfu::new(given, frames),
    MgLru: |given: &MgLruParameters, frames| mglru::MgLru::new(given, frames),
    WorkingSet: |given: &WorkingSetParameters, frames| working_set::WorkingSet::new(given, frames),
    WsClock: |given: &WsClockParameters, frames| wsclock::WsClock::new(given, frames),
    Pff: |given: &PffParameters, frames| pff::Pff::new(given, frames),
}

/// The first of these pages that may leave.
pub fn first_evictable<'a>(pages: impl IntoIterator<Item = &'a Page>, world: &World) -> Option<Page> {
    pages.into_iter().copied().find(|&page| world.is_evictable(page))
}

/// Takes a page out of a list; true iff it was there.
pub fn take(pages: &mut Vec<Page>, page: Page) -> bool {
    let found = pages.iter().position(|&other| other == page);
    found.map(|index| pages.remove(index)).is_some()
}
