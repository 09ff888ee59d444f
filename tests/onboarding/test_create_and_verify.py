"""The bridge and its proof, on a real socket."""

from __future__ import annotations

import dataclasses
import json
import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from bridge_helpers.api.documents import bridging
from bridge_helpers.api.models import CaptureRule
from bridge_helpers.api.retries import Limits
from bridge_helpers.errors import (
    BridgeDiffers,
    ChecksFailed,
    InvalidInput,
    NotProven,
    OperationFailed,
)
from bridge_helpers.onboarding.channels import Capture
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.explore import drill, explore
from bridge_helpers.onboarding.journal import Scope
from bridge_helpers.onboarding.plan import Plan
from bridge_helpers.onboarding.verify import REPLY, TO_CLASSIC, TO_ORCHESTRATOR, Lane, verify

from ..commands import parsed

if TYPE_CHECKING:
    from bridge_helpers.api.session import Session
    from bridge_helpers.onboarding.journal import Journal

    from ..sandbox_process import Account, SandboxProcess


def writes(sandbox: SandboxProcess) -> list[dict[str, Any]]:
    log = sandbox.read("requests")["log"]
    return [line for line in log if line["method"] != "GET"]


def test_created_then_adopted(
    session: Session, plan: Plan, journal: Journal, sandbox: SandboxProcess
) -> None:
    """The first run creates; the second finds it and sends no write."""
    first = create(session, plan, journal=journal)
    assert first.outcome == "created"
    assert first.configuration.service_sid == plan.service_sid
    assert first.operation_id
    sandbox.forget("requests")
    second = create(session, plan, journal=journal)
    assert (second.outcome, second.configuration.id) == ("adopted", first.configuration.id)
    assert writes(sandbox) == []


def test_the_body_that_arrives_is_the_plans(
    session: Session, account: Account, plan: Plan, journal: Journal, sandbox: SandboxProcess
) -> None:
    """With a voice number, exactly the guide's request, under a key of its own."""
    voice = Plan(
        service_sid=plan.service_sid,
        memory_store_id=plan.memory_store_id,
        voice_number=account.phone_number,
        grouping="GROUP_BY_PROFILE",
    )
    sandbox.forget("requests")
    create(session, voice, journal=journal)
    (post,) = writes(sandbox)
    assert json.loads(post["body"]) == voice.body()
    assert post["headers"]["idempotency-key"] == journal.history()[0].key


def test_a_number_that_cannot_be_called_is_refused_before_the_write(
    session: Session, plan: Plan, journal: Journal, sandbox: SandboxProcess
) -> None:
    """Create looks for itself: whoever calls it without preflight gets the same answer."""
    silent = next(one.phone_number for one in session.numbers.owned() if not one.voice)
    sandbox.forget("requests")
    for number, words in ((silent, "no voice"), ("+15005550006", "not owned")):
        voice = dataclasses.replace(plan, voice_number=number)
        with pytest.raises(ChecksFailed, match=words):
            create(session, voice, journal=journal)
    assert writes(sandbox) == []
    assert journal.history() == []


def test_messaging_rules_beside_the_bridge_never_reach_the_service(
    session: Session, plan: Plan, journal: Journal, sandbox: SandboxProcess
) -> None:
    """A plan that captures SMS too is refused before any write."""
    sms = Capture("SMS", (CaptureRule(from_="*", to="+15551234567"),))
    sandbox.forget("requests")
    with pytest.raises(InvalidInput, match="same traffic"):
        create(session, dataclasses.replace(plan, captures=(sms,)), journal=journal)
    assert writes(sandbox) == []


