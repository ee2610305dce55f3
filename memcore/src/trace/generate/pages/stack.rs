//! The LRU stack from which the page at any depth is taken to the top, in O(log pages).
//!
//! Pages lie in a row of slots in the order of their last references, with gaps where pages were taken away.
//! A bit says whether a slot has a page, and a tree of sums over the words of these bits (Fenwick, "A new data
//! structure for cumulative frequency tables", 1994) finds the word that has the page at a depth:
//!
//! ```text
//!   slots    4 . 3 . | . 1 0 2 | . . . .     top of the stack: 2, the last; depth 3: page 3
//!   bits     1 0 1 0 | 0 1 1 1 | 0 0 0 0     words of 64 slots (here 4)
//!   pages       2         3         0    ^ behind the top: the next free slot
//! ```
//!
//! When the slots are used up, the pages move together at the beginning: O(1) a reference, amortised, for
//! there are as many slots again as pages.

const WORD: usize = u64::BITS as usize;

pub(super) struct Stack {
    /// The page in each slot; of a slot left by its page, whatever was there.
    slots: Vec<u32>,
    /// Whether a slot has a page, a bit a slot.
    used: Vec<u64>,
    /// At i (from 1): the pages in the words (i - lowest bit of i) .. i.
    sums: Vec<u32>,
    /// The slot above the top.
    next: usize,
    pages: usize,
}

impl Stack {
    /// The stack with page 0 on top, then 1, .... `None` when memory runs out. O(pages).
    pub(super) fn new(pages: usize) -> Option<Stack> {
        let length = (2 * pages).next_multiple_of(WORD);
        let (mut slots, mut used, mut sums) = (Vec::new(), Vec::new(), Vec::new());
        slots.try_reserve_exact(length).ok()?;
        used.try_reserve_exact(length / WORD).ok()?;
        sums.try_reserve_exact(length / WORD + 1).ok()?;
        slots.extend((0..pages as u32).rev());
        slots.resize(length, 0);
        used.resize(length / WORD, 0);
        sums.resize(length / WORD + 1, 0);
        let mut stack = Stack { slots, used, sums, next: 0, pages };
        stack.count_anew();
        Some(stack)
    }

    /// The pages are in the first slots: sets the bits and the tree. O(pages / 64).
    fn count_anew(&mut self) {
        for (index, word) in self.used.iter_mut().enumerate() {
            let bits = self.pages.saturating_sub(index * WORD);
            *word = if bits >= WORD { u64::MAX } else { (1 << bits) - 1 };
        }
        for (index, sum) in self.sums.iter_mut().enumerate().skip(1) {
            let lowest = index & index.wrapping_neg();
            *sum = (index * WORD).min(self.pages).saturating_sub((index - lowest) * WORD) as u32;
        }
        self.next = self.pages;
    }

    /// The page at a depth below the number of pages (0: the top), which is on top afterwards.
    pub(super) fn take(&mut self, depth: usize) -> u32 {
        let slot = self.slot_of(self.pages - 1 - depth);
        let page = self.slots[slot];
        if self.next == self.slots.len() {
            self.used[slot / WORD] &= !(1 << (slot % WORD));
            self.move_together();
            self.slots[self.next - 1] = page;
            return page;
        }
        if slot / WORD != self.next / WORD {
            self.count(slot / WORD, u32::MAX);
            self.count(self.next / WORD, 1);
        }
        self.used[slot / WORD] &= !(1 << (slot % WORD));
        self.used[self.next / WORD] |= 1 << (self.next % WORD);
        self.slots[self.next] = page;
        self.next += 1;
        page
    }

    /// The slot of the page that has so many below it.
    fn slot_of(&self, below: usize) -> usize {
        let mut below = below as u32;
        let mut word = 0;
        let mut step = self.used.len().next_power_of_two();
        while step > 0 {
            let further = word + step;
            if further < self.sums.len() && self.sums[further] <= below {
                below -= self.sums[further];
                word = further;
            }
            step /= 2;
        }
        // In the word: the lower half, unless it has too few.
        let (mut bits, mut slot) = (self.used[word], word * WORD);
        for half in [32, 16, 8, 4, 2, 1] {
            let lower = (bits & ((1 << half) - 1)).count_ones();
            if lower <= below {
                below -= lower;
                bits >>= half;
                slot += half;
            }
        }
        slot
    }

    /// Adds to the pages of a word, modulo 2^32.
    fn count(&mut self, word: usize, change: u32) {
        let mut index = word + 1;
        while index < self.sums.len() {
            self.sums[index] = self.sums[index].wrapping_add(change);
            index += index & index.wrapping_neg();
        }
    }

    /// Closes the gaps, and leaves the last of the first `pages` slots to the page just taken away.
    fn move_together(&mut self) {
        let mut to = 0;
        for word in 0..self.used.len() {
            let mut bits = self.used[word];
            while bits != 0 {
                self.slots[to] = self.slots[word * WORD + bits.trailing_zeros() as usize];
                to += 1;
                bits &= bits - 1;
            }
        }
        self.count_anew();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_a_list_would() {
        for pages in [1, 2, 3, 31, 32, 33, 64, 65, 200] {
            let mut stack = Stack::new(pages).unwrap();
            let mut list: Vec<u32> = (0..pages as u32).collect();
            for step in 0..2000 {
                let depth = step * 77 % (step % 65 + 1) % pages;
                let page = list.remove(depth);
                list.insert(0, page);
                assert_eq!(stack.take(depth), page, "{pages} pages, step {step}");
            }
        }
    }
}
