//! The manager: allocate, deallocate, translate.

use super::error::ManagerError;
use super::frames::FreeFrames;
use super::options::ManagerOptions;
use super::statistics::ManagerStatistics;
use super::table::{PageEntry, PageRow, PageTable};
use crate::replacement::{AnyPolicy, MAX_PAGES, Page, Pager, Policy, PolicyError, PolicySpec, check_frames};
use crate::vm::{Access, Frame, Protection};
use std_alloc::vec::Vec;

/// Where an address leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Translation {
    /// The physical address: frame times page size plus offset.
    pub address: u64,
    /// The virtual page.
    pub page: u32,
    /// Its frame.
    pub frame: Frame,
    /// Whether the page had its frame already; else it was a page fault.
    pub hit: bool,
    /// The page that lost its frame for it.
    pub evicted: Option<u32>,
}

/// A page table with a list of free frames and a replacement policy; see the [module](super).
///
/// ```
/// use memcore::vm::Access;
/// use memcore::vm::manager::{ManagerOptions, VirtualMemoryManager};
/// // 4 pages in 2 frames.
/// let mut manager = VirtualMemoryManager::new(ManagerOptions::new(100, 4).frames(2))?;
/// for page in 0..3 {
///     manager.allocate_page(page)?;
/// }
/// // Page 2 has taken the frame of page 0, which takes that of page 1 when it is accessed.
/// let found = manager.translate(42, Access::Read)?;
/// assert_eq!((found.address, found.hit, found.evicted), (142, false, Some(1)));
/// assert!(manager.translate(-1, Access::Read).is_err());
/// # Ok::<(), memcore::vm::manager::ManagerError>(())
/// ```
#[derive(Clone, Debug)]
pub struct VirtualMemoryManager {
    page_size: u64,
    book: Book,
    frames: FreeFrames,
    policy: AnyPolicy,
    spec: PolicySpec,
    used_pages: u64,
    page_faults: u64,
    page_hits: u64,
    page_replacements: u64,
}

/// The page table, as the policy's other side.
#[derive(Clone, Debug)]
struct Book {
    entries: Vec<PageEntry>,
    write_backs: u64,
}

impl Pager for Book {
    fn is_dirty(&self, page: Page) -> bool {
        self.entries[page as usize].modified
    }

    fn clean(&mut self, page: Page) {
        self.write_backs += u64::from(core::mem::take(&mut self.entries[page as usize].modified));
    }
}

const USER: &str = "a virtual memory manager";

impl VirtualMemoryManager {
    /// A manager without allocated pages. O(pages + frames).
    ///
    /// # Errors
    /// [`PageSize`](ManagerError::PageSize), [`Pages`](ManagerError::Pages), [`TooLarge`](ManagerError::TooLarge);
    /// [`Policy`](ManagerError::Policy) for 0 frames, and for a policy that needs the future or varies its
    /// allocation; [`OutOfMemory`](ManagerError::OutOfMemory).
    pub fn new(options: ManagerOptions) -> Result<VirtualMemoryManager, ManagerError> {
        let ManagerOptions { page_size, pages, frames, policy: spec } = options;
        let frames = frames.unwrap_or(pages);
        if page_size == 0 {
            return Err(ManagerError::PageSize { page_size });
        }
        if pages == 0 || pages > MAX_PAGES {
            return Err(ManagerError::Pages { pages: pages.into() });
        }
        check_frames(frames)?;
        let count = u64::from(pages.max(frames));
        if page_size.checked_mul(count).is_none_or(|end| end > i64::MAX as u64) {
            return Err(ManagerError::TooLarge { count, page_size });
        }
        let facts = spec.facts();
        if facts.needs_future {
            return Err(PolicyError::NeedsFuture { policy: spec.name(), wanted_by: USER }.into());
        }
        if facts.varies_allocation {
            return Err(PolicyError::VariesAllocation { policy: spec.name(), wanted_by: USER }.into());
        }
        let mut entries = Vec::new();
        let bytes = u64::from(pages) * size_of::<PageEntry>() as u64;
        entries.try_reserve_exact(pages as usize).map_err(|_| ManagerError::OutOfMemory { bytes })?;
        entries.resize(pages as usize, PageEntry::default());
        let mut policy = AnyPolicy::of(&spec, frames)?;
        policy.reserve(pages)?;
        Ok(VirtualMemoryManager {
            page_size,
            book: Book { entries, write_backs: 0 },
            frames: FreeFrames::new(frames)?,
            policy,
            spec,
            used_pages: 0,
            page_faults: 0,
            page_hits: 0,
            page_replacements: 0,
        })
    }

