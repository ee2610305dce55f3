//! The swap device against a map of slots to pages, in memory and in a file.

use super::*;
use std_alloc::collections::BTreeMap;
use std_alloc::vec;
use std_alloc::vec::Vec;

fn in_memory(pages: u64) -> SwapDevice {
    SwapDevice::new(&SwapConfig::of_pages(pages), 64, true).unwrap()
}

#[cfg(feature = "std")]
fn in_file(pages: u64, name: &str) -> (SwapDevice, std::path::PathBuf) {
    let path = std::env::temp_dir().join(format!("memcore-{name}-{}", std::process::id()));
    let config = SwapConfig { file: Some(path.clone()), ..SwapConfig::of_pages(pages) };
    (SwapDevice::new(&config, 64, true).unwrap(), path)
}

fn drive(device: &mut SwapDevice, steps: u64) -> BTreeMap<u32, Vec<u8>> {
    let mut model: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    let (mut state, mut page) = (steps, vec![0; 64]);
    for _ in 0..steps {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let chosen = model.keys().copied().nth((state >> 33) as usize % model.len().max(1));
        match (state >> 60, chosen) {
            (0..=8, _) => match device.allocate() {
                Some(slot) => {
                    page.fill(state as u8);
                    page[3] = slot as u8;
                    device.write(slot, &page).unwrap();
                    assert!(model.insert(slot, page.clone()).is_none(), "slot {slot} was given out twice");
                }
                None => assert_eq!(model.len() as u64, device.slots()),
            },
            (9..=11, Some(slot)) => {
                device.free(slot);
                model.remove(&slot);
                assert!(!device.is_used(slot));
            }
            (_, Some(slot)) => {
                device.read(slot, &mut page).unwrap();
                assert_eq!(page, model[&slot]);
            }
            _ => {}
        }
        assert_eq!((device.used(), device.bytes()), (model.len() as u64, model.len() as u64 * 64));
        assert_eq!(device.free_slots(), device.slots() - device.used());
    }
    device.validate().unwrap();
    model
}

fn holds(device: &mut SwapDevice, model: &BTreeMap<u32, Vec<u8>>) {
    let mut page = vec![0; 64];
    device.validate().unwrap();
    for (&slot, bytes) in model {
        assert!(device.is_used(slot));
        device.read(slot, &mut page).unwrap();
        assert_eq!(&page, bytes);
    }
}

#[test]
fn slots_hold_what_was_written() {
    for pages in [1, 2, 700] {
        let mut device = in_memory(pages);
        let model = drive(&mut device, 5000);
        let mut back: SwapDevice = postcard::from_bytes(&postcard::to_allocvec(&device).unwrap()).unwrap();
        holds(&mut back, &model);
        assert_eq!(back.allocate(), device.allocate());
    }
}

#[test]
#[cfg(feature = "std")]
fn a_file_does_as_memory_does() {
    let (mut device, path) = in_file(300, "swap-file");
    let model = drive(&mut device, 3000);
    holds(&mut device.clone(), &model);
    let mut back: SwapDevice = postcard::from_bytes(&postcard::to_allocvec(&device).unwrap()).unwrap();
    holds(&mut back, &model);
    // The place in the file is the slot's.
    let file = std::fs::read(&path).unwrap();
    let (&slot, bytes) = model.first_key_value().unwrap();
    assert_eq!(&file[slot as usize * 64..][..64], &bytes[..]);
    std::fs::remove_file(path).unwrap();
}

#[test]
#[cfg(feature = "std")]
fn a_file_that_was_cut_or_changed_is_found_out() {
    let (mut device, path) = in_file(8, "swap-cut");
    let slots: Vec<u32> = (0..3).map(|_| device.allocate().unwrap()).collect();
    for &slot in &slots {
        device.write(slot, &[slot as u8 + 1; 64]).unwrap();
    }
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[64] ^= 1;
    std::fs::write(&path, &bytes[..150]).unwrap();
    let mut page = [0; 64];
    device.read(0, &mut page).unwrap();
    assert_eq!(page, [1; 64]);
    assert_eq!(device.read(1, &mut page), Err(SwapError::Checksum { slot: 1 }));
    assert_eq!(device.read(2, &mut page), Err(SwapError::Checksum { slot: 2 }));
    std::fs::remove_file(path).unwrap();
    let config = SwapConfig { file: Some("/nowhere/at/all".into()), ..SwapConfig::of_pages(1) };
    assert!(matches!(SwapDevice::new(&config, 64, true), Err(VmError::Io { .. })));
}

/// The lowest is given out.
#[test]
fn slots_are_given_out_side_by_side() {
    let mut device = in_memory(2000);
    for slot in 0..1000 {
        assert_eq!(device.allocate(), Some(slot));
    }
    device.free(17);
    device.free(500);
    assert_eq!([device.allocate(), device.allocate(), device.allocate()], [Some(17), Some(500), Some(1000)]);
    assert_eq!(SwapDevice::new(&SwapConfig::default(), 64, true).unwrap().allocate(), None);
}

