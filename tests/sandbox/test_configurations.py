"""Configurations: accepted, finished, replaced, patched, deleted; never two for one service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .box import Sandbox

PATH = "/v2/ControlPlane/Configurations"
KEY = {"Idempotency-Key": "6f1f8f0e-7d0b-4a8e-9c39-0d5f2f0c6a11"}


def test_a_configuration_appears_when_its_operation_ends(box: Sandbox) -> None:
    """202 names operation and configuration; the configuration is there from COMPLETED on."""
    accepted = box.http.post(PATH, json=box.plan())
    assert accepted.status_code == 202
    url = f"{box.url}/v2/ControlPlane/Operations/{accepted.headers['Operation-Id']}"
    assert accepted.headers["Location"] == accepted.json()["statusUrl"] == url
    assert accepted.headers["Retry-After"] == "1"
    configuration_id = accepted.json()["related"]["configurationId"]

    pending = box.operation(accepted)
    assert (pending["status"], pending["completedAt"]) == ("PENDING", None)
    assert box.http.get(f"{PATH}/{configuration_id}").status_code == 404

    box.advance(1)
    done = box.operation(accepted)
    assert (done["status"], done["completedAt"]) == ("COMPLETED", "2026-01-05T09:00:01Z")
    assert done["related"] == {"configurationId": configuration_id}
    stored = box.get(f"{PATH}/{configuration_id}")
    assert stored["conversationsV1Bridge"] == {"serviceId": box.service_sid}
    assert stored["version"] == 1
    assert box.get(PATH)["configurations"] == [stored]


def test_the_same_key_and_body_give_the_first_answer_again(box: Sandbox) -> None:
    """A repeat with its key starts nothing, whatever the order of the body's members."""
    first = box.http.post(PATH, json=box.plan(), headers=KEY)
    backwards = dict(reversed(box.plan().items()))
    again = box.http.post(PATH, json=backwards, headers=KEY)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Operation-Id"] == first.headers["Operation-Id"]
    box.advance(1)
    assert len(box.get(PATH)["configurations"]) == 1


def test_a_key_lives_for_24_hours(box: Sandbox) -> None:
    """After 24 hours the key is forgotten, and the repeat is a new request."""
    box.http.post(PATH, json=box.plan(), headers=KEY)
    box.advance(24 * 3600 - 1)
    assert box.http.post(PATH, json=box.plan(), headers=KEY).status_code == 202
    box.advance(1)
    assert box.http.post(PATH, json=box.plan(), headers=KEY).status_code == 409


def test_a_key_belongs_to_one_request(box: Sandbox) -> None:
    """Another body with the same key is refused and names no resource; a bad key too."""
    box.http.post(PATH, json=box.plan(), headers=KEY)
    other = box.http.post(PATH, json=box.plan(displayName="other"), headers=KEY)
    assert other.status_code == 409
    assert "X-Conflicting-Resource-Id" not in other.headers
    bad = box.http.post(PATH, json=box.plan(), headers={"Idempotency-Key": "again"})
    assert bad.status_code == 400


def test_a_refused_request_does_not_use_up_its_key(box: Sandbox) -> None:
    """A request that was refused can be mended and sent again with its key."""
    assert box.http.post(PATH, json=box.plan(displayName="a/b"), headers=KEY).status_code == 400
    assert box.http.post(PATH, json=box.plan(), headers=KEY).status_code == 202


def test_one_configuration_per_service(box: Sandbox) -> None:
    """A second bridge to a service gives 409 with the first one's id, pending or complete."""
    first = box.http.post(PATH, json=box.plan()).json()["related"]["configurationId"]
    for _ in range(2):
        refused = box.http.post(PATH, json=box.plan(displayName="second"))
        assert refused.status_code == 409
        assert refused.headers["X-Conflicting-Resource-Id"] == first
        box.advance(1)
    plain = box.configure(conversationsV1Bridge=None, displayName="plain")
    patch = {"conversationsV1Bridge": {"serviceId": box.service_sid}}
    refused = box.http.patch(f"{PATH}/{plain}", json=patch)
    assert refused.headers["X-Conflicting-Resource-Id"] == first


