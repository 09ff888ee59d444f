"""Classic Users as they would become profiles, by a mapping of a few lines."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_helpers.api.models import (
    IdentifierConfig,
    IdentitySettings,
    TraitDefinition,
    TraitGroup,
    User,
)
from bridge_helpers.errors import InvalidInput
from bridge_helpers.onboarding.benefits.candidates import Candidate, judged
from bridge_helpers.onboarding.benefits.mapping import (
    default_mapping,
    fitted,
    left_out,
    missing_traits,
    normalized,
    parse,
    promotions,
    traits_of,
    types_of,
)

KINDS = {"chat": "trim", "email": "email", "phone": "phone"}
IDENTITY = IdentitySettings(
    identifier_configs=tuple(
        IdentifierConfig(id_type=kind, normalization=how) for kind, how in KINDS.items()
    )
)
CONTACT = TraitGroup(
    display_name="Contact",
    traits={
        "email": TraitDefinition(data_type="STRING", id_type_promotion="email"),
        "phone": TraitDefinition(data_type="STRING", id_type_promotion="phone"),
    },
)
CHAT = TraitGroup(
    display_name="Chat",
    traits={"identity": TraitDefinition(data_type="STRING", id_type_promotion="chat")},
)
FULL = """identity -> Chat.identity
attributes.email -> Contact.email
attributes.phone -> Contact.phone"""


def user(identity: str | None, name: str = "", **attributes: Any) -> User:
    return User(
        sid=f"US{abs(hash(identity)):032x}"[:34],
        identity=identity,
        friendly_name=name or None,
        attributes=json.dumps(attributes),
    )


def judge(*users: User, mapping: str = FULL) -> list[Candidate]:
    lines = parse(mapping)
    read = [(one, *traits_of(one, lines)) for one in users]
    return list(judged(read, promotions([CHAT, CONTACT]), IDENTITY))


def test_the_default_is_three_lines_that_fit_the_store() -> None:
    """The traits that the store has for chat and e-mail are used; else new ones are named."""
    lines = default_mapping([CHAT, CONTACT]).splitlines()
    assert lines[0] == "identity -> Chat.identity"
    assert lines[2] == "attributes.email -> Contact.email"
    other = TraitGroup(
        display_name="Account",
        traits={"login": TraitDefinition(data_type="STRING", id_type_promotion="chat")},
    )
    assert default_mapping([other]).startswith("identity -> Account.login\n")
    assert len(parse(default_mapping([]))) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        "identity",
        "identity -> Chat",
        "identity -> Chat.a b",
        "name -> Contact.name",
        "attributes -> Contact.name",
        "attributes. -> Contact.name",
        "identity -> Chät.identity",
        "identity -> Chat.identity\nfriendly_name -> Chat.identity",
    ],
)
def test_a_line_of_another_form_is_refused(text: str) -> None:
    """Before anything is asked, with the line and the form that it should have."""
    with pytest.raises(InvalidInput, match="mapping"):
        parse(text)


def test_the_arrow_may_be_an_arrow() -> None:
    """Empty lines and remarks are passed over."""
    lines = parse("\n# who\n identity → Chat.identity \n")
    assert [str(one) for one in lines] == ["identity -> Chat.identity"]


def test_traits_come_from_identity_name_and_attributes() -> None:
    """At any depth; what a User lacks is left out, and broken attributes are told."""
    lines = parse(
        "identity -> Chat.identity\nfriendly_name -> Contact.name\n"
        "attributes.address.city -> Contact.city\nattributes.tags -> Contact.tags"
    )
    traits, notes = traits_of(user("ana", "Ana", address={"city": "Köln"}, tags=["a", 1]), lines)
    assert traits == {
        "Chat": {"identity": "ana"},
        "Contact": {"name": "Ana", "city": "Köln", "tags": ["a", 1]},
    }
    assert notes == ()
    bad = User(sid="US" + "0" * 32, identity="ben", attributes="{broken")
    traits, notes = traits_of(bad, lines)
    assert traits == {"Chat": {"identity": "ben"}}
    assert "no JSON" in notes[0]
    for odd in ('{"tags": 1e999}', '{"tags": NaN}', r'{"tags": "\ud800"}', "[" * 9000):
        traits, notes = traits_of(msgspec.structs.replace(bad, attributes=odd), lines)
        assert traits == {"Chat": {"identity": "ben"}}
        assert "no JSON" in notes[0]
    nested, notes = traits_of(user("cleo", tags={"a": 1}), lines)
    assert nested == {"Chat": {"identity": "cleo"}}
    assert "attributes.tags" in notes[0]


def test_a_value_has_the_type_that_the_store_wants_or_is_left_out() -> None:
    """A number becomes text; of the rest it is told. Traits of no known type stay as they are."""
    lines = parse(f"{FULL}\nattributes.plan -> Contact.plan\nattributes.any -> Other.any")
    types = types_of([CONTACT, CHAT], {"Contact": {"plan": TraitDefinition(data_type="NUMBER")}})
    given = user("ana", email=["ana@x.com"], phone=15551234567, plan="gold", any=True)
    kept, notes = fitted(traits_of(given, lines)[0], types)
    assert kept == {
        "Chat": {"identity": "ana"},
        "Contact": {"phone": "15551234567"},
        "Other": {"any": True},
    }
    assert [note.split()[0] for note in notes] == ["Contact.email", "Contact.plan"]


def test_what_the_store_lacks_is_named_with_type_and_identifier() -> None:
    """The identity becomes the identifier chat, an e-mail address email; the rest is plain."""
    lines = parse(
        "identity -> Chat.identity\nattributes.email -> Contact.email\n"
        "attributes.age -> Contact.age\nattributes.vip -> Contact.vip"
    )
    values: dict[str, list[Any]] = {"Contact.age": [40, 1.5], "Contact.vip": [True]}
    missing = missing_traits(lines, [CONTACT], IDENTITY, values)
    assert missing == {
        "Chat": {"identity": TraitDefinition(data_type="STRING", id_type_promotion="chat")},
        "Contact": {
            "age": TraitDefinition(data_type="NUMBER"),
            "vip": TraitDefinition(data_type="BOOLEAN"),
        },
    }
    assert missing_traits(lines[:2], [CHAT, CONTACT], IDENTITY, {}) == {}
    nobody = IdentitySettings(identifier_configs=())
    assert missing_traits(lines[:1], [], nobody, {})["Chat"]["identity"].id_type_promotion is None


@pytest.mark.parametrize(
    "identity",
    [
        "ana@example.com",
        "+15551234567",
        "x" * 255,
        "アナ",
        "أنا",
        "Анна",
        "👩‍💻",
        "a b/c?d#e%",
        " x ",
    ],
)
def test_any_identity_of_up_to_255_characters_becomes_a_chat_identifier(identity: str) -> None:
    """E-mail-like, phone-like, in any script: it stays as it is."""
    [found] = judge(user(identity))
    assert found.state == "new"
    assert found.identifiers == (("chat", identity),)
    assert found.traits == {"Chat": {"identity": identity}}


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (user("x" * 256), "at most 255"),
        (user(None), "no identity"),
        (user("bridge-test-customer-0123abcd"), "a test's"),
        (user("ana", email="not an address"), "no e-mail address"),
        (user("ana", phone="call me"), "no phone number"),
    ],
)
def test_who_is_left_out_is_told_why(one: User, why: str) -> None:
    """One that memory could not take keeps no other from being made."""
    bad, good = judge(one, user("ben"))
    assert (bad.state, good.state) == ("left out", "new")
    assert why in bad.why


def test_two_users_never_become_one_profile_by_chance() -> None:
    """Who shares an identifier, as the store compares it, is left out and told with whom."""
    found = judge(
        user("ana", email="A@Example.com"),
        user("ben", email="a@example.com"),
        user("cleo", phone="(555) 123-4567"),
        user("dora", phone="+1 555 123 4567"),
        user(" ana"),
        user("Ana"),
    )
    assert [one.state for one in found] == ["new", "left out", "new", "left out", "left out", "new"]
    assert "same email as ana" in found[1].why
    assert "same phone as cleo" in found[3].why
    assert "same chat as ana" in found[4].why


def test_agents_can_be_left_out() -> None:
    """By how their identities look; the line is no trait, and capitals count."""
    text = "identity -> Chat.identity\nnot agent.*\n not *@acme.com "
    assert left_out(text) == ("agent.*", "*@acme.com")
    lines = parse(text)
    assert [str(one) for one in lines] == ["identity -> Chat.identity"]
    names = ("agent.rita", "ana", "Agent.rita", "bob@acme.com")
    read = [(user(one), *traits_of(user(one), lines)) for one in names]
    found = list(judged(read, promotions([CHAT]), IDENTITY, left_out(text)))
    assert [one.state for one in found] == ["left out", "new", "new", "left out"]
    assert "leaves it out" in found[0].why


def test_a_mapping_without_an_identifier_makes_nobody() -> None:
    """A profile that could not be found again would be made anew each time."""
    [found] = judge(user("ana", "Ana"), mapping="friendly_name -> Contact.name")
    assert found.state == "left out"
    assert "identifier" in found.why


@given(st.text())
def test_normalising_twice_changes_nothing(value: str) -> None:
    """As a store that compares what it normalised needs it."""
    for how in ("email", "trim", "none"):
        once = normalized(value, how)
        assert normalized(once, how) == once
