//! What the compressed pool adds to the time of its codec.
//!
//! Pages of three kinds, made before the clock runs: words of a small vocabulary, records of pointers and small
//! numbers, and pages of which half are random bytes. The codec alone, with tables that it keeps, compresses the pages
//! into one long buffer, one after the other; the pool finds a place for each, copies, and enters it in its tables.
//! Rounds are interleaved, and what is shown is the median.

use lz4_flex::block::{CompressTable, compress_into_with_table, decompress_into, get_maximum_output_size};
use memcore::vm::{Codec, CompressConfig, CompressedPool};
use std::hint::black_box;
use std::time::Instant;
use zstd::bulk::{Compressor, Decompressor};

const PAGE: usize = 4096;
const PAGES: usize = 2000;
const ROUNDS: usize = 15;

type Page = Vec<u8>;

/// A codec without a pool.
enum Alone {
    Lz4(Box<CompressTable>),
    Zstd(Box<(Compressor<'static>, Decompressor<'static>)>),
}

impl Alone {
    fn new(codec: Codec) -> Self {
        match codec {
            Codec::Zstd { level } => {
                let compressor = Compressor::new(level).expect("memory for the codec");
                Alone::Zstd(Box::new((compressor, Decompressor::new().expect("memory for the codec"))))
            }
            _ => Alone::Lz4(Box::default()),
        }
    }

    fn compress(&mut self, page: &[u8], output: &mut [u8]) -> usize {
        let length = match self {
            Alone::Lz4(table) => compress_into_with_table(page, output, table).ok(),
            Alone::Zstd(codec) => codec.0.compress_to_buffer(page, output).ok(),
        };
        length.expect("the buffer is large enough")
    }

    fn decompress(&mut self, bytes: &[u8], into: &mut [u8]) -> usize {
        let length = match self {
            Alone::Lz4(_) => decompress_into(bytes, into).ok(),
            Alone::Zstd(codec) => codec.1.decompress_to_buffer(bytes, into).ok(),
        };
        length.expect("it was compressed")
    }
}

/// Pages of each kind.
fn pages() -> [(&'static str, Vec<Page>); 3] {
    let mut seed = 1u64;
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed >> 32
    };
    let vocabulary: Vec<Vec<u8>> =
        (0..400).map(|_| (0..2 + random() % 9).map(|_| b'a' + (random() % 26) as u8).collect()).collect();
    let mut words = || {
        let mut page = Page::new();
        while page.len() < PAGE {
            // Of two, the smaller: some words are more frequent than others.
            page.extend(&vocabulary[(random() % 400).min(random() % 400) as usize]);
            page.push(b' ');
        }
        page.truncate(PAGE);
        page
    };
    let words = (0..PAGES).map(|_| words()).collect();
    let mut records = || {
        let pointer = |at: u64| 0x7f3a_1200_0000 + at % (1 << 22) * 16;
        (0..PAGE / 16).flat_map(|_| [pointer(random()), random() % 1000]).flat_map(u64::to_le_bytes).collect()
    };
    let records = (0..PAGES).map(|_| records()).collect();
    let mut half =
        || (0..PAGE).map(|at| if at < PAGE / 2 { random() as u8 } else { (at / 100) as u8 }).collect();
    [("words", words), ("records", records), ("half random", (0..PAGES).map(|_| half()).collect())]
}

/// Nanoseconds a page: the codec alone and the pool, to compress; the same, to bring back.
fn round(codec: &mut Alone, output: &mut [u8], pool: &mut CompressedPool, pages: &[Page]) -> [f64; 4] {
    let per_page = |start: Instant| start.elapsed().as_secs_f64() * 1e9 / PAGES as f64;
    let (mut into, mut ends) = (vec![0; PAGE], Vec::with_capacity(PAGES));
    let most = get_maximum_output_size(PAGE);
    for key in 0..PAGES {
        pool.invalidate(key as u32);
    }
    let (start, mut at) = (Instant::now(), 0);
    for page in pages {
        at += codec.compress(black_box(page), &mut output[at..at + most]);
        ends.push(at);
    }
    let alone = per_page(start);
    let start = Instant::now();
    for (key, page) in pages.iter().enumerate() {
        black_box(pool.store(key as u32, black_box(page))).expect("the pool is large enough");
    }
    let stored = per_page(start);
    let (start, mut at) = (Instant::now(), 0);
    for &end in &ends {
        black_box(codec.decompress(&output[at..end], black_box(&mut into)));
        at = end;
    }
    let back = per_page(start);
    let start = Instant::now();
    for key in 0..PAGES {
        assert!(pool.load(black_box(key as u32), black_box(&mut into)));
    }
    [alone, stored, back, per_page(start)]
}

/// The table.
pub fn run() {
    println!("codec         pages        ratio   compress  store            decompress  load");
    for name in ["lz4", "zstd"] {
        let codec: Codec = name.parse().expect("a codec");
        for (kind, pages) in &pages() {
            let config = CompressConfig { codec, max_pool_percent: 100, ..CompressConfig::default() };
            let mut pool = CompressedPool::new(&config, PAGE as u64, 1 << 30).expect("memory for the pool");
            let mut alone = Alone::new(codec);
            let mut output = vec![0; (PAGES + 1) * get_maximum_output_size(PAGE)];
            let mut rounds: Vec<[f64; 4]> =
                (0..ROUNDS).map(|_| round(&mut alone, &mut output, &mut pool, pages)).collect();
            let median = |figure: usize, rounds: &mut Vec<[f64; 4]>| {
                rounds.sort_by(|a, b| a[figure].total_cmp(&b[figure]));
                rounds[ROUNDS / 2][figure]
            };
            let [compress, store, decompress, load] = [0, 1, 2, 3].map(|figure| median(figure, &mut rounds));
            let stats = pool.stats();
            let ratio = stats.bytes_in as f64 / stats.bytes_out as f64;
            let more = |pool: f64, alone: f64| (pool / alone - 1.0) * 100.0;
            println!(
                "{name:12}  {kind:11}  {ratio:5.2}  {compress:6.0} ns  {store:6.0} ns ({:+5.1} %)  {decompress:6.0} ns  \
                 {load:6.0} ns ({:+5.1} %)",
                more(store, compress),
                more(load, decompress)
            );
        }
    }
}
