//! Who hears of a machine's events: any number of logs and callbacks, behind the engine's one listener.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use memcore::vm::{Event, EventSet, Machine};
use pyo3::{
    exceptions::PyIndexError,
    prelude::*,
    types::{PyDict, PyIterator, PyList, PySlice, PyTuple},
};

use super::{
    call::unknown,
    event::{PyMachineEvent, Value, fields},
    machine::PyMachine,
    state::Troubles,
};
use crate::{column::Numbers, errors::bad_parameter, number::Number};

/// Events that were heard.
pub struct Log {
    events: VecDeque<Event>,
    limit: usize,
    dropped: u64,
}

impl Log {
    fn keep(&mut self, event: &Event) {
        while self.events.len() >= self.limit && self.events.pop_front().is_some() {
            self.dropped += 1;
        }
        if self.limit == 0 || self.events.try_reserve(1).is_err() {
            self.dropped += 1;
        } else {
            self.events.push_back(*event);
        }
    }
}

/// Somebody who hears.
pub struct Ear {
    wanted: EventSet,
    /// A log that nobody has any more is not written.
    log: Weak<Mutex<Log>>,
    callback: Option<Py<PyAny>>,
}

impl Ear {
    fn hear(&self, event: &Event, troubles: &Troubles) {
        if !self.wanted.intersects(event.kind()) {
            return;
        }
        if let Some(callback) = &self.callback {
            // After an exception the rest of the call is silent: one can be raised.
            if !troubles.has_any() {
                let told = Python::attach(|py| callback.call1(py, (PyMachineEvent(*event),)).map(drop));
                if let Err(error) = told {
                    troubles.of_listener(error);
                }
            }
        } else if let Some(log) = self.log.upgrade() {
            log.lock().unwrap_or_else(PoisonError::into_inner).keep(event);
        }
    }
}

/// All who hear.
#[derive(Default)]
pub struct Ears(Mutex<Vec<Arc<Ear>>>);

impl Ears {
    fn list(&self) -> MutexGuard<'_, Vec<Arc<Ear>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(
        &self,
        machine: &mut Machine,
        troubles: &Arc<Troubles>,
        change: impl FnOnce(&mut Vec<Arc<Ear>>),
    ) {
        let mut list = self.list();
        change(&mut list);
        list.retain(|ear| ear.callback.is_some() || ear.log.strong_count() > 0);
        let ears = list.clone();
        drop(list);
        let wanted = ears.iter().fold(EventSet::empty(), |all, ear| all | ear.wanted);
        let troubles = Arc::clone(troubles);
        let tell = move |event: &Event| ears.iter().for_each(|ear| ear.hear(event, &troubles));
        machine.listen(wanted, if wanted.is_empty() { None } else { Some(Box::new(tell)) });
    }

    /// The callbacks, for the garbage collector.
    pub fn callbacks(&self, visit: &pyo3::PyVisit<'_>) -> Result<(), pyo3::PyTraverseError> {
        match self.0.try_lock() {
            Ok(list) => {
                list.iter().filter_map(|ear| ear.callback.as_ref()).try_for_each(|one| visit.call(one))
            }
            Err(_) => Ok(()),
        }
    }

    /// Nobody hears any more.
    pub fn clear(&self, machine: &mut Machine, troubles: &Arc<Troubles>) {
        self.change(machine, troubles, Vec::clear);
    }
}

/// The events of these names.
fn wanted(kinds: &Bound<'_, PyTuple>) -> PyResult<EventSet> {
    if kinds.is_empty() {
        return Ok(EventSet::RARE);
    }
    let mut all = EventSet::empty();
    for kind in kinds {
        let name = kind.extract::<String>()?;
        all |= match name.as_str() {
            "rare" => EventSet::RARE,
            "all" => EventSet::all(),
            _ => {
                let named = |(text, _): &(&'static str, EventSet)| text.to_lowercase() == name;
                let mut known = EventSet::all().iter_names();
                match known.find(named) {
                    Some((_, kind)) => kind,
                    None => {
                        let known = EventSet::all().iter_names().map(|(text, _)| text.to_lowercase());
                        let known: Vec<String> = known.chain(["rare".into(), "all".into()]).collect();
                        let known: Vec<&str> = known.iter().map(String::as_str).collect();
                        return Err(unknown(kinds.py(), "kind of events", &name, &known));
                    }
                }
            }
        };
    }
    Ok(all)
}

/// What `Machine.listen` answers.
pub fn listen(
    machine: &Bound<'_, PyMachine>,
    kinds: &Bound<'_, PyTuple>,
    limit: Option<Number>,
    callback: Option<Py<PyAny>>,
) -> PyResult<PyEvents> {
    let py = machine.py();
    let wanted = wanted(kinds)?;
    let limit = match limit {
        None => usize::MAX,
        Some(Number(0)) => return Err(bad_parameter(py, "limit", 0, "must be at least 1")),
        Some(Number(limit)) => usize::try_from(limit).unwrap_or(usize::MAX),
    };
    let log = Arc::new(Mutex::new(Log { events: VecDeque::new(), limit, dropped: 0 }));
    let ear = Arc::new(Ear { wanted, log: Arc::downgrade(&log), callback });
    let this = machine.get();
    let mut held = this.state.lock(py)?;
    this.ears.change(&mut held, &this.state.troubles, |list| list.push(Arc::clone(&ear)));
    drop(held);
    Ok(PyEvents { machine: machine.clone().unbind(), ear: Arc::downgrade(&ear), log })
}

/// The events that `Machine.listen` heard: a sequence of `MachineEvent`, the oldest first.
///
/// As a context it stops listening at the end of the ``with`` block; so does ``stop``. What was heard stays.
#[pyclass(frozen, sequence, name = "Events", module = "memcore")]
pub struct PyEvents {
    machine: Py<PyMachine>,
    ear: Weak<Ear>,
    log: Arc<Mutex<Log>>,
}

impl PyEvents {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The events as they are now. The lock is not held while Python objects are made.
    fn copied(&self) -> Vec<Event> {
        self.log().events.iter().copied().collect()
    }

    fn list<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for event in self.copied() {
            list.append(PyMachineEvent(event))?;
        }
        Ok(list)
    }
}

