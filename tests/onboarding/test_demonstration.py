"""A demonstration of memory: every stage, each of them failing in turn, and nothing left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest

from bridge_helpers.api.memory import Memory
from bridge_helpers.api.models import (
    Conversation,
    IntelligenceConfiguration,
    IntelligenceRule,
    Observation,
    OperatorReference,
    OperatorResult,
    Recall,
    RuleOperator,
    Summary,
    TraitDefinition,
    TraitGroup,
    Trigger,
)
from bridge_helpers.errors import Cancelled, ChecksFailed, NotBridged, NotFound, ServerError
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.demonstrate import STAGES, Demonstrated, announce, demonstrate
from bridge_helpers.onboarding.plan import Plan
from bridge_helpers.onboarding.proof.conversation import ProofConversation
from bridge_helpers.onboarding.proof.names import is_ours
from bridge_helpers.onboarding.sweep import sweep

if TYPE_CHECKING:
    from bridge_helpers.api.session import Session
    from bridge_helpers.onboarding.journal import Journal
    from bridge_helpers.progress import Progress

    from ..sandbox_process import Account, SandboxProcess

INTELLIGENCE = "intelligence_configuration_1"
CONTACT = TraitGroup(
    display_name="Contact",
    traits={"email": TraitDefinition(data_type="STRING", id_type_promotion="email")},
)


def of_a_test(conversation: Conversation) -> bool:
    """Whether a test's identity takes part."""
    people = conversation.participants or ()
    return any(is_ours(one.address) for who in people for one in who.addresses or ())


class Made(Memory):
    """
    The sandbox's store, and what is made of a conversation once it is closed.

    Attributes:
        never: What is not made: observation, summary or recall.
        refused: What the service fails at.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session.http)
        self._session = session
        self.never: set[str] = set()
        self.refused: set[str] = set()
        self.profile_id = ""

    def trait_groups(self, store_id: str) -> Any:
        return [CONTACT]

    def create_profile(self, store_id: str, traits: Any) -> str:
        self._refuse("profile")
        self.profile_id = super().create_profile(store_id, traits)
        identity = traits["Contact"]["email"].partition("@")[0]
        super().add_identifier(store_id, self.profile_id, "chat", identity)
        return self.profile_id

    def observations(self, store_id: str, profile_id: str, conversation_id: str = "") -> Any:
        return self._made("observation", Observation(content="Likes chamomile tea."))

    def summaries(self, store_id: str, profile_id: str, conversation_id: str = "") -> Any:
        return self._made("summary", Summary(content="The customer introduced herself."))

    def recall(self, store_id: str, profile_id: str, query: str = "", **_: Any) -> Recall:
        found = self._made("recall", Observation(content="Likes chamomile tea."))
        return Recall(observations=tuple(found))

    def _made(self, what: str, one: Any) -> list[Any]:
        self._refuse(what)
        closed = self._session.orchestrator.conversations(status=("CLOSED",))
        return [one] if what not in self.never and any(map(of_a_test, closed)) else []

    def _refuse(self, what: str) -> None:
        if what in self.refused:
            raise ServerError("Twilio could not do this.", "Try again later.", status=500)


class Ran:
    """Intelligence with one rule, and its results."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.never = False
        self.rules = 1
        self.deleted: set[str] = set()

    def configuration(self, configuration_id: str) -> IntelligenceConfiguration:
        rule = IntelligenceRule(
            id="rule",
            operators=(RuleOperator(id="operator"),),
            triggers=(Trigger(on="CONVERSATION_END"),),
        )
        return IntelligenceConfiguration(id=configuration_id, rules=(rule,) * self.rules)

    def operator(self, operator_id: str) -> Any:
        return SimpleNamespace(display_name="Sentiment")

    def results(self, *, conversation_id: str = "", **_: Any) -> Iterator[OperatorResult]:
        if conversation_id and not self.never and "result" not in self.deleted:
            yield OperatorResult(id="result", operator=OperatorReference(id="operator"))

    def delete_result(self, result_id: str) -> bool:
        self.deleted.add(result_id)
        return True


class Show:
    """A bridged account with memory on, and the demonstration on it."""

    def __init__(self, session: Session, account: Account, journal: Journal) -> None:
        self.session, self.account = session, account
        self.memory, self.intelligence = Made(session), Ran(session)
        cast("Any", session).memory = self.memory
        cast("Any", session).intelligence = self.intelligence
        create(
            session,
            Plan(
                service_sid=account.service_sid,
                memory_store_id=account.memory_store_id,
                memory_extraction=True,
                intelligence=INTELLIGENCE,
            ),
            journal=journal,
        )
        self.profiles = set(self.memory.profile_ids(account.memory_store_id))

    def run(self, timeout: float = 0.8, **options: Any) -> Demonstrated:
        return demonstrate(self.session, self.account.service_sid, timeout=timeout, **options)

    def left(self) -> list[str]:
        """What of a test is in the account."""
        session, service = self.session, self.account.service_sid
        profiles = set(self.memory.profile_ids(self.account.memory_store_id)) - self.profiles
        users = (one.identity for one in session.classic.users(service))
        named = (one.unique_name for one in session.classic.conversations(service))
        twins = [one.id for one in session.orchestrator.conversations() if of_a_test(one)]
        return [*profiles, *(one for one in (*users, *named) if one and is_ours(one)), *twins]


