//! The class `memcore.Hierarchy`.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use memcore::cache::{Counts, Hierarchy, HierarchyConfig, LevelStats, Operation, TimeShare};
use memcore::replay::{HierarchyReplayError, replay_hierarchy, replay_hierarchy_from};
use memcore::trace::{AccessOptions, AccessReader};
use pyo3::{
    prelude::*,
    sync::MutexExt,
    types::{PyDict, PyList},
};

use super::errors::{cache_error, replay_error};
use crate::{
    errors::{UnknownNameError, bad_parameter, raise},
    figures::Figures,
    long_call::{Watcher, long_call},
    number::Number,
    trace::{access_trace::PyAccessTrace, options},
};

/// The names of the hierarchies that are ready-made: the one that everyone draws, and those of a few processors.
///
/// >>> import memcore
/// >>> "intel-skylake" in memcore.hierarchies()
/// True
#[pyfunction]
pub fn hierarchies() -> Vec<&'static str> {
    HierarchyConfig::PRESETS.to_vec()
}

/// A memory hierarchy, from the registers to the disk: caches of sets and ways, and what an access costs.
///
/// Parameters
/// ----------
/// config:
///     The name of a ready-made one (`hierarchies` lists them), or its parts in order, as text with blanks between or
///     as an iterable of texts. A level is ``"l1d:size=32K,ways=8,line=64,policy=lru,latency=4"``, with the keys size,
///     sets, ways, line, policy, write (back, through), allocate (yes, no), inclusion (inclusive, exclusive,
///     non-inclusive), prefetch (none, next-line, stride), latency, serves (data, instruction, unified; by default as
///     the name says); ``registers``, ``ram`` and ``disk`` have a latency, ``ram`` also size, page and policy.
///     Latencies are in cycles from the processor's request to the answer.
///
/// Calls from several threads are safe and take turns. Raises `UnknownNameError`, `BadSpecError`, `BadParameterError`,
/// `BadLevelError`.
///
/// >>> import memcore
/// >>> memory = memcore.Hierarchy("l1:size=1K,ways=2,latency=1 ram:latency=101")
/// >>> [memory.access(address) for address in (0, 1, 2, 3)]
/// [101, 1, 1, 1]
/// >>> memory.average_access_time()["average"], memory.stats()["l1"]["misses"]
/// (26.0, 1)
#[pyclass(frozen, name = "Hierarchy", module = "memcore", weakref)]
pub struct PyHierarchy {
    hierarchy: Mutex<Hierarchy>,
}

impl PyHierarchy {
    fn lock(&self, py: Python<'_>) -> MutexGuard<'_, Hierarchy> {
        self.hierarchy.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }

    fn level_of(&self, py: Python<'_>, name: &str) -> PyResult<usize> {
        let hierarchy = self.lock(py);
        let levels = &hierarchy.config().levels;
        levels.iter().position(|level| level.name == name).ok_or_else(|| {
            let known: Vec<&str> = levels.iter().map(|level| level.name.as_str()).collect();
            let message = format!("unknown level {name:?}; known: {}", known.join(", "));
            match pyo3::types::PyTuple::new(py, known) {
                Ok(known) => raise!(py, UnknownNameError, message, name = name, known = known),
                Err(failure) => failure,
            }
        })
    }
}

#[pymethods]
impl PyHierarchy {
    #[new]
    #[pyo3(signature = (config: "str | typing.Iterable[str]"))]
    fn new(py: Python<'_>, config: &Bound<'_, PyAny>) -> PyResult<Self> {
        let text = match config.extract::<String>() {
            Ok(text) => text,
            Err(_) => {
                let parts = config.try_iter()?.map(|part| part?.extract::<String>());
                parts.collect::<PyResult<Vec<_>>>()?.join(" ")
            }
        };
        let config = match HierarchyConfig::preset(&text) {
            Some(config) => config,
            None => text.parse().map_err(|error| cache_error(py, error))?,
        };
        let hierarchy = Hierarchy::new(config).map_err(|error| cache_error(py, error))?;
        Ok(PyHierarchy { hierarchy: Mutex::new(hierarchy) })
    }

    /// Access ``size`` bytes at an address; the cycles that the processor waits. ``kind`` is read, write or fetch. An
    /// access that spans lines touches each. O(levels x ways) for each line.
    #[pyo3(signature = (address, size = Number(1), kind = "read"))]
    fn access(&self, py: Python<'_>, address: Number, size: Number, kind: &str) -> PyResult<u64> {
        let operation = operation(py, kind)?;
        const MOST: u64 = 1 << 24;
        if size.0 > MOST {
            return Err(bad_parameter(py, "size", size.0, &format!("an access has at most {MOST} bytes")));
        }
        self.lock(py).access(address.0, size.0, operation).map_err(|error| cache_error(py, error))
    }

