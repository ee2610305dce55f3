//! SHARDS: LRU's miss-ratio curve from a sample of the pages.
//!
//! A page is sampled iff the hash of its number is below a threshold, so either all of its references are seen
//! or none; distances among sampled pages are shorter than the real ones by the rate R, and are scaled back
//! (Waldspurger, Park, Garthwaite, Ahmad, "Efficient MRC construction with SHARDS", FAST 2015).
//!
//! ```text
//!   references   a b c a d b a ...     sampled, R = 1/2: a, d      a . . a d . a
//!                                      distance of the last a among the sampled: 2, so about 4 in truth
//! ```
//!
//! * A fixed rate costs little more than the look whether a page is sampled: one bit.
//! * A fixed number of sampled pages bounds the memory, whatever comes: when there are more, those with the
//!   greatest hashes are dropped and the threshold falls to theirs. References count for 1/R each, at the rate
//!   of their time.
//!
//! Whether the popular pages are in the sample decides how many references are seen. The difference to the
//! number expected is booked as references with the shortest distance (the paper's SHARDS-adj), and at a fixed
//! rate the share of the pages that happened to be sampled takes the place of the rate, which makes the misses
//! of an endless cache exact. What error remains falls with the square root of the sampled pages. As the mean
//! absolute error of the miss ratio over all sizes: the paper measured below 0.01 from some 8,000 sampled pages
//! on; the tests hold 3,400 pages to 0.01, and to 0.005 in the mean over seeds; on a Zipf stream of 10 million
//! references to 763,000 pages 1 % gave 0.001 to 0.0024. Sizes below 1/R frames are beyond what the sample
//! resolves.

use super::miss_ratio::MissRatioCurve;
use super::stack_distances::{COLD, StackDistances};
use crate::replacement::error::PolicyError;
use crate::replacement::policy::{MAX_PAGES, Page, check_frames};
use crate::replacement::tables;
use hashbrown::HashTable;
use std_alloc::collections::BinaryHeap;
use std_alloc::string::ToString;
use std_alloc::vec::Vec;

/// Which pages are sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampling {
    /// Each page with this probability, above 0 and at most 1.
    Rate(f64),
    /// As many pages as this, at first all.
    Pages(u32),
}

/// Samples references, and gives LRU's curve as it is to be expected of all.
///
/// ```
/// use memcore::replacement::curve::{Sampling, Shards, lru_curve};
/// let references: Vec<u32> = (0..100_000u32).map(|i| i.wrapping_mul(i) % 4001).collect();
/// let mut shards = Shards::new(Sampling::Rate(0.25), 1)?;
/// shards.reserve(4001)?;
/// shards.run(&references)?;
/// let error = shards.curve()?.mean_absolute_error(&lru_curve(&references, 4001)?);
/// assert!(error < 0.02, "{error}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Shards {
    seed: u64,
    /// A page is sampled iff its hash is below.
    threshold: u64,
    sample: Sample,
    references: u64,
}

#[derive(Clone, Debug)]
enum Sample {
    Rate(FixedRate),
    Pages(FixedSize),
}

/// The sampled pages by a bit each, numbered by counting the bits before.
#[derive(Clone, Debug, Default)]
struct FixedRate {
    words: Vec<u64>,
    /// How many pages are sampled before those of each word.
    before: Vec<u32>,
    pages: u32,
    sampled: u32,
    distances: StackDistances,
}

/// The sampled pages in a table, with numbers that are used again.
#[derive(Clone, Debug)]
struct FixedSize {
    most: u32,
    numbers: HashTable<(Page, u32)>,
    by_hash: BinaryHeap<(u64, Page)>,
    free: Vec<u32>,
    reserved: u32,
    distances: StackDistances,
    /// References, each for as many as it stands for, by [`bucket`] of their distance.
    weights: Vec<f64>,
    /// First references, each for as many.
    cold: f64,
}

const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;
const FIRST_PAGES: u32 = 64;

/// References looked at in one go: those that are sampled are gathered first, without a branch.
const GATHERED: usize = 1 << 10;

