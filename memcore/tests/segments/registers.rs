//! Loading rules, all of them at every combination of privileges, and accesses through registers.

use SegmentRegister::{Cs, Ds, Es, Fs, Gs, Ss};
use memcore::vm::Access;
use memcore::vm::segment::{
    Descriptor, DescriptorTable, FaultReason, SegmentFault, SegmentKind, SegmentRegister, SegmentUnit,
    Selector, Vector,
};

const KINDS: [SegmentKind; 9] = [
    SegmentKind::Data { writable: false, expand_down: false },
    SegmentKind::Data { writable: true, expand_down: false },
    SegmentKind::Data { writable: false, expand_down: true },
    SegmentKind::Data { writable: true, expand_down: true },
    SegmentKind::Code { readable: false, conforming: false },
    SegmentKind::Code { readable: true, conforming: false },
    SegmentKind::Code { readable: false, conforming: true },
    SegmentKind::Code { readable: true, conforming: true },
    SegmentKind::System { code: 2 },
];

fn descriptor(kind: SegmentKind, privilege: u8, present: bool) -> Descriptor {
    Descriptor { present, ..Descriptor::new(0x10000, 0x1000, kind, privilege).unwrap() }
}

fn gp(code: u16, reason: FaultReason) -> Result<(), SegmentFault> {
    Err(SegmentFault { vector: Vector::GeneralProtection, code, reason })
}

/// Each combination of current and requested privilege, kind, descriptor's privilege and presence, with a unit
/// whose entry 1 is that descriptor, in the global or the local table.
fn combinations(mut check: impl FnMut(SegmentUnit, Selector, SegmentKind, u8, bool)) {
    for cpl in 0..4 {
        for rpl in 0..4 {
            for dpl in 0..4 {
                for kind in KINDS {
                    for present in [true, false] {
                        for local in [true, false] {
                            let mut table = DescriptorTable::from_words(&[0]).unwrap();
                            table.push(descriptor(kind, dpl, present)).unwrap();
                            let empty = DescriptorTable::default();
                            let (gdt, ldt) = if local { (empty, table) } else { (table, empty) };
                            let mut unit = SegmentUnit::new(gdt, cpl).unwrap();
                            unit.set_local_table(Some(ldt));
                            check(unit, Selector::new(1, local, rpl).unwrap(), kind, dpl, present);
                        }
                    }
                }
            }
        }
    }
}

/// After a load: the register holds it, the table's entry is marked; after a fault nothing is.
fn check_effect(
    before: &SegmentUnit,
    after: &SegmentUnit,
    register: SegmentRegister,
    held: Option<Selector>,
) {
    match held {
        None => assert_eq!(before, after),
        Some(selector) => {
            let table = if selector.is_local() { after.local_table().unwrap() } else { after.global_table() };
            let entry = table.descriptor(1).unwrap();
            assert!(entry.accessed);
            assert_eq!(after.selector(register), selector);
            assert_eq!(after.descriptor(register), Some(entry));
        }
    }
    after.validate().unwrap();
}

#[test]
fn data_registers_take_what_both_privileges_may_read() {
    combinations(|unit, selector, kind, dpl, present| {
        let (cpl, rpl, code) = (unit.privilege(), selector.privilege(), selector.error_code());
        let readable =
            !matches!(kind, SegmentKind::Code { readable: false, .. } | SegmentKind::System { .. });
        let conforming = matches!(kind, SegmentKind::Code { conforming: true, .. });
        let expected = if !readable {
            gp(code, FaultReason::WrongKind)
        } else if !conforming && (rpl > dpl || cpl > dpl) {
            gp(code, FaultReason::Privilege)
        } else if !present {
            Err(SegmentFault { vector: Vector::NotPresent, code, reason: FaultReason::NotPresent })
        } else {
            Ok(())
        };
        for register in [Ds, Es, Fs, Gs] {
            let mut after = unit.clone();
            assert_eq!(after.load(register, selector), expected);
            check_effect(&unit, &after, register, expected.is_ok().then_some(selector));
        }
    });
}

