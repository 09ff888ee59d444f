"""Ctrl-C in a headless run: the kernel ends, the journal is true, the next run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from bridge_helpers.api.session import Session
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.journal import Journal

from ..waiting import until
from .children import account, plan
from .server import Server
from .world import World

POST = "^POST /v2/ControlPlane/Configurations$"


def test_ctrl_c_says_how_to_go_on_and_the_next_run_resumes(tmp_path: Path) -> None:
    """
    SIGINT to `onboard --apply` while the operation is polled: exit status 1, no traceback, what to
    do next; the journal names the operation, and the next run resumes it with no second POST.
    """
    world = World(operation_seconds=6.0)
    world.retry_after = "1"
    home = tmp_path / "home"
    with Server(world) as server:
        where = account(server.url)
        addresses = ("TWILIO_CONVERSATIONS_URL", "TWILIO_MEMORY_URL", "TWILIO_API_URL")
        run = subprocess.Popen(
            [sys.executable, "-m", "bridge_helpers", "onboard", "--target", "twilio", "--apply"],
            cwd=tmp_path,
            env={
                **os.environ,
                **dict.fromkeys(addresses, server.url),
                "BRIDGE_HOME": str(home),
                "TWILIO_ACCOUNT_SID": where.sid,
                "TWILIO_API_KEY": where.credentials.username,
                "TWILIO_API_SECRET": where.credentials.secret.reveal(),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # As in a terminal: the signal goes to the whole group.
            start_new_session=True,
        )
        try:
            until(
                lambda: server.counted("Operations") or run.poll() is not None,
                seconds=60,
                what="the first look at the operation",
            )
            os.killpg(run.pid, signal.SIGINT)
            out, err = run.communicate(timeout=60)
        finally:
            if run.poll() is None:
                run.kill()
                run.wait()
        assert run.returncode == 1, err
        assert "Stopped." in err
        assert "resume" in err
        assert "Traceback" not in out + err
        journal = Journal(home / "journal.sqlite3")
        assert journal.history()[0].state == "accepted"
        assert journal.history()[0].operation_id in world.operations
        with Session(where) as session:
            assert create(session, plan(), journal=journal).outcome == "resumed"
        assert server.counted(POST) == 1
        assert len(world.bridging()) == 1
