//! The classes `memcore.SegmentDescriptor`, `memcore.Selector` and `memcore.SegmentUnit`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use memcore::vm::segment::{
    Descriptor, DescriptorTable, SegmentKind, SegmentRegister, SegmentUnit, Selector,
};
use pyo3::{prelude::*, sync::MutexExt};

use super::{
    errors::{broken, descriptor_error, segment_fault},
    words::{access_of, byte, narrow, short},
};
use crate::{
    errors::{UnknownNameError, bad_parameter, raise},
    figures::Figures,
    number::Number,
};

/// A segment descriptor of the x86 processors, from its 8 bytes as one little-endian number. Every number is one.
///
/// >>> import memcore
/// >>> flat = memcore.SegmentDescriptor(0x00CF92000000FFFF)
/// >>> flat.kind, flat.writable, flat.offsets == (0, 2**32 - 1)
/// ('data', True, True)
/// >>> flat == memcore.SegmentDescriptor.of_size(0, 2**32)
/// True
#[pyclass(frozen, eq, hash, name = "SegmentDescriptor", module = "memcore")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PySegmentDescriptor(Descriptor);

fn of_fields(py: Python<'_>, descriptor: Descriptor) -> PyResult<PySegmentDescriptor> {
    descriptor.encode().map_err(|error| descriptor_error(py, error))?;
    Ok(PySegmentDescriptor(descriptor))
}

#[pymethods]
impl PySegmentDescriptor {
    #[new]
    fn new(word: Number) -> Self {
        PySegmentDescriptor(Descriptor::decode(word.0))
    }

    /// The descriptor of a present segment of so many bytes, in units of bytes up to 1 MiB and of 4096 bytes above.
    ///
    /// ``kind`` is ``"data"``, ``"code"`` or ``"system"``; ``writable`` and ``expand_down`` are of data, ``readable``
    /// and ``conforming`` of code, ``system_code`` of the system. For expand-down data, ``size`` is that below the
    /// valid offsets.
    ///
    /// Raises `BadParameterError`, `UnknownNameError`.
    #[staticmethod]
    #[pyo3(signature = (
        base, size, kind = "data", privilege = Number(0), *, writable = true, expand_down = false, readable = true,
        conforming = false, system_code = Number(0), present = true, big = true
    ))]
    #[allow(clippy::too_many_arguments)] // named ones, in Python
    fn of_size(
        py: Python<'_>,
        base: Number,
        size: Number,
        kind: &str,
        privilege: Number,
        writable: bool,
        expand_down: bool,
        readable: bool,
        conforming: bool,
        system_code: Number,
        present: bool,
        big: bool,
    ) -> PyResult<Self> {
        let kind = match kind {
            "data" => SegmentKind::Data { writable, expand_down },
            "code" => SegmentKind::Code { readable, conforming },
            "system" => SegmentKind::System { code: byte(py, "system_code", system_code)? },
            _ => {
                let message = format!("unknown kind of segment {kind:?}; known: data, code, system");
                return Err(raise!(
                    py,
                    UnknownNameError,
                    message,
                    name = kind,
                    known = ("data", "code", "system")
                ));
            }
        };
        let (base, privilege) = (narrow(py, "base", base)?, byte(py, "privilege", privilege)?);
        let made =
            Descriptor::new(base, size.0, kind, privilege).map_err(|error| descriptor_error(py, error))?;
        of_fields(py, Descriptor { present, big, ..made })
    }

    /// The 8 bytes, as one little-endian number.
    #[getter]
    fn word(&self, py: Python<'_>) -> PyResult<u64> {
        self.0.encode().map_err(|error| descriptor_error(py, error))
    }

    /// The linear address of offset 0.
    #[getter]
    fn base(&self) -> u32 {
        self.0.base
    }

    /// The limit as it is written, 20 bits: the last offset, in bytes or in units of 4096.
    #[getter]
    fn limit(&self) -> u32 {
        self.0.limit
    }

    /// Whether the limit counts units of 4096 bytes.
    #[getter]
    fn granular(&self) -> bool {
        self.0.granular
    }

    /// ``"data"``, ``"code"`` or ``"system"``.
    #[getter]
    fn kind(&self) -> &'static str {
        match self.0.kind {
            SegmentKind::Data { .. } => "data",
            SegmentKind::Code { .. } => "code",
            SegmentKind::System { .. } => "system",
        }
    }

    /// Whether it is data that may be written.
    #[getter]
    fn writable(&self) -> bool {
        matches!(self.0.kind, SegmentKind::Data { writable: true, .. })
    }

    /// Whether it is data whose valid offsets lie above the limit.
    #[getter]
    fn expand_down(&self) -> bool {
        matches!(self.0.kind, SegmentKind::Data { expand_down: true, .. })
    }

    /// Whether it may be read: data, or code that allows it.
    #[getter]
    fn readable(&self) -> bool {
        matches!(self.0.kind, SegmentKind::Data { .. } | SegmentKind::Code { readable: true, .. })
    }

    /// Whether it is code that less privileged code may jump to.
    #[getter]
    fn conforming(&self) -> bool {
        matches!(self.0.kind, SegmentKind::Code { conforming: true, .. })
    }

    /// The type of a system descriptor, else None.
    #[getter]
    fn system_code(&self) -> Option<u8> {
        match self.0.kind {
            SegmentKind::System { code } => Some(code),
            _ => None,
        }
    }

    /// Whether the processor has loaded it.
    #[getter]
    fn accessed(&self) -> bool {
        self.0.accessed
    }

    /// DPL, 0 (the kernel) to 3.
    #[getter]
    fn privilege(&self) -> u8 {
        self.0.privilege
    }

    /// Whether the segment is in memory.
    #[getter]
    fn present(&self) -> bool {
        self.0.present
    }

    /// D or B: 32-bit code or stack, or offsets up to 2**32 - 1 for expand-down data.
    #[getter]
    fn big(&self) -> bool {
        self.0.big
    }

    /// L: 64-bit code; without effect here.
    #[getter]
    fn long(&self) -> bool {
        self.0.long
    }

    /// AVL: free for the operating system.
    #[getter]
    fn available(&self) -> bool {
        self.0.available
    }

    /// The first and the last valid offset, or None when there is none.
    #[getter]
    fn offsets(&self) -> Option<(u32, u32)> {
        self.0.offsets()
    }

    /// Whether every one of ``size`` bytes from ``offset`` on is valid.
    fn holds(&self, py: Python<'_>, offset: Number, size: Number) -> PyResult<bool> {
        Ok(self.0.holds(narrow(py, "offset", offset)?, narrow(py, "size", size)?))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("SegmentDescriptor({:#018x})", self.word(py)?))
    }
}

