//! What a translation gives: bytes of the linear address space, which is 4 GiB round.
//!
//! Base plus offset is taken modulo 2^32, so that an access may begin below the top and end above address 0. Paging,
//! which comes after, sees one page at a time: [`LinearRange::parts`] divides an access at the page boundaries.

use serde::{Deserialize, Serialize};

/// Bytes of the linear address space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LinearRange {
    /// The first address.
    pub start: u32,
    /// How many bytes, modulo 2^32 from `start` on.
    pub size: u32,
}

const PAGE: u32 = 4096;

impl LinearRange {
    /// The pieces (address, bytes) that lie in one page of 4096 bytes each, in order. O(1) each.
    ///
    /// ```
    /// use memcore::vm::segment::LinearRange;
    /// let access = LinearRange { start: 0xFFFF_FFFE, size: 4 };
    /// assert_eq!(access.parts().collect::<Vec<_>>(), [(0xFFFF_FFFE, 2), (0, 2)]);
    /// ```
    pub fn parts(self) -> LinearParts {
        LinearParts { left: self }
    }
}

/// The pieces of a [`LinearRange`].
#[derive(Clone, Debug)]
pub struct LinearParts {
    left: LinearRange,
}

impl Iterator for LinearParts {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        let LinearRange { start, size } = self.left;
        if size == 0 {
            return None;
        }
        let here = size.min(PAGE - start % PAGE);
        self.left = LinearRange { start: start.wrapping_add(here), size: size - here };
        Some((start, here))
    }
}
