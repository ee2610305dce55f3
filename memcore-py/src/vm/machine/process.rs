//! The class `memcore.Process`.

use memcore::vm::{Machine, MapFlags, MapRequest, ProcessId, Remap, VmError};
use pyo3::{
    exceptions::PyIndexError,
    prelude::*,
    types::{PyBytes, PyDict, PyList, PySlice},
};

use super::{
    area::PyAreas,
    call,
    errors::{InvalidArgumentError, fault_error, vm_error},
    file::PyFile,
    machine::{PyMachine, counts, cycles, listing},
    memory,
    walk::{PyPageTranslation, PyWalk},
};
use crate::{
    column::Numbers,
    errors::{bad_parameter, raise},
    figures::Figures,
    number::Number,
};

/// A process of a `Machine`: an address space, the calls of an operating system, and accesses to its memory.
///
/// ``process[address]`` is a byte; ``process[start:end]`` are bytes, and can be assigned: any buffer of that length.
/// Sizes are in bytes, and ranges are rounded to whole pages as on Linux. After its exit, or when it was killed, every
/// call raises `NoProcessError`.
///
/// >>> import memcore
/// >>> process = memcore.Machine("linux").spawn()
/// >>> address = process.mmap(4096, "rw")
/// >>> process[address : address + 5] = b"hello"
/// >>> process[address + 1]
/// 101
/// >>> process.mprotect(address, 4096, "r")
/// >>> process[address] = 0
/// Traceback (most recent call last):
///     ...
/// memcore.SegmentationFault: write of 0x7ffff7ffe000 by process 1: accerr
#[pyclass(frozen, name = "Process", module = "memcore", weakref)]
pub struct PyProcess {
    machine: Py<PyMachine>,
    id: ProcessId,
}

impl PyProcess {
    pub fn new(machine: &Bound<'_, PyMachine>, id: ProcessId) -> Self {
        PyProcess { machine: machine.clone().unbind(), id }
    }

    /// The number, for a call of this machine.
    pub fn of(&self, py: Python<'_>, machine: &Py<PyMachine>) -> PyResult<ProcessId> {
        if self.machine.is(machine) {
            return Ok(self.id);
        }
        let (text, rule) = ("the process is of another machine", "must be of this machine");
        Err(raise!(py, InvalidArgumentError, text, name = "process", value = self.id.0, rule = rule))
    }

    #[inline]
    fn quick<T>(&self, py: Python<'_>, work: impl FnOnce(&mut Machine) -> Result<T, VmError>) -> PyResult<T> {
        self.machine.get().state.quick(py, work, vm_error)
    }

    fn long<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Machine) -> Result<T, VmError> + Send,
    ) -> PyResult<T> {
        self.machine.get().state.long(py, work, vm_error)
    }

    /// Start and length of `process[start:end]`.
    fn range(slice: &Bound<'_, PySlice>) -> PyResult<(u64, u64)> {
        let part = |name: &str| slice.getattr(name);
        let step = part("step")?;
        if !step.is_none() && step.extract::<i64>()? != 1 {
            return Err(PyIndexError::new_err("a range of addresses has no step; view() has one"));
        }
        let (start, stop) = (part("start")?, part("stop")?);
        if start.is_none() || stop.is_none() {
            return Err(PyIndexError::new_err("a range of addresses has a start and an end"));
        }
        let (Number(start), Number(stop)) = (start.extract()?, stop.extract()?);
        Ok((start, stop.saturating_sub(start)))
    }
}

#[pymethods]
impl PyProcess {
    /// The machine.
    #[getter]
    fn machine(&self, py: Python<'_>) -> Py<PyMachine> {
        self.machine.clone_ref(py)
    }

    /// Its number, from 1; no number is given twice.
    #[getter]
    fn number(&self) -> u32 {
        self.id.0
    }

