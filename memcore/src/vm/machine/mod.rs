//! The machine: processors' view of memory, the kernel's tables behind it, and the one path between them.
//!
//! ```text
//!   access(process, address)
//!        |  TLB hit                                  data: caches, memory        access.rs
//!        +----------------------------------------------> frame
//!        |  miss: page walk (walk cache, entries read)      ^
//!        +-- entry present and allowed ---------------------+
//!        |                                                  |
//!        +-- fault: area? protection? guard? -- signal      |                    fault.rs
//!                 |                                         |
//!                 +-- empty: zeros, a file's page           |                    missing.rs
//!                 +-- swapped: swap cache, pool, device     |                    swapping.rs
//!                 +-- write-protected: reuse or copy -------+                    missing.rs
//!                          |
//!                          +-- a frame: watermarks, reclaim, kill                frames.rs, reclaim.rs
//! ```
//!
//! Each file holds one part of `impl Machine`; the calls of a process (mmap to exit) have one file each. State is in
//! a few tables: pages ([`page`]), objects ([`object`]), processes ([`process`]) and domains of replacement
//! ([`domain`]). Numbers of the reference are Linux': Documentation/mm, the man pages, and sources of version 6.

mod access;
mod advise;
mod brk;
mod call;
mod domain;
mod fault;
mod files;
mod fork;
mod frames;
mod groups;
mod huge;
mod inspect;
mod lock;
mod map;
mod merge;
mod missing;
mod numa;
mod object;
mod oom;
pub(in crate::vm) mod page;
mod pool;
mod process;
mod protect;
mod reclaim;
mod remap;
mod settling;
mod snapshot;
mod swapping;
mod tables;
mod unmap;
mod validate;

pub use groups::GroupId;
pub use inspect::Translation;
pub use merge::MergeReport;
pub(in crate::vm) use object::{Object, Source};
pub(in crate::vm) use process::Process;
pub use process::Usage;
pub use snapshot::{Reopen, SavedInfo};

use super::config::{MachineConfig, Scope, Sight};
use super::counters::{Count, Counters, Cycles};
use super::error::VmError;
use super::event::{Event, EventSet, Listener};
use super::paging::{Entry, Tlbs, WalkCache};
use super::physical::Memory;
use super::space::Commit;
use super::types::{Frame, ProcessId};
use crate::cache::Hierarchy;
use crate::replacement::MAX_PAGES;
use domain::Domain;
use groups::Group;
use merge::Merger;
use page::{PageId, Pages};
use reclaim::Told;
use std_alloc::boxed::Box;
use std_alloc::vec;
use std_alloc::vec::Vec;
use swapping::Swapping;
use tables::TableStash;

/// The owner of a frame that holds a page table.
pub(in crate::vm) const TABLE: u32 = u32::MAX;
/// The owner of a frame of the pool of huge pages that nobody uses.
pub(in crate::vm) const POOL: u32 = u32::MAX - 1;

/// A machine with its processes: virtual memory as [Linux](super) has it.
///
/// ```
/// use memcore::vm::{Access, FaultKind, Machine, MachineConfig, MapRequest, Protection};
/// let mut machine = Machine::new(MachineConfig::default())?;
/// let process = machine.spawn()?;
/// let at = machine.mmap(process, &MapRequest::anonymous(8192, Protection::READ | Protection::WRITE))?;
/// machine.write(process, at + 4094, b"hello").unwrap();
///
/// let child = machine.fork(process)?;
/// machine.write(child, at + 4094, b"H").unwrap();
/// let mut bytes = [0; 5];
/// machine.read(process, at + 4094, &mut bytes).unwrap();
/// assert_eq!(&bytes, b"hello");
///
/// machine.mprotect(process, at, 4096, Protection::READ)?;
/// let fault = machine.write(process, at, b"x").unwrap_err();
/// assert_eq!((fault.kind, fault.address), (FaultKind::AccErr, at));
/// machine.exit(process)?;
/// assert_eq!(machine.read(process, at, &mut bytes).unwrap_err().kind, FaultKind::NoProcess);
/// # Ok::<(), memcore::vm::VmError>(())
/// ```
pub struct Machine {
    pub(in crate::vm) config: MachineConfig,
    pub(in crate::vm) page_size: u64,
    pub(in crate::vm) page_bits: u32,
    pub(in crate::vm) memory: Memory,
    pub(in crate::vm) tlbs: Tlbs,
    pub(in crate::vm) walk_cache: WalkCache,
    pub(in crate::vm) caches: Option<Hierarchy>,
    pub(in crate::vm) pages: Pages,
    pub(in crate::vm) objects: Vec<Option<Object>>,
    /// By number; 0 is nobody.
    pub(in crate::vm) processes: Vec<Option<Box<Process>>>,
    pub(in crate::vm) domains: Vec<Domain>,
    pub(in crate::vm) groups: Vec<Group>,
    pub(in crate::vm) swapping: Swapping,
    pub(in crate::vm) commit: Commit,
    pub(in crate::vm) merger: Merger,
    pub(in crate::vm) huge_pool: Vec<pool::Pool>,
    pub(in crate::vm) stash: TableStash,
    pub(in crate::vm) counters: Counters,
    pub(in crate::vm) time: Cycles,
    /// Who runs, and what the counters were when it began.
    pub(in crate::vm) current: ProcessId,
    pub(in crate::vm) counters_then: Counters,
    pub(in crate::vm) time_then: Cycles,
    pub(in crate::vm) node_counters: Vec<Counters>,
    /// References so far, where the policy samples them.
    pub(in crate::vm) references: u64,
    /// Accesses when dirty pages were last written back in the background.
    pub(in crate::vm) written_back_at: u64,
    /// Pages that must stay, while a fault uses them.
    pub(in crate::vm) held: [PageId; 2],
    /// The page that the last fault brought in: its policy knows of that reference.
    pub(in crate::vm) fresh: PageId,
    /// A page on its way to a frame, whose record stays meanwhile.
    pub(in crate::vm) awaited: PageId,
    /// The background reclaimer runs.
    pub(in crate::vm) is_background: bool,
    pub(in crate::vm) recent: reclaim::Recent,
    /// Pages that could not leave, and free slots of swap when they were last tried.
    pub(in crate::vm) stuck: u64,
    pub(in crate::vm) room_when_stuck: u64,
    pub(in crate::vm) told: Told,
    /// Each access has more to do than to translate: tell a policy or a listener.
    pub(in crate::vm) is_watched: bool,
    pub(in crate::vm) watched: EventSet,
    pub(in crate::vm) listener: Option<Listener>,
    pub(in crate::vm) scratch: Vec<(u64, Entry)>,
}

