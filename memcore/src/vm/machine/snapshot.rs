//! The whole machine as bytes, and back, bit by bit.
//!
//! ```text
//!   "memcore machine\n" | version u32 | length u64 | checksum u64 (xxh3) | the state, in postcard's encoding
//! ```
//!
//! A machine that was restored goes on as the one that was saved: the same faults, victims, addresses and
//! counts. Listeners are not saved, nor what lies outside: files are named, and the caller says what stands behind
//! them now. What is on the swap device is saved with it; restored, it is in memory.
//!
//! A snapshot may come from anywhere. So it is read in three steps, each of which may refuse it: the checksum (damage),
//! the decoder (which never takes more memory than a small multiple of the bytes it is given), and what must hold of any
//! machine: what follows a number into a table is checked here first, all else by
//! [`Machine::validate`].

use super::domain::Domain;
use super::groups::Group;
use super::merge::Merger;
use super::object::{Object, Source};
use super::page::{NONE, PageFlags, PageId, Pages};
use super::pool::Pool;
use super::process::Process;
use super::reclaim::{Recent, Told};
use super::swapping::Swapping;
use super::tables::TableStash;
use super::{Machine, TABLE};
use crate::replacement::Policy;
use crate::vm::backing::{Backing, SavedBacking};
use crate::vm::config::{MachineConfig, Sight};
use crate::vm::counters::{Counters, Cycles};
use crate::vm::error::VmError;
use crate::vm::event::EventSet;
use crate::vm::paging::{TableFrames, Tlbs, WalkCache};
use crate::vm::physical::Memory;
use crate::vm::space::{AreaKind, Commit};
use crate::vm::types::{Frame, ProcessId};
use serde::{Deserialize, Serialize};
use std_alloc::boxed::Box;
use std_alloc::collections::BTreeMap;
use std_alloc::string::{String, ToString};
use std_alloc::vec::Vec;
use xxhash_rust::xxh3::xxh3_64;

const MAGIC: &[u8; 16] = b"memcore machine\n";
const VERSION: u32 = 1;
const HEADER: usize = 36;
/// No count gets here, so that all can be added to.
const MOST: u64 = 1 << 62;

/// A file that was open, or mapped, when the machine was saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedInfo {
    /// Its length in bytes.
    pub length: u64,
    /// It could be written.
    pub is_writable: bool,
    /// The file itself, if it can be saved; of a file of the host, its path.
    pub backing: Option<SavedBacking>,
}

/// Says what stands behind a file, by its number, when a machine is restored; `None`: what was saved with it.
pub type Reopen<'a> = &'a mut dyn FnMut(u32, &SavedInfo) -> Option<Box<dyn Backing>>;

#[derive(Serialize, Deserialize)]
enum SavedSource {
    File(SavedInfo),
    Shared(u64),
}

#[derive(Serialize, Deserialize)]
struct SavedObject {
    source: SavedSource,
    is_writable: bool,
    is_open: bool,
    mapped: u64,
    pages: BTreeMap<u64, PageId>,
    left: BTreeMap<u64, u64>,
}

/// Declares the state once: to be written by reference, to be read by value.
macro_rules! state {
    ($($field:ident: $type:ty,)+) => {
        #[derive(Serialize)]
        struct StateRef<'a> {
            objects: Vec<Option<SavedObject>>,
            $($field: &'a $type,)+
        }

        #[derive(Deserialize)]
        struct State {
            objects: Vec<Option<SavedObject>>,
            $($field: $type,)+
        }

        impl Machine {
            fn state(&self) -> StateRef<'_> {
                let objects = self.objects.iter().map(|object| object.as_ref().map(saved_object)).collect();
                StateRef { objects, $($field: &self.$field,)+ }
            }

            /// The machine of a state, with these objects, not checked.
            fn of_state(state: State, objects: Vec<Option<Object>>) -> Machine {
                let paging = state.config.paging;
                let is_watched = state.config.replacement.sight != Sight::Bits;
                Machine {
                    page_size: paging.page_size(),
                    page_bits: paging.page_bits(),
                    objects,
                    caches: None,
                    held: [0; 2],
                    awaited: 0,
                    is_background: false,
                    told: Told::default(),
                    is_watched,
                    watched: EventSet::empty(),
                    listener: None,
                    scratch: Vec::new(),
                    $($field: state.$field,)+
                }
            }
        }
    };
}

