//! The reference model: the rules of the reference written down page by page, on plain maps, in no hurry.
//!
//! ```text
//!   Process   pages:    page -> Attributes    what was asked for (an area is a run of equal ones)
//!             entries:  page -> Entry         what is there: zero page, own bytes, a page of an object, a guard
//!   Object    pages:    number -> bytes       a file, or shared anonymous memory
//! ```
//!
//! Private contents are copied at fork, then and there, so that no mistake about sharing can touch a byte; who shares
//! with whom is kept apart from them, as a *token* that counts its holders, and decides only how a fault is counted.
//! There is always memory: nothing is ever evicted.

mod access;
mod advice;
mod areas;
mod calls;

use crate::world::*;
use std::collections::BTreeMap;

/// In what worlds differ without either being wrong.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Pages of a window within which a read fault on an object maps what is in memory.
    pub around: u64,
    /// Shared pages are mapped such that the first write faults, although the area allows it (as on a disk's file
    /// system, to find out what is dirty); else not (as in shared memory).
    pub watch_writes: bool,
    /// A child is given no entries of areas in which the parent has nothing of its own, for they can be had again.
    /// This says whether an area counts that once had.
    pub remembers_writes: bool,
    pub place: Place,
    pub commit: Commit,
    /// Where the heap begins.
    pub heap: u64,
}

/// Where a range goes that nobody placed.
#[derive(Clone, Debug)]
pub enum Place {
    /// Out of the arena, and away: [`ELSEWHERE`].
    Elsewhere,
    /// To the highest hole between these.
    TopDown { low: u64, high: u64 },
}

/// Whether more may be promised than there is, in pages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Commit {
    Always,
    /// All requests together stay below the limit.
    Never {
        limit: u64,
    },
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            around: 16,
            watch_writes: false,
            remembers_writes: true,
            place: Place::Elsewhere,
            commit: Commit::Always,
            heap: at(PAGES / 2),
        }
    }
}

/// What was asked for a page. Pages side by side with equal ones are one area.
#[derive(Clone, Debug, PartialEq)]
struct Attributes {
    protection: u32,
    /// The object, and the number of the page in it. Private anonymous memory has the number of the page where it
    /// was first written.
    object: Option<usize>,
    number: u64,
    shared: bool,
    read_only_file: bool,
    noreserve: bool,
    /// Commit is charged.
    charged: bool,
    locked: bool,
    on_fault: bool,
    dont_fork: bool,
    wipe_on_fork: bool,
    mergeable: bool,
    /// [`HUGEPAGE`], [`NOHUGEPAGE`] or 0.
    huge: i32,
    /// 0, or the advice on the order of references.
    order: i32,
    /// Something private was, or a guard is, in the area. It does not keep areas apart.
    private: bool,
    heap: bool,
}

/// What is there.
#[derive(Clone, Debug)]
enum Entry {
    /// The shared page of zeros.
    Zero,
    /// A page of its own. `exclusive`: known to be nobody else's, so that a write needs no fault.
    Own {
        token: u64,
        exclusive: bool,
        bytes: Vec<u8>,
    },
    /// The object's page. `written`: through this entry.
    Object {
        written: bool,
    },
    Guard,
}

#[derive(Clone, Debug, Default)]
struct Process {
    pages: BTreeMap<u64, Attributes>,
    entries: BTreeMap<u64, Entry>,
    /// A child of a child, or of a process with locks. On Linux areas of a child may stay apart that look alike,
    /// since what they inherited is not the same, or since locks kept the parent's apart. So what is mapped around a
    /// page, and what its own child is given, is not sure.
    vague: bool,
    child: bool,
    /// Bytes of the heap.
    heap: u64,
    gone: bool,
}

/// A file, or shared anonymous memory.
#[derive(Clone, Debug)]
struct Object {
    /// The pages in memory.
    pages: BTreeMap<u64, Vec<u8>>,
    length: u64,
    file: bool,
    writable: bool,
    /// Pages charged, for shared anonymous memory.
    charged: u64,
}

/// How often things happened, where the model says so.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    pub faults: u64,
    pub cow: u64,
    pub reuse: u64,
    pub zero_map: u64,
}

/// The model: a [`World`].
#[derive(Clone, Debug)]
pub struct Model {
    rules: Rules,
    processes: Vec<Process>,
    objects: Vec<Object>,
    /// How many entries hold each token.
    tokens: BTreeMap<u64, u64>,
    next_token: u64,
    pub counts: Counts,
}

const ZEROS: [u8; PAGE as usize] = [0; PAGE as usize];

fn up(length: u64) -> Option<u64> {
    length.checked_add(PAGE - 1).map(|sum| sum / PAGE * PAGE)
}

impl Model {
    pub fn new(rules: Rules) -> Model {
        let file = |file: u32, length: u64| {
            let page = |number: u64| {
                let byte = |i| if number * PAGE + i < length { content(file, number * PAGE + i) } else { 0 };
                (number, (0..PAGE).map(byte).collect())
            };
            let pages = (0..length.div_ceil(PAGE)).map(page).collect();
            Object { pages, length, file: true, writable: file == 0, charged: 0 }
        };
        Model {
            rules,
            processes: vec![Process::default()],
            objects: vec![file(0, FILES[0]), file(1, FILES[1])],
            tokens: BTreeMap::new(),
            next_token: 0,
            counts: Counts::default(),
        }
    }

