//! The values of the columns, in Arrow's layout: a bitmap of which are there, then the values.

use std::{ffi::c_void, ptr};

use super::{Column, Table};

/// `ArrowArray` of the C data interface.
#[repr(C)]
pub struct Array {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut Array,
    dictionary: *mut Array,
    release: Option<unsafe extern "C" fn(*mut Array)>,
    private_data: *mut c_void,
}

/// What an array owns: the memory that its pointers lead to.
struct Owned {
    _memory: Vec<Memory>,
    buffers: Vec<*const c_void>,
    children: Vec<*mut Array>,
}

/// The memory of one buffer.
enum Memory {
    Absent,
    Bytes(Vec<u8>),
    Offsets(Vec<i32>),
    Whole(Vec<u64>),
    Real(Vec<f64>),
}

impl Memory {
    fn address(&self) -> *const c_void {
        match self {
            Memory::Absent => ptr::null(),
            Memory::Bytes(bytes) => bytes.as_ptr().cast(),
            Memory::Offsets(offsets) => offsets.as_ptr().cast(),
            Memory::Whole(values) => values.as_ptr().cast(),
            Memory::Real(values) => values.as_ptr().cast(),
        }
    }
}

/// A bitmap with a one for each value that is there, or nothing when all are; and how many are not.
fn validity<T>(values: &[Option<T>]) -> (Memory, i64) {
    let missing = values.iter().filter(|value| value.is_none()).count();
    if missing == 0 {
        return (Memory::Absent, 0);
    }
    let mut bits = vec![0u8; values.len().div_ceil(8)];
    for (index, _) in values.iter().enumerate().filter(|(_, value)| value.is_some()) {
        bits[index / 8] |= 1 << (index % 8);
    }
    (Memory::Bytes(bits), missing as i64)
}

impl Array {
    /// A whole table: a struct array without values of its own.
    pub fn of(table: &Table) -> Self {
        let length = table.first().map_or(0, |(_, column)| column.len());
        let children = table.iter().map(|(_, column)| Array::column(column)).collect();
        Array::new(length, 0, vec![Memory::Absent], children)
    }

    fn column(column: &Column) -> Self {
        let (nulls, memory) = match column {
            Column::Text(values) => {
                let mut offsets = vec![0i32];
                let mut bytes = Vec::new();
                for value in values {
                    bytes.extend_from_slice(value.as_bytes());
                    // Names of strategies: far below 2 GiB together.
                    offsets.push(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
                }
                (0, vec![Memory::Absent, Memory::Offsets(offsets), Memory::Bytes(bytes)])
            }
            Column::Whole(values) => {
                let (bitmap, nulls) = validity(values);
                let values = values.iter().map(|value| value.unwrap_or_default()).collect();
                (nulls, vec![bitmap, Memory::Whole(values)])
            }
            Column::Real(values) => {
                let (bitmap, nulls) = validity(values);
                let values = values.iter().map(|value| value.unwrap_or_default()).collect();
                (nulls, vec![bitmap, Memory::Real(values)])
            }
        };
        Array::new(column.len(), nulls, memory, Vec::new())
    }

    fn new(length: usize, null_count: i64, memory: Vec<Memory>, children: Vec<Array>) -> Self {
        let mut owned = Box::new(Owned {
            buffers: memory.iter().map(Memory::address).collect(),
            children: children.into_iter().map(|child| Box::into_raw(Box::new(child))).collect(),
            _memory: memory,
        });
        Array {
            length: length as i64,
            null_count,
            offset: 0,
            n_buffers: owned.buffers.len() as i64,
            n_children: owned.children.len() as i64,
            buffers: owned.buffers.as_mut_ptr(),
            children: owned.children.as_mut_ptr(),
            dictionary: ptr::null_mut(),
            release: Some(release),
            private_data: Box::into_raw(owned).cast(),
        }
    }

    /// What tells the end of a stream: an array that is released.
    pub fn end() -> Self {
        Array {
            length: 0,
            null_count: 0,
            offset: 0,
            n_buffers: 0,
            n_children: 0,
            buffers: ptr::null_mut(),
            children: ptr::null_mut(),
            dictionary: ptr::null_mut(),
            release: None,
            private_data: ptr::null_mut(),
        }
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: an array that has its `release` owns what it points to.
            unsafe { release(self) }
        }
    }
}

/// Gives back what an array owns.
///
/// # Safety
/// `array` points to an array made by [`Array::new`] that was not released.
unsafe extern "C" fn release(array: *mut Array) {
    // SAFETY: promised by the caller. `private_data` and the children were made by `Box::into_raw`; a child that a
    // consumer moved away has no `release`, so that its drop does nothing.
    unsafe {
        let array = &mut *array;
        let owned = Box::from_raw(array.private_data.cast::<Owned>());
        for &child in &owned.children {
            drop(Box::from_raw(child));
        }
        array.release = None;
    }
}
