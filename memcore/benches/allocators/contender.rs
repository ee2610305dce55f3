//! What every contender has to do, and memcore's strategies doing it.

use memcore::alloc::{
    Allocator, AnyAllocator, BestFit, BestFitRecent, BlockId, FirstFit, Options, Request, Tlsf,
};

/// A block as a contender names it, in the caller's table.
pub type Handle = (u64, u64);

/// An allocator under test.
pub trait Contender {
    /// Hands out `size` bytes aligned to 16; `None` when it cannot.
    fn allocate(&mut self, size: u32) -> Option<Handle>;
    /// Takes a block back.
    fn free(&mut self, handle: Handle);
    /// The highest end of a block ever, where it is known.
    fn footprint(&self) -> Option<u64>;
    /// Bytes of metadata and the number of blocks and holes they stand for, where they are outside the space.
    fn metadata(&self) -> Option<(usize, u64)>;
}

/// A contender by name: made for a capacity and a number of live blocks.
pub type Entry = (&'static str, fn(u64, usize) -> Box<dyn Run>);

/// The loops, so that the virtual call is paid once for many operations.
pub trait Run {
    /// Allocates blocks of these sizes.
    fn fill(&mut self, sizes: &[u32]);
    /// Frees block `index` and allocates `size` in its place, for each pair.
    fn pairs(&mut self, pairs: &[(u32, u32)]);
    /// One operation of a trace: `(slot, size)`, where size 0 frees.
    fn operations(&mut self, operations: &[(u32, u32)], slots: usize);
    fn footprint(&self) -> Option<u64>;
    fn metadata(&self) -> Option<(usize, u64)>;
}

/// A contender and the table of its live blocks.
pub struct Bench<C> {
    pub contender: C,
    pub live: Vec<Option<Handle>>,
}

pub fn bench<C: Contender + 'static>(contender: C) -> Box<dyn Run> {
    Box::new(Bench { contender, live: Vec::new() })
}

impl<C: Contender> Run for Bench<C> {
    fn fill(&mut self, sizes: &[u32]) {
        for &size in sizes {
            let handle = self.contender.allocate(size);
            self.live.push(handle);
        }
    }

    fn pairs(&mut self, pairs: &[(u32, u32)]) {
        for &(index, size) in pairs {
            if let Some(handle) = self.live[index as usize].take() {
                self.contender.free(handle);
            }
            self.live[index as usize] = self.contender.allocate(size);
        }
    }

    fn operations(&mut self, operations: &[(u32, u32)], slots: usize) {
        self.live.clear();
        self.live.resize(slots, None);
        for &(slot, size) in operations {
            if let Some(handle) = self.live[slot as usize].take() {
                self.contender.free(handle);
            }
            if size > 0 {
                self.live[slot as usize] = self.contender.allocate(size);
            }
        }
        for handle in self.live.drain(..).flatten() {
            self.contender.free(handle);
        }
    }

    fn footprint(&self) -> Option<u64> {
        self.contender.footprint()
    }

    fn metadata(&self) -> Option<(usize, u64)> {
        self.contender.metadata()
    }
}

impl<A: Allocator> Contender for A {
    #[inline]
    fn allocate(&mut self, size: u32) -> Option<Handle> {
        let block = Allocator::allocate(self, Request::new(size.into()).align(16)).ok()?;
        Some((block.id.to_bits(), block.start))
    }

    #[inline]
    fn free(&mut self, (id, _): Handle) {
        if let Some(id) = BlockId::from_bits(id) {
            let _ = Allocator::free(self, id);
        }
    }

    fn footprint(&self) -> Option<u64> {
        Some(self.stats().footprint)
    }

    fn metadata(&self) -> Option<(usize, u64)> {
        let stats = self.stats();
        Some((self.metadata_bytes(), stats.blocks + stats.holes))
    }
}

fn options(capacity: u64) -> Options {
    Options::new(capacity).granularity(16)
}

fn by_name<const INDEX: usize>(capacity: u64, _live: usize) -> Box<dyn Run> {
    const NAMES: [&str; 6] =
        ["next-fit", "worst-fit", "tlsf:tie=lowest", "buddy", "size-classes", "pool:slot=4096"];
    let strategy = NAMES[INDEX].parse().expect("a strategy that exists");
    bench(AnyAllocator::new(&strategy, options(capacity)).expect("a space of this capacity"))
}

/// memcore's strategies.
pub const OWN: &[Entry] = &[
    ("memcore tlsf", |capacity, _| bench(Tlsf::new(options(capacity)).expect("a space"))),
    ("memcore best-fit:tie=recent", |capacity, _| {
        bench(BestFitRecent::new(options(capacity)).expect("a space"))
    }),
    ("memcore best-fit", |capacity, _| bench(BestFit::new(options(capacity)).expect("a space"))),
    ("memcore first-fit", |capacity, _| bench(FirstFit::new(options(capacity)).expect("a space"))),
    ("memcore next-fit", by_name::<0>),
    ("memcore worst-fit", by_name::<1>),
    ("memcore tlsf:tie=lowest", by_name::<2>),
    ("memcore buddy", by_name::<3>),
    ("memcore size-classes", by_name::<4>),
    ("memcore pool:slot=4096", by_name::<5>),
];
