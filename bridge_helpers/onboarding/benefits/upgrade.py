"""
Make an UNKNOWN participant the CUSTOMER of a conversation, with the profile that it has.

The participant is replaced as a whole (PUT; Twilio's OpenAPI for conversations v2 has no PATCH),
so it is read right before, and everything else of it is sent back as it was. A CLOSED
conversation cannot be changed any more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from ...api.models import Participant
from ...api.session import Session
from ...errors import BridgeError, Cancelled
from ...progress import OnProgress, step_context
from ..proof.write_once import write_once
from .sampling import Sample, Sampled

State = Literal["could be", "made", "left"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """
    What became of the customer of one conversation.

    Attributes:
        state: `could be` a CUSTOMER (nothing was written), was `made` one, or was `left`.
        why: Why it was left; empty otherwise.
    """

    conversation_id: str
    participant_id: str
    address: str
    profile_id: str
    state: State
    why: str = ""


def make_customers(
    session: Session,
    sample: Sample,
    *,
    apply: bool = False,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> tuple[Upgrade, ...]:
    """
    Make the unknown customers of a sample CUSTOMER, where exactly one profile is theirs.

    Args:
        sample: With the profiles that were looked up (`benefits(…).sample`).
        apply: Write; without it nothing is sent.

    Returns:
        One for each conversation whose unknown customer has a profile. One that the service
        refuses is left, with its reason, and does not keep the others from being made.

    Raises:
        Cancelled: Stopped in between; what was made stays.
    """
    wanted = [one for one in sample.conversations if one.state == "unknown" and one.resolves]
    done: list[Upgrade] = []
    with step_context(on_progress, cancel, clock, sleep) as context:
        for number, one in enumerate(wanted):
            context.check()
            context.say("Making participants CUSTOMER", done=number, total=len(wanted))
            done.append(_upgrade(session, one, apply))
    return tuple(done)


def _upgrade(session: Session, one: Sampled, apply: bool) -> Upgrade:
    participant_id, profile_id = one.resolves[0]
    there = next((who for who in one.candidates if who.id == participant_id), None)
    addresses = (there.addresses if there else None) or ()

    def told(state: State, why: str = "") -> Upgrade:
        return Upgrade(
            conversation_id=one.conversation_id,
            participant_id=participant_id,
            address=addresses[0].address if addresses else "",
            profile_id=profile_id,
            state=state,
            why=why,
        )

    if one.status == "CLOSED":
        return told("left", "The conversation is CLOSED, so nothing in it can be changed.")
    if len(one.resolves) > 1:
        return told("left", "More than one profile would fit, so a person has to choose.")
    if not apply:
        return told("could be")
    try:
        return told(*_put(session, one.conversation_id, participant_id, profile_id))
    except Cancelled:
        raise
    except BridgeError as error:
        return told("left", f"{error.what} {error.why}".rstrip())


def _put(
    session: Session, conversation_id: str, participant_id: str, profile_id: str
) -> tuple[State, str]:
    api = session.orchestrator
    before = api.participant(conversation_id, participant_id)
    if before.type == "CUSTOMER":
        return "left", "Somebody made it CUSTOMER meanwhile."
    body: dict[str, Any] = {
        "type": "CUSTOMER",
        "profileId": profile_id,
        "addresses": msgspec.to_builtins(before.addresses or ()),
    }
    if before.name:
        body["name"] = before.name

    def is_done() -> Participant:
        now = api.participant(conversation_id, participant_id)
        if (now.type, now.profile_id) != ("CUSTOMER", profile_id):
            raise StopIteration
        return now

    write_once(
        lambda: api.replace_participant(conversation_id, participant_id, body),
        is_done,
    )
    return "made", ""
