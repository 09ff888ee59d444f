"""What `create` says when it does not end in the bridge that was planned."""

from __future__ import annotations

from datetime import datetime

from ..api.models import Configuration
from ..errors import BridgeDiffers, BridgeError, NotFound, UnknownOutcome
from .plan import Plan


class Gone(UnknownOutcome):
    """An operation completed, and what it made is not there."""


class Unheard(UnknownOutcome):
    """An operation was accepted, and the service does not know it, nor what it should make."""


def gone(operation_id: str, service_sid: str, seconds: float) -> Gone:
    return Gone(
        f"Operation {operation_id} is COMPLETED, but no configuration bridges {service_sid}.",
        f"It was looked for during {seconds:.0f} s; somebody may have deleted it.",
        "Run it again in a minute: it looks first, and creates only when there is none.",
    )


def unheard(operation_id: str, service_sid: str, missing: NotFound) -> Unheard:
    error = Unheard(
        f"The service accepted operation {operation_id}, and does not know it.",
        f"No configuration bridges {service_sid} either. {missing.why}",
        "Run it again: it looks first, and repeats the request under the same key.",
    )
    _facts_of(missing, error)
    return error


def unknown(lost: BridgeError | None, service_sid: str, until: datetime) -> UnknownOutcome:
    """
    The answer to the POST was lost (`lost` says how) or named no operation (None).

    Args:
        until: How long its key counts; UTC.
    """
    error = UnknownOutcome(
        "It is not known whether the configuration was created.",
        str(lost)
        if lost
        else "The service accepted the request without naming an operation to follow, and no"
        f" configuration bridges {service_sid} yet: it is still at work, or it failed unseen.",
        "Run it again: the same idempotency key is used, so there will be one and not two."
        f" The key counts until {until:%Y-%m-%d %H:%M} UTC; a run after that makes a new one.",
    )
    if lost is not None:
        _facts_of(lost, error)
    return error


def differs(
    plan: Plan, there: Configuration, differences: tuple[tuple[str, str, str], ...]
) -> BridgeDiffers:
    shown = "; ".join(f"{field}: planned {a!r}, there {b!r}" for field, a, b in differences)
    error = BridgeDiffers(
        f"{plan.service_sid} is bridged already by {there.id}, with other settings.",
        f"{shown}.",
        "Plan the same settings to adopt it, or change it knowingly; a service has one bridge.",
    )
    error.configuration_id = there.id
    error.differences = differences
    return error


def _facts_of(cause: BridgeError, error: BridgeError) -> None:
    error.status, error.code = cause.status, cause.code
    error.request_id, error.request = cause.request_id, cause.request
