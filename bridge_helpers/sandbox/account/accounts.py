"""
The account itself, of the 2010 API.

Source: Twilio docs, account API, and Twilio's OpenAPI.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ..http.answers import Answer, ok, unauthorized
from ..http.bodies import form_body
from ..http.request import Call
from ..world.clock import rfc2822


class Update(Struct, kw_only=True, rename="pascal"):
    friendly_name: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    status: Literal["active", "suspended", "closed"] | UnsetType = UNSET


def own(call: Call) -> None:
    """The account in the path has to be the one that the credentials belong to."""
    if (call.names.get("AccountSid") or call.names["Sid"]) != call.account.sid:
        raise unauthorized()


def fetch(call: Call) -> Answer:
    """GET /2010-04-01/Accounts/{Sid}.json: for the auth token and main keys only."""
    own(call)
    return ok(view(call))


def update(call: Call) -> Answer:
    """POST /2010-04-01/Accounts/{Sid}.json."""
    own(call)
    request = form_body(call, Update)
    if request.friendly_name is not UNSET:
        call.account.name = request.friendly_name
    if request.status is not UNSET:
        call.account.status = request.status
    return ok(view(call))


def view(call: Call) -> dict[str, Any]:
    account = call.account
    base = f"/2010-04-01/Accounts/{account.sid}"
    return {
        "sid": account.sid,
        "owner_account_sid": account.sid,
        "friendly_name": account.name,
        "status": account.status,
        "type": "Full",
        "auth_token": account.auth_token,
        "date_created": rfc2822(account.created),
        "date_updated": rfc2822(account.created),
        "uri": f"{base}.json",
        "subresource_uris": {"incoming_phone_numbers": f"{base}/IncomingPhoneNumbers.json"},
    }
