//! LFUDA, least frequently used with dynamic aging: a page's priority is its references plus the age of the cache at
//! its last one.
//!
//! ```text
//!   reference:   priority(page) = references(page) + age          e 1   a 2   d 91   b 93   c 180
//!   eviction:    the lowest priority leaves, and is the new age   ^ leaves; age = 1; a new page starts at 2
//! ```
//!
//! LFU never forgets what was popular once. Here the age rises with each eviction, so that a page which is not
//! referenced any more is overtaken in time; nothing is halved, and no parameter has to be tuned. Arlitt, Cherkasova,
//! Dilley, Friedrich, Jin, "Evaluating content management techniques for web proxy caches", ACM SIGMETRICS Performance
//! Evaluation Review 27(4), 2000 (with all costs and sizes 1). A page's references start at 1 each time it comes in;
//! among equals the least recently used leaves, which the paper leaves open.
//!
//! Good where popularity is skewed and drifts. Not a stack algorithm: the age depends on the frames.

use crate::replacement::error::PolicyError;
use crate::replacement::heap::Heap;
use crate::replacement::policy::{Facts, Named, Page, Pager, Policy, check_frames};
use crate::replacement::tables;
use serde::{Deserialize, Serialize};

/// LFU with dynamic aging. O(1) an access, O(log resident pages) an eviction, on average over the accesses between two;
/// 51 bytes a page.
///
/// ```
/// use memcore::replacement::Cache;
/// let mut cache = Cache::new(&"lfuda".parse()?, 2)?;
/// for key in [1, 1, 1, 2, 3, 4, 5] {
///     cache.access(key, false)?;
/// }
/// assert_eq!(cache.evicted(), [1]); // 2 and 3 left, the age is 2, and 4 came in with 3, as many as 1 has
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lfuda {
    frames: u32,
    age: u64,
    now: u64,
    /// By priority, then by last reference; the count is that of the references.
    pages: Heap,
}

impl Lfuda {
    #[inline]
    fn key(&mut self, references: u32) -> (u64, u64) {
        self.now += 1;
        (self.age + u64::from(references), self.now)
    }
}

impl Named for Lfuda {
    const NAME: &'static str = "lfuda";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = ();

    fn new(_parameters: &(), frames: u32) -> Result<Self, PolicyError> {
        Ok(Lfuda { frames: check_frames(frames)?, age: 0, now: 0, pages: Heap::new() })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.pages.pages()])
    }
}

impl Policy for Lfuda {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        self.pages.reserve(pages)
    }

    fn frames(&self) -> u32 {
        self.frames
    }

    fn resident(&self) -> u32 {
        self.pages.length()
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.pages.contains(page)
    }

    #[inline]
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        let references = self.pages.count(page).saturating_add(1);
        let key = self.key(references);
        self.pages.set_count(page, references);
        self.pages.set_key(page, key);
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let victim = self.pages.pop_evictable(pager)?;
        // A page that was pinned while others left may be younger than the age.
        self.age = self.age.max(self.pages.key(victim).0);
        pager.evicted(victim);
        pager.forgotten(victim);
        Some(victim)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        let key = self.key(1);
        self.pages.set_count(page, 1);
        self.pages.insert(page, key);
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let known = self.is_resident(page);
        if known {
            self.pages.remove(page);
            pager.forgotten(page);
        }
        known
    }

    fn metadata_bytes(&self) -> usize {
        self.pages.metadata_bytes()
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, self.now.max(self.age))?;
        let from_the_future =
            |key: (u64, u64), count: u32| key.0 > self.age + u64::from(count) || key.1 > self.now;
        if self.pages.iter().any(|(_, inside, key, count)| inside && from_the_future(key, count)) {
            return Err(
                "a page's priority is above its references and the age, or it was used in the future",
            );
        }
        self.pages.validate(self.reserved())
    }
}
