"""
From a target's name to a session: `sandbox` or `twilio`.

The sandbox is another process that is met on a socket only. The target
`sandbox` uses the addresses that the environment names when these are on this
machine; otherwise the sandbox on record under `BRIDGE_HOME`; otherwise it
starts one, which ends with this process. Credentials for Twilio are never sent
to a sandbox that we found or started.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from .api.http import Limits
from .api.session import Session
from .errors import BridgeError, SandboxUnavailable, UnsafeAddress
from .settings import (
    ADDRESS_VARIABLES,
    Account,
    Credentials,
    Secret,
    addresses_in,
    checked_target,
    credentials_in,
    environment,
    home,
    is_loopback,
    origins_for,
    region_in,
)

START_SECONDS: Final = 30.0
LIVELY_CUSTOMERS: Final = "4"
"""Seeded customers of a sandbox that we start write on after a bridge: something to explore."""

_started: list[subprocess.Popen[str]] = []
_starting = threading.Lock()


class SandboxRecord(msgspec.Struct, frozen=True):
    """What a sandbox prints when it is ready, and leaves on record while it runs."""

    url: str
    account_sid: str
    api_key: str
    api_secret: str
    service_sid: str = ""
    memory_store_id: str = ""
    phone_number: str = ""


def connect(
    target: str = "sandbox",
    *,
    credentials: Credentials | None = None,
    prefix: str = "",
    env: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> Session:
    """
    A session for a target. Sends nothing to the account.

    Args:
        target: `sandbox` or `twilio`.
        credentials: Typed ones, instead of those in the environment.
        prefix: Of the environment variables, for one customer among several.
        env: Instead of the process environment and `.env`.
        limits: Instead of the client's own.

    Raises:
        InvalidInput: No such target, or a malformed value.
        MissingCredentials: None found; names the variables.
        UnsafeAddress: An address that credentials must not go to.
        SandboxUnavailable: The sandbox did not start.
    """
    checked_target(target)
    values = environment() if env is None else env
    addresses = addresses_in(values)
    if target == "sandbox":
        return Session(_sandbox_account(values, addresses, credentials, prefix), limits)
    region = region_in(values, prefix)
    account = Account(
        target,
        credentials or credentials_in(values, prefix),
        origins_for(region, addresses),
        region,
    )
    return Session(account, limits)


def describe(session: Session) -> str:
    """One line that says where this session works; nobody can miss which target it is."""
    account = session.account
    if account.target == "sandbox":
        return "Sandbox: nothing here reaches Twilio"
    where = f"region {account.region or 'us1'}"
    if account.origins.loopback:
        where += ", at addresses on this machine"
    return f"Twilio account {account.sid[:2]}…{account.sid[-4:]}, {where}"


def sandbox_record() -> SandboxRecord | None:
    """The sandbox on record, whether or not it still answers; None when there is none."""
    try:
        text = (home() / "sandbox.json").read_bytes()
        return msgspec.json.decode(text, type=SandboxRecord)
    except (OSError, msgspec.DecodeError):
        return None


def _sandbox_account(
    env: Mapping[str, str],
    addresses: Mapping[str, str],
    credentials: Credentials | None,
    prefix: str,
) -> Account:
    if addresses:
        far = [service for service, url in addresses.items() if not is_loopback(url)]
        if far:
            raise UnsafeAddress(
                f"{ADDRESS_VARIABLES[far[0]]} is not on this machine, so it is no sandbox.",
                action=f"Use the target twilio, or unset {ADDRESS_VARIABLES[far[0]]}.",
            )
        # One sandbox serves everything, so an address that is not given is the one that is.
        one = next(iter(addresses.values()))
        full = {service: addresses.get(service, one) for service in ADDRESS_VARIABLES}
        record = sandbox_record()
        if not credentials and record and record.url == one and not _has_any(env, prefix):
            credentials = _credentials(record)
        return Account("sandbox", credentials or credentials_in(env, prefix), origins_for("", full))
    if prefix:
        raise UnsafeAddress(
            "Credentials by prefix are for accounts at a given address.",
            action="Set TWILIO_CONVERSATIONS_URL to the sandbox's url.",
        )
    record = running_sandbox()
    full = dict.fromkeys(ADDRESS_VARIABLES, record.url)
    return Account("sandbox", credentials or _credentials(record), origins_for("", full))


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


def _start() -> SandboxRecord:
    # Whatever is set for Twilio is none of the sandbox's business.
    env = {name: value for name, value in os.environ.items() if not name.startswith("TWILIO_")}
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
        line = _first_line(process, START_SECONDS)
        try:
            record = msgspec.json.decode(line, type=SandboxRecord)
        except msgspec.DecodeError:
            process.kill()
            process.wait()
            complaints.seek(0)
            said = complaints.read().strip().splitlines()
            raise SandboxUnavailable(
                "The sandbox did not start.",
                said[-1] if said else f"It said nothing for {START_SECONDS:.0f} s.",
                "Run `python -m bridge_helpers sandbox` to see it start by itself.",
            ) from None
    _started.append(process)
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
    try:
        origins = origins_for("", dict.fromkeys(ADDRESS_VARIABLES, record.url))
        if not origins.loopback:
            return False
        quick = Limits(attempts=1, connection_attempts=1, seconds=5, timeout=5)
        with Session(Account("sandbox", _credentials(record), origins), quick) as session:
            session.http.send("GET", "conversations", ("v1", "Services"), query=[("PageSize", "1")])
    except BridgeError:
        return False
    return True


def _credentials(record: SandboxRecord) -> Credentials:
    return Credentials(record.account_sid, record.api_key, Secret(record.api_secret))


def _has_any(env: Mapping[str, str], prefix: str) -> bool:
    start = f"{prefix}_" if prefix else ""
    return bool(env.get(f"{start}TWILIO_ACCOUNT_SID"))


@atexit.register
def _stop_started() -> None:
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


def package_folder() -> Path:
    """Where this package lives; the notebooks lie beside it."""
    return Path(__file__).resolve().parent
