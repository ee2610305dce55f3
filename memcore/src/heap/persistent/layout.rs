//! The words of an image: where they are, and how they are checked. The [module](super) has the picture.

use crate::alloc::{Operation, Strategy};
use crate::heap::{HeapError, Result};
use std_alloc::string::ToString;

/// "memcore" and a zero byte.
pub(super) const MAGIC: u64 = u64::from_le_bytes(*b"memcore\0");
pub(super) const VERSION: u64 = 1;

pub(super) const AT_MAGIC: u64 = 0;
pub(super) const AT_VERSION: u64 = 8;
pub(super) const AT_CAPACITY: u64 = 16;
pub(super) const AT_GENERATION: u64 = 24;
pub(super) const AT_WRITER: u64 = 32;
pub(super) const AT_CHECKSUM: u64 = 40;
pub(super) const AT_STRATEGY: u64 = 64;
pub(super) const STRATEGY_WORDS: usize = 8;
pub(super) const AT_ROOTS: u64 = 128;
pub(super) const AT_ROOTS_CHECKSUM: u64 = 256;
pub(super) const AT_COMMIT: u64 = 504;
pub(super) const AT_ENTRIES: u64 = 512;
/// Entries of the journal: enough for the largest step, a block that moves and is in all roots.
pub(super) const ENTRIES: usize = 48;
/// Where the first chunk begins.
pub(super) const FIRST: u64 = AT_ENTRIES + 16 * ENTRIES as u64;

/// Chunks begin at and have multiples of it.
pub(super) const UNIT: u64 = 32;
/// Bytes of a chunk's header.
pub(super) const HEADER: u64 = 32;
/// How many roots an image has.
pub const ROOTS: usize = 16;

const USED: u64 = 1;
const FREE: u64 = 2;

/// Bytes that are read word by word.
pub(super) trait Words {
    /// How many bytes there are.
    fn len(&self) -> u64;
    /// The little-endian word at a multiple of 8 that is at most the length less 8.
    fn word(&self, at: u64) -> u64;
}

/// A number that any change of any word changes: each word is mixed in by the finalizer of SplitMix64.
pub(super) fn checksum(words: impl IntoIterator<Item = u64>) -> u64 {
    words.into_iter().fold(MAGIC, |sum, word| {
        let mixed = sum ^ word;
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

pub(super) fn bad<T>(what: &'static str, at: u64, found: u64) -> Result<T> {
    Err(HeapError::BadImage { what, at, found })
}

/// What the header of a chunk says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Where its header begins.
    pub at: u64,
    /// Bytes, header included.
    pub size: u64,
    /// Bytes of the chunk before it; 0 for the first.
    pub previous: u64,
    /// For a block: bytes asked for, and the alignment's logarithm.
    pub block: Option<(u64, u32)>,
}

impl Chunk {
    /// Its header.
    pub fn words(&self) -> [u64; 4] {
        let (state, requested, alignment) = match self.block {
            Some((requested, alignment)) => (USED, requested, alignment),
            None => (FREE, 0, 0),
        };
        let [first, second, third, fourth] = [self.size | state, self.previous, requested, alignment.into()];
        let sum = checksum([self.at, first, second, third, fourth]);
        [first, second, third, fourth | sum << 32]
    }

    /// Reads the header at `at`, which is in the range and a multiple of the unit. All that its words alone can tell is
    /// checked.
    pub fn read(words: &impl Words, at: u64) -> Result<Self> {
        let [first, second, third, fourth] = [0, 8, 16, 24].map(|offset| words.word(at + offset));
        let alignment = fourth as u32;
        let size = first & !(UNIT - 1);
        let block = match first & (UNIT - 1) {
            USED => Some((third, alignment)),
            FREE => None,
            _ => return bad("a chunk is neither used nor free", at, first),
        };
        let chunk = Chunk { at, size, previous: second, block };
        if chunk.words() != [first, second, third, fourth] {
            return bad("the checksum of a chunk is wrong", at, fourth >> 32);
        }
        Ok(chunk)
    }
}

/// The chunks of an image in order, each checked against the ones around it.
pub(super) struct Chunks<'a, W> {
    words: &'a W,
    capacity: u64,
    at: u64,
    previous: u64,
    after_free: bool,
}

impl<'a, W: Words> Chunks<'a, W> {
    pub fn new(words: &'a W, capacity: u64) -> Self {
        Chunks { words, capacity, at: FIRST, previous: 0, after_free: false }
    }

    /// The next chunk. Each step comes at least one unit farther, so that a walk ends whatever the bytes are.
    pub fn next(&mut self) -> Result<Option<Chunk>> {
        let at = self.at;
        if at == self.capacity {
            return Ok(None);
        }
        let chunk = Chunk::read(self.words, at)?;
        if chunk.size < UNIT || chunk.size > self.capacity - at {
            return bad("a chunk passes the end", at, chunk.size);
        }
        if chunk.previous != self.previous {
            return bad("a chunk disagrees with the one before it", at, chunk.previous);
        }
        match chunk.block {
            Some((requested, alignment)) => {
                let room = chunk.size - HEADER;
                if requested == 0 || requested > room || room - requested >= UNIT {
                    return bad("a block has another size than its chunk", at, requested);
                }
                if alignment > 63 || (at + HEADER) & ((1 << alignment) - 1) != 0 {
                    return bad("a block is not aligned", at, alignment.into());
                }
            }
            None if self.after_free => return bad("two free chunks touch", at, chunk.size),
            None => {}
        }
        self.after_free = chunk.block.is_none();
        (self.at, self.previous) = (at + chunk.size, chunk.size);
        Ok(Some(chunk))
    }
}

/// The words that the superblock's checksum covers, for this capacity and strategy.
pub(super) fn fixed_checksum(capacity: u64, strategy: &[u64; STRATEGY_WORDS]) -> u64 {
    let version = VERSION | FIRST << 32;
    checksum([MAGIC, version, capacity].into_iter().chain(strategy.iter().copied()))
}

/// The strategy's text as words.
pub(super) fn strategy_words(strategy: &Strategy) -> Result<[u64; STRATEGY_WORDS]> {
    check_strategy(strategy)?;
    let text = strategy.to_string();
    let mut bytes = [0; 8 * STRATEGY_WORDS];
    let Some(place) = bytes.get_mut(..text.len()) else {
        let rule = "must have at most 64 bytes as text";
        return Err(HeapError::BadParameter { name: "strategy", value: text.len() as u64, rule });
    };
    place.copy_from_slice(text.as_bytes());
    let mut words = [0; STRATEGY_WORDS];
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(8)) {
        *word = bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
    }
    Ok(words)
}

