"""Policies: what they are, caches that decide by them, and the vectors that all three doors agree on."""

from __future__ import annotations

import copy
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import memcore
from memcore import Cache

VECTORS = sorted((Path(__file__).parents[1] / "vectors" / "replacement").glob("*.vec"))
BELADY = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]


def test_the_policies() -> None:
    names = memcore.policies()
    assert len(names) == len(set(names))
    assert {"fifo", "lru", "opt", "clock", "arc", "sieve", "working-set"} <= set(names)


def test_facts() -> None:
    facts = memcore.policy_facts("opt")
    assert (facts.policy, facts.needs_future, facts.varies_allocation, facts.is_stack) == ("opt", True, False, True)
    assert memcore.policy_facts("working-set").varies_allocation
    clock = memcore.policy_facts("clock:bit=clear")
    assert (clock.policy, clock.is_stack) == ("clock:bit=clear", False)
    assert "bit" in clock.parameters
    assert clock == memcore.policy_facts("clock:bit=clear") != memcore.policy_facts("clock")


@pytest.mark.parametrize("policy", [name for name in memcore.policies() if name != "opt"])
def test_every_policy_serves_a_cache_of_one_frame(policy: str) -> None:
    cache = Cache(policy, 1)
    assert [cache.access(key) for key in (5, 5, 2**64 - 1, 5)][:2] == [False, True]
    assert cache.stats["accesses"] == 4
    if not memcore.policy_facts(policy).varies_allocation:
        assert cache.stats["misses"] == 3 and len(cache) == 1


def test_a_cache() -> None:
    cache = Cache("lru", 2)
    assert [cache.access(key, write=key == 8) for key in (7, 8, 7, 9)] == [False, False, True, False]
    assert cache.evicted == (8,)
    assert (7 in cache, 8 in cache, len(cache), cache.frames, cache.policy) == (True, False, 2, 2, "lru")
    assert sorted(cache.keys().tolist()) == [7, 9]
    assert cache.stats == {"accesses": 4, "hits": 1, "misses": 3, "evictions": 1, "writebacks": 1}
    assert cache.remove(7) and not cache.remove(7)
    assert len(cache) == 1 and cache.metadata_bytes > 0
    assert repr(cache) == "<Cache 'lru': 1 of 2 frames taken>"


def test_a_copy_goes_its_own_way() -> None:
    cache = Cache("fifo", 2)
    cache.access_many([1, 2])
    for other in (copy.copy(cache), copy.deepcopy(cache)):
        other.access(3)
        assert other.evicted == (1,)
    assert 1 in cache and 3 not in cache


@pytest.mark.parametrize("dtype", ["u8", "i8", "u4", "i4", "u2", "i2", "u1", "i1", ">u8", ">i4"])
def test_many_accesses_from_any_array(dtype: str) -> None:
    keys = np.array(BELADY, dtype=dtype)
    hits = Cache("lru", 3).access_many(keys)
    assert hits.dtype == np.bool_ and int((~hits).sum()) == 10
    assert Cache("lru", 3).access_many(np.repeat(keys, 2)[::2]).tolist() == hits.tolist()
    assert Cache("lru", 3).access_many(BELADY).tolist() == hits.tolist()


def test_many_accesses_with_a_mask_of_writes() -> None:
    cache = Cache("fifo", 1)
    cache.access_many([1, 2, 3], writes=np.array([True, False, True]))
    assert cache.stats["writebacks"] == 1
    with pytest.raises(memcore.BadParameterError) as caught:
        cache.access_many([1, 2], writes=[True])
    assert (caught.value.name, caught.value.value) == ("writes", 1)


@pytest.mark.parametrize(
    ("policy", "frames", "error", "attributes"),
    [
        ("lur", 2, memcore.UnknownNameError, {"name": "lur"}),
        ("clock:tick=1", 2, memcore.UnknownNameError, {"name": "tick"}),
        ("clock:bit=maybe", 2, memcore.BadSpecError, {"text": "bit=maybe"}),
        ("lru", 0, memcore.BadParameterError, {"name": "frames", "value": 0}),
        ("lru", 2**40, memcore.BadParameterError, {"name": "frames", "value": 2**40}),
        ("lru", -1, memcore.OutOfRangeError, {"value": -1}),
        ("opt", 2, memcore.NeedsFutureError, {"policy": "opt", "wanted_by": "a cache"}),
    ],
)
def test_caches_that_cannot_be(policy: str, frames: int, error: type[Exception], attributes: dict[str, Any]) -> None:
    with pytest.raises(error) as caught:
        Cache(policy, frames)
    assert isinstance(caught.value, ValueError)
    assert {name: getattr(caught.value, name) for name in attributes} == attributes


