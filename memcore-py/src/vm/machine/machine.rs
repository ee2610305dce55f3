//! The class `memcore.Machine`.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use memcore::progress::Progress;
use memcore::vm::{Cause, Count, Counters, Cycles, Machine, MergeReport, ProcessId, SwapFault};
use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::PyValueError,
    prelude::*,
    types::{PyBytes, PyDict, PyTuple},
};

use super::{
    call::{node, unknown},
    config,
    errors::vm_error,
    file::{self, PyFile, Sources},
    group::PyGroup,
    listen::{self, Ears, PyEvents},
    process::PyProcess,
    run::{self, PyMachineRun},
    snapshot::{self, Given},
    state::{State, Troubles},
};
use crate::{
    alloc::errors::CorruptionError,
    errors::{MemcoreError, bad_parameter, raise},
    figures::Figures,
    long_call::Watcher,
    number::Number,
};

/// A computer's virtual memory: processes, page tables, TLBs, faults, swap, sharing, NUMA nodes. Deterministic: the
/// same calls have the same outcome, to the cycle.
///
/// Parameters
/// ----------
/// config:
///     The name of a preset (`machines` lists them), the path of a TOML file, TOML text, or nested dictionaries with
///     the same keys; ``preset`` names where it begins, ``"linux"`` unless given.
/// overrides:
///     Values laid over it: ``asids=0``, ``memory={"frames": 64}``, ``replacement={"policy": "lru"}``. A key may be
///     dotted, ``**{"swap.pages": 100}``; an underscore stands for a hyphen; None takes what may be missing away.
///
/// Calls from several threads are safe and take turns. Calls of a process raise a `VmError`, which is an OSError with
/// the ``errno`` that Linux would give; accesses raise a `Fault`.
///
/// Raises `UnknownNameError`, `BadConfigError`.
///
/// >>> import memcore
/// >>> machine = memcore.Machine("linux")
/// >>> parent = machine.spawn()
/// >>> address = parent.mmap(8192)
/// >>> parent[address : address + 5] = b"hello"
/// >>> child = parent.fork()
/// >>> child[address] = ord("J")
/// >>> parent[address : address + 5], child[address : address + 5]
/// (b'hello', b'Jello')
/// >>> machine.counters["cow"]
/// 1
#[pyclass(frozen, name = "Machine", module = "memcore", weakref)]
pub struct PyMachine {
    pub state: State,
    pub ears: Ears,
    sources: Mutex<Sources>,
}

/// Counts by their names.
pub fn counts(counters: &Counters) -> Figures<u64> {
    Figures(counters.iter().map(|(name, number): (Count, u64)| (name.name(), number)).collect())
}

/// Cycles by their causes.
pub fn cycles(time: &Cycles) -> Figures<u64> {
    Figures(time.iter().map(|(name, number): (Cause, u64)| (name.name(), number)).collect())
}

fn report(report: &MergeReport) -> Figures<u64> {
    let MergeReport { shared, sharing, unshared, volatile, zero_pages, full_scans, scanned, merged } =
        *report;
    Figures(vec![
        ("shared", shared),
        ("sharing", sharing),
        ("unshared", unshared),
        ("volatile", volatile),
        ("zero_pages", zero_pages),
        ("full_scans", full_scans),
        ("scanned", scanned),
        ("merged", merged),
    ])
}

/// A dictionary that shows itself as the text that it was made from.
pub fn listing<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("memcore._machine")?.call_method1("listing", (text,))
}

impl PyMachine {
    pub fn of(machine: Machine, troubles: Arc<Troubles>) -> Self {
        PyMachine { state: State::new(machine, troubles), ears: Ears::default(), sources: Mutex::default() }
    }

    pub fn sources(&self) -> MutexGuard<'_, Sources> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a look at the machine sees.
    fn seen<T>(&self, py: Python<'_>, look: impl FnOnce(&Machine) -> T) -> PyResult<T> {
        Ok(look(&*self.state.lock(py)?))
    }
}

