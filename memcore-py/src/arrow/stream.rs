//! The stream that a consumer asks, and the capsule in which it travels.

use std::{
    ffi::{c_char, c_int, c_void},
    ptr,
};

use pyo3::{prelude::*, types::PyCapsule};

use super::{Table, array::Array, schema::Schema};

/// `ArrowArrayStream` of the C stream interface.
#[repr(C)]
struct Stream {
    get_schema: unsafe extern "C" fn(*mut Stream, *mut Schema) -> c_int,
    get_next: unsafe extern "C" fn(*mut Stream, *mut Array) -> c_int,
    get_last_error: unsafe extern "C" fn(*mut Stream) -> *const c_char,
    release: Option<unsafe extern "C" fn(*mut Stream)>,
    private_data: *mut c_void,
}

/// What a stream has to tell: its one batch is taken once.
struct Owned {
    table: Table,
    batch: Option<Array>,
}

// SAFETY: the pointers lead to memory that the stream alone owns, and nothing in it is bound to a thread.
unsafe impl Send for Stream {}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: a stream that has its `release` owns what it points to.
            unsafe { release(self) }
        }
    }
}

/// The table, as `__arrow_c_stream__` returns it.
pub fn capsule(py: Python<'_>, table: Table) -> PyResult<Bound<'_, PyCapsule>> {
    let batch = Some(Array::of(&table));
    let stream = Stream {
        get_schema,
        get_next,
        get_last_error,
        release: Some(release),
        private_data: Box::into_raw(Box::new(Owned { table, batch })).cast(),
    };
    // The capsule's pointer leads to the value. Its drop releases the stream, unless a consumer moved it away.
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}

/// # Safety
/// As the stream interface demands: a live stream, and room for a schema.
unsafe extern "C" fn get_schema(stream: *mut Stream, schema: *mut Schema) -> c_int {
    // SAFETY: promised by the caller; `write` does not look at what was there before.
    unsafe {
        let owned = &*(*stream).private_data.cast::<Owned>();
        schema.write(Schema::of(&owned.table));
    }
    0
}

/// # Safety
/// As the stream interface demands: a live stream, asked by one thread at a time, and room for an array.
unsafe extern "C" fn get_next(stream: *mut Stream, array: *mut Array) -> c_int {
    // SAFETY: promised by the caller; `write` does not look at what was there before.
    unsafe {
        let owned = &mut *(*stream).private_data.cast::<Owned>();
        array.write(owned.batch.take().unwrap_or_else(Array::end));
    }
    0
}

/// No call fails.
unsafe extern "C" fn get_last_error(_stream: *mut Stream) -> *const c_char {
    ptr::null()
}

/// # Safety
/// `stream` points to a stream made by [`capsule`] that was not released.
unsafe extern "C" fn release(stream: *mut Stream) {
    // SAFETY: promised by the caller; `private_data` was made by `Box::into_raw`.
    unsafe {
        drop(Box::from_raw((*stream).private_data.cast::<Owned>()));
        (*stream).release = None;
    }
}
