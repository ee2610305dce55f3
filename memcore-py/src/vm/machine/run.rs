//! Traces through machines, side by side.

use std::sync::Arc;

use memcore::replay::machine::{
    MachinePoint, MachineReplayError, MachineReplayOptions, MachineRun, Placement, Schedule,
    compare_machines, replay_machine_on,
};
use memcore::trace::AccessTrace;
use memcore::vm::{Machine, MachineConfig};
use pyo3::{
    prelude::*,
    types::{PyDict, PyList},
};

use super::{
    call::unknown,
    config,
    errors::vm_error,
    machine::{PyMachine, counts, cycles},
};
use crate::{
    column::Numbers,
    errors::{MemcoreError, bad_parameter, raise},
    figures::Figures,
    long_call::{Watcher, long_call},
    number::Number,
    trace::{access_trace::PyAccessTrace, errors::trace_error, page_trace::PyPageTrace},
};

/// What traces cost on one machine. The figures are those of ``memcore machine --json``, by the same names.
#[pyclass(frozen, name = "MachineRun", module = "memcore")]
pub struct PyMachineRun(pub MachineRun);

#[cold]
fn replay_error(py: Python<'_>, error: MachineReplayError) -> PyErr {
    let text = error.to_string();
    match error {
        MachineReplayError::Machine { error, .. } => vm_error(py, error),
        MachineReplayError::NoTraces => bad_parameter(py, "traces", 0, "there must be a trace"),
        MachineReplayError::BadOption { name, value, rule } => bad_parameter(py, name, value, rule),
        MachineReplayError::Address { address, limit, .. } => {
            let rule = format!("the address space ends at {limit:#x}");
            bad_parameter(py, "address", address, &rule)
        }
        MachineReplayError::Pages { pages, limit, .. } => {
            bad_parameter(py, "pages", pages, &format!("the address space has {limit} pages"))
        }
        // What cancelled it is raised in its place.
        _ => raise!(py, MemcoreError, text),
    }
}

/// How traces are run.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Options {
    placement: String,
    quantum: Number,
    weights: Vec<Number>,
    join_pages: Number,
    series: Number,
    limit: Option<Number>,
    threads: Number,
}

fn options(py: Python<'_>, given: Options) -> PyResult<MachineReplayOptions> {
    let placement = match given.placement.as_str() {
        "auto" => Placement::Auto,
        "recorded" => Placement::Recorded,
        "packed" => Placement::Packed,
        other => return Err(unknown(py, "placement", other, &["auto", "recorded", "packed"])),
    };
    let threads = match given.threads {
        Number(0) => std::thread::available_parallelism().map_or(1, usize::from),
        Number(threads) if threads <= 1024 => threads as usize,
        Number(threads) => return Err(bad_parameter(py, "threads", threads, "must be from 0 to 1024")),
    };
    let weights = given.weights.into_iter().map(|Number(weight)| weight).collect();
    Ok(MachineReplayOptions {
        placement,
        schedule: Schedule { quantum: given.quantum.0, weights },
        join_pages: given.join_pages.0,
        series_interval: given.series.0,
        limit: given.limit.map(|Number(limit)| limit),
        threads,
        ..MachineReplayOptions::default()
    })
}

/// The traces of an argument; one of pages as accesses to their first bytes.
fn traces_of(given: &Bound<'_, PyAny>) -> PyResult<Vec<Arc<AccessTrace>>> {
    let py = given.py();
    let mut traces = Vec::new();
    for one in given.try_iter()? {
        let one = one?;
        if let Ok(pages) = one.cast::<PyPageTrace>() {
            let pages = Arc::clone(&pages.get().trace);
            let made = py.detach(|| AccessTrace::from_pages(&pages));
            traces.push(Arc::new(made.map_err(|error| trace_error(py, error))?));
        } else {
            traces.push(Arc::clone(&one.cast::<PyAccessTrace>()?.get().trace));
        }
    }
    Ok(traces)
}

