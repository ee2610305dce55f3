//! The segment unit of the x86 processors: tables, selectors, registers.

use memcore::vm::segment::{Descriptor, DescriptorTable, SegmentRegister, SegmentUnit, Selector};

use super::{access_of, changing, corrupt, descriptor::memcore_segment_descriptor};
use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{array, drop_handle, into_handle, object, optional_out, out},
    status::memcore_status,
};

/// The segment unit of a processor in protected mode: a global and perhaps a local table, six registers, a privilege
/// level. Opaque.
pub struct memcore_segment_unit {
    unit: SegmentUnit,
}

const _: () = {
    const fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<memcore_segment_unit>();
};

/// A segment register.
#[repr(i32)]
pub enum memcore_segment_register {
    /// Code.
    Cs = 0,
    /// Stack.
    Ss = 1,
    /// Data.
    Ds = 2,
    /// More data.
    Es = 3,
    /// More data.
    Fs = 4,
    /// More data.
    Gs = 5,
}

fn register_of(register: i32) -> Result<SegmentRegister, Failure> {
    let found = usize::try_from(register).ok().and_then(|at| SegmentRegister::ALL.get(at).copied());
    found.ok_or(memcore_status::InvalidArgument.into())
}

fn table_of(unit: &SegmentUnit, local: bool) -> Result<&DescriptorTable, Failure> {
    let table = if local { unit.local_table() } else { Some(unit.global_table()) };
    table.ok_or(memcore_status::OutOfRange.into())
}

/// Makes a segment unit whose registers are null.
///
/// \param words the entries of the global table, of which 0 is never used; may be null when `count` is 0.
/// \param count how many they are, at most 8192.
/// \param privilege the current privilege level, 0 to 3.
/// \param unit where the handle is written; `memcore_segment_unit_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_DESCRIPTOR` iff a number is out of its range;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `count` is more than memory holds; `MEMCORE_STATUS_OUT_OF_MEMORY`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(count).
///
/// \code
/// const uint64_t gdt[] = {0, 0x00cf9a000000ffff, 0x004092001000000f};
/// memcore_segment_unit *unit;
/// uint32_t linear;
/// if (memcore_segment_unit_create(gdt, 3, 0, &unit) == MEMCORE_STATUS_OK) {
///     memcore_segment_unit_load(unit, MEMCORE_SEGMENT_REGISTER_DS, 0x10);
///     memcore_segment_unit_translate(unit, MEMCORE_SEGMENT_REGISTER_DS, 12, 4, MEMCORE_ACCESS_KIND_READ, &linear);
///     printf("%" PRIx32 "\n", linear); // 100c
///     memcore_segment_unit_destroy(unit);
/// }
/// \endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_unit_create(
    words: *const u64,
    count: usize,
    privilege: u8,
    unit: *mut *mut memcore_segment_unit,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (words, unit) = unsafe { (array(words, count)?, out(unit)?) };
        let made = SegmentUnit::new(DescriptorTable::from_words(words)?, privilege)?;
        unit.write(into_handle(memcore_segment_unit { unit: made })?);
        Ok::<_, Failure>(())
    })
}

/// Gives a unit a local table, in place of the one it may have. Registers keep what they hold.
///
/// \param unit the handle.
/// \param words the entries; may be null when `count` is 0.
/// \param count how many they are, at most 8192.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_DESCRIPTOR` iff they are too many;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `count` is more than memory holds; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(count).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_unit_set_local_table(
    unit: *mut memcore_segment_unit,
    words: *const u64,
    count: usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (unit, words) = unsafe { (changing(unit)?, array(words, count)?) };
        unit.unit.set_local_table(Some(DescriptorTable::from_words(words)?));
        Ok::<_, Failure>(())
    })
}

/// Takes the local table away. Registers keep what they hold.
///
/// \param unit the handle.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_unit_remove_local_table(unit: *mut memcore_segment_unit) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(unit)? }.unit.set_local_table(None);
        Ok::<_, Failure>(())
    })
}

/// Replaces an entry of a table. A register that was loaded from it keeps what it has.
///
/// \param unit the handle.
/// \param local whether the local table is meant.
/// \param index which entry.
/// \param word the descriptor.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_DESCRIPTOR` iff there is no such entry;
/// `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no local table; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_unit_set_word(
    unit: *mut memcore_segment_unit,
    local: bool,
    index: u16,
    word: u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let unit = &mut unsafe { changing(unit)? }.unit;
        let table = if local { unit.local_table_mut() } else { Some(unit.global_table_mut()) };
        table.ok_or(Failure::Plain(memcore_status::OutOfRange))?.set(index, Descriptor::decode(word))?;
        Ok::<_, Failure>(())
    })
}

