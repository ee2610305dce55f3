//! The one place through which every long call passes.
//!
//! While the engine works, other Python threads run, Ctrl-C is answered, and a progress callback hears how far the
//! work is. The engine knows nothing of this: it reports to a [`Progress`], and the one here looks, at most once in
//! [`PAUSE`], whether a signal waits. Between two looks a report costs one reading of the clock.

use std::{
    ops::ControlFlow,
    panic::resume_unwind,
    sync::mpsc::{RecvTimeoutError, sync_channel},
    thread,
    time::{Duration, Instant},
};

use memcore::progress::Progress;
use pyo3::prelude::*;

/// How long Ctrl-C may wait. Each look takes the interpreter's lock, so it is not done at every report.
const PAUSE: Duration = Duration::from_millis(50);

/// Runs `work` without the interpreter's lock.
///
/// `callback`, where it is given, is called as `callback(done, total)` with `total` an int or None. What it raises,
/// and the KeyboardInterrupt of a Ctrl-C, ends the work and is raised in place of the engine's own "cancelled";
/// `into_exception` turns every other failure of the engine into an exception.
pub fn long_call<T, E>(
    py: Python<'_>,
    callback: Option<Py<PyAny>>,
    work: impl FnOnce(&mut Watcher) -> Result<T, E> + Send,
    into_exception: impl FnOnce(Python<'_>, E) -> PyErr,
) -> PyResult<T>
where
    T: Send,
    E: Send,
{
    let mut watcher = Watcher { callback, last_look: Instant::now(), interruption: None };
    let outcome = py.detach(|| work(&mut watcher));
    match (watcher.interruption, outcome) {
        (Some(interruption), _) => Err(interruption),
        (None, Ok(result)) => Ok(result),
        (None, Err(failure)) => Err(into_exception(py, failure)),
    }
}

/// Runs `work`, which reports to nobody, without the interpreter's lock, and answers Ctrl-C meanwhile.
///
/// It has a thread of its own. After a Ctrl-C that goes on unseen to its end, and its result is dropped: work of this
/// kind is a pass or two over what it owns, a second at most.
pub fn unwatched_call<T>(py: Python<'_>, work: impl FnOnce() -> T + Send + 'static) -> PyResult<T>
where
    T: Send + 'static,
{
    let (sender, mut receiver) = sync_channel(1);
    // That nobody waits any more is no failure.
    let worker = thread::Builder::new().spawn(move || drop(sender.send(work())))?;
    loop {
        let waiting = &mut receiver;
        match py.detach(move || waiting.recv_timeout(PAUSE)) {
            Ok(result) => return Ok(result),
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            Err(RecvTimeoutError::Disconnected) => match worker.join() {
                Err(panic) => resume_unwind(panic),
                Ok(()) => unreachable!("a thread that ends has sent its result"),
            },
        }
    }
}

/// What the engine reports to during a long call.
pub struct Watcher {
    callback: Option<Py<PyAny>>,
    last_look: Instant,
    interruption: Option<PyErr>,
}

impl Watcher {
    fn look(&self, done: u64, total: Option<u64>) -> PyResult<()> {
        Python::attach(|py| {
            py.check_signals()?;
            if let Some(callback) = &self.callback {
                callback.call1(py, (done, total))?;
            }
            Ok(())
        })
    }
}

impl Progress for Watcher {
    fn report(&mut self, done: u64, total: Option<u64>) -> ControlFlow<()> {
        if self.interruption.is_some() {
            return ControlFlow::Break(());
        }
        if self.last_look.elapsed() < PAUSE {
            return ControlFlow::Continue(());
        }
        self.interruption = self.look(done, total).err();
        self.last_look = Instant::now();
        match self.interruption {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    }
}