#[pymethods]
impl PyMachine {
    #[new]
    #[pyo3(signature = (
        config: "str | os.PathLike[str] | typing.Mapping[str, typing.Any]" = None, **overrides: "typing.Any"
    ))]
    fn new(
        py: Python<'_>,
        config: Option<&Bound<'_, PyAny>>,
        overrides: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let config = config::of(py, config, overrides)?;
        let machine = py.detach(|| Machine::new(config)).map_err(|error| vm_error(py, error))?;
        Ok(PyMachine::of(machine, Arc::default()))
    }

    /// A process begins, with the layout that the configuration says.
    ///
    /// Raises `NoMemoryError`.
    fn spawn(slf: &Bound<'_, Self>) -> PyResult<PyProcess> {
        let id = slf.get().state.quick(slf.py(), Machine::spawn, vm_error)?;
        Ok(PyProcess::new(slf, id))
    }

    /// The processes that live, in the order of their numbers.
    #[getter]
    fn processes(slf: &Bound<'_, Self>) -> PyResult<Vec<PyProcess>> {
        let living: Vec<ProcessId> = slf.get().seen(slf.py(), |machine| machine.processes().collect())?;
        Ok(living.into_iter().map(|id| PyProcess::new(slf, id)).collect())
    }

    /// The process with this number. O(1).
    ///
    /// Raises `NoProcessError`.
    #[pyo3(signature = (number, /))]
    fn process(slf: &Bound<'_, Self>, number: Number) -> PyResult<PyProcess> {
        let id = ProcessId(u32::try_from(number.0).unwrap_or(u32::MAX));
        slf.get().state.quick(slf.py(), |machine| machine.usage(id), vm_error)?;
        Ok(PyProcess::new(slf, id))
    }

    /// Open something that can be mapped: bytes (a copy of them, or of any buffer), a path, a number of zeros, a file
    /// with ``read``, ``write`` and ``seek``, or an object with ``read(offset, length)``, ``write(offset, data)``,
    /// ``truncate(length)`` and ``len()``, which can do anything: fail, count, make its bytes up.
    ///
    /// ``writable`` says whether shared mappings may write; by default bytes and objects that have ``write`` are, and
    /// paths are not. What an object raises becomes a `BusError` of the access or a `MachineIOError` of the call that
    /// needed it, as its ``__cause__``. It must not call the machine.
    ///
    /// Raises OSError for a path, TypeError.
    ///
    /// >>> import memcore
    /// >>> machine = memcore.Machine("linux")
    /// >>> file = machine.open(b"hello")
    /// >>> process = machine.spawn()
    /// >>> address = process.mmap(5, "rw", file=file, shared=True)
    /// >>> process[address] = ord("J")
    /// >>> file.sync()
    /// >>> file.content
    /// b'Jello'
    #[pyo3(signature = (source: "typing.Any", *, writable = None))]
    fn open(slf: &Bound<'_, Self>, source: &Bound<'_, PyAny>, writable: Option<bool>) -> PyResult<PyFile> {
        file::open(slf, source, writable)
    }

    /// The files that are open.
    #[getter]
    fn files(slf: &Bound<'_, Self>) -> PyResult<Vec<PyFile>> {
        let open: Vec<u32> = slf.get().seen(slf.py(), |machine| machine.files().collect())?;
        Ok(open.into_iter().map(|number| PyFile::new(slf.clone().unbind(), number)).collect())
    }

    /// A new group of processes, which together may have at most ``limit`` pages in memory.
    ///
    /// Raises `InvalidArgumentError`.
    #[pyo3(signature = (limit = None))]
    fn group(slf: &Bound<'_, Self>, limit: Option<Number>) -> PyResult<PyGroup> {
        let limit = limit.map(|Number(limit)| limit);
        let number = slf.get().state.quick(slf.py(), |machine| machine.create_group(limit), vm_error)?;
        Ok(PyGroup { machine: slf.clone().unbind(), number })
    }

    /// Hear events from now on: `Events` that fill as things happen, or calls of ``callback(event)``.
    ///
    /// ``kinds`` are ``"access"``, ``"tlb"``, ``"walk"`` (these three for every access), ``"fault"``, ``"reclaim"``,
    /// ``"swap"``, ``"merge"``, ``"huge"``, ``"migrate"``, ``"flush"``, ``"process"``, ``"map"``, ``"rare"`` (all but
    /// the first three; the default) and ``"all"``. At most ``limit`` events are kept, the latest. A callback that calls
    /// the machine gets a `ReentrancyError`; what it raises is raised by the call that it heard of, which is done.
    ///
    /// >>> import memcore
    /// >>> machine = memcore.Machine("linux")
    /// >>> process = machine.spawn()
    /// >>> with machine.listen("fault") as events:
    /// ...     address = process.mmap(4096)
    /// ...     process.write(address, b"x")
    /// >>> [(event.name, event.served) for event in events]
    /// [('fault', 'zero-fill')]
    #[pyo3(signature = (
        *kinds: "str", limit = None, callback: "typing.Callable[[MachineEvent], object] | None" = None
    ))]
    fn listen(
        slf: &Bound<'_, Self>,
        kinds: &Bound<'_, PyTuple>,
        limit: Option<Number>,
        callback: Option<Py<PyAny>>,
    ) -> PyResult<PyEvents> {
        listen::listen(slf, kinds, limit, callback)
    }

    /// How often each thing happened since the machine was made, by name.
    #[getter]
    fn counters(&self, py: Python<'_>) -> PyResult<Figures<u64>> {
        self.seen(py, |machine| counts(machine.counters()))
    }

    /// Cycles since the machine was made, by cause.
    #[getter]
    fn time(&self, py: Python<'_>) -> PyResult<Figures<u64>> {
        self.seen(py, |machine| cycles(machine.time()))
    }

    /// What was counted of the frames of a NUMA node.
    ///
    /// Raises `InvalidArgumentError`.
    #[pyo3(signature = (number, /))]
    fn node_counters(&self, py: Python<'_>, number: Number) -> PyResult<Figures<u64>> {
        let node = node(py, number)?;
        self.state.quick(py, |machine| machine.node_counters(node).map(counts), vm_error)
    }

    /// Look at the next ``pages`` mergeable pages, and merge equal ones; what came of it. O(pages). Ctrl-C ends it.
    #[pyo3(signature = (
        pages, *, progress: "typing.Callable[[int, int | None], object] | None" = None
    ))]
    fn merge_scan(
        &self,
        py: Python<'_>,
        pages: Number,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Figures<u64>> {
        /// How many pages there are between two looks for Ctrl-C.
        const TURN: u64 = 1024;
        let work = |machine: &mut Machine, watcher: &mut Watcher| {
            let (mut scanned, mut merged) = (0, 0);
            while scanned < pages.0 {
                let turn = machine.merge_scan(TURN.min(pages.0 - scanned));
                scanned += turn.scanned;
                merged += turn.merged;
                if turn.scanned == 0 {
                    break;
                }
                if watcher.report(scanned, Some(pages.0)).is_break() {
                    return Err(());
                }
            }
            Ok(MergeReport { scanned, merged, ..machine.merge_report() })
        };
        let cancelled = |py: Python<'_>, ()| raise!(py, MemcoreError, "cancelled");
        self.state.watched(py, progress, work, cancelled).map(|found| report(&found))
    }

    /// What merging has achieved: ``shared`` pages stand for ``sharing`` more; ``unshared``, ``volatile``,
    /// ``zero_pages``, ``full_scans``.
    #[getter]
    fn merging(&self, py: Python<'_>) -> PyResult<Figures<u64>> {
        self.seen(py, |machine| report(&machine.merge_report()))
    }

    /// Evict up to ``pages`` pages, as if memory were short; how many left. Ctrl-C ends it.
    #[pyo3(signature = (pages, *, progress: "typing.Callable[[int, int | None], object] | None" = None))]
    fn reclaim(&self, py: Python<'_>, pages: Number, progress: Option<Py<PyAny>>) -> PyResult<u64> {
        const TURN: u64 = 256;
        let work = |machine: &mut Machine, watcher: &mut Watcher| {
            let mut left = 0;
            while left < pages.0 {
                let turn = machine.reclaim(TURN.min(pages.0 - left));
                left += turn;
                if turn == 0 {
                    break;
                }
                if watcher.report(left, Some(pages.0)).is_break() {
                    return Err(());
                }
            }
            Ok(left)
        };
        self.state.watched(py, progress, work, |py, ()| raise!(py, MemcoreError, "cancelled"))
    }

    /// Of the pages evicted lately, so many come back that the machine is busy with nothing else.
    #[getter]
    fn thrashing(&self, py: Python<'_>) -> PyResult<bool> {
        self.seen(py, Machine::thrashing)
    }

    /// Check every invariant. O(pages + entries).
    ///
    /// Raises `CorruptionError`, which would be a defect of memcore.
    fn validate(&self, py: Python<'_>) -> PyResult<()> {
        let work = |machine: &mut Machine| machine.validate();
        self.state.long(py, work, |py, what| raise!(py, CorruptionError, what, what = what, at = 0))
    }

    /// Make the swap device fail: ``"read"`` or ``"write"`` of a ``slot``, or of all without one; ``"flip"`` a ``bit``
    /// of a slot; ``"heal"`` it. With ``on=False`` all reads or writes work again.
    ///
    /// Raises `MachineIOError` for a slot that there is not, or that holds nothing.
    #[pyo3(signature = (fault, slot = None, *, bit = Number(0), on = true))]
    fn inject(
        &self,
        py: Python<'_>,
        fault: &str,
        slot: Option<Number>,
        bit: Number,
        on: bool,
    ) -> PyResult<()> {
        let narrow = |Number(slot): Number| {
            u32::try_from(slot).map_err(|_| bad_parameter(py, "slot", slot, "must be below 2**32"))
        };
        let slot = slot.map(narrow).transpose()?;
        let fault = match (fault, slot) {
            ("read", None) => SwapFault::AllReads(on),
            ("read", Some(slot)) => SwapFault::Read { slot },
            ("write", None) => SwapFault::AllWrites(on),
            ("write", Some(slot)) => SwapFault::Write { slot },
            ("flip", Some(slot)) => SwapFault::Flip { slot, bit: bit.0 },
            ("flip", None) => return Err(PyValueError::new_err("which slot is to be flipped?")),
            ("heal", _) => SwapFault::Heal,
            _ => return Err(unknown(py, "fault", fault, &["read", "write", "flip", "heal"])),
        };
        self.state.quick(py, |machine| machine.inject(fault), vm_error)
    }

    /// What the compressed pool holds and refused; None where there is none.
    #[getter]
    fn compression(&self, py: Python<'_>) -> PyResult<Option<Figures<u64>>> {
        let found = self.seen(py, Machine::compression)?;
        Ok(found.map(|stats| {
            Figures(vec![
                ("stores", stats.stores),
                ("loads", stats.loads),
                ("written_back", stats.written_back),
                ("limit_hit", stats.limit_hit),
                ("reject_full", stats.reject_full),
                ("compress_poor", stats.compress_poor),
                ("reject_alloc_fail", stats.reject_alloc_fail),
                ("bytes_in", stats.bytes_in),
                ("bytes_out", stats.bytes_out),
            ])
        }))
    }

    /// Bytes of a base page.
    #[getter]
    fn page_size(&self, py: Python<'_>) -> PyResult<u64> {
        self.seen(py, Machine::page_size)
    }

    /// Frames, of all nodes together.
    #[getter]
    fn frames(&self, py: Python<'_>) -> PyResult<u64> {
        self.seen(py, Machine::frames)
    }

    /// Frames that nobody has.
    #[getter]
    fn free_frames(&self, py: Python<'_>) -> PyResult<u64> {
        self.seen(py, Machine::free_frames)
    }

    /// Pages promised to processes.
    #[getter]
    fn committed(&self, py: Python<'_>) -> PyResult<u64> {
        self.seen(py, Machine::committed)
    }

    /// Bytes of memory held, beside the contents of frames.
    #[getter]
    fn metadata_bytes(&self, py: Python<'_>) -> PyResult<u64> {
        self.seen(py, Machine::metadata_bytes)
    }

    /// The paging hardware, as text: ``"x86-64"``.
    #[getter]
    fn paging(&self, py: Python<'_>) -> PyResult<String> {
        self.seen(py, |machine| machine.config().paging.to_string())
    }

    /// Save the whole machine to a file; an old one is replaced once the new one is whole. O(everything).
    ///
    /// Raises `BadSnapshotError` for a machine with caches, `MachineIOError`.
    #[pyo3(signature = (path: "str | os.PathLike[str]", /))]
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        self.state.long(py, |machine| machine.save_to(path), vm_error)
    }

    /// The whole machine as bytes, which ``restore`` takes. O(everything).
    ///
    /// Raises `BadSnapshotError` for a machine with caches.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.state.long(py, |machine| machine.save(), vm_error)?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The machine that was saved, from a file or bytes: it goes on as the other would have.
    ///
    /// ``files`` says what stands behind its files now, by their numbers: whatever ``open`` takes. Without, those made
    /// from bytes or zeros are as they were saved; those of the host are opened by the path in the snapshot only with
    /// ``reopen``, since a snapshot from elsewhere may name any path. Nobody listens to it. O(everything).
    ///
    /// Raises `BadSnapshotError` for what is damaged, hostile or of another version; OSError as ``open`` does.
    ///
    /// >>> import memcore
    /// >>> machine = memcore.Machine("small")
    /// >>> process = machine.spawn()
    /// >>> address = process.mmap(4096)
    /// >>> process.write(address, b"hello")
    /// >>> again = memcore.Machine.restore(machine.to_bytes())
    /// >>> again.process(1).read(address, 5)
    /// b'hello'
    #[staticmethod]
    #[pyo3(signature = (
        source: "str | os.PathLike[str] | bytes", *,
        files: "typing.Mapping[int, typing.Any] | None" = None, reopen = false
    ))]
    fn restore(
        source: &Bound<'_, PyAny>,
        files: Option<HashMap<u32, Bound<'_, PyAny>>>,
        reopen: bool,
    ) -> PyResult<PyMachine> {
        let py = source.py();
        let bytes = match source.cast::<PyBytes>() {
            Ok(bytes) => bytes.as_bytes().to_vec(),
            Err(_) => {
                let path: PathBuf = source.extract()?;
                py.detach(|| std::fs::read(path))?
            }
        };
        let troubles = Arc::default();
        let given = Given::of(files.unwrap_or_default(), &troubles)?;
        let (machine, sources) =
            py.detach(|| snapshot::restore(&bytes, given, reopen)).map_err(|e| vm_error(py, e))?;
        let restored = PyMachine::of(machine, troubles);
        *restored.sources() = sources;
        // What a file raised meanwhile is in the error, if it led to one.
        restored.state.settled(py, Ok(()))?;
        Ok(restored)
    }

    /// A machine in the same state, which goes its own way. Files made from bytes are copied; those of the host and
    /// objects written in Python stand behind both machines. Nobody listens to it. O(everything).
    ///
    /// Raises `BadSnapshotError` for a machine with caches.
    fn copy(&self, py: Python<'_>) -> PyResult<PyMachine> {
        let bytes = self.state.long(py, |machine| machine.save(), vm_error)?;
        let objects: HashMap<u32, Bound<'_, PyAny>> = self
            .sources()
            .objects
            .iter()
            .map(|(number, object)| (*number, object.bind(py).clone()))
            .collect();
        let troubles = Arc::default();
        let given = Given::of(objects, &troubles)?;
        let (machine, sources) =
            py.detach(|| snapshot::restore(&bytes, given, true)).map_err(|e| vm_error(py, e))?;
        let restored = PyMachine::of(machine, troubles);
        *restored.sources() = sources;
        // What a file raised meanwhile is in the error, if it led to one.
        restored.state.settled(py, Ok(()))?;
        Ok(restored)
    }

    fn __copy__(&self, py: Python<'_>) -> PyResult<PyMachine> {
        self.copy(py)
    }

    #[pyo3(signature = (_memo: "object", /))]
    fn __deepcopy__(&self, py: Python<'_>, _memo: &Bound<'_, PyAny>) -> PyResult<PyMachine> {
        self.copy(py)
    }

    /// What was chosen, as nested dictionaries, which make the same machine again.
    #[getter]
    fn config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let config = self.seen(py, |machine| machine.config().clone())?;
        config::dictionary(py, &config)
    }

    /// The same as TOML.
    #[getter]
    fn toml(&self, py: Python<'_>) -> PyResult<String> {
        let config = self.seen(py, |machine| machine.config().clone())?;
        config.to_toml().map_err(|error| config::config_error(py, error, None))
    }

    /// Memory as ``/proc/meminfo`` tells it: a dictionary in bytes, whose text is as Linux prints it.
    #[pyo3(signature = () -> "dict[str, int]")]
    fn meminfo<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        listing(py, &self.seen(py, |machine| machine.meminfo().to_string())?)
    }

    /// Counts by the names of ``/proc/vmstat``, where Linux has one of the same meaning; a dictionary likewise.
    #[pyo3(signature = () -> "dict[str, int]")]
    fn vmstat<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let lines = |(name, number): (&str, u64)| format!("{name} {number}\n");
        listing(py, &self.seen(py, |machine| machine.vmstat().into_iter().map(lines).collect::<String>())?)
    }

    /// The free blocks of each node: how many there are of 1, 2, 4 frames and so on.
    fn buddyinfo(&self, py: Python<'_>) -> PyResult<Vec<Vec<u64>>> {
        self.seen(py, |machine| machine.buddyinfo().into_iter().map(|node| node.free).collect())
    }

    /// The frames of each node, and how they were taken.
    fn numastat(&self, py: Python<'_>) -> PyResult<Vec<Figures<u64>>> {
        let figures = |node: memcore::vm::NumaStat| {
            Figures(vec![
                ("node", node.node.into()),
                ("frames", node.frames),
                ("free", node.free),
                ("hit", node.hit),
                ("miss", node.miss),
                ("interleave_hit", node.interleave_hit),
                ("migrated", node.migrated),
            ])
        };
        self.seen(py, |machine| machine.numastat().into_iter().map(figures).collect())
    }

    /// What `run_machine` does for a machine that is made for it, on this one, with what is in it and who listens.
    /// The addresses of the traces must be free: ``layout={"flat": True}`` leaves all of them to the traces.
    #[pyo3(signature = (
        traces: "typing.Any", *, progress: "typing.Callable[[int, int | None], object] | None" = None,
        **options: "typing.Any"
    ))]
    fn run(
        &self,
        traces: &Bound<'_, PyAny>,
        progress: Option<Py<PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<PyMachineRun> {
        let module = traces.py().import("memcore._machine_runs")?;
        let opened = module.call_method1("opened", (traces,))?;
        let options = module.getattr("options")?.call((), options)?;
        run::run_on(self, &opened, options.cast()?, progress)
    }

    fn __str__(slf: &Bound<'_, Self>) -> PyResult<String> {
        slf.py().import("memcore._machine")?.call_method1("machine_text", (slf,))?.extract()
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<String> {
        slf.py().import("memcore._machine")?.call_method1("machine_html", (slf,))?.extract()
    }

    fn __repr__(&self) -> String {
        match self.state.try_lock() {
            Some(machine) => format!(
                "<Machine {}: {} of {} frames free, {} processes>",
                machine.config().paging,
                machine.free_frames(),
                machine.frames(),
                machine.processes().count()
            ),
            None => "<Machine, at work>".to_owned(),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.ears.callbacks(&visit)
    }

    fn __clear__(&self) {
        if let Some(mut machine) = self.state.try_lock() {
            self.ears.clear(&mut machine, &self.state.troubles);
        }
    }
}
