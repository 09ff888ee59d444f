"""
Classic Users as they would become profiles: who is new, who is known, and who is left out.

Two Users never become one profile by chance: where they share an identifier, as the store
compares it, the second is left out and says with whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Literal

from ...api.fan_out import fan_out
from ...api.models import IdentitySettings, Traits, User
from ...api.session import Session
from ...progress import current_context
from ..proof.names import is_ours
from .batches import Sent, fingerprint
from .mapping import broken, identifiers_in, normalized

State = Literal["new", "joins", "known", "sent", "left out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """
    A User as it would become a profile.

    Attributes:
        state: `new` (a profile would be made), `joins` (a profile has one of its identifiers,
            and gets the rest), `known` (a profile has its chat identity), `sent` (accepted, not
            to be found yet) or `left out`.
        why: Why it is left out, or what else is worth knowing.
        profile_id: The profile that was found; empty where none was.
    """

    user_sid: str
    identity: str
    name: str
    traits: Traits
    identifiers: tuple[tuple[str, str], ...]
    state: State
    why: str = ""
    profile_id: str = ""

    @property
    def to_send(self) -> bool:
        """Whether it would be written."""
        return self.state in ("new", "joins")


def judged(
    read: Iterable[tuple[User, Traits, tuple[str, ...]]],
    promoted: dict[str, str],
    identity: IdentitySettings,
    without: tuple[str, ...] = (),
) -> Iterator[Candidate]:
    """
    Everybody with a state, before anybody is looked up.

    Args:
        read: Each User with its traits and with what is worth knowing about them.
        promoted: `Group.trait` to the kind of identifier that its value becomes.
        without: Patterns of the identities that get no profile.
    """
    how = {one.id_type: one.normalization for one in identity.identifier_configs or ()}
    owners: dict[tuple[str, str], str] = {}
    for user, traits, notes in read:
        given = [one for one in identifiers_in(traits, promoted) if one[0] in how]
        # By its chat identity first: that is what the bridge looks for.
        given.sort(key=lambda one: one[0] != "chat")
        name = user.identity or user.sid
        trouble = _trouble(user, given, without)
        keys = [(kind, normalized(value, how[kind])) for kind, value in given]
        if not trouble:
            taken = next((key for key in keys if key in owners), None)
            if taken is not None:
                trouble = f"it has the same {taken[0]} as {owners[taken]}"
        if not trouble:
            owners.update(dict.fromkeys(keys, name))
        yield Candidate(
            user_sid=user.sid,
            identity=user.identity or "",
            name=user.friendly_name or "",
            traits=traits,
            identifiers=tuple(given),
            state="left out" if trouble else "new",
            why=". ".join(filter(None, [trouble, *notes])),
        )


def _trouble(user: User, identifiers: Iterable[tuple[str, str]], without: tuple[str, ...]) -> str:
    """Why a User gets no profile; empty when nothing stands in its way."""
    if not user.identity:
        return "it has no identity"
    if is_ours(user.identity):
        return "it is a test's"
    if any(fnmatchcase(user.identity, pattern) for pattern in without):
        return "the mapping leaves it out"
    if not identifiers:
        return "none of its traits is an identifier of the store"
    return next(filter(None, (broken(kind, value) for kind, value in identifiers)), "")


def looked_up(
    session: Session, store_id: str, candidates: Iterable[Candidate], sent: Sent
) -> Iterator[Candidate]:
    """Everybody with the profile that is found; nothing is made by a look-up."""
    context = current_context()
    everybody = list(candidates)

    def look(one: Candidate) -> tuple[str, str]:
        if one.to_send:
            for kind, value in one.identifiers:
                for profile_id in session.memory.look_up(store_id, kind, value):
                    return kind, profile_id
        return "", ""

    for number, outcome in enumerate(fan_out(look, everybody), start=1):
        if number % 50 == 0:
            context.say("Looking the Users up", done=number, total=len(everybody))
        one, (kind, profile_id) = outcome.item, outcome.result
        if profile_id and (kind == one.identifiers[0][0]):
            yield replace(one, state="known", profile_id=profile_id)
        elif profile_id:
            yield replace(
                one, state="joins", profile_id=profile_id, why=f"a profile has its {kind}"
            )
        elif one.to_send and fingerprint(one.identity) in sent.accepted:
            yield replace(one, state="sent")
        else:
            yield one
