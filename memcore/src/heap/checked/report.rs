//! Looking at all blocks: what is wrong with them, and what is left.

use super::super::{HeapError, RawHeap, Result};
use super::record::{Reading, Record};
use super::{Block, Checked, Leak, LeakGroup, Place, at};
use crate::alloc::AllocError;
use core::ptr::NonNull;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std_alloc::vec::Vec;

/// A block, as the walk meets it.
pub(super) enum Seen {
    Live(Place),
    Quarantined(Block),
    /// A block whose record was written over: where it probably is, the first word of its record, and the most
    /// bytes that it could have.
    Broken {
        payload: usize,
        found: u64,
        most: usize,
    },
}

impl Place {
    /// Address and size.
    pub(super) fn range(&self) -> (usize, usize) {
        match self {
            Place::Inside(block) => (block.payload, block.record.size),
            Place::Guarded(block) => (block.payload, block.record.size),
        }
    }
}

impl<H: RawHeap> Checked<H> {
    /// Shows every block of the heap inside and every guarded one, in address order. O(n).
    pub(super) fn walk(&self, visit: &mut dyn FnMut(Seen)) {
        let mut guarded = self.state.guard.iter().flat_map(|guard| guard.blocks()).peekable();
        self.inner.visit_blocks(&mut |block| {
            let start = block.address.as_ptr().addr();
            while let Some(block) = guarded.next_if(|block| block.payload < start) {
                visit(Seen::Live(Place::Guarded(block)));
            }
            visit(self.see(start, block.usable));
        });
        guarded.for_each(|block| visit(Seen::Live(Place::Guarded(block))));
    }

    /// What a block of the heap inside is.
    fn see(&self, start: usize, held: usize) -> Seen {
        let shape = &self.state.shape;
        // SAFETY: a block of the heap inside begins there.
        let front = unsafe { self.mark(start) }.filter(|&front| front < held);
        let front = front.unwrap_or(shape.front);
        let payload = start + front;
        if held < front {
            // Somebody else had the block from the heap inside.
            return Seen::Broken { payload, found: 0, most: 0 };
        }
        self.state.tools.open(at(start), front);
        // SAFETY: the block was handed out by this heap, which wrote the front's record; and a mark that was not its
        // own would have to fit its address by chance.
        let reading = unsafe { shape.read(at(payload)) };
        self.state.tools.close(at(start), front);
        let most = shape.most(held - front);
        match reading {
            Reading::Live(record) if record.size <= most => {
                Seen::Live(Place::Inside(Block { payload, start, held, record }))
            }
            Reading::Quarantined(record) if record.size <= most => {
                Seen::Quarantined(Block { payload, start, held, record })
            }
            Reading::Live(Record { size, .. }) | Reading::Quarantined(Record { size, .. }) => {
                Seen::Broken { payload, found: size as u64, most }
            }
            Reading::Nothing(found) => Seen::Broken { payload, found, most },
        }
    }

    /// Looks at every live block and every one in the quarantine, and tells how many they are. O(n), and the bytes of
    /// redzones and of poison in the quarantine.
    ///
    /// # Errors
    /// The first that is wrong, in address order: [`RedzoneSmashed`](HeapError::RedzoneSmashed),
    /// [`FreedWritten`](HeapError::FreedWritten), [`HeaderSmashed`](HeapError::HeaderSmashed). Nothing is changed.
    pub fn check(&self) -> Result<usize> {
        let result = self.look_at_all();
        self.tell(result)
    }

    pub(super) fn look_at_all(&self) -> Result<usize> {
        if self.state.nothing {
            return Ok(0);
        }
        let mut blocks = 0;
        let mut first = None;
        self.walk(&mut |seen| {
            blocks += 1;
            if first.is_some() {
                return;
            }
            let result = match seen {
                Seen::Live(place) => self.check_place(&place),
                Seen::Quarantined(block) => self.check_freed(block.payload, block.start, block.record.size),
                Seen::Broken { payload, found, .. } => {
                    Err(HeapError::HeaderSmashed { address: payload, found })
                }
            };
            first = result.err();
        });
        first.map_or(Ok(blocks), Err)
    }

