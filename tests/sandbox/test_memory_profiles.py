"""Memory: which profile is meant, what becomes of two that are one, and what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .box import Sandbox


@pytest.fixture
def profiles(box: Sandbox) -> str:
    return f"/v1/Stores/{box.store_id}/Profiles"


def make(box: Sandbox, profiles: str, **contact: Any) -> str:
    answer = box.http.post(profiles, json={"traits": {"Contact": contact}})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def found(box: Sandbox, profiles: str, id_type: str, value: str) -> list[str]:
    answer = box.http.post(f"{profiles}/Lookup", json={"idType": id_type, "value": value})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["profiles"])


def settings(box: Sandbox, *configs: dict[str, Any], rules: list[str]) -> None:
    path = f"/v1/ControlPlane/Stores/{box.store_id}/IdentityResolutionSettings"
    body = {"identifierConfigs": list(configs), "matchingRules": rules}
    assert box.http.put(path, json=body).status_code == 202
    box.advance(1)


def test_the_earlier_of_two_profiles_stays(box: Sandbox, profiles: str) -> None:
    """Whichever gets the other's identifier; what it knows itself counts for more."""
    first = make(box, profiles, email="one@example.com", firstName="Zoe")
    second = make(box, profiles, email="two@example.com", firstName="Z", lastName="Y")
    add = {"idType": "email", "value": "two@example.com"}
    assert box.http.post(f"{profiles}/{first}/Identifiers", json=add).status_code == 202
    assert found(box, profiles, "email", "two@example.com") == [first]
    assert box.http.get(f"{profiles}/{second}").headers["Canonical-Profile-Id"] == first
    contact = box.get(f"{profiles}/{first}")["traits"]["Contact"]
    assert (contact["firstName"], contact["lastName"]) == ("Zoe", "Y")


def test_a_chain_of_merges_leads_to_the_last(box: Sandbox, profiles: str) -> None:
    """A redirect never leads to a profile that redirects."""
    ids = [make(box, profiles, email=f"{n}@example.com") for n in "abc"]
    for one, other in ((2, "b"), (1, "a")):
        add = {"idType": "email", "value": f"{other}@example.com"}
        now = found(box, profiles, "email", f"{'abc'[one]}@example.com")[0]
        assert box.http.post(f"{profiles}/{now}/Identifiers", json=add).status_code == 202
    for gone in ids[1:]:
        assert box.http.get(f"{profiles}/{gone}").headers["Canonical-Profile-Id"] == ids[0]


def test_a_create_that_matches_two_makes_them_one(box: Sandbox, profiles: str) -> None:
    """It gives the earlier one, with all identifiers."""
    first = make(box, profiles, email="one@example.com")
    second = make(box, profiles, phone="+15551112222")
    both = make(box, profiles, phone="+15551112222", email="one@example.com", chat="zoe")
    assert both == first
    assert found(box, profiles, "chat", "zoe") == [first]
    assert box.http.get(f"{profiles}/{second}").status_code == 301


def test_an_identifier_that_is_not_unique_merges_nothing(box: Sandbox, profiles: str) -> None:
    """Two profiles have it, and the lookup gives both."""
    settings(box, {"idType": "email", "enforceUnique": False}, {"idType": "phone"}, rules=["phone"])
    ids = [make(box, profiles, email="family@example.com", phone=f"+1555111000{n}") for n in (1, 2)]
    assert found(box, profiles, "email", "family@example.com") == ids


@pytest.mark.parametrize(("policy", "kept"), [("fifo", ["b", "c"]), ("lifo", ["a", "b"])])
def test_a_limit_takes_identifiers_away(
    box: Sandbox, profiles: str, policy: str, kept: list[str]
) -> None:
    """The oldest by fifo, the newest by lifo; nobody is found by what was taken away."""
    settings(box, {"idType": "chat", "limit": 2, "limitPolicy": policy}, rules=["chat"])
    profile = make(box, profiles, chat="a")
    for value in "bc":
        add = {"idType": "chat", "value": value}
        box.http.post(f"{profiles}/{profile}/Identifiers", json=add)
    assert box.get(f"{profiles}/{profile}/Identifiers/chat")["values"] == kept
    assert [v for v in "abc" if found(box, profiles, "chat", v)] == kept


def test_a_batch_is_done_later_and_leaves_out_what_has_no_place(
    box: Sandbox, profiles: str
) -> None:
    """Nothing tells which; the same batch again makes nobody twice."""
    before = len(box.get(profiles, pageSize=1000)["profiles"])
    people = [
        {"traits": {"Contact": {"chat": "zoe"}}},
        {"traits": {"Contact": {"chat": "zoe", "firstName": "Zoe"}}},
        {"traits": {"Contact": {"firstName": "Nobody"}}},
        {"traits": {"Elsewhere": {"chat": "bo"}}},
    ]
    for _ in range(2):
        answer = box.http.put(f"{profiles}/Bulk", json={"profiles": people})
        assert answer.status_code == 202
    assert found(box, profiles, "chat", "zoe") == []
    box.advance(1)
    assert len(box.get(profiles, pageSize=1000)["profiles"]) == before + 1
    [zoe] = found(box, profiles, "chat", "zoe")
    assert box.get(f"{profiles}/{zoe}")["traits"]["Contact"]["firstName"] == "Zoe"
    assert found(box, profiles, "chat", "bo") == []


@pytest.mark.parametrize(
    "traits",
    [
        {"Contact": {"firstName": "Zoe"}},
        {"Contact": {"chat": "zoe", "shoe": "9"}},
        {"Shoes": {"chat": "zoe"}},
        {"Contact": {"chat": "zoe", "firstName": 7}},
    ],
)
def test_traits_that_have_no_place_are_refused(
    box: Sandbox, profiles: str, traits: dict[str, Any]
) -> None:
    """No identifier, no such trait, no such group, another type."""
    assert box.http.post(profiles, json={"traits": traits}).status_code == 400


def test_an_identifier_of_an_unknown_kind_is_refused(box: Sandbox, profiles: str) -> None:
    """Also one that the store had before its settings changed."""
    zoe = make(box, profiles, chat="zoe")
    settings(box, {"idType": "phone"}, rules=["phone"])
    asked = {"idType": "chat", "value": "zoe"}
    assert box.http.post(f"{profiles}/Lookup", json=asked).status_code == 400
    assert box.http.post(f"{profiles}/{zoe}/Identifiers", json=asked).status_code == 400


def test_what_is_known_goes_where_the_profile_goes(box: Sandbox, profiles: str) -> None:
    """Observations move with a merge and are gone with the profile."""
    first, second = (make(box, profiles, chat=name) for name in ("zoe", "zed"))
    fact = {"content": "Likes blue", "occurredAt": "2026-01-01T00:00:00Z", "source": "test"}
    box.http.post(f"{profiles}/{second}/Observations", json={"observations": [fact]})
    box.http.post(f"{profiles}/{first}/Identifiers", json={"idType": "chat", "value": "zed"})
    observations = box.get(f"{profiles}/{first}/Observations")["observations"]
    assert [one["content"] for one in observations] == ["Likes blue"]
    assert box.http.get(f"{profiles}/{second}/Observations").status_code == 301
    box.http.delete(f"{profiles}/{first}")
    assert box.http.get(f"{profiles}/{first}/Observations").status_code == 404
    assert found(box, profiles, "chat", "zed") == []