/// What a program puts into a segment register: an index into a table, and the privilege it asks with.
///
/// >>> import memcore
/// >>> selector = memcore.Selector(0x2B)
/// >>> selector.index, selector.is_local, selector.privilege
/// (5, False, 3)
/// >>> memcore.Selector.of(5, privilege=3) == selector, int(selector)
/// (True, 43)
#[pyclass(frozen, eq, hash, name = "Selector", module = "memcore")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PySelector(Selector);

#[pymethods]
impl PySelector {
    #[new]
    fn new(py: Python<'_>, bits: Number) -> PyResult<Self> {
        Ok(PySelector(Selector(short(py, "bits", bits)?)))
    }

    /// The selector of an entry of the global or the local table.
    ///
    /// Raises `BadParameterError`.
    #[staticmethod]
    #[pyo3(signature = (index, *, is_local = false, privilege = Number(0)))]
    fn of(py: Python<'_>, index: Number, is_local: bool, privilege: Number) -> PyResult<Self> {
        let level = byte(py, "privilege", privilege)?;
        let found = u16::try_from(index.0).ok().and_then(|index| Selector::new(index, is_local, level));
        found.map(PySelector).ok_or_else(|| match level {
            0..=3 => bad_parameter(py, "index", index.0, "must be below 8192"),
            _ => bad_parameter(py, "privilege", level, "must be from 0 to 3"),
        })
    }

    /// The entry of the table.
    #[getter]
    fn index(&self) -> u16 {
        self.0.index()
    }

    /// Whether the local table is meant.
    #[getter]
    fn is_local(&self) -> bool {
        self.0.is_local()
    }

    /// RPL, the requested privilege level.
    #[getter]
    fn privilege(&self) -> u8 {
        self.0.privilege()
    }

    /// Whether it names nothing.
    #[getter]
    fn is_null(&self) -> bool {
        self.0.is_null()
    }

    fn __index__(&self) -> u16 {
        self.0.0
    }

    fn __int__(&self) -> u16 {
        self.0.0
    }

