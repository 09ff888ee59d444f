"""
Every check of combined channels, once: its level, the risk of ignoring it, what to do, its source.

`error` keeps a change from being made, where the change itself brings it; `warning` lets a person
go on knowing the risk. `docs/conflicts.md` shows this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .. import links
from ..findings import Level
from . import checks
from .checks import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """
    One check.

    Attributes:
        name: What the finding is called.
        look: Finds it; its docstring is the question.
        level: Of what the change brings; what was there already is a warning at most.
        risk: What happens when it is ignored.
        action: What to do.
        source: Where the rule comes from, in words.
        link: Twilio's page about it.
    """

    name: str
    look: Check
    level: Level
    risk: str
    action: str
    source: str
    link: str

    @property
    def asks(self) -> str:
        """The question that it answers."""
        return self.look.__doc__ or ""


_TWICE: Final = "Every message arrives in Orchestrator twice, and is counted and billed twice."

BRIDGED_ADDRESS: Final = Conflict(
    name="bridged address",
    look=checks.bridged_address,
    level="error",
    risk=_TWICE,
    action="Leave the rule out: the bridge carries these messages. To capture them by rule "
    "instead, take the address out of the classic service first.",
    source="Twilio's guide to the bridge, and its troubleshooting page: one integration for "
    "each channel",
    link=links.GUIDE,
)
CAPTURED_ELSEWHERE: Final = Conflict(
    name="captured elsewhere",
    look=checks.captured_elsewhere,
    level="warning",
    risk="Which of two configurations takes it is not documented: perhaps both, and calls are "
    "transcribed and billed twice.",
    action="Leave the address to one of the two configurations.",
    source="Twilio's page on channels names no order of configurations",
    link=links.CHANNELS,
)
PAID_TWICE: Final = Conflict(
    name="paid twice",
    look=checks.paid_twice,
    level="warning",
    risk="A rule for calls switches on Real-Time Transcription, which is billed. Where the "
    "answering TwiML transcribes too, each call is transcribed and paid twice.",
    action="Look whether what answers transcribes, and keep one of the two.",
    source="Twilio's page on ingestion; the number's settings are a hint",
    link=links.INGESTION,
)
CONFLICTS: Final = (
    BRIDGED_ADDRESS,
    Conflict(
        name="unseen conversations",
        look=checks.not_all_looked_at,
        level="warning",
        risk="A conversation that was not looked at may use the address that the rule takes.",
        action="Ask the customer whether the classic service sends from this address.",
        source="a rule of ours: each conversation is a request, so a part of them is looked at",
        link=links.GUIDE,
    ),
    Conflict(
        name="CHAT rule",
        look=checks.chat_rule,
        level="error",
        risk="Chat comes over the bridge only; a rule beside it takes the same messages again.",
        action="Leave the rule out.",
        source="Twilio's page on channels; the example of such a rule in its OpenAPI is not to "
        "be combined with a bridge",
        link=links.CHANNELS,
    ),
    CAPTURED_ELSEWHERE,
    Conflict(
        name="covered rule",
        look=checks.covered_rule,
        level="warning",
        risk="It changes nothing now, and goes on capturing when the other rule is removed.",
        action="Keep one of the two.",
        source="follows from what a rule matches (Twilio's page on ingestion)",
        link=links.INGESTION,
    ),
    Conflict(
        name="two wildcards",
        look=checks.two_wildcards,
        level="error",
        risk="It takes all traffic of the account in this channel, whoever it is with, and what "
        "the bridge and other configurations carry as well.",
        action="Name the number or sender on one side.",
        source="Twilio's page on ingestion: a wildcard needs the other side to match",
        link=links.INGESTION,
    ),
    Conflict(
        name="one direction",
        look=checks.one_direction,
        level="warning",
        risk="Half of each conversation is missing: only what one side says is captured.",
        action="Add the rule for the other direction.",
        source="Twilio's OpenAPI and guides: SMS needs two rules; WhatsApp and RCS are written "
        "alike",
        link=links.INGESTION,
    ),
    Conflict(
        name="CLIENT wildcard",
        look=checks.client_wildcard,
        level="error",
        risk="CLIENT takes no wildcard for identities, so no call would be captured.",
        action="Name the identity, or begin the conversation in TwiML for identities that change.",
        source="Twilio's page on channels",
        link=links.CHANNELS,
    ),
    Conflict(
        name="CLIENT identity",
        look=checks.client_identity,
        level="warning",
        risk="A CLIENT identity is not a phone number, so the caller is not matched with a "
        "profile by it.",
        action="Expect these callers without a profile, or let them call a phone number.",
        source="Twilio's page on channels",
        link=links.CHANNELS,
    ),
    Conflict(
        name="call type unknown",
        look=checks.call_type_unknown,
        level="error",
        risk="The rule may be refused, or capture nothing.",
        action="Use PSTN, CLIENT or PUBLIC_SIP.",
        source="Twilio's page on ingestion; its OpenAPI writes SIP for PUBLIC_SIP",
        link=links.INGESTION,
    ),
    Conflict(
        name="call type missing",
        look=checks.call_type_missing,
        level="warning",
        risk="Calls from apps and over SIP are not captured, which may not have been meant.",
        action="Say callType: PSTN if phone calls are meant.",
        source="Twilio's page on ingestion: PSTN where nothing is said",
        link=links.INGESTION,
    ),
    PAID_TWICE,
    Conflict(
        name="number",
        look=checks.number_unfit,
        level="error",
        risk="Nothing would ever be captured.",
        action="Pick an owned number that takes calls (voice) or messages (SMS).",
        source="Twilio's guide to the bridge: a number with voice and SMS",
        link=links.NUMBERS,
    ),
    Conflict(
        name="sender",
        look=checks.sender_unknown,
        level="warning",
        risk="If the account has no such sender, nothing is captured.",
        action="Compare it with the senders in the Console, letter by letter.",
        source="a rule of ours: senders of WhatsApp and RCS and short codes are in no list that "
        "is read here",
        link=links.CONSOLE,
    ),
    Conflict(
        name="another service",
        look=checks.feeds_another_service,
        level="warning",
        risk="The same messages are handled twice: in that service, and by what is captured. If "
        "that service is bridged too, they arrive in Orchestrator twice.",
        action="Switch off the making of conversations for this address, or leave the rule out.",
        source="Twilio's page on inbound auto-creation",
        link=links.AUTO_CREATION,
    ),
    Conflict(
        name="Messaging Service",
        look=checks.in_messaging_service,
        level="warning",
        risk="If the Messaging Service makes conversations, messages also land in the account's "
        "default classic service. That is in no field that can be read.",
        action="Look at the integration of the Messaging Service in the Console.",
        source="Twilio's page on inbound auto-creation; being in a Messaging Service is a hint",
        link=links.AUTO_CREATION,
    ),
    Conflict(
        name="messaging not asked",
        look=checks.messaging_not_asked,
        level="warning",
        risk="Whether the number is in a Messaging Service, which may handle its messages, is not "
        "known.",
        action="Set TWILIO_MESSAGING_URL, or look in the Console.",
        source="a rule of ours: a stand-in's /v1/Services is classic's",
        link=links.AUTO_CREATION,
    ),
    Conflict(
        name="URL beside conversations",
        look=checks.url_beside_auto_creation,
        level="warning",
        risk="Both happen: what answers at the URL and the agents in the conversation may both "
        "reply.",
        action="Remove the URL of the number, if the conversation is what is wanted.",
        source="Twilio's page on inbound auto-creation: they run side by side",
        link=links.AUTO_CREATION,
    ),
    Conflict(
        name="rules of a channel",
        look=checks.too_many_rules,
        level="warning",
        risk="Another rule may be refused.",
        action="Remove rules that are not used any more, or use another configuration.",
        source="Twilio's guidance: at most 100 rules for a channel of a configuration",
        link=links.CHANNELS,
    ),
    Conflict(
        name="no timeouts",
        look=checks.no_timeouts,
        level="info",
        risk="A conversation without timeouts stays open until somebody closes it, three years at "
        "most. Of several channels the one that lives longest counts.",
        action="Twilio advises 10/60 minutes, for CHAT 15/60.",
        source="Twilio's page on the lifecycle of conversations",
        link=links.LIFECYCLE,
    ),
    Conflict(
        name="no chat identifier",
        look=checks.no_chat_identifier,
        level="warning",
        risk="Bridged chats do not join the calls and messages of the same person.",
        action="Add the identifier chat to the store's identity settings, or group by addresses.",
        source="Twilio's page on profiles",
        link=links.PROFILES,
    ),
    Conflict(
        name="Agent Connect",
        look=checks.agent_connect,
        level="warning",
        risk="Agent Connect works with GROUP_BY_PARTICIPANT_ADDRESSES only.",
        action="Nothing, if the customer does not use it. Grouping is fixed: another one needs a "
        "new configuration.",
        source="the documentation of Agent Connect",
        link=links.ORCHESTRATOR,
    ),
    Conflict(
        name="memory store",
        look=checks.store_not_active,
        level="error",
        risk="Conversations would be captured without identity or memory, silently.",
        action="Wait until it is ACTIVE, or choose another store.",
        source="Twilio's quickstart and troubleshooting pages",
        link=links.MEMORY,
    ),
    Conflict(
        name="no channel",
        look=checks.address_without_channel,
        level="warning",
        risk="Orchestrator has no channel of this kind: how the bridge shows these conversations "
        "is not documented.",
        action="Try one before promising anything to the customer.",
        source="Twilio's OpenAPI: classic has messenger, email, apple and gbm, Orchestrator not",
        link=links.CHANNELS,
    ),
    Conflict(
        name="Flex",
        look=checks.flex,
        level="warning",
        risk="Flex has a service and interactions of its own; messages that Flex handles are not "
        "this service's, and rules for its addresses take them a second time.",
        action="Ask which addresses Flex handles, and capture none of these.",
        source="Twilio's pages on Flex; the target of the account's webhooks",
        link=links.CHANNELS,
    ),
)

WITHOUT_RULES: Final = tuple(
    one
    for one in CONFLICTS
    if one.look
    in (
        checks.url_beside_auto_creation,
        checks.no_chat_identifier,
        checks.agent_connect,
        checks.address_without_channel,
        checks.flex,
    )
)
"""What may be wrong with the account and the bridge itself, whatever is captured."""
