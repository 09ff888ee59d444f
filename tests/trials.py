"""
How many values Hypothesis tries.

In `make test` they are the same each time: what is new is looked for on purpose, in `make soak`,
and never by the chance of one run.
"""

from __future__ import annotations

from typing import Final

from hypothesis import HealthCheck, settings

LONGER: Final = 20
"""How many times more `make soak` tries."""

_ALWAYS: Final = settings(
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

settings.register_profile("quick", _ALWAYS, derandomize=True, max_examples=100)
settings.register_profile("soak", _ALWAYS, derandomize=False, max_examples=100 * LONGER)
# As a plugin this is read before the command line may name the other one.
settings.load_profile("quick")


def trials(examples: int) -> settings:
    """Settings for a test that tries this many in `make test`."""
    assert settings.default is not None
    often = 1 if settings.default.derandomize else LONGER
    return settings(max_examples=examples * often)
