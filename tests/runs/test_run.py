"""One strict run of any notebook: its parameters, what it leaves, and how it fails."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_helpers.errors import InvalidInput
from bridge_helpers.runs import notebooks
from bridge_helpers.runs.execute import CELL_SECONDS, cell_limit, run_notebook
from bridge_helpers.runs.parameters import Parameter, converted, declared, typed
from bridge_helpers.settings import Credentials, Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..sandbox_process import Account, SandboxProcess

KINDS = {
    "text": 'text: str = ""  # any',
    "flag": "flag: bool = False  # true or false",
    "count": "count: int = 1  # whole",
    "share": "share: float = 0.5  # any number",
}
ENDS = {
    "well": "print(repr(text), flag, count, share)",
    "badly": "raise ValueError('first\\n  second')",
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
}


def notebook(folder: Path, *sources: str, parameters: str = "\n".join(KINDS.values())) -> Path:
    """A notebook with a cell of parameters, and others after it."""
    tagged = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    cells = [tagged, *map(nbformat.v4.new_code_cell, sources)]
    path = folder / "mine.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


def test_what_is_declared_has_kind_and_default(tmp_path: Path) -> None:
    """By name, as the notebook's cell says it."""
    assert declared(notebook(tmp_path)) == {
        "text": Parameter("text", str, ""),
        "flag": Parameter("flag", bool, False),
        "count": Parameter("count", int, 1),
        "share": Parameter("share", float, 0.5),
    }


def test_every_notebook_of_the_workbook_can_be_run_by_its_name() -> None:
    """With or without its ending; what it declares is of the four kinds."""
    for path in notebooks.notebook_path().parent.glob("*.ipynb"):
        assert notebooks.named(path.stem) == notebooks.named(path.name) == path
        assert "target" in declared(path)


@pytest.mark.parametrize(
    "parameters", ["text = 1", "text: str | None = None", "import os", "x: str = f()", "x: ("]
)
def test_a_cell_of_parameters_that_is_not_plain_is_refused(tmp_path: Path, parameters: str) -> None:
    """Papermill does not see some of these, and would take any value for them."""
    with pytest.raises(InvalidInput, match="cell of parameters"):
        declared(notebook(tmp_path, parameters=parameters))


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"cells": [{"x": 1}]}'])
def test_what_is_no_notebook_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    """It is named, and why it cannot be read."""
    # By a short name: of a long one the message shows the beginning.
    monkeypatch.chdir(tmp_path)
    path = Path("odd.ipynb")
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"odd\.ipynb"):
        declared(path)


@given(text=st.text())
def test_the_text_of_a_text_stays_as_it_is(text: str) -> None:
    """`+15551234567`, `007`, `false` and `1e5` among all others."""
    assert converted(Parameter("text", str, ""), text) == text


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("text", "+15551234567", "+15551234567"),
        ("text", "007", "007"),
        ("flag", "false", False),
        ("flag", "True", True),
        ("count", "-7", -7),
        ("share", "1e3", 1000.0),
        ("share", 2, 2.0),
    ],
)
def test_a_value_has_the_kind_that_is_declared(
    tmp_path: Path, name: str, given: object, value: object
) -> None:
    """A text is read as it; a value fits already."""
    (taken,) = typed(notebook(tmp_path), {name: given}).values()
    assert taken == value
    assert type(taken) is type(value)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("text", 15551234567),
        ("text", None),
        ("flag", "1"),
        ("flag", "maybe"),
        ("flag", 1),
        ("count", "1.5"),
        ("count", True),
        ("share", "nan"),
        ("share", "inf"),
        ("share", True),
        ("unknown", "x"),
    ],
)
def test_a_value_of_another_kind_is_refused_by_its_name(
    tmp_path: Path, name: str, given: object
) -> None:
    """And so is a name that the notebook does not have."""
    with pytest.raises(InvalidInput) as refused:
        typed(notebook(tmp_path), {name: given})
    assert refused.value.field == name


SECRET = Secret("a-secret-in-use-of-acme")


@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        Credentials("AC" + "1" * 32, "AC" + "1" * 32, SECRET),
        SECRET.reveal(),
        f"Bearer {SECRET.reveal()}!",
        "SK" + "0a" * 16,
        " " + "0a" * 16,
    ],
    ids=["type", "credentials", "in use", "within", "key", "token"],
)
@pytest.mark.parametrize("name", ["text", "unknown"])
def test_a_secret_is_no_parameter(tmp_path: Path, name: str, value: object) -> None:
    """By its type, by comparison with those in use, by its form; the message does not show it."""
    with pytest.raises(InvalidInput, match="credentials are no parameter") as refused:
        typed(notebook(tmp_path), {name: value}, [SECRET, Secret("")])
    assert str(value if isinstance(value, str) else SECRET.reveal()) not in str(refused.value)


