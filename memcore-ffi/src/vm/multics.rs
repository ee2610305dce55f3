//! Segmented paging as in Multics.

use std::ffi::c_char;

use memcore::vm::{
    Protection,
    segment::{
        SegmentedPaging,
        multics::{Brackets, PageWord, SegmentAccess},
    },
};

use super::{access_of, changing, corrupt, protection_of};
use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{drop_handle, into_handle, object, out},
    text::Buffer,
};

/// Processes with descriptor segments, segments with page tables, and frames. Opaque.
pub struct memcore_multics {
    machine: SegmentedPaging,
}

const _: () = {
    const fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<memcore_multics>();
};

/// The rights of a process to a segment; see `memcore_multics_access_for`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_multics_access {
    /// How many of the first words may be called from the rings r2 + 1 to r3.
    pub gates: u64,
    /// What may be done: 1 read, 2 write, 4 execute, added up.
    pub modes: u32,
    /// Written in the rings 0 to r1.
    pub r1: u8,
    /// Read in the rings 0 to r2, executed in r1 to r2.
    pub r2: u8,
    /// Called from the rings up to r3, at most 7.
    pub r3: u8,
}

/// A word of a segment's page table.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_multics_word {
    /// The frame; of no meaning unless `present`.
    pub frame: u32,
    /// Whether the page is in a frame.
    pub present: bool,
    /// Whether it was referred to since it was brought in.
    pub used: bool,
    /// Whether it was written since it was brought in.
    pub modified: bool,
}

impl From<PageWord> for memcore_multics_word {
    fn from(word: PageWord) -> Self {
        let PageWord { frame, used, modified } = word;
        memcore_multics_word { frame: frame.unwrap_or(0), present: frame.is_some(), used, modified }
    }
}

/// The rights of who does not care for rings: every ring may do what the modes say, but what may be executed is
/// written in ring 0 alone.
///
/// \param modes 1 read, 2 write, 4 execute, added up.
/// \return the rights, to be changed at will.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_multics_access_for(modes: u32) -> memcore_multics_access {
    guarded(memcore_multics_access { gates: 0, modes, r1: 0, r2: 0, r3: 0 }, || {
        // Bits that mean nothing are refused where the rights are used.
        let access = SegmentAccess::new(Protection::from_bits(modes & 7).unwrap_or_default());
        let (r1, r2, r3) = access.brackets.numbers();
        memcore_multics_access { gates: access.gates, modes, r1, r2, r3 }
    })
}

/// Makes an empty machine.
///
/// \param page_size words of a page, any number from 1 on.
/// \param frames frames, from 1 on.
/// \param multics where the handle is written; `memcore_multics_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_INVALID` iff a number is out of its range;
/// `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(frames).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_create(
    page_size: u64,
    frames: u32,
    multics: *mut *mut memcore_multics,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let multics = unsafe { out(multics)? };
        multics.write(into_handle(memcore_multics { machine: SegmentedPaging::new(page_size, frames)? })?);
        Ok::<_, Failure>(())
    })
}

/// Adds a process.
///
/// \param multics the handle.
/// \param bound its segment numbers are those below.
/// \param process where its number is written, from 0 on.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_INVALID` iff there are too many;
/// `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(bound).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_add_process(
    multics: *mut memcore_multics,
    bound: u32,
    process: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (multics, process) = unsafe { (changing(multics)?, out(process)?) };
        process.write(multics.machine.add_process(bound)?);
        Ok::<_, Failure>(())
    })
}

/// Makes a segment, all of whose pages are missing.
///
/// \param multics the handle.
/// \param length words.
/// \param segment where its number is written, from 0 on, never given twice.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_INVALID` iff it has too many pages;
/// `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(pages).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_create_segment(
    multics: *mut memcore_multics,
    length: u64,
    segment: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (multics, segment) = unsafe { (changing(multics)?, out(segment)?) };
        segment.write(multics.machine.create_segment(length)?);
        Ok::<_, Failure>(())
    })
}

