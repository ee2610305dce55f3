//! The class `memcore.Cache`.

use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use memcore::progress::Progress;
use memcore::replacement::{Cache, CacheStats, PolicyError, PolicySpec};
use pyo3::{prelude::*, sync::MutexExt, types::PyTuple};

use super::{errors::policy_error, facts::policy_of};
use crate::{
    column::{Numbers, numbers_of},
    errors::{MemcoreError, bad_parameter, raise},
    figures::Figures,
    long_call::{Watcher, long_call},
    number::Number,
};

/// How many accesses are done between two looks at Ctrl-C.
const STRIDE: usize = 1 << 14;

/// A cache of keys, which are numbers from 0 to ``2**64 - 1``, that decides by a replacement policy.
///
/// It holds keys, no values: what they stand for is the caller's. Its memory follows what the policy remembers,
/// however many keys go by. Calls from several threads are safe and take turns.
///
/// Parameters
/// ----------
/// policy:
///     A name, with parameters where it has some; `policies` lists the names. A policy that needs the future cannot
///     serve.
/// frames:
///     How many keys are there at once at most.
///
/// Raises `UnknownNameError`, `BadSpecError`, `BadParameterError`, `NeedsFutureError`.
///
/// >>> import memcore
/// >>> cache = memcore.Cache("lru", 2)
/// >>> [cache.access(key) for key in (7, 8, 7, 9)]
/// [False, False, True, False]
/// >>> cache.evicted, 7 in cache, 8 in cache, len(cache)
/// ((8,), True, False, 2)
#[pyclass(frozen, name = "Cache", module = "memcore", weakref)]
pub struct PyCache {
    spec: PolicySpec,
    cache: Mutex<Cache>,
}

impl PyCache {
    fn lock(&self, py: Python<'_>) -> MutexGuard<'_, Cache> {
        self.cache.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a batch ended early.
enum End {
    Policy(PolicyError),
    Interrupted,
}

#[pymethods]
impl PyCache {
    #[new]
    fn new(py: Python<'_>, policy: &str, frames: Number) -> PyResult<Self> {
        let spec = policy_of(py, policy)?;
        let frames = frames_of(py, frames)?;
        let cache = Cache::new(&spec, frames).map_err(|error| policy_error(py, error))?;
        Ok(PyCache { spec, cache: Mutex::new(cache) })
    }

    /// Access a key, which is there afterwards; True iff it was there before. ``evicted`` names who left for it.
    /// Expected O(1) beside the policy's own cost.
    #[pyo3(signature = (key, write = false))]
    fn access(&self, py: Python<'_>, key: Number, write: bool) -> PyResult<bool> {
        let outcome = self.lock(py).access(key.0, write).map_err(|error| policy_error(py, error))?;
        Ok(outcome.hit)
    }

    /// Access many keys, one after the other, and return which were there: an array of booleans.
    ///
    /// ``keys`` is an array of integers or an iterable of ints, ``writes`` a mask of the same length. Other threads
    /// run meanwhile, and Ctrl-C is answered; the accesses before it stay done. ``evicted`` speaks of the last access
    /// only.
    ///
    /// Raises `BadParameterError` for a mask of another length.
    ///
    /// >>> import memcore
    /// >>> memcore.Cache("fifo", 3).access_many([1, 2, 3, 1, 4, 1]).tolist()
    /// [False, False, False, True, False, False]
    #[pyo3(signature = (keys: "typing.Any", writes: "typing.Any" = None) -> "typing.Any")]
    fn access_many<'py>(
        &self,
        py: Python<'py>,
        keys: &Bound<'py, PyAny>,
        writes: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let keys = numbers_of(keys)?;
        let writes = writes.map(numbers_of).transpose()?;
        if let Some(writes) = writes.as_ref().filter(|writes| writes.len() != keys.len()) {
            return Err(bad_parameter(py, "writes", writes.len(), "the mask must be as long as the keys"));
        }
        let work = |watcher: &mut Watcher| {
            let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
            run(&mut cache, &keys, writes.as_deref(), watcher)
        };
        let hits = long_call(py, None, work, |py, end| match end {
            End::Policy(error) => policy_error(py, error),
            End::Interrupted => raise!(py, MemcoreError, "cancelled"),
        })?;
        Numbers::Bool(hits).into_array(py)
    }

    /// Drop a key, also from what the policy remembers of keys that left; True iff it was there. Expected O(1) beside
    /// the policy's own cost.
    fn remove(&self, py: Python<'_>, key: Number) -> bool {
        self.lock(py).remove(key.0)
    }

    /// The keys that the last access evicted.
    #[getter]
    fn evicted<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let evicted = self.lock(py).evicted().to_vec();
        PyTuple::new(py, evicted)
    }

    /// The keys that are there, in no order: an array. O(keys remembered).
    #[pyo3(signature = () -> "typing.Any")]
    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let keys = self.lock(py).keys().collect();
        Numbers::U64(keys).into_array(py)
    }

