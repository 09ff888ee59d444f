"""
For every test: a home and an environment of its own, and a second pair of eyes.

No test sees the credentials or the journal of whoever runs it. What any sandbox
answers is held against Twilio's OpenAPI files at the end of the session.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

pytest_plugins = ["contract.recording"]


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is collected: notebooks run in kernels that inherit this environment."""
    home = tempfile.TemporaryDirectory(prefix="bridge-home-")
    config.add_cleanup(home.cleanup)
    os.environ["BRIDGE_HOME"] = home.name
    for name in list(os.environ):
        if name.startswith("TWILIO_") and name != "TWILIO_OPENAPI":
            del os.environ[name]


@pytest.fixture(autouse=True)
def own_home(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A BRIDGE_HOME for each test that has a temporary folder anyway."""
    if "tmp_path" in request.fixturenames:
        home: Path = request.getfixturevalue("tmp_path") / "home"
        monkeypatch.setenv("BRIDGE_HOME", str(home))
