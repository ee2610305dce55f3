//! What a replacement policy is: the one contract for a replay, a cache and the virtual memory machine.
//!
//! A policy orders the pages that are resident and says which of them leaves. It holds no page contents and
//! knows no addresses: pages are dense numbers, so that what it keeps about them are arrays. Whoever owns the
//! pages (a replay, a [`Cache`](super::Cache), the virtual memory machine) is its [`Pager`]: it answers what
//! the policy may ask about a page, and hears what becomes of it.
//!
//! ```text
//!                 resident?                    touch(page)
//!   access(page) ----------- yes ------------------------------------> true (a hit)
//!                    |
//!                    no      miss(page)   frames full?   insert(page)
//!                    +-----------------------+------------------------> false (a miss)
//!                                            | yes         ^
//!                                            +-- evict() --+   the victim goes to pager.evicted
//! ```
//!
//! [`Policy::access`] is the whole loop; a machine that brings pages in by itself (readahead, a victim among
//! the unpinned, a page unmapped from outside) calls the parts. Ghosts (pages a policy remembers after they
//! left) are told apart by [`Pager::forgotten`]: a page's number may be used for another page once its policy
//! has forgotten it, and a page that leaves without a ghost is evicted and forgotten at once.

use super::error::PolicyError;
use super::kernels::Kernel;
use crate::spec::{Spec, SpecError};
use core::fmt;
use std_alloc::boxed::Box;

/// A page, by its dense number: below what [`Policy::reserve`] was last told.
pub type Page = u32;

/// The most frames and the most pages: numbers above are used as marks.
pub const MAX_PAGES: u32 = u32::MAX - 16;

/// Who owns the pages: what a policy may ask about them, and what it tells.
///
/// Each method has a default, that of a replay in which every page can leave and the policy itself sees each
/// reference; `()` is that pager.
pub trait Pager {
    /// Whether a resident page may leave now: false for a pinned one.
    fn is_evictable(&self, page: Page) -> bool {
        let _ = page;
        true
    }

    /// Whether a page was referenced since this was last asked, by references that the policy was not told of
    /// (the hardware's referenced bit); reading it clears it.
    fn take_referenced(&mut self, page: Page) -> bool {
        let _ = page;
        false
    }

    /// Whether a page was written since it was brought in or cleaned.
    fn is_dirty(&self, page: Page) -> bool {
        let _ = page;
        false
    }

    /// The policy wants a dirty page written back while it stays resident.
    fn clean(&mut self, page: Page) {
        let _ = page;
    }

    /// A page has lost its frame.
    fn evicted(&mut self, page: Page) {
        let _ = page;
    }

    /// The policy holds nothing about the page any more.
    fn forgotten(&mut self, page: Page) {
        let _ = page;
    }
}

impl Pager for () {}

/// What kind of policy it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// It decides by references to come ([`Policy::foresee`]): a replay of a whole trace can serve it, a cache
    /// and a machine cannot.
    pub needs_future: bool,
    /// The number of resident pages is the policy's own choice; it is given no number of frames.
    pub varies_allocation: bool,
    /// More frames never mean more misses, because the pages in fewer frames are always among those in more
    /// (Mattson et al. 1970): the whole curve can be had in one pass, and Belady's anomaly cannot occur.
    pub is_stack: bool,
}