#[test]
fn the_stack_takes_its_own_privilege_alone() {
    combinations(|unit, selector, kind, dpl, present| {
        let (cpl, rpl, code) = (unit.privilege(), selector.privilege(), selector.error_code());
        let writable = matches!(kind, SegmentKind::Data { writable: true, .. });
        let mut after = unit.clone();
        let got = after.load(Ss, selector);
        let good = rpl == cpl && writable && dpl == cpl;
        match got {
            Ok(()) => assert!(good && present),
            Err(SegmentFault { vector: Vector::StackFault, code: told, reason: FaultReason::NotPresent }) => {
                assert!(good && !present && told == code);
            }
            Err(fault) => {
                let reasons = [FaultReason::Privilege, FaultReason::WrongKind];
                assert!(!good && fault.code == code && fault.vector == Vector::GeneralProtection);
                assert!(reasons.contains(&fault.reason));
            }
        }
        check_effect(&unit, &after, Ss, got.is_ok().then_some(selector));
    });
}

#[test]
fn a_jump_keeps_the_privilege() {
    combinations(|unit, selector, kind, dpl, present| {
        let (cpl, rpl, code) = (unit.privilege(), selector.privilege(), selector.error_code());
        let expected = match kind {
            SegmentKind::Code { conforming: true, .. } if dpl > cpl => gp(code, FaultReason::Privilege),
            SegmentKind::Code { conforming: false, .. } if rpl > cpl || dpl != cpl => {
                gp(code, FaultReason::Privilege)
            }
            SegmentKind::Code { .. } if !present => {
                Err(SegmentFault { vector: Vector::NotPresent, code, reason: FaultReason::NotPresent })
            }
            SegmentKind::Code { .. } => Ok(()),
            _ => gp(code, FaultReason::WrongKind),
        };
        let mut after = unit.clone();
        assert_eq!(after.far_jump(selector, 0xFFF), expected);
        assert_eq!(after.privilege(), cpl);
        check_effect(&unit, &after, Cs, expected.is_ok().then_some(selector.with_privilege(cpl)));
        if expected.is_ok() {
            assert_eq!(unit.clone().far_jump(selector, 0x1000), gp(0, FaultReason::Limit));
        }
    });
}

#[test]
fn a_return_goes_outwards_with_a_stack_of_that_level() {
    combinations(|mut unit, selector, kind, dpl, present| {
        let (cpl, rpl, code) = (unit.privilege(), selector.privilege(), selector.error_code());
        // A stack for each level behind the entry that is tried.
        let stack_kind = SegmentKind::Data { writable: true, expand_down: false };
        let table = match selector.is_local() {
            true => unit.local_table_mut().unwrap(),
            false => unit.global_table_mut(),
        };
        for level in 0..4 {
            table.push(descriptor(stack_kind, level, true)).unwrap();
        }
        let stack = |level: u8| Selector::new(2 + u16::from(level), selector.is_local(), level).unwrap();
        let expected = match kind {
            SegmentKind::Code { conforming, .. } => {
                let level = if conforming { dpl <= rpl } else { dpl == rpl };
                if rpl < cpl || !level {
                    gp(code, FaultReason::Privilege)
                } else if !present {
                    Err(SegmentFault { vector: Vector::NotPresent, code, reason: FaultReason::NotPresent })
                } else {
                    Ok(())
                }
            }
            _ => gp(code, FaultReason::WrongKind),
        };
        let mut after = unit.clone();
        assert_eq!(after.far_return(selector, 0, stack(rpl)), expected);
        check_effect(&unit, &after, Cs, expected.is_ok().then_some(selector));
        if expected.is_ok() {
            assert_eq!(after.privilege(), rpl);
            assert_eq!(after.selector(Ss), if rpl > cpl { stack(rpl) } else { Selector::NULL });
            assert_eq!(unit.clone().far_return(selector, 0x1000, stack(rpl)), gp(0, FaultReason::Limit));
            if rpl > cpl {
                let wrong = stack(cpl);
                let got = unit.clone().far_return(selector, 0, wrong);
                assert_eq!(got, gp(wrong.error_code(), FaultReason::Privilege));
                assert_eq!(unit.clone().far_return(selector, 0, Selector::NULL), gp(0, FaultReason::Null));
            }
        }
    });
}

