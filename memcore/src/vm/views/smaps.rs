//! `/proc/PID/smaps`: what each area of a process has in memory, and how it shares it.
//!
//! ```text
//!   page mapped by     counts as        in Pss with
//!   this entry alone   private          all its bytes
//!   three entries      shared           a third of them
//!   nobody: swapped    Swap             its share in SwapPss
//! ```
//!
//! The rules are Linux' (`fs/proc/task_mmu.c`): a page is dirty if its entry or the page itself is; the shared page of
//! zeros is nobody's; pages of the pool of huge pages count as Hugetlb alone; Locked is the Pss of a locked area.

use super::figures::{kilobytes, number};
use super::maps::map_line;
use crate::vm::config::HugeMode;
use crate::vm::machine::Machine;
use crate::vm::machine::page::{Page, PageFlags};
use crate::vm::paging::Entry;
use crate::vm::space::{Area, AreaFlags, AreaKind};
use crate::vm::{ProcessId, Protection, VmError};
use core::fmt;
use std_alloc::string::String;
use std_alloc::vec::Vec;

/// What an area has in memory, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaMemory {
    /// The area.
    pub area: Area,
    /// Bytes of its pages: base pages, or those of the pool of huge pages.
    pub page_size: u64,
    /// Bytes in memory, shared or not.
    pub rss: u64,
    /// The same, each page divided by how many entries map it; rounded down at the end.
    pub pss: u64,
    /// Of it, dirty pages.
    pub pss_dirty: u64,
    /// Mapped by several entries, clean.
    pub shared_clean: u64,
    /// Mapped by several entries, dirty.
    pub shared_dirty: u64,
    /// Mapped by this entry alone, clean.
    pub private_clean: u64,
    /// Mapped by this entry alone, dirty.
    pub private_dirty: u64,
    /// Referenced since the bits were last cleared.
    pub referenced: u64,
    /// Of no file.
    pub anonymous: u64,
    /// Merged pages.
    pub ksm: u64,
    /// Pages that may go unless they are written again.
    pub lazy_free: u64,
    /// Private pages mapped as huge ones.
    pub anon_huge_pages: u64,
    /// Pages of the pool of huge pages, mapped by several entries.
    pub shared_hugetlb: u64,
    /// Pages of the pool of huge pages, mapped by this entry alone.
    pub private_hugetlb: u64,
    /// Swapped out.
    pub swap: u64,
    /// The same, each page divided by how many entries stand for it.
    pub swap_pss: u64,
    /// Kept in memory by mlock: the `pss` of a locked area.
    pub locked: u64,
    /// A fault in it may take a huge page.
    pub thp_eligible: bool,
}

/// Fractions of a byte that shares are summed in, as Linux does.
const SHARE_BITS: u32 = 12;

/// Shares of pages, before they are rounded.
#[derive(Default)]
struct Shares {
    pss: u64,
    dirty: u64,
    swap: u64,
}

fn share(bytes: u64, owners: u64) -> u64 {
    (bytes << SHARE_BITS) / owners.max(1)
}

impl AreaMemory {
    fn of(machine: &Machine, process: ProcessId, area: &Area) -> Result<AreaMemory, VmError> {
        let mut found = AreaMemory {
            area: area.clone(),
            page_size: machine.config.paging.leaf_size(area.huge_level.into()),
            rss: 0,
            pss: 0,
            pss_dirty: 0,
            shared_clean: 0,
            shared_dirty: 0,
            private_clean: 0,
            private_dirty: 0,
            referenced: 0,
            anonymous: 0,
            ksm: 0,
            lazy_free: 0,
            anon_huge_pages: 0,
            shared_hugetlb: 0,
            private_hugetlb: 0,
            swap: 0,
            swap_pss: 0,
            locked: 0,
            thp_eligible: is_eligible(machine, area),
        };
        let mut shares = Shares::default();
        let table = &machine.process(process)?.table;
        table.for_each(area.start, area.end, |_, level, entry| {
            if entry.is_present() && !entry.is_special() {
                let page = machine.pages.get(machine.memory.owner(entry.frame()));
                let bytes = machine.config.paging.leaf_size(level);
                found.add_resident(&mut shares, entry, level, page, bytes);
            } else if let Some(id) = entry.swapped_page() {
                let page = machine.pages.get(id);
                found.swap += machine.page_size;
                shares.swap += share(machine.page_size, page.references());
            }
        });
        if let AreaKind::SharedAnonymous { object } = area.kind {
            // Swapped pages of shared memory have no entries; they are the object's.
            let pages =
                machine.objects.get(object as usize).and_then(Option::as_ref).map(|object| &object.pages);
            let first = area.offset / machine.page_size;
            let last = first.saturating_add(area.length() / machine.page_size);
            let swapped = |id: &&u32| !machine.pages.get(**id).is_resident();
            let count =
                pages.map_or(0, |pages| pages.range(first..last).filter(|(_, id)| swapped(id)).count());
            found.swap += count as u64 * machine.page_size;
        }
        found.pss = shares.pss >> SHARE_BITS;
        found.pss_dirty = shares.dirty >> SHARE_BITS;
        found.swap_pss = shares.swap >> SHARE_BITS;
        found.locked = if area.flags.contains(AreaFlags::LOCKED) { found.pss } else { 0 };
        Ok(found)
    }

