"""What the workbook keeps of typed credentials: who gets them, and that nobody else does."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bridge_helpers import kept, sandbox_process
from bridge_helpers.runs.keeper import Keeper
from bridge_helpers.settings import Credentials, Secret

SECRET = "typed-secret-4711-typed-secret-47"
TYPED = Credentials("AC" + "1" * 32, "SK" + "2" * 32, Secret(SECRET))
ASK = "import sys; from bridge_helpers.kept import kept; print(kept() is not None)"


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    """A keeper, as the kernels of its workbook find it."""
    made = Keeper()
    for name, value in made.start().items():
        monkeypatch.setenv(name, value)
    yield made
    made.stop()


def place() -> tuple[str, str]:
    token, _, path = os.environ[kept.VARIABLE].partition(":")
    return token, path


def said(asked: bytes) -> bytes:
    """What the keeper answers to these bytes."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(place()[1])
        line.sendall(asked)
        return line.recv(10_000)


def test_what_was_typed_reaches_the_other_kernels(keeper: Keeper) -> None:
    """A process with the workbook's environment gets what another one gave, with its region."""
    assert kept.kept() is None
    assert kept.keep(TYPED, "ie1")
    found = kept.kept()
    assert found is not None
    assert (found.credentials, found.region) == (TYPED, "ie1")
    done = subprocess.run(
        [sys.executable, "-c", ASK], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "True"
    kept.forget()
    assert kept.kept() is None


@pytest.mark.parametrize("token", ["", "wrong", "\u00e9"])
def test_without_the_token_nothing_is_said(keeper: Keeper, token: str) -> None:
    """A process that knows the path and not the token is hung up on, and changes nothing."""
    kept.keep(TYPED, "")
    for do in ("get", "forget", "keep"):
        assert said(json.dumps({"token": token, "do": do}).encode() + b"\n") == b""
    assert kept.kept() is not None


@pytest.mark.parametrize(
    "asked", [b"\n", b"[]\n", b"{}\n", b"\xff\xfe\n", b"x" * 20_000 + b"\n", b"null\n"]
)
def test_nonsense_is_hung_up_on(
    keeper: Keeper, asked: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is neither answered nor quoted, and the next question is."""
    kept.keep(TYPED, "")
    with suppress(ConnectionError):
        assert said(asked) == b""
    assert kept.kept() is not None
    assert SECRET not in "".join(capfd.readouterr())


def test_somebody_who_says_nothing_holds_nobody_up(keeper: Keeper) -> None:
    """A connection that is left open does not keep a kernel from its answer."""
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(place()[1])
        assert kept.keep(TYPED, "")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs two users")
def test_another_user_gets_nothing(keeper: Keeper) -> None:
    """Even one who knows path and token cannot reach the socket."""
    kept.keep(TYPED, "")
    path = place()[1]
    os.seteuid(65534)
    try:
        with socket.socket(socket.AF_UNIX) as line, pytest.raises(PermissionError):
            line.connect(path)
    finally:
        os.seteuid(0)


def test_a_folder_that_others_may_enter_is_not_trusted(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Somebody else's listener is given nothing: the folder has to be this user's alone."""
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(folder / "keeper"))
        other.listen()
        monkeypatch.setenv(kept.VARIABLE, f"{place()[0]}:{folder / 'keeper'}")
        assert not kept.keep(TYPED, "")
        other.settimeout(0.2)
        with pytest.raises(TimeoutError):
            other.accept()


def test_the_secret_is_in_no_environment_and_no_file(keeper: Keeper) -> None:
    """The environment holds a path and a token; the folder holds a socket, for its owner alone."""
    kept.keep(TYPED, "")
    assert all(SECRET not in value for value in os.environ.values())
    folder = Path(place()[1]).parent
    assert [one.name for one in folder.iterdir()] == ["keeper"]
    assert (folder / "keeper").is_socket()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert SECRET not in repr(vars(keeper))
    own = Path("/proc/self")
    for name in ("environ", "cmdline"):
        if (own / name).exists():
            assert SECRET.encode() not in (own / name).read_bytes()


def test_it_is_gone_when_the_workbook_ends(keeper: Keeper) -> None:
    """A kernel that lives on finds nobody, and the folder is gone."""
    kept.keep(TYPED, "")
    folder = Path(place()[1]).parent
    keeper.stop()
    assert kept.kept() is None
    assert not kept.keep(TYPED, "")
    assert not folder.exists()


def test_two_workbooks_keep_apart(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has a socket and a token of its own."""
    other = Keeper()
    found = other.start()
    try:
        kept.keep(TYPED, "")
        monkeypatch.setenv(kept.VARIABLE, found[kept.VARIABLE])
        assert kept.kept() is None
    finally:
        other.stop()


def test_the_sandbox_is_not_told_where_it_is(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A sandbox that a kernel starts inherits neither credentials nor the way to them."""
    given: dict[str, str] = {}

    def popen(*_: object, env: dict[str, str], **__: object) -> None:
        given.update(env)
        raise OSError("not started in this test")

    monkeypatch.setenv("BRIDGE_HOME", str(tmp_path))
    monkeypatch.setattr("bridge_helpers.sandbox_process.subprocess.Popen", popen)
    with pytest.raises(OSError, match="not started"):
        sandbox_process._start()
    assert "PATH" in given
    assert kept.VARIABLE not in given
