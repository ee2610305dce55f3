//! What is left over: live blocks with what was told about them, and places in the source that allocate.

use core::fmt;
use core::panic::Location;
use core::ptr::NonNull;

/// A live block, in a leak report.
///
/// Without [`Checks::track`](super::Checks::track) tag, site and number are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leak {
    /// Its first byte.
    pub address: NonNull<u8>,
    /// Bytes asked for. Of a block whose record was written over: all that it could have.
    pub size: usize,
    /// The tag that it was allocated with.
    pub tag: u32,
    /// The call site that it was allocated with.
    pub site: u64,
    /// The how-manieth allocation it was, from 1 on.
    pub number: u64,
}

/// The live blocks of one tag and call site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeakGroup {
    /// Their tag.
    pub tag: u32,
    /// Their call site.
    pub site: u64,
    /// How many they are.
    pub blocks: u64,
    /// Bytes asked for.
    pub bytes: u64,
    /// The number of the first of them.
    pub first: u64,
}

/// A place in a Rust source, and the number that stands for it in a heap.
///
/// The number is an address in the program: it holds in this process and tells nothing to another.
///
/// ```
/// use memcore::heap::CallSite;
/// #[track_caller]
/// fn allocate_something() -> u64 {
///     CallSite::here().number() // the caller's line, not this one
/// }
/// let site = allocate_something();
/// // SAFETY: the number is from `number`, in this process.
/// let site = unsafe { CallSite::from_number(site) }.unwrap();
/// assert!(site.location().line() > 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallSite(&'static Location<'static>);

impl CallSite {
    /// Where this is called; in a function that is `#[track_caller]`, where that is called.
    #[track_caller]
    pub fn here() -> CallSite {
        CallSite(Location::caller())
    }

    /// Its number, which is not 0. O(1).
    pub fn number(self) -> u64 {
        core::ptr::from_ref(self.0).expose_provenance() as u64
    }

    /// The place that a number stands for; `None` for 0. O(1).
    ///
    /// # Safety
    /// The number is 0 or came from [`number`](Self::number) in this process.
    pub unsafe fn from_number(number: u64) -> Option<CallSite> {
        let place = core::ptr::with_exposed_provenance::<Location<'static>>(number as usize);
        // SAFETY: by the promise it is null or the address of a place, and those live as long as the program.
        unsafe { place.as_ref() }.map(CallSite)
    }

    /// File, line and column.
    pub fn location(self) -> &'static Location<'static> {
        self.0
    }
}

impl fmt::Display for CallSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