    fn add_resident(&mut self, shares: &mut Shares, entry: Entry, level: u32, page: &Page, bytes: u64) {
        let is_shared = page.mappings > 1;
        if page.flags.contains(PageFlags::POOLED) {
            *(if is_shared { &mut self.shared_hugetlb } else { &mut self.private_hugetlb }) += bytes;
            return;
        }
        let is_dirty = entry.is_dirty() || page.flags.contains(PageFlags::DIRTY);
        let kind = match (is_shared, is_dirty) {
            (true, true) => &mut self.shared_dirty,
            (true, false) => &mut self.shared_clean,
            (false, true) => &mut self.private_dirty,
            (false, false) => &mut self.private_clean,
        };
        *kind += bytes;
        self.rss += bytes;
        let part = share(bytes, page.mappings.into());
        shares.pss += part;
        shares.dirty += if is_dirty { part } else { 0 };
        if entry.is_accessed() || page.flags.contains(PageFlags::REFERENCED) {
            self.referenced += bytes;
        }
        if page.is_private() {
            self.anonymous += bytes;
            self.anon_huge_pages += if level > 0 { bytes } else { 0 };
        }
        if page.flags.contains(PageFlags::MERGED) {
            self.ksm += bytes;
        }
        if page.flags.contains(PageFlags::LAZY_FREE) && !is_dirty {
            self.lazy_free += bytes;
        }
    }

    /// Adds the figures of another area: sums for a whole process. What is said of the area itself stays.
    pub fn add(&mut self, other: &AreaMemory) {
        self.rss += other.rss;
        self.pss += other.pss;
        self.pss_dirty += other.pss_dirty;
        self.shared_clean += other.shared_clean;
        self.shared_dirty += other.shared_dirty;
        self.private_clean += other.private_clean;
        self.private_dirty += other.private_dirty;
        self.referenced += other.referenced;
        self.anonymous += other.anonymous;
        self.ksm += other.ksm;
        self.lazy_free += other.lazy_free;
        self.anon_huge_pages += other.anon_huge_pages;
        self.shared_hugetlb += other.shared_hugetlb;
        self.private_hugetlb += other.private_hugetlb;
        self.swap += other.swap;
        self.swap_pss += other.swap_pss;
        self.locked += other.locked;
    }

    /// The flags of the area by Linux' two letters, in Linux' order.
    pub fn flags(&self) -> Vec<&'static str> {
        const ORDER: [&str; 21] = [
            "rd", "wr", "ex", "sh", "mr", "mw", "me", "ms", "gd", "lo", "sr", "rr", "dc", "lf", "ac", "nr",
            "ht", "wf", "hg", "nh", "mg",
        ];
        let (area, mut set) = (&self.area, Vec::new());
        for (protection, code) in
            [(Protection::READ, "rd"), (Protection::WRITE, "wr"), (Protection::EXECUTE, "ex")]
        {
            if area.protection.contains(protection) {
                set.push(code);
            }
        }
        // What mprotect may allow: all but to write to a shared file that is open for reading.
        let may_write = !matches!(area.kind, AreaKind::File { shared: true, writable_file: false, .. });
        set.extend(["mr", "me"]);
        set.extend(may_write.then_some("mw"));
        if area.is_shared() {
            set.extend(["sh", "ms"]);
        }
        set.extend(area.flags.codes());
        set.sort_by_key(|code| ORDER.iter().position(|other| other == code));
        set
    }
}

/// Whether a fault in an area may take a huge page: it is wanted, and an aligned one fits.
fn is_eligible(machine: &Machine, area: &Area) -> bool {
    let paging = &machine.config.paging;
    let is_wanted = match machine.config.huge.mode {
        HugeMode::Never => false,
        HugeMode::Advised => area.flags.contains(AreaFlags::HUGEPAGE),
        HugeMode::Always => !area.flags.contains(AreaFlags::NOHUGEPAGE),
    };
    let huge = paging.leaf_size(1);
    let first = area.start.checked_next_multiple_of(huge);
    let fits = first.and_then(|first| first.checked_add(huge)).is_some_and(|end| end <= area.end);
    let can = paging.levels() > 1 && paging.can_map_at(1);
    is_wanted && can && fits && area.kind == AreaKind::AnonymousPrivate && area.huge_level == 0
}