#[test]
fn each_fault_is_reported_and_heals() {
    let mut device = in_memory(4);
    let (slot, other) = (device.allocate().unwrap(), device.allocate().unwrap());
    let mut page = [0; 64];
    device.write(slot, &[5; 64]).unwrap();
    device.write(other, &[6; 64]).unwrap();
    device.inject(SwapFault::Flip { slot, bit: 511 }).unwrap();
    assert_eq!(device.read(slot, &mut page), Err(SwapError::Checksum { slot }));
    assert_eq!(page[63], 5 ^ 0x80);
    device.inject(SwapFault::Heal).unwrap();
    assert!(device.read(slot, &mut page).is_err()); // what is lost is lost
    device.write(slot, &[7; 64]).unwrap();
    device.read(slot, &mut page).unwrap();
    let is_io = |result: Result<(), SwapError>| matches!(result, Err(SwapError::Io { slot: 0, .. }));
    device.inject(SwapFault::Read { slot }).unwrap();
    assert!(is_io(device.read(slot, &mut page)));
    device.read(other, &mut page).unwrap();
    device.write(slot, &page).unwrap();
    device.inject(SwapFault::Write { slot }).unwrap();
    assert!(is_io(device.write(slot, &page)));
    device.inject(SwapFault::Heal).unwrap();
    device.write(slot, &page).unwrap();
    device.inject(SwapFault::AllReads(true)).unwrap();
    assert!(is_io(device.read(slot, &mut page)));
    device.write(slot, &page).unwrap();
    device.inject(SwapFault::AllReads(false)).unwrap();
    device.inject(SwapFault::AllWrites(true)).unwrap();
    device.read(slot, &mut page).unwrap();
    assert!(is_io(device.write(slot, &page)));
    device.inject(SwapFault::Heal).unwrap();
    assert!(matches!(device.write(slot, &page[..3]), Err(SwapError::Io { .. })));
}

#[test]
fn without_checksums_the_wrong_bytes_are_read() {
    let config = SwapConfig { checksums: false, ..SwapConfig::of_pages(4) };
    let mut device = SwapDevice::new(&config, 64, true).unwrap();
    let slot = device.allocate().unwrap();
    let mut page = [0; 64];
    device.write(slot, &[5; 64]).unwrap();
    device.inject(SwapFault::Flip { slot, bit: 512 }).unwrap(); // bit 0 again
    device.read(slot, &mut page).unwrap();
    assert_eq!(page[..2], [4, 5]);
}

#[test]
fn without_contents_slots_are_counted_and_faults_still_happen() {
    let mut device = SwapDevice::new(&SwapConfig::of_pages(4), 4096, false).unwrap();
    let slot = device.allocate().unwrap();
    device.write(slot, &[]).unwrap();
    device.read(slot, &mut []).unwrap();
    assert_eq!((device.bytes(), device.contents_bytes()), (4096, 0));
    device.inject(SwapFault::Flip { slot, bit: 0 }).unwrap();
    assert_eq!(device.read(slot, &mut []), Err(SwapError::Checksum { slot }));
    device.write(slot, &[]).unwrap();
    device.read(slot, &mut []).unwrap();
    device.validate().unwrap();
}

#[test]
fn a_forged_device_is_found_out() {
    let good = in_memory(40);
    let forge = |change: &dyn Fn(&mut SwapDevice)| {
        let mut device = good.clone();
        change(&mut device);
        let bytes = postcard::to_allocvec(&device).unwrap();
        postcard::from_bytes::<SwapDevice>(&bytes).map_or(true, |device| device.validate().is_err())
    };
    assert!(!forge(&|_| ()));
    assert!(forge(&|device| device.slots = None));
    assert!(forge(&|device| device.slots = DenseBuddy::new(41, 0).ok()));
    assert!(forge(&|device| device.slots = DenseBuddy::new(40, 2).ok()));
    assert!(forge(&|device| device.page_size = 128));
    assert!(forge(&|device| device.checksums = zeroed(39).unwrap()));
    assert!(forge(&|device| device.faults.corrupt(40)));
    assert!(SwapDevice::new(&SwapConfig::of_pages(MOST_SLOTS + 1), 64, false).is_err());
}

/// Any byte of a snapshot may be another: it is refused, found out, or a device that works.
#[test]
fn a_damaged_snapshot_does_no_harm() {
    let mut good = in_memory(20);
    for _ in 0..10 {
        let slot = good.allocate().unwrap();
        good.write(slot, &[slot as u8 + 1; 64]).unwrap();
    }
    good.inject(SwapFault::Read { slot: 3 }).unwrap();
    let saved = postcard::to_allocvec(&good).unwrap();
    let (mut state, mut page) = (1u64, [0; 64]);
    for _ in 0..20_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut bytes = saved.clone();
        let at = (state >> 40) as usize % saved.len();
        bytes[at] = (state >> 20) as u8;
        let Ok(mut device) = postcard::from_bytes::<SwapDevice>(&bytes) else { continue };
        if device.validate().is_err() {
            continue;
        }
        for slot in 0..device.slots() as u32 {
            // It gives the page that was written, or an error.
            if device.is_used(slot) && device.page_size == 64 && device.read(slot, &mut page).is_ok() {
                assert!(page == [slot as u8 + 1; 64] || device.checksums.is_empty());
            }
        }
        while let Some(slot) = device.allocate() {
            let _ = device.write(slot, &page);
        }
        device.validate().unwrap();
    }
}
