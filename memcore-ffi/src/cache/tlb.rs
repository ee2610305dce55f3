//! A translation look-aside buffer, with a number of the caller's for each page.

use std::ffi::c_char;

use memcore::cache::{Tlb, TlbEntry, TlbStats};

use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{drop_handle, fill, into_handle, object, optional_out, out, out_array},
    status::memcore_status,
    text::text,
};

/// A translation look-aside buffer. Opaque.
pub struct memcore_tlb {
    tlb: Tlb<u64>,
}

// A `const` handle is shared between threads and a handle moves between them.
const _: () = {
    const fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<memcore_tlb>();
};

/// # Safety
/// `tlb` is null, or points to a TLB that nobody else uses during `'a`.
unsafe fn changing<'a>(tlb: *mut memcore_tlb) -> Result<&'a mut Tlb<u64>, Failure> {
    // SAFETY: the caller's promise.
    let tlb = unsafe { tlb.as_mut() }.ok_or(Failure::Plain(memcore_status::NullArgument))?;
    Ok(&mut tlb.tlb)
}

/// An entry of a TLB.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_tlb_entry {
    /// Address / page size.
    pub page: u64,
    /// Bytes of the page.
    pub page_size: u64,
    /// What was given with it: a frame, say.
    pub value: u64,
    /// The address space, unless the page is global.
    pub space: u32,
    /// The page is in all address spaces.
    pub is_global: bool,
}

impl From<TlbEntry<u64>> for memcore_tlb_entry {
    fn from(entry: TlbEntry<u64>) -> Self {
        memcore_tlb_entry {
            page: entry.page,
            page_size: 1 << entry.page_bits,
            value: entry.value,
            space: entry.space,
            is_global: entry.is_global,
        }
    }
}

/// Counts since the TLB was made or reset.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_tlb_counts {
    /// Look-ups that found an entry.
    pub hits: u64,
    /// Look-ups that did not.
    pub misses: u64,
    /// Entries that left for others.
    pub evictions: u64,
    /// Entries that were invalidated.
    pub invalidations: u64,
}

impl From<TlbStats> for memcore_tlb_counts {
    fn from(stats: TlbStats) -> Self {
        memcore_tlb_counts {
            hits: stats.hits,
            misses: stats.misses,
            evictions: stats.evictions,
            invalidations: stats.invalidations,
        }
    }
}

/// Makes an empty TLB.
///
/// \param config its shape: "tlb:entries=64,ways=4,pages=4K;2M,policy=lru". Without ways, or with ways=full, it is one
/// set; without pages, it holds those of 4K.
/// \param tlb where the handle is written; `memcore_tlb_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_KEY`, `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART`
/// iff the text cannot be read; `MEMCORE_STATUS_CACHE_WAYS`, `MEMCORE_STATUS_CACHE_SIZE`,
/// `MEMCORE_STATUS_CACHE_PAGE_SIZE`, `MEMCORE_STATUS_CACHE_TLB_POLICY` or `MEMCORE_STATUS_CACHE_SRRIP_BITS` iff such
/// a TLB cannot be; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(entries).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_tlb_create(config: *const c_char, tlb: *mut *mut memcore_tlb) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (config, tlb) = unsafe { (text(config)?, out(tlb)?) };
        let made = Tlb::new(&config.parse()?)?;
        tlb.write(into_handle(memcore_tlb { tlb: made })?);
        Ok::<_, Failure>(())
    })
}

/// Looks an address up, which uses its entry.
///
/// \param tlb the handle.
/// \param address any address.
/// \param space the address space.
/// \param hit where is written whether there is an entry.
/// \param value where the value of the entry is written, if there is one; may be null.
/// \return `MEMCORE_STATUS_OK`, hit or not; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(page sizes x ways).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_tlb_lookup(
    tlb: *mut memcore_tlb,
    address: u64,
    space: u32,
    hit: *mut bool,
    value: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (tlb, hit, value) = unsafe { (changing(tlb)?, out(hit)?, optional_out(value)) };
        let found = tlb.lookup(address, space).copied();
        hit.write(found.is_some());
        if let (Some(found), Some(value)) = (found, value) {
            value.write(found);
        }
        Ok::<_, Failure>(())
    })
}

/// Tells the entry of an address. That is no use, and is not counted.
///
/// \param tlb the handle.
/// \param address any address.
/// \param space the address space.
/// \param found where is written whether there is an entry.
/// \param entry where the entry is written, if there is one; may be null.
/// \return `MEMCORE_STATUS_OK`, found or not; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(page sizes x ways).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_tlb_probe(
    tlb: *const memcore_tlb,
    address: u64,
    space: u32,
    found: *mut bool,
    entry: *mut memcore_tlb_entry,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (tlb, found, entry) = unsafe { (object(tlb)?, out(found)?, optional_out(entry)) };
        let told = tlb.tlb.probe(address, space);
        found.write(told.is_some());
        if let (Some(told), Some(entry)) = (told, entry) {
            entry.write(told.into());
        }
        Ok::<_, Failure>(())
    })
}

