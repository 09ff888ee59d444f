"""
Take away what a test made, and say what could not be taken away.

The order is the caller's: the classic conversation first, so that nothing new can be
written; then, once the messages on their way have arrived, the twins; then the Users, which
deleting a conversation leaves (Twilio docs, conversations/users; the identity takes the
place of the sid).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Final, Literal

from ...api.models import Conversation, Participant
from ...api.session import Session
from ...errors import BridgeError, Cancelled, NotFound
from ...progress import current_context
from ..findings import Finding
from .names import is_ours

DELETION: Final = 30.0
"""Seconds to follow the operation that deletes a twin."""

Outcome = Literal["removed", "gone", "left"]


class Removal:
    """
    Removes and remembers.

    Attributes:
        removed: What was removed or was gone already, sentences.
        findings: What was not, and why; a warning each.
    """

    def __init__(self, session: Session, service_sid: str) -> None:
        self._session = session
        self._service_sid = service_sid
        self.removed: list[str] = []
        self.findings: list[Finding] = []

    def conversation(self, sid: str) -> Outcome:
        """The classic conversation."""
        return self._remove(
            f"classic conversation {sid}",
            lambda: self._session.classic.delete_conversation(self._service_sid, sid),
        )

    def user(self, identity: str) -> Outcome:
        """The User of an identity."""
        return self._remove(
            f"User {identity}",
            lambda: self._session.classic.delete_user(self._service_sid, identity),
        )

    def twin(self, twin: Conversation, classic_sids: Iterable[str] = ()) -> Outcome:
        """
        An Orchestrator conversation and the profiles that were made for its identities.

        It is left where it also carries something that is not the test's.

        Args:
            classic_sids: Of the test's classic conversations; empty: those that the test's
                identities in the twin come from.
        """
        what = f"Orchestrator conversation {twin.id}"
        try:
            participants = list(self._session.orchestrator.participants(twin.id))
        except NotFound:
            # Most likely it is gone, and its deletion will say so.
            participants = []
        except Cancelled:
            raise
        except BridgeError as error:
            return self.leave(what, f"could not be looked into. {error.what}")
        others = strangers_in(participants, classic_sids)
        if others:
            shown = ", ".join(others[:3])
            return self.leave(
                what, f"was not removed, because it is not the test's alone: {shown}."
            )
        profiles = profiles_of(participants)
        store_id = self._store_of(twin) if profiles else ""
        ended = self._remove(what, lambda: self._delete_twin(twin.id))
        if ended != "left":
            for profile_id in profiles:
                self._profile(store_id, profile_id)
        return ended

    def _store_of(self, twin: Conversation) -> str:
        """The memory store of a twin, which a list item need not tell; empty when not known."""
        try:
            whole = twin if twin.configuration else self._session.orchestrator.conversation(twin.id)
        except Cancelled:
            raise
        except BridgeError:
            return ""
        return (whole.configuration.memory_store_id if whole.configuration else "") or ""

    def _delete_twin(self, conversation_id: str) -> bool:
        api = self._session.orchestrator
        try:
            accepted = api.delete_conversation(conversation_id, str(uuid.uuid4()))
            if accepted.operation_id:
                api.follow(
                    accepted.operation_id, first_look=accepted.retry_after, deadline=DELETION
                )
        except NotFound:
            return False
        return True

    def _profile(self, store_id: str, profile_id: str) -> None:
        """
        A profile that a test's participant carries.

        The identity was made up, so the profile was made for it, unless it has another
        identifier as well: then it is somebody's, and is left.
        """
        what = f"profile {profile_id}"
        memory = self._session.memory
        if not store_id:
            self.leave(what, "was not removed, because its memory store is not known.")
            return
        try:
            known = memory.identifiers(store_id, profile_id)
        except NotFound:
            self._told(what, "gone")
            return
        except Cancelled:
            raise
        except BridgeError as error:
            self.leave(what, f"could not be looked into. {error.what}")
            return
        if not all(is_ours(value) for one in known for value in one.values or ()):
            self.leave(what, "was not removed, because it has identifiers that are not the test's.")
            return
        self._remove(what, lambda: memory.delete_profile(store_id, profile_id))

    def _remove(self, what: str, remove: Callable[[], bool]) -> Outcome:
        current_context().say(f"Removing {what}")
        try:
            there = remove()
        except Cancelled:
            raise
        except BridgeError as error:
            return self.leave(what, f"could not be removed. {error.what}")
        return self._told(what, "removed" if there else "gone")

    def _told(self, what: str, outcome: Literal["removed", "gone"]) -> Outcome:
        self.removed.append(
            f"Removed {what}." if outcome == "removed" else f"The {what} was gone already."
        )
        return outcome

    def leave(self, what: str, why: str) -> Outcome:
        """Say that something stays."""
        self.findings.append(
            Finding(
                "clean-up",
                "warning",
                f"The {what} of a test {why}",
                "It stays in the customer's account.",
                "Look for leftovers of earlier tests later (03, or the command sweep), or remove "
                "it in the Console.",
            )
        )
        return "left"


def strangers_in(
    participants: Iterable[Participant], classic_sids: Iterable[str] = ()
) -> list[str]:
    """
    The addresses in an Orchestrator conversation that are not a test's.

    A test's are its identities, and whoever else takes part in its classic conversation, as
    an agent of Orchestrator's may.
    """
    addresses = [address for one in participants for address in one.addresses or ()]
    sids = set(classic_sids) or {
        one.channel_id for one in addresses if one.channel_id and is_ours(one.address)
    }
    return [
        f"{one.channel} {one.address}"
        for one in addresses
        if one.channel_id not in sids and (one.channel_id or not is_ours(one.address))
    ]


def profiles_of(participants: Iterable[Participant]) -> list[str]:
    """The profiles that a test's identities carry."""
    return [
        one.profile_id
        for one in participants
        if one.profile_id and any(is_ours(address.address) for address in one.addresses or ())
    ]
