//! Status codes: how a C caller learns what went wrong.
//!
//! Functions return `int32_t`, not the enum: a C enum holds whatever number somebody writes into it, and a number
//! outside the list would be undefined behaviour in Rust.
//!
//! # To add a code
//! 1. Add a variant to [`memcore_status`], in the hundred of its room, with the next free number. A number once
//!    released keeps its meaning for ever: one that is no longer returned stays in the list and says so.
//! 2. Add its line to `STATUSES`; a test finds it when it is forgotten.
//! 3. In the room's own file write `impl From<TheEngine'sError> for memcore_status`, a `match` that names every
//!    variant it knows.
//! 4. Run `make header`.

use std::ffi::{CStr, c_char};

use crate::panic::guarded;

/// What a function of this library returns: 0 for success, otherwise the reason why it failed.
///
/// Numbers are never reused. A later version of the library may return numbers that this list lacks, so a
/// `switch` over them needs a `default`.
///
/// Hundreds belong together: 0 to 99 are general, 100 to 199 are of allocators, 200 to 299 of traces,
/// 300 to 399 of replays, 400 to 499 of page replacement, 500 to 599 of caches and hierarchies, 600 to 699 of
/// virtual memory (of these 600 to 649 of the machine, 650 to 659 of the virtual memory manager, 660 to 684 of
/// segmentation), 700 to 799 of heaps.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum memcore_status {
    /// The call succeeded.
    Ok = 0,
    /// A defect inside the library stopped the call. Handles that it was changing may only be destroyed.
    Panic = 1,
    /// A pointer that must not be null was null.
    NullArgument = 2,
    /// The library that was loaded does not serve programs compiled for that version.
    IncompatibleVersion = 3,
    /// A string is not UTF-8.
    NotUtf8 = 4,
    /// The system has no memory for a handle or an answer.
    OutOfMemory = 5,
    /// A number is none of those that the parameter takes.
    InvalidArgument = 6,
    /// A callback asked to stop.
    Cancelled = 7,
    /// Nothing of the kind asked for (a strategy, a workload, a format) has this name.
    UnknownName = 8,
    /// What is named has no parameter of this name.
    UnknownKey = 9,
    /// A parameter in a text cannot have this value.
    BadValue = 10,
    /// A part of a text is not `key=value`, or repeats a key.
    BadPart = 11,
    /// An index is not below the number of entries.
    OutOfRange = 12,
    /// A failure that this version of the library has no number for; `memcore_last_error_message` describes it.
    Other = 99,
    /// A block of 0 bytes was asked for.
    ZeroSize = 100,
    /// More bytes were asked for than the whole space (or the slot of a pool) has.
    TooLarge = 101,
    /// An alignment is not a power of two.
    BadAlignment = 102,
    /// A bias is not a multiple of the smaller of alignment and granularity.
    BadBias = 103,
    /// A size, rounded up, passes 2^64 - 1.
    Overflow = 104,
    /// No hole holds the request, although the space as a whole could.
    OutOfSpace = 105,
    /// The tables have no room for another block or hole: the given memory is full, or the system's is.
    OutOfMetadata = 106,
    /// The limit that was set on the allocator would be passed.
    LimitExceeded = 107,
    /// The id names a block that was freed.
    StaleId = 108,
    /// The block was freed already.
    DoubleFree = 109,
    /// The allocator never gave out the id.
    UnknownId = 110,
    /// No live block starts there.
    UnknownStart = 111,
    /// No live block holds the offset.
    UnknownOffset = 112,
    /// A stack frees its top only; a stack or arena resizes its last block only.
    NotTop = 113,
    /// A part of the wanted range is not free.
    RangeTaken = 114,
    /// No block of the space can begin at the wanted start.
    BadStart = 115,
    /// The block cannot have that size where it is.
    NoRoomInPlace = 116,
    /// A space never shrinks.
    CapacityShrink = 117,
    /// A parameter of a space or strategy is out of its range.
    BadParameter = 118,
    /// The strategy, or the storage of the allocator, cannot do this.
    Unsupported = 119,
    /// The call needs the address index, which the allocator was made without.
    NoAddressIndex = 120,
    /// The allocator was made without tags.
    NoTags = 121,
    /// The arena was rewound past the checkpoint, or it is none of this arena's.
    BadCheckpoint = 122,
    /// The space has changed since the compaction plan was made.
    OutdatedPlan = 123,
    /// A callback called the allocator, hierarchy or machine that was calling it.
    Reentered = 124,
    /// An invariant of an allocator's or a machine's tables is broken.
    Corrupt = 125,
    /// The allocator may have changed since the cursor was made, or the cursor is none of this allocator's.
    OutdatedCursor = 126,
    /// The memory given for an allocator's tables is not aligned to `MEMCORE_FIXED_ALIGNMENT`.
    MisalignedMemory = 127,
    /// The memory given for an allocator's tables is smaller than `memcore_fixed_bytes` says.
    MemoryTooSmall = 128,
    /// The system or a decompressor failed while a trace was read or written.
    TraceIo = 200,
    /// The content is of no known format of traces.
    TraceUnknownFormat = 201,
    /// A line of a trace cannot be read.
    TraceLine = 202,
    /// A record of a binary trace cannot be read.
    TraceByte = 203,
    /// An operation given for a trace cannot be taken.
    TraceEvent = 204,
    /// A trace goes beyond a limit of its reading.
    TraceLimit = 205,
    /// Compressed content lies inside compressed content.
    TraceNestedCompression = 206,
    /// The format is read but not written.
    TraceNotWritable = 207,
    /// A workload cannot be read from text or generated.
    TraceWorkload = 208,
    /// A trace is of the other kind: of allocations where accesses are wanted, or the reverse.
    TraceOtherKind = 209,
    /// A page size is no power of two.
    TracePageSize = 210,
    /// An option of a replay is out of its range.
    ReplayBadOption = 300,
    /// The allocator can never place a block as the options of the replay demand.
    ReplayImpossible = 301,
    /// The caller's allocator or policy broke during a replay, or gave an answer that cannot be right.
    ReplayTarget = 302,
    /// The caller's allocator or policy could not be made.
    ReplayMake = 303,
    /// The system could not start a thread.
    ReplayThread = 304,
    /// No frames, or more than are numbered.
    PolicyFrames = 400,
    /// More distinct pages than are numbered.
    PolicyPages = 401,
    /// More references than can be foreseen.
    PolicyReferences = 402,
    /// The policy decides by references to come, which this use cannot know.
    PolicyNeedsFuture = 403,
    /// The policy chooses its number of frames itself, which this use cannot serve.
    PolicyVariesAllocation = 404,
    /// A curve by sampling is not known for the policy.
    PolicyNotSampled = 405,
    /// A rate of sampling is not above 0 and at most 1.
    PolicyRate = 406,
    /// A cache has no sets.
    CacheSets = 500,
    /// A cache has no ways, or more than are numbered.
    CacheWays = 501,
    /// A line is not a power of two of bytes.
    CacheLine = 502,
    /// A size is not that of a whole number of sets.
    CacheSize = 503,
    /// A size is not sets x ways x line, which were given too.
    CacheSizeDiffers = 504,
    /// The page sizes of a TLB or RAM are not different powers of two, or the TLB does not hold the size.
    CachePageSize = 505,
    /// A TLB cannot use the policy.
    CacheTlbPolicy = 506,
    /// A hierarchy has too many levels.
    CacheLevels = 507,
    /// Two levels have the same name, or a name that is taken.
    CacheName = 508,
    /// A level for data or instructions alone stands behind a unified one.
    CacheSplitBehindUnified = 509,
    /// The lines of a level are smaller than those of a level nearer to the processor.
    CacheLineShrinks = 510,
    /// An exclusive level has lines of another size than the level in front of it.
    CacheExclusiveLine = 511,
    /// An exclusive level has no level in front of it.
    CacheNothingToExclude = 512,
    /// A level answers sooner than one nearer to the processor.
    CacheLatencyFalls = 513,
    /// A parameter of a prefetcher is out of its range.
    CachePrefetch = 514,
    /// A width of SRRIP's predictions is out of its range.
    CacheSrripBits = 515,
    /// EINVAL: an argument of a call makes no sense.
    VmInvalid = 600,
    /// ENOMEM: there is not enough of something.
    VmNoMemory = 601,
    /// ENOMEM: part of a range is not mapped, where the call needs all of it. What it did to the mapped parts stays done.
    VmHole = 602,
    /// EFAULT: nothing is mapped where a mapping must be, or several areas are where one must be.
    VmBadAddress = 603,
    /// EEXIST: a mapping that must not be replaced is in the way.
    VmExists = 604,
    /// EACCES: the file is not open for writing.
    VmDenied = 605,
    /// EBADF: there is no such file.
    VmBadFile = 606,
    /// ESRCH: there is no such process, or no longer.
    VmNoProcess = 607,
    /// EAGAIN: a page cannot be locked.
    VmAgain = 608,
    /// EIO: reading or writing a file or the swap device failed.
    VmIo = 609,
    /// A part of a machine's configuration makes no sense.
    VmConfig = 610,
    /// A snapshot of a machine cannot be read.
    VmSnapshot = 611,
    /// An access ended in a signal.
    VmFault = 612,
    /// A virtual memory manager has pages of no bytes.
    VmmPageSize = 650,
    /// A virtual memory manager has no pages, or more than are numbered.
    VmmPages = 651,
    /// The addresses of a virtual memory manager pass 2^63 - 1.
    VmmTooLarge = 652,
    /// A manager has no such virtual page.
    VmmInvalidPage = 653,
    /// A manager has no such virtual address.
    VmmInvalidAddress = 654,
    /// The virtual page is allocated.
    VmmAlreadyAllocated = 655,
    /// The virtual page is not allocated.
    VmmNotAllocated = 656,
    /// An access to a virtual page that is not allocated.
    VmmPageFault = 657,
    /// The protection of a virtual page does not allow the access.
    VmmProtection = 658,
    /// A field of a segment descriptor, or a privilege or index, is out of its range.
    SegmentDescriptor = 660,
    /// `#NP`: a segment that is not present was loaded.
    SegmentNotPresentFault = 661,
    /// `#SS`: a stack segment that is not present was loaded, or its limit passed.
    SegmentStackFault = 662,
    /// `#GP`: segmentation does not allow it.
    SegmentGeneralProtection = 663,
    /// An argument of segmented paging makes no sense.
    MulticsInvalid = 670,
    /// There is no such segment, process, page or segment number.
    MulticsUnknown = 671,
    /// The segment number is taken, or the page in memory already.
    MulticsTaken = 672,
    /// The segment is still attached.
    MulticsAttached = 673,
    /// Every frame is in use.
    MulticsNoFrames = 674,
    /// A reference past the bound of the descriptor segment or the end of the segment.
    MulticsOutOfBounds = 675,
    /// A reference to a segment number at which nothing is attached.
    MulticsMissingSegment = 676,
    /// Modes, rings or gates forbid a reference.
    MulticsAccessViolation = 677,
    /// A reference to a page that is in no frame.
    MulticsMissingPage = 678,
    /// A reference by no process, or from no ring.
    MulticsNoProcess = 679,
    /// There is no such segment.
    SegmentUnknown = 680,
    /// The segment is swapped out.
    SegmentNotPresent = 681,
    /// The segment is in memory already.
    SegmentPresent = 682,
    /// An access past the end of a segment.
    SegmentLimit = 683,
    /// The segment does not allow this kind of access.
    SegmentProtection = 684,
    /// The handle is of another kind than the function takes.
    HeapWrongHandle = 700,
    /// The address lies outside the heap's memory. Null does, too.
    HeapNotInHeap = 701,
    /// The address lies in the heap's memory, and no live block begins there.
    HeapNotABlock = 702,
    /// The header in front of a live block was written over.
    HeapHeaderSmashed = 703,
    /// Bytes beside a live block were written.
    HeapRedzoneSmashed = 704,
    /// A block was written to after it was freed.
    HeapFreedWritten = 705,
    /// The memory of a heap is at its limit.
    HeapMemoryLimit = 706,
    /// The operating system refused a call.
    HeapSystem = 707,
    /// The memory given cannot hold a heap of this kind.
    HeapBadMemory = 708,
    /// The handle of a block names nothing that lives.
    HeapStaleHandle = 709,
    /// The block is pinned or locked.
    HeapHeld = 710,
    /// The block has no such pin or lock.
    HeapNotHeld = 711,
    /// The bytes are no heap of this kind and version, or were damaged.
    HeapBadImage = 712,
    /// A ring takes back its oldest record only.
    HeapNotOldest = 713,
}