impl Shards {
    /// Nothing seen. O(1), or O(pages) for [`Sampling::Pages`]. The same seed gives the same sample.
    ///
    /// # Errors
    /// [`PolicyError::Rate`], [`PolicyError::Frames`] for 0 pages, [`PolicyError::OutOfMemory`].
    pub fn new(sampling: Sampling, seed: u64) -> Result<Shards, PolicyError> {
        let (threshold, sample) = match sampling {
            Sampling::Rate(rate) if rate > 0.0 && rate <= 1.0 => {
                ((rate * TWO_TO_64) as u64, Sample::Rate(FixedRate::default()))
            }
            Sampling::Rate(rate) => return Err(PolicyError::Rate { rate: rate.to_string() }),
            Sampling::Pages(most) => (u64::MAX, Sample::Pages(FixedSize::new(check_frames(most)?)?)),
        };
        Ok(Shards { seed, threshold, sample, references: 0 })
    }

    /// Makes room for the pages 0 to `pages` - 1. O(pages) for a rate, O(1) for a number of pages.
    ///
    /// # Errors
    /// [`PolicyError::OutOfMemory`], [`PolicyError::Pages`].
    pub fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        match &mut self.sample {
            Sample::Rate(sample) => sample.reserve(pages, self.threshold, self.seed),
            Sample::Pages(_) => Ok(()),
        }
    }

    /// Runs these references after those before. O(1) each, and O(log64 pages) for those sampled (O(log
    /// pages) where the number of pages is fixed).
    ///
    /// # Errors
    /// [`PolicyError::OutOfMemory`].
    pub fn run(&mut self, references: &[Page]) -> Result<(), PolicyError> {
        self.references += references.len() as u64;
        match &mut self.sample {
            Sample::Rate(sample) => sample.run(references),
            Sample::Pages(sample) => return sample.run(references, &mut self.threshold, self.seed),
        }
        Ok(())
    }

    /// The rate of sampling now. O(1).
    pub fn rate(&self) -> f64 {
        self.threshold as f64 / TWO_TO_64
    }

    /// How many pages are sampled now. O(1).
    pub fn sampled_pages(&self) -> u32 {
        match &self.sample {
            Sample::Rate(sample) => sample.distances.pages(),
            Sample::Pages(sample) => sample.by_hash.len() as u32,
        }
    }

    /// LRU's curve as expected, at as many numbers of frames as the sample tells apart. O(sampled pages).
    ///
    /// # Errors
    /// [`PolicyError::OutOfMemory`].
    pub fn curve(&self) -> Result<MissRatioCurve, PolicyError> {
        let (mut frames, mut misses) = (Vec::new(), Vec::new());
        let most = self.references as f64;
        let mut point = |distance: f64, left: f64| {
            frames.push((distance + 0.5).min(f64::from(MAX_PAGES)) as u32);
            misses.push((left + 0.5).clamp(0.0, most) as u64);
        };
        // Booking the difference to the number expected at the shortest distance leaves, as misses at any size,
        // the sampled references that were not hits.
        match &self.sample {
            Sample::Rate(sample) => {
                let rate = sample.share();
                let mut left = sample.distances.accesses();
                for (index, hits) in sample.hits().iter().enumerate() {
                    left -= hits;
                    point((index + 1) as f64 / rate, left as f64 / rate);
                }
            }
            Sample::Pages(sample) => {
                let mut left: f64 = sample.cold + sample.weights.iter().sum::<f64>();
                for (index, &weight) in sample.weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0)
                {
                    left -= weight;
                    point(last_of_bucket(index) as f64, left);
                }
            }
        }
        Ok(MissRatioCurve::from_points(frames, misses, self.references))
    }
}

impl FixedRate {
    fn reserve(&mut self, pages: u32, threshold: u64, seed: u64) -> Result<(), PolicyError> {
        if pages <= self.pages {
            return Ok(());
        }
        let words = pages.div_ceil(64);
        tables::extend(&mut self.words, words, 0)?;
        tables::extend(&mut self.before, words, 0)?;
        for page in self.pages..pages {
            let at = page as usize / 64;
            if page % 64 == 0 {
                self.before[at] = self.sampled;
            }
            let is_sampled = hash(page, seed) < threshold;
            self.words[at] |= u64::from(is_sampled) << (page % 64);
            self.sampled += u32::from(is_sampled);
        }
        self.pages = pages;
        self.distances.reserve(self.sampled)
    }

    fn run(&mut self, references: &[Page]) {
        let mut gathered = [0; GATHERED];
        for chunk in references.chunks(GATHERED) {
            let mut count = 0;
            for &page in chunk {
                gathered[count] = page;
                count += (self.words[page as usize / 64] >> (page % 64) & 1) as usize;
            }
            for &page in &gathered[..count] {
                let lower = self.words[page as usize / 64] & ((1 << (page % 64)) - 1);
                let number = self.before[page as usize / 64] + lower.count_ones();
                self.distances.access(number);
            }
        }
    }

