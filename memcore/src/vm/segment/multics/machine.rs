//! The tables, and what is done with them.

use super::access::{MOST_RING, SegmentAccess};
use super::error::{MulticsFault, MulticsFaultKind, SegmentedPagingError as Error};
use super::walk::{SegmentedStep, SegmentedWalk};
use crate::vm::Access;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// A word of a segment's page table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PageWord {
    /// The frame; `None` when the page is missing.
    pub frame: Option<u32>,
    /// Whether it was referred to since it was brought in.
    pub used: bool,
    /// Whether it was written since it was brought in.
    pub modified: bool,
}

/// A segment: its length and its page table.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Segment {
    length: u64,
    pages: Vec<PageWord>,
    attached: u64,
}

/// A word of a descriptor segment.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct DescriptorWord {
    pub(super) segment: u32,
    pub(super) access: SegmentAccess,
}

/// What a frame is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum FrameWord {
    Page { segment: u32, page: u32 },
    Free { next: Option<u32> },
}

/// Processes with descriptor segments, segments with page tables, and the frames between them.
///
/// ```
/// use memcore::vm::{Access, Protection};
/// use memcore::vm::segment::multics::{MulticsFaultKind, SegmentAccess, SegmentedPaging};
/// let mut machine = SegmentedPaging::new(1024, 4)?;
/// let process = machine.add_process(8)?;
/// let file = machine.create_segment(2500)?;
/// machine.attach(process, 5, file, SegmentAccess::new(Protection::READ))?;
/// // The segment is there, its pages are not yet.
/// let fault = machine.translate(process, 4, 5, 2060, Access::Read).unwrap_err();
/// assert_eq!(fault.kind, MulticsFaultKind::MissingPage);
/// assert_eq!(machine.bring_in(file, 2)?, 0);
/// assert_eq!(machine.translate(process, 4, 5, 2060, Access::Read)?, 12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SegmentedPaging {
    page_size: u64,
    frames: Vec<FrameWord>,
    /// The free frame that is given next; the others are chained to it, so that freeing one takes no memory.
    next_free: Option<u32>,
    free: u32,
    segments: Vec<Option<Segment>>,
    processes: Vec<Vec<Option<DescriptorWord>>>,
}

const OUT_OF_PAGES: &str = "must have at most 2^32 - 1 pages";

impl SegmentedPaging {
    /// An empty machine. Pages may have any size from 1 on, not only a power of two. O(frames).
    ///
    /// # Errors
    /// [`Invalid`](Error::Invalid) for a page size or a number of frames of 0, or both so large that an address would
    /// pass 2^64 - 1; [`OutOfMemory`](Error::OutOfMemory).
    pub fn new(page_size: u64, frames: u32) -> Result<SegmentedPaging, Error> {
        if page_size == 0 || page_size.checked_mul(frames.into()).is_none() {
            let rule = "must be at least 1, and frames of this size must fit into 2^64 - 1";
            return Err(Error::Invalid { what: "page size", value: page_size, rule });
        }
        if frames == 0 {
            return Err(Error::Invalid { what: "frames", value: 0, rule: "must be at least 1" });
        }
        let mut table = Vec::new();
        make_room(&mut table, frames.into())?;
        table.extend((1..=frames).map(|next| FrameWord::Free { next: (next < frames).then_some(next) }));
        let (segments, processes) = (Vec::new(), Vec::new());
        Ok(SegmentedPaging {
            page_size,
            frames: table,
            next_free: Some(0),
            free: frames,
            segments,
            processes,
        })
    }

    /// The size of a page.
    pub fn page_size(&self) -> u64 {
        self.page_size
    }

    /// How many frames there are, and how many of them are free.
    pub fn frames(&self) -> (u32, u32) {
        (self.frames.len() as u32, self.free)
    }

