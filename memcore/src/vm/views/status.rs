//! `/proc/PID/status`: one process in a few lines.

use crate::vm::machine::Machine;
use crate::vm::{ProcessId, VmError};
use core::fmt;

/// A process, its memory in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessStatus {
    /// Its number.
    pub process: ProcessId,
    /// Who forked it; 0: nobody.
    pub parent: ProcessId,
    /// All that is mapped.
    pub size: u64,
    /// In locked areas.
    pub locked: u64,
    /// Private pages in memory.
    pub rss_anonymous: u64,
    /// Pages of files in memory.
    pub rss_file: u64,
    /// Pages of shared memory in memory.
    pub rss_shared: u64,
    /// Page tables.
    pub tables: u64,
    /// Private pages in swap.
    pub swapped: u64,
    /// Charged as promised.
    pub committed: u64,
    /// Areas.
    pub areas: usize,
    /// Its group.
    pub group: u32,
    /// Its node.
    pub node: u32,
    /// What is added to its points when somebody must be killed, -1000 to 1000.
    pub oom_adjustment: i32,
}

impl ProcessStatus {
    /// Bytes in memory.
    pub fn rss(&self) -> u64 {
        self.rss_anonymous + self.rss_file + self.rss_shared
    }
}

/// The lines of Linux.
impl fmt::Display for ProcessStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Pid:\t{}\nPPid:\t{}", self.process, self.parent)?;
        for (name, bytes) in [
            ("VmSize", self.size),
            ("VmLck", self.locked),
            ("VmRSS", self.rss()),
            ("RssAnon", self.rss_anonymous),
            ("RssFile", self.rss_file),
            ("RssShmem", self.rss_shared),
            ("VmPTE", self.tables),
            ("VmSwap", self.swapped),
        ] {
            writeln!(f, "{name}:\t{:>8} kB", bytes >> 10)?;
        }
        Ok(())
    }
}

impl Machine {
    /// A process as `/proc/PID/status` shows it. O(1).
    ///
    /// ```
    /// use memcore::vm::{Machine, MachineConfig, MapRequest, Protection};
    /// let mut machine = Machine::new(MachineConfig::default())?;
    /// let process = machine.spawn()?;
    /// let before = machine.status(process)?;
    /// let at = machine.mmap(process, &MapRequest::anonymous(1 << 20, Protection::READ | Protection::WRITE))?;
    /// machine.write(process, at, b"x").unwrap();
    /// let status = machine.status(process)?;
    /// assert_eq!((status.size - before.size, status.rss() - before.rss()), (1 << 20, 4096));
    /// # Ok::<(), memcore::vm::VmError>(())
    /// ```
    ///
    /// # Errors
    /// ESRCH.
    pub fn status(&self, process: ProcessId) -> Result<ProcessStatus, VmError> {
        let (found, page_size) = (self.process(process)?, self.page_size);
        let bytes = |pages: u64| pages.saturating_mul(page_size);
        Ok(ProcessStatus {
            process,
            parent: found.parent,
            size: bytes(found.areas.total_pages()),
            locked: bytes(found.areas.locked_pages()),
            rss_anonymous: bytes(found.usage.rss_anonymous),
            rss_file: bytes(found.usage.rss_file),
            rss_shared: bytes(found.usage.rss_shared),
            tables: found.table.table_bytes(),
            swapped: bytes(found.usage.swapped),
            committed: bytes(found.areas.accounted_pages()),
            areas: found.areas.len(),
            group: found.group,
            node: found.node,
            oom_adjustment: found.oom_adjustment,
        })
    }
}