    /// The share of the pages that is sampled: about the rate, and known exactly.
    fn share(&self) -> f64 {
        f64::from(self.sampled.max(1)) / f64::from(self.pages.max(1))
    }

    /// The references that hit, by distance less one.
    fn hits(&self) -> &[u64] {
        &self.distances.histogram()[..self.distances.pages() as usize]
    }
}

impl FixedSize {
    fn new(most: u32) -> Result<FixedSize, PolicyError> {
        let mut sample = FixedSize {
            most,
            numbers: HashTable::new(),
            by_hash: BinaryHeap::new(),
            free: Vec::new(),
            distances: StackDistances::new(),
            weights: Vec::new(),
            reserved: 0,
            cold: 0.0,
        };
        let buckets = bucket(MAX_PAGES) as u32 + 1;
        tables::extend(&mut sample.weights, buckets, 0.0)?;
        Ok(sample)
    }

    fn run(&mut self, references: &[Page], threshold: &mut u64, seed: u64) -> Result<(), PolicyError> {
        for &page in references {
            let hash = hash(page, seed);
            if hash >= *threshold {
                continue;
            }
            let weight = TWO_TO_64 / *threshold as f64;
            match self.place(page, hash, seed)? {
                COLD => self.cold += weight,
                distance => {
                    let scaled = (f64::from(distance) * weight).min(f64::from(MAX_PAGES));
                    self.weights[bucket(scaled as u32)] += weight;
                }
            }
            if self.by_hash.len() > self.most as usize {
                *threshold = self.drop_greatest().unwrap_or(*threshold);
            }
        }
        Ok(())
    }

    /// One reference to a sampled page: its distance among the sampled.
    fn place(&mut self, page: Page, hash: u64, seed: u64) -> Result<u32, PolicyError> {
        if let Some(&(_, number)) = self.numbers.find(hash, |&(other, _)| other == page) {
            return Ok(self.distances.place(number));
        }
        let held = self.by_hash.len();
        let bytes = (held as u64 + 1) * 2 * size_of::<(u64, Page)>() as u64;
        let out_of_memory = PolicyError::OutOfMemory { bytes };
        let rehash = |&(page, _): &(Page, u32)| self::hash(page, seed);
        if self.by_hash.try_reserve(1).is_err() || self.numbers.try_reserve(1, rehash).is_err() {
            return Err(out_of_memory);
        }
        if self.free.is_empty() && held == self.reserved as usize {
            let more = self.reserved.saturating_mul(2).max(FIRST_PAGES).min(self.most + 1);
            tables::make_room(&mut self.free, more as usize)?;
            self.distances.reserve(more)?;
            self.reserved = more;
        }
        let number = self.free.pop().unwrap_or(held as u32);
        self.by_hash.push((hash, page));
        self.numbers.insert_unique(hash, (page, number), rehash);
        Ok(self.distances.place(number))
    }

    /// Drops the sampled page with the greatest hash, which is the threshold from now on.
    fn drop_greatest(&mut self) -> Option<u64> {
        let (hash, page) = self.by_hash.pop()?;
        if let Ok(entry) = self.numbers.find_entry(hash, |&(other, _)| other == page) {
            let ((_, number), _) = entry.remove();
            self.distances.forget(number);
            self.free.push(number);
        }
        Some(hash)
    }
}

/// The finalizer of SplitMix64: one to one, so no two pages have the same hash.
fn hash(page: Page, seed: u64) -> u64 {
    let mut hash = u64::from(page).wrapping_add(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ hash >> 31
}

/// Distances below this have a bucket each; above, each power of two has half as many.
const EXACT: u32 = 512;

fn bucket(distance: u32) -> usize {
    if distance < EXACT {
        return distance as usize;
    }
    let above = distance.ilog2() - EXACT.ilog2();
    (EXACT / 2 * (above + 1) + (distance >> (above + 1))) as usize
}

fn last_of_bucket(bucket: usize) -> u32 {
    let bucket = bucket as u32;
    if bucket < EXACT {
        return bucket;
    }
    let above = bucket / (EXACT / 2) - 2;
    let first = u64::from(bucket - EXACT / 2 * (above + 1)) << (above + 1);
    (first + (1 << (above + 1)) - 1).min(u64::from(u32::MAX)) as u32
}
