"""Frames that are made page by page are those that pandas made of records one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge_helpers.api.models import Conversation
from bridge_helpers.data import columns, frames
from bridge_helpers.data.rows import ConversationRow, conversation_batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SERVICES = {"conv_configuration_1": "IS1", "conv_configuration_2": None}
OTHERS = ("conv_configuration_1", "conv_configuration_2", "gone", None)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
CHANNELS = st.sampled_from(["CHAT", "SMS", "VOICE", "TELEPATHY", ""])
CHANNEL_IDS = st.sampled_from(["CH1", "CH2", "CA1", "", None])
OFFSETS = st.sampled_from(["Z", "+00:00", "+05:30", "-08:00"])
TIMES = st.one_of(
    st.builds(
        lambda at, digits, offset: (
            at.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
            + (f".{digits}" if digits else "")
            + offset
        ),
        st.datetimes(min_value=pd.Timestamp("1700-01-01"), max_value=pd.Timestamp("2200-01-01")),
        st.text("0123456789", max_size=9),
        OFFSETS,
    ),
    st.sampled_from(["soon", "", "2026-13-01T00:00:00Z", "2026-01-02T03:04:05", None]),
)


def members(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=optional)


ADDRESSES = members(channel=CHANNELS, address=TEXT, channelId=CHANNEL_IDS)
PARTICIPANTS = st.builds(
    lambda rest: {"id": "conv_participant_1", **rest},
    members(name=TEXT, addresses=st.none() | st.lists(ADDRESSES, max_size=4)),
)
ITEMS = st.builds(
    lambda rest: {"id": "conv_conversation_1", **rest},
    members(
        status=st.sampled_from(["ACTIVE", "CLOSED", "ASLEEP", None]),
        name=st.none() | TEXT,
        configurationId=st.sampled_from(OTHERS),
        configuration=st.none()
        | members(
            conversationsV1Bridge=st.none()
            | members(serviceId=st.sampled_from(["IS1", "IS2", ""])),
        ),
        participants=st.none() | st.lists(PARTICIPANTS, max_size=4),
        createdAt=TIMES,
        updatedAt=TIMES,
    ),
)


@given(pages=st.lists(st.lists(ITEMS, max_size=5), max_size=4))
@example(pages=[[{"id": "conv_conversation_1", "name": "half \ufffd of a character"}]])
def test_pages_become_the_frame_that_pandas_makes_of_the_records(
    pages: list[list[dict[str, Any]]],
) -> None:
    """Values, types, categories and index, with partial items, mixed times and odd channels."""
    batches = [
        conversation_batch(msgspec.convert(page, list[ConversationRow]), SERVICES) for page in pages
    ]
    made = frames.from_batches(batches, columns.CONVERSATIONS)
    records = msgspec.convert([one for page in pages for one in page], list[Conversation])
    pd.testing.assert_frame_equal(made, expected(records))


@given(page=st.lists(ITEMS, max_size=8), service=st.sampled_from(["IS1", "is2", "IS3"]))
def test_only_a_services_conversations_are_the_same_rows(
    page: list[dict[str, Any]], service: str
) -> None:
    """The filter that is applied while reading keeps what a filter on the table keeps."""
    rows = msgspec.convert(page, list[ConversationRow])
    all_rows = conversation_batch(rows, SERVICES).to_pylist()
    kept = conversation_batch(rows, SERVICES, service).to_pylist()
    assert kept == [
        row for row in all_rows if (row["service_sid"] or "").lower() == service.lower()
    ]


@given(values=st.lists(TIMES, max_size=6))
def test_a_time_is_read_alike_whatever_stands_beside_it(values: list[str | None]) -> None:
    """A timestamp that is read slowly, because of an odd one beside it, is the same."""
    together = columns.times(values).to_pylist()
    assert together == [columns.times([one]).to_pylist()[0] for one in values]
    assert together == [columns.times([one, "soon"]).to_pylist()[0] for one in values]


@given(values=st.lists(st.none() | TEXT, max_size=9))
def test_text_is_kept_to_the_character(values: list[str | None]) -> None:
    """Also what is not ASCII, empty or missing."""
    made = columns.texts(values)
    made.validate(full=True)
    assert made.to_pylist() == values


@pytest.mark.parametrize(
    ("channel_ids", "bridged"),
    [
        (["CH1"], True),
        (["CA1", "CH1"], True),
        (["CA1"], False),
        ([None], False),
        ([], True),
    ],
)
def test_a_captured_call_is_not_bridged(channel_ids: list[str | None], bridged: bool) -> None:
    """
    Its configuration bridges a service, but nothing of it carries a classic sid; where no
    address is known, the configuration is all there is to go by.
    """
    item = {
        "id": "conv_conversation_1",
        "configurationId": "conv_configuration_1",
        "configuration": {"conversationsV1Bridge": {"serviceId": "IS1"}},
        "participants": [
            {"addresses": [{"channel": "VOICE", "address": "+1", "channelId": one}]}
            for one in channel_ids
        ],
    }
    (row,) = conversation_batch([msgspec.convert(item, ConversationRow)], SERVICES).to_pylist()
    assert row["service_sid"] == ("IS1" if bridged else None)


def expected(records: Iterable[Conversation]) -> pd.DataFrame:
    """The frame, made plainly: a list of values for each column, and pandas' own types."""
    rows = [plain(one) for one in records]
    made: dict[str, Any] = {}
    for name, kind in columns.CONVERSATIONS.items():
        values = [row[name] for row in rows]
        if kind == columns.TIME:
            text = pd.Series(values, dtype="string")
            read = pd.to_datetime(text, utc=True, format="ISO8601", errors="coerce")
            made[name] = read.astype("datetime64[us, UTC]")
        elif kind == columns.NUMBER:
            made[name] = pd.Series(values, dtype="Int64")
        else:
            text = pd.Series(values, dtype="string")
            made[name] = text.astype("category") if kind == columns.CATEGORY else text
    return pd.DataFrame(made, columns=list(columns.CONVERSATIONS))


def plain(one: Conversation) -> Mapping[str, Any]:
    addresses = [address for person in one.participants or () for address in person.addresses or ()]
    service = one.configuration.service_sid if one.configuration else None
    service = service or SERVICES.get(one.configuration_id or "")
    if addresses and not any((each.channel_id or "").startswith("CH") for each in addresses):
        service = None
    return {
        "conversation_id": one.id,
        "status": one.status,
        "name": one.name,
        "channels": joined(sorted({address.channel for address in addresses})),
        "participants": None if one.participants is None else len(one.participants),
        "addresses": joined(address.address for address in addresses),
        "channel_ids": joined(one.channel_ids),
        "service_sid": service,
        "configuration_id": one.configuration_id,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


def joined(values: Iterable[str]) -> str | None:
    return ", ".join(dict.fromkeys(value for value in values if value)) or None
