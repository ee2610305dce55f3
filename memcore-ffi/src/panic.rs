//! The one guard between Rust and C.
//!
//! A panic that unwinds into C aborts the program, and a library has no right to do that. So the body of every
//! `extern "C"` function runs inside [`guarded`], or inside [`guarded_status`] where it returns a status. A panic
//! is always a defect of memcore; the caller learns of it as a value and decides what to do.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{
    error::{Failure, report},
    status::memcore_status,
};

/// Runs `body`; returns `on_panic` if it panics.
///
/// `AssertUnwindSafe` is honest because the header's contract repeats it: whatever the interrupted call was
/// changing may only be destroyed afterwards.
#[inline]
pub(crate) fn guarded<T>(on_panic: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(on_panic)
}

/// Runs `body` and returns the status that tells how it went. A failure is kept for `memcore_last_error`.
#[inline]
pub(crate) fn guarded_status<E: Into<Failure>>(body: impl FnOnce() -> Result<(), E>) -> i32 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => memcore_status::Ok as i32,
        Ok(Err(error)) => report(error.into()),
        Err(_) => report(memcore_status::Panic.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(status: memcore_status) -> Result<(), memcore_status> {
        Err(status)
    }

    #[test]
    fn a_panic_becomes_a_value() {
        assert_eq!(guarded(7, || panic!("a defect, made for this test")), 7);
        assert_eq!(guarded(7, || 8), 8);
    }

    #[test]
    fn a_result_becomes_a_status() {
        assert_eq!(guarded_status(|| Ok::<(), memcore_status>(())), 0);
        assert_eq!(
            guarded_status(|| fails(memcore_status::NullArgument)),
            memcore_status::NullArgument as i32
        );
    }

    #[test]
    fn a_panic_becomes_a_status() {
        let status =
            guarded_status(|| -> Result<(), memcore_status> { panic!("a defect, made for this test") });
        assert_eq!(status, memcore_status::Panic as i32);
    }
}
