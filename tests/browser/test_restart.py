"""Journey: the kernel is restarted in the middle of the poll, and the run finds its way."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .lab import Lab, Notebook

TITLE = "Create the bridge"


def test_a_restart_in_mid_poll_is_resumed(notebook: Callable[[str], Notebook], lab: Lab) -> None:
    """After the restart the panel knows what was begun, and exactly one bridge is made."""
    lab.sandbox.control("settings", operation_seconds=600)
    page = notebook("02_create_bridge")
    page.run_all()
    page.state(TITLE, "ready")
    page.button(TITLE, "Create").click()
    card = page.card(TITLE)
    bar = card.locator(".bw-progress")
    expect(bar).to_contain_text("PENDING")
    expect(bar).to_contain_text("s elapsed")
    page.restart_kernel()
    page.run_all()
    page.state(TITLE, "needs attention")
    expect(card).to_contain_text("is not over. Press Resume")
    page.button(TITLE, "Resume").click()
    expect(page.button(TITLE, "Cancel waiting")).to_be_visible()
    page.button(TITLE, "Cancel waiting").click()
    page.state(TITLE, "needs attention")
    expect(card).to_contain_text("goes on there")
    lab.sandbox.advance(600)
    page.button(TITLE, "Resume").click()
    page.state(TITLE, "done")
    assert lab.sandbox.read("requests")["counts"]["POST /v2/ControlPlane/Configurations"] == 1
