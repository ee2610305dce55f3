//! mmap: a new area, at a wished place or where there is room; no frames, unless it is populated.

use super::Machine;
use super::object::{Object, Source};
use crate::vm::calls::{MapFlags, MapRequest};
use crate::vm::error::{Shortage, VmError};
use crate::vm::event::Event;
use crate::vm::space::{Area, AreaFlags, AreaKind, AreaName};
use crate::vm::types::{Access, ProcessId};
use std_alloc::collections::BTreeMap;

impl Machine {
    /// Maps a range; gives where. Nothing is in memory yet, unless it is asked to be. O(log areas), and what
    /// overlaps a FIXED range is unmapped.
    ///
    /// # Errors
    /// In the order in which Linux finds them. EINVAL: an offset that is no multiple of the page size. EBADF: no
    /// such file. EINVAL: a length of 0. ENOMEM: no room. EINVAL: FIXED at an address that is no multiple of the
    /// page size. EEXIST: FIXED_NOREPLACE over something mapped. EINVAL: not exactly one of SHARED and PRIVATE.
    /// EACCES: a file that is open for reading, shared and to be written. ENOMEM: the limit of addresses, the
    /// commit limit, the number of areas, the pool of huge pages.
    pub fn mmap(&mut self, process: ProcessId, request: &MapRequest) -> Result<u64, VmError> {
        self.process(process)?;
        let flags = request.flags;
        if request.offset % self.page_size != 0 {
            return Err(VmError::invalid("offset", request.offset, "must be a multiple of the page size"));
        }
        let is_writable_file = self.check_file(request)?;
        let unit = self.map_unit(request)?;
        if request.length == 0 {
            return Err(VmError::invalid("length", 0, "must not be 0"));
        }
        let length = request.length.checked_next_multiple_of(unit);
        let Some(length) = length.filter(|&length| request.offset.checked_add(length).is_some()) else {
            return Err(VmError::no_memory(request.length, Shortage::Addresses));
        };
        let from = self.place(process, request, length, unit)?;
        let is_shared = flags.contains(MapFlags::SHARED);
        if is_shared == flags.contains(MapFlags::PRIVATE) {
            let rule = "must be shared or private, one of them";
            return Err(VmError::invalid("flags", flags.bits().into(), rule));
        }
        if let Some(file) = request.file {
            if is_shared && !is_writable_file && request.protection.allows(Access::Write) {
                return Err(VmError::Denied { file });
            }
        }
        let mut area = Area::anonymous(from, from + length, request.protection);
        area.name = AreaName::Mmap;
        area.flags = self.area_flags(request);
        if unit > self.page_size {
            area.huge_level = request.huge_level as u8;
        }
        if let Some(file) = request.file {
            area.kind = AreaKind::File { file, shared: is_shared, writable_file: is_writable_file };
            area.offset = request.offset;
        } else if is_shared {
            area.kind = AreaKind::SharedAnonymous { object: self.objects.len() as u32 };
            area.offset = 0;
        }
        let is_charged = self.is_charged(area.kind, area.protection, area.flags);
        area.flags = area.flags.with(AreaFlags::ACCOUNTED, is_charged);
        self.check_map(process, &area, is_charged)?;
        let pages = length / self.page_size;
        // Charged first, so that what a FIXED range replaces does not pay for it.
        self.living(process).areas.reserve()?;
        self.unmap_range(process, from, from + length)?;
        if is_charged {
            self.commit.charge(pages);
        }
        if is_shared && request.file.is_none() {
            let source = Source::Shared(length);
            self.objects.push(Some(Object {
                source,
                is_writable: true,
                is_open: false,
                mapped: 0,
                pages: BTreeMap::new(),
                left: BTreeMap::new(),
            }));
        }
        self.object_gains(&area);
        let areas = &mut self.living(process).areas;
        areas.reserve()?;
        areas.insert(area);
        self.tell(Event::Map { process, from, to: from + length });
        if flags.intersects(MapFlags::POPULATE | MapFlags::LOCKED) {
            // As on Linux, mapping succeeds even where populating does not.
            let _ = self.populate(process, from, from + length);
            self.process(process)?;
        }
        Ok(from)
    }

