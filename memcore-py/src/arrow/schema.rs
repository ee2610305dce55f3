//! What the columns are called and what type they have.

use std::{
    ffi::{CStr, c_char, c_void},
    ptr,
};

use super::Table;

/// `ArrowSchema` of the C data interface.
#[repr(C)]
pub struct Schema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut Schema,
    dictionary: *mut Schema,
    release: Option<unsafe extern "C" fn(*mut Schema)>,
    private_data: *mut c_void,
}

/// `ARROW_FLAG_NULLABLE`.
const NULLABLE: i64 = 2;

impl Schema {
    /// The type of a whole table: a struct.
    pub fn of(table: &Table) -> Self {
        let columns =
            table.iter().map(|(name, column)| Schema::new(column.format(), name, NULLABLE, Vec::new()));
        Schema::new(c"+s", c"", 0, columns.collect())
    }

    /// Names and formats are literals, so that nothing but the list of children has to be given back.
    fn new(format: &'static CStr, name: &'static CStr, flags: i64, children: Vec<Schema>) -> Self {
        let children: Box<[*mut Schema]> =
            children.into_iter().map(|child| Box::into_raw(Box::new(child))).collect();
        Schema {
            format: format.as_ptr(),
            name: name.as_ptr(),
            metadata: ptr::null(),
            flags,
            n_children: children.len() as i64,
            children: Box::into_raw(children).cast(),
            dictionary: ptr::null_mut(),
            release: Some(release),
            private_data: ptr::null_mut(),
        }
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: a schema that has its `release` owns what it points to.
            unsafe { release(self) }
        }
    }
}

/// Gives back what a schema owns.
///
/// # Safety
/// `schema` points to a schema made by [`Schema::new`] that was not released.
unsafe extern "C" fn release(schema: *mut Schema) {
    // SAFETY: promised by the caller. The list was made by `Box::into_raw` with this length, and so was each child;
    // a child that a consumer moved away has no `release`, so that its drop does nothing.
    unsafe {
        let schema = &mut *schema;
        let list = ptr::slice_from_raw_parts_mut(schema.children, schema.n_children as usize);
        for child in Box::from_raw(list) {
            drop(Box::from_raw(child));
        }
        schema.release = None;
    }
}
