"""Waits: asked for, bounded, seen, stopped; and how many requests are under way."""

from __future__ import annotations

import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from bridge_helpers.api.fan_out import ConcurrencyLimiter, fan_out
from bridge_helpers.api.retries import Limits, retry_after
from bridge_helpers.api.session import Session
from bridge_helpers.errors import (
    BridgeError,
    Cancelled,
    ConnectionFailed,
    RateLimited,
)
from bridge_helpers.onboarding.create import create
from bridge_helpers.progress import Progress, step_context

from .children import account, plan
from .conftest import Client
from .matrix import POLL, POST
from .server import Server, Spoil, drips, drops_before, refuses, refuses_until, slow
from .world import STORE_ID, Reply


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 0 "}, 0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "Wed, 99 Foo 2026 00:00:00 GMT"}, None),
        ({"retry-after": "Fri, 31 Dec 99999 23:59:59 GMT"}, None),
        (
            {
                "retry-after": "Thu, 01 Jan 2026 00:00:09 GMT",
                "date": "Thu, 01 Jan 2026 00:00:00 GMT",
            },
            9,
        ),
        (
            {
                "retry-after": "Thu, 01 Jan 2026 00:00:00 GMT",
                "date": "Thu, 01 Jan 2026 00:00:09 GMT",
            },
            0,
        ),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, an HTTP date by the server's own clock, or nothing that can be used."""
    found = retry_after(headers)
    if seconds is None:
        assert found is None
    else:
        assert found == pytest.approx(seconds)


@pytest.mark.parametrize("more", [{}, {"date": "?"}])
def test_retry_after_a_date_without_the_servers_clock(more: dict[str, str]) -> None:
    """Then our own clock has to do."""
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 25 <= (retry_after({"retry-after": then, **more}) or 0) <= 30


@pytest.mark.parametrize("match", [POST, POLL])
@pytest.mark.parametrize("told", [refuses(429, Retry_After="11"), refuses_until(12)])
def test_the_asked_wait_is_kept_and_seen(client: Client, match: str, told: Spoil) -> None:
    """After 429 with `Retry-After` nothing is sent sooner; the wait is shown with its reason."""
    client.server.spoil(told, match)
    client.create()
    assert [wait for wait in client.clock.waits if 10 <= wait <= 13.1]
    shown = [one for one in client.shown if one.state == "waiting" and (one.wait or 0) >= 10]
    assert shown
    assert "429" in shown[0].message


def test_a_service_that_asks_for_no_wait_again_and_again_is_not_flooded(client: Client) -> None:
    """`Retry-After: 0` is taken at its word once; then the waits grow, and tries are left."""
    client.server.spoil(refuses(429, Retry_After="0"), POST, 3)
    client.create()
    second, third = client.clock.waits[:2]
    assert 1 < second < third
    assert len(client.world.configurations) == 1


def test_no_wait_is_invisible(client: Client) -> None:
    """Everything that was waited was shown as it began."""
    client.world.operation_seconds = 60.0
    client.server.spoil(refuses(503), POST, 2)
    client.create()
    shown = [one.wait for one in client.shown if one.state == "waiting"]
    assert shown == client.clock.waits
    assert sum(client.clock.waits) >= 60


def test_cancel_stops_a_wait_at_once(server: Server) -> None:
    """In a poll and between tries; what was accepted goes on and the journal knows."""
    server.spoil(refuses(429, Retry_After="30"), times=None)
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    begun = time.monotonic()
    with (
        Session(account(server.url)) as session,
        step_context(cancel=cancel),
        pytest.raises(Cancelled, match="again"),
    ):
        session.memory.store("x")
    assert time.monotonic() - begun < 5


def test_a_cancelled_create_says_how_to_go_on(client: Client) -> None:
    """Cancelled while the operation runs: the journal is true, the next run resumes."""
    client.world.operation_seconds = 50.0
    cancel = threading.Event()
    client.clock.then = cancel.set
    with pytest.raises(Cancelled) as stopped:
        client.create(cancel=cancel)
    assert "journal knows" in str(stopped.value)
    assert "resume" in stopped.value.action
    assert client.journal.history()[0].state == "accepted"
    client.clock.then = lambda: None
    assert client.create().outcome == "resumed"
    assert client.server.counted("POST") == 1


def test_ctrl_c_says_how_to_go_on(client: Client) -> None:
    """A KeyboardInterrupt stays one, with a note; the journal is true, the next run resumes."""
    client.world.operation_seconds = 50.0

    def interrupt() -> None:
        raise KeyboardInterrupt

    client.clock.then = interrupt
    with pytest.raises(KeyboardInterrupt) as stopped:
        client.create()
    assert any("Run it again to resume" in note for note in stopped.value.__notes__)
    assert client.journal.history()[0].state == "accepted"
    client.clock.then = lambda: None
    assert client.create().outcome == "resumed"


