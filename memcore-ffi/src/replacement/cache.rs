//! A cache of any keys that decides by a policy.

use std::ffi::c_char;

use memcore::replacement::{Cache, CacheStats, PolicySpec};

use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{array, drop_handle, fill, into_handle, object, optional_out, out, out_array},
    status::memcore_status,
    text::{Buffer, text},
};

/// A cache of 64-bit keys. It holds keys, no values: what they stand for is the caller's. Opaque.
pub struct memcore_cache {
    cache: Cache,
    policy: PolicySpec,
}

// A `const` handle is shared between threads and a handle moves between them: this holds only because the engine's
// policies may do both.
const _: () = {
    const fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<memcore_cache>();
};

/// # Safety
/// `cache` is null, or points to a cache that nobody else uses during `'a`.
unsafe fn changing<'a>(cache: *mut memcore_cache) -> Result<&'a mut Cache, Failure> {
    // SAFETY: the caller's promise.
    let cache = unsafe { cache.as_mut() }.ok_or(Failure::Plain(memcore_status::NullArgument))?;
    Ok(&mut cache.cache)
}

/// What one access did.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_cache_outcome {
    /// Whether the key was there.
    pub hit: bool,
    /// How many keys left for it; `memcore_cache_evicted` names them.
    pub evictions: usize,
}

/// Counts since the cache was made.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_cache_counts {
    /// Accesses.
    pub accesses: u64,
    /// Accesses to keys that were there.
    pub hits: u64,
    /// Accesses to keys that were not.
    pub misses: u64,
    /// Keys that left to make room.
    pub evictions: u64,
    /// Keys that left after a write to them, or were cleaned by the policy.
    pub writebacks: u64,
}

impl From<CacheStats> for memcore_cache_counts {
    fn from(stats: CacheStats) -> Self {
        memcore_cache_counts {
            accesses: stats.accesses,
            hits: stats.hits,
            misses: stats.misses,
            evictions: stats.evictions,
            writebacks: stats.writebacks,
        }
    }
}

/// Makes an empty cache.
///
/// \param policy a name, with parameters where wanted: "lru", "clock:bit=clear"; see `memcore_policy_name`.
/// \param frames how many keys may be there, from 1 on.
/// \param cache where the handle is written; `memcore_cache_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
/// `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the policy cannot be read;
/// `MEMCORE_STATUS_POLICY_FRAMES` iff `frames` is 0 or above 2^32 - 17; `MEMCORE_STATUS_POLICY_NEEDS_FUTURE` for a
/// policy that decides by references to come; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1). Tables grow with the keys that are there or remembered, not with the frames.
///
/// \code
/// memcore_cache *cache;
/// memcore_cache_outcome outcome;
/// const uint64_t *evicted;
/// size_t count;
/// if (memcore_cache_create("lru", 2, &cache) == MEMCORE_STATUS_OK) {
///     memcore_cache_access(cache, 10, false, NULL);
///     memcore_cache_access(cache, 20, false, NULL);
///     memcore_cache_access(cache, 30, false, &outcome);
///     memcore_cache_evicted(cache, &evicted, &count);
///     printf("%d %zu %" PRIu64 "\n", outcome.hit, count, evicted[0]); // 0 1 10
///     memcore_cache_destroy(cache);
/// }
/// \endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_cache_create(
    policy: *const c_char,
    frames: u32,
    cache: *mut *mut memcore_cache,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (policy, cache) = unsafe { (text(policy)?, out(cache)?) };
        let policy: PolicySpec = policy.parse()?;
        let made = Cache::new(&policy, frames)?;
        cache.write(into_handle(memcore_cache { cache: made, policy })?);
        Ok::<_, Failure>(())
    })
}

/// One access to a key, which is there afterwards.
///
/// \param cache the handle.
/// \param key any number.
/// \param write not 0 iff the access is a write: the key counts as dirty until it leaves.
/// \param outcome where is written what the access did; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_POLICY_PAGES` iff more keys are there
/// or remembered than are numbered; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// Expected O(1) beside the policy's own cost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_cache_access(
    cache: *mut memcore_cache,
    key: u64,
    write: i32,
    outcome: *mut memcore_cache_outcome,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (cache, outcome) = unsafe { (changing(cache)?, optional_out(outcome)) };
        let done = cache.access(key, write != 0)?;
        if let Some(outcome) = outcome {
            outcome.write(memcore_cache_outcome { hit: done.hit, evictions: done.evictions });
        }
        Ok::<_, Failure>(())
    })
}

