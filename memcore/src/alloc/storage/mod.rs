//! Where the tables of an allocator live.
//!
//! Every structure of this room is an array of plain records that name each other by index, never by pointer.
//! Who owns those arrays is a parameter:
//!
//! - [`Growable`]: chunks from the global allocator, taken as blocks come and returned as they go. Running out is
//!   an error value, never an abort.
//! - [`Fixed`]: one buffer that the caller gives, cut up once when the allocator is made. Nothing is allocated
//!   afterwards, so that a global allocator, an embedded program or a segment of shared memory can hold it.
//!
//! Two shapes of array are enough. A [`Slab`] hands out and takes back single slots; a [`Column`] is a plain
//! array of a length known when it is made (or, for the tags, one that follows a slab).
//!
//! ```text
//! slab     [ used | free | used | used | free | free | ...fresh, never touched ]
//!                    |___________________|_____|  each free slot names the next
//! ```

mod fixed;
mod growable;

use bytemuck::Pod;

pub(crate) use fixed::Measure;
pub use fixed::{Fixed, FixedSlab};
pub use growable::{Growable, GrowableSlab};

/// No slot: the end of every chain in this room.
pub const NIL: u32 = u32::MAX;

/// The storage has no room for another slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StorageFull;

/// A record that a [`Slab`] can hold.
///
/// While a slot is free, the slab keeps a link in it; a record says where it goes. A record that carries a
/// generation keeps it while it is free, so that an old id never matches a new owner.
pub trait Slot: Pod {
    /// A slot that nobody has used, whose generation continues after `floor`.
    fn vacant(floor: u32) -> Self;
    /// The free slot after this one, while it is free.
    fn free_link(&self) -> u32;
    /// Sets the link. The slot is free.
    fn set_free_link(&mut self, next: u32);
    /// The generation to continue from when the slot's memory is given back and taken again.
    fn generation(&self) -> u32 {
        0
    }
}

/// Slots that are taken and given back one at a time, each in O(1).
pub trait Slab<T: Slot> {
    /// Makes sure that the next `slots` calls of [`take`](Slab::take) succeed.
    ///
    /// # Errors
    /// [`StorageFull`] when no memory is left; nothing has changed then. O(1) amortised, one chunk at most per
    /// chunk length of slots.
    fn reserve(&mut self, slots: u32) -> Result<(), StorageFull>;
    /// Takes a free slot.
    ///
    /// # Errors
    /// [`StorageFull`], which cannot happen after a sufficient [`reserve`](Slab::reserve).
    fn take(&mut self) -> Result<(u32, &mut T), StorageFull>;
    /// Gives a slot back; its generation is kept. Memory that nobody uses any more goes back too, and the answer
    /// is true then. O(1), or one chunk length when a chunk goes.
    fn give(&mut self, slot: u32) -> bool;
    /// The record, which must be in memory; see [`try_get`](Slab::try_get) for indices of unknown origin.
    fn get(&self, slot: u32) -> &T;
    /// The record, to be changed.
    fn get_mut(&mut self, slot: u32) -> &mut T;
    /// The record if the slab has it in memory, used or free.
    fn try_get(&self, slot: u32) -> Option<&T>;
    /// For a slot that is not in memory: the highest generation it may ever have had (0: never used).
    fn floor(&self, slot: u32) -> u32;
    /// One more than the highest slot in memory.
    fn len(&self) -> u32;
    /// The most slots it can ever have.
    fn most(&self) -> usize;
    /// True when no slot is in memory.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Bytes that the slab holds, its own bookkeeping included.
    fn bytes(&self) -> usize;
}

/// A plain array.
pub trait Column<T: Pod>: core::ops::Deref<Target = [T]> + core::ops::DerefMut {
    /// Makes the column `length` long, new entries zero, where it has no fixed length.
    ///
    /// # Errors
    /// [`StorageFull`] when no memory is left or a fixed column is shorter; nothing has changed then.
    fn extend_to(&mut self, length: usize) -> Result<(), StorageFull>;
    /// Gives back what lies past `length`, where the column can.
    fn shrink_to(&mut self, length: usize);
    /// Bytes that the column holds.
    fn bytes(&self) -> usize;
}

/// Who owns the tables: see the [module](self).
pub trait Storage: Sized {
    /// Every table gets all the slots that it may ever need when it is made.
    const FIXED: bool;
    /// Slots of type `T` in chunks of `CHUNK`, a power of two.
    type Slab<T: Slot, const CHUNK: usize>: Slab<T>;
    /// An array of `T`.
    type Column<T: Pod>: Column<T>;

    /// A slab. `most` is how many slots it may ever hold; growable storage does not need to know.
    ///
    /// # Errors
    /// [`StorageFull`] when a fixed buffer has no room for it.
    fn slab<T: Slot, const CHUNK: usize>(&mut self, most: u32) -> Result<Self::Slab<T, CHUNK>, StorageFull>;

    /// A column of `length` zeroes.
    ///
    /// # Errors
    /// [`StorageFull`] when there is no memory for it.
    fn column<T: Pod>(&mut self, length: usize) -> Result<Self::Column<T>, StorageFull>;

    /// How long a column that follows a slab of `most` slots has to be from the start: 0 where columns grow.
    fn fixed_length(&self, most: u32) -> usize;

    /// The most blocks that the tables shall hold: the caller's number for fixed storage, about 2^31 otherwise.
    fn max_blocks(&self) -> u32;
}
