//! Words put together by hand from the manuals.

use super::model::below;
use crate::vm::Access;
use crate::vm::paging::hardware::{
    Combined, RiscvStep, Word, check_riscv, decode, encode, encode_table, error_code, level_name,
    permission_names, riscv_cause,
};
use crate::vm::paging::{Entry, PagingConfig};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use std_alloc::vec::Vec;

const X86: PagingConfig = PagingConfig::X86_64 { levels: 4 };
const SV39: PagingConfig = PagingConfig::Sv39;

fn code(frame: u64) -> Entry {
    Entry::present(frame).with_user(true).with_executable(true)
}

/// Intel, volume 3A: table 4-20 (a 4K page), 4-18 (a 2M page), 4-19 (a page table).
#[test]
fn x86_words() {
    let data =
        Entry::present(0x12345).with_user(true).with_writable(true).with_accessed(true).with_dirty(true);
    assert_eq!(encode(&X86, data, 0), 0x8000_0000_1234_5067);
    assert_eq!(encode(&X86, code(0x12345).with_accessed(true), 0), 0x1234_5025);
    assert_eq!(encode(&X86, code(0x200).with_writable(true).with_global(true), 1), 0x20_0187);
    assert_eq!(encode(&X86, Entry::present(0xff_ffff_ffff).with_executable(true), 0), 0xf_ffff_ffff_f001);
    assert_eq!(encode_table(&X86, 0x1234), 0x123_4067);
    // What is kept but must not be touched: the global bit without the present bit.
    assert_eq!(encode(&X86, code(0x12345).with_protnone(true), 0), 0x1234_5104);
    assert_eq!(encode(&X86, code(0x12345).with_hint(true), 0), 0x1234_5104);
    assert_eq!(encode(&X86, Entry::swapped(3), 0), 3 << 14 | 1 << 9);
    assert_eq!(encode(&X86, Entry::EMPTY, 0), 0);
    let names: Vec<_> = permission_names(&X86, 0x8000_0000_0020_01e7).collect();
    assert_eq!(names, ["P", "RW", "US", "A", "D", "PS", "G", "NX"]);
    assert_eq!((level_name(&X86, 3), level_name(&X86, 0), level_name(&X86, 9)), ("PML4", "PT", "?"));
}

/// The words of page tables that the xv6 lab prints, and of a superpage at 0x8000_0000 as boot code writes it.
#[test]
fn riscv_words() {
    assert_eq!(encode_table(&SV39, 0x87f6a), 0x21fd_a801);
    assert_eq!(encode(&SV39, code(0x87f6b).with_writable(true), 0), 0x21fd_ac1f);
    let kernel = Entry::present(0x80000).with_writable(true).with_executable(true);
    assert_eq!(encode(&SV39, kernel.with_accessed(true).with_dirty(true), 2), 0x2000_00cf);
    assert_eq!(encode(&SV39, code(1).with_global(true), 0), 1 << 10 | 0x3b);
    assert_eq!(encode(&SV39, code(1).with_protnone(true), 0), 1 << 10 | 0x30);
    let names: Vec<_> = permission_names(&SV39, 0xff).collect();
    assert_eq!(names, ["V", "R", "W", "X", "U", "G", "A", "D"]);
    assert_eq!(level_name(&SV39, 2), "VPN[2]");
}

