//! Page replacement from a string to a cache that decides by the winner: the same in every language.

use memcore::replacement::Cache;
use memcore::replay::paging::{CurveOptions, PagingOptions, miss_ratio_curve, sweep};
use memcore::trace::PageTrace;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let string = [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1];
    let trace = PageTrace::from_keys(&string, None)?;
    let policies = ["fifo".parse()?, "clock:bit=clear".parse()?, "opt".parse()?];
    for row in sweep(&trace, &policies, &[3, 4], &PagingOptions::default(), &mut ())? {
        println!("{} misses {} times in {} frames", row.policy, row.misses, row.frames.unwrap_or_default());
    }
    let curve = miss_ratio_curve(&trace, &"lru".parse()?, &CurveOptions::default(), &mut ())?;
    print!("lru, from 1 frame on:");
    curve.misses().iter().for_each(|misses| print!(" {misses}"));
    println!();

    let mut cache = Cache::new(&"clock:bit=clear".parse()?, 2)?;
    for key in [11, 12, 11, 13, 11] {
        let outcome = cache.access(key, false)?;
        print!("{key} {}", if outcome.hit { "is there" } else { "comes in" });
        cache.evicted().iter().for_each(|other| print!(" and {other} leaves"));
        println!();
    }
    Ok(())
}