def test_another_plan_is_a_readable_difference(
    session: Session, plan: Plan, journal: Journal
) -> None:
    """A service that is bridged otherwise is left as it is, and the difference is told."""
    first = create(session, plan, journal=journal)
    other = Plan(
        service_sid=plan.service_sid,
        memory_store_id=plan.memory_store_id,
        display_name="Other",
    )
    with pytest.raises(BridgeDiffers) as differs:
        create(session, other, journal=journal)
    assert differs.value.configuration_id == first.configuration.id
    assert differs.value.differences == (("display_name", "Other", "classic-bridge-config"),)
    assert "classic-bridge-config" in str(differs.value)
    [change] = re.findall(r"`(bridge-workbook change [^`]+)`", differs.value.action)
    assert parsed(change)["service_sid"] == plan.service_sid


def test_a_failed_operation_says_why_and_the_next_run_succeeds(
    session: Session, plan: Plan, journal: Journal, sandbox: SandboxProcess
) -> None:
    """FAILED is told as title, detail and what to do; a new run has a new key."""
    sandbox.fault("operation-fails")
    with pytest.raises(OperationFailed) as failed:
        create(session, plan, journal=journal)
    assert failed.value.why
    assert failed.value.action
    assert bridging(session.orchestrator.configurations(), plan.service_sid) is None
    assert create(session, plan, journal=journal).outcome == "created"
    assert len({attempt.key for attempt in journal.history()}) == 2


def test_what_an_earlier_run_began_and_failed_does_not_end_this_one(
    session: Session, plan: Plan, journal: Journal, sandbox: SandboxProcess
) -> None:
    """A run that died after its POST left a key; repeating it leads to an operation that failed."""
    sandbox.fault("operation-fails")
    left = journal.begin(Scope.of(session, plan.service_sid), str(uuid.uuid4()), plan.body())
    session.orchestrator.create_configuration(left.body, left.key)
    done = create(session, plan, journal=journal)
    assert done.outcome == "created"
    assert "An earlier run's" in done.notes[0]
    states = [attempt.state for attempt in journal.history()]
    assert states == ["completed", "failed"]


def test_a_configuration_that_is_gone_is_let_go(
    session: Session, plan: Plan, journal: Journal
) -> None:
    """The journal's entry is no reason to believe that the bridge stands."""
    first = create(session, plan, journal=journal)
    accepted = session.orchestrator.delete_configuration(
        first.configuration.id, "6b9f0c1e-0000-4000-8000-000000000001"
    )
    session.orchestrator.follow(accepted.operation_id or "")
    again = create(session, plan, journal=journal)
    assert again.outcome == "created"
    assert again.configuration.id != first.configuration.id
    assert first.configuration.id in again.notes[0]


def test_messages_cross_and_nothing_is_left(session: Session, plan: Plan, journal: Journal) -> None:
    """Three lanes with their seconds; afterwards neither side knows the test conversation."""
    create(session, plan, journal=journal)
    before = len(list(session.classic.conversations(plan.service_sid)))
    seen = verify(session, plan.service_sid, timeout=10, rounds=2)
    assert seen.verified
    assert [lane.name for lane in seen.lanes] == [TO_ORCHESTRATOR, REPLY, TO_CLASSIC]
    assert all(len(lane.seconds) == lane.sent == 2 for lane in seen.lanes)
    assert seen.to_orchestrator_seconds is not None
    assert 0 < seen.to_orchestrator_seconds < 5
    assert len(list(session.classic.conversations(plan.service_sid))) == before
    assert list(session.orchestrator.conversations()) == []
    assert len(seen.cleaned) == 4


@pytest.mark.parametrize("direction", ["to_orchestrator", "to_classic"])
def test_a_lost_message_is_not_proven(
    session: Session, plan: Plan, journal: Journal, sandbox: SandboxProcess, direction: str
) -> None:
    """The verdict says which way failed and what to look at; the test is tidied up."""
    create(session, plan, journal=journal)
    sandbox.fault("sync-lost", direction=direction)
    seen = verify(session, plan.service_sid, timeout=1.0)
    assert not seen.verified
    with pytest.raises(NotProven) as not_proven:
        seen.require()
    lane = TO_ORCHESTRATOR if direction == "to_orchestrator" else TO_CLASSIC
    assert lane in not_proven.value.why
    assert "Debugger" in not_proven.value.action
    assert seen.cleaned


