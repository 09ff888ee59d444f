"""Frames with one shape, and files that neither lose nor run anything."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import msgspec
import pandas as pd
import pytest

from bridge_helpers.api.models import Communication, Configuration, Conversation
from bridge_helpers.data import charts, export, frames
from bridge_helpers.errors import BridgeError, InvalidInput

NUMBER = "+15551234567"
NASTY = [
    "=1+1",
    "+cmd",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "＝1+1",
    "Grüße 👋",
    'a "b", c\nd',
    NUMBER,
    "-5",
]
MIXED = {"text": frames.TEXT, "kind": frames.CATEGORY}


def communications() -> pd.DataFrame:
    records = [
        msgspec.convert(
            {
                "id": f"conv_communication_{index}",
                "conversationId": "conv_conversation_1",
                "author": {"address": NUMBER, "channel": "SMS"},
                "content": {"type": "TEXT", "text": text},
                "occurredAt": f"2026-01-02T03:04:{index:02d}.5Z",
            },
            Communication,
        )
        for index, text in enumerate(NASTY)
    ]
    return frames.communications(records)


def test_an_empty_frame_has_the_columns_and_types_of_a_full_one() -> None:
    """Code that works on rows works without rows."""
    full, empty = communications(), frames.communications([])
    assert list(full.columns) == list(empty.columns)
    assert [str(full[name].dtype) for name in full] == [str(empty[name].dtype) for name in empty]
    assert str(empty["occurred_at"].dtype) == "datetime64[us, UTC]"


def test_a_conversation_becomes_one_tidy_row() -> None:
    """Channels, addresses and the bridged service, also when the list item is partial."""
    whole = {
        "id": "conv_conversation_1",
        "status": "ACTIVE",
        "configurationId": "conv_configuration_1",
        "createdAt": "2026-01-02T03:04:05Z",
        "participants": [
            {
                "id": "conv_participant_1",
                "addresses": [{"channel": "CHAT", "address": "ana", "channelId": "CH1"}],
            },
            {"id": "conv_participant_2", "name": None, "addresses": None},
        ],
    }
    partial = {"id": "conv_conversation_2", "configurationId": "conv_configuration_1"}
    bridge = {"conversationsV1Bridge": {"serviceId": "IS1"}}
    table = frames.conversations(
        [msgspec.convert(one, Conversation) for one in (whole, partial)],
        [msgspec.convert({"id": "conv_configuration_1", **bridge}, Configuration)],
    )
    first, second = table.iloc[0], table.iloc[1]
    assert (first["channels"], first["addresses"], first["channel_ids"]) == ("CHAT", "ana", "CH1")
    assert first["participants"] == 2
    assert first["created_at"] == pd.Timestamp("2026-01-02T03:04:05Z")
    assert list(table["service_sid"]) == ["IS1", "IS1"]
    assert second.isna()["participants"]
    assert str(table["status"].dtype) == "category"


def test_a_timestamp_that_cannot_be_read_does_not_end_the_table() -> None:
    """It becomes NaT."""
    record = msgspec.convert({"id": "c", "createdAt": "soon"}, Conversation)
    assert frames.conversations([record])["created_at"].isna().all()


@pytest.mark.parametrize("ending", [".parquet", ".jsonl"])
def test_exact_formats_give_back_what_was_written(tmp_path: Path, ending: str) -> None:
    """Not a character of a message is changed."""
    path = export.write(communications(), tmp_path / f"out{ending}")
    read = pd.read_parquet(path) if ending == ".parquet" else pd.read_json(path, lines=True)
    assert read["text"].astype(str).tolist() == NASTY


def test_csv_holds_no_formula_and_keeps_numbers(tmp_path: Path) -> None:
    """A spreadsheet that opens it evaluates nothing; a phone number keeps its plus sign."""
    path = export.write(communications(), tmp_path / "out.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    text = pd.read_csv(path, dtype=str)["text"].tolist()
    assert text[:6] == [f"'{one}" for one in NASTY[:6]]
    assert text[6:] == NASTY[6:]
    assert pd.read_csv(path, dtype=str)["author"].tolist() == [NUMBER] * len(NASTY)


@pytest.mark.parametrize("ending", ["\r", "\r\n", "\n", "\r\r\n"])
def test_a_line_break_in_a_text_does_not_begin_a_record(tmp_path: Path, ending: str) -> None:
    """What would follow it would be a field of its own, and could be a formula."""
    texts = [f"hello{ending}=1+1", f"{ending}=1+1"]
    table = frames.frame([{"text": text, "kind": text} for text in texts], MIXED)
    path = export.write(table, tmp_path / "out.csv")
    with path.open(newline="", encoding="utf-8-sig") as file:
        header, *records = csv.reader(file)
    assert header == ["text", "kind"]
    lines = ending.count("\r") or 1
    first, second = f"hello{chr(10) * lines}=1+1", f"'{chr(10) * lines}=1+1"
    assert records == [[first, first], [second, second]]
    assert pd.read_csv(path, dtype=str)["text"].tolist() == [first, second]
    assert not any(field[0] in "=+-@\t\r\n" for record in records for field in record)


def test_xlsx_takes_texts_that_a_cell_cannot_hold(tmp_path: Path) -> None:
    """Characters that no workbook may have are left out, and what is too long is cut."""
    texts = ["a\ufffeb\uffffc\x00d", None, "x" * 40_000, "👋" * 20_000]
    path = export.write(frames.frame([{"text": one} for one in texts], MIXED), tmp_path / "a.xlsx")
    read = pd.read_excel(path)["text"].tolist()
    # A picture takes two of a cell's 32,767 characters.
    assert [read[0], *read[2:]] == ["abcd", "x" * 32_767, "👋" * 16_383]
    assert pd.isna(read[1])


def test_json_lines_are_exact_to_the_microsecond_and_empty_when_nothing_is(tmp_path: Path) -> None:
    """A blank line would be a record that cannot be read."""
    table = frames.frame([{"at": "2026-01-02T03:04:05.123456Z"}], {"at": frames.TIME})
    path = export.write(table, tmp_path / "out.jsonl")
    assert path.read_text() == '{"at":"2026-01-02T03:04:05.123456Z"}\n'
    assert export.write(table.head(0), path).read_bytes() == b""


def test_xlsx_holds_text_and_no_formula(tmp_path: Path) -> None:
    """Every text cell is text, exactly as it was, and opens in a spreadsheet program."""
    from openpyxl import load_workbook

    path = export.write(communications(), tmp_path / "out.xlsx")
    sheet = load_workbook(path)["data"]
    header = [cell.value for cell in sheet[1]]
    cells = [row[header.index("text")] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == NASTY
    assert {cell.data_type for cell in cells} == {"s"}
    assert {row[header.index("author")].value for row in sheet.iter_rows(min_row=2)} == {NUMBER}


def test_files_are_private_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readable by the user alone; a failed export leaves the earlier file and no scraps."""
    path = export.write(communications(), tmp_path / "deep" / "out.csv")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(BridgeError, match="No space left"):
        export.write(communications(), path)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["out.csv"]


