//! The plain structs of this room, each converted from or to the engine's type of the same name.
//!
//! A struct that C fills in holds no `bool` and no enum, because C can put any number there.

use memcore::alloc::{
    Block, BlockId, Capabilities, Histogram, Options, Region, RegionKind, Request, Stats, TagUsage,
};

use crate::{error::Failure, panic::guarded, status::memcore_status};

/// The space of an allocator, and what is kept about its blocks. `memcore_options_for` fills it in.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_options {
    /// Bytes of the space, up to 2^64 - 1; rounded down to the granularity.
    pub capacity: u64,
    /// Starts and sizes are multiples of it; a power of two.
    pub granularity: u64,
    /// Not 0: keep blocks findable by address, for `free_at`, `block_at`, `containing` and `allocate_at`.
    /// 14 to 45 bytes a block, and O(log blocks) more for each allocation and free. A pool answers
    /// without it.
    pub address_index: i32,
    /// Not 0: keep a tag for each block. 4 bytes a block.
    pub tags: i32,
}

impl From<&memcore_options> for Options {
    fn from(options: &memcore_options) -> Self {
        Options {
            capacity: options.capacity,
            granularity: options.granularity,
            address_index: options.address_index != 0,
            tags: options.tags != 0,
        }
    }
}

/// The options of a space of `capacity` bytes: granularity 1, no address index, no tags.
///
/// \param capacity bytes of the space.
/// \return the options, to be changed as wanted.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_options_for(capacity: u64) -> memcore_options {
    let options = memcore_options { capacity, granularity: 1, address_index: 0, tags: 0 };
    guarded(options, || options)
}

/// A request for a block. `memcore_request_for` fills it in.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_request {
    /// Bytes wanted; not 0.
    pub size: u64,
    /// A power of two. The block's start plus the bias will be a multiple of it.
    pub alignment: u64,
    /// Bytes of the block that come before the aligned point: a header's.
    pub bias: u64,
    /// Kept with the block where the allocator keeps tags.
    pub tag: u32,
}

impl From<&memcore_request> for Request {
    fn from(request: &memcore_request) -> Self {
        let &memcore_request { size, alignment, bias, tag } = request;
        Request { size, alignment, bias, tag }
    }
}

/// The request for `size` bytes anywhere: alignment 1, bias 0, tag 0.
///
/// \param size bytes wanted.
/// \return the request, to be changed as wanted.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_request_for(size: u64) -> memcore_request {
    let request = memcore_request { size, alignment: 1, bias: 0, tag: 0 };
    guarded(request, || request)
}

/// A range of the space that somebody owns.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_block {
    /// Names the block while it lives, and nothing afterwards. Never 0.
    pub id: u64,
    /// Offset of its first byte.
    pub start: u64,
    /// Bytes it takes from the space: `requested`, rounded up as the strategy does.
    pub size: u64,
    /// Bytes that were asked for.
    pub requested: u64,
}

/// What stands where there is no block.
pub(super) const NO_BLOCK: memcore_block = memcore_block { id: 0, start: 0, size: 0, requested: 0 };

impl From<Block> for memcore_block {
    #[inline]
    fn from(block: Block) -> Self {
        memcore_block {
            id: block.id.to_bits(),
            start: block.start,
            size: block.size,
            requested: block.requested,
        }
    }
}

/// An id from C; 0 is the only number that no allocator can be asked about.
#[inline]
pub(super) fn id(bits: u64) -> Result<BlockId, Failure> {
    BlockId::from_bits(bits).ok_or(Failure::Plain(memcore_status::UnknownId))
}

/// What a part of the space is.
#[repr(i32)]
pub enum memcore_region_kind {
    /// A live block.
    Used = 0,
    /// Can be allocated.
    Hole = 1,
    /// Neither used nor allocatable yet: bytes that an arena or a stack gets back later.
    Dead = 2,
}

/// A part of the space. The regions of a space, in address order, cover it without gap or overlap.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_region {
    /// Offset of its first byte.
    pub start: u64,
    /// Bytes, never 0.
    pub size: u64,
    /// A `memcore_region_kind`.
    pub kind: i32,
    /// The block, if it is one; otherwise all 0.
    pub block: memcore_block,
}

impl From<Region> for memcore_region {
    fn from(region: Region) -> Self {
        let (kind, block) = match region.kind {
            RegionKind::Used(block) => (memcore_region_kind::Used, block.into()),
            RegionKind::Hole => (memcore_region_kind::Hole, NO_BLOCK),
            RegionKind::Dead => (memcore_region_kind::Dead, NO_BLOCK),
        };
        memcore_region { start: region.start, size: region.size, kind: kind as i32, block }
    }
}

