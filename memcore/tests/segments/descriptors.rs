//! Descriptors: words of well-known systems, and the bits counted off as the manual draws them.

use memcore::vm::segment::{Descriptor, DescriptorTable, SegmentKind, Selector};
use proptest::prelude::*;

const CODE: SegmentKind = SegmentKind::Code { readable: true, conforming: false };
const DATA: SegmentKind = SegmentKind::Data { writable: true, expand_down: false };

/// The fields by their places in the word written out in binary, bit 63 first.
fn by_places(word: u64) -> Descriptor {
    let bits = format!("{word:064b}");
    // Bits `high` to `low`, as the manual numbers them.
    let field = |high: usize, low: usize| u64::from_str_radix(&bits[63 - high..64 - low], 2).unwrap();
    let set = |bit: usize| field(bit, bit) == 1;
    let kind = if !set(44) {
        SegmentKind::System { code: field(43, 40) as u8 }
    } else if set(43) {
        SegmentKind::Code { readable: set(41), conforming: set(42) }
    } else {
        SegmentKind::Data { writable: set(41), expand_down: set(42) }
    };
    Descriptor {
        base: (field(63, 56) << 24 | field(39, 16)) as u32,
        limit: (field(51, 48) << 16 | field(15, 0)) as u32,
        granular: set(55),
        kind,
        accessed: set(44) && set(40),
        privilege: field(46, 45) as u8,
        present: set(47),
        big: set(54),
        long: set(53),
        available: set(52),
    }
}

/// Whether one byte is inside, by the definition.
fn byte_is_valid(descriptor: &Descriptor, offset: u64) -> bool {
    let last = match descriptor.granular {
        true => u64::from(descriptor.limit) * 4096 + 4095,
        false => u64::from(descriptor.limit),
    };
    match descriptor.kind {
        SegmentKind::Data { expand_down: true, .. } => {
            last < offset && offset < if descriptor.big { 1 << 32 } else { 1 << 16 }
        }
        _ => offset <= last,
    }
}

#[test]
fn the_words_of_known_systems() {
    // The flat segments of 4 GiB that every tutorial has: kernel code and data, user code and data.
    for (word, kind, privilege) in [
        (0x00CF_9A00_0000_FFFF_u64, CODE, 0),
        (0x00CF_9200_0000_FFFF, DATA, 0),
        (0x00CF_FA00_0000_FFFF, CODE, 3),
        (0x00CF_F200_0000_FFFF, DATA, 3),
    ] {
        let descriptor = Descriptor::decode(word);
        assert_eq!((descriptor.kind, descriptor.privilege), (kind, privilege));
        assert_eq!((descriptor.base, descriptor.limit, descriptor.last_of_limit()), (0, 0xFFFFF, u32::MAX));
        assert!(descriptor.present && descriptor.granular && descriptor.big && !descriptor.accessed);
        assert_eq!(Descriptor::new(0, 1 << 32, kind, privilege), Ok(descriptor));
    }
    // Linux has the accessed bit set from the beginning.
    assert!(Descriptor::decode(0x00CF_9B00_0000_FFFF).accessed);
    // 64 KiB of 16-bit real-mode code at 0xF0000.
    let bios = Descriptor::decode(0x0000_9A0F_0000_FFFF);
    assert_eq!((bios.base, bios.last_of_limit(), bios.granular, bios.big), (0xF0000, 0xFFFF, false, false));
    // 64-bit code: L set, D clear.
    let long = Descriptor::decode(0x00AF_9A00_0000_FFFF);
    assert!(long.long && !long.big);
    // A task state of 104 bytes at 0x00123456 is a system's descriptor of type 9.
    let task = Descriptor::decode(0x0000_8912_3456_0067);
    assert_eq!((task.kind, task.base, task.limit), (SegmentKind::System { code: 9 }, 0x12_3456, 0x67));
    // Base and limit in all their places.
    let spread = Descriptor::decode(0xDE0A_92AD_BEEF_BCDE);
    assert_eq!((spread.base, spread.limit), (0xDEAD_BEEF, 0xABCDE));
}

