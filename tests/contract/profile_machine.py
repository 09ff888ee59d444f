"""
Random steps over the profiles of a memory store, beside a model of who is who.

The model keeps sets: an identifier belongs to one set of profiles that became one, and the
earliest of them answers for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

if TYPE_CHECKING:
    from collections import Counter

    import httpx

    from ..sandbox_process import SandboxProcess

VALUES = {
    "chat": ("zoe", "李雷"),
    "email": ("zoe@example.com",),
    "phone": ("+15551110001",),
}
WRITTEN = {
    "email": lambda value: f" {value.upper()} ",
    "phone": lambda value: f"{value[:2]} ({value[2:5]}) {value[5:]}",
    "chat": lambda value: f" {value} ",
}
"""Other ways to write the same identifier."""

IDENTIFIER = st.sampled_from([(kind, value) for kind in VALUES for value in VALUES[kind]])
PICK = st.integers(0, 5)


class ProfileMachine(RuleBasedStateMachine):
    """People are made, given identifiers and facts, found, and deleted."""

    def __init__(self, sandbox: SandboxProcess, seen: Counter[str]) -> None:
        super().__init__()
        self.seen = seen
        self.sandbox = sandbox
        sandbox.control("reset")
        self.account = sandbox.account(name="walk", services=0, conversations=0)
        self.http: httpx.Client = sandbox.client(self.account)
        self.profiles = f"/v1/Stores/{self.account.memory_store_id}/Profiles"
        self.made: list[str] = []  # in the order in which they were
        self.canonical: dict[str, str] = {}  # every profile that lives, or is part of one
        self.owner: dict[tuple[str, str], str] = {}  # identifier → canonical profile
        self.facts: dict[str, set[str]] = {}  # canonical profile → what is known
        self.count = 0

    def teardown(self) -> None:
        self.http.close()

    @initialize()
    def begins(self) -> None:
        """Start with two people, who may turn out to be one."""
        self.makes([("chat", "zoe")])
        self.makes([("email", "zoe@example.com")])

    # -- the model ------------------------------------------------------------------------------

    def living(self, pick: int) -> str | None:
        alive = [one for one in self.made if self.canonical.get(one) == one]
        return alive[pick % len(alive)] if alive else None

    def become_one(self, profiles: set[str]) -> str:
        first, *others = sorted(profiles, key=self.made.index)
        for gone in others:
            self.seen["merged"] += 1
            self.facts[first] |= self.facts.pop(gone)
            for table in (self.canonical, self.owner):
                for key, profile in table.items():
                    if profile == gone:
                        table[key] = first  # type: ignore[index]
        return first

    def owns(self, profile: str, identifiers: list[tuple[str, str]]) -> str:
        owners = {self.owner[one] for one in identifiers if one in self.owner}
        profile = self.become_one({profile, *owners})
        self.owner.update(dict.fromkeys(identifiers, profile))
        return profile

    # -- the steps ------------------------------------------------------------------------------

    @rule(identifiers=st.lists(IDENTIFIER, min_size=1, max_size=3))
    def makes(self, identifiers: list[tuple[str, str]]) -> None:
        """Make a person, or find those who have one of these identifiers already."""
        contact = dict(identifiers)
        answer = self.http.post(self.profiles, json={"traits": {"Contact": contact}})
        assert answer.status_code == 202, answer.text
        profile = answer.json()["id"]
        given = list(contact.items())
        owners = {self.owner[one] for one in given if one in self.owner}
        if owners:
            self.seen["found"] += 1
            assert profile == self.become_one(owners)
        else:
            self.seen["made"] += 1
            assert profile not in self.made
            self.made.append(profile)
            self.canonical[profile] = profile
            self.facts[profile] = set()
        self.owns(profile, given)

    @rule(pick=PICK, identifier=IDENTIFIER)
    def gives_an_identifier(self, pick: int, identifier: tuple[str, str]) -> None:
        profile = self.living(pick)
        if profile is None:
            return
        kind, value = identifier
        body = {"idType": kind, "value": WRITTEN[kind](value)}
        answer = self.http.post(f"{self.profiles}/{profile}/Identifiers", json=body)
        assert answer.status_code == 202, answer.text
        self.owns(profile, [identifier])

    @rule(pick=PICK)
    def learns(self, pick: int) -> None:
        profile = self.living(pick)
        if profile is None:
            return
        self.count += 1
        fact = f"fact {self.count}"
        one = {"content": fact, "occurredAt": "2026-01-01T00:00:00Z", "source": "walk"}
        path = f"{self.profiles}/{profile}/Observations"
        assert self.http.post(path, json={"observations": [one]}).status_code == 202
        self.facts[profile].add(fact)

    @rule(pick=PICK)
    def is_deleted(self, pick: int) -> None:
        profile = self.living(pick)
        if profile is None:
            return
        self.seen["deleted"] += 1
        assert self.http.delete(f"{self.profiles}/{profile}").status_code == 202
        self.owner = {one: held for one, held in self.owner.items() if held != profile}
        self.canonical = {one: held for one, held in self.canonical.items() if held != profile}
        del self.facts[profile]

    @rule(identifiers=st.lists(IDENTIFIER, min_size=1, max_size=3, unique=True))
    def come_in_a_batch(self, identifiers: list[tuple[str, str]]) -> None:
        """A person for each; who is known already is made no second time."""
        people = [{"traits": {"Contact": {kind: value}}} for kind, value in identifiers]
        answer = self.http.put(f"{self.profiles}/Bulk", json={"profiles": people})
        assert answer.status_code == 202, answer.text
        self.sandbox.advance(5)
        for one in identifiers:
            [profile] = self.found(*one)
            if one not in self.owner:
                assert profile not in self.made
                self.made.append(profile)
                self.canonical[profile] = profile
                self.facts[profile] = set()
                self.owner[one] = profile

    # -- what always holds ----------------------------------------------------------------------

    def found(self, kind: str, value: str) -> list[str]:
        answer = self.http.post(f"{self.profiles}/Lookup", json={"idType": kind, "value": value})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["profiles"])

    @invariant()
    def everybody_is_found_once(self) -> None:
        """Each identifier leads to the earliest of the profiles that had it, however written."""
        for kind, values in VALUES.items():
            for value in values:
                owner = self.owner.get((kind, value))
                expected = [owner] if owner else []
                assert self.found(kind, WRITTEN[kind](value)) == expected

    @invariant()
    def only_those_who_live_are_listed(self) -> None:
        """Each once, the newest first."""
        listed = self.http.get(self.profiles, params={"pageSize": 1000}).json()["profiles"]
        alive = [one for one in self.made if self.canonical.get(one) == one]
        assert listed == alive[::-1]

    @invariant()
    def every_profile_answers_as_what_it_became(self) -> None:
        """Itself, its canonical profile, or nothing; and nothing that was known is lost."""
        for profile in self.made:
            answer = self.http.get(f"{self.profiles}/{profile}")
            now = self.canonical.get(profile)
            if now == profile:
                assert answer.status_code == 200
                assert self.known(profile) == self.facts[profile]
            elif now:
                assert answer.status_code == 301
                assert answer.headers["Canonical-Profile-Id"] == now
            else:
                assert answer.status_code in (301, 404)

    def known(self, profile: str) -> set[str]:
        answer: Any = self.http.get(f"{self.profiles}/{profile}/Observations")
        return {one["content"] for one in answer.json()["observations"]}
