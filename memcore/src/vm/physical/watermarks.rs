//! How much of a node stays free: the marks at which reclaim wakes, works and rests.

use super::config::WatermarkConfig;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// The marks of a node, in frames.
///
/// ```text
/// free frames
///   |  . . . . . . . . . . . . high   the background reclaimer rests
///   |  . . . . . . . . low            it wakes; whoever allocates goes on
///   |  . . . min                      whoever allocates must reclaim first
///   0  the last frames, for reclaim itself
/// ```
///
/// By Linux' rule `min` of the whole machine is `4 * sqrt(kB of memory)` kB, from 128 kB to 256 MiB, and each node
/// has the share of its size. The gap to `low`, and from there to `high`, is a quarter of `min`, or so many
/// ten-thousandths of the node if that is more. One thing is added: `min` is at most an eighth of a node, which
/// matters below 1 MiB alone, where 128 kB would be more than that; so a node of less than 8 frames has no reserve.
///
/// Source: Linux, `mm/page_alloc.c` (`calculate_min_free_kbytes`, `__setup_per_zone_wmarks`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermarks {
    /// Below it, reclaim comes before allocation.
    pub min: u64,
    /// Below it, the background reclaimer wakes.
    pub low: u64,
    /// There it rests.
    pub high: u64,
}

impl Watermarks {
    /// The marks of nodes of so many frames. O(nodes).
    pub(super) fn of(config: &WatermarkConfig, nodes: &[u64], page_size: u64) -> Vec<Watermarks> {
        let total: u128 = nodes.iter().map(|&frames| u128::from(frames)).sum();
        let memory = total * u128::from(page_size) / 1024;
        let marks = |&frames: &u64| match *config {
            WatermarkConfig::None => Watermarks::default(),
            WatermarkConfig::Frames { min, low, high } => Watermarks { min, low, high },
            WatermarkConfig::Linux { scale } => {
                let reserve = (memory * 16).isqrt().clamp(128, 262_144) * 1024 / u128::from(page_size);
                let share = reserve * u128::from(frames) / total.max(1);
                let min = (share as u64).min(frames / 8);
                let gap = (min / 4).max((u128::from(frames) * u128::from(scale) / 10_000) as u64);
                Watermarks { min, low: min + gap, high: min + 2 * gap }
            }
        };
        nodes.iter().map(marks).collect()
    }
}
