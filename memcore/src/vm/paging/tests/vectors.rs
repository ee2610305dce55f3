//! Translations that textbooks do by hand.

use crate::vm::paging::{Entry, NoFrames, PageTable, WalkOutcome};
use std_alloc::string::ToString;
use std_alloc::vec::Vec;

fn physical(table: &PageTable, address: u64) -> Option<u64> {
    match table.page_walk(address).unwrap().outcome {
        WalkOutcome::Mapped { physical, .. } => Some(physical),
        _ => None,
    }
}

fn one_level(config: &str, frames: &[(u64, u64)]) -> PageTable {
    let mut table = PageTable::new(&config.parse().unwrap(), &mut NoFrames::default()).unwrap();
    let size = table.config().page_size();
    for &(page, frame) in frames {
        table.set(page * size, 0, Entry::present(frame), &mut NoFrames::default()).unwrap();
    }
    table
}

/// A. Silberschatz, P. Galvin, G. Gagne, "Operating System Concepts", the paging example of a 32-byte memory with
/// 4-byte pages: pages 0 to 3 in frames 5, 6, 1, 2.
#[test]
fn silberschatz_four_byte_pages() {
    let table = one_level("one-level:page=4,pages=4", &[(0, 5), (1, 6), (2, 1), (3, 2)]);
    for (logical, expected) in [(0, 20), (3, 23), (4, 24), (13, 9)] {
        assert_eq!(physical(&table, logical), Some(expected));
    }
    assert_eq!(table.page_walk(16).unwrap().outcome, WalkOutcome::NotCanonical);
    assert_eq!((table.tables(), table.table_bytes()), (1, 32));
}

/// R. and A. Arpaci-Dusseau, "Operating Systems: Three Easy Pieces", "Paging: Introduction": 64 bytes of addresses,
/// 16-byte pages in frames 3, 7, 5, 2; address 21 is page 1, offset 5, so 117.
#[test]
fn three_easy_pieces_sixteen_byte_pages() {
    let table = one_level("one-level:page=16,pages=4", &[(0, 3), (1, 7), (2, 5), (3, 2)]);
    assert_eq!(physical(&table, 21), Some(117));
}

/// The same book, "Paging: Smaller Tables": 16 KB of addresses, 64-byte pages; address 0x3f80 is page 254, the frame
/// of which is 55, so 0x0dc0.
#[test]
fn three_easy_pieces_page_254() {
    let table = one_level("one-level:page=64,pages=256", &[(0, 10), (1, 23), (254, 55), (255, 45)]);
    assert_eq!(physical(&table, 0x3f80), Some(0x0dc0));
    assert_eq!(physical(&table, 0x80), None);
}

/// Four levels by hand: 0x7f12_3456_789a is 254, 72, 418, 359, offset 0x89a.
#[test]
fn x86_walk_by_hand() {
    let mut frames = NoFrames::default();
    let mut table = PageTable::new(&"x86-64".parse().unwrap(), &mut frames).unwrap();
    let entry = Entry::present(0xabcde).with_user(true).with_writable(true).with_dirty(true);
    table.set(0x7f12_3456_7000, 0, entry, &mut frames).unwrap();
    let walk = table.page_walk(0x7f12_3456_789a).unwrap();
    // Tables are in frames 0, 1, 2, 3, as they were made.
    let steps: Vec<_> =
        walk.steps.iter().map(|step| (step.name, step.index, step.entry_address, step.bits)).collect();
    let by_hand = [
        ("PML4", 254, 254 * 8, 0x1067),
        ("PDPT", 72, 0x1000 + 72 * 8, 0x2067),
        ("PD", 418, 0x2000 + 418 * 8, 0x3067),
        ("PT", 359, 0x3000 + 359 * 8, 0x8000_0000_abcd_e047),
    ];
    assert_eq!(steps, by_hand);
    assert_eq!(walk.outcome, WalkOutcome::Mapped { physical: 0xabcd_e89a, page_size: 4096, entry });
    let text = "0x7f123456789a through x86-64\n\
        \x20   PML4 [254] at 0x00000007f0  0000000000001067  table in frame 1  P RW US A D\n\
        \x20   PDPT [ 72] at 0x0000001240  0000000000002067  table in frame 2  P RW US A D\n\
        \x20     PD [418] at 0x0000002d10  0000000000003067  table in frame 3  P RW US A D\n\
        \x20     PT [359] at 0x0000003b38  80000000abcde047  page in frame 703710  P RW US D NX\n\
        \x20 = 0xabcde89a in a page of 4096 bytes";
    assert_eq!(walk.to_string(), text);
    let end = |address| table.page_walk(address).unwrap().to_string().lines().last().unwrap().to_string();
    assert_eq!(end(0x7f12_3456_6000), "  = a fault: nothing in PT");
    assert_eq!(end(0), "  = a fault: nothing in PML4");
    assert_eq!(end(1 << 47), "  = a fault: the address is not canonical");
}

/// Sv39 with a 2M page: 0x3f_fedc_ba98 is 255, 502, 459, offset 0xa98; the last index is part of the offset.
#[test]
fn riscv_superpage_by_hand() {
    let mut frames = NoFrames::default();
    let mut table = PageTable::new(&"sv39".parse().unwrap(), &mut frames).unwrap();
    let entry =
        Entry::present(0x400).with_user(true).with_writable(true).with_accessed(true).with_dirty(true);
    table.set(0x3f_fedc_ba98, 1, entry, &mut frames).unwrap();
    let walk = table.page_walk(0x3f_fedc_ba98).unwrap();
    let steps: Vec<_> = walk.steps.iter().map(|step| (step.name, step.index, step.bits)).collect();
    assert_eq!(steps, [("VPN[2]", 255, 1 << 10 | 1), ("VPN[1]", 502, 0x400 << 10 | 0xd7)]);
    let physical = 0x40_0000 + (459 << 12) + 0xa98;
    assert_eq!(walk.outcome, WalkOutcome::Mapped { physical, page_size: 2 << 20, entry });
}

#[test]
fn an_inverted_walk_shows_its_probes() {
    let mut table = one_level("inverted:buckets=1", &[(3, 30), (9, 90)]);
    let walk = table.page_walk(3 * 4096 + 5).unwrap();
    assert_eq!(
        walk.steps.iter().map(|step| (step.name, step.is_passed)).collect::<Vec<_>>(),
        [("anchor", true), ("link", true), ("link", false)]
    );
    let text = walk.to_string();
    assert!(text.contains("anchor [  0] at 0x0000000000  the chain of the bucket\n"), "{text}");
    assert!(text.contains("link [  1] at 0x0000000028  another page\n"), "{text}");
    assert!(text.ends_with("= 0x1e005 in a page of 4096 bytes"), "{text}");
    table.set(0, 0, Entry::swapped(8), &mut NoFrames::default()).unwrap();
    assert_eq!(table.page_walk(0).unwrap().outcome, WalkOutcome::Swapped { page: 8 });
    table.set(0, 0, Entry::GUARD, &mut NoFrames::default()).unwrap();
    assert_eq!(table.page_walk(0).unwrap().outcome, WalkOutcome::Guard);
}
