//! Why the last call failed, in full.
//!
//! A status says what kind of failure it was; the numbers behind it (how large the largest hole is, which id was
//! stale) and a sentence with them are kept for the thread that made the call, as `errno` is. One place serves
//! every room, calls without a handle (creation, reading a trace) and handles that are shared between threads.
//!
//! ```text
//!   call fails --> Failure --> report() --> LAST (plain data)  --> memcore_last_error          numbers
//!                                |     \--> TEXT (if it has one) --> memcore_last_error_message  a sentence
//!                                v
//!                              status
//! ```
//!
//! A call that succeeds touches none of it. What an allocator refuses is plain data, so that a failing allocation
//! allocates nothing either: its sentence is written when somebody asks, straight into the caller's buffer.

use std::{cell::Cell, cell::RefCell, ffi::c_char, fmt};

use memcore::alloc::{AllocError, Corruption, Operation, StartRule};
use memcore::heap::HeapError;
use memcore::spec::SpecError;
use memcore::vm::{Errno, Fault};

use crate::{
    panic::{guarded, guarded_status},
    pointer::out,
    status::{self, memcore_status},
    text::{Buffer, memcore_text},
};

/// Why a call failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nothing but its status.
    Plain(memcore_status),
    /// An allocator refused.
    Alloc(AllocError),
    /// A heap refused.
    Heap(HeapError),
    /// The tables of an allocator contradict themselves.
    Corrupt(Corruption),
    /// A status, the number that offends (0 where there is none), and a sentence.
    Told(memcore_status, u64, String),
    /// Likewise, with what is concerned and the rule that is broken.
    Ruled { status: memcore_status, value: u64, name: &'static str, rule: &'static str, text: String },
    /// An access of a machine of virtual memory ended in a signal.
    Fault(Fault),
}

impl From<Fault> for Failure {
    #[inline]
    fn from(fault: Fault) -> Self {
        Failure::Fault(fault)
    }
}

impl From<memcore_status> for Failure {
    fn from(status: memcore_status) -> Self {
        Failure::Plain(status)
    }
}

impl From<AllocError> for Failure {
    #[inline]
    fn from(error: AllocError) -> Self {
        Failure::Alloc(error)
    }
}

impl From<HeapError> for Failure {
    #[inline]
    fn from(error: HeapError) -> Self {
        Failure::Heap(error)
    }
}

impl From<Corruption> for Failure {
    fn from(corruption: Corruption) -> Self {
        Failure::Corrupt(corruption)
    }
}

impl From<SpecError> for Failure {
    fn from(error: SpecError) -> Self {
        let status = match error {
            SpecError::UnknownName { .. } => memcore_status::UnknownName,
            SpecError::UnknownKey { .. } => memcore_status::UnknownKey,
            SpecError::BadValue { .. } => memcore_status::BadValue,
            SpecError::BadPart { .. } => memcore_status::BadPart,
            _ => memcore_status::Other,
        };
        Failure::Told(status, 0, error.to_string())
    }
}

/// What is kept of a failure; the sentences of `Told` and `Ruled` are in `TEXT`.
#[derive(Clone, Copy)]
enum Kept {
    Plain(memcore_status),
    Alloc(AllocError),
    Heap(HeapError),
    Corrupt(Corruption),
    Told(memcore_status, u64),
    Ruled(memcore_status, u64, &'static str, &'static str),
    Fault(Fault),
}

