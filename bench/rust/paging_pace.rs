//! The engine's own pace on pages, with which bench/python/caches.py compares the Python door.
//!
//! `paging_pace FILE POLICY FRAMES`: each line on the standard input asks for one round, reading and simulating the file,
//! and is answered with its nanoseconds.

use std::{error::Error, hint::black_box, io, time::Instant};

use memcore::{
    replacement::PolicySpec,
    replay::paging::{PagingOptions, simulate},
    trace::{PageOptions, PageTrace},
};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [file, policy, frames] = &words[..] else { return Err("FILE POLICY FRAMES".into()) };
    let (spec, frames): (PolicySpec, u32) = (policy.parse()?, frames.parse()?);
    for line in io::stdin().lines() {
        line?;
        let begin = Instant::now();
        let trace = PageTrace::open(file, &PageOptions::default(), &mut ())?;
        black_box(simulate(&trace, &spec, frames, &PagingOptions::default(), &mut ())?);
        drop(trace);
        println!("{}", begin.elapsed().as_nanos());
    }
    Ok(())
}
