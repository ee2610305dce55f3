//! Four requests and a free, first fit: where everything goes, and what is left.

use memcore::alloc::layout::{Bar, Table};
use memcore::alloc::{AllocError, Allocator, FirstFit, Request};

fn main() -> Result<(), AllocError> {
    let mut space = FirstFit::new(1024)?;
    let first = space.allocate(Request::new(100))?;
    let second = space.allocate(Request::new(200))?;
    let third = space.allocate(Request::new(150))?;
    for block in [first, second, third] {
        println!("{} bytes at {}", block.size, block.start);
    }

    space.free(second.id)?;
    println!("{} bytes at {} freed", second.size, second.start);
    // The hole at 100 has 200 bytes: 300 do not fit.
    let fourth = space.allocate(Request::new(300))?;
    println!("{} bytes at {}", fourth.size, fourth.start);

    println!("{}\n{}", Bar::new(&space, 64), Table::new(&space, 20));
    let stats = space.stats();
    println!("used {}, free {}, capacity {}", stats.used, stats.free, stats.capacity);
    println!("largest hole {} of {} holes", stats.largest_hole, stats.holes);
    println!("external fragmentation {:.2} %", 100.0 * stats.external_fragmentation());

    if let Err(error) = space.free(second.id) {
        println!("refused: {error}");
    }
    if let Err(error) = space.allocate(Request::new(400)) {
        println!("refused: {error}");
    }
    Ok(())
}
