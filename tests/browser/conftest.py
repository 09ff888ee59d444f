"""Fixtures of the browser journeys; see `lab.py` for what they drive."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from . import lab as driver

REPORT = pytest.StashKey[pytest.TestReport]()
"""How the call of a test ended."""

# Machines that run other things beside are slow; a right answer is worth waiting for.
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with a reason, where there is no Chromium; never in continuous integration."""
    here = Path(__file__).parent
    missing = not driver.found() and os.environ.get("CI", "").lower() != "true"
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if missing:
                item.add_marker(
                    pytest.mark.skip(reason="no Chromium on PATH: apt install chromium")
                )


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """One Chromium for all journeys; its event loop must not outlive them."""
    if not driver.found():
        pytest.fail("no Chromium on PATH, and CI=true says that there has to be one")
    with driver.chromium() as opened:
        yield opened


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[driver.Lab]:
    """One JupyterLab with a sandbox beside it, for all journeys."""
    server = driver.Lab(tmp_path_factory.mktemp("lab"), driver.ROOT / "notebooks")
    yield server
    server.sandbox.close()
    server.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, Any]:
    report = yield
    if report.when == "call":
        item.stash[REPORT] = report
    return report


@pytest.fixture
def notebook(
    browser: Any, lab: driver.Lab, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], driver.Notebook]]:
    """
    Opens notebooks, each test in a browser context of its own. Afterwards the page must
    have had no error; where the test failed, a screenshot is kept.
    """
    lab.fresh()
    context = browser.new_context(viewport={"width": 1280, "height": 1500})
    context.set_default_timeout(15_000)
    opened: list[driver.Notebook] = []

    def open_notebook(name: str) -> driver.Notebook:
        opened.append(driver.Notebook(context.new_page(), lab, name))
        return opened[-1]

    yield open_notebook
    report = request.node.stash.get(REPORT, None)
    if report is not None and report.failed:
        for number, one in enumerate(opened):
            picture = tmp_path / f"failed-{number}.png"
            one.page.screenshot(path=picture)
            print(f"screenshot: {picture}")  # noqa: T201 - pytest shows it with the failure
    errors = [error for one in opened for error in one.errors]
    context.close()
    assert errors == []
