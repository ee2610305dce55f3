//! What can be wrong with a trace, said so that the person who has the file can find the place.
//!
//! A reader distinguishes *why* ([`Reason`]: this field is not a number, this checksum differs) from *where*
//! ([`TraceError`]: which file, which line or byte, and what stands there). Files are hostile until read, so
//! the quoted text is bounded in length and escaped byte by byte: nothing in a trace can drive a terminal.

use std::io;

use super::format::Format;
use super::trace_kind::TraceKind;

/// Why one line, record or operation cannot be taken. Every variant carries the offending number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The line ends where a field should stand.
    #[error("the {field} is missing")]
    MissingField {
        /// Which field.
        field: &'static str,
    },
    /// Text that is no number where a number should stand.
    #[error("the {field} is not a number")]
    BadNumber {
        /// Which field.
        field: &'static str,
    },
    /// A number above 2^64 - 1.
    #[error("the {field} is above 2^64 - 1")]
    NumberTooLarge {
        /// Which field.
        field: &'static str,
    },
    /// Text after the last field of an operation.
    #[error("there is text after the last field")]
    ExtraField,
    /// A line that is no operation of the format.
    #[error("this is no operation of the format")]
    UnknownOperation,
    /// An alignment that is zero or not a power of two.
    #[error("the alignment {alignment} is not a power of two")]
    BadAlignment {
        /// The alignment read.
        alignment: u64,
    },
    /// A base-two logarithm of an alignment above 63.
    #[error("the alignment 2^{log2} is above 2^63")]
    AlignmentTooLarge {
        /// The logarithm read.
        log2: u64,
    },
    /// A thread number above [`MAX_THREAD`](super::MAX_THREAD).
    #[error("the thread number {thread} is above {max}", max = super::MAX_THREAD)]
    ThreadOutOfRange {
        /// The number read.
        thread: u64,
    },
    /// A line longer than a reader holds.
    #[error("the line is longer than {limit} bytes")]
    LineTooLong {
        /// The longest line in bytes.
        limit: usize,
    },
    /// A reference to a block or record that the file has not defined.
    #[error("it refers to {what} {number}, but only {defined} are defined so far")]
    UnknownReference {
        /// What is referred to.
        what: &'static str,
        /// The number given, as the format counts.
        number: u64,
        /// How many there are.
        defined: u64,
    },
    /// Half of a two-line record.
    #[error("the line that should follow '{first}' is missing")]
    Unpaired {
        /// How the first half begins.
        first: char,
    },
    /// The input ends inside a record.
    #[error("the input ends inside the {what}")]
    Truncated {
        /// Inside what.
        what: &'static str,
    },
    /// Bytes after the end that the format states.
    #[error("there are bytes after the end of the trace")]
    TrailingBytes,
    /// A version that this reader does not know.
    #[error("version {version} is not supported (the newest known is {newest})")]
    UnsupportedVersion {
        /// The version stated.
        version: u64,
        /// The newest version that can be read.
        newest: u64,
    },
    /// A record kind, flag or section that this version does not define.
    #[error("the {what} {number} is not defined")]
    Undefined {
        /// What carries the number.
        what: &'static str,
        /// The number read.
        number: u64,
    },
    /// A checksum that does not belong to the bytes.
    #[error("the checksum of the {part} is {computed:#010x}, but the file states {stated:#010x}")]
    Checksum {
        /// Which part is covered.
        part: &'static str,
        /// What the file says.
        stated: u32,
        /// What the bytes give.
        computed: u32,
    },
    /// A count in a header that the body does not bear out.
    #[error("the header states {stated} {what}, the body has {found}")]
    CountMismatch {
        /// What is counted.
        what: &'static str,
        /// The header's number.
        stated: u64,
        /// The body's number.
        found: u64,
    },
    /// A comment that is not UTF-8.
    #[error("the comment is not UTF-8")]
    CommentNotText,
    /// An allocation whose id is not the next new one.
    #[error("the id {id} is out of order: the next new id is {next}")]
    IdOutOfOrder {
        /// The id given.
        id: u32,
        /// The id expected.
        next: u32,
    },
    /// A number that names no [`EventKind`](super::EventKind).
    #[error("{number} is no kind of operation (0 to 4 are)")]
    UnknownKind {
        /// The number given.
        number: u8,
    },
    /// Columns of different lengths.
    #[error("the column {column} has {found} entries instead of {expected}")]
    ColumnLength {
        /// Which column.
        column: &'static str,
        /// Its length.
        found: usize,
        /// The length of the others.
        expected: usize,
    },
    /// More operations than the limit allows.
    #[error("there are more than {limit} operations or references")]
    TooManyEvents {
        /// The limit in force.
        limit: u64,
    },
    /// More ids than 32 bits number.
    #[error("there are more than {} ids", u32::MAX)]
    TooManyIds,
    /// More distinct pages than are numbered.
    #[error("there are more than {} distinct pages", crate::replacement::MAX_PAGES)]
    TooManyPages,
    /// A run of no accesses, or of more than are held.
    #[error("a run of {count} accesses: must be from 1 to 2^32 - 1")]
    RunLength {
        /// The count read.
        count: u64,
    },
    /// An access to more bytes than are held.
    #[error("an access to {size} bytes: at most 2^32 - 1")]
    SizeTooLarge {
        /// The size read.
        size: u64,
    },
    /// A page whose address does not fit in 64 bits.
    #[error("the address of page {page} of 2^{shift} bytes is above 2^64 - 1")]
    PageTooLarge {
        /// The page read.
        page: u64,
        /// The base-two logarithm of the page size.
        shift: u32,
    },
    /// An address that is no page's first byte, where pages were recorded.
    #[error("the address {address} is no multiple of the page size 2^{shift}")]
    NotAPage {
        /// The address given.
        address: u64,
        /// The base-two logarithm of the page size.
        shift: u32,
    },
    /// Two pages that lie farther apart than a format can say.
    #[error("the step from page {from} to page {to} is not below 2^60")]
    StepTooLarge {
        /// The page before.
        from: u64,
        /// The page that cannot be written.
        to: u64,
    },
    /// A word that names no kind of access.
    #[error("this is no kind of access")]
    UnknownAccessKind,
    /// A quotation mark that opens a field and is not closed on its line.
    #[error("a quotation mark is not closed")]
    OpenQuotation,
    /// A column that the header line does not name, or names twice.
    #[error("the header line has {found} columns named {name:?}")]
    Column {
        /// The name looked for; where none was given, what the column is for.
        name: String,
        /// How many columns have it.
        found: usize,
    },
    /// An event that stands before one given earlier, or beyond the last access.
    #[error("the event is out of order")]
    EventOutOfOrder,
    /// The memory for the operations could not be had.
    #[error("out of memory after {events} operations")]
    OutOfMemory {
        /// How many operations were held.
        events: usize,
    },
}

