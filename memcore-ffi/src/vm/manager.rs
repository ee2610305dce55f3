//! The virtual memory manager of the textbooks.

use std::{ffi::c_char, ptr};

use memcore::vm::manager::{ManagerOptions, ManagerStatistics, PageEntry, PageRow, VirtualMemoryManager};

use super::{access_of, changing, corrupt, protection_of};
use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{drop_handle, fill, into_handle, object, optional_out, out, out_array},
    text::{Buffer, text},
};

/// A virtual memory manager: one page table, a list of free frames, a replacement policy. Opaque.
pub struct memcore_vmm {
    manager: VirtualMemoryManager,
}

// A `const` handle is shared between threads and a handle moves between them.
const _: () = {
    const fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<memcore_vmm>();
};

/// What a virtual memory manager is made with; see `memcore_vmm_options_for`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_vmm_options {
    /// Bytes of a page: any number from 1 on.
    pub page_size: u64,
    /// Virtual pages, from 1 on.
    pub pages: u32,
    /// Frames, from 1 on. With fewer than pages, replacement happens.
    pub frames: u32,
    /// The replacement policy: "lru", "clock"; see `memcore_policy_name`. Null: "fifo".
    pub policy: *const c_char,
}

/// Where an address leads.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_vmm_translation {
    /// The physical address: frame times page size plus offset.
    pub address: u64,
    /// The frame.
    pub frame: u64,
    /// The virtual page.
    pub page: u32,
    /// The page that lost its frame for it; of no meaning unless `has_evicted`.
    pub evicted: u32,
    /// Whether a page lost its frame.
    pub has_evicted: bool,
    /// Whether the page had its frame already; else it was a page fault.
    pub hit: bool,
}

/// What the page table says of a page.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_vmm_entry {
    /// The frame; of no meaning unless `present`.
    pub frame: u64,
    /// The page.
    pub page: u32,
    /// What may be done to it: 1 read, 2 write, 4 execute, added up.
    pub protection: u32,
    /// Whether it is allocated.
    pub allocated: bool,
    /// Whether it has a frame.
    pub present: bool,
    /// Whether it was written since it got its frame or was cleaned.
    pub modified: bool,
    /// Whether it was accessed since it got its frame or the bit was cleared; a new page counts as accessed.
    pub referenced: bool,
}

fn entry(page: u32, entry: PageEntry) -> memcore_vmm_entry {
    memcore_vmm_entry {
        frame: entry.frame.unwrap_or(0),
        page,
        protection: entry.protection.bits(),
        allocated: entry.allocated,
        present: entry.is_present(),
        modified: entry.modified,
        referenced: entry.referenced,
    }
}

/// The state of a manager in figures. Used and free pages add up to all, and so do the frames.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_vmm_figures {
    /// Virtual pages.
    pub total_pages: u64,
    /// Pages that are allocated, in a frame or not.
    pub used_pages: u64,
    /// Pages that are not.
    pub free_pages: u64,
    /// Frames.
    pub total_frames: u64,
    /// Frames that hold a page.
    pub used_frames: u64,
    /// Frames that hold none.
    pub free_frames: u64,
    /// Translations of addresses in pages without a frame.
    pub page_faults: u64,
    /// Translations of addresses in pages with one.
    pub page_hits: u64,
    /// Pages that lost their frame to another.
    pub page_replacements: u64,
    /// Pages whose contents had to be written for that.
    pub write_backs: u64,
}

/// The usual options: a frame for each page, replaced first in, first out.
///
/// \param page_size bytes of a page.
/// \param pages virtual pages.
/// \return the options, to be changed at will.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_vmm_options_for(page_size: u64, pages: u32) -> memcore_vmm_options {
    memcore_vmm_options { page_size, pages, frames: pages, policy: ptr::null() }
}

