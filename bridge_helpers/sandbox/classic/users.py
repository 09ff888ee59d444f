"""
Users of a classic service: whoever took part in a chat by an identity.

Source: Twilio docs, conversations (classic) API, user resource, and Twilio's OpenAPI. A path
takes the identity in place of the sid.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from ..http.answers import Answer, Refusal, empty, not_found, ok
from ..http.bodies import form_body
from ..http.pages import classic_page
from ..http.request import Call
from ..world import classic_records as classic
from ..world import classic_writes
from ..world.clock import iso_seconds
from . import services
from .services import FriendlyName, RoleSid


class Update(Struct, kw_only=True, rename="pascal"):
    friendly_name: FriendlyName | UnsetType = UNSET
    attributes: Annotated[str, Meta(max_length=4_096)] | UnsetType = UNSET
    role_sid: RoleSid | UnsetType = UNSET


class Create(Update, kw_only=True, rename="pascal"):
    identity: Annotated[str, Meta(min_length=1, max_length=256)]


def list_all(call: Call) -> Answer:
    """GET …/Users."""
    service = services.find(call)
    return classic_page(
        call, service.users, "users", largest=50, view=lambda u: view(call, service.sid, u)
    )


def create(call: Call) -> Answer:
    """POST …/Users."""
    service = services.find(call)
    request = form_body(call, Create)
    if classic_writes.find_user(service, request.identity) is not None:
        raise Refusal(409, 50201, f"User {request.identity} exists already")
    user = classic_writes.add_user(call.account, service, call.now, request.identity)
    _write(user, request)
    return ok(view(call, service.sid, user), 201)


def fetch(call: Call) -> Answer:
    """GET …/Users/{Sid}, by sid or identity."""
    return ok(view(call, services.find(call).sid, find(call)))


def update(call: Call) -> Answer:
    """POST …/Users/{Sid}."""
    service, user = services.find(call), find(call)
    _write(user, form_body(call, Update))
    user.updated = call.now
    return ok(view(call, service.sid, user))


def delete(call: Call) -> Answer:
    """DELETE …/Users/{Sid}: it leaves the conversations of the service, what it wrote stays."""
    classic_writes.remove_user(services.find(call), find(call))
    return empty()


def find(call: Call) -> classic.User:
    """The user that the path names, by sid or identity."""
    key = call.names.get("UserSid") or call.names["Sid"]
    user = classic_writes.find_user(services.find(call), key)
    if user is None:
        raise not_found(call.path)
    return user


def _write(user: classic.User, request: Update) -> None:
    for member in Update.__struct_fields__:
        value = getattr(request, member)
        if value is not UNSET:
            setattr(user, member, value)


def url(call: Call, service_sid: str, user: classic.User) -> str:
    return f"{call.base}/v1/Services/{service_sid}/Users/{user.sid}"


def view(call: Call, service_sid: str, user: classic.User) -> dict[str, Any]:
    own = url(call, service_sid, user)
    return {
        "sid": user.sid,
        "account_sid": call.account.sid,
        "chat_service_sid": service_sid,
        "role_sid": user.role_sid,
        "identity": user.identity,
        "friendly_name": user.friendly_name,
        "attributes": user.attributes,
        "is_online": None,
        "is_notifiable": None,
        "date_created": iso_seconds(user.created),
        "date_updated": iso_seconds(user.updated),
        "url": own,
        "links": {"user_conversations": f"{own}/Conversations"},
    }
