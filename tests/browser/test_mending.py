"""Journey: an operation fails, the panel says why, and pressing again mends it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .lab import Lab, Notebook

TITLE = "Create the bridge"


def test_a_failed_operation_is_explained_and_mended(
    notebook: Callable[[str], Notebook], lab: Lab
) -> None:
    """The error is in the panel with a text for support; markup from the service is text."""
    page = notebook("02_create_bridge")
    lab.sandbox.fault(
        "status",
        method="POST",
        path="/v2/ControlPlane/Configurations",
        status=400,
        code=20001,
        message="<img src=x onerror=\"document.title='hacked'\"> must not be",
    )
    page.run_all()
    page.state(TITLE, "ready")
    page.button(TITLE, "Create").click()
    page.state(TITLE, "failed")
    card = page.card(TITLE)
    expect(card).to_contain_text("must not be")
    expect(card).to_contain_text("Request id")
    assert card.locator("img").count() == 0
    assert page.page.title() != "hacked"
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card.get_by_role("button", name="Copy for support").click()
    expect(card.get_by_role("button", name="Copied")).to_be_visible()
    assert "must not be" in page.page.evaluate("navigator.clipboard.readText()")
    page.accessible()

    lab.sandbox.fault("operation-fails")
    page.button(TITLE, "Create").click()
    expect(card).to_contain_text("ended FAILED")
    page.state(TITLE, "failed")
    page.button(TITLE, "Create").click()
    page.state(TITLE, "done")
    expect(card).to_contain_text("The bridge stands")