/// Deletes a segment that no process has attached.
///
/// \param multics the handle.
/// \param segment its number.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`; `MEMCORE_STATUS_MULTICS_ATTACHED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(pages).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_delete_segment(multics: *mut memcore_multics, segment: u32) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let multics = unsafe { changing(multics)? };
        Ok::<_, Failure>(multics.machine.delete_segment(segment)?)
    })
}

/// Lengthens or shortens a segment; pages past its new end lose their frames.
///
/// \param multics the handle.
/// \param segment its number.
/// \param length words.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`; `MEMCORE_STATUS_MULTICS_INVALID`;
/// `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(pages added or taken).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_set_length(
    multics: *mut memcore_multics,
    segment: u32,
    length: u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let multics = unsafe { changing(multics)? };
        Ok::<_, Failure>(multics.machine.set_length(segment, length)?)
    })
}

/// Tells the length of a segment.
///
/// \param multics the handle.
/// \param segment its number.
/// \param length where the words are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_length(
    multics: *const memcore_multics,
    segment: u32,
    length: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (multics, length) = unsafe { (object(multics)?, out(length)?) };
        length.write(multics.machine.length(segment)?);
        Ok::<_, Failure>(())
    })
}

/// Attaches a segment to a process at a segment number. The same segment may be attached elsewhere, too.
///
/// \param multics the handle.
/// \param process the process.
/// \param number the segment number in its descriptor segment.
/// \param segment the segment.
/// \param access the rights.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`; `MEMCORE_STATUS_MULTICS_INVALID` iff the number is
/// not below the bound or the rings are not r1 <= r2 <= r3 <= 7; `MEMCORE_STATUS_MULTICS_TAKEN`;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff the modes are none; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_attach(
    multics: *mut memcore_multics,
    process: u32,
    number: u32,
    segment: u32,
    access: *const memcore_multics_access,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (multics, access) = unsafe { (changing(multics)?, object(access)?) };
        let access = SegmentAccess {
            modes: protection_of(access.modes)?,
            brackets: Brackets::new(access.r1, access.r2, access.r3)?,
            gates: access.gates,
        };
        Ok::<_, Failure>(multics.machine.attach(process, number, segment, access)?)
    })
}

/// Detaches what is attached at a segment number; its pages stay where they are.
///
/// \param multics the handle.
/// \param process the process.
/// \param number the segment number.
/// \param segment where is written which segment it was.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`; `MEMCORE_STATUS_MULTICS_INVALID`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_detach(
    multics: *mut memcore_multics,
    process: u32,
    number: u32,
    segment: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (multics, segment) = unsafe { (changing(multics)?, out(segment)?) };
        segment.write(multics.machine.detach(process, number)?);
        Ok::<_, Failure>(())
    })
}

/// Puts a page into a free frame.
///
/// \param multics the handle.
/// \param segment the segment.
/// \param page the page.
/// \param frame where the frame is written: the one that was freed last, and before any was freed in ascending order.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`; `MEMCORE_STATUS_MULTICS_TAKEN` iff it has a frame;
/// `MEMCORE_STATUS_MULTICS_NO_FRAMES`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_bring_in(
    multics: *mut memcore_multics,
    segment: u32,
    page: u32,
    frame: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (multics, frame) = unsafe { (changing(multics)?, out(frame)?) };
        frame.write(multics.machine.bring_in(segment, page)?);
        Ok::<_, Failure>(())
    })
}

/// Takes a page out of its frame.
///
/// \param multics the handle.
/// \param segment the segment.
/// \param page the page.
/// \param word where its word is written as it was: a modified page has to be written back.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`, also iff it is in no frame;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_put_out(
    multics: *mut memcore_multics,
    segment: u32,
    page: u32,
    word: *mut memcore_multics_word,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (multics, word) = unsafe { (changing(multics)?, out(word)?) };
        word.write(multics.machine.put_out(segment, page)?.into());
        Ok::<_, Failure>(())
    })
}

