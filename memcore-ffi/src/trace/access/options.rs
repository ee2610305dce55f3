//! How to read a trace of accesses.

use std::{ffi::c_char, ptr};

use memcore::trace::{AccessOptions, Columns, Unit};

use super::kind::memcore_unit;
use crate::{
    error::Failure,
    panic::guarded,
    status::memcore_status,
    text::text,
    trace::{
        open::{memcore_read_options, memcore_read_options_default},
        save::format,
    },
};

/// Limits and choices for reading accesses and pages. `memcore_access_options_default` fills it in.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_access_options {
    /// Limits. `max_events` bounds the accesses and events of an access trace, and the references of a page trace.
    pub read: memcore_read_options,
    /// The format ("numbers", "lackey", "oracle-general", ...); null (the default): told by the content.
    pub format: *const c_char,
    /// CSV: the column of addresses, pages or keys; null (the default): found by its name.
    pub address_column: *const c_char,
    /// CSV: the column of sizes in bytes; null (the default): found by its name.
    pub size_column: *const c_char,
    /// CSV: the column of kinds; null (the default): found by its name.
    pub kind_column: *const c_char,
    /// CSV: what the addresses count, a `memcore_unit`. Default: `MEMCORE_UNIT_AS_RECORDED`.
    pub unit: i32,
    /// CSV: bytes of a recorded page, a power of two, where the unit is `MEMCORE_UNIT_PAGES`. Default: 4096.
    pub unit_page_size: u64,
}

/// The default options.
///
/// \return the options, to be changed as wanted.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_access_options_default() -> memcore_access_options {
    let told = memcore_access_options {
        read: memcore_read_options_default(),
        format: ptr::null(),
        address_column: ptr::null(),
        size_column: ptr::null(),
        kind_column: ptr::null(),
        unit: memcore_unit::AsRecorded as i32,
        unit_page_size: 0,
    };
    guarded(told, || memcore_access_options { unit_page_size: Unit::Bytes.default_page_size(), ..told })
}

impl memcore_access_options {
    fn unit(&self) -> Result<Option<Unit>, Failure> {
        const AS_RECORDED: i32 = memcore_unit::AsRecorded as i32;
        const BYTES: i32 = memcore_unit::Bytes as i32;
        const PAGES: i32 = memcore_unit::Pages as i32;
        const NUMBERS: i32 = memcore_unit::Numbers as i32;
        match self.unit {
            AS_RECORDED => Ok(None),
            BYTES => Ok(Some(Unit::Bytes)),
            PAGES if self.unit_page_size.is_power_of_two() => {
                Ok(Some(Unit::Pages { shift: self.unit_page_size.trailing_zeros() }))
            }
            PAGES => {
                let text = format!("a page size of {} bytes is no power of two", self.unit_page_size);
                Err(Failure::Told(memcore_status::TracePageSize, self.unit_page_size, text))
            }
            NUMBERS => Ok(Some(Unit::Numbers)),
            other => {
                let text = format!("{other} is no unit of addresses (0 to 3 are)");
                Err(Failure::Told(memcore_status::InvalidArgument, other as u64, text))
            }
        }
    }
}

/// # Safety
/// `name` is null or as [`text`] asks.
unsafe fn column(name: *const c_char) -> Result<Option<String>, Failure> {
    match name.is_null() {
        true => Ok(None),
        // SAFETY: the caller's promise.
        false => Ok(Some(unsafe { text(name) }?.to_owned())),
    }
}

/// # Safety
/// `options` is null or points to initialised options, whose texts are null or end in a zero byte.
pub(crate) unsafe fn access_options(
    options: *const memcore_access_options,
) -> Result<AccessOptions, Failure> {
    // SAFETY: the caller's promise.
    let Some(options) = (unsafe { options.as_ref() }) else {
        return Ok(AccessOptions::default());
    };
    // SAFETY: the caller's promise.
    unsafe {
        Ok(AccessOptions {
            read: (&options.read).into(),
            format: match options.format.is_null() {
                true => None,
                false => Some(format(text(options.format)?)?),
            },
            columns: Columns {
                address: column(options.address_column)?,
                size: column(options.size_column)?,
                kind: column(options.kind_column)?,
                unit: options.unit()?,
            },
        })
    }
}