    fn __repr__(&self) -> String {
        format!("Selector({})", self.0)
    }
}

/// The segment unit of an x86 processor in protected mode: a global and perhaps a local table of descriptors, six
/// registers, a privilege level.
///
/// A register keeps the descriptor that it was loaded with, whatever becomes of the table. Selectors are numbers or
/// `Selector` objects. Calls from several threads are safe and take turns.
///
/// Parameters
/// ----------
/// gdt:
///     The words of the global table, of which the first is never used.
/// ldt:
///     The words of the local table, or None.
/// privilege:
///     The current privilege level (CPL), 0 to 3. The registers are null.
///
/// Raises `BadParameterError`.
///
/// >>> import memcore
/// >>> unit = memcore.SegmentUnit([0, 0x00CF9A000000FFFF, 0x004092001000000F])
/// >>> unit.load("ds", 0x10)
/// >>> hex(unit.translate("ds", 12, 4))
/// '0x100c'
/// >>> unit.translate("ds", 13, 4)
/// Traceback (most recent call last):
///     ...
/// memcore.SegmentFaultError: #GP(0x0000): limit
#[pyclass(frozen, name = "SegmentUnit", module = "memcore", weakref)]
pub struct PySegmentUnit {
    unit: Mutex<SegmentUnit>,
}

impl PySegmentUnit {
    fn lock(&self, py: Python<'_>) -> MutexGuard<'_, SegmentUnit> {
        self.unit.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }
}

fn register_of(py: Python<'_>, name: &str) -> PyResult<SegmentRegister> {
    let all = SegmentRegister::ALL;
    all.into_iter().find(|register| register.name() == name).ok_or_else(|| {
        let message = format!("unknown segment register {name:?}; known: cs, ss, ds, es, fs, gs");
        raise!(py, UnknownNameError, message, name = name, known = all.map(SegmentRegister::name))
    })
}

fn table_of(py: Python<'_>, words: Vec<Number>) -> PyResult<DescriptorTable> {
    let words: Vec<u64> = words.into_iter().map(|word| word.0).collect();
    DescriptorTable::from_words(&words).map_err(|error| descriptor_error(py, error))
}

#[pymethods]
impl PySegmentUnit {
    #[new]
    #[pyo3(signature = (gdt, ldt = None, privilege = Number(0)))]
    fn new(py: Python<'_>, gdt: Vec<Number>, ldt: Option<Vec<Number>>, privilege: Number) -> PyResult<Self> {
        let level = byte(py, "privilege", privilege)?;
        let made = SegmentUnit::new(table_of(py, gdt)?, level);
        let mut unit = made.map_err(|error| descriptor_error(py, error))?;
        unit.set_local_table(ldt.map(|words| table_of(py, words)).transpose()?);
        Ok(PySegmentUnit { unit: Mutex::new(unit) })
    }

    /// Load a register, as MOV or POP do: data needs max(CPL, RPL) <= DPL, the stack needs all three equal and
    /// writable data, CS is loaded by a jump or return. O(1).
    ///
    /// Raises `SegmentFaultError`, `UnknownNameError`.
    fn load(&self, py: Python<'_>, register: &str, selector: Number) -> PyResult<()> {
        let (register, selector) = (register_of(py, register)?, Selector(short(py, "selector", selector)?));
        self.lock(py).load(register, selector).map_err(|fault| segment_fault(py, fault))
    }

    /// Jump (or call) to code in another segment, without a gate; the privilege stays. O(1).
    ///
    /// Raises `SegmentFaultError`.
    #[pyo3(signature = (selector, offset = Number(0)))]
    fn far_jump(&self, py: Python<'_>, selector: Number, offset: Number) -> PyResult<()> {
        let (selector, offset) = (Selector(short(py, "selector", selector)?), narrow(py, "offset", offset)?);
        self.lock(py).far_jump(selector, offset).map_err(|fault| segment_fault(py, fault))
    }

    /// Return to code of the same or a less privileged level, which is the RPL of ``code``. To an outer level ``stack``
    /// is loaded too, and registers with data that the level may not have become null. O(1).
    ///
    /// Raises `SegmentFaultError`.
    #[pyo3(signature = (code, offset = Number(0), stack = Number(0)))]
    fn far_return(&self, py: Python<'_>, code: Number, offset: Number, stack: Number) -> PyResult<()> {
        let (code, stack) = (Selector(short(py, "code", code)?), Selector(short(py, "stack", stack)?));
        let offset = narrow(py, "offset", offset)?;
        self.lock(py).far_return(code, offset, stack).map_err(|fault| segment_fault(py, fault))
    }