thread_local! {
    // Without a destructor and with a constant beginning: reading and writing it never allocates.
    static LAST: Cell<Kept> = const { Cell::new(Kept::Plain(memcore_status::Ok)) };
    static TEXT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps a failure for whoever asks, and returns its status.
#[cold]
#[inline(never)]
pub(crate) fn report(failure: Failure) -> i32 {
    let kept = match failure {
        Failure::Plain(status) => Kept::Plain(status),
        Failure::Alloc(error) => Kept::Alloc(error),
        Failure::Heap(error) => Kept::Heap(error),
        Failure::Corrupt(corruption) => Kept::Corrupt(corruption),
        Failure::Fault(fault) => Kept::Fault(fault),
        Failure::Told(status, value, text) => with_text(Kept::Told(status, value), text),
        Failure::Ruled { status, value, name, rule, text } => {
            with_text(Kept::Ruled(status, value, name, rule), text)
        }
    };
    LAST.set(kept);
    kept.status() as i32
}

/// Keeps a sentence. While a thread ends its text may be gone already; the status then has to do.
fn with_text(kept: Kept, text: String) -> Kept {
    match TEXT.try_with(|last| last.replace(text)) {
        Ok(_) => kept,
        Err(_) => Kept::Plain(kept.status()),
    }
}

impl Kept {
    fn status(&self) -> memcore_status {
        match self {
            Kept::Plain(status) | Kept::Told(status, _) | Kept::Ruled(status, ..) => *status,
            Kept::Fault(_) => memcore_status::VmFault,
            Kept::Alloc(error) => (*error).into(),
            Kept::Heap(error) => (*error).into(),
            Kept::Corrupt(_) => memcore_status::Corrupt,
        }
    }

    fn details(&self) -> memcore_error_details {
        let status = self.status();
        let error_number = error_number(status);
        let mut details = memcore_error_details { status: status as i32, error_number, ..NO_DETAILS };
        match *self {
            Kept::Plain(_) => {}
            Kept::Told(_, value) => details.value = value,
            Kept::Ruled(_, value, name, rule) => {
                (details.value, details.name, details.rule) = (value, name.into(), rule.into());
            }
            Kept::Fault(fault) => details.value = fault.address,
            Kept::Corrupt(Corruption { what, at }) => (details.rule, details.value) = (what.into(), at),
            Kept::Alloc(error) => details.take_from(error),
            Kept::Heap(error) => details.take_from_heap(error),
        }
        details
    }
}

/// The numbers behind a refusal of a heap.
pub(crate) fn details_of(error: HeapError) -> memcore_error_details {
    Kept::Heap(error).details()
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kept::Plain(status) => f.write_str(&status::message(*status as i32).to_string_lossy()),
            Kept::Alloc(error) => error.fmt(f),
            Kept::Heap(error) => error.fmt(f),
            Kept::Corrupt(corruption) => corruption.fmt(f),
            Kept::Fault(fault) => fault.fmt(f),
            Kept::Told(status, _) | Kept::Ruled(status, ..) => {
                match TEXT.try_with(|text| f.write_str(&text.borrow())) {
                    Ok(written) => written,
                    Err(_) => Kept::Plain(*status).fmt(f),
                }
            }
        }
    }
}

/// The error number of Linux for a refusal of a machine of virtual memory; 0 for any other.
fn error_number(status: memcore_status) -> i32 {
    let errno = match status {
        memcore_status::VmInvalid => Errno::EINVAL,
        memcore_status::VmNoMemory | memcore_status::VmHole => Errno::ENOMEM,
        memcore_status::VmBadAddress => Errno::EFAULT,
        memcore_status::VmExists => Errno::EEXIST,
        memcore_status::VmDenied => Errno::EACCES,
        memcore_status::VmBadFile => Errno::EBADF,
        memcore_status::VmNoProcess => Errno::ESRCH,
        memcore_status::VmAgain => Errno::EAGAIN,
        memcore_status::VmIo => Errno::EIO,
        _ => return 0,
    };
    errno.number()
}

/// What a strategy could not do.
#[repr(i32)]
pub enum memcore_operation {
    /// Nothing of the kind.
    None = 0,
    /// Free by address.
    FreeAt = 1,
    /// Find a block by its start.
    BlockAt = 2,
    /// Find the block around an offset.
    Containing = 3,
    /// Allocate at a wanted start.
    AllocateAt = 4,
    /// Compact.
    Compact = 5,
    /// Take checkpoints and rewind.
    Checkpoint = 6,
    /// One that this version of the library has no number for.
    Other = 99,
}

