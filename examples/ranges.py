"""A file of records: ranges handed out by best fit, and compacted when no hole is large enough.

The file is a bytearray here; a GPU's heap or a mapped file would be used in the same way.
"""

import memcore

file = bytearray(65536)
ranges = memcore.Allocator(65536, "best-fit", granularity=256)

# Sixteen records of 4000 bytes, each full of its own number.
records = []
for number in range(16):
    record = ranges.allocate(4000)
    file[record.start : record.end] = bytes([number]) * record.size
    records.append(record)
print(ranges.bar())

# Every other one goes. Half the file is free, and there is no room for 10000 bytes.
for record in records[::2]:
    ranges.free(record)
print(ranges.bar())
try:
    ranges.allocate(10000)
except memcore.OutOfSpaceError as error:
    print(f"refused: {error}")

# Copy in the order of the plan, then make the new places true. Record 3 may not move.
plan = ranges.plan_compaction(pinned=[records[3]])
for step in plan.moves:
    file[step.destination : step.destination + step.size] = file[step.source : step.source + step.size]
ranges.commit(plan)
print(f"{len(plan.moves)} moves, {plan.bytes} bytes")
print(ranges.bar())

# Ids survive, and so do the bytes.
for number in range(1, 16, 2):
    record = ranges.block(records[number].id)
    assert file[record.start : record.end] == bytes([number]) * record.size
large = ranges.allocate(10000)
print(f"{large.requested} bytes at {large.start}")