    /// Allocates a page, readable and writable, and gives it a frame, which is told: the first of the free list, or
    /// that of the page which the policy makes leave. O(1) beside the policy's own cost.
    ///
    /// # Errors
    /// [`InvalidPage`](ManagerError::InvalidPage), [`AlreadyAllocated`](ManagerError::AlreadyAllocated).
    pub fn allocate_page(&mut self, page: i64) -> Result<Frame, ManagerError> {
        let page = self.page(page)?;
        if self.book.entries[page as usize].allocated {
            return Err(ManagerError::AlreadyAllocated { page });
        }
        let protection = Protection::READ | Protection::WRITE;
        self.book.entries[page as usize] = PageEntry { allocated: true, protection, ..PageEntry::default() };
        self.used_pages += 1;
        Ok(self.bring_in(page).0)
    }

    /// Deallocates a page; its frame, if it has one, goes to the end of the free list. O(1) beside the policy's own
    /// cost.
    ///
    /// # Errors
    /// [`InvalidPage`](ManagerError::InvalidPage), [`NotAllocated`](ManagerError::NotAllocated).
    pub fn deallocate_page(&mut self, page: i64) -> Result<(), ManagerError> {
        let page = self.allocated(page)?;
        self.policy.remove(page, &mut self.book);
        let entry = core::mem::take(&mut self.book.entries[page as usize]);
        if let Some(frame) = entry.frame {
            self.frames.give(frame);
        }
        self.used_pages -= 1;
        Ok(())
    }

    /// Changes what may be done to a page. O(1).
    ///
    /// # Errors
    /// [`InvalidPage`](ManagerError::InvalidPage), [`NotAllocated`](ManagerError::NotAllocated).
    pub fn protect_page(&mut self, page: i64, protection: Protection) -> Result<(), ManagerError> {
        let page = self.allocated(page)?;
        self.book.entries[page as usize].protection = protection;
        Ok(())
    }

    /// Clears the referenced bit of a page, as a system does that looks which pages are in use. O(1).
    ///
    /// # Errors
    /// [`InvalidPage`](ManagerError::InvalidPage), [`NotAllocated`](ManagerError::NotAllocated).
    pub fn clear_referenced(&mut self, page: i64) -> Result<(), ManagerError> {
        let page = self.allocated(page)?;
        self.book.entries[page as usize].referenced = false;
        Ok(())
    }

    /// One access: where the address leads. A page without a frame gets one. O(1) beside the policy's own cost.
    ///
    /// # Errors
    /// [`InvalidAddress`](ManagerError::InvalidAddress) for a negative address or one past the last page;
    /// [`PageFault`](ManagerError::PageFault), which is counted, for a page that is not allocated;
    /// [`Protection`](ManagerError::Protection).
    pub fn translate(&mut self, address: i64, access: Access) -> Result<Translation, ManagerError> {
        let pages = self.book.entries.len() as u64;
        let end = (pages * self.page_size) as i64;
        if !(0..end).contains(&address) {
            return Err(ManagerError::InvalidAddress { address, end });
        }
        let (page, offset) = ((address as u64 / self.page_size) as u32, address as u64 % self.page_size);
        let entry = self.book.entries[page as usize];
        if !entry.allocated {
            self.page_faults += 1;
            return Err(ManagerError::PageFault { page });
        }
        if !entry.protection.allows(access) {
            return Err(ManagerError::Protection { page, access });
        }
        let (frame, hit, evicted) = match entry.frame {
            Some(frame) => {
                self.page_hits += 1;
                self.policy.touch(page, &mut self.book);
                (frame, true, None)
            }
            None => {
                self.page_faults += 1;
                let (frame, evicted) = self.bring_in(page);
                (frame, false, evicted)
            }
        };
        let entry = &mut self.book.entries[page as usize];
        entry.referenced = true;
        entry.modified |= access == Access::Write;
        Ok(Translation { address: frame * self.page_size + offset, page, frame, hit, evicted })
    }

    /// What the page table says of a page. O(1).
    ///
    /// # Errors
    /// [`InvalidPage`](ManagerError::InvalidPage).
    pub fn entry(&self, page: i64) -> Result<PageEntry, ManagerError> {
        Ok(self.book.entries[self.page(page)? as usize])
    }

