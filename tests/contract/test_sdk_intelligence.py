"""Twilio's SDK drives intelligence, from an operator to its results, and the debugger's alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest.intelligence.v3.configuration import ConfigurationList
from twilio.rest.intelligence.v3.operator import OperatorList
from twilio.rest.intelligence.v3.rule_execution import RuleExecutionList

from ..waiting import until
from .memory_world import INTELLIGENCE, OPERATOR, OPERATORS, rule_of

if TYPE_CHECKING:
    import httpx
    from twilio.rest import Client

    from ..sandbox_process import Account, SandboxProcess


def an_operator(sdk: Client, **changes: Any) -> str:
    request = OperatorList.LanguageOperator({**OPERATOR, **changes})
    return str(sdk.intelligence.v3.operators.create(language_operator=request).id)


def configured(sdk: Client, *rules: dict[str, Any]) -> Any:
    body = ConfigurationList.CreateConfigurationRequest(
        {"displayName": "contract", "rules": list(rules)}
    )
    return sdk.intelligence.v3.configurations.create(create_configuration_request=body)


@pytest.mark.drives(
    f"GET {OPERATORS}",
    f"POST {OPERATORS}",
    f"GET {OPERATORS}/{{id}}",
    f"PUT {OPERATORS}/{{id}}",
    f"DELETE {OPERATORS}/{{id}}",
    f"GET {OPERATORS}/{{id}}/Versions",
    f"GET {OPERATORS}/{{id}}/Versions/{{version}}",
)
def test_operator_from_create_to_delete(sdk: Client) -> None:
    """A change makes a version, on condition of the ETag; Twilio's own cannot be changed."""
    operators = sdk.intelligence.v3.operators
    operator_id = an_operator(sdk)
    changed = OperatorList.LanguageOperator({**OPERATOR, "displayName": "Temper"})
    with pytest.raises(TwilioRestException) as stale:
        operators(operator_id).update(language_operator=changed, if_match='"9"')
    assert stale.value.status == 412
    operators(operator_id).update(language_operator=changed, if_match='"1"')
    assert operators(operator_id).fetch().display_name == "Temper"
    versions = sdk.intelligence.v3.versions(operator_id)
    assert [one.version for one in versions.list(page_size=1)] == [1, 2]
    assert versions(1).fetch().display_name == "Mood"

    twilios = [one for one in operators.list(page_size=1) if one.author == "TWILIO"]
    assert twilios
    with pytest.raises(TwilioRestException):
        operators(twilios[0].id).delete()
    assert operators(operator_id).delete() is True
    assert operator_id not in {one.id for one in operators.list()}


@pytest.mark.drives(
    f"GET {INTELLIGENCE}",
    f"POST {INTELLIGENCE}",
    f"GET {INTELLIGENCE}/{{id}}",
    f"PUT {INTELLIGENCE}/{{id}}",
    f"DELETE {INTELLIGENCE}/{{id}}",
)
def test_configuration_from_create_to_delete(sdk: Client) -> None:
    """Without rules at first; a PUT gives it one, another keeps that one by its id."""
    configurations = sdk.intelligence.v3.configurations
    made = configured(sdk)
    assert (made.rules, made.version) == ([], 1)
    operator_id = an_operator(sdk)

    def put(rule: dict[str, Any]) -> Any:
        body = ConfigurationList.UpdateConfigurationRequest(
            {"displayName": "contract", "rules": [rule]}
        )
        return configurations(made.id).update(update_configuration_request=body)

    first = put(rule_of(operator_id))
    again = put({**rule_of(operator_id), "id": first.rules[0]["id"]})
    assert again.rules[0]["id"] == first.rules[0]["id"]
    assert configurations(made.id).fetch().version == 3
    with pytest.raises(TwilioRestException) as refused:
        put(rule_of("intelligence_operator_" + "0" * 26))
    assert refused.value.status == 400
    assert made.id in {one.id for one in configurations.list(page_size=1)}
    assert configurations(made.id).delete() is True
    with pytest.raises(TwilioRestException) as gone:
        configurations(made.id).fetch()
    assert gone.value.status == 404


