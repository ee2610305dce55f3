//! The segment unit of the x86 processors in protected mode: registers, loading rules, and the check of an access.
//!
//! ```text
//!   selector --load--> register [ visible: selector | hidden: descriptor ]
//!                        |  kind, privilege, presence are checked here, once
//!   offset, size ------->+---- kind of access, limit are checked at each access ----> base + offset
//! ```
//!
//! A change of a table is not seen by a register that is loaded already: its hidden part is a copy. That is how it
//! is on the processor, and why systems reload registers after they edit a table.
//!
//! What is here: loads of data and stack registers, far jumps and calls to code (a call differs by what it pushes,
//! which is no matter of segments), far returns to the same or an outer level. Not here: gates, task switches,
//! virtual-8086 and long mode; a selector of a gate is refused as of the wrong kind. The local table is given as a
//! table, not found through a descriptor of the system.
//!
//! Source: Intel SDM, volume 3A, chapters 3 and 5; volume 2, MOV, JMP, RET.

use super::descriptor::{Descriptor, DescriptorError, SegmentKind};
use super::fault::{FaultReason, SegmentFault, Vector};
use super::linear::LinearRange;
use super::selector::Selector;
use super::table::DescriptorTable;
use crate::vm::Access;
use serde::{Deserialize, Serialize};

/// A segment register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SegmentRegister {
    /// Code: instructions are fetched through it.
    Cs,
    /// Stack.
    Ss,
    /// Data.
    Ds,
    /// More data.
    Es,
    /// More data.
    Fs,
    /// More data.
    Gs,
}

impl SegmentRegister {
    /// All of them.
    pub const ALL: [SegmentRegister; 6] = [
        SegmentRegister::Cs,
        SegmentRegister::Ss,
        SegmentRegister::Ds,
        SegmentRegister::Es,
        SegmentRegister::Fs,
        SegmentRegister::Gs,
    ];

    /// `cs`, `ss`, `ds`, `es`, `fs` or `gs`.
    pub fn name(self) -> &'static str {
        ["cs", "ss", "ds", "es", "fs", "gs"][self as usize]
    }
}

/// A register: what is visible, and the copy of the descriptor that is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Loaded {
    selector: Selector,
    descriptor: Option<Descriptor>,
}

/// The segment unit: two tables, six registers, a privilege level.
///
/// ```
/// use memcore::vm::Access;
/// use memcore::vm::segment::{DescriptorTable, SegmentRegister, SegmentUnit, Selector};
/// // Null, the kernel's code, and 16 bytes of data at 0x1000.
/// let gdt = DescriptorTable::from_words(&[0, 0x00CF_9A00_0000_FFFF, 0x0040_9200_1000_000F])?;
/// let mut unit = SegmentUnit::new(gdt, 0)?;
/// unit.load(SegmentRegister::Ds, Selector(0x10))?;
/// assert_eq!(unit.translate(SegmentRegister::Ds, 12, 4, Access::Read)?.start, 0x100C);
/// let fault = unit.translate(SegmentRegister::Ds, 13, 4, Access::Read).unwrap_err();
/// assert_eq!(fault.to_string(), "#GP(0x0000): limit");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentUnit {
    gdt: DescriptorTable,
    ldt: Option<DescriptorTable>,
    privilege: u8,
    registers: [Loaded; 6],
}

use FaultReason::{Limit, Null, OutsideTable, Privilege, WrongKind};
use SegmentRegister::{Cs, Ss};

impl SegmentUnit {
    /// A unit with this global table and this current privilege level (CPL); every register is null. O(1).
    ///
    /// # Errors
    /// A privilege above 3.
    pub fn new(gdt: DescriptorTable, privilege: u8) -> Result<SegmentUnit, DescriptorError> {
        if privilege > 3 {
            let rule = "must be from 0 to 3";
            return Err(DescriptorError { field: "privilege", value: privilege.into(), rule });
        }
        Ok(SegmentUnit { gdt, ldt: None, privilege, registers: Default::default() })
    }