/// The lines below that of the area, as Linux has them.
impl fmt::Display for AreaMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let page = self.page_size;
        for (name, bytes) in [
            ("Size", self.area.length()),
            ("KernelPageSize", page),
            ("MMUPageSize", page),
            ("Rss", self.rss),
            ("Pss", self.pss),
            ("Pss_Dirty", self.pss_dirty),
            ("Shared_Clean", self.shared_clean),
            ("Shared_Dirty", self.shared_dirty),
            ("Private_Clean", self.private_clean),
            ("Private_Dirty", self.private_dirty),
            ("Referenced", self.referenced),
            ("Anonymous", self.anonymous),
            ("KSM", self.ksm),
            ("LazyFree", self.lazy_free),
            ("AnonHugePages", self.anon_huge_pages),
            ("Shared_Hugetlb", self.shared_hugetlb),
            ("Private_Hugetlb", self.private_hugetlb),
            ("Swap", self.swap),
            ("SwapPss", self.swap_pss),
            ("Locked", self.locked),
        ] {
            kilobytes(f, name, bytes)?;
        }
        number(f, "THPeligible", self.thp_eligible.into())?;
        f.write_str("VmFlags: ")?;
        self.flags().iter().try_for_each(|code| write!(f, "{code} "))?;
        writeln!(f)
    }
}

impl Machine {
    /// `/proc/PID/maps`: the areas of a process, a line each. Files are named by their numbers. O(areas).
    ///
    /// ```
    /// use memcore::vm::{Machine, MachineConfig, MapRequest, Protection};
    /// let mut machine = Machine::new(MachineConfig::default())?;
    /// let process = machine.spawn()?;
    /// machine.mmap(process, &MapRequest::anonymous(8192, Protection::READ).fixed(0x10_0000))?;
    /// let maps = machine.maps(process)?;
    /// assert!(maps.contains("00100000-00102000 r--p 00000000 00:00 0 \n"));
    /// assert!(maps.contains("[stack]"));
    /// # Ok::<(), memcore::vm::VmError>(())
    /// ```
    ///
    /// # Errors
    /// ESRCH.
    pub fn maps(&self, process: ProcessId) -> Result<String, VmError> {
        let mut text = String::new();
        for area in self.areas(process)? {
            write_line(&mut text, area);
        }
        Ok(text)
    }

    /// What each area of a process has in memory: `/proc/PID/smaps`. O(areas + entries).
    ///
    /// ```
    /// use memcore::vm::{Machine, MachineConfig, MapRequest, Protection};
    /// let mut machine = Machine::new(MachineConfig::default())?;
    /// let process = machine.spawn()?;
    /// let at = machine.mmap(process, &MapRequest::anonymous(16384, Protection::READ | Protection::WRITE))?;
    /// machine.write(process, at, &[1; 8192]).unwrap();
    /// machine.fork(process)?;
    /// let smaps = machine.smaps(process)?;
    /// let area = smaps.iter().find(|found| found.area.start == at).unwrap();
    /// assert_eq!((area.rss, area.pss, area.shared_dirty), (8192, 4096, 8192));
    /// assert!(area.to_string().contains("Pss:                   4 kB\n"));
    /// # Ok::<(), memcore::vm::VmError>(())
    /// ```
    ///
    /// # Errors
    /// ESRCH.
    pub fn smaps(&self, process: ProcessId) -> Result<Vec<AreaMemory>, VmError> {
        self.areas(process)?.map(|area| AreaMemory::of(self, process, area)).collect()
    }

    /// The same as text, as Linux prints it. O(areas + entries).
    ///
    /// # Errors
    /// ESRCH.
    pub fn smaps_text(&self, process: ProcessId) -> Result<String, VmError> {
        let mut text = String::new();
        for memory in self.smaps(process)? {
            write_line(&mut text, &memory.area);
            text.push_str(&std_alloc::format!("{memory}"));
        }
        Ok(text)
    }
}

fn write_line(text: &mut String, area: &Area) {
    let name = match area.kind {
        AreaKind::File { file, .. } => std_alloc::format!("file:{file}"),
        _ => String::new(),
    };
    // Writing to a string does not fail.
    let _ = map_line(text, area, (!name.is_empty()).then_some(name.as_str()));
    text.push('\n');
}
