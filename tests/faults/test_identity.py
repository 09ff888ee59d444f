"""Whose key it is: asked once, before anything else, and believed only when it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bridge_helpers.api.session import Session
from bridge_helpers.cli import main
from bridge_helpers.errors import (
    AuthenticationFailed,
    BridgeError,
    ConnectionFailed,
    NotFound,
    ServerError,
)
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.explore import explore
from bridge_helpers.onboarding.journal import Journal
from bridge_helpers.onboarding.plan import Wanted
from bridge_helpers.onboarding.plan import plan as filled
from bridge_helpers.onboarding.preflight import preflight
from bridge_helpers.onboarding.sweep import sweep
from bridge_helpers.onboarding.verify import verify

from .children import ACCOUNT_SID, account, plan
from .conftest import QUICK
from .server import Server, Spoil, drops_before, not_json, refuses
from .world import SERVICE_SID, STORE_ID, Reply

OTHER = "AC" + "b" * 32
HASTY = replace(QUICK, attempts=2, connection_attempts=2, first_wait=0.01)
ASKED = r"GET /v1/Services$"


def steps() -> dict[str, Callable[[Session, Path], Any]]:
    """The steps that work with a session, each as the first use of it."""
    return {
        "explore": lambda session, home: explore(session).complete or 1 / 0,
        "plan": lambda session, home: filled(session, Wanted()),
        "preflight": lambda session, home: preflight(session, Wanted()).require(),
        "create": lambda session, home: create(session, plan(), journal=Journal(home / "j")),
        "verify": lambda session, home: verify(session, SERVICE_SID),
        "sweep": lambda session, home: sweep(session, SERVICE_SID, apply=True),
        "a list": lambda session, home: list(session.orchestrator.conversations()),
        "a write": lambda session, home: session.classic.create_conversation(SERVICE_SID, "x"),
        "numbers": lambda session, home: list(session.numbers.owned()),
    }


@pytest.mark.parametrize("name", steps())
def test_the_key_of_another_account_is_refused_by_every_step(
    server: Server, tmp_path: Path, name: str
) -> None:
    """B's key under A's sid: one question, then nothing is read or written."""
    server.world.services[0]["account_sid"] = OTHER
    with Session(account(server.url), HASTY) as session:
        for _ in range(2):
            with pytest.raises(AuthenticationFailed, match=OTHER) as mixed:
                raise_its_error(lambda: steps()[name](session, tmp_path))
            assert ACCOUNT_SID in str(mixed.value)
            assert "one and the same account" in mixed.value.action
        assert not session.key_is_known
    assert len(server.calls) == 1
    assert server.world.configurations == {}


def raise_its_error(step: Callable[[], Any]) -> None:
    """A step that keeps its error beside what it could read raises it too."""
    found = step()
    if getattr(found, "error", None) is not None:
        raise found.error


def test_it_is_asked_once_from_any_number_of_threads(server: Server) -> None:
    """Exactly one request for a session, before all others."""
    server.latency = lambda call: 0.02
    with Session(account(server.url), HASTY) as session, ThreadPoolExecutor(8) as pool:
        known_before = session.key_is_known
        list(pool.map(lambda _: session.memory.store(STORE_ID), range(16)))
        assert (known_before, session.key_is_known) == (False, True)
        session.memory.store(STORE_ID)
    assert server.counted(ASKED) == 1
    assert server.calls[0].path == "/v1/Services"
    assert dict(server.calls[0].query) == {"PageSize": "1"}
    assert len(server.calls) == 18


def test_an_auth_token_needs_no_question(server: Server) -> None:
    """Its user name is the account sid."""
    with Session(account(server.url, username=ACCOUNT_SID), HASTY) as session:
        assert session.key_is_known
        session.memory.store(STORE_ID)
    assert len(server.calls) == 1


def answers(value: Any) -> Spoil:
    return lambda call, work: Reply.of(value)


@pytest.mark.parametrize("told", [OTHER, ACCOUNT_SID])
def test_without_a_service_classics_configuration_tells(server: Server, told: str) -> None:
    """An account may have no service; `GET /v1/Configuration` names it then."""
    server.world.services = []
    server.spoil(answers({"account_sid": told}), "v1/Configuration$", None)
    with Session(account(server.url), HASTY) as session:
        if told == OTHER:
            with pytest.raises(AuthenticationFailed, match=OTHER):
                session.memory.store(STORE_ID)
        else:
            session.memory.store(STORE_ID)
            assert session.key_is_known
    assert server.counted("v1/Configuration$") == 1


@pytest.mark.parametrize("told", [None, "", "AC1", 7, ["AC"], ACCOUNT_SID.replace("AC", "SK")])
def test_where_nothing_tells_it_is_unknown_and_said(server: Server, told: object) -> None:
    """What is missing or no sid is no evidence: the work goes on, preflight says it."""
    server.world.services[0]["account_sid"] = told
    with Session(account(server.url), HASTY) as session:
        checks = preflight(session, Wanted(service_sid=SERVICE_SID, memory_store_id=STORE_ID))
        found = [one for one in checks.findings if one.check == "credentials"]
        assert [one.level for one in found] == ["ok", "info"]
        assert "could not be found out" in found[1].found
        session.memory.store(STORE_ID)
    assert server.counted("v1/Configuration$") == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_question_that_is_refused_hides_nothing(server: Server, status: int) -> None:
    """It is no evidence: every request meets its own answer, and writes are possible."""
    server.spoil(refuses(status), ASKED, None)
    with Session(account(server.url), HASTY) as session:
        assert session.memory.store(STORE_ID).id == STORE_ID
        with pytest.raises(NotFound):
            session.memory.store("mem_store_0" + "9" * 25)
        assert server.counted(ASKED) == 1
        for _ in range(2):
            session.orchestrator.create_configuration(plan().body(), "k")
    # A write is worth another question; then it is settled.
    assert server.counted(ASKED) == 2


@pytest.mark.parametrize("spoil", [refuses(503), refuses(429), drops_before, not_json])
def test_without_an_answer_reads_go_on_and_writes_wait(server: Server, spoil: Spoil) -> None:
    """A write might go to another account; it is held back until somebody has told."""
    server.world.services[0]["account_sid"] = OTHER
    server.spoil(spoil, ASKED, None)
    with Session(account(server.url), HASTY) as session:
        assert session.memory.store(STORE_ID).id == STORE_ID
        with pytest.raises(ConnectionFailed, match="Nothing was sent") as held:
            session.orchestrator.create_configuration(plan().body(), "k")
        assert not held.value.sent
        assert not held.value.uncertain
        assert server.counted("POST") == 0
        server.faults.clear()
        # The next request asks again, whichever it is.
        with pytest.raises(AuthenticationFailed, match=OTHER):
            session.memory.store(STORE_ID)


@pytest.mark.parametrize("unknown", [True, False])
def test_a_list_of_conversations_says_when_it_may_be_anothers(
    unknown: bool, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads go on without an answer, and the command says whose they may be; else it does not."""
    if unknown:
        server.spoil(not_json, ASKED, None)
    names = {"ACCOUNT_SID": ACCOUNT_SID, "API_KEY": "SK" + "0" * 32, "API_SECRET": "s" * 32}
    for name, value in {**names, "CONVERSATIONS_URL": server.url}.items():
        monkeypatch.setenv(f"TWILIO_{name}", value)
    done = CliRunner().invoke(main, ["conversations", "--target", "twilio"])
    assert done.exit_code == 0
    assert ("may be another account's" in done.stderr) is unknown


