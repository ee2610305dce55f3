//! Text across the border: from C as zero-terminated UTF-8, to C as a view of constant text or into a buffer that
//! the caller gives, so that nobody has to free a string.

use std::{
    ffi::{CStr, c_char},
    fmt,
    path::Path,
    ptr, slice,
};

use crate::{error::Failure, status::memcore_status};

/// Text that lives as long as the library is loaded. It does **not** end in a zero byte:
/// `printf("%.*s", (int)text.length, text.data)`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_text {
    /// The first byte, in UTF-8; not to be freed. Never null.
    pub data: *const c_char,
    /// Bytes.
    pub length: usize,
}

impl memcore_text {
    pub(crate) const EMPTY: memcore_text = memcore_text { data: c"".as_ptr(), length: 0 };
}

impl From<&'static str> for memcore_text {
    fn from(text: &'static str) -> Self {
        memcore_text { data: text.as_ptr().cast(), length: text.len() }
    }
}

/// Reads a string.
///
/// # Safety
/// `text` is null or points to bytes that end in a zero byte and stay as they are during `'a`.
pub(crate) unsafe fn text<'a>(text: *const c_char) -> Result<&'a str, Failure> {
    if text.is_null() {
        return Err(memcore_status::NullArgument.into());
    }
    // SAFETY: not null; the rest is the caller's promise.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|_| memcore_status::NotUtf8.into())
}

/// Reads the name of a file. On Unix that is any bytes, elsewhere it must be UTF-8.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn path<'a>(name: *const c_char) -> Result<&'a Path, Failure> {
    if name.is_null() {
        return Err(memcore_status::NullArgument.into());
    }
    #[cfg(unix)]
    {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        // SAFETY: not null; the rest is the caller's promise.
        Ok(Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(name) }.to_bytes())))
    }
    #[cfg(not(unix))]
    {
        // SAFETY: the caller's promise.
        Ok(Path::new(unsafe { text(name) }?))
    }
}

/// A buffer of the caller's for text that ends in a zero byte.
pub(crate) struct Buffer<'a> {
    bytes: &'a mut [u8],
    /// Bytes written so far.
    filled: usize,
    /// Bytes that the whole text has so far.
    length: usize,
}

impl Buffer<'_> {
    /// # Safety
    /// `buffer` is null or points to `size` bytes that may be written during the lifetime of the answer.
    pub unsafe fn new(buffer: *mut c_char, size: usize) -> Result<Self, Failure> {
        let bytes: &mut [u8] = if size == 0 {
            &mut []
        } else if buffer.is_null() {
            return Err(memcore_status::NullArgument.into());
        } else {
            // The bytes may never have been written by anybody, and a slice must not show such.
            // SAFETY: not null, and the caller gives `size` bytes, which cannot be more than a slice may have.
            unsafe {
                ptr::write_bytes(buffer, 0, size);
                slice::from_raw_parts_mut(buffer.cast(), size)
            }
        };
        Ok(Buffer { bytes, filled: 0, length: 0 })
    }

    /// Writes as much of the text as fits, and the zero byte; returns the length of the whole.
    pub fn print(mut self, what: &dyn fmt::Display) -> usize {
        // The buffer itself never fails, and a text that did has a beginning worth showing.
        let _ = fmt::write(&mut self, format_args!("{what}"));
        self.length
    }
}

impl fmt::Write for Buffer<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // The last byte stays 0. Once a piece was cut, nothing may follow it.
        let room =
            if self.filled == self.length { self.bytes.len().saturating_sub(1) - self.filled } else { 0 };
        let mut fits = text.len().min(room);
        while !text.is_char_boundary(fits) {
            fits -= 1;
        }
        self.bytes[self.filled..self.filled + fits].copy_from_slice(&text.as_bytes()[..fits]);
        self.filled += fits;
        self.length += text.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str, size: usize) -> (Vec<u8>, usize) {
        let mut bytes = vec![0x55u8; size];
        // SAFETY: the vector has `size` bytes.
        let buffer = unsafe { Buffer::new(bytes.as_mut_ptr().cast(), size) }.unwrap();
        let length = buffer.print(&text);
        (bytes, length)
    }

    #[test]
    fn text_is_cut_before_a_character_that_does_not_fit() {
        assert_eq!(printed("abc", 4), (b"abc\0".to_vec(), 3));
        assert_eq!(printed("abc", 3), (b"ab\0".to_vec(), 3));
        assert_eq!(printed("a\u{e9}c", 3), (b"a\0\0".to_vec(), 4));
        assert_eq!(printed("abc", 1), (b"\0".to_vec(), 3));
        assert_eq!(printed("abc", 0), (Vec::new(), 3));
    }

    #[test]
    fn a_null_buffer_of_no_bytes_measures() {
        // SAFETY: null is allowed.
        let measured = unsafe { Buffer::new(ptr::null_mut(), 0) }.map(|buffer| buffer.print(&"four"));
        assert_eq!(measured.ok(), Some(4));
        // SAFETY: null is allowed.
        assert!(unsafe { Buffer::new(ptr::null_mut(), 1) }.is_err());
    }

    #[test]
    fn strings_are_checked() {
        // SAFETY: literals end in a zero byte; null is allowed.
        unsafe {
            assert_eq!(text(c"pool".as_ptr()).ok(), Some("pool"));
            assert!(matches!(text(c"\xff".as_ptr()), Err(Failure::Plain(memcore_status::NotUtf8))));
            assert!(matches!(text(ptr::null()), Err(Failure::Plain(memcore_status::NullArgument))));
        }
    }
}
