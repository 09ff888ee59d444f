"""Asking before something is written, differences, and errors in a panel's words."""

from __future__ import annotations

import json

import pytest

from bridge_helpers.errors import AuthenticationFailed, Cancelled, UnknownOutcome
from bridge_helpers.panels.toolkit import text
from bridge_helpers.panels.toolkit.confirm import ConfirmName, Question
from bridge_helpers.panels.toolkit.panel import Panel

from . import driver


class Careful(Panel):
    """A panel that asks in both ways."""

    name = "Careful"
    command = "bridge-workbook careful"

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.confirm = ConfirmName(self, submit=self.remove)
        self.question = Question(self)
        self.go = self.button("Write", self.press)
        self.take = self.button("Remove", self.remove, "danger")
        self.controls.children = [self.confirm.widget]
        self.actions.children = [self.go, self.take]
        self.result.children = [self.question.widget]
        self.refresh()

    def press(self) -> None:
        self.question.ask("One thing is written.", "Yes, write it", lambda: self.done.append("w"))

    def remove(self) -> None:
        if not self.confirm.reason:
            self.done.append("r")

    def refresh(self) -> None:
        self.go.allow("answer below" if self.question.asked else "")
        self.take.allow(self.confirm.reason)


@pytest.mark.parametrize("typed", ["Acme  support", "  Acme support ", "Acme support"])
def test_a_name_is_confirmed_whatever_its_spaces(typed: str) -> None:
    """The name stands beside the field; spaces around it and in it do not matter."""
    panel = Careful()
    panel.confirm.name = "Acme support"
    assert "The name is Acme support" in " ".join(driver.text(panel).split())
    assert driver.find(panel, "Remove").reason == "type the name to confirm"
    driver.enter(panel, "Type its name to confirm", typed)
    driver.press(panel, "Remove")
    assert panel.done == ["r"]


@pytest.mark.parametrize("typed", ["", "acme support", "Acme", "Acmesupport"])
def test_another_name_confirms_nothing(typed: str) -> None:
    """Neither a part of it nor other letters; Enter does not help."""
    panel = Careful()
    panel.confirm.name = "Acme support"
    driver.enter(panel, "Type its name to confirm", typed)
    assert driver.find(panel, "Remove").disabled
    panel.confirm.field.submit()
    assert panel.done == []


def test_what_was_typed_for_one_thing_confirms_no_other() -> None:
    """The field is emptied when it is about something else, and hidden when about nothing."""
    panel = Careful()
    panel.confirm.name = "one"
    driver.enter(panel, "Type its name to confirm", "one")
    panel.confirm.name = "two"
    assert panel.confirm.field.value == ""
    panel.confirm.name = ""
    assert "Type its name to confirm" not in driver.labels(panel)


def test_a_double_click_agrees_to_nothing() -> None:
    """The button that asks cannot be pressed while it waits for an answer; another one agrees."""
    panel = Careful()
    driver.press(panel, "Write")
    assert driver.find(panel, "Write").reason == "answer below"
    driver.find(panel, "Write").click()
    assert panel.done == []
    assert "One thing is written." in driver.text(panel)
    driver.press(panel, "Yes, write it")
    assert panel.done == ["w"]
    assert "Yes, write it" not in driver.labels(panel)


def test_no_is_an_answer() -> None:
    """Going back writes nothing, and it can be asked again."""
    panel = Careful()
    driver.press(panel, "Write")
    driver.press(panel, "No, go back")
    assert panel.done == []
    assert not driver.find(panel, "Write").disabled
    panel.question.yes.click()
    assert panel.done == []


def test_an_error_begins_with_what_it_means() -> None:
    """First what it means and what to do; status, ids and the request are behind "Details"."""
    refused = AuthenticationFailed(
        "GET /v1/Services was refused.", "Authenticate.", "Check it.", status=401, request_id="RQ7"
    )
    refused.meaning = "Twilio does not accept this key."
    shown = text.error_box(refused)
    assert driver.plain(shown).split("Details")[0].split(".")[0].strip() == refused.meaning[:-1]
    seen, _, behind = shown.partition("<details>")
    for plumbing in ("GET /v1/Services", "401", "RQ7"):
        assert plumbing not in seen
        assert plumbing in behind
    assert str(refused).startswith("Twilio does not accept this key. GET /v1/Services")


@pytest.mark.parametrize(
    ("words", "button", "shown"),
    [
        ("Run it again to resume.", "Resume", "Press Resume to resume."),
        ("Wait, and run it again.", "Check", "Wait, and press Check."),
        ("Run the step again to go on.", "Send", "Press Send to go on."),
        ("Run it again.", "", "Try it again."),
        ("Run the cell again.", "Check", "Run the cell again."),
    ],
)
def test_a_panel_says_which_button(words: str, button: str, shown: str) -> None:
    """The words "run it again" are for the command line; a panel names the button to press."""
    assert text.for_button(words, button) == shown


def test_the_button_that_was_pressed_is_named() -> None:
    """An error names the button whose work it ended."""
    panel = Careful()
    retry = panel.button("Retry me", lambda: None)
    retry.click()
    panel.fail(UnknownOutcome("Not known.", "", "Run it again in a minute."))
    assert "Press Retry me in a minute." in driver.text(panel)
    panel.fail(Cancelled("Stopped.", "", "Run the step again to go on."))
    assert "Press Retry me to go on." in driver.text(panel)


def test_without_widgets_a_panel_names_the_command() -> None:
    """`text/plain` is what a front end without widgets shows: no dead end."""
    bundle = Careful()._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "bridge-workbook careful" in data["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in data


def test_a_saved_panel_says_what_to_do_after_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is saved holds a line for the page where the panel is not; the panel hides it."""
    shown: list[dict[str, str]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    panel = Careful()
    panel._ipython_display_()
    line, card = shown
    assert "from before the restart: run its cell" in line["text/html"]
    assert ":has(.bw-card) .bw-before" in line["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in card
    assert panel.title.stale == text.STALE


def test_differences_show_values_of_every_kind() -> None:
    """Absent, on, off, text and structures are told apart, and text is escaped."""
    made = text.differences(
        "What differs",
        [("memory", None, True), ("name", "<b>", ""), ("rules", [{"from": "*"}], False)],
    )
    words = " ".join(driver.plain(made).split())
    assert "memory not set on" in words
    assert "name <b> not set" in words
    assert json.dumps([{"from": "*"}], indent=1).split()[0] in words
    assert words.endswith("off")
    assert "<b>" not in made
