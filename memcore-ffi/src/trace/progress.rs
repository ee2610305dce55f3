//! Callbacks that watch long work and may stop it.

use std::{ffi::c_void, ops::ControlFlow};

use memcore::progress::Progress;

/// Is told how far long work is, and returns 0 to go on or anything else to stop it: the work then fails with
/// `MEMCORE_STATUS_CANCELLED`. `total` is 0 where it is not known. It must not throw and not jump out.
pub type memcore_progress = Option<unsafe extern "C" fn(done: u64, total: u64, user: *mut c_void) -> i32>;

/// A callback of C's as the engine's watcher; null watches nothing.
pub(crate) struct Watcher {
    pub callback: memcore_progress,
    pub user: *mut c_void,
}

impl Progress for Watcher {
    fn report(&mut self, done: u64, total: Option<u64>) -> ControlFlow<()> {
        let Some(callback) = self.callback else {
            return ControlFlow::Continue(());
        };
        // SAFETY: a function of the caller's, called as its type says.
        match unsafe { callback(done, total.unwrap_or(0), self.user) } {
            0 => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    }
}