    /// Bytes of the pages that a mapping is made of.
    fn map_unit(&self, request: &MapRequest) -> Result<u64, VmError> {
        if !request.flags.contains(MapFlags::HUGETLB) {
            return Ok(self.page_size);
        }
        let level = request.huge_level;
        let is_pooled = self.huge_pool.iter().any(|pool| pool.level == level);
        if !is_pooled || request.file.is_some() {
            let rule = "no pool has huge pages of this level, or a file is mapped with them";
            return Err(VmError::invalid("huge_level", level.into(), rule));
        }
        Ok(self.config.paging.leaf_size(level))
    }

    /// Whether the file, if there is one, may be written.
    fn check_file(&self, request: &MapRequest) -> Result<bool, VmError> {
        let Some(file) = request.file else { return Ok(true) };
        let object = self.objects.get(file as usize).and_then(Option::as_ref);
        let object = object.filter(|object| object.is_file() && object.is_open);
        object.map(|object| object.is_writable).ok_or(VmError::BadFile { file })
    }

    /// Where a mapping goes.
    fn place(
        &self,
        process: ProcessId,
        request: &MapRequest,
        length: u64,
        unit: u64,
    ) -> Result<u64, VmError> {
        let found = self.process(process)?;
        let (low, high) = (found.layout.low, found.layout.high);
        let no_room = || VmError::no_memory(length, Shortage::Addresses);
        let fits = |from: u64| from >= low && from.checked_add(length).is_some_and(|to| to <= high);
        if request.flags.intersects(MapFlags::FIXED | MapFlags::FIXED_NOREPLACE) {
            if !fits(request.address) {
                return Err(no_room());
            }
            if request.address % unit != 0 {
                let rule = "must be a multiple of the page size";
                return Err(VmError::invalid("address", request.address, rule));
            }
            let overlap = found.areas.first_overlap(request.address, request.address + length);
            if let Some(address) = overlap.filter(|_| request.flags.contains(MapFlags::FIXED_NOREPLACE)) {
                return Err(VmError::Exists { address });
            }
            return Ok(request.address);
        }
        let wish = request.address & !(unit - 1);
        if wish != 0 && fits(wish) && found.areas.is_free(wish, wish + length) {
            return Ok(wish);
        }
        self.find_room(process, length, unit).ok_or_else(no_room)
    }

    /// The highest hole below where mappings begin, or the lowest above it; else any.
    pub(super) fn find_room(&self, process: ProcessId, length: u64, align: u64) -> Option<u64> {
        let found = self.process(process).ok()?;
        let (layout, areas) = (&found.layout, &found.areas);
        let window = layout.mmap_window();
        if layout.top_down {
            let found = areas.gap_top_down(length, align, window.start, window.end);
            // As Linux, from the bottom up where all below is full.
            return found.or_else(|| areas.gap_bottom_up(length, align, layout.low, layout.high));
        }
        areas.gap_bottom_up(length, align, window.start, window.end)
    }

    fn area_flags(&self, request: &MapRequest) -> AreaFlags {
        [
            (MapFlags::LOCKED, AreaFlags::LOCKED),
            (MapFlags::NORESERVE, AreaFlags::NORESERVE),
            (MapFlags::GROWSDOWN, AreaFlags::GROWS_DOWN),
            (MapFlags::HUGETLB, AreaFlags::HUGETLB),
        ]
        .into_iter()
        .fold(AreaFlags::NONE, |flags, (asked, flag)| flags.with(flag, request.flags.contains(asked)))
    }

    /// The limits that a new area must keep.
    fn check_map(&self, process: ProcessId, area: &Area, is_charged: bool) -> Result<(), VmError> {
        let found = self.process(process)?;
        let (length, pages) = (area.length(), area.length() / self.page_size);
        self.check_cut(process, area.start, area.end)?;
        let (mut replaced, mut given_back) = (0, 0);
        for old in found.areas.range(area.start, area.end) {
            let part = old.part(area.start, area.end).length();
            replaced += part;
            given_back += u64::from(old.flags.contains(AreaFlags::ACCOUNTED)) * (part / self.page_size);
        }
        self.check_address_limit(process, length - replaced.min(length))?;
        // Private memory is charged for what it adds to what it replaces.
        let more = if area.is_shared() { pages } else { pages - given_back.min(pages) };
        if is_charged && more > 0 {
            self.check_commit(process, more)?;
        }
        self.check_areas(found.areas.areas_after_remove(area.start, area.end) + 1, length)?;
        if area.flags.contains(AreaFlags::LOCKED) {
            self.check_locked(process, pages)?;
        }
        if area.flags.contains(AreaFlags::HUGETLB) {
            self.check_pool(area)?;
        }
        Ok(())
    }
}
