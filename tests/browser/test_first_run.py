"""Journey: from opening the workbook to a bridge that is proven, counted click by click."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import ViewportSize, expect

from .lab import Lab, Notebook
from .person import Person

CREATE, CHECK, TEST, MAP = (
    "Create the bridge",
    "Check the prerequisites",
    "Test the bridge",
    "Where you are",
)
AT_A_DESK: ViewportSize = {"width": 1280, "height": 800}
ENLARGED: ViewportSize = {"width": 640, "height": 400}
"""What is left of the same window at 200 %."""


def focused(page: Notebook) -> str:
    """The accessible label, or else the text, of the element that has the focus."""
    script = """() => {
        const one = document.activeElement;
        return one.labels?.[0]?.textContent || one.textContent || one.tagName;
    }"""
    return str(page.page.evaluate(script)).strip()


def tab_to(page: Notebook, label: str, most: int = 40) -> None:
    """Press Tab until the focus is on something with this label."""
    for _ in range(most):
        if focused(page).startswith(label):
            return
        page.page.keyboard.press("Tab")
    raise AssertionError(f"{label!r} was not reached with Tab; the focus is on {focused(page)!r}")


def height(page: Notebook) -> float:
    """Of the line that tells where a notebook is connected."""
    box = page.card("Connect").bounding_box()
    assert box is not None
    return box["height"]


def test_from_opening_the_workbook_to_a_verified_bridge(
    notebook: Callable[[str], Notebook], lab: Lab
) -> None:
    """
    On the sandbox: at most 7 clicks and 2 scrolls, nothing in the way, nothing typed.

    Opening a notebook writes nothing; what comes next is always in view; the map follows what
    the other tabs did.
    """
    page = notebook("00_start_here")
    page.page.set_viewport_size(AT_A_DESK)
    person = Person(page)
    page.state(MAP, "ready")
    assert page.page.locator(".jp-Dialog").count() == 0
    assert page.page.locator(".jp-toastContainer .Toastify__toast").count() == 0
    expect(page.page.get_by_title("Notebook trusted: 3 of 3 code cells trusted.")).to_be_visible()
    expect(page.card("Connect")).to_contain_text("Sandbox: nothing here reaches Twilio")
    expect(page.card(MAP)).to_contain_text("go on with 01")
    assert height(page) <= 60
    page.accessible()

    person.follow(MAP, "Open 01", "01_preflight")
    page.state(CHECK, "ready")
    person.press(CHECK, "Check")
    page.state(CHECK, "done")
    expect(page.card(CHECK)).to_contain_text("0 errors")
    written = [one for one in lab.sandbox.read("requests")["log"] if one["method"] != "GET"]
    assert written == []
    page.accessible()

    person.follow(CHECK, "Open 02", "02_create_bridge")
    page.state(CREATE, "ready")
    expect(page.card(CREATE)).to_contain_text("Free: no configuration names it")
    expect(page.card(CREATE)).to_contain_text("from the journal")
    assert height(page) <= 60
    assert person.sees(page.button(CREATE, "Create"))
    person.press(CREATE, "Create")
    page.state(CREATE, "done")
    expect(page.card(CREATE)).to_contain_text("The bridge stands: classic-bridge-config")
    page.accessible()
    page.page.set_viewport_size(ENLARGED)
    page.accessible()
    page.page.set_viewport_size(AT_A_DESK)

    person.follow(CREATE, "Open 03", "03_test_bridge")
    page.state(TEST, "ready")
    person.press(TEST, "Send a test message")
    page.state(TEST, "done")
    expect(page.card(TEST)).to_contain_text("Messages cross")
    page.accessible()
    assert lab.sandbox.read("requests")["counts"]["POST /v2/ControlPlane/Configurations"] == 1
    print(f"{person.clicks} clicks, {person.scrolls} scrolls, {person.fields} fields")  # noqa: T201
    assert person.clicks <= 7
    assert person.scrolls <= 2
    assert person.fields == 0

    page.open("00_start_here")
    expect(page.card(MAP)).to_contain_text("Messages cross")


def test_on_a_customers_account_credentials_are_typed_once(
    notebook: Callable[[str], Notebook], lab: Lab
) -> None:
    """
    Three fields in all, also after a restart; every control works from the keyboard.

    Before anything is written it is asked. The secret is in no saved notebook, no log and no file.
    """
    account = lab.account
    lab.stand_in_for_twilio()
    lab.sandbox.control("seed", account_sid=account.account_sid, services=30)
    page = notebook("00_start_here")
    page.page.set_viewport_size(AT_A_DESK)
    person = Person(page)
    page.state(MAP, "ready")
    connect = page.card("Connect")
    person.click(connect.get_by_role("button", name="change"))
    connect.get_by_role("radio", name="Twilio").check()
    page.state("Connect", "needs attention")
    page.accessible()
    person.type("Account SID", account.account_sid)
    person.type("API key SID", account.api_key)
    person.type("API secret", account.api_secret)
    person.press("Connect", "Connect")
    expect(connect).to_contain_text("Twilio account AC")
    assert height(page) <= 60
    page.state(MAP, "ready")
    saved = page.save()

    keys = page.page.keyboard
    page.open("01_preflight")
    page.state(CHECK, "needs attention")
    card = page.card(CHECK)
    expect(page.card("Connect")).to_contain_text("what you apply here is real")
    card.get_by_role("combobox", name="Classic service").focus()
    keys.type("chat 17")
    expect(card).to_contain_text("of 31 match")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(card.get_by_role("option", selected=True).first).to_contain_text("Support chat 17")
    page.state(CHECK, "ready")
    tab_to(page, "Check")
    keys.press("Enter")
    page.state(CHECK, "done")
    assert focused(page).startswith("Check")

    page.open("02_create_bridge")
    page.state(CREATE, "ready")
    card = page.card(CREATE)
    assert person.sees(page.button(CREATE, "Create")), "with thirty services too"
    expect(card.get_by_role("option", selected=True).first).to_contain_text("Support chat 17")
    card.get_by_role("radio", name="By customer profile").focus()
    keys.press("ArrowRight")
    expect(card.get_by_role("radio", name="By participant addresses", exact=True)).to_be_checked()
    assert focused(page).startswith("By participant addresses")
    tab_to(page, "Request as JSON")
    keys.press("Enter")
    expect(card.locator("pre").first).to_contain_text("GROUP_BY_PARTICIPANT_ADDRESSES")
    assert focused(page).startswith("Request as JSON")
    page.button(CREATE, "Create").focus()
    keys.press("Space")
    expect(card).to_contain_text("This writes to Twilio account")
    counts = lab.sandbox.read("requests")["counts"]
    assert "POST /v2/ControlPlane/Configurations" not in counts
    page.accessible()
    tab_to(page, "Yes, create it")
    keys.press("Space")
    page.state(CREATE, "done")

    page.restart_kernel()
    expect(card).to_contain_text("from before the restart: run its cell")
    page.run_all()
    expect(card).not_to_contain_text("from before the restart")
    page.state(CREATE, "done")
    expect(page.card("Connect")).to_contain_text("Twilio account AC")
    assert person.fields <= 3
    saved += page.save()
    assert "widget-state" not in saved
    assert account.api_secret not in saved
    assert account.api_secret not in lab.log()
    record = "sandbox.json"
    for file in lab.home.rglob("*"):
        if file.is_file() and file.name != record:
            assert account.api_secret.encode() not in file.read_bytes(), file
