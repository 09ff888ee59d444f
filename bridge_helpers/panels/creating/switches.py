"""The switches for what the guide's request leaves off, as one part of a panel's form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from ...api.models import IntelligenceConfiguration
from ...errors import InvalidInput
from ...onboarding.options import BORN_WITH, SUGGESTED_TIMEOUTS, Options, check_option
from ...words import counted
from ..toolkit import text
from ..toolkit.panel import Panel
from ..toolkit.text import Html
from ..toolkit.widgets import Choice, Field, HtmlView, Picker, column, row

SWITCHES: Final = "Memory, timeouts, intelligence, callbacks"
"""What the form is behind, in the panels that have it."""
SWITCH: Final = [
    {"value": "false", "title": "Off", "detail": "As in the guide."},
    {"value": "true", "title": "On", "detail": "Memory is made of conversations when they end."},
]


class OptionsForm:
    """
    Four controls, and below them a line for each option: on or off, and what that means.

    Args:
        panel: The panel that the form is a part of.
        changed: Called with an option's name when somebody changes it.

    Attributes:
        widget: What the panel shows; `summary` says the same in a line, for where it is closed.
        controls: The control of each option, by the option's name.
    """

    def __init__(self, panel: Panel, changed: Callable[[str], None]) -> None:
        self.extraction = Choice(
            "Memory extraction", options=SWITCH, value="false", arrangement="row"
        )
        self.timeouts = Field(
            "CHAT timeouts",
            placeholder=SUGGESTED_TIMEOUTS,
            help="Minutes to INACTIVE and CLOSED; Twilio advises 15/60. Empty: none.",
        )
        self.intelligence = Picker(
            "Intelligence configuration", empty="The account has no intelligence configuration."
        )
        self.callbacks = Field(
            "Status callbacks",
            help="HTTPS addresses, at most two, with a comma between. Empty: none.",
        )
        self.lines = HtmlView()
        self.summary = HtmlView()
        self.controls: dict[str, Choice | Field | Picker] = {
            "memory_extraction": self.extraction,
            "chat_timeouts": self.timeouts,
            "intelligence": self.intelligence,
            "status_callbacks": self.callbacks,
        }
        self.widget = column(
            row(self.extraction, self.timeouts),
            row(self.intelligence, self.callbacks),
            self.lines,
        )
        for name, control in self.controls.items():
            panel.on_change(control, partial(changed, name))
        self.draw()

    def offer(self, configurations: Iterable[IntelligenceConfiguration], linked: str = "") -> None:
        """
        Give the picker what can be linked; what is chosen stays if it is among it.

        Args:
            linked: What is linked now, which stays to be chosen also where it is several, or
                cannot be listed.
        """
        there = list(configurations)
        with self.intelligence.hold_sync():
            self.intelligence.options = [
                {"value": "", "title": "None", "detail": "As in the guide.", "mark": ""},
                *(
                    {
                        "value": one.id,
                        "title": one.display_name or one.id,
                        "detail": f"{one.id} · {counted(len(one.rules or ()), 'rule')}",
                        "mark": "" if one.rules else "no rule: it does nothing",
                    }
                    for one in there
                ),
                *(
                    [{"value": linked, "title": "As it is now", "detail": linked, "mark": ""}]
                    if linked and linked not in [one.id for one in there]
                    else []
                ),
            ]

    def fill(self, name: str, value: object, source: str = "") -> None:
        """Show a value, as a parameter of the notebook holds it, and where it comes from."""
        control = self.controls[name]
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        control.value = shown or ("false" if control is self.extraction else "")
        control.source = source

    def checked(self) -> dict[str, Any] | None:
        """The options as fields of a plan; None while one is wrong, which its control says."""
        values: dict[str, Any] = {}
        for name, control in self.controls.items():
            control.error = ""
            try:
                values[name] = check_option(name, control.value)
            except InvalidInput as error:
                control.error = error.rule
        return values if len(values) == len(self.controls) else None

    def draw(self) -> None:
        """Say of each option whether it is on and what that means."""
        values = self.checked()
        if values is not None:
            on = Options.checked(**values)
            self.lines.value, self.summary.value = lines(on), in_a_line(on)

    def texts(self) -> dict[str, str]:
        """What the controls hold, for whoever keeps it; off and none are empty."""
        held = {name: control.value for name, control in self.controls.items()}
        return {name: "" if text == "false" else text for name, text in held.items()}

    def disable(self, disabled: bool) -> None:
        """While something runs nothing can be changed."""
        for control in self.controls.values():
            control.disabled = disabled

    @property
    def wrong(self) -> list[str]:
        """The labels of what has to be corrected."""
        return [control.label for control in self.controls.values() if control.error]


def in_a_line(on: Options) -> Html:
    """Which options are off; a line."""
    off = [title for title, is_on, _ in on.lines() if not is_on]
    if not off:
        return text.html('<div class="bw-help">Memory, timeouts, intelligence: all on.</div>')
    meaning = "" if on.memory_extraction else " Nothing that customers say is remembered."
    return text.html('<div class="bw-help">Off: {}.{}</div>', ", ".join(off), meaning)


def lines(on: Options) -> Html:
    """A line for each option, and when a change counts."""
    told = text.joined(
        text.html("<li><strong>{}</strong> {}: {}</li>", title, "on" if is_on else "off", meaning)
        for title, is_on, meaning in on.lines()
    )
    return text.html('<div class="bw-help"><ul>{}</ul>{}</div>', told, BORN_WITH)
