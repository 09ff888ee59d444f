"""What is said when a write does not end as it was meant to."""

from __future__ import annotations

from datetime import datetime

from ...api.models import Configuration
from ...api.session import Session
from ...errors import BridgeDiffers, BridgeError, NotFound, PreconditionFailed, UnknownOutcome
from ..plan import Plan
from ..undo import adopt_or_change
from .wording import Words


class ResultMissing(UnknownOutcome):
    """An operation completed, and what it should have done is not to be seen."""


class OperationUnknown(UnknownOutcome):
    """An operation was accepted, and the service does not know it, nor is its result to be seen."""


class EditedMeanwhile(PreconditionFailed):
    """The configuration is not the one any more that the change was planned for."""


def result_missing(operation_id: str, words: Words, seconds: float) -> ResultMissing:
    """The operation is over, and what it was to make is not seen."""
    return ResultMissing(
        f"Operation {operation_id} is COMPLETED, but {words.missing}.",
        f"It was looked for during {seconds:.0f} s; {words.perhaps}.",
        f"Run it again in a minute: it looks first, and {words.again}.",
    )


def operation_unknown(operation_id: str, words: Words, missing: NotFound) -> OperationUnknown:
    """The service accepted an operation that it does not know."""
    error = OperationUnknown(
        f"The service accepted operation {operation_id}, and does not know it.",
        f"Also, {words.missing}. {missing.why}".strip(),
        "Run it again: it looks first, and repeats the request under the same key.",
    )
    _facts_of(missing, error)
    return error


def outcome_unknown(lost: BridgeError | None, words: Words, until: datetime) -> UnknownOutcome:
    """
    The answer to a write was lost (`lost` says how) or named no operation (None).

    Args:
        until: How long its key counts; UTC.
    """
    error = UnknownOutcome(
        f"It is not known whether {words.done}.",
        str(lost)
        if lost
        else "The service accepted the request without naming an operation to follow, and"
        f" {words.missing} yet: it is still at work, or it failed unseen.",
        "Run it again: the same idempotency key is used, so it is done once and not twice."
        f" The key counts until {until:%Y-%m-%d %H:%M} UTC; a run after that makes a new one.",
    )
    if lost is not None:
        _facts_of(lost, error)
    return error


def differs(
    session: Session,
    plan: Plan,
    there: Configuration,
    differences: tuple[tuple[str, str, str], ...],
) -> BridgeDiffers:
    """The service is bridged already, with other settings than planned."""
    shown = "; ".join(f"{field}: planned {a!r}, there {b!r}" for field, a, b in differences)
    error = BridgeDiffers(
        f"{plan.service_sid} is bridged already by {there.id}, with other settings.",
        f"{shown}.",
        f"{adopt_or_change(session, plan.service_sid)} A service has one bridge.",
    )
    error.configuration_id = there.id
    error.differences = differences
    return error


def bridged_otherwise(
    service_sid: str, configuration_id: str, paths: tuple[str, ...]
) -> BridgeDiffers:
    """The service is bridged by a configuration that is not the one which was kept."""
    error = BridgeDiffers(
        f"{service_sid} is bridged by {configuration_id} by now, with other settings than those "
        "that were kept.",
        f"It differs in {', '.join(paths)}.",
        "Look at it; disconnect or delete it first where the kept one is wanted.",
    )
    error.configuration_id = configuration_id
    return error


def edited_meanwhile(
    configuration_id: str, planned: int | None, found: int | None
) -> EditedMeanwhile:
    """Somebody else changed the configuration after the plan was made; None: of no version."""
    versions = (
        "Its members are not those that the change was planned for."
        if planned is None
        else f"The change was planned for version {planned}, and it is "
        f"{found or 'of no version'} now."
    )
    return EditedMeanwhile(
        f"Configuration {configuration_id} was changed since it was looked at.",
        f"{versions} Nothing was written.",
        "Look at it again, and plan the change anew.",
    )


def _facts_of(cause: BridgeError, error: BridgeError) -> None:
    error.status, error.code = cause.status, cause.code
    error.request_id, error.request = cause.request_id, cause.request