    /// Drive a whole trace through, after what went before; the cycles that the processor waits for it.
    ///
    /// ``trace`` is an `AccessTrace`, or what `AccessTrace.open` takes, which is then read piece by piece: memory does
    /// not grow with it. ``progress`` is called as ``progress(done, total)`` with the accesses done. Other threads run
    /// meanwhile, and Ctrl-C is answered; the accesses before it stay counted. O(accesses x levels x ways).
    ///
    /// >>> import memcore
    /// >>> memory = memcore.Hierarchy("intel-skylake")
    /// >>> memory.run(memcore.AccessTrace.from_arrays([0, 8, 64, 0]))
    /// 408
    #[pyo3(signature = (
        trace: "AccessTrace | str | os.PathLike[str]", *,
        progress: "typing.Callable[[int, int | None], object] | None" = None,
    ))]
    fn run(&self, py: Python<'_>, trace: &Bound<'_, PyAny>, progress: Option<Py<PyAny>>) -> PyResult<u64> {
        if let Ok(opened) = trace.cast::<PyAccessTrace>() {
            let trace = Arc::clone(&opened.get().trace);
            let work = |watcher: &mut Watcher| {
                let mut hierarchy = self.hierarchy.lock().unwrap_or_else(PoisonError::into_inner);
                replay_hierarchy(&trace, &mut hierarchy, watcher)
            };
            return long_call(py, progress, work, replay_error);
        }
        let file = options::sample(py, &trace.extract::<PathBuf>()?)?;
        let options = AccessOptions::default();
        let work = |watcher: &mut Watcher| -> Result<u64, HierarchyReplayError> {
            let mut hierarchy = self.hierarchy.lock().unwrap_or_else(PoisonError::into_inner);
            // The reader reports the bytes read, which tell more than accesses without an end.
            let mut reader = AccessReader::open(&file, &options, watcher)?;
            replay_hierarchy_from(&mut reader, &mut hierarchy, &mut ())
        };
        long_call(py, progress, work, replay_error)
    }

    /// The counts of each level by its name: accesses, hits, misses, miss_ratio of loads, stores and fetches together;
    /// ``read``, ``write``, ``fetch``, ``prefetch`` with accesses and misses each; evictions, write_backs,
    /// writes_passed, prefetches, prefetches_useful, invalidations, cycles.
    #[pyo3(signature = () -> "dict[str, dict[str, typing.Any]]")]
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let hierarchy = self.lock(py);
        let levels = PyDict::new(py);
        for (index, level) in hierarchy.config().levels.iter().enumerate() {
            levels.set_item(&level.name, level_stats(py, &hierarchy.stats(index))?)?;
        }
        Ok(levels)
    }

    /// The counts of RAM and disk: reads, prefetch_reads, writes, page_faults, page_evictions, page_writes, ram_cycles,
    /// disk_cycles.
    fn memory_stats(&self, py: Python<'_>) -> Figures<u64> {
        let stats = self.lock(py).memory_stats();
        Figures(vec![
            ("reads", stats.reads),
            ("prefetch_reads", stats.prefetch_reads),
            ("writes", stats.writes),
            ("page_faults", stats.page_faults),
            ("page_evictions", stats.page_evictions),
            ("page_writes", stats.page_writes),
            ("ram_cycles", stats.ram_cycles),
            ("disk_cycles", stats.disk_cycles),
        ])
    }

    /// Cycles an access, and where they pass: ``accesses``, ``average``, and ``shares``, a list of ``name``, ``cycles``
    /// and ``average`` (cycles there divided by all accesses), which add up.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn average_access_time<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let time = self.lock(py).average_access_time();
        let shares = PyList::empty(py);
        for TimeShare { name, cycles, average } in time.shares {
            let share = PyDict::new(py);
            share.set_item("name", name)?;
            share.set_item("cycles", cycles)?;
            share.set_item("average", average)?;
            shares.append(share)?;
        }
        let all = PyDict::new(py);
        all.set_item("accesses", time.accesses)?;
        all.set_item("average", time.average)?;
        all.set_item("shares", shares)?;
        Ok(all)
    }

    /// Count accesses that found their operands in registers: they take the registers' time and are part of the
    /// average.
    fn count_register_accesses(&self, py: Python<'_>, accesses: Number) {
        self.lock(py).count_register_accesses(accesses.0);
    }

    /// The name of the first level that has the line of an address, or None; no access.
    fn find(&self, py: Python<'_>, address: Number) -> Option<String> {
        let hierarchy = self.lock(py);
        hierarchy.find(address.0).map(|level| hierarchy.config().levels[level].name.clone())
    }

    /// Whether a level has the line of an address; no access.
    ///
    /// Raises `UnknownNameError` for the level.
    fn contains(&self, py: Python<'_>, level: &str, address: Number) -> PyResult<bool> {
        let level = self.level_of(py, level)?;
        Ok(self.lock(py).contains(level, address.0))
    }

    /// Write everything dirty back and empty all levels; the lines written to the RAM. O(lines).
    fn flush(&self, py: Python<'_>) -> PyResult<u64> {
        self.lock(py).flush().map_err(|error| cache_error(py, error))
    }

    /// Drop the lines that hold any of ``size`` bytes at an address from all levels, as a device that writes to memory
    /// makes it happen; what was dirty is lost. How many lines were dropped.
    #[pyo3(signature = (address, size = Number(1)))]
    fn invalidate(&self, py: Python<'_>, address: Number, size: Number) -> u64 {
        self.lock(py).invalidate(address.0, size.0)
    }

    /// Everything as when it was made, counts included. O(lines).
    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        self.lock(py).reset().map_err(|error| cache_error(py, error))
    }

    /// Count from here on; the contents stay: after a warm-up, before a measurement.
    fn reset_stats(&self, py: Python<'_>) {
        self.lock(py).reset_stats();
    }

    /// The whole as text, which makes the same hierarchy again.
    #[getter]
    fn config(&self, py: Python<'_>) -> String {
        self.lock(py).config().to_string()
    }

    /// The names of the levels, the nearest to the processor first.
    #[getter]
    fn levels(&self, py: Python<'_>) -> Vec<String> {
        self.lock(py).config().levels.iter().map(|level| level.name.clone()).collect()
    }

    /// The processor's accesses: each line that was loaded from, stored to or fetched from.
    #[getter]
    fn accesses(&self, py: Python<'_>) -> u64 {
        self.lock(py).accesses()
    }

    /// Bytes of memory held.
    #[getter]
    fn metadata_bytes(&self, py: Python<'_>) -> usize {
        self.lock(py).metadata_bytes()
    }

    /// The counts as a table.
    fn __str__(slf: &Bound<'_, Self>) -> PyResult<String> {
        slf.py().import("memcore._hierarchy")?.call_method1("text", (slf,))?.extract()
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<String> {
        slf.py().import("memcore._hierarchy")?.call_method1("html", (slf,))?.extract()
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        format!("Hierarchy('{}')", self.config(py).escape_debug())
    }
}

