"""The sandbox as a process: bind to loopback, announce, serve, and clean up at the end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from .app import application
from .control.handlers import identity_of
from .http import failures
from .http.wire import BreakableProtocol
from .world.seeds import seeding
from .world.state import Settings, World

if TYPE_CHECKING:
    from collections.abc import Generator

#: uvicorn calls `on_tick` ten times a second; the parent is looked for at every fifth.
_TICKS_BETWEEN_LOOKS = 5


def bind(host: str, port: int) -> socket.socket:
    """
    A socket that listens on loopback.

    Raises:
        OSError: if the port is taken.
    """
    address = "127.0.0.1" if host == "localhost" else host
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # Named, because asyncio switches Nagle's algorithm off only where it is.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def new_world(*, seed: int, settings: Settings, frozen: bool, url: str) -> World:
    """A world as it is at the start."""
    world = World(seed=seed, settings=settings, frozen=frozen)
    world.url = url
    seeding.start(world)
    return world


def serve(listener: socket.socket, world: World, *, home: Path, parent: int | None) -> None:
    """
    Serve until SIGINT, SIGTERM or the end of the parent.

    The first line of stdout is the announcement; the same goes into ``home/sandbox.json``.
    """
    failures.keep_in(home)
    # A page makes thousands of objects that live as long as its answer takes. Looking for cycles
    # among them after every 700, as Python does by itself, takes longer than making them.
    gc.freeze()
    gc.set_threshold(50_000)
    config = uvicorn.Config(
        application(world),
        http=BreakableProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    announcement = {
        "url": world.url,
        "messaging_url": f"{world.url}/messaging",
        **identity_of(world.first_account),
    }
    record = Record(home, announcement)
    try:
        Server(config, record, parent).run(sockets=[listener])
    finally:
        record.remove()


class Record:
    """``sandbox.json``: where others find the running sandbox."""

    def __init__(self, home: Path, announcement: dict[str, Any]) -> None:
        self.path = home / "sandbox.json"
        self.announcement = announcement

    def announce(self) -> None:
        """Write the record, for this user's eyes only, then the first line of stdout."""
        fresh = self.path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({**self.announcement, "pid": os.getpid()}, file)
        fresh.replace(self.path)
        sys.stdout.write(json.dumps(self.announcement) + "\n")
        sys.stdout.flush()

    def remove(self) -> None:
        """Remove the record, unless another sandbox has written its own by now."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            if json.loads(self.path.read_text()).get("pid") == os.getpid():
                self.path.unlink()


class Server(uvicorn.Server):
    """uvicorn's server with an announcement, a watched parent and a quiet end."""

    def __init__(self, config: uvicorn.Config, record: Record, parent: int | None) -> None:
        super().__init__(config)
        self._record = record
        self._parent = parent
        self._first_parent = os.getppid()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._record.announce()

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS_BETWEEN_LOOKS == 0 and self._orphaned():
            return True
        return await super().on_tick(counter)

    def _orphaned(self) -> bool:
        if os.getppid() != self._first_parent:
            return True
        if self._parent is None:
            return False
        try:
            os.kill(self._parent, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """End quietly, with status 0, on SIGINT and SIGTERM."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True