#[test]
fn words_mean_what_they_were_made_from() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    let inverted = "inverted".parse().unwrap();
    for config in [X86, SV39, PagingConfig::Sv48, inverted] {
        for _ in 0..2000 {
            let mut bit = || below(&mut random, 2) == 1;
            let entry = Entry::EMPTY
                .with_writable(bit())
                .with_user(bit())
                .with_executable(bit())
                .with_accessed(bit())
                .with_dirty(bit())
                .with_global(bit());
            let frame = below(&mut random, 1 << 40);
            let flags = entry.bits();
            let present = Entry::present(frame)
                .with_writable(entry.is_writable())
                .with_user(entry.is_user())
                .with_executable(entry.is_executable())
                .with_accessed(entry.is_accessed())
                .with_dirty(entry.is_dirty())
                .with_global(entry.is_global());
            assert_eq!(present.bits(), flags | frame << 24 | 1);
            let leaf = Word::Leaf { entry: present };
            let software = present.with_cow(true).with_exclusive(true).with_special(true);
            let level = below(&mut random, 2) as u32;
            assert_eq!(decode(&config, encode(&config, software, level), level), leaf);
            let swapped = Entry::swapped(frame as u32).with_exclusive(true);
            assert_eq!(decode(&config, encode(&config, swapped, 0), 0), Word::Swapped { page: frame as u32 });
            assert_eq!(decode(&config, encode_table(&config, frame), 1), Word::Table { frame });
        }
        assert_eq!(decode(&config, encode(&config, Entry::GUARD, 0), 0), Word::Guard);
        assert_eq!(decode(&config, encode(&config, Entry::EMPTY, 0), 0), Word::Empty);
        assert_eq!(decode(&config, 2, 0), Word::Unknown);
        let kept = Entry::present(7).with_user(true).with_protnone(true).with_accessed(true);
        assert_eq!(decode(&config, encode(&config, kept, 0), 0), Word::Leaf { entry: kept });
    }
}

/// Intel, volume 3A, 4.6: the rights of all entries of a walk together.
#[test]
fn x86_rights_combine_along_the_walk() {
    let all = [0x67, 0x67, 0x67, 0x67].into_iter().fold(Combined::ALL, Combined::and);
    assert_eq!(all, Combined::ALL);
    assert!(all.allows(Access::Read) && all.allows(Access::Write) && all.allows(Access::Execute));
    let kernel = [0x67, 0x63, 0x67].into_iter().fold(Combined::ALL, Combined::and);
    assert!(!kernel.user && !kernel.allows(Access::Read));
    let data = [0x8000_0000_0000_0067, 0x65, 0x67].into_iter().fold(Combined::ALL, Combined::and);
    assert!(data.allows(Access::Read) && !data.allows(Access::Write) && !data.allows(Access::Execute));
}

#[test]
fn codes_of_page_faults() {
    assert_eq!(error_code(false, Access::Write, true, false, false), 0b000110);
    assert_eq!(error_code(true, Access::Execute, true, false, false), 0b010101);
    assert_eq!(error_code(true, Access::Read, false, true, true), 0b101001);
    assert_eq!([Access::Execute, Access::Read, Access::Write].map(riscv_cause), [12, 13, 15]);
}

/// The steps of "virtual address translation process" in the RISC-V privileged architecture.
#[test]
fn riscv_refuses() {
    assert_eq!(check_riscv(0x21fd_a801, 2), Ok(RiscvStep::Table(0x87f6a)));
    assert_eq!(check_riscv(0x21fd_ac1f, 0), Ok(RiscvStep::Leaf(0x87f6b)));
    assert_eq!(check_riscv(0x2000_00cf, 2), Ok(RiscvStep::Leaf(0x80000)));
    assert_eq!(check_riscv(1 << 10 | 0x0b, 0), Ok(RiscvStep::Leaf(1)), "executable and readable");
    assert_eq!(check_riscv(1 << 10 | 0x09, 0), Ok(RiscvStep::Leaf(1)), "executable only");
    for (word, level, why) in [
        (0x2000_00ce, 2, "the entry is not valid"),
        (0x2000_0005, 0, "the entry is writable but not readable"),
        (0x2000_000d, 0, "the entry is writable but not readable"),
        (1 << 54 | 0xcf, 0, "a reserved bit is set"),
        (0x21fd_a841, 1, "a pointer to a table has U, A or D set"),
        (0x21fd_a801, 0, "a pointer where pages must be"),
        (0x21fd_ac1f, 1, "the superpage is misaligned"),
        (0x200 << 10 | 0xcf, 2, "the superpage is misaligned"),
    ] {
        assert_eq!(check_riscv(word, level), Err(why), "{word:#x}");
    }
    assert_eq!(check_riscv(0x200 << 10 | 0xcf, 1), Ok(RiscvStep::Leaf(0x200)));
}
