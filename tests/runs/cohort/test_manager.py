"""Which run starts when, what stops a cohort, and what is kept of it."""

from __future__ import annotations

import csv
import json
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import pytest

from bridge_helpers import files
from bridge_helpers.errors import BridgeError, InvalidInput
from bridge_helpers.runs.cohort import manager
from bridge_helpers.runs.cohort.customers import Customer
from bridge_helpers.runs.cohort.manager import Cohort, lanes, run_cohort
from bridge_helpers.runs.cohort.messages import Delivered, Order
from bridge_helpers.runs.cohort.rows import failed
from bridge_helpers.runs.cohort.worker import WorkerLost
from bridge_helpers.runs.static_html import active_parts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Answer = Callable[["Crew", str, Order], Delivered | BaseException | None]

SERVICE = "IS" + "a1" * 16
OTHER = "IS" + "b2" * 16
FOUND = {"level": "error", "found": "x"}


def result(name: str, status: str = "verified", **more: Any) -> dict[str, Any]:
    customer = Customer(2, name, "", {}, f"AC{name}")
    made = failed(customer, "twilio", {}, "2026-01-01T00:00:00Z", 1.0)
    if status != "failed":
        made |= {"status": status, "error": None}
    if status == "verified":
        made |= {"configuration_id": f"conv_configuration_{name}", "outcome": "created"}
        made["sync"] = {"to_orchestrator_seconds": 1.25, "to_classic_seconds": 1.5}
    return made | more


def delivered(name: str, status: str = "verified", **more: Any) -> Delivered:
    made = json.dumps(result(name, status, **more)).encode()
    return Delivered({"result.json": made, "report.html": b"<!DOCTYPE html>"})


def verify(crew: Crew, place: str, order: Order) -> Delivered:
    return delivered(order.name)


class Crew:
    """Places that answer at once, as told; None: not until the place has gone."""

    def __init__(self, answer: Answer = verify, **places: int) -> None:
        self.answer = answer
        self.open: dict[str, int] = places or {"here": 1}
        self.begun: list[tuple[str, str]] = []
        self.orders: list[Order] = []

    def places(self) -> Mapping[str, int]:
        return dict(self.open)

    def identify(self, target: str, prefixes: list[str]) -> Mapping[str, Any]:
        raise NotImplementedError

    def submit(self, place: str, order: Order, say: Callable[[str], None]) -> Future[Delivered]:
        self.begun.append((order.name, place))
        self.orders.append(order)
        say("It runs")
        future: Future[Delivered] = Future()
        answer = self.answer(self, place, order)
        if isinstance(answer, BaseException):
            future.set_exception(answer)
        elif answer is not None:
            future.set_result(answer)
        return future

    def close(self) -> None:
        raise NotImplementedError

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.begun]


def people(*names: str) -> list[Customer]:
    return [Customer(2 + n, name, "", {}, f"AC{name}") for n, name in enumerate(names)]


def go(folder: Path, crew: Crew, customers: list[Customer], **more: Any) -> Cohort:
    wanted: dict[str, Any] = {"target": "twilio", "apply": True}
    return run_cohort(customers, folder, crew, **wanted | more)


