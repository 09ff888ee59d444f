"""Twilio's SDK drives what memory knows of a profile: traits, observations, summaries, recall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest.memory.v1.bulk import BulkList
from twilio.rest.memory.v1.conversation_summary import (
    ConversationSummaryList,
)
from twilio.rest.memory.v1.identifier import IdentifierList
from twilio.rest.memory.v1.lookup import LookupList
from twilio.rest.memory.v1.observation import ObservationList
from twilio.rest.memory.v1.profile import ProfileList
from twilio.rest.memory.v1.recall import RecallList
from twilio.rest.memory.v1.trait_group import TraitGroupList

from ..waiting import until
from .memory_world import OBSERVATION, PROFILE, PROFILES, STORE, SUMMARY
from .test_sdk_memory_and_numbers import ended

if TYPE_CHECKING:
    from twilio.rest import Client

    from ..sandbox_process import Account

GROUP = f"{STORE}/TraitGroups/{{traitGroupName}}"


@pytest.fixture
def profile(sdk: Client, account: Account) -> str:
    """A profile that is known by its phone."""
    data = ProfileList.ProfileData({"traits": {"Contact": {"phone": "+15551239000"}}})
    return str(sdk.memory.v1.profiles(account.memory_store_id).create(profile_data=data).id)


@pytest.mark.drives(
    f"GET {STORE}/TraitGroups",
    f"POST {STORE}/TraitGroups",
    f"GET {GROUP}",
    f"PATCH {GROUP}",
    f"DELETE {GROUP}",
)
def test_trait_group_from_create_to_delete(sdk: Client, account: Account) -> None:
    """Made, a trait added and another taken out, its ETag a condition, a second one refused."""
    groups = sdk.memory.v1.trait_groups(account.memory_store_id)
    identity = {"dataType": "STRING", "idTypePromotion": "chat"}
    request = TraitGroupList.TraitGroupRequest(
        {"displayName": "Chat", "traits": {"identity": identity}}
    )
    accepted = groups.create(trait_group_request=request)
    assert ended(sdk, accepted.status_url).status == "COMPLETED"
    with pytest.raises(TwilioRestException) as refused:
        groups.create(trait_group_request=request)
    assert refused.value.code == 520055

    listed = {one.display_name for one in groups.list(include_traits=True)}
    assert listed == {"Contact", "Chat"}
    patch = TraitGroupList.PatchTraitGroupRequest(
        {"traits": {"nick": {"dataType": "STRING"}, "identity": {"dataType": ""}}}
    )
    with pytest.raises(TwilioRestException) as stale:
        groups("Chat").patch(patch_trait_group_request=patch, if_match='"9"')
    assert stale.value.status == 412
    changed = groups("Chat").patch(patch_trait_group_request=patch, if_match='"1"')
    assert ended(sdk, changed.status_url).status == "COMPLETED"
    assert set(groups("Chat").fetch().trait_group["traits"]) == {"nick"}

    groups("Chat").delete()
    until(lambda: "Chat" not in [g.display_name for g in groups.list()], what="the deletion")


@pytest.mark.drives(f"PUT {PROFILES}/Bulk", f"GET {PROFILE}/Traits")
def test_many_profiles_at_once(sdk: Client, account: Account, profile: str) -> None:
    """Known ones are changed and new ones made; each trait comes with its group and its time."""
    store, store_id = sdk.memory.v1, account.memory_store_id
    people = [
        {"traits": {"Contact": {"phone": "+15551239000", "firstName": "Ada"}}},
        {"traits": {"Contact": {"email": "bo@example.com"}}},
    ]
    body = BulkList.UpdateProfilesBulkRequest({"profiles": people})
    store.bulk(store_id).update(update_profiles_bulk_request=body)
    traits = until(
        lambda: [t for t in store.traits(store_id, profile).list() if t.name == "firstName"],
        what="the changed trait",
    )
    assert [(t.value, t.trait_group) for t in traits] == [("Ada", "Contact")]
    assert traits[0].timestamp
    identifier = LookupList.Identifier({"idType": "email", "value": "bo@example.com"})
    assert len(store.lookup(store_id).create(identifier=identifier).profiles) == 1


@pytest.mark.drives(
    f"GET {PROFILE}/Identifiers/{{idType}}",
    f"PATCH {PROFILE}/Identifiers/{{idType}}",
    f"DELETE {PROFILE}/Identifiers/{{idType}}",
)
def test_identifiers_of_a_kind(sdk: Client, account: Account, profile: str) -> None:
    """Fetched, replaced, removed; a kind that the profile does not have is 404."""
    identifiers = sdk.memory.v1.identifiers(account.memory_store_id, profile)
    assert identifiers("phone").fetch().values == ["+15551239000"]
    update = IdentifierList.IdentifierUpdate(
        {"idType": "phone", "oldValue": "+1 555 123 9000", "newValue": "+15551239001"}
    )
    identifiers("phone").patch(identifier_update=update)
    assert identifiers("phone").fetch().values == ["+15551239001"]
    identifiers("phone").delete(remove_all=True)
    with pytest.raises(TwilioRestException) as gone:
        identifiers("phone").fetch()
    assert gone.value.status == 404


@pytest.mark.drives(
    f"GET {PROFILE}/Observations",
    f"POST {PROFILE}/Observations",
    f"GET {PROFILE}/Observations/{{observationId}}",
    f"PATCH {PROFILE}/Observations/{{observationId}}",
    f"DELETE {PROFILE}/Observations/{{observationId}}",
)
def test_observations(sdk: Client, account: Account, profile: str) -> None:
    """Written, found by source and page by page, changed, deleted."""
    observations = sdk.memory.v1.observations(account.memory_store_id, profile)
    assert observations.list() == []
    two = [OBSERVATION, {**OBSERVATION, "source": "another", "content": "Lives in Lisbon"}]
    request = ObservationList.CreateObservationsRequest({"observations": two})
    observations.create(create_observations_request=request)
    assert len(observations.list(page_size=1)) == 2
    [found] = observations.list(source="another")
    patch = ObservationList.ObservationBase({"content": "Lives in Porto"})
    observations(found.id).patch(observation_base=patch)
    assert observations(found.id).fetch().content == "Lives in Porto"
    observations(found.id).delete()
    assert [one.source for one in observations.list()] == ["contract"]


@pytest.mark.drives(
    f"GET {PROFILE}/ConversationSummaries",
    f"POST {PROFILE}/ConversationSummaries",
    f"GET {PROFILE}/ConversationSummaries/{{summaryId}}",
    f"PATCH {PROFILE}/ConversationSummaries/{{summaryId}}",
    f"DELETE {PROFILE}/ConversationSummaries/{{summaryId}}",
)
def test_summaries(sdk: Client, account: Account, profile: str) -> None:
    """Written, listed, changed, deleted."""
    summaries = sdk.memory.v1.conversation_summaries(account.memory_store_id, profile)
    request = ConversationSummaryList.CreateSummariesRequest({"summaries": [SUMMARY]})
    summaries.create(create_summaries_request=request)
    [found] = summaries.list()
    patch = ConversationSummaryList.SummaryCorePatch({"content": "Another"})
    summaries(found.id).patch(summary_core_patch=patch)
    assert summaries(found.id).fetch().content == "Another"
    summaries(found.id).delete()
    assert summaries.list() == []


@pytest.mark.drives(f"POST {PROFILE}/Recall")
def test_recall(sdk: Client, account: Account, profile: str) -> None:
    """What answers the query best comes first, with a score; without a query the newest."""
    store, store_id = sdk.memory.v1, account.memory_store_id
    facts = ["Likes the blue one", "Lives in Lisbon"]
    request = ObservationList.CreateObservationsRequest(
        {"observations": [{**OBSERVATION, "content": fact} for fact in facts]}
    )
    store.observations(store_id, profile).create(create_observations_request=request)

    def asked(**how: Any) -> list[dict[str, Any]]:
        body = RecallList.MemoryRetrievalRequest(how)
        answer = store.recall(store_id, profile).create(memory_retrieval_request=body)
        return list(answer.observations)

    best, other = asked(query="which blue?")
    assert (best["content"], other["score"]) == (facts[0], 0)
    assert best["score"] > 0
    assert [one["content"] for one in asked(query="blue", relevanceThreshold=0.5)] == facts[:1]
    assert [one["content"] for one in asked()] == facts[::-1]
    assert "score" not in asked(observationsLimit=1)[0]
