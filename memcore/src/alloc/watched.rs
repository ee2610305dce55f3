//! A limit and a listener around any allocator.
//!
//! ```text
//! caller -> Watched [ limit? ] -> allocator
//!              |
//!              +--> listener(Allocated | Freed | Resized | Failed)
//! ```
//!
//! Whoever wants neither pays for neither: this is a wrapper, not a part of the strategies. The listener hears of
//! each change after it was made, and of each failed request. It cannot call the allocator that it listens to: in
//! Rust the borrow checker sees to that; the C and Python doors answer with [`AllocError::Reentered`].

use super::compaction::{Budget, CompactionPlan, Move};
use super::*;
use std_alloc::boxed::Box;

/// What a listener hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A block was handed out.
    Allocated(Block),
    /// A block was taken back.
    Freed(Block),
    /// A block has another size.
    Resized {
        /// As it was.
        old: Block,
        /// As it is.
        new: Block,
    },
    /// A block was moved by a committed compaction.
    Moved(Move),
    /// A request for a block, or for more bytes, was refused.
    Failed {
        /// Bytes asked for.
        size: u64,
        /// Why.
        error: AllocError,
    },
}

/// Called with each event.
pub type Listener = Box<dyn FnMut(&Event) + Send>;

/// An allocator with a limit and a listener, both optional.
///
/// ```
/// use memcore::alloc::{AllocError, Allocator, FirstFit, Request, Watched};
/// let mut space = Watched::new(FirstFit::new(1024)?);
/// space.set_limit(Some(300));
/// space.allocate(Request::new(200))?;
/// let refused = space.allocate(Request::new(101));
/// assert_eq!(refused, Err(AllocError::LimitExceeded { size: 101, used: 200, limit: 300 }));
/// # Ok::<(), AllocError>(())
/// ```
pub struct Watched<A> {
    inner: A,
    limit: Option<u64>,
    listener: Option<Listener>,
}

impl<A: Allocator> Watched<A> {
    /// Around an allocator, with neither limit nor listener yet.
    pub fn new(inner: A) -> Self {
        Watched { inner, limit: None, listener: None }
    }

    /// The most bytes that live blocks may take together, rounding included. Blocks that are there already stay.
    pub fn set_limit(&mut self, limit: Option<u64>) {
        self.limit = limit;
    }

    /// The limit.
    pub fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// Replaces the listener.
    pub fn set_listener(&mut self, listener: Option<Listener>) {
        self.listener = listener;
    }

    /// The allocator inside.
    pub fn inner(&self) -> &A {
        &self.inner
    }

    /// Takes limit and listener off.
    pub fn into_inner(self) -> A {
        self.inner
    }

    #[inline]
    fn tell(&mut self, event: Event) {
        if let Some(listener) = &mut self.listener {
            listener(&event);
        }
    }

    /// `size` more bytes in blocks, where `wanted` were asked for.
    #[inline]
    fn check_limit(&self, wanted: u64, size: u64) -> Result<()> {
        let Some(limit) = self.limit else { return Ok(()) };
        let used = self.inner.used();
        if size <= limit.saturating_sub(used) {
            return Ok(());
        }
        Err(AllocError::LimitExceeded { size: wanted, used, limit })
    }

    fn place(&mut self, request: Request, place: impl FnOnce(&mut A) -> Result<Block>) -> Result<Block> {
        let checked = match self.limit {
            None => Ok(()),
            Some(_) => self.inner.size_for(&request).and_then(|size| self.check_limit(request.size, size)),
        };
        let placed = checked.and_then(|()| place(&mut self.inner));
        self.tell(match placed {
            Ok(block) => Event::Allocated(block),
            Err(error) => Event::Failed { size: request.size, error },
        });
        placed
    }

    fn resize_within_limit(&mut self, old: &Block, size: u64) -> Result<Block> {
        if self.limit.is_some() && size > old.size {
            let request = Request::new(size).align(self.inner.alignment(old.id)?);
            let more = self.inner.size_for(&request)?.saturating_sub(old.size);
            self.check_limit(more, more)?;
        }
        self.inner.resize(old.id, size)
    }

    /// Tells of every live block that it is about to be freed without a call of its own.
    fn tell_freed_unless(&mut self, survives: impl Fn(&A, &Block) -> bool, before: &[Block]) {
        for block in before {
            if !survives(&self.inner, block) {
                self.tell(Event::Freed(*block));
            }
        }
    }

    fn blocks_if_heard(&self) -> std_alloc::vec::Vec<Block> {
        match self.listener {
            Some(_) => Regions::new(&self.inner).filter_map(|region| region.block()).collect(),
            None => std_alloc::vec::Vec::new(),
        }
    }
}

