"""Where the command line writes, what it refuses, and how it prints what is not ours."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import httpx
import nbformat
import pytest
from nbformat.sign import NotebookNotary

from bridge_helpers.cli.output import printable
from bridge_helpers.errors import InvalidInput
from bridge_helpers.onboarding.explore import Explored
from bridge_helpers.runs import execute as onboard
from bridge_helpers.runs import pages, workbook
from bridge_helpers.runs.notebooks import notebook_path

from ..faults.server import listening

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge_helpers.runs.pages import Rendered

    from ..sandbox_process import Account, SandboxProcess


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the workbook's notebook that stands in for it."""
    copy = tmp_path / "notebooks" / "onboard.ipynb"
    copy.parent.mkdir()
    copy.write_bytes(notebook_path().read_bytes())
    monkeypatch.setattr(onboard, "notebook_path", lambda: copy)
    return copy


@pytest.mark.parametrize("named", ["notebooks", "link", "notebooks/../notebooks", "hard"])
def test_the_workbooks_own_notebook_is_never_replaced(
    template: Path, tmp_path: Path, named: str
) -> None:
    """By whatever name its folder goes; what is beside it stays as well."""
    (tmp_path / "link").symlink_to(template.parent)
    (tmp_path / "hard").mkdir()
    os.link(template, tmp_path / "hard" / "onboard.ipynb")
    beside = template.with_name("result.json")
    beside.write_text("mine")
    before = template.read_bytes()
    with pytest.raises(InvalidInput, match=r"own onboard\.ipynb") as refused:
        onboard.run({"target": "sandbox"}, tmp_path / named, progress=None)
    assert refused.value.field == "output"
    assert template.read_bytes() == before
    assert beside.read_text() == "mine"


@pytest.mark.parametrize("name", ["report.html", "result.json", "onboard.ipynb"])
def test_a_folder_in_an_artefacts_place_is_refused(tmp_path: Path, name: str) -> None:
    """It may hold anything, so it is not removed."""
    (tmp_path / "out" / name).mkdir(parents=True)
    with pytest.raises(InvalidInput, match="output is"):
        onboard.run({"target": "sandbox"}, tmp_path / "out", progress=None)


@pytest.mark.parametrize(
    "arguments",
    [
        ("onboard", "--output", ""),
        ("onboard", "--output", os.fsdecode(b"out-\xff")),
        ("onboard", "--output", "~nosuchuser/out"),
        ("conversations", "--output", os.fsdecode(b"out-\xff.csv")),
        ("sandbox", "--operation-seconds", "inf"),
        ("sandbox", "--lag", "nan"),
        ("sandbox", "--jitter", "-inf"),
        ("sandbox", "--seed", "nan"),
        ("sandbox", "--traffic", "inf"),
        ("sandbox", "--port", "inf"),
    ],
    ids=lambda arguments: ascii(" ".join(arguments)),
)
def test_what_cannot_be_is_refused(
    run: Callable[..., Any], sandbox: SandboxProcess, account: Account, arguments: tuple[str, ...]
) -> None:
    """Exit 2 and the option's name, no traceback and no request."""
    target = () if arguments[0] == "sandbox" else ("--target", "twilio")
    done = run(*arguments, *target)
    assert done.returncode == 2, done.stderr
    assert arguments[1].removeprefix("--") in done.stderr
    assert "Traceback" not in done.stderr
    assert sandbox.read("requests")["counts"] == {}


def test_a_table_below_a_file_is_told(run: Callable[..., Any], tmp_path: Path) -> None:
    """One line about the folder, and exit 2: it is refused before anything is asked for."""
    (tmp_path / "afile").touch()
    done = run("conversations", "--target", "twilio", "--output", "afile/x.csv")
    assert done.returncode == 2
    assert "output is 'afile/x.csv', but it has to be a file that can be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_notebook_that_cannot_be_read_keeps_no_other_from_being_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's half a notebook, or a list, is left to Lab; so is a folder of that name."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    folder = tmp_path / "notebooks"
    (folder / "b.ipynb").mkdir(parents=True)
    for name, data in {"a": b'{"cells": [', "c": b"[]", "d": b"\xff\xfe", "e": b""}.items():
        (folder / f"{name}.ipynb").write_bytes(data)
    whole = folder / "z.ipynb"
    whole.write_bytes(notebook_path("00_start_here.ipynb").read_bytes())
    workbook._trust(folder)
    assert NotebookNotary().check_signature(nbformat.read(whole, as_version=4))


