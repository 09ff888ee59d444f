"""Journey: explore what the bridge brought, filter it, open one conversation, export."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .lab import Lab, Notebook

TITLE = "Explore conversations"
HOSTILE = "<img src=x onerror=\"document.title='hacked'\">"


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


def test_filter_search_open_and_export(notebook: Callable[[str], Notebook], lab: Lab) -> None:
    """The table searches and pages, a row opens its conversation, hostile text stays text."""
    page = notebook("05_explore_conversations")
    bridge(lab)
    page.run_all()
    page.state(TITLE, "done")
    card = page.card(TITLE)
    table = card.locator("table.bw-itable")
    expect(table.locator("tbody tr")).to_have_count(10)
    search = card.get_by_role("textbox", name="Search", exact=True)
    search.fill("customer-7")
    expect(table.locator("tbody tr")).to_have_count(1)
    table.locator("tbody tr td").first.click()
    page.state(TITLE, "done")
    expect(card.locator(".bw-timeline")).to_contain_text(f"Question 7 {HOSTILE}")
    assert card.locator(".bw-timeline img").count() == 0
    assert page.page.title() != "hacked"
    search.fill("customer-3")
    expect(card).to_contain_text("1 of 16 conversations")
    page.button(TITLE, "Export what is shown").click()
    expect(card).to_contain_text("1 row written to")
    page.accessible()
    assert len(list((lab.home / "exports").iterdir())) == 1
