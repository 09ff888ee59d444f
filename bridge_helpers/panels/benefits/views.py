"""What the panels of 08 show: how it stands, one customer's memory, Users, and the timeline."""

from __future__ import annotations

from collections.abc import Iterable

from ...onboarding.benefits.candidates import Candidate
from ...onboarding.benefits.customer import Known
from ...onboarding.benefits.known_customers import KnownCustomers
from ...onboarding.benefits.look import Benefits
from ...onboarding.benefits.upgrade import Upgrade
from ...onboarding.demonstrate import Demonstrated
from ..creating.switches import SWITCHES
from ..toolkit import text
from ..toolkit.findings import finding_lines
from ..toolkit.text import Html

MEMORY = ("Memory extraction", "CHAT timeouts")
USERS_SHOWN = 200


def verdict(found: Benefits) -> Html:
    """The sentence on top."""
    works = found.works == len(found.sample.conversations) > 0
    return text.box("ok" if works else "warning", text.html("<strong>{}</strong>", found.verdict))


def memory(found: Benefits) -> Html:
    """The column about memory: what is on and off, the store, and who is known."""
    people = found.sample
    store = found.store
    rows = [*_switches(found, MEMORY)]
    rows.append(("Store", (store.status if store else None) or "not there"))
    rows.append(
        ("Identifiers", ", ".join(found.identity.id_types if found.identity else ()) or "-")
    )
    rows.append(
        ("Sampled", f"{len(people.conversations):,} of {people.bridged:,} bridged conversations")
    )
    rows.append(("Known customers", f"{people.counted('known')}"))
    rows.append(
        (
            "Unknown customers",
            f"{people.counted('unknown', 'without profile')}, of which {people.would_resolve} have "
            "a profile",
        )
    )
    return text.html("<h3>Memory</h3>{}", text.facts(rows))


def intelligence(found: Benefits) -> Html:
    """The column about intelligence: what is linked, its rules, and what they found."""
    linked = found.intelligence
    rows = [*_switches(found, ("Intelligence", "Status callbacks"))]
    rows.append(("Rules", f"{linked.rules}"))
    rows.append(("Triggers", ", ".join(linked.triggers) or "-"))
    more = " or more" if linked.more else ""
    rows.append(("Results", f"{len(linked.results):,}{more}"))
    parts: list[object] = [text.html("<h3>Intelligence</h3>"), text.facts(rows)]
    if not found.options.status_callbacks:
        parts.append(
            text.html(
                '<div class="bw-help">Status callbacks are switched on in {}, under {}.</div>',
                text.notebook("07_change_or_roll_back", "07"),
                text.html("<em>{}</em>", SWITCHES),
            )
        )
    if linked.results:
        parts.append(
            text.table(
                "What operators found",
                ("Operator", "Trigger", "Results", "Median"),
                [
                    (operator, trigger or "-", count, text.seconds(seconds))
                    for operator, trigger, count, seconds in linked.by_operator()
                ],
            )
        )
    return text.joined(parts)


def customer(known: Known) -> Html:
    """What memory knows of one customer, and what an agent would be given."""
    parts: list[object] = [
        text.facts(
            [
                ("Profile", text.code(known.profile_id)),
                (
                    "Identifiers",
                    ", ".join(
                        f"{one.id_type} {value}"
                        for one in known.identifiers
                        for value in one.values or ()
                    )
                    or "none",
                ),
                *((f"{group}.{name}", f"{value}") for group, name, value in known.traits),
            ]
        ),
        _said("Observations", [(one.content, one.occurred_at) for one in known.observations]),
        _said("Summaries", [(one.content, one.occurred_at) for one in known.summaries]),
    ]
    if known.recall is not None:
        recalled = [one.content for one in (known.recall.observations or ())] + [
            one.content for one in (known.recall.summaries or ())
        ]
        parts.append(_said("What recall would give an agent now", [(one, "") for one in recalled]))
    parts += [text.box("warning", sentence) for sentence in known.unread]
    return text.html('<div class="bw-stack">{}</div>', text.joined(parts))