/// The state of a space in figures. After every call, `used` + `free` + `dead` = `capacity`. Sizes are in bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_stats {
    /// The space, after rounding down.
    pub capacity: u64,
    /// In live blocks, rounding included.
    pub used: u64,
    /// In holes.
    pub free: u64,
    /// In neither: what an arena or a stack cannot reuse yet.
    pub dead: u64,
    /// Asked for, in live blocks.
    pub requested: u64,
    /// Live blocks.
    pub blocks: u64,
    /// Holes.
    pub holes: u64,
    /// The largest hole.
    pub largest_hole: u64,
    /// The highest end of a block ever.
    pub footprint: u64,
    /// The most that `used` ever was.
    pub peak_used: u64,
    /// The most that `requested` ever was.
    pub peak_requested: u64,
    /// Blocks ever allocated.
    pub allocations: u64,
    /// Blocks ever freed.
    pub frees: u64,
    /// 1 - `largest_hole` / `free`; 0 when nothing is free.
    pub external_fragmentation: f64,
    /// 1 - `requested` / `used`; 0 when nothing is used.
    pub internal_fragmentation: f64,
    /// `peak_requested` / `footprint`; 1 when the footprint is 0.
    pub utilisation: f64,
}

impl From<Stats> for memcore_stats {
    fn from(stats: Stats) -> Self {
        memcore_stats {
            capacity: stats.capacity,
            used: stats.used,
            free: stats.free,
            dead: stats.dead,
            requested: stats.requested,
            blocks: stats.blocks,
            holes: stats.holes,
            largest_hole: stats.largest_hole,
            footprint: stats.footprint,
            peak_used: stats.peak_used,
            peak_requested: stats.peak_requested,
            allocations: stats.allocations,
            frees: stats.frees,
            external_fragmentation: stats.external_fragmentation(),
            internal_fragmentation: stats.internal_fragmentation(),
            utilisation: stats.utilisation(),
        }
    }
}

/// What an allocator can do. Where an entry is false the call gives `MEMCORE_STATUS_UNSUPPORTED`,
/// `MEMCORE_STATUS_NO_ADDRESS_INDEX` or `MEMCORE_STATUS_NO_TAGS`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_capabilities {
    /// Blocks may be freed in any order; false: the last one only.
    pub free_in_any_order: bool,
    /// Freed bytes can be allocated again at once.
    pub reuses_freed: bool,
    /// Blocks can be placed at a wanted start.
    pub allocate_at: bool,
    /// Blocks can be found by address.
    pub find_by_address: bool,
    /// Compaction can be planned and committed.
    pub compaction: bool,
    /// Checkpoints can be taken and rewound to.
    pub checkpoint: bool,
    /// Blocks have tags, and the usage can be told by tag.
    pub tags: bool,
}

impl From<Capabilities> for memcore_capabilities {
    fn from(can: Capabilities) -> Self {
        memcore_capabilities {
            free_in_any_order: can.free_in_any_order,
            reuses_freed: can.reuses_freed,
            allocate_at: can.allocate_at,
            find_by_address: can.find_by_address,
            compaction: can.compaction,
            checkpoint: can.checkpoint,
            tags: can.tags,
        }
    }
}

/// How many blocks or holes there are of each size: entry k counts sizes from 2^k to 2^(k+1) - 1.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_histogram {
    /// Number per class.
    pub counts: [u64; 64],
    /// Bytes per class.
    pub bytes: [u64; 64],
}

impl From<Histogram> for memcore_histogram {
    fn from(histogram: Histogram) -> Self {
        let mut all = memcore_histogram { counts: [0; 64], bytes: [0; 64] };
        all.counts.iter_mut().zip(&histogram.counts).for_each(|(entry, count)| *entry = *count);
        all.bytes.iter_mut().zip(&histogram.bytes).for_each(|(entry, bytes)| *entry = *bytes);
        all
    }
}

/// The live blocks that share a tag.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_tag_usage {
    /// The tag.
    pub tag: u32,
    /// Live blocks.
    pub blocks: u64,
    /// Bytes they asked for.
    pub requested: u64,
    /// Bytes they take.
    pub used: u64,
}

impl From<(u32, TagUsage)> for memcore_tag_usage {
    fn from((tag, usage): (u32, TagUsage)) -> Self {
        memcore_tag_usage { tag, blocks: usage.blocks, requested: usage.requested, used: usage.used }
    }
}