/// Only strategies that place blocks of any size at any address can take up an image.
fn check_strategy(strategy: &Strategy) -> Result<()> {
    match strategy {
        Strategy::FirstFit
        | Strategy::NextFit
        | Strategy::BestFit { .. }
        | Strategy::WorstFit
        | Strategy::Tlsf { .. } => Ok(()),
        other => {
            let (operation, strategy) = (Operation::AllocateAt, other.name());
            Err(crate::alloc::AllocError::Unsupported { operation, strategy }.into())
        }
    }
}

/// What the superblock says.
#[derive(Clone, Debug)]
pub(super) struct Superblock {
    pub capacity: u64,
    pub strategy: Strategy,
    pub strategy_words: [u64; STRATEGY_WORDS],
    pub generation: u64,
    pub clean: bool,
    pub roots: [u64; ROOTS],
}

/// Checks that there can be an image of this version at all.
pub(super) fn check_begin(words: &impl Words) -> Result<()> {
    if words.len() < FIRST + UNIT {
        return bad("the memory is too short for an image", 0, words.len());
    }
    if words.word(AT_MAGIC) != MAGIC {
        return bad("the magic is not there", AT_MAGIC, words.word(AT_MAGIC));
    }
    let version = words.word(AT_VERSION);
    if version != VERSION | FIRST << 32 {
        return bad("the version or the header's size is another", AT_VERSION, version);
    }
    Ok(())
}

impl Superblock {
    pub fn read(words: &impl Words) -> Result<Self> {
        let capacity = words.word(AT_CAPACITY);
        let in_range = capacity >= FIRST + UNIT && capacity <= words.len();
        if !in_range || (capacity - FIRST) % UNIT != 0 {
            return bad("the capacity passes the memory", AT_CAPACITY, capacity);
        }
        let mut strategy_words = [0; STRATEGY_WORDS];
        for (at, word) in (AT_STRATEGY..).step_by(8).zip(&mut strategy_words) {
            *word = words.word(at);
        }
        let sum = words.word(AT_CHECKSUM);
        if sum != fixed_checksum(capacity, &strategy_words) {
            return bad("the checksum of the superblock is wrong", AT_CHECKSUM, sum);
        }
        let mut bytes = [0; 8 * STRATEGY_WORDS];
        for (bytes, word) in bytes.chunks_exact_mut(8).zip(&strategy_words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let length = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        let strategy = core::str::from_utf8(&bytes[..length]).ok().and_then(|text| text.parse().ok());
        let Some(strategy) = strategy.filter(|strategy| check_strategy(strategy).is_ok()) else {
            return bad("the strategy is unknown", AT_STRATEGY, strategy_words[0]);
        };
        let mut roots = [0; ROOTS];
        for (at, root) in (AT_ROOTS..).step_by(8).zip(&mut roots) {
            *root = words.word(at);
        }
        let sum = words.word(AT_ROOTS_CHECKSUM);
        if sum != checksum(roots) {
            return bad("the checksum of the roots is wrong", AT_ROOTS_CHECKSUM, sum);
        }
        let generation = words.word(AT_GENERATION);
        let clean = words.word(AT_WRITER) == 0;
        Ok(Superblock { capacity, strategy, strategy_words, generation, clean, roots })
    }
}
