"""What was looked at may be old: a list that lags, an edit of a configuration of no version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bridge_helpers.errors import NotBridged, PreconditionFailed
from bridge_helpers.onboarding.change import (
    Proposal,
    carry_out,
    propose_change,
    propose_deletion,
    propose_disconnection,
)

from .children import plan
from .conftest import Client
from .server import Spoil
from .world import SERVICE_SID, Reply

LIST = r"^GET /v2/ControlPlane/Configurations$"
OTHER_SID = "IS" + "f" * 32


def listing(*configurations: dict[str, Any]) -> Spoil:
    """The list shows these, whatever there is."""
    return lambda call, work: Reply.of({"configurations": list(configurations), "meta": {}})


def rename(client: Client) -> Proposal:
    changes = {"displayName": "Renamed"}
    return propose_change(client.session, SERVICE_SID, changes, journal=client.journal)


def disconnect(client: Client) -> Proposal:
    return propose_disconnection(client.session, SERVICE_SID, journal=client.journal)


def delete(client: Client) -> Proposal:
    return propose_deletion(client.session, SERVICE_SID, journal=client.journal)


@pytest.mark.parametrize("propose", [rename, disconnect, delete])
def test_a_bridge_that_was_moved_to_another_service_is_left_alone(
    propose: Callable[[Client], Proposal], client: Client
) -> None:
    """The list still names the old service: nothing is written to the other one's bridge."""
    made = client.world.add_configuration(**plan().body())
    moved = {**made, "conversationsV1Bridge": {"serviceId": OTHER_SID}, "version": 2}
    client.world.configurations[made["id"]] = moved
    client.server.spoil(listing(made), LIST, times=None)
    with pytest.raises(NotBridged):
        carry_out(client.session, propose(client), journal=client.journal, clock=client.clock)
    assert client.world.configurations == {made["id"]: moved}
    assert not client.server.counted("^(PATCH|DELETE) ")


def test_a_bridge_that_the_list_does_not_show_yet_can_be_changed(client: Client) -> None:
    """What this machine has just made is known to the journal."""
    made = client.create().configuration
    client.server.spoil(listing(), LIST, times=None)
    assert rename(client).configuration_id == made.id


def test_a_bridge_that_the_list_still_shows_is_not_adopted(client: Client) -> None:
    """It was disconnected a moment ago: creating makes a bridge, and not a belief in one."""
    made = client.world.add_configuration(**plan().body())
    client.world.configurations[made["id"]] = {**made, "conversationsV1Bridge": None}
    client.server.spoil(listing(made), LIST, times=2)
    assert client.create().outcome == "created"
    assert len(client.world.bridging()) == 1


@pytest.mark.parametrize("propose", [rename, disconnect, delete])
def test_an_edit_is_noticed_where_the_service_tells_no_version(
    propose: Callable[[Client], Proposal], client: Client
) -> None:
    """Twilio's OpenAPI does not promise a version: then the members are compared."""
    made = client.world.add_configuration(**plan().body(), version=None)
    planned = propose(client)
    edited = {**made, "displayName": "By hand"}
    client.world.configurations[made["id"]] = edited
    with pytest.raises(PreconditionFailed, match="Nothing was written"):
        carry_out(client.session, planned, journal=client.journal, clock=client.clock)
    assert client.world.configurations == {made["id"]: edited}
    assert not client.server.counted("^(PATCH|DELETE) ")