    /// Looks at the redzones of one live block. O(1), and the bytes of its redzones.
    ///
    /// # Errors
    /// Those of [`usable_size`](RawHeap::usable_size); [`RedzoneSmashed`](HeapError::RedzoneSmashed).
    pub fn check_block(&self, block: *const u8) -> Result<()> {
        let result = if self.state.nothing {
            self.inner.usable_size(block).map(drop)
        } else {
            self.find_live(block.addr()).and_then(|place| self.check_place(&place))
        };
        self.tell(result)
    }

    /// Takes back a live block even though its redzones, or its record, were written over, and tells how many usable
    /// bytes it had, as far as that is still known. Time as [`free`](RawHeap::free); O(n) when the record is lost, as the
    /// bytes in use are then counted anew.
    ///
    /// # Errors
    /// Those of [`free`](RawHeap::free), except for what is smashed here: a header that is the heap inside's own cannot
    /// be passed over.
    pub fn release_smashed(&mut self, block: *mut u8) -> Result<usize> {
        let result =
            if self.state.nothing { self.inner.free(block) } else { self.release_anyway(block.addr()) };
        self.tell(result)
    }

    fn release_anyway(&mut self, address: usize) -> Result<usize> {
        match self.find(address) {
            Ok(place) => {
                if let Place::Inside(block) = &place {
                    self.state.tools.open(at(block.start), block.held);
                    // SAFETY: the record fits its block. What is smashed is told once: not again by the quarantine.
                    unsafe { self.state.shape.fill_redzones(at(block.payload), block.record.size) };
                }
                self.release(&place)
            }
            Err(HeapError::NotABlock { .. }) => Err(self.why_no_block(address)),
            Err(HeapError::HeaderSmashed { found, .. }) => self.release_broken(address, found),
            Err(error) => Err(error),
        }
    }

    /// Takes back a block whose record is lost.
    fn release_broken(&mut self, address: usize, found: u64) -> Result<usize> {
        let smashed = HeapError::HeaderSmashed { address, found };
        let shape = self.state.shape;
        let start = self.state.aligned.get(&address).copied().unwrap_or(address.wrapping_sub(shape.front));
        // It fails when it is the header of the heap inside that is smashed.
        let held = self.inner.usable_size(at(start)).map_err(|_| smashed)?;
        self.state.tools.freed(at(start), held, at(address));
        self.state.tools.open(at(start), held);
        self.inner.free(at(start)).map_err(|_| smashed)?;
        self.state.aligned.remove(&address);
        let mut in_use = 0;
        self.walk(&mut |seen| match seen {
            Seen::Live(place) => in_use += place.range().1 as u64,
            Seen::Broken { most, .. } => in_use += most as u64,
            Seen::Quarantined(_) => {}
        });
        let counts = &mut self.state.counts;
        counts.in_use = in_use;
        counts.live -= 1;
        Ok(shape.most(held - (address - start)))
    }

    /// How many blocks are live. O(1); with [`Checks::NONE`](super::Checks::NONE) as the heap's
    /// [`stats`](RawHeap::stats).
    pub fn live(&self) -> u64 {
        if self.state.nothing { self.inner.stats().blocks } else { self.state.counts.live }
    }

    /// Bytes asked for in live blocks: what the limit is about. O(1); with [`Checks::NONE`](super::Checks::NONE) as the
    /// heap's [`stats`](RawHeap::stats).
    pub fn in_use(&self) -> u64 {
        if self.state.nothing { self.inner.stats().requested } else { self.state.counts.in_use }
    }

    /// Blocks and bytes of the heap inside that wait in the quarantine. O(1).
    pub fn quarantined(&self) -> (usize, usize) {
        (self.state.quarantine.len(), self.state.quarantine.bytes())
    }

    /// The tag of a live block. O(1).
    ///
    /// # Errors
    /// Those of [`usable_size`](RawHeap::usable_size); [`NoTags`](AllocError::NoTags) without
    /// [`track`](super::Checks::track).
    pub fn tag(&self, block: *const u8) -> Result<u32> {
        let result =
            self.tracked().and_then(|()| self.find_live(block.addr())).map(|place| place.record().tag);
        self.tell(result)
    }

