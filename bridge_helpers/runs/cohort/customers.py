"""
The file of customers, read and checked as a whole before the first run.

A CSV with a header. `name` is the customer's folder; `credentials` is the prefix of its
variables (`ACME` means `ACME_TWILIO_ACCOUNT_SID` and so on; empty: the plain ones); every other
column is a parameter of the notebook `onboard`, and an empty cell leaves the notebook's default.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ...data.csv_file import safe_for_spreadsheets
from ...errors import InvalidInput
from ...settings import Secret
from ...words import counted
from ..execute import RESULT_PATH, cell_limit
from ..notebooks import notebook_path
from ..parameters import Parameter, converted, declared, refuse_secret
from ..request import Request
from .messages import Order

COLUMNS: Final = (
    "name",
    "credentials",
    "service_sid",
    "memory_store_id",
    "grouping",
    "display_name",
    "voice_number",
)
"""What a cohort file has; other parameters of the notebook may stand beside these."""
OF_THE_COHORT: Final = ("target", "apply", RESULT_PATH)
"""Parameters that are one for all customers, or ours."""
NAME: Final = re.compile(r"\w([\w .,&'()+@-]{0,62}[\w)])?")
RESERVED: Final = re.compile(r"(summary|con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""The summary's own names, and what Windows keeps for devices."""

Identity = tuple[str, str]
"""An account's sid and its region."""


@dataclass(frozen=True, slots=True)
class Customer:
    """
    A line of the file.

    Attributes:
        line: Its number in the file, from 1.
        name: Of the customer and its folder.
        credentials: The prefix of its variables.
        values: All parameters of the notebook but those of the cohort.
        account_sid, region: Whose credentials they are; empty until that was looked up.
    """

    line: int
    name: str
    credentials: str
    values: Mapping[str, Any] = field(default_factory=dict)
    account_sid: str = ""
    region: str = ""

    @property
    def service_sid(self) -> str:
        """The service that is named, in canonical form; empty for the only one there is."""
        sid = str(self.values.get("service_sid", ""))
        return f"{sid[:2]}{sid[2:].lower()}"

    def order(self, target: str, apply: bool) -> Order:
        """What a worker is told to do."""
        parameters = {**self.values, "target": target, "apply": apply}
        return Order(self.name, self.credentials, parameters, float(cell_limit(parameters)))


class BadLines(InvalidInput):
    """
    Lines of a cohort file that cannot be run, each with its number and reason.

    Attributes:
        problems: `(line, reason)`.
    """

    problems: tuple[tuple[int, str], ...] = ()


def bad_lines(path: Path, lines: int, problems: Sequence[tuple[int, str]]) -> BadLines:
    """
    The error for lines that cannot be run.

    Args:
        lines: How many the file has.
        problems: `(line, reason)`, in any order.
    """
    listed = tuple(sorted(problems))
    error = BadLines(
        "cohort", path.name, "lines cannot be run", "Correct the file, and start again."
    )
    told = "".join(f"\n  line {line}: {reason}" for line, reason in listed)
    wrong = len({line for line, _ in listed})
    error.problems = listed
    error.what = (
        f"{wrong} of {counted(lines, 'line')} of {path.name} cannot be run:{told}\n"
        "Nothing was sent for any customer."
    )
    error.why = ""
    return error


