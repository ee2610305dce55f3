//! Engine values that pass through C inside a plain struct, so that keeping one allocates nothing.
//!
//! A cursor or a checkpoint is a few words whose meaning is the engine's own. C holds them as opaque words behind
//! a seal. A struct that was never filled in (all zero, or whatever the stack held) lacks the seal and is
//! refused; one that was filled in comes back as it went out, for the header forbids to change it.

use std::mem::MaybeUninit;

/// Words enough for a checkpoint and for a cursor, with some to spare: their number is part of the binary interface.
pub(super) const WORDS: usize = 6;

/// The opaque words. They may contain padding, which is never initialised.
pub(super) type Words = [MaybeUninit<u64>; WORDS];

/// Packs a value.
pub(super) fn pack<T: Copy>(value: T) -> Words {
    const { assert!(size_of::<T>() <= size_of::<Words>() && align_of::<T>() <= align_of::<Words>()) };
    let mut words = [MaybeUninit::uninit(); WORDS];
    // SAFETY: the words are large enough and aligned for a `T`, as asserted, and may hold anything.
    unsafe { words.as_mut_ptr().cast::<T>().write(value) };
    words
}

/// Unpacks a value.
///
/// # Safety
/// The words are a copy of what [`pack`] gave for a value of the same type.
pub(super) unsafe fn unpack<T: Copy>(words: &Words) -> T {
    const { assert!(size_of::<T>() <= size_of::<Words>() && align_of::<T>() <= align_of::<Words>()) };
    // SAFETY: large enough and aligned, as asserted; a valid `T` is there, as the caller promises.
    unsafe { words.as_ptr().cast::<T>().read() }
}
