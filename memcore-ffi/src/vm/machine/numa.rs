//! On which nodes pages are placed.

use memcore::vm::{NumaPolicy, ProcessId};

use super::{handle::memcore_machine, invalid, owned};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{array, object, out},
};

/// How pages are placed on nodes, with the numbers of Linux.
#[repr(i32)]
pub enum memcore_numa_kind {
    /// On the node of the processor that touches the page first, else by distance from it.
    Default = 0,
    /// On one node, else by distance from it.
    Preferred = 1,
    /// On these nodes alone.
    Bind = 2,
    /// Page by page over these nodes.
    Interleave = 3,
    /// Likewise, each node as many pages in turn as its weight says.
    WeightedInterleave = 6,
}

/// Where pages are placed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_numa_policy {
    /// A `memcore_numa_kind`.
    pub kind: i32,
    /// The nodes: none for DEFAULT, one for PREFERRED. May be null when `count` is 0.
    pub nodes: *const u32,
    /// With WEIGHTED_INTERLEAVE, a weight for each node, at least 1; else ignored.
    pub weights: *const u32,
    /// How many nodes.
    pub count: usize,
}

/// # Safety
/// The arrays of the policy are as the header asks.
unsafe fn policy(policy: &memcore_numa_policy) -> Result<NumaPolicy, Failure> {
    const DEFAULT: i32 = memcore_numa_kind::Default as i32;
    const PREFERRED: i32 = memcore_numa_kind::Preferred as i32;
    const BIND: i32 = memcore_numa_kind::Bind as i32;
    const INTERLEAVE: i32 = memcore_numa_kind::Interleave as i32;
    const WEIGHTED: i32 = memcore_numa_kind::WeightedInterleave as i32;
    // SAFETY: the caller's promise.
    let nodes = unsafe { array(policy.nodes, policy.count) }?;
    Ok(match (policy.kind, nodes) {
        (DEFAULT, []) => NumaPolicy::Default,
        (PREFERRED, &[node]) => NumaPolicy::Preferred(node),
        (BIND, nodes) => NumaPolicy::Bind(owned(nodes.iter().copied())?),
        (INTERLEAVE, nodes) => NumaPolicy::Interleave(owned(nodes.iter().copied())?),
        (WEIGHTED, nodes) => {
            // SAFETY: the caller's promise.
            let weights = unsafe { array(policy.weights, policy.count) }?;
            NumaPolicy::WeightedInterleave(owned(nodes.iter().copied().zip(weights.iter().copied()))?)
        }
        (DEFAULT | PREFERRED, nodes) => {
            return Err(invalid("nodes", nodes.len() as u64, "must be none by default, and one preferred"));
        }
        (kind, _) => return Err(invalid("kind", kind as u32 as u64, "is unknown")),
    })
}

/// Says where pages of a process are placed from now on, unless their area says otherwise.
///
/// \param machine the handle.
/// \param process the process.
/// \param policy where.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff the kind is none, the
/// nodes are too few or too many for it, a node does not exist, or a weight is 0; `MEMCORE_STATUS_INVALID_ARGUMENT` iff
/// `count` is more than memory holds; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(nodes).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_set_policy(
    machine: *mut memcore_machine,
    process: u32,
    policy: *const memcore_numa_policy,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, policy) =
            unsafe { (memcore_machine::using(machine)?, self::policy(object(policy)?)?) };
        machine.set_policy(ProcessId(process), policy)?;
        Ok::<_, Failure>(())
    })
}

/// Says where pages of a range are placed from now on. Pages in memory stay.
///
/// \param machine the handle.
/// \param process the process.
/// \param start the first address, at the boundary of a page.
/// \param length bytes; rounded up to whole pages.
/// \param policy where; null: as the process says.
/// \return as `memcore_machine_set_policy`; `MEMCORE_STATUS_VM_INVALID` also iff `start` is no multiple of the page
/// size; `MEMCORE_STATUS_VM_BAD_ADDRESS` iff part of the range is not mapped; `MEMCORE_STATUS_VM_NO_MEMORY` for the
/// number of areas.
///
/// O(log areas + areas in the range).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_mbind(
    machine: *mut memcore_machine,
    process: u32,
    start: u64,
    length: u64,
    policy: *const memcore_numa_policy,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let mut machine = unsafe { memcore_machine::using(machine) }?;
        // SAFETY: as the header asks.
        let policy = unsafe { policy.as_ref().map(|given| self::policy(given)) }.transpose()?;
        machine.mbind(ProcessId(process), start, length, policy)?;
        Ok::<_, Failure>(())
    })
}

/// Moves a process to a processor of another node.
///
/// \param machine the handle.
/// \param process the process.
/// \param node the node.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff there is no such node;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_set_node(
    machine: *mut memcore_machine,
    process: u32,
    node: u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_machine::using(machine) }?.set_node(ProcessId(process), node)?;
        Ok::<_, Failure>(())
    })
}

/// Lets the pages of a range ask at their next touch where they should be, and move there.
///
/// \param machine the handle.
/// \param process the process.
/// \param start the first address, at the boundary of a page.
/// \param length bytes; rounded up to whole pages.
/// \param pages where the number of pages is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff `start` is no multiple
/// of the page size; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(log areas + entries in the range).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_mark_next_touch(
    machine: *mut memcore_machine,
    process: u32,
    start: u64,
    length: u64,
    pages: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, pages) = unsafe { (memcore_machine::using(machine)?, out(pages)?) };
        pages.write(machine.mark_next_touch(ProcessId(process), start, length)?);
        Ok::<_, Failure>(())
    })
}