def summary(folder: Path) -> list[dict[str, str]]:
    with (folder / "summary.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_everybody_is_run_and_summed_up(tmp_path: Path) -> None:
    """A folder and a row for each, in the order of the file, whatever the order of their ends."""
    crew = Crew(here=3)
    told: list[str] = []
    done = go(tmp_path, crew, people("a", "b", "c"), on_row=lambda row: told.append(row.name))
    assert done.ok
    assert done.stopped == ""
    assert sorted(told) == ["a", "b", "c"]
    rows = summary(tmp_path)
    assert [row["name"] for row in rows] == ["a", "b", "c"]
    assert {row["status"] for row in rows} == {"verified"}
    assert rows[0]["configuration_id"] == "conv_configuration_a"
    assert rows[0]["to_orchestrator_seconds"] == "1.25"
    page = (tmp_path / "summary.html").read_text()
    assert active_parts(page, ["a/report.html", "b/report.html", "c/report.html"]) == []
    for name in "abc":
        assert f'<a href="{name}/report.html">{name}</a>' in page
        assert (tmp_path / name / "result.json").is_file()


def test_a_run_without_a_result_is_a_failure_with_one(tmp_path: Path) -> None:
    """Its error is in `result.json` and in the summary, and no formula."""
    error = BridgeError("=1+1 went wrong.", "", "Mend it.").as_dict()
    done = go(tmp_path, Crew(lambda *_: Delivered(error=error)), people("a"))
    assert not done.ok
    made = json.loads((tmp_path / "a" / "result.json").read_text())
    assert (made["status"], made["account_sid"], made["error"]) == ("failed", "ACa", error)
    assert summary(tmp_path)[0]["error"] == "'=1+1 went wrong. Mend it."


@pytest.mark.parametrize(
    ("made", "would"),
    [
        (result("a", "planned"), "create"),
        (result("a", "planned", configuration_id="conv_configuration_1"), "adopt"),
        (result("a", "failed", findings=[{**FOUND, "check": "bridge"}]), "change"),
        (result("a", "failed", findings=[{**FOUND, "check": "store"}]), "refuse"),
        (result("a", "failed"), "refuse"),
    ],
)  # fmt: skip
def test_a_plan_says_what_would_happen(tmp_path: Path, made: dict[str, Any], would: str) -> None:
    """For each customer: create, adopt, change, refuse."""
    artefacts = {"result.json": json.dumps(made).encode()}
    go(tmp_path, Crew(lambda *_: Delivered(artefacts)), people("a"), apply=False)
    assert summary(tmp_path)[0]["would"] == would
    assert f"<td>{would}" in (tmp_path / "summary.html").read_text()


def test_a_verified_customer_that_would_be_left_off_is_named(tmp_path: Path) -> None:
    """What the findings say is off stands in the summary."""
    findings = [
        {"check": "intelligence", "level": "info", "found": "Off: nobody reads."},
        {"check": "memory extraction", "level": "ok", "found": "On: remembered."},
    ]
    go(tmp_path, Crew(lambda *_: delivered("a", findings=findings)), people("a"))
    assert summary(tmp_path)[0]["off"] == "intelligence"


def test_only_those_that_failed_are_run_again(tmp_path: Path) -> None:
    """And the summary has everybody; a result of another account does not count."""
    broken = {"b": "failed", "c": "unverified"}

    def some(crew: Crew, place: str, order: Order) -> Delivered:
        return delivered(order.name, broken.get(order.name, "verified"))

    everybody = people("a", "b", "c", "d")
    assert not go(tmp_path, Crew(some), everybody).ok
    (tmp_path / "d" / "result.json").write_text(json.dumps(result("d", account_sid="ACx")))
    again = Crew()
    done = go(tmp_path, again, everybody, only_failed=True)
    assert again.names == ["b", "c", "d"]
    assert done.ok
    assert [row["status"] for row in summary(tmp_path)] == ["verified"] * 4
    none = Crew()
    assert go(tmp_path, none, everybody, only_failed=True).ok
    assert none.begun == []


def test_what_was_only_planned_is_not_verified(tmp_path: Path) -> None:
    """After a plan, `--only-failed --apply` runs everybody."""
    go(tmp_path, Crew(lambda *_: delivered("a", "planned")), people("a"), apply=False)
    crew = Crew()
    go(tmp_path, crew, people("a"), only_failed=True)
    assert crew.names == ["a"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"status": "verified"}',
        b"[]",
        json.dumps(result("a", sync=[1])).encode(),
        json.dumps(result("a", seconds="x")).encode(),
        json.dumps(result("a", findings=[{"check": 1, "found": 1}])).encode(),
    ],
)
def test_half_a_result_is_none(tmp_path: Path, content: bytes) -> None:
    """It is run again; so is one that somebody has changed into something else."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "result.json").write_bytes(content)
    crew = Crew()
    assert go(tmp_path, crew, people("a"), only_failed=True).ok
    assert crew.names == ["a"]


def test_failures_in_a_row_stop_the_cohort(tmp_path: Path) -> None:
    """Not failures with a success between them; who was not run is told, and fails the cohort."""

    def fails(crew: Crew, place: str, order: Order) -> Delivered:
        return delivered(order.name, "verified" if order.name == "c" else "failed")

    crew = Crew(fails)
    done = go(tmp_path, crew, people(*"abcdefg"), stop_after=3)
    assert crew.names == list("abcdef")
    assert "3 runs failed" in done.stopped
    assert not done.ok
    assert summary(tmp_path)[-1]["status"] == "not run"
    assert "Not every run was begun" in (tmp_path / "summary.html").read_text()


def test_a_stop_lets_runs_end_and_begins_no_other(tmp_path: Path) -> None:
    """What ended is whole; the rest is not run."""
    stop = threading.Event()

    def stops(crew: Crew, place: str, order: Order) -> Delivered:
        if order.name == "b":
            stop.set()
        return delivered(order.name)

    done = go(tmp_path, Crew(stops), people("a", "b", "c"), cancel=stop)
    assert [row.status for row in done.rows] == ["verified", "verified", "not run"]
    assert done.stopped


def test_a_run_whose_worker_dies_is_repeated(tmp_path: Path) -> None:
    """On its place if that is still there, and not for ever."""
    tries: Counter[str] = Counter()

    def dies(crew: Crew, place: str, order: Order) -> Delivered | BaseException:
        tries[order.name] += 1
        if order.name == "b" and tries["b"] < 3:
            return WorkerLost("The worker died.")
        if order.name == "c":
            return Delivered(error={"type": "WorkerLost", "message": "It died.", "action": ""},
                             lost=True)  # fmt: skip
        return delivered(order.name)

    crew = Crew(dies, here=2)
    done = go(tmp_path, crew, people("a", "b", "c"))
    assert [row.status for row in done.rows] == ["verified", "verified", "failed"]
    assert tries == {"a": 1, "b": 3, "c": 3}
    assert "It died" in done.rows[2].error


def test_runs_of_a_worker_that_goes_move_to_another(tmp_path: Path) -> None:
    """Dask would keep them for a worker of that very address."""

    def goes(crew: Crew, place: str, order: Order) -> Delivered | None:
        if place == "two":
            crew.open.pop("two")
            return None
        return delivered(order.name)

    crew = Crew(goes, one=1, two=1)
    done = go(tmp_path, crew, people("a", "b", "c"))
    assert done.ok
    assert Counter(crew.names)["b"] == 2
    assert sum(place == "two" for _, place in crew.begun) == 1


def test_a_cohort_without_workers_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while in which one may come back."""
    monkeypatch.setattr(manager, "NOBODY", 0.1)
    monkeypatch.setattr(manager, "GLANCE", 0.05)

    def last(crew: Crew, place: str, order: Order) -> Delivered:
        crew.open.clear()
        return delivered(order.name)

    done = go(tmp_path, Crew(last), people("a", "b"))
    assert done.stopped == "There is no worker any more."
    assert [row.status for row in done.rows] == ["verified", "not run"]