state! {
    config: MachineConfig,
    memory: Memory,
    tlbs: Tlbs,
    walk_cache: WalkCache,
    pages: Pages,
    processes: Vec<Option<Box<Process>>>,
    domains: Vec<Domain>,
    groups: Vec<Group>,
    swapping: Swapping,
    commit: Commit,
    merger: Merger,
    huge_pool: Vec<Pool>,
    stash: TableStash,
    counters: Counters,
    time: Cycles,
    current: ProcessId,
    counters_then: Counters,
    time_then: Cycles,
    node_counters: Vec<Counters>,
    references: u64,
    written_back_at: u64,
    fresh: PageId,
    recent: Recent,
    stuck: u64,
    room_when_stuck: u64,
}

fn saved_object(object: &Object) -> SavedObject {
    let source = match &object.source {
        Source::File(backing) => SavedSource::File(SavedInfo {
            length: backing.len(),
            is_writable: backing.is_writable(),
            backing: backing.save(),
        }),
        Source::Shared(length) => SavedSource::Shared(*length),
    };
    let Object { is_writable, is_open, mapped, pages, left, .. } = object;
    SavedObject {
        source,
        is_writable: *is_writable,
        is_open: *is_open,
        mapped: *mapped,
        pages: pages.clone(),
        left: left.clone(),
    }
}

fn refuse(why: impl ToString) -> VmError {
    VmError::Snapshot { why: why.to_string() }
}

impl Machine {
    /// The machine as bytes, without its listener. O(everything).
    ///
    /// ```
    /// use memcore::vm::{Machine, MachineConfig, MapRequest, Protection};
    /// let mut machine = Machine::new(MachineConfig::preset("small").unwrap())?;
    /// let process = machine.spawn()?;
    /// let at = machine.mmap(process, &MapRequest::anonymous(4096, Protection::READ | Protection::WRITE))?;
    /// machine.write(process, at, b"hello").unwrap();
    ///
    /// let bytes = machine.save()?;
    /// let mut again = Machine::restore(&bytes, &mut |_, _| None)?;
    /// let mut hello = [0; 5];
    /// again.read(process, at, &mut hello).unwrap();
    /// assert_eq!(&hello, b"hello");
    /// assert!(Machine::restore(&bytes[..bytes.len() - 1], &mut |_, _| None).is_err());
    /// # Ok::<(), memcore::vm::VmError>(())
    /// ```
    ///
    /// # Errors
    /// [`VmError::Snapshot`]: a machine with caches, whose contents have no saved form.
    pub fn save(&self) -> Result<Vec<u8>, VmError> {
        if self.caches.is_some() {
            return Err(refuse("a machine with caches cannot be saved"));
        }
        let mut bytes = Vec::from([0; HEADER]);
        bytes = postcard::to_extend(&self.state(), bytes).map_err(refuse)?;
        let body = &bytes[HEADER..];
        let (length, checksum) = (body.len() as u64, xxh3_64(body));
        bytes[..16].copy_from_slice(MAGIC);
        bytes[16..20].copy_from_slice(&VERSION.to_le_bytes());
        bytes[20..28].copy_from_slice(&length.to_le_bytes());
        bytes[28..36].copy_from_slice(&checksum.to_le_bytes());
        Ok(bytes)
    }

    /// The machine that was saved. `open` is asked for each of its files, by number, and may say what stands behind it
    /// now. Where it says nothing, files in memory and files of zeros are as they were saved; a file of the host is not
    /// opened without being told, since a snapshot may name any path
    /// ([`SavedBacking::open`] of [`SavedInfo::backing`] does it).
    /// O(everything).
    ///
    /// # Errors
    /// [`VmError::Snapshot`]: not a snapshot, of another version, damaged, or of no machine that there can be; a file
    /// for which there is nothing.
    pub fn restore(bytes: &[u8], open: Reopen<'_>) -> Result<Machine, VmError> {
        let state: State = postcard::from_bytes(body(bytes)?).map_err(refuse)?;
        let mut state = state;
        let mut objects = Vec::new();
        for (number, saved) in core::mem::take(&mut state.objects).into_iter().enumerate() {
            objects.push(saved.map(|saved| reopen(number as u32, saved, open)).transpose()?);
        }
        let mut machine = Machine::of_state(state, objects);
        machine.check_numbers().map_err(refuse)?;
        machine.validate().map_err(refuse)?;
        for domain in &mut machine.domains {
            let pages = domain.policy.reserved();
            if pages > 0 {
                domain.policy.reserve(pages)?;
            }
        }
        Ok(machine)
    }

