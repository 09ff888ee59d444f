"""
Credentials, regions and addresses, each checked; and where our own files go.

Credentials are held as `Secret`, which cannot be printed, formatted, serialised
or pickled. Which source they are taken from: see `sources`.
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
from .forms import ACCOUNT_SID, API_KEY

TARGETS: Final = ("sandbox", "twilio")

DEFAULT_REGION: Final = "us1"
REGIONS: Final[Mapping[str, str]] = {
    DEFAULT_REGION: "",
    "ie1": "dublin.ie1.",
    "au1": "sydney.au1.",
}
"""
Each region with what stands between product and `twilio.com` in its hosts.

The form is `product.edge.region`; hosts without the edge (`api.ie1.twilio.com`) were
retired on 28 April 2026 (Twilio docs: global-infrastructure/api-domain-migration-guide).
A region has one edge here, so that `TWILIO_EDGE`, which the SDK reads, is not read.
"""
HOST: Final = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})?(\.[a-z0-9_]([a-z0-9_-]{0,62})?)*|[0-9a-f:.]*:[0-9a-f:.]*"
)
PATH: Final = re.compile(r"[A-Za-z0-9._~-]+")
CREDENTIAL_VARIABLES: Final = (
    "TWILIO_ACCOUNT_SID",
    "TWILIO_API_KEY",
    "TWILIO_API_SECRET",
    "TWILIO_AUTH_TOKEN",
)
ADDRESS_VARIABLES: Final[Mapping[str, str]] = {
    service: f"TWILIO_{service.upper()}_URL"
    for service in ("conversations", "memory", "api", "intelligence", "monitor", "messaging")
}
"""The variable that holds each service's base URL; a service has the name of its host."""


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
                    f"Set {_and(list(names.values())[:3])} in the environment or in a .env file, "
                    f"all of them in one place ({names['TWILIO_AUTH_TOKEN']} can stand in for key "
                    "and secret)."
                ),
            )
        if not ACCOUNT_SID.fullmatch(account_sid):
            raise InvalidInput(
                names["TWILIO_ACCOUNT_SID"],
                sid_shown(account_sid),
                "an account sid is AC and 32 hex digits",
            )
        if not api_key:
            return cls(
                account_sid, account_sid, _header_safe(auth_token, names["TWILIO_AUTH_TOKEN"])
            )
        if not API_KEY.fullmatch(api_key):
            raise InvalidInput(
                names["TWILIO_API_KEY"], sid_shown(api_key), "an API key is SK and 32 hex digits"
            )
        return cls(account_sid, api_key, _header_safe(api_secret, names["TWILIO_API_SECRET"]))


@dataclass(frozen=True, slots=True)
class Origins:
    """
    The base URLs that credentials may go to, without a trailing slash, and nowhere else.

    Attributes:
        messaging: Empty where messaging is not to be asked: a stand-in's `/v1/Services`
            is classic's, unless it has an address of its own for messaging.
    """

    conversations: str
    memory: str
    api: str
    intelligence: str = ""
    monitor: str = ""
    messaging: str = ""

    @property
    def by_service(self) -> dict[str, str]:
        """Service to base URL, for the services that have one."""
        urls = {service: getattr(self, service) for service in ADDRESS_VARIABLES}
        return {service: url for service, url in urls.items() if url}

    @property
    def loopback(self) -> bool:
        """Whether all of them are on this machine."""
        return all(is_loopback(url) for url in self.by_service.values())

    @property
    def foreign_hosts(self) -> tuple[str, ...]:
        """The hosts that are neither Twilio's nor this machine, each once."""
        found = [
            urlsplit(url).hostname or ""
            for url in self.by_service.values()
            if not is_loopback(url) and not is_twilios(url)
        ]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Account:
    """
    One account to work on: where it is and how to get in.

    Attributes:
        region: `us1`, `ie1`, `au1`; empty: the default one.
        unused: A sentence for every address or region that was found and is not used,
            because the credentials come from another source.
    """

    target: str
    credentials: Credentials
    origins: Origins
    region: str = ""
    unused: tuple[str, ...] = ()

    @property
    def sid(self) -> str:
        """The account's `AC…`."""
        return self.credentials.account_sid

    @property
    def warning(self) -> str:
        """A sentence that names the hosts which are neither Twilio's nor this machine; or empty."""
        hosts = list(self.origins.foreign_hosts)
        if not hosts:
            return ""
        return f"Credentials and requests go to {_and(hosts)}: not Twilio, and not this machine."


def checked_region(field: str, region: str) -> str:
    """
    A region's name; empty for the default one.

    Raises:
        InvalidInput: Not one of `REGIONS`.
    """
    if region and region not in REGIONS:
        raise InvalidInput(field, region, f"a region is one of {_and(list(REGIONS), 'or')}")
    return region


def origins_for(region: str, addresses: Mapping[str, str]) -> Origins:
    """
    Public hosts of a region, replaced where an address is given.

    Addresses that are all on this machine are a stand-in's. Nothing of it may reach
    Twilio then: what is not given is at the address of conversations or, without that, at
    the first that is given. Messaging is not, see `Origins`.

    Args:
        region: One of `REGIONS`, or empty.
        addresses: Service to checked base URL.

    Raises:
        UnsafeAddress: Messaging alone is on this machine.
    """
    if not addresses or not all(is_loopback(url) for url in addresses.values()):
        public = {
            service: f"https://{service}.{REGIONS[region or DEFAULT_REGION]}twilio.com"
            for service in ADDRESS_VARIABLES
        }
        return Origins(**{**public, **addresses})
    others = [service for service in ADDRESS_VARIABLES if service != "messaging"]
    first = next((addresses[service] for service in others if service in addresses), "")
    if not first:
        raise UnsafeAddress(
            f"{ADDRESS_VARIABLES['messaging']} is on this machine and nothing else is.",
            "What reads from a stand-in would write to Twilio.",
            f"Set {ADDRESS_VARIABLES['conversations']} to the stand-in's address as well.",
        )
    return Origins(**{**dict.fromkeys(others, first), **addresses})


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


def is_twilios(url: str) -> bool:
    """Whether a URL is https on a host of Twilio's."""
    parts = urlsplit(url)
    return parts.scheme == "https" and f".{parts.hostname or ''}".endswith(".twilio.com")


def home() -> Path:
    """
    Where the files of the workbook are kept: `BRIDGE_HOME`, else the user's data folder.

    Created on first use, for the user alone.
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


def sid_shown(sid: str) -> str:
    """Enough of a wrong sid to recognise it; somebody may have pasted the secret there."""
    return f"{sid[:2]}… ({len(sid)} characters)"


def _and(words: list[str], last: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
