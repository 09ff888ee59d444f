"""What reacts to a test message is named before one is sent; a refused look is told."""

from __future__ import annotations

from typing import Any

import pytest

from bridge_helpers.api.session import Session
from bridge_helpers.errors import Cancelled
from bridge_helpers.onboarding.findings import Finding
from bridge_helpers.onboarding.reactions import reactions

from .carrying import Carrying, carried
from .children import account
from .conftest import QUICK
from .server import Server, drops_before, refuses
from .world import SERVICE_SID, Call, Reply, World

HOOKS = {
    "pre_webhook_url": "https://user:password@hooks.example.com/pre?token=s3cret",
    "post_webhook_url": "https://hooks.example.com/post",
    "filters": ["onMessageAdded", "onConversationAdded"],
    "method": "POST",
}


def told(server: Server, **members: Any) -> dict[str, Finding]:
    """Findings by what was looked at."""
    server.world.configurations.clear()
    there = server.world.add_configuration(
        conversationsV1Bridge={"serviceId": SERVICE_SID}, **members
    )
    with Session(account(server.url), QUICK) as session:
        configuration = session.orchestrator.configuration_document(there["id"]).record
        found = reactions(session, SERVICE_SID, configuration)
    assert len({one.check for one in found}) == len(found)
    return {one.check: one for one in found}


def test_where_nothing_reacts_that_is_said(server: Server) -> None:
    """Every place is named, none of them with a doubt."""
    found = told(server)
    assert set(found) == {
        "account webhooks",
        "service webhooks",
        "Studio",
        "status callbacks",
        "intelligence",
    }
    assert {one.level for one in found.values()} == {"ok"}


def test_webhooks_are_named_without_their_secrets(server: Server) -> None:
    """Where they go and for which events; neither password nor token is shown."""
    server.world.webhooks = {"account": {**HOOKS, "target": "webhook"}, SERVICE_SID: HOOKS}
    found = told(server)
    for check in ("account webhooks", "service webhooks"):
        assert found[check].level == "info"
        assert "https://hooks.example.com/pre" in found[check].found
        assert "onMessageAdded" in found[check].found
        assert "only when the write asks for it" in found[check].risk
        assert "s3cret" not in str(found[check])
        assert "password" not in str(found[check])


def test_flex_is_named(server: Server) -> None:
    """The account's webhooks with the target flex."""
    server.world.webhooks = {"account": {"target": "flex"}}
    assert "go to Flex" in told(server)["Flex"].found


def test_studio_flows_of_this_service_are_named() -> None:
    """Addresses of other services, and of other kinds, are not."""

    class Addressed(World):
        def list_addresses(self, call: Call) -> Reply:
            kinds = (
                ("studio", SERVICE_SID, "+15550000001"),
                ("studio", "IS" + "f" * 32, "+15550000002"),
                ("webhook", SERVICE_SID, "+15550000003"),
            )
            items = [
                {
                    "sid": f"IG{number:032x}",
                    "address": address,
                    "auto_creation": {"type": kind, "conversation_service_sid": sid},
                }
                for number, (kind, sid, address) in enumerate(kinds)
            ]
            return self._classic_page(call, "address_configurations", items)

        def answer(self, call: Call) -> Reply:
            if call.path == "/v1/Configuration/Addresses":
                return self.list_addresses(call)
            return super().answer(call)

    with Server(Addressed()) as server:
        found = told(server)["Studio"]
    assert "+15550000001" in found.found
    assert "+15550000002" not in found.found
    assert "+15550000003" not in found.found


def test_callbacks_intelligence_and_extraction_are_named(server: Server) -> None:
    """These do react, whatever the test's requests ask for."""
    found = told(
        server,
        statusCallbacks=[{"url": "https://crm.example.com/twilio?key=s3cret"}],
        intelligenceConfigurationIds=["intelligence_configuration_1"],
        memoryExtractionEnabled=True,
    )
    assert "https://crm.example.com/twilio" in found["status callbacks"].found
    assert "s3cret" not in str(found)
    assert "intelligence_configuration_1" in found["intelligence"].found
    assert "billed" in found["intelligence"].risk
    assert "INACTIVE or CLOSED" in found["memory extraction"].found


@pytest.mark.parametrize("spoil", [refuses(403, "not for this key"), refuses(404), drops_before])
@pytest.mark.parametrize(
    ("path", "check"),
    [
        ("/v1/Configuration/Webhooks", "account webhooks"),
        ("/v1/Services/[^/]+/Configuration/Webhooks", "service webhooks"),
        ("/v1/Configuration/Addresses", "Studio"),
    ],
)
def test_a_look_that_is_refused_is_told(server: Server, spoil: Any, path: str, check: str) -> None:
    """Silence would read as `nothing reacts`; the other looks are made all the same."""
    server.spoil(spoil, path, None)
    found = told(server)
    assert found[check].level == "warning"
    assert "could not be looked at" in found[check].found
    assert [one.level for one in found.values()].count("ok") == 4


def test_a_proof_names_them_first_and_carries_them() -> None:
    """Looked at before the test conversation is made; its own webhooks before a message."""
    world = Carrying()
    world.webhooks = {SERVICE_SID: HOOKS}
    with Server(world) as server:
        seen = carried(server)
        order = [f"{one.method} {one.path.rpartition('/')[2]}" for one in server.calls]
    assert "service webhooks" in [one.check for one in seen.reactions]
    assert order.index("GET Webhooks") < order.index("POST Conversations")
    last = len(order) - 1 - order[::-1].index("GET Webhooks")
    assert last < order.index("POST Messages")


def test_webhooks_that_the_conversation_is_born_with_are_named() -> None:
    """A default of the service may have given it one."""
    world = Carrying()

    def born_with_a_flow(call: Call, work: Any) -> Reply:
        reply: Reply = work()
        hook = {"sid": "WH" + "1" * 32, "target": "studio"}
        world.open[reply.told()["sid"]]["webhooks"].append(hook)
        return reply

    with Server(world) as server:
        server.spoil(born_with_a_flow, "^POST /v1/Services/[^/]+/Conversations$")
        seen = carried(server)
    found = {one.check: one for one in seen.reactions}["conversation webhooks"]
    assert "studio" in found.found


def test_looking_can_be_stopped(server: Server) -> None:
    """A cancel is no refused look."""
    import threading

    from bridge_helpers.progress import step_context

    stop = threading.Event()
    stop.set()
    with (
        Session(account(server.url), QUICK) as session,
        step_context(None, stop),
        pytest.raises(Cancelled),
    ):
        reactions(session, SERVICE_SID)
