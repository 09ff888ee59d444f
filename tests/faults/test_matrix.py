"""The fault matrix: one row a fault, over a real socket, with what is said and what is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bridge_helpers.errors import BridgeError

from .conftest import Client
from .lists import LISTS, ListRow
from .matrix import ROWS, Row
from .world import SERVICE_SID

TABLE: list[tuple[str, str, str, str, str]] = []


def outcome(client: Client) -> tuple[str, BridgeError | None]:
    try:
        return client.create().outcome, None
    except BridgeError as error:
        return error.kind, error


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_create(row: Row, client: Client) -> None:
    """
    Each fault of a create ends as its row says, leaves as many configurations as it says, and an
    undisturbed run afterwards gets there with one bridge and, where the first outcome was open,
    under the same key.
    """
    row.spoil(client.server)
    said, error = outcome(client)
    client.world.settle()
    left = len(client.world.bridging())
    assert (said, left) == (row.expected, row.left), error
    text = error.for_support() if error else ""
    assert row.said in text, text
    if error is not None:
        assert error.what
        assert error.action
    # An unmodified second run.
    client.server.faults.clear()
    for one in client.world.operations.values():
        one["seconds"] = min(one["seconds"], 1.0)
    then, error = outcome(client)
    assert then == row.then, error
    assert len(client.world.bridging(SERVICE_SID)) == 1
    if then == "resumed":
        sent = [call for call in client.server.calls if call.method == "POST"]
        assert len({call.headers["idempotency-key"] for call in sent}) == 1
    TABLE.append(("create", row.name, said, str(left), f"{then}, 1"))


@pytest.mark.parametrize("row", LISTS, ids=lambda row: row.name)
def test_list(row: ListRow, client: Client) -> None:
    """Each fault of a list ends as its row says, and what was read before it is not lost."""
    row.spoil(client.server)
    found, error = client.read(row.pages(client))
    said = "all" if error is None else type(error).__name__
    assert (said, len(found)) == (row.expected, row.read), error
    ids = [getattr(one, "id", None) or getattr(one, "sid", one) for one in found]
    assert len(set(ids)) == len(ids)
    assert row.enough(client)
    if error is not None:
        assert isinstance(error, BridgeError)
    TABLE.append(("list", row.name, said, str(len(found)), ""))


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_retries_are_bounded_and_stated(client: Client, status: int) -> None:
    """As many tries as the limits allow, waits that grow, and both told with the curl command."""
    from .server import refuses

    client.server.spoil(refuses(status), times=None)
    _, error = client.read(client.session.memory.store_ids)
    assert isinstance(error, BridgeError)
    assert "Tried 4 times in" in str(error)
    assert "curl -X GET" in error.request
    assert client.session.account.credentials.secret.reveal() not in error.for_support()
    waits = client.clock.waits[-3:]
    assert all(0.25 <= wait <= 2.0 for wait in waits)


def test_the_matrix_is_shown(record_property: Callable[[str, Any], None]) -> None:
    """Every row was tried; the table is printed at the end of the run."""
    if len(TABLE) < len(ROWS) + len(LISTS):
        pytest.skip("not all rows ran, or not here")
    head = ("what", "fault", "ended", "left", "then")
    widths = [max(len(row[n]) for row in (head, *TABLE)) for n in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *TABLE)
    ]
    record_property("faults", "\n".join(lines))
    assert {row[0] for row in TABLE} == {"create", "list"}
