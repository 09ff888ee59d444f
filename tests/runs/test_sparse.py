"""The whole run against a server that shares no habit with the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ..faults.server import Server
from .sparse import STRANGERS, Sparse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Sparse()) as running:
        yield running


@pytest.fixture
def environment(server: Server, tmp_path: Any) -> dict[str, str]:
    addresses = ("TWILIO_CONVERSATIONS_URL", "TWILIO_MEMORY_URL", "TWILIO_API_URL")
    return {
        **dict.fromkeys(addresses, server.url),
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "anything",
        "BRIDGE_HOME": str(tmp_path / "home"),
    }


def test_what_the_documentation_leaves_open_is_not_needed(
    walk: Callable[..., Any], server: Server
) -> None:
    """Bridged once and proven, although ids have to be looked for and hardly anything is told."""
    result = walk()
    assert result["status"] == "verified", result["error"]
    assert result["configuration_id"] in server.world.bridging()
    assert result["sync"]["to_orchestrator_seconds"] > 0.2
    assert result["sync"]["to_classic_seconds"] > 0.2
    assert result["conversations"] == STRANGERS + 1
    told = {finding["check"]: finding["level"] for finding in result["findings"]}
    assert told["inbound addresses"] == "warning"
    assert told["phone number"] == "warning"
    assert told["send from Orchestrator"] == "warning"
    assert told["clean-up"] == "warning"
    assert len(server.world.bridging()) == 1
    assert walk()["outcome"] == "adopted"
    assert len(server.world.bridging()) == 1