    /// It has not ended.
    #[getter]
    fn is_alive(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.machine.get().state.lock(py)?.is_alive(self.id))
    }

    /// Map ``length`` bytes, and return where.
    ///
    /// Parameters
    /// ----------
    /// protection:
    ///     Letters of ``"rwx"`` (``"rw"`` by default), ``"none"``, or bits as ``PROT_*``.
    /// at:
    ///     The address that is wished for; with ``fixed`` the very address, whatever is mapped there, and with
    ///     ``noreplace`` the very address unless something is mapped there.
    /// shared:
    ///     Writes are seen by all who map the same, and reach the file.
    /// file, offset:
    ///     The `File`, and where in it, in bytes; without, the memory begins as zeros.
    /// populate:
    ///     Fault it in now.
    /// noreserve:
    ///     No commit is charged.
    /// locked:
    ///     As by ``mlock``.
    /// grows_down:
    ///     A stack: it grows when the page below is touched.
    /// huge:
    ///     From the pool of huge pages: the level of their entries, 1 for 2 MiB and 2 for 1 GiB on x86-64.
    ///
    /// O(log areas), and the pages where they are populated.
    ///
    /// Raises `InvalidArgumentError`, `NoMemoryError`, `RangeMappedError`, `FileDeniedError`, `NoFileError`.
    #[pyo3(signature = (
        length, protection: "str | int" = None, *, at = None, fixed = false, shared = false,
        file: "File | None" = None, offset = Number(0), populate = false, noreserve = false, noreplace = false,
        locked = false, grows_down = false, huge = None
    ))]
    #[allow(clippy::too_many_arguments)] // They are keywords in Python.
    fn mmap(
        &self,
        py: Python<'_>,
        length: Number,
        protection: Option<&Bound<'_, PyAny>>,
        at: Option<Number>,
        fixed: bool,
        shared: bool,
        file: Option<&Bound<'_, PyFile>>,
        offset: Number,
        populate: bool,
        noreserve: bool,
        noreplace: bool,
        locked: bool,
        grows_down: bool,
        huge: Option<Number>,
    ) -> PyResult<u64> {
        let protection = match protection {
            Some(given) => call::protection(given)?,
            None => memcore::vm::Protection::READ | memcore::vm::Protection::WRITE,
        };
        if (fixed || noreplace) && at.is_none() {
            let rule = "a fixed mapping needs an address";
            return Err(bad_parameter(py, "at", 0, rule));
        }
        let file = match file {
            Some(file) if file.get().machine.is(&self.machine) => Some(file.get().number),
            Some(file) => {
                let number = file.get().number;
                return Err(bad_parameter(py, "file", number, "must be of this machine"));
            }
            None => None,
        };
        let mut flags = if shared { MapFlags::SHARED } else { MapFlags::PRIVATE };
        for (flag, is_set) in [
            (MapFlags::FIXED, fixed),
            (MapFlags::FIXED_NOREPLACE, noreplace),
            (MapFlags::POPULATE, populate),
            (MapFlags::NORESERVE, noreserve),
            (MapFlags::LOCKED, locked),
            (MapFlags::GROWSDOWN, grows_down),
            (MapFlags::HUGETLB, huge.is_some()),
        ] {
            flags.set(flag, is_set);
        }
        let level = huge.map_or(1, |Number(level)| level);
        let huge_level = u32::try_from(level).map_err(|_| bad_parameter(py, "huge", level, "is no level"))?;
        let request = MapRequest {
            address: at.map_or(0, |Number(at)| at),
            length: length.0,
            protection,
            flags,
            file,
            offset: offset.0,
            huge_level,
        };
        if populate || locked {
            return self.long(py, |machine| machine.mmap(self.id, &request));
        }
        self.quick(py, |machine| machine.mmap(self.id, &request))
    }

    /// Unmap a range; holes in it are no error. O(areas and pages in it).
    ///
    /// Raises `InvalidArgumentError`, `NoMemoryError` where a split would make too many areas.
    fn munmap(&self, py: Python<'_>, start: Number, length: Number) -> PyResult<()> {
        self.long(py, |machine| machine.munmap(self.id, start.0, length.0))
    }

    /// Change what may be done to a range. O(areas and pages in it).
    ///
    /// Raises `InvalidArgumentError`, `UnmappedError` at the first hole (what is before it is changed),
    /// `FileDeniedError`, `NoMemoryError`.
    #[pyo3(signature = (start, length, protection: "str | int"))]
    fn mprotect(
        &self,
        py: Python<'_>,
        start: Number,
        length: Number,
        protection: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let protection = call::protection(protection)?;
        self.long(py, |machine| machine.mprotect(self.id, start.0, length.0, protection))
    }

    /// Make a mapping longer or shorter, and return where it is: in place; with ``move`` elsewhere where it cannot grow;
    /// with ``to`` at that address, whatever is mapped there. O(pages moved).
    ///
    /// Raises `InvalidArgumentError`, `NotInOneAreaError`, `NoMemoryError`.
    #[pyo3(signature = (start, old_length, new_length, *, r#move = false, to = None))]
    fn mremap(
        &self,
        py: Python<'_>,
        start: Number,
        old_length: Number,
        new_length: Number,
        r#move: bool,
        to: Option<Number>,
    ) -> PyResult<u64> {
        let how = match (to, r#move) {
            (Some(Number(to)), _) => Remap::Fixed(to),
            (None, true) => Remap::MayMove,
            (None, false) => Remap::InPlace,
        };
        self.long(py, |machine| machine.mremap(self.id, start.0, old_length.0, new_length.0, how))
    }

    /// Say what the pages of a range are for: the name of an ``MADV_*`` in lower case, or its number. ``"dontneed"``,
    /// ``"willneed"``, ``"free"``, ``"cold"``, ``"pageout"``, ``"hugepage"``, ``"mergeable"``, ``"populate_write"``
    /// and so on. O(areas and pages in it).
    ///
    /// Raises `UnknownNameError`, `InvalidArgumentError`, `UnmappedError`.
    #[pyo3(signature = (start, length, advice: "str | int"))]
    fn madvise(
        &self,
        py: Python<'_>,
        start: Number,
        length: Number,
        advice: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let advice = call::advice(advice)?;
        self.long(py, |machine| machine.madvise(self.id, start.0, length.0, advice))
    }

    /// Set the end of the heap, and return it; without an argument only tell it. As on Linux, a wish that cannot be
    /// had leaves the end where it is.
    #[pyo3(signature = (end = Number(0), /))]
    fn brk(&self, py: Python<'_>, end: Number) -> PyResult<u64> {
        self.long(py, |machine| machine.brk(self.id, end.0))
    }

    /// A child with the same memory, which both share until one of them writes. O(areas + entries).
    ///
    /// Raises `NoMemoryError`.
    fn fork(&self, py: Python<'_>) -> PyResult<PyProcess> {
        let child = self.long(py, |machine| machine.fork(self.id))?;
        Ok(PyProcess::new(self.machine.bind(py), child))
    }

    /// End it. O(areas + entries).
    fn exit(&self, py: Python<'_>) -> PyResult<()> {
        self.long(py, |machine| machine.exit(self.id))
    }

    /// Keep the pages of a range in memory; with ``on_fault`` each once it is there. O(pages).
    ///
    /// Raises `NoMemoryError` above the limit, `UnmappedError`, `NotLockedError`.
    #[pyo3(signature = (start, length, *, on_fault = false))]
    fn mlock(&self, py: Python<'_>, start: Number, length: Number, on_fault: bool) -> PyResult<()> {
        self.long(py, |machine| match on_fault {
            false => machine.mlock(self.id, start.0, length.0),
            true => machine.mlock_on_fault(self.id, start.0, length.0),
        })
    }

    /// Undo ``mlock``. O(pages).
    fn munlock(&self, py: Python<'_>, start: Number, length: Number) -> PyResult<()> {
        self.long(py, |machine| machine.munlock(self.id, start.0, length.0))
    }

    /// Write the dirty pages of shared file mappings in a range. O(pages).
    ///
    /// Raises `UnmappedError`, `MachineIOError`.
    fn msync(&self, py: Python<'_>, start: Number, length: Number) -> PyResult<()> {
        self.long(py, |machine| machine.msync(self.id, start.0, length.0))
    }

    /// Which pages of a range are in memory: a truth for each, in an array of booleans. O(pages).
    #[pyo3(signature = (start, length) -> "typing.Any")]
    fn mincore<'py>(&self, py: Python<'py>, start: Number, length: Number) -> PyResult<Bound<'py, PyAny>> {
        let pages = self.long(py, |machine| machine.mincore(self.id, start.0, length.0))?;
        Numbers::Bool(pages).into_array(py)
    }

    /// On which nodes pages of the process are placed from now on: ``"default"``, ``"bind"``, ``"preferred"``,
    /// ``"interleave"`` or ``"weighted-interleave"``, with the nodes and, for the last, a weight for each.
    #[pyo3(signature = (policy, nodes = None, weights = None))]
    fn set_policy(
        &self,
        py: Python<'_>,
        policy: &str,
        nodes: Option<Vec<Number>>,
        weights: Option<Vec<Number>>,
    ) -> PyResult<()> {
        let policy = call::numa_policy(py, policy, nodes, weights)?;
        self.quick(py, |machine| machine.set_policy(self.id, policy))
    }

    /// The same for a range; ``policy=None`` for that of the process. O(areas).
    #[pyo3(signature = (start, length, policy: "str | None", nodes = None, weights = None))]
    fn mbind(
        &self,
        py: Python<'_>,
        start: Number,
        length: Number,
        policy: Option<&str>,
        nodes: Option<Vec<Number>>,
        weights: Option<Vec<Number>>,
    ) -> PyResult<()> {
        let policy = policy.map(|name| call::numa_policy(py, name, nodes, weights)).transpose()?;
        self.quick(py, |machine| machine.mbind(self.id, start.0, length.0, policy))
    }

    /// Run on the processor of this node from now on.
    #[pyo3(signature = (node, /))]
    fn set_node(&self, py: Python<'_>, node: Number) -> PyResult<()> {
        let node = call::node(py, node)?;
        self.quick(py, |machine| machine.set_node(self.id, node))
    }

    /// The next access to each page of a range moves it to the node of whoever accesses it; how many pages were marked.
    fn mark_next_touch(&self, py: Python<'_>, start: Number, length: Number) -> PyResult<u64> {
        self.long(py, |machine| machine.mark_next_touch(self.id, start.0, length.0))
    }

    /// Look for ranges that could be huge pages, and make them such; how many were made. O(areas + entries).
    fn collapse(&self, py: Python<'_>) -> PyResult<u64> {
        self.long(py, |machine| machine.collapse_scan(self.id))
    }

    /// How near it is to be killed when memory runs out; None for one that never is.
    #[getter]
    fn oom_points(&self, py: Python<'_>) -> PyResult<Option<i64>> {
        self.quick(py, |machine| machine.oom_points(self.id))
    }

    /// Add to these points, from -1000 (never) to 1000 (first).
    #[pyo3(signature = (adjustment, /))]
    fn set_oom_adjustment(&self, py: Python<'_>, adjustment: i32) -> PyResult<()> {
        self.quick(py, |machine| machine.set_oom_adjustment(self.id, adjustment))
    }

    /// Read ``length`` bytes. Other threads run while many are read, and Ctrl-C is answered. O(bytes + pages).
    ///
    /// Raises a `Fault`: `SegmentationFault`, `BusError`, `OutOfMemoryKill`; `NoProcessError`.
    fn read<'py>(&self, py: Python<'py>, address: Number, length: Number) -> PyResult<Bound<'py, PyBytes>> {
        memory::read(py, &self.machine.get().state, self.id, address.0, length.0)
    }

    /// Read as many bytes as a writable buffer has, a bytearray or an array; how many. At a fault it stays as it was.
    #[pyo3(signature = (address, buffer: "typing.Any"))]
    fn read_into(&self, address: Number, buffer: &Bound<'_, PyAny>) -> PyResult<usize> {
        memory::read_into(buffer, &self.machine.get().state, self.id, address.0)
    }

    /// Write the bytes of any buffer. At a fault those before it are written.
    #[pyo3(signature = (address, data: "typing.Any"))]
    fn write(&self, py: Python<'_>, address: Number, data: &Bound<'_, PyAny>) -> PyResult<()> {
        let bytes = memory::bytes_of(data)?;
        memory::write(py, &self.machine.get().state, self.id, address.0, bytes.as_bytes())
    }

    /// Fetch instructions of so many bytes.
    #[pyo3(signature = (address, length = Number(1)))]
    fn execute(&self, py: Python<'_>, address: Number, length: Number) -> PyResult<()> {
        self.access(py, address, length, "execute")
    }

    /// Access bytes without moving any: ``"read"``, ``"write"`` or ``"execute"``. O(pages).
    #[pyo3(signature = (address, length = Number(1), kind = "read"))]
    fn access(&self, py: Python<'_>, address: Number, length: Number, kind: &str) -> PyResult<()> {
        let access = call::access(py, kind)?;
        memory::access_one(py, &self.machine.get().state, self.id, address.0, length.0, access)
    }

    /// Access one address after the other: a whole trace in one call, in which other threads run and Ctrl-C is answered.
    ///
    /// ``addresses`` are an array of integers or an iterable of ints; ``kinds`` is the kind of all, or an array of 0
    /// read, 1 write, 2 execute; ``sizes`` is the bytes of all, or an array. The answer is an array of codes, 0 where
    /// the access went well: with ``stop`` the first fault is raised, with its ``index``; without, it is counted by
    /// the place of its kind in ``Process.FAULT_KINDS``, from 1, and the next access follows. ``progress`` is called as
    /// ``progress(done, total)``.
    ///
    /// >>> import memcore
    /// >>> process = memcore.Machine("linux").spawn()
    /// >>> address = process.mmap(8192)
    /// >>> process.access_many([address, 0, address + 4096], [0, 1, 1], stop=False).tolist()
    /// [0, 2, 0]
    #[pyo3(signature = (
        addresses: "typing.Any", kinds: "typing.Any" = None, sizes: "typing.Any" = None, *, stop = true,
        progress: "typing.Callable[[int, int | None], object] | None" = None
    ) -> "typing.Any")]
    #[allow(clippy::too_many_arguments)] // They are keywords in Python.
    fn access_many<'py>(
        &self,
        py: Python<'py>,
        addresses: &Bound<'py, PyAny>,
        kinds: Option<&Bound<'py, PyAny>>,
        sizes: Option<&Bound<'py, PyAny>>,
        stop: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let state = &self.machine.get().state;
        let codes = memory::access_many(py, state, self.id, addresses, kinds, sizes, stop, progress)?;
        Numbers::U8(codes).into_array(py)
    }

    /// The names of the kinds of fault, in the order of the codes of ``access_many``.
    #[classattr]
    #[pyo3(name = "FAULT_KINDS")]
    fn fault_kinds() -> [&'static str; 7] {
        memory::FAULTS.map(memcore::vm::FaultKind::name)
    }

    /// Write ``new`` where the bytes are ``expected``, with nothing in between; whether they were. Both are as long as
    /// each other and lie in one page. It is a write in either case.
    #[pyo3(signature = (address, expected: "typing.Any", new: "typing.Any"))]
    fn compare_exchange(
        &self,
        py: Python<'_>,
        address: Number,
        expected: &Bound<'_, PyAny>,
        new: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        let (expected, new) = (memory::bytes_of(expected)?, memory::bytes_of(new)?);
        let (expected, new) = (expected.as_bytes(), new.as_bytes());
        let state = &self.machine.get().state;
        let page_size = state.lock(py)?.page_size();
        let within = address.0 % page_size;
        if expected.len() != new.len() || new.len() as u64 > page_size - within {
            let rule = "must be as long as what is expected, and in one page with it";
            return Err(bad_parameter(py, "new", new.len() as u64, rule));
        }
        let work = |machine: &mut Machine| machine.compare_exchange(self.id, address.0, expected, new);
        state.quick(py, work, |py, fault| fault_error(py, fault, None))
    }

    /// What an address is translated to now; None where an access would fault for want of a page. No bit and no
    /// counter changes. O(levels).
    #[pyo3(signature = (address, /))]
    fn translate(&self, py: Python<'_>, address: Number) -> PyResult<Option<PyPageTranslation>> {
        let machine = self.machine.get().state.lock(py)?;
        Ok(machine.translate(self.id, address.0).map(PyPageTranslation::from))
    }

    /// The page walk of an address, entry by entry. Nothing changes. O(levels).
    #[pyo3(signature = (address, /))]
    fn walk(&self, py: Python<'_>, address: Number) -> PyResult<PyWalk> {
        self.quick(py, |machine| machine.walk(self.id, address.0)).map(PyWalk)
    }

    /// A view of ``length`` bytes, which is read and written piece by piece as a memoryview is.
    #[pyo3(signature = (address, length) -> "typing.Any")]
    fn view<'py>(slf: &Bound<'py, Self>, address: Number, length: Number) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("memcore._machine")?.getattr("View")?.call1((slf, address.0, length.0))
    }

    /// What it has, in pages: ``rss``, of which ``rss_anonymous``, ``rss_file``, ``rss_shared``; ``swapped``. O(1).
    #[getter]
    fn usage(&self, py: Python<'_>) -> PyResult<Figures<u64>> {
        let usage = self.quick(py, |machine| machine.usage(self.id))?;
        Ok(Figures(vec![
            ("rss", usage.rss()),
            ("rss_anonymous", usage.rss_anonymous),
            ("rss_file", usage.rss_file),
            ("rss_shared", usage.rss_shared),
            ("swapped", usage.swapped),
        ]))
    }

    /// What was counted while it ran, by name.
    #[getter]
    fn counters(&self, py: Python<'_>) -> PyResult<Figures<u64>> {
        self.quick(py, |machine| machine.process_counters(self.id)).map(|found| counts(&found))
    }

    /// Cycles while it ran, by cause.
    #[getter]
    fn time(&self, py: Python<'_>) -> PyResult<Figures<u64>> {
        self.quick(py, |machine| machine.process_time(self.id)).map(|found| cycles(&found))
    }

    /// Its areas, in the order of their addresses. O(areas).
    #[getter]
    fn areas(&self, py: Python<'_>) -> PyResult<PyAreas> {
        self.quick(py, |machine| Ok(machine.areas(self.id)?.cloned().collect())).map(PyAreas)
    }

    /// Where its segments lie, as a drawing.
    #[getter]
    fn layout(&self, py: Python<'_>) -> PyResult<String> {
        self.quick(py, |machine| Ok(machine.layout(self.id)?.to_string()))
    }

    /// Its areas as ``/proc/PID/maps`` prints them.
    fn maps(&self, py: Python<'_>) -> PyResult<String> {
        self.quick(py, |machine| machine.maps(self.id))
    }

    /// What each area has in memory, as ``/proc/PID/smaps`` prints it. O(pages).
    fn smaps(&self, py: Python<'_>) -> PyResult<String> {
        self.long(py, |machine| machine.smaps_text(self.id))
    }

    /// What it is and has, as ``/proc/PID/status`` tells it: a dictionary in bytes, whose text is as Linux prints it.
    #[pyo3(signature = () -> "dict[str, int]")]
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        listing(py, &self.quick(py, |machine| machine.status(self.id))?.to_string())
    }

    /// Its page table, with equal neighbours in one row: dictionaries of ``start``, ``end``, ``level``, ``state``,
    /// ``number`` (the first frame, or page in swap), ``protection``, ``is_accessed``, ``is_dirty``, ``entries``.
    #[pyo3(signature = () -> "list[dict[str, typing.Any]]")]
    fn page_table<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for row in self.long(py, |machine| machine.page_table(self.id))? {
            let figures = PyDict::new(py);
            figures.set_item("start", row.start)?;
            figures.set_item("end", row.end)?;
            figures.set_item("level", row.level)?;
            figures.set_item("state", row.state.name())?;
            figures.set_item("number", row.number)?;
            figures.set_item("protection", row.protection.to_string())?;
            figures.set_item("is_accessed", row.is_accessed)?;
            figures.set_item("is_dirty", row.is_dirty)?;
            figures.set_item("entries", row.entries)?;
            list.append(figures)?;
        }
        Ok(list)
    }

    /// Its address space drawn with characters.
    fn picture(&self, py: Python<'_>) -> PyResult<String> {
        self.long(py, |machine| machine.picture(self.id))
    }

    fn __getitem__<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (py, state) = (key.py(), &self.machine.get().state);
        if let Ok(slice) = key.cast::<PySlice>() {
            let (start, length) = Self::range(slice)?;
            return Ok(memory::read(py, state, self.id, start, length)?.into_any());
        }
        let Number(address) = key.extract()?;
        let byte = memory::read(py, state, self.id, address, 1)?;
        Ok(byte.as_bytes()[0].into_pyobject(py)?.into_any())
    }

    fn __setitem__(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let (py, state) = (key.py(), &self.machine.get().state);
        if let Ok(slice) = key.cast::<PySlice>() {
            let (start, length) = Self::range(slice)?;
            let bytes = memory::bytes_of(value)?;
            let given = bytes.as_bytes().len() as u64;
            if given != length {
                let rule = format!("must have as many bytes as the range, {length}");
                return Err(bad_parameter(py, "value", given, &rule));
            }
            return memory::write(py, state, self.id, start, bytes.as_bytes());
        }
        let (Number(address), Number(byte)) = (key.extract()?, value.extract()?);
        let byte = u8::try_from(byte).map_err(|_| bad_parameter(py, "value", byte, "a byte is below 256"))?;
        memory::write(py, state, self.id, address, &[byte])
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<PyProcess>()
            .is_ok_and(|other| other.get().machine.is(&self.machine) && other.get().id == self.id)
    }

    fn __hash__(&self) -> u64 {
        (self.machine.as_ptr() as u64).rotate_right(4) ^ u64::from(self.id.0)
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<String> {
        slf.py().import("memcore._machine")?.call_method1("process_html", (slf,))?.extract()
    }

    fn __repr__(&self) -> String {
        let number = self.id;
        let Some(machine) = self.machine.get().state.try_lock() else {
            return format!("<Process {number}>");
        };
        match machine.usage(self.id) {
            Ok(usage) => {
                format!("<Process {number}: {} pages in memory, {} in swap>", usage.rss(), usage.swapped)
            }
            Err(_) => format!("<Process {number}, ended>"),
        }
    }
}
