"""What the checks of a preflight look at, and what they have found so far."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property

from ...api.models import Configuration, Service, Store
from ...api.session import Session
from ...errors import BridgeError
from .. import links
from ..channels.compose import Placed
from ..conflicts.facts import Facts
from ..conflicts.situation import Situation
from ..findings import Finding
from ..plan import Plan, Wanted, check_field


@dataclass
class State:
    """What one check leaves for the next."""

    session: Session
    wanted: Wanted
    phone_number: str = ""
    findings: list[Finding] = field(default_factory=list)
    service: Service | None = None
    store: Store | None = None
    bridged_by: Configuration | None = None
    configurations: list[Configuration] | None = None
    causes: list[BridgeError] = field(default_factory=list)

    @cached_property
    def facts(self) -> Facts:
        """What the account has, read once for all checks."""
        return Facts(self.session)

    def situation(self, rules: tuple[Placed, ...]) -> Situation:
        """Capture rules beside the bridge that is wanted, as the checks of conflicts see them."""
        return Situation(
            facts=self.facts,
            service_sid=self.service.sid if self.service else "",
            configuration_id=self.bridged_by.id if self.bridged_by else "",
            rules=rules,
            grouping=self.wanted.grouping,
            memory_store_id=self.store.id if self.store else "",
        )

    def failed(self, name: str, error: BridgeError, *, optional: bool) -> None:
        """Note that a check could not be made; of an optional one that is a warning."""
        if not optional:
            self.causes.append(error)
        self.findings.append(
            Finding(
                name,
                "warning" if optional else "error",
                error.what,
                error.why or ("This could not be checked." if optional else ""),
                error.action,
                links.TROUBLESHOOTING,
            )
        )

    @property
    def plan(self) -> Plan | None:
        """The plan, once service and store are known to be there."""
        if self.service is None or self.store is None:
            return None
        values = {one.name: getattr(self.wanted, one.name) for one in fields(Wanted)}
        values["service_sid"] = check_field("service_sid", self.service.sid)
        values["memory_store_id"] = self.store.id
        return Plan(**values)
