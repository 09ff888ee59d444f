"""
The configuration of a classic service, and the account's.

Source: Twilio docs, conversations (classic) API, and Twilio's OpenAPI.
"""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from ..http.answers import Answer, bad_request, ok
from ..http.bodies import form_body
from ..http.request import Call
from ..world.clock import MINUTE
from . import services
from .durations import duration
from .services import MessagingServiceSid, RoleSid, ServiceSid


class ServiceConfiguration(Struct, kw_only=True, rename="pascal"):
    default_conversation_creator_role_sid: RoleSid | UnsetType = UNSET
    default_conversation_role_sid: RoleSid | UnsetType = UNSET
    default_chat_service_role_sid: RoleSid | UnsetType = UNSET
    reachability_enabled: bool | UnsetType = UNSET


class AccountConfiguration(Struct, kw_only=True, rename="pascal"):
    default_chat_service_sid: ServiceSid | UnsetType = UNSET
    default_messaging_service_sid: MessagingServiceSid | UnsetType = UNSET
    default_inactive_timer: str | UnsetType = UNSET
    default_closed_timer: str | UnsetType = UNSET


def fetch_configuration(call: Call) -> Answer:
    """GET /v1/Services/{ChatServiceSid}/Configuration."""
    service = services.find(call)
    url = f"{call.base}/v1/Services/{service.sid}/Configuration"
    body = {
        "chat_service_sid": service.sid,
        "default_conversation_creator_role_sid": service.roles["conversation_creator"],
        "default_conversation_role_sid": service.roles["conversation"],
        "default_chat_service_role_sid": service.roles["chat_service"],
        "reachability_enabled": service.reachability_enabled,
        "url": url,
        "links": {"notifications": f"{url}/Notifications", "webhooks": f"{url}/Webhooks"},
    }
    return ok(body)


def update_configuration(call: Call) -> Answer:
    """POST /v1/Services/{ChatServiceSid}/Configuration."""
    service = services.find(call)
    request = form_body(call, ServiceConfiguration)
    for role in service.roles:
        sid = getattr(request, f"default_{role}_role_sid")
        if sid is not UNSET:
            service.roles[role] = sid
    if request.reachability_enabled is not UNSET:
        service.reachability_enabled = request.reachability_enabled
    return fetch_configuration(call)


def fetch_account_configuration(call: Call) -> Answer:
    """GET /v1/Configuration: tells the account's default service."""
    account, url = call.account, f"{call.base}/v1/Configuration"
    service = account.default_service_sid
    links = {"webhooks": f"{url}/Webhooks"}
    if service:
        links["service"] = f"{call.base}/v1/Services/{service}/Configuration"
    body = {
        "account_sid": account.sid,
        "default_chat_service_sid": service,
        "default_messaging_service_sid": account.default_messaging_service_sid,
        "default_inactive_timer": account.default_timers["inactive"],
        "default_closed_timer": account.default_timers["closed"],
        "url": url,
        "links": links,
    }
    return ok(body)


def update_account_configuration(call: Call) -> Answer:
    """POST /v1/Configuration."""
    request, account = form_body(call, AccountConfiguration), call.account
    for timer, least in (("inactive", MINUTE), ("closed", 10 * MINUTE)):
        text = getattr(request, f"default_{timer}_timer")
        if text is not UNSET:
            member = f"Default{timer.capitalize()}Timer"
            account.default_timers[timer] = duration(text, member, least)
    if request.default_chat_service_sid is not UNSET:
        if request.default_chat_service_sid not in account.services:
            raise bad_request("DefaultChatServiceSid: no such service in this account")
        account.default_service_sid = request.default_chat_service_sid
    if request.default_messaging_service_sid is not UNSET:
        account.default_messaging_service_sid = request.default_messaging_service_sid
    return fetch_account_configuration(call)
