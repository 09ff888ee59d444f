"""Profiles from classic Users: once each, whatever instant a run is killed at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bridge_helpers.api.models import (
    Accepted,
    ClassicBridge,
    Configuration,
    IdentifierConfig,
    IdentitySettings,
    Store,
    TraitDefinition,
    TraitGroup,
    Traits,
    User,
)
from bridge_helpers.api.session import Session
from bridge_helpers.errors import ChecksFailed, ConnectionFailed, InvalidInput, ServerError
from bridge_helpers.onboarding.benefits.known_customers import (
    KnownCustomers,
    known_customers,
    write_table,
)
from bridge_helpers.onboarding.benefits.mapping import normalized, promotions
from bridge_helpers.onboarding.journal import Journal
from bridge_helpers.settings import Origins

SERVICE = "IS" + "0123456789abcdef" * 2
STORE = "mem_store_0" + "a1" * 12 + "z"
KINDS = {"chat": "trim", "email": "email", "phone": "phone"}


class Killed(BaseException):
    """What a run that is killed ends with; nothing of it runs any further."""


class Memory:
    """
    A store that resolves identities as Twilio's OpenAPI has it, and shows writes late.

    Attributes:
        profiles: Traits of every profile that was ever made, by id.
        late: Look-ups for which a new profile is not found yet.
        before, after: Called with the number of each bulk request, before and after it is done.
    """

    def __init__(self) -> None:
        self.status = "ACTIVE"
        self.kinds = dict(KINDS)
        self.groups: dict[str, dict[str, TraitDefinition]] = {}
        self.profiles: dict[str, Traits] = {}
        self.holders: dict[tuple[str, str], str] = {}
        self.hidden: dict[str, int] = {}
        self.late = 0
        self.sizes: list[int] = []
        self.before: Callable[[int], None] = lambda _: None
        self.after: Callable[[int], None] = lambda _: None

    def store(self, store_id: str) -> Store:
        return Store(id=store_id, status=self.status)

    def identity_settings(self, _: str) -> IdentitySettings:
        configs = [IdentifierConfig(id_type=k, normalization=how) for k, how in self.kinds.items()]
        return IdentitySettings(identifier_configs=tuple(configs))

    def trait_groups(self, _: str) -> list[TraitGroup]:
        return [TraitGroup(display_name=k, traits=dict(v)) for k, v in self.groups.items()]

    def create_trait_group(self, _: str, name: str, traits: Any) -> Accepted:
        assert name not in self.groups
        self.groups[name] = dict(traits)
        return Accepted()

    def add_traits(self, _: str, name: str, traits: Any) -> Accepted:
        self.groups[name].update(traits)
        return Accepted()

    def look_up(self, _: str, kind: str, value: str) -> tuple[str, ...]:
        assert kind in self.kinds
        assert len(value) <= 255
        found = self.holders.get((kind, normalized(value, self.kinds[kind])))
        if found and self.hidden.get(found, 0) > 0:
            self.hidden[found] -= 1
            return ()
        return (found,) if found else ()

    def put_profiles(self, _: str, profiles: Sequence[Traits]) -> None:
        assert 1 <= len(profiles) <= 1000
        number = len(self.sizes)
        self.before(number)
        self.sizes.append(len(profiles))
        for traits in profiles:
            self.resolve(traits)
        self.after(number)

    def resolve(self, traits: Traits) -> str:
        promoted = promotions(self.trait_groups(""))
        keys = [
            (
                promoted[f"{group}.{name}"],
                normalized(str(value), KINDS[promoted[f"{group}.{name}"]]),
            )
            for group, named in traits.items()
            for name, value in named.items()
            if f"{group}.{name}" in promoted
        ]
        assert keys, "a profile needs an identifier"
        found = next((self.holders[key] for key in keys if key in self.holders), "")
        if not found:
            found = f"mem_profile_{len(self.profiles):026d}"
            self.profiles[found] = {}
            self.hidden[found] = self.late
        for group, named in traits.items():
            self.profiles[found].setdefault(group, {}).update(named)
        self.holders.update(dict.fromkeys(keys, found))
        return found


class Account:
    """A bridged service with these Users."""

    def __init__(self, users: Sequence[User], folder: Path) -> None:
        self.memory = Memory()
        self.journal = Journal(folder / "journal.sqlite3")
        bridge = Configuration(
            id="conv_configuration_1",
            memory_store_id=STORE,
            conversations_v1_bridge=ClassicBridge(service_id=SERVICE),
        )
        account = SimpleNamespace(
            sid="AC" + "0" * 32, region="", origins=Origins(*["http://127.0.0.1:1"] * 6)
        )
        self.session = cast(
            "Session",
            SimpleNamespace(
                account=account,
                memory=self.memory,
                classic=SimpleNamespace(users=lambda _: list(users)),
                orchestrator=SimpleNamespace(
                    configurations=lambda: [bridge],
                    configuration_document=lambda _: SimpleNamespace(record=bridge),
                ),
            ),
        )

    def run(self, *, apply: bool = True, mapping: str = "") -> KnownCustomers:
        now = [0.0]

        def sleep(seconds: float) -> None:
            now[0] += seconds

        return known_customers(
            self.session,
            SERVICE,
            mapping=mapping,
            apply=apply,
            journal=self.journal,
            settling=20.0,
            clock=lambda: now[0],
            sleep=sleep,
        )


def users(count: int) -> list[User]:
    odd = {3: "ana@example.com", 4: "+15551234567", 5: "x" * 255, 6: "アナ", 7: "أنا", 8: "👩‍💻"}
    return [
        User(sid=f"US{number:032x}", identity=odd.get(number, f"customer-{number}"))
        for number in range(count)
    ]


@pytest.fixture
def many(tmp_path: Path) -> Account:
    return Account(users(2000), tmp_path)


def test_without_apply_nothing_is_written(many: Account) -> None:
    """The table says who would get a profile, and which trait the store lacks."""
    found = many.run(apply=False)
    assert many.memory.profiles == {}
    assert many.memory.groups == {}
    assert found.counted("new") == 2000
    assert found.missing["Chat"]["identity"].id_type_promotion == "chat"
    assert found.summary == "0 of 2,000 classic Users have a profile; 2,000 would get one."


def test_two_thousand_users_get_one_profile_each(many: Account) -> None:
    """In requests of at most a thousand; again, and nothing is sent."""
    many.memory.late = 1
    found = many.run()
    assert len(many.memory.profiles) == 2000
    assert many.memory.sizes == [1000, 1000]
    assert (found.made, found.pending, found.counted("known")) == (2000, 0, 2000)
    again = many.run()
    assert many.memory.sizes == [1000, 1000]
    assert (again.made, again.counted("known")) == (0, 2000)


@pytest.mark.parametrize("late", [0, 2])
@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("number", [0, 1])
def test_killed_in_the_middle_and_run_again(
    many: Account, number: int, done: bool, late: int
) -> None:
    """Whether the request had arrived or not, everybody has one profile in the end."""

    def die(at: int) -> None:
        if at == number:
            raise Killed

    many.memory.late = late
    if done:
        many.memory.after = die
    else:
        many.memory.before = die
    with pytest.raises(Killed):
        many.run()
    many.memory.before = many.memory.after = lambda _: None
    found = many.run()
    assert len(many.memory.profiles) == 2000
    assert found.counted("known") == 2000
    # What had arrived is found, and not sent a second time.
    assert sum(many.memory.sizes) == 2000


@pytest.mark.parametrize("done", [True, False])
def test_an_answer_that_is_lost_is_settled_by_looking(many: Account, done: bool) -> None:
    """Sent again only where nothing came of it."""

    def lose(at: int) -> None:
        if at == 0:
            many.memory.before = many.memory.after = lambda _: None
            raise ConnectionFailed("The connection broke.")

    if done:
        many.memory.after = lose
    else:
        many.memory.before = lose
    found = many.run()
    assert len(many.memory.profiles) == 2000
    assert sum(many.memory.sizes) == 2000
    assert found.counted("known") == 2000


def test_what_was_accepted_and_is_not_found_yet_is_not_sent_again(many: Account) -> None:
    """A store that takes long shows them as sent; the next run waits for them."""
    many.memory.late = 10_000
    found = many.run()
    assert (found.made, found.pending, found.counted("sent")) == (0, 2000, 2000)
    again = many.run()
    assert many.memory.sizes == [1000, 1000]
    assert again.counted("sent") == 2000
    many.memory.hidden.clear()
    assert many.run().counted("known") == 2000
    assert len(many.memory.profiles) == 2000


def test_a_refusal_stops_and_the_next_run_goes_on(many: Account) -> None:
    """What was made before stays; what was refused is sent again."""

    def refuse(at: int) -> None:
        if at == 1:
            raise ServerError("The service failed.", status=400)

    many.memory.before = refuse
    with pytest.raises(ServerError):
        many.run()
    assert len(many.memory.profiles) == 1000
    many.memory.before = lambda _: None
    assert many.run().counted("known") == 2000
    assert len(many.memory.profiles) == 2000


def test_who_has_a_profile_already_is_left_as_it_is(tmp_path: Path) -> None:
    """By the chat identity; who shares an e-mail address with a profile joins it."""
    account = Account(
        [
            User(sid="US1", identity="ana"),
            User(sid="US2", identity="ben", attributes='{"email": "Ben@example.com"}'),
            User(sid="US3", identity="cleo", friendly_name="Cleo"),
        ],
        tmp_path,
    )
    account.memory.groups = {
        "Chat": {"identity": TraitDefinition(data_type="STRING", id_type_promotion="chat")},
        "Contact": {"email": TraitDefinition(data_type="STRING", id_type_promotion="email")},
    }
    account.memory.resolve({"Chat": {"identity": "ana"}})
    account.memory.resolve({"Contact": {"email": "ben@example.com"}})
    table = account.run(apply=False)
    assert [one.state for one in table.candidates] == ["known", "joins", "new"]
    done = account.run()
    assert [one.state for one in done.candidates] == ["known"] * 3
    assert len(account.memory.profiles) == 3
    assert account.memory.profiles[done.candidates[1].profile_id]["Chat"] == {"identity": "ben"}
    assert account.memory.profiles[done.candidates[2].profile_id]["Contact"] == {"name": "Cleo"}


def test_values_of_another_type_keep_nobody_from_a_profile(tmp_path: Path) -> None:
    """A number where text is wanted is sent as text; a list is left out, and the table says so."""
    some = [
        User(sid=f"US{number:032x}", identity=f"customer-{number}", attributes=attributes)
        for number, attributes in enumerate(['{"plan": "gold"}', '{"plan": 3}', '{"plan": ["x"]}'])
    ]
    account = Account(some, tmp_path)
    found = account.run(mapping="identity -> Chat.identity\nattributes.plan -> Contact.plan")
    assert [one.state for one in found.candidates] == ["known"] * 3
    assert [one.get("Contact") for one in account.memory.profiles.values()] == [
        {"plan": "gold"},
        {"plan": "3"},
        None,
    ]
    assert "Contact.plan takes STRING" in found.candidates[2].why


def test_users_that_share_an_identifier_are_not_merged(tmp_path: Path) -> None:
    """The second is left out, and a person decides."""
    account = Account(
        [
            User(sid="US1", identity="ana", attributes='{"email": "a@example.com"}'),
            User(sid="US2", identity="ben", attributes='{"email": "A@example.com "}'),
            User(sid="US3", identity="x" * 256),
            User(sid="US4", identity="bridge-test-customer-0123abcd"),
        ],
        tmp_path,
    )
    done = account.run()
    assert [one.state for one in done.candidates] == ["known", "left out", "left out", "left out"]
    assert len(account.memory.profiles) == 1
    assert done.summary.endswith("1 of 4 classic Users has a profile; 3 are left out.")
    one_less = replace(done, candidates=done.candidates[:2])
    assert one_less.summary.endswith("1 of 2 classic Users has a profile; 1 is left out.")


def test_a_store_that_is_not_active_is_refused(many: Account) -> None:
    """Nothing is written into a store that would not keep it."""
    many.memory.status = "PROVISIONING"
    with pytest.raises(ChecksFailed, match="PROVISIONING"):
        many.run()
    assert many.memory.profiles == {}


def test_a_store_without_an_identifier_is_refused(many: Account) -> None:
    """A profile that nobody could find again would be made anew each time."""
    many.memory.kinds = {"external_id": "trim"}
    with pytest.raises(ChecksFailed, match="no identifier"):
        many.run(apply=False)


def test_a_wrong_mapping_is_refused_before_anything_is_asked(many: Account) -> None:
    """With the line and the form that it should have."""
    with pytest.raises(InvalidInput, match="mapping"):
        many.run(mapping="identity = Chat")


def test_the_table_is_a_file_that_spreadsheets_open(tmp_path: Path) -> None:
    """A row for each User; a number stays a text."""
    account = Account([User(sid="US1", identity="+15551234567")], tmp_path)
    path = write_table(account.run(apply=False), tmp_path / "out")
    assert path.read_text(encoding="utf-8-sig").splitlines() == [
        "user_sid,identity,name,state,profile_id,identifiers,note",
        "US1,'+15551234567,,new,,chat +15551234567,",
    ]


def test_no_identity_is_in_the_journal(many: Account) -> None:
    """The file says who was sent only to somebody who has the identities."""
    many.run()
    assert b"customer-17" not in many.journal.path.read_bytes()