/// Makes a virtual memory manager without allocated pages.
///
/// \param options sizes and policy.
/// \param vmm where the handle is written; `memcore_vmm_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VMM_PAGE_SIZE`, `MEMCORE_STATUS_VMM_PAGES`,
/// `MEMCORE_STATUS_VMM_TOO_LARGE` or `MEMCORE_STATUS_POLICY_FRAMES` iff a number is out of its range;
/// `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`, `MEMCORE_STATUS_BAD_VALUE` or
/// `MEMCORE_STATUS_BAD_PART` iff the policy cannot be read; `MEMCORE_STATUS_POLICY_NEEDS_FUTURE` or
/// `MEMCORE_STATUS_POLICY_VARIES_ALLOCATION` iff it cannot serve; `MEMCORE_STATUS_OUT_OF_MEMORY`;
/// `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(pages + frames).
///
/// \code
/// memcore_vmm *vmm;
/// memcore_vmm_options options = memcore_vmm_options_for(4096, 8);
/// memcore_vmm_translation found;
/// if (memcore_vmm_create(&options, &vmm) == MEMCORE_STATUS_OK) {
///     memcore_vmm_allocate_page(vmm, 1, NULL);
///     memcore_vmm_translate(vmm, 4097, MEMCORE_ACCESS_KIND_READ, &found);
///     printf("%" PRIu64 "\n", found.address); // 1
///     memcore_vmm_destroy(vmm);
/// }
/// \endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_create(
    options: *const memcore_vmm_options,
    vmm: *mut *mut memcore_vmm,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (options, vmm) = unsafe { (object(options)?, out(vmm)?) };
        let mut wanted = ManagerOptions::new(options.page_size, options.pages).frames(options.frames);
        if !options.policy.is_null() {
            // SAFETY: not null, and as the header asks.
            wanted = wanted.policy(unsafe { text(options.policy) }?.parse()?);
        }
        vmm.write(into_handle(memcore_vmm { manager: VirtualMemoryManager::new(wanted)? })?);
        Ok::<_, Failure>(())
    })
}

/// Allocates a page, readable and writable, and gives it a frame: the first of the list of free ones, or that of the
/// page which the policy makes leave.
///
/// \param vmm the handle.
/// \param page the page; a negative number is refused.
/// \param frame where the frame is written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VMM_INVALID_PAGE`; `MEMCORE_STATUS_VMM_ALREADY_ALLOCATED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1) beside the policy's own cost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_allocate_page(vmm: *mut memcore_vmm, page: i64, frame: *mut u64) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (vmm, frame) = unsafe { (changing(vmm)?, optional_out(frame)) };
        let given = vmm.manager.allocate_page(page)?;
        if let Some(frame) = frame {
            frame.write(given);
        }
        Ok::<_, Failure>(())
    })
}

/// Deallocates a page; its frame, if it has one, goes to the end of the list of free ones.
///
/// \param vmm the handle.
/// \param page the page.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VMM_INVALID_PAGE`; `MEMCORE_STATUS_VMM_NOT_ALLOCATED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1) beside the policy's own cost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_deallocate_page(vmm: *mut memcore_vmm, page: i64) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let vmm = unsafe { changing(vmm)? };
        Ok::<_, Failure>(vmm.manager.deallocate_page(page)?)
    })
}

/// Changes what may be done to a page.
///
/// \param vmm the handle.
/// \param page the page.
/// \param protection 1 read, 2 write, 4 execute, added up; 0: nothing.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VMM_INVALID_PAGE`; `MEMCORE_STATUS_VMM_NOT_ALLOCATED`;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `protection` is above 7; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_protect_page(vmm: *mut memcore_vmm, page: i64, protection: u32) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let vmm = unsafe { changing(vmm)? };
        Ok::<_, Failure>(vmm.manager.protect_page(page, protection_of(protection)?)?)
    })
}

/// Clears the referenced bit of a page.
///
/// \param vmm the handle.
/// \param page the page.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VMM_INVALID_PAGE`; `MEMCORE_STATUS_VMM_NOT_ALLOCATED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_clear_referenced(vmm: *mut memcore_vmm, page: i64) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let vmm = unsafe { changing(vmm)? };
        Ok::<_, Failure>(vmm.manager.clear_referenced(page)?)
    })
}

/// One access: where the address leads. A page without a frame gets one.
///
/// \param vmm the handle.
/// \param address the address; a negative one is refused.
/// \param access a `memcore_access_kind`.
/// \param translation where the answer is written; may be null.
/// \return `MEMCORE_STATUS_OK`, hit or page fault; `MEMCORE_STATUS_VMM_INVALID_ADDRESS`;
/// `MEMCORE_STATUS_VMM_PAGE_FAULT`, which is counted, iff the page is not allocated; `MEMCORE_STATUS_VMM_PROTECTION`;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `access` is no kind; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1) beside the policy's own cost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_translate(
    vmm: *mut memcore_vmm,
    address: i64,
    access: i32,
    translation: *mut memcore_vmm_translation,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (vmm, translation) = unsafe { (changing(vmm)?, optional_out(translation)) };
        let found = vmm.manager.translate(address, access_of(access)?)?;
        if let Some(translation) = translation {
            translation.write(memcore_vmm_translation {
                address: found.address,
                frame: found.frame,
                page: found.page,
                evicted: found.evicted.unwrap_or(0),
                has_evicted: found.evicted.is_some(),
                hit: found.hit,
            });
        }
        Ok::<_, Failure>(())
    })
}

