//! The entries of the pool by key, those with an object in order of age.
//!
//! ```text
//! keys    { 17 -> slot 0,  4 -> slot 2, ... }
//! slots   [ 17 | R | object ] [ free ] [ 4 | - | object ] [ 9 | - | word ]
//! age       oldest 4 <-> 17 newest                          not in the list: to write it back frees nothing
//! ```

use super::objects::Object;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std_alloc::vec::Vec;

/// No slot.
const NIL: u32 = u32::MAX;

/// What a page was made into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Data {
    /// This word, again and again.
    Same(u64),
    Object(Object),
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: u32,
    /// Used since it was last looked at for writing back.
    pub referenced: bool,
    pub data: Data,
    older: u32,
    newer: u32,
}

/// The entries; see the [module](self).
#[derive(Clone, Debug)]
pub(super) struct Entries {
    slots: Vec<Entry>,
    /// Unused slots.
    free: Vec<u32>,
    keys: HashMap<u32, u32, FixedState>,
    oldest: u32,
    newest: u32,
    same: u64,
}

impl Default for Entries {
    fn default() -> Self {
        let (slots, free, keys) = (Vec::new(), Vec::new(), HashMap::default());
        Entries { slots, free, keys, oldest: NIL, newest: NIL, same: 0 }
    }
}

impl Entries {
    pub fn len(&self) -> u64 {
        self.keys.len() as u64
    }

    /// Entries that are a word.
    pub fn same(&self) -> u64 {
        self.same
    }

    pub fn contains(&self, key: u32) -> bool {
        self.keys.contains_key(&key)
    }

    pub fn get_mut(&mut self, key: u32) -> Option<&mut Entry> {
        self.keys.get(&key).map(|&slot| &mut self.slots[slot as usize])
    }

    /// Makes sure that the next [`insert`](Self::insert) has room.
    pub fn reserve(&mut self) -> bool {
        let slots = self.slots.try_reserve(1).is_ok() && self.keys.try_reserve(1).is_ok();
        // As many as slots: giving one back never needs memory.
        let wanted = self.slots.len() + 1 - self.free.len();
        slots && self.free.try_reserve(wanted).is_ok()
    }

    /// Enters a page, as the newest; its key is not there.
    pub fn insert(&mut self, key: u32, data: Data, referenced: bool) {
        let entry = Entry { key, referenced, data, older: NIL, newer: NIL };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = entry;
                slot
            }
            None => {
                self.slots.push(entry);
                self.slots.len() as u32 - 1
            }
        };
        self.keys.insert(key, slot);
        match data {
            Data::Same(_) => self.same += 1,
            Data::Object(_) => self.link(slot),
        }
    }

    pub fn remove(&mut self, key: u32) -> Option<Data> {
        let slot = self.keys.remove(&key)?;
        let data = self.slots[slot as usize].data;
        match data {
            Data::Same(_) => self.same -= 1,
            Data::Object(_) => self.unlink(slot),
        }
        self.free.push(slot);
        Some(data)
    }

    fn link(&mut self, slot: u32) {
        let newest = core::mem::replace(&mut self.newest, slot);
        let entry = &mut self.slots[slot as usize];
        (entry.older, entry.newer) = (newest, NIL);
        match newest {
            NIL => self.oldest = slot,
            _ => self.slots[newest as usize].newer = slot,
        }
    }

    fn unlink(&mut self, slot: u32) {
        let Entry { older, newer, .. } = self.slots[slot as usize];
        match older {
            NIL => self.oldest = newer,
            _ => self.slots[older as usize].newer = newer,
        }
        match newer {
            NIL => self.newest = older,
            _ => self.slots[newer as usize].older = older,
        }
    }

    /// The oldest entry with an object that was not used since it was last looked at. Those older ones that were
    /// are the newest then, and have to be used again.
    pub fn second_chance(&mut self) -> Option<u32> {
        while self.oldest != NIL {
            let slot = self.oldest;
            let entry = &mut self.slots[slot as usize];
            if !entry.referenced {
                return Some(entry.key);
            }
            entry.referenced = false;
            self.unlink(slot);
            self.link(slot);
        }
        None
    }

    /// The entries with an object, the oldest first.
    pub fn by_age(&self) -> impl Iterator<Item = &Entry> {
        let mut slot = self.oldest;
        // A list that is broken into a ring ends all the same.
        (0..self.slots.len()).map_while(move |_| {
            let entry = self.slots.get(slot as usize)?;
            slot = entry.newer;
            Some(entry)
        })
    }

    /// The keys and words of the others, by key.
    pub fn words(&self) -> Vec<(u32, u64)> {
        let word = |&slot: &u32| match self.slots[slot as usize] {
            Entry { key, data: Data::Same(word), .. } => Some((key, word)),
            _ => None,
        };
        let mut words: Vec<_> = self.keys.values().filter_map(word).collect();
        words.sort_unstable();
        words
    }

    /// # Errors
    /// What is wrong.
    pub fn validate(&self) -> Result<(), &'static str> {
        if self.slots.len() != self.keys.len() + self.free.len() {
            return Err("a slot of the compressed pool is neither used nor free");
        }
        let linked = self.by_age().filter(|entry| matches!(entry.data, Data::Object(_)));
        let (objects, words) = (linked.count(), self.words().len());
        if objects + words != self.keys.len() || words as u64 != self.same {
            return Err("the compressed pool counts its entries wrongly");
        }
        let named = |(key, &slot): (&u32, &u32)| self.slots.get(slot as usize).is_some_and(|e| e.key == *key);
        if self.keys.iter().all(named) {
            Ok(())
        } else {
            Err("a key of the compressed pool names another entry")
        }
    }
}
