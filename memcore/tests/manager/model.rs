//! The manager against lists: FIFO and LRU by hand, every other policy by what must hold of any.

use memcore::replacement::PolicySpec;
use memcore::vm::Access;
use memcore::vm::manager::{ManagerError, ManagerOptions, ManagerStatistics, VirtualMemoryManager};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const PAGE: u64 = 7;
const PAGES: i64 = 9;

struct Model {
    /// LRU: an access moves a page to the end; FIFO: it does not.
    lru: bool,
    /// Resident pages, the next victim first.
    queue: Vec<i64>,
    frame: BTreeMap<i64, u64>,
    free: Vec<u64>,
    allocated: BTreeSet<i64>,
    modified: BTreeSet<i64>,
    faults: u64,
    hits: u64,
    replacements: u64,
    write_backs: u64,
}

impl Model {
    fn bring_in(&mut self, page: i64) -> (u64, Option<u32>) {
        let (frame, evicted) = if self.free.is_empty() {
            let victim = self.queue.remove(0);
            self.replacements += 1;
            self.write_backs += u64::from(self.modified.remove(&victim));
            (self.frame.remove(&victim).unwrap(), Some(victim as u32))
        } else {
            (self.free.remove(0), None)
        };
        self.frame.insert(page, frame);
        self.queue.push(page);
        (frame, evicted)
    }

    fn statistics(&self, frames: u64) -> ManagerStatistics {
        let used = self.allocated.len() as u64;
        ManagerStatistics {
            total_pages: PAGES as u64,
            used_pages: used,
            free_pages: PAGES as u64 - used,
            total_frames: frames,
            used_frames: frames - self.free.len() as u64,
            free_frames: self.free.len() as u64,
            page_faults: self.faults,
            page_hits: self.hits,
            page_replacements: self.replacements,
            write_backs: self.write_backs,
        }
    }
}

fn step(manager: &mut VirtualMemoryManager, model: &mut Model, [what, a, b]: [u8; 3]) {
    let page = i64::from(a % 12) - 1;
    let exists = (0..PAGES).contains(&page);
    match what % 8 {
        0 | 1 => {
            let got = manager.allocate_page(page);
            if !exists {
                assert_eq!(got, Err(ManagerError::InvalidPage { page, pages: PAGES as u32 }));
            } else if model.allocated.insert(page) {
                assert_eq!(got, Ok(model.bring_in(page).0));
            } else {
                assert_eq!(got, Err(ManagerError::AlreadyAllocated { page: page as u32 }));
            }
        }
        2 => {
            let got = manager.deallocate_page(page);
            assert_eq!(got.is_ok(), model.allocated.remove(&page));
            if got.is_ok() {
                model.modified.remove(&page);
                model.queue.retain(|&other| other != page);
                model.free.extend(model.frame.remove(&page));
            }
        }
        _ => {
            let (offset, access) = (u64::from(b) % PAGE, if b > 127 { Access::Write } else { Access::Read });
            let address = page * PAGE as i64 + offset as i64;
            let got = manager.translate(address, access);
            if !exists {
                assert_eq!(got, Err(ManagerError::InvalidAddress { address, end: PAGES * PAGE as i64 }));
            } else if !model.allocated.contains(&page) {
                model.faults += 1;
                assert_eq!(got, Err(ManagerError::PageFault { page: page as u32 }));
            } else {
                let hit = model.frame.contains_key(&page);
                let (frame, evicted) = if hit { (model.frame[&page], None) } else { model.bring_in(page) };
                model.hits += u64::from(hit);
                model.faults += u64::from(!hit);
                if model.lru {
                    model.queue.retain(|&other| other != page);
                    model.queue.push(page);
                }
                if access == Access::Write {
                    model.modified.insert(page);
                }
                let got = got.unwrap();
                assert_eq!((got.address, got.page, got.frame), (frame * PAGE + offset, page as u32, frame));
                assert_eq!((got.hit, got.evicted), (hit, evicted));
            }
        }
    }
    manager.validate().unwrap();
    assert_eq!(manager.statistics(), model.statistics(manager.frames().into()));
    let rows: Vec<_> = manager.rows().map(|row| (i64::from(row.page), row.entry.frame)).collect();
    let expected: Vec<_> =
        model.allocated.iter().map(|page| (*page, model.frame.get(page).copied())).collect();
    assert_eq!(rows, expected);
    assert!(manager.rows().all(|row| row.entry.modified == model.modified.contains(&row.page.into())));
    assert_eq!(manager.free_frames().collect::<Vec<_>>(), model.free);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn it_agrees_with_lists(
        lru: bool,
        frames in 1..12u32,
        steps in prop::collection::vec(prop::array::uniform3(any::<u8>()), 1..150),
    ) {
        let policy: PolicySpec = if lru { "lru" } else { "fifo" }.parse().unwrap();
        let options = ManagerOptions::new(PAGE, PAGES as u32).frames(frames).policy(policy);
        let mut manager = VirtualMemoryManager::new(options).unwrap();
        let mut model = Model {
            lru,
            queue: Vec::new(),
            frame: BTreeMap::new(),
            free: (0..frames.into()).collect(),
            allocated: BTreeSet::new(),
            modified: BTreeSet::new(),
            faults: 0,
            hits: 0,
            replacements: 0,
            write_backs: 0,
        };
        for numbers in steps {
            step(&mut manager, &mut model, numbers);
        }
    }

    #[test]
    fn every_policy_keeps_the_books(
        frames in 1..12u32,
        steps in prop::collection::vec(prop::array::uniform3(any::<u8>()), 1..300),
    ) {
        for name in PolicySpec::names() {
            let policy: PolicySpec = name.parse().unwrap();
            let options = ManagerOptions::new(PAGE, PAGES as u32).frames(frames).policy(policy);
            let Ok(mut manager) = VirtualMemoryManager::new(options) else { continue };
            for &[what, page, write] in &steps {
                let page = i64::from(page) % PAGES;
                let before = manager.entry(page).unwrap();
                match what % 8 {
                    0 | 1 => assert_eq!(manager.allocate_page(page).is_ok(), !before.allocated),
                    2 => assert_eq!(manager.deallocate_page(page).is_ok(), before.allocated),
                    _ => {
                        let access = if write > 127 { Access::Write } else { Access::Read };
                        match manager.translate(page * PAGE as i64, access) {
                            Ok(found) => assert!(before.allocated && found.hit == before.is_present()),
                            Err(_) => assert!(!before.allocated),
                        }
                    }
                }
                prop_assert_eq!(manager.validate(), Ok(()), "{}", name);
            }
        }
    }
}
