"""
What will react to a test message: looked at before one is sent, so that it can be named.

Sources: Twilio docs on Conversations webhooks (a write by REST calls them only when it
carries `X-Twilio-Webhook-Enabled: true`, which the test's do not), on Orchestrator's status
callbacks and on Conversation Intelligence (operators with the trigger COMMUNICATION);
OpenAPI for conversations v1 for the shape of the webhooks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..api.models import Configuration, Webhooks
from ..api.session import Session
from ..errors import BridgeError, Cancelled
from ..progress import current_context
from . import links
from .findings import Finding
from .options import place

NOT_CALLED: Final = (
    "Twilio calls them for a write by REST only when the write asks for it, and the test's do "
    "not. A message that Orchestrator writes into classic may call them."
)


def reactions(
    session: Session, service_sid: str, configuration: Configuration | None = None
) -> tuple[Finding, ...]:
    """
    Everything that may react to messages in a service, as findings.

    Args:
        configuration: The one that bridges the service; None: nothing is said of
            callbacks and intelligence.

    Returns:
        `ok` where there is nothing, `info` where something is set, and `warning` where
        something could not be looked at. Never raises for a look that is refused.

    Raises:
        Cancelled: Stopped in between.
    """
    current_context().say("Looking at what will react to a test message")
    classic = session.classic
    found = [
        _looked("account webhooks", lambda: _account(classic.account_webhooks())),
        _looked("service webhooks", lambda: _service(classic.service_webhooks(service_sid))),
        _looked("Studio", lambda: _studio(session, service_sid)),
    ]
    if configuration is not None:
        found += [_callbacks(configuration), _intelligence(configuration)]
        if configuration.memory_extraction_enabled:
            found.append(_extraction())
    return tuple(found)


def conversation_reactions(
    session: Session, service_sid: str, conversation_sid: str
) -> tuple[Finding, ...]:
    """What the test conversation itself calls: nothing, unless a default of the service did it."""

    def look() -> Finding:
        listed = session.classic.conversation_webhooks(service_sid, conversation_sid)
        targets = [one.target or "webhook" for one in listed]
        if not targets:
            return Finding("conversation webhooks", "ok", "The test conversation has none.")
        return Finding(
            "conversation webhooks",
            "info",
            f"The test conversation was made with webhooks of its own: {', '.join(targets)}.",
            "They react to the test's messages; a target studio starts a flow.",
        )

    found = _looked("conversation webhooks", look)
    return () if found.level == "ok" else (found,)


def _looked(check: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except Cancelled:
        raise
    except BridgeError as error:
        return Finding(
            check,
            "warning",
            f"They could not be looked at. {error.what} {error.why}".rstrip(),
            "Something that is not named here may react to the test's messages.",
            "Look in the Console, or use a key that may read them.",
        )


def _account(webhooks: Webhooks) -> Finding:
    words = _webhooks(webhooks)
    if (webhooks.target or "").lower() == "flex":
        return Finding(
            "Flex",
            "info",
            f"The account's events go to Flex. {words}".rstrip(),
            f"Flex may open tasks for conversations. {NOT_CALLED}",
        )
    if not words:
        return Finding("account webhooks", "ok", "The account has none.")
    return Finding("account webhooks", "info", f"The account has webhooks. {words}", NOT_CALLED)


def _service(webhooks: Webhooks) -> Finding:
    words = _webhooks(webhooks)
    if not words:
        return Finding("service webhooks", "ok", "The service has none.")
    return Finding("service webhooks", "info", f"The service has webhooks. {words}", NOT_CALLED)


def _studio(session: Session, service_sid: str) -> Finding:
    """Flows start from addresses; a conversation made by REST has none of its own."""
    numbers = [
        one.address or one.sid
        for one in session.classic.addresses()
        if one.auto_creation
        and (one.auto_creation.type or "").lower() == "studio"
        and (one.auto_creation.conversation_service_sid or "").lower() == service_sid.lower()
    ]
    if not numbers:
        return Finding("Studio", "ok", "No address of the service starts a flow.")
    return Finding(
        "Studio",
        "info",
        f"Inbound messages to {_some(numbers)} start a Studio flow.",
        "The test has chat identities only and comes in by no address, so none starts.",
    )


def _callbacks(configuration: Configuration) -> Finding:
    urls = [place(one.url) for one in configuration.status_callbacks or ()]
    if not urls:
        return Finding("status callbacks", "ok", "The configuration has none.")
    return Finding(
        "status callbacks",
        "info",
        f"Every event of the test conversation is sent to {_some(urls)}.",
        "What is behind it takes the test for a customer's conversation.",
        "Tell its owner before the test; the identities begin with bridge-test-.",
    )


def _intelligence(configuration: Configuration) -> Finding:
    ids = list(configuration.intelligence_configuration_ids or ())
    if not ids:
        return Finding("intelligence", "ok", "The configuration links none.")
    return Finding(
        "intelligence",
        "info",
        f"Linked: {_some(ids)}.",
        "Operators with the trigger COMMUNICATION run on every test message and are billed.",
        "Look at their rules in the Console.",
        links.ORCHESTRATOR,
    )


def _extraction() -> Finding:
    return Finding(
        "memory extraction",
        "info",
        "It is on: it runs when a conversation becomes INACTIVE or CLOSED.",
        "The test conversation is removed before that, so nothing of it is extracted, unless "
        "the timeouts are shorter than the test.",
    )


def _webhooks(webhooks: Webhooks) -> str:
    """Where they go and for which events, a sentence or two; empty when nowhere."""
    urls = [
        f"{when} events to {place(url)}"
        for when, url in (("pre", webhooks.pre_webhook_url), ("post", webhooks.post_webhook_url))
        if url
    ]
    if not urls:
        return ""
    events = f" Events: {_some(list(webhooks.filters))}." if webhooks.filters else ""
    return f"They send {' and '.join(urls)}.{events}"


def _some(things: list[str]) -> str:
    shown = ", ".join(things[:5])
    return f"{shown} and {len(things) - 5} more" if len(things) > 5 else shown
