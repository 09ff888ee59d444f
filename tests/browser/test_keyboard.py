"""Journey: picking, choosing and pressing with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from .lab import Lab, Notebook


def focused(page: Page) -> str:
    """The accessible label, or else the text, of the element that has the focus."""
    script = """() => {
        const one = document.activeElement;
        return one.labels?.[0]?.textContent || one.textContent || one.tagName;
    }"""
    return str(page.evaluate(script)).strip()


def tab_to(page: Page, label: str, most: int = 40) -> None:
    """Press Tab until the focus is on something with this label."""
    for _ in range(most):
        if focused(page).startswith(label):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{label!r} was not reached with Tab; the focus is on {focused(page)!r}")


def test_check_and_create_without_a_mouse(notebook: Callable[[str], Notebook], lab: Lab) -> None:
    """Every control is reached in reading order, works, and keeps the focus when pressed."""
    account = lab.account
    page = notebook("01_preflight")
    lab.sandbox.control("seed", account_sid=account.account_sid, services=30)
    page.run_all()
    page.state("Check the prerequisites", "needs attention")
    card = page.card("Check the prerequisites")
    keys = page.page.keyboard
    card.get_by_role("combobox", name="Classic service").focus()
    keys.type("chat 17")
    expect(card).to_contain_text("of 31 match")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(card.get_by_role("option", selected=True).first).to_contain_text("Support chat 17")
    page.state("Check the prerequisites", "ready")
    tab_to(page.page, "Check")
    keys.press("Enter")
    page.state("Check the prerequisites", "done")
    assert focused(page.page).startswith("Check")

    page.open("02_create_bridge")
    page.run_all()
    page.state("Create the bridge", "ready")
    card = page.card("Create the bridge")
    expect(card.get_by_role("option", selected=True).first).to_contain_text("Support chat 17")
    card.get_by_role("textbox", name="Display name", exact=True).focus()
    keys.press("Control+a")
    keys.type("by keyboard")
    tab_to(page.page, "By participant addresses")
    keys.press("ArrowUp")
    expect(card.get_by_role("radio", name="By customer profile")).to_be_checked()
    expect(card.locator("pre").first).to_contain_text("GROUP_BY_PROFILE")
    tab_to(page.page, "Create")
    keys.press("Space")
    page.state("Create the bridge", "done")
    expect(card).to_contain_text("The bridge stands: by keyboard")


def test_the_focus_stays_where_it_was(notebook: Callable[[str], Notebook], lab: Lab) -> None:
    """No control loses it, neither when what stands beside it changes nor while it is disabled."""
    page = notebook("02_create_bridge")
    page.run_all()
    page.state("Create the bridge", "ready")
    card = page.card("Create the bridge")
    card.get_by_role("radio", name="By customer profile").check()
    expect(card.locator("pre").first).to_contain_text("GROUP_BY_PROFILE")
    page.run_all()
    group = card.get_by_role("group", name="Grouping")
    expect(group).to_contain_text("as you chose it before")
    keys = page.page.keyboard
    card.get_by_role("radio", name="By customer profile").focus()
    keys.press("ArrowDown")
    expect(card.locator("pre").first).to_contain_text("GROUP_BY_PARTICIPANT_ADDRESSES")
    expect(group).not_to_contain_text("as you chose it before")
    assert focused(page.page).startswith("By participant addresses")

    lab.bridge()
    page.open("05_explore_conversations")
    page.run_all()
    page.state("Explore conversations", "done")
    card = page.card("Explore conversations")
    lab.sandbox.fault("slow", seconds=5, path="/Participants", times=1)
    row = card.locator(".bw-row-line").first.get_by_role("button")
    row.focus()
    keys.press("Enter")
    page.state("Explore conversations", "running")
    page.accessible()
    page.state("Explore conversations", "done")
    expect(card.locator(".bw-timeline")).to_contain_text("CHAT")
    expect(row).to_be_focused()
