/**
 * \file memcore.h
 * libmemcore: memory management as a library.
 *
 * Written by `make header` from the Rust sources of the C door; do not edit.
 *
 * ## What holds for every function
 * - A function that can fail returns an `int32_t`: `MEMCORE_STATUS_OK` (0) or another `MEMCORE_STATUS_...`
 *   number, which `memcore_status_message` puts into words. It writes its results only when it succeeds.
 * - `memcore_last_error` and `memcore_last_error_message` tell the numbers behind the calling thread's last failure.
 * - After a failed call, everything is as it was before the call.
 * - A `const` pointer to a handle may be used by many threads at once; any other pointer to a handle must be
 *   used by one thread at a time, unless its type says that threads may share it.
 * - A callback is called by the thread that called the function. It must not throw and not jump out.
 * - Pointers are null where the description allows it, or point to what their type says, aligned as it demands.
 * - No exception and no unwinding leaves a function. A defect inside the library arrives as
 *   `MEMCORE_STATUS_PANIC`; a handle that was being changed by that call may then only be destroyed.
 * - Strings are UTF-8 and end in a zero byte.
 */

#ifndef MEMCORE_H
#define MEMCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * What memory given for an allocator must be aligned to, in bytes. `malloc` aligns to at least that.
 */
#define MEMCORE_FIXED_ALIGNMENT 16

/**
 * No limit, for `memcore_allocator_set_limit`.
 */
#define MEMCORE_NO_LIMIT 18446744073709551615ull

/**
 * Room for the name of a place, its zero byte included. A longer name is cut off.
 */
#define MEMCORE_PLACE_BYTES 32

/**
 * What every block of `memcore_malloc` and its kin is aligned to at least, in bytes.
 */
#define MEMCORE_MALLOC_ALIGNMENT 16

/**
 * How many roots an image has.
 */
#define MEMCORE_ROOTS 16

/**
 * The stack distance of a page's first reference: there is none.
 */
#define MEMCORE_COLD UINT32_MAX

/**
 * The major version of this header.
 */
#define MEMCORE_VERSION_MAJOR 0

/**
 * The minor version of this header. Before 1.0 a minor version may change the interface.
 */
#define MEMCORE_VERSION_MINOR 1

/**
 * The patch version of this header.
 */
#define MEMCORE_VERSION_PATCH 0

/**
 * Each access to a page that went well.
 */
#define MEMCORE_EVENTS_ACCESS 1

/**
 * What each TLB had and had not.
 */
#define MEMCORE_EVENTS_TLB 2

/**
 * Each entry that walks read.
 */
#define MEMCORE_EVENTS_WALK 4

/**
 * Faults and signals.
 */
#define MEMCORE_EVENTS_FAULT 8

/**
 * Pages that lost their frame or were written back.
 */
#define MEMCORE_EVENTS_RECLAIM 16

/**
 * Pages that came from swap, or moved on from the compressed pool.
 */
#define MEMCORE_EVENTS_SWAP 32

/**
 * Pages merged.
 */
#define MEMCORE_EVENTS_MERGE 64

/**
 * Huge pages made and split.
 */
#define MEMCORE_EVENTS_HUGE 128

/**
 * Pages moved to another node.
 */
#define MEMCORE_EVENTS_MIGRATE 256

/**
 * Entries that left the TLBs.
 */
#define MEMCORE_EVENTS_FLUSH 512

/**
 * Processes that began, ended, were killed.
 */
#define MEMCORE_EVENTS_PROCESS 1024

/**
 * Ranges mapped, unmapped, protected.
 */
#define MEMCORE_EVENTS_MAP 2048

/**
 * All but those of every access: without ACCESS, TLB and WALK.
 */
#define MEMCORE_EVENTS_RARE 4088

/**
 * All.
 */
#define MEMCORE_EVENTS_ALL 4095

/**
 * Its pages stay in memory.
 */
#define MEMCORE_AREA_LOCKED 1

/**
 * Locked, but a page only once it is there.
 */
#define MEMCORE_AREA_LOCK_ON_FAULT 2

/**
 * The commit charge was waived.
 */
#define MEMCORE_AREA_NORESERVE 4

/**
 * Its pages are part of the commit charge.
 */
#define MEMCORE_AREA_ACCOUNTED 8

/**
 * It grows towards lower addresses, as a stack does.
 */
#define MEMCORE_AREA_GROWS_DOWN 16

/**
 * A child does not get it.
 */
#define MEMCORE_AREA_DONT_FORK 32

/**
 * A child gets it empty.
 */
#define MEMCORE_AREA_WIPE_ON_FORK 64

/**
 * Equal pages may be merged.
 */
#define MEMCORE_AREA_MERGEABLE 128

/**
 * Huge pages are welcome.
 */
#define MEMCORE_AREA_HUGE_PAGE 256

/**
 * No huge pages.
 */
#define MEMCORE_AREA_NO_HUGE_PAGE 512

/**
 * Read here and there: no read-ahead.
 */
#define MEMCORE_AREA_RANDOM 1024

/**
 * Read in order: much read-ahead.
 */
#define MEMCORE_AREA_SEQUENTIAL 2048

/**
 * It is made of pages from the pool of huge pages.
 */
#define MEMCORE_AREA_HUGETLB 4096

/**
 * No protection: every access is a fault.
 */
#define MEMCORE_PROT_NONE 0

/**
 * Reading.
 */
#define MEMCORE_PROT_READ 1

/**
 * Writing, which implies reading.
 */
#define MEMCORE_PROT_WRITE 2

/**
 * Executing, which implies reading.
 */
#define MEMCORE_PROT_EXECUTE 4

/**
 * Writes are seen by all who map the same, and reach the file.
 */
#define MEMCORE_MAP_SHARED 1

/**
 * Writes are the process' own.
 */
#define MEMCORE_MAP_PRIVATE 2

/**
 * At the given address, whatever is mapped there.
 */
#define MEMCORE_MAP_FIXED 16

/**
 * Grows downwards when the page below is touched: a stack.
 */
#define MEMCORE_MAP_GROWSDOWN 256

/**
 * Locked into memory.
 */
#define MEMCORE_MAP_LOCKED 8192

/**
 * No commit is charged.
 */
#define MEMCORE_MAP_NORESERVE 16384

/**
 * Faulted in now.
 */
#define MEMCORE_MAP_POPULATE 32768

/**
 * From the pool of huge pages.
 */
#define MEMCORE_MAP_HUGETLB 262144

/**
 * At the given address, unless something is mapped there.
 */
#define MEMCORE_MAP_FIXED_NOREPLACE 1048576

/**
 * No file: the range is anonymous.
 */
#define MEMCORE_NO_FILE 4294967295

/**
 * The range may move to wherever there is room, if it cannot grow where it is.
 */
#define MEMCORE_REMAP_MAY_MOVE 1

/**
 * The range moves to a given address, whatever is mapped there. With `MEMCORE_REMAP_MAY_MOVE`, as on Linux.
 */
#define MEMCORE_REMAP_FIXED 2

/**
 * What a function of this library returns: 0 for success, otherwise the reason why it failed.
 *
 * Numbers are never reused. A later version of the library may return numbers that this list lacks, so a
 * `switch` over them needs a `default`.
 *
 * Hundreds belong together: 0 to 99 are general, 100 to 199 are of allocators, 200 to 299 of traces,
 * 300 to 399 of replays, 400 to 499 of page replacement, 500 to 599 of caches and hierarchies, 600 to 699 of
 * virtual memory (of these 600 to 649 of the machine, 650 to 659 of the virtual memory manager, 660 to 684 of
 * segmentation), 700 to 799 of heaps.
 */
enum memcore_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The call succeeded.
     */
    MEMCORE_STATUS_OK = 0,
    /**
     * A defect inside the library stopped the call. Handles that it was changing may only be destroyed.
     */
    MEMCORE_STATUS_PANIC = 1,
    /**
     * A pointer that must not be null was null.
     */
    MEMCORE_STATUS_NULL_ARGUMENT = 2,
    /**
     * The library that was loaded does not serve programs compiled for that version.
     */
    MEMCORE_STATUS_INCOMPATIBLE_VERSION = 3,
    /**
     * A string is not UTF-8.
     */
    MEMCORE_STATUS_NOT_UTF8 = 4,
    /**
     * The system has no memory for a handle or an answer.
     */
    MEMCORE_STATUS_OUT_OF_MEMORY = 5,
    /**
     * A number is none of those that the parameter takes.
     */
    MEMCORE_STATUS_INVALID_ARGUMENT = 6,
    /**
     * A callback asked to stop.
     */
    MEMCORE_STATUS_CANCELLED = 7,
    /**
     * Nothing of the kind asked for (a strategy, a workload, a format) has this name.
     */
    MEMCORE_STATUS_UNKNOWN_NAME = 8,
    /**
     * What is named has no parameter of this name.
     */
    MEMCORE_STATUS_UNKNOWN_KEY = 9,
    /**
     * A parameter in a text cannot have this value.
     */
    MEMCORE_STATUS_BAD_VALUE = 10,
    /**
     * A part of a text is not `key=value`, or repeats a key.
     */
    MEMCORE_STATUS_BAD_PART = 11,
    /**
     * An index is not below the number of entries.
     */
    MEMCORE_STATUS_OUT_OF_RANGE = 12,
    /**
     * A failure that this version of the library has no number for; `memcore_last_error_message` describes it.
     */
    MEMCORE_STATUS_OTHER = 99,
    /**
     * A block of 0 bytes was asked for.
     */
    MEMCORE_STATUS_ZERO_SIZE = 100,
    /**
     * More bytes were asked for than the whole space (or the slot of a pool) has.
     */
    MEMCORE_STATUS_TOO_LARGE = 101,
    /**
     * An alignment is not a power of two.
     */
    MEMCORE_STATUS_BAD_ALIGNMENT = 102,
    /**
     * A bias is not a multiple of the smaller of alignment and granularity.
     */
    MEMCORE_STATUS_BAD_BIAS = 103,
    /**
     * A size, rounded up, passes 2^64 - 1.
     */
    MEMCORE_STATUS_OVERFLOW = 104,
    /**
     * No hole holds the request, although the space as a whole could.
     */
    MEMCORE_STATUS_OUT_OF_SPACE = 105,
    /**
     * The tables have no room for another block or hole: the given memory is full, or the system's is.
     */
    MEMCORE_STATUS_OUT_OF_METADATA = 106,
    /**
     * The limit that was set on the allocator would be passed.
     */
    MEMCORE_STATUS_LIMIT_EXCEEDED = 107,
    /**
     * The id names a block that was freed.
     */
    MEMCORE_STATUS_STALE_ID = 108,
    /**
     * The block was freed already.
     */
    MEMCORE_STATUS_DOUBLE_FREE = 109,
    /**
     * The allocator never gave out the id.
     */
    MEMCORE_STATUS_UNKNOWN_ID = 110,
    /**
     * No live block starts there.
     */
    MEMCORE_STATUS_UNKNOWN_START = 111,
    /**
     * No live block holds the offset.
     */
    MEMCORE_STATUS_UNKNOWN_OFFSET = 112,
    /**
     * A stack frees its top only; a stack or arena resizes its last block only.
     */
    MEMCORE_STATUS_NOT_TOP = 113,
    /**
     * A part of the wanted range is not free.
     */
    MEMCORE_STATUS_RANGE_TAKEN = 114,
    /**
     * No block of the space can begin at the wanted start.
     */
    MEMCORE_STATUS_BAD_START = 115,
    /**
     * The block cannot have that size where it is.
     */
    MEMCORE_STATUS_NO_ROOM_IN_PLACE = 116,
    /**
     * A space never shrinks.
     */
    MEMCORE_STATUS_CAPACITY_SHRINK = 117,
    /**
     * A parameter of a space or strategy is out of its range.
     */
    MEMCORE_STATUS_BAD_PARAMETER = 118,
    /**
     * The strategy, or the storage of the allocator, cannot do this.
     */
    MEMCORE_STATUS_UNSUPPORTED = 119,
    /**
     * The call needs the address index, which the allocator was made without.
     */
    MEMCORE_STATUS_NO_ADDRESS_INDEX = 120,
    /**
     * The allocator was made without tags.
     */
    MEMCORE_STATUS_NO_TAGS = 121,
    /**
     * The arena was rewound past the checkpoint, or it is none of this arena's.
     */
    MEMCORE_STATUS_BAD_CHECKPOINT = 122,
    /**
     * The space has changed since the compaction plan was made.
     */
    MEMCORE_STATUS_OUTDATED_PLAN = 123,
    /**
     * A callback called the allocator, hierarchy or machine that was calling it.
     */
    MEMCORE_STATUS_REENTERED = 124,
    /**
     * An invariant of an allocator's or a machine's tables is broken.
     */
    MEMCORE_STATUS_CORRUPT = 125,
    /**
     * The allocator may have changed since the cursor was made, or the cursor is none of this allocator's.
     */
    MEMCORE_STATUS_OUTDATED_CURSOR = 126,
    /**
     * The memory given for an allocator's tables is not aligned to `MEMCORE_FIXED_ALIGNMENT`.
     */
    MEMCORE_STATUS_MISALIGNED_MEMORY = 127,
    /**
     * The memory given for an allocator's tables is smaller than `memcore_fixed_bytes` says.
     */
    MEMCORE_STATUS_MEMORY_TOO_SMALL = 128,
    /**
     * The system or a decompressor failed while a trace was read or written.
     */
    MEMCORE_STATUS_TRACE_IO = 200,
    /**
     * The content is of no known format of traces.
     */
    MEMCORE_STATUS_TRACE_UNKNOWN_FORMAT = 201,
    /**
     * A line of a trace cannot be read.
     */
    MEMCORE_STATUS_TRACE_LINE = 202,
    /**
     * A record of a binary trace cannot be read.
     */
    MEMCORE_STATUS_TRACE_BYTE = 203,
    /**
     * An operation given for a trace cannot be taken.
     */
    MEMCORE_STATUS_TRACE_EVENT = 204,
    /**
     * A trace goes beyond a limit of its reading.
     */
    MEMCORE_STATUS_TRACE_LIMIT = 205,
    /**
     * Compressed content lies inside compressed content.
     */
    MEMCORE_STATUS_TRACE_NESTED_COMPRESSION = 206,
    /**
     * The format is read but not written.
     */
    MEMCORE_STATUS_TRACE_NOT_WRITABLE = 207,
    /**
     * A workload cannot be read from text or generated.
     */
    MEMCORE_STATUS_TRACE_WORKLOAD = 208,
    /**
     * A trace is of the other kind: of allocations where accesses are wanted, or the reverse.
     */
    MEMCORE_STATUS_TRACE_OTHER_KIND = 209,
    /**
     * A page size is no power of two.
     */
    MEMCORE_STATUS_TRACE_PAGE_SIZE = 210,
    /**
     * An option of a replay is out of its range.
     */
    MEMCORE_STATUS_REPLAY_BAD_OPTION = 300,
    /**
     * The allocator can never place a block as the options of the replay demand.
     */
    MEMCORE_STATUS_REPLAY_IMPOSSIBLE = 301,
    /**
     * The caller's allocator or policy broke during a replay, or gave an answer that cannot be right.
     */
    MEMCORE_STATUS_REPLAY_TARGET = 302,
    /**
     * The caller's allocator or policy could not be made.
     */
    MEMCORE_STATUS_REPLAY_MAKE = 303,
    /**
     * The system could not start a thread.
     */
    MEMCORE_STATUS_REPLAY_THREAD = 304,
    /**
     * No frames, or more than are numbered.
     */
    MEMCORE_STATUS_POLICY_FRAMES = 400,
    /**
     * More distinct pages than are numbered.
     */
    MEMCORE_STATUS_POLICY_PAGES = 401,
    /**
     * More references than can be foreseen.
     */
    MEMCORE_STATUS_POLICY_REFERENCES = 402,
    /**
     * The policy decides by references to come, which this use cannot know.
     */
    MEMCORE_STATUS_POLICY_NEEDS_FUTURE = 403,
    /**
     * The policy chooses its number of frames itself, which this use cannot serve.
     */
    MEMCORE_STATUS_POLICY_VARIES_ALLOCATION = 404,
    /**
     * A curve by sampling is not known for the policy.
     */
    MEMCORE_STATUS_POLICY_NOT_SAMPLED = 405,
    /**
     * A rate of sampling is not above 0 and at most 1.
     */
    MEMCORE_STATUS_POLICY_RATE = 406,
    /**
     * A cache has no sets.
     */
    MEMCORE_STATUS_CACHE_SETS = 500,
    /**
     * A cache has no ways, or more than are numbered.
     */
    MEMCORE_STATUS_CACHE_WAYS = 501,
    /**
     * A line is not a power of two of bytes.
     */
    MEMCORE_STATUS_CACHE_LINE = 502,
    /**
     * A size is not that of a whole number of sets.
     */
    MEMCORE_STATUS_CACHE_SIZE = 503,
    /**
     * A size is not sets x ways x line, which were given too.
     */
    MEMCORE_STATUS_CACHE_SIZE_DIFFERS = 504,
    /**
     * The page sizes of a TLB or RAM are not different powers of two, or the TLB does not hold the size.
     */
    MEMCORE_STATUS_CACHE_PAGE_SIZE = 505,
    /**
     * A TLB cannot use the policy.
     */
    MEMCORE_STATUS_CACHE_TLB_POLICY = 506,
    /**
     * A hierarchy has too many levels.
     */
    MEMCORE_STATUS_CACHE_LEVELS = 507,
    /**
     * Two levels have the same name, or a name that is taken.
     */
    MEMCORE_STATUS_CACHE_NAME = 508,
    /**
     * A level for data or instructions alone stands behind a unified one.
     */
    MEMCORE_STATUS_CACHE_SPLIT_BEHIND_UNIFIED = 509,
    /**
     * The lines of a level are smaller than those of a level nearer to the processor.
     */
    MEMCORE_STATUS_CACHE_LINE_SHRINKS = 510,
    /**
     * An exclusive level has lines of another size than the level in front of it.
     */
    MEMCORE_STATUS_CACHE_EXCLUSIVE_LINE = 511,
    /**
     * An exclusive level has no level in front of it.
     */
    MEMCORE_STATUS_CACHE_NOTHING_TO_EXCLUDE = 512,
    /**
     * A level answers sooner than one nearer to the processor.
     */
    MEMCORE_STATUS_CACHE_LATENCY_FALLS = 513,
    /**
     * A parameter of a prefetcher is out of its range.
     */
    MEMCORE_STATUS_CACHE_PREFETCH = 514,
    /**
     * A width of SRRIP's predictions is out of its range.
     */
    MEMCORE_STATUS_CACHE_SRRIP_BITS = 515,
    /**
     * EINVAL: an argument of a call makes no sense.
     */
    MEMCORE_STATUS_VM_INVALID = 600,
    /**
     * ENOMEM: there is not enough of something.
     */
    MEMCORE_STATUS_VM_NO_MEMORY = 601,
    /**
     * ENOMEM: part of a range is not mapped, where the call needs all of it. What it did to the mapped parts stays done.
     */
    MEMCORE_STATUS_VM_HOLE = 602,
    /**
     * EFAULT: nothing is mapped where a mapping must be, or several areas are where one must be.
     */
    MEMCORE_STATUS_VM_BAD_ADDRESS = 603,
    /**
     * EEXIST: a mapping that must not be replaced is in the way.
     */
    MEMCORE_STATUS_VM_EXISTS = 604,
    /**
     * EACCES: the file is not open for writing.
     */
    MEMCORE_STATUS_VM_DENIED = 605,
    /**
     * EBADF: there is no such file.
     */
    MEMCORE_STATUS_VM_BAD_FILE = 606,
    /**
     * ESRCH: there is no such process, or no longer.
     */
    MEMCORE_STATUS_VM_NO_PROCESS = 607,
    /**
     * EAGAIN: a page cannot be locked.
     */
    MEMCORE_STATUS_VM_AGAIN = 608,
    /**
     * EIO: reading or writing a file or the swap device failed.
     */
    MEMCORE_STATUS_VM_IO = 609,
    /**
     * A part of a machine's configuration makes no sense.
     */
    MEMCORE_STATUS_VM_CONFIG = 610,
    /**
     * A snapshot of a machine cannot be read.
     */
    MEMCORE_STATUS_VM_SNAPSHOT = 611,
    /**
     * An access ended in a signal.
     */
    MEMCORE_STATUS_VM_FAULT = 612,
    /**
     * A virtual memory manager has pages of no bytes.
     */
    MEMCORE_STATUS_VMM_PAGE_SIZE = 650,
    /**
     * A virtual memory manager has no pages, or more than are numbered.
     */
    MEMCORE_STATUS_VMM_PAGES = 651,
    /**
     * The addresses of a virtual memory manager pass 2^63 - 1.
     */
    MEMCORE_STATUS_VMM_TOO_LARGE = 652,
    /**
     * A manager has no such virtual page.
     */
    MEMCORE_STATUS_VMM_INVALID_PAGE = 653,
    /**
     * A manager has no such virtual address.
     */
    MEMCORE_STATUS_VMM_INVALID_ADDRESS = 654,
    /**
     * The virtual page is allocated.
     */
    MEMCORE_STATUS_VMM_ALREADY_ALLOCATED = 655,
    /**
     * The virtual page is not allocated.
     */
    MEMCORE_STATUS_VMM_NOT_ALLOCATED = 656,
    /**
     * An access to a virtual page that is not allocated.
     */
    MEMCORE_STATUS_VMM_PAGE_FAULT = 657,
    /**
     * The protection of a virtual page does not allow the access.
     */
    MEMCORE_STATUS_VMM_PROTECTION = 658,
    /**
     * A field of a segment descriptor, or a privilege or index, is out of its range.
     */
    MEMCORE_STATUS_SEGMENT_DESCRIPTOR = 660,
    /**
     * `#NP`: a segment that is not present was loaded.
     */
    MEMCORE_STATUS_SEGMENT_NOT_PRESENT_FAULT = 661,
    /**
     * `#SS`: a stack segment that is not present was loaded, or its limit passed.
     */
    MEMCORE_STATUS_SEGMENT_STACK_FAULT = 662,
    /**
     * `#GP`: segmentation does not allow it.
     */
    MEMCORE_STATUS_SEGMENT_GENERAL_PROTECTION = 663,
    /**
     * An argument of segmented paging makes no sense.
     */
    MEMCORE_STATUS_MULTICS_INVALID = 670,
    /**
     * There is no such segment, process, page or segment number.
     */
    MEMCORE_STATUS_MULTICS_UNKNOWN = 671,
    /**
     * The segment number is taken, or the page in memory already.
     */
    MEMCORE_STATUS_MULTICS_TAKEN = 672,
    /**
     * The segment is still attached.
     */
    MEMCORE_STATUS_MULTICS_ATTACHED = 673,
    /**
     * Every frame is in use.
     */
    MEMCORE_STATUS_MULTICS_NO_FRAMES = 674,
    /**
     * A reference past the bound of the descriptor segment or the end of the segment.
     */
    MEMCORE_STATUS_MULTICS_OUT_OF_BOUNDS = 675,
    /**
     * A reference to a segment number at which nothing is attached.
     */
    MEMCORE_STATUS_MULTICS_MISSING_SEGMENT = 676,
    /**
     * Modes, rings or gates forbid a reference.
     */
    MEMCORE_STATUS_MULTICS_ACCESS_VIOLATION = 677,
    /**
     * A reference to a page that is in no frame.
     */
    MEMCORE_STATUS_MULTICS_MISSING_PAGE = 678,
    /**
     * A reference by no process, or from no ring.
     */
    MEMCORE_STATUS_MULTICS_NO_PROCESS = 679,
    /**
     * There is no such segment.
     */
    MEMCORE_STATUS_SEGMENT_UNKNOWN = 680,
    /**
     * The segment is swapped out.
     */
    MEMCORE_STATUS_SEGMENT_NOT_PRESENT = 681,
    /**
     * The segment is in memory already.
     */
    MEMCORE_STATUS_SEGMENT_PRESENT = 682,
    /**
     * An access past the end of a segment.
     */
    MEMCORE_STATUS_SEGMENT_LIMIT = 683,
    /**
     * The segment does not allow this kind of access.
     */
    MEMCORE_STATUS_SEGMENT_PROTECTION = 684,
    /**
     * The handle is of another kind than the function takes.
     */
    MEMCORE_STATUS_HEAP_WRONG_HANDLE = 700,
    /**
     * The address lies outside the heap's memory. Null does, too.
     */
    MEMCORE_STATUS_HEAP_NOT_IN_HEAP = 701,
    /**
     * The address lies in the heap's memory, and no live block begins there.
     */
    MEMCORE_STATUS_HEAP_NOT_A_BLOCK = 702,
    /**
     * The header in front of a live block was written over.
     */
    MEMCORE_STATUS_HEAP_HEADER_SMASHED = 703,
    /**
     * Bytes beside a live block were written.
     */
    MEMCORE_STATUS_HEAP_REDZONE_SMASHED = 704,
    /**
     * A block was written to after it was freed.
     */
    MEMCORE_STATUS_HEAP_FREED_WRITTEN = 705,
    /**
     * The memory of a heap is at its limit.
     */
    MEMCORE_STATUS_HEAP_MEMORY_LIMIT = 706,
    /**
     * The operating system refused a call.
     */
    MEMCORE_STATUS_HEAP_SYSTEM = 707,
    /**
     * The memory given cannot hold a heap of this kind.
     */
    MEMCORE_STATUS_HEAP_BAD_MEMORY = 708,
    /**
     * The handle of a block names nothing that lives.
     */
    MEMCORE_STATUS_HEAP_STALE_HANDLE = 709,
    /**
     * The block is pinned or locked.
     */
    MEMCORE_STATUS_HEAP_HELD = 710,
    /**
     * The block has no such pin or lock.
     */
    MEMCORE_STATUS_HEAP_NOT_HELD = 711,
    /**
     * The bytes are no heap of this kind and version, or were damaged.
     */
    MEMCORE_STATUS_HEAP_BAD_IMAGE = 712,
    /**
     * A ring takes back its oldest record only.
     */
    MEMCORE_STATUS_HEAP_NOT_OLDEST = 713,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_status memcore_status;
#else
typedef int32_t memcore_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a strategy could not do.
 */
enum memcore_operation
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Nothing of the kind.
     */
    MEMCORE_OPERATION_NONE = 0,
    /**
     * Free by address.
     */
    MEMCORE_OPERATION_FREE_AT = 1,
    /**
     * Find a block by its start.
     */
    MEMCORE_OPERATION_BLOCK_AT = 2,
    /**
     * Find the block around an offset.
     */
    MEMCORE_OPERATION_CONTAINING = 3,
    /**
     * Allocate at a wanted start.
     */
    MEMCORE_OPERATION_ALLOCATE_AT = 4,
    /**
     * Compact.
     */
    MEMCORE_OPERATION_COMPACT = 5,
    /**
     * Take checkpoints and rewind.
     */
    MEMCORE_OPERATION_CHECKPOINT = 6,
    /**
     * One that this version of the library has no number for.
     */
    MEMCORE_OPERATION_OTHER = 99,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_operation memcore_operation;
#else
typedef int32_t memcore_operation;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a wanted start has to obey.
 */
enum memcore_start_rule
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Nothing of the kind.
     */
    MEMCORE_START_RULE_NONE = 0,
    /**
     * The start must be a multiple.
     */
    MEMCORE_START_RULE_START = 1,
    /**
     * The start plus the bias must be a multiple.
     */
    MEMCORE_START_RULE_BIASED_START = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_start_rule memcore_start_rule;
#else
typedef int32_t memcore_start_rule;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a part of the space is.
 */
enum memcore_region_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A live block.
     */
    MEMCORE_REGION_KIND_USED = 0,
    /**
     * Can be allocated.
     */
    MEMCORE_REGION_KIND_HOLE = 1,
    /**
     * Neither used nor allocatable yet: bytes that an arena or a stack gets back later.
     */
    MEMCORE_REGION_KIND_DEAD = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_region_kind memcore_region_kind;
#else
typedef int32_t memcore_region_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What happened to an allocator.
 */
enum memcore_event_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * `block` was handed out.
     */
    MEMCORE_EVENT_KIND_ALLOCATED = 0,
    /**
     * `block` was taken back.
     */
    MEMCORE_EVENT_KIND_FREED = 1,
    /**
     * `block` was resized; `old` is how it was.
     */
    MEMCORE_EVENT_KIND_RESIZED = 2,
    /**
     * `moved` was carried out by a committed compaction.
     */
    MEMCORE_EVENT_KIND_MOVED = 3,
    /**
     * A request for `size` bytes, or to have `size` bytes, was refused with `status`.
     */
    MEMCORE_EVENT_KIND_FAILED = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_event_kind memcore_event_kind;
#else
typedef int32_t memcore_event_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What an operation of a trace does. The numbers are those of the binary formats.
 */
enum memcore_event_type
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A block with the allocator's own alignment.
     */
    MEMCORE_EVENT_TYPE_MALLOC = 0,
    /**
     * As malloc, the bytes zero.
     */
    MEMCORE_EVENT_TYPE_CALLOC = 1,
    /**
     * A block with a stated alignment.
     */
    MEMCORE_EVENT_TYPE_ALIGNED = 2,
    /**
     * A block to another size, moved or not; it keeps its id.
     */
    MEMCORE_EVENT_TYPE_REALLOC = 3,
    /**
     * The end of a block.
     */
    MEMCORE_EVENT_TYPE_FREE = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_event_type memcore_event_type;
#else
typedef int32_t memcore_event_type;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a trace is made of.
 */
enum memcore_trace_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * malloc, realloc, free: read by `memcore_trace_open`.
     */
    MEMCORE_TRACE_KIND_ALLOCATIONS = 0,
    /**
     * Accesses to addresses or pages: read by `memcore_page_trace_open` and `memcore_access_trace_open`.
     */
    MEMCORE_TRACE_KIND_ACCESSES = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_trace_kind memcore_trace_kind;
#else
typedef int32_t memcore_trace_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What an access does. A modify (a load and a store in one instruction) is a write.
 */
enum memcore_access_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A load.
     */
    MEMCORE_ACCESS_KIND_READ = 0,
    /**
     * A store.
     */
    MEMCORE_ACCESS_KIND_WRITE = 1,
    /**
     * An instruction fetch.
     */
    MEMCORE_ACCESS_KIND_EXECUTE = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_access_kind memcore_access_kind;
#else
typedef int32_t memcore_access_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What the addresses of a trace count.
 */
enum memcore_unit
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * What the file says; in options only.
     */
    MEMCORE_UNIT_AS_RECORDED = 0,
    /**
     * Bytes of an address space.
     */
    MEMCORE_UNIT_BYTES = 1,
    /**
     * Recorded numbers of pages, whose size is told beside.
     */
    MEMCORE_UNIT_PAGES = 2,
    /**
     * Keys, blocks, objects: the numbers are pages already.
     */
    MEMCORE_UNIT_NUMBERS = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_unit memcore_unit;
#else
typedef int32_t memcore_unit;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a program did to its address space.
 */
enum memcore_space_event_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * mmap: `page`, `pages`, `protection`, `flags`.
     */
    MEMCORE_SPACE_EVENT_KIND_MAP = 0,
    /**
     * munmap: `page`, `pages`.
     */
    MEMCORE_SPACE_EVENT_KIND_UNMAP = 1,
    /**
     * mprotect: `page`, `pages`, `protection`.
     */
    MEMCORE_SPACE_EVENT_KIND_PROTECT = 2,
    /**
     * brk: `page` is the first above the heap's new end.
     */
    MEMCORE_SPACE_EVENT_KIND_BREAK = 3,
    /**
     * mremap: `page`, `pages` before, `new_page`, `new_pages` after.
     */
    MEMCORE_SPACE_EVENT_KIND_REMAP = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_space_event_kind memcore_space_event_kind;
#else
typedef int32_t memcore_space_event_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a segment is for.
 */
enum memcore_segment_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Data, always readable.
     */
    MEMCORE_SEGMENT_KIND_DATA = 0,
    /**
     * Code, always executable and never writable.
     */
    MEMCORE_SEGMENT_KIND_CODE = 1,
    /**
     * A descriptor of the system: an LDT, a task state, a gate.
     */
    MEMCORE_SEGMENT_KIND_SYSTEM = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_segment_kind memcore_segment_kind;
#else
typedef int32_t memcore_segment_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A segment register.
 */
enum memcore_segment_register
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Code.
     */
    MEMCORE_SEGMENT_REGISTER_CS = 0,
    /**
     * Stack.
     */
    MEMCORE_SEGMENT_REGISTER_SS = 1,
    /**
     * Data.
     */
    MEMCORE_SEGMENT_REGISTER_DS = 2,
    /**
     * More data.
     */
    MEMCORE_SEGMENT_REGISTER_ES = 3,
    /**
     * More data.
     */
    MEMCORE_SEGMENT_REGISTER_FS = 4,
    /**
     * More data.
     */
    MEMCORE_SEGMENT_REGISTER_GS = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_segment_register memcore_segment_register;
#else
typedef int32_t memcore_segment_register;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Advice about a range, with the numbers of Linux.
 */
enum memcore_advice
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Nothing special.
     */
    MEMCORE_ADVICE_NORMAL = 0,
    /**
     * References will come in no order: no read-ahead.
     */
    MEMCORE_ADVICE_RANDOM = 1,
    /**
     * References will come in order: more read-ahead.
     */
    MEMCORE_ADVICE_SEQUENTIAL = 2,
    /**
     * The pages will be needed: they are read now.
     */
    MEMCORE_ADVICE_WILL_NEED = 3,
    /**
     * The contents are not needed any more.
     */
    MEMCORE_ADVICE_DONT_NEED = 4,
    /**
     * The contents may go when memory is short, unless they are written again.
     */
    MEMCORE_ADVICE_FREE = 8,
    /**
     * A child shall not have them.
     */
    MEMCORE_ADVICE_DONT_FORK = 10,
    /**
     * Undoes DONT_FORK.
     */
    MEMCORE_ADVICE_DO_FORK = 11,
    /**
     * Equal pages may be merged.
     */
    MEMCORE_ADVICE_MERGEABLE = 12,
    /**
     * Undoes MERGEABLE, and parts what was merged.
     */
    MEMCORE_ADVICE_UNMERGEABLE = 13,
    /**
     * Huge pages are wanted.
     */
    MEMCORE_ADVICE_HUGE_PAGE = 14,
    /**
     * Huge pages are not wanted.
     */
    MEMCORE_ADVICE_NO_HUGE_PAGE = 15,
    /**
     * A child shall see zeros.
     */
    MEMCORE_ADVICE_WIPE_ON_FORK = 18,
    /**
     * Undoes WIPE_ON_FORK.
     */
    MEMCORE_ADVICE_KEEP_ON_FORK = 19,
    /**
     * They may leave first.
     */
    MEMCORE_ADVICE_COLD = 20,
    /**
     * They leave now.
     */
    MEMCORE_ADVICE_PAGE_OUT = 21,
    /**
     * Faulted in now, for reading.
     */
    MEMCORE_ADVICE_POPULATE_READ = 22,
    /**
     * Faulted in now, for writing.
     */
    MEMCORE_ADVICE_POPULATE_WRITE = 23,
    /**
     * Made a huge page now.
     */
    MEMCORE_ADVICE_COLLAPSE = 25,
    /**
     * From now on an access is a fault.
     */
    MEMCORE_ADVICE_GUARD_INSTALL = 102,
    /**
     * Undoes GUARD_INSTALL.
     */
    MEMCORE_ADVICE_GUARD_REMOVE = 103,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_advice memcore_advice;
#else
typedef int32_t memcore_advice;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How pages are placed on nodes, with the numbers of Linux.
 */
enum memcore_numa_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * On the node of the processor that touches the page first, else by distance from it.
     */
    MEMCORE_NUMA_KIND_DEFAULT = 0,
    /**
     * On one node, else by distance from it.
     */
    MEMCORE_NUMA_KIND_PREFERRED = 1,
    /**
     * On these nodes alone.
     */
    MEMCORE_NUMA_KIND_BIND = 2,
    /**
     * Page by page over these nodes.
     */
    MEMCORE_NUMA_KIND_INTERLEAVE = 3,
    /**
     * Likewise, each node as many pages in turn as its weight says.
     */
    MEMCORE_NUMA_KIND_WEIGHTED_INTERLEAVE = 6,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_numa_kind memcore_numa_kind;
#else
typedef int32_t memcore_numa_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What kind of fault an access ended in.
 */
enum memcore_fault_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * None.
     */
    MEMCORE_FAULT_KIND_NONE = 0,
    /**
     * The address is not canonical: a general protection, SIGSEGV.
     */
    MEMCORE_FAULT_KIND_GENERAL_PROTECTION = 1,
    /**
     * Nothing is mapped there, or a guard is: SIGSEGV, MAPERR.
     */
    MEMCORE_FAULT_KIND_MAP_ERR = 2,
    /**
     * The protection forbids it: SIGSEGV, ACCERR.
     */
    MEMCORE_FAULT_KIND_ACC_ERR = 3,
    /**
     * Past the end of the file: SIGBUS, ADRERR.
     */
    MEMCORE_FAULT_KIND_ADR_ERR = 4,
    /**
     * The file or the swap device could not be read, or gave other bytes than were written: SIGBUS.
     */
    MEMCORE_FAULT_KIND_IO = 5,
    /**
     * No frame was to be had, and this process was chosen to end: SIGKILL. It has ended.
     */
    MEMCORE_FAULT_KIND_OUT_OF_MEMORY = 6,
    /**
     * There is no such process, or no longer.
     */
    MEMCORE_FAULT_KIND_NO_PROCESS = 7,
    /**
     * One that this version of the library has no number for.
     */
    MEMCORE_FAULT_KIND_OTHER = 99,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_fault_kind memcore_fault_kind;
#else
typedef int32_t memcore_fault_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a word of a page table is.
 */
enum memcore_word_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Nothing.
     */
    MEMCORE_WORD_KIND_EMPTY = 0,
    /**
     * A table is in `frame`.
     */
    MEMCORE_WORD_KIND_TABLE = 1,
    /**
     * A page is in `frame`.
     */
    MEMCORE_WORD_KIND_PAGE = 2,
    /**
     * A page on the swap device: `frame` says which page of it.
     */
    MEMCORE_WORD_KIND_SWAPPED = 3,
    /**
     * A guard: an access is a fault.
     */
    MEMCORE_WORD_KIND_GUARD = 4,
    /**
     * In an inverted table, an anchor or the link of another page.
     */
    MEMCORE_WORD_KIND_PASSED = 5,
    /**
     * Absent, and of no kind that the machine writes.
     */
    MEMCORE_WORD_KIND_UNKNOWN = 6,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_word_kind memcore_word_kind;
#else
typedef int32_t memcore_word_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How a page walk ends.
 */
enum memcore_walk_outcome
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * At a page in memory.
     */
    MEMCORE_WALK_OUTCOME_MAPPED = 0,
    /**
     * At a page that is on the swap device.
     */
    MEMCORE_WALK_OUTCOME_SWAPPED = 1,
    /**
     * At a guard.
     */
    MEMCORE_WALK_OUTCOME_GUARD = 2,
    /**
     * Nowhere: nothing is mapped.
     */
    MEMCORE_WALK_OUTCOME_EMPTY = 3,
    /**
     * Before it began: the address is not canonical, or behind the end of the table.
     */
    MEMCORE_WALK_OUTCOME_NOT_CANONICAL = 4,
    /**
     * In a way that this version of the library has no number for.
     */
    MEMCORE_WALK_OUTCOME_OTHER = 99,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_walk_outcome memcore_walk_outcome;
#else
typedef int32_t memcore_walk_outcome;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What happened in a machine.
 */
enum memcore_machine_event_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A page was accessed: `process`, `address`, `access`, `frame`.
     */
    MEMCORE_MACHINE_EVENT_KIND_ACCESS = 0,
    /**
     * A TLB had the translation: `process`, `address`, `level` from 0.
     */
    MEMCORE_MACHINE_EVENT_KIND_TLB_HIT = 1,
    /**
     * No TLB had it: `process`, `address`.
     */
    MEMCORE_MACHINE_EVENT_KIND_TLB_MISS = 2,
    /**
     * A walk read an entry: `process`, `address`, `level`, `entry_address`.
     */
    MEMCORE_MACHINE_EVENT_KIND_WALK_STEP = 3,
    /**
     * A fault was served: `process`, `address`, `access`, `served`, `major`, `frame`.
     */
    MEMCORE_MACHINE_EVENT_KIND_FAULT = 4,
    /**
     * A fault ended in a signal: `process`, `address`, `access`, `fault`.
     */
    MEMCORE_MACHINE_EVENT_KIND_SIGNAL = 5,
    /**
     * A page lost its frame: `frame`, `destination`, `background`.
     */
    MEMCORE_MACHINE_EVENT_KIND_EVICT = 6,
    /**
     * A dirty page was written to its file and stays: `file`, `offset`.
     */
    MEMCORE_MACHINE_EVENT_KIND_WRITE_BACK = 7,
    /**
     * A page came from swap: `frame`, `slot`, `compressed`.
     */
    MEMCORE_MACHINE_EVENT_KIND_SWAP_IN = 8,
    /**
     * A page of the compressed pool moved on to the swap device: `slot`.
     */
    MEMCORE_MACHINE_EVENT_KIND_POOL_WRITE_BACK = 9,
    /**
     * A page was merged into another: `process`, `address`, `frame`.
     */
    MEMCORE_MACHINE_EVENT_KIND_MERGE = 10,
    /**
     * Pages became a huge one: `process`, `address`, `frame`.
     */
    MEMCORE_MACHINE_EVENT_KIND_COLLAPSE = 11,
    /**
     * A huge page became pages: `frame`.
     */
    MEMCORE_MACHINE_EVENT_KIND_SPLIT = 12,
    /**
     * A page moved to another node: `process`, `address`, `from_node`, `to_node`.
     */
    MEMCORE_MACHINE_EVENT_KIND_MIGRATE = 13,
    /**
     * Entries left the TLBs: `process`, `address`, `end`.
     */
    MEMCORE_MACHINE_EVENT_KIND_TLB_FLUSH = 14,
    /**
     * A process began: `process`, `parent`.
     */
    MEMCORE_MACHINE_EVENT_KIND_SPAWN = 15,
    /**
     * A process ended: `process`.
     */
    MEMCORE_MACHINE_EVENT_KIND_EXIT = 16,
    /**
     * A process was chosen to end for want of memory: `process`, `points`.
     */
    MEMCORE_MACHINE_EVENT_KIND_KILL = 17,
    /**
     * A range was mapped: `process`, `address`, `end`.
     */
    MEMCORE_MACHINE_EVENT_KIND_MAP = 18,
    /**
     * A range was unmapped: `process`, `address`, `end`.
     */
    MEMCORE_MACHINE_EVENT_KIND_UNMAP = 19,
    /**
     * A range's protection changed: `process`, `address`, `end`.
     */
    MEMCORE_MACHINE_EVENT_KIND_PROTECT = 20,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_machine_event_kind memcore_machine_event_kind;
#else
typedef int32_t memcore_machine_event_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How a fault was served.
 */
enum memcore_served
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The shared page of zeros was mapped.
     */
    MEMCORE_SERVED_ZERO_PAGE = 0,
    /**
     * A zeroed frame was taken.
     */
    MEMCORE_SERVED_ZERO_FILL = 1,
    /**
     * A page of a file or of shared memory that was in memory.
     */
    MEMCORE_SERVED_CACHED = 2,
    /**
     * A page that had to be read from a file.
     */
    MEMCORE_SERVED_FILE_READ = 3,
    /**
     * A swapped page that was still in memory.
     */
    MEMCORE_SERVED_SWAP_CACHE = 4,
    /**
     * A page from the compressed pool.
     */
    MEMCORE_SERVED_DECOMPRESSED = 5,
    /**
     * A page from the swap device.
     */
    MEMCORE_SERVED_SWAP_READ = 6,
    /**
     * A page copied at a write.
     */
    MEMCORE_SERVED_COPIED = 7,
    /**
     * A page used on at a write, since it had one owner.
     */
    MEMCORE_SERVED_REUSED = 8,
    /**
     * A write to a shared page, from now on writable and dirty.
     */
    MEMCORE_SERVED_MADE_WRITABLE = 9,
    /**
     * A huge page.
     */
    MEMCORE_SERVED_HUGE = 10,
    /**
     * A question where the page should be.
     */
    MEMCORE_SERVED_HINT = 11,
    /**
     * In a way that this version of the library has no number for.
     */
    MEMCORE_SERVED_OTHER = 99,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_served memcore_served;
#else
typedef int32_t memcore_served;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Where an evicted page went.
 */
enum memcore_destination
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Nowhere: it can be read again from where it came, or nobody wants it.
     */
    MEMCORE_DESTINATION_DROPPED = 0,
    /**
     * Its file.
     */
    MEMCORE_DESTINATION_FILE = 1,
    /**
     * The compressed pool.
     */
    MEMCORE_DESTINATION_COMPRESSED = 2,
    /**
     * The swap device.
     */
    MEMCORE_DESTINATION_SWAP = 3,
    /**
     * A place that this version of the library has no number for.
     */
    MEMCORE_DESTINATION_OTHER = 99,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_destination memcore_destination;
#else
typedef int32_t memcore_destination;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Something that a machine counts: an index into the arrays of counts.
 */
enum memcore_counter
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Pages read by the program (an access that spans two pages counts twice).
     */
    MEMCORE_COUNTER_READS = 0,
    /**
     * Pages written by the program.
     */
    MEMCORE_COUNTER_WRITES = 1,
    /**
     * Pages that instructions were fetched from.
     */
    MEMCORE_COUNTER_EXECUTES = 2,
    /**
     * Translations that a TLB of the first level had.
     */
    MEMCORE_COUNTER_TLB_HIT1 = 3,
    /**
     * Translations that a TLB of a further level had.
     */
    MEMCORE_COUNTER_TLB_HIT2 = 4,
    /**
     * Translations that no TLB had.
     */
    MEMCORE_COUNTER_TLB_MISS = 5,
    /**
     * Entries dropped from TLBs because a page table changed.
     */
    MEMCORE_COUNTER_TLB_FLUSH = 6,
    /**
     * Page walks.
     */
    MEMCORE_COUNTER_WALKS = 7,
    /**
     * Page-table entries that walks read.
     */
    MEMCORE_COUNTER_WALK_REFERENCES = 8,
    /**
     * Upper entries that walks found in the page-walk cache.
     */
    MEMCORE_COUNTER_WALK_CACHE_HITS = 9,
    /**
     * Faults served without input from a device.
     */
    MEMCORE_COUNTER_MINOR = 10,
    /**
     * Faults that waited for a device or for decompression.
     */
    MEMCORE_COUNTER_MAJOR = 11,
    /**
     * Pages copied at a write.
     */
    MEMCORE_COUNTER_COW = 12,
    /**
     * Writes to a write-protected page of one owner: it is used on.
     */
    MEMCORE_COUNTER_REUSE = 13,
    /**
     * Reads that mapped the shared page of zeros.
     */
    MEMCORE_COUNTER_ZERO_MAP = 14,
    /**
     * Frames zeroed for a first write.
     */
    MEMCORE_COUNTER_ZERO_FILL = 15,
    /**
     * Faults whose protection forbade the access.
     */
    MEMCORE_COUNTER_PROTECTION = 16,
    /**
     * SIGSEGV, all kinds.
     */
    MEMCORE_COUNTER_SEGV = 17,
    /**
     * SIGBUS, all kinds.
     */
    MEMCORE_COUNTER_BUS = 18,
    /**
     * Processes killed for want of memory.
     */
    MEMCORE_COUNTER_OOM_KILL = 19,
    /**
     * Faults that mapped a file's page.
     */
    MEMCORE_COUNTER_FILE_MAP = 20,
    /**
     * Pages mapped beside the faulting one.
     */
    MEMCORE_COUNTER_FAULT_AROUND = 21,
    /**
     * Pages read from files.
     */
    MEMCORE_COUNTER_FILE_READ = 22,
    /**
     * Dirty pages written to files.
     */
    MEMCORE_COUNTER_FILE_WRITE = 23,
    /**
     * Pages read ahead, from files and the swap device.
     */
    MEMCORE_COUNTER_READ_AHEAD = 24,
    /**
     * Faults on swapped pages that were still in memory.
     */
    MEMCORE_COUNTER_SWAP_CACHE_HIT = 25,
    /**
     * Pages read from the swap device.
     */
    MEMCORE_COUNTER_SWAP_IN = 26,
    /**
     * Pages written to the swap device.
     */
    MEMCORE_COUNTER_SWAP_OUT = 27,
    /**
     * Pages taken from the compressed pool.
     */
    MEMCORE_COUNTER_ZSWAP_IN = 28,
    /**
     * Pages put into the compressed pool.
     */
    MEMCORE_COUNTER_ZSWAP_OUT = 29,
    /**
     * Pages moved on from the compressed pool to the swap device.
     */
    MEMCORE_COUNTER_ZSWAP_WRITEBACK = 30,
    /**
     * Pages that the compressed pool refused.
     */
    MEMCORE_COUNTER_ZSWAP_REJECT = 31,
    /**
     * Pages that lost their frame.
     */
    MEMCORE_COUNTER_EVICTED = 32,
    /**
     * Of these, by the background reclaimer.
     */
    MEMCORE_COUNTER_EVICTED_BACKGROUND = 33,
    /**
     * Wake-ups of the background reclaimer.
     */
    MEMCORE_COUNTER_BACKGROUND_WAKEUPS = 34,
    /**
     * Allocations that had to reclaim by themselves.
     */
    MEMCORE_COUNTER_DIRECT_RECLAIM = 35,
    /**
     * Pages brought back soon after they were evicted.
     */
    MEMCORE_COUNTER_REFAULT = 36,
    /**
     * Pages merged into another of equal content.
     */
    MEMCORE_COUNTER_MERGED = 37,
    /**
     * Merged pages that were written and copied apart again.
     */
    MEMCORE_COUNTER_UNMERGED = 38,
    /**
     * Huge pages taken at a fault.
     */
    MEMCORE_COUNTER_HUGE_FAULT = 39,
    /**
     * Huge pages that could not be had at a fault.
     */
    MEMCORE_COUNTER_HUGE_FALLBACK = 40,
    /**
     * Ranges collapsed into a huge page.
     */
    MEMCORE_COUNTER_HUGE_COLLAPSE = 41,
    /**
     * Huge pages split.
     */
    MEMCORE_COUNTER_HUGE_SPLIT = 42,
    /**
     * Frames from the node that was wanted.
     */
    MEMCORE_COUNTER_NUMA_HIT = 43,
    /**
     * Frames from another node than was wanted.
     */
    MEMCORE_COUNTER_NUMA_MISS = 44,
    /**
     * Pages placed by interleaving.
     */
    MEMCORE_COUNTER_NUMA_INTERLEAVE = 45,
    /**
     * Faults that asked where a page should be (next-touch).
     */
    MEMCORE_COUNTER_NUMA_HINT = 46,
    /**
     * Pages moved to another node.
     */
    MEMCORE_COUNTER_NUMA_MIGRATE = 47,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_counter memcore_counter;
#else
typedef int32_t memcore_counter;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What time is spent on: an index into the arrays of cycles.
 */
enum memcore_cause
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Looking up further levels of TLBs.
     */
    MEMCORE_CAUSE_TLB = 0,
    /**
     * Reading page-table entries.
     */
    MEMCORE_CAUSE_WALK = 1,
    /**
     * The data itself: caches and memory, distance included.
     */
    MEMCORE_CAUSE_DATA = 2,
    /**
     * Entering and leaving the kernel at faults.
     */
    MEMCORE_CAUSE_TRAP = 3,
    /**
     * Zeroing frames.
     */
    MEMCORE_CAUSE_ZERO = 4,
    /**
     * Copying pages.
     */
    MEMCORE_CAUSE_COPY = 5,
    /**
     * Reading the swap device.
     */
    MEMCORE_CAUSE_SWAP_READ = 6,
    /**
     * Writing the swap device, while somebody waits.
     */
    MEMCORE_CAUSE_SWAP_WRITE = 7,
    /**
     * Reading files.
     */
    MEMCORE_CAUSE_FILE_READ = 8,
    /**
     * Writing files, while somebody waits.
     */
    MEMCORE_CAUSE_FILE_WRITE = 9,
    /**
     * Compressing pages.
     */
    MEMCORE_CAUSE_COMPRESS = 10,
    /**
     * Decompressing pages.
     */
    MEMCORE_CAUSE_DECOMPRESS = 11,
    /**
     * Comparing and hashing pages to merge them.
     */
    MEMCORE_CAUSE_MERGE = 12,
    /**
     * Moving pages between nodes.
     */
    MEMCORE_CAUSE_MIGRATE = 13,
    /**
     * Telling TLBs of changes.
     */
    MEMCORE_CAUSE_SHOOTDOWN = 14,
    /**
     * Work in the background, for which nobody waits.
     */
    MEMCORE_CAUSE_BACKGROUND = 15,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_cause memcore_cause;
#else
typedef int32_t memcore_cause;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What goes wrong on the swap device.
 */
enum memcore_swap_fault_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Reads of `slot` fail.
     */
    MEMCORE_SWAP_FAULT_KIND_READ = 0,
    /**
     * Writes to `slot` fail.
     */
    MEMCORE_SWAP_FAULT_KIND_WRITE = 1,
    /**
     * All reads fail, if `is_on` is not 0; else no longer all of them.
     */
    MEMCORE_SWAP_FAULT_KIND_ALL_READS = 2,
    /**
     * All writes fail, if `is_on` is not 0; else no longer all of them.
     */
    MEMCORE_SWAP_FAULT_KIND_ALL_WRITES = 3,
    /**
     * `bit` of what is in `slot` is the other way round, until the slot is written again.
     */
    MEMCORE_SWAP_FAULT_KIND_FLIP = 4,
    /**
     * The device is well again; flipped bits stay as they are.
     */
    MEMCORE_SWAP_FAULT_KIND_HEAL = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_swap_fault_kind memcore_swap_fault_kind;
#else
typedef int32_t memcore_swap_fault_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What the pages of an area are made of.
 */
enum memcore_area_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Zeroed memory of one process; a child gets a copy.
     */
    MEMCORE_AREA_KIND_ANONYMOUS_PRIVATE = 0,
    /**
     * A file, whose writes go to copies of its pages.
     */
    MEMCORE_AREA_KIND_FILE_PRIVATE = 1,
    /**
     * A file, whose writes go to the file.
     */
    MEMCORE_AREA_KIND_FILE_SHARED = 2,
    /**
     * Zeroed memory that a process and its children share.
     */
    MEMCORE_AREA_KIND_ANONYMOUS_SHARED = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_area_kind memcore_area_kind;
#else
typedef int32_t memcore_area_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A view of a machine or process as text.
 */
enum memcore_view
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The areas of a process: /proc/PID/maps.
     */
    MEMCORE_VIEW_MAPS = 0,
    /**
     * The same with what each has in memory: /proc/PID/smaps.
     */
    MEMCORE_VIEW_SMAPS = 1,
    /**
     * A process in a few lines, as /proc/PID/status has them.
     */
    MEMCORE_VIEW_STATUS = 2,
    /**
     * The entries of its page table, ranges of alike ones folded, a line each.
     */
    MEMCORE_VIEW_PAGE_TABLE = 3,
    /**
     * A picture of its address space.
     */
    MEMCORE_VIEW_PICTURE = 4,
    /**
     * The machine's memory: /proc/meminfo.
     */
    MEMCORE_VIEW_MEM_INFO = 5,
    /**
     * What it counted, by the names of /proc/vmstat where there is one.
     */
    MEMCORE_VIEW_VM_STAT = 6,
    /**
     * Free blocks by order: /proc/buddyinfo.
     */
    MEMCORE_VIEW_BUDDY_INFO = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_view memcore_view;
#else
typedef int32_t memcore_view;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What stood behind a file that is restored.
 */
enum memcore_saved_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Functions of the caller's, which a snapshot cannot hold.
     */
    MEMCORE_SAVED_KIND_FUNCTIONS = 0,
    /**
     * A file in memory, saved with its bytes.
     */
    MEMCORE_SAVED_KIND_MEMORY = 1,
    /**
     * A file of zeros.
     */
    MEMCORE_SAVED_KIND_ZEROS = 2,
    /**
     * A file of the host, saved by its path.
     */
    MEMCORE_SAVED_KIND_FILE = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_saved_kind memcore_saved_kind;
#else
typedef int32_t memcore_saved_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a file shall be when a machine is restored.
 */
enum memcore_reopen
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * As it was saved, which a file of memory or zeros can be.
     */
    MEMCORE_REOPEN_AS_SAVED = 0,
    /**
     * The functions that were written to `backing`.
     */
    MEMCORE_REOPEN_FUNCTIONS = 1,
    /**
     * The file of the host at the path that the snapshot names.
     */
    MEMCORE_REOPEN_PATH = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_reopen memcore_reopen;
#else
typedef int32_t memcore_reopen;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Where the pages of a trace lie.
 */
enum memcore_placement
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * As recorded where all addresses fit, else packed.
     */
    MEMCORE_PLACEMENT_AUTO = 0,
    /**
     * As recorded; an address that does not fit is an error.
     */
    MEMCORE_PLACEMENT_RECORDED = 1,
    /**
     * Numbered from 0 in the order of their addresses, without holes.
     */
    MEMCORE_PLACEMENT_PACKED = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_placement memcore_placement;
#else
typedef int32_t memcore_placement;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Large pages under memory of the system's.
 */
enum memcore_huge_pages
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * As the system does by itself.
     */
    MEMCORE_HUGE_PAGES_SYSTEM = 0,
    /**
     * Ask for them where they fit; no error where there is none.
     */
    MEMCORE_HUGE_PAGES_WANTED = 1,
    /**
     * Ask for none.
     */
    MEMCORE_HUGE_PAGES_NEVER = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memcore_huge_pages memcore_huge_pages;
#else
typedef int32_t memcore_huge_pages;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A trace of accesses to addresses, decoded. Opaque, and constant from its making to its end: any number of threads
 * may use it.
 */
typedef struct memcore_access_trace memcore_access_trace;

/**
 * An allocator of any strategy. Opaque.
 */
typedef struct memcore_allocator memcore_allocator;

/**
 * An arena of bytes. Opaque.
 */
typedef struct memcore_arena memcore_arena;

/**
 * A cache of 64-bit keys. It holds keys, no values: what they stand for is the caller's. Opaque.
 */
typedef struct memcore_cache memcore_cache;

/**
 * The misses of one policy at some numbers of frames. Opaque, and constant: any number of threads may use it.
 */
typedef struct memcore_curve memcore_curve;

/**
 * Two stacks in one range of bytes, growing towards each other. Opaque.
 */
typedef struct memcore_double_stack memcore_double_stack;

/**
 * A heap whose blocks move while their ids stay. Opaque.
 */
typedef struct memcore_handle_heap memcore_handle_heap;

/**
 * A heap of any strategy over real bytes. Opaque. Threads may share it when it was made with a lock; else it is used
 * by one thread at a time, as every handle.
 */
typedef struct memcore_heap memcore_heap;

/**
 * Caches, RAM and disk, driven by addresses. Opaque.
 */
typedef struct memcore_hierarchy memcore_hierarchy;

/**
 * A machine of virtual memory. Opaque. It calls back its listener and the files that are the caller's own; any
 * call on it from there gives `MEMCORE_STATUS_REENTERED`.
 */
typedef struct memcore_machine memcore_machine;

/**
 * Processes with descriptor segments, segments with page tables, and frames. Opaque.
 */
typedef struct memcore_multics memcore_multics;

/**
 * The references of a program to pages, numbered densely. Opaque, and constant from its making to its end: any number
 * of threads may use it.
 */
typedef struct memcore_page_trace memcore_page_trace;

/**
 * A heap of offsets in place of pointers, whose memory is all that it needs to be opened again. Opaque. One writer has
 * an image at a time.
 */
typedef struct memcore_persistent_heap memcore_persistent_heap;

/**
 * An image that is only read. Opaque.
 */
typedef struct memcore_persistent_view memcore_persistent_view;

/**
 * Moves that make one large hole of small ones. Opaque.
 */
typedef struct memcore_plan memcore_plan;

/**
 * A pool of equal slots of bytes. Opaque.
 */
typedef struct memcore_pool memcore_pool;

/**
 * The result of a replay. Opaque, and constant: any number of threads may use it.
 */
typedef struct memcore_replay_result memcore_replay_result;

/**
 * A ring of bytes, for records of any size. Opaque.
 */
typedef struct memcore_ring memcore_ring;

/**
 * A memory divided into segments. Opaque.
 */
typedef struct memcore_segment_memory memcore_segment_memory;

/**
 * The segment unit of a processor in protected mode: a global and perhaps a local table, six registers, a privilege
 * level. Opaque.
 */
typedef struct memcore_segment_unit memcore_segment_unit;

/**
 * The rows of a sweep. Opaque, and constant: any number of threads may use it.
 */
typedef struct memcore_sweep memcore_sweep;

/**
 * A heap of size classes that threads share: each has spans of its own, and takes its blocks from them without a lock.
 * Opaque. Any function may be called by many threads at once, but for `memcore_threaded_heap_validate` and
 * `memcore_threaded_heap_destroy`.
 */
typedef struct memcore_threaded_heap memcore_threaded_heap;

/**
 * A translation look-aside buffer. Opaque.
 */
typedef struct memcore_tlb memcore_tlb;

/**
 * An allocation trace, decoded. Opaque, and constant from its making to its end: any number of threads may use it.
 */
typedef struct memcore_trace memcore_trace;

/**
 * A virtual memory manager: one page table, a list of free frames, a replacement policy. Opaque.
 */
typedef struct memcore_vmm memcore_vmm;

/**
 * Marks a state of an arena to rewind to. Filled in by `memcore_allocator_checkpoint`; may be copied, but not
 * changed; needs no end.
 */
typedef struct memcore_checkpoint {
    /**
     * Where the next block would have begun.
     */
    uint64_t position;
    uint64_t seal;
    uint64_t opaque[6];
} memcore_checkpoint;

/**
 * How much a plan may move.
 */
typedef struct memcore_budget {
    /**
     * Bytes of the blocks moved, together; `UINT64_MAX`: as many as is useful.
     */
    uint64_t bytes;
    /**
     * Blocks moved; `UINT64_MAX`: as many as is useful.
     */
    uint64_t moves;
} memcore_budget;

/**
 * One block to be copied.
 */
typedef struct memcore_move {
    /**
     * The block's id, which stays.
     */
    uint64_t id;
    /**
     * Offset where it is.
     */
    uint64_t from;
    /**
     * Offset where it goes.
     */
    uint64_t to;
    /**
     * Bytes to be copied.
     */
    uint64_t size;
} memcore_move;

/**
 * Text that lives as long as the library is loaded. It does **not** end in a zero byte:
 * `printf("%.*s", (int)text.length, text.data)`.
 */
typedef struct memcore_text {
    /**
     * The first byte, in UTF-8; not to be freed. Never null.
     */
    const char *data;
    /**
     * Bytes.
     */
    size_t length;
} memcore_text;

/**
 * The space of an allocator, and what is kept about its blocks. `memcore_options_for` fills it in.
 */
typedef struct memcore_options {
    /**
     * Bytes of the space, up to 2^64 - 1; rounded down to the granularity.
     */
    uint64_t capacity;
    /**
     * Starts and sizes are multiples of it; a power of two.
     */
    uint64_t granularity;
    /**
     * Not 0: keep blocks findable by address, for `free_at`, `block_at`, `containing` and `allocate_at`.
     * 14 to 45 bytes a block, and O(log blocks) more for each allocation and free. A pool answers
     * without it.
     */
    int32_t address_index;
    /**
     * Not 0: keep a tag for each block. 4 bytes a block.
     */
    int32_t tags;
} memcore_options;

/**
 * The state of a space in figures. After every call, `used` + `free` + `dead` = `capacity`. Sizes are in bytes.
 */
typedef struct memcore_stats {
    /**
     * The space, after rounding down.
     */
    uint64_t capacity;
    /**
     * In live blocks, rounding included.
     */
    uint64_t used;
    /**
     * In holes.
     */
    uint64_t free;
    /**
     * In neither: what an arena or a stack cannot reuse yet.
     */
    uint64_t dead;
    /**
     * Asked for, in live blocks.
     */
    uint64_t requested;
    /**
     * Live blocks.
     */
    uint64_t blocks;
    /**
     * Holes.
     */
    uint64_t holes;
    /**
     * The largest hole.
     */
    uint64_t largest_hole;
    /**
     * The highest end of a block ever.
     */
    uint64_t footprint;
    /**
     * The most that `used` ever was.
     */
    uint64_t peak_used;
    /**
     * The most that `requested` ever was.
     */
    uint64_t peak_requested;
    /**
     * Blocks ever allocated.
     */
    uint64_t allocations;
    /**
     * Blocks ever freed.
     */
    uint64_t frees;
    /**
     * 1 - `largest_hole` / `free`; 0 when nothing is free.
     */
    double external_fragmentation;
    /**
     * 1 - `requested` / `used`; 0 when nothing is used.
     */
    double internal_fragmentation;
    /**
     * `peak_requested` / `footprint`; 1 when the footprint is 0.
     */
    double utilisation;
} memcore_stats;

/**
 * How many blocks or holes there are of each size: entry k counts sizes from 2^k to 2^(k+1) - 1.
 */
typedef struct memcore_histogram {
    /**
     * Number per class.
     */
    uint64_t counts[64];
    /**
     * Bytes per class.
     */
    uint64_t bytes[64];
} memcore_histogram;

/**
 * What `memcore_allocator_validate` found.
 */
typedef struct memcore_corruption {
    /**
     * The invariant that does not hold.
     */
    struct memcore_text what;
    /**
     * The offset, slot or count that breaks it.
     */
    uint64_t at;
} memcore_corruption;

/**
 * The live blocks that share a tag.
 */
typedef struct memcore_tag_usage {
    /**
     * The tag.
     */
    uint32_t tag;
    /**
     * Live blocks.
     */
    uint64_t blocks;
    /**
     * Bytes they asked for.
     */
    uint64_t requested;
    /**
     * Bytes they take.
     */
    uint64_t used;
} memcore_tag_usage;

/**
 * Is called with the usage of one tag. It may use the allocator as it likes, and returns 0 to go on or anything
 * else to stop. It must not throw and not jump out.
 */
typedef int32_t (*memcore_tag_visitor)(const struct memcore_tag_usage *usage, void *user);

/**
 * A range of the space that somebody owns.
 */
typedef struct memcore_block {
    /**
     * Names the block while it lives, and nothing afterwards. Never 0.
     */
    uint64_t id;
    /**
     * Offset of its first byte.
     */
    uint64_t start;
    /**
     * Bytes it takes from the space: `requested`, rounded up as the strategy does.
     */
    uint64_t size;
    /**
     * Bytes that were asked for.
     */
    uint64_t requested;
} memcore_block;

/**
 * A part of the space. The regions of a space, in address order, cover it without gap or overlap.
 */
typedef struct memcore_region {
    /**
     * Offset of its first byte.
     */
    uint64_t start;
    /**
     * Bytes, never 0.
     */
    uint64_t size;
    /**
     * A `memcore_region_kind`.
     */
    int32_t kind;
    /**
     * The block, if it is one; otherwise all 0.
     */
    struct memcore_block block;
} memcore_region;

/**
 * Is called with one region. It may read the allocator, but calls that could change it give
 * `MEMCORE_STATUS_REENTERED`. It returns 0 to go on or anything else to stop. It must not throw and not jump out.
 */
typedef int32_t (*memcore_region_visitor)(const struct memcore_region *region, void *user);

/**
 * A place in a walk over regions. Filled in by `memcore_allocator_cursor`; may be copied, but not changed; needs no
 * end.
 */
typedef struct memcore_cursor {
    uint64_t seal;
    uint64_t changes;
    uint64_t opaque[6];
} memcore_cursor;

/**
 * A request for a block. `memcore_request_for` fills it in.
 */
typedef struct memcore_request {
    /**
     * Bytes wanted; not 0.
     */
    uint64_t size;
    /**
     * A power of two. The block's start plus the bias will be a multiple of it.
     */
    uint64_t alignment;
    /**
     * Bytes of the block that come before the aligned point: a header's.
     */
    uint64_t bias;
    /**
     * Kept with the block where the allocator keeps tags.
     */
    uint32_t tag;
} memcore_request;

/**
 * What an allocator can do. Where an entry is false the call gives `MEMCORE_STATUS_UNSUPPORTED`,
 * `MEMCORE_STATUS_NO_ADDRESS_INDEX` or `MEMCORE_STATUS_NO_TAGS`.
 */
typedef struct memcore_capabilities {
    /**
     * Blocks may be freed in any order; false: the last one only.
     */
    bool free_in_any_order;
    /**
     * Freed bytes can be allocated again at once.
     */
    bool reuses_freed;
    /**
     * Blocks can be placed at a wanted start.
     */
    bool allocate_at;
    /**
     * Blocks can be found by address.
     */
    bool find_by_address;
    /**
     * Compaction can be planned and committed.
     */
    bool compaction;
    /**
     * Checkpoints can be taken and rewound to.
     */
    bool checkpoint;
    /**
     * Blocks have tags, and the usage can be told by tag.
     */
    bool tags;
} memcore_capabilities;

/**
 * One event. Members that its kind does not speak of are 0.
 */
typedef struct memcore_event {
    /**
     * A `memcore_event_kind`. Later versions may have more.
     */
    int32_t kind;
    /**
     * Why a request failed: a `memcore_status`.
     */
    int32_t status;
    /**
     * Bytes of the request that failed.
     */
    uint64_t size;
    /**
     * The block, as it is now; as it was, for one that was freed.
     */
    struct memcore_block block;
    /**
     * A resized block as it was.
     */
    struct memcore_block old;
    /**
     * Where a block was moved.
     */
    struct memcore_move moved;
} memcore_event;

/**
 * Is called with each event. Any call on the allocator that it hears from, even to destroy it, gives
 * `MEMCORE_STATUS_REENTERED`. It must not throw and not jump out.
 */
typedef void (*memcore_listener)(const struct memcore_event *event, void *user);

/**
 * A capacity that can never fail, and why.
 */
typedef struct memcore_worst_case {
    /**
     * Whether a bound is known and below 2^64; without, the rest is 0 and empty.
     */
    bool known;
    /**
     * Bytes.
     */
    uint64_t capacity;
    /**
     * The formula, in granules: M is the most bytes live, n the largest block.
     */
    struct memcore_text formula;
    /**
     * Where it is proved.
     */
    struct memcore_text source;
} memcore_worst_case;

/**
 * The shape of a level.
 */
typedef struct memcore_level {
    /**
     * Sets.
     */
    uint64_t sets;
    /**
     * Lines in a set.
     */
    uint64_t ways;
    /**
     * Bytes in a line.
     */
    uint64_t line;
    /**
     * sets x ways x line.
     */
    uint64_t size;
    /**
     * Cycles from the request of the processor to the answer.
     */
    uint64_t latency;
} memcore_level;

/**
 * Look-ups of one kind.
 */
typedef struct memcore_lookups {
    /**
     * Look-ups.
     */
    uint64_t accesses;
    /**
     * Those that did not find the line.
     */
    uint64_t misses;
} memcore_lookups;

/**
 * The counts of one level, since the hierarchy was made or reset.
 */
typedef struct memcore_level_counts {
    /**
     * Loads: of the processor, or of lines that inner levels lacked for them.
     */
    struct memcore_lookups read;
    /**
     * Stores: of the processor, of lines that inner levels lacked for them, and writes passed on by inner levels. A
     * write-back is no look-up, but for the rest of a line that is longer than what is written back.
     */
    struct memcore_lookups write;
    /**
     * Instruction fetches: of the processor, or of lines that inner levels lacked for them.
     */
    struct memcore_lookups fetch;
    /**
     * Lines asked for by the prefetchers of inner levels.
     */
    struct memcore_lookups prefetch;
    /**
     * Loads, stores and fetches together.
     */
    struct memcore_lookups demand;
    /**
     * Lines that left for others.
     */
    uint64_t evictions;
    /**
     * Dirty lines written to the next level: evicted, invalidated from outside, or flushed.
     */
    uint64_t write_backs;
    /**
     * Writes passed on to the next level because this one writes through or does not allocate.
     */
    uint64_t writes_passed;
    /**
     * Lines that its own prefetcher brought in.
     */
    uint64_t prefetches;
    /**
     * Of these, lines that were asked for while they were there.
     */
    uint64_t prefetches_useful;
    /**
     * Lines that left because an inclusive outer level, or the RAM, lost what they are part of.
     */
    uint64_t invalidations;
    /**
     * Cycles that the processor waited here, beyond the level before.
     */
    uint64_t cycles;
} memcore_level_counts;

/**
 * The counts of RAM and disk, since the hierarchy was made or reset.
 */
typedef struct memcore_memory_counts {
    /**
     * Lines read from RAM because something was asked for.
     */
    uint64_t reads;
    /**
     * Lines read from RAM for a prefetcher.
     */
    uint64_t prefetch_reads;
    /**
     * Writes to RAM: lines written back, and writes passed on.
     */
    uint64_t writes;
    /**
     * Pages brought in from disk.
     */
    uint64_t page_faults;
    /**
     * Pages that left a RAM of finite size.
     */
    uint64_t page_evictions;
    /**
     * Of these, pages that were written to disk.
     */
    uint64_t page_writes;
    /**
     * Cycles that the processor waited for the RAM, beyond the last cache.
     */
    uint64_t ram_cycles;
    /**
     * Cycles that the processor waited for the disk, beyond the RAM.
     */
    uint64_t disk_cycles;
} memcore_memory_counts;

/**
 * The average access time.
 */
typedef struct memcore_access_time {
    /**
     * The processor's accesses to lines and registers.
     */
    uint64_t accesses;
    /**
     * Cycles an access; 0 without accesses.
     */
    double average;
} memcore_access_time;

/**
 * The cycles that pass at one place.
 */
typedef struct memcore_time_share {
    /**
     * "registers", the name of a level, "ram" or "disk"; ends in a zero byte.
     */
    char place[MEMCORE_PLACE_BYTES];
    /**
     * Cycles that passed there.
     */
    uint64_t cycles;
    /**
     * Cycles that passed there, divided by all accesses.
     */
    double average;
} memcore_time_share;

/**
 * Is told how far long work is, and returns 0 to go on or anything else to stop it: the work then fails with
 * `MEMCORE_STATUS_CANCELLED`. `total` is 0 where it is not known. It must not throw and not jump out.
 */
typedef int32_t (*memcore_progress)(uint64_t done, uint64_t total, void *user);

/**
 * Limits on what reading a trace may cost. `memcore_read_options_default` fills it in.
 */
typedef struct memcore_read_options {
    /**
     * The most bytes that compressed content may expand to. Default: 16 GiB.
     */
    uint64_t max_expanded_bytes;
    /**
     * The most that compressed content may expand, as a factor of the bytes read, once it is beyond
     * `expansion_allowance`. Default: 1100.
     */
    uint64_t max_expansion_ratio;
    /**
     * The bytes that any compressed content may expand to, whatever its ratio. Default: 64 MiB.
     */
    uint64_t expansion_allowance;
    /**
     * The most operations; each takes 16 bytes of memory. Default: 2^30.
     */
    uint64_t max_events;
} memcore_read_options;

/**
 * Limits and choices for reading accesses and pages. `memcore_access_options_default` fills it in.
 */
typedef struct memcore_access_options {
    /**
     * Limits. `max_events` bounds the accesses and events of an access trace, and the references of a page trace.
     */
    struct memcore_read_options read;
    /**
     * The format ("numbers", "lackey", "oracle-general", ...); null (the default): told by the content.
     */
    const char *format;
    /**
     * CSV: the column of addresses, pages or keys; null (the default): found by its name.
     */
    const char *address_column;
    /**
     * CSV: the column of sizes in bytes; null (the default): found by its name.
     */
    const char *size_column;
    /**
     * CSV: the column of kinds; null (the default): found by its name.
     */
    const char *kind_column;
    /**
     * CSV: what the addresses count, a `memcore_unit`. Default: `MEMCORE_UNIT_AS_RECORDED`.
     */
    int32_t unit;
    /**
     * CSV: bytes of a recorded page, a power of two, where the unit is `MEMCORE_UNIT_PAGES`. Default: 4096.
     */
    uint64_t unit_page_size;
} memcore_access_options;

/**
 * An entry of a TLB.
 */
typedef struct memcore_tlb_entry {
    /**
     * Address / page size.
     */
    uint64_t page;
    /**
     * Bytes of the page.
     */
    uint64_t page_size;
    /**
     * What was given with it: a frame, say.
     */
    uint64_t value;
    /**
     * The address space, unless the page is global.
     */
    uint32_t space;
    /**
     * The page is in all address spaces.
     */
    bool is_global;
} memcore_tlb_entry;

/**
 * Counts since the TLB was made or reset.
 */
typedef struct memcore_tlb_counts {
    /**
     * Look-ups that found an entry.
     */
    uint64_t hits;
    /**
     * Look-ups that did not.
     */
    uint64_t misses;
    /**
     * Entries that left for others.
     */
    uint64_t evictions;
    /**
     * Entries that were invalidated.
     */
    uint64_t invalidations;
} memcore_tlb_counts;

/**
 * The numbers behind a failure. Those that the status does not speak of are 0, and texts are empty.
 */
typedef struct memcore_error_details {
    /**
     * What the failed call returned; `MEMCORE_STATUS_OK` when no call of this thread has failed yet.
     */
    int32_t status;
    /**
     * Bytes asked for: ZERO_SIZE, TOO_LARGE, OVERFLOW, OUT_OF_SPACE, LIMIT_EXCEEDED, RANGE_TAKEN,
     * NO_ROOM_IN_PLACE; bytes of the memory: HEAP_BAD_MEMORY; bytes that the call was about: HEAP_SYSTEM.
     */
    uint64_t size;
    /**
     * Alignment asked for: BAD_ALIGNMENT, BAD_BIAS, OUT_OF_SPACE.
     */
    uint64_t alignment;
    /**
     * Bytes before the aligned point: BAD_BIAS.
     */
    uint64_t bias;
    /**
     * Unit of the space: BAD_BIAS, OVERFLOW.
     */
    uint64_t granularity;
    /**
     * Bytes of the space (of a slot, for a pool): TOO_LARGE, CAPACITY_SHRINK.
     */
    uint64_t capacity;
    /**
     * Bytes in all holes: OUT_OF_SPACE.
     */
    uint64_t free;
    /**
     * Bytes of the largest hole: OUT_OF_SPACE.
     */
    uint64_t largest_hole;
    /**
     * Bytes in use: LIMIT_EXCEEDED.
     */
    uint64_t used;
    /**
     * Most bytes in use allowed: LIMIT_EXCEEDED; the most that the memory can have: HEAP_MEMORY_LIMIT.
     */
    uint64_t limit;
    /**
     * Live blocks: OUT_OF_METADATA.
     */
    uint64_t blocks;
    /**
     * The block: STALE_ID, DOUBLE_FREE, UNKNOWN_ID, NOT_TOP, NO_ROOM_IN_PLACE, HEAP_STALE_HANDLE, HEAP_HELD,
     * HEAP_NOT_HELD.
     */
    uint64_t id;
    /**
     * The block that is the top: NOT_TOP; the address of the oldest record: HEAP_NOT_OLDEST.
     */
    uint64_t top;
    /**
     * The offset: UNKNOWN_START, UNKNOWN_OFFSET, RANGE_TAKEN, BAD_START, BAD_CHECKPOINT.
     */
    uint64_t start;
    /**
     * What the start must be a multiple of: BAD_START.
     */
    uint64_t multiple;
    /**
     * The most that the block could have: NO_ROOM_IN_PLACE.
     */
    uint64_t available;
    /**
     * The capacity asked for: CAPACITY_SHRINK; the bytes asked for: HEAP_MEMORY_LIMIT.
     */
    uint64_t wanted;
    /**
     * Changes when the plan was made: OUTDATED_PLAN.
     */
    uint64_t made;
    /**
     * Changes now: OUTDATED_PLAN.
     */
    uint64_t now;
    /**
     * The offending value: BAD_PARAMETER; the offset, slot or count that breaks the rule: CORRUPT; the bytes that
     * are needed: MEMORY_TOO_SMALL; the alignment that is needed: MISALIGNED_MEMORY; the line, byte, operation or
     * limit: TRACE_LINE, TRACE_BYTE, TRACE_EVENT, TRACE_LIMIT, REPLAY_BAD_OPTION, REPLAY_TARGET; the frames, pages,
     * references or bytes: POLICY_FRAMES, POLICY_PAGES, POLICY_REFERENCES, TRACE_PAGE_SIZE, OUT_OF_MEMORY; the page:
     * OUT_OF_RANGE; the number of that name: CACHE_SETS, CACHE_WAYS, CACHE_LINE, CACHE_SIZE, CACHE_SIZE_DIFFERS,
     * CACHE_PAGE_SIZE, CACHE_LEVELS, CACHE_LINE_SHRINKS, CACHE_EXCLUSIVE_LINE, CACHE_LATENCY_FALLS, CACHE_PREFETCH,
     * CACHE_SRRIP_BITS; the page or (as a signed number) the address: VMM_...; the field: SEGMENT_DESCRIPTOR; the
     * error code: SEGMENT_NOT_PRESENT_FAULT, SEGMENT_STACK_FAULT, SEGMENT_GENERAL_PROTECTION; the number that is not
     * right or not there: MULTICS_INVALID, MULTICS_UNKNOWN, MULTICS_TAKEN; the offset: faults of MULTICS_...; the
     * segment: MULTICS_ATTACHED, SEGMENT_UNKNOWN, SEGMENT_NOT_PRESENT, SEGMENT_PRESENT, SEGMENT_LIMIT,
     * SEGMENT_PROTECTION; how many frames there are: MULTICS_NO_FRAMES;
     * the argument, the bytes asked for, the address, the file or the process: VM_INVALID, VM_NO_MEMORY,
     * VM_HOLE, VM_BAD_ADDRESS, VM_EXISTS, VM_DENIED, VM_BAD_FILE, VM_NO_PROCESS, VM_AGAIN, VM_FAULT; the
     * line: VM_CONFIG; how often the block is held: HEAP_HELD.
     */
    uint64_t value;
    /**
     * What could not be done, a `memcore_operation`: UNSUPPORTED, NO_ADDRESS_INDEX.
     */
    int32_t operation;
    /**
     * What must be a multiple, a `memcore_start_rule`: BAD_START.
     */
    int32_t needs;
    /**
     * The parameter: BAD_PARAMETER, VM_INVALID, VM_CONFIG; the strategy: UNSUPPORTED; the call: HEAP_SYSTEM.
     */
    struct memcore_text name;
    /**
     * The rule that is broken: BAD_PARAMETER, CORRUPT, VM_INVALID, VM_CONFIG, HEAP_BAD_MEMORY, HEAP_BAD_IMAGE; what ran out, VM_NO_MEMORY: "addresses",
     * "address-limit", "commit", "areas", "frames", "huge-pages", "locked", "host".
     */
    struct memcore_text rule;
    /**
     * The number of `errno.h` on Linux for VM_INVALID to VM_IO; the system's own for HEAP_SYSTEM; else 0.
     */
    int32_t error_number;
    /**
     * The address: HEAP_NOT_IN_HEAP, HEAP_NOT_A_BLOCK, HEAP_HEADER_SMASHED, HEAP_REDZONE_SMASHED, HEAP_FREED_WRITTEN,
     * HEAP_NOT_OLDEST, and of a heap DOUBLE_FREE, NO_ROOM_IN_PLACE; where the memory begins: HEAP_BAD_MEMORY.
     */
    uint64_t address;
    /**
     * The first bad byte, counted from the block's first, negative in front of it: HEAP_REDZONE_SMASHED,
     * HEAP_FREED_WRITTEN; counted from the beginning of the memory: HEAP_BAD_IMAGE.
     */
    int64_t offset;
    /**
     * What is there: HEAP_HEADER_SMASHED, HEAP_REDZONE_SMASHED, HEAP_FREED_WRITTEN, HEAP_BAD_IMAGE.
     */
    uint64_t found;
} memcore_error_details;

/**
 * Where the bytes of a heap come from. `memcore_memory_of`, `memcore_memory_own` or `memcore_memory_file` fills it in.
 * A text in it is read by the call that it is given to, and not kept.
 */
typedef struct memcore_memory {
    /**
     * Memory of the caller's, which belongs to the heap until that is destroyed; null: the system's.
     */
    void *start;
    /**
     * Bytes of it.
     */
    size_t bytes;
    /**
     * The name of a file whose bytes are the memory; null: none. One process at a time has a file: it is locked.
     */
    const char *file;
    /**
     * The most bytes of memory of the system's or of a file. Addresses are reserved for them, and memory is taken as
     * the heap grows.
     */
    size_t limit;
    /**
     * Bytes usable from the beginning; those of a file that is made.
     */
    size_t initial;
    /**
     * A `memcore_huge_pages`, for memory of the system's.
     */
    int32_t huge_pages;
} memcore_memory;

/**
 * The figures of an arena, in bytes.
 */
typedef struct memcore_arena_figures {
    /**
     * Handed out, with what alignment takes.
     */
    size_t used;
    /**
     * The most that `used` ever was.
     */
    size_t footprint;
    /**
     * Usable before the memory has to grow.
     */
    size_t capacity;
    /**
     * The most that the memory can grow to.
     */
    size_t limit;
} memcore_arena_figures;

/**
 * What a compaction did.
 */
typedef struct memcore_compaction {
    /**
     * Blocks moved.
     */
    uint64_t moves;
    /**
     * Bytes moved.
     */
    uint64_t bytes;
    /**
     * The largest hole beforehand.
     */
    uint64_t largest_hole_before;
    /**
     * The largest hole afterwards.
     */
    uint64_t largest_hole_after;
    /**
     * External fragmentation beforehand, as in `memcore_stats`.
     */
    double fragmentation_before;
    /**
     * External fragmentation afterwards.
     */
    double fragmentation_after;
    /**
     * Nothing is left that could move, but for blocks larger than the whole budget.
     */
    bool done;
} memcore_compaction;

/**
 * Is called with the id of a live block and the bytes it was asked for with, and returns 0 to go on or anything else to
 * stop. It may read the heap that it hears from; a call that changes it gives `MEMCORE_STATUS_REENTERED`. It must not
 * throw and not jump out.
 */
typedef int32_t (*memcore_handle_visitor)(uint64_t block, size_t size, void *user);

/**
 * What a heap checks; `memcore_checks_parse` fills it in. Times are per allocation and free together, bytes per live
 * block. Any check costs 16 bytes a block and about a dozen instructions, and frees of wrong addresses are always
 * found, with or without checks.
 */
typedef struct memcore_checks {
    /**
     * Bytes kept on each side of a block, rounded up to a multiple of 16, at most 1 MiB: writes beside it are found
     * when it is freed or resized, or by `memcore_heap_check`. 0: none. Costs twice the bytes, and time in proportion.
     */
    size_t redzone;
    /**
     * At most so many bytes of a block are filled when it is allocated (0xA5) and freed (0xDD). `SIZE_MAX`: all.
     * Costs time in proportion.
     */
    size_t poison;
    /**
     * Bytes of freed blocks that are kept from reuse: writes to the first `poison` bytes of them are found when they
     * leave. `SIZE_MAX`: as many as there is memory for.
     */
    size_t quarantine;
    /**
     * The most bytes in use. `UINT64_MAX`: no limit.
     */
    uint64_t limit;
    /**
     * One allocation of so many gets pages of its own, with no access in front of them and behind: a bad access stops
     * the program there. 0: none.
     */
    uint32_t guard_every;
    /**
     * How many allocations pass before the first of those.
     */
    uint32_t guard_offset;
    /**
     * Not 0: keep tag, call site and number of each allocation, for `memcore_heap_leaks`. Costs 32 bytes.
     */
    int32_t track;
    /**
     * Not 0: tell valgrind and AddressSanitizer, where the program runs under one of them.
     */
    int32_t tools;
} memcore_checks;

/**
 * Is called with an error. Any call on the heap that it hears from which would change it gives
 * `MEMCORE_STATUS_REENTERED`. It must not throw and not jump out.
 */
typedef void (*memcore_heap_listener)(const struct memcore_error_details *details, void *user);

/**
 * How a heap is made. `memcore_heap_options_for` fills it in. Texts in it are read by `memcore_heap_create` and not
 * kept.
 */
typedef struct memcore_heap_options {
    /**
     * Where the bytes come from.
     */
    struct memcore_memory memory;
    /**
     * The strategy's name, with parameters where wanted, as `memcore_allocator_create` reads it. "size-classes" has
     * no headers and is the fastest; every other strategy puts 8 bytes in front of each block. Null: size classes.
     */
    const char *strategy;
    /**
     * What is checked, as text: "none", "light", "full", or one of them and what differs from it, as in
     * "light:quarantine=1M,track=yes"; see `memcore_checks` for the keys. Null: see `checked`.
     */
    const char *checks;
    /**
     * What is checked, as a struct; looked at only where `checks` is null. Null: nothing.
     */
    const struct memcore_checks *checked;
    /**
     * Not 0: the heap has a lock of its own, so that many threads may use it at once, whatever the call. For heaps that
     * many threads use all the time see `memcore_threaded_heap_create`.
     */
    int32_t locked;
} memcore_heap_options;

/**
 * A live block of an image.
 */
typedef struct memcore_persistent_block {
    /**
     * Where it begins, counted from the beginning of the memory.
     */
    uint64_t offset;
    /**
     * What its offset is a multiple of.
     */
    uint64_t alignment;
    /**
     * Bytes that it was asked for with.
     */
    size_t size;
} memcore_persistent_block;

/**
 * Is called with a live block, and returns 0 to go on or anything else to stop. It may read the heap that it hears
 * from; a call that changes it gives `MEMCORE_STATUS_REENTERED`. It must not throw and not jump out.
 */
typedef int32_t (*memcore_persistent_visitor)(const struct memcore_persistent_block *block, void *user);

/**
 * A live block, in a leak report. Where the checks do not `track`, tag, site and number are 0.
 */
typedef struct memcore_leak {
    /**
     * Its first byte.
     */
    void *address;
    /**
     * Bytes asked for. Of a block whose record was written over: all that it could have.
     */
    size_t size;
    /**
     * The call site that it was allocated with.
     */
    uint64_t site;
    /**
     * The how-manieth allocation it was, from 1 on.
     */
    uint64_t number;
    /**
     * The tag that it was allocated with.
     */
    uint32_t tag;
} memcore_leak;

/**
 * Is called with a live block, and returns 0 to go on or anything else to stop. It may use the heap as it likes, since
 * the report is made before. It must not throw and not jump out.
 */
typedef int32_t (*memcore_leak_visitor)(const struct memcore_leak *leak, void *user);

/**
 * The live blocks of one tag and call site.
 */
typedef struct memcore_leak_group {
    /**
     * Their call site.
     */
    uint64_t site;
    /**
     * How many they are.
     */
    uint64_t blocks;
    /**
     * Bytes asked for.
     */
    uint64_t bytes;
    /**
     * The number of the first of them.
     */
    uint64_t first;
    /**
     * Their tag.
     */
    uint32_t tag;
} memcore_leak_group;

/**
 * Is called with the live blocks of one tag and call site; else as `memcore_leak_visitor`.
 */
typedef int32_t (*memcore_leak_group_visitor)(const struct memcore_leak_group *group, void *user);

/**
 * What `memcore_persistent_open` found.
 */
typedef struct memcore_recovery {
    /**
     * Live blocks.
     */
    uint64_t blocks;
    /**
     * Bytes that they were asked for with.
     */
    uint64_t bytes;
    /**
     * The last writer closed the image.
     */
    bool clean;
    /**
     * A step that a crash had cut was completed.
     */
    bool completed;
} memcore_recovery;

/**
 * A live block.
 */
typedef struct memcore_heap_block {
    /**
     * Its first byte.
     */
    void *address;
    /**
     * Bytes that can be used.
     */
    size_t usable;
    /**
     * Bytes that were asked for, where the heap keeps that; else as `usable`.
     */
    size_t requested;
} memcore_heap_block;

/**
 * Is called with a live block, and returns 0 to go on or anything else to stop. It may read the heap that it hears
 * from; a call that changes it gives `MEMCORE_STATUS_REENTERED`. It must not throw and not jump out.
 */
typedef int32_t (*memcore_heap_visitor)(const struct memcore_heap_block *block, void *user);

/**
 * What a pool is made of.
 */
typedef struct memcore_pool_figures {
    /**
     * Bytes of a slot, rounded up to the alignment.
     */
    size_t slot;
    /**
     * What slots begin at multiples of.
     */
    size_t alignment;
    /**
     * Slots in the memory as it is.
     */
    size_t slots;
    /**
     * Live slots.
     */
    size_t live;
    /**
     * Bytes of tables outside the slots.
     */
    size_t metadata_bytes;
} memcore_pool_figures;

/**
 * The figures of a ring, in bytes: `used + gaps + free = capacity`.
 */
typedef struct memcore_ring_figures {
    /**
     * How many records there are.
     */
    size_t records;
    /**
     * Of records.
     */
    size_t used;
    /**
     * Between the oldest and the newest record, of none.
     */
    size_t gaps;
    /**
     * From the newest record around to the oldest.
     */
    size_t free;
    /**
     * The most that a record of alignment 1 can have now.
     */
    size_t largest_hole;
    /**
     * In all.
     */
    size_t capacity;
    /**
     * Of the ring itself and its list of records.
     */
    size_t metadata_bytes;
} memcore_ring_figures;

/**
 * Where two stacks are, and their figures in bytes: `used_low + free + used_high = capacity`.
 */
typedef struct memcore_double_stack_figures {
    /**
     * Where the low stack ends: a mark to rewind it to.
     */
    uint64_t low;
    /**
     * Where the high stack begins: a mark to rewind it to.
     */
    uint64_t high;
    /**
     * Of the low stack, with what alignment takes.
     */
    size_t used_low;
    /**
     * Of the high stack, with what alignment takes.
     */
    size_t used_high;
    /**
     * Between the stacks.
     */
    size_t free;
    /**
     * In all.
     */
    size_t capacity;
} memcore_double_stack_figures;

/**
 * What a view tells of its image.
 */
typedef struct memcore_persistent_image {
    /**
     * Bytes of the image, superblock and headers included.
     */
    uint64_t capacity;
    /**
     * How many steps have changed the image since it was made.
     */
    uint64_t generation;
    /**
     * The last writer has closed it.
     */
    bool clean;
} memcore_persistent_image;

/**
 * What one access did.
 */
typedef struct memcore_cache_outcome {
    /**
     * Whether the key was there.
     */
    bool hit;
    /**
     * How many keys left for it; `memcore_cache_evicted` names them.
     */
    size_t evictions;
} memcore_cache_outcome;

/**
 * Counts since the cache was made.
 */
typedef struct memcore_cache_counts {
    /**
     * Accesses.
     */
    uint64_t accesses;
    /**
     * Accesses to keys that were there.
     */
    uint64_t hits;
    /**
     * Accesses to keys that were not.
     */
    uint64_t misses;
    /**
     * Keys that left to make room.
     */
    uint64_t evictions;
    /**
     * Keys that left after a write to them, or were cleaned by the policy.
     */
    uint64_t writebacks;
} memcore_cache_counts;

/**
 * The size of the working set at one moment.
 */
typedef struct memcore_working_set_point {
    /**
     * How many references are done.
     */
    uint64_t references;
    /**
     * Pages in the working set.
     */
    uint32_t pages;
} memcore_working_set_point;

/**
 * What kind of policy it is.
 */
typedef struct memcore_policy_kind {
    /**
     * It decides by references to come: a simulation of a whole trace can serve it, a cache cannot.
     */
    bool needs_future;
    /**
     * It chooses the number of resident pages itself; the number of frames means nothing to it.
     */
    bool varies_allocation;
    /**
     * More frames never mean more misses, because the pages in fewer frames are always among those in more.
     */
    bool is_stack;
} memcore_policy_kind;

/**
 * How to find a miss-ratio curve. `memcore_curve_options_default` fills it in.
 */
typedef struct memcore_curve_options {
    /**
     * The numbers of frames, ascending. Null (the default): every one for LRU and OPT, what the sample tells apart
     * for a sampled curve, and for other policies the powers of two and the middles between them.
     */
    const uint32_t *frames;
    /**
     * Entries of `frames`. Default: 0.
     */
    size_t frame_count;
    /**
     * Sample each page with this probability, above 0 and at most 1, for LRU only; 0: do not. Default: 0.
     */
    double sampling_rate;
    /**
     * Sample as many pages as this, for LRU only; 0: do not. Not together with a rate. Default: 0.
     */
    uint32_t sampling_pages;
    /**
     * The seed of the sample. Default: 1.
     */
    uint64_t seed;
    /**
     * Threads for a policy that has to be run for each size; 0 is as many as the machine runs at once. Default: 0.
     */
    size_t threads;
} memcore_curve_options;

/**
 * A replacement policy of the caller's. Its callbacks must not throw and not jump out.
 */
typedef struct memcore_plain_policy {
    /**
     * Is told one reference: the page by its key, and a `memcore_access_kind`. Returns 1 when the page was resident,
     * 0 when it was not, and a negative number when the policy is broken, which ends the simulation.
     */
    int32_t (*access)(void *policy, uint64_t page, int32_t kind);
    /**
     * Tells how many pages have lost their frame so far; may be null where that is not counted.
     */
    uint64_t (*evictions)(void *policy);
    /**
     * Passed to the others.
     */
    void *policy;
} memcore_plain_policy;

/**
 * One policy on one number of frames. A page takes one frame; a miss is a reference to a page that is not resident,
 * first references included; all frames are empty at first. What was not counted is 0, and its flag says so.
 */
typedef struct memcore_paging_result {
    /**
     * References.
     */
    uint64_t accesses;
    /**
     * References to resident pages.
     */
    uint64_t hits;
    /**
     * References to pages that were not resident.
     */
    uint64_t misses;
    /**
     * misses / accesses; 0 when there are no accesses.
     */
    double miss_ratio;
    /**
     * Whether there is a number of frames: not for a policy that chooses how many it takes.
     */
    bool has_frames;
    /**
     * Whether evictions were counted: not for a policy of the caller's that does not tell them.
     */
    bool has_evictions;
    /**
     * Whether write-backs were counted, and the dirty pages at the end.
     */
    bool has_writebacks;
    /**
     * Whether there are figures of the resident set: for a policy that chooses how many frames it takes.
     */
    bool has_resident_set;
    /**
     * The frames.
     */
    uint32_t frames;
    /**
     * The most pages that were resident at once.
     */
    uint32_t peak_resident;
    /**
     * The mean number of resident pages over all references, after each.
     */
    double mean_resident;
    /**
     * Pages that lost their frame.
     */
    uint64_t evictions;
    /**
     * Dirty pages that were written: at their eviction, or earlier when the policy wanted them clean.
     */
    uint64_t writebacks;
    /**
     * Pages dirty and resident at the end, whose write-back is still to come.
     */
    uint64_t dirty_at_end;
    /**
     * Bytes that the simulation held beside the trace.
     */
    uint64_t metadata_bytes;
} memcore_paging_result;

/**
 * How to simulate. `memcore_paging_options_default` fills it in.
 */
typedef struct memcore_paging_options {
    /**
     * Not 0: count write-backs, where the trace has writes; this excludes the fastest ways of counting misses.
     * Default: 1.
     */
    int32_t writebacks;
    /**
     * Threads of a sweep; 0 is as many as the machine runs at once. Default: 0.
     */
    size_t threads;
} memcore_paging_options;

/**
 * An allocator of the caller's. Its callbacks must not throw and not jump out.
 *
 * Those that return an `int32_t` return 0 when they did what was asked, a positive number to refuse (which is
 * counted), and a negative one when they are broken (which ends the replay). A start that is misaligned, passes the
 * end of the space or overlaps a live block ends the replay too.
 */
typedef struct memcore_plain_allocator {
    /**
     * Makes an empty allocator for a space of `capacity` bytes, one for each pass; null ends the replay.
     */
    void *(*make)(uint64_t capacity, void *user);
    /**
     * Ends an allocator that `make` made; may be null.
     */
    void (*destroy)(void *made);
    /**
     * Hands out `size` bytes, a multiple of the granularity, from a start that is a multiple of `alignment`.
     */
    int32_t (*allocate)(void *made, uint64_t size, uint64_t alignment, uint64_t *start);
    /**
     * Takes the block at `start` back.
     */
    int32_t (*free)(void *made, uint64_t start);
    /**
     * Makes the block at `start` `size` bytes large where it is; may be null, and then every realloc moves.
     */
    int32_t (*resize)(void *made, uint64_t start, uint64_t size);
    /**
     * Tells the bytes of its tables now; may be null where it does not know.
     */
    uint64_t (*metadata_bytes)(void *made);
    /**
     * Passed to `make`.
     */
    void *user;
} memcore_plain_allocator;

/**
 * How to replay. `memcore_replay_options_default` fills it in.
 */
typedef struct memcore_replay_options {
    /**
     * Bytes of the space; 0 stands for an endless one of 2^48 bytes, so that nothing fails for want of space and
     * the footprint is what counts.
     */
    uint64_t capacity;
    /**
     * The alignment of each block, a power of two. Default: 16.
     */
    uint64_t align;
    /**
     * Starts and sizes are multiples of it; a power of two. Default: 16.
     */
    uint64_t granularity;
    /**
     * Bytes in front of each block, as a heap keeps them; a multiple of the smaller of `align` and `granularity`.
     * Default: 0.
     */
    uint64_t header;
    /**
     * The most points of the series, 1 to 65536; each costs a walk over all live blocks. Default: 512.
     */
    uint32_t series_points;
    /**
     * Not 0: search for a sufficient capacity, some 20 passes more. Default: 0.
     */
    int32_t fit;
    /**
     * Not 0: measure the nanoseconds per operation, three passes more. Default: 0.
     */
    int32_t timing;
    /**
     * Not 0: measure the latency of each operation, one pass more. Default: 0.
     */
    int32_t latency;
} memcore_replay_options;

/**
 * A fragmentation over the points of a series.
 */
typedef struct memcore_spread {
    /**
     * The mean; 0 when there is no point.
     */
    double mean;
    /**
     * The highest.
     */
    double max;
    /**
     * The last.
     */
    double last;
} memcore_spread;

/**
 * What a trace costs with one allocator.
 */
typedef struct memcore_replay_figures {
    /**
     * Bytes of the space, after rounding down.
     */
    uint64_t capacity;
    /**
     * The alignment of each block.
     */
    uint64_t align;
    /**
     * Starts and sizes are multiples of it.
     */
    uint64_t granularity;
    /**
     * Bytes in front of each block.
     */
    uint64_t header;
    /**
     * The operations of the trace.
     */
    uint64_t operations;
    /**
     * Allocations and reallocs that were refused.
     */
    uint64_t failures;
    /**
     * Reallocs and frees of blocks that were not there.
     */
    uint64_t skipped;
    /**
     * Frees that were refused; their blocks are not live any more, but stay used.
     */
    uint64_t refused_frees;
    /**
     * The most bytes the program had asked for at once.
     */
    uint64_t peak_live;
    /**
     * The most bytes in blocks at once, headers and rounding included, and both blocks of a moving realloc.
     */
    uint64_t peak_used;
    /**
     * The highest end of a block ever.
     */
    uint64_t footprint;
    /**
     * `peak_live` / `footprint`; 1 when the footprint is 0.
     */
    double utilisation;
    /**
     * Over the points of the series.
     */
    struct memcore_spread external_fragmentation;
    /**
     * Over the points of the series. Headers count as internal.
     */
    struct memcore_spread internal_fragmentation;
    /**
     * Whether the allocator knows how large its tables are.
     */
    bool has_metadata_bytes;
    /**
     * Whether times were measured.
     */
    bool has_timing;
    /**
     * Whether latencies were measured.
     */
    bool has_latency;
    /**
     * Whether a sufficient capacity was searched for and found.
     */
    bool has_sufficient_capacity;
    /**
     * The most bytes of the tables at any point of the series.
     */
    uint64_t metadata_bytes;
    /**
     * The best of three passes, less the time of an empty loop, over the operations that were not skipped.
     */
    double nanoseconds_per_operation;
    /**
     * Half of the operations took no longer, in nanoseconds.
     */
    uint64_t latency_p50;
    /**
     * 99 of 100.
     */
    uint64_t latency_p99;
    /**
     * 999 of 1000.
     */
    uint64_t latency_p999;
    /**
     * The longest.
     */
    uint64_t latency_max;
    /**
     * A capacity with which the whole trace succeeds; not always the least one.
     */
    uint64_t sufficient_capacity;
} memcore_replay_figures;

/**
 * The state of a replay after some of its operations.
 */
typedef struct memcore_replay_point {
    /**
     * How many operations are done.
     */
    uint64_t operations;
    /**
     * Bytes that the program asked for and has not freed.
     */
    uint64_t live;
    /**
     * Bytes that blocks take from the space.
     */
    uint64_t used;
    /**
     * The highest end of a block so far.
     */
    uint64_t footprint;
    /**
     * 1 - largest hole / free bytes, both below the end of the highest live block.
     */
    double external_fragmentation;
    /**
     * 1 - live / used; 0 when nothing is used.
     */
    double internal_fragmentation;
    /**
     * Failures so far.
     */
    uint64_t failures;
} memcore_replay_point;

/**
 * One access, or a run of equal ones.
 */
typedef struct memcore_access {
    /**
     * The first byte, or the number of a page or object: what it counts is the trace's unit.
     */
    uint64_t address;
    /**
     * Bytes.
     */
    uint32_t size;
    /**
     * How many equal accesses follow each other; at least 1.
     */
    uint32_t count;
    /**
     * A `memcore_access_kind`.
     */
    int32_t kind;
} memcore_access;

/**
 * What a program did to its address space, successfully. Pages are of 4096 bytes. What the kind does not speak
 * of is 0.
 */
typedef struct memcore_space_event {
    /**
     * The index of the access that it stands before; the number of accesses for one at the end.
     */
    size_t before;
    /**
     * A `memcore_space_event_kind`.
     */
    int32_t kind;
    /**
     * The first page.
     */
    uint64_t page;
    /**
     * How many.
     */
    uint64_t pages;
    /**
     * 1 read, 2 write, 4 execute, added.
     */
    uint64_t protection;
    /**
     * As passed on Linux: 2 private, 16 fixed, 32 anonymous, ...
     */
    uint64_t flags;
    /**
     * The first page afterwards.
     */
    uint64_t new_page;
    /**
     * How many afterwards.
     */
    uint64_t new_pages;
} memcore_space_event;

/**
 * Something that the reader of a trace left out or noticed.
 */
typedef struct memcore_note {
    /**
     * A short name: "null-free".
     */
    struct memcore_text name;
    /**
     * What happened, and what was done about it.
     */
    struct memcore_text reason;
    /**
     * How often.
     */
    uint64_t count;
    /**
     * Where first: a line from 1 in a text format, otherwise an operation from 0.
     */
    uint64_t first;
} memcore_note;

/**
 * What a conversion lost, counted. All 0: nothing.
 */
typedef struct memcore_loss {
    /**
     * callocs that were written as malloc.
     */
    uint64_t callocs;
    /**
     * Operations that were written without their thread.
     */
    uint64_t threads;
    /**
     * Operations on unknown blocks that were left out.
     */
    uint64_t orphans;
    /**
     * Accesses that were written as references to their pages, without the place inside and the size.
     */
    uint64_t places;
    /**
     * Address-space events that were left out.
     */
    uint64_t space_events;
    /**
     * Accesses that were written as pages of another size than they were recorded in, or as numbers.
     */
    uint64_t units;
    /**
     * Bytes of the comment that were left out.
     */
    uint64_t comment_bytes;
} memcore_loss;

/**
 * Is called with bytes to be written; returns 0 when it took them all, or anything else to fail. It must not throw
 * and not jump out.
 */
typedef int32_t (*memcore_writer)(const void *bytes, size_t length, void *user);

/**
 * One operation of a trace.
 */
typedef struct memcore_trace_event {
    /**
     * A `memcore_event_type`.
     */
    int32_t kind;
    /**
     * The block that it is about, below the number of ids.
     */
    uint32_t id;
    /**
     * The requested bytes; 0 for a free.
     */
    uint64_t size;
    /**
     * The stated alignment; 1 unless the kind is `MEMCORE_EVENT_TYPE_ALIGNED`.
     */
    uint64_t alignment;
    /**
     * The thread that called; 0 where threads are not recorded.
     */
    uint32_t thread;
} memcore_trace_event;

/**
 * A page trace in figures.
 */
typedef struct memcore_page_trace_figures {
    /**
     * All references, runs expanded.
     */
    uint64_t references;
    /**
     * The loads among them.
     */
    uint64_t reads;
    /**
     * The stores and modifies.
     */
    uint64_t writes;
    /**
     * The instruction fetches.
     */
    uint64_t executes;
    /**
     * Distinct pages.
     */
    uint32_t pages;
    /**
     * Distinct pages that are read from.
     */
    uint32_t pages_read;
    /**
     * Distinct pages that are written to.
     */
    uint32_t pages_written;
    /**
     * Distinct pages that are executed from.
     */
    uint32_t pages_executed;
    /**
     * Bytes of a page.
     */
    uint64_t page_size;
    /**
     * The distinct pages times their size, at most 2^64 - 1.
     */
    uint64_t footprint_bytes;
    /**
     * The lowest page (an address divided by the page size); 0 when there is none.
     */
    uint64_t first_page;
    /**
     * The highest page; 0 when there is none.
     */
    uint64_t last_page;
    /**
     * Address-space events.
     */
    uint64_t events;
} memcore_page_trace_figures;

/**
 * The pages that a window of a page trace refers to. Windows follow each other without a gap.
 */
typedef struct memcore_window {
    /**
     * References up to the window's end.
     */
    uint64_t references;
    /**
     * Distinct pages that the window refers to.
     */
    uint32_t pages;
    /**
     * Those of them that nothing before the window refers to.
     */
    uint32_t new_pages;
} memcore_window;

/**
 * A trace in figures. *Live bytes* are the requested sizes of the live blocks; a *lifetime* is the number of
 * operations from a block's allocation to its free. Sums above 2^64 - 1 are given as 2^64 - 1.
 */
typedef struct memcore_trace_summary_figures {
    /**
     * mallocs.
     */
    uint64_t mallocs;
    /**
     * callocs.
     */
    uint64_t callocs;
    /**
     * Aligned allocations.
     */
    uint64_t aligned;
    /**
     * Reallocs of a block to another size.
     */
    uint64_t reallocs;
    /**
     * Frees.
     */
    uint64_t frees;
    /**
     * Ids that an allocation has.
     */
    uint64_t blocks;
    /**
     * The most requested bytes live at once.
     */
    uint64_t peak_live_bytes;
    /**
     * How many operations were done when the bytes were first at their peak.
     */
    uint64_t peak_at;
    /**
     * The most blocks live at once.
     */
    uint64_t peak_live_blocks;
    /**
     * Requested bytes live at the end.
     */
    uint64_t end_live_bytes;
    /**
     * Blocks live at the end.
     */
    uint64_t end_live_blocks;
    /**
     * All requested sizes together: allocations, and reallocs by what they grow.
     */
    uint64_t requested_bytes;
    /**
     * The largest size asked for.
     */
    uint64_t largest_size;
    /**
     * The largest alignment asked for; 1 when none was.
     */
    uint64_t largest_alignment;
    /**
     * Threads that have an operation.
     */
    uint64_t threads;
    /**
     * Frees by another thread than the allocating one.
     */
    uint64_t cross_thread_frees;
    /**
     * Reallocs and frees of blocks that were not live.
     */
    uint64_t absent_operations;
    /**
     * Those of them on ids that no allocation has.
     */
    uint64_t orphan_operations;
    /**
     * Sizes at allocation: entry 0 counts size 0, entry k sizes from 2^(k-1) to 2^k - 1.
     */
    uint64_t sizes[65];
    /**
     * Lifetimes of the blocks that were freed, counted as the sizes are.
     */
    uint64_t lifetimes[65];
} memcore_trace_summary_figures;

/**
 * The live bytes at one moment of a trace, and since the moment before.
 */
typedef struct memcore_live_point {
    /**
     * How many operations are done.
     */
    uint64_t operations;
    /**
     * The bytes live now.
     */
    uint64_t live_bytes;
    /**
     * The blocks live now.
     */
    uint64_t live_blocks;
    /**
     * The most bytes live after any operation since the point before.
     */
    uint64_t highest_live_bytes;
} memcore_live_point;

/**
 * A segment descriptor, field by field.
 */
typedef struct memcore_segment_descriptor {
    /**
     * The linear address of offset 0.
     */
    uint32_t base;
    /**
     * The limit as it is written, 20 bits: the last offset, in bytes or in units of 4096.
     */
    uint32_t limit;
    /**
     * What the segment is for, a `memcore_segment_kind`.
     */
    int32_t kind;
    /**
     * DPL, 0 (the kernel) to 3.
     */
    uint8_t privilege;
    /**
     * The 4 bits of a system descriptor's type; else 0.
     */
    uint8_t system_code;
    /**
     * G: whether the limit counts units of 4096 bytes.
     */
    bool granular;
    /**
     * Data only: whether it may be written.
     */
    bool writable;
    /**
     * Data only: whether the valid offsets lie above the limit.
     */
    bool expand_down;
    /**
     * Code only: whether it may be read.
     */
    bool readable;
    /**
     * Code only: whether less privileged code may jump to it.
     */
    bool conforming;
    /**
     * Whether the processor has loaded it. Always false for the system's.
     */
    bool accessed;
    /**
     * P: whether the segment is in memory.
     */
    bool present;
    /**
     * D or B: 32-bit code or stack, or offsets up to 2^32 - 1 for expand-down data.
     */
    bool big;
    /**
     * L: 64-bit code; without effect here.
     */
    bool long_mode;
    /**
     * AVL: free for the operating system.
     */
    bool available;
} memcore_segment_descriptor;

/**
 * An access that ended in a signal. The process lives on, unless it was killed.
 */
typedef struct memcore_fault {
    /**
     * A `memcore_fault_kind`.
     */
    int32_t kind;
    /**
     * A `memcore_access_kind`.
     */
    int32_t access;
    /**
     * The signal, by its number on Linux: 11 SIGSEGV, 7 SIGBUS, 9 SIGKILL; 0 where no process is left to get one.
     */
    int32_t signal;
    /**
     * Who accessed.
     */
    uint32_t process;
    /**
     * The first address of the access that could not be served.
     */
    uint64_t address;
} memcore_fault;

/**
 * An object that can be mapped, given as functions. They are called by whichever thread calls the machine, one at a
 * time, must not throw and not jump out, and must not call the machine: that gives `MEMCORE_STATUS_REENTERED`.
 */
typedef struct memcore_backing {
    /**
     * Passed to each function.
     */
    void *user;
    /**
     * Tells the bytes of the object, now. Not null.
     */
    uint64_t (*length)(void *user);
    /**
     * Reads `length` bytes at `offset`, all of them inside the object as `length` told it; returns 0, or anything
     * else when it failed, which ends the access in a fault. Not null.
     */
    int32_t (*read)(void *user, uint64_t offset, uint8_t *into, size_t length);
    /**
     * Writes bytes likewise; when it fails the page stays dirty. Null: the object is to be read only.
     */
    int32_t (*write)(void *user, uint64_t offset, const uint8_t *bytes, size_t length);
    /**
     * Makes the object so long; returns 0, or anything else when it failed. Null: its length cannot be changed.
     */
    int32_t (*truncate)(void *user, uint64_t length);
    /**
     * The machine has no more use for the object. May be null.
     */
    void (*release)(void *user);
} memcore_backing;

/**
 * One value of a configuration, by its key.
 */
typedef struct memcore_setting {
    /**
     * Names joined by dots: "paging", "swap.pages", "memory.nodes.0.frames"; "memory.frames" is one node of so
     * many frames.
     */
    const char *key;
    /**
     * The value in TOML, or a text; "none" takes an optional value away.
     */
    const char *value;
} memcore_setting;

/**
 * One event. Members that its kind does not speak of are 0.
 */
typedef struct memcore_machine_event {
    /**
     * A `memcore_machine_event_kind`. Later versions may have more.
     */
    int32_t kind;
    /**
     * Whose memory it is, or which process.
     */
    uint32_t process;
    /**
     * The virtual address; of a range or page the first.
     */
    uint64_t address;
    /**
     * The address after a range.
     */
    uint64_t end;
    /**
     * The frame.
     */
    uint64_t frame;
    /**
     * A `memcore_access_kind`.
     */
    int32_t access;
    /**
     * A `memcore_served`.
     */
    int32_t served;
    /**
     * A `memcore_fault_kind`.
     */
    int32_t fault;
    /**
     * A `memcore_destination`.
     */
    int32_t destination;
    /**
     * The level of the TLB from 0, or of the page table, where 0 is that of single pages.
     */
    uint32_t level;
    /**
     * The slot of the swap device.
     */
    uint32_t slot;
    /**
     * The physical address of an entry of a page table.
     */
    uint64_t entry_address;
    /**
     * The offset in the file, in bytes.
     */
    uint64_t offset;
    /**
     * The file.
     */
    uint32_t file;
    /**
     * The process that was copied; 0: none was.
     */
    uint32_t parent;
    /**
     * The node that a page left.
     */
    uint32_t from_node;
    /**
     * The node that it moved to.
     */
    uint32_t to_node;
    /**
     * The points of a process that is killed.
     */
    int64_t points;
    /**
     * Somebody waited for a device or for decompression.
     */
    bool major;
    /**
     * It was done by the background reclaimer.
     */
    bool background;
    /**
     * The page came from the compressed pool.
     */
    bool compressed;
} memcore_machine_event;

/**
 * Is called with each event, after it happened. It must not throw, not jump out and not call the machine: that gives
 * `MEMCORE_STATUS_REENTERED`.
 */
typedef void (*memcore_machine_listener)(const struct memcore_machine_event *event, void *user);

/**
 * What merging of equal pages has achieved.
 */
typedef struct memcore_merge_report {
    /**
     * Merged pages.
     */
    uint64_t shared;
    /**
     * Entries that map them beyond the first of each: pages saved.
     */
    uint64_t sharing;
    /**
     * Pages looked at that are alone so far.
     */
    uint64_t unshared;
    /**
     * Pages whose content changed since the scan before.
     */
    uint64_t changing;
    /**
     * Entries that map the shared page of zeros for being zeros.
     */
    uint64_t zero_pages;
    /**
     * Times that all mergeable areas were scanned.
     */
    uint64_t full_scans;
    /**
     * Pages looked at by this call.
     */
    uint64_t scanned;
    /**
     * Pages merged by this call.
     */
    uint64_t merged;
} memcore_merge_report;

/**
 * What the compressed pool in front of the swap device did.
 */
typedef struct memcore_compression {
    /**
     * Pages that it took.
     */
    uint64_t stores;
    /**
     * Pages that were read back.
     */
    uint64_t loads;
    /**
     * Pages that went to the device instead.
     */
    uint64_t written_back;
    /**
     * Times that a page came while the pool was at its maximum.
     */
    uint64_t limit_hit;
    /**
     * Pages refused because the pool is or was full.
     */
    uint64_t reject_full;
    /**
     * Pages refused because they do not become smaller.
     */
    uint64_t compress_poor;
    /**
     * Pages refused for want of the system's memory.
     */
    uint64_t reject_alloc_fail;
    /**
     * Bytes of the pages that were compressed.
     */
    uint64_t bytes_in;
    /**
     * Bytes that they became.
     */
    uint64_t bytes_out;
} memcore_compression;

/**
 * A fault of the swap device. Members that its kind does not speak of are ignored.
 */
typedef struct memcore_swap_fault {
    /**
     * A `memcore_swap_fault_kind`.
     */
    int32_t kind;
    /**
     * The slot.
     */
    uint32_t slot;
    /**
     * The bit, counted through the page; past its end it begins again.
     */
    uint64_t bit;
    /**
     * Whether all reads or writes fail.
     */
    int32_t is_on;
} memcore_swap_fault;

/**
 * What a process has of memory, in pages.
 */
typedef struct memcore_usage {
    /**
     * All that it has in memory.
     */
    uint64_t rss;
    /**
     * Of these, private pages. The shared page of zeros does not count.
     */
    uint64_t rss_anonymous;
    /**
     * Of these, pages of files.
     */
    uint64_t rss_file;
    /**
     * Of these, pages of shared memory.
     */
    uint64_t rss_shared;
    /**
     * Private pages that it has in swap.
     */
    uint64_t swapped;
} memcore_usage;

/**
 * A range of pages with one set of properties.
 */
typedef struct memcore_area {
    /**
     * Its first address.
     */
    uint64_t start;
    /**
     * The address after its last.
     */
    uint64_t end;
    /**
     * Bytes from the beginning of the file or shared memory to `start`; of private memory, where it was first mapped.
     */
    uint64_t offset;
    /**
     * A `memcore_area_kind`.
     */
    int32_t kind;
    /**
     * What may be done to its pages: `MEMCORE_PROT_...`.
     */
    uint32_t protection;
    /**
     * What else is said of it: `MEMCORE_AREA_...`.
     */
    uint32_t flags;
    /**
     * The file; `MEMCORE_NO_FILE` where there is none.
     */
    uint32_t file;
    /**
     * The level of its pages from the pool of huge pages; 0 without such.
     */
    uint32_t huge_level;
    /**
     * What it is for: "[text]", "[data]", "[bss]", "[heap]", "[stack]"; empty for what mmap made.
     */
    struct memcore_text name;
} memcore_area;

/**
 * The state of a machine in figures.
 */
typedef struct memcore_machine_figures {
    /**
     * Bytes of a base page.
     */
    uint64_t page_size;
    /**
     * Frames, all nodes together.
     */
    uint64_t frames;
    /**
     * Frames that nobody has.
     */
    uint64_t free_frames;
    /**
     * Pages promised to processes.
     */
    uint64_t committed;
    /**
     * Bytes of this program's memory that the machine takes beside the contents of frames.
     */
    uint64_t metadata_bytes;
    /**
     * It spends its time bringing back what it has just evicted.
     */
    bool is_thrashing;
} memcore_machine_figures;

/**
 * A request to map a range. `memcore_map_request_for` fills it in.
 */
typedef struct memcore_map_request {
    /**
     * A wish; with FIXED the very address.
     */
    uint64_t address;
    /**
     * Bytes; rounded up to whole pages.
     */
    uint64_t length;
    /**
     * `MEMCORE_PROT_...`, joined by `|`.
     */
    uint32_t protection;
    /**
     * `MEMCORE_MAP_...`, joined by `|`, with the numbers of Linux: SHARED or PRIVATE, one of them.
     */
    uint32_t flags;
    /**
     * A file of the machine, or `MEMCORE_NO_FILE`.
     */
    uint32_t file;
    /**
     * With HUGETLB: the level of the page table whose entries map the pages (1: 2 MiB, 2: 1 GiB on x86-64).
     */
    uint32_t huge_level;
    /**
     * Where in the file, in bytes; a multiple of the page size.
     */
    uint64_t offset;
} memcore_map_request;

/**
 * Where pages are placed.
 */
typedef struct memcore_numa_policy {
    /**
     * A `memcore_numa_kind`.
     */
    int32_t kind;
    /**
     * The nodes: none for DEFAULT, one for PREFERRED. May be null when `count` is 0.
     */
    const uint32_t *nodes;
    /**
     * With WEIGHTED_INTERLEAVE, a weight for each node, at least 1; else ignored.
     */
    const uint32_t *weights;
    /**
     * How many nodes.
     */
    size_t count;
} memcore_numa_policy;

/**
 * How traces are run through a machine. `memcore_machine_replay_options_default` fills it in.
 */
typedef struct memcore_machine_replay_options {
    /**
     * A `memcore_placement`.
     */
    int32_t placement;
    /**
     * Accesses of a turn, at least 1: each program runs so many, then the next.
     */
    uint64_t quantum;
    /**
     * How many times as long each program's turn is, one number for each trace; null: all once.
     */
    const uint64_t *weights;
    /**
     * Pages that a trace uses become one area across a hole of at most so many pages.
     */
    uint64_t join_pages;
    /**
     * Run at most so many accesses, of all programs together; or `MEMCORE_NO_LIMIT`.
     */
    uint64_t limit;
} memcore_machine_replay_options;

/**
 * What a run of traces cost.
 */
typedef struct memcore_machine_run {
    /**
     * Accesses that were run; one that spans two pages is one.
     */
    uint64_t accesses;
    /**
     * Of these, reads.
     */
    uint64_t reads;
    /**
     * Of these, writes.
     */
    uint64_t writes;
    /**
     * Of these, instruction fetches.
     */
    uint64_t executes;
    /**
     * Accesses that were not run, because their program was killed or the run was cut short.
     */
    uint64_t skipped;
    /**
     * Cycles that somebody waited for.
     */
    uint64_t cycles;
    /**
     * Cycles an access.
     */
    double average;
    /**
     * Faults served without input from a device.
     */
    uint64_t minor;
    /**
     * Faults that waited for a device or for decompression.
     */
    uint64_t major;
    /**
     * Pages that lost their frame.
     */
    uint64_t evicted;
    /**
     * Accesses that ended in a signal.
     */
    uint64_t signals;
    /**
     * Look-ups that no TLB served, of all; 0 without any.
     */
    double tlb_miss_ratio;
    /**
     * The most pages in memory that were seen at once, of all programs together.
     */
    uint64_t peak_rss;
    /**
     * The most bytes of page tables that were seen, of all programs together.
     */
    uint64_t peak_table_bytes;
    /**
     * Of the looks at the machine, how many per cent found it thrashing.
     */
    double thrashing_percent;
    /**
     * Pages that a program used before its trace said they were mapped.
     */
    uint64_t mapped_late;
    /**
     * Events of the traces that were obeyed.
     */
    uint64_t events;
    /**
     * Events that the machine refused.
     */
    uint64_t events_refused;
} memcore_machine_run;

/**
 * A file of a machine that is restored.
 */
typedef struct memcore_saved_file {
    /**
     * Its number.
     */
    uint32_t file;
    /**
     * A `memcore_saved_kind`.
     */
    int32_t kind;
    /**
     * Bytes that it had.
     */
    uint64_t length;
    /**
     * It could be written.
     */
    bool is_writable;
    /**
     * FILE: its path, which the snapshot names: one from elsewhere may name any. Valid during the call; null
     * otherwise, and where the path holds a zero byte.
     */
    const char *path;
} memcore_saved_file;

/**
 * Is asked what a file shall be; returns a `memcore_reopen`. It must not throw and not jump out.
 */
typedef int32_t (*memcore_opener)(const struct memcore_saved_file *file,
                                  struct memcore_backing *backing,
                                  void *user);

/**
 * What an address is translated to.
 */
typedef struct memcore_translation {
    /**
     * The physical address. For the shared page of zeros it lies beyond all memory.
     */
    uint64_t physical;
    /**
     * The frame.
     */
    uint64_t frame;
    /**
     * Bytes of the page.
     */
    uint64_t page_size;
    /**
     * What the entry allows at this moment: `MEMCORE_PROT_...`; less than the area where a write must copy first.
     */
    uint32_t protection;
    /**
     * The node of the frame.
     */
    uint32_t node;
    /**
     * The page was referenced.
     */
    bool is_accessed;
    /**
     * The page was written.
     */
    bool is_dirty;
} memcore_translation;

/**
 * A page walk. Members that its outcome does not speak of are 0.
 */
typedef struct memcore_walk {
    /**
     * The address to be translated.
     */
    uint64_t address;
    /**
     * A `memcore_walk_outcome`.
     */
    int32_t outcome;
    /**
     * EMPTY: the level where it ended.
     */
    uint32_t level;
    /**
     * MAPPED: the physical address.
     */
    uint64_t physical;
    /**
     * MAPPED: bytes of the page.
     */
    uint64_t page_size;
    /**
     * SWAPPED: which page of the swap device.
     */
    uint32_t swapped;
} memcore_walk;

/**
 * One read of a page walk.
 */
typedef struct memcore_walk_step {
    /**
     * The level of the table; 0 is that of single pages.
     */
    uint32_t level;
    /**
     * A `memcore_word_kind`.
     */
    int32_t kind;
    /**
     * The name of such a table: "PML4", "VPN[2]", "table", "anchor".
     */
    struct memcore_text name;
    /**
     * The frame that the table is in.
     */
    uint64_t table;
    /**
     * The index in the table.
     */
    uint64_t index;
    /**
     * The physical address that is read.
     */
    uint64_t entry_address;
    /**
     * The word that is read, as the hardware has it.
     */
    uint64_t bits;
    /**
     * The frame or page that the word names; else 0.
     */
    uint64_t frame;
} memcore_walk_step;

/**
 * The memory of a machine, in bytes.
 */
typedef struct memcore_memory_info {
    /**
     * Frames.
     */
    uint64_t total;
    /**
     * Of these, free ones.
     */
    uint64_t free;
    /**
     * What could be had without swapping, by and large.
     */
    uint64_t available;
    /**
     * Pages of files and shared memory in memory.
     */
    uint64_t cached;
    /**
     * Pages in memory that are in swap too.
     */
    uint64_t swap_cached;
    /**
     * Locked pages.
     */
    uint64_t locked;
    /**
     * Slots of the swap device.
     */
    uint64_t swap_total;
    /**
     * Of these, free ones.
     */
    uint64_t swap_free;
    /**
     * What the compressed pool takes.
     */
    uint64_t zswap;
    /**
     * What is in it, uncompressed.
     */
    uint64_t zswapped;
    /**
     * Pages of files with changes that the file has not.
     */
    uint64_t dirty;
    /**
     * Private pages that are mapped.
     */
    uint64_t anon_pages;
    /**
     * Pages of files and shared memory that are mapped.
     */
    uint64_t mapped;
    /**
     * Pages of shared memory.
     */
    uint64_t shmem;
    /**
     * Page tables.
     */
    uint64_t page_tables;
    /**
     * What may be promised; it counts where overcommitting is forbidden.
     */
    uint64_t commit_limit;
    /**
     * What is promised.
     */
    uint64_t committed;
    /**
     * Private huge pages.
     */
    uint64_t anon_huge_pages;
    /**
     * Merged pages, by the frames that they take.
     */
    uint64_t merged;
} memcore_memory_info;

/**
 * The frames of a node, and how they were taken.
 */
typedef struct memcore_node {
    /**
     * Frames.
     */
    uint64_t frames;
    /**
     * Of these, free ones.
     */
    uint64_t free;
    /**
     * Frames taken here that were wanted here.
     */
    uint64_t hit;
    /**
     * Frames taken here that were wanted elsewhere.
     */
    uint64_t miss;
    /**
     * Frames taken here by interleaving.
     */
    uint64_t interleave_hit;
    /**
     * Pages that moved here.
     */
    uint64_t migrated;
} memcore_node;

/**
 * What a virtual memory manager is made with; see `memcore_vmm_options_for`.
 */
typedef struct memcore_vmm_options {
    /**
     * Bytes of a page: any number from 1 on.
     */
    uint64_t page_size;
    /**
     * Virtual pages, from 1 on.
     */
    uint32_t pages;
    /**
     * Frames, from 1 on. With fewer than pages, replacement happens.
     */
    uint32_t frames;
    /**
     * The replacement policy: "lru", "clock"; see `memcore_policy_name`. Null: "fifo".
     */
    const char *policy;
} memcore_vmm_options;

/**
 * Where an address leads.
 */
typedef struct memcore_vmm_translation {
    /**
     * The physical address: frame times page size plus offset.
     */
    uint64_t address;
    /**
     * The frame.
     */
    uint64_t frame;
    /**
     * The virtual page.
     */
    uint32_t page;
    /**
     * The page that lost its frame for it; of no meaning unless `has_evicted`.
     */
    uint32_t evicted;
    /**
     * Whether a page lost its frame.
     */
    bool has_evicted;
    /**
     * Whether the page had its frame already; else it was a page fault.
     */
    bool hit;
} memcore_vmm_translation;

/**
 * What the page table says of a page.
 */
typedef struct memcore_vmm_entry {
    /**
     * The frame; of no meaning unless `present`.
     */
    uint64_t frame;
    /**
     * The page.
     */
    uint32_t page;
    /**
     * What may be done to it: 1 read, 2 write, 4 execute, added up.
     */
    uint32_t protection;
    /**
     * Whether it is allocated.
     */
    bool allocated;
    /**
     * Whether it has a frame.
     */
    bool present;
    /**
     * Whether it was written since it got its frame or was cleaned.
     */
    bool modified;
    /**
     * Whether it was accessed since it got its frame or the bit was cleared; a new page counts as accessed.
     */
    bool referenced;
} memcore_vmm_entry;

/**
 * The state of a manager in figures. Used and free pages add up to all, and so do the frames.
 */
typedef struct memcore_vmm_figures {
    /**
     * Virtual pages.
     */
    uint64_t total_pages;
    /**
     * Pages that are allocated, in a frame or not.
     */
    uint64_t used_pages;
    /**
     * Pages that are not.
     */
    uint64_t free_pages;
    /**
     * Frames.
     */
    uint64_t total_frames;
    /**
     * Frames that hold a page.
     */
    uint64_t used_frames;
    /**
     * Frames that hold none.
     */
    uint64_t free_frames;
    /**
     * Translations of addresses in pages without a frame.
     */
    uint64_t page_faults;
    /**
     * Translations of addresses in pages with one.
     */
    uint64_t page_hits;
    /**
     * Pages that lost their frame to another.
     */
    uint64_t page_replacements;
    /**
     * Pages whose contents had to be written for that.
     */
    uint64_t write_backs;
} memcore_vmm_figures;

/**
 * A segment.
 */
typedef struct memcore_segment_row {
    /**
     * Where its first byte is; of no meaning unless `present`.
     */
    uint64_t base;
    /**
     * Bytes.
     */
    uint64_t length;
    /**
     * Its number.
     */
    uint32_t segment;
    /**
     * What may be done to it: 1 read, 2 write, 4 execute, added up.
     */
    uint32_t protection;
    /**
     * Whether it is in memory; else it is swapped out.
     */
    bool present;
} memcore_segment_row;

/**
 * The rights of a process to a segment; see `memcore_multics_access_for`.
 */
typedef struct memcore_multics_access {
    /**
     * How many of the first words may be called from the rings r2 + 1 to r3.
     */
    uint64_t gates;
    /**
     * What may be done: 1 read, 2 write, 4 execute, added up.
     */
    uint32_t modes;
    /**
     * Written in the rings 0 to r1.
     */
    uint8_t r1;
    /**
     * Read in the rings 0 to r2, executed in r1 to r2.
     */
    uint8_t r2;
    /**
     * Called from the rings up to r3, at most 7.
     */
    uint8_t r3;
} memcore_multics_access;

/**
 * A word of a segment's page table.
 */
typedef struct memcore_multics_word {
    /**
     * The frame; of no meaning unless `present`.
     */
    uint32_t frame;
    /**
     * Whether the page is in a frame.
     */
    bool present;
    /**
     * Whether it was referred to since it was brought in.
     */
    bool used;
    /**
     * Whether it was written since it was brought in.
     */
    bool modified;
} memcore_multics_word;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Marks the state of an arena.
 *
 * \param allocator the handle.
 * \param checkpoint where the mark is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNSUPPORTED` iff the strategy has no checkpoints;
 * `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_allocator_checkpoint(const struct memcore_allocator *allocator,
                                     struct memcore_checkpoint *checkpoint);

/**
 * Frees every block of an arena that was allocated after a checkpoint.
 *
 * \param allocator the handle.
 * \param checkpoint what `memcore_allocator_checkpoint` wrote for this allocator.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_CHECKPOINT` iff the arena was rewound past it since, or it was
 * never filled in; `MEMCORE_STATUS_UNSUPPORTED` iff the strategy has no checkpoints; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(blocks freed).
 */
int32_t memcore_allocator_rewind(struct memcore_allocator *allocator,
                                 const struct memcore_checkpoint *checkpoint);

/**
 * Plans how to move blocks together. The space does not change.
 *
 * \param allocator the handle.
 * \param budget how much may be moved; null: as much as is useful.
 * \param pinned ids of blocks that must stay where they are; may be null when `pinned_count` is 0.
 * \param pinned_count their number.
 * \param plan where the handle of the plan is written; `memcore_plan_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNSUPPORTED` iff the strategy cannot be compacted;
 * `MEMCORE_STATUS_STALE_ID` or `MEMCORE_STATUS_UNKNOWN_ID` iff a pinned id names no live block;
 * `MEMCORE_STATUS_OUT_OF_METADATA` or `MEMCORE_STATUS_OUT_OF_MEMORY` iff there is no memory for the plan;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `pinned_count` ids are more than memory holds;
 * `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(blocks + pinned log pinned). Allocates the plan.
 *
 * \code
 * memcore_plan *plan;
 * if (memcore_allocator_plan_compaction(allocator, NULL, NULL, 0, &plan) == MEMCORE_STATUS_OK) {
 *     const memcore_move *moves;
 *     size_t count;
 *     memcore_plan_moves(plan, &moves, &count);
 *     for (size_t i = 0; i < count; i += 1) {
 *         memmove(bytes + moves[i].to, bytes + moves[i].from, moves[i].size);
 *     }
 *     memcore_allocator_commit(allocator, plan);
 *     memcore_plan_destroy(plan);
 * }
 * \endcode
 */
int32_t memcore_allocator_plan_compaction(const struct memcore_allocator *allocator,
                                          const struct memcore_budget *budget,
                                          const uint64_t *pinned,
                                          size_t pinned_count,
                                          struct memcore_plan **plan);

/**
 * Tells the moves of a plan. The bytes have to be copied in this order, each with a copy that allows overlap
 * (`memmove`): a block may slide onto its own old place, but never onto a block that is still to be moved.
 *
 * \param plan the plan.
 * \param moves where the array is written, valid until the plan is destroyed; not to be read when there are none.
 * \param count where the number of moves is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_plan_moves(const struct memcore_plan *plan,
                           const struct memcore_move **moves,
                           size_t *count);

/**
 * Tells how many bytes a plan copies.
 *
 * \param plan the plan.
 * \param bytes where the number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(moves).
 */
int32_t memcore_plan_bytes(const struct memcore_plan *plan, uint64_t *bytes);

/**
 * Makes the new places of a plan true, after the bytes were copied. Ids stay as they are. The plan remains to be
 * destroyed.
 *
 * \param allocator the handle that the plan was made for.
 * \param plan the plan.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUTDATED_PLAN` iff the space has changed since the plan was made;
 * `MEMCORE_STATUS_UNSUPPORTED`; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(moves) times a free.
 */
int32_t memcore_allocator_commit(struct memcore_allocator *allocator,
                                 const struct memcore_plan *plan);

/**
 * Ends a plan, committed or not. One that was not costs nothing else.
 *
 * \param plan the plan; null does nothing.
 */
void memcore_plan_destroy(struct memcore_plan *plan);

/**
 * The number of strategies.
 *
 * \return the number; `memcore_strategy_name` takes indices below it.
 */
size_t memcore_strategy_count(void);

/**
 * The name of a strategy, as the functions that create allocators read it.
 *
 * \param index from 0 to `memcore_strategy_count()` - 1.
 * \param name where the name is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such index;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 */
int32_t memcore_strategy_name(size_t index, struct memcore_text *name);

/**
 * Makes an allocator whose tables grow as blocks come and shrink as they go.
 *
 * \param strategy a name, with parameters where wanted: "first-fit", "best-fit:tie=recent",
 * "tlsf:subdivisions=16,probe=4", "pool:slot=64".
 * \param options the space; see `memcore_options_for`.
 * \param allocator where the handle is written; `memcore_allocator_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
 * `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the strategy cannot be read;
 * `MEMCORE_STATUS_BAD_PARAMETER` iff an option or parameter is out of its range; `MEMCORE_STATUS_OUT_OF_METADATA`
 * or `MEMCORE_STATUS_OUT_OF_MEMORY` iff the system has no memory; `MEMCORE_STATUS_NOT_UTF8`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * Allocates the handle and the tables of an empty space: O(1), for a buddy O(log capacity), for size classes
 * O(classes).
 */
int32_t memcore_allocator_create(const char *strategy,
                                 const struct memcore_options *options,
                                 struct memcore_allocator **allocator);

/**
 * Tells how much memory `memcore_allocator_create_fixed` needs.
 *
 * \param strategy as for `memcore_allocator_create`.
 * \param options the space.
 * \param max_blocks the most blocks that shall live at once, below 2^31 - 1.
 * \param bytes where the number of bytes is written.
 * \return `MEMCORE_STATUS_OK`; those of `memcore_allocator_create` about strategy and options;
 * `MEMCORE_STATUS_OUT_OF_METADATA` iff it is more than the address space; `MEMCORE_STATUS_NOT_UTF8`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_fixed_bytes(const char *strategy,
                            const struct memcore_options *options,
                            uint32_t max_blocks,
                            size_t *bytes);

/**
 * Makes an allocator inside memory of the caller's, for at most `max_blocks` live blocks. No call on it allocates,
 * save those that say so (`memcore_allocator_plan_compaction`, `memcore_allocator_usage_by_tag`,
 * `memcore_allocator_set_listener`).
 *
 * \param memory where handle and tables go, aligned to `MEMCORE_FIXED_ALIGNMENT`. What it holds does not matter.
 * It belongs to the allocator until that is destroyed, and may then be used again.
 * \param bytes bytes of the memory, at least what `memcore_fixed_bytes` says; more are not touched.
 * \param max_blocks the most blocks that shall live at once.
 * \param strategy as for `memcore_allocator_create`.
 * \param options the space.
 * \param allocator where the handle, which equals `memory`, is written. `memcore_allocator_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MISALIGNED_MEMORY`; `MEMCORE_STATUS_MEMORY_TOO_SMALL`, with the
 * bytes needed in the details' `value`; those of `memcore_allocator_create` about strategy and options;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(bytes needed), which are set to zero first. Reading the strategy may allocate for a moment.
 */
int32_t memcore_allocator_create_fixed(void *memory,
                                       size_t bytes,
                                       uint32_t max_blocks,
                                       const char *strategy,
                                       const struct memcore_options *options,
                                       struct memcore_allocator **allocator);

/**
 * Ends an allocator. Its blocks, ids and cursors mean nothing afterwards; memory given for it is the caller's
 * again.
 *
 * \param allocator the handle; null does nothing.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener or visitor of this allocator is being
 * called, and then nothing was done.
 *
 * O(chunks of the tables).
 */
int32_t memcore_allocator_destroy(struct memcore_allocator *allocator);

/**
 * Makes a second allocator in the same state: the same blocks under the same ids, holes, statistics. A limit is
 * copied, a listener is not.
 *
 * \param allocator the handle.
 * \param copy where the new handle is written; `memcore_allocator_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNSUPPORTED` iff the allocator is in memory of the caller's;
 * `MEMCORE_STATUS_OUT_OF_MEMORY` iff there is no memory for the handle; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(size of the tables), which are allocated.
 */
int32_t memcore_allocator_clone(const struct memcore_allocator *allocator,
                                struct memcore_allocator **copy);

/**
 * Tells the figures of the space.
 *
 * \param allocator the handle.
 * \param stats where the figures are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1); for TLSF O(holes in its largest bin), for the sake of the largest hole.
 */
int32_t memcore_allocator_stats(const struct memcore_allocator *allocator, struct memcore_stats *stats);

/**
 * Tells the size of the largest hole, 0 when nothing is free.
 *
 * \param allocator the handle.
 * \param size where the size is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * As `memcore_allocator_stats`.
 */
int32_t memcore_allocator_largest_hole(const struct memcore_allocator *allocator, uint64_t *size);

/**
 * Tells the largest size of which an unaligned request is sure to succeed now. It is the largest hole, except for
 * strategies that round (TLSF, buddy) or hand out slots (pool).
 *
 * \param allocator the handle.
 * \param size where the size is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_allocator_largest_sure(const struct memcore_allocator *allocator,
                                       uint64_t *size);

/**
 * Tells the bytes that the tables hold now, without the optional columns (tags, address index).
 *
 * \param allocator the handle.
 * \param bytes where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(chunks of the tables).
 */
int32_t memcore_allocator_metadata_bytes(const struct memcore_allocator *allocator, size_t *bytes);

/**
 * Tells the bytes that the optional columns (tags, address index) hold now.
 *
 * \param allocator the handle.
 * \param bytes where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(chunks of the tables).
 */
int32_t memcore_allocator_optional_bytes(const struct memcore_allocator *allocator, size_t *bytes);

/**
 * Counts live blocks by size.
 *
 * \param allocator the handle.
 * \param histogram where the counts are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(blocks and holes). Allocates a kilobyte for a moment.
 */
int32_t memcore_allocator_block_histogram(const struct memcore_allocator *allocator,
                                          struct memcore_histogram *histogram);

/**
 * Counts holes by size.
 *
 * \param allocator the handle.
 * \param histogram where the counts are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(blocks and holes). Allocates a kilobyte for a moment.
 */
int32_t memcore_allocator_hole_histogram(const struct memcore_allocator *allocator,
                                         struct memcore_histogram *histogram);

/**
 * Checks every invariant of the tables. One that is broken tells of a defect in the library, or of memory that
 * somebody else wrote into.
 *
 * \param allocator the handle.
 * \param corruption where the first broken invariant is written, and only then; may be null.
 * \return `MEMCORE_STATUS_OK` iff all hold; `MEMCORE_STATUS_CORRUPT` iff one does not;
 * `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT` iff
 * `allocator` is null.
 *
 * O(n log n) for n blocks and holes. May allocate for as long as it runs.
 */
int32_t memcore_allocator_validate(const struct memcore_allocator *allocator,
                                   struct memcore_corruption *corruption);

/**
 * Tells what lives under each tag, tags ascending: a leak report when everything should be free.
 *
 * \param allocator the handle.
 * \param visitor called for each tag that a live block has.
 * \param user passed to the visitor.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_NO_TAGS` iff
 * the allocator was made without tags; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `allocator` or `visitor` is null.
 *
 * O(blocks log tags). Allocates the list of tags while it runs.
 */
int32_t memcore_allocator_usage_by_tag(const struct memcore_allocator *allocator,
                                       memcore_tag_visitor visitor,
                                       void *user);

/**
 * Calls a visitor for each region, in address order.
 *
 * \param allocator the handle.
 * \param visitor called with each region, which is valid during the call.
 * \param user passed to the visitor.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_REENTERED` iff a
 * listener of this allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT` iff `allocator` or `visitor` is null.
 *
 * O(1) a region. Allocates nothing.
 */
int32_t memcore_allocator_visit(const struct memcore_allocator *allocator,
                                memcore_region_visitor visitor,
                                void *user);

/**
 * Begins a walk at the lowest address.
 *
 * \param allocator the handle.
 * \param cursor where the place is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1). Allocates nothing.
 *
 * \code
 * memcore_cursor cursor;
 * memcore_region region;
 * bool found;
 * memcore_allocator_cursor(allocator, &cursor);
 * while (memcore_allocator_next(allocator, &cursor, &region, &found) == MEMCORE_STATUS_OK && found) {
 *     printf("%" PRIu64 " + %" PRIu64 "\n", region.start, region.size);
 * }
 * \endcode
 */
int32_t memcore_allocator_cursor(const struct memcore_allocator *allocator, struct memcore_cursor *cursor);

/**
 * Takes one step of a walk.
 *
 * \param allocator the handle that the cursor was made for.
 * \param cursor the place, which moves on.
 * \param region where the next region is written, if there is one.
 * \param found where is written whether there is one; false ends the walk.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUTDATED_CURSOR` iff, since the walk began, a call was made that
 * takes the handle without `const` (even one that failed), or the cursor was made for another allocator or never
 * filled in; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1). Allocates nothing.
 */
int32_t memcore_allocator_next(const struct memcore_allocator *allocator,
                               struct memcore_cursor *cursor,
                               struct memcore_region *region,
                               bool *found);

/**
 * Hands out a block of `size` bytes, unaligned and without a tag.
 *
 * \param allocator the handle.
 * \param size bytes wanted.
 * \param block where the block is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_ZERO_SIZE`; `MEMCORE_STATUS_TOO_LARGE` iff it is more than the
 * whole space (or slot) has; `MEMCORE_STATUS_OVERFLOW` iff rounding up passes 2^64 - 1;
 * `MEMCORE_STATUS_OUT_OF_SPACE` iff no hole holds it; `MEMCORE_STATUS_OUT_OF_METADATA` iff the tables have no
 * room; `MEMCORE_STATUS_LIMIT_EXCEEDED` iff a limit is set and would be passed; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * First, next, best and worst fit, buddy: O(log holes). TLSF, size classes within a span, pool, bump, stack: O(1).
 * The address index adds O(log blocks). May allocate for growing tables, at most one chunk for each table.
 *
 * \code
 * memcore_options options = memcore_options_for(1024);
 * memcore_allocator *allocator = NULL;
 * memcore_block first, second, third;
 * memcore_allocator_create("first-fit", &options, &allocator);
 * memcore_allocator_allocate(allocator, 100, &first);   // at 0
 * memcore_allocator_allocate(allocator, 200, &second);  // at 100
 * memcore_allocator_allocate(allocator, 150, &third);   // at 300
 * memcore_allocator_free(allocator, second.id, NULL);
 * memcore_allocator_allocate(allocator, 300, &second);  // at 450: the hole at 100 has 200 bytes only
 * memcore_allocator_destroy(allocator);
 * \endcode
 */
int32_t memcore_allocator_allocate(struct memcore_allocator *allocator,
                                   uint64_t size,
                                   struct memcore_block *block);

/**
 * Hands out a block with an alignment, a bias and a tag.
 *
 * \param allocator the handle.
 * \param request what is wanted; see `memcore_request_for`.
 * \param block where the block is written.
 * \return as `memcore_allocator_allocate`; `MEMCORE_STATUS_BAD_ALIGNMENT` iff the alignment is not a power of two;
 * `MEMCORE_STATUS_BAD_BIAS` iff the bias is not a multiple of the smaller of alignment and granularity.
 *
 * As `memcore_allocator_allocate`; for an alignment above the granularity, exact fits look at holes that may turn
 * out not to serve: O(holes rejected) more.
 */
int32_t memcore_allocator_allocate_with(struct memcore_allocator *allocator,
                                        const struct memcore_request *request,
                                        struct memcore_block *block);

/**
 * Hands out the block that begins at a wanted start.
 *
 * \param allocator the handle.
 * \param start where the block shall begin.
 * \param request what is wanted.
 * \param block where the block is written.
 * \return as `memcore_allocator_allocate_with`; `MEMCORE_STATUS_BAD_START` iff the start is not a multiple of the
 * granularity or not aligned as asked; `MEMCORE_STATUS_RANGE_TAKEN` iff a part of the range is not free;
 * `MEMCORE_STATUS_NO_ADDRESS_INDEX` iff the allocator needs the index and was made without;
 * `MEMCORE_STATUS_UNSUPPORTED` iff the strategy cannot.
 *
 * O(log blocks) and an allocation.
 */
int32_t memcore_allocator_allocate_at(struct memcore_allocator *allocator,
                                      uint64_t start,
                                      const struct memcore_request *request,
                                      struct memcore_block *block);

/**
 * Takes a block back.
 *
 * \param allocator the handle.
 * \param id the block's id. Any number may be tried; one from another allocator may name a block of this one.
 * \param freed where the block is written as it was; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_DOUBLE_FREE` iff the block was freed before, however long ago;
 * `MEMCORE_STATUS_UNKNOWN_ID` iff the id was never given out; `MEMCORE_STATUS_NOT_TOP` iff it is not the top of a
 * stack; `MEMCORE_STATUS_OUT_OF_METADATA` iff growable tables have no memory for a hole;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `allocator` is null.
 *
 * As `memcore_allocator_allocate`.
 */
int32_t memcore_allocator_free(struct memcore_allocator *allocator,
                               uint64_t id,
                               struct memcore_block *freed);

/**
 * Takes back the block that begins at `start`.
 *
 * \param allocator the handle.
 * \param start offset of the block's first byte.
 * \param freed where the block is written as it was; may be null.
 * \return as `memcore_allocator_free`; `MEMCORE_STATUS_UNKNOWN_START` iff no live block begins there;
 * `MEMCORE_STATUS_NO_ADDRESS_INDEX` iff the allocator needs the index and was made without.
 *
 * O(log blocks) and a free.
 */
int32_t memcore_allocator_free_at(struct memcore_allocator *allocator,
                                  uint64_t start,
                                  struct memcore_block *freed);

/**
 * Changes the size of a block where it is. Its id and start stay.
 *
 * \param allocator the handle.
 * \param id the block's id.
 * \param size bytes wanted.
 * \param block where the block is written as it became; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NO_ROOM_IN_PLACE` iff it cannot grow that far, with the most it
 * could have in the details' `available`; `MEMCORE_STATUS_ZERO_SIZE`; `MEMCORE_STATUS_OVERFLOW`;
 * `MEMCORE_STATUS_TOO_LARGE`; `MEMCORE_STATUS_STALE_ID`; `MEMCORE_STATUS_UNKNOWN_ID`; `MEMCORE_STATUS_NOT_TOP` iff
 * it is not the last block of a stack or arena; `MEMCORE_STATUS_OUT_OF_METADATA`;
 * `MEMCORE_STATUS_LIMIT_EXCEEDED`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `allocator` is
 * null.
 *
 * As `memcore_allocator_allocate`.
 */
int32_t memcore_allocator_resize(struct memcore_allocator *allocator,
                                 uint64_t id,
                                 uint64_t size,
                                 struct memcore_block *block);

/**
 * Replaces the tag of a block.
 *
 * \param allocator the handle.
 * \param id the block's id.
 * \param tag the new tag.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NO_TAGS` iff the allocator was made without tags;
 * `MEMCORE_STATUS_STALE_ID`; `MEMCORE_STATUS_UNKNOWN_ID`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_allocator_set_tag(struct memcore_allocator *allocator, uint64_t id, uint32_t tag);

/**
 * Makes the space larger.
 *
 * \param allocator the handle.
 * \param capacity where the space shall end; rounded down to the granularity (or slot).
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CAPACITY_SHRINK` iff it is less than the space has;
 * `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * As a free.
 */
int32_t memcore_allocator_grow(struct memcore_allocator *allocator, uint64_t capacity);

/**
 * Frees every block. Their ids become stale; peaks and counts go on.
 *
 * \param allocator the handle.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_METADATA` iff growable tables have no memory for a hole;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(blocks) frees.
 */
int32_t memcore_allocator_reset(struct memcore_allocator *allocator);

/**
 * Draws the space as a bar: one character for each part. '#' is full, '.' is free, 'x' is dead, and a part that is
 * both used and free is one of '-', '=', '+' for up to a third, two thirds, and more.
 *
 * \param allocator the handle.
 * \param width characters of the bar, at most; 0 counts as 1.
 * \param buffer where the bar is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole bar without the zero byte is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(blocks and holes + width). Allocates nothing.
 */
int32_t memcore_allocator_bar(const struct memcore_allocator *allocator,
                              uint64_t width,
                              char *buffer,
                              size_t size,
                              size_t *length);

/**
 * Lists the space as a table with a line for each region: start, end, size, what it is.
 *
 * \param allocator the handle.
 * \param most_lines regions listed, at most; a last line counts the others.
 * \param buffer where the table is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole table without the zero byte is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(blocks and holes). Allocates nothing.
 */
int32_t memcore_allocator_table(const struct memcore_allocator *allocator,
                                size_t most_lines,
                                char *buffer,
                                size_t size,
                                size_t *length);

/**
 * Tells the name of the allocator's strategy, without parameters: "tlsf".
 *
 * \param allocator the handle.
 * \param name where the name is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_allocator_name(const struct memcore_allocator *allocator, struct memcore_text *name);

/**
 * Tells what the allocator can do.
 *
 * \param allocator the handle.
 * \param capabilities where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_allocator_capabilities(const struct memcore_allocator *allocator,
                                       struct memcore_capabilities *capabilities);

/**
 * Tells the unit of the space: starts and sizes are multiples of it.
 *
 * \param allocator the handle.
 * \param granularity where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_allocator_granularity(const struct memcore_allocator *allocator, uint64_t *granularity);

/**
 * Tells whether `memcore_allocator_allocate_with` would succeed now, memory for tables and the limit permitting.
 *
 * \param allocator the handle.
 * \param request what would be asked for.
 * \param answer where the answer is written; false for a request that is an error at any time.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * As `memcore_allocator_allocate_with`.
 */
int32_t memcore_allocator_can_allocate(const struct memcore_allocator *allocator,
                                       const struct memcore_request *request,
                                       bool *answer);

/**
 * Tells the block that an id names.
 *
 * \param allocator the handle.
 * \param id the block's id; any number may be tried.
 * \param block where the block is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_STALE_ID` iff the block was freed; `MEMCORE_STATUS_UNKNOWN_ID` iff
 * the id was never given out; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_allocator_block(const struct memcore_allocator *allocator,
                                uint64_t id,
                                struct memcore_block *block);

/**
 * Tells the block that begins at `start`.
 *
 * \param allocator the handle.
 * \param start offset of its first byte.
 * \param block where the block is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_START` iff no live block begins there;
 * `MEMCORE_STATUS_NO_ADDRESS_INDEX` iff the allocator needs the index and was made without;
 * `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(log blocks).
 */
int32_t memcore_allocator_block_at(const struct memcore_allocator *allocator,
                                   uint64_t start,
                                   struct memcore_block *block);

/**
 * Tells the block that holds `offset`.
 *
 * \param allocator the handle.
 * \param offset any offset.
 * \param block where the block is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_OFFSET` iff no live block holds it;
 * `MEMCORE_STATUS_NO_ADDRESS_INDEX` iff the allocator needs the index and was made without;
 * `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(log blocks).
 */
int32_t memcore_allocator_containing(const struct memcore_allocator *allocator,
                                     uint64_t offset,
                                     struct memcore_block *block);

/**
 * Tells the alignment that a block was asked with.
 *
 * \param allocator the handle.
 * \param id the block's id.
 * \param alignment where the alignment is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_STALE_ID`; `MEMCORE_STATUS_UNKNOWN_ID`; `MEMCORE_STATUS_REENTERED`
 * iff a listener of this allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_allocator_alignment(const struct memcore_allocator *allocator,
                                    uint64_t id,
                                    uint64_t *alignment);

/**
 * Tells the tag of a block.
 *
 * \param allocator the handle.
 * \param id the block's id.
 * \param tag where the tag is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NO_TAGS` iff the allocator was made without tags;
 * `MEMCORE_STATUS_STALE_ID`; `MEMCORE_STATUS_UNKNOWN_ID`; `MEMCORE_STATUS_REENTERED` iff a listener of this
 * allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_allocator_tag(const struct memcore_allocator *allocator, uint64_t id, uint32_t *tag);

/**
 * The options of a space of `capacity` bytes: granularity 1, no address index, no tags.
 *
 * \param capacity bytes of the space.
 * \return the options, to be changed as wanted.
 */
struct memcore_options memcore_options_for(uint64_t capacity);

/**
 * The request for `size` bytes anywhere: alignment 1, bias 0, tag 0.
 *
 * \param size bytes wanted.
 * \return the request, to be changed as wanted.
 */
struct memcore_request memcore_request_for(uint64_t size);

/**
 * Sets the most bytes that live blocks may take together, rounding included. Blocks that are there already stay.
 *
 * \param allocator the handle.
 * \param limit the limit, or `MEMCORE_NO_LIMIT`.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_allocator_set_limit(struct memcore_allocator *allocator,
                                    uint64_t limit);

/**
 * Tells the limit.
 *
 * \param allocator the handle.
 * \param limit where the limit is written, or `MEMCORE_NO_LIMIT`.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_allocator_limit(const struct memcore_allocator *allocator, uint64_t *limit);

/**
 * Replaces the listener, which hears of each change after it was made, and of each request that failed for another
 * reason than a null pointer.
 *
 * \param allocator the handle.
 * \param listener called by whichever thread makes the change; null: nobody.
 * \param user passed to the listener; must stay usable for as long as the listener is set.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `allocator` is null.
 *
 * O(1). Allocates a few words. While a listener is set, `memcore_allocator_reset` and `memcore_allocator_rewind`
 * allocate a list of the live blocks.
 */
int32_t memcore_allocator_set_listener(struct memcore_allocator *allocator,
                                       memcore_listener listener,
                                       void *user);

/**
 * Calculates the capacity that a strategy needs so that no request fails, whatever order requests and frees come
 * in. The bounds hold for requests that are not aligned above the granularity.
 *
 * \param strategy as for `memcore_allocator_create`.
 * \param peak_live the most bytes that live blocks ever take together.
 * \param largest the most bytes of one block.
 * \param granularity unit of the space, a power of two.
 * \param answer where the answer is written.
 * \return `MEMCORE_STATUS_OK`, even when no bound is known; `MEMCORE_STATUS_BAD_PARAMETER` iff the granularity is
 * not a power of two or `largest` is 0; `MEMCORE_STATUS_TOO_LARGE` iff `largest` is above `peak_live`; those of
 * `memcore_allocator_create` about the strategy; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_worst_case_capacity(const char *strategy,
                                    uint64_t peak_live,
                                    uint64_t largest,
                                    uint64_t granularity,
                                    struct memcore_worst_case *answer);

/**
 * Tells the number of levels, caches for data and instructions counted each.
 *
 * \param hierarchy the handle.
 * \param count where the number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_hierarchy_level_count(const struct memcore_hierarchy *hierarchy, size_t *count);

/**
 * Tells the shape of a level.
 *
 * \param hierarchy the handle.
 * \param level from 0, the nearest to the processor, to their number - 1.
 * \param shape where the shape is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such level;
 * `MEMCORE_STATUS_REENTERED` from a callback of a replay; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_hierarchy_level(const struct memcore_hierarchy *hierarchy,
                                size_t level,
                                struct memcore_level *shape);

/**
 * Tells the name of a level: "l1d".
 *
 * \param hierarchy the handle.
 * \param level as for `memcore_hierarchy_level`.
 * \param buffer where the name is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole name without the zero byte is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such level;
 * `MEMCORE_STATUS_REENTERED` from a callback of a replay; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length). Allocates nothing.
 */
int32_t memcore_hierarchy_level_name(const struct memcore_hierarchy *hierarchy,
                                     size_t level,
                                     char *buffer,
                                     size_t size,
                                     size_t *length);

/**
 * Tells the counts of a level.
 *
 * \param hierarchy the handle.
 * \param level as for `memcore_hierarchy_level`.
 * \param counts where the counts are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such level;
 * `MEMCORE_STATUS_REENTERED` from a callback of a replay; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_hierarchy_level_stats(const struct memcore_hierarchy *hierarchy,
                                      size_t level,
                                      struct memcore_level_counts *counts);

/**
 * Tells the counts of RAM and disk.
 *
 * \param hierarchy the handle.
 * \param counts where the counts are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_hierarchy_memory_stats(const struct memcore_hierarchy *hierarchy,
                                       struct memcore_memory_counts *counts);

/**
 * Tells the average access time: the cycles that the processor waits, divided by its accesses, those to registers
 * included.
 *
 * \param hierarchy the handle.
 * \param time where the time is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(levels).
 */
int32_t memcore_hierarchy_average_access_time(const struct memcore_hierarchy *hierarchy,
                                              struct memcore_access_time *time);

/**
 * Breaks the average access time down by where the cycles pass: registers (if configured), each level, RAM, disk (if
 * the RAM is finite). The parts add up.
 *
 * \param hierarchy the handle.
 * \param shares an array that the parts are written to; may be null when `most` is 0.
 * \param most entries of the array; the number of levels and 3 suffice.
 * \param count where the number of parts written is written, at most `most`.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
 * `MEMCORE_STATUS_REENTERED` from a callback of a replay; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(levels).
 */
int32_t memcore_hierarchy_time_shares(const struct memcore_hierarchy *hierarchy,
                                      struct memcore_time_share *shares,
                                      size_t most,
                                      size_t *count);

/**
 * Tells the bytes that a hierarchy's tables hold.
 *
 * \param hierarchy the handle.
 * \param bytes where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(levels); O(sets) with policies of the replacement room.
 */
int32_t memcore_hierarchy_metadata_bytes(const struct memcore_hierarchy *hierarchy, size_t *bytes);

/**
 * The number of hierarchies that have a name.
 *
 * \return the number; `memcore_hierarchy_preset` takes indices below it.
 */
size_t memcore_hierarchy_preset_count(void);

/**
 * The name of a hierarchy, as `memcore_hierarchy_create` reads it: "seed", "intel-skylake", "amd-zen2", ...
 *
 * \param index from 0 to `memcore_hierarchy_preset_count()` - 1.
 * \param name where the name is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such index;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 */
int32_t memcore_hierarchy_preset(size_t index, struct memcore_text *name);

/**
 * Makes an empty memory hierarchy.
 *
 * \param config the name of a preset, or parts with blanks or line ends between, the nearest to the processor first:
 * "l1i:size=32K,latency=4 l1d:size=32K,ways=8,line=64,policy=tree-plru,latency=4 l2:size=1M,ways=16,latency=14
 * ram:latency=200". A level has the keys size, sets, ways, line, policy, write (back, through), allocate (yes, no),
 * inclusion (inclusive, exclusive, non-inclusive), prefetch (none, next-line, stride), latency in cycles, and serves
 * (data, instruction, unified). The parts registers, ram and disk are no levels.
 * \param hierarchy where the handle is written; `memcore_hierarchy_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
 * `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the text cannot be read; a `MEMCORE_STATUS_CACHE_...`
 * or `MEMCORE_STATUS_POLICY_...` status iff such a hierarchy cannot be, with the offending number in the details'
 * `value`; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(lines of all levels). Allocates 9 bytes a line and what the policies need.
 *
 * \code
 * memcore_hierarchy *memory;
 * uint64_t cycles;
 * if (memcore_hierarchy_create("l1d:size=32K,latency=4 ram:latency=200", &memory) == MEMCORE_STATUS_OK) {
 *     memcore_hierarchy_access(memory, 0x1000, 8, MEMCORE_ACCESS_KIND_READ, &cycles); // 200
 *     memcore_hierarchy_access(memory, 0x1008, 8, MEMCORE_ACCESS_KIND_READ, &cycles); // 4
 *     printf("%" PRIu64 " cycles\n", cycles);
 *     memcore_hierarchy_destroy(memory);
 * }
 * \endcode
 */
int32_t memcore_hierarchy_create(const char *config,
                                 struct memcore_hierarchy **hierarchy);

/**
 * Tells how a hierarchy is configured, as text that `memcore_hierarchy_create` reads.
 *
 * \param hierarchy the handle.
 * \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole text without the zero byte is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length).
 */
int32_t memcore_hierarchy_config(const struct memcore_hierarchy *hierarchy,
                                 char *buffer,
                                 size_t size,
                                 size_t *length);

/**
 * One access of the processor. One that spans lines of the first level it meets is one to each.
 *
 * \param hierarchy the handle.
 * \param address the first byte. What would lie beyond 2^64 - 1 is cut off.
 * \param size bytes; 0 counts as 1.
 * \param kind a `memcore_access_kind`.
 * \param cycles where the cycles that the processor waits are written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `kind` is none;
 * `MEMCORE_STATUS_OUT_OF_MEMORY` from a policy that grows: the access is then done in part, and the hierarchy remains
 * usable; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(lines touched x levels x ways).
 */
int32_t memcore_hierarchy_access(struct memcore_hierarchy *hierarchy,
                                 uint64_t address,
                                 uint32_t size,
                                 int32_t kind,
                                 uint64_t *cycles);

/**
 * Counts accesses that found their operands in registers: they take the time of the registers, and are part of the
 * average access time.
 *
 * \param hierarchy the handle.
 * \param accesses how many.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_hierarchy_count_register_accesses(struct memcore_hierarchy *hierarchy,
                                                  uint64_t accesses);

/**
 * Tells whether a level has the line of an address. That is no access.
 *
 * \param hierarchy the handle.
 * \param level the level, from 0, the nearest to the processor, to their number - 1.
 * \param address any address.
 * \param is_there where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such level;
 * `MEMCORE_STATUS_REENTERED` from a callback of a replay; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(ways).
 */
int32_t memcore_hierarchy_contains(const struct memcore_hierarchy *hierarchy,
                                   size_t level,
                                   uint64_t address,
                                   bool *is_there);

/**
 * Writes everything dirty back and empties all levels.
 *
 * \param hierarchy the handle.
 * \param written where the number of lines written to the RAM is written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_MEMORY`: some lines were written back, none was lost;
 * `MEMCORE_STATUS_REENTERED` from a callback of a replay; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(lines of all levels).
 */
int32_t memcore_hierarchy_flush(struct memcore_hierarchy *hierarchy, uint64_t *written);

/**
 * Drops the lines that hold any of `size` bytes at an address from all levels, as a device that writes to memory
 * makes it happen. What was dirty is lost.
 *
 * \param hierarchy the handle.
 * \param address the first byte.
 * \param size bytes.
 * \param dropped where the number of lines dropped is written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(levels x lines in the range x ways), or O(lines of all levels) where that is less.
 */
int32_t memcore_hierarchy_invalidate(struct memcore_hierarchy *hierarchy,
                                     uint64_t address,
                                     uint64_t size,
                                     uint64_t *dropped);

/**
 * Makes a hierarchy as it was when it was made, counts included.
 *
 * \param hierarchy the handle.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_REENTERED` from a callback of a
 * replay; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(lines of all levels).
 */
int32_t memcore_hierarchy_reset(struct memcore_hierarchy *hierarchy);

/**
 * Makes all counts 0 and leaves the contents: after a warm-up, before a measurement.
 *
 * \param hierarchy the handle.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(levels).
 */
int32_t memcore_hierarchy_reset_counts(struct memcore_hierarchy *hierarchy);

/**
 * Ends a hierarchy.
 *
 * \param hierarchy the handle; null does nothing.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a replay through it is going on, and then nothing was
 * done.
 */
int32_t memcore_hierarchy_destroy(struct memcore_hierarchy *hierarchy);

/**
 * Drives a whole trace through a hierarchy, which begins as it is. A run is as many accesses as it counts; changes of
 * the address space are passed over, because caches know no mappings.
 *
 * \param hierarchy the handle. `progress` may not use it: every call on it gives `MEMCORE_STATUS_REENTERED`.
 * \param trace the trace. Of one that counts pages or numbers instead of bytes, these are taken as addresses.
 * \param progress told the accesses done; may be null.
 * \param user passed to `progress`.
 * \param cycles where the cycles that the processor waits are written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop, or
 * `MEMCORE_STATUS_OUT_OF_MEMORY` from a policy that grows: what went before is then counted;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(accesses x levels x ways).
 */
int32_t memcore_hierarchy_replay(struct memcore_hierarchy *hierarchy,
                                 const struct memcore_access_trace *trace,
                                 memcore_progress progress,
                                 void *user,
                                 uint64_t *cycles);

/**
 * As `memcore_hierarchy_replay`, from a file while it is read: memory does not grow with the trace.
 *
 * \param hierarchy the handle; `progress` may not use it.
 * \param path as for `memcore_access_trace_open`.
 * \param options as for `memcore_access_trace_open`.
 * \param progress told the bytes read and the file's length; may be null.
 * \param user passed to `progress`.
 * \param cycles where the cycles that the processor waits are written; may be null.
 * \return as `memcore_hierarchy_replay` and `memcore_access_trace_open`; after an error what went before is counted.
 *
 * O(bytes of the content + accesses x levels x ways).
 */
int32_t memcore_hierarchy_replay_file(struct memcore_hierarchy *hierarchy,
                                      const char *path,
                                      const struct memcore_access_options *options,
                                      memcore_progress progress,
                                      void *user,
                                      uint64_t *cycles);

/**
 * Makes an empty TLB.
 *
 * \param config its shape: "tlb:entries=64,ways=4,pages=4K;2M,policy=lru". Without ways, or with ways=full, it is one
 * set; without pages, it holds those of 4K.
 * \param tlb where the handle is written; `memcore_tlb_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_KEY`, `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART`
 * iff the text cannot be read; `MEMCORE_STATUS_CACHE_WAYS`, `MEMCORE_STATUS_CACHE_SIZE`,
 * `MEMCORE_STATUS_CACHE_PAGE_SIZE`, `MEMCORE_STATUS_CACHE_TLB_POLICY` or `MEMCORE_STATUS_CACHE_SRRIP_BITS` iff such
 * a TLB cannot be; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(entries).
 */
int32_t memcore_tlb_create(const char *config,
                           struct memcore_tlb **tlb);

/**
 * Looks an address up, which uses its entry.
 *
 * \param tlb the handle.
 * \param address any address.
 * \param space the address space.
 * \param hit where is written whether there is an entry.
 * \param value where the value of the entry is written, if there is one; may be null.
 * \return `MEMCORE_STATUS_OK`, hit or not; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(page sizes x ways).
 */
int32_t memcore_tlb_lookup(struct memcore_tlb *tlb,
                           uint64_t address,
                           uint32_t space,
                           bool *hit,
                           uint64_t *value);

/**
 * Tells the entry of an address. That is no use, and is not counted.
 *
 * \param tlb the handle.
 * \param address any address.
 * \param space the address space.
 * \param found where is written whether there is an entry.
 * \param entry where the entry is written, if there is one; may be null.
 * \return `MEMCORE_STATUS_OK`, found or not; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(page sizes x ways).
 */
int32_t memcore_tlb_probe(const struct memcore_tlb *tlb,
                          uint64_t address,
                          uint32_t space,
                          bool *found,
                          struct memcore_tlb_entry *entry);

/**
 * Puts in the page of an address. An entry of that page and size which the address space sees is replaced.
 *
 * \param tlb the handle.
 * \param address any address in the page.
 * \param page_size bytes of the page, one of the sizes that the TLB holds.
 * \param space the address space.
 * \param is_global not 0: the page is in all address spaces.
 * \param value what look-ups tell.
 * \param evicted where is written whether an entry left for it; may be null.
 * \param victim where that entry is written, if there is one; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CACHE_PAGE_SIZE` iff the TLB does not hold that size;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(ways).
 */
int32_t memcore_tlb_insert(struct memcore_tlb *tlb,
                           uint64_t address,
                           uint64_t page_size,
                           uint32_t space,
                           int32_t is_global,
                           uint64_t value,
                           bool *evicted,
                           struct memcore_tlb_entry *victim);

/**
 * Removes what an address space sees of the page of an address, in all sizes, global entries included.
 *
 * \param tlb the handle.
 * \param address any address in the page.
 * \param space the address space.
 * \param removed where the number of entries removed is written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(page sizes x ways).
 */
int32_t memcore_tlb_invalidate_page(struct memcore_tlb *tlb,
                                    uint64_t address,
                                    uint32_t space,
                                    uint64_t *removed);

/**
 * Removes the entries of an address space, but for global ones.
 *
 * \param tlb the handle.
 * \param space the address space.
 * \param removed where the number of entries removed is written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(entries).
 */
int32_t memcore_tlb_invalidate_space(struct memcore_tlb *tlb, uint32_t space, uint64_t *removed);

/**
 * Removes all entries but for global ones.
 *
 * \param tlb the handle.
 * \param removed where the number of entries removed is written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(entries).
 */
int32_t memcore_tlb_invalidate_non_global(struct memcore_tlb *tlb, uint64_t *removed);

/**
 * Removes all entries.
 *
 * \param tlb the handle.
 * \param removed where the number of entries removed is written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(entries).
 */
int32_t memcore_tlb_invalidate_all(struct memcore_tlb *tlb, uint64_t *removed);

/**
 * Lists the entries, set by set.
 *
 * \param tlb the handle.
 * \param entries an array that the entries are written to; may be null when `most` is 0.
 * \param most entries of the array.
 * \param count where the number of entries written is written, at most `most`.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(entries).
 */
int32_t memcore_tlb_entries(const struct memcore_tlb *tlb,
                            struct memcore_tlb_entry *entries,
                            size_t most,
                            size_t *count);

/**
 * Tells the counts of a TLB.
 *
 * \param tlb the handle.
 * \param counts where the counts are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_tlb_stats(const struct memcore_tlb *tlb, struct memcore_tlb_counts *counts);

/**
 * Makes a TLB as it was when it was made, counts included.
 *
 * \param tlb the handle.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(entries).
 */
int32_t memcore_tlb_reset(struct memcore_tlb *tlb);

/**
 * Tells the bytes that a TLB's tables hold.
 *
 * \param tlb the handle.
 * \param bytes where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_tlb_metadata_bytes(const struct memcore_tlb *tlb, size_t *bytes);

/**
 * Ends a TLB.
 *
 * \param tlb the handle; null does nothing.
 */
void memcore_tlb_destroy(struct memcore_tlb *tlb);

/**
 * Tells the numbers behind the last failure of the calling thread.
 *
 * \param details where they are written.
 * \return `MEMCORE_STATUS_OK`, or `MEMCORE_STATUS_NULL_ARGUMENT` iff `details` is null, which then is the last
 * failure.
 *
 * Calls that succeed leave the last failure as it is, so ask right after the call that failed. Takes constant
 * time and allocates nothing.
 */
int32_t memcore_last_error(struct memcore_error_details *details);

/**
 * Puts the last failure of the calling thread into a sentence, with its numbers: "no room for 300 bytes aligned
 * to 1: 550 bytes are free, the largest hole has 200".
 *
 * \param buffer where the sentence is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer. A sentence that is too long is cut off, before a character that does not fit.
 * \return the length of the whole sentence without the zero byte; the sentence was cut iff this is at least
 * `size`. 0 iff `buffer` is null and `size` is not 0.
 *
 * Takes time proportional to the length of the sentence and allocates nothing.
 */
size_t memcore_last_error_message(char *buffer,
                                  size_t size);

/**
 * Makes an arena over the whole of a memory, growing as that does.
 *
 * \param memory where the bytes come from.
 * \param arena where the handle is written; `memcore_arena_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_BAD_MEMORY` iff the memory has no bytes;
 * `MEMCORE_STATUS_BAD_PARAMETER` or `MEMCORE_STATUS_INVALID_ARGUMENT` iff a number of the memory is out of its range;
 * `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses memory or file; `MEMCORE_STATUS_OUT_OF_MEMORY` iff there is none
 * for the handle; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_arena_create(const struct memcore_memory *memory,
                             struct memcore_arena **arena);

/**
 * Ends an arena with all its blocks. Memory of the caller's is the caller's again.
 *
 * \param arena the handle; null does nothing.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no arena.
 *
 * O(1).
 */
int32_t memcore_arena_destroy(struct memcore_arena *arena);

/**
 * Hands out a block. What is in it is what was there.
 *
 * \param arena the handle.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two; the block's address will be a multiple of it.
 * \param block where the address is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT`; `MEMCORE_STATUS_TOO_LARGE` iff the memory can never hold
 * so much; `MEMCORE_STATUS_OUT_OF_SPACE` iff it does not now; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses to
 * let memory grow; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_arena_allocate(struct memcore_arena *arena,
                               size_t size,
                               size_t alignment,
                               void **block);

/**
 * Hands out a block whose bytes are all zero.
 *
 * \param arena the handle.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two.
 * \param block where the address is written.
 * \return as `memcore_arena_allocate`.
 *
 * O(size).
 */
int32_t memcore_arena_allocate_zeroed(struct memcore_arena *arena,
                                      size_t size,
                                      size_t alignment,
                                      void **block);

/**
 * Hands out a block that is a copy of some bytes: of a string with its zero byte, say.
 *
 * \param arena the handle.
 * \param bytes what is copied; may be null when `size` is 0.
 * \param size how many bytes.
 * \param alignment a power of two.
 * \param block where the address is written.
 * \return as `memcore_arena_allocate`.
 *
 * O(size).
 */
int32_t memcore_arena_copy(struct memcore_arena *arena,
                           const void *bytes,
                           size_t size,
                           size_t alignment,
                           void **block);

/**
 * Marks the state of an arena, to rewind to.
 *
 * \param arena the handle.
 * \param checkpoint where the mark is written: the number of bytes in use.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_arena_checkpoint(const struct memcore_arena *arena, uint64_t *checkpoint);

/**
 * Takes back every block that was handed out after a mark.
 *
 * \param arena the handle.
 * \param checkpoint the mark. It is a number and no more: one that the arena was rewound past, and has grown over again
 * since, cannot be told from a good one.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_CHECKPOINT` iff it lies above what is in use;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_arena_rewind(struct memcore_arena *arena,
                             uint64_t checkpoint);

/**
 * Takes back every block.
 *
 * \param arena the handle.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_arena_reset(struct memcore_arena *arena);

/**
 * Tells whether an address lies in the part of an arena that is handed out.
 *
 * \param arena the handle.
 * \param address any address.
 * \param contained where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `arena` or
 * `contained` is null.
 *
 * O(1).
 */
int32_t memcore_arena_contains(const struct memcore_arena *arena,
                               const void *address,
                               bool *contained);

/**
 * Gives whole pages that are not in use back to the system. Memory of the caller's stays as it is.
 *
 * \param arena the handle.
 * \param bytes where is written how many bytes; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `arena` is null.
 *
 * One call of the system.
 */
int32_t memcore_arena_trim(struct memcore_arena *arena,
                           size_t *bytes);

/**
 * Tells the figures of an arena.
 *
 * \param arena the handle.
 * \param figures where they are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_arena_look(const struct memcore_arena *arena, struct memcore_arena_figures *figures);

/**
 * Makes a heap whose blocks move while their ids stay.
 *
 * \param memory where the bytes come from.
 * \param strategy as for `memcore_allocator_create`. Those that cannot compact serve, too.
 * \param heap where the handle is written; `memcore_handle_heap_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
 * `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the strategy cannot be read;
 * `MEMCORE_STATUS_HEAP_BAD_MEMORY` iff the memory has no room for a block; `MEMCORE_STATUS_BAD_PARAMETER` or
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff a number is out of its range; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system
 * refuses memory or file; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1), and what the strategy needs for an empty space.
 */
int32_t memcore_handle_heap_create(const struct memcore_memory *memory,
                                   const char *strategy,
                                   struct memcore_handle_heap **heap);

/**
 * Ends a heap with all its blocks, pinned ones too. Memory of the caller's is the caller's again.
 *
 * \param heap the handle; null does nothing.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a visitor of this heap, and then nothing was done;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no handle heap.
 *
 * O(chunks of the tables).
 */
int32_t memcore_handle_heap_destroy(struct memcore_handle_heap *heap);

/**
 * Hands out a block. What is in it is what was there, or zero.
 *
 * \param heap the handle.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two; the block begins at a multiple of it, now and wherever it moves.
 * \param block where its id, which is never 0, is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT`; `MEMCORE_STATUS_TOO_LARGE`;
 * `MEMCORE_STATUS_OUT_OF_SPACE`, which a compaction may change; `MEMCORE_STATUS_BAD_BIAS` iff the strategy cannot align
 * so; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses to let memory grow;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * As the strategy's.
 */
int32_t memcore_handle_heap_allocate(struct memcore_handle_heap *heap,
                                     size_t size,
                                     size_t alignment,
                                     uint64_t *block);

/**
 * Hands out a block whose bytes are all zero.
 *
 * \param heap the handle.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two.
 * \param block where its id is written.
 * \return as `memcore_handle_heap_allocate`.
 *
 * As `memcore_handle_heap_allocate`, and O(size).
 */
int32_t memcore_handle_heap_allocate_zeroed(struct memcore_handle_heap *heap,
                                            size_t size,
                                            size_t alignment,
                                            uint64_t *block);

/**
 * Takes a block back.
 *
 * \param heap the handle.
 * \param block its id. Any number may be tried.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_STALE_HANDLE` iff no live block has the id;
 * `MEMCORE_STATUS_HEAP_HELD` iff it is pinned or locked; `MEMCORE_STATUS_NOT_TOP` iff the strategy is a stack and it is
 * not the top; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
 *
 * As the strategy's.
 */
int32_t memcore_handle_heap_free(struct memcore_handle_heap *heap,
                                 uint64_t block);

/**
 * Changes the size of a block, in place where that can be, else at another place. Its id stays.
 *
 * \param heap the handle.
 * \param block its id.
 * \param size bytes wanted; 0 counts as 1.
 * \return as `memcore_handle_heap_free` and `memcore_handle_heap_allocate`; on a failure the block is as it was.
 *
 * As the strategy's, and O(size) when it moves.
 */
int32_t memcore_handle_heap_resize(struct memcore_handle_heap *heap,
                                   uint64_t block,
                                   size_t size);

/**
 * Tells where the bytes of a block are **now**: until the next call that takes the heap without `const`. Pin it to
 * keep an address longer.
 *
 * \param heap the handle.
 * \param block its id.
 * \param bytes where the address is written.
 * \param size where is written how many bytes were asked for; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_STALE_HANDLE`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `bytes` is null.
 *
 * O(1).
 */
int32_t memcore_handle_heap_bytes(struct memcore_handle_heap *heap,
                                  uint64_t block,
                                  void **bytes,
                                  size_t *size);

/**
 * Tells how many bytes a block was asked for with.
 *
 * \param heap the handle.
 * \param block its id.
 * \param size where the number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_STALE_HANDLE`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_handle_heap_size(const struct memcore_handle_heap *heap, uint64_t block, size_t *size);

/**
 * Keeps a block where it is, and from being freed or resized, until as many `memcore_handle_heap_unpin`.
 *
 * \param heap the handle.
 * \param block its id.
 * \param bytes where the address is written, which is good so long; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_STALE_HANDLE`; `MEMCORE_STATUS_HEAP_HELD` iff it is pinned
 * 2^32 - 1 times already; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
 *
 * O(1).
 */
int32_t memcore_handle_heap_pin(struct memcore_handle_heap *heap,
                                uint64_t block,
                                void **bytes);

/**
 * Takes one pin away.
 *
 * \param heap the handle.
 * \param block its id.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_STALE_HANDLE`; `MEMCORE_STATUS_HEAP_NOT_HELD` iff it has none;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_handle_heap_unpin(struct memcore_handle_heap *heap,
                                  uint64_t block);

/**
 * Keeps a block from being freed or resized until as many `memcore_handle_heap_unlock`. It may move.
 *
 * \param heap the handle.
 * \param block its id.
 * \return as `memcore_handle_heap_pin`.
 *
 * O(1).
 */
int32_t memcore_handle_heap_lock(struct memcore_handle_heap *heap, uint64_t block);

/**
 * Takes one lock away.
 *
 * \param heap the handle.
 * \param block its id.
 * \return as `memcore_handle_heap_unpin`.
 *
 * O(1).
 */
int32_t memcore_handle_heap_unlock(struct memcore_handle_heap *heap, uint64_t block);

/**
 * Tells how many pins and locks a block has.
 *
 * \param heap the handle.
 * \param block its id.
 * \param pins where the number of pins is written; may be null.
 * \param locks where the number of locks is written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_STALE_HANDLE`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
 *
 * O(1).
 */
int32_t memcore_handle_heap_holds(const struct memcore_handle_heap *heap,
                                  uint64_t block,
                                  uint32_t *pins,
                                  uint32_t *locks);

/**
 * Moves blocks together, as many as the budget allows; the next call goes on where this one ends. Pinned blocks stay.
 *
 * \param heap the handle.
 * \param budget how much may be moved; null: as much as is useful.
 * \param compaction where is written what was done; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNSUPPORTED` iff the strategy cannot compact;
 * `MEMCORE_STATUS_OUT_OF_METADATA`, and what was moved until then is moved; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
 *
 * Looks at 256 blocks and at most 4 for each that it may move; O(1) when there is nothing to do since the last.
 */
int32_t memcore_handle_heap_compact(struct memcore_handle_heap *heap,
                                    const struct memcore_budget *budget,
                                    struct memcore_compaction *compaction);

/**
 * Moves blocks together until a time has passed, in steps of 64 KiB or one larger block.
 *
 * \param heap the handle.
 * \param nanoseconds the time. The last step may pass it.
 * \param compaction where is written what was done; may be null.
 * \return as `memcore_handle_heap_compact`.
 *
 * As said.
 */
int32_t memcore_handle_heap_compact_for(struct memcore_handle_heap *heap,
                                        uint64_t nanoseconds,
                                        struct memcore_compaction *compaction);

/**
 * Shows every live block in address order.
 *
 * \param heap the handle.
 * \param visitor called for each.
 * \param user passed to the visitor.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `visitor` is null.
 *
 * O(blocks and holes).
 */
int32_t memcore_handle_heap_visit(const struct memcore_handle_heap *heap,
                                  memcore_handle_visitor visitor,
                                  void *user);

/**
 * Tells the figures of the heap, in bytes.
 *
 * \param heap the handle.
 * \param stats where the figures are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * As `memcore_allocator_stats`.
 */
int32_t memcore_handle_heap_stats(const struct memcore_handle_heap *heap, struct memcore_stats *stats);

/**
 * Checks every invariant of the heap's tables.
 *
 * \param heap the handle.
 * \param corruption where the first broken invariant is written, and only then; may be null.
 * \return `MEMCORE_STATUS_OK` iff all hold; `MEMCORE_STATUS_CORRUPT` iff one does not;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
 *
 * O(n log n) for n blocks and holes. May allocate for as long as it runs.
 */
int32_t memcore_handle_heap_validate(const struct memcore_handle_heap *heap,
                                     struct memcore_corruption *corruption);

/**
 * Hands out a block. What is in it is what was there; poison, where the checks ask for that.
 *
 * \param heap the handle.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two; the block's address will be a multiple of it.
 * \param block where the address is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT` iff the alignment is not a power of two;
 * `MEMCORE_STATUS_TOO_LARGE` iff the memory can never hold so much; `MEMCORE_STATUS_OUT_OF_SPACE` iff no hole holds it
 * now; `MEMCORE_STATUS_LIMIT_EXCEEDED` iff the limit of the checks would be passed; `MEMCORE_STATUS_OUT_OF_METADATA`
 * iff there is no memory for the tables; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses to let memory grow;
 * `MEMCORE_STATUS_REENTERED` from a callback of this heap; `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no heap;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * As the strategy's; what checks cost is said at `memcore_checks`.
 */
int32_t memcore_heap_allocate(struct memcore_heap *heap,
                              size_t size,
                              size_t alignment,
                              void **block);

/**
 * Hands out a block whose bytes are all zero.
 *
 * \param heap the handle.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two.
 * \param block where the address is written.
 * \return as `memcore_heap_allocate`.
 *
 * As `memcore_heap_allocate`, and O(size), except for memory that the system has just given.
 */
int32_t memcore_heap_allocate_zeroed(struct memcore_heap *heap, size_t size, size_t alignment, void **block);

/**
 * Hands out a block, and keeps two numbers of the caller's with it, where the checks `track`.
 *
 * \param heap the handle.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two.
 * \param tag any number: what the block is for, say.
 * \param site any number: where it was allocated, say, as a return address or a line.
 * \param block where the address is written.
 * \return as `memcore_heap_allocate`.
 *
 * As `memcore_heap_allocate`.
 */
int32_t memcore_heap_allocate_tagged(struct memcore_heap *heap,
                                     size_t size,
                                     size_t alignment,
                                     uint32_t tag,
                                     uint64_t site,
                                     void **block);

/**
 * Takes a block back.
 *
 * \param heap the handle.
 * \param block its address. Any address may be tried.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP` iff it lies outside the heap's memory, as null does;
 * `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no block begins there; `MEMCORE_STATUS_DOUBLE_FREE` iff one did and was freed,
 * as far as the tables still know; `MEMCORE_STATUS_HEAP_HEADER_SMASHED` iff the header in front of it was written over;
 * `MEMCORE_STATUS_HEAP_REDZONE_SMASHED` iff bytes beside it were: the block then stays live, and
 * `memcore_heap_release_smashed` takes it back; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
 *
 * As the strategy's.
 */
int32_t memcore_heap_free(struct memcore_heap *heap,
                          void *block);

/**
 * Changes the size of a block, in place where that can be, else by moving its bytes. Tag and call site go with it.
 *
 * \param heap the handle.
 * \param block its address.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two: what the block shall have afterwards.
 * \param moved where its address is written, which may be the same. On a failure the block is as it was.
 * \return as `memcore_heap_allocate` and `memcore_heap_free`.
 *
 * As those two, and O(size) when it moves.
 */
int32_t memcore_heap_reallocate(struct memcore_heap *heap,
                                void *block,
                                size_t size,
                                size_t alignment,
                                void **moved);

/**
 * Changes the size of a block where it is.
 *
 * \param heap the handle.
 * \param block its address.
 * \param size bytes wanted; 0 counts as 1.
 * \param usable where is written how many bytes can be used then; may be null.
 * \return as `memcore_heap_free`; `MEMCORE_STATUS_NO_ROOM_IN_PLACE` iff it cannot, with the most that it could have in
 * the details' `available`; `MEMCORE_STATUS_TOO_LARGE` iff no block of any heap can have so much;
 * `MEMCORE_STATUS_LIMIT_EXCEEDED`.
 *
 * As the strategy's.
 */
int32_t memcore_heap_resize_in_place(struct memcore_heap *heap,
                                     void *block,
                                     size_t size,
                                     size_t *usable);

/**
 * Tells how many bytes of a block can be used: at least those asked for; with checks exactly those.
 *
 * \param heap the handle.
 * \param block its address. Any address may be tried.
 * \param usable where the number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP`; `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no live block
 * begins there; `MEMCORE_STATUS_HEAP_HEADER_SMASHED`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `usable` is null.
 *
 * O(1).
 */
int32_t memcore_heap_usable_size(const struct memcore_heap *heap,
                                 const void *block,
                                 size_t *usable);

/**
 * Tells whether an address lies in the heap's memory, whatever is there.
 *
 * \param heap the handle.
 * \param address any address.
 * \param contained where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `contained` is null.
 *
 * O(1).
 */
int32_t memcore_heap_contains(const struct memcore_heap *heap, const void *address, bool *contained);

/**
 * Reads checks from text: "none", "light" (redzone=16, poison=128), "full" (redzone=64, poison=all, quarantine=1M,
 * track=yes, tools=yes), or one of them and what differs from it: "light:quarantine=1M,limit=64M".
 *
 * \param words the text. Its keys are the members of `memcore_checks`.
 * \param checks where the checks are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
 * `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff it cannot be read; `MEMCORE_STATUS_NOT_UTF8`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length).
 */
int32_t memcore_checks_parse(const char *words,
                             struct memcore_checks *checks);

/**
 * Tells what a heap checks, redzones rounded up.
 *
 * \param heap the handle.
 * \param checks where it is written.
 * \return as `memcore_heap_stats`.
 *
 * O(1).
 */
int32_t memcore_heap_checks(const struct memcore_heap *heap, struct memcore_checks *checks);

/**
 * Looks at the redzones of every live block, and at every block in the quarantine.
 *
 * \param heap the handle.
 * \param blocks where is written how many blocks that were; may be null.
 * \return `MEMCORE_STATUS_OK`; for the first that is wrong, in address order, `MEMCORE_STATUS_HEAP_REDZONE_SMASHED`,
 * `MEMCORE_STATUS_HEAP_FREED_WRITTEN` or `MEMCORE_STATUS_HEAP_HEADER_SMASHED`, with block and first bad byte in the
 * details; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap`
 * is null.
 *
 * O(blocks), and the bytes of redzones, and of poison in the quarantine. Changes nothing.
 */
int32_t memcore_heap_check(const struct memcore_heap *heap,
                           size_t *blocks);

/**
 * Looks at the redzones of one live block.
 *
 * \param heap the handle.
 * \param block its address.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_REDZONE_SMASHED`; those of `memcore_heap_usable_size`.
 *
 * O(1), and the bytes of its redzones.
 */
int32_t memcore_heap_check_block(const struct memcore_heap *heap, const void *block);

/**
 * Takes a block back even though bytes beside it, or its record, were written over.
 *
 * \param heap the handle.
 * \param block its address.
 * \return as `memcore_heap_free`, save for what is smashed: a header of the strategy's own cannot be passed over.
 *
 * As `memcore_heap_free`; O(blocks) when the record is lost.
 */
int32_t memcore_heap_release_smashed(struct memcore_heap *heap,
                                     void *block);

/**
 * Takes back every block in the quarantine.
 *
 * \param heap the handle.
 * \param bytes where is written how many bytes can be used again; may be null.
 * \return `MEMCORE_STATUS_OK`; the first mistake found in those blocks, `MEMCORE_STATUS_HEAP_FREED_WRITTEN` or
 * `MEMCORE_STATUS_HEAP_REDZONE_SMASHED`, and the quarantine is empty all the same; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
 *
 * As a free for each of them.
 */
int32_t memcore_heap_empty_quarantine(struct memcore_heap *heap,
                                      size_t *bytes);

/**
 * Tells what waits in the quarantine.
 *
 * \param heap the handle.
 * \param blocks where the number of blocks is written; may be null.
 * \param bytes where the number of their bytes is written; may be null.
 * \return as `memcore_heap_stats`; `blocks` and `bytes` may be null.
 *
 * O(1).
 */
int32_t memcore_heap_quarantined(const struct memcore_heap *heap, size_t *blocks, size_t *bytes);

/**
 * Tells how many mistakes were found in other blocks than those that calls were about: writes to freed blocks, which turn
 * up when they leave the quarantine.
 *
 * \param heap the handle.
 * \param number where the number is written.
 * \param last where the last of them is written, if there was one; may be null.
 * \return as `memcore_heap_stats`; `last` may be null.
 *
 * O(1).
 */
int32_t memcore_heap_found(const struct memcore_heap *heap,
                           uint64_t *number,
                           struct memcore_error_details *last);

/**
 * Replaces the function that is called with every error that the heap returns, before the call returns, and with every
 * mistake that is found in other blocks. Errors of arguments, such as null pointers, are not told.
 *
 * \param heap the handle.
 * \param listener called by whichever thread makes the call; null: nobody.
 * \param user passed to the listener; must stay usable for as long as that is set.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
 *
 * O(1). Allocates a few words.
 */
int32_t memcore_heap_on_failure(struct memcore_heap *heap,
                                memcore_heap_listener listener,
                                void *user);

/**
 * Tells the tag of a live block.
 *
 * \param heap the handle.
 * \param block its address.
 * \param tag where the tag is written.
 * \return those of `memcore_heap_usable_size`; `MEMCORE_STATUS_NO_TAGS` iff the checks do not `track`.
 *
 * O(1).
 */
int32_t memcore_heap_tag(const struct memcore_heap *heap, const void *block, uint32_t *tag);

/**
 * Replaces the tag of a live block.
 *
 * \param heap the handle.
 * \param block its address.
 * \param tag the new tag.
 * \return as `memcore_heap_tag`.
 *
 * O(1).
 */
int32_t memcore_heap_set_tag(struct memcore_heap *heap, void *block, uint32_t tag);

/**
 * The options of a heap in this memory: size classes, no checks, no lock.
 *
 * \param memory where the bytes come from.
 * \return the options, to be changed as wanted.
 */
struct memcore_heap_options memcore_heap_options_for(struct memcore_memory memory);

/**
 * Makes a heap.
 *
 * \param options how; see `memcore_heap_options_for`.
 * \param heap where the handle is written; `memcore_heap_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
 * `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff strategy or checks cannot be read;
 * `MEMCORE_STATUS_BAD_PARAMETER` iff a parameter of strategy, checks or memory is out of its range;
 * `MEMCORE_STATUS_UNSUPPORTED` iff the strategy frees in some order only; `MEMCORE_STATUS_HEAP_BAD_MEMORY` iff the
 * memory cannot hold the heap; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses memory or file;
 * `MEMCORE_STATUS_OUT_OF_METADATA` or `MEMCORE_STATUS_OUT_OF_MEMORY` iff there is no memory for tables or handle;
 * `MEMCORE_STATUS_INVALID_ARGUMENT`; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1), and what the strategy needs for an empty space.
 */
int32_t memcore_heap_create(const struct memcore_heap_options *options,
                            struct memcore_heap **heap);

/**
 * Ends a heap. Its blocks mean nothing afterwards; memory of the caller's is the caller's again.
 *
 * \param heap the handle; null does nothing.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of this heap, and then nothing was done;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no heap.
 *
 * O(chunks of the tables); O(blocks) under valgrind or AddressSanitizer with `tools`.
 */
int32_t memcore_heap_destroy(struct memcore_heap *heap);

/**
 * Hands out a block.
 *
 * \param heap the handle.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two; the offset will be a multiple of it, and so is the address where the memory begins
 * at such a multiple, as a file does at pages.
 * \param block where its offset from the beginning of the memory is written: it is never 0.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT`; `MEMCORE_STATUS_TOO_LARGE`;
 * `MEMCORE_STATUS_OUT_OF_SPACE`; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses
 * to let a file grow; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * As the strategy's, and O(log blocks).
 */
int32_t memcore_persistent_allocate(struct memcore_persistent_heap *heap,
                                    size_t size,
                                    size_t alignment,
                                    uint64_t *block);

/**
 * Hands out a block whose bytes are all zero before it comes to be.
 *
 * \param heap the handle.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two.
 * \param block where its offset is written.
 * \return as `memcore_persistent_allocate`.
 *
 * As `memcore_persistent_allocate`, and O(size).
 */
int32_t memcore_persistent_allocate_zeroed(struct memcore_persistent_heap *heap,
                                           size_t size,
                                           size_t alignment,
                                           uint64_t *block);

/**
 * Takes a block back. Roots that lead to it are none afterwards.
 *
 * \param heap the handle.
 * \param block its offset. Any number may be tried.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP` iff it lies outside the image;
 * `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no live block begins there; `MEMCORE_STATUS_HEAP_HEADER_SMASHED` iff its header
 * was written over; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * As the strategy's, and O(log blocks).
 */
int32_t memcore_persistent_free(struct memcore_persistent_heap *heap,
                                uint64_t block);

/**
 * Changes the size of a block, in place where that can be, else at another offset: roots follow.
 *
 * \param heap the handle.
 * \param block its offset.
 * \param size bytes wanted; 0 counts as 1.
 * \param moved where its offset is written, which may be the same.
 * \return as `memcore_persistent_free` and `memcore_persistent_allocate`; on a failure the block is as it was.
 *
 * As those two, and O(size) when it moves.
 */
int32_t memcore_persistent_resize(struct memcore_persistent_heap *heap,
                                  uint64_t block,
                                  size_t size,
                                  uint64_t *moved);

/**
 * Tells where the bytes of a block are in this process: until the block is freed or resized, or the heap ended.
 *
 * \param heap the handle.
 * \param block its offset.
 * \param bytes where the address is written.
 * \param size where is written how many bytes were asked for; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP`; `MEMCORE_STATUS_HEAP_NOT_A_BLOCK`;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `bytes`
 * is null.
 *
 * O(log blocks).
 */
int32_t memcore_persistent_bytes(struct memcore_persistent_heap *heap,
                                 uint64_t block,
                                 void **bytes,
                                 size_t *size);

/**
 * Sets one of the roots from which a program finds its blocks again. All that was written before is in the image before
 * the root.
 *
 * \param heap the handle.
 * \param root from 0 to `MEMCORE_ROOTS` - 1.
 * \param block the offset of a live block, or 0 for none.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_PARAMETER` iff there is no such root;
 * `MEMCORE_STATUS_HEAP_NOT_IN_HEAP`; `MEMCORE_STATUS_HEAP_NOT_A_BLOCK`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(log blocks).
 */
int32_t memcore_persistent_set_root(struct memcore_persistent_heap *heap,
                                    uint32_t root,
                                    uint64_t block);

/**
 * Tells where a root leads.
 *
 * \param heap the handle.
 * \param root from 0 to `MEMCORE_ROOTS` - 1.
 * \param block where the offset of a block is written, or 0 for none.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_PARAMETER` iff there is no such root;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_persistent_root(const struct memcore_persistent_heap *heap, uint32_t root, uint64_t *block);

/**
 * Shows every live block in the order of offsets.
 *
 * \param heap the handle.
 * \param visitor called for each.
 * \param user passed to the visitor.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `visitor` is null.
 *
 * O(blocks and holes).
 */
int32_t memcore_persistent_visit(const struct memcore_persistent_heap *heap,
                                 memcore_persistent_visitor visitor,
                                 void *user);

/**
 * Tells the figures of the space behind the superblock, in bytes. Headers of 32 bytes count as requested and used.
 *
 * \param heap the handle.
 * \param stats where the figures are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * As `memcore_allocator_stats`.
 */
int32_t memcore_persistent_stats(const struct memcore_persistent_heap *heap,
                                 struct memcore_stats *stats);

/**
 * Tells the bytes of the image, superblock and headers included.
 *
 * \param heap the handle.
 * \param bytes where the number is written.
 * \return as `memcore_persistent_stats`.
 *
 * O(1).
 */
int32_t memcore_persistent_capacity(const struct memcore_persistent_heap *heap, uint64_t *bytes);

/**
 * Tells how many steps have changed the image since it was made.
 *
 * \param heap the handle.
 * \param generation where the number is written.
 * \return as `memcore_persistent_stats`.
 *
 * O(1).
 */
int32_t memcore_persistent_generation(const struct memcore_persistent_heap *heap, uint64_t *generation);

/**
 * Checks every invariant: of the tables, and that the image says the same.
 *
 * \param heap the handle.
 * \param corruption where the first broken invariant is written, and only then; may be null.
 * \return `MEMCORE_STATUS_OK` iff all hold; `MEMCORE_STATUS_CORRUPT` iff one does not;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
 *
 * O(n log n) for n blocks and holes. May allocate for as long as it runs.
 */
int32_t memcore_persistent_validate(const struct memcore_persistent_heap *heap,
                                    struct memcore_corruption *corruption);

/**
 * Shows every live block, in the order of their allocation; where the checks do not `track`, by address.
 *
 * \param heap the handle.
 * \param visitor called for each.
 * \param user passed to the visitor.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_OUT_OF_METADATA` iff
 * there is no memory for the list; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `visitor` is null.
 *
 * O(n log n) for n blocks. Allocates the list while it runs.
 */
int32_t memcore_heap_leaks(const struct memcore_heap *heap,
                           memcore_leak_visitor visitor,
                           void *user);

/**
 * Shows the live blocks by tag and call site, in the order of the first of each.
 *
 * \param heap the handle.
 * \param visitor called for each.
 * \param user passed to the visitor.
 * \return as `memcore_heap_leaks`.
 *
 * As `memcore_heap_leaks`.
 */
int32_t memcore_heap_leak_summary(const struct memcore_heap *heap,
                                  memcore_leak_group_visitor visitor,
                                  void *user);

/**
 * `malloc`: a block of at least so many bytes, aligned to `MEMCORE_MALLOC_ALIGNMENT`.
 *
 * \param size bytes wanted; for 0 there is a block of its own too.
 * \return its address; null and `ENOMEM` in `errno` iff there is no memory.
 *
 * O(1). Without a lock for up to 8 KiB as long as the thread has a span with room. In the child of a `fork` of a process with several
 * threads this function and its kin may wait forever for a lock: there, call nothing but `exec` and `_exit`.
 */
void *memcore_malloc(size_t size);

/**
 * `calloc`: a block for an array, every byte zero.
 *
 * \param count how many entries.
 * \param size bytes of each.
 * \return its address; null and `ENOMEM` in `errno` iff there is no memory, or the product passes the address space.
 *
 * As `memcore_malloc`, and O(bytes).
 */
void *memcore_calloc(size_t count,
                     size_t size);

/**
 * `realloc`: changes the size of a block, which may move.
 *
 * \param block its address; null: as `memcore_malloc`.
 * \param size bytes wanted; 0 frees the block and gives null, as the GNU C library does.
 * \return its address; null and `ENOMEM` in `errno` iff there is no memory, and the block is as it was; null and
 * `EINVAL` iff no live block begins there, which counts as refused.
 *
 * As `memcore_malloc`, and O(size) when it moves.
 */
void *memcore_realloc(void *block,
                      size_t size);

/**
 * `free`: takes a block back, whichever thread it was handed out to. `errno` stays as it is.
 *
 * \param block its address; null does nothing. An address that is no live block's is left alone and counted: see
 * `memcore_malloc_refused`.
 *
 * As `memcore_malloc`.
 */
void memcore_free(void *block);

/**
 * `aligned_alloc`: a block at a multiple of some power of two.
 *
 * \param alignment a power of two, however large.
 * \param size bytes wanted. It need not be a multiple of the alignment.
 * \return its address; null and `EINVAL` in `errno` iff the alignment is not a power of two; null and `ENOMEM` iff
 * there is no memory.
 *
 * As `memcore_malloc`.
 */
void *memcore_aligned_alloc(size_t alignment,
                            size_t size);

/**
 * `posix_memalign`: a block at a multiple of some power of two. `errno` stays as it is.
 *
 * \param block where its address is written, and only when the call succeeds.
 * \param alignment a power of two, and a multiple of the size of a pointer.
 * \param size bytes wanted; for 0 there is a block of its own too.
 * \return 0; `EINVAL` iff the alignment is not as said, or `block` is null; `ENOMEM` iff there is no memory.
 *
 * As `memcore_malloc`.
 */
int memcore_posix_memalign(void **block, size_t alignment, size_t size);

/**
 * Tells how many bytes of a block can be used: at least those asked for.
 *
 * \param block its address.
 * \return the number; 0 for null, and for an address that is no live block's.
 *
 * O(1).
 */
size_t memcore_malloc_usable_size(const void *block);

/**
 * Gives the calling thread's empty spans back to the common part, and whole free pages to the system.
 *
 * \return how many bytes the system has back.
 *
 * O(spans of the thread), and a call of the system for each hole.
 */
size_t memcore_malloc_trim(void);

/**
 * Tells the figures of the heap behind `memcore_malloc`, as `memcore_threaded_heap_stats`.
 *
 * \param stats where the figures are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system gives no addresses for the heap;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(spans), under the lock.
 */
int32_t memcore_malloc_stats(struct memcore_stats *stats);

/**
 * Tells how many addresses `memcore_free` and `memcore_realloc` were given that are no live block's: each is a fault of
 * the program, and was left alone.
 *
 * \return the number, of the whole process.
 *
 * O(1).
 */
uint64_t memcore_malloc_refused(void);

/**
 * Memory of the caller's: an array, what `malloc` gave, shared memory, a mapped file. It does not grow.
 *
 * \param start its first byte. What it holds does not matter, save for images that are opened.
 * \param bytes how many there are.
 * \return the memory, for a function that makes a heap.
 */
struct memcore_memory memcore_memory_of(void *start, size_t bytes);

/**
 * Memory of the system's, which grows in place.
 *
 * \param limit the most bytes: addresses are reserved for them, which costs nothing.
 * \return the memory, to be changed as wanted.
 */
struct memcore_memory memcore_memory_own(size_t limit);

/**
 * A file's bytes, shared with the file, which grows.
 *
 * \param file its name. As long as the heap lives nobody else may change or truncate the file.
 * \param limit the most bytes: addresses are reserved for them.
 * \return the memory, to be changed as wanted.
 */
struct memcore_memory memcore_memory_file(const char *file, size_t limit);

/**
 * Makes an image. What was in the memory, or in the file, is gone.
 *
 * \param memory where the bytes come from: at least 1312, from a multiple of 8 on.
 * \param strategy "first-fit", "next-fit", "best-fit", "worst-fit" or "tlsf", with parameters where wanted; null: TLSF.
 * \param heap where the handle is written; `memcore_persistent_close` or `memcore_persistent_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
 * `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the strategy cannot be read;
 * `MEMCORE_STATUS_UNSUPPORTED` iff it is none of those; `MEMCORE_STATUS_HEAP_BAD_MEMORY` iff the memory is too small or
 * misaligned; `MEMCORE_STATUS_BAD_PARAMETER` or `MEMCORE_STATUS_INVALID_ARGUMENT` iff a number of the memory is out of
 * its range; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses memory or file, as it does while another process has
 * it; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(bytes); O(1) for memory of the system's and files.
 */
int32_t memcore_persistent_create(const struct memcore_memory *memory,
                                  const char *strategy,
                                  struct memcore_persistent_heap **heap);

/**
 * Opens the image in a memory, checking all of it, and completes a step that a crash has cut.
 *
 * \param memory the memory with the image, of the caller's or a file; that of the system's holds none.
 * \param recovery where is written what was found; may be null.
 * \param heap where the handle is written; `memcore_persistent_close` or `memcore_persistent_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_BAD_IMAGE` iff it is no image, or was damaged, with the rule that is
 * broken and where in the details: it is not written to then; `MEMCORE_STATUS_HEAP_BAD_MEMORY`;
 * `MEMCORE_STATUS_BAD_PARAMETER`; `MEMCORE_STATUS_HEAP_SYSTEM`; `MEMCORE_STATUS_OUT_OF_METADATA`;
 * `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(n log n) for n blocks.
 */
int32_t memcore_persistent_open(const struct memcore_memory *memory,
                                struct memcore_recovery *recovery,
                                struct memcore_persistent_heap **heap);

/**
 * Marks the image as closed, sees to it that a file is kept should the power fail, and ends the handle.
 *
 * \param heap the handle; null does nothing.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system cannot write the file: the handle is ended
 * all the same; `MEMCORE_STATUS_REENTERED` from a visitor of this heap or `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is
 * no persistent heap, and then nothing was done.
 *
 * O(chunks of the tables), and the time to write a file.
 */
int32_t memcore_persistent_close(struct memcore_persistent_heap *heap);

/**
 * Marks the image as closed, and ends the handle without waiting for a file to be written.
 *
 * \param heap the handle; null does nothing.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a visitor of this heap, and then nothing was done;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no persistent heap.
 *
 * O(chunks of the tables).
 */
int32_t memcore_persistent_destroy(struct memcore_persistent_heap *heap);

/**
 * Returns when all that was written, in blocks too, would survive a failure of the power, where the memory is a file.
 *
 * \param heap the handle.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system cannot write the file;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * The time to write the pages that have changed.
 */
int32_t memcore_persistent_sync(struct memcore_persistent_heap *heap);

/**
 * Makes a pool over the whole of a memory, growing as that does. Nothing of the pool's own lies between the slots.
 *
 * \param memory where the bytes come from.
 * \param slot bytes of a slot; rounded up to the alignment.
 * \param alignment a power of two; slots begin at multiples of it.
 * \param pool where the handle is written; `memcore_pool_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT`; `MEMCORE_STATUS_BAD_PARAMETER` iff a slot has 0 bytes or
 * too many, or a number of the memory is out of its range; `MEMCORE_STATUS_HEAP_BAD_MEMORY` iff the memory cannot hold
 * a slot; `MEMCORE_STATUS_HEAP_SYSTEM`; `MEMCORE_STATUS_INVALID_ARGUMENT`; `MEMCORE_STATUS_OUT_OF_MEMORY`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_pool_create(const struct memcore_memory *memory,
                            size_t slot,
                            size_t alignment,
                            struct memcore_pool **pool);

/**
 * Ends a pool with all its slots. Memory of the caller's is the caller's again.
 *
 * \param pool the handle; null does nothing.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a visitor of this pool, and then nothing was done;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no pool.
 *
 * O(1).
 */
int32_t memcore_pool_destroy(struct memcore_pool *pool);

/**
 * Hands out a slot. What is in it is what was there.
 *
 * \param pool the handle.
 * \param slot where its address is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_SPACE` iff every slot lives; `MEMCORE_STATUS_OUT_OF_METADATA` iff
 * there is no memory for the list of slots; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses to let memory grow;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_pool_allocate(struct memcore_pool *pool,
                              void **slot);

/**
 * Hands out a slot whose bytes are all zero.
 *
 * \param pool the handle.
 * \param slot where its address is written.
 * \return as `memcore_pool_allocate`.
 *
 * O(bytes of a slot).
 */
int32_t memcore_pool_allocate_zeroed(struct memcore_pool *pool, void **slot);

/**
 * Takes a slot back.
 *
 * \param pool the handle.
 * \param slot its address. Any address may be tried.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP` iff it lies outside the pool's memory, as null does;
 * `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no slot that was ever used begins there; `MEMCORE_STATUS_DOUBLE_FREE` iff the
 * slot does not live; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`
 * iff `pool` is null.
 *
 * O(1).
 */
int32_t memcore_pool_free(struct memcore_pool *pool,
                          void *slot);

/**
 * Takes every slot back.
 *
 * \param pool the handle.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(slots ever used).
 */
int32_t memcore_pool_reset(struct memcore_pool *pool);

/**
 * Tells whether a slot lives.
 *
 * \param pool the handle.
 * \param slot any address.
 * \return `MEMCORE_STATUS_OK` iff a live slot begins there; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP`;
 * `MEMCORE_STATUS_HEAP_NOT_A_BLOCK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `pool` is
 * null.
 *
 * O(1).
 */
int32_t memcore_pool_lives(const struct memcore_pool *pool,
                           const void *slot);

/**
 * Shows every live slot in address order.
 *
 * \param pool the handle.
 * \param visitor called for each; it may read the pool, but not change it.
 * \param user passed to the visitor.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `pool` or `visitor` is null.
 *
 * O(slots ever used).
 */
int32_t memcore_pool_visit(const struct memcore_pool *pool,
                           memcore_heap_visitor visitor,
                           void *user);

/**
 * Tells the figures of a pool, in bytes.
 *
 * \param pool the handle.
 * \param stats where the figures are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_pool_stats(const struct memcore_pool *pool, struct memcore_stats *stats);

/**
 * Tells what a pool is made of.
 *
 * \param pool the handle.
 * \param figures where it is written.
 * \return as `memcore_pool_stats`.
 *
 * O(1).
 */
int32_t memcore_pool_look(const struct memcore_pool *pool, struct memcore_pool_figures *figures);

/**
 * Gives whole pages that are free back to the system. Memory of the caller's stays as it is.
 *
 * \param pool the handle.
 * \param bytes where is written how many bytes; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `pool` is null.
 *
 * O(slots ever used), and a call of the system for each hole.
 */
int32_t memcore_pool_trim(struct memcore_pool *pool, size_t *bytes);

/**
 * Checks every invariant of a pool's tables.
 *
 * \param pool the handle.
 * \param corruption where the first broken invariant is written, and only then; may be null.
 * \return `MEMCORE_STATUS_OK` iff all hold; `MEMCORE_STATUS_CORRUPT` iff one does not;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `pool` is null.
 *
 * O(n log n) for n slots. Allocates a list while it runs.
 */
int32_t memcore_pool_validate(const struct memcore_pool *pool, struct memcore_corruption *corruption);

/**
 * Shows every live block in address order.
 *
 * \param heap the handle.
 * \param visitor called for each.
 * \param user passed to the visitor.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_REENTERED` from
 * within a change; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `visitor` is null.
 *
 * O(blocks and holes).
 */
int32_t memcore_heap_visit(const struct memcore_heap *heap,
                           memcore_heap_visitor visitor,
                           void *user);

/**
 * Tells the figures of the heap, in bytes. Headers count as used.
 *
 * \param heap the handle.
 * \param stats where the figures are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * As `memcore_allocator_stats`.
 */
int32_t memcore_heap_stats(const struct memcore_heap *heap, struct memcore_stats *stats);

/**
 * Tells the bytes of tables outside the blocks.
 *
 * \param heap the handle.
 * \param bytes where the number is written.
 * \return as `memcore_heap_stats`.
 *
 * O(chunks of the tables).
 */
int32_t memcore_heap_metadata_bytes(const struct memcore_heap *heap, size_t *bytes);

/**
 * Gives whole pages that are free back to the system. Memory of the caller's stays as it is.
 *
 * \param heap the handle.
 * \param bytes where is written how many bytes; may be null.
 * \return as `memcore_heap_stats`; `bytes` may be null.
 *
 * O(holes) calls of the system.
 */
int32_t memcore_heap_trim(struct memcore_heap *heap, size_t *bytes);

/**
 * Checks every invariant: of the tables, and of headers, redzones and quarantine.
 *
 * \param heap the handle.
 * \param corruption where the first broken invariant is written, and only then; may be null.
 * \return `MEMCORE_STATUS_OK` iff all hold; `MEMCORE_STATUS_CORRUPT` iff one does not; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
 *
 * O(n log n) for n blocks and holes. May allocate for as long as it runs.
 */
int32_t memcore_heap_validate(const struct memcore_heap *heap,
                              struct memcore_corruption *corruption);

/**
 * Writes the strategy with its parameters, as the function that makes heaps reads it.
 *
 * \param heap the handle.
 * \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; a longer text is cut off.
 * \return the length of the whole text without the zero byte; 0 iff the handle is null or no heap, a change is going
 * on, or `buffer` is null and `size` is not 0.
 *
 * O(length).
 */
size_t memcore_heap_strategy(const struct memcore_heap *heap,
                             char *buffer,
                             size_t size);

/**
 * Tells how many bytes stand in front of each block, as a replay that shall predict the heap has to be told. Those of
 * checks come on top.
 *
 * \param heap the handle.
 * \param bytes where the number is written: 8, or 0 for size classes.
 * \return as `memcore_heap_stats`.
 *
 * O(1).
 */
int32_t memcore_heap_header(const struct memcore_heap *heap,
                            size_t *bytes);

/**
 * Makes an empty ring over a memory. It does not grow: of the system's or a file's all is usable at once.
 *
 * \param memory where the bytes come from.
 * \param ring where the handle is written; `memcore_ring_destroy` ends it.
 * \return as `memcore_arena_create`.
 *
 * O(1).
 */
int32_t memcore_ring_create(const struct memcore_memory *memory, struct memcore_ring **ring);

/**
 * Ends a ring with all its records. Memory of the caller's is the caller's again.
 *
 * \param ring the handle; null does nothing.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a visitor of this ring, and then nothing was done;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no ring.
 *
 * O(1).
 */
int32_t memcore_ring_destroy(struct memcore_ring *ring);

/**
 * Hands out a record behind the newest. It never lies across the end of the memory.
 *
 * \param ring the handle.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two; the record's address will be a multiple of it.
 * \param record where the address is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT`; `MEMCORE_STATUS_TOO_LARGE` iff the memory can never hold
 * so much; `MEMCORE_STATUS_OUT_OF_SPACE` until older records are released; `MEMCORE_STATUS_OUT_OF_METADATA` iff there
 * is no memory for the list of records; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1), amortised over the growth of the list.
 */
int32_t memcore_ring_allocate(struct memcore_ring *ring,
                              size_t size,
                              size_t alignment,
                              void **record);

/**
 * Takes the oldest record back.
 *
 * \param ring the handle.
 * \param record its address. Any address may be tried.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP` iff it lies outside the ring's memory, as null does;
 * `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no record begins there; `MEMCORE_STATUS_HEAP_NOT_OLDEST` iff it is not the
 * oldest, whose address is `top` of the details; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `ring` is null.
 *
 * O(1); O(log records) to tell why not.
 */
int32_t memcore_ring_release(struct memcore_ring *ring,
                             void *record);

/**
 * Tells the oldest record.
 *
 * \param ring the handle.
 * \param record where it is written, if there is one.
 * \param found where is written whether there is one.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_ring_front(const struct memcore_ring *ring, struct memcore_heap_block *record, bool *found);

/**
 * Shows every record, oldest first.
 *
 * \param ring the handle.
 * \param visitor called for each; it may read the ring, but not change it.
 * \param user passed to the visitor.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `ring` or `visitor` is null.
 *
 * O(records).
 */
int32_t memcore_ring_visit(const struct memcore_ring *ring,
                           memcore_heap_visitor visitor,
                           void *user);

/**
 * Takes every record back.
 *
 * \param ring the handle.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_ring_reset(struct memcore_ring *ring);

/**
 * Tells the figures of a ring.
 *
 * \param ring the handle.
 * \param figures where they are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_ring_look(const struct memcore_ring *ring, struct memcore_ring_figures *figures);

/**
 * Checks every invariant of a ring.
 *
 * \param ring the handle.
 * \param corruption where the first broken invariant is written, and only then; may be null.
 * \return `MEMCORE_STATUS_OK` iff all hold; `MEMCORE_STATUS_CORRUPT` iff one does not;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `ring` is null.
 *
 * O(records).
 */
int32_t memcore_ring_validate(const struct memcore_ring *ring, struct memcore_corruption *corruption);

/**
 * Makes two empty stacks at the ends of a memory. It does not grow: of the system's or a file's all is usable at once.
 *
 * \param memory where the bytes come from.
 * \param stack where the handle is written; `memcore_double_stack_destroy` ends it.
 * \return as `memcore_arena_create`.
 *
 * O(1).
 */
int32_t memcore_double_stack_create(const struct memcore_memory *memory,
                                    struct memcore_double_stack **stack);

/**
 * Ends both stacks. Memory of the caller's is the caller's again.
 *
 * \param stack the handle; null does nothing.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no double stack.
 *
 * O(1).
 */
int32_t memcore_double_stack_destroy(struct memcore_double_stack *stack);

/**
 * Hands out a block above the low stack.
 *
 * \param stack the handle.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two; the block's address will be a multiple of it.
 * \param block where the address is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT`; `MEMCORE_STATUS_TOO_LARGE` iff the memory can never hold
 * so much; `MEMCORE_STATUS_OUT_OF_SPACE` iff it does not fit between the stacks now;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_double_stack_push_low(struct memcore_double_stack *stack,
                                      size_t size,
                                      size_t alignment,
                                      void **block);

/**
 * Hands out a block below the high stack.
 *
 * \param stack the handle.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two; the block's address will be a multiple of it.
 * \param block where the address is written.
 * \return as `memcore_double_stack_push_low`.
 *
 * O(1).
 */
int32_t memcore_double_stack_push_high(struct memcore_double_stack *stack,
                                       size_t size,
                                       size_t alignment,
                                       void **block);

/**
 * Takes back what was pushed on the low stack after a mark.
 *
 * \param stack the handle.
 * \param mark `low` of `memcore_double_stack_look`, as it was then.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_CHECKPOINT` iff it lies above the low stack;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_double_stack_rewind_low(struct memcore_double_stack *stack, uint64_t mark);

/**
 * Takes back what was pushed on the high stack after a mark.
 *
 * \param stack the handle.
 * \param mark `high` of `memcore_double_stack_look`, as it was then.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_CHECKPOINT` iff it lies below the high stack, or past the memory;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_double_stack_rewind_high(struct memcore_double_stack *stack,
                                         uint64_t mark);

/**
 * Empties both stacks.
 *
 * \param stack the handle.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_double_stack_reset(struct memcore_double_stack *stack);

/**
 * Tells where two stacks are, to rewind to, and their figures.
 *
 * \param stack the handle.
 * \param figures where they are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_double_stack_look(const struct memcore_double_stack *stack,
                                  struct memcore_double_stack_figures *figures);

/**
 * Makes a heap that threads share, in memory of the system's.
 *
 * \param limit the most bytes: addresses are reserved for them, which costs nothing.
 * \param huge a `memcore_huge_pages`.
 * \param heap where the handle is written; `memcore_threaded_heap_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_PARAMETER` iff the limit is 0 or over the address space;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `huge` is none of those; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system
 * refuses the addresses; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_OUT_OF_MEMORY`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_threaded_heap_create(size_t limit, int32_t huge, struct memcore_threaded_heap **heap);

/**
 * Ends a heap with all its blocks.
 *
 * \param heap the handle, which no other thread uses any more; null does nothing.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no threaded heap.
 *
 * O(threads).
 */
int32_t memcore_threaded_heap_destroy(struct memcore_threaded_heap *heap);

/**
 * Hands out a block.
 *
 * \param heap the handle.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two; the block's address will be a multiple of it and of 16.
 * \param block where the address is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT`; `MEMCORE_STATUS_TOO_LARGE`;
 * `MEMCORE_STATUS_OUT_OF_SPACE`; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses
 * to let memory grow; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1). Without a lock for up to 8 KiB as long as the thread has a span with room; else under the lock.
 */
int32_t memcore_threaded_heap_allocate(struct memcore_threaded_heap *heap,
                                       size_t size,
                                       size_t alignment,
                                       void **block);

/**
 * Hands out a block whose bytes are all zero.
 *
 * \param heap the handle.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two.
 * \param block where the address is written.
 * \return as `memcore_threaded_heap_allocate`.
 *
 * As `memcore_threaded_heap_allocate`, and O(size), except for memory that the system has just given.
 */
int32_t memcore_threaded_heap_allocate_zeroed(struct memcore_threaded_heap *heap,
                                              size_t size,
                                              size_t alignment,
                                              void **block);

/**
 * Takes a block back, whichever thread it was handed out to.
 *
 * \param heap the handle.
 * \param block its address. Any address may be tried.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP` iff it lies outside the heap's memory, as null does;
 * `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no block begins there; `MEMCORE_STATUS_DOUBLE_FREE` iff one did and was freed,
 * as far as the tables still know: of two threads that free the same block one gets it, unless they do so in the same
 * instant, when both may succeed and the block is free once; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
 *
 * As `memcore_threaded_heap_allocate`.
 */
int32_t memcore_threaded_heap_free(struct memcore_threaded_heap *heap,
                                   void *block);

/**
 * Changes the size of a block, in place where that can be, else by moving its bytes.
 *
 * \param heap the handle.
 * \param block its address, which no other thread uses meanwhile.
 * \param size bytes wanted; 0 counts as 1.
 * \param alignment a power of two: what the block shall have afterwards.
 * \param moved where its address is written, which may be the same. On a failure the block is as it was.
 * \return as `memcore_threaded_heap_allocate` and `memcore_threaded_heap_free`.
 *
 * As those two, and O(size) when it moves.
 */
int32_t memcore_threaded_heap_reallocate(struct memcore_threaded_heap *heap,
                                         void *block,
                                         size_t size,
                                         size_t alignment,
                                         void **moved);

/**
 * Tells how many bytes of a block can be used.
 *
 * \param heap the handle.
 * \param block its address. Any address may be tried.
 * \param usable where the number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP`; `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no live block
 * begins there; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `usable` is null.
 *
 * O(1).
 */
int32_t memcore_threaded_heap_usable_size(const struct memcore_threaded_heap *heap,
                                          const void *block,
                                          size_t *usable);

/**
 * Tells whether an address lies in the heap's memory, whatever is there.
 *
 * \param heap the handle.
 * \param address any address.
 * \param contained where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or
 * `contained` is null.
 *
 * O(1), under the lock.
 */
int32_t memcore_threaded_heap_contains(const struct memcore_threaded_heap *heap,
                                       const void *address,
                                       bool *contained);

/**
 * Tells the figures of the heap, in bytes. Nobody keeps what was asked for: `requested` is what the blocks have; peak and
 * footprint are those of whole pages.
 *
 * \param heap the handle.
 * \param stats where the figures are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(spans), under the lock. What other threads do meanwhile may be in it or not.
 */
int32_t memcore_threaded_heap_stats(const struct memcore_threaded_heap *heap,
                                    struct memcore_stats *stats);

/**
 * Gives the calling thread's empty spans back to the common part, and whole free pages to the system.
 *
 * \param heap the handle.
 * \param bytes where is written how many bytes the system has back; may be null.
 * \return as `memcore_threaded_heap_stats`; `bytes` may be null.
 *
 * O(spans of the thread), and a call of the system for each hole.
 */
int32_t memcore_threaded_heap_trim(struct memcore_threaded_heap *heap, size_t *bytes);

/**
 * Checks every invariant of the tables.
 *
 * \param heap the handle. No other thread may be in a call on it.
 * \param corruption where the first broken invariant is written, and only then; may be null.
 * \return `MEMCORE_STATUS_OK` iff all hold; `MEMCORE_STATUS_CORRUPT` iff one does not;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
 *
 * O(n log n) for n spans and holes.
 */
int32_t memcore_threaded_heap_validate(struct memcore_threaded_heap *heap,
                                       struct memcore_corruption *corruption);

/**
 * Reads and checks an image: of a file that another process made, say. A step that a crash has left is seen as done, and
 * the bytes stay as they are.
 *
 * \param image its first byte, at whatever address.
 * \param bytes how many there are, at least those of the image. Nobody may change them until the view is destroyed.
 * \param view where the handle is written; `memcore_persistent_view_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_BAD_IMAGE` iff it is no image, or was damaged;
 * `MEMCORE_STATUS_OUT_OF_METADATA` iff there is no memory for 24 bytes a block; `MEMCORE_STATUS_OUT_OF_MEMORY`;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff there are more bytes than memory can have; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(blocks).
 */
int32_t memcore_persistent_view_create(const void *image,
                                       size_t bytes,
                                       struct memcore_persistent_view **view);

/**
 * Ends a view.
 *
 * \param view the handle; null does nothing.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a visitor of this view, and then nothing was done;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no view.
 *
 * O(1).
 */
int32_t memcore_persistent_view_destroy(struct memcore_persistent_view *view);

/**
 * Tells where a root leads.
 *
 * \param view the handle.
 * \param root from 0 to `MEMCORE_ROOTS` - 1.
 * \param block where the offset of a block is written, or 0 for none.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_PARAMETER` iff there is no such root;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_persistent_view_root(const struct memcore_persistent_view *view,
                                     uint32_t root,
                                     uint64_t *block);

/**
 * Tells where the bytes of a block are.
 *
 * \param view the handle.
 * \param block its offset.
 * \param bytes where the address is written.
 * \param size where is written how many bytes were asked for; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no live block begins there;
 * `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `view` or `bytes` is null.
 *
 * O(log blocks).
 */
int32_t memcore_persistent_view_bytes(const struct memcore_persistent_view *view,
                                      uint64_t block,
                                      const void **bytes,
                                      size_t *size);

/**
 * Shows every live block in the order of offsets.
 *
 * \param view the handle.
 * \param visitor called for each.
 * \param user passed to the visitor.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
 * `MEMCORE_STATUS_NULL_ARGUMENT` iff `view` or `visitor` is null.
 *
 * O(blocks).
 */
int32_t memcore_persistent_view_visit(const struct memcore_persistent_view *view,
                                      memcore_persistent_visitor visitor,
                                      void *user);

/**
 * Tells what an image is.
 *
 * \param view the handle.
 * \param image where it is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_persistent_view_look(const struct memcore_persistent_view *view,
                                     struct memcore_persistent_image *image);

/**
 * Makes an empty cache.
 *
 * \param policy a name, with parameters where wanted: "lru", "clock:bit=clear"; see `memcore_policy_name`.
 * \param frames how many keys may be there, from 1 on.
 * \param cache where the handle is written; `memcore_cache_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
 * `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the policy cannot be read;
 * `MEMCORE_STATUS_POLICY_FRAMES` iff `frames` is 0 or above 2^32 - 17; `MEMCORE_STATUS_POLICY_NEEDS_FUTURE` for a
 * policy that decides by references to come; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1). Tables grow with the keys that are there or remembered, not with the frames.
 *
 * \code
 * memcore_cache *cache;
 * memcore_cache_outcome outcome;
 * const uint64_t *evicted;
 * size_t count;
 * if (memcore_cache_create("lru", 2, &cache) == MEMCORE_STATUS_OK) {
 *     memcore_cache_access(cache, 10, false, NULL);
 *     memcore_cache_access(cache, 20, false, NULL);
 *     memcore_cache_access(cache, 30, false, &outcome);
 *     memcore_cache_evicted(cache, &evicted, &count);
 *     printf("%d %zu %" PRIu64 "\n", outcome.hit, count, evicted[0]); // 0 1 10
 *     memcore_cache_destroy(cache);
 * }
 * \endcode
 */
int32_t memcore_cache_create(const char *policy,
                             uint32_t frames,
                             struct memcore_cache **cache);

/**
 * One access to a key, which is there afterwards.
 *
 * \param cache the handle.
 * \param key any number.
 * \param write not 0 iff the access is a write: the key counts as dirty until it leaves.
 * \param outcome where is written what the access did; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_POLICY_PAGES` iff more keys are there
 * or remembered than are numbered; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * Expected O(1) beside the policy's own cost.
 */
int32_t memcore_cache_access(struct memcore_cache *cache,
                             uint64_t key,
                             int32_t write,
                             struct memcore_cache_outcome *outcome);

/**
 * Many accesses, in order. When one fails, those before it are made, and `done` tells how many they are.
 *
 * \param cache the handle.
 * \param keys the keys; may be null when `count` is 0.
 * \param count how many they are.
 * \param writes for each not 0 iff it is a write; null: none is.
 * \param hits where for each is written 1 for a hit and 0 for a miss; may be null. Must not overlap the other arrays.
 * \param done where the number of accesses made is written, also when one fails; may be null.
 * \return as `memcore_cache_access`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `count` is more than memory holds.
 *
 * As `memcore_cache_access` each. `memcore_cache_evicted` then tells of the last access alone.
 */
int32_t memcore_cache_access_many(struct memcore_cache *cache,
                                  const uint64_t *keys,
                                  size_t count,
                                  const uint8_t *writes,
                                  uint8_t *hits,
                                  size_t *done);

/**
 * Tells the keys that the last access evicted.
 *
 * \param cache the handle.
 * \param keys where the array is written, valid until the cache is changed or destroyed; not to be read when it is
 * empty.
 * \param count where the number of keys is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_cache_evicted(const struct memcore_cache *cache,
                              const uint64_t **keys,
                              size_t *count);

/**
 * Drops a key that is there or that the policy remembers.
 *
 * \param cache the handle.
 * \param key the key; one that is not known does nothing.
 * \param was_there where is written whether it was there; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * Expected O(1) beside the policy's own cost.
 */
int32_t memcore_cache_remove(struct memcore_cache *cache, uint64_t key, bool *was_there);

/**
 * Tells whether a key is there. That is no access.
 *
 * \param cache the handle.
 * \param key any number.
 * \param is_there where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * Expected O(1).
 */
int32_t memcore_cache_contains(const struct memcore_cache *cache, uint64_t key, bool *is_there);

/**
 * Lists the keys that are there, in no order.
 *
 * \param cache the handle.
 * \param keys an array that the keys are written to; may be null when `most` is 0.
 * \param most entries of the array; `memcore_cache_length` tells how many are needed.
 * \param count where the number of keys written is written, at most `most`.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(keys there or remembered).
 */
int32_t memcore_cache_keys(const struct memcore_cache *cache, uint64_t *keys, size_t most, size_t *count);

/**
 * Tells how many keys are there.
 *
 * \param cache the handle.
 * \param length where the number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_cache_length(const struct memcore_cache *cache, size_t *length);

/**
 * Tells how many keys may be there.
 *
 * \param cache the handle.
 * \param frames where the number is written: as given to `memcore_cache_create`, or for a policy that chooses it
 * the number now.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_cache_frames(const struct memcore_cache *cache,
                             uint32_t *frames);

/**
 * Tells the counts since the cache was made.
 *
 * \param cache the handle.
 * \param stats where the counts are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_cache_stats(const struct memcore_cache *cache, struct memcore_cache_counts *stats);

/**
 * Tells the bytes of the cache's tables now.
 *
 * \param cache the handle.
 * \param bytes where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_cache_metadata_bytes(const struct memcore_cache *cache, size_t *bytes);

/**
 * Tells the policy of a cache with those of its parameters that are not the default ones, as text that
 * `memcore_cache_create` reads.
 *
 * \param cache the handle.
 * \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole text without the zero byte is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length). Allocates nothing.
 */
int32_t memcore_cache_policy(const struct memcore_cache *cache, char *buffer, size_t size, size_t *length);

/**
 * Ends a cache.
 *
 * \param cache the handle; null does nothing.
 */
void memcore_cache_destroy(struct memcore_cache *cache);

/**
 * Tells the points of a curve.
 *
 * \param curve the curve.
 * \param frames where the array of the numbers of frames, ascending, is written; may be read until the curve is
 * destroyed, and not when it is empty.
 * \param misses where the array of the misses at each is written; as `frames`.
 * \param count where the number of points is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_curve_points(const struct memcore_curve *curve,
                             const uint32_t **frames,
                             const uint64_t **misses,
                             size_t *count);

/**
 * Tells the number of references that a curve is about: misses divided by them are miss ratios.
 *
 * \param curve the curve.
 * \param accesses where the number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_curve_accesses(const struct memcore_curve *curve, uint64_t *accesses);

/**
 * Tells the misses at so many frames: those of the greatest number of frames in the curve that is not above; all
 * references when there is none.
 *
 * \param curve the curve.
 * \param frames any number.
 * \param misses where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(log points).
 */
int32_t memcore_curve_misses_at(const struct memcore_curve *curve,
                                uint32_t frames,
                                uint64_t *misses);

/**
 * Tells how far a curve is from another: the mean absolute difference of the miss ratios, over the numbers of frames
 * of the other.
 *
 * \param curve the curve.
 * \param other the other: the exact one, say, where `curve` is sampled.
 * \param error where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(points of the other, log points of this).
 */
int32_t memcore_curve_mean_absolute_error(const struct memcore_curve *curve,
                                          const struct memcore_curve *other,
                                          double *error);

/**
 * Ends a curve.
 *
 * \param curve the curve; null does nothing.
 */
void memcore_curve_destroy(struct memcore_curve *curve);

/**
 * Computes LRU stack distances: for each reference how many distinct pages were referenced since the last one to
 * the same page, itself included. LRU hits iff the distance is at most the frames.
 *
 * \param references pages below `pages`; may be null when `count` is 0.
 * \param count how many references.
 * \param pages how many pages there are, up to 2^31 - 9.
 * \param distances where `count` distances are written; `MEMCORE_COLD` for a page's first reference. Must not overlap
 * `references`.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff a reference is not below `pages`, with the page in
 * the details' `value`; `MEMCORE_STATUS_POLICY_PAGES`; `MEMCORE_STATUS_OUT_OF_MEMORY`;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `count` is more than memory holds; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(count log64 pages). Allocates 24.3 bytes a page while it works.
 *
 * \code
 * const uint32_t references[] = {0, 1, 2, 1, 0};
 * uint32_t distances[5]; // cold, cold, cold, 2, 3
 * memcore_stack_distances(references, 5, 3, distances);
 * \endcode
 */
int32_t memcore_stack_distances(const uint32_t *references,
                                size_t count,
                                uint32_t pages,
                                uint32_t *distances);

/**
 * Computes reuse times: for each reference how many references ago the same page was last referenced.
 *
 * \param references pages below `pages`; may be null when `count` is 0.
 * \param count how many references.
 * \param pages how many pages there are.
 * \param times where `count` times are written; 0 for a page's first reference. Must not overlap `references`.
 * \return as `memcore_stack_distances`; `MEMCORE_STATUS_POLICY_REFERENCES` iff there are more than 2^32 - 2
 * references.
 *
 * O(count + pages). Allocates 4 bytes a reference and a page while it works.
 */
int32_t memcore_reuse_times(const uint32_t *references,
                            size_t count,
                            uint32_t pages,
                            uint32_t *times);

/**
 * Computes the mean size of the working set for windows of several lengths. The working set is the pages among the
 * last so many references.
 *
 * \param references pages below `pages`; may be null when `count` is 0.
 * \param count how many references.
 * \param pages how many pages there are.
 * \param windows lengths of windows, in references; may be null when `window_count` is 0.
 * \param window_count how many windows.
 * \param means where for each window the mean number of pages is written. Must not overlap the other arrays.
 * \return as `memcore_reuse_times`.
 *
 * O(count + pages + windows). Allocates 12 bytes a reference while it works.
 */
int32_t memcore_mean_working_set(const uint32_t *references,
                                 size_t count,
                                 uint32_t pages,
                                 const uint64_t *windows,
                                 size_t window_count,
                                 double *means);

/**
 * Computes the size of the working set over time, at moments evenly spaced over the references and ending with the
 * last.
 *
 * \param references pages below `pages`; may be null when `count` is 0.
 * \param count how many references.
 * \param pages how many pages there are.
 * \param window the length of the window, in references.
 * \param points an array that the points are written to; may be null when `most` is 0.
 * \param most entries of the array: as many points as wanted.
 * \param written where the number of points written is written: `most`, or `count` where that is less.
 * \return as `memcore_reuse_times`.
 *
 * O(count + pages). Allocates 4 bytes a reference, 8 a page, and the points while it works.
 */
int32_t memcore_working_set_sizes(const uint32_t *references,
                                  size_t count,
                                  uint32_t pages,
                                  uint64_t window,
                                  struct memcore_working_set_point *points,
                                  size_t most,
                                  size_t *written);

/**
 * The number of replacement policies.
 *
 * \return the number; `memcore_policy_name` takes indices below it.
 */
size_t memcore_policy_count(void);

/**
 * The name of a replacement policy, as every function that takes a policy reads it.
 *
 * \param index from 0 to `memcore_policy_count()` - 1.
 * \param name where the name is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such index;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 */
int32_t memcore_policy_name(size_t index, struct memcore_text *name);

/**
 * Tells what kind of policy it is.
 *
 * \param policy a name, with parameters where wanted: "lru", "clock:bit=clear".
 * \param kind where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
 * `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the policy cannot be read;
 * `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(policies).
 */
int32_t memcore_policy_facts(const char *policy, struct memcore_policy_kind *kind);

/**
 * The default options.
 *
 * \return the options, to be changed as wanted.
 */
struct memcore_curve_options memcore_curve_options_default(void);

/**
 * Finds the miss-ratio curve of a policy on a page trace: LRU's and OPT's exact in one pass, LRU's from a sample of
 * the pages (SHARDS), that of others by a run for each size.
 *
 * \param trace the trace.
 * \param policy as for `memcore_paging_simulate`.
 * \param options how; null: the default ones.
 * \param progress told the references done; may be null.
 * \param user passed to `progress`.
 * \param curve where the handle is written; `memcore_curve_destroy` ends it.
 * \return as `memcore_paging_simulate`; `MEMCORE_STATUS_POLICY_VARIES_ALLOCATION` for a policy that has no sizes;
 * `MEMCORE_STATUS_POLICY_NOT_SAMPLED` iff another policy than LRU shall be sampled; `MEMCORE_STATUS_POLICY_RATE` iff
 * the rate is out of its range; `MEMCORE_STATUS_REPLAY_BAD_OPTION` iff the frames do not ascend, with the offending
 * number in the details' `value`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff both a rate and a number of pages are given;
 * `MEMCORE_STATUS_POLICY_PAGES`; `MEMCORE_STATUS_REPLAY_THREAD`.
 *
 * LRU: O(references log64 pages). OPT: O(records log16 pages) a reference, a record being a page met that is used
 * later than all above it. Others: a run for each size.
 *
 * \code
 * const uint64_t pages[] = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};
 * memcore_page_trace *trace;
 * memcore_curve *curve;
 * const uint32_t *frames;
 * const uint64_t *misses;
 * size_t count;
 * if (memcore_page_trace_from_keys(12, pages, NULL, &trace) == MEMCORE_STATUS_OK) {
 *     if (memcore_miss_ratio_curve(trace, "lru", NULL, NULL, NULL, &curve) == MEMCORE_STATUS_OK) {
 *         memcore_curve_points(curve, &frames, &misses, &count);
 *         for (size_t i = 0; i < count; i += 1) {
 *             printf("%" PRIu32 " frames: %" PRIu64 " misses\n", frames[i], misses[i]); // 12, 12, 10, 8, 5
 *         }
 *         memcore_curve_destroy(curve);
 *     }
 *     memcore_page_trace_destroy(trace);
 * }
 * \endcode
 */
int32_t memcore_miss_ratio_curve(const struct memcore_page_trace *trace,
                                 const char *policy,
                                 const struct memcore_curve_options *options,
                                 memcore_progress progress,
                                 void *user,
                                 struct memcore_curve **curve);

/**
 * Runs a page trace through a policy of the caller's, which should be empty, for a comparison with those of this
 * library. Write-backs are not counted.
 *
 * \param trace the trace.
 * \param policy the callbacks; `access` must not be null. All are called by the calling thread.
 * \param frames what the result says of the frames; 0: that there is no such number.
 * \param progress told the references done; may be null.
 * \param user passed to `progress`.
 * \param result where the result is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REPLAY_TARGET` iff the policy broke, with the reference's index in the
 * details' `value`; `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(references) of the policy. Allocates nothing for a reference.
 */
int32_t memcore_paging_simulate_plain(const struct memcore_page_trace *trace,
                                      const struct memcore_plain_policy *policy,
                                      uint32_t frames,
                                      memcore_progress progress,
                                      void *user,
                                      struct memcore_paging_result *result);

/**
 * The default options.
 *
 * \return the options, to be changed as wanted.
 */
struct memcore_paging_options memcore_paging_options_default(void);

/**
 * Runs a page trace through a replacement policy.
 *
 * \param trace the trace.
 * \param policy a name, with parameters where wanted: "lru", "clock:bit=clear"; see `memcore_policy_name`.
 * \param frames how many pages may be resident, from 1 on; a policy that chooses that itself does not use it.
 * \param options how; null: the default ones.
 * \param progress told the references done; may be null.
 * \param user passed to `progress`.
 * \param result where the result is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
 * `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the policy cannot be read;
 * `MEMCORE_STATUS_POLICY_FRAMES` iff `frames` is 0 or above 2^32 - 17; `MEMCORE_STATUS_POLICY_REFERENCES` iff a
 * policy that needs the future is given more than 2^32 - 2 references; `MEMCORE_STATUS_CANCELLED` iff `progress`
 * asked to stop; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(references) of the policy. Allocates the policy's tables for the pages of the trace.
 *
 * \code
 * const uint64_t pages[] = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};
 * memcore_page_trace *trace;
 * memcore_paging_result result;
 * if (memcore_page_trace_from_keys(12, pages, NULL, &trace) == MEMCORE_STATUS_OK) {
 *     memcore_paging_simulate(trace, "fifo", 3, NULL, NULL, NULL, &result);
 *     printf("%" PRIu64 " faults\n", result.misses); // 9 faults
 *     memcore_page_trace_destroy(trace);
 * }
 * \endcode
 */
int32_t memcore_paging_simulate(const struct memcore_page_trace *trace,
                                const char *policy,
                                uint32_t frames,
                                const struct memcore_paging_options *options,
                                memcore_progress progress,
                                void *user,
                                struct memcore_paging_result *result);

/**
 * Runs a page trace through several policies at several numbers of frames, on threads.
 *
 * \param trace the trace.
 * \param policies names, as for `memcore_paging_simulate`; may be null when `policy_count` is 0.
 * \param policy_count how many policies.
 * \param frames numbers of frames, in any order; may be null when `frame_count` is 0.
 * \param frame_count how many numbers of frames.
 * \param options how; null: the default ones.
 * \param progress called by the calling thread, with the references done in all runs; may be null.
 * \param user passed to `progress`.
 * \param sweep where the handle of the rows is written; `memcore_sweep_destroy` ends it. The rows are in the order of
 * the policies, each with all its numbers of frames in their order; a policy that chooses its number of frames has
 * one.
 * \return as `memcore_paging_simulate`; `MEMCORE_STATUS_REPLAY_THREAD` iff a thread could not be started;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff a count is more than memory holds.
 *
 * O(references) of each policy for each number of frames; LRU's are had together where that is faster. Memory for as
 * many runs at once as there are threads.
 */
int32_t memcore_paging_sweep(const struct memcore_page_trace *trace,
                             const char *const *policies,
                             size_t policy_count,
                             const uint32_t *frames,
                             size_t frame_count,
                             const struct memcore_paging_options *options,
                             memcore_progress progress,
                             void *user,
                             struct memcore_sweep **sweep);

/**
 * As `memcore_paging_sweep`, from a file while it is read: memory grows with the pages, not with the references.
 *
 * \param path as for `memcore_page_trace_open`.
 * \param page_size as for `memcore_page_trace_open`.
 * \param reading limits and choices as for `memcore_page_trace_open`; null: the default ones.
 * \param policies as for `memcore_paging_sweep`; none that needs the future.
 * \param policy_count how many policies.
 * \param frames as for `memcore_paging_sweep`.
 * \param frame_count how many numbers of frames.
 * \param options how; null: the default ones.
 * \param progress told the bytes read and the file's length; may be null.
 * \param user passed to `progress`.
 * \param sweep where the handle of the rows is written; `memcore_sweep_destroy` ends it.
 * \return as `memcore_paging_sweep` and `memcore_page_trace_open`; `MEMCORE_STATUS_POLICY_NEEDS_FUTURE`.
 *
 * O(bytes of the content) and O(references) of each policy for each number of frames. Memory for all runs at once.
 */
int32_t memcore_paging_sweep_file(const char *path,
                                  uint64_t page_size,
                                  const struct memcore_access_options *reading,
                                  const char *const *policies,
                                  size_t policy_count,
                                  const uint32_t *frames,
                                  size_t frame_count,
                                  const struct memcore_paging_options *options,
                                  memcore_progress progress,
                                  void *user,
                                  struct memcore_sweep **sweep);

/**
 * Tells the number of rows of a sweep.
 *
 * \param sweep the sweep.
 * \param length where the number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_sweep_length(const struct memcore_sweep *sweep, size_t *length);

/**
 * Tells one row of a sweep.
 *
 * \param sweep the sweep.
 * \param index from 0 to the length - 1.
 * \param result where the row is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such row;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_sweep_row(const struct memcore_sweep *sweep,
                          size_t index,
                          struct memcore_paging_result *result);

/**
 * Tells the policy of a row, with its parameters.
 *
 * \param sweep the sweep.
 * \param index from 0 to the length - 1.
 * \param buffer where the policy is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole text without the zero byte is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such row;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length). Allocates nothing.
 */
int32_t memcore_sweep_policy(const struct memcore_sweep *sweep,
                             size_t index,
                             char *buffer,
                             size_t size,
                             size_t *length);

/**
 * Ends a sweep.
 *
 * \param sweep the sweep; null does nothing.
 */
void memcore_sweep_destroy(struct memcore_sweep *sweep);

/**
 * Replays a trace through an allocator of the caller's. Every answer of its is checked.
 *
 * \param trace the trace.
 * \param name what the result calls it.
 * \param allocator the callbacks; `make`, `allocate` and `free` must not be null. All are called by the calling
 * thread.
 * \param options how; null: the default ones.
 * \param progress told the operations done, and how many are expected; may be null.
 * \param user passed to `progress`.
 * \param result where the handle of the result is written; `memcore_replay_result_destroy` ends it.
 * \return as `memcore_replay`; `MEMCORE_STATUS_REPLAY_TARGET` iff a callback was broken or gave a start that cannot
 * be right, with the operation in the details' `value`; `MEMCORE_STATUS_REPLAY_MAKE` iff `make` gave null.
 *
 * O(operations log live) and the callbacks' time for each pass. Allocates tables for the ids and live blocks.
 */
int32_t memcore_replay_plain(const struct memcore_trace *trace,
                             const char *name,
                             const struct memcore_plain_allocator *allocator,
                             const struct memcore_replay_options *options,
                             memcore_progress progress,
                             void *user,
                             struct memcore_replay_result **result);

/**
 * Tells the figures of a replay.
 *
 * \param result the result.
 * \param figures where the figures are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_replay_result_figures(const struct memcore_replay_result *result,
                                      struct memcore_replay_figures *figures);

/**
 * Tells the series of a replay, evenly over the operations and ending with the last.
 *
 * \param result the result.
 * \param points where the array is written, valid until the result is destroyed; not to be read when it is empty.
 * \param count where the number of points is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_replay_result_series(const struct memcore_replay_result *result,
                                     const struct memcore_replay_point **points,
                                     size_t *count);

/**
 * Tells the strategy as text, or the name of the caller's allocator.
 *
 * \param result the result.
 * \param buffer where the name is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole name without the zero byte is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length). Allocates nothing.
 */
int32_t memcore_replay_result_name(const struct memcore_replay_result *result,
                                   char *buffer,
                                   size_t size,
                                   size_t *length);

/**
 * Ends the result of a replay.
 *
 * \param result the result; null does nothing.
 */
void memcore_replay_result_destroy(struct memcore_replay_result *result);

/**
 * The default options.
 *
 * \return the options, to be changed as wanted.
 */
struct memcore_replay_options memcore_replay_options_default(void);

/**
 * Replays a trace through a strategy.
 *
 * \param trace the trace.
 * \param strategy as for `memcore_allocator_create`.
 * \param options how; null: the default ones.
 * \param progress told the operations done, and how many are expected; may be null.
 * \param user passed to `progress`.
 * \param result where the handle of the result is written; `memcore_replay_result_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`, however many operations failed: they are counted;
 * `MEMCORE_STATUS_REPLAY_BAD_OPTION` iff an option is out of its range; `MEMCORE_STATUS_REPLAY_IMPOSSIBLE` iff the
 * strategy can never place a block as the options demand; `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop;
 * those of `memcore_allocator_create`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(operations) of the strategy for each pass. Allocates tables for the ids of the trace, nothing for an operation.
 *
 * \code
 * memcore_trace *trace;
 * memcore_replay_result *result;
 * memcore_replay_figures figures;
 * if (memcore_trace_generate("steady:live=1000,operations=100000", NULL, NULL, &trace) == MEMCORE_STATUS_OK) {
 *     if (memcore_replay(trace, "best-fit", NULL, NULL, NULL, &result) == MEMCORE_STATUS_OK) {
 *         memcore_replay_result_figures(result, &figures);
 *         printf("%" PRIu64 " bytes, %.1f %% of them used\n", figures.footprint, 100 * figures.utilisation);
 *         memcore_replay_result_destroy(result);
 *     }
 *     memcore_trace_destroy(trace);
 * }
 * \endcode
 */
int32_t memcore_replay(const struct memcore_trace *trace,
                       const char *strategy,
                       const struct memcore_replay_options *options,
                       memcore_progress progress,
                       void *user,
                       struct memcore_replay_result **result);

/**
 * Puts a status into words.
 *
 * \param status any number; one that this version does not know has a message that says so.
 * \return a message in English, without a full stop or a line end. Never null, valid for as long as the library
 * is loaded, not to be freed.
 *
 * Takes time proportional to the number of statuses, allocates nothing, and may be called by any thread.
 */
const char *memcore_status_message(int32_t status);

/**
 * Tells the number of accesses of a trace, runs counted once, and of events.
 *
 * \param trace the trace.
 * \param accesses where the number of accesses is written; may be null.
 * \param events where the number of events is written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_access_trace_length(const struct memcore_access_trace *trace,
                                    size_t *accesses,
                                    size_t *events);

/**
 * Copies accesses out of a trace.
 *
 * \param trace the trace.
 * \param first the index of the first access wanted, at most the number of accesses.
 * \param accesses an array that they are written to; may be null when `most` is 0.
 * \param most entries of the array.
 * \param count where the number of accesses written is written: fewer than `most` at the end.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff `first` is above the number of accesses;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(most).
 */
int32_t memcore_access_trace_accesses(const struct memcore_access_trace *trace,
                                      size_t first,
                                      struct memcore_access *accesses,
                                      size_t most,
                                      size_t *count);

/**
 * Tells one of the events of a trace.
 *
 * \param trace the trace.
 * \param index from 0 to the number of events - 1.
 * \param event where the event is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such event;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_access_trace_event(const struct memcore_access_trace *trace,
                                   size_t index,
                                   struct memcore_space_event *event);

/**
 * Tells what the addresses of a trace count.
 *
 * \param trace the trace.
 * \param unit where a `memcore_unit` is written.
 * \param page_size where the bytes of a recorded page are written, 1 for other units; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_access_trace_unit(const struct memcore_access_trace *trace,
                                  int32_t *unit,
                                  uint64_t *page_size);

/**
 * Tells what a trace was read from: "lackey", "pgtr", "numbers", ..., or "built".
 *
 * \param trace the trace.
 * \param format where the name is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_access_trace_format(const struct memcore_access_trace *trace, struct memcore_text *format);

/**
 * Tells the comment of a trace of accesses.
 *
 * \param trace the trace.
 * \param buffer where the comment is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole comment without the zero byte is written; 0 when there is none.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length). Allocates nothing.
 */
int32_t memcore_access_trace_comment(const struct memcore_access_trace *trace,
                                     char *buffer,
                                     size_t size,
                                     size_t *length);

/**
 * Tells how many kinds of notes the reader of a trace made.
 *
 * \param trace the trace.
 * \param count where the number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_access_trace_note_count(const struct memcore_access_trace *trace, size_t *count);

/**
 * Tells one of the notes, in the order of their first occurrence.
 *
 * \param trace the trace.
 * \param index from 0 to the number of notes - 1.
 * \param note where the note is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such note;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_access_trace_note(const struct memcore_access_trace *trace,
                                  size_t index,
                                  struct memcore_note *note);

/**
 * Reads a trace of accesses from a file: page text, PGTR, valgrind lackey, dinero, plain numbers, CSV, MSR,
 * libCacheSim's oracleGeneral and lcs, vscsi, ChampSim, drmemtrace or memcore's own, each plain or in gzip, xz or
 * zstd. Format and compression are told by the content.
 *
 * \param path the file's name: on Unix any bytes, elsewhere UTF-8.
 * \param options limits and choices; null: the default ones.
 * \param progress told the bytes read and the file's length about every 64 KiB of content; may be null.
 * \param user passed to `progress`.
 * \param trace where the handle is written; `memcore_access_trace_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_IO` iff the system or a decompressor failed;
 * `MEMCORE_STATUS_TRACE_UNKNOWN_FORMAT`; `MEMCORE_STATUS_TRACE_OTHER_KIND` for a trace of allocations;
 * `MEMCORE_STATUS_TRACE_LINE` or `MEMCORE_STATUS_TRACE_BYTE` iff the content is malformed, with the line or byte in
 * the details' `value`; `MEMCORE_STATUS_TRACE_LIMIT` iff it goes beyond a limit;
 * `MEMCORE_STATUS_TRACE_NESTED_COMPRESSION`; `MEMCORE_STATUS_UNKNOWN_NAME` iff there is no such format;
 * `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop; `MEMCORE_STATUS_OUT_OF_MEMORY`;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` or `MEMCORE_STATUS_TRACE_PAGE_SIZE` iff the unit in the options makes no sense;
 * `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`. `memcore_last_error_message` names file, place and
 * reason.
 *
 * O(bytes of the content). Allocates 24 bytes an access.
 */
int32_t memcore_access_trace_open(const char *path,
                                  const struct memcore_access_options *options,
                                  memcore_progress progress,
                                  void *user,
                                  struct memcore_access_trace **trace);

/**
 * Reads a trace of accesses from memory, as `memcore_access_trace_open` does from a file.
 *
 * \param bytes the content; may be null when `length` is 0. It is not needed afterwards.
 * \param length bytes of the content.
 * \param name stands for it in messages; null: "<bytes>".
 * \param options limits and choices; null: the default ones.
 * \param progress told the bytes read, without a total; may be null.
 * \param user passed to `progress`.
 * \param trace where the handle is written; `memcore_access_trace_destroy` ends it.
 * \return as `memcore_access_trace_open`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds.
 *
 * As `memcore_access_trace_open`.
 */
int32_t memcore_access_trace_read(const void *bytes,
                                  size_t length,
                                  const char *name,
                                  const struct memcore_access_options *options,
                                  memcore_progress progress,
                                  void *user,
                                  struct memcore_access_trace **trace);

/**
 * Makes a trace of accesses to bytes from columns, one entry an access.
 *
 * \param length entries of each column.
 * \param addresses the first byte of each; may be null when `length` is 0.
 * \param sizes bytes of each; null: 1.
 * \param kinds numbers of `memcore_access_kind`; null: all are reads.
 * \param trace where the handle is written; `memcore_access_trace_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_EVENT` iff a kind is none, with its index in the details'
 * `value`, or there is no memory; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is
 * more than memory holds; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length). Allocates 24 bytes an access.
 */
int32_t memcore_access_trace_from_columns(size_t length,
                                          const uint64_t *addresses,
                                          const uint32_t *sizes,
                                          const uint8_t *kinds,
                                          struct memcore_access_trace **trace);

/**
 * Makes a trace of accesses of a page trace: one to each page referred to, of the same kind, equal neighbours as one
 * run.
 *
 * \param pages the page trace; not needed afterwards.
 * \param trace where the handle is written; `memcore_access_trace_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_EVENT` iff there is no memory; `MEMCORE_STATUS_OUT_OF_MEMORY`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(references). Allocates 24 bytes a run.
 */
int32_t memcore_access_trace_from_pages(const struct memcore_page_trace *pages,
                                        struct memcore_access_trace **trace);

/**
 * Ends a trace of accesses.
 *
 * \param trace the trace; null does nothing.
 */
void memcore_access_trace_destroy(struct memcore_access_trace *trace);

/**
 * The default options.
 *
 * \return the options, to be changed as wanted.
 */
struct memcore_access_options memcore_access_options_default(void);

/**
 * Writes a trace of accesses to a file, compressed as the name's ending says (.gz, .xz, .zst). A file of that name is
 * replaced.
 *
 * \param trace the trace; `memcore_access_trace_from_pages` makes one of a page trace.
 * \param path the file's name, as for `memcore_access_trace_open`.
 * \param format "memcore", which holds everything; "pgtr", "page-text" or "numbers", which hold pages; null:
 * "memcore".
 * \param loss where is written what the format cannot hold; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_IO` iff the system failed, and then the file may be
 * incomplete; `MEMCORE_STATUS_TRACE_NOT_WRITABLE` iff accesses are not written in the format;
 * `MEMCORE_STATUS_UNKNOWN_NAME` iff there is no such format; `MEMCORE_STATUS_NOT_UTF8`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(accesses + pages that they span); O(references) for "numbers".
 */
int32_t memcore_access_trace_save(const struct memcore_access_trace *trace,
                                  const char *path,
                                  const char *format,
                                  struct memcore_loss *loss);

/**
 * Writes a trace of accesses through a callback, uncompressed.
 *
 * \param trace the trace.
 * \param format as for `memcore_access_trace_save`, not null.
 * \param writer called with the bytes, in order.
 * \param user passed to the writer.
 * \param loss where is written what the format cannot hold; may be null.
 * \return as `memcore_access_trace_save`; `MEMCORE_STATUS_TRACE_IO` iff the writer failed.
 *
 * As `memcore_access_trace_save`.
 */
int32_t memcore_access_trace_write(const struct memcore_access_trace *trace,
                                   const char *format,
                                   memcore_writer writer,
                                   void *user,
                                   struct memcore_loss *loss);

/**
 * Tells by its content what a file is.
 *
 * \param path the file's name, as for `memcore_trace_open`.
 * \param kind where a `memcore_trace_kind` is written.
 * \param format where the name of the format is written: "rep", "lackey", ...; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_IO`; `MEMCORE_STATUS_TRACE_UNKNOWN_FORMAT`;
 * `MEMCORE_STATUS_TRACE_NESTED_COMPRESSION`; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * Reads the first 64 KiB of the content.
 */
int32_t memcore_trace_kind_of(const char *path, int32_t *kind, struct memcore_text *format);

/**
 * Tells the number of operations of a trace.
 *
 * \param trace the trace.
 * \param length where the number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_trace_length(const struct memcore_trace *trace, size_t *length);

/**
 * Tells the number of ids of a trace; every operation's id is below it.
 *
 * \param trace the trace.
 * \param ids where the number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_trace_ids(const struct memcore_trace *trace, uint32_t *ids);

/**
 * Tells one operation of a trace.
 *
 * \param trace the trace.
 * \param index from 0 to the length - 1.
 * \param event where the operation is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such operation;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_trace_event_at(const struct memcore_trace *trace,
                               size_t index,
                               struct memcore_trace_event *event);

/**
 * Tells what a trace was read from: "rep", "mtrace", "heaptrack-raw", ..., or "built".
 *
 * \param trace the trace.
 * \param format where the name is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_trace_format(const struct memcore_trace *trace, struct memcore_text *format);

/**
 * Tells the comment of a trace: of a generated one, its workload as text.
 *
 * \param trace the trace.
 * \param buffer where the comment is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole comment without the zero byte is written; 0 when there is none.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length). Allocates nothing.
 */
int32_t memcore_trace_comment(const struct memcore_trace *trace, char *buffer, size_t size, size_t *length);

/**
 * Tells how many kinds of notes the reader of a trace made. Frees without an allocation, failed calls and the like
 * are no errors, but whoever trusts a figure should know of them.
 *
 * \param trace the trace.
 * \param count where the number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_trace_note_count(const struct memcore_trace *trace,
                                 size_t *count);

/**
 * Tells one of the notes, in the order of their first occurrence.
 *
 * \param trace the trace.
 * \param index from 0 to the number of notes - 1.
 * \param note where the note is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such note;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_trace_note(const struct memcore_trace *trace, size_t index, struct memcore_note *note);

/**
 * The default limits.
 *
 * \return the limits, to be changed as wanted.
 */
struct memcore_read_options memcore_read_options_default(void);

/**
 * Reads a trace from a file: malloclab `.rep`, glibc mtrace, heaptrack (raw and interpreted), valgrind
 * --trace-malloc, MATR or memcore's own, each plain or in gzip, xz or zstd. Format and compression are told by the
 * content.
 *
 * \param path the file's name: on Unix any bytes, elsewhere UTF-8.
 * \param options limits; null: the default ones.
 * \param progress told the bytes read and the file's length about every 64 KiB of content; may be null.
 * \param user passed to `progress`.
 * \param trace where the handle is written; `memcore_trace_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_IO` iff the system or a decompressor failed;
 * `MEMCORE_STATUS_TRACE_UNKNOWN_FORMAT`; `MEMCORE_STATUS_TRACE_LINE` or `MEMCORE_STATUS_TRACE_BYTE` iff the content
 * is malformed, with the line or byte in the details' `value`; `MEMCORE_STATUS_TRACE_LIMIT` iff it goes beyond a
 * limit; `MEMCORE_STATUS_TRACE_NESTED_COMPRESSION`; `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop;
 * `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`. `memcore_last_error_message` names file, place
 * and reason.
 *
 * O(bytes of the content). Allocates 16 bytes an operation, and for formats with addresses a table of the live
 * blocks while it reads.
 */
int32_t memcore_trace_open(const char *path,
                           const struct memcore_read_options *options,
                           memcore_progress progress,
                           void *user,
                           struct memcore_trace **trace);

/**
 * Reads a trace from memory, as `memcore_trace_open` does from a file.
 *
 * \param bytes the content; may be null when `length` is 0. It is not needed afterwards.
 * \param length bytes of the content.
 * \param name stands for it in messages; null: "<bytes>".
 * \param options limits; null: the default ones.
 * \param progress told the bytes read, without a total; may be null.
 * \param user passed to `progress`.
 * \param trace where the handle is written; `memcore_trace_destroy` ends it.
 * \return as `memcore_trace_open`; `MEMCORE_STATUS_NOT_UTF8` iff the name is not UTF-8;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds.
 *
 * As `memcore_trace_open`.
 */
int32_t memcore_trace_read(const void *bytes,
                           size_t length,
                           const char *name,
                           const struct memcore_read_options *options,
                           memcore_progress progress,
                           void *user,
                           struct memcore_trace **trace);

/**
 * Makes a trace of operations in columns, one entry an operation.
 *
 * \param length entries of each column.
 * \param kinds numbers of `memcore_event_type`.
 * \param ids the block of each operation; may be sparse and used again after a free, and are renumbered.
 * \param sizes requested bytes; ignored for a free.
 * \param alignments powers of two for the aligned allocations, ignored for others; null: every one is 1.
 * \param threads at most 2^23 - 1; null: every one is 0.
 * \param trace where the handle is written; `memcore_trace_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_EVENT` iff an operation cannot be taken, with its index in
 * the details' `value`; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than
 * memory holds; `MEMCORE_STATUS_NULL_ARGUMENT` iff `trace` is null, or `length` is not 0 and a needed column is.
 *
 * O(length). Allocates 16 bytes an operation.
 */
int32_t memcore_trace_from_columns(size_t length,
                                   const uint8_t *kinds,
                                   const uint64_t *ids,
                                   const uint64_t *sizes,
                                   const uint64_t *alignments,
                                   const uint32_t *threads,
                                   struct memcore_trace **trace);

/**
 * Generates a trace from a workload: "steady:live=1000,operations=100000,seed=1". The same text gives the same
 * trace on every machine.
 *
 * \param workload a shape (steady, ramp, phases, fragmenter, growth), with parameters where wanted.
 * \param progress told the operations made; may be null.
 * \param user passed to `progress`.
 * \param trace where the handle is written; `memcore_trace_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_WORKLOAD` iff the text cannot be read or asks for what cannot
 * be generated; `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop; `MEMCORE_STATUS_TRACE_EVENT` or
 * `MEMCORE_STATUS_OUT_OF_MEMORY` iff there is no memory; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(operations log live). Allocates 16 bytes an operation, and a table of the live blocks while it works.
 */
int32_t memcore_trace_generate(const char *workload,
                               memcore_progress progress,
                               void *user,
                               struct memcore_trace **trace);

/**
 * Ends a trace.
 *
 * \param trace the trace; null does nothing.
 */
void memcore_trace_destroy(struct memcore_trace *trace);

/**
 * Tells the page of each reference, by its dense number.
 *
 * \param trace the trace.
 * \param references where the array is written, valid until the trace is destroyed; not to be read when it is empty.
 * \param count where the number of references is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_page_trace_references(const struct memcore_page_trace *trace,
                                      const uint32_t **references,
                                      size_t *count);

/**
 * Tells for each dense number the page that it stands for: the address divided by the page size.
 *
 * \param trace the trace.
 * \param keys where the array is written, valid until the trace is destroyed; not to be read when it is empty.
 * \param pages where the number of pages is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_page_trace_keys(const struct memcore_page_trace *trace,
                                const uint64_t **keys,
                                uint32_t *pages);

/**
 * Tells the kind of each reference.
 *
 * \param trace the trace.
 * \param kinds where the array of numbers of `memcore_access_kind` is written, as long as there are references and
 * valid until the trace is destroyed; null when all are reads.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_page_trace_kinds(const struct memcore_page_trace *trace,
                                 const uint8_t **kinds);

/**
 * Tells the bytes of a page; 1 where the trace has no addresses, only numbers of pages or blocks.
 *
 * \param trace the trace.
 * \param bytes where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_page_trace_page_size(const struct memcore_page_trace *trace, uint64_t *bytes);

/**
 * Tells how many address-space events (mmap and the like) stood between the references.
 *
 * \param trace the trace.
 * \param events where the number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_page_trace_events(const struct memcore_page_trace *trace, uint64_t *events);

/**
 * Tells what a page trace was read from: "lackey", "pgtr", "numbers", ..., or "built".
 *
 * \param trace the trace.
 * \param format where the name is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_page_trace_format(const struct memcore_page_trace *trace, struct memcore_text *format);

/**
 * Tells the comment of a trace: of a generated one, its workload as text.
 *
 * \param trace the trace.
 * \param buffer where the comment is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole comment without the zero byte is written; 0 when there is none.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length). Allocates nothing.
 */
int32_t memcore_page_trace_comment(const struct memcore_page_trace *trace,
                                   char *buffer,
                                   size_t size,
                                   size_t *length);

/**
 * Tells how many kinds of notes the reader of a page trace made.
 *
 * \param trace the trace.
 * \param count where the number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_page_trace_note_count(const struct memcore_page_trace *trace, size_t *count);

/**
 * Tells one of the notes, in the order of their first occurrence.
 *
 * \param trace the trace.
 * \param index from 0 to the number of notes - 1.
 * \param note where the note is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such note;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_page_trace_note(const struct memcore_page_trace *trace,
                                size_t index,
                                struct memcore_note *note);

/**
 * Reads the references to pages from a file, in any format that `memcore_access_trace_open` reads. A run is as many
 * references as it counts, and an access that spans pages is one to each, in ascending order.
 *
 * \param path the file's name: on Unix any bytes, elsewhere UTF-8.
 * \param page_size bytes of a page, a power of two; 0: 4096 for addresses, the recorded size for pages, 1 for numbers
 * that are pages already. Pages recorded at another size are rescaled.
 * \param options limits and choices; null: the default ones.
 * \param progress told the bytes read and the file's length about every 64 KiB of content; may be null.
 * \param user passed to `progress`.
 * \param trace where the handle is written; `memcore_page_trace_destroy` ends it.
 * \return as `memcore_access_trace_open`; `MEMCORE_STATUS_TRACE_PAGE_SIZE` iff the page size is no power of two.
 *
 * Expected O(bytes of the content + references). Allocates 4 bytes a reference, 1 more when not all are reads, and a
 * table of the pages.
 */
int32_t memcore_page_trace_open(const char *path,
                                uint64_t page_size,
                                const struct memcore_access_options *options,
                                memcore_progress progress,
                                void *user,
                                struct memcore_page_trace **trace);

/**
 * Reads the references to pages from memory, as `memcore_page_trace_open` does from a file.
 *
 * \param bytes the content; may be null when `length` is 0. It is not needed afterwards.
 * \param length bytes of the content.
 * \param name stands for it in messages; null: "<bytes>".
 * \param page_size as for `memcore_page_trace_open`.
 * \param options limits and choices; null: the default ones.
 * \param progress told the bytes read, without a total; may be null.
 * \param user passed to `progress`.
 * \param trace where the handle is written; `memcore_page_trace_destroy` ends it.
 * \return as `memcore_page_trace_open`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds.
 *
 * As `memcore_page_trace_open`.
 */
int32_t memcore_page_trace_read(const void *bytes,
                                size_t length,
                                const char *name,
                                uint64_t page_size,
                                const struct memcore_access_options *options,
                                memcore_progress progress,
                                void *user,
                                struct memcore_page_trace **trace);

/**
 * Makes a page trace of references to pages, which any numbers name.
 *
 * \param length how many references.
 * \param keys the page of each; may be null when `length` is 0. Not needed afterwards.
 * \param kinds numbers of `memcore_access_kind`; null: all are reads.
 * \param trace where the handle is written; `memcore_page_trace_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_EVENT` iff a kind is none, with its index in the details'
 * `value`, or there are more pages than are numbered or no memory; `MEMCORE_STATUS_OUT_OF_MEMORY`;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * Expected O(length). Allocates 4 bytes a reference, 1 more when not all are reads, and a table of the pages.
 */
int32_t memcore_page_trace_from_keys(size_t length,
                                     const uint64_t *keys,
                                     const uint8_t *kinds,
                                     struct memcore_page_trace **trace);

/**
 * Makes a page trace of a trace of accesses.
 *
 * \param accesses the accesses; not needed afterwards.
 * \param page_size as for `memcore_page_trace_open`.
 * \param trace where the handle is written; `memcore_page_trace_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_PAGE_SIZE` iff the page size is no power of two;
 * `MEMCORE_STATUS_TRACE_EVENT` iff there are more pages than are numbered, more than 2^30 references or no memory;
 * `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * Expected O(references). Allocates as `memcore_page_trace_from_keys`.
 */
int32_t memcore_page_trace_from_accesses(const struct memcore_access_trace *accesses,
                                         uint64_t page_size,
                                         struct memcore_page_trace **trace);

/**
 * Generates a page trace from a workload: "zipf:pages=10000,references=1000000,exponent=0.8,writes=10,seed=1". The
 * same text gives the same trace on every machine.
 *
 * \param workload a pattern (zipf, uniform, sequential, loop, scan, stack-distance, phases), with parameters where
 * wanted.
 * \param progress told the references made; may be null.
 * \param user passed to `progress`.
 * \param trace where the handle is written; `memcore_page_trace_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
 * `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the text cannot be read or asks for what cannot be
 * generated; `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop; `MEMCORE_STATUS_TRACE_EVENT` or
 * `MEMCORE_STATUS_OUT_OF_MEMORY` iff there is no memory; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(references + pages), with a factor of log(pages) for stack distances. Allocates 4 bytes a reference (5 with
 * writes), 4 to 16 a page.
 */
int32_t memcore_page_trace_generate(const char *workload,
                                    memcore_progress progress,
                                    void *user,
                                    struct memcore_page_trace **trace);

/**
 * Ends a page trace.
 *
 * \param trace the trace; null does nothing.
 */
void memcore_page_trace_destroy(struct memcore_page_trace *trace);

/**
 * Tells what is in a page trace.
 *
 * \param trace the trace.
 * \param figures where the figures are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(references + pages). Allocates 8 bytes a page while it works.
 */
int32_t memcore_page_trace_summary(const struct memcore_page_trace *trace,
                                   struct memcore_page_trace_figures *figures);

/**
 * Tells the pages that each window of a page trace refers to, all windows of equal length but for the last.
 *
 * \param trace the trace.
 * \param windows an array that the windows are written to; may be null when `most` is 0.
 * \param most entries of the array: as many windows as wanted.
 * \param count where the number of windows written is written, at most `most`.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(references + pages). Allocates 8 bytes a page and the windows while it works.
 */
int32_t memcore_page_trace_windows(const struct memcore_page_trace *trace,
                                   struct memcore_window *windows,
                                   size_t most,
                                   size_t *count);

/**
 * Writes a trace to a file, compressed as the name's ending says (.gz, .xz, .zst). A file of that name is
 * replaced.
 *
 * \param trace the trace.
 * \param path the file's name, as for `memcore_trace_open`.
 * \param format "memcore", "matr" or "rep"; null: as the name's ending says (.matr, .rep, otherwise "memcore").
 * \param loss where is written what the format cannot hold; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_TRACE_IO` iff the system failed, and then the file may be
 * incomplete; `MEMCORE_STATUS_TRACE_NOT_WRITABLE` iff the format is read only; `MEMCORE_STATUS_UNKNOWN_NAME` iff
 * there is no such format; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(operations).
 */
int32_t memcore_trace_save(const struct memcore_trace *trace,
                           const char *path,
                           const char *format,
                           struct memcore_loss *loss);

/**
 * Writes a trace through a callback, uncompressed.
 *
 * \param trace the trace.
 * \param format "memcore", "matr" or "rep".
 * \param writer called with the bytes, in order.
 * \param user passed to the writer.
 * \param loss where is written what the format cannot hold; may be null.
 * \return as `memcore_trace_save`; `MEMCORE_STATUS_TRACE_IO` iff the writer failed.
 *
 * O(operations).
 */
int32_t memcore_trace_write(const struct memcore_trace *trace,
                            const char *format,
                            memcore_writer writer,
                            void *user,
                            struct memcore_loss *loss);

/**
 * Tells what is in a trace.
 *
 * \param trace the trace.
 * \param figures where the figures are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(operations). Allocates 24 bytes an id while it works.
 */
int32_t memcore_trace_summary(const struct memcore_trace *trace,
                              struct memcore_trace_summary_figures *figures);

/**
 * Tells the live bytes of a trace over time, ending with the last operation.
 *
 * \param trace the trace.
 * \param points an array that the points are written to; may be null when `most` is 0.
 * \param most entries of the array: as many points as wanted.
 * \param count where the number of points written is written, at most `most`.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(operations). Allocates 24 bytes an id and the points while it works.
 */
int32_t memcore_trace_series(const struct memcore_trace *trace,
                             struct memcore_live_point *points,
                             size_t most,
                             size_t *count);

/**
 * The version of the library that is loaded.
 *
 * \return text such as "0.1.0". Never null, valid for as long as the library is loaded, not to be freed.
 *
 * Takes constant time, allocates nothing, and may be called by any thread.
 */
const char *memcore_version(void);

/**
 * The version of the library that is loaded, as one number that grows with the version.
 *
 * \return major * 1000000 + minor * 1000 + patch.
 *
 * Takes constant time, allocates nothing, and may be called by any thread.
 */
uint32_t memcore_version_number(void);

/**
 * Tells whether the loaded library serves a program that was compiled for the given version.
 *
 * Pass `MEMCORE_VERSION_MAJOR`, `MEMCORE_VERSION_MINOR` and `MEMCORE_VERSION_PATCH`. Before 1.0 the minor versions
 * must be equal; from 1.0 on the major versions must be. Within that, the library must not be the older one.
 *
 * \param major the major version that the program was compiled for.
 * \param minor the minor version that the program was compiled for.
 * \param patch the patch version that the program was compiled for.
 * \return `MEMCORE_STATUS_OK`, or `MEMCORE_STATUS_INCOMPATIBLE_VERSION`.
 *
 * Takes constant time, allocates nothing, and may be called by any thread.
 */
int32_t memcore_version_check(uint32_t major,
                              uint32_t minor,
                              uint32_t patch);

/**
 * Takes a descriptor apart. Every number is one.
 *
 * \param word the 8 bytes, as one little-endian number.
 * \param descriptor where the fields are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 *
 * \code
 * memcore_segment_descriptor flat;
 * memcore_segment_decode(0x00cf92000000ffff, &flat);
 * printf("%d %d\n", flat.kind == MEMCORE_SEGMENT_KIND_DATA, flat.writable); // 1 1
 * \endcode
 */
int32_t memcore_segment_decode(uint64_t word, struct memcore_segment_descriptor *descriptor);

/**
 * Puts a descriptor together.
 *
 * \param descriptor the fields; those of another kind than `kind` are not looked at.
 * \param word where the 8 bytes are written, as one little-endian number.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_DESCRIPTOR` iff a field has no room in its bits;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `kind` is none; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_segment_encode(const struct memcore_segment_descriptor *descriptor, uint64_t *word);

/**
 * Makes the descriptor of a present segment of so many bytes: writable data, readable code or a system's, with
 * 32-bit offsets, in units of bytes up to 1 MiB and of 4096 bytes above. Its flags may then be changed.
 *
 * \param base the linear address of offset 0.
 * \param size bytes, from 1 to 2^32, a multiple of 4096 above 2^20.
 * \param kind a `memcore_segment_kind`.
 * \param privilege 0 to 3.
 * \param descriptor where it is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_DESCRIPTOR` iff a number is out of its range;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `kind` is none; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_segment_describe(uint32_t base,
                                 uint64_t size,
                                 int32_t kind,
                                 uint8_t privilege,
                                 struct memcore_segment_descriptor *descriptor);

/**
 * Tells the offsets that a descriptor allows: granularity scales the limit, expand-down inverts it.
 *
 * \param descriptor the descriptor.
 * \param first where the first valid offset is written.
 * \param last where the last is written.
 * \param any where is written whether there is one at all; else the two are 0.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_DESCRIPTOR`; `MEMCORE_STATUS_INVALID_ARGUMENT`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_segment_offsets(const struct memcore_segment_descriptor *descriptor,
                                uint32_t *first,
                                uint32_t *last,
                                bool *any);

/**
 * Accesses bytes without moving any: what a trace records.
 *
 * \param machine the handle.
 * \param process the process.
 * \param address the first byte.
 * \param length bytes; 0 does nothing.
 * \param access a `memcore_access_kind`.
 * \param fault where a fault is written, if there is one; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_FAULT` iff a page could not be served, and pages before it were
 * accessed; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `access` is none; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(pages touched).
 */
int32_t memcore_machine_access(struct memcore_machine *machine,
                               uint32_t process,
                               uint64_t address,
                               uint64_t length,
                               int32_t access,
                               struct memcore_fault *fault);

/**
 * Reads bytes.
 *
 * \param machine the handle.
 * \param process the process.
 * \param address the first byte.
 * \param into where `length` bytes are written; may be null when `length` is 0.
 * \param length bytes.
 * \param fault where a fault is written, if there is one; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_FAULT` iff a page could not be served: bytes before it were read,
 * and the others are 0; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(bytes + pages). A machine without contents gives zeros.
 */
int32_t memcore_machine_read(struct memcore_machine *machine,
                             uint32_t process,
                             uint64_t address,
                             void *into,
                             size_t length,
                             struct memcore_fault *fault);

/**
 * Writes bytes.
 *
 * \param machine the handle.
 * \param process the process.
 * \param address the first byte.
 * \param bytes `length` bytes; may be null when `length` is 0.
 * \param length bytes.
 * \param fault where a fault is written, if there is one; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_FAULT` iff a page could not be served, and bytes before it were
 * written; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(bytes + pages).
 */
int32_t memcore_machine_write(struct memcore_machine *machine,
                              uint32_t process,
                              uint64_t address,
                              const void *bytes,
                              size_t length,
                              struct memcore_fault *fault);

/**
 * Fetches instructions.
 *
 * \param machine the handle.
 * \param process the process.
 * \param address the first byte.
 * \param length bytes; 0 does nothing.
 * \param fault where a fault is written, if there is one; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_FAULT`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(pages touched).
 */
int32_t memcore_machine_execute(struct memcore_machine *machine,
                                uint32_t process,
                                uint64_t address,
                                uint64_t length,
                                struct memcore_fault *fault);

/**
 * Writes bytes where others are expected, with nothing in between. It is a write whatever is there, as on real
 * processors.
 *
 * \param machine the handle.
 * \param process the process.
 * \param address the first byte.
 * \param expected `length` bytes; may be null when `length` is 0.
 * \param bytes `length` bytes that are written if `expected` is there; may be null when `length` is 0.
 * \param length bytes, all in one page; else nothing is written.
 * \param exchanged where is written whether they were.
 * \param fault where a fault is written, if there is one; may be null.
 * \return `MEMCORE_STATUS_OK`, exchanged or not; `MEMCORE_STATUS_VM_FAULT`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff
 * `length` is more than memory holds; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(bytes).
 */
int32_t memcore_machine_compare_exchange(struct memcore_machine *machine,
                                         uint32_t process,
                                         uint64_t address,
                                         const void *expected,
                                         const void *bytes,
                                         size_t length,
                                         bool *exchanged,
                                         struct memcore_fault *fault);

/**
 * Gives advice about a range.
 *
 * \param machine the handle.
 * \param process the process.
 * \param start the first address, at the boundary of a page.
 * \param length bytes; rounded up to whole pages.
 * \param advice a `memcore_advice`, which are Linux' numbers.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff `start` is no multiple
 * of the page size, the advice is none, or does not suit the area (a locked one, one that is not private and
 * anonymous, one that may not be accessed so); `MEMCORE_STATUS_VM_HOLE` iff part of the range is not mapped, with all
 * mapped parts advised (populating stops there); `MEMCORE_STATUS_VM_BAD_ADDRESS` iff populating met a page that
 * cannot be brought in; `MEMCORE_STATUS_VM_NO_MEMORY`; `MEMCORE_STATUS_VM_AGAIN`; `MEMCORE_STATUS_VM_IO`;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(log areas + entries in the range).
 */
int32_t memcore_machine_madvise(struct memcore_machine *machine,
                                uint32_t process,
                                uint64_t start,
                                uint64_t length,
                                int32_t advice);

/**
 * Locks a range: its pages are brought in, and stay. The range is rounded to whole pages at both ends.
 *
 * \param machine the handle.
 * \param process the process.
 * \param start the first address.
 * \param length bytes.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_HOLE` iff part of the range is not
 * mapped, with the part before it locked; `MEMCORE_STATUS_VM_NO_MEMORY` iff it is more than may be locked;
 * `MEMCORE_STATUS_VM_AGAIN` iff a page cannot be brought in; `MEMCORE_STATUS_VM_INVALID` iff the range leaves the
 * numbers of addresses; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(log areas + pages).
 */
int32_t memcore_machine_mlock(struct memcore_machine *machine,
                              uint32_t process,
                              uint64_t start,
                              uint64_t length);

/**
 * Locks a range, but a page stays only once it is there.
 *
 * \param machine the handle.
 * \param process the process.
 * \param start the first address.
 * \param length bytes.
 * \return as `memcore_machine_mlock`.
 *
 * O(log areas + pages).
 */
int32_t memcore_machine_mlock_on_fault(struct memcore_machine *machine,
                                       uint32_t process,
                                       uint64_t start,
                                       uint64_t length);

/**
 * Unlocks a range, which is rounded to whole pages at both ends.
 *
 * \param machine the handle.
 * \param process the process.
 * \param start the first address.
 * \param length bytes.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_HOLE` iff part of the range is not
 * mapped, with the part before it unlocked; `MEMCORE_STATUS_VM_NO_MEMORY`; `MEMCORE_STATUS_VM_INVALID` iff the range
 * leaves the numbers of addresses; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(log areas + pages).
 */
int32_t memcore_machine_munlock(struct memcore_machine *machine,
                                uint32_t process,
                                uint64_t start,
                                uint64_t length);

/**
 * Writes the dirty pages that a range maps to their files.
 *
 * \param machine the handle.
 * \param process the process.
 * \param start the first address, at the boundary of a page.
 * \param length bytes; rounded up to whole pages.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff `start` is no multiple
 * of the page size; `MEMCORE_STATUS_VM_IO` iff a page could not be written; `MEMCORE_STATUS_VM_HOLE` iff part of the
 * range is not mapped, with all mapped parts written; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(log areas + pages).
 */
int32_t memcore_machine_msync(struct memcore_machine *machine,
                              uint32_t process,
                              uint64_t start,
                              uint64_t length);

/**
 * Tells which pages of a range are in memory: private ones by the process' own entries, others by their file or
 * object.
 *
 * \param machine the handle.
 * \param process the process.
 * \param start the first address, at the boundary of a page.
 * \param length bytes; rounded up to whole pages.
 * \param resident an array to which 1 is written for a page in memory, else 0; may be null when `most` is 0.
 * \param most entries of the array.
 * \param count where the number of pages of the range is written; the lesser of it and `most` were written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff `start` is no multiple
 * of the page size; `MEMCORE_STATUS_VM_HOLE` iff part of the range is not mapped; `MEMCORE_STATUS_VM_NO_MEMORY`;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(pages). Allocates a byte a page while it works.
 */
int32_t memcore_machine_mincore(struct memcore_machine *machine,
                                uint32_t process,
                                uint64_t start,
                                uint64_t length,
                                uint8_t *resident,
                                size_t most,
                                size_t *count);

/**
 * Opens an object of the caller's.
 *
 * \param machine the handle.
 * \param backing its functions, which are copied. `user` must stay usable until `release` is called: by the time the
 * object is closed and nobody maps it, or `memcore_machine_destroy` returns.
 * \param file where its number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_MEMORY`, after which the object was released;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`, also iff `length` or `read` is null.
 *
 * O(1).
 */
int32_t memcore_machine_open_backing(struct memcore_machine *machine,
                                     const struct memcore_backing *backing,
                                     uint32_t *file);

/**
 * The number of machines that have a name.
 *
 * \return the number; `memcore_machine_preset` takes indices below it.
 */
size_t memcore_machine_preset_count(void);

/**
 * The name of a machine, as `memcore_machine_create` reads it: "linux", "riscv", "textbook", ...
 *
 * \param index from 0 to `memcore_machine_preset_count()` - 1.
 * \param name where the name is written.
 * \param about where is written what the machine is; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such index;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 */
int32_t memcore_machine_preset(size_t index, struct memcore_text *name, struct memcore_text *about);

/**
 * Makes a machine without processes.
 *
 * \param config the name of a preset, or a configuration as TOML; what TOML does not give is as in "linux".
 * \param machine where the handle is written; `memcore_machine_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME` iff the text is one word and no preset's name;
 * `MEMCORE_STATUS_VM_CONFIG` iff TOML, a key or a value is wrong, with key and rule in the details where the
 * machine refused it, and the line in `value` where it is not TOML; a `MEMCORE_STATUS_CACHE_...` or
 * `MEMCORE_STATUS_POLICY_...` status iff such caches or such a policy cannot be; `MEMCORE_STATUS_VM_NO_MEMORY`;
 * `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(frames), a few bytes each; contents of frames are allocated when they are written.
 *
 * \code
 * memcore_machine *machine;
 * uint32_t process, child;
 * uint64_t at;
 * memcore_map_request request = memcore_map_request_for(8192, MEMCORE_PROT_READ | MEMCORE_PROT_WRITE);
 * if (memcore_machine_create("linux", &machine) == MEMCORE_STATUS_OK) {
 *     memcore_machine_spawn(machine, &process);
 *     memcore_machine_mmap(machine, process, &request, &at);
 *     memcore_machine_write(machine, process, at, "hello", 6, NULL);
 *     memcore_machine_fork(machine, process, &child);
 *     memcore_machine_write(machine, child, at, "H", 1, NULL); // copies the page: the parent's says "hello"
 *     memcore_machine_destroy(machine);
 * }
 * \endcode
 */
int32_t memcore_machine_create(const char *config,
                               struct memcore_machine **machine);

/**
 * As `memcore_machine_create`, with some values changed.
 *
 * \param config as for `memcore_machine_create`.
 * \param settings the values, set in their order; may be null when `count` is 0.
 * \param count how many.
 * \param machine where the handle is written; `memcore_machine_destroy` ends it.
 * \return as `memcore_machine_create`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `count` is more than memory holds.
 *
 * As `memcore_machine_create`.
 */
int32_t memcore_machine_create_with(const char *config,
                                    const struct memcore_setting *settings,
                                    size_t count,
                                    struct memcore_machine **machine);

/**
 * Tells how a machine is configured, as TOML that `memcore_machine_create` reads.
 *
 * \param machine the handle.
 * \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole text without the zero byte is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_CONFIG` iff a value cannot be written in TOML, as numbers from
 * 2^63 cannot; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length).
 */
int32_t memcore_machine_config(struct memcore_machine *machine,
                               char *buffer,
                               size_t size,
                               size_t *length);

/**
 * The number of things that a machine counts.
 *
 * \return the number. A later version of the library may have more.
 */
size_t memcore_counter_count(void);

/**
 * The name of what a machine counts: "reads", "tlb_miss", "minor", ...
 *
 * \param index from 0 to `memcore_counter_count()` - 1.
 * \param name where the name is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such index;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 */
int32_t memcore_counter_name(size_t index, struct memcore_text *name);

/**
 * The number of causes that cycles are counted by.
 *
 * \return the number. A later version of the library may have more.
 */
size_t memcore_cause_count(void);

/**
 * The name of a cause: "walk", "data", "swap_read", ...
 *
 * \param index from 0 to `memcore_cause_count()` - 1.
 * \param name where the name is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such index;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 */
int32_t memcore_cause_name(size_t index, struct memcore_text *name);

/**
 * Tells what was counted since the machine was made.
 *
 * \param machine the handle.
 * \param values an array that the numbers are written to, indexed by `memcore_counter`; may be null when `most` is 0.
 * \param most entries of the array.
 * \param count where `memcore_counter_count()` is written; the lesser of it and `most` were written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(counts).
 */
int32_t memcore_machine_counters(struct memcore_machine *machine,
                                 uint64_t *values,
                                 size_t most,
                                 size_t *count);

/**
 * Tells what was counted while a process ran: its own work, and what the machine did meanwhile.
 *
 * \param machine the handle.
 * \param process the process.
 * \param values an array that the numbers are written to, indexed by `memcore_counter`; may be null when `most` is 0.
 * \param most entries of the array.
 * \param count where `memcore_counter_count()` is written; the lesser of it and `most` were written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(counts).
 */
int32_t memcore_machine_process_counters(struct memcore_machine *machine,
                                         uint32_t process,
                                         uint64_t *values,
                                         size_t most,
                                         size_t *count);

/**
 * Tells what was counted of one node: the counts that begin with NUMA.
 *
 * \param machine the handle.
 * \param node the node.
 * \param values an array that the numbers are written to, indexed by `memcore_counter`; may be null when `most` is 0.
 * \param most entries of the array.
 * \param count where `memcore_counter_count()` is written; the lesser of it and `most` were written.
 * \return `MEMCORE_STATUS_OK`;
 * `MEMCORE_STATUS_VM_INVALID` iff there is no such node; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(counts).
 */
int32_t memcore_machine_node_counters(struct memcore_machine *machine,
                                      uint32_t node,
                                      uint64_t *values,
                                      size_t most,
                                      size_t *count);

/**
 * Tells the cycles by cause since the machine was made.
 *
 * \param machine the handle.
 * \param values an array that the numbers are written to, indexed by `memcore_cause`; may be null when `most` is 0.
 * \param most entries of the array.
 * \param count where `memcore_cause_count()` is written; the lesser of it and `most` were written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(counts).
 */
int32_t memcore_machine_cycles(struct memcore_machine *machine,
                               uint64_t *values,
                               size_t most,
                               size_t *count);

/**
 * Tells the cycles by cause while a process ran.
 *
 * \param machine the handle.
 * \param process the process.
 * \param values an array that the numbers are written to, indexed by `memcore_cause`; may be null when `most` is 0.
 * \param most entries of the array.
 * \param count where `memcore_cause_count()` is written; the lesser of it and `most` were written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(counts).
 */
int32_t memcore_machine_process_cycles(struct memcore_machine *machine,
                                       uint32_t process,
                                       uint64_t *values,
                                       size_t most,
                                       size_t *count);

/**
 * Replaces the listener of a machine.
 *
 * \param machine the handle.
 * \param events which events it hears: `MEMCORE_EVENTS_...`, joined by `|`. What nobody hears costs nothing.
 * \param listener called by whichever thread calls the machine; null: nobody.
 * \param user passed to the listener; must stay usable for as long as the listener is set.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_INVALID` iff `events` has unknown bits;
 * `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1). Allocates a few words.
 */
int32_t memcore_machine_listen(struct memcore_machine *machine,
                               uint32_t events,
                               memcore_machine_listener listener,
                               void *user);

/**
 * Opens a file that is in memory, with a copy of these bytes.
 *
 * \param machine the handle.
 * \param bytes `length` bytes; may be null when `length` is 0.
 * \param length bytes.
 * \param writable not 0: it may be written.
 * \param file where its number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_MEMORY` or `MEMCORE_STATUS_VM_NO_MEMORY` iff the system has none;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length).
 */
int32_t memcore_machine_open_memory(struct memcore_machine *machine,
                                    const void *bytes,
                                    size_t length,
                                    int32_t writable,
                                    uint32_t *file);

/**
 * Opens a file of the host.
 *
 * \param machine the handle.
 * \param path its name: on Unix any bytes, elsewhere UTF-8. The file must be there.
 * \param writable not 0: it may be written.
 * \param file where its number in the machine is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_IO` iff the system cannot open it; `MEMCORE_STATUS_VM_NO_MEMORY`;
 * `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_machine_open_file(struct memcore_machine *machine,
                                  const char *path,
                                  int32_t writable,
                                  uint32_t *file);

/**
 * Opens a file that has a length and nothing else: it reads as zeros, and forgets what is written to it.
 *
 * \param machine the handle.
 * \param length bytes.
 * \param file where its number is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_MEMORY`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_machine_open_zeros(struct memcore_machine *machine, uint64_t length, uint32_t *file);

/**
 * Closes a file. What is mapped of it stays; when nothing is, its dirty pages are written and its pages in memory are
 * free.
 *
 * \param machine the handle.
 * \param file the file.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_BAD_FILE`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1), or O(pages in memory).
 */
int32_t memcore_machine_close(struct memcore_machine *machine,
                              uint32_t file);

/**
 * Makes a file shorter or longer. Pages past its end leave memory, private copies of them too, and accesses to them
 * are faults.
 *
 * \param machine the handle.
 * \param file the file.
 * \param length bytes.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_BAD_FILE`; `MEMCORE_STATUS_VM_DENIED` iff it is open for reading;
 * `MEMCORE_STATUS_VM_IO`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(processes + areas + pages past the end).
 */
int32_t memcore_machine_truncate(struct memcore_machine *machine,
                                 uint32_t file,
                                 uint64_t length);

/**
 * Writes all dirty pages of a file.
 *
 * \param machine the handle.
 * \param file the file.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_BAD_FILE`; `MEMCORE_STATUS_VM_IO` iff at least one page could not
 * be written, and is dirty still; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(pages in memory).
 */
int32_t memcore_machine_sync(struct memcore_machine *machine,
                             uint32_t file);

/**
 * Tells the length of a file.
 *
 * \param machine the handle.
 * \param file the file.
 * \param length where the bytes are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_BAD_FILE`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_machine_file_length(struct memcore_machine *machine, uint32_t file, uint64_t *length);

/**
 * Lists the files that are open, in the order of their numbers.
 *
 * \param machine the handle.
 * \param files an array that the numbers are written to; may be null when `most` is 0.
 * \param most entries of the array.
 * \param count where is written how many are open; the lesser of it and `most` were written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(files and shared objects ever).
 */
int32_t memcore_machine_files(struct memcore_machine *machine, uint32_t *files, size_t most, size_t *count);

/**
 * Ends a machine with all its processes and files. Dirty pages of files are not written: `memcore_machine_sync`
 * writes them.
 *
 * \param machine the handle; null does nothing.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback, and then nothing was done.
 *
 * O(everything).
 */
int32_t memcore_machine_destroy(struct memcore_machine *machine);

/**
 * Reclaims about so many pages now.
 *
 * \param machine the handle.
 * \param pages how many.
 * \param freed where the number of frames that became free is written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(pages looked at).
 */
int32_t memcore_machine_reclaim(struct memcore_machine *machine, uint64_t pages, uint64_t *freed);

/**
 * Looks at the next pages of mergeable areas, and merges equal ones. A page is merged at the second scan that finds
 * it unchanged.
 *
 * \param machine the handle.
 * \param pages how many pages to look at; 0 tells what was achieved so far.
 * \param report where the report is written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(pages), a hash of each. Without contents nothing is merged.
 */
int32_t memcore_machine_merge_scan(struct memcore_machine *machine,
                                   uint64_t pages,
                                   struct memcore_merge_report *report);

/**
 * Looks at all areas of a process that want huge pages, and collapses what may be.
 *
 * \param machine the handle.
 * \param process the process.
 * \param made where the number of huge pages made is written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(areas + entries).
 */
int32_t memcore_machine_collapse_scan(struct memcore_machine *machine, uint32_t process, uint64_t *made);

/**
 * Tells what the compressed pool did.
 *
 * \param machine the handle.
 * \param has_pool where is written whether there is a pool.
 * \param compression where the figures are written, if there is one; may be null.
 * \return `MEMCORE_STATUS_OK`, pool or not; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_machine_compression(struct memcore_machine *machine,
                                    bool *has_pool,
                                    struct memcore_compression *compression);

/**
 * Makes the swap device fail, on purpose. A page that cannot be read is a fault of whoever accesses it; one that
 * cannot be written stays in memory.
 *
 * \param machine the handle.
 * \param fault the fault.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_INVALID` iff the kind is none; `MEMCORE_STATUS_VM_IO` iff the slot
 * does not exist or holds nothing; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(log faults).
 */
int32_t memcore_machine_inject(struct memcore_machine *machine,
                               const struct memcore_swap_fault *fault);

/**
 * Tells what a process has of memory.
 *
 * \param machine the handle.
 * \param process the process.
 * \param usage where the figures are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_machine_usage(struct memcore_machine *machine, uint32_t process, struct memcore_usage *usage);

/**
 * Lists the areas of a process, by address.
 *
 * \param machine the handle.
 * \param process the process.
 * \param areas an array that the areas are written to; may be null when `most` is 0.
 * \param most entries of the array.
 * \param count where is written how many there are; the lesser of it and `most` were written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more
 * than memory holds; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(areas).
 */
int32_t memcore_machine_areas(struct memcore_machine *machine,
                              uint32_t process,
                              struct memcore_area *areas,
                              size_t most,
                              size_t *count);

/**
 * Tells how a machine is.
 *
 * \param machine the handle.
 * \param figures where the figures are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_machine_state(struct memcore_machine *machine, struct memcore_machine_figures *figures);

/**
 * Checks every invariant of a machine's tables: each frame has one owner or is free, TLBs agree with page tables,
 * what is charged, resident and swapped adds up.
 *
 * \param machine the handle.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CORRUPT` iff one does not hold, which `memcore_last_error_message`
 * names: a defect of the library; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(everything).
 */
int32_t memcore_machine_validate(struct memcore_machine *machine);

/**
 * The request for `length` bytes of private memory that begins as zeros, anywhere.
 *
 * \param length bytes.
 * \param protection `MEMCORE_PROT_...`, joined by `|`.
 * \return the request, to be changed as wanted.
 */
struct memcore_map_request memcore_map_request_for(uint64_t length, uint32_t protection);

/**
 * Maps a range. Nothing is in memory yet, unless it is asked to be.
 *
 * \param machine the handle.
 * \param process the process.
 * \param request what and how.
 * \param address where is written where the range begins.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff the protection or the
 * flags have unknown bits, the length is 0, the range is not exactly one of shared and private, or a fixed address
 * or the offset is no multiple of the page size; `MEMCORE_STATUS_VM_BAD_FILE`; `MEMCORE_STATUS_VM_DENIED` iff the
 * file is open for reading and the range shared and to be written; `MEMCORE_STATUS_VM_EXISTS` iff FIXED_NOREPLACE
 * meets something mapped; `MEMCORE_STATUS_VM_NO_MEMORY`, with what ran out in the details' `rule`;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(log areas), and what overlaps a fixed range is unmapped.
 */
int32_t memcore_machine_mmap(struct memcore_machine *machine,
                             uint32_t process,
                             const struct memcore_map_request *request,
                             uint64_t *address);

/**
 * Unmaps a range, whatever is mapped in it.
 *
 * \param machine the handle.
 * \param process the process.
 * \param start the first address, at the boundary of a page.
 * \param length bytes; rounded up to whole pages.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff `start` is no multiple
 * of the page size, the length is 0, or the range leaves the address space or cuts a huge page of a pool;
 * `MEMCORE_STATUS_VM_NO_MEMORY` iff an area would be cut in two and be one too many; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(log areas + entries in the range).
 */
int32_t memcore_machine_munmap(struct memcore_machine *machine,
                               uint32_t process,
                               uint64_t start,
                               uint64_t length);

/**
 * Changes what may be done to the pages of a range. Contents stay.
 *
 * \param machine the handle.
 * \param process the process.
 * \param start the first address, at the boundary of a page.
 * \param length bytes; rounded up to whole pages.
 * \param protection `MEMCORE_PROT_...`, joined by `|`.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff `start` is no multiple
 * of the page size or the protection has unknown bits; `MEMCORE_STATUS_VM_HOLE` iff part of the range is not mapped,
 * with the part before it changed; `MEMCORE_STATUS_VM_NO_MEMORY`; `MEMCORE_STATUS_VM_DENIED` iff shared memory of a
 * file that is open for reading would become writable; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(log areas + entries in the range).
 */
int32_t memcore_machine_mprotect(struct memcore_machine *machine,
                                 uint32_t process,
                                 uint64_t start,
                                 uint64_t length,
                                 uint32_t protection);

/**
 * Resizes a range, and moves it where that is allowed. Shrinking unmaps the end.
 *
 * \param machine the handle.
 * \param process the process.
 * \param old where the range begins, at the boundary of a page.
 * \param old_length its bytes; rounded up to whole pages.
 * \param new_length bytes that it shall have; rounded up to whole pages.
 * \param flags `MEMCORE_REMAP_...`, joined by `|`; 0: it stays where it is.
 * \param new_address with `MEMCORE_REMAP_FIXED`, where it shall be; else ignored.
 * \param address where is written where it is.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff an address is no
 * multiple of the page size, the new length is 0, the flags are none of 0, 1 and 3, or the new place overlaps the old
 * one; `MEMCORE_STATUS_VM_BAD_ADDRESS` iff nothing is mapped at `old`, or the range lies in several areas and is
 * resized; `MEMCORE_STATUS_VM_NO_MEMORY` iff it cannot grow where it is and must not move, there is no room, or for a
 * limit; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(log areas + entries moved).
 */
int32_t memcore_machine_mremap(struct memcore_machine *machine,
                               uint32_t process,
                               uint64_t old,
                               uint64_t old_length,
                               uint64_t new_length,
                               uint32_t flags,
                               uint64_t new_address,
                               uint64_t *address);

/**
 * Moves the end of the heap; where it cannot be moved there, it stays, as on Linux.
 *
 * \param machine the handle.
 * \param process the process.
 * \param wanted the end wanted; 0 asks.
 * \param end where the end is written: the old one unless it was moved.
 * \return `MEMCORE_STATUS_OK`, moved or not; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(log areas), and a shrinking heap is unmapped.
 */
int32_t memcore_machine_brk(struct memcore_machine *machine,
                            uint32_t process,
                            uint64_t wanted,
                            uint64_t *end);

/**
 * Says where pages of a process are placed from now on, unless their area says otherwise.
 *
 * \param machine the handle.
 * \param process the process.
 * \param policy where.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff the kind is none, the
 * nodes are too few or too many for it, a node does not exist, or a weight is 0; `MEMCORE_STATUS_INVALID_ARGUMENT` iff
 * `count` is more than memory holds; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(nodes).
 */
int32_t memcore_machine_set_policy(struct memcore_machine *machine,
                                   uint32_t process,
                                   const struct memcore_numa_policy *policy);

/**
 * Says where pages of a range are placed from now on. Pages in memory stay.
 *
 * \param machine the handle.
 * \param process the process.
 * \param start the first address, at the boundary of a page.
 * \param length bytes; rounded up to whole pages.
 * \param policy where; null: as the process says.
 * \return as `memcore_machine_set_policy`; `MEMCORE_STATUS_VM_INVALID` also iff `start` is no multiple of the page
 * size; `MEMCORE_STATUS_VM_BAD_ADDRESS` iff part of the range is not mapped; `MEMCORE_STATUS_VM_NO_MEMORY` for the
 * number of areas.
 *
 * O(log areas + areas in the range).
 */
int32_t memcore_machine_mbind(struct memcore_machine *machine,
                              uint32_t process,
                              uint64_t start,
                              uint64_t length,
                              const struct memcore_numa_policy *policy);

/**
 * Moves a process to a processor of another node.
 *
 * \param machine the handle.
 * \param process the process.
 * \param node the node.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff there is no such node;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_machine_set_node(struct memcore_machine *machine,
                                 uint32_t process,
                                 uint32_t node);

/**
 * Lets the pages of a range ask at their next touch where they should be, and move there.
 *
 * \param machine the handle.
 * \param process the process.
 * \param start the first address, at the boundary of a page.
 * \param length bytes; rounded up to whole pages.
 * \param pages where the number of pages is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff `start` is no multiple
 * of the page size; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(log areas + entries in the range).
 */
int32_t memcore_machine_mark_next_touch(struct memcore_machine *machine,
                                        uint32_t process,
                                        uint64_t start,
                                        uint64_t length,
                                        uint64_t *pages);

/**
 * Begins a process with the segments of the machine's layout mapped, and nothing in memory.
 *
 * \param machine the handle.
 * \param process where its number is written: 1 for the first, and no number twice.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_MEMORY` iff the commit limit or the frames are exhausted;
 * `MEMCORE_STATUS_VM_CONFIG` iff the layout does not fit the address space; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(frames of its page table).
 */
int32_t memcore_machine_spawn(struct memcore_machine *machine,
                              uint32_t *process);

/**
 * Copies a process. Private memory is shared until either writes; locks are not inherited.
 *
 * \param machine the handle.
 * \param parent the process.
 * \param child where the number of the copy is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_NO_MEMORY` iff the commit limit or
 * the frames are exhausted; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(areas + entries).
 */
int32_t memcore_machine_fork(struct memcore_machine *machine,
                             uint32_t parent,
                             uint32_t *child);

/**
 * Ends a process: all that it alone has is free.
 *
 * \param machine the handle.
 * \param process the process.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(areas + entries).
 */
int32_t memcore_machine_exit(struct memcore_machine *machine, uint32_t process);

/**
 * Lists the processes that live, in the order of their numbers.
 *
 * \param machine the handle.
 * \param processes an array that the numbers are written to; may be null when `most` is 0.
 * \param most entries of the array.
 * \param count where is written how many live; the lesser of it and `most` were written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(processes ever).
 */
int32_t memcore_machine_processes(struct memcore_machine *machine,
                                  uint32_t *processes,
                                  size_t most,
                                  size_t *count);

/**
 * Favours or disfavours a process when one must be killed for want of memory.
 *
 * \param machine the handle.
 * \param process the process.
 * \param adjustment from -1000 (never killed) to 1000.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff the adjustment is
 * outside; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_machine_set_oom_adjustment(struct memcore_machine *machine,
                                           uint32_t process,
                                           int32_t adjustment);

/**
 * Tells the points of a process: the one with the most is killed for want of memory.
 *
 * \param machine the handle.
 * \param process the process.
 * \param can_be_killed where is written whether it is ever killed.
 * \param points where the points are written: pages, and what the adjustment adds. 0 for one that is never killed.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_machine_oom_points(struct memcore_machine *machine,
                                   uint32_t process,
                                   bool *can_be_killed,
                                   int64_t *points);

/**
 * Makes a group of processes that together may have so many pages in memory.
 *
 * \param machine the handle.
 * \param limit pages, or `MEMCORE_NO_LIMIT`.
 * \param group where its number is written. Group 0 is that of all processes which joined none.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_INVALID` iff the limit is 0, or the machine has a policy for each
 * process; a `MEMCORE_STATUS_POLICY_...` status; `MEMCORE_STATUS_VM_NO_MEMORY`; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_machine_create_group(struct memcore_machine *machine,
                                     uint64_t limit,
                                     uint32_t *group);

/**
 * Puts a process into a group; what it has in memory stays with the group it had.
 *
 * \param machine the handle.
 * \param process the process.
 * \param group the group.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff there is no such
 * group; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_machine_join(struct memcore_machine *machine,
                             uint32_t process,
                             uint32_t group);

/**
 * Changes the limit of a group; pages above it leave at once.
 *
 * \param machine the handle.
 * \param group the group, not 0.
 * \param limit pages, or `MEMCORE_NO_LIMIT`.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_INVALID` iff there is no such group, or the limit is 0;
 * `MEMCORE_STATUS_VM_NO_MEMORY` iff not so many pages can leave, and the limit is set nevertheless;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(pages of the group).
 */
int32_t memcore_machine_set_group_limit(struct memcore_machine *machine, uint32_t group, uint64_t limit);

/**
 * Tells the pages that a group has in memory.
 *
 * \param machine the handle.
 * \param group the group.
 * \param pages where the pages are written.
 * \param limit where the limit is written, or `MEMCORE_NO_LIMIT`; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_INVALID` iff there is no such group; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_machine_group_usage(struct memcore_machine *machine,
                                    uint32_t group,
                                    uint64_t *pages,
                                    uint64_t *limit);

/**
 * The default options: turns of 10000 accesses, placed as they fit, without a limit.
 *
 * \return the options, to be changed as wanted.
 */
struct memcore_machine_replay_options memcore_machine_replay_options_default(void);

/**
 * Runs traces through a machine, a new process for each; its listener hears all. What a trace uses is mapped first;
 * `layout.flat` in the machine's configuration keeps the addresses free that a program would lie at.
 *
 * \param machine the handle. `progress` may not use it.
 * \param traces the traces.
 * \param count how many, at least 1.
 * \param options how; null: the default ones.
 * \param progress told the accesses done; may be null.
 * \param user passed to `progress`.
 * \param run where the figures of this run are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REPLAY_BAD_OPTION` iff there is no trace, or the quantum or a weight is
 * 0; `MEMCORE_STATUS_VM_INVALID` iff the placement is none; `MEMCORE_STATUS_REPLAY_IMPOSSIBLE` iff addresses or pages of
 * a trace do not fit the machine's address space; `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop;
 * `MEMCORE_STATUS_OUT_OF_MEMORY`; a status of `memcore_machine_spawn` or `memcore_machine_mmap`;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`. After an error the processes that were begun have ended.
 *
 * O(accesses + pages log pages).
 */
int32_t memcore_machine_replay(struct memcore_machine *machine,
                               const struct memcore_access_trace *const *traces,
                               size_t count,
                               const struct memcore_machine_replay_options *options,
                               memcore_progress progress,
                               void *user,
                               struct memcore_machine_run *run);

/**
 * Saves a machine with its processes, files and counts; not its listener.
 *
 * \param machine the handle.
 * \param buffer where the bytes are written, if there is room for all of them; may be null when `size` is 0.
 * \param size bytes of the buffer.
 * \param length where is written how many bytes there are. Nothing was written iff that is more than `size`.
 * \return `MEMCORE_STATUS_OK`, room or not; `MEMCORE_STATUS_VM_SNAPSHOT` iff the machine has caches, which cannot be
 * saved; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `size` is more than memory holds; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(everything). Allocates as many bytes while it works.
 */
int32_t memcore_machine_save(struct memcore_machine *machine,
                             uint8_t *buffer,
                             size_t size,
                             size_t *length);

/**
 * Saves a machine to a file; an old one is replaced once the new one is whole.
 *
 * \param machine the handle.
 * \param path the file's name: on Unix any bytes, elsewhere UTF-8.
 * \return as `memcore_machine_save`; `MEMCORE_STATUS_VM_IO` iff the file could not be written;
 * `MEMCORE_STATUS_NOT_UTF8`.
 *
 * O(everything).
 */
int32_t memcore_machine_save_to(struct memcore_machine *machine, const char *path);

/**
 * Makes a machine as it was when it was saved.
 *
 * \param bytes what `memcore_machine_save` wrote. Any others are refused.
 * \param length how many.
 * \param open asked what each of its files shall be; null: each as it was saved, and a file of the host is refused.
 * \param user passed to `open`.
 * \param machine where the handle is written; `memcore_machine_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_SNAPSHOT` iff the bytes are no snapshot, of another version or
 * damaged, or there is nothing for a file; `MEMCORE_STATUS_VM_IO` iff a file of the host cannot be opened;
 * `MEMCORE_STATUS_VM_INVALID` iff `open` returned another number; a status of `memcore_machine_create`;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(everything).
 */
int32_t memcore_machine_restore(const uint8_t *bytes,
                                size_t length,
                                memcore_opener open,
                                void *user,
                                struct memcore_machine **machine);

/**
 * Makes a machine as it was when it was saved to a file.
 *
 * \param path the file's name: on Unix any bytes, elsewhere UTF-8.
 * \param open as for `memcore_machine_restore`.
 * \param user passed to `open`.
 * \param machine where the handle is written; `memcore_machine_destroy` ends it.
 * \return as `memcore_machine_restore`; `MEMCORE_STATUS_VM_IO` iff the file cannot be read; `MEMCORE_STATUS_NOT_UTF8`.
 *
 * O(everything).
 */
int32_t memcore_machine_restore_from(const char *path,
                                     memcore_opener open,
                                     void *user,
                                     struct memcore_machine **machine);

/**
 * Tells what an address is translated to now. No bit and no counter changes.
 *
 * \param machine the handle.
 * \param process the process; for one that does not live nothing is mapped.
 * \param address any address.
 * \param is_mapped where is written whether the page is in memory.
 * \param translation where the translation is written, if there is one; may be null.
 * \return `MEMCORE_STATUS_OK`, mapped or not; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(levels).
 */
int32_t memcore_machine_translate(struct memcore_machine *machine,
                                  uint32_t process,
                                  uint64_t address,
                                  bool *is_mapped,
                                  struct memcore_translation *translation);

/**
 * Walks the page table for an address, entry by entry, as the hardware sees them. No bit and no counter changes.
 *
 * \param machine the handle.
 * \param process the process.
 * \param address any address.
 * \param walk where is written how it ends.
 * \param steps an array that the reads are written to, in order; may be null when `most` is 0.
 * \param most entries of the array.
 * \param count where the number of reads is written; the lesser of it and `most` were written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_NO_MEMORY`;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds; `MEMCORE_STATUS_REENTERED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(reads).
 */
int32_t memcore_machine_walk(struct memcore_machine *machine,
                             uint32_t process,
                             uint64_t address,
                             struct memcore_walk *walk,
                             struct memcore_walk_step *steps,
                             size_t most,
                             size_t *count);

/**
 * Writes a page walk as text: a line for each read, and one for the outcome.
 *
 * \param machine the handle.
 * \param process the process.
 * \param address any address.
 * \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole text without the zero byte is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_NO_MEMORY`;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(reads).
 */
int32_t memcore_machine_walk_text(struct memcore_machine *machine,
                                  uint32_t process,
                                  uint64_t address,
                                  char *buffer,
                                  size_t size,
                                  size_t *length);

/**
 * Writes a view of a machine as text.
 *
 * \param machine the handle.
 * \param view a `memcore_view`.
 * \param process the process; ignored by views of the machine.
 * \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole text without the zero byte is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff there is no such view;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(areas + entries) of the process, O(pages) of the machine. No bit and no counter changes.
 */
int32_t memcore_machine_view(struct memcore_machine *machine,
                             int32_t view,
                             uint32_t process,
                             char *buffer,
                             size_t size,
                             size_t *length);

/**
 * Tells what the memory of a machine is used for.
 *
 * \param machine the handle.
 * \param info where the figures are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(pages in memory + processes).
 */
int32_t memcore_machine_memory(struct memcore_machine *machine, struct memcore_memory_info *info);

/**
 * Lists the nodes of a machine, in the order of their numbers from 0.
 *
 * \param machine the handle.
 * \param nodes an array that the nodes are written to; may be null when `most` is 0.
 * \param most entries of the array.
 * \param count where is written how many there are; the lesser of it and `most` were written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
 * `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(nodes).
 */
int32_t memcore_machine_nodes(struct memcore_machine *machine,
                              struct memcore_node *nodes,
                              size_t most,
                              size_t *count);

/**
 * The usual options: a frame for each page, replaced first in, first out.
 *
 * \param page_size bytes of a page.
 * \param pages virtual pages.
 * \return the options, to be changed at will.
 */
struct memcore_vmm_options memcore_vmm_options_for(uint64_t page_size, uint32_t pages);

/**
 * Makes a virtual memory manager without allocated pages.
 *
 * \param options sizes and policy.
 * \param vmm where the handle is written; `memcore_vmm_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VMM_PAGE_SIZE`, `MEMCORE_STATUS_VMM_PAGES`,
 * `MEMCORE_STATUS_VMM_TOO_LARGE` or `MEMCORE_STATUS_POLICY_FRAMES` iff a number is out of its range;
 * `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`, `MEMCORE_STATUS_BAD_VALUE` or
 * `MEMCORE_STATUS_BAD_PART` iff the policy cannot be read; `MEMCORE_STATUS_POLICY_NEEDS_FUTURE` or
 * `MEMCORE_STATUS_POLICY_VARIES_ALLOCATION` iff it cannot serve; `MEMCORE_STATUS_OUT_OF_MEMORY`;
 * `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(pages + frames).
 *
 * \code
 * memcore_vmm *vmm;
 * memcore_vmm_options options = memcore_vmm_options_for(4096, 8);
 * memcore_vmm_translation found;
 * if (memcore_vmm_create(&options, &vmm) == MEMCORE_STATUS_OK) {
 *     memcore_vmm_allocate_page(vmm, 1, NULL);
 *     memcore_vmm_translate(vmm, 4097, MEMCORE_ACCESS_KIND_READ, &found);
 *     printf("%" PRIu64 "\n", found.address); // 1
 *     memcore_vmm_destroy(vmm);
 * }
 * \endcode
 */
int32_t memcore_vmm_create(const struct memcore_vmm_options *options, struct memcore_vmm **vmm);

/**
 * Allocates a page, readable and writable, and gives it a frame: the first of the list of free ones, or that of the
 * page which the policy makes leave.
 *
 * \param vmm the handle.
 * \param page the page; a negative number is refused.
 * \param frame where the frame is written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VMM_INVALID_PAGE`; `MEMCORE_STATUS_VMM_ALREADY_ALLOCATED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1) beside the policy's own cost.
 */
int32_t memcore_vmm_allocate_page(struct memcore_vmm *vmm,
                                  int64_t page,
                                  uint64_t *frame);

/**
 * Deallocates a page; its frame, if it has one, goes to the end of the list of free ones.
 *
 * \param vmm the handle.
 * \param page the page.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VMM_INVALID_PAGE`; `MEMCORE_STATUS_VMM_NOT_ALLOCATED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1) beside the policy's own cost.
 */
int32_t memcore_vmm_deallocate_page(struct memcore_vmm *vmm, int64_t page);

/**
 * Changes what may be done to a page.
 *
 * \param vmm the handle.
 * \param page the page.
 * \param protection 1 read, 2 write, 4 execute, added up; 0: nothing.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VMM_INVALID_PAGE`; `MEMCORE_STATUS_VMM_NOT_ALLOCATED`;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `protection` is above 7; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_vmm_protect_page(struct memcore_vmm *vmm, int64_t page, uint32_t protection);

/**
 * Clears the referenced bit of a page.
 *
 * \param vmm the handle.
 * \param page the page.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VMM_INVALID_PAGE`; `MEMCORE_STATUS_VMM_NOT_ALLOCATED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_vmm_clear_referenced(struct memcore_vmm *vmm, int64_t page);

/**
 * One access: where the address leads. A page without a frame gets one.
 *
 * \param vmm the handle.
 * \param address the address; a negative one is refused.
 * \param access a `memcore_access_kind`.
 * \param translation where the answer is written; may be null.
 * \return `MEMCORE_STATUS_OK`, hit or page fault; `MEMCORE_STATUS_VMM_INVALID_ADDRESS`;
 * `MEMCORE_STATUS_VMM_PAGE_FAULT`, which is counted, iff the page is not allocated; `MEMCORE_STATUS_VMM_PROTECTION`;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `access` is no kind; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1) beside the policy's own cost.
 */
int32_t memcore_vmm_translate(struct memcore_vmm *vmm,
                              int64_t address,
                              int32_t access,
                              struct memcore_vmm_translation *translation);

/**
 * Tells what the page table says of a page.
 *
 * \param vmm the handle.
 * \param page the page.
 * \param told where the answer is written.
 * \return `MEMCORE_STATUS_OK`, allocated or not; `MEMCORE_STATUS_VMM_INVALID_PAGE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_vmm_page(const struct memcore_vmm *vmm,
                         int64_t page,
                         struct memcore_vmm_entry *told);

/**
 * Lists the allocated pages, in order.
 *
 * \param vmm the handle.
 * \param entries an array that they are written to; may be null when `most` is 0.
 * \param most entries of the array; `memcore_vmm_statistics` tells how many are needed.
 * \param count where the number of entries written is written, at most `most`.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(pages).
 */
int32_t memcore_vmm_pages(const struct memcore_vmm *vmm,
                          struct memcore_vmm_entry *entries,
                          size_t most,
                          size_t *count);

/**
 * Lists the free frames, the next to be given first.
 *
 * \param vmm the handle.
 * \param frames an array that they are written to; may be null when `most` is 0.
 * \param most entries of the array; `memcore_vmm_statistics` tells how many are needed.
 * \param count where the number of entries written is written, at most `most`.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(free frames).
 */
int32_t memcore_vmm_free_frames(const struct memcore_vmm *vmm, uint64_t *frames, size_t most, size_t *count);

/**
 * Prints the page table into a buffer: a heading, and a line for each allocated page.
 *
 * \param vmm the handle.
 * \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole text without the zero byte is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(pages). Allocates nothing.
 */
int32_t memcore_vmm_page_table(const struct memcore_vmm *vmm, char *buffer, size_t size, size_t *length);

/**
 * Prints the figures about pages into a buffer, a line each; that of replacements when there are fewer frames than
 * pages.
 *
 * \param vmm the handle.
 * \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole text without the zero byte is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1). Allocates nothing.
 */
int32_t memcore_vmm_summary(const struct memcore_vmm *vmm,
                            char *buffer,
                            size_t size,
                            size_t *length);

/**
 * Tells the figures of a manager.
 *
 * \param vmm the handle.
 * \param figures where they are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_vmm_statistics(const struct memcore_vmm *vmm, struct memcore_vmm_figures *figures);

/**
 * Tells the bytes of a page.
 *
 * \param vmm the handle.
 * \param page_size where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_vmm_page_size(const struct memcore_vmm *vmm, uint64_t *page_size);

/**
 * Tells the policy with those of its parameters that are not the default ones.
 *
 * \param vmm the handle.
 * \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole text without the zero byte is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length). Allocates nothing.
 */
int32_t memcore_vmm_policy(const struct memcore_vmm *vmm, char *buffer, size_t size, size_t *length);

/**
 * Checks every invariant of a manager.
 *
 * \param vmm the handle.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CORRUPT`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(pages + frames).
 */
int32_t memcore_vmm_validate(const struct memcore_vmm *vmm);

/**
 * Ends a manager.
 *
 * \param vmm the handle; null does nothing.
 */
void memcore_vmm_destroy(struct memcore_vmm *vmm);

/**
 * Makes an empty memory.
 *
 * \param strategy how it is divided; see `memcore_strategy_name`.
 * \param capacity bytes.
 * \param memory where the handle is written; `memcore_segment_memory_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; those of `memcore_allocator_create` about strategy and capacity;
 * `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(capacity).
 */
int32_t memcore_segment_memory_create(const char *strategy,
                                      uint64_t capacity,
                                      struct memcore_segment_memory **memory);

/**
 * Makes a segment, all zero.
 *
 * \param memory the handle.
 * \param length bytes, from 1 on.
 * \param protection 1 read, 2 write, 4 execute, added up.
 * \param segment where its number is written; that of the segment that was destroyed last is used first.
 * \return `MEMCORE_STATUS_OK`; those of `memcore_allocator_allocate`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff the
 * protection is above 7; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length) and an allocation.
 */
int32_t memcore_segment_memory_create_segment(struct memcore_segment_memory *memory,
                                              uint64_t length,
                                              uint32_t protection,
                                              uint32_t *segment);

/**
 * Ends a segment, in memory or swapped out.
 *
 * \param memory the handle.
 * \param segment its number.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_UNKNOWN`; `MEMCORE_STATUS_NOT_TOP` in a stack;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * As a free.
 */
int32_t memcore_segment_memory_destroy_segment(struct memcore_segment_memory *memory, uint32_t segment);

/**
 * Changes the length of a segment: where it is if possible, else by moving it. New bytes are zero.
 *
 * \param memory the handle.
 * \param segment its number.
 * \param length bytes, from 1 on.
 * \param moved where is written whether it moved; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_UNKNOWN`; `MEMCORE_STATUS_SEGMENT_NOT_PRESENT`; those of
 * `memcore_allocator_allocate` and `memcore_allocator_resize`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length).
 */
int32_t memcore_segment_memory_resize_segment(struct memcore_segment_memory *memory,
                                              uint32_t segment,
                                              uint64_t length,
                                              bool *moved);

/**
 * Changes what may be done to a segment.
 *
 * \param memory the handle.
 * \param segment its number.
 * \param protection 1 read, 2 write, 4 execute, added up.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_UNKNOWN`; `MEMCORE_STATUS_INVALID_ARGUMENT`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_segment_memory_protect(struct memcore_segment_memory *memory,
                                       uint32_t segment,
                                       uint32_t protection);

/**
 * Tells where the bytes of an access are.
 *
 * \param memory the handle.
 * \param segment its number.
 * \param offset of the first byte.
 * \param size bytes.
 * \param access a `memcore_access_kind`.
 * \param address where the address of the first byte is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_UNKNOWN`, `MEMCORE_STATUS_SEGMENT_LIMIT`,
 * `MEMCORE_STATUS_SEGMENT_PROTECTION` or `MEMCORE_STATUS_SEGMENT_NOT_PRESENT`, in this order;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `access` is no kind; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_segment_memory_translate(const struct memcore_segment_memory *memory,
                                         uint32_t segment,
                                         uint64_t offset,
                                         uint64_t size,
                                         int32_t access,
                                         uint64_t *address);

/**
 * Reads bytes of a segment.
 *
 * \param memory the handle.
 * \param segment its number.
 * \param offset of the first byte.
 * \param bytes where they are written; may be null when `size` is 0.
 * \param size how many.
 * \return as `memcore_segment_memory_translate`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `size` is more than memory
 * holds.
 *
 * O(size).
 */
int32_t memcore_segment_memory_read(const struct memcore_segment_memory *memory,
                                    uint32_t segment,
                                    uint64_t offset,
                                    uint8_t *bytes,
                                    size_t size);

/**
 * Writes bytes of a segment.
 *
 * \param memory the handle.
 * \param segment its number.
 * \param offset of the first byte.
 * \param bytes the bytes; may be null when `size` is 0.
 * \param size how many.
 * \return as `memcore_segment_memory_read`.
 *
 * O(size).
 */
int32_t memcore_segment_memory_write(struct memcore_segment_memory *memory,
                                     uint32_t segment,
                                     uint64_t offset,
                                     const uint8_t *bytes,
                                     size_t size);

/**
 * Takes a segment out of the memory; its bytes are kept.
 *
 * \param memory the handle.
 * \param segment its number.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_UNKNOWN`; `MEMCORE_STATUS_SEGMENT_NOT_PRESENT`;
 * `MEMCORE_STATUS_NOT_TOP` in a stack; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length).
 */
int32_t memcore_segment_memory_swap_out(struct memcore_segment_memory *memory, uint32_t segment);

/**
 * Brings a segment back, to wherever there is room.
 *
 * \param memory the handle.
 * \param segment its number.
 * \param base where its new base is written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_UNKNOWN`; `MEMCORE_STATUS_SEGMENT_PRESENT`; those of
 * `memcore_allocator_allocate`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(length).
 */
int32_t memcore_segment_memory_swap_in(struct memcore_segment_memory *memory,
                                       uint32_t segment,
                                       uint64_t *base);

/**
 * Moves the segments together, towards address 0, in their order: contents are copied, bases rewritten.
 *
 * \param memory the handle.
 * \param most_bytes the most bytes to be copied; UINT64_MAX: no limit.
 * \param most_moves the most segments to be moved; UINT64_MAX: no limit.
 * \param moved where the number of segments moved is written; may be null.
 * \param bytes where the number of bytes copied is written; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNSUPPORTED` by strategies that cannot; `MEMCORE_STATUS_OUT_OF_METADATA`;
 * `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(segments log segments + bytes copied).
 */
int32_t memcore_segment_memory_compact(struct memcore_segment_memory *memory,
                                       uint64_t most_bytes,
                                       uint64_t most_moves,
                                       uint64_t *moved,
                                       uint64_t *bytes);

/**
 * Tells about a segment.
 *
 * \param memory the handle.
 * \param segment its number.
 * \param row where the answer is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_UNKNOWN`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_segment_memory_segment(const struct memcore_segment_memory *memory,
                                       uint32_t segment,
                                       struct memcore_segment_row *row);

/**
 * Lists the segments, by number.
 *
 * \param memory the handle.
 * \param rows an array that they are written to; may be null when `most` is 0.
 * \param most entries of the array.
 * \param count where the number of entries written is written, at most `most`.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(segments).
 */
int32_t memcore_segment_memory_segments(const struct memcore_segment_memory *memory,
                                        struct memcore_segment_row *rows,
                                        size_t most,
                                        size_t *count);

/**
 * Tells the figures of the memory, fragmentation among them.
 *
 * \param memory the handle.
 * \param stats where they are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_segment_memory_stats(const struct memcore_segment_memory *memory,
                                     struct memcore_stats *stats);

/**
 * Checks every invariant of a memory.
 *
 * \param memory the handle.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CORRUPT`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(segments log segments).
 */
int32_t memcore_segment_memory_validate(const struct memcore_segment_memory *memory);

/**
 * Ends a memory with its segments.
 *
 * \param memory the handle; null does nothing.
 */
void memcore_segment_memory_destroy(struct memcore_segment_memory *memory);

/**
 * The rights of who does not care for rings: every ring may do what the modes say, but what may be executed is
 * written in ring 0 alone.
 *
 * \param modes 1 read, 2 write, 4 execute, added up.
 * \return the rights, to be changed at will.
 */
struct memcore_multics_access memcore_multics_access_for(uint32_t modes);

/**
 * Makes an empty machine.
 *
 * \param page_size words of a page, any number from 1 on.
 * \param frames frames, from 1 on.
 * \param multics where the handle is written; `memcore_multics_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_INVALID` iff a number is out of its range;
 * `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(frames).
 */
int32_t memcore_multics_create(uint64_t page_size, uint32_t frames, struct memcore_multics **multics);

/**
 * Adds a process.
 *
 * \param multics the handle.
 * \param bound its segment numbers are those below.
 * \param process where its number is written, from 0 on.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_INVALID` iff there are too many;
 * `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(bound).
 */
int32_t memcore_multics_add_process(struct memcore_multics *multics, uint32_t bound, uint32_t *process);

/**
 * Makes a segment, all of whose pages are missing.
 *
 * \param multics the handle.
 * \param length words.
 * \param segment where its number is written, from 0 on, never given twice.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_INVALID` iff it has too many pages;
 * `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(pages).
 */
int32_t memcore_multics_create_segment(struct memcore_multics *multics, uint64_t length, uint32_t *segment);

/**
 * Deletes a segment that no process has attached.
 *
 * \param multics the handle.
 * \param segment its number.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`; `MEMCORE_STATUS_MULTICS_ATTACHED`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(pages).
 */
int32_t memcore_multics_delete_segment(struct memcore_multics *multics, uint32_t segment);

/**
 * Lengthens or shortens a segment; pages past its new end lose their frames.
 *
 * \param multics the handle.
 * \param segment its number.
 * \param length words.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`; `MEMCORE_STATUS_MULTICS_INVALID`;
 * `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(pages added or taken).
 */
int32_t memcore_multics_set_length(struct memcore_multics *multics, uint32_t segment, uint64_t length);

/**
 * Tells the length of a segment.
 *
 * \param multics the handle.
 * \param segment its number.
 * \param length where the words are written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_multics_length(const struct memcore_multics *multics, uint32_t segment, uint64_t *length);

/**
 * Attaches a segment to a process at a segment number. The same segment may be attached elsewhere, too.
 *
 * \param multics the handle.
 * \param process the process.
 * \param number the segment number in its descriptor segment.
 * \param segment the segment.
 * \param access the rights.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`; `MEMCORE_STATUS_MULTICS_INVALID` iff the number is
 * not below the bound or the rings are not r1 <= r2 <= r3 <= 7; `MEMCORE_STATUS_MULTICS_TAKEN`;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff the modes are none; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_multics_attach(struct memcore_multics *multics,
                               uint32_t process,
                               uint32_t number,
                               uint32_t segment,
                               const struct memcore_multics_access *access);

/**
 * Detaches what is attached at a segment number; its pages stay where they are.
 *
 * \param multics the handle.
 * \param process the process.
 * \param number the segment number.
 * \param segment where is written which segment it was.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`; `MEMCORE_STATUS_MULTICS_INVALID`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_multics_detach(struct memcore_multics *multics,
                               uint32_t process,
                               uint32_t number,
                               uint32_t *segment);

/**
 * Puts a page into a free frame.
 *
 * \param multics the handle.
 * \param segment the segment.
 * \param page the page.
 * \param frame where the frame is written: the one that was freed last, and before any was freed in ascending order.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`; `MEMCORE_STATUS_MULTICS_TAKEN` iff it has a frame;
 * `MEMCORE_STATUS_MULTICS_NO_FRAMES`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_multics_bring_in(struct memcore_multics *multics,
                                 uint32_t segment,
                                 uint32_t page,
                                 uint32_t *frame);

/**
 * Takes a page out of its frame.
 *
 * \param multics the handle.
 * \param segment the segment.
 * \param page the page.
 * \param word where its word is written as it was: a modified page has to be written back.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`, also iff it is in no frame;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_multics_put_out(struct memcore_multics *multics,
                                uint32_t segment,
                                uint32_t page,
                                struct memcore_multics_word *word);

/**
 * Tells the page table's word of a page.
 *
 * \param multics the handle.
 * \param segment the segment.
 * \param page the page.
 * \param word where the word is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_UNKNOWN`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_multics_page(const struct memcore_multics *multics,
                             uint32_t segment,
                             uint32_t page,
                             struct memcore_multics_word *word);

/**
 * One reference: the address in memory.
 *
 * \param multics the handle.
 * \param process the process.
 * \param ring its ring, 0 to 7.
 * \param number the segment number.
 * \param offset the offset.
 * \param access a `memcore_access_kind`.
 * \param address where the address is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MULTICS_NO_PROCESS`, `MEMCORE_STATUS_MULTICS_OUT_OF_BOUNDS`,
 * `MEMCORE_STATUS_MULTICS_MISSING_SEGMENT`, `MEMCORE_STATUS_MULTICS_ACCESS_VIOLATION` or
 * `MEMCORE_STATUS_MULTICS_MISSING_PAGE`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `access` is no kind;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_multics_translate(struct memcore_multics *multics,
                                  uint32_t process,
                                  uint8_t ring,
                                  uint32_t number,
                                  uint64_t offset,
                                  int32_t access,
                                  uint64_t *address);

/**
 * The same step by step, as text with a line for each, and without setting anything.
 *
 * \param multics the handle.
 * \param process the process.
 * \param ring its ring.
 * \param number the segment number.
 * \param offset the offset.
 * \param access a `memcore_access_kind`.
 * \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
 * \param size bytes of the buffer; what does not fit is cut off.
 * \param length where the length of the whole text without the zero byte is written.
 * \return `MEMCORE_STATUS_OK`, fault or not; `MEMCORE_STATUS_INVALID_ARGUMENT`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_multics_walk(const struct memcore_multics *multics,
                             uint32_t process,
                             uint8_t ring,
                             uint32_t number,
                             uint64_t offset,
                             int32_t access,
                             char *buffer,
                             size_t size,
                             size_t *length);

/**
 * A call of a procedure: the ring in which it runs. Its page need not be in memory yet.
 *
 * \param multics the handle.
 * \param process the process.
 * \param ring its ring.
 * \param number the segment number.
 * \param offset of the procedure.
 * \param inner where the ring is written.
 * \return as `memcore_multics_translate`, without the missing page.
 *
 * O(1).
 */
int32_t memcore_multics_call(const struct memcore_multics *multics,
                             uint32_t process,
                             uint8_t ring,
                             uint32_t number,
                             uint64_t offset,
                             uint8_t *inner);

/**
 * Tells how many frames there are.
 *
 * \param multics the handle.
 * \param frames where the number of all is written.
 * \param free_frames where the number of the free ones is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_multics_frames(const struct memcore_multics *multics,
                               uint32_t *frames,
                               uint32_t *free_frames);

/**
 * Checks every invariant of a machine.
 *
 * \param multics the handle.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CORRUPT`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(frames + pages + segment numbers).
 */
int32_t memcore_multics_validate(const struct memcore_multics *multics);

/**
 * Ends a machine.
 *
 * \param multics the handle; null does nothing.
 */
void memcore_multics_destroy(struct memcore_multics *multics);

/**
 * Makes a segment unit whose registers are null.
 *
 * \param words the entries of the global table, of which 0 is never used; may be null when `count` is 0.
 * \param count how many they are, at most 8192.
 * \param privilege the current privilege level, 0 to 3.
 * \param unit where the handle is written; `memcore_segment_unit_destroy` ends it.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_DESCRIPTOR` iff a number is out of its range;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `count` is more than memory holds; `MEMCORE_STATUS_OUT_OF_MEMORY`;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(count).
 *
 * \code
 * const uint64_t gdt[] = {0, 0x00cf9a000000ffff, 0x004092001000000f};
 * memcore_segment_unit *unit;
 * uint32_t linear;
 * if (memcore_segment_unit_create(gdt, 3, 0, &unit) == MEMCORE_STATUS_OK) {
 *     memcore_segment_unit_load(unit, MEMCORE_SEGMENT_REGISTER_DS, 0x10);
 *     memcore_segment_unit_translate(unit, MEMCORE_SEGMENT_REGISTER_DS, 12, 4, MEMCORE_ACCESS_KIND_READ, &linear);
 *     printf("%" PRIx32 "\n", linear); // 100c
 *     memcore_segment_unit_destroy(unit);
 * }
 * \endcode
 */
int32_t memcore_segment_unit_create(const uint64_t *words,
                                    size_t count,
                                    uint8_t privilege,
                                    struct memcore_segment_unit **unit);

/**
 * Gives a unit a local table, in place of the one it may have. Registers keep what they hold.
 *
 * \param unit the handle.
 * \param words the entries; may be null when `count` is 0.
 * \param count how many they are, at most 8192.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_DESCRIPTOR` iff they are too many;
 * `MEMCORE_STATUS_INVALID_ARGUMENT` iff `count` is more than memory holds; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(count).
 */
int32_t memcore_segment_unit_set_local_table(struct memcore_segment_unit *unit,
                                             const uint64_t *words,
                                             size_t count);

/**
 * Takes the local table away. Registers keep what they hold.
 *
 * \param unit the handle.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_segment_unit_remove_local_table(struct memcore_segment_unit *unit);

/**
 * Replaces an entry of a table. A register that was loaded from it keeps what it has.
 *
 * \param unit the handle.
 * \param local whether the local table is meant.
 * \param index which entry.
 * \param word the descriptor.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_DESCRIPTOR` iff there is no such entry;
 * `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no local table; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_segment_unit_set_word(struct memcore_segment_unit *unit,
                                      bool local,
                                      uint16_t index,
                                      uint64_t word);

/**
 * Tells an entry of a table; the unit marks those that it loads as accessed.
 *
 * \param unit the handle.
 * \param local whether the local table is meant.
 * \param index which entry.
 * \param word where the descriptor is written.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such entry or table;
 * `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_segment_unit_word(const struct memcore_segment_unit *unit,
                                  bool local,
                                  uint16_t index,
                                  uint64_t *word);

/**
 * Loads a register, as MOV or POP do: data needs max(CPL, RPL) <= DPL, the stack needs all three equal and writable
 * data, CS is loaded by a jump or return.
 *
 * \param unit the handle.
 * \param reg a `memcore_segment_register`.
 * \param selector what is loaded.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_GENERAL_PROTECTION`,
 * `MEMCORE_STATUS_SEGMENT_NOT_PRESENT_FAULT` or `MEMCORE_STATUS_SEGMENT_STACK_FAULT`, with the error code as the
 * failure's value; `MEMCORE_STATUS_INVALID_ARGUMENT` iff there is no such register; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_segment_unit_load(struct memcore_segment_unit *unit,
                                  int32_t reg,
                                  uint16_t selector);

/**
 * Jumps (or calls) to code in another segment, without a gate; the privilege stays.
 *
 * \param unit the handle.
 * \param selector of the code.
 * \param offset of the first instruction.
 * \return as `memcore_segment_unit_load`.
 *
 * O(1).
 */
int32_t memcore_segment_unit_far_jump(struct memcore_segment_unit *unit, uint16_t selector, uint32_t offset);

/**
 * Returns to code of the same or a less privileged level, which is the RPL of `code`.
 *
 * \param unit the handle.
 * \param code of the code.
 * \param offset of the instruction.
 * \param stack of the stack of an outer level; at the same level it is not looked at.
 * \return as `memcore_segment_unit_load`.
 *
 * O(1).
 */
int32_t memcore_segment_unit_far_return(struct memcore_segment_unit *unit,
                                        uint16_t code,
                                        uint32_t offset,
                                        uint16_t stack);

/**
 * Tells where an access through a register goes.
 *
 * \param unit the handle.
 * \param reg a `memcore_segment_register`.
 * \param offset in the segment.
 * \param size bytes; none are within every limit.
 * \param access a `memcore_access_kind`.
 * \param linear where the linear address of the first byte is written; the next ones follow modulo 2^32.
 * \return as `memcore_segment_unit_load`; `MEMCORE_STATUS_INVALID_ARGUMENT` also iff `access` is no kind.
 *
 * O(1).
 */
int32_t memcore_segment_unit_translate(const struct memcore_segment_unit *unit,
                                       int32_t reg,
                                       uint32_t offset,
                                       uint32_t size,
                                       int32_t access,
                                       uint32_t *linear);

/**
 * Tells what a register holds.
 *
 * \param unit the handle.
 * \param reg a `memcore_segment_register`.
 * \param selector where the selector is written.
 * \param descriptor where the hidden descriptor is written, unless the register is null; may be null.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_segment_unit_register(const struct memcore_segment_unit *unit,
                                      int32_t reg,
                                      uint16_t *selector,
                                      struct memcore_segment_descriptor *descriptor);

/**
 * Tells the current privilege level.
 *
 * \param unit the handle.
 * \param privilege where it is written, 0 to 3.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_segment_unit_privilege(const struct memcore_segment_unit *unit, uint8_t *privilege);

/**
 * Checks every invariant of a unit.
 *
 * \param unit the handle.
 * \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CORRUPT`; `MEMCORE_STATUS_NULL_ARGUMENT`.
 *
 * O(1).
 */
int32_t memcore_segment_unit_validate(const struct memcore_segment_unit *unit);

/**
 * Ends a unit.
 *
 * \param unit the handle; null does nothing.
 */
void memcore_segment_unit_destroy(struct memcore_segment_unit *unit);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* MEMCORE_H */
