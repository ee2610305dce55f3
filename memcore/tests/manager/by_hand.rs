//! The teaching program's printed example, and what it gets wrong.

use memcore::replacement::PolicyError;
use memcore::vm::manager::{ManagerError, ManagerOptions, ManagerStatistics, VirtualMemoryManager};
use memcore::vm::{Access, Protection};

/// What the teaching program prints after the lines of its own.
const TABLE: &str = "Page Table:
Virtual | Physical | Present | Modified | Referenced
--------|----------|---------|----------|-----------
      0 |        0 |    true |    false |       true
      1 |        1 |    true |    false |       true
";
const STATISTICS: &str = "Total Pages: 8
Used Pages: 2
Free Pages: 6
Page Faults: 0
Page Hits: 2
";

fn manager(page_size: u64, pages: u32) -> VirtualMemoryManager {
    VirtualMemoryManager::new(ManagerOptions::new(page_size, pages)).unwrap()
}

#[test]
fn the_printed_example() {
    let mut manager = manager(4096, 8);
    assert_eq!((manager.allocate_page(0), manager.allocate_page(1)), (Ok(0), Ok(1)));
    assert_eq!(manager.translate(0, Access::Read).unwrap().address, 0);
    assert_eq!(manager.translate(4096, Access::Read).unwrap().address, 4096);
    assert_eq!(manager.page_table().to_string(), TABLE);
    assert_eq!(manager.statistics().to_string(), STATISTICS);
}

#[test]
fn frames_come_from_the_front_and_go_to_the_end() {
    let mut manager = manager(4096, 4);
    for page in [3, 1, 0] {
        manager.allocate_page(page).unwrap();
    }
    manager.deallocate_page(1).unwrap();
    manager.deallocate_page(3).unwrap();
    assert_eq!(manager.free_frames().collect::<Vec<_>>(), [3, 1, 0]);
    assert_eq!(manager.allocate_page(3), Ok(3));
    assert_eq!(manager.allocate_page(2), Ok(1));
    assert_eq!(manager.allocate_page(1), Ok(0));
    assert_eq!(manager.free_frames().count(), 0);
    manager.validate().unwrap();
}

#[test]
fn what_is_no_page_and_no_address() {
    let mut manager = manager(4096, 8);
    for page in [-1, 8, i64::MIN, i64::MAX, 1 << 32] {
        let error = Err(ManagerError::InvalidPage { page, pages: 8 });
        assert_eq!(manager.allocate_page(page).map(|_| ()), error);
        assert_eq!(manager.deallocate_page(page), error);
    }
    for address in [-1, 32768, i64::MIN, i64::MAX] {
        let error = ManagerError::InvalidAddress { address, end: 32768 };
        assert_eq!(manager.translate(address, Access::Read), Err(error));
    }
    assert_eq!(manager.statistics().page_faults, 0);
    // The last address of the last page is one; its page is not allocated, and that counts.
    assert_eq!(manager.translate(32767, Access::Read), Err(ManagerError::PageFault { page: 7 }));
    assert_eq!(manager.statistics().page_faults, 1);
    manager.allocate_page(7).unwrap();
    assert_eq!(manager.allocate_page(7), Err(ManagerError::AlreadyAllocated { page: 7 }));
    assert_eq!(manager.translate(32767, Access::Read).unwrap().address, 4095);
    manager.deallocate_page(7).unwrap();
    assert_eq!(manager.deallocate_page(7), Err(ManagerError::NotAllocated { page: 7 }));
}

