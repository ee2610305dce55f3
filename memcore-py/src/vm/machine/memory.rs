//! Bytes between Python and a process.

use memcore::progress::Progress;
use memcore::vm::{Access, Fault, FaultKind, Machine, ProcessId};
use pyo3::{
    buffer::PyBuffer,
    exceptions::{PyBufferError, PyMemoryError},
    intern,
    prelude::*,
    types::{PyBytes, PyMemoryView},
};

use super::{
    call::{access, access_of_number},
    errors::fault_error,
    state::State,
};
use crate::{column::numbers_of, errors::bad_parameter, long_call::Watcher, number::Number};

/// So many bytes are moved between two looks for Ctrl-C.
const PIECE: usize = 1 << 18;

/// Why bytes were not moved.
enum End {
    Fault(Fault),
    /// The host has no memory for so many.
    Full,
    Stopped,
}

impl End {
    fn into_exception(self, py: Python<'_>) -> PyErr {
        match self {
            End::Fault(fault) => fault_error(py, fault, None),
            End::Full => PyMemoryError::new_err("no memory for so many bytes"),
            // What stopped it is raised in its place.
            End::Stopped => PyMemoryError::new_err("cancelled"),
        }
    }
}

fn look(watcher: &mut Watcher, done: u64, total: u64) -> Result<(), End> {
    if watcher.report(done, Some(total)).is_break() { Err(End::Stopped) } else { Ok(()) }
}

/// Reads bytes of a process.
pub fn read<'py>(
    py: Python<'py>,
    state: &State,
    process: ProcessId,
    address: u64,
    length: u64,
) -> PyResult<Bound<'py, PyBytes>> {
    if length <= PIECE as u64 {
        let mut bytes = vec![0; length as usize];
        let work = |machine: &mut Machine| machine.read(process, address, &mut bytes);
        state.quick(py, work, |py, fault| fault_error(py, fault, None))?;
        return Ok(PyBytes::new(py, &bytes));
    }
    let work = |machine: &mut Machine, watcher: &mut Watcher| {
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < length {
            let done = bytes.len();
            let count = (length - done as u64).min(PIECE as u64) as usize;
            bytes.try_reserve(count).map_err(|_| End::Full)?;
            bytes.resize(done + count, 0);
            let from = behind(process, address, done as u64, Access::Read)?;
            machine.read(process, from, &mut bytes[done..]).map_err(End::Fault)?;
            look(watcher, done as u64, length)?;
        }
        Ok(bytes)
    };
    let bytes = state.watched(py, None, work, |py, end: End| end.into_exception(py))?;
    Ok(PyBytes::new(py, &bytes))
}

/// The address so many bytes behind another; past the end of all addresses there is none.
fn behind(process: ProcessId, address: u64, bytes: u64, access: Access) -> Result<u64, End> {
    let fault = Fault { kind: FaultKind::GeneralProtection, address: 0, process, access };
    address.checked_add(bytes).ok_or(End::Fault(fault))
}

/// Reads bytes of a process into a buffer, all or, at a fault, none.
pub fn read_into(
    buffer: &Bound<'_, PyAny>,
    state: &State,
    process: ProcessId,
    address: u64,
) -> PyResult<usize> {
    let py = buffer.py();
    let mut view = PyMemoryView::from(buffer)?.into_any();
    if view.getattr(intern!(py, "readonly"))?.is_truthy()? {
        return Err(PyBufferError::new_err("the buffer cannot be written"));
    }
    let length: u64 = view.getattr(intern!(py, "nbytes"))?.extract()?;
    if length == 0 {
        return Ok(0);
    }
    view = view.call_method1(intern!(py, "cast"), ("B",))?;
    let target = PyBuffer::<u8>::get(&view)?;
    let bytes = read(py, state, process, address, length)?;
    target.copy_from_slice(py, bytes.as_bytes())?;
    Ok(bytes.as_bytes().len())
}

/// The bytes of any buffer.
pub fn bytes_of<'py>(data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    match data.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.clone()),
        Err(_) => Ok(PyMemoryView::from(data)?.call_method0(intern!(data.py(), "tobytes"))?.cast_into()?),
    }
}

