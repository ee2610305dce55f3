//! The codecs at work: their tables are made once, on first use, and used for every page.

use super::Codec;
use crate::vm::physical::zeroed;
use crate::vm::{Shortage, VmError};
use core::fmt;
use lz4_flex::block::{CompressTable, compress_into_with_table, decompress_into, get_maximum_output_size};
use std_alloc::boxed::Box;
use std_alloc::vec::Vec;

/// Compresses and decompresses pages of one size.
pub(super) struct Coder {
    codec: Codec,
    page_size: usize,
    /// One, when it is there.
    table: Vec<CompressTable>,
    #[cfg(feature = "std")]
    compressor: Option<zstd::bulk::Compressor<'static>>,
    #[cfg(feature = "std")]
    decompressor: Option<zstd::bulk::Decompressor<'static>>,
    /// Where a page is compressed to.
    output: Box<[u8]>,
}

impl Coder {
    pub fn new(codec: Codec, page_size: u64) -> Self {
        Coder {
            codec,
            page_size: page_size as usize,
            table: Vec::new(),
            #[cfg(feature = "std")]
            compressor: None,
            #[cfg(feature = "std")]
            decompressor: None,
            output: Box::default(),
        }
    }

    /// Compresses a page; `None` when the codec fails or needs as many bytes as the page has.
    ///
    /// # Errors
    /// The host is out of memory.
    pub fn compress(&mut self, page: &[u8]) -> Result<Option<&[u8]>, VmError> {
        if self.output.is_empty() {
            self.output = zeroed(get_maximum_output_size(self.page_size) as u64)?;
        }
        let length = match self.codec {
            Codec::Lz4 => {
                if self.table.is_empty() {
                    let bytes = size_of::<CompressTable>() as u64;
                    self.table.try_reserve_exact(1).map_err(|_| VmError::no_memory(bytes, Shortage::Host))?;
                    self.table.push(CompressTable::default());
                }
                compress_into_with_table(page, &mut self.output, &mut self.table[0]).ok()
            }
            #[cfg(feature = "std")]
            Codec::Zstd { level } => {
                if self.compressor.is_none() {
                    self.compressor = Some(zstd::bulk::Compressor::new(level).map_err(failed)?);
                }
                let compressor = self.compressor.as_mut();
                compressor
                    .and_then(|compressor| compressor.compress_to_buffer(page, &mut self.output[..]).ok())
            }
        };
        Ok(length.filter(|&length| length < self.page_size).map(|length| &self.output[..length]))
    }

    /// Brings a page back; false when the bytes are not those of a compressed page.
    pub fn decompress(&mut self, bytes: &[u8], into: &mut [u8]) -> bool {
        let length = match self.codec {
            Codec::Lz4 => decompress_into(bytes, into).ok(),
            #[cfg(feature = "std")]
            Codec::Zstd { .. } => {
                if self.decompressor.is_none() {
                    self.decompressor = zstd::bulk::Decompressor::new().ok();
                }
                let decompressor = self.decompressor.as_mut();
                decompressor.and_then(|decompressor| decompressor.decompress_to_buffer(bytes, into).ok())
            }
        };
        length == Some(into.len())
    }
}

#[cfg(feature = "std")]
fn failed(error: std::io::Error) -> VmError {
    VmError::Io { why: std_alloc::string::ToString::to_string(&error) }
}

impl Clone for Coder {
    fn clone(&self) -> Self {
        Coder::new(self.codec, self.page_size as u64)
    }
}

impl fmt::Debug for Coder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Coder({})", self.codec)
    }
}
