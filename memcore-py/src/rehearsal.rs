//! A long call that does nothing but last.
//!
//! Whether Ctrl-C is answered within 50 ms, whether other threads run meanwhile and whether a callback's exception
//! arrives are promises of [`long_call`], for every room alike. They are tested here, with work whose length
//! the test chooses, instead of with data large enough to be slow on every machine.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use memcore::progress::Progress;
use pyo3::prelude::*;

use crate::{
    errors::{MemcoreError, bad_parameter, raise},
    long_call::long_call,
};

/// How long one step of the rehearsed work takes; the engine's rooms report about as often.
const STEP: Duration = Duration::from_millis(1);

/// Why the rehearsed work failed, as an engine's error type would say it.
struct Cancelled;

/// Work for `seconds` as every long call of memcore works, and return the number of steps done.
///
/// `progress` is called as `progress(done, None)`. For tests of the package.
#[pyfunction]
#[pyo3(signature = (seconds, *, progress = None))]
pub fn rehearse_long_call(py: Python<'_>, seconds: f64, progress: Option<Py<PyAny>>) -> PyResult<u64> {
    let Ok(length) = Duration::try_from_secs_f64(seconds) else {
        return Err(bad_parameter(py, "seconds", seconds, "a length of time is finite and not negative"));
    };
    long_call(
        py,
        progress,
        |watcher| work(length, watcher),
        |py, Cancelled| raise!(py, MemcoreError, "cancelled"),
    )
}

fn work(length: Duration, progress: &mut impl Progress) -> Result<u64, Cancelled> {
    let begin = Instant::now();
    let mut done = 0;
    while begin.elapsed() < length {
        std::thread::sleep(STEP);
        done += 1;
        if let ControlFlow::Break(()) = progress.report(done, None) {
            return Err(Cancelled);
        }
    }
    Ok(done)
}
