//! Arena and stack: a list of everything that was placed, dead or alive, and nothing behind its end.

use super::{Book, Capabilities, Entry, Failure, Label, Policy, Range, Request, failure};
use std::collections::HashMap;

/// A bump arena (`ARENA`) or a stack.
#[derive(Clone, Default)]
pub struct Linear<const ARENA: bool> {
    /// In order of placement: label and end.
    placed: Vec<(Label, u64)>,
    /// The label in front of each checkpoint, and its position.
    checkpoints: HashMap<Label, (Option<Label>, u64)>,
}

impl<const ARENA: bool> Linear<ARENA> {
    fn top(&self) -> u64 {
        self.placed.last().map_or(0, |last| last.1)
    }

    fn must_be_last(&self, label: &Label) -> Result<(), Failure> {
        let (id, top) = (label, &self.placed.last().unwrap().0);
        if id == top { Ok(()) } else { Err(failure!(NotTop, id, top)) }
    }
}

impl<const ARENA: bool> Policy for Linear<ARENA> {
    const NAME: &'static str = if ARENA { "bump" } else { "stack" };

    fn capabilities(&self, book: &Book) -> Capabilities {
        Capabilities {
            free_in_any_order: ARENA,
            reuses_freed: !ARENA,
            allocate_at: false,
            find_by_address: book.index,
            compaction: false,
            checkpoint: ARENA,
            tags: book.tags,
        }
    }

    fn place(&mut self, book: &Book, label: &Label, request: &Request) -> Result<Range, Failure> {
        let size = book.check(request)?;
        let room = book.capacity - self.top();
        let Some(start) = book.start_in((self.top(), room), size, request) else {
            return Err(book.out_of_space(request, room, room));
        };
        if book.most.is_some_and(|most| self.placed.len() as u64 >= most) {
            let blocks = book.live.len();
            return Err(failure!(OutOfMetadata, blocks));
        }
        self.placed.push((label.clone(), start + size));
        Ok((start, size))
    }

    fn free(&mut self, _: &Book, entry: &Entry) -> Result<(), Failure> {
        if !ARENA {
            self.must_be_last(&entry.label)?;
            self.placed.pop();
        }
        Ok(())
    }

    fn resize(&mut self, book: &Book, entry: &Entry, size: u64) -> Result<u64, Failure> {
        let (id, new) = (&entry.label, book.round(size)?);
        self.must_be_last(id)?;
        let available = book.capacity - entry.start;
        if new > available {
            return Err(failure!(NoRoomInPlace, id, size, available));
        }
        self.placed.last_mut().unwrap().1 = entry.start + new;
        Ok(new)
    }

    fn holes(&self, book: &Book) -> Vec<Range> {
        let top = self.top();
        if top < book.capacity { vec![(top, book.capacity - top)] } else { Vec::new() }
    }

    fn dead(&self, book: &Book) -> Vec<Range> {
        book.gaps(self.top())
    }

    /// From the top down, as a stack demands.
    fn reset_order(&self, book: &Book) -> Vec<Label> {
        book.live.iter().rev().map(|entry| entry.label.clone()).collect()
    }

    fn was_reset(&mut self) {
        self.placed.clear();
    }

    fn checkpoint(&mut self, label: &Label) -> Result<u64, Failure> {
        if !ARENA {
            return Err(super::unsupported::<Self>("Checkpoint"));
        }
        let last = self.placed.last().map(|last| last.0.clone());
        self.checkpoints.insert(label.clone(), (last, self.top()));
        Ok(self.top())
    }

    fn rewind(&mut self, book: &Book, label: &Label) -> Result<Vec<Label>, Failure> {
        if !ARENA {
            return Err(super::unsupported::<Self>("Checkpoint"));
        }
        let (last, position) = self.checkpoints[label].clone();
        let kept = match last {
            None => 0,
            Some(last) => {
                let found = self.placed.iter().position(|placed| placed.0 == last);
                found.ok_or(failure!(BadCheckpoint, position))? + 1
            }
        };
        let lost = self.placed.split_off(kept);
        Ok(lost.into_iter().map(|lost| lost.0).filter(|label| book.find(label).is_ok()).collect())
    }
}
