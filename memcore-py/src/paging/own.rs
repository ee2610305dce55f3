//! A user's own policy, written in Python, as a policy of a simulation.
//!
//! It has `access(page)`, which tells whether the page was resident, and where it wants `evicted`, the pages that
//! left in the last access; a `memcore.Cache` has both. Each call takes the interpreter's lock, which is what such a
//! policy costs.

use std::{collections::HashMap, sync::Arc};

use memcore::{
    replacement::{Facts, Page, Pager, Policy, PolicyError},
    trace::PageTrace,
};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    intern,
    prelude::*,
    types::{PyInt, PyType},
};

use crate::number::Number;

/// What was given in place of a policy's name.
pub enum Own {
    /// A policy as it is, for one run.
    Object(Py<PyAny>),
    /// Called with a number of frames, it makes one for each run.
    Factory(Py<PyAny>),
}

impl Own {
    pub fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let is_class = object.is_instance_of::<PyType>();
        if !is_class && object.hasattr("access")? {
            return Ok(Own::Object(object.clone().unbind()));
        }
        if object.is_callable() {
            return Ok(Own::Factory(object.clone().unbind()));
        }
        Err(PyTypeError::new_err(format!(
            "{object:?} is no policy: give a name, an object with access(page), or what makes one from a number of frames"
        )))
    }

    /// What results call it.
    pub fn name(&self, py: Python<'_>) -> PyResult<String> {
        let (Own::Object(own) | Own::Factory(own)) = self;
        let own = own.bind(py);
        if let Ok(name) = own.getattr("name").and_then(|name| name.extract()) {
            return Ok(name);
        }
        own.getattr("__name__").or_else(|_| own.get_type().getattr("__name__"))?.extract()
    }
}

/// The object, in the engine's terms: only `access` is ever called, so that the parts of an access are empty.
pub struct OwnPolicy {
    object: Py<PyAny>,
    frames: u32,
    trace: Arc<PageTrace>,
    /// The number of each key, where the object tells whom it evicts.
    numbers: Option<HashMap<u64, Page>>,
    failure: Option<PyErr>,
}

impl OwnPolicy {
    pub fn new(object: &Bound<'_, PyAny>, frames: u32, trace: &Arc<PageTrace>) -> PyResult<Self> {
        let tells = object.hasattr("evicted")?;
        let numbers = tells.then(|| trace.keys().iter().copied().zip(0..).collect());
        let object = object.clone().unbind();
        Ok(OwnPolicy { object, frames, trace: Arc::clone(trace), numbers, failure: None })
    }

    /// Whether it tells whom it evicts.
    pub fn tells_evictions(&self) -> bool {
        self.numbers.is_some()
    }

    /// How many frames the object says that it has.
    pub fn stated_frames(object: &Bound<'_, PyAny>) -> Option<u32> {
        object.getattr("frames").ok()?.extract().ok()
    }

    /// What the object raised, with a line that says where.
    pub fn into_failure(self) -> Option<PyErr> {
        self.failure
    }

    fn call(&self, page: Page, pager: &mut impl Pager) -> PyResult<bool> {
        Python::attach(|py| {
            let key = PyInt::new(py, self.trace.keys()[page as usize]);
            let object = self.object.bind(py);
            let hit = object.call_method1(intern!(py, "access"), (key,))?.is_truthy()?;
            if let Some(numbers) = &self.numbers {
                for key in object.getattr(intern!(py, "evicted"))?.try_iter()? {
                    let Number(key) = key?.extract()?;
                    match numbers.get(&key) {
                        Some(&page) => pager.evicted(page),
                        None => {
                            return Err(PyValueError::new_err(format!(
                                "evicted {key}, which was never there"
                            )));
                        }
                    }
                }
            }
            Ok(hit)
        })
    }

    #[cold]
    fn fail(&mut self, error: PyErr, page: Page) {
        Python::attach(|py| {
            let key = self.trace.keys()[page as usize];
            // A note that cannot be added is no reason to lose the exception.
            let noted = error.value(py).call_method1("add_note", (format!("in access({key})"),));
            if let Err(failure) = noted {
                failure.write_unraisable(py, None);
            }
        });
        self.failure = Some(error);
    }
}

impl Policy for OwnPolicy {
    fn facts(&self) -> Facts {
        Facts::default()
    }

    fn reserve(&mut self, _pages: u32) -> Result<(), PolicyError> {
        Ok(())
    }

    fn frames(&self) -> u32 {
        self.frames
    }

    /// The object alone knows.
    fn resident(&self) -> u32 {
        0
    }

    fn is_resident(&self, _page: Page) -> bool {
        false
    }

    fn touch(&mut self, _page: Page, _pager: &mut impl Pager) {}

    fn evict(&mut self, _pager: &mut impl Pager) -> Option<Page> {
        None
    }

    fn insert(&mut self, _page: Page, _pager: &mut impl Pager) {}

    fn remove(&mut self, _page: Page, _pager: &mut impl Pager) -> bool {
        false
    }

    /// After a failure the rest of the references passes by, until the engine asks whether to go on.
    fn access(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        if self.failure.is_some() {
            return false;
        }
        match self.call(page, pager) {
            Ok(hit) => hit,
            Err(error) => {
                self.fail(error, page);
                false
            }
        }
    }

    fn metadata_bytes(&self) -> usize {
        0
    }

    fn validate(&self) -> Result<(), &'static str> {
        Ok(())
    }
}
