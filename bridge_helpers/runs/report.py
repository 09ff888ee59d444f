"""
A run as one static page: no script, no secret, nothing fetched; safe to mail.

It is the executed notebook without its code: prose and what the steps showed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from ..errors import BridgeError
from .pages import templates

STATES: Final = {
    "planned": "◎ planned",
    "verified": "✓ verified",
    "unverified": "! unverified",
    "failed": "× failed",
}
_ACTIVE: Final = re.compile(
    r"<\s*(script|iframe|object|embed|link|meta|form)\b|<[^>]*\son\w+\s*=", re.IGNORECASE
)


def render(executed: Path, result: dict[str, Any]) -> str:
    """
    The page.

    Args:
        executed: The notebook that ran.
        result: What `result.json` holds.

    Raises:
        BridgeError: Something active got into it; a page like that is not written.
    """
    parts = [part for cell in _cells(executed) for part in _parts(cell)]
    page = (
        templates()
        .get_template("report.html.j2")
        .render(
            result=result,
            state=STATES.get(result["status"], result["status"]),
            facts=_facts(result),
            parts=parts,
        )
    )
    body = page[page.index("<body") :]
    if _ACTIVE.search(re.sub(r'"[^"]*"', '""', body)):
        raise BridgeError(
            "The report is not written: something active got into it.",
            action="Mail result.json instead, and report this as a defect.",
        )
    return page


def _cells(executed: Path) -> list[Any]:
    import nbformat

    cells: list[Any] = nbformat.read(executed, as_version=4).cells
    return [cell for cell in cells if "no-report" not in cell.get("metadata", {}).get("tags", [])]


def _parts(cell: Any) -> list[Any]:
    """Prose as HTML, and outputs as far as they are static."""
    from markupsafe import Markup

    if cell.cell_type == "markdown":
        import mistune

        prose = mistune.create_markdown(escape=True)(cell.source)
        return [Markup(prose)]  # noqa: S704 - our notebook's prose, HTML in it escaped
    made: list[Any] = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "text/html" in data:
            made.append(Markup(data["text/html"]))  # noqa: S704 - from our templates; checked above
        elif "text/plain" in data:
            made.append(Markup("<pre>{}</pre>").format(data["text/plain"]))
    return made


def _facts(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The run's identity as label and value, those that are known."""
    sync = result.get("sync") or {}
    known = (
        ("Account", result["account_sid"]),
        ("Target", result["target"]),
        ("Classic service", result["service_sid"]),
        ("Memory store", result["memory_store_id"]),
        ("Grouping", result["grouping"]),
        ("Configuration", result["configuration_id"]),
        ("Outcome", result["outcome"]),
        ("To Orchestrator", _seconds(sync.get("to_orchestrator_seconds"))),
        ("Way back", _seconds(sync.get("to_classic_seconds"))),
        ("Conversations", result["conversations"]),
        ("Started", result["started_at"]),
        ("Took", _seconds(result["seconds"])),
    )
    return [(label, str(value)) for label, value in known if value not in (None, "")]


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"
