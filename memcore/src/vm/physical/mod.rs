//! Physical memory: frames in NUMA nodes, who owns them, what is in them.
//!
//! ```text
//! frames    0 ............ n0-1 | n0 ............. n1-1 |      numbered through all nodes
//! nodes     node 0              | node 1                |      a buddy core and three watermarks each
//! owners    [ u32 per frame                             ]      which page is there; 0: nobody
//! contents  [ 2 MiB ][   ][ 2 MiB ][   ][   ][   ]             only where something was written
//! ```
//!
//! A frame is handed out in a block of 2^order frames, order 0 to 10, by the node's
//! [buddy core](crate::alloc::DenseBuddy). Blocks are aligned in the numbers of the whole machine: a huge page's
//! frame is a multiple of its size wherever its node begins. All of a node is one zone, which Linux calls Normal.
//!
//! What is known of a frame takes about 5.3 bytes, and tables come from the host as untouched zeros: a machine of
//! 16 million frames starts in milliseconds.

mod config;
mod contents;
#[cfg(test)]
mod tests;
#[cfg(feature = "std")]
mod topology;
mod watermarks;

pub use config::{LOCAL_DISTANCE, MOST_FRAMES, MOST_NODES, MemoryConfig, NodeConfig};
pub use config::{REMOTE_DISTANCE, WatermarkConfig};
pub use watermarks::Watermarks;

pub(in crate::vm) use config::bad;
pub(in crate::vm) use contents::{PageStore, zeroed};

use super::{Frame, Node, Shortage, VmError};
use crate::alloc::DenseBuddy;
use serde::{Deserialize, Serialize};
use std_alloc::boxed::Box;
use std_alloc::vec::Vec;

/// The largest block has 2^10 frames, as on Linux.
pub(in crate::vm) const LARGEST_ORDER: u32 = 10;

/// How many frames of a node an allocation must leave free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::vm) enum Floor {
    /// It may take the last.
    None,
    /// The mark `min`.
    Min,
    /// The mark `low`.
    Low,
    /// The mark `high`.
    High,
}

/// The frames of one node.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct NodeFrames {
    /// The first frame.
    start: Frame,
    frames: u64,
    /// Where the buddy core's numbers begin: `start`, rounded down to the largest block. What lies between is in use
    /// there for ever.
    base: Frame,
    /// `None` in a node without frames.
    buddy: Option<DenseBuddy>,
    marks: Watermarks,
}

impl NodeFrames {
    fn new(start: Frame, frames: u64, marks: Watermarks) -> Result<Self, VmError> {
        let base = start >> LARGEST_ORDER << LARGEST_ORDER;
        let mut node = NodeFrames { start, frames, base, buddy: None, marks };
        if frames > 0 {
            let shortage = |_| VmError::no_memory(frames, Shortage::Host);
            let mut buddy = DenseBuddy::new(start - base + frames, LARGEST_ORDER).map_err(shortage)?;
            for frame in 0..start - base {
                buddy.allocate_at(frame, 0).map_err(shortage)?;
            }
            node.buddy = Some(buddy);
        }
        Ok(node)
    }

    fn free(&self) -> u64 {
        self.buddy.as_ref().map_or(0, DenseBuddy::free_frames)
    }

    fn mark(&self, floor: Floor) -> u64 {
        match floor {
            Floor::None => 0,
            Floor::Min => self.marks.min,
            Floor::Low => self.marks.low,
            Floor::High => self.marks.high,
        }
    }
}

/// Physical memory; see the [module](self).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::vm) struct Memory {
    page_size: u64,
    frames: u64,
    nodes: Vec<NodeFrames>,
    /// `nodes.len()` squared, row by row.
    distances: Box<[u8]>,
    /// For each node all nodes, the nearest first; in such rows, too.
    fallbacks: Box<[Node]>,
    owners: Box<[u32]>,
    /// `None`: the machine keeps no bytes.
    contents: Option<PageStore>,
}