/// The results of `memcore.run_machine`: one for each of the configurations, which are pairs of a name and one.
#[pyfunction]
#[pyo3(signature = (
    traces: "typing.Iterable[AccessTrace | PageTrace]", configs: "typing.Iterable[tuple[str, typing.Any]]",
    overrides: "dict[str, typing.Any]", options: "dict[str, typing.Any]",
    progress: "typing.Callable[[int, int | None], object] | None" = None,
))]
pub fn machine_runs(
    py: Python<'_>,
    traces: &Bound<'_, PyAny>,
    configs: &Bound<'_, PyAny>,
    overrides: &Bound<'_, PyDict>,
    options: &Bound<'_, PyDict>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<PyMachineRun>> {
    let traces = traces_of(traces)?;
    let traces: Vec<&AccessTrace> = traces.iter().map(Arc::as_ref).collect();
    let mut made: Vec<(String, MachineConfig)> = Vec::new();
    for pair in configs.try_iter()? {
        let (name, given): (String, Bound<'_, PyAny>) = pair?.extract()?;
        made.push((name, config::of(py, Some(&given), Some(overrides))?));
    }
    let named: Vec<(&str, MachineConfig)> =
        made.iter().map(|(name, config)| (name.as_str(), config.clone())).collect();
    let options = self::options(py, options.extract()?)?;
    let work = |watcher: &mut Watcher| compare_machines(&traces, &named, &options, watcher);
    let runs = long_call(py, progress, work, replay_error)?;
    Ok(runs.into_iter().map(PyMachineRun).collect())
}

/// What `Machine.run` answers.
pub fn run_on(
    machine: &PyMachine,
    traces: &Bound<'_, PyAny>,
    options: &Bound<'_, PyDict>,
    progress: Option<Py<PyAny>>,
) -> PyResult<PyMachineRun> {
    let py = traces.py();
    let traces = traces_of(traces)?;
    let traces: Vec<&AccessTrace> = traces.iter().map(Arc::as_ref).collect();
    let options = self::options(py, options.extract()?)?;
    let work =
        |machine: &mut Machine, watcher: &mut Watcher| replay_machine_on(&traces, machine, &options, watcher);
    machine.state.watched(py, progress, work, replay_error).map(PyMachineRun)
}

#[pymethods]
impl PyMachineRun {
    /// The name of the configuration.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Bytes of a base page.
    #[getter]
    fn page_size(&self) -> u64 {
        self.0.page_size
    }

    /// Frames of the machine.
    #[getter]
    fn frames(&self) -> u64 {
        self.0.frames
    }

    /// Accesses that were run; one that spans two pages is one.
    #[getter]
    fn accesses(&self) -> u64 {
        self.0.accesses
    }

    /// Accesses that were not run, because their process had been killed or the run was cut short.
    #[getter]
    fn skipped(&self) -> u64 {
        self.0.skipped
    }

    /// What happened, by name.
    #[getter]
    fn counters(&self) -> Figures<u64> {
        counts(&self.0.counters)
    }

    /// Cycles by cause.
    #[getter]
    fn time(&self) -> Figures<u64> {
        cycles(&self.0.time)
    }

    /// Cycles that somebody waited for: all but those in the background.
    #[getter]
    fn cycles(&self) -> u64 {
        self.0.cycles()
    }

    /// Cycles an access: the effective access time.
    #[getter]
    fn average(&self) -> f64 {
        self.0.average()
    }

    /// Each cause with its share of ``cycles`` in per cent, the largest first.
    #[getter]
    fn breakdown(&self) -> Figures<f64> {
        Figures(self.0.breakdown().into_iter().map(|(cause, share)| (cause.name(), share)).collect())
    }

    /// Faults, minor and major.
    #[getter]
    fn faults(&self) -> u64 {
        use memcore::vm::Count::{Major, Minor};
        self.0.counters[Minor] + self.0.counters[Major]
    }

    /// Look-ups that no TLB served, as a share of all.
    #[getter]
    fn tlb_miss_ratio(&self) -> f64 {
        self.0.tlb_miss_ratio()
    }

    /// The most pages in memory that were seen at once, of all processes together.
    #[getter]
    fn peak_rss(&self) -> u64 {
        self.0.peak_rss
    }

    /// The most bytes of page tables that were seen.
    #[getter]
    fn peak_table_bytes(&self) -> u64 {
        self.0.peak_table_bytes
    }

    /// The run over time, where ``series`` was given, as columns of equal length: ``accesses``, ``cycles``, ``faults``,
    /// ``major``, ``evicted`` so far; ``rss`` and ``free_frames`` then; ``is_thrashing``.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn series<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let points = &self.0.series;
        let series = PyDict::new(py);
        let whole = |name, of: fn(&MachinePoint) -> u64| {
            series.set_item(name, Numbers::U64(points.iter().map(of).collect()).into_array(py)?)
        };
        whole("accesses", |point| point.accesses)?;
        whole("cycles", |point| point.cycles)?;
        whole("faults", |point| point.faults)?;
        whole("major", |point| point.major)?;
        whole("evicted", |point| point.evicted)?;
        whole("rss", |point| point.rss)?;
        whole("free_frames", |point| point.free_frames)?;
        let thrashing = points.iter().map(|point| point.is_thrashing).collect();
        series.set_item("is_thrashing", Numbers::Bool(thrashing).into_array(py)?)?;
        Ok(series)
    }

    /// Every figure by its name, as in ``memcore machine --json``.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let run = &self.0;
        let row = PyDict::new(py);
        row.set_item("name", &run.name)?;
        row.set_item("page_size", run.page_size)?;
        row.set_item("frames", run.frames)?;
        row.set_item("accesses", run.accesses)?;
        row.set_item("reads", run.reads)?;
        row.set_item("writes", run.writes)?;
        row.set_item("executes", run.executes)?;
        row.set_item("skipped", run.skipped)?;
        row.set_item("cycles", run.cycles())?;
        row.set_item("average", run.average())?;
        row.set_item("breakdown", self.breakdown())?;
        row.set_item("time", self.time())?;
        row.set_item("faults", self.faults())?;
        row.set_item("counters", self.counters())?;
        row.set_item("tlb_miss_ratio", run.tlb_miss_ratio())?;
        let tlbs = PyList::empty(py);
        for level in &run.tlbs {
            let figures = PyDict::new(py);
            figures.set_item("names", &level.names)?;
            figures.set_item("hits", level.hits)?;
            figures.set_item("misses", level.misses)?;
            figures.set_item("miss_ratio", level.miss_ratio())?;
            figures.set_item("flushes", level.flushes)?;
            tlbs.append(figures)?;
        }
        row.set_item("tlbs", tlbs)?;
        let caches = PyList::empty(py);
        for level in &run.caches {
            let demand = level.stats.demand();
            let figures = PyDict::new(py);
            figures.set_item("name", &level.name)?;
            figures.set_item("accesses", demand.accesses)?;
            figures.set_item("misses", demand.misses)?;
            figures.set_item("miss_ratio", demand.miss_ratio())?;
            figures.set_item("write_backs", level.stats.write_backs)?;
            caches.append(figures)?;
        }
        row.set_item("caches", caches)?;
        let signals = run.signals.iter().map(|&(kind, count)| (kind.name(), count)).collect();
        row.set_item("signals", Figures(signals))?;
        let processes = PyList::empty(py);
        for process in &run.processes {
            let figures = PyDict::new(py);
            figures.set_item("process", process.process.0)?;
            figures.set_item("accesses", process.accesses)?;
            figures.set_item("skipped", process.skipped)?;
            figures.set_item("counters", counts(&process.counters))?;
            figures.set_item("time", cycles(&process.time))?;
            figures.set_item("peak_rss", process.peak_rss)?;
            figures.set_item("is_killed", process.is_killed)?;
            processes.append(figures)?;
        }
        row.set_item("processes", processes)?;
        row.set_item("peak_rss", run.peak_rss)?;
        row.set_item("peak_table_bytes", run.peak_table_bytes)?;
        row.set_item("thrashing_looks", run.thrashing_looks)?;
        row.set_item("looks", run.looks)?;
        row.set_item("mapped_late", run.mapped_late)?;
        row.set_item("events", run.events)?;
        row.set_item("events_refused", run.events_refused)?;
        Ok(row)
    }

    fn __repr__(&self) -> String {
        let (name, average) = (self.0.name.escape_debug(), self.0.average());
        format!("<MachineRun '{name}': {} accesses, {average:.1} cycles each>", self.0.accesses)
    }
}
