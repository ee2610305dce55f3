//! The calls on blocks: the tables first, which may refuse; then one step in the image, which cannot.
//!
//! ```text
//! around a block   [ before ][ free? ][ THE BLOCK ][ free? ][ after ]
//!                              written   written    written   its `previous` alone
//! ```

use super::*;
use crate::alloc::{BlockId, Regions};

impl<M: Memory> PersistentHeap<M> {
    /// Hands out `size` bytes (0 counts as 1) whose offset is a multiple of `alignment`; so is their address where the
    /// memory begins at such a multiple, as a file does at pages. What is in them is what was there.
    /// Time as the strategy's, and O(log n) for the address index. Grows the memory where it can grow.
    ///
    /// # Errors
    /// [`HeapError::Alloc`]: `BadAlignment`, `TooLarge`, `OutOfSpace`, `OutOfMetadata`; those of the memory's growth.
    pub fn allocate(&mut self, size: usize, alignment: usize) -> Result<Offset> {
        check_alignment(alignment)?;
        let block = self.place(check_size(size)?, alignment as u64)?;
        let mut step = Step::new();
        self.set_around(&mut step, block.id)?;
        self.finish(step);
        offset_of(&block)
    }

    /// The same, every byte zero before the block comes to be. O(size) more.
    ///
    /// # Errors
    /// As [`allocate`](Self::allocate).
    pub fn allocate_zeroed(&mut self, size: usize, alignment: usize) -> Result<Offset> {
        check_alignment(alignment)?;
        let block = self.place(check_size(size)?, alignment as u64)?;
        let (at, len) = payload(&block);
        self.image.bytes_mut(at, len).fill(0);
        let mut step = Step::new();
        self.set_around(&mut step, block.id)?;
        self.finish(step);
        offset_of(&block)
    }

    /// Takes a block back, and tells how many bytes it was asked for with. Roots that lead to it are none afterwards,
    /// in the same step. O(log n), and the strategy's time.
    ///
    /// # Errors
    /// [`NotInHeap`](HeapError::NotInHeap), [`NotABlock`](HeapError::NotABlock),
    /// [`HeaderSmashed`](HeapError::HeaderSmashed); `OutOfMetadata`.
    pub fn free(&mut self, offset: Offset) -> Result<usize> {
        let block = self.find_sound(offset)?;
        let (before, after) = self.allocator.neighbours(block.id)?;
        self.allocator.free(block.id)?;
        let mut step = Step::new();
        self.set_gap(&mut step, before.as_ref(), after.as_ref())?;
        self.move_roots(offset, 0);
        self.set_roots(&mut step);
        self.finish(step);
        Ok(payload(&block).1)
    }

    /// Changes the size of a block (0 counts as 1), in place where that can be, else at another place: then the new
    /// block comes to be with its contents and the old one is free in one step, and roots follow. Tells where it is.
    /// Time as for [`allocate`](Self::allocate), O(size) more for a move.
    ///
    /// # Errors
    /// Those of [`free`](Self::free) and [`allocate`](Self::allocate); the block is as it was then.
    pub fn resize(&mut self, offset: Offset, size: usize) -> Result<Offset> {
        let size = check_size(size)?;
        let old = self.find_sound(offset)?;
        let mut step = Step::new();
        match self.allocator.resize(old.id, size as u64 + HEADER) {
            Ok(_) => self.set_around(&mut step, old.id)?,
            Err(AllocError::NoRoomInPlace { .. } | AllocError::TooLarge { .. }) => {
                return self.resize_elsewhere(offset, &old, size);
            }
            Err(error) => return Err(error.into()),
        }
        self.finish(step);
        Ok(offset)
    }

    fn resize_elsewhere(&mut self, offset: Offset, old: &Block, size: usize) -> Result<Offset> {
        let alignment = self.allocator.alignment(old.id)?;
        let new = self.place(size, alignment)?;
        let ((from, old_len), (to, new_len)) = (payload(old), payload(&new));
        self.image.copy(from, to, old_len.min(new_len));
        let (before, after) = self.allocator.neighbours(old.id)?;
        if let Err(error) = self.allocator.free(old.id) {
            self.allocator.free(new.id)?;
            return Err(error.into());
        }
        let moved = offset_of(&new)?;
        let mut step = Step::new();
        self.set_around(&mut step, new.id)?;
        self.set_gap(&mut step, before.as_ref(), after.as_ref())?;
        self.move_roots(offset, moved.to_bits());
        self.set_roots(&mut step);
        self.finish(step);
        Ok(moved)
    }

    /// Bytes that a block was asked for with. O(log n).
    ///
    /// # Errors
    /// [`NotInHeap`](HeapError::NotInHeap), [`NotABlock`](HeapError::NotABlock).
    pub fn size_of(&self, offset: Offset) -> Result<usize> {
        Ok(payload(&self.find(offset)?).1)
    }

