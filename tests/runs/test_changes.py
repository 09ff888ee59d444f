"""The commands that change a configuration, as a user calls them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from bridge_helpers.api.session import Session
from bridge_helpers.cli.main import main
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.plan import Plan
from bridge_helpers.target import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from click.testing import Result

    from ..sandbox_process import Account, SandboxProcess

    Call = Callable[..., tuple[Result, dict[str, Any]]]

NAME = "classic-bridge-config"
KEYS = [
    "schema", "action", "status", "target", "account_sid", "service_sid", "configuration_id",
    "operation_id", "snapshot_id", "differences", "findings", "open_conversations", "error",
    "started_at", "seconds",
]  # fmt: skip


def sent(sandbox: SandboxProcess) -> list[dict[str, Any]]:
    """The requests that write, as they were received."""
    return [line for line in sandbox.read("requests")["log"] if line["method"] != "GET"]


@pytest.fixture
def session(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, account: Account
) -> Iterator[Session]:
    """An account whose service is bridged."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with connect("twilio") as opened:
        create(
            opened, Plan(service_sid=account.service_sid, memory_store_id=account.memory_store_id)
        )
        yield opened


@pytest.fixture
def call(session: Session, account: Account, tmp_path: Path) -> Call:
    """A command on the service, in this process; its result and what `change.json` holds."""

    def run(command: str, *options: str) -> tuple[Result, dict[str, Any]]:
        folder = tmp_path / "out"
        (folder / "change.json").unlink(missing_ok=True)
        words = (command, "--target", "twilio", "--service-sid", account.service_sid, *options)
        done = CliRunner().invoke(main, [*words, "--output", str(folder)])
        written = folder / "change.json"
        return done, json.loads(written.read_text()) if written.exists() else {}

    return run


def test_without_apply_it_is_a_plan(call: Call, sandbox: SandboxProcess) -> None:
    """Exit 0, the difference on the screen and in the file, and nothing is written."""
    sandbox.forget("requests")
    done, result = call("change", "--display-name", "Renamed", "--chat-timeouts", "15/60")
    assert done.exit_code == 0, done.stderr
    assert sent(sandbox) == []
    assert list(result) == KEYS
    assert (result["action"], result["status"], result["snapshot_id"]) == (
        "change",
        "planned",
        None,
    )
    assert result["differences"] == [
        {"path": "displayName", "from": NAME, "to": "Renamed"},
        {
            "path": "channelSettings.CHAT",
            "from": None,
            "to": {"statusTimeouts": {"inactive": 15, "closed": 60}},
        },
    ]
    assert f'"{NAME}" → "Renamed"' in done.stderr
    assert "add --apply" in done.stderr


@pytest.mark.parametrize(
    "words",
    [("change", "--display-name", "x"), ("channels", "--timeouts", "voice:1/2"), ("disconnect",)],
)
def test_a_wait_of_the_look_is_shown(
    call: Call, sandbox: SandboxProcess, words: tuple[str, ...]
) -> None:
    """Before anything is written a command may read for long: it says what it waits for."""
    sandbox.fault("status", method="GET", path="/v2/Conversations", status=503)
    done, _ = call(*words)
    assert done.exit_code == 0, done.stderr
    assert "again in" in done.stderr


def test_a_list_of_an_earlier_run_does_not_stay(call: Call, tmp_path: Path) -> None:
    """Where nothing is open, no file of the same folder says that something is."""
    listed = tmp_path / "out" / "open_conversations.csv"
    listed.parent.mkdir()
    listed.write_text("conversation_id")
    _, result = call("change", "--display-name", "Renamed")
    assert (result["open_conversations"] or 0) == 0
    assert not listed.exists()


def test_there_and_back(call: Call, session: Session, sandbox: SandboxProcess) -> None:
    """One PATCH with what differs and no more; `restore` takes back the last write."""
    document = session.orchestrator.configuration_document
    _, plan = call("change", "--display-name", NAME)
    assert plan["status"] == "unchanged"
    before = document(plan["configuration_id"]).members
    sandbox.forget("requests")
    done, result = call("change", "--display-name", "Renamed", "--memory-extraction", "--apply")
    assert done.exit_code == 0, done.stderr
    [patch] = sent(sandbox)
    assert patch["method"] == "PATCH"
    body = {"displayName": "Renamed", "memoryExtractionEnabled": True}
    assert json.loads(patch["body"]) == body
    assert (result["status"], result["error"]) == ("applied", None)
    assert result["operation_id"]
    assert f"--snapshot {result['snapshot_id']} --apply" in done.stderr
    listed = CliRunner().invoke(
        main,
        ["snapshots", "--target", "twilio", "--service-sid", result["service_sid"], "--json"],
    )
    kept = [json.loads(line) for line in listed.stdout.splitlines()]
    assert [one["id"] for one in kept] == [result["snapshot_id"]]
    names = ["id", "at", "reason", "configuration_id", "display_name"]
    assert list(kept[0])[:5] == names
    assert (kept[0]["reason"], kept[0]["display_name"]) == ("change", NAME)
    done, result = call("restore", "--apply")
    assert result["status"] == "applied", done.stderr
    after = document(result["configuration_id"]).members
    counted = {"version", "updatedAt"}
    assert {k: v for k, v in after.items() if k not in counted} == {
        k: v for k, v in before.items() if k not in counted
    }