    /// A new process, whose descriptor segment has room for the segment numbers below `bound`; its number, from 0
    /// on. O(bound).
    ///
    /// # Errors
    /// [`OutOfMemory`](Error::OutOfMemory).
    pub fn add_process(&mut self, bound: u32) -> Result<u32, Error> {
        let mut words = Vec::new();
        extend(&mut words, bound.into(), None)?;
        let number = numbered(self.processes.len(), "processes")?;
        let entries = self.processes.len() as u64 + 1;
        self.processes.try_reserve(1).map_err(|_| Error::OutOfMemory { entries })?;
        self.processes.push(words);
        Ok(number)
    }

    /// A new segment of so many words, all of whose pages are missing; its number, from 0 on, never given twice.
    /// O(pages).
    ///
    /// # Errors
    /// [`Invalid`](Error::Invalid) for more than 2^32 - 1 pages; [`OutOfMemory`](Error::OutOfMemory).
    pub fn create_segment(&mut self, length: u64) -> Result<u32, Error> {
        let mut pages = Vec::new();
        extend(&mut pages, self.pages_of(length)?, PageWord::default())?;
        let number = numbered(self.segments.len(), "segments")?;
        let entries = self.segments.len() as u64 + 1;
        self.segments.try_reserve(1).map_err(|_| Error::OutOfMemory { entries })?;
        self.segments.push(Some(Segment { length, pages, attached: 0 }));
        Ok(number)
    }

    /// Deletes a segment that no process has attached; its frames are free. O(pages).
    ///
    /// # Errors
    /// [`Unknown`](Error::Unknown), [`Attached`](Error::Attached).
    pub fn delete_segment(&mut self, segment: u32) -> Result<(), Error> {
        let times = self.segment(segment)?.attached;
        if times > 0 {
            return Err(Error::Attached { segment, times });
        }
        self.free_pages_from(segment, 0);
        self.segments[segment as usize] = None;
        Ok(())
    }

    /// Lengthens or shortens a segment; pages past the new end lose their frames. O(pages added or taken).
    ///
    /// # Errors
    /// [`Unknown`](Error::Unknown), [`Invalid`](Error::Invalid), [`OutOfMemory`](Error::OutOfMemory).
    pub fn set_length(&mut self, segment: u32, length: u64) -> Result<(), Error> {
        let pages = self.pages_of(length)?;
        extend(&mut self.segment_mut(segment)?.pages, pages, PageWord::default())?;
        self.free_pages_from(segment, pages as usize);
        let entry = self.segment_mut(segment)?;
        entry.pages.truncate(pages as usize);
        entry.length = length;
        Ok(())
    }

    /// The length of a segment.
    ///
    /// # Errors
    /// [`Unknown`](Error::Unknown).
    pub fn length(&self, segment: u32) -> Result<u64, Error> {
        Ok(self.segment(segment)?.length)
    }

    /// Attaches a segment to a process at a segment number, with these rights. The same segment may be attached
    /// anywhere else, to this and other processes. O(1).
    ///
    /// # Errors
    /// [`Unknown`](Error::Unknown); [`Invalid`](Error::Invalid) for a number at or past the bound of the descriptor
    /// segment, or brackets that make no sense; [`Taken`](Error::Taken).
    pub fn attach(
        &mut self,
        process: u32,
        number: u32,
        segment: u32,
        access: SegmentAccess,
    ) -> Result<(), Error> {
        self.segment(segment)?;
        let (r1, r2, r3) = access.brackets.numbers();
        super::Brackets::new(r1, r2, r3)?;
        let word = self.word_mut(process, number)?;
        if word.is_some() {
            return Err(Error::Taken { what: "segment number", value: number.into() });
        }
        *word = Some(DescriptorWord { segment, access });
        self.segment_mut(segment)?.attached += 1;
        Ok(())
    }

    /// Detaches what is attached at a segment number; its pages stay where they are. Tells which segment it was.
    /// O(1).
    ///
    /// # Errors
    /// [`Unknown`](Error::Unknown), [`Invalid`](Error::Invalid).
    pub fn detach(&mut self, process: u32, number: u32) -> Result<u32, Error> {
        let unknown = Error::Unknown { what: "segment number", value: number.into() };
        let word = self.word_mut(process, number)?.take().ok_or(unknown)?;
        self.segment_mut(word.segment)?.attached -= 1;
        Ok(word.segment)
    }

