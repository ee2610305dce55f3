//! One cache: which lines are in it, which of them are dirty, who leaves for another.
//!
//! It does what it is told (find, use, fill, remove) and decides only who leaves; what an access means, where a
//! missing line comes from and where a victim goes is the business of the [`Hierarchy`](super::Hierarchy)
//! or of whoever builds another one from these.

use super::error::CacheError;
use super::geometry::Geometry;
use super::set_policy::SetPolicy;
use super::sets::{Place, Sets};
use crate::replacement::Cache;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// The line was written since it came in.
const DIRTY: u8 = 2;
/// The line was prefetched and not asked for since.
const PREFETCHED: u8 = 4;

/// What is known of a line beside its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineState {
    /// It was written since it came in.
    pub dirty: bool,
    /// It was prefetched and not asked for since.
    pub prefetched: bool,
}

impl LineState {
    fn flags(self) -> u8 {
        (u8::from(self.dirty) * DIRTY) | (u8::from(self.prefetched) * PREFETCHED)
    }

    fn of(flags: u8) -> LineState {
        LineState { dirty: flags & DIRTY != 0, prefetched: flags & PREFETCHED != 0 }
    }
}

/// A line that left for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Victim {
    /// Its number: address / line size.
    pub line: u64,
    /// What it was.
    pub state: LineState,
}

/// A cache of numbered lines in sets and ways.
///
/// 10 bytes a line and what the policy needs (see [`SetPolicy`]).
///
/// ```
/// use memcore::cache::{Geometry, LineState, SetAssociative, SetPolicy};
/// let mut cache = SetAssociative::new(Geometry::new(2, 2, 64)?, &SetPolicy::Lru)?;
/// for line in [0, 2, 4] {
///     assert_eq!(cache.lookup(line), None);
///     let victim = cache.fill(line, LineState::default())?;
///     assert_eq!(victim.map(|victim| victim.line), (line == 4).then_some(0));
/// }
/// assert!(cache.contains(2) && !cache.contains(0));
/// # Ok::<(), memcore::cache::CacheError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SetAssociative {
    geometry: Geometry,
    policy: SetPolicy,
    sets: Sets<u64>,
    /// One for each set, where a policy of the replacement room decides; else none.
    rooms: Vec<Cache>,
}

impl SetAssociative {
    /// An empty cache. O(lines).
    ///
    /// # Errors
    /// As [`SetPolicy::check`]; [`CacheError::OutOfMemory`].
    pub fn new(geometry: Geometry, policy: &SetPolicy) -> Result<SetAssociative, CacheError> {
        let sets = Sets::new(geometry.sets(), geometry.ways(), policy, 0)?;
        let rooms = rooms_for(geometry, policy)?;
        Ok(SetAssociative { geometry, policy: policy.clone(), sets, rooms })
    }

    /// Its shape. O(1).
    pub fn geometry(&self) -> Geometry {
        self.geometry
    }

    /// Its policy. O(1).
    pub fn policy(&self) -> &SetPolicy {
        &self.policy
    }

    /// Uses a line, if it is there; gives what was known of it until now. It is no longer a prefetched one.
    /// O(ways).
    #[inline]
    pub fn lookup(&mut self, line: u64) -> Option<LineState> {
        self.use_line(line, false)
    }

    /// Uses a line, if it is there, and makes it dirty; gives what was known of it until now. It is no longer
    /// a prefetched one. O(ways).
    #[inline]
    pub fn write(&mut self, line: u64) -> Option<LineState> {
        self.use_line(line, true)
    }

    /// Uses a line, if it is there, for someone who only guesses that it will be needed: it stays a prefetched
    /// one. True iff it is there. O(ways).
    pub fn peek(&mut self, line: u64) -> bool {
        self.find_and_use(line).is_some()
    }

    #[inline]
    fn use_line(&mut self, line: u64, write: bool) -> Option<LineState> {
        let at = self.find_and_use(line)?;
        let flags = self.sets.flags(at);
        let next = (flags & !PREFETCHED) | (u8::from(write) * DIRTY);
        if next != flags {
            self.sets.set_flags(at, next);
        }
        Some(LineState::of(flags))
    }

    #[inline]
    fn find(&self, line: u64) -> Option<Place> {
        self.sets.find(line, |tag| *tag == line)
    }

    #[inline]
    fn find_and_use(&mut self, line: u64) -> Option<Place> {
        let at = self.find(line)?;
        if !self.rooms.is_empty() {
            // A key that is there needs no new number, the only thing that can fail.
            let _ = self.rooms[self.sets.set_of(line)].access(line, false);
        }
        self.sets.used(at);
        Some(at)
    }

