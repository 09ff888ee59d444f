"""
The sandbox as a process of its own: found on record, or started.

The client side and the sandbox meet on a socket only. The process that starts one
stops it when it ends.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from typing import Final

import msgspec

from .api.http import Http
from .api.retries import Limits
from .errors import BridgeError, SandboxUnavailable, UnsafeAddress
from .kept import VARIABLE as KEEPER
from .settings import (
    Account,
    Credentials,
    Origins,
    Secret,
    checked_address,
    home,
    is_loopback,
    origins_for,
)

START_SECONDS: Final = 30.0
LIVELY_CUSTOMERS: Final = "4"
"""Seeded customers of a sandbox that we start write on after a bridge: something to explore."""

_started: list[subprocess.Popen[str]] = []
_started_at: set[str] = set()
_starting = threading.Lock()


class SandboxRecord(msgspec.Struct, frozen=True):
    """
    What a sandbox prints when it is ready, and leaves on record while it runs.

    Attributes:
        url: The base URL of every service but messaging.
        messaging_url: The base URL of messaging; empty when it has none.
    """

    url: str
    account_sid: str
    api_key: str
    api_secret: str
    service_sid: str = ""
    memory_store_id: str = ""
    phone_number: str = ""
    messaging_url: str = ""

    @property
    def origins(self) -> Origins:
        """
        Where it is.

        Raises:
            UnsafeAddress: Not on this machine; a record is a file, and may have been changed.
        """
        given = {"conversations": self.url, "messaging": self.messaging_url}
        addresses = {one: checked_address(one, url) for one, url in given.items() if url}
        if not all(map(is_loopback, addresses.values())):
            raise UnsafeAddress(
                f"The sandbox on record is at {self.url}, which is not on this machine.",
                action=f"Delete {home() / 'sandbox.json'}.",
            )
        return origins_for("", addresses)

    @property
    def credentials(self) -> Credentials:
        """Of its first account."""
        return Credentials(self.account_sid, self.api_key, Secret(self.api_secret))


def sandbox_record() -> SandboxRecord | None:
    """The sandbox on record, whether or not it still answers; None when there is none."""
    try:
        text = (home() / "sandbox.json").read_bytes()
        return msgspec.json.decode(text, type=SandboxRecord)
    except (OSError, msgspec.DecodeError):
        return None


def running_sandbox() -> SandboxRecord:
    """
    The sandbox that runs, started if there is none; safe to call from several processes.

    Raises:
        SandboxUnavailable: It did not start; says what it printed.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(home() / "sandbox.lock", timeout=2 * START_SECONDS, mode=0o600)
    with _starting:
        try:
            lock.acquire()
        except OSError as error:
            # Timeout is one of these.
            raise SandboxUnavailable(
                "The sandbox was not started.",
                "Another process has been starting one for too long."
                if isinstance(error, Timeout)
                else f"{home()} cannot be written to ({error}).",
                "End the other process, or set BRIDGE_HOME to a folder of your own.",
            ) from None
        try:
            record = sandbox_record()
            return record if record and _answers(record) else _start()
        finally:
            lock.release()


def started_here(url: str) -> bool:
    """Whether the sandbox at an address was started by this process, and ends with it."""
    return url in _started_at


def _start() -> SandboxRecord:
    # The sandbox needs no variable of Twilio's, and is not given the credentials in them.
    # Nor does it need to know where a workbook keeps those that were typed.
    kept_out = ("TWILIO_", KEEPER)
    env = {name: value for name, value in os.environ.items() if not name.startswith(kept_out)}
    env["BRIDGE_HOME"] = str(home())
    with tempfile.TemporaryFile("w+") as complaints:
        process = subprocess.Popen(  # noqa: S603 - this Python, this package
            [sys.executable, "-m", "bridge_helpers", "sandbox", "--traffic", LIVELY_CUSTOMERS],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            env=env,
            # Its own group: Ctrl-C in a notebook or terminal ends us in our own order.
            start_new_session=True,
        )
        # Before it says anything: it ends with us also when we are ended meanwhile.
        _started.append(process)
        line = _first_line(process, START_SECONDS)
        try:
            record = msgspec.json.decode(line, type=SandboxRecord)
        except msgspec.DecodeError:
            _started.remove(process)
            process.kill()
            process.wait()
            complaints.seek(0)
            said = complaints.read().strip().splitlines()
            raise SandboxUnavailable(
                "The sandbox did not start.",
                said[-1] if said else f"It said nothing for {START_SECONDS:.0f} s.",
                "Run `python -m bridge_helpers sandbox` to see it start by itself.",
            ) from None
    _started_at.add(record.url)
    return record


def _first_line(process: subprocess.Popen[str], seconds: float) -> str:
    found: list[str] = []

    def read() -> None:
        if process.stdout is not None:
            found.append(process.stdout.readline())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(seconds)
    return found[0] if found else ""


def _answers(record: SandboxRecord) -> bool:
    """Whether the sandbox on record is alive, and is that sandbox and not another program."""
    quick = Limits(attempts=1, connection_attempts=1, seconds=5, timeout=5)
    try:
        http = Http(Account("sandbox", record.credentials, record.origins), quick)
    except UnsafeAddress:
        return False
    try:
        http.send("GET", "conversations", ("v1", "Services"), query=[("PageSize", "1")])
    except BridgeError:
        return False
    finally:
        http.close()
    return True


@atexit.register
def _stop_started() -> None:
    # Pressed again, Ctrl-C would end this in the middle. Only the main thread hears it.
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    for process in _started:
        process.terminate()
    for process in _started:
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
