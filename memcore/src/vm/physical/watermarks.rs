//! How much of a node stays free: the marks at which reclaim wakes, works and rests.

use super::config::WatermarkConfig;
use serde::{Deserialize, Serialize};

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
    /// The marks of a node of `frames` frames in a machine of `total`. O(1).
    pub(super) fn of(config: &WatermarkConfig, frames: u64, total: u64, page_size: u64) -> Watermarks {
        let scale = match *config {
            WatermarkConfig::None => return Watermarks::default(),
            WatermarkConfig::Frames { min, low, high } => return Watermarks { min, low, high },
            WatermarkConfig::Linux { scale } => scale,
        };
        let wide = u128::from;
        let memory = wide(total) * wide(page_size) / 1024;
        let reserve = (memory * 16).isqrt().clamp(128, 262_144) * 1024 / wide(page_size);
        let share = reserve * wide(frames) / wide(total).max(1);
        let min = (share as u64).min(frames / 8);
        let gap = (min / 4).max((wide(frames) * wide(scale.into()) / 10_000) as u64);
        Watermarks { min, low: min + gap, high: min + 2 * gap }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std_alloc::vec::Vec;

    fn linux(nodes: &[u64], page_size: u64) -> Vec<(u64, u64, u64)> {
        let (config, total) = (WatermarkConfig::Linux { scale: 10 }, nodes.iter().sum());
        let marks = nodes.iter().map(|&frames| Watermarks::of(&config, frames, total, page_size));
        marks.map(|marks| (marks.min, marks.low, marks.high)).collect()
    }

    /// All by hand from the formula.
    #[test]
    fn linux_marks() {
        // 1 GiB: 4 * sqrt(1,048,576) = 4096 kB = 1024 pages; a quarter, 256, is not more than 262,144 / 1000.
        assert_eq!(linux(&[262_144], 4096), [(1024, 1286, 1548)]);
        // 64 GiB: 4 * sqrt(67,108,864) = 32,768 kB = 8192 pages; 16,777,216 / 1000 = 16,777.
        assert_eq!(linux(&[16_777_216], 4096), [(8192, 24_969, 41_746)]);
        // 24,684,092 kB: isqrt(394,945,472) = 19,873 kB = 4968 pages of 6,171,023; a thousandth is 6171.
        assert_eq!(linux(&[6_171_023], 4096), [(4968, 11_139, 17_310)]);
        // The most, 262,144 kB, from 4 TiB on: sqrt(16 * 2^32) = 2^18; and above it no more.
        assert_eq!(linux(&[1 << 30], 4096)[0].0, 65_536);
        assert_eq!(linux(&[1 << 31], 4096)[0].0, 65_536);
        // The least, 128 kB = 32 pages, at 1 MiB and just above.
        assert_eq!(linux(&[256], 4096), [(32, 40, 48)]);
        assert_eq!(linux(&[257], 4096), [(32, 40, 48)]);
        // Below: an eighth.
        assert_eq!(linux(&[100], 4096), [(12, 15, 18)]);
        assert_eq!(linux(&[8], 4096), [(1, 1, 1)]);
        assert_eq!(linux(&[7], 4096), [(0, 0, 0)]);
        assert_eq!(linux(&[1], 4096), [(0, 0, 0)]);
        // Pages of 64 KiB, 1 GiB of them: 4096 kB are 64 pages.
        assert_eq!(linux(&[16_384], 65_536), [(64, 80, 96)]);
    }

    #[test]
    fn nodes_share_the_reserve_by_their_sizes() {
        // 1 GiB in two nodes, 3 to 1: 768 and 256 of 1024 pages. 196,608 / 1000 = 196 > 192; 65,536 / 1000 = 65 > 64.
        assert_eq!(linux(&[196_608, 65_536], 4096), [(768, 964, 1160), (256, 321, 386)]);
        assert_eq!(linux(&[0, 262_144], 4096)[0], (0, 0, 0));
    }

    #[test]
    fn given_marks_and_none() {
        let given = WatermarkConfig::Frames { min: 1, low: 2, high: 3 };
        assert_eq!(Watermarks::of(&given, 10, 30, 4096), Watermarks { min: 1, low: 2, high: 3 });
        assert_eq!(Watermarks::of(&WatermarkConfig::None, 1000, 1000, 4096), Watermarks::default());
    }
}
