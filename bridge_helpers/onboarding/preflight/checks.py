"""
The checks of a preflight: functions that return findings.

A check's docstring is the question that it answers; it is shown while the check is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from ...api.documents import bridging
from ...api.models import PhoneNumber
from ...api.session import Session
from ...errors import NotFound
from ...settings import DEFAULT_REGION
from ...words import counted
from .. import channels, links
from ..channels.compose import Placed
from ..channels.rules import captured_messaging, captures_of, inbound_calls, lacks, require_voice
from ..choose import named_service, only_service, only_store
from ..conflicts.run import conflicts
from ..conflicts.table import BRIDGED_ADDRESS, CAPTURED_ELSEWHERE, PAID_TWICE, WITHOUT_RULES
from ..findings import Finding
from ..options import Options
from ..undo import adopt_or_change
from .state import State

CONFIGURATIONS_SEEN_AS_LIMIT: Final = 10
"""One source says that an account may have ten configurations, another that it may have any
number: from ten on it is worth a remark."""


def _region(state: State) -> Iterator[Finding]:
    """Are Orchestrator, memory and intelligence listed for the region?"""
    region = state.session.account.region or DEFAULT_REGION
    if region != DEFAULT_REGION:
        yield Finding(
            "region",
            "error",
            f"Orchestrator, memory and intelligence are not listed for region {region}.",
            "There is nothing there to bridge into; keys and data belong to one region.",
            f"Use an account and a key of region {DEFAULT_REGION}.",
            links.REGIONS,
        )


def _addresses(state: State) -> Iterator[Finding]:
    """Do the credentials go to Twilio, and is all that was set used?"""
    account = state.session.account
    if account.warning:
        yield Finding(
            "addresses",
            "warning",
            account.warning,
            "Whoever is there reads the key and everything that is sent.",
            "Go on only if it is a proxy of yours; otherwise unset the TWILIO_…_URL variables.",
        )
    for sentence in account.unused:
        yield Finding(
            "addresses",
            "warning",
            sentence,
            "Somebody may have meant another place than the one that is worked on.",
            "Set it where the credentials are, or unset it.",
        )


def _credentials(state: State) -> Iterator[Finding]:
    """Are the credentials accepted, and are they the account's?"""
    # The list of services is the cheapest thing that a Standard key may read.
    session = state.session
    session.http.send("GET", "conversations", ("v1", "Services"), query=[("PageSize", "1")])
    sid = session.account.sid
    if session.key_is_known:
        yield Finding("credentials", "ok", f"They are accepted, and belong to account {sid}.")
        return
    yield Finding("credentials", "ok", "They are accepted.")
    yield Finding(
        "credentials",
        "info",
        f"Whether the key belongs to account {sid} could not be found out: nothing that it reads "
        "names an account.",
        "With another account's key everything is read from and written to that account.",
        "Compare key and account in the Console.",
    )


def _classic_service(state: State) -> Iterator[Finding]:
    """Is the classic service there?"""
    session, wanted = state.session, state.wanted
    sid = wanted.service_sid or only_service(session)
    state.service = named_service(session, sid)
    name = state.service.friendly_name or "without a name"
    yield Finding("classic service", "ok", f"{name} ({sid})")


def _memory_store(state: State) -> Iterator[Finding]:
    """Is the memory store there, and ready?"""
    session, wanted = state.session, state.wanted
    store_id = wanted.memory_store_id or only_store(session)
    try:
        store = session.memory.store(store_id)
    except NotFound as error:
        error.what = f"There is no memory store {store_id} in account {session.account.sid}."
        error.action = "Pick one of the account's stores, or create one in the Console first."
        raise
    status = (store.status or "of unknown state").upper()
    if status != "ACTIVE":
        yield Finding(
            "memory store",
            "error",
            f"{store.display_name or store_id} is {status}.",
            "Orchestrator would capture conversations without identity or memory, silently.",
            "Pick another store."
            if status == "FAILED"
            else "Wait until it is ACTIVE, and check again.",
            links.MEMORY,
        )
        return
    state.store = store
    yield Finding("memory store", "ok", f"{store.display_name or store_id} is ACTIVE.")


