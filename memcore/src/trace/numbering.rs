//! Dense numbers for page numbers: 0, 1, 2, ... in the order of their first appearance.
//!
//! A simulation that knows its pages as 0..n is made of arrays. Numbering is paid once per trace, for each
//! reference one look into a hash table:
//!
//! ```text
//!   page 0x7ffd1, 0x400, 0x7ffd1, 0x401   -->   0, 1, 0, 2        keys: [0x7ffd1, 0x400, 0x401]
//! ```

use super::error::Reason;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// The most distinct pages; as many as policies can be told of.
const MOST: usize = crate::replacement::MAX_PAGES as usize;

/// Numbers given so far.
#[derive(Clone, Debug, Default)]
pub struct Numbering {
    keys: Vec<u64>,
    numbers: HashTable<(u64, u32)>,
}

impl Numbering {
    /// No numbers. O(1).
    pub fn new() -> Numbering {
        Numbering::default()
    }

    /// The number of a page: its old one, or the next new one. Expected O(1).
    ///
    /// # Errors
    /// [`Reason::TooManyPages`], [`Reason::OutOfMemory`]; nothing is changed.
    #[inline]
    pub fn number(&mut self, key: u64) -> Result<u32, Reason> {
        let hash = hash(key);
        if let Some(&(_, number)) = self.numbers.find(hash, |&(other, _)| other == key) {
            return Ok(number);
        }
        self.add(key, hash)
    }

    #[cold]
    fn add(&mut self, key: u64, hash: u64) -> Result<u32, Reason> {
        let number = self.keys.len();
        if number == MOST {
            return Err(Reason::TooManyPages);
        }
        let out_of_memory = Reason::OutOfMemory { events: number };
        if self.keys.try_reserve(1).is_err()
            || self.numbers.try_reserve(1, |&(key, _)| self::hash(key)).is_err()
        {
            return Err(out_of_memory);
        }
        self.keys.push(key);
        self.numbers.insert_unique(hash, (key, number as u32), |&(key, _)| self::hash(key));
        Ok(number as u32)
    }

    /// The pages by number. O(1).
    pub fn keys(&self) -> &[u64] {
        &self.keys
    }

    /// The pages by number, without the table behind them. O(1).
    pub fn into_keys(self) -> Vec<u64> {
        self.keys
    }
}

fn hash(key: u64) -> u64 {
    FixedState::default().hash_one(key)
}
