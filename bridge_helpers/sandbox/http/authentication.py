"""
Who is calling: HTTP Basic with an API key and its secret, or account sid and auth token.

Source: Twilio's OpenAPI (security scheme), Twilio docs on API keys and on the terms of service
(conversations/orchestrator/troubleshooting).
"""

from __future__ import annotations

import re
from base64 import b64decode
from hmac import compare_digest
from typing import TYPE_CHECKING

from .answers import Refusal, unauthorized

if TYPE_CHECKING:
    from starlette.datastructures import Headers

    from ..world.state import Account, World

#: A standard API key may not read its account (Twilio docs: API keys).
_MAIN_ONLY = re.compile(r"/2010-04-01/Accounts/[^/]+\.json")


def credentials(headers: Headers) -> tuple[str, str] | None:
    """User name and password of the Authorization header."""
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (user, password) if colon else None


def claimed_account(world: World, headers: Headers) -> Account | None:
    """The account that the credentials name, right or wrong."""
    given = credentials(headers)
    return (world.keys.get(given[0]) or world.accounts.get(given[0])) if given else None


def authenticate(world: World, headers: Headers, path: str) -> Account:
    """
    The account that the request may act for.

    Raises:
        Refusal: 401/20003 for wrong credentials and for terms not accepted (in Orchestrator's
            error shape, with ``params.field``), 403/20005 for an account that is suspended,
            404/20404 on v2 for one that does not have Orchestrator.
    """
    given = credentials(headers)
    account = claimed_account(world, headers)
    if given is None or account is None:
        raise unauthorized()
    user, password = given
    secret = account.api_secret if user == account.api_key else account.auth_token
    if not compare_digest(password.encode(), secret.encode()):
        raise unauthorized()
    if user == account.api_key and _MAIN_ONLY.fullmatch(path):
        raise unauthorized()
    if account.status != "active" and not _MAIN_ONLY.fullmatch(path):
        raise Refusal(403, 20005, f"Account {account.sid} is {account.status}")
    if _needs_orchestrator(path):
        if not account.terms_accepted:
            raise Refusal(
                401,
                20003,
                "The terms of service have not been accepted for this account",
                shape="orchestrator",
                params={"field": "termsOfService"},
            )
        if not account.orchestrator_enabled and path.startswith("/v2/"):
            raise Refusal(404, 20404, f"The requested resource {path} was not found")
    return account


def _needs_orchestrator(path: str) -> bool:
    return path.startswith(("/v2/", "/v1/ControlPlane/", "/v1/Stores/"))


def within_limits(world: World, account: Account, now: float, at_once: int) -> None:
    """
    Let a request pass if the account has not used up this second, nor its requests at once.

    Raises:
        Refusal: 429/20429, with ``Retry-After: 1`` for the second.
    """
    most = world.settings.concurrent_limit
    if most is not None and at_once > most:
        raise Refusal(429, 20429, "Too many concurrent requests")
    limit = world.settings.rate_limit
    if limit is None:
        account.recent.clear()
        return
    while account.recent and account.recent[0] <= now - 1.0:
        account.recent.popleft()
    if len(account.recent) >= limit:
        raise Refusal(429, 20429, "Too many requests", headers={"Retry-After": "1"})
    account.recent.append(now)