@pytest.fixture
def show(
    session: Session, account: Account, journal: Journal, sandbox: SandboxProcess
) -> Iterator[Show]:
    yield Show(session, account, journal)
    sandbox.forget("faults")
    sandbox.control("settings", bridged_participants="unknown")


def test_from_a_message_to_what_memory_recalls(show: Show) -> None:
    """Every stage with its seconds, in order, and nothing of it is left."""
    told: list[str] = []

    def follow(now: Progress) -> None:
        told.append(now.message)

    shown = show.run(on_progress=follow)
    assert shown.shown, shown.stages
    assert [one.state for one in shown.stages] == ["done"] * len(STAGES), shown.stages
    times = [shown.stage(name).seconds or 0 for name in ("profile", "message", "closed", "recall")]
    assert times == sorted(times)
    assert "chamomile" in shown.recalled[0]
    assert shown.verdict.startswith("Memory recalled the fact after ")
    assert "Sentiment" in shown.stage("operator result").detail
    assert show.left() == []
    assert show.intelligence.deleted == {"result"}
    assert shown.findings == ()
    # Costs and reactions were told before anything was made.
    assert next(i for i, one in enumerate(told) if one.startswith("cost: ")) < next(
        i for i, one in enumerate(told) if one.startswith("profile: ")
    )


def test_what_it_costs_and_who_reacts_is_said_without_writing(
    show: Show, sandbox: SandboxProcess
) -> None:
    """Operators are counted; nothing claims that nothing will be extracted."""
    sandbox.forget("requests")
    named = announce(show.session, show.account.service_sid)
    assert sandbox.writes() == []
    costs = [one for one in named if one.check == "cost"]
    assert "1 operator runs" in costs[0].found
    assert [one for one in named if one.check == "memory extraction"] == []
    assert [one for one in named if one.check == "intelligence"]


def never(what: str) -> Callable[[Show], None]:
    return lambda show: show.memory.never.add(what)


def refused(what: str) -> Callable[[Show], None]:
    return lambda show: show.memory.refused.add(what)


@pytest.mark.parametrize(
    ("stage", "spoil", "words"),
    [
        ("profile", refused("profile"), "Twilio could not do this. Try again later."),
        ("observation", never("observation"), "None came within"),
        ("observation", refused("observation"), "None came within 1 s. Twilio could not do this."),
        ("summary", never("summary"), "None came within"),
        (
            "operator result",
            lambda show: setattr(show.intelligence, "never", True),
            "None came within",
        ),
        ("recall", never("recall"), "memory gave nothing within"),
        ("recall", refused("recall"), "Twilio could not do this."),
    ],
)
def test_a_stage_that_does_not_come_is_named(
    show: Show, stage: str, spoil: Callable[[Show], None], words: str
) -> None:
    """Which one, and what was waited for; the others come, and nothing is left."""
    spoil(show)
    shown = show.run()
    assert shown.stage(stage).state == "failed"
    assert words in shown.stage(stage).detail
    assert f"{stage}: " in shown.verdict
    others = {one.state for one in shown.stages if one.name != stage}
    assert others == ({"not reached"} if stage == "profile" else {"done"})
    assert shown.shown is (stage not in ("profile", "recall"))
    assert show.left() == []


def test_a_message_that_does_not_cross_ends_it(show: Show, sandbox: SandboxProcess) -> None:
    """It says so, and that the bridge has to be tested first."""
    sandbox.control("settings", lag=600)
    try:
        shown = show.run(timeout=0.5)
    finally:
        sandbox.control("settings", lag=0.1)
    assert shown.stage("message").state == "failed"
    assert "was not seen in Orchestrator" in shown.stage("message").detail
    assert shown.stage("recall").state == "not reached"
    assert "message" in shown.stage("recall").detail


def test_a_customer_who_stays_unknown_is_made_one_by_the_test(show: Show) -> None:
    """Without the chat identity in the store; it is said that a real customer would stay so."""

    def only_by_email(store_id: str, traits: Any) -> str:
        return Memory.create_profile(show.memory, store_id, traits)

    cast("Any", show.memory).create_profile = only_by_email
    shown = show.run(timeout=0.8)
    assert "stayed UNKNOWN" in shown.stage("customer").detail
    assert "A real customer would stay unknown" in shown.stage("customer").detail
    assert shown.shown
    assert show.left() == []


