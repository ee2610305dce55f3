//! Views of the machine as Linux' `/proc` gives them: as values to compute with, which show themselves as Linux
//! prints them.
//!
//! | view | of | here |
//! |---|---|---|
//! | `/proc/PID/maps`, `smaps` | areas | [`Machine::maps`](super::Machine::maps), [`smaps`](super::Machine::smaps) |
//! | `/proc/PID/status` | a process | [`Machine::status`](super::Machine::status) |
//! | `/proc/meminfo`, `vmstat` | the machine | [`Machine::meminfo`](super::Machine::meminfo), [`vmstat`](super::Machine::vmstat) |
//! | `/proc/buddyinfo`, numastat | nodes | [`Machine::buddyinfo`](super::Machine::buddyinfo), [`numastat`](super::Machine::numastat) |
//! | page tables | a process | [`Machine::page_table`](super::Machine::page_table), [`picture`](super::Machine::picture) |
//!
//! Nothing here changes the machine: no bit, no counter.

mod entries;
mod figures;
mod maps;
mod smaps;
mod status;
mod system;

pub use entries::{RowState, TableRow};
pub use maps::map_line;
pub use smaps::AreaMemory;
pub use status::ProcessStatus;
pub use system::{BuddyInfo, HugePool, MemInfo, NumaStat, vmstat_name};
