"""The command `cohort` on the sandbox, as somebody calls it."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from ...sandbox_process import Account
from ...waiting import until
from ..conftest import result_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Town

BROKEN = {
    "customer 1": "terms",
    "customer 3": "not enabled",
    "customer 4": "credentials",
    "customer 7": "differently",
    "customer 11": "suspended",
}
"""Who is broken, and how."""


def damage(town: Town) -> dict[str, str]:
    """Break five customers in five ways; returns the words that tell each."""
    terms, off, key, other, suspended = BROKEN
    control, sid = town.sandbox.control, {n: a.account_sid for n, a in town.accounts.items()}
    control(f"accounts/{sid[terms]}", terms_accepted=False)
    control(f"accounts/{sid[off]}", orchestrator_enabled=False)
    town.tell(key, api_secret="a-secret-that-is-wrong")
    account = town.accounts[other]
    town.send(
        account,
        "POST",
        json={
            "displayName": "Somebody else",
            "description": "Of somebody else",
            "conversationGroupingType": "GROUP_BY_PROFILE",
            "memoryStoreId": account.memory_store_id,
            "conversationsV1Bridge": {"serviceId": account.service_sid},
        },
    )
    until(lambda: town.listed(account))
    control(f"accounts/{sid[suspended]}", status="suspended")
    return {terms: "terms", off: "enabled", key: "", other: "differently", suspended: ""}


def repair(town: Town) -> None:
    terms, off, key, other, suspended = BROKEN
    control, sid = town.sandbox.control, {n: a.account_sid for n, a in town.accounts.items()}
    control(f"accounts/{sid[terms]}", terms_accepted=True)
    control(f"accounts/{sid[off]}", orchestrator_enabled=True)
    town.tell(key)
    (bridge,) = town.configurations()[other]
    town.send(town.accounts[other], "DELETE", f"/{bridge}")
    until(lambda: not town.configurations()[other])
    control(f"accounts/{sid[suspended]}", status="active")


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("count", [12, pytest.param(50, marks=pytest.mark.soak)])
def test_many_customers_of_whom_five_are_broken(settled: Callable[[int], Town], count: int) -> None:
    """
    Five failures with their reasons and everybody else verified, exit 1; after repair those five
    are run and nobody else. No secret is in any file or line, and no customer's sid in another's
    artefacts.
    """
    town = settled(count)
    reasons = damage(town)
    done = town.run("--apply")
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert f"{count - 5} verified, 5 failed of {count} customers" in done.stderr
    rows = town.summary()
    assert list(rows) == list(town.accounts)
    for name, row in rows.items():
        result = result_in(town.out / name)
        assert row["status"] == result["status"] == ("failed" if name in BROKEN else "verified")
        assert row["configuration_id"] == (result["configuration_id"] or "")
        if name in BROKEN:
            assert reasons[name] in row["error"]
            assert result["error"]["message"] in row["error"]
    assert len({rows[name]["error"] for name in BROKEN}) == len(BROKEN)
    bridges = town.configurations()
    assert all(len(found) == 1 for name, found in bridges.items() if reasons.get(name) is None)

    told = files(town.folder) | {town.folder / "stderr": done.stderr.encode()}
    for name, account in town.accounts.items():
        for path, text in told.items():
            assert account.api_secret.encode() not in text, path
            assert account.auth_token.encode() not in text, path
            if path.parent.parent == town.out and path.parent.name != name:
                assert account.account_sid.encode() not in text, path
                assert account.service_sid.encode() not in text, path

    repair(town)
    town.sandbox.forget("requests")
    again = town.run("--apply", "--only-failed")
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("✓ verified") == len(BROKEN)
    assert {row["status"] for row in town.summary().values()} == {"verified"}
    assert [len(found) for found in town.configurations().values()] == [1] * count
    posts = [one for one in town.sandbox.writes() if one.endswith("/Configurations")]
    assert len(posts) == len(BROKEN)


def test_a_plan_writes_nothing_and_says_what_would_happen(settled: Callable[[int], Town]) -> None:
    """Of each: one to create, one to adopt, one that differs, one that cannot be."""
    town = settled(4)
    for name in ("customer 1", "customer 2"):
        account = town.accounts[name]
        body = {
            "displayName": "classic-bridge-config",
            "description": "Bridges a Conversations (classic) service into Conversation "
            "Orchestrator",
            "conversationGroupingType": "GROUP_BY_PARTICIPANT_ADDRESSES",
            "memoryStoreId": account.memory_store_id,
            "conversationsV1Bridge": {"serviceId": account.service_sid},
        }
        town.send(account, "POST", json=body)
    until(lambda: all(town.configurations()[f"customer {n}"] for n in (1, 2)))
    town.lines["customer 2"]["display_name"] = "Another name"
    town.lines["customer 3"]["memory_store_id"] = "mem_store_0" + "0" * 25
    town.sandbox.forget("requests")
    done = town.run("--workers", "1")
    assert done.returncode == 1, done.stderr
    assert town.sandbox.writes() == []
    rows = town.summary()
    assert [row["would"] for row in rows.values()] == ["create", "adopt", "change", "refuse"]
    assert "planned customer 1 adopt" in done.stderr


def test_a_file_with_bad_lines_is_refused_before_anything_is_sent(
    settled: Callable[[int], Town],
) -> None:
    """Exit 2, and every line with its reason."""
    town = settled(3)
    town.lines["customer 0"]["service_sid"] = "IS1"
    town.lines["customer 2"]["credentials"] = "NOBODY"
    done = town.run("--apply")
    assert done.returncode == 2
    assert "line 2: service_sid" in done.stderr
    assert "line 4: No complete credentials: NOBODY_TWILIO_ACCOUNT_SID" in done.stderr
    assert town.sandbox.read("requests")["counts"] == {}
    assert not town.out.exists()


def test_two_services_of_one_account_and_a_worker_that_dies(
    settled: Callable[[int], Town],
) -> None:
    """
    Runs and whole workers are killed in the middle; every service ends verified with one
    configuration, those of one account too.
    """
    town = settled(3)
    shared = town.sandbox.control("accounts", name="shared", services=2, conversations=0)
    town.environment |= {
        f"S_TWILIO_{part.upper()}": shared[part]
        for part in ("account_sid", "api_key", "api_secret")
    }
    state = town.sandbox.read("state", account_sid=shared["account_sid"])
    services = services_of(state)
    assert len(services) == 2
    account = Account.of(shared)
    for sid in services:
        town.lines[sid] = {"name": sid[-6:], "credentials": "S", "service_sid": sid}
    town.sandbox.control("settings", operation_seconds=2)
    process = town.begin("--apply", "--workers", "2")
    coordinator = psutil.Process(process.pid)

    def bridging() -> list[str]:
        return [one for one in town.sandbox.writes() if one.endswith("/Configurations")]

    def runs() -> list[psutil.Process]:
        return [run for worker in coordinator.children() for run in worker.children()]

    until(lambda: bridging() and runs(), seconds=60)
    runs()[0].kill()
    until(lambda: len(bridging()) > 2 and runs(), seconds=60)
    coordinator.children()[0].kill()
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    assert [row["status"] for row in town.summary().values()] == ["verified"] * 5
    bridged = [one["conversationsV1Bridge"]["serviceId"] for one in town.listed(account)]
    assert sorted(bridged) == sorted(services)
    assert [len(found) for found in town.configurations().values()] == [1] * 3


def services_of(state: Any) -> list[str]:
    """The services of an account, as the sandbox shows what it holds."""
    (account,) = state["accounts"]
    return [one["sid"] for one in account["classic"]["services"]]


def test_ctrl_c_leaves_finished_runs_whole(settled: Callable[[int], Town]) -> None:
    """
    The first lets those that run come to their end and begins no other; `--only-failed` does the
    rest.
    """
    town = settled(4)
    town.sandbox.control("settings", operation_seconds=1)
    process = town.begin("--apply", "--workers", "1")
    until(lambda: (town.out / "customer 0" / "result.json").exists(), seconds=60)
    until(lambda: len([1 for one in town.sandbox.writes() if "/Configurations" in one]) > 1)
    os.kill(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1, stderr
    assert "Stopped: It was stopped." in stderr
    assert [row["status"] for row in town.summary().values()] == [
        *("verified", "verified", "not run", "not run")
    ]
    for name in ("customer 0", "customer 1"):
        assert {path.name for path in (town.out / name).iterdir()} == {
            *("onboard.ipynb", "report.html", "result.json")
        }
    town.sandbox.control("settings", operation_seconds=0.2)
    again = town.run("--apply", "--only-failed")
    assert again.returncode == 0
    assert again.stderr.count("✓ verified") == 2


def test_a_second_ctrl_c_ends_them_at_once(settled: Callable[[int], Town]) -> None:
    """No process is left, and what they began is resumed."""
    town = settled(2)
    town.sandbox.control("settings", operation_seconds=60)
    process = town.begin("--apply", "--workers", "2")
    until(lambda: len([1 for one in town.sandbox.writes() if "/Config" in one]) > 1, seconds=60)
    family = psutil.Process(process.pid).children(recursive=True)
    assert process.stderr is not None
    assert process.stdout is not None
    os.kill(process.pid, signal.SIGINT)
    while "No further run" not in process.stderr.readline():
        pass
    os.kill(process.pid, signal.SIGINT)
    with process.stderr, process.stdout:
        stderr = process.stderr.read()
    assert process.wait(30) == 1, stderr
    assert "Stopped." in stderr
    assert "Traceback" not in stderr
    assert not [one for one in family if one.is_running()]
    assert [row["status"] for row in town.summary().values()] == ["not run"] * 2
    town.sandbox.control("settings", operation_seconds=0.2)
    town.sandbox.advance(100)
    again = town.run("--apply", "--only-failed")
    assert again.returncode == 0
    assert {row["outcome"] for row in town.summary().values()} == {"resumed"}