def test_keys_that_cannot_be() -> None:
    cache = Cache("lru", 2)
    with pytest.raises(memcore.OutOfRangeError):
        cache.access(2**64)
    with pytest.raises(memcore.OutOfRangeError):
        cache.access_many(np.array([1, -1]))
    with pytest.raises(TypeError):
        cache.access_many(np.array([1.5]))
    assert cache.stats["accesses"] == 0


def test_threads_take_turns() -> None:
    cache = Cache("lru", 100)
    keys = np.arange(200_000, dtype=np.uint64) % 300

    threads = [threading.Thread(target=cache.access_many, args=(keys,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        cache.access(7)
    for thread in threads:
        thread.join()
    assert cache.stats["accesses"] > 800_000 and len(cache) == 100


# The vectors.


def splitmix64(seed: int, count: int) -> np.ndarray[Any, np.dtype[np.uint64]]:
    with np.errstate(over="ignore"):
        state = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return state ^ (state >> np.uint64(31))


def generators() -> dict[str, np.ndarray[Any, np.dtype[np.uint64]]]:
    def product(seed: int) -> np.ndarray[Any, np.dtype[np.uint64]]:
        r = splitmix64(seed, 200_000)
        low = np.uint64(0xFFFF)
        return (r & low) * ((r >> np.uint64(16)) & low)

    a = product(1) >> np.uint64(20)
    b = product(2) >> np.uint64(22)
    scanned = b[3::4].size
    b[3::4] = 4096 + np.arange(scanned, dtype=np.uint64) % 2000
    return {"A": a, "B": b, "C": np.arange(50_000, dtype=np.uint64) % 1000}


GENERATORS = generators()


def test_the_generators() -> None:
    assert GENERATORS["A"][:4].tolist() == [794, 1500, 1340, 2993] and int(GENERATORS["A"].sum()) == 204464783
    assert GENERATORS["B"][:4].tolist() == [38, 5, 287, 4096] and int(GENERATORS["B"].sum()) == 293254959


def outcome(policy: str, frames: int, given: str) -> str:
    """What comes of one line, as the file writes it."""
    what, _, text = given.partition("=")
    if what == "generator":
        keys = GENERATORS[text]
        if memcore.policy_facts(policy).needs_future:
            return f"misses={memcore.pages(keys, policy, frames)[0].misses}"
        return f"misses={int((~Cache(policy, frames).access_many(keys)).sum())}"
    if memcore.policy_facts(policy).needs_future:
        return replayed(policy, frames, [int(step) for step in text.split(",")])
    cache = Cache(policy, frames)
    evicted: list[int] = []
    for step in text.split(","):
        if step.startswith("-"):
            cache.remove(int(step[1:]))
        else:
            cache.access(int(step.removesuffix("w")), step.endswith("w"))
            evicted += cache.evicted
    return f"misses={cache.stats['misses']} evicted={','.join(map(str, evicted)) or 'none'}"


def replayed(policy: str, frames: int, keys: list[int]) -> str:
    """Misses of a policy that needs the future; a replay does not name its victims."""
    return f"misses={memcore.pages(keys, policy, frames)[0].misses}"


@pytest.mark.parametrize("file", VECTORS, ids=lambda file: file.stem)
def test_the_vectors(file: Path) -> None:
    lines = [line for line in file.read_text(encoding="ascii").splitlines() if line and not line.startswith("#")]
    assert lines
    for line in lines:
        call, _, expected = line.partition(" = ")
        word, policy, frames, given = call.split(" ")
        assert word == "policy"
        found = outcome(policy, int(frames.removeprefix("frames=")), given)
        if memcore.policy_facts(policy).needs_future:
            expected = expected.split(" ")[0]
        assert found == expected, line


@pytest.mark.parametrize("file", VECTORS, ids=lambda file: file.stem)
def test_a_simulation_misses_as_a_cache_does(file: Path) -> None:
    for line in file.read_text(encoding="ascii").splitlines():
        if not line.startswith("policy "):
            continue
        _, policy, frames, given = line.partition(" = ")[0].split(" ")
        what, _, text = given.partition("=")
        steps = text.split(",")
        if memcore.policy_facts(policy).varies_allocation or any(step.startswith("-") for step in steps):
            continue
        keys = GENERATORS[text] if what == "generator" else [int(step.removesuffix("w")) for step in steps]
        writes = None if what == "generator" else [step.endswith("w") for step in steps]
        trace = memcore.PageTrace.from_arrays(keys, writes)
        (row,) = memcore.pages(trace, policy, int(frames.removeprefix("frames=")))
        expected = line.partition(" = ")[2].split(" ")
        assert f"misses={row.misses}" == expected[0], line
        if len(expected) == 2:
            assert row.evictions == (0 if expected[1] == "evicted=none" else expected[1].count(",") + 1), line
