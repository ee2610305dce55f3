//! Random numbers that are the same on every machine, for ever.
//!
//! The generator is xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number generators",
//! 2021), its state filled from the seed by SplitMix64. Everything drawn from it is computed in integers:
//! floating-point logarithms differ in the last bit between mathematical libraries, and one bit is another
//! trace. So logarithm and power are computed here in fixed point, 32 bits after the point:
//!
//! * log2: the integer part is the position of the highest bit; each further bit comes from squaring the
//!   mantissa and looking whether it passed 2 (Knuth, The Art of Computer Programming 1, 1.2.2, exercise 25).
//! * exp2: the product of 2^(1/2), 2^(1/4), ... over the bits set, from a table of integer square roots.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// Bits after the point of a logarithm.
pub(super) const POINT: u32 = 32;
/// The natural logarithm of 2, with 64 bits after the point.
const LN_2: u128 = 0xb172_17f7_d1cf_79ab;

/// `ROOTS[k]` is 2 to the power 2^-(k+1), with 63 bits after the point.
const ROOTS: [u64; POINT as usize] = {
    let mut roots = [0; POINT as usize];
    let mut power: u128 = 2 << 63;
    let mut k = 0;
    while k < roots.len() {
        power = (power << 63).isqrt();
        roots[k] = power as u64;
        k += 1;
    }
    roots
};

pub(super) struct Random(Xoshiro256PlusPlus);

impl Random {
    pub(super) fn new(seed: u64) -> Random {
        Random(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    #[inline]
    pub(super) fn next(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in 0 .. `bound`, without bias (Lemire, "Fast random integer generation in an interval", 2019).
    /// Gives 0 and draws nothing when `bound` is at most 1.
    #[inline]
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        if bound <= 1 {
            return 0;
        }
        let mut product = u128::from(self.next()) * u128::from(bound);
        // The threshold is below the bound, so the division for it is rarely needed.
        if (product as u64) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while (product as u64) < threshold {
                product = u128::from(self.next()) * u128::from(bound);
            }
        }
        (product >> 64) as u64
    }

    /// Uniform in `low ..= high`; `high - low` is below 2^64 - 1.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True `percent` times in a hundred. Draws nothing for 0.
    pub(super) fn chance(&mut self, percent: u8) -> bool {
        percent > 0 && self.below(100) < u64::from(percent)
    }

    /// Exponential with this mean, rounded down.
    pub(super) fn exponential(&mut self, mean: u64) -> u64 {
        // -log2 of a uniform fraction u / 2^64.
        let u = self.next().max(1);
        let log = (64 << POINT) - log2(u);
        let nats = (u128::from(log) * LN_2) >> 64;
        ((nats * u128::from(mean)) >> POINT) as u64
    }

    /// Log-uniform in `low ..= high`: each doubling is as likely as every other. `low` is at least 1.
    pub(super) fn log_uniform(&mut self, low: u64, high: u64) -> u64 {
        let exponent = self.between(log2(low), log2(high + 1));
        exp2(exponent).clamp(low, high)
    }
}

/// The base-two logarithm of `value`, at least 1, rounded down to 32 bits after the point.
pub(super) fn log2(value: u64) -> u64 {
    let mut log = u64::from(value.ilog2());
    let mut mantissa = value << value.leading_zeros();
    for _ in 0..POINT {
        let square = (u128::from(mantissa) * u128::from(mantissa)) >> 63;
        let passed = square >> 64 != 0;
        mantissa = (square >> u32::from(passed)) as u64;
        log = log << 1 | u64::from(passed);
    }
    log
}

/// 2 to the power of `exponent`, which has 32 bits after the point and is below 64, rounded down.
pub(super) fn exp2(exponent: u64) -> u64 {
    let mut mantissa: u64 = 1 << 63;
    for (k, &root) in ROOTS.iter().enumerate() {
        if exponent >> (POINT as usize - 1 - k) & 1 != 0 {
            mantissa = ((u128::from(mantissa) * u128::from(root)) >> 63) as u64;
        }
    }
    mantissa >> (63 - (exponent >> POINT).min(63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm_and_power_agree_with_known_values() {
        assert_eq!(log2(1), 0);
        assert_eq!(log2(1 << 40), 40 << POINT);
        // log2(3) = 1.58496250072115618...
        assert_eq!(log2(3), 6_807_362_105);
        // log2(10) = 3.32192809488736234...
        assert_eq!(log2(10), 14_267_572_527);
        assert_eq!(exp2(0), 1);
        assert_eq!(exp2(63 << POINT), 1 << 63);
        // 2^20.5 = 1482910.4003785...
        assert_eq!(exp2(41 << (POINT - 1)), 1_482_910);
    }

    #[test]
    fn the_generator_is_xoshiro256_plus_plus_seeded_by_splitmix64() {
        // SplitMix64 from 0 begins e220a8397b1dcdaf 6e789e6aa1b965f4 06c45d188009454f f88bb8a8724c81ec; with
        // that state, rotl(s0 + s3, 23) + s0 is the first output.
        let (s0, s3) = (0xe220_a839_7b1d_cdaf_u64, 0xf88b_b8a8_724c_81ec_u64);
        assert_eq!(Random::new(0).next(), s0.wrapping_add(s3).rotate_left(23).wrapping_add(s0));
    }

    #[test]
    fn bounded_draws_stay_in_bounds_and_reach_them() {
        let mut random = Random::new(1);
        let mut seen = [0; 7];
        for _ in 0..7000 {
            seen[random.below(7) as usize] += 1;
        }
        assert!(seen.iter().all(|count| (850..1150).contains(count)), "{seen:?}");
        // Multiplying without rejection would give the multiples of 3 twice their share below 3 * 2^62.
        let multiples = (0..3000).filter(|_| random.below(3 << 62) % 3 == 0).count();
        assert!((900..1100).contains(&multiples), "{multiples}");
        assert!((0..1000).all(|_| (16..=4096).contains(&random.log_uniform(16, 4096))));
        assert_eq!(random.log_uniform(5, 5), 5);
        let mean = (0..20_000).map(|_| random.exponential(1000)).sum::<u64>() / 20_000;
        assert!((970..1030).contains(&mean), "{mean}");
    }
}