/// Why a trace could not be read, built, generated or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The operating system, or a decompressor, failed.
    #[error("{name}: {error}")]
    Io {
        /// The file.
        name: String,
        /// What the system said.
        error: io::Error,
    },
    /// The content is of no known format.
    #[error(
        "{name}: this is no trace format known here; it begins with {excerpt}; known are {}",
        Format::list()
    )]
    UnknownFormat {
        /// The file.
        name: String,
        /// Its beginning, quoted.
        excerpt: String,
    },
    /// A line of a text format cannot be read.
    #[error("{name}:{line}: {reason}: {excerpt}")]
    Line {
        /// The file.
        name: String,
        /// The line, counted from 1.
        line: u64,
        /// The line's beginning, quoted.
        excerpt: String,
        /// What is wrong with it.
        reason: Reason,
    },
    /// A record of a binary format cannot be read.
    #[error("{name}: byte {offset}: {reason}")]
    Byte {
        /// The file.
        name: String,
        /// The offset in the expanded content.
        offset: u64,
        /// What is wrong there.
        reason: Reason,
    },
    /// An operation given by a program, not by a file, cannot be taken.
    #[error("operation {index}: {reason}")]
    Event {
        /// Which, counted from 0.
        index: usize,
        /// What is wrong with it.
        reason: Reason,
    },
    /// A limit of [`ReadOptions`](super::ReadOptions) is reached.
    #[error("{name}: {limit} is {value}, and the input goes beyond it")]
    Limit {
        /// The file.
        name: String,
        /// The name of the limit: a field of `ReadOptions`.
        limit: &'static str,
        /// Its value.
        value: u64,
    },
    /// Compressed content inside compressed content.
    #[error("{name}: {inner} inside {outer}: nested compression is not read")]
    NestedCompression {
        /// The file.
        name: String,
        /// What the file is.
        outer: &'static str,
        /// What is inside.
        inner: &'static str,
    },
    /// A format that can be read but not written.
    #[error("{format} is read but not written")]
    NotWritable {
        /// The format asked for.
        format: Format,
    },
    /// A trace of the other kind.
    #[error("{name}: this is {} ({format}), not {}", kind.article(), kind.other().article())]
    OtherKind {
        /// The file.
        name: String,
        /// Its format.
        format: Format,
        /// What it is.
        kind: TraceKind,
    },
    /// A page size that is no power of two.
    #[error("a page size of {page_size} bytes is no power of two")]
    PageSize {
        /// The size given.
        page_size: u64,
    },
    /// A workload that cannot be generated.
    #[error(transparent)]
    Workload(#[from] super::generate::WorkloadError),
    /// A page workload that cannot be generated.
    #[error(transparent)]
    Spec(#[from] crate::spec::SpecError),
    /// The [`Progress`](crate::progress::Progress) asked to stop.
    #[error("cancelled")]
    Cancelled,
}

/// The longest quotation in an error, in bytes of the input.
const EXCERPT_BYTES: usize = 80;

/// Quotes the beginning of hostile bytes: printable ASCII as it is, everything else as an escape.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(EXCERPT_BYTES)];
    let more = if bytes.len() > shown.len() { "..." } else { "" };
    format!("\"{}\"{more}", shown.escape_ascii())
}