/// Tells the page table's word of a page.
///
/// \param multics the handle.
/// \param segment the segment.
/// \param page the page.
/// \param word where the word is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_page(
    multics: *const memcore_multics,
    segment: u32,
    page: u32,
    word: *mut memcore_multics_word,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (multics, word) = unsafe { (object(multics)?, out(word)?) };
        word.write(multics.machine.page(segment, page)?.into());
        Ok::<_, Failure>(())
    })
}

/// One reference: the address in memory.
///
/// \param multics the handle.
/// \param process the process.
/// \param ring its ring, 0 to 7.
/// \param number the segment number.
/// \param offset the offset.
/// \param access a `memcore_access_kind`.
/// \param address where the address is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_NO_PROCESS`, `MEMCORE_STATUS_MULTICS_OUT_OF_BOUNDS`,
/// `MEMCORE_STATUS_MULTICS_MISSING_SEGMENT`, `MEMCORE_STATUS_MULTICS_ACCESS_VIOLATION` or
/// `MEMCORE_STATUS_MULTICS_MISSING_PAGE`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `access` is no kind;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_translate(
    multics: *mut memcore_multics,
    process: u32,
    ring: u8,
    number: u32,
    offset: u64,
    access: i32,
    address: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (multics, address) = unsafe { (changing(multics)?, out(address)?) };
        address.write(multics.machine.translate(process, ring, number, offset, access_of(access)?)?);
        Ok::<_, Failure>(())
    })
}

/// The same step by step, as text with a line for each, and without setting anything.
///
/// \param multics the handle.
/// \param process the process.
/// \param ring its ring.
/// \param number the segment number.
/// \param offset the offset.
/// \param access a `memcore_access_kind`.
/// \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole text without the zero byte is written.
/// \return `MEMCORE_STATUS_OK`, fault or not; `MEMCORE_STATUS_INVALID_ARGUMENT`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_walk(
    multics: *const memcore_multics,
    process: u32,
    ring: u8,
    number: u32,
    offset: u64,
    access: i32,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (multics, length, buffer) =
            unsafe { (object(multics)?, out(length)?, Buffer::new(buffer, size)?) };
        length.write(buffer.print(&multics.machine.walk(process, ring, number, offset, access_of(access)?)));
        Ok::<_, Failure>(())
    })
}

/// A call of a procedure: the ring in which it runs. Its page need not be in memory yet.
///
/// \param multics the handle.
/// \param process the process.
/// \param ring its ring.
/// \param number the segment number.
/// \param offset of the procedure.
/// \param inner where the ring is written.
/// \return as `memcore_multics_translate`, without the missing page.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_call(
    multics: *const memcore_multics,
    process: u32,
    ring: u8,
    number: u32,
    offset: u64,
    inner: *mut u8,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (multics, inner) = unsafe { (object(multics)?, out(inner)?) };
        inner.write(multics.machine.call(process, ring, number, offset)?);
        Ok::<_, Failure>(())
    })
}

/// Tells how many frames there are.
///
/// \param multics the handle.
/// \param frames where the number of all is written.
/// \param free_frames where the number of the free ones is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_frames(
    multics: *const memcore_multics,
    frames: *mut u32,
    free_frames: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (multics, frames, free_frames) = unsafe { (object(multics)?, out(frames)?, out(free_frames)?) };
        let (all, free) = multics.machine.frames();
        frames.write(all);
        free_frames.write(free);
        Ok::<_, Failure>(())
    })
}

/// Checks every invariant of a machine.
///
/// \param multics the handle.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CORRUPT`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(frames + pages + segment numbers).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_validate(multics: *const memcore_multics) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let multics = unsafe { object(multics)? };
        multics.machine.validate().map_err(corrupt)
    })
}

/// Ends a machine.
///
/// \param multics the handle; null does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_multics_destroy(multics: *mut memcore_multics) {
    // SAFETY: null or a machine of this library's that nobody uses any more.
    guarded((), || unsafe { drop_handle(multics) });
}