    /// The bytes of a block. O(log n).
    ///
    /// # Errors
    /// As [`size_of`](Self::size_of).
    pub fn bytes(&self, offset: Offset) -> Result<&[u8]> {
        let (at, len) = payload(&self.find(offset)?);
        Ok(self.image.bytes(at, len))
    }

    /// The bytes of a block, to be changed. O(log n).
    ///
    /// # Errors
    /// As [`size_of`](Self::size_of).
    pub fn bytes_mut(&mut self, offset: Offset) -> Result<&mut [u8]> {
        let (at, len) = payload(&self.find(offset)?);
        Ok(self.image.bytes_mut(at, len))
    }

    /// Sets one of the [`ROOTS`] from which a program finds its blocks again. All that was written before, in blocks
    /// too, is in the image before the root. O(log n).
    ///
    /// # Errors
    /// [`BadParameter`](HeapError::BadParameter) for another number; those of [`size_of`](Self::size_of).
    pub fn set_root(&mut self, number: usize, offset: Option<Offset>) -> Result<()> {
        check_root(number)?;
        if let Some(offset) = offset {
            self.find(offset)?;
        }
        self.roots[number] = offset.map_or(0, Offset::to_bits);
        let mut step = Step::new();
        self.set_roots(&mut step);
        self.finish(step);
        Ok(())
    }

    /// A root. O(1).
    ///
    /// # Errors
    /// [`BadParameter`](HeapError::BadParameter) for a number of [`ROOTS`] or more.
    pub fn root(&self, number: usize) -> Result<Option<Offset>> {
        check_root(number)?;
        Ok(Offset::from_bits(self.roots[number]))
    }

    /// The figures of the space behind the superblock. Headers of 32 bytes count as requested and used. Time as the
    /// strategy's.
    pub fn stats(&self) -> Stats {
        self.allocator.stats()
    }

    /// Bytes of the image, superblock and headers included. O(1).
    pub fn capacity(&self) -> u64 {
        FIRST + self.allocator.capacity()
    }

    /// How many steps have changed the image since it was made. O(1).
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The memory.
    pub fn memory(&self) -> &M {
        &self.image.memory
    }

