//! Areas: runs of pages with equal attributes, and the commit that they are charged.

use super::*;
use std::collections::BTreeSet;

impl Attributes {
    /// Whether a page with `next` may follow in the same area.
    pub(super) fn is_before(&self, next: &Attributes) -> bool {
        Attributes { number: self.number + 1, private: next.private, ..self.clone() } == *next
    }

    /// Whether commit is charged for a page of this kind.
    pub(super) fn is_charged(&self, commit: Commit) -> bool {
        let reserved = !self.noreserve || matches!(commit, Commit::Never { .. });
        !self.shared && self.protection & WRITE != 0 && reserved
    }
}

impl Model {
    /// Whether all pages from `first` to `last` are one area.
    pub(super) fn one_area(&self, who: usize, first: u64, last: u64) -> bool {
        let pages = &self.processes[who].pages;
        let joined = |page: u64| match (pages.get(&page), pages.get(&(page + 1))) {
            (Some(one), Some(next)) => one.is_before(next),
            _ => false,
        };
        pages.contains_key(&first) && (first..last).all(joined)
    }

    /// One past the last page of the area that this page is in.
    pub(super) fn area_end(&self, who: usize, page: u64) -> u64 {
        let mut end = page + 1;
        while self.one_area(who, end - 1, end) {
            end += 1;
        }
        end
    }

    /// One past the last page of each area of a process, from its first.
    fn runs(&self, who: usize) -> Vec<(u64, u64)> {
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for &page in self.processes[who].pages.keys() {
            match runs.last_mut() {
                Some(run) if run.1 == page && self.one_area(who, page - 1, page) => run.1 += 1,
                _ => runs.push((page, page + 1)),
            }
        }
        runs
    }

    /// Whether something private is between two pages now.
    fn has_private(&self, who: usize, from: u64, to: u64) -> bool {
        let private = |(_, entry): (&u64, &Entry)| matches!(entry, Entry::Own { .. } | Entry::Guard);
        self.processes[who].entries.range(from..to).any(private)
    }

    /// The pages of a process whose areas have something private now, or had.
    pub(super) fn private_pages(&self, who: usize) -> BTreeSet<u64> {
        let had = |page| self.rules.remembers_writes && self.processes[who].pages[&page].private;
        let runs = self.runs(who).into_iter();
        runs.filter(|run| had(run.0) || self.has_private(who, run.0, run.1))
            .flat_map(|run| run.0..run.1)
            .collect()
    }

    /// An area in which something private appears has it from now on, all of it, whatever it is cut into.
    pub(super) fn spread_private(&mut self, who: usize) {
        if !self.rules.remembers_writes {
            return;
        }
        for (from, to) in self.runs(who) {
            let process = &self.processes[who];
            let private = process.pages.range(from..to).any(|(_, attributes)| attributes.private);
            if private || self.has_private(who, from, to) {
                for (_, attributes) in self.processes[who].pages.range_mut(from..to) {
                    attributes.private = true;
                }
            }
        }
    }

    pub(super) fn is_free(&self, who: usize, from: u64, to: u64) -> bool {
        self.processes[who].pages.range(from / PAGE..to.div_ceil(PAGE)).next().is_none()
    }

    /// The first page of a range that is not mapped.
    pub(super) fn hole(&self, who: usize, from: u64, to: u64) -> Option<u64> {
        (from / PAGE..to / PAGE).find(|page| !self.processes[who].pages.contains_key(page))
    }

    /// Where a range goes that nobody placed.
    pub(super) fn place(&self, who: usize, length: u64) -> Result<u64, i32> {
        let Place::TopDown { low, high } = self.rules.place else { return Ok(ELSEWHERE) };
        let ends = self.processes[who].pages.keys().map(|page| page * PAGE).chain([high]);
        let fits = |end: u64| {
            let from = end.checked_sub(length)?;
            (end <= high && from >= low && self.is_free(who, from, end)).then_some(from)
        };
        ends.filter_map(fits).max().ok_or(ENOMEM)
    }

    pub(super) fn unmap_pages(&mut self, who: usize, from: u64, to: u64) {
        for page in from / PAGE..to / PAGE {
            self.drop_entry(who, page);
            self.processes[who].pages.remove(&page);
        }
    }

    /// Pages that are promised, over all processes.
    fn committed(&self) -> u64 {
        let of = |process: &Process| process.pages.values().filter(|a| a.charged).count() as u64;
        let private: u64 = self.processes.iter().map(of).sum();
        let in_use = |object: usize| {
            self.processes.iter().any(|process| process.pages.values().any(|a| a.object == Some(object)))
        };
        let shared = |(index, object): (usize, &Object)| if in_use(index) { object.charged } else { 0 };
        private + self.objects.iter().enumerate().map(shared).sum::<u64>()
    }

    /// Whether so many more pages may be promised.
    pub(super) fn may_commit(&self, pages: u64) -> Result<(), i32> {
        match self.rules.commit {
            Commit::Never { limit } if pages > 0 && self.committed() + pages >= limit => Err(ENOMEM),
            _ => Ok(()),
        }
    }
}
