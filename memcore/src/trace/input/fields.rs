//! The fields of one line of text, and the varints of a binary body.
//!
//! Numbers are read strictly: digits only, no sign, no underscore, and what does not fit in 64 bits is an
//! error with its field's name, never a wrapped value.

use crate::trace::error::Reason;

/// Splits a line at spaces and tabs.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    #[inline]
    pub(crate) fn new(line: &'a [u8]) -> Self {
        Fields { rest: line }
    }

    /// The next field; `None` at the end of the line.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<&'a [u8]> {
        let mut rest = self.rest;
        while let [b' ' | b'\t' | b'\r', more @ ..] = rest {
            rest = more;
        }
        let length = rest.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'\r')).unwrap_or(rest.len());
        let (field, rest) = rest.split_at(length);
        self.rest = rest;
        if field.is_empty() { None } else { Some(field) }
    }

    #[inline]
    pub(crate) fn decimal(&mut self, field: &'static str) -> Result<u64, Reason> {
        decimal(self.next().ok_or(Reason::MissingField { field })?, field)
    }

    /// Hexadecimal without `0x`.
    pub(crate) fn hex(&mut self, field: &'static str) -> Result<u64, Reason> {
        hex(self.next().ok_or(Reason::MissingField { field })?, field)
    }

    /// Succeeds at the end of the line only.
    #[inline]
    pub(crate) fn end(&mut self) -> Result<(), Reason> {
        if self.next().is_some() { Err(Reason::ExtraField) } else { Ok(()) }
    }
}

#[inline]
pub(crate) fn decimal(digits: &[u8], field: &'static str) -> Result<u64, Reason> {
    if digits.is_empty() {
        return Err(Reason::BadNumber { field });
    }
    let mut value: u64 = 0;
    // Nineteen digits always fit, so the common case needs no overflow check.
    if digits.len() <= 19 {
        for &digit in digits {
            let digit = digit.wrapping_sub(b'0');
            if digit > 9 {
                return Err(Reason::BadNumber { field });
            }
            value = value * 10 + u64::from(digit);
        }
        return Ok(value);
    }
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(Reason::BadNumber { field });
    }
    for &digit in digits {
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_add(u64::from(digit - b'0')))
            .ok_or(Reason::NumberTooLarge { field })?;
    }
    Ok(value)
}

pub(crate) fn hex(digits: &[u8], field: &'static str) -> Result<u64, Reason> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(Reason::BadNumber { field });
    }
    let mut value: u64 = 0;
    for &digit in digits {
        if value >> 60 != 0 {
            return Err(Reason::NumberTooLarge { field });
        }
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            _ => (digit | 0x20) - b'a' + 10,
        };
        value = value << 4 | u64::from(digit);
    }
    Ok(value)
}

/// An address as C's `%p` writes it: `0x` and hexadecimal digits, or `(nil)` for null.
pub(crate) fn address(text: &[u8], field: &'static str) -> Result<u64, Reason> {
    if text == b"(nil)" {
        return Ok(0);
    }
    hex(text.strip_prefix(b"0x").ok_or(Reason::BadNumber { field })?, field)
}

/// The longest varint of 64 bits.
pub(crate) const VARINT_BYTES: usize = 10;

/// Reads an unsigned LEB128 number (seven bits a byte, low first) from `bytes` at `at`, which it moves on.
#[inline]
pub(crate) fn varint(bytes: &[u8], at: &mut usize, what: &'static str) -> Result<u64, Reason> {
    let mut value: u64 = 0;
    let mut shift = 0;
    loop {
        let &byte = bytes.get(*at).ok_or(Reason::Truncated { what })?;
        *at += 1;
        if shift == 63 && byte > 1 {
            return Err(Reason::NumberTooLarge { field: what });
        }
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
        shift += 7;
        if shift > 63 {
            return Err(Reason::NumberTooLarge { field: what });
        }
    }
}

/// Appends `value` as an unsigned LEB128 number.
pub(crate) fn put_varint(into: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        into.push(value as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}
