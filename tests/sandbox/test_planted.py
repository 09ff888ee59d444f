"""Planted gaps: an hour of traffic with differences between its two sides, known by their sids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge_helpers.sandbox.world.seeds.planted import KINDS

if TYPE_CHECKING:
    from .box import Sandbox

ONE_OF_EACH = dict.fromkeys(KINDS, 1)


def planted(box: Sandbox, **wanted: Any) -> dict[str, list[str]]:
    told = box.control("plant", **{"conversations": 40, "kinds": ONE_OF_EACH, **wanted})
    found: dict[str, list[str]] = told["planted"]
    return found


def sides(box: Sandbox, sid: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The messages of a classic conversation, and the resource ids in its twins in order."""
    messages = box.get(f"{box.classic}/{sid}/Messages", PageSize=100)["messages"]
    heard = [one["resourceId"] for twin in box.twins(sid) for one in box.communications(twin["id"])]
    return messages, heard


def test_each_kind_is_what_its_name_says(box: Sandbox) -> None:
    """The two sides of a conversation of each kind, read over the APIs."""
    found = planted(box)
    assert set(found) == set(KINDS)
    both = {kind: sides(box, sids[0]) for kind, sids in found.items() if sids[0][:2] == "CH"}
    sids = {kind: [one["sid"] for one in messages] for kind, (messages, _) in both.items()}
    heard = {kind: ids for kind, (_, ids) in both.items()}
    assert heard["missing"] == heard["before-bridge"] == heard["empty"] == sids["empty"] == []
    assert heard["lagging"] == sids["lagging"][:-1]
    assert heard["hole"] == sids["hole"][1:]
    assert heard["doubled"] == [*sids["doubled"], sids["doubled"][-1]]
    assert heard["disordered"] == [sids["disordered"][i] for i in (0, 2, 1)]
    assert heard["deleted"][1:] == sids["deleted"]
    assert heard["media"] == sids["media"][1:]
    assert both["media"][0][0]["body"] is None
    assert heard["in-flight"] == sids["in-flight"][:-1]
    assert heard["revived"] == sids["revived"][-1:]
    for kind, statuses in (("two-twins", ["ACTIVE"] * 2), ("reopened", ["CLOSED", "ACTIVE"])):
        assert [twin["status"] for twin in box.twins(found[kind][0])] == statuses
        assert heard[kind] == sids[kind]
    [call] = found["captured"]
    assert box.get(f"/v2/Conversations/{call}")["participants"][0]["addresses"][0][
        "channelId"
    ].startswith("CA")
    [lonely] = found["unexpected"]
    told = box.get(f"/v2/Conversations/{lonely}")
    sid = told["participants"][0]["addresses"][0]["channelId"]
    assert box.http.get(f"{box.classic}/{sid}").status_code == 404


def test_the_same_seed_plants_the_same(box: Sandbox) -> None:
    """And another seed something else."""
    first = planted(box)
    box.control("reset")
    assert planted(box) == first
    box.control("reset")
    assert planted(box, seed=8) != first


def test_more_gaps_than_conversations_are_refused(box: Sandbox) -> None:
    """By the field's name; a kind that there is not as well."""
    for kinds in ({"missing": 50}, {"strange": 1}):
        answer = box.http.post("/_sandbox/plant", json={"conversations": 40, "kinds": kinds})
        assert answer.status_code == 400
        assert "kinds" in answer.json()["error"]


def test_a_planted_conversation_goes_on_like_any_other(box: Sandbox) -> None:
    """What is written into it arrives in the twin that it has, not in a second one."""
    box.control("plant", conversations=3)
    sid = box.get(box.classic, PageSize=50)["conversations"][-1]["sid"]
    box.write(sid, "And one more thing")
    box.advance(2)
    assert len(box.twins(sid)) == 1
    assert box.texts(sid)[-1] == "And one more thing"


def test_reading_a_hundred_thousand_keeps_none_of_them(box: Sandbox) -> None:
    """Messages and communications of a planted conversation are made for each reader."""
    told = box.control("plant", conversations=100_000, kinds={"missing": 3}, messages=20)
    assert len(told["planted"]["missing"]) == 3
    listed = box.get("/v2/Conversations", pageSize=1000)
    assert len(listed["conversations"]) == 1000
    one = listed["conversations"][500]
    assert len(box.communications(one["id"])) == 20


@pytest.mark.parametrize("heeded", [True, False])
def test_lists_can_be_as_poor_as_they_may_be(box: Sandbox, heeded: bool) -> None:
    """Partial list items, and a channelId that filters or does not."""
    box.control("plant", conversations=5)
    sid = box.get(box.classic, PageSize=50)["conversations"][-1]["sid"]
    box.control("settings", partial_lists=True, channel_filter=heeded)
    found = box.twins(sid)
    assert len(found) == (1 if heeded else 5)
    assert set(found[0]) == {"id", "accountId", "configurationId"}


def test_answers_tell_the_sandboxs_time(box: Sandbox) -> None:
    """`Date` is that of its clock, by which its timestamps go."""
    answer = box.http.get("/v1/Services")
    assert answer.headers.get_list("date") == ["Mon, 05 Jan 2026 09:00:00 GMT"]
    assert answer.headers["twilio-concurrent-requests"] == "1"
