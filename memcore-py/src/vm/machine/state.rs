//! A machine of the engine, locked.
//!
//! ```text
//! thread --> lock() --> Machine --> listener(event), file.read(...)       the lock is held
//!              ^                       |
//!              +-- ReentrancyError ----+
//! ```
//!
//! One thread at a time is in a machine; one that has to wait lets go of the interpreter meanwhile. Listeners and
//! files that are written in Python run in the middle of a call, while the machine is locked: a call from there into
//! the same machine would wait for itself, so it is refused. What they raise is kept until the call has ended.

use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use memcore::vm::Machine;
use pyo3::{exceptions::PyException, prelude::*, sync::MutexExt};

use super::errors::ReentrancyError;
use crate::{
    errors::raise,
    long_call::{Watcher, long_call},
};

/// A machine and its lock.
pub struct State {
    machine: Mutex<Machine>,
    /// The thread that holds the lock, as [`this_thread`] names it; 0 for none.
    owner: AtomicUsize,
    pub troubles: Arc<Troubles>,
}

/// What Python code raised in the middle of a call.
#[derive(Default)]
pub struct Troubles {
    any: AtomicBool,
    listener: Mutex<Option<PyErr>>,
    file: Mutex<Option<PyErr>>,
}

impl Troubles {
    /// A listener raised. One exception can be raised by the call: the first.
    pub fn of_listener(&self, error: PyErr) {
        self.listener.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.any.store(true, Ordering::Release);
    }

    /// A file raised.
    pub fn of_file(&self, error: PyErr) {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.any.store(true, Ordering::Release);
    }

    /// Whether the call is to end soon.
    pub fn has_any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }
}

/// The machine, for whoever holds the lock.
pub struct Held<'a> {
    machine: MutexGuard<'a, Machine>,
    owner: &'a AtomicUsize,
}

impl Deref for Held<'_> {
    type Target = Machine;

    fn deref(&self) -> &Machine {
        &self.machine
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Machine {
        &mut self.machine
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.owner.store(0, Ordering::Relaxed);
    }
}

impl State {
    pub fn new(machine: Machine, troubles: Arc<Troubles>) -> Self {
        State { machine: Mutex::new(machine), owner: AtomicUsize::new(0), troubles }
    }

    fn held<'a>(&'a self, machine: MutexGuard<'a, Machine>) -> Held<'a> {
        self.owner.store(this_thread(), Ordering::Relaxed);
        Held { machine, owner: &self.owner }
    }

    /// The machine.
    pub fn lock(&self, py: Python<'_>) -> PyResult<Held<'_>> {
        let machine = match self.machine.try_lock() {
            Ok(machine) => machine,
            Err(TryLockError::Poisoned(machine)) => machine.into_inner(),
            Err(TryLockError::WouldBlock) => {
                if self.owner.load(Ordering::Relaxed) == this_thread() {
                    let message = "a listener or a file called the machine that it serves";
                    return Err(raise!(py, ReentrancyError, message));
                }
                self.machine.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
            }
        };
        Ok(self.held(machine))
    }

    /// The machine, unless somebody has it.
    pub fn try_lock(&self) -> Option<Held<'_>> {
        self.machine.try_lock().ok().map(|machine| self.held(machine))
    }

    /// A call that is over soon.
    #[inline]
    pub fn quick<T, E>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Machine) -> Result<T, E>,
        into_exception: impl FnOnce(Python<'_>, E) -> PyErr,
    ) -> PyResult<T> {
        let outcome = work(&mut *self.lock(py)?);
        self.settled(py, outcome.map_err(|error| into_exception(py, error)))
    }

    /// A call whose time grows with the pages that it handles: other threads run meanwhile.
    pub fn long<T: Send, E: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Machine) -> Result<T, E> + Send,
        into_exception: impl FnOnce(Python<'_>, E) -> PyErr,
    ) -> PyResult<T> {
        let mut machine = self.lock(py)?;
        let inner = &mut *machine.machine;
        let outcome = py.detach(|| work(inner));
        drop(machine);
        self.settled(py, outcome.map_err(|error| into_exception(py, error)))
    }

    /// A call that reports how far it is, and that Ctrl-C ends.
    pub fn watched<T: Send, E: Send>(
        &self,
        py: Python<'_>,
        progress: Option<Py<PyAny>>,
        work: impl FnOnce(&mut Machine, &mut Watcher) -> Result<T, E> + Send,
        into_exception: impl FnOnce(Python<'_>, E) -> PyErr,
    ) -> PyResult<T> {
        let mut machine = self.lock(py)?;
        let inner = &mut *machine.machine;
        let outcome = long_call(py, progress, |watcher| work(inner, watcher), into_exception);
        drop(machine);
        self.settled(py, outcome)
    }

    /// The outcome of a call, with what Python code raised meanwhile. What a listener raised takes its place; what a
    /// file raised is the cause of the error that it led to.
    #[inline]
    pub fn settled<T>(&self, py: Python<'_>, outcome: PyResult<T>) -> PyResult<T> {
        if !self.troubles.any.swap(false, Ordering::AcqRel) {
            return outcome;
        }
        let take =
            |trouble: &Mutex<Option<PyErr>>| trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (of_listener, of_file) = (take(&self.troubles.listener), take(&self.troubles.file));
        match (of_listener, of_file, outcome) {
            (Some(raised), ..) => Err(raised),
            // Such as KeyboardInterrupt.
            (None, Some(raised), _) if !raised.is_instance_of::<PyException>(py) => Err(raised),
            (None, Some(raised), Err(error)) => {
                error.set_cause(py, Some(raised));
                Err(error)
            }
            (None, _, outcome) => outcome,
        }
    }
}

/// A number that no other living thread has, and never 0.
fn this_thread() -> usize {
    thread_local!(static MARK: u8 = const { 0 });
    MARK.with(|mark| std::ptr::from_ref(mark).addr())
}