def test_a_write_that_is_held_back_leaves_no_doubt(server: Server, tmp_path: Path) -> None:
    """`create` says what stands in its way, not that the outcome is unknown."""
    server.spoil(not_json, ASKED, None)
    with Session(account(server.url), HASTY) as session:
        with pytest.raises(ConnectionFailed, match="Nothing was sent"):
            create(session, plan(), journal=Journal(tmp_path / "j"))
        server.faults.clear()
        assert create(session, plan(), journal=Journal(tmp_path / "j")).outcome == "created"
    assert server.counted("POST") == 1


def test_a_read_meets_its_own_error_when_nothing_answers(server: Server) -> None:
    """The question neither hides nor changes what the step would have said."""
    server.spoil(refuses(503), times=None)
    for url, kind in ((server.url, ServerError), ("http://127.0.0.1:9", ConnectionFailed)):
        with Session(account(url), HASTY) as session, pytest.raises(kind) as met:
            session.memory.store(STORE_ID)
        assert "GET /v1/ControlPlane/Stores/" in str(met.value)


def test_one_thread_that_is_refused_refuses_all(server: Server) -> None:
    """Threads that waited for the question get its answer, each an error of its own."""
    server.world.services[0]["account_sid"] = OTHER
    server.latency = lambda call: 0.02
    barrier = threading.Barrier(6)

    def use(session: Session) -> BridgeError | None:
        barrier.wait()
        try:
            session.memory.store(STORE_ID)
        except BridgeError as error:
            return error
        return None

    with Session(account(server.url), HASTY) as session, ThreadPoolExecutor(6) as pool:
        errors = list(pool.map(lambda _: use(session), range(6)))
    assert all(isinstance(one, AuthenticationFailed) for one in errors)
    assert len({id(one) for one in errors}) == 6
    assert len(server.calls) == 1
