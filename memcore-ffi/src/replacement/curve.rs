//! Miss-ratio curves: misses by number of frames. `replay/paging/curve.rs` makes them.

use memcore::replacement::curve::MissRatioCurve;

use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{drop_handle, into_handle, object, out},
};

/// The misses of one policy at some numbers of frames. Opaque, and constant: any number of threads may use it.
pub struct memcore_curve {
    curve: MissRatioCurve,
}

impl memcore_curve {
    pub fn handle(curve: MissRatioCurve) -> Result<*mut Self, Failure> {
        into_handle(memcore_curve { curve })
    }
}

/// Tells the points of a curve.
///
/// \param curve the curve.
/// \param frames where the array of the numbers of frames, ascending, is written; may be read until the curve is
/// destroyed, and not when it is empty.
/// \param misses where the array of the misses at each is written; as `frames`.
/// \param count where the number of points is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_curve_points(
    curve: *const memcore_curve,
    frames: *mut *const u32,
    misses: *mut *const u64,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (curve, frames, misses, count) =
            unsafe { (object(curve)?, out(frames)?, out(misses)?, out(count)?) };
        frames.write(curve.curve.frames().as_ptr());
        misses.write(curve.curve.misses().as_ptr());
        count.write(curve.curve.frames().len());
        Ok::<_, Failure>(())
    })
}

/// Tells the number of references that a curve is about: misses divided by them are miss ratios.
///
/// \param curve the curve.
/// \param accesses where the number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_curve_accesses(curve: *const memcore_curve, accesses: *mut u64) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (curve, accesses) = unsafe { (object(curve)?, out(accesses)?) };
        accesses.write(curve.curve.accesses());
        Ok::<_, Failure>(())
    })
}

/// Tells the misses at so many frames: those of the greatest number of frames in the curve that is not above; all
/// references when there is none.
///
/// \param curve the curve.
/// \param frames any number.
/// \param misses where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(log points).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_curve_misses_at(
    curve: *const memcore_curve,
    frames: u32,
    misses: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (curve, misses) = unsafe { (object(curve)?, out(misses)?) };
        misses.write(curve.curve.misses_at(frames));
        Ok::<_, Failure>(())
    })
}

/// Tells how far a curve is from another: the mean absolute difference of the miss ratios, over the numbers of frames
/// of the other.
///
/// \param curve the curve.
/// \param other the other: the exact one, say, where `curve` is sampled.
/// \param error where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(points of the other, log points of this).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_curve_mean_absolute_error(
    curve: *const memcore_curve,
    other: *const memcore_curve,
    error: *mut f64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (curve, other, error) = unsafe { (object(curve)?, object(other)?, out(error)?) };
        error.write(curve.curve.mean_absolute_error(&other.curve));
        Ok::<_, Failure>(())
    })
}

/// Ends a curve.
///
/// \param curve the curve; null does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_curve_destroy(curve: *mut memcore_curve) {
    // SAFETY: null or a curve of this library's that nobody uses any more.
    guarded((), || unsafe { drop_handle(curve) });
}
