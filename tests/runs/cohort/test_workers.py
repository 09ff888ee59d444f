"""A worker process: what its runs share, what they do not, and how they end."""

from __future__ import annotations

import itertools
import json
import os
import pickle
import re
import threading
import time
from typing import TYPE_CHECKING, Any

import nbformat
import psutil
import pytest

from bridge_helpers.runs import execute
from bridge_helpers.runs.cohort import worker
from bridge_helpers.runs.cohort.messages import Delivered, Order
from bridge_helpers.runs.cohort.worker import Worker, WorkerLost, carry_out, identify
from bridge_helpers.runs.notebooks import notebook_path
from bridge_helpers.runs.parameters import declared

from ...waiting import until
from .conftest import Town

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ...sandbox_process import Account, SandboxProcess


@pytest.fixture(scope="module")
def people(sandbox: SandboxProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Customers whose variables this process has; workers see those that it has as they start."""
    folder = tmp_path_factory.mktemp("workers")
    town = Town(sandbox, folder)
    town.settle(10, conversations=0)
    town.environment |= {
        "TWILIO_CONVERSATIONS_URL": sandbox.url,
        "BRIDGE_HOME": str(folder / "home"),
        "TMPDIR": str(folder),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in town.environment.items():
            patch.setenv(name, value)
        yield town
        worker.stop_all()
        assert worker._idle == []
        assert children() == []


@pytest.fixture
def next_one(people: Town, account: Account) -> Callable[[], str]:
    """The prefix of a customer that no test had before; the sandbox is without faults again."""
    return lambda: f"C{next(NUMBERS)}"


NUMBERS = itertools.count()


def order(prefix: str, **parameters: Any) -> Order:
    values = {name: one.default for name, one in declared(notebook_path()).items()}
    del values["result_path"]
    return Order("x", prefix, {**values, "target": "twilio", "apply": True, **parameters}, 60)


def result(delivered: Delivered) -> dict[str, Any]:
    assert delivered.error is None
    made: dict[str, Any] = json.loads(delivered.files["result.json"])
    return made


def children() -> list[psutil.Process]:
    """The worker processes of this process."""
    listed = psutil.Process().children()
    return [one for one in listed if "runs.cohort" in " ".join(one.cmdline())]


def test_one_process_runs_customers_in_turn_and_nothing_of_one_reaches_the_next(
    people: Town, next_one: Callable[[], str]
) -> None:
    """
    Imports are paid for once. Of another customer neither a sid nor a secret is in what a run
    leaves, its folder is gone, and what it printed came as it was printed.
    """
    said: list[str] = []
    prefixes = next_one(), next_one()
    accounts = [people.accounts[f"customer {prefix[1:]}"] for prefix in prefixes]
    first = carry_out(order(prefixes[0]), said.append)
    (process,) = children()
    second = carry_out(order(prefixes[1]), said.append)
    assert children() == [process]
    assert "Creating the configuration" in said
    for delivered, mine, other in (
        (first, accounts[0], accounts[1]),
        (second, accounts[1], accounts[0]),
    ):
        assert result(delivered)["status"] == "verified"
        assert result(delivered)["account_sid"] == mine.account_sid
        everything = b"".join(delivered.files.values()).decode()
        assert set(delivered.files) == {"onboard.ipynb", "report.html", "result.json"}
        for text in (mine.api_secret, other.api_secret, other.account_sid, other.service_sid):
            assert text not in everything
        assert "bridge-run-" not in everything
    until(lambda: not list(people.folder.glob("bridge-run-*")))


def test_the_notebook_is_the_one_that_a_kernel_makes(
    people: Town,
    next_one: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same cells, numbers, and outputs, but for times and the pieces that prints come in."""
    prefix = next_one()
    delivered = carry_out(order(prefix, apply=False))
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_API_KEY", "TWILIO_API_SECRET"):
        monkeypatch.setenv(name, people.environment[f"{prefix}_{name}"])
    execute.run(order(prefix, apply=False).parameters, tmp_path / "kernel", progress=None)
    ours = nbformat.reads(delivered.files["onboard.ipynb"].decode(), as_version=4)
    theirs = nbformat.read(tmp_path / "kernel" / "onboard.ipynb", as_version=4)
    assert [shown(cell) for cell in ours.cells] == [shown(cell) for cell in theirs.cells]
    assert ours.metadata.papermill.parameters == theirs.metadata.papermill.parameters


def shown(cell: Any) -> list[Any]:
    outputs: list[Any] = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and outputs and outputs[-1][0] == output.name:
            outputs[-1][1] += output.text
        elif output.output_type == "stream":
            outputs.append([output.name, output.text])
        else:
            # The report says to the minute when the run was, and the two are not of one minute.
            data = {
                kind: re.sub(r"\d\d:\d\d", "hh:mm", str(told)) for kind, told in output.data.items()
            }
            outputs.append([output.output_type, output.get("execution_count"), data])
    return [cell.cell_type, cell.source, cell.get("execution_count"), outputs]


def test_a_run_that_fails_says_why(people: Town, next_one: Callable[[], str]) -> None:
    """Its artefacts come all the same, without papermill's own words."""
    delivered = carry_out(order(next_one(), service_sid="IS" + "0" * 32))
    made = result(delivered)
    assert (made["status"], made["error"]["type"]) == ("failed", "NotFound")
    book = nbformat.reads(delivered.files["onboard.ipynb"].decode(), as_version=4)
    assert book.cells[-1].outputs[-1].ename == "NotFound"
    assert b"papermill-error" not in delivered.files["onboard.ipynb"]


def test_credentials_that_are_not_there_are_told(people: Town, next_one: Callable[[], str]) -> None:
    """With the variables that are not set; nothing of another customer's is used instead."""
    made = result(carry_out(order("NOBODY")))
    assert made["status"] == "failed"
    assert "TWILIO_API_SECRET" in made["error"]["message"]


def test_an_order_holds_no_secret(people: Town, next_one: Callable[[], str]) -> None:
    """It is what goes to Dask's scheduler."""
    sent = pickle.dumps(order(next_one()))
    for account in people.accounts.values():
        assert account.api_secret.encode() not in sent
        assert account.api_key.encode() not in sent


def test_identities(people: Town, next_one: Callable[[], str]) -> None:
    """Whose credentials a prefix names, or what is wrong with it; nothing is sent."""
    people.sandbox.forget("requests")
    found = identify("twilio", ["C0", "C1", "NO", "not a prefix"])
    assert found["C0"] == (people.accounts["customer 0"].account_sid, "")
    assert found["C1"] == (people.accounts["customer 1"].account_sid, "")
    assert "NO_TWILIO_ACCOUNT_SID" in found["NO"]
    assert "prefix" in found["not a prefix"]
    assert people.sandbox.read("requests")["counts"] == {}


def running(target: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """Something in a thread, and what it returned or raised."""
    ended: list[Any] = []

    def work() -> None:
        try:
            ended.append(target())
        except Exception as error:
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, ended


def begun(people: Town) -> psutil.Process:
    """The process of the run that is going on, as soon as it waits for its operation."""
    until(lambda: any("/Configurations" in one for one in people.sandbox.writes()))
    (process,) = children()
    (run,) = process.children()
    return run


def test_a_run_that_dies_takes_nothing_with_it(people: Town, next_one: Callable[[], str]) -> None:
    """The worker says that it was lost, by which signal, and takes the next order."""
    mine = order(next_one())
    people.sandbox.control("settings", operation_seconds=30)
    thread, ended = running(lambda: carry_out(mine))
    begun(people).kill()
    thread.join(30)
    (lost,) = ended
    assert lost.lost
    assert "signal 9" in lost.error["message"]
    people.sandbox.control("settings", operation_seconds=0.2)
    people.sandbox.advance(60)
    again = result(carry_out(mine))
    assert (again["status"], again["outcome"]) == ("verified", "resumed")


def test_a_run_that_hangs_is_ended(people: Town, next_one: Callable[[], str]) -> None:
    """After the time that a cell may take."""
    people.sandbox.fault("slow", path="/v1/Services", seconds=30, times=None)
    slow = order(next_one())
    lost = carry_out(Order(slow.name, slow.credentials, slow.parameters, 1.0))
    assert lost.lost
    assert "more than 1 s" in str(lost.error)
    people.sandbox.forget("faults")


def test_a_worker_that_dies_ends_its_run_too(people: Town, next_one: Callable[[], str]) -> None:
    """Nothing goes on behind the back of whoever begins it again elsewhere."""
    mine = order(next_one())
    people.sandbox.control("settings", operation_seconds=30)
    thread, ended = running(lambda: carry_out(mine))
    run = begun(people)
    (process,) = children()
    process.kill()
    thread.join(30)
    assert isinstance(ended[0], WorkerLost)
    assert "signal 9" in str(ended[0])
    until(lambda: not run.is_running() or run.status() == psutil.STATUS_ZOMBIE)
    people.sandbox.control("settings", operation_seconds=0.2)
    people.sandbox.advance(60)
    assert result(carry_out(mine))["outcome"] == "resumed"


def test_stopping_ends_runs_and_workers(people: Town, next_one: Callable[[], str]) -> None:
    """Soon, and without leaving a process."""
    mine = order(next_one())
    people.sandbox.control("settings", operation_seconds=30)
    thread, ended = running(lambda: carry_out(mine))
    run = begun(people)
    at = time.monotonic()
    worker.stop_all()
    thread.join(30)
    assert time.monotonic() - at < 10
    assert isinstance(ended[0], WorkerLost)
    assert children() == []
    assert not run.is_running()


def test_a_worker_that_does_not_start_says_what_it_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The last line of its complaints."""
    worker.stop_all()
    (tmp_path / "pandas.py").write_text("raise ImportError('no such luck')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(WorkerLost, match="no such luck"):
        Worker()


def test_where_a_system_cannot_fork_each_run_has_a_process_of_its_own(
    people: Town, next_one: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equally alone, and dearer."""
    worker.stop_all()
    unforked = "from bridge_helpers.runs.cohort import host; host.FORKS = False; host.main()"
    monkeypatch.setattr(worker, "FORKS", False)
    monkeypatch.setattr(worker, "HOST", ("-c", unforked))
    assert result(carry_out(order(next_one(), apply=False)))["status"] == "planned"
    assert children() == []


def test_the_worker_has_imported_what_a_run_needs(
    people: Town, next_one: Callable[[], str]
) -> None:
    """A run imports next to nothing by itself: what it does is what it costs."""
    carry_out(order(next_one(), apply=False))
    (process,) = children()
    before = process.cpu_times()
    result(carry_out(order(next_one())))
    after = process.cpu_times()
    spent = (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )
    assert spent < 1.5, "an onboarding by itself takes more than twice as much"


def test_signals_of_the_terminal_do_not_reach_a_worker(
    people: Town, next_one: Callable[[], str]
) -> None:
    """Ctrl-C is for whoever decides about the runs."""
    carry_out(order(next_one(), apply=False))
    (process,) = children()
    assert os.getpgid(process.pid) != os.getpgid(0)
