//! A small generator of random numbers, so that all contenders see the same requests.

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A size from 16 to 4096, uniform in its logarithm, as a multiple of 16.
    pub fn size(&mut self) -> u32 {
        let exponent = 4.0 + 8.0 * (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        (exponent.exp2() as u32).next_multiple_of(16)
    }
}
