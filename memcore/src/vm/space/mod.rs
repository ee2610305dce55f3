//! Address spaces: which ranges of a process' addresses are mapped, as what, and what they are charged.
//!
//! ```text
//!   low                                                                            high
//!    |   text  data bss heap ->        holes        mmap areas          <- stack     |
//!    |  [r-x] [rw-][rw-][rw-]   .  .  .  .  .  [r--|rw-|---]  . . . .  [rw-]         |
//!         \_____\____\____\______________________/____/___/_____________/
//!                     Areas: a tree by start, each with the hole before it
//! ```
//!
//! This is the algebra of areas alone: no page, no frame and no page table comes up. [`Areas`] holds the areas of
//! one process, always as few as there can be (equal neighbours are one area), and finds holes; [`Layout`] says where
//! program, heap, mappings and stack begin; [`Commit`] counts what has been promised and refuses too much.
//!
//! Linux calls an area a VMA. It kept them in a red-black tree with the largest hole below each node (M. Lespinasse,
//! "mm: augment vma rbtree with rb_subtree_gap", Linux 3.8, 2012), and since 6.1 (2022) in a B-tree of ranges, the
//! maple tree (L. Howlett, M. Wilcox). Here they stand in the B+ tree of the `alloc` room, which does the same for
//! holes in a region.

#![forbid(unsafe_code)]

mod area;
mod areas;
mod commit;
mod counting;
mod drawing;
mod editing;
mod flags;
mod gaps;
mod layout;
mod saved;
#[cfg(test)]
mod tests;

pub use area::{Area, AreaKind, AreaName};
pub use areas::Areas;
pub use commit::{Commit, MemorySize, OvercommitConfig, OvercommitMode, is_accounted};
pub use flags::AreaFlags;
pub use layout::{Layout, LayoutConfig};
