"""Page replacement against libCacheSim, its C++ file reader driving its C caches, in the same run on the same file.

Absolute times of a shared machine mean little, so each round runs every contender once, in turns, and what is reported
is the median over the rounds of the ratio within a round: how many times libCacheSim's requests per second.

- `single`: one size, reading and numbering the file included on both sides; and the simulation alone, on pages that
  are numbered already, against libCacheSim's whole run (its reading cannot be taken off).
- `sweep`: eight sizes, reading included on both sides, on as many threads as the machine has.
- `curve`: LRU's whole curve against three single sizes of libCacheSim, and a sample of 1 %.
- `doors`: the same work from Python and from Rust.
- `threads`: a sweep on one thread and on two.

Called by `make bench` as `caches.py PACE [PART...] [POLICY...]`, with the program made of bench/rust/paging_pace.rs.
Miss counts are compared before any time: where the variants are the same they must be equal.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import libcachesim
import numpy
from doors import Program, verdict

import memcore

ROUNDS = 3
SCRATCH = Path("build/bench")
SHARES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.4, 0.8)
#: Our name, libCacheSim's class, whether both are the same variant, and the targets: of a sweep, of one size, of the
#: simulation alone (0: none is set).
SHARED = (
    ("fifo", "FIFO", True, 8, 2.5, 10),
    ("lru", "LRU", True, 8, 2.5, 10),
    ("clock:bit=clear", "Clock", True, 8, 2.5, 10),
    ("sieve", "Sieve", True, 8, 2.5, 10),
    ("opt", "Belady", True, 8, 2.5, 6),
    ("arc", "ARC", False, 4, 2, 0),
    ("lfu", "LFU", False, 4, 2, 0),
    ("lfuda", "LFUDA", False, 4, 2, 0),
    ("2q", "TwoQ", False, 4, 2, 0),
    ("slru", "SLRU", False, 4, 2, 0),
    ("s3-fifo", "S3FIFO", False, 4, 2, 0),
    ("w-tinylfu", "WTinyLFU", False, 4, 2, 0),
    ("lirs", "LIRS", False, 4, 2, 0),
    ("clock-pro", "ClockPro", False, 4, 2, 0),
    ("random", "Random", False, 4, 2, 0),
)


def write_oracle_general(trace: memcore.PageTrace, file: Path) -> None:
    """The form that both read: time, object, size 1, and the number from 1 of the next request for the object."""
    pages = numpy.asarray(trace.keys)[numpy.asarray(trace.references)] + 1
    count = len(pages)
    order = numpy.lexsort((numpy.arange(count), pages))
    following = numpy.full(count, -1, dtype=numpy.int64)
    same = pages[order[1:]] == pages[order[:-1]]
    following[order[:-1][same]] = order[1:][same] + 1
    records = numpy.empty(count, dtype=[("time", "<u4"), ("object", "<u8"), ("size", "<u4"), ("next", "<i8")])
    records["time"] = numpy.arange(count) // 1000
    records["object"], records["size"], records["next"] = pages, 1, following
    records.tofile(file)


def peer_run(kind: str, file: Path, frames: int) -> float:
    """libCacheSim's miss ratio, read from the file."""
    reader = libcachesim.TraceReader(str(file), libcachesim.TraceType.ORACLE_GENERAL_TRACE)
    cache = getattr(libcachesim, kind)(cache_size=frames)
    ratio, _bytes = cache.process_trace(reader)
    return float(ratio)


def seconds(work: Callable[[], object]) -> float:
    begin = perf_counter()
    work()
    return perf_counter() - begin


def compare(*works: Callable[[], object], rounds: int = ROUNDS) -> list[tuple[float, ...]]:
    return [tuple(seconds(work) for work in works) for _ in range(rounds)]


def chosen() -> list[tuple[str, str, bool, float, float, float]]:
    """The shared policies, or those of them that the command names."""
    named = [row for row in SHARED if row[0] in sys.argv]
    return named or list(SHARED)


def times(rounds: list[tuple[float, ...]], peer: int, ours: int) -> float:
    """How many times as fast as the peer."""
    return median(entry[peer] / entry[ours] for entry in rounds)