def test_a_failed_operation_leaves_nothing_behind(box: Sandbox) -> None:
    """FAILED is explained, the configuration does not exist, its service is free again."""
    box.fault("operation-fails", title="No luck", detail="Not today.")
    accepted = box.http.post(PATH, json=box.plan())
    box.advance(1)
    failed = box.operation(accepted)
    assert failed["status"] == "FAILED"
    assert (failed["error"]["title"], failed["error"]["detail"]) == ("No luck", "Not today.")
    assert box.get(PATH)["configurations"] == []
    box.configure()


def test_a_bridge_to_nowhere_fails(box: Sandbox) -> None:
    """A classic service that does not exist is found out by the operation."""
    plan = box.plan(conversationsV1Bridge={"serviceId": "IS" + "0" * 32})
    accepted = box.http.post(PATH, json=plan)
    box.advance(1)
    assert box.operation(accepted)["error"]["status"] == 404


def test_put_replaces_everything(box: Sandbox) -> None:
    """What a PUT leaves out is gone, the bridge too, and its service is free."""
    configuration_id = box.configure(
        channelSettings={"CHAT": {"statusTimeouts": {"inactive": 15, "closed": 60}}},
        memoryExtractionEnabled=True,
    )
    body = {
        "conversationGroupingType": "GROUP_BY_PROFILE",
        "channelSettings": {},
        "description": "Less",
        "memoryStoreId": box.store_id,
    }
    assert box.http.put(f"{PATH}/{configuration_id}", json=body).status_code == 202
    assert box.get(f"{PATH}/{configuration_id}")["version"] == 1
    box.advance(1)
    after = box.get(f"{PATH}/{configuration_id}")
    assert "conversationsV1Bridge" not in after
    assert (after["channelSettings"], after["memoryExtractionEnabled"]) == ({}, False)
    assert (after["displayName"], after["version"]) == ("bridge", 2)
    box.configure(displayName="next")


def test_patch_merges_by_channel_and_null_removes(box: Sandbox) -> None:
    """A channel in a PATCH replaces that channel, null removes it, others stay."""
    timeouts = {"statusTimeouts": {"inactive": 1, "closed": 2}}
    rules = {"captureRules": [{"from": "*", "to": box.number}]}
    configuration_id = box.configure(
        channelSettings={"CHAT": timeouts, "VOICE": rules, "SMS": rules}
    )
    change: dict[str, Any] = {
        "channelSettings": {"VOICE": None, "SMS": timeouts},
        "description": "Changed",
        "displayName": None,
    }
    box.http.patch(f"{PATH}/{configuration_id}", json=change)
    box.advance(1)
    after = box.get(f"{PATH}/{configuration_id}")
    assert after["channelSettings"] == {"CHAT": timeouts, "SMS": timeouts}
    assert (after["description"], after["displayName"]) == ("Changed", "bridge")
    assert after["conversationsV1Bridge"] == {"serviceId": box.service_sid}


def test_patch_with_null_disconnects_the_bridge(box: Sandbox) -> None:
    """Without its bridge a configuration stays, and the service can be bridged anew."""
    configuration_id = box.configure()
    box.http.patch(f"{PATH}/{configuration_id}", json={"conversationsV1Bridge": None})
    box.advance(1)
    assert "conversationsV1Bridge" not in box.get(f"{PATH}/{configuration_id}")
    sid = box.converse()
    box.write(sid, "hello")
    box.advance(5)
    assert box.twins(sid) == []
    box.configure(displayName="next")


