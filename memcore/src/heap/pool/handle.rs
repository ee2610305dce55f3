//! The name of a value in a pool.
//!
//! ```text
//! 63          32 31           0
//! [ generation  | index       ]     the generation of a live slot is odd, so that no handle is 0
//! ```

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::num::NonZeroU64;

/// Names a value in a [`Pool`](super::Pool), and nothing once the value was removed: the slot's generation goes up
/// with every insertion and removal. Eight bytes, as is an `Option` of it.
///
/// ```
/// use memcore::heap::{Handle, Pool};
/// let mut pool = Pool::new();
/// let handle = pool.insert("a")?;
/// assert_eq!(Handle::from_bits(handle.to_bits()), Some(handle));
/// assert_eq!(Handle::<&str>::from_bits(0), None);
/// assert_eq!(size_of::<Option<Handle<String>>>(), 8);
/// # Ok::<(), memcore::heap::HeapError>(())
/// ```
pub struct Handle<T> {
    bits: NonZeroU64,
    /// A handle owns no value: it is `Send`, `Sync` and covariant whatever `T` is.
    of: PhantomData<fn() -> T>,
}

impl<T> Handle<T> {
    #[inline]
    pub(super) fn new(index: u32, generation: u32) -> Option<Self> {
        NonZeroU64::new(u64::from(generation) << 32 | u64::from(index))
            .map(|bits| Handle { bits, of: PhantomData })
    }

    /// The handle as a number that is never 0, for a C program or a file. O(1).
    #[inline]
    pub fn to_bits(self) -> u64 {
        self.bits.get()
    }

    /// The handle of this number; `None` for a number that no handle has. O(1).
    #[inline]
    pub fn from_bits(bits: u64) -> Option<Self> {
        let live = bits >> 32 & 1 == 1;
        NonZeroU64::new(bits).filter(|_| live).map(|bits| Handle { bits, of: PhantomData })
    }

    /// The number of the slot. O(1).
    #[inline]
    pub fn index(self) -> u32 {
        self.bits.get() as u32
    }

    /// How often the slot had been given out and taken back, together. O(1).
    #[inline]
    pub fn generation(self) -> u32 {
        (self.bits.get() >> 32) as u32
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Handle<T> {}

impl<T> PartialEq for Handle<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<T> Eq for Handle<T> {}

impl<T> PartialOrd for Handle<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Handle<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bits.cmp(&other.bits)
    }
}

impl<T> Hash for Handle<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits.hash(state);
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({}v{})", self.index(), self.generation())
    }
}
