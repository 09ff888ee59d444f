"""The file of customers: read as a whole, and every line that cannot be run is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge_helpers.errors import InvalidInput
from bridge_helpers.runs.cohort.customers import BadLines, Customer, Identity, read
from bridge_helpers.settings import Secret

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "name,credentials,service_sid,memory_store_id,grouping,display_name,voice_number\n"
SERVICE = "IS" + "a1" * 16


def identify(target: str, prefixes: list[str]) -> dict[str, Identity | str]:
    """An account for each prefix, but `NO` has none, and `EU` and `EU2` share one."""
    accounts = {one: (f"AC{one}", "") for one in prefixes} | {"EU": ("ACEU", "ie1")}
    return {**accounts, "EU2": ("ACEU", "ie1"), "NO": "No complete credentials."}


def customers(folder: Path, text: str | bytes, **more: Any) -> tuple[Customer, ...]:
    path = folder / "customers.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path, "twilio", True, identify=identify, **more)


def problems(folder: Path, lines: str, **more: Any) -> dict[int, str]:
    """Each bad line with everything that is wrong with it."""
    with pytest.raises(BadLines) as refused:
        customers(folder, HEADER + lines, **more)
    found: dict[int, str] = {}
    for line, reason in refused.value.problems:
        found[line] = found.get(line, "") + reason
        assert f"line {line}: {reason}" in str(refused.value)
    return found


def test_a_line_becomes_an_order(tmp_path: Path) -> None:
    """
    With the notebook's defaults for what it leaves open, and no more about the credentials
    than their prefix.
    """
    (one,) = customers(tmp_path, f"{HEADER}Acme & Söhne,ACME,{SERVICE},,,Acme,+15551234567\n")
    assert (one.name, one.line, one.account_sid) == ("Acme & Söhne", 2, "ACACME")
    order = one.order("twilio", True)
    assert order.credentials == "ACME"
    assert order.parameters["service_sid"] == SERVICE
    assert order.parameters["voice_number"] == "+15551234567"
    assert order.parameters["grouping"] == "GROUP_BY_PARTICIPANT_ADDRESSES"
    assert (order.parameters["target"], order.parameters["apply"]) == ("twilio", True)
    assert "result_path" not in order.parameters
    assert order.cell_seconds > 3 * order.parameters["sync_timeout"]


@pytest.mark.parametrize("line", ["Acme\n", "Acme,ACME\n"])
def test_a_line_that_was_cut_off_is_refused(tmp_path: Path, line: str) -> None:
    """Its missing cells are not taken for empty ones: it would run with other credentials."""
    assert "the header" in problems(tmp_path, line)[2]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}a,ACME,,,,,+15551234567\n".encode("utf-8-sig"),
        f"{HEADER}a,ACME,,,,,'+15551234567\n",
        f"{HEADER}a,ACME,,,,,+15551234567\n".replace(",", ";"),
        f"{HEADER}a,ACME,,,,,+15551234567\n".replace("\n", "\r\n"),
        f"{HEADER}\n , ,\n a , ACME ,,,,,+15551234567",
        "voice_number,name,credentials\n+15551234567,a,ACME\n",
    ],
    ids=["byte order mark", "apostrophe", "semicolons", "CRLF", "empty lines", "other order"],
)
def test_what_spreadsheets_make_of_it_is_read(tmp_path: Path, text: str | bytes) -> None:
    """The number keeps its plus."""
    (one,) = customers(tmp_path, text)
    assert (one.name, one.credentials) == ("a", "ACME")
    assert one.values["voice_number"] == "+15551234567"


def test_a_cell_with_a_separator_of_unicode_is_one_cell(tmp_path: Path) -> None:
    """It is refused as a name; what stands before it is no customer with the plain credentials."""
    assert list(problems(tmp_path, "Acme\u2028Inc,ACME,,,,,\n")) == [2]
    assert list(problems(tmp_path, "Acme\x0bInc,ACME,,,,,\nb,NO,,,,,\n")) == [2, 3]


def test_other_parameters_of_the_notebook_may_be_columns(tmp_path: Path) -> None:
    """Of their own kind."""
    (one,) = customers(tmp_path, "name,sync_timeout,memory_extraction\na,5,true\n")
    assert one.values["sync_timeout"] == 5.0
    assert one.values["memory_extraction"] is True


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "'name'"),
        ("credentials\nACME\n", "'name'"),
        ("name,name\na,b\n", "twice"),
        ("name,apply\na,true\n", "apply"),
        ("name,result_path\na,x\n", "result_path"),
        ("name,servicesid\na,x\n", "servicesid"),
        ("name\n\n", "no customers"),
        (b"name\n\xff\n", "UTF-8"),
        ('name\n"a\n', "CSV"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str | bytes, says: str) -> None:
    """It says what is wrong with its header or form."""
    with pytest.raises(InvalidInput, match=says):
        customers(tmp_path, text)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(InvalidInput, match=r"none\.csv"):
        read(tmp_path / "none.csv", "twilio", True, identify=identify)


def test_every_bad_line_is_named_with_all_that_is_wrong(tmp_path: Path) -> None:
    """The good ones are not, and empty lines count as lines."""
    found = problems(
        tmp_path,
        f"good,ACME,{SERVICE},,,,\n"
        "\n"
        "a,ACME,IS1,store,,,\n"
        "b,ACME,,,GROUP_BY_MOOD,,\n"
        "c,NO,,,,,\n"
        "d,ACME,,,,,,,too,many\n"
        '"e\nf",ACME,,,,,\n'
        "g,ACME,,,,a.b,555\n",
    )
    assert list(found) == [4, 5, 6, 7, 8, 10]
    assert "service_sid" in found[4]
    assert "memory_store_id" in found[4]
    assert "grouping" in found[5]
    assert "No complete credentials" in found[6]
    assert "cells" in found[7]
    assert "name" in found[8]
    assert "display_name" in found[10]
    assert "voice_number" in found[10]


@pytest.mark.parametrize(
    "name", ["", "..", "a/b", "a\\b", "-a", "a.", "summary.csv", "NUL", "é" * 65]
)
def test_a_name_that_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    """On whatever system the folder is opened later."""
    assert "name" in problems(tmp_path, f"{name},ACME,,,,,\n")[2]


def test_a_customer_that_stands_twice_is_named(tmp_path: Path) -> None:
    """By its name, whatever its case; by its service, whichever prefix names the account."""
    found = problems(
        tmp_path,
        f"Acme,ACME,{SERVICE},,,,\n"
        f"acme,BETA,,,,,\n"
        f"other,ACME,{SERVICE.upper().replace('IS', 'IS')},,,,\n"
        "first,EU,,,,,\n"
        "second,EU2,,,,,\n",
    )
    assert list(found) == [3, 4, 6]
    assert "line 2" in found[3]
    assert "line 2" in found[4]
    assert "line 5" in found[6]


def test_two_services_of_one_account_may_stand_beside_each_other(tmp_path: Path) -> None:
    """And the same sid of a service in two regions."""
    other = SERVICE.replace("a1", "b2")
    lines = f"a,EU,{SERVICE},,,,\nb,EU2,{other},,,,\nc,ACME,{SERVICE},,,,\n"
    assert len(customers(tmp_path, HEADER + lines)) == 3


@pytest.mark.parametrize("column", range(7))
def test_a_secret_in_any_cell_is_refused_and_not_shown(tmp_path: Path, column: int) -> None:
    """One in use, or what has the form of one."""
    for secret in ("canary-in-use-1234", "SK" + "0a" * 16, "0a" * 16):
        cells = ["a", *[""] * 6]
        cells[column] = secret
        with pytest.raises(BadLines, match="credentials are no parameter") as refused:
            customers(tmp_path, HEADER + ",".join(cells), secrets=[Secret("canary-in-use-1234")])
        assert secret not in str(refused.value)
