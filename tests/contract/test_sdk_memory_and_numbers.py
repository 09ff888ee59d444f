"""Twilio's SDK drives Conversation Memory, the owned numbers and the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest.memory.v1.identifier import IdentifierList
from twilio.rest.memory.v1.identity_resolution_setting import IdentityResolutionSettingList
from twilio.rest.memory.v1.lookup import LookupList
from twilio.rest.memory.v1.profile import ProfileList
from twilio.rest.memory.v1.store import StoreList

from ..waiting import until

if TYPE_CHECKING:
    from twilio.rest import Client

    from ..sandbox_process import Account

STORE = "/v1/ControlPlane/Stores/{storeId}"
PROFILES = "/v1/Stores/{storeId}/Profiles"
NUMBERS = "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers"


def ended(sdk: Client, status_url: str) -> Any:
    operations = sdk.memory.v1.operations(status_url.rsplit("/", 1)[1])

    def look() -> Any:
        operation = operations.fetch()
        return operation if operation.status in ("COMPLETED", "FAILED", "CANCELLED") else None

    return until(look, what="the memory operation")


@pytest.mark.drives(
    "GET /v1/ControlPlane/Stores",
    "POST /v1/ControlPlane/Stores",
    f"GET {STORE}",
    f"PATCH {STORE}",
    f"DELETE {STORE}",
    "GET /v1/ControlPlane/Operations/{operationId}",
)
def test_store_from_create_to_delete(sdk: Client, account: Account) -> None:
    """A store is made by an operation that names it, becomes ACTIVE, is renamed, and deleted."""
    stores = sdk.memory.v1.stores
    request = StoreList.ServiceRequest({"displayName": "contract-store", "description": "made"})
    operation = ended(sdk, stores.create(service_request=request).status_url)
    assert operation.status == "COMPLETED"
    store_id = operation.result["id"]

    def active() -> bool:
        return bool(stores(store_id).fetch().status == "ACTIVE")

    until(active, what="the store's activation")
    assert stores(store_id).fetch().display_name == "contract-store"
    assert set(stores.list(page_size=1)) == {account.memory_store_id, store_id}

    patch = StoreList.PatchStoreRequest({"displayName": "renamed"})
    accepted = stores(store_id).patch(patch_store_request=patch)
    assert ended(sdk, accepted.status_url).status == "COMPLETED"
    after = stores(store_id).fetch()
    assert (after.display_name, after.description, int(after.version)) == ("renamed", "made", 2)

    stores(store_id).delete()

    def gone() -> bool:
        return bool(stores.list() == [account.memory_store_id])

    until(gone, what="the store's deletion")


def test_stale_if_match_is_412(sdk: Client, account: Account) -> None:
    """A conditional write on an old version is refused with 412."""
    patch = StoreList.PatchStoreRequest({"displayName": "renamed"})
    with pytest.raises(TwilioRestException) as refused:
        sdk.memory.v1.stores(account.memory_store_id).patch(
            patch_store_request=patch, if_match='"999"'
        )
    assert refused.value.status == 412


@pytest.mark.parametrize("name", ["has space", "under_score", "ü", "x" * 65, ""])
def test_store_names_are_strict(sdk: Client, name: str) -> None:
    """Letters, digits and hyphens, at most 64: anything else is 400."""
    with pytest.raises(TwilioRestException) as refused:
        sdk.memory.v1.stores.create(
            service_request=StoreList.ServiceRequest({"displayName": name, "description": "x"})
        )
    assert refused.value.status == 400


def test_at_most_fifteen_stores(sdk: Client) -> None:
    """The sixteenth store of an account is refused."""
    stores = sdk.memory.v1.stores

    def create(number: int) -> Any:
        body = {"displayName": f"store-{number}", "description": "x"}
        return stores.create(service_request=StoreList.ServiceRequest(body))

    accepted = [create(number) for number in range(2, 16)]
    for operation in accepted:
        assert ended(sdk, operation.status_url).status == "COMPLETED"
    assert len(stores.list()) == 15
    with pytest.raises(TwilioRestException):
        create(16)


@pytest.mark.drives(
    f"GET {PROFILES}",
    f"POST {PROFILES}",
    f"POST {PROFILES}/Lookup",
    f"GET {PROFILES}/{{profileId}}",
    f"PATCH {PROFILES}/{{profileId}}",
    f"DELETE {PROFILES}/{{profileId}}",
    f"GET {PROFILES}/{{profileId}}/Identifiers",
    f"POST {PROFILES}/{{profileId}}/Identifiers",
)
def test_profiles(sdk: Client, account: Account) -> None:
    """A profile is found by its identifier, gains another, changes, and is deleted."""
    store = sdk.memory.v1
    store_id = account.memory_store_id
    data = ProfileList.ProfileData({"traits": {"Contact": {"phone": "+15551239999"}}})
    made = store.profiles(store_id).create(profile_data=data)
    assert made.id in store.profiles(store_id).list(page_size=1)

    def found(id_type: str, value: str) -> list[str]:
        identifier = LookupList.Identifier({"idType": id_type, "value": value})
        return store.lookup(store_id).create(identifier=identifier).profiles or []

    until(lambda: found("phone", "+15551239999") == [made.id], what="the lookup by phone")
    assert found("phone", "+15550000000") == []

    identifiers = store.identifiers(store_id, made.id)
    identifier = IdentifierList.Identifier({"idType": "email", "value": "ada@example.com"})
    identifiers.create(identifier=identifier)
    until(lambda: found("email", "ada@example.com") == [made.id], what="the lookup by e-mail")
    listed = identifiers.list()
    assert "ada@example.com" in str([vars(item) for item in listed])

    patch = ProfileList.ProfilePatch({"traits": {"Contact": {"firstName": "Ada"}}})
    store.profiles(store_id)(made.id).patch(profile_patch=patch)
    fetched = until(
        lambda: store.profiles(store_id)(made.id).fetch().traits["Contact"].get("firstName"),
        what="the changed trait",
    )
    assert fetched == "Ada"

    store.profiles(store_id)(made.id).delete()
    until(lambda: made.id not in store.profiles(store_id).list(), what="the profile's deletion")
    assert found("email", "ada@example.com") == []


@pytest.mark.drives(
    f"GET {STORE}/IdentityResolutionSettings", f"PUT {STORE}/IdentityResolutionSettings"
)
def test_identity_resolution_settings(sdk: Client, account: Account) -> None:
    """The settings know the chat identifier that a bridge resolves by, and can be replaced."""
    settings = sdk.memory.v1.identity_resolution_settings(account.memory_store_id)
    before = settings.fetch()
    assert "chat" in {config["idType"] for config in before.identifier_configs}

    core = IdentityResolutionSettingList.IdentityResolutionSettingsCore(
        {"identifierConfigs": [{"idType": "chat"}, {"idType": "phone"}], "matchingRules": ["chat"]}
    )
    accepted = settings.update(identity_resolution_settings_core=core)
    assert ended(sdk, accepted.status_url).status == "COMPLETED"
    after = settings.fetch()
    assert [config["idType"] for config in after.identifier_configs] == ["chat", "phone"]
    assert (after.matching_rules, after.version) == (["chat"], before.version + 1)


@pytest.mark.drives(f"GET {NUMBERS}.json", f"GET {NUMBERS}/{{Sid}}.json")
def test_numbers(sdk: Client, account: Account) -> None:
    """Owned numbers come with their capabilities, page by page, and are found by their digits."""
    numbers = sdk.incoming_phone_numbers
    listed = numbers.list(page_size=1)
    first = next(n for n in listed if n.phone_number == account.phone_number)

    assert len(listed) == 2
    assert first.capabilities["voice"] is True
    assert first.capabilities["sms"] is True
    assert sum(bool(n.capabilities["voice"]) for n in listed) == 1
    assert numbers(first.sid).fetch().phone_number == account.phone_number
    assert [n.sid for n in numbers.list(phone_number=account.phone_number)] == [first.sid]
    assert first.date_created.tzinfo is not None


@pytest.mark.drives(
    f"POST {NUMBERS}.json", f"POST {NUMBERS}/{{Sid}}.json", f"DELETE {NUMBERS}/{{Sid}}.json"
)
def test_number_from_purchase_to_release(sdk: Client) -> None:
    """A number is bought, pointed somewhere, and released."""
    numbers = sdk.incoming_phone_numbers
    bought = numbers.create(phone_number="+15551230088", friendly_name="rehearsal")
    assert (bought.phone_number, bought.friendly_name) == ("+15551230088", "rehearsal")
    assert bought.sid in {n.sid for n in numbers.list()}

    changed = numbers(bought.sid).update(friendly_name="desk", sms_url="https://example.com/sms")
    assert (changed.friendly_name, changed.sms_url) == ("desk", "https://example.com/sms")

    assert numbers(bought.sid).delete() is True
    assert bought.sid not in {n.sid for n in numbers.list()}


@pytest.mark.drives("GET /2010-04-01/Accounts/{Sid}.json", "POST /2010-04-01/Accounts/{Sid}.json")
def test_account(sdk: Client, account: Account) -> None:
    """The account is fetched and renamed by its auth token; an API key may do neither."""
    accounts = sdk.api.v2010.accounts(account.account_sid)
    with pytest.raises(TwilioRestException) as refused:
        accounts.fetch()
    assert (refused.value.status, refused.value.code) == (401, 20003)

    sdk.auth = (account.account_sid, account.auth_token)
    fetched = accounts.fetch()
    assert (fetched.sid, fetched.status) == (account.account_sid, "active")
    assert accounts.update(friendly_name="Renamed").friendly_name == "Renamed"
