"""Memory: stores that take their time, profiles, identifiers and lookup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .box import Sandbox

STORES = "/v1/ControlPlane/Stores"


def operation(box: Sandbox, accepted: Any) -> dict[str, Any]:
    return box.get(f"/v1/ControlPlane/Operations/{accepted.headers['Operation-Id']}")


def test_a_store_becomes_active_in_its_time(box: Sandbox) -> None:
    """QUEUED, PROVISIONING, COMPLETED with result.id, and only then ACTIVE."""
    accepted = box.http.post(STORES, json={"displayName": "second", "description": "More"})
    assert accepted.status_code == 202
    assert "related" not in accepted.json()
    pending = operation(box, accepted)
    assert (pending["status"], "result" in pending) == ("PENDING", False)
    new, old = box.get(STORES)["stores"]
    assert old == box.store_id
    assert box.get(f"{STORES}/{new}")["status"] == "QUEUED"
    box.advance(0.5)
    assert box.get(f"{STORES}/{new}")["status"] == "PROVISIONING"
    box.advance(0.5)
    done = operation(box, accepted)
    assert (done["status"], done["result"]) == ("COMPLETED", {"type": "RESOURCE_ID", "id": new})
    assert box.get(f"{STORES}/{new}")["status"] == "PROVISIONING"
    assert box.http.get(f"/v1/Stores/{new}/Profiles").json()["code"] == 520042
    box.advance(0.5)
    assert box.get(f"{STORES}/{new}")["status"] == "ACTIVE"
    assert box.get(STORES, orderBy="ASC")["stores"] == [old, new]


def test_a_store_whose_operation_fails_is_failed(box: Sandbox) -> None:
    """FAILED carries the problem; the store says FAILED too."""
    box.fault("operation-fails", title="No room")
    accepted = box.http.post(STORES, json={"displayName": "second"})
    box.advance(5)
    assert operation(box, accepted)["error"]["title"] == "No room"
    assert box.get(f"{STORES}/{box.get(STORES)['stores'][0]}")["status"] == "FAILED"


def test_names_are_strict_and_unique(box: Sandbox) -> None:
    """No space, no underscore, 64 at most, and none twice."""
    for name in ("two words", "under_score", "", "a" * 65, "line\n"):
        assert box.http.post(STORES, json={"displayName": name}).status_code == 400
    taken = box.http.post(STORES, json={"displayName": "customer-memory"})
    assert (taken.status_code, taken.json()["code"]) == (400, 520045)
    assert box.http.post(STORES, json={"displayName": "a", "description": ""}).status_code == 400


def test_fifteen_stores_at_most(box: Sandbox) -> None:
    """The sixteenth is refused with 520044."""
    box.control("seed", stores=14)
    refused = box.http.post(STORES, json={"displayName": "one-too-many"})
    assert (refused.status_code, refused.json()["code"]) == (400, 520044)
    page = box.get(STORES, pageSize=10)
    rest = box.get(STORES, pageSize=10, pageToken=page["meta"]["nextToken"])
    assert len({*page["stores"], *rest["stores"]}) == 15
    assert box.http.get(STORES, params={"pageSize": 101}).status_code == 400


def test_if_match_guards_a_store(box: Sandbox) -> None:
    """A PATCH with an outdated ETag is refused with 412; with the right one it raises it."""
    path = f"{STORES}/{box.store_id}"
    etag = box.http.get(path).headers["ETag"]
    change = {"description": "Changed"}
    stale = box.http.patch(path, json=change, headers={"If-Match": '"99"'})
    assert (stale.status_code, stale.json()["code"]) == (412, 20412)
    assert box.http.patch(path, json=change, headers={"If-Match": etag}).status_code == 202
    box.advance(1)
    after = box.http.get(path)
    assert (after.json()["description"], after.headers["ETag"]) == ("Changed", '"2"')


def test_a_deleted_store_is_gone(box: Sandbox) -> None:
    """After the operation there is no store; capture goes on without profiles."""
    configuration_id = box.configure(conversationsV1Bridge=None)
    box.http.delete(f"{STORES}/{box.store_id}")
    box.advance(1)
    assert box.http.get(f"{STORES}/{box.store_id}").status_code == 404
    person = {"type": "CUSTOMER", "addresses": [{"channel": "SMS", "address": "+15551110000"}]}
    body = {"configurationId": configuration_id, "participants": [person]}
    (made,) = box.http.post("/v2/Conversations", json=body).json()["participants"]
    assert "profileId" not in made


def test_profiles_and_lookup(box: Sandbox) -> None:
    """An identifier finds its profile however it is written; deletion forgets it."""
    path = f"/v1/Stores/{box.store_id}/Profiles"
    traits = {"Contact": {"phone": "+1 (555) 123-0000", "firstName": "Zoe"}}
    made = box.http.post(path, json={"traits": traits})
    assert made.status_code == 202
    profile = made.json()["id"]
    found = box.http.post(f"{path}/Lookup", json={"idType": "phone", "value": "+15551230000"})
    assert found.json() == {"normalizedValue": "+15551230000", "profiles": [profile]}
    again = box.http.post(path, json={"traits": {"Contact": {"phone": "+15551230000"}}})
    assert again.json()["id"] == profile
    box.http.patch(f"{path}/{profile}", json={"traits": {"Contact": {"firstName": None}}})
    whole = box.http.get(f"{path}/{profile}")
    assert whole.json()["traits"] == {"Contact": {"phone": "+15551230000"}}
    assert whole.headers["Canonical-Profile-Id"] == profile
    identifiers = box.get(f"{path}/{profile}/Identifiers")["identifiers"]
    assert identifiers == [{"idType": "phone", "values": ["+15551230000"]}]
    assert profile in box.get(path)["profiles"]
    box.http.delete(f"{path}/{profile}")
    gone = box.http.post(f"{path}/Lookup", json={"idType": "phone", "value": "+15551230000"})
    assert gone.json()["profiles"] == []
    assert box.http.get(f"{path}/{profile}").status_code == 404


def test_a_merged_profile_points_to_its_canonical_one(box: Sandbox) -> None:
    """301 for a read, 308 for a write, both with Canonical-Profile-Id."""
    path = f"/v1/Stores/{box.store_id}/Profiles"
    first, second = (
        box.http.post(path, json={"traits": {"Contact": {"email": f"{n}@example.com"}}}).json()[
            "id"
        ]
        for n in ("one", "two")
    )
    shared = {"idType": "email", "value": "one@example.com"}
    assert box.http.post(f"{path}/{second}/Identifiers", json=shared).status_code == 202
    read = box.http.get(f"{path}/{second}")
    write = box.http.patch(f"{path}/{second}", json={"traits": {}})
    assert (read.status_code, write.status_code) == (301, 308)
    assert read.headers["Canonical-Profile-Id"] == first
    assert read.headers["Location"] == f"{box.url}{path}/{first}"
    moved = box.http.post(f"{path}/Lookup", json={"idType": "email", "value": "two@example.com"})
    assert moved.json()["profiles"] == [first]


@pytest.mark.parametrize(
    "body",
    [
        {"idType": "x", "value": "1"},
        {"idType": "phone"},
        {"idType": "phone", "value": "1" * 256},
        {"idType": "phone", "value": "1", "extra": True},
    ],
)
def test_a_lookup_that_breaks_a_rule_is_refused(box: Sandbox, body: dict[str, Any]) -> None:
    """400 with a reason."""
    refused = box.http.post(f"/v1/Stores/{box.store_id}/Profiles/Lookup", json=body)
    assert refused.status_code == 400


def test_identity_resolution_settings(box: Sandbox) -> None:
    """chat is configured from the start; a PUT replaces all and raises the version."""
    path = f"{STORES}/{box.store_id}/IdentityResolutionSettings"
    before = box.get(path)
    assert "chat" in {c["idType"] for c in before["identifierConfigs"]}
    body = {"identifierConfigs": [{"idType": "phone"}], "matchingRules": ["phone"]}
    assert box.http.put(path, json=body, headers={"If-Match": '"9"'}).status_code == 412
    assert box.http.put(path, json=body).status_code == 202
    box.advance(1)
    after = box.get(path)
    assert (after["matchingRules"], after["version"]) == (["phone"], 2)
    assert box.http.put(path, json={**body, "matchingRules": []}).status_code == 400