    /// [`save`](Self::save) to a file; an old one is replaced once the new one is whole.
    ///
    /// # Errors
    /// As there, and [`VmError::Io`].
    #[cfg(feature = "std")]
    pub fn save_to(&self, path: impl AsRef<std::path::Path>) -> Result<(), VmError> {
        let path = path.as_ref();
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let io =
            |error: std::io::Error| VmError::Io { why: std_alloc::format!("{}: {error}", path.display()) };
        let written = std::fs::write(&beside, self.save()?).and_then(|()| std::fs::rename(&beside, path));
        if written.is_err() {
            // What is left of it is nobody's.
            let _ = std::fs::remove_file(&beside);
        }
        written.map_err(io)
    }

    /// [`restore`](Self::restore) from a file.
    ///
    /// # Errors
    /// As there, and [`VmError::Io`].
    #[cfg(feature = "std")]
    pub fn restore_from(path: impl AsRef<std::path::Path>, open: Reopen<'_>) -> Result<Machine, VmError> {
        let path = path.as_ref();
        let io =
            |error: std::io::Error| VmError::Io { why: std_alloc::format!("{}: {error}", path.display()) };
        Machine::restore(&std::fs::read(path).map_err(io)?, open)
    }

    /// What must hold before anything follows a number into a table.
    fn check_numbers(&self) -> Result<(), &'static str> {
        self.config.paging.check().map_err(|_| "paging that there cannot be")?;
        self.memory.validate()?;
        self.pages.validate()?;
        let (frames, nodes) = (self.memory.frames(), self.memory.nodes());
        if self.memory.page_size() != self.page_size || self.node_counters.len() != nodes as usize {
            return Err("the memory is not that of the configuration");
        }
        if self.config.caches.is_some() {
            return Err("a machine with caches is never saved");
        }
        let none_first = self.objects.first().is_some_and(Option::is_none)
            && self.processes.first().is_some_and(Option::is_none)
            && !self.domains.is_empty()
            && !self.groups.is_empty();
        if !none_first || self.current.0 as usize >= self.processes.len() {
            return Err("a table of the machine does not begin as it does");
        }
        if self.groups.iter().any(|group| group.domain as usize >= self.domains.len()) {
            return Err("a group has a domain that does not exist");
        }
        if self.swapping.pages.len() as u64 != self.swapping.device.slots() {
            return Err("the swap device has not a page for each slot");
        }
        if self.swapping.pool.is_some() != self.config.compression.is_some() {
            return Err("the compressed pool is not that of the configuration");
        }
        if self.fresh != 0 && !self.pages.is_live(self.fresh) {
            return Err("the newest page does not exist");
        }
        if self.references >= MOST || self.recent.evicted >= MOST || self.recent.came_back >= MOST {
            return Err("a count is too large");
        }
        self.check_counts()?;
        for (_, page) in self.pages.iter() {
            let is_whole = page.order < 32
                && (!page.is_resident() || u64::from(page.frame) + page.weight() <= frames)
                && (page.domain as usize) < self.domains.len()
                && (!page.is_resident() || page.member != NONE || page.flags.contains(PageFlags::POOLED));
            let is_block = !page.is_resident()
                || page.flags.contains(PageFlags::POOLED)
                || self.memory.allocated_order(page.frame.into()) == Some(page.order.into());
            let has_slot = page.slot == NONE || (page.slot as usize) < self.swapping.pages.len();
            if !is_whole || !is_block || !has_slot {
                return Err("a page is no block of frames, or has a slot or a domain that does not exist");
            }
        }
        for process in self.processes.iter().flatten() {
            let policies = core::iter::once(&process.numa).chain(&process.area_policies);
            if policies.into_iter().any(|policy| self.check_policy(policy).is_err()) {
                return Err("a process has a NUMA policy that cannot be");
            }
        }
        let is_stable = |id| self.pages.is_live(id) && self.pages.get(id).flags.contains(PageFlags::MERGED);
        if !self.merger.stable().all(is_stable) {
            return Err("a merged page does not exist");
        }
        self.check_pools()?;
        self.domains.iter().enumerate().try_for_each(|(number, domain)| self.check_domain(number, domain))?;
        self.check_spaces()
    }

    fn check_counts(&self) -> Result<(), &'static str> {
        let of_processes = self.processes.iter().flatten().map(|process| (&process.counters, &process.time));
        let of_machine = [(&self.counters, &self.time), (&self.counters_then, &self.time_then)];
        let few = |counters: &Counters| counters.iter().all(|(_, number)| number < MOST);
        let short = |time: &Cycles| time.iter().all(|(_, number)| number < MOST);
        for (counters, time) in of_machine.into_iter().chain(of_processes) {
            if !few(counters) || !short(time) {
                return Err("a count is too large");
            }
        }
        let then = self.counters_then.iter().zip(self.counters.iter()).all(|(then, now)| then.1 <= now.1);
        let time = self.time_then.iter().zip(self.time.iter()).all(|(then, now)| then.1 <= now.1);
        if !then || !time {
            return Err("counts run backwards");
        }
        if !self.node_counters.iter().all(few) {
            return Err("a count is too large");
        }
        Ok(())
    }

    fn check_pools(&self) -> Result<(), &'static str> {
        let frames = self.memory.frames();
        for pool in &self.huge_pool {
            let can = pool.level < self.config.paging.levels() && self.config.paging.can_map_at(pool.level);
            let pages = self.config.paging.leaf_size(pool.level) / self.page_size;
            let is_sane = can && pool.level > 0 && pages.checked_ilog2() == Some(pool.order.into());
            let fits = |&frame: &Frame| frame.checked_add(pages).is_some_and(|end| end <= frames);
            let is_full = pool.total <= frames && pool.free.len() as u64 <= pool.total;
            if !is_sane || !is_full || !pool.free.iter().all(fits) {
                return Err("a pool of huge pages makes no sense");
            }
        }
        Ok(())
    }

    /// That a policy knows the pages of its domain and no others.
    fn check_domain(&self, number: usize, domain: &Domain) -> Result<(), &'static str> {
        domain.validate()?;
        if (domain.policy.reserved() as usize) < domain.pages.len() {
            return Err("a policy has not room for the pages of its domain");
        }
        for (member, &id) in domain.pages.iter().enumerate() {
            let is_its = id != 0 && self.pages.is_live(id) && {
                let page = self.pages.get(id);
                (page.domain as usize, page.member as usize) == (number, member)
            };
            if id != 0 && !is_its {
                return Err("a domain has a page that is not its own");
            }
        }
        // Of a number that stands for no page a policy must know nothing; a copy tells.
        let mut copy = domain.policy.clone();
        let vacant = |member: u32| domain.pages.get(member as usize).is_none_or(|&id| id == 0);
        if (0..domain.policy.reserved()).any(|member| vacant(member) && copy.remove(member, &mut ())) {
            return Err("a policy knows a page that does not exist");
        }
        Ok(())
    }

    /// Processes against all that their numbers lead to.
    fn check_spaces(&self) -> Result<(), &'static str> {
        let paging = self.config.paging.with_frames(self.memory.frames());
        let mut tables = Vec::new();
        for (number, process) in self.processes.iter().enumerate() {
            let Some(process) = process else { continue };
            process.areas.validate()?;
            process.table.validate()?;
            process.layout.validate()?;
            let is_known = process.id.0 as usize == number
                && (process.domain as usize) < self.domains.len()
                && (process.group as usize) < self.groups.len()
                && process.node < self.memory.nodes()
                && (-1000..=1000).contains(&process.oom_adjustment);
            if !is_known {
                return Err("a process belongs to what does not exist");
            }
            let is_of_paging = process.table.config().with_frames(self.memory.frames()) == paging
                && process.areas.page_size() == self.page_size
                && process.areas.high() <= paging.address_limit();
            if !is_of_paging {
                return Err("an address space is not of this machine's paging");
            }
            for area in process.areas.iter() {
                let object = match area.kind {
                    AreaKind::AnonymousPrivate => None,
                    AreaKind::File { file, .. } => Some((file, true)),
                    AreaKind::SharedAnonymous { object } => Some((object, false)),
                };
                let found = object.map(|(number, is_file)| {
                    let object = self.objects.get(number as usize).and_then(Option::as_ref);
                    object.is_some_and(|object| object.is_file() == is_file)
                });
                let has_policy =
                    area.policy.is_none_or(|policy| (policy as usize) < process.area_policies.len());
                let has_level = u32::from(area.huge_level) < paging.levels()
                    && (area.huge_level == 0
                        || self.huge_pool.iter().any(|pool| pool.level == area.huge_level.into()));
                if found == Some(false) || !has_policy || !has_level {
                    return Err("an area leads to what does not exist");
                }
            }
            let mut wrong = false;
            process.table.for_each(0, u64::MAX, |_, _, entry| {
                if let Some(id) = entry.swapped_page() {
                    wrong |= !self.pages.is_live(id)
                        || self.pages.get(id).is_resident() && self.pages.get(id).slot == NONE;
                } else if entry.is_present() && !entry.is_special() && entry.frame() < self.memory.frames() {
                    let id = self.memory.owner(entry.frame());
                    wrong |= !self.pages.is_live(id) || u64::from(self.pages.get(id).frame) != entry.frame();
                } else if entry.is_special() {
                    wrong |= entry.frame() != self.zero_frame() || entry.is_writable();
                }
            });
            if wrong {
                return Err("an entry stands for what is not there");
            }
            process.table.clone().free(&mut Collected(&mut tables));
        }
        tables.extend(&self.stash.ready);
        let count = tables.len();
        tables.sort_unstable();
        tables.dedup();
        let frames = self.memory.frames();
        let is_table = |&frame: &Frame| match self.stash.beyond {
            Some(beyond) => frame > frames && frame < beyond,
            None => {
                frame < frames
                    && self.memory.owner(frame) == TABLE
                    && self.memory.allocated_order(frame) == Some(0)
            }
        };
        if tables.len() != count
            || !tables.iter().all(is_table)
            || self.stash.beyond.is_some_and(|end| end >= MOST)
        {
            return Err("page tables lie in frames that are not theirs alone");
        }
        Ok(())
    }
}