    /// Brings in a line that is not there; gives who left for it. A line that is there is used and takes on
    /// what it lacks of `state`. O(ways) beside what a policy of the replacement room costs.
    ///
    /// # Errors
    /// [`CacheError::Policy`] with out of memory, from a policy of the replacement room; the cache is as it
    /// was.
    pub fn fill(&mut self, line: u64, state: LineState) -> Result<Option<Victim>, CacheError> {
        if let Some(at) = self.find_and_use(line) {
            self.sets.set_flags(at, self.sets.flags(at) | state.flags());
            return Ok(None);
        }
        let set = self.sets.set_of(line);
        let Some(room) = self.rooms.get_mut(set) else {
            let victim = self.sets.fill(line, state.flags());
            return Ok(victim.map(|(line, flags)| Victim { line, state: LineState::of(flags) }));
        };
        room.access(line, false)?;
        let mut victim = None;
        for &gone in room.evicted() {
            if let Some(at) = self.sets.find(gone, |tag| *tag == gone) {
                victim = Some(Victim { line: gone, state: LineState::of(self.sets.flags(at)) });
                self.sets.remove(at);
            }
        }
        if let (true, Some(at)) = (room.contains(line), self.sets.free_place(set)) {
            self.sets.put(at, line, state.flags());
        }
        Ok(victim)
    }

    /// Whether a line is there; no use. O(ways).
    pub fn contains(&self, line: u64) -> bool {
        self.state(line).is_some()
    }

    /// What is known of a line, if it is there; no use. O(ways).
    pub fn state(&self, line: u64) -> Option<LineState> {
        let at = self.find(line)?;
        Some(LineState::of(self.sets.flags(at)))
    }

    /// Makes a line clean, if it is there; no use. O(ways).
    pub fn clean(&mut self, line: u64) {
        if let Some(at) = self.find(line) {
            self.sets.set_flags(at, self.sets.flags(at) & !DIRTY);
        }
    }

    /// Makes a line dirty, if it is there, without a use; true iff it is there. O(ways).
    pub fn soil(&mut self, line: u64) -> bool {
        let at = self.find(line);
        if let Some(at) = at {
            self.sets.set_flags(at, self.sets.flags(at) | DIRTY);
        }
        at.is_some()
    }

    /// Removes a line; gives what it was, if it was there. O(ways).
    pub fn remove(&mut self, line: u64) -> Option<LineState> {
        let at = self.find(line)?;
        let state = LineState::of(self.sets.flags(at));
        self.sets.remove(at);
        if let Some(room) = self.rooms.get_mut(self.sets.set_of(line)) {
            room.remove(line);
        }
        Some(state)
    }

    /// Removes the lines from `first` to `last`, calls `each` with every one that was there. O(lines in the
    /// range x ways), or O(lines in the cache) where that is less.
    pub fn remove_range(&mut self, first: u64, last: u64, mut each: impl FnMut(Victim)) {
        if last.saturating_sub(first) < self.geometry.lines() {
            for line in first..=last {
                if let Some(state) = self.remove(line) {
                    each(Victim { line, state });
                }
            }
            return;
        }
        let Self { sets, rooms, .. } = self;
        sets.remove_if(|set, &line, flags| {
            let leaves = (first..=last).contains(&line);
            if leaves {
                each(Victim { line, state: LineState::of(flags) });
                if let Some(room) = rooms.get_mut(set) {
                    room.remove(line);
                }
            }
            leaves
        });
    }

    /// The lines that are there, set by set. O(lines in the cache).
    pub fn lines(&self) -> impl Iterator<Item = Victim> + '_ {
        self.sets.entries().map(|(line, flags)| Victim { line, state: LineState::of(flags) })
    }

    /// Empties it; everything is as when it was made. O(lines).
    ///
    /// # Errors
    /// As [`new`](Self::new), with a policy of the replacement room; the cache is then as it was.
    pub fn reset(&mut self) -> Result<(), CacheError> {
        if !self.rooms.is_empty() {
            self.rooms = rooms_for(self.geometry, &self.policy)?;
        }
        self.sets.reset();
        Ok(())
    }

    /// Bytes of memory held. O(1); O(sets) with a policy of the replacement room.
    pub fn metadata_bytes(&self) -> usize {
        let rooms = self.rooms.capacity() * size_of::<Cache>();
        self.sets.metadata_bytes() + rooms + self.rooms.iter().map(Cache::metadata_bytes).sum::<usize>()
    }
}

/// A cache of keys for each set, where a policy of the replacement room decides.
fn rooms_for(geometry: Geometry, policy: &SetPolicy) -> Result<Vec<Cache>, CacheError> {
    let mut rooms = Vec::new();
    if let SetPolicy::Room(spec) = policy {
        let bytes = geometry.sets().saturating_mul(size_of::<Cache>() as u64);
        let out_of_memory = CacheError::OutOfMemory { bytes };
        let sets = usize::try_from(geometry.sets()).map_err(|_| out_of_memory.clone())?;
        rooms.try_reserve_exact(sets).map_err(|_| out_of_memory)?;
        for _ in 0..sets {
            rooms.push(Cache::new(spec, geometry.ways())?);
        }
    }
    Ok(rooms)
}
