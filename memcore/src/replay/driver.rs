//! The event loop: one trace, one target, one table from ids to handles.
//!
//! ```text
//! event  { kind, id, size }  -->  handles[id]   None: absent (never placed, failed, freed)
//!                                               Some(handle): live in the target
//! ```
//!
//! Ids are dense, so that the table is an array, made once before the first operation; no operation takes memory
//! here. What a pass wants to know it learns through an [`Observer`], whose calls are compiled into the loop; the
//! passes that measure time have one that does nothing.

use super::error::ReplayError;
use super::meter::{CHUNK, Meter};
use super::options::ReplayOptions;
use super::target::{Placed, Refusal, Target};
use crate::alloc::Request;
use crate::trace::{AllocTrace, Event, EventKind};

/// What happens in a replay. `start` and `size` are the block's place; `asked` is what the program asked for.
pub(super) trait Observer {
    fn allocated(&mut self, _id: u32, _asked: u64, _start: u64, _size: u64) {}
    /// In place.
    fn resized(&mut self, _id: u32, _asked: u64, _start: u64, _size: u64) {}
    /// To a new place; the old one was given back, unless that was refused.
    fn moved(&mut self, _id: u32, _asked: u64, _start: u64, _size: u64, _old_released: bool) {}
    fn freed(&mut self, _id: u32) {}
    /// The program is done with the block, but the target did not take it back.
    fn kept(&mut self, _id: u32) {}
    /// An allocation or realloc that the target refused.
    fn failed(&mut self) {}
    /// A realloc or free of an absent id.
    fn skipped(&mut self) {}
    /// True to end the pass at the next chance.
    fn has_seen_enough(&self) -> bool {
        false
    }
}

/// Watches nothing.
impl Observer for () {}

pub(super) struct Driver<'t, T: Target> {
    pub target: &'t mut T,
    handles: Vec<Option<T::Handle>>,
    /// Binary logarithms of the alignments that are wider than the default; 0 stands for the default. Apart from
    /// the handles, because only moving reallocs read it.
    wide: Vec<u8>,
    default_log2: u8,
    header: u64,
    /// Operations before those that run next.
    done: u64,
}

/// A table of `length` equal entries.
pub(super) fn table<E: Clone>(ids: u32, entry: E) -> Result<Vec<E>, ReplayError> {
    let mut table = Vec::new();
    table.try_reserve_exact(ids as usize).map_err(|_| ReplayError::OutOfMemory { ids })?;
    table.resize(ids as usize, entry);
    Ok(table)
}

impl<'t, T: Target> Driver<'t, T> {
    pub fn new(target: &'t mut T, trace: &AllocTrace, options: &ReplayOptions) -> Result<Self, ReplayError> {
        Ok(Driver {
            target,
            handles: table(trace.ids(), None)?,
            wide: table(trace.ids(), 0)?,
            default_log2: options.align.trailing_zeros() as u8,
            header: options.header,
            done: 0,
        })
    }

    /// Replays these operations, in steps between which the meter reports.
    pub fn run<O: Observer>(
        &mut self,
        events: &[Event],
        observer: &mut O,
        meter: &mut Meter,
    ) -> Result<(), ReplayError> {
        for chunk in events.chunks(CHUNK) {
            self.run_chunk(chunk, observer)?;
            meter.advance(chunk.len() as u64)?;
            if observer.has_seen_enough() {
                break;
            }
        }
        Ok(())
    }

    /// Replays these operations without a break.
    pub fn run_chunk<O: Observer>(&mut self, events: &[Event], observer: &mut O) -> Result<(), ReplayError> {
        for (index, event) in events.iter().enumerate() {
            if let Err(error) = self.step(event, observer) {
                return Err(ReplayError::Target { operation: self.done + index as u64, error });
            }
        }
        self.done += events.len() as u64;
        Ok(())
    }

    #[inline(always)]
    fn step<O: Observer>(&mut self, event: &Event, observer: &mut O) -> Result<(), BoxedError> {
        let id = event.id() as usize;
        match event.kind() {
            EventKind::Malloc | EventKind::Calloc => self.allocate(id, event.size(), 0, observer),
            EventKind::Aligned => {
                let log2 = event.log2_alignment() as u8;
                let wide = if log2 > self.default_log2 { log2 } else { 0 };
                self.allocate(id, event.size(), wide, observer)
            }
            EventKind::Realloc => self.realloc(id, event.size(), observer),
            EventKind::Free => self.free(id, observer),
        }
    }

    /// What the target is asked for; `None` when that is no number of bytes any more.
    #[inline]
    fn request(&self, asked: u64, wide: u8) -> Option<Request> {
        let size = asked.max(1).checked_add(self.header)?;
        let log2 = if wide == 0 { self.default_log2 } else { wide };
        Some(Request::new(size).align(1 << log2).bias(self.header))
    }

    #[inline]
    fn place(&mut self, asked: u64, wide: u8) -> Result<Option<Placed<T::Handle>>, BoxedError> {
        match self.request(asked, wide) {
            Some(request) => answer(self.target.place(request)),
            None => Ok(None),
        }
    }

    #[inline]
    fn allocate<O: Observer>(
        &mut self,
        id: usize,
        asked: u64,
        wide: u8,
        observer: &mut O,
    ) -> Result<(), BoxedError> {
        let Some(placed) = self.place(asked, wide)? else {
            observer.failed();
            return Ok(());
        };
        self.handles[id] = Some(placed.handle);
        if wide != 0 {
            self.wide[id] = wide;
        }
        observer.allocated(id as u32, asked, placed.start, placed.size);
        Ok(())
    }

    #[inline]
    fn realloc<O: Observer>(&mut self, id: usize, asked: u64, observer: &mut O) -> Result<(), BoxedError> {
        let Some(old) = self.handles[id] else {
            observer.skipped();
            return Ok(());
        };
        let in_place = match asked.max(1).checked_add(self.header) {
            Some(size) => answer(self.target.resize_in_place(old, size))?,
            None => None,
        };
        if let Some(placed) = in_place {
            self.handles[id] = Some(placed.handle);
            observer.resized(id as u32, asked, placed.start, placed.size);
            return Ok(());
        }
        let Some(placed) = self.place(asked, self.wide[id])? else {
            observer.failed();
            return Ok(());
        };
        self.handles[id] = Some(placed.handle);
        let old_released = answer(self.target.release(old))?.is_some();
        observer.moved(id as u32, asked, placed.start, placed.size, old_released);
        Ok(())
    }

    #[inline]
    fn free<O: Observer>(&mut self, id: usize, observer: &mut O) -> Result<(), BoxedError> {
        let Some(handle) = self.handles[id].take() else {
            observer.skipped();
            return Ok(());
        };
        match answer(self.target.release(handle))? {
            Some(()) => observer.freed(id as u32),
            None => observer.kept(id as u32),
        }
        Ok(())
    }
}

type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// What a target said: `None` when it refused, an error when it broke.
#[inline]
fn answer<R>(said: Result<R, Refusal>) -> Result<Option<R>, BoxedError> {
    match said {
        Ok(result) => Ok(Some(result)),
        Err(Refusal::Refused) => Ok(None),
        Err(Refusal::Broken(error)) => Err(error),
    }
}
