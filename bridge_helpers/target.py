"""
From a target's name to a session: `sandbox` or `twilio`.

Credentials, addresses and region come from one source, see `sources`. The target
`sandbox` uses the addresses of that source when these are on this machine; otherwise
the sandbox on record under `BRIDGE_HOME`; otherwise it starts one, which ends with this
process. Credentials for Twilio are never sent to a sandbox that we found or started.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .api.retries import Limits
from .api.session import Session
from .errors import MissingCredentials, UnsafeAddress
from .kept import kept
from .sandbox_process import SandboxRecord, running_sandbox, sandbox_record
from .settings import (
    ADDRESS_VARIABLES,
    DEFAULT_REGION,
    Account,
    Credentials,
    Origins,
    Secret,
    checked_target,
    is_loopback,
    origins_for,
)
from .sources import (
    ENVIRONMENT,
    Source,
    account_from,
    chosen,
    secrets,
    sources,
    typed,
    unused,
)


def connect(
    target: str = "sandbox",
    *,
    credentials: Credentials | None = None,
    region: str = "",
    prefix: str = "",
    env: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> Session:
    """
    A session for a target. Sends nothing to the account.

    Args:
        target: `sandbox` or `twilio`.
        credentials: Typed ones, instead of those that the workbook keeps because they were
            typed in another notebook, and of those in the environment or a `.env`.
        region: Of the typed credentials: `us1`, `ie1` or `au1`; empty: `us1`.
        prefix: Of the variables, for one customer among several.
        env: Instead of the process environment and `.env`.
        limits: Instead of the client's own.

    Raises:
        InvalidInput: No such target, or a malformed value.
        MissingCredentials: None found; names the variables.
        UnsafeAddress: An address that credentials must not go to.
        SandboxUnavailable: The sandbox did not start.
    """
    checked_target(target)
    found = sources() if env is None else (Source(ENVIRONMENT, env),)
    if target == "twilio" and credentials is None and not prefix and env is None:
        # Typed in another notebook of this workbook; never for a sandbox.
        there = kept()
        if there is not None:
            credentials, region = there.credentials, there.region
    source = typed(credentials, region, found) if credentials else chosen(found, prefix)
    if target == "sandbox":
        return Session(_sandbox_account(source, found, prefix), limits)
    try:
        account = account_from(source, found, prefix)
    except MissingCredentials as missing:
        missing.action += " Or use the target sandbox, which needs none."
        raise
    return Session(account, limits)


def secrets_in_use() -> tuple[Secret, ...]:
    """Every key and secret that a session could be made with: what must not be a parameter."""
    record = sandbox_record()
    recorded = (Secret(record.api_key), Secret(record.api_secret)) if record else ()
    return (*secrets(sources()), *recorded)


def describe(session: Session) -> str:
    """
    Where this session works, in one line.

    It names the target, hosts that are not Twilio's, and what was found and is not used.
    """
    account = session.account
    if account.target == "sandbox":
        told = "Sandbox: nothing here reaches Twilio"
    else:
        where = f"region {account.region or DEFAULT_REGION}"
        if account.origins.loopback:
            where += ", at addresses on this machine"
        told = f"Twilio account {account.sid[:2]}…{account.sid[-4:]}, {where}"
    sentences = [told, account.warning, *account.unused]
    return ". ".join(one.rstrip(".") for one in sentences if one)


def _sandbox_account(source: Source, found: Sequence[Source], prefix: str) -> Account:
    addresses = source.addresses()
    far = [service for service, url in addresses.items() if not is_loopback(url)]
    if far:
        raise UnsafeAddress(
            f"{ADDRESS_VARIABLES[far[0]]} is not on this machine, so it is no sandbox.",
            action=f"Use the target twilio, or unset {ADDRESS_VARIABLES[far[0]]}.",
        )
    if addresses:
        return _at_given_addresses(source, found, prefix, origins_for("", addresses))
    if prefix:
        raise UnsafeAddress(
            "Credentials by prefix are for accounts at a given address.",
            action="Set TWILIO_CONVERSATIONS_URL to the sandbox's url.",
        )
    return _on_record(running_sandbox(), source, found)


def _at_given_addresses(
    source: Source, found: Sequence[Source], prefix: str, origins: Origins
) -> Account:
    if not source.names_credentials(prefix):
        record = sandbox_record()
        if record and record.url == origins.conversations:
            return _on_record(record, source, found)
        raise MissingCredentials(
            f"No credentials for the sandbox at {origins.conversations}.",
            f"Only its address is set (in {source.name}), and it is not the sandbox on record.",
            "Set TWILIO_ACCOUNT_SID, TWILIO_API_KEY and TWILIO_API_SECRET to what it printed when "
            "it started, in the same place as its address.",
        )
    return Account(
        "sandbox",
        source.credentials(prefix),
        origins,
        unused=unused(source, found, tuple(ADDRESS_VARIABLES.values())),
    )


def _on_record(record: SandboxRecord, source: Source, found: Sequence[Source]) -> Account:
    """At a sandbox of ours, whose record is the source; typed credentials are for it too."""
    origins = record.origins
    urls = {ADDRESS_VARIABLES[service]: url for service, url in origins.by_service.items()}
    recorded = Source("the sandbox's record", urls)
    return Account(
        "sandbox",
        source.typed or record.credentials,
        origins,
        unused=unused(recorded, found, tuple(ADDRESS_VARIABLES.values())),
    )