def test_a_scheduler_that_cannot_be_asked_for_a_while_loses_no_run(tmp_path: Path) -> None:
    """A run that is going on is not begun a second time beside itself."""
    ends: list[Future[Delivered]] = []

    class Silent(Crew):
        looks = 0

        def places(self) -> Mapping[str, int]:
            self.looks += 1
            if self.looks == 4:
                ends[0].set_result(delivered("a"))
            return super().places() if self.looks in (1, 4) else {}

        def submit(self, place: str, order: Order, say: Callable[[str], None]) -> Future[Delivered]:
            ends.append(super().submit(place, order, say))
            return ends[-1]

    crew = Silent(lambda *_: None)
    assert go(tmp_path, crew, people("a")).ok
    assert crew.names == ["a"]


def test_lanes() -> None:
    """A service, or its whole account and region where a line leaves the service open."""
    one = Customer(2, "a", "A", {"service_sid": SERVICE}, "AC1", "us1")
    two = Customer(3, "b", "A", {"service_sid": OTHER}, "AC1", "us1")
    upper = Customer(4, "c", "A", {"service_sid": SERVICE[:2] + SERVICE[2:].upper()}, "AC1", "us1")
    open_ = Customer(5, "d", "A", {}, "AC1", "ie1")
    there = Customer(6, "e", "A", {"service_sid": SERVICE}, "AC1", "ie1")
    first, second, third, fourth, fifth = lanes([one, two, upper, open_, there])
    assert first == third
    assert first != second
    assert fourth == fifth
    assert fourth not in (first, second)


