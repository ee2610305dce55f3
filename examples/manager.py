"""The virtual memory manager of the textbooks: its printed example, then what happens with fewer frames than pages."""

import memcore

print("=== Virtual Memory Manager Test ===")
manager = memcore.VirtualMemoryManager(4096, 8)
for page in range(2):
    manager.allocate_page(page)
    print(f"Allocated virtual page {page}")
for address in (0, 4096):
    print(f"Virtual address {address} -> Physical address {manager.translate(address).address}")
print(manager.page_table(), end="")
print("\nVirtual Memory Statistics:\n" + manager.summary(), end="")

print("\n=== The same pages in 2 frames, replaced by LRU ===")
manager = memcore.VirtualMemoryManager(4096, 8, frames=2, policy="lru")
for page in range(3):
    print(f"page {page} in frame {manager.allocate_page(page)}")
for address, access in ((4096, "write"), (5, "read"), (8192, "read")):
    found = manager.translate(address, access)
    left = "" if found.evicted is None else f", page {found.evicted} left"
    what = "hit" if found.hit else "page fault"
    print(f"{access} of {address}: {what}{left}, physical address {found.address}")
print(manager.page_table() + manager.summary(), end="")
print(f"Written back: {manager.statistics['write_backs']}")
for address in (-1, 32768, 28672):
    try:
        manager.translate(address)
    except memcore.MemcoreError as error:
        print(f"refused: {error}")
