//! From a file to bytes and lines: decompression, limits, progress, positions for errors.

pub(super) mod compression;
pub(super) mod fields;
pub(super) mod source;
