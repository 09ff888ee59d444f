"""
Which trait of a profile gets what of a classic User.

A mapping is a few lines, `source -> Group.trait`. A source is `identity`, `friendly_name`, or a
member of the User's attributes: `attributes.email`, `attributes.address.city`. A line `not agent.*`
leaves out the Users whose identity looks like that (`*` stands for any characters), such as agents,
who need no profile. A trait whose
definition names an identifier (`idTypePromotion` in Twilio's OpenAPI for memory v1) becomes one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from ...api.models import IdentitySettings, TraitDefinition, TraitGroup, Traits, User
from ...errors import InvalidInput
from ...forms import E164

CHAT_TRAIT: Final = "Chat.identity"
"""Where the chat identity goes in a store that has no trait for it yet; made when it is needed."""
DEFAULT_NAME: Final = "friendly_name -> Contact.name"
DEFAULT_EMAIL: Final = "Contact.email"

_LINE: Final = re.compile(r"\s*(?P<source>\S+)\s*(?:->|→)\s*(?P<target>\S+)\s*")
_NOT: Final = re.compile(r"\s*not\s+(?P<pattern>\S+)\s*")
_TARGET: Final = re.compile(r"(?P<group>[A-Za-z0-9_-]{1,64})\.(?P<trait>[A-Za-z0-9_-]{1,64})")
_SOURCE: Final = re.compile(r"identity|friendly_name|attributes(\.[^.\s]+)+")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a User's source to a group's trait."""

    source: str
    group: str
    trait: str

    @property
    def target(self) -> str:
        """`Group.trait`."""
        return f"{self.group}.{self.trait}"

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}"


def parse(text: str) -> tuple[Line, ...]:
    """
    The lines of a mapping that name a trait.

    Empty ones and those that begin with `#` are passed over, and so are those of `left_out`.

    Raises:
        InvalidInput: A line of another form, a trait that is named twice, or no line at all.
    """
    lines: list[Line] = []
    for written in text.splitlines():
        if not written.strip() or written.strip().startswith("#") or _NOT.fullmatch(written):
            continue
        found = _LINE.fullmatch(written)
        target = _TARGET.fullmatch(found["target"]) if found else None
        if found is None or target is None or not _SOURCE.fullmatch(found["source"]):
            raise InvalidInput(
                "mapping",
                written.strip(),
                "a line is a source, an arrow and a trait, such as identity -> Chat.identity",
                "Sources are identity, friendly_name and attributes.NAME.",
            )
        lines.append(Line(found["source"], target["group"], target["trait"]))
    targets = [one.target for one in lines]
    twice = next((one for one in targets if targets.count(one) > 1), None)
    if twice:
        raise InvalidInput("mapping", twice, "a trait gets its value from one line only")
    if not lines:
        raise InvalidInput("mapping", text, "it needs a line at least")
    return tuple(lines)


def left_out(text: str) -> tuple[str, ...]:
    """The patterns of the identities that a mapping leaves out."""
    return tuple(found["pattern"] for line in text.splitlines() if (found := _NOT.fullmatch(line)))


def default_mapping(groups: Iterable[TraitGroup]) -> str:
    """Three lines that fit a store: the identity, the name, and an e-mail address."""
    promoted = promotions(groups)
    chat = next((one for one, kind in promoted.items() if kind == "chat"), CHAT_TRAIT)
    email = next((one for one, kind in promoted.items() if kind == "email"), DEFAULT_EMAIL)
    return f"identity -> {chat}\n{DEFAULT_NAME}\nattributes.email -> {email}"


def promotions(groups: Iterable[TraitGroup]) -> dict[str, str]:
    """`Group.trait` to the kind of identifier that its value becomes."""
    return {
        f"{group.display_name}.{name}": trait.id_type_promotion
        for group in groups
        for name, trait in (group.traits or {}).items()
        if trait.id_type_promotion
    }


def missing_traits(
    lines: Iterable[Line],
    groups: Iterable[TraitGroup],
    identity: IdentitySettings,
    values: Mapping[str, Iterable[Any]],
) -> dict[str, dict[str, TraitDefinition]]:
    """
    The traits that a store has to be given first, by group.

    Args:
        values: `Group.trait` to the values that it would get, which tell its type.
    """
    there = {group.display_name: set(group.traits or ()) for group in groups}
    wanted: dict[str, dict[str, TraitDefinition]] = {}
    for line in lines:
        if line.trait in there.get(line.group, ()):
            continue
        kind = "chat" if line.source == "identity" else line.trait.lower()
        promoted = (
            kind if kind in ("chat", "email", "phone") and kind in identity.id_types else None
        )
        definition = TraitDefinition(
            data_type=_data_type(values.get(line.target, ())), id_type_promotion=promoted
        )
        wanted.setdefault(line.group, {})[line.trait] = definition
    return wanted


