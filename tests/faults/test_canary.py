"""
Fresh random secrets in the environment, everything run, every trace searched: no hit.

A sandbox that accepts exactly these credentials stands behind the addresses; commands that work,
commands that are refused and every notebook run against it with logging turned up. Afterwards
every file they left (also kernels' histories and connection files), everything they printed and
every notebook they executed is searched for the secrets in any spelling.
"""

from __future__ import annotations

import base64
import os
import random
import secrets
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from ..sandbox_process import Account, SandboxProcess
from .server import Server, refuses

CHECKOUT = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted((CHECKOUT / "notebooks").glob("*.ipynb"))


@dataclass
class Room:
    """Where everything happens, so that everything can be searched."""

    root: Path
    url: str
    account: Account
    printed: dict[str, str] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    wrong: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def by_key(self) -> dict[str, str]:
        return {
            "TWILIO_API_KEY": self.account.api_key,
            "TWILIO_API_SECRET": self.account.api_secret,
        }

    @property
    def by_token(self) -> dict[str, str]:
        return {"TWILIO_AUTH_TOKEN": self.account.auth_token}

    def run(self, name: str, *command: str, url: str = "", **env: str) -> None:
        """One process with these credentials and nothing of ours in its environment."""
        addresses = ("TWILIO_CONVERSATIONS_URL", "TWILIO_MEMORY_URL", "TWILIO_API_URL")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("TWILIO_", "BRIDGE_"))}
        home = self.root / "home"
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.root,
            env={
                **kept,
                **dict.fromkeys(addresses, url or self.url),
                "HOME": str(home),
                "XDG_DATA_HOME": str(home / "data"),
                "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
                "IPYTHONDIR": str(home / "ipython"),
                "BRIDGE_HOME": str(self.root / "bridge"),
                "PYTHONPATH": str(CHECKOUT),
                "PYTHONFAULTHANDLER": "1",
                "TWILIO_ACCOUNT_SID": self.account.account_sid,
                **env,
            },
            capture_output=True,
            text=True,
            timeout=240,
        )
        self.printed[name] = done.stdout + done.stderr
        self.ended[name] = done.returncode

    def bridge(self, name: str, *arguments: str, url: str = "", **env: str) -> None:
        self.run(name, "-m", "bridge_helpers", *arguments, url=url, **env)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Everything is run once; the tests look at what is left."""
    root = tmp_path_factory.mktemp("canary")
    (root / "home").mkdir()
    seed = str(random.SystemRandom().randrange(10**6))
    with (
        SandboxProcess("--seed", seed, "--operation-seconds", "0.1", "--lag", "0.1") as sandbox,
        Server() as unwell,
    ):
        unwell.spoil(refuses(400, "No such thing", 20001), times=None)
        room = Room(root, sandbox.url, sandbox.account(name="canary"))
        wrong = {"TWILIO_API_KEY": room.account.api_key, "TWILIO_API_SECRET": room.wrong}
        target = ("--target", "twilio")
        with ThreadPoolExecutor(2) as pool:
            # The bridge first: the notebooks find it, and its journal.
            room.bridge("apply", "onboard", *target, "--apply", "--output", "out/a", **room.by_key)
            names = [str(path) for path in NOTEBOOKS]
            half = (len(names) + 1) // 2
            execute = ("-m", "tests.faults.notebooks")
            jobs = [
                lambda: room.run(
                    "notebooks",
                    *execute,
                    "out/n",
                    *names[:half],
                    **room.by_key,
                ),
                lambda: room.run(
                    "by token",
                    *execute,
                    "out/t",
                    *names[half:],
                    **room.by_token,
                ),
                lambda: room.bridge(
                    "plan", "onboard", *target, "--output", "out/p", **room.by_token
                ),
                lambda: room.bridge("list", "conversations", *target, **room.by_key),
                lambda: room.bridge(
                    "table", "conversations", *target, "--output", "c.csv", **room.by_token
                ),
                lambda: room.bridge("history", "history", "--json", **room.by_key),
                lambda: room.bridge("wrong secret", "conversations", *target, **wrong),
                lambda: room.bridge(
                    "refused", "conversations", *target, url=unwell.url, **room.by_key
                ),
                lambda: room.bridge(
                    "no answer", "conversations", *target, url="http://127.0.0.1:9", **room.by_key
                ),
                lambda: room.bridge(
                    "pasted wrongly",
                    "conversations",
                    *target,
                    TWILIO_API_KEY=room.account.api_secret,
                    TWILIO_API_SECRET=room.account.api_key,
                ),
                lambda: room.bridge(
                    "pasted as account",
                    "conversations",
                    *target,
                    **{**room.by_key, "TWILIO_ACCOUNT_SID": room.account.api_secret},
                ),
                lambda: room.bridge(
                    "cut",
                    "conversations",
                    *target,
                    TWILIO_API_KEY=room.account.api_key,
                    TWILIO_API_SECRET=room.account.api_secret + "\u200b",
                ),
                lambda: room.bridge("bad input", "onboard", "--voice-number", "1", **room.by_key),
            ]
            for job in [pool.submit(job) for job in jobs]:
                job.result()
        yield room


def spellings(username: str, secret: str) -> set[bytes]:
    """A secret as it may stand somewhere: plain, quoted, in base64, in UTF-16, in a header."""
    found = {secret, quote(secret, safe=""), secret[::-1], secret.upper()}
    pair = f"{username}:{secret}".encode()
    found |= {base64.b64encode(pair).decode(), base64.b64encode(secret.encode()).decode()}
    plain = {one.encode() for one in found}
    return plain | {one.decode().encode("utf-16-le") for one in plain}


def hits(root: Path, texts: dict[str, str], wanted: set[bytes]) -> list[str]:
    """Where one of the spellings stands."""
    found = [name for name, text in texts.items() if any(one in text.encode() for one in wanted)]
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            found += [str(path)] if any(one in data for one in wanted) else []
    return found


def test_no_secret_is_anywhere(room: Room) -> None:
    """Not in a file, an output, a log, a traceback, a notebook, a journal or a kernel's history."""
    account = room.account
    wanted = (
        spellings(account.api_key, account.api_secret)
        | spellings(account.account_sid, account.auth_token)
        | spellings(account.api_key, room.wrong)
    )
    assert hits(room.root, room.printed, wanted) == []


