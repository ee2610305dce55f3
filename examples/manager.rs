//! The virtual memory manager of the textbooks: its printed example, then what happens with fewer frames than pages.

use memcore::vm::Access;
use memcore::vm::manager::{ManagerError, ManagerOptions, VirtualMemoryManager};

fn main() -> Result<(), ManagerError> {
    println!("=== Virtual Memory Manager Test ===");
    let mut manager = VirtualMemoryManager::new(ManagerOptions::new(4096, 8))?;
    for page in 0..2 {
        manager.allocate_page(page)?;
        println!("Allocated virtual page {page}");
    }
    for address in [0, 4096] {
        let found = manager.translate(address, Access::Read)?;
        println!("Virtual address {address} -> Physical address {}", found.address);
    }
    print!("{}", manager.page_table());
    print!("\nVirtual Memory Statistics:\n{}", manager.statistics());

    println!("\n=== The same pages in 2 frames, replaced by LRU ===");
    let policy = "lru".parse().expect("lru is a policy");
    let mut manager = VirtualMemoryManager::new(ManagerOptions::new(4096, 8).frames(2).policy(policy))?;
    for page in 0..3 {
        println!("page {page} in frame {}", manager.allocate_page(page)?);
    }
    for (address, access) in [(4096, Access::Write), (5, Access::Read), (8192, Access::Read)] {
        let found = manager.translate(address, access)?;
        let left = found.evicted.map_or(String::new(), |page| format!(", page {page} left"));
        let what = if found.hit { "hit" } else { "page fault" };
        println!("{} of {address}: {what}{left}, physical address {}", access.name(), found.address);
    }
    print!("{}{}", manager.page_table(), manager.statistics());
    println!("Written back: {}", manager.statistics().write_backs);
    for address in [-1, 32768, 28672] {
        if let Err(error) = manager.translate(address, Access::Read) {
            println!("refused: {error}");
        }
    }
    Ok(())
}
