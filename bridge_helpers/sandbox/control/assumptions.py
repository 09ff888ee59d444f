"""
Where Twilio documents nothing, the sandbox had to choose: every choice, in this one place.

Each assumption says what the sandbox does and why. ``docs/sandbox.md`` shows the same list, and
``GET /_sandbox/`` answers with it.
"""

from __future__ import annotations

from msgspec import Struct


class Assumption(Struct, frozen=True):
    """One undocumented behaviour: what the sandbox does, and the reason for it."""

    id: str
    does: str
    why: str


ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "already-bridged",
        "A second configuration for a bridged classic service is refused at once: 409 with "
        "X-Conflicting-Resource-Id. The service is taken from the moment a request is accepted.",
        "The specification says one configuration per service and declares that header, not when "
        "it is checked; checking at once leaves no moment with two.",
    ),
    Assumption(
        "unknown-service",
        "A bridge to a classic service that does not exist is accepted, and its operation ends "
        "FAILED with status 404.",
        "Classic is another product behind the same host, so the check is taken to be part of the "
        "asynchronous work; 404 is not declared for the POST.",
    ),
    Assumption(
        "unknown-store",
        "A memoryStoreId that does not exist is refused with 400 and code 20001; one that is not "
        "ACTIVE yet is accepted.",
        "404 is not declared for the POST, and a missing memoryStoreId is known to give 20001.",
    ),
    Assumption(
        "visible-at-the-end",
        "A new configuration is in lists and can be fetched when its operation is COMPLETED, "
        "not before; changes and deletions take effect then too.",
        "The operation is what makes it so; a client that reads earlier should be able to fail.",
    ),
    Assumption(
        "names-repeat",
        "Two configurations may have the same displayName, and there is no limit to their number "
        "unless configuration_limit is set.",
        "No rule says otherwise for names; sources disagree about the number (none, or 10).",
    ),
    Assumption(
        "grouping-changes",
        "PUT and PATCH may change conversationGroupingType; open conversations keep theirs.",
        "The specification lists the member in both; Twilio's skills for AI assistants call it "
        "immutable.",
    ),
    Assumption(
        "null-of-what-must-be",
        "PATCH with null leaves displayName, description and memoryStoreId as they are, empties "
        "the lists, switches extraction off and disconnects the bridge; PUT without displayName "
        "keeps the name.",
        "These members are nullable in the request and required in the answer.",
    ),
    Assumption(
        "channel-names",
        "channelSettings takes the keys VOICE, SMS, RCS, WHATSAPP and CHAT and no others, and at "
        "most 100 capture rules each.",
        "The specification allows any key; the documentation knows these five.",
    ),
    Assumption(
        "deletion-twice",
        "PUT, PATCH and DELETE of something whose deletion is under way give 409 with its own id.",
        "409 is declared for these calls and no other cause is documented.",
    ),
    Assumption(
        "idempotency-mismatch",
        "A known Idempotency-Key with another method, path or body gives 409 without "
        "X-Conflicting-Resource-Id. Bodies are compared as JSON, not byte by byte. Refused "
        "requests do not use a key up.",
        "Only the repeat of the same request is documented; 409 is declared wherever a key is.",
    ),
    Assumption(
        "not-enabled",
        "An account without Orchestrator gets 404 and code 20404 on every path of v2; classic, "
        "memory and numbers go on.",
        "No answer is documented for it; a product that an account does not have is usually "
        "not there.",
    ),
    Assumption(
        "no-back-fill",
        "What was in classic before the bridge stays there: an old conversation appears in v2 "
        "with its next message, and with that message only. A conversation without messages "
        "does not appear.",
        "No import is mentioned anywhere.",
    ),
    Assumption(
        "what-crosses",
        "Messages written while the bridge is up cross it, even if it is gone when they arrive. "
        "Edits, deletions, read marks, states, timers and attributes do not cross.",
        "There are no v2 members for them; a message that was accepted should not vanish.",
    ),
    Assumption(
        "order",
        "Messages of one conversation arrive in the order in which they were written, jitter or "
        "not. A communication occurred when its message was written and is created when it "
        "arrives.",
        "Order is not promised anywhere, but a bridge that shuffles would be of no use.",
    ),
    Assumption(
        "bridged-links",
        "The classic conversation's sid is the channelId of addresses and communications, the "
        "message's sid is the resourceId, and the conversation is named like the classic one "
        "(or by its sid).",
        "channelId has been observed; the specification describes resourceId with the message "
        "sid as its example; the name is a guess.",
    ),
    Assumption(
        "who-comes-first",
        "The first message brings its author alone and has no recipients; the other participants "
        "follow after one more lag. With bridged_participants agent-omitted they follow when "
        "they first write.",
        "Both have been observed: a customer without an agent at first, and an agent that the "
        "bridge left out; clients must not demand two.",
    ),
    Assumption(
        "bridged-types",
        "Bridged participants arrive UNKNOWN, the number that a customer writes to as well. One "
        "lag after a message its author is looked up, and becomes CUSTOMER with a profileId if "
        "the store knows the address; no profile is made. With bridged_participants typed a "
        "known address is CUSTOMER at once and the number is AGENT.",
        "UNKNOWN has been observed for customers and agents, with an upgrade later; when that "
        "happens is not documented. Profiles are documented to be looked up for UNKNOWN and "
        "created for CUSTOMER alone.",
    ),
    Assumption(
        "participant-name",
        "A participant without a name is called by its first address.",
        "Agent Connect's models demand a string although the specification allows null.",
    ),
    Assumption(
        "closed-twin",
        "A CLOSED v2 conversation no longer mirrors its classic one; the next classic message "
        "starts a new v2 conversation. There is never more than one open.",
        "Closed conversations cannot change, and a message must not be lost.",
    ),
    Assumption(
        "two-sides-of-the-end",
        "Deleting or closing a classic conversation leaves the v2 one as it is, and the other "
        "way round. After the deletion of the v2 one the next message starts a new one.",
        "No effect on the other side is documented.",
    ),
    Assumption(
        "bridge-taken-down",
        "Deleting a configuration, or taking its bridge away, stops new messages from crossing; "
        "v2 conversations stay, with the configuration that they were born with. Deleting the "
        "classic service leaves the configuration in place.",
        "Configurations are pinned at birth; nothing says that conversations are closed.",
    ),
    Assumption(
        "chat-timeouts",
        "channelSettings.CHAT.statusTimeouts apply to bridged conversations; a channel without "
        "timeouts makes a conversation live until it is closed, or for three years.",
        "Twilio's skills for AI assistants suggest values for CHAT, which only the bridge carries.",
    ),
    Assumption(
        "closed-refusal",
        "Changes to a CLOSED conversation, its participants, communications and actions give "
        "400; it can still be deleted.",
        "Closed is documented as immutable; 400 is the one fitting status declared for all.",
    ),
    Assumption(
        "communications-only-record",
        "POST of a communication records it and sends nothing, bridged or not; an address that "
        "nobody has becomes a participant of type UNKNOWN.",
        "Sending has its own call, SEND_MESSAGE; answers always carry a participantId.",
    ),
    Assumption(
        "resource-id-updates",
        "POST of a communication with a known resourceId replaces that communication.",
        "The newest SDK and specification say so; the older specification lacks the member.",
    ),
    Assumption(
        "send-message",
        "SEND_MESSAGE ends after the lag: in a bridged conversation, and on CHAT always, as a "
        "classic message that does not come back over the bridge. CHAT demands "
        "channelSettings.channelId. An address that nobody has becomes a participant.",
        "The channelId has been observed to be necessary; loop protection must exist.",
    ),
    Assumption(
        "inline-conflict",
        "POST of a conversation gives 409 if all addresses of its participants already live in "
        "one open conversation of the same configuration.",
        "An agent's number alone lives in very many; only the whole group makes sense.",
    ),
    Assumption(
        "address-conflict",
        "POST of a participant gives 409 if somebody in that conversation has the address; "
        "X-Conflicting-Resource-Id is that participant.",
        "The header is declared; what it names is not.",
    ),
    Assumption(
        "grouping-key",
        "Captured traffic is grouped by the customer's address (the side that is not a number of "
        "the account). GROUP_BY_PROFILE also joins bridged conversations of that profile; the "
        "other two never touch bridged ones.",
        "The documentation says that a call and a bridged chat of one profile group together, "
        "and that classic conversations map one to one.",
    ),
    Assumption(
        "same-traffic-twice",
        "A number that feeds a bridged classic service and is captured as well yields two "
        "communications; nothing refuses the overlap.",
        "The guide warns of it, and no error is documented.",
    ),
    Assumption(
        "order-of-lists",
        "Lists come oldest first, memory stores and profiles newest first; list items are whole. "
        "A page token belongs to its list and filters and is refused elsewhere.",
        "v2 and classic do not say; memory's default is DESC.",
    ),
    Assumption(
        "users",
        "A participant with an identity makes a User of the service, if there is none; a message "
        "whose author never joined makes none. Deleting a User takes it out of the "
        "conversations of its service and leaves what it wrote. A second User with an identity "
        "gives 409.",
        "The documentation says that participants in a chat are backed by a User; what a "
        "deletion does to conversations is not said.",
    ),
    Assumption(
        "webhooks",
        "Webhooks of account, service and conversation are kept and shown, at most five for a "
        "conversation. Nothing is ever delivered to them, to status callbacks or to Studio.",
        "The sandbox reaches nobody; that they are set is what a client has to notice.",
    ),
    Assumption(
        "short-paths",
        "/v1/ParticipantConversations answers for the account's default service.",
        "The documentation says so of shortened paths in general.",
    ),
    Assumption(
        "days",
        "StartDate and EndDate of classic conversations are days of creation in UTC, both "
        "included; a time of day makes an exact instant of an end.",
        "They are documented as dates with midnight as their time.",
    ),
    Assumption(
        "seeded-history",
        "Seeded classic conversations have no timers, even where the account has default ones.",
        "A history that changes by itself would be of no use as a history.",
    ),
    Assumption(
        "store-states",
        "A new memory store is QUEUED, then PROVISIONING; its operation completes, and half an "
        "operation's time later it is ACTIVE.",
        "Only the states are documented; clients have to wait for ACTIVE, not for COMPLETED.",
    ),
    Assumption(
        "trait-groups",
        "A new memory store has one trait group, Contact: firstName, lastName, and a trait for "
        "each kind of identifier, promoted to it. A store has at most 50 groups. Traits are held "
        "to their type, not to their validationRule; what no group has is refused with 400.",
        "Which groups a store begins with is not specified; a list's page has at most 50, and "
        "only traits that are configured can be patched.",
    ),
    Assumption(
        "memory-writes",
        "Accepted writes to a profile are done at once, those of a batch after the time of an "
        "operation. In a batch a profile with unknown traits, or without an identifier, is left "
        "out, and nothing tells.",
        "All of them answer 202; for batches the specification refers to logs, so clients have "
        "to look whether a profile was made.",
    ),
    Assumption(
        "merged-profiles",
        "Profiles that get the same identifier become one, where the identifier is unique: the "
        "earlier one stays, its own traits count for more, and the other one answers 301 (GET) "
        "or 308 with Canonical-Profile-Id. fuzzy matching is exact.",
        "The answers are specified, and that the earliest id is the canonical one; what becomes "
        "of traits is not.",
    ),
    Assumption(
        "unknown-identifiers",
        "An idType that the store does not have is refused with 400. People are looked up only "
        "by those that its matchingRules name.",
        "Rules are documented to find profiles; an error for other types is not.",
    ),
    Assumption(
        "recall",
        "The relevance of a memory is the share of the query's words that it holds; of equal "
        "ones the newest comes first. Without a query it is made of the conversation's last ten "
        "communications.",
        "Only that there is a score from 0 to 1 is specified; this one is the same each time.",
    ),
    Assumption(
        "extraction",
        "One lag after a conversation turns INACTIVE or CLOSED, each sentence of a CUSTOMER "
        "with a profile that says a fact (my name is, I like, love, prefer, live in, work at, "
        "am allergic to, my … is) becomes an observation, each once; on CLOSED a summary quotes "
        "the first and the last message. Nothing is learned of others, nor without an ACTIVE "
        "store, nor once the conversation or the profile is deleted.",
        "When it runs and that it is opt-in are documented, how long it takes and what it finds "
        "are not; the same words have to give the same memories.",
    ),
    Assumption(
        "operator-results",
        "One lag after its trigger, each operator of a rule gives one result on all that was "
        "said until then: a label by the tone of the words, a text that quotes the last "
        "message, or the members of the outputSchema, empty. Without a communication there is "
        "none. The conversation has the intelligence that was linked at its birth, with the "
        "rules of now.",
        "What a language model finds cannot be rehearsed; when it answers is not promised.",
    ),
    Assumption(
        "rule-executions",
        "A rule that is executed on request works as on its own trigger, and says that trigger "
        "(COMMUNICATION where it has none). 422 where the memory store is gone.",
        "The specification names three triggers, none for a request.",
    ),
    Assumption(
        "intelligence",
        "Each account has two operators of Twilio, which cannot be changed (403). A rule that "
        "names an unknown operator, or the id of an unknown rule, is refused with 400. Only "
        "conversations with an intelligence configuration are listed. Webhooks are kept and "
        "never called.",
        "The specification mentions operators of Twilio and lists what was processed; errors "
        "are declared without causes.",
    ),
    Assumption(
        "alerts",
        "Nothing raises an alert but the control that adds them.",
        "Whether the warnings of Orchestrator are among the debugger's alerts is not documented.",
    ),
    Assumption(
        "rate-limits",
        "No rate limit unless rate_limit is set: then so many requests per second and account, "
        "429 with code 20429 and Retry-After: 1. With concurrent_limit so many at once, the same "
        "without Retry-After. Every answer says in Twilio-Concurrent-Requests how many there are.",
        "v2 declares 429 without numbers; 20429 is documented as a limit of requests at once.",
    ),
    Assumption(
        "retention",
        "Operations of both products can be read for 7 days after their end.",
        "Documented for memory only.",
    ),
    Assumption(
        "account-errors",
        "A suspended account gets 403 with code 20005, and credentials of one account on the "
        "path of another 401 with 20003.",
        "401 and 403 are known to happen and declared nowhere.",
    ),
    Assumption(
        "timestamps",
        "v2 and memory write milliseconds where there are any; classic writes whole seconds.",
        "RFC 3339 allows both and the specification's examples show whole seconds.",
    ),
    Assumption(
        "messaging-prefix",
        "Messaging is served below /messaging of the sandbox's address.",
        "It has a host of its own on Twilio, and its /v1/Services would be classic's here.",
    ),
    Assumption(
        "messaging-members",
        "A number is in one Messaging Service at most: adding it to a second one is refused with "
        "409 and code 21712, adding it again to its own answers 200.",
        "Both answers are declared, not when each comes; the code is Twilio's for a number that "
        "is in another service.",
    ),
    Assumption(
        "messaging-auto-creation",
        "A Messaging Service does not create classic conversations; the default one that classic "
        "names exists and has no numbers.",
        "Whether a Messaging Service creates conversations is in no public field, so the sandbox "
        "has nothing to show it by.",
    ),
)
