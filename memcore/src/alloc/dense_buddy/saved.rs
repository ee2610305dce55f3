//! The dense buddy core, saved: its blocks in use, from which the free ones follow.
//!
//! ```text
//! used   3 . . . 1 . . 1      a block of 4 frames at 0, single frames at 4 and 7; hence free: 5, and 6
//! ```
//!
//! Free blocks are always joined as far as they go, so there is one way only to cover what lies between the blocks in
//! use. Nothing that contradicts itself can be read back, and what is read back places every block as the original.

use super::super::storage::{Growable, Storage};
use super::super::{AllocError, Result};
use super::DenseBuddy;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std_alloc::vec::Vec;

/// A [`DenseBuddy`] as it is saved: its blocks in use, from which the free ones follow.
#[derive(Serialize, Deserialize)]
struct Saved<U> {
    frames: u64,
    max_order: u32,
    used: U,
}

impl<S: Storage> Serialize for DenseBuddy<S> {
    fn serialize<T: Serializer>(&self, serializer: T) -> core::result::Result<T::Ok, T::Error> {
        Saved { frames: self.frames, max_order: self.max_order, used: &self.used[..] }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DenseBuddy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> core::result::Result<Self, D::Error> {
        DenseBuddy::restore(Saved::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl DenseBuddy {
    /// Checks that the blocks lie in the space, in places that they can have, and not in one another. O(frames).
    fn restore(saved: Saved<Vec<u8>>) -> Result<Self> {
        let Saved { frames, max_order, used } = saved;
        let bad = |name, value, rule| AllocError::BadParameter { name, value, rule };
        if frames == 0 || frames != used.len() as u64 {
            return Err(bad("frames", frames, "must be the length of the table, and at least 1"));
        }
        if max_order > frames.ilog2() {
            return Err(bad("max_order", max_order.into(), "must be an order that the space has"));
        }
        let mut buddy = DenseBuddy::all_used(frames, max_order, used, &mut Growable::default())?;
        let (mut frame, mut filled) = (0, 0);
        while frame < frames {
            let Ok(order) = buddy.order_at(frame) else {
                frame += 1;
                continue;
            };
            let size = if order <= max_order { 1 << order } else { u64::MAX };
            if frame % size != 0 || size > frames - frame {
                return Err(bad(
                    "order",
                    order.into(),
                    "must be that of a block that can begin at its frame",
                ));
            }
            let inside = &buddy.used[frame as usize + 1..(frame + size) as usize];
            if inside.iter().any(|&byte| byte != 0) {
                return Err(bad("frame", frame, "must be the first of a block that holds no other"));
            }
            buddy.fill(filled, frame);
            frame += size;
            filled = frame;
        }
        buddy.fill(filled, frames);
        Ok(buddy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std_alloc::vec;

    fn read(frames: u64, max_order: u32, used: Vec<u8>) -> Option<DenseBuddy> {
        let bytes = postcard::to_allocvec(&Saved { frames, max_order, used }).unwrap();
        postcard::from_bytes(&bytes).ok()
    }

    #[test]
    fn what_is_read_back_goes_on_as_the_original_would() {
        let mut original = DenseBuddy::new(1000, 6).unwrap();
        let (mut live, mut state) = (Vec::new(), 7u64);
        let mut copy: Option<DenseBuddy> = None;
        for step in 0..4000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let order = (state >> 40) as u32 % 5;
            if state >> 60 < 9 {
                let placed = original.allocate(order);
                live.extend(placed.ok());
                if let Some(copy) = &mut copy {
                    assert_eq!(copy.allocate(order), placed);
                }
            } else if !live.is_empty() {
                let frame = live.swap_remove((state >> 33) as usize % live.len());
                let freed = original.free(frame);
                if let Some(copy) = &mut copy {
                    assert_eq!(copy.free(frame), freed);
                }
            }
            if step % 500 == 250 {
                let bytes = postcard::to_allocvec(&original).unwrap();
                let back: DenseBuddy = postcard::from_bytes(&bytes).unwrap();
                back.validate().unwrap();
                assert_eq!(back.free_frames(), original.free_frames());
                copy = Some(back.clone());
            }
        }
    }

    #[test]
    fn blocks_that_cannot_be_are_refused() {
        let good = read(8, 3, vec![3, 0, 0, 0, 1, 0, 0, 1]).unwrap();
        good.validate().unwrap();
        assert_eq!((good.free_frames(), good.free_blocks(0), good.free_blocks(1)), (2, 2, 0));
        assert!(read(0, 0, vec![]).is_none());
        assert!(read(9, 3, vec![0; 8]).is_none()); // not as many bytes as frames
        assert!(read(8, 4, vec![0; 8]).is_none()); // an order that 8 frames do not have
        assert!(read(8, 2, vec![4, 0, 0, 0, 0, 0, 0, 0]).is_none()); // a block above the largest
        assert!(read(8, 3, vec![0, 2, 0, 0, 0, 0, 0, 0]).is_none()); // a pair at an odd frame
        assert!(read(8, 3, vec![3, 0, 1, 0, 0, 0, 0, 0]).is_none()); // a block in a block
        assert!(read(7, 2, vec![0, 0, 0, 0, 3, 0, 0]).is_none()); // past the end
        assert!(read(8, 3, vec![255, 0, 0, 0, 0, 0, 0, 0]).is_none());
    }
}
