"""A preflight as a whole: one check after another, and what they have found."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from ...api.models import Configuration, Service, Store
from ...api.session import Session
from ...errors import (
    AuthenticationFailed,
    BridgeError,
    Cancelled,
    ChecksFailed,
    ConnectionFailed,
    NotEnabled,
)
from ...progress import OnProgress, step_context
from ...words import counted
from ..findings import Finding, summary
from ..plan import Plan, Wanted
from .checks import CHECKS, OPTIONAL, name_of
from .state import State


@dataclass(frozen=True, slots=True)
class Preflight:
    """
    What was found.

    Attributes:
        findings: In the order of the checks.
        plan: The complete plan, or None when a sid is still open.
        service, store: As the account has them, when they were found.
        bridged_by: The configuration that bridges the service already, or None.
        causes: What the checks that failed with an error ran into.
    """

    findings: tuple[Finding, ...]
    plan: Plan | None = None
    service: Service | None = None
    store: Store | None = None
    bridged_by: Configuration | None = None
    causes: tuple[BridgeError, ...] = ()

    @property
    def ok(self) -> bool:
        """No error; warnings do not count."""
        return all(finding.level != "error" for finding in self.findings)

    @property
    def summary(self) -> str:
        """How many findings there are of each level, in words."""
        return summary(self.findings)

    def require(self) -> Plan:
        """
        The plan, if nothing stands in its way.

        Raises:
            BridgeError: The single cause, or the one that explains the others.
            ChecksFailed: Lists the errors.
        """
        if self.ok and self.plan is not None:
            return self.plan
        errors = [one for one in self.findings if one.level == "error"]
        for cause in self.causes:
            # Without access every other check fails too, for the same reason.
            if len(errors) == 1 or isinstance(cause, AuthenticationFailed | NotEnabled):
                raise cause
        raise ChecksFailed(
            f"Preflight found {counted(len(errors), 'error')}: "
            + " ".join(f"{one.check}: {one.found}" for one in errors),
            "Nothing was written.",
            " ".join(dict.fromkeys(one.action for one in errors if one.action)),
        )


def preflight(
    session: Session,
    wanted: Wanted,
    *,
    phone_number: str = "",
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Preflight:
    """
    Run all checks for what is wanted. Reads only.

    Args:
        wanted: Empty sids are filled in where there is exactly one to take.
        phone_number: The number to try voice and SMS with; empty: any that is owned will do.

    Raises:
        Cancelled: It was stopped.
    """
    with step_context(on_progress, cancel) as context:
        state = State(session, wanted, phone_number)
        for done, check in enumerate(CHECKS):
            context.check()
            context.say(check.__doc__ or "", done=done, total=len(CHECKS))
            try:
                state.findings.extend(check(state))
            except Cancelled:
                raise
            except BridgeError as error:
                # What a bridge can do without is asked elsewhere, perhaps without access.
                optional = check in OPTIONAL
                state.failed(name_of(check), error, optional=optional)
                if not optional and isinstance(error, AuthenticationFailed | ConnectionFailed):
                    break
        return Preflight(
            tuple(state.findings),
            state.plan,
            state.service,
            state.store,
            state.bridged_by,
            tuple(state.causes),
        )
