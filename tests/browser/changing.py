"""Half of a journey: in 07 change, go back by a snapshot, and disconnect with the name typed."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Lab, Notebook

TITLE = "Change or roll back"


def change_go_back_and_disconnect(page: Notebook, lab: Lab) -> None:
    """
    From a bridge to none, by way of a change and a restored snapshot, and each is seen first.

    Args:
        page: 07, opened and not run; the account's first service is bridged.
    """
    lab.sandbox.forget("requests")
    page.run_all()
    page.state(TITLE, "ready")
    card = page.card(TITLE)
    expect(card).to_contain_text("By participant addresses, fixed")
    assert lab.sandbox.writes() == []

    card.get_by_role("textbox", name="Display name", exact=True).fill("acme support")
    expect(card.locator(".bw-differences")).to_contain_text("acme support")
    page.button(TITLE, "Look at the difference").click()
    expect(page.button(TITLE, "Apply")).to_be_enabled()
    assert lab.sandbox.writes() == []
    page.button(TITLE, "Apply").click()
    page.state(TITLE, "done")
    expect(card).to_contain_text("Choose Go back and snapshot")
    assert configuration(lab)["displayName"] == "acme support"

    card.get_by_role("radio", name="Go back").check()
    expect(card.locator(".bw-differences")).to_contain_text("classic-bridge-config")
    page.button(TITLE, "Restore").click()
    expect(card).to_contain_text("is again what it was")
    page.state(TITLE, "done")
    assert configuration(lab)["displayName"] == "classic-bridge-config"

    card.get_by_role("radio", name="Disconnect").check()
    expect(card).to_contain_text("no longer reach Orchestrator")
    expect(page.button(TITLE, "Disconnect")).to_be_disabled()
    page.accessible()
    name = card.get_by_role("textbox", name="Type its name to confirm")
    # Both at once, without scrolling.
    expect(name).to_be_in_viewport()
    expect(page.button(TITLE, "Disconnect")).to_be_in_viewport(ratio=1)
    name.fill("classic-bridge-config")
    expect(page.button(TITLE, "Disconnect")).to_be_enabled()
    name.press("Enter")
    expect(card).to_contain_text("What is left")
    page.state(TITLE, "done")
    assert not configuration(lab).get("conversationsV1Bridge")


def configuration(lab: Lab) -> dict[str, object]:
    """The only configuration of the account."""
    with lab.sandbox.client(lab.account) as http:
        [there] = http.get("/v2/ControlPlane/Configurations").json()["configurations"]
    found: dict[str, object] = there
    return found