fn number(operation: Operation) -> i32 {
    (match operation {
        Operation::FreeAt => memcore_operation::FreeAt,
        Operation::BlockAt => memcore_operation::BlockAt,
        Operation::Containing => memcore_operation::Containing,
        Operation::AllocateAt => memcore_operation::AllocateAt,
        Operation::Compact => memcore_operation::Compact,
        Operation::Checkpoint => memcore_operation::Checkpoint,
        _ => memcore_operation::Other,
    }) as i32
}

/// What a wanted start has to obey.
#[repr(i32)]
pub enum memcore_start_rule {
    /// Nothing of the kind.
    None = 0,
    /// The start must be a multiple.
    Start = 1,
    /// The start plus the bias must be a multiple.
    BiasedStart = 2,
}

/// The numbers behind a failure. Those that the status does not speak of are 0, and texts are empty.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_error_details {
    /// What the failed call returned; `MEMCORE_STATUS_OK` when no call of this thread has failed yet.
    pub status: i32,
    /// Bytes asked for: ZERO_SIZE, TOO_LARGE, OVERFLOW, OUT_OF_SPACE, LIMIT_EXCEEDED, RANGE_TAKEN,
    /// NO_ROOM_IN_PLACE; bytes of the memory: HEAP_BAD_MEMORY; bytes that the call was about: HEAP_SYSTEM.
    pub size: u64,
    /// Alignment asked for: BAD_ALIGNMENT, BAD_BIAS, OUT_OF_SPACE.
    pub alignment: u64,
    /// Bytes before the aligned point: BAD_BIAS.
    pub bias: u64,
    /// Unit of the space: BAD_BIAS, OVERFLOW.
    pub granularity: u64,
    /// Bytes of the space (of a slot, for a pool): TOO_LARGE, CAPACITY_SHRINK.
    pub capacity: u64,
    /// Bytes in all holes: OUT_OF_SPACE.
    pub free: u64,
    /// Bytes of the largest hole: OUT_OF_SPACE.
    pub largest_hole: u64,
    /// Bytes in use: LIMIT_EXCEEDED.
    pub used: u64,
    /// Most bytes in use allowed: LIMIT_EXCEEDED; the most that the memory can have: HEAP_MEMORY_LIMIT.
    pub limit: u64,
    /// Live blocks: OUT_OF_METADATA.
    pub blocks: u64,
    /// The block: STALE_ID, DOUBLE_FREE, UNKNOWN_ID, NOT_TOP, NO_ROOM_IN_PLACE, HEAP_STALE_HANDLE, HEAP_HELD,
    /// HEAP_NOT_HELD.
    pub id: u64,
    /// The block that is the top: NOT_TOP; the address of the oldest record: HEAP_NOT_OLDEST.
    pub top: u64,
    /// The offset: UNKNOWN_START, UNKNOWN_OFFSET, RANGE_TAKEN, BAD_START, BAD_CHECKPOINT.
    pub start: u64,
    /// What the start must be a multiple of: BAD_START.
    pub multiple: u64,
    /// The most that the block could have: NO_ROOM_IN_PLACE.
    pub available: u64,
    /// The capacity asked for: CAPACITY_SHRINK; the bytes asked for: HEAP_MEMORY_LIMIT.
    pub wanted: u64,
    /// Changes when the plan was made: OUTDATED_PLAN.
    pub made: u64,
    /// Changes now: OUTDATED_PLAN.
    pub now: u64,
    /// The offending value: BAD_PARAMETER; the offset, slot or count that breaks the rule: CORRUPT; the bytes that
    /// are needed: MEMORY_TOO_SMALL; the alignment that is needed: MISALIGNED_MEMORY; the line, byte, operation or
    /// limit: TRACE_LINE, TRACE_BYTE, TRACE_EVENT, TRACE_LIMIT, REPLAY_BAD_OPTION, REPLAY_TARGET; the frames, pages,
    /// references or bytes: POLICY_FRAMES, POLICY_PAGES, POLICY_REFERENCES, TRACE_PAGE_SIZE, OUT_OF_MEMORY; the page:
    /// OUT_OF_RANGE; the number of that name: CACHE_SETS, CACHE_WAYS, CACHE_LINE, CACHE_SIZE, CACHE_SIZE_DIFFERS,
    /// CACHE_PAGE_SIZE, CACHE_LEVELS, CACHE_LINE_SHRINKS, CACHE_EXCLUSIVE_LINE, CACHE_LATENCY_FALLS, CACHE_PREFETCH,
    /// CACHE_SRRIP_BITS; the page or (as a signed number) the address: VMM_...; the field: SEGMENT_DESCRIPTOR; the
    /// error code: SEGMENT_NOT_PRESENT_FAULT, SEGMENT_STACK_FAULT, SEGMENT_GENERAL_PROTECTION; the number that is not
    /// right or not there: MULTICS_INVALID, MULTICS_UNKNOWN, MULTICS_TAKEN; the offset: faults of MULTICS_...; the
    /// segment: MULTICS_ATTACHED, SEGMENT_UNKNOWN, SEGMENT_NOT_PRESENT, SEGMENT_PRESENT, SEGMENT_LIMIT,
    /// SEGMENT_PROTECTION; how many frames there are: MULTICS_NO_FRAMES;
    /// the argument, the bytes asked for, the address, the file or the process: VM_INVALID, VM_NO_MEMORY,
    /// VM_HOLE, VM_BAD_ADDRESS, VM_EXISTS, VM_DENIED, VM_BAD_FILE, VM_NO_PROCESS, VM_AGAIN, VM_FAULT; the
    /// line: VM_CONFIG; how often the block is held: HEAP_HELD.
    pub value: u64,
    /// What could not be done, a `memcore_operation`: UNSUPPORTED, NO_ADDRESS_INDEX.
    pub operation: i32,
    /// What must be a multiple, a `memcore_start_rule`: BAD_START.
    pub needs: i32,
    /// The parameter: BAD_PARAMETER, VM_INVALID, VM_CONFIG; the strategy: UNSUPPORTED; the call: HEAP_SYSTEM.
    pub name: memcore_text,
    /// The rule that is broken: BAD_PARAMETER, CORRUPT, VM_INVALID, VM_CONFIG, HEAP_BAD_MEMORY, HEAP_BAD_IMAGE; what ran out, VM_NO_MEMORY: "addresses",
    /// "address-limit", "commit", "areas", "frames", "huge-pages", "locked", "host".
    pub rule: memcore_text,
    /// The number of `errno.h` on Linux for VM_INVALID to VM_IO; the system's own for HEAP_SYSTEM; else 0.
    pub error_number: i32,
    /// The address: HEAP_NOT_IN_HEAP, HEAP_NOT_A_BLOCK, HEAP_HEADER_SMASHED, HEAP_REDZONE_SMASHED, HEAP_FREED_WRITTEN,
    /// HEAP_NOT_OLDEST, and of a heap DOUBLE_FREE, NO_ROOM_IN_PLACE; where the memory begins: HEAP_BAD_MEMORY.
    pub address: u64,
    /// The first bad byte, counted from the block's first, negative in front of it: HEAP_REDZONE_SMASHED,
    /// HEAP_FREED_WRITTEN; counted from the beginning of the memory: HEAP_BAD_IMAGE.
    pub offset: i64,
    /// What is there: HEAP_HEADER_SMASHED, HEAP_REDZONE_SMASHED, HEAP_FREED_WRITTEN, HEAP_BAD_IMAGE.
    pub found: u64,
}

