"""Frames with one shape, and files that neither lose nor run anything."""

from __future__ import annotations

import csv
import gc
import re
import resource
import stat
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pytest
from openpyxl import load_workbook

from bridge_helpers.api.models import Communication, Configuration, Conversation
from bridge_helpers.data import charts, columns, export, frames, workbook
from bridge_helpers.data.csv_file import safe_for_spreadsheets
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
MIXED = {"text": columns.TEXT, "kind": columns.CATEGORY}


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
    """
    A spreadsheet that opens it evaluates nothing, and a phone number keeps its plus sign: both
    have an apostrophe in front, without which Excel reads a number.
    """
    path = export.write(communications(), tmp_path / "out.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    text = pd.read_csv(path, dtype=str)["text"].tolist()
    assert text[:6] == [f"'{one}" for one in NASTY[:6]]
    assert text[6:] == [*NASTY[6:8], f"'{NUMBER}", "-5"]
    assert pd.read_csv(path, dtype=str)["author"].tolist() == [f"'{NUMBER}"] * len(NASTY)


@pytest.mark.parametrize(
    "text",
    ["007", "00", "1234567890123456", "12E5", "1.5e-3", "-1e5", "+1", "-12345678901234567", "0123"],
)
def test_csv_keeps_digits_that_a_spreadsheet_would_change(text: str) -> None:
    """Leading zeros, more digits than a spreadsheet keeps, exponents."""
    assert safe_for_spreadsheets(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    [
        *("1/2", "12:30", "5%", "3-4", "1.2.2026", "24.12.", "12.5", "1,5", "1.50", "1 1/2"),
        *("$5", "5 €", "(5)", "2026-11-24", "12:30 pm", "9 a", "Mar 3", "3 March 2026", "Dec-24"),
        *("TRUE", "false", "1.234,56", "1 000", "1'000", "10:30:15"),
    ],
)
def test_csv_keeps_what_a_spreadsheet_would_take_for_something_else(text: str) -> None:
    """Dates, times, fractions, shares, amounts and truths, in forms of several languages."""
    assert safe_for_spreadsheets(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    [
        *("0", "7", "-5", "0.5", "-0.25", "-12.5", "123456789012345", "1e", "", "a1"),
        *("Hello", "May I ask?", "March", "12 apples", "3 Marching bands", "truth", "..."),
        *("Room 12:30 is taken", "order 1/2 please", "mayor@example.com", "Decide by 5"),
    ],
)
def test_csv_leaves_alone_what_comes_out_the_same(text: str) -> None:
    """No apostrophe without a reason."""
    assert safe_for_spreadsheets(text) == text


def test_csv_times_are_such_that_spreadsheets_take_for_times(tmp_path: Path) -> None:
    """Without a zone and to the second, in UTC; and exactly in a column at the end."""
    exact = "2026-01-02T03:04:03.123456Z"
    values = ["2026-01-02T03:04:03Z", exact, None]
    table = frames.frame([{"at": at} for at in values], {"at": columns.TIME, "text": columns.TEXT})
    read = pd.read_csv(export.write(table, tmp_path / "out.csv"), dtype=str)
    assert list(read.columns) == ["at", "text", "at_exact"]
    assert read["at"].tolist()[:2] == ["2026-01-02 03:04:03"] * 2
    assert pd.Timestamp(read["at_exact"][1]) == pd.Timestamp(exact)
    assert read["at"].isna().tolist() == read["at_exact"].isna().tolist() == [False, False, True]


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


def sheets(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each sheet, as openpyxl reads them."""
    book = load_workbook(path)
    return {name: list(book[name].iter_rows(values_only=True)) for name in book.sheetnames}


def test_xlsx_has_a_header_that_stays_and_filters(tmp_path: Path) -> None:
    """Bold, frozen, with filters over all rows, and columns as wide as what is in them."""
    path = export.write(communications(), tmp_path / "out.xlsx")
    sheet = load_workbook(path)["data"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:I{len(NASTY) + 1}"
    assert all(cell.font.bold for cell in sheet[1])
    assert not sheet["A2"].font.bold
    assert sheet.column_dimensions["A"].width > len("conv_communication_1")
    assert sheet.column_dimensions["G"].width > len("recipients")


def test_xlsx_times_are_times(tmp_path: Path) -> None:
    """A spreadsheet can sort and subtract them; to the second, in UTC."""
    values = ["2026-01-02T03:04:05.4Z", None, "0001-01-01T00:00:00Z"]
    table = frames.frame([{"at": one} for one in values], {"at": columns.TIME})
    _, *cells = sheets(export.write(table, tmp_path / "out.xlsx"))["data"]
    # Spreadsheets have no times before 1900.
    assert cells[0][0].isoformat() == "2026-01-02T03:04:05"
    assert cells[1:] == [(None,), ("0001-01-01 00:00:00",)]


def test_xlsx_numbers_are_numbers(tmp_path: Path) -> None:
    """Also fractions and truths; what is no number at all is an empty cell."""
    table = pd.DataFrame({"n": [1.5, float("nan"), -2.0], "yes": [True, False, True]})
    table["count"] = pd.Series([3, None, 7], dtype="Int64")
    _, *cells = sheets(export.write(table, tmp_path / "out.xlsx"))["data"]
    assert cells == [(1.5, True, 3), (None, False, None), (-2, True, 7)]


def test_xlsx_goes_on_in_another_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than a sheet has are lost nowhere; every sheet has the header."""
    monkeypatch.setattr(workbook, "MOST_ROWS", 4)
    table = frames.frame([{"text": str(number)} for number in range(7)], MIXED)
    found = sheets(export.write(table, tmp_path / "out.xlsx"))
    assert list(found) == ["data 1", "data 2", "data 3"]
    assert [rows[0] for rows in found.values()] == [("text", "kind")] * 3
    assert [row[0] for rows in found.values() for row in rows[1:]] == list("0123456")


def test_xlsx_without_rows_is_a_workbook(tmp_path: Path) -> None:
    """It opens, and holds the header."""
    path = export.write(communications().head(0), tmp_path / "out.xlsx")
    assert sheets(path) == {"data": [tuple(columns.COMMUNICATIONS)]}


def test_xlsx_text_that_looks_like_markup_is_text(tmp_path: Path) -> None:
    """Neither XML nor the way in which workbooks write a character by its number."""
    texts = ["<t>&amp;</t>", "]]>", "  spaces  ", "a\r\nb", '"quoted"', "_x0041_"]
    path = export.write(frames.frame([{"text": one} for one in texts], MIXED), tmp_path / "a.xlsx")
    _, *cells = sheets(path)["data"]
    # Openpyxl shows the last one as it stands in the file: an escaped underscore.
    assert [cell[0] for cell in cells] == [*texts[:-1], "_x005F_x0041_"]


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
    table = frames.frame([{"at": "2026-01-02T03:04:05.123456Z"}], {"at": columns.TIME})
    path = export.write(table, tmp_path / "out.jsonl")
    assert path.read_text() == '{"at":"2026-01-02T03:04:05.123456Z"}\n'
    assert export.write(table.head(0), path).read_bytes() == b""


def test_xlsx_holds_text_and_no_formula(tmp_path: Path) -> None:
    """Every text cell is text, exactly as it was, and opens in a spreadsheet program."""
    path = export.write(communications(), tmp_path / "out.xlsx")
    sheet = load_workbook(path)["data"]
    header = [cell.value for cell in sheet[1]]
    cells = [row[header.index("text")] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == NASTY
    assert {cell.data_type for cell in cells} == {"s"}
    assert {row[header.index("author")].value for row in sheet.iter_rows(min_row=2)} == {NUMBER}


@pytest.mark.parametrize("ending", export.FORMATS)
def test_files_are_private_and_whole(tmp_path: Path, ending: str) -> None:
    """Readable by the user alone; a failed export leaves the earlier file and no scraps."""
    path = export.write(communications(), tmp_path / "deep" / f"out{ending}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        with pytest.raises(BridgeError, match="File too large"):
            export.write(communications(), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    gc.collect()
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


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
    picture = counts("ACTIVE", "ACTIVE", None)
    assert picture.svg.startswith("<svg")
    assert "<script" not in picture.svg
    assert picture.words == "3 conversations: 2 ACTIVE, 1 not known."


def counts(*values: str | None) -> charts.Picture:
    table = pd.DataFrame({"status": pd.Series(values, dtype="category")})
    return charts.counts_picture(table, "status", "conversation", "are")


def test_one_bar_is_a_sentence() -> None:
    """A picture with nothing to compare would say less than its words."""
    assert counts("ACTIVE", "ACTIVE") == charts.Picture("", "All 2 conversations are ACTIVE.")
    assert counts("ACTIVE") == charts.Picture("", "The only conversation: ACTIVE.")
    assert counts() == charts.Picture("", "No conversations.")


def test_pictures_can_be_read() -> None:
    """Text of 12 pixels and up; numbers of 20,000 rows in groups; no more bars than can be told."""
    svg = counts(*(f"kind {number % 30:02}" for number in range(20_000))).svg
    sizes = [float(size) for size in re.findall(r'font-size="([0-9.]+)(?:px)?"', svg)]
    assert sizes
    assert min(sizes) >= 12
    assert svg.count("<text") == 2 * charts.MOST_BARS
    assert "19 others" in svg
    assert ">667<" in svg
    assert ">12,663<" in svg


def test_a_strip_chart_needs_something_to_compare() -> None:
    """Drawn from the second message of a lane on; before that the table says all there is."""
    assert charts.latency_chart({}) == ""
    assert charts.latency_chart({"there": [0.2], "back": []}) == ""
    drawn = charts.latency_chart({"there": [0.2, 0.3], "back": []})
    assert drawn.startswith("<svg")
    assert "there" in drawn
    assert "back" in drawn
