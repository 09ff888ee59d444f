"""A customer of a cohort as one row: what its `result.json` says, in short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from .customers import Customer

Would = Literal["create", "adopt", "change", "refuse", ""]

NOT_RUN: Final = "not run"
RESULT: Final = "result.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One customer.

    Attributes:
        status: As in `result.json`, or `not run`.
        would: What a run that writes would do, of a plan: create a bridge, adopt the one that
            is there, change it (it differs, and is left alone until somebody changes it
            knowingly), or refuse because of what the checks found.
        off: What is switched off for the customer, separated by commas.
        error: What happened and what to do next; empty when nothing did.
        seconds: That the run took.
        this_time: Whether it ran now; otherwise the row is of an earlier run, or of none.
    """

    name: str
    status: str
    would: Would = ""
    outcome: str = ""
    configuration_id: str = ""
    to_orchestrator_seconds: float | None = None
    to_classic_seconds: float | None = None
    off: str = ""
    error: str = ""
    seconds: float | None = None
    account_sid: str = ""
    region: str = ""
    service_sid: str = ""
    memory_store_id: str = ""
    this_time: bool = True

    def ok(self, apply: bool) -> bool:
        """Whether it is as it was asked for: verified, or for a plan at least planned."""
        return self.status == "verified" or (self.status == "planned" and not apply)


def of_result(customer: Customer, result: Mapping[str, Any], this_time: bool = True) -> Row:
    """The row of a customer whose run came to a result."""
    sync, error = result["sync"] or {}, result["error"] or {}
    findings = result["findings"]
    return Row(
        name=customer.name,
        status=result["status"],
        would=_would(result),
        outcome=result["outcome"] or "",
        configuration_id=result["configuration_id"] or "",
        to_orchestrator_seconds=sync.get("to_orchestrator_seconds"),
        to_classic_seconds=sync.get("to_classic_seconds"),
        off=", ".join(one["check"] for one in findings if one["found"].startswith("Off:")),
        error=" ".join(part for part in (error.get("message"), error.get("action")) if part),
        seconds=result["seconds"],
        account_sid=result["account_sid"],
        region=customer.region,
        service_sid=result["service_sid"],
        memory_store_id=result["memory_store_id"],
        this_time=this_time,
    )


def not_run(customer: Customer) -> Row:
    """The row of a customer that nothing was done for."""
    return Row(
        name=customer.name,
        status=NOT_RUN,
        account_sid=customer.account_sid,
        region=customer.region,
        service_sid=customer.service_sid,
        this_time=False,
    )


def earlier(customer: Customer, folder: Path) -> Row | None:
    """The row of an earlier run in the same folder, for the same account and service."""
    try:
        text = (folder / customer.name / RESULT).read_bytes()
        result = msgspec.json.decode(text, type=dict[str, Any])
        row = of_result(customer, result, this_time=False)
        # Somebody may have been at the file: a row with a text for seconds could not be shown.
        row = msgspec.convert(asdict(row), Row)
    except (OSError, msgspec.DecodeError, KeyError, TypeError, AttributeError):
        return None
    same = row.account_sid == customer.account_sid
    return row if same and customer.service_sid in ("", row.service_sid) else None


def failed(
    customer: Customer, target: str, error: Mapping[str, Any], started_at: str, seconds: float
) -> dict[str, Any]:
    """What `result.json` holds for a run that did not come to a result of its own."""
    return {
        "schema": 1,
        "status": "failed",
        "target": target,
        "account_sid": customer.account_sid,
        "service_sid": customer.service_sid,
        "memory_store_id": str(customer.values.get("memory_store_id", "")),
        "grouping": str(customer.values.get("grouping", "")),
        "configuration_id": None,
        "operation_id": None,
        "outcome": None,
        "findings": [],
        "sync": None,
        "conversations": None,
        "error": dict(error),
        "started_at": started_at,
        "seconds": round(seconds, 3),
    }


def _would(result: Mapping[str, Any]) -> Would:
    if result["status"] == "planned":
        return "adopt" if result["configuration_id"] else "create"
    if result["outcome"] or result["status"] != "failed":
        return ""
    differs = any(
        one["check"] == "bridge" and one["level"] == "error" for one in result["findings"]
    )
    return "change" if differs else "refuse"
