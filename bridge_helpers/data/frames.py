"""
Records to pandas, and to files.

Frames are tidy: snake_case columns, timestamps in UTC, categoricals where
values repeat, and the same columns and types when there are no rows. Exports
are exact (Parquet, JSON lines) or spreadsheet-safe (CSV, XLSX): a number like
`+15551234567` survives, a text that starts with `=` does not become a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import InvalidInput
from ..files import checked_path, whole_file

if TYPE_CHECKING:
    import pandas as pd

    from ..api.models import Communication, Configuration, Conversation, Participant
    from ..onboarding.findings import Finding

FORMATS: Final = (".csv", ".xlsx", ".parquet", ".jsonl")

TEXT: Final = "text"
CATEGORY: Final = "category"
TIME: Final = "time"
NUMBER: Final = "number"

CONVERSATIONS: Final = {
    "conversation_id": TEXT,
    "status": CATEGORY,
    "name": TEXT,
    "channels": CATEGORY,
    "participants": NUMBER,
    "addresses": TEXT,
    "channel_ids": TEXT,
    "service_sid": CATEGORY,
    "configuration_id": CATEGORY,
    "created_at": TIME,
    "updated_at": TIME,
}
PARTICIPANTS: Final = {
    "participant_id": TEXT,
    "conversation_id": CATEGORY,
    "name": TEXT,
    "type": CATEGORY,
    "channels": CATEGORY,
    "addresses": TEXT,
    "profile_id": TEXT,
    "created_at": TIME,
}
COMMUNICATIONS: Final = {
    "communication_id": TEXT,
    "conversation_id": CATEGORY,
    "occurred_at": TIME,
    "author": TEXT,
    "channel": CATEGORY,
    "text": TEXT,
    "recipients": TEXT,
    "resource_id": TEXT,
    "channel_id": CATEGORY,
}
FINDINGS: Final = {
    "level": CATEGORY,
    "check": TEXT,
    "found": TEXT,
    "risk": TEXT,
    "action": TEXT,
}


def frame(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """
    A frame with exactly these columns and types, whether there are rows or not.

    Args:
        rows: One mapping a row; what is missing is NA.
        columns: Name to one of TEXT, CATEGORY, TIME (strings in; UTC timestamps out), NUMBER.
    """
    import pandas as pd

    listed = list(rows)
    made: dict[str, Any] = {}
    for name, kind in columns.items():
        values = [row.get(name) for row in listed]
        if kind == TIME:
            made[name] = pd.Series(_times(values), dtype="datetime64[us, UTC]")
        elif kind == NUMBER:
            made[name] = pd.Series(values, dtype="Int64")
        else:
            text = pd.Series(values, dtype="string")
            made[name] = text.astype("category") if kind == CATEGORY else text
    return pd.DataFrame(made, columns=list(columns))


def conversations(
    records: Iterable[Conversation], configurations: Iterable[Configuration] = ()
) -> pd.DataFrame:
    """
    One row a conversation; columns as in `CONVERSATIONS`.

    Args:
        configurations: Tell the bridged service of list items that do not carry it.
    """
    services = {one.id: one.service_sid for one in configurations}
    return frame((_conversation(one, services) for one in records), CONVERSATIONS)


def participants(records: Iterable[Participant]) -> pd.DataFrame:
    """One row a participant; columns as in `PARTICIPANTS`."""
    return frame(
        (
            {
                "participant_id": one.id,
                "conversation_id": one.conversation_id,
                "name": one.name,
                "type": one.type,
                "channels": _joined(address.channel for address in one.addresses or ()),
                "addresses": _joined(address.address for address in one.addresses or ()),
                "profile_id": one.profile_id,
                "created_at": one.created_at,
            }
            for one in records
        ),
        PARTICIPANTS,
    )


def communications(records: Iterable[Communication]) -> pd.DataFrame:
    """One row a communication, oldest first; columns as in `COMMUNICATIONS`."""
    made = frame(
        (
            {
                "communication_id": one.id,
                "conversation_id": one.conversation_id,
                "occurred_at": one.occurred_at or one.created_at,
                "author": one.author.address if one.author else None,
                "channel": one.author.channel if one.author else None,
                "text": one.content.text if one.content else None,
                "recipients": _joined(party.address or "" for party in one.recipients or ()),
                "resource_id": one.resource_id,
                "channel_id": one.channel_id,
            }
            for one in records
        ),
        COMMUNICATIONS,
    )
    return made.sort_values("occurred_at", kind="stable", ignore_index=True)


def findings(records: Iterable[Finding]) -> pd.DataFrame:
    """One row a finding; columns as in `FINDINGS`."""
    return frame((one.as_dict() for one in records), FINDINGS)


# ------------------------------------------------------------------------ files


def check_output(path: str | Path) -> Path:
    """
    A path that `write` can write to.

    Raises:
        InvalidInput: Another ending than those of `FORMATS`, or no path at all.
    """
    checked = checked_path("output", path)
    if checked.suffix.lower() not in FORMATS:
        raise InvalidInput("output", str(path), f"a table is written as {', '.join(FORMATS)}")
    return checked


def write(table: pd.DataFrame, path: str | Path) -> Path:
    """
    Write a frame, for the user alone, whole or not at all.

    `.parquet` and `.jsonl` are exact; `.csv` and `.xlsx` are for spreadsheets. In a CSV, text
    that would be taken for a formula gets an apostrophe in front, and every line break is a
    line feed. In a workbook, text loses the characters that a workbook cannot hold, and what
    goes beyond the 32,767 of a cell.

    Raises:
        InvalidInput: An ending that is not known.
        BridgeError: The file cannot be written.
    """
    checked = check_output(path)
    with whole_file(checked) as unfinished:
        _WRITERS[checked.suffix.lower()](table, unfinished)
    return checked


def safe_for_spreadsheets(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula, disarmed; anything else as it is."""
    if not isinstance(value, str) or not value:
        return value
    if _NUMBER.fullmatch(value):
        return value
    return f"'{value}" if value[0] in _FORMULA_STARTS else value