def users(found: KnownCustomers) -> Html:
    """The classic Users as they would become profiles, or did."""
    missing = [
        text.box(
            "info",
            f"The memory store has no trait {group}.{name} yet; it is added first.",
        )
        for group, traits in found.missing.items()
        for name in traits
    ]
    shown = found.candidates[:USERS_SHOWN]
    rows = [
        (
            one.identity or "-",
            one.name or "-",
            _short(one.state),
            ", ".join(f"{kind} {value}" for kind, value in one.identifiers) or "-",
            _traits(one),
            one.why or one.profile_id or "-",
        )
        for one in shown
    ]
    rest = len(found.candidates) - len(shown)
    return text.html(
        '<div class="bw-stack">{}{}{}</div>',
        text.joined(missing),
        text.table(
            "Classic Users",
            ("Identity", "Name", "State", "Identifiers", "Other traits", "Note"),
            rows,
        )
        if rows
        else text.html("<p>The service has no Users.</p>"),
        text.html("<p>and {} more: the command writes all of them.</p>", f"{rest:,}")
        if rest
        else "",
    )


def upgrades(done: Iterable[Upgrade]) -> Html:
    """What became of unknown participants who have a profile."""
    return text.table(
        "Participants who have a profile",
        ("Conversation", "Customer", "Profile", "State", "Note"),
        [
            (
                text.code(one.conversation_id),
                one.address or one.participant_id,
                text.code(one.profile_id),
                one.state,
                one.why or "-",
            )
            for one in done
        ],
    )


def timeline(shown: Demonstrated) -> Html:
    """The stages with their seconds, what recall gave, and what was cleaned up."""
    longest = max((one.seconds or 0 for one in shown.stages), default=0)
    parts: list[object] = [
        text.box("ok" if shown.shown else "error", text.html("<strong>{}</strong>", shown.verdict))
    ]
    parts.append(
        text.table(
            "Stages",
            ("Stage", _short("After"), "", "State", "What was seen"),
            [
                (
                    _short(one.name),
                    _short(text.seconds(one.seconds)),
                    _mark(one.seconds, longest),
                    text.level_pill("ok") if one.state == "done" else _short(one.state),
                    one.detail,
                )
                for one in shown.stages
            ],
        )
    )
    if shown.findings:
        parts.append(finding_lines(shown.findings))
    parts.append(
        text.facts(
            [
                ("Begun", f"{shown.started_at:%Y-%m-%d %H:%M:%S} UTC"),
                ("Cleaned up", " ".join(shown.cleaned) or "nothing"),
            ]
        )
    )
    return text.html('<div class="bw-stack">{}</div>', text.joined(parts))


def _switches(found: Benefits, titles: Iterable[str]) -> list[tuple[str, object]]:
    wanted = set(titles)
    return [
        (
            title,
            text.html(
                '<span class="bw-pill" data-state="{}">{}</span> {}',
                "done" if on else "attention",
                "✓ on" if on else "○ off",
                meaning,
            ),
        )
        for title, on, meaning in found.options.lines()
        if title in wanted
    ]


def _said(title: str, things: list[tuple[str, str | None]]) -> Html:
    if not things:
        return text.html("<p><strong>{}</strong>: none.</p>", title)
    lines = text.joined(
        text.html("<li>{}{}</li>", words, text.html(" <small>{}</small>", at) if at else "")
        for words, at in things
    )
    return text.html("<div><strong>{}</strong><ul>{}</ul></div>", title, lines)


def _short(words: str) -> Html:
    """A cell that is not broken into lines."""
    return text.html('<span class="bw-nowrap">{}</span>', words)


def _mark(seconds: float | None, longest: float) -> Html:
    """Where on the timeline a stage was seen; the seconds beside it say the same."""
    if seconds is None or not longest:
        return Html("")
    place = round(100 * seconds / longest)
    return text.html(
        '<span class="bw-moment" aria-hidden="true"><span style="left: {}%"></span></span>', place
    )


def _traits(one: Candidate) -> str:
    return (
        "; ".join(
            f"{group}.{name}: {value}"
            for group, traits in one.traits.items()
            for name, value in traits.items()
            if str(value) not in {value for _, value in one.identifiers}
        )
        or "-"
    )
