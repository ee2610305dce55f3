//! The two kinds of trace: what a program asked of its allocator, and what it did with its memory.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::TraceError;
use super::format::{Format, TELLING_PREFIX};
use super::formats::container;
use super::input::source::Source;
use super::options::ReadOptions;

/// What a trace is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TraceKind {
    /// malloc, realloc, free: read by [`AllocTrace`](super::AllocTrace).
    Allocations,
    /// Accesses to addresses or pages: read by [`PageTrace`](super::PageTrace) and
    /// [`AccessTrace`](super::AccessTrace).
    Accesses,
}

impl TraceKind {
    /// The name: `allocations` or `accesses`. O(1).
    pub const fn name(self) -> &'static str {
        match self {
            TraceKind::Allocations => "allocations",
            TraceKind::Accesses => "accesses",
        }
    }

    pub(crate) const fn other(self) -> TraceKind {
        match self {
            TraceKind::Allocations => TraceKind::Accesses,
            TraceKind::Accesses => TraceKind::Allocations,
        }
    }

    pub(crate) const fn article(self) -> &'static str {
        match self {
            TraceKind::Allocations => "a trace of allocations",
            TraceKind::Accesses => "a trace of accesses",
        }
    }

    /// Kind and format of content that begins with `prefix`, or `None`. 64 KiB suffice to tell.
    /// O(length of the prefix).
    ///
    /// ```
    /// use memcore::trace::{Format, TraceKind};
    ///
    /// let told = TraceKind::of_content(b"2\n4\na 0 512\n");
    /// assert_eq!(told, Some((TraceKind::Allocations, Format::Rep)));
    /// assert_eq!(TraceKind::of_content(b"2\n4\n7\n"), Some((TraceKind::Accesses, Format::Numbers)));
    /// ```
    pub fn of_content(prefix: &[u8]) -> Option<(TraceKind, Format)> {
        let format = Format::of_content(prefix)?;
        let accesses = match format {
            Format::Memcore => container::holds_accesses(prefix),
            format => Format::ACCESS_FILES.contains(&format),
        };
        Some((if accesses { TraceKind::Accesses } else { TraceKind::Allocations }, format))
    }
}

/// Kind and format of a file, compressed or not; its first 64 KiB of content are read.
///
/// # Errors
/// [`TraceError::Io`], [`TraceError::UnknownFormat`], [`TraceError::NestedCompression`].
pub fn kind_of(path: impl AsRef<Path>) -> Result<(TraceKind, Format), TraceError> {
    let path = path.as_ref();
    let name = path.to_string_lossy();
    let file = File::open(path).map_err(|error| TraceError::Io { name: name.clone().into_owned(), error })?;
    kind_of_read(file, &name)
}

/// As [`kind_of`], from any input; `name` stands in errors.
///
/// ```
/// use memcore::trace::{Format, TraceKind, kind_of_read};
///
/// let told = kind_of_read(&b"I  0401ab70,3\n"[..], "<bytes>")?;
/// assert_eq!(told, (TraceKind::Accesses, Format::Lackey));
/// # Ok::<(), memcore::trace::TraceError>(())
/// ```
///
/// # Errors
/// As [`kind_of`].
pub fn kind_of_read(input: impl Read, name: &str) -> Result<(TraceKind, Format), TraceError> {
    let options = ReadOptions::default();
    let mut nobody = ();
    let mut source = Source::new(input, name, None, &options, &mut nobody)?;
    match TraceKind::of_content(source.peek(TELLING_PREFIX)?) {
        Some(told) => Ok(told),
        None => Err(source.unknown_format()?),
    }
}
