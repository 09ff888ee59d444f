"""
05 with 100,000 conversations, in a real JupyterLab and a real Chromium.

    python -m tests.benchmarks.explore_panel

prints one JSON object: seconds from Run All to a table that can be used, the longest time from
the last keystroke in Search to the table that it leads to, and the peak memory of the kernel.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import expect

from ..browser.lab import ROOT, Lab, Notebook, chromium
from . import account

TITLE: Final = "Explore conversations"
ROWS: Final = "table.bw-rows .bw-row-line"
NOTEBOOKS: Final = next(
    one for one in (ROOT / "bridge_helpers" / "notebooks", ROOT / "notebooks") if one.is_dir()
)


def measure() -> dict[str, Any]:
    """Seed, run all cells, type, and look at the kernel."""
    with tempfile.TemporaryDirectory(prefix="bridge-bench-") as folder:
        lab = Lab(Path(folder), NOTEBOOKS)
        try:
            lab.fresh()
            lab.sandbox.control("seed", orchestrator_conversations=account.BLOCK)
            with chromium() as browser:
                page = browser.new_page(viewport={"width": 1280, "height": 1500})
                return used(Notebook(page, lab, "05_explore_conversations"))
        finally:
            lab.stop()


def used(notebook: Notebook) -> dict[str, Any]:
    """What a person does, timed."""
    begun = time.perf_counter()
    notebook.run_all()
    card = notebook.card(TITLE)
    rows = card.locator(ROWS)
    expect(rows).to_have_count(10, timeout=60_000)
    usable = time.perf_counter() - begun
    count = card.locator("strong", has_text="conversations").first
    total = count.inner_text()
    notebook.state(TITLE, "done")
    search = card.get_by_role("textbox", name="Search", exact=True)
    waits = []
    for words in ("+1555300", "+15553001234", "+155530", "+15553004321"):
        search.press_sequentially(words, delay=40)
        begun = time.perf_counter()
        # The last of the digits leads to rows that all have it.
        notebook.page.wait_for_function(
            """([selector, words]) => {
                const rows = [...document.querySelectorAll(selector)];
                return rows.length > 0 && rows.every((row) => row.innerText.includes(words));
            }""",
            arg=[ROWS, words],
            polling=10,
        )
        waits.append(time.perf_counter() - begun)
        search.fill("")
        expect(count).to_have_text(total)
    assert notebook.errors == []
    assert total == f"{account.BLOCK:,} of {account.BLOCK:,} conversations", total
    return {
        "seconds": usable,
        "processor": 0.0,
        "bytes": kernel_memory(),
        "keystroke": max(waits),
        "rows": account.BLOCK,
    }


def kernel_memory() -> int:
    """The peak of the only kernel that has our package loaded."""
    peaks = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            status = (process / "status").read_text()
        except OSError:
            continue
        if b"ipykernel" in command and b"bridge-bench-" in (process / "environ").read_bytes():
            line = next(one for one in status.splitlines() if one.startswith("VmHWM"))
            peaks.append(int(line.split()[1]) * 1024)
    return max(peaks)


if __name__ == "__main__":
    print(json.dumps(measure()))  # noqa: T201 - what the program is for