@pytest.mark.parametrize("command", ["disconnect", "delete"])
def test_what_takes_away_asks_for_the_name(
    call: Call, session: Session, sandbox: SandboxProcess, command: str
) -> None:
    """Absent: exit 2, nothing is sent. Wrong: nothing is written. Spaces do not matter."""
    sandbox.forget("requests")
    done, result = call(command, "--apply")
    assert (done.exit_code, result) == (2, {})
    assert sandbox.asked() == []
    done, result = call(command, "--apply", "--confirm", "another")
    assert (done.exit_code, result["status"]) == (2, "failed")
    assert f"'{NAME}'" in done.stderr
    assert sent(sandbox) == []
    done, result = call(command, "--apply", "--confirm", f" {NAME} ")
    assert (done.exit_code, result["status"]) == (0, "applied"), done.stderr
    told = [finding["found"] for finding in result["findings"]]
    assert any("no longer reach Orchestrator" in one for one in told)
    assert any("nothing bridges it" in one for one in told)
    [write] = sent(sandbox)
    assert write["method"] == {"disconnect": "PATCH", "delete": "DELETE"}[command]
    if command == "disconnect":
        assert json.loads(write["body"]) == {"conversationsV1Bridge": None}
    # Done already: it says so, and sends nothing.
    sandbox.forget("requests")
    done, result = call(command, "--apply", "--confirm", NAME)
    assert (done.exit_code, result["status"]) == (0, "unchanged"), done.stderr
    assert sent(sandbox) == []
    done, result = call("restore", "--apply")
    assert result["status"] == "applied", done.stderr
    document = session.orchestrator.configuration_document(result["configuration_id"])
    assert (document.service_sid or "").lower() == result["service_sid"].lower()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "at least one thing has to be named"),
        (("--chat-timeouts", "60/15"), "INACTIVE has to come before CLOSED"),
        (("--status-callback", "http://example.com"), "https://"),
        (("--display-name", "x" * 33), "1 to 32"),
        (("--memory-store-id", ""), "cannot be taken away"),
    ],
)
def test_what_cannot_be_is_refused(
    call: Call, sandbox: SandboxProcess, options: tuple[str, ...], told: str
) -> None:
    """Exit 2 before anything is sent."""
    sandbox.forget("requests")
    done, _ = call("change", *options, "--apply")
    assert done.exit_code == 2
    assert told in done.stderr
    assert sandbox.asked() == []


def test_what_is_empty_is_removed(call: Call, session: Session, sandbox: SandboxProcess) -> None:
    """A real null; the capture rule that stands beside the timeouts stays."""
    options = ("--chat-timeouts", "15/60", "--status-callback", "https://example.com/hook")
    _, result = call("change", *options, "--apply")
    sandbox.forget("requests")
    done, result = call("change", "--chat-timeouts", "", "--status-callback", "", "--apply")
    assert result["status"] == "applied", done.stderr
    [patch] = sent(sandbox)
    assert json.loads(patch["body"]) == {
        "statusCallbacks": None,
        "channelSettings": {"CHAT": None},
    }
    record = session.orchestrator.configuration_document(result["configuration_id"]).record
    assert not record.status_callbacks


def test_a_store_that_is_not_there_stops_the_change(call: Call, sandbox: SandboxProcess) -> None:
    """A blocking finding: exit 1, nothing is written."""
    done, result = call("change", "--memory-store-id", "mem_store_" + "0" * 26, "--apply")
    assert (done.exit_code, result["status"]) == (1, "failed")
    assert "There is no memory store" in done.stderr
    assert [line for line in sent(sandbox) if line["method"] == "PATCH"] == []


def test_an_operation_that_fails_leaves_what_was(
    call: Call, session: Session, sandbox: SandboxProcess
) -> None:
    """Exit 1 with the reason; the configuration is the old one, and the next run works."""
    sandbox.fault("operation-fails", times=1)
    done, result = call("change", "--display-name", "Renamed", "--apply")
    assert (done.exit_code, result["status"]) == (1, "failed")
    assert result["error"]["type"] == "OperationFailed"
    document = session.orchestrator.configuration_document(result["configuration_id"])
    assert document.record.display_name == NAME
    done, result = call("change", "--display-name", "Renamed", "--apply")
    assert result["status"] == "applied", done.stderr


def test_a_service_without_a_bridge_has_nothing_to_change(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, account: Account
) -> None:
    """Exit 1 and where to begin."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    words = ["--target", "twilio", "--service-sid", account.service_sid]
    done = CliRunner().invoke(main, ["change", *words, "--display-name", "x"])
    assert done.exit_code == 1
    assert "bridge-workbook onboard" in done.stderr