    /// Puts a page into a free frame, which is told: the one that was freed last, and before any was freed in
    /// ascending order. O(1).
    ///
    /// # Errors
    /// [`Unknown`](Error::Unknown), [`Taken`](Error::Taken) for a page that is in memory, [`NoFrames`](Error::NoFrames).
    pub fn bring_in(&mut self, segment: u32, page: u32) -> Result<u32, Error> {
        if self.page(segment, page)?.frame.is_some() {
            return Err(Error::Taken { what: "page", value: page.into() });
        }
        let frames = self.frames.len() as u32;
        let frame = self.next_free.ok_or(Error::NoFrames { frames })?;
        let word = &mut self.frames[frame as usize];
        if let FrameWord::Free { next } = *word {
            self.next_free = next;
            self.free -= 1;
        }
        *word = FrameWord::Page { segment, page };
        self.segment_mut(segment)?.pages[page as usize] =
            PageWord { frame: Some(frame), ..PageWord::default() };
        Ok(frame)
    }

    /// Takes a page out of its frame, and tells the word as it was: a modified page has to be written back. O(1).
    ///
    /// # Errors
    /// [`Unknown`](Error::Unknown), also for a page that is in no frame.
    pub fn put_out(&mut self, segment: u32, page: u32) -> Result<PageWord, Error> {
        let word = self.page(segment, page)?;
        let frame = word.frame.ok_or(Error::Unknown { what: "page in memory", value: page.into() })?;
        self.free_frame(frame);
        self.segment_mut(segment)?.pages[page as usize] = PageWord::default();
        Ok(word)
    }

    /// The page table word of a page. O(1).
    ///
    /// # Errors
    /// [`Unknown`](Error::Unknown).
    pub fn page(&self, segment: u32, page: u32) -> Result<PageWord, Error> {
        let word = self.segment(segment)?.pages.get(page as usize).copied();
        word.ok_or(Error::Unknown { what: "page", value: page.into() })
    }

    /// One reference: the address in memory. Sets used, and for a write modified. O(1).
    ///
    /// # Errors
    /// The fault, in the order of the [module](super)'s list.
    pub fn translate(
        &mut self,
        process: u32,
        ring: u8,
        segment: u32,
        offset: u64,
        access: Access,
    ) -> Result<u64, MulticsFault> {
        let mut place = None;
        let address = self.go(process, ring, segment, offset, access, &mut |step| {
            if let SegmentedStep::PageTable { segment, page, .. } = step {
                place = Some((segment, page));
            }
        })?;
        if let Some((segment, page)) = place {
            if let Some(Some(segment)) = self.segments.get_mut(segment as usize) {
                let word = &mut segment.pages[page as usize];
                word.used = true;
                word.modified |= access == Access::Write;
            }
        }
        Ok(address)
    }

    /// The same, step by step, and without setting anything. O(1).
    pub fn walk(&self, process: u32, ring: u8, segment: u32, offset: u64, access: Access) -> SegmentedWalk {
        let mut steps = Vec::new();
        let outcome = self.go(process, ring, segment, offset, access, &mut |step| steps.push(step));
        SegmentedWalk { steps, outcome }
    }

    /// A call of a procedure: the ring it runs in. Its page need not be in memory yet. O(1).
    ///
    /// # Errors
    /// As [`translate`](Self::translate), without the missing page.
    pub fn call(&self, process: u32, ring: u8, segment: u32, offset: u64) -> Result<u8, MulticsFault> {
        let fault = |kind| MulticsFault { kind, process, ring, segment, offset, access: Access::Execute };
        let (word, _) = self.find(process, ring, segment, offset, &mut |_| ()).map_err(fault)?;
        word.access.call(ring, offset).ok_or(fault(MulticsFaultKind::AccessViolation))
    }

