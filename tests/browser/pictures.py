"""
The README's pictures, from a real run: `make pictures` writes `docs/pictures/*.png`.

The same Lab, sandbox and Chromium as the journeys, and the same way through the panels;
nothing is drawn by hand.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect

from .lab import ROOT, Lab, Notebook, chromium, found

PICTURES = ROOT / "docs" / "pictures"
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"


def take(page: Notebook, title: str, name: str, theme: str = LIGHT) -> None:
    """A picture of one panel."""
    page.theme(theme)
    page.page.mouse.move(0, 0)
    page.page.evaluate("document.activeElement?.blur()")
    # Colours change with a transition, and bars tick.
    page.page.wait_for_timeout(500)
    page.card(title).screenshot(path=PICTURES / f"{name}.png")
    page.theme(LIGHT)


def journey(page: Notebook, lab: Lab) -> None:
    """From the map to the conversations, with a picture of each panel."""
    page.run_all()
    page.state("Where you are", "ready")

    title = "Check the prerequisites"
    lab.sandbox.control("seed", services=4)
    page.open("01_preflight")
    page.run_all()
    page.state(title, "needs attention")
    page.card(title).get_by_role("option", name="Support chat IS").click()
    page.state(title, "ready")
    page.button(title, "Check").click()
    page.state(title, "done")
    take(page, title, "preflight")

    title = "Create the bridge"
    page.open("02_create_bridge")
    page.run_all()
    page.state(title, "ready")
    take(page, title, "create")
    page.button(title, "Create").click()
    page.state(title, "done")

    title = "Test the bridge"
    lab.sandbox.control("settings", jitter=0.8)
    page.open("03_test_bridge")
    page.run_all()
    page.state(title, "ready")
    page.card(title).get_by_role("radio", name="5 times").check()
    page.button(title, "Send a test message").click()
    page.state(title, "done", timeout=60)
    take(page, title, "test", DARK)

    title = "Explore conversations"
    service = lab.account.service_sid
    people = ("ana", "ben", "chiara", "dmitri", "emre", "fatou", "goran", "hana", "ines", "jamal")
    for person in people:
        lab.sandbox.control(
            "customer-writes",
            service_sid=service,
            identity=f"{person}@example.com",
            body="Hello, where is my order?",
        )
    lab.sandbox.advance(5)
    page.open("05_explore_conversations")
    page.run_all()
    page.state(title, "done")
    card = page.card(title)
    card.locator(".bw-row-line button").first.click()
    expect(card.locator(".bw-timeline li").first).to_be_visible()
    take(page, title, "explore")

    page.open("00_start_here")
    page.button("Where you are", "Look again").click()
    expect(page.card("Where you are")).to_contain_text("Messages cross")
    take(page, "Where you are", "map")


def main() -> int:
    """Take all pictures; 1 when there is no Chromium."""
    if not found():
        print("No Chromium on PATH: apt install chromium", file=sys.stderr)  # noqa: T201
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder), ROOT / "notebooks")
        try:
            with chromium() as browser:
                # Tall, so that a panel fits as a whole.
                context = browser.new_context(viewport={"width": 1240, "height": 2400})
                journey(Notebook(context.new_page(), lab, "00_start_here"), lab)
        finally:
            lab.sandbox.close()
            lab.stop()
    for picture in sorted(PICTURES.glob("*.png")):
        print(picture.relative_to(ROOT))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