#[test]
fn protection_and_bits() {
    let mut manager = manager(100, 2);
    manager.allocate_page(1).unwrap();
    manager.protect_page(1, Protection::READ).unwrap();
    let refused = Err(ManagerError::Protection { page: 1, access: Access::Write });
    assert_eq!(manager.translate(150, Access::Write), refused);
    assert_eq!(manager.statistics().page_hits, 0);
    manager.clear_referenced(1).unwrap();
    assert!(!manager.entry(1).unwrap().referenced);
    manager.translate(150, Access::Read).unwrap();
    assert!(manager.entry(1).unwrap().referenced && !manager.entry(1).unwrap().modified);
    manager.protect_page(1, Protection::READ | Protection::WRITE).unwrap();
    manager.translate(150, Access::Write).unwrap();
    assert!(manager.entry(1).unwrap().modified);
    // A new page in the old place has none of it.
    manager.deallocate_page(1).unwrap();
    manager.allocate_page(1).unwrap();
    assert!(!manager.entry(1).unwrap().modified);
    assert_eq!(manager.statistics().write_backs, 0);
}

/// The string of Belady, Nelson and Shedler (1969): 9 faults in 3 frames, 10 in 4.
#[test]
fn more_frames_and_more_faults() {
    for (frames, faults) in [(3, 9), (4, 10)] {
        let options = ManagerOptions::new(1, 6).frames(frames);
        let mut manager = VirtualMemoryManager::new(options).unwrap();
        let mut count = 0;
        for page in [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5] {
            // A page's first reference allocates it.
            if !manager.entry(page).unwrap().allocated {
                manager.allocate_page(page).unwrap();
                count += 1;
            } else {
                count += u64::from(!manager.translate(page, Access::Read).unwrap().hit);
            }
        }
        assert_eq!(count, faults);
        manager.validate().unwrap();
    }
}

#[test]
fn a_modified_page_is_written_back_once() {
    let mut manager = VirtualMemoryManager::new(ManagerOptions::new(10, 2).frames(1)).unwrap();
    manager.allocate_page(0).unwrap();
    manager.translate(0, Access::Write).unwrap();
    manager.allocate_page(1).unwrap();
    manager.translate(5, Access::Read).unwrap();
    manager.translate(15, Access::Read).unwrap();
    let expected = ManagerStatistics {
        total_pages: 2,
        used_pages: 2,
        free_pages: 0,
        total_frames: 1,
        used_frames: 1,
        free_frames: 0,
        page_faults: 2,
        page_hits: 1,
        page_replacements: 3,
        write_backs: 1,
    };
    assert_eq!(manager.statistics(), expected);
    assert!(manager.statistics().to_string().ends_with("Page Hits: 1\nPage Replacements: 3\n"));
    assert!(
        manager.page_table().to_string().contains("      0 |        - |   false |    false |      false\n")
    );
}

#[test]
fn what_no_manager_can_be_made_of() {
    let make = |options| VirtualMemoryManager::new(options).map(|_| ()).unwrap_err();
    assert_eq!(make(ManagerOptions::new(0, 8)), ManagerError::PageSize { page_size: 0 });
    assert_eq!(make(ManagerOptions::new(1, 0)), ManagerError::Pages { pages: 0 });
    assert_eq!(make(ManagerOptions::new(1, u32::MAX)), ManagerError::Pages { pages: u32::MAX.into() });
    assert_eq!(make(ManagerOptions::new(1, 1).frames(0)), PolicyError::Frames { frames: 0 }.into());
    let large = ManagerError::TooLarge { count: 2, page_size: 1 << 62 };
    assert_eq!(make(ManagerOptions::new(1 << 62, 1).frames(2)), large);
    for policy in ["opt", "working-set", "pff"] {
        assert!(matches!(
            make(ManagerOptions::new(1, 1).policy(policy.parse().unwrap())),
            ManagerError::Policy(_)
        ));
    }
    // The largest of all: one page of 2^63 - 1 bytes.
    let mut manager = manager(i64::MAX as u64, 1);
    manager.allocate_page(0).unwrap();
    assert_eq!(manager.translate(i64::MAX - 1, Access::Read).unwrap().address, i64::MAX as u64 - 1);
    assert!(manager.translate(i64::MAX, Access::Read).is_err());
}
