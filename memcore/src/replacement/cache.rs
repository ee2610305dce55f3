//! A cache of any keys that decides by a policy.
//!
//! Policies know pages by dense numbers. A cache gives each of its keys such a number, and takes it back when
//! the policy has forgotten the key, so that its memory follows what the policy remembers (resident keys and
//! ghosts), however many keys go by:
//!
//! ```text
//!   access(key) --> numbers: key -> 17 --> policy.access(17) --> evicted(4), forgotten(9)
//!                   keys: 17 -> key                              key of 4 to the caller; 9 free again
//! ```

use super::any::{AnyPolicy, PolicySpec};
use super::error::PolicyError;
use super::policy::{MAX_PAGES, Page, Pager, Policy};
use super::tables;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std_alloc::vec::Vec;

/// What one access did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the key was there.
    pub hit: bool,
    /// How many keys left for it; [`Cache::evicted`] names them.
    pub evictions: usize,
}

/// Counts since the cache was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Accesses.
    pub accesses: u64,
    /// Accesses to keys that were there.
    pub hits: u64,
    /// Accesses to keys that were not.
    pub misses: u64,
    /// Keys that left to make room.
    pub evictions: u64,
    /// Keys that left after a write to them, or were cleaned by the policy.
    pub writebacks: u64,
}

/// A cache of `u64` keys (it holds keys, no values: what they stand for is the caller's).
///
/// ```
/// use memcore::replacement::Cache;
/// let mut cache = Cache::new(&"lru".parse()?, 2)?;
/// cache.access(1 << 60, false)?;
/// cache.access(7, false)?;
/// assert!(cache.access(1 << 60, false)?.hit);
/// assert_eq!(cache.access(8, false)?.evictions, 1);
/// assert_eq!(cache.evicted(), [7]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cache<P: Policy = AnyPolicy> {
    policy: P,
    book: Book,
    numbers: HashTable<Page>,
    stats: CacheStats,
}

/// What the cache knows of each number, and what the policy told of them in the last call.
#[derive(Clone, Debug, Default)]
struct Book {
    keys: Vec<u64>,
    dirty: Vec<bool>,
    free: Vec<Page>,
    reserved: u32,
    evicted: Vec<u64>,
    forgotten: Vec<Page>,
    writebacks: u64,
}

impl Pager for Book {
    fn is_dirty(&self, page: Page) -> bool {
        self.dirty[page as usize]
    }

    fn clean(&mut self, page: Page) {
        self.writebacks += u64::from(core::mem::take(&mut self.dirty[page as usize]));
    }

    fn evicted(&mut self, page: Page) {
        self.clean(page);
        self.evicted.push(self.keys[page as usize]);
    }

    fn forgotten(&mut self, page: Page) {
        self.forgotten.push(page);
    }
}

const FIRST_PAGES: u32 = 64;

impl Cache<AnyPolicy> {
    /// An empty cache of so many keys. O(1).
    ///
    /// # Errors
    /// [`PolicyError::Frames`], [`PolicyError::Spec`]; [`PolicyError::NeedsFuture`] for OPT.
    pub fn new(spec: &PolicySpec, frames: u32) -> Result<Self, PolicyError> {
        if spec.facts().needs_future {
            return Err(PolicyError::NeedsFuture { policy: spec.name(), wanted_by: "a cache" });
        }
        Ok(Cache::with_policy(AnyPolicy::of(spec, frames)?))
    }
}

impl<P: Policy> Cache<P> {
    /// An empty cache that decides by this policy, which must be empty. O(1).
    pub fn with_policy(policy: P) -> Self {
        Cache { policy, book: Book::default(), numbers: HashTable::new(), stats: CacheStats::default() }
    }

    /// One access to a key: it is there afterwards. Whom the policy evicted for it, [`evicted`](Self::evicted)
    /// tells. Expected O(1) beside the policy's own cost.
    ///
    /// # Errors
    /// [`PolicyError::OutOfMemory`], [`PolicyError::Pages`]: the cache is as it was.
    pub fn access(&mut self, key: u64, write: bool) -> Result<Outcome, PolicyError> {
        self.book.evicted.clear();
        let page = match self.find(key) {
            Some(page) => page,
            None => self.number(key)?,
        };
        let hit = self.policy.access(page, &mut self.book);
        self.stats.accesses += 1;
        self.stats.hits += u64::from(hit);
        if self.policy.is_resident(page) {
            self.book.dirty[page as usize] |= write;
        }
        self.settle();
        Ok(Outcome { hit, evictions: self.book.evicted.len() })
    }