    /// Checks every invariant: each frame is free or holds one page that names it, each descriptor word a segment
    /// that counts it, and page tables are as long as their segments. O(frames + pages + descriptor words).
    ///
    /// # Errors
    /// The invariant that does not hold.
    pub fn validate(&self) -> Result<(), &'static str> {
        let frames = self.frames.len() as u64;
        let sensible = self.page_size > 0 && frames > 0 && frames < 1 << 32;
        if !sensible || self.page_size.checked_mul(frames).is_none() {
            return Err("page size and frames make no sense");
        }
        let mut free = 0;
        let mut next_free = self.next_free;
        while let Some(frame) = next_free {
            free += 1;
            match self.frames.get(frame as usize) {
                Some(&FrameWord::Free { next }) if free <= self.free => next_free = next,
                _ => return Err("the chain of free frames leads to one that is in use, or round"),
            }
        }
        let in_use = self.frames.iter().filter(|word| matches!(word, FrameWord::Page { .. })).count();
        if free != self.free || in_use as u64 + u64::from(free) != frames {
            return Err("free and used frames do not add up");
        }
        let mut resident = 0;
        let mut attached: u64 = 0;
        for (number, segment) in self.segments.iter().enumerate() {
            let Some(segment) = segment else { continue };
            attached = attached.saturating_add(segment.attached);
            if self.pages_of(segment.length) != Ok(segment.pages.len() as u64) {
                return Err("a page table is not as long as its segment");
            }
            for (page, word) in segment.pages.iter().enumerate() {
                let Some(frame) = word.frame else {
                    if word.used || word.modified {
                        return Err("a missing page is used or modified");
                    }
                    continue;
                };
                resident += 1;
                let owner = FrameWord::Page { segment: number as u32, page: page as u32 };
                if self.frames.get(frame as usize) != Some(&owner) {
                    return Err("a page and its frame do not agree");
                }
            }
        }
        if resident != in_use {
            return Err("a frame holds a page that is not there");
        }
        self.validate_words(attached)
    }

    /// The part of [`validate`](Self::validate) about descriptor words.
    fn validate_words(&self, attached: u64) -> Result<(), &'static str> {
        let mut counts = Vec::new();
        extend(&mut counts, self.segments.len() as u64, 0u64)
            .map_err(|_| "no memory to check the segments")?;
        for word in self.processes.iter().flatten().flatten() {
            word.access.brackets.validate()?;
            if self.segment(word.segment).is_err() {
                return Err("a descriptor word names no segment");
            }
            counts[word.segment as usize] += 1;
        }
        let agree = self.segments.iter().zip(&counts).all(|(segment, &count)| match segment {
            Some(segment) => segment.attached == count,
            None => count == 0,
        });
        if agree && attached == counts.iter().sum() {
            Ok(())
        } else {
            Err("a segment miscounts its attachments")
        }
    }

    /// The walk itself: each step is told.
    fn go(
        &self,
        process: u32,
        ring: u8,
        segment: u32,
        offset: u64,
        access: Access,
        tell: &mut dyn FnMut(SegmentedStep),
    ) -> Result<u64, MulticsFault> {
        let fault = |kind| MulticsFault { kind, process, ring, segment, offset, access };
        let (word, entry) = self.find(process, ring, segment, offset, tell).map_err(fault)?;
        let SegmentAccess { modes, brackets, .. } = word.access;
        let allowed = word.access.allows(ring, access);
        tell(SegmentedStep::Rights { ring, access, modes, brackets, allowed });
        if !allowed {
            return Err(fault(MulticsFaultKind::AccessViolation));
        }
        let (page, within) = (offset / self.page_size, offset % self.page_size);
        let frame = entry.pages.get(page as usize).and_then(|word| word.frame);
        tell(SegmentedStep::PageTable { segment: word.segment, page: page as u32, frame });
        let frame = frame.ok_or(fault(MulticsFaultKind::MissingPage))?;
        let address = u64::from(frame) * self.page_size + within;
        tell(SegmentedStep::Memory { frame, within, address });
        Ok(address)
    }

    /// The first three steps: the descriptor word and the segment that an offset lies in.
    fn find(
        &self,
        process: u32,
        ring: u8,
        number: u32,
        offset: u64,
        tell: &mut dyn FnMut(SegmentedStep),
    ) -> Result<(&DescriptorWord, &Segment), MulticsFaultKind> {
        let words = self.processes.get(process as usize).filter(|_| ring <= MOST_RING);
        let words = words.ok_or(MulticsFaultKind::NoProcess)?;
        let bound = words.len() as u32;
        tell(SegmentedStep::Bound { number, bound, within: number < bound });
        let word = words.get(number as usize).ok_or(MulticsFaultKind::OutOfBounds)?;
        let segment = word.as_ref().map(|word| word.segment);
        tell(SegmentedStep::Descriptor { number, segment });
        let word = word.as_ref().ok_or(MulticsFaultKind::MissingSegment)?;
        let entry = self.segment(word.segment).map_err(|_| MulticsFaultKind::MissingSegment)?;
        let within = offset < entry.length;
        tell(SegmentedStep::Length { offset, length: entry.length, within });
        if within { Ok((word, entry)) } else { Err(MulticsFaultKind::OutOfBounds) }
    }

    fn segment(&self, segment: u32) -> Result<&Segment, Error> {
        let unknown = Error::Unknown { what: "segment", value: segment.into() };
        self.segments.get(segment as usize).and_then(Option::as_ref).ok_or(unknown)
    }

    fn segment_mut(&mut self, segment: u32) -> Result<&mut Segment, Error> {
        let unknown = Error::Unknown { what: "segment", value: segment.into() };
        self.segments.get_mut(segment as usize).and_then(Option::as_mut).ok_or(unknown)
    }

    fn word_mut(&mut self, process: u32, number: u32) -> Result<&mut Option<DescriptorWord>, Error> {
        let unknown = Error::Unknown { what: "process", value: process.into() };
        let words = self.processes.get_mut(process as usize).ok_or(unknown)?;
        let rule = "must be below the bound of the descriptor segment";
        words.get_mut(number as usize).ok_or(Error::Invalid {
            what: "segment number",
            value: number.into(),
            rule,
        })
    }

    fn pages_of(&self, length: u64) -> Result<u64, Error> {
        match length.div_ceil(self.page_size) {
            pages if pages <= u32::MAX.into() => Ok(pages),
            _ => Err(Error::Invalid { what: "length", value: length, rule: OUT_OF_PAGES }),
        }
    }

    /// Frees the frames of a segment's pages from `first` on, the last page first.
    fn free_pages_from(&mut self, segment: u32, first: usize) {
        let Some(Some(entry)) = self.segments.get_mut(segment as usize) else { return };
        for word in entry.pages.iter_mut().skip(first).rev() {
            if let Some(frame) = core::mem::take(word).frame {
                self.frames[frame as usize] = FrameWord::Free { next: self.next_free };
                self.next_free = Some(frame);
                self.free += 1;
            }
        }
    }

    fn free_frame(&mut self, frame: u32) {
        self.frames[frame as usize] = FrameWord::Free { next: self.next_free };
        self.next_free = Some(frame);
        self.free += 1;
    }
}

fn numbered(count: usize, what: &'static str) -> Result<u32, Error> {
    let rule = "must be at most 2^32 - 1";
    u32::try_from(count).map_err(|_| Error::Invalid { what, value: count as u64, rule })
}

fn make_room<T>(table: &mut Vec<T>, entries: u64) -> Result<(), Error> {
    let wanted = usize::try_from(entries).unwrap_or(usize::MAX);
    let more = wanted.saturating_sub(table.len());
    table.try_reserve_exact(more).map_err(|_| Error::OutOfMemory { entries })
}

fn extend<T: Clone>(table: &mut Vec<T>, entries: u64, value: T) -> Result<(), Error> {
    make_room(table, entries)?;
    if entries as usize > table.len() {
        table.resize(entries as usize, value);
    }
    Ok(())
}