    /// Replaces the tag of a live block. O(1).
    ///
    /// # Errors
    /// As [`tag`](Self::tag).
    pub fn set_tag(&mut self, block: *mut u8, tag: u32) -> Result<()> {
        let result = self.tracked().and_then(|()| self.find_live(block.addr())).map(|place| match place {
            Place::Inside(block) => {
                let Block { payload, start, record, .. } = block;
                self.state.tools.open(at(start), payload - start);
                // SAFETY: the record fits its block.
                unsafe { self.state.shape.write(at(payload), &Record { tag, ..record }, true) };
                self.state.tools.close(at(start), payload - start);
            }
            Place::Guarded(block) => {
                if let Some(guard) = self.state.guard.as_mut() {
                    guard.set_record(block.slot, Record { tag, ..block.record });
                }
            }
        });
        self.tell(result)
    }

    fn tracked(&self) -> Result<()> {
        if self.state.checks.track { Ok(()) } else { Err(AllocError::NoTags.into()) }
    }

    /// Every live block, in the order of their allocation; without [`track`](super::Checks::track) by address. A block
    /// that was reallocated keeps its place. O(n log n).
    ///
    /// # Errors
    /// [`OutOfMetadata`](AllocError::OutOfMetadata) when there is no memory for the list.
    pub fn leaks(&self) -> Result<Vec<Leak>> {
        let result = self.list_leaks();
        self.tell(result)
    }

    fn list_leaks(&self) -> Result<Vec<Leak>> {
        let blocks = self.live();
        let no_room = HeapError::Alloc(AllocError::OutOfMetadata { blocks });
        let mut leaks = Vec::new();
        leaks.try_reserve_exact(usize::try_from(blocks).unwrap_or(usize::MAX)).map_err(|_| no_room)?;
        let mut add = |payload, size, record: Record| {
            if let Some(address) = NonNull::new(at(payload)) {
                let Record { tag, site, number, .. } =
                    if self.state.checks.track { record } else { Record::default() };
                leaks.push(Leak { address, size, tag, site, number });
            }
        };
        if self.state.nothing {
            self.inner.visit_blocks(&mut |block| {
                add(block.address.as_ptr().expose_provenance(), block.requested, Record::default());
            });
        } else {
            self.walk(&mut |seen| match seen {
                Seen::Live(place) => add(place.range().0, place.range().1, place.record()),
                Seen::Broken { payload, most, .. } => add(payload, most, Record::default()),
                Seen::Quarantined(_) => {}
            });
        }
        leaks.sort_unstable_by_key(|leak| (leak.number, leak.address));
        Ok(leaks)
    }

    /// The live blocks by tag and call site, in the order of the first of each. O(n log n).
    ///
    /// # Errors
    /// As [`leaks`](Self::leaks).
    pub fn leak_summary(&self) -> Result<Vec<LeakGroup>> {
        let result = self.list_leaks().and_then(|leaks| group(&leaks));
        self.tell(result)
    }
}

fn group(leaks: &[Leak]) -> Result<Vec<LeakGroup>> {
    let no_room = HeapError::Alloc(AllocError::OutOfMetadata { blocks: leaks.len() as u64 });
    let mut groups: Vec<LeakGroup> = Vec::new();
    let mut index = HashMap::<(u32, u64), usize, FixedState>::default();
    for leak in leaks {
        let key = (leak.tag, leak.site);
        let at = match index.get(&key) {
            Some(&at) => at,
            None => {
                groups.try_reserve(1).map_err(|_| no_room)?;
                index.try_reserve(1).map_err(|_| no_room)?;
                index.insert(key, groups.len());
                groups.push(LeakGroup {
                    tag: leak.tag,
                    site: leak.site,
                    blocks: 0,
                    bytes: 0,
                    first: leak.number,
                });
                groups.len() - 1
            }
        };
        groups[at].blocks += 1;
        groups[at].bytes += leak.size as u64;
    }
    Ok(groups)
}
