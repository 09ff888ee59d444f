"""
Writes that are interrupted at every possible place, in every possible history.

Hypothesis strings together creates, changes and deletions that are killed at a journal write or
around a request, runs for another plan, configurations that somebody else makes or deletes,
operations that fail, hang or are forgotten, lost answers, refusals, and days that pass. The clock
and the sleep are injected, the socket and the journal are real.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from bridge_helpers.api.session import Session
from bridge_helpers.errors import BridgeDiffers, BridgeError, UnknownOutcome
from bridge_helpers.onboarding.change import write_change, write_deletion
from bridge_helpers.onboarding.create import Created, create
from bridge_helpers.onboarding.journal import Attempt, Journal
from bridge_helpers.onboarding.plan import Plan

from .children import plan
from .server import Fault, Server, drops_after, drops_before, not_json, refuses
from .world import SERVICE_SID, World

PLANS = (plan(), plan(description="Another wording"))
MAYBE_KILLED = st.just(0) | st.integers(1, 14)
OUTCOMES = {
    "create": ("created", "resumed", "adopted"),
    "change": ("changed", "resumed", "unchanged"),
    "delete": ("deleted", "resumed", "gone already"),
}


class Killed(BaseException):
    """The process ends here: nothing below may catch it."""


class Fuse:
    """Does something at the n-th place that a run passes: end it, or let the world move on."""

    def __init__(self) -> None:
        self.left = 0
        self.then: Callable[[], None] | None = None

    def set(self, places: int, then: Callable[[], None]) -> None:
        self.left, self.then = places, then

    def passed(self) -> None:
        self.left -= 1
        if self.left == 0 and self.then is not None:
            self.then()


class CrashingJournal(Journal):
    """The real journal, with a place to die before and after every write."""

    def __init__(self, path: Path, fuse: Fuse) -> None:
        super().__init__(path)
        self.fuse = fuse

    def _insert(self, *arguments: Any, **more: Any) -> Attempt:
        self.fuse.passed()
        attempt = super()._insert(*arguments, **more)
        self.fuse.passed()
        return attempt

    def change(self, *arguments: Any, **changes: Any) -> Attempt:
        self.fuse.passed()
        attempt = super().change(*arguments, **changes)
        self.fuse.passed()
        return attempt


def killed() -> None:
    raise Killed


class Bridging(RuleBasedStateMachine):
    """One classic service, one journal, one machine that may die at any time."""

    server: ClassVar[Server]
    session: ClassVar[Session]
    fuse: ClassVar[Fuse]
    ends: ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="bridge-machine-"))
        self.now = 1000.0
        self.fuse.set(0, killed)
        self.journal = CrashingJournal(self.folder / "journal.sqlite3", self.fuse)

    @initialize(
        one_bridge=st.booleans(),
        seconds=st.sampled_from([0.0, 3.0, 40.0]),
        retry_after=st.sampled_from(["0", "5", None]),
    )
    def begin(self, one_bridge: bool, seconds: float, retry_after: str | None) -> None:
        self.world = World(seconds, lambda: self.now, one_bridge=one_bridge)
        self.world.retry_after = retry_after
        self.world.origin = self.server.url
        self.server.world = self.world
        self.server.faults.clear()

    # what we do

    @rule(which=st.sampled_from(PLANS))
    def run_to_the_end(self, which: Plan) -> None:
        self.attempt(which)

    @rule(places=st.integers(3, 12))
    def run_and_be_killed_and_run_again(self, places: int) -> None:
        self.run_and_be_killed(PLANS[0], places)
        self.attempt(PLANS[0])

    @rule(which=st.sampled_from(PLANS), places=st.integers(1, 14))
    def run_and_be_killed(self, which: Plan, places: int) -> None:
        self.fuse.set(places, killed)
        self.attempt(which)
        self.fuse.set(0, killed)

    @precondition(lambda self: self.standing())
    @rule(value=st.sampled_from(["one", "two"]), places=MAYBE_KILLED)
    def change_it(self, value: str, places: int) -> None:
        """A member that no plan speaks of; perhaps killed on the way."""
        [target] = self.standing()
        before = self.rest_of(target)
        self.fuse.set(places, killed)
        try:
            changed = write_change(
                self.session,
                target,
                {"intelligenceConfigurationIds": [value]},
                **self.where(),
            )
        except (BridgeError, Killed) as ended:
            self.count(f"change {type(ended).__name__}")
        else:
            self.count(f"change {changed.outcome}")
            there = self.world.configurations[target]
            assert there["intelligenceConfigurationIds"] == [value]
            assert changed.document.members == there
        finally:
            self.fuse.set(0, killed)
        if target in self.world.configurations:
            # The old one or the new one: nothing else of it has moved.
            assert self.rest_of(target) == before

    @precondition(lambda self: self.standing())
    @rule(places=MAYBE_KILLED)
    def delete_it(self, places: int) -> None:
        """Perhaps killed on the way."""
        [target] = self.standing()
        before = self.rest_of(target)
        self.fuse.set(places, killed)
        try:
            deleted = write_deletion(self.session, target, **self.where())
        except (BridgeError, Killed) as ended:
            self.count(f"delete {type(ended).__name__}")
        else:
            self.count(f"delete {deleted.outcome}")
            assert target not in self.world.configurations
            kept = deleted.snapshot
            # A change that an earlier run was killed in is settled first, and is kept with it.
            assert kept is None or _rest(kept.document.members) == before
        finally:
            self.fuse.set(0, killed)

    def standing(self) -> list[str]:
        """The configuration that bridges the service, if it is there to be seen."""
        return [one for one in self.world.bridging() if one in self.world.configurations]

    def rest_of(self, target: str) -> dict[str, Any]:
        return _rest(self.world.configurations[target])

    def where(self) -> dict[str, Any]:
        return {
            "service_sid": SERVICE_SID,
            "journal": self.journal,
            "clock": lambda: self.now,
            "sleep": self.sleep,
        }

    def attempt(self, which: Plan) -> Created | BaseException:
        # A lost request for one plan and then another plan: while the first hangs, only the
        # service's own rule can keep it from having both.
        which = which if self.world.one_bridge else PLANS[0]
        try:
            made = create(
                self.session, which, journal=self.journal, clock=lambda: self.now, sleep=self.sleep
            )
        except (BridgeError, Killed) as ended:
            self.count(type(ended).__name__)
            return ended
        self.count(made.outcome)
        there = self.world.configurations[made.configuration.id]
        assert there["conversationsV1Bridge"]["serviceId"] == SERVICE_SID
        assert there["description"] == which.description
        operation = self.world.operations.get(made.operation_id or "")
        if operation is not None:
            assert operation["configuration"]["id"] == there["id"]
        return made

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def count(self, end: str) -> None:
        self.ends[end] = self.ends.get(end, 0) + 1

    # what the world does

    @precondition(lambda self: not self.world.bridging())
    @rule(alike=st.booleans())
    def somebody_else_creates_it(self, alike: bool) -> None:
        body = PLANS[0].body() if alike else {**PLANS[0].body(), "displayName": "by hand"}
        self.world.add_configuration(**body)

    @precondition(lambda self: self.world.one_bridge and not self.world.bridging())
    @rule(places=st.integers(1, 10), alike=st.booleans())
    def somebody_else_creates_it_meanwhile(self, places: int, alike: bool) -> None:
        """Between two steps of ours; only the service itself can say no to the second one."""

        def meanwhile() -> None:
            if not self.world.bridging():
                self.somebody_else_creates_it(alike=alike)

        self.fuse.set(places, meanwhile)
        self.attempt(PLANS[0])
        self.fuse.set(0, killed)

    @rule()
    def somebody_deletes_it(self) -> None:
        self.world.settle()
        self.world.configurations.clear()

    @rule(fate=st.sampled_from(["FAILED", "CANCELLED", "CANCELED"]))
    def the_next_operation_fails(self, fate: str) -> None:
        self.world.next_operation = [lambda one: one.update(fate=fate)]

    @rule(related=st.booleans(), headers=st.booleans(), body=st.booleans())
    def the_next_operation_tells_little(self, related: bool, headers: bool, body: bool) -> None:
        def quiet(one: dict[str, Any]) -> None:
            one.update(headers=headers, body=body, related=one["related"] if related else None)

        self.world.next_operation = [quiet]

    @rule()
    def the_next_operation_hangs(self) -> None:
        self.world.next_operation = [lambda one: one.update(seconds=1e9)]

    @rule()
    def what_hangs_goes_on(self) -> None:
        for one in self.world.operations.values():
            one["seconds"] = min(one["seconds"], 1.0)

    @rule()
    def ended_operations_are_forgotten(self) -> None:
        self.world.settle()
        for name in [
            name for name, one in self.world.operations.items() if one["state"] != "PENDING"
        ]:
            # Its key is forgotten with it, as in a service that was started afresh.
            del self.world.operations[name]
            for key in [key for key, begun in self.world.begun_by.items() if begun == name]:
                self.world.keys.pop(key, None)

    @rule(
        spoil=st.sampled_from(
            [drops_after, drops_before, not_json, refuses(429), refuses(503), refuses(401)]
        ),
        match=st.sampled_from(["(POST|PATCH|DELETE) ", "GET .*Operations", "GET .*Configurations"]),
        times=st.integers(1, 3),
        after=st.integers(0, 1),
    )
    def requests_fail(self, spoil: Any, match: str, times: int, after: int) -> None:
        self.server.faults.append(Fault(spoil, match, times, after))

    @rule(hours=st.sampled_from([1, 23, 25, 200]))
    def time_passes(self, hours: int) -> None:
        self.now += hours * 3600
        if hours > 24:
            # A lost answer, and an operation that outlives the key: only the service's own rule
            # could keep it from having both.
            self.what_hangs_goes_on()
        with sqlite3.connect(self.journal.path) as db:
            for column in ("begun_at", "changed_at"):
                for number, value in db.execute(f"SELECT id, {column} FROM attempt").fetchall():
                    earlier = datetime.fromisoformat(value) - timedelta(hours=hours)
                    db.execute(
                        f"UPDATE attempt SET {column} = ? WHERE id = ?",
                        (earlier.isoformat(timespec="milliseconds"), number),
                    )
        db.close()

    # what always holds

    @invariant()
    def there_is_never_a_second_one(self) -> None:
        if hasattr(self, "world"):
            self.world.settle()
            assert len(self.world.bridging()) <= 1

    @invariant()
    def the_journal_does_not_lie(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.settle()
        standing = self.world.bridging()
        for one in self.journal.history():
            assert [turn.state for turn in self.journal.turns(one)][-1] == one.state
            if one.state == "completed":
                assert one.configuration_id
                assert one.outcome in OUTCOMES[one.kind]
            if one.state == "accepted":
                assert one.operation_id
            if one.kind != "create":
                self.given_up_with_a_reason(one)
                continue
            answered = self.world.keys.get(one.key)
            made = (answered[1].told().get("related") or {}) if answered else {}
            if made.get("configurationId") in standing and one.state in ("failed", "let go"):
                # What we gave up stands all the same only if we saw it and it was not as planned,
                # or if it came after another plan had waited for it in vain; and the note says so.
                assert one.note in ("bridged differently", "it was for another plan"), one

    def given_up_with_a_reason(self, one: Attempt) -> None:
        """What was done all the same was undone since, or came after it was waited for in vain."""
        done = self.world.begun_by.get(one.key) in self.world.applied
        if done and one.state in ("failed", "let go"):
            note = one.note or ""
            assert note in ("it was another write", "its key is too old to be trusted") or (
                note.startswith(("completed, but", "what operation", "operation "))
            ), one

    def failed_unseen(self) -> bool:
        """Whether the key that counts began an operation that failed, and was told no id of it."""
        [latest, *_] = self.journal.history()
        one = self.world.operations.get(self.world.begun_by.get(latest.key, ""))
        return (
            latest.state == "posting"
            and one is not None
            and one["fate"] != "COMPLETED"
            and not one["headers"]
            and not one["body"]
        )

    def teardown(self) -> None:
        """Undisturbed, a run succeeds or says that the bridge is another one."""
        try:
            if hasattr(self, "world"):
                self.gets_there()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def gets_there(self) -> None:
        self.fuse.set(0, killed)
        self.server.faults.clear()
        self.world.next_operation.clear()
        self.what_hangs_goes_on()
        ended = self.attempt(PLANS[0])
        if isinstance(ended, UnknownOutcome) and self.failed_unseen():
            # What names itself nowhere and failed looks like what still runs, until its
            # key counts no more; until then nothing is made, rather than perhaps two.
            assert self.world.bridging() == []
            self.time_passes(hours=25)
            ended = self.attempt(PLANS[0])
        assert isinstance(ended, Created | BridgeDiffers), repr(ended)
        assert len(self.world.bridging()) == 1
        assert isinstance(self.attempt(PLANS[0]), type(ended))


def _rest(members: Mapping[str, Any]) -> dict[str, Any]:
    """What no change of the machine's touches."""
    ours = ("intelligenceConfigurationIds", "version")
    return {name: value for name, value in members.items() if name not in ours}
