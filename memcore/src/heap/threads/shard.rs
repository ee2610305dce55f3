//! What one thread has for itself: the spans of each class, those with free slots and those without.
//!
//! ```text
//! class 16   partial  [ span ]-[ span ]            allocate: the lowest free slot of the first
//!            full     [ span ]-[ span ]-[ span ]   oldest first: other threads may have freed slots of these
//! ```

use super::span::{NIL, SharedSpan};
use core::cell::Cell;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The most classes that a shard can have.
pub const MOST_CLASSES: usize = 128;

/// Full spans that are looked at before a new one is taken: each look costs a cache line.
const LOOKS: usize = 8;

/// A list of spans, linked through them.
struct List {
    first: Cell<u32>,
    last: Cell<u32>,
}

impl List {
    fn push_first(&self, spans: &[SharedSpan], span: u32) {
        let next = self.first.replace(span);
        let entry = &spans[span as usize];
        entry.previous.store(NIL, Relaxed);
        entry.next.store(next, Relaxed);
        match next {
            NIL => self.last.set(span),
            next => spans[next as usize].previous.store(span, Relaxed),
        }
    }

    fn push_last(&self, spans: &[SharedSpan], span: u32) {
        let previous = self.last.replace(span);
        let entry = &spans[span as usize];
        entry.previous.store(previous, Relaxed);
        entry.next.store(NIL, Relaxed);
        match previous {
            NIL => self.first.set(span),
            previous => spans[previous as usize].next.store(span, Relaxed),
        }
    }

    fn unlink(&self, spans: &[SharedSpan], span: u32) {
        let entry = &spans[span as usize];
        let (previous, next) = (entry.previous.load(Relaxed), entry.next.load(Relaxed));
        match previous {
            NIL => self.first.set(next),
            previous => spans[previous as usize].next.store(next, Relaxed),
        }
        match next {
            NIL => self.last.set(previous),
            next => spans[next as usize].previous.store(previous, Relaxed),
        }
    }
}

/// The spans of one thread; zeros are a shard without any. The thread that has the shard's number is in it alone; only the counts are read by others.
pub struct Shard {
    partial: [List; MOST_CLASSES],
    full: [List; MOST_CLASSES],
    allocations: AtomicU64,
    frees: AtomicU64,
}

impl Shard {
    #[inline(always)]
    pub fn count_allocation(&self) {
        self.allocations.store(self.allocations.load(Relaxed) + 1, Relaxed);
    }

    #[inline(always)]
    pub fn count_free(&self) {
        self.frees.store(self.frees.load(Relaxed) + 1, Relaxed);
    }

    /// Allocations and frees of its thread.
    pub fn counts(&self) -> (u64, u64) {
        (self.allocations.load(Relaxed), self.frees.load(Relaxed))
    }

    /// The offset of a free slot of a class, from a span that is at hand.
    #[inline(always)]
    pub fn take(&self, spans: &[SharedSpan], class: u32) -> Option<u64> {
        let span = self.partial[class as usize % MOST_CLASSES].first.get();
        if span == NIL {
            return None;
        }
        let entry = &spans[span as usize];
        let free = entry.free.load(Relaxed);
        let rest = free & free.wrapping_sub(1);
        entry.free.store(rest, Relaxed);
        if entry.remote.load(Relaxed) & (free ^ rest) != 0 {
            entry.forget_remote(free ^ rest);
        }
        if rest == 0 {
            self.is_full(spans, span, class);
        }
        Some(entry.start.load(Relaxed) + u64::from(free.trailing_zeros()) * entry.size.load(Relaxed))
    }

    /// The owner knows of no free slot any more: it asks whether others freed some.
    #[inline(never)]
    fn is_full(&self, spans: &[SharedSpan], span: u32, class: u32) {
        if !spans[span as usize].collect() {
            self.partial[class as usize].unlink(spans, span);
            self.full[class as usize].push_last(spans, span);
        }
    }

    /// Looks whether others freed slots of the oldest full spans; true when one is partial now.
    #[cold]
    pub fn look_for_remote(&self, spans: &[SharedSpan], class: u32) -> bool {
        let full = &self.full[class as usize];
        for _ in 0..LOOKS {
            let span = full.first.get();
            if span == NIL {
                return false;
            }
            full.unlink(spans, span);
            if spans[span as usize].collect() {
                self.partial[class as usize].push_first(spans, span);
                return true;
            }
            full.push_last(spans, span);
        }
        false
    }

    /// Enters a new span, whose slots are free.
    pub fn add(&self, spans: &[SharedSpan], span: u32, class: u32) {
        self.partial[class as usize].push_first(spans, span);
    }

    /// Frees a slot of a span of this shard's; true when the span is empty now, and has been taken out of its list.
    #[inline(always)]
    pub fn give(&self, spans: &[SharedSpan], span: u32, bit: u64) -> bool {
        let entry = &spans[span as usize];
        let before = entry.free.load(Relaxed);
        entry.free.store(before | bit, Relaxed);
        let is_empty = before | bit == entry.all_free();
        if before == 0 || is_empty { self.given_to_edge(spans, span, before == 0, is_empty) } else { false }
    }

    #[inline(never)]
    fn given_to_edge(&self, spans: &[SharedSpan], span: u32, was_full: bool, is_empty: bool) -> bool {
        let class = spans[span as usize].class() as usize % MOST_CLASSES;
        let partial = &self.partial[class];
        if was_full {
            self.full[class].unlink(spans, span);
            partial.push_first(spans, span);
        }
        // The last span of a class with free slots stays: it is needed again soon.
        let alone = partial.first.get() == span && partial.last.get() == span;
        if !is_empty || alone {
            return false;
        }
        partial.unlink(spans, span);
        true
    }

    /// Takes over what others freed in all spans, and takes the empty ones out. O(spans of the shard).
    pub fn take_empty(&self, spans: &[SharedSpan], mut each: impl FnMut(u32)) {
        for class in 0..MOST_CLASSES {
            let mut span = self.full[class].first.get();
            while span != NIL {
                let next = spans[span as usize].next.load(Relaxed);
                if spans[span as usize].collect() {
                    self.full[class].unlink(spans, span);
                    self.partial[class].push_first(spans, span);
                }
                span = next;
            }
            let mut span = self.partial[class].first.get();
            while span != NIL {
                let entry = &spans[span as usize];
                let next = entry.next.load(Relaxed);
                entry.collect();
                if entry.free.load(Relaxed) == entry.all_free() {
                    self.partial[class].unlink(spans, span);
                    each(span);
                }
                span = next;
            }
        }
    }
}
