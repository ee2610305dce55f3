//! What happened in a machine.

use memcore::vm::Event;
use pyo3::{IntoPyObjectExt, exceptions::PyAttributeError, prelude::*, types::PyDict};

/// One value of an event.
#[derive(Clone, Copy)]
pub enum Value {
    Number(u64),
    Signed(i64),
    Word(&'static str),
    Truth(bool),
}

impl Value {
    pub fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self {
            Value::Number(number) => number.into_py_any(py),
            Value::Signed(number) => number.into_py_any(py),
            Value::Word(word) => word.into_py_any(py),
            Value::Truth(truth) => truth.into_py_any(py),
        }
    }
}

/// The fields of an event, by their names, in their order.
pub fn fields(event: &Event) -> Vec<(&'static str, Value)> {
    use Value::{Number, Signed, Truth, Word};
    let range = |process: memcore::vm::ProcessId, from, to| {
        vec![("process", Number(process.0.into())), ("start", Number(from)), ("end", Number(to))]
    };
    match *event {
        Event::Access { process, address, access, frame } => vec![
            ("process", Number(process.0.into())),
            ("address", Number(address)),
            ("access", Word(access.name())),
            ("frame", Number(frame)),
        ],
        Event::TlbHit { process, address, level } => vec![
            ("process", Number(process.0.into())),
            ("address", Number(address)),
            ("level", Number(level.into())),
        ],
        Event::TlbMiss { process, address } => {
            vec![("process", Number(process.0.into())), ("address", Number(address))]
        }
        Event::WalkStep { process, address, level, entry_address } => vec![
            ("process", Number(process.0.into())),
            ("address", Number(address)),
            ("level", Number(level.into())),
            ("entry_address", Number(entry_address)),
        ],
        Event::Fault { process, address, access, served, major, frame } => vec![
            ("process", Number(process.0.into())),
            ("address", Number(address)),
            ("access", Word(access.name())),
            ("served", Word(served.name())),
            ("major", Truth(major)),
            ("frame", Number(frame)),
        ],
        Event::Signal { process, address, access, kind } => vec![
            ("process", Number(process.0.into())),
            ("address", Number(address)),
            ("access", Word(access.name())),
            ("kind", Word(kind.name())),
        ],
        Event::Evict { frame, destination, background } => vec![
            ("frame", Number(frame)),
            ("destination", Word(destination.name())),
            ("background", Truth(background)),
        ],
        Event::WriteBack { file, offset } => {
            vec![("file", Number(file.into())), ("offset", Number(offset))]
        }
        Event::SwapIn { frame, slot, compressed } => {
            vec![("frame", Number(frame)), ("slot", Number(slot.into())), ("compressed", Truth(compressed))]
        }
        Event::PoolWriteBack { slot } => vec![("slot", Number(slot.into()))],
        Event::Merge { process, address, frame } | Event::Collapse { process, address, frame } => vec![
            ("process", Number(process.0.into())),
            ("address", Number(address)),
            ("frame", Number(frame)),
        ],
        Event::Split { frame } => vec![("frame", Number(frame))],
        Event::Migrate { process, address, from, to } => vec![
            ("process", Number(process.0.into())),
            ("address", Number(address)),
            ("from_node", Number(from.into())),
            ("to_node", Number(to.into())),
        ],
        Event::Spawn { process, parent } => {
            vec![("process", Number(process.0.into())), ("parent", Number(parent.0.into()))]
        }
        Event::Exit { process } => vec![("process", Number(process.0.into()))],
        Event::Kill { process, points } => {
            vec![("process", Number(process.0.into())), ("points", Signed(points))]
        }
        Event::TlbFlush { process, from, to }
        | Event::Map { process, from, to }
        | Event::Unmap { process, from, to }
        | Event::Protect { process, from, to } => range(process, from, to),
        // The engine may learn new events before this list does.
        _ => Vec::new(),
    }
}

/// Something that happened in a machine.
///
/// Its ``name`` is ``"access"``, ``"tlb-hit"``, ``"tlb-miss"``, ``"walk-step"``, ``"fault"``, ``"signal"``,
/// ``"evict"``, ``"write-back"``, ``"swap-in"``, ``"pool-write-back"``, ``"merge"``, ``"collapse"``, ``"split"``,
/// ``"migrate"``, ``"tlb-flush"``, ``"spawn"``, ``"exit"``, ``"kill"``, ``"map"``, ``"unmap"`` or ``"protect"``. Its
/// fields are attributes, such as ``event.address``; which there are depends on the name, and ``fields`` has them all.
#[pyclass(frozen, eq, name = "MachineEvent", module = "memcore")]
#[derive(PartialEq)]
pub struct PyMachineEvent(pub Event);

impl PyMachineEvent {
    fn dictionary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dictionary = PyDict::new(py);
        for (name, value) in fields(&self.0) {
            dictionary.set_item(name, value.into_python(py)?)?;
        }
        Ok(dictionary)
    }
}

#[pymethods]
impl PyMachineEvent {
    /// What happened.
    #[getter]
    fn name(&self) -> &'static str {
        self.0.name()
    }

    /// The fields by their names.
    #[getter]
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.dictionary(py).map(Bound::into_any)
    }

    /// The name and the fields in one dictionary.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    pub fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dictionary = PyDict::new(py);
        dictionary.set_item("name", self.0.name())?;
        dictionary.update(self.dictionary(py)?.as_mapping())?;
        Ok(dictionary)
    }

    fn __getattr__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        let fields = fields(&self.0);
        match fields.iter().find(|(field, _)| *field == name) {
            Some((_, value)) => value.into_python(py),
            None => {
                let known: Vec<&str> = fields.iter().map(|(field, _)| *field).collect();
                let message =
                    format!("the event {:?} has no {name:?}, but {}", self.0.name(), known.join(", "));
                Err(PyAttributeError::new_err(message))
            }
        }
    }

    fn __repr__(&self) -> String {
        let mut text = format!("<MachineEvent {}", self.0.name());
        for (name, value) in fields(&self.0) {
            text += &match value {
                Value::Number(number) if ["address", "start", "end", "entry_address"].contains(&name) => {
                    format!(" {name}={number:#x}")
                }
                Value::Number(number) => format!(" {name}={number}"),
                Value::Signed(number) => format!(" {name}={number}"),
                Value::Word(word) => format!(" {name}={word}"),
                Value::Truth(truth) => {
                    if truth {
                        format!(" {name}")
                    } else {
                        String::new()
                    }
                }
            };
        }
        text + ">"
    }
}
