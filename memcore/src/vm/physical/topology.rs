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
    /// The nodes of the machine that this runs on, with their memory in frames of 4 KiB, their processors and their
    /// distances. Contents and watermarks are as by [default](MemoryConfig::default).
    ///
    /// ```no_run
    /// let memory = memcore::vm::MemoryConfig::of_host()?;
    /// println!("{} nodes", memory.nodes.len());
    /// # Ok::<(), memcore::vm::VmError>(())
    /// ```
    ///
    /// # Errors
    /// [`VmError::Io`] where this cannot be read, as on any system that is not Linux; [`VmError::Config`] where it
    /// makes no sense.
    pub fn of_host() -> Result<MemoryConfig, VmError> {
        MemoryConfig::of_directory(Path::new(NODES), 4096)
    }

    /// The same from a directory of this form, such as one that was copied from another machine, with frames of
    /// `page_size` bytes.
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use std::vec;

    /// A directory of this test alone, with these files in it.
    fn directory(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let root = std::env::temp_dir().join(format!("memcore-{name}-{}", std::process::id()));
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn the_files_of_linux_are_read() {
        let memory = "\nNode 2 MemTotal:       1000 kB\nNode 2 MemFree:         12 kB\n";
        let files = [
            ("node0/meminfo", "Node 0 MemTotal:       24684096 kB\nNode 0 MemFree: 20087804 kB\n"),
            ("node0/distance", "10 21 31\n"),
            ("node0/cpulist", "0-3,8\n"),
            // A number is left out, and one has two digits.
            ("node2/meminfo", memory),
            ("node2/distance", "21 10 32\n"),
            ("node2/cpulist", "\n"),
            ("node10/meminfo", "Node 10 MemTotal: 0 kB\n"),
            ("node10/distance", "31 32 10\n"),
            ("node10/cpulist", "4-7\n"),
            ("online", "0,2,10\n"),
            ("nodes_of_another_kind/meminfo", "nothing"),
        ];
        let root = directory("topology", &files);
        let config = MemoryConfig::of_directory(&root, 4096).unwrap();
        assert_eq!(config.nodes[0], NodeConfig { frames: 6_171_024, cpus: vec![0, 1, 2, 3, 8] });
        assert_eq!(config.nodes[1], NodeConfig::new(250));
        assert_eq!(config.nodes[2], NodeConfig { frames: 0, cpus: vec![4, 5, 6, 7] });
        assert_eq!(config.distances, [[10, 21, 31], [21, 10, 32], [31, 32, 10]]);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn what_makes_no_sense_is_an_error() {
        let good =
            [("node0/meminfo", "Node 0 MemTotal: 4096 kB"), ("node0/distance", "10"), ("node0/cpulist", "0")];
        let wrong =
            [("meminfo", "nothing"), ("distance", "ten"), ("distance", "10 20"), ("cpulist", "0-70000")];
        for (index, (file, text)) in wrong.iter().enumerate() {
            let root = directory(&format!("topology-{index}"), &good);
            assert_eq!(MemoryConfig::of_directory(&root, 4096).unwrap().nodes[0].frames, 1024);
            fs::write(root.join("node0").join(file), text).unwrap();
            let error = MemoryConfig::of_directory(&root, 4096).unwrap_err();
            assert!(matches!(error, VmError::Config { .. }), "{file} of {text}: {error}");
            fs::remove_dir_all(root).unwrap();
        }
        let missing = MemoryConfig::of_directory(Path::new("/nowhere/at/all"), 4096);
        assert!(matches!(missing, Err(VmError::Io { .. })));
    }
}
