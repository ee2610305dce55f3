//! From one format to another, and what is lost on the way.
//!
//! No two formats hold the same things. A conversion that loses something is no error (people want a `.rep`
//! for their course's driver), but it says what and how much, before anybody draws conclusions from the
//! result.

use core::fmt;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::alloc_trace::AllocTrace;
use super::error::TraceError;
use super::event::EventKind;
use super::format::Format;
use super::formats::{binary, matr, rep};
use super::input::compression::{Compression, compress};

/// A thing that a format cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LostKind {
    /// callocs, written as malloc.
    Calloc,
    /// Operations of other threads than 0, written without their thread.
    Thread,
    /// Operations on blocks that no allocation gave, left out.
    Orphan,
    /// Accesses written as references to their pages, without the place inside and the size.
    Place,
    /// Address-space events, left out.
    SpaceEvent,
    /// Accesses written as pages of another size than they were recorded in, or as numbers.
    Unit,
    /// Bytes of the comment, left out: all of them, or what is beyond 1 MiB.
    Comment,
}

impl LostKind {
    /// What was done, in a few words.
    pub const fn description(self) -> &'static str {
        match self {
            LostKind::Calloc => "callocs written as malloc",
            LostKind::Thread => "operations written without their thread",
            LostKind::Orphan => "operations on unknown blocks left out",
            LostKind::Place => "accesses written as their pages",
            LostKind::SpaceEvent => "address-space events left out",
            LostKind::Unit => "runs written in another unit",
            LostKind::Comment => "bytes of comment left out",
        }
    }
}

/// What a conversion lost: kinds with how many operations are concerned. Empty when nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    lost: Vec<(LostKind, u64)>,
}

impl Loss {
    /// Whether nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.lost.is_empty()
    }

    /// What was lost, with counts above 0.
    pub fn as_slice(&self) -> &[(LostKind, u64)] {
        &self.lost
    }

    /// How many operations lost this; 0 when none did.
    pub fn count(&self, kind: LostKind) -> u64 {
        self.lost.iter().find(|(lost, _)| *lost == kind).map_or(0, |&(_, count)| count)
    }

    pub(super) fn add(&mut self, kind: LostKind, count: u64) {
        if count > 0 {
            self.lost.push((kind, count));
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing lost");
        }
        for (index, (kind, count)) in self.lost.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{count} {}", kind.description())?;
        }
        Ok(())
    }
}

/// Writes `trace` in `format`, uncompressed. O(operations).
///
/// ```
/// use memcore::trace::{AllocTrace, Format, LostKind, convert};
///
/// let mut builder = AllocTrace::builder();
/// builder.calloc(100)?;
/// let mut text = Vec::new();
/// let loss = convert(&builder.finish(), Format::Rep, &mut text)?;
/// assert_eq!(text, b"1\n1\n1\n100\na 0 100\n");
/// assert_eq!(loss.count(LostKind::Calloc), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`TraceError::NotWritable`] for a format that is only read, [`TraceError::Io`] from `output`.
pub fn convert(trace: &AllocTrace, format: Format, output: &mut dyn Write) -> Result<Loss, TraceError> {
    let written = match format {
        Format::Memcore => binary::write(trace, output),
        Format::Matr => matr::write(trace, output),
        Format::Rep => rep::write(trace, output),
        format => return Err(TraceError::NotWritable { format }),
    };
    written.map_err(|error| TraceError::Io { name: format.name().to_owned(), error })?;
    Ok(loss(trace, format))
}

/// Writes `trace` to a file in `format`, compressed as the name's ending says (`.gz`, `.xz`, `.zst`, anything
/// else not). A file of that name is replaced. O(operations).
///
/// # Errors
/// As [`convert`]; a file of that name is then as it was.
pub fn save(trace: &AllocTrace, path: impl AsRef<Path>, format: Format) -> Result<Loss, TraceError> {
    if !format.is_writable() {
        return Err(TraceError::NotWritable { format });
    }
    write_file(path.as_ref(), |output| convert(trace, format, output))
}

/// Writes a file through `write`, compressed as its name says. It is written beside the file of that name and then
/// takes its place, so that a failure costs nobody a file; what is no file (a device, a pipe) is written to as it is.
pub(super) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<Loss, TraceError>,
) -> Result<Loss, TraceError> {
    let failed = |error| TraceError::Io { name: path.to_string_lossy().into_owned(), error };
    let compression = Compression::for_output(path);
    let is_special = std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
    // A link keeps pointing where it does, and its file is the one replaced.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let beside = match target.file_name() {
        Some(name) if !is_special => {
            let mut name = name.to_owned();
            name.push(format!(".{}.part", std::process::id()));
            target.with_file_name(name)
        }
        _ => target.clone(),
    };
    let file = File::create(&beside).map_err(failed)?;
    let outcome = compress(compression, file, |output| write(output).map_err(Failed::Trace));
    let outcome = outcome.map_err(|error| match error {
        Failed::Trace(TraceError::Io { error, .. }) | Failed::Io(error) => failed(error),
        Failed::Trace(error) => error,
    });
    if is_special {
        return outcome;
    }
    let outcome = outcome.and_then(|loss| {
        std::fs::rename(&beside, &target).map_err(failed)?;
        Ok(loss)
    });
    if outcome.is_err() {
        // What failed is told; that nothing is left behind is all that can be done here.
        let _ = std::fs::remove_file(&beside);
    }
    outcome
}

/// A failure of the conversion or of the compressor under it.
enum Failed {
    Trace(TraceError),
    Io(std::io::Error),
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Failed::Io(error)
    }
}

/// What `format` cannot hold of `trace`.
fn loss(trace: &AllocTrace, format: Format) -> Loss {
    let mut loss = Loss::default();
    let count = |wanted: fn(EventKind, u32) -> bool| {
        trace.events().iter().filter(|event| wanted(event.kind(), event.thread())).count() as u64
    };
    if format == Format::Rep {
        loss.add(LostKind::Calloc, count(|kind, _| kind == EventKind::Calloc));
        loss.add(LostKind::Thread, count(|_, thread| thread != 0));
    }
    if format == Format::Matr && trace.orphans() > 0 {
        loss.add(LostKind::Orphan, trace.summary_with_points(0).orphan_operations);
    }
    let comment_bytes = trace.comment().map_or(0, str::len);
    let held_bytes = if format == Format::Memcore { binary::held_comment(trace).len() } else { 0 };
    loss.add(LostKind::Comment, (comment_bytes - held_bytes) as u64);
    loss
}
