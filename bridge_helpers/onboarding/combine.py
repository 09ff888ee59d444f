"""
Combine other channels with a bridge that stands: what would be captured, and what may go wrong.

The step looks and writes nothing; `change.carry_out` writes its proposal. What is asked for is
composed anew from what is there just before it is written, so that only the channels that change
are named.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from ..api.documents import ConfigurationDocument
from ..api.models import ChannelSetting, Configuration
from ..api.session import Session
from ..progress import OnProgress, step_context
from .change import Proposal, propose
from .channels.compose import RULES, TIMEOUTS, Composition, compose
from .channels.intents import Intent
from .channels.words import settings_in_words
from .conflicts.facts import Facts
from .conflicts.run import conflicts
from .conflicts.situation import Situation
from .findings import Finding
from .incoming import Incoming, incoming
from .journal import Journal
from .options import ChatTimeouts

CHANNELS: Final = "channelSettings"


@dataclass(frozen=True, slots=True)
class Combination:
    """
    Channels beside a bridge, as they would be.

    Attributes:
        proposal: The change: its difference, its findings, and what `carry_out` takes.
        composition: What becomes of `channelSettings`.
        words: What is captured afterwards, in sentences.
        incoming: Where calls and messages go; None where it was not asked for.
    """

    proposal: Proposal
    composition: Composition
    words: tuple[str, ...]
    incoming: Incoming | None = None


def combine(
    session: Session,
    service_sid: str,
    capture: Iterable[Intent] = (),
    release: Iterable[Intent] = (),
    *,
    timeouts: Mapping[str, ChatTimeouts] | None = None,
    with_incoming: bool = False,
    journal: Journal | None = None,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Combination:
    """
    Look at what capturing and releasing would change, and what may go wrong; reads only.

    Args:
        service_sid: The bridged classic service, in canonical form.
        timeouts: Channel to the minutes until its conversations are INACTIVE and CLOSED.
        with_incoming: Also draw the map of where calls and messages go, today and afterwards.
        journal: Where writes are kept; default: the one under `BRIDGE_HOME`.

    Raises:
        NotBridged: No configuration bridges the service.
        ApiError, ConnectionFailed: The service refused or could not be reached.
        Cancelled: The step was stopped.
    """
    capture, release, timeouts = tuple(capture), tuple(release), dict(timeouts or {})

    def composed(present: Mapping[str, Any]) -> Composition:
        return compose(present.get(CHANNELS), capture, release, timeouts)

    with step_context(on_progress, cancel):
        proposal = propose(
            session,
            service_sid,
            lambda present: composed(present).body,
            action="channels",
            journal=journal,
            on_progress=on_progress,
            cancel=cancel,
        )
        facts = Facts(session)
        there = bridge_that_stands(proposal)
        composition = composed(there.members)
        at = situation(facts, service_sid, there.record, composition)
        found = (*_notes(composition), *conflicts(at))
        return Combination(
            replace(proposal, findings=(*found, *proposal.findings)),
            composition,
            settings_in_words(_typed(composition.settings)),
            incoming(
                session,
                service_sid,
                composition.settings,
                facts=facts,
                on_progress=on_progress,
                cancel=cancel,
            )
            if with_incoming
            else None,
        )


def bridge_that_stands(proposal: Proposal) -> ConfigurationDocument:
    """
    The configuration that a change of channels is about.

    Raises:
        LookupError: The proposal is about one that is gone.
    """
    if proposal.there is None:
        raise LookupError("a change of channels is about a configuration that stands")
    return proposal.there


def situation(
    facts: Facts, service_sid: str, there: Configuration, composition: Composition
) -> Situation:
    """A configuration that stands, with the channels as they would be."""
    return Situation(
        facts=facts,
        service_sid=service_sid,
        configuration_id=there.id,
        rules=composition.rules,
        grouping=there.conversation_grouping_type or "",
        memory_store_id=there.memory_store_id or "",
        timed=frozenset(
            channel for channel, setting in composition.settings.items() if setting.get(TIMEOUTS)
        ),
    )


def captured_now(there: Configuration) -> tuple[Intent, ...]:
    """The intents whose rules a configuration has, whole: what can be released by one click."""
    found = []
    for channel, setting in (there.channel_settings or {}).items():
        raw = {channel: {RULES: msgspec.to_builtins((setting and setting.capture_rules) or ())}}
        for rule in (setting and setting.capture_rules) or ():
            intent = Intent.of_rule(channel, rule)
            if intent and intent not in found and not compose(raw, [intent]).body:
                found.append(intent)
    return tuple(found)


def _notes(composition: Composition) -> Iterable[Finding]:
    for note in composition.notes:
        yield Finding("channels", "info", note)


def _typed(settings: Mapping[str, Any]) -> dict[str, ChannelSetting | None]:
    # As answers are read: the service may write a number as text.
    return msgspec.convert(dict(settings), dict[str, ChannelSetting | None], strict=False)
