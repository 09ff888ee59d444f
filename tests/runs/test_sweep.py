"""The command `sweep`: lists, removes when told, and says how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge_helpers.api.session import Session
from bridge_helpers.target import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..sandbox_process import Account, SandboxProcess

NAME = "bridge-test-0a1b2c3d"


@pytest.fixture
def leftover(environment: dict[str, str], account: Account) -> Iterator[Session]:
    """A conversation with two identities, as a killed test leaves it."""
    with connect("sandbox", env=environment) as session:
        made = session.classic.create_conversation(account.service_sid, f"{NAME} (old)", NAME)
        for who in ("customer", "agent"):
            identity = f"bridge-test-{who}-0a1b2c3d"
            session.classic.add_chat_participant(account.service_sid, made.sid, identity)
        yield session


def test_it_lists_and_removes_nothing(
    run: Callable[..., Any], leftover: Session, account: Account, sandbox: SandboxProcess
) -> None:
    """Without --apply: a line each on stdout, advice on stderr, exit 0, no write."""
    sandbox.forget("requests")
    done = run("sweep", "--service-sid", account.service_sid, "--older-than", "0")
    assert done.returncode == 0, done.stderr
    heading, *lines = done.stdout.splitlines()
    assert heading.split()[:3] == ["STATE", "KIND", "ID"]
    assert len(lines) == 3
    assert all(line.startswith("found") and "bridge-test-" in line for line in lines)
    assert "add --apply" in done.stderr
    assert sandbox.writes() == []


def test_it_removes_when_told(run: Callable[..., Any], leftover: Session, account: Account) -> None:
    """With --apply they are gone; a second sweep finds nothing."""
    done = run("sweep", "--service-sid", account.service_sid, "--older-than", "0", "--apply")
    assert done.returncode == 0, done.stderr
    assert "3 of 3 leftovers removed" in done.stderr
    assert all(
        not (one.identity or "").startswith("bridge-test-")
        for one in leftover.classic.users(account.service_sid)
    )
    again = run("sweep", "--service-sid", account.service_sid, "--older-than", "0")
    assert (again.returncode, again.stdout) == (0, "")
    assert "Nothing is left" in again.stderr


def test_what_is_young_is_left(
    run: Callable[..., Any], leftover: Session, account: Account, sandbox: SandboxProcess
) -> None:
    """A running test is not disturbed, --apply or not."""
    sandbox.forget("requests")
    done = run("sweep", "--service-sid", account.service_sid, "--apply")
    assert done.returncode == 0
    assert all(line.startswith("young") for line in done.stdout.splitlines()[1:])
    assert sandbox.writes() == []


def test_what_cannot_be_removed_is_exit_1(
    run: Callable[..., Any], leftover: Session, account: Account, sandbox: SandboxProcess
) -> None:
    """And the message says what stays."""
    sandbox.fault("status", method="DELETE", path="/Users/", status=403, times=None)
    done = run("sweep", "--service-sid", account.service_sid, "--older-than", "0", "--apply")
    assert done.returncode == 1
    assert "could not be removed" in done.stderr
    assert done.stdout.count("left") >= 2


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--service-sid", ""),
        ("--service-sid", "IS1"),
        ("--service-sid", "X", "--older-than", "x"),
    ],
)
def test_wrong_input_is_exit_2(
    run: Callable[..., Any], sandbox: SandboxProcess, arguments: tuple[str, ...]
) -> None:
    """Refused before anything is sent, without a traceback."""
    sandbox.forget("requests")
    done = run("sweep", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert sandbox.read("requests")["counts"] == {}
