"""The whole state as JSON, for comparing two runs and for looking inside. No secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from ..world.state import Account, World


def state(world: World, accounts: list[Account]) -> dict[str, Any]:
    """The same for the same seed, the same requests and a frozen clock."""
    return {
        "seed": world.seed,
        "now": world.clock.now(),
        "settings": world.settings,
        "accounts": [_account(account) for account in accounts],
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        "account_sid": account.sid,
        "name": account.name,
        "status": account.status,
        "terms_accepted": account.terms_accepted,
        "orchestrator_enabled": account.orchestrator_enabled,
        "classic": {
            "default_service_sid": account.default_service_sid,
            "services": [_service(service) for service in account.services],
            "webhooks": account.webhooks,
            "addresses": list(account.addresses),
        },
        "numbers": list(account.numbers),
        "messaging": [
            {
                "sid": service.sid,
                "friendly_name": service.friendly_name,
                "settings": service.settings,
                "numbers": list(service.members),
            }
            for service in account.messaging_services
        ],
        "memory": [
            {
                "store": store.record,
                "profiles": list(store.profiles),
                "identifiers": store.identifiers,
                "merged": store.merged,
                "memories": {
                    profile_id: {
                        "observations": list(known.observations),
                        "summaries": list(known.summaries),
                    }
                    for profile_id, known in store.memories.items()
                },
                "trait_groups": list(store.trait_groups),
                "resolution": store.resolution,
            }
            for store in account.stores
        ],
        "alerts": list(account.alerts),
        "intelligence": {
            "configurations": list(account.intelligence),
            "operators": list(account.operators),
            "results": list(account.results),
        },
        "orchestrator": {
            "configurations": list(account.configurations),
            "operations": list(account.operations.values()),
            "conversations": [
                {
                    "conversation": conversation.record,
                    "classic_sid": conversation.classic.sid if conversation.classic else None,
                    "communications": list(conversation.communications),
                    "actions": list(conversation.actions.values()),
                }
                for conversation in account.conversations
            ],
        },
    }


def _service(service: Any) -> dict[str, Any]:
    members = {
        name: getattr(service, name)
        for name in ("sid", "friendly_name", "created", "updated", "roles", "unique_names")
    }
    conversations = []
    for conversation in service.conversations:
        shown = msgspec.structs.asdict(conversation)
        shown["participants"] = list(conversation.participants)
        shown["messages"] = list(conversation.messages)
        shown["webhooks"] = list(conversation.webhooks)
        conversations.append(shown)
    users = list(service.users)
    return {**members, "webhooks": service.webhooks, "users": users, "conversations": conversations}
