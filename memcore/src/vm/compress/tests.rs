//! The pool: rule by rule, and by a long run against a map of keys to pages.

use super::*;
use std_alloc::collections::BTreeMap;
use std_alloc::vec;
use std_alloc::vec::Vec;

const PAGE: u64 = 4096;

fn pool(config: CompressConfig, pages: u64) -> CompressedPool {
    CompressedPool::new(&config, PAGE, pages * PAGE).unwrap()
}

fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 11
}

/// A page whose first `noise` bytes are at random: it compresses to about that many.
fn page(noise: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let byte = |at: usize| if at < noise { (random(&mut state) >> 20) as u8 } else { seed as u8 };
    (0..PAGE as usize).map(byte).collect()
}

fn codecs() -> Vec<Codec> {
    let names = if cfg!(feature = "std") { &["lz4", "zstd", "zstd:level=9"][..] } else { &["lz4"][..] };
    names.iter().map(|name| name.parse().unwrap()).collect()
}

/// The pool as the rules say it is: the pages, and the keys by age with their bits.
#[test]
fn a_long_run_agrees_with_the_rules() {
    for codec in codecs() {
        let mut pool = pool(CompressConfig { codec, ..CompressConfig::default() }, 300);
        let mut pages: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
        let mut ages: Vec<(u32, bool)> = Vec::new(); // the oldest first
        let (mut is_full, mut written_back, mut hits) = (false, 0, 0);
        let (mut state, mut into) = (3u64, vec![0; PAGE as usize]);
        for step in 0..6000 {
            let key = (random(&mut state) % 400) as u32;
            match random(&mut state) % 8 {
                0..=4 => {
                    // 20 % of 300 pages are 60, 90 % of those 54.
                    let held = pool.pool_bytes() / PAGE;
                    hits += u64::from(held >= 60);
                    is_full = held >= 60 || (is_full && held > 54);
                    let noise = (random(&mut state) % 2500) as usize;
                    let noise = if noise < 300 { 0 } else { noise };
                    let bytes = page(noise, state);
                    let stored = pool.store(key, &bytes);
                    pages.remove(&key);
                    ages.retain(|&(other, _)| other != key);
                    match stored {
                        Ok(Stored::Same) => assert!(noise == 0 && !is_full),
                        Ok(Stored::Compressed { bytes }) => {
                            assert!(
                                noise > 0 && !is_full && bytes as usize >= noise && u64::from(bytes) < PAGE
                            );
                            ages.push((key, true));
                        }
                        Err(why) => assert!(why == Rejected::Full && is_full, "step {step}: {why:?}"),
                    }
                    if stored.is_ok() {
                        pages.insert(key, bytes);
                    }
                }
                5 => {
                    assert_eq!(pool.load(key, &mut into), pages.contains_key(&key));
                    if let Some(bytes) = pages.get(&key) {
                        assert_eq!(&into, bytes);
                    }
                    if let Some((_, referenced)) = ages.iter_mut().find(|(other, _)| *other == key) {
                        *referenced = true;
                    }
                }
                6 => {
                    assert_eq!(pool.invalidate(key), pages.remove(&key).is_some());
                    ages.retain(|&(other, _)| other != key);
                }
                _ => {
                    while ages.first().is_some_and(|&(_, referenced)| referenced) {
                        let (key, _) = ages.remove(0);
                        ages.push((key, false));
                    }
                    let candidate = pool.writeback_candidate();
                    assert_eq!(candidate, ages.first().map(|&(key, _)| key));
                    if let (Some(key), true) = (candidate, pool.needs_shrink()) {
                        assert!(pool.written_back(key));
                        written_back += 1;
                        pages.remove(&key);
                        ages.remove(0);
                    }
                }
            }
            assert_eq!(pool.contains(key), pages.contains_key(&key));
            assert_eq!(pool.stored_pages(), pages.len() as u64);
            assert_eq!(pool.same_filled_pages(), (pages.len() - ages.len()) as u64);
            if step % 1000 == 999 {
                pool.validate().unwrap();
                let saved = postcard::to_allocvec(&pool).unwrap();
                let back: CompressedPool = postcard::from_bytes(&saved).unwrap();
                back.validate().unwrap();
                assert_eq!(postcard::to_allocvec(&back).unwrap(), saved);
                // The run goes on with what was read back, or with a clone.
                pool = if step % 2000 == 999 { back } else { pool.clone() };
            }
        }
        assert!(written_back > 100 && hits > 100, "{written_back} {hits}");
        assert_eq!((pool.stats().written_back, pool.stats().limit_hit), (written_back, hits));
    }
}

