"""
What was read, in words: the sentence on top, and a finding for everything worth knowing.

Sources: Twilio docs, conversations/orchestrator/concepts/lifecycle (when extraction and summaries
run, and that a conversation keeps the configuration it was born with), concepts/profiles (who
gets a profile), api/errors/530001 and following (why one was not found); OpenAPI for
intelligence v3 (a configuration without rules does nothing).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from ...api.models import Alert, IdentitySettings, Store
from ...api.session import Session
from ...words import counted
from .. import links
from ..findings import Finding, Level
from ..options import BORN_WITH, CHAT, EXTRACTION_NEEDS_TIMEOUTS, SUGGESTED_TIMEOUTS, Options
from .linked import Linked
from .sampling import LISTED, Sample

PROFILE_ALERTS: Final = "5300"
"""What codes about profiles begin with; that the debugger's list has them is not documented."""

KNOWN_CUSTOMERS: Final = "Make profiles of the classic Users: Known customers in 08, or the command"


def is_active(store: Store | None) -> bool:
    """Whether memory can use a store."""
    return store is not None and (store.status or "").upper() == "ACTIVE"


def works(options: Options, store: Store | None, sample: Sample) -> int:
    """
    In how many of the sampled conversations memory works.

    The customer is known, the store is ACTIVE, and extraction is on for the conversation as it
    was born.
    """
    if not is_active(store):
        return 0
    return sum(
        one.state == "known"
        and (options.memory_extraction if one.extraction is None else one.extraction)
        for one in sample.conversations
    )


def verdict(
    options: Options, store: Store | None, identity: IdentitySettings | None, sample: Sample
) -> str:
    """How it stands, in a sentence."""
    total = len(sample.conversations)
    if not total:
        start = "No bridged conversation was found to sample"
        return f"{start}, and {_off(options, store)}." if _off(options, store) else f"{start} yet."
    of = f"of {counted(total, 'sampled conversation')}"
    working = works(options, store, sample)
    known = sample.counted("known")
    if options.memory_extraction and store is not None and not store.status:
        customers = f"{known} {'customer is' if known == 1 else 'customers are'} known"
        return (
            f"Whether memory works for {counted(total, 'sampled conversation')} is not known, "
            f"because the memory store could not be read; {customers}."
        )
    if not working and _off(options, store):
        customers = f"{known} {'customer is' if known == 1 else 'customers are'} known"
        return f"Memory works for none {of}, because {_off(options, store)}; {customers}."
    reasons = []
    older = known - working
    if older:
        began = "began" if older > 1 else "which began"
        reasons.append(f"{older} {began} before extraction was switched on")
    unknown = total - known - sample.counted("nobody")
    if unknown:
        who = "customer is" if unknown == 1 else "customers are"
        reasons.append(f"{unknown} {who} unknown because {_why_unknown(identity, sample)}")
    nobody = sample.counted("nobody")
    if nobody:
        reasons.append(f"{nobody} {'has' if nobody == 1 else 'have'} no customer in it")
    if working and options.chat_timeouts is None:
        reasons.append("without CHAT timeouts only once somebody closes them")
    head = f"Memory works for {working or 'none'} {of}"
    return "; ".join([head, *reasons]) + "."


def options(on: Options, session: Session, service_sid: str) -> tuple[Finding, ...]:
    """What is on, and what is off and how it is switched on."""
    found = []
    for title, is_on, meaning in on.lines():
        check = title if title.startswith(CHAT) else title.lower()
        if is_on:
            found.append(Finding(check, "ok", f"On: {meaning}."))
            continue
        level: Level = "info" if check == "status callbacks" else "warning"
        timeouts = check.startswith(CHAT)
        found.append(
            Finding(
                check,
                level,
                f"Off: {meaning}.",
                EXTRACTION_NEEDS_TIMEOUTS if timeouts else BORN_WITH,
                f"Switch it on in 08 or 07, or: {switch_on(session, service_sid, check)}",
                links.LIFECYCLE if timeouts else links.ORCHESTRATOR,
            )
        )
    return tuple(found)


def switch_on(session: Session, service_sid: str, check: str) -> str:
    """The command that switches something on, without what writes it."""
    option = {
        "memory extraction": "--memory-extraction",
        "CHAT timeouts": f"--chat-timeouts {SUGGESTED_TIMEOUTS}",
        "intelligence": "--intelligence ID",
        "status callbacks": "--status-callback URL",
    }[check]
    return f"bridge-workbook change --service-sid {service_sid}{_target(session)} {option}"