def _orchestrator(state: State) -> Iterator[Finding]:
    """Is Conversation Orchestrator enabled, with its terms accepted?"""
    state.configurations = list(state.facts.configurations())
    count = len(state.configurations)
    if count >= CONFIGURATIONS_SEEN_AS_LIMIT:
        yield Finding(
            "orchestrator",
            "warning",
            f"The account has {counted(count, 'configuration')} already.",
            "Creating another may be refused: Twilio's sources name different limits.",
            "If it is refused, remove a configuration that is not used any more.",
        )
    else:
        yield Finding(
            "orchestrator", "ok", f"Enabled; the account has {counted(count, 'configuration')}."
        )


def _bridge(state: State) -> Iterator[Finding]:
    """Is the service bridged already?"""
    if state.service is None or state.configurations is None:
        return
    there = state.bridged_by = bridging(state.configurations, state.service.sid)
    if there is None:
        yield Finding("bridge", "ok", "The service is not bridged yet.")
        return
    plan = state.plan
    differences = plan.differences(there) if plan else ()
    name = f"{there.display_name or 'a configuration'} ({there.id})"
    if not differences:
        yield Finding("bridge", "info", f"Bridged already by {name}, as planned: it is adopted.")
        return
    shown = "; ".join(f"{what}: planned {a!r}, there {b!r}" for what, a, b in differences)
    yield Finding(
        "bridge",
        "error",
        f"Bridged already by {name}, differently: {shown}.",
        "A service has one bridge; a second configuration would be refused.",
        adopt_or_change(state.session, state.service.sid),
        links.GUIDE,
    )


def _display_name(state: State) -> Iterator[Finding]:
    """Is the display name free?"""
    if state.configurations is None:
        return
    name = state.wanted.display_name
    taken = [
        one
        for one in state.configurations
        if one.display_name == name and one is not state.bridged_by
    ]
    if taken:
        yield Finding(
            "display name",
            "warning",
            f"{name!r} is the name of {taken[0].id} too.",
            "Two configurations of one name are hard to tell apart.",
            "Choose a name that says which customer and service it is.",
        )
    elif state.bridged_by is not None and state.bridged_by.display_name == name:
        yield Finding("display name", "ok", f"{name!r} is the name of the service's own bridge.")
    else:
        yield Finding("display name", "ok", f"{name!r} is free.")


def _phone_number(state: State) -> Iterator[Finding]:
    """Is there a number with voice and SMS?"""
    numbers = state.facts.numbers()
    fit = [one for one in numbers if one.voice and one.sms]
    if chosen := state.phone_number or state.wanted.voice_number:
        yield from _chosen_number(state, chosen, fit)
    elif fit:
        more = f" and {len(fit) - 1} more" if len(fit) > 1 else ""
        yield Finding(
            "phone number",
            "ok",
            f"None was chosen; {fit[0].phone_number}{more} of the account: voice and SMS.",
        )
    else:
        yield Finding(
            "phone number",
            "warning",
            f"None of {len(numbers)} owned numbers has both voice and SMS.",
            "The guide asks for one. Chat is bridged without it, voice and SMS are not tested.",
            "Buy a number with voice and SMS, or go on if the customer uses chat only.",
            links.NUMBERS,
        )


def _chosen_number(state: State, number: str, fit: list[PhoneNumber]) -> Iterator[Finding]:
    """The number that somebody chose is judged, whatever others the account has."""
    whys = {kind: lacks(kind, number, state.facts.numbers()) for kind in ("VOICE", "SMS")}
    if not any(whys.values()):
        yield Finding("phone number", "ok", f"{number}: voice and SMS.")
    elif state.phone_number:
        yield Finding(
            "phone number",
            "warning",
            " ".join(why for why in dict.fromkeys(whys.values()) if why),
            "The guide asks for one with voice and SMS. Chat is bridged without it; what the "
            "number lacks cannot be tried with it.",
            f"Pick one that has both, such as {fit[0].phone_number}, or go on if the customer "
            "uses chat only."
            if fit
            else "Buy a number with voice and SMS, or go on if the customer uses chat only.",
            links.NUMBERS,
        )
    elif not whys["VOICE"]:
        yield Finding("phone number", "ok", f"{number}: voice, which its calls need; no SMS.")
    # Without voice, or not owned, it is an error of the check of the voice number.


def _voice_number(state: State) -> Iterator[Finding]:
    """Can the calls to the voice number be captured?"""
    number = state.wanted.voice_number
    if not number:
        return
    require_voice(state.session, number, state.facts.numbers_read())
    [rule] = inbound_calls(number).rules
    at = state.situation((Placed("VOICE", rule, True),))
    table = (CAPTURED_ELSEWHERE, PAID_TWICE) if state.configurations is not None else ()
    for finding in conflicts(at, table, summarise=False):
        yield replace(finding, check="voice number")
    yield Finding(
        "voice number",
        "info",
        f"Inbound calls to {number} are captured too.",
        channels.VOICE_COST,
        link=links.CHANNELS,
    )