/// Puts in the page of an address. An entry of that page and size which the address space sees is replaced.
///
/// \param tlb the handle.
/// \param address any address in the page.
/// \param page_size bytes of the page, one of the sizes that the TLB holds.
/// \param space the address space.
/// \param is_global not 0: the page is in all address spaces.
/// \param value what look-ups tell.
/// \param evicted where is written whether an entry left for it; may be null.
/// \param victim where that entry is written, if there is one; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CACHE_PAGE_SIZE` iff the TLB does not hold that size;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(ways).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_tlb_insert(
    tlb: *mut memcore_tlb,
    address: u64,
    page_size: u64,
    space: u32,
    is_global: i32,
    value: u64,
    evicted: *mut bool,
    victim: *mut memcore_tlb_entry,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (tlb, evicted, victim) = unsafe { (changing(tlb)?, optional_out(evicted), optional_out(victim)) };
        let left = tlb.insert(address, page_size, space, is_global != 0, value)?;
        if let Some(evicted) = evicted {
            evicted.write(left.is_some());
        }
        if let (Some(left), Some(victim)) = (left, victim) {
            victim.write(left.into());
        }
        Ok::<_, Failure>(())
    })
}

/// Removes what an address space sees of the page of an address, in all sizes, global entries included.
///
/// \param tlb the handle.
/// \param address any address in the page.
/// \param space the address space.
/// \param removed where the number of entries removed is written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(page sizes x ways).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_tlb_invalidate_page(
    tlb: *mut memcore_tlb,
    address: u64,
    space: u32,
    removed: *mut u64,
) -> i32 {
    // SAFETY: as the header asks.
    unsafe { removing(tlb, removed, |tlb| tlb.invalidate_page(address, space)) }
}

/// Removes the entries of an address space, but for global ones.
///
/// \param tlb the handle.
/// \param space the address space.
/// \param removed where the number of entries removed is written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(entries).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_tlb_invalidate_space(
    tlb: *mut memcore_tlb,
    space: u32,
    removed: *mut u64,
) -> i32 {
    // SAFETY: as the header asks.
    unsafe { removing(tlb, removed, |tlb| tlb.invalidate_space(space)) }
}

/// Removes all entries but for global ones.
///
/// \param tlb the handle.
/// \param removed where the number of entries removed is written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(entries).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_tlb_invalidate_non_global(tlb: *mut memcore_tlb, removed: *mut u64) -> i32 {
    // SAFETY: as the header asks.
    unsafe { removing(tlb, removed, Tlb::invalidate_non_global) }
}

/// Removes all entries.
///
/// \param tlb the handle.
/// \param removed where the number of entries removed is written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(entries).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_tlb_invalidate_all(tlb: *mut memcore_tlb, removed: *mut u64) -> i32 {
    // SAFETY: as the header asks.
    unsafe { removing(tlb, removed, Tlb::invalidate_all) }
}

/// # Safety
/// As [`changing`], and `removed` is null or room for the answer.
unsafe fn removing(
    tlb: *mut memcore_tlb,
    removed: *mut u64,
    remove: impl FnOnce(&mut Tlb<u64>) -> u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: the caller's promise.
        let (tlb, removed) = unsafe { (changing(tlb)?, optional_out(removed)) };
        let entries = remove(tlb);
        if let Some(removed) = removed {
            removed.write(entries);
        }
        Ok::<_, Failure>(())
    })
}

/// Lists the entries, set by set.
///
/// \param tlb the handle.
/// \param entries an array that the entries are written to; may be null when `most` is 0.
/// \param most entries of the array.
/// \param count where the number of entries written is written, at most `most`.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(entries).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_tlb_entries(
    tlb: *const memcore_tlb,
    entries: *mut memcore_tlb_entry,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (tlb, entries, count) = unsafe { (object(tlb)?, out_array(entries, most)?, out(count)?) };
        count.write(fill(entries, tlb.tlb.entries().map(memcore_tlb_entry::from)));
        Ok::<_, Failure>(())
    })
}

/// Tells the counts of a TLB.
///
/// \param tlb the handle.
/// \param counts where the counts are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_tlb_stats(tlb: *const memcore_tlb, counts: *mut memcore_tlb_counts) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (tlb, counts) = unsafe { (object(tlb)?, out(counts)?) };
        counts.write(tlb.tlb.stats().into());
        Ok::<_, Failure>(())
    })
}

/// Makes a TLB as it was when it was made, counts included.
///
/// \param tlb the handle.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(entries).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_tlb_reset(tlb: *mut memcore_tlb) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(tlb) }?.reset();
        Ok::<_, Failure>(())
    })
}

/// Tells the bytes that a TLB's tables hold.
///
/// \param tlb the handle.
/// \param bytes where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_tlb_metadata_bytes(tlb: *const memcore_tlb, bytes: *mut usize) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (tlb, bytes) = unsafe { (object(tlb)?, out(bytes)?) };
        bytes.write(tlb.tlb.metadata_bytes());
        Ok::<_, Failure>(())
    })
}

/// Ends a TLB.
///
/// \param tlb the handle; null does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_tlb_destroy(tlb: *mut memcore_tlb) {
    // SAFETY: null or a TLB of this library's that nobody uses any more.
    guarded((), || unsafe { drop_handle(tlb) });
}
