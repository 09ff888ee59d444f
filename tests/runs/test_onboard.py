"""The headless run, as people and schedulers start it."""

from __future__ import annotations

import json
import re
import stat
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from .conftest import result_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..sandbox_process import Account, SandboxProcess

KEYS = {
    "schema": int,
    "status": str,
    "target": str,
    "account_sid": str,
    "service_sid": str,
    "memory_store_id": str,
    "grouping": str,
    "configuration_id": str | None,
    "operation_id": str | None,
    "outcome": str | None,
    "findings": list,
    "sync": dict | None,
    "conversations": int | None,
    "error": dict | None,
    "started_at": str,
    "seconds": float,
}


def writes(sandbox: SandboxProcess) -> list[dict[str, Any]]:
    log = sandbox.read("requests")["log"]
    return [line for line in log if line["method"] != "GET"]


def test_with_apply_the_service_is_bridged_and_proven(
    run: Callable[..., Any],
    sandbox: SandboxProcess,
    account: Account,
    tmp_path: Path,
    environment: dict[str, str],
) -> None:
    """Exit 0, three private artefacts of the promised shape, no secret and no script in them."""
    folder = tmp_path / "out"
    done = run("onboard", "--target", "twilio", "--apply", "--output", str(folder))
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "verified" in done.stderr
    assert "out/report.html" in done.stderr
    assert sorted(path.name for path in folder.iterdir()) == [
        "onboard.ipynb",
        "report.html",
        "result.json",
    ]
    result = result_in(folder)
    assert list(result) == list(KEYS)
    for name, kind in KEYS.items():
        assert isinstance(result[name], kind), name
    assert result["status"] == "verified"
    assert result["outcome"] == "created"
    assert result["service_sid"] == account.service_sid
    assert result["sync"]["to_orchestrator_seconds"] > 0
    assert result["sync"]["to_classic_seconds"] > 0
    assert result["sync"]["conversation_sid"].startswith("CH")
    assert result["error"] is None
    levels = {finding["level"] for finding in result["findings"]}
    # What the guide leaves off is told too, as info.
    assert levels == {"ok", "info"}
    assert set(result["findings"][0]) == {"check", "level", "found", "risk", "action"}
    posts = [line for line in writes(sandbox) if line["path"].endswith("/Configurations")]
    assert [json.loads(line["body"]) for line in posts] == [
        {
            "displayName": "classic-bridge-config",
            "description": (
                "Bridges a Conversations (classic) service into Conversation Orchestrator"
            ),
            "conversationGroupingType": "GROUP_BY_PARTICIPANT_ADDRESSES",
            "memoryStoreId": account.memory_store_id,
            "conversationsV1Bridge": {"serviceId": account.service_sid},
        }
    ]
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        text = path.read_text()
        assert environment["TWILIO_API_SECRET"] not in text
        assert str(tmp_path) not in text, path.name
    report = (folder / "report.html").read_text()
    assert not re.search(r"<script|javascript:|src=|@import|url\(", report)
    assert "Traceback" not in report
    assert "verified" in report


def test_without_apply_nothing_is_written(
    run: Callable[..., Any], sandbox: SandboxProcess, tmp_path: Path
) -> None:
    """A plan: exit 0, status planned, and not one request that writes."""
    done = run("onboard", "--target", "twilio", "--output", "plan")
    assert done.returncode == 0, done.stderr
    result = result_in(tmp_path / "plan")
    assert (result["status"], result["configuration_id"]) == ("planned", None)
    assert result["sync"] is None
    assert writes(sandbox) == []


def test_a_voice_number_is_sent_as_the_guide_does(
    walk: Callable[..., Any], sandbox: SandboxProcess, account: Account
) -> None:
    """The capture rule beside the bridge, and the second run adopts what the first made."""
    wanted = {"voice_number": account.phone_number, "grouping": "GROUP_BY_PROFILE"}
    assert walk(**wanted)["outcome"] == "created"
    (post,) = [line for line in writes(sandbox) if line["path"].endswith("/Configurations")]
    body = json.loads(post["body"])
    assert body["conversationGroupingType"] == "GROUP_BY_PROFILE"
    assert body["channelSettings"] == {
        "VOICE": {
            "captureRules": [
                {"from": "*", "to": account.phone_number, "metadata": {"callType": "PSTN"}}
            ]
        }
    }
    again = walk(**wanted)
    assert (again["status"], again["outcome"]) == ("verified", "adopted")


def test_a_number_without_voice_is_refused(
    walk: Callable[..., Any], sandbox: SandboxProcess
) -> None:
    """A number that the account does not own ends the run before anything is written."""
    result = walk(voice_number="+15005550006")
    assert result["status"] == "failed"
    assert "+15005550006 is not owned" in result["error"]["message"]
    assert writes(sandbox) == []


