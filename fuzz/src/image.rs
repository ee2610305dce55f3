//! A persistent heap in bytes that may be anything: it is refused, or it is a sound heap.
//!
//! From nothing hardly any bytes are an image; so most inputs are a good image, as a program left it, with some of its
//! bytes changed.

use super::Input;
use memcore::heap::{Borrowed, Offset, PersistentHeap, PersistentView};

const BYTES: usize = 8192;

/// An image with some blocks, as it is after so many calls.
fn good(calls: u8, close: bool) -> Vec<u8> {
    let mut bytes = vec![0u8; BYTES];
    let mut heap = PersistentHeap::create(Borrowed::new(&mut bytes)).expect("room for an image");
    let mut live = vec![];
    for call in 0..usize::from(calls % 24) {
        match call % 4 {
            3 => drop(heap.free(live.remove(call / 4 % live.len()))),
            _ => live.extend(heap.allocate(20 + call * 37 % 300, 1 << (call % 6))),
        }
    }
    let _ = heap.set_root(0, live.last().copied());
    if close {
        heap.close().expect("memory that is kept");
    } else {
        drop(heap);
    }
    bytes
}

/// `PersistentHeap` and `PersistentView` over bytes that were changed.
pub fn image(data: &[u8]) {
    let mut input = Input(data);
    let (Some(mode), Some(calls)) = (input.byte(), input.byte()) else { return };
    let mut bytes = match mode % 4 {
        0 => input.0.to_vec(),
        other => good(calls, other == 1),
    };
    if mode % 4 != 0 {
        while let Some(patch) = input.0.split_first_chunk::<3>() {
            let (&[low, high, value], rest) = patch;
            bytes[usize::from(u16::from_le_bytes([low, high])) % BYTES] ^= value;
            input.0 = rest;
        }
    }
    if let Ok(view) = PersistentView::new(&bytes) {
        let blocks: Vec<_> = view.blocks().take(1000).collect();
        for block in &blocks {
            assert!(view.bytes(block.offset).is_ok());
        }
        for number in 0..20 {
            let _ = view.root(number);
        }
        for bits in [1, 8, 1280, 1312, u64::MAX, u64::from(calls) << 5] {
            let _ = Offset::from_bits(bits).map(|offset| view.bytes(offset));
        }
    }
    let Ok((mut heap, _)) = PersistentHeap::open(Borrowed::new(&mut bytes)) else { return };
    heap.validate().expect("what was opened is sound");
    let offsets: Vec<_> = heap.blocks().map(|block| block.offset).collect();
    for &offset in &offsets {
        heap.bytes_mut(offset).expect("a live block").fill(calls);
    }
    let new = heap.allocate(100, 16);
    for offset in offsets {
        let resized = heap.resize(offset, 50).expect("a smaller size");
        heap.free(resized).expect("a live block");
        assert!(heap.free(resized).is_err());
    }
    if let Ok(new) = new {
        heap.free(new).expect("a live block");
    }
    heap.validate().expect("still sound");
    assert_eq!(heap.stats().blocks, 0);
    heap.close().expect("memory that is kept");
    let (heap, recovery) = PersistentHeap::open(Borrowed::new(&mut bytes)).expect("its own image");
    assert!(recovery.clean && heap.stats().blocks == 0);
}
