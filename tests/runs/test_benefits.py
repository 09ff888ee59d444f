"""The command `benefits`: its file, what it says, its exit status, and that it writes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..sandbox_process import Account, SandboxProcess

Run = Callable[..., Any]


def bridge(sandbox: SandboxProcess, account: Account, **members: Any) -> None:
    body = {
        "displayName": "Bridge",
        "description": "made by a test",
        "conversationGroupingType": "GROUP_BY_PARTICIPANT_ADDRESSES",
        "memoryStoreId": account.memory_store_id,
        "conversationsV1Bridge": {"serviceId": account.service_sid},
        **members,
    }
    with sandbox.client(account) as http:
        assert http.post("/v2/ControlPlane/Configurations", json=body).is_success
    sandbox.advance(5)


def test_without_a_bridge_it_says_so(run: Run) -> None:
    """Exit status 1, in a line that says what to do."""
    done = run("benefits", "--target", "twilio")
    assert done.returncode == 1
    assert "is not bridged" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("--sample", "0"), "sample"),
        (("--service-sid", "IS1"), "service_sid"),
        (("--apply",), "apply"),
        (("--mapping", "lines.txt"), "mapping"),
        (("--known-customers", "--mapping", "lines.txt"), "mapping"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    run: Run, sandbox: SandboxProcess, tmp_path: Path, arguments: tuple[str, ...], field: str
) -> None:
    """Exit status 2, naming the field."""
    (tmp_path / "lines.txt").write_text("identity = Chat")
    sandbox.forget("requests")
    done = run("benefits", "--target", "twilio", *arguments)
    assert done.returncode == 2
    assert field in done.stderr
    assert sandbox.asked() == []


def test_it_writes_what_it_found(
    run: Run, sandbox: SandboxProcess, account: Account, tmp_path: Path
) -> None:
    """The shape that outsiders rely on; it exits with 0 whatever it found, and only reads."""
    bridge(
        sandbox,
        account,
        memoryExtractionEnabled=True,
        channelSettings={"CHAT": {"statusTimeouts": {"inactive": 15, "closed": 60}}},
    )
    sandbox.forget("requests")
    done = run("benefits", "--target", "twilio", "--output", "out")
    assert done.returncode == 0, done.stderr
    writes = [one for one in sandbox.writes() if not one.endswith(("Lookup", "Recall"))]
    assert writes == []
    told = json.loads((tmp_path / "out" / "benefits.json").read_text())
    assert list(told) == [
        "schema",
        "service_sid",
        "configuration_id",
        "memory",
        "intelligence",
        "participants",
        "findings",
    ]
    assert told["schema"] == 1
    assert told["service_sid"] == account.service_sid
    assert told["memory"] == {
        "extraction_enabled": True,
        "store_status": "ACTIVE",
        "chat_timeouts": {"inactive": 15, "closed": 60},
        "id_types": told["memory"]["id_types"],
    }
    assert "chat" in told["memory"]["id_types"]
    assert told["intelligence"] == {"configuration_ids": [], "rules": 0, "results": 0}
    counts = ("sampled", "customer", "unknown", "with_profile", "would_resolve")
    assert tuple(told["participants"]) == counts
    for finding in told["findings"]:
        assert set(finding) == {"check", "level", "found", "risk", "action"}
    assert "sampled" in done.stderr


def test_the_demonstration_is_told_and_not_run_without_apply(
    run: Run, sandbox: SandboxProcess, account: Account
) -> None:
    """What it costs and who reacts; nothing is written."""
    bridge(sandbox, account, memoryExtractionEnabled=True)
    sandbox.forget("requests")
    done = run("benefits", "--target", "twilio", "--demonstrate")
    assert done.returncode == 0, done.stderr
    assert "cost" in done.stderr
    assert "add --apply" in done.stderr
    assert sandbox.writes() == []