#[test]
fn sizes_choose_their_granularity() {
    let made = |size| Descriptor::new(0, size, DATA, 0).map(|made| (made.limit, made.granular));
    assert_eq!(made(1), Ok((0, false)));
    assert_eq!(made(1 << 20), Ok((0xFFFFF, false)));
    assert_eq!(made((1 << 20) + 4096), Ok((0x100, true)));
    for size in [0, (1 << 20) + 1, (1 << 32) + 4096, u64::MAX] {
        assert_eq!(made(size).unwrap_err().value, size);
    }
    assert_eq!(Descriptor::new(0, 1, DATA, 4).unwrap_err().field, "privilege");
}

#[test]
fn what_has_no_place_is_refused() {
    let good = Descriptor::decode(0x0000_8200_0000_0067);
    let field = |descriptor: Descriptor| descriptor.encode().unwrap_err().field;
    assert_eq!(field(Descriptor { limit: 1 << 20, ..good }), "limit");
    assert_eq!(field(Descriptor { privilege: 4, ..good }), "privilege");
    assert_eq!(field(Descriptor { kind: SegmentKind::System { code: 16 }, ..good }), "system type");
    assert_eq!(field(Descriptor { accessed: true, ..good }), "accessed");
}

#[test]
fn a_table_has_8192_entries_at_most() {
    let mut table = DescriptorTable::from_words(&[0; 8191]).unwrap();
    assert_eq!(table.limit(), Some(65527));
    assert_eq!(table.push(Descriptor::decode(0x00CF_9A00_0000_FFFF)), Ok(8191));
    assert_eq!(table.limit(), Some(65535));
    assert_eq!(table.push(Descriptor::decode(0)).unwrap_err().value, 8193);
    assert_eq!(table.set(0, Descriptor::decode(5)), Ok(()));
    assert_eq!((table.words()[0], table.words()[8191]), (5, 0x00CF_9A00_0000_FFFF));
    assert!(DescriptorTable::from_words(&[0; 8193]).is_err());
    assert_eq!(DescriptorTable::default().limit(), None);
    assert!(DescriptorTable::default().set(0, Descriptor::decode(5)).is_err());
}

#[test]
fn selectors_are_taken_apart() {
    for bits in 0..=u16::MAX {
        let selector = Selector(bits);
        let (index, local, privilege) = (bits / 8, bits / 4 % 2 == 1, (bits % 4) as u8);
        assert_eq!((selector.index(), selector.is_local(), selector.privilege()), (index, local, privilege));
        assert_eq!(Selector::new(index, local, privilege), Some(selector));
        assert_eq!(selector.is_null(), bits < 4);
        assert_eq!(selector.error_code(), bits - u16::from(privilege));
    }
    assert_eq!(Selector::new(8192, false, 0), None);
    assert_eq!(Selector::new(0, false, 4), None);
}

/// Words whose limit is near an end of the offsets as often as not.
fn words() -> impl Strategy<Value = u64> {
    (any::<u64>(), 0..6u64, any::<bool>()).prop_map(|(word, choice, data)| {
        let word = if data { word | 1 << 44 } else { word };
        let limit = [0, 0xFFFFF, 0xFFFF, 0xF, 0x10, 0xFFFFE][choice as usize];
        word & !(0xF_0000 << 32 | 0xFFFF) | limit & 0xFFFF | (limit & 0xF_0000) << 32
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn decoding_loses_nothing(word: u64) {
        let descriptor = Descriptor::decode(word);
        prop_assert_eq!(descriptor, by_places(word));
        prop_assert_eq!(descriptor.encode(), Ok(word));
    }

    #[test]
    fn every_byte_is_checked(word in words(), near in 0..4u32, around in -20..20i64, size in 1..16u32) {
        let descriptor = Descriptor::decode(word);
        let last = i64::from(descriptor.last_of_limit());
        let place = [0, last, 0xFFFF, 0xFFFF_FFFF][near as usize] + around;
        let Ok(offset) = u32::try_from(place) else { return Ok(()) };
        let holds = (0..u64::from(size)).all(|byte| byte_is_valid(&descriptor, u64::from(offset) + byte));
        prop_assert_eq!(descriptor.holds(offset, size), holds);
        prop_assert!(descriptor.holds(offset, 0));
        if let Some((first, last)) = descriptor.offsets() {
            prop_assert!(byte_is_valid(&descriptor, first.into()) && byte_is_valid(&descriptor, last.into()));
            prop_assert!(first == 0 || !byte_is_valid(&descriptor, u64::from(first) - 1));
            prop_assert!(!byte_is_valid(&descriptor, u64::from(last) + 1));
        }
    }
}