def _same_traffic(state: State) -> Iterator[Finding]:
    """Is any traffic captured a second time beside the bridge?"""
    if state.configurations is None:
        return
    doubled = [(one, found) for one in state.configurations if (found := captured_messaging(one))]
    if not doubled:
        yield Finding("same traffic", "ok", "No capture rule takes messages beside the bridge.")
    for one, found in doubled:
        yield Finding(
            "same traffic",
            "warning",
            f"{one.display_name or one.id} captures {', '.join(found)} by rule.",
            "Where these rules and the classic service take the same addresses, every message "
            "arrives in Orchestrator twice.",
            "Keep one integration for each channel: remove the rules or leave that channel out "
            "of the classic service.",
            links.GUIDE,
        )
        placed = (Placed(it.channel, rule, False) for it in captures_of(one) for rule in it.rules)
        at = state.situation(tuple(placed))
        for finding in conflicts(at, [BRIDGED_ADDRESS], summarise=False) if at.service_sid else ():
            yield replace(finding, check="same traffic")


def _linked(session: Session, ids: tuple[str, ...]) -> Iterator[Finding]:
    """What is to be linked has to be there, and does nothing without a rule."""
    for one in ids:
        try:
            there = session.intelligence.configuration(one)
        except NotFound:
            yield Finding(
                "intelligence",
                "error",
                f"There is no intelligence configuration {one} in account {session.account.sid}.",
                "Nothing would ever run on a conversation.",
                "Link one of the account's, or make one in the Console first.",
            )
            continue
        if not there.rules:
            yield Finding(
                "intelligence",
                "warning",
                f"{there.display_name or one} has no rule.",
                "Without a rule no operator ever runs.",
                "Add a rule with a trigger and an operator, in the Console.",
            )


def _inbound_addresses(state: State) -> Iterator[Finding]:
    """Which service do inbound messages land in?"""
    if state.service is None:
        return
    landing = [one.service_sid for one in state.facts.landings()]
    feeding = landing.count(state.service.sid.lower())
    elsewhere = len(landing) - feeding
    if elsewhere:
        yield Finding(
            "inbound addresses",
            "info" if feeding else "warning",
            f"{counted(elsewhere, 'address creates', 'addresses create')} conversations in "
            f"another service, {feeding or 'none'} in this one.",
            "Inbound messages of those land in a service that this bridge does not carry.",
            "Check which service each of the customer's numbers feeds.",
            links.CLASSIC_SERVICES,
        )
    else:
        found = (
            f"{counted(feeding, 'address creates', 'addresses create')} conversations in this "
            "service."
            if feeding
            else "None is set to create conversations in another service."
        )
        yield Finding("inbound addresses", "ok", found)


def _what_comes_in(state: State) -> Iterator[Finding]:
    """Does anything else about the account and the grouping stand in the way of what comes in?"""
    if state.service is not None:
        yield from conflicts(state.situation(()), WITHOUT_RULES, summarise=False)


def _benefits(state: State) -> Iterator[Finding]:
    """Are memory and intelligence on, which a bridge alone leaves off?"""
    there = state.bridged_by
    plan = state.plan
    if there is not None and (plan is None or not plan.differences(there)):
        # It is adopted as it is, with what it has beyond the plan.
        yield from Options.of(there).findings()
        return
    wanted = state.wanted.options
    yield from wanted.findings()
    yield from _linked(state.session, wanted.intelligence)


CHECKS: Final[tuple[Callable[[State], Iterator[Finding]], ...]] = (
    _region,
    _addresses,
    _credentials,
    _classic_service,
    _memory_store,
    _orchestrator,
    _bridge,
    _display_name,
    _phone_number,
    _voice_number,
    _same_traffic,
    _inbound_addresses,
    _what_comes_in,
    _benefits,
)
OPTIONAL: Final = (_phone_number, _inbound_addresses)
"""A Restricted key may lack these, and a chat-only bridge does without them: never fatal."""


def name_of(check: Callable[..., object]) -> str:
    """What a check is called in its findings."""
    return check.__name__.strip("_").replace("_", " ")
