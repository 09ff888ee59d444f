"""The typed clients of memory, intelligence and monitor against the sandbox, on a socket."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from bridge_helpers.api.models import TraitDefinition
from bridge_helpers.onboarding.create import create

from ..waiting import until

if TYPE_CHECKING:
    from bridge_helpers.api.session import Session
    from bridge_helpers.onboarding.journal import Journal
    from bridge_helpers.onboarding.plan import Plan

    from ..sandbox_process import Account, SandboxProcess


def test_profiles_from_a_trait_group_to_recall(session: Session, account: Account) -> None:
    """A group is made, people come in a batch, are found, and remembered until they are deleted."""
    memory, store_id = session.memory, account.memory_store_id
    assert {"chat", "phone"} <= set(memory.identity_settings(store_id).id_types)
    identity = TraitDefinition(data_type="STRING", id_type_promotion="chat")
    made = memory.create_trait_group(store_id, "Chat", {"identity": identity})
    assert made.operation_id
    memory.follow(made.operation_id)
    added = memory.add_traits(store_id, "Chat", {"nick": TraitDefinition(data_type="STRING")})
    assert added.operation_id
    memory.follow(added.operation_id)
    [group] = [one for one in memory.trait_groups(store_id) if one.display_name == "Chat"]
    assert set(group.traits or ()) == {"identity", "nick"}

    people: list[dict[str, dict[str, Any]]] = [
        {"Chat": {"identity": f"person {n}", "nick": "x"}} for n in range(3)
    ]
    memory.put_profiles(store_id, people)
    [first] = until(
        lambda: memory.look_up(store_id, "chat", " person 0 "), what="the first of the batch"
    )
    assert memory.create_profile(store_id, people[0]) == first
    assert first in set(memory.profile_ids(store_id))
    assert memory.profile(store_id, first).traits == people[0]
    memory.update_traits(store_id, first, {"Chat": {"nick": None}})
    assert [one.name for one in memory.traits(store_id, first)] == ["identity"]

    memory.add_identifier(store_id, first, "email", "Zero@Example.com")
    assert memory.look_up(store_id, "email", "zero@example.com") == (first,)
    kinds = {one.id_type: one.values for one in memory.identifiers(store_id, first)}
    assert kinds == {"chat": ("person 0",), "email": ("zero@example.com",)}
    assert memory.recall(store_id, first, "anything").observations == ()
    assert [memory.delete_profile(store_id, first) for _ in range(2)] == [True, False]


def test_a_conversation_is_remembered_and_looked_into(
    session: Session, sandbox: SandboxProcess, account: Account, plan: Plan, journal: Journal
) -> None:
    """From a bridge with extraction to observation, summary, recall and an operator's result."""
    memory, store_id = session.memory, account.memory_store_id
    created = create(session, plan, journal=journal)
    profile = memory.create_profile(store_id, {"Contact": {"chat": "zoe"}})
    operator = next(iter(session.intelligence.operators()))
    assert session.intelligence.operator(operator.id) == operator
    rules = [{"operators": [{"id": operator.id}], "triggers": [], "actions": []}]
    body = {"displayName": "rules", "rules": rules}
    with sandbox.client(account) as http:
        linked = http.post("/v3/ControlPlane/Configurations", json=body)
    [configuration] = session.intelligence.configurations()
    assert configuration == session.intelligence.configuration(linked.json()["id"])
    changes = {
        "memoryExtractionEnabled": True,
        "intelligenceConfigurationIds": [configuration.id],
    }
    api = session.orchestrator
    changed = api.update_configuration(created.configuration.id, changes, str(uuid.uuid4()))
    api.follow(changed.operation_id or "")

    talk = session.classic.create_conversation(account.service_sid, "A talk")
    session.classic.add_chat_participant(account.service_sid, talk.sid, "zoe")
    session.classic.send_message(account.service_sid, talk.sid, "zoe", "I like blue.")

    def customer() -> Any:
        twin = next(iter(api.conversations(channel_id=talk.sid)), None)
        people = list(api.participants(twin.id)) if twin else []
        return next((one for one in people if one.profile_id == profile), None)

    zoe = until(customer, what="the customer with a profile")
    named = {
        "name": "Zoe",
        "type": "CUSTOMER",
        "profileId": profile,
        "addresses": [{"channel": "CHAT", "address": "zoe", "channelId": talk.sid}],
    }
    assert api.replace_participant(zoe.conversation_id, zoe.id, named).name == "Zoe"
    assert api.close_conversation(zoe.conversation_id).status == "CLOSED"
    [summary] = until(
        lambda: list(memory.summaries(store_id, profile, zoe.conversation_id)), what="the summary"
    )
    [fact] = memory.observations(store_id, profile, zoe.conversation_id)
    recalled = memory.recall(
        store_id, profile, "blue", conversation_id=zoe.conversation_id, communications=5
    )
    assert [one.content for one in recalled.observations or ()] == [fact.content]
    assert [one.id for one in recalled.summaries or ()] == [summary.id]
    assert recalled.communications is not None
    assert recalled.communications[0].author.profile_id == profile  # type: ignore[union-attr]

    rule = (configuration.rules or ())[0]
    intelligence = session.intelligence
    intelligence.execute_rule(configuration.id, rule.id, zoe.conversation_id)
    [result] = until(
        lambda: list(intelligence.results(conversation_id=zoe.conversation_id)), what="the result"
    )
    assert intelligence.result(result.id) == result
    whole = intelligence.conversation(zoe.conversation_id)
    assert whole.operator_result_ids == (result.id,)
    assert [one.id for one in intelligence.conversations(channel_id=talk.sid)] == [whole.id]
    assert [intelligence.delete_result(result.id) for _ in range(2)] == [True, False]


def test_alerts(session: Session, sandbox: SandboxProcess, account: Account) -> None:
    """By level, with what the debugger says."""
    sandbox.control("alerts", account_sid=account.account_sid, alert_text="Skipped")
    [alert] = session.monitor.alerts(level="warning")
    assert (alert.error_code, alert.alert_text) == ("530001", "Skipped")
    assert list(session.monitor.alerts(level="error")) == []