def read(
    path: Path,
    target: str,
    apply: bool,
    *,
    identify: Callable[[str, list[str]], Mapping[str, Identity | str]],
    secrets: Collection[Secret] = (),
) -> tuple[Customer, ...]:
    """
    The customers of a file, all of them right as far as that can be told without asking Twilio.

    Args:
        identify: Whose credentials each prefix names, or what is wrong with it.
        secrets: Those in use; a cell that holds one is refused without being shown.

    Raises:
        InvalidInput: It is no such file, or its header is wrong.
        BadLines: Lists every line that cannot be run, and why.
    """
    known = declared(notebook_path())
    listed = _lines(path)
    header = _header(path, next(listed, (1, []))[1], known)
    problems: list[tuple[int, str]] = []
    customers: list[Customer] = []
    count = 0
    for line, cells in listed:
        if not any(cells):
            continue
        count += 1
        # A line that was cut off is no customer without credentials: it would run with others'.
        if len(cells) != len(header):
            has = f"it has {counted(len(cells), 'cell')}, the header {len(header)}"
            problems.append((line, has))
            continue
        found, wrong = _customer(line, dict(zip(header, cells, strict=True)), known, secrets)
        problems += [(line, reason) for reason in wrong]
        if found is not None:
            problems += [(line, reason) for reason in _request(found, known, target, apply)]
            customers.append(found)
    if not count:
        raise InvalidInput("customers", str(path), "it has a header and no customers")
    whose = identify(target, sorted({one.credentials for one in customers}))
    named = []
    for one in customers:
        identity = whose[one.credentials]
        if isinstance(identity, str):
            problems.append((one.line, identity))
        else:
            named.append(replace(one, account_sid=identity[0], region=identity[1]))
    problems += _twice(customers, named)
    if problems:
        raise bad_lines(path, count, problems)
    return tuple(named)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line; a semicolon separates where the header has no comma."""
    try:
        # Excel writes a byte order mark.
        text = path.read_text(encoding="utf-8-sig")
        head = text.partition("\n")[0]
        separator = ";" if ";" in head and "," not in head else ","
        # Not `splitlines`: a line separator of Unicode within a cell ends no line of a CSV.
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        end = 0
        for cells in reader:
            # A cell may hold line breaks: a line's number is that of its first one.
            begin, end = end + 1, reader.line_num
            yield begin, [_bare(cell.strip()) for cell in cells]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(
            "customers", str(path), f"it has to be a CSV file in UTF-8 ({error})"
        ) from None


def _bare(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from changing `+15551234567`."""
    return cell[1:] if cell[:1] == "'" and safe_for_spreadsheets(cell[1:]) == cell else cell


def _header(path: Path, names: list[str], known: Mapping[str, Parameter]) -> list[str]:
    allowed = [*COLUMNS, *(name for name in known if name not in (*COLUMNS, *OF_THE_COHORT))]
    for name in names:
        if name not in allowed:
            raise InvalidInput(
                "customers", str(path), f"column {name[:40]!r} is none of {', '.join(allowed)}"
            )
        if names.count(name) > 1:
            raise InvalidInput("customers", str(path), f"column {name!r} stands twice")
    if "name" not in names:
        raise InvalidInput("customers", str(path), "its first line has to name the column 'name'")
    return names


def _customer(
    line: int,
    cells: Mapping[str, str],
    known: Mapping[str, Parameter],
    secrets: Collection[Secret],
) -> tuple[Customer | None, list[str]]:
    """A line's customer, and everything that is wrong with it."""
    wrong: list[str] = []
    values = _defaults(known)
    for column, cell in cells.items():
        try:
            refuse_secret(column, cell, secrets)
            if column in known and cell:
                values[column] = converted(known[column], cell)
        except InvalidInput as error:
            wrong.append(str(error))
    name = unicodedata.normalize("NFC", cells["name"])
    if not wrong and (not NAME.fullmatch(name) or RESERVED.fullmatch(name)):
        rule = "a name is a folder: up to 64 letters, digits, spaces and .,&'()+@-_"
        wrong.append(str(InvalidInput("name", name, rule)))
    if wrong:
        return None, wrong
    return Customer(line, name, cells.get("credentials", ""), values), []


def _defaults(known: Mapping[str, Parameter]) -> dict[str, Any]:
    return {name: one.default for name, one in known.items() if name not in OF_THE_COHORT}


def _request(
    customer: Customer, known: Mapping[str, Parameter], target: str, apply: bool
) -> list[str]:
    """What is wrong with the run that this customer asks for: each field that is."""
    right: dict[str, Any] = {"target": target, "apply": apply, **_defaults(known)}
    wrong = []
    for name, value in customer.values.items():
        try:
            Request.checked(**{**right, name: value})
        except InvalidInput as error:
            wrong.append(str(error))
    return wrong


def _twice(customers: Sequence[Customer], named: Sequence[Customer]) -> list[tuple[int, str]]:
    """A customer that stands twice: by its name, which is a folder, or by its service."""
    problems = []
    names: dict[str, int] = {}
    for one in customers:
        first = names.setdefault(one.name.casefold(), one.line)
        if first != one.line:
            problems.append((one.line, f"the name {one.name!r} stands in line {first} already"))
    services: dict[tuple[str, str, str], int] = {}
    for one in named:
        first = services.setdefault((one.account_sid, one.region, one.service_sid), one.line)
        if first != one.line:
            which = one.service_sid or "the only one of the account"
            problems.append((one.line, f"its service ({which}) stands in line {first} already"))
    return problems