def store(there: Store | None, store_id: str) -> tuple[Finding, ...]:
    """Whether memory has a place to keep anything."""
    if there is None:
        return (
            Finding(
                "memory store",
                "error",
                f"The memory store {store_id} is not there."
                if store_id
                else "The configuration names no memory store.",
                "Conversations are captured without identity or memory, silently.",
                "Connect another store (07, or the command change).",
                links.MEMORY,
            ),
        )
    name = there.display_name or there.id
    if is_active(there):
        return (Finding("memory store", "ok", f"{name} is ACTIVE."),)
    status = (there.status or "of unknown state").upper()
    return (
        Finding(
            "memory store",
            "error",
            f"{name} is {status}.",
            "Conversations are captured without identity or memory, silently.",
            "Connect another store (07, or the command change)."
            if status == "FAILED"
            else "Wait until it is ACTIVE, and look again.",
            links.MEMORY,
        ),
    )


def identity(settings: IdentitySettings | None) -> tuple[Finding, ...]:
    """Whether chat identities can be matched with profiles."""
    if settings is None:
        return ()
    kinds, rules = settings.id_types, settings.matching_rules or ()
    if "chat" in kinds and (not rules or "chat" in rules):
        shown = ", ".join(rules or kinds)
        return (Finding("identity", "ok", f"Customers are matched by {shown}."),)
    missing = "identifier" if "chat" not in kinds else "matching rule"
    others = ", ".join(kinds) or "none at all"
    return (
        Finding(
            "identity",
            "warning",
            f"The store has no {missing} chat; its identifiers are: {others}.",
            "A chat customer is found only where the chat identity is an e-mail address or a "
            "number that a profile has; everybody else stays unknown.",
            "Add chat to the identity resolution settings of the store, in the Console.",
            links.PROFILES,
        ),
    )


def customers(
    on: Options, settings: IdentitySettings | None, sample: Sample
) -> tuple[Finding, ...]:
    """Who is known, who is not, and who would be."""
    total = len(sample.conversations)
    found = []
    if not sample.listed_all:
        found.append(
            Finding(
                "sample",
                "info",
                f"It is of the first {LISTED:,} conversations that the service listed.",
                "The service lists them in no promised order, so newer ones may be missing.",
                "Look a customer up by name to be sure.",
            )
        )
    if sample.failed:
        first = sample.failed[0]
        found.append(
            Finding(
                "sample",
                "warning",
                f"{counted(len(sample.failed), 'conversation')} could not be read. {first.what}",
                "The figures are of the others.",
                first.action,
            )
        )
    if not total:
        found.append(
            Finding(
                "customers",
                "info",
                "There is no bridged conversation yet, but for tests.",
                "Whether customers are recognised shows with the first ones.",
                "Look again when customers have written, or run the demonstration in 03.",
            )
        )
        return tuple(found)
    unknown = sample.counted("unknown", "without profile")
    if not unknown:
        words = f"The customers of all {total} sampled conversations are known."
        if nobody := sample.counted("nobody"):
            words = f"Nobody is unknown; {nobody} of {total} have no customer in them."
        found.append(Finding("customers", "ok", words, link=links.PROFILES))
    else:
        found.append(
            Finding(
                "customers",
                "warning",
                f"{unknown} of {counted(total, 'sampled conversation')} have an unknown customer, "
                f"because {_why_unknown(settings, sample)}.",
                "Nothing that they say is remembered: only a CUSTOMER with a profile has memory.",
                f"{KNOWN_CUSTOMERS} benefits --known-customers.",
                links.PROFILES,
            )
        )
    if sample.unlooked:
        found.append(
            Finding(
                "lookup",
                "warning",
                f"Unknown customers could not be looked up. {sample.unlooked}",
                "How many of them have a profile is not known.",
                "Look again later, or use a key that may look profiles up.",
            )
        )
    older = sum(one.extraction is False for one in sample.conversations)
    if on.memory_extraction and older:
        found.append(
            Finding(
                "older conversations",
                "info",
                f"{older} of the sampled conversations began before extraction was switched on.",
                f"No memory is made of them. {BORN_WITH}",
                "Nothing is to be done: it shows with new conversations.",
                links.LIFECYCLE,
            )
        )
    return tuple(found)