/// Gathers the frames that a table gives back.
struct Collected<'a>(&'a mut Vec<Frame>);

impl TableFrames for Collected<'_> {
    fn take(&mut self) -> Option<Frame> {
        None
    }

    fn give(&mut self, frame: Frame) {
        self.0.push(frame);
    }
}

/// The state within a snapshot, if it is one and whole.
fn body(bytes: &[u8]) -> Result<&[u8], VmError> {
    let (head, body) = bytes.split_at_checked(HEADER).ok_or_else(|| refuse("it ends within its header"))?;
    let number =
        |at: usize| head[at..at + 8].iter().rev().fold(0u64, |number, &byte| number << 8 | u64::from(byte));
    if head[..16] != MAGIC[..] {
        return Err(refuse("it does not begin as one"));
    }
    let version = (number(16) & 0xffff_ffff) as u32;
    if version != VERSION {
        return Err(refuse(std_alloc::format!("it is of version {version}, and {VERSION} is known")));
    }
    if number(20) != body.len() as u64 {
        return Err(refuse(std_alloc::format!("{} bytes should be {}", body.len(), number(20))));
    }
    if number(28) != xxh3_64(body) {
        return Err(refuse("the checksum is wrong"));
    }
    Ok(body)
}

fn reopen(number: u32, saved: SavedObject, open: Reopen<'_>) -> Result<Object, VmError> {
    let SavedObject { source, is_writable, is_open, mapped, pages, left } = saved;
    let source = match source {
        SavedSource::Shared(length) => Source::Shared(length),
        SavedSource::File(info) => Source::File(match (open(number, &info), info.backing) {
            (Some(backing), _) => backing,
            (None, Some(SavedBacking::File { path, .. })) => {
                let why: String = std_alloc::format!("file {number} is {path}, which nobody opened");
                return Err(refuse(why));
            }
            (None, Some(backing)) => backing.open().map_err(refuse)?,
            (None, None) => return Err(refuse(std_alloc::format!("there is nothing for file {number}"))),
        }),
    };
    Ok(Object { source, is_writable, is_open, mapped, pages, left })
}
