"""Journey: from nothing to a bridge that is proven, notebook by notebook."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .lab import Lab, Notebook


def test_from_the_map_to_a_verified_bridge(notebook: Callable[[str], Notebook], lab: Lab) -> None:
    """Run-all needs no click and writes nothing; then three buttons lead to the proof."""
    page = notebook("00_start_here")
    page.run_all()
    page.state("Where you are", "ready")
    expect(page.card("Connect")).to_contain_text("Sandbox: nothing here reaches Twilio")
    expect(page.card("Where you are")).to_contain_text("go on with 01")
    connect = page.card("Connect")
    connect.get_by_role("radio", name="Twilio").check()
    page.state("Connect", "needs attention")
    connect.get_by_label("API secret").fill("typed-secret-4711")
    page.accessible()
    saved = page.save()
    assert "widget-state" not in saved
    assert "typed-secret-4711" not in saved
    connect.get_by_role("radio", name="Sandbox").check()
    page.state("Connect", "done")
    assert "typed-secret-4711" not in lab.log()

    page.open("01_preflight")
    page.run_all()
    page.state("Check the prerequisites", "ready")
    page.button("Check the prerequisites", "Check").click()
    page.state("Check the prerequisites", "done")
    expect(page.card("Check the prerequisites")).to_contain_text("0 errors")
    page.accessible()
    written = [one for one in lab.sandbox.read("requests")["log"] if one["method"] != "GET"]
    assert written == []

    page.open("02_create_bridge")
    page.run_all()
    title = "Create the bridge"
    page.state(title, "ready")
    card = page.card(title)
    expect(card.locator(".bw-label", has_text="Classic service")).to_be_visible()
    expect(card).to_contain_text("from the journal")
    card.get_by_role("textbox", name="Display name", exact=True).fill("acme/support")
    expect(card.get_by_role("alert").filter(has_text="1 to 32 letters")).to_be_visible()
    expect(page.button(title, "Create")).to_be_disabled()
    card.get_by_role("textbox", name="Display name", exact=True).fill("acme support")
    expect(card.locator("pre").first).to_contain_text('"displayName": "acme support"')
    page.button(title, "Create").click()
    page.state(title, "done")
    expect(card).to_contain_text("The bridge stands: acme support")
    page.accessible()

    page.open("03_test_bridge")
    page.run_all()
    page.state("Test the bridge", "ready")
    page.button("Test the bridge", "Send a test message").click()
    page.state("Test the bridge", "done")
    expect(page.card("Test the bridge")).to_contain_text("Messages cross")
    page.accessible()
    assert lab.sandbox.read("requests")["counts"]["POST /v2/ControlPlane/Configurations"] == 1