    pub fn alive(&self) -> Vec<usize> {
        (0..self.processes.len()).filter(|&who| !self.processes[who].gone).collect()
    }

    /// The byte at an address, if it can be read without a fault.
    pub fn peek(&self, who: usize, address: u64) -> Option<u8> {
        let process = &self.processes[who];
        let page = address / PAGE;
        let attributes = process.pages.get(&page)?;
        let bytes = match process.entries.get(&page)? {
            Entry::Zero => &ZEROS[..],
            Entry::Own { bytes, .. } => bytes,
            Entry::Object { .. } => self.objects[attributes.object?].pages.get(&attributes.number)?,
            Entry::Guard => return None,
        };
        Some(bytes[(address % PAGE) as usize])
    }

    fn token(&mut self) -> u64 {
        self.next_token += 1;
        self.tokens.insert(self.next_token, 1);
        self.next_token
    }

    fn own(&mut self, bytes: Vec<u8>) -> Entry {
        Entry::Own { token: self.token(), exclusive: true, bytes }
    }

    fn set_entry(&mut self, who: usize, page: u64, entry: Entry) {
        self.drop_entry(who, page);
        self.processes[who].entries.insert(page, entry);
    }

    fn drop_entry(&mut self, who: usize, page: u64) {
        if let Some(Entry::Own { token, .. }) = self.processes[who].entries.remove(&page) {
            *self.tokens.get_mut(&token).unwrap() -= 1;
        }
    }

    /// Takes the first `length` bytes for the file's.
    fn truncate(&mut self, file: usize, length: u64) {
        let object = &mut self.objects[file];
        object.length = length;
        object.pages.retain(|&number, _| number * PAGE < length);
        if let Some(last) = object.pages.get_mut(&(length / PAGE)) {
            last[(length % PAGE) as usize..].fill(0);
        }
        for who in 0..self.processes.len() {
            let process = &self.processes[who];
            let beyond = |attributes: &Attributes| {
                attributes.object == Some(file) && attributes.number >= length.div_ceil(PAGE)
            };
            let guard = |page: &u64| matches!(process.entries.get(page), Some(Entry::Guard));
            let pages: Vec<u64> = process
                .pages
                .iter()
                .filter(|(page, attributes)| beyond(attributes) && !guard(page))
                .map(|(&page, _)| page)
                .collect();
            for page in pages {
                self.drop_entry(who, page);
            }
        }
    }

    fn fork(&mut self, who: usize) -> Result<u64, i32> {
        let parent = self.processes[who].clone();
        let handed_down = |attributes: &Attributes| attributes.charged && !attributes.dont_fork;
        self.may_commit(parent.pages.values().filter(|a| handed_down(a)).count() as u64)?;
        let private_pages = self.private_pages(who);
        let locks = parent.pages.values().any(|attributes| attributes.locked);
        let vague = self.rules.remembers_writes && (parent.child || locks);
        let mut child = Process { heap: parent.heap, vague, child: true, ..Process::default() };
        for (&page, attributes) in &parent.pages {
            if attributes.dont_fork {
                continue;
            }
            let private = attributes.private && !attributes.wipe_on_fork;
            child
                .pages
                .insert(page, Attributes { locked: false, on_fault: false, private, ..attributes.clone() });
            if attributes.wipe_on_fork || !private_pages.contains(&page) {
                continue;
            }
            let Some(entry) = self.processes[who].entries.get_mut(&page) else { continue };
            if let Entry::Own { token, exclusive, .. } = entry {
                *exclusive = false;
                *self.tokens.get_mut(token).unwrap() += 1;
            }
            child.entries.insert(page, entry.clone());
        }
        self.processes.push(child);
        Ok(self.processes.len() as u64 - 1)
    }

    fn exit(&mut self, who: usize) {
        let pages: Vec<u64> = self.processes[who].entries.keys().copied().collect();
        for page in pages {
            self.drop_entry(who, page);
        }
        self.processes[who] = Process { gone: true, ..Process::default() };
    }
}

impl World for Model {
    fn call(&mut self, who: usize, call: &Call) -> Outcome {
        assert!(!self.processes[who].gone, "calls come from the living");
        let before = self.counts.faults;
        let (answer, sure) = self.answer(who, call);
        let sure = sure && !self.processes[who].vague;
        self.spread_private(who);
        let faults = sure.then(|| self.counts.faults - before);
        Outcome { answer, faults }
    }

    fn resident(&mut self, who: usize) -> Option<u64> {
        let process = &self.processes[who];
        let counts = |entry: &&Entry| matches!(entry, Entry::Own { .. } | Entry::Object { .. });
        (!process.vague).then(|| process.entries.values().filter(counts).count() as u64)
    }

    fn areas(&mut self, who: usize) -> Vec<(u64, u64, u32, bool)> {
        let mut areas: Vec<(u64, u64, u32, bool)> = Vec::new();
        let pages = &self.processes[who].pages;
        for (&page, attributes) in pages.range(BASE / PAGE..END / PAGE) {
            let follows =
                page > 0 && pages.get(&(page - 1)).is_some_and(|before| before.is_before(attributes));
            match areas.last_mut() {
                Some(area) if follows => area.1 += PAGE,
                _ => {
                    let from = page * PAGE;
                    areas.push((from, from + PAGE, attributes.protection, attributes.shared));
                }
            }
        }
        areas
    }
}