impl Memory {
    /// The memory that a configuration describes. O(frames / 64), and O(nodes^2 log nodes).
    ///
    /// # Errors
    /// [`VmError::Config`]; [`VmError::NoMemory`] when the host is out of memory.
    pub fn new(config: &MemoryConfig, page_size: u64) -> Result<Memory, VmError> {
        config.check()?;
        let frames = config.frames()?;
        if page_size == 0 || frames.checked_mul(page_size).is_none() {
            return Err(VmError::invalid("page size", page_size, "must be 1 or more, and below 2^64 in all"));
        }
        let count = config.nodes.len();
        let shortage = |_| VmError::no_memory((count * size_of::<NodeFrames>()) as u64, Shortage::Host);
        let mut nodes = Vec::new();
        nodes.try_reserve_exact(count).map_err(shortage)?;
        let mut start = 0;
        for node in &config.nodes {
            let marks = Watermarks::of(&config.watermarks, node.frames, frames, page_size);
            nodes.push(NodeFrames::new(start, node.frames, marks)?);
            start += node.frames;
        }
        let mut distances = zeroed((count * count) as u64)?;
        for (at, distance) in distances.iter_mut().enumerate() {
            let (from, to) = (at / count, at % count);
            let default = if from == to { LOCAL_DISTANCE } else { REMOTE_DISTANCE };
            *distance = config.distances.get(from).map_or(default, |row| row[to]);
        }
        let fallbacks = fallbacks(&distances, count)?;
        let contents = if config.contents { Some(PageStore::new(frames, page_size)?) } else { None };
        Ok(Memory { page_size, frames, nodes, distances, fallbacks, owners: zeroed(frames)?, contents })
    }

    /// Frames of all nodes. O(1).
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Bytes of a frame. O(1).
    pub fn page_size(&self) -> u64 {
        self.page_size
    }

    /// Nodes. O(1).
    pub fn nodes(&self) -> u32 {
        self.nodes.len() as u32
    }

    /// The node that a frame lies in. O(log nodes).
    #[inline]
    pub fn node_of(&self, frame: Frame) -> Node {
        if self.nodes.len() == 1 {
            return 0;
        }
        // Of nodes that begin at the same frame, all but the last are empty.
        self.nodes.partition_point(|node| node.start <= frame).saturating_sub(1) as Node
    }

    /// How far a node is from another: 10 to itself. O(1).
    pub fn distance(&self, from: Node, to: Node) -> u32 {
        self.distances[from as usize * self.nodes.len() + to as usize].into()
    }

    /// All nodes by their distance from a node, the lower number first where it is the same; first the node itself.
    /// O(1).
    pub fn fallback(&self, from: Node) -> &[Node] {
        let count = self.nodes.len();
        &self.fallbacks[from as usize * count..][..count]
    }

    /// Frames of a node, and the first of them. O(1).
    pub fn range(&self, node: Node) -> core::ops::Range<Frame> {
        let NodeFrames { start, frames, .. } = self.nodes[node as usize];
        start..start + frames
    }

    /// 2^`order` frames, aligned by themselves, from the first of `nodes` that has such a block and stays at its
    /// floor without it. O(nodes given + orders).
    pub fn allocate(&mut self, order: u32, nodes: &[Node], floor: Floor) -> Option<Frame> {
        for &number in nodes {
            let Some(node) = self.nodes.get_mut(number as usize) else { continue };
            let size = 1u64.checked_shl(order).unwrap_or(u64::MAX);
            if node.free().checked_sub(size).is_none_or(|left| left < node.mark(floor)) {
                continue;
            }
            let base = node.base;
            if let Some(Ok(frame)) = node.buddy.as_mut().map(|buddy| buddy.allocate(order)) {
                return Some(base + frame);
            }
        }
        None
    }

    /// Takes a block of 2^`order` frames back. It is nobody's then. O(2^order + orders).
    pub fn free(&mut self, frame: Frame, order: u32) {
        let node = self.node_of(frame) as usize;
        let NodeFrames { base, buddy, .. } = &mut self.nodes[node];
        let freed = buddy.as_mut().map(|buddy| buddy.free(frame - *base));
        debug_assert_eq!(freed, Some(Ok(order)), "frame {frame} was freed as another block than it is");
        self.owners[frame as usize..][..1 << order].fill(0);
    }

