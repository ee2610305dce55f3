//! A picture of a space, as text: what a person looks at first.
//!
//! ```text
//! start          end            size  what
//! 0              100             100  block 1v1
//! 100            300             200  hole
//! 300            450             150  block 3v1
//! 450            1024            574  hole
//! ```

use super::{Allocator, RegionKind, Regions};
use core::fmt;

/// Shows an allocator as a bar: one character per part of the space.
///
/// `#` is full, `.` is free, `x` is dead (not reusable yet), and a part that is both used and free is one of
/// `-`, `=`, `+` for up to a third, two thirds, and more.
///
/// ```
/// use memcore::alloc::{Allocator, FirstFit, Request, layout::Bar};
/// let mut space = FirstFit::new(100)?;
/// space.allocate(Request::new(50))?;
/// assert_eq!(Bar::new(&space, 10).to_string(), "#####.....");
/// # Ok::<(), memcore::alloc::AllocError>(())
/// ```
pub struct Bar<'a, A: ?Sized> {
    allocator: &'a A,
    width: u64,
}

impl<'a, A: Allocator + ?Sized> Bar<'a, A> {
    /// A bar of at most `width` characters. Writing it takes O(regions + width).
    pub fn new(allocator: &'a A, width: u64) -> Self {
        Bar { allocator, width: width.clamp(1, allocator.capacity()) }
    }

    fn symbol(used: u64, dead: u64, whole: u64) -> char {
        let third = |parts: u128| u128::from(used) * 3 <= u128::from(whole) * parts;
        match (used, dead) {
            (0, 0) => '.',
            (0, _) => 'x',
            _ if used + dead == whole => '#',
            _ if third(1) => '-',
            _ if third(2) => '=',
            _ => '+',
        }
    }
}

impl<A: Allocator + ?Sized> fmt::Display for Bar<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let capacity = self.allocator.capacity();
        let mut regions = Regions::new(self.allocator);
        let mut region = regions.next();
        for column in 0..self.width {
            let edge =
                |column: u64| (u128::from(capacity) * u128::from(column) / u128::from(self.width)) as u64;
            let (from, to) = (edge(column), edge(column + 1));
            let (mut used, mut dead) = (0, 0);
            while let Some(part) = region.filter(|part| part.start < to) {
                let overlap = part.end().min(to) - part.start.max(from);
                match part.kind {
                    RegionKind::Used(_) => used += overlap,
                    RegionKind::Dead => dead += overlap,
                    RegionKind::Hole => {}
                }
                if part.end() > to {
                    break;
                }
                region = regions.next();
            }
            fmt::Write::write_char(f, Self::symbol(used, dead, to - from))?;
        }
        Ok(())
    }
}

/// Shows an allocator as a table: one line per region, at most `most_lines` of them.
pub struct Table<'a, A: ?Sized> {
    allocator: &'a A,
    most_lines: usize,
}

impl<'a, A: Allocator + ?Sized> Table<'a, A> {
    /// A table of the first `most_lines` regions, and a line that counts the others. Writing it takes O(regions).
    pub fn new(allocator: &'a A, most_lines: usize) -> Self {
        Table { allocator, most_lines }
    }
}

impl<A: Allocator + ?Sized> fmt::Display for Table<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.allocator.capacity().max(1).ilog10() as usize + 1;
        let width = digits.max(5);
        write!(f, "{:>width$}  {:>width$}  {:>width$}  what", "start", "end", "size")?;
        let mut regions = Regions::new(self.allocator);
        for region in regions.by_ref().take(self.most_lines) {
            write!(f, "\n{:>width$}  {:>width$}  {:>width$}  ", region.start, region.end(), region.size)?;
            match region.kind {
                RegionKind::Used(block) if block.requested != block.size => {
                    write!(f, "block {} ({} requested)", block.id, block.requested)?;
                }
                RegionKind::Used(block) => write!(f, "block {}", block.id)?,
                RegionKind::Hole => f.write_str("hole")?,
                RegionKind::Dead => f.write_str("dead")?,
            }
        }
        match regions.count() {
            0 => Ok(()),
            more => write!(f, "\n... and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alloc::{Bump, FirstFit, Request};
    use std_alloc::string::ToString;

    #[test]
    fn the_table_lists_regions_in_address_order() {
        let mut space = FirstFit::new(1024).unwrap();
        space.allocate(Request::new(100)).unwrap();
        let second = space.allocate(Request::new(200)).unwrap();
        space.allocate(Request::new(150)).unwrap();
        space.free(second.id).unwrap();
        let expected = "start    end   size  what\n    0    100    100  block 1v1\n  100    300    200  hole\n  \
                        300    450    150  block 3v1\n  450   1024    574  hole";
        assert_eq!(Table::new(&space, 10).to_string(), expected);
        assert!(Table::new(&space, 1).to_string().ends_with("\n... and 3 more"));
    }

    #[test]
    fn the_bar_tells_full_part_free_and_dead() {
        let mut space = Bump::new(100).unwrap();
        let first = space.allocate(Request::new(10)).unwrap();
        space.allocate(Request::new(12)).unwrap();
        space.allocate(Request::new(14)).unwrap();
        space.free(first.id).unwrap();
        // 10 dead, then 26 used: the fourth part of ten bytes holds six.
        assert_eq!(Bar::new(&space, 10).to_string(), "x##=......");
        assert_eq!(Bar::new(&space, 1000).to_string().len(), 100);
    }
}
