//! Machines from snapshots, with what stands behind their files.

use std::{collections::HashMap, sync::Arc};

use memcore::vm::{Backing, Machine, MemoryFile, SavedBacking, SavedInfo, VmError};
use pyo3::prelude::*;

use super::{
    backing::SharedBytes,
    file::{self, Kept, Sources},
    state::Troubles,
};

/// What the caller says stands behind files now, by their numbers.
pub struct Given {
    backings: HashMap<u32, Box<dyn Backing>>,
    sources: Sources,
}

impl Given {
    pub fn of(files: HashMap<u32, Bound<'_, PyAny>>, troubles: &Arc<Troubles>) -> PyResult<Self> {
        let mut given = Given { backings: HashMap::new(), sources: Sources::default() };
        for (number, source) in files {
            let (backing, kept) = file::backing(&source, None, troubles)?;
            given.backings.insert(number, backing);
            given.sources.keep(number, kept);
        }
        Ok(given)
    }
}

/// The machine of a snapshot, and what Python keeps of its files. With `reopen` files of the host are opened by their
/// paths.
pub fn restore(bytes: &[u8], given: Given, reopen: bool) -> Result<(Machine, Sources), VmError> {
    let Given { mut backings, mut sources } = given;
    let mut open = |number: u32, saved: &SavedInfo| -> Option<Box<dyn Backing>> {
        if let Some(backing) = backings.remove(&number) {
            return Some(backing);
        }
        match &saved.backing {
            // The engine would open it too, but nobody else would see the bytes.
            Some(SavedBacking::Memory { bytes, writable }) => {
                let bytes = bytes.clone();
                let file = if *writable { MemoryFile::new(bytes) } else { MemoryFile::read_only(bytes) };
                let file = SharedBytes::new(file);
                sources.keep(number, Kept::Content(file.clone()));
                Some(Box::new(file))
            }
            Some(saved @ SavedBacking::File { .. }) if reopen => saved.clone().open().ok(),
            _ => None,
        }
    };
    let machine = Machine::restore(bytes, &mut open)?;
    Ok((machine, sources))
}
