"""Errors cross processes: a pool survives a worker that raises one, whatever it carries."""

from __future__ import annotations

import copy
import importlib
import pickle
import pkgutil
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

import bridge_helpers
from bridge_helpers import errors
from bridge_helpers.errors import ApiError, BridgeError, InvalidInput
from bridge_helpers.settings import Secret

VALUE = "a-secret-that-nobody-sees"


class Unreadable:
    """Pickles, and cannot be read back."""

    def __reduce__(self) -> tuple[Any, ...]:
        return int, ("no number",)

    def __repr__(self) -> str:
        return "an unreadable one"


class Nameless:
    """Neither pickles nor shows itself."""

    def __reduce__(self) -> tuple[Any, ...]:
        raise RuntimeError("not me")

    def __repr__(self) -> str:
        raise RuntimeError("nor a text")


def tree(kind: type[BridgeError] = BridgeError) -> Iterator[type[BridgeError]]:
    """The class and everything below it, refinements in other modules included."""
    yield kind
    for below in kind.__subclasses__():
        yield from tree(below)


for found in pkgutil.walk_packages(bridge_helpers.__path__, "bridge_helpers."):
    if not found.name.startswith("bridge_helpers.sandbox.") and not found.name.endswith("__main__"):
        importlib.import_module(found.name)
KINDS = sorted(
    {one for one in tree() if one.__module__.startswith("bridge_helpers.")},
    key=lambda one: one.__name__,
)


def made(kind: type[BridgeError]) -> BridgeError:
    """One of a kind, with everything set that it may carry."""
    if issubclass(kind, InvalidInput):
        error: BridgeError = kind("field", 7, "it has to be text", "Write it as text.")
    elif issubclass(kind, ApiError):
        error = kind("w", "y", "a", status=409, code=20001, request_id="RQ", params={"a": "b"})
    else:
        error = kind("what", "why", "action")
    error.request, error.uncertain, error.more_info = "curl x", True, "https://www.twilio.com/x"
    error.what = "changed since"
    error.add_note("a note")
    return error


def raised(number: int) -> None:
    """What a worker does."""
    raise made(KINDS[number]) from ValueError("a cause")


def facts(error: BridgeError) -> tuple[object, ...]:
    return type(error), error.args, error.__dict__, str(error), error.details(), error.kind


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_survives_pickling(kind: type[BridgeError], protocol: int) -> None:
    """Same type, message, attributes and notes, by every protocol; a copy likewise."""
    error = made(kind)
    again = pickle.loads(pickle.dumps(error, protocol))
    assert facts(again) == facts(error)
    assert again.__notes__ == ["a note"]
    assert facts(copy.deepcopy(error)) == facts(error)


def test_the_whole_tree_is_here() -> None:
    """Also the classes that are drawn nowhere else."""
    assert set(errors.__all__) <= {kind.__name__ for kind in KINDS}


def test_a_pool_survives_every_error() -> None:
    """A worker's error arrives as itself, and the pool goes on working."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for number, kind in enumerate(KINDS):
            arrived = pool.submit(raised, number).exception(60)
            assert type(arrived) is kind
            assert facts(arrived) == facts(made(kind))
        assert pool.submit(abs, -1).result(60) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Secret(VALUE), "[secret]"),
        ({"a": [Secret(VALUE)]}, "{'a': [[secret]]}"),
        (Unreadable(), "an unreadable one"),
        (Nameless(), "a value of type Nameless"),
    ],
)
def test_a_value_that_cannot_be_pickled_travels_as_its_text(value: object, text: str) -> None:
    """A secret stays out of the pickle; the error still arrives."""
    error = InvalidInput("field", value, "it has to be something else")
    pickled = pickle.dumps(error)
    again = pickle.loads(pickled)
    assert type(again) is InvalidInput
    assert again.value == text
    assert (again.field, again.rule, str(again)) == (error.field, error.rule, str(error))
    assert VALUE.encode() not in pickled


def test_a_lock_or_a_function_beside_it_is_no_obstacle() -> None:
    """Whatever somebody hangs on an error."""
    error = BridgeError("what")
    error.lock = threading.Lock()  # type: ignore[attr-defined]
    error.call = lambda: None  # type: ignore[attr-defined]
    again = pickle.loads(pickle.dumps(error))
    assert "lock" in again.lock
    assert "function" in again.call
