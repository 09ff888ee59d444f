"""The form of step 07: the members of a configuration that can be changed, as they are now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...api.documents import ConfigurationDocument
from ...errors import InvalidInput
from ...onboarding.change import Wanted
from ...onboarding.change.members import wanted_changes
from ...onboarding.options import Options
from ..creating import switches as options
from ..creating.switches import OptionsForm
from ..toolkit.contents import Contents
from ..toolkit.panel import Panel
from ..toolkit.widgets import Choice, Field, Picker, column, row


class ChangeForm:
    """
    Controls that show what is there; what somebody changes of them is what is wanted.

    What is not changed is not checked and not sent, so that a value of somebody else's that
    would be refused here does not stand in the way.

    Args:
        panel: The panel that the form is a part of.
        edited: Called when somebody changes a control.

    Attributes:
        widget: The name and the memory store.
        description, options: What is seldom changed; the panel shows them closed at first.
        controls: The control of each field, by its name as a parameter.
    """

    def __init__(self, panel: Panel, edited: Callable[[], None]) -> None:
        self._panel = panel
        self.title_field = Field("Display name", help="1 to 32 letters, digits, spaces, - and _")
        self.store = Picker("Memory store", help="Of conversations that begin afterwards.")
        self.description = Field("Description", lines=2, help="1 to 512 characters")
        self.options = OptionsForm(panel, lambda _: edited())
        self.widget = row(self.title_field, column(self.store, style="bw-short"))
        self.controls: dict[str, Field | Picker | Choice] = {
            "display_name": self.title_field,
            "memory_store_id": self.store,
            "description": self.description,
            **self.options.controls,
        }
        self._there: dict[str, str] = {}
        for control in (self.title_field, self.store, self.description):
            panel.on_change(control, edited)

    def fill(self, there: ConfigurationDocument, contents: Contents) -> None:
        """Show a configuration as it is; what was typed is forgotten."""
        record = there.record
        on = Options.of(record)
        fields = on.fields()
        stores = contents.store_options()
        current = record.memory_store_id or ""
        if current and current not in [one["value"] for one in stores]:
            stores.append({"value": current, "title": current, "detail": "Not in this account."})
        with self._panel.filling():
            self.options.offer(contents.intelligence, fields["intelligence"])
            self.store.options = stores
            self.title_field.value = record.display_name or ""
            self.description.value = record.description or ""
            self.store.value = current
            for name, value in fields.items():
                self.options.fill(name, value)
            self.options.lines.value = options.lines(on)
        self._there = {name: control.value for name, control in self.controls.items()}
        self._clear_errors()

    def clear(self) -> None:
        """Forget everything, for example because the connection is gone."""
        with self._panel.filling():
            self.store.clear()
            self.options.intelligence.clear()
            self.options.lines.value = ""
            for name, control in self.controls.items():
                control.value = "false" if name == "memory_extraction" else ""
        self._there = {}
        self._clear_errors()

    @property
    def changed(self) -> dict[str, Any]:
        """What was changed, by the names of the parameters."""
        return {
            name: control.value
            for name, control in self.controls.items()
            if name in self._there and control.value != self._there[name]
        }

    def wanted(self) -> Wanted | None:
        """What is wanted; None where nothing was changed, or where a control says what is wrong."""
        self._clear_errors()
        changed = self.changed
        for name, value in changed.items():
            try:
                wanted_changes(**{name: value})
            except InvalidInput as error:
                self.controls[name].error = error.rule
        return wanted_changes(**changed) if changed and not self.wrong else None

    @property
    def wrong(self) -> list[str]:
        """The labels of what has to be corrected."""
        return [control.label for control in self.controls.values() if control.error]

    def disable(self, disabled: bool) -> None:
        """While something runs nothing can be changed."""
        for control in self.controls.values():
            control.disabled = disabled

    def _clear_errors(self) -> None:
        for control in self.controls.values():
            control.error = ""