def traits_of(user: User, lines: Iterable[Line]) -> tuple[Traits, tuple[str, ...]]:
    """
    What a User's profile would get, and what is worth knowing about it; sentences.

    A source that a User lacks is left out; so is a value that no trait can hold.
    """
    attributes, notes = _attributes(user)
    traits: Traits = {}
    for line in lines:
        value = _value(user, attributes, line.source)
        if value in (None, "", []):
            continue
        if not _fits(value):
            notes.append(f"{line.source} is no value that a trait can hold.")
            continue
        traits.setdefault(line.group, {})[line.trait] = value
    return traits, tuple(notes)


def types_of(
    groups: Iterable[TraitGroup], missing: Mapping[str, Mapping[str, TraitDefinition]]
) -> dict[str, str]:
    """`Group.trait` to STRING, NUMBER, BOOLEAN or ARRAY: what a store has, and what it lacks."""
    named = [(group.display_name, group.traits or {}) for group in groups]
    return {
        f"{group}.{name}": trait.data_type
        for group, traits in (*named, *missing.items())
        for name, trait in traits.items()
        if trait.data_type
    }


def fitted(traits: Traits, types: Mapping[str, str]) -> tuple[Traits, tuple[str, ...]]:
    """
    Traits of the types that the store has for them, and sentences about what is left out.

    A number becomes text where text is wanted. Sent as it is, a value of another type could keep
    the whole profile from being made, and nobody would be told: Bulk answers before the work.
    """
    kept: Traits = {}
    notes = []
    for group, named in traits.items():
        for name, value in named.items():
            wanted = types.get(f"{group}.{name}", "")
            if wanted == "STRING" and not isinstance(value, str | list):
                value = _as_text(value)
            if wanted in _TYPES and _data_type([value]) != wanted:
                notes.append(f"{group}.{name} takes {wanted}, so {str(value)[:40]!r} is left out")
            else:
                kept.setdefault(group, {})[name] = value
    return kept, tuple(notes)


def identifiers_in(traits: Traits, promoted: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """`(idType, value)` of the traits that become identifiers."""
    return tuple(
        (kind, str(value))
        for group, named in traits.items()
        for name, value in named.items()
        if (kind := promoted.get(f"{group}.{name}"))
    )


def broken(id_type: str, value: str) -> str:
    """Why a value cannot be an identifier of this kind; empty when it can."""
    if not value.strip():
        return f"the {id_type} is blank"
    if len(value) > 255:
        return f"the {id_type} has {len(value)} characters, and an identifier at most 255"
    if id_type == "email" and not _EMAIL.fullmatch(value.strip()):
        return f"{value[:40]!r} is no e-mail address"
    if id_type in ("phone", "whatsapp") and not E164.fullmatch(normalized(value, "phone")):
        return f"{value[:40]!r} is no phone number"
    return ""


def normalized(value: str, how: str | None) -> str:
    """A value as a store writes it before it compares (Twilio's OpenAPI, IdentifierConfig)."""
    if how == "none":
        return value
    if how == "email":
        return "".join(value.split()).lower()
    if how == "phone":
        digits = re.sub(r"[^0-9]", "", value)
        # A national number without a country is taken for one of the United States.
        return f"+1{digits}" if len(digits) == 10 and "+" not in value else f"+{digits}"
    return value.strip()


def _attributes(user: User) -> tuple[Any, list[str]]:
    if not user.attributes:
        return {}, []
    try:
        # Strict: a number beyond all bounds or half a character could not be sent on.
        return msgspec.json.decode(user.attributes), []
    except (ValueError, RecursionError):
        return {}, ["Its attributes are no JSON that can be read."]


def _value(user: User, attributes: Any, source: str) -> Any:
    if source == "identity":
        return user.identity
    if source == "friendly_name":
        return user.friendly_name
    found = attributes
    for name in source.split(".")[1:]:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _fits(value: Any) -> bool:
    several = value if isinstance(value, list) else [value]
    return all(isinstance(one, str | int | float | bool) for one in several)


def _as_text(value: bool | float) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).lower()


_TYPES: Final = ("STRING", "NUMBER", "BOOLEAN", "ARRAY")


def _data_type(values: Iterable[Any]) -> str:
    kinds = {
        "BOOLEAN"
        if isinstance(one, bool)
        else "NUMBER"
        if isinstance(one, int | float)
        else "ARRAY"
        if isinstance(one, list)
        else "STRING"
        for one in values
    }
    return kinds.pop() if len(kinds) == 1 else "STRING"
