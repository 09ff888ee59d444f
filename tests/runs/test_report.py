"""The page that a customer is mailed: what it says for each ending of a run."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from bridge_helpers.cli.onboard import outcome_lines
from bridge_helpers.data.masking import masked
from bridge_helpers.runs.summary import both_times

from ..commands import parsed

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..sandbox_process import Account, SandboxProcess


def words(html: str) -> str:
    """What a reader sees of a page, with single spaces."""
    body = re.sub(r"<style>.*?</style>", " ", html, flags=re.DOTALL)
    body = re.sub(r"</?(strong|code|a)\b[^>]*>", "", body)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def first_page(html: str) -> str:
    return words(html).split("Appendix: the run")[0]


def test_a_verified_run(page: Callable[..., Any], sandbox: SandboxProcess) -> None:
    """By name, with what changed, the evidence, what is off, the limits, and what comes next."""
    html, result = page()
    told = first_page(html)
    sync = result["sync"]
    for expected in (
        "✓ verified The bridge works.",
        f"{sync['to_orchestrator_seconds']:.1f} s to Orchestrator",
        f"a customer's message, {sync['to_orchestrator_seconds']:.1f} s",
        f"({result['service_sid']})",
        f"classic-bridge-config ({result['configuration_id']})",
        "What was changed",
        "none for this service",
        "What is switched off Memory extraction: nothing that customers say",
        "No back-fill",
        "HIPAA or PCI",
        "with bridge-workbook",
        "Keep replying through classic",
        "How to undo Disconnect: the bridge is taken away and the configuration stays.",
        f"bridge-workbook disconnect --service-sid {result['service_sid']} --target twilio "
        "--confirm classic-bridge-config --apply",
    ):
        assert expected in told
    assert "Where calls and messages go Number or sender" in words(html)
    assert "curl -X PATCH" in words(html)
    assert "curl -X DELETE" in words(html)
    assert "failed" not in told
    assert len(html.encode()) < 1_000_000


def test_a_plan(page: Callable[..., Any], sandbox: SandboxProcess) -> None:
    """It says that nothing was written, what would be, and how to do it; no evidence is claimed."""
    html, _ = page(apply=False, voice_number="", chat_timeouts="15/60")
    told = first_page(html)
    assert "◎ planned This is a plan. Nothing was written" in told
    assert "What would be changed" in told
    assert "CHAT timeouts – a silent chat becomes INACTIVE after 15 min" in told
    assert "--apply" in told
    assert "evidence" not in told
    assert "undo" not in told
    assert sandbox.writes() == []


def test_an_unverified_run(page: Callable[..., Any], sandbox: SandboxProcess) -> None:
    """It does not say that the bridge carries anything, and it says what to look at."""
    sandbox.fault("sync-lost", times=None)
    html, result = page(sync_timeout=1.0)
    assert result["status"] == "unverified"
    told = first_page(html)
    assert "! unverified The bridge stands, but it is not proven" in told
    assert "What to do: Look, in this order" in told
    assert "× a customer's message, not seen" in told
    assert "carries the replies over" not in words(html)
    assert "Do not rely on Orchestrator" in told
    assert "<span" not in html


@pytest.mark.parametrize("apply", [True, False])
def test_every_command_on_the_page_can_be_typed(page: Callable[..., Any], apply: bool) -> None:
    """They are for this service and target; the one that comes next watches for days."""
    page()
    html, result = page(apply=apply)
    shown = re.findall(r"bridge-workbook ([a-z][^<]*)", html.split("Appendix: the run")[0])
    commands = [f"bridge-workbook {unescape(one)}" for one in shown]
    assert len(commands) == (3 if apply else 2)
    for one in map(parsed, commands):
        assert (one["service_sid"], one["target"]) == (result["service_sid"], "twilio")
    if apply:
        watch = parsed(commands[-1])
        assert (watch["every"], watch["duration"]) == (3600, 3 * 86400)


def test_the_checks_are_counted_as_on_the_terminal(page: Callable[..., Any]) -> None:
    """In the same words: what is for information is no `ok`, here as little as there."""
    html, result = page(apply=False)
    told = str(dict(outcome_lines(result))["checks"])
    assert re.fullmatch(r"\d+ ok, 0 warnings, 0 errors, [1-9] for information", told)
    assert f"Checks {told} " in first_page(html)


def test_a_failed_run(page: Callable[..., Any]) -> None:
    """Nothing is claimed of a bridge; what happened, why and what to do are on the first page."""
    html, result = page(service_sid="IS" + "0" * 32)
    told = first_page(html)
    assert "× failed The bridge was not created." in told
    assert result["error"]["message"] in told
    assert "What to do:" in told
    assert "evidence" not in told
    assert "What was changed Nothing was written." in told
    assert "switched off" not in told
    assert "works as before" in told


def test_a_bridge_that_was_there(page: Callable[..., Any]) -> None:
    """The second run changes nothing, and says so."""
    page()
    html, result = page()
    assert result["outcome"] == "adopted"
    assert "What was changed Nothing: the service was bridged like this already" in words(html)
    html, _ = page(apply=False)
    assert "To prove that the bridge works, run the same again with --apply." in words(html)
    assert "To build the bridge" not in words(html)


def test_end_customers_are_not_named_unless_asked_for(
    page: Callable[..., Any], sandbox: SandboxProcess, account: Account
) -> None:
    """The page may be mailed; the notebook and `show_names` have the names in full."""
    page()
    conversations = f"{sandbox.url}/v1/Services/{account.service_sid}/Conversations"
    auth = (account.api_key, account.api_secret)
    made = httpx.post(conversations, data={"FriendlyName": "Ana Silva"}, auth=auth).json()
    message = {"Author": "ana", "Body": "Hello"}
    httpx.post(f"{conversations}/{made['sid']}/Messages", data=message, auth=auth)
    # The run's own test messages take as long to cross.
    html, _ = page()
    assert "Ana Silva" not in html
    assert "A… S…" in html
    # Before the table: behind it, the line may stand alone on a sheet.
    assert html.index("Names are shortened") < html.index("A… S…")
    html, _ = page(show_names=True)
    assert "Ana Silva" in html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ana Silva", "A… S…"),
        ("ana.silva@example.com", "a…"),
        ("+15551234567", "…67"),
        ("call (555) 123-4567 now", "c… (…67 n…"),
        ("山田 太郎", "山… 太…"),
        ("प्रिया शर्मा", "प… श…"),
        ("สมชาย ใจดี", "ส… ใ…"),
        ("Zoe\u0308 Mu\u0308ller", "Z… M…"),
        ("Order 12", "O… 12"),
        ("Order 4711", "O… …11"),
        ("李 小龙", "… 小…"),
        ("", ""),
    ],
)
def test_masking(text: str, shown: str) -> None:
    """Words keep a letter, numbers two digits: enough to find a row, not to know a person."""
    assert masked(text) == shown


def test_a_moment_is_told_in_both_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Local time with its zone, UTC beside it; once where they are the same."""
    import time

    moment = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    try:
        monkeypatch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        assert both_times(moment) == "25 November 2026, 00:30 CET (24 November, 23:30 UTC)"
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()
        assert both_times(moment) == "24 November 2026, 23:30 UTC"
    finally:
        monkeypatch.undo()
        time.tzset()
