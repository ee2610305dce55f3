//! The formats of allocation traces, and how their content is recognised.
//!
//! A file's name says what somebody meant; its content says what it is. Each format is recognised by its
//! first bytes (binary) or by the first lines that only it can have (text), in this order:
//!
//! ```text
//! "MEMCORE\0"                              memcore
//! "MATR"                                   matr
//! first line  v HEX ...                    heaptrack; raw or interpreted by its first telling line
//! first line  = Start, or @ ... OP ADDR    mtrace
//! first line  one decimal number           rep
//! some line   --PID-- or ==PID==           valgrind
//! ```

use core::fmt;
use core::str::FromStr;

use super::formats::{binary, heaptrack_interpreted, matr, mtrace, rep, valgrind};

/// A format of allocation traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// memcore's own binary container: [`formats::binary`](super::formats::binary).
    Memcore,
    /// MATR version 1, the recorder's binary form: [`formats::matr`](super::formats::matr).
    Matr,
    /// The malloclab `.rep` text: [`formats::rep`](super::formats::rep).
    Rep,
    /// The log of glibc's `mtrace(3)`: [`formats::mtrace`](super::formats::mtrace).
    Mtrace,
    /// heaptrack's data as its preload library writes it:
    /// [`formats::heaptrack_raw`](super::formats::heaptrack_raw).
    HeaptrackRaw,
    /// heaptrack's data after `heaptrack_interpret`:
    /// [`formats::heaptrack_interpreted`](super::formats::heaptrack_interpreted).
    HeaptrackInterpreted,
    /// `valgrind --trace-malloc=yes`: [`formats::valgrind`](super::formats::valgrind).
    Valgrind,
    /// No file: built by a program or generated.
    Built,
}

impl Format {
    /// The formats that files have, in the order in which they are tried.
    pub const FILES: [Format; 7] = [
        Format::Memcore,
        Format::Matr,
        Format::HeaptrackRaw,
        Format::HeaptrackInterpreted,
        Format::Mtrace,
        Format::Rep,
        Format::Valgrind,
    ];

    /// The name: `memcore`, `matr`, `rep`, `mtrace`, `heaptrack-raw`, `heaptrack-interpreted`, `valgrind`,
    /// `built`. [`FromStr`] takes the same names.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Memcore => "memcore",
            Format::Matr => "matr",
            Format::Rep => "rep",
            Format::Mtrace => "mtrace",
            Format::HeaptrackRaw => "heaptrack-raw",
            Format::HeaptrackInterpreted => "heaptrack-interpreted",
            Format::Valgrind => "valgrind",
            Format::Built => "built",
        }
    }

    /// Whether [`convert`](super::convert()) can write it: `memcore`, `matr` and `rep`.
    pub const fn is_writable(self) -> bool {
        matches!(self, Format::Memcore | Format::Matr | Format::Rep)
    }

    /// The format that a file name asks for when a trace is written: `.rep` and `.matr` (with or without a
    /// compression's ending) their own, any other name [`Format::Memcore`].
    ///
    /// ```
    /// use memcore::trace::Format;
    /// assert_eq!(Format::for_output("a/b.rep.zst"), Format::Rep);
    /// assert_eq!(Format::for_output("b.mct"), Format::Memcore);
    /// ```
    pub fn for_output(name: impl AsRef<std::path::Path>) -> Format {
        let name = name.as_ref().to_string_lossy();
        let stem = [".zst", ".gz", ".xz"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
        if stem.ends_with(".rep") {
            Format::Rep
        } else if stem.ends_with(".matr") {
            Format::Matr
        } else {
            Format::Memcore
        }
    }

    /// The format of content that begins with `prefix`, or `None`. O(length of the prefix).
    pub fn of_content(prefix: &[u8]) -> Option<Format> {
        if prefix.starts_with(&binary::MAGIC) {
            return Some(Format::Memcore);
        }
        if prefix.starts_with(&matr::MAGIC) {
            return Some(Format::Matr);
        }
        let mut lines = prefix.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        let first = lines.find(|line| !line.is_empty())?;
        if first.starts_with(b"v ") && first[2..].iter().all(|b| b.is_ascii_hexdigit() || *b == b' ') {
            return Some(heaptrack_interpreted::tell(prefix));
        }
        if mtrace::begins(first) {
            return Some(Format::Mtrace);
        }
        if rep::begins(first) {
            return Some(Format::Rep);
        }
        let mut all = core::iter::once(first).chain(lines);
        all.any(|line| valgrind::prefix(line).is_some()).then_some(Format::Valgrind)
    }

    pub(crate) fn list() -> String {
        Format::FILES.map(Format::name).join(", ")
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no format's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is no trace format; known are {}", Format::list())]
pub struct UnknownFormatName {
    /// The name given.
    pub name: String,
}

impl FromStr for Format {
    type Err = UnknownFormatName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Format::FILES
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| UnknownFormatName { name: name.to_owned() })
    }
}
