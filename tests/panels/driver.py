"""
Panels without a browser: find a control by its label, use it, wait, read the text.

A label is looked for among what is shown only, as a person would.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from bridge_helpers.panels.toolkit.inputs import DownloadButton, Select
from bridge_helpers.panels.toolkit.panel import Panel
from bridge_helpers.panels.toolkit.table import TableView
from bridge_helpers.panels.toolkit.widgets import (
    Button,
    Choice,
    Field,
    HtmlView,
    Picker,
    SecretField,
)

WAIT = 20.0


def shown(widget: Any) -> Iterator[Any]:
    """Every widget under this one that is not hidden."""
    if "bw-hidden" in widget._dom_classes or getattr(widget, "hidden", False):
        return
    yield widget
    for child in getattr(widget, "children", ()):
        yield from shown(child)


def find(panel: Panel, label: str, kind: type = object) -> Any:
    """The shown control with this label."""
    found = [
        one
        for one in shown(panel.widget)
        if getattr(one, "label", None) == label and isinstance(one, kind)
    ]
    assert len(found) == 1, f"{len(found)} shown controls are labelled {label!r}"
    return found[0]


def labels(panel: Panel) -> list[str]:
    """The labels of all shown controls, in reading order."""
    return [one.label for one in shown(panel.widget) if getattr(one, "label", "")]


def enter(panel: Panel, label: str, value: str) -> None:
    """Type into a field or secret."""
    control = find(panel, label)
    assert not control.disabled
    if isinstance(control, SecretField):
        control._handle_custom_msg({"event": "typed", "secret": value}, [])
    else:
        assert isinstance(control, Field)
        control.value = value
    settle(panel)


def pick(panel: Panel, label: str, words: str) -> None:
    """Choose the option of a picker or of radio buttons whose title contains these words."""
    control = find(panel, label)
    assert isinstance(control, Picker | Choice | Select)
    assert not control.disabled
    found = [one["value"] for one in control.options if words in one["title"]]
    assert len(found) == 1, f"{len(found)} options contain {words!r}"
    control.value = found[0]
    settle(panel)


def press(panel: Panel, label: str, wait: float = WAIT) -> None:
    """Click a button, as the browser does, and wait for the worker."""
    button = find(panel, label, Button)
    assert not button.disabled, f"{label} cannot be pressed: {button.reason}"
    button._handle_custom_msg({"event": "click"}, [])
    settle(panel, wait)


def reopen(connection: Panel) -> None:
    """Press "change" in a connection that is made, so that its card is there again."""
    press(connection, "change")


def download(panel: Panel, label: str) -> tuple[str, bytes] | None:
    """Click a download button and take all parts, as the browser does; the file it would save."""
    button = find(panel, label, DownloadButton)
    assert not button.disabled, f"{label} cannot be pressed: {button.reason}"
    parts: list[bytes] = []
    names: list[str] = []

    def hear(message: dict[str, str], buffers: Any = None) -> None:
        if message["for"] != "this tab":
            return
        parts.extend(buffers or ())
        if message["event"] == "end":
            names.append(message["name"])
        else:
            button._handle_custom_msg({"event": "more", "for": "this tab"}, [])

    button.send = hear
    button._handle_custom_msg({"event": "click", "for": "this tab"}, [])
    settle(panel)
    return (names[0], b"".join(parts)) if names else None


def settle(panel: Panel, wait: float = WAIT) -> None:
    """Wait until the panel's worker has nothing to do."""
    assert panel.worker.wait(wait), f"{panel.name} was still busy: {text(panel)}"


def text(panel: Panel) -> str:
    """Everything that can be read in a panel."""
    parts = []
    for one in shown(panel.widget):
        if isinstance(one, HtmlView):
            parts.append(plain(one.value))
        elif isinstance(one, TableView):
            parts += ["  ".join(line["cells"]) for line in one.rows]
            parts.append(plain(one.details) if one.rows else one.empty)
        else:
            for name in ("label", "value", "source", "help", "error", "reason"):
                value = getattr(one, name, "")
                if isinstance(value, str) and value:
                    parts.append(value)
    return "\n".join(parts)


def plain(markup: str) -> str:
    """HTML as text."""
    return html.unescape(re.sub(r"<[^>]+>", " ", markup))


def state(panel: Panel) -> str:
    """The word in the panel's title, as it is shown."""
    found = re.search(r'data-state="[^"]+">(\S+) ([^<]+)<', panel.title.value)
    assert found is not None
    return found.group(2)
