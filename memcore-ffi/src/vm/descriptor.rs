//! Segment descriptors of the x86 processors: 8 bytes, taken apart and put together.

use memcore::vm::segment::{Descriptor, SegmentKind};

use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, out},
    status::memcore_status,
};

/// What a segment is for.
#[repr(i32)]
pub enum memcore_segment_kind {
    /// Data, always readable.
    Data = 0,
    /// Code, always executable and never writable.
    Code = 1,
    /// A descriptor of the system: an LDT, a task state, a gate.
    System = 2,
}

/// A segment descriptor, field by field.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_segment_descriptor {
    /// The linear address of offset 0.
    pub base: u32,
    /// The limit as it is written, 20 bits: the last offset, in bytes or in units of 4096.
    pub limit: u32,
    /// What the segment is for, a `memcore_segment_kind`.
    pub kind: i32,
    /// DPL, 0 (the kernel) to 3.
    pub privilege: u8,
    /// The 4 bits of a system descriptor's type; else 0.
    pub system_code: u8,
    /// G: whether the limit counts units of 4096 bytes.
    pub granular: bool,
    /// Data only: whether it may be written.
    pub writable: bool,
    /// Data only: whether the valid offsets lie above the limit.
    pub expand_down: bool,
    /// Code only: whether it may be read.
    pub readable: bool,
    /// Code only: whether less privileged code may jump to it.
    pub conforming: bool,
    /// Whether the processor has loaded it. Always false for the system's.
    pub accessed: bool,
    /// P: whether the segment is in memory.
    pub present: bool,
    /// D or B: 32-bit code or stack, or offsets up to 2^32 - 1 for expand-down data.
    pub big: bool,
    /// L: 64-bit code; without effect here.
    pub long_mode: bool,
    /// AVL: free for the operating system.
    pub available: bool,
}

impl From<Descriptor> for memcore_segment_descriptor {
    fn from(descriptor: Descriptor) -> Self {
        let (kind, code, [writable, expand_down, readable, conforming]) = match descriptor.kind {
            SegmentKind::Data { writable, expand_down } => {
                (memcore_segment_kind::Data, 0, [writable, expand_down, false, false])
            }
            SegmentKind::Code { readable, conforming } => {
                (memcore_segment_kind::Code, 0, [false, false, readable, conforming])
            }
            SegmentKind::System { code } => (memcore_segment_kind::System, code, [false; 4]),
        };
        memcore_segment_descriptor {
            base: descriptor.base,
            limit: descriptor.limit,
            kind: kind as i32,
            privilege: descriptor.privilege,
            system_code: code,
            granular: descriptor.granular,
            writable,
            expand_down,
            readable,
            conforming,
            accessed: descriptor.accessed,
            present: descriptor.present,
            big: descriptor.big,
            long_mode: descriptor.long,
            available: descriptor.available,
        }
    }
}

fn descriptor_of(descriptor: &memcore_segment_descriptor) -> Result<Descriptor, Failure> {
    let memcore_segment_descriptor { writable, expand_down, readable, conforming, .. } = *descriptor;
    let kind = match descriptor.kind {
        0 => SegmentKind::Data { writable, expand_down },
        1 => SegmentKind::Code { readable, conforming },
        2 => SegmentKind::System { code: descriptor.system_code },
        _ => return Err(memcore_status::InvalidArgument.into()),
    };
    Ok(Descriptor {
        base: descriptor.base,
        limit: descriptor.limit,
        granular: descriptor.granular,
        kind,
        accessed: descriptor.accessed,
        privilege: descriptor.privilege,
        present: descriptor.present,
        big: descriptor.big,
        long: descriptor.long_mode,
        available: descriptor.available,
    })
}

/// Takes a descriptor apart. Every number is one.
///
/// \param word the 8 bytes, as one little-endian number.
/// \param descriptor where the fields are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
///
/// \code
/// memcore_segment_descriptor flat;
/// memcore_segment_decode(0x00cf92000000ffff, &flat);
/// printf("%d %d\n", flat.kind == MEMCORE_SEGMENT_KIND_DATA, flat.writable); // 1 1
/// \endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_decode(
    word: u64,
    descriptor: *mut memcore_segment_descriptor,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let descriptor = unsafe { out(descriptor)? };
        descriptor.write(Descriptor::decode(word).into());
        Ok::<_, Failure>(())
    })
}

/// Puts a descriptor together.
///
/// \param descriptor the fields; those of another kind than `kind` are not looked at.
/// \param word where the 8 bytes are written, as one little-endian number.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_DESCRIPTOR` iff a field has no room in its bits;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `kind` is none; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_encode(
    descriptor: *const memcore_segment_descriptor,
    word: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (descriptor, word) = unsafe { (object(descriptor)?, out(word)?) };
        word.write(descriptor_of(descriptor)?.encode()?);
        Ok::<_, Failure>(())
    })
}

/// Makes the descriptor of a present segment of so many bytes: writable data, readable code or a system's, with
/// 32-bit offsets, in units of bytes up to 1 MiB and of 4096 bytes above. Its flags may then be changed.
///
/// \param base the linear address of offset 0.
/// \param size bytes, from 1 to 2^32, a multiple of 4096 above 2^20.
/// \param kind a `memcore_segment_kind`.
/// \param privilege 0 to 3.
/// \param descriptor where it is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_DESCRIPTOR` iff a number is out of its range;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `kind` is none; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_describe(
    base: u32,
    size: u64,
    kind: i32,
    privilege: u8,
    descriptor: *mut memcore_segment_descriptor,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let descriptor = unsafe { out(descriptor)? };
        let kind = match kind {
            0 => SegmentKind::Data { writable: true, expand_down: false },
            1 => SegmentKind::Code { readable: true, conforming: false },
            2 => SegmentKind::System { code: 0 },
            _ => return Err(memcore_status::InvalidArgument.into()),
        };
        descriptor.write(Descriptor::new(base, size, kind, privilege)?.into());
        Ok::<_, Failure>(())
    })
}

/// Tells the offsets that a descriptor allows: granularity scales the limit, expand-down inverts it.
///
/// \param descriptor the descriptor.
/// \param first where the first valid offset is written.
/// \param last where the last is written.
/// \param any where is written whether there is one at all; else the two are 0.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_DESCRIPTOR`; `MEMCORE_STATUS_INVALID_ARGUMENT`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_offsets(
    descriptor: *const memcore_segment_descriptor,
    first: *mut u32,
    last: *mut u32,
    any: *mut bool,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (descriptor, first, last, any) =
            unsafe { (object(descriptor)?, out(first)?, out(last)?, out(any)?) };
        let descriptor = descriptor_of(descriptor)?;
        descriptor.encode()?;
        let offsets = descriptor.offsets();
        any.write(offsets.is_some());
        first.write(offsets.map_or(0, |(first, _)| first));
        last.write(offsets.map_or(0, |(_, last)| last));
        Ok::<_, Failure>(())
    })
}