def test_without_a_rule_no_result_is_waited_for(show: Show) -> None:
    """It is left out, which is no failure."""
    show.intelligence.rules = 0
    shown = show.run()
    assert shown.stage("operator result").state == "left out"
    assert shown.shown
    assert shown.verdict.count(":") == 0


def test_results_are_removed_whatever_the_twin_tells_of_its_birth(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What links intelligence is the bridge; a conversation need not repeat it."""
    api = show.session.orchestrator
    read, listed = api.conversation, api.conversations

    def bare(one: Conversation) -> Conversation:
        born = one.configuration and msgspec.structs.replace(
            one.configuration, intelligence_configuration_ids=None
        )
        return msgspec.structs.replace(one, configuration=born)

    monkeypatch.setattr(api, "conversation", lambda one: bare(read(one)))
    monkeypatch.setattr(api, "conversations", lambda **some: list(map(bare, listed(**some))))
    assert show.run().shown
    assert show.intelligence.deleted == {"result"}


def test_what_cannot_be_removed_is_told_once(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """The profile is found in two ways, and named in one finding."""

    def refuse(*_: Any) -> bool:
        raise ServerError("Twilio could not do this.", "Try again later.", status=500)

    monkeypatch.setattr(show.memory, "delete_profile", refuse)
    shown = show.run()
    assert len([one for one in shown.findings if "profile" in one.found]) == 1


def test_intelligence_that_may_not_be_read_is_not_said_to_have_no_rule(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its operators may run, so that is said before; the rest is shown all the same."""

    def refuse(_: str) -> Any:
        raise ServerError("Twilio could not do this.", "Try again later.", status=500)

    monkeypatch.setattr(show.intelligence, "configuration", refuse)
    shown = show.run()
    result = shown.stage("operator result")
    assert result.state == "left out"
    assert "could not be read" in result.detail
    assert shown.shown
    [cost] = [one for one in shown.reactions if one.check == "cost"]
    assert "could not be read may run" in cost.found


def test_intelligence_that_is_gone_is_not_said_to_have_no_rule(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link to a configuration that somebody deleted."""

    def gone(_: str) -> Any:
        raise NotFound("It is not there.", status=404)

    monkeypatch.setattr(show.intelligence, "configuration", gone)
    result = show.run().stage("operator result")
    assert (result.state, "not there" in result.detail) == ("left out", True)


def test_stopped_it_removes_what_it_made(show: Show) -> None:
    """At any stage; the words say that nothing stays."""
    for stage in ("profile", "message", "closed"):
        stop = threading.Event()

        def follow(now: Progress, stage: str = stage, stop: threading.Event = stop) -> None:
            if now.message.startswith(f"{stage}: "):
                stop.set()

        with pytest.raises(Cancelled, match="removed"):
            show.run(on_progress=follow, cancel=stop)
        assert show.left() == []


def test_what_a_killed_one_left_is_found_by_a_sweep(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The profile too: it has no name, and is looked up by the identity of the test's User."""
    monkeypatch.setattr(ProofConversation, "clean", lambda self: None)
    show.run(timeout=1.0)
    monkeypatch.undo()
    assert show.left()
    found = sweep(show.session, show.account.service_sid, older_than=0)
    kinds = [one.kind for one in found.leftovers]
    assert set(kinds) == {"classic conversation", "Orchestrator conversation", "profile", "User"}
    assert kinds.index("profile") < kinds.index("User")
    swept = sweep(show.session, show.account.service_sid, apply=True, older_than=0)
    assert swept.ok, swept.findings
    assert show.left() == []


def test_a_profile_without_its_conversation_is_found_too(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed right after the profile was made, only User and profile are there."""
    monkeypatch.setattr(ProofConversation, "clean", lambda self: None)
    show.memory.never |= {"observation", "summary", "recall"}
    monkeypatch.setattr(ProofConversation, "make", _refuse)
    assert show.run(timeout=0.5).stage("message").state == "failed"
    monkeypatch.undo()
    swept = sweep(show.session, show.account.service_sid, apply=True, older_than=0)
    assert [one.kind for one in swept.leftovers] == ["profile", "User"]
    assert show.left() == []


def _refuse(_: Any) -> None:
    raise ServerError("Twilio could not do this.", status=500)


def test_with_extraction_off_nothing_is_written(
    session: Session, account: Account, journal: Journal, sandbox: SandboxProcess
) -> None:
    """There would be nothing to show: it says what to switch on."""
    plan = Plan(service_sid=account.service_sid, memory_store_id=account.memory_store_id)
    with pytest.raises(NotBridged):
        demonstrate(session, account.service_sid)
    create(session, plan, journal=journal)
    sandbox.forget("requests")
    with pytest.raises(ChecksFailed, match="extraction is off"):
        demonstrate(session, account.service_sid)
    assert sandbox.writes() == []
