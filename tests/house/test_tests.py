"""The rules for the tests: none waits for a fixed time, and each says what it holds."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FILES = sorted(TESTS.rglob("*.py"))

ALLOWED = {
    "browser.pictures.take": "a picture is taken when colours and bars have come to rest",
    "runs.test_launcher.test_ctrl_c_pressed_again_and_again_leaves_nothing_behind": (
        "the instant of a key is what it is about"
    ),
    "waiting.until": "the one place that looks again and again, with a deadline",
    "faults.children._forked": "the instant of a kill is what the trial is about",
    "faults.conftest.Clock.sleep": "the clock that is injected gives way to the server's threads",
    "faults.server.Server.answer": "the network takes this long",
    "benchmarks.server.Server._exchange": "the network takes this long",
    "reconcile.account.Serving.reply": "the network takes this long",
    "faults.server.Server.answer.work": "the network takes this long on the way back, too",
    "faults.server._Handler._send": "an answer that drips",
    "faults.server.slow.spoil": "an answer that is late",
    "faults.test_fan_out.Account.__call__": "a request takes this long, so that others overlap it",
    "faults.test_fan_out.test_a_slow_list_of_items_does_not_hold_back_what_is_done.items": (
        "a list whose items come slowly"
    ),
    "faults.test_fan_out.test_as_many_are_worked_on_as_may_be": "a consumer that is slow at first",
    "faults.test_fan_out.test_as_many_are_worked_on_as_may_be.work": (
        "work that takes time, so that two of it would overlap"
    ),
    "faults.test_fan_out.test_every_item_has_one_outcome.work": (
        "work that takes now more, now less time, so that it ends in another order"
    ),
    "faults.test_pages.test_a_page_takes_as_long_as_the_slower_of_reading_and_using": (
        "what is done with a page takes this long"
    ),
    "faults.test_sandbox_matrix.Rig.sleep": "the sleep that is injected waits less than it says",
    "faults.test_waiting.test_many_threads_share_a_session.look": "as the one above",
    "faults.test_waiting.test_no_more_are_under_way_than_the_gate_lets_through.work": (
        "work that takes time, so that two of it would overlap"
    ),
    "panels.test_toolkit.test_the_worker_runs_jobs_in_order_one_at_a_time.job": (
        "work that takes time, so that two of it would overlap"
    ),
    "runs.test_workbook_end.test_ctrl_c_in_the_middle_of_a_request_ends_everything_else.waiting": (
        "a request that is under way when the signal comes"
    ),
}
"""Who may sleep, by module and function, and why."""


def sleepers(node: ast.AST, inside: str) -> set[str]:
    """The functions below a node that use `time.sleep` or a page's `wait_for_timeout`."""
    found: set[str] = set()
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                found |= sleepers(child, f"{inside}.{child.name}")
                continue
            case ast.Attribute(value=ast.Name(id="time" | "asyncio"), attr="sleep"):
                found.add(inside)
            case ast.Attribute(attr="wait_for_timeout"):
                found.add(inside)
            case ast.ImportFrom(module="time" | "asyncio", names=names):
                found |= {inside for one in names if one.name == "sleep"}
        found |= sleepers(child, inside)
    return found


def test_only_these_sleep() -> None:
    """What is waited for is looked for, with a deadline; the exceptions are these, no others."""
    found: set[str] = set()
    for path in FILES:
        module = ".".join(path.relative_to(TESTS).with_suffix("").parts)
        found |= sleepers(ast.parse(path.read_text()), module)
    assert found == set(ALLOWED)


def test_a_sleep_is_found_wherever_it_hides() -> None:
    """The search sees methods, functions within functions, lambdas and imported names."""
    source = """
import time
class A:
    def b(self):
        def c():
            return lambda: time.sleep(1)
async def d(page):
    page.wait_for_timeout(1)
    from asyncio import sleep
def e(clock):
    clock.sleep(1)
"""
    assert sleepers(ast.parse(source), "m") == {"m.A.b.c", "m.d"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_test_says_what_it_holds(path: Path) -> None:
    """The docstring of a test is a property, in a sentence."""
    nodes = ast.walk(ast.parse(path.read_text()))
    functions = [one for one in nodes if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    for test in functions:
        if test.name.startswith("test_"):
            assert (ast.get_docstring(test) or "").endswith((".", "?")), test.name