/// The parameters of a policy, typed, with their text form `key=value,key=value`.
///
/// `()` are those of a policy that has none.
pub trait Parameters: Clone + Default + fmt::Debug + PartialEq + Send + Sync + 'static {
    /// The names of the parameters.
    const KEYS: &'static [&'static str];

    /// The parameters of a text; what is not given is as in `Default`.
    ///
    /// # Errors
    /// [`SpecError::BadValue`]. Unknown keys are found by the caller.
    fn read(spec: &Spec) -> Result<Self, SpecError>;

    /// Tells each parameter that differs from `Default`, in the order of [`KEYS`](Self::KEYS), as its value is
    /// written.
    fn tell(&self, to: &mut dyn FnMut(&'static str, &dyn fmt::Display));
}

impl Parameters for () {
    const KEYS: &'static [&'static str] = &[];

    fn read(_spec: &Spec) -> Result<(), SpecError> {
        Ok(())
    }

    fn tell(&self, _to: &mut dyn FnMut(&'static str, &dyn fmt::Display)) {}
}

/// A page replacement policy.
///
/// The rule of its memory: [`reserve`](Self::reserve) is the only call that allocates, and what it allocates
/// depends on the pages, not on the frames. A page given to any other call is below what was reserved.
///
/// A policy of one's own needs this trait alone, and takes part wherever the built-in ones do: in a
/// [`Cache`](super::Cache), and in a replay beside them.
pub trait Policy {
    /// What kind of policy it is.
    fn facts(&self) -> Facts;

    /// Makes room for what is kept about the pages 0 to `pages` - 1. Fewer than before changes nothing.
    /// O(pages).
    ///
    /// # Errors
    /// [`PolicyError::OutOfMemory`], [`PolicyError::Pages`]; the policy is as it was.
    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError>;

    /// Tells a policy that [needs the future](Facts::needs_future) all references to come, from now on.
    ///
    /// # Errors
    /// [`PolicyError::OutOfMemory`].
    fn foresee(&mut self, references: &[Page]) -> Result<(), PolicyError> {
        let _ = references;
        Ok(())
    }

    /// The frames. O(1).
    fn frames(&self) -> u32;

    /// How many pages are resident. O(1).
    fn resident(&self) -> u32;

    /// Whether a page is resident. O(1).
    fn is_resident(&self, page: Page) -> bool;

    /// A resident page is referenced.
    fn touch(&mut self, page: Page, pager: &mut impl Pager);

    /// A page that is not resident is referenced, and will be inserted once there is a frame for it. This is
    /// where policies with ghosts adapt.
    fn miss(&mut self, page: Page, pager: &mut impl Pager) {
        let _ = (page, pager);
    }

    /// Takes the frame of the page that should leave next, and tells the pager of it. `None` iff no resident
    /// page is evictable; nothing then leaves.
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page>;

    /// A page that is not resident has been given a frame.
    fn insert(&mut self, page: Page, pager: &mut impl Pager);

    /// Drops whatever is known about a page, resident or ghost: it is gone from outside (unmapped, freed).
    /// The pager is told that it is forgotten, iff anything was known, and that is returned; it is not told
    /// of an eviction.
    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool;

    /// A tick of the clock, for policies that look at referenced bits from time to time (NRU, aging). They
    /// also tick by themselves every so many references, if their parameter `tick` is not 0.
    fn tick(&mut self, pager: &mut impl Pager) {
        let _ = pager;
    }

    /// One reference: true iff the page was resident. It is resident afterwards, unless no page could leave
    /// for it.
    #[inline]
    fn access(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        if self.is_resident(page) {
            self.touch(page, pager);
            return true;
        }
        self.miss(page, pager);
        if self.resident() < self.frames() || self.evict(pager).is_some() {
            self.insert(page, pager);
        }
        false
    }

    /// Bytes of memory held. O(1).
    fn metadata_bytes(&self) -> usize;

    /// Checks every invariant of the structure. O(pages). A policy of this library's that was read from a file
    /// (by serde) may be anything: it is to be asked this before anything else, and then behaves, whatever the
    /// file said; and it is to be [reserved](Self::reserve) once more before it is used.
    ///
    /// # Errors
    /// The invariant that does not hold, in words.
    fn validate(&self) -> Result<(), &'static str>;
}

/// A policy of this library's: how it is named and made.
pub trait Named: Policy + Clone + fmt::Debug + Send + 'static {
    /// The name, as on the command line.
    const NAME: &'static str;
    /// What kind of policy it is.
    const FACTS: Facts;
    /// Its parameters; `()` where there are none.
    type Parameters: Parameters;

    /// The policy for this many frames, empty, with no pages reserved. O(1).
    ///
    /// # Errors
    /// [`PolicyError::Frames`] for 0 frames or more than [`MAX_PAGES`]; [`PolicyError::Spec`] for parameters
    /// that make no sense.
    fn new(parameters: &Self::Parameters, frames: u32) -> Result<Self, PolicyError>;

    /// The pages reserved: how many a policy that was read from a file knows. O(1).
    fn reserved(&self) -> u32;

    /// A faster form that only counts misses, empty, with no pages reserved; `None` where there is none.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    fn kernel(parameters: &Self::Parameters, frames: u32) -> Result<Option<Box<dyn Kernel>>, PolicyError> {
        let _ = (parameters, frames);
        Ok(None)
    }
}

/// Checks a number of frames.
///
/// # Errors
/// [`PolicyError::Frames`] for 0 and for more than [`MAX_PAGES`].
pub fn check_frames(frames: u32) -> Result<u32, PolicyError> {
    match frames {
        1..=MAX_PAGES => Ok(frames),
        _ => Err(PolicyError::Frames { frames: frames.into() }),
    }
}
