"""Clients with a clock of their own, and what the trials came to, told at the end of the run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bridge_helpers.api.retries import Limits
from bridge_helpers.api.session import Session
from bridge_helpers.onboarding.create import Created, create
from bridge_helpers.onboarding.journal import Journal
from bridge_helpers.onboarding.plan import Plan
from bridge_helpers.progress import Progress, step_context

from .changes import NUMBER, UNKNOWN, VOICE, Existing
from .children import account, plan
from .server import Server
from .world import SERVICE_SID, World

QUICK = Limits(attempts=4, connection_attempts=3, seconds=60.0, timeout=0.6, first_wait=0.5)


@dataclass
class Clock:
    """Time that passes only when somebody waits."""

    now: float = 1000.0
    waits: list[float] = field(default_factory=list)
    then: Callable[[], object] = lambda: None
    """Called in the middle of each wait."""

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
        # Let the server's threads do what they do.
        time.sleep(0.001)
        self.then()


@dataclass
class Client:
    """A session, a journal and a clock, against a server whose operations go by that clock."""

    server: Server
    session: Session
    journal: Journal
    clock: Clock
    shown: list[Progress] = field(default_factory=list)

    @property
    def world(self) -> World:
        return self.server.world

    def create(self, wanted: Plan | None = None, **options: Any) -> Created:
        return create(
            self.session,
            wanted or plan(),
            journal=self.journal,
            on_progress=self.shown.append,
            clock=self.clock,
            sleep=self.clock.sleep,
            **options,
        )

    def read(self, pages: Callable[[], Iterable[Any]]) -> tuple[list[Any], Exception | None]:
        """What a list gave, and the error that ended it."""
        found: list[Any] = []
        with step_context(self.shown.append, None, self.clock, self.clock.sleep):
            try:
                for one in pages():
                    found.append(one)
            except Exception as error:
                return found, error
        return found, None


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def client(server: Server, tmp_path: Path) -> Iterator[Client]:
    clock = Clock()
    server.world.clock = clock
    with Session(account(server.url), QUICK) as session:
        # Whose key it is has been asked: the tests count what comes after that.
        session.classic.service(SERVICE_SID)
        server.calls.clear()
        yield Client(server, session, Journal(tmp_path / "journal.sqlite3"), clock)


@pytest.fixture
def there(client: Client) -> Existing:
    """A bridge that stands, with the calls of a number beside it that the account owns."""
    client.world.numbers = [NUMBER]
    made = client.world.add_configuration(
        **plan().body(), newerThanUs=UNKNOWN, channelSettings={"VOICE": VOICE}
    )
    return Existing(client, made["id"], dict(made))