    /// Counts since the cache was made: accesses, hits, misses, evictions, writebacks.
    #[getter]
    fn stats(&self, py: Python<'_>) -> Figures<u64> {
        let CacheStats { accesses, hits, misses, evictions, writebacks } = self.lock(py).stats();
        Figures(vec![
            ("accesses", accesses),
            ("hits", hits),
            ("misses", misses),
            ("evictions", evictions),
            ("writebacks", writebacks),
        ])
    }

    /// The policy with its parameters.
    #[getter]
    fn policy(&self) -> String {
        self.spec.to_string()
    }

    /// How many keys are there at once at most.
    #[getter]
    fn frames(&self, py: Python<'_>) -> u32 {
        self.lock(py).frames()
    }

    /// Bytes of memory held.
    #[getter]
    fn metadata_bytes(&self, py: Python<'_>) -> usize {
        self.lock(py).metadata_bytes()
    }

    fn __contains__(&self, py: Python<'_>, key: Number) -> bool {
        self.lock(py).contains(key.0)
    }

    /// How many keys are there.
    fn __len__(&self, py: Python<'_>) -> usize {
        self.lock(py).len()
    }

    /// A copy with the same keys and the same memory of the past.
    fn __copy__(&self, py: Python<'_>) -> Self {
        PyCache { spec: self.spec.clone(), cache: Mutex::new(self.lock(py).clone()) }
    }

    #[pyo3(signature = (memo: "dict[int, object]") -> "Cache")]
    fn __deepcopy__(&self, py: Python<'_>, memo: &Bound<'_, PyAny>) -> Self {
        let _ = memo;
        self.__copy__(py)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let cache = self.lock(py);
        format!("<Cache '{}': {} of {} frames taken>", self.spec, cache.len(), cache.frames())
    }
}

/// A number of frames as the engine takes it.
pub fn frames_of(py: Python<'_>, Number(frames): Number) -> PyResult<u32> {
    u32::try_from(frames).map_err(|_| policy_error(py, PolicyError::Frames { frames }))
}

fn run(
    cache: &mut Cache,
    keys: &[u64],
    writes: Option<&[u64]>,
    watcher: &mut Watcher,
) -> Result<Vec<bool>, End> {
    let mut hits = Vec::new();
    let bytes = keys.len() as u64;
    hits.try_reserve_exact(keys.len()).map_err(|_| End::Policy(PolicyError::OutOfMemory { bytes }))?;
    for start in (0..keys.len()).step_by(STRIDE) {
        for index in start..keys.len().min(start + STRIDE) {
            let write = writes.is_some_and(|writes| writes[index] != 0);
            hits.push(cache.access(keys[index], write).map_err(End::Policy)?.hit);
        }
        if let ControlFlow::Break(()) = watcher.report(hits.len() as u64, Some(keys.len() as u64)) {
            return Err(End::Interrupted);
        }
    }
    Ok(hits)
}