impl<A: Allocator> Allocator for Watched<A> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn capacity(&self) -> u64 {
        self.inner.capacity()
    }

    fn granularity(&self) -> u64 {
        self.inner.granularity()
    }

    #[inline]
    fn allocate(&mut self, request: Request) -> Result<Block> {
        if self.limit.is_none() && self.listener.is_none() {
            return self.inner.allocate(request);
        }
        self.place(request, |inner| inner.allocate(request))
    }

    fn allocate_at(&mut self, start: u64, request: Request) -> Result<Block> {
        self.place(request, |inner| inner.allocate_at(start, request))
    }

    fn can_allocate(&self, request: Request) -> bool {
        let within = self.limit.is_none()
            || self.inner.size_for(&request).and_then(|size| self.check_limit(request.size, size)).is_ok();
        within && self.inner.can_allocate(request)
    }

    fn size_for(&self, request: &Request) -> Result<u64> {
        self.inner.size_for(request)
    }

    #[inline]
    fn free(&mut self, id: BlockId) -> Result<Block> {
        if self.listener.is_none() {
            return self.inner.free(id);
        }
        let block = self.inner.free(id)?;
        self.tell(Event::Freed(block));
        Ok(block)
    }

    fn free_at(&mut self, start: u64) -> Result<Block> {
        let block = self.inner.free_at(start)?;
        self.tell(Event::Freed(block));
        Ok(block)
    }

    fn resize(&mut self, id: BlockId, size: u64) -> Result<Block> {
        if self.limit.is_none() && self.listener.is_none() {
            return self.inner.resize(id, size);
        }
        // Without such a block, the allocator says which of several reasons comes first.
        let (old, resized) = match self.inner.block(id) {
            Ok(old) => (Some(old), self.resize_within_limit(&old, size)),
            Err(_) => (None, self.inner.resize(id, size)),
        };
        match (old, resized) {
            (Some(old), Ok(new)) => self.tell(Event::Resized { old, new }),
            (_, Err(error)) => self.tell(Event::Failed { size, error }),
            (None, Ok(_)) => {}
        }
        resized
    }

    fn block(&self, id: BlockId) -> Result<Block> {
        self.inner.block(id)
    }

    fn alignment(&self, id: BlockId) -> Result<u64> {
        self.inner.alignment(id)
    }

    fn block_at(&self, start: u64) -> Result<Block> {
        self.inner.block_at(start)
    }

    fn containing(&self, offset: u64) -> Result<Block> {
        self.inner.containing(offset)
    }

    fn tag(&self, id: BlockId) -> Result<u32> {
        self.inner.tag(id)
    }

    fn set_tag(&mut self, id: BlockId, tag: u32) -> Result<()> {
        self.inner.set_tag(id, tag)
    }

    fn stats(&self) -> Stats {
        self.inner.stats()
    }

    fn used(&self) -> u64 {
        self.inner.used()
    }

    fn largest_hole(&self) -> u64 {
        self.inner.largest_hole()
    }

    fn largest_sure(&self) -> u64 {
        self.inner.largest_sure()
    }

    fn metadata_bytes(&self) -> usize {
        self.inner.metadata_bytes()
    }

    fn optional_bytes(&self) -> usize {
        self.inner.optional_bytes()
    }

    fn next_region(&self, cursor: &mut RegionCursor) -> Option<Region> {
        self.inner.next_region(cursor)
    }

    fn grow(&mut self, capacity: u64) -> Result<()> {
        self.inner.grow(capacity)
    }

    fn reset(&mut self) -> Result<()> {
        let before = self.blocks_if_heard();
        let done = self.inner.reset();
        self.tell_freed_unless(|inner, block| inner.block(block.id).is_ok(), &before);
        done
    }

    fn checkpoint(&self) -> Result<Checkpoint> {
        self.inner.checkpoint()
    }

    fn rewind(&mut self, checkpoint: Checkpoint) -> Result<()> {
        let before = self.blocks_if_heard();
        let done = self.inner.rewind(checkpoint);
        self.tell_freed_unless(|inner, block| inner.block(block.id).is_ok(), &before);
        done
    }

    fn plan_compaction(&self, budget: Budget, pinned: &[BlockId]) -> Result<CompactionPlan> {
        self.inner.plan_compaction(budget, pinned)
    }

    fn plan_compaction_part(
        &self,
        after: Option<BlockId>,
        blocks: u64,
        budget: Budget,
        is_pinned: &dyn Fn(BlockId) -> bool,
    ) -> Result<CompactionPart> {
        self.inner.plan_compaction_part(after, blocks, budget, is_pinned)
    }

    fn neighbours(&self, id: BlockId) -> Result<(Option<Block>, Option<Block>)> {
        self.inner.neighbours(id)
    }

    fn commit(&mut self, plan: &CompactionPlan) -> Result<()> {
        self.inner.commit(plan)?;
        for &step in plan.moves() {
            self.tell(Event::Moved(step));
        }
        Ok(())
    }

    fn validate(&self) -> core::result::Result<(), Corruption> {
        self.inner.validate()
    }
}

impl<A: Clone> Clone for Watched<A> {
    /// A snapshot with the same limit; a listener stays with the original.
    fn clone(&self) -> Self {
        Watched { inner: self.inner.clone(), limit: self.limit, listener: None }
    }
}