def test_the_search_would_have_found_it(room: Room, tmp_path: Path) -> None:
    """The same search finds what may be there: the account's sid, and a secret that is planted."""
    found = hits(room.root, room.printed, {room.account.account_sid.encode()})
    assert any(name.endswith("journal.sqlite3") for name in found)
    assert any(name.endswith("result.json") for name in found)
    assert any(name.endswith(".ipynb") for name in found)
    (tmp_path / "leak.txt").write_text("Basic " + base64.b64encode(b"k:s3cret").decode())
    assert hits(tmp_path, {}, spellings("k", "s3cret"))


def test_everything_ran(room: Room) -> None:
    """What should work worked, what should be refused was, in one line and without a traceback."""
    assert NOTEBOOKS
    told = room.printed["notebooks"] + room.printed["by token"]
    assert all(f"{path.name}: done" in told for path in NOTEBOOKS), told
    works = ("apply", "plan", "list", "table", "history", "notebooks", "by token")
    assert {name: room.ended[name] for name in works} == dict.fromkeys(works, 0), room.printed
    fails = {"wrong secret": 1, "refused": 1, "no answer": 1}
    fails |= dict.fromkeys(("pasted wrongly", "pasted as account", "cut", "bad input"), 2)
    assert {name: room.ended[name] for name in fails} == fails, room.printed
    for name in fails:
        assert "Error: " in room.printed[name]
        assert "Traceback" not in room.printed[name]


def test_what_is_written_is_private(room: Room) -> None:
    """Journal, locks, results, reports, notebooks and tables are for the user alone."""
    made = [
        *(room.root / "bridge").rglob("*"),
        *(room.root / "out" / "a").rglob("*"),
        *(room.root / "out" / "p").rglob("*"),
        room.root / "c.csv",
    ]
    files = [path for path in made if path.is_file()]
    assert {"journal.sqlite3", "result.json", "report.html", "onboard.ipynb", "c.csv"} <= {
        path.name for path in files
    }
    assert [str(path) for path in files if path.stat().st_mode & 0o077] == []
    assert (room.root / "bridge").stat().st_mode & 0o077 == 0