#[test]
fn what_the_outer_level_may_not_have_becomes_null() {
    let (code, data) = (KINDS[5], KINDS[1]);
    let mut gdt = DescriptorTable::from_words(&[0]).unwrap();
    for (kind, privilege) in [(code, 0), (data, 0), (code, 3), (data, 3), (KINDS[7], 0), (KINDS[5], 0)] {
        gdt.push(descriptor(kind, privilege, true)).unwrap();
    }
    let mut unit = SegmentUnit::new(gdt, 0).unwrap();
    unit.far_jump(Selector(0x08), 0).unwrap();
    unit.load(Ss, Selector(0x10)).unwrap();
    unit.load(Ds, Selector(0x10)).unwrap();
    unit.load(Es, Selector(0x23)).unwrap();
    unit.load(Fs, Selector(0x28)).unwrap();
    unit.load(Gs, Selector(0x30)).unwrap();
    unit.far_return(Selector(0x1B), 0, Selector(0x23)).unwrap();
    assert_eq!(unit.privilege(), 3);
    let held = SegmentRegister::ALL.map(|register| unit.selector(register).0);
    // The kernel's data and its other code are gone; the user's data and conforming code stay.
    assert_eq!(held, [0x1B, 0x23, 0, 0x23, 0x28, 0]);
    // The way back in is a gate's, not a return's.
    let back = unit.far_return(Selector(0x08), 0, Selector(0x10));
    assert_eq!(back, gp(0x08, FaultReason::Privilege));
    unit.validate().unwrap();
}

#[test]
fn null_and_missing_entries() {
    let gdt = DescriptorTable::from_words(&[0, 0x00CF_9200_0000_FFFF]).unwrap();
    let mut unit = SegmentUnit::new(gdt, 0).unwrap();
    for null in [0, 1, 2, 3] {
        assert_eq!(unit.load(Ds, Selector(null)), Ok(()));
        assert_eq!(unit.load(Ss, Selector(null)), gp(0, FaultReason::Null));
        assert_eq!(unit.far_jump(Selector(null), 0), gp(0, FaultReason::Null));
    }
    assert_eq!(unit.load(Cs, Selector(8)), gp(8, FaultReason::WrongKind));
    assert_eq!(unit.load(Ds, Selector(0x10)), gp(0x10, FaultReason::OutsideTable));
    // Without a local table, every local selector is outside, entry 0 too, which is not null.
    assert_eq!(unit.load(Ds, Selector(4)), gp(4, FaultReason::OutsideTable));
    unit.set_local_table(Some(DescriptorTable::from_words(&[0x0040_9200_1000_000F]).unwrap()));
    assert_eq!(unit.load(Ds, Selector(4)), Ok(()));
    assert_eq!(unit.translate(Ds, 15, 1, Access::Read).unwrap().start, 0x100F);
    assert!(SegmentUnit::new(DescriptorTable::default(), 4).is_err());
}

#[test]
fn accesses_need_their_kind() {
    for kind in KINDS {
        let readable = matches!(kind, SegmentKind::Data { .. } | SegmentKind::Code { readable: true, .. });
        let writable = matches!(kind, SegmentKind::Data { writable: true, .. });
        let down = matches!(kind, SegmentKind::Data { expand_down: true, .. });
        let mut gdt = DescriptorTable::from_words(&[0]).unwrap();
        gdt.push(descriptor(kind, 0, true)).unwrap();
        let mut unit = SegmentUnit::new(gdt, 0).unwrap();
        let offset = if down { 0x1000 } else { 0 };
        if unit.load(Ds, Selector(8)).is_ok() {
            assert_eq!(unit.translate(Ds, offset, 4, Access::Read).is_ok(), readable);
            assert_eq!(unit.translate(Ds, offset, 4, Access::Write).is_ok(), writable);
            let fetch = unit.translate(Ds, offset, 4, Access::Execute).unwrap_err();
            assert_eq!(fetch.reason, FaultReason::Access);
            // One byte before and after.
            let (below, above) = (offset.wrapping_sub(1), 0xFFD);
            let outside = if down { below } else { above };
            let fault = unit.translate(Ds, outside, 4, Access::Read).unwrap_err();
            assert_eq!(Err(fault), gp(0, FaultReason::Limit));
        }
        if unit.load(Ss, Selector(8)).is_ok() {
            let outside = if down { 0xFFF } else { 0xFFD };
            let fault = unit.translate(Ss, outside, 4, Access::Write).unwrap_err();
            assert_eq!(
                fault,
                SegmentFault { vector: Vector::StackFault, code: 0, reason: FaultReason::Limit }
            );
        }
        if unit.far_jump(Selector(8), 0).is_ok() {
            assert_eq!(unit.translate(Cs, 0xFFC, 4, Access::Execute).unwrap().start, 0x10FFC);
            assert_eq!(unit.translate(Cs, 0, 4, Access::Read).is_ok(), readable);
            assert!(unit.translate(Cs, 0, 4, Access::Write).is_err());
        }
    }
}

