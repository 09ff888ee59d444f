"""
A run as one static page: no script, no secret, nothing fetched; safe to mail.

It is the executed notebook without its code: prose and what the steps showed.
"""

from __future__ import annotations

from typing import Any

from ..errors import BridgeError
from .pages import templates
from .static_html import active_parts


def render(executed: Any, result: dict[str, Any]) -> str:
    """
    Make the page.

    Args:
        executed: The notebook that ran, as `nbformat` reads it.
        result: What `result.json` holds.

    Raises:
        BridgeError: Something in it runs or is fetched; a page like that is not written.
    """
    parts = [part for cell in _cells(executed) for part in _parts(cell)]
    page = (
        templates()
        .get_template("report.html.j2")
        .render(
            result=result,
            facts=_facts(result),
            parts=parts,
        )
    )
    active = active_parts(page)
    if active:
        raise BridgeError(
            "The report is not written: something in it is not static.",
            f"Found {', '.join(dict.fromkeys(active))}.",
            "Mail result.json instead, and report this as a defect of the workbook.",
        )
    return page


def _cells(executed: Any) -> list[Any]:
    return [cell for cell in executed.cells if "no-report" not in cell.metadata.get("tags", [])]


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
    """What the run worked on and what came of it, as label and value, where it is known."""
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