impl Machine {
    /// A machine without processes. O(frames), a few bytes each.
    ///
    /// # Errors
    /// [`VmError::Config`], [`VmError::Policy`], [`VmError::Cache`], [`VmError::NoMemory`] for the host's own.
    pub fn new(config: MachineConfig) -> Result<Machine, VmError> {
        let page_size = config.paging.page_size();
        let facts = config.replacement.policy.facts();
        let refuse = |value: &dyn core::fmt::Display, key, rule| VmError::Config {
            key,
            value: std_alloc::string::ToString::to_string(value),
            rule,
        };
        if facts.needs_future {
            let rule = "needs the references to come, which a machine does not know";
            return Err(refuse(&config.replacement.policy, "replacement.policy", rule));
        }
        if facts.varies_allocation && config.replacement.sight != Sight::Every {
            let rule = "varies its allocation by each reference: replacement.sight must be every";
            return Err(refuse(&config.replacement.policy, "replacement.policy", rule));
        }
        if config.replacement.sight == Sight::Sampled(0) {
            return Err(refuse(&0, "replacement.sight.sampled", "must be at least 1"));
        }
        if config.replacement.batch == 0 {
            return Err(refuse(&0, "replacement.batch", "must be at least 1"));
        }
        let mut memory = Memory::new(&config.memory, page_size)?;
        let frames = memory.frames();
        let huge_pool = pool::Pool::fill(&config, &mut memory)?;
        let global = Domain::new(&config.replacement.policy, policy_frames(frames), None)?;
        let caches = config.caches.clone().map(Hierarchy::new).transpose()?;
        let stash =
            TableStash { ready: Vec::new(), beyond: (!config.tables_take_frames).then_some(frames + 1) };
        let is_watched = config.replacement.sight != Sight::Bits;
        Ok(Machine {
            page_size,
            page_bits: config.paging.page_bits(),
            tlbs: Tlbs::for_paging(&config.tlbs, config.asids, &config.paging)?,
            walk_cache: WalkCache::new(&config.walk_cache, config.asids, &config.paging)?,
            caches,
            pages: Pages::default(),
            objects: vec![None],
            processes: vec![None],
            domains: vec![global],
            groups: vec![Group::default()],
            swapping: Swapping::new(&config, &memory)?,
            commit: Commit::default(),
            merger: Merger::default(),
            huge_pool,
            stash,
            counters: Counters::default(),
            time: Cycles::default(),
            current: ProcessId(0),
            counters_then: Counters::default(),
            time_then: Cycles::default(),
            node_counters: vec![Counters::default(); memory.nodes() as usize],
            references: 0,
            written_back_at: 0,
            held: [0; 2],
            fresh: 0,
            awaited: 0,
            is_background: false,
            recent: reclaim::Recent::default(),
            stuck: 0,
            room_when_stuck: u64::MAX,
            told: Told::default(),
            is_watched,
            watched: EventSet::empty(),
            listener: None,
            scratch: Vec::new(),
            memory,
            config,
        })
    }

