//! What the physical memory of a machine is made of.

use crate::vm::{Frame, VmError};
use serde::{Deserialize, Serialize};
use std_alloc::format;
use std_alloc::string::{String, ToString};
use std_alloc::vec::Vec;

/// The most NUMA nodes: as many as Linux can be built for.
pub const MOST_NODES: usize = 1024;
/// The most frames: their numbers, and those of pages, have 32 bits, and the last few are marks.
pub const MOST_FRAMES: u64 = u32::MAX as u64 - 16;
/// The distance of a node to itself, in the units of ACPI's table of distances (SLIT).
pub const LOCAL_DISTANCE: u8 = 10;
/// The distance between two nodes where nothing else is said.
pub const REMOTE_DISTANCE: u8 = 20;

/// Physical memory: its nodes, and whether its bytes exist.
///
/// As TOML:
///
/// ```
/// # #[cfg(feature = "std")] {
/// use memcore::vm::{MemoryConfig, NodeConfig, WatermarkConfig};
/// let config: MemoryConfig = toml::from_str("
///     contents = false
///     nodes = [{ frames = 1024, cpus = [0, 1] }, { frames = 512 }]
///     distances = [[10, 21], [21, 10]]
///     watermarks = { frames = { min = 4, low = 8, high = 12 } }
/// ")?;
/// assert_eq!(config.nodes[1], NodeConfig::new(512));
/// assert_eq!(config.watermarks, WatermarkConfig::Frames { min: 4, low: 8, high: 12 });
/// config.check().unwrap();
/// # } Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct MemoryConfig {
    /// Frames have bytes. Without, the machine keeps only what is known about each frame, and all bytes are zeros.
    pub contents: bool,
    /// The NUMA nodes, numbered from 0. Default: one of 65,536 frames.
    pub nodes: Vec<NodeConfig>,
    /// How far node `i` is from node `j`: 10 to itself, more to others. Empty: 20 to all others.
    pub distances: Vec<Vec<u8>>,
    /// How much is kept free.
    pub watermarks: WatermarkConfig,
}

/// One NUMA node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NodeConfig {
    /// Page frames; a node of processors alone has none.
    pub frames: u64,
    /// Processors.
    #[serde(default)]
    pub cpus: Vec<u32>,
}

impl NodeConfig {
    /// A node of so many frames.
    pub fn new(frames: u64) -> Self {
        NodeConfig { frames, cpus: Vec::new() }
    }
}

/// How the [`Watermarks`](super::Watermarks) of the nodes are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum WatermarkConfig {
    /// All are 0: memory is used to the last frame, and reclaimed when there is none.
    None,
    /// By Linux' rule; see [`Watermarks`](super::Watermarks).
    Linux {
        /// The gap between two marks, in ten-thousandths of the node (`vm.watermark_scale_factor`): 1 to 3000.
        #[serde(default = "default_scale")]
        scale: u32,
    },
    /// These numbers of frames, in each node.
    Frames {
        /// Below it nobody gets a frame who can wait.
        min: u64,
        /// Below it the background reclaimer wakes.
        low: u64,
        /// There it rests.
        high: u64,
    },
}

fn default_scale() -> u32 {
    10
}

impl Default for WatermarkConfig {
    fn default() -> Self {
        WatermarkConfig::Linux { scale: default_scale() }
    }
}

impl Default for MemoryConfig {
    fn default() -> Self {
        MemoryConfig::of_frames(65_536)
    }
}

impl MemoryConfig {
    /// One node of so many frames, with contents and Linux' watermarks.
    pub fn of_frames(frames: u64) -> Self {
        MemoryConfig {
            contents: true,
            nodes: Vec::from([NodeConfig::new(frames)]),
            distances: Vec::new(),
            watermarks: WatermarkConfig::default(),
        }
    }

    /// Frames of all nodes.
    ///
    /// # Errors
    /// [`VmError::Config`] when there are none, or more than [`MOST_FRAMES`].
    pub fn frames(&self) -> Result<Frame, VmError> {
        let sum = self.nodes.iter().try_fold(0u64, |sum, node| sum.checked_add(node.frames));
        match sum {
            Some(frames @ 1..=MOST_FRAMES) => Ok(frames),
            Some(frames) => {
                Err(bad("nodes.frames", frames.to_string(), "must be 1 to 4,294,967,279 in all nodes"))
            }
            None => Err(bad("nodes.frames", "over 2^64".into(), "must be 1 to 4,294,967,279 in all nodes")),
        }
    }

