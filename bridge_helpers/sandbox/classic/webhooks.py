"""
Webhooks of an account, of a classic service and of a classic conversation.

Source: Twilio docs, conversations (classic) API, and Twilio's OpenAPI. They are kept and shown;
the sandbox delivers nothing.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ..http.answers import Answer, Refusal, bad_request, empty, not_found, ok
from ..http.bodies import form_body
from ..http.pages import classic_page
from ..http.request import Call
from ..world import classic_records as classic
from ..world.clock import iso_seconds
from ..world.records import Url
from . import conversations, services

#: Webhooks of one conversation (Twilio docs: conversations limits).
_MOST = 5

OptionalUrl = Annotated[str, Meta(pattern=r"^(https?://[^\s/]+\S*)?\Z")]
Method = Literal["GET", "POST", "get", "post"]
FlowSid = Annotated[str, Meta(pattern=r"^FW[0-9a-fA-F]{32}\Z")]


class ServiceWebhooks(Struct, kw_only=True, rename="pascal"):
    pre_webhook_url: OptionalUrl | UnsetType = UNSET
    post_webhook_url: OptionalUrl | UnsetType = UNSET
    method: Method | UnsetType = UNSET
    filters: list[str] | UnsetType = UNSET


class AccountWebhooks(ServiceWebhooks, kw_only=True, rename="pascal"):
    target: Literal["webhook", "flex"] | UnsetType = UNSET


class Update(Struct, kw_only=True):
    url: Url | UnsetType = field(default=UNSET, name="Configuration.Url")
    method: Method | UnsetType = field(default=UNSET, name="Configuration.Method")
    filters: list[str] | UnsetType = field(default=UNSET, name="Configuration.Filters")
    triggers: list[str] | UnsetType = field(default=UNSET, name="Configuration.Triggers")
    flow_sid: FlowSid | UnsetType = field(default=UNSET, name="Configuration.FlowSid")


class Create(Update, kw_only=True):
    target: Literal["webhook", "trigger", "studio"] = field(name="Target")
    replay_after: int | UnsetType = field(default=UNSET, name="Configuration.ReplayAfter")


def fetch_of_account(call: Call) -> Answer:
    """GET /v1/Configuration/Webhooks."""
    webhooks = call.account.webhooks
    url = f"{call.base}/v1/Configuration/Webhooks"
    return ok({"account_sid": call.account.sid, **_view(webhooks, url), "target": webhooks.target})


def update_of_account(call: Call) -> Answer:
    """POST /v1/Configuration/Webhooks."""
    request, webhooks = form_body(call, AccountWebhooks), call.account.webhooks
    _write(webhooks, request)
    if request.target is not UNSET:
        webhooks.target = request.target
    return fetch_of_account(call)


def fetch_of_service(call: Call) -> Answer:
    """GET …/Configuration/Webhooks of a service."""
    service = services.find(call)
    url = f"{call.base}/v1/Services/{service.sid}/Configuration/Webhooks"
    shown = _view(service.webhooks, url)
    # An address that is not set is null here, since the specification wants a URI.
    for member in ("pre_webhook_url", "post_webhook_url"):
        shown[member] = shown[member] or None
    return ok({"account_sid": call.account.sid, "chat_service_sid": service.sid, **shown})


def update_of_service(call: Call) -> Answer:
    """POST …/Configuration/Webhooks of a service."""
    service = services.find(call)
    _write(service.webhooks, form_body(call, ServiceWebhooks))
    return fetch_of_service(call)


def _write(webhooks: classic.Webhooks, request: ServiceWebhooks) -> None:
    if request.pre_webhook_url is not UNSET:
        webhooks.pre_url = request.pre_webhook_url
    if request.post_webhook_url is not UNSET:
        webhooks.post_url = request.post_webhook_url
    if request.method is not UNSET:
        webhooks.method = request.method.upper()
    if request.filters is not UNSET:
        webhooks.filters = request.filters


def _view(webhooks: classic.Webhooks, url: str) -> dict[str, Any]:
    return {
        "pre_webhook_url": webhooks.pre_url,
        "post_webhook_url": webhooks.post_url,
        "method": webhooks.method,
        "filters": webhooks.filters,
        "url": url,
    }


def list_all(call: Call) -> Answer:
    """GET …/Webhooks of a conversation, at most five a page."""
    conversation = conversations.find(call)
    return classic_page(
        call,
        conversation.webhooks,
        "webhooks",
        largest=5,
        view=lambda w: view(call, conversation, w),
    )


def create(call: Call) -> Answer:
    """POST …/Webhooks of a conversation."""
    conversation = conversations.find(call)
    request = form_body(call, Create)
    if len(conversation.webhooks) >= _MOST:
        raise Refusal(400, 50212, f"A conversation has at most {_MOST} webhooks")
    if request.target == "studio":
        if request.flow_sid is UNSET:
            raise bad_request("Configuration.FlowSid: must not be null with the target studio")
    elif request.url is UNSET:
        raise bad_request("Configuration.Url: must not be null")
    webhook = classic.ConversationWebhook(
        sid=call.account.ids.sid("WH"),
        target=request.target,
        configuration=_configuration(request),
        created=call.now,
        updated=call.now,
    )
    if request.replay_after is not UNSET:
        webhook.configuration["replay_after"] = request.replay_after
    conversation.webhooks.put(webhook.sid, webhook)
    return ok(view(call, conversation, webhook), 201)


def fetch(call: Call) -> Answer:
    """GET …/Webhooks/{Sid}."""
    conversation = conversations.find(call)
    return ok(view(call, conversation, _find(call, conversation)))


def update(call: Call) -> Answer:
    """POST …/Webhooks/{Sid}."""
    conversation = conversations.find(call)
    webhook = _find(call, conversation)
    webhook.configuration = {**webhook.configuration, **_configuration(form_body(call, Update))}
    webhook.updated = call.now
    return ok(view(call, conversation, webhook))


def delete(call: Call) -> Answer:
    """DELETE …/Webhooks/{Sid}."""
    conversation = conversations.find(call)
    conversation.webhooks.remove(_find(call, conversation).sid)
    return empty()


def _configuration(request: Update) -> dict[str, Any]:
    given = {member: getattr(request, member) for member in Update.__struct_fields__}
    return {member: value for member, value in given.items() if value is not UNSET}


def _find(call: Call, conversation: classic.Conversation) -> classic.ConversationWebhook:
    webhook = conversation.webhooks.get(call.names["Sid"])
    if webhook is None:
        raise not_found(call.path)
    return webhook


def view(
    call: Call, conversation: classic.Conversation, webhook: classic.ConversationWebhook
) -> dict[str, Any]:
    base = f"{call.base}/v1/Services/{conversation.service_sid}/Conversations/{conversation.sid}"
    return {
        "sid": webhook.sid,
        "account_sid": call.account.sid,
        "chat_service_sid": conversation.service_sid,
        "conversation_sid": conversation.sid,
        "target": webhook.target,
        "configuration": webhook.configuration,
        "url": f"{base}/Webhooks/{webhook.sid}",
        "date_created": iso_seconds(webhook.created),
        "date_updated": iso_seconds(webhook.updated),
    }
