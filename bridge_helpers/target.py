"""
From a target's name to a session: `sandbox` or `twilio`.

The target `sandbox` uses the addresses that the environment names when these are on
this machine; otherwise the sandbox on record under `BRIDGE_HOME`; otherwise it starts
one, which ends with this process. Credentials for Twilio are never sent to a sandbox
that we found or started.
"""

from __future__ import annotations

from collections.abc import Mapping

from .api.http import Limits
from .api.session import Session
from .errors import UnsafeAddress
from .sandbox_process import running_sandbox, sandbox_record
from .settings import (
    ADDRESS_VARIABLES,
    Account,
    Credentials,
    addresses_in,
    checked_target,
    credentials_in,
    environment,
    is_loopback,
    origins_for,
    region_in,
)


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
            credentials = record.credentials
        return Account("sandbox", credentials or credentials_in(env, prefix), origins_for("", full))
    if prefix:
        raise UnsafeAddress(
            "Credentials by prefix are for accounts at a given address.",
            action="Set TWILIO_CONVERSATIONS_URL to the sandbox's url.",
        )
    record = running_sandbox()
    full = dict.fromkeys(ADDRESS_VARIABLES, record.url)
    return Account("sandbox", credentials or record.credentials, origins_for("", full))


def _has_any(env: Mapping[str, str], prefix: str) -> bool:
    start = f"{prefix}_" if prefix else ""
    return bool(env.get(f"{start}TWILIO_ACCOUNT_SID"))