    /// Makes a block of 2^`order` frames that is in use into so many single frames in use. O(2^order).
    pub fn split(&mut self, frame: Frame, order: u32) {
        let node = self.node_of(frame) as usize;
        let NodeFrames { base, buddy, .. } = &mut self.nodes[node];
        let count = buddy.as_mut().map(|buddy| buddy.split(frame - *base));
        debug_assert_eq!(count, Some(Ok(1 << order)), "frame {frame} was split as another block than it is");
    }

    /// The order of the block in use that begins at a frame; `None` where none does. O(log nodes).
    pub fn allocated_order(&self, frame: Frame) -> Option<u32> {
        let node = self.nodes.get(self.node_of(frame) as usize)?;
        if frame >= node.start + node.frames {
            return None;
        }
        node.buddy.as_ref()?.order_at(frame - node.base).ok()
    }

    /// Whose a frame is; 0 is nobody. O(1).
    #[inline]
    pub fn owner(&self, frame: Frame) -> u32 {
        self.owners[frame as usize]
    }

    /// Says whose a frame is. O(1).
    #[inline]
    pub fn set_owner(&mut self, frame: Frame, owner: u32) {
        self.owners[frame as usize] = owner;
    }

    /// Whether frames have bytes. O(1).
    pub fn has_contents(&self) -> bool {
        self.contents.is_some()
    }

    /// The bytes of a frame, a page of them; none where frames have no bytes. O(1).
    #[inline]
    pub fn bytes(&self, frame: Frame) -> &[u8] {
        self.contents.as_ref().map_or(&[], |contents| contents.get(frame))
    }

    /// The bytes of a frame, to be changed; none where frames have no bytes. O(1), but for the first write to 2 MiB.
    ///
    /// # Errors
    /// [`VmError::NoMemory`] when the host is out of memory.
    #[inline]
    pub fn bytes_mut(&mut self, frame: Frame) -> Result<&mut [u8], VmError> {
        self.contents.as_mut().map_or(Ok(&mut []), |contents| contents.get_mut(frame))
    }

    /// Makes a frame zeros. O(page size).
    pub fn zero(&mut self, frame: Frame) {
        if let Some(contents) = &mut self.contents {
            contents.zero(frame);
        }
    }

    /// Makes the bytes of `to` those of `from`. O(page size).
    ///
    /// # Errors
    /// [`VmError::NoMemory`] when the host is out of memory; nothing has changed then.
    pub fn copy(&mut self, from: Frame, to: Frame) -> Result<(), VmError> {
        self.contents.as_mut().map_or(Ok(()), |contents| contents.copy(from, to))
    }

    /// Whether a frame is all zeros; true where frames have no bytes. O(page size).
    pub fn is_zero(&self, frame: Frame) -> bool {
        self.contents.as_ref().is_none_or(|contents| contents.is_zero(frame))
    }

    /// A hash of a frame's bytes (xxh3, 64 bits); 0 where frames have no bytes. O(page size).
    pub fn checksum(&self, frame: Frame) -> u64 {
        self.contents.as_ref().map_or(0, |contents| xxhash_rust::xxh3::xxh3_64(contents.get(frame)))
    }

    /// Whether two frames have the same bytes. O(page size).
    pub fn equal(&self, a: Frame, b: Frame) -> bool {
        self.bytes(a) == self.bytes(b)
    }

    /// Free frames of a node. O(1).
    pub fn free_frames(&self, node: Node) -> u64 {
        self.nodes[node as usize].free()
    }

    /// Free frames of all nodes. O(nodes).
    pub fn total_free(&self) -> u64 {
        self.nodes.iter().map(NodeFrames::free).sum()
    }

    /// The marks of a node. O(1).
    pub fn watermarks(&self, node: Node) -> Watermarks {
        self.nodes[node as usize].marks
    }