    /// The allocated pages, in order. O(pages) in all.
    pub fn rows(&self) -> impl Iterator<Item = PageRow> + '_ {
        let rows = (0..).zip(&self.book.entries).map(|(page, &entry)| PageRow { page, entry });
        rows.filter(|row| row.entry.allocated)
    }

    /// The page table, to be printed.
    pub fn page_table(&self) -> PageTable<'_> {
        PageTable { manager: self }
    }

    /// The free frames, the next to be given first. O(free frames) in all.
    pub fn free_frames(&self) -> impl Iterator<Item = Frame> + '_ {
        self.frames.iter()
    }

    /// The counters. O(1).
    pub fn statistics(&self) -> ManagerStatistics {
        let (pages, frames) = (self.book.entries.len() as u64, u64::from(self.frames.frames()));
        let free_frames = self.frames.free().into();
        ManagerStatistics {
            total_pages: pages,
            used_pages: self.used_pages,
            free_pages: pages - self.used_pages,
            total_frames: frames,
            used_frames: frames - free_frames,
            free_frames,
            page_faults: self.page_faults,
            page_hits: self.page_hits,
            page_replacements: self.page_replacements,
            write_backs: self.book.write_backs,
        }
    }

    /// Bytes of a page.
    pub fn page_size(&self) -> u64 {
        self.page_size
    }

    /// Virtual pages.
    pub fn pages(&self) -> u32 {
        self.book.entries.len() as u32
    }

    /// Frames.
    pub fn frames(&self) -> u32 {
        self.frames.frames()
    }

    /// The policy's name and parameters.
    pub fn policy(&self) -> &PolicySpec {
        &self.spec
    }

    /// Checks that each frame is free or belongs to one page, that the policy knows the pages that have one, and that
    /// the counters add up. O(pages + frames).
    ///
    /// # Errors
    /// The invariant that does not hold.
    pub fn validate(&self) -> Result<(), &'static str> {
        self.frames.validate()?;
        self.policy.validate()?;
        let mut taken = Vec::new();
        taken.try_reserve_exact(self.frames() as usize).map_err(|_| "no memory to check the frames")?;
        taken.resize(self.frames() as usize, false);
        for frame in self.free_frames() {
            taken[frame as usize] = true;
        }
        let mut resident = 0;
        for (page, entry) in (0..).zip(&self.book.entries) {
            if !entry.allocated && *entry != PageEntry::default() {
                return Err("a page that is not allocated has properties");
            }
            if entry.is_present() != self.policy.is_resident(page) {
                return Err("page table and policy do not agree");
            }
            let Some(frame) = entry.frame else { continue };
            resident += 1;
            match taken.get_mut(frame as usize) {
                Some(taken) if !*taken => *taken = true,
                _ => return Err("a frame belongs to two pages, is free, or does not exist"),
            }
        }
        let allocated = self.book.entries.iter().filter(|entry| entry.allocated).count() as u64;
        if allocated != self.used_pages || resident != self.policy.resident() || taken.contains(&false) {
            return Err("pages and frames do not add up");
        }
        Ok(())
    }

    /// The page of this number.
    fn page(&self, page: i64) -> Result<u32, ManagerError> {
        let pages = self.pages();
        let found = u32::try_from(page).ok().filter(|&page| page < pages);
        found.ok_or(ManagerError::InvalidPage { page, pages })
    }

    /// The page of this number, which is allocated.
    fn allocated(&self, page: i64) -> Result<u32, ManagerError> {
        let page = self.page(page)?;
        match self.book.entries[page as usize].allocated {
            true => Ok(page),
            false => Err(ManagerError::NotAllocated { page }),
        }
    }

    /// Gives an allocated page a frame; tells which, and who lost it.
    fn bring_in(&mut self, page: u32) -> (Frame, Option<u32>) {
        self.policy.miss(page, &mut self.book);
        let (frame, evicted) = match self.frames.take() {
            Some(frame) => (frame, None),
            None => self.replace(),
        };
        self.policy.insert(page, &mut self.book);
        let entry = &mut self.book.entries[page as usize];
        (entry.frame, entry.referenced, entry.modified) = (Some(frame), true, false);
        (frame, evicted)
    }

    /// Makes the policy's victim leave its frame. There is always one: no page is pinned, and every frame is in use.
    fn replace(&mut self) -> (Frame, Option<u32>) {
        let victim = self.policy.evict(&mut self.book);
        let Some(victim) = victim else { unreachable!("a page that is resident can leave") };
        self.book.clean(victim);
        let entry = &mut self.book.entries[victim as usize];
        entry.referenced = false;
        self.page_replacements += 1;
        let Some(frame) = entry.frame.take() else { unreachable!("a resident page has a frame") };
        (frame, Some(victim))
    }
}
