"""The toolkit: the worker, the error boundary, secrets, where values come from."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bridge_helpers import words
from bridge_helpers.errors import Cancelled, OperationPending, RateLimited
from bridge_helpers.panels.toolkit import text, values
from bridge_helpers.panels.toolkit.panel import Panel
from bridge_helpers.panels.toolkit.widgets import (
    STATIC,
    Bar,
    Button,
    Choice,
    Field,
    HtmlView,
    Picker,
    SecretField,
)
from bridge_helpers.panels.toolkit.worker import Worker
from bridge_helpers.progress import Progress

from ..waiting import until
from . import driver


class Sample(Panel):
    """A panel with one button whose work a test supplies."""

    name = "Sample"

    def __init__(self) -> None:
        super().__init__()
        self.work: Callable[[], str] = lambda: "a result"
        self.go = self.button("Go", self.press)
        self.actions.children = [self.go, self.stop]

    def press(self) -> None:
        self.start(
            lambda: self.work(),
            lambda result: self.enter("done", f"It gave {result}."),
            "Working.",
            cancellable="Stop it",
        )

    def refresh(self) -> None:
        self.go.allow("working" if self.busy else "")


def test_a_callback_returns_at_once_and_the_work_is_done_elsewhere() -> None:
    """A click only hands over: the work runs on another thread while the button is disabled."""
    panel, release = Sample(), threading.Event()
    seen: list[threading.Thread] = []

    def work() -> str:
        seen.append(threading.current_thread())
        release.wait(5)
        return "42"

    panel.work = work
    button = driver.find(panel, "Go")
    button._handle_custom_msg({"event": "click"}, [])
    assert panel.busy
    assert button.disabled
    assert button.reason == "working"
    assert driver.state(panel) == "running"
    release.set()
    driver.settle(panel)
    assert seen[0] is not threading.current_thread()
    assert not button.disabled
    assert "It gave 42." in driver.text(panel)


def test_a_click_on_a_disabled_button_does_nothing() -> None:
    """A button that says why it cannot be used cannot be used from the browser either."""
    clicked: list[int] = []
    button = Button("Go")
    button.on_click(lambda: clicked.append(1))
    button.allow("connect first")
    button._handle_custom_msg({"event": "click"}, [])
    assert clicked == []


def test_an_error_of_the_service_shows_with_everything_that_helps() -> None:
    """An API error shows what, why, action, status, code, request id and a text for support."""
    panel = Sample()

    def work() -> str:
        raise RateLimited("Too many.", "Why.", "Wait.", status=429, code=20429, request_id="RQ7")

    panel.work = work
    driver.press(panel, "Go")
    words = driver.text(panel)
    assert driver.state(panel) == "failed"
    for part in ("Too many.", "Why.", "Wait.", "429", "20429", "RQ7", "Copy for support"):
        assert part in words
    assert 'data-copy="RateLimited: Too many.' in panel.trouble.value


def test_a_bug_in_a_callback_or_in_the_work_is_never_silent() -> None:
    """An unexpected exception is shown in the card, wherever it was raised."""
    panel = Sample()

    def work() -> str:
        raise ZeroDivisionError("<b>oops</b>")

    panel.work = work
    driver.press(panel, "Go")
    assert driver.state(panel) == "failed"
    assert "ZeroDivisionError: <b>oops</b>" in driver.text(panel)
    assert "<b>oops</b>" not in panel.trouble.value

    other = Sample()
    broken = other.button("Break", lambda: [][0])
    broken._handle_custom_msg({"event": "click"}, [])
    assert "IndexError" in driver.text(other)


def test_stopping_is_attention_and_not_failure() -> None:
    """The cancel button sets the event; what was stopped needs attention, it has not failed."""
    panel = Sample()

    def work() -> str:
        assert panel.cancel.wait(5)
        raise Cancelled("Stopped.", action="Press Go to go on.")

    panel.work = work
    panel.go.click()
    driver.find(panel, "Stop it").click()
    driver.settle(panel)
    assert driver.state(panel) == "needs attention"
    assert "Press Go to go on." in driver.text(panel)
    assert "Stop it" not in driver.labels(panel)


def test_an_operation_that_is_not_over_is_attention_and_not_failure() -> None:
    """When the deadline of a poll passes, what was accepted goes on: nothing has failed."""
    panel = Sample()
    panel.fail(OperationPending("Still PENDING after 120 s.", action="Run it again to resume."))
    assert driver.state(panel) == "needs attention"
    assert "Run it again to resume." in driver.text(panel)
    assert "Copy for support" in driver.text(panel)


def test_progress_shows_words_time_and_share() -> None:
    """A step's progress reaches the bar: message, elapsed, next look and the share done."""
    panel = Sample()
    panel.progress(Progress("waiting", "PENDING", 3.0, wait=2.0, done=1, total=4))
    assert (panel.bar.text, panel.bar.elapsed, panel.bar.wait) == ("PENDING", 3.0, 2.0)
    assert panel.bar.fraction == 0.25
    assert panel.bar.shown
    panel.progress(Progress("running", "no end known", 4.0, done=7))
    assert panel.bar.fraction < 0


