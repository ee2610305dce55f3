//! The formats of traces, and how their content is recognised.
//!
//! A file's name says what somebody meant; its content says what it is. Each format is recognised by its
//! first bytes (binary) or by the first lines that only it can have (text), in this order:
//!
//! ```text
//! "MEMCORE\0"                              memcore
//! "MATR", "PGTR", lcs's mark               matr, pgtr, lcs
//! records that only it can have            drmemtrace, vscsi, oracle-general, champsim (content with a byte 0)
//! first line  v HEX ...                    heaptrack; raw or interpreted by its first telling line
//! first line  = Start, or @ ... OP ADDR    mtrace
//! first line  one decimal number           rep when the first line that is no decimal number is none of a
//!                                          plain list's, else numbers
//! first line  R 401 2, m 4835 2 3 34, ...  page-text
//! first line  2 401ab70                    dinero
//! first line  0x401, 7 W, r 7, ...         numbers
//! first line  seven fields, the 4th Read   msr
//! first line  names with commas between    csv
//! some line   I  0401ab70,3                lackey
//! some line   --PID-- or ==PID==           valgrind
//! ```
//!
//! Blank lines, and for traces of accesses lines that begin with `#`, are no first lines.

use core::fmt;
use core::str::FromStr;

use super::access::formats as access;
use super::formats::{container, heaptrack_interpreted, matr, mtrace, rep, valgrind};

/// How much of the content is looked at to tell its format.
pub(crate) const TELLING_PREFIX: usize = 1 << 16;

/// A format of traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// memcore's own binary container, which holds traces of either kind:
    /// [`formats::binary`](super::formats::binary), [`access::formats::own`](super::access::formats::own).
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
    /// PGTR version 1, runs of page references: [`access::formats::pgtr`](super::access::formats::pgtr).
    Pgtr,
    /// Runs of page references as text: [`access::formats::page_text`](super::access::formats::page_text).
    PageText,
    /// `valgrind --tool=lackey`: [`access::formats::lackey`](super::access::formats::lackey).
    Lackey,
    /// Dinero's input: [`access::formats::dinero`](super::access::formats::dinero).
    Dinero,
    /// One number a line: [`access::formats::numbers`](super::access::formats::numbers).
    Numbers,
    /// Named columns: [`access::formats::csv`](super::access::formats::csv).
    Csv,
    /// The block traces of MSR Cambridge: [`access::formats::msr`](super::access::formats::msr).
    Msr,
    /// libCacheSim's oracleGeneral: [`access::formats::oracle_general`](super::access::formats::oracle_general).
    OracleGeneral,
    /// libCacheSim's lcs: [`access::formats::lcs`](super::access::formats::lcs).
    Lcs,
    /// VMware's vscsiStats: [`access::formats::vscsi`](super::access::formats::vscsi).
    Vscsi,
    /// ChampSim's instructions: [`access::formats::champsim`](super::access::formats::champsim).
    Champsim,
    /// DynamoRIO's memory traces: [`access::formats::drmemtrace`](super::access::formats::drmemtrace).
    Drmemtrace,
    /// No file: built by a program or generated.
    Built,
}

impl Format {
    /// The formats of allocation traces that files have.
    pub const FILES: [Format; 7] = [
        Format::Memcore,
        Format::Matr,
        Format::HeaptrackRaw,
        Format::HeaptrackInterpreted,
        Format::Mtrace,
        Format::Rep,
        Format::Valgrind,
    ];

    /// The formats of traces of accesses and pages that files have.
    pub const ACCESS_FILES: [Format; 13] = [
        Format::Memcore,
        Format::Pgtr,
        Format::PageText,
        Format::Lackey,
        Format::Dinero,
        Format::Numbers,
        Format::Csv,
        Format::Msr,
        Format::OracleGeneral,
        Format::Lcs,
        Format::Vscsi,
        Format::Champsim,
        Format::Drmemtrace,
    ];