@pytest.mark.parametrize("name", ["afile/out.csv", f"{'n' * 252}.csv"])
def test_a_path_that_cannot_be_is_told_as_such(tmp_path: Path, name: str) -> None:
    """Below a file, or longer than a name may be: the reason, not what tidying up ran into."""
    (tmp_path / "afile").touch()
    with pytest.raises(BridgeError, match=r"cannot be written"):
        export.write(communications(), tmp_path / name)


@pytest.mark.parametrize("name", ["out\udcff.csv", "out\0.csv", "~nosuchuser/out.csv"])
def test_what_is_no_path_is_refused(name: str) -> None:
    """Before anything is read from the account."""
    with pytest.raises(InvalidInput, match="it has to be a path"):
        export.check_output(name)


@pytest.mark.parametrize("name", ["out", "out.txt", "out.csv.gz", ""])
def test_other_endings_are_refused(name: str) -> None:
    """Before anything is read from the account, with the choices."""
    with pytest.raises(InvalidInput, match=r"\.csv, \.xlsx, \.parquet, \.jsonl"):
        export.check_output(name)


def test_pictures_are_static_svg_and_have_words() -> None:
    """No script in them, and a sentence says the same."""
    table = pd.DataFrame({"status": pd.Series(["ACTIVE", "ACTIVE", None], dtype="category")})
    svg = charts.counts_chart(table, "status", "conversations")
    assert svg.startswith("<svg")
    assert "<script" not in svg
    assert charts.counts_sentence(table, "status") == "2 ACTIVE, 1 not known"