#[pymethods]
impl PyEvents {
    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_why: "object") -> "None")]
    fn __exit__(&self, py: Python<'_>, _why: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.stop(py)
    }

    /// Hear no more. O(listeners).
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        let this = self.machine.get();
        let mut held = this.state.lock(py)?;
        this.ears.change(&mut held, &this.state.troubles, |list| {
            list.retain(|ear| !std::ptr::eq(Arc::as_ptr(ear), self.ear.as_ptr()));
        });
        Ok(())
    }

    /// Still hears.
    #[getter]
    fn is_listening(&self) -> bool {
        self.ear.strong_count() > 0
    }

    /// Events that were let go because there were more than ``limit``, the oldest first.
    #[getter]
    fn dropped(&self) -> u64 {
        self.log().dropped
    }

    /// Forget what was heard.
    fn clear(&self) {
        let mut log = self.log();
        log.events.clear();
        log.dropped = 0;
    }

    /// How many events there are of each name.
    #[pyo3(signature = () -> "dict[str, int]")]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let mut counts: Vec<(&str, u64)> = Vec::new();
        for event in self.copied() {
            match counts.iter_mut().find(|(name, _)| *name == event.name()) {
                Some((_, count)) => *count += 1,
                None => counts.push((event.name(), 1)),
            }
        }
        let dictionary = PyDict::new(py);
        counts.into_iter().try_for_each(|(name, count)| dictionary.set_item(name, count))?;
        Ok(dictionary)
    }

    /// A dictionary for each event, with its name and its fields.
    #[pyo3(signature = () -> "list[dict[str, typing.Any]]")]
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for event in self.copied() {
            list.append(PyMachineEvent(event).to_dict(py)?)?;
        }
        Ok(list)
    }

    /// The events of one name as columns of equal length: ``index``, the place among all events, and the fields.
    /// Numbers and truths are NumPy arrays where it is installed, memoryviews otherwise; words are lists of str.
    #[pyo3(signature = (name, /) -> "dict[str, typing.Any]")]
    fn columns<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyDict>> {
        let events = self.copied();
        let mut index = Vec::new();
        let mut rows = Vec::new();
        for (place, event) in events.iter().enumerate().filter(|(_, event)| event.name() == name) {
            index.push(place as u64);
            rows.push(fields(event));
        }
        let columns = PyDict::new(py);
        columns.set_item("index", Numbers::U64(index).into_array(py)?)?;
        let shape: Vec<(&str, Value)> = rows.first().cloned().unwrap_or_default();
        for (place, (field, like)) in shape.into_iter().enumerate() {
            let values = rows.iter().map(|row| row[place].1);
            let column = match like {
                Value::Number(_) => {
                    let numbers =
                        values.map(|value| if let Value::Number(number) = value { number } else { 0 });
                    Numbers::U64(numbers.collect()).into_array(py)?
                }
                Value::Truth(_) => {
                    let truths = values.map(|value| matches!(value, Value::Truth(true)));
                    Numbers::Bool(truths.collect()).into_array(py)?
                }
                Value::Signed(_) | Value::Word(_) => {
                    let list = PyList::empty(py);
                    for value in values {
                        list.append(value.into_python(py)?)?;
                    }
                    list.into_any()
                }
            };
            columns.set_item(field, column)?;
        }
        Ok(columns)
    }

    fn __len__(&self) -> usize {
        self.log().events.len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.list(py)?.try_iter()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if key.is_instance_of::<PySlice>() {
            return self.list(py)?.into_any().get_item(key);
        }
        let index: isize = key.extract()?;
        let log = self.log();
        let length = log.events.len() as isize;
        let place = if index < 0 { index + length } else { index };
        let found = usize::try_from(place).ok().and_then(|place| log.events.get(place).copied());
        drop(log);
        match found {
            Some(event) => Ok(Bound::new(py, PyMachineEvent(event))?.into_any()),
            None => Err(PyIndexError::new_err(format!("there are {length} events"))),
        }
    }

    fn __repr__(&self) -> String {
        let log = self.log();
        let state = if self.is_listening() { "listening" } else { "stopped" };
        format!("<Events: {}, {} dropped, {state}>", log.events.len(), log.dropped)
    }
}
