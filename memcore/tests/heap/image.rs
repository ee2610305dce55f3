//! The format of a persistent heap's image, read as its description says, and by nothing of the library's.

/// What the header of a chunk says, and where it is.
pub struct Chunk {
    pub at: u64,
    /// Of a block: bytes asked for, and the alignment's logarithm.
    pub block: Option<(u64, u32)>,
}

/// The chain of chunks, and the roots.
pub struct Image {
    pub chunks: Vec<Chunk>,
    pub roots: Vec<u64>,
}

fn word(bytes: &[u8], at: u64) -> u64 {
    u64::from_le_bytes(bytes[at as usize..][..8].try_into().unwrap())
}

fn checksum(words: &[u64]) -> u64 {
    let mut sum = u64::from_le_bytes(*b"memcore\0");
    for word in words {
        let mut x = sum ^ word;
        x ^= x >> 30;
        x = x.wrapping_mul(0xbf58476d1ce4e5b9);
        x ^= x >> 27;
        x = x.wrapping_mul(0x94d049bb133111eb);
        sum = x ^ (x >> 31);
    }
    sum
}

/// Reads an image between two calls; panics where it is not as described.
pub fn read(bytes: &[u8], attached: bool) -> Image {
    assert_eq!(&bytes[..8], b"memcore\0");
    assert_eq!(bytes[8..12], 1u32.to_le_bytes());
    assert_eq!(bytes[12..16], 1280u32.to_le_bytes());
    let capacity = word(bytes, 16);
    assert_eq!(word(bytes, 32), u64::from(attached));
    let mut covered = vec![word(bytes, 0), word(bytes, 8), capacity];
    covered.extend((64..128).step_by(8).map(|at| word(bytes, at)));
    assert_eq!(word(bytes, 40), checksum(&covered));
    let roots: Vec<u64> = (128..256).step_by(8).map(|at| word(bytes, at)).collect();
    assert_eq!(word(bytes, 256), checksum(&roots));
    assert_eq!(word(bytes, 504), 0);
    let (mut at, mut previous, mut chunks) = (1280, 0, Vec::<Chunk>::new());
    while at < capacity {
        let (first, requested) = (word(bytes, at), word(bytes, at + 16));
        let (alignment, sum) = (word(bytes, at + 24) as u32, (word(bytes, at + 24) >> 32) as u32);
        assert_eq!(word(bytes, at + 8), previous);
        assert_eq!(sum, checksum(&[at, first, previous, requested, alignment.into()]) as u32);
        let (size, state) = (first / 32 * 32, first % 32);
        assert!(size > 0);
        let block = match state {
            1 => Some((requested, alignment)),
            2 => {
                assert_eq!((requested, alignment), (0, 0));
                assert!(chunks.last().is_none_or(|chunk| chunk.block.is_some()));
                None
            }
            other => panic!("state {other} at {at}"),
        };
        chunks.push(Chunk { at, block });
        (at, previous) = (at + size, size);
    }
    assert_eq!(at, capacity);
    Image { chunks, roots }
}