#[test]
fn a_pool_that_was_full_takes_nothing_until_it_has_shrunk() {
    // 100 pages of memory: at most 10 in the pool, again at 5.
    let config = CompressConfig { max_pool_percent: 10, accept_threshold_percent: 50, ..Default::default() };
    let mut pool = pool(config, 100);
    let mut key = 0;
    while pool.store(key, &page(3900, key.into())) != Err(Rejected::Full) {
        assert!(!pool.needs_shrink() && key < 20);
        key += 1;
    }
    assert_eq!((pool.pool_bytes(), pool.stats().limit_hit), (10 * PAGE, 1));
    assert_eq!(u64::from(key), pool.stored_pages());
    let mut hits = 1;
    while pool.pool_bytes() > 5 * PAGE {
        assert!(pool.needs_shrink());
        hits += u64::from(pool.pool_bytes() == 10 * PAGE);
        assert_eq!(pool.store(999, &page(0, 1)), Err(Rejected::Full));
        let oldest = pool.writeback_candidate().unwrap();
        pool.written_back(oldest);
    }
    assert!(!pool.needs_shrink());
    assert_eq!(pool.store(999, &page(0, 1)), Ok(Stored::Same));
    // Refused above the threshold, too, but that is no hit.
    assert!(pool.stats().limit_hit == hits && pool.stats().reject_full > hits);
    // Between the threshold and the maximum it takes pages as long as it was not full.
    while pool.pool_bytes() < 9 * PAGE {
        key += 1;
        assert!(pool.store(key, &page(3900, key.into())).is_ok());
    }
}

#[test]
fn a_page_of_one_word_takes_no_memory() {
    let mut pool = pool(CompressConfig::default(), 100);
    let word = [1, 2, 3, 4, 5, 6, 7, 8];
    let mut bytes = word.repeat(512);
    assert_eq!(pool.store(1, &bytes), Ok(Stored::Same));
    assert_eq!((pool.pool_bytes(), pool.same_filled_pages(), pool.writeback_candidate()), (0, 1, None));
    let mut into = vec![0; PAGE as usize];
    assert!(pool.load(1, &mut into) && into == bytes);
    bytes[4095] = 9;
    assert!(matches!(pool.store(1, &bytes), Ok(Stored::Compressed { .. })));
    assert_eq!((pool.pool_bytes(), pool.same_filled_pages(), pool.writeback_candidate()), (PAGE, 0, Some(1)));
    assert!(pool.load(1, &mut into) && into == bytes);
    let config = CompressConfig { same_filled: false, ..CompressConfig::default() };
    let mut pool = super::tests::pool(config, 100);
    assert!(matches!(pool.store(1, &[0; PAGE as usize]), Ok(Stored::Compressed { .. })));
}

#[test]
fn a_page_that_was_refused_voids_what_the_pool_had() {
    for codec in codecs() {
        let mut pool = pool(CompressConfig { codec, ..CompressConfig::default() }, 100);
        assert!(pool.store(7, &page(100, 7)).is_ok());
        assert_eq!(pool.store(7, &page(4096, 7)), Err(Rejected::Poor));
        assert!(!pool.contains(7) && !pool.load(7, &mut vec![0; PAGE as usize]));
        assert_eq!((pool.pool_bytes(), pool.stats().compress_poor, pool.stats().stores), (0, 1, 1));
    }
    let mut off = pool(CompressConfig { enabled: false, ..CompressConfig::default() }, 100);
    assert_eq!(off.store(1, &page(0, 1)), Err(Rejected::Disabled));
    // A pool of no pages is always full.
    let mut none = pool(CompressConfig::default(), 4);
    assert_eq!(none.store(1, &page(0, 1)), Err(Rejected::Full));
}

