"""What a run's result says about the last steps, and where it is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bridge_helpers.errors import BridgeError, InvalidInput, ServerError
from bridge_helpers.onboarding.explore import Explored
from bridge_helpers.runs import execute
from bridge_helpers.runs import onboarding as runs
from bridge_helpers.runs.onboarding import Onboarding

from .conftest import DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..sandbox_process import SandboxProcess

LOST = ServerError("The list was not answered.", "Status 503.", "Wait.", status=503)


def unreadable(*_: Any, **__: Any) -> Explored:
    raise LOST


def cut_short(*_: Any, **__: Any) -> Explored:
    return Explored((), False, LOST)


@pytest.mark.parametrize("listing", [unreadable, cut_short])
@pytest.mark.parametrize(("apply", "status"), [(True, "verified"), (False, "planned")])
def test_a_list_that_is_not_whole_is_a_warning(
    walk: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    listing: Callable[..., Explored],
    apply: bool,
    status: str,
) -> None:
    """The proof stands; the number is left open and a finding says why."""
    monkeypatch.setattr(runs, "explore", listing)
    result = walk(result_path=str(tmp_path / "result.json"), apply=apply)
    assert (result["status"], result["error"]) == (status, None)
    assert result["conversations"] is None
    told = result["findings"][-1]
    assert (told["check"], told["level"]) == ("conversations", "warning")
    assert "not answered. Status 503." in told["found"]
    assert told["action"] == "Wait."
    assert json.loads((tmp_path / "result.json").read_text())["status"] == status


def test_a_failed_proof_stays_the_reason(
    walk: Callable[..., Any], sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the list fails after it."""
    monkeypatch.setattr(runs, "explore", unreadable)
    sandbox.fault("sync-lost", times=None)
    result = walk(sync_timeout=1.0)
    assert (result["status"], result["error"]["type"]) == ("unverified", "NotProven")
    assert result["findings"][-1]["check"] == "conversations"


def test_a_proof_that_is_not_recorded_is_one(
    walk: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal on a full disk takes nothing from what was seen."""
    record = Onboarding._record

    def full(run: Onboarding, step: str, state: str, detail: str) -> None:
        if step == "verify":
            raise BridgeError("The journal cannot be written.")
        record(run, step, state, detail)

    monkeypatch.setattr(Onboarding, "_record", full)
    result = walk()
    assert (result["status"], result["error"]) == ("verified", None)
    assert result["findings"][-1]["check"] == "journal"


@pytest.mark.parametrize(
    "path",
    [5, None, "folder", "afile/result.json", "n" * 256, "~nosuchuser/a", "a\udcff"],
)
def test_a_result_that_could_not_be_kept_is_told_first(
    walk: Callable[..., Any],
    sandbox: SandboxProcess,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    path: Any,
) -> None:
    """Nothing is sent for a run whose result would be lost at its end."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "afile").touch()
    result = walk(result_path=path)
    assert (result["status"], result["error"]["type"]) == ("failed", "InvalidInput")
    assert "result_path" in result["error"]["message"]
    assert sandbox.read("requests")["counts"] == {}
    run = Onboarding(say=lambda _: None, **{**DEFAULTS, "result_path": path})
    run.connect()
    with pytest.raises(InvalidInput, match="result_path"):
        run.finish()
    assert sorted(one.name for one in tmp_path.iterdir() if one.name != "home") == [
        "afile",
        "folder",
    ]


def test_the_folder_of_a_result_is_made(walk: Callable[..., Any], tmp_path: Path) -> None:
    """And it holds nothing else."""
    path = tmp_path / "deep" / "er" / "result.json"
    assert walk(result_path=str(path), apply=False)["status"] == "planned"
    assert [one.name for one in path.parent.iterdir()] == ["result.json"]


def test_a_result_that_is_lost_after_all_fails_the_run(
    walk: Callable[..., Any], tmp_path: Path
) -> None:
    """What made the run fail comes first; without it the lost result does."""
    walk(apply=False)
    given: dict[str, Any] = {**DEFAULTS, "result_path": str(tmp_path / "result.json")}
    run = Onboarding(say=lambda _: None, **given)
    run.connect()
    (tmp_path / "result.json").mkdir()
    with pytest.raises(BridgeError, match="cannot be written"):
        run.finish()


@pytest.mark.usefixtures("walk")
def test_each_message_of_a_proof_is_told_and_no_list_that_is_read() -> None:
    """A list is read at every look: told, it would bury the lines that matter."""
    said: list[str] = []
    given: dict[str, Any] = {**DEFAULTS, "apply": True}
    run = Onboarding(say=said.append, **given)
    for step in (run.connect, run.preflight, run.plan, run.create, run.verify, run.finish):
        step()
    assert [line for line in said if line.endswith(" read")] == []
    assert len([line for line in said if ": seen after " in line]) == 3


def test_a_plan_names_what_would_react_and_writes_nothing(
    walk: Callable[..., Any], sandbox: SandboxProcess
) -> None:
    """Who says --apply has seen it: callbacks of a service that is bridged already included."""
    walk()
    sandbox.forget("requests")
    given: dict[str, Any] = {**DEFAULTS, "apply": False}
    run = Onboarding(say=lambda _: None, **given)
    for step in ("connect", "preflight", "plan", "create"):
        getattr(run, step)()
    shown = run.verify()
    run.finish()
    assert "What reacts to a test message" in shown.html
    assert "status callbacks" in shown.html
    assert sandbox.writes() == []


def test_a_run_that_writes_names_what_reacts_before_the_first_message(
    walk: Callable[..., Any], sandbox: SandboxProcess
) -> None:
    """It is among the findings, and was looked at before the test conversation was made."""
    result = walk()
    assert "account webhooks" in {one["check"] for one in result["findings"]}
    lines = sandbox.asked()
    looked = lines.index("GET /v1/Configuration/Webhooks")
    made = next(
        n for n, one in enumerate(lines) if one.endswith("/Conversations") and "POST" in one
    )
    assert looked < made


@pytest.mark.parametrize("sync_timeout", [0.5, 30.0, 3600])
def test_no_cell_is_ended_while_it_waits_for_what_was_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sync_timeout: float
) -> None:
    """The longest waits of the proof, one in each direction, fit into a cell."""
    given: dict[str, Any] = {}

    def executed(notebook: str, output: str, **options: Any) -> None:
        given.update(options)
        Path(options["parameters"]["result_path"]).write_text("{}")
        Path(output).write_bytes(Path(notebook).read_bytes())

    monkeypatch.setattr("papermill.execute_notebook", executed)
    monkeypatch.setattr("bridge_helpers.runs.report.render", lambda book, result, **_: "")
    execute.run({"sync_timeout": sync_timeout}, tmp_path / "out")
    assert given["execution_timeout"] >= 3 * sync_timeout + 600