/// Tells what the page table says of a page.
///
/// \param vmm the handle.
/// \param page the page.
/// \param told where the answer is written.
/// \return `MEMCORE_STATUS_OK`, allocated or not; `MEMCORE_STATUS_VMM_INVALID_PAGE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_page(
    vmm: *const memcore_vmm,
    page: i64,
    told: *mut memcore_vmm_entry,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (vmm, told) = unsafe { (object(vmm)?, out(told)?) };
        // A page that the manager knows has a number of 32 bits.
        told.write(entry(page as u32, vmm.manager.entry(page)?));
        Ok::<_, Failure>(())
    })
}

/// Lists the allocated pages, in order.
///
/// \param vmm the handle.
/// \param entries an array that they are written to; may be null when `most` is 0.
/// \param most entries of the array; `memcore_vmm_statistics` tells how many are needed.
/// \param count where the number of entries written is written, at most `most`.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(pages).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_pages(
    vmm: *const memcore_vmm,
    entries: *mut memcore_vmm_entry,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (vmm, entries, count) = unsafe { (object(vmm)?, out_array(entries, most)?, out(count)?) };
        let rows = vmm.manager.rows().map(|PageRow { page, entry: told }| entry(page, told));
        count.write(fill(entries, rows));
        Ok::<_, Failure>(())
    })
}

/// Lists the free frames, the next to be given first.
///
/// \param vmm the handle.
/// \param frames an array that they are written to; may be null when `most` is 0.
/// \param most entries of the array; `memcore_vmm_statistics` tells how many are needed.
/// \param count where the number of entries written is written, at most `most`.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(free frames).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_free_frames(
    vmm: *const memcore_vmm,
    frames: *mut u64,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (vmm, frames, count) = unsafe { (object(vmm)?, out_array(frames, most)?, out(count)?) };
        count.write(fill(frames, vmm.manager.free_frames()));
        Ok::<_, Failure>(())
    })
}

/// Prints the page table into a buffer: a heading, and a line for each allocated page.
///
/// \param vmm the handle.
/// \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole text without the zero byte is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(pages). Allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_page_table(
    vmm: *const memcore_vmm,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (vmm, length, buffer) = unsafe { (object(vmm)?, out(length)?, Buffer::new(buffer, size)?) };
        length.write(buffer.print(&vmm.manager.page_table()));
        Ok::<_, Failure>(())
    })
}

/// Prints the figures about pages into a buffer, a line each; that of replacements when there are fewer frames than
/// pages.
///
/// \param vmm the handle.
/// \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole text without the zero byte is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1). Allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_summary(
    vmm: *const memcore_vmm,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (vmm, length, buffer) = unsafe { (object(vmm)?, out(length)?, Buffer::new(buffer, size)?) };
        length.write(buffer.print(&vmm.manager.statistics()));
        Ok::<_, Failure>(())
    })
}

/// Tells the figures of a manager.
///
/// \param vmm the handle.
/// \param figures where they are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_statistics(
    vmm: *const memcore_vmm,
    figures: *mut memcore_vmm_figures,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (vmm, figures) = unsafe { (object(vmm)?, out(figures)?) };
        let ManagerStatistics {
            total_pages,
            used_pages,
            free_pages,
            total_frames,
            used_frames,
            free_frames,
            page_faults,
            page_hits,
            page_replacements,
            write_backs,
        } = vmm.manager.statistics();
        figures.write(memcore_vmm_figures {
            total_pages,
            used_pages,
            free_pages,
            total_frames,
            used_frames,
            free_frames,
            page_faults,
            page_hits,
            page_replacements,
            write_backs,
        });
        Ok::<_, Failure>(())
    })
}

/// Tells the bytes of a page.
///
/// \param vmm the handle.
/// \param page_size where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_page_size(vmm: *const memcore_vmm, page_size: *mut u64) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (vmm, page_size) = unsafe { (object(vmm)?, out(page_size)?) };
        page_size.write(vmm.manager.page_size());
        Ok::<_, Failure>(())
    })
}

/// Tells the policy with those of its parameters that are not the default ones.
///
/// \param vmm the handle.
/// \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole text without the zero byte is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length). Allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_policy(
    vmm: *const memcore_vmm,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (vmm, length, buffer) = unsafe { (object(vmm)?, out(length)?, Buffer::new(buffer, size)?) };
        length.write(buffer.print(vmm.manager.policy()));
        Ok::<_, Failure>(())
    })
}

/// Checks every invariant of a manager.
///
/// \param vmm the handle.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CORRUPT`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(pages + frames).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_validate(vmm: *const memcore_vmm) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let vmm = unsafe { object(vmm)? };
        vmm.manager.validate().map_err(corrupt)
    })
}

/// Ends a manager.
///
/// \param vmm the handle; null does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_vmm_destroy(vmm: *mut memcore_vmm) {
    // SAFETY: null or a manager of this library's that nobody uses any more.
    guarded((), || unsafe { drop_handle(vmm) });
}
