//! A hand that goes round a list of pages from its oldest end, past the pinned ones, while pages are taken out
//! and put back behind it.
//!
//! ```text
//!   oldest -> [P] <-> [a] <-> [b] <-> [c] <- newest      P is pinned: the hand gives a, b, c, and again
//!              pinned  ^ hand                            from the oldest, until a round meets none but
//!                                                        pinned pages
//! ```
//!
//! Without pinned pages the hand always stands at the oldest page, as the papers have it.

use super::lists::Lists;
use super::policy::{Page, Pager};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk {
    list: u8,
    at: Option<Page>,
    /// This round has met no page that may leave.
    fruitless: bool,
}

impl Walk {
    pub(crate) fn over(list: u8) -> Self {
        Walk { list, at: None, fruitless: false }
    }

    /// The next page that may leave; `None` after a whole round without one. The page given may then be taken
    /// out of the list or moved to its newest end.
    #[inline]
    pub(crate) fn next<const N: usize>(&mut self, lists: &Lists<N>, pager: &impl Pager) -> Option<Page> {
        loop {
            let page = match self.at {
                Some(page) => page,
                None if self.fruitless => return None,
                None => {
                    self.fruitless = true;
                    lists.oldest(self.list)?
                }
            };
            self.at = lists.newer(page);
            if pager.is_evictable(page) {
                self.fruitless = false;
                return Some(page);
            }
        }
    }

    /// A page has come to the newest end: a walk that had given up goes on there.
    #[inline]
    pub(crate) fn came(&mut self, page: Page) {
        if self.at.is_none() && self.fruitless {
            self.at = Some(page);
        }
    }
}
