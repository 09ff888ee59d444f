"""
Journey: explore what the bridge brought, filter it, open one conversation, save a file.

In JupyterLab, and then in Notebook 7, which the same server serves beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from .lab import TOKEN, Lab, Notebook

TITLE = "Explore conversations"
HOSTILE = "<img src=x onerror=\"document.title='hacked'\">"


NOISE = ("favicon", "reading 'schema'", "'filebrowser:open-path' not registered")
"""
What Notebook 7 itself reports; by the words that identify it. The last one comes when Lab was open
on the same server: it then takes Lab's folder for one to go to, and has no file browser for it.
"""


def bridge(lab: Lab) -> None:
    """A bridge that stands, made without the panels, and one customer per conversation."""
    account = lab.account
    lab.bridge()
    for number in range(12):
        lab.sandbox.control(
            "customer-writes",
            service_sid=account.service_sid,
            identity=f"customer-{number}",
            body=f"Question {number} {HOSTILE}",
        )
    lab.sandbox.advance(5)


def test_explore_in_lab_and_in_notebook_7(browser: Any, lab: Lab, tmp_path: Path) -> None:
    """
    The first rows are in view, a row opens below itself, a file is saved, hostile text stays text.

    Everything but this machine is blocked, so that nothing of it needs the internet. What works in
    Lab works in Notebook 7 as well.
    """
    lab.fresh()
    bridge(lab)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(15_000)
    far: list[str] = []
    context.route(re.compile(r"^(?!https?://127\.0\.0\.1[:/]|data:|blob:)"), refuse(far))
    page = Notebook(context.new_page(), lab, "05_explore_conversations")
    page.run_all()
    page.state(TITLE, "done")
    card = page.card(TITLE)
    rows = card.locator("table.bw-rows .bw-row-line")
    expect(rows).to_have_count(10)
    expect(rows.nth(4)).to_be_in_viewport()
    assert len({round(one["y"]) for one in boxes(card.locator(".bw-filters > *"))}) == 1
    search = card.get_by_role("textbox", name="Search", exact=True)
    search.fill("customer-7")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Question 7")
    rows.first.get_by_role("button").press("Enter")
    below = card.locator(".bw-row-below")
    expect(below.locator(".bw-timeline")).to_contain_text(f"Question 7 {HOSTILE}")
    expect(below.locator(".bw-timeline")).to_be_in_viewport()
    expect(rows.first.get_by_role("button")).to_be_focused()
    assert card.locator(".bw-rows img").count() == 0
    assert page.page.title() != "hacked"
    page.accessible()
    search.fill("")
    expect(rows).to_have_count(10)
    rows.nth(9).locator("td").nth(2).click()
    expect(below.locator(".bw-timeline")).to_be_in_viewport()
    search.fill("customer-3")
    expect(card).to_contain_text("1 of 16 conversations")
    with page.page.expect_download() as saved:
        page.button(TITLE, "Download").click()
    kept = list((lab.home / "exports").iterdir())
    assert [saved.value.suggested_filename] == [one.name for one in kept]
    saved.value.save_as(tmp_path / "saved.csv")
    assert (tmp_path / "saved.csv").read_bytes() == kept[0].read_bytes()
    in_a_narrow_window(page)
    context.close()
    assert far == []
    assert page.errors == []
    in_notebook_7(browser, lab)


def in_a_narrow_window(page: Notebook) -> None:
    """At 150 % the notebook does not scroll sideways, for a folded cell's line least of all."""
    page.page.set_viewport_size({"width": 853, "height": 533})
    outer = page.page.locator(".jp-WindowedPanel-outer:visible")
    expect(outer).to_have_count(1)
    assert outer.evaluate("e => e.scrollWidth - e.clientWidth") == 0


def in_notebook_7(browser: Any, lab: Lab) -> None:
    """Cells run, panels work, files are saved, and the map's links open notebooks."""
    lab.end_kernels()
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


def refuse(asked: list[str]) -> Callable[[Route], None]:
    """Block a request to anything but this machine, and note it."""

    def block(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    return block


def boxes(found: Locator) -> list[Any]:
    """Where elements are on the page, those that are shown."""
    return [box for one in found.all() if (box := one.bounding_box()) and box["height"]]
