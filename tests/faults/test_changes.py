"""Changes and deletions: faults, other people's edits, and writes of one kind after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner

from bridge_helpers.cli.main import main
from bridge_helpers.errors import (
    BridgeError,
    InvalidInput,
    NotFound,
    OperationPending,
    PreconditionFailed,
    UnknownOutcome,
)
from bridge_helpers.onboarding.change import Applied, Changed, Deleted
from bridge_helpers.onboarding.journal import Kind, Snapshot
from bridge_helpers.onboarding.writes.patches import restoring

from .changes import CHANGES, ROWS, SEND, UNKNOWN, Existing, Row
from .children import plan
from .conftest import Client
from .server import drops_after, drops_before, refuses
from .world import SERVICE_SID, Call, Reply

TABLE: list[tuple[str, ...]] = []
Write: TypeAlias = Callable[[], Applied | Changed | Deleted]


@pytest.mark.parametrize("kind", ["change", "channels", "delete"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_fault_ends_as_its_row_says(row: Row, kind: str, there: Existing) -> None:
    """
    The configuration is exactly the old or exactly the new one (or gone), it was done once, the
    journal holds what it was before, and an undisturbed run afterwards gets there, under the same
    key where the first outcome was open.
    """
    writes: dict[str, Write] = {
        "change": there.change,
        "channels": there.captured,
        "delete": there.delete,
    }
    write, new = writes[kind], there.new(kind)
    row.spoil(there.client.server)
    said, error = outcome(write)
    assert (said, bool(error and error.action)) == (row.expected, error is not None), error
    assert there.snapshots[-1].text.encode() == Reply.of(there.old).body
    # What hangs goes on, and the world is quiet again.
    there.client.server.faults.clear()
    for one in there.client.world.operations.values():
        one["seconds"] = min(one["seconds"], 1.0)
    there.client.clock.now += 2.0
    assert there.now == {"old": there.old, "new": new}[row.left]
    again = write()
    done = {"change": "changed", "channels": "applied", "delete": "deleted"}[kind]
    nothing = "gone already" if kind == "delete" else "unchanged"
    assert again.outcome == {"resumed": "resumed", "done": done, "nothing": nothing}[row.then]
    assert there.now == new
    assert len(there.client.world.applied) == 1
    if row.then == "resumed":
        assert len({call.headers["idempotency-key"] for call in there.sent}) == 1
    assert there.client.journal.history()[0].state == "completed"
    TABLE.append((kind, row.name, said, row.left, again.outcome))


def outcome(write: Write) -> tuple[str, BridgeError | None]:
    try:
        ended = write()
    except BridgeError as error:
        return error.kind, error
    return ("done" if ended.outcome in ("changed", "applied", "deleted") else ended.outcome), None


def test_the_matrix_is_shown(record_property: Callable[[str, Any], None]) -> None:
    """Every row was tried for each; the table is printed at the end of the run."""
    if len(TABLE) < 3 * len(ROWS):
        pytest.skip("not all rows ran, or not here")
    widths = [max(len(row[n]) for row in TABLE) for n in range(5)]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in TABLE)
    record_property("faults", "\n".join(line.rstrip() for line in lines))
    assert {row[0] for row in TABLE} == {"change", "channels", "delete"}


# what is sent


def test_only_what_differs_is_sent(there: Existing) -> None:
    """Of three changes the one that makes a difference; the rest of the configuration is not."""
    changes = {**CHANGES, "displayName": there.old["displayName"], "memoryExtractionEnabled": False}
    changed = there.change(changes)
    assert there.sent[0].json() == changed.sent == {"description": "Another wording"}
    assert changed.document.members["newerThanUs"] == UNKNOWN
    assert there.now == {**there.old, "description": "Another wording", "version": 2}


def test_null_is_sent_to_remove(there: Existing) -> None:
    """A real null in the body, for a member and for a channel of `channelSettings`."""
    voice = {"captureRules": [{"from": "*", "to": "+15550001111"}]}
    assert there.now is not None
    there.now["channelSettings"] = {"VOICE": voice, "CHAT": {"statusTimeouts": {"closed": 60}}}
    there.change({"conversationsV1Bridge": None, "channelSettings": {"VOICE": None}})
    assert there.sent[0].json() == {
        "conversationsV1Bridge": None,
        "channelSettings": {"VOICE": None},
    }
    assert there.now is not None
    assert "conversationsV1Bridge" not in there.now
    assert there.now["channelSettings"] == {"CHAT": {"statusTimeouts": {"closed": 60}}}


def test_what_is_so_already_is_not_sent(there: Existing) -> None:
    """No request but a look, no entry in the journal, no snapshot."""
    unchanged = there.change({"displayName": there.old["displayName"]})
    assert (unchanged.outcome, unchanged.sent, unchanged.snapshot) == ("unchanged", {}, None)
    assert there.sent == []
    assert there.client.journal.history() == []


@pytest.mark.parametrize("changes", [{"id": "x"}, {"version": 3}, {"channelSettings": None}])
def test_what_cannot_be_changed_is_refused(there: Existing, changes: dict[str, Any]) -> None:
    """What the service writes itself, and all channels at once: named, and nothing is sent."""
    with pytest.raises(InvalidInput, match=next(iter(changes))):
        there.change(changes)
    assert there.sent == []


@pytest.mark.parametrize("kind", ["change", "restore", "disconnect", "delete"])
def test_the_whole_configuration_is_kept_before(there: Existing, kind: Kind) -> None:
    """Exactly as it was received, with when, why, which, and its name; on disk before the send."""
    seen: list[Snapshot] = []

    def look(call: Call, work: Callable[[], Reply]) -> Reply:
        seen.extend(there.snapshots)
        return work()

    there.client.server.spoil(look, SEND)
    if kind == "delete":
        there.delete()
    else:
        there.change(kind=kind)
    [kept] = seen
    assert kept.text.encode() == Reply.of(there.old).body
    assert (kept.reason, kept.configuration_id) == (kind, there.id)
    assert kept.display_name == there.old["displayName"]
    entry = there.client.journal.history()[0]
    assert (entry.kind, entry.configuration_id) == (kind, there.id)
    after = there.client.journal.snapshot_of(entry)
    assert kept.state == "posting"
    assert after == replace(kept, state="completed")


# somebody else


def test_somebody_elses_edit_before_the_write_is_noticed(there: Existing) -> None:
    """A change that was planned for a version that is no more is not written."""
    assert there.now is not None
    there.now.update(description="by hand", version=2)
    for write in (there.change, there.delete):
        with pytest.raises(PreconditionFailed, match="version 1") as edited:
            write(version=1)
        assert "Nothing was written" in edited.value.why
    assert there.sent == []
    assert there.change({"displayName": "Renamed"}, version=2).outcome == "changed"


@pytest.mark.parametrize("version", [2, 1])
def test_somebody_elses_edit_meanwhile_is_kept_and_told(there: Existing, version: int) -> None:
    """Between our look and our PATCH: their member stays, and the result names it."""

    def edit(call: Call, work: Callable[[], Reply]) -> Reply:
        there.client.world.configurations[there.id].update(description="by hand", version=version)
        return work()

    there.client.server.spoil(edit, SEND)
    changed = there.change({"displayName": "Renamed"})
    assert there.now is not None
    assert (there.now["description"], there.now["displayName"]) == ("by hand", "Renamed")
    assert changed.edited == ("description",)
    assert f"description meanwhile (version 1 to {version + 1}); it was kept" in changed.notes[0]


def test_an_edit_of_the_same_member_shows_in_the_version(there: Existing) -> None:
    """What it was is lost, that it was is told."""

    def edit(call: Call, work: Callable[[], Reply]) -> Reply:
        there.client.world.configurations[there.id].update(displayName="Theirs", version=2)
        return work()

    there.client.server.spoil(edit, SEND)
    changed = there.change({"displayName": "Renamed"})
    assert changed.edited == ()
    assert "Somebody else changed the configuration" in changed.notes[0]
    assert "version 1 to 3" in changed.notes[0]


def test_a_change_that_does_not_stay_is_told(there: Existing) -> None:
    """The operation completed, and the member is another one: it is not taken for done."""

    def undo(call: Call, work: Callable[[], Reply]) -> Reply:
        reply = work()
        there.client.world.configurations[there.id].update(displayName="Theirs")
        return reply

    there.client.server.spoil(undo, "Operations", None)
    with pytest.raises(UnknownOutcome, match="does not show the change"):
        there.change({"displayName": "Renamed"})
    assert there.client.journal.history()[0].state == "failed"


def test_a_configuration_that_is_gone_is_said_to_be(there: Existing) -> None:
    """A change has nothing to change; a deletion has nothing to do."""
    there.client.world.configurations.clear()
    with pytest.raises(NotFound, match=f"no configuration {there.id}"):
        there.change()
    assert there.delete().outcome == "gone already"
    assert there.sent == []


def test_deleted_by_somebody_else_meanwhile(there: Existing) -> None:
    """Between our look and our write: a deletion is content, a change is not."""

    def gone(call: Call, work: Callable[[], Reply]) -> Reply:
        there.client.world.configurations.clear()
        return work()

    there.client.server.spoil(gone, SEND)
    assert there.delete().outcome == "deleted"
    there.client.world.configurations[there.id] = there.old
    there.client.server.spoil(gone, SEND)
    with pytest.raises(NotFound):
        there.change()
    assert there.client.journal.history()[0].state == "failed"


# one kind after another


def test_a_change_whose_answer_was_lost_is_settled_before_another(there: Existing) -> None:
    """The first is seen through or let go; the second is sent under a key of its own."""
    there.client.world.operation_seconds = 20.0
    there.client.server.spoil(drops_after, SEND, None)
    there.client.server.spoil(refuses(503), "GET .*Configurations/", None, 1)
    with pytest.raises(UnknownOutcome):
        there.change({"displayName": "First"})
    there.client.server.faults.clear()
    assert there.change({"displayName": "Second"}).outcome == "changed"
    assert there.now is not None
    assert (there.now["displayName"], there.now["version"]) == ("Second", 3)
    states = [(one.state, one.outcome) for one in there.client.journal.history()]
    assert states == [("completed", "changed"), ("completed", "resumed")]


def test_a_change_that_never_arrived_is_let_go_before_another(there: Existing) -> None:
    """It is looked for as long as an operation is waited for, and the note says so."""
    there.client.server.spoil(drops_before, SEND, None)
    with pytest.raises(UnknownOutcome):
        there.change({"displayName": "First"})
    there.client.server.faults.clear()
    begun = there.client.clock.now
    second = there.change({"displayName": "Second"})
    assert there.client.clock.now - begun >= 100
    assert "let go: it was another write" in second.notes[0]
    assert [one.state for one in there.client.journal.history()] == ["completed", "let go"]
    assert there.now is not None
    assert there.now["version"] == 2


@pytest.mark.parametrize("first", ["change", "delete"])
def test_an_operation_of_another_kind_is_followed_first(there: Existing, first: str) -> None:
    """While it hangs nothing else is begun; when it is over the next write starts from there."""
    there.client.world.next_operation = [lambda one: one.update(seconds=1e9)]
    there.client.world.retry_after = "20"
    begin: Callable[[], object] = there.change if first == "change" else there.delete
    with pytest.raises(OperationPending):
        begin()
    with pytest.raises(OperationPending):
        there.client.create()
    assert len(there.sent) == 1
    for one in there.client.world.operations.values():
        one["seconds"] = 1.0
    made = there.client.create(plan(**_planned(CHANGES)) if first == "change" else plan())
    assert made.outcome == ("adopted" if first == "change" else "created")
    assert len(there.client.world.bridging()) == 1
    kinds = [(one.kind, one.state) for one in there.client.journal.history()]
    assert kinds[1:] == [(first, "completed")]
    # Its own deletion is no news: nothing is let go for it.
    assert made.notes == ()


def _planned(changes: dict[str, Any]) -> dict[str, Any]:
    return {"display_name": changes["displayName"], "description": changes["description"]}


def test_a_create_whose_answer_was_lost_is_settled_by_a_change(client: Client) -> None:
    """What the create made is seen, and the change goes on from there."""
    client.world.operation_seconds = 5.0
    client.server.spoil(drops_after, "POST ", None)
    client.server.spoil(refuses(503), "GET .*Configurations", None, 1)
    with pytest.raises(UnknownOutcome):
        client.create()
    client.server.faults.clear()
    client.clock.now += 10
    client.world.settle()
    [made] = client.world.bridging()
    Existing(client, made, {}).change()
    kinds = [(one.kind, one.state, one.outcome) for one in client.journal.history()]
    assert kinds == [("change", "completed", "changed"), ("create", "completed", "resumed")]
    assert [one.configuration_id for one in client.journal.history()] == [made, made]


def test_history_tells_the_kinds(there: Existing, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line for each write, newest first: kind, state, outcome, configuration."""
    monkeypatch.setenv("BRIDGE_HOME", str(there.client.journal.path.parent))
    there.change()
    there.delete()
    _, *lines = CliRunner().invoke(main, ["history"]).stdout.splitlines()
    assert [line.split()[3:6] for line in lines] == [
        ["delete", "completed", "deleted"],
        ["change", "completed", "changed"],
    ]
    assert all(there.id in line for line in lines)


def test_disconnected_and_restored(there: Existing) -> None:
    """
    The bridge is taken away by null and brought back from the snapshot; what was there in
    between is kept too, and the members that nobody knows never travel.
    """
    there.change({"conversationsV1Bridge": None}, kind="disconnect")
    assert there.client.world.bridging() == []
    kept, now = there.snapshots[0], there.now
    assert now is not None
    back = there.change(restoring(kept.document.members, now), kind="restore")
    assert there.sent[-1].json() == {"conversationsV1Bridge": {"serviceId": SERVICE_SID}}
    assert there.now == {**there.old, "version": 3}
    assert back.document.members == there.now
    assert [one.outcome for one in there.client.journal.history()] == ["restored", "disconnected"]
    assert [one.reason for one in there.snapshots] == ["restore", "disconnect"]


def test_after_a_deletion_a_bridge_is_made_anew(there: Existing) -> None:
    """The journal knows who removed it, so that nothing is said to be missing."""
    assert there.client.create().outcome == "adopted"
    there.delete()
    made = there.client.create()
    assert (made.outcome, made.notes) == ("created", ())
    assert made.configuration.id != there.id