    /// Whether fewer frames of a node are free than a mark says. O(1).
    pub fn is_below(&self, node: Node, floor: Floor) -> bool {
        let node = &self.nodes[node as usize];
        node.free() < node.mark(floor)
    }

    /// Free blocks of 2^`order` frames in a node, as in `/proc/buddyinfo`. O(1).
    pub fn free_blocks(&self, node: Node, order: u32) -> u64 {
        self.nodes[node as usize].buddy.as_ref().map_or(0, |buddy| buddy.free_blocks(order))
    }

    /// Bytes of the tables. O(nodes).
    pub fn metadata_bytes(&self) -> u64 {
        let buddies = self.nodes.iter().filter_map(|node| node.buddy.as_ref());
        let buddies: usize = buddies.map(DenseBuddy::metadata_bytes).sum();
        (buddies + size_of_val(&self.owners[..])) as u64
    }

    /// Bytes that the host holds for contents. O(frames / 512).
    pub fn contents_bytes(&self) -> u64 {
        self.contents.as_ref().map_or(0, PageStore::bytes)
    }

    /// Checks every table. O(frames * orders).
    ///
    /// # Errors
    /// What is wrong.
    pub fn validate(&self) -> Result<(), &'static str> {
        let count = self.nodes.len();
        if count == 0 || count > MOST_NODES || self.distances.len() != count * count {
            return Err("memory has no nodes, too many, or not a distance for each two");
        }
        let diagonal =
            |(at, &distance): (usize, &u8)| (distance == LOCAL_DISTANCE) == (at / count == at % count);
        if !self.distances.iter().enumerate().all(diagonal) {
            return Err("a node is nearer to another than to itself");
        }
        let in_order = fallbacks(&self.distances, count).map_err(|_| "the host has no memory for a check")?;
        if self.fallbacks != in_order {
            return Err("nodes are not in the order of their distances");
        }
        if self.frames == 0 || self.frames > MOST_FRAMES || self.owners.len() as u64 != self.frames {
            return Err("memory has not an owner for each frame");
        }
        if self.page_size == 0 || self.frames.checked_mul(self.page_size).is_none() {
            return Err("memory has a page size that makes no sense");
        }
        let mut start = 0u64;
        for node in &self.nodes {
            let fits = node.start == start && node.base == start >> LARGEST_ORDER << LARGEST_ORDER;
            if !fits || node.frames > self.frames - start {
                return Err("the frames of the nodes do not follow one another");
            }
            let Watermarks { min, low, high } = node.marks;
            if min > low || low > high {
                return Err("the watermarks of a node are not in order");
            }
            start += node.frames;
            let Some(buddy) = &node.buddy else {
                if node.frames > 0 {
                    return Err("a node of frames has no buddy core");
                }
                continue;
            };
            let pad = node.start - node.base;
            if node.frames == 0 || buddy.frames() != pad + node.frames || !has_orders(buddy) {
                return Err("a buddy core is not of the size of its node");
            }
            if (0..pad).any(|frame| buddy.order_at(frame) != Ok(0)) || buddy.validate().is_err() {
                return Err("a buddy core is broken");
            }
        }
        if start != self.frames {
            return Err("the nodes have not all frames");
        }
        let Some(contents) = &self.contents else { return Ok(()) };
        if contents.pages() != self.frames || contents.page_size() != self.page_size {
            return Err("the contents are not of the size of the memory");
        }
        contents.validate()
    }
}

/// Whether a core knows the orders that one of its size should.
fn has_orders(buddy: &DenseBuddy) -> bool {
    buddy.max_order() == LARGEST_ORDER.min(buddy.frames().ilog2())
}

/// For each node all nodes, by their distance and then their number.
fn fallbacks(distances: &[u8], count: usize) -> Result<Box<[Node]>, VmError> {
    let mut all = zeroed::<Node>(distances.len() as u64)?;
    for (order, row) in all.chunks_mut(count).zip(distances.chunks(count)) {
        order.iter_mut().zip(0..).for_each(|(place, node)| *place = node);
        order.sort_unstable_by_key(|&node| (row[node as usize], node));
    }
    Ok(all)
}
