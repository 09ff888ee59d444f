"""What a person may change of a configuration, and how a difference is shown."""

from __future__ import annotations

from typing import Any

import pytest

from bridge_helpers.onboarding.change.differences import differences, removal
from bridge_helpers.onboarding.change.members import wanted_changes
from bridge_helpers.onboarding.writes.patches import patch

HERE, THERE = "https://example.com/hook", "https://example.org/hook"


@pytest.mark.parametrize(
    "present",
    [
        {"url": HERE, "method": "POST", "newer": {"deep": [1]}},
        {"url": HERE},
        {"url": HERE, "newer": None},
    ],
)
def test_a_callback_that_stays_keeps_what_is_not_known_of_it(present: dict[str, Any]) -> None:
    """Naming it again is no change, and adding one beside it leaves it; POST is the default."""
    members = {"statusCallbacks": [present]}
    assert patch(wanted_changes(status_callbacks=HERE)(members), members) == {}
    both = patch(wanted_changes(status_callbacks=[HERE, THERE])(members), members)
    assert both == {"statusCallbacks": [present, {"url": THERE, "method": "POST"}]}
    assert patch(wanted_changes(status_callbacks="")(members), members) == {"statusCallbacks": None}


def test_a_callback_of_another_method_is_replaced() -> None:
    """What is asked for is POST; one that is told by GET is another one."""
    members = {"statusCallbacks": [{"url": HERE, "method": "GET", "newer": 1}]}
    wanted = patch(wanted_changes(status_callbacks=HERE)(members), members)
    assert wanted == {"statusCallbacks": [{"url": HERE, "method": "POST"}]}


def test_what_differs_is_shown_without_passwords() -> None:
    """Somebody may have put a password into an address: no output and no file holds it."""
    there = {"statusCallbacks": [{"url": "https://ann:CANARY@example.com/a@b"}], "x": "to ann@b"}
    shown = [*differences({"statusCallbacks": None, "x": None}, there), *removal(there)]
    assert "CANARY" not in str(shown)
    assert "https://…@example.com/a@b" in str(shown)
    assert "to ann@b" in str(shown)