_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER: Final = re.compile(r"\+[0-9]{6,15}|-?[0-9]+(\.[0-9]+)?")


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    # With a byte order mark, or Excel reads UTF-8 as something else.
    _disarmed(table).to_csv(path, index=False, encoding="utf-8-sig")


def _write_xlsx(table: pd.DataFrame, path: Path) -> None:
    import pandas as pd

    plain = table.copy()
    for name in plain.select_dtypes("datetimetz"):
        plain[name] = plain[name].dt.tz_localize(None)
    for name in plain.select_dtypes(["string", "category", "object"]):
        # Characters that a workbook cannot hold would fail the whole export.
        text = plain[name].astype("string").str.replace(_UNPRINTABLE, "", regex=True)
        plain[name] = text.map(_cut, na_action="ignore")
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        plain.to_excel(book, index=False, sheet_name="data")
        for row in book.sheets["data"].iter_rows(min_row=2):
            for cell in row:
                if isinstance(cell.value, str):
                    # As text: neither a formula nor a number that loses its plus sign.
                    cell.data_type = "s"
                    cell.number_format = "@"


def _write_parquet(table: pd.DataFrame, path: Path) -> None:
    table.to_parquet(path, index=False)


def _write_jsonl(table: pd.DataFrame, path: Path) -> None:
    if table.empty:
        # Pandas would write an empty line, which is no record.
        path.write_bytes(b"")
        return
    table.to_json(
        path,
        orient="records",
        lines=True,
        date_format="iso",
        date_unit="us",
        force_ascii=False,
        mode="w",
    )


_UNPRINTABLE: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
_CELL_BYTES: Final = 2 * 32_767
"""A cell's limit in UTF-16, which is how spreadsheets count."""
_WRITERS: Final = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
    ".parquet": _write_parquet,
    ".jsonl": _write_jsonl,
}


def _disarmed(table: pd.DataFrame) -> pd.DataFrame:
    made = table.copy()
    for name in made.select_dtypes(["string", "category", "object"]):
        # A lone carriage return ends a record for readers, and not every csv module quotes it.
        text = made[name].astype("object").replace("\r\n?", "\n", regex=True)
        made[name] = text.map(safe_for_spreadsheets)
    return made


def _cut(text: str) -> str:
    """As much of a text as a cell holds: pandas would warn, and count otherwise."""
    return text.encode("utf-16-le")[:_CELL_BYTES].decode("utf-16-le", "ignore")


def _conversation(one: Conversation, services: Mapping[str, str | None]) -> dict[str, Any]:
    addresses = [
        address for participant in one.participants or () for address in participant.addresses or ()
    ]
    service = one.configuration.service_sid if one.configuration else None
    return {
        "conversation_id": one.id,
        "status": one.status,
        "name": one.name,
        "channels": _joined(sorted({address.channel for address in addresses})),
        "participants": None if one.participants is None else len(one.participants),
        "addresses": _joined(address.address for address in addresses),
        "channel_ids": _joined(one.channel_ids),
        "service_sid": service or services.get(one.configuration_id or ""),
        "configuration_id": one.configuration_id,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


def _joined(values: Iterable[str]) -> str | None:
    return ", ".join(dict.fromkeys(value for value in values if value)) or None


def _times(values: list[Any]) -> Any:
    """UTC timestamps; what cannot be read becomes NaT rather than the end of the table."""
    import pandas as pd

    return pd.to_datetime(
        pd.Series(values, dtype="string"), utc=True, format="ISO8601", errors="coerce"
    ).astype("datetime64[us, UTC]")
