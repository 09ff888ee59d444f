"""
A run as one static page: no script, no secret, nothing fetched; safe to mail.

First the summary, on a page of its own; then, as an appendix, the executed notebook without
its code: prose and what the steps showed. Names of a customer's customers are masked in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..errors import BridgeError
from .pages import MASKED, style, templates
from .static_html import active_parts

SUMMARY: Final = "summary"
"""The tag of the cell that shows the first page."""


def render(executed: Any, result: Mapping[str, Any], *, show_names: bool = False) -> str:
    """
    Make the page.

    Args:
        executed: The notebook that ran, as `nbformat` reads it.
        result: What `result.json` holds.
        show_names: Whether end customers' names are shown in full.

    Raises:
        BridgeError: Something in it runs or is fetched; a page like that is not written.
    """
    cells = _cells(executed)
    page = (
        templates()
        .get_template("report.html.j2")
        .render(
            status=result["status"],
            service=result["service_sid"],
            summary=_parts_of(cells, True, show_names),
            appendix=_parts_of(cells, False, show_names),
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


def _parts_of(cells: Sequence[Any], summary: bool, show_names: bool) -> list[Any]:
    wanted = [cell for cell in cells if (SUMMARY in cell.metadata.get("tags", [])) == summary]
    return [part for cell in wanted for part in _parts(cell, show_names)]


def _cells(executed: Any) -> list[Any]:
    return [cell for cell in executed.cells if "no-report" not in cell.metadata.get("tags", [])]


def _parts(cell: Any, show_names: bool) -> list[Any]:
    """Prose as HTML, and outputs as far as they are static."""
    from markupsafe import Markup

    if cell.cell_type == "markdown":
        import mistune

        prose = mistune.create_markdown(escape=True)(cell.source)
        return [Markup(prose)]  # noqa: S704 - our notebook's prose, HTML in it escaped
    made: list[Any] = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        html = data.get("text/html", "") if show_names else data.get(MASKED, data.get("text/html"))
        if html:
            # The report has the style once, in its head.
            fragment = html.removeprefix(style())
            made.append(Markup(fragment))  # noqa: S704 - from our templates; checked above
        elif "text/plain" in data:
            made.append(Markup("<pre>{}</pre>").format(data["text/plain"]))
    return made