#[test]
fn the_oldest_without_a_second_chance_goes_first() {
    let mut pool = pool(CompressConfig::default(), 100);
    for key in [5, 3, 8, 1] {
        pool.store(key, &page(100, key.into())).unwrap();
    }
    // All are new, so each has its chance; then the oldest is the oldest.
    assert_eq!(pool.writeback_candidate(), Some(5));
    pool.load(5, &mut vec![0; PAGE as usize]);
    assert_eq!(pool.writeback_candidate(), Some(3));
    assert!(pool.written_back(3) && !pool.written_back(3));
    pool.store(8, &page(50, 0)).unwrap();
    assert_eq!(pool.writeback_candidate(), Some(1));
    pool.invalidate(1);
    // 5 was used, then 8 was stored: both are passed once, and 5 is the older.
    assert_eq!(pool.writeback_candidate(), Some(5));
}

/// Pages without bytes become a third, as configured: 1365 bytes, 1376 in the pool, so that 3 need 4128.
#[test]
fn without_contents_a_ratio_is_assumed() {
    let mut pool = pool(CompressConfig::default(), 100);
    for key in 0..3 {
        assert_eq!(pool.store(key, &[]), Ok(Stored::Compressed { bytes: 1365 }));
    }
    assert_eq!((pool.pool_bytes(), pool.same_filled_pages()), (2 * PAGE, 0));
    assert!(pool.load(1, &mut []));
    assert_eq!((pool.stats().bytes_in, pool.stats().bytes_out), (3 * PAGE, 3 * 1365));
    let mut poor = super::tests::pool(CompressConfig { assumed_ratio: 1.0, ..Default::default() }, 100);
    assert_eq!(poor.store(0, &[]), Err(Rejected::Poor));
}

#[test]
fn pages_of_any_size_are_compressed() {
    for size in [1u64, 7, 8, 9, 24, 100, 65_536, 1 << 20] {
        for codec in codecs() {
            let config = CompressConfig { codec, max_pool_percent: 100, ..CompressConfig::default() };
            let mut pool = CompressedPool::new(&config, size, size * 50).unwrap();
            let mut model = BTreeMap::new();
            for key in 0..40 {
                let bytes: Vec<u8> = (0..size).map(|at| (at / (u64::from(key) % 5 + 20)) as u8).collect();
                if pool.store(key, &bytes).is_ok() {
                    model.insert(key, bytes);
                }
            }
            let mut into = vec![0; size as usize];
            for (&key, bytes) in &model {
                assert!(pool.load(key, &mut into) && into == *bytes, "{codec}, {size} bytes, key {key}");
            }
            pool.validate().unwrap();
        }
    }
}

#[test]
fn a_forged_pool_is_refused_and_its_bytes_are_not_believed() {
    let mut good = pool(CompressConfig::default(), 100);
    for key in 0..6 {
        good.store(key, &page(900, key.into())).unwrap();
    }
    good.store(6, &page(0, 1)).unwrap();
    let saved = postcard::to_allocvec(&good).unwrap();
    let mut state = 9;
    // Any byte may be another: it is refused, or it is a pool that is whole and answers.
    for _ in 0..3000 {
        let mut bytes = saved.clone();
        let head = if random(&mut state) % 2 == 0 { 120 } else { bytes.len() as u64 };
        let at = (random(&mut state) % head) as usize;
        bytes[at] = random(&mut state) as u8;
        let Ok(mut pool) = postcard::from_bytes::<CompressedPool>(&bytes) else { continue };
        pool.validate().unwrap();
        let mut into = vec![0; pool.page_size.min(1 << 20) as usize];
        for key in 0..7 {
            pool.load(key, &mut into);
        }
    }
}

#[test]
fn values_that_make_no_sense_are_refused() {
    let refused = |config: CompressConfig| CompressedPool::new(&config, PAGE, 100 * PAGE).is_err();
    let default = CompressConfig::default();
    assert!(!refused(default));
    assert!(refused(CompressConfig { max_pool_percent: 0, ..default }));
    assert!(refused(CompressConfig { max_pool_percent: 101, ..default }));
    assert!(refused(CompressConfig { accept_threshold_percent: 101, ..default }));
    assert!(refused(CompressConfig { assumed_ratio: 0.5, ..default }));
    assert!(refused(CompressConfig { assumed_ratio: f64::NAN, ..default }));
    assert!(CompressedPool::new(&default, 0, 1).is_err());
    assert!(CompressedPool::new(&default, 1 << 32, 1 << 40).is_err());
    for text in ["zstd:level=23", "zstd:level=x", "zstd:speed=1", "lz4:level=1", "", "deflate"] {
        assert!(text.parse::<Codec>().is_err(), "{text}");
    }
}