def test_a_refused_action_leaves_the_reply_as_the_way_back(
    session: Session, plan: Plan, journal: Journal, sandbox: SandboxProcess
) -> None:
    """An account whose Orchestrator does not send is verified by the reply, with a warning."""
    create(session, plan, journal=journal)
    sandbox.fault("status", status=403, path=".*/Actions", times=None)
    seen = verify(session, plan.service_sid, timeout=10)
    assert seen.verified
    assert seen.lane(TO_CLASSIC).state == "not tested"
    assert seen.to_classic_seconds == seen.lane(REPLY).median
    assert [finding.level for finding in seen.findings] == ["warning"]


def test_lost_answers_do_not_double_the_test(
    session: Session, plan: Plan, journal: Journal, sandbox: SandboxProcess
) -> None:
    """Classic has no idempotency keys: a write whose answer is lost is looked for, not repeated."""
    create(session, plan, journal=journal)
    for path in (".*/Conversations", ".*/Participants", ".*/Messages"):
        sandbox.fault("drop-after", method="POST", path=f"/v1/Services/IS[0-9a-f]+{path}$")
    sandbox.forget("requests")
    assert verify(session, plan.service_sid, timeout=10).verified
    posts = [line["path"] for line in writes(sandbox) if line["method"] == "POST"]
    assert sum(path.endswith("/Conversations") for path in posts) == 1
    assert sum(path.endswith("/Participants") for path in posts) == 2
    assert sum(path.endswith("/Messages") for path in posts) == 2


def test_conversations_are_listed_from_all_pages(
    session: Session, plan: Plan, journal: Journal, sandbox: SandboxProcess, account: Account
) -> None:
    """More than one page of a thousand, filtered by bridged service, and one looked into."""
    sandbox.control("seed", account_sid=account.account_sid, orchestrator_conversations=1200)
    created = create(session, plan, journal=journal)
    sandbox.control("customer-writes", account_sid=account.account_sid, body="=1+1", identity="ana")
    sandbox.advance(5)
    found = explore(session)
    assert found.complete
    assert len(found.table) == 1201
    ours = explore(session, service_sid=plan.service_sid).table
    assert len(ours) == 1
    row = ours.iloc[0]
    assert row["configuration_id"] == created.configuration.id
    assert row["channel_ids"].startswith("CH")
    participants, communications = drill(session, row["conversation_id"])
    assert "ana" in participants.iloc[0]["addresses"]
    assert communications["text"].tolist() == ["=1+1"]


def test_pages_that_were_read_survive_a_failing_one(
    session: Session, sandbox: SandboxProcess, account: Account
) -> None:
    """The table holds what was read, and says that it is not all."""
    session.http.limits = Limits(attempts=2, first_wait=0.01)
    sandbox.control("seed", account_sid=account.account_sid, orchestrator_conversations=1500)
    sandbox.fault("status", status=503, path="/v2/Conversations$", after=1, times=None)
    found = explore(session)
    assert not found.complete
    assert found.error is not None
    assert len(found.table) == 1000


def test_an_unknown_status_is_refused(session: Session) -> None:
    """Before any request, with the choices."""
    with pytest.raises(InvalidInput, match="ACTIVE, INACTIVE, CLOSED"):
        explore(session, status=("OPEN",))


@pytest.mark.parametrize(
    ("count", "expected"), [(0, None), (1, 1), (2, 2), (10, 10), (19, 19), (20, 19), (100, 95)]
)
def test_the_95th_percentile_is_of_the_nearest_rank(count: int, expected: int | None) -> None:
    """The smallest that was seen which at least 95 of 100 do not exceed."""
    seconds = tuple(float(number) for number in range(count, 0, -1))
    assert Lane("x", seconds, count).p95 == expected