#[test]
fn a_register_keeps_its_copy_until_it_is_loaded_again() {
    let gdt = DescriptorTable::from_words(&[0, 0x0040_9200_1000_000F]).unwrap();
    let mut unit = SegmentUnit::new(gdt, 0).unwrap();
    unit.load(Ds, Selector(8)).unwrap();
    unit.global_table_mut().set(1, Descriptor::decode(0x0040_9200_2000_000F)).unwrap();
    assert_eq!(unit.translate(Ds, 0, 1, Access::Read).unwrap().start, 0x1000);
    unit.load(Ds, Selector(8)).unwrap();
    assert_eq!(unit.translate(Ds, 0, 1, Access::Read).unwrap().start, 0x2000);
}

#[test]
fn linear_addresses_go_round() {
    // 4 GiB from 0xFFFF_F000 on.
    let gdt = DescriptorTable::from_words(&[0, 0xFFCF_92FF_F000_FFFF]).unwrap();
    let mut unit = SegmentUnit::new(gdt, 0).unwrap();
    unit.load(Ds, Selector(8)).unwrap();
    let range = unit.translate(Ds, 0xFFE, 4, Access::Read).unwrap();
    assert_eq!(range.parts().collect::<Vec<_>>(), [(0xFFFF_FFFE, 2), (0, 2)]);
    // An offset does not go round.
    let fault = unit.translate(Ds, 0xFFFF_FFFE, 4, Access::Read).unwrap_err();
    assert_eq!(fault.reason, FaultReason::Limit);
    let large = unit.translate(Ds, 0x0FF0, 0x2020, Access::Read).unwrap();
    let parts: Vec<_> = large.parts().collect();
    assert_eq!(parts, [(0xFFFF_FFF0, 0x10), (0, 0x1000), (0x1000, 0x1000), (0x2000, 0x10)]);
}

#[test]
fn a_saved_unit_is_checked() {
    let gdt = DescriptorTable::from_words(&[0, 0x00CF_9A00_0000_FFFF, 0x0040_9200_1000_000F]).unwrap();
    let mut unit = SegmentUnit::new(gdt, 0).unwrap();
    unit.far_jump(Selector(8), 0).unwrap();
    unit.load(Ss, Selector(0x10)).unwrap();
    let saved = postcard::to_allocvec(&unit).unwrap();
    assert_eq!(postcard::from_bytes::<SegmentUnit>(&saved).as_ref(), Ok(&unit));
    // Any bit changed: it is refused at once, or found out, or the unit is another sound one.
    let mut refused = 0;
    for at in 0..saved.len() {
        for bit in 0..8 {
            let mut hostile = saved.clone();
            hostile[at] ^= 1 << bit;
            match postcard::from_bytes::<SegmentUnit>(&hostile) {
                Ok(mut unit) if unit.validate().is_ok() => {
                    let _ = unit.load(Ds, Selector(0x10));
                    let _ = unit.far_return(Selector(0x0B), 0, Selector(0x13));
                    let _ = unit.translate(Ss, u32::MAX, 2, Access::Write);
                    unit.validate().unwrap();
                }
                _ => refused += 1,
            }
        }
    }
    assert!(refused > saved.len() / 2);
}
