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

/// So many bytes are moved between two looks for Ctrl-C; a multiple of the pages of most machines, so that no page is
/// counted twice.
const PIECE: u64 = 1 << 18;

/// The bytes of a range up to the next multiple of [`PIECE`].
fn piece(address: u64, left: u64) -> u64 {
    left.min(PIECE - address % PIECE)
}

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
    if length <= PIECE {
        let mut bytes = vec![0; length as usize];
        let work = |machine: &mut Machine| machine.read(process, address, &mut bytes);
        state.quick(py, work, |py, fault| fault_error(py, fault, None))?;
        return Ok(PyBytes::new(py, &bytes));
    }
    let work = |machine: &mut Machine, watcher: &mut Watcher| {
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < length {
            let done = bytes.len() as u64;
            let from = behind(process, address, done, Access::Read)?;
            let count = piece(from, length - done) as usize;
            bytes.try_reserve(count).map_err(|_| End::Full)?;
            bytes.resize(bytes.len() + count, 0);
            machine.read(process, from, &mut bytes[done as usize..]).map_err(End::Fault)?;
            look(watcher, done, length)?;
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
    if bytes.len() as u64 <= PIECE {
        let work = |machine: &mut Machine| machine.write(process, address, bytes);
        return state.quick(py, work, |py, fault| fault_error(py, fault, None));
    }
    let work = |machine: &mut Machine, watcher: &mut Watcher| {
        let mut left = bytes;
        while !left.is_empty() {
            let done = (bytes.len() - left.len()) as u64;
            let from = behind(process, address, done, Access::Write)?;
            let (part, rest) = left.split_at(piece(from, left.len() as u64) as usize);
            machine.write(process, from, part).map_err(End::Fault)?;
            left = rest;
            look(watcher, done, bytes.len() as u64)?;
        }
        Ok(())
    };
    state.watched(py, None, work, |py, end: End| end.into_exception(py))
}

/// Accesses bytes without moving any, in as many pieces as there are looks for Ctrl-C.
fn access_all(
    machine: &mut Machine,
    process: ProcessId,
    address: u64,
    length: u64,
    access: Access,
    mut look: impl FnMut(u64) -> Result<(), End>,
) -> Result<(), End> {
    let mut done = 0;
    while length - done > PIECE {
        let from = behind(process, address, done, access)?;
        let count = piece(from, length - done);
        machine.access(process, from, count, access).map_err(End::Fault)?;
        done += count;
        look(done)?;
    }
    let from = behind(process, address, done, access)?;
    machine.access(process, from, length - done, access).map_err(End::Fault)
}

/// Accesses bytes without moving any.
pub fn access_one(
    py: Python<'_>,
    state: &State,
    process: ProcessId,
    address: u64,
    length: u64,
    access: Access,
) -> PyResult<()> {
    if length <= PIECE {
        let work = |machine: &mut Machine| machine.access(process, address, length, access);
        return state.quick(py, work, |py, fault| fault_error(py, fault, None));
    }
    let work = |machine: &mut Machine, watcher: &mut Watcher| {
        access_all(machine, process, address, length, access, |done| look(watcher, done, length))
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
    /// How much work there is between two looks: accesses, and pages that they span.
    const TURN: u64 = 4096;
    let total = addresses.len() as u64;
    let work = |machine: &mut Machine, watcher: &mut Watcher| {
        let mut codes = Vec::new();
        codes.try_reserve_exact(addresses.len()).map_err(|_| (End::Full, 0))?;
        let mut since = 0;
        for (index, &address) in addresses.iter().enumerate() {
            let (size, kind, index) = (sizes.at(index), kinds.at(index), index as u64);
            let outcome = access_all(machine, process, address, size, kind, |_| look(watcher, index, total));
            codes.push(match outcome {
                Ok(()) => 0,
                Err(End::Fault(fault)) if !stop => {
                    FAULTS.iter().position(|&kind| kind == fault.kind).map_or(u8::MAX, |at| at as u8 + 1)
                }
                Err(end) => return Err((end, index)),
            });
            since += 1 + (size >> 12);
            if since >= TURN {
                since = 0;
                look(watcher, index + 1, total).map_err(|end| (end, 0))?;
            }
        }
        Ok(codes)
    };
    state.watched(py, progress, work, |py, (end, index)| match end {
        End::Fault(fault) => fault_error(py, fault, Some(index)),
        end => end.into_exception(py),
    })
}