/// Every status with its message, in the order of the numbers.
const STATUSES: &[(memcore_status, &CStr)] = &[
    (memcore_status::Ok, c"success"),
    (memcore_status::Panic, c"a defect inside the library stopped the call"),
    (memcore_status::NullArgument, c"a pointer that must not be null was null"),
    (memcore_status::IncompatibleVersion, c"the loaded library does not serve programs of that version"),
    (memcore_status::NotUtf8, c"a string is not UTF-8"),
    (memcore_status::OutOfMemory, c"the system has no memory for a handle or an answer"),
    (memcore_status::InvalidArgument, c"a number is none of those that the parameter takes"),
    (memcore_status::Cancelled, c"a callback asked to stop"),
    (memcore_status::UnknownName, c"nothing has this name"),
    (memcore_status::UnknownKey, c"what is named has no such parameter"),
    (memcore_status::BadValue, c"a parameter in a text cannot have this value"),
    (memcore_status::BadPart, c"a part of a text is not a new key=value"),
    (memcore_status::OutOfRange, c"an index is not below the number of entries"),
    (memcore_status::Other, c"a failure without a number of its own"),
    (memcore_status::ZeroSize, c"a block of 0 bytes was asked for"),
    (memcore_status::TooLarge, c"more bytes were asked for than the whole space has"),
    (memcore_status::BadAlignment, c"an alignment is not a power of two"),
    (memcore_status::BadBias, c"a bias is not a multiple of the smaller of alignment and granularity"),
    (memcore_status::Overflow, c"a size, rounded up, passes 2^64 - 1"),
    (memcore_status::OutOfSpace, c"no hole holds the request"),
    (memcore_status::OutOfMetadata, c"the tables have no room for another block or hole"),
    (memcore_status::LimitExceeded, c"the limit of the allocator would be passed"),
    (memcore_status::StaleId, c"the id names a block that was freed"),
    (memcore_status::DoubleFree, c"the block was freed already"),
    (memcore_status::UnknownId, c"the id was never given out"),
    (memcore_status::UnknownStart, c"no block starts there"),
    (memcore_status::UnknownOffset, c"no block holds the offset"),
    (memcore_status::NotTop, c"the block is not the last one"),
    (memcore_status::RangeTaken, c"a part of the wanted range is not free"),
    (memcore_status::BadStart, c"no block can begin at the wanted start"),
    (memcore_status::NoRoomInPlace, c"the block cannot have that size where it is"),
    (memcore_status::CapacityShrink, c"a space never shrinks"),
    (memcore_status::BadParameter, c"a parameter of a space or strategy is out of its range"),
    (memcore_status::Unsupported, c"the strategy or its storage cannot do this"),
    (memcore_status::NoAddressIndex, c"the allocator was made without an address index"),
    (memcore_status::NoTags, c"the allocator was made without tags"),
    (memcore_status::BadCheckpoint, c"the checkpoint is not one of this arena any more"),
    (memcore_status::OutdatedPlan, c"the space has changed since the plan was made"),
    (memcore_status::Reentered, c"a callback may not call what is calling it"),
    (memcore_status::Corrupt, c"an invariant of the tables is broken"),
    (memcore_status::OutdatedCursor, c"the allocator may have changed since the cursor was made"),
    (memcore_status::MisalignedMemory, c"the memory given is not aligned"),
    (memcore_status::MemoryTooSmall, c"the memory given is too small"),
    (memcore_status::TraceIo, c"reading or writing a trace failed"),
    (memcore_status::TraceUnknownFormat, c"the content is of no known format of traces"),
    (memcore_status::TraceLine, c"a line of a trace cannot be read"),
    (memcore_status::TraceByte, c"a record of a binary trace cannot be read"),
    (memcore_status::TraceEvent, c"an operation given for a trace cannot be taken"),
    (memcore_status::TraceLimit, c"a trace goes beyond a limit of its reading"),
    (memcore_status::TraceNestedCompression, c"compressed content lies inside compressed content"),
    (memcore_status::TraceNotWritable, c"the format is read but not written"),
    (memcore_status::TraceWorkload, c"a workload cannot be read from text or generated"),
    (memcore_status::TraceOtherKind, c"the trace is of the other kind, of allocations or of accesses"),
    (memcore_status::TracePageSize, c"a page size is no power of two"),
    (memcore_status::ReplayBadOption, c"an option of a replay is out of its range"),
    (memcore_status::ReplayImpossible, c"the allocator can never place a block as the options demand"),
    (memcore_status::ReplayTarget, c"the caller's allocator or policy broke during a replay"),
    (memcore_status::ReplayMake, c"the caller's allocator or policy could not be made"),
    (memcore_status::ReplayThread, c"a thread could not be started"),
    (memcore_status::PolicyFrames, c"a number of frames is 0 or more than are numbered"),
    (memcore_status::PolicyPages, c"there are more distinct pages than are numbered"),
    (memcore_status::PolicyReferences, c"there are more references than can be foreseen"),
    (memcore_status::PolicyNeedsFuture, c"the policy needs the future, which this use does not know"),
    (
        memcore_status::PolicyVariesAllocation,
        c"the policy varies its allocation, which this use cannot serve",
    ),
    (memcore_status::PolicyNotSampled, c"a sampled curve is for LRU only"),
    (memcore_status::PolicyRate, c"a rate of sampling is not above 0 and at most 1"),
    (memcore_status::CacheSets, c"a cache has no sets"),
    (memcore_status::CacheWays, c"a cache has no ways, or more than are numbered"),
    (memcore_status::CacheLine, c"a line is not a power of two of bytes"),
    (memcore_status::CacheSize, c"a size is not that of a whole number of sets"),
    (memcore_status::CacheSizeDiffers, c"a size is not sets x ways x line"),
    (memcore_status::CachePageSize, c"a page size is no power of two, given twice, or not held"),
    (memcore_status::CacheTlbPolicy, c"a TLB cannot use the policy"),
    (memcore_status::CacheLevels, c"a hierarchy has too many levels"),
    (memcore_status::CacheName, c"the name of a level is taken"),
    (memcore_status::CacheSplitBehindUnified, c"a split level stands behind a unified one"),
    (memcore_status::CacheLineShrinks, c"the lines of a level are smaller than those of one in front of it"),
    (
        memcore_status::CacheExclusiveLine,
        c"an exclusive level has lines of another size than the one in front of it",
    ),
    (memcore_status::CacheNothingToExclude, c"an exclusive level has no level in front of it"),
    (memcore_status::CacheLatencyFalls, c"a level answers sooner than one nearer to the processor"),
    (memcore_status::CachePrefetch, c"a parameter of a prefetcher is out of its range"),
    (memcore_status::CacheSrripBits, c"a width of SRRIP's predictions is out of its range"),
    (memcore_status::VmInvalid, c"an argument of the call makes no sense (EINVAL)"),
    (memcore_status::VmNoMemory, c"there is not enough memory of some kind (ENOMEM)"),
    (memcore_status::VmHole, c"part of the range is not mapped (ENOMEM)"),
    (memcore_status::VmBadAddress, c"the address does not lie in the one area that the call needs (EFAULT)"),
    (memcore_status::VmExists, c"the range is mapped already (EEXIST)"),
    (memcore_status::VmDenied, c"the file is not open for writing (EACCES)"),
    (memcore_status::VmBadFile, c"there is no such file (EBADF)"),
    (memcore_status::VmNoProcess, c"there is no such process (ESRCH)"),
    (memcore_status::VmAgain, c"a page cannot be locked (EAGAIN)"),
    (memcore_status::VmIo, c"input or output failed (EIO)"),
    (memcore_status::VmConfig, c"a part of the configuration makes no sense"),
    (memcore_status::VmSnapshot, c"the snapshot cannot be read"),
    (memcore_status::VmFault, c"an access ended in a signal"),
    (memcore_status::VmmPageSize, c"a page has no bytes"),
    (memcore_status::VmmPages, c"a manager has no pages, or more than are numbered"),
    (memcore_status::VmmTooLarge, c"addresses pass 2^63 - 1"),
    (memcore_status::VmmInvalidPage, c"there is no such virtual page"),
    (memcore_status::VmmInvalidAddress, c"there is no such virtual address"),
    (memcore_status::VmmAlreadyAllocated, c"the virtual page is allocated already"),
    (memcore_status::VmmNotAllocated, c"the virtual page is not allocated"),
    (memcore_status::VmmPageFault, c"page fault: the virtual page is not allocated"),
    (memcore_status::VmmProtection, c"the protection of the virtual page does not allow it"),
    (memcore_status::SegmentDescriptor, c"a field of a segment descriptor is out of its range"),
    (memcore_status::SegmentNotPresentFault, c"#NP: the segment is not present"),
    (memcore_status::SegmentStackFault, c"#SS: the stack segment is not present or its limit passed"),
    (memcore_status::SegmentGeneralProtection, c"#GP: segmentation does not allow it"),
    (memcore_status::MulticsInvalid, c"an argument of segmented paging makes no sense"),
    (memcore_status::MulticsUnknown, c"there is no such segment, process, page or segment number"),
    (memcore_status::MulticsTaken, c"the segment number or page is taken already"),
    (memcore_status::MulticsAttached, c"the segment is still attached"),
    (memcore_status::MulticsNoFrames, c"every frame is in use"),
    (memcore_status::MulticsOutOfBounds, c"a reference out of bounds"),
    (memcore_status::MulticsMissingSegment, c"a reference to a missing segment"),
    (memcore_status::MulticsAccessViolation, c"modes, rings or gates forbid the reference"),
    (memcore_status::MulticsMissingPage, c"a reference to a missing page"),
    (memcore_status::MulticsNoProcess, c"there is no such process or ring"),
    (memcore_status::SegmentUnknown, c"there is no such segment"),
    (memcore_status::SegmentNotPresent, c"the segment is swapped out"),
    (memcore_status::SegmentPresent, c"the segment is in memory already"),
    (memcore_status::SegmentLimit, c"an access past the end of the segment"),
    (memcore_status::SegmentProtection, c"the segment does not allow the access"),
    (memcore_status::HeapWrongHandle, c"the handle is of another kind"),
    (memcore_status::HeapNotInHeap, c"the address is not in the heap"),
    (memcore_status::HeapNotABlock, c"no live block begins at the address"),
    (memcore_status::HeapHeaderSmashed, c"the header of the block was written over"),
    (memcore_status::HeapRedzoneSmashed, c"bytes beside the block were written"),
    (memcore_status::HeapFreedWritten, c"the block was written to after it was freed"),
    (memcore_status::HeapMemoryLimit, c"the memory of the heap cannot become larger"),
    (memcore_status::HeapSystem, c"the operating system refused a call"),
    (memcore_status::HeapBadMemory, c"the memory cannot hold a heap"),
    (memcore_status::HeapStaleHandle, c"the handle names no live block"),
    (memcore_status::HeapHeld, c"the block is pinned or locked"),
    (memcore_status::HeapNotHeld, c"the block has no such pin or lock"),
    (memcore_status::HeapBadImage, c"the bytes are no heap, or were damaged"),
    (memcore_status::HeapNotOldest, c"the record is not the oldest"),
];

