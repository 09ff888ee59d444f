"""What a PATCH names, and whether a configuration shows it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_helpers.errors import InvalidInput
from bridge_helpers.onboarding.writes.patches import edited, making, patch, restoring, unmet

from ..faults.world import patched

SCALARS = st.none() | st.booleans() | st.integers(0, 9) | st.text("ab", max_size=2)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xyz"), inner),
    max_leaves=5,
)
CHANNELS = st.dictionaries(st.sampled_from(["VOICE", "SMS", "CHAT"]), VALUES)
MEMBERS = st.builds(
    lambda members, channels: {**members, "channelSettings": channels, "version": 1, "id": "c"},
    st.dictionaries(st.sampled_from(["displayName", "a", "b", "c"]), VALUES),
    st.dictionaries(st.sampled_from(["VOICE", "SMS", "CHAT"]), VALUES.filter(lambda v: v)),
)
CHANGES = st.builds(
    lambda members, channels: {**members, **({"channelSettings": channels} if channels else {})},
    st.dictionaries(st.sampled_from(["displayName", "a", "b", "c", "d"]), VALUES),
    CHANNELS,
)


def normal(members: dict[str, Any]) -> str:
    return json.dumps(_without_empty({**members, "version": 0, "id": ""}), sort_keys=True)


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        inner = {name: _without_empty(one) for name, one in value.items()}
        return {name: one for name, one in inner.items() if not _is_empty(one)}
    return [_without_empty(one) for one in value] if isinstance(value, list) else value


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {})


@given(MEMBERS, CHANGES)
def test_what_is_patched_is_shown(members: dict[str, Any], changes: dict[str, Any]) -> None:
    """After the PATCH nothing is unmet, another patch is empty, and nobody else has changed it."""
    body = patch(changes, members)
    after = patched(members, body)
    assert unmet(body, after, members) == ()
    assert unmet(changes, after, members) == ()
    assert patch(changes, after) == {}
    assert edited(members, after, body) == ()


@given(MEMBERS, CHANGES)
def test_a_patch_names_nothing_that_is_shown(
    members: dict[str, Any], changes: dict[str, Any]
) -> None:
    """Each member of the body, and each channel, makes a difference by itself."""
    body = patch(changes, members)
    for name, value in body.items():
        if name == "channelSettings":
            for channel, setting in value.items():
                assert unmet({name: {channel: setting}}, members, members)
        else:
            assert unmet({name: value}, members, members)
    assert body.keys() <= changes.keys()


@given(MEMBERS, st.lists(CHANGES, max_size=5))
def test_undone_to_the_last_member(members: dict[str, Any], several: list[dict[str, Any]]) -> None:
    """Any changes one after another, then what restores the first state: it is that again."""
    now = members
    for changes in several:
        now = patched(now, patch(changes, now))
    back = patched(now, restoring(members, now))
    assert normal(back) == normal(members)
    assert restoring(members, back) == {}


@pytest.mark.parametrize(
    ("then", "added"),
    [
        ({"from": "*", "to": "+1"}, {"metadata": {"callType": "CLIENT"}}),
        ({"url": "https://example.com", "method": "POST"}, {"newer": {"deep": 1}}),
    ],
)
def test_what_was_added_to_an_item_of_a_list_is_taken_back(
    then: dict[str, Any], added: dict[str, Any]
) -> None:
    """Going back is exact inside lists as well: a rule's call type, a callback's new member."""
    kept = {"channelSettings": {"VOICE": {"captureRules": [then]}}, "statusCallbacks": [then]}
    there = [{**then, **added}]
    now = {"channelSettings": {"VOICE": {"captureRules": there}}, "statusCallbacks": there}
    assert restoring(kept, now) == kept
    # After the write, what the service adds to an item by itself is no difference.
    assert unmet(kept, now, copy.deepcopy(now)) == ()


def test_an_item_of_a_list_that_is_null_is_not_one_that_is_false() -> None:
    """Null, false and absent are alike for a member that was removed, not for an item."""
    assert patch({"new": [False]}, {"new": [None]}) == {"new": [False]}
    assert patch({"new": [None, {"a": False}]}, {"new": [None, {"a": None}]}) == {}
    assert unmet({"new": [[1], 0]}, {"new": [[1], False]}) == ("new.1",)


NULLED: dict[str, Any] = {"captureRules": None, "statusTimeouts": {"inactive": 5, "closed": None}}
RULED: dict[str, Any] = {
    "captureRules": [{"from": "*", "to": "+1", "metadata": None, "newer": None}],
    "statusTimeouts": None,
    "newer": {"closed": None},
}


def test_a_request_names_no_null_inside_a_channel() -> None:
    """What the service shows as null is not set; Twilio's request takes none there."""
    sendable = {
        "VOICE": {
            "captureRules": [{"from": "*", "to": "+1", "newer": None}],
            "newer": {"closed": None},
        },
        "SMS": {"statusTimeouts": {"inactive": 5}},
    }
    kept = {"a": None, "channelSettings": {"VOICE": RULED, "SMS": NULLED, "CHAT": None}}
    assert restoring(kept, {}) == {"channelSettings": sendable}
    assert making({**kept, "id": "c", "b": False}) == {"b": False, "channelSettings": sendable}
    # Shown with nulls again, nothing is missing, nothing differs, and nobody has changed it.
    assert unmet({"channelSettings": sendable}, kept, {}) == ()
    assert restoring({"channelSettings": sendable}, kept) == {}
    assert edited({"channelSettings": sendable}, kept, {}) == ()


