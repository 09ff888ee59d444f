"""Measurements are made without the recording that the other tests are under."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True, scope="session")
def without_recording() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("BRIDGE_SANDBOX_RECORD", raising=False)
        yield
