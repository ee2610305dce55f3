"""The exceptions: their place in the hierarchy, their attributes, and that they survive pickling and copying."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest

import memcore
from memcore import MemcoreError

ERRORS = [
    value
    for name in memcore.__all__
    if inspect.isclass(value := getattr(memcore, name)) and issubclass(value, MemcoreError)
]


def example(kind: type[MemcoreError]) -> MemcoreError:
    attributes = {name: number for number, name in enumerate(sorted(kind._attribute_names()), start=1)}
    return kind("the message", **attributes)


@pytest.mark.parametrize("kind", ERRORS)
def test_attributes_and_message_survive_a_pickle_and_a_copy(kind: type[MemcoreError]) -> None:
    error = example(kind)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is kind
        assert str(twin) == "the message"
        assert vars(twin) == vars(error)


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_is_documented_and_named_as_it_is_imported(kind: type[MemcoreError]) -> None:
    assert kind.__doc__
    assert kind.__module__ == "memcore"


@pytest.mark.parametrize("kind", ERRORS)
def test_an_attribute_too_many_is_refused(kind: type[MemcoreError]) -> None:
    with pytest.raises(TypeError, match="takes the attributes"):
        kind("the message", **vars(example(kind)), another=1)


def test_an_attribute_too_few_is_refused() -> None:
    with pytest.raises(TypeError, match="largest_hole"):
        memcore.OutOfSpaceError("no room", size=1, alignment=1, free=0)


def test_built_in_exceptions_catch_what_they_mean() -> None:
    assert issubclass(memcore.OutOfSpaceError, MemoryError)
    assert issubclass(memcore.OutOfMetadataError, MemoryError)
    assert issubclass(memcore.SizeOverflowError, OverflowError)
    assert issubclass(memcore.BadValueError, ValueError)
    for kind in (memcore.ZeroSizeError, memcore.TooLargeError, memcore.BadAlignmentError):
        assert issubclass(kind, memcore.BadValueError)
