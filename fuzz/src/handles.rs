//! A heap whose blocks move: contents stay, and handles that are none are refused.

use super::{Input, STRATEGIES, bytes, read};
use memcore::alloc::{BlockId, Budget};
use memcore::heap::{Borrowed, HandleHeap, HeapError};
use std::collections::BTreeMap;

struct Held {
    contents: Vec<u8>,
    pins: u32,
    locks: u32,
}

/// `HandleHeap` over every strategy.
pub fn handles(data: &[u8]) {
    let mut input = Input(data);
    let Some((strategy, (mut bytes, offset))) = input.byte().zip(bytes(&mut input)) else { return };
    let strategy = read(STRATEGIES[strategy as usize % STRATEGIES.len()]);
    let Ok(mut heap) = HandleHeap::new(&strategy, Borrowed::new(&mut bytes[offset..])) else { return };
    let mut live: BTreeMap<BlockId, Held> = BTreeMap::new();
    while let (Some(kind), Some(a)) = (input.byte(), input.number()) {
        let size = 1 + (a >> 8) as usize % (1 << (a % 14));
        let chosen = live.keys().copied().nth(a as usize % live.len().max(1));
        match (kind % 16, chosen) {
            (0..4, _) => {
                let alignment = 1 << (a >> 48 & 7);
                let Ok(id) = heap.allocate(size, alignment) else { continue };
                let bytes = heap.bytes_mut(id).expect("a live block");
                assert_eq!(bytes.len(), size);
                bytes.fill(a as u8);
                let held = Held { contents: vec![a as u8; size], pins: 0, locks: 0 };
                assert!(live.insert(id, held).is_none(), "a handle was given out twice");
            }
            (4..7, Some(id)) => match heap.free(id) {
                Ok(size) => {
                    let held = live.remove(&id).expect("a live block");
                    assert_eq!((size, held.pins, held.locks), (held.contents.len(), 0, 0));
                    assert!(heap.bytes(id).is_err() && heap.free(id).is_err());
                }
                Err(HeapError::Held { holds, .. }) => assert_eq!(holds, live[&id].pins + live[&id].locks),
                Err(error) => assert!(matches!(error, HeapError::Alloc(_)), "{error:?}"),
            },
            (7..9, Some(id)) => {
                let held = live.get_mut(&id).expect("a live block");
                if heap.resize(id, size).is_ok() {
                    held.contents.truncate(size);
                    let bytes = heap.bytes_mut(id).expect("a live block");
                    assert_eq!((bytes.len(), &bytes[..held.contents.len()]), (size, &held.contents[..]));
                    bytes.fill(a as u8);
                    held.contents = vec![a as u8; size];
                }
            }
            (9, Some(id)) => {
                heap.pin(id).expect("a live block");
                live.get_mut(&id).expect("a live block").pins += 1;
            }
            (10, Some(id)) => {
                let held = live.get_mut(&id).expect("a live block");
                assert_eq!(heap.unpin(id).is_ok(), held.pins > 0);
                held.pins = held.pins.saturating_sub(1);
            }
            (11, Some(id)) => {
                let held = live.get_mut(&id).expect("a live block");
                let now = if a & 256 == 0 { heap.lock(id).is_ok() } else { heap.unlock(id).is_ok() };
                assert_eq!(now, a & 256 == 0 || held.locks > 0);
                held.locks = if a & 256 == 0 { held.locks + 1 } else { held.locks.saturating_sub(1) };
            }
            (12 | 13, _) => {
                let _ = heap.compact(Budget { bytes: a >> 8 & 0xffff, moves: a & 0xff });
            }
            _ => {
                if let Some(id) = BlockId::from_bits(a).filter(|id| !live.contains_key(id)) {
                    assert!(heap.free(id).is_err() && heap.bytes(id).is_err() && heap.pin(id).is_err());
                }
            }
        }
        heap.validate().expect("a sound heap");
        for (&id, held) in &live {
            assert_eq!(heap.bytes(id), Ok(&held.contents[..]));
            assert_eq!(heap.holds(id), Ok((held.pins, held.locks)));
        }
    }
    assert_eq!(heap.stats().blocks, live.len() as u64);
}
