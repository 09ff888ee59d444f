"""The SDK's tests leave out no operation that the sandbox implements."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from bridge_helpers.sandbox.routes import ROUTES

from ..openapi_operations import OPERATIONS
from . import (
    test_sdk_classic,
    test_sdk_classic_users,
    test_sdk_configurations,
    test_sdk_conversations,
    test_sdk_intelligence,
    test_sdk_memory,
    test_sdk_memory_and_numbers,
    test_sdk_messaging,
)

if TYPE_CHECKING:
    from types import ModuleType

    from ..openapi_check import OpenApi


def claimed(module: ModuleType) -> set[str]:
    """Collect what the tests of a module drive; each claim is checked where the test runs."""
    return {
        operation
        for _, test in inspect.getmembers(module, inspect.isfunction)
        for marker in getattr(test, "pytestmark", [])
        if marker.name == "drives"
        for operation in marker.args
    }


def test_the_list_of_operations_is_the_sandboxes() -> None:
    """What the tests ask for is what the sandbox answers, no less and no more."""
    assert {f"{method} {path}" for path, known in ROUTES.items() for method in known} == OPERATIONS


def test_every_operation_is_driven_by_the_sdk(openapi: OpenApi) -> None:
    """Each operation of the list is driven to success by the SDK; no claim is of a wrong name."""
    modules = (
        test_sdk_classic,
        test_sdk_classic_users,
        test_sdk_configurations,
        test_sdk_conversations,
        test_sdk_intelligence,
        test_sdk_memory,
        test_sdk_memory_and_numbers,
        test_sdk_messaging,
    )
    driven = set().union(*map(claimed, modules))
    assert driven - OPERATIONS == set()
    assert openapi.described - driven == set()
