//! What has to be dropped when an arena is rewound.
//!
//! ```text
//! [ record | value ]   [ record | len | value value value ]
//!    ^ previous <---------'   ^
//!    drop it                  the newest: dropped first
//! ```
//!
//! A record lies in front of each value, or slice of values, with a destructor: 16 bytes. Others have none.

use core::alloc::Layout;
use core::ptr::{self, NonNull};

/// The record of a value, in front of it.
pub(super) struct Drops {
    /// The record made before.
    pub previous: Option<NonNull<Drops>>,
    /// Drops what lies behind the record.
    pub drop: unsafe fn(NonNull<Drops>),
}

/// A value behind its record.
#[repr(C)]
pub(super) struct One<T> {
    record: Drops,
    pub value: T,
}

impl<T> One<T> {
    /// Drops the value behind a record.
    ///
    /// # Safety
    /// The record is that of a live `One<T>`, whose value nobody uses afterwards.
    pub unsafe fn drop(record: NonNull<Drops>) {
        // SAFETY: the record lies at the beginning of a One<T>. No reference to the whole is made.
        unsafe { ptr::drop_in_place(&raw mut (*record.cast::<One<T>>().as_ptr()).value) }
    }
}

/// A slice behind its record: as many values as `len` tells.
#[repr(C)]
pub(super) struct Many<T> {
    record: Drops,
    pub len: usize,
    pub values: [T; 0],
}

impl<T> Many<T> {
    /// Room for a record and `len` values; `None` past `isize::MAX`.
    pub fn layout(len: usize) -> Option<Layout> {
        let (layout, _) = Layout::new::<Many<T>>().extend(Layout::array::<T>(len).ok()?).ok()?;
        Some(layout)
    }

    /// Where the values lie.
    ///
    /// # Safety
    /// `record` begins a block of [`layout`](Self::layout).
    pub unsafe fn values(record: NonNull<Drops>) -> *mut T {
        // SAFETY: the values lie behind the length, at a place that their alignment alone decides.
        unsafe { (&raw mut (*record.cast::<Many<T>>().as_ptr()).values).cast() }
    }

    /// Drops the values behind a record, all of them also when one panics.
    ///
    /// # Safety
    /// The record is that of a live slice, whose values nobody uses afterwards.
    pub unsafe fn drop(record: NonNull<Drops>) {
        // SAFETY: the record and its length were written, and so many values behind it.
        unsafe {
            let len = (*record.cast::<Many<T>>().as_ptr()).len;
            ptr::drop_in_place(ptr::slice_from_raw_parts_mut(Self::values(record), len));
        }
    }
}