/// Many accesses, in order. When one fails, those before it are made, and `done` tells how many they are.
///
/// \param cache the handle.
/// \param keys the keys; may be null when `count` is 0.
/// \param count how many they are.
/// \param writes for each not 0 iff it is a write; null: none is.
/// \param hits where for each is written 1 for a hit and 0 for a miss; may be null. Must not overlap the other arrays.
/// \param done where the number of accesses made is written, also when one fails; may be null.
/// \return as `memcore_cache_access`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `count` is more than memory holds.
///
/// As `memcore_cache_access` each. `memcore_cache_evicted` then tells of the last access alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_cache_access_many(
    cache: *mut memcore_cache,
    keys: *const u64,
    count: usize,
    writes: *const u8,
    hits: *mut u8,
    done: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (cache, keys, done) = unsafe { (changing(cache)?, array(keys, count)?, optional_out(done)) };
        let writes = match writes.is_null() {
            true => None,
            // SAFETY: as the header asks.
            false => Some(unsafe { array(writes, count) }?),
        };
        let mut hits = match hits.is_null() {
            true => None,
            // SAFETY: as the header asks.
            false => Some(unsafe { out_array(hits, count) }?),
        };
        let mut made = 0;
        let failure = keys.iter().enumerate().find_map(|(index, &key)| {
            match cache.access(key, writes.is_some_and(|writes| writes[index] != 0)) {
                Ok(outcome) => {
                    if let Some(hits) = &mut hits {
                        hits[index].write(outcome.hit.into());
                    }
                    made += 1;
                    None
                }
                Err(error) => Some(error),
            }
        });
        if let Some(done) = done {
            done.write(made);
        }
        failure.map_or(Ok(()), |error| Err(Failure::from(error)))
    })
}

/// Tells the keys that the last access evicted.
///
/// \param cache the handle.
/// \param keys where the array is written, valid until the cache is changed or destroyed; not to be read when it is
/// empty.
/// \param count where the number of keys is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_cache_evicted(
    cache: *const memcore_cache,
    keys: *mut *const u64,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (cache, keys, count) = unsafe { (object(cache)?, out(keys)?, out(count)?) };
        let evicted = cache.cache.evicted();
        keys.write(evicted.as_ptr());
        count.write(evicted.len());
        Ok::<_, Failure>(())
    })
}

/// Drops a key that is there or that the policy remembers.
///
/// \param cache the handle.
/// \param key the key; one that is not known does nothing.
/// \param was_there where is written whether it was there; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// Expected O(1) beside the policy's own cost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_cache_remove(
    cache: *mut memcore_cache,
    key: u64,
    was_there: *mut bool,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (cache, was_there) = unsafe { (changing(cache)?, optional_out(was_there)) };
        let removed = cache.remove(key);
        if let Some(was_there) = was_there {
            was_there.write(removed);
        }
        Ok::<_, Failure>(())
    })
}

/// Tells whether a key is there. That is no access.
///
/// \param cache the handle.
/// \param key any number.
/// \param is_there where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// Expected O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_cache_contains(
    cache: *const memcore_cache,
    key: u64,
    is_there: *mut bool,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (cache, is_there) = unsafe { (object(cache)?, out(is_there)?) };
        is_there.write(cache.cache.contains(key));
        Ok::<_, Failure>(())
    })
}

/// Lists the keys that are there, in no order.
///
/// \param cache the handle.
/// \param keys an array that the keys are written to; may be null when `most` is 0.
/// \param most entries of the array; `memcore_cache_length` tells how many are needed.
/// \param count where the number of keys written is written, at most `most`.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(keys there or remembered).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_cache_keys(
    cache: *const memcore_cache,
    keys: *mut u64,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (cache, keys, count) = unsafe { (object(cache)?, out_array(keys, most)?, out(count)?) };
        count.write(fill(keys, cache.cache.keys()));
        Ok::<_, Failure>(())
    })
}

/// Tells how many keys are there.
///
/// \param cache the handle.
/// \param length where the number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_cache_length(cache: *const memcore_cache, length: *mut usize) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (cache, length) = unsafe { (object(cache)?, out(length)?) };
        length.write(cache.cache.len());
        Ok::<_, Failure>(())
    })
}

/// Tells how many keys may be there.
///
/// \param cache the handle.
/// \param frames where the number is written: as given to `memcore_cache_create`, or for a policy that chooses it
/// the number now.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_cache_frames(cache: *const memcore_cache, frames: *mut u32) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (cache, frames) = unsafe { (object(cache)?, out(frames)?) };
        frames.write(cache.cache.frames());
        Ok::<_, Failure>(())
    })
}

/// Tells the counts since the cache was made.
///
/// \param cache the handle.
/// \param stats where the counts are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_cache_stats(
    cache: *const memcore_cache,
    stats: *mut memcore_cache_counts,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (cache, stats) = unsafe { (object(cache)?, out(stats)?) };
        stats.write(cache.cache.stats().into());
        Ok::<_, Failure>(())
    })
}

/// Tells the bytes of the cache's tables now.
///
/// \param cache the handle.
/// \param bytes where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_cache_metadata_bytes(cache: *const memcore_cache, bytes: *mut usize) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (cache, bytes) = unsafe { (object(cache)?, out(bytes)?) };
        bytes.write(cache.cache.metadata_bytes());
        Ok::<_, Failure>(())
    })
}

/// Tells the policy of a cache with those of its parameters that are not the default ones, as text that
/// `memcore_cache_create` reads.
///
/// \param cache the handle.
/// \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole text without the zero byte is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length). Allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_cache_policy(
    cache: *const memcore_cache,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (cache, length, buffer) = unsafe { (object(cache)?, out(length)?, Buffer::new(buffer, size)?) };
        length.write(buffer.print(&cache.policy));
        Ok::<_, Failure>(())
    })
}

/// Ends a cache.
///
/// \param cache the handle; null does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_cache_destroy(cache: *mut memcore_cache) {
    // SAFETY: null or a cache of this library's that nobody uses any more.
    guarded((), || unsafe { drop_handle(cache) });
}
