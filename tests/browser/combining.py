"""Half of a journey: combine voice in 04, and see the conflict of an SMS rule."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Lab, Notebook

TITLE = "Combine channels"


def combine_voice_and_see_an_sms_conflict(page: Notebook, lab: Lab) -> None:
    """
    From a bridge without capture rules to one that captures the calls to its number.

    Running all cells writes nothing. One click adds the guide's example; SMS of the number comes
    over the bridge already, so that rule cannot be applied until it is left out.

    Args:
        page: 04, opened and not run; the account's first service is bridged.
    """
    number = lab.account.phone_number
    lab.sandbox.forget("requests")
    page.run_all()
    page.state(TITLE, "ready")
    card = page.card(TITLE)
    expect(card).to_contain_text("Nothing is captured by rule.")
    expect(card).to_contain_text("classic service Support chat")
    page.button(TITLE, "Capture inbound calls").click()
    expect(card).to_contain_text(f"Phone calls from anybody to {number}")
    card.get_by_role("radio", name="SMS").check()
    page.button(TITLE, "Capture SMS").click()
    expect(card).to_contain_text("comes over the bridge")
    expect(card).to_contain_text("Comes into Orchestrator twice")
    expect(page.button(TITLE, "Apply")).to_be_disabled()
    page.accessible()
    assert lab.sandbox.writes() == []
    page.button(TITLE, f"Leave out sms:{number}").click()
    expect(page.button(TITLE, "Apply")).to_be_enabled()
    page.button(TITLE, "Apply").click()
    page.state(TITLE, "done")
    expect(card).to_contain_text("Captured now")
    with lab.sandbox.client(lab.account) as http:
        [there] = http.get("/v2/ControlPlane/Configurations").json()["configurations"]
    [rule] = there["channelSettings"]["VOICE"]["captureRules"]
    assert (rule["from"], rule["to"]) == ("*", number)
    assert "SMS" not in there["channelSettings"]
