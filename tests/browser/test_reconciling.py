"""Journey: compare, cancel, continue, open a gap, read why."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .lab import Lab, Notebook

TITLE = "Is everything there?"


def test_compare_cancel_continue_and_read_why(
    notebook: Callable[[str], Notebook], lab: Lab
) -> None:
    """
    Nothing runs by itself; a comparison is stopped and goes on; a gap says why it is one.

    The notebook is run again in between, as after a restart: Compare goes on all the same.
    """
    page = notebook("06_reconcile")
    page.page.set_viewport_size({"width": 1280, "height": 800})
    planted = lab.sandbox.control(
        "plant",
        conversations=400,
        kinds={"missing": 2, "lagging": 1, "disordered": 1, "unexpected": 1},
    )["planted"]
    lab.sandbox.fault("slow", seconds=0.3, path="/Messages$", times=None)
    page.run_all()
    page.state(TITLE, "ready")
    card = page.card(TITLE)
    expect(page.button(TITLE, "Compare")).to_be_in_viewport()
    page.button(TITLE, "Compare").click()
    expect(card.locator(".bw-bar, [role=progressbar]").first).to_be_visible()
    expect(card).to_contain_text("compared, ", timeout=30_000)
    card.get_by_role("button", name="Cancel").click()
    page.state(TITLE, "needs attention")
    expect(card).to_contain_text("Press Continue")
    lab.sandbox.forget("faults")
    page.button(TITLE, "Continue").click()
    expect(card).to_contain_text("went on with", timeout=60_000)
    expect(card.locator(".bw-percent")).to_contain_text("98.9 % in sync")
    expect(card.locator(".bw-percent")).to_be_in_viewport(ratio=1)
    rows = card.locator("table.bw-rows .bw-row-line")
    expect(rows).to_have_count(5)
    page.accessible()
    row = rows.filter(has_text=planted["missing"][0])
    row.get_by_role("button").press("Enter")
    below = card.locator(".bw-row-below")
    expect(below).to_contain_text("Test the bridge", timeout=30_000)
    expect(below).to_contain_text("who it would be")
    page.accessible()
    written = [one for one in lab.sandbox.writes() if "Lookup" not in one]
    assert written == []
