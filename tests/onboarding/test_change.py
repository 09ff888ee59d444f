"""Changes, the way back, and deletions, on the sandbox."""

from __future__ import annotations

import json
import random
import uuid
from typing import Any

import pytest

from bridge_helpers.api.documents import SERVICE_OWNED, ConfigurationDocument
from bridge_helpers.api.session import Session
from bridge_helpers.errors import Conflict, OperationFailed
from bridge_helpers.onboarding.change import Changed, write_change, write_deletion
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.journal import Journal, Kind, Scope
from bridge_helpers.onboarding.plan import Plan
from bridge_helpers.onboarding.writes.patches import restoring

from ..sandbox_process import SandboxProcess
from .test_create_and_verify import writes


class Bridge:
    """A bridge that stands, and what is done to it."""

    def __init__(self, session: Session, plan: Plan, journal: Journal) -> None:
        self.session, self.plan, self.journal = session, plan, journal
        self.id = create(session, plan, journal=journal).configuration.id

    @property
    def document(self) -> ConfigurationDocument:
        return self.session.orchestrator.configuration_document(self.id)

    @property
    def settings(self) -> dict[str, Any]:
        """Its members without what the service counts."""
        return {k: v for k, v in self.document.members.items() if k not in SERVICE_OWNED}

    def change(self, changes: dict[str, Any], kind: Kind = "change") -> Changed:
        return write_change(
            self.session,
            self.id,
            changes,
            service_sid=self.plan.service_sid,
            kind=kind,
            journal=self.journal,
        )


@pytest.fixture
def bridge(session: Session, plan: Plan, journal: Journal) -> Bridge:
    return Bridge(session, plan, journal)


def some_changes(dice: random.Random) -> dict[str, Any]:
    timeouts = {"statusTimeouts": {"inactive": dice.randint(1, 30), "closed": 60}}
    rule = {"from": "*", "to": "+15551234567", "metadata": {"callType": "PSTN"}}
    callbacks = [{"url": f"https://example.com/{dice.randint(1, 9)}", "method": "POST"}]
    choices: dict[str, Any] = {
        "displayName": f"Bridge {dice.randint(1, 9)}",
        "description": "Another wording",
        "memoryExtractionEnabled": dice.choice([True, False, None]),
        "statusCallbacks": dice.choice([callbacks, None]),
        "channelSettings": {
            "CHAT": dice.choice([timeouts, None]),
            "VOICE": dice.choice([{"captureRules": [rule]}, None]),
        },
        "conversationsV1Bridge": None,
    }
    return {name: choices[name] for name in dice.sample(sorted(choices), 3)}


@pytest.mark.parametrize("seed", range(2))
def test_undone_to_the_last_member(bridge: Bridge, sandbox: SandboxProcess, seed: int) -> None:
    """Five changes, then the first snapshot restored: the configuration is what it was."""
    dice = random.Random(seed)
    before = bridge.settings
    for _ in range(5):
        sandbox.forget("requests")
        was = bridge.settings
        changed = bridge.change(some_changes(dice))
        sent = [json.loads(line["body"]) for line in writes(sandbox)]
        assert sent == ([changed.sent] if changed.sent else [])
        # Nothing is named that was so already.
        assert not any(was.get(name) == value for body in sent for name, value in body.items())
    scope = Scope.of(bridge.session, bridge.plan.service_sid)
    first = bridge.journal.snapshots(scope)[-1]
    bridge.change(restoring(first.document.members, bridge.document.members), kind="restore")
    assert bridge.settings == before


def test_disconnected_the_service_is_free_and_the_configuration_stays(bridge: Bridge) -> None:
    """Null takes the bridge away; the service can be bridged by another configuration."""
    bridge.change({"conversationsV1Bridge": None}, kind="disconnect")
    assert bridge.document.service_sid is None
    again = create(bridge.session, bridge.plan, journal=bridge.journal)
    assert again.outcome == "created"
    assert again.configuration.id != bridge.id
    # Its old configuration is still there: nothing is said to have been deleted.
    assert again.notes == ()
    with pytest.raises(Conflict, match=again.configuration.id):
        bridge.change({"conversationsV1Bridge": {"serviceId": bridge.plan.service_sid}}, "restore")


def test_deleted_it_is_gone_and_kept_in_the_journal(
    bridge: Bridge, sandbox: SandboxProcess
) -> None:
    """One DELETE; the snapshot is the whole configuration; a second time nothing is sent."""
    before = bridge.document
    sandbox.forget("requests")
    where: dict[str, Any] = {"service_sid": bridge.plan.service_sid, "journal": bridge.journal}
    deleted = write_deletion(bridge.session, bridge.id, **where)
    assert (deleted.outcome, len(writes(sandbox))) == ("deleted", 1)
    assert deleted.snapshot is not None
    assert deleted.snapshot.text.encode() == before.source
    assert deleted.operation_id
    assert write_deletion(bridge.session, bridge.id, **where).outcome == "gone already"
    assert len(writes(sandbox)) == 1


def test_somebody_elses_edit_is_kept_and_told(bridge: Bridge, sandbox: SandboxProcess) -> None:
    """A PATCH by hand that is accepted before ours and done after our look."""
    sandbox.control("settings", operation_seconds=0.6)
    try:
        key = str(uuid.uuid4())
        changes = {"description": "by hand"}
        bridge.session.orchestrator.update_configuration(bridge.id, changes, key)
        changed = bridge.change({"displayName": "Ours"})
    finally:
        sandbox.control("settings", operation_seconds=0.2)
    assert changed.edited == ("description",)
    assert (bridge.settings["description"], bridge.settings["displayName"]) == ("by hand", "Ours")
    assert "Somebody else" in changed.notes[0]


def test_an_operation_that_fails_changes_nothing(bridge: Bridge, sandbox: SandboxProcess) -> None:
    """The old one stands, the journal says failed, and the next run has a key of its own."""
    before = bridge.settings
    sandbox.fault("operation-fails")
    with pytest.raises(OperationFailed):
        bridge.change({"displayName": "Ours"})
    assert bridge.settings == before
    assert bridge.change({"displayName": "Ours"}).outcome == "changed"
    entries = [one for one in bridge.journal.history() if one.kind == "change"]
    assert [one.state for one in entries] == ["completed", "failed"]
    assert len({one.key for one in entries}) == 2


def test_a_lost_answer_is_settled_by_looking(bridge: Bridge, sandbox: SandboxProcess) -> None:
    """The work was done and the connection broke: it is seen, and done once."""
    sandbox.fault("drop-after", method="PATCH", path="/v2/.*", times=None)
    changed = bridge.change({"displayName": "Ours"})
    assert (changed.outcome, changed.document.record.version) == ("changed", 2)
