"""Measurements are made without the recording that the other tests are under."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def _no_recording() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("BRIDGE_SANDBOX_RECORD", raising=False)
        yield