/// Tells an entry of a table; the unit marks those that it loads as accessed.
///
/// \param unit the handle.
/// \param local whether the local table is meant.
/// \param index which entry.
/// \param word where the descriptor is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such entry or table;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_unit_word(
    unit: *const memcore_segment_unit,
    local: bool,
    index: u16,
    word: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (unit, word) = unsafe { (object(unit)?, out(word)?) };
        let words = table_of(&unit.unit, local)?.words();
        let found = words.get(usize::from(index)).ok_or(Failure::Plain(memcore_status::OutOfRange))?;
        word.write(*found);
        Ok::<_, Failure>(())
    })
}

/// Loads a register, as MOV or POP do: data needs max(CPL, RPL) <= DPL, the stack needs all three equal and writable
/// data, CS is loaded by a jump or return.
///
/// \param unit the handle.
/// \param reg a `memcore_segment_register`.
/// \param selector what is loaded.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_GENERAL_PROTECTION`,
/// `MEMCORE_STATUS_SEGMENT_NOT_PRESENT_FAULT` or `MEMCORE_STATUS_SEGMENT_STACK_FAULT`, with the error code as the
/// failure's value; `MEMCORE_STATUS_INVALID_ARGUMENT` iff there is no such register; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_unit_load(
    unit: *mut memcore_segment_unit,
    reg: i32,
    selector: u16,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let unit = unsafe { changing(unit)? };
        Ok::<_, Failure>(unit.unit.load(register_of(reg)?, Selector(selector))?)
    })
}

/// Jumps (or calls) to code in another segment, without a gate; the privilege stays.
///
/// \param unit the handle.
/// \param selector of the code.
/// \param offset of the first instruction.
/// \return as `memcore_segment_unit_load`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_unit_far_jump(
    unit: *mut memcore_segment_unit,
    selector: u16,
    offset: u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let unit = unsafe { changing(unit)? };
        Ok::<_, Failure>(unit.unit.far_jump(Selector(selector), offset)?)
    })
}

/// Returns to code of the same or a less privileged level, which is the RPL of `code`.
///
/// \param unit the handle.
/// \param code of the code.
/// \param offset of the instruction.
/// \param stack of the stack of an outer level; at the same level it is not looked at.
/// \return as `memcore_segment_unit_load`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_unit_far_return(
    unit: *mut memcore_segment_unit,
    code: u16,
    offset: u32,
    stack: u16,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let unit = unsafe { changing(unit)? };
        Ok::<_, Failure>(unit.unit.far_return(Selector(code), offset, Selector(stack))?)
    })
}

/// Tells where an access through a register goes.
///
/// \param unit the handle.
/// \param reg a `memcore_segment_register`.
/// \param offset in the segment.
/// \param size bytes; none are within every limit.
/// \param access a `memcore_access_kind`.
/// \param linear where the linear address of the first byte is written; the next ones follow modulo 2^32.
/// \return as `memcore_segment_unit_load`; `MEMCORE_STATUS_INVALID_ARGUMENT` also iff `access` is no kind.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_unit_translate(
    unit: *const memcore_segment_unit,
    reg: i32,
    offset: u32,
    size: u32,
    access: i32,
    linear: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (unit, linear) = unsafe { (object(unit)?, out(linear)?) };
        linear.write(unit.unit.translate(register_of(reg)?, offset, size, access_of(access)?)?.start);
        Ok::<_, Failure>(())
    })
}

/// Tells what a register holds.
///
/// \param unit the handle.
/// \param reg a `memcore_segment_register`.
/// \param selector where the selector is written.
/// \param descriptor where the hidden descriptor is written, unless the register is null; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_unit_register(
    unit: *const memcore_segment_unit,
    reg: i32,
    selector: *mut u16,
    descriptor: *mut memcore_segment_descriptor,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (unit, selector, room) = unsafe { (object(unit)?, out(selector)?, optional_out(descriptor)) };
        let register = register_of(reg)?;
        selector.write(unit.unit.selector(register).0);
        if let (Some(room), Some(held)) = (room, unit.unit.descriptor(register)) {
            room.write(held.into());
        }
        Ok::<_, Failure>(())
    })
}

/// Tells the current privilege level.
///
/// \param unit the handle.
/// \param privilege where it is written, 0 to 3.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_unit_privilege(
    unit: *const memcore_segment_unit,
    privilege: *mut u8,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (unit, privilege) = unsafe { (object(unit)?, out(privilege)?) };
        privilege.write(unit.unit.privilege());
        Ok::<_, Failure>(())
    })
}

/// Checks every invariant of a unit.
///
/// \param unit the handle.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CORRUPT`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_unit_validate(unit: *const memcore_segment_unit) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let unit = unsafe { object(unit)? };
        unit.unit.validate().map_err(corrupt)
    })
}

/// Ends a unit.
///
/// \param unit the handle; null does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_unit_destroy(unit: *mut memcore_segment_unit) {
    // SAFETY: null or a unit of this library's that nobody uses any more.
    guarded((), || unsafe { drop_handle(unit) });
}