    /// The linear address of the first byte of an access through a register; the next ones follow modulo 2**32. O(1).
    ///
    /// Raises `SegmentFaultError`, `UnknownNameError`.
    #[pyo3(signature = (register, offset, size = Number(1), access = "read"))]
    fn translate(
        &self,
        py: Python<'_>,
        register: &str,
        offset: Number,
        size: Number,
        access: &str,
    ) -> PyResult<u32> {
        let (register, access) = (register_of(py, register)?, access_of(py, access)?);
        let (offset, size) = (narrow(py, "offset", offset)?, narrow(py, "size", size)?);
        let found = self.lock(py).translate(register, offset, size, access);
        Ok(found.map_err(|fault| segment_fault(py, fault))?.start)
    }

    /// The selector that a register holds.
    ///
    /// Raises `UnknownNameError`.
    fn selector(&self, py: Python<'_>, register: &str) -> PyResult<PySelector> {
        let register = register_of(py, register)?;
        Ok(PySelector(self.lock(py).selector(register)))
    }

    /// The descriptor that a register holds in its hidden part, or None when it is null.
    ///
    /// Raises `UnknownNameError`.
    fn descriptor(&self, py: Python<'_>, register: &str) -> PyResult<Option<PySegmentDescriptor>> {
        let register = register_of(py, register)?;
        Ok(self.lock(py).descriptor(register).map(PySegmentDescriptor))
    }

    /// Replace an entry of a table. A register that was loaded from it keeps what it has. O(1).
    ///
    /// Raises `BadParameterError`.
    #[pyo3(signature = (index, word, *, is_local = false))]
    fn set_entry(&self, py: Python<'_>, index: Number, word: Number, is_local: bool) -> PyResult<()> {
        let index = short(py, "index", index)?;
        let mut unit = self.lock(py);
        let table = if is_local { unit.local_table_mut() } else { Some(unit.global_table_mut()) };
        let table = table.ok_or_else(|| bad_parameter(py, "index", index, "there is no local table"))?;
        table.set(index, Descriptor::decode(word.0)).map_err(|error| descriptor_error(py, error))
    }

    /// The words of the global table; those that were loaded are marked as accessed.
    #[getter]
    fn gdt(&self, py: Python<'_>) -> Vec<u64> {
        self.lock(py).global_table().words().to_vec()
    }

    /// The words of the local table, or None. May be set; registers keep what they hold.
    #[getter]
    fn ldt(&self, py: Python<'_>) -> Option<Vec<u64>> {
        self.lock(py).local_table().map(|table| table.words().to_vec())
    }

    #[setter]
    fn set_ldt(&self, py: Python<'_>, words: Option<Vec<Number>>) -> PyResult<()> {
        let table = words.map(|words| table_of(py, words)).transpose()?;
        self.lock(py).set_local_table(table);
        Ok(())
    }

    /// CPL, the current privilege level.
    #[getter]
    fn privilege(&self, py: Python<'_>) -> u8 {
        self.lock(py).privilege()
    }

    /// The selectors of all registers, by name.
    #[getter]
    fn registers(&self, py: Python<'_>) -> Figures<PySelector> {
        let unit = self.lock(py);
        let held =
            SegmentRegister::ALL.map(|register| (register.name(), PySelector(unit.selector(register))));
        Figures(held.into())
    }

    /// Check every invariant. O(1).
    ///
    /// Raises `CorruptionError`.
    fn validate(&self, py: Python<'_>) -> PyResult<()> {
        self.lock(py).validate().map_err(|what| broken(py, what))
    }

    /// A copy in the same state.
    fn __copy__(&self, py: Python<'_>) -> Self {
        PySegmentUnit { unit: Mutex::new(self.lock(py).clone()) }
    }

    #[pyo3(signature = (memo: "dict[int, object]") -> "SegmentUnit")]
    fn __deepcopy__(&self, py: Python<'_>, memo: &Bound<'_, PyAny>) -> Self {
        let _ = memo;
        self.__copy__(py)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let unit = self.lock(py);
        let held =
            SegmentRegister::ALL.map(|register| format!("{}={}", register.name(), unit.selector(register)));
        format!("<SegmentUnit at privilege {}: {}>", unit.privilege(), held.join(" "))
    }
}