const NO_DETAILS: memcore_error_details = memcore_error_details {
    status: 0,
    size: 0,
    alignment: 0,
    bias: 0,
    granularity: 0,
    capacity: 0,
    free: 0,
    largest_hole: 0,
    used: 0,
    limit: 0,
    blocks: 0,
    id: 0,
    top: 0,
    start: 0,
    multiple: 0,
    available: 0,
    wanted: 0,
    made: 0,
    now: 0,
    value: 0,
    operation: memcore_operation::None as i32,
    needs: memcore_start_rule::None as i32,
    name: memcore_text::EMPTY,
    rule: memcore_text::EMPTY,
    error_number: 0,
    address: 0,
    offset: 0,
    found: 0,
};

impl memcore_error_details {
    fn take_from(&mut self, error: AllocError) {
        match error {
            AllocError::TooLarge { size, capacity } => (self.size, self.capacity) = (size, capacity),
            AllocError::BadAlignment { alignment } => self.alignment = alignment,
            AllocError::BadBias { bias, alignment, granularity } => {
                (self.bias, self.alignment, self.granularity) = (bias, alignment, granularity);
            }
            AllocError::Overflow { size, granularity } => (self.size, self.granularity) = (size, granularity),
            AllocError::OutOfSpace { size, alignment, free, largest_hole } => {
                (self.size, self.alignment) = (size, alignment);
                (self.free, self.largest_hole) = (free, largest_hole);
            }
            AllocError::OutOfMetadata { blocks } => self.blocks = blocks,
            AllocError::LimitExceeded { size, used, limit } => {
                (self.size, self.used, self.limit) = (size, used, limit);
            }
            AllocError::StaleId { id } | AllocError::DoubleFree { id } | AllocError::UnknownId { id } => {
                self.id = id.to_bits();
            }
            AllocError::UnknownStart { start } => self.start = start,
            AllocError::UnknownOffset { offset } => self.start = offset,
            AllocError::NotTop { id, top } => (self.id, self.top) = (id.to_bits(), top.to_bits()),
            AllocError::RangeTaken { start, size } => (self.start, self.size) = (start, size),
            AllocError::BadStart { start, needs, multiple } => {
                (self.start, self.multiple) = (start, multiple);
                self.needs = match needs {
                    StartRule::Start => memcore_start_rule::Start,
                    StartRule::BiasedStart => memcore_start_rule::BiasedStart,
                } as i32;
            }
            AllocError::NoRoomInPlace { id, size, available } => {
                (self.id, self.size, self.available) = (id.to_bits(), size, available);
            }
            AllocError::CapacityShrink { capacity, wanted } => {
                (self.capacity, self.wanted) = (capacity, wanted)
            }
            AllocError::BadParameter { name, value, rule } => {
                (self.name, self.value, self.rule) = (name.into(), value, rule.into());
            }
            AllocError::Unsupported { operation, strategy } => {
                (self.operation, self.name) = (number(operation), strategy.into());
            }
            AllocError::NoAddressIndex { operation } => self.operation = number(operation),
            AllocError::BadCheckpoint { position } => self.start = position,
            AllocError::OutdatedPlan { made, now } => (self.made, self.now) = (made, now),
            // The rest says everything by its name.
            _ => {}
        }
    }
}

