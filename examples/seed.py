"""Four requests and a free, first fit: where everything goes, and what is left."""

import memcore

space = memcore.Allocator(1024, "first-fit")
first = space.allocate(100)
second = space.allocate(200)
third = space.allocate(150)
for block in (first, second, third):
    print(f"{block.size} bytes at {block.start}")

space.free(second)
print(f"{second.size} bytes at {second.start} freed")
# The hole at 100 has 200 bytes: 300 do not fit.
fourth = space.allocate(300)
print(f"{fourth.size} bytes at {fourth.start}")

print(space.layout(width=64, lines=20))
stats = space.stats
print(f"used {stats.used}, free {stats.free}, capacity {stats.capacity}")
print(f"largest hole {stats.largest_hole} of {stats.holes} holes")
print(f"external fragmentation {100 * stats.external_fragmentation:.2f} %")

try:
    space.free(second)
except memcore.DoubleFreeError as error:
    print(f"refused: {error}")
try:
    space.allocate(400)
except memcore.OutOfSpaceError as error:
    print(f"refused: {error}")
