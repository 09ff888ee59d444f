"""Random steps over both APIs of a bridge, on the socket; a walk must never break a promise."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from .bridge_model import Message, Sent, Talk
from .reading import Reader

if TYPE_CHECKING:
    from collections import Counter

    import httpx

    from ..sandbox_process import SandboxProcess

LAG, JITTER, OPERATION = 1.0, 0.8, 1.0
SETTLED = 5.0
DAY = 24 * 3600
CONFIGURATIONS = "/v2/ControlPlane/Configurations"
PICK = st.integers(0, 5)


class BridgeMachine(RuleBasedStateMachine):
    """
    Engineers create, change and delete bridges and retry; customers and agents write; time passes.

    The clock stands still but for the steps taken here, so a failure replays exactly.
    """

    def __init__(self, sandbox: SandboxProcess, seen: Counter[str], fault: str | None) -> None:
        super().__init__()
        self.seen = seen
        self.sandbox = sandbox
        # From the start each time, so that the same steps meet the same ids and the same jitter.
        sandbox.control("reset")
        self.account = sandbox.account(name="walk", services=2, conversations=0)
        self.http: httpx.Client = sandbox.client(self.account)
        self.read = Reader(self.http)
        if fault:
            once = {"fault": fault, "direction": "to_orchestrator", "times": 1}
            sandbox.control("faults", **(once | {"account_sid": self.account.account_sid}))
        self.now = 0.0
        self.texts = 0
        self.keys = 0
        self.services: list[str] = [s["sid"] for s in self.read.classic("/v1/Services", "services")]
        self.talks: list[Talk] = []
        self.pending: dict[str, tuple[str, str]] = {}  # operation → what it does, to what
        self.bridges: dict[str, str] = {}  # service → configuration that is up
        self.sent: list[Sent] = []

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.http.close()

    # -- the two APIs ---------------------------------------------------------------------------

    def write(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        """Send a configuration write under a fresh idempotency key, and remember it."""
        self.keys += 1
        key = str(uuid.UUID(int=self.keys))
        answer = self.http.request(method, path, json=body, headers={"Idempotency-Key": key})
        assert answer.status_code in (202, 404, 409), answer.text
        self.seen[f"{method} {answer.status_code}"] += 1
        if answer.status_code == 202:
            operation = answer.headers["Operation-Id"]
            self.sent.append(Sent(method, path, key, body, 202, answer.json(), operation, self.now))
        return answer

    def body(self, service_sid: str | None, **more: Any) -> dict[str, Any]:
        bridge = {"conversationsV1Bridge": {"serviceId": service_sid}} if service_sid else {}
        return {
            "displayName": "walk",
            "description": "A random walk",
            "conversationGroupingType": "GROUP_BY_PARTICIPANT_ADDRESSES",
            "memoryStoreId": self.account.memory_store_id,
            "channelSettings": {},
            **bridge,
            **more,
        }

    def service(self, pick: int) -> str:
        return self.services[pick % len(self.services)]

    def talk(self, pick: int) -> Talk:
        living = [talk for talk in self.talks if not talk.deleted]
        return living[pick % len(living)]

    def messages_path(self, talk: Talk) -> str:
        return f"/v1/Services/{talk.service_sid}/Conversations/{talk.sid}/Messages"

    def twins(self, talk: Talk) -> list[dict[str, Any]]:
        return self.read.tokens("/v2/Conversations", "conversations", channelId=talk.sid)

    def new_text(self) -> str:
        self.texts += 1
        return f"text {self.texts}"

    def mirrored(self, talk: Talk) -> dict[str, Any] | None:
        """Find the open v2 conversation of a talk that is bridged, if need be by talking first."""
        if talk.service_sid not in self.bridges or self.going(talk.service_sid) or talk.erasing:
            return None
        for _ in range(2):
            for twin in self.twins(talk):
                if twin["status"] != "CLOSED":
                    return twin
            self.say_in_classic(talk, "ada")
            self.wait(LAG + JITTER)
        raise AssertionError(f"{talk.sid} has no v2 conversation at {self.now}")

    def going(self, service_sid: str) -> bool:
        """Whether a bridge of the service is being made or taken down at this instant."""
        return any(service == service_sid for _, service in self.pending.values())

    @initialize(bridges=st.sampled_from([1, 2, 1, 0]), talks=st.integers(1, 3))
    def begin(self, bridges: int, talks: int) -> None:
        """Most walks start where a bridge is up; some have to make it themselves."""
        for number in range(bridges):
            self.create_bridge(number)
        self.wait(SETTLED)
        for number in range(talks):
            self.open_talk(number)

    # -- engineers ------------------------------------------------------------------------------

    @rule(pick=PICK)
    def create_bridge(self, pick: int) -> None:
        service = self.service(pick)
        answer = self.write("POST", CONFIGURATIONS, self.body(service))
        if service in self.bridges and not self.going(service):
            assert answer.status_code == 409, "a second configuration was accepted"
            assert answer.headers["X-Conflicting-Resource-Id"] == self.bridges[service]
        if answer.status_code == 202:
            self.pending[answer.headers["Operation-Id"]] = ("create", service)

    @precondition(lambda self: self.bridges)
    @rule(pick=PICK, how=st.sampled_from(["PUT", "PATCH"]))
    def change_but_keep_bridge(self, pick: int, how: str) -> None:
        service = sorted(self.bridges)[pick % len(self.bridges)]
        if self.going(service):
            return
        path = f"{CONFIGURATIONS}/{self.bridges[service]}"
        changed = f"Changed at {self.now}"
        body = self.body(service, description=changed) if how == "PUT" else {"description": changed}
        self.write(how, path, body)

    @precondition(lambda self: self.bridges)
    @rule(pick=PICK, how=st.sampled_from(["DELETE", "PUT", "PATCH"]))
    def take_bridge_down(self, pick: int, how: str) -> None:
        service = sorted(self.bridges)[pick % len(self.bridges)]
        path = f"{CONFIGURATIONS}/{self.bridges[service]}"
        body = {
            "DELETE": None,
            "PUT": self.body(None),
            "PATCH": {"conversationsV1Bridge": None},
        }[how]
        answer = self.write(how, path, body)
        if answer.status_code == 202:
            self.pending[answer.headers["Operation-Id"]] = ("remove", service)
            for talk in self.talks:
                if talk.service_sid == service:
                    talk.forgive(self.now - LAG - JITTER)

    @precondition(lambda self: self.sent)
    @rule(pick=PICK)
    def retry(self, pick: int) -> None:
        """The same key and body is answered as the first time, and changes nothing."""
        first = self.sent[-1 - pick % len(self.sent)]
        if self.now - first.at > DAY - 60:
            return
        before = self.configurations()
        answer = self.http.request(
            first.method, first.path, json=first.body, headers={"Idempotency-Key": first.key}
        )
        self.seen["retry"] += 1
        assert (answer.status_code, answer.json()) == (first.status, first.answer)
        assert answer.headers["Operation-Id"] == first.operation_id
        assert self.configurations() == before

    @precondition(lambda self: any(sent.body for sent in self.sent))
    @rule(pick=PICK)
    def retry_with_another_body(self, pick: int) -> None:
        """The same key with another body is refused, and changes nothing."""
        written = [(sent, sent.body) for sent in self.sent if sent.body]
        first, body = written[-1 - pick % len(written)]
        if self.now - first.at > DAY - 60:
            return
        before = self.configurations()
        answer = self.http.request(
            first.method,
            first.path,
            json={**body, "description": "not what was sent first"},
            headers={"Idempotency-Key": first.key},
        )
        assert 400 <= answer.status_code < 500
        assert self.configurations() == before

    def configurations(self) -> list[dict[str, Any]]:
        return self.read.tokens(CONFIGURATIONS, "configurations")

    # -- customers and agents -------------------------------------------------------------------

    @precondition(lambda self: sum(not talk.deleted for talk in self.talks) < 4)
    @rule(pick=PICK)
    def open_talk(self, pick: int) -> None:
        service = self.service(pick)
        path = f"/v1/Services/{service}/Conversations"
        made = self.http.post(path, data={"FriendlyName": "walk"}).json()
        self.http.post(f"{path}/{made['sid']}/Participants", data={"Identity": "ada"})
        self.talks.append(Talk(made["sid"], service))

    @precondition(lambda self: any(not talk.deleted for talk in self.talks))
    @rule(pick=PICK, author=st.sampled_from(["ada", "bo"]), times=st.integers(1, 3))
    def write_in_classic(self, pick: int, author: str, times: int) -> None:
        for _ in range(times):
            self.say_in_classic(self.talk(pick), author)

    def say_in_classic(self, talk: Talk, author: str) -> None:
        up, going = talk.service_sid in self.bridges, self.going(talk.service_sid)
        text = self.new_text()
        data = {"Author": author, "Body": text}
        assert self.http.post(self.messages_path(talk), data=data).status_code == 201
        message = Message(text, self.now, False, owed=up and not going, allowed=up or going)
        message.erased = talk.erasing
        talk.messages.append(message)

    @precondition(lambda self: any(not talk.deleted for talk in self.talks))
    @rule(pick=PICK)
    def write_in_orchestrator(self, pick: int) -> None:
        talk = self.talk(pick)
        if (twin := self.mirrored(talk)) is None:
            return
        text = self.new_text()
        actions = f"/v2/Conversations/{twin['id']}/Actions"
        answer = self.http.post(
            actions,
            json={
                "type": "SEND_MESSAGE",
                "payload": {
                    "from": {"address": "agent", "channel": "CHAT"},
                    "to": [{"address": "ada", "channel": "CHAT"}],
                    "content": {"text": text},
                    "channelSettings": {"channelId": talk.sid},
                },
            },
        )
        assert answer.status_code == 202, answer.text
        action = f"{actions}/{answer.json()['id']}"
        talk.messages.append(Message(text, self.now, True, owed=True, action=action))

    @precondition(lambda self: any(not talk.deleted for talk in self.talks))
    @rule(pick=PICK)
    def delete_classic_conversation(self, pick: int) -> None:
        talk = self.talk(pick)
        path = self.messages_path(talk).removesuffix("/Messages")
        assert self.http.delete(path).status_code == 204
        talk.delete(self.now - LAG - JITTER)

    @precondition(lambda self: any(not talk.deleted for talk in self.talks))
    @rule(pick=PICK)
    def close_twin(self, pick: int) -> None:
        """What is written from now on, or is on its way, must arrive in a new conversation."""
        talk = self.talk(pick)
        if twin := self.mirrored(talk):
            path = f"/v2/Conversations/{twin['id']}"
            assert self.http.put(path, json={"status": "CLOSED"}).status_code == 200
            talk.close(self.now - LAG - JITTER)

    @precondition(lambda self: any(not talk.deleted for talk in self.talks))
    @rule(pick=PICK)
    def delete_twin(self, pick: int) -> None:
        talk = self.talk(pick)
        if twin := self.mirrored(talk):
            answer = self.http.delete(f"/v2/Conversations/{twin['id']}")
            assert answer.status_code == 202, answer.text
            self.pending[answer.headers["Operation-Id"]] = ("erase", talk.sid)
            talk.erase(self.now - LAG - JITTER)

    # -- time -----------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.3, 1.0, 2.5, 60.0, 3600.0]))
    def wait(self, seconds: float) -> None:
        self.sandbox.advance(seconds)
        self.now += seconds
        self.read_operations()

    def read_operations(self) -> None:
        """Only here, after time has passed, can an operation have come to its end."""
        for operation_id, (what, to) in list(self.pending.items()):
            operation = self.read.get(f"/v2/ControlPlane/Operations/{operation_id}")
            if operation["status"] == "PENDING":
                continue
            del self.pending[operation_id]
            assert operation["status"] == "COMPLETED", operation
            if what == "create":
                assert to not in self.bridges, "a second bridge came up"
                self.bridges[to] = operation["related"]["configurationId"]
            elif what == "remove":
                self.bridges.pop(to, None)
            else:
                next(talk for talk in self.talks if talk.sid == to).erasing = False

    @rule()
    def settle(self) -> None:
        """Let everything arrive, then hold both sides of every conversation together."""
        self.wait(SETTLED)
        assert not self.pending
        for talk in self.talks:
            twins = self.twins(talk)
            opened = [twin for twin in twins if twin["status"] != "CLOSED"]
            assert len(opened) <= 1, f"{talk.sid} has {len(opened)} open v2 conversations"
            assert len(twins) <= 1 + talk.closings
            self.read_actions(talk)
            self.check(talk, twins)

    def read_actions(self, talk: Talk) -> None:
        """An action has ended after the lag; one of a deleted conversation is gone with it."""
        for message in talk.messages:
            if message.action and not message.erased:
                status = self.read.get(message.action)["status"]
                assert status in ("COMPLETED", "FAILED")
                if status == "FAILED":
                    talk.fail(message)
                else:
                    message.owed |= not talk.deleted

    def check(self, talk: Talk, twins: list[dict[str, Any]]) -> None:
        across = [
            communication["content"]["text"]
            for twin in twins
            for communication in self.read.tokens(
                f"/v2/Conversations/{twin['id']}/Communications", "communications"
            )
        ]
        self.seen["arrived in orchestrator"] += len(across)
        self.seen["second conversation"] += len(twins) > 1
        talk.check_own(across, from_orchestrator=True)
        talk.check_arrivals(across, from_orchestrator=False, now=self.now)
        talk.check_no_strangers(across)
        if not talk.deleted:
            there = [m["body"] for m in self.read.classic(self.messages_path(talk), "messages")]
            self.seen["sent by orchestrator"] += sum(m.from_orchestrator for m in talk.messages)
            talk.check_own(there, from_orchestrator=False)
            talk.check_arrivals(there, from_orchestrator=True, now=self.now)
            talk.check_no_strangers(there)

    @invariant()
    def one_configuration_for_each_service(self) -> None:
        bridged = [
            configuration["conversationsV1Bridge"]["serviceId"]
            for configuration in self.configurations()
            if configuration.get("conversationsV1Bridge")
        ]
        assert len(bridged) == len(set(bridged)), f"bridged twice: {bridged}"
