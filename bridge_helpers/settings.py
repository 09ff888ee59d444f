"""
Where credentials and addresses come from, and where our own files go.

Precedence: what is passed in, then the environment, then a `.env` file found
upwards from the working directory, then the default. Credentials are held as
`Secret`, which cannot be printed, formatted, serialised or pickled.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import urlsplit

from .errors import InvalidInput, MissingCredentials, UnsafeAddress

TARGETS: Final = ("sandbox", "twilio")

ACCOUNT_SID: Final = re.compile(r"AC[0-9a-fA-F]{32}")
API_KEY: Final = re.compile(r"SK[0-9a-fA-F]{32}")
REGION: Final = re.compile(r"[a-z]{2,3}[0-9]{1,2}")
HOST: Final = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})?(\.[a-z0-9_]([a-z0-9_-]{0,62})?)*|[0-9a-f:.]*:[0-9a-f:.]*"
)
PATH: Final = re.compile(r"[A-Za-z0-9._~-]+")
PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,23}")
"""Shorter than any secret, which somebody may have pasted in its place."""

CREDENTIAL_VARIABLES: Final = (
    "TWILIO_ACCOUNT_SID",
    "TWILIO_API_KEY",
    "TWILIO_API_SECRET",
    "TWILIO_AUTH_TOKEN",
)
PUBLIC_HOSTS: Final = {
    "conversations": "conversations",
    "memory": "memory",
    "api": "api",
}
ADDRESS_VARIABLES: Final = {
    "conversations": "TWILIO_CONVERSATIONS_URL",
    "memory": "TWILIO_MEMORY_URL",
    "api": "TWILIO_API_URL",
}


class Secret:
    """
    A string that shows itself to nobody but the caller of `reveal`.

    `repr`, `str` and `format` give `"[secret]"`; pickling, JSON and copying to a
    dictionary fail or give the same. Comparison takes constant time.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The string itself: for the Authorization header and nothing else."""
        return self.__value

    def __repr__(self) -> str:
        return "[secret]"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "[secret]"

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value.encode(), other.__value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not pickled; pass the name of its environment variable")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a secret has no state to show; pass the name of its environment variable")


@dataclass(frozen=True, slots=True)
class Credentials:
    """
    What HTTP Basic authentication needs, and the account that it speaks for.

    `username` is an API key sid with its secret, or the account sid with the
    auth token (Twilio docs: usage/requests-to-twilio).
    """

    account_sid: str
    username: str
    secret: Secret

    @classmethod
    def checked(
        cls,
        account_sid: str,
        api_key: str = "",
        api_secret: str = "",
        auth_token: str = "",
        prefix: str = "",
    ) -> Credentials:
        """
        Credentials from their parts, or an error that names the missing ones.

        Raises:
            MissingCredentials: A part is missing; the message names the variables.
            InvalidInput: A part is there but is not what its name says.
        """
        names = {name: prefix + name for name in CREDENTIAL_VARIABLES}
        missing = [] if account_sid else [names["TWILIO_ACCOUNT_SID"]]
        if api_key or api_secret or not auth_token:
            missing += [] if api_key else [names["TWILIO_API_KEY"]]
            missing += [] if api_secret else [names["TWILIO_API_SECRET"]]
        if missing:
            raise MissingCredentials(
                f"No complete credentials: {_and(missing)} not set.",
                action=(
                    f"Set {_and(list(names.values())[:3])} in the environment or in a .env file "
                    f"({names['TWILIO_AUTH_TOKEN']} can stand in for key and secret), "
                    "or use the target sandbox, which needs none."
                ),
            )
        if not ACCOUNT_SID.fullmatch(account_sid):
            raise InvalidInput(
                names["TWILIO_ACCOUNT_SID"],
                _sid_shown(account_sid),
                "an account sid is AC and 32 hex digits",
            )
        if not api_key:
            return cls(
                account_sid, account_sid, _header_safe(auth_token, names["TWILIO_AUTH_TOKEN"])
            )
        if not API_KEY.fullmatch(api_key):
            raise InvalidInput(
                names["TWILIO_API_KEY"], _sid_shown(api_key), "an API key is SK and 32 hex digits"
            )
        return cls(account_sid, api_key, _header_safe(api_secret, names["TWILIO_API_SECRET"]))


@dataclass(frozen=True, slots=True)
class Origins:
    """The base URLs that credentials may go to, without a trailing slash, and nowhere else."""

    conversations: str
    memory: str
    api: str

    @property
    def loopback(self) -> bool:
        """Whether all of them are on this machine."""
        return all(is_loopback(url) for url in (self.conversations, self.memory, self.api))


@dataclass(frozen=True, slots=True)
class Account:
    """One account to work on: where it is and how to get in."""

    target: str
    credentials: Credentials
    origins: Origins
    region: str = ""

    @property
    def sid(self) -> str:
        return self.credentials.account_sid


def environment(start: Path | None = None) -> dict[str, str]:
    """
    The process environment over the nearest `.env`, without changing either.

    Args:
        start: Where to look for `.env`, upwards; default: the working directory.
    """
    from dotenv import dotenv_values

    found: dict[str, str] = {}
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / ".env").is_file():
            try:
                values = dotenv_values(folder / ".env", interpolate=False)
            except (OSError, UnicodeDecodeError) as error:
                raise InvalidInput(
                    ".env", str(folder / ".env"), f"it cannot be read as text ({error})"
                ) from None
            found = {key: value for key, value in values.items() if value is not None}
            break
    exported = {key: value for key, value in os.environ.items() if value}
    for name, sid in list(found.items()):
        if not name.endswith("TWILIO_ACCOUNT_SID") or exported.get(name, sid) == sid:
            continue
        # Another account's: a key of one with the sid of the other is nobody's wish.
        prefix = name.removesuffix("TWILIO_ACCOUNT_SID")
        for other in CREDENTIAL_VARIABLES:
            found.pop(prefix + other, None)
    return {**found, **exported}


def credentials_in(env: Mapping[str, str], prefix: str = "") -> Credentials:
    """
    The credentials that the variables name.

    Args:
        env: Usually `environment()`.
        prefix: `ACME` reads `ACME_TWILIO_ACCOUNT_SID` and so on.
    """
    if prefix and not PREFIX.fullmatch(prefix):
        raise InvalidInput(
            "credentials",
            _sid_shown(prefix),
            "a prefix is at most 24 letters, digits and _, and starts with a letter",
            "Name the prefix of the variables, such as ACME, not the credentials themselves.",
        )
    start = f"{prefix}_" if prefix else ""
    return Credentials.checked(
        env.get(f"{start}TWILIO_ACCOUNT_SID", ""),
        env.get(f"{start}TWILIO_API_KEY", ""),
        env.get(f"{start}TWILIO_API_SECRET", ""),
        env.get(f"{start}TWILIO_AUTH_TOKEN", ""),
        prefix=start,
    )


def region_in(env: Mapping[str, str], prefix: str = "") -> str:
    """`TWILIO_REGION`, checked; empty for the default region."""
    name = f"{prefix}_TWILIO_REGION" if prefix else "TWILIO_REGION"
    region = env.get(name, "")
    if region and not REGION.fullmatch(region):
        raise InvalidInput(name, region, "a region is like us1, ie1 or au1")
    return region


def addresses_in(env: Mapping[str, str]) -> dict[str, str]:
    """The base URLs that the environment sets, checked; those not set are absent."""
    return {
        service: checked_address(variable, env[variable])
        for service, variable in ADDRESS_VARIABLES.items()
        if env.get(variable)
    }


def origins_for(region: str, addresses: Mapping[str, str]) -> Origins:
    """Public hosts of a region, replaced where an address is given."""
    infix = f".{region}" if region else ""
    return Origins(
        **{
            service: addresses.get(service) or f"https://{host}{infix}.twilio.com"
            for service, host in PUBLIC_HOSTS.items()
        }
    )


def checked_address(field: str, url: str) -> str:
    """
    A base URL without trailing slash.

    Raises:
        UnsafeAddress: Not http(s), plain http to another machine, or with user info,
            query or fragment.
    """
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        # Without its words: they quote what may be a password.
        raise UnsafeAddress(
            f"{field} is not a URL.", action="Give the base URL: https, host, perhaps a port."
        ) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UnsafeAddress(f"{field} has to be an http or https URL with a host.")
    if parts.username is not None or parts.password is not None:
        raise UnsafeAddress(
            f"{field} carries a user name or password.",
            action="Put credentials into their own variables.",
        )
    if not HOST.fullmatch(parts.hostname):
        raise UnsafeAddress(
            f"{field} names a host that is not a plain DNS name or IP address.",
            action="Write an international name in its xn-- form.",
        )
    if not all(PATH.fullmatch(part) and part.strip(".") for part in _path(parts.path)):
        raise UnsafeAddress(f"{field} has a path that is not plain.", action="Give the base URL.")
    if parts.query or parts.fragment:
        raise UnsafeAddress(f"{field} carries a query or fragment.", action="Give the base URL.")
    if parts.scheme == "http" and not is_loopback(url):
        raise UnsafeAddress(
            f"{field} would send credentials unencrypted to {parts.hostname}.",
            "Plain http is accepted for a loopback address only.",
            "Use https.",
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _path(path: str) -> list[str]:
    """The segments of a path, without slashes at its ends."""
    return path.strip("/").split("/") if path.strip("/") else []


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def home() -> Path:
    """
    Where journal, sandbox record and run folders are kept: `BRIDGE_HOME`, else the
    user's data folder. Created on first use, for the user alone.
    """
    named = os.environ.get("BRIDGE_HOME")
    try:
        if named:
            path = Path(named).expanduser()
        else:
            from platformdirs import user_data_path

            path = user_data_path("bridge-workbook", appauthor=False)
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, RuntimeError) as error:
        raise InvalidInput(
            "BRIDGE_HOME", named or "not set", f"it has to be a folder we may write to ({error})"
        ) from None
    return path


def checked_target(target: object) -> str:
    """`target` itself, or an error that lists the choices."""
    if not isinstance(target, str) or target not in TARGETS:
        raise InvalidInput("target", target, f"a target is one of {_and(list(TARGETS), 'or')}")
    return target


def _header_safe(value: str, name: str) -> Secret:
    """A secret that can go into a header; says which variable is wrong without showing it."""
    if not value.isascii() or not value.isprintable() or value != value.strip():
        raise InvalidInput(
            name,
            Secret(value),
            "a secret is plain ASCII without spaces around it; it may have been cut when copied",
        )
    return Secret(value)


def _sid_shown(sid: str) -> str:
    """Enough of a wrong sid to recognise it; somebody may have pasted the secret there."""
    return f"{sid[:2]}… ({len(sid)} characters)"


def _and(words: list[str], last: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