def unwanted(error: BaseException) -> None:
    """No job of the test fails."""
    raise AssertionError(error)


def test_the_worker_runs_jobs_in_order_one_at_a_time() -> None:
    """Jobs never overlap, and the thread ends when there is nothing left."""
    worker = Worker("test", unwanted)
    order: list[int] = []
    running: list[int] = []

    def job(number: int) -> None:
        assert not running
        running.append(number)
        time.sleep(0.005)
        order.append(number)
        running.pop()

    for number in range(5):
        worker.submit(partial(job, number))
    assert worker.wait(5)
    assert order == list(range(5))
    before = threading.active_count()
    worker.submit(lambda: None)
    assert worker.wait(5)
    until(lambda: threading.active_count() <= before, what="the end of the thread")


@pytest.mark.parametrize("error", [ValueError("odd"), SystemExit(3), KeyboardInterrupt()])
def test_a_job_that_raises_does_not_end_the_worker(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged and shown, also where showing fails; the next jobs are done."""
    shown: list[BaseException] = []

    def failed(error: BaseException) -> None:
        shown.append(error)
        raise RuntimeError("no room on the screen")

    worker = Worker("test", failed)
    done: list[int] = []

    def job() -> None:
        raise error

    worker.submit(job)
    worker.submit(lambda: done.append(1))
    assert worker.wait(5)
    worker.submit(lambda: done.append(2))
    assert worker.wait(5)
    assert done == [1, 2]
    assert shown == [error]
    assert "a job of the panel test failed" in caplog.text
    assert "could not show it" in caplog.text


def test_a_panel_whose_work_ends_oddly_can_be_used_again() -> None:
    """Work that asks for the end of the program ends itself alone; the button works again."""
    panel = Sample()

    def work() -> str:
        raise SystemExit("enough")

    panel.work = work
    driver.press(panel, "Go")
    assert driver.state(panel) == "failed"
    assert "SystemExit: enough" in driver.text(panel)
    panel.work = lambda: "a result"
    driver.press(panel, "Go")
    assert "It gave a result." in driver.text(panel)


def test_waiting_for_a_busy_worker_gives_up_in_time() -> None:
    """`wait` answers False when time runs out, so a notebook's cell is never stuck."""
    worker, release = Worker("test", unwanted), threading.Event()

    def busy() -> None:
        release.wait(5)

    worker.submit(busy)
    begun = time.monotonic()
    assert not worker.wait(0.1)
    assert time.monotonic() - begun < 1
    release.set()
    assert worker.wait(5)


def test_a_secret_is_in_no_widget_state_and_in_no_repr() -> None:
    """What is typed into a secret field is held by the kernel and by nothing that is saved."""
    field = SecretField("API secret")
    field._handle_custom_msg({"event": "typed", "secret": "hush-hush"}, [])
    assert field.secret.reveal() == "hush-hush"
    assert "hush-hush" not in json.dumps(field.get_state(), default=repr)
    assert "hush-hush" not in repr(field.__dict__)
    field.clear()
    assert not field.secret


def test_enter_submits_a_field() -> None:
    """The Enter key does what the panel registered for it."""
    field, heard = Field("Name"), []
    field.on_submit(lambda: heard.append(1))
    field._handle_custom_msg({"event": "submit"}, [])
    assert heard == [1]


def test_what_is_typed_is_heard_before_the_click_that_follows() -> None:
    """The state waits while an earlier one is on its way; what is no text changes nothing."""
    field, heard = Field("Name"), []
    field.observe(lambda change: heard.append(change["new"]), "value")
    field._handle_custom_msg({"event": "value", "value": "typed"}, [])
    field._handle_custom_msg({"event": "value", "value": 7}, [])
    field.set_state({"value": "typed"})
    assert (field.value, heard) == ("typed", ["typed"])


def test_every_state_has_a_glyph_and_a_word() -> None:
    """No state is told by colour alone."""
    for state, glyph in words.GLYPHS.items():
        shown = driver.plain(text.pill(state)).split()
        assert shown[0] == glyph
        assert len(shown) > 1


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1, seconds=5), "1 minute ago"),
        (timedelta(minutes=12), "12 minutes ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_how_long_ago(passed: timedelta, words: str) -> None:
    """Times past are told roughly, as people do."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert text.ago(now - passed, now) == words


def test_the_order_of_precedence() -> None:
    """Injected, typed, journal, environment, default: the first that is there wins."""
    given = {"injected": "a", "typed": "b", "journal": "c", "environment": "d", "default": "e"}
    for source in list(given):
        value = values.choose(**given)
        assert (value.text, value.source) == (given.pop(source), source)
    assert values.choose() == values.Value("", "default")


def test_choices_outlive_the_kernel_through_the_journal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is kept is known to the next kernel; what is only noted is known to this one."""
    monkeypatch.setenv("BRIDGE_HOME", str(tmp_path))
    values.forget_typed()
    choices = values.Choices()
    choices.keep(target="twilio")
    choices.note(display_name="typed")
    assert choices.value("target").source == "typed"
    values.forget_typed()
    assert choices.value("target") == values.Value("twilio", "journal")
    assert choices.value("display_name", default="d") == values.Value("d", "default")
    assert choices.value("target", "sandbox").source == "injected"


@pytest.mark.parametrize(
    "widget",
    [Field, SecretField, Choice, Picker, Button, Bar, HtmlView],
    ids=lambda one: one.__name__,
)
def test_every_widget_brings_one_module(widget: Any) -> None:
    """Each widget's script is the shared helpers and one module with one default export."""
    script = str(widget._esm)
    assert script.startswith((STATIC / "dom.js").read_text()[:40])
    assert script.count("export default") == 1


def test_the_style_sheet_comes_once_in_a_card() -> None:
    """Only the title carries the style sheet, not every widget."""
    panel = Sample()
    with_style = [one for one in driver.shown(panel.widget) if getattr(one, "_css", None)]
    assert with_style == [panel.title]


def test_a_job_that_is_queued_once_waits_once() -> None:
    """Whoever types on while something runs has one filter to wait for, not twenty."""
    worker, release = Worker("test", unwanted), threading.Event()
    done: list[str] = []

    def job() -> None:
        done.append("job")

    def hold() -> None:
        release.wait(10)

    worker.submit(hold)
    until(lambda: not worker._jobs, what="its beginning")
    for _ in range(20):
        worker.submit(job, once=True)
    release.set()
    assert worker.wait(10)
    assert done == ["job"]
    worker.submit(job, once=True)
    assert worker.wait(10)
    assert done == ["job", "job"]


def test_a_resting_job_is_done_after_the_others_and_once() -> None:
    """It is done when nothing was asked for during its time; the newest of them counts."""
    worker = Worker("test", unwanted)
    done: list[str] = []
    for number in range(3):
        worker.rest(0.2, partial(done.append, f"drawn {number}"))
        worker.submit(partial(done.append, f"filtered {number}"))
    assert worker.wait(10)
    assert done == ["filtered 0", "filtered 1", "filtered 2", "drawn 2"]


@pytest.mark.parametrize("name", sorted(one.name for one in STATIC.glob("*.css")))
def test_every_rule_of_a_style_sheet_is_closed(name: str) -> None:
    """
    A brace that is missing makes the rules after it part of the one before, without an error.

    No rule of ours lies in another, but for those in a query, which begins with an @.
    """
    within: list[str] = []
    for line in (STATIC / name).read_text().splitlines():
        if line.rstrip().endswith("{"):
            assert all(one.startswith("@") for one in within), f"{line} lies in {within}"
            within.append(line.strip())
        elif line.strip() == "}":
            within.pop()
    assert within == []
