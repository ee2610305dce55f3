//! Steps: what is to be stored, in the journal first, so that all of it comes true or nothing.
//!
//! ```text
//! 1  entries    (where, what) (where, what) ...     a crash here: the step never was
//! 2  commit     count and checksum, one store       a crash from here on: the step is done again
//! 3  the image  each word of each entry
//! 4  commit     0
//! ```

use super::image::Image;
use super::layout::*;
use crate::heap::{Memory, Result};

/// Words to be stored together.
#[derive(Clone, Debug)]
pub(super) struct Step {
    entries: [(u64, u64); ENTRIES],
    len: usize,
}

impl Step {
    pub fn new() -> Self {
        Step { entries: [(0, 0); ENTRIES], len: 0 }
    }

    pub fn entries(&self) -> &[(u64, u64)] {
        &self.entries[..self.len]
    }

    /// The word at `at` shall be `value`; nothing where it is already.
    pub fn set<M: Memory>(&mut self, image: &Image<M>, at: u64, value: u64) {
        if image.word(at) != value {
            self.push(at, value);
        }
    }

    fn push(&mut self, at: u64, value: u64) {
        self.entries[self.len] = (at, value);
        self.len += 1;
    }

    /// The header of a chunk.
    pub fn set_chunk<M: Memory>(&mut self, image: &Image<M>, chunk: &Chunk) {
        for (offset, word) in (0..).step_by(8).zip(chunk.words()) {
            self.set(image, chunk.at + offset, word);
        }
    }

    /// What in the header of a chunk depends on the chunk before it. The rest is left as it is, so that damage there is
    /// not covered up.
    pub fn set_previous<M: Memory>(&mut self, image: &Image<M>, chunk: &Chunk) {
        let [_, previous, _, sum] = chunk.words();
        self.set(image, chunk.at + 8, previous);
        self.set(image, chunk.at + 24, sum);
    }

    /// Makes the step true.
    pub fn commit<M: Memory>(&self, image: &mut Image<M>) {
        if self.len == 0 {
            return;
        }
        for (at, &(target, value)) in (AT_ENTRIES..).step_by(16).zip(self.entries()) {
            image.store(at, target);
            image.store(at + 8, value);
        }
        image.store(AT_COMMIT, self.commit_word());
        self.apply(image);
    }

    /// Stores the words of a step that is committed, and ends it.
    pub fn apply<M: Memory>(&self, image: &mut Image<M>) {
        for &(at, value) in self.entries() {
            image.store(at, value);
        }
        image.store(AT_COMMIT, 0);
    }

    fn commit_word(&self) -> u64 {
        let words = self.entries().iter().flat_map(|&(at, value)| [at, value]);
        self.len as u64 | checksum(words) << 32
    }

    /// The step that was committed and not ended, if there is one.
    pub fn pending(words: &impl Words) -> Result<Option<Self>> {
        let commit = words.word(AT_COMMIT);
        let count = commit & u64::from(u32::MAX);
        if count == 0 || count > ENTRIES as u64 {
            return Ok(None);
        }
        let mut step = Step::new();
        for at in (AT_ENTRIES..).step_by(16).take(count as usize) {
            step.push(words.word(at), words.word(at + 8));
        }
        if step.commit_word() != commit {
            // The two halves of the word, stored one after the other on a small machine: not committed yet, or applied
            // to the last word.
            return Ok(None);
        }
        for &(at, _) in step.entries() {
            let in_place = (AT_CAPACITY..AT_COMMIT).contains(&at) || at >= FIRST;
            if !in_place || at % 8 != 0 || at > words.len() - 8 {
                return bad("the journal names a place that no step writes", AT_COMMIT, at);
            }
        }
        Ok(Some(step))
    }
}

/// Words as they will be when a step is applied.
pub(super) struct Overlay<'a, W> {
    pub words: &'a W,
    pub step: Option<&'a Step>,
}

impl<W: Words> Words for Overlay<'_, W> {
    fn len(&self) -> u64 {
        self.words.len()
    }

    fn word(&self, at: u64) -> u64 {
        let entries = self.step.map_or(&[][..], Step::entries);
        let pending = entries.iter().rev().find(|entry| entry.0 == at);
        pending.map_or_else(|| self.words.word(at), |entry| entry.1)
    }
}