def test_a_display_that_fails_does_not_stop_the_work(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """A progress callback that raises is logged; the bridge is made."""

    def broken(progress: Progress) -> None:
        raise ValueError("no room on the screen")

    made = create(client.session, plan(), journal=client.journal, on_progress=broken)
    assert made.outcome == "created"
    assert "a progress display failed" in caplog.text


def test_tries_are_bounded_in_seconds(server: Server) -> None:
    """Whatever the number of tries, the seconds that are allowed are not exceeded by much."""
    server.spoil(slow(5.0), times=None)
    limits = Limits(attempts=50, connection_attempts=50, seconds=1.0, timeout=0.3, first_wait=0.05)
    begun = time.monotonic()
    with Session(account(server.url), limits) as session, pytest.raises(ConnectionFailed) as lost:
        session.memory.store("x")
    assert time.monotonic() - begun < 4
    assert "Tried" in str(lost.value)


def test_a_dripping_answer_is_cut_off(server: Server) -> None:
    """A server that sends a byte now and then does not hold us: the time for a try is for all."""
    server.spoil(drips(0.1), times=None)
    limits = Limits(attempts=1, connection_attempts=1, timeout=0.5)
    begun = time.monotonic()
    with Session(account(server.url), limits) as session, pytest.raises(ConnectionFailed):
        list(session.classic.services())
    assert time.monotonic() - begun < 4


def test_an_answer_without_end_is_cut_off(server: Server) -> None:
    """An answer larger than allowed is an error, not a full memory."""
    server.spoil(lambda call, work: Reply(200, b"x" * 3_000_000), times=None)
    with (
        Session(account(server.url), Limits(size=2**20)) as session,
        pytest.raises(BridgeError, match="larger than 1 MiB"),
    ):
        session.memory.store("x")


@pytest.mark.parametrize("key", [None, "a-key"])
def test_a_write_is_repeated_only_under_a_key(client: Client, key: str | None) -> None:
    """Without a key a POST whose answer was lost is sent once; with one, again."""
    client.server.spoil(drops_before, times=None)
    with (
        step_context(None, None, client.clock, client.clock.sleep),
        pytest.raises(ConnectionFailed) as lost,
    ):
        client.session.http.send("POST", "conversations", ("v1", "x"), json={}, key=key)
    assert len(client.server.calls) == (1 if key is None else 3)
    assert lost.value.uncertain


def test_a_write_that_was_refused_for_speed_is_repeated(client: Client) -> None:
    """429 means that it was not done: also a write without a key is sent again."""
    client.server.spoil(refuses(429), times=None)
    with (
        step_context(None, None, client.clock, client.clock.sleep),
        pytest.raises(RateLimited) as refused,
    ):
        client.session.http.send("POST", "conversations", ("v1", "x"), json={})
    assert len(client.server.calls) == 4
    assert not refused.value.uncertain


def test_the_gate_narrows_on_429_and_widens_slowly() -> None:
    """Half at once; one more for as many successes as fit through; never below one."""
    gate = ConcurrencyLimiter(most=8)
    for width in (4, 2, 1, 1):
        with gate.request() as begun:
            gate.refused(begun)
        assert gate.width == width
    widths = []
    for _ in range(1 + 2 + 3):
        with gate.request() as begun:
            gate.succeeded(begun)
        widths.append(gate.width)
    assert widths == [2, 2, 3, 3, 3, 4]
    for _ in range(100):
        with gate.request() as begun:
            gate.succeeded(begun)
    assert gate.width == 8


def test_no_more_are_under_way_than_the_gate_lets_through() -> None:
    """With a gate of one, one at a time, from any number of threads."""
    gate, inside, most = ConcurrencyLimiter(most=1), 0, 0
    lock = threading.Lock()

    def work(_: int) -> None:
        nonlocal inside, most
        with gate.request():
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.002)
            with lock:
                inside -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(24)))
    assert most == 1


def test_where_all_is_on_this_machine_no_certificates_are_read(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session makes one TLS context at most, and reads certificates only for other hosts."""
    read: list[str] = []
    load = ssl.SSLContext.load_verify_locations

    def noted(context: ssl.SSLContext, *args: Any, **kwargs: Any) -> None:
        read.append("read")
        load(context, *args, **kwargs)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", noted)
    Session(account(server.url)).close()
    assert read == []
    Session(account("https://conversations.twilio.com")).close()
    assert read == ["read"]


def test_connections_are_kept(server: Server) -> None:
    """Thirty-two requests at once and as many after them need thirty-two connections, not more."""
    ports: set[int] = set()
    server.connected = ports.add
    with Session(account(server.url)) as session:
        for _ in range(4):
            list(fan_out(session.memory.store, [STORE_ID] * 64))
    assert len(ports) <= 32


def test_many_threads_share_a_session(client: Client) -> None:
    """Requests of eight threads all succeed although the service says 429 to many of them."""
    client.server.spoil(refuses(429), "Stores", 12)
    widths: set[int] = set()

    def look(_: int) -> str:
        with step_context(
            None, None, time.monotonic, lambda seconds: time.sleep(min(seconds, 0.02))
        ):
            found = client.session.memory.store(STORE_ID).id
        widths.add(client.session.http.gate.width)
        return found

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(look, range(32))) == {STORE_ID}
    assert min(widths) < 8
