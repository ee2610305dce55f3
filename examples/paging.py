"""Page replacement from a string to a cache that decides by the winner: the same in every language."""

import memcore

trace = memcore.PageTrace.from_arrays([7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1])
for row in memcore.pages(trace, ["fifo", "clock:bit=clear", "opt"], [3, 4]):
    print(f"{row.policy} misses {row.misses} times in {row.frames} frames")
print("lru, from 1 frame on:", *memcore.mrc(trace).misses)

cache = memcore.Cache("clock:bit=clear", 2)
for key in (11, 12, 11, 13, 11):
    hit = cache.access(key)
    print(key, "is there" if hit else "comes in", *(f"and {other} leaves" for other in cache.evicted))