def test_two_patches_under_way_keep_both_services_taken(box: Sandbox) -> None:
    """While a PATCH to another service is under way, the end of an earlier one frees neither."""
    made = box.http.post("/v1/Services", data={"FriendlyName": "Other"}).json()["sid"]
    configuration_id = box.configure()
    box.http.patch(f"{PATH}/{configuration_id}", json={"description": "one"})
    box.advance(0.5)
    box.http.patch(
        f"{PATH}/{configuration_id}", json={"conversationsV1Bridge": {"serviceId": made}}
    )
    box.advance(0.5)
    for service in (box.service_sid, made):
        plan = box.plan(conversationsV1Bridge={"serviceId": service})
        assert box.http.post(PATH, json=plan).status_code == 409
    box.advance(0.5)
    assert box.get(f"{PATH}/{configuration_id}")["conversationsV1Bridge"] == {"serviceId": made}
    assert box.http.post(PATH, json=box.plan()).status_code == 202


def test_delete_ends_with_its_operation(box: Sandbox) -> None:
    """A configuration goes when its DELETE is COMPLETED; meanwhile other writes are refused."""
    configuration_id = box.configure()
    accepted = box.http.delete(f"{PATH}/{configuration_id}")
    assert accepted.json()["related"] == {"configurationId": configuration_id}
    for again in (
        box.http.delete(f"{PATH}/{configuration_id}"),
        box.http.patch(f"{PATH}/{configuration_id}", json={"description": "x"}),
    ):
        assert again.status_code == 409
    box.advance(1)
    assert box.http.get(f"{PATH}/{configuration_id}").status_code == 404
    assert box.http.delete(f"{PATH}/{configuration_id}").status_code == 404
    box.configure(displayName="next")


def test_lists_filter_by_store(box: Sandbox) -> None:
    """memoryStoreId narrows the list and has to look like one."""
    configuration_id = box.configure()
    other = "mem_store_" + "0" * 26
    listed = box.get(PATH, memoryStoreId=box.store_id)["configurations"]
    assert [c["id"] for c in listed] == [configuration_id]
    assert box.get(PATH, memoryStoreId=other)["configurations"] == []
    assert box.http.get(PATH, params={"memoryStoreId": "store"}).status_code == 400


@pytest.mark.parametrize(
    ("member", "value", "named"),
    [
        ("displayName", None, "displayName"),
        ("displayName", "a" * 33, "displayName"),
        ("displayName", "semi;colon", "displayName"),
        ("displayName", "newline\n", "displayName"),
        ("description", "d" * 513, "description"),
        ("conversationGroupingType", "GROUP_BY_LUCK", "conversationGroupingType"),
        ("memoryStoreId", None, "memoryStoreId: must not be null"),
        ("memoryStoreId", "mem_store_" + "0" * 26, "memoryStoreId"),
        ("conversationsV1Bridge", {"serviceId": "IS" + "A" * 32}, "serviceId"),
        ("conversationsV1Bridge", {}, "conversationsV1Bridge.serviceId"),
        ("channelSettings", {"FAX": {}}, "FAX"),
        ("channelSettings", {"SMS": {"statusTimeouts": {"closed": 0}}}, "closed"),
        ("channelSettings", {"SMS": {"captureRules": [{"from": "*"}]}}, "to"),
        ("statusCallbacks", [{"url": "https://example.com"}] * 3, "statusCallbacks"),
        ("statusCallbacks", [{"url": "nowhere"}], "url"),
        ("statusCallbacks", [{"url": "https://example.com", "method": "PUT"}], "method"),
        ("intelligenceConfigurationIds", ["i"] * 6, "intelligenceConfigurationIds"),
        ("memoryExtractionEnabled", "yes", "memoryExtractionEnabled"),
    ],
)
def test_a_request_that_breaks_a_rule_is_refused(
    box: Sandbox, member: str, value: Any, named: str
) -> None:
    """400 with code 20001 names the member; nothing is created."""
    plan = box.plan(**{member: value})
    if value is None:
        del plan[member]
    refused = box.http.post(PATH, json=plan)
    assert (refused.status_code, refused.json()["code"]) == (400, 20001)
    assert named in refused.json()["message"]
    assert box.read("state")["accounts"][0]["orchestrator"]["operations"] == []
