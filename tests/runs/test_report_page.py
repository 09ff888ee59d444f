"""The report in a real browser, without scripts and without a network, and on paper."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium")
PIXELS = 96 / 25.4
SIDES, TOP_AND_BOTTOM = 2 * 15, 2 * 12

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def test_the_page_needs_nothing_and_its_first_sheet_is_whole(
    page: Callable[..., Any], tmp_path: Path, browser: Browser
) -> None:
    """Scripts and network off, it looks the same; A4 and Letter hold the summary on one sheet."""
    html, _ = page(chat_timeouts="15/60")
    path = tmp_path / "report.html"
    path.write_text(html)
    pictures, asked = [], []
    for closed in (False, True):
        context = browser.new_context(java_script_enabled=not closed, offline=closed)
        tab = context.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(path.as_uri())
        pictures.append(tab.screenshot(full_page=True))
        context.close()
    assert pictures[0] == pictures[1]
    assert set(asked) == {path.as_uri()}
    tab = browser.new_page()
    tab.goto(path.as_uri())
    tab.emulate_media(media="print")
    for width, height in ((210, 297), (215.9, 279.4)):
        tab.set_viewport_size({"width": int((width - SIDES) * PIXELS), "height": 1000})
        box = tab.locator(".bw-summary").bounding_box()
        assert box is not None
        assert box["height"] <= (height - TOP_AND_BOTTOM) * PIXELS


def test_it_is_readable_in_the_dark(
    page: Callable[..., Any], tmp_path: Path, browser: Browser
) -> None:
    """Where the system is dark the page is dark too; on paper it is not."""
    html, _ = page(apply=False)
    path = tmp_path / "report.html"
    path.write_text(html)
    tab = browser.new_page(color_scheme="dark")
    tab.goto(path.as_uri())
    colour = "getComputedStyle(document.body).backgroundColor"
    assert tab.evaluate(colour) == "rgb(20, 24, 29)"
    tab.emulate_media(media="print")
    assert tab.evaluate(colour) == "rgb(255, 255, 255)"


def test_its_tables_are_in_order(
    page: Callable[..., Any], tmp_path: Path, browser: Browser
) -> None:
    """Also those of a plan: in the style of the others, and no number is cut in two."""
    html, _ = page(apply=False)
    path = tmp_path / "report.html"
    path.write_text(html)
    tab = browser.new_page(viewport={"width": 480, "height": 900})
    tab.goto(path.as_uri())
    align = "all => all.map(one => getComputedStyle(one).textAlign)"
    assert set(tab.locator("th").evaluate_all(align)) == {"left"}
    cut = """all => all.filter(one => {
        const text = document.createRange();
        text.selectNodeContents(one);
        return new Set([...text.getClientRects()].map(line => line.top)).size > 1;
    }).length"""
    numbers = tab.locator("td:first-child").filter(has_text=re.compile(r"^\+\d+$"))
    assert numbers.count()
    assert numbers.evaluate_all(cut) == 0
