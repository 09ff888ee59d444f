"""
Take away what a test made, and say what could not be taken away.

The order is the caller's: the classic conversation first, so that nothing new can be
written; then, once the messages on their way have arrived, the twins, with what operators found
in them; then profiles; then the Users, which deleting a conversation leaves (Twilio docs,
conversations/users; the identity takes the place of the sid). The Users come last because
they have names: what else a killed test left is found by them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final, Literal

from ...api.memory import Memory
from ...api.models import ConfigurationSettings, Conversation, Participant
from ...api.session import Session
from ...errors import BridgeError, Cancelled, NotFound
from ...progress import current_context
from ..findings import Finding
from .names import Names, is_ours

DELETION: Final = 30.0
"""Seconds to follow the operation that deletes a twin."""

REMOVE_LATER: Final = (
    "Look for leftovers of earlier tests later (03, or the command sweep), or remove them in the "
    "Console."
)

Outcome = Literal["removed", "gone", "left"]


class Removal:
    """
    Removes and remembers.

    Args:
        analysed: Whether the bridge links intelligence, whatever a twin tells of what it was born
            with: a service may leave it out there.

    Attributes:
        removed: What was removed or was gone already, sentences.
        findings: What was not, and why; a warning each.
    """

    def __init__(self, session: Session, service_sid: str, *, analysed: bool = False) -> None:
        self._session = session
        self._service_sid = service_sid
        self._analysed = analysed
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
        An Orchestrator conversation, its operator results, and the profiles of its identities.

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
        settings = self._settings_of(twin)
        if self._analysed or (settings and settings.intelligence_configuration_ids):
            self._results(twin.id)
        ended = self._remove(what, lambda: self._delete_twin(twin.id))
        if ended != "left":
            for profile_id in profiles:
                self.profile((settings.memory_store_id if settings else "") or "", profile_id)
        return ended

    def profiles_named(self, store_id: str, names: Names) -> None:
        """The profiles that a store has of a test's customer, looked up by its identifiers."""
        for profile_id in self._looked_up(store_id, names):
            self.profile(store_id, profile_id)

    def _looked_up(self, store_id: str, names: Names) -> list[str]:
        memory = self._session.memory
        try:
            return named_profiles(memory, store_id, names)
        except Cancelled:
            raise
        except BridgeError as error:
            self.leave(f"profile of {names.customer}", f"could not be looked for. {error.what}")
            return []

    def _settings_of(self, twin: Conversation) -> ConfigurationSettings | None:
        """What a twin was born with, which a list item need not tell; None when not known."""
        try:
            whole = twin if twin.configuration else self._session.orchestrator.conversation(twin.id)
        except Cancelled:
            raise
        except BridgeError:
            return None
        return whole.configuration

    def _results(self, conversation_id: str) -> None:
        """What operators found in a twin; it is not known to go with the conversation."""
        api = self._session.intelligence
        try:
            found = [one.id for one in api.results(conversation_id=conversation_id)]
        except Cancelled:
            raise
        except BridgeError as error:
            self.leave(
                f"operator results of {conversation_id}", f"could not be looked for. {error.what}"
            )
            return
        for result_id in found:
            self._remove(f"operator result {result_id}", partial(api.delete_result, result_id))

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

    def profile(self, store_id: str, profile_id: str) -> Outcome:
        """
        A profile that a test's participant carries.

        The identity was made up, so the profile was made for it, unless it has another
        identifier as well: then it is somebody's, and is left.
        """
        what = f"profile {profile_id}"
        memory = self._session.memory
        if not store_id:
            return self.leave(what, "was not removed, because its memory store is not known.")
        try:
            known = memory.identifiers(store_id, profile_id)
        except NotFound:
            return self._told(what, "gone")
        except Cancelled:
            raise
        except BridgeError as error:
            return self.leave(what, f"could not be looked into. {error.what}")
        if not all(is_ours(value) for one in known for value in one.values or ()):
            return self.leave(
                what, "was not removed, because it has identifiers that are not the test's."
            )
        return self._remove(what, lambda: memory.delete_profile(store_id, profile_id))

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
        """Say that something stays; once, though it may be tried in more than one way."""
        finding = Finding(
            "clean-up",
            "warning",
            f"The {what} of a test {why}",
            "It stays in the customer's account.",
            REMOVE_LATER,
        )
        if finding not in self.findings:
            self.findings.append(finding)
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


def named_profiles(memory: Memory, store_id: str, names: Names) -> list[str]:
    """
    The profiles that a store has of a test's customer; nothing is made by a look-up.

    Raises:
        BridgeError: The store could not be asked.
    """
    kinds = memory.identity_settings(store_id).id_types
    asked = [
        pair for pair in (("chat", names.customer), ("email", names.email)) if pair[0] in kinds
    ]
    found = [one for kind, value in asked for one in memory.look_up(store_id, kind, value)]
    return list(dict.fromkeys(found))


def profiles_of(participants: Iterable[Participant]) -> list[str]:
    """The profiles that a test's identities carry."""
    return [
        one.profile_id
        for one in participants
        if one.profile_id and any(is_ours(address.address) for address in one.addresses or ())
    ]
