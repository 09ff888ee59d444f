"""
Where credentials, addresses and region come from: one source, never two of them mixed.

A source is what was typed, or the environment, or one `.env` file: the nearest one
upwards from the working directory. The first of these that names any credential is
the source. An address or a region found in another one is not used, and is named:
a `.env` that came along in somebody's folder must not send credentials elsewhere.

The one exception: what is typed has no place to name an address. So the addresses of
the environment hold for typed credentials too, where all of them are on this machine;
nothing leaves it then. Those of a `.env` do not.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn

from .errors import InvalidInput, MissingCredentials
from .settings import (
    ADDRESS_VARIABLES,
    CREDENTIAL_VARIABLES,
    Account,
    Credentials,
    Secret,
    checked_address,
    checked_region,
    is_loopback,
    origins_for,
    sid_shown,
)

ENVIRONMENT: Final = "the environment"
TYPED: Final = "what was typed"

REGION: Final = "TWILIO_REGION"
PREFIXABLE: Final = (*CREDENTIAL_VARIABLES, REGION)
"""The variables that each of several customers has of its own."""

PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,23}")
"""Shorter than any secret, which somebody may have pasted in its place."""


@dataclass(frozen=True, slots=True)
class Source:
    """
    One place that names credentials, addresses and a region, together.

    Attributes:
        name: As a message says it: `the environment`, `../.env`, `what was typed`.
        values: Variable to value, those with a value. They may hold secrets: they are not
            shown, and a source is not pickled.
        typed: The credentials, where they were typed and stand in no variable.
    """

    name: str
    values: Mapping[str, str] = field(repr=False)
    typed: Credentials | None = None

    def names_credentials(self, prefix: str = "") -> bool:
        """Whether it names any part of credentials, so that it is the one to take."""
        if self.typed is not None:
            return True
        return any(self.values.get(_start(prefix) + name) for name in CREDENTIAL_VARIABLES)

    def credentials(self, prefix: str = "") -> Credentials:
        """
        Its credentials.

        Args:
            prefix: `ACME` reads `ACME_TWILIO_ACCOUNT_SID` and so on.

        Raises:
            MissingCredentials: A part is missing; names variables and source.
            InvalidInput: A part is there but is not what its name says.
        """
        if self.typed is not None:
            return self.typed
        start = _start(prefix)
        sid, key, secret, token = (
            self.values.get(start + name, "") for name in CREDENTIAL_VARIABLES
        )
        try:
            return Credentials.checked(sid, key, secret, token, prefix=start)
        except MissingCredentials as missing:
            if sid or key or secret or token:
                missing.why = f"The others come from {self.name}; two sources are not mixed."
            raise

    def region(self, prefix: str = "") -> str:
        """Its region, checked; empty for the default one."""
        name = _start(prefix) + REGION
        return checked_region(name, self.values.get(name, ""))

    def addresses(self) -> dict[str, str]:
        """Service to base URL, checked; those not set are absent."""
        return {
            service: checked_address(variable, self.values[variable])
            for service, variable in ADDRESS_VARIABLES.items()
            if self.values.get(variable)
        }

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a source may hold secrets and is not pickled; pass the target's name")


def sources(start: Path | None = None) -> tuple[Source, ...]:
    """
    The environment, and the nearest `.env` where there is one.

    Args:
        start: Where to look for `.env`, upwards; default: the working directory.

    Raises:
        InvalidInput: The `.env` cannot be read as text.
    """
    exported = {name: value for name, value in os.environ.items() if value}
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / ".env").is_file():
            return Source(ENVIRONMENT, exported), _file(folder / ".env", here)
    return (Source(ENVIRONMENT, exported),)


def chosen(found: Sequence[Source], prefix: str = "") -> Source:
    """
    The source to take: the first that names any credential, else any address, else the first.

    Raises:
        InvalidInput: The prefix is no prefix.
    """
    if prefix and not PREFIX.fullmatch(prefix):
        raise InvalidInput(
            "credentials",
            sid_shown(prefix),
            "a prefix is at most 24 letters, digits and _, and starts with a letter",
            "Name the prefix of the variables, such as ACME, not the credentials themselves.",
        )
    naming = [one for one in found if one.names_credentials(prefix)]
    naming += [one for one in found if any(map(one.values.get, ADDRESS_VARIABLES.values()))]
    return naming[0] if naming else found[0]


def typed(credentials: Credentials, region: str, found: Sequence[Source]) -> Source:
    """What was typed as a source, with the environment's addresses where they are its own too."""
    values = {REGION: region}
    for source in found:
        addresses = source.addresses() if source.name == ENVIRONMENT else {}
        if all(is_loopback(url) for url in addresses.values()):
            values |= {ADDRESS_VARIABLES[service]: url for service, url in addresses.items()}
    return Source(TYPED, values, credentials)


def unused(source: Source, found: Sequence[Source], names: Sequence[str]) -> tuple[str, ...]:
    """A sentence for each of these variables that another source than this one names."""
    return tuple(
        f"{name} of {other.name} is not used: the credentials come from {source.name}."
        for other in found
        if other is not source
        for name in names
        if other.values.get(name) and other.values[name] != source.values.get(name)
    )


def secrets(found: Sequence[Source]) -> tuple[Secret, ...]:
    """
    Every key and secret that sources name, of whatever prefix: what must not be anywhere else.

    Those of fewer than 8 characters are none of Twilio's, and would be part of any text.
    """
    named = CREDENTIAL_VARIABLES[1:]
    values = {
        value
        for source in found
        for name, value in source.values.items()
        if name.endswith(named) and len(value) >= 8
    }
    return tuple(map(Secret, sorted(values)))


def alone(found: Sequence[Source], prefix: str = "") -> dict[str, str]:
    """
    The variables of one customer, as plain ones, for a process that serves nobody else.

    Raises:
        InvalidInput: The prefix is no prefix.
    """
    source, start = chosen(found, prefix), _start(prefix)
    own = {name: source.values.get(start + name, "") for name in (*CREDENTIAL_VARIABLES, REGION)}
    own |= {name: source.values.get(name, "") for name in ADDRESS_VARIABLES.values()}
    return {name: value for name, value in own.items() if value}


def account_from(source: Source, found: Sequence[Source], prefix: str = "") -> Account:
    """
    An account of Twilio's whose credentials, addresses and region are all from one source.

    Args:
        found: All sources, to name what in the others is not used.

    Raises:
        MissingCredentials, InvalidInput, UnsafeAddress: As the source's parts raise them.
    """
    region = source.region(prefix)
    return Account(
        "twilio",
        source.credentials(prefix),
        origins_for(region, source.addresses()),
        region,
        unused(source, found, (*ADDRESS_VARIABLES.values(), _start(prefix) + REGION)),
    )


def _file(path: Path, here: Path) -> Source:
    from dotenv import dotenv_values

    # Relative: the name goes into reports, which go to customers.
    name = os.path.relpath(path, here)
    try:
        values = dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(".env", name, f"it cannot be read as text ({error})") from None
    return Source(name, {key: value for key, value in values.items() if value})


def _start(prefix: str) -> str:
    return f"{prefix}_" if prefix else ""