impl memcore_error_details {
    fn take_from_heap(&mut self, error: HeapError) {
        match error {
            HeapError::Alloc(error) => self.take_from(error),
            HeapError::NotInHeap { address }
            | HeapError::NotABlock { address }
            | HeapError::DoubleFree { address } => self.address = address as u64,
            HeapError::HeaderSmashed { address, found } => {
                (self.address, self.found) = (address as u64, found);
            }
            HeapError::RedzoneSmashed { address, offset, found } => {
                (self.address, self.offset, self.found) = (address as u64, offset as i64, found.into());
            }
            HeapError::FreedWritten { address, offset, found } => {
                (self.address, self.offset, self.found) = (address as u64, offset as i64, found.into());
            }
            HeapError::NoRoomInPlace { address, size, available } => {
                self.address = address as u64;
                (self.size, self.available) = (size as u64, available as u64);
            }
            HeapError::MemoryLimit { limit, wanted } => {
                (self.limit, self.wanted) = (limit as u64, wanted as u64);
            }
            HeapError::System { call, code, bytes } => {
                (self.name, self.error_number, self.size) = (call.into(), code, bytes as u64);
            }
            HeapError::BadMemory { address, bytes, rule } => {
                (self.address, self.size, self.rule) = (address as u64, bytes as u64, rule.into());
            }
            HeapError::BadParameter { name, value, rule } => {
                (self.name, self.value, self.rule) = (name.into(), value, rule.into());
            }
            HeapError::StaleHandle { handle } | HeapError::NotHeld { handle } => self.id = handle,
            HeapError::Held { handle, holds } => (self.id, self.value) = (handle, holds.into()),
            HeapError::BadImage { what, at, found } => {
                (self.rule, self.offset, self.found) = (what.into(), at as i64, found);
            }
            HeapError::NotOldest { address, oldest } => {
                (self.address, self.top) = (address as u64, oldest as u64);
            }
            // The rest says everything by its name.
            _ => {}
        }
    }
}