/// Writes bytes to a process.
pub fn write(py: Python<'_>, state: &State, process: ProcessId, address: u64, bytes: &[u8]) -> PyResult<()> {
    if bytes.len() <= PIECE {
        let work = |machine: &mut Machine| machine.write(process, address, bytes);
        return state.quick(py, work, |py, fault| fault_error(py, fault, None));
    }
    let work = |machine: &mut Machine, watcher: &mut Watcher| {
        let mut done = 0;
        for part in bytes.chunks(PIECE) {
            let from = behind(process, address, done, Access::Write)?;
            machine.write(process, from, part).map_err(End::Fault)?;
            done += part.len() as u64;
            look(watcher, done, bytes.len() as u64)?;
        }
        Ok(())
    };
    state.watched(py, None, work, |py, end: End| end.into_exception(py))
}

/// What each of several accesses has of one kind: the same, or its own.
enum Each<T> {
    Same(T),
    Own(Vec<T>),
}

impl<T: Copy> Each<T> {
    fn at(&self, index: usize) -> T {
        match self {
            Each::Same(one) => *one,
            Each::Own(each) => each[index],
        }
    }

    fn of(name: &str, each: Vec<T>, length: usize, py: Python<'_>) -> PyResult<Self> {
        if each.len() != length {
            let rule = format!("there must be one for each of {length} addresses");
            return Err(bad_parameter(py, name, each.len() as u64, &rule));
        }
        Ok(Each::Own(each))
    }
}

/// The kinds of fault, by the numbers of [`access_many`] less one.
pub const FAULTS: [FaultKind; 7] = [
    FaultKind::GeneralProtection,
    FaultKind::MapErr,
    FaultKind::AccErr,
    FaultKind::AdrErr,
    FaultKind::Io,
    FaultKind::OutOfMemory,
    FaultKind::NoProcess,
];

/// Accesses one address after the other; how each went: 0 well, else 1 more than the place in [`FAULTS`].
#[allow(clippy::too_many_arguments)] // They are keywords in Python.
pub fn access_many(
    py: Python<'_>,
    state: &State,
    process: ProcessId,
    addresses: &Bound<'_, PyAny>,
    kinds: Option<&Bound<'_, PyAny>>,
    sizes: Option<&Bound<'_, PyAny>>,
    stop: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<u8>> {
    let addresses = numbers_of(addresses)?;
    let kinds = match kinds.map(|kinds| (kinds, kinds.extract::<&str>())) {
        None => Each::Same(Access::Read),
        Some((_, Ok(name))) => Each::Same(access(py, name)?),
        Some((kinds, Err(_))) => {
            let each = numbers_of(kinds)?.into_iter().map(|number| access_of_number(py, number));
            Each::of("kinds", each.collect::<PyResult<_>>()?, addresses.len(), py)?
        }
    };
    let sizes = match sizes.map(|sizes| (sizes, sizes.extract::<Number>())) {
        None => Each::Same(1),
        Some((_, Ok(Number(size)))) => Each::Same(size),
        Some((sizes, Err(_))) => Each::of("sizes", numbers_of(sizes)?, addresses.len(), py)?,
    };
    /// How many accesses there are between two looks.
    const TURN: usize = 4096;
    let work = |machine: &mut Machine, watcher: &mut Watcher| {
        let mut codes = Vec::new();
        codes.try_reserve_exact(addresses.len()).map_err(|_| (End::Full, 0))?;
        for (index, &address) in addresses.iter().enumerate() {
            let outcome = machine.access(process, address, sizes.at(index), kinds.at(index));
            codes.push(match outcome {
                Ok(()) => 0,
                Err(fault) if stop => return Err((End::Fault(fault), index as u64)),
                Err(fault) => {
                    FAULTS.iter().position(|&kind| kind == fault.kind).map_or(u8::MAX, |at| at as u8 + 1)
                }
            });
            if index % TURN == TURN - 1 {
                look(watcher, index as u64 + 1, addresses.len() as u64).map_err(|end| (end, 0))?;
            }
        }
        Ok(codes)
    };
    state.watched(py, progress, work, |py, (end, index)| match end {
        End::Fault(fault) => fault_error(py, fault, Some(index)),
        end => end.into_exception(py),
    })
}
