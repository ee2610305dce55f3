//! An allocator of the engine, locked, with a listener that is a Python callable.
//!
//! ```text
//! thread --> lock() --> Watched<AnyAllocator> --> Ear --> listener(event)      the lock is held
//!              ^                                             |
//!              +------------- ReentrancyError ---------------+
//! ```
//!
//! With the interpreter's lock or without it, one thread at a time is in an allocator. A thread that has to wait lets
//! go of the interpreter meanwhile. A listener runs while its allocator is locked, in the middle of a call: a call
//! from there into the same allocator would wait for itself, so it is refused.

use std::sync::{
    Arc, Mutex, MutexGuard, TryLockError,
    atomic::{AtomicUsize, Ordering},
};

use memcore::alloc::{AllocError, AnyAllocator, Event, Watched};
use pyo3::{PyTraverseError, PyVisit, prelude::*, sync::MutexExt};

use super::{errors::alloc_error, event::PyEvent};

/// What is locked.
pub struct State {
    pub allocator: Watched<AnyAllocator>,
    /// Rises with every call that may change the space, so that a walk can tell.
    pub changes: u64,
}

/// An allocator and its lock.
pub struct Space {
    state: Mutex<State>,
    ear: Option<Arc<Ear>>,
}

impl Space {
    pub fn new(mut allocator: Watched<AnyAllocator>, listener: Option<Py<PyAny>>) -> Self {
        let ear = listener.map(|listener| Arc::new(Ear::new(listener)));
        if let Some(ear) = &ear {
            let ear = Arc::clone(ear);
            allocator.set_listener(Some(Box::new(move |event| ear.hear(event))));
        }
        Space { state: Mutex::new(State { allocator, changes: 0 }), ear }
    }

    /// The state, for a call that leaves it as it is.
    #[inline]
    pub fn lock(&self, py: Python<'_>) -> PyResult<MutexGuard<'_, State>> {
        match self.state.try_lock() {
            Ok(state) => Ok(state),
            Err(TryLockError::Poisoned(state)) => Ok(state.into_inner()),
            Err(TryLockError::WouldBlock) => self.wait(py),
        }
    }

    #[cold]
    fn wait(&self, py: Python<'_>) -> PyResult<MutexGuard<'_, State>> {
        if self.ear.as_ref().is_some_and(|ear| ear.is_telling_this_thread()) {
            return Err(alloc_error(py, AllocError::Reentered));
        }
        Ok(self.state.lock_py_attached(py).unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    /// As [`lock`](Self::lock), for a thread that has let go of the interpreter and is in no listener.
    pub fn lock_detached(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Does what may change the space, and raises what the listener raised: the change stays then.
    #[inline]
    pub fn change<T>(
        &self,
        py: Python<'_>,
        change: impl FnOnce(&mut Watched<AnyAllocator>) -> Result<T, AllocError>,
    ) -> PyResult<T> {
        let mut state = self.lock(py)?;
        state.changes += 1;
        let outcome = change(&mut state.allocator);
        drop(state);
        self.check_listener()?;
        outcome.map_err(|error| alloc_error(py, error))
    }

    /// Raises what the listener raised since the last look.
    #[inline]
    pub fn check_listener(&self) -> PyResult<()> {
        match &self.ear {
            None => Ok(()),
            Some(ear) => ear.take_raised().map_or(Ok(()), Err),
        }
    }

    /// What the listener raised, without an end of the call.
    pub fn listener_has_raised(&self) -> bool {
        self.ear.as_ref().is_some_and(|ear| ear.has_raised())
    }

    pub fn listener(&self) -> Option<&Py<PyAny>> {
        self.ear.as_ref().map(|ear| &ear.listener)
    }

    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match &self.ear {
            Some(ear) => visit.call(&ear.listener),
            None => Ok(()),
        }
    }
}

/// Calls the listener.
struct Ear {
    listener: Py<PyAny>,
    /// The thread that is in the listener, as [`this_thread`] names it; 0 for none.
    telling: AtomicUsize,
    raised: Mutex<Option<PyErr>>,
}

impl Ear {
    fn new(listener: Py<PyAny>) -> Self {
        Ear { listener, telling: AtomicUsize::new(0), raised: Mutex::new(None) }
    }

    fn hear(&self, event: &Event) {
        // A call can have many events. After an exception the rest of it is silent: one exception can be raised.
        if self.has_raised() {
            return;
        }
        let outcome = Python::attach(|py| {
            let event = PyEvent::new(py, event)?;
            self.telling.store(this_thread(), Ordering::Relaxed);
            let outcome = self.listener.call1(py, (event,));
            self.telling.store(0, Ordering::Relaxed);
            outcome.map(drop)
        });
        if let Err(error) = outcome {
            *self.raised.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(error);
        }
    }

    fn has_raised(&self) -> bool {
        self.raised.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).is_some()
    }

    fn take_raised(&self) -> Option<PyErr> {
        self.raised.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take()
    }

    fn is_telling_this_thread(&self) -> bool {
        self.telling.load(Ordering::Relaxed) == this_thread()
    }
}

/// A number that no other living thread has, and never 0.
fn this_thread() -> usize {
    thread_local!(static MARK: u8 = const { 0 });
    MARK.with(|mark| std::ptr::from_ref(mark).addr())
}