    /// Drops a key that is there or that the policy remembers; true iff it was there. Expected O(1) beside the
    /// policy's own cost.
    pub fn remove(&mut self, key: u64) -> bool {
        self.book.evicted.clear();
        let Some(page) = self.find(key) else { return false };
        let was_there = self.policy.is_resident(page);
        self.policy.remove(page, &mut self.book);
        self.settle();
        was_there
    }

    /// The keys that the last access evicted.
    pub fn evicted(&self) -> &[u64] {
        &self.book.evicted
    }

    /// Whether a key is there; no access. Expected O(1).
    pub fn contains(&self, key: u64) -> bool {
        self.find(key).is_some_and(|page| self.policy.is_resident(page))
    }

    /// The keys that are there, in no order. O(keys remembered).
    pub fn keys(&self) -> impl Iterator<Item = u64> + '_ {
        let resident = self.numbers.iter().filter(|&&page| self.policy.is_resident(page));
        resident.map(|&page| self.book.keys[page as usize])
    }

    /// How many keys are there. O(1).
    pub fn len(&self) -> usize {
        self.policy.resident() as usize
    }

    /// Whether none is. O(1).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many keys may be there. O(1).
    pub fn frames(&self) -> u32 {
        self.policy.frames()
    }

    /// The counts. O(1).
    pub fn stats(&self) -> CacheStats {
        CacheStats { misses: self.stats.accesses - self.stats.hits, ..self.stats }
    }

    /// The policy. O(1).
    pub fn policy(&self) -> &P {
        &self.policy
    }

    /// Bytes of memory held. O(1).
    pub fn metadata_bytes(&self) -> usize {
        self.policy.metadata_bytes()
            + tables::bytes_of(&self.book.keys)
            + tables::bytes_of(&self.book.dirty)
            + tables::bytes_of(&self.book.free)
            + self.numbers.allocation_size()
    }

    fn find(&self, key: u64) -> Option<Page> {
        self.numbers.find(hash(key), |&page| self.book.keys[page as usize] == key).copied()
    }

    /// Gives a key a number.
    fn number(&mut self, key: u64) -> Result<Page, PolicyError> {
        let book = &mut self.book;
        let page = match book.free.last() {
            Some(&page) => page,
            None => book.keys.len() as Page,
        };
        if page == book.reserved {
            let more = book.reserved.saturating_mul(2).clamp(FIRST_PAGES, MAX_PAGES);
            if more == book.reserved {
                return Err(PolicyError::Pages { pages: u64::from(more) + 1 });
            }
            for table in [&mut book.free, &mut book.forgotten] {
                tables::make_room(table, more as usize)?;
            }
            tables::make_room(&mut book.keys, more as usize)?;
            tables::make_room(&mut book.dirty, more as usize)?;
            tables::make_room(&mut book.evicted, more as usize)?;
            self.policy.reserve(more)?;
            book.reserved = more;
        }
        let entry = size_of::<Page>() as u64;
        let keys = &book.keys;
        self.numbers
            .try_reserve(1, |&page| hash(keys[page as usize]))
            .map_err(|_| PolicyError::OutOfMemory { bytes: 2 * entry * keys.len() as u64 })?;
        if book.free.pop().is_some() {
            book.keys[page as usize] = key;
        } else {
            book.keys.push(key);
            book.dirty.push(false);
        }
        let keys = &book.keys;
        self.numbers.insert_unique(hash(key), page, |&page| hash(keys[page as usize]));
        Ok(page)
    }

    /// Takes back the numbers of forgotten keys, and counts.
    fn settle(&mut self) {
        let book = &mut self.book;
        self.stats.evictions += book.evicted.len() as u64;
        self.stats.writebacks += core::mem::take(&mut book.writebacks);
        for page in book.forgotten.drain(..) {
            let key = book.keys[page as usize];
            if let Ok(entry) = self.numbers.find_entry(hash(key), |&other| other == page) {
                entry.remove();
                book.dirty[page as usize] = false;
                book.free.push(page);
            }
        }
    }
}

fn hash(key: u64) -> u64 {
    use core::hash::BuildHasher;
    FixedState::default().hash_one(key)
}
