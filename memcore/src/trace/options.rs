//! Limits on what reading a trace may cost.
//!
//! A compressed file of a kilobyte can expand to a terabyte, and a reader that holds each operation in
//! memory would die of it. Two limits guard against that: an absolute one, and one on the ratio that leaves
//! small files alone. Deflate cannot expand by more than 1032 to 1, so no gzip file is refused for its ratio;
//! zstd and xz can go to tens of thousands, and a *recorded* trace never does (the recorded samples expand 2
//! to 50 times). A made-up one may: ten million mallocs and frees of one size, 40 MB in binary, compress
//! 10,000 times. The allowance of 64 MiB lets such toys pass, while a bomb is stopped after 64 MiB.

/// Limits for [`AllocTrace::open`](super::AllocTrace::open), [`PageTrace::open`](super::PageTrace::open) and
/// their siblings.
///
/// ```
/// let options = memcore::trace::ReadOptions { max_events: 1_000_000, ..Default::default() };
/// assert_eq!(options.max_expanded_bytes, 16 << 30);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// The most bytes that compressed content may expand to. Default: 16 GiB.
    pub max_expanded_bytes: u64,
    /// The most that compressed content may expand, as a factor of the bytes read, once it is beyond
    /// [`expansion_allowance`](Self::expansion_allowance). Default: 1100.
    pub max_expansion_ratio: u64,
    /// The bytes that any compressed content may expand to, whatever its ratio. Default: 64 MiB.
    pub expansion_allowance: u64,
    /// The most operations (each takes 16 bytes of memory), accesses and events (24 and 48 bytes), or
    /// references to pages (4 or 5). Default: 2^30; a stream that is not held in memory may have a higher one.
    pub max_events: u64,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            max_expanded_bytes: 16 << 30,
            max_expansion_ratio: 1100,
            expansion_allowance: 64 << 20,
            max_events: 1 << 30,
        }
    }
}