    /// Live blocks in the order of their offsets. O(1) a block, and O(1) for each hole between.
    pub fn blocks(&self) -> impl Iterator<Item = PersistentBlock> + '_ {
        let blocks = Regions::new(&self.allocator).filter_map(|region| region.block());
        blocks.filter_map(|block| {
            let alignment = self.allocator.alignment(block.id).ok()?;
            Some(PersistentBlock { offset: offset_of(&block).ok()?, size: payload(&block).1, alignment })
        })
    }

    /// Checks every invariant: those of the tables, and that the image says the same, word by word. O(n log n).
    ///
    /// # Errors
    /// The first that is broken.
    pub fn validate(&self) -> core::result::Result<(), Corruption> {
        self.allocator.validate()?;
        let broken = |what, at| Err(Corruption { what, at });
        let superblock = match check_begin(&self.image).and_then(|()| Superblock::read(&self.image)) {
            Ok(superblock) => superblock,
            Err(HeapError::BadImage { what, at, .. }) => return broken(what, at),
            Err(_) => return broken("the superblock cannot be read", 0),
        };
        let same = superblock.capacity == self.capacity() && superblock.roots == self.roots;
        Corruption::unless(same, "the superblock is not what the heap wrote", 0)?;
        Corruption::unless(!superblock.clean, "the image is marked as closed", AT_WRITER)?;
        let commit = self.image.word(AT_COMMIT);
        Corruption::unless(commit == 0, "a step is in the journal between calls", commit)?;
        let mut previous = 0;
        for region in Regions::new(&self.allocator) {
            let alignment = region.block().and_then(|block| self.allocator.alignment(block.id).ok());
            let block =
                region.block().map(|block| (block.requested - HEADER, alignment.unwrap_or(1).ilog2()));
            let chunk = Chunk { at: FIRST + region.start, size: region.size, previous, block };
            for (at, word) in (chunk.at..).step_by(8).zip(chunk.words()) {
                Corruption::unless(self.image.word(at) == word, "a header was written over", at)?;
            }
            previous = region.size;
        }
        Ok(())
    }

    /// The live block at an offset.
    fn find(&self, offset: Offset) -> Result<Block> {
        let address = offset.to_bits() as usize;
        let bits = offset.to_bits();
        if bits >= self.capacity() {
            return Err(HeapError::NotInHeap { address });
        }
        let start = bits.checked_sub(FIRST + HEADER).ok_or(HeapError::NotABlock { address })?;
        self.allocator.block_at(start).map_err(|_| HeapError::NotABlock { address })
    }

    /// The same, if its header is what was written there.
    fn find_sound(&self, offset: Offset) -> Result<Block> {
        let block = self.find(offset)?;
        let before = self.allocator.neighbours(block.id)?.0;
        let chunk = self.chunk_of(&block, before_size(before.as_ref(), block.start))?;
        for (at, word) in (chunk.at..).step_by(8).zip(chunk.words()) {
            let found = self.image.word(at);
            if found != word {
                return Err(HeapError::HeaderSmashed { address: offset.to_bits() as usize, found });
            }
        }
        Ok(block)
    }

    fn place(&mut self, size: usize, alignment: u64) -> Result<Block> {
        let request = request(size as u64, alignment);
        match self.allocator.allocate(request) {
            Err(error @ AllocError::OutOfSpace { .. }) => self.place_grown(request, error),
            Err(error @ AllocError::TooLarge { .. }) => self.place_grown(request, error),
            placed => Ok(placed?),
        }
    }

    /// Makes the memory larger, where it can be, and the image with it; then tries again.
    #[cold]
    fn place_grown(&mut self, request: Request, error: AllocError) -> Result<Block> {
        let (len, limit) = (self.image.memory.len(), self.image.memory.limit());
        if len >= limit && self.image.len() - self.capacity() < UNIT {
            return Err(error.into());
        }
        let more = request.size.saturating_add(request.alignment).saturating_add(UNIT);
        if request.size > limit as u64 {
            return Err(error.into());
        }
        let more = usize::try_from(more).unwrap_or(usize::MAX).max(len / 8);
        self.image.memory.grow(len.saturating_add(more).min(limit))?;
        let last = Regions::new(&self.allocator).filter_map(|region| region.block()).last();
        self.allocator.grow((self.image.len() - FIRST) / UNIT * UNIT)?;
        let mut step = Step::new();
        let capacity = self.capacity();
        step.set(&self.image, AT_CAPACITY, capacity);
        step.set(&self.image, AT_CHECKSUM, fixed_checksum(capacity, &self.strategy_words));
        self.set_gap(&mut step, last.as_ref(), None)?;
        self.finish(step);
        Ok(self.allocator.allocate(request)?)
    }

    fn chunk_of(&self, block: &Block, previous: u64) -> Result<Chunk> {
        let alignment = self.allocator.alignment(block.id)?.ilog2();
        let (at, requested) = (FIRST + block.start, block.requested - HEADER);
        Ok(Chunk { at, size: block.size, previous, block: Some((requested, alignment)) })
    }

    /// Writes a block and what is free at its sides.
    fn set_around(&self, step: &mut Step, id: BlockId) -> Result<()> {
        let block = self.allocator.block(id)?;
        let (before, after) = self.allocator.neighbours(id)?;
        self.set_gap(step, before.as_ref(), Some(&block))?;
        step.set_chunk(&self.image, &self.chunk_of(&block, before_size(before.as_ref(), block.start))?);
        self.set_gap(step, Some(&block), after.as_ref())
    }

    /// Writes the free chunk between two blocks, where there is room for one, and tells the second what is before it.
    fn set_gap(&self, step: &mut Step, before: Option<&Block>, after: Option<&Block>) -> Result<()> {
        let end = before.map_or(0, Block::end);
        let next = after.map_or(self.allocator.capacity(), |block| block.start);
        if next > end {
            let previous = before.map_or(0, |block| block.size);
            let free = Chunk { at: FIRST + end, size: next - end, previous, block: None };
            step.set_chunk(&self.image, &free);
        }
        if let Some(block) = after {
            step.set_previous(&self.image, &self.chunk_of(block, before_size(before, block.start))?);
        }
        Ok(())
    }

    /// Roots that lead to `from` lead to `to`.
    fn move_roots(&mut self, from: Offset, to: u64) {
        for root in self.roots.iter_mut().filter(|root| **root == from.to_bits()) {
            *root = to;
        }
    }

    fn set_roots(&self, step: &mut Step) {
        for (at, &root) in (AT_ROOTS..).step_by(8).zip(&self.roots) {
            step.set(&self.image, at, root);
        }
        step.set(&self.image, AT_ROOTS_CHECKSUM, checksum(self.roots));
    }

    /// Makes a step true in the image.
    fn finish(&mut self, mut step: Step) {
        self.generation += 1;
        step.set(&self.image, AT_GENERATION, self.generation);
        step.commit(&mut self.image);
    }
}

/// Bytes of the chunk right before a block that begins at `start`: what is free after `before`, or `before` itself.
fn before_size(before: Option<&Block>, start: u64) -> u64 {
    let end = before.map_or(0, Block::end);
    if start > end { start - end } else { before.map_or(0, |block| block.size) }
}

/// The offset and the number of a block's own bytes.
fn payload(block: &Block) -> (u64, usize) {
    (FIRST + block.start + HEADER, (block.requested - HEADER) as usize)
}

fn offset_of(block: &Block) -> Result<Offset> {
    Offset::from_bits(payload(block).0).ok_or(HeapError::NotABlock { address: 0 })
}