def test_bad_parameters_are_a_failed_result_too(
    walk: Callable[..., Any], sandbox: SandboxProcess
) -> None:
    """In a notebook the same rules hold, and nothing is sent."""
    result = walk(display_name="x" * 33)
    assert (result["status"], result["error"]["type"]) == ("failed", "InvalidInput")
    assert "display_name" in result["error"]["message"]
    assert sandbox.read("requests")["counts"] == {}


@pytest.mark.parametrize(
    ("option", "value", "names"),
    [
        ("--service-sid", "IS123", "service_sid"),
        ("--memory-store-id", "store", "memory_store_id"),
        ("--grouping", "GROUP_BY_MOOD", "grouping"),
        ("--display-name", "x" * 33, "display_name"),
        ("--display-name", "a.b", "display_name"),
        ("--description", "", "description"),
        ("--description", "x" * 513, "description"),
        ("--voice-number", "555", "voice_number"),
        ("--sync-timeout", "0", "sync_timeout"),
        ("--target", "staging", "target"),
    ],
)
def test_bad_input_is_refused_before_any_request(
    run: Callable[..., Any],
    sandbox: SandboxProcess,
    account: Account,
    tmp_path: Path,
    option: str,
    value: str,
    names: str,
) -> None:
    """Exit 2, one readable message with the field, no request and no artefact."""
    done = run("onboard", "--target", "twilio", "--apply", "--output", "out", option, value)
    assert done.returncode == 2
    assert names in done.stderr
    assert "Traceback" not in done.stderr
    assert sandbox.read("requests")["counts"] == {}
    assert not (tmp_path / "out").exists()


def test_missing_credentials_are_named(
    run: Callable[..., Any], environment: dict[str, str], sandbox: SandboxProcess
) -> None:
    """Exit 2, with the variables that are not set."""
    bare = {name: value for name, value in environment.items() if "API_" not in name}
    bare |= {"TWILIO_API_URL": environment["TWILIO_API_URL"]}
    done = run("onboard", "--target", "twilio", env=bare)
    assert done.returncode == 2
    assert "TWILIO_API_KEY and TWILIO_API_SECRET not set" in done.stderr
    assert sandbox.read("requests")["counts"] == {}


def test_a_service_that_is_not_there_is_told_with_its_account(
    run: Callable[..., Any], account: Account, tmp_path: Path
) -> None:
    """Exit 1, naming the sid and the account; the result says the same."""
    value = "IS" + "0" * 32
    done = run(
        *("onboard", "--target", "twilio", "--apply", "--output", "out", "--service-sid", value)
    )
    assert done.returncode == 1
    assert value in done.stderr
    assert account.account_sid in done.stderr
    result = result_in(tmp_path / "out")
    assert result["status"] == "failed"
    assert result["error"]["type"] == "NotFound"
    assert result["error"]["status"] == 404
    assert set(result["error"]) == {
        *("type", "message", "status", "code", "request_id", "action"),
    }


def test_a_store_that_is_not_there_is_told_with_its_account(
    walk: Callable[..., Any], account: Account
) -> None:
    """The same for the memory store."""
    value = "mem_store_0" + "0" * 25
    result = walk(memory_store_id=value)
    assert result["status"] == "failed"
    assert value in result["error"]["message"]
    assert account.account_sid in result["error"]["message"]


def test_a_bridge_that_does_not_carry_is_unverified(
    run: Callable[..., Any], sandbox: SandboxProcess, tmp_path: Path
) -> None:
    """Exit 1: the configuration stands and is named, the proof is missing and explained."""
    sandbox.fault("sync-lost", times=None)
    done = run(
        *("onboard", "--target", "twilio", "--apply", "--output", "out", "--sync-timeout", "1")
    )
    assert done.returncode == 1
    result = result_in(tmp_path / "out")
    assert result["status"] == "unverified"
    assert result["configuration_id"]
    assert result["error"]["type"] == "NotProven"
    assert "Debugger" in result["error"]["action"]
    assert "× did not cross" in (tmp_path / "out" / "report.html").read_text()


def test_what_comes_from_the_account_is_escaped(
    run: Callable[..., Any], sandbox: SandboxProcess, account: Account, tmp_path: Path
) -> None:
    """A service that is named like a script shows as text in notebook and report."""
    import httpx

    answer = httpx.post(
        f"{sandbox.url}/v1/Services",
        data={"FriendlyName": "<script>alert(1)</script><img src=x onerror=alert(1)>\x1b[2J\u202e"},
        auth=(account.api_key, account.api_secret),
    )
    sid = answer.json()["sid"]
    done = run("onboard", "--target", "twilio", "--service-sid", sid, "--output", "out")
    assert done.returncode == 0, done.stderr
    report = (tmp_path / "out" / "report.html").read_text()
    assert "&lt;script&gt;" in report
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", report)
    assert "<script" not in report
    assert "<img" not in report
    book = nbformat.read(tmp_path / "out" / "onboard.ipynb", as_version=4)
    shown = "".join(
        output.get("data", {}).get("text/html", "")
        for cell in book.cells
        for output in cell.get("outputs", [])
    )
    assert "<script" not in shown
    assert "<img" not in shown