def test_a_cell_may_run_longer_than_anything_it_is_asked_to_wait_for() -> None:
    """Also with the longest wait that is allowed."""
    assert cell_limit({}) > CELL_SECONDS
    assert cell_limit({"sync_timeout": 3600.0}) > 3 * 3600


@pytest.mark.parametrize("end", ENDS)
def test_the_executed_notebook_is_kept(
    run: Callable[..., Any], tmp_path: Path, environment: dict[str, str], end: str
) -> None:
    """
    However it ends; the failure is one line. Texts arrived as texts, and neither a path of this
    machine nor papermill's own words about the error are in it.
    """
    mine = notebook(tmp_path, ENDS[end])
    values = ("text=+15551234567", "flag=true", "count=007")
    done = run("run", str(mine), *values, "--output", "out/done.ipynb")
    assert done.returncode == (0 if end == "well" else 1), done.stderr
    assert "Traceback" not in done.stderr
    kept = tmp_path / "out" / "done.ipynb"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    book = nbformat.read(kept, as_version=4)
    assert str(tmp_path) not in str(book.metadata)
    assert len(book.cells) == 3
    injected = book.cells[1].source
    assert 'text = "+15551234567"' in injected
    assert "count = 7" in injected
    if end == "well":
        assert "'+15551234567' True 7 0.5" in done.stderr
    else:
        line = next(each for each in done.stderr.splitlines() if each.startswith("Error: "))
        assert ("ValueError: first second" if end == "badly" else "kernel") in line


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("onboard", "aply=true"), "aply"),
        (("onboard", "sync_timeout=soon"), "sync_timeout"),
        (("onboard", "apply"), "NAME=VALUE"),
        (("onboard", "target=twilio", "target=sandbox"), "twice"),
        (("onbord",), "onbord"),
        (("onboard", "--output", "."), "output"),
        (("onboard", "display_name={secret}"), "credentials"),
        (("onboard", "api_secret=shown-nowhere"), "api_secret"),
        (("onboard", "description=\udcff"), "UTF-8"),
        (("onboard", "display_name={key}"), "credentials"),
    ],
)
def test_what_is_wrong_is_refused_before_a_kernel_starts(
    run: Callable[..., Any],
    sandbox: SandboxProcess,
    account: Account,
    arguments: tuple[str, ...],
    says: str,
) -> None:
    """Exit 2, one message that names it, and no secret."""
    secrets = {"secret": account.api_secret, "key": account.api_key}
    done = run("run", *(each.format(**secrets) for each in arguments))
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert account.api_secret not in done.stderr
    assert "shown-nowhere" not in done.stderr
    assert sandbox.read("requests")["counts"] == {}


@pytest.mark.parametrize(
    ("odd", "says"),
    [
        ({"metadata": {}}, "names no kernel"),
        ({"metadata": {"kernelspec": {"name": "cobol"}}}, "'cobol'"),
        ({"metadata": None}, "can be read"),
        ({"nbformat": 3}, "can be read"),
    ],
)
def test_a_notebook_that_cannot_run_is_refused(
    tmp_path: Path, odd: dict[str, Any], says: str
) -> None:
    """By name, before a kernel starts and before anything is written."""
    path = notebook(tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **odd}))
    with pytest.raises(InvalidInput, match=says):
        run_notebook(path, tmp_path / "out" / "done.ipynb", {})
    assert not (tmp_path / "out").exists()


def test_the_command_onboard_refuses_a_secret_too(
    run: Callable[..., Any], account: Account, environment: dict[str, str]
) -> None:
    """Of whichever customer's variables; it would stand in the configuration and the report."""
    other = environment | {"ACME_TWILIO_AUTH_TOKEN": "anothers-auth-token"}
    for value in (account.api_secret, "anothers-auth-token"):
        done = run("onboard", "--target", "twilio", "--description", f"x {value}", env=other)
        assert done.returncode == 2
        assert value not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("target", "mars"), ("voice_number", "555"), ("apply", "perhaps")]
)
def test_what_onboard_would_refuse_is_refused_before_a_kernel_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """The same rules as the command `onboard`, at once, and no folder is made."""

    def started(*_: object, **__: object) -> None:
        raise AssertionError("a kernel was started")

    monkeypatch.setattr("bridge_helpers.runs.execute.execute", started)
    output = tmp_path / "out" / "onboard.ipynb"
    with pytest.raises(InvalidInput) as refused:
        run_notebook(notebooks.named("onboard"), output, {name: value})
    assert refused.value.field == name
    assert not output.parent.exists()