def test_a_channel_of_nulls_is_none() -> None:
    """It is removed by null, and one that is shown like that needs no removal."""
    nulls = {"VOICE": {"captureRules": None, "statusTimeouts": None}}
    then, now = {"channelSettings": nulls}, {"channelSettings": {"VOICE": RULED}}
    assert restoring(then, now) == {"channelSettings": {"VOICE": None}}
    assert unmet({"channelSettings": {"VOICE": None}}, then, now) == ()
    assert restoring({}, then) == {}


@given(MEMBERS, CHANGES, CHANGES)
def test_somebody_elses_edit_is_named(
    members: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any]
) -> None:
    """What changed and was not ours, and nothing of ours."""
    body = patch(ours, members)
    foreign = {k: v for k, v in patch(theirs, members).items() if k not in body}
    after = patched(patched(members, foreign), body)
    found = edited(members, after, body)
    assert {path.split(".")[0] for path in found} <= foreign.keys()
    # What was empty may be empty in another way: that is an edit nobody needs to be told of.
    assert {name for name, value in foreign.items() if value not in (None, {}, [], "")} <= {
        path.split(".")[0] for path in found
    }


@pytest.mark.parametrize(
    ("asked", "there", "before", "missing"),
    [
        ({"a": True}, {"a": 1}, None, ("a",)),
        ({"a": 1}, {"a": 1}, None, ()),
        ({"a": None}, {"a": []}, None, ()),
        ({"a": None}, {"a": "x"}, None, ("a",)),
        # The service adds what it takes by itself.
        ({"a": [{"url": "u"}]}, {"a": [{"url": "u", "method": "POST"}]}, None, ()),
        ({"a": [1]}, {"a": [1, 2]}, None, ("a",)),
        # What replacing should have removed is still there.
        ({"a": {"x": 1}}, {"a": {"x": 1, "y": 2}}, {"a": {"y": 2}}, ("a.y",)),
        ({"a": {"x": 1}}, {"a": {"x": 1, "y": 2}}, {"a": {}}, ()),
        # Other channels are not named.
        (
            {"channelSettings": {"SMS": {"x": 1}}},
            {"channelSettings": {"SMS": {"x": 1}, "CHAT": {"y": 2}}},
            None,
            (),
        ),
        ({"channelSettings": {"SMS": None}}, {}, None, ()),
        ({"channelSettings": {"SMS": {"x": 1}}}, {}, None, ("channelSettings.SMS",)),
        # v2 has sids in lower case, and v1 does not care.
        (
            {"conversationsV1Bridge": {"serviceId": "ISab"}},
            {"conversationsV1Bridge": {"serviceId": "ISAB"}},
            None,
            (),
        ),
    ],
)
def test_what_counts_as_shown(
    asked: dict[str, Any],
    there: dict[str, Any],
    before: dict[str, Any] | None,
    missing: tuple[str, ...],
) -> None:
    """The rules one by one."""
    assert unmet(asked, there, before) == missing


def test_what_the_service_writes_is_nobody_elses() -> None:
    """Refused in a change, left out of a restore, and no edit."""
    with pytest.raises(InvalidInput, match="id, version"):
        patch({"version": 3, "id": "x", "a": 1}, {})
    then = {"id": "c", "version": 1, "updatedAt": "1", "a": 1}
    now = {"id": "c", "version": 2, "updatedAt": "2", "a": 1}
    assert restoring(then, now) == {}
    assert edited(then, now, {}) == ()