@pytest.mark.drives(
    "GET /v3/OperatorResults",
    "GET /v3/OperatorResults/{operatorResultId}",
    "DELETE /v3/OperatorResults/{operatorResultId}",
    "GET /v3/Conversations",
    "GET /v3/Conversations/{id}",
    "POST /v3/RuleExecutions",
)
def test_results_of_a_conversation(sdk: Client, http: httpx.Client, account: Account) -> None:
    """Each format in its shape; found by filters; a rule runs again when it is asked to."""
    formats = {form: an_operator(sdk, outputFormat=form) for form in ("TEXT", "JSON")}
    formats["CLASSIFICATION"] = an_operator(sdk, outputFormat="CLASSIFICATION")
    linked = configured(sdk, *(rule_of(operator) for operator in formats.values()))
    conversation = talk(http, account, linked.id)
    results = sdk.intelligence.v3.operator_results

    def three() -> list[Any]:
        found = results.list(conversation_id=conversation, page_size=2)
        return found if len(found) == 3 else []

    found = {one.output_format: one for one in until(three, what="three results")}
    assert set(found) == set(formats)
    assert found["CLASSIFICATION"].result == {"label": "positive"}
    [only] = results.list(conversation_id=conversation, operator_id=formats["TEXT"])
    assert results(only.id).fetch().execution_details["trigger"]["on"] == "COMMUNICATION"

    analysed = sdk.intelligence.v3.conversations
    assert conversation in {
        one.id for one in analysed.list(intelligence_configuration_ids=[linked.id])
    }
    assert analysed.list(operator_ids=["intelligence_operator_" + "0" * 26]) == []
    whole = analysed(conversation).fetch()
    assert [one["content"]["text"] for one in whole.communications] == ["Thank you, great!"]
    assert len(whole.operator_result_ids) == 3

    assert results(only.id).delete() is True
    request = RuleExecutionList.CreateRuleExecutionRequest(
        {
            "intelligenceConfigurationId": linked.id,
            "ruleId": linked.rules[0]["id"],
            "conversationId": conversation,
        }
    )
    sdk.intelligence.v3.rule_executions.create(create_rule_execution_request=request)
    assert len(until(three, what="the result of the execution")) == 3


def talk(http: httpx.Client, account: Account, intelligence_id: str) -> str:
    """A v2 conversation with that intelligence, in which somebody says thank you."""
    plan = {
        "displayName": "contract",
        "description": "x",
        "conversationGroupingType": "GROUP_BY_PROFILE",
        "memoryStoreId": account.memory_store_id,
        "intelligenceConfigurationIds": [intelligence_id],
    }
    accepted = http.post("/v2/ControlPlane/Configurations", json=plan)
    configuration_id = accepted.json()["related"]["configurationId"]
    path = f"/v2/ControlPlane/Configurations/{configuration_id}"
    until(lambda: http.get(path).status_code == 200, what="the configuration")
    made = http.post("/v2/Conversations", json={"configurationId": configuration_id}).json()
    said = {
        "author": {"channel": "SMS", "address": "+15551230043"},
        "content": {"type": "TEXT", "text": "Thank you, great!"},
        "recipients": [{"channel": "SMS", "address": "+15551230042"}],
    }
    answer = http.post(f"/v2/Conversations/{made['id']}/Communications", json=said)
    assert answer.status_code == 201, answer.text
    return str(made["id"])


@pytest.mark.drives("GET /v1/Alerts", "GET /v1/Alerts/{Sid}")
def test_alerts(sdk: Client, account: Account, sandbox: SandboxProcess) -> None:
    """By level, newest first, page by page; one whole."""
    alerts = sdk.monitor.v1.alerts
    assert alerts.list() == []
    sandbox.control("alerts", account_sid=account.account_sid, times=3)
    sandbox.control(
        "alerts", account_sid=account.account_sid, error_code="530004", log_level="error"
    )
    assert len(alerts.list(page_size=2)) == 4
    [error] = alerts.list(log_level="error")
    assert error.error_code == "530004"
    assert alerts(error.sid).fetch().log_level == "error"
    assert alerts.list(log_level="debug") == []
