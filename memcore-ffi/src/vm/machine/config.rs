//! How a machine is made.

use std::ffi::c_char;

use memcore::vm::{Machine, MachineConfig, MachineConfigError};

use super::handle::memcore_machine;
use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{array, optional_out, out},
    status::memcore_status,
    text::{Buffer, memcore_text, text},
};

impl From<MachineConfigError> for Failure {
    fn from(error: MachineConfigError) -> Self {
        let line = match &error {
            MachineConfigError::Syntax { line, .. } => *line as u64,
            _ => 0,
        };
        Failure::Told(memcore_status::VmConfig, line, error.to_string())
    }
}

/// One value of a configuration, by its key.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_setting {
    /// Names joined by dots: "paging", "swap.pages", "memory.nodes.0.frames"; "memory.frames" is one node of so
    /// many frames.
    pub key: *const c_char,
    /// The value in TOML, or a text; "none" takes an optional value away.
    pub value: *const c_char,
}

/// The number of machines that have a name.
///
/// \return the number; `memcore_machine_preset` takes indices below it.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_machine_preset_count() -> usize {
    guarded(0, || MachineConfig::PRESETS.len())
}

/// The name of a machine, as `memcore_machine_create` reads it: "linux", "riscv", "textbook", ...
///
/// \param index from 0 to `memcore_machine_preset_count()` - 1.
/// \param name where the name is written.
/// \param about where is written what the machine is; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such index;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_preset(
    index: usize,
    name: *mut memcore_text,
    about: *mut memcore_text,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or room for the answer.
        let (name, about) = unsafe { (out(name)?, optional_out(about)) };
        let (found, meaning) = *MachineConfig::PRESETS.get(index).ok_or(memcore_status::OutOfRange)?;
        name.write(found.into());
        if let Some(about) = about {
            about.write(meaning.into());
        }
        Ok::<_, Failure>(())
    })
}

/// Reads a configuration: a preset's name, or TOML.
fn read(config: &str) -> Result<MachineConfig, Failure> {
    if let Some(preset) = MachineConfig::preset(config.trim()) {
        return Ok(preset);
    }
    if !config.contains(['=', '[', '\n', '#']) && !config.trim().is_empty() {
        let names: Vec<_> = MachineConfig::PRESETS.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let text = format!("no machine has the name {config:?} ({names} have)");
        return Err(Failure::Told(memcore_status::UnknownName, 0, text));
    }
    Ok(MachineConfig::from_toml(config)?)
}

/// Makes a machine without processes.
///
/// \param config the name of a preset, or a configuration as TOML; what TOML does not give is as in "linux".
/// \param machine where the handle is written; `memcore_machine_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME` iff the text is one word and no preset's name;
/// `MEMCORE_STATUS_VM_CONFIG` iff TOML, a key or a value is wrong, with key and rule in the details where the
/// machine refused it, and the line in `value` where it is not TOML; a `MEMCORE_STATUS_CACHE_...` or
/// `MEMCORE_STATUS_POLICY_...` status iff such caches or such a policy cannot be; `MEMCORE_STATUS_VM_NO_MEMORY`;
/// `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(frames), a few bytes each; contents of frames are allocated when they are written.
///
/// \code
/// memcore_machine *machine;
/// uint32_t process, child;
/// uint64_t at;
/// memcore_map_request request = memcore_map_request_for(8192, MEMCORE_PROT_READ | MEMCORE_PROT_WRITE);
/// if (memcore_machine_create("linux", &machine) == MEMCORE_STATUS_OK) {
///     memcore_machine_spawn(machine, &process);
///     memcore_machine_mmap(machine, process, &request, &at);
///     memcore_machine_write(machine, process, at, "hello", 6, NULL);
///     memcore_machine_fork(machine, process, &child);
///     memcore_machine_write(machine, child, at, "H", 1, NULL); // copies the page: the parent's says "hello"
///     memcore_machine_destroy(machine);
/// }
/// \endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_create(
    config: *const c_char,
    machine: *mut *mut memcore_machine,
) -> i32 {
    // SAFETY: as the header asks.
    unsafe { memcore_machine_create_with(config, std::ptr::null(), 0, machine) }
}

/// As `memcore_machine_create`, with some values changed.
///
/// \param config as for `memcore_machine_create`.
/// \param settings the values, set in their order; may be null when `count` is 0.
/// \param count how many.
/// \param machine where the handle is written; `memcore_machine_destroy` ends it.
/// \return as `memcore_machine_create`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `count` is more than memory holds.
///
/// As `memcore_machine_create`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_create_with(
    config: *const c_char,
    settings: *const memcore_setting,
    count: usize,
    machine: *mut *mut memcore_machine,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (config, settings, machine) = unsafe { (text(config)?, array(settings, count)?, out(machine)?) };
        let mut config = read(config)?;
        for setting in settings {
            // SAFETY: as the header asks.
            let (key, value) = unsafe { (text(setting.key)?, text(setting.value)?) };
            config.set(key, value)?;
        }
        machine.write(memcore_machine::of(Machine::new(config)?)?);
        Ok::<_, Failure>(())
    })
}

/// Tells how a machine is configured, as TOML that `memcore_machine_create` reads.
///
/// \param machine the handle.
/// \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole text without the zero byte is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_CONFIG` iff a value cannot be written in TOML, as numbers from
/// 2^63 cannot; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_config(
    machine: *mut memcore_machine,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, length, buffer) =
            unsafe { (memcore_machine::using(machine)?, out(length)?, Buffer::new(buffer, size)?) };
        length.write(buffer.print(&machine.config().to_toml()?));
        Ok::<_, Failure>(())
    })
}