def single(name: str, trace: memcore.PageTrace, file: Path) -> None:
    frames = max(1, len(trace.keys) // 10)
    count = len(trace)
    print(f"\n{name}: one size, {frames} frames of {len(trace.keys)} pages, {count} references")
    print(f"{'':<16} {'misses':>10} {'theirs':>10} {'M/s':>7} {'theirs':>7} {'ratio':>6} {'target':>12} {'alone':>6}")
    for policy, kind, same, _sweep, target, target_alone in chosen():
        misses = memcore.pages(trace, [policy], [frames])[0].misses
        theirs = round(peer_run(kind, file, frames) * count)
        if same and misses != theirs:
            raise SystemExit(f"{policy} misses {misses} times, {kind} {theirs} times")
        rounds = compare(
            lambda kind=kind: peer_run(kind, file, frames),
            lambda policy=policy: memcore.pages(memcore.PageTrace.open(file), [policy], [frames]),
            lambda policy=policy: memcore.pages(trace, [policy], [frames]),
        )
        peer, ours, alone = (median(column) for column in zip(*rounds, strict=True))
        ratio, ratio_alone = times(rounds, 0, 1), times(rounds, 0, 2)
        told = f"{target_alone} {verdict(ratio_alone >= target_alone)}" if target_alone else ""
        print(
            f"{policy:<16} {misses:>10} {theirs:>10} {count / ours / 1e6:>7.1f} {count / peer / 1e6:>7.1f} "
            f"{ratio:>6.2f} {target:>4} {verdict(ratio >= target)} {ratio_alone:>6.1f} {told} "
            f"({count / alone / 1e6:.1f} M/s)"
        )


def sweep(name: str, trace: memcore.PageTrace, file: Path) -> None:
    sizes = sorted({max(1, round(share * len(trace.keys))) for share in SHARES})
    count = len(trace) * len(sizes)
    print(f"\n{name}: a sweep of {len(sizes)} sizes, {count} requests in all")
    print(f"{'':<16} {'M/s':>8} {'theirs':>8} {'ratio':>7} {'target':>7}")
    for policy, kind, _same, target, _single, _alone in chosen():
        rounds = compare(
            lambda kind=kind: [peer_run(kind, file, frames) for frames in sizes],
            lambda policy=policy: memcore.sweep(memcore.PageTrace.open(file), [policy], sizes),
            rounds=1,  # of eight runs each
        )
        peer, ours = (median(column) for column in zip(*rounds, strict=True))
        ratio = times(rounds, 0, 1)
        print(
            f"{policy:<16} {count / ours / 1e6:>8.1f} {count / peer / 1e6:>8.1f} {ratio:>7.2f} {target:>7} "
            f"{verdict(ratio >= target)}"
        )


def curve(trace: memcore.PageTrace, file: Path) -> None:
    pages, count = len(trace.keys), len(trace)
    sizes = [pages // 100, pages // 10, pages // 2]
    print("\nLRU's whole curve")
    rounds = compare(
        lambda: [peer_run("LRU", file, frames) for frames in sizes],
        lambda: memcore.mrc(memcore.PageTrace.open(file)),
        lambda: memcore.mrc(trace),
        lambda: memcore.mrc(trace, sample=0.01),
    )
    peer, whole, alone, sampled = (median(column) for column in zip(*rounds, strict=True))
    print(f"three sizes of libCacheSim {peer:.2f} s; the curve, reading included, {whole:.2f} s", verdict(whole < peer))
    print(f"the curve alone {count / alone / 1e6:.1f} M references/s; 15: {verdict(count / alone >= 15e6)}")
    error = memcore.mrc(trace, sample=0.01).mean_absolute_error(memcore.mrc(trace))
    fast = count / sampled >= 300e6
    print(f"1 % sampled {count / sampled / 1e6:.0f} M references/s; 300: {verdict(fast)}", end="; ")
    print(f"mean absolute error {error:.5f}; 0.005: {verdict(error < 0.005)}")


def threads(trace: memcore.PageTrace) -> None:
    sizes = [max(1, round(share * len(trace.keys))) for share in SHARES]
    print("\nA sweep on one thread and on two; the target is 1.8")
    for policy in ("fifo", "clock", "sieve", "opt", "arc", "lirs"):
        rounds = compare(
            lambda policy=policy: memcore.sweep(trace, [policy], sizes, threads=1),
            lambda policy=policy: memcore.sweep(trace, [policy], sizes, threads=2),
        )
        ratio = times(rounds, 0, 1)
        print(f"{policy:<16} {ratio:>6.2f} {verdict(ratio >= 1.8)}")


def doors(pace: str, file: Path) -> None:
    print("\nPython against Rust, one size, reading included; the target is 0.95 of Rust's rate")
    trace = memcore.PageTrace.open(file)
    frames = max(1, len(trace.keys) // 10)
    for policy in ("fifo", "lru", "arc"):
        program = Program(pace, str(file), policy, str(frames))

        def in_python(policy: str = policy) -> float:
            return seconds(lambda: memcore.pages(memcore.PageTrace.open(file), [policy], [frames]))

        rounds = [(program() / 1e9, in_python()) for _ in range(2 * ROUNDS)]
        program.end()
        rate = median(rust / python for rust, python in rounds)
        print(f"{policy:<16} {rate:>6.3f} {verdict(rate >= 0.95)}")


def main() -> None:
    pace, *words = sys.argv[1:]
    parts = set(words) & {"single", "sweep", "curve", "threads", "doors"}
    SCRATCH.mkdir(parents=True, exist_ok=True)
    zipf = memcore.PageTrace.generate("zipf:pages=1000000,references=10000000,seed=1")
    recorded = memcore.PageTrace.open("lua_small")
    files = {}
    for name, trace in (("zipf", zipf), ("lua_small", recorded)):
        files[name] = SCRATCH / f"{name}.oracleGeneral"
        write_oracle_general(trace, files[name])
    # From the files, so that both sides see the same kinds: reads.
    traces = {name: memcore.PageTrace.open(file) for name, file in files.items()}
    for name, trace in traces.items():
        if not parts or "single" in parts:
            single(name, trace, files[name])
        if not parts or "sweep" in parts:
            sweep(name, trace, files[name])
    if not parts or "curve" in parts:
        curve(traces["zipf"], files["zipf"])
    if not parts or "threads" in parts:
        threads(traces["zipf"])
    if not parts or "doors" in parts:
        doors(pace, files["zipf"])


if __name__ == "__main__":
    main()