    /// Gives the unit a local table, or none. Registers keep what they hold. O(1).
    pub fn set_local_table(&mut self, ldt: Option<DescriptorTable>) {
        self.ldt = ldt;
    }

    /// The global table.
    pub fn global_table(&self) -> &DescriptorTable {
        &self.gdt
    }

    /// The global table, to be edited. Registers keep what they hold.
    pub fn global_table_mut(&mut self) -> &mut DescriptorTable {
        &mut self.gdt
    }

    /// The local table, if there is one.
    pub fn local_table(&self) -> Option<&DescriptorTable> {
        self.ldt.as_ref()
    }

    /// The local table, to be edited. Registers keep what they hold.
    pub fn local_table_mut(&mut self) -> Option<&mut DescriptorTable> {
        self.ldt.as_mut()
    }

    /// CPL, the current privilege level: 0 (the kernel) to 3.
    pub fn privilege(&self) -> u8 {
        self.privilege
    }

    /// The selector that a register holds.
    pub fn selector(&self, register: SegmentRegister) -> Selector {
        self.registers[register as usize].selector
    }

    /// The descriptor that a register holds in its hidden part; `None` when it is null.
    pub fn descriptor(&self, register: SegmentRegister) -> Option<Descriptor> {
        self.registers[register as usize].descriptor
    }

    /// Loads a register, as `MOV` or `POP` do, and marks the descriptor as accessed. O(1).
    ///
    /// * DS, ES, FS, GS take null; else data or readable code, with max(CPL, RPL) <= DPL unless the code is
    ///   conforming.
    /// * SS takes writable data with RPL = CPL = DPL.
    /// * CS is not loaded so, but by [`far_jump`](Self::far_jump): a load of it is of the wrong kind.
    ///
    /// # Errors
    /// `#GP(0)` for null into SS; `#GP(selector)` for an index outside its table, the wrong kind or privilege;
    /// `#NP(selector)`, or `#SS(selector)` into SS, for a segment that is not present. In this order.
    pub fn load(&mut self, register: SegmentRegister, selector: Selector) -> Result<(), SegmentFault> {
        let fault = |reason| Err(SegmentFault::protection(selector, reason));
        match register {
            Cs => return fault(WrongKind),
            Ss => {
                let descriptor = self.check_stack(selector, self.privilege)?;
                self.settle(Ss, selector, descriptor);
                return Ok(());
            }
            _ if selector.is_null() => {
                self.registers[register as usize] = Loaded { selector, descriptor: None };
                return Ok(());
            }
            _ => {}
        }
        let descriptor = self.find(selector)?;
        let guarded = match descriptor.kind {
            SegmentKind::Data { .. } => true,
            SegmentKind::Code { readable: true, conforming } => !conforming,
            SegmentKind::Code { .. } | SegmentKind::System { .. } => return fault(WrongKind),
        };
        if guarded && self.privilege.max(selector.privilege()) > descriptor.privilege {
            return fault(Privilege);
        }
        if !descriptor.present {
            return Err(SegmentFault::not_present(selector, Vector::NotPresent));
        }
        self.settle(register, selector, descriptor);
        Ok(())
    }

    /// Jumps (or calls) to code in another segment, without a gate. CPL stays as it is, and so CS gets it as its
    /// RPL. O(1).
    ///
    /// Conforming code needs DPL <= CPL; other code needs DPL = CPL and RPL <= CPL.
    ///
    /// # Errors
    /// `#GP(0)` for null, or an offset outside the segment; `#GP(selector)` for an index outside its table, what is
    /// no code, or privilege; `#NP(selector)`.
    pub fn far_jump(&mut self, selector: Selector, offset: u32) -> Result<(), SegmentFault> {
        let conforms = |kind_conforms: bool, descriptor: &Descriptor, privilege: u8| match kind_conforms {
            true => descriptor.privilege <= privilege,
            false => descriptor.privilege == privilege && selector.privilege() <= privilege,
        };
        let descriptor = self.check_code(selector, self.privilege, conforms)?;
        check_target(&descriptor, offset)?;
        self.settle(Cs, selector.with_privilege(self.privilege), descriptor);
        Ok(())
    }