fn operation(py: Python<'_>, kind: &str) -> PyResult<Operation> {
    match kind {
        "read" => Ok(Operation::Read),
        "write" => Ok(Operation::Write),
        "fetch" => Ok(Operation::Fetch),
        _ => {
            let message = format!("unknown kind of access {kind:?}; known: read, write, fetch");
            Err(raise!(py, UnknownNameError, message, name = kind, known = ("read", "write", "fetch")))
        }
    }
}

fn level_stats<'py>(py: Python<'py>, stats: &LevelStats) -> PyResult<Bound<'py, PyDict>> {
    let demand = stats.demand();
    let figures = PyDict::new(py);
    figures.set_item("accesses", demand.accesses)?;
    figures.set_item("hits", demand.hits())?;
    figures.set_item("misses", demand.misses)?;
    figures.set_item("miss_ratio", demand.miss_ratio())?;
    let counts = |counts: Counts| Figures(vec![("accesses", counts.accesses), ("misses", counts.misses)]);
    figures.set_item("read", counts(stats.read))?;
    figures.set_item("write", counts(stats.write))?;
    figures.set_item("fetch", counts(stats.fetch))?;
    figures.set_item("prefetch", counts(stats.prefetch))?;
    figures.set_item("evictions", stats.evictions)?;
    figures.set_item("write_backs", stats.write_backs)?;
    figures.set_item("writes_passed", stats.writes_passed)?;
    figures.set_item("prefetches", stats.prefetches)?;
    figures.set_item("prefetches_useful", stats.prefetches_useful)?;
    figures.set_item("invalidations", stats.invalidations)?;
    figures.set_item("cycles", stats.cycles)?;
    Ok(figures)
}