def test_the_sandbox_is_started_when_none_runs(
    run: Callable[..., Any], environment: dict[str, str], tmp_path: Path
) -> None:
    """
    No address and no credentials: the target sandbox brings its own, says so, and is gone
    afterwards.
    """
    bare = {name: value for name, value in environment.items() if not name.startswith("TWILIO_")}
    done = run("onboard", "--apply", "--output", "out", env=bare)
    assert done.returncode == 0, done.stderr
    assert "Sandbox: nothing here reaches Twilio" in done.stderr
    result = result_in(tmp_path / "out")
    assert (result["status"], result["target"]) == ("verified", "sandbox")
    assert result["conversations"] >= 1
    assert not (tmp_path / "home" / "sandbox.json").exists()
    assert "ends with this command" in done.stderr
    assert "gone with it" not in done.stderr
    again = run("conversations", env=bare)
    assert f"The bridge of service {result['service_sid']}" in again.stderr
    assert "was in an earlier sandbox and is gone with it." in again.stderr


def test_the_sandbox_target_never_gets_twilios_credentials(
    run: Callable[..., Any], environment: dict[str, str]
) -> None:
    """An address elsewhere is no sandbox: refused before anything is sent."""
    far = environment | {"TWILIO_CONVERSATIONS_URL": "https://conversations.example.com"}
    done = run("onboard", "--target", "sandbox", env=far)
    assert done.returncode == 2
    assert "TWILIO_CONVERSATIONS_URL" in done.stderr


def test_conversations_as_a_file_and_on_screen(
    run: Callable[..., Any], sandbox: SandboxProcess, account: Account, tmp_path: Path
) -> None:
    """The table on stdout; files by ending, told what they lack; an unknown ending is refused."""
    import pandas as pd

    sandbox.control("seed", account_sid=account.account_sid, orchestrator_conversations=3)
    done = run("conversations", "--target", "twilio")
    assert done.returncode == 0
    assert len(done.stdout.strip().splitlines()) == 4
    assert done.stderr.splitlines()[-1].startswith("3 conversations: ")
    for name in ("all.csv", "all.parquet", "all.jsonl", "all.xlsx"):
        done = run("conversations", "--target", "twilio", "--output", name)
        assert done.returncode == 0
        assert f"3 conversations in {name}, without their messages." in done.stderr
    assert len(pd.read_parquet(tmp_path / "all.parquet")) == 3
    assert len(pd.read_csv(tmp_path / "all.csv")) == 3
    refused = run("conversations", "--target", "twilio", "--output", "all.txt")
    assert refused.returncode == 2
    assert ".parquet" in refused.stderr
    assert run("conversations", "--target", "twilio", "--status", "OPEN").returncode == 2


def test_conversations_of_a_service_that_is_not_there(
    run: Callable[..., Any], sandbox: SandboxProcess, account: Account, tmp_path: Path
) -> None:
    """No empty list: the error and the status are those of `onboard`, where it can be read."""
    kept = tmp_path / "kept.jsonl"
    kept.write_text("an earlier list\n")
    missing = "IS" + "0" * 32
    words = f"There is no classic service {missing} in account {account.account_sid}."
    for more in ((), ("--output", "none.jsonl"), ("--output", kept.name)):
        done = run("conversations", "--target", "twilio", "--service-sid", missing, *more)
        assert done.returncode == 1
        assert words in done.stderr
        assert "0 conversations" not in done.stderr
    assert kept.read_text() == "an earlier list\n"
    assert not (tmp_path / "none.jsonl").exists()
    refused = run("onboard", "--target", "twilio", "--service-sid", missing)
    assert refused.returncode == 1
    assert words in refused.stderr
    there = run("conversations", "--target", "twilio", "--service-sid", account.service_sid)
    assert there.returncode == 0, there.stderr
    assert "0 conversations." in there.stderr
    for status in (403, 400):
        sandbox.forget("faults")
        sandbox.fault("status", path=f"Services/{missing}", status=status, times=None)
        for more, told in (((), "0 conversations."), (("--output", "open.csv"), "in open.csv")):
            unknown = run("conversations", "--target", "twilio", "--service-sid", missing, *more)
            assert unknown.returncode == 0, unknown.stderr
            assert told in unknown.stderr


def test_history_lists_what_was_begun(
    run: Callable[..., Any], walk: Callable[..., Any], account: Account
) -> None:
    """One line an attempt, or the whole of it as JSON."""
    assert "nothing was begun" in run("history").stderr
    assert walk()["status"] == "verified"
    _, line = run("history").stdout.splitlines()
    assert "completed" in line
    assert f"{account.service_sid}  Support chat  {account.account_sid}" in line
    (told,) = map(json.loads, run("history", "--json").stdout.splitlines())
    assert told["body"]["conversationsV1Bridge"] == {"serviceId": account.service_sid}
    assert run("history", "--service-sid", "IS" + "0" * 32).stdout == ""