def intelligence(on: Options, found: Linked) -> tuple[Finding, ...]:
    """Whether what is linked does anything."""
    told = []
    for one in found.missing:
        told.append(
            Finding(
                "intelligence",
                "error",
                f"The linked configuration {one} is not there.",
                "None of its rules runs on any conversation.",
                "Link another one (07, or the command change).",
            )
        )
    for words in found.unread:
        told.append(Finding("intelligence", "warning", words, "What it found is not told here."))
    idle = [one.display_name or one.id for one in found.configurations if not one.rules]
    if idle:
        told.append(
            Finding(
                "intelligence rules",
                "warning",
                f"{', '.join(idle)} {'has' if len(idle) == 1 else 'have'} no rule.",
                "Without a rule no operator ever runs.",
                "Add a rule with a trigger and an operator, in the Console.",
            )
        )
    if not found.rules:
        return tuple(told)
    told.append(
        Finding(
            "intelligence rules",
            "ok",
            f"{counted(found.rules, 'rule')}, on {', '.join(found.triggers) or 'no trigger'}.",
        )
    )
    ends = {"CONVERSATION_END", "CONVERSATION_INACTIVE"}
    if found.triggers and set(found.triggers) <= ends and on.chat_timeouts is None:
        told.append(
            Finding(
                "intelligence rules",
                "warning",
                "All rules wait for a conversation to end, and there are no CHAT timeouts.",
                "A chat ends only when somebody closes it, so the rules hardly ever run.",
                f"Set CHAT timeouts; Twilio advises {SUGGESTED_TIMEOUTS} minutes.",
                links.LIFECYCLE,
            )
        )
    if found.results or not found.unread:
        # Of results that could not be read it is not said that there are none.
        told.append(_results(found))
    return tuple(told)


def alerts(recent: Iterable[Alert]) -> tuple[Finding, ...]:
    """Warnings of the debugger about profiles, by code."""
    codes = Counter(
        one.error_code for one in recent if (one.error_code or "").startswith(PROFILE_ALERTS)
    )
    if not codes:
        return ()
    shown = ", ".join(f"{code} ({times})" for code, times in codes.most_common())
    return (
        Finding(
            "alerts",
            "warning",
            f"The debugger has alerts about profiles: {shown}.",
            "Customers were not matched with a profile, or none could be made for them.",
            f"Read https://www.twilio.com/docs/api/errors/{next(iter(codes))}.",
        ),
    )


def _results(found: Linked) -> Finding:
    if not found.results:
        return Finding(
            "intelligence results",
            "info",
            "There is no result yet.",
            "Whether the rules work shows with the first one.",
            "Wait for a conversation that sets a trigger off, or run the demonstration in 03.",
        )
    more = " or more" if found.more else ""
    shown = "; ".join(
        f"{operator or 'an operator that is not told'}: {count} on "
        + (trigger or "a trigger that is not told")
        + (f", {seconds:.1f} s" if seconds is not None else "")
        for operator, trigger, count, seconds in found.by_operator()[:5]
    )
    return Finding(
        "intelligence results", "ok", f"{counted(len(found.results), 'result')}{more}: {shown}."
    )


def _off(on: Options, there: Store | None) -> str:
    """What keeps memory from working at all; empty when nothing does."""
    if not is_active(there):
        if there is None:
            return "the memory store is not there"
        return f"the memory store is {(there.status or '').upper() or 'of unknown state'}"
    if not on.memory_extraction:
        return "memory extraction is off"
    return ""


def _why_unknown(settings: IdentitySettings | None, sample: Sample) -> str:
    """Why customers are unknown, as far as it can be seen."""
    unknown = sample.counted("unknown")
    resolved = sample.would_resolve
    if not unknown:
        return "they were given no profile"
    if settings is not None and "chat" not in settings.id_types and not resolved:
        return "the store has no identifier chat"
    if sample.unlooked and resolved:
        have = "has" if resolved == 1 else "have"
        return f"they were not matched with a profile, although {resolved} {have} one"
    if sample.unlooked or not sample.looked_up:
        return "they were not matched with a profile"
    if not resolved:
        return "no profile has what they write from"
    matched = "has a profile" if resolved == 1 else "have a profile"
    if resolved == unknown:
        return f"they were not matched, although {'it' if unknown == 1 else 'each'} has a profile"
    rest = unknown - resolved
    return (
        f"{resolved} {matched} that was not matched, and {rest} {'has' if rest == 1 else 'have'} "
        "none"
    )


def _target(session: Session) -> str:
    return "" if session.target == "sandbox" else f" --target {session.target}"
