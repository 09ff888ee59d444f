"""Journey: the same panels in Notebook 7, which the same server serves beside Lab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from .lab import TOKEN, Lab
from .test_exploring import bridge

NOISE = ("favicon", "reading 'schema'", "'filebrowser:open-path' not registered")
"""
What Notebook 7 itself reports; by the words that identify it. The last one comes when Lab was open
on the same server: it then takes Lab's folder for one to go to, and has no file browser for it.
"""


def test_explore_and_go_on_in_notebook_7(browser: Any, lab: Lab) -> None:
    """Cells run, panels work, files are saved, and the map's links open notebooks."""
    lab.fresh()
    bridge(lab)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    errors: list[str] = []
    open_in = opener(context, lab, errors)

    page = open_in("05_explore_conversations")
    card = panel(page, "Explore conversations")
    expect(card.locator(".bw-title .bw-pill")).to_contain_text("done", timeout=45_000)
    rows = card.locator(".bw-row-line")
    expect(rows).to_have_count(10)
    rows.nth(2).get_by_role("button").click()
    expect(card.locator(".bw-timeline")).to_contain_text("Question")
    card.get_by_role("textbox", name="Search", exact=True).fill("customer-7")
    expect(rows).to_have_count(1)
    with page.expect_download() as saved:
        card.get_by_role("button", name="Download").click()
    assert saved.value.suggested_filename.startswith("conversations-")

    page = open_in("00_start_here")
    card = panel(page, "Where you are")
    expect(card.locator(".bw-title .bw-pill")).to_contain_text("ready", timeout=45_000)
    with context.expect_page() as opened:
        card.get_by_role("link", name="01 Check the prerequisites").click()
    expect(opened.value.get_by_role("heading", name="01 · Check the prerequisites")).to_be_visible(
        timeout=30_000
    )
    context.close()
    assert errors == []


def opener(context: Any, lab: Lab, errors: list[str]) -> Callable[[str], Page]:
    """Opens a notebook in a tab of its own, and runs all its cells through the menu."""

    def note(text: str) -> None:
        if not any(noise in text for noise in NOISE):
            errors.append(text)

    def open_in(name: str) -> Page:
        page: Page = context.new_page()
        page.on("pageerror", lambda error: note(f"page error: {error}"))
        page.goto(f"{lab.url}/notebooks/{name}.ipynb?token={TOKEN}")
        # The line that says "connecting" fades once there is a kernel; before that, running
        # cells would do nothing.
        connected = ".jp-NotebookKernelStatus-fade:not(.jp-NotebookKernelStatus-info)"
        expect(page.locator(connected)).to_be_attached(timeout=45_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        return page

    return open_in


def panel(page: Page, title: str) -> Locator:
    """The panel with this title."""
    heading = page.get_by_role("heading", name=title, exact=True)
    return page.locator(".jp-OutputArea .bw-card").filter(has=heading)