    /// Returns to code of the same or a less privileged level, which is the RPL of `code`: the way in which a
    /// kernel starts a program. To an outer level `stack` is loaded too, and those data registers that the new level
    /// may not have become null. At the same level `stack` is not looked at. O(1).
    ///
    /// # Errors
    /// Of the code segment, `#GP(0)` for null or an offset outside it, `#GP(code)` for an index outside its table, an
    /// RPL below CPL, what is no code, or a DPL that is not RPL (conforming: above RPL), `#NP(code)`; of the
    /// stack segment, as [`load`](Self::load), at the new level.
    pub fn far_return(&mut self, code: Selector, offset: u32, stack: Selector) -> Result<(), SegmentFault> {
        let level = code.privilege();
        let conforms = |kind_conforms: bool, descriptor: &Descriptor, privilege: u8| {
            level >= privilege
                && if kind_conforms { descriptor.privilege <= level } else { descriptor.privilege == level }
        };
        let descriptor = self.check_code(code, self.privilege, conforms)?;
        let new_stack = match level > self.privilege {
            true => Some(self.check_stack(stack, level)?),
            false => None,
        };
        check_target(&descriptor, offset)?;
        self.settle(Cs, code, descriptor);
        if let Some(descriptor) = new_stack {
            self.privilege = level;
            self.settle(Ss, stack, descriptor);
            self.drop_inner_data();
        }
        Ok(())
    }

    /// Where an access of `size` bytes goes. No bytes are within every limit. O(1).
    ///
    /// # Errors
    /// `#GP(0)` through a null register, for a write to code or to read-only data, a read of code that is not
    /// readable, a fetch through another register than CS, or a byte outside the limit; `#SS(0)` for that through
    /// SS. Bytes past offset 2^32 - 1 are outside every limit.
    pub fn translate(
        &self,
        register: SegmentRegister,
        offset: u32,
        size: u32,
        access: Access,
    ) -> Result<LinearRange, SegmentFault> {
        let fault = |reason| SegmentFault::protection(Selector::NULL, reason);
        let descriptor = self.descriptor(register).ok_or(fault(Null))?;
        let allowed = match (access, descriptor.kind) {
            (_, SegmentKind::System { .. }) => false,
            (Access::Read, SegmentKind::Data { .. }) => true,
            (Access::Read, SegmentKind::Code { readable, .. }) => readable,
            (Access::Write, SegmentKind::Data { writable, .. }) => writable,
            (Access::Write, SegmentKind::Code { .. }) => false,
            (Access::Execute, _) => register == Cs,
        };
        if !allowed {
            return Err(fault(FaultReason::Access));
        }
        if !descriptor.holds(offset, size) {
            let vector = if register == Ss { Vector::StackFault } else { Vector::GeneralProtection };
            return Err(SegmentFault { vector, ..fault(Limit) });
        }
        Ok(LinearRange { start: descriptor.base.wrapping_add(offset), size })
    }