    /// Checks that a memory can be made so. O(nodes^2), and nodes are at most [`MOST_NODES`].
    ///
    /// # Errors
    /// [`VmError::Config`], the first thing that is wrong.
    pub fn check(&self) -> Result<(), VmError> {
        let count = self.nodes.len();
        if count == 0 || count > MOST_NODES {
            return Err(bad("nodes", count.to_string(), "must be 1 to 1024"));
        }
        self.frames()?;
        if !self.distances.is_empty() {
            let rows = self.distances.len();
            if rows != count || self.distances.iter().any(|row| row.len() != count) {
                return Err(bad(
                    "distances",
                    format!("{rows} rows"),
                    "must be a row for each node, of all nodes",
                ));
            }
            for (from, row) in self.distances.iter().enumerate() {
                let wrong =
                    |&(to, &d): &(usize, &u8)| (d == LOCAL_DISTANCE) != (from == to) || d < LOCAL_DISTANCE;
                if let Some((to, distance)) = row.iter().enumerate().find(wrong) {
                    let value = format!("{distance} from {from} to {to}");
                    return Err(bad("distances", value, "must be 10 to itself, and more to others"));
                }
            }
        }
        match self.watermarks {
            WatermarkConfig::Linux { scale } if !(1..=3000).contains(&scale) => {
                Err(bad("watermarks.linux.scale", scale.to_string(), "must be 1 to 3000 ten-thousandths"))
            }
            WatermarkConfig::Frames { min, low, high } if min > low || low > high => {
                Err(bad("watermarks.frames", format!("{min}, {low}, {high}"), "must be min <= low <= high"))
            }
            _ => Ok(()),
        }
    }
}

/// The error of a key of a configuration.
pub(in crate::vm) fn bad(key: &'static str, value: String, rule: &'static str) -> VmError {
    VmError::Config { key, value, rule }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std_alloc::vec;

    #[test]
    fn what_makes_no_sense_is_named() {
        let check = |change: &dyn Fn(&mut MemoryConfig)| {
            let mut config = MemoryConfig::of_frames(100);
            config.nodes.push(NodeConfig::new(50));
            change(&mut config);
            match config.check() {
                Err(VmError::Config { key, .. }) => key,
                Ok(()) => "",
                Err(other) => panic!("{other}"),
            }
        };
        assert_eq!(check(&|_| ()), "");
        assert_eq!(check(&|config| config.nodes.clear()), "nodes");
        assert_eq!(check(&|config| config.nodes.resize(1025, NodeConfig::new(1))), "nodes");
        assert_eq!(check(&|config| config.nodes = vec![NodeConfig::new(0)]), "nodes.frames");
        assert_eq!(check(&|config| config.nodes[0].frames = u64::MAX), "nodes.frames");
        assert_eq!(check(&|config| config.nodes[0].frames = MOST_FRAMES - 50), "");
        assert_eq!(check(&|config| config.nodes[0].frames = MOST_FRAMES - 49), "nodes.frames");
        assert_eq!(check(&|config| config.distances = vec![vec![10, 11], vec![200, 10]]), "");
        for wrong in [
            vec![vec![10, 11]],
            vec![vec![10, 11], vec![11]],
            vec![vec![10, 10], vec![11, 10]],
            vec![vec![11, 12], vec![12, 10]],
            vec![vec![10, 9], vec![11, 10]],
        ] {
            assert_eq!(check(&|config| config.distances = wrong.clone()), "distances");
        }
        let linux = |scale| WatermarkConfig::Linux { scale };
        assert_eq!(check(&|config| config.watermarks = linux(0)), "watermarks.linux.scale");
        assert_eq!(check(&|config| config.watermarks = linux(3001)), "watermarks.linux.scale");
        let frames = |min, low, high| WatermarkConfig::Frames { min, low, high };
        assert_eq!(check(&|config| config.watermarks = frames(3, 3, 3)), "");
        assert_eq!(check(&|config| config.watermarks = frames(3, 2, 4)), "watermarks.frames");
        assert_eq!(check(&|config| config.watermarks = frames(1, 3, 2)), "watermarks.frames");
    }

    #[test]
    #[cfg(feature = "std")]
    fn a_short_file_is_enough_and_a_wrong_word_is_not_overlooked() {
        assert_eq!(toml::from_str::<MemoryConfig>("").unwrap(), MemoryConfig::default());
        let read = |text: &str| toml::from_str::<MemoryConfig>(text);
        assert_eq!(read("watermarks = 'none'").unwrap().watermarks, WatermarkConfig::None);
        let scaled = read("[watermarks.linux]\nscale = 100").unwrap().watermarks;
        assert_eq!(scaled, WatermarkConfig::Linux { scale: 100 });
        assert_eq!(read("[watermarks.linux]").unwrap().watermarks, WatermarkConfig::default());
        assert!(read("content = true").is_err());
        assert!(read("nodes = [{ frame = 3 }]").is_err());
        assert!(read("[watermarks.linux]\nfactor = 3").is_err());
        let config = MemoryConfig { watermarks: scaled, ..MemoryConfig::of_frames(3) };
        assert_eq!(read(&toml::to_string(&config).unwrap()).unwrap(), config);
    }
}
