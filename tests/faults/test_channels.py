"""Channels beside a bridge: other people's edits, and one write after another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from bridge_helpers.errors import Cancelled, ChecksFailed, PreconditionFailed, UnknownOutcome
from bridge_helpers.onboarding.change.actions import propose_action
from bridge_helpers.onboarding.change.members import wanted_changes
from bridge_helpers.onboarding.channels.intents import Intent
from bridge_helpers.onboarding.combine import combine
from bridge_helpers.progress import Progress

from .changes import CAPTURED, GUIDE, NUMBER, SEND, VOICE, Existing
from .server import changes, drops_after, refuses
from .world import SERVICE_SID, Call, Reply, patched

OTHER = "+15550002222"
THEIRS = {"from": "*", "to": "+15550009999", "metadata": {"callType": "PSTN"}}


def rules(there: Existing) -> list[dict[str, Any]]:
    assert there.now is not None
    found: list[dict[str, Any]] = there.now["channelSettings"]["VOICE"]["captureRules"]
    return found


def test_what_was_changed_since_the_look_is_composed_anew(there: Existing) -> None:
    """
    A rule of somebody else's, made between the look and the write: nothing is written, and the
    next look takes it along, so that it is still there beside ours.
    """
    found = there.proposed()
    voice = {**VOICE, "captureRules": [*VOICE["captureRules"], THEIRS]}
    assert there.now is not None
    there.now.update(channelSettings={"VOICE": voice}, version=2)
    with pytest.raises(PreconditionFailed, match="was changed since") as edited:
        there.captured(found)
    assert edited.value.action
    assert (there.sent, there.client.journal.history()) == ([], [])
    assert there.captured().outcome == "applied"
    assert rules(there) == [*voice["captureRules"], GUIDE]


@pytest.mark.parametrize("taken", [False, True])
def test_somebody_elses_edit_meanwhile_is_told(there: Existing, taken: bool) -> None:
    """
    Between our look and our PATCH: another member stays and is named; a rule of the same channel,
    which a PATCH replaces as a whole, is gone, and the version tells that something was changed.
    """

    def edit(call: Call, work: Callable[[], Reply]) -> Reply:
        now = there.client.world.configurations[there.id]
        settings = {"VOICE": {"captureRules": [THEIRS]}}
        now.update({"channelSettings": settings} if taken else {"description": "by hand"})
        now["version"] = 2
        return work()

    there.client.server.spoil(edit, SEND)
    applied = there.captured()
    [told] = [one for one in applied.findings if one.check == "somebody else"]
    assert (told.level, "version 1 to 3" in told.found) == ("warning", True)
    assert ("description" in told.found) is not taken
    assert there.sent[0].json() == CAPTURED
    theirs = {} if taken else {"description": "by hand"}
    assert there.now == {**patched(there.old, CAPTURED), **theirs, "version": 3}


def test_other_channels_are_added_to_a_write_that_was_not_over(there: Existing) -> None:
    """The first one's answer was lost: it is seen through, and both numbers are captured."""
    there.client.world.numbers.append(OTHER)
    there.client.world.operation_seconds = 20.0
    there.client.server.spoil(drops_after, SEND, None)
    with pytest.raises(UnknownOutcome):
        there.captured()
    there.client.server.faults.clear()
    found = there.proposed(f"voice:{OTHER}")
    assert any("has not ended" in one.found for one in found.proposal.findings)
    # What it was planned for is another configuration by now: it is not written over.
    with pytest.raises(PreconditionFailed):
        there.captured(found)
    assert there.captured(there.proposed(f"voice:{OTHER}")).outcome == "applied"
    assert rules(there) == [*VOICE["captureRules"], GUIDE, {**GUIDE, "to": OTHER}]
    states = [(one.state, one.outcome) for one in there.client.journal.history()]
    assert states == [("completed", "changed"), ("completed", "resumed")]
    assert len(there.client.world.applied) == 2


def test_what_cannot_be_looked_at_is_told_and_a_conflict_sends_nothing(there: Existing) -> None:
    """A number that is not owned stops it; where the numbers cannot be read, that is a warning."""
    there.client.world.numbers.clear()
    with pytest.raises(ChecksFailed, match="not owned"):
        there.captured()
    assert (there.sent, there.client.journal.history()) == ([], [])
    there.client.server.spoil(refuses(403), "IncomingPhoneNumbers", None)
    found = there.proposed()
    told = [one.found for one in found.proposal.findings if "Not looked at" in one.found]
    assert len(told) == 1
    assert found.proposal.ok


@pytest.mark.parametrize("action", ["channels", "change", "restore", "disconnect", "delete"])
def test_a_look_can_be_stopped_and_shows_its_waits(there: Existing, action: str) -> None:
    """While it reads for long: what is open in the account, all pages."""
    there.change()
    client, cancel, shown = there.client, threading.Event(), list[Progress]()

    def tell(now: Progress) -> None:
        shown.append(now)
        if now.state == "waiting":
            cancel.set()

    client.server.spoil(refuses(503), "GET /v2/Conversations", None)
    told: dict[str, Any] = {"journal": client.journal, "on_progress": tell, "cancel": cancel}

    def look() -> None:
        if action == "channels":
            combine(client.session, SERVICE_SID, [Intent.checked(f"voice:{NUMBER}")], **told)
        else:
            wanted = wanted_changes(display_name="Other")
            propose_action(client.session, SERVICE_SID, action, wanted=wanted, **told)

    with pytest.raises(Cancelled):
        look()
    assert shown[-1].state == "waiting"


def test_numbers_that_are_written_as_text_are_read(there: Existing) -> None:
    """As everywhere in the answers of the service; they are sent back as they were."""
    timeouts = {"inactive": "10", "closed": 60}
    assert there.now is not None
    there.now["channelSettings"]["VOICE"] = {**VOICE, "statusTimeouts": timeouts}
    assert "Calls: INACTIVE after 10 minutes, CLOSED after 60 minutes" in there.proposed().words
    there.captured()
    assert there.sent[0].json()["channelSettings"]["VOICE"]["statusTimeouts"] == timeouts


def test_an_edit_is_told_where_no_version_is(there: Existing) -> None:
    """By what differs; versions that nobody knows are not named."""

    def edit(call: Call, work: Callable[[], Reply]) -> Reply:
        there.client.world.configurations[there.id]["description"] = "by hand"
        return work()

    def without_version(reply: Reply) -> Reply:
        told = reply.told()
        return Reply.of({name: one for name, one in told.items() if name != "version"})

    there.client.server.spoil(changes(without_version), "GET .*Configurations/", None)
    there.client.server.spoil(edit, SEND)
    [told] = [one.found for one in there.captured().findings if one.check == "somebody else"]
    assert told == "Somebody else changed description meanwhile; it was kept."
