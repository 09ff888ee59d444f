"""A bridged service whose messages are in Orchestrator after a while, and back at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from bridge_helpers.api.session import Session
from bridge_helpers.onboarding.verify import Verified, verify

from .children import account
from .conftest import QUICK
from .server import Server, Spoil
from .world import SERVICE_SID, STORE_ID, Call, Reply, World, new_id, refused

STAMP = "2026-01-15T10:30:00Z"
"""Whole seconds, and always the same: nothing that the client does may depend on it."""


class Carrying(World):
    """
    The classic service of `World`, bridged, with its conversations, Users and twins.

    Args:
        lag: Seconds until a message is in Orchestrator.
        born: What makes the twin: the first `message`, or the first `participant`.
        partial: List items of Orchestrator tell their id only.
        heeds_filter: Whether `channelId` filters; otherwise everything is listed.
        bridged: Whether a configuration names the service.
    """

    def __init__(
        self,
        lag: float = 0.0,
        *,
        born: str = "message",
        partial: bool = False,
        heeds_filter: bool = True,
        bridged: bool = True,
    ) -> None:
        super().__init__()
        self.lag = lag
        self.born = born
        self.partial = partial
        self.heeds_filter = heeds_filter
        self.open: dict[str, dict[str, Any]] = {}
        self.twins: dict[str, dict[str, Any]] = {}
        self.others: list[dict[str, Any]] = []
        """Other conversations of the account, whole."""
        self.profiles: dict[str, list[str]] = {}
        """Identifiers by profile id."""
        self.profile_of: dict[str, str] = {}
        """The profile that a participant with this address carries."""
        if bridged:
            self.add_configuration(conversationsV1Bridge={"serviceId": SERVICE_SID})

    @property
    def left(self) -> tuple[int, int, int, int]:
        """How many conversations, twins, Users and profiles there are."""
        return len(self.open), len(self.twins), len(self.users), len(self.profiles)

    def answer(self, call: Call) -> Reply:
        match [call.method, *call.path.strip("/").split("/")]:
            case ["POST", "v1", "Services", _, "Conversations"]:
                return self._make(call)
            case ["GET", "v1", "Services", _, "Conversations"]:
                told = [self._told(sid) for sid in self.open]
                return self._classic_page(call, "conversations", told)
            case [_, "v1", "Services", _, "Conversations", name, *more]:
                return self._inside(call, name, more)
            case ["GET", "v2", "Conversations"]:
                return Reply.of({"conversations": self._listed(call.asked("channelId"))})
            case ["GET", "v2", "Conversations", one, *more] if one not in self.twins:
                return self._other(one, more)
            case [_, "v2", "Conversations", twin, *more] if twin in self.twins:
                return self._across(call, twin, more)
            case [_, "v1", "Stores", _, "Profiles", profile, *more] if profile in self.profiles:
                return self._profile(call, profile)
        return super().answer(call)

    def _make(self, call: Call) -> Reply:
        form = parse_qs(call.body.decode())
        unique = form["UniqueName"][0]
        if any(one["unique"] == unique for one in self.open.values()):
            return refused(409, "That unique name is taken", 50353)
        sid = new_id("CH")[:2] + f"{len(self.open) + 1:032x}"
        self.open[sid] = {
            "unique": unique,
            "friendly": form["FriendlyName"][0],
            "participants": [],
            "messages": [],
            "webhooks": [],
        }
        return Reply.of(self._told(sid), 201)

    def _told(self, sid: str) -> dict[str, Any]:
        one = self.open[sid]
        return {
            "sid": sid,
            "unique_name": one["unique"],
            "friendly_name": one["friendly"],
            "date_created": STAMP,
            "date_updated": STAMP,
        }

    def _inside(self, call: Call, name: str, more: list[str]) -> Reply:
        found = [sid for sid, one in self.open.items() if name in (sid, one["unique"])]
        if not found:
            return refused(404, "No such conversation", 20404)
        if call.method == "DELETE":
            del self.open[found[0]]
            return Reply(204)
        if not more:
            return Reply.of(self._told(found[0]))
        key = more[0].lower()
        items = self.open[found[0]][key]
        if call.method == "GET":
            return Reply.of({key: items, "meta": {"next_page_url": None}})
        form = {name.lower(): values[0] for name, values in parse_qs(call.body.decode()).items()}
        items.append({"sid": f"IM{len(items) + 1:032x}", "date_created": STAMP, **form})
        if key == "participants":
            self._user(form["identity"])
        if key == f"{self.born}s" or key == "messages":
            self._twin(found[0])
        return Reply.of(items[-1], 201, Twilio_Request_Id="RQ" + "7" * 32)

    def _user(self, identity: str) -> None:
        if not any(one["identity"] == identity for one in self.users):
            sid = f"US{len(self.users) + 1:032x}"
            self.users.append({"sid": sid, "identity": identity, "date_created": STAMP})

    def _twin(self, sid: str) -> None:
        if any(one["sid"] == sid for one in self.twins.values()):
            return
        self.twins[new_id("conv_conversation_")] = {
            "sid": sid,
            "name": self.open[sid]["friendly"],
            "from": time.monotonic() + self.lag,
            "people": self.open[sid]["participants"],
            "messages": self.open[sid]["messages"],
        }

    def _whole(self, twin: str) -> dict[str, Any]:
        one = self.twins[twin]
        return {
            "id": twin,
            "status": "ACTIVE",
            "name": one["name"],
            "createdAt": STAMP,
            "configuration": {
                "memoryStoreId": STORE_ID,
                "conversationsV1Bridge": {"serviceId": SERVICE_SID},
            },
            "participants": [self._person(one["sid"], who["identity"]) for who in one["people"]],
        }

    def _person(self, sid: str, identity: str) -> dict[str, Any]:
        person: dict[str, Any] = {
            "id": f"conv_participant_{identity}",
            "addresses": [{"channel": "CHAT", "address": identity, "channelId": sid}],
        }
        if identity in self.profile_of:
            person |= {"type": "CUSTOMER", "profileId": self.profile_of[identity]}
        return person

    def _listed(self, channel_id: str) -> list[dict[str, Any]]:
        there = [
            self._whole(twin)
            for twin, one in self.twins.items()
            if one["from"] <= time.monotonic()
            and (not channel_id or not self.heeds_filter or one["sid"] == channel_id)
        ]
        if not channel_id or not self.heeds_filter:
            there = [*self.others, *there]
        return [{"id": one["id"]} for one in there] if self.partial else there

    def _other(self, one: str, more: list[str]) -> Reply:
        found = [other for other in self.others if other["id"] == one]
        if not found:
            return refused(404, "No such conversation", 20404)
        if not more:
            return Reply.of(found[0])
        key = more[0].lower()
        return Reply.of({key: found[0].get(key, [])})

    def _across(self, call: Call, twin: str, more: list[str]) -> Reply:
        messages = self.twins[twin]["messages"]
        if call.method == "DELETE":
            del self.twins[twin]
            return Reply(202, b"{}")
        if not more:
            return Reply.of(self._whole(twin))
        if more == ["Participants"]:
            return Reply.of({"participants": self._whole(twin)["participants"]})
        if more == ["Communications"]:
            told = [{"id": one["sid"], "content": {"text": one["body"]}} for one in messages]
            return Reply.of({"communications": told})
        if call.method == "POST":
            text = call.json()["payload"]["content"]["text"]
            messages.append({"sid": f"IM{len(messages) + 1:032x}", "body": text})
        return Reply.of({"id": "action", "status": "PENDING"})

    def _profile(self, call: Call, profile: str) -> Reply:
        if call.method == "DELETE":
            del self.profiles[profile]
            return Reply(202, b"{}")
        sets = [{"idType": "chat", "values": self.profiles[profile]}]
        return Reply.of({"identifiers": sets})


def carried(server: Server, **more: Any) -> Verified:
    with Session(account(server.url), QUICK) as session:
        return verify(session, SERVICE_SID, **{"timeout": 2.0, **more})


def stranger(number: int) -> dict[str, Any]:
    """A customer's conversation, whole."""
    sid = f"CH{number + 900:032x}"
    address = {"channel": "CHAT", "address": f"ana{number}", "channelId": sid}
    return {
        "id": f"conv_conversation_0{number:025d}",
        "status": "ACTIVE",
        "participants": [{"id": f"p{number}", "addresses": [address]}],
    }


def after(spoil: Spoil) -> Spoil:
    """The work is done, and what is said of it is something else."""

    def done(call: Call, work: Callable[[], Reply]) -> Reply | None:
        work()
        return spoil(call, work)

    return done
