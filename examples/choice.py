"""The allocator that a replay recommended, in a program: the same in every language."""

import memcore

space = memcore.Allocator(8 << 20, "first-fit", granularity=16)
block = space.allocate(1000, alignment=16)
print(f"{block.size} bytes at {block.start}")
space.free(block)