def test_a_lane_is_one_run_at_a_time_and_in_one_place(tmp_path: Path) -> None:
    """However many places are free: a journal excludes nobody on another machine."""
    lane = [Customer(n, f"c{n}", "A", {"service_sid": ""}, "AC1") for n in range(4)]
    others = people(*"vwxyz")
    going_on: Counter[str] = Counter()
    futures: list[tuple[Future[Delivered], Order]] = []

    class Slow(Crew):
        def submit(self, place: str, order: Order, say: Any) -> Future[Delivered]:
            self.begun.append((order.name, place))
            future: Future[Delivered] = Future()
            account = "AC1" if order.name.startswith("c") else order.name
            going_on[account] += 1
            assert going_on[account] == 1

            def end() -> None:
                going_on[account] -= 1
                future.set_result(delivered(order.name))

            threading.Timer(0.01, end).start()
            futures.append((future, order))
            return future

    crew = Slow(one=2, two=2)
    assert go(tmp_path, crew, [*lane, *others]).ok
    assert len({place for name, place in crew.begun if name.startswith("c")}) == 1
    assert {place for _, place in crew.begun} == {"one", "two"}


def test_a_full_disk_stops_the_cohort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done is told with what could not be kept, and nobody else is begun."""
    write = files.write_private

    def full(path: Path, data: bytes) -> Path:
        if path.name == "report.html" and path.parent.name == "b":
            raise BridgeError(f"{path} cannot be written.", "No space left on device.")
        return write(path, data)

    monkeypatch.setattr(manager, "write_private", full)
    done = go(tmp_path, Crew(), people("a", "b", "c"))
    assert [row.status for row in done.rows] == ["verified", "failed", "not run"]
    assert "It ended verified, but" in done.rows[1].error
    assert "No space left" in done.stopped
    assert not (tmp_path / "b" / "result.json").exists()
    monkeypatch.undo()
    crew = Crew()
    assert go(tmp_path, crew, people("a", "b", "c"), only_failed=True).ok
    assert crew.names == ["b", "c"]


def test_an_earlier_result_is_gone_before_its_run_begins(tmp_path: Path) -> None:
    """A run that is killed must not look like the one before it."""

    def look(crew: Crew, place: str, order: Order) -> Delivered:
        assert not list((tmp_path / order.name).glob("*"))
        return delivered(order.name)

    for _ in range(2):
        assert go(tmp_path, Crew(look), people("a")).ok


def test_a_folder_that_cannot_hold_the_artefacts_is_refused(tmp_path: Path) -> None:
    """A file, or the workbook's own."""
    (tmp_path / "file").touch()
    (tmp_path / "00_start_here.ipynb").touch()
    crew = Crew()
    for folder in (tmp_path / "file", tmp_path):
        with pytest.raises(InvalidInput, match="output"):
            go(folder, crew, people("a"))
    assert crew.begun == []


def test_names_are_text_in_the_page_and_addresses_in_its_links(tmp_path: Path) -> None:
    """`&`, spaces and letters of all alphabets."""
    go(tmp_path, Crew(), people("Söhne & Co +1"))
    page = (tmp_path / "summary.html").read_text()
    assert '<a href="S%C3%B6hne%20%26%20Co%20%2B1/report.html">Söhne &amp; Co +1</a>' in page