    /// What was chosen.
    pub fn config(&self) -> &MachineConfig {
        &self.config
    }

    /// Tells a listener of events of these kinds from now on, in place of an earlier listener; `None` tells nobody.
    ///
    /// ```
    /// use memcore::vm::{Event, EventSet, Machine, MachineConfig, MapRequest, Protection};
    /// use std::sync::{Arc, Mutex};
    /// let mut machine = Machine::new(MachineConfig::default())?;
    /// let process = machine.spawn()?;
    /// let heard = Arc::new(Mutex::new(Vec::new()));
    /// let log = heard.clone();
    /// machine.listen(EventSet::FAULT, Some(Box::new(move |event| log.lock().unwrap().push(event.name()))));
    /// let at = machine.mmap(process, &MapRequest::anonymous(4096, Protection::WRITE))?;
    /// machine.write(process, at, b"x").unwrap();
    /// assert_eq!(*heard.lock().unwrap(), ["fault"]);
    /// # Ok::<(), memcore::vm::VmError>(())
    /// ```
    pub fn listen(&mut self, events: EventSet, listener: Option<Listener>) {
        self.watched = if listener.is_some() { events } else { EventSet::empty() };
        self.listener = listener;
        let of_each_access = EventSet::ACCESS | EventSet::TLB | EventSet::WALK;
        self.is_watched =
            self.config.replacement.sight != Sight::Bits || self.watched.intersects(of_each_access);
    }

    #[inline]
    pub(in crate::vm) fn tell(&mut self, event: Event) {
        if self.watched.intersects(event.kind()) {
            if let Some(listener) = &mut self.listener {
                listener(&event);
            }
        }
    }

    #[inline]
    pub(in crate::vm) fn count(&mut self, what: Count) {
        self.counters[what] += 1;
    }

    /// The number that stands for the frame of zeros, which belongs to no node.
    pub(in crate::vm) fn zero_frame(&self) -> Frame {
        self.memory.frames()
    }

    pub(in crate::vm) fn process(&self, id: ProcessId) -> Result<&Process, VmError> {
        let found = self.processes.get(id.0 as usize).and_then(Option::as_deref);
        found.ok_or(VmError::NoProcess { process: id })
    }

    pub(in crate::vm) fn process_mut(&mut self, id: ProcessId) -> Result<&mut Process, VmError> {
        let found = self.processes.get_mut(id.0 as usize).and_then(Option::as_deref_mut);
        found.ok_or(VmError::NoProcess { process: id })
    }

    /// The process with this number, which the caller knows to live.
    #[inline]
    pub(in crate::vm) fn living(&mut self, id: ProcessId) -> &mut Process {
        self.processes[id.0 as usize].as_deref_mut().expect("the caller has looked")
    }

    pub(in crate::vm) fn object(&mut self, number: u32) -> &mut Object {
        self.objects[number as usize].as_mut().expect("what is mapped keeps its object")
    }

    /// Makes a process the one that runs: what is counted from now on is its own.
    #[inline]
    pub(in crate::vm) fn switch_to(&mut self, process: ProcessId) {
        if self.current != process {
            self.switch(process);
        }
    }

    #[cold]
    fn switch(&mut self, process: ProcessId) {
        self.settle_counters();
        self.tlbs.switch(process.0);
        self.walk_cache.switch(process.0);
        self.current = process;
    }

    /// Adds what was counted since the last switch to whom it belongs to.
    pub(in crate::vm) fn settle_counters(&mut self) {
        let (counters, time) = (self.counters.clone(), self.time.clone());
        let (counters_then, time_then) = (self.counters_then.clone(), self.time_then.clone());
        if let Ok(process) = self.process_mut(self.current) {
            process.counters.add_difference(&counters, &counters_then);
            process.time.add_difference(&time, &time_then);
        }
        self.counters_then = counters;
        self.time_then = time;
    }

    /// Drops all that TLBs and walk cache hold of a process.
    pub(in crate::vm) fn drop_translations(&mut self, space: u32) {
        let dropped = self.tlbs.invalidate_space(space);
        self.walk_cache.invalidate_space(space);
        self.counters[Count::TlbFlush] += dropped;
    }
}

/// How many frames a policy is told of.
pub(in crate::vm) fn policy_frames(frames: u64) -> u32 {
    frames.clamp(1, MAX_PAGES.into()) as u32
}

impl core::fmt::Debug for Machine {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Machine")
            .field("paging", &self.config.paging)
            .field("frames", &self.memory.frames())
            .field("processes", &self.processes.iter().flatten().count())
            .finish_non_exhaustive()
    }
}

impl Scope {
    /// The most frames of a process, where each has its own.
    pub(in crate::vm) fn of_process(self) -> Option<u32> {
        match self {
            Scope::Global => None,
            Scope::Process(frames) => Some(frames),
        }
    }
}