    /// The name: `memcore`, `matr`, `rep`, `mtrace`, `heaptrack-raw`, `heaptrack-interpreted`, `valgrind`;
    /// `pgtr`, `page-text`, `lackey`, `dinero`, `numbers`, `csv`, `msr`, `oracle-general`, `lcs`, `vscsi`,
    /// `champsim`, `drmemtrace`; `built`. [`FromStr`] takes the same names, `built` apart.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Memcore => "memcore",
            Format::Matr => "matr",
            Format::Rep => "rep",
            Format::Mtrace => "mtrace",
            Format::HeaptrackRaw => "heaptrack-raw",
            Format::HeaptrackInterpreted => "heaptrack-interpreted",
            Format::Valgrind => "valgrind",
            Format::Pgtr => "pgtr",
            Format::PageText => "page-text",
            Format::Lackey => "lackey",
            Format::Dinero => "dinero",
            Format::Numbers => "numbers",
            Format::Csv => "csv",
            Format::Msr => "msr",
            Format::OracleGeneral => "oracle-general",
            Format::Lcs => "lcs",
            Format::Vscsi => "vscsi",
            Format::Champsim => "champsim",
            Format::Drmemtrace => "drmemtrace",
            Format::Built => "built",
        }
    }

    /// Whether [`convert`](super::convert()) can write it: `memcore`, `matr` and `rep`.
    pub const fn is_writable(self) -> bool {
        matches!(self, Format::Memcore | Format::Matr | Format::Rep)
    }

    /// Whether [`AccessTrace::convert`](super::AccessTrace::convert) can write it: `memcore`, `pgtr`,
    /// `page-text` and `numbers`.
    pub const fn holds_accesses(self) -> bool {
        matches!(self, Format::Memcore | Format::Pgtr | Format::PageText | Format::Numbers)
    }

    /// The format that a file name asks for when a trace of accesses is written: `.pgtr` that, `.txt`
    /// [`Format::PageText`], `.numbers` [`Format::Numbers`] (with or without a compression's ending), any
    /// other name [`Format::Memcore`].
    ///
    /// ```
    /// use memcore::trace::Format;
    /// assert_eq!(Format::for_access_output("ls.pgtr.zst"), Format::Pgtr);
    /// assert_eq!(Format::for_access_output("ls.mct"), Format::Memcore);
    /// ```
    pub fn for_access_output(name: impl AsRef<std::path::Path>) -> Format {
        let endings = [(".pgtr", Format::Pgtr), (".txt", Format::PageText), (".numbers", Format::Numbers)];
        let name = name.as_ref().to_string_lossy();
        let stem = [".zst", ".gz", ".xz"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
        endings.iter().find(|(end, _)| stem.ends_with(end)).map_or(Format::Memcore, |&(_, format)| format)
    }

    /// The format that a file name asks for when an allocation trace is written: `.rep` and `.matr` (with or without a
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

    /// The format of content that begins with `prefix`, or `None`. 64 KiB suffice to tell.
    /// O(length of the prefix).
    pub fn of_content(prefix: &[u8]) -> Option<Format> {
        let magic = [
            (&container::MAGIC[..], Format::Memcore),
            (&matr::MAGIC, Format::Matr),
            (&access::pgtr::MAGIC, Format::Pgtr),
            (&access::lcs::MAGIC, Format::Lcs),
        ];
        if let Some((_, format)) = magic.iter().find(|(magic, _)| prefix.starts_with(magic)) {
            return Some(*format);
        }
        Format::of_records(prefix).or_else(|| Format::of_lines(prefix))
    }

    /// The format of fixed records without a mark at their beginning.
    fn of_records(prefix: &[u8]) -> Option<Format> {
        let begins: [Telling; 4] = [
            (access::drmemtrace::begins, Format::Drmemtrace),
            (access::vscsi::begins, Format::Vscsi),
            (access::oracle_general::begins, Format::OracleGeneral),
            (access::champsim::begins, Format::Champsim),
        ];
        memchr::memchr(0, prefix)?;
        begins.iter().find(|(begins, _)| begins(prefix)).map(|&(_, format)| format)
    }

    fn of_lines(prefix: &[u8]) -> Option<Format> {
        let first = whole_lines(prefix).map(<[u8]>::trim_ascii).find(|line| !line.is_empty())?;
        if first.starts_with(b"v ") && first[2..].iter().all(|b| b.is_ascii_hexdigit() || *b == b' ') {
            return Some(heaptrack_interpreted::tell(prefix));
        }
        if mtrace::begins(first) {
            return Some(Format::Mtrace);
        }
        let mut lines = whole_lines(prefix).filter(|line| !access::is_blank(line));
        if rep::begins(first) {
            let mut numbers = 0;
            let telling = lines.find(|line| {
                let is_number = rep::begins(line.trim_ascii());
                numbers += usize::from(is_number);
                !is_number
            });
            let list = numbers > rep::LONGEST_HEADER
                || telling.is_none_or(|line| !rep::is_operation(line) && access::numbers::begins(line));
            return Some(if list { Format::Numbers } else { Format::Rep });
        }
        let begins: [Telling; 5] = [
            (access::page_text::begins, Format::PageText),
            (access::dinero::begins, Format::Dinero),
            (access::numbers::begins, Format::Numbers),
            (access::msr::begins, Format::Msr),
            (access::csv::begins, Format::Csv),
        ];
        let first = lines.next().unwrap_or_default();
        if let Some((_, format)) = begins.iter().find(|(begins, _)| begins(first)) {
            return Some(*format);
        }
        if whole_lines(prefix).any(access::lackey::is_access) {
            return Some(Format::Lackey);
        }
        whole_lines(prefix)
            .any(|line| valgrind::prefix(line.trim_ascii()).is_some())
            .then_some(Format::Valgrind)
    }

    pub(crate) fn list() -> String {
        Format::all().map(Format::name).collect::<Vec<_>>().join(", ")
    }

    /// Every format that files have, once.
    fn all() -> impl Iterator<Item = Format> {
        Format::FILES.into_iter().chain(Format::ACCESS_FILES.into_iter().skip(1))
    }
}

/// No line that tells a format is longer.
const TELLING_LINE: usize = 256;

type Telling = (fn(&[u8]) -> bool, Format);

/// The lines of a prefix, without the last one when the prefix may end inside it (but with an endless one).
pub(crate) fn whole_lines(prefix: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = match memchr::memrchr(b'\n', prefix) {
        Some(end) if prefix.len() >= TELLING_PREFIX && prefix.len() - end < TELLING_LINE => end,
        _ => prefix.len(),
    };
    prefix[..end].split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
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
        Format::all()
            .find(|format| format.name() == name)
            .ok_or_else(|| UnknownFormatName { name: name.to_owned() })
    }
}