def test_a_home_of_nobody_is_told(run: Callable[..., Any], environment: dict[str, str]) -> None:
    """The sandbox says what to set."""
    done = run("sandbox", env=environment | {"BRIDGE_HOME": "~nosuchuser/x"})
    assert done.returncode == 1
    assert "BRIDGE_HOME" in done.stderr
    assert "Traceback" not in done.stderr


def test_names_command_no_terminal() -> None:
    """Escape sequences, bells and their eight-bit kin are shown as what they are not."""
    mark = "\N{REPLACEMENT CHARACTER}"
    assert printable("a\x1b[2Jb\x07\x9bc\x7f\rd") == f"a{mark}[2Jb{mark}{mark}c{mark}{mark}d"
    assert printable("Grüße 👋\n\tZażółć") == "Grüße 👋\n\tZażółć"


@pytest.mark.parametrize("encoding", ["latin-1", "latin-1:strict", "utf-8"])
def test_a_name_that_the_terminal_has_no_letters_for_is_printed(
    run: Callable[..., Any],
    environment: dict[str, str],
    sandbox: SandboxProcess,
    account: Account,
    encoding: str,
) -> None:
    """As far as it goes, on stdout and on stderr, and without what commands the terminal."""
    seeds = {"account_sid": account.account_sid, "orchestrator_conversations": 1}
    sandbox.control("seed", **seeds)
    with httpx.Client(base_url=sandbox.url, auth=(account.api_key, account.api_secret)) as client:
        (one,) = client.get("/v2/Conversations").json()["conversations"]
        named = {"status": "ACTIVE", "name": "Żółć \x1b[31m"}
        client.put(f"/v2/Conversations/{one['id']}", json=named).raise_for_status()
    narrow = environment | {"PYTHONIOENCODING": encoding}
    done = run("conversations", "--target", "twilio", env=narrow, encoding=encoding.split(":")[0])
    assert done.returncode == 0, done.stderr
    assert ("Żółć" if encoding == "utf-8" else r"\u017b") in done.stdout
    assert "\x1b" not in done.stdout
    refused = run("history", "--service-sid", "Żółć", env=narrow, encoding=encoding.split(":")[0])
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def test_what_a_file_says_of_addresses_is_named_and_not_used(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    """A line on stderr; the exported credentials go to the exported address alone."""
    with listening() as elsewhere:
        (tmp_path / ".env").write_text(
            f"TWILIO_CONVERSATIONS_URL={elsewhere.url}\nTWILIO_REGION=ie1\n"
        )
        done = run("conversations", "--target", "twilio")
        assert elsewhere.calls == []
    assert done.returncode == 0, done.stderr
    assert "region us1" in done.stderr
    for name in ("TWILIO_CONVERSATIONS_URL", "TWILIO_REGION"):
        assert f"{name} of .env is not used" in done.stderr


def test_a_host_that_is_not_twilios_is_on_the_plan(
    walk: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On banner and plan of a run, so in its report, and among its findings."""
    warning = "Credentials and requests go to proxy.example.com: not Twilio."
    monkeypatch.setattr("bridge_helpers.settings.Account.warning", warning)
    shown: list[str] = []
    monkeypatch.setattr(pages, "show", partial(_kept, pages.show, shown))
    result = walk(apply=False)
    assert ("warning", warning) in [(one["level"], one["found"]) for one in result["findings"]]
    assert warning.rstrip(".") in shown[0]
    assert warning in shown[2]


def _kept(show: Callable[..., Rendered], shown: list[str], *given: Any, **values: Any) -> Rendered:
    made = show(*given, **values)
    shown.append(made.html)
    return made


def test_a_time_in_the_report_is_one_that_a_person_reads() -> None:
    """To the second; the heading says once that it is UTC."""
    when = datetime(2026, 11, 24, 16, 59, 24, 626000, tzinfo=UTC)
    row = dict.fromkeys(pages.COLUMNS_SHOWN) | {"created_at": when, "name": "Ana Silva"}
    told = Mock(Explored, count=1, complete=True, error=None)
    told.head.return_value = [row]
    html = pages.explored(told).html
    assert "<td>2026-11-24 16:59:24</td>" in html
    assert "created (UTC)" in html
    assert "626" not in html
