//! The calls of every heap, checked.

use super::super::raw::{check_alignment, check_size};
use super::super::{HeapBlock, HeapError, RawHeap, Result};
use super::report::Seen;
use super::{Checked, Place, at};
use crate::alloc::{Corruption, Stats};
use core::ptr::NonNull;

// SAFETY: a block is a part of a live block of the heap inside, which is live as long as it is, or has pages of its own.
// It ends before the next redzone or record, and its address is aligned: it is a multiple of the alignment behind the start
// of a block that is so aligned.
unsafe impl<H: RawHeap> RawHeap for Checked<H> {
    #[inline]
    fn allocate(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        let result = self.allocate_with(size, alignment, 0, 0, false);
        self.tell(result)
    }

    #[inline]
    fn allocate_zeroed(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        let result = self.allocate_with(size, alignment, 0, 0, true);
        self.tell(result)
    }

    /// Also fails with [`RedzoneSmashed`](HeapError::RedzoneSmashed); the block then stays live.
    #[inline]
    fn free(&mut self, block: *mut u8) -> Result<usize> {
        let result =
            if self.state.nothing { self.inner.free(block) } else { self.free_checked(block.addr()) };
        self.tell(result)
    }

    /// Also fails with [`RedzoneSmashed`](HeapError::RedzoneSmashed), and with
    /// [`LimitExceeded`](crate::alloc::AllocError::LimitExceeded).
    fn resize_in_place(&mut self, block: *mut u8, size: usize) -> Result<usize> {
        let result = if self.state.nothing {
            self.inner.resize_in_place(block, size)
        } else {
            self.resize_checked(block.addr(), size)
        };
        self.tell(result)
    }

    /// Tag, call site and number of a block go with it.
    fn reallocate(&mut self, block: *mut u8, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        let result = if self.state.nothing {
            self.inner.reallocate(block, size, alignment)
        } else {
            self.reallocate_checked(block.addr(), size, alignment)
        };
        self.tell(result)
    }

    /// Exactly what was asked for, so that one byte more is too many.
    fn usable_size(&self, block: *const u8) -> Result<usize> {
        let result = if self.state.nothing {
            self.inner.usable_size(block)
        } else {
            self.find_live(block.addr()).map(|place| place.record().size)
        };
        self.tell(result)
    }

    fn contains(&self, address: *const u8) -> bool {
        self.inner.contains(address)
            || self.state.guard.as_ref().is_some_and(|guard| guard.contains(address.addr()))
    }

    fn visit_blocks(&self, visit: &mut dyn FnMut(HeapBlock)) {
        if self.state.nothing {
            return self.inner.visit_blocks(visit);
        }
        self.walk(&mut |seen| {
            if let Seen::Live(place) = seen {
                let (payload, size) = place.range();
                if let Some(address) = NonNull::new(at(payload)) {
                    visit(HeapBlock { address, usable: size, requested: size });
                }
            }
        });
    }

    /// Those of the heap inside, with blocks and requested bytes as the program sees them. Blocks in the quarantine are
    /// dead; what the heap inside adds to each of them (its headers) counts as used as long as another block lives.
    /// Pages for guarded blocks are a part of the capacity.
    fn stats(&self) -> Stats {
        let inner = self.inner.stats();
        if self.state.nothing {
            return inner;
        }
        let counts = &self.state.counts;
        let (capacity, used) =
            self.state.guard.as_ref().map_or((0, 0), |guard| (guard.capacity() as u64, guard.used() as u64));
        let kept = if counts.live == 0 { inner.used } else { counts.kept };
        Stats {
            capacity: inner.capacity + capacity,
            used: inner.used - kept + used,
            dead: inner.dead + kept + (capacity - used),
            requested: counts.in_use,
            blocks: counts.live,
            peak_requested: counts.peak,
            allocations: counts.allocations,
            frees: counts.allocations - counts.live,
            ..inner
        }
    }

    fn metadata_bytes(&self) -> usize {
        let guard = self.state.guard.as_ref().map_or(0, |guard| guard.metadata_bytes());
        let aligned = self.state.aligned.allocation_size();
        self.inner.metadata_bytes() + aligned + self.state.quarantine.metadata_bytes() + guard
    }

    fn trim(&mut self) -> usize {
        self.inner.trim()
    }

    /// The heap inside, every redzone and every block in the quarantine, and the counts.
    fn validate(&self) -> core::result::Result<(), Corruption> {
        self.inner.validate()?;
        if self.state.nothing {
            return Ok(());
        }
        self.look_at_all().map_err(|error| {
            let (what, address) = match error {
                HeapError::RedzoneSmashed { address, .. } => ("a redzone is as it was filled", address),
                HeapError::FreedWritten { address, .. } => ("freed blocks are as they were filled", address),
                HeapError::HeaderSmashed { address, .. } => ("a record fits its block", address),
                _ => ("every block can be read", 0),
            };
            Corruption { what, at: address as u64 }
        })?;
        let (mut blocks, mut in_use) = (0, 0);
        self.walk(&mut |seen| {
            if let Seen::Live(place) = seen {
                blocks += 1;
                in_use += place.range().1 as u64;
            }
        });
        let counts = &self.state.counts;
        Corruption::unless(blocks == counts.live, "the live blocks are those counted", blocks)?;
        Corruption::unless(in_use == counts.in_use, "the bytes in use are those counted", in_use)
    }
}

impl<H: RawHeap> Checked<H> {
    /// The live block at an address, for calls that do not care whether one was there before.
    pub(super) fn find_live(&self, address: usize) -> Result<Place> {
        self.find(address).map_err(|error| match error {
            HeapError::DoubleFree { address } => HeapError::NotABlock { address },
            error => error,
        })
    }

    #[inline]
    fn free_checked(&mut self, address: usize) -> Result<usize> {
        if self.state.frees_directly {
            if let Some(size) = self.free_directly(address) {
                return Ok(size);
            }
        }
        self.free_any(address)
    }

    #[inline(never)]
    fn free_any(&mut self, address: usize) -> Result<usize> {
        let place = self.find_whole(address)?;
        self.release(&place)
    }

    /// The live block at an address that a call is about to change, its redzones looked at.
    fn find_whole(&mut self, address: usize) -> Result<Place> {
        let place = match self.find(address) {
            Ok(place) => place,
            Err(HeapError::NotABlock { .. }) => return Err(self.why_no_block(address)),
            Err(error) => return Err(error),
        };
        self.check_place(&place)?;
        Ok(place)
    }

    fn resize_checked(&mut self, address: usize, size: usize) -> Result<usize> {
        let place = self.find_whole(address)?;
        self.resize(&place, check_size(size)?)
    }

    fn reallocate_checked(&mut self, address: usize, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        check_alignment(alignment)?;
        let place = self.find_whole(address)?;
        let size = check_size(size)?;
        if address & (alignment - 1) == 0 {
            match self.resize(&place, size) {
                Ok(_) => return NonNull::new(at(address)).ok_or(HeapError::NotInHeap { address }),
                Err(HeapError::NoRoomInPlace { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        self.move_to(&place, size, alignment)
    }
}
