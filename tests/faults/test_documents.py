"""A configuration as it was sent, beside the record that is read from it."""

from __future__ import annotations

import msgspec
import pytest

from bridge_helpers.api.documents import bridging
from bridge_helpers.errors import BadAnswer, NotFound

from .children import plan
from .conftest import Client
from .server import says
from .world import SERVICE_SID, Reply


def test_every_member_survives(client: Client) -> None:
    """Unknown ones at any depth, null beside absent, and the very text of a single one."""
    made = client.world.add_configuration(
        **plan().body(), newer={"deep": [None, {"a": 1.0}]}, memoryExtractionEnabled=None
    )
    api = client.session.orchestrator
    one = api.configuration_document(made["id"])
    [listed] = api.configuration_documents()
    assert one.source == Reply.of(made).body
    assert one.members == listed.members == made
    assert "memoryExtractionEnabled" in one.members
    assert "channelSettings" not in one.members
    assert one.record == listed.record == msgspec.convert(made, type(one.record))


def test_what_is_no_configuration_is_told(client: Client) -> None:
    """A single one at once; in a list only when it is looked into, after those before it."""
    api = client.session.orchestrator
    client.server.spoil(says(200, b'{"displayName": "no id"}'), "Configurations/x")
    with pytest.raises(BadAnswer, match="GET /v2/ControlPlane/Configurations/x"):
        api.configuration_document("x")
    with pytest.raises(NotFound):
        api.configuration_document("x")
    page = b'{"configurations": [{"id": "c", "version": 7}, {"id": 5}, 3], "meta": {}}'
    client.server.spoil(says(200, page), "Configurations$")
    first, *broken = api.configuration_documents()
    assert (first.id, first.record.version) == ("c", 7)
    for one in broken:
        with pytest.raises(BadAnswer, match="Configurations"):
            _ = one.record


def test_a_bridge_is_found_in_any_case_and_no_further(client: Client) -> None:
    """v1 takes capitals; what comes after the one that is found is not looked into."""
    client.world.add_configuration()
    loud = {"conversationsV1Bridge": {"serviceId": f"IS{SERVICE_SID[2:].upper()}"}}
    made = client.world.add_configuration(**loud)
    client.world.configurations["broken"] = {"id": 5}
    api = client.session.orchestrator
    found = bridging(api.configuration_documents(), SERVICE_SID)
    assert found is not None
    assert found.id == made["id"]
    del client.world.configurations["broken"]
    assert bridging(api.configurations(), "IS" + "f" * 32) is None
