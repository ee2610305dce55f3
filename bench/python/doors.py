"""What the doors cost: C and Python against the Rust engine.

Absolute times of a shared machine mean little, so everything is measured in turns: each round runs every contender
once, in programs that wait for their turn, and what is reported is the median over the rounds, for ratios and
differences the median of those *within* a round.

- `c`: pairs of a free and an allocation, the same requests with the same blocks live, through libmemcore and in Rust.
  The door may cost 10 % or 3 ns per call.
- `pair`: the same kind of pair from Python, with `Block` objects. It may cost twice what two empty methods of PyO3
  cost, and the engine's own time. `Block.__copy__`, which returns its own block, is the empty method; what the loops
  themselves cost is taken off.
- `bulk`: `allocate_many` and `free_many`, and the exact pass of `replay`. They keep at least 95 % of Rust's rate.

Called by `make bench` as `doors.py PACE PAIRS [PART...]`, with the programs made of bench/rust/pace.rs and
bench/c/pairs.c.
"""

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter_ns

import memcore

ROUNDS = 15
SAMPLES = Path(memcore.__file__).parent / "samples"


class Program:
    """A program that runs one round for each line it reads, and answers with its time in nanoseconds."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdin is not None and self.process.stdout is not None
        self.asking, self.answers = self.process.stdin, self.process.stdout

    def __call__(self) -> float:
        self.asking.write("\n")
        self.asking.flush()
        answer = self.answers.readline()
        if not answer:
            raise SystemExit(f"{self.process.args!r} ended early")
        return float(answer)

    def end(self) -> None:
        self.process.communicate()


def in_turns(*contenders: Callable[[], float]) -> list[tuple[float, ...]]:
    """The times of each round; the first one, which meets cold caches, does not count."""
    for contender in contenders:
        contender()
    return [tuple(contender() for contender in contenders) for _ in range(ROUNDS)]


def verdict(holds: bool) -> str:
    return "reached" if holds else "missed"


def c_door(pace: str, pairs: str) -> None:
    print("\nC against Rust, free + allocate pairs; the target is 1.10, or 3 ns per call")
    print(f"{'':<24} {'live':>8} {'Rust ns':>9} {'C ns':>9} {'ratio':>7} {'ns/call':>8}")
    for live in (1_000, 100_000):
        for strategy in ("tlsf", "best-fit:tie=recent", "first-fit", "pool:slot=1024"):
            in_rust = Program(pace, "pairs", strategy, str(live), "200000")
            in_c = Program(pairs, strategy, str(live), "200000")
            rounds = in_turns(in_rust, in_c)
            in_rust.end()
            in_c.end()
            ratio = median(c / rust for rust, c in rounds)
            more = median((c - rust) / 2 for rust, c in rounds)
            rust, c = (median(times) for times in zip(*rounds, strict=True))
            print(
                f"{strategy:<24} {live:>8} {rust:>9.1f} {c:>9.1f} {ratio:>7.3f} {more:>8.2f}  "
                f"{verdict(ratio <= 1.1 or more <= 3)}"
            )


def python_pair(pace: str) -> None:
    live, count = 1_000, 100_000
    draw = random.Random(1)
    requests = [(draw.randrange(live), draw.randrange(16, 1024)) for _ in range(count)]
    print(f"\nA pair from Python with {live} blocks live; the target is 2 x two empty methods + engine")
    print(f"{'':<24} {'engine ns':>9} {'2 empty':>9} {'pair ns':>9} {'target':>9} {'x target':>9}")
    for strategy in ("tlsf", "best-fit:tie=recent", "first-fit", "pool:slot=1024"):
        arena = memcore.Allocator(2 * 520 * live + 4096, strategy, address_index=False)
        blocks = [arena.allocate(draw.randrange(16, 1024)) for _ in range(live)]
        allocate, free, empty = arena.allocate, arena.free, blocks[0].__copy__

        def bare() -> float:
            begin = perf_counter_ns()
            for index, _size in requests:
                blocks[index] = blocks[index]
            return (perf_counter_ns() - begin) / count

        def empties() -> float:
            begin = perf_counter_ns()
            for index, _size in requests:
                empty()
                empty()
                blocks[index] = blocks[index]
            return (perf_counter_ns() - begin) / count

        def pair() -> float:
            begin = perf_counter_ns()
            for index, size in requests:
                free(blocks[index])
                blocks[index] = allocate(size)
            return (perf_counter_ns() - begin) / count

        engine = Program(pace, "pairs", strategy, str(live), str(count))
        rounds = [(own, two - loop, both - loop) for own, loop, two, both in in_turns(engine, bare, empties, pair)]
        engine.end()
        ratio = median(both / (2 * two + own) for own, two, both in rounds)
        own, two, both = (median(times) for times in zip(*rounds, strict=True))
        target = 2 * two + own
        print(
            f"{strategy:<24} {own:>9.1f} {two:>9.1f} {both:>9.1f} {target:>9.1f} {ratio:>9.2f}  {verdict(ratio <= 1)}"
        )


def bulk(pace: str) -> None:
    count = 1_000_000
    print("\nBatches and replays from Python; the target is 0.95 of Rust's rate")
    print(f"{'':<34} {'Rust ns':>12} {'Python ns':>12} {'rate':>7}")

    def row(what: str, engine: Program, from_python: Callable[[], float]) -> None:
        rounds = in_turns(engine, from_python)
        engine.end()
        rate = median(rust / python for rust, python in rounds)
        rust, python = (median(times) for times in zip(*rounds, strict=True))
        print(f"{what:<34} {rust:>12.1f} {python:>12.1f} {rate:>7.3f}  {verdict(rate >= 0.95)}")

    draw = random.Random(1)
    sizes = memoryview(bytearray(8 * count)).cast("Q")
    for index in range(count):
        sizes[index] = draw.randrange(16, 1024)
    for strategy in ("tlsf", "best-fit:tie=recent"):
        arena = memcore.Allocator(2 * 520 * count + 4096, strategy, address_index=False)

        def batches() -> float:
            begin = perf_counter_ns()
            _starts, ids = arena.allocate_many(sizes)
            arena.free_many(ids)
            return (perf_counter_ns() - begin) / (2 * count)

        row(f"batch, {strategy}, per call", Program(pace, "batch", strategy, str(count)), batches)
    for sample in ("sqlite3_3000", "cc1_tlsf_O2"):
        file = SAMPLES / f"{sample}.matr.zst"
        trace = memcore.Trace.open(file)

        def replays() -> float:
            begin = perf_counter_ns()
            memcore.replay(trace, ["tlsf"], timing=False)
            return float(perf_counter_ns() - begin)

        row(f"replay, tlsf, {sample}", Program(pace, "replay", "tlsf", str(file)), replays)


def main() -> None:
    pace, pairs, *parts = sys.argv[1:]
    if not parts or "c" in parts:
        c_door(pace, pairs)
    if not parts or "pair" in parts:
        python_pair(pace)
    if not parts or "bulk" in parts:
        bulk(pace)


if __name__ == "__main__":
    main()
