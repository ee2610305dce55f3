//! Memory groups: processes that together may have so many pages in memory.
//!
//! A group with a limit has a replacement policy of its own: at the limit, its own pages leave, whatever there is
//! free beside. If none can, one of its processes is killed. A page belongs to the group of the process that first
//! touched it. Source: Linux, Documentation/admin-guide/cgroup-v2.rst, memory.max.

use super::Machine;
use super::domain::Domain;
use crate::vm::config::Scope;
use crate::vm::error::VmError;
use crate::vm::types::ProcessId;
use serde::{Deserialize, Serialize};

/// A group, by its number; 0 is that of all processes which joined none.
pub type GroupId = u32;

/// A group.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::vm) struct Group {
    pub limit: Option<u64>,
    pub domain: u32,
}

impl Machine {
    /// A new group that may have so many pages in memory; `None`: no limit. O(1).
    ///
    /// # Errors
    /// EINVAL: a limit of 0; a limit where each process has a policy of its own ([`Scope::Process`]).
    pub fn create_group(&mut self, limit: Option<u64>) -> Result<GroupId, VmError> {
        self.check_limit(limit)?;
        let spec = &self.config.replacement.policy;
        let frames = super::policy_frames(limit.unwrap_or(self.memory.frames()));
        let domain = Domain::new(spec, frames, limit)?;
        let domain = self.add_domain(domain);
        self.groups.push(Group { limit, domain });
        Ok(self.groups.len() as GroupId - 1)
    }

    fn check_limit(&self, limit: Option<u64>) -> Result<(), VmError> {
        if limit == Some(0) {
            return Err(VmError::invalid("limit", 0, "must be at least 1 page"));
        }
        if matches!(self.config.replacement.scope, Scope::Process(_)) {
            let rule = "groups need replacement.scope to be global";
            return Err(VmError::invalid("limit", limit.unwrap_or(0), rule));
        }
        Ok(())
    }

    fn check_group(&self, group: GroupId) -> Result<(), VmError> {
        if group as usize >= self.groups.len() {
            return Err(VmError::invalid("group", group.into(), "does not exist"));
        }
        Ok(())
    }

    /// A process joins a group; what it has in memory stays with the group it had. O(1).
    ///
    /// # Errors
    /// ESRCH; EINVAL: no such group.
    pub fn join(&mut self, process: ProcessId, group: GroupId) -> Result<(), VmError> {
        self.process(process)?;
        self.check_group(group)?;
        let domain = self.groups[group as usize].domain;
        let is_global = self.config.replacement.scope.of_process().is_none();
        let found = self.living(process);
        found.group = group;
        if is_global {
            found.domain = domain;
        }
        Ok(())
    }

    /// Changes the limit of a group; pages above it leave at once. O(pages of the group).
    ///
    /// # Errors
    /// EINVAL: no such group, a limit of 0, group 0. ENOMEM: not so many pages can leave; the limit is set.
    pub fn set_limit(&mut self, group: GroupId, limit: Option<u64>) -> Result<(), VmError> {
        self.check_group(group)?;
        self.check_limit(limit)?;
        if group == 0 {
            return Err(VmError::invalid("group", 0, "has no limit but the machine's"));
        }
        let domain = self.groups[group as usize].domain;
        // The policy for the old limit chooses who leaves.
        while limit.is_some_and(|limit| self.domains[domain as usize].resident > limit) {
            if self.evict_from(domain, &[]) == 0 {
                break;
            }
        }
        let is_above = limit.is_some_and(|limit| self.domains[domain as usize].resident > limit);
        self.rebuild_domain(domain, limit)?;
        self.groups[group as usize].limit = limit;
        if is_above {
            return Err(super::frames::NoFrame.into());
        }
        Ok(())
    }

    /// Pages that a group has in memory, and its limit. O(1).
    ///
    /// # Errors
    /// EINVAL: no such group.
    pub fn group_usage(&self, group: GroupId) -> Result<(u64, Option<u64>), VmError> {
        self.check_group(group)?;
        let group = &self.groups[group as usize];
        Ok((self.domains[group.domain as usize].resident, group.limit))
    }
}