    /// Checks every invariant of a unit that came from outside. O(1).
    ///
    /// # Errors
    /// The invariant that does not hold.
    pub fn validate(&self) -> Result<(), &'static str> {
        self.gdt.validate()?;
        self.ldt.as_ref().map_or(Ok(()), DescriptorTable::validate)?;
        if self.privilege > 3 {
            return Err("the current privilege level is above 3");
        }
        for register in SegmentRegister::ALL {
            let Loaded { selector, descriptor } = self.registers[register as usize];
            let Some(descriptor) = descriptor else {
                if !selector.is_null() {
                    return Err("a register with a selector has no descriptor");
                }
                continue;
            };
            if selector.is_null() || descriptor.encode().is_err() || !descriptor.present {
                return Err("a register holds a descriptor that cannot be loaded");
            }
            let fits = match (register, descriptor.kind) {
                (Cs, SegmentKind::Code { .. }) => selector.privilege() == self.privilege,
                (Ss, SegmentKind::Data { writable: true, .. }) => {
                    descriptor.privilege == self.privilege && selector.privilege() == self.privilege
                }
                (Cs | Ss, _) => false,
                (_, SegmentKind::Data { .. } | SegmentKind::Code { readable: true, .. }) => true,
                _ => false,
            };
            if !fits {
                return Err("a register holds a segment of the wrong kind or privilege");
            }
        }
        Ok(())
    }

    /// The descriptor that a selector names; a null one is found by the caller.
    fn find(&self, selector: Selector) -> Result<Descriptor, SegmentFault> {
        let table = if selector.is_local() { self.ldt.as_ref() } else { Some(&self.gdt) };
        let descriptor = table.and_then(|table| table.descriptor(selector.index()));
        descriptor.ok_or(SegmentFault::protection(selector, OutsideTable))
    }

    /// The rules of a stack segment at a level.
    fn check_stack(&self, selector: Selector, level: u8) -> Result<Descriptor, SegmentFault> {
        let fault = |reason| Err(SegmentFault::protection(selector, reason));
        if selector.is_null() {
            return Err(SegmentFault::protection(Selector::NULL, Null));
        }
        let descriptor = self.find(selector)?;
        if selector.privilege() != level {
            return fault(Privilege);
        }
        if !matches!(descriptor.kind, SegmentKind::Data { writable: true, .. }) {
            return fault(WrongKind);
        }
        if descriptor.privilege != level {
            return fault(Privilege);
        }
        if !descriptor.present {
            return Err(SegmentFault::not_present(selector, Vector::StackFault));
        }
        Ok(descriptor)
    }

    /// The rules of a code segment, `allows` being those of privilege.
    fn check_code(
        &self,
        selector: Selector,
        privilege: u8,
        allows: impl Fn(bool, &Descriptor, u8) -> bool,
    ) -> Result<Descriptor, SegmentFault> {
        if selector.is_null() {
            return Err(SegmentFault::protection(Selector::NULL, Null));
        }
        let descriptor = self.find(selector)?;
        let SegmentKind::Code { conforming, .. } = descriptor.kind else {
            return Err(SegmentFault::protection(selector, WrongKind));
        };
        if !allows(conforming, &descriptor, privilege) {
            return Err(SegmentFault::protection(selector, Privilege));
        }
        if !descriptor.present {
            return Err(SegmentFault::not_present(selector, Vector::NotPresent));
        }
        Ok(descriptor)
    }

    /// Puts a checked descriptor into a register.
    fn settle(&mut self, register: SegmentRegister, selector: Selector, descriptor: Descriptor) {
        let table = if selector.is_local() { self.ldt.as_mut() } else { Some(&mut self.gdt) };
        if let Some(table) = table {
            table.mark_accessed(selector.index());
        }
        let descriptor = Some(Descriptor { accessed: true, ..descriptor });
        self.registers[register as usize] = Loaded { selector, descriptor };
    }

    /// After a return to an outer level: what it may not have becomes null.
    fn drop_inner_data(&mut self) {
        for register in [SegmentRegister::Ds, SegmentRegister::Es, SegmentRegister::Fs, SegmentRegister::Gs] {
            let loaded = &mut self.registers[register as usize];
            let inner = loaded.descriptor.is_some_and(|descriptor| {
                !matches!(descriptor.kind, SegmentKind::Code { conforming: true, .. })
                    && descriptor.privilege < self.privilege
            });
            if inner {
                *loaded = Loaded::default();
            }
        }
    }
}

/// The first instruction must lie in the segment.
fn check_target(descriptor: &Descriptor, offset: u32) -> Result<(), SegmentFault> {
    match descriptor.holds(offset, 1) {
        true => Ok(()),
        false => Err(SegmentFault::protection(Selector::NULL, Limit)),
    }
}
