//! How long work reports how far it is and learns that it shall stop.
//!
//! The engine has no clock and no signal handler. Work that can take long (reading a trace, replaying it)
//! calls [`Progress::report`] every few thousand steps; what it passes is a count, and what it gets back says
//! whether to go on. A door decides what that means: a progress bar, a check for Ctrl-C, nothing.

use core::ops::ControlFlow;

/// Watches long work and may stop it.
///
/// `()` watches nothing, and any `FnMut(done, total) -> ControlFlow<()>` is a watcher.
///
/// ```
/// use core::ops::ControlFlow;
/// use memcore::progress::Progress;
///
/// let mut seen = 0;
/// let mut watcher = |done: u64, _total: Option<u64>| {
///     seen = done;
///     if done < 10 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
/// };
/// assert!(watcher.report(3, Some(20)).is_continue());
/// assert!(watcher.report(10, Some(20)).is_break());
/// ```
pub trait Progress {
    /// `done` steps of `total` (where it is known) are behind us; `Break` asks the work to stop with an error
    /// that says it was cancelled.
    fn report(&mut self, done: u64, total: Option<u64>) -> ControlFlow<()>;
}

impl Progress for () {
    fn report(&mut self, _done: u64, _total: Option<u64>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl<F: FnMut(u64, Option<u64>) -> ControlFlow<()>> Progress for F {
    fn report(&mut self, done: u64, total: Option<u64>) -> ControlFlow<()> {
        self(done, total)
    }
}
