//! A file of records: ranges handed out by best fit, and compacted when no hole is large enough.
//!
//! The file is a vector here; a GPU's heap or a mapped file would be used in the same way.

use memcore::alloc::layout::Bar;
use memcore::alloc::{AllocError, Allocator, BestFit, Block, Budget, Options, Request};

fn main() -> Result<(), AllocError> {
    let mut file = vec![0u8; 65536];
    let mut ranges = BestFit::new(Options::new(65536).granularity(256))?;

    // Sixteen records of 4000 bytes, each full of its own number.
    let mut records: Vec<Block> = Vec::new();
    for number in 0..16 {
        let record = ranges.allocate(Request::new(4000))?;
        file[record.start as usize..record.end() as usize].fill(number);
        records.push(record);
    }
    println!("{}", Bar::new(&ranges, 64));

    // Every other one goes. Half the file is free, and there is no room for 10000 bytes.
    for record in records.iter().step_by(2) {
        ranges.free(record.id)?;
    }
    println!("{}", Bar::new(&ranges, 64));
    if let Err(error) = ranges.allocate(Request::new(10000)) {
        println!("refused: {error}");
    }

    // Copy in the order of the plan, allowing overlap, then make the new places true. Record 3 may not move.
    let plan = ranges.plan_compaction(Budget::UNLIMITED, &[records[3].id])?;
    for step in plan.moves() {
        file.copy_within(step.from as usize..(step.from + step.size) as usize, step.to as usize);
    }
    ranges.commit(&plan)?;
    println!("{} moves, {} bytes", plan.moves().len(), plan.bytes());
    println!("{}", Bar::new(&ranges, 64));

    // Ids survive, and so do the bytes.
    for number in (1..16).step_by(2) {
        let record = ranges.block(records[number].id)?;
        assert!(file[record.start as usize..record.end() as usize].iter().all(|&byte| byte == number as u8));
    }
    let large = ranges.allocate(Request::new(10000))?;
    println!("{} bytes at {}", large.requested, large.start);
    Ok(())
}
