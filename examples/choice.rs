//! The allocator that a replay recommended, in a program: the same in every language.

use memcore::alloc::{AllocError, Allocator, FirstFit, Options, Request};

fn main() -> Result<(), AllocError> {
    let mut space = FirstFit::new(Options::new(8 << 20).granularity(16))?;
    let block = space.allocate(Request::new(1000).align(16))?;
    println!("{} bytes at {}", block.size, block.start);
    space.free(block.id)?;
    Ok(())
}
