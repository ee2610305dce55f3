//! The nodes of the machine that this runs on, as Linux tells them.
//!
//! ```text
//! /sys/devices/system/node/
//!     node0/meminfo     Node 0 MemTotal:       24684096 kB
//!     node0/distance    10 21                  to node 0, to node 1
//!     node0/cpulist     0-3,8
//!     node1/...
//! ```
//!
//! Nodes may be numbered with gaps; here they are 0, 1, 2, ... in the same order. `distance` has a column for each
//! node that is online, in that order too.

use super::config::{MemoryConfig, NodeConfig, bad};
use crate::vm::VmError;
use std::fs;
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;

/// Where Linux tells them.
const NODES: &str = "/sys/devices/system/node";

impl MemoryConfig {
    /// The nodes of the machine that this runs on, with their memory in frames of `page_size` bytes, their processors
    /// and their distances. Contents and watermarks are as by [default](MemoryConfig::default).
    ///
    /// ```no_run
    /// let memory = memcore::vm::MemoryConfig::of_host(4096)?;
    /// println!("{} nodes", memory.nodes.len());
    /// # Ok::<(), memcore::vm::VmError>(())
    /// ```
    ///
    /// # Errors
    /// [`VmError::Io`] where this cannot be read, as on any system that is not Linux; [`VmError::Config`] where it
    /// makes no sense.
    pub fn of_host(page_size: u64) -> Result<MemoryConfig, VmError> {
        MemoryConfig::of_directory(Path::new(NODES), page_size)
    }

    /// The same from a directory of this form, such as one that was copied from another machine.
    ///
    /// # Errors
    /// As [`of_host`](Self::of_host).
    pub fn of_directory(directory: &Path, page_size: u64) -> Result<MemoryConfig, VmError> {
        let failed =
            |path: &Path, error: std::io::Error| VmError::Io { why: format!("{}: {error}", path.display()) };
        let read = |path: &Path| fs::read_to_string(path).map_err(|error| failed(path, error));
        let mut numbers: Vec<u32> = Vec::new();
        for entry in fs::read_dir(directory).map_err(|error| failed(directory, error))? {
            let name = entry.map_err(|error| failed(directory, error))?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix("node"));
            numbers.extend(number.and_then(|number| number.parse::<u32>().ok()));
        }
        numbers.sort_unstable();
        let (mut nodes, mut distances) = (Vec::new(), Vec::new());
        for number in numbers {
            let node = directory.join(format!("node{number}"));
            let memory = kilobytes(&read(&node.join("meminfo"))?)?;
            let frames = memory.saturating_mul(1024) / page_size.max(1);
            // A kernel without processors in its nodes, or an old copy, has no list.
            let cpus = fs::read_to_string(node.join("cpulist")).unwrap_or_default();
            nodes.push(NodeConfig { frames, cpus: processors(cpus.trim())? });
            let row = read(&node.join("distance"))?;
            let wrong = || bad("distance", row.trim().to_string(), "must be numbers below 256");
            let row: Result<Vec<u8>, VmError> =
                row.split_whitespace().map(|word| word.parse().map_err(|_| wrong())).collect();
            distances.push(row?);
        }
        let config = MemoryConfig { nodes, distances, ..MemoryConfig::default() };
        config.check()?;
        Ok(config)
    }
}

/// The line `Node 0 MemTotal: 24684096 kB` of a node's meminfo.
fn kilobytes(text: &str) -> Result<u64, VmError> {
    let line = text.lines().find_map(|line| line.split_once("MemTotal:"));
    let number = line.and_then(|(_, rest)| rest.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| bad("meminfo", String::new(), "must have a line MemTotal: number kB"))
}

/// A list such as `0-3,8`.
fn processors(text: &str) -> Result<Vec<u32>, VmError> {
    let wrong = || bad("cpulist", text.to_string(), "must be numbers and ranges below 65536, such as 0-3,8");
    let mut all = Vec::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| text.parse::<u16>().map_err(|_| wrong());
        all.extend(u32::from(number(first)?)..=u32::from(number(last)?));
    }
    Ok(all)
}