/// The message of a status, or one that says that there is none.
pub(crate) fn message(status: i32) -> &'static CStr {
    STATUSES
        .iter()
        .find(|(listed, _)| *listed as i32 == status)
        .map_or(c"a status that this version of the library does not know", |(_, message)| message)
}

/// Puts a status into words.
///
/// \param status any number; one that this version does not know has a message that says so.
/// \return a message in English, without a full stop or a line end. Never null, valid for as long as the library
/// is loaded, not to be freed.
///
/// Takes time proportional to the number of statuses, allocates nothing, and may be called by any thread.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_status_message(status: i32) -> *const c_char {
    guarded(c"".as_ptr(), || message(status).as_ptr())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_listed_once_in_order() {
        assert!(STATUSES.windows(2).all(|pair| (pair[0].0 as i32) < pair[1].0 as i32));
    }

    #[test]
    fn messages_differ_and_are_never_empty() {
        let mut messages: Vec<_> = STATUSES.iter().map(|(_, message)| message).collect();
        messages.sort();
        messages.dedup();
        assert_eq!(messages.len(), STATUSES.len());
        assert!(messages.iter().all(|message| !message.is_empty()));
    }

    /// The header is written from the enum, so it shows a variant that the list lacks.
    #[test]
    fn every_status_of_the_header_is_listed() {
        let header = include_str!("../../include/memcore.h");
        let numbers: Vec<i32> = header
            .lines()
            .filter_map(|line| line.trim().strip_prefix("MEMCORE_STATUS_")?.split_once(" = "))
            .map(|(_, number)| number.trim_end_matches(',').parse().expect("cbindgen writes a number"))
            .collect();
        let listed: Vec<i32> = STATUSES.iter().map(|(status, _)| *status as i32).collect();
        assert_eq!(numbers, listed);
    }

    #[test]
    fn unknown_numbers_have_a_message() {
        for status in [-1, i32::MIN, i32::MAX] {
            assert!(message(status).to_str().unwrap().contains("does not know"));
        }
    }
}
