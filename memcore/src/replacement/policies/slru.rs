//! SLRU, segmented LRU: a page must be used twice before it counts as one that is used.
//!
//! ```text
//!   miss --> newest [ probationary ] oldest --> leaves
//!                 \     ^
//!              hit \     \ the oldest, when the protected segment is full
//!                   v     \
//!            newest [ protected ] oldest
//! ```
//!
//! Both segments are LRU lists. Pages that are used once pass through the probationary segment and leave the protected
//! one alone, so a scan costs little; a page that falls out of the protected segment has a second chance in the other.
//! Karedla, Love, Wherry, "Caching strategies to improve disk system performance", IEEE Computer 27(3), 1994.
//!
//! Not a stack algorithm. A loop over more pages than there are frames misses every time: none is hit before it leaves.

use crate::replacement::error::PolicyError;
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::policy::{Facts, Named, Page, Pager, Parameters, Policy, check_frames};
use crate::replacement::read;
use crate::replacement::tables;
use crate::spec::{Spec, SpecError};
use core::fmt;
use serde::{Deserialize, Serialize};

/// The parameters of [`Slru`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlruParameters {
    /// `protected=P`: the most frames that the protected segment may have, in percent of all, rounded down, and one
    /// less than all at most; by default 80. With none, as in a single frame, it is LRU.
    pub protected: u32,
}

impl Default for SlruParameters {
    fn default() -> Self {
        SlruParameters { protected: 80 }
    }
}

impl SlruParameters {
    fn check(&self) -> Result<(), SpecError> {
        read::check("protected", self.protected, 0..=100, read::PERCENT)
    }
}

impl Parameters for SlruParameters {
    const KEYS: &'static [&'static str] = &["protected"];

    fn read(spec: &Spec) -> Result<Self, SpecError> {
        let protected = read::number(spec, "protected", Self::default().protected)?;
        let parameters = SlruParameters { protected };
        parameters.check().map(|()| parameters)
    }

    fn tell(&self, to: &mut dyn FnMut(&'static str, &dyn fmt::Display)) {
        if *self != Self::default() {
            to("protected", &self.protected);
        }
    }
}

const PROBATIONARY: u8 = 0;
const PROTECTED: u8 = 1;

/// Segmented LRU. O(1) an access, O(1 + pinned pages passed over) an eviction; 12 bytes a page.
///
/// ```
/// use memcore::replacement::Cache;
/// let mut cache = Cache::new(&"slru:protected=50".parse()?, 2)?;
/// for key in [1, 1, 2, 3, 4] {
///     cache.access(key, false)?;
/// }
/// assert!(cache.contains(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Slru {
    frames: u32,
    most_protected: u32,
    segments: Lists<2>,
}

impl Named for Slru {
    const NAME: &'static str = "slru";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = SlruParameters;

    fn new(parameters: &SlruParameters, frames: u32) -> Result<Self, PolicyError> {
        parameters.check()?;
        let frames = check_frames(frames)?;
        let most_protected = read::share(frames, parameters.protected).min(frames - 1);
        Ok(Slru { frames, most_protected, segments: Lists::new() })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.segments.pages()])
    }
}

impl Policy for Slru {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        self.segments.reserve(pages)
    }

    fn frames(&self) -> u32 {
        self.frames
    }

    fn resident(&self) -> u32 {
        self.segments.length(PROBATIONARY) + self.segments.length(PROTECTED)
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.segments.list_of(page) != NOWHERE
    }

    #[inline]
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        if self.most_protected == 0 {
            self.segments.move_to_newest(PROBATIONARY, page);
            return;
        }
        if self.segments.list_of(page) == PROTECTED {
            self.segments.move_to_newest(PROTECTED, page);
            return;
        }
        self.segments.remove(page);
        if self.segments.length(PROTECTED) == self.most_protected {
            if let Some(demoted) = self.segments.pop_oldest(PROTECTED) {
                self.segments.push_newest(PROBATIONARY, demoted);
            }
        }
        self.segments.push_newest(PROTECTED, page);
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let probationary = self.segments.oldest_evictable(PROBATIONARY, pager);
        let victim = probationary.or_else(|| self.segments.oldest_evictable(PROTECTED, pager))?;
        self.segments.remove(victim);
        pager.evicted(victim);
        pager.forgotten(victim);
        Some(victim)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        self.segments.push_newest(PROBATIONARY, page);
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let known = self.is_resident(page);
        if known {
            self.segments.remove(page);
            pager.forgotten(page);
        }
        known
    }

    fn metadata_bytes(&self) -> usize {
        self.segments.metadata_bytes()
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, 0)?;
        if self.most_protected >= self.frames {
            return Err("no frame is left for the probationary segment");
        }
        if self.segments.length(PROTECTED) > self.most_protected {
            return Err("the protected segment is larger than it may be");
        }
        self.segments.validate(self.reserved())
    }
}
