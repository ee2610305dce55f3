//! gzip, xz and zstd: recognised by their first bytes on the way in, by a file name on the way out.
//!
//! Decoders take concatenated members (what `cat a.gz b.gz` and parallel compressors make). They bound their
//! own memory: xz refuses a dictionary that needs more than 256 MiB, zstd a window above 128 MiB (its own
//! default), so a small hostile file cannot ask for gigabytes before its first byte comes out.

use std::io::{self, BufRead, BufReader, Cursor, Read, Write};
use std::path::Path;

const XZ_MEMORY_LIMIT: u64 = 256 << 20;
const ZSTD_LEVEL: i32 = 19;
const XZ_LEVEL: u32 = 6;

/// How content is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip (RFC 1952).
    Gzip,
    /// xz.
    Xz,
    /// Zstandard (RFC 8878).
    Zstd,
}

impl Compression {
    /// The compression of content that begins with `prefix`. Six bytes suffice to tell. O(1).
    pub fn of_content(prefix: &[u8]) -> Compression {
        match prefix {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Xz,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
            // A skippable frame, with which pzstd and seekable files begin.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            _ => Compression::None,
        }
    }

    /// The compression that a file name asks for by its ending: `.gz`, `.xz` or `.zst`.
    ///
    /// ```
    /// use memcore::trace::Compression;
    /// assert_eq!(Compression::for_output("trace.rep.zst"), Compression::Zstd);
    /// assert_eq!(Compression::for_output("trace.rep"), Compression::None);
    /// ```
    pub fn for_output(name: impl AsRef<Path>) -> Compression {
        match name.as_ref().extension().and_then(|end| end.to_str()) {
            Some("gz") => Compression::Gzip,
            Some("xz") => Compression::Xz,
            Some("zst") => Compression::Zstd,
            _ => Compression::None,
        }
    }

    /// The name: `none`, `gzip`, `xz` or `zstd`.
    pub const fn name(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Xz => "xz",
            Compression::Zstd => "zstd",
        }
    }
}

/// The expanded content of `input`, with the compression found.
pub(crate) fn expand<'a>(mut input: impl Read + 'a) -> io::Result<(Box<dyn Read + 'a>, Compression)> {
    let mut head = Vec::with_capacity(6);
    input.by_ref().take(6).read_to_end(&mut head)?;
    let compression = Compression::of_content(&head);
    let whole = Cursor::new(head).chain(input);
    Ok((
        match compression {
            Compression::None => Box::new(whole),
            Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(buffered(whole))),
            Compression::Xz => {
                let stream = liblzma::stream::Stream::new_stream_decoder(
                    XZ_MEMORY_LIMIT,
                    liblzma::stream::CONCATENATED,
                )?;
                Box::new(liblzma::bufread::XzDecoder::new_stream(buffered(whole), stream))
            }
            Compression::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(buffered(whole))?),
        },
        compression,
    ))
}

fn buffered(input: impl Read) -> impl BufRead {
    BufReader::with_capacity(1 << 16, input)
}

/// Writes through `write` into `output`, compressed. The stream is ended before this returns.
pub(crate) fn compress<W: Write, T, E: From<io::Error>>(
    compression: Compression,
    mut output: W,
    write: impl FnOnce(&mut dyn Write) -> Result<T, E>,
) -> Result<T, E> {
    let value = match compression {
        Compression::None => write(&mut output)?,
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(&mut output, flate2::Compression::best());
            let value = write(&mut encoder)?;
            encoder.finish()?;
            value
        }
        Compression::Xz => {
            let mut encoder = liblzma::write::XzEncoder::new(&mut output, XZ_LEVEL);
            let value = write(&mut encoder)?;
            encoder.finish()?;
            value
        }
        Compression::Zstd => {
            let mut encoder = zstd::stream::write::Encoder::new(&mut output, ZSTD_LEVEL)?;
            let value = write(&mut encoder)?;
            encoder.finish()?;
            value
        }
    };
    output.flush()?;
    Ok(value)
}
