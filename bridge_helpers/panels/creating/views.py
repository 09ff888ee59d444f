"""What the panel of step 02 shows: grouping, whether a service is free, differences, the result."""

from __future__ import annotations

from ...api.models import Configuration
from ...api.session import Session
from ...onboarding.create import Created
from ...onboarding.plan import GROUPING_EXAMPLE, GROUPING_MEANING, GROUPING_REMARK, Plan
from ...onboarding.undo import ways_back
from ...words import GLYPHS
from ..toolkit import text
from ..toolkit.contents import Contents
from ..toolkit.text import Html

GROUPING_TITLES = {
    "GROUP_BY_PROFILE": "By customer profile",
    "GROUP_BY_PARTICIPANT_ADDRESSES": "By participant addresses",
    "GROUP_BY_PARTICIPANT_ADDRESSES_AND_CHANNEL_TYPE": "By addresses and channel",
}
GROUPING_SHORT = {
    "GROUP_BY_PROFILE": "One conversation for each customer.",
    "GROUP_BY_PARTICIPANT_ADDRESSES": "One for the same addresses.",
    "GROUP_BY_PARTICIPANT_ADDRESSES_AND_CHANNEL_TYPE": "One for each channel.",
}
FIELD_NAMES = {
    "service_sid": "Classic service",
    "memory_store_id": "Memory store",
    "grouping": "Grouping",
    "display_name": "Display name",
    "description": "Description",
    "voice_number": "Voice number",
}


def grouping_options() -> list[dict[str, str]]:
    """The three cards: a title and one short sentence each."""
    return [
        {"value": value, "title": title, "detail": text.html("{}", GROUPING_SHORT[value])}
        for value, title in GROUPING_TITLES.items()
    ]


def grouping_explained() -> Html:
    """What falls together under each type, by example, and what grouping does not do."""
    pairs = [
        (
            title,
            text.html(
                "{}<br><em>Example: {}</em>", GROUPING_MEANING[value], GROUPING_EXAMPLE[value]
            ),
        )
        for value, title in GROUPING_TITLES.items()
    ]
    return text.html("{}<p>{}</p>", text.facts(pairs), GROUPING_REMARK)


def verdict(service_sid: str, planned: Plan | None, contents: Contents, begun: str) -> Html:
    """
    Whether a service is free, in one line below its picker.

    Args:
        planned: The plan as the form says, when it is complete.
        begun: When a creation was begun that is not over; empty when there is none.
    """
    if not service_sid:
        return Html("")
    there = contents.bridge(service_sid)
    if begun:
        return _line("attention", f"A creation begun {begun} is not over")
    if there is None:
        return text.joined(
            [
                _line("ok", "Free: no configuration names it"),
                _name_taken(planned, contents),
            ]
        )
    name = there.display_name or there.id
    if planned is None:
        return _line("attention", f"Bridged already by {name}")
    if planned.differences(there):
        return _line("attention", f"Bridged already by {name}, with other settings")
    return _line("done", f"Bridged by {name}, exactly as planned")


def differences(planned: Plan, there: Configuration) -> Html:
    """What the plan wants beside what a configuration has; empty where they agree."""
    rows = [
        (FIELD_NAMES.get(field, field.replace("_", " ")), found, wanted)
        for field, wanted, found in planned.differences(there)
    ]
    if not rows:
        return Html("")
    name = there.display_name or there.id
    return text.box("warning", text.differences(f"Differs from what exists ({name})", rows))


def request(planned: Plan | None, code: str) -> Html:
    """One form of the request, with a button to copy it."""
    if planned is None:
        return text.html(
            '<div class="bw-help">The request appears here when the form is complete.</div>'
        )
    return text.html("{}<pre>{}</pre>", text.copyable(code), code)


def result(created: Created, session: Session | None) -> Html:
    """The configuration as it stands, and how to undo it."""
    configuration = created.configuration
    pairs: list[tuple[str, object]] = [
        (
            "Configuration",
            text.html("{} {}", text.code(configuration.id), text.copyable(configuration.id)),
        ),
        ("Outcome", created.outcome),
        ("Took", text.seconds(created.seconds)),
    ]
    if created.operation_id:
        pairs.append(("Operation", text.code(created.operation_id)))
    pairs.append(("Journal", "key, operation and configuration are written down"))
    return text.box(
        "ok",
        text.html(
            "<strong>{} The bridge stands: {}</strong>",
            GLYPHS["done"],
            configuration.display_name or "",
        ),
        text.facts(pairs),
        text.joined(text.html("<p>{}</p>", note) for note in created.notes),
        undo(created, session) if session is not None else "",
    )


def undo(created: Created, session: Session) -> Html:
    """How a bridge is taken away: in 07, by command, and by curl; closed at first."""
    there = created.configuration
    ways = ways_back(session, there.service_sid or "", there.id, there.display_name or there.id)
    return text.folded(
        "How to undo this",
        text.html(
            "<p>In {}, which also changes it and goes back to what it was; or by command:</p>",
            text.notebook("07_change_or_roll_back", "07 Change or roll back"),
        ),
        text.joined(
            text.html(
                "<p>{}</p>{}{}",
                way.what,
                text.block("Command", way.command),
                text.folded("The same as curl", text.block("curl", way.curl)),
            )
            for way in ways
        ),
    )


def _line(state: str, words: str) -> Html:
    return text.html(
        '<div class="bw-verdict" data-state="{}">{} {}</div>', state, GLYPHS[state], words
    )


def _name_taken(planned: Plan | None, contents: Contents) -> Html:
    """Another configuration with the planned name: allowed, and easily confused."""
    for one in contents.configurations if planned else ():
        if planned and one.display_name == planned.display_name:
            whose = (
                f"that of {contents.service_name(one.service_sid)}" if one.service_sid else one.id
            )
            words = f"Another configuration has this name already: {whose}"
            return _line("attention", words)
    return Html("")
