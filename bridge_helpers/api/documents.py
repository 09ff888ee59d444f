"""
A configuration as the service sent it, beside the record that is read from it.

A record keeps only what this package knows, and cannot tell null from absent. Whoever
changes, keeps or restores a configuration needs the rest as well: members that are newer
than this package, at any depth.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol, TypeVar

from .answer import Answer
from .models import Configuration

T = TypeVar("T")
B = TypeVar("B", bound="_Bridging")

SERVICE_OWNED: Final = frozenset({"id", "accountId", "createdAt", "updatedAt", "version"})
"""Members that the service writes itself: nobody changes or restores them (Twilio's OpenAPI for
conversations v2 has them in no request)."""


@dataclass(frozen=True)
class ConfigurationDocument:
    """
    The JSON text of one configuration, decoded when it is first looked into.

    Attributes:
        source: The JSON text exactly as received, UTF-8.
        subject: The request that it answers, for messages.
    """

    source: bytes
    subject: str

    @cached_property
    def record(self) -> Configuration:
        """
        What this package knows of it.

        Raises:
            BadAnswer: It is no configuration.
        """
        return self._read(Configuration)

    @cached_property
    def members(self) -> dict[str, Any]:
        """Every member, unknown ones included; null and absent are two things here."""
        return self._read(dict[str, Any])

    @property
    def id(self) -> str:
        """The configuration's `conv_configuration_…`."""
        return self.record.id

    @property
    def service_sid(self) -> str | None:
        """The bridged classic service, or None."""
        return self.record.service_sid

    def _read(self, shape: type[T]) -> T:
        return Answer(200, {}, self.source, self.subject).read(shape)


class _Bridging(Protocol):
    @property
    def service_sid(self) -> str | None: ...


def bridging(configurations: Iterable[B], service_sid: str) -> B | None:
    """
    The configuration that bridges a classic service, or None; reads no further than it.

    Args:
        configurations: Records or documents, all there are: the service offers no filter.
        service_sid: `IS…` in any case: v1 takes capitals, v2 does not.
    """
    wanted = service_sid.lower()
    return next((one for one in configurations if (one.service_sid or "").lower() == wanted), None)