/// Tells the numbers behind the last failure of the calling thread.
///
/// \param details where they are written.
/// \return `MEMCORE_STATUS_OK`, or `MEMCORE_STATUS_NULL_ARGUMENT` iff `details` is null, which then is the last
/// failure.
///
/// Calls that succeed leave the last failure as it is, so ask right after the call that failed. Takes constant
/// time and allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_last_error(details: *mut memcore_error_details) -> i32 {
    guarded_status(|| {
        // SAFETY: the caller gives null or room for the struct.
        unsafe { out(details) }?.write(LAST.get().details());
        Ok::<_, Failure>(())
    })
}

/// Puts the last failure of the calling thread into a sentence, with its numbers: "no room for 300 bytes aligned
/// to 1: 550 bytes are free, the largest hole has 200".
///
/// \param buffer where the sentence is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer. A sentence that is too long is cut off, before a character that does not fit.
/// \return the length of the whole sentence without the zero byte; the sentence was cut iff this is at least
/// `size`. 0 iff `buffer` is null and `size` is not 0.
///
/// Takes time proportional to the length of the sentence and allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_last_error_message(buffer: *mut c_char, size: usize) -> usize {
    guarded(0, || {
        // SAFETY: the caller gives `size` bytes that may be written, or null, which is found out here.
        match unsafe { Buffer::new(buffer, size) } {
            Ok(buffer) => buffer.print(&LAST.get()),
            Err(_) => 0,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last() -> (memcore_error_details, String) {
        (LAST.get().details(), LAST.get().to_string())
    }

    #[test]
    fn a_failure_is_kept_with_its_numbers_and_its_sentence() {
        let error = AllocError::OutOfSpace { size: 300, alignment: 8, free: 550, largest_hole: 200 };
        assert_eq!(report(error.into()), memcore_status::OutOfSpace as i32);
        let (details, sentence) = last();
        assert_eq!((details.size, details.alignment, details.free, details.largest_hole), (300, 8, 550, 200));
        assert_eq!(sentence, error.to_string());
    }

    #[test]
    fn a_told_failure_keeps_its_own_sentence() {
        report(Failure::Told(memcore_status::TraceLine, 17, "a.rep:17: no".to_owned()));
        let (details, sentence) = last();
        assert_eq!((details.status, details.value), (memcore_status::TraceLine as i32, 17));
        assert_eq!(sentence, "a.rep:17: no");

        report(memcore_status::NullArgument.into());
        assert_eq!(last().1, "a pointer that must not be null was null");
    }

    #[test]
    fn threads_do_not_see_each_others_failures() {
        report(memcore_status::NullArgument.into());
        let other = std::thread::spawn(|| last().0.status).join().unwrap();
        assert_eq!(other, memcore_status::Ok as i32);
    }
}
