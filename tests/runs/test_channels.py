"""The command `channels`: looks, shows in words what would be captured, and writes when told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from bridge_helpers.api.session import Session
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.plan import Plan
from bridge_helpers.target import connect

if TYPE_CHECKING:
    from pathlib import Path

    from ..sandbox_process import Account, SandboxProcess

Channels = Callable[..., Any]


@pytest.fixture
def bridged(
    environment: dict[str, str], account: Account, sandbox: SandboxProcess
) -> Iterator[Session]:
    """A bridge that stands, with nothing captured."""
    with connect("sandbox", env=environment) as session:
        create(
            session,
            Plan(service_sid=account.service_sid, memory_store_id=account.memory_store_id),
        )
        sandbox.forget("requests")
        yield session


@pytest.fixture
def channels(run: Callable[..., Any], bridged: Session, account: Account) -> Channels:
    def call(*arguments: str) -> Any:
        return run("channels", "--service-sid", account.service_sid, *arguments)

    return call


def settings(session: Session) -> Any:
    [there] = session.orchestrator.configuration_documents()
    return there.members.get("channelSettings")


def changed(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "change.json").read_text())
    return told


def test_it_plans_applies_and_releases(
    channels: Channels,
    bridged: Session,
    account: Account,
    sandbox: SandboxProcess,
    tmp_path: Path,
) -> None:
    """Dry without --apply; the PATCH names VOICE alone; releasing gives the settings back."""
    number, before = account.phone_number, settings(bridged)
    sandbox.forget("requests")
    arguments = ("--capture", f"voice:{number}", "--timeouts", "voice:10/60")
    done = channels(*arguments, "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert f"Phone calls from anybody to {number}" in done.stderr
    assert sandbox.writes() == []
    told = changed(tmp_path)
    assert (told["action"], told["status"]) == ("channels", "planned")
    [difference] = told["differences"]
    assert difference["path"] == "channelSettings.VOICE"
    assert {one["check"] for one in told["findings"]} >= {"combined channels"}

    done = channels(*arguments, "--apply", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert changed(tmp_path)["status"] == "applied"
    assert settings(bridged) == {
        **before,
        "VOICE": {
            "captureRules": [{"from": "*", "to": number, "metadata": {"callType": "PSTN"}}],
            "statusTimeouts": {"inactive": 10, "closed": 60},
        },
    }
    [sent] = [
        json.loads(one["body"])
        for one in sandbox.read("requests")["log"]
        if one["method"] == "PATCH"
    ]
    assert list(sent) == ["channelSettings"]
    assert list(sent["channelSettings"]) == ["VOICE"]
    assert channels(*arguments, "--apply", "--output", str(tmp_path)).returncode == 0
    assert changed(tmp_path)["status"] == "unchanged"

    done = channels("--release", f"voice:{number}", "--apply")
    assert done.returncode == 0, done.stderr
    assert settings(bridged)["VOICE"] == {"statusTimeouts": {"inactive": 10, "closed": 60}}


def test_a_conflict_keeps_it_from_writing(
    channels: Channels, account: Account, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    """SMS of a number that open conversations of the bridged service use: exit 1, no write."""
    capture = ("--capture", f"sms:{account.phone_number}")
    done = channels(*capture, "--apply", "--output", str(tmp_path))
    assert done.returncode == 1
    assert "comes over the bridge" in done.stderr
    told = changed(tmp_path)
    assert told["status"] == "failed"
    assert told["operation_id"] is None
    [error] = [one for one in told["findings"] if one["level"] == "error"]
    assert error["check"] == "bridged address"
    assert error["risk"]
    assert error["action"]
    assert sandbox.writes() == []


def test_messages_of_an_address_that_the_bridge_does_not_carry_are_captured(
    channels: Channels, bridged: Session, account: Account
) -> None:
    """Two mirrored rules, with the sender as its channel writes it."""
    [silent] = [one.phone_number for one in bridged.numbers.owned() if not one.voice]
    done = channels(*("--capture", f"sms:{silent}"), *("--capture", "rcs:acme"), "--apply")
    assert done.returncode == 0, done.stderr
    assert settings(bridged)["SMS"]["captureRules"] == [
        {"from": "*", "to": silent},
        {"from": silent, "to": "*"},
    ]
    assert settings(bridged)["RCS"]["captureRules"][0] == {"from": "*", "to": "rcs:acme"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--capture", "fax:+15551234567"),
        ("--release", "voice:*"),
        ("--capture", "sms:+15551234567", "--release", "sms:+15551234567"),
        ("--timeouts", "voice:60/10"),
    ],
)
def test_wrong_input_is_refused_before_anything_is_asked(
    channels: Channels, sandbox: SandboxProcess, arguments: tuple[str, ...]
) -> None:
    """Exit 2, and not one request."""
    sandbox.forget("requests")
    done = channels(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert sandbox.asked() == []


def test_a_service_without_a_bridge_is_said_so(run: Callable[..., Any], account: Account) -> None:
    """With what to do instead."""
    done = run("channels", "--service-sid", account.service_sid, "--capture", "rcs:acme")
    assert done.returncode == 1
    assert "bridges" in done.stderr
    assert "Traceback" not in done.stderr
