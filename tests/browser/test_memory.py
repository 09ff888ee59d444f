"""What a bridge alone leaves off is seen, switched on, and shown to work, in one notebook."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .lab import Lab, Notebook

GIVES, CUSTOMERS, SHOW = "What the bridge gives", "Known customers", "Show it work"


def test_memory_is_switched_on_and_recalls_the_fact(
    lab: Lab, notebook: Callable[[str], Notebook]
) -> None:
    """A fresh bridge: off, switched on in place, then the demonstration; nothing is left."""
    lab.bridge()
    page = notebook("08_memory_and_intelligence")
    page.run_all()
    page.state(GIVES, "needs attention")
    card = page.card(GIVES)
    expect(card).to_contain_text("memory extraction is off")
    expect(card).to_contain_text("nothing that customers say is remembered")
    page.state(SHOW, "needs attention")
    expect(page.button(SHOW, "Show it work")).to_be_disabled()

    # The first press shows the difference, the second one writes.
    page.button(GIVES, "Switch memory extraction on").click()
    expect(card.locator(".bw-differences")).to_contain_text("Memory extraction")
    page.button(GIVES, "Yes, switch it on").click()
    expect(page.button(GIVES, "Switch memory extraction on")).to_be_hidden(timeout=45_000)
    page.button(GIVES, "Set CHAT timeouts").click()
    expect(card).to_contain_text("INACTIVE after 15 minutes")
    page.button(GIVES, "Yes, switch it on").click()
    expect(page.button(GIVES, "Set CHAT timeouts")).to_be_hidden(timeout=45_000)

    # The classic Users as they would become profiles: a table, and nothing written.
    page.button(CUSTOMERS, "Show the table").click()
    expect(page.card(CUSTOMERS)).to_contain_text("Nothing was written", timeout=45_000)

    # It has looked again by itself.
    page.state(SHOW, "ready")
    page.button(SHOW, "Show it work").click()
    expect(page.card(SHOW)).to_contain_text("Twilio bills extraction", timeout=45_000)
    page.button(SHOW, "Yes, show it").click()
    page.state(SHOW, "done", timeout=90)
    expect(page.card(SHOW)).to_contain_text("Memory recalled the fact")
    expect(page.card(SHOW)).to_contain_text("chamomile tea")
    page.accessible()
    with lab.sandbox.client(lab.account) as http:
        users = http.get(f"/v1/Services/{lab.account.service_sid}/Users").json()["users"]
    assert [one for one in users if one["identity"].startswith("bridge-test-")] == []
