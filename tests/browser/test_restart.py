"""Journey: things that go wrong in the middle, in a Lab below a base URL as on a hub."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from .lab import ROOT, TOKEN, Lab, Notebook

TITLE = "Create the bridge"
GONE = "This panel is from before the restart: run its cell."
HOSTILE = "<img src=x onerror=\"document.title='hacked'\"> must not be"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Lab]:
    """A Lab of its own, below a path."""
    lab = Lab(tmp_path, ROOT / "notebooks", "/user/engineer/")
    lab.sandbox.control("settings", lag=0.3, operation_seconds=1.0)
    yield lab
    lab.sandbox.close()
    lab.stop()


def test_refused_killed_and_reopened_there_is_one_bridge(browser: Any, hub: Lab) -> None:
    """
    A refusal is explained and its markup is text; a restart in mid-poll is resumed.

    Panels whose kernel is gone say so and do nothing: on the page, and in a notebook that is
    opened again. Exactly one bridge is made.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(15_000)
    page = Notebook(context.new_page(), hub, "02_create_bridge")
    assert "/user/engineer/lab/" in page.page.url
    page.state(TITLE, "ready")
    card = page.card(TITLE)
    hub.sandbox.fault(
        "status",
        method="POST",
        path="/v2/ControlPlane/Configurations",
        status=400,
        code=20001,
        message=HOSTILE,
    )
    page.button(TITLE, "Create").click()
    page.state(TITLE, "failed")
    expect(card).to_contain_text("Twilio does not accept a value of this request.")
    expect(card).to_contain_text("must not be")
    card.get_by_text("Details", exact=True).click()
    expect(card).to_contain_text("Request id")
    assert card.locator("img").count() == 0
    assert page.page.title() != "hacked"
    card.get_by_role("button", name="Copy for support").click()
    expect(card.get_by_role("button", name="Copied")).to_be_visible()
    assert "must not be" in page.page.evaluate("navigator.clipboard.readText()")
    page.accessible()

    hub.sandbox.fault("operation-fails")
    page.button(TITLE, "Create").click()
    expect(card).to_contain_text("ended FAILED")
    page.state(TITLE, "failed")

    hub.sandbox.control("settings", operation_seconds=600)
    page.button(TITLE, "Create").click()
    bar = card.locator(".bw-progress")
    expect(bar).to_contain_text("PENDING")
    expect(bar).to_contain_text("s elapsed")
    page.restart_kernel()
    expect(card.get_by_role("alert").filter(has_text=GONE)).to_be_visible()
    expect(page.card("Connect").get_by_role("alert").filter(has_text=GONE)).to_be_visible()
    page.accessible()
    page.run_all()
    page.state(TITLE, "needs attention")
    expect(card).not_to_contain_text(GONE)
    expect(card).to_contain_text("is not over. Press Resume")
    page.button(TITLE, "Resume").click()
    page.button(TITLE, "Cancel waiting").click()
    page.state(TITLE, "needs attention")
    expect(card).to_contain_text("Press Resume to resume")
    hub.sandbox.advance(600)
    page.button(TITLE, "Resume").click()
    page.state(TITLE, "done")
    created = hub.sandbox.read("requests")["counts"]["POST /v2/ControlPlane/Configurations"]
    assert created == 3, "one was refused, one failed, one made the bridge"

    # The next day: the kernel is gone. Ours runs again by itself; one with changes does not.
    saved = json.loads(page.save())
    saved["cells"][-2]["source"] += ["  # changed"]
    (hub.notebooks / "mine.ipynb").write_text(json.dumps(saved))
    errors = page.errors
    hub.end_kernels()
    page.page.close()
    again = Notebook(context.new_page(), hub, "02_create_bridge")
    again.state(TITLE, "done")
    expect(again.card(TITLE)).to_contain_text("Open 03: test the bridge")
    again.open("mine")
    notes = again.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .bw-before")
    expect(notes.first).to_be_visible()
    assert notes.all_inner_texts() == [GONE, GONE]
    assert again.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .bw-card").count() == 0
    again.ask_to_run()
    again.state(TITLE, "done")
    expect(notes.first).to_be_hidden()

    # A page that is closed before it was saved: the kernel goes on, the panels come again.
    again.open("03_test_bridge")
    again.state("Test the bridge", "ready")
    again.page.close()
    last = Notebook(context.new_page(), hub, "03_test_bridge")
    last.state("Test the bridge", "ready")
    assert TOKEN not in hub.log().split("token=")[0]
    expected = "model not found"
    left = [one for one in (*errors, *again.errors, *last.errors) if expected not in one]
    context.close()
    assert left == []
