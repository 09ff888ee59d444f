"""Colours, tables and the live line: what a terminal gets, and what a pipe gets."""

from __future__ import annotations

import io
import re

import click
import pytest

from bridge_helpers.cli import output, table
from bridge_helpers.cli.live import progress
from bridge_helpers.cli.table import Column
from bridge_helpers.cli.text import Styled, marked, shortened, styled, wants_colour, width
from bridge_helpers.errors import AuthenticationFailed
from bridge_helpers.progress import Progress

ID = "conv_conversation_01kcz8t9xqf2vtjyr5b4n7m3aa"
SID = "IS" + "0" * 32


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({}, None),
        ({"NO_COLOR": ""}, None),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, None),
        ({"CLICOLOR_FORCE": "1", "CLICOLOR": "0"}, True),
        ({"CLICOLOR": "0"}, False),
        ({"CLICOLOR": "1"}, None),
        ({"TERM": "dumb"}, False),
    ],
)
def test_who_wants_colours(env: dict[str, str], wanted: bool | None) -> None:
    """The conventions that other programs follow, the strongest first."""
    assert wants_colour(env) is wanted


def test_a_state_has_a_word_and_not_only_a_colour() -> None:
    """Without colours nothing is lost."""
    assert click.unstyle(marked("failed")) == "× failed"
    assert marked("failed") != "× failed"
    assert click.unstyle(marked("let go")) == "let go"


def test_colours_of_others_are_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """A name from the account cannot colour, move or clear the terminal; ours can."""
    with click.Context(click.Command("x"), color=True):
        output.tell("name \x1b[2J\x1b[31mred", styled("\x1b[2Jours", "good"))
    told = capsys.readouterr().err
    assert "\x1b[2J" not in told
    assert "\x1b[31mred" not in told
    assert "\x1b[32m" in told


def test_an_error_is_one_line_with_its_details_below(capsys: pytest.CaptureFixture[str]) -> None:
    """What it means comes first; status, code and request id follow, one a line."""
    error = AuthenticationFailed("Not accepted.", "Why.", "Do this.", status=401, code=20003)
    output.tell_error(error)
    first, *rest = capsys.readouterr().err.splitlines()
    assert first == "Error: Not accepted. Why. Do this."
    assert [line.split() for line in rest[:2]] == [
        ["HTTP", "status", "401"],
        ["Twilio", "code", "20003"],
    ]


def test_what_an_error_means_comes_before_the_request(capsys: pytest.CaptureFixture[str]) -> None:
    """The reader's words first; what was sent and answered is a detail."""
    error = AuthenticationFailed("GET /v1/Services was refused.", "Authenticate.", "Do this.")
    error.meaning = "Twilio does not accept this key."
    output.tell_error(error)
    first, second = capsys.readouterr().err.splitlines()
    assert first == "Error: Twilio does not accept this key. Authenticate. Do this."
    assert second.split() == ["What", "happened", "GET", "/v1/Services", "was", "refused."]


def rows(columns: list[Column], cells: list[list[str]], room: int | None) -> list[str]:
    return [click.unstyle(line) for line in table.lines(columns, cells, room)]


COLUMNS = [Column("conversation"), Column("status"), Column("name", cut=True), Column("service")]
CELLS = [
    [ID, marked("CLOSED"), "A name that is rather long for a table", SID],
    [ID, "ACTIVE", "é漢字", "-"],
]


@pytest.mark.parametrize("room", [20, 40, 60, 80, 100, 120, 130, 200, None])
def test_ids_are_whole_at_any_width(room: int | None) -> None:
    """Names are cut and rows go on in a second line before an id loses a letter."""
    lines = rows(COLUMNS, CELLS, room)
    assert sum(ID in line for line in lines) == 2
    assert sum(SID in line for line in lines) == 1
    if room is None:
        assert len(lines) == 3
        assert "A name that is rather long for a table" in lines[1]
    else:
        longest = max(len(ID), room)
        assert all(width(line) <= longest + 4 for line in lines)


def test_a_table_fits_the_terminal() -> None:
    """Where ids leave room, a row stays on one line of exactly as many cells as there are."""
    lines = rows(COLUMNS, CELLS, 110)
    assert len(lines) == 3
    assert max(map(width, lines)) <= 110
    assert "…" in lines[1]
    assert rows(COLUMNS, CELLS, 80)[1].rstrip().endswith("…") is False


def test_a_name_is_not_cut_in_a_line_that_has_room() -> None:
    """A row that goes on in a second line has room there for what one line had not."""
    lines = rows(COLUMNS, CELLS, 80)
    assert "A name that is rather" in lines[2]
    assert max(map(width, lines)) <= 80


def test_columns_stand_below_their_headings() -> None:
    """Also after letters that take two cells, or none."""
    lines = rows(
        [Column("name"), Column("id")], [["漢字", "a"], ["e\u0301", "b"], ["plain", "c"]], None
    )
    assert [width(line.rsplit(" ", 1)[0]) for line in lines] == [6] * 4
    assert lines[0] == "NAME   ID"


def test_what_is_in_a_cell_stays_in_its_line() -> None:
    """Line breaks and control characters of a name cannot forge a row."""
    lines = rows([Column("name"), Column("id")], [["a\nb\x1b[2J", "x"]], None)
    assert len(lines) == 2
    assert "\x1b" not in lines[1]


def test_a_cut_text_takes_no_more_than_its_room() -> None:
    """Counted in cells, with the mark of the cut."""
    for room in range(2, 8):
        cut = shortened("漢字漢字漢字", room)
        assert width(cut) <= room
        assert cut.endswith("…")
    assert shortened("short", 5) == "short"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_terminal_has_one_line_that_is_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written over, fits the terminal, and leaves nothing behind."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    stream, clock = Terminal(), Clock()
    with progress(stream, clock) as on_progress:
        for number in range(5):
            clock.now = number
            on_progress(Progress("running", f"{'x' * 50} {number}", float(number), done=number))
        on_progress(Progress("waiting", "Operation is PENDING", 5.0, wait=2.0))
    told = stream.getvalue()
    assert "\n" not in told
    assert "Operation is PENDING · 5 s, again in 2…" in told
    shown = re.split(r"\r\x1b\[2K", told)
    assert all(width(one) < 40 for one in shown)
    assert shown[-1] == ""


def test_a_pipe_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line for each new thing, few for a count, none for what is over at once."""
    stream, clock = io.StringIO(), Clock()
    with progress(stream, clock) as on_progress:
        on_progress(Progress("running", "at once", 0.2))
        for number in range(100):
            clock.now = number * 0.2
            on_progress(Progress("running", f"{number} read", 1 + clock.now, done=number))
        on_progress(Progress("waiting", "PENDING", 21.0, wait=2.0))
        on_progress(Progress("waiting", "PENDING", 23.0, wait=2.0))
    lines = stream.getvalue().splitlines()
    assert [line.split(" · ")[0] for line in lines] == [
        "0 read",
        "25 read",
        "50 read",
        "75 read",
        "PENDING",
    ]
    assert "\x1b" not in stream.getvalue()


def test_a_line_that_is_told_meanwhile_is_on_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The live line is erased before something else is printed."""
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with progress(stream, Clock()) as on_progress:
        on_progress(Progress("running", "Reading", 2.0))
        output.tell("A warning")
        assert stream.getvalue().endswith("\r\x1b[2K")
        on_progress(Progress("waiting", "Reading on", 2.0, wait=1.0))
    assert capsys.readouterr().err == "A warning\n"
    assert isinstance(styled("x"), Styled)
